/* SPDX-License-Identifier: Apache-2.0 */
#include "case/incident.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/uuid.h"
#include "case/field.h"
#include "desk/fact.h"
#include "store/organisation.h"
#include "json/read.h"
#include "json/write.h"

#define TO(state) (1u << (state))
#define AWAY (TO(INCIDENT_NOT_ONE) | TO(INCIDENT_DUPLICATE) | TO(INCIDENT_TRANSFERRED))
#define ON (TO(INCIDENT_CONTAINED) | TO(INCIDENT_RECOVERED) | TO(INCIDENT_CLOSED))

/* The ways. What was closed or sent away may come back: it is open again. */
static const unsigned ways[INCIDENT_STATES] = {
        [INCIDENT_NEW] = TO(INCIDENT_TRIAGED) | TO(INCIDENT_OPEN) | AWAY,
        [INCIDENT_TRIAGED] = TO(INCIDENT_OPEN) | AWAY,
        [INCIDENT_OPEN] = ON | AWAY,
        [INCIDENT_CONTAINED] = TO(INCIDENT_OPEN) | TO(INCIDENT_RECOVERED) | TO(INCIDENT_CLOSED),
        [INCIDENT_RECOVERED] = TO(INCIDENT_OPEN) | TO(INCIDENT_CLOSED),
        [INCIDENT_CLOSED] = TO(INCIDENT_OPEN) | TO(INCIDENT_PUBLISHED),
        [INCIDENT_PUBLISHED] = TO(INCIDENT_OPEN),
        [INCIDENT_NOT_ONE] = TO(INCIDENT_OPEN),
        [INCIDENT_DUPLICATE] = TO(INCIDENT_OPEN),
        [INCIDENT_TRANSFERRED] = TO(INCIDENT_OPEN),
};

unsigned case_incident_ways(enum incident_state state)
{
    return ways[state];
}

/* What each is called in the journal, and which time it tells; INCIDENT_WHENS: none. */
static const struct {
    const char *act;
    enum incident_when at;
} turns[INCIDENT_STATES] = {
        [INCIDENT_NEW] = {"incident.new", INCIDENT_WHENS},
        [INCIDENT_TRIAGED] = {"incident.triaged", INCIDENT_ACKNOWLEDGED_AT},
        [INCIDENT_OPEN] = {"incident.opened", INCIDENT_WHENS},
        [INCIDENT_CONTAINED] = {"incident.contained", INCIDENT_CONTAINED_AT},
        [INCIDENT_RECOVERED] = {"incident.recovered", INCIDENT_RECOVERED_AT},
        [INCIDENT_CLOSED] = {"incident.closed", INCIDENT_CLOSED_AT},
        [INCIDENT_PUBLISHED] = {"incident.published", INCIDENT_WHENS},
        [INCIDENT_NOT_ONE] = {"incident.not-one", INCIDENT_CLOSED_AT},
        [INCIDENT_DUPLICATE] = {"incident.duplicate", INCIDENT_CLOSED_AT},
        [INCIDENT_TRANSFERRED] = {"incident.transferred", INCIDENT_CLOSED_AT},
};

const char *case_incident_act(enum incident_state state)
{
    return turns[state].act;
}

/* ---- What is common ---- */

static struct err tell(
        struct work *work, const char *act, int64_t incident, const struct desk_fact *facts, size_t count)
{
    return desk_fact_tell(work, act, CASE_SUBJECT, incident, work->actor->organisation, facts, count);
}

static struct err tell_why(struct work *work, const char *act, int64_t incident, slice why)
{
    return tell(work, act, incident, (struct desk_fact[]){{"why", why}}, 1);
}

struct err case_incident_mine(struct work *work, int64_t incident, struct incident *row)
{
    int64_t own;
    TRY(store_right_check(work->actor, VERB_WORK_INCIDENTS, 0, work->arena, NULL));
    TRY(store_incident_keep(work, incident, row));
    TRY(case_incident_reach(work->db, work->actor, incident, work->arena, row));
    TRY(store_organisation_own(work->db, &own));
    return row->home == own ? OK
                            : err_format(work->arena, ERR_CONFLICT,
                                      "incident %" PRId64 " is a partner's: only they change it", incident);
}

slice case_identity(const char *type, struct arena *arena)
{
    struct uuid uuid = uuid_v4();
    struct buf text = buf_make(100);
    buf_printf(&text, "%s--", type);
    uuid_write(&text, &uuid);
    slice identity = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return identity;
}

/* ---- Opening ---- */

