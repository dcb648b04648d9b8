/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The proof that a log showed two faces: two checkpoints of one origin, signed by one key, that cannot both be true.
 * Either they have one size and two roots; or a path rebuilds the root of the larger one, and with it another root for
 * the smaller size than the smaller one has. A path that does not rebuild the larger root proves nothing: anybody can
 * make one. A file that anybody can verify without us:
 *
 *     kentongan-split/1
 *     BASE64                 the path of ledger_merkle_prefix; none for equal sizes
 *
 *     the checkpoint of the smaller (or equal) size
 *
 *     the checkpoint of the larger size
 */
#include "ledger/checkpoint.h"

enum { LEDGER_SPLIT_MAX = 2 * LEDGER_NOTE_MAX + 64 * 45 + 64 };

struct ledger_split {
    slice older, newer; /* notes, verbatim */
    struct ledger_path path;
};

MUST_USE struct err ledger_split_parse(slice text, struct arena *arena, struct ledger_split *split);
void ledger_split_write(struct buf *out, const struct ledger_split *split);
/* OK: it convicts the owner of this key. ERR_DENIED says why it does not; ERR_INPUT what of it is no checkpoint. */
MUST_USE struct err ledger_split_verify(
        const struct ledger_split *split, const struct ledger_verifier *key, struct arena *arena);
