/* SPDX-License-Identifier: Apache-2.0 */
#include "json/jcs.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>

#include "base/arena.h"
#include "json/chars.h"
#include "json/check.h"
#include "json/read.h"

/*
 * The text is walked from the outside in, once for each level of nesting: opening an object collects its members, sorts
 * them, and then each value is written or opened in its turn. Members of open objects lie on one stack in the arena.
 */

#define INTEGER_EXACT ((int64_t)1 << 53) /* up to here a whole number is its own double */
#define DIGITS_SURE 15                   /* so many digits of a normal double are never more than needed */
#define DIGITS_MAX 17                    /* and so many always enough */

struct member {
    slice key; /* raw */
    slice value;
};

struct level {
    bool object;
    bool comma;
    struct json_elements elements; /* of an array */
    size_t first, next;            /* of an object, on the stack */
};

struct canon {
    struct arena *arena;
    struct buf *out;
    struct member *members;
    size_t top, room;
    unsigned depth;
    struct level levels[JSON_DEPTH_MAX];
};

/* A double as digits × 10^exponent, the digits without zeros at the end. */
struct decimal {
    uint64_t digits;
    int exponent;
};

static struct decimal decimal_trim(struct decimal d)
{
    while (d.digits != 0 && d.digits % 10 == 0)
        d = (struct decimal){d.digits / 10, d.exponent + 1};
    return d;
}

static bool decimal_reads_as(struct decimal d, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%" PRIu64 "e%d", d.digits, d.exponent);
    return strtod(text, NULL) == value;
}

/* The positive value rounded to so many digits. */
static struct decimal decimal_round(double value, int digits)
{
    char text[40];
    struct decimal d = {0};
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    const char *at = text;
    for (; *at != 'e'; at++)
        if (*at != '.')
            d.digits = d.digits * 10 + (uint64_t)(*at - '0');
    d.exponent = (int)strtol(at + 1, NULL, 10) - (digits - 1);
    return d;
}

/*
 * The fewest digits that read as the value, and of those the nearest (ECMAScript, Number::toString). Just above a power
 * of two the doubles lie twice as far apart as just below, so when the nearest decimal lies below and is not the value,
 * the next one above still may be.
 */
static struct decimal decimal_shortest(double value)
{
    for (int digits = value < DBL_MIN ? 1 : DIGITS_SURE; digits < DIGITS_MAX; digits++) {
        struct decimal nearest = decimal_round(value, digits);
        if (decimal_reads_as(nearest, value))
            return decimal_trim(nearest);
        nearest.digits++;
        if (decimal_reads_as(nearest, value))
            return decimal_trim(nearest);
    }
    return decimal_trim(decimal_round(value, DIGITS_MAX));
}

static void put_zeros(struct buf *out, int count)
{
    for (; count > 0; count--)
        buf_byte(out, '0');
}

/* ECMAScript 2023, 6.1.6.1.20: `point` digits stand before the decimal point. */
static void put_decimal(struct buf *out, struct decimal d)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, d.digits);
    int point = count + d.exponent;
    if (point > 21 || point <= -6) {
        buf_printf(out, count > 1 ? "%.1s.%s" : "%.1s%s", digits, digits + 1);
        buf_printf(out, "e%+d", point - 1);
    } else if (point >= count) {
        buf_put(out, slice_of(digits));
        put_zeros(out, point - count);
    } else if (point > 0) {
        buf_printf(out, "%.*s.%s", point, digits, digits + point);
    } else {
        buf_put(out, S("0."));
        put_zeros(out, -point);
        buf_put(out, slice_of(digits));
    }
}

static struct err put_number(struct buf *out, slice number)
{
    int64_t whole;
    if (json_i64(number, &whole) && whole >= -INTEGER_EXACT && whole <= INTEGER_EXACT) {
        buf_i64(out, whole);
        return OK;
    }
    double value;
    if (!json_double(number, &value))
        return err_make(ERR_INPUT, "a number is beyond IEEE 754 double [RFC 8785 section 3.2.2.3]");
    if (value < 0)
        buf_byte(out, '-');
    if (value == 0)
        buf_byte(out, '0'); /* of either sign */
    else
        put_decimal(out, decimal_shortest(fabs(value)));
    return OK;
}

