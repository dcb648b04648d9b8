/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue of reports, who has waited longest first. What may tell of the same stands together, however much of it
 * there is: the first few of a pile are shown, and the way to all of it. In the other lists what is of one pile or one
 * incident stands together on a page. By words the best come first, whatever their state. Who acts for an organisation
 * sees what it told, and what became of that, and nobody else's.
 */
#include "base/arena.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/reported.h"
#include "web/sought.h"
#include "web/worked.h"

#define ROWS 40       /* of a page */
#define PILE_SHOWN 5  /* of a pile in the queue */
#define ALIKE_SHOWN 3 /* of a row; its own page has all */

enum view { VIEW_WAITING, VIEW_MINE, VIEW_ALL, VIEWS };

static const struct {
    const char *name, *text;
} views[VIEWS] = {[VIEW_WAITING] = {"waiting", W_C("Waiting")},
        [VIEW_MINE] = {"mine", W_C("Mine")},
        [VIEW_ALL] = {"all", W_C("All")}};

struct list {
    enum view view;
    int64_t pile; /* that is asked for; 0: none */
    bool by_pile; /* it is the queue, or a pile of it */
    struct report *rows;
    size_t count;
    const char *more; /* where it goes on; NULL: nowhere */
    struct report_alike *alikes[ROWS];
    size_t alike_count[ROWS];
    size_t group[ROWS]; /* the first row that it belongs to */
    size_t waits[ROWS]; /* of the first row of a pile of which not all is shown: how many wait in it */
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

/* Where it begins: buttons lead back there. */
static const char *list_path(struct ask *ask, const struct list *list)
{
    return list->pile != 0 ? outside_path(ask, "/reports?pile=", list->pile, "")
                           : arena_printf(ask->arena, "/reports?view=%s", views[list->view].name);
}

/* The first of a pile, behind what is in the list. */
static struct err pile_read(struct ask *ask, struct list *list, int64_t pile)
{
    const struct report_sight sight = case_report_sight(&ask->who.actor);
    struct report *rows;
    size_t count;
    TRY(store_report_of_pile(ask->db, pile, &sight, 0, PILE_SHOWN + 1, ask->arena, &rows, &count));
    if (count > PILE_SHOWN)
        TRY(store_report_pile_count(ask->db, pile, &sight, ask->arena, &list->waits[list->count]));
    for (size_t i = 0; i < count && i < PILE_SHOWN; i++)
        list->rows[list->count++] = rows[i];
    return OK;
}

static struct err queue_read(struct ask *ask, int64_t after, struct list *list)
{
    int64_t *piles;
    size_t count, shown = 0;
    list->by_pile = true;
    list->rows = arena_new(ask->arena, struct report, ROWS);
    TRY(store_report_piles(ask->db, after, ROWS, ask->arena, &piles, &count));
    while (shown < count && list->count + PILE_SHOWN <= ROWS)
        TRY(pile_read(ask, list, piles[shown++]));
    if (shown > 0 && (shown < count || count == ROWS))
        list->more = arena_printf(ask->arena, "%s&after=%lld", list_path(ask, list), (long long)piles[shown - 1]);
    return OK;
}

static struct err pile_all_read(struct ask *ask, int64_t after, struct list *list)
{
    const struct report_sight sight = case_report_sight(&ask->who.actor);
    list->by_pile = true;
    TRY(store_report_of_pile(ask->db, list->pile, &sight, after, ROWS, ask->arena, &list->rows, &list->count));
    if (list->count == ROWS)
        list->more =
                arena_printf(ask->arena, "%s&after=%lld", list_path(ask, list), (long long)list->rows[ROWS - 1].number);
    return OK;
}

/* By number alone. */
static struct err numbers_read(struct ask *ask, bool own, int64_t after, struct list *list)
{
    if (own)
        TRY(store_report_of_organisation(
                ask->db, ask->who.actor.organisation, after, ROWS, ask->arena, &list->rows, &list->count));
    else if (list->view == VIEW_MINE)
        TRY(store_report_of_holder(ask->db, ask->who.actor.user, after, ROWS, ask->arena, &list->rows, &list->count));
    else
        TRY(store_report_latest(ask->db, REPORT_ALL, after, ROWS, ask->arena, &list->rows, &list->count));
    if (list->count == ROWS)
        list->more =
                arena_printf(ask->arena, "%s&after=%lld", list_path(ask, list), (long long)list->rows[ROWS - 1].number);
    return OK;
}

static struct err list_read(struct ask *ask, bool own, struct list *list)
{
    bool down = own || (list->view == VIEW_ALL && list->pile == 0);
    uint64_t after;
    TRY(ask_number(ask, S("after"), INT64_MAX, down ? INT64_MAX : 0, &after));
    if (!own && list->pile != 0)
        return pile_all_read(ask, (int64_t)after, list);
    return !own && list->view == VIEW_WAITING ? queue_read(ask, (int64_t)after, list)
                                              : numbers_read(ask, own, (int64_t)after, list);
}

/* ---- What stands together ---- */

static bool together(const struct report *a, const struct report *b)
{
    return a->pile == b->pile || (a->incident != 0 && a->incident == b->incident);
}

static struct err groups_make(struct ask *ask, bool own, struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        list->group[i] = i;
        if (own)
            continue;
        for (size_t j = 0; j < i && list->group[i] == i; j++)
            if (together(&list->rows[i], &list->rows[j]))
                list->group[i] = list->group[j];
        TRY(store_report_alikes(ask->db, list->rows[i].number, ask->arena, &list->alikes[i], &list->alike_count[i]));
    }
    return OK;
}

