/* SPDX-License-Identifier: Apache-2.0 */
#include "base/seal.h"

#include <sodium.h>

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

_Static_assert(SEAL_BYTES == NONCE + crypto_aead_xchacha20poly1305_ietf_ABYTES, "nonce and tag");
_Static_assert(sizeof(struct sha256) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "a hash is as long as a key");

static const uint8_t *bytes_of(slice s)
{
    return (const uint8_t *)s.ptr;
}

void seal_close(const struct sha256 *key, slice about, slice plain, uint8_t *sealed)
{
    hash_random(sealed, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
            sealed + NONCE, NULL, bytes_of(plain), plain.len, bytes_of(about), about.len, NULL, sealed, key->bytes);
}

bool seal_open(const struct sha256 *key, slice about, slice sealed, uint8_t *plain)
{
    if (sealed.len < SEAL_BYTES)
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, bytes_of(sealed) + NONCE, sealed.len - NONCE,
                   bytes_of(about), about.len, bytes_of(sealed), key->bytes) == 0;
}
