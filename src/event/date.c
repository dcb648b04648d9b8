/* SPDX-License-Identifier: Apache-2.0 */
#include "event/date.h"

#include "base/arena.h"
#include "base/clock.h"

#define YEARS_BACK 8 /* 29 February may be that long ago */
#define FRACTION_MAX 9

/* What is read so far, and where reading goes on. */
struct date {
    slice rest;
    unsigned year, month, day, hour, minute, second; /* year 0: not said */
    slice fraction;                                  /* digits */
    slice zone;                                      /* Z, +07:00; empty: not said */
};

static bool take(struct date *date, char byte)
{
    if (date->rest.len == 0 || date->rest.ptr[0] != byte)
        return false;
    date->rest = slice_from(date->rest, 1);
    return true;
}

static bool take_number(struct date *date, size_t least, size_t most, unsigned *number)
{
    size_t len = 0;
    *number = 0;
    while (len < most && len < date->rest.len && byte_is_digit(date->rest.ptr[len]))
        *number = *number * 10 + (unsigned)(date->rest.ptr[len++] - '0');
    date->rest = slice_from(date->rest, len);
    return len >= least;
}

static bool take_month(struct date *date)
{
    static const char names[] = "jan feb mar apr may jun jul aug sep oct nov dec ";
    if (date->rest.len < 3)
        return false;
    for (unsigned month = 0; month < 12; month++) {
        if (!slice_eq_fold(slice_part(date->rest, 0, 3), (slice){names + (size_t)month * 4, 3}))
            continue;
        date->month = month + 1;
        date->rest = slice_from(date->rest, 3);
        return true;
    }
    return false;
}

static bool take_clock(struct date *date)
{
    return take_number(date, 2, 2, &date->hour) && take(date, ':') && take_number(date, 2, 2, &date->minute) &&
           take(date, ':') && take_number(date, 2, 2, &date->second);
}

static void take_fraction(struct date *date)
{
    size_t len = 1;
    if (date->rest.len < 2 || (date->rest.ptr[0] != '.' && date->rest.ptr[0] != ','))
        return;
    while (len < date->rest.len && len <= FRACTION_MAX && byte_is_digit(date->rest.ptr[len]))
        len++;
    if (len == 1)
        return;
    date->fraction = slice_part(date->rest, 1, len);
    date->rest = slice_from(date->rest, len);
}

/* Z, UTC, GMT, an offset, or GMT and an offset. Other names of zones mean different things in different places. */
static bool take_zone(struct date *date)
{
    slice word = slice_part(date->rest, 0, slice_find(date->rest, ' ')), offset = word;
    bool named = slice_starts(word, S("UTC")) || slice_starts(word, S("GMT"));
    if (named)
        offset = slice_from(word, 3);
    bool zulu = slice_eq(word, S("Z")) || (named && offset.len == 0);
    bool sign = offset.len > 0 && (offset.ptr[0] == '+' || offset.ptr[0] == '-');
    bool digits = sign && (offset.len == 5 || (offset.len == 6 && offset.ptr[3] == ':'));
    for (size_t i = 1; digits && i < offset.len; i++)
        digits = byte_is_digit(offset.ptr[i]) || (i == 3 && offset.len == 6);
    if (!zulu && !digits)
        return false;
    date->zone = zulu ? S("Z") : offset;
    date->rest = slice_from(date->rest, word.len);
    return true;
}

static slice date_text(const struct date *date, unsigned year, struct arena *arena)
{
    return slice_of(arena_printf(arena, "%04u-%02u-%02uT%02u:%02u:%02u%s%.*s%.*s", year, date->month, date->day,
            date->hour, date->minute, date->second, date->fraction.len > 0 ? "." : "", (int)date->fraction.len,
            date->fraction.ptr, (int)date->zone.len, date->zone.ptr));
}

/* Empty if there is no such day, or no such time of day. */
static slice date_checked(const struct date *date, int64_t now_us, struct arena *arena)
{
    int64_t us;
    unsigned year = date->year;
    if (year != 0) {
        slice text = date_text(date, year, arena);
        return time_parse(text, &us) ? text : S("");
    }
    struct buf now = buf_make(64);
    time_write(&now, now_us);
    struct date today = {.rest = buf_slice(&now)};
    take_number(&today, 4, 4, &year);
    buf_free(&now);
    for (unsigned back = 0; back <= YEARS_BACK && back < year; back++) {
        slice text = date_text(date, year - back, arena);
        if (time_parse(text, &us) && us <= now_us + DAY_US)
            return text;
    }
    return S("");
}

/* A year, if four digits stand here that are no time of day. */
static void take_year(struct date *date)
{
    struct date ahead = *date;
    if (take_number(&ahead, 4, 4, &ahead.year) && take(&ahead, ' '))
        *date = ahead;
}

size_t date_month_first(slice text, int64_t now_us, struct arena *arena, slice *rfc3339)
{
    struct date date = {.rest = text};
    if (!take_month(&date) || !take(&date, ' '))
        return 0;
    take(&date, ' ');
    if (!take_number(&date, 1, 2, &date.day) || !take(&date, ' '))
        return 0;
    take_year(&date);
    if (!take_clock(&date))
        return 0;
    take_fraction(&date);
    struct date zoned = date;
    if (take(&zoned, ' ') && take_zone(&zoned))
        date = zoned;
    *rfc3339 = date_checked(&date, now_us, arena);
    return rfc3339->len == 0 ? 0 : (size_t)(date.rest.ptr - text.ptr);
}

slice date_web(slice text, struct arena *arena)
{
    struct date date = {.rest = text};
    if (!take_number(&date, 1, 2, &date.day) || !take(&date, '/') || !take_month(&date) || !take(&date, '/') ||
            !take_number(&date, 4, 4, &date.year) || date.year == 0 || !take(&date, ':') || !take_clock(&date))
        return S("");
    take_fraction(&date);
    if (date.rest.len > 0 && !(take(&date, ' ') && take_zone(&date)))
        return S("");
    return date.rest.len == 0 ? date_checked(&date, 0, arena) : S("");
}

slice date_mail(slice text, struct arena *arena)
{
    size_t comma = slice_find(text, ',');
    struct date date = {.rest = slice_trim(comma < text.len ? slice_from(text, comma + 1) : text)};
    if (!take_number(&date, 1, 2, &date.day) || !take(&date, ' ') || !take_month(&date) || !take(&date, ' ') ||
            !take_number(&date, 4, 4, &date.year) || date.year == 0 || !take(&date, ' ') || !take_clock(&date))
        return S("");
    if (date.rest.len > 0 && !(take(&date, ' ') && take_zone(&date)))
        return S("");
    return slice_trim(date.rest).len == 0 || date.rest.ptr[0] == ' ' ? date_checked(&date, 0, arena) : S("");
}
