/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/rule.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static const struct warning warning = {
        .cause_kind = {"indicator", 9}, .class = {"malicious-code/infected-system", 30}, .severity = SEVERITY_HIGH};

static struct warning_rule rule(
        const char *class, const char *sector, const char *cause, enum severity severity, enum warning_does does)
{
    return (struct warning_rule){.class = slice_of(class),
            .sector = slice_of(sector),
            .cause_kind = slice_of(cause),
            .severity = severity,
            .does = does};
}

static void a_rule_fits_or_not(void **state)
{
    const struct {
        struct warning_rule rule;
        bool fits;
    } rows[] = {
            {rule("", "", "", SEVERITY_INFO, WARNING_SEND), true},
            {rule("malicious-code/infected-system", "", "", SEVERITY_INFO, WARNING_SEND), true},
            {rule("malicious-code/", "", "", SEVERITY_INFO, WARNING_SEND), true},
            {rule("malicious-code", "", "", SEVERITY_INFO, WARNING_SEND), false},
            {rule("malicious-code/c2-server", "", "", SEVERITY_INFO, WARNING_SEND), false},
            {rule("fraud/", "", "", SEVERITY_INFO, WARNING_SEND), false},
            {rule("", "health", "", SEVERITY_INFO, WARNING_SEND), true},
            {rule("", "energy", "", SEVERITY_INFO, WARNING_SEND), false},
            {rule("", "", "indicator", SEVERITY_INFO, WARNING_SEND), true},
            {rule("", "", "report", SEVERITY_INFO, WARNING_SEND), false},
            {rule("", "", "", SEVERITY_HIGH, WARNING_SEND), true},
            {rule("", "", "", SEVERITY_CRITICAL, WARNING_SEND), false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if ((desk_rule_narrow(&rows[i].rule, &warning, S("health")) > 0) != rows[i].fits)
            fail_msg("row %zu", i);
}

/* Each is narrower than those above it; the order in which they were made is of no matter. */
static void the_narrowest_decides(void **state)
{
    const struct warning_rule rows[] = {
            rule("", "", "", SEVERITY_INFO, WARNING_SEND),
            rule("", "", "", SEVERITY_INFO, WARNING_DIGEST),
            rule("", "", "", SEVERITY_INFO, WARNING_HOLD),
            rule("", "", "", SEVERITY_HIGH, WARNING_SEND),
            rule("", "", "indicator", SEVERITY_INFO, WARNING_SEND),
            rule("", "health", "", SEVERITY_INFO, WARNING_SEND),
            rule("malicious-code/", "", "", SEVERITY_INFO, WARNING_SEND),
            rule("malicious-code/infected-system", "", "", SEVERITY_INFO, WARNING_SEND),
    };
    struct warning_rule turned[COUNT_OF(rows)];
    (void)state;
    assert_null(desk_rule_find(rows, 0, &warning, S("health")));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_ptr_equal(desk_rule_find(rows, i + 1, &warning, S("health")), &rows[i]);
        for (size_t j = 0; j <= i; j++)
            turned[j] = rows[i - j];
        assert_ptr_equal(desk_rule_find(turned, i + 1, &warning, S("health")), &turned[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_rule_fits_or_not),
            cmocka_unit_test(the_narrowest_decides),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
