/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * An entry of a log of ours as a file that anybody can check without us (ledger/proof.h): the signed head, the path to
 * it, and what opens the entry, as far as nothing of that was erased. It asks nobody's right; the caller does.
 */
#include "store/ledger.h"

/*
 * `folder`: the node's ledger/. ERR_MISSING: there is no such entry, or it stands under no signed head yet;
 * ERR_CONFLICT: the tiles are behind the database.
 */
MUST_USE struct err share_prove(
        struct db *db, const struct ledger_log *log, int64_t seq, const char *folder, struct arena *arena, slice *text);