struct err case_incident_open(struct work *work, const struct case_incident_put *put, int64_t *number)
{
    struct incident row = {.title = put->title,
            .class = put->class,
            .local_class = put->local_class,
            .severity = put->severity,
            .criticality = put->criticality,
            .determination = S("suspected"),
            .marking = put->marking.len > 0 ? put->marking : S("TLP:AMBER"),
            .sector = put->sector,
            .vital = put->vital,
            .personal_data = put->personal_data,
            .flags = put->flags};
    TRY(store_right_check(work->actor, VERB_WORK_INCIDENTS, 0, work->arena, NULL));
    TRY(case_field_check(&row, work->arena));
    TRY(store_organisation_own(work->db, &row.home));
    row.identity = case_identity("incident", work->arena);
    row.holder = work->actor->user;
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        row.at[i] = put->at[i];
    if (row.at[INCIDENT_REPORTED_AT] == TIME_NONE)
        row.at[INCIDENT_REPORTED_AT] = work->now_us;
    TRY(store_incident_add(work, &row, number));
    const struct desk_fact facts[] = {{"title", row.title}, {"class", row.class},
            {"severity", slice_of(store_severity_name(row.severity))}, {"marking", row.marking}};
    return tell(work, turns[INCIDENT_NEW].act, *number, facts, COUNT_OF(facts));
}

/* ---- States ---- */

static struct err turn(struct work *work, struct incident *row, enum incident_state state, slice why)
{
    enum incident_when at = turns[state].at;
    if (row->state == state)
        return OK;
    if ((ways[row->state] & TO(state)) == 0)
        return err_format(work->arena, ERR_CONFLICT, "incident %" PRId64 " is %s: it cannot be %s", row->number,
                store_incident_state_name(row->state), store_incident_state_name(state));
    row->state = state;
    if (at != INCIDENT_WHENS && row->at[at] == TIME_NONE)
        row->at[at] = work->now_us;
    if (state == INCIDENT_OPEN && row->at[INCIDENT_CLOSED_AT] != TIME_NONE) {
        const struct incident_time again = {.what = INCIDENT_CLOSED_AT,
                .before_us = row->at[INCIDENT_CLOSED_AT],
                .after_us = TIME_NONE,
                .proposer = S(""),
                .why = why};
        TRY(store_incident_time(work, row->number, &again));
        row->at[INCIDENT_CLOSED_AT] = TIME_NONE;
    }
    if (state != INCIDENT_DUPLICATE)
        row->same_as = 0;
    TRY(store_incident_change(work, row));
    return tell_why(work, turns[state].act, row->number, why);
}

struct err case_incident_state(struct work *work, int64_t incident, enum incident_state state, slice why)
{
    struct incident row;
    TRY(case_incident_mine(work, incident, &row));
    if (state == INCIDENT_DUPLICATE)
        return err_make(ERR_INPUT, "a duplicate is merged with the other one, so that what it has is not lost");
    if (state == INCIDENT_CLOSED && row.criticality >= CASE_CRITICAL_AT)
        return err_format(work->arena, ERR_DENIED, "criticality %" PRId64 ": two persons close it", row.criticality);
    return turn(work, &row, state, store_text_keep(work->arena, why, STORE_TEXT_MAX));
}

struct err case_incident_merge(struct work *work, int64_t incident, int64_t into, slice why)
{
    struct incident row, other;
    struct party *parties;
    struct incident_observable *seen;
    size_t party_count, seen_count;
    TRY(case_incident_mine(work, incident, &row));
    TRY(case_incident_mine(work, into, &other));
    if (incident == into)
        return err_make(ERR_INPUT, "these two are one incident already");
    if (other.state == INCIDENT_DUPLICATE)
        return err_format(work->arena, ERR_CONFLICT, "incident %" PRId64 " was merged with %" PRId64 " itself", into,
                other.same_as);
    TRY(store_party_list(work->db, incident, work->arena, &parties, &party_count));
    for (size_t i = 0; i < party_count; i++)
        if (parties[i].until_us == TIME_NONE)
            TRY(store_party_add(work, into, parties[i].organisation, parties[i].role, parties[i].why));
    TRY(store_incident_observables(work->db, incident, work->arena, &seen, &seen_count));
    for (size_t i = 0; i < seen_count; i++)
        TRY(store_incident_observable_add(work, into, seen[i].type, seen[i].value));
    if (row.assets.len > 0)
        TRY(store_incident_assets(work, into, case_assets_join(other.assets, row.assets, work->arena)));
    row.same_as = into;
    TRY(turn(work, &row, INCIDENT_DUPLICATE, store_text_keep(work->arena, why, STORE_TEXT_MAX)));
    slice from = slice_of(arena_printf(work->arena, "%" PRId64, incident));
    return tell(work, "incident.merged", into, (struct desk_fact[]){{"from", from}}, 1);
}

