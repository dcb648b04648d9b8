/* SPDX-License-Identifier: Apache-2.0 */
#include "store/source.h"

#include "base/arena.h"
#include "store/page.h"

#define COLUMNS "SELECT number, name, kind, organisation, added_us FROM source "

static const char *const kinds[] = {"file", "paste", "feed", "taxii", "desk"};

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct source *)row = (struct source){
            .number = db_number(rows, 0),
            .name = arena_copy(arena, db_slice(rows, 1)),
            .kind = arena_copy(arena, db_slice(rows, 2)),
            .organisation = db_number(rows, 3),
            .added_us = db_number(rows, 4),
    };
}

static bool is_kind(slice kind)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (slice_eq(kind, slice_of(kinds[i])))
            return true;
    return false;
}

struct err store_source_put(struct work *work, slice name, slice kind, int64_t organisation, int64_t *number)
{
    static const char ADD[] = "INSERT INTO source (number, name, kind, organisation, added_us) "
                              "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING";
    int64_t fresh;
    struct err err = store_source_find(work->db, name, number);
    if (err.kind != ERR_MISSING)
        return err;
    TRY(store_text_check(work->arena, "name of the source", name, STORE_NAME_MAX));
    if (!is_kind(kind))
        return err_format(work->arena, ERR_INPUT, "a source cannot be a \"%.*s\"", (int)kind.len, kind.ptr);
    TRY(store_number(work->db, "source", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_text(name), db_text(kind),
            organisation == 0 ? db_null() : db_i64(organisation), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    return store_source_find(work->db, name, number); /* somebody else may have added it meanwhile */
}

struct err store_source_get(struct db *db, int64_t number, struct arena *arena, struct source *source)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct source, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, source, "there is no such source");
}

struct err store_source_find(struct db *db, slice name, int64_t *number)
{
    static const char FIND[] = "SELECT number FROM source WHERE name = $1";
    int64_t found;
    TRY(db_one(db, FIND, (struct db_value[]){db_text(name)}, 1, 0, &found));
    if (found == 0)
        return err_make(ERR_MISSING, "there is no source of that name");
    *number = found;
    return OK;
}

struct err store_source_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct source **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct source, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}
