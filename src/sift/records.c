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

/* Every record is a line of JSON. Of records that are objects, the block was scanned to find them. */
static bool is_scanned(const struct worker *worker)
{
    const struct event_reader *reader = worker->first_reader;
    return reader->paths != NULL && reader->format->records_are_lines && reader->format->frame == NULL &&
           !worker->job->plain;
}

struct record records_begin(struct worker *worker)
{
    if (is_scanned(worker))
        block_scan(&worker->block, worker->block.text);
    if (worker->block.scan != NULL && worker->picker == NULL)
        worker->picker = json_picker_open(worker->first_reader->paths, worker->first_reader->ways);
    return records_again(worker);
}

struct record records_again(struct worker *worker)
{
    worker->frames += worker->reader != worker->first_reader;
    worker->reader = worker->first_reader;
    if (worker->block.frame.len > 0)
        follow_frame(worker, worker->block.frame);
    return (struct record){
            .line = worker->block.first_line, .index = UINT32_MAX, .scanned = SIZE_MAX, .rest = worker->block.text};
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
    if (worker->reader->format->records_are_lines || record->scanned != SIZE_MAX)
        return record->line + 1;
    uint64_t lines = 0;
    for (const char *at = record->text.ptr; at < record->rest.ptr; at++)
        lines += *at == '\n';
    return record->line + lines;
}

/* The next line of a scanned block. */
static bool line_next(const struct worker *worker, struct record *record)
{
    const struct json_scan *scan = worker->block.scan;
    do {
        if (++record->index == scan->line_count)
            return false;
        record->scanned = record->index;
        size_t start = record->index == 0 ? 0 : scan->lines[record->index - 1].end + (size_t)1;
        record->text = (slice){scan->block + start, scan->lines[record->index].end - start};
    } while (is_blank(record->text, worker->reader->between));
    record->line = worker->block.first_line + record->index;
    return true;
}

/* The next record, if it is an object that fills a line of the scan. */
static bool object_next(const struct worker *worker, struct record *record)
{
    record->scanned = SIZE_MAX;
    if (worker->block.scan == NULL)
        return false;
    size_t length = block_object(&worker->block, (size_t)(record->rest.ptr - worker->block.text.ptr), &record->looked);
    if (length == 0)
        return false;
    record->scanned = record->looked;
    record->text = slice_part(record->rest, 0, length - 1);
    record->rest = slice_from(record->rest, length);
    return true;
}

bool record_next(struct worker *worker, struct record *record)
{
    if (worker->block.scan != NULL && worker->reader->format->records_are_lines)
        return line_next(worker, record);
    do {
        if (record->rest.len == 0)
            return false;
        record->index++;
        record->line = line_behind(worker, record);
        if (object_next(worker, record))
            return true;
        size_t length = record_length(worker, record);
        record->text =
                slice_part(record->rest, 0, length - (!worker->reader->joined || record->rest.ptr[length - 1] == '\n'));
        record->rest = slice_from(record->rest, length);
    } while (is_blank(record->text, worker->reader->between) || follow_frame(worker, record->text));
    return true;
}

/* By the fast road; false: the strict one has to say. What is concluded may rest on any value. */
static bool record_pick_scanned(struct worker *worker, const struct record *record, bool all)
{
    const struct event_reader *reader = worker->reader;
    bool concludes = reader->format->conclude != NULL;
    if (record->scanned == SIZE_MAX || !json_pick_scanned(worker->picker, block_picked(&worker->block), record->scanned,
                                               all || concludes, &worker->picks))
        return false;
    return !concludes || reader->format->conclude(reader, worker->arena, &worker->picks).kind == ERR_NONE;
}

bool record_pick(struct worker *worker, const struct record *record, bool all)
{
    if (record_pick_scanned(worker, record, all))
        return true;
    size_t offset = 0;
    struct err err = event_pick(worker->reader, record->text, worker->arena, &worker->picks, &offset);
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
