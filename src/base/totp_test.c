/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/totp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const slice secret = {"12345678901234567890", 20};

/* RFC 6238 appendix B, SHA1; of its eight digits the last six (RFC 4226 section 5.3). */
static const struct {
    int64_t seconds;
    uint32_t code;
} vectors[] = {
        {59, 287082},
        {1111111109, 81804},
        {1111111111, 50471},
        {1234567890, 5924},
        {2000000000, 279037},
        {20000000000, 353130},
};

static void codes_are_those_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++)
        assert_int_equal(totp_code(secret, totp_step(vectors[i].seconds * SECOND_US)), vectors[i].code);
}

static bool is_taken(int64_t shown_at, int64_t typed_at, int64_t after)
{
    char text[16];
    int64_t step = -1;
    snprintf(text, sizeof text, "%06u", totp_code(secret, totp_step(shown_at * SECOND_US)));
    bool taken = totp_check(secret, slice_of(text), typed_at * SECOND_US, after, &step);
    assert_int_equal(step, taken ? totp_step(shown_at * SECOND_US) : -1);
    return taken;
}

static void one_step_either_side_is_forgiven(void **state)
{
    (void)state;
    assert_true(is_taken(1111111109, 1111111109, 0));
    assert_true(is_taken(1111111109, 1111111109 + 30, 0));
    assert_true(is_taken(1111111109, 1111111109 - 30, 0));
    assert_false(is_taken(1111111109, 1111111109 + 60, 0));
    assert_false(is_taken(1111111109, 1111111109 - 60, 0));
}

static void a_step_is_not_taken_twice(void **state)
{
    int64_t step = 1111111109 / 30;
    (void)state;
    assert_true(is_taken(1111111109, 1111111109, step - 1));
    assert_false(is_taken(1111111109, 1111111109, step));
    assert_false(is_taken(1111111109, 1111111109, step + 1));
}

static void a_code_is_six_digits(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {{"287082", true}, {"287 082", true}, {" 287082 ", true}, {"28708", false}, {"0287082", false},
            {"2870 8a", false}, {"", false}, {"+87082", false}, {"287083", false}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t step;
        assert_int_equal(totp_check(secret, slice_of(cases[i].text), 59 * SECOND_US, -5, &step), cases[i].good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(codes_are_those_of_the_standard),
            cmocka_unit_test(one_step_either_side_is_forgiven),
            cmocka_unit_test(a_step_is_not_taken_twice),
            cmocka_unit_test(a_code_is_six_digits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
