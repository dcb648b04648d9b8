/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind_test.h"

static void every_kind_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; export_kinds[i] != NULL; i++) {
        assert_ptr_equal(export_kind_find(slice_of(export_kinds[i]->name)), export_kinds[i]);
        assert_non_null(export_kinds[i]->about);
        assert_non_null(export_kinds[i]->extension);
    }
    assert_null(export_kind_find(S("snort")));
    assert_null(export_kind_find(S("")));
}

static void every_kind_writes_the_golden_cases(void **state)
{
    (void)state;
    for (size_t i = 0; export_kinds[i] != NULL; i++) {
        assert_expected("all", export_kinds[i]->name);
        assert_expected("none", export_kinds[i]->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_kind_is_found_by_its_name),
            cmocka_unit_test(every_kind_writes_the_golden_cases),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
