/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/decide.h"

#include <inttypes.h>

#include "base/arena.h"
#include "desk/rule.h"
#include "share/weigh.h"
#include "store/memory.h"
#include "store/met.h"

#define REPORT_TLP "TLP:AMBER" /* what is reported about somebody is for them alone */
#define OBJECTS_MAX 64         /* sources of one id that are weighed */

struct desk_deciding {
    struct db *db;
    struct arena *arena;
    const struct hunt_noise *noise;
    struct stix_definitions *definitions;
    struct share_scene scene;
    bool has_scene;
    struct warning_rule *rules;
    size_t rule_count;
    struct organisation organisation; /* the last that was asked for */
};

struct err desk_deciding_open(
        struct db *db, const struct hunt_noise *noise, struct arena *arena, struct desk_deciding **deciding)
{
    static const struct hunt_noise none = {0};
    struct desk_deciding *made = arena_new(arena, struct desk_deciding, 1);
    int64_t now_us;
    *made = (struct desk_deciding){.db = db, .arena = arena, .noise = noise == NULL ? &none : noise};
    now_us = clock_now_us();
    TRY(store_warning_rule_holding(db, now_us, arena, &made->rules, &made->rule_count));
    *deciding = made;
    return OK;
}

void desk_deciding_close(struct desk_deciding *deciding)
{
    if (deciding != NULL)
        stix_definitions_close(deciding->definitions);
}

struct err desk_deciding_organisation(
        struct desk_deciding *deciding, int64_t number, const struct organisation **organisation)
{
    if (deciding->organisation.number != number)
        TRY(store_organisation_get(deciding->db, number, deciding->arena, &deciding->organisation));
    *organisation = &deciding->organisation;
    return OK;
}

/* ---- What it is marked with ---- */

/* Only for who warns of an indicator: reports are marked by us. */
static struct err scene_get(struct desk_deciding *deciding)
{
    if (deciding->has_scene)
        return OK;
    deciding->definitions = stix_definitions_open();
    TRY(share_definitions_read(deciding->db, deciding->definitions));
    TRY(share_scene_read(deciding->db, deciding->definitions, false, deciding->arena, &deciding->scene));
    deciding->has_scene = true;
    return OK;
}

static struct err objects_get(struct desk_deciding *deciding, slice id, struct object *objects, size_t *count)
{
    struct object *rows;
    size_t row_count;
    *count = 0;
    TRY(store_object_versions(deciding->db, id, deciding->arena, &rows, &row_count));
    for (size_t i = 0; i < row_count && *count < OBJECTS_MAX; i++)
        if (rows[i].newest)
            objects[(*count)++] = rows[i];
    return OK;
}

/* What is no cause any more, as against what may not be told. */
static bool is_over(const struct share_decision *decision)
{
    return slice_eq(slice_of(decision->rule), S("withdrawn")) || slice_eq(slice_of(decision->rule), S("exercise"));
}

/* The one of several sources' words that lets most out; among what says no, one that consent would change. */
static const struct share_weighed *widest(const struct share_weighed *weighed, size_t count)
{
    const struct share_weighed *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct share_decision *decision = &weighed[i].decision;
        bool better = best == NULL || decision->answer > best->decision.answer ||
                      (decision->answer == best->decision.answer &&
                              (is_over(&best->decision) || decision->asked == SHARE_ASK_CONSENT));
        if (better && !(best != NULL && is_over(decision)))
            best = &weighed[i];
    }
    return best;
}

/* Consent can be asked for those whom it concerns. */
static slice denied(struct desk_deciding *deciding, const struct warning *row, enum share_audience audience,
        const struct share_weighed *weighed)
{
    const struct share_decision *decision = &weighed->decision;
    slice name = S("");
    for (size_t i = 0; i < deciding->scene.origin_count; i++)
        if (deciding->scene.origins[i].partner == weighed->originator)
            name = deciding->scene.origins[i].name;
    if (decision->asked != SHARE_ASK_CONSENT || audience != SHARE_CONSTITUENT || name.len == 0)
        return slice_of(arena_printf(deciding->arena, "%s: %s", decision->rule, decision->why));
    return slice_of(arena_printf(deciding->arena,
            "%s: %s; ask the originator's consent: `release consent ask --from \"%.*s\" --to affected --object %.*s`",
            decision->rule, decision->why, (int)name.len, name.ptr, (int)row->cause.len, row->cause.ptr));
}

