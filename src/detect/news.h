/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The news of the journal as changes of what is looked for: which objects changed, what the store says of each now, and
 * which are seen no more. A change is never a step but the state that it leads to, so that a row which is read twice,
 * or before its objects changed again, does no harm.
 *
 * Private to detect and to who hands changes on; one thread, with a db of its own.
 */
#include "store/journal.h"
#include "store/object.h"

#define NEWS_PAGE_ROWS 256 /* of the journal, or objects */
#define NEWS_PAGE_BYTES_MAX (2 * (size_t)NEWS_PAGE_ROWS * OBJECT_BYTES_MAX)
#define NEWS_TYPE "indicator" /* only these hold something to look for (form/stix.c) */

/* An object; the arena lasts until the next page of them. */
typedef struct err news_take(void *context, const struct object *object, struct arena *arena);

struct news {
    struct db *db;
    struct arena *arena; /* of a page; emptied and used. At least NEWS_PAGE_BYTES_MAX */
    int64_t position;    /* of the journal: all up to it was told */
    void *context;
    /* What counts of its source and id now. */
    news_take *changed;
    /* Nothing is seen of it any more. */
    struct err (*over)(void *context, int64_t source, slice id);
    /* A marking definition came; may be NULL. */
    news_take *marking;
    bool lost;      /* objects are gone of which nobody can say any more which they were */
    bool access;    /* the page tells that somebody may less than before: for who listens on */
    int64_t listed; /* of an import that is read */
};

/* Tells the next page of the journal; *rows: how many it had, fewer than NEWS_PAGE_ROWS at its end. */
MUST_USE struct err news_read(struct news *news, size_t *rows);
/* Tells one row of it; the arena is used, and the position stays. */
MUST_USE struct err news_row(struct news *news, const struct journal_row *row);
/* All objects of a filter; for who begins with everything. */
MUST_USE struct err news_objects(struct db *db, const struct object_filter *filter, void *context, news_take *take);
