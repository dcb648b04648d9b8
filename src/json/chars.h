/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The inside of JSON strings, for the files of this folder: plain runs, UTF-8, escapes in and out. Nothing here reads
 * at or behind `end`, whatever the text holds.
 */
#include <endian.h>

#include "base/buf.h"

#define JSON_BYTES(byte) (UINT64_C(0x0101010101010101) * (byte))
#define JSON_HIGH_BITS JSON_BYTES(0x80)

/* Eight bytes, the first one lowest. */
static inline uint64_t json_load8(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

/*
 * For each byte below 0x80 of a word: its high bit becomes set where the byte is `byte`. Bytes behind the first one
 * found may be set by the borrow, bytes of 0x80 and more are undefined: only the lowest set bit counts.
 */
static inline uint64_t json_bytes_like(uint64_t word, uint8_t byte)
{
    return (word ^ JSON_BYTES(byte)) - JSON_BYTES(1);
}

/* The high bit of each byte of a word that is `byte`, exactly. */
static inline uint64_t json_bytes_equal(uint64_t word, uint8_t byte)
{
    uint64_t other = word ^ JSON_BYTES(byte);
    return ~(((other & ~JSON_HIGH_BITS) + ~JSON_HIGH_BITS) | other) & JSON_HIGH_BITS;
}

static inline unsigned json_count_marks(uint64_t marks)
{
    return (unsigned)((marks >> 7) * JSON_BYTES(1) >> 56);
}

/* The place in a word of the lowest marked byte. */
static inline unsigned json_first_mark(uint64_t marks)
{
    return (unsigned)__builtin_ctzll(marks) / 8;
}

static inline bool json_is_plain(char c)
{
    return (uint8_t)c >= 0x20 && (uint8_t)c < 0x80 && c != '"' && c != '\\';
}

/* Where the run of ASCII ends that stands in a string as it is; then comes a quote, backslash, control or UTF-8. */
static inline const char *json_plain_end(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t word = json_load8(at);
        uint64_t marks = json_bytes_like(word, '"') | json_bytes_like(word, '\\') | (word - JSON_BYTES(0x20)) | word;
        if ((marks & JSON_HIGH_BITS) != 0)
            return at + json_first_mark(marks & JSON_HIGH_BITS);
        at += 8;
    }
    while (at < end && json_is_plain(*at))
        at++;
    return at;
}

static inline bool json_utf8_trail(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The length of the well-formed UTF-8 sequence of 2 to 4 bytes that begins here (RFC 3629 section 4); 0 if none does.
 */
static inline size_t json_utf8_bytes(const char *at, const char *end)
{
    const uint8_t *u = (const uint8_t *)at;
    size_t room = (size_t)(end - at);
    if (room < 2 || !json_utf8_trail(u[1]))
        return 0;
    if (u[0] >= 0xC2 && u[0] <= 0xDF)
        return 2;
    if (room < 3 || !json_utf8_trail(u[2]))
        return 0;
    uint32_t two = (uint32_t)(u[0] & 0x0F) << 6 | (u[1] & 0x3F); /* all but the last six bits of three bytes */
    if ((u[0] & 0xF0) == 0xE0)
        return two >= 0x20 && (two & 0x3E0) != 0x360 ? 3 : 0;
    if (room < 4 || !json_utf8_trail(u[3]) || u[0] < 0xF0 || u[0] > 0xF4)
        return 0;
    two = (uint32_t)(u[0] & 0x07) << 6 | (u[1] & 0x3F); /* all but the last twelve bits of four bytes */
    return two >= 0x10 && two <= 0x10F ? 4 : 0;
}

static inline size_t json_utf8_put(uint32_t point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t bytes = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = bytes - 1; i > 0; i--, point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3F));
    out[0] = (char)((0xF00 >> bytes & 0xF0) | point);
    return bytes;
}

/* The UTF-16 unit of the `\uXXXX` that stands here, or -1. */
static inline int32_t json_escape_unit(const char *at, const char *end)
{
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    int32_t unit = 0;
    for (unsigned i = 2; i < 6; i++) {
        int digit = byte_hex(at[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static inline bool json_is_high_surrogate(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static inline bool json_is_low_surrogate(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* The character of a short escape by its letter (RFC 8259 section 7); 0 if there is none. */
static inline char json_short_escape(char letter)
{
    static const char characters[128] = {['"'] = '"',
            ['\\'] = '\\',
            ['/'] = '/',
            ['b'] = '\b',
            ['f'] = '\f',
            ['n'] = '\n',
            ['r'] = '\r',
            ['t'] = '\t'};
    return (uint8_t)letter < 0x80 ? characters[(uint8_t)letter] : 0;
}

/*
 * Takes the escape that begins at the backslash *at, moves *at behind it and returns how many bytes of UTF-8 it is.
 * What is no escape (never in checked text) gives nothing and is passed over.
 */
static inline size_t json_escape_take(const char **at, const char *end, char out[4])
{
    const char *from = *at;
    int32_t unit = json_escape_unit(from, end);
    if (unit < 0) {
        *at = end - from < 2 ? end : from + 2;
        out[0] = end - from < 2 ? 0 : json_short_escape(from[1]);
        return out[0] != 0;
    }
    *at = from + 6;
    int32_t low = json_is_high_surrogate(unit) ? json_escape_unit(from + 6, end) : -1;
    if (json_is_low_surrogate(low)) {
        *at = from + 12;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    return json_utf8_put((uint32_t)unit, out);
}

/* The bytes of a string's text one by one, escapes resolved: slow, and in need of no memory. */
struct json_chars {
    const char *at, *end; /* raw */
    char held[4];         /* of an escape */
    unsigned held_at, held_count;
};

static inline struct json_chars json_chars(slice raw)
{
    return (struct json_chars){.at = raw.ptr, .end = raw.ptr + raw.len};
}

/* The next byte, or -1 at the end. */
static inline int json_chars_next(struct json_chars *chars)
{
    while (chars->held_at == chars->held_count) {
        if (chars->at == chars->end)
            return -1;
        if (*chars->at != '\\')
            return (uint8_t)*chars->at++;
        chars->held_at = 0;
        chars->held_count = (unsigned)json_escape_take(&chars->at, chars->end, chars->held);
    }
    return (uint8_t)chars->held[chars->held_at++];
}

/* A quote, backslash or control character in the shortest way (RFC 8785 section 3.2.2.2), anything else as it is. */
static inline void json_put_char(struct buf *buf, char c)
{
    static const char letters[128] = {
            ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    char letter = (uint8_t)c < 0x80 ? letters[(uint8_t)c] : 0;
    if (letter != 0)
        buf_put(buf, (slice){(char[]){'\\', letter}, 2});
    else if ((uint8_t)c < 0x20)
        buf_printf(buf, "\\u%04x", (unsigned)c);
    else
        buf_byte(buf, c);
}