struct err case_incident_set(struct work *work, int64_t incident, slice field, slice value, slice why)
{
    struct incident row, before;
    TRY(case_incident_mine(work, incident, &row));
    before = row;
    TRY(case_field_set(work, &row, field, value));
    if (!slice_eq(row.class, before.class) || !slice_eq(row.local_class, before.local_class))
        TRY(store_incident_class(work, incident, row.class, row.local_class, why));
    if (!slice_eq(row.assets, before.assets))
        TRY(store_incident_assets(work, incident, row.assets));
    TRY(store_incident_change(work, &row));
    const struct desk_fact facts[] = {{"field", field}, {"value", value}, {"why", why}};
    return tell(work, "incident.changed", incident, facts, COUNT_OF(facts));
}

/* ---- Acts of two persons ---- */

/* What is proposed is held against what was there when it was: {"before": ...}. */
struct proposed {
    const char *act;
    int64_t incident;
    slice why;
    const struct desk_fact *facts;
    size_t count;
};

/* The incident, for who may propose such a thing of it: nobody else learns whether it is there. */
static struct err proposing(struct db *db, const struct actor *actor, enum verb verb, int64_t incident,
        struct arena *arena, struct incident *row)
{
    bool second;
    TRY(store_right_check(actor, verb, 0, arena, &second));
    return case_incident_reach(db, actor, incident, arena, row);
}

static struct err propose(struct db *db, const struct actor *actor, const struct proposed *proposed,
        struct arena *arena, struct share_proposal *proposal)
{
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    for (size_t i = 0; i < proposed->count; i++)
        json_write_key_text(&w, slice_of(proposed->facts[i].name), proposed->facts[i].text);
    json_write_key_text(&w, S("by"), actor->name);
    json_write_key_text(&w, S("why"), proposed->why);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(arena, CASE_SUBJECT "/%" PRId64, proposed->incident));
    struct err err = buf_check(&detail);
    if (err.kind == ERR_NONE)
        err = share_propose(db, actor, proposed->act, subject, buf_slice(&detail), proposed->why, arena, proposal);
    buf_free(&detail);
    return err;
}

/* A moment, or "-" for one that is not known. */
static slice moment(int64_t us, struct arena *arena)
{
    struct buf text = buf_make(64);
    if (us == TIME_NONE)
        return S("-");
    time_write(&text, us);
    slice kept = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return kept;
}

struct err case_incident_close(struct db *db, const struct actor *actor, int64_t incident, slice why,
        struct arena *arena, struct share_proposal *proposal)
{
    struct incident row;
    TRY(proposing(db, actor, VERB_CASE_FACTS, incident, arena, &row));
    return propose(db, actor, &(struct proposed){"incident.close", incident, why, NULL, 0}, arena, proposal);
}

struct err case_incident_time(struct db *db, const struct actor *actor, int64_t incident, enum incident_when what,
        int64_t us, slice why, struct arena *arena, struct share_proposal *proposal)
{
    struct incident row;
    TRY(proposing(db, actor, VERB_CASE_FACTS, incident, arena, &row));
    const struct desk_fact facts[] = {{"what", slice_of(store_incident_when_name(what))},
            {"before", moment(row.at[what], arena)}, {"after", moment(us, arena)}};
    return propose(
            db, actor, &(struct proposed){"incident.time", incident, why, facts, COUNT_OF(facts)}, arena, proposal);
}

struct err case_incident_class(struct db *db, const struct actor *actor, int64_t incident, slice class,
        slice local_class, slice why, struct arena *arena, struct share_proposal *proposal)
{
    struct incident row;
    TRY(proposing(db, actor, VERB_CASE_FACTS, incident, arena, &row));
    const struct desk_fact facts[] = {
            {"before", row.class}, {"after", class}, {"local-before", row.local_class}, {"local-after", local_class}};
    return propose(
            db, actor, &(struct proposed){"incident.class", incident, why, facts, COUNT_OF(facts)}, arena, proposal);
}

struct err case_incident_widen(struct db *db, const struct actor *actor, int64_t incident, slice marking, slice why,
        struct arena *arena, struct share_proposal *proposal)
{
    struct incident row;
    TRY(proposing(db, actor, VERB_RELEASE, incident, arena, &row));
    const struct desk_fact facts[] = {{"before", row.marking}, {"after", marking}};
    return propose(
            db, actor, &(struct proposed){"incident.widen", incident, why, facts, COUNT_OF(facts)}, arena, proposal);
}

