/* SPDX-License-Identifier: Apache-2.0 */
#include "store/browse.h"

#include "store/judgement.h"
#include "store/tag.h"
#include "store/test_store.h"

#define TLP "marking-definition--0a"

/* Objects 1 to `count` of a source; every third is a tool, every fifth is marked. */
static struct test_import fill(struct test_store *store, const char *source, size_t count)
{
    struct object_put *puts = arena_new(store->arena, struct object_put, count);
    for (size_t i = 0; i < count; i++) {
        const char *id = arena_printf(
                store->arena, "%s--6b616c61-0000-4000-8000-%012zu", i % 3 == 2 ? "tool" : "malware", i + 1);
        puts[i] = test_object(id, "2026-11-20T10:00:00",
                arena_printf(store->arena, "{\"name\":\"owl %zu %s\"%s}", i + 1, source,
                        i % 5 == 4 ? ",\"object_marking_refs\":[\"" TLP "\"]" : ""));
    }
    struct test_import import = test_import_begin(store, source);
    for (size_t i = 0; i < count; i += COUNT_OF(import.outcomes)) {
        size_t left = count - i;
        test_import_put(store, &import, puts + i, left < COUNT_OF(import.outcomes) ? left : COUNT_OF(import.outcomes));
    }
    return import;
}

struct visited {
    struct arena *arena;
    const char *numbers;
    int64_t only; /* taken are multiples of it; 0: all */
};

static struct err visit(void *context, const struct object *object, bool *taken)
{
    struct visited *visited = context;
    *taken = visited->only == 0 || object->number % visited->only == 0;
    if (*taken)
        visited->numbers = arena_printf(visited->arena, "%s%s%lld", visited->numbers,
                visited->numbers[0] == '\0' ? "" : " ", (long long)object->number);
    return OK;
}

/* All pages of `count`, through the text of their places. */
static const char *browse_all(struct test_store *store, struct browse browse, int64_t only, size_t count)
{
    struct visited visited = {store->arena, "", only};
    struct browse_place place = {0};
    browse.visit = visit;
    browse.context = &visited;
    while (!place.end) {
        test_ok(store_browse(store->db, &browse, &place, count, store->arena));
        if (!place.end)
            test_ok(store_browse_place(store_browse_cursor(&place, store->arena), &place));
    }
    return visited.numbers;
}

static struct err mark(struct work *work, void *context)
{
    const slice third = S("tool--6b616c61-0000-4000-8000-000000000003");
    const slice fourth = S("malware--6b616c61-0000-4000-8000-000000000004");
    int64_t number;
    bool changed;
    (void)context;
    TRY(store_tag_put(work, 1, third, S("campaign"), &changed));
    TRY(store_tag_put(work, 1, fourth, S("campaign"), &changed));
    TRY(store_judgement_add(work, 1, third, OBJECT_FALSE_POSITIVE, TIME_NONE, S("why"), &number));
    return store_judgement_add(work, 1, fourth, OBJECT_WITHDRAWN, TIME_NONE, S("why"), &number);
}

static void every_way_gives_what_is_chosen_the_latest_first(void **state)
{
    struct test_store *store = ready(state);
    const slice marks[] = {S(TLP)};
    struct test_import one = fill(store, "one", 10);
    test_import_finish(store, &one);
    struct test_import two = fill(store, "two", 3);
    test_import_finish(store, &two);
    test_ok(test_work(store, mark, NULL));
    const struct {
        struct browse browse;
        const char *numbers;
    } ways[] = {
            {{.source = 0}, "13 12 11 10 9 8 7 6 5 4 3 2 1"},
            {{.type = S("tool")}, "13 9 6 3"},
            {{.source = one.source_number}, "10 9 8 7 6 5 4 3 2 1"},
            {{.source = two.source_number, .type = S("tool")}, "13"},
            {{.query = S("owl 3")}, "13 3"},
            {{.query = S("owl 3"), .source = one.source_number}, "3"},
            {{.tag = S("campaign")}, "4 3"},
            {{.tag = S("campaign"), .type = S("tool")}, "3"},
            {{.tag = S("campaign"), .query = S("owl")}, "4 3"},
            {{.judged = OBJECT_FALSE_POSITIVE}, "3"},
            {{.judged = OBJECT_WITHDRAWN}, "4"},
            {{.judged = OBJECT_EXPIRED}, ""},
            {{.marks = marks, .mark_count = 1}, "10 5"},
            {{.type = S("absent")}, ""},
    };
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        for (size_t count = 1; count < 5; count++) {
            struct browse browse = ways[i].browse;
            browse.since_us = TIME_NONE;
            assert_string_equal(browse_all(store, browse, 0, count), ways[i].numbers);
        }
}

static void what_is_not_seen_is_passed_and_a_page_is_bounded(void **state)
{
    struct test_store *store = ready(state);
    struct test_import one = fill(store, "one", BROWSE_LOOKED_MAX + 1000);
    test_import_finish(store, &one);
    fill(store, "running", 5000);
    struct visited visited = {store->arena, "", 1000000};
    struct browse browse = {.since_us = TIME_NONE, .visit = visit, .context = &visited};
    struct browse_place place = {0};
    test_ok(store_browse(store->db, &browse, &place, 10, store->arena));
    assert_false(place.end); /* nothing was taken, and not all was looked at */
    assert_true(place.number > 1 && place.number <= BROWSE_LOOKED_MAX + 1000);
    assert_string_equal(browse_all(store, (struct browse){.since_us = TIME_NONE}, 500, 3), "2000 1500 1000 500");
}

static void what_arrived_before_is_left_out(void **state)
{
    struct test_store *store = ready(state);
    clock_set(INT64_C(1790000000000000));
    struct test_import one = fill(store, "one", 2);
    test_import_finish(store, &one);
    clock_set(INT64_C(1790090000000000));
    struct test_import two = fill(store, "two", 2);
    test_import_finish(store, &two);
    const struct browse browse = {.since_us = INT64_C(1790090000000000)};
    assert_string_equal(browse_all(store, browse, 0, 10), "4 3");
}

static void a_place_that_is_none_is_told(void **state)
{
    static const char *const wrong[] = {"", "1", "x.1.", "2.1.", "0.-1."};
    struct browse_place place;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(store_browse_place(slice_of(wrong[i]), &place).kind, ERR_INPUT);
}

static void sources_of_an_id_are_counted(void **state)
{
    struct test_store *store = ready(state);
    struct test_import one = fill(store, "one", 2), two = fill(store, "two", 1);
    test_import_finish(store, &one);
    int64_t count;
    const slice id = S("malware--6b616c61-0000-4000-8000-000000000001");
    test_ok(store_browse_sources(store->db, id, 10, &count));
    assert_int_equal(count, 1);
    test_import_finish(store, &two);
    test_ok(store_browse_sources(store->db, id, 10, &count));
    assert_int_equal(count, 2);
    test_ok(store_browse_sources(store->db, id, 1, &count));
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(every_way_gives_what_is_chosen_the_latest_first, set_up, tear_down),
            TEST_ON_BOTH(what_is_not_seen_is_passed_and_a_page_is_bounded, set_up, tear_down),
            TEST_ON_BOTH(what_arrived_before_is_left_out, set_up, tear_down),
            cmocka_unit_test(a_place_that_is_none_is_told),
            TEST_ON_BOTH(sources_of_an_id_are_counted, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
