/* SPDX-License-Identifier: Apache-2.0 */
#include "store/count.h"

#include "store/batch.h"
#include "store/organisation.h"
#include "store/test_store.h"

struct call {
    struct event_count rows[3];
    size_t count;
    int64_t day, organisation;
    uint64_t forgotten;
    const uint64_t *digests;
};

static struct err add(struct work *work, void *context)
{
    const struct call *call = context;
    return store_count_add(work, call->rows, call->count);
}

static struct err hospital(struct work *work, void *context)
{
    struct organisation_put put = {.name = S("RS Contoh Melati"), .kind = S("hospital"), .sector = S("health")};
    put.relation = RELATION_CONSTITUENT;
    return store_organisation_add(work, &put, &((struct call *)context)->organisation);
}

static struct err seen_add(struct work *work, void *context)
{
    const struct call *call = context;
    const struct batch batch = {.stream = 3};
    int64_t number;
    TRY(store_batch_add(work, &batch, NULL, &number));
    return store_count_seen_add(work, 3, call->day, number, call->digests, call->count);
}

static struct err forget(struct work *work, void *context)
{
    struct call *call = context;
    return store_count_forget(work, call->day * DAY_US, &call->forgotten);
}

static void counts_add_up_by_day_whose_and_class(void **state)
{
    struct test_store *store = ready(state);
    struct call call = {.count = 3};
    struct event_count *rows;
    struct count_sum *sums;
    size_t count;
    test_ok(test_work(store, hospital, &call));
    call.rows[0] = (struct event_count){20000, call.organisation, 1, S("malicious-code/infected-system"), 5, 2, 0};
    call.rows[1] = (struct event_count){20000, call.organisation, 1, S(""), 7, 0, 0};
    call.rows[2] = (struct event_count){20001, 0, 2, S("vulnerable/vulnerable-system"), 11, 0, 4};
    test_ok(test_work(store, add, &call));
    test_ok(test_work(store, add, &call));
    test_ok(store_count_list(
            store->db, &(struct event_count){.day = 0, .class = S("")}, 30000, 10, store->arena, &rows, &count));
    assert_int_equal(count, 3);
    assert_int_equal(rows[0].events, 14);
    assert_int_equal(rows[1].hits, 4);
    assert_int_equal(rows[2].doubles, 8);
    test_ok(store_count_sum(store->db, COUNT_BY_SECTOR, 20000, 20002, COUNT_ANYBODY, store->arena, &sums, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(sums[0].sector, S("health")));
    assert_int_equal(sums[0].events, 24);
    test_ok(store_count_sum(store->db, COUNT_BY_CLASS, 20000, 20001, COUNT_ANYBODY, store->arena, &sums, &count));
    assert_int_equal(count, 2);
    test_ok(store_count_sum(store->db, COUNT_BY_DAY, 0, 30000, call.organisation, store->arena, &sums, &count));
    assert_int_equal(count, 1);
    test_ok(store_count_sum(store->db, COUNT_BY_STREAM, 0, 30000, COUNT_ANYBODY, store->arena, &sums, &count));
    assert_int_equal(count, 2);
    test_ok(store_count_sum(store->db, COUNT_BY_ORGANISATION, 0, 30000, COUNT_ANYBODY, store->arena, &sums, &count));
    assert_int_equal(count, 2);
}

static struct err sum_up(void *context, const uint64_t *digests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *(uint64_t *)context += digests[i];
    return OK;
}

static void what_came_on_a_day_is_known_until_it_is_forgotten(void **state)
{
    struct test_store *store = ready(state);
    const uint64_t digests[] = {1, 10, 100};
    uint64_t sum = 0;
    for (int64_t day = 5; day < 8; day++) {
        struct call call = {.day = day, .digests = digests, .count = (size_t)(day - 4)};
        clock_set(day * DAY_US);
        test_ok(test_work(store, seen_add, &call));
    }
    test_ok(store_count_seen(store->db, 3, 6, sum_up, &sum));
    assert_int_equal(sum, 11);
    struct call call = {.day = 7};
    test_ok(test_work(store, forget, &call));
    assert_int_equal(call.forgotten, 2);
    sum = 0;
    test_ok(store_count_seen(store->db, 3, 6, sum_up, &sum));
    assert_int_equal(sum, 0);
    test_ok(store_count_seen(store->db, 3, 7, sum_up, &sum));
    assert_int_equal(sum, 111);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(counts_add_up_by_day_whose_and_class, set_up, tear_down),
            TEST_ON_BOTH(what_came_on_a_day_is_known_until_it_is_forgotten, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
