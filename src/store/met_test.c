/* SPDX-License-Identifier: Apache-2.0 */
#include "store/met.h"

#include "store/test_store.h"

struct fold {
    int64_t batch;
    struct met_put rows[2];
    size_t count;
};

static struct err fold(struct work *work, void *context)
{
    const struct fold *call = context;
    return store_met_fold(work, call->batch, call->rows, call->count);
}

static struct err warned(struct work *work, void *context)
{
    return store_met_warned(work, *(const int64_t *)context, 5);
}

static struct met_put row(int64_t organisation, const char *cause, int64_t at_us, int64_t events)
{
    return (struct met_put){.met = {.organisation = organisation,
                                    .cause_kind = S(CAUSE_INDICATOR),
                                    .cause = slice_of(cause),
                                    .class = S("malicious-code/infected-system"),
                                    .stream = 3,
                                    .window_us = 0,
                                    .first_us = at_us,
                                    .last_us = at_us + 5,
                                    .events = events,
                                    .severity = SEVERITY_HIGH}};
}

static struct met_detail detail(slice digest, int64_t at_us)
{
    return (struct met_detail){.digest = digest,
            .first_us = at_us,
            .last_us = at_us,
            .events = 1,
            .own = S("192.0.2.7"),
            .peer = S("ipv4 203.0.113.77"),
            .peer_port = 443,
            .extra = S("")};
}

static void what_is_met_again_grows_its_row(void **state)
{
    struct test_store *store = ready(state);
    struct fold first = {1, {row(7, "indicator--a", 100, 2), row(8, "indicator--a", 50, 1)}, 2};
    struct fold second = {2, {row(7, "indicator--a", 40, 3)}, 1};
    struct met *rows;
    size_t count;
    test_ok(test_work(store, fold, &first));
    test_ok(test_work(store, fold, &second));
    test_ok(store_met_of_batch(store->db, 2, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].events, 5);
    assert_int_equal(rows[0].first_us, 40);
    assert_int_equal(rows[0].last_us, 105);
    assert_int_equal(rows[0].severity, SEVERITY_HIGH);
    test_ok(store_met_of_cause(store->db, S("indicator"), S("indicator--a"), 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    test_ok(store_met_of_organisation(store->db, 8, INT64_MAX, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    test_ok(test_work(store, warned, &rows[0].number));
    test_ok(store_met_of_warning(store->db, 5, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].organisation, 8);
    assert_int_equal(rows[0].warning, 5);
}

static void equal_details_are_one_and_grow(void **state)
{
    struct test_store *store = ready(state);
    struct met_detail one[] = {detail(S("aaaa"), 10), detail(S("bbbb"), 20)}, two[] = {detail(S("bbbb"), 5)};
    struct fold first = {1, {row(7, "indicator--a", 10, 2)}, 1}, second = {2, {row(7, "indicator--a", 5, 1)}, 1};
    struct met_detail *rows;
    struct met *met;
    size_t count;
    first.rows[0].details = one;
    first.rows[0].detail_count = 2;
    second.rows[0].details = two;
    second.rows[0].detail_count = 1;
    test_ok(test_work(store, fold, &first));
    test_ok(test_work(store, fold, &second));
    test_ok(store_met_of_batch(store->db, 2, 0, 10, store->arena, &met, &count));
    assert_int_equal(met[0].details, 2);
    test_ok(store_met_details(store->db, met[0].number, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[1].events, 2);
    assert_int_equal(rows[1].first_us, 5);
    assert_int_equal(rows[1].last_us, 20);
    assert_int_equal(rows[1].own_port, 0);
    assert_int_equal(rows[1].peer_port, 443);
}

static void further_details_are_counted_only(void **state)
{
    struct test_store *store = ready(state);
    struct met_detail *details = arena_new(store->arena, struct met_detail, 70);
    struct met *met;
    size_t count;
    for (int64_t batch = 1; batch <= 2; batch++) {
        struct fold call = {batch, {row(7, "indicator--a", 10, 70)}, 1};
        for (size_t i = 0; i < 70; i++)
            details[i] = detail(slice_of(arena_printf(store->arena, "%04d-%zu", (int)batch, i)), 10);
        call.rows[0].details = details;
        call.rows[0].detail_count = 70;
        test_ok(test_work(store, fold, &call));
    }
    struct met_detail *rows;
    test_ok(store_met_of_batch(store->db, 2, 0, 10, store->arena, &met, &count));
    assert_int_equal(met[0].events, 140);
    assert_int_equal(met[0].details, MET_DETAILS_MAX);
    test_ok(store_met_details(store->db, met[0].number, store->arena, &rows, &count));
    assert_int_equal(count, MET_DETAILS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_is_met_again_grows_its_row, set_up, tear_down),
            TEST_ON_BOTH(equal_details_are_one_and_grow, set_up, tear_down),
            TEST_ON_BOTH(further_details_are_counted_only, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
