/* SPDX-License-Identifier: Apache-2.0 */
#include "store/collected.h"

#include <pthread.h>
#include <stdatomic.h>

#include "store/collection.h"
#include "store/test_store.h"

#define NOON INT64_C(1795262400000000) /* 2026-11-21 12:00 UTC */

struct call {
    int64_t number;
    const struct collected_put *rows;
    size_t count;
    enum collected_outcome outcomes[4096];
    slice id;
    struct collected_query query;
    uint64_t dropped;
};

static struct err add(struct work *work, void *context)
{
    return store_collection_add(work, S("of tests"), S(""), context);
}

static struct err put(struct work *work, void *context)
{
    struct call *call = context;
    return store_collected_put(work, call->number, call->rows, call->count, call->outcomes);
}

static struct err drop(struct work *work, void *context)
{
    struct call *call = context;
    return store_collected_drop(work, call->number, call->id, &call->query, &call->dropped);
}

static int64_t make(struct test_store *store)
{
    int64_t number;
    clock_set(NOON);
    test_ok(test_work(store, add, &number));
    return number;
}

static struct collected_put row(int64_t object, const char *id, const char *version, const char *spec)
{
    return (struct collected_put){.object = object,
            .id = slice_of(id),
            .type = S("indicator"),
            .version = slice_of(version),
            .spec_version = slice_of(spec),
            .fresh = true};
}

static struct call *put_rows(struct test_store *store, int64_t number, const struct collected_put *rows, size_t count)
{
    static struct call call;
    call = (struct call){.number = number, .rows = rows, .count = count};
    test_ok(test_work(store, put, &call));
    return &call;
}

/* What a page gave, as numbers of objects and moments. */
struct seen {
    int64_t objects[5000], moments[5000];
    size_t count;
    struct collected_end end;
    char text[5000];
};

static struct err see(void *context, const struct collected *row)
{
    struct seen *seen = context;
    seen->objects[seen->count] = row->object;
    seen->moments[seen->count++] = row->added_us;
    size_t len = strlen(seen->text);
    if (len + 8 < sizeof seen->text)
        snprintf(seen->text + len, sizeof seen->text - len, "%s%d", len == 0 ? "" : " ", (int)row->object);
    return OK;
}

static struct seen *page(struct test_store *store, int64_t number, struct collected_query query)
{
    static struct seen seen;
    seen = (struct seen){0};
    query.limit = query.limit == 0 ? 1000 : query.limit;
    query.after_us = query.after_us == 0 ? INT64_MIN : query.after_us;
    test_ok(store_collected_read(store->db, number, &query, false, store->arena, see, &seen, &seen.end));
    return &seen;
}

/* Objects 1 to 3: versions of one id, out of order; 4 another id; 5 and 6: an id of both specification versions. */
static int64_t example(struct test_store *store)
{
    const struct collected_put rows[] = {
            row(1, "indicator--a", "2026-01-02T00:00:00", "2.1"),
            row(2, "indicator--a", "2026-01-03T00:00:00", "2.1"),
            row(3, "indicator--a", "2026-01-01T00:00:00", "2.1"),
            row(4, "indicator--b", "2026-01-01T00:00:00", "2.1"),
            row(5, "malware--c", "2026-02-01T00:00:00", "2.0"),
            row(6, "malware--c", "2026-01-01T00:00:00", "2.1"),
    };
    int64_t number = make(store);
    put_rows(store, number, rows, COUNT_OF(rows));
    return number;
}

static void every_row_has_a_millisecond_of_its_own(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = example(store);
    struct seen *seen = page(store, number, (struct collected_query){.versions = VERSIONS_ALL, .specs = 3});
    assert_string_equal(seen->text, "1 2 3 4 5 6");
    for (size_t i = 0; i < seen->count; i++)
        assert_int_equal(seen->moments[i], NOON + (int64_t)i * 1000);
    assert_true(!seen->end.more && seen->end.first_us == NOON && seen->end.last_us == NOON + 5000);
    /* Nothing comes before what was served, also when the clock goes back. */
    clock_set(NOON - 3600000000);
    const struct collected_put late[] = {row(7, "indicator--d", "2026-01-01T00:00:00", "2.1")};
    put_rows(store, number, late, 1);
    seen = page(store, number, (struct collected_query){.after_us = NOON + 5000});
    assert_string_equal(seen->text, "7");
    assert_int_equal(seen->moments[0], NOON + 5100);
}

