/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/arena.h"

#define DAYS_TO_1970 719162 /* from 0001-01-01 */
#define TIME_LEAST (-DAYS_TO_1970 * DAY_US)
#define TIME_MOST (TIME_LEAST + 3652059 * DAY_US - 1) /* 9999-12-31T23:59:59.999999Z */

enum { TIME_TEXT = 27 };

static _Atomic int64_t stopped_us = TIME_NONE;
static _Atomic int64_t ahead_us; /* of the machine's clock, where it runs */

/* Days before the first of each month in a year of 365, and of the whole year. */
static const int16_t days_before[13] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    int result = clock_gettime(id, &now);
    assert(result == 0);
    return now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    int64_t us = atomic_load_explicit(&stopped_us, memory_order_relaxed);
    if (us != TIME_NONE)
        return us;
    return read_clock(CLOCK_REALTIME) + atomic_load_explicit(&ahead_us, memory_order_relaxed);
}

void clock_set(int64_t us)
{
    atomic_store_explicit(&ahead_us, 0, memory_order_relaxed);
    atomic_store_explicit(&stopped_us, us, memory_order_relaxed);
}

void clock_run(void)
{
    int64_t ahead = clock_now_us() - read_clock(CLOCK_REALTIME);
    atomic_store_explicit(&ahead_us, ahead, memory_order_relaxed);
    atomic_store_explicit(&stopped_us, TIME_NONE, memory_order_relaxed);
}

int64_t clock_steady_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days of the year before this month (1 to 13). */
static unsigned month_start(unsigned year, unsigned month)
{
    return (unsigned)days_before[month - 1] + (month > 2 && is_leap(year));
}

/* What is not read yet of a time, and how freely it may be spelt. */
struct time_reader {
    const char *at, *end;
    bool strict;
};

static bool take_byte(struct time_reader *reader, char byte)
{
    if (reader->at == reader->end || *reader->at != byte)
        return false;
    reader->at++;
    return true;
}

/* Exactly so many digits, between `least` and `most`. */
static bool take_number(struct time_reader *reader, int digits, unsigned least, unsigned most, unsigned *number)
{
    unsigned n = 0;
    if (reader->end - reader->at < digits)
        return false;
    for (int i = 0; i < digits; i++) {
        char c = *reader->at++;
        if (!byte_is_digit(c))
            return false;
        n = n * 10 + (unsigned)(c - '0');
    }
    *number = n;
    return n >= least && n <= most;
}

static bool take_date(struct time_reader *reader, int64_t *us)
{
    unsigned year, month, day;
    if (!take_number(reader, 4, 1, 9999, &year) || !take_byte(reader, '-') || !take_number(reader, 2, 1, 12, &month) ||
            !take_byte(reader, '-') || !take_number(reader, 2, 1, 31, &day))
        return false;
    unsigned before = month_start(year, month), past = year - 1;
    if (day > month_start(year, month + 1) - before)
        return false;
    int64_t days = 365 * past + past / 4 - past / 100 + past / 400 + before + day - 1;
    *us = (days - DAYS_TO_1970) * DAY_US;
    return true;
}

/* Digits behind the point; all must be digits, six of them count. */
static bool take_fraction(struct time_reader *reader, int64_t *us)
{
    int64_t unit = SECOND_US;
    *us = 0;
    const char *start = reader->at;
    while (reader->at < reader->end && byte_is_digit(*reader->at)) {
        unit /= 10;
        *us += unit * (*reader->at++ - '0');
    }
    return reader->at > start;
}

static bool take_point(struct time_reader *reader)
{
    return take_byte(reader, '.') || (!reader->strict && take_byte(reader, ','));
}

static bool take_time_of_day(struct time_reader *reader, int64_t *us, bool *leap)
{
    unsigned hour, minute, second;
    int64_t fraction = 0;
    if (!take_number(reader, 2, 0, 23, &hour) || !take_byte(reader, ':') || !take_number(reader, 2, 0, 59, &minute) ||
            !take_byte(reader, ':') || !take_number(reader, 2, 0, 60, &second))
        return false;
    if (take_point(reader) && !take_fraction(reader, &fraction))
        return false;
    *leap = second == 60;
    *us = (hour * 60 + minute) * MINUTE_US + (*leap ? MINUTE_US - 1 : second * SECOND_US + fraction);
    return true;
}

static bool take_offset(struct time_reader *reader, int64_t *us)
{
    unsigned hours, minutes = 0;
    *us = 0;
    if (take_byte(reader, 'Z') || take_byte(reader, 'z'))
        return true;
    bool east = take_byte(reader, '+');
    if (!east && !take_byte(reader, '-'))
        return !reader->strict;
    if (!take_number(reader, 2, 0, 23, &hours))
        return false;
    bool colon = take_byte(reader, ':'), more = colon || reader->strict || reader->at < reader->end;
    if ((reader->strict && !colon) || (more && !take_number(reader, 2, 0, 59, &minutes)))
        return false;
    *us = (hours * 60 + minutes) * MINUTE_US * (east ? 1 : -1);
    return true;
}

