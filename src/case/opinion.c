/* SPDX-License-Identifier: Apache-2.0 */
#include "case/opinion.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/observable.h"
#include "case/across_parts.h"
#include "case/field.h"
#include "desk/fact.h"
#include "stix/id.h"
#include "store/object.h"
#include "store/organisation.h"

#define IDS_SCRATCH (16u << 20) /* in which the id of one value is made */

/* opinion-enum, STIX 2.1 section 10.18 */
static const char *const words[] = {"strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"};

const char *case_opinion_word(size_t at)
{
    return at < COUNT_OF(words) ? words[at] : NULL;
}

bool case_opinion_is(slice word)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_eq(word, slice_of(words[i])))
            return true;
    return false;
}

/* ---- What it is about ---- */

struct case_abouts case_abouts(struct db *db, const struct incident *incident, struct arena *arena)
{
    return (struct case_abouts){.db = db, .incident = incident, .arena = arena};
}

/* Ids of values are made of them (STIX 2.1 section 2.9), each in memory of its own, which is much. */
static struct err ids_make(struct case_abouts *abouts)
{
    struct incident_observable *rows;
    struct arena *scratch = arena_open("ids of values", ARENA_WORK, IDS_SCRATCH);
    struct err err =
            store_incident_observables(abouts->db, abouts->incident->number, abouts->arena, &rows, &abouts->seen_count);
    if (err.kind == ERR_NONE)
        abouts->seen = arena_new(abouts->arena, struct case_about_id, abouts->seen_count + 1);
    for (size_t i = 0; err.kind == ERR_NONE && i < abouts->seen_count; i++) {
        slice id;
        arena_reset(scratch);
        err = across_observable_id(rows[i].type, rows[i].value, scratch, &id);
        abouts->seen[i] = (struct case_about_id){arena_copy(abouts->arena, id), rows[i].value};
    }
    arena_close(scratch);
    abouts->made = true;
    return err;
}

static struct err seen_of_id(struct case_abouts *abouts, slice about, struct case_about *found)
{
    if (!abouts->made)
        TRY(ids_make(abouts));
    for (size_t i = 0; about.len > 0 && i < abouts->seen_count; i++)
        if (slice_eq(abouts->seen[i].id, about))
            *found = (struct case_about){.kind = CASE_ABOUT_SEEN, .value = abouts->seen[i].value};
    return OK;
}

struct err case_about_get(struct case_abouts *abouts, slice about, struct case_about *found)
{
    struct incident_entry entry;
    int64_t whose;
    *found = (struct case_about){.kind = CASE_ABOUT_OTHER, .value = about};
    if (slice_eq(about, abouts->incident->identity)) {
        found->kind = CASE_ABOUT_INCIDENT;
        return OK;
    }
    struct err err = store_entry_of_identity(abouts->db, about, abouts->arena, &whose, &entry);
    if (err.kind == ERR_MISSING)
        return seen_of_id(abouts, about, found);
    if (err.kind == ERR_NONE && whose == abouts->incident->number)
        *found = (struct case_about){.kind = CASE_ABOUT_ENTRY, .entry = entry.number, .value = about};
    return err;
}

/* ---- Finding it ---- */

struct holding {
    struct work *work;
    struct incident row;
    enum case_sight sight;
    struct incident_entry entry; /* the opinion, as it is written */
};

/*
 * Who has an entry: its parties, the one whose it is for, and who wrote it. What a partner told us is for nobody else,
 * and of a partner's incident that partner is all its parties.
 */
static bool has_it(const struct holding *holding, const struct incident_entry *about, int64_t own, int64_t audience)
{
    bool home_alone = holding->row.home != own && audience == AUDIENCE_PARTIES;
    int64_t whom = home_alone ? holding->row.home : audience;
    return whom == AUDIENCE_OWN || about->audience == AUDIENCE_PARTIES || about->audience == whom ||
           (about->home != own && about->home == whom);
}

static struct err entry_find(struct holding *holding, int64_t number)
{
    struct work *work = holding->work;
    struct incident_entry about;
    int64_t own;
    TRY(store_organisation_own(work->db, &own));
    TRY(store_entry_get(work->db, holding->row.number, number, work->arena, &about));
    if (!case_entry_seen(&about, holding->sight, work->actor->organisation))
        return err_make(ERR_MISSING, "there is no such entry in the incident");
    if (about.withdrawn_us != TIME_NONE)
        return err_make(ERR_CONFLICT, "that entry was withdrawn");
    if (!has_it(holding, &about, own, holding->entry.audience))
        return err_make(ERR_CONFLICT, "an opinion goes to nobody who has not the entry that it is about");
    holding->entry.about = about.identity;
    return OK;
}

