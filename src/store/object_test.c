/* SPDX-License-Identifier: Apache-2.0 */
#include "store/object.h"

#include "store/test_store.h"

static const char MALWARE[] = "malware--6b616c61-0000-4000-8000-000000000001";
static const char HOST[] = "domain-name--6b616c61-0000-5000-8000-000000000002";
static const char FIRST[] = "2026-11-20T10:00:00", SECOND[] = "2026-11-20T10:00:00.5", THIRD[] = "2026-11-21T00:00:00";

static struct object newest(struct test_store *store, const struct test_import *import, const char *id)
{
    struct object object = {0};
    struct err err = store_object_newest(store->db, import->source_number, slice_of(id), store->arena, &object);
    if (err.kind != ERR_MISSING)
        test_ok(err);
    return object;
}

static size_t list(struct test_store *store, struct object_filter filter, struct object **rows)
{
    size_t count;
    test_ok(store_object_list(store->db, &filter, 0, STORE_PAGE_MAX, store->arena, rows, &count));
    return count;
}

static size_t seen(struct test_store *store)
{
    struct object *rows;
    return list(store, (struct object_filter){.all_versions = true}, &rows);
}

/* ---- Versions ---- */

static void an_object_comes_back_byte_for_byte(void **state)
{
    struct test_store *store = ready(state);
    static const char TEXT[] = "{\"type\": \"malware\",  \"name\":\"\\u0041 '\\\";--<b>\"}\n";
    struct object_put put = test_object(MALWARE, FIRST, TEXT);
    put.created_by = S("identity--6b616c61-0000-4000-8000-000000000009");
    put.revoked = true;
    struct test_import import = test_import(store, "peer", &put, 1);
    struct object object;
    test_ok(store_object_get(store->db, import.outcomes[0].number, store->arena, &object));
    assert_true(slice_eq(object.bytes, put.bytes));
    assert_true(slice_eq(object.id, put.id) && slice_eq(object.type, S("malware")));
    assert_true(slice_eq(object.version, put.version) && slice_eq(object.created_by, put.created_by));
    assert_true(slice_eq(object.spec_version, S("2.1")));
    assert_int_equal(object.modified_us, put.modified_us);
    assert_int_equal(object.import, import.number);
    assert_true(object.revoked && object.newest && !object.made);
    assert_int_equal(object.judged, 0);
    assert_int_equal(object.expiry_us, TIME_NONE);
}

static void the_latest_version_counts_in_whatever_order_they_come(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put puts[] = {test_object(MALWARE, SECOND, "{\"v\":2}"),
            test_object(MALWARE, THIRD, "{\"v\":3}"), test_object(MALWARE, FIRST, "{\"v\":1}")};
    struct test_import import = test_import(store, "peer", puts, 1);
    assert_true(slice_eq(newest(store, &import, MALWARE).bytes, S("{\"v\":2}")));
    test_import(store, "peer", puts + 1, 2);
    assert_true(slice_eq(newest(store, &import, MALWARE).bytes, S("{\"v\":3}")));
    struct object *rows;
    size_t count;
    test_ok(store_object_versions(store->db, slice_of(MALWARE), store->arena, &rows, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].bytes.ptr[5], '1' + i);
        assert_int_equal(rows[i].newest, i == 2);
    }
    assert_int_equal(list(store, (struct object_filter){0}, &rows), 1);
    assert_true(slice_eq(rows[0].version, slice_of(THIRD)));
}

static void each_source_stands_for_itself(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put old = test_object(MALWARE, FIRST, "{\"v\":1}"),
                            new = test_object(MALWARE, SECOND, "{\"v\":2}");
    struct test_import one = test_import(store, "one", &old, 1), two = test_import(store, "two", &new, 1);
    assert_int_not_equal(one.source_number, two.source_number);
    assert_true(slice_eq(newest(store, &one, MALWARE).version, slice_of(FIRST)));
    assert_true(slice_eq(newest(store, &two, MALWARE).version, slice_of(SECOND)));
}

/* ---- Duplicates and conflicts ---- */

