/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Whether a pattern is true of observed data (STIX 2.1 sections 9.4 to 9.7). Each thread uses its own scratch.
 */
#include "stix/compare.h"
#include "stix/solve.h"

/*
 * Which [ ] of the pattern this observation meets: bits in `words`, stix_solve_width() of them. False if none, or the
 * budget is spent.
 */
bool stix_evaluate_one(const struct stix_pattern *pattern, const struct stix_observation *observation,
        struct stix_scratch *scratch, struct stix_budget *budget, uint64_t *words);

struct stix_verdict {
    bool match;
    const size_t *used; /* rows that together match, ascending */
    size_t used_count;
};

/* ERR_LIMIT when the budget is spent: no verdict. `used` is in the arena. */
MUST_USE struct err stix_evaluate(const struct stix_pattern *pattern, const struct stix_observation *rows, size_t count,
        struct stix_scratch *scratch, struct stix_budget *budget, struct arena *arena, struct stix_verdict *verdict);
