/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What was met already: names (ids, versions), each with a number and a text of its own. Some forty bytes a name, so
 * that a million fit beside the work. Private to this folder; the owner closes it.
 */
#include "base/err.h"
#include "base/hash.h"

#define INTEL_NOTES_MAX (1u << 26) /* names */

/* A name by two hashes of independent keys: that two names meet in both is not to be expected in any store. */
struct noted {
    uint64_t name, check;
    int64_t number; /* 0: a free slot */
    slice version;
};

struct notes {
    struct noted *slots;
    size_t room, count; /* room: 0 or a power of two */
    struct hash_key keys[2];
    struct arena *texts;
};

struct notes intel_notes_open(void);
void intel_notes_close(struct notes *notes);
/* The note of a name; NULL, or one whose number is 0: there is none. */
const struct noted *intel_note_find(const struct notes *notes, slice name);
/* Notes it, in place of what was noted of that name. `number` is not 0. ERR_LIMIT beyond INTEL_NOTES_MAX. */
MUST_USE struct err intel_note_put(struct notes *notes, slice name, int64_t number, slice version);
/* *fresh: the name was not noted before; now it is. */
MUST_USE struct err intel_note_once(struct notes *notes, slice name, int64_t number, bool *fresh);
