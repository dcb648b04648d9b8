/* SPDX-License-Identifier: Apache-2.0 */
#include "text/number.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_text(struct buf *out, const char *expected)
{
    buf_byte(out, 0);
    assert_string_equal(out->ptr, expected);
    buf_reset(out);
}

static void thousands_have_the_mark_of_the_language(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *english, *indonesian;
    } rows[] = {
            {0, "0", "0"},
            {999, "999", "999"},
            {1000, "1,000", "1.000"},
            {1234567, "1,234,567", "1.234.567"},
            {UINT64_MAX, "18,446,744,073,709,551,615", "18.446.744.073.709.551.615"},
    };
    struct buf out = buf_make(256);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        number_write(&out, rows[i].n, LANGUAGE_ENGLISH);
        assert_text(&out, rows[i].english);
        number_write(&out, rows[i].n, LANGUAGE_INDONESIAN);
        assert_text(&out, rows[i].indonesian);
    }
    buf_free(&out);
}

static void a_counting_text_takes_the_number_in(void **state)
{
    (void)state;
    struct buf out = buf_make(256);
    number_count_write(&out, W_COUNT("{{n}} day ago", "{{n}} days ago"), 1, LANGUAGE_ENGLISH);
    assert_text(&out, "1 day ago");
    number_count_write(&out, W_COUNT("{{n}} day ago", "{{n}} days ago"), 1200, LANGUAGE_ENGLISH);
    assert_text(&out, "1,200 days ago");
    number_count_write(&out, W_COUNT("{{n}} day ago", "{{n}} days ago"), 1200, LANGUAGE_INDONESIAN);
    assert_text(&out, "1.200 hari yang lalu");
    number_count_write(&out, S("one"), S("more"), 2, LANGUAGE_ENGLISH);
    assert_text(&out, "more");
    buf_free(&out);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(thousands_have_the_mark_of_the_language),
            cmocka_unit_test(a_counting_text_takes_the_number_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
