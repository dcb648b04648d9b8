/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Work is counted in steps: about one look at one thing. Who evaluates brings a budget, everything below takes from it,
 * and when it is spent all answers become "no" and the evaluation ends with ERR_LIMIT. Steps depend on the pattern and
 * the data only, never on the machine. A budget belongs to one evaluation.
 */
#include "base/slice.h"

#define STIX_BUDGET_STEPS                                                                                              \
    20000000u /* of one evaluation, unless the caller says otherwise: about a tenth of a second                        \
               */

struct stix_budget {
    uint64_t steps; /* still to be had */
    uint64_t spent;
    bool empty; /* something was refused */
};

static inline struct stix_budget stix_budget_of(uint64_t steps)
{
    return (struct stix_budget){.steps = steps};
}

/* False once the budget is empty. */
static inline bool stix_spend(struct stix_budget *budget, uint64_t steps)
{
    if (steps > budget->steps || budget->empty) {
        budget->spent += budget->steps;
        budget->steps = 0;
        budget->empty = true;
        return false;
    }
    budget->steps -= steps;
    budget->spent += steps;
    return true;
}
