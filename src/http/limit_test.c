/* SPDX-License-Identifier: Apache-2.0 */
#include "http/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct ip ip(const char *text)
{
    struct ip parsed;
    assert_true(ip_parse(slice_of(text), &parsed));
    return parsed;
}

static void an_address_may_so_often(void **state)
{
    (void)state;
    struct http_callers *callers = http_callers_open(2);
    struct ip one = ip("192.0.2.1"), other = ip("192.0.2.2");
    void *first = http_callers_add(callers, &one);
    assert_true(http_callers_may(callers, &one));
    void *second = http_callers_add(callers, &one);
    assert_false(http_callers_may(callers, &one));
    assert_true(http_callers_may(callers, &other));
    http_callers_drop(callers, first);
    assert_true(http_callers_may(callers, &one));
    http_callers_drop(callers, second);
    assert_true(http_callers_may(callers, &one));
    http_callers_close(callers);
}

static void a_network_of_IPv6_is_one(void **state)
{
    (void)state;
    struct http_callers *callers = http_callers_open(1);
    struct ip one = ip("2001:db8::1"), same = ip("2001:db8::ffff:1"), other = ip("2001:db8:0:1::1");
    void *first = http_callers_add(callers, &one);
    assert_false(http_callers_may(callers, &same));
    assert_true(http_callers_may(callers, &other));
    http_callers_drop(callers, first);
    assert_true(http_callers_may(callers, &same));
    http_callers_close(callers);
}

static void many_addresses_come_and_go(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    static void *callers_of[MANY];
    struct http_callers *callers = http_callers_open(1);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < MANY; i++) {
            struct ip caller = {.bytes = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}, .family = 4};
            assert_true(http_callers_may(callers, &caller));
            callers_of[i] = http_callers_add(callers, &caller);
            assert_false(http_callers_may(callers, &caller));
        }
        for (unsigned i = 0; i < MANY; i++)
            http_callers_drop(callers, callers_of[(i * 7919) % MANY]);
    }
    http_callers_close(callers);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_address_may_so_often),
            cmocka_unit_test(a_network_of_IPv6_is_one),
            cmocka_unit_test(many_addresses_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
