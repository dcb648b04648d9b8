/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What we say of ourselves, field by field, and the documents that were made of it. Which fields there are, and what
 * they mean, is for desk/profile.h to say; rights and the journal, too.
 */
#include "base/hash.h"
#include "store/work.h"

#define PROFILE_VALUE_MAX 2000            /* bytes of one field in one language */
#define PROFILE_ROWS_MAX 200              /* fields, each in its languages */
#define PROFILE_DOCUMENT_MAX (512u << 10) /* bytes */

struct profile_value {
    slice field, language; /* language: empty: the same in all */
    slice value, actor;
    int64_t changed_us;
};

/* An empty value takes the field away. *changed: it was another before. */
MUST_USE struct err store_profile_put(struct work *work, slice field, slice language, slice value, bool *changed);
/* All of it, in the order of fields and languages. */
MUST_USE struct err store_profile_list(
        struct db *db, struct arena *arena, struct profile_value **rows, size_t *row_count);

struct profile_document {
    slice name, text;
    struct sha256 source; /* of what it was made of */
    slice fingerprint;    /* of the key that signed it; empty: it is not signed */
    int64_t made_us;
};

/* In the place of the one of that name. */
MUST_USE struct err store_profile_document_put(struct work *work, const struct profile_document *document);
MUST_USE struct err store_profile_document_drop(struct work *work, slice name);
/* ERR_MISSING. */
MUST_USE struct err store_profile_document_get(
        struct db *db, slice name, struct arena *arena, struct profile_document *document);
