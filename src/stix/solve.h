/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Which different observations together meet a pattern (STIX 2.1 sections 9.5, 9.5.1 and 9.5.2), once it is known which
 * observation meets which [ ]. Shared by stix/evaluate.h and stix/window.h.
 *
 * An observation has an interval, from first to last observed; every rule about time is met if some moment in the
 * interval can meet it. WITHIN counts from the earliest moment to the latest and takes its end in.
 */
#include "stix/budget.h"
#include "stix/pattern.h"

struct arena;

#define STIX_SOLVE_PARTS_MAX 4096        /* [ ] after REPEATS is written out, where it has to be */
#define STIX_SOLVE_CELLS_MAX (16u << 20) /* parts times observations: 64 MiB */

/* An observation that meets at least one [ ]. */
struct stix_candidate {
    int64_t first_us, last_us;
    uint64_t number; /* so many of the same, each a different one */
    uint64_t tag;    /* the caller's */
};

struct stix_candidates {
    const struct stix_candidate *rows; /* by first_us, ascending */
    size_t count;
    /* Which [ ] are met: bit B of row I is bit B % 64 of words[I * width + B / 64]. */
    const uint64_t *words;
    size_t width;
};

/* What was found: indices of candidates, ascending, and how often each counts. */
struct stix_solution {
    bool found;
    const size_t *used;
    const uint64_t *times;
    size_t count;
};

static inline size_t stix_solve_width(const struct stix_pattern *pattern)
{
    return (pattern->observation_count + 63) / 64;
}

/* ERR_LIMIT when the budget is spent, or the parts or cells are too many. Memory is taken from the arena. */
MUST_USE struct err stix_solve(const struct stix_pattern *pattern, const struct stix_candidates *candidates,
        struct stix_budget *budget, struct arena *arena, struct stix_solution *solution);
/*
 * How far apart at most the observations of one match can be, in microseconds: what WITHIN says of the whole pattern;
 * INT64_MAX: any.
 */
int64_t stix_solve_span(const struct stix_node *node);
