/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue of reports, who has waited longest first. What may tell of the same, or belongs to the same incident,
 * stands together. By words the best come first, whatever their state. Who acts for an organisation sees what it told,
 * and what became of that, and nobody else's.
 */
#include "base/arena.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/reported.h"
#include "web/sought.h"

#define ROWS 50       /* of a page */
#define ALIKE_SHOWN 3 /* of a row; its own page has all */

enum view { VIEW_WAITING, VIEW_MINE, VIEW_ALL, VIEWS };

static const struct {
    const char *name, *text;
} views[VIEWS] = {[VIEW_WAITING] = {"waiting", W_C("Waiting")},
        [VIEW_MINE] = {"mine", W_C("Mine")},
        [VIEW_ALL] = {"all", W_C("All")}};

struct list {
    enum view view;
    struct report *rows;
    size_t count;
    struct report_alike *alikes[ROWS];
    size_t alike_count[ROWS];
    size_t group[ROWS]; /* the first row that it belongs to */
};

/* ---- Reading ---- */

static struct err view_read(const struct ask *ask, enum view *view)
{
    slice name = ask_query(ask, S("view"));
    *view = VIEW_WAITING;
    if (name.len == 0)
        return OK;
    for (enum view i = 0; i < VIEWS; i++)
        if (slice_eq(name, slice_of(views[i].name))) {
            *view = i;
            return OK;
        }
    return err_make(ERR_INPUT, "view is one of waiting, mine and all");
}

/* Behind which moment and number the list goes on; of views that go by number alone only that counts. */
static struct err place_read(const struct ask *ask, bool down, int64_t *us, int64_t *number)
{
    uint64_t from, after;
    TRY(ask_number(ask, S("from"), INT64_MAX, 0, &from));
    TRY(ask_number(ask, S("after"), INT64_MAX, down ? INT64_MAX : 0, &after));
    *us = from == 0 && after == 0 ? INT64_MIN : (int64_t)from;
    *number = (int64_t)after;
    return OK;
}

static struct err list_read(struct ask *ask, bool own, struct list *list)
{
    int64_t us, number;
    bool down = own || list->view == VIEW_ALL;
    TRY(place_read(ask, down, &us, &number));
    if (own)
        return store_report_of_organisation(
                ask->db, ask->who.actor.organisation, number, ROWS, ask->arena, &list->rows, &list->count);
    if (list->view == VIEW_MINE)
        return store_report_of_holder(
                ask->db, ask->who.actor.user, number, ROWS, ask->arena, &list->rows, &list->count);
    if (list->view == VIEW_ALL)
        return store_report_latest(ask->db, REPORT_ALL, number, ROWS, ask->arena, &list->rows, &list->count);
    return store_report_queue(ask->db, us, number, ROWS, ask->arena, &list->rows, &list->count);
}

/* ---- What stands together ---- */

static void join(struct list *list, size_t a, size_t b)
{
    size_t from = list->group[a], to = list->group[b];
    if (from < to) {
        size_t other = from;
        from = to;
        to = other;
    }
    for (size_t i = 0; i < list->count; i++)
        if (list->group[i] == from)
            list->group[i] = to;
}

static void join_number(struct list *list, size_t at, int64_t other)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->rows[i].number == other)
            join(list, at, i);
}

static struct err groups_make(struct ask *ask, bool own, struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        list->group[i] = i;
    for (size_t i = 0; !own && i < list->count; i++) {
        TRY(store_report_alikes(ask->db, list->rows[i].number, ask->arena, &list->alikes[i], &list->alike_count[i]));
        for (size_t j = 0; j < list->alike_count[i]; j++)
            if (list->alikes[i][j].state != ALIKE_DIFFERENT)
                join_number(list, i, list->alikes[i][j].other);
        for (size_t j = 0; j < i; j++)
            if (list->rows[i].incident != 0 && list->rows[i].incident == list->rows[j].incident)
                join(list, i, j);
    }
    return OK;
}

/* ---- Writing ---- */

