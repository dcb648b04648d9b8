/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Which runs of the memory count, and what a look into it said of an indicator. The runs themselves are files
 * (memory/run.h); one that no row names is left over. Their rows change in one work with what they hold: the position
 * of the input that was read, or the rows of the runs that they were merged from.
 */
#include "store/work.h"

#define MEMORY_RUNS_MAX 200000 /* that a node has at all */

struct memory_row {
    slice file;
    int64_t day;   /* since 1970, UTC; of a month the first that it has entries of */
    int64_t level; /* 0: of one batch; higher: merged */
    int64_t entries, bytes;
    slice digest;
    int64_t made_us; /* by store_memory_add */
};

MUST_USE struct err store_memory_add(struct work *work, const struct memory_row *rows, size_t count);
/* ERR_CONFLICT if it does not count (any more): somebody else merged it. */
MUST_USE struct err store_memory_drop(struct work *work, slice file);
/* All of them, by day, level and name. */
MUST_USE struct err store_memory_list(struct db *db, struct arena *arena, struct memory_row **rows, size_t *row_count);

/* How many of those we serve an indicator would have met, when it was last looked for in the memory. */
struct memory_reach {
    slice indicator;
    int64_t organisations, sightings;
    int64_t first_us, last_us;
    int64_t looked_us; /* by store_memory_reach_put */
    bool listed;       /* a warning list held a value of it then */
};

/* Instead of what was said of it before. */
MUST_USE struct err store_memory_reach_put(struct work *work, const struct memory_reach *rows, size_t count);
/* ERR_MISSING: nobody met it, or nobody looked. */
MUST_USE struct err store_memory_reach_get(
        struct db *db, slice indicator, struct arena *arena, struct memory_reach *reach);
