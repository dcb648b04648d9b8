/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A follower's step past a row comes first in its transaction and names the place that it leaves: of two processes the
 * slower finds the place changed and does nothing. Failures are counted in the same row, in a transaction of their
 * own, so that a program that dies of a row does not try it for ever.
 */
#include "store/follower.h"

#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/page.h"

#define PAGE_ROWS 256
#define RUN_ARENA_MAX (256u << 20) /* bytes for a page of rows and what is done for one of them */
#define RUN_MOST 10000             /* rows before it looks whether it is to end */
#define AGAIN_US 200000            /* before it tries again after an error of the database */
#define NAME_MAX_BYTES 64
#define WHY_MAX 1000

struct place {
    int64_t seq, failures;
};

/* ---- Its place ---- */

static void place_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(struct place *)row = (struct place){db_number(rows, 0), db_number(rows, 1)};
}

/* A new follower begins before the first row. */
static struct err place_get(struct db *db, const struct follower *follower, struct arena *arena, struct place *place)
{
    static const char GET[] = "SELECT seq, failures FROM follower WHERE name = $1";
    static const char ADD[] = "INSERT INTO follower (name, seq, moved_us, failures) VALUES ($1, 0, $2, 0) "
                              "ON CONFLICT (name) DO NOTHING";
    const struct db_value values[] = {db_text(slice_of(follower->name)), db_i64(0)};
    struct page page = page_of(struct place, GET, place_read, 1);
    struct err err = page_get(db, &page, values, 1, arena, place, "it is new");
    if (err.kind != ERR_MISSING)
        return err;
    TRY(db_run(db, ADD, values, COUNT_OF(values), NULL));
    return page_get(db, &page, values, 1, arena, place, "a follower's row is gone");
}

/* False in *ours: somebody else moved it meanwhile. */
static struct err place_move(struct work *work, const char *name, int64_t from, int64_t to, bool *ours)
{
    static const char MOVE[] = "UPDATE follower SET seq = $3, moved_us = $4, failures = 0 WHERE name = $1 AND seq = $2";
    const struct db_value values[] = {db_text(slice_of(name)), db_i64(from), db_i64(to), db_i64(work->now_us)};
    uint64_t changed;
    TRY(db_run(work->db, MOVE, values, COUNT_OF(values), &changed));
    *ours = changed > 0;
    return OK;
}

/* ---- One row ---- */

struct step {
    const struct follower *follower;
    const struct journal_row *row; /* NULL: only move */
    int64_t from, to;
    struct err why; /* that it could not be done */
    bool ours;
};

static struct err step(struct work *work, void *context)
{
    struct step *step = context;
    TRY(place_move(work, step->follower->name, step->from, step->to, &step->ours));
    if (step->row == NULL || !step->ours)
        return OK;
    return step->follower->row(step->follower->context, work, step->row);
}

static struct err park(struct work *work, void *context)
{
    static const char FAILED[] = "UPDATE follower SET failures = failures + 1 WHERE name = $1 AND seq = $2 "
                                 "RETURNING failures";
    static const char PARK[] = "INSERT INTO parked (follower, seq, parked_us, why) VALUES ($1, $2, $3, $4) "
                               "ON CONFLICT (follower, seq) DO UPDATE SET why = excluded.why";
    struct step *step = context;
    slice why = store_text_keep(work->arena, slice_of(step->why.why), WHY_MAX);
    const struct db_value values[] = {
            db_text(slice_of(step->follower->name)), db_i64(step->to), db_i64(work->now_us), db_text(why)};
    int64_t failures;
    TRY(db_one(work->db, FAILED, (struct db_value[]){values[0], db_i64(step->from)}, 2, 0, &failures));
    step->ours = failures >= FOLLOWER_TRIES;
    if (!step->ours)
        return OK;
    TRY(db_run(work->db, PARK, values, COUNT_OF(values), NULL));
    return place_move(work, step->follower->name, step->from, step->to, &step->ours);
}

/* The node itself, in the name of the follower. */
static struct actor actor_of(const struct follower *follower, struct arena *arena)
{
    return (struct actor){.name = slice_of(arena_printf(arena, "@%s", follower->name)), .how = ACTOR_FOLLOWER};
}

/* *past: it is behind the row, whether done or parked. */
static struct err row_do(struct db *db, const struct follower *follower, int64_t from, const struct journal_row *row,
        struct arena *arena, bool *past)
{
    struct actor actor = actor_of(follower, arena);
    struct step one = {.follower = follower, .row = row, .from = from, .to = row->seq};
    one.why = store_work(db, &actor, arena, step, &one);
    if (one.why.kind == ERR_NONE) {
        *past = one.ours;
        return OK;
    }
    one.why.why = arena_cstr(arena, slice_of(one.why.why));
    TRY(store_work(db, &actor, arena, park, &one));
    *past = one.ours;
    return OK;
}

