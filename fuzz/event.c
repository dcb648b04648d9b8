/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a log: the first line names the format (anything else: recognised by itself), and perhaps "map" and the
 * name of the file; the rest is the input. Records are whole and in order, what is decoded is JSON, and an event holds
 * nothing that the fast road does not give.
 */
#include <stdio.h>

#include "base/arena.h"
#include "event/event.h"
#include "json/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what)                                                                                                     \
    do {                                                                                                               \
        if (!(what))                                                                                                   \
            abort();                                                                                                   \
    } while (0)

#define OUTPUT_BYTES_MAX (64u << 20)

static const char *const map = "a = url-host\nb = url-path\nc = text\nd = mutex\n";

/* What the first line of the input says. */
struct said {
    char format[32];
    bool map;
    slice file; /* a name that tells which report it is, for the format that asks */
};

static struct said said_read(slice line)
{
    struct said said = {.format = "auto"};
    slice word;
    for (bool first = true; line.ptr != NULL && slice_next(&line, ' ', &word); first = false) {
        const struct event_format *format = first ? event_format_find(word) : NULL;
        if (format != NULL)
            snprintf(said.format, sizeof said.format, "%s", format->name);
        else if (slice_eq(word, S("map")))
            said.map = true;
        else if (!first)
            said.file = word;
    }
    return said;
}

static void read_record(const struct event_reader *reader, slice record, struct arena *arena, struct buf *out)
{
    static struct json_pick rows[JSON_PICKS_MAX];
    static struct observable fast[EVENT_OBSERVABLES_MAX];
    struct json_picks picks = {.rows = rows};
    struct event event;
    size_t offset = 0;
    if (event_pick(reader, record, arena, &picks, &offset).kind != ERR_NONE) {
        MUST(offset <= record.len);
        return;
    }
    MUST(picks.count <= JSON_PICKS_MAX);
    size_t count = event_observables(reader, &picks, arena, fast);
    event_fill(reader, &picks, arena, &event);
    MUST(count <= EVENT_OBSERVABLES_MAX && event.observable_count <= count);
    MUST(event.time_us == event_time(reader, &picks));
    buf_reset(out);
    event_write(reader, &event, record, 1, arena, out);
    struct json_limits limits = json_limits_default;
    limits.duplicates_allowed = true; /* of a key that we do not read */
    MUST(json_check(buf_slice(out), &limits, NULL).kind == ERR_NONE);
}

static void read_all(const struct event_reader *reader, slice rest, struct buf *out)
{
    struct arena *arena = arena_open("record", ARENA_WORK, 64u << 20);
    struct arena *frames = arena_open("frames", ARENA_WORK, 1u << 30);
    struct event_reader current, next;
    while (rest.len > 0) {
        size_t length = reader->format->record(reader, rest), newline = slice_find(rest, '\n');
        bool ended = length > 0 || newline < rest.len, framed = reader->format->frame != NULL;
        MUST(length <= rest.len && (length == 0 || framed || reader->joined || rest.ptr[length - 1] == '\n'));
        if (length == 0)
            length = ended ? newline + 1 : rest.len;
        slice record = slice_part(rest, 0, length - ended);
        rest = slice_from(rest, length);
        if (framed && reader->format->frame(reader, record, frames, &next)) {
            current = next;
            reader = &current;
            continue;
        }
        read_record(reader, record, arena, out);
        arena_reset(arena);
    }
    arena_close(frames);
    arena_close(arena);
}

/* The frame that rules the end is found from behind as it is from the front. */
static void read_frames(const struct event_reader *reader, slice text)
{
    if (reader->format->frame_last == NULL)
        return;
    slice last = reader->format->frame_last(text);
    MUST(last.len <= EVENT_HEAD && (last.len == 0 || (last.ptr >= text.ptr && last.ptr[0] == '#')));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = {(const char *)data, size}, line;
    if (size == 0 || !slice_next(&text, '\n', &line) || text.ptr == NULL)
        return 0;
    struct said said = said_read(line);
    slice head = slice_part(text, 0, text.len < EVENT_HEAD ? text.len : EVENT_HEAD);
    struct event_options options = {.map = said.map ? slice_of(map) : S(""), .map_name = "map", .name = said.file};
    struct arena *arena = arena_open("input", ARENA_WORK, 64u << 20);
    struct buf out = buf_make(OUTPUT_BYTES_MAX);
    struct event_reader reader;
    if (event_open(said.format, head, &options, arena, &reader).kind == ERR_NONE) {
        MUST(reader.header.len <= text.len);
        read_frames(&reader, text);
        read_all(&reader, slice_from(text, reader.header.len), &out);
    }
    buf_free(&out);
    arena_close(arena);
    return 0;
}
