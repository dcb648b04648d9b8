/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What must hold whatever the bytes are: a target that needs what is not so has found a fault.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static inline void fuzz_need(bool always)
{
    if (!always)
        abort();
}

/* A plan_mistake: it has a place and a reason. Counted in the size_t behind context. */
static inline void fuzz_mistake(void *context, const char *name, size_t line, size_t column, const char *why)
{
    (void)name;
    fuzz_need(line > 0 && column > 0 && why != NULL && why[0] != '\0');
    ++*(size_t *)context;
}
