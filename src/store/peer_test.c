/* SPDX-License-Identifier: Apache-2.0 */
#include "store/peer.h"

#include "store/test_store.h"

static const int64_t HOUR = 3600000000;

struct call {
    struct peer_put put;
    int64_t number, until_us;
    struct peer_result result;
    struct peer peer;
    struct remote remote;
    struct outgoing outgoing;
    struct outgoing_refused refused[3];
    size_t refused_count;
    bool flag;
};

static struct err add(struct work *work, void *context)
{
    struct call *call = context;
    return store_peer_add(work, &call->put, &call->number);
}

static struct err drop(struct work *work, void *context)
{
    return store_peer_drop(work, ((const struct call *)context)->put.name);
}

static struct err pause_it(struct work *work, void *context)
{
    const struct call *call = context;
    return store_peer_pause(work, call->put.name, call->flag);
}

static struct err claim(struct work *work, void *context)
{
    struct call *call = context;
    return store_peer_claim(work, call->until_us, &call->peer, &call->flag);
}

static struct err result(struct work *work, void *context)
{
    const struct call *call = context;
    return store_peer_result(work, call->number, &call->result);
}

static struct err remote_put(struct work *work, void *context)
{
    struct call *call = context;
    return store_remote_put(work, &call->remote);
}

static struct err remote_move(struct work *work, void *context)
{
    const struct call *call = context;
    return store_remote_move(work, &call->remote, 7);
}

static struct err outgoing_put(struct work *work, void *context)
{
    struct call *call = context;
    return store_outgoing_put(work, S("https://taxii.example/api/collections/x/"), S("type=tool"), &call->outgoing);
}

static struct err outgoing_move(struct work *work, void *context)
{
    const struct call *call = context;
    return store_outgoing_move(work, call->outgoing.number, 500, 100, call->refused, call->refused_count);
}

static struct call add_one(struct test_store *store, const char *name)
{
    struct call call = {.put = {.name = slice_of(name), .url = S("https://taxii.example/taxii2/"), .every_us = HOUR}};
    call.put.credentials = PEER_PASSWORD;
    call.put.account = S("drum");
    call.put.own_ca = true;
    test_ok(test_work(store, add, &call));
    return call;
}

static struct peer get(struct test_store *store, slice name)
{
    struct peer peer;
    test_ok(store_peer_get(store->db, name, store->arena, &peer));
    return peer;
}

/* The name of the peer that is due, or "". */
static const char *due(struct test_store *store)
{
    struct call call = {.until_us = clock_now_us() + HOUR};
    test_ok(test_work(store, claim, &call));
    return call.flag ? arena_cstr(store->arena, call.peer.name) : "";
}

static void a_peer_comes_back(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store, "melur");
    struct peer peer = get(store, S("melur"));
    assert_true(slice_eq(peer.url, call.put.url) && slice_eq(peer.account, S("drum")));
    assert_int_equal(peer.credentials, PEER_PASSWORD);
    assert_int_equal(peer.every_us, HOUR);
    assert_true(peer.own_ca && !peer.paused);
    assert_int_equal(peer.tried_us, TIME_NONE);
    assert_int_equal(test_work(store, add, &call).kind, ERR_CONFLICT);
    call.put.name = S("kenanga");
    call.put.every_us = PEER_EVERY_MIN_US - 1;
    assert_int_equal(test_work(store, add, &call).kind, ERR_INPUT);
    call.put.name = S("melur");
    test_ok(test_work(store, drop, &call));
    assert_int_equal(test_work(store, drop, &call).kind, ERR_MISSING);
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
    clock_set(2000 + HOUR);
    assert_string_equal(due(store), "b");
}

static void how_it_went_is_kept(void **state)
{
    struct test_store *store = ready(state);
    clock_set(5000);
    struct call call = add_one(store, "melur");
    call.result = (struct peer_result){.why = S("the server said 503"), .objects = 3, .next_us = 9000};
    test_ok(test_work(store, result, &call));
    test_ok(test_work(store, result, &call));
    struct peer peer = get(store, S("melur"));
    assert_int_equal(peer.failures, 2);
    assert_int_equal(peer.objects, 6);
    assert_true(slice_eq(peer.why, S("the server said 503")));
    assert_int_equal(peer.pulled_us, TIME_NONE);
    call.result = (struct peer_result){.objects = 10, .next_us = 9500};
    test_ok(test_work(store, result, &call));
    peer = get(store, S("melur"));
    assert_int_equal(peer.failures, 0);
    assert_int_equal(peer.runs, 1);
    assert_int_equal(peer.objects, 16);
    assert_int_equal(peer.pulled_us, 5000);
    assert_int_equal(peer.next_us, 9500);
    assert_int_equal(peer.why.len, 0);
}

static struct call collection_of(int64_t peer)
{
    struct call call = {.remote = {.peer = peer,
                                .url = S("https://taxii.example/api/collections/x/"),
                                .id = S("x"),
                                .title = S("One"),
                                .source = S("peer/melur/x")}};
    return call;
}

