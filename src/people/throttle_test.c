/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "people/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

#define NOW_US INT64_C(1795255200000000)

struct test {
    struct arena *arena;
    struct throttle *throttle;
};

static int set_up(void **state)
{
    static struct test test;
    test.arena = arena_open("test", ARENA_WORK, 16u << 20);
    test.throttle = throttle_open(test.arena);
    *state = &test;
    return 0;
}

static int tear_down(void **state)
{
    struct test *test = *state;
    throttle_close(test->throttle);
    arena_close(test->arena);
    return 0;
}

static struct knock knock_of(const char *name, const char *from)
{
    struct knock knock = {.kind = KNOCK_PASSWORD, .name = slice_of(name)};
    assert_true(ip_parse(slice_of(from), &knock.from));
    return knock;
}

/* So many failures, each as soon as it may be; how long they took. */
static int64_t failures(struct test *test, const struct knock *knock, int count, int64_t now_us)
{
    for (int i = 0; i < count; i++) {
        now_us += throttle_wait_us(test->throttle, knock, now_us);
        throttle_failed(test->throttle, knock, now_us);
    }
    return now_us;
}

static void a_few_failures_cost_nothing_and_then_each_costs_twice(void **state)
{
    struct test *test = *state;
    const struct knock knock = knock_of("ayu", "192.0.2.1");
    int64_t now_us = failures(test, &knock, 5, NOW_US);
    assert_int_equal(now_us, NOW_US);
    assert_int_equal(throttle_wait_us(test->throttle, &knock, now_us), 0);
    for (int64_t wait_us = SECOND_US; wait_us < 15 * MINUTE_US; wait_us *= 2) {
        throttle_failed(test->throttle, &knock, now_us);
        assert_int_equal(throttle_wait_us(test->throttle, &knock, now_us), wait_us);
        assert_int_equal(throttle_wait_us(test->throttle, &knock, now_us + wait_us - 1), 1);
        now_us += wait_us;
        assert_int_equal(throttle_wait_us(test->throttle, &knock, now_us), 0);
    }
    now_us = failures(test, &knock, 100, now_us);
    assert_int_equal(throttle_wait_us(test->throttle, &knock, now_us), 15 * MINUTE_US);
}

static void being_right_and_an_hour_begin_anew(void **state)
{
    struct test *test = *state;
    const struct knock knock = knock_of("ayu", "192.0.2.1"), other = knock_of("budi", "192.0.2.2");
    int64_t now_us = failures(test, &knock, 9, NOW_US);
    assert_true(throttle_wait_us(test->throttle, &knock, now_us) > 0);
    throttle_right(test->throttle, &knock, now_us);
    assert_int_equal(throttle_wait_us(test->throttle, &knock, now_us), 0);
    now_us = failures(test, &other, 9, NOW_US) + THROTTLE_FORGET_US + 1;
    assert_int_equal(failures(test, &other, 5, now_us), now_us);
    assert_int_equal(throttle_wait_us(test->throttle, &other, now_us), 0);
}

static void one_network_of_ipv6_is_one_address(void **state)
{
    struct test *test = *state;
    const struct knock one = knock_of("ayu", "2001:db8:1:2::1"), same = knock_of("ayu", "2001:db8:1:2:ffff::9"),
                       other = knock_of("ayu", "2001:db8:1:3::1");
    int64_t now_us = failures(test, &one, 9, NOW_US);
    assert_int_equal(throttle_wait_us(test->throttle, &same, now_us), throttle_wait_us(test->throttle, &one, now_us));
    assert_true(throttle_wait_us(test->throttle, &same, now_us) > 0);
    assert_int_equal(throttle_wait_us(test->throttle, &other, now_us), 0);
}

static void who_tries_many_names_from_one_address_waits(void **state)
{
    struct test *test = *state;
    char names[64][16];
    for (int i = 0; i < 60; i++) {
        snprintf(names[i], sizeof names[i], "user%d", i);
        const struct knock knock = knock_of(names[i], "192.0.2.1");
        throttle_failed(test->throttle, &knock, NOW_US);
    }
    const struct knock fresh = knock_of("fresh", "192.0.2.1"), elsewhere = knock_of("fresh", "198.51.100.1");
    assert_true(throttle_wait_us(test->throttle, &fresh, NOW_US) > 0);
    assert_int_equal(throttle_wait_us(test->throttle, &elsewhere, NOW_US), 0);
}

