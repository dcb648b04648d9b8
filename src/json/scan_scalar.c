/* SPDX-License-Identifier: Apache-2.0 */
/* The scan for any machine: one byte at a time, and the reference for the other two. */
#include "json/scan_bitmaps.h"

enum { QUOTE, BACKSLASH, NEWLINE, OBJECT_OPEN, OBJECT_CLOSE, ARRAY_OPEN, ARRAY_CLOSE, COLON, COMMA, CLASSES };

static const uint8_t byte_class[256] = {
        ['"'] = 1 + QUOTE,
        ['\\'] = 1 + BACKSLASH,
        ['\n'] = 1 + NEWLINE,
        ['{'] = 1 + OBJECT_OPEN,
        ['}'] = 1 + OBJECT_CLOSE,
        ['['] = 1 + ARRAY_OPEN,
        [']'] = 1 + ARRAY_CLOSE,
        [':'] = 1 + COLON,
        [','] = 1 + COMMA,
};

static inline struct group group_load(const char *at)
{
    uint64_t bits[1 + CLASSES] = {0};
    struct group g = {0};
    for (unsigned i = 0; i < 64; i++) {
        uint8_t byte = (uint8_t)at[i];
        bits[byte_class[byte]] |= UINT64_C(1) << i;
        g.digit |= (uint64_t)(byte >= '0' && byte <= '9') << i;
        g.zero |= (uint64_t)(byte == '0') << i;
        g.blank |= (uint64_t)(byte <= 0x20) << i;
        g.control |= (uint64_t)(byte < 0x20) << i;
        g.high |= (uint64_t)(byte >> 7) << i;
    }
    const uint64_t *of = bits + 1;
    g.quote = of[QUOTE];
    g.backslash = of[BACKSLASH];
    g.newline = of[NEWLINE];
    g.object_open = of[OBJECT_OPEN];
    g.object_close = of[OBJECT_CLOSE];
    g.array_open = of[ARRAY_OPEN];
    g.array_close = of[ARRAY_CLOSE];
    g.colon = of[COLON];
    g.comma = of[COMMA];
    g.special = ((g.control & ~g.newline) | g.high | g.backslash) != 0;
    return g;
}

static inline uint64_t prefix_xor(uint64_t bits)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

static inline uint32_t *positions_put(uint32_t *to, uint32_t base, uint64_t bits)
{
    for (; bits != 0; bits &= bits - 1)
        *to++ = base + (uint32_t)__builtin_ctzll(bits);
    return to;
}

#include "json/scan_core.h"

void scan_words_scalar(struct json_scan *scan)
{
    scan_groups(scan);
}

/* In steps that a byte can count, so that the compiler makes vectors of it. */
uint64_t newlines_count_scalar(slice text)
{
    uint64_t count = 0;
    for (size_t at = 0; at < text.len; at += 240) {
        size_t step = text.len - at < 240 ? text.len - at : 240;
        uint8_t some = 0;
        for (size_t i = 0; i < step; i++)
            some = (uint8_t)(some + (text.ptr[at + i] == '\n'));
        count += some;
    }
    return count;
}
