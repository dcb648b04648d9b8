/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A partner's log of what it gave us, read by us: that its head is signed by a key certified for that, that it goes on
 * from what it showed us before, that each entry leads to the signed root and opens to what it commits to, and that we
 * hold every object it names, byte for byte. What we hold is kept, so that it can be shown in a dispute; what we do not
 * hold is fetched from the partner's outbox and looked at again; and the partner is told either by a receipt.
 *
 *     GET ledger/{folder}/checkpoint          the signed head
 *     GET ledger/{folder}/tile/entries/...    entries: commitments alone
 *     GET ledger/{folder}/opening/{seq}       what an entry's fields say, unless that was erased
 *
 * What is wrong is kept with the log (store/partner_log.h) and told as ledger.doubt in the journal, with the first
 * entry that is bad; a log that is wrong is read no further until a person looked.
 */
#include "share/keys.h"
#include "store/partner_log.h"
#include "taxii/client.h"

#define TAXII_LOG_EVERY_US (10 * MINUTE_US) /* looked at without being told that it has grown */
#define TAXII_LOG_AGAIN_US (2 * SECOND_US)  /* while something that it names is missing */
#define TAXII_LOG_ENTRIES_MAX 100000        /* new ones of one look: more are an error, as no release makes so many */
#define TAXII_LOG_OPENINGS_MAX 1000         /* of one look; the next goes on */
#define TAXII_OPENING_BYTES_MAX (16u << 20)
#define TAXII_LEAVES_MAX 10000 /* objects of one entry */

struct taxii_log_look {
    struct db *db;
    const struct actor *actor;
    const struct share_keys *keys; /* ours, for receipts */
    const struct partner *partner;
    struct taxii_client *client; /* that visits it */
};

/* All logs of the partner that we know of; says in its delivery row when to look again. */
MUST_USE struct err taxii_fetch_log(struct taxii_log_look *look, struct arena *arena);
