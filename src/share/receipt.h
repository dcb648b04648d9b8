/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What two nodes tell each other of the log of their agreement: it has grown, and: I hold all that it names. The first
 * makes the other side look (taxii/fetch_log.h), the second becomes an entry of that very log, so that both can prove
 * what arrived. Growth by receipts alone is not told, or they would go on for ever.
 */
#include "base/hash.h"
#include "share/keys.h"
#include "store/delivery.h"

#define SHARE_LOGS_MAX 32      /* of one partner that we follow */
#define SHARE_FOLDER_MAX 200   /* bytes */
#define SHARE_MISSING_MAX 1000 /* ids that one receipt names; more are missing in the next */

/* Tells the partner of a head of ours. */
MUST_USE struct err share_grown_post(struct work *work, const struct share_keys *keys, const struct partner *partner,
        const struct delivery_head *head);

struct share_receipt {
    slice origin;
    uint64_t size;
    struct sha256 root;
    const slice *missing; /* ids that the log names and we do not hold */
    size_t missing_count;
};
MUST_USE struct err share_receipt_post(struct work *work, const struct share_keys *keys, const struct partner *partner,
        const struct share_receipt *receipt);

/* A person looked at what is wrong with its logs: they are read on. VERB_CHANGE_PARTNERS; leaves ledger.reread. */
MUST_USE struct err share_logs_reread(
        struct db *db, const struct actor *actor, int64_t partner, slice reason, struct arena *arena);

/* Rows of the table in post.c. */
struct err share_grown_take(struct work *work, int64_t partner, const struct share_letter *letter);
struct err share_receipt_take(struct work *work, int64_t partner, const struct share_letter *letter);
