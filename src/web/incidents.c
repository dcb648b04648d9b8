/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The incidents: those under work, those of who asks, all; by state, class and organisation. Who sees only what their
 * own organisation has to do with is shown that. And the form that opens one.
 *
 * A list is found by the best index for what was chosen and looked through for the rest, a bounded number of rows at a
 * time: a page may be short without being the last, and says where it goes on. By words the best come first, whatever
 * their state.
 */
#include <limits.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/organisation.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/sought.h"
#include "web/worked.h"

#define ROWS 40
#define READ_ROWS 200   /* at once */
#define LOOKED_MAX 2000 /* of one page */

/* ---- What is chosen ---- */

struct chosen {
    slice show, class, organisation; /* show: "work", "mine", "all", or a state's name */
    int64_t party;                   /* number of the organisation; 0: any */
    enum incident_state state;       /* INCIDENT_STATES: none in particular */
    bool all;                        /* who asks sees those of everybody */
};

static struct err chosen_read(struct ask *ask, bool sought, struct chosen *chosen)
{
    *chosen = (struct chosen){.state = INCIDENT_STATES};
    TRY(worked_need(ask, &chosen->all));
    TRY(outside_asked(ask, S("show"), STORE_NAME_MAX, &chosen->show));
    TRY(outside_asked(ask, S("class"), STORE_NAME_MAX, &chosen->class));
    TRY(outside_asked(ask, S("organisation"), STORE_NAME_MAX, &chosen->organisation));
    if (chosen->show.len == 0)
        chosen->show = sought ? S("all") : S("work");
    (void)store_incident_state_find(chosen->show, &chosen->state);
    if (!chosen->all)
        chosen->party = ask->who.actor.organisation;
    else if (chosen->organisation.len > 0) {
        struct err err = store_organisation_find(ask->db, chosen->organisation, &chosen->party);
        if (err.kind == ERR_MISSING)
            chosen->party = -1; /* nobody's: an empty list */
        else
            TRY(err);
    }
    return OK;
}

static struct err rows_read(
        struct ask *ask, const struct chosen *chosen, int64_t before, struct incident **rows, size_t *count)
{
    enum incident_which which = slice_eq(chosen->show, S("work")) ? INCIDENT_UNDER_WORK : INCIDENT_ALL;
    if (chosen->party != 0)
        return store_incident_of_party(ask->db, chosen->party, before, READ_ROWS, ask->arena, rows, count);
    if (chosen->state != INCIDENT_STATES)
        return store_incident_of_state(ask->db, chosen->state, before, READ_ROWS, ask->arena, rows, count);
    if (slice_eq(chosen->show, S("mine")))
        return store_incident_of_holder(ask->db, ask->who.actor.user, before, READ_ROWS, ask->arena, rows, count);
    return store_incident_latest(ask->db, which, before, READ_ROWS, ask->arena, rows, count);
}

static bool fits(const struct ask *ask, const struct chosen *chosen, const struct incident *row)
{
    bool works = row->state < INCIDENT_ENDED;
    if (chosen->class.len > 0 && !slice_eq(chosen->class, row->class))
        return false;
    if (chosen->state != INCIDENT_STATES)
        return row->state == chosen->state;
    if (slice_eq(chosen->show, S("mine")))
        return works && row->holder != 0 && row->holder == ask->who.actor.user;
    return works || slice_eq(chosen->show, S("all"));
}

/* ---- The list ---- */

struct found {
    int64_t before; /* where it goes on; 0: it ends */
    size_t shown, looked;
};

static struct err write_some(struct outside *outside, const struct chosen *chosen, struct found *found)
{
    struct ask *ask = outside->ask;
    struct incident *rows;
    enum case_sight sight;
    size_t count;
    TRY(rows_read(ask, chosen, found->before, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (found->shown == ROWS)
            return OK; /* there is at least one more */
        found->before = rows[i].number;
        found->looked++;
        if (!fits(ask, chosen, &rows[i]))
            continue;
        TRY(case_sees(ask->db, &ask->who.actor, &rows[i], ask->arena, &sight));
        if (sight == CASE_NOTHING)
            continue;
        json_write_object(&ask->json);
        TRY(worked_row(outside, &rows[i], sight));
        json_write_end(&ask->json);
        found->shown++;
    }
    if (count < READ_ROWS)
        found->before = 0;
    return OK;
}

static struct err write_rows(struct ask *ask, const struct chosen *chosen, struct found *found)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    while (found->before != 0 && found->shown < ROWS && found->looked < LOOKED_MAX)
        TRY(write_some(&outside, chosen, found));
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), found->shown == 0 && found->before == 0);
    page_flag(ask, S("partial"), found->shown < ROWS && found->before != 0);
    return OK;
}