static void a_place_is_kept_and_found_again(void **state)
{
    struct test_store *store = ready(state);
    clock_set(5000);
    struct call peer = add_one(store, "melur"), call = collection_of(peer.number);
    struct remote *rows, remote;
    size_t count;
    test_ok(test_work(store, remote_put, &call));
    assert_int_equal(call.remote.added_after.len, 0);
    call.remote.added_after = S("2026-01-01T00:00:00.000001Z");
    call.remote.next = S("n7");
    call.remote.last = S("2026-01-01T00:00:00.000007Z");
    call.remote.digest = hash_sha256(S("page"));
    test_ok(test_work(store, remote_move, &call));
    struct call again = collection_of(peer.number);
    test_ok(test_work(store, remote_put, &again));
    assert_int_equal(again.remote.number, call.remote.number);
    assert_true(slice_eq(again.remote.next, S("n7")) && slice_eq(again.remote.last, call.remote.last));
    assert_memory_equal(&again.remote.digest, &call.remote.digest, sizeof again.remote.digest);
    assert_int_equal(again.remote.objects, 7);
    assert_int_equal(again.remote.moved_us, 5000);
    test_ok(store_remote_list(store->db, peer.number, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    test_ok(store_remote_get(store->db, again.remote.url, store->arena, &remote));
    assert_int_equal(store_remote_get(store->db, S("https://x.example/"), store->arena, &remote).kind, ERR_MISSING);
    call.remote.next = S("two\r\nlines");
    assert_int_equal(test_work(store, remote_move, &call).kind, ERR_INPUT);
}

static void a_collection_is_read_by_one_peer_only(void **state)
{
    struct test_store *store = ready(state);
    struct call hand = collection_of(0), first = add_one(store, "melur"), second = add_one(store, "kenanga");
    test_ok(test_work(store, remote_put, &hand));
    struct call call = collection_of(first.number);
    test_ok(test_work(store, remote_put, &call)); /* takes over what was pulled by hand */
    assert_int_equal(call.remote.number, hand.remote.number);
    assert_int_equal(call.remote.peer, first.number);
    call = collection_of(second.number);
    assert_int_equal(test_work(store, remote_put, &call).kind, ERR_CONFLICT);
    test_ok(test_work(store, drop, &first));
    call = collection_of(second.number);
    test_ok(test_work(store, remote_put, &call)); /* of a peer that is gone: the place stays */
    assert_int_equal(call.remote.number, hand.remote.number);
    assert_int_equal(call.remote.peer, second.number);
}

static void what_was_sent_and_refused_is_kept(void **state)
{
    struct test_store *store = ready(state);
    struct outgoing_refused *rows;
    struct call call = {
            .refused = {{7, S("tool--a"), S("2026"), S("not valid"), 0}, {9, S("tool--b"), S(""), S("no"), 0}},
            .refused_count = 2};
    size_t count;
    test_ok(test_work(store, outgoing_put, &call));
    assert_int_equal(call.outgoing.after, 0);
    test_ok(test_work(store, outgoing_move, &call));
    call.refused[0].why = S("still not valid");
    call.refused_count = 1;
    test_ok(test_work(store, outgoing_move, &call));
    int64_t number = call.outgoing.number;
    test_ok(test_work(store, outgoing_put, &call));
    assert_int_equal(call.outgoing.number, number);
    assert_int_equal(call.outgoing.after, 500);
    assert_int_equal(call.outgoing.sent, 200);
    assert_int_equal(call.outgoing.refused, 3);
    test_ok(store_outgoing_refused_list(store->db, number, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(rows[0].why, S("still not valid")) && slice_eq(rows[1].id, S("tool--b")));
    test_ok(store_outgoing_refused_list(store->db, number, 7, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
}

static void lists_are_pages_by_name(void **state)
{
    struct test_store *store = ready(state);
    struct peer *rows;
    size_t count;
    add_one(store, "melur");
    add_one(store, "Kenanga");
    add_one(store, "kenanga");
    test_ok(store_peer_list(store->db, S(""), 2, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(rows[0].name, S("Kenanga")) && slice_eq(rows[1].name, S("kenanga")));
    test_ok(store_peer_list(store->db, rows[1].name, 2, store->arena, &rows, &count));
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_peer_comes_back, set_up, tear_down),
            TEST_ON_BOTH(what_is_due_longest_comes_first_and_to_one_only, set_up, tear_down),
            TEST_ON_BOTH(how_it_went_is_kept, set_up, tear_down),
            TEST_ON_BOTH(a_place_is_kept_and_found_again, set_up, tear_down),
            TEST_ON_BOTH(a_collection_is_read_by_one_peer_only, set_up, tear_down),
            TEST_ON_BOTH(what_was_sent_and_refused_is_kept, set_up, tear_down),
            TEST_ON_BOTH(lists_are_pages_by_name, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
