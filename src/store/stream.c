/* SPDX-License-Identifier: Apache-2.0 */
#include "store/stream.h"

#include "base/arena.h"
#include "store/page.h"

#define COLUMNS "SELECT number, name, organisation, format, added_us, events, malformed, shed, last_us FROM stream "
#define INPUTS "SELECT stream, input, place, beginning, name, bytes, records, done, size, moved_us FROM stream_input "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct stream *)row = (struct stream){
            .number = db_number(rows, 0),
            .name = arena_copy(arena, db_slice(rows, 1)),
            .organisation = db_number(rows, 2),
            .format = arena_copy(arena, db_slice(rows, 3)),
            .added_us = db_number(rows, 4),
            .events = db_number(rows, 5),
            .malformed = db_number(rows, 6),
            .shed = db_number(rows, 7),
            .last_us = page_time(rows, 8),
    };
}

struct err store_stream_add(struct work *work, const struct stream_put *put, int64_t *number)
{
    static const char ADD[] = "INSERT INTO stream (number, name, organisation, format, added_us, events, malformed, "
                              "shed) VALUES ($1, $2, $3, $4, $5, 0, 0, 0) ON CONFLICT (name) DO NOTHING";
    int64_t fresh;
    uint64_t changed;
    TRY(store_text_check(work->arena, "name of the stream", put->name, STORE_NAME_MAX));
    TRY(store_text_check(work->arena, "format of the stream", put->format, STORE_NAME_MAX));
    TRY(store_number(work->db, "stream", 1, &fresh));
    const struct db_value values[] = {
            db_i64(fresh), db_text(put->name), db_i64(put->organisation), db_text(put->format), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_format(
                work->arena, ERR_CONFLICT, "there is a stream %.*s already", (int)put->name.len, put->name.ptr);
    *number = fresh;
    return OK;
}

struct err store_stream_get(struct db *db, int64_t number, struct arena *arena, struct stream *stream)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct stream, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, stream, "there is no such stream");
}

struct err store_stream_find(struct db *db, slice name, struct arena *arena, struct stream *stream)
{
    static const char FIND[] = COLUMNS "WHERE name = $1";
    struct page page = page_of(struct stream, FIND, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(name)}, 1, arena, stream, "there is no stream of that name");
}

struct err store_stream_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct stream **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct stream, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_stream_list_of(struct db *db, int64_t organisation, int64_t after, size_t count, struct arena *arena,
        struct stream **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE organisation = $1 AND number > $2 ORDER BY number LIMIT $3";
    struct page page = page_of(struct stream, LIST, row_read, count);
    return page_read(
            db, &page, (struct db_value[]){db_i64(organisation), db_i64(after)}, 2, arena, (void **)rows, row_count);
}

static void totals_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(struct stream_totals *)row = (struct stream_totals){
            db_number(rows, 0), db_number(rows, 1), db_number(rows, 2), db_number(rows, 3), db_number(rows, 4)};
}

struct err store_stream_totals(struct db *db, int64_t since_us, struct arena *arena, struct stream_totals *totals)
{
    static const char TOTALS[] =
            "SELECT count(*), count(CASE WHEN last_us >= $1 THEN 1 END), CAST(COALESCE(SUM(events), 0) AS BIGINT), "
            "CAST(COALESCE(SUM(malformed), 0) AS BIGINT), CAST(COALESCE(SUM(shed), 0) AS BIGINT) FROM stream";
    struct page page = page_of(struct stream_totals, TOTALS, totals_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(since_us)}, 1, arena, totals, "there are no streams");
}

/* ---- How far an input was read ---- */

static void input_read_row(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct stream_input *)row = (struct stream_input){
            .stream = db_number(rows, 0),
            .input = arena_copy(arena, db_slice(rows, 1)),
            .place = arena_copy(arena, db_slice(rows, 2)),
            .beginning = db_number(rows, 3),
            .name = arena_copy(arena, db_slice(rows, 4)),
            .bytes = db_number(rows, 5),
            .records = db_number(rows, 6),
            .done = db_number(rows, 7) != 0,
            .size = db_number(rows, 8),
            .moved_us = db_number(rows, 9),
    };
}

struct err store_stream_input_get(
        struct db *db, int64_t stream, slice input, struct arena *arena, struct stream_input *row)
{
    static const char GET[] = INPUTS "WHERE stream = $1 AND input = $2";
    struct page page = page_of(struct stream_input, GET, input_read_row, 1);
    const struct db_value values[] = {db_i64(stream), db_text(input)};
    return page_get(db, &page, values, COUNT_OF(values), arena, row, "nothing of this input was read yet");
}

struct err store_stream_input_at(
        struct db *db, int64_t stream, slice place, struct arena *arena, struct stream_input **rows, size_t *row_count)
{
    static const char AT[] = INPUTS "WHERE stream = $1 AND place = $2 ORDER BY moved_us DESC, input LIMIT $3";
    struct page page = page_of(struct stream_input, AT, input_read_row, STORE_PAGE_MAX);
    const struct db_value values[] = {db_i64(stream), db_text(place)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_stream_input_list(
        struct db *db, int64_t stream, size_t count, struct arena *arena, struct stream_input **rows, size_t *row_count)
{
    static const char LIST[] = INPUTS "WHERE stream = $1 ORDER BY moved_us DESC LIMIT $2";
    struct page page = page_of(struct stream_input, LIST, input_read_row, count);
    return page_read(db, &page, (struct db_value[]){db_i64(stream)}, 1, arena, (void **)rows, row_count);
}
