/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/window.h"

#include "base/arena.h"

const struct stix_window_limits stix_window_defaults = {
        STIX_WINDOW_OBSERVATIONS, STIX_WINDOW_US, STIX_WINDOW_BYTES, STIX_WINDOW_STEPS};

struct stix_window {
    const struct stix_pattern *pattern;
    struct stix_window_limits limits;
    struct stix_window_counts counts;
    size_t most;  /* candidates that the limits allow */
    size_t width; /* words of a candidate */
    int64_t span_us;
    struct stix_candidate *rows; /* by first_us */
    uint64_t *words;             /* `width` for each row */
    uint64_t *at_hand;           /* those of the candidate that came last */
    uint64_t *met;               /* for each [ ]: observations held that meet it */
    size_t count, room;
    int64_t newest_us, longest_us;
};

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("kentongan: the system has no memory left\n", stderr);
        abort();
    }
    return memory;
}

/* What the [ ] themselves take is counted too, so that a pattern of very many holds few observations. */
static size_t most_rows(const struct stix_window_limits *limits, size_t width)
{
    size_t row = sizeof(struct stix_candidate) + width * sizeof(uint64_t), fixed = width * 65 * sizeof(uint64_t);
    size_t most = limits->bytes > fixed ? (limits->bytes - fixed) / row : 0;
    most = most < limits->observations ? most : limits->observations;
    return most == 0 ? 1 : most;
}

struct stix_window *stix_window_open(const struct stix_pattern *pattern, const struct stix_window_limits *limits)
{
    struct stix_window *window = must(calloc(1, sizeof *window));
    window->pattern = pattern;
    window->limits = limits == NULL ? stix_window_defaults : *limits;
    window->width = stix_solve_width(pattern);
    window->most = most_rows(&window->limits, window->width);
    window->span_us = stix_solve_span(pattern->root);
    window->newest_us = INT64_MIN;
    window->at_hand = must(calloc(window->width, sizeof *window->at_hand));
    window->met = must(calloc(window->width * 64, sizeof *window->met));
    return window;
}

void stix_window_close(struct stix_window *window)
{
    if (window == NULL)
        return;
    free(window->rows);
    free(window->words);
    free(window->at_hand);
    free(window->met);
    free(window);
}

static uint64_t *words_of(const struct stix_window *window, size_t row)
{
    return window->words + row * window->width;
}

static void count_met(struct stix_window *window, const uint64_t *words, int64_t number)
{
    for (size_t i = 0; i < window->width; i++)
        for (uint64_t left = words[i]; left != 0; left &= left - 1)
            window->met[i * 64 + (size_t)__builtin_ctzll(left)] += (uint64_t)number;
}

static void drop(struct stix_window *window, size_t row)
{
    size_t behind = window->count - row - 1;
    count_met(window, words_of(window, row), -(int64_t)window->rows[row].number);
    memmove(window->rows + row, window->rows + row + 1, behind * sizeof *window->rows);
    memmove(words_of(window, row), words_of(window, row + 1), behind * window->width * sizeof *window->words);
    window->count--;
}

