/* SPDX-License-Identifier: Apache-2.0 */
#include "share/fingerprint.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"

#define NODE "identity--11111111-1111-4111-8111-111111111111"

static int begin(void **state)
{
    *state = arena_open("test", ARENA_WORK, 1u << 20);
    return 0;
}

static int end(void **state)
{
    arena_close(*state);
    return 0;
}

/* What it was once it is for good: people have written it down. */
static void test_it_never_changes(void **state)
{
    struct key_public key = {{0}};
    for (size_t i = 0; i < sizeof key.bytes; i++)
        key.bytes[i] = (uint8_t)i;
    struct share_fingerprint fingerprint = share_fingerprint(S(NODE), &key);
    assert_string_equal(arena_cstr(*state, share_fingerprint_words(&fingerprint, *state)),
            "nonoki kinise musiki kijome lesuko lawowu kitowo jimule");
    assert_string_equal(arena_cstr(*state, share_fingerprint_digits(&fingerprint, *state)),
            "57972 25546 50052 24681 33943 32354 26053 15271");
}

static void test_each_bit_counts(void **state)
{
    struct key_public key = {{0}}, other = {{0}};
    (void)state;
    other.bytes[31] = 1;
    struct share_fingerprint one = share_fingerprint(S(NODE), &key), two = share_fingerprint(S(NODE), &other),
                             three = share_fingerprint(S(NODE "2"), &key);
    assert_false(share_fingerprint_eq(&one, &two));
    assert_false(share_fingerprint_eq(&one, &three));
    assert_true(share_fingerprint_eq(&one, &one));
    struct share_fingerprint near = one;
    near.parts[7] ^= 1;
    assert_false(share_fingerprint_eq(&one, &near));
}

static void test_the_common_one_is_the_same_for_both(void **state)
{
    struct key_public key = {{0}}, other = {{1}};
    struct share_fingerprint one = share_fingerprint(S(NODE), &key), two = share_fingerprint(S(NODE), &other);
    struct share_fingerprint here = share_fingerprint_common(&one, &two), there = share_fingerprint_common(&two, &one);
    (void)state;
    assert_true(share_fingerprint_eq(&here, &there));
    assert_false(share_fingerprint_eq(&here, &one) || share_fingerprint_eq(&here, &two));
    struct share_fingerprint alone = share_fingerprint_common(&one, &one);
    assert_false(share_fingerprint_eq(&here, &alone));
}

static void test_as_people_type_it(void **state)
{
    const struct share_fingerprint wanted = {{0, 65535, 1, 2025, 46, 12345, 999, 40000}};
    slice words = share_fingerprint_words(&wanted, *state), digits = share_fingerprint_digits(&wanted, *state);
    struct share_fingerprint read;
    char odd[FINGERPRINT_TYPED_MAX];
    size_t len = 0;
    assert_true(share_fingerprint_parse(words, &read) && share_fingerprint_eq(&read, &wanted));
    assert_true(share_fingerprint_parse(digits, &read) && share_fingerprint_eq(&read, &wanted));
    for (size_t i = 0; i < words.len; i++) {
        odd[len++] = words.ptr[i] == ' ' ? '-' : (char)(words.ptr[i] - 32 * (int)(i % 3 == 0));
        if (i % 7 == 0)
            odd[len++] = "\t \n-"[i % 4];
    }
    assert_true(share_fingerprint_parse((slice){odd, len}, &read) && share_fingerprint_eq(&read, &wanted));
}

static void test_what_is_none(void **state)
{
    static const char *const rows[] = {"", "yes", "bababa", "00000 00000 00000 00000 00000 00000 00000 0000",
            "65536 00000 00000 00000 00000 00000 00000 00000", "99999 99999 99999 99999 99999 99999 99999 99999",
            "wuwuwu bababa bababa bababa bababa bababa bababa bababa", /* beyond 16 bits */
            "bababa bababa bababa bababa bababa bababa bababa babab",
            "bababa bababa bababa bababa bababa bababa bababa bababa ba",
            "bababa bababa bababa bababa bababa bababa bababa babapa", /* p is none of the nine */
            "abababa bababa bababa bababa bababa bababa bababa babab",
            "bababa,bababa,bababa,bababa,bababa,bababa,bababa,bababa"};
    struct share_fingerprint read;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (share_fingerprint_parse(slice_of(rows[i]), &read))
            fail_msg("taken: %s", rows[i]);
    assert_true(share_fingerprint_parse(S("bababa bababa bababa bababa bababa bababa bababa bababa"), &read));
    assert_false(share_fingerprint_parse((slice){"bababa\0bababa", 13}, &read));
    char large[FINGERPRINT_TYPED_MAX + 1];
    memset(large, ' ', sizeof large);
    assert_false(share_fingerprint_parse((slice){large, sizeof large}, &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(test_it_never_changes, begin, end),
            cmocka_unit_test(test_each_bit_counts),
            cmocka_unit_test(test_the_common_one_is_the_same_for_both),
            cmocka_unit_test_setup_teardown(test_as_people_type_it, begin, end),
            cmocka_unit_test(test_what_is_none),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
