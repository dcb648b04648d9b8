/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The coordinator's board: organisations, how much each has to do until when, and the most urgent of it; whoever is
 * latest stands first. Of one organisation, or of who asks, a list of all that is not ended. Who sees only what is of
 * their own organisation is shown that list.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/organisation.h"
#include "web/incident.h"
#include "web/page.h"
#include "web/pages.h"

#define LOADS 12  /* organisations of a page */
#define URGENT 3  /* tasks of each */
#define LISTED 40 /* of a list */
#define READ 200  /* at once, for a list that is looked through */
#define LOOKED_MAX 2000
#define SQUARES 8 /* of a cell: a picture of how many; the number stands beside it */

/* ---- A task as a row ---- */

static struct err row_write(struct outside *outside, struct warned_names *names, const struct task *task)
{
    struct ask *ask = outside->ask;
    struct incident incident;
    enum case_sight sight = CASE_NOTHING;
    json_write_object(&ask->json);
    TRY(incident_task_write(outside, names, task));
    TRY(store_incident_get(ask->db, task->incident, ask->arena, &incident));
    TRY(case_sees(ask->db, &ask->who.actor, &incident, ask->arena, &sight));
    json_write_key_u64(&ask->json, S("incident"), (uint64_t)task->incident);
    json_write_key(&ask->json, S("incident_path"));
    if (sight == CASE_NOTHING)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(outside_path(ask, "/incidents/", task->incident, "")));
    outside_write_value(outside, S("incident_title"), sight == CASE_NOTHING ? S("") : incident.title, OUTSIDE_NAME);
    json_write_end(&ask->json);
    return OK;
}

/* ---- The board ---- */

static void cell_write(struct ask *ask, slice text, const char *look, int64_t count)
{
    struct buf squares = buf_make(4 * SQUARES + 8);
    for (int64_t i = 0; i < count && i < SQUARES; i++)
        buf_put(&squares, S("\u25A0"));
    if (count > SQUARES)
        buf_put(&squares, S("\u2026"));
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("text"), text);
    json_write_key_text(&ask->json, S("look"), slice_of(look));
    page_count(ask, S("count"), (uint64_t)count);
    page_flag(ask, S("any"), count > 0);
    json_write_key_text(&ask->json, S("squares"), buf_slice(&squares));
    json_write_end(&ask->json);
    buf_free(&squares);
}

static void cells_write(struct ask *ask, const struct task_load *load)
{
    json_write_key(&ask->json, S("cells"));
    json_write_array(&ask->json);
    cell_write(ask, ask_text(ask, W("Late")), "late", load->late);
    cell_write(ask, ask_text(ask, W("Within a day")), "soon", load->day);
    cell_write(ask, ask_text(ask, W("Within a week")), "week", load->week);
    cell_write(ask, ask_text(ask, W("Later")), "later", load->later);
    cell_write(ask, ask_text(ask, W("Without a time")), "later", load->timeless);
    json_write_end(&ask->json);
}

