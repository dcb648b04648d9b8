/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "form/golden_test.h"

static void every_sample_is_told_as_expected(void **state)
{
    (void)state;
    golden_list(&form_list, golden_is_told);
}

static void every_sample_is_recognised(void **state)
{
    (void)state;
    golden_list(&form_list, golden_is_recognised);
}

static void damaged_samples_are_read_safely(void **state)
{
    (void)state;
    golden_list(&form_list, golden_is_read_safely);
}

static void a_full_sink_ends_the_reading(void **state)
{
    (void)state;
    struct told told = {.quiet = true, .stop_after = 1};
    struct err err = told_read(&form_list, S("192.0.2.1\n192.0.2.2\n"), &told);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(told.indicators, 1);
}

static void a_bare_name_means_all_below_it(void **state)
{
    (void)state;
    assert_tells(&form_list, "bad.example\n", "1 domain value='bad.example'\n");
    assert_tells(&form_list, "host\tbad.example\n", "1 host value='bad.example'\n");
}

static void a_url_list_may_mean_all_below(void **state)
{
    (void)state;
    assert_tells(&form_list, "url\thttp://bad.example/\n", "1 url value='http://bad.example/'\n");
    assert_tells(&form_list, "url\thttp://bad.example/*\n", "1 url value='http://bad.example/' below\n");
    assert_tells(&form_list, "url\tbad.example/a/\n", "1 url value='bad.example/a/' below\n");
}

static void a_last_line_needs_no_newline(void **state)
{
    (void)state;
    assert_tells(&form_list, "ipv4\t192.0.2.1\tx", "1 ipv4 value='192.0.2.1' id='x'\n");
    assert_tells(&form_list, "", "");
}

static void a_long_line_is_a_problem_and_not_the_end(void **state)
{
    (void)state;
    enum { LONG = 70000 };
    char *text = malloc(LONG + 16);
    memset(text, 'a', LONG);
    memcpy(text + LONG, "\n192.0.2.1\n", 11);
    struct buf told = told_of(&form_list, (slice){text, LONG + 11});
    assert_string_equal(told.ptr, "problem 1:1 the line is longer than 65536 bytes\n2 ipv4 value='192.0.2.1'\n");
    buf_free(&told);
    free(text);
}

static void what_is_no_text_is_refused(void **state)
{
    (void)state;
    struct buf told = told_of(&form_list, (slice){"a\0b", 3});
    assert_string_equal(told.ptr, "refused 1:2 here is a NUL: this is no text in UTF-8\n");
    buf_free(&told);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_sample_is_told_as_expected),
            cmocka_unit_test(every_sample_is_recognised),
            cmocka_unit_test(damaged_samples_are_read_safely),
            cmocka_unit_test(a_full_sink_ends_the_reading),
            cmocka_unit_test(a_bare_name_means_all_below_it),
            cmocka_unit_test(a_url_list_may_mean_all_below),
            cmocka_unit_test(a_last_line_needs_no_newline),
            cmocka_unit_test(a_long_line_is_a_problem_and_not_the_end),
            cmocka_unit_test(what_is_no_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
