/* SPDX-License-Identifier: Apache-2.0 */
#include "store/agreement.h"

#include "base/arena.h"
#include "store/page.h"

static const char *const states[] = {
        [AGREEMENT_DRAFT] = "draft",
        [AGREEMENT_OFFERED] = "offered",
        [AGREEMENT_IN_FORCE] = "in-force",
        [AGREEMENT_SUSPENDED] = "suspended",
        [AGREEMENT_ENDED] = "ended",
};
static const char *const stages[] = {
        [VERSION_DRAFT] = "draft",
        [VERSION_RECEIVED] = "received",
        [VERSION_AGREED] = "agreed",
        [VERSION_SIGNED] = "signed",
        [VERSION_HELD] = "held",
        [VERSION_REFUSED] = "refused",
        [VERSION_REPLACED] = "replaced",
};
static const char *const sides[] = {
        [0] = "", [AGREEMENT_US] = "us", [AGREEMENT_THEM] = "them", [AGREEMENT_US | AGREEMENT_THEM] = "both"};

const char *store_agreement_state_name(enum agreement_state state)
{
    return states[state];
}

const char *store_agreement_stage_name(enum agreement_stage stage)
{
    return stages[stage];
}

const char *store_agreement_side_name(unsigned suspended)
{
    return sides[suspended];
}

/* The place of a word; the last one for a word that is none. */
static size_t word_find(slice word, const char *const *words, size_t count)
{
    size_t at = 0;
    while (at + 1 < count && !slice_eq(word, slice_of(words[at])))
        at++;
    return at;
}

/* ---- Agreements ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, id, partner, state, suspended, version, generation, terms, from_us, until_us, log, reminded_us, "  \
    "added_us, ended_us, why FROM agreement "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct agreement *)row = (struct agreement){
            .number = db_number(rows, 0),
            .id = arena_copy(arena, db_slice(rows, 1)),
            .partner = db_number(rows, 2),
            .state = (enum agreement_state)word_find(db_slice(rows, 3), states, COUNT_OF(states)),
            .suspended = (unsigned)word_find(db_slice(rows, 4), sides, COUNT_OF(sides)),
            .version = db_number(rows, 5),
            .generation = db_number(rows, 6),
            .terms = arena_copy(arena, db_slice(rows, 7)),
            .from_us = db_number(rows, 8),
            .until_us = db_number(rows, 9),
            .log = db_number(rows, 10),
            .reminded_us = page_time(rows, 11),
            .added_us = db_number(rows, 12),
            .ended_us = page_time(rows, 13),
            .why = arena_copy(arena, db_slice(rows, 14)),
    };
}

struct err store_agreement_add(struct work *work, const struct agreement *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO agreement (number, id, partner, state, suspended, version, generation, terms, from_us, "
            "until_us, log, reminded_us, added_us, ended_us, why) "
            "VALUES ($1, $2, $3, 'draft', '', 0, 0, $4, 0, 0, 0, NULL, $5, NULL, '') ON CONFLICT DO NOTHING";
    int64_t fresh;
    uint64_t changed;
    TRY(store_number(work->db, "agreement", 1, &fresh));
    const struct db_value values[] = {
            db_i64(fresh), db_text(put->id), db_i64(put->partner), db_bytes(S("")), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_make(ERR_CONFLICT, "there is an agreement with that partner, or of that id, already");
    *number = fresh;
    return OK;
}

struct err store_agreement_hold(struct work *work, int64_t number, struct agreement *row)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char HOLD[] = "UPDATE agreement SET state = state WHERE number = $1";
    TRY(db_run(work->db, HOLD, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_agreement_get(work->db, number, work->arena, row);
}

struct err store_agreement_change(struct work *work, const struct agreement *row)
{
    static const char CHANGE[] =
            "UPDATE agreement SET state = $2, suspended = $3, version = $4, generation = $5, terms = $6, from_us = $7, "
            "until_us = $8, log = $9, reminded_us = $10, ended_us = $11, why = $12 WHERE number = $1";
    uint64_t changed;
    const struct db_value values[] = {db_i64(row->number), db_text(slice_of(states[row->state])),
            db_text(slice_of(sides[row->suspended])), db_i64(row->version), db_i64(row->generation),
            db_bytes(row->terms), db_i64(row->from_us), db_i64(row->until_us), db_i64(row->log),
            page_time_value(row->reminded_us), page_time_value(row->ended_us),
            db_text(store_text_keep(work->arena, row->why, STORE_TEXT_MAX))};
    TRY(db_run(work->db, CHANGE, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_MISSING, "there is no such agreement");
}

struct err store_agreement_get(struct db *db, int64_t number, struct arena *arena, struct agreement *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct agreement, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such agreement");
}

struct err store_agreement_find(struct db *db, slice id, struct arena *arena, struct agreement *row)
{
    static const char FIND[] = COLUMNS "WHERE id = $1";
    struct page page = page_of(struct agreement, FIND, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(id)}, 1, arena, row, "there is no agreement of that id");
}

struct err store_agreement_with(struct db *db, int64_t partner, struct arena *arena, struct agreement *row)
{
    /* A new one is only begun when the one before has ended. */
    static const char WITH[] = COLUMNS "WHERE partner = $1 ORDER BY partner DESC, number DESC LIMIT 1";
    struct page page = page_of(struct agreement, WITH, row_read, 1);
    return page_get(
            db, &page, (struct db_value[]){db_i64(partner)}, 1, arena, row, "there is no agreement with that partner");
}