/* A day of the calendar. */
struct date {
    unsigned year, month, day;
};

static struct date date_of(int64_t us)
{
    unsigned days = (unsigned)((us - TIME_LEAST) / DAY_US);
    unsigned centuries4 = days / 146097, rest = days % 146097;
    unsigned centuries = rest == 146096 ? 3 : rest / 36524;
    rest -= centuries * 36524;
    unsigned years4 = rest / 1461;
    rest %= 1461;
    unsigned years = rest == 1460 ? 3 : rest / 365;
    rest -= years * 365;
    unsigned year = centuries4 * 400 + centuries * 100 + years4 * 4 + years + 1, month = 1;
    while (rest >= month_start(year, month + 1))
        month++;
    return (struct date){year, month, rest - month_start(year, month) + 1};
}

/* RFC 3339 section 5.7: a leap second ends a month, in UTC. */
static bool may_be_leap(int64_t us)
{
    int64_t next = us + 1;
    return next <= TIME_MOST && (next - TIME_LEAST) % DAY_US == 0 && date_of(next).day == 1;
}

static bool parse_rfc3339(slice text, bool strict, int64_t *us)
{
    struct time_reader reader = {text.ptr, text.ptr + text.len, strict};
    int64_t date, time, offset;
    bool leap;
    if (!take_date(&reader, &date))
        return false;
    if (!take_byte(&reader, 'T') && !take_byte(&reader, 't') && (strict || !take_byte(&reader, ' ')))
        return false;
    if (!take_time_of_day(&reader, &time, &leap) || !take_offset(&reader, &offset) || reader.at != reader.end)
        return false;
    int64_t moment = date + time - offset;
    if (moment < TIME_LEAST || moment > TIME_MOST || (strict && leap && !may_be_leap(moment)))
        return false;
    *us = moment;
    return true;
}

static bool parse_epoch(slice text, int64_t *us)
{
    uint64_t seconds;
    int64_t fraction = 0;
    size_t point = slice_find(text, '.');
    if (!slice_u64(slice_part(text, 0, point), TIME_MOST / SECOND_US, &seconds))
        return false;
    if (point < text.len) {
        struct time_reader reader = {text.ptr + point + 1, text.ptr + text.len, false};
        if (!take_fraction(&reader, &fraction) || reader.at != reader.end)
            return false;
    }
    *us = (int64_t)seconds * SECOND_US + fraction;
    return true;
}

bool time_parse(slice text, int64_t *us)
{
    if (text.len > 4 && text.ptr[4] == '-')
        return parse_rfc3339(text, false, us);
    return parse_epoch(text, us);
}

bool time_parse_strict(slice text, int64_t *us)
{
    return parse_rfc3339(text, true, us);
}

static char *put_digits(char *at, int digits, unsigned number, char behind)
{
    for (int i = digits - 1; i >= 0; i--, number /= 10)
        at[i] = (char)('0' + number % 10);
    at[digits] = behind;
    return at + digits + 1;
}

void time_write(struct buf *buf, int64_t us)
{
    if (!buf_reserve(buf, TIME_TEXT))
        return;
    us = us < TIME_LEAST ? TIME_LEAST : us > TIME_MOST ? TIME_MOST : us;
    struct date date = date_of(us);
    int64_t in_day = (us - TIME_LEAST) % DAY_US;
    unsigned seconds = (unsigned)(in_day / SECOND_US);
    char *at = buf->ptr + buf->len;
    at = put_digits(at, 4, date.year, '-');
    at = put_digits(at, 2, date.month, '-');
    at = put_digits(at, 2, date.day, 'T');
    at = put_digits(at, 2, seconds / 3600, ':');
    at = put_digits(at, 2, seconds / 60 % 60, ':');
    at = put_digits(at, 2, seconds % 60, '.');
    put_digits(at, 6, (unsigned)(in_day % SECOND_US), 'Z');
    buf->len += TIME_TEXT;
}

slice time_text(int64_t us, struct arena *arena)
{
    char room[TIME_TEXT];
    struct buf text = {.ptr = room, .cap = sizeof room, .max = sizeof room};
    if (us != TIME_NONE)
        time_write(&text, us);
    return arena_copy(arena, buf_slice(&text));
}

/* ---- Months ---- */

/* Days from 1970 to the first of a month of the proleptic Gregorian calendar, with March as the first month, so that a
 * leap day is the last one of its year. */
int64_t time_month_begins(int64_t month)
{
    int64_t march = month - 2, year = march / 12, within = march % 12;
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * within + 2) / 5 - 719468;
}

int64_t time_month_of(int64_t day)
{
    int64_t month = (day + 719468) * 12 / 365; /* at most this late */
    while (time_month_begins(month) > day)
        month--;
    return month;
}