static void the_same_content_is_a_duplicate_however_it_is_spelled(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put puts[] = {test_object(MALWARE, FIRST, "{\"a\":1,\"b\":\"A\"}"),
            test_object(MALWARE, FIRST, "{\"a\":1,\"b\":\"A\"}"),
            test_object(MALWARE, FIRST, "{ \"b\" : \"\\u0041\", \"a\":1.0 }")};
    struct test_import import = test_import(store, "peer", puts, 3);
    assert_int_equal(import.outcomes[0].kind, OBJECT_ADDED);
    assert_int_equal(import.outcomes[1].kind, OBJECT_DUPLICATE);
    assert_int_equal(import.outcomes[2].kind, OBJECT_DUPLICATE);
    assert_int_equal(import.outcomes[2].number, import.outcomes[0].number);
    assert_int_equal(seen(store), 1);
}

static void other_content_of_a_version_is_kept_apart(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put first = test_object(MALWARE, FIRST, "{\"a\":1}"),
                            other = test_object(MALWARE, FIRST, "{\"a\":2}"),
                            later = test_object(MALWARE, SECOND, "{\"a\":3}");
    struct test_import import = test_import(store, "peer", &first, 1), again = test_import(store, "peer", &other, 1);
    assert_int_equal(again.outcomes[0].kind, OBJECT_CONFLICT);
    assert_int_equal(again.outcomes[0].other, import.outcomes[0].number);
    assert_true(slice_eq(newest(store, &import, MALWARE).bytes, S("{\"a\":1}")));
    struct object object;
    test_ok(store_object_get(store->db, again.outcomes[0].number, store->arena, &object));
    assert_int_equal(object.variant, 1);
    assert_false(object.newest);
    /* The same other content once more is no further conflict, and a later version ends it. */
    assert_int_equal(test_import(store, "peer", &other, 1).outcomes[0].kind, OBJECT_DUPLICATE);
    test_import(store, "peer", &later, 1);
    assert_true(slice_eq(newest(store, &import, MALWARE).bytes, S("{\"a\":3}")));
}

static void variants_have_a_ceiling(void **state)
{
    struct test_store *store = ready(state);
    struct object_put puts[OBJECT_VARIANTS_MAX + 2];
    for (size_t i = 0; i < COUNT_OF(puts); i++)
        puts[i] = test_object(HOST, "", arena_printf(store->arena, "{\"a\":%zu}", i));
    struct test_import import = test_import(store, "peer", puts, COUNT_OF(puts));
    assert_int_equal(import.outcomes[OBJECT_VARIANTS_MAX - 1].kind, OBJECT_CONFLICT);
    assert_int_equal(import.outcomes[OBJECT_VARIANTS_MAX].kind, OBJECT_CROWDED);
    assert_int_equal(import.outcomes[OBJECT_VARIANTS_MAX].number, 0);
    struct import row;
    test_ok(store_import_get(store->db, import.number, store->arena, &row));
    assert_int_equal(row.added, 1);
    assert_int_equal(row.conflicts, OBJECT_VARIANTS_MAX - 1);
    assert_int_equal(row.crowded, 2);
}

static void made_objects_are_compared_by_what_they_say(void **state)
{
    struct test_store *store = ready(state);
    struct object_put first = test_object(MALWARE, FIRST, "{\"made\":1,\"name\":\"a\"}"),
                      again = test_object(MALWARE, SECOND, "{\"made\":2,\"name\":\"a\"}"),
                      other = test_object(MALWARE, THIRD, "{\"made\":3,\"name\":\"b\"}");
    first.made = again.made = other.made = true;
    first.meaning = again.meaning = hash_sha256(S("a"));
    struct test_import import = test_import(store, "list", &first, 1);
    assert_int_equal(test_import(store, "list", &again, 1).outcomes[0].kind, OBJECT_DUPLICATE);
    assert_int_equal(test_import(store, "list", &other, 1).outcomes[0].kind, OBJECT_ADDED);
    assert_true(slice_eq(newest(store, &import, MALWARE).version, slice_of(THIRD)));
    /* What it said before is news again once it has said something else. */
    again.version = S("2026-11-22T00:00:00");
    assert_int_equal(test_import(store, "list", &again, 1).outcomes[0].kind, OBJECT_ADDED);
}

/* ---- What is seen ---- */

