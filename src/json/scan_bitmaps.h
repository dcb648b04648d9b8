/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Rules 1 to 8 of scan_core.h on bitmaps of 64 bytes. Whoever includes this defines after it
 *
 *     static inline struct group group_load(const char *at);   all masks down to `high`
 */
#include "json/scan_state.h"

struct group {
    /* one bit per byte and class, wherever it stands */
    uint64_t quote, newline, backslash, digit, zero;
    uint64_t object_open, object_close, array_open, array_close, colon, comma;
    uint64_t blank;   /* 0x20 and below */
    uint64_t control; /* below 0x20 */
    uint64_t high;    /* 0x80 and above */
    /* what the rules say */
    uint64_t odd_bits, after_item_start, tokens, scalar, wordy, zero_start;
    bool special; /* somewhere a control character, a backslash, or a byte above 0x7F */
    bool odd;
};

struct group_carry {
    uint64_t colon, comma, array_open, object_open, string_end, close, scalar, newline;
};

static inline struct group_carry group_begin(void)
{
    return (struct group_carry){.newline = 1};
}

static inline uint64_t group_backslashes(const struct group *g)
{
    return g->backslash;
}

static inline void group_strings(
        struct group *g, uint64_t in_string, uint64_t quotes, uint64_t valid, struct group_carry *carry)
{
    uint64_t outside = ~(in_string | quotes) & valid, opening = quotes & in_string;
    uint64_t object_open = g->object_open & outside, array_open = g->array_open & outside;
    uint64_t array_close = g->array_close & outside;
    uint64_t open = object_open | array_open;
    g->object_close &= outside;
    g->colon &= outside;
    g->comma &= outside;
    uint64_t close = g->object_close | array_close;
    uint64_t scalar = outside & ~(open | close | g->colon | g->comma | g->blank | g->high);
    uint64_t value = opening | open | scalar, end = g->comma | close;

    uint64_t after_colon = after(g->colon, &carry->colon), after_comma = after(g->comma, &carry->comma);
    uint64_t after_array = after(array_open, &carry->array_open);
    uint64_t after_object = after(object_open, &carry->object_open);
    g->odd_bits = ((g->blank | g->high) & outside & ~g->newline) | (g->control & ~g->newline);
    g->odd_bits |= (after_colon | after_comma) & ~value;
    g->odd_bits |= after_array & ~(value | array_close);
    g->odd_bits |= after_object & ~(opening | g->object_close);
    g->odd_bits |= after(quotes & ~in_string, &carry->string_end) & ~(g->colon | end);
    g->odd_bits |= after(close, &carry->close) & ~(end | g->newline);
    g->odd_bits |= after(scalar, &carry->scalar) & ~(scalar | end);
    g->odd_bits |= after(g->newline & valid, &carry->newline) & ~(object_open | g->newline);
    g->after_item_start = after_comma | after_object;
    g->tokens = open | close | g->colon | (after_comma & scalar);
    g->scalar = scalar;
    g->wordy = scalar & ~g->digit;
    g->zero_start = scalar & g->zero & (after_colon | after_comma | after_array);
}

static inline void group_items(struct group *g, uint64_t after_item)
{
    g->odd_bits |= (g->colon & ~after_item) | (after_item & g->object_close);
    g->odd = g->odd_bits != 0;
    g->tokens |= after_item & g->comma;
}

static inline struct scan_note group_note(const struct group *g, uint64_t valid)
{
    return (struct scan_note){.odd = g->odd_bits & valid, .high = g->high & valid, .backslash = g->backslash & valid};
}
