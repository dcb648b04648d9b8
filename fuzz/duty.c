/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a file of clocks of law: it is read, or refused with a mistake that has a place; what was read is kept
 * as a rule each that reads again as the same, and a clock that begins ends later.
 */
#include "plan/duty.h"

#include "base/arena.h"
#include "base/clock.h"
#include "need.h"

#define BEGINS INT64_C(1795188000000000) /* a moment of 2026 */

static void kept_again(const struct plan_duty *duty, struct arena *arena)
{
    struct plan_duty kept;
    struct err err = plan_duty_kept(duty->text, arena, &kept);
    fuzz_need(err.kind == ERR_NONE && slice_eq(kept.name, duty->name) && slice_eq(kept.recipient, duty->recipient));
    fuzz_need(
            kept.minutes == duty->minutes && kept.months == duty->months && kept.content_count == duty->content_count);
    int64_t due_us = plan_duty_due(duty, BEGINS);
    fuzz_need(due_us == TIME_NONE || due_us > BEGINS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct plan_duties duties;
    size_t mistakes = 0;
    if (arena == NULL)
        arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    arena_reset(arena);
    const slice text = {size == 0 ? "" : (const char *)data, size};
    struct err err = plan_duty_read("a file", text, fuzz_mistake, &mistakes, arena, &duties);
    fuzz_need(err.kind == ERR_NONE ? mistakes == 0 : err.why != NULL);
    if (err.kind != ERR_NONE)
        return 0;
    for (size_t i = 0; i < duties.count; i++)
        kept_again(&duties.rows[i], arena);
    return 0;
}
