/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/window.h"

#include "stix/table_test.h"
#include "stix/view.h"

static struct arena *arena;
static struct stix_scratch *scratch;
static struct stix_pattern pattern;
static struct stix_window *window;

static int open_all(void **state)
{
    (void)state;
    arena = arena_open("window test", ARENA_WORK, 1u << 30);
    scratch = stix_compare_open();
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    stix_compare_close(scratch);
    arena_close(arena);
    return 0;
}

static void watch(const char *text, const struct stix_window_limits *limits)
{
    struct stix_place place;
    struct err err = stix_pattern_parse(slice_of(text), arena, &pattern, &place);
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", text, err.why);
    window = stix_window_open(&pattern, limits);
}

static void unwatch(void)
{
    stix_window_close(window);
    window = NULL;
    arena_reset(arena);
}

/* An event at this second that has x:a = value. */
static struct stix_window_answer event(int64_t second, int64_t value, uint64_t tag)
{
    static struct stix_view view;
    stix_view_begin(&view, second * 1000000, second * 1000000);
    stix_view_object(&view, S("x"));
    stix_view_number(&view, S("a"), value);
    struct stix_observation observation = stix_view_observation(&view);
    return stix_window_add(window, &observation, tag, scratch, arena);
}

static void assert_tags(struct stix_window_answer answer, const char *wanted)
{
    struct buf out = buf_make(4096);
    for (size_t i = 0; i < answer.count; i++)
        buf_printf(&out, "%s%llu", i == 0 ? "" : " ", (unsigned long long)answer.tags[i]);
    buf_byte(&out, '\0');
    assert_string_equal(out.ptr, wanted);
    assert_int_equal(answer.match, *wanted != '\0');
    buf_free(&out);
}

static void one_observation_can_be_enough(void **state)
{
    (void)state;
    watch("[x:a = 1]", NULL);
    assert_tags(event(1, 2, 10), "");
    assert_tags(event(2, 1, 11), "11");
    assert_tags(event(3, 1, 12), "12");
    struct stix_window_counts counts = stix_window_counts(window);
    assert_int_equal(counts.seen, 3);
    assert_int_equal(counts.candidates, 2);
    assert_int_equal(counts.matches, 2);
    assert_int_equal(stix_window_held(window), 0);
    unwatch();
}

static void observations_come_together_and_are_used_up(void **state)
{
    (void)state;
    watch("([x:a = 1] AND [x:a = 2]) WITHIN 10 SECONDS", NULL);
    assert_tags(event(0, 1, 1), "");
    assert_tags(event(11, 2, 2), "");
    assert_tags(event(21, 1, 3), "2 3");
    assert_tags(event(22, 1, 4), "");
    assert_tags(event(22, 2, 5), "4 5");
    assert_int_equal(stix_window_held(window), 1);
    unwatch();
}

static void what_comes_late_finds_its_place(void **state)
{
    (void)state;
    watch("[x:a = 1] FOLLOWEDBY [x:a = 2]", NULL);
    assert_tags(event(10, 2, 1), "");
    assert_tags(event(12, 1, 2), "");
    assert_tags(event(9, 1, 3), "3 1");
    unwatch();
}

static void repeats_fire_once_for_so_many(void **state)
{
    (void)state;
    watch("[x:a = 1] REPEATS 3 TIMES WITHIN 60 SECONDS", NULL);
    size_t matches = 0;
    for (uint64_t i = 0; i < 30; i++)
        matches += event((int64_t)i, 1, i).match;
    assert_int_equal(matches, 10);
    unwatch();
}

static void what_is_too_old_falls_out_and_is_counted(void **state)
{
    (void)state;
    const struct stix_window_limits limits = {100, 60 * 1000000, 1u << 20, 100000};
    watch("[x:a = 1] AND [x:a = 2]", &limits);
    event(0, 1, 1);
    event(30, 1, 2);
    event(61, 1, 3);
    assert_int_equal(stix_window_counts(window).out_of_time, 1);
    assert_tags(event(0, 2, 4), "");
    assert_int_equal(stix_window_counts(window).out_of_time, 2);
    assert_int_equal(stix_window_held(window), 2);
    assert_tags(event(70, 2, 5), "2 5");
    unwatch();
}

