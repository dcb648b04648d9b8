/* SPDX-License-Identifier: Apache-2.0 */
/* What stands around an incident, and who sees how much of it. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/observable.h"
#include "case/field.h"
#include "case/round.h"
#include "desk/fact.h"
#include "plan/rates.h"
#include "store/organisation.h"
#include "text/shown.h"

#define SOURCE_MAX 1000 /* bytes of where something is known from */
#define AMOUNT_MAX INT64_C(1000000000000000000)

static struct err tell(
        struct work *work, const char *act, int64_t incident, const struct desk_fact *facts, size_t count)
{
    return desk_fact_tell(work, act, CASE_SUBJECT, incident, work->actor->organisation, facts, count);
}

/* ---- Who has to do with it ---- */

/* Telling of the organisation by its number, whatever it is called by then. */
static struct err party_tell(
        struct work *work, const char *act, int64_t incident, int64_t organisation, enum party_role role, slice why)
{
    const struct desk_fact facts[] = {{"party", slice_of(arena_printf(work->arena, "%" PRId64, organisation))},
            {"role", slice_of(store_party_role_name(role))}, {"why", why}};
    return tell(work, act, incident, facts, COUNT_OF(facts));
}

struct err case_party_add(struct work *work, int64_t incident, int64_t organisation, enum party_role role, slice why)
{
    struct incident row;
    struct organisation party;
    TRY(case_incident_mine(work, incident, &row));
    TRY(store_organisation_get(work->db, organisation, work->arena, &party));
    TRY(store_text_check(work->arena, "why it has to do with it", why, STORE_TEXT_MAX));
    TRY(store_party_add(work, incident, organisation, role, why));
    return party_tell(work, "incident.party", incident, organisation, role, why);
}

struct err case_party_end(struct work *work, int64_t incident, int64_t organisation, enum party_role role, slice why)
{
    struct incident row;
    TRY(case_incident_mine(work, incident, &row));
    TRY(store_text_check(work->arena, "why it has nothing to do with it", why, STORE_TEXT_MAX));
    TRY(store_party_end(work, incident, organisation, role));
    return party_tell(work, "incident.party-ended", incident, organisation, role, why);
}

/* ---- What was seen ---- */

slice case_spelled(const struct observable *seen, struct arena *arena)
{
    static const unsigned alike = 1u << OBSERVABLE_DOMAIN | 1u << OBSERVABLE_HOST | 1u << OBSERVABLE_MD5 |
                                  1u << OBSERVABLE_SHA1 | 1u << OBSERVABLE_SHA256 | 1u << OBSERVABLE_SHA512 |
                                  1u << OBSERVABLE_EMAIL;
    struct buf same = buf_make(STORE_TEXT_MAX);
    slice value = seen->value;
    if ((alike >> seen->type & 1) != 0 && observable_normal(seen, &same))
        value = buf_slice(&same);
    value = arena_copy(arena, value);
    buf_free(&same);
    return value;
}

struct err case_observable_add(struct work *work, int64_t incident, slice type, slice value)
{
    struct incident row;
    struct observable seen = {.type = observable_type_find(type), .name = type};
    struct buf plain = buf_make(STORE_TEXT_MAX);
    TRY(case_incident_mine(work, incident, &row));
    TRY(store_text_check(work->arena, "value", value, STORE_TEXT_MAX));
    seen.value = arena_copy(work->arena, observable_refang(value, &plain) ? buf_slice(&plain) : value);
    buf_free(&plain);
    const char *wrong =
            seen.type == OBSERVABLE_NONE ? "there is no such type" : observable_wrong(seen.type, seen.value);
    if (wrong != NULL)
        return err_format(work->arena, ERR_INPUT, "%.*s: %s", (int)(type.len < 100 ? type.len : 100), type.ptr, wrong);
    slice kept = case_spelled(&seen, work->arena);
    TRY(store_incident_observable_add(work, incident, type, kept));
    struct buf shown = buf_make(8 * STORE_TEXT_MAX);
    shown_value_write(&shown, seen.type, kept);
    const struct desk_fact facts[] = {{"type", type}, {"value", buf_slice(&shown)}};
    struct err err = tell(work, "incident.observable", incident, facts, COUNT_OF(facts));
    buf_free(&shown);
    return err;
}

/* ---- What it costs ---- */

/* Kinds of impact that everybody counts alike; of money, and of the clinical side. */
static const struct {
    const char *kind;
    bool money, clinical;
} kinds[] = {
        {"loss", true, false},
        {"records", false, false},
        {"persons", false, false},
        {"devices", false, false},
        {"outage-hours", false, false},
        {"patients-diverted", false, true},
        {"procedures-postponed", false, true},
        {"results-delayed", false, true},
        {"patients-harmed", false, true},
};

