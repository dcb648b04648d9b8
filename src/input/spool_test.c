/* SPDX-License-Identifier: Apache-2.0 */
#include "input/spool.h"

#include "input/input.h"
#include "input/temp_test.h"

static char folder[64];

static int set_up(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/kentongan-spool-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : arena_setup(state);
}

static int tear_down(void **state)
{
    struct spool *spool;
    struct spool_piece piece;
    if (spool_open(folder, *state, &spool).kind == ERR_NONE) {
        while (spool_first(spool, *state, &piece))
            assert_int_equal(spool_drop(spool, piece.number, *state).kind, ERR_NONE);
        spool_close(spool);
    }
    rmdir(folder);
    return arena_teardown(state);
}

static struct spool *open_spool(struct arena *arena)
{
    struct spool *spool;
    assert_int_equal(spool_open(folder, arena, &spool).kind, ERR_NONE);
    return spool;
}

static void put(struct spool *spool, slice records, struct arena *arena)
{
    assert_int_equal(spool_put(spool, records, arena).kind, ERR_NONE);
}

/* Reads the first piece and drops it. */
static void expect_first(struct spool *spool, slice expected, struct arena *arena)
{
    struct spool_piece piece;
    struct input_text text;
    assert_true(spool_first(spool, arena, &piece));
    assert_int_equal(input_text(piece.path, 64u << 20, arena, &text).kind, ERR_NONE);
    assert_int_equal(text.text.len, expected.len);
    assert_memory_equal(text.text.ptr, expected.ptr, expected.len);
    input_text_free(&text);
    assert_int_equal(spool_drop(spool, piece.number, arena).kind, ERR_NONE);
}

static void what_is_put_is_read_in_order_and_nothing_waits_afterwards(void **state)
{
    struct spool_piece piece;
    struct spool *spool = open_spool(*state);
    assert_false(spool_first(spool, *state, &piece));
    put(spool, S("one\n"), *state);
    put(spool, S("two\n"), *state);
    assert_int_equal(spool_bytes(spool), 8);
    assert_true(spool_first(spool, *state, &piece));
    put(spool, S("three\n"), *state); /* not into the piece that is being read */
    expect_first(spool, S("one\ntwo\n"), *state);
    expect_first(spool, S("three\n"), *state);
    assert_int_equal(spool_bytes(spool), 0);
    assert_false(spool_first(spool, *state, &piece));
    spool_close(spool);
}

static void what_waits_outlives_the_program(void **state)
{
    struct spool *spool = open_spool(*state);
    put(spool, S("one\n"), *state);
    spool_close(spool);
    spool = open_spool(*state);
    put(spool, S("two\n"), *state);
    assert_int_equal(spool_bytes(spool), 8);
    expect_first(spool, S("one\n"), *state);
    expect_first(spool, S("two\n"), *state);
    spool_close(spool);
}

static void a_record_that_a_crash_tore_goes(void **state)
{
    struct spool_piece piece;
    struct spool *spool = open_spool(*state);
    put(spool, S("one\n"), *state);
    assert_true(spool_first(spool, *state, &piece));
    spool_close(spool);
    int fd = open(piece.path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "two\nthr", 7), 7);
    close(fd);
    spool = open_spool(*state);
    assert_int_equal(spool_bytes(spool), 8);
    expect_first(spool, S("one\ntwo\n"), *state);
    spool_close(spool);
}

static void numbers_are_never_used_twice(void **state)
{
    struct spool_piece before, after;
    struct spool *spool = open_spool(*state);
    put(spool, S("one\n"), *state);
    assert_true(spool_first(spool, *state, &before));
    expect_first(spool, S("one\n"), *state);
    spool_close(spool);
    spool = open_spool(*state);
    put(spool, S("two\n"), *state);
    assert_true(spool_first(spool, *state, &after));
    assert_true(after.number > before.number);
    spool_close(spool);
}

static void a_piece_that_is_set_aside_stays_and_does_not_wait(void **state)
{
    struct spool_piece piece;
    struct spool *spool = open_spool(*state);
    put(spool, S("one\n"), *state);
    assert_true(spool_first(spool, *state, &piece));
    assert_int_equal(spool_set_aside(spool, piece.number, *state).kind, ERR_NONE);
    assert_false(spool_first(spool, *state, &piece));
    spool_close(spool);
    spool = open_spool(*state);
    assert_int_equal(spool_bytes(spool), 0);
    spool_close(spool);
    const char *aside = arena_printf(*state, "%s/%020llu.refused", folder, (unsigned long long)piece.number);
    assert_int_equal(unlink(aside), 0);
}

static void a_long_flood_is_many_pieces(void **state)
{
    static char text[1u << 20];
    struct spool *spool = open_spool(*state);
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\n';
    for (int i = 0; i < 9; i++)
        put(spool, (slice){text, sizeof text}, *state);
    struct spool_piece piece;
    for (int i = 0; i < 3; i++) {
        assert_true(spool_first(spool, *state, &piece));
        assert_int_equal(piece.bytes, i == 2 ? sizeof text : SPOOL_PIECE_BYTES);
        assert_int_equal(spool_drop(spool, piece.number, *state).kind, ERR_NONE);
    }
    assert_int_equal(spool_drop(spool, piece.number, *state).kind, ERR_MISSING);
    spool_close(spool);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    what_is_put_is_read_in_order_and_nothing_waits_afterwards, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_waits_outlives_the_program, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_record_that_a_crash_tore_goes, set_up, tear_down),
            cmocka_unit_test_setup_teardown(numbers_are_never_used_twice, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_piece_that_is_set_aside_stays_and_does_not_wait, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_long_flood_is_many_pieces, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
