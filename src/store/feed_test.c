/* SPDX-License-Identifier: Apache-2.0 */
#include "store/feed.h"

#include "store/test_store.h"

static const int64_t HOUR = 3600000000;

struct call {
    struct feed_put put;
    int64_t number, until_us;
    struct feed_result result;
    struct feed feed;
    bool flag;
};

static struct err add(struct work *work, void *context)
{
    struct call *call = context;
    return store_feed_add(work, &call->put, &call->number);
}

static struct err drop(struct work *work, void *context)
{
    return store_feed_drop(work, ((const struct call *)context)->put.name);
}

static struct err pause_it(struct work *work, void *context)
{
    const struct call *call = context;
    return store_feed_pause(work, call->put.name, call->flag);
}

static struct err claim(struct work *work, void *context)
{
    struct call *call = context;
    return store_feed_claim(work, call->until_us, &call->feed, &call->flag);
}

static struct err result(struct work *work, void *context)
{
    const struct call *call = context;
    return store_feed_result(work, call->number, &call->result);
}

static struct call add_one(struct test_store *store, const char *name)
{
    struct call call = {
            .put = {.name = slice_of(name), .location = S("https://feeds.example/list.txt"), .every_us = HOUR}};
    call.put.form = S("list");
    call.put.direct = true;
    test_ok(test_work(store, add, &call));
    return call;
}

static struct feed get(struct test_store *store, slice name)
{
    struct feed feed;
    test_ok(store_feed_get(store->db, name, store->arena, &feed));
    return feed;
}

/* The name of the feed that is due, or "". */
static const char *due(struct test_store *store)
{
    struct call call = {.until_us = clock_now_us() + HOUR};
    test_ok(test_work(store, claim, &call));
    return call.flag ? arena_cstr(store->arena, call.feed.name) : "";
}

static void a_feed_comes_back(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store, "contoh");
    struct feed feed = get(store, S("contoh"));
    int64_t source;
    assert_true(slice_eq(feed.location, call.put.location) && slice_eq(feed.form, S("list")));
    assert_int_equal(feed.every_us, HOUR);
    assert_true(feed.direct && !feed.paused);
    assert_int_equal(feed.tried_us, TIME_NONE);
    test_ok(store_source_find(store->db, S("feed/contoh"), &source));
    assert_int_equal(feed.source, source);
    assert_int_equal(test_work(store, add, &call).kind, ERR_CONFLICT);
    call.put.name = S("lain");
    call.put.every_us = FEED_EVERY_MIN_US - 1;
    assert_int_equal(test_work(store, add, &call).kind, ERR_INPUT);
}

static void what_is_due_longest_comes_first_and_to_one_only(void **state)
{
    struct test_store *store = ready(state);
    clock_set(1000);
    add_one(store, "b");
    clock_set(2000);
    add_one(store, "a");
    struct call paused = add_one(store, "c");
    paused.flag = true;
    test_ok(test_work(store, pause_it, &paused));
    assert_string_equal(due(store), "b");
    assert_string_equal(due(store), "a");
    assert_string_equal(due(store), "");
    /* Whoever took it and died has only delayed it. */
    clock_set(2000 + HOUR);
    assert_string_equal(due(store), "b");
}

static void how_it_went_is_kept(void **state)
{
    struct test_store *store = ready(state);
    clock_set(5000);
    struct call call = add_one(store, "contoh");
    call.result = (struct feed_result){.why = S("the server said 503"), .next_us = 9000};
    test_ok(test_work(store, result, &call));
    test_ok(test_work(store, result, &call));
    struct feed feed = get(store, S("contoh"));
    assert_int_equal(feed.failures, 2);
    assert_true(slice_eq(feed.why, S("the server said 503")));
    assert_int_equal(feed.fetched_us, TIME_NONE);
    assert_int_equal(feed.next_us, 9000);
    call.result = (struct feed_result){.etag = S("\"abc\""), .last_modified = S("bad\r\nheader"), .import = 7};
    test_ok(test_work(store, result, &call));
    feed = get(store, S("contoh"));
    assert_int_equal(feed.failures, 0);
    assert_int_equal(feed.fetched_us, 5000);
    assert_int_equal(feed.fetches, 1);
    assert_int_equal(feed.imports, 1);
    assert_true(slice_eq(feed.etag, S("\"abc\"")) && feed.last_modified.len == 0 && feed.why.len == 0);
}

static void a_feed_goes_and_its_source_stays(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store, "contoh");
    int64_t source;
    struct feed *rows;
    size_t count;
    test_ok(store_feed_list(store->db, S(""), 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    test_ok(test_work(store, drop, &call));
    assert_int_equal(test_work(store, drop, &call).kind, ERR_MISSING);
    test_ok(store_source_find(store->db, S("feed/contoh"), &source));
    test_ok(store_feed_list(store->db, S(""), 10, store->arena, &rows, &count));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_feed_comes_back, set_up, tear_down),
            TEST_ON_BOTH(what_is_due_longest_comes_first_and_to_one_only, set_up, tear_down),
            TEST_ON_BOTH(how_it_went_is_kept, set_up, tear_down),
            TEST_ON_BOTH(a_feed_goes_and_its_source_stays, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
