/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the three scans share: the block being scanned, and the rare things noted for later. Private to json/scan*. */
#include <endian.h>

#include "json/scan.h"

void scan_words_scalar(struct json_scan *scan);
void scan_words_avx2(struct json_scan *scan);
void scan_words_avx512(struct json_scan *scan);
uint64_t newlines_count_scalar(slice text);
uint64_t newlines_count_avx2(slice text);
uint64_t newlines_count_avx512(slice text);

/* Something about the 64 bytes at `base` that their lines' flags depend on. */
struct scan_note {
    uint32_t base;
    uint64_t odd, high, backslash;
    uint64_t escapes; /* the backslashes that begin an escape */
};

/* The bits one place up, with the last bit of the group before. */
static inline uint64_t after(uint64_t bits, uint64_t *carry)
{
    uint64_t shifted = bits << 1 | *carry;
    *carry = bits >> 63;
    return shifted;
}

/* The bytes that a backslash escapes; *escapes are the backslashes that do so. Odd and even runs by carry arithmetic.
 */
static inline uint64_t escaped_bytes(uint64_t backslash, uint64_t *carry, uint64_t *escapes)
{
    const uint64_t odd_bits = UINT64_C(0xAAAAAAAAAAAAAAAA);
    uint64_t start = backslash & ~*carry;
    uint64_t code = (((start << 1) | odd_bits) - start) ^ odd_bits;
    uint64_t escaped = code ^ (backslash | *carry);
    *escapes = code & backslash;
    *carry = *escapes >> 63;
    return escaped;
}

/*
 * Which bytes are in strings, opening quote included, closing quote not, from the parity of the quotes up to each. A
 * string cannot pass a newline: one that does is odd, and the next line begins outside again.
 */
static inline uint64_t string_bytes(uint64_t parity, uint64_t newlines, uint64_t *carry, uint64_t *odd)
{
    uint64_t in_string = parity ^ *carry;
    uint64_t broken;
    while (__builtin_expect((broken = in_string & newlines) != 0, 0)) {
        uint64_t at = broken & -broken;
        in_string ^= -at;
        *odd |= at;
    }
    *carry = -(in_string >> 63);
    return in_string;
}

/* A bit for each of 64 groups, as with_newlines and with_looks have them. */
static inline uint64_t groups_with(const uint8_t *with, size_t group)
{
    uint64_t groups;
    memcpy(&groups, with + group / 8, sizeof groups);
    return le64toh(groups);
}

/*
 * From newlines to lines, once their groups' tokens are counted. A line's first token is the one behind the newline
 * before it. Here and not in scan.c, since not every machine can count bits.
 */
static inline void scan_lines(struct json_scan *scan)
{
    struct json_line *line = scan->lines;
    for (size_t first = 0; first < scan->group_count; first += 64)
        for (uint64_t groups = groups_with(scan->with_newlines, first); groups != 0; groups &= groups - 1) {
            size_t group = first + (size_t)__builtin_ctzll(groups);
            for (uint64_t bits = scan->newlines[group]; bits != 0; bits &= bits - 1) {
                uint64_t upto = bits ^ (bits - 1);
                line->end = (uint32_t)(64 * group) + (uint32_t)__builtin_ctzll(bits);
                uint32_t tokens = (uint32_t)__builtin_popcountll(scan->token_bits[group] & upto);
                (++line)->token = scan->tokens_before[group] + tokens;
            }
        }
    scan->line_count = (size_t)(line - scan->lines);
}
