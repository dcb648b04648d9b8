/* SPDX-License-Identifier: Apache-2.0 */
#include "store/page.h"

#include <assert.h>

#include "base/arena.h"
#include "base/clock.h"

#define VALUES_MAX 16
#define WHOLE_LEAST 64 /* rows for which there is room at first */

struct err page_read_some(struct db *db, const struct page *page, const struct db_value *values, size_t count,
        size_t bytes_max, struct arena *arena, void **rows, size_t *row_count, bool *cut)
{
    struct db_value all[VALUES_MAX];
    size_t most = page->count < STORE_PAGE_MAX ? page->count : STORE_PAGE_MAX, got = 0;
    char *list = arena_take_array(arena, most, page->size);
    struct db_rows *read;
    assert(count < VALUES_MAX);
    if (count > 0)
        memcpy(all, values, count * sizeof *values);
    all[count] = db_i64((int64_t)most);
    TRY(db_query(db, page->sql, all, count + 1, &read));
    size_t before = arena_used(arena);
    while (!arena_full(arena) && got < most && arena_used(arena) - before <= bytes_max && db_next(read))
        page->read(read, arena, list + got++ * page->size);
    TRY(db_done(read));
    TRY(arena_check(arena));
    *rows = list;
    *row_count = got;
    *cut = got < most && arena_used(arena) - before > bytes_max;
    return OK;
}

struct err page_read(struct db *db, const struct page *page, const struct db_value *values, size_t count,
        struct arena *arena, void **rows, size_t *row_count)
{
    bool cut;
    return page_read_some(db, page, values, count, SIZE_MAX, arena, rows, row_count, &cut);
}

/* Room for twice as many. */
static char *list_grow(const char *list, size_t size, size_t *room, struct arena *arena)
{
    char *wider = arena_take_array(arena, 2 * *room, size);
    memcpy(wider, list, *room * size);
    *room *= 2;
    return wider;
}

struct err page_read_whole(struct db *db, const struct page *page, const struct db_value *values, size_t count,
        struct arena *arena, void **rows, size_t *row_count)
{
    struct db_value all[VALUES_MAX];
    size_t room = WHOLE_LEAST, got = 0;
    char *list = arena_take_array(arena, room, page->size);
    struct db_rows *read;
    assert(count < VALUES_MAX);
    if (count > 0)
        memcpy(all, values, count * sizeof *values);
    all[count] = db_i64((int64_t)page->count + 1);
    TRY(db_query(db, page->sql, all, count + 1, &read));
    while (!arena_full(arena) && db_next(read)) {
        if (got == room)
            list = list_grow(list, page->size, &room, arena);
        if (!arena_full(arena))
            page->read(read, arena, list + got++ * page->size);
    }
    TRY(db_done(read));
    TRY(arena_check(arena));
    if (got > page->count)
        return err_format(arena, ERR_LIMIT, "a list that has to be whole has more than %zu rows", page->count);
    *rows = list;
    *row_count = got;
    return OK;
}

struct err page_get(struct db *db, const struct page *page, const struct db_value *values, size_t count,
        struct arena *arena, void *row, const char *missing)
{
    struct db_rows *read;
    TRY(db_query(db, page->sql, values, count, &read));
    bool found = db_next(read);
    if (found)
        page->read(read, arena, row);
    TRY(db_done(read));
    TRY(arena_check(arena));
    return found ? OK : err_make(ERR_MISSING, missing);
}

struct db_value page_time_value(int64_t us)
{
    return us == TIME_NONE ? db_null() : db_i64(us);
}
