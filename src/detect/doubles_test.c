/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/doubles.h"

#include "store/test_store.h"

struct keeping {
    int64_t batch;
    struct doubles_taken taken;
};

static struct err keep(struct work *work, void *context)
{
    const struct keeping *keeping = context;
    return doubles_put(work, 3, keeping->batch, &keeping->taken);
}

static bool check(struct doubles *doubles, int64_t day, uint64_t digest)
{
    bool known;
    test_ok(doubles_check(doubles, day, digest, &known));
    return known;
}

static void kept(struct test_store *store, struct doubles *doubles, int64_t batch)
{
    struct keeping keeping = {.batch = batch};
    doubles_take(doubles, &keeping.taken);
    test_ok(test_work(store, keep, &keeping));
    doubles_drop(&keeping.taken);
}

static void what_was_kept_is_known_to_the_next_run(void **state)
{
    struct test_store *store = ready(state);
    struct doubles *doubles = doubles_open(store->db, 3);
    assert_false(check(doubles, 100, 7));
    assert_true(check(doubles, 100, 7));
    assert_false(check(doubles, 101, 7));
    assert_int_equal(doubles_new(doubles), 2);
    kept(store, doubles, 1);
    assert_int_equal(doubles_new(doubles), 0);
    assert_true(check(doubles, 100, 7));
    for (uint64_t i = 0; i < 5000; i++)
        assert_false(check(doubles, 100, 1000 + i));
    kept(store, doubles, 2);
    assert_false(check(doubles, 100, 99)); /* this one is not */
    doubles_close(doubles);
    doubles = doubles_open(store->db, 3);
    assert_true(check(doubles, 100, 7));
    assert_true(check(doubles, 100, 5999));
    assert_false(check(doubles, 100, 99));
    doubles_close(doubles);
    doubles = doubles_open(store->db, 4); /* of another stream nothing is known */
    assert_false(check(doubles, 100, 7));
    doubles_close(doubles);
}

/* More days than are held: those that were kept come from the store again. */
static void many_days_are_all_known(void **state)
{
    struct test_store *store = ready(state);
    struct doubles *doubles = doubles_open(store->db, 3);
    for (int64_t day = 0; day < DOUBLES_DAYS_MAX; day++)
        assert_false(check(doubles, day, 0));
    kept(store, doubles, 1);
    for (int64_t day = DOUBLES_DAYS_MAX; day < DOUBLES_DAYS_MAX + 50; day++)
        assert_false(check(doubles, day, 0));
    for (int64_t day = 0; day < 50; day++)
        assert_true(check(doubles, day, 0));
    for (int64_t day = DOUBLES_DAYS_MAX; day < DOUBLES_DAYS_MAX + 50; day++)
        assert_true(check(doubles, day, 0));
    doubles_close(doubles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_was_kept_is_known_to_the_next_run, set_up, tear_down),
            TEST_ON_BOTH(many_days_are_all_known, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
