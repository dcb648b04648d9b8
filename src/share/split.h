/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Two faces of one log. What we saw of a partner's log is compared with what it shows now and with what others saw of
 * it. Only a proof that anybody can verify convicts (ledger/split.h): then nothing is released to that partner until
 * people decide, which is the one thing that pauses by itself. Whatever is merely odd, a path that leads nowhere or a
 * head that does not come, is told and pauses nothing: a bad line looks like that, too.
 */
#include "ledger/checkpoint.h"
#include "ledger/split.h"
#include "store/partner.h"
#include "store/witness.h"

#define SHARE_LOG_KEYS_MAX 16 /* of one node: those that were rotated count until they end */

/* Keys that a partner (0: we) signs heads of this origin with, good now. */
MUST_USE struct err share_log_keys(struct db *db, int64_t partner, slice origin, struct arena *arena,
        struct ledger_verifier keys[SHARE_LOG_KEYS_MAX], size_t *count);
/* A head that was signed with one of them, of the log of that origin. ERR_DENIED, ERR_INPUT. */
MUST_USE struct err share_log_head(struct db *db, int64_t partner, slice origin, slice note, struct arena *arena,
        struct ledger_checkpoint *checkpoint);

/* What two heads of one log say of it. */
enum share_compared {
    SHARE_AGREES,   /* they are one head */
    SHARE_UNKNOWN,  /* of two sizes: only the tree between them can tell */
    SHARE_CONVICTS, /* one size, two roots */
};
enum share_compared share_heads_compare(const struct ledger_checkpoint *one, const struct ledger_checkpoint *other);

/*
 * Keeps a proof that convicts: stores it, pauses the partner, tells it (journal ledger.split). ERR_DENIED if it does
 * not. What was kept before is not told again.
 */
MUST_USE struct err share_split_keep(
        struct work *work, int64_t partner, slice origin, const struct ledger_split *split);
/* People go on with the partner (a row of approve.c): "partner/7". The proofs stay. */
MUST_USE struct err share_split_clear(struct work *work, slice subject, slice detail);
