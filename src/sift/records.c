/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/records.h"

#include "base/arena.h"

struct record records_begin(struct worker *worker)
{
    bool scanned = worker->reader->paths != NULL && !worker->job->plain;
    if (scanned) {
        if (worker->scan == NULL || worker->scan->room < worker->block.text.len) {
            json_scan_close(worker->scan);
            worker->scan = json_scan_open(worker->block.room);
            if (worker->picker == NULL)
                worker->picker = json_picker_open(worker->reader->paths, worker->reader->ways);
        }
        json_scan_block(worker->scan, worker->block.text);
    }
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
    size_t length = worker->scan != NULL ? worker->scan->lines[record->index].end + 1 -
                                                   (size_t)(record->rest.ptr - worker->block.text.ptr)
                                         : worker->reader->format->record(worker->reader, record->rest);
    /* A record that does not end, a quote left open say, costs its first line and not the block. */
    return length == 0 ? slice_find(record->rest, '\n') + 1 : length;
}

/* The line that the next record begins on. */
static uint64_t line_behind(const struct worker *worker, const struct record *record)
{
    if (record->index == 0)
        return worker->block.first_line;
    const char *behind = record->text.ptr + record->text.len;
    uint64_t lines = behind < record->rest.ptr; /* the newline that was taken off */
    if (!worker->reader->format->records_are_lines)
        for (size_t i = 0; i < record->text.len; i++)
            lines += record->text.ptr[i] == '\n';
    return record->line + lines;
}

bool record_next(struct worker *worker, struct record *record)
{
    do {
        if (record->rest.len == 0)
            return false;
        record->index++;
        record->line = line_behind(worker, record);
        size_t length = record_length(worker, record);
        record->text = slice_part(record->rest, 0, length - (record->rest.ptr[length - 1] == '\n'));
        record->rest = slice_from(record->rest, length);
    } while (is_blank(record->text, worker->reader->between));
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
    if (err.kind != ERR_NONE)
        worker_malformed(worker, record->line, offset, err.why);
    return err.kind == ERR_NONE;
}

size_t record_observables(struct worker *worker)
{
    worker->observable_count = event_observables(worker->reader, &worker->picks, worker->arena, worker->observables);
    return worker->observable_count;
}

void record_tell_full(struct worker *worker, uint64_t line)
{
    if (worker->observable_count == EVENT_OBSERVABLES_MAX)
        worker_malformed(worker, line, 0, "4096 observables or more in one record; further ones are left out");
}
