/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/text.h"

#include "stix/table_test.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open("text test", ARENA_WORK, 16u << 20);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static void assert_slice(slice got, slice wanted)
{
    if (!slice_eq(got, wanted))
        fail_msg("'%.*s' is not '%.*s'", (int)got.len, got.ptr, (int)wanted.len, wanted.ptr);
}

static void normal_form_c_is_one_spelling(void **state)
{
    (void)state;
    assert_slice(stix_text_normal(S("melati"), arena), S("melati"));
    assert_slice(stix_text_normal(S("cafe\xcc\x81"), arena), S("caf\xc3\xa9"));
    assert_slice(stix_text_normal(S("caf\xc3\xa9"), arena), S("caf\xc3\xa9"));
    /* the sign of kelvin, of angstrom, and a Hangul syllable of its parts */
    assert_slice(stix_text_normal(S("\xe2\x84\xaa\xe2\x84\xab"), arena), S("K\xc3\x85"));
    assert_slice(stix_text_normal(S("\xe1\x84\x80\xe1\x85\xa1"), arena), S("\xea\xb0\x80"));
    /* U+1D160, a musical note, is three times as long in normal form */
    assert_slice(stix_text_normal(S("\xf0\x9d\x85\xa0"), arena), S("\xf0\x9d\x85\x98\xf0\x9d\x85\xa5\xf0\x9d\x85\xae"));
    assert_slice(stix_text_normal(S("no \xff text"), arena), S("no \xff text"));
    assert_slice(stix_text_normal(S(""), arena), S(""));
}

static void marks_without_end_are_brought_in_order(void **state)
{
    (void)state;
    struct buf text = buf_make(1u << 20);
    buf_byte(&text, 'a');
    for (size_t i = 0; i < 20000; i++)
        buf_put(&text, i % 2 == 0 ? S("\xcc\x81") : S("\xcc\xa3"));
    slice normal = stix_text_normal(buf_slice(&text), arena);
    assert_true(stix_text_is_utf8(normal) && normal.len > 20000);
    buf_free(&text);
}

static void characters_below_256_are_bytes(void **state)
{
    (void)state;
    slice bytes;
    assert_true(stix_text_as_bytes(S("a\xc2\x80\xc3\xbf"), arena, &bytes));
    assert_slice(bytes, S("a\x80\xff"));
    assert_true(stix_text_as_bytes(S(""), arena, &bytes));
    assert_non_null(bytes.ptr);
    assert_false(stix_text_as_bytes(S("\xc4\x80"), arena, &bytes));
    assert_false(stix_text_as_bytes(S("\xc3"), arena, &bytes));
    assert_false(stix_text_as_bytes(S("\xc3x"), arena, &bytes));
    assert_false(stix_text_as_bytes(S("\xff"), arena, &bytes));
}

static void hexadecimal_is_pairs_of_digits(void **state)
{
    (void)state;
    slice bytes;
    assert_true(stix_text_from_hex(S("00fFa1"), arena, &bytes));
    assert_slice(bytes, S("\0\xff\xa1"));
    assert_true(stix_text_from_hex(S(""), arena, &bytes));
    assert_int_equal(bytes.len, 0);
    assert_false(stix_text_from_hex(S("0"), arena, &bytes));
    assert_false(stix_text_from_hex(S("0g"), arena, &bytes));
}

static void base64_is_whole_and_padded(void **state)
{
    (void)state;
    static const struct {
        const char *text, *bytes;
    } rows[] = {
            {"", ""}, {"YQ==", "a"}, {"YWI=", "ab"}, {"YWJj", "abc"}, {"YWJj\nZA==", "abcd"}, {"//79", "\xff\xfe\xfd"}};
    static const char *const wrong[] = {"Y", "YQ", "YQ=", "YQ===", "Y=Q=", "YQ==YQ==", "Y-==", "=", "===="};
    slice bytes;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(stix_text_from_base64(slice_of(rows[i].text), arena, &bytes));
        assert_slice(bytes, slice_of(rows[i].bytes));
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        if (stix_text_from_base64(slice_of(wrong[i]), arena, &bytes))
            fail_msg("%s: taken", wrong[i]);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(normal_form_c_is_one_spelling),
            cmocka_unit_test(marks_without_end_are_brought_in_order),
            cmocka_unit_test(characters_below_256_are_bytes),
            cmocka_unit_test(hexadecimal_is_pairs_of_digits),
            cmocka_unit_test(base64_is_whole_and_padded),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