/* ---- Writing ---- */

/* The incident of what it may be the same as, if it has none itself and who asks sees that one. */
static struct err write_joins(struct ask *ask, const struct report *row, int64_t incident)
{
    struct incident other;
    struct err err = err_make(ERR_MISSING, "");
    if (row->incident == 0 && incident != 0)
        err = worked_whole(ask, incident, &other);
    json_write_key(&ask->json, S("joins"));
    if (err.kind == ERR_NONE)
        json_write_i64(&ask->json, incident);
    else
        json_write_null(&ask->json);
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err write_alikes(struct outside *outside, const struct list *list, size_t at)
{
    struct ask *ask = outside->ask;
    size_t shown = 0, proposed = 0;
    int64_t incident = 0;
    json_write_key(&ask->json, S("alikes"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < list->alike_count[at] && proposed <= ALIKE_SHOWN; i++) {
        const struct report_alike *alike = &list->alikes[at][i];
        struct report other;
        enum case_sight sight;
        if (alike->state != ALIKE_PROPOSED || list->rows[at].same_as != 0)
            continue;
        TRY(store_report_get(ask->db, alike->other, ask->arena, &other));
        TRY(case_report_sees(&ask->who.actor, &other, ask->arena, &sight));
        if (sight != CASE_ALL || other.same_as != 0)
            continue;
        incident = incident == 0 ? other.incident : incident;
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
    return write_joins(ask, &list->rows[at], incident);
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

/* Of one of which more waits than is shown: how many in all, and where they are. */
static void write_pile(struct ask *ask, const struct list *list, size_t leader)
{
    size_t waits = list->waits[leader];
    const struct report *first = &list->rows[leader];
    page_flag(ask, S("is_pile"), list->by_pile);
    page_flag(ask, S("is_least"), waits == STORE_PAGE_MAX);
    json_write_key(&ask->json, S("path"));
    if (waits == 0)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(arena_printf(ask->arena, "/reports?pile=%lld", (long long)first->pile)));
    json_write_key_text(&ask->json, S("first"), slice_of(outside_path(ask, "/reports/", first->number, "")));
}

/* The rows of a group, the first of them before. */
static struct err write_group(struct outside *outside, const struct list *list, size_t leader, bool own)
{
    struct ask *ask = outside->ask;
    uint64_t count = 0;
    for (size_t i = leader; i < list->count; i++)
        count += list->group[i] == leader;
    if (list->waits[leader] > count)
        count = list->waits[leader];
    json_write_object(&ask->json);
    page_flag(ask, S("several"), count > 1);
    page_count(ask, S("count"), count);
    if (!own)
        write_pile(ask, list, leader);
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = leader; i < list->count; i++)
        if (list->group[i] == leader)
            TRY(write_row(outside, list, i, i == 0, own));
    json_write_end(&ask->json);
    json_write_end(&ask->json);
    return OK;
}

static void write_more(struct ask *ask, const struct list *list)
{
    json_write_key(&ask->json, S("more"));
    if (list->more == NULL)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(list->more));
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
    TRY(list_read(ask, own, list));
    write_more(ask, list);
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
    if (!own) {
        uint64_t pile;
        TRY(view_read(ask, &list->view));
        TRY(ask_number(ask, S("pile"), INT64_MAX, 0, &pile));
        list->pile = (int64_t)pile;
    }
    page_title(ask, own ? ask_text(ask, W("What we reported")) : ask_text(ask, W("Reports")));
    page_flag(ask, S("own"), own);
    page_flag(ask, S("sought"), sought);
    if (!own) {
        page_flag(ask, S("may_work"), reported_may_work(ask));
        page_flag(ask, S("may_report"), outside_may(ask, VERB_REPORT));
        write_views(ask, list->view);
        json_write_key_text(&ask->json, S("here"), slice_of(list_path(ask, list)));
    }
    return sought ? write_sought(ask, own, list, &find) : write_list(ask, own, list);
}
