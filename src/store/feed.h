/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Feeds: what is fetched again and again, when it is next due, and how it went. A feed has a source of the same name,
 * "feed/NAME".
 */
#include "store/work.h"

#define FEED_EVERY_MIN_US 60000000 /* a minute */

struct feed_put {
    slice name, location; /* location: https://... or a path */
    slice form;           /* or empty: by its looks */
    int64_t every_us;
    bool direct; /* without the configured proxy */
};

struct feed {
    int64_t number, source;
    slice name, location, form;
    int64_t every_us;
    bool direct, paused;
    slice etag, last_modified; /* of the last answer */
    int64_t next_us;
    int64_t tried_us, fetched_us;        /* last time at all, last time with success; or TIME_NONE */
    int64_t failures;                    /* since the last success */
    slice why;                           /* of the last failure */
    int64_t fetches, unchanged, imports; /* how often */
};

/* How a fetch went. */
struct feed_result {
    slice etag, last_modified;
    slice why;      /* empty: well */
    bool unchanged; /* not modified since */
    int64_t import; /* what it became; 0: none */
    int64_t next_us;
};

/* ERR_CONFLICT if the name is taken; ERR_INPUT if it is due more often than FEED_EVERY_MIN_US. */
MUST_USE struct err store_feed_add(struct work *work, const struct feed_put *put, int64_t *number);
/* Its source, and what came from it, stays. ERR_MISSING. */
MUST_USE struct err store_feed_drop(struct work *work, slice name);
MUST_USE struct err store_feed_pause(struct work *work, slice name, bool paused);
/* It is due from now on. ERR_MISSING; ERR_CONFLICT if it is paused. */
MUST_USE struct err store_feed_hurry(struct work *work, slice name);
/*
 * Takes the feed that is due longest and hands it to nobody else until `until_us`; *found: there is one. A program that
 * dies meanwhile has only delayed it.
 */
MUST_USE struct err store_feed_claim(struct work *work, int64_t until_us, struct feed *feed, bool *found);
MUST_USE struct err store_feed_result(struct work *work, int64_t number, const struct feed_result *result);
/* ERR_MISSING. */
MUST_USE struct err store_feed_get(struct db *db, slice name, struct arena *arena, struct feed *feed);
/* By name behind `after`; begin with an empty one. */
MUST_USE struct err store_feed_list(
        struct db *db, slice after, size_t count, struct arena *arena, struct feed **rows, size_t *row_count);
