/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Cosignatures (C2SP tlog-cosignature 1.0.1, Ed25519): a witness says that at this moment this was the largest
 * consistent checkpoint of the log that it had seen. The time is signed with the text. note.c signs and verifies them
 * through its table; here is how they are made. Pure.
 */
#include "ledger/note.h"

enum { LEDGER_COSIGNATURE_BYTES = 8 + KEY_SIGNATURE_BYTES };

void ledger_cosign_make(
        const struct key_pair *pair, slice text, int64_t time_us, uint8_t signature[LEDGER_COSIGNATURE_BYTES]);
bool ledger_cosign_verify(const struct key_public *key, slice text, slice signature);
/* When it was made, to the second; of one that has verified. */
int64_t ledger_cosign_time(slice signature);