/* Checked text needs no escape of ours but where it has one itself. */
static void put_string(struct buf *out, slice raw)
{
    const char *at = raw.ptr, *end = raw.ptr + raw.len;
    buf_byte(out, '"');
    while (at < end) {
        slice rest = {at, (size_t)(end - at)};
        slice run = slice_part(rest, 0, slice_find(rest, '\\'));
        buf_put(out, run);
        at += run.len;
        char bytes[4];
        size_t count = at < end ? json_escape_take(&at, end, bytes) : 0;
        if (count == 1)
            json_put_char(out, bytes[0]);
        else
            buf_put(out, (slice){bytes, count});
    }
    buf_byte(out, '"');
}

/*
 * The order of UTF-16 is that of UTF-8, but that characters from U+10000 (F0 and above) are surrogates there and come
 * before U+E000 to U+FFFF (EE and EF).
 */
static int utf16_weight(int byte)
{
    return byte == 0xEE || byte == 0xEF ? byte + 0x100 : byte;
}

/* Equal keys, where a check allowed them, stay in their order. */
static int member_order(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    struct json_chars xs = json_chars(x->key), ys = json_chars(y->key);
    int xbyte, ybyte;
    do {
        xbyte = json_chars_next(&xs);
        ybyte = json_chars_next(&ys);
    } while (xbyte == ybyte && xbyte >= 0);
    if (xbyte == ybyte)
        return x->key.ptr < y->key.ptr ? -1 : x->key.ptr > y->key.ptr;
    return utf16_weight(xbyte) < utf16_weight(ybyte) ? -1 : 1;
}

static struct err member_push(struct canon *c, struct member member)
{
    if (c->top == c->room) {
        TRY(arena_check(c->arena));
        struct member *old = c->members;
        c->room = c->room == 0 ? 64 : c->room * 2;
        c->members = arena_new(c->arena, struct member, c->room);
        if (c->top > 0)
            memcpy(c->members, old, c->top * sizeof old[0]);
    }
    c->members[c->top++] = member;
    return OK;
}

static struct level *level_push(struct canon *c, char bracket)
{
    assert(c->depth < JSON_DEPTH_MAX);
    buf_byte(c->out, bracket);
    struct level *level = &c->levels[c->depth++];
    *level = (struct level){.object = bracket == '{', .first = c->top, .next = c->top};
    return level;
}

static struct err object_begin(struct canon *c, slice object)
{
    struct level *level = level_push(c, '{');
    struct json_members members = json_members(object);
    struct member member;
    while (json_member_next(&members, &member.key, &member.value))
        TRY(member_push(c, member));
    if (c->top > level->first)
        qsort(c->members + level->first, c->top - level->first, sizeof c->members[0], member_order);
    return OK;
}

/* Writes a value, or the beginning of an array or object. */
static struct err value_begin(struct canon *c, slice value)
{
    switch (json_kind(value)) {
    case JSON_OBJECT:
        return object_begin(c, value);
    case JSON_ARRAY:
        level_push(c, '[')->elements = json_elements(value);
        return OK;
    case JSON_STRING:
        put_string(c->out, slice_part(value, 1, value.len - 1));
        return OK;
    case JSON_NUMBER:
        return put_number(c->out, value);
    default:
        buf_put(c->out, value);
        return OK;
    }
}

/* The next value of the innermost array or object, all before it written. */
static bool value_next(struct canon *c, slice *value)
{
    struct level *level = &c->levels[c->depth - 1];
    bool more = level->object ? level->next < c->top : json_element_next(&level->elements, value);
    if (!more)
        return false;
    if (level->comma)
        buf_byte(c->out, ',');
    level->comma = true;
    if (level->object) {
        const struct member *member = &c->members[level->next++];
        put_string(c->out, member->key);
        buf_byte(c->out, ':');
        *value = member->value;
    }
    return true;
}

static void level_end(struct canon *c)
{
    const struct level *level = &c->levels[--c->depth];
    buf_byte(c->out, level->object ? '}' : ']');
    c->top = level->first;
}

struct err json_canonical(slice json, struct arena *arena, struct buf *out)
{
    struct canon c = {.arena = arena, .out = out};
    TRY(value_begin(&c, slice_trim(json)));
    while (c.depth > 0) {
        slice value;
        if (value_next(&c, &value))
            TRY(value_begin(&c, value));
        else
            level_end(&c);
    }
    return buf_check(out);
}
