/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For the tests of this folder: one input in memory, read record by record.
 */
#include "base/arena.h"
#include "event/event.h"

struct input {
    struct arena *arena;
    struct event_reader reader; /* as the last frame made it */
    struct json_pick rows[JSON_PICKS_MAX];
    struct json_picks picks;
    struct event event;
    size_t offset; /* of the last error */
};

/* With the name of the file that it comes from. */
static inline struct err input_open_named(struct input *input, const char *format, slice head, const char *name)
{
    struct event_options options = {.name = slice_of(name), .secret = S("a secret of the tests")};
    input->arena = arena_open("test", ARENA_WORK, 64u << 20);
    input->picks.rows = input->rows;
    return event_open(format, head, &options, input->arena, &input->reader);
}

static inline struct err input_open(struct input *input, const char *format, slice head, const char *map)
{
    struct event_options options = {
            .map = map == NULL ? S("") : slice_of(map), .map_name = "test.map", .secret = S("a secret of the tests")};
    input->arena = arena_open("test", ARENA_WORK, 64u << 20);
    input->picks.rows = input->rows;
    return event_open(format, head, &options, input->arena, &input->reader);
}

static inline void input_close(struct input *input)
{
    arena_close(input->arena);
}

static inline struct err input_read(struct input *input, slice record)
{
    TRY(event_pick(&input->reader, record, input->arena, &input->picks, &input->offset));
    event_fill(&input->reader, &input->picks, input->arena, &input->event);
    return OK;
}

/* How often the event holds this observable. */
static inline size_t input_count(
        const struct input *input, enum observable_type type, const char *value, const char *field)
{
    size_t count = 0;
    for (size_t i = 0; i < input->event.observable_count; i++) {
        const struct observable *row = &input->event.observables[i];
        count += row->type == type && slice_eq(row->value, slice_of(value)) && slice_eq(row->field, slice_of(field));
    }
    return count;
}

static inline void input_take(const struct input *input, slice *rest, slice *record)
{
    size_t length = input->reader.format->record(&input->reader, *rest);
    bool joined = input->reader.joined;
    bool ended = length > 0;
    if (length == 0) { /* only then: a search for it before each record takes quadratic time */
        size_t newline = slice_find(*rest, '\n');
        ended = newline < rest->len;
        length = ended ? newline + 1 : rest->len;
    }
    if (joined)
        ended = rest->ptr[length - 1] == '\n';
    *record = slice_part(*rest, 0, length - ended);
    *rest = slice_from(*rest, length);
}

/* The records of a whole text, one after another; what is left without a newline is the last. False at the end. */
static inline bool input_next(struct input *input, slice *rest, slice *record)
{
    const struct event_format *format = input->reader.format;
    struct event_reader next;
    while (rest->len > 0) {
        input_take(input, rest, record);
        if (format->frame == NULL || !format->frame(&input->reader, *record, input->arena, &next))
            return true;
        input->reader = next;
    }
    return false;
}