/* The most urgent ones that who asks may know of. */
static struct err urgent_write(struct outside *outside, struct warned_names *names, int64_t organisation)
{
    struct ask *ask = outside->ask;
    struct task *rows;
    size_t count, shown = 0;
    TRY(store_task_of(ask->db, organisation, INT64_MIN, 0, 8 * URGENT, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("tasks"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && shown < URGENT; i++) {
        bool seen;
        TRY(case_task_seen(ask->db, &ask->who.actor, &rows[i], ask->arena, &seen));
        if (!seen)
            continue;
        TRY(row_write(outside, names, &rows[i]));
        shown++;
    }
    json_write_end(&ask->json);
    return OK;
}

static struct err load_write(struct outside *outside, struct warned_names *names, const struct task_load *load)
{
    struct ask *ask = outside->ask;
    json_write_object(&ask->json);
    TRY(warned_organisation(ask, names, S("organisation"), load->organisation));
    page_count(ask, S("open"), (uint64_t)load->open);
    page_flag(ask, S("is_late"), load->late > 0);
    cells_write(ask, load);
    TRY(urgent_write(outside, names, load->organisation));
    json_write_key(&ask->json, S("list"));
    struct buf path = buf_make(8 * STORE_NAME_MAX);
    buf_put(&path, S("/tasks"));
    outside_query(&path, S("organisation"), load->name);
    json_write_text(&ask->json, buf_slice(&path));
    buf_free(&path);
    json_write_end(&ask->json);
    return OK;
}

/* Behind "FIRST.ORGANISATION", as the page before says it. */
static struct err after_read(const struct ask *ask, int64_t *us, int64_t *number)
{
    slice after = ask_query(ask, S("after")), word;
    uint64_t read_us, read;
    *us = INT64_MIN;
    *number = 0;
    if (after.len == 0)
        return OK;
    (void)slice_next(&after, '.', &word);
    if (!slice_u64(word, INT64_MAX, &read_us) || !slice_u64(after, INT64_MAX, &read))
        return err_make(ERR_INPUT, W_C("after: where the list goes on, as the page before says it"));
    *us = (int64_t)read_us;
    *number = (int64_t)read;
    return OK;
}

static void more_write(struct ask *ask, bool more, int64_t us, int64_t number)
{
    struct buf path = buf_make(16 * STORE_NAME_MAX);
    json_write_key(&ask->json, S("next"));
    if (more) {
        buf_put(&path, S("/tasks"));
        outside_query(&path, S("show"), ask_query(ask, S("show")));
        outside_query(&path, S("organisation"), ask_query(ask, S("organisation")));
        outside_query(
                &path, S("after"), slice_of(arena_printf(ask->arena, "%" PRId64 ".%" PRId64, us < 0 ? 0 : us, number)));
        json_write_text(&ask->json, buf_slice(&path));
    } else {
        json_write_null(&ask->json);
    }
    buf_free(&path);
}

static struct err board_write(struct ask *ask, bool late_only)
{
    const struct actor *actor = &ask->who.actor;
    const struct task_sight sight = {actor->user, actor_is(actor, ROLE_AUDITOR) || actor->how >= ACTOR_MACHINE};
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct warned_names names = {0};
    struct task_load *rows;
    int64_t first_us, after;
    size_t count, shown = 0;
    TRY(after_read(ask, &first_us, &after));
    TRY(store_task_loads(ask->db, &sight, clock_now_us(), first_us, after, LOADS, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("loads"));
    json_write_array(&ask->json);
    while (shown < count && (!late_only || rows[shown].late > 0))
        TRY(load_write(&outside, &names, &rows[shown++]));
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), shown == 0);
    more_write(ask, count == LOADS && shown == count, count == 0 ? 0 : rows[count - 1].first_us,
            count == 0 ? 0 : rows[count - 1].organisation);
    return OK;
}

/* ---- A list ---- */

struct listing {
    int64_t organisation, person; /* person: 0: whoever */
    bool late;
    int64_t due_us, after;
    size_t shown, looked;
    bool more;
};

static bool fits(const struct listing *listing, const struct task *task)
{
    return (listing->person == 0 || task->person == listing->person) &&
           (!listing->late || (task->due_us != TIME_NONE && task->due_us < clock_now_us()));
}

static struct err some_write(struct outside *outside, struct warned_names *names, struct listing *listing)
{
    struct ask *ask = outside->ask;
    struct task *rows;
    size_t count;
    TRY(store_task_of(
            ask->db, listing->organisation, listing->due_us, listing->after, READ, ask->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        bool seen = fits(listing, &rows[i]);
        if (listing->shown == LISTED)
            return OK;
        listing->due_us = rows[i].due_us == TIME_NONE ? INT64_MAX : rows[i].due_us;
        listing->after = rows[i].number;
        listing->looked++;
        if (seen)
            TRY(case_task_seen(ask->db, &ask->who.actor, &rows[i], ask->arena, &seen));
        if (!seen)
            continue;
        TRY(row_write(outside, names, &rows[i]));
        listing->shown++;
    }
    listing->more = count == READ;
    return OK;
}

static struct err list_write(struct ask *ask, struct listing *listing)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct warned_names names = {0};
    TRY(after_read(ask, &listing->due_us, &listing->after));
    listing->more = listing->organisation > 0;
    json_write_key(&ask->json, S("tasks"));
    json_write_array(&ask->json);
    while (listing->more && listing->shown < LISTED && listing->looked < LOOKED_MAX)
        TRY(some_write(&outside, &names, listing));
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), listing->shown == 0);
    more_write(ask, listing->more, listing->due_us, listing->after);
    return OK;
}

/* ---- The page ---- */

static void write_chosen(struct ask *ask, slice show, bool all)
{
    struct outside outside = outside_begin(ask, OUTSIDE_LINE);
    json_write_key(&ask->json, S("shows"));
    json_write_array(&ask->json);
    worked_choice(ask, S("all"), ask_text(ask, W("All that is not ended")), show.len == 0 || slice_eq(show, S("all")));
    worked_choice(ask, S("late"), ask_text(ask, W("Late")), slice_eq(show, S("late")));
    if (all)
        worked_choice(ask, S("mine"), ask_text(ask, W("Mine")), slice_eq(show, S("mine")));
    json_write_end(&ask->json);
    outside_write(&outside, S("organisation_name"), ask_query(ask, S("organisation")), OUTSIDE_NAME);
    page_flag(ask, S("sees_all"), all);
}

struct err web_tasks(struct ask *ask)
{
    struct listing listing = {0};
    slice show = ask_query(ask, S("show")), organisation;
    bool all;
    TRY(worked_need(ask, &all));
    TRY(outside_asked(ask, S("organisation"), STORE_NAME_MAX, &organisation));
    page_title(ask, ask_text(ask, W("Tasks")));
    write_chosen(ask, show, all);
    listing.late = slice_eq(show, S("late"));
    listing.organisation = ask->who.actor.organisation;
    if (all && slice_eq(show, S("mine")))
        listing.person = ask->who.actor.user;
    else if (all && organisation.len > 0 &&
             store_organisation_find(ask->db, organisation, &listing.organisation).kind != ERR_NONE)
        listing.organisation = 0; /* nobody's: an empty list */
    bool board = all && organisation.len == 0 && listing.person == 0;
    page_flag(ask, S("board"), board);
    return board ? board_write(ask, listing.late) : list_write(ask, &listing);
}
