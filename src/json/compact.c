/* SPDX-License-Identifier: Apache-2.0 */
#include "json/scan.h"

#include <string.h>

/* Quotes bound strings, and nearly all that is outside of them is a colon or a comma and the blank behind it. */

/* The first quote from `at` on, or `end`. */
static size_t next_quote(const struct json_scan *scan, size_t at, size_t end)
{
    for (size_t word = at / 64; at < end; at = 64 * ++word) {
        uint64_t bits = scan->quotes[word] >> at % 64;
        if (bits != 0)
            return at + (size_t)__builtin_ctzll(bits) < end ? at + (size_t)__builtin_ctzll(bits) : end;
    }
    return end;
}

/* Strings are short: sixteen bytes at a time, up to fifteen too many, for which there is room on both sides. */
static char *put_string(char *to, const char *from, size_t len)
{
    for (size_t done = 0; done < len; done += 16)
        memcpy(to + done, from + done, 16);
    return to + len;
}

static char *put_outside(char *to, const char *from, size_t len)
{
    char last = 0;
    for (size_t i = 0; i < len; i++) {
        bool blank = from[i] == ' ' || from[i] == '\t';
        if (blank && (last == ':' || last == ',' || last == '{' || last == '['))
            continue;
        last = *to++ = from[i];
    }
    return to;
}

static char *put_line(const struct json_scan *scan, size_t at, size_t end, char *to)
{
    while (at < end) {
        size_t open = next_quote(scan, at, end);
        to = put_outside(to, scan->block + at, open - at);
        size_t close = open == end ? end : next_quote(scan, open + 1, end);
        at = close == end ? end : close + 1;
        to = put_string(to, scan->block + open, at - open);
    }
    return to;
}

slice json_scan_compact(const struct json_scan *scan, char *room)
{
    char *to = room;
    size_t at = 0;
    for (size_t i = 0; i < scan->line_count; i++) {
        size_t end = scan->lines[i].end + (size_t)1;
        to = put_line(scan, at, end, to);
        at = end;
    }
    memset(to, '\n', JSON_SCAN_PAD);
    return (slice){room, (size_t)(to - room)};
}
