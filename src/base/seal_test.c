/* SPDX-License-Identifier: Apache-2.0 */
#include "base/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { LEN = 20 };

static const slice plain = {"12345678901234567890", LEN};

static void what_was_sealed_opens_with_the_key_and_the_place(void **state)
{
    struct sha256 key = hash_sha256(S("key"));
    uint8_t sealed[LEN + SEAL_BYTES], again[LEN + SEAL_BYTES], opened[LEN];
    (void)state;
    seal_close(&key, S("user/7"), plain, sealed);
    seal_close(&key, S("user/7"), plain, again);
    assert_memory_not_equal(sealed, again, sizeof sealed);
    slice whole = {(const char *)sealed, sizeof sealed};
    assert_true(slice_find_slice(whole, plain) == whole.len);
    assert_true(seal_open(&key, S("user/7"), whole, opened));
    assert_memory_equal(opened, plain.ptr, LEN);
}

static void nothing_else_opens_it(void **state)
{
    struct sha256 key = hash_sha256(S("key")), other = hash_sha256(S("other"));
    uint8_t sealed[LEN + SEAL_BYTES], opened[LEN + SEAL_BYTES];
    slice whole = {(const char *)sealed, sizeof sealed};
    (void)state;
    seal_close(&key, S("user/7"), plain, sealed);
    assert_false(seal_open(&other, S("user/7"), whole, opened));
    assert_false(seal_open(&key, S("user/8"), whole, opened));
    for (size_t len = 0; len < whole.len; len++)
        assert_false(seal_open(&key, S("user/7"), slice_part(whole, 0, len), opened));
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 1;
        assert_false(seal_open(&key, S("user/7"), whole, opened));
        sealed[i] ^= 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_was_sealed_opens_with_the_key_and_the_place),
            cmocka_unit_test(nothing_else_opens_it),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
