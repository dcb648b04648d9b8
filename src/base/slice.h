/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A slice is a run of bytes that somebody else owns: part of a file, a batch of lines, an arena.
 * It is passed by value like a number and is not ended by a NUL. An empty slice may have a NULL pointer.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct slice {
    const char *ptr;
    size_t len;
} slice;

/* The slice of a string literal. */
#define S(literal) ((slice){(literal), sizeof(literal) - 1})
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define MUST_USE __attribute__((warn_unused_result))

static inline slice slice_of(const char *text)
{
    return (slice){text, strlen(text)};
}

static inline slice slice_part(slice s, size_t from, size_t to)
{
    return (slice){s.ptr + from, to - from};
}

static inline slice slice_from(slice s, size_t from)
{
    return (slice){s.ptr + from, s.len - from};
}

static inline bool slice_eq(slice a, slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool slice_starts(slice s, slice with)
{
    return s.len >= with.len && memcmp(s.ptr, with.ptr, with.len) == 0;
}

static inline bool slice_ends(slice s, slice with)
{
    return s.len >= with.len && memcmp(s.ptr + s.len - with.len, with.ptr, with.len) == 0;
}

/* The place of the first such byte, or s.len. */
static inline size_t slice_find(slice s, char byte)
{
    const char *at = s.len == 0 ? NULL : memchr(s.ptr, byte, s.len);
    return at == NULL ? s.len : (size_t)(at - s.ptr);
}

/* The same where it is likely among the first few. */
static inline size_t slice_find_near(slice s, char byte)
{
    size_t near = s.len < 8 ? s.len : 8;
    for (size_t i = 0; i < near; i++)
        if (s.ptr[i] == byte)
            return i;
    return near + slice_find((slice){s.ptr + near, s.len - near}, byte);
}

/* Whether any of eight bytes is this one (Hacker's Delight, section 6-1). */
static inline bool eight_hold(const char *at, char byte)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    word ^= UINT64_C(0x0101010101010101) * (uint8_t)byte;
    return ((word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080)) != 0;
}

/* Whether such a byte occurs: for the short values of logs quicker than a search for where. */
static inline bool slice_holds(slice s, char byte)
{
    if (s.len < 8 || s.len > 64)
        return slice_find(s, byte) < s.len;
    bool holds = eight_hold(s.ptr + s.len - 8, byte);
    for (size_t at = 0; at + 8 < s.len; at += 8)
        holds |= eight_hold(s.ptr + at, byte);
    return holds;
}

static inline char byte_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool byte_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool byte_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The value of a hexadecimal digit, or -1. */
static inline int byte_hex(char c)
{
    char low = byte_lower(c);
    return byte_is_digit(c) ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* Writes the bytes that the digits stand for; false, and *bytes untouched, unless they are just `count` bytes. */
bool slice_hex(slice text, void *bytes, size_t count);
/* Equal but for the case of ASCII letters. */
bool slice_eq_fold(slice a, slice b);
/* As memcmp orders: negative, zero or positive; a prefix comes before the longer one. */
int slice_order(slice a, slice b);
/* Where `part` first occurs in s, or s.len. */
size_t slice_find_slice(slice s, slice part);
/* Without blanks (space, tab, CR, LF) at both ends. */
slice slice_trim(slice s);
/*
 * Takes the piece before the first `at` off the front of *rest and moves *rest behind it.
 * False when *rest is exhausted; a text "a,b," gives "a", "b" and "". Start with a slice whose ptr is not NULL.
 */
bool slice_next(slice *rest, char at, slice *piece);
/* A whole number in decimal, nothing else around it. False if it is not one or exceeds `most`. */
bool slice_u64(slice s, uint64_t most, uint64_t *value);
