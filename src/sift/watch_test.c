/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/watch.h"

#include "base/clock.h"
#include "sift/load.h"
#include "sift/windows.h"

#include "input/temp_test.h"
#include "sift/random_test.h"

/* ---- Runs ---- */

static void tell_nothing(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    (void)context, (void)file, (void)line, (void)column, (void)why;
}

static void tell_problem(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    (void)context, (void)file, (void)column;
    fail_msg("line %zu: %s", (size_t)line, why);
}

static void tell_no_file(void *context, const char *file, const char *form, uint64_t indicators, uint64_t problems)
{
    (void)context, (void)file, (void)form, (void)indicators;
    assert_int_equal(problems, 0);
}

static void tell_no_progress(void *context, const char *file, uint64_t indicators)
{
    (void)context, (void)file, (void)indicators;
}

static void tell_skipped(void *context, const char *file, const char *what, uint64_t count)
{
    (void)file, (void)what;
    *(uint64_t *)context += count;
}

static struct match_index *index_of(struct arena *arena, slice bundle, uint64_t *skipped)
{
    struct temp file = temp_make(bundle);
    const char *names[] = {file.name};
    struct load_report report = {skipped, tell_problem, tell_no_file, tell_no_progress, tell_skipped};
    struct match_index *index = NULL;
    struct err err = load_open(names, 1, &report, arena, &index);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    temp_drop(&file);
    return index;
}

struct outcome {
    struct buf rows;
    struct sift_totals totals;
    struct sift_watch_counts counts;
};

struct way {
    bool plain;
    unsigned threads;
    size_t window; /* 0: as always */
};

/* All inputs, one after the other, through one watch. */
static struct outcome run(
        struct arena *arena, const struct match_index *index, struct way way, const char *const *files, size_t count)
{
    struct outcome outcome = {.rows = buf_make(256u << 20)};
    struct stix_window_limits limits = stix_window_defaults;
    struct temp output = temp_make(S(""));
    struct sift_job job = {.index = index, .threads = way.threads, .plain = way.plain, .malformed = tell_nothing};
    if (way.window != 0)
        limits.observations = way.window;
    assert_int_equal(sift_watch_open(index, &limits, &job.watch).kind, ERR_NONE);
    job.output = open(output.name, O_WRONLY);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sift_run(&job, files[i], arena, &outcome.totals).kind, ERR_NONE);
    outcome.counts = sift_watch_counts(job.watch);
    sift_watch_close(job.watch);
    close(job.output);
    int fd = open(output.name, O_RDONLY);
    for (ssize_t n = 1; n > 0;) {
        assert_true(buf_reserve(&outcome.rows, 65536));
        n = read(fd, outcome.rows.ptr + outcome.rows.len, 65536);
        outcome.rows.len += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    temp_drop(&output);
    return outcome;
}

/* ---- Whatever the pattern and the event: the fast road and the slow one ---- */

