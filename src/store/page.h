/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * How every list of this folder is read: a constant statement whose last parameter is the number of rows, and one
 * function that makes a struct of a row. Private to this folder.
 */
#include "base/clock.h"
#include "store/store.h"

struct page {
    const char *sql;
    size_t size; /* of the struct of one row */
    void (*read)(const struct db_rows *rows, struct arena *arena, void *row);
    size_t count;
};

#define page_of(type, sql, read, count) ((struct page){(sql), sizeof(type), (read), (count)})

/* `values` are those before the last. Asks for STORE_PAGE_MAX rows at most. The rows lie in the arena, which may be
 * full afterwards: then that is the error. */
MUST_USE struct err page_read(struct db *db, const struct page *page, const struct db_value *values, size_t count,
        struct arena *arena, void **rows, size_t *row_count);
/* The same, but ends behind the row that fills `bytes_max`; *cut: it did, and there may be more. */
MUST_USE struct err page_read_some(struct db *db, const struct page *page, const struct db_value *values, size_t count,
        size_t bytes_max, struct arena *arena, void **rows, size_t *row_count, bool *cut);
/* All rows, however many beyond STORE_PAGE_MAX; ERR_LIMIT if there are more than page->count: nothing of a list that
 * has to be whole is left out in silence. */
MUST_USE struct err page_read_whole(struct db *db, const struct page *page, const struct db_value *values, size_t count,
        struct arena *arena, void **rows, size_t *row_count);
/* The first row into *row, which the caller made; ERR_MISSING with this sentence if there is none. The statement has
 * no parameter of its own for the number of rows. */
MUST_USE struct err page_get(struct db *db, const struct page *page, const struct db_value *values, size_t count,
        struct arena *arena, void *row, const char *missing);

/* A number that may be NULL: TIME_NONE. */
static inline int64_t page_time(const struct db_rows *rows, size_t column)
{
    return db_is_null(rows, column) ? TIME_NONE : db_number(rows, column);
}
struct db_value page_time_value(int64_t us);