static struct err write_alikes(struct outside *outside, const struct list *list, size_t at)
{
    struct ask *ask = outside->ask;
    size_t shown = 0, proposed = 0;
    json_write_key(&ask->json, S("alikes"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < list->alike_count[at]; i++) {
        const struct report_alike *alike = &list->alikes[at][i];
        struct report other;
        enum case_sight sight;
        if (alike->state != ALIKE_PROPOSED || list->rows[at].same_as != 0)
            continue;
        TRY(store_report_get(ask->db, alike->other, ask->arena, &other));
        TRY(case_report_sees(&ask->who.actor, &other, ask->arena, &sight));
        if (sight != CASE_ALL || other.same_as != 0)
            continue;
        if (++proposed > ALIKE_SHOWN)
            continue;
        json_write_object(&ask->json);
        reported_other(outside, &other);
        json_write_key_text(&ask->json, S("why"), reported_alike_why(ask, alike->why));
        json_write_end(&ask->json);
        shown++;
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_alike"), proposed > 0);
    page_flag(ask, S("more_alikes"), proposed > shown);
    return OK;
}

static struct err write_row(struct outside *outside, const struct list *list, size_t at, bool first, bool own)
{
    struct ask *ask = outside->ask;
    json_write_object(&ask->json);
    TRY(reported_write(outside, &list->rows[at], own ? CASE_PART : CASE_ALL));
    if (!own) {
        page_flag(ask, S("is_first"), first);
        TRY(write_alikes(outside, list, at));
    }
    json_write_end(&ask->json);
    return OK;
}

/* The rows of a group, the first of them before. */
static struct err write_group(struct outside *outside, const struct list *list, size_t leader, bool own)
{
    struct ask *ask = outside->ask;
    uint64_t count = 0;
    for (size_t i = leader; i < list->count; i++)
        count += list->group[i] == leader;
    json_write_object(&ask->json);
    page_flag(ask, S("several"), count > 1);
    page_count(ask, S("count"), count);
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = leader; i < list->count; i++)
        if (list->group[i] == leader)
            TRY(write_row(outside, list, i, i == 0, own));
    json_write_end(&ask->json);
    json_write_end(&ask->json);
    return OK;
}

/* Where the list goes on: an address, or null. It says so of the whole page, also where rows of it are not shown. */
static void write_more(struct ask *ask, const struct list *list, const struct report *last)
{
    json_write_key(&ask->json, S("more"));
    if (list->count < ROWS) {
        json_write_null(&ask->json);
        return;
    }
    json_write_text(
            &ask->json, slice_of(arena_printf(ask->arena, "/reports?view=%s&from=%lld&after=%lld",
                                views[list->view].name, (long long)last->received_us, (long long)last->number)));
}

static void write_views(struct ask *ask, enum view chosen)
{
    json_write_key_text(&ask->json, S("view"), slice_of(views[chosen].name));
    json_write_key(&ask->json, S("views"));
    json_write_array(&ask->json);
    for (enum view i = 0; i < VIEWS; i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), slice_of(views[i].name));
        json_write_key_text(&ask->json, S("text"), ask_text(ask, slice_of(views[i].text)));
        page_flag(ask, S("chosen"), i == chosen);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* Those that who asks sees; what is restricted stays with who holds it. */
static struct err list_show(const struct ask *ask, struct list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        enum case_sight sight;
        TRY(case_report_sees(&ask->who.actor, &list->rows[i], ask->arena, &sight));
        if (sight != CASE_NOTHING)
            list->rows[kept++] = list->rows[i];
    }
    list->count = kept;
    return OK;
}

static struct err write_groups(struct ask *ask, bool own, struct list *list)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    TRY(groups_make(ask, own, list));
    json_write_key(&ask->json, S("groups"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < list->count; i++)
        if (list->group[i] == i)
            TRY(write_group(&outside, list, i, own));
    json_write_end(&ask->json);
    page_flag(ask, S("any"), list->count > 0);
    return OK;
}

static struct err write_list(struct ask *ask, bool own, struct list *list)
{
    struct report last = {.number = 0};
    TRY(list_read(ask, own, list));
    if (list->count > 0)
        last = list->rows[list->count - 1];
    write_more(ask, list, &last);
    json_write_key_text(&ask->json, S("q"), S(""));
    TRY(list_show(ask, list));
    return write_groups(ask, own, list);
}

static struct err write_sought(struct ask *ask, bool own, struct list *list, struct case_find *find)
{
    enum case_sight *sights;
    struct err wrong = case_report_find(ask->db, &ask->who.actor, find, ask->arena, &list->rows, &sights, &list->count);
    if (wrong.kind != ERR_NONE) {
        find->place.end = true;
        list->count = 0;
    }
    sought_write(ask, "/reports", S("more"), find);
    TRY(write_groups(ask, own, list));
    return sought_end(ask, wrong);
}

struct err web_reports(struct ask *ask)
{
    struct list *list = arena_new(ask->arena, struct list, 1);
    struct case_find find;
    bool own, sought;
    TRY(reported_need(ask, &own));
    TRY(sought_read(ask, ROWS, &find, &sought));
    if (!own)
        TRY(view_read(ask, &list->view));
    page_title(ask, own ? ask_text(ask, W("What we reported")) : ask_text(ask, W("Reports")));
    page_flag(ask, S("own"), own);
    page_flag(ask, S("sought"), sought);
    if (!own) {
        page_flag(ask, S("may_work"), reported_may_work(ask));
        page_flag(ask, S("may_report"), outside_may(ask, VERB_REPORT));
        write_views(ask, list->view);
    }
    return sought ? write_sought(ask, own, list, &find) : write_list(ask, own, list);
}
