/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

#include "base/arena.h"
#include "event/fields.h"
#include "json/write.h"

/*
 * Plain text: every line is an event. A time at its beginning is its time; whatever observables stand in the text are
 * found (text.c). The last resort, so it takes almost anything: bytes that are not UTF-8 only keep a value from being
 * one, but a NUL says that this is no text.
 */

#define TIME_TEXT_MAX 40

enum { FIELD_TIME, FIELD_LINE };

static const struct event_field fields[] = {
        [FIELD_TIME] = {"time", ROLE_TIME},
        [FIELD_LINE] = {"line", ROLE_TEXT},
};

static int recognise(slice head)
{
    (void)head;
    return 1;
}

static struct err lines_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head, (void)options, (void)arena;
    reader->fields = fields;
    reader->field_count = COUNT_OF(fields);
    return OK;
}

/* The length of the run of such bytes at the beginning. */
static size_t run(slice text, const char *bytes)
{
    size_t end = 0;
    while (end < text.len && end < TIME_TEXT_MAX && text.ptr[end] != '\0' && strchr(bytes, text.ptr[end]) != NULL)
        end++;
    return end;
}

/*
 * What may be a time at the beginning: "2026-11-20T10:29:58.960622+07:00", "[2026-11-20 10:29:58,123]", also with a
 * blank before the offset, which is joined.
 */
static slice time_of_text(slice text, struct arena *arena)
{
    if (text.len > 0 && text.ptr[0] == '[')
        text = slice_from(text, 1);
    size_t date = run(text, "0123456789-");
    if (date != 10 || date == text.len || strchr("Tt ", text.ptr[date]) == NULL)
        return S("");
    size_t end = date + 1 + run(slice_from(text, date + 1), "0123456789:.,+-Zz");
    while (strchr(":.,-+", text.ptr[end - 1]) != NULL)
        end--;
    slice rest = slice_from(text, end);
    size_t offset = rest.len > 2 && rest.ptr[0] == ' ' && (rest.ptr[1] == '+' || rest.ptr[1] == '-')
                            ? 1 + run(slice_from(rest, 2), "0123456789")
                            : 0;
    if (offset != 5) /* sign and four digits */
        return slice_part(text, 0, end);
    return slice_of(arena_printf(arena, "%.*s%.*s", (int)end, text.ptr, (int)offset, rest.ptr + 1));
}

static struct err lines_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    (void)reader;
    picks->count = 0;
    if (record.len > EVENT_RECORD_MAX)
        return err_make(ERR_LIMIT, "the line is longer than 16 MiB");
    size_t nul = slice_find(record, '\0');
    if (nul < record.len) {
        if (offset != NULL)
            *offset = nul;
        return err_make(ERR_INPUT, "a NUL byte in a line of text");
    }
    int64_t us;
    slice time = time_of_text(record, arena);
    if (time.len >= 19 && time_parse(time, &us)) /* shorter ones are numbers that mean something else */
        event_pick_add(picks, FIELD_TIME, time);
    event_pick_add(picks, FIELD_LINE, record);
    return OK;
}

/* The text itself: a person who reads the decoded event wants to see what it was. */
static void lines_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    (void)reader, (void)arena;
    json_write_key_text(w, S("line"), slice_trim(record));
}

const struct event_format event_lines = {
        .name = "lines",
        .about = "plain text, one event a line; observables are found in the text",
        .records_are_lines = true,
        .recognise = recognise,
        .open = lines_open,
        .record = event_line_record,
        .pick = lines_pick,
        .extra = lines_extra,
};
