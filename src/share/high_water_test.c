/* SPDX-License-Identifier: Apache-2.0 */
#include "share/high_water.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"

static struct arena *arena;
static char folder[] = "/tmp/high-water-XXXXXX";
static const char *path;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("high-water test", ARENA_WORK, 64u << 20);
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(folder));
    path = arena_printf(arena, "%s/high-water", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    rmdir(folder);
    arena_close(arena);
    return 0;
}

static struct share_high_water *opened(bool expected)
{
    struct share_high_water *high_water;
    bool found;
    struct err err = share_high_water_open(path, arena, &high_water, &found);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    assert_int_equal(found, expected);
    return high_water;
}

static struct share_head head_of(const char *origin, int64_t size, const char *root)
{
    return (struct share_head){slice_of(origin), size, hash_sha256(slice_of(root)), 1700000000000000 + size};
}

static struct err put(struct share_high_water *high_water, struct share_head head)
{
    return share_high_water_put(high_water, &head, 1, arena);
}

/* NULL: never signed, as far as the file knows. */
static const struct share_head *known_of(const struct share_high_water *high_water, slice origin)
{
    size_t count;
    const struct share_head *heads = share_high_water_list(high_water, &count);
    for (size_t i = 0; i < count; i++)
        if (slice_eq(heads[i].origin, origin))
            return &heads[i];
    return NULL;
}

static void what_was_put_is_there_again(void **state)
{
    (void)state;
    struct share_high_water *high_water = opened(false);
    assert_int_equal(put(high_water, head_of("a/node", 1, "one")).kind, ERR_NONE);
    assert_int_equal(put(high_water, head_of("a/node", 2, "two")).kind, ERR_NONE);
    assert_int_equal(put(high_water, head_of("a/private", 9, "nine")).kind, ERR_NONE);
    share_high_water_close(high_water);
    high_water = opened(true);
    const struct share_head *head = known_of(high_water, S("a/node"));
    assert_non_null(head);
    assert_int_equal(head->size, 2);
    assert_int_equal(head->time_us, 1700000000000002);
    assert_null(known_of(high_water, S("a")));
    share_high_water_close(high_water);
}

static void nothing_goes_back(void **state)
{
    (void)state;
    struct share_high_water *high_water = opened(false);
    assert_int_equal(put(high_water, head_of("a/node", 5, "five")).kind, ERR_NONE);
    assert_int_equal(put(high_water, head_of("a/node", 5, "five")).kind, ERR_NONE);
    assert_int_equal(put(high_water, head_of("a/node", 5, "other")).kind, ERR_CONFLICT);
    assert_int_equal(put(high_water, head_of("a/node", 4, "four")).kind, ERR_CONFLICT);
    assert_int_equal(known_of(high_water, S("a/node"))->size, 5);
    share_high_water_close(high_water);
}

static void append(const char *text)
{
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_line_that_was_cut_off_was_never_said(void **state)
{
    (void)state;
    struct share_high_water *high_water = opened(false);
    assert_int_equal(put(high_water, head_of("a/node", 5, "five")).kind, ERR_NONE);
    share_high_water_close(high_water);
    append("6 00112233");
    high_water = opened(true);
    assert_int_equal(known_of(high_water, S("a/node"))->size, 5);
    assert_int_equal(put(high_water, head_of("a/node", 6, "six")).kind, ERR_NONE);
    share_high_water_close(high_water);
    high_water = opened(true);
    assert_int_equal(known_of(high_water, S("a/node"))->size, 6);
    share_high_water_close(high_water);
}

static void a_bad_line_is_named(void **state)
{
    (void)state;
    struct share_high_water *high_water;
    bool found;
    append("what\n");
    struct err err = share_high_water_open(path, arena, &high_water, &found);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "high-water:1:"));
}

static void the_file_stays_small(void **state)
{
    (void)state;
    struct share_high_water *high_water = opened(false);
    enum { ROUNDS = 30, EACH = 300 };
    for (int round = 0; round < ROUNDS; round++) {
        struct share_head heads[EACH];
        for (int i = 0; i < EACH; i++)
            heads[i] = head_of(arena_printf(arena, "node.example/partner/%d", i), round + 1, "x");
        assert_int_equal(share_high_water_put(high_water, heads, EACH, arena).kind, ERR_NONE);
    }
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    assert_in_range(ftell(file), 1, (1 << 20) + EACH * 150);
    fclose(file);
    share_high_water_close(high_water);
    high_water = opened(true);
    assert_int_equal(known_of(high_water, S("node.example/partner/7"))->size, ROUNDS);
    share_high_water_close(high_water);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(what_was_put_is_there_again, set_up, tear_down),
            cmocka_unit_test_setup_teardown(nothing_goes_back, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_line_that_was_cut_off_was_never_said, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_bad_line_is_named, set_up, tear_down),
            cmocka_unit_test_setup_teardown(the_file_stays_small, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