/* ---- By words ---- */

static struct err sought_row(struct outside *outside, const struct chosen *chosen, const struct incident *row,
        enum case_sight sight, struct found *found)
{
    bool theirs = true;
    found->looked++;
    if (!fits(outside->ask, chosen, row))
        return OK;
    if (chosen->party != 0 && chosen->all)
        TRY(store_party_is(outside->ask->db, row->number, chosen->party, UINT_MAX, &theirs));
    if (!theirs)
        return OK;
    json_write_object(&outside->ask->json);
    TRY(worked_row(outside, row, sight));
    json_write_end(&outside->ask->json);
    found->shown++;
    return OK;
}

/* Pages of what was found until one of ours is full; *err: of the query. */
static struct err sought_rows(struct ask *ask, const struct chosen *chosen, struct case_find *find, struct err *wrong)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct found found = {0};
    struct incident *rows;
    enum case_sight *sights;
    size_t count;
    *wrong = OK;
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    while (!find->place.end && found.shown < ROWS && found.looked < LOOKED_MAX && wrong->kind == ERR_NONE) {
        find->count = ROWS - found.shown;
        *wrong = case_incident_find(ask->db, &ask->who.actor, find, ask->arena, &rows, &sights, &count);
        for (size_t i = 0; wrong->kind == ERR_NONE && i < count; i++)
            TRY(sought_row(&outside, chosen, &rows[i], sights[i], &found));
    }
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), found.shown == 0 && (find->place.end || wrong->kind != ERR_NONE));
    page_flag(ask, S("partial"), found.shown < ROWS && !find->place.end && wrong->kind == ERR_NONE);
    return OK;
}

/* The list as it was chosen. */
static const char *list_path(struct ask *ask, const struct chosen *chosen)
{
    struct buf path = buf_make(16 * STORE_NAME_MAX);
    buf_put(&path, S("/incidents"));
    outside_query(&path, S("show"), chosen->show);
    outside_query(&path, S("class"), chosen->class);
    outside_query(&path, S("organisation"), chosen->organisation);
    const char *made = arena_cstr(ask->arena, buf_slice(&path));
    buf_free(&path);
    return made;
}

static void write_chosen(struct ask *ask, const struct chosen *chosen)
{
    struct outside outside = outside_begin(ask, OUTSIDE_LINE);
    json_write_key(&ask->json, S("shows"));
    json_write_array(&ask->json);
    worked_choice(ask, S("work"), ask_text(ask, W("Under work")), slice_eq(chosen->show, S("work")));
    if (chosen->all)
        worked_choice(ask, S("mine"), ask_text(ask, W("Mine")), slice_eq(chosen->show, S("mine")));
    worked_choice(ask, S("all"), ask_text(ask, W("All")), slice_eq(chosen->show, S("all")));
    for (enum incident_state i = 0; i < INCIDENT_STATES; i++)
        worked_choice(ask, slice_of(store_incident_state_name(i)), worked_state_text(ask, i), chosen->state == i);
    json_write_end(&ask->json);
    worked_classes(ask);
    outside_write(&outside, S("organisation"), chosen->organisation, OUTSIDE_NAME);
    page_flag(ask, S("sees_all"), chosen->all);
}

/* By words. */
static struct err write_sought(struct ask *ask, const struct chosen *chosen, struct case_find *find)
{
    struct err wrong;
    bool later = find->place.tier != 0 || find->place.number != 0;
    TRY(sought_rows(ask, chosen, find, &wrong));
    find->place.end = find->place.end || wrong.kind != ERR_NONE;
    page_flag(ask, S("later"), later);
    sought_write(ask, list_path(ask, chosen), S("older"), find);
    return sought_end(ask, wrong);
}

static struct err write_listed(struct ask *ask, const struct chosen *chosen)
{
    struct found found = {0};
    uint64_t before;
    TRY(ask_number(ask, S("before"), INT64_MAX, INT64_MAX, &before));
    found.before = before == 0 ? INT64_MAX : (int64_t)before;
    TRY(write_rows(ask, chosen, &found));
    page_flag(ask, S("later"), before != INT64_MAX);
    json_write_key_text(&ask->json, S("q"), S(""));
    json_write_key(&ask->json, S("older"));
    if (found.before == 0)
        json_write_null(&ask->json);
    else
        json_write_text(
                &ask->json, slice_of(outside_path(ask, arena_printf(ask->arena, "%s&before=", list_path(ask, chosen)),
                                    found.before, "")));
    return OK;
}

