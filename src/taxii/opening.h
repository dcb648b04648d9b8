/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a node answers for the opening of an entry of a partner log, as JSON: the fields that were not erased, each with
 * its salt, and of a release the objects that its root commits to.
 *
 *     {"fields":[{"name":"root","salt":"6F...","value":"a1..."}, ...],
 *      "leaves":[{"digest":"9e...","id":"indicator--...","version":"2026-..."}, ...]}
 *
 * Salts and digests are hexadecimal. Reading believes nothing of it: each field has to open the entry, and the leaves
 * have to lead to the root. Pure; slices point into the arena.
 */
#include "base/err.h"
#include "base/hash.h"

struct arena;
struct ledger_field;

struct taxii_leaf {
    slice id, version;
    struct sha256 digest;
};

struct taxii_opening {
    slice kind; /* empty: erased */
    struct ledger_field *fields;
    size_t field_count;
    struct taxii_leaf *leaves;
    size_t leaf_count;
};

/* ERR_INPUT with what does not agree; ERR_REMOTE if it is no JSON at all, and says nothing. */
MUST_USE struct err taxii_opening_read(slice text, slice entry, struct arena *arena, struct taxii_opening *opening);
/* The value of the field of that name; empty: there is none, or it was erased. */
slice taxii_opening_says(const struct taxii_opening *opening, slice name);

/* An entry of a page, {"entries":[{"entry":TEXT,"opening":OBJECT or null,"seq":N}, ...]}. */
struct taxii_kept {
    int64_t seq;
    slice entry, opening; /* opening: as it came; empty: null */
};
#define TAXII_KEPT_PAGE 256              /* entries of a page */
#define TAXII_KEPT_FULL (4u << 20)       /* bytes after which it ends */
#define TAXII_KEPT_BYTES_MAX (64u << 20) /* of a page */
/* At most `most`. ERR_REMOTE: it is no such page. */
MUST_USE struct err taxii_kept_read(
        slice text, size_t most, struct arena *arena, struct taxii_kept **rows, size_t *row_count);