/* DESK_GOES as far as its marks are concerned. */
static struct err marks_ask(struct desk_deciding *deciding, const struct warning *row, enum share_audience audience,
        const struct organisation *organisation, struct desk_decision *decision)
{
    const struct share_recipient recipient = {.audience = audience,
            .number = organisation->number,
            .node = organisation->identity,
            .active = organisation->state == ORGANISATION_ACTIVE,
            .country = organisation->country};
    struct object *objects = arena_new(deciding->arena, struct object, OBJECTS_MAX);
    struct share_weighed *weighed = arena_new(deciding->arena, struct share_weighed, OBJECTS_MAX);
    struct share_batch *batch;
    size_t count;
    TRY(scene_get(deciding));
    TRY(objects_get(deciding, row->cause, objects, &count));
    decision->why = S("withdrawn: nobody says it any more");
    if (count == 0)
        return OK;
    TRY(share_batch_read(deciding->db, &deciding->scene, objects, count, deciding->arena, &batch));
    TRY(share_weigh_served(batch, &recipient, true, weighed));
    const struct share_weighed *best = widest(weighed, count);
    const char *tlp = stix_tlp_name(best->decision.tlp);
    decision->marking = tlp == NULL ? S("") : slice_of(tlp);
    decision->verdict = best->decision.answer == SHARE_ALLOW ? DESK_GOES
                        : is_over(&best->decision)           ? DESK_NOTHING
                                                             : DESK_STAYS;
    decision->why = denied(deciding, row, audience, best);
    decision->consent = decision->verdict == DESK_STAYS && best->decision.asked == SHARE_ASK_CONSENT;
    return OK;
}

/* ---- Whether it is noise ---- */

/* "ipv4 203.0.113.77": what was met, as the details of what was met have it. */
static bool is_on_list(const struct match_index *lists, slice peer)
{
    size_t blank = slice_find(peer, ' ');
    const struct indicator value = {.type = observable_type_find(slice_part(peer, 0, blank)),
            .value = slice_from(peer, blank < peer.len ? blank + 1 : blank)};
    return hunt_is_listed(lists, &value);
}