static struct buf bundle_of(size_t count)
{
    struct buf out = buf_make(16u << 20);
    buf_put(&out, S("{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":["));
    for (size_t i = 0; i < count; i++) {
        buf_printf(&out, "%s\n{\"type\":\"indicator\",\"id\":\"indicator--%zu\",\"pattern\":\"", i > 0 ? "," : "", i);
        put_pattern(&out);
        buf_put(&out, S("\"}"));
    }
    buf_put(&out, S("]}\n"));
    return out;
}

static void the_roads_agree_on_any_pattern_and_event(void **state)
{
    uint64_t hits = 0;
    for (unsigned round = 1; round <= 8; round++) {
        seed = round;
        uint64_t skipped = 0;
        struct buf bundle = bundle_of(round % 2 == 0 ? 250 : 7), events = buf_make(16u << 20);
        for (unsigned i = 0; i < 600; i++)
            put_event(&events, i / 4);
        struct match_index *index = index_of(*state, buf_slice(&bundle), &skipped);
        struct temp input = temp_make(buf_slice(&events));
        const char *files[] = {input.name};
        struct outcome plain = run(*state, index, (struct way){.plain = true, .threads = 1}, files, 1);
        struct outcome fast = run(*state, index, (struct way){.threads = 1}, files, 1);
        struct outcome many = run(*state, index, (struct way){.threads = 4}, files, 1);
        if (!slice_eq(buf_slice(&plain.rows), buf_slice(&fast.rows)))
            fail_msg(
                    "round %u: %zu rows plainly, %zu fast", round, (size_t)plain.totals.hits, (size_t)fast.totals.hits);
        assert_true(slice_eq(buf_slice(&fast.rows), buf_slice(&many.rows)));
        assert_int_equal(plain.totals.hits, fast.totals.hits);
        assert_int_equal(plain.counts.out_of_room + plain.counts.given_up, 0);
        hits += plain.totals.hits;
        buf_free(&plain.rows);
        buf_free(&fast.rows);
        buf_free(&many.rows);
        buf_free(&bundle);
        buf_free(&events);
        temp_drop(&input);
        match_close(index);
    }
    assert_true(hits > 10000);
}

/* ---- Windows ---- */

#define PATTERN(id, pattern, more) "{\"type\":\"indicator\",\"id\":\"" id "\",\"pattern\":\"" pattern "\"" more "}\n"
#define EVENT(time, port)                                                                                              \
    "{\"timestamp\":\"2026-06-0" time                                                                                  \
    ":00.000000+0000\",\"event_type\":\"flow\",\"src_ip\":\"192.0.2.1\",\"dest_port\":" port "}\n"

static struct outcome run_texts(
        struct arena *arena, const char *patterns, struct way way, const char *const *texts, size_t count)
{
    struct temp temps[4];
    const char *names[4] = {NULL};
    uint64_t skipped = 0;
    for (size_t i = 0; i < count; i++) {
        temps[i] = temp_make(slice_of(texts[i]));
        names[i] = arena_printf(arena, "%s", temps[i].name);
    }
    struct match_index *index = index_of(arena, slice_of(patterns), &skipped);
    struct outcome outcome = run(arena, index, way, names, count);
    match_close(index);
    for (size_t i = 0; i < count; i++)
        temp_drop(&temps[i]);
    buf_byte(&outcome.rows, '\0');
    return outcome;
}

static const struct way fast = {.threads = 2};

static void windows_live_across_inputs(void **state)
{
    const char *const texts[] = {EVENT("1T10:00", "22"), EVENT("1T10:05", "4444")};
    struct outcome outcome = run_texts(*state,
            PATTERN("a", "[network-traffic:dst_port = 22] FOLLOWEDBY [network-traffic:dst_port = 4444]", ""), fast,
            texts, 2);
    assert_int_equal(outcome.totals.hits, 1);
    assert_non_null(strstr(outcome.rows.ptr, "\"events\":["));
    assert_non_null(strstr(outcome.rows.ptr, "\"line\":1,"));
    buf_free(&outcome.rows);
}

static void what_falls_out_is_counted(void **state)
{
    const char *const texts[] = {
            EVENT("1T10:00", "22") EVENT("1T10:01", "22") EVENT("1T10:02", "22") EVENT("1T10:03", "22")};
    const char *pattern = PATTERN("a", "[network-traffic:dst_port = 22] REPEATS 3 TIMES", "");
    struct outcome roomy = run_texts(*state, pattern, fast, texts, 1);
    struct outcome small = run_texts(*state, pattern, (struct way){.threads = 1, .window = 2}, texts, 1);
    assert_int_equal(roomy.totals.hits, 1);
    assert_int_equal(roomy.counts.lost, 0);
    assert_int_equal(small.totals.hits, 0);
    assert_int_equal(small.counts.out_of_room, 2);
    assert_int_equal(small.counts.lost, 2);
    assert_int_equal(small.counts.losers, 1);
    buf_free(&roomy.rows);
    buf_free(&small.rows);
}

/* What is older than a day matters only to a pattern that reaches so far, or if it came late. */
static void time_loses_only_what_could_have_matched(void **state)
{
    const char *const rising[] = {EVENT("1T10:00", "22") EVENT("3T10:00", "22")};
    const char *const falling[] = {EVENT("3T10:00", "22") EVENT("1T10:00", "22")};
    const char *near = PATTERN("a", "[network-traffic:dst_port = 22] REPEATS 2 TIMES WITHIN 60 SECONDS", "");
    const char *far = PATTERN("a", "[network-traffic:dst_port = 22] REPEATS 2 TIMES", "");
    const struct {
        const char *pattern;
        const char *const *texts;
        uint64_t lost;
    } cases[] = {{near, rising, 0}, {near, falling, 1}, {far, rising, 1}, {far, falling, 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome outcome = run_texts(*state, cases[i].pattern, fast, cases[i].texts, 1);
        assert_int_equal(outcome.counts.out_of_time, 1);
        assert_int_equal(outcome.counts.lost, cases[i].lost);
        buf_free(&outcome.rows);
    }
}

static void each_event_of_a_window_has_to_be_valid(void **state)
{
    const char *const texts[] = {EVENT("1T10:00", "22") EVENT("1T10:01", "22")};
    const char *pattern = PATTERN("a", "[network-traffic:dst_port = 22] REPEATS 2 TIMES",
            ",\"valid_from\":\"2026-01-01T00:00:00Z\",\"valid_until\":\"2026-06-01T10:01:00Z\"");
    struct outcome outcome = run_texts(*state, pattern, fast, texts, 1);
    assert_int_equal(outcome.totals.hits, 0);
    assert_int_equal(outcome.totals.invalid, 1);
    buf_free(&outcome.rows);
}

static void one_indicator_from_two_places_hits_once(void **state)
{
    const char *const texts[] = {EVENT("1T10:00", "22")};
    struct outcome outcome = run_texts(*state,
            PATTERN("a", "[network-traffic:dst_port = 22]", "") PATTERN("a", "[network-traffic:dst_port = 22]", "")
                    PATTERN("b", "[network-traffic:dst_port = 22]", ""),
            fast, texts, 1);
    assert_int_equal(outcome.totals.hits, 2);
    buf_free(&outcome.rows);
}

static void steps_are_bounded_and_told(void **state)
{
    struct buf events = buf_make(1u << 20);
    for (unsigned i = 0; i < 200; i++)
        buf_put(&events, S(EVENT("1T10:00", "22")));
    buf_byte(&events, '\0');
    const char *const texts[] = {events.ptr};
    struct outcome outcome = run_texts(*state,
            PATTERN("a",
                    "(([network-traffic:dst_port = 22] AND [network-traffic:dst_port > 1]) WITHIN 1 SECONDS REPEATS 99 "
                    "TIMES) WITHIN 130 SECONDS",
                    ""),
            fast, texts, 1);
    assert_true(outcome.counts.given_up > 0 || outcome.totals.hits > 0);
    assert_int_equal(outcome.totals.events, 200);
    buf_free(&outcome.rows);
    buf_free(&events);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_roads_agree_on_any_pattern_and_event),
            cmocka_unit_test(windows_live_across_inputs),
            cmocka_unit_test(what_falls_out_is_counted),
            cmocka_unit_test(time_loses_only_what_could_have_matched),
            cmocka_unit_test(each_event_of_a_window_has_to_be_valid),
            cmocka_unit_test(one_indicator_from_two_places_hits_once),
            cmocka_unit_test(steps_are_bounded_and_told),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
