/* SPDX-License-Identifier: Apache-2.0 */
#include "store/batch.h"

#include "base/arena.h"
#include "store/page.h"
#include "json/write.h"

#define COLUMNS "SELECT number, stream, taken_us, events, bytes, malformed, hits, shed FROM batch "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(struct batch *)row = (struct batch){
            .number = db_number(rows, 0),
            .stream = db_number(rows, 1),
            .taken_us = db_number(rows, 2),
            .events = db_number(rows, 3),
            .bytes = db_number(rows, 4),
            .malformed = db_number(rows, 5),
            .hits = db_number(rows, 6),
            .shed = db_number(rows, 7),
    };
}

static void quarantined_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct quarantined *)row = (struct quarantined){
            .batch = db_number(rows, 0),
            .place = db_number(rows, 1),
            .input = arena_copy(arena, db_slice(rows, 2)),
            .why = arena_copy(arena, db_slice(rows, 3)),
            .record = arena_copy(arena, db_slice(rows, 4)),
            .bytes = db_number(rows, 5),
            .at_byte = db_number(rows, 6),
    };
}

/* ---- One more ---- */

static struct err stream_count(struct work *work, const struct batch *batch)
{
    static const char COUNT[] = "UPDATE stream SET events = events + $2, malformed = malformed + $3, "
                                "shed = shed + $4, last_us = $5 WHERE number = $1";
    const struct db_value values[] = {db_i64(batch->stream), db_i64(batch->events), db_i64(batch->malformed),
            db_i64(batch->shed), db_i64(work->now_us)};
    return db_run(work->db, COUNT, values, COUNT_OF(values), NULL);
}

static struct err input_begin(struct work *work, const struct stream_input *input, uint64_t *changed)
{
    static const char ADD[] =
            "INSERT INTO stream_input (stream, input, place, beginning, name, bytes, records, done, size, moved_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (stream, input) DO NOTHING";
    const struct db_value values[] = {db_i64(input->stream), db_text(input->input), db_text(input->place),
            db_i64(input->beginning), db_text(store_text_keep(work->arena, input->name, STORE_TEXT_MAX)),
            db_i64(input->bytes), db_i64(input->records), db_i64(input->done), db_i64(input->size),
            db_i64(work->now_us)};
    return db_run(work->db, ADD, values, COUNT_OF(values), changed);
}

/* The position is also the lock: of two who read the same input, the second finds it moved. */
static struct err input_go(struct work *work, const struct batch_move *move, uint64_t *changed)
{
    static const char GO[] =
            "UPDATE stream_input SET name = $3, bytes = $4, records = $5, done = $6, moved_us = $7, size = $9 "
            "WHERE stream = $1 AND input = $2 AND bytes = $8";
    const struct stream_input *now = &move->now;
    const struct db_value values[] = {db_i64(now->stream), db_text(now->input),
            db_text(store_text_keep(work->arena, now->name, STORE_TEXT_MAX)), db_i64(now->bytes), db_i64(now->records),
            db_i64(now->done), db_i64(work->now_us), db_i64(move->bytes_before), db_i64(now->size)};
    return db_run(work->db, GO, values, COUNT_OF(values), changed);
}

static struct err input_move(struct work *work, const struct batch_move *move)
{
    uint64_t changed;
    TRY(move->bytes_before < 0 ? input_begin(work, &move->now, &changed) : input_go(work, move, &changed));
    if (changed == 1)
        return OK;
    return err_format(work->arena, ERR_CONFLICT, "%.*s is being read by somebody else for the same stream",
            (int)move->now.name.len, move->now.name.ptr);
}

