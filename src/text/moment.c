/* SPDX-License-Identifier: Apache-2.0 */
#include "text/moment.h"

#include "base/arena.h"
#include "base/clock.h"
#include "text/number.h"

/*
 * Indonesia (Presidential Decree 41 of 1987) and China have one offset the whole year. The United Kingdom is an hour
 * ahead from the last Sunday of March to that of October, changing at 01:00 UTC (The Summer Time Order 2002); earlier
 * years, which had other days, are written by the same rule.
 */
static const struct zone_row {
    const char *name, *called, *in_summer; /* NULL: no summer time */
    int hours;
    bool indonesian; /* its name says enough to who reads Bahasa Indonesia */
} zones[ZONES] = {
        [ZONE_UTC] = {"UTC", "UTC", NULL, 0, true},
        [ZONE_JAKARTA] = {"Asia/Jakarta", "WIB", NULL, 7, true},
        [ZONE_MAKASSAR] = {"Asia/Makassar", "WITA", NULL, 8, true},
        [ZONE_JAYAPURA] = {"Asia/Jayapura", "WIT", NULL, 9, true},
        [ZONE_LONDON] = {"Europe/London", "GMT", "BST", 0, false},
        /* CST is China's time and North America's: the offset alone cannot be mistaken. */
        [ZONE_SHANGHAI] = {"Asia/Shanghai", NULL, NULL, 8, false},
};

static const char *const months[LANGUAGES][12] = {
        [LANGUAGE_ENGLISH] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
        [LANGUAGE_INDONESIAN] = {"Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"},
};

static const char hour_marks[LANGUAGES] = {[LANGUAGE_ENGLISH] = ':', [LANGUAGE_INDONESIAN] = '.'};

const char *zone_name(enum zone zone)
{
    return zones[zone].name;
}

bool zone_find(slice name, enum zone *zone)
{
    for (size_t i = 0; i < ZONES; i++)
        if (slice_eq_fold(name, slice_of(zones[i].name))) {
            *zone = (enum zone)i;
            return true;
        }
    return false;
}

/* 01:00 UTC of the last Sunday of a month with 31 days. */
static int64_t last_sunday(const char *year, const char *month)
{
    char text[32];
    int64_t us = 0;
    snprintf(text, sizeof text, "%.4s-%s-31T01:00:00Z", year, month);
    if (!time_parse_strict(slice_of(text), &us))
        return 0;
    /* The first of January 1970 was a Thursday, and 0 in years before it is below. */
    int64_t days = (us - HOUR_US) / DAY_US, weekday = ((days % 7 + 7) + 4) % 7;
    return us - weekday * DAY_US;
}

static bool is_summer(int64_t us)
{
    struct buf utc = buf_make(32);
    time_write(&utc, us);
    bool summer = utc.len >= 4 && us >= last_sunday(utc.ptr, "03") && us < last_sunday(utc.ptr, "10");
    buf_free(&utc);
    return summer;
}

static int offset_hours(const struct zone_row *zone, bool summer)
{
    return zone->hours + (summer ? 1 : 0);
}

bool moment_read(slice text, enum zone zone, int64_t *us)
{
    const struct zone_row *row = &zones[zone];
    char utc[32];
    int64_t there;
    if (time_parse_strict(text, us))
        return true;
    if (text.len != sizeof "2026-11-20T22:40" - 1)
        return false;
    snprintf(utc, sizeof utc, "%.*s:00Z", (int)text.len, text.ptr);
    if (!time_parse_strict(slice_of(utc), &there))
        return false;
    *us = there - offset_hours(row, false) * HOUR_US;
    if (row->in_summer != NULL && is_summer(*us))
        *us -= HOUR_US;
    return true;
}

/* Years 1 to 9999 are what time_write has; an offset does not lead out of what a number holds. */
static int64_t shifted(int64_t us, int hours)
{
    return us > INT64_MAX - 24 * HOUR_US ? us : us + hours * HOUR_US;
}