static void versions_and_specifications_are_chosen_as_the_standard_says(void **state)
{
    static const slice times[] = {{"2026-01-02T00:00:00", 19}, {"2026-02-01T00:00:00", 19}};
    static const slice types[] = {{"malware", 7}, {"tool", 4}};
    static const struct {
        struct collected_query query;
        const char *expected;
    } cases[] = {
            {{0}, "2 4 6"},
            {{.versions = VERSIONS_LAST}, "2 4 6"},
            {{.versions = VERSIONS_FIRST}, "3 4 6"},
            {{.versions = VERSIONS_FIRST | VERSIONS_LAST}, "2 3 4 6"},
            {{.versions = VERSIONS_ALL}, "1 2 3 4 6"},
            {{.versions = VERSIONS_ALL, .specs = SPECS_20 | SPECS_21}, "1 2 3 4 5 6"},
            {{.specs = SPECS_20}, "5"},
            {{.specs = SPECS_21}, "2 4 6"},
            {{.specs = SPECS_20 | SPECS_21}, "2 4 5"},
            {{.specs = SPECS_20 | SPECS_21, .versions = VERSIONS_FIRST}, "3 4 6"},
            {{.specs = SPECS_NONE}, ""},
            {{.exact = times, .exact_count = 2}, "1 5"},
            {{.exact = times, .exact_count = 1, .versions = VERSIONS_LAST}, "1 2 4 6"},
            {{.types = types, .type_count = 2}, "6"},
            {{.types = types, .type_count = 1}, "6"},
            {{.types = types, .type_count = 2, .versions = VERSIONS_ALL, .specs = SPECS_20}, "5"},
    };
    struct test_store *store = ready(state);
    struct collected_put rows[] = {row(1, "indicator--a", "2026-01-02T00:00:00", "2.1"),
            row(2, "indicator--a", "2026-01-03T00:00:00", "2.1"), row(3, "indicator--a", "2026-01-01T00:00:00", "2.1"),
            row(4, "indicator--b", "2026-01-01T00:00:00", "2.1"), row(5, "malware--c", "2026-02-01T00:00:00", "2.0"),
            row(6, "malware--c", "2026-01-01T00:00:00", "2.1")};
    rows[4].type = rows[5].type = S("malware");
    int64_t number = make(store);
    /* One after the other, and all at once, stand the same. */
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        put_rows(store, number, &rows[i], 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(page(store, number, cases[i].query)->text, cases[i].expected);
}

static void ids_are_found_by_themselves(void **state)
{
    static const slice ids[] = {{"malware--c", 10}, {"indicator--a", 12}, {"indicator--none", 15}, {"malware--c", 10}};
    struct test_store *store = ready(state);
    int64_t number = example(store);
    struct collected_query query = {.ids = ids, .id_count = COUNT_OF(ids)};
    assert_string_equal(page(store, number, query)->text, "2 6");
    query.versions = VERSIONS_ALL;
    query.limit = 2;
    struct seen *seen = page(store, number, query);
    assert_string_equal(seen->text, "1 2");
    assert_true(seen->end.more);
    query.after_us = seen->end.last_us;
    seen = page(store, number, query);
    assert_string_equal(seen->text, "3 6");
    assert_false(seen->end.more);
}

static void the_same_is_in_once_and_other_content_is_not(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = example(store);
    struct collected_put rows[] = {row(4, "indicator--b", "2026-01-01T00:00:00", "2.1"),
            row(9, "indicator--b", "2026-01-01T00:00:00", "2.1"), row(10, "indicator--e", "2026-01-01T00:00:00", "2.1"),
            row(10, "indicator--e", "2026-01-01T00:00:00", "2.1")};
    rows[0].fresh = false;
    struct call *call = put_rows(store, number, rows, COUNT_OF(rows));
    assert_int_equal(call->outcomes[0], COLLECTED_IN);
    assert_int_equal(call->outcomes[1], COLLECTED_CONTRADICTS);
    assert_int_equal(call->outcomes[2], COLLECTED_IN);
    assert_int_equal(call->outcomes[3], COLLECTED_IN);
    assert_string_equal(page(store, number, (struct collected_query){0})->text, "2 4 6 10");
    call->number = 77;
    assert_int_equal(test_work(store, put, call).kind, ERR_MISSING);
}

static void what_is_taken_out_lets_the_earlier_version_count(void **state)
{
    static const slice last[] = {{"2026-01-03T00:00:00", 19}};
    struct test_store *store = ready(state);
    static struct call call;
    call = (struct call){.number = example(store), .id = S("indicator--a")};
    call.query = (struct collected_query){.exact = last, .exact_count = 1, .specs = 3};
    test_ok(test_work(store, drop, &call));
    assert_int_equal(call.dropped, 1);
    assert_string_equal(page(store, call.number, (struct collected_query){0})->text, "1 4 6");
    call.id = S("malware--c");
    call.query = (struct collected_query){.versions = VERSIONS_ALL, .specs = 3};
    test_ok(test_work(store, drop, &call));
    assert_int_equal(call.dropped, 2);
    assert_string_equal(page(store, call.number, (struct collected_query){0})->text, "1 4");
    test_ok(test_work(store, drop, &call));
    assert_int_equal(call.dropped, 0);
}

static void pages_lose_and_double_nothing_while_others_write(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = make(store), after_us = INT64_MIN, next = 1;
    bool given[200] = {0};
    size_t count = 0;
    for (int round = 0; round < 60; round++) {
        char id[32];
        snprintf(id, sizeof id, "indicator--%03d", (int)next);
        const struct collected_put one[] = {row(next, id, "2026-01-01T00:00:00", "2.1")};
        if (next < 50)
            put_rows(store, number, one, 1), next++;
        struct seen *seen = page(store, number, (struct collected_query){.after_us = after_us, .limit = 1});
        for (size_t i = 0; i < seen->count; i++) {
            assert_false(given[seen->objects[i]]);
            given[seen->objects[i]] = true;
            count++;
        }
        after_us = seen->end.last_us;
        if (seen->count > 0 && round % 3 == 0) { /* what was read already goes: the place stays a place */
            static struct call call;
            snprintf(id, sizeof id, "indicator--%03d", (int)seen->objects[0]);
            call = (struct call){.number = number, .id = slice_of(id), .query = {.versions = VERSIONS_ALL, .specs = 3}};
            test_ok(test_work(store, drop, &call));
        }
    }
    assert_int_equal(count, 49);
}

/* ---- Several at once ---- */

enum { WRITERS = 3, EACH = 60 };

static struct writer {
    struct test_store *store;
    int64_t collection, first;
    struct err err;
} writers[WRITERS];
static _Atomic int writing;

static void *write_all(void *context)
{
    struct writer *writer = context;
    struct arena *arena = arena_open("writer", ARENA_WORK, 64u << 20);
    struct db *db;
    writer->err = store_open(&(struct db_options){.where = writer->store->base->where}, arena, &db);
    for (int64_t i = 0; i < EACH && writer->err.kind == ERR_NONE; i++) {
        char id[32];
        snprintf(id, sizeof id, "indicator--%d", (int)(writer->first + i));
        const struct collected_put one[] = {row(writer->first + i, id, "2026-01-01T00:00:00", "2.1")};
        struct call *call = arena_new(arena, struct call, 1);
        *call = (struct call){.number = writer->collection, .rows = one, .count = 1};
        writer->err = store_work(db, &writer->store->actor, arena, put, call);
    }
    if (writer->err.kind == ERR_NONE)
        db_close(db);
    arena_close(arena);
    atomic_fetch_sub(&writing, 1);
    return NULL;
}

/* Who reads behind the last row it got gets all, each once, while others write: nothing comes in before it. */
static void a_reader_misses_nothing_of_several_writers(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = make(store), after_us = INT64_MIN;
    pthread_t threads[WRITERS];
    size_t count = 0;
    clock_set(TIME_NONE);
    atomic_store(&writing, WRITERS);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.store = store, .collection = number, .first = 1 + 1000 * i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_all, &writers[i]), 0);
    }
    for (bool last = false; !last;) {
        last = atomic_load(&writing) == 0;
        struct seen *seen = page(store, number, (struct collected_query){.after_us = after_us, .limit = 7});
        count += seen->count;
        after_us = seen->end.last_us;
        last = last && !seen->end.more;
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        test_ok(writers[i].err);
    }
    assert_int_equal(count, WRITERS * EACH);
}