static bool is_wanted(const struct follower *follower, const struct journal_row *row)
{
    if (row->actor.len > 0 && row->actor.ptr[0] == '@' && slice_eq(slice_from(row->actor, 1), slice_of(follower->name)))
        return false;
    if (follower->acts == NULL)
        return true;
    for (size_t i = 0; follower->acts[i] != NULL; i++)
        if (slice_eq(row->act, slice_of(follower->acts[i])))
            return true;
    return false;
}

/* ---- What was parked, and is to be done again ---- */

/* False in *there: no such row is parked. */
static struct err unpark(struct work *work, slice follower, int64_t seq, bool *there)
{
    static const char DROP[] = "DELETE FROM parked WHERE follower = $1 AND seq = $2";
    uint64_t changed;
    TRY(db_run(work->db, DROP, (struct db_value[]){db_text(follower), db_i64(seq)}, 2, &changed));
    *there = changed > 0;
    return OK;
}

static struct err again_do(struct work *work, void *context)
{
    struct step *step = context;
    TRY(unpark(work, slice_of(step->follower->name), step->to, &step->ours));
    return step->ours ? step->follower->row(step->follower->context, work, step->row) : OK;
}

/* In vain: it stays parked, and is not tried again by itself. */
static struct err again_failed(struct work *work, void *context)
{
    static const char WHY[] = "UPDATE parked SET why = $3, again = 0 WHERE follower = $1 AND seq = $2";
    const struct step *step = context;
    const struct db_value values[] = {db_text(slice_of(step->follower->name)), db_i64(step->to),
            db_text(store_text_keep(work->arena, slice_of(step->why.why), WHY_MAX))};
    return db_run(work->db, WHY, values, COUNT_OF(values), NULL);
}

/* The first of them; *did counts it whether it went well or not. */
static struct err again_one(struct db *db, const struct follower *follower, struct arena *arena, uint64_t *did)
{
    static const char NEXT[] = "SELECT COALESCE(min(seq), 0) FROM parked WHERE follower = $1 AND again = 1";
    struct actor actor = actor_of(follower, arena);
    struct step again = {.follower = follower};
    struct journal_row *rows;
    size_t count;
    TRY(db_one(db, NEXT, (struct db_value[]){db_text(slice_of(follower->name))}, 1, 0, &again.to));
    if (again.to == 0)
        return OK;
    TRY(store_journal_list(db, again.to - 1, 1, arena, &rows, &count));
    if (count == 0 || rows[0].seq != again.to)
        return err_make(ERR_SYSTEM, "a parked row is not in the journal");
    again.row = &rows[0];
    again.why = store_work(db, &actor, arena, again_do, &again);
    ++*did;
    if (again.why.kind == ERR_NONE)
        return OK;
    again.why.why = arena_cstr(arena, slice_of(again.why.why));
    return store_work(db, &actor, arena, again_failed, &again);
}

/* ---- As far as it goes ---- */

/* A row that is to be done again, or a page of rows: what is not wanted is passed with the next row that is, or at the
 * end. */
static struct err page_do(
        struct db *db, const struct follower *follower, size_t most, struct arena *arena, uint64_t *did, bool *more)
{
    struct place place;
    struct journal_row *rows;
    size_t count, at = 0;
    bool past = true;
    uint64_t again = *did;
    TRY(again_one(db, follower, arena, did));
    if (*did > again) {
        *more = true;
        return OK;
    }
    TRY(place_get(db, follower, arena, &place));
    TRY(store_journal_list(db, place.seq, PAGE_ROWS, arena, &rows, &count));
    int64_t from = place.seq;
    for (; at < count && past && *did < most; at++) {
        if (!is_wanted(follower, &rows[at]))
            continue;
        TRY(row_do(db, follower, from, &rows[at], arena, &past));
        from = past ? rows[at].seq : from;
        *did += past;
    }
    *more = at == PAGE_ROWS || !past;
    if (!past || at == 0 || from == rows[at - 1].seq)
        return OK;
    struct actor actor = actor_of(follower, arena);
    struct step move = {.follower = follower, .from = from, .to = rows[at - 1].seq};
    return store_work(db, &actor, arena, step, &move);
}

struct err store_follower_once(
        struct db *db, const struct follower *follower, size_t most, struct arena *arena, uint64_t *did)
{
    bool more = true;
    uint64_t done = 0;
    struct err err = OK;
    if (strlen(follower->name) > NAME_MAX_BYTES)
        return err_make(ERR_LIMIT, "the name of a follower is too long");
    while (more && done < most && err.kind == ERR_NONE) {
        struct arena *page = arena_open("what a follower does", ARENA_WORK, RUN_ARENA_MAX);
        err = page_do(db, follower, most, page, &done, &more);
        if (err.kind != ERR_NONE)
            err.why = arena_cstr(arena, slice_of(err.why));
        arena_close(page);
    }
    *did = done;
    return err;
}

