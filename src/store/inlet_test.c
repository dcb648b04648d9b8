/* SPDX-License-Identifier: Apache-2.0 */
#include "store/inlet.h"

#include "store/batch.h"
#include "store/test_store.h"

struct call {
    int64_t stream, number;
    enum inlet_kind kind;
    slice place;
    uint64_t piece, records;
};

static struct err add_stream(struct work *work, void *context)
{
    struct call *call = context;
    return store_stream_add(work, &(struct stream_put){S("rs-melati/suricata"), 0, S("eve")}, &call->stream);
}

static struct err add(struct work *work, void *context)
{
    struct call *call = context;
    return store_inlet_add(work, call->stream, call->kind, call->place, &call->number);
}

static struct err drop(struct work *work, void *context)
{
    const struct call *call = context;
    return store_inlet_drop(work, call->stream, call->kind, call->place);
}

static struct err shed(struct work *work, void *context)
{
    const struct call *call = context;
    return store_inlet_shed(work, call->stream, call->records);
}

/* A piece that was read to its end, or not. */
static struct err read_piece(struct work *work, void *context)
{
    const struct call *call = context;
    const struct batch batch = {.stream = call->stream, .events = 1};
    const struct batch_move move = {.now = {.stream = call->stream,
                                            .input = store_inlet_piece(work->arena, call->piece),
                                            .place = S(""),
                                            .name = S("piece"),
                                            .bytes = 10,
                                            .records = 1,
                                            .done = call->records == 0},
            .bytes_before = -1};
    int64_t number;
    return store_batch_add(work, &batch, &move, &number);
}

static struct err forget(struct work *work, void *context)
{
    const struct call *call = context;
    return store_inlet_forget(work, call->stream, call->piece);
}

static struct call begin(struct test_store *store)
{
    struct call call = {.kind = INLET_UNIX, .place = S("/run/sensor.sock")};
    test_ok(test_work(store, add_stream, &call));
    return call;
}

static void an_inlet_is_listed_with_its_stream(void **state)
{
    struct test_store *store = ready(state);
    struct call call = begin(store);
    struct inlet *rows;
    size_t count;
    test_ok(test_work(store, add, &call));
    test_ok(store_inlet_list(store->db, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].number, call.number);
    assert_true(slice_eq(rows[0].name, S("rs-melati/suricata")));
    assert_true(slice_eq(rows[0].format, S("eve")));
    assert_int_equal(rows[0].kind, INLET_UNIX);
    assert_true(slice_eq(rows[0].place, S("/run/sensor.sock")));
}

static void the_same_inlet_twice_is_a_conflict_until_it_is_dropped(void **state)
{
    struct test_store *store = ready(state);
    struct call call = begin(store);
    test_ok(test_work(store, add, &call));
    assert_int_equal(test_work(store, add, &call).kind, ERR_CONFLICT);
    test_ok(test_work(store, drop, &call));
    assert_int_equal(test_work(store, drop, &call).kind, ERR_MISSING);
    test_ok(test_work(store, add, &call));
}

static void what_is_shed_adds_up(void **state)
{
    struct test_store *store = ready(state);
    struct call call = begin(store);
    struct stream stream;
    call.records = 40;
    test_ok(test_work(store, shed, &call));
    call.records = 2;
    test_ok(test_work(store, shed, &call));
    test_ok(store_stream_get(store->db, call.stream, store->arena, &stream));
    assert_int_equal(stream.shed, 42);
}

static void positions_of_pieces_are_forgotten_when_all_of_them_was_read(void **state)
{
    struct test_store *store = ready(state);
    struct call call = begin(store);
    struct stream_input row;
    for (call.piece = 8; call.piece <= 11; call.piece++) {
        call.records = call.piece == 9; /* is not done */
        test_ok(test_work(store, read_piece, &call));
    }
    call.piece = 11;
    test_ok(test_work(store, forget, &call));
    for (uint64_t piece = 8; piece <= 11; piece++) {
        struct err err = store_stream_input_get(
                store->db, call.stream, store_inlet_piece(store->arena, piece), store->arena, &row);
        assert_int_equal(err.kind, piece == 9 || piece == 11 ? ERR_NONE : ERR_MISSING);
    }
}

struct posted {
    int64_t stream;
    const char *id;
    int64_t named_us, unnamed_us;
};

static struct err read_post(struct work *work, void *context)
{
    const struct posted *posted = context;
    const struct batch batch = {.stream = posted->stream, .events = 1};
    const struct batch_move move = {.now = {.stream = posted->stream,
                                            .input = slice_of(posted->id),
                                            .place = S(""),
                                            .name = S("body"),
                                            .bytes = 10,
                                            .records = 1,
                                            .done = true},
            .bytes_before = -1};
    int64_t number;
    return store_batch_add(work, &batch, &move, &number);
}

static struct err forget_them(struct work *work, void *context)
{
    const struct posted *posted = context;
    return store_inlet_forget_posts(work, posted->named_us, posted->unnamed_us);
}

static bool is_known(struct test_store *store, int64_t stream, const char *id)
{
    struct stream_input row;
    return store_stream_input_get(store->db, stream, slice_of(id), store->arena, &row).kind == ERR_NONE;
}

static void posts_are_forgotten_when_nobody_repeats_them_any_more(void **state)
{
    struct test_store *store = ready(state);
    struct call call = begin(store);
    struct posted posted = {.stream = call.stream};
    const char *const ids[] = {"id/1", "post/1", "other"};
    clock_set(1000 * SECOND_US);
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        posted.id = ids[i];
        test_ok(test_work(store, read_post, &posted));
    }
    posted.named_us = 500 * SECOND_US;
    posted.unnamed_us = 2000 * SECOND_US;
    test_ok(test_work(store, forget_them, &posted));
    assert_true(is_known(store, call.stream, "id/1"));
    assert_false(is_known(store, call.stream, "post/1"));
    posted.named_us = 2000 * SECOND_US;
    test_ok(test_work(store, forget_them, &posted));
    assert_false(is_known(store, call.stream, "id/1"));
    assert_true(is_known(store, call.stream, "other"));
}

static void kinds_are_known_by_their_names(void **state)
{
    (void)state;
    for (enum inlet_kind kind = 0; kind < INLET_KINDS; kind++)
        assert_int_equal(store_inlet_kind_find(slice_of(store_inlet_kind_name(kind))), kind);
    assert_int_equal(store_inlet_kind_find(S("carrier-pigeon")), INLET_KINDS);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_inlet_is_listed_with_its_stream, set_up, tear_down),
            TEST_ON_BOTH(the_same_inlet_twice_is_a_conflict_until_it_is_dropped, set_up, tear_down),
            TEST_ON_BOTH(what_is_shed_adds_up, set_up, tear_down),
            TEST_ON_BOTH(positions_of_pieces_are_forgotten_when_all_of_them_was_read, set_up, tear_down),
            TEST_ON_BOTH(posts_are_forgotten_when_nobody_repeats_them_any_more, set_up, tear_down),
            cmocka_unit_test(kinds_are_known_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
