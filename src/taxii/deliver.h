/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Sending to partners, in turns: what there is for one of them goes, in this order, and then it is somebody else's
 * turn.
 *
 *     statements      that wait for it, each until it is answered (POST /partner/statement)
 *     releases        rows of what was released to it, read where a partner reads them, into the collection that it
 *                     gave us (Add Objects), with the number of the highest entry that explains them
 *     the log         that it has grown; and theirs, where it is due (fetch_log.h), with our receipt
 *
 * A partner that fails is tried again later and later, up to an hour, and says why in its row; a word from it ends the
 * waiting. Several threads may take turns, each for another partner, so that one that is slow delays no other. Leaves
 * delivery.sent, delivery.refused, delivery.failed and delivery.resumed in the journal.
 */
#include "share/keys.h"
#include "store/delivery.h"
#include "taxii/peer.h"

#define TAXII_TURN_US                                                                                                  \
    (60 * SECOND_US) /* after which a turn ends between two envelopes, and another partner's comes                     \
                      */
#define TAXII_TURN_CLAIM_US (10 * MINUTE_US) /* nobody else takes it meanwhile */
#define TAXII_TURN_LEAST_US (1 * SECOND_US)  /* after a failure; it doubles */
#define TAXII_TURN_MOST_US (1 * HOUR_US)
#define TAXII_CALL_CONNECT_MS 5000 /* of a node; what the configuration allows to feeds is too much for a queue */
#define TAXII_CALL_IDLE_MS 15000
#define TAXII_CALL_TOTAL_MS 60000

/* One who sends: a thread with connections of its own, which it keeps open. */
struct taxii_sender;
/* `fetch` lives as long. */
MUST_USE struct err taxii_sender_open(
        const struct taxii_fetch *fetch, struct arena *arena, struct taxii_sender **sender);
void taxii_sender_close(struct taxii_sender *sender); /* NULL is allowed */

/* What a turn brought. */
struct taxii_turn {
    slice name; /* of the partner */
    uint64_t statements, objects, refused, envelopes;
    const char *why;     /* NULL: it went well */
    const char *log_why; /* why its log could not be looked at; NULL: it could */
};

/* The turn of the partner that has waited longest; *found == false: there is nothing to do now. */
MUST_USE struct err taxii_deliver(struct taxii_sender *sender, struct db *db, const struct actor *actor,
        struct arena *arena, struct taxii_turn *turn, bool *found);
