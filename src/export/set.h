/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A set of texts, so that a kind writes each value once. Holds at most EXPORT_KEYS_MAX keys and EXPORT_SET_BYTES_MAX
 * bytes of them. The owner frees it; private to this folder.
 */
#include "base/hash.h"
#include "export/export.h"

#define EXPORT_SET_BYTES_MAX (4ull << 30)

struct export_set {
    struct hash_key key;
    struct buf bytes;
    struct export_set_slot *slots;
    size_t count, room;
};

struct export_set export_set_make(void);
void export_set_free(struct export_set *set);
/* `*added` says whether it was new. ERR_LIMIT beyond a ceiling. */
MUST_USE struct err export_set_add(struct export_set *set, slice key, bool *added);
