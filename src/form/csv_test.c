/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "form/golden_test.h"

static void every_sample_is_told_as_expected(void **state)
{
    (void)state;
    golden_list(&form_csv, golden_is_told);
}

static void every_sample_is_recognised(void **state)
{
    (void)state;
    golden_list(&form_csv, golden_is_recognised);
}

static void damaged_samples_are_read_safely(void **state)
{
    (void)state;
    golden_list(&form_csv, golden_is_read_safely);
}

static void a_full_sink_ends_the_reading(void **state)
{
    (void)state;
    struct told told = {.quiet = true, .stop_after = 1};
    struct err err = told_read(&form_csv, S("ip\n192.0.2.1\n192.0.2.2\n"), &told);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(told.indicators, 1);
}

static void a_header_without_values_is_refused_by_name(void **state)
{
    (void)state;
    struct buf told = told_of(&form_csv, S("# note\ndate,country\n2026-01-01,ID\n"));
    assert_non_null(strstr(told.ptr, "refused 2:1 the header \"date,country\""));
    assert_non_null(strstr(told.ptr, "sha256"));
    buf_free(&told);
}

static void first_seen_is_no_start_of_validity(void **state)
{
    (void)state;
    assert_tells(&form_csv, "ip,first_seen\n192.0.2.1,2026-01-01\n", "2 ipv4 value='192.0.2.1'\n");
}

static void the_separator_is_found_by_the_header(void **state)
{
    (void)state;
    static const char separators[] = {',', ';', '\t', '|'};
    for (size_t i = 0; i < sizeof(separators); i++) {
        char text[64];
        snprintf(text, sizeof(text), "Type%cValue\nip%c192.0.2.1\n", separators[i], separators[i]);
        assert_tells(&form_csv, text, "2 ipv4 value='192.0.2.1'\n");
    }
}

static void too_many_fields_are_a_problem(void **state)
{
    (void)state;
    char text[1024] = "ip,md5\n";
    size_t len = strlen(text);
    memset(text + len, ',', 600);
    struct buf told = told_of(&form_csv, (slice){text, len + 600});
    assert_string_equal(told.ptr, "problem 2:257 more than 256 fields\n");
    buf_free(&told);
}

static void a_quote_never_closed_is_one_problem(void **state)
{
    (void)state;
    assert_tells(&form_csv, "ip\n192.0.2.1\n\"192.0.2.2\n192.0.2.3\n",
            "2 ipv4 value='192.0.2.1'\nproblem 3:1 a quote is opened and not closed [RFC 4180 section 2]\n");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_sample_is_told_as_expected),
            cmocka_unit_test(every_sample_is_recognised),
            cmocka_unit_test(damaged_samples_are_read_safely),
            cmocka_unit_test(a_full_sink_ends_the_reading),
            cmocka_unit_test(a_header_without_values_is_refused_by_name),
            cmocka_unit_test(first_seen_is_no_start_of_validity),
            cmocka_unit_test(the_separator_is_found_by_the_header),
            cmocka_unit_test(too_many_fields_are_a_problem),
            cmocka_unit_test(a_quote_never_closed_is_one_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
