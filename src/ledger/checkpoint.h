/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Checkpoints (C2SP tlog-checkpoint 1.0.0): a signed note whose text says how large a log is and the root of its tree.
 * What is parsed is what was written, to the byte. Pure; slices point into the text.
 */
#include "ledger/merkle.h"
#include "ledger/note.h"

struct ledger_checkpoint {
    slice origin; /* which log; UTF-8 without control characters */
    uint64_t size;
    struct sha256 root;
    slice extensions; /* whole lines, each with its newline; we write none */
};

/* Of a note's text. */
MUST_USE struct err ledger_checkpoint_parse(slice text, struct arena *arena, struct ledger_checkpoint *checkpoint);
void ledger_checkpoint_write(struct buf *out, const struct ledger_checkpoint *checkpoint);

/* The whole note, signed by each of the signers. */
void ledger_checkpoint_sign(struct buf *out, const struct ledger_checkpoint *checkpoint,
        const struct ledger_signer *signers, size_t signer_count, int64_t time_us);
/*
 * The checkpoint in a note that a log's key (LEDGER_KEY_ED25519) among the known ones signed. *note, which may be NULL,
 * gets all signatures, those of known witnesses with `by`. ERR_DENIED as ledger_note_verify has it.
 */
MUST_USE struct err ledger_checkpoint_open(slice bytes, const struct ledger_verifier *known, size_t known_count,
        struct arena *arena, struct ledger_checkpoint *checkpoint, struct ledger_note *note);
