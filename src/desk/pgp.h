/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * OpenPGP (RFC 4880, by librnp; build option -Dopenpgp): signatures under notices and under what we say of ourselves,
 * and the key for both. Where the program was built without it, every function says so. Any thread.
 */
#include "base/err.h"

/* A detached signature over the bytes with the secret key in that file, in ASCII armour. ERR_INPUT: the file holds no
 * secret key, or one that is locked. */
MUST_USE struct err desk_pgp_sign(const char *key_file, slice bytes, struct arena *arena, slice *signature);
/* The text with a signature around it (RFC 4880 section 7), every line of it ended by CR LF. */
MUST_USE struct err desk_pgp_clear_sign(const char *key_file, slice text, struct arena *arena, slice *whole);
/* The fingerprint of that key, in groups of four: "0123 4567 ...". */
MUST_USE struct err desk_pgp_fingerprint(const char *key_file, struct arena *arena, const char **fingerprint);
/* What others need of it to verify, and to write to us: in ASCII armour. */
MUST_USE struct err desk_pgp_public(const char *key_file, struct arena *arena, slice *certificate);
/* A new key (Ed25519, with Curve25519 to encrypt to) of that name, "CERT Contoh <cert@contoh.example>": the secret, in
 * ASCII armour, without a password, since a server has nobody to ask for one. It does not expire. */
MUST_USE struct err desk_pgp_make(const char *name, struct arena *arena, slice *secret);