const char *case_impact_kind(size_t at, bool *money)
{
    if (at >= COUNT_OF(kinds))
        return NULL;
    *money = kinds[at].money;
    return kinds[at].kind;
}

bool case_impact_is_clinical(slice kind)
{
    bool is = false;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        is |= kinds[i].clinical && slice_eq(kind, slice_of(kinds[i].kind));
    return is;
}

static struct err amounts_check(const struct impact *put, bool money, struct arena *arena)
{
    bool known = put->low != IMPACT_UNKNOWN && put->high != IMPACT_UNKNOWN;
    if ((put->low == IMPACT_UNKNOWN) != (put->high == IMPACT_UNKNOWN))
        return err_make(ERR_INPUT, "an impact has a least and a most, or neither: it is unknown then, and not nought");
    if (known && (put->low < 0 || put->high < put->low || put->high > AMOUNT_MAX))
        return err_make(ERR_INPUT, "an impact goes from its least to its most, neither below nought");
    if (money && known && (!plan_currency_is(put->unit) || put->basis.len == 0))
        return err_make(
                ERR_INPUT, "money has a currency of three capital letters and a basis: of what it was reckoned");
    if (!money && put->unit.len > 0)
        return err_format(arena, ERR_INPUT, "%.*s is a count, without a currency", (int)put->kind.len, put->kind.ptr);
    return OK;
}

struct err case_impact_check(const struct impact *put, struct arena *arena)
{
    static const char *const confidences[] = {"low", "medium", "high"};
    bool sure = false;
    for (size_t i = 0; i < COUNT_OF(confidences); i++)
        sure |= slice_eq(put->confidence, slice_of(confidences[i]));
    if (!sure)
        return err_make(ERR_INPUT, "confidence: low, medium or high");
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (slice_eq(put->kind, slice_of(kinds[i].kind)))
            return amounts_check(put, kinds[i].money, arena);
    return err_make(ERR_INPUT, "kind of impact: loss, records, persons, devices, outage-hours, patients-diverted, "
                               "procedures-postponed, results-delayed or patients-harmed");
}

static slice amount_text(int64_t amount, struct arena *arena)
{
    return amount == IMPACT_UNKNOWN ? S("unknown") : slice_of(arena_printf(arena, "%" PRId64, amount));
}

struct err case_impact_keep(struct work *work, int64_t incident, const struct impact *put, int64_t *number)
{
    TRY(store_impact_add(work, incident, put, number));
    const struct desk_fact facts[] = {{"kind", put->kind}, {"low", amount_text(put->low, work->arena)},
            {"high", amount_text(put->high, work->arena)}, {"unit", put->unit}};
    return tell(work, "incident.impact", incident, facts, COUNT_OF(facts));
}

struct err case_impact_add(struct work *work, int64_t incident, const struct impact *put, int64_t *number)
{
    struct incident row;
    struct impact kept = *put;
    TRY(case_incident_mine(work, incident, &row));
    TRY(case_impact_check(put, work->arena));
    kept.basis = store_text_keep(work->arena, put->basis, SOURCE_MAX);
    kept.at_us = put->at_us == TIME_NONE ? work->now_us : put->at_us;
    TRY(case_impact_keep(work, incident, &kept, number));
    return case_round_told(work, &row, &kept);
}

/* ---- How bad it is on the scales of others ---- */

/* Names of the levels as their owners have them; nothing is ever reckoned from one scale to another. */
static const struct scale {
    const char *name;
    const char *levels[8];
} scales[] = {
        {"uk-ncsc", {"C1", "C2", "C3", "C4", "C5", "C6"}},
        {"us-nciss", {"baseline-negligible", "baseline-minor", "low", "medium", "high", "severe", "emergency"}},
        {"cn-2025", {"general", "relatively-large", "major", "particularly-major"}},
        {"id-risk", {"low", "medium", "high", "very-high"}},
};

bool case_scale(size_t at, const char **scale, const char **level)
{
    for (size_t i = 0; i < COUNT_OF(scales); i++)
        for (size_t j = 0; j < COUNT_OF(scales[i].levels) && scales[i].levels[j] != NULL; j++)
            if (at-- == 0) {
                *scale = scales[i].name;
                *level = scales[i].levels[j];
                return true;
            }
    return false;
}

