/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a restore lost and a partner kept. A database that was put back knows less of a partner log than was signed; the
 * partner has the entries and what they open to, under a head that our own key signed. If these entries go on from
 * those that are still here and lead to that head, they are ours: they come back as they are, with what was released
 * and recalled by them, and the log goes on under its name.
 *
 * What was entered here meanwhile, and no head covers, is entered anew behind that; what was released, decided anew.
 *
 * Nothing is believed that the head does not prove. What does not lead to it, or is not opened in full, is left: then
 * the log goes on under a new origin (book.h), as the node log and the private log do, whose content nobody else has.
 */
#include "ledger/checkpoint.h"
#include "store/ledger.h"
#include "store/released.h"

#define SHARE_RECOVERED_MAX 100000 /* entries of one log */

/* An entry that opens to these fields, and the objects that its root commits to. */
struct share_recovered {
    struct ledger_row row;
    struct released_put *leaves; /* id, type, version, digest */
    size_t leaf_count;
};

struct share_recovery {
    slice origin;
    const struct ledger_checkpoint *head; /* which our own key signed */
    slice note;                           /* that head */
    slice by;                             /* "partner melati" */
    int64_t from;                         /* so many were signed that are still here */
    const struct share_recovered *entries;
    size_t count; /* from there on, up to the head */
};

/* How many entries of a log of ours a head knows behind those that we had signed, and from which on; 0: none that could
 * come back. */
MUST_USE struct err share_book_lost(struct db *db, slice origin, const struct ledger_checkpoint *head,
        struct arena *arena, int64_t *from, int64_t *lost);
/* All of them, or none: ERR_DENIED, ERR_INPUT, ERR_CONFLICT say why not. Leaves ledger.recovered in the journal, and an
 * entry that says so in the log, which waits until its tiles are written (share_book_write). */
MUST_USE struct err share_book_recover(struct db *db, const struct share_recovery *recovery, struct arena *arena);
