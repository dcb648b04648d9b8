/* SPDX-License-Identifier: Apache-2.0 */
#include "app/simulate_year.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "json/check.h"

#define REPORTS 30000
#define START_US INT64_C(1735689600000000) /* 2025-01-01 */

/* What makes a report the same as another of its day: all but when, and by which hash it is known. */
static const char *identity(slice report, struct arena *arena)
{
    size_t from = slice_find_slice(report, S("\"classification.taxonomy\""));
    size_t to = slice_find_slice(report, S("\"protocol.transport\""));
    assert_true(from < to && to < report.len);
    return arena_printf(
            arena, "%.*s%.*s", 10, report.ptr + strlen("{\"time.source\":\""), (int)(to - from), report.ptr + from);
}

static int order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void what_came_twice_came_before_on_its_day(void **state)
{
    struct arena *arena = *state;
    const struct year *year = year_open(&(struct year_plan){7, REPORTS, START_US, 12}, arena);
    const char **seen = arena_new(arena, const char *, REPORTS);
    size_t count = 0, twice = 0, malformed = 0, different = 0;
    struct buf text = buf_make(8192);
    for (uint64_t number = 0; number < REPORTS; number++) {
        buf_reset(&text);
        struct year_truth truth = year_report(year, number, &text);
        slice report = slice_part(buf_slice(&text), 0, text.len - 1);
        assert_int_equal(truth.malformed, json_check(report, &json_limits_default, NULL).kind != ERR_NONE);
        malformed += truth.malformed;
        twice += !truth.malformed && truth.twice;
        if (!truth.malformed)
            seen[count++] = identity(report, arena);
    }
    qsort(seen, count, sizeof *seen, order);
    for (size_t i = 0; i < count; i++)
        different += i == 0 || strcmp(seen[i - 1], seen[i]) != 0;
    assert_int_equal(count - different, twice);
    assert_true(twice > count / 4 && malformed > 10);
    buf_free(&text);
}

static void a_report_is_the_same_whoever_asks(void **state)
{
    const struct year *year = year_open(&(struct year_plan){7, REPORTS, START_US, YEAR_DAYS}, *state);
    struct buf once = buf_make(8192), again = buf_make(8192);
    struct year_truth first = year_report(year, 12345, &once), second = year_report(year, 12345, &again);
    assert_true(slice_eq(buf_slice(&once), buf_slice(&again)));
    assert_int_equal(first.day, second.day);
    assert_true(first.day < YEAR_DAYS);
    assert_true(first.member <= YEAR_NOBODY);
    buf_free(&once);
    buf_free(&again);
}

static int set_up(void **state)
{
    *state = arena_open("test", ARENA_WORK, 64u << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(what_came_twice_came_before_on_its_day, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_report_is_the_same_whoever_asks, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