struct err case_scale_put(struct work *work, int64_t incident, slice scale, slice level, slice why)
{
    struct incident row;
    bool known = false;
    TRY(case_incident_mine(work, incident, &row));
    TRY(store_text_check(work->arena, "who said so, and why", why, STORE_TEXT_MAX));
    for (size_t i = 0; i < COUNT_OF(scales); i++)
        for (size_t j = 0; slice_eq(scale, slice_of(scales[i].name)) && scales[i].levels[j] != NULL; j++)
            known |= slice_eq(level, slice_of(scales[i].levels[j]));
    if (!known)
        return err_format(work->arena, ERR_INPUT, "the scale \"%.*s\" has no level \"%.*s\"", (int)scale.len, scale.ptr,
                (int)level.len, level.ptr);
    TRY(store_scale_put(work, incident, scale, level, why));
    const struct desk_fact facts[] = {{"scale", scale}, {"level", level}, {"why", why}};
    return tell(work, "incident.scale", incident, facts, COUNT_OF(facts));
}

/* ---- Other incidents ---- */

static const char *const link_kinds[] = {"same-campaign", "caused-by", "related"};

const char *case_link_kind(size_t at)
{
    return at < COUNT_OF(link_kinds) ? link_kinds[at] : NULL;
}

struct err case_incident_link(struct work *work, int64_t incident, int64_t other, slice kind)
{
    struct incident row;
    bool known = false;
    TRY(case_incident_mine(work, incident, &row));
    TRY(case_incident_reach(work->db, work->actor, other, work->arena, &row));
    for (size_t i = 0; i < COUNT_OF(link_kinds); i++)
        known |= slice_eq(kind, slice_of(link_kinds[i]));
    if (!known || incident == other)
        return err_make(ERR_INPUT, "another incident is linked as same-campaign, caused-by or related");
    TRY(store_incident_link(work, incident, other, kind));
    slice number = slice_of(arena_printf(work->arena, "%" PRId64, other));
    return tell(work, "incident.linked", incident, (struct desk_fact[]){{"other", number}, {"kind", kind}}, 2);
}

/* ---- Who sees what ---- */

struct err case_sees(struct db *db, const struct actor *actor, const struct incident *incident, struct arena *arena,
        enum case_sight *sight)
{
    bool party = false;
    struct err err = store_right_check(actor, VERB_READ_INCIDENTS, 0, arena, NULL);
    *sight = CASE_NOTHING;
    if (err.kind == ERR_NONE) {
        if (store_restricted_seen(actor, incident->flags, incident->holder))
            *sight = CASE_ALL;
        return OK;
    }
    if (err.kind != ERR_DENIED || actor->organisation == 0)
        return err.kind == ERR_DENIED ? OK : err;
    err = store_right_check(actor, VERB_READ_INCIDENTS, actor->organisation, arena, NULL);
    if (err.kind != ERR_NONE)
        return err.kind == ERR_DENIED ? OK : err;
    TRY(store_party_is(db, incident->number, actor->organisation, PARTY_SEEING, &party));
    if (party && !store_restricted(incident->flags))
        *sight = CASE_PART;
    return OK;
}

bool case_incident_is_for_few(const struct incident *incident)
{
    return slice_eq(incident->marking, S("TLP:RED")) || store_restricted(incident->flags);
}

struct err case_incident_reach(
        struct db *db, const struct actor *actor, int64_t incident, struct arena *arena, struct incident *row)
{
    enum case_sight sight;
    TRY(store_incident_get(db, incident, arena, row));
    TRY(case_sees(db, actor, row, arena, &sight));
    return sight == CASE_ALL || !store_restricted(row->flags) ? OK : err_make(ERR_MISSING, "there is no such incident");
}

struct err case_incident_customers(struct db *db, const struct actor *actor, const struct incident *incident,
        struct arena *arena, struct supply **rows, size_t *row_count)
{
    enum case_sight sight;
    TRY(case_sees(db, actor, incident, arena, &sight));
    if (sight != CASE_ALL)
        return err_make(ERR_MISSING, "there is no such incident");
    return store_supply_around(db, incident->number, clock_now_us(), arena, rows, row_count);
}

bool case_entry_seen(const struct incident_entry *entry, enum case_sight sight, int64_t organisation)
{
    if (sight != CASE_PART)
        return sight == CASE_ALL;
    return entry->audience == AUDIENCE_PARTIES || entry->audience == organisation || entry->home == organisation;
}

/* ---- What people wrote ---- */

