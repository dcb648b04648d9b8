/* SPDX-License-Identifier: Apache-2.0 */
#include "json/read.h"

#include <math.h>

#include "base/arena.h"
#include "json/chars.h"

/* No double needs more than 767 digits to be told from its neighbours; one more says "and something behind". */
#define NUMBER_DIGITS_MAX 800
#define NUMBER_ROOM (NUMBER_DIGITS_MAX + 32)
#define EXPONENT_MAX 99999 /* with so few digits, beyond any double */

static const uint8_t kinds[256] = {
        ['{'] = JSON_OBJECT,
        ['['] = JSON_ARRAY,
        ['"'] = JSON_STRING,
        ['-'] = JSON_NUMBER,
        ['0'] = JSON_NUMBER,
        ['1'] = JSON_NUMBER,
        ['2'] = JSON_NUMBER,
        ['3'] = JSON_NUMBER,
        ['4'] = JSON_NUMBER,
        ['5'] = JSON_NUMBER,
        ['6'] = JSON_NUMBER,
        ['7'] = JSON_NUMBER,
        ['8'] = JSON_NUMBER,
        ['9'] = JSON_NUMBER,
        ['t'] = JSON_TRUE,
        ['f'] = JSON_FALSE,
        ['n'] = JSON_NULL,
};

static const char *blanks(const char *at, const char *end)
{
    while (at < end && byte_is_blank(*at))
        at++;
    return at;
}

static const char *behind(const char *at, const char *end)
{
    return at < end ? at + 1 : end;
}

/* The closing quote of a string, from behind the opening one. */
static const char *string_end(const char *at, const char *end)
{
    while (at < end) {
        if (end - at >= 8) {
            uint64_t word = json_load8(at);
            uint64_t marks = (json_bytes_like(word, '"') | json_bytes_like(word, '\\')) & ~word & JSON_HIGH_BITS;
            at += marks == 0 ? 8 : json_first_mark(marks);
            if (marks == 0)
                continue;
        }
        if (*at == '"')
            return at;
        at = *at == '\\' ? behind(at + 1, end) : at + 1;
    }
    return end;
}

/* Counts the brackets up to the next quote in eight bytes at once; false, and nothing is done, if they may be the last.
 */
static bool nested_word(const char **at, const char *end, size_t *depth)
{
    uint64_t word = json_load8(*at);
    uint64_t folded = word | JSON_BYTES(0x20); /* makes [ and ] the braces above them */
    uint64_t quotes = json_bytes_equal(word, '"');
    uint64_t before_quote = (quotes & -quotes) - 1;
    size_t closing = json_count_marks(json_bytes_equal(folded, '}') & before_quote);
    if (closing >= *depth)
        return false;
    *depth += json_count_marks(json_bytes_equal(folded, '{') & before_quote) - closing;
    *at = quotes == 0 ? *at + 8 : behind(string_end(*at + json_first_mark(quotes) + 1, end), end);
    return true;
}

static const char *nested_bytes(const char *at, const char *stop, const char *end, size_t *depth)
{
    while (at<stop && * depth> 0) {
        char c = *at++;
        if (c == '"')
            at = behind(string_end(at, end), end);
        else if ((c | 0x20) == '{')
            ++*depth;
        else if ((c | 0x20) == '}')
            --*depth;
    }
    return at;
}

/* Brackets are only counted: in checked text they match. */
static const char *nested_end(const char *at, const char *end)
{
    size_t depth = 1;
    at++;
    while (at < end && depth > 0)
        if (end - at < 8)
            at = nested_bytes(at, end, end, &depth);
        else if (!nested_word(&at, end, &depth))
            at = nested_bytes(at, at + 8, end, &depth);
    return at;
}

static const char *value_end(const char *at, const char *end)
{
    if (at < end && *at == '"')
        return behind(string_end(at + 1, end), end);
    if (at < end && (*at == '{' || *at == '['))
        return nested_end(at, end);
    while (at < end && *at != ',' && *at != ']' && *at != '}' && !byte_is_blank(*at))
        at++;
    return at;
}

/* Where the next member or element begins; `end` if there is none. */
static const char *item_begin(const char *at, const char *end)
{
    at = blanks(at, end);
    if (at < end && *at == ',')
        at = blanks(at + 1, end);
    return at < end && *at != ']' && *at != '}' && *at != ',' ? at : end;
}

/* An empty slice may have no pointer, and C adds nothing to that, not even zero. */
static const char *end_of(slice s)
{
    return s.len == 0 ? s.ptr : s.ptr + s.len;
}

enum json_kind json_kind(slice value)
{
    const char *end = end_of(value), *at = blanks(value.ptr, end);
    return at < end ? kinds[(uint8_t)*at] : JSON_NONE;
}

/* The inside of an object or array, up to and with its last bracket. */
static slice inside(slice value, enum json_kind kind)
{
    if (json_kind(value) != kind)
        return (slice){value.ptr, 0};
    value = slice_trim(value);
    return slice_from(value, 1);
}

struct json_members json_members(slice object)
{
    slice text = inside(object, JSON_OBJECT);
    return (struct json_members){text.ptr, end_of(text)};
}

