/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The scan itself, on 64 bytes at a time. Included by scan_scalar.c and scan_avx2.c, which define before it what
 * depends on the machine:
 *
 *     group_load(at)                                  the bitmaps of 64 bytes (scan_bitmaps.h)
 *     prefix_xor(bits)                                bit i = parity of bits 0..i
 *     positions_put(to, base, bits)                   the places of the bits, ascending
 *
 * scan_avx512.c goes the same way on eight times as much.
 *
 * In compact JSON (no blanks between tokens: all else is odd) the grammar is a rule about neighbouring bytes, but for
 * what depends on the nesting:
 *
 *   1. after a colon or comma comes a value; after `[` a value or `]`
 *   2. after `{` comes a quote or `}`
 *   3. after a string comes a colon, comma or closing bracket
 *   4. after a closing bracket comes a comma, a closing bracket or the end of the line
 *   5. after a number or literal comes another byte of it, a comma or a closing bracket
 *   6. a line begins with `{` (and, checked per line, ends with `}`)
 *   7. a colon stands behind a string that stands behind `{` or a comma (a key), and nowhere else
 *   8. a string that stands behind `{` or a comma and has no colon may not be followed by `}`; if a comma follows it,
 *      that comma becomes a token, and the walk demands that it stands in an array. The same for a number behind a
 * comma.
 *
 * Two habits make it fast. No branch depends on what usually varies from one group of 64 to the next: a misprediction
 * costs as much as the group, so what is rare is noted and looked at per line, in scan.c. And the work is done in three
 * short passes over a stretch of groups, strings, grammar, positions: the way from a byte to its position is some
 * eighty cycles long, and only short steps let the machine work on many groups at once (a single pass took an
 * eighth longer).
 */
#include "json/scan_state.h"

#define STRETCH 8 /* groups */

/* What one group of 64 hands on to the next. */
struct scan_carry {
    uint64_t escaped;   /* 1: the next byte is escaped */
    uint64_t in_string; /* all ones, or zero */
    uint64_t item;      /* 1: we are inside a string that stands behind `{` or a comma */
    uint64_t item_end, wordy, zero;
    struct group_carry group;
};

/* What the passes over a stretch hand on to each other, a word per group. */
struct stretch {
    const char *at;
    uint32_t base; /* of `at` in the block */
    uint32_t groups;
    uint64_t last_valid; /* the bytes of its last group that belong to the block */
    uint64_t quotes[STRETCH], newlines[STRETCH], in_string[STRETCH];
    uint64_t broken[STRETCH];  /* newlines inside a string */
    uint64_t escapes[STRETCH]; /* backslashes that begin one */
    uint64_t tokens[STRETCH], looked_at[STRETCH];
    bool special[STRETCH];
};

static inline uint64_t valid_of(const struct stretch *stretch, uint32_t group)
{
    return group + 1 == stretch->groups ? stretch->last_valid : ~UINT64_C(0);
}

/* Pass one: where the strings are. */
static inline void stretch_strings(struct stretch *stretch, struct scan_carry *carry)
{
    for (uint32_t i = 0; i < stretch->groups; i++) {
        struct group g = group_load(stretch->at + 64 * (size_t)i);
        uint64_t valid = valid_of(stretch, i), escaped = 0, odd = 0;
        stretch->special[i] = g.special;
        stretch->escapes[i] = 0;
        if (__builtin_expect(g.special | (carry->escaped != 0), 0))
            escaped = escaped_bytes(group_backslashes(&g), &carry->escaped, &stretch->escapes[i]);
        stretch->quotes[i] = g.quote & ~escaped & valid;
        stretch->newlines[i] = g.newline & valid;
        stretch->in_string[i] =
                string_bytes(prefix_xor(stretch->quotes[i]), stretch->newlines[i], &carry->in_string, &odd);
        stretch->broken[i] = odd;
    }
}

static inline void note_put(struct json_scan *scan, const struct stretch *stretch, uint32_t i, const struct group *g)
{
    uint64_t valid = valid_of(stretch, i);
    struct scan_note note = group_note(g, valid);
    note.base = stretch->base + 64 * i;
    note.odd |= stretch->broken[i];
    note.escapes = stretch->escapes[i] & valid;
    scan->notes[scan->note_count++] = note;
}

/* Pass two: the rules, and which bytes are tokens. */
static inline void stretch_grammar(struct json_scan *scan, struct stretch *stretch, struct scan_carry *carry)
{
    for (uint32_t i = 0; i < stretch->groups; i++) {
        struct group g = group_load(stretch->at + 64 * (size_t)i);
        uint64_t valid = valid_of(stretch, i), in_string = stretch->in_string[i], quotes = stretch->quotes[i];
        group_strings(&g, in_string, quotes, valid, &carry->group);

        /* Adding the opening quote of an item to the bytes of its string carries into its closing quote. */
        uint64_t item_end;
        bool over = __builtin_add_overflow(in_string, quotes & in_string & g.after_item_start, &item_end);
        over |= __builtin_add_overflow(item_end, carry->item, &item_end);
        carry->item = over;
        group_items(&g, after(item_end & quotes & ~in_string, &carry->item_end));

        uint64_t wordy = g.wordy & valid; /* signs, points, letters: and a leading zero: such scalars are looked at */
        stretch->tokens[i] = (g.tokens & valid) | stretch->newlines[i];
        stretch->looked_at[i] =
                (wordy & ~after(wordy, &carry->wordy)) | (after(g.zero_start, &carry->zero) & g.scalar & valid);
        if (__builtin_expect(g.odd | stretch->special[i] | (stretch->broken[i] != 0), 0))
            note_put(scan, stretch, i, &g);
    }
}

/* Pass three: from bits to places. */
static inline void stretch_places(struct json_scan *scan, const struct stretch *stretch)
{
    uint32_t *token = scan->tokens + scan->token_count;
    unsigned with_newlines = 0, with_looks = 0;
    for (uint32_t i = 0; i < stretch->groups; i++) {
        uint32_t base = stretch->base + 64 * i;
        scan->quotes[base / 64] = stretch->quotes[i];
        scan->newlines[base / 64] = stretch->newlines[i];
        scan->token_bits[base / 64] = stretch->tokens[i];
        scan->looked_at[base / 64] = stretch->looked_at[i];
        scan->tokens_before[base / 64] = (uint32_t)(token - scan->tokens);
        with_newlines |= (unsigned)(stretch->newlines[i] != 0) << i;
        with_looks |= (unsigned)(stretch->looked_at[i] != 0) << i;
        token = positions_put(token, base, stretch->tokens[i]);
    }
    scan->with_newlines[stretch->base / (64 * STRETCH)] = (uint8_t)with_newlines;
    scan->with_looks[stretch->base / (64 * STRETCH)] = (uint8_t)with_looks;
    scan->token_count = (size_t)(token - scan->tokens);
}

static inline void scan_groups(struct json_scan *scan)
{
    struct scan_carry carry = {.group = group_begin()};
    struct stretch stretch;
    for (size_t at = 0; at < scan->bytes; at += 64 * STRETCH) {
        size_t left = scan->bytes - at;
        bool last = left <= 64 * STRETCH;
        stretch.at = scan->block + at;
        stretch.base = (uint32_t)at;
        stretch.groups = last ? (uint32_t)((left + 63) / 64) : STRETCH;
        stretch.last_valid = last && left % 64 != 0 ? (UINT64_C(1) << left % 64) - 1 : ~UINT64_C(0);
        stretch_strings(&stretch, &carry);
        stretch_grammar(scan, &stretch, &carry);
        stretch_places(scan, &stretch);
    }
    scan_lines(scan);
}
