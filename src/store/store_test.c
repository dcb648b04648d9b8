/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "store/test_store.h"

static void a_store_opens_again_as_it_was(void **state)
{
    struct test_store *store = ready(state);
    slice value;
    test_ok(store_fact_put(store->db, S("a"), S("one")));
    test_ok(store_fact_put(store->db, S("a"), S("two")));
    db_close(store->db);
    store->db = test_store_open(store);
    test_ok(store_fact_get(store->db, S("a"), store->arena, &value));
    assert_true(slice_eq(value, S("two")));
    test_ok(store_fact_get(store->db, S("b"), store->arena, &value));
    assert_int_equal(value.len, 0);
}

static struct err take(struct db *db, void *context)
{
    return store_number(db, "test", 3, context);
}

static struct err take_and_fail(struct db *db, void *context)
{
    TRY(take(db, context));
    return err_make(ERR_INPUT, "no");
}

static void numbers_follow_each_other(void **state)
{
    struct test_store *store = ready(state);
    int64_t first, second, third;
    test_ok(db_work(store->db, take, &first));
    assert_int_equal(db_work(store->db, take_and_fail, &second).kind, ERR_INPUT);
    test_ok(db_work(store->db, take, &third));
    assert_int_equal(first, 1);
    assert_int_equal(third, 4);
}

static void sources_are_added_once(void **state)
{
    struct test_store *store = ready(state);
    struct test_import one = test_import(store, "<b>'one", NULL, 0), again = test_import(store, "<b>'one", NULL, 0);
    struct source source, *rows;
    size_t count;
    int64_t number;
    assert_int_equal(one.source_number, again.source_number);
    test_ok(store_source_get(store->db, one.source_number, store->arena, &source));
    assert_true(slice_eq(source.name, S("<b>'one")) && slice_eq(source.kind, S("file")));
    test_ok(store_source_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(store_source_find(store->db, S("two"), &number).kind, ERR_MISSING);
    assert_int_equal(store_source_get(store->db, 99, store->arena, &source).kind, ERR_MISSING);
}

static void text_for_people_is_text(void **state)
{
    struct arena *arena = ready(state)->arena;
    static const char ODD[] = "a\x01\xff"
                              "b\xc3\xa9";
    assert_true(slice_eq(store_text_keep(arena, slice_of(ODD), 100), S("a\xef\xbf\xbd\xef\xbf\xbd"
                                                                       "b\xc3\xa9")));
    assert_true(slice_eq(store_text_keep(arena, S("ab\xc3\xa9"), 3), S("ab")));
    assert_int_equal(store_text_check(arena, "name", S("<b>'; DROP TABLE object; --"), 100).kind, ERR_NONE);
    assert_int_equal(store_text_check(arena, "name", S(""), 100).kind, ERR_INPUT);
    assert_int_equal(store_text_check(arena, "name", S("abc"), 2).kind, ERR_INPUT);
    assert_int_equal(store_text_check(arena, "name", S("a\0b"), 100).kind, ERR_INPUT);
    assert_int_equal(store_text_check(arena, "name", S("\xff"), 100).kind, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_store_opens_again_as_it_was, set_up, tear_down),
            TEST_ON_BOTH(numbers_follow_each_other, set_up, tear_down),
            TEST_ON_BOTH(sources_are_added_once, set_up, tear_down),
            TEST_ON(DB_SQLITE, "text_for_people_is_text", text_for_people_is_text, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
