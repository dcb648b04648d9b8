/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pattern and, behind a NUL, observed data (without one: those below). Whatever both are, reading and evaluating end,
 * with a sentence or with a verdict that is the same a second time; observations one by one give a verdict too; and
 * what meets a pattern meets its cover.
 */
#include "base/arena.h"
#include "need.h"
#include "stix/cover.h"
#include "stix/evaluate.h"
#include "stix/observed.h"
#include "stix/window.h"

#define STEPS 20000
#define PATTERN_MAX 65536

static const char drums[] =
        "[{\"type\":\"observed-data\",\"id\":\"a\",\"first_observed\":\"2026-01-01T10:00:00Z\","
        "\"last_observed\":\"2026-01-01T10:00:02Z\",\"number_observed\":2,\"objects\":{"
        "\"0\":{\"type\":\"file\",\"name\":\"melati.exe\",\"size\":5,\"x_ref\":\"1\",\"x_hex\":\"00ff\"},"
        "\"1\":{\"type\":\"a\",\"b\":[1,2.5,\"caf\\u00e9\",{\"c\":true}],\"d_refs\":[\"0\",\"1\"]}}},"
        "{\"type\":\"observed-data\",\"first_observed\":\"2026-01-01T10:00:01Z\","
        "\"last_observed\":\"2026-01-01T10:00:01Z\",\"number_observed\":1,\"objects\":{"
        "\"0\":{\"type\":\"ipv4-addr\",\"value\":\"192.0.2.1\"},\"1\":{\"type\":\"a\",\"b\":[]}}}]";

static volatile size_t touched;

static void touch(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        touched += (unsigned char)s.ptr[i];
}

static struct err evaluate(const struct stix_pattern *pattern, const struct stix_observed *observed,
        struct stix_scratch *scratch, struct arena *arena, struct stix_verdict *verdict)
{
    struct stix_budget budget = stix_budget_of(STEPS);
    struct err err = stix_evaluate(pattern, observed->rows, observed->count, scratch, &budget, arena, verdict);
    fuzz_need(budget.spent <= STEPS && (err.kind == ERR_NONE || err.kind == ERR_LIMIT));
    if (err.kind != ERR_NONE)
        touch(slice_of(err.why));
    else
        fuzz_need(verdict->match == (verdict->used_count > 0));
    return err;
}

static void watch(const struct stix_pattern *pattern, const struct stix_observed *observed,
        struct stix_scratch *scratch, struct arena *arena)
{
    const struct stix_window_limits limits = {16, STIX_WINDOW_US, 1u << 16, STEPS / 4};
    struct stix_window *window = stix_window_open(pattern, &limits);
    for (size_t i = 0; i < observed->count && i < 64; i++) {
        struct stix_window_answer answer = stix_window_add(window, &observed->rows[i], i, scratch, arena);
        fuzz_need(answer.match == (answer.count > 0) && stix_window_held(window) <= 16);
    }
    stix_window_close(window);
}

/* The simplest sound test of a hint: an object of its type is there. */
static bool meets_type(const struct stix_cover *cover, const struct stix_observation *observation)
{
    for (const struct stix_hint *hint = cover->hints; hint != NULL; hint = hint->next) {
        touch(hint->literal);
        for (size_t i = 0; i < observation->object_count; i++)
            if (slice_eq(observation->source->type(observation, i), hint->object))
                return true;
    }
    return false;
}

static void cover(const struct stix_pattern *pattern, const struct stix_observed *observed,
        struct stix_scratch *scratch, struct arena *arena)
{
    struct stix_cover made = stix_cover(pattern, arena);
    uint64_t *words = arena_new(arena, uint64_t, stix_solve_width(pattern));
    for (size_t i = 0; i < observed->count && i < 64; i++) {
        struct stix_budget budget = stix_budget_of(STEPS);
        if (stix_evaluate_one(pattern, &observed->rows[i], scratch, &budget, words))
            fuzz_need(meets_type(&made, &observed->rows[i]));
    }
}

static void look(slice text, slice json, struct arena *arena, struct stix_scratch *scratch)
{
    struct stix_pattern pattern;
    struct stix_place place = {0};
    struct stix_observed observed;
    struct stix_verdict first, again;
    size_t offset = 0;
    struct err err = stix_pattern_parse(text, arena, &pattern, &place);
    if (err.kind != ERR_NONE) {
        fuzz_need(place.line > 0 && place.column > 0 && place.column <= text.len + 1);
        touch(slice_of(err.why));
        return;
    }
    err = stix_observed_read(json, arena, &observed, &offset);
    if (err.kind != ERR_NONE) {
        fuzz_need(offset <= json.len);
        touch(slice_of(err.why));
        return;
    }
    err = evaluate(&pattern, &observed, scratch, arena, &first);
    fuzz_need(evaluate(&pattern, &observed, scratch, arena, &again).kind == err.kind);
    fuzz_need(err.kind != ERR_NONE || first.match == again.match);
    watch(&pattern, &observed, scratch, arena);
    cover(&pattern, &observed, scratch, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    slice input = {(const char *)bytes, count};
    size_t split = slice_find(input, '\0');
    slice json = split < count ? slice_from(input, split + 1) : S(drums);
    if (split > PATTERN_MAX)
        return 0;
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 512u << 20);
    struct stix_scratch *scratch = stix_compare_open();
    look(slice_part(input, 0, split), json, arena, scratch);
    stix_compare_close(scratch);
    arena_close(arena);
    return 0;
}
