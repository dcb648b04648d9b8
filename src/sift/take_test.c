/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/take.h"

#include "match/build.h"

#include "input/input.h"
#include "input/temp_test.h"

#define DELIVERIES_MAX 4096

/* What came, by block: lines of events and hits are summed, since their order within a block is no matter. */
struct taken {
    uint64_t events, hits, bad, line_sum, last_lines;
    uint64_t at[DELIVERIES_MAX];     /* bytes up to the end of each block */
    uint64_t before[DELIVERIES_MAX]; /* events up to there */
    size_t count;
    bool observables;
    uint64_t observed;
};

struct gatherer {
    uint64_t events, hits, line_sum, observed;
};

static void *open_one(void *context)
{
    (void)context;
    void *gatherer = calloc(1, sizeof(struct gatherer));
    assert_non_null(gatherer);
    return gatherer;
}

static void begin(void *gatherer)
{
    *(struct gatherer *)gatherer = (struct gatherer){0};
}

static void event(void *context, const struct sift_seen *seen)
{
    struct gatherer *gatherer = context;
    gatherer->events++;
    gatherer->line_sum += seen->line;
    gatherer->observed += seen->observable_count;
}

static void hit(void *context, const struct sift_hit *hit)
{
    struct gatherer *gatherer = context;
    assert_true(slice_eq(hit->event->source.address, S("192.0.2.7")));
    assert_non_null(hit->observable);
    gatherer->hits++;
}

static struct err deliver(void *context, void *given, const struct sift_delivery *delivery)
{
    struct taken *taken = context;
    const struct gatherer *gatherer = given;
    assert_int_equal(gatherer->events, delivery->totals->events);
    taken->events += gatherer->events;
    taken->hits += gatherer->hits;
    taken->observed += gatherer->observed;
    taken->line_sum += gatherer->line_sum;
    taken->bad += delivery->totals->malformed;
    taken->last_lines = delivery->lines;
    assert_true(taken->count < DELIVERIES_MAX);
    assert_true(taken->count == 0 || delivery->bytes > taken->at[taken->count - 1]);
    taken->at[taken->count] = delivery->bytes;
    taken->before[taken->count++] = taken->events;
    return OK;
}

static void settle(void *context, void *gatherer)
{
    (void)context, (void)gatherer;
}

static struct match_index *index_of_one(void)
{
    struct match_builder *builder = match_builder_open(hash_key_random());
    struct match_index *index = NULL;
    struct indicator indicator = {.type = OBSERVABLE_IPV4, .value = S("192.0.2.7"), .id = S("indicator--1")};
    indicator.modified_us = indicator.from_us = indicator.until_us = TIME_NONE;
    assert_int_equal(match_build_source(builder, S("list")).kind, ERR_NONE);
    assert_int_equal(match_build_add(builder, &indicator).kind, ERR_NONE);
    assert_int_equal(match_build_open(builder, &index).kind, ERR_NONE);
    match_builder_close(builder);
    return index;
}

static struct taken take(
        struct arena *arena, const char *format, slice text, uint64_t from, unsigned threads, bool plain)
{
    struct taken *taken = arena_new(arena, struct taken, 1);
    struct temp temp = temp_make(text);
    struct match_index *index = index_of_one();
    const struct sift_taker taker = {.context = taken,
            .observables = true,
            .open = open_one,
            .close = free,
            .begin = begin,
            .event = event,
            .hit = hit,
            .deliver = deliver,
            .settle = settle};
    const struct sift_job job = {
            .index = index, .format = format, .threads = threads, .plain = plain, .output = -1, .taker = &taker};
    struct sift_totals totals = {0};
    struct input *input;
    assert_int_equal(input_open(temp.name, arena, &input).kind, ERR_NONE);
    struct err err = sift_take(&job, input, temp.name, from, arena, &totals);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    input_close(input);
    assert_int_equal(totals.events, taken->events);
    assert_int_equal(totals.hits, taken->hits);
    match_close(index);
    temp_drop(&temp);
    return *taken;
}

