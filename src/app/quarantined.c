/* SPDX-License-Identifier: Apache-2.0 */
#include "app/quarantined.h"

#include <inttypes.h>

#include "base/clock.h"
#include "store/batch.h"
#include "store/right.h"
#include "text/shown.h"
#include "json/write.h"

#define ROWS 200             /* of a page */
#define ROW_MAX (256u << 10) /* bytes: what cannot be seen is spelled out */
#define RECORD_SHOWN 300     /* bytes of a record beside its place; JSON has all that is kept */

struct showing {
    const struct command_line *line;
    struct db *db;
    const struct stream *stream;
    struct batch batch; /* of the last row */
    int64_t from, until;
};

/* ---- One record ---- */

static void put_shown(struct json_writer *w, slice key, slice text)
{
    struct buf shown = buf_make(ROW_MAX);
    shown_text_write(&shown, text, false);
    json_write_key_text(w, key, buf_slice(&shown));
    buf_free(&shown);
}

static void put_json(struct buf *buf, const struct showing *showing, const struct quarantined *row)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_u64(&w, S("batch"), (uint64_t)row->batch);
    json_write_key(&w, S("taken"));
    json_write_time(&w, showing->batch.taken_us);
    json_write_key_text(&w, S("stream"), showing->stream->name);
    put_shown(&w, S("input"), row->input);
    json_write_key_u64(&w, S("line"), (uint64_t)row->place);
    json_write_key_u64(&w, S("byte"), (uint64_t)row->at_byte);
    put_shown(&w, S("why"), row->why);
    json_write_key_u64(&w, S("bytes"), (uint64_t)row->bytes);
    json_write_key(&w, S("whole"));
    json_write_bool(&w, quarantined_is_whole(row));
    put_shown(&w, S("record"), row->record);
    json_write_end(&w);
}

static void put_text(struct buf *buf, const struct showing *showing, const struct quarantined *row)
{
    buf_printf(buf, "%" PRId64 "\t%.*s\t", row->batch, (int)showing->stream->name.len, showing->stream->name.ptr);
    shown_text_write(buf, row->input, false);
    buf_printf(buf, ":%" PRId64 ":%" PRId64 "\t", row->place, row->at_byte);
    shown_text_write(buf, row->why, false);
    buf_byte(buf, '\t');
    bool cut = row->record.len > RECORD_SHOWN;
    shown_text_write(buf, cut ? slice_part(row->record, 0, RECORD_SHOWN) : row->record, false);
    if (cut || !quarantined_is_whole(row))
        buf_put(buf, S(" ..."));
}

/* What is not whole would be malformed again, and is told instead. */
static void give(const struct quarantined *row)
{
    if (!quarantined_is_whole(row)) {
        struct buf input = buf_make(ROW_MAX);
        shown_text_write(&input, row->input, false);
        fprintf(stderr, "kentongan ingest: %.*s:%" PRId64 " of batch %" PRId64 " is not kept whole\n", (int)input.len,
                input.ptr, row->place, row->batch);
        buf_free(&input);
        return;
    }
    fwrite(row->record.ptr, 1, row->record.len, stdout);
    putchar('\n');
}

static void put(const struct showing *showing, const struct quarantined *row)
{
    if (command_flag(showing->line, "original")) {
        give(row);
        return;
    }
    struct buf buf = buf_make(ROW_MAX);
    (command_flag(showing->line, "json") ? put_json : put_text)(&buf, showing, row);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

/* ---- All of a stream, and of all streams ---- */

static struct err page_show(struct showing *showing, struct quarantined *after, struct arena *arena, size_t *count)
{
    struct quarantined *rows;
    TRY(store_quarantined_list(showing->db, showing->stream->number, after, showing->until, ROWS, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        if (showing->batch.number != rows[i].batch)
            TRY(store_batch_get(showing->db, rows[i].batch, arena, &showing->batch));
        put(showing, &rows[i]);
    }
    if (*count > 0) {
        *after = rows[*count - 1];
        after->input = arena_copy(showing->line->arena, after->input);
    }
    return OK;
}

static struct err stream_show(struct showing *showing)
{
    struct arena *arena = arena_open("what was put aside", ARENA_WORK, 64u << 20);
    struct quarantined after = {.batch = showing->from, .input = S("")};
    struct err err = OK;
    for (size_t count = ROWS; err.kind == ERR_NONE && count == ROWS;) {
        arena_reset(arena);
        err = page_show(showing, &after, arena, &count);
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(showing->line->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

static struct err streams_show(struct showing *showing)
{
    struct stream *rows;
    size_t count = STORE_PAGE_MAX;
    for (int64_t after = 0; count == STORE_PAGE_MAX; after = count > 0 ? rows[count - 1].number : after) {
        TRY(store_stream_list(showing->db, after, STORE_PAGE_MAX, showing->line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            showing->stream = &rows[i];
            TRY(stream_show(showing));
        }
    }
    return OK;
}

struct err quarantined_show(const struct command_line *line, struct local *local)
{
    struct showing showing = {.line = line, .db = local->db, .until = INT64_MAX};
    struct stream stream;
    uint64_t batch;
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, 0, line->arena, NULL));
    TRY(command_number(line, "batch", 1, INT64_MAX - 1, 0, &batch));
    if (batch > 0) {
        showing.from = (int64_t)batch;
        showing.until = showing.from + 1;
    }
    if (line->file_count < 2)
        return streams_show(&showing);
    TRY(store_stream_find(local->db, slice_of(line->files[1]), line->arena, &stream));
    showing.stream = &stream;
    return stream_show(&showing);
}
