/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Logs of partners about what they released to us, as far as we hold their entries and checked them: what a partner has
 * shown us once, it cannot show us otherwise. And the entries of which we have not said yet that we hold all they name.
 */
#include "ledger/merkle.h"
#include "store/work.h"

struct partner_log {
    int64_t partner;
    slice origin, folder;        /* folder: below /ledger/ of its node */
    struct ledger_frontier edge; /* its size, and what its next entry is added to */
    struct sha256 root;
    slice checkpoint; /* the signed note of that size */
    int64_t checked_us;
    int64_t again; /* the entry from which on they are read once more */
    slice wrong;   /* the first thing that is not as it should be; empty: nothing */
};

/* ERR_MISSING. */
MUST_USE struct err store_partner_log_get(
        struct db *db, int64_t partner, slice origin, struct arena *arena, struct partner_log *log);
MUST_USE struct err store_partner_log_list(
        struct db *db, int64_t partner, struct arena *arena, struct partner_log **rows, size_t *row_count);
/* A log that we have nothing of yet; nothing happens if we know it. */
MUST_USE struct err store_partner_log_add(struct work *work, int64_t partner, slice origin, slice folder);
/* From the size `before` to that of the log; ERR_CONFLICT if it is another size meanwhile. */
MUST_USE struct err store_partner_log_move(struct work *work, const struct partner_log *log, uint64_t before);
/* Empty: it was looked into by a person. */
MUST_USE struct err store_partner_log_wrong(struct work *work, int64_t partner, slice origin, slice why);

MUST_USE struct err store_partner_log_again(struct work *work, int64_t partner, slice origin, int64_t again);

struct partner_entry {
    int64_t seq;
    slice entry, opening;
    int64_t receipt_us; /* or TIME_NONE */
};
MUST_USE struct err store_partner_entry_put(
        struct work *work, int64_t partner, slice origin, const struct partner_entry *rows, size_t count);
/* From `from` on, in order. */
MUST_USE struct err store_partner_entry_list(struct db *db, int64_t partner, slice origin, int64_t from, size_t count,
        struct arena *arena, struct partner_entry **rows, size_t *row_count);
/* What it opens to, as it was sent. */
MUST_USE struct err store_partner_entry_opened(
        struct work *work, int64_t partner, slice origin, int64_t seq, slice opening);
/* Those without a receipt, in order. */
MUST_USE struct err store_partner_entry_missing(struct db *db, int64_t partner, slice origin, int64_t from,
        size_t count, struct arena *arena, struct partner_entry **rows, size_t *row_count);
MUST_USE struct err store_partner_entry_receipt(struct work *work, int64_t partner, slice origin, int64_t seq);

/* The bytes of that digest that we hold under that id, from that source; ERR_MISSING. */
MUST_USE struct err store_partner_held(
        struct db *db, int64_t source, slice id, const struct sha256 *digest, struct arena *arena, slice *bytes);
/* Whether we hold these bytes under that id, from that source. */
MUST_USE struct err store_partner_holds(
        struct db *db, int64_t source, slice id, const struct sha256 *digest, bool *holds);
