/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a block is matched against: intelligence as it was at one moment, in parts. The first is the base; a later part
 * has what changed since, and what it says of an object (a new version, or that it was revoked) replaces what earlier
 * parts say. The index of a file is a generation of one part. Read-only once settled, shared by the workers; whoever
 * made it owns it and its parts. Private to sift.
 */
#include "base/hash.h"
#include "sift/watch.h"

#define GENERATION_PARTS 4 /* the base, and the overlay's three (sift/live.c) */

/* The objects that a part speaks of, by source and id. */
struct changed;
struct changed *changed_open(struct hash_key key, size_t count_max);
void changed_close(struct changed *changed); /* NULL is allowed */
/* Copies both. At most count_max different ones. */
void changed_add(struct changed *changed, slice source, slice id);
bool changed_holds(const struct changed *changed, slice source, slice id);

struct generation_part {
    const struct watch_set *watch; /* NULL: it has no patterns, or nobody looks for them */
    const struct changed *changed; /* NULL: no part comes before it */
    uint64_t *off;                 /* a bit for each pattern that is replaced, or the same as an earlier one */
};

struct generation {
    uint64_t number; /* rises; a file's is 1 */
    size_t count;
    const struct match_index *indexes[GENERATION_PARTS];
    struct generation_part parts[GENERATION_PARTS];
};

/* When all parts are in: which patterns are off. */
void generation_settle(struct generation *generation);
void generation_unsettle(struct generation *generation);

/* Whether a later part says something else of this object; one without an id is nobody's and stays. */
bool generation_replaces(const struct generation *generation, size_t part, const struct match_entry *entry);
static inline bool generation_is_off(const struct generation_part *part, uint32_t pattern)
{
    return (part->off[pattern / 64] >> pattern % 64 & 1) != 0;
}