static void nothing_is_seen_before_its_import_is_done(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put old = test_object(MALWARE, FIRST, "{\"v\":1}"),
                            new = test_object(MALWARE, SECOND, "{\"v\":2}");
    test_import(store, "peer", &old, 1);
    struct test_import running = test_import_begin(store, "peer");
    test_import_put(store, &running, &new, 1);
    struct object object;
    struct object *rows;
    assert_int_equal(seen(store), 1);
    assert_int_equal(list(store, (struct object_filter){0}, &rows), 1); /* the old one counts as yet */
    assert_true(slice_eq(rows[0].version, slice_of(FIRST)));
    assert_true(slice_eq(newest(store, &running, MALWARE).version, slice_of(FIRST)));
    assert_int_equal(store_object_get(store->db, running.outcomes[0].number, store->arena, &object).kind, ERR_MISSING);
    test_import_finish(store, &running);
    assert_int_equal(seen(store), 2);
    assert_true(slice_eq(newest(store, &running, MALWARE).version, slice_of(SECOND)));
}

static void undoing_hides_what_only_that_import_brought(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put puts[] = {test_object(MALWARE, FIRST, "{\"v\":1}"),
            test_object(MALWARE, SECOND, "{\"v\":2}"), test_object(HOST, "", "{\"value\":\"www.evil.example\"}")};
    test_import(store, "peer", puts, 1);
    struct test_import bad = test_import(store, "peer", puts, 3);
    test_import(store, "peer", puts + 2, 1);
    test_ok(test_work(store, test_import_undo_action, &bad.number));
    /* The first version counts again; the host was brought by a third import as well. */
    assert_int_equal(seen(store), 2);
    assert_true(slice_eq(newest(store, &bad, MALWARE).version, slice_of(FIRST)));
    assert_true(newest(store, &bad, HOST).newest);
    assert_int_equal(test_work(store, test_import_undo_action, &bad.number).kind, ERR_CONFLICT);
    struct object *rows;
    assert_int_equal(list(store, (struct object_filter){.import = bad.number, .unseen = true}, &rows), 3);
    /* Coming again it is news. */
    assert_int_equal(test_import(store, "peer", puts + 1, 1).outcomes[0].kind, OBJECT_ADDED);
    assert_true(slice_eq(newest(store, &bad, MALWARE).version, slice_of(SECOND)));
}

static void what_a_failed_import_brought_first_stays_with_who_brought_it_too(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put puts[] = {test_object(MALWARE, FIRST, "{\"v\":1}"), test_object(HOST, "", "{\"v\":2}")};
    struct test_import failing = test_import_begin(store, "peer");
    test_import_put(store, &failing, puts, 2);
    struct test_import good = test_import(store, "peer", puts, 1);
    assert_int_equal(good.outcomes[0].kind, OBJECT_ADDED);
    test_ok(test_work(store, test_import_fail_action, &failing.number));
    assert_int_equal(seen(store), 1);
    assert_int_equal(newest(store, &good, MALWARE).number, failing.outcomes[0].number);
}

/* ---- Lists ---- */