static void what_finds_no_room_is_counted(void **state)
{
    (void)state;
    watch("[x:a = 1] AND [x:a = 2]", NULL);
    for (uint64_t i = 0; i < STIX_WINDOW_OBSERVATIONS + 7; i++)
        event((int64_t)(i / 10), 1, i);
    assert_int_equal(stix_window_held(window), STIX_WINDOW_OBSERVATIONS);
    assert_int_equal(stix_window_counts(window).out_of_room, 7);
    /* this one takes the room of number 7 */
    assert_tags(event(2000, 2, 99), "8 99");
    unwatch();
    const struct stix_window_limits few = {1000000, STIX_WINDOW_US, 4096, 100000};
    watch("[x:a = 1] AND [x:a = 2]", &few);
    for (uint64_t i = 0; i < 1000; i++)
        event((int64_t)i, 1, i);
    assert_true(stix_window_held(window) > 10 && stix_window_held(window) < 4096 / 32);
    assert_int_equal(stix_window_counts(window).out_of_room, 1000 - stix_window_held(window));
    unwatch();
}

static void what_takes_too_long_is_given_up_and_counted(void **state)
{
    (void)state;
    const struct stix_window_limits limits = {1000, STIX_WINDOW_US, 1u << 20, 20000};
    watch("(([x:a > 0] AND [x:a < 9]) WITHIN 1 SECONDS REPEATS 30 TIMES) WITHIN 40 SECONDS", &limits);
    for (uint64_t i = 0; i < 200; i++)
        event((int64_t)(i / 2), 5, i);
    assert_true(stix_window_counts(window).given_up > 0);
    unwatch();
}

/* ---- The window against the whole: as soon as all that came meets the pattern, the window says so ---- */

static bool whole(const int64_t *seconds, const int64_t *values, size_t count)
{
    static struct stix_view views[24];
    struct stix_observation rows[24];
    struct stix_budget budget = stix_budget_of(UINT64_C(1) << 40);
    struct stix_verdict verdict;
    for (size_t i = 0; i < count; i++) {
        stix_view_begin(&views[i], seconds[i] * 1000000, seconds[i] * 1000000);
        stix_view_object(&views[i], S("x"));
        stix_view_number(&views[i], S("a"), values[i]);
        rows[i] = stix_view_observation(&views[i]);
    }
    assert_int_equal(stix_evaluate(&pattern, rows, count, scratch, &budget, arena, &verdict).kind, ERR_NONE);
    return verdict.match;
}

static void the_window_and_the_whole_agree(void **state)
{
    (void)state;
    static const char *const texts[] = {
            "[x:a = 1] AND [x:a = 2] AND [x:a < 3]",
            "[x:a = 1] FOLLOWEDBY [x:a = 2] FOLLOWEDBY [x:a = 0]",
            "([x:a = 1] AND [x:a = 2]) WITHIN 2 SECONDS",
            "([x:a = 1] FOLLOWEDBY [x:a = 2] REPEATS 2 TIMES) WITHIN 6 SECONDS",
            "([x:a = 1] AND [x:a = 2]) WITHIN 2 SECONDS OR [x:a = 3] REPEATS 4 TIMES WITHIN 5 SECONDS",
            "([x:a = 1] FOLLOWEDBY [x:a = 2]) REPEATS 2 TIMES WITHIN 9 SECONDS",
    };
    uint64_t seed = 7;
    size_t matches = 0;
    for (size_t round = 0; round < 1200; round++) {
        int64_t seconds[24], values[24], now = 0;
        watch(texts[round % COUNT_OF(texts)], NULL);
        for (size_t i = 0; i < COUNT_OF(seconds); i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            now += (int64_t)(seed >> 40) % 4;
            seconds[i] = now - (int64_t)(seed >> 50) % 3;
            values[i] = (int64_t)(seed >> 33) % 6;
            bool match = event(seconds[i], values[i], i).match;
            if (match != whole(seconds, values, i + 1))
                fail_msg("round %zu, event %zu: the window says %d", round, i, match);
            matches += match;
            if (match)
                break;
        }
        unwatch();
    }
    assert_true(matches > 400 && matches < 1200);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(one_observation_can_be_enough),
            cmocka_unit_test(observations_come_together_and_are_used_up),
            cmocka_unit_test(what_comes_late_finds_its_place),
            cmocka_unit_test(repeats_fire_once_for_so_many),
            cmocka_unit_test(what_is_too_old_falls_out_and_is_counted),
            cmocka_unit_test(what_finds_no_room_is_counted),
            cmocka_unit_test(what_takes_too_long_is_given_up_and_counted),
            cmocka_unit_test(the_window_and_the_whole_agree),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
