/* SPDX-License-Identifier: Apache-2.0 */
#include "store/judgement.h"

#include "base/arena.h"
#include "store/page.h"

const char *store_judgement_name(enum object_judged kind)
{
    return kind == OBJECT_FALSE_POSITIVE ? "false-positive" : kind == OBJECT_EXPIRED ? "expired" : "withdrawn";
}

#define COLUMNS                                                                                                        \
    "SELECT number, source, id, kind, at_us, actor, reason, organisation, made_us, undone_us, undone_by, "             \
    "undone_reason FROM judgement "

static void judgement_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct judgement *)row = (struct judgement){
            .number = db_number(rows, 0),
            .source = db_number(rows, 1),
            .id = arena_copy(arena, db_slice(rows, 2)),
            .kind = (enum object_judged)db_number(rows, 3),
            .at_us = page_time(rows, 4),
            .actor = arena_copy(arena, db_slice(rows, 5)),
            .reason = arena_copy(arena, db_slice(rows, 6)),
            .organisation = db_number(rows, 7),
            .made_us = db_number(rows, 8),
            .undone_us = page_time(rows, 9),
            .undone_by = arena_copy(arena, db_slice(rows, 10)),
            .undone_reason = arena_copy(arena, db_slice(rows, 11)),
    };
}

struct err store_judgement_get(struct db *db, int64_t number, struct arena *arena, struct judgement *judgement)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct judgement, GET, judgement_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, judgement, "there is no such judgement");
}

struct err store_judgement_list(struct db *db, int64_t source, slice id, int64_t after, size_t count,
        struct arena *arena, struct judgement **rows, size_t *row_count)
{
    static const char ALL[] = COLUMNS "WHERE undone_us IS NULL AND number > $1 ORDER BY number LIMIT $2";
    static const char OF_ID[] = COLUMNS "WHERE source = $2 AND id = $3 AND number > $1 ORDER BY number LIMIT $4";
    const struct db_value values[] = {db_i64(after), db_i64(source), db_text(id)};
    struct page page = page_of(struct judgement, source == 0 ? ALL : OF_ID, judgement_read, count);
    return page_read(db, &page, values, source == 0 ? 1 : 3, arena, (void **)rows, row_count);
}

struct err store_judgement_latest(
        struct db *db, int64_t before, size_t count, struct arena *arena, struct judgement **rows, size_t *row_count)
{
    static const char LATEST[] = COLUMNS "WHERE undone_us IS NULL AND number < $1 ORDER BY number DESC LIMIT $2";
    struct page page = page_of(struct judgement, LATEST, judgement_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(before)}, 1, arena, (void **)rows, row_count);
}

/* ---- Changing ---- */

struct err store_judgement_add(struct work *work, int64_t source, slice id, enum object_judged kind, int64_t at_us,
        slice reason, int64_t *number)
{
    static const char ADD[] = "INSERT INTO judgement (number, source, id, kind, at_us, organisation, actor, reason, "
                              "made_us, undone_us, undone_by, undone_reason) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, '', '') "
                              "ON CONFLICT (source, id, kind) WHERE undone_us IS NULL DO NOTHING";
    struct object object;
    int64_t fresh;
    uint64_t changed;
    TRY(store_text_check(work->arena, "reason", reason, STORE_TEXT_MAX));
    TRY(store_object_newest(work->db, source, id, work->arena, &object));
    TRY(store_number(work->db, "judgement", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(source), db_text(id), db_i64(kind), page_time_value(at_us),
            db_i64(work->actor->organisation), db_text(work->actor->name), db_text(reason), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_format(work->arena, ERR_CONFLICT, "%.*s is held to be %s already", (int)id.len, id.ptr,
                store_judgement_name(kind));
    *number = fresh;
    return OK;
}

struct err store_judgement_undo(struct work *work, int64_t number, slice reason)
{
    static const char UNDO[] = "UPDATE judgement SET undone_us = $2, undone_by = $3, undone_reason = $4 "
                               "WHERE number = $1 AND undone_us IS NULL";
    struct judgement judgement;
    uint64_t changed;
    TRY(store_text_check(work->arena, "reason", reason, STORE_TEXT_MAX));
    const struct db_value values[] = {
            db_i64(number), db_i64(work->now_us), db_text(work->actor->name), db_text(reason)};
    TRY(db_run(work->db, UNDO, values, COUNT_OF(values), &changed));
    if (changed > 0)
        return OK;
    TRY(store_judgement_get(work->db, number, work->arena, &judgement));
    return err_make(ERR_CONFLICT, "this judgement was undone before");
}
