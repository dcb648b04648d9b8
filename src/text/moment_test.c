/* SPDX-License-Identifier: Apache-2.0 */
#include "text/moment.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"

static int64_t moment(const char *text)
{
    int64_t us;
    assert_true(time_parse_strict(slice_of(text), &us));
    return us;
}

static void assert_moment(const char *utc, enum zone zone, enum language language, const char *expected)
{
    struct buf out = buf_make(128);
    moment_write(&out, moment(utc), zone, language);
    buf_byte(&out, 0);
    assert_string_equal(out.ptr, expected);
    buf_free(&out);
}

static void a_moment_names_its_zone(void **state)
{
    (void)state;
    static const struct {
        enum zone zone;
        const char *english, *indonesian;
    } rows[] = {
            {ZONE_UTC, "21 Nov 2026 02:14 UTC", "21 Nov 2026 02.14 UTC"},
            {ZONE_JAKARTA, "21 Nov 2026 09:14 WIB (UTC+7)", "21 Nov 2026 09.14 WIB"},
            {ZONE_MAKASSAR, "21 Nov 2026 10:14 WITA (UTC+8)", "21 Nov 2026 10.14 WITA"},
            {ZONE_JAYAPURA, "21 Nov 2026 11:14 WIT (UTC+9)", "21 Nov 2026 11.14 WIT"},
            {ZONE_LONDON, "21 Nov 2026 02:14 GMT", "21 Nov 2026 02.14 GMT"},
            {ZONE_SHANGHAI, "21 Nov 2026 10:14 UTC+8", "21 Nov 2026 10.14 UTC+8"},
    };
    assert_int_equal(COUNT_OF(rows), ZONES);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_moment("2026-11-21T02:14:59.9Z", rows[i].zone, LANGUAGE_ENGLISH, rows[i].english);
        assert_moment("2026-11-21T02:14:59.9Z", rows[i].zone, LANGUAGE_INDONESIAN, rows[i].indonesian);
    }
}

