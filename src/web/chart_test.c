/* SPDX-License-Identifier: Apache-2.0 */
#include "web/chart.h"

#include "base/clock.h"
#include "web/test_page.h"

static slice class_text(const struct ask *ask, slice class)
{
    (void)ask;
    return class;
}

static slice written(struct arena *arena, const struct chart_count *rows, size_t count)
{
    const struct chart chart = {20778, 20780, chart_day_text, class_text, rows, count};
    struct test_page *page = test_page(arena, HTTP_GET, "/");
    page->ask.document = buf_make(1u << 20);
    page->ask.json = json_writer(&page->ask.document);
    json_write_object(&page->ask.json);
    chart_write(&page->ask, S("chart"), &chart);
    json_write_end(&page->ask.json);
    slice document = arena_copy(arena, buf_slice(&page->ask.document));
    buf_free(&page->ask.document);
    return json_get(document, S("chart"));
}

static size_t elements(slice array)
{
    struct json_elements each = json_elements(array);
    slice one;
    size_t count = 0;
    while (json_element_next(&each, &one))
        count++;
    return count;
}

static struct arena *ready(void **state)
{
    struct arena *arena = *state;
    arena_reset(arena);
    return arena;
}

static void periods_are_named_in_words(void **state)
{
    struct test_page *page = test_page(ready(state), HTTP_GET, "/");
    assert_true(slice_eq(chart_day_text(&page->ask, 20778), S("21 Nov 2026")));
    assert_true(slice_eq(chart_month_text(&page->ask, 2026 * 12 + 10), S("Nov 2026")));
}

static void nothing_counted_is_no_picture(void **state)
{
    struct arena *arena = ready(state);
    const struct chart_count outside[] = {{20777, S("a"), 5}, {20781, S("a"), 5}, {20778, S("a"), 0}};
    assert_true(slice_eq(written(arena, NULL, 0), S("null")));
    assert_true(slice_eq(written(arena, outside, COUNT_OF(outside)), S("null")));
}

static void small_classes_share_a_bar_and_sums_are_whole(void **state)
{
    const struct chart_count rows[] = {{20778, S("a"), 50}, {20778, S("b"), 40}, {20778, S("c"), 30},
            {20778, S("d"), 20}, {20778, S("e"), 7}, {20780, S("f"), 3}, {20780, S("a"), 1}, {20780, S("a"), 1}};
    slice chart = written(ready(state), rows, COUNT_OF(rows)), first;
    assert_int_equal(elements(json_get(chart, S("series"))), CHART_SERIES + 1);
    assert_int_equal(elements(json_get(chart, S("rows"))), 2); /* nothing happened on the day between */
    assert_true(slice_eq(json_get(json_get(chart, S("most")), S("value")), S("147")));
    struct json_elements each = json_elements(json_get(chart, S("series")));
    assert_true(json_element_next(&each, &first));
    assert_true(slice_eq(json_get(json_get(first, S("count")), S("value")), S("52")));
    assert_int_equal(elements(json_get(chart, S("bars"))), 7); /* five, and two of the last day */
}

static void what_is_there_is_seen_however_small(void **state)
{
    const struct chart_count rows[] = {{20778, S("a"), 1000000000}, {20779, S("b"), 1}};
    slice chart = written(ready(state), rows, COUNT_OF(rows));
    assert_true(test_has(chart, "\"y\":999,\"height\":1,"));
    assert_true(test_has(chart, "\"y\":0,\"height\":1000,"));
}

static int set_up(void **state)
{
    *state = arena_open("charts", ARENA_WORK, 16u << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_close(*state);
    return 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(periods_are_named_in_words),
            cmocka_unit_test(nothing_counted_is_no_picture),
            cmocka_unit_test(small_classes_share_a_bar_and_sums_are_whole),
            cmocka_unit_test(what_is_there_is_seen_however_small),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
