/* SPDX-License-Identifier: Apache-2.0 */
#include "export/set.h"

#include "export/kind_test.h"

static void a_key_is_new_once(void **state)
{
    (void)state;
    struct export_set set = export_set_make();
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < 10000; i++) {
            char key[32];
            bool added;
            snprintf(key, sizeof(key), "key %u", i);
            assert_int_equal(export_set_add(&set, slice_of(key), &added).kind, ERR_NONE);
            assert_int_equal(added, round == 0);
        }
    assert_int_equal(set.count, 10000);
    export_set_free(&set);
}

static void the_empty_key_and_keys_with_nul_are_keys(void **state)
{
    (void)state;
    struct export_set set = export_set_make();
    const slice keys[] = {{NULL, 0}, S("\0"), S("\0\0"), S("a\0b"), S("a")};
    bool added;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        assert_int_equal(export_set_add(&set, keys[i], &added).kind, ERR_NONE);
        assert_true(added);
        assert_int_equal(export_set_add(&set, keys[i], &added).kind, ERR_NONE);
        assert_false(added);
    }
    export_set_free(&set);
}

static void a_full_set_is_an_error(void **state)
{
    (void)state;
    struct export_set set = export_set_make();
    bool added;
    set.bytes.max = 10;
    assert_int_equal(export_set_add(&set, S("12345678"), &added).kind, ERR_NONE);
    assert_int_equal(export_set_add(&set, S("12345678"), &added).kind, ERR_NONE);
    assert_int_equal(export_set_add(&set, S("123"), &added).kind, ERR_LIMIT);
    export_set_free(&set);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_key_is_new_once),
            cmocka_unit_test(the_empty_key_and_keys_with_nul_are_keys),
            cmocka_unit_test(a_full_set_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