struct err store_batch_add(struct work *work, const struct batch *batch, const struct batch_move *move, int64_t *number)
{
    static const char ADD[] = "INSERT INTO batch (number, stream, taken_us, events, bytes, malformed, hits, shed) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    int64_t fresh;
    TRY(store_number(work->db, "batch", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(batch->stream), db_i64(work->now_us), db_i64(batch->events),
            db_i64(batch->bytes), db_i64(batch->malformed), db_i64(batch->hits), db_i64(batch->shed)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    if (batch->stream != 0)
        TRY(stream_count(work, batch));
    if (move != NULL)
        TRY(input_move(work, move));
    *number = fresh;
    return OK;
}

struct err store_batch_tell(struct work *work, const struct batch *batch, int64_t met)
{
    struct buf text = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&text);
    json_write_object(&w);
    json_write_key_u64(&w, S("stream"), (uint64_t)batch->stream);
    json_write_key_u64(&w, S("events"), (uint64_t)batch->events);
    json_write_key_u64(&w, S("hits"), (uint64_t)batch->hits);
    json_write_key_u64(&w, S("met"), (uint64_t)met);
    json_write_key_u64(&w, S("malformed"), (uint64_t)batch->malformed);
    json_write_key_u64(&w, S("shed"), (uint64_t)batch->shed);
    json_write_end(&w);
    struct err err = store_work_news(work, batch->stream == 0 ? "events.met" : "events.taken",
            slice_of(arena_printf(work->arena, "batch/%lld", (long long)batch->number)), buf_slice(&text));
    buf_free(&text);
    return err;
}

struct err store_batch_quarantine(struct work *work, const struct quarantined *rows, size_t count)
{
    static const char ADD[] = "INSERT INTO quarantined (batch, place, input, why, record, bytes, at_byte) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (batch, place, input) DO NOTHING";
    enum { WIDTH = 7 };
    struct db_value *values = arena_new(work->arena, struct db_value, count * WIDTH), *value = values;
    for (const struct quarantined *row = rows; row < rows + count; row++) {
        *value++ = db_i64(row->batch);
        *value++ = db_i64(row->place);
        *value++ = db_text(store_text_keep(work->arena, row->input, STORE_TEXT_MAX));
        *value++ = db_text(store_text_keep(work->arena, row->why, STORE_TEXT_MAX));
        *value++ = db_bytes(row->record);
        *value++ = db_i64(row->bytes);
        *value++ = db_i64(row->at_byte);
    }
    return db_run_many(work->db, ADD, values, WIDTH, count, NULL);
}

/* ---- Reading ---- */

struct err store_batch_get(struct db *db, int64_t number, struct arena *arena, struct batch *batch)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct batch, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, batch, "there is no such batch");
}

struct err store_batch_latest(struct db *db, int64_t stream, int64_t before, bool malformed, size_t count,
        struct arena *arena, struct batch **rows, size_t *row_count)
{
#define LATEST(which) COLUMNS "WHERE stream = $1 AND number < $2 " which "ORDER BY number DESC LIMIT $3"
    static const char ALL[] = LATEST(""), MALFORMED[] = LATEST("AND malformed > 0 ");
    struct page page = page_of(struct batch, malformed ? MALFORMED : ALL, row_read, count);
    return page_read(
            db, &page, (struct db_value[]){db_i64(stream), db_i64(before)}, 2, arena, (void **)rows, row_count);
}

struct err store_quarantined_list(struct db *db, int64_t stream, const struct quarantined *after, int64_t until,
        size_t count, struct arena *arena, struct quarantined **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT q.batch, q.place, q.input, q.why, q.record, q.bytes, q.at_byte "
                               "FROM batch b JOIN quarantined q ON q.batch = b.number "
                               "WHERE b.stream = $1 AND b.malformed > 0 AND b.number >= $2 AND b.number < $5 "
                               "AND (q.batch, q.place, q.input) > ($2, $3, $4) "
                               "ORDER BY b.number, q.place, q.input LIMIT $6";
    struct page page = page_of(struct quarantined, LIST, quarantined_read, count);
    const struct db_value values[] = {
            db_i64(stream), db_i64(after->batch), db_i64(after->place), db_text(after->input), db_i64(until)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}
