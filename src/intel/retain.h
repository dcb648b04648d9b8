/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Removing what is past its time, to the end: step after step, each with its row of the journal, so that others get
 * their turn and a program that dies has only done less. What failed imports left goes with it.
 */
#include "store/retain.h"

struct actor;

/* Any may be NULL. */
struct intel_retain_watch {
    void *context;
    void (*progress)(void *context, const struct retained *retained); /* after each step: so far */
    bool (*stop)(void *context);                                      /* true ends it; what is gone is gone */
};

/*
 * *retained: what went, all steps together, also where an error ended it; `more`: it was stopped before its end.
 * ERR_DENIED by right.
 */
MUST_USE struct err intel_retain(struct db *db, const struct actor *actor, const struct retain_limits *limits,
        const struct intel_retain_watch *watch, struct arena *arena, struct retained *retained);
