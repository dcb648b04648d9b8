/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Followers: what must come after every change reads the journal from a place of its own that outlives the program.
 * What a follower does for a row and its step past that row commit together, so each row is done once, whatever dies.
 * It does not see rows that it wrote itself. A row that fails FOLLOWER_TRIES times is parked with the reason and the
 * rest goes on; a person may have it done again, which the follower then does before all else, or dismiss it.
 *
 * A follower belongs to one thread with a db of its own; several processes may run one of the same name, and each row
 * is done by one of them.
 */
#include "store/journal.h"
#include "store/work.h"

#include <stdatomic.h>

#define FOLLOWER_TRIES 3
#define FOLLOWER_STOP_MS 200 /* how soon one that sleeps sees that it is to end */

struct follower {
    const char *name; /* "index" */
    void *context;
    /* What is to be done for one row, inside its transaction. It may run again for the same row. */
    struct err (*row)(void *context, struct work *work, const struct journal_row *row);
    const char *const *acts; /* ends with NULL; rows of other acts are passed over. NULL: all */
};

/* Does what there is, at most `most` rows; *did counts them, parked ones too. */
MUST_USE struct err store_follower_once(
        struct db *db, const struct follower *follower, size_t most, struct arena *arena, uint64_t *did);
/* The next row that it would do, for who prepares for it outside of the transaction; another may do it first. */
MUST_USE struct err store_follower_next(
        struct db *db, const struct follower *follower, struct arena *arena, struct journal_row *row, bool *found);
/*
 * Until *stop: does what there is and sleeps until there is more. An error of the database goes to `failed` (with the
 * follower's context; NULL: nowhere), and it tries again after a moment.
 */
void store_follower_run(struct db *db, const struct follower *follower, const atomic_bool *stop,
        void (*failed)(void *context, struct err err));

struct follower_state {
    slice name;
    int64_t seq;      /* the last row it is past */
    int64_t behind;   /* rows of the journal that it is not past */
    int64_t parked;   /* rows that it could not do */
    int64_t moved_us; /* when it last took a step */
};
MUST_USE struct err store_follower_list(
        struct db *db, struct arena *arena, struct follower_state **rows, size_t *row_count);

struct parked {
    slice follower;
    int64_t seq, parked_us;
    slice act, subject, why;
    bool again; /* it is to be done again */
};
/* Up to `count` behind (follower, seq); begin with an empty name. */
MUST_USE struct err store_parked_list(struct db *db, slice after_follower, int64_t after_seq, size_t count,
        struct arena *arena, struct parked **rows, size_t *row_count);
/* Has its follower do a parked row again; if it fails it stays parked, with the new reason. The journal says who wanted
 * it, which wakes the follower. ERR_MISSING. */
MUST_USE struct err store_parked_retry(struct work *work, slice follower, int64_t seq);
/* Forgets a parked row; the journal says who did, and why. ERR_MISSING. */
MUST_USE struct err store_parked_dismiss(struct work *work, slice follower, int64_t seq, slice reason);