/* From the end of each block the rest is what it was, however blocks fall. */
static void expect_rest(struct arena *arena, const char *format, slice text)
{
    struct taken whole = take(arena, format, text, 0, 1, false);
    struct taken many = take(arena, format, text, 0, 3, false), plain = take(arena, format, text, 0, 2, true);
    assert_true(whole.count > 3 && whole.hits > 0);
    assert_int_equal(many.events, whole.events);
    assert_int_equal(many.line_sum, whole.line_sum);
    assert_int_equal(plain.hits, whole.hits);
    assert_int_equal(plain.observed, whole.observed);
    assert_int_equal(plain.bad, whole.bad);
    for (size_t i = 0; i < whole.count; i += whole.count / 3) {
        struct taken rest = take(arena, format, text, whole.at[i], 2, false);
        assert_int_equal(whole.before[i] + rest.events, whole.events);
        assert_int_equal(rest.last_lines, rest.count == 0 ? rest.last_lines : whole.last_lines);
    }
    assert_int_equal(take(arena, format, text, whole.at[whole.count - 1], 2, false).events, 0);
}

#define ROWS 6000

static void a_run_goes_on_where_lines_ended(void **state)
{
    struct buf text = buf_make(16u << 20);
    for (int i = 0; i < ROWS; i++)
        buf_printf(&text,
                i % 500 == 3 ? "{broken %d\n"
                             : "{\"timestamp\":\"2026-06-01T12:00:00+0000\",\"event_type\":\"flow\",\"src_ip\":\"192.0."
                               "2.%d\","
                               "\"dest_ip\":\"198.51.100.1\"}\n",
                i % 250);
    buf_printf(
            &text, "{\"timestamp\":\"2026-06-01T12:00:00+0000\",\"src_ip\":\"192.0.2.7\"}"); /* without its newline */
    expect_rest(*state, "eve", buf_slice(&text));
    buf_free(&text);
}

static void a_run_goes_on_behind_a_header(void **state)
{
    struct buf text = buf_make(16u << 20);
    buf_put(&text, S("time,src_ip,note\n"));
    for (int i = 0; i < ROWS; i++)
        buf_printf(&text, "2026-06-01T12:00:00Z,192.0.2.%d,\"%0100d\nnext line\"\n", i % 250, i);
    expect_rest(*state, "csv", buf_slice(&text));
    buf_free(&text);
}

static void a_run_goes_on_under_the_frame_that_rules_there(void **state)
{
    struct buf text = buf_make(16u << 20);
    for (int i = 0; i < ROWS; i++) {
        if (i % 2000 == 0)
            buf_printf(&text, "#separator \\x09\n#fields\t%s\n",
                    i == 2000 ? "uid\tts\tid.resp_h\tid.orig_h" : "ts\tid.orig_h\tid.resp_h\tuid");
        if (i / 2000 == 1)
            buf_printf(&text, "C%0100d\t%d.5\t198.51.100.9\t192.0.2.%d\n", i, 1780315200 + i, i % 250);
        else
            buf_printf(&text, "%d.5\t192.0.2.%d\t198.51.100.9\tC%0100d\n", 1780315200 + i, i % 250, i);
    }
    expect_rest(*state, "zeek-tsv", buf_slice(&text));
    buf_free(&text);
}

static void an_array_goes_on_in_the_middle(void **state)
{
    struct buf text = buf_make(16u << 20);
    for (int i = 0; i < ROWS; i++)
        buf_printf(&text,
                "%s{\"time\":\"2026-06-01T12:00:00Z\",\"address\":[{\"ip\":\"192.0.2.%d\"}],\"pad\":\"%060d\"}",
                i == 0 ? "[" : ",\n", i % 250, i);
    buf_put(&text, S("]\n"));
    expect_rest(*state, "n6", buf_slice(&text));
    buf_free(&text);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_run_goes_on_where_lines_ended),
            cmocka_unit_test(a_run_goes_on_behind_a_header),
            cmocka_unit_test(a_run_goes_on_under_the_frame_that_rules_there),
            cmocka_unit_test(an_array_goes_on_in_the_middle),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
