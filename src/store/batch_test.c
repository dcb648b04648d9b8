/* SPDX-License-Identifier: Apache-2.0 */
#include "store/batch.h"

#include "store/journal.h"
#include "store/test_store.h"

struct call {
    struct stream_put put;
    int64_t number;
    struct batch batch;
    struct batch_move move;
    struct quarantined rows[3];
    size_t count;
};

static struct err add_stream(struct work *work, void *context)
{
    struct call *call = context;
    return store_stream_add(work, &call->put, &call->number);
}

static struct err take(struct work *work, void *context)
{
    struct call *call = context;
    TRY(store_batch_add(work, &call->batch, &call->move, &call->batch.number));
    for (size_t i = 0; i < call->count; i++)
        call->rows[i].batch = call->batch.number;
    TRY(store_batch_quarantine(work, call->rows, call->count));
    return store_batch_tell(work, &call->batch, 3);
}

static int64_t stream_new(struct test_store *store, const char *name, int64_t organisation)
{
    struct call call = {.put = {slice_of(name), organisation, S("eve")}};
    test_ok(test_work(store, add_stream, &call));
    return call.number;
}

static struct call taking(int64_t stream, int64_t from, int64_t to)
{
    struct call call = {.batch = {.stream = stream, .events = 10, .bytes = to, .malformed = 1, .hits = 2}};
    call.move = (struct batch_move){.now = {.stream = stream,
                                            .input = S("1:2:4:abcd"),
                                            .place = S("1:2"),
                                            .beginning = 4,
                                            .name = S("eve.json"),
                                            .bytes = to,
                                            .records = 11},
            .bytes_before = from};
    return call;
}

static void a_stream_has_one_name_and_is_found_by_it(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = stream_new(store, "rs-melati/suricata", 7);
    struct call again = {.put = {S("rs-melati/suricata"), 8, S("eve")}};
    struct stream stream, *rows;
    size_t count;
    assert_int_equal(test_work(store, add_stream, &again).kind, ERR_CONFLICT);
    test_ok(store_stream_find(store->db, S("rs-melati/suricata"), store->arena, &stream));
    assert_int_equal(stream.number, number);
    assert_int_equal(stream.organisation, 7);
    assert_int_equal(stream.last_us, TIME_NONE);
    assert_int_equal(store_stream_find(store->db, S("other"), store->arena, &stream).kind, ERR_MISSING);
    test_ok(store_stream_list_of(store->db, 7, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    test_ok(store_stream_list_of(store->db, 8, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 0);
}

static void a_batch_counts_its_stream_and_tells_the_journal(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = stream_new(store, "s", 7);
    struct call call = taking(number, -1, 100);
    struct stream stream;
    struct batch batch;
    struct journal_row *rows;
    size_t count;
    test_ok(test_work(store, take, &call));
    test_ok(store_stream_get(store->db, number, store->arena, &stream));
    assert_int_equal(stream.events, 10);
    assert_int_equal(stream.malformed, 1);
    assert_true(stream.last_us > 0);
    test_ok(store_batch_get(store->db, call.batch.number, store->arena, &batch));
    assert_int_equal(batch.hits, 2);
    slice subject = slice_of(arena_printf(store->arena, "batch/%lld", (long long)batch.number));
    test_ok(store_journal_about(store->db, subject, INT64_MAX, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(rows[0].act, S("events.taken")));
    assert_true(slice_find_slice(rows[0].detail, S("\"met\":3")) < rows[0].detail.len);
}

static void a_position_moves_only_from_where_it_is(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = stream_new(store, "s", 7);
    struct call first = taking(number, -1, 100), twice = first, next = taking(number, 100, 250);
    struct call late = taking(number, 100, 180);
    struct stream_input input, *rows;
    struct stream stream;
    size_t count;
    test_ok(test_work(store, take, &first));
    assert_int_equal(test_work(store, take, &twice).kind, ERR_CONFLICT);
    test_ok(test_work(store, take, &next));
    assert_int_equal(test_work(store, take, &late).kind, ERR_CONFLICT);
    test_ok(store_stream_input_get(store->db, number, S("1:2:4:abcd"), store->arena, &input));
    assert_int_equal(input.bytes, 250);
    test_ok(store_stream_input_at(store->db, number, S("1:2"), store->arena, &rows, &count));
    assert_int_equal(count, 1);
    test_ok(store_stream_get(store->db, number, store->arena, &stream));
    assert_int_equal(stream.events, 20); /* what was refused counts nothing */
}

static struct err list(struct test_store *store, int64_t stream, const struct quarantined *after,
        struct quarantined **rows, size_t *count)
{
    return store_quarantined_list(store->db, stream, after, INT64_MAX, 10, store->arena, rows, count);
}

static void what_is_malformed_is_kept_as_it_is(void **state)
{
    struct test_store *store = ready(state);
    int64_t stream = stream_new(store, "s", 7), other = stream_new(store, "t", 7);
    struct call call = taking(stream, -1, 100);
    struct quarantined *rows;
    size_t count;
    call.rows[0] = (struct quarantined){
            .place = 9, .input = S("eve.json"), .why = S("no JSON"), .record = S("\xFF{"), .bytes = 2, .at_byte = 1};
    call.rows[1] = (struct quarantined){.place = 4, .input = S("eve\xFF.json"), .why = S("empty"), .record = S("")};
    call.count = 2;
    test_ok(test_work(store, take, &call));
    test_ok(list(store, stream, &(struct quarantined){.input = S("")}, &rows, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].place, 4);
    assert_true(slice_eq(rows[0].input, S("eve\xEF\xBF\xBD.json")));
    assert_true(slice_eq(rows[1].record, S("\xFF{")) && rows[1].at_byte == 1);
    assert_true(quarantined_is_whole(&rows[1]) && !quarantined_is_whole(&rows[0]));
    test_ok(list(store, stream, &rows[0], &rows, &count)); /* goes on behind the first */
    assert_true(count == 1 && rows[0].place == 9);
    test_ok(list(store, other, &(struct quarantined){.input = S("")}, &rows, &count));
    assert_int_equal(count, 0);
}

static void batches_of_a_stream_come_newest_first(void **state)
{
    struct test_store *store = ready(state);
    struct call call = taking(stream_new(store, "s", 7), -1, 100), other = taking(stream_new(store, "t", 7), -1, 100);
    struct batch *rows;
    size_t count;
    test_ok(test_work(store, take, &call));
    test_ok(test_work(store, take, &other));
    call.move.bytes_before = 100;
    call.move.now.bytes = 200;
    call.batch.malformed = 0;
    test_ok(test_work(store, take, &call));
    test_ok(store_batch_latest(store->db, call.batch.stream, INT64_MAX, false, 10, store->arena, &rows, &count));
    assert_true(count == 2 && rows[0].number == 3 && rows[1].number == 1);
    test_ok(store_batch_latest(store->db, call.batch.stream, 3, false, 10, store->arena, &rows, &count));
    assert_true(count == 1 && rows[0].number == 1);
    test_ok(store_batch_latest(store->db, call.batch.stream, INT64_MAX, true, 10, store->arena, &rows, &count));
    assert_true(count == 1 && rows[0].malformed == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_stream_has_one_name_and_is_found_by_it, set_up, tear_down),
            TEST_ON_BOTH(a_batch_counts_its_stream_and_tells_the_journal, set_up, tear_down),
            TEST_ON_BOTH(a_position_moves_only_from_where_it_is, set_up, tear_down),
            TEST_ON_BOTH(batches_of_a_stream_come_newest_first, set_up, tear_down),
            TEST_ON_BOTH(what_is_malformed_is_kept_as_it_is, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