/* A client that cuts the moment of the last row to milliseconds, at any size of page. */
static void a_client_of_milliseconds_gets_all_once(void **state)
{
    enum { ROWS = 3000 };
    static struct collected_put rows[ROWS];
    static char ids[ROWS][24];
    static const size_t limits[] = {1, 7, 100, 1000};
    struct test_store *store = ready(state);
    int64_t number = make(store);
    for (int i = 0; i < ROWS; i++) {
        snprintf(ids[i], sizeof ids[i], "indicator--%d", i);
        rows[i] = row(i + 1, ids[i], "2026-01-01T00:00:00", "2.1");
    }
    clock_set(NOON + 123);
    put_rows(store, number, rows, ROWS);
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        int64_t after_us = INT64_MIN, expected = 1;
        for (;;) {
            struct seen *seen = page(store, number, (struct collected_query){.after_us = after_us, .limit = limits[i]});
            if (seen->count == 0)
                break;
            for (size_t n = 0; n < seen->count; n++)
                assert_int_equal(seen->objects[n], expected++);
            after_us = seen->end.last_us / 1000 * 1000;
        }
        assert_int_equal(expected, ROWS + 1);
    }
}

/* Very much at once: moments run at most a minute ahead one by one, then stand ten to a millisecond. */
static void moments_that_run_ahead_stand_closer(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = make(store);
    const struct collected_put one[] = {row(1, "indicator--a", "2026-01-01T00:00:00", "2.1")};
    const struct collected_put more[] = {
            row(2, "indicator--b", "2026-01-01T00:00:00", "2.1"), row(3, "indicator--c", "2026-01-01T00:00:00", "2.1")};
    put_rows(store, number, one, 1);
    clock_set(NOON - 120000000);
    put_rows(store, number, more, 2);
    struct seen *seen = page(store, number, (struct collected_query){0});
    assert_int_equal(seen->moments[1], NOON + 100);
    assert_int_equal(seen->moments[2], NOON + 200);
}

