/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a partner has shown us once is read again. Each interval, of each of its logs that we follow, a page of entries
 * as its rows say them today is held against what we kept of them: the same entry, and what it opens to still what it
 * commits to (less is allowed: that was erased). So an entry that somebody edits or deletes over there is found here,
 * too, by its number, whatever that node says of itself; of a log of some hundred entries within the interval, of a
 * larger one after as many as it has pages.
 *
 *     GET ledger/{folder}/entries/{from}     as taxii/opening.h has it
 *
 * What is wrong is kept with the log and told, as taxii/fetch_log.h does it.
 */
#include "store/partner.h"
#include "store/partner_log.h"
#include "taxii/visit.h"

struct taxii_rereading {
    struct db *db;
    const struct actor *actor;
    const struct partner *partner;
    struct http_client *http;
    struct taxii_visit *visit;
};

/* A page of each of its logs. */
MUST_USE struct err taxii_reread(const struct taxii_rereading *rereading, struct arena *arena);
/* The log is wrong from now on, for this reason; once. Leaves ledger.doubt. */
MUST_USE struct err taxii_log_doubt(struct work *work, const struct partner *partner, slice origin, slice why);