static void lists_are_pages_in_order_of_arrival(void **state)
{
    struct test_store *store = ready(state);
    struct object_put puts[50];
    for (size_t i = 0; i < COUNT_OF(puts); i++)
        puts[i] = test_object(
                arena_printf(store->arena, "%s--6b616c61-0000-4000-8000-%012zu", i % 2 == 0 ? "malware" : "tool", i),
                FIRST, arena_printf(store->arena, "{\"i\":%zu}", i));
    struct test_import one = test_import(store, "one", puts, 30), two = test_import(store, "two", puts + 20, 30);
    const struct {
        struct object_filter filter;
        size_t count;
    } cases[] = {{{.all_versions = true}, 60}, {{{0}}, 60}, {{.type = S("tool")}, 30},
            {{.source = one.source_number}, 30},
            {{.source = two.source_number, .type = S("malware"), .all_versions = true}, 15},
            {{.import = two.number}, 30}, {{.import = one.number, .type = S("tool"), .all_versions = true}, 15},
            {{.type = S("none")}, 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct object *rows;
        int64_t after = 0;
        size_t count, sum = 0;
        do {
            test_ok(store_object_list(store->db, &cases[i].filter, after, 7, store->arena, &rows, &count));
            for (size_t r = 0; r < count; r++) {
                assert_true(rows[r].number > after);
                after = rows[r].number;
            }
            sum += count;
        } while (count == 7);
        assert_int_equal(sum, cases[i].count);
    }
}

static void an_imports_list_holds_what_it_brought_again(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put puts[] = {test_object(MALWARE, FIRST, "{\"v\":1}"), test_object(HOST, "", "{\"v\":2}"),
            test_object(MALWARE, SECOND, "{\"v\":3}")};
    test_import(store, "peer", puts, 2);
    struct test_import again = test_import(store, "peer", puts, 3);
    struct object *rows;
    assert_int_equal(list(store, (struct object_filter){.import = again.number, .all_versions = true}, &rows), 3);
    assert_int_equal(list(store, (struct object_filter){.import = again.number}, &rows), 2);
}

static void large_objects_make_short_pages(void **state)
{
    struct test_store *store = ready(state);
    struct object_put puts[6];
    size_t size = 7u << 20, sum = 0, pages = 0;
    for (size_t i = 0; i < COUNT_OF(puts); i++) {
        char *text = arena_new(store->arena, char, size + 1);
        memset(text, 'a', size);
        memcpy(text, "{\"a\":\"", 6);
        memcpy(text + size - 2, "\"}", 2);
        puts[i] = test_object(arena_printf(store->arena, "artifact--%zu", i), "", text);
    }
    test_import(store, "peer", puts + 3, 3);
    struct test_import import = test_import(store, "peer", puts, 6);
    const struct object_filter filters[] = {{.all_versions = true}, {.import = import.number}};
    for (size_t f = 0; f < COUNT_OF(filters); f++) {
        int64_t last = 0;
        sum = pages = 0;
        for (struct object_place place = {0}; !place.end; pages++) {
            struct arena *arena = arena_open("page", ARENA_WORK, 64u << 20);
            struct object *rows;
            size_t count;
            test_ok(store_object_page(store->db, &filters[f], &place, 100, arena, &rows, &count));
            for (size_t i = 0; i < count; i++) {
                assert_true(rows[i].number > last);
                last = rows[i].number;
            }
            sum += count;
            arena_close(arena);
        }
        assert_int_equal(sum, COUNT_OF(puts));
        assert_true(pages >= 2);
    }
}

static void hostile_ids_are_only_text(void **state)
{
    struct test_store *store = ready(state);
    static const char *const ids[] = {
            "x'; DROP TABLE object; --", "<script>alert(1)</script>", "a\"b$1 %s", "' OR '1'='1", "*", "NEAR(a b)"};
    struct object_put puts[COUNT_OF(ids)];
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        puts[i] = test_object(ids[i], "", "{}");
        puts[i].type = slice_of(ids[i]);
    }
    struct test_import import = test_import(store, ids[0], puts, COUNT_OF(puts));
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        assert_true(slice_eq(newest(store, &import, ids[i]).id, slice_of(ids[i])));
}

static void what_is_too_long_is_named(void **state)
{
    struct test_store *store = ready(state);
    struct object_put put = test_object(HOST, "", "{}");
    char *id = arena_new(store->arena, char, 1000);
    memset(id, 'a', 1000);
    put.id = (slice){id, 1000};
    struct test_import import = test_import_begin(store, "peer");
    import.rows = &put;
    import.count = 1;
    struct err err = test_work(store, test_import_put_action, &import);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "id of an object"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_object_comes_back_byte_for_byte, set_up, tear_down),
            TEST_ON_BOTH(the_latest_version_counts_in_whatever_order_they_come, set_up, tear_down),
            TEST_ON_BOTH(each_source_stands_for_itself, set_up, tear_down),
            TEST_ON_BOTH(the_same_content_is_a_duplicate_however_it_is_spelled, set_up, tear_down),
            TEST_ON_BOTH(other_content_of_a_version_is_kept_apart, set_up, tear_down),
            TEST_ON_BOTH(variants_have_a_ceiling, set_up, tear_down),
            TEST_ON_BOTH(made_objects_are_compared_by_what_they_say, set_up, tear_down),
            TEST_ON_BOTH(nothing_is_seen_before_its_import_is_done, set_up, tear_down),
            TEST_ON_BOTH(undoing_hides_what_only_that_import_brought, set_up, tear_down),
            TEST_ON_BOTH(what_a_failed_import_brought_first_stays_with_who_brought_it_too, set_up, tear_down),
            TEST_ON_BOTH(lists_are_pages_in_order_of_arrival, set_up, tear_down),
            TEST_ON_BOTH(an_imports_list_holds_what_it_brought_again, set_up, tear_down),
            TEST_ON_BOTH(large_objects_make_short_pages, set_up, tear_down),
            TEST_ON_BOTH(hostile_ids_are_only_text, set_up, tear_down),
            TEST_ON_BOTH(what_is_too_long_is_named, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
