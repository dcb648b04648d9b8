/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * OpenPGP signatures under notices (RFC 4880, by librnp; build option -Dopenpgp). Where the program was built without
 * it, both functions say so. Any thread.
 */
#include "base/err.h"

/* A detached signature over the bytes with the secret key in that file, in ASCII armour. ERR_INPUT: the file holds no
 * secret key, or one that is locked. */
MUST_USE struct err desk_pgp_sign(const char *key_file, slice bytes, struct arena *arena, slice *signature);
/* The fingerprint of that key, in groups of four: "0123 4567 ...". */
MUST_USE struct err desk_pgp_fingerprint(const char *key_file, struct arena *arena, const char **fingerprint);
