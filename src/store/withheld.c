/* SPDX-License-Identifier: Apache-2.0 */
#include "store/withheld.h"

#include "base/arena.h"
#include "store/page.h"

enum { WITHHELD_WIDTH = 5, WAIT_WIDTH = 3 };

static size_t waits_of(const struct withheld *rows, size_t count)
{
    size_t waits = 0;
    for (size_t i = 0; i < count; i++)
        waits += rows[i].wait_count;
    return waits;
}

struct err store_withheld_wait(struct work *work, const struct withheld *rows, size_t count)
{
    static const char WAIT[] =
            "INSERT INTO withheld_for (partner, id, object) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    size_t waits = waits_of(rows, count);
    struct db_value *values = arena_new(work->arena, struct db_value, waits * WAIT_WIDTH + 1), *value = values;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < rows[i].wait_count; j++) {
            *value++ = db_i64(rows[i].partner);
            *value++ = db_text(rows[i].waits[j]);
            *value++ = db_i64(rows[i].object);
        }
    TRY(arena_check(work->arena));
    return db_run_many(work->db, WAIT, values, WAIT_WIDTH, waits, NULL);
}

struct err store_withheld_put(struct work *work, const struct withheld *rows, size_t count)
{
    static const char PUT[] =
            "INSERT INTO withheld (partner, object, rule, generation, decided_us) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (partner, object) DO UPDATE SET "
            "rule = excluded.rule, generation = excluded.generation, decided_us = excluded.decided_us";
    struct db_value *values = arena_new(work->arena, struct db_value, count * WITHHELD_WIDTH + 1), *value = values;
    for (size_t i = 0; i < count; i++) {
        *value++ = db_i64(rows[i].partner);
        *value++ = db_i64(rows[i].object);
        *value++ = db_text(rows[i].rule);
        *value++ = db_i64(rows[i].generation);
        *value++ = db_i64(work->now_us);
    }
    TRY(arena_check(work->arena));
    TRY(db_run_many(work->db, PUT, values, WITHHELD_WIDTH, count, NULL));
    return store_withheld_wait(work, rows, count);
}

struct err store_withheld_drop(struct work *work, int64_t partner, const int64_t *objects, size_t count)
{
    static const char DROP[] = "DELETE FROM withheld WHERE partner = $1 AND object = $2";
    struct db_value *values = arena_new(work->arena, struct db_value, count * 2 + 1);
    for (size_t i = 0; i < count; i++) {
        values[2 * i] = db_i64(partner);
        values[2 * i + 1] = db_i64(objects[i]);
    }
    TRY(arena_check(work->arena));
    return db_run_many(work->db, DROP, values, 2, count, NULL);
}

#define COLUMNS                                                                                                        \
    "SELECT w.partner, w.object, w.rule, w.generation, w.decided_us, COALESCE(o.id, ''), COALESCE(o.type, ''), "       \
    "COALESCE(o.version, '') FROM withheld w LEFT JOIN object o ON o.number = w.object WHERE w.partner = $1 "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct withheld *)row = (struct withheld){
            .partner = db_number(rows, 0),
            .object = db_number(rows, 1),
            .rule = arena_copy(arena, db_slice(rows, 2)),
            .generation = db_number(rows, 3),
            .decided_us = db_number(rows, 4),
            .id = arena_copy(arena, db_slice(rows, 5)),
            .type = arena_copy(arena, db_slice(rows, 6)),
            .version = arena_copy(arena, db_slice(rows, 7)),
    };
}

struct err store_withheld_list(struct db *db, int64_t partner, slice rule, int64_t after, size_t count,
        struct arena *arena, struct withheld **rows, size_t *row_count)
{
    static const char ANY[] = COLUMNS "AND w.object > $2 ORDER BY w.object LIMIT $3";
    static const char OF_RULE[] = COLUMNS "AND w.object > $2 AND w.rule = $3 ORDER BY w.object LIMIT $4";
    const struct db_value values[] = {db_i64(partner), db_i64(after), db_text(rule)};
    struct page page = page_of(struct withheld, rule.len == 0 ? ANY : OF_RULE, row_read, count);
    return page_read(db, &page, values, rule.len == 0 ? 2 : 3, arena, (void **)rows, row_count);
}

struct err store_withheld_any(struct db *db, int64_t partner, slice rule, bool *any)
{
    static const char ANY[] =
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM withheld WHERE partner = $1 AND rule = $2) THEN 1 ELSE 0 END";
    int64_t found;
    TRY(db_one(db, ANY, (struct db_value[]){db_i64(partner), db_text(rule)}, 2, 0, &found));
    *any = found != 0;
    return OK;
}

struct err store_withheld_get(struct db *db, int64_t partner, int64_t object, struct arena *arena, struct withheld *row)
{
    static const char GET[] = COLUMNS "AND w.object = $2";
    const struct db_value values[] = {db_i64(partner), db_i64(object)};
    struct page page = page_of(struct withheld, GET, row_read, 1);
    return page_get(db, &page, values, COUNT_OF(values), arena, row, "it is not withheld from that partner");
}

static void number_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(int64_t *)row = db_number(rows, 0);
}

struct err store_withheld_waits(struct db *db, int64_t partner, slice id, int64_t after, size_t count,
        struct arena *arena, int64_t **objects, size_t *object_count)
{
    static const char LIST[] =
            "SELECT f.object FROM withheld_for f WHERE f.partner = $1 AND f.id = $2 AND f.object > $3 "
            "ORDER BY f.object LIMIT $4";
    const struct db_value values[] = {db_i64(partner), db_text(id), db_i64(after)};
    struct page page = page_of(int64_t, LIST, number_read, count);
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)objects, object_count);
}

struct err store_withheld_is_awaited(struct db *db, int64_t partner, slice id, bool *awaited)
{
    static const char AWAITED[] =
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM withheld_for WHERE partner = $1 AND id = $2) THEN 1 ELSE 0 END";
    const struct db_value values[] = {db_i64(partner), db_text(id)};
    int64_t found;
    TRY(db_one(db, AWAITED, values, COUNT_OF(values), 0, &found));
    *awaited = found != 0;
    return OK;
}

struct err store_withheld_met(struct work *work, int64_t partner, slice id)
{
    static const char MET[] = "DELETE FROM withheld_for WHERE partner = $1 AND id = $2";
    return db_run(work->db, MET, (struct db_value[]){db_i64(partner), db_text(id)}, 2, NULL);
}
