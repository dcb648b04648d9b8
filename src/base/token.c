/* SPDX-License-Identifier: Apache-2.0 */
#include "base/token.h"

#include <sodium.h>

struct token token_new(void)
{
    struct token token;
    uint8_t bytes[32];
    hash_random(bytes, sizeof bytes);
    sodium_bin2base64(token.text, sizeof token.text, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
    return token;
}

struct sha256 token_hash(slice text)
{
    return hash_sha256(text);
}

bool token_eq(slice a, slice b)
{
    return a.len == b.len && (a.len == 0 || sodium_memcmp(a.ptr, b.ptr, a.len) == 0);
}
