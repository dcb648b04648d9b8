/* SPDX-License-Identifier: Apache-2.0 */
#include "event/rsit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_type_finds_its_taxonomy(void **state)
{
    (void)state;
    const struct rsit_class *class = rsit_find(S("c2-server"));
    assert_non_null(class);
    assert_string_equal(class->taxonomy, "malicious-code");
    assert_string_equal(rsit_find(S("test"))->taxonomy, "test");
    assert_null(rsit_find(S("c2server"))); /* the older spelling is no type of this version */
    assert_null(rsit_find(S("C2-server")));
    assert_null(rsit_find(S("")));
}

/* Version 1003: 11 predicates, 39 entries, no type under two of them. */
static void the_rows_are_those_of_version_1003(void **state)
{
    (void)state;
    size_t rows = 0, taxonomies = 0;
    for (const struct rsit_class *at = rsit_classes; at->type != NULL; at++) {
        assert_ptr_equal(rsit_find(slice_of(at->type)), at);
        taxonomies += rows == 0 || strcmp(at[-1].taxonomy, at->taxonomy) != 0;
        rows++;
    }
    assert_int_equal(rows, 39);
    assert_int_equal(taxonomies, 11);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_type_finds_its_taxonomy),
            cmocka_unit_test(the_rows_are_those_of_version_1003),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
