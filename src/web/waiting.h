/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Texts that were shown to somebody and wait for a yes: files in the node's folder, so that what is confirmed is what
 * was seen, however large it is, and a browser need not send it twice. Each belongs to the person who sent it, goes by
 * a name that nobody can guess, and is removed after WAITING_S, or when there are too many. Nothing else reads them:
 * one that a crash left half is never asked for.
 */
#include "base/err.h"

struct arena;

#define WAITING_S 3600                 /* a text waits at most this long */
#define WAITING_FILES_MAX 64           /* of all people */
#define WAITING_OF_ONE_MAX 8           /* of one person: the oldest makes room */
#define WAITING_BYTES_MAX (512u << 20) /* of all together */

/* *name: by what it is asked for. ERR_LIMIT beyond the ceilings, ERR_SYSTEM if it cannot be written. */
MUST_USE struct err waiting_put(const char *folder, int64_t user, slice text, struct arena *arena, slice *name);
/* The file of that name, if it is this person's and still there; ERR_MISSING. */
MUST_USE struct err waiting_find(const char *folder, int64_t user, slice name, struct arena *arena, const char **path);
/* It was used, or is not wanted. */
void waiting_drop(const char *path);
