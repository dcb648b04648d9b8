/* SPDX-License-Identifier: Apache-2.0 */
#include "store/witness.h"

#include "base/arena.h"
#include "store/page.h"

/* ---- Heads ---- */

#define COLUMNS "SELECT origin, seen_by, partner, size, root, checkpoint, cosigned, seen_us FROM witnessed "

static void witnessed_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct witnessed *witnessed = row;
    slice root = db_slice(rows, 4);
    *witnessed = (struct witnessed){
            .origin = arena_copy(arena, db_slice(rows, 0)),
            .seen_by = db_number(rows, 1),
            .partner = db_number(rows, 2),
            .size = db_number(rows, 3),
            .checkpoint = arena_copy(arena, db_slice(rows, 5)),
            .cosigned = db_number(rows, 6) != 0,
            .seen_us = db_number(rows, 7),
    };
    if (root.len == sizeof witnessed->root.bytes)
        memcpy(witnessed->root.bytes, root.ptr, root.len);
}

struct err store_witnessed_get(
        struct db *db, slice origin, int64_t seen_by, struct arena *arena, struct witnessed *witnessed)
{
    static const char GET[] = COLUMNS "WHERE origin = $1 AND seen_by = $2";
    struct page page = page_of(struct witnessed, GET, witnessed_read, 1);
    const struct db_value values[] = {db_text(origin), db_i64(seen_by)};
    return page_get(db, &page, values, COUNT_OF(values), arena, witnessed, "no head of that log was seen");
}

struct err store_witnessed_put(struct work *work, const struct witnessed *witnessed, int64_t before)
{
    static const char PUT[] =
            "INSERT INTO witnessed (origin, seen_by, partner, size, root, checkpoint, cosigned, seen_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (origin, seen_by) DO UPDATE SET "
            "partner = excluded.partner, size = excluded.size, root = excluded.root, checkpoint = excluded.checkpoint, "
            "cosigned = excluded.cosigned, seen_us = excluded.seen_us WHERE witnessed.size = $9";
    const struct db_value values[] = {db_text(witnessed->origin), db_i64(witnessed->seen_by),
            db_i64(witnessed->partner), db_i64(witnessed->size), db_bytes(sha256_slice(&witnessed->root)),
            db_bytes(witnessed->checkpoint), db_i64(witnessed->cosigned), db_i64(work->now_us), db_i64(before)};
    uint64_t changed;
    TRY(store_text_check(work->arena, "origin of a log", witnessed->origin, STORE_NAME_MAX));
    TRY(db_run(work->db, PUT, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "another head of that log was seen meanwhile");
}

struct err store_witnessed_list(
        struct db *db, int64_t partner, struct arena *arena, struct witnessed **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE partner = $1 ORDER BY origin, seen_by LIMIT $2";
    struct page page = page_of(struct witnessed, LIST, witnessed_read, STORE_PAGE_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(partner)}, 1, arena, (void **)rows, row_count);
}

struct err store_witnessed_since(struct db *db, int64_t since_us, const struct witnessed *after, size_t count,
        struct arena *arena, struct witnessed **rows, size_t *row_count)
{
    static const char SINCE[] = COLUMNS "WHERE partner = 0 AND (origin > $1 OR (origin = $1 AND seen_by > $2)) "
                                        "AND seen_us >= $3 ORDER BY origin, seen_by LIMIT $4";
    struct page page = page_of(struct witnessed, SINCE, witnessed_read, count);
    const struct db_value values[] = {db_text(after == NULL ? S("") : after->origin),
            db_i64(after == NULL ? -1 : after->seen_by), db_i64(since_us)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* ---- Split views ---- */

static void split_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct split_view *)row = (struct split_view){
            .number = db_number(rows, 0),
            .partner = db_number(rows, 1),
            .origin = arena_copy(arena, db_slice(rows, 2)),
            .proof = arena_copy(arena, db_slice(rows, 3)),
            .found_us = db_number(rows, 4),
            .cleared_us = page_time(rows, 5),
            .cleared_by = arena_copy(arena, db_slice(rows, 6)),
    };
}

struct err store_split_put(struct work *work, int64_t partner, slice origin, slice proof, int64_t *number, bool *fresh)
{
    static const char THERE[] = "SELECT number FROM split_view WHERE partner = $1 AND origin = $2 AND proof = $3";
    static const char PUT[] = "INSERT INTO split_view (number, partner, origin, proof, found_us, cleared_by) "
                              "VALUES ($1, $2, $3, $4, $5, '')";
    const struct db_value there[] = {db_i64(partner), db_text(origin), db_bytes(proof)};
    int64_t kept = 0;
    TRY(db_one(work->db, THERE, there, COUNT_OF(there), 0, &kept));
    *fresh = kept == 0;
    if (*fresh) {
        TRY(store_number(work->db, "split_view", 1, &kept));
        const struct db_value values[] = {
                db_i64(kept), db_i64(partner), db_text(origin), db_bytes(proof), db_i64(work->now_us)};
        TRY(db_run(work->db, PUT, values, COUNT_OF(values), NULL));
    }
    *number = kept;
    return OK;
}

struct err store_split_list(
        struct db *db, int64_t before, size_t count, struct arena *arena, struct split_view **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT number, partner, origin, proof, found_us, cleared_us, cleared_by FROM split_view "
            "WHERE number < $1 ORDER BY number DESC LIMIT $2";
    struct page page = page_of(struct split_view, LIST, split_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(before)}, 1, arena, (void **)rows, row_count);
}

struct err store_split_clear(struct work *work, int64_t partner, slice by)
{
    static const char CLEAR[] = "UPDATE split_view SET cleared_us = $2, cleared_by = $3 "
                                "WHERE partner = $1 AND cleared_us IS NULL";
    const struct db_value values[] = {db_i64(partner), db_i64(work->now_us), db_text(by)};
    return db_run(work->db, CLEAR, values, COUNT_OF(values), NULL);
}