/* ---- What they do ---- */

/* The row, kept, and ours, for who sees it; the right was asked for by who proposed and who agreed. */
static struct err begin(struct work *work, slice subject, struct incident *row)
{
    int64_t number, own;
    TRY(desk_fact_subject(work->arena, CASE_SUBJECT, subject, &number));
    TRY(store_incident_keep(work, number, row));
    TRY(case_incident_reach(work->db, work->actor, number, work->arena, row));
    TRY(store_organisation_own(work->db, &own));
    return row->home == own ? OK : err_make(ERR_CONFLICT, "the incident is a partner's: only they change it");
}

static slice said(struct work *work, slice detail, slice key)
{
    return json_text(json_get(detail, key), work->arena);
}

/* The first of the two, if there were two. */
static slice proposer(struct work *work, slice detail)
{
    slice by = said(work, detail, S("by"));
    return slice_eq(by, work->actor->name) ? S("") : by;
}

static struct err meanwhile(struct work *work, slice is, slice was)
{
    return slice_eq(is, was) ? OK
                             : err_format(work->arena, ERR_CONFLICT,
                                       "that was changed meanwhile, from %.*s to %.*s: propose it again", (int)was.len,
                                       was.ptr, (int)is.len, is.ptr);
}

struct err case_incident_do_close(struct work *work, slice subject, slice detail)
{
    struct incident row;
    TRY(begin(work, subject, &row));
    return turn(work, &row, INCIDENT_CLOSED, said(work, detail, S("why")));
}

struct err case_incident_do_time(struct work *work, slice subject, slice detail)
{
    struct incident row;
    slice after = said(work, detail, S("after"));
    struct incident_time time = {
            .after_us = TIME_NONE, .proposer = proposer(work, detail), .why = said(work, detail, S("why"))};
    TRY(begin(work, subject, &row));
    if (!store_incident_when_find(said(work, detail, S("what")), &time.what) ||
            (!slice_eq(after, S("-")) && !time_parse_strict(after, &time.after_us)))
        return err_make(ERR_INPUT, "a time of an incident is as 2026-11-20T22:40:00+07:00");
    TRY(meanwhile(work, moment(row.at[time.what], work->arena), said(work, detail, S("before"))));
    time.before_us = row.at[time.what];
    row.at[time.what] = time.after_us;
    TRY(store_incident_change(work, &row));
    TRY(store_incident_time(work, row.number, &time));
    const struct desk_fact facts[] = {{"what", slice_of(store_incident_when_name(time.what))},
            {"before", moment(time.before_us, work->arena)}, {"after", after}, {"proposer", time.proposer},
            {"why", time.why}};
    return tell(work, "incident.time", row.number, facts, COUNT_OF(facts));
}

struct err case_incident_do_class(struct work *work, slice subject, slice detail)
{
    struct incident row;
    slice before[] = {said(work, detail, S("before")), said(work, detail, S("local-before"))};
    slice after[] = {said(work, detail, S("after")), said(work, detail, S("local-after"))};
    slice why = said(work, detail, S("why"));
    TRY(begin(work, subject, &row));
    TRY(meanwhile(work, row.class, before[0]));
    TRY(meanwhile(work, row.local_class, before[1]));
    TRY(case_class_check(after[0], work->arena));
    TRY(store_incident_class(work, row.number, after[0], after[1], why));
    const struct desk_fact facts[] = {{"before", before[0]}, {"after", after[0]}, {"local-before", before[1]},
            {"local-after", after[1]}, {"proposer", proposer(work, detail)}, {"why", why}};
    return tell(work, "incident.class", row.number, facts, COUNT_OF(facts));
}

struct err case_incident_do_widen(struct work *work, slice subject, slice detail)
{
    struct incident row;
    TRY(begin(work, subject, &row));
    TRY(meanwhile(work, row.marking, said(work, detail, S("before"))));
    row.marking = said(work, detail, S("after"));
    TRY(case_marking_check(row.marking, work->arena));
    TRY(store_incident_change(work, &row));
    const struct desk_fact facts[] = {{"before", said(work, detail, S("before"))}, {"after", row.marking},
            {"proposer", proposer(work, detail)}, {"why", said(work, detail, S("why"))}};
    return tell(work, "incident.marking", row.number, facts, COUNT_OF(facts));
}
