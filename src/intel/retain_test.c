/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "intel/retain.h"

#include "intel/test_intel.h"

static int64_t count_of(struct test_store *store, const char *sql)
{
    int64_t number;
    test_ok(db_one(store->db, sql, NULL, 0, -1, &number));
    return number;
}

static const char ORIGINALS[] = "SELECT count(*) FROM import_original", OBJECTS[] = "SELECT count(*) FROM object",
                  NEWS[] = "SELECT count(*) FROM journal WHERE act = 'store.retained'";

struct steps {
    uint64_t done, most;
};

static void step_done(void *context, const struct retained *retained)
{
    struct steps *steps = context;
    assert_true(retained->objects > 0 || !retained->more);
    steps->done++;
}

static bool is_enough(void *context)
{
    const struct steps *steps = context;
    return steps->done >= steps->most;
}

static struct retained run(struct test_store *store, const struct retain_limits *limits, struct steps *steps)
{
    const struct intel_retain_watch watch = {steps, steps == NULL ? NULL : step_done, steps == NULL ? NULL : is_enough};
    struct retained retained;
    test_ok(intel_retain(store->db, &store->actor, limits, &watch, store->arena, &retained));
    return retained;
}

/* One import of ten addresses, undone. */
static int64_t undone(struct test_store *store)
{
    struct buf text = buf_make(4096);
    for (int i = 0; i < 10; i++)
        buf_printf(&text, "192.0.2.%d\n", i);
    buf_byte(&text, 0);
    struct intel_report report = test_take(store, "list", text.ptr);
    buf_free(&text);
    test_ok(test_work(store, test_import_undo_action, &report.import));
    return report.import;
}

static void everything_past_its_time_goes_in_steps(void **state)
{
    struct test_store *store = ready(state);
    const struct retain_limits limits = {
            .originals_us = SECOND_US, .undone_us = SECOND_US, .details_us = SECOND_US, .step = 3};
    struct steps steps = {.most = UINT64_MAX};
    clock_set(SECOND_US);
    undone(store);
    assert_int_equal(run(store, &limits, NULL).originals, 0);
    clock_set(3 * SECOND_US);
    struct retained retained = run(store, &limits, &steps);
    assert_int_equal(retained.originals, 1);
    assert_int_equal(retained.objects, 10);
    assert_true(retained.details > 0);
    assert_false(retained.more);
    assert_in_range(steps.done, 4, 20);
    assert_int_equal(count_of(store, OBJECTS), 0);
    assert_int_equal(count_of(store, ORIGINALS), 0);
    assert_in_range(count_of(store, NEWS), 4, steps.done);
}

static void without_limits_only_what_failed_goes(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put put =
            test_object("tool--6b616c61-0000-4000-8000-000000000001", "2026-11-20T10:00:00", "{\"name\":\"n\"}");
    clock_set(SECOND_US);
    undone(store);
    struct test_import failed = test_import_begin(store, "peer");
    test_import_put(store, &failed, &put, 1);
    test_ok(test_work(store, test_import_fail_action, &failed.number));
    clock_set(1000000 * (int64_t)SECOND_US);
    struct retained retained = run(store, &(struct retain_limits){0}, NULL);
    assert_int_equal(retained.objects, 1);
    assert_int_equal(count_of(store, OBJECTS), 10);
    assert_int_equal(count_of(store, ORIGINALS), 1);
}

static void who_stops_it_is_told_that_there_is_more(void **state)
{
    struct test_store *store = ready(state);
    const struct retain_limits limits = {.undone_us = SECOND_US, .step = 3};
    struct steps steps = {.most = 2};
    clock_set(SECOND_US);
    undone(store);
    clock_set(3 * SECOND_US);
    struct retained retained = run(store, &limits, &steps);
    assert_true(retained.more);
    assert_int_equal(retained.objects, 6);
    assert_int_equal(count_of(store, OBJECTS), 4);
}

static void who_may_not_removes_nothing(void **state)
{
    struct test_store *store = ready(state);
    const struct retain_limits limits = {.undone_us = SECOND_US};
    const struct intel_retain_watch watch = {0};
    struct retained retained = {0};
    struct actor analyst = store->actor;
    analyst.roles = 1u << ROLE_ANALYST;
    clock_set(SECOND_US);
    undone(store);
    clock_set(3 * SECOND_US);
    struct err err = intel_retain(store->db, &analyst, &limits, &watch, store->arena, &retained);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(count_of(store, OBJECTS), 10);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(everything_past_its_time_goes_in_steps, set_up, tear_down),
            TEST_ON_BOTH(without_limits_only_what_failed_goes, set_up, tear_down),
            TEST_ON_BOTH(who_stops_it_is_told_that_there_is_more, set_up, tear_down),
            TEST_ON_BOTH(who_may_not_removes_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
