/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The pages of a collection, one after the other, from a place that may be kept and gone on from later: nothing of what
 * is there is missed, whatever the server's idea of pages; some of it may come twice, which who keeps objects by their
 * bytes does not notice.
 *
 *     struct taxii_pages pages = taxii_pages_open(client, url, &place, arena);
 *     while (!pages.end) { TRY(taxii_pages_next(&pages, work, &page)); ...; *place = pages.place; }
 *
 * One thread. The texts of the place are in the arena of the pages.
 */
#include "base/hash.h"
#include "taxii/client.h"

#define TAXII_PAGES_MAX 1000000 /* of one run */
#define TAXII_STILL_MAX 5       /* pages in a row that bring nothing and promise more */
#define TAXII_LIMIT_MAX 10000   /* asked for where too many objects share a moment */

/* Where we are. Empty is the beginning. */
struct taxii_place {
    slice added_after;    /* of the pages we are in */
    slice next;           /* the page that comes; empty: their first */
    slice last;           /* when the latest object that we got was added, as the server says it */
    struct sha256 digest; /* of the last page that had objects; zero: none */
};

struct taxii_pages {
    struct taxii_client *client;
    const char *collection;
    struct arena *arena;
    struct taxii_place place; /* behind the page that was given last */
    uint64_t limit, count;    /* count: pages so far */
    bool end;
    bool began_again; /* the server did not know the place any more: from the last date on */
    bool blurred;     /* more objects share a moment than a page can have: some of them may be missing */
    int64_t began_us; /* by the server's clock; TIME_NONE: not said */
    unsigned still;
};

struct taxii_pages taxii_pages_open(
        struct taxii_client *client, const char *collection, const struct taxii_place *place, struct arena *arena);
/* The next page, in `work`. One that came before has no objects and its count is 0; so may the last. */
MUST_USE struct err taxii_pages_next(struct taxii_pages *pages, struct arena *work, struct taxii_page *page);
