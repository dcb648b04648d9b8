/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What imports leave that nobody shall see: removed in steps, each a work of its own, so that others get their turn. An
 * object that another import brought as well goes over to that one.
 */
#include "store/import_sweep.h"

#include "base/arena.h"
#include "store/page.h"
#include "store/search.h"

struct sweeping {
    int64_t object, heir; /* heir: another import that brought it; 0: none */
};

static void sweeping_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(struct sweeping *)row = (struct sweeping){db_number(rows, 0), db_number(rows, 1)};
}

static struct err inherit(struct work *work, const struct sweeping *rows, size_t count)
{
    static const char PASS_ON[] = "UPDATE object SET import = $2 WHERE number = $1";
    static const char UNLINK[] = "DELETE FROM object_again WHERE object = $1 AND import = $2";
    struct db_value *values = arena_new(work->arena, struct db_value, count * 2), *value = values;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].heir == 0)
            continue;
        *value++ = db_i64(rows[i].object);
        *value++ = db_i64(rows[i].heir);
    }
    size_t heirs = (size_t)(value - values) / 2;
    TRY(arena_check(work->arena));
    TRY(db_run_many(work->db, PASS_ON, values, 2, heirs, NULL));
    return db_run_many(work->db, UNLINK, values, 2, heirs, NULL);
}

static struct err drop(struct work *work, const struct sweeping *rows, size_t count, uint64_t *dropped)
{
    static const char DROP[] = "DELETE FROM object WHERE number = $1";
    int64_t *numbers = arena_new(work->arena, int64_t, count);
    struct db_value *values = arena_new(work->arena, struct db_value, count);
    size_t gone = 0;
    for (size_t i = 0; i < count; i++)
        if (rows[i].heir == 0) {
            values[gone] = db_i64(rows[i].object);
            numbers[gone++] = rows[i].object;
        }
    TRY(arena_check(work->arena));
    TRY(store_search_drop(work, numbers, gone));
    TRY(db_run_many(work->db, DROP, values, 1, gone, NULL));
    *dropped = gone;
    return OK;
}

struct err store_import_clear(struct work *work, int64_t import, size_t most, uint64_t *removed)
{
    static const char LIST[] =
            "SELECT o.number, COALESCE((SELECT min(a.import) FROM object_again a WHERE a.object = o.number), 0) "
            "FROM object o WHERE o.import = $1 ORDER BY o.number LIMIT $2";
    static const char UNLINK[] = "DELETE FROM object_again WHERE import = $1 AND object IN "
                                 "(SELECT object FROM object_again WHERE import = $1 ORDER BY object LIMIT $2)";
    static const char SWEPT[] = "UPDATE import SET swept = 1 WHERE number = $1";
    struct page page = page_of(struct sweeping, LIST, sweeping_read, most);
    const struct db_value values[] = {db_i64(import), db_i64((int64_t)most)};
    struct sweeping *rows;
    size_t count;
    uint64_t dropped = 0, unlinked = 0;
    TRY(page_read(work->db, &page, values, 1, work->arena, (void **)&rows, &count));
    TRY(inherit(work, rows, count));
    TRY(drop(work, rows, count, &dropped));
    if (count == 0)
        TRY(db_run(work->db, UNLINK, values, 2, &unlinked));
    if (count == 0 && unlinked < most)
        TRY(db_run(work->db, SWEPT, values, 1, NULL));
    *removed = count + unlinked;
    return OK;
}

struct err store_import_sweep(struct work *work, size_t most, uint64_t *removed)
{
    static const char NEXT[] = "SELECT number FROM import WHERE state = 'failed' AND swept = 0 ORDER BY number LIMIT 1";
    uint64_t sum = 0, here = 0;
    int64_t import = -1;
    most = most > STORE_PAGE_MAX ? STORE_PAGE_MAX : most;
    while (sum < most) {
        TRY(db_one(work->db, NEXT, NULL, 0, 0, &import));
        if (import == 0)
            break;
        TRY(store_import_clear(work, import, most - sum, &here));
        sum += here;
    }
    *removed = sum;
    return OK;
}
