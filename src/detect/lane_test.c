/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/lane.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

#define PATIENCE_US INT64_C(20000)

static char folder[64];
static struct arena *arena;
static const struct lane_limits limits = {.queue_bytes = 100, .spool_bytes = 1000, .patience_us = PATIENCE_US};

static struct lane *open_lane(void)
{
    struct lane *lane;
    assert_int_equal(lane_open(folder, &limits, arena, &lane).kind, ERR_NONE);
    return lane;
}

static int set_up(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/kentongan-lane-XXXXXX");
    arena = arena_open("test of a lane", ARENA_WORK, 16u << 20);
    if (mkdtemp(folder) == NULL)
        return -1;
    *state = open_lane();
    return 0;
}

static void take_all(struct lane *lane)
{
    struct spool_piece piece;
    while (lane_first(lane, arena, &piece))
        assert_int_equal(lane_drop(lane, piece.number, arena).kind, ERR_NONE);
}

static int tear_down(void **state)
{
    take_all(*state);
    lane_close(*state);
    rmdir(folder);
    arena_close(arena);
    return 0;
}

/* Ten records of ten bytes each. */
static void put_hundred(struct lane *lane)
{
    const char *why;
    slice ten = S("123456789\n");
    struct buf records = buf_make(1000);
    for (int i = 0; i < 10; i++)
        buf_put(&records, ten);
    if (!lane_sheds(lane, buf_slice(&records))) {
        lane_put(lane, buf_slice(&records), arena, &why);
        assert_null(why);
    }
    buf_free(&records);
}

static void wait_until(struct lane *lane, enum lane_pressure pressure)
{
    int64_t until_us = clock_steady_us() + SECOND_US;
    while (lane_pressure(lane) != pressure && clock_steady_us() < until_us)
        usleep(1000);
    assert_int_equal(lane_pressure(lane), pressure);
}

static void a_lane_holds_then_spills_then_holds_again_then_sheds(void **state)
{
    struct lane *lane = *state;
    put_hundred(lane);
    assert_int_equal(lane_pressure(lane), LANE_FREE);
    put_hundred(lane);
    assert_int_equal(lane_pressure(lane), LANE_HOLD);
    wait_until(lane, LANE_SPILL);
    for (int i = 0; i < 9; i++)
        put_hundred(lane);
    assert_int_equal(lane_pressure(lane), LANE_HOLD);
    assert_int_equal(lane_counts(lane).shed, 0);
    wait_until(lane, LANE_SHED);
    put_hundred(lane);
    struct lane_counts counts = lane_counts(lane);
    assert_int_equal(counts.waiting_bytes, 1100);
    assert_int_equal(counts.records, 120);
    assert_int_equal(counts.shed, 10);
    assert_int_equal(lane_shed_since(lane), 10);
    assert_int_equal(lane_shed_since(lane), 0);
}

static void what_is_synced_waits_as_before(void **state)
{
    struct lane *lane = *state;
    const char *why;
    struct buf records = buf_make(SPOOL_PIECE_BYTES);
    while (records.len + 10 <= SPOOL_PIECE_BYTES)
        buf_put(&records, S("123456789\n"));
    for (int i = 0; i < 3; i++) { /* two that are full, and one that is written */
        lane_put(lane, buf_slice(&records), arena, &why);
        assert_null(why);
        put_hundred(lane);
    }
    uint64_t waits = lane_counts(lane).waiting_bytes;
    assert_int_equal(lane_sync(lane, arena).kind, ERR_NONE);
    assert_int_equal(lane_counts(lane).waiting_bytes, waits);
    take_all(lane); /* nothing is left to be synced */
    assert_int_equal(lane_sync(lane, arena).kind, ERR_NONE);
    buf_free(&records);
}

static void what_is_taken_makes_room_again(void **state)
{
    struct lane *lane = *state;
    for (int i = 0; i < 11; i++)
        put_hundred(lane);
    wait_until(lane, LANE_SHED);
    assert_true(lane_counts(lane).lag_us >= PATIENCE_US);
    take_all(lane);
    assert_false(lane_waits(lane));
    assert_int_equal(lane_pressure(lane), LANE_FREE);
    assert_int_equal(lane_counts(lane).lag_us, 0);
    put_hundred(lane);
    put_hundred(lane);
    assert_int_equal(lane_pressure(lane), LANE_HOLD); /* the patience of its senders begins anew */
    assert_int_equal(lane_counts(lane).shed, 0);
}

static void what_waits_is_there_after_a_new_start(void **state)
{
    put_hundred(*state);
    lane_close(*state);
    *state = open_lane();
    assert_true(lane_waits(*state));
    assert_int_equal(lane_counts(*state).waiting_bytes, 100);
    assert_int_equal(lane_counts(*state).records, 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(a_lane_holds_then_spills_then_holds_again_then_sheds, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_synced_waits_as_before, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_taken_makes_room_again, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_waits_is_there_after_a_new_start, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
