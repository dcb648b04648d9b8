/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where events come from: all streams with what came by them, and one with its inputs, its batches and the records that
 * were put aside because they are no event. Those are hostile in the plainest sense: nobody understood them.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "store/batch.h"
#include "store/met.h"
#include "text/mail.h"
#include "text/shown.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

#define ROWS 100
#define UNOWNED_SHOWN 15
#define INPUTS_SHOWN 10
#define BATCHES_SHOWN 20
#define RECORDS_SHOWN 20
#define RATE_GAP_US MINUTE_US /* batches further apart say nothing of how quickly events come */
#define CSV_BYTES_MAX (8u << 20)
#define CSV_PAGE 100

static void write_stream(struct outside *outside, const struct stream *stream)
{
    struct ask *ask = outside->ask;
    json_write_key_u64(&ask->json, S("number"), (uint64_t)stream->number);
    outside_write(outside, S("name"), stream->name, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/streams/", stream->number, "")));
    outside_write(outside, S("format"), stream->format, OUTSIDE_NAME);
    page_moment(ask, S("added"), stream->added_us);
    page_moment(ask, S("last"), stream->last_us);
    page_count(ask, S("events"), (uint64_t)stream->events);
    page_count(ask, S("malformed"), (uint64_t)stream->malformed);
    page_count(ask, S("shed"), (uint64_t)stream->shed);
    page_flag(ask, S("any_malformed"), stream->malformed > 0);
    page_flag(ask, S("any_shed"), stream->shed > 0);
}

/* ---- All of them ---- */

static struct err write_met(struct outside *outside, const struct met *met, int64_t *streamed, slice *stream_name)
{
    struct ask *ask = outside->ask;
    bool indicator = slice_eq(met->cause_kind, S(CAUSE_INDICATOR));
    if (met->stream != 0 && met->stream != *streamed) {
        struct stream stream;
        TRY(store_stream_get(ask->db, met->stream, ask->arena, &stream));
        *stream_name = stream.name;
        *streamed = met->stream;
    }
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("class_text"), warned_class_text(ask, met->class));
    warned_severity(ask, met->severity);
    outside_write(outside, S("cause"), met->cause, OUTSIDE_NAME);
    page_flag(ask, S("is_indicator"), indicator && outside_is_id(met->cause));
    outside_write(outside, S("stream"), met->stream == 0 ? S("") : *stream_name, OUTSIDE_NAME);
    page_count(ask, S("events"), (uint64_t)met->events);
    page_moment(ask, S("last"), met->last_us);
    json_write_end(&ask->json);
    return OK;
}

