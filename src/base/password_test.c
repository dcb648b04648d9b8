/* SPDX-License-Identifier: Apache-2.0 */
#include "base/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"

static void what_may_be_a_password(void **state)
{
    (void)state;
    static const struct {
        slice password;
        const char *why; /* part of the answer; NULL: it may */
    } rows[] = {
            {{"correct drum battery", 20}, NULL},
            {{"twelve chars", 12}, NULL},
            {{"eleven char", 11}, "12 characters"},
            {{"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 24},
                    NULL},
            {{"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 14}, "12 characters"},
            {{"", 0}, "12 characters"},
            {{"drum.master@melati.example", 26}, "name of the user"},
            {{"Drum.Master@Melati.EXAMPLE", 26}, "name of the user"},
            {{"drum.master@melati.example2", 27}, NULL},
            {{"two lines are\nno password", 25}, "one line"},
            {{"a NUL byte\0in the middle", 24}, "one line"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = password_check(rows[i].password, S("drum.master@melati.example"));
        assert_int_equal(err.kind, rows[i].why == NULL ? ERR_NONE : ERR_INPUT);
        assert_true(rows[i].why == NULL || strstr(err.why, rows[i].why) != NULL);
    }
    char longest[PASSWORD_BYTES_MAX + 1];
    memset(longest, 'd', sizeof longest);
    assert_int_equal(password_check((slice){longest, PASSWORD_BYTES_MAX}, S("u")).kind, ERR_NONE);
    assert_int_equal(password_check((slice){longest, PASSWORD_BYTES_MAX + 1}, S("u")).kind, ERR_INPUT);
}

static void only_the_password_itself_verifies(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_BYTES], again[PASSWORD_HASH_BYTES];
    slice password = S("correct drum battery");
    assert_int_equal(password_hash(password, hash).kind, ERR_NONE);
    assert_int_equal(password_hash(password, again).kind, ERR_NONE);
    assert_string_not_equal(hash, again); /* each has a salt of its own */
    assert_non_null(strstr(hash, "$argon2id$v=19$m=65536,t=2,p=1$"));
    assert_true(password_verify(password, slice_of(hash)));
    assert_false(password_verify(S("correct drum batterx"), slice_of(hash)));
    assert_false(password_verify(S(""), slice_of(hash)));
}

static void what_is_no_hash_verifies_nothing(void **state)
{
    (void)state;
    static const char *const hashes[] = {
            "", "$argon2id$", "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g", "correct drum battery"};
    for (size_t i = 0; i < COUNT_OF(hashes); i++)
        assert_false(password_verify(S("correct drum battery"), slice_of(hashes[i])));
    char longest[1000];
    memset(longest, '$', sizeof longest);
    assert_false(password_verify(S("correct drum battery"), (slice){longest, sizeof longest}));
}

static void read_from(const char *text, size_t len, mode_t mode, struct arena *arena, struct err *err, slice *password)
{
    char file[] = "/tmp/password_test.XXXXXX";
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    *err = password_read(file, arena, password);
    unlink(file);
}

static void a_file_holds_one_with_or_without_the_end_of_its_line(void **state)
{
    (void)state;
    static const char *const texts[] = {"correct drum battery", "correct drum battery\n", "correct drum battery\r\n"};
    struct arena *arena = arena_open("password test", ARENA_WORK, 1 << 20);
    struct err err;
    slice password;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        read_from(texts[i], strlen(texts[i]), 0600, arena, &err, &password);
        assert_int_equal(err.kind, ERR_NONE);
        assert_true(slice_eq(password, S("correct drum battery")));
    }
    password_forget(password);
    assert_int_equal(password.ptr[0], 0);
    arena_close(arena);
}

static void a_file_that_others_read_and_one_that_is_too_long_are_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_open("password test", ARENA_WORK, 1 << 20);
    struct err err;
    slice password;
    char longest[5000];
    memset(longest, 'd', sizeof longest);
    read_from("correct drum battery\n", 21, 0644, arena, &err, &password);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err.why, "chmod 600"));
    read_from(longest, sizeof longest, 0600, arena, &err, &password);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(password_check(password, S("u")).kind, ERR_INPUT);
    assert_int_equal(password_read("/tmp/there/is/no/such", arena, &password).kind, ERR_MISSING);
    arena_close(arena);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_may_be_a_password),
            cmocka_unit_test(only_the_password_itself_verifies),
            cmocka_unit_test(what_is_no_hash_verifies_nothing),
            cmocka_unit_test(a_file_holds_one_with_or_without_the_end_of_its_line),
            cmocka_unit_test(a_file_that_others_read_and_one_that_is_too_long_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
