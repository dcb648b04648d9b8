/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static bool all_zero(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

static void bytes_as_hexadecimal_digits_are_read_back(void **state)
{
    (void)state;
    struct arena *arena = arena_open("test", ARENA_WORK, 1 << 20);
    uint8_t bytes[3];
    slice text = arena_hex(arena, (slice){"\x00\xab\xff", 3});
    assert_int_equal(text.len, 6);
    assert_memory_equal(text.ptr, "00abff", 6);
    assert_true(slice_hex(text, bytes, 3));
    assert_memory_equal(bytes, "\x00\xab\xff", 3);
    assert_int_equal(arena_hex(arena, S("")).len, 0);
    arena_close(arena);
}

static void memory_is_zeroed_and_aligned_also_when_used_again(void **state)
{
    (void)state;
    struct arena *arena = arena_open("test", ARENA_WORK, 1 << 20);
    for (int round = 0; round < 3; round++) {
        for (size_t bytes = 0; bytes < 300; bytes++) {
            char *taken = arena_take(arena, bytes);
            assert_non_null(taken);
            assert_int_equal((uintptr_t)taken % 16, 0);
            assert_true(all_zero(taken, bytes));
            memset(taken, 0xff, bytes);
        }
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    arena_close(arena);
}

static void things_do_not_overlap(void **state)
{
    (void)state;
    enum { THINGS = 200 };
    char *things[THINGS];
    struct arena *arena = arena_open("test", ARENA_WORK, 64 << 20);
    for (size_t i = 0; i < THINGS; i++) {
        things[i] = arena_take(arena, i * i * 5 + 1);
        memset(things[i], (int)i, i * i * 5 + 1);
    }
    for (size_t i = 0; i < THINGS; i++) {
        for (size_t at = 0; at < i * i * 5 + 1; at++)
            assert_int_equal((uint8_t)things[i][at], i);
    }
    arena_close(arena);
}

static void a_work_arena_at_its_ceiling_says_so_and_still_gives(void **state)
{
    (void)state;
    struct arena *arena = arena_open("batch", ARENA_WORK, 1024);
    arena_take(arena, 1024);
    assert_false(arena_full(arena));
    assert_int_equal(arena_check(arena).kind, ERR_NONE);
    assert_non_null(arena_take(arena, 1));
    assert_true(arena_full(arena));
    struct err err = arena_check(arena);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_string_equal(err.why, "batch: needs more than its ceiling of 1024 bytes");
    arena_reset(arena);
    assert_false(arena_full(arena));
    arena_close(arena);
}

/* Runs in a child, since stopping the program is what is expected. */
static void expect_stop(enum arena_kind kind, size_t count, size_t size)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        struct arena *arena = arena_open("test", kind, 1024);
        arena_take_array(arena, count, size);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void our_own_mistakes_stop_the_program(void **state)
{
    (void)state;
    expect_stop(ARENA_WORK, 2049, 1);
    expect_stop(ARENA_PROCESS, 1025, 1);
    expect_stop(ARENA_WORK, SIZE_MAX / 2, 4);
    expect_stop(ARENA_WORK, SIZE_MAX, 1);
}

static void copies_stand_on_their_own(void **state)
{
    (void)state;
    char source[] = "abc";
    struct arena *arena = arena_open("test", ARENA_PROCESS, 4096);
    slice copy = arena_copy(arena, (slice){source, 3});
    const char *text = arena_cstr(arena, (slice){source, 2});
    source[0] = 'x';
    assert_true(slice_eq(copy, S("abc")));
    assert_string_equal(text, "ab");
    assert_string_equal(arena_cstr(arena, (slice){NULL, 0}), "");
    assert_non_null(arena_copy(arena, (slice){NULL, 0}).ptr);
    assert_string_equal(arena_printf(arena, "%s-%05d", "a", 42), "a-00042");
    arena_close(arena);
}

static void arrays_have_the_size_of_their_type(void **state)
{
    (void)state;
    struct arena *arena = arena_open("test", ARENA_WORK, 4096);
    uint64_t *numbers = arena_new(arena, uint64_t, 10);
    assert_true(all_zero((const char *)numbers, 80));
    assert_int_equal(arena_used(arena), 80);
    arena_close(arena);
}

static void closing_nothing_is_allowed(void **state)
{
    (void)state;
    arena_close(NULL);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(memory_is_zeroed_and_aligned_also_when_used_again),
            cmocka_unit_test(bytes_as_hexadecimal_digits_are_read_back),
            cmocka_unit_test(things_do_not_overlap),
            cmocka_unit_test(a_work_arena_at_its_ceiling_says_so_and_still_gives),
            cmocka_unit_test(our_own_mistakes_stop_the_program),
            cmocka_unit_test(copies_stand_on_their_own),
            cmocka_unit_test(arrays_have_the_size_of_their_type),
            cmocka_unit_test(closing_nothing_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