/* From ever new addresses: for the name there is a wait, but not for where it was right of late. */
static void a_name_is_not_closed_to_its_owner(void **state)
{
    struct test *test = *state;
    const struct knock owner = knock_of("administrator", "192.0.2.1");
    throttle_right(test->throttle, &owner, NOW_US);
    for (int i = 0; i < 200; i++) {
        struct knock knock = knock_of("administrator", "198.51.100.0");
        knock.from.bytes[3] = (uint8_t)i;
        throttle_failed(test->throttle, &knock, NOW_US);
    }
    const struct knock stranger = knock_of("administrator", "203.0.113.1");
    assert_int_equal(throttle_wait_us(test->throttle, &stranger, NOW_US), MINUTE_US);
    assert_int_equal(throttle_wait_us(test->throttle, &owner, NOW_US), 0);
    int64_t later_us = NOW_US + THROTTLE_KNOWN_US + 1;
    later_us = failures(test, &stranger, 20, later_us);
    assert_true(throttle_wait_us(test->throttle, &owner, later_us) > 0);
}

static void codes_are_counted_apart_from_passwords(void **state)
{
    struct test *test = *state;
    struct knock knock = knock_of("ayu", "192.0.2.1");
    failures(test, &knock, 9, NOW_US);
    knock.kind = KNOCK_CODE;
    assert_int_equal(throttle_wait_us(test->throttle, &knock, NOW_US), 0);
}

static void a_clock_that_was_put_back_makes_nobody_wait(void **state)
{
    struct test *test = *state;
    const struct knock knock = knock_of("ayu", "192.0.2.1");
    int64_t now_us = failures(test, &knock, 20, NOW_US);
    assert_true(throttle_wait_us(test->throttle, &knock, now_us) > 0);
    assert_int_equal(throttle_wait_us(test->throttle, &knock, NOW_US - 86400 * SECOND_US), 0);
}

/* Many strangers who failed once do not make the table forget who failed often, or who was right. */
static void a_flood_of_names_forgets_the_least_first(void **state)
{
    struct test *test = *state;
    const struct knock often = knock_of("ayu", "192.0.2.1"), right = knock_of("budi", "192.0.2.2");
    int64_t now_us = failures(test, &often, 16, NOW_US);
    throttle_right(test->throttle, &right, now_us);
    for (uint32_t i = 0; i < 20 * THROTTLE_ROWS; i++) {
        struct knock knock = {KNOCK_PASSWORD, {(const char *)&i, sizeof i}, {.family = 4}};
        memcpy(knock.from.bytes, &i, sizeof i);
        throttle_failed(test->throttle, &knock, now_us);
    }
    assert_true(throttle_wait_us(test->throttle, &often, now_us) > MINUTE_US);
    for (int i = 0; i < 100; i++) {
        struct knock knock = knock_of("budi", "198.51.100.0");
        knock.from.bytes[3] = (uint8_t)i;
        throttle_failed(test->throttle, &knock, now_us);
    }
    assert_int_equal(throttle_wait_us(test->throttle, &right, now_us), 0);
}

/* Ten reports of an address cost nothing, and nobody's sign-in; nor do those of others, until there are very many. */
static void reports_are_counted_by_address_and_all_together(void **state)
{
    struct test *test = *state;
    struct knock knock = knock_of("", "192.0.2.1"), other = knock_of("", "198.51.100.1");
    const struct knock password = knock_of("ayu", "192.0.2.1");
    knock.kind = other.kind = KNOCK_REPORT;
    assert_int_equal(failures(test, &knock, 10, NOW_US), NOW_US);
    throttle_failed(test->throttle, &knock, NOW_US);
    assert_int_equal(throttle_wait_us(test->throttle, &knock, NOW_US), SECOND_US);
    assert_int_equal(throttle_wait_us(test->throttle, &other, NOW_US), 0);
    int64_t now_us = failures(test, &knock, 60, NOW_US);
    assert_int_equal(throttle_wait_us(test->throttle, &knock, now_us), 15 * MINUTE_US);
    assert_int_equal(throttle_wait_us(test->throttle, &password, now_us), 0);
    for (uint8_t i = 0; i < 100; i++)
        for (int time = 0; time < 10; time++) {
            struct knock many = other;
            many.from.bytes[3] = (uint8_t)(100 + i);
            throttle_failed(test->throttle, &many, now_us);
        }
    assert_int_equal(throttle_wait_us(test->throttle, &other, now_us), 2 * SECOND_US);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(a_few_failures_cost_nothing_and_then_each_costs_twice, set_up, tear_down),
            cmocka_unit_test_setup_teardown(being_right_and_an_hour_begin_anew, set_up, tear_down),
            cmocka_unit_test_setup_teardown(one_network_of_ipv6_is_one_address, set_up, tear_down),
            cmocka_unit_test_setup_teardown(who_tries_many_names_from_one_address_waits, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_name_is_not_closed_to_its_owner, set_up, tear_down),
            cmocka_unit_test_setup_teardown(codes_are_counted_apart_from_passwords, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_clock_that_was_put_back_makes_nobody_wait, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_flood_of_names_forgets_the_least_first, set_up, tear_down),
            cmocka_unit_test_setup_teardown(reports_are_counted_by_address_and_all_together, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
