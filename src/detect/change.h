/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * An object of the store as what events are matched against: its indicators and patterns, and what we hold of it. An
 * object that is revoked, withdrawn or a false positive is nothing to look for; one held to be expired ends there. Used
 * by one thread; private to detect.
 */
#include "detect/audience.h"
#include "match/build.h"
#include "sift/live.h"
#include "store/object.h"

/* Where they go: a live index, or the builder of a new base. */
struct change_target {
    struct live *live;
    struct match_builder *builder; /* if that is NULL */
    struct arena *scratch;         /* emptied and used */
    struct audience *audience;     /* what it may not have is nothing to look for; NULL: it may have all */
    size_t texts;                  /* that patterns added to the builder have searched for */
    uint64_t unused;               /* objects of which nothing, or not all, can be looked for */
};

/* Whether it is something to look for at all: not revoked, nor held to be withdrawn or a false positive. */
bool change_counts(const struct object *object);
/* What the object says now, instead of all that it said. ERR_LIMIT if there is no room for it. */
MUST_USE struct err change_put(struct change_target *target, const struct object *object);
/* Nothing is seen of it any more. Of a builder: nothing to do. */
MUST_USE struct err change_drop(struct change_target *target, int64_t source, slice id);
