/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static void expect_time(const char *text, const char *written)
{
    int64_t us;
    struct buf buf = buf_make(64);
    if (!time_parse(slice_of(text), &us))
        fail_msg("%s was refused", text);
    time_write(&buf, us);
    if (!slice_eq(buf_slice(&buf), slice_of(written)))
        fail_msg("%s was read as %.*s", text, (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void a_moment_is_read_in_every_spelling_of_logs(void **state)
{
    (void)state;
    static const char *const same[] = {"2026-11-20T10:29:58.960622Z", "2026-11-20t10:29:58.960622z",
            "2026-11-20 10:29:58.960622Z", "2026-11-20T10:29:58,960622Z", "2026-11-20T10:29:58.960622+0000",
            "2026-11-20T10:29:58.960622+00:00", "2026-11-20T10:29:58.960622-00:00", "2026-11-20T10:29:58.960622+00",
            "2026-11-20T10:29:58.960622", "2026-11-20T17:29:58.960622+07:00", "2026-11-20T17:29:58.960622+0700",
            "2026-11-20 17:29:58.960622+07", "2026-11-20T06:59:58.960622-03:30", "2026-11-21T00:29:58.960622+14:00",
            "2026-11-19T22:29:58.960622-12:00", "2026-11-20T10:29:58.960622999Z", "1795170598.960622"};
    for (size_t i = 0; i < COUNT_OF(same); i++)
        expect_time(same[i], "2026-11-20T10:29:58.960622Z");
}

static void fractions_are_cut_off_at_the_microsecond(void **state)
{
    (void)state;
    expect_time("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000Z");
    expect_time("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.500000Z");
    expect_time("2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:00.000001Z");
    expect_time("2026-01-01T00:00:00.9999999999999999999999Z", "2026-01-01T00:00:00.999999Z");
    expect_time("1.9999999", "1970-01-01T00:00:01.999999Z");
    expect_time("0", "1970-01-01T00:00:00.000000Z");
}

static void the_calendar_has_its_leap_years_and_ends(void **state)
{
    (void)state;
    expect_time("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z");
    expect_time("2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z");
    expect_time("2023-12-31T23:59:59Z", "2023-12-31T23:59:59.000000Z");
    expect_time("2024-12-31T23:59:59Z", "2024-12-31T23:59:59.000000Z");
    expect_time("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z");
    expect_time("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z");
    expect_time("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z");
    expect_time("253402300799.999999", "9999-12-31T23:59:59.999999Z");
}

static void a_leap_second_is_the_end_of_its_minute(void **state)
{
    (void)state;
    expect_time("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z");
    expect_time("2016-12-31T23:59:60.25Z", "2016-12-31T23:59:59.999999Z");
    expect_time("2017-01-01T06:59:60+07:00", "2016-12-31T23:59:59.999999Z");
}

static void expect_none(bool (*parse)(slice text, int64_t *us), const char *text)
{
    int64_t us = 7;
    if (parse(slice_of(text), &us))
        fail_msg("%s was read", text);
    assert_int_equal(us, 7);
}

static void impossible_moments_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "2026-02-29T00:00:00Z", "2026-02-30T00:00:00Z", "1900-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z",
            "2026-01-32T00:00:00Z", "0000-01-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:61Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+07:60",
            "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "253402300800"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        expect_none(time_parse, wrong[i]);
}

static void other_spellings_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"2026-11-20", "2026-11-20T10:29Z", "2026-11-20T10:29:58.Z",
            "2026-11-20T10:29:58.", "2026-11-20T10:29:58+", "2026-11-20T10:29:58+7",
            "2026-11-20T10:29:58+07:", "2026-11-20T10:29:58+070", "2026-11-20T10:29:58+07:000", "2026-11-20T10:29:58Zx",
            "2026-11-20T10:29:58 Z", " 2026-11-20T10:29:58Z", "2026-11-20T1:29:58Z", "2026-11-20_10:29:58Z",
            "20261120T102958Z", "2026-11-2", "2026-", "-1", "+1", "1.", ".5", "1,5", "1.5x", "1e9", "1.5.5"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        expect_none(time_parse, wrong[i]);
}

static void strict_reading_is_rfc3339(void **state)
{
    (void)state;
    int64_t us;
    static const char *const good[] = {"1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00", "1990-12-31T23:59:60Z",
            "1990-12-31T15:59:60-08:00", "1937-01-01T12:00:27.87+00:20", "2026-11-20t10:29:58z"};
    static const char *const wrong[] = {"2026-11-20 10:29:58Z", "2026-11-20T10:29:58,5Z", "2026-11-20T10:29:58",
            "2026-11-20T10:29:58+0700", "2026-11-20T10:29:58+07", "1763634598", "2026-11-20T10:29:60Z",
            "2026-11-20T23:59:60Z", "1990-12-31T23:59:60-08:00", "9999-12-31T23:59:60Z", ""};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(time_parse_strict(slice_of(good[i]), &us));
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        expect_none(time_parse_strict, wrong[i]);
}

/* Every day of four centuries, against the C library. */
static void agrees_with_the_c_library_about_every_day(void **state)
{
    (void)state;
    for (time_t day = -146097 / 2; day < 146097 / 2; day++) {
        struct tm tm;
        char text[64];
        int64_t us;
        time_t at = day * 86400 + (day & 0xffff);
        assert_non_null(gmtime_r(&at, &tm));
        assert_true(strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.000000Z", &tm) == 27);
        assert_true(time_parse(slice_of(text), &us));
        assert_true(us == (int64_t)at * 1000000);
        struct buf buf = buf_make(64);
        time_write(&buf, us);
        assert_memory_equal(buf.ptr, text, 27);
        buf_free(&buf);
    }
}

static void a_month_begins_on_its_first_day(void **state)
{
    (void)state;
    assert_int_equal(time_month_begins(1970 * 12), 0);
    assert_int_equal(time_month_begins(1970 * 12 + 1), 31);
    assert_int_equal(time_month_begins(2000 * 12 + 2) - time_month_begins(2000 * 12 + 1), 29);
    assert_int_equal(time_month_begins(2100 * 12 + 2) - time_month_begins(2100 * 12 + 1), 28);
    for (int64_t day = 0; day < 50000; day++) {
        int64_t month = time_month_of(day);
        assert_true(time_month_begins(month) <= day && day < time_month_begins(month + 1));
    }
}

static void moments_past_the_calendar_are_written_as_its_ends(void **state)
{
    (void)state;
    struct buf buf = buf_make(64);
    time_write(&buf, INT64_MIN);
    time_write(&buf, INT64_MAX);
    assert_true(slice_eq(buf_slice(&buf), S("0001-01-01T00:00:00.000000Z9999-12-31T23:59:59.999999Z")));
    buf_free(&buf);
}

static void the_clock_stops_where_it_is_told_and_runs_again(void **state)
{
    (void)state;
    int64_t before = clock_now_us();
    clock_set(42);
    assert_int_equal(clock_now_us(), 42);
    clock_set(TIME_NONE);
    assert_true(clock_now_us() >= before);
    int64_t steady = clock_steady_us();
    assert_true(clock_steady_us() >= steady);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_moment_is_read_in_every_spelling_of_logs),
            cmocka_unit_test(fractions_are_cut_off_at_the_microsecond),
            cmocka_unit_test(the_calendar_has_its_leap_years_and_ends),
            cmocka_unit_test(a_leap_second_is_the_end_of_its_minute),
            cmocka_unit_test(impossible_moments_are_refused),
            cmocka_unit_test(other_spellings_are_refused),
            cmocka_unit_test(strict_reading_is_rfc3339),
            cmocka_unit_test(agrees_with_the_c_library_about_every_day),
            cmocka_unit_test(a_month_begins_on_its_first_day),
            cmocka_unit_test(moments_past_the_calendar_are_written_as_its_ends),
            cmocka_unit_test(the_clock_stops_where_it_is_told_and_runs_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
