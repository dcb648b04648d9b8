/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Sealing: a few secret bytes so that they may lie in a database whose readers do not have the key
 * (XChaCha20-Poly1305 through libsodium). What they are sealed for (a row's own key) has to be said again to open them,
 * so that nobody moves them to another place. Any thread.
 */
#include "base/hash.h"

enum { SEAL_BYTES = 40 }; /* that it adds: a nonce of 24, a tag of 16 */

/* Writes plain.len + SEAL_BYTES bytes. */
void seal_close(const struct sha256 *key, slice about, slice plain, uint8_t *sealed);
/* Writes sealed.len - SEAL_BYTES bytes; false if it was not sealed with this key and for this. */
bool seal_open(const struct sha256 *key, slice about, slice sealed, uint8_t *plain);