struct err case_entry_author(struct work *work, const struct incident *row, struct incident_entry *put)
{
    enum case_sight sight;
    int64_t own;
    TRY(store_organisation_own(work->db, &own));
    TRY(case_sees(work->db, work->actor, row, work->arena, &sight));
    if (sight == CASE_NOTHING)
        return err_make(ERR_MISSING, "there is no such incident");
    put->home = sight == CASE_ALL ? own : work->actor->organisation;
    if (sight == CASE_ALL)
        return store_right_check(work->actor, VERB_WORK_INCIDENTS, 0, work->arena, NULL);
    put->audience = put->home;
    return store_right_check(work->actor, VERB_TASKS, put->home, work->arena, NULL);
}

static struct err entry_check(struct work *work, const struct incident_entry *put)
{
    struct organisation whom;
    if (put->kind == ENTRY_OPINION)
        return err_make(ERR_INPUT, "an opinion has a form of its own, which says how far one agrees");
    TRY(store_prose_check(work->arena, "text", put->text, CASE_TEXT_MAX));
    if (put->source.len > 0)
        TRY(store_text_check(work->arena, "source", put->source, SOURCE_MAX));
    if (put->due_us != TIME_NONE && put->kind != ENTRY_QUESTION)
        return err_make(ERR_INPUT, "only a question waits for an answer by a moment");
    if ((put->answers != 0) != (put->kind == ENTRY_ANSWER))
        return err_make(ERR_INPUT, "an answer, and nothing else, names the question that it answers");
    if (put->happened_us != TIME_NONE && put->happened_us > work->now_us + MINUTE_US)
        return err_make(ERR_INPUT, "what is told has happened already");
    return put->audience > 0 ? store_organisation_get(work->db, put->audience, work->arena, &whom) : OK;
}

/* The question that it answers, of those that who writes sees. */
static struct err question_find(struct work *work, const struct incident *row, struct incident_entry *put)
{
    struct incident_entry question;
    enum case_sight sight;
    if (put->kind != ENTRY_ANSWER)
        return OK;
    TRY(case_sees(work->db, work->actor, row, work->arena, &sight));
    struct err err = store_entry_get(work->db, row->number, put->answers, work->arena, &question);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    if (err.kind == ERR_MISSING || question.kind != ENTRY_QUESTION ||
            !case_entry_seen(&question, sight, work->actor->organisation))
        return err_make(ERR_MISSING, "there is no such question in the incident");
    put->about = question.identity;
    return OK;
}

struct err case_entry_add(struct work *work, int64_t incident, const struct incident_entry *put, int64_t *number)
{
    struct incident row;
    struct incident_entry kept = *put;
    TRY(store_incident_keep(work, incident, &row));
    TRY(case_entry_author(work, &row, &kept));
    TRY(entry_check(work, &kept));
    TRY(question_find(work, &row, &kept));
    kept.happened_us = put->happened_us == TIME_NONE ? work->now_us : put->happened_us;
    kept.identity = case_identity(put->kind == ENTRY_EVENT ? "event" : "note", work->arena);
    TRY(store_entry_add(work, incident, &kept, number));
    const struct desk_fact facts[] = {{"kind", slice_of(store_entry_kind_name(put->kind))},
            {"entry", slice_of(arena_printf(work->arena, "%" PRId64, *number))}};
    return tell(work, "incident.entry", incident, facts, COUNT_OF(facts));
}

struct err case_entry_withdraw(struct work *work, int64_t incident, int64_t number, slice why)
{
    struct incident row;
    struct incident_entry entry, writer = {.number = number};
    enum case_sight sight;
    TRY(store_incident_keep(work, incident, &row));
    TRY(case_entry_author(work, &row, &writer));
    TRY(case_sees(work->db, work->actor, &row, work->arena, &sight));
    TRY(store_entry_get(work->db, incident, number, work->arena, &entry));
    if (!case_entry_seen(&entry, sight, work->actor->organisation))
        return err_make(ERR_MISSING, "there is no such entry in the incident");
    if (entry.home != writer.home)
        return err_make(ERR_CONFLICT, "who wrote it withdraws it, and nobody else");
    if (entry.withdrawn_us != TIME_NONE)
        return err_make(ERR_CONFLICT, "it was withdrawn before");
    if (why.len > 0)
        TRY(store_text_check(work->arena, "why it is withdrawn", why, STORE_TEXT_MAX));
    entry.withdrawn_us = work->now_us;
    TRY(store_entry_change(work, incident, &entry));
    const struct desk_fact facts[] = {{"kind", slice_of(store_entry_kind_name(entry.kind))},
            {"entry", slice_of(arena_printf(work->arena, "%" PRId64, number))}, {"why", why}};
    return tell(work, "incident.entry-withdrawn", incident, facts, why.len > 0 ? 3 : 2);
}
