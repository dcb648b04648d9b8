/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tag.h"

#include "base/arena.h"
#include "store/page.h"

struct err store_tag_put(struct work *work, int64_t source, slice id, slice tag, bool *changed)
{
    static const char COUNT[] = "SELECT count(*) FROM tag WHERE source = $1 AND id = $2";
    static const char ADD[] = "INSERT INTO tag (source, id, tag, actor, made_us) VALUES ($1, $2, $3, $4, $5) "
                              "ON CONFLICT (source, id, tag) DO NOTHING";
    const struct db_value values[] = {
            db_i64(source), db_text(id), db_text(tag), db_text(work->actor->name), db_i64(work->now_us)};
    uint64_t added;
    int64_t count;
    TRY(store_text_check(work->arena, "tag", tag, STORE_NAME_MAX));
    TRY(db_one(work->db, COUNT, values, 2, 0, &count));
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &added));
    if (added > 0 && count >= TAGS_MAX)
        return err_format(work->arena, ERR_LIMIT, "%.*s has %d tags already", (int)id.len, id.ptr, TAGS_MAX);
    *changed = added > 0;
    return OK;
}

struct err store_tag_drop(struct work *work, int64_t source, slice id, slice tag, bool *changed)
{
    static const char DROP[] = "DELETE FROM tag WHERE source = $1 AND id = $2 AND tag = $3";
    uint64_t dropped;
    TRY(db_run(work->db, DROP, (struct db_value[]){db_i64(source), db_text(id), db_text(tag)}, 3, &dropped));
    *changed = dropped > 0;
    return OK;
}

static void tag_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(slice *)row = arena_copy(arena, db_slice(rows, 0));
}

struct err store_tag_list(struct db *db, int64_t source, slice id, struct arena *arena, slice **tags, size_t *count)
{
    static const char LIST[] = "SELECT tag FROM tag WHERE source = $1 AND id = $2 ORDER BY tag LIMIT $3";
    struct page page = page_of(slice, LIST, tag_read, TAGS_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(source), db_text(id)}, 2, arena, (void **)tags, count);
}

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct tag *)row = (struct tag){
            arena_copy(arena, db_slice(rows, 0)), arena_copy(arena, db_slice(rows, 1)), db_number(rows, 2)};
}

struct err store_tag_rows(
        struct db *db, int64_t source, slice id, struct arena *arena, struct tag **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT tag, actor, made_us FROM tag WHERE source = $1 AND id = $2 ORDER BY tag LIMIT $3";
    struct page page = page_of(struct tag, LIST, row_read, TAGS_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(source), db_text(id)}, 2, arena, (void **)rows, row_count);
}

static void tagged_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct tagged *)row = (struct tagged){db_number(rows, 0), arena_copy(arena, db_slice(rows, 1))};
}

struct err store_tagged_list(struct db *db, slice tag, struct tagged after, size_t count, struct arena *arena,
        struct tagged **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT source, id FROM tag WHERE tag = $1 AND (source, id) > ($2, $3) "
                               "ORDER BY source, id LIMIT $4";
    struct page page = page_of(struct tagged, LIST, tagged_read, count);
    const struct db_value values[] = {db_text(tag), db_i64(after.source), db_text(after.id)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}
