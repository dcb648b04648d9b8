/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is on its way to partners: statements of ours that wait for their reader, and how far each was sent what was
 * released to it. Whoever sends takes turns: a partner for whom there is something to do is given to one at a time, the
 * one that has waited longest first, and one that failed not before its time. What there is to do is read from the
 * tables, so that nothing has to be woken that a crash could forget.
 */
#include "store/work.h"

struct delivery {
    int64_t partner;
    int64_t agreement; /* under which the next two are counted */
    int64_t sent_us;   /* the moment of the last release row that it took */
    int64_t told;      /* the size of its log of which it was told */
    int64_t log_us;    /* when its own log is looked at next */
    int64_t next_us;   /* nothing is tried before */
    int64_t tried_us;  /* 0: never */
    int64_t failures;  /* since it last went well */
    slice why;
    int64_t sent, refused;
};

/* ---- Turns ---- */

/* For who serves, at its start: what one that is gone was at is free again. */
MUST_USE struct err store_delivery_free(struct work *work);
/* Whether anybody is due: reads only, for who asks often. */
MUST_USE struct err store_delivery_due(struct db *db, int64_t now_us, bool *due);
/* Nobody else is given this partner before until_us, or its turn is over. *found == false: there is nothing to do. */
MUST_USE struct err store_delivery_claim(struct work *work, int64_t until_us, struct delivery *delivery, bool *found);
/* Ends a turn. why: empty if it went well. */
MUST_USE struct err store_delivery_end(struct work *work, int64_t partner, slice why, int64_t next_us);
/* ERR_MISSING before its first turn. */
MUST_USE struct err store_delivery_get(struct db *db, int64_t partner, struct arena *arena, struct delivery *delivery);

/* What is sent and told is counted anew under another agreement. */
MUST_USE struct err store_delivery_begin(struct work *work, int64_t partner, int64_t agreement);
/* It took the release rows up to this moment. */
MUST_USE struct err store_delivery_sent(
        struct work *work, int64_t partner, int64_t sent_us, uint64_t sent, uint64_t refused);
/* It is told of its log up to this size. */
MUST_USE struct err store_delivery_told(struct work *work, int64_t partner, int64_t size);
/* Its own log is looked at again at that time, or earlier if that was said before. */
MUST_USE struct err store_delivery_look(struct work *work, int64_t partner, int64_t at_us);
/* The partner whose inbox a collection is; 0: it is nobody's. */
MUST_USE struct err store_delivery_inbox(struct db *db, int64_t collection, int64_t *partner);
/* It was looked at: not again before that time. */
MUST_USE struct err store_delivery_looked(struct work *work, int64_t partner, int64_t next_us);
/* It is there, as we heard from it: what waits for it need not wait any longer. */
MUST_USE struct err store_delivery_hurry(struct work *work, int64_t partner);

/* The head of the log of the latest agreement with a partner, as far as it was signed; ERR_MISSING: there is none. */
struct delivery_head {
    slice origin, folder, checkpoint;
    int64_t agreement, log, size;
    int64_t told_from; /* behind the last entry that is no receipt: of growth by receipts alone nobody is told */
};
MUST_USE struct err store_delivery_head(
        struct db *db, int64_t partner, struct arena *arena, struct delivery_head *head);

/* The log of that origin, if it is of an agreement with this partner; ERR_MISSING. */
MUST_USE struct err store_delivery_log(struct db *db, int64_t partner, slice origin, int64_t *log);

/* ---- Statements ---- */

struct outgoing_statement {
    int64_t number, partner;
    slice type, statement;
    int64_t made_us;
    int64_t sent_us; /* or TIME_NONE */
    slice refused;
};

MUST_USE struct err store_statement_put(
        struct work *work, int64_t partner, slice type, slice statement, int64_t *number);
/* The first that waits; they go in their order. ERR_MISSING. */
MUST_USE struct err store_statement_next(
        struct db *db, int64_t partner, struct arena *arena, struct outgoing_statement *statement);
/* refused: empty if it was taken. */
MUST_USE struct err store_statement_done(struct work *work, int64_t number, slice refused);
MUST_USE struct err store_statement_list(struct db *db, int64_t partner, int64_t after, size_t count,
        struct arena *arena, struct outgoing_statement **rows, size_t *row_count);
