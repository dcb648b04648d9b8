/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Sources: where intelligence comes from, each standing for itself. A file's source is what the one who imports calls
 * it; a feed has one of its own.
 */
#include "store/work.h"

struct source {
    int64_t number;
    slice name;           /* unique */
    slice kind;           /* "file", "paste", "feed", "taxii", "desk" */
    int64_t organisation; /* whose it is; 0: not said */
    int64_t added_us;
};

/* The number of the source of that name, added if it is not there. */
MUST_USE struct err store_source_put(struct work *work, slice name, slice kind, int64_t organisation, int64_t *number);
MUST_USE struct err store_source_get(struct db *db, int64_t number, struct arena *arena, struct source *source);
/* ERR_MISSING. */
MUST_USE struct err store_source_find(struct db *db, slice name, int64_t *number);
MUST_USE struct err store_source_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct source **rows, size_t *row_count);
