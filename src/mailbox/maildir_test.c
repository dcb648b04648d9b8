/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox/maildir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailbox/test_taker.h"

static struct arena *arena;
static char folder[] = "/tmp/kentongan-maildir.XXXXXX";

static const char *path(const char *name)
{
    return arena_printf(arena, "%s/%s", folder, name);
}

static bool is_there(const char *name)
{
    return access(path(name), F_OK) == 0;
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(path(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test of a maildir", ARENA_WORK, 64u << 20);
    if (mkdtemp(folder) == NULL)
        return 1;
    return mkdir(path("new"), 0700) + mkdir(path("cur"), 0700);
}

static int tear_down(void **state)
{
    (void)state;
    int failed = system(arena_printf(arena, "rm -r %s", folder)); /* our own folder, made by mkdtemp */
    arena_close(arena);
    return failed;
}

static struct mailbox_taken taken_by(struct test_taker *taker, enum err_kind wanted)
{
    const struct mailbox_taker options = test_taker_of(taker);
    struct mailbox_taken taken;
    struct err err = mailbox_maildir_take(folder, &options, arena, &taken);
    if (err.kind != wanted)
        fail_msg("%s", err.why);
    return taken;
}

static void mails_are_taken_in_order_and_moved(void **state)
{
    struct test_taker taker = {0};
    (void)state;
    put("new/2.host", "two");
    put("new/1.host:2,", "one");
    put("new/.partial", "not yet");
    assert_int_equal(taken_by(&taker, ERR_NONE).taken, 2);
    assert_true(slice_eq(buf_slice(&taker.came), S("one|two|")));
    assert_true(is_there("cur/1.host:2,S") && is_there("cur/2.host:2,S") && is_there("new/.partial"));
    assert_false(is_there("new/1.host:2,") || is_there("new/2.host"));
    buf_free(&taker.came);
    assert_int_equal(taken_by(&taker, ERR_NONE).taken, 0);
    buf_free(&taker.came);
}

static void what_is_not_durable_stays_new(void **state)
{
    struct test_taker taker = {.err = {ERR_SYSTEM, "the disk is full"}};
    (void)state;
    put("new/3", "three");
    put("new/4", "trouble");
    put("new/5", "five");
    assert_int_equal(taken_by(&taker, ERR_SYSTEM).taken, 1);
    assert_true(is_there("cur/3:2,S") && is_there("new/4") && is_there("new/5"));
    buf_free(&taker.came);
    taker.err = OK;
    assert_int_equal(taken_by(&taker, ERR_NONE).taken, 2);
    buf_free(&taker.came);
}

static void what_is_never_taken_is_flagged(void **state)
{
    struct test_taker taker = {.err = {ERR_INPUT, "no mail"}};
    (void)state;
    put("new/6", "trouble");
    assert_int_equal(symlink("/etc/hostname", path("new/7")), 0);
    put("new/8", "");
    assert_int_equal(truncate(path("new/8"), (off_t)MAILBOX_BYTES_MAX + 1), 0);
    put("new/9", "nine");
    struct mailbox_taken taken = taken_by(&taker, ERR_NONE);
    assert_int_equal(taken.taken, 1);
    assert_int_equal(taken.left, 3);
    assert_non_null(strstr(taken.why, "new/8: the mail is larger than 64 MiB"));
    assert_true(is_there("cur/6:2,F") && is_there("cur/7:2,F") && is_there("cur/8:2,F") && is_there("cur/9:2,S"));
    assert_true(slice_eq(buf_slice(&taker.came), S("nine|")));
    buf_free(&taker.came);
}

static void who_is_to_stop_leaves_the_rest(void **state)
{
    struct test_taker taker = {.most = 1};
    (void)state;
    put("new/a", "a");
    put("new/b", "b");
    assert_int_equal(taken_by(&taker, ERR_NONE).taken, 1);
    assert_true(is_there("cur/a:2,S") && is_there("new/b"));
    buf_free(&taker.came);
}

static void a_folder_that_is_none_says_so(void **state)
{
    struct test_taker taker = {0};
    const struct mailbox_taker options = test_taker_of(&taker);
    struct mailbox_taken taken;
    (void)state;
    struct err err = mailbox_maildir_take(path("none"), &options, arena, &taken);
    assert_int_equal(err.kind, ERR_MISSING);
    assert_non_null(strstr(err.why, "none/new"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(mails_are_taken_in_order_and_moved),
            cmocka_unit_test(what_is_not_durable_stays_new),
            cmocka_unit_test(what_is_never_taken_is_flagged),
            cmocka_unit_test(who_is_to_stop_leaves_the_rest),
            cmocka_unit_test(a_folder_that_is_none_says_so),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
