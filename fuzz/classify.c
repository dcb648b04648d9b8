/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a file of classes, or any bytes as what somebody told: a file is read or refused with a mistake that has
 * a place, and what was told is proposed to be something that a rule says, whatever it is. Before a line "---" stands
 * the file, behind it what was told; without such a line all of it is told, and the rules are those of the program.
 */
#include "plan/classify.h"

#include "base/arena.h"
#include "event/rsit.h"
#include "need.h"

static const struct plan_class *rule_of(const struct plan_classes *classes, slice name)
{
    for (size_t i = 0; i < classes->count; i++)
        if (slice_eq(classes->rows[i].name, name))
            return &classes->rows[i];
    return NULL;
}

static void proposed(const struct plan_classes *classes, slice text, struct arena *arena)
{
    const struct plan_told told = {slice_part(text, 0, text.len / 4), slice_from(text, text.len / 4), true, true};
    struct plan_proposal got = plan_classify(classes, &told, arena);
    fuzz_need((got.class.len > 0) == (got.class_rule.len > 0) && (got.severity.len > 0) == (got.severity_rule.len > 0));
    if (got.class.len > 0)
        fuzz_need(rsit_class_find(got.class) != NULL && slice_eq(rule_of(classes, got.class_rule)->class, got.class));
    if (got.severity.len > 0)
        fuzz_need(slice_eq(rule_of(classes, got.severity_rule)->severity, got.severity));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct plan_classes classes;
    size_t mistakes = 0;
    if (arena == NULL)
        arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    arena_reset(arena);
    const slice text = {size == 0 ? "" : (const char *)data, size};
    size_t mark = slice_find_slice(text, S("\n---\n"));
    struct err err = mark == text.len ? plan_classes_shipped(arena, &classes)
                                      : plan_classes_read("a file", slice_part(text, 0, mark + 1), fuzz_mistake,
                                                &mistakes, arena, &classes);
    fuzz_need(err.kind == ERR_NONE ? mistakes == 0 : mark < text.len && err.why != NULL);
    if (err.kind == ERR_NONE)
        proposed(&classes, mark == text.len ? text : slice_from(text, mark + 5), arena);
    return 0;
}
