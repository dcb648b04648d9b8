/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slice.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static void hexadecimal_digits_have_their_value_and_others_minus_one(void **state)
{
    (void)state;
    assert_int_equal(byte_hex('0'), 0);
    assert_int_equal(byte_hex('9'), 9);
    assert_int_equal(byte_hex('a'), 10);
    assert_int_equal(byte_hex('F'), 15);
    static const char others[] = {'g', 'G', '/', ':', '@', '`', ' ', '\0', '\x80', '\xff'};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_int_equal(byte_hex(others[i]), -1);
}

static void hexadecimal_text_becomes_just_so_many_bytes(void **state)
{
    (void)state;
    uint8_t bytes[3] = {7, 7, 7};
    assert_true(slice_hex(S("00aBff"), bytes, 3));
    assert_memory_equal(bytes, "\x00\xab\xff", 3);
    const slice others[] = {S("00abf"), S("00abff0"), S("00abfg"), S(""), S("0x00ab")};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(slice_hex(others[i], bytes, 3));
}

static void folding_is_for_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(slice_eq_fold(S("Host.EXAMPLE"), S("hOST.example")));
    assert_true(slice_eq_fold(S(""), (slice){NULL, 0}));
    assert_false(slice_eq_fold(S("a"), S("ab")));
    assert_false(slice_eq_fold(S("@"), S("`")));
    assert_false(slice_eq_fold(S("["), S("{")));
    assert_false(slice_eq_fold(S("\xc3\x84"), S("\xc3\xa4")));
}

static void order_is_by_bytes_and_a_prefix_comes_first(void **state)
{
    (void)state;
    assert_int_equal(slice_order(S("abc"), S("abc")), 0);
    assert_true(slice_order(S("ab"), S("abc")) < 0);
    assert_true(slice_order(S("abc"), S("ab")) > 0);
    assert_true(slice_order(S("b"), S("abc")) > 0);
    assert_true(slice_order(S("\x7f"), S("\x80")) < 0);
    assert_true(slice_order((slice){NULL, 0}, S("a")) < 0);
    assert_int_equal(slice_order((slice){NULL, 0}, S("")), 0);
}

static void finds_the_first_occurrence_or_the_end(void **state)
{
    (void)state;
    assert_int_equal(slice_find_slice(S("a://b://c"), S("://")), 1);
    assert_int_equal(slice_find_slice(S("abc"), S("c")), 2);
    assert_int_equal(slice_find_slice(S("abc"), S("abcd")), 3);
    assert_int_equal(slice_find_slice(S("abc"), S("x")), 3);
    assert_int_equal(slice_find_slice(S("abc"), S("")), 0);
    assert_int_equal(slice_find_slice((slice){NULL, 0}, S("x")), 0);
}

static void trimming_takes_blanks_from_both_ends_only(void **state)
{
    (void)state;
    assert_true(slice_eq(slice_trim(S(" \t a b\r\n")), S("a b")));
    assert_true(slice_eq(slice_trim(S("ab")), S("ab")));
    assert_int_equal(slice_trim(S(" \n\t ")).len, 0);
    assert_int_equal(slice_trim((slice){NULL, 0}).len, 0);
}

static void expect_pieces(slice text, const slice *pieces, size_t count)
{
    slice piece;
    for (size_t i = 0; i < count; i++) {
        assert_true(slice_next(&text, ',', &piece));
        assert_true(slice_eq(piece, pieces[i]));
    }
    assert_false(slice_next(&text, ',', &piece));
}

static void pieces_include_the_empty_ones(void **state)
{
    (void)state;
    expect_pieces(S("a,b,"), (slice[]){S("a"), S("b"), S("")}, 3);
    expect_pieces(S(",a"), (slice[]){S(""), S("a")}, 2);
    expect_pieces(S(""), (slice[]){S("")}, 1);
}

static void whole_numbers_are_digits_up_to_the_ceiling(void **state)
{
    (void)state;
    uint64_t n = 7;
    assert_true(slice_u64(S("0"), UINT64_MAX, &n));
    assert_int_equal(n, 0);
    assert_true(slice_u64(S("18446744073709551615"), UINT64_MAX, &n));
    assert_true(n == UINT64_MAX);
    assert_true(slice_u64(S("65535"), 65535, &n));
    assert_int_equal(n, 65535);
}

static void what_is_no_number_leaves_the_value_alone(void **state)
{
    (void)state;
    static const char *const wrong[] = {
            "", "-1", "+1", " 1", "1 ", "0x1", "1.0", "18446744073709551616", "99999999999999999999"};
    uint64_t n = 7;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(slice_u64(slice_of(wrong[i]), UINT64_MAX, &n));
    assert_false(slice_u64(S("65536"), 65535, &n));
    assert_false(slice_u64(S("5"), 4, &n));
    assert_int_equal(n, 7);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(hexadecimal_digits_have_their_value_and_others_minus_one),
            cmocka_unit_test(hexadecimal_text_becomes_just_so_many_bytes),
            cmocka_unit_test(folding_is_for_ascii_letters_only),
            cmocka_unit_test(order_is_by_bytes_and_a_prefix_comes_first),
            cmocka_unit_test(finds_the_first_occurrence_or_the_end),
            cmocka_unit_test(trimming_takes_blanks_from_both_ends_only),
            cmocka_unit_test(pieces_include_the_empty_ones),
            cmocka_unit_test(whole_numbers_are_digits_up_to_the_ceiling),
            cmocka_unit_test(what_is_no_number_leaves_the_value_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
