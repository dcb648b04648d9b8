/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/solve.h"

#include "stix/table_test.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open("solve test", ARENA_WORK, 1u << 30);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static struct stix_pattern parsed(slice text)
{
    struct stix_pattern pattern;
    struct stix_place place;
    struct err err = stix_pattern_parse(text, arena, &pattern, &place);
    if (err.kind != ERR_NONE)
        fail_msg("%.*s: %s", (int)text.len, text.ptr, err.why);
    return pattern;
}

/* ---- The slow, obvious twin: all sets of observations that meet a node, each set a bit mask ---- */

enum { UNITS = 8, SETS = 1 << UNITS };

struct unit {
    int64_t first_us, last_us;
    uint64_t words;
    size_t row;
};

static int64_t latest_first(const struct unit *units, unsigned set)
{
    int64_t latest = INT64_MIN;
    for (size_t i = 0; i < UNITS; i++)
        if ((set >> i & 1) != 0 && units[i].first_us > latest)
            latest = units[i].first_us;
    return latest;
}

static int64_t earliest_last(const struct unit *units, unsigned set)
{
    int64_t earliest = INT64_MAX;
    for (size_t i = 0; i < UNITS; i++)
        if ((set >> i & 1) != 0 && units[i].last_us < earliest)
            earliest = units[i].last_us;
    return earliest;
}

static bool all_between(const struct unit *units, unsigned set, const struct stix_node *node)
{
    for (size_t i = 0; i < UNITS; i++)
        if ((set >> i & 1) != 0 && (units[i].last_us < node->start_us || units[i].first_us >= node->stop_us))
            return false;
    return node->start_us < node->stop_us;
}

static void pairs(const struct unit *units, bool then, const bool *left, const bool *right, bool *sets)
{
    for (unsigned a = 1; a < SETS; a++)
        for (unsigned b = 1; left[a] && b < SETS; b++)
            if (right[b] && (a & b) == 0 && (!then || latest_first(units, a) <= earliest_last(units, b)))
                sets[a | b] = true;
}

static void obvious(const struct stix_node *node, const struct unit *units, bool *sets)
{
    bool child_sets[SETS], joined[SETS];
    memset(sets, 0, SETS);
    if (node->kind == STIX_NODE_OBSERVATION) {
        for (size_t i = 0; i < UNITS; i++)
            sets[1u << i] = (units[i].words >> node->number & 1) != 0;
        return;
    }
    obvious(node->first, units, sets);
    for (uint64_t i = 1; node->kind == STIX_NODE_REPEATS && i < node->times; i++) {
        if (i == 1)
            memcpy(child_sets, sets, SETS);
        memset(joined, 0, SETS);
        pairs(units, false, sets, child_sets, joined);
        memcpy(sets, joined, SETS);
    }
    for (const struct stix_node *child = node->first->next; child != NULL; child = child->next) {
        obvious(child, units, child_sets);
        memset(joined, 0, SETS);
        if (node->kind != STIX_NODE_OR)
            pairs(units, node->kind == STIX_NODE_FOLLOWEDBY, sets, child_sets, joined);
        for (unsigned set = 1; node->kind == STIX_NODE_OR && set < SETS; set++)
            joined[set] = sets[set] || child_sets[set];
        memcpy(sets, joined, SETS);
    }
    for (unsigned set = 1; set < SETS; set++) {
        if (node->kind == STIX_NODE_WITHIN)
            sets[set] &= latest_first(units, set) - earliest_last(units, set) <= node->within_us;
        if (node->kind == STIX_NODE_START_STOP)
            sets[set] &= all_between(units, set, node);
    }
}

/* ---- Both on the same random patterns and observations ---- */

static uint64_t seed;