struct err store_follower_next(
        struct db *db, const struct follower *follower, struct arena *arena, struct journal_row *row, bool *found)
{
    struct place place;
    size_t count = PAGE_ROWS;
    *found = false;
    TRY(place_get(db, follower, arena, &place));
    while (count == PAGE_ROWS && !*found) {
        struct journal_row *rows;
        TRY(store_journal_list(db, place.seq, PAGE_ROWS, arena, &rows, &count));
        for (size_t i = 0; i < count && !*found; i++) {
            *row = rows[i];
            *found = is_wanted(follower, row);
        }
        place.seq = count > 0 ? rows[count - 1].seq : place.seq;
    }
    return OK;
}

void store_follower_run(struct db *db, const struct follower *follower, const atomic_bool *stop,
        void (*failed)(void *context, struct err err))
{
    struct arena *arena = arena_open("a follower", ARENA_WORK, 1u << 20);
    while (!atomic_load(stop)) {
        uint64_t did;
        bool news;
        struct err err = store_follower_once(db, follower, RUN_MOST, arena, &did);
        if (err.kind == ERR_NONE && did < RUN_MOST)
            err = store_journal_wait(db, FOLLOWER_STOP_MS, &news);
        if (err.kind != ERR_NONE && failed != NULL)
            failed(follower->context, err);
        if (err.kind != ERR_NONE)
            usleep(AGAIN_US);
        arena_reset(arena);
    }
    arena_close(arena);
}

/* ---- For people ---- */

static void state_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct follower_state *)row = (struct follower_state){
            .name = arena_copy(arena, db_slice(rows, 0)),
            .seq = db_number(rows, 1),
            .behind = db_number(rows, 2),
            .parked = db_number(rows, 3),
            .moved_us = db_number(rows, 4),
    };
}

struct err store_follower_list(struct db *db, struct arena *arena, struct follower_state **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT f.name, f.seq, COALESCE((SELECT c.value FROM counter c WHERE c.family = 'journal'), 0) - f.seq, "
            "(SELECT count(*) FROM parked p WHERE p.follower = f.name), f.moved_us "
            "FROM follower f ORDER BY f.name LIMIT $1";
    struct page page = page_of(struct follower_state, LIST, state_read, STORE_PAGE_MAX);
    return page_read(db, &page, NULL, 0, arena, (void **)rows, row_count);
}

static void parked_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct parked *)row = (struct parked){
            .follower = arena_copy(arena, db_slice(rows, 0)),
            .seq = db_number(rows, 1),
            .parked_us = db_number(rows, 2),
            .act = arena_copy(arena, db_slice(rows, 3)),
            .subject = arena_copy(arena, db_slice(rows, 4)),
            .why = arena_copy(arena, db_slice(rows, 5)),
            .again = db_number(rows, 6) != 0,
    };
}

struct err store_parked_list(struct db *db, slice after_follower, int64_t after_seq, size_t count, struct arena *arena,
        struct parked **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT p.follower, p.seq, p.parked_us, j.act, j.subject, p.why, p.again "
                               "FROM parked p JOIN journal j ON j.seq = p.seq "
                               "WHERE (p.follower, p.seq) > ($1, $2) ORDER BY p.follower, p.seq LIMIT $3";
    const struct db_value values[] = {db_text(after_follower), db_i64(after_seq)};
    struct page page = page_of(struct parked, LIST, parked_read, count);
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

static struct err parked_tell(struct work *work, const char *act, slice follower, int64_t seq, slice detail)
{
    const char *subject =
            arena_printf(work->arena, "follower/%.*s/%lld", (int)follower.len, follower.ptr, (long long)seq);
    return store_work_news(work, act, slice_of(subject), detail);
}

struct err store_parked_retry(struct work *work, slice follower, int64_t seq)
{
    static const char AGAIN[] = "UPDATE parked SET again = 1 WHERE follower = $1 AND seq = $2";
    uint64_t changed;
    TRY(db_run(work->db, AGAIN, (struct db_value[]){db_text(follower), db_i64(seq)}, 2, &changed));
    if (changed == 0)
        return err_make(ERR_MISSING, "no such row is parked");
    return parked_tell(work, "follower.again", follower, seq, S(""));
}

struct err store_parked_dismiss(struct work *work, slice follower, int64_t seq, slice reason)
{
    bool there;
    TRY(unpark(work, follower, seq, &there));
    if (!there)
        return err_make(ERR_MISSING, "no such row is parked");
    return parked_tell(work, "follower.dismissed", follower, seq, store_work_reason(work->arena, reason));
}