struct err web_incidents(struct ask *ask)
{
    struct chosen chosen;
    struct case_find find;
    bool sought;
    TRY(sought_read(ask, ROWS, &find, &sought));
    TRY(chosen_read(ask, sought, &chosen));
    page_title(ask, ask_text(ask, W("Incidents")));
    write_chosen(ask, &chosen);
    page_flag(ask, S("may_open"), worked_may(ask));
    return sought ? write_sought(ask, &chosen, &find) : write_listed(ask, &chosen);
}

/* ---- A new one ---- */

struct err web_incident_new(struct ask *ask)
{
    slice severity = ask_form(ask, S("severity"));
    TRY(warned_need(ask, VERB_WORK_INCIDENTS));
    page_title(ask, ask_text(ask, W("A new incident")));
    worked_classes(ask);
    worked_severities(ask, severity.len > 0 ? severity : S("medium"));
    worked_markings(ask, ask_form(ask, S("marking")).len > 0 ? ask_form(ask, S("marking")) : S("TLP:AMBER"));
    worked_zone(ask);
    return worked_organisations(ask);
}

struct opening {
    struct case_incident_put put;
    int64_t victim, number;
    slice text;
};

static struct err opening_do(struct work *work, void *context)
{
    struct opening *opening = context;
    struct incident_entry entry = {.kind = ENTRY_NOTE,
            .happened_us = TIME_NONE,
            .audience = AUDIENCE_OWN,
            .text = opening->text,
            .source = S(""),
            .due_us = TIME_NONE};
    TRY(case_incident_open(work, &opening->put, &opening->number));
    if (opening->victim != 0)
        TRY(case_party_add(
                work, opening->number, opening->victim, PARTY_VICTIM, S("named when the incident was opened")));
    return opening->text.len == 0 ? OK : case_entry_add(work, opening->number, &entry, &entry.number);
}

static slice flags_of(const struct ask *ask)
{
    bool exercise = slice_eq(ask_form(ask, S("exercise")), S("yes"));
    bool restricted = slice_eq(ask_form(ask, S("restricted")), S("yes"));
    if (exercise && restricted)
        return S("exercise restricted");
    return exercise ? S("exercise") : restricted ? S("restricted") : S("");
}

static struct err opening_read(const struct ask *ask, struct opening *opening, const char **field)
{
    struct case_incident_put *put = &opening->put;
    *put = (struct case_incident_put){.title = slice_trim(ask_form(ask, S("title"))),
            .class = slice_trim(ask_form(ask, S("class"))),
            .local_class = slice_trim(ask_form(ask, S("local-class"))),
            .sector = slice_trim(ask_form(ask, S("sector"))),
            .marking = ask_form(ask, S("marking")),
            .flags = flags_of(ask),
            .severity = SEVERITY_MEDIUM,
            .vital = slice_eq(ask_form(ask, S("vital")), S("yes")),
            .personal_data = slice_eq(ask_form(ask, S("personal-data")), S("yes"))};
    opening->text = slice_trim(ask_form(ask, S("text")));
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        put->at[i] = TIME_NONE;
    *field = "severity";
    if (ask_form(ask, S("severity")).len > 0 && !store_severity_find(ask_form(ask, S("severity")), &put->severity))
        return err_make(ERR_INPUT, W_C("severity: info, low, medium, high or critical"));
    *field = "known";
    TRY(worked_moment(ask, S("known"), &put->at[INCIDENT_KNOWN_AT]));
    *field = "occurred";
    TRY(worked_moment(ask, S("occurred"), &put->at[INCIDENT_OCCURRED_AT]));
    *field = "detected";
    TRY(worked_moment(ask, S("detected"), &put->at[INCIDENT_DETECTED_AT]));
    *field = "criticality";
    TRY(worked_number(ask, S("criticality"), &put->criticality));
    *field = "victim";
    TRY(worked_organisation(ask, S("victim"), &opening->victim));
    *field = NULL;
    return OK;
}

struct err web_incident_open(struct ask *ask)
{
    struct opening opening = {.number = 0};
    struct shared_form form = {.done = "opened", .page = web_incident_new};
    struct err err = opening_read(ask, &opening, &form.field);
    if (err.kind == ERR_NONE)
        err = store_work(ask->db, &ask->who.actor, ask->arena, opening_do, &opening);
    form.path = outside_path(ask, "/incidents/", opening.number, "");
    return shared_end(ask, &form, err);
}
