/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static void expect_text(struct buf *buf, const char *text)
{
    assert_int_equal(buf_check(buf).kind, ERR_NONE);
    assert_int_equal(buf->len, strlen(text));
    assert_memory_equal(buf->ptr, text, buf->len);
    buf_free(buf);
}

static void numbers_are_written_whole(void **state)
{
    (void)state;
    struct buf buf = buf_make(200);
    buf_u64(&buf, 0);
    buf_byte(&buf, ' ');
    buf_u64(&buf, UINT64_MAX);
    buf_byte(&buf, ' ');
    buf_i64(&buf, INT64_MIN);
    buf_byte(&buf, ' ');
    buf_i64(&buf, -1);
    buf_byte(&buf, ' ');
    buf_i64(&buf, INT64_MAX);
    expect_text(&buf, "0 18446744073709551615 -9223372036854775808 -1 9223372036854775807");
}

static void hexadecimal_is_lower_case(void **state)
{
    (void)state;
    struct buf buf = buf_make(200);
    buf_hex(&buf, S("\x00\x7f\xab\xff"));
    buf_hex(&buf, (slice){NULL, 0});
    expect_text(&buf, "007fabff");
}

static void a_part_of_a_uri_holds_nothing_that_would_end_it(void **state)
{
    (void)state;
    struct buf buf = buf_make(200);
    buf_uri(&buf, (slice){"aZ9-._~ /?#&%\0\x7f\xc3\xa9", 17}, "");
    expect_text(&buf, "aZ9-._~%20%2F%3F%23%26%25%00%7F%C3%A9");
    buf = buf_make(200);
    buf_uri(&buf, (slice){"/a\0?", 4}, "/");
    expect_text(&buf, "/a%00%3F");
}

static void printing_appends(void **state)
{
    (void)state;
    struct buf buf = buf_make(200);
    buf_put(&buf, S("a="));
    buf_printf(&buf, "%s/%d", "x", 24);
    buf_printf(&buf, "%s", "");
    expect_text(&buf, "a=x/24");
}

static void the_ceiling_is_met_exactly(void **state)
{
    (void)state;
    static const char *const filling[] = {"abcd", "12", "-3"};
    for (size_t i = 0; i < COUNT_OF(filling); i++) {
        struct buf buf = buf_make(strlen(filling[i]));
        if (i == 0)
            buf_put(&buf, S("abcd"));
        else if (i == 1)
            buf_u64(&buf, 12);
        else
            buf_i64(&buf, -3);
        expect_text(&buf, filling[i]);
    }
}

static void printing_meets_the_ceiling_exactly(void **state)
{
    (void)state;
    struct buf buf = buf_make(5);
    buf_printf(&buf, "%s", "abcde");
    expect_text(&buf, "abcde");
}

static void long_prints_are_whole_too(void **state)
{
    (void)state;
    char text[1001];
    struct buf buf = buf_make(1000);
    memset(text, 'a', 1000);
    text[1000] = '\0';
    buf_printf(&buf, "%s", text);
    expect_text(&buf, text);
}

static void what_does_not_fit_is_not_written_at_all(void **state)
{
    (void)state;
    struct buf buf = buf_make(4);
    buf_put(&buf, S("abc"));
    buf_put(&buf, S("de"));
    assert_int_equal(buf_check(&buf).kind, ERR_LIMIT);
    assert_true(slice_eq(buf_slice(&buf), S("abc")));
    buf_byte(&buf, 'f');
    buf_printf(&buf, "g");
    buf_u64(&buf, 1);
    buf_hex(&buf, S("h"));
    assert_true(slice_eq(buf_slice(&buf), S("abc")));
    buf_free(&buf);
}

static void sizes_beyond_all_memory_are_refused(void **state)
{
    (void)state;
    struct buf buf = buf_make(1000);
    buf_byte(&buf, 'a');
    assert_false(buf_reserve(&buf, SIZE_MAX));
    buf_reset(&buf);
    assert_true(buf_reserve(&buf, 1000));
    buf_hex(&buf, (slice){"", SIZE_MAX / 2 + 1});
    assert_true(buf.full);
    buf_free(&buf);
}

static void a_reset_empties_and_clears_the_flag(void **state)
{
    (void)state;
    struct buf buf = buf_make(3);
    buf_put(&buf, S("too long"));
    assert_true(buf.full);
    buf_reset(&buf);
    buf_put(&buf, S("abc"));
    expect_text(&buf, "abc");
}

static void many_small_writes_add_up(void **state)
{
    (void)state;
    struct buf buf = buf_make(1 << 20);
    for (size_t i = 0; i < 100000; i++)
        buf_byte(&buf, (char)('a' + i % 26));
    assert_int_equal(buf_check(&buf).kind, ERR_NONE);
    assert_int_equal(buf.len, 100000);
    for (size_t i = 0; i < buf.len; i++)
        assert_int_equal(buf.ptr[i], 'a' + i % 26);
    buf_free(&buf);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(numbers_are_written_whole),
            cmocka_unit_test(hexadecimal_is_lower_case),
            cmocka_unit_test(a_part_of_a_uri_holds_nothing_that_would_end_it),
            cmocka_unit_test(printing_appends),
            cmocka_unit_test(the_ceiling_is_met_exactly),
            cmocka_unit_test(printing_meets_the_ceiling_exactly),
            cmocka_unit_test(long_prints_are_whole_too),
            cmocka_unit_test(what_does_not_fit_is_not_written_at_all),
            cmocka_unit_test(sizes_beyond_all_memory_are_refused),
            cmocka_unit_test(a_reset_empties_and_clears_the_flag),
            cmocka_unit_test(many_small_writes_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
