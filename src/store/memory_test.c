/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory.h"
#include "store/test_store.h"

static struct err add(struct work *work, void *context)
{
    (void)context;
    const struct memory_row runs[] = {
            {S("20778-b.run"), 20778, 0, 5, 500, S("digest-b"), 0},
            {S("20778-a.run"), 20778, 0, 7, 700, S("digest-a"), 0},
            {S("20777-c.run"), 20777, 2, 9, 900, S("digest-c"), 0},
    };
    return store_memory_add(work, runs, COUNT_OF(runs));
}

static struct err drop(struct work *work, void *context)
{
    return store_memory_drop(work, slice_of(context));
}

static void runs_are_listed_by_day_level_and_name(void **state)
{
    struct test_store *store = ready(state);
    struct memory_row *rows;
    size_t count;
    test_ok(test_work(store, add, NULL));
    test_ok(store_memory_list(store->db, store->arena, &rows, &count));
    assert_int_equal(count, 3);
    assert_true(slice_eq(rows[0].file, S("20777-c.run")) && slice_eq(rows[1].file, S("20778-a.run")));
    assert_true(rows[0].level == 2 && rows[0].entries == 9 && rows[0].bytes == 900 && rows[0].made_us > 0);
    assert_true(slice_eq(rows[2].digest, S("digest-b")));
}

static void a_run_is_dropped_once(void **state)
{
    struct test_store *store = ready(state);
    struct memory_row *rows;
    size_t count;
    test_ok(test_work(store, add, NULL));
    test_ok(test_work(store, drop, "20778-a.run"));
    assert_int_equal(test_work(store, drop, "20778-a.run").kind, ERR_CONFLICT);
    test_ok(store_memory_list(store->db, store->arena, &rows, &count));
    assert_int_equal(count, 2);
}

static struct err reach(struct work *work, void *context)
{
    return store_memory_reach_put(work, context, 1);
}

static void reach_is_what_was_said_last(void **state)
{
    struct test_store *store = ready(state);
    struct memory_reach read, first = {S("indicator--1"), 3, 40, 100, 200, 0, false},
                              second = {S("indicator--1"), 4, 50, 90, 210, 0, true};
    assert_int_equal(store_memory_reach_get(store->db, S("indicator--1"), store->arena, &read).kind, ERR_MISSING);
    test_ok(test_work(store, reach, &first));
    test_ok(test_work(store, reach, &second));
    test_ok(store_memory_reach_get(store->db, S("indicator--1"), store->arena, &read));
    assert_true(read.organisations == 4 && read.sightings == 50 && read.first_us == 90 && read.last_us == 210);
    assert_true(read.looked_us > 0 && read.listed);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(runs_are_listed_by_day_level_and_name, set_up, tear_down),
            TEST_ON_BOTH(a_run_is_dropped_once, set_up, tear_down),
            TEST_ON_BOTH(reach_is_what_was_said_last, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