bool json_member_next(struct json_members *members, slice *key, slice *value)
{
    const char *end = members->end;
    const char *at = item_begin(members->at, end);
    members->at = end;
    if (at == end || *at != '"')
        return false;
    const char *quote = string_end(at + 1, end);
    *key = (slice){at + 1, (size_t)(quote - (at + 1))};
    at = blanks(behind(quote, end), end);
    at = blanks(behind(at, end), end);
    members->at = value_end(at, end);
    *value = (slice){at, (size_t)(members->at - at)};
    return true;
}

bool json_key_is(slice raw_key, slice text)
{
    if (raw_key.len < text.len)
        return false; /* an escape is never shorter than what it stands for */
    if (raw_key.len == 0 || memchr(raw_key.ptr, '\\', raw_key.len) == NULL)
        return slice_eq(raw_key, text);
    struct json_chars chars = json_chars(raw_key);
    for (size_t i = 0; i < text.len; i++)
        if (json_chars_next(&chars) != (uint8_t)text.ptr[i])
            return false;
    return json_chars_next(&chars) < 0;
}

struct json_elements json_elements(slice array)
{
    slice text = inside(array, JSON_ARRAY);
    return (struct json_elements){text.ptr, end_of(text)};
}

bool json_element_next(struct json_elements *elements, slice *value)
{
    const char *at = item_begin(elements->at, elements->end);
    elements->at = value_end(at, elements->end);
    if (at == elements->end)
        return false;
    *value = (slice){at, (size_t)(elements->at - at)};
    return true;
}

slice json_get(slice object, slice key)
{
    struct json_members members = json_members(object);
    slice raw_key, value;
    while (json_member_next(&members, &raw_key, &value))
        if (json_key_is(raw_key, key))
            return value;
    return (slice){0};
}

slice json_text(slice string, struct arena *arena)
{
    if (json_kind(string) != JSON_STRING)
        return (slice){0};
    slice text = slice_from(slice_trim(string), 1);
    const char *quote = string_end(text.ptr, end_of(text));
    return json_unescape((slice){text.ptr, (size_t)(quote - text.ptr)}, arena);
}

slice json_unescape(slice raw, struct arena *arena)
{
    size_t run = slice_find(raw, '\\');
    if (run == raw.len)
        return raw;
    char *text = arena_take(arena, raw.len);
    size_t len = 0;
    while (raw.len > 0) {
        memcpy(text + len, raw.ptr, run);
        len += run;
        const char *at = raw.ptr + run, *end = raw.ptr + raw.len;
        if (at < end) {
            char bytes[4];
            size_t count = json_escape_take(&at, end, bytes);
            memcpy(text + len, bytes, count);
            len += count;
        }
        raw = (slice){at, (size_t)(end - at)};
        run = slice_find(raw, '\\');
    }
    return (slice){text, len};
}

bool json_i64(slice number, int64_t *value)
{
    slice digits = slice_trim(number);
    bool negative = slice_starts(digits, S("-"));
    uint64_t n;
    if (!slice_u64(slice_from(digits, negative), (uint64_t)INT64_MAX + negative, &n))
        return false;
    *value = (int64_t)(negative ? 0 - n : n);
    return true;
}

/* The exponent from behind its `e`, or one that is beyond any text. */
static int64_t exponent_read(slice text)
{
    bool negative = slice_starts(text, S("-"));
    if (negative || slice_starts(text, S("+")))
        text = slice_from(text, 1);
    int64_t exponent = 0;
    for (size_t i = 0; i < text.len && exponent < INT64_MAX / 100; i++)
        exponent = exponent * 10 + (text.ptr[i] - '0');
    return negative ? -exponent : exponent;
}

/* Writes a number of any length as few digits and an exponent that read as the same double. */
static void number_shorten(slice number, char copy[NUMBER_ROOM])
{
    size_t len = 0, digits = 0, at = 0;
    int64_t exponent = 0;
    bool fraction = false, rest = false;
    if (slice_starts(number, S("-")))
        copy[len++] = number.ptr[at++];
    for (; at < number.len && (number.ptr[at] | 0x20) != 'e'; at++) {
        char c = number.ptr[at];
        bool leading = digits == 0 && c == '0';
        bool keep = !leading && digits < NUMBER_DIGITS_MAX;
        if (c == '.') {
            fraction = true;
            continue;
        }
        if (keep) {
            copy[len++] = c;
            digits++;
        }
        rest |= !keep && c != '0';
        exponent += keep || leading ? -fraction : !fraction;
    }
    if (at < number.len)
        exponent += exponent_read(slice_from(number, at + 1));
    exponent -= rest;
    exponent = exponent > EXPONENT_MAX ? EXPONENT_MAX : exponent < -EXPONENT_MAX ? -EXPONENT_MAX : exponent;
    snprintf(copy + len, NUMBER_ROOM - len, "%se%d", rest ? "1" : digits == 0 ? "0" : "", (int)exponent);
}

bool json_double(slice number, double *value)
{
    if (json_kind(number) != JSON_NUMBER)
        return false;
    number = slice_trim(number);
    char copy[NUMBER_ROOM];
    if (number.len < sizeof copy) {
        memcpy(copy, number.ptr, number.len);
        copy[number.len] = '\0';
    } else {
        number_shorten(number, copy);
    }
    double read = strtod(copy, NULL);
    if (!isfinite(read))
        return false;
    *value = read;
    return true;
}
