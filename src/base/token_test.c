/* SPDX-License-Identifier: Apache-2.0 */
#include "base/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void tokens_are_43_characters_of_a_url_and_never_the_same(void **state)
{
    (void)state;
    struct token all[200];
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        all[i] = token_new();
        assert_int_equal(strlen(all[i].text), TOKEN_CHARACTERS);
        assert_int_equal(strspn(all[i].text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(all[i].text, all[k].text);
    }
}

static void secrets_are_equal_byte_for_byte(void **state)
{
    (void)state;
    assert_true(token_eq(S("drum"), S("drum")));
    assert_true(token_eq((slice){0}, S("")));
    assert_false(token_eq(S("drum"), S("drun")));
    assert_false(token_eq(S("drum"), S("drums")));
    assert_false(token_eq(S("Drum"), S("drum")));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(tokens_are_43_characters_of_a_url_and_never_the_same),
            cmocka_unit_test(secrets_are_equal_byte_for_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
