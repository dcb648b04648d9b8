/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/times.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static const struct desk_day jakarta = {.zone_us = 7 * HOUR_US, .digest_us = 7 * HOUR_US};

static int64_t at(const char *text)
{
    int64_t us;
    assert_true(time_parse(slice_of(text), &us));
    return us;
}

static void a_day_begins_where_the_office_is(void **state)
{
    (void)state;
    assert_int_equal(desk_day_begin(&jakarta, at("2026-11-21T16:59:59Z")), at("2026-11-20T17:00:00Z"));
    assert_int_equal(desk_day_begin(&jakarta, at("2026-11-21T17:00:00Z")), at("2026-11-21T17:00:00Z"));
    assert_int_equal(desk_day_begin(&jakarta, -1), -7 * HOUR_US);
    assert_int_equal(desk_day_begin(&jakarta, -7 * HOUR_US - 1), -7 * HOUR_US - DAY_US);
}

static void the_digest_is_due_once_a_day(void **state)
{
    (void)state;
    assert_int_equal(desk_digest_due(&jakarta, at("2026-11-21T00:00:00Z")), at("2026-11-21T00:00:00Z"));
    assert_int_equal(desk_digest_due(&jakarta, at("2026-11-20T23:59:59Z")), at("2026-11-20T00:00:00Z"));
    assert_int_equal(desk_digest_due(&jakarta, at("2026-11-21T18:00:00Z")), at("2026-11-21T00:00:00Z"));
}

static void what_is_worse_is_due_sooner(void **state)
{
    (void)state;
    for (enum severity severity = SEVERITY_LOW; severity < SEVERITY_CRITICAL; severity++) {
        assert_true(desk_due_at(severity, 0) > desk_due_at(severity + 1, 0));
        assert_true(desk_chase_at(severity, 0, 0) > desk_chase_at(severity + 1, 0, 0));
    }
    assert_true(desk_due_at(SEVERITY_INFO, 0) == TIME_NONE);
    assert_true(desk_chase_at(SEVERITY_INFO, 0, 0) == TIME_NONE);
    assert_true(desk_chase_at(SEVERITY_CRITICAL, DESK_CHASES, 0) == TIME_NONE);
    assert_true(desk_chase_at(SEVERITY_CRITICAL, DESK_CHASES - 1, 5) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_day_begins_where_the_office_is),
            cmocka_unit_test(the_digest_is_due_once_a_day),
            cmocka_unit_test(what_is_worse_is_due_sooner),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