static void an_undone_import_is_in_no_collection(void **state)
{
    static const char JSON[] = "{\"a\":1}", OTHER[] = "{\"a\":2}";
    struct test_store *store = ready(state);
    int64_t number = make(store);
    struct object_put rows[] = {test_object("indicator--a", "2026-01-01T00:00:00", JSON),
            test_object("indicator--b", "2026-01-01T00:00:00", JSON)};
    struct object_put newer[] = {test_object("indicator--a", "2026-01-02T00:00:00", OTHER),
            test_object("indicator--b", "2026-01-01T00:00:00", JSON)};
    struct test_import first = test_import(store, "taxii/of tests", rows, 2);
    struct test_import second = test_import(store, "taxii/of tests", newer, 2);
    const struct collected_put in[] = {row(first.outcomes[0].number, "indicator--a", "2026-01-01T00:00:00", "2.1"),
            row(first.outcomes[1].number, "indicator--b", "2026-01-01T00:00:00", "2.1"),
            row(second.outcomes[0].number, "indicator--a", "2026-01-02T00:00:00", "2.1")};
    put_rows(store, number, in, COUNT_OF(in));
    struct seen *seen = page(store, number, (struct collected_query){0});
    assert_int_equal(seen->count, 2);
    assert_int_equal(seen->objects[1], second.outcomes[0].number);
    test_ok(test_work(store, test_import_undo_action, &second.number));
    seen = page(store, number, (struct collected_query){0});
    assert_int_equal(seen->count, 2); /* b was brought by the first as well; of a the first version counts again */
    assert_int_equal(seen->objects[0], first.outcomes[0].number);
    test_ok(test_work(store, test_import_undo_action, &first.number));
    assert_int_equal(page(store, number, (struct collected_query){0})->count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(every_row_has_a_millisecond_of_its_own, set_up, tear_down),
            TEST_ON_BOTH(versions_and_specifications_are_chosen_as_the_standard_says, set_up, tear_down),
            TEST_ON_BOTH(ids_are_found_by_themselves, set_up, tear_down),
            TEST_ON_BOTH(the_same_is_in_once_and_other_content_is_not, set_up, tear_down),
            TEST_ON_BOTH(what_is_taken_out_lets_the_earlier_version_count, set_up, tear_down),
            TEST_ON_BOTH(pages_lose_and_double_nothing_while_others_write, set_up, tear_down),
            TEST_ON_BOTH(a_reader_misses_nothing_of_several_writers, set_up, tear_down),
            TEST_ON_BOTH(a_client_of_milliseconds_gets_all_once, set_up, tear_down),
            TEST_ON_BOTH(moments_that_run_ahead_stand_closer, set_up, tear_down),
            TEST_ON_BOTH(an_undone_import_is_in_no_collection, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
