/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/evaluate.h"

#include "base/arena.h"

static const char spent[] = "the pattern takes more steps of work than it is given";

struct looking {
    const struct stix_observation *observation;
    size_t object;
    uint64_t type; /* the bit of the object's type in the [ ] at hand */
    struct stix_scratch *scratch;
};

/* One object has to meet all of it (9.5). As deep as parentheses are. */
static bool meets(const struct looking *at, const struct stix_node *node)
{
    if ((node->types & at->type) == 0 || at->scratch->budget->empty)
        return false;
    if (node->kind == STIX_NODE_TEST)
        return stix_compare(node->test, at->observation, at->object, at->scratch);
    bool all = node->kind == STIX_NODE_AND;
    for (const struct stix_node *child = node->first; child != NULL; child = child->next)
        if (meets(at, child) != all)
            return !all;
    return all;
}

static uint64_t type_bit(const struct stix_node *node, slice type)
{
    for (size_t i = 0; i < node->type_count; i++)
        if (slice_eq(node->type_names[i], type))
            return UINT64_C(1) << i;
    return 0;
}

static bool meets_observation(
        const struct stix_node *node, const struct stix_observation *observation, struct stix_scratch *scratch)
{
    for (size_t i = 0; i < observation->object_count; i++) {
        struct looking at = {observation, i, type_bit(node, observation->source->type(observation, i)), scratch};
        if (!stix_spend(scratch->budget, 1))
            return false;
        if (at.type != 0 && meets(&at, node->first))
            return true;
    }
    return false;
}

static bool mark(const struct stix_node *node, const struct stix_observation *observation, struct stix_scratch *scratch,
        uint64_t *words)
{
    bool any = false;
    if (node->kind == STIX_NODE_OBSERVATION) {
        any = meets_observation(node, observation, scratch);
        words[node->number / 64] |= (uint64_t)any << (node->number % 64);
        return any;
    }
    for (const struct stix_node *child = node->first; child != NULL; child = child->next)
        any |= mark(child, observation, scratch, words);
    return any;
}

bool stix_evaluate_one(const struct stix_pattern *pattern, const struct stix_observation *observation,
        struct stix_scratch *scratch, struct stix_budget *budget, uint64_t *words)
{
    memset(words, 0, stix_solve_width(pattern) * sizeof *words);
    scratch->budget = budget;
    bool any = mark(pattern->root, observation, scratch, words);
    return any && !budget->empty;
}

/* ---- Many ---- */

struct row {
    struct stix_candidate candidate;
    uint64_t *words;
};

static int order_rows(const void *a, const void *b)
{
    const struct row *one = a, *other = b;
    int order = (one->candidate.first_us > other->candidate.first_us) -
                (one->candidate.first_us < other->candidate.first_us);
    return order != 0 ? order
                      : (one->candidate.tag > other->candidate.tag) - (one->candidate.tag < other->candidate.tag);
}

static size_t look_at_all(const struct stix_pattern *pattern, const struct stix_observation *rows, size_t count,
        struct stix_scratch *scratch, struct stix_budget *budget, struct arena *arena, struct row *kept)
{
    size_t width = stix_solve_width(pattern), found = 0;
    uint64_t *words = arena_new(arena, uint64_t, width);
    for (size_t i = 0; i < count && !budget->empty; i++) {
        if (!stix_evaluate_one(pattern, &rows[i], scratch, budget, words))
            continue;
        kept[found++] = (struct row){{rows[i].first_us, rows[i].last_us, rows[i].number, i}, words};
        words = arena_new(arena, uint64_t, width);
        /* one [ ] alone needs no other observation */
        if (pattern->root->kind == STIX_NODE_OBSERVATION)
            break;
    }
    return found;
}

static struct stix_candidates sorted(struct row *rows, size_t count, size_t width, struct arena *arena)
{
    struct stix_candidate *candidates = arena_new(arena, struct stix_candidate, count);
    uint64_t *words = arena_new(arena, uint64_t, count * width);
    qsort(rows, count, sizeof *rows, order_rows);
    for (size_t i = 0; i < count; i++) {
        candidates[i] = rows[i].candidate;
        memcpy(words + i * width, rows[i].words, width * sizeof *words);
    }
    return (struct stix_candidates){candidates, count, words, width};
}

static int order_indices(const void *a, const void *b)
{
    size_t one = *(const size_t *)a, other = *(const size_t *)b;
    return (one > other) - (one < other);
}

struct err stix_evaluate(const struct stix_pattern *pattern, const struct stix_observation *rows, size_t count,
        struct stix_scratch *scratch, struct stix_budget *budget, struct arena *arena, struct stix_verdict *verdict)
{
    struct row *kept = arena_new(arena, struct row, count);
    size_t found = look_at_all(pattern, rows, count, scratch, budget, arena, kept);
    if (budget->empty)
        return err_make(ERR_LIMIT, spent);
    *verdict = (struct stix_verdict){0};
    struct stix_candidates candidates = sorted(kept, found, stix_solve_width(pattern), arena);
    struct stix_solution solution;
    TRY(stix_solve(pattern, &candidates, budget, arena, &solution));
    size_t *used = arena_new(arena, size_t, solution.count);
    for (size_t i = 0; i < solution.count; i++)
        used[i] = (size_t)candidates.rows[solution.used[i]].tag;
    qsort(used, solution.count, sizeof *used, order_indices);
    *verdict = (struct stix_verdict){solution.found, used, solution.count};
    return OK;
}
