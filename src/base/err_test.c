/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <errno.h>

#include "base/arena.h"

static struct err twice(struct err first, int *reached)
{
    TRY(first);
    ++*reached;
    return OK;
}

static void try_returns_the_first_failure(void **state)
{
    (void)state;
    int reached = 0;
    struct err err = twice(err_make(ERR_DENIED, "not yours"), &reached);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err.why, "not yours");
    assert_int_equal(reached, 0);
    assert_int_equal(twice(OK, &reached).kind, ERR_NONE);
    assert_int_equal(reached, 1);
}

static void the_reason_is_printed_into_the_arena(void **state)
{
    (void)state;
    struct arena *arena = arena_open("test", ARENA_WORK, 4096);
    struct err err = err_format(arena, ERR_INPUT, "%s:%d: not a list", "a.json", 3);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.why, "a.json:3: not a list");
    arena_close(arena);
}

static void a_missing_file_is_missing_and_the_rest_is_the_system(void **state)
{
    (void)state;
    struct arena *arena = arena_open("test", ARENA_WORK, 4096);
    errno = ENOENT;
    struct err err = err_errno(arena, "a.json");
    assert_int_equal(err.kind, ERR_MISSING);
    assert_string_equal(err.why, "a.json: No such file or directory");
    errno = EACCES;
    err = err_errno(arena, "a.json");
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_string_equal(err.why, "a.json: Permission denied");
    arena_close(arena);
}

static void every_kind_has_a_name_and_a_status(void **state)
{
    (void)state;
    for (enum err_kind kind = ERR_NONE; kind <= ERR_REMOTE; kind++) {
        assert_non_null(err_name(kind));
        assert_in_range(err_http(kind), 200, 599);
    }
}

static void a_limit_is_too_large_for_a_request(void **state)
{
    (void)state;
    assert_string_equal(err_name(ERR_LIMIT), "limit");
    assert_int_equal(err_http(ERR_LIMIT), 413);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(try_returns_the_first_failure),
            cmocka_unit_test(the_reason_is_printed_into_the_arena),
            cmocka_unit_test(a_missing_file_is_missing_and_the_rest_is_the_system),
            cmocka_unit_test(every_kind_has_a_name_and_a_status),
            cmocka_unit_test(a_limit_is_too_large_for_a_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
