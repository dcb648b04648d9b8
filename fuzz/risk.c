/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a rule of risks: it is read, or refused with a mistake that has a place; what was read has a level for
 * every likelihood and impact, and more incidents never make anything less likely.
 */
#include "plan/risk.h"

#include "base/arena.h"
#include "need.h"

static void reckoned(const struct plan_risks *rules)
{
    int64_t before = 1;
    fuzz_need(plan_risk_days(rules) > 0);
    for (int64_t many = 0; many < 20; many++) {
        const int64_t counts[PLAN_RISK_STEPS] = {many, many, many, many, many};
        int64_t likelihood = plan_risk_likelihood(rules, counts);
        fuzz_need(likelihood >= before && likelihood <= PLAN_RISK_STEPS);
        before = likelihood;
    }
    for (int64_t i = 1; i <= PLAN_RISK_STEPS; i++)
        for (int64_t j = 1; j <= PLAN_RISK_STEPS; j++)
            fuzz_need(plan_risk_level(rules, i, j)->score <= (uint64_t)(i * j));
    const struct plan_risk_facts facts = {.severity = S("high"), .criticality = 50};
    int64_t impact = plan_risk_impact(rules, &facts);
    fuzz_need(impact >= 1 && impact <= PLAN_RISK_STEPS);
    for (size_t i = 0; i < rules->threat_count; i++)
        fuzz_need(plan_risk_threat_find(rules, rules->threats[i].name) == &rules->threats[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct plan_risks rules;
    size_t mistakes = 0;
    if (arena == NULL)
        arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    arena_reset(arena);
    const slice text = {size == 0 ? "" : (const char *)data, size};
    struct err err = plan_risks_read("a file", text, fuzz_mistake, &mistakes, arena, &rules);
    fuzz_need(err.kind == ERR_NONE ? mistakes == 0 : err.why != NULL);
    if (err.kind == ERR_NONE)
        reckoned(&rules);
    return 0;
}