static void what_a_clock_shows_is_a_moment(void **state)
{
    static const struct {
        const char *shown, *utc;
        enum zone zone;
    } rows[] = {
            {"2026-11-21T09:14:00Z", "2026-11-21T02:14:00Z", ZONE_JAKARTA},
            {"2026-11-21T02:14:00Z", "2026-11-21T02:14:00Z", ZONE_UTC},
            {"2027-01-01T03:00:00Z", "2026-12-31T18:00:00Z", ZONE_JAYAPURA},
            {"2026-07-01T12:00:00Z", "2026-07-01T11:00:00Z", ZONE_LONDON},
            {"2026-12-01T12:00:00Z", "2026-12-01T12:00:00Z", ZONE_LONDON},
            {"2026-03-29T00:59:00Z", "2026-03-29T00:59:00Z", ZONE_LONDON},
            {"2026-03-29T02:00:00Z", "2026-03-29T01:00:00Z", ZONE_LONDON},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(moment_of_clock(moment(rows[i].shown), rows[i].zone), moment(rows[i].utc));
}

static void a_zone_moves_the_day_and_the_year(void **state)
{
    (void)state;
    assert_moment("2026-12-31T17:00:00Z", ZONE_JAKARTA, LANGUAGE_INDONESIAN, "1 Jan 2027 00.00 WIB");
    assert_moment("2026-12-31T16:59:59Z", ZONE_JAKARTA, LANGUAGE_INDONESIAN, "31 Des 2026 23.59 WIB");
    assert_moment("2026-08-17T03:00:00Z", ZONE_JAYAPURA, LANGUAGE_INDONESIAN, "17 Agu 2026 12.00 WIT");
}

static void assert_read(const char *text, enum zone zone, const char *utc)
{
    int64_t us, expected;
    assert_true(time_parse_strict(slice_of(utc), &expected));
    assert_true(moment_read(slice_of(text), zone, &us));
    assert_int_equal(us, expected);
    if (strlen(text) > sizeof "2026-11-20T22:40" - 1)
        return;
    struct buf again = buf_make(32);
    moment_local_write(&again, us, zone);
    assert_true(slice_eq(buf_slice(&again), slice_of(text)));
    buf_free(&again);
}

static void what_clocks_show_is_read(void **state)
{
    (void)state;
    int64_t us;
    assert_read("2026-11-20T22:40", ZONE_JAKARTA, "2026-11-20T15:40:00Z");
    assert_read("2026-11-20T22:40", ZONE_UTC, "2026-11-20T22:40:00Z");
    assert_read("2026-11-20T22:40:00+07:00", ZONE_LONDON, "2026-11-20T15:40:00Z");
    assert_read("2026-03-29T00:59", ZONE_LONDON, "2026-03-29T00:59:00Z");
    assert_read("2026-03-29T02:00", ZONE_LONDON, "2026-03-29T01:00:00Z");
    assert_read("2026-10-25T00:30", ZONE_LONDON, "2026-10-24T23:30:00Z");
    assert_read("2026-10-25T01:30", ZONE_LONDON, "2026-10-25T01:30:00Z");
    assert_false(moment_read(S("2026-11-20"), ZONE_UTC, &us) || moment_read(S("2026-11-20 22:40"), ZONE_UTC, &us));
    assert_false(moment_read(S("2026-13-20T22:40"), ZONE_UTC, &us) || moment_read(S(""), ZONE_UTC, &us));
}

/* The days on which the clocks change in the United Kingdom, as its government lists them. */
static void london_has_summer_from_the_last_sunday_of_march_to_that_of_october(void **state)
{
    (void)state;
    static const struct {
        const char *utc, *english;
    } rows[] = {
            {"2026-03-29T00:59:59Z", "29 Mar 2026 00:59 GMT"},
            {"2026-03-29T01:00:00Z", "29 Mar 2026 02:00 BST (UTC+1)"},
            {"2026-10-25T00:59:59Z", "25 Oct 2026 01:59 BST (UTC+1)"},
            {"2026-10-25T01:00:00Z", "25 Oct 2026 01:00 GMT"},
            {"2024-03-31T01:00:00Z", "31 Mar 2024 02:00 BST (UTC+1)"},
            {"2024-03-31T00:59:59Z", "31 Mar 2024 00:59 GMT"},
            {"2021-10-31T00:59:59Z", "31 Oct 2021 01:59 BST (UTC+1)"},
            {"2021-10-31T01:00:00Z", "31 Oct 2021 01:00 GMT"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_moment(rows[i].utc, ZONE_LONDON, LANGUAGE_ENGLISH, rows[i].english);
}

static void how_long_ago_has_one_unit(void **state)
{
    (void)state;
    int64_t second = 1000000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
    const struct {
        int64_t ago;
        const char *english, *indonesian;
    } rows[] = {
            {0, "just now", "baru saja"},
            {59 * second, "just now", "baru saja"},
            {minute, "1 minute ago", "1 menit yang lalu"},
            {3 * minute + 59 * second, "3 minutes ago", "3 menit yang lalu"},
            {hour, "1 hour ago", "1 jam yang lalu"},
            {23 * hour, "23 hours ago", "23 jam yang lalu"},
            {day, "1 day ago", "1 hari yang lalu"},
            {29 * day, "29 days ago", "29 hari yang lalu"},
            {30 * day, "1 month ago", "1 bulan yang lalu"},
            {365 * day, "1 year ago", "1 tahun yang lalu"},
            {2 * 365 * day, "2 years ago", "2 tahun yang lalu"},
            {-1, "just now", "baru saja"},
            {-minute, "in 1 minute", "1 menit lagi"},
            {-2 * day, "in 2 days", "2 hari lagi"},
    };
    int64_t now = moment("2026-11-21T12:00:00Z");
    struct buf out = buf_make(128);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        moment_ago_write(&out, now - rows[i].ago, now, LANGUAGE_ENGLISH);
        assert_true(slice_eq(buf_slice(&out), slice_of(rows[i].english)));
        buf_reset(&out);
        moment_ago_write(&out, now - rows[i].ago, now, LANGUAGE_INDONESIAN);
        assert_true(slice_eq(buf_slice(&out), slice_of(rows[i].indonesian)));
        buf_reset(&out);
    }
    buf_free(&out);
}

static void how_often_something_comes_is_read_as_it_is_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
        const char *written;
    } rows[] = {
            {"4h", 4 * HOUR_US, "4h"},
            {"24 h", DAY_US, "1d"},
            {"90min", 90 * MINUTE_US, "90min"},
            {"120min", 2 * HOUR_US, "2h"},
            {"7d", 7 * DAY_US, "7d"},
    };
    static const char *const none[] = {"", "4", "h", "0h", "-1h", "1.5h", "4hours", "9223372036854775807d"};
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 16);
    int64_t us;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(moment_every_read(slice_of(rows[i].text), &us));
        assert_true(us == rows[i].us);
        assert_true(slice_eq(moment_every_text(us, arena), slice_of(rows[i].written)));
    }
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_false(moment_every_read(slice_of(none[i]), &us));
    assert_int_equal(moment_every_text(0, arena).len, 0);
    arena_close(arena);
}

