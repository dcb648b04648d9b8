/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Entries of a log of ours that a restore lost, from the partner that kept them.
 *
 *     GET ledger/witness/kept?origin=ORIGIN&from=N     entries of the asker's own log, from that number on
 *
 *     {"entries":[{"entry":"kentongan-entry/1\n...","opening":{"fields":[...],"leaves":[...]},"seq":7}, ...]}
 *
 * A page ends where it is large; none at all is the end. What comes is hostile until it leads to a head that our own
 * key signed (share/book_recover.h).
 */
#include "ledger/checkpoint.h"
#include "taxii/visit.h"

#define TAXII_KEPT_ALL_MAX (256u << 20) /* bytes, of one log */

struct taxii_recovering {
    struct db *db;
    struct http_client *http;
    struct taxii_visit *visit;
    slice url, by;       /* of the partner's node; "partner melati" */
    struct arena *arena; /* of errors */
};

/* A log of ours of which the partner shows this head, signed by our own key: what we lost of it comes back. *entries:
 * how many that were; 0: there was nothing to fetch. Errors say why it does not; nothing was changed then. ERR_REMOTE:
 * it was not to be had, now; most others: it never will be. */
MUST_USE struct err taxii_recover(const struct taxii_recovering *recovering, slice origin,
        const struct ledger_checkpoint *head, slice note, size_t *entries);
