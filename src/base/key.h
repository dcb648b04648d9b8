/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Signing keys: Ed25519 (RFC 8032, through libsodium). In files they are PEM as RFC 8410 has it, so that openssl and
 * the like read them: PRIVATE KEY (section 7) and PUBLIC KEY (section 4). Any thread. Who holds a key pair wipes it
 * with key_forget.
 */
#include "base/buf.h"

enum { KEY_SIGNATURE_BYTES = 64, KEY_PEM_MAX = 256 };

struct key_public {
    uint8_t bytes[32];
};

struct key_pair {
    uint8_t secret[64]; /* as libsodium keeps it: seed and public key */
    struct key_public public;
};

void key_new(struct key_pair *pair);
void key_forget(struct key_pair *pair);

void key_sign(const struct key_pair *pair, slice message, uint8_t signature[KEY_SIGNATURE_BYTES]);
bool key_verify(const struct key_public *public, slice message, slice signature);

/* False if the text is not such a key in PEM. */
bool key_parse(slice pem, struct key_pair *pair);
bool key_public_parse(slice pem, struct key_public *public);
void key_write(struct buf *buf, const struct key_pair *pair);
void key_public_write(struct buf *buf, const struct key_public *public);

/*
 * A key pair from its file. ERR_DENIED if others than its owner may read it, with what to do; ERR_INPUT if it is no
 * Ed25519 key in PEM.
 */
MUST_USE struct err key_read(const char *file, struct arena *arena, struct key_pair *pair);
MUST_USE struct err key_public_read(const char *file, struct arena *arena, struct key_public *public);
/* Makes the two files, 0600 and 0644; ERR_CONFLICT if there is one already. On disk when it returns OK. */
MUST_USE struct err key_save(
        const struct key_pair *pair, const char *secret_file, const char *public_file, struct arena *arena);
/* A new file with a text about keys; ERR_CONFLICT if there is one. On disk when it returns OK. */
MUST_USE struct err key_file_write(const char *file, unsigned mode, slice text, struct arena *arena);
