/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Tokens: 32 random bytes as text, which is shown once. What is kept is their hash alone; since nobody can guess a
 * token, a plain SHA-256 does. Any thread.
 */
#include "base/hash.h"

enum { TOKEN_CHARACTERS = 43 }; /* base64url without padding (RFC 4648 section 5) */

struct token {
    char text[TOKEN_CHARACTERS + 1];
};

struct token token_new(void);
struct sha256 token_hash(slice text);
/* Whether two secrets are equal, in a time that depends on their lengths alone. */
bool token_eq(slice a, slice b);
