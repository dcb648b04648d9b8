/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Nodes as each other's witnesses. In each interval a node
 *
 *     sends       the head of its node log to each partner's node, which cosigns it (C2SP tlog-witness): the
 *                 cosignatures are put to the note, and a node whose database was put back is told so
 *     looks       at the node log of each partner: it goes on from what was seen of it before, by hashes that lead to
 *                 the head that was signed, and commits to the logs that the partner shares with us (taxii/anchor.h)
 *     compares    that with what the other partners saw of it
 *     asks        each what it saw of our own logs; what a restore lost of them comes back (taxii/recover.h)
 *     reads again a page of what was shown once (taxii/reread.h)
 *
 * What contradicts is a proof and pauses the partner (share/split.h). What is only odd is told: journal ledger.doubt.
 * No partner can delay the others by more than the time that is given to one.
 */
#include "intel/ingest.h"
#include "share/book.h"
#include "share/keys.h"

struct http_client_options;

#define TAXII_WITNESS_CONNECT_MS 3000
#define TAXII_WITNESS_TOTAL_MS 10000
#define TAXII_WITNESS_OWN_US                                                                                           \
    (20 * SECOND_US) /* for asking all of them before we sign: who does not answer holds up nobody */

struct taxii_witnessing {
    struct db *db;
    const struct actor *actor;
    const struct share_keys *keys;            /* ours */
    const struct http_client_options *client; /* timeouts are those above, if they are shorter */
    const char *folder;                       /* the node's ledger/ */
    int64_t interval_us;                      /* ours; a node log that rests for longer than two of them is told */
    const struct intel_watch *watch;
};

/* Before we sign: what partners have seen of our own logs, each head with our signature, is kept (store/witness.h) for
 * the book to compare with, and what a restore lost of a log comes back from who kept it (taxii/recover.h). Who does
 * not answer in time has nothing to say; *asked and *answered count nodes. */
MUST_USE struct err taxii_witness_own(
        struct taxii_witnessing *witnessing, struct arena *arena, size_t *asked, size_t *answered);
/* A round with all partners. Failures of one are counted, and told in the log by who calls. */
struct taxii_witness_round {
    size_t partners, cosigned, looked, failed;
    const char *why; /* of the last failure */
};
MUST_USE struct err taxii_witness_round(
        struct taxii_witnessing *witnessing, struct arena *arena, struct taxii_witness_round *round);