static unsigned draw(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

static void put_pattern(struct buf *out, unsigned depth, unsigned *leaves)
{
    static const char *const joints[] = {" AND ", " OR ", " FOLLOWEDBY "};
    if (depth == 0 || *leaves >= 5 || draw(3) == 0) {
        buf_printf(out, "[x:a = %u]", (*leaves)++);
    } else {
        buf_byte(out, '(');
        for (unsigned i = 0, operands = 1 + draw(3), joint = draw(3); i < operands; i++) {
            buf_put(out, i == 0 ? S("") : slice_of(joints[joint]));
            put_pattern(out, depth - 1, leaves);
        }
        buf_byte(out, ')');
    }
    unsigned start = draw(8);
    if (draw(4) == 0)
        buf_printf(out, " WITHIN %u SECONDS", 1 + draw(5));
    if (draw(5) == 0)
        buf_printf(out, " REPEATS %u TIMES", 1 + draw(3));
    if (draw(6) == 0)
        buf_printf(out, " START t'1970-01-01T00:00:0%uZ' STOP t'1970-01-01T00:00:%02uZ'", start, start + 1 + draw(8));
}

/* Rows by time, each of one or two units. */
static size_t draw_rows(struct stix_candidate *rows, uint64_t *words, struct unit *units, unsigned leaves)
{
    size_t count = 0;
    int64_t first = 0;
    for (size_t used = 0; used < UNITS; count++) {
        first += draw(3) * 1000000;
        size_t number = used + 2 <= UNITS && draw(5) == 0 ? 2 : 1;
        rows[count] = (struct stix_candidate){first, first + (draw(3) == 0 ? draw(4) * 1000000 : 0), number, count};
        words[count] = draw(1u << leaves);
        for (size_t i = 0; i < number; i++)
            units[used++] = (struct unit){first, rows[count].last_us, words[count], count};
    }
    return count;
}

/* The units that a solution uses: of each row the first. */
static unsigned set_of(const struct stix_solution *solution, const struct unit *units)
{
    unsigned set = 0;
    for (size_t i = 0; i < solution->count; i++)
        for (size_t unit = 0, left = solution->times[i]; unit < UNITS && left > 0; unit++)
            if (units[unit].row == solution->used[i]) {
                set |= 1u << unit;
                left--;
            }
    return set;
}

static void the_search_and_its_obvious_twin_agree(void **state)
{
    (void)state;
    size_t found = 0, total = 20000;
    for (seed = 1; total-- > 0;) {
        struct buf text = buf_make(1u << 20);
        struct stix_candidate rows[UNITS];
        struct unit units[UNITS];
        uint64_t words[UNITS];
        bool sets[SETS], any = false;
        unsigned leaves = 0;
        put_pattern(&text, 3, &leaves);
        struct stix_pattern pattern = parsed(buf_slice(&text));
        struct stix_candidates candidates = {rows, draw_rows(rows, words, units, leaves), words, 1};
        struct stix_budget budget = stix_budget_of(UINT64_C(1) << 40);
        struct stix_solution solution;
        assert_int_equal(stix_solve(&pattern, &candidates, &budget, arena, &solution).kind, ERR_NONE);
        obvious(pattern.root, units, sets);
        for (unsigned set = 1; set < SETS; set++)
            any |= sets[set];
        if (solution.found != any || (any && !sets[set_of(&solution, units)]))
            fail_msg("%zu left: %.*s: %s", total, (int)text.len, text.ptr, any ? "not found" : "found");
        found += any;
        buf_free(&text);
        arena_reset(arena);
    }
    print_message("# true of %zu\n", found);
    assert_true(found > 4000 && found < 18000);
}

/* ---- Many ---- */

/* Observations a second apart; the word of each from its place. */
static struct stix_candidates many(size_t count, uint64_t (*word)(size_t at))
{
    struct stix_candidate *rows = arena_new(arena, struct stix_candidate, count);
    uint64_t *words = arena_new(arena, uint64_t, count);
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct stix_candidate){(int64_t)i * 1000000, (int64_t)i * 1000000, 1, i};
        words[i] = word(i);
    }
    return (struct stix_candidates){rows, count, words, 1};
}

static uint64_t all_words(size_t at)
{
    (void)at;
    return UINT64_MAX;
}

static uint64_t odd_words(size_t at)
{
    return at % 2 == 0 ? 1 : 2;
}

/* the later half meets the second [ ] only */
static uint64_t half_words(size_t at)
{
    return at < 500 ? 3 : 2;
}

static struct err solve(const char *text, const struct stix_candidates *candidates, uint64_t steps,
        struct stix_solution *solution, uint64_t *spent)
{
    struct stix_pattern pattern = parsed(slice_of(text));
    struct stix_budget budget = stix_budget_of(steps);
    struct err err = stix_solve(&pattern, candidates, &budget, arena, solution);
    *spent = budget.spent;
    return err;
}

