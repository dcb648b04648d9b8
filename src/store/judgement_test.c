/* SPDX-License-Identifier: Apache-2.0 */
#include "store/judgement.h"

#include "store/tag.h"
#include "store/test_store.h"

static const char ID[] = "indicator--6b616c61-0000-4000-8000-000000000001";

struct call {
    int64_t source, number, at_us;
    enum object_judged kind;
    slice text;
    bool changed;
};

static struct err judge(struct work *work, void *context)
{
    struct call *call = context;
    return store_judgement_add(
            work, call->source, S(ID), call->kind, call->at_us, S("seen in our own scan"), &call->number);
}

static struct err undo(struct work *work, void *context)
{
    return store_judgement_undo(work, ((const struct call *)context)->number, S("it was none"));
}

static struct err tag(struct work *work, void *context)
{
    struct call *call = context;
    return store_tag_put(work, call->source, S(ID), call->text, &call->changed);
}

static struct err untag(struct work *work, void *context)
{
    struct call *call = context;
    return store_tag_drop(work, call->source, S(ID), call->text, &call->changed);
}

static struct call call_of(struct test_store *store)
{
    const struct object_put put = test_object(ID, "2026-11-20T10:00:00", "{\"name\":\"a\"}");
    return (struct call){.source = test_import(store, "peer", &put, 1).source_number, .at_us = TIME_NONE};
}

static struct object object(struct test_store *store, const struct call *call)
{
    struct object object;
    test_ok(store_object_newest(store->db, call->source, S(ID), store->arena, &object));
    return object;
}

static void what_we_hold_of_an_object_is_read_with_it(void **state)
{
    struct test_store *store = ready(state);
    struct call wrong = call_of(store), old = wrong;
    wrong.kind = OBJECT_FALSE_POSITIVE;
    old.kind = OBJECT_EXPIRED;
    old.at_us = 77;
    test_ok(test_work(store, judge, &wrong));
    test_ok(test_work(store, judge, &old));
    assert_int_equal(object(store, &wrong).judged, OBJECT_FALSE_POSITIVE | OBJECT_EXPIRED);
    assert_int_equal(object(store, &wrong).expiry_us, 77);
    assert_int_equal(test_work(store, judge, &wrong).kind, ERR_CONFLICT);
    test_ok(test_work(store, undo, &old));
    assert_int_equal(object(store, &wrong).judged, OBJECT_FALSE_POSITIVE);
    assert_int_equal(object(store, &wrong).expiry_us, TIME_NONE);
    assert_int_equal(test_work(store, undo, &old).kind, ERR_CONFLICT);
    test_ok(test_work(store, judge, &old)); /* and again */
}

static void judgements_keep_their_history(void **state)
{
    struct test_store *store = ready(state);
    struct call call = call_of(store);
    call.kind = OBJECT_WITHDRAWN;
    clock_set(1000);
    test_ok(test_work(store, judge, &call));
    clock_set(2000);
    test_ok(test_work(store, undo, &call));
    struct judgement *rows;
    size_t count;
    test_ok(store_judgement_list(store->db, call.source, S(ID), 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_true(
            slice_eq(rows[0].reason, S("seen in our own scan")) && slice_eq(rows[0].undone_reason, S("it was none")));
    assert_true(slice_eq(rows[0].actor, S("local")) && slice_eq(rows[0].undone_by, S("local")));
    assert_int_equal(rows[0].made_us, 1000);
    assert_int_equal(rows[0].undone_us, 2000);
    assert_string_equal(store_judgement_name(rows[0].kind), "withdrawn");
    test_ok(store_judgement_list(store->db, 0, S(""), 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 0);
}

static void only_what_is_there_is_judged(void **state)
{
    struct test_store *store = ready(state);
    struct call call = call_of(store);
    call.kind = OBJECT_WITHDRAWN;
    call.source++;
    assert_int_equal(test_work(store, judge, &call).kind, ERR_MISSING);
    call.number = 99;
    assert_int_equal(test_work(store, undo, &call).kind, ERR_MISSING);
}

static void tags_are_put_and_dropped_once(void **state)
{
    struct test_store *store = ready(state);
    struct call call = call_of(store);
    call.text = S("kampanye-contoh");
    test_ok(test_work(store, tag, &call));
    assert_true(call.changed);
    test_ok(test_work(store, tag, &call));
    assert_false(call.changed);
    struct tagged *tagged;
    slice *tags;
    size_t count;
    test_ok(store_tag_list(store->db, call.source, S(ID), store->arena, &tags, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(tags[0], call.text));
    test_ok(store_tagged_list(store->db, call.text, (struct tagged){0}, 10, store->arena, &tagged, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(tagged[0].id, S(ID)));
    test_ok(store_tagged_list(store->db, call.text, tagged[0], 10, store->arena, &tagged, &count));
    assert_int_equal(count, 0);
    test_ok(test_work(store, untag, &call));
    assert_true(call.changed);
    test_ok(test_work(store, untag, &call));
    assert_false(call.changed);
}

static void tags_have_a_ceiling(void **state)
{
    struct test_store *store = ready(state);
    struct call call = call_of(store);
    for (int i = 0; i < TAGS_MAX; i++) {
        call.text = slice_of(arena_printf(store->arena, "t%d", i));
        test_ok(test_work(store, tag, &call));
    }
    test_ok(test_work(store, tag, &call)); /* one that is there is none more */
    call.text = S("one more");
    assert_int_equal(test_work(store, tag, &call).kind, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_we_hold_of_an_object_is_read_with_it, set_up, tear_down),
            TEST_ON_BOTH(judgements_keep_their_history, set_up, tear_down),
            TEST_ON_BOTH(only_what_is_there_is_judged, set_up, tear_down),
            TEST_ON_BOTH(tags_are_put_and_dropped_once, set_up, tear_down),
            TEST_ON_BOTH(tags_have_a_ceiling, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
