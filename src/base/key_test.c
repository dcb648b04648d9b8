/* SPDX-License-Identifier: Apache-2.0 */
#include "base/key.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"

static struct arena *arena;
static char folder[] = "/tmp/key_test.XXXXXX";

static const char *in_folder(const char *name)
{
    return arena_printf(arena, "%s/%s", folder, name);
}

static int setup(void **state)
{
    (void)state;
    arena = arena_open("key test", ARENA_WORK, 1 << 20);
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state)
{
    (void)state;
    const char *const names[] = {"node.key", "node.pub", "other.pub", "bad.key"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        unlink(in_folder(names[i]));
    rmdir(folder);
    arena_close(arena);
    return 0;
}

/* RFC 8032 section 7.1, TEST 2, with the secret key as RFC 8410 wraps it. */
static void a_signature_is_that_of_the_standard(void **state)
{
    (void)state;
    static const uint8_t expected[8] = {0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8};
    struct key_pair pair;
    uint8_t signature[KEY_SIGNATURE_BYTES];
    assert_true(key_parse(S("-----BEGIN PRIVATE KEY-----\n"
                            "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
                            "-----END PRIVATE KEY-----\n"),
            &pair));
    key_sign(&pair, S("\x72"), signature);
    assert_memory_equal(signature, expected, sizeof expected);
    assert_true(key_verify(&pair.public, S("\x72"), (slice){(const char *)signature, sizeof signature}));
}

static void only_what_was_signed_by_this_key_verifies(void **state)
{
    (void)state;
    struct key_pair pair, other;
    uint8_t signature[KEY_SIGNATURE_BYTES];
    key_new(&pair);
    key_new(&other);
    assert_memory_not_equal(&pair.public, &other.public, sizeof pair.public);
    key_sign(&pair, S("the drum was beaten"), signature);
    slice made = {(const char *)signature, sizeof signature};
    assert_true(key_verify(&pair.public, S("the drum was beaten"), made));
    assert_false(key_verify(&pair.public, S("the drum was beaten."), made));
    assert_false(key_verify(&other.public, S("the drum was beaten"), made));
    assert_false(key_verify(&pair.public, S("the drum was beaten"), slice_part(made, 0, 63)));
    signature[5] ^= 1;
    assert_false(key_verify(&pair.public, S("the drum was beaten"), made));
    key_forget(&pair);
    for (size_t i = 0; i < sizeof pair.secret; i++)
        assert_int_equal(pair.secret[i], 0);
}

static void what_was_written_is_read_again(void **state)
{
    (void)state;
    struct key_pair pair, again;
    struct key_public public;
    struct buf buf = buf_make(KEY_PEM_MAX);
    key_new(&pair);
    key_write(&buf, &pair);
    assert_true(key_parse(buf_slice(&buf), &again));
    assert_memory_equal(&pair, &again, sizeof pair);
    buf_reset(&buf);
    key_public_write(&buf, &pair.public);
    assert_true(key_public_parse(buf_slice(&buf), &public));
    assert_memory_equal(&pair.public, &public, sizeof public);
    assert_false(key_parse(buf_slice(&buf), &again));
    buf_free(&buf);
}

static void every_cut_and_every_changed_frame_is_refused(void **state)
{
    (void)state;
    struct key_pair pair, again;
    struct buf buf = buf_make(KEY_PEM_MAX);
    key_new(&pair);
    key_write(&buf, &pair);
    for (size_t len = 0; len + 1 < buf.len; len++)
        assert_false(key_parse((slice){buf.ptr, len}, &again));
    for (size_t i = 0; i < 28 + 20; i++) { /* the first line, and what says that it is Ed25519 */
        buf.ptr[i] ^= 1;
        assert_false(key_parse(buf_slice(&buf), &again));
        buf.ptr[i] ^= 1;
    }
    assert_true(key_parse(buf_slice(&buf), &again));
    buf_free(&buf);
}

static void a_saved_key_is_private_and_never_overwritten(void **state)
{
    (void)state;
    struct key_pair pair, again;
    struct key_public public;
    struct stat stat_of;
    const char *secret_file = in_folder("node.key"), *public_file = in_folder("node.pub");
    key_new(&pair);
    assert_int_equal(key_save(&pair, secret_file, public_file, arena).kind, ERR_NONE);
    assert_int_equal(stat(secret_file, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0600);
    assert_int_equal(key_read(secret_file, arena, &again).kind, ERR_NONE);
    assert_memory_equal(&pair, &again, sizeof pair);
    assert_int_equal(key_public_read(public_file, arena, &public).kind, ERR_NONE);
    assert_memory_equal(&pair.public, &public, sizeof public);
    key_new(&again);
    assert_int_equal(key_save(&again, secret_file, in_folder("other.pub"), arena).kind, ERR_CONFLICT);
    assert_int_equal(key_read(secret_file, arena, &again).kind, ERR_NONE);
    assert_memory_equal(&pair, &again, sizeof pair);
}

static void a_key_that_others_may_read_is_refused_with_what_to_do(void **state)
{
    (void)state;
    struct key_pair pair;
    const char *file = in_folder("node.key");
    assert_int_equal(chmod(file, 0640), 0);
    struct err err = key_read(file, arena, &pair);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err.why, arena_printf(arena, "chmod 600 %s", file)));
    assert_int_equal(chmod(file, 0600), 0);
    assert_int_equal(key_read(file, arena, &pair).kind, ERR_NONE);
}

static void what_is_no_key_is_named(void **state)
{
    (void)state;
    struct key_pair pair;
    struct err err = key_read(in_folder("none.key"), arena, &pair);
    assert_int_equal(err.kind, ERR_MISSING);
    FILE *bad = fopen(in_folder("bad.key"), "w");
    assert_non_null(bad);
    for (size_t i = 0; i < 10000; i++)
        fputs("drum ", bad);
    fclose(bad);
    chmod(in_folder("bad.key"), 0600);
    err = key_read(in_folder("bad.key"), arena, &pair);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "bad.key is no Ed25519 private key in PEM [RFC 8410 section 7]"));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_signature_is_that_of_the_standard),
            cmocka_unit_test(only_what_was_signed_by_this_key_verifies),
            cmocka_unit_test(what_was_written_is_read_again),
            cmocka_unit_test(every_cut_and_every_changed_frame_is_refused),
            cmocka_unit_test(a_saved_key_is_private_and_never_overwritten),
            cmocka_unit_test(a_key_that_others_may_read_is_refused_with_what_to_do),
            cmocka_unit_test(what_is_no_key_is_named),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
