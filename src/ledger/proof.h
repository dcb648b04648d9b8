/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A proof as a file that anybody can verify without us (C2SP tlog-proof@v1): that an entry is in a log whose checkpoint
 * was signed. What it carries besides (extra) is not authenticated by itself; ours is an opening (ledger/opening.h).
 * Pure; slices point into the text or the arena.
 */
#include "ledger/checkpoint.h"

enum {
    LEDGER_PROOF_EXTRA_MAX = 4 << 20,
    LEDGER_PROOF_MAX = LEDGER_PROOF_EXTRA_MAX / 3 * 4 + 1024 + LEDGER_PATH_MAX * 45 + LEDGER_NOTE_MAX,
};

struct ledger_proof {
    slice extra; /* decoded; empty: none */
    uint64_t index;
    struct ledger_path path;
    slice checkpoint; /* the note, verbatim */
};

MUST_USE struct err ledger_proof_parse(slice text, struct arena *arena, struct ledger_proof *proof);
void ledger_proof_write(struct buf *out, const struct ledger_proof *proof);
/*
 * That a known log's key signed the checkpoint, and the leaf is in its tree at the proof's index. *checkpoint gets what
 * it says, *note (may be NULL) who signed it. ERR_DENIED says what does not hold.
 */
MUST_USE struct err ledger_proof_verify(const struct ledger_proof *proof, const struct sha256 *leaf,
        const struct ledger_verifier *known, size_t known_count, struct arena *arena,
        struct ledger_checkpoint *checkpoint, struct ledger_note *note);