/* What was met or reported, but of nobody whom we serve: whose is it? */
static struct err write_unowned(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 4);
    struct met *rows;
    int64_t streamed = 0;
    slice stream_name = S("");
    size_t count;
    TRY(store_met_of_organisation(ask->db, 0, INT64_MAX, UNOWNED_SHOWN, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("unowned"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        TRY(write_met(&outside, &rows[i], &streamed, &stream_name));
    json_write_end(&ask->json);
    page_flag(ask, S("any_unowned"), count > 0);
    return OK;
}

struct err web_streams(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct warned_names names = {0};
    struct stream *rows;
    uint64_t after;
    size_t count;
    TRY(warned_need(ask, VERB_READ_EVENTS));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    TRY(store_stream_list(ask->db, (int64_t)after, ROWS, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Streams")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        write_stream(&outside, &rows[i]);
        TRY(warned_organisation(ask, &names, S("organisation"), rows[i].organisation));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    page_more(ask, count == ROWS ? rows[count - 1].number : 0);
    return write_unowned(ask);
}

/* ---- One: its inputs ---- */

static struct err write_inputs(struct ask *ask, int64_t stream)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 4);
    struct stream_input *rows;
    size_t count;
    TRY(store_stream_input_list(ask->db, stream, INPUTS_SHOWN, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("inputs"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        outside_write(&outside, S("name"), rows[i].name, OUTSIDE_NAME);
        page_count(ask, S("records"), (uint64_t)rows[i].records);
        page_count(ask, S("bytes"), (uint64_t)rows[i].bytes);
        page_flag(ask, S("done"), rows[i].done);
        page_moment(ask, S("moved"), rows[i].moved_us);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_input"), count > 0);
    return OK;
}

/* ---- Its batches ---- */

/* A second, since the batch before it; null where that was long ago, or is not known. */
static void write_rate(struct ask *ask, const struct batch *batch, const struct batch *before)
{
    int64_t gap_us = before == NULL ? 0 : batch->taken_us - before->taken_us;
    if (gap_us > 0 && gap_us <= RATE_GAP_US) {
        page_count(ask, S("rate"), (uint64_t)(batch->events * SECOND_US / gap_us));
        return;
    }
    json_write_key(&ask->json, S("rate"));
    json_write_null(&ask->json);
}

static void write_batch(struct ask *ask, const struct batch *batch)
{
    json_write_key_u64(&ask->json, S("number"), (uint64_t)batch->number);
    page_moment(ask, S("taken"), batch->taken_us);
    page_count(ask, S("events"), (uint64_t)batch->events);
    page_count(ask, S("hits"), (uint64_t)batch->hits);
    page_count(ask, S("malformed"), (uint64_t)batch->malformed);
    page_flag(ask, S("any_malformed"), batch->malformed > 0);
}

static struct err write_batches(struct ask *ask, int64_t stream, int64_t before, bool only)
{
    struct batch *rows;
    size_t count; /* one more than is shown: that its rate is known, and that there are older ones */
    TRY(store_batch_latest(ask->db, stream, before, only, BATCHES_SHOWN + 1, ask->arena, &rows, &count));
    size_t shown = count < BATCHES_SHOWN ? count : BATCHES_SHOWN;
    json_write_key(&ask->json, S("batches"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < shown; i++) {
        json_write_object(&ask->json);
        write_batch(ask, &rows[i]);
        write_rate(ask, &rows[i], only || i + 1 == count ? NULL : &rows[i + 1]);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_batch"), shown > 0);
    page_flag(ask, S("only"), only);
    json_write_key(&ask->json, S("older"));
    if (count > shown)
        json_write_u64(&ask->json, (uint64_t)rows[shown - 1].number);
    else
        json_write_null(&ask->json);
    return OK;
}

/* ---- What was put aside ---- */

static struct err batch_choose(struct ask *ask, int64_t stream, struct batch **batch)
{
    uint64_t asked;
    size_t count;
    TRY(ask_number(ask, S("batch"), INT64_MAX, 0, &asked));
    if (asked == 0) {
        TRY(store_batch_latest(ask->db, stream, INT64_MAX, true, 1, ask->arena, batch, &count));
        *batch = count == 0 ? NULL : *batch;
        return OK;
    }
    *batch = arena_new(ask->arena, struct batch, 1);
    TRY(store_batch_get(ask->db, (int64_t)asked, ask->arena, *batch));
    return (*batch)->stream == stream ? OK : err_make(ERR_MISSING, "this stream has no such batch");
}

static void write_record(struct outside *outside, const struct quarantined *row)
{
    struct ask *ask = outside->ask;
    json_write_object(&ask->json);
    outside_write(outside, S("input"), row->input, OUTSIDE_NAME);
    json_write_key_u64(&ask->json, S("line"), (uint64_t)row->place);
    json_write_key_u64(&ask->json, S("byte"), (uint64_t)row->at_byte);
    outside_write(outside, S("why"), row->why, OUTSIDE_LINE);
    outside_write_value(outside, S("record"), row->record, OUTSIDE_LINE);
    page_count(ask, S("bytes"), (uint64_t)row->bytes);
    page_flag(ask, S("whole"), quarantined_is_whole(row));
    json_write_end(&ask->json);
}

static struct err write_records(struct ask *ask, int64_t stream)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct quarantined *rows;
    struct batch *batch;
    size_t count;
    TRY(batch_choose(ask, stream, &batch));
    json_write_key(&ask->json, S("chosen"));
    if (batch == NULL) {
        json_write_null(&ask->json);
        return OK;
    }
    const struct quarantined first = {.batch = batch->number, .input = S("")};
    TRY(store_quarantined_list(
            ask->db, stream, &first, batch->number + 1, BATCH_QUARANTINED_MAX, ask->arena, &rows, &count));
    json_write_object(&ask->json);
    write_batch(ask, batch);
    page_count(ask, S("kept"), count);
    page_flag(ask, S("cut"), count > RECORDS_SHOWN);
    json_write_key(&ask->json, S("records"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < RECORDS_SHOWN; i++)
        write_record(&outside, &rows[i]);
    json_write_end(&ask->json);
    json_write_end(&ask->json);
    return OK;
}

static struct err stream_get(struct ask *ask, struct stream *stream)
{
    int64_t number;
    TRY(warned_need(ask, VERB_READ_EVENTS));
    TRY(ask_part_number(ask, 0, &number));
    return store_stream_get(ask->db, number, ask->arena, stream);
}

struct err web_stream(struct ask *ask)
{
    struct outside outside = outside_begin(ask, 2 * OUTSIDE_NAME);
    struct warned_names names = {0};
    struct stream stream;
    uint64_t before, only;
    TRY(stream_get(ask, &stream));
    TRY(ask_number(ask, S("before"), INT64_MAX, INT64_MAX, &before));
    TRY(ask_number(ask, S("only"), 1, 0, &only));
    page_title(ask, outside_text(&outside, stream.name, OUTSIDE_NAME, NULL));
    write_stream(&outside, &stream);
    TRY(warned_organisation(ask, &names, S("organisation"), stream.organisation));
    TRY(write_records(ask, stream.number));
    TRY(write_batches(ask, stream.number, (int64_t)before, only != 0));
    return write_inputs(ask, stream.number);
}

/* ---- CSV: as mail has it, which a spreadsheet does not run ---- */

static void csv_text(struct buf *out, slice text)
{
    struct buf shown = buf_make(OUTSIDE_PAGE * 8);
    shown_text_write(&shown, text.len > OUTSIDE_TEXT ? slice_part(text, 0, OUTSIDE_TEXT) : text, false);
    mail_cell_write(out, buf_slice(&shown), false);
    buf_free(&shown);
}

static void csv_row(struct buf *out, const struct quarantined *row)
{
    buf_printf(out, "%lld", (long long)row->batch);
    csv_text(out, row->input);
    buf_printf(out, ",%lld,%lld", (long long)row->place, (long long)row->at_byte);
    csv_text(out, row->why);
    buf_printf(out, ",%lld,%s", (long long)row->bytes, quarantined_is_whole(row) ? "yes" : "no");
    csv_text(out, row->record);
    buf_put(out, S("\r\n"));
}

struct csv {
    struct ask *ask;
    int64_t stream, until;
    struct quarantined after;
    struct buf out;
};

static struct err csv_page(struct csv *csv, struct arena *arena, size_t *count)
{
    struct quarantined *rows;
    TRY(store_quarantined_list(csv->ask->db, csv->stream, &csv->after, csv->until, CSV_PAGE, arena, &rows, count));
    for (size_t i = 0; i < *count; i++)
        csv_row(&csv->out, &rows[i]);
    if (*count > 0) {
        csv->after = rows[*count - 1];
        csv->after.input = arena_copy(csv->ask->arena, csv->after.input);
    }
    return csv->out.full ? err_make(ERR_LIMIT, "all of it is more than 8 MiB of CSV; name a batch (batch=N), or use "
                                               "`kentongan ingest quarantined`")
                         : OK;
}

static struct err csv_write(struct csv *csv)
{
    struct arena *arena = arena_open("what was put aside", ARENA_WORK, 16u << 20);
    struct err err = OK;
    buf_put(&csv->out, S("batch,input,line,byte,why,bytes,whole,record\r\n"));
    for (size_t count = CSV_PAGE; err.kind == ERR_NONE && count == CSV_PAGE;) {
        arena_reset(arena);
        err = csv_page(csv, arena, &count);
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(csv->ask->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

struct err web_stream_csv(struct ask *ask)
{
    struct csv csv = {.ask = ask, .until = INT64_MAX, .after = {.input = S("")}};
    struct stream stream;
    uint64_t batch;
    TRY(stream_get(ask, &stream));
    TRY(ask_number(ask, S("batch"), INT64_MAX - 1, 0, &batch));
    csv.stream = stream.number;
    csv.after.batch = (int64_t)batch;
    csv.until = batch == 0 ? INT64_MAX : (int64_t)batch + 1;
    csv.out = buf_make(CSV_BYTES_MAX);
    struct err err = csv_write(&csv);
    if (err.kind == ERR_NONE)
        err = shared_download(ask, buf_slice(&csv.out), S("text/csv; charset=utf-8"), "put-aside.csv");
    buf_free(&csv.out);
    return err;
}
