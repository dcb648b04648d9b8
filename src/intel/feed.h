/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Feeds: intelligence that is fetched again and again, from a URL or a path, and taken in by intel_ingest. A text that
 * did not change is not taken in again. A MISP feed folder (manifest.json and a file for each event) is read event by
 * event, only those whose timestamp in the manifest is new; one that is broken does not keep the others out. (Its
 * hashes.csv is an index for those who want to look up without fetching; we fetch.)
 *
 * A feed that fails is tried again later and later, and its list says why. Entries that vanish from a list-like feed
 * expire here, if the feed was added so, and are back when they are listed again.
 */
#include "intel/ingest.h"
#include "store/feed.h"

#define INTEL_MANIFEST_BYTES (64u << 20) /* of a manifest.json; events in it: JSON_KEYS_MAX */
#define INTEL_FEED_CLAIM_US 3600000000   /* nobody else takes a feed while it is read, for so long */
#define INTEL_FEED_LATEST_US                                                                                           \
    86400000000 /* the longest pause after failures, unless the feed is due less often anyway */

struct actor;
struct http_client;

/* The pause before the next fetch of what is fetched again and again: it doubles with each failure in a row, up to
 * INTEL_FEED_LATEST_US or what it is due anyway. Microseconds; taxii/peer.c keeps to it, too. */
int64_t intel_feed_pause_us(int64_t every_us, int64_t failures);

/* What the verbs of feeds need of their program. */
struct intel_fetch {
    struct http_client *client; /* as configured; NULL: paths only */
    struct http_client *direct; /* without the proxy, for feeds that say so; NULL: there are none */
    const char *folder;         /* for texts while they are read; removed at once */
    uint64_t objects_max;       /* 0: INTEL_OBJECTS_MAX */
    uint64_t bytes_max;         /* 0: INTEL_BYTES_MAX */
    struct intel_watch watch;
};

/* How a fetch went. */
struct intel_fed {
    slice name;
    const char *why;          /* of a failure, or of what failed in a feed of many events; NULL: nothing did */
    bool failed;              /* nothing was to be had at all */
    bool unchanged;           /* since the last time */
    uint64_t imports, broken; /* texts taken in, and events that were not */
    uint64_t expired, back;   /* entries that vanished, and that are listed again */
    int64_t next_us;          /* when it is due again */
    struct intel_report sum;  /* of all imports; `import` is the last */
};

/*
 * A path is made absolute and has to be there; a URL is https:// or http://. `expire`: what vanishes from it expires;
 * ERR_INPUT for MISP folders, which list what is new. Leaves "feed.added".
 */
MUST_USE struct err intel_feed_add(struct db *db, const struct actor *actor, const struct feed_put *put, bool expire,
        struct arena *arena, int64_t *number);
/* What came from it stays. Leaves "feed.removed". */
MUST_USE struct err intel_feed_remove(struct db *db, const struct actor *actor, slice name, struct arena *arena);
/* Leaves "feed.paused" or "feed.resumed". */
MUST_USE struct err intel_feed_pause(
        struct db *db, const struct actor *actor, slice name, bool paused, struct arena *arena);
/* Makes it due now, for who fetches what is due. ERR_CONFLICT if it is paused. Leaves "feed.hurried". */
MUST_USE struct err intel_feed_hurry(struct db *db, const struct actor *actor, slice name, struct arena *arena);
MUST_USE struct err intel_feed_get(
        struct db *db, const struct actor *actor, slice name, struct arena *arena, struct feed *feed, bool *expire);
MUST_USE struct err intel_feed_list(struct db *db, const struct actor *actor, slice after, size_t count,
        struct arena *arena, struct feed **rows, size_t *row_count);

/*
 * Fetches one now. What went wrong with the feed is in *fed (and in its row, and in the journal: "feed.fetched",
 * "feed.failed"); errors are those of the database, of rights, and of a stop.
 */
MUST_USE struct err intel_feed_run(struct db *db, const struct actor *actor, const struct intel_fetch *fetch,
        slice name, struct arena *arena, struct intel_fed *fed);
/* The same for the one that is due longest; *found: there was one. Call until there is none. */
MUST_USE struct err intel_feed_run_due(struct db *db, const struct actor *actor, const struct intel_fetch *fetch,
        struct arena *arena, struct intel_fed *fed, bool *found);
