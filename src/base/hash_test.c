/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/buf.h"

static void expect_hex(const uint8_t *bytes, size_t count, const char *hex)
{
    struct buf buf = buf_make(200);
    buf_hex(&buf, (slice){(const char *)bytes, count});
    assert_true(slice_eq(buf_slice(&buf), slice_of(hex)));
    buf_free(&buf);
}

/* The examples of FIPS 180-4. */
static void sha256_is_sha256(void **state)
{
    (void)state;
    expect_hex(hash_sha256(S("abc")).bytes, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct sha256_sum *sum = hash_sha256_begin();
    hash_sha256_put(sum, S("a"));
    hash_sha256_put(sum, (slice){NULL, 0});
    hash_sha256_put(sum, S("bc"));
    expect_hex(hash_sha256_end(sum).bytes, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_hex(hash_sha256((slice){NULL, 0}).bytes, 32,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void sha1_is_sha1(void **state)
{
    (void)state;
    expect_hex(hash_sha1(S("abc")).bytes, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
}

/* RFC 4231 section 4.3, test case 2. */
static void hmac_is_that_of_the_rfc(void **state)
{
    (void)state;
    static const uint8_t expected[32] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08,
            0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38,
            0x43};
    struct sha256 sum = hash_hmac_sha256(S("Jefe"), S("what do ya want for nothing?"));
    assert_memory_equal(sum.bytes, expected, sizeof expected);
    struct sha256 other = hash_hmac_sha256(S("Jeff"), S("what do ya want for nothing?"));
    assert_memory_not_equal(other.bytes, expected, sizeof expected);
}

static int run_order(const void *one, const void *other)
{
    return memcmp(one, other, 16);
}

static void random_bytes_differ_each_time(void **state)
{
    (void)state;
    uint64_t a[4] = {0}, b[4] = {0};
    hash_random(a, sizeof(a));
    hash_random(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
}

/* Many come another way: no run of them is there twice, in one draw or in two, and none stays as it was. */
static void many_random_bytes_differ_each_time_as_well(void **state)
{
    enum { MANY = 64u << 10, RUN = 16 };
    static uint8_t drawn[2 * MANY];
    (void)state;
    hash_random(drawn, MANY - 1);
    assert_int_equal(drawn[MANY - 1], 0);
    hash_random(drawn + MANY, MANY);
    uint64_t ones = 0;
    for (size_t i = 0; i < sizeof drawn; i++)
        ones += (uint64_t)__builtin_popcount(drawn[i]);
    assert_in_range(ones, 8 * sizeof drawn / 2 - 5000, 8 * sizeof drawn / 2 + 5000); /* some ten standard deviations */
    qsort(drawn, sizeof drawn / RUN, RUN, run_order);
    for (size_t i = RUN; i < sizeof drawn; i += RUN)
        assert_memory_not_equal(drawn + i - RUN, drawn + i, RUN);
}

static void keys_are_odd_and_fixed_ones_repeat(void **state)
{
    (void)state;
    struct hash_key drawn = hash_key_random(), other = hash_key_random();
    assert_true((drawn.a & drawn.b & other.a & other.b & 1) == 1);
    assert_true(drawn.a != other.a);
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct hash_key key = hash_key_fixed(seed), same = hash_key_fixed(seed), next = hash_key_fixed(seed + 1);
        assert_true((key.a & key.b & 1) == 1);
        assert_true(key.a == same.a && key.b == same.b);
        assert_true(key.a != next.a && key.b != next.b);
    }
}

static void the_hash_reads_the_slice_and_nothing_else(void **state)
{
    (void)state;
    struct hash_key key = hash_key_fixed(1);
    for (size_t len = 0; len < 100; len++) {
        /* An allocation of the exact size, so that a sanitizer sees a step too far. */
        char *exact = malloc(len + (len == 0)), wide[120];
        assert_non_null(exact);
        for (size_t i = 0; i < len; i++)
            exact[i] = (char)(i * 37 + 1);
        memset(wide, 'x', sizeof(wide));
        memcpy(wide + 7, exact, len);
        assert_true(hash_bytes(key, (slice){exact, len}) == hash_bytes(key, (slice){wide + 7, len}));
        free(exact);
    }
}

static void every_bit_and_the_length_count(void **state)
{
    (void)state;
    struct hash_key key = hash_key_fixed(2);
    char bytes[64] = {0};
    for (size_t len = 1; len <= sizeof(bytes); len++) {
        uint64_t plain = hash_bytes(key, (slice){bytes, len});
        assert_true(plain != hash_bytes(key, (slice){bytes, len - 1}));
        for (size_t bit = 0; bit < len * 8; bit++) {
            bytes[bit / 8] = (char)(1 << bit % 8);
            assert_true(plain != hash_bytes(key, (slice){bytes, len}));
            bytes[bit / 8] = 0;
        }
    }
}

static void another_key_gives_another_hash(void **state)
{
    (void)state;
    slice names[] = {S(""), S("a"), S("www.example"), S("a name that is longer than sixteen bytes")};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_true(hash_bytes(hash_key_fixed(3), names[i]) != hash_bytes(hash_key_fixed(4), names[i]));
}

/* 65536 neighbouring values in 65536 slots: about a third stay empty if the hash is even. */
static void neighbouring_values_spread(void **state)
{
    (void)state;
    static uint8_t used[65536];
    struct hash_key key = hash_key_fixed(5);
    size_t empty = 0;
    for (uint32_t i = 0; i < COUNT_OF(used); i++)
        used[hash_bytes(key, (slice){(const char *)&i, sizeof(i)}) & 0xffff] = 1;
    for (size_t i = 0; i < COUNT_OF(used); i++)
        empty += used[i] == 0;
    assert_in_range(empty, 23500, 24700);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(sha256_is_sha256),
            cmocka_unit_test(sha1_is_sha1),
            cmocka_unit_test(hmac_is_that_of_the_rfc),
            cmocka_unit_test(random_bytes_differ_each_time),
            cmocka_unit_test(many_random_bytes_differ_each_time_as_well),
            cmocka_unit_test(keys_are_odd_and_fixed_ones_repeat),
            cmocka_unit_test(the_hash_reads_the_slice_and_nothing_else),
            cmocka_unit_test(every_bit_and_the_length_count),
            cmocka_unit_test(another_key_gives_another_hash),
            cmocka_unit_test(neighbouring_values_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