static struct err lists_ask(struct desk_deciding *deciding, int64_t met, slice *held)
{
    struct met_detail *rows;
    size_t count;
    if (deciding->noise->lists == NULL || met == 0)
        return OK;
    TRY(store_met_details(deciding->db, met, deciding->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (is_on_list(deciding->noise->lists, rows[i].peer)) {
            *held = slice_of(arena_printf(deciding->arena, "warning-list: %.*s is on a warning list",
                    (int)rows[i].peer.len, rows[i].peer.ptr));
            return OK;
        }
    return OK;
}

static struct err reach_ask(struct desk_deciding *deciding, const struct warning *row, slice *held)
{
    int64_t reach, most = (int64_t)deciding->noise->most;
    struct memory_reach past = {0};
    if (most == 0 || !slice_eq(row->cause_kind, S(CAUSE_INDICATOR)))
        return OK;
    TRY(store_warning_reach(deciding->db, row->cause_kind, row->cause, most + 1, &reach));
    struct err err = store_memory_reach_get(deciding->db, row->cause, deciding->arena, &past);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    if (hunt_is_noise(deciding->noise, (uint64_t)(reach > past.organisations ? reach : past.organisations)))
        *held = slice_of(arena_printf(
                deciding->arena, "reach: more than %" PRId64 " constituents met it, which is probably noise", most));
    return OK;
}

/* Whether a person took it back, and not the node since its cause was over. */
static struct err is_by_person(struct desk_deciding *deciding, const struct warning *last, bool *person)
{
    struct warning_step *steps;
    size_t count;
    TRY(store_warning_steps(deciding->db, last->number, deciding->arena, &steps, &count));
    *person = count > 0 && !slice_starts(steps[count - 1].actor, S("@"));
    return OK;
}

/* What they or one of ours said of the same before. */
static struct err before_ask(struct desk_deciding *deciding, const struct warning *last, slice *held)
{
    bool person = false;
    if (last == NULL || warning_is_open(last))
        return OK;
    if (last->state == WARNING_NOT_MINE)
        *held = S("not-mine: they said of the last one that it is not theirs");
    if (last->state == WARNING_WITHDRAWN)
        TRY(is_by_person(deciding, last, &person));
    if (person)
        *held = S("withdrawn-before: one of us withdrew the last one about it");
    return OK;
}

static struct err doubts(
        struct desk_deciding *deciding, const struct warning *row, int64_t met, const struct warning *last, slice *held)
{
    TRY(before_ask(deciding, last, held));
    if (held->len == 0)
        TRY(lists_ask(deciding, met, held));
    return held->len > 0 ? OK : reach_ask(deciding, row, held);
}

/* ---- The decision ---- */

static void wait(struct desk_decision *decision, slice why)
{
    decision->verdict = DESK_WAITS;
    decision->why = why;
}

/* Reports are marked by us. */
static void report_ask(const struct organisation *organisation, struct desk_decision *decision)
{
    decision->verdict = organisation->state == ORGANISATION_ACTIVE ? DESK_GOES : DESK_STAYS;
    decision->why = S("recipient: the recipient is not active");
    decision->marking = S(REPORT_TLP);
}

static void rules_ask(struct desk_deciding *deciding, const struct warning *row,
        const struct organisation *organisation, struct desk_decision *decision)
{
    const struct warning_rule *rule = desk_rule_find(deciding->rules, deciding->rule_count, row, organisation->sector);
    if (rule == NULL) {
        wait(decision, S("persons: no standing rule covers it"));
        return;
    }
    decision->does = rule->does == WARNING_DIGEST ? WARNING_DIGEST : WARNING_SEND;
    decision->why = slice_of(arena_printf(deciding->arena, "rule: %" PRId64, rule->number));
    if (rule->does == WARNING_HOLD)
        wait(decision, slice_of(arena_printf(deciding->arena, "rule: %" PRId64 " has it looked at", rule->number)));
}

struct err desk_decide(struct desk_deciding *deciding, const struct warning *row, int64_t met,
        const struct warning *last, bool person, struct desk_decision *decision)
{
    const struct organisation *organisation;
    slice held = S("");
    *decision = (struct desk_decision){.verdict = DESK_NOTHING, .does = WARNING_SEND, .marking = S("")};
    TRY(desk_deciding_organisation(deciding, row->organisation, &organisation));
    if (organisation->relation != RELATION_CONSTITUENT) {
        decision->why = S("recipient: it is none of those whom we serve");
        return OK;
    }
    if (slice_eq(row->cause_kind, S(CAUSE_INDICATOR)))
        TRY(marks_ask(deciding, row, SHARE_CONSTITUENT, organisation, decision));
    else
        report_ask(organisation, decision);
    if (decision->verdict != DESK_GOES)
        return OK;
    rules_ask(deciding, row, organisation, decision);
    TRY(doubts(deciding, row, met, last, &held));
    if (held.len > 0)
        wait(decision, held);
    if (person)
        decision->verdict = DESK_GOES;
    return arena_check(deciding->arena);
}

struct err desk_decide_sector(struct desk_deciding *deciding, const struct warning *row,
        const struct organisation *team, struct desk_decision *decision)
{
    *decision = (struct desk_decision){.verdict = DESK_STAYS, .marking = S("")};
    if (slice_eq(row->cause_kind, S(CAUSE_INDICATOR)))
        TRY(marks_ask(deciding, row, SHARE_SECTOR, team, decision));
    else
        report_ask(team, decision);
    if (decision->verdict != DESK_GOES)
        decision->verdict = DESK_STAYS;
    return arena_check(deciding->arena);
}