static void large_patterns_are_decided_within_the_usual_budget(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
        uint64_t (*word)(size_t at);
        bool found;
        size_t used;
    } rows[] = {
            {"[x:a=1] REPEATS 1000 TIMES", 1000, all_words, true, 1000},
            {"[x:a=1] REPEATS 1001 TIMES", 1000, all_words, false, 0},
            {"[x:a=1] REPEATS 1000000000000 TIMES", 1000, all_words, false, 0},
            {"([x:a=1] AND [x:b=1]) REPEATS 500 TIMES", 1000, half_words, true, 1000},
            {"([x:a=1] AND [x:b=1]) REPEATS 501 TIMES", 1002, half_words, false, 0},
            {"([x:a=1] FOLLOWEDBY [x:b=1]) REPEATS 10 TIMES", 20, all_words, true, 20},
            {"([x:a=1] FOLLOWEDBY [x:b=1]) REPEATS 50 TIMES", 100, odd_words, true, 100},
            {"[x:a=1] REPEATS 10 TIMES FOLLOWEDBY [x:b=1] REPEATS 10 TIMES", 10000, odd_words, true, 20},
            {"([x:a=1] REPEATS 100 TIMES) WITHIN 99 SECONDS", 10000, all_words, true, 100},
            {"([x:a=1] REPEATS 100 TIMES) WITHIN 98 SECONDS", 2000, all_words, false, 0},
            {"([x:a=1] AND [x:b=1]) WITHIN 1 SECONDS", 10000, odd_words, true, 2},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stix_candidates candidates = many(rows[i].count, rows[i].word);
        struct stix_solution solution;
        uint64_t spent;
        struct err err = solve(rows[i].text, &candidates, STIX_BUDGET_STEPS, &solution, &spent);
        if (err.kind != ERR_NONE || solution.found != rows[i].found || solution.count != rows[i].used)
            fail_msg("%s: %s, %zu used, %llu steps", rows[i].text, err.kind != ERR_NONE ? err.why : "decided",
                    solution.count, (unsigned long long)spent);
        print_message("# %llu steps: %s\n", (unsigned long long)spent, rows[i].text);
        arena_reset(arena);
    }
}

static void what_explodes_ends_at_its_budget_with_a_message(void **state)
{
    (void)state;
    static const char *const texts[] = {
            "([x:a=1] FOLLOWEDBY [x:b=1] FOLLOWEDBY [x:c=1]) WITHIN 1 SECONDS REPEATS 300 TIMES",
            "(([x:a=1] AND [x:b=1]) WITHIN 1 SECONDS REPEATS 30 TIMES) WITHIN 40 SECONDS",
            "([x:a=1] FOLLOWEDBY [x:b=1] REPEATS 9 TIMES) REPEATS 99 TIMES",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct stix_candidates candidates = many(1000, all_words);
        struct stix_solution solution;
        uint64_t spent;
        struct err err = solve(texts[i], &candidates, 1000000, &solution, &spent);
        if (err.kind != ERR_LIMIT)
            fail_msg("%s: decided in %llu steps", texts[i], (unsigned long long)spent);
        assert_non_null(err.why);
        assert_true(spent <= 1000000);
        arena_reset(arena);
    }
}

static void too_many_parts_are_a_limit(void **state)
{
    (void)state;
    struct stix_candidates candidates = many(10000, all_words);
    struct stix_solution solution;
    uint64_t spent;
    struct err err =
            solve("([x:a=1] FOLLOWEDBY [x:b=1]) REPEATS 2049 TIMES", &candidates, STIX_BUDGET_STEPS, &solution, &spent);
    assert_int_equal(err.kind, ERR_LIMIT);
}

static void the_span_of_a_match_is_known(void **state)
{
    (void)state;
    assert_int_equal(stix_solve_span(parsed(S("[x:a=1]")).root), 0);
    assert_int_equal(stix_solve_span(parsed(S("[x:a=1] OR [x:b=1]")).root), 0);
    assert_int_equal(stix_solve_span(parsed(S("[x:a=1] AND [x:b=1]")).root), INT64_MAX);
    assert_int_equal(stix_solve_span(parsed(S("([x:a=1] AND [x:b=1]) WITHIN 2 SECONDS")).root), 2000000);
    assert_int_equal(stix_solve_span(parsed(S("([x:a=1] REPEATS 3 TIMES) WITHIN 2 SECONDS")).root), 2000000);
    assert_int_equal(stix_solve_span(parsed(S("[x:a=1] OR ([x:a=1] AND [x:b=1]) WITHIN 3 SECONDS")).root), 3000000);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_search_and_its_obvious_twin_agree),
            cmocka_unit_test(large_patterns_are_decided_within_the_usual_budget),
            cmocka_unit_test(what_explodes_ends_at_its_budget_with_a_message),
            cmocka_unit_test(too_many_parts_are_a_limit),
            cmocka_unit_test(the_span_of_a_match_is_known),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
