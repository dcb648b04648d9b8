/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Passwords of people: what may be one, and the hash that is kept of it (argon2id, RFC 9106, through libsodium).
 * Hashing takes 64 MiB and a good part of a second on purpose; who answers strangers limits how many do it at once. Any
 * thread.
 */
#include "base/err.h"

enum {
    PASSWORD_CHARACTERS_MIN = 12,
    PASSWORD_BYTES_MAX = 1024,
    PASSWORD_HASH_BYTES = 128, /* with the NUL; a text that begins with "$argon2id$" */
};

/* ERR_INPUT with what to do about it: too short, too long, not one line of text, or the name of the user. */
MUST_USE struct err password_check(slice password, slice user);
/* ERR_SYSTEM if there is no memory for it. */
MUST_USE struct err password_hash(slice password, char hash[PASSWORD_HASH_BYTES]);
/* False for a hash that is none, too. */
bool password_verify(slice password, slice hash);
/*
 * The password that a file holds, without the end of its line; "-" is standard input. A file that others than its owner
 * may read is refused. The password lies in the arena; password_forget wipes it there.
 */
MUST_USE struct err password_read(const char *file, struct arena *arena, slice *password);
void password_forget(slice password);
