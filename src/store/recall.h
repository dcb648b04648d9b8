/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Recalls: what we asked partners to stop using and what they said, and what they asked of us. Nothing is removed from
 * anywhere by a row of these.
 */
#include "base/clock.h"
#include "store/released.h"

enum recall_told { RECALL_UNTOLD, RECALL_TOLD, RECALL_CANNOT /* such a partner can neither be told nor acknowledge */ };

struct recall {
    int64_t number, partner, agreement;
    slice id, version; /* as the partner has them */
    slice cause;       /* "revoked", "withdrawn", "agreement-ended", "by-hand" */
    struct sha256 digest;
    int64_t entry;
    enum recall_told told;
    int64_t asked_us;
    slice answer, passed_on; /* "stopped", "deleted", "passed-on"; empty: none yet */
    int64_t answered_us;     /* or TIME_NONE */
};

/* Of these rows; each of a partner, id, version and cause once. */
MUST_USE struct err store_recall_add(
        struct work *work, const struct released *rows, size_t count, slice cause, int64_t entry, bool is_node);
MUST_USE struct err store_recall_is_new(struct db *db, const struct released *row, slice cause, bool *is_new);
/* Behind that number: of a partner (0: all), all or those that were not answered. */
MUST_USE struct err store_recall_list(struct db *db, int64_t partner, bool missing, int64_t after, size_t count,
        struct arena *arena, struct recall **rows, size_t *row_count);
/* The leaves of an entry of a log of that agreement, in their order. */
MUST_USE struct err store_recall_of_entry(
        struct db *db, int64_t agreement, int64_t entry, struct arena *arena, struct recall **rows, size_t *row_count);
/* Those of entries from `from` on, under no head yet, whose log was cut there: whoever calls notes them anew. */
MUST_USE struct err store_recall_cut(struct work *work, int64_t agreement, int64_t from);
/* Those of which the partner is to be told, by partner. */
MUST_USE struct err store_recall_untold(
        struct db *db, size_t count, struct arena *arena, struct recall **rows, size_t *row_count);
MUST_USE struct err store_recall_tell(struct work *work, const struct recall *rows, size_t count);
/* What the partner says of an id, whichever of its versions; *changed: there was such a recall. */
MUST_USE struct err store_recall_answer(
        struct work *work, int64_t partner, slice id, slice answer, slice passed_on, bool *changed);

/* ---- What partners ask of us ---- */

#define RECALLS_HEARD_MAX 1000 /* of one partner that wait for a person */

struct recall_heard {
    int64_t number, partner;
    slice statement_id, ids, cause; /* ids: one a line */
    slice state;                    /* waits, done, refused */
    slice answer;
    int64_t heard_us;
};
/* How many objects it recalled since then without waiting for a person. */
MUST_USE struct err store_recall_heard_since(struct db *db, int64_t partner, int64_t since_us, int64_t *objects);
MUST_USE struct err store_recall_hear(struct work *work, const struct recall_heard *put, int64_t *number);
MUST_USE struct err store_recall_heard_get(
        struct db *db, int64_t number, struct arena *arena, struct recall_heard *row);
/* Those that wait for a person, or (untold) whose answer is not on its way yet. */
MUST_USE struct err store_recall_heard_list(struct db *db, bool untold, int64_t after, size_t count,
        struct arena *arena, struct recall_heard **rows, size_t *row_count);
/* ERR_CONFLICT if it does not wait any more. */
MUST_USE struct err store_recall_heard_settle(struct work *work, int64_t number, slice state, slice answer);
MUST_USE struct err store_recall_heard_told(struct work *work, int64_t number);

/* Whether any letter of a recall or about consent is to be written. */
MUST_USE struct err store_letters_wait(struct db *db, bool *waiting);
