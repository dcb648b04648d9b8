/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/rates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 4u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

#define HEAD "[file]\nversion = 1\nsource = made up\n"

static struct plan_rates rates_of(const char *text)
{
    struct plan_rates rates;
    struct err err = plan_rates_read("a.conf", slice_of(text), NULL, NULL, arena, &rates);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    rates.currency = S("IDR");
    return rates;
}

static int64_t moment(const char *text)
{
    int64_t us;
    assert_true(time_parse_strict(slice_of(text), &us));
    return us;
}

static const char FOUR[] = HEAD "[rate usd-idr-2026-10-30]\nrate = 16500\nsource = bank a\n"
                                "[rate usd-idr-2026-11-20]\nrate = 16650.25\nsource = bank b\n"
                                "[rate usd-gbp-2026-11-21]\nrate = 0.75\nsource = bank c\n"
                                "[rate jpy-idr-2026-11-20]\nrate = 10712.5\nper = 100\nsource = bank b\n";

static void the_newest_that_is_not_after_the_day_holds(void **state)
{
    static const struct {
        const char *currency, *at, *name; /* name: NULL: none holds; empty: it is told in itself */
    } rows[] = {
            {"USD", "2026-10-29T23:59:59Z", NULL},
            {"USD", "2026-10-30T00:00:00Z", "usd-idr-2026-10-30"},
            {"USD", "2026-11-19T23:59:59Z", "usd-idr-2026-10-30"},
            {"USD", "2026-11-20T00:00:00Z", "usd-idr-2026-11-20"},
            {"USD", "2036-11-20T00:00:00Z", "usd-idr-2026-11-20"},
            {"JPY", "2026-11-30T00:00:00Z", "jpy-idr-2026-11-20"},
            {"IDR", "1970-01-01T00:00:00Z", ""},
            {"CHF", "2026-11-30T00:00:00Z", NULL},
            {"GBP", "2026-11-30T00:00:00Z", NULL},
    };
    (void)state;
    struct plan_rates rates = rates_of(FOUR);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct plan_rate *rate;
        bool found = plan_rates_find(&rates, slice_of(rows[i].currency), moment(rows[i].at), &rate);
        assert_true(found == (rows[i].name != NULL));
        assert_string_equal(
                rate == NULL ? "" : arena_cstr(arena, rate->name), rows[i].name == NULL ? "" : rows[i].name);
    }
}

/* Reckoned by hand; what lies between two hundredths goes to the nearest, and a half up. */
static void amounts_are_exact_to_the_hundredth(void **state)
{
    static const struct {
        const char *rate, *per;
        int64_t amount, told; /* told: -1: more than a number holds */
    } rows[] = {
            {"16650.25", "1", 100, 1665025},
            {"16650.25", "1", 0, 0},
            {"16650.25", "1", 1, 16650},
            {"16650.25", "1", 2, 33301}, /* 33300.5 */
            {"16650.25", "1", INT64_C(3420000000000), INT64_C(56943855000000000)},
            {"10712.5", "100", 100, 10713}, /* 10712.5 */
            {"0.000060060060", "1", INT64_C(1665025000), 100002},
            {"0.1", "1", 4, 0},
            {"0.1", "1", 5, 1},
            {"1", "3", 100, 33},
            {"1", "3", 200, 67},
            {"999999999999999999", "1", 9, INT64_C(8999999999999999991)},
            {"999999999999999999", "1", 10, -1},
            {"2", "1", INT64_MAX, -1},
            {"1", "1", INT64_MAX, INT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t told;
        struct plan_rates rates = rates_of(arena_printf(
                arena, HEAD "[rate usd-idr-2026-01-01]\nrate = %s\nper = %s\nsource = x\n", rows[i].rate, rows[i].per));
        bool fits = plan_rate_apply(&rates.rows[0], rows[i].amount, &told);
        assert_true(fits == (rows[i].told >= 0));
        if (fits)
            assert_int_equal(told, rows[i].told);
    }
}

static void a_rate_is_told_with_its_day_and_whose_it_is(void **state)
{
    (void)state;
    struct plan_rates rates = rates_of(FOUR);
    assert_string_equal(arena_cstr(arena, plan_rate_text(&rates, &rates.rows[1], arena)),
            "1 USD = 16650.25 IDR, 2026-11-20, bank b");
    assert_string_equal(arena_cstr(arena, plan_rate_text(&rates, &rates.rows[3], arena)),
            "100 JPY = 10712.5 IDR, 2026-11-20, bank b");
    assert_string_equal(arena_cstr(arena, plan_rate_text(&rates, NULL, arena)), "IDR");
}

static void no_rate_comes_with_the_program(void **state)
{
    struct plan_rates rates;
    (void)state;
    struct err err = plan_rates_shipped(arena, &rates);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(rates.count, 0);
}

static void a_mistake_has_its_place(void **state)
{
#define RATE "[rate usd-idr-2026-11-20]\n"
    static const struct {
        const char *text, *why;
    } rows[] = {
            {HEAD RATE "source = x\n", "a.conf:4:1: this rate has no rate"},
            {HEAD RATE "rate = 1\n", "a.conf:4:1: this rate has no source"},
            {HEAD RATE "rate = 1,5\nsource = x\n", "a.conf:5:8: rate: a number above nought as 16650.25"},
            {HEAD RATE "rate = 1.\nsource = x\n", "a.conf:5:8: rate: a number"},
            {HEAD RATE "rate = .5\nsource = x\n", "a.conf:5:8: rate: a number"},
            {HEAD RATE "rate = 1.2.3\nsource = x\n", "a.conf:5:8: rate: a number"},
            {HEAD RATE "rate = -1\nsource = x\n", "a.conf:5:8: rate: a number"},
            {HEAD RATE "rate = 0.00\nsource = x\n", "a.conf:5:8: rate: a number"},
            {HEAD RATE "rate = 0.0000000000001\nsource = x\n", "a.conf:5:8: rate: a number"},
            {HEAD RATE "rate = 1000000000000000000\nsource = x\n", "a.conf:5:8: rate: a number"},
            {HEAD RATE "rate = 1\nsource = x\nper = 0\n", "a.conf:7:7: per: a whole number from 1 to 1000000"},
            {HEAD "[rate usd-2026-11-20]\nrate = 1\nsource = x\n", "a.conf:4:1: a rate is named after"},
            {HEAD "[rate usd-usd-2026-11-20]\nrate = 1\nsource = x\n", "a.conf:4:1: a rate is named after"},
            {HEAD "[rate us1-idr-2026-11-20]\nrate = 1\nsource = x\n", "a.conf:4:1: a rate is named after"},
            {HEAD "[rate usd-idr-2026-13-20]\nrate = 1\nsource = x\n", "a.conf:4:1: a rate is named after"},
            {HEAD RATE "rate = 1\nsource = x\n" RATE "rate = 2\nsource = x\n",
                    "a.conf:7:1: another has this name already"},
            {HEAD "[duty a]\n", "a.conf:4:1: a section is [file] or [rate NAME]"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_rates rates;
        struct err err = plan_rates_read("a.conf", slice_of(rows[i].text), NULL, NULL, arena, &rates);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strstr(err.why, rows[i].why) == NULL)
            fail_msg("%zu: %s", i, err.why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(the_newest_that_is_not_after_the_day_holds, set_up, tear_down),
            cmocka_unit_test_setup_teardown(amounts_are_exact_to_the_hundredth, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_rate_is_told_with_its_day_and_whose_it_is, set_up, tear_down),
            cmocka_unit_test_setup_teardown(no_rate_comes_with_the_program, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_mistake_has_its_place, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