/* The first row whose first_us is above. */
static size_t behind(const struct stix_window *window, int64_t us)
{
    size_t low = 0, high = window->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (window->rows[middle].first_us <= us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void forget_old(struct stix_window *window, int64_t before_us)
{
    size_t end = behind(window, before_us), kept = 0;
    for (size_t i = 0; i < end; i++) {
        if (window->rows[i].last_us < before_us) {
            count_met(window, words_of(window, i), -(int64_t)window->rows[i].number);
            window->counts.out_of_time++;
            continue;
        }
        window->rows[kept] = window->rows[i];
        memmove(words_of(window, kept), words_of(window, i), window->width * sizeof *window->words);
        kept++;
    }
    if (kept == end)
        return;
    memmove(window->rows + kept, window->rows + end, (window->count - end) * sizeof *window->rows);
    memmove(words_of(window, kept), words_of(window, end),
            (window->count - end) * window->width * sizeof *window->words);
    window->count -= end - kept;
}

/* Room for one more row. */
static void grow(struct stix_window *window)
{
    if (window->count < window->room)
        return;
    window->room = window->room == 0 ? 16 : window->room * 2;
    if (window->room > window->most)
        window->room = window->most;
    window->rows = must(realloc(window->rows, window->room * sizeof *window->rows));
    window->words = must(realloc(window->words, window->room * window->width * sizeof *window->words));
}

static void insert(struct stix_window *window, const struct stix_candidate *candidate)
{
    size_t bytes = window->width * sizeof *window->words, row = behind(window, candidate->first_us);
    size_t after = window->count - row;
    memmove(window->rows + row + 1, window->rows + row, after * sizeof *window->rows);
    memmove(words_of(window, row + 1), words_of(window, row), after * bytes);
    window->rows[row] = *candidate;
    memcpy(words_of(window, row), window->at_hand, bytes);
    count_met(window, window->at_hand, (int64_t)candidate->number);
    window->count++;
}

/* Whether enough is held of each kind, wherever in time: without it no search is worth its steps. */
static bool is_possible(const struct stix_window *window, const struct stix_node *node)
{
    if (node->kind == STIX_NODE_OBSERVATION)
        return window->met[node->number] > 0;
    if (node->kind == STIX_NODE_REPEATS && node->first->kind == STIX_NODE_OBSERVATION)
        return window->met[node->first->number] >= node->times;
    bool any = node->kind == STIX_NODE_OR;
    for (const struct stix_node *child = node->first; child != NULL; child = child->next)
        if (is_possible(window, child) == any)
            return any;
    return !any;
}

/* All that can be in one match with this candidate. */
static struct stix_candidates around(
        const struct stix_window *window, const struct stix_candidate *candidate, size_t *from)
{
    size_t to = window->count;
    *from = 0;
    if (window->span_us < INT64_MAX / 4) {
        *from = behind(window, candidate->first_us - window->span_us - window->longest_us - 1);
        to = behind(window, candidate->last_us + window->span_us);
    }
    return (struct stix_candidates){window->rows + *from, to - *from, words_of(window, *from), window->width};
}

static struct stix_window_answer use_up(
        struct stix_window *window, const struct stix_solution *solution, size_t from, struct arena *arena)
{
    uint64_t *tags = arena_new(arena, uint64_t, solution->count);
    for (size_t i = 0; i < solution->count; i++)
        tags[i] = window->rows[from + solution->used[i]].tag;
    for (size_t i = solution->count; i-- > 0;) {
        size_t row = from + solution->used[i];
        if (solution->times[i] >= window->rows[row].number) {
            drop(window, row);
            continue;
        }
        window->rows[row].number -= solution->times[i];
        count_met(window, words_of(window, row), -(int64_t)solution->times[i]);
    }
    window->counts.matches++;
    return (struct stix_window_answer){true, tags, solution->count};
}

static struct stix_window_answer look(struct stix_window *window, const struct stix_candidate *candidate,
        struct stix_budget *budget, struct arena *arena)
{
    const struct stix_window_answer none = {0};
    if (!is_possible(window, window->pattern->root))
        return none;
    size_t from;
    struct stix_candidates candidates = around(window, candidate, &from);
    struct stix_solution solution;
    if (stix_solve(window->pattern, &candidates, budget, arena, &solution).kind != ERR_NONE) {
        window->counts.given_up++;
        return none;
    }
    return solution.found ? use_up(window, &solution, from, arena) : none;
}

static struct stix_window_answer take(struct stix_window *window, const struct stix_candidate *candidate,
        struct stix_budget *budget, struct arena *arena)
{
    int64_t length = candidate->last_us - candidate->first_us;
    if (candidate->last_us > window->newest_us)
        window->newest_us = candidate->last_us;
    if (length > window->longest_us)
        window->longest_us = length;
    int64_t before_us =
            window->newest_us < INT64_MIN + window->limits.us ? INT64_MIN : window->newest_us - window->limits.us;
    if (candidate->last_us < before_us) {
        window->counts.out_of_time++;
        return (struct stix_window_answer){0};
    }
    forget_old(window, before_us);
    while (window->count >= window->most) {
        drop(window, 0);
        window->counts.out_of_room++;
    }
    grow(window);
    insert(window, candidate);
    return look(window, candidate, budget, arena);
}

struct stix_window_answer stix_window_add(struct stix_window *window, const struct stix_observation *observation,
        uint64_t tag, struct stix_scratch *scratch, struct arena *arena)
{
    struct stix_budget budget = stix_budget_of(window->limits.steps);
    window->counts.seen++;
    bool met = stix_evaluate_one(window->pattern, observation, scratch, &budget, window->at_hand);
    window->counts.given_up += budget.empty;
    if (!met)
        return (struct stix_window_answer){0};
    window->counts.candidates++;
    struct stix_candidate candidate = {observation->first_us, observation->last_us, observation->number, tag};
    return take(window, &candidate, &budget, arena);
}

struct stix_window_answer stix_window_put(
        struct stix_window *window, const struct stix_candidate *candidate, const uint64_t *words, struct arena *arena)
{
    struct stix_budget budget = stix_budget_of(window->limits.steps);
    window->counts.seen++;
    window->counts.candidates++;
    memcpy(window->at_hand, words, window->width * sizeof *words);
    return take(window, candidate, &budget, arena);
}

struct stix_window_counts stix_window_counts(const struct stix_window *window)
{
    return window->counts;
}

size_t stix_window_held(const struct stix_window *window)
{
    return window->count;
}
