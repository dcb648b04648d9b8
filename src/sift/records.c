/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/records.h"

#include "base/arena.h"
#include "json/check.h"

/* Whether the text is a frame and no event; what is behind it is read as it says. */
static bool follow_frame(struct worker *worker, slice text)
{
    const struct event_format *format = worker->reader->format;
    struct event_reader next;
    if (format->frame == NULL || !format->frame(worker->reader, text, worker->arena, &next))
        return false;
    worker->framed = next;
    worker->reader = &worker->framed;
    worker->frames++;
    return true;
}

static bool is_scanned(const struct worker *worker)
{
    const struct event_reader *reader = worker->first_reader;
    return reader->paths != NULL && reader->format->records_are_lines && reader->format->frame == NULL &&
           !worker->job->plain;
}

static void block_scan(struct worker *worker)
{
    if (worker->scan == NULL || worker->scan->room < worker->block.text.len) {
        json_scan_close(worker->scan);
        worker->scan = json_scan_open(worker->block.room);
        if (worker->picker == NULL)
            worker->picker = json_picker_open(worker->first_reader->paths, worker->first_reader->ways);
    }
    json_scan_block(worker->scan, worker->block.text);
}

struct record records_begin(struct worker *worker)
{
    if (is_scanned(worker))
        block_scan(worker);
    return records_again(worker);
}

struct record records_again(struct worker *worker)
{
    worker->frames += worker->reader != worker->first_reader;
    worker->reader = worker->first_reader;
    if (worker->block.frame.len > 0)
        follow_frame(worker, worker->block.frame);
    return (struct record){.line = worker->block.first_line, .index = UINT32_MAX, .rest = worker->block.text};
}

static bool is_blank(slice text, slice between)
{
    if (text.len == 0 || (text.len == 1 && text.ptr[0] == '\r'))
        return true;
    for (size_t i = 0; i < text.len && between.len > 0; i++)
        if (!slice_holds(between, text.ptr[i]))
            return false;
    return between.len > 0;
}

static size_t record_length(const struct worker *worker, const struct record *record)
{
    size_t length = worker->reader->format->record(worker->reader, record->rest);
    /* A record that does not end, a quote left open say, costs its first line and not the block. */
    return length == 0 ? slice_find(record->rest, '\n') + 1 : length;
}

/* The line that the next record begins on. */
static uint64_t line_behind(const struct worker *worker, const struct record *record)
{
    if (record->index == 0)
        return worker->block.first_line;
    if (worker->reader->format->records_are_lines)
        return record->line + 1;
    uint64_t lines = 0;
    for (const char *at = record->text.ptr; at < record->rest.ptr; at++)
        lines += *at == '\n';
    return record->line + lines;
}

/* The next line of a scanned block. */
static bool line_next(const struct worker *worker, struct record *record)
{
    const struct json_scan *scan = worker->scan;
    do {
        if (++record->index == scan->line_count)
            return false;
        size_t start = record->index == 0 ? 0 : scan->lines[record->index - 1].end + (size_t)1;
        record->text = (slice){scan->block + start, scan->lines[record->index].end - start};
    } while (is_blank(record->text, worker->reader->between));
    record->line = worker->block.first_line + record->index;
    return true;
}

bool record_next(struct worker *worker, struct record *record)
{
    if (worker->scan != NULL)
        return line_next(worker, record);
    do {
        if (record->rest.len == 0)
            return false;
        record->index++;
        record->line = line_behind(worker, record);
        size_t length = record_length(worker, record);
        record->text =
                slice_part(record->rest, 0, length - (!worker->reader->joined || record->rest.ptr[length - 1] == '\n'));
        record->rest = slice_from(record->rest, length);
    } while (is_blank(record->text, worker->reader->between) || follow_frame(worker, record->text));
    return true;
}

bool record_pick(struct worker *worker, const struct record *record, bool all)
{
    if (worker->scan != NULL && json_pick_scanned(worker->picker, worker->scan, record->index, all, &worker->picks))
        return true;
    size_t offset = 0;
    struct err err = worker->reader->format->pick(worker->reader, record->text, worker->arena, &worker->picks, &offset);
    if (err.kind == ERR_NONE)
        err = arena_check(worker->arena);
    worker->totals.strict++;
    if (err.kind != ERR_NONE) {
        size_t line, column;
        json_place(record->text, offset, &line, &column);
        worker_malformed(worker, record->text, record->line + line - 1, column - 1, err.why);
    }
    return err.kind == ERR_NONE;
}

size_t record_observables(struct worker *worker)
{
    worker->observable_count = event_observables(worker->reader, &worker->picks, worker->arena, worker->observables);
    return worker->observable_count;
}

void record_tell_full(struct worker *worker, const struct record *record)
{
    if (worker->observable_count == EVENT_OBSERVABLES_MAX) /* it is an event all the same, so it is not kept as none */
        worker_malformed(
                worker, S(""), record->line, 0, "4096 observables or more in one record; further ones are left out");
}