/* As it was typed, or defanged. */
static struct err seen_find(struct holding *holding, slice typed)
{
    struct arena *arena = holding->work->arena;
    struct incident_observable *rows;
    struct buf plain = buf_make(STORE_TEXT_MAX);
    size_t count;
    slice value = observable_refang(typed, &plain) ? arena_copy(arena, buf_slice(&plain)) : typed;
    buf_free(&plain);
    TRY(store_incident_observables(holding->work->db, holding->row.number, arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (slice_eq(rows[i].value, typed) || slice_eq_fold(rows[i].value, value))
            return across_observable_id(rows[i].type, rows[i].value, arena, &holding->entry.about);
    return OK;
}

static struct err indicator_find(struct holding *holding, slice id)
{
    struct work *work = holding->work;
    int64_t *sources;
    size_t count, versions;
    TRY(store_object_sources(work->db, id, work->arena, &sources, &count, &versions));
    holding->entry.about = count > 0 ? id : S("");
    return OK;
}

static struct err about_find(struct holding *holding, slice typed)
{
    uint64_t number;
    struct stix_id id;
    if (typed.len == 0) {
        holding->entry.about = holding->row.identity;
        return OK;
    }
    if (slice_u64(typed, INT64_MAX, &number))
        return entry_find(holding, (int64_t)number);
    if (holding->sight == CASE_ALL)
        TRY(stix_id_parse(typed, &id) && slice_eq(id.type, S("indicator")) ? indicator_find(holding, typed)
                                                                           : seen_find(holding, typed));
    return holding->entry.about.len > 0
                   ? OK
                   : err_make(ERR_MISSING, "an opinion is about the incident, the number of an entry, a value that was "
                                           "seen in it or the id of an indicator: that is none of these");
}

/* ---- Saying it ---- */

static struct err tell(
        struct work *work, const char *act, int64_t incident, const struct desk_fact *facts, size_t count)
{
    return desk_fact_tell(work, act, CASE_SUBJECT, incident, work->actor->organisation, facts, count);
}

static slice number_text(struct work *work, int64_t number)
{
    return slice_of(arena_printf(work->arena, "%" PRId64, number));
}

static struct err opinion_add(struct holding *holding, int64_t *number)
{
    struct work *work = holding->work;
    holding->entry.identity = case_identity("opinion", work->arena);
    holding->entry.happened_us = work->now_us;
    TRY(store_entry_add(work, holding->row.number, &holding->entry, number));
    const struct desk_fact facts[] = {{"kind", slice_of(store_entry_kind_name(ENTRY_OPINION))},
            {"entry", number_text(work, *number)}, {"opinion", holding->entry.opinion}};
    return tell(work, "incident.entry", holding->row.number, facts, COUNT_OF(facts));
}

/* What somebody was told cannot be taken from them by naming another. */
static struct err opinion_change(struct holding *holding, struct incident_entry *before)
{
    struct work *work = holding->work;
    const struct incident_entry *put = &holding->entry;
    if (before->audience != AUDIENCE_OWN && before->audience != put->audience)
        return err_make(ERR_CONFLICT,
                "your opinion of that went to others: withdraw it before you say it to whom it is "
                "for now");
    if (before->audience == put->audience && slice_eq(before->opinion, put->opinion) &&
            slice_eq(before->text, put->text))
        return OK;
    const struct desk_fact facts[] = {
            {"entry", number_text(work, before->number)}, {"before", before->opinion}, {"after", put->opinion}};
    before->audience = put->audience;
    before->opinion = put->opinion;
    before->text = put->text;
    TRY(store_entry_change(work, holding->row.number, before));
    return tell(work, "incident.opinion", holding->row.number, facts, COUNT_OF(facts));
}

static struct err opinion_check(struct work *work, const struct case_opinion_put *put)
{
    struct organisation whom;
    if (!case_opinion_is(put->opinion))
        return err_make(ERR_INPUT,
                "an opinion is strongly-disagree, disagree, neutral, agree or strongly-agree (STIX 2.1 "
                "section 10.18)");
    if (put->why.len > 0)
        TRY(store_prose_check(work->arena, "why", put->why, CASE_TEXT_MAX));
    return put->audience > 0 ? store_organisation_get(work->db, put->audience, work->arena, &whom) : OK;
}

struct err case_opinion(struct work *work, int64_t incident, const struct case_opinion_put *put, int64_t *number)
{
    struct holding holding = {.work = work,
            .entry = {.kind = ENTRY_OPINION,
                    .audience = put->audience,
                    .opinion = put->opinion,
                    .text = put->why,
                    .actor = work->actor->name,
                    .due_us = TIME_NONE}};
    struct incident_entry before;
    TRY(store_incident_keep(work, incident, &holding.row));
    TRY(case_entry_author(work, &holding.row, &holding.entry));
    TRY(case_sees(work->db, work->actor, &holding.row, work->arena, &holding.sight));
    TRY(opinion_check(work, put));
    TRY(about_find(&holding, slice_trim(put->about)));
    struct err err = store_opinion_of(work->db, incident, &holding.entry, work->arena, &before);
    if (err.kind == ERR_MISSING)
        return opinion_add(&holding, number);
    TRY(err);
    *number = before.number;
    return opinion_change(&holding, &before);
}
