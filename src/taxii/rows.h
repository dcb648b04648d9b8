/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Where the rows of a collection come from. A kind of collection says which of its collections an account sees, and
 * reads rows in the order of their moments; filters, pages, headers and envelopes are made of that in one way for all
 * kinds (read.c). A new kind is a file that ends in a `struct taxii_kind`, and a row of the table in rows.c.
 */
#include "store/collected.h"
#include "store/collection.h"

struct ask;

struct taxii_kind {
    const char *name;
    /* What the account of the ask sees under that id; ERR_MISSING. */
    struct err (*find)(struct ask *ask, slice id, struct collection *collection);
    /* All that it sees, behind that number. */
    struct err (*list)(struct ask *ask, int64_t after, size_t count, struct collection **rows, size_t *row_count);
    /* As store_collected_read. */
    struct err (*read)(struct db *db, int64_t collection, const struct collected_query *query, bool bytes,
            struct arena *arena, collected_take *take, void *context, struct collected_end *end);
    bool takes; /* it can be posted to, and objects deleted from it */
};

extern const struct taxii_kind taxii_released; /* what was released to a partner (released.c) */

/* Ends with a NULL. */
extern const struct taxii_kind *const taxii_kinds[];

/* A collection in the eyes of one account. */
struct taxii_view {
    const struct taxii_kind *kind;
    struct collection collection;
};

/* ERR_MISSING, in the same words for what is not there and for what this account does not see. */
MUST_USE struct err taxii_view_find(struct ask *ask, slice id, struct taxii_view *view);
