/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/evaluate.h"

#include "stix/observed.h"
#include "stix/table_test.h"
#include "json/read.h"

static struct arena *arena;
static struct stix_scratch *scratch;

static int open_all(void **state)
{
    (void)state;
    arena = arena_open("evaluate test", ARENA_WORK, 256u << 20);
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

/* "match", "no-match", "error" or "limit". */
static const char *verdict_of(slice text, slice json, uint64_t steps, struct stix_budget *budget)
{
    struct stix_pattern pattern;
    struct stix_place place;
    struct stix_observed observed;
    struct stix_verdict verdict;
    size_t offset;
    *budget = stix_budget_of(steps);
    struct err err = stix_pattern_parse(text, arena, &pattern, &place);
    if (err.kind == ERR_NONE)
        err = stix_observed_read(json, arena, &observed, &offset);
    if (err.kind == ERR_NONE)
        err = stix_evaluate(&pattern, observed.rows, observed.count, scratch, budget, arena, &verdict);
    if (err.kind != ERR_NONE) {
        assert_non_null(err.why);
        return err.kind == ERR_LIMIT ? "limit" : "error";
    }
    assert_int_equal(verdict.match, verdict.used_count > 0);
    return verdict.match ? "match" : "no-match";
}

/* match.tsv: verdict, pattern; all on village.json. */
static void patterns_say_what_they_should(void **state)
{
    (void)state;
    slice rows = table_ours("pattern/match.tsv", arena), village = table_ours("pattern/village.json", arena);
    struct table_row row = {0};
    size_t count = 0, wrong = 0;
    for (; table_next(&rows, &row); count++) {
        struct stix_budget budget;
        const char *verdict = verdict_of(row.columns[1], village, STIX_BUDGET_STEPS, &budget);
        if (slice_eq(row.columns[0], slice_of(verdict)))
            continue;
        print_error("match.tsv:%zu: %s: %.*s\n", row.line, verdict, (int)row.columns[1].len, row.columns[1].ptr);
        wrong++;
    }
    assert_int_equal(wrong, 0);
    assert_true(count > 150);
}

static void third_party_matches_are_ours(void **state)
{
    (void)state;
    slice rows = table_theirs("patterns/match-a.jsonl", arena), line;
    struct exceptions exceptions = exceptions_of("patterns/match-a", arena);
    if (rows.ptr == NULL) {
        print_message("# skipped: no third-party table of matches\n");
        skip();
    }
    size_t row = 0, agreed = 0;
    while (slice_next(&rows, '\n', &line) && line.len > 0) {
        struct stix_budget budget;
        slice pattern = json_text(json_get(line, S("pattern")), arena);
        slice expect = json_text(json_get(line, S("expect")), arena);
        const char *verdict = verdict_of(pattern, json_get(line, S("observed_data")), STIX_BUDGET_STEPS, &budget);
        bool agrees = slice_eq(expect, slice_of(verdict));
        row++;
        if (!agrees && !exceptions_hold(&exceptions, row, verdict))
            fail_msg("row %zu is %s, not %.*s: %.*s", row, verdict, (int)expect.len, expect.ptr, (int)pattern.len,
                    pattern.ptr);
        agreed += agrees;
    }
    print_message("# %zu of %zu verdicts, %zu exceptions\n", agreed, row, exceptions.count);
    assert_true(row > 0);
    exceptions_end(&exceptions);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(patterns_say_what_they_should),
            cmocka_unit_test(third_party_matches_are_ours),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
