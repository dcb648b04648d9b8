/* SPDX-License-Identifier: Apache-2.0 */
#include "event/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"

static int64_t now_is(const char *text)
{
    int64_t us = TIME_NONE;
    assert_true(time_parse(slice_of(text), &us));
    return us;
}

static void dates_without_a_year_lie_nearest_before_now(void **state)
{
    (void)state;
    static const struct {
        const char *text, *now, *date;
        size_t length;
    } rows[] = {
            {"Nov 20 10:29:58 host", "2026-11-21T12:00:00Z", "2026-11-20T10:29:58", 15},
            {"Nov  2 10:29:58 host", "2026-11-21T12:00:00Z", "2026-11-02T10:29:58", 15},
            {"nov 2 10:29:58", "2026-11-21T12:00:00Z", "2026-11-02T10:29:58", 14},
            {"Nov 22 11:59:59 host", "2026-11-21T12:00:00Z", "2026-11-22T11:59:59", 15}, /* a clock that is ahead */
            {"Nov 22 12:00:01 host", "2026-11-21T12:00:00Z", "2025-11-22T12:00:01", 15},
            {"Dec 31 23:59:59", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59", 15},
            {"Jan  1 00:00:01", "2025-12-31T23:00:00Z", "2025-01-01T00:00:01", 15},
            {"Feb 29 00:00:01", "2026-11-21T12:00:00Z", "2024-02-29T00:00:01", 15},
            {"Feb 29 00:00:01", "1903-01-01T00:00:00Z", "1896-02-29T00:00:01", 15},
    };
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice date = {NULL, 0};
        size_t length = date_month_first(slice_of(rows[i].text), now_is(rows[i].now), arena, &date);
        assert_int_equal(length, rows[i].length);
        assert_string_equal(arena_cstr(arena, date), rows[i].date);
    }
    arena_close(arena);
}

static void years_fractions_and_zones_are_read_where_they_are_said(void **state)
{
    (void)state;
    static const struct {
        const char *text, *date;
        size_t length;
    } rows[] = {
            {"Nov 20 2020 10:29:58", "2020-11-20T10:29:58", 20},
            {"Nov 20 2020 10:29:58.123", "2020-11-20T10:29:58.123", 24},
            {"Nov 20 2020 10:29:58,123 UTC", "2020-11-20T10:29:58.123Z", 28},
            {"Nov 20 2020 10:29:58 +0700 x", "2020-11-20T10:29:58+0700", 26},
            {"Nov 20 2020 10:29:58 GMT-05:00", "2020-11-20T10:29:58-05:00", 30},
            {"Nov 20 2020 10:29:58 WIB", "2020-11-20T10:29:58", 20}, /* not a zone for sure, so not part of it */
            {"Nov 20 2020 10:29:58.", "2020-11-20T10:29:58", 20},
            {"Nov 20 2030 10:29:58", "2030-11-20T10:29:58", 20}, /* said is said */
    };
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice date = {NULL, 0};
        size_t length = date_month_first(slice_of(rows[i].text), now_is("2026-11-21T12:00:00Z"), arena, &date);
        assert_int_equal(length, rows[i].length);
        assert_string_equal(arena_cstr(arena, date), rows[i].date);
    }
    arena_close(arena);
}

static void what_is_no_date_takes_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = {"", "N", "Nov", "Nov 20", "Nov 20 10:29", "Nov 20 10:29:6", "Nov 31 10:29:58",
            "Feb 30 10:29:58", "Nov 20 24:00:00", "Nov 20 10:60:00", "Nov  20", "Nix 20 10:29:58", "2026-11-20",
            "Nov 0 10:29:58", "Feb 29 2026 10:29:58", "Nov 123 10:29:58"};
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice date = {NULL, 0};
        assert_int_equal(date_month_first(slice_of(rows[i]), now_is("2026-11-21T12:00:00Z"), arena, &date), 0);
    }
    arena_close(arena);
}

static void dates_of_web_servers_are_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text, *date;
    } rows[] = {
            {"20/Nov/2026:10:29:58 +0700", "2026-11-20T10:29:58+0700"},
            {"1/Nov/2026:10:29:58 -0000", "2026-11-01T10:29:58-0000"},
            {"20/Nov/2026:10:29:58.250 +0000", "2026-11-20T10:29:58.250+0000"},
            {"20/Nov/2026:10:29:58", "2026-11-20T10:29:58"},
            {"20/Nov/2026:10:29:58 +07", ""},
            {"20/Nov/2026:10:29:58 +0700 x", ""},
            {"31/Nov/2026:10:29:58 +0000", ""},
            {"20/Nov/0000:10:29:58 +0000", ""},
            {"20/11/2026:10:29:58 +0000", ""},
            {"20/Nov/2026 10:29:58 +0000", ""},
            {"", ""},
    };
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(arena_cstr(arena, date_web(slice_of(rows[i].text), arena)), rows[i].date);
    arena_close(arena);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(dates_without_a_year_lie_nearest_before_now),
            cmocka_unit_test(years_fractions_and_zones_are_read_where_they_are_said),
            cmocka_unit_test(what_is_no_date_takes_nothing),
            cmocka_unit_test(dates_of_web_servers_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
