/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Everything that a partner ever received, with proofs: of each object the leaf, its path in the batch, and the entry
 * of which log commits to that. Whoever holds the log checks it with its tiles (`kentongan ledger prove`).
 */
#include "ledger/merkle.h"
#include "stix/marks.h"
#include "store/released.h"

struct share_received {
    const struct released *row;
    slice leaf;                     /* canonical JSON; its hash is the leaf of the batch */
    const struct ledger_path *path; /* in the batch, to `root` */
    uint64_t count;                 /* leaves of the batch */
    struct sha256 root;
    slice log;         /* origin */
    bool proven;       /* the entry says this root, opens, and stands under a signed head */
    enum stix_tlp tlp; /* with which it left */
    slice bytes;       /* empty: gone from here since */
};
typedef struct err share_received_take(void *context, const struct share_received *received);

/* For who may (VERB_READ_SHARING): of all agreements with a partner, in order. */
MUST_USE struct err share_received_by(struct db *db, const struct actor *actor, int64_t partner,
        share_received_take *take, void *context, struct arena *arena);