static unsigned two_digits(const char *at)
{
    return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

/* `local` is RFC 3339; a day has no leading zero. */
static void day_write(struct buf *out, const char *local, enum language language)
{
    buf_printf(out, "%u %s %.4s", two_digits(local + 8), months[language][two_digits(local + 5) - 1], local);
}

static void zone_write(struct buf *out, const struct zone_row *zone, bool summer, enum language language)
{
    int hours = offset_hours(zone, summer);
    const char *called = summer ? zone->in_summer : zone->called;
    if (called == NULL)
        buf_printf(out, " UTC%+d", hours);
    else if (hours == 0 || (zone->indonesian && language == LANGUAGE_INDONESIAN))
        buf_printf(out, " %s", called);
    else
        buf_printf(out, " %s (UTC%+d)", called, hours);
}

int64_t moment_of_clock(int64_t us, enum zone zone)
{
    const struct zone_row *row = &zones[zone];
    int64_t winter = us - row->hours * HOUR_US;
    return row->in_summer != NULL && is_summer(winter - HOUR_US) ? winter - HOUR_US : winter;
}

void moment_write(struct buf *out, int64_t us, enum zone zone, enum language language)
{
    const struct zone_row *row = &zones[zone];
    bool summer = row->in_summer != NULL && is_summer(us);
    struct buf local = buf_make(32);
    time_write(&local, shifted(us, offset_hours(row, summer)));
    day_write(out, local.ptr, language);
    buf_printf(out, " %.2s%c%.2s", local.ptr + 11, hour_marks[language], local.ptr + 14);
    zone_write(out, row, summer, language);
    buf_free(&local);
}

void moment_local_write(struct buf *out, int64_t us, enum zone zone)
{
    const struct zone_row *row = &zones[zone];
    struct buf local = buf_make(32);
    time_write(&local, shifted(us, offset_hours(row, row->in_summer != NULL && is_summer(us))));
    buf_put(out, slice_part(buf_slice(&local), 0, sizeof "2026-11-20T22:40" - 1));
    buf_free(&local);
}

/* Steps from the longest: how long one lasts, and what is said of what was and of what will be. */
static const struct step {
    int64_t us;
    const char *was_one, *was_many, *will_one, *will_many;
} steps[] = {
        {365 * DAY_US, W_COUNT_C("{{n}} year ago", "{{n}} years ago"), W_COUNT_C("in {{n}} year", "in {{n}} years")},
        {30 * DAY_US, W_COUNT_C("{{n}} month ago", "{{n}} months ago"), W_COUNT_C("in {{n}} month", "in {{n}} months")},
        {DAY_US, W_COUNT_C("{{n}} day ago", "{{n}} days ago"), W_COUNT_C("in {{n}} day", "in {{n}} days")},
        {HOUR_US, W_COUNT_C("{{n}} hour ago", "{{n}} hours ago"), W_COUNT_C("in {{n}} hour", "in {{n}} hours")},
        {MINUTE_US, W_COUNT_C("{{n}} minute ago", "{{n}} minutes ago"),
                W_COUNT_C("in {{n}} minute", "in {{n}} minutes")},
};

void moment_ago_write(struct buf *out, int64_t us, int64_t now_us, enum language language)
{
    bool was = us <= now_us;
    uint64_t between = was ? (uint64_t)now_us - (uint64_t)us : (uint64_t)us - (uint64_t)now_us;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        const struct step *step = &steps[i];
        uint64_t n = between / (uint64_t)step->us;
        if (n == 0)
            continue;
        number_count_write(out, slice_of(was ? step->was_one : step->will_one),
                slice_of(was ? step->was_many : step->will_many), n, language);
        return;
    }
    buf_put(out, catalogue_text(catalogue_of(language), W("just now")));
}

void moment_span_write(struct buf *out, int64_t us, enum language language)
{
    static const struct {
        int64_t least_us, unit_us;
        const char *one, *many;
    } spans[] = {
            {2 * DAY_US, DAY_US, W_COUNT_C("{{n}} day", "{{n}} days")},
            {2 * HOUR_US, HOUR_US, W_COUNT_C("{{n}} hour", "{{n}} hours")},
            {INT64_MIN, MINUTE_US, W_COUNT_C("{{n}} minute", "{{n}} minutes")},
    };
    size_t at = 0;
    while (us < spans[at].least_us)
        at++;
    uint64_t count = us < 0 ? 0 : (uint64_t)(us / spans[at].unit_us);
    number_count_write(out, slice_of(spans[at].one), slice_of(spans[at].many), count, language);
}

static const struct {
    const char *name;
    int64_t us;
} everies[] = {{"d", DAY_US}, {"h", HOUR_US}, {"min", MINUTE_US}};

slice moment_every_text(int64_t us, struct arena *arena)
{
    size_t at = 0;
    if (us == 0)
        return S("");
    while (at + 1 < COUNT_OF(everies) && us % everies[at].us != 0)
        at++;
    return slice_of(arena_printf(arena, "%lld%s", (long long)(us / everies[at].us), everies[at].name));
}

bool moment_every_read(slice text, int64_t *us)
{
    size_t digits = 0;
    uint64_t number;
    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    if (!slice_u64(slice_part(text, 0, digits), INT64_MAX, &number) || number == 0)
        return false;
    for (size_t i = 0; i < COUNT_OF(everies); i++)
        if (slice_eq(slice_trim(slice_from(text, digits)), slice_of(everies[i].name)))
            return !__builtin_mul_overflow((int64_t)number, everies[i].us, us);
    return false;
}
