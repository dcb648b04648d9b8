/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is still to be decided: notes in the order of the journal, done in batches, and how far an agreement's
 * generation was decided. A note outlives the program; whoever does a batch moves it on in the same work.
 */
#include "base/clock.h"
#include "store/work.h"

enum due_what {
    DUE_IMPORT, /* subject: number of the import that is done */
    DUE_UNDONE, /* of one that was undone */
    DUE_ID,     /* an id of which something is held now, or not any more */
    DUE_RULE,   /* what is withheld from a partner by the rule `subject` */
    DUE_WAITS,  /* what waits until a partner knows this id, now that it does */
    DUE_ENDED,  /* what an agreement gave that has ended: subject is its number */
    DUE_WHATS,
};

struct due {
    int64_t number;
    enum due_what what;
    int64_t partner; /* 0: all */
    slice subject;
    int64_t at; /* objects up to this number were decided */
    int64_t made_us;
};

/* Nothing if just this is noted and not begun. */
MUST_USE struct err store_due_add(struct work *work, enum due_what what, int64_t partner, slice subject);
MUST_USE struct err store_due_move(struct work *work, int64_t number, int64_t at);
MUST_USE struct err store_due_done(struct work *work, int64_t number);
/* Those whose turn it is, up to `count` of each kind: the oldest of what no source makes more of, and the oldest import
 * of each source, so that who sends much waits behind itself alone. */
MUST_USE struct err store_due_turns(
        struct db *db, size_t count, struct arena *arena, struct due **rows, size_t *row_count);

/* ---- Generations ---- */

#define PROGRESS_ALL INT64_MAX /* of decided_us: every row was decided */

struct release_progress {
    int64_t agreement, generation;
    int64_t decided_us;           /* rows up to this moment were decided, and are served */
    int64_t object, until_object; /* objects up to `object` were looked at; behind `until_object` comes news */
    int64_t begun_us, done_us;    /* done_us: TIME_NONE: under way */
};
/* ERR_MISSING: never begun. */
MUST_USE struct err store_progress_get(
        struct db *db, int64_t agreement, struct arena *arena, struct release_progress *progress);
MUST_USE struct err store_progress_put(struct work *work, const struct release_progress *progress);
/* Everything is decided anew, under whatever generation. */
MUST_USE struct err store_progress_void(struct work *work);

/* ---- To whom something can go ---- */

/* An agreement that is not over, and its partner. */
struct side {
    int64_t partner, organisation, source; /* source: of what it says */
    slice node, name;
    bool is_node; /* has keys and a ledger */
    bool active;  /* and nothing pauses it */
    int64_t agreement, generation, log, from_us, until_us;
    slice id;     /* of the agreement */
    slice state;  /* "in-force" */
    slice terms;  /* JSON */
    slice groups; /* UUIDs of sharing groups of which both are members, one a line */
};
/* All, in the order of partners; `own`: id of our own identity. */
MUST_USE struct err store_side_list(
        struct db *db, slice own, struct arena *arena, struct side **rows, size_t *row_count);
/* The log of an agreement, and whether its partner has a node. ERR_MISSING. */
MUST_USE struct err store_side_log(struct db *db, int64_t agreement, int64_t *log, bool *is_node);
/* Numbers of all agreements with a partner, those that have ended, too, in order. */
MUST_USE struct err store_side_agreements(struct db *db, int64_t partner, size_t count, struct arena *arena,
        int64_t **agreements, size_t *agreement_count);