static void how_long_it_took_is_told_by_two_units_at_least(void **state)
{
    (void)state;
    const struct {
        int64_t us;
        const char *english, *indonesian;
    } rows[] = {
            {-MINUTE_US, "0 minutes", "0 menit"},
            {MINUTE_US, "1 minute", "1 menit"},
            {2 * HOUR_US - 1, "119 minutes", "119 menit"},
            {2 * HOUR_US, "2 hours", "2 jam"},
            {2 * DAY_US - 1, "47 hours", "47 jam"},
            {2 * DAY_US, "2 days", "2 hari"},
            {INT64_MAX, "106,751,991 days", "106.751.991 hari"},
    };
    struct buf out = buf_make(128);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        moment_span_write(&out, rows[i].us, LANGUAGE_ENGLISH);
        assert_true(slice_eq(buf_slice(&out), slice_of(rows[i].english)));
        buf_reset(&out);
        moment_span_write(&out, rows[i].us, LANGUAGE_INDONESIAN);
        assert_true(slice_eq(buf_slice(&out), slice_of(rows[i].indonesian)));
        buf_reset(&out);
    }
    buf_free(&out);
}

static void the_ends_of_time_are_written_too(void **state)
{
    (void)state;
    static const int64_t ends[] = {TIME_NONE, TIME_NONE + 1, INT64_MAX, INT64_MAX - 1, -1};
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        for (size_t zone = 0; zone < ZONES; zone++) {
            struct buf out = buf_make(256);
            moment_write(&out, ends[i], (enum zone)zone, LANGUAGE_ENGLISH);
            moment_ago_write(&out, ends[i], 0, LANGUAGE_ENGLISH);
            moment_ago_write(&out, 0, ends[i], LANGUAGE_INDONESIAN);
            assert_true(out.len > 30 && !out.full);
            buf_free(&out);
        }
}

static void a_zone_is_found_by_its_name(void **state)
{
    (void)state;
    enum zone zone;
    for (size_t i = 0; i < ZONES; i++)
        assert_true(zone_find(slice_of(zone_name((enum zone)i)), &zone) && zone == (enum zone)i);
    assert_false(zone_find(S("Europe/Paris"), &zone));
    assert_false(zone_find(S(""), &zone));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_moment_names_its_zone),
            cmocka_unit_test(what_a_clock_shows_is_a_moment),
            cmocka_unit_test(a_zone_moves_the_day_and_the_year),
            cmocka_unit_test(what_clocks_show_is_read),
            cmocka_unit_test(london_has_summer_from_the_last_sunday_of_march_to_that_of_october),
            cmocka_unit_test(how_long_ago_has_one_unit),
            cmocka_unit_test(how_often_something_comes_is_read_as_it_is_written),
            cmocka_unit_test(how_long_it_took_is_told_by_two_units_at_least),
            cmocka_unit_test(the_ends_of_time_are_written_too),
            cmocka_unit_test(a_zone_is_found_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