struct err store_agreement_log_before(struct db *db, int64_t partner, int64_t number, int64_t *log)
{
    static const char BEFORE[] = "SELECT log FROM agreement WHERE partner = $1 AND number < $2 AND log <> 0 "
                                 "ORDER BY partner DESC, number DESC LIMIT 1";
    return db_one(db, BEFORE, (struct db_value[]){db_i64(partner), db_i64(number)}, 2, 0, log);
}

struct err store_agreement_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct agreement **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct agreement, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_agreement_ending(
        struct db *db, int64_t by_us, size_t count, struct arena *arena, struct agreement **rows, size_t *row_count)
{
    static const char LIST[] =
            COLUMNS "WHERE state <> 'ended' AND until_us <= $1 AND until_us > 0 ORDER BY until_us LIMIT $2";
    struct page page = page_of(struct agreement, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(by_us)}, 1, arena, (void **)rows, row_count);
}

/* ---- Versions ---- */

#define VERSIONS                                                                                                       \
    "SELECT agreement, version, terms, state, ours, theirs, narrows, made_us, held_us, why FROM agreement_version "

static void version_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct agreement_version *)row = (struct agreement_version){
            .agreement = db_number(rows, 0),
            .version = db_number(rows, 1),
            .terms = arena_copy(arena, db_slice(rows, 2)),
            .stage = (enum agreement_stage)word_find(db_slice(rows, 3), stages, COUNT_OF(stages)),
            .ours = arena_copy(arena, db_slice(rows, 4)),
            .theirs = arena_copy(arena, db_slice(rows, 5)),
            .narrows = db_number(rows, 6) != 0,
            .made_us = db_number(rows, 7),
            .held_us = page_time(rows, 8),
            .why = arena_copy(arena, db_slice(rows, 9)),
    };
}

struct err store_agreement_version_put(struct work *work, const struct agreement_version *put)
{
    static const char PUT[] =
            "INSERT INTO agreement_version (agreement, version, terms, state, ours, theirs, narrows, made_us, held_us, "
            "why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (agreement, version) DO UPDATE SET "
            "terms = excluded.terms, state = excluded.state, ours = excluded.ours, theirs = excluded.theirs, "
            "narrows = excluded.narrows, made_us = excluded.made_us, held_us = excluded.held_us, why = excluded.why";
    const struct db_value values[] = {db_i64(put->agreement), db_i64(put->version), db_bytes(put->terms),
            db_text(slice_of(stages[put->stage])), db_bytes(put->ours), db_bytes(put->theirs), db_i64(put->narrows),
            db_i64(put->made_us), page_time_value(put->held_us),
            db_text(store_text_keep(work->arena, put->why, STORE_TEXT_MAX))};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_agreement_version_get(
        struct db *db, int64_t agreement, int64_t version, struct arena *arena, struct agreement_version *row)
{
    static const char GET[] = VERSIONS "WHERE agreement = $1 AND version = $2";
    struct page page = page_of(struct agreement_version, GET, version_read, 1);
    const struct db_value values[] = {db_i64(agreement), db_i64(version)};
    return page_get(db, &page, values, COUNT_OF(values), arena, row, "the agreement has no such version");
}

struct err store_agreement_version_list(struct db *db, int64_t agreement, int64_t after, size_t count,
        struct arena *arena, struct agreement_version **rows, size_t *row_count)
{
    static const char LIST[] = VERSIONS "WHERE agreement = $1 AND version > $2 ORDER BY version LIMIT $3";
    struct page page = page_of(struct agreement_version, LIST, version_read, count);
    const struct db_value values[] = {db_i64(agreement), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}
