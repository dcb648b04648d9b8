/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a file of rates: it is read, or refused with a mistake that has a place; by what was read amounts are
 * told in another currency, never below nought, the larger never as less than the smaller.
 */
#include "plan/rates.h"

#include "base/arena.h"
#include "need.h"

static void amounts_told(const struct plan_rate *rate)
{
    static const int64_t amounts[] = {0, 1, 99, 100, INT64_C(1000000000000000000), INT64_MAX};
    int64_t before = 0, told;
    for (size_t i = 0; i < COUNT_OF(amounts) && plan_rate_apply(rate, amounts[i], &told); i++) {
        fuzz_need(told >= before);
        before = told;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    const struct plan_rate *found;
    struct plan_rates rates;
    size_t mistakes = 0;
    if (arena == NULL)
        arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    arena_reset(arena);
    const slice text = {size == 0 ? "" : (const char *)data, size};
    struct err err = plan_rates_read("a file", text, fuzz_mistake, &mistakes, arena, &rates);
    fuzz_need(err.kind == ERR_NONE ? mistakes == 0 : err.why != NULL);
    if (err.kind != ERR_NONE)
        return 0;
    for (size_t i = 0; i < rates.count; i++) {
        rates.currency = rates.rows[i].in;
        amounts_told(&rates.rows[i]);
        fuzz_need(plan_rates_find(&rates, rates.rows[i].currency, rates.rows[i].day_us, &found) && found != NULL);
        fuzz_need(plan_rate_text(&rates, found, arena).len > 0);
    }
    return 0;
}
