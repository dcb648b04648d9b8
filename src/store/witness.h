/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Heads of logs as they were seen: those of partners' logs that we saw or cosigned, and those of ours that partners say
 * they saw. And what came of comparing them: proofs that a log is not one.
 */
#include "base/hash.h"
#include "store/work.h"

struct witnessed {
    slice origin;
    int64_t seen_by; /* partner that says so; 0: we saw it ourselves */
    int64_t partner; /* whose log it is; 0: ours */
    int64_t size;
    struct sha256 root;
    slice checkpoint; /* the signed note */
    bool cosigned;    /* by us */
    int64_t seen_us;
};

/* ERR_MISSING. */
MUST_USE struct err store_witnessed_get(
        struct db *db, slice origin, int64_t seen_by, struct arena *arena, struct witnessed *witnessed);
/*
 * In one statement: only if what is there is of the size `before` (-1: there is nothing), so that what was decided on
 * that is still true; ERR_CONFLICT otherwise.
 */
MUST_USE struct err store_witnessed_put(struct work *work, const struct witnessed *witnessed, int64_t before);
/* Of a partner's logs (0: of ours), in the order of origin and seen_by. */
MUST_USE struct err store_witnessed_list(
        struct db *db, int64_t partner, struct arena *arena, struct witnessed **rows, size_t *row_count);

/* What partners have of ours, seen at that moment or later; behind `after` (NULL: from the first), in the same order.
 */
MUST_USE struct err store_witnessed_since(struct db *db, int64_t since_us, const struct witnessed *after, size_t count,
        struct arena *arena, struct witnessed **rows, size_t *row_count);

/* ---- Split views ---- */

struct split_view {
    int64_t number, partner; /* 0: our own log */
    slice origin, proof;
    int64_t found_us, cleared_us; /* cleared_us TIME_NONE: nobody decided yet */
    slice cleared_by;
};

/* Kept for good. *fresh: this contradiction was not kept yet. */
MUST_USE struct err store_split_put(
        struct work *work, int64_t partner, slice origin, slice proof, int64_t *number, bool *fresh);
/* Newest first, below `before`. */
MUST_USE struct err store_split_list(
        struct db *db, int64_t before, size_t count, struct arena *arena, struct split_view **rows, size_t *row_count);
/* Those of a partner that nobody has decided on; a person did. */
MUST_USE struct err store_split_clear(struct work *work, int64_t partner, slice by);
