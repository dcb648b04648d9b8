/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a rule of risks: it is read, or refused with a mistake that has a place; what was read has a level for
 * every likelihood and impact, and more incidents never make anything less likely.
 */
#include "plan/risk.h"

#include <stdlib.h>

#include "base/arena.h"

static void need(bool true_always)
{
    if (!true_always)
        abort();
}

static void said(void *context, const char *name, size_t line, size_t column, const char *why)
{
    (void)name;
    need(line > 0 && column > 0 && why != NULL && why[0] != '\0');
    ++*(size_t *)context;
}

static void reckoned(const struct plan_risks *rules)
{
    int64_t before = 1;
    need(plan_risk_days(rules) > 0);
    for (int64_t many = 0; many < 20; many++) {
        const int64_t counts[PLAN_RISK_STEPS] = {many, many, many, many, many};
        int64_t likelihood = plan_risk_likelihood(rules, counts);
        need(likelihood >= before && likelihood <= PLAN_RISK_STEPS);
        before = likelihood;
    }
    for (int64_t i = 1; i <= PLAN_RISK_STEPS; i++)
        for (int64_t j = 1; j <= PLAN_RISK_STEPS; j++)
            need(plan_risk_level(rules, i, j)->score <= (uint64_t)(i * j));
    const struct plan_risk_facts facts = {.severity = S("high"), .criticality = 50};
    int64_t impact = plan_risk_impact(rules, &facts);
    need(impact >= 1 && impact <= PLAN_RISK_STEPS);
    for (size_t i = 0; i < rules->threat_count; i++)
        need(plan_risk_threat_find(rules, rules->threats[i].name) == &rules->threats[i]);
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
    struct err err = plan_risks_read("a file", text, said, &mistakes, arena, &rules);
    need(err.kind == ERR_NONE ? mistakes == 0 : err.why != NULL);
    if (err.kind == ERR_NONE)
        reckoned(&rules);
    return 0;
}
