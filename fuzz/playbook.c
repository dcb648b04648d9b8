/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a playbook: reading ends; every finding has a place in the text and a sentence; and of one that is taken
 * each step waits only for steps before it, and can be read by a person.
 */
#include "plan/playbook.h"

#include "base/arena.h"
#include "need.h"

static volatile size_t touched;

static void found(void *context, const struct plan_finding *finding)
{
    slice text = *(const slice *)context;
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    fuzz_need(finding->line > 0 && finding->line <= lines && finding->column > 0 && finding->column <= text.len + 1);
    touched += strlen(finding->why);
}

static void step_look(const struct plan_playbook *playbook, size_t at, struct arena *arena)
{
    const struct plan_step *step = &playbook->steps[at];
    fuzz_need(step->before_count <= PLAN_BEFORES_MAX && (step->work || step->before_count == 0));
    for (size_t i = 0; i < step->before_count; i++)
        fuzz_need(step->befores[i] < at && playbook->steps[step->befores[i]].work);
    touched += plan_step_text(playbook, step, arena).len;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    slice text = {(const char *)bytes, count};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    struct plan_playbook playbook;
    if (plan_playbook_read("playbook.json", text, found, &text, arena, &playbook).kind == ERR_NONE) {
        fuzz_need(playbook.step_count <= PLAN_STEPS_MAX);
        for (size_t i = 0; i < playbook.step_count; i++)
            step_look(&playbook, i, arena);
    }
    arena_close(arena);
    return 0;
}
