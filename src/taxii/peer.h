/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Peers: collections of other TAXII servers, asked again and again for what was added, and taken in by intel_ingest,
 * each under a source of its own, "peer/NAME/COLLECTION". Our place in a collection is kept after what came up to there
 * was taken in, never before: a run that dies is gone on with, and what then comes twice is there already.
 *
 * A peer that fails is asked again later and later, and its list says why. Leaves peer.added, peer.removed,
 * peer.paused, peer.resumed, peer.pulled and peer.failed in the journal.
 */
#include "intel/ingest.h"
#include "store/peer.h"
#include "taxii/access.h"
#include "taxii/site.h"

#define TAXII_PEER_CLAIM_US 3600000000 /* nobody else asks a peer while it is asked, for so long */
#define TAXII_PEER_RUN_US 3000000000   /* after which a run ends and the next goes on */
#define TAXII_GROUP_OBJECTS 10000      /* of pages, taken in as one import */
#define TAXII_GROUP_BYTES (64u << 20)

struct actor;

/* What the verbs of peers need of their program. */
struct taxii_fetch {
    const struct http_client_options *http; /* proxy, times; certificates if a peer has none of its own */
    const char *keys;                       /* the node's folder of keys */
    uint64_t objects_max;                   /* of one run; 0: INTEL_OBJECTS_MAX */
    struct intel_watch watch;
    void (*came)(void *context, const char *what, uint64_t objects); /* with the context of the watch; may be NULL */
};

/* How a run went. */
struct taxii_pulled {
    slice name;      /* of the peer, or what was asked for */
    const char *why; /* of the first thing that failed; NULL: nothing did */
    bool failed;     /* nothing was to be had at all */
    bool more;       /* there was more than one run may bring */
    bool blurred;    /* pages.h */
    uint64_t collections, broken, pages;
    uint64_t imports;
    int64_t next_us; /* when it is due again */
    struct intel_report sum;
};

/* The URL is asked before: what cannot be reached, or holds nothing to read, is not added. */
MUST_USE struct err taxii_peer_add(struct db *db, const struct actor *actor, const struct taxii_fetch *fetch,
        const struct peer_put *put, const struct taxii_files *files, struct arena *arena, int64_t *number);
/* What came from it stays; what lets us in goes. */
MUST_USE struct err taxii_peer_remove(
        struct db *db, const struct actor *actor, const char *keys, slice name, struct arena *arena);
MUST_USE struct err taxii_peer_pause(
        struct db *db, const struct actor *actor, slice name, bool paused, struct arena *arena);
MUST_USE struct err taxii_peer_get(
        struct db *db, const struct actor *actor, slice name, struct arena *arena, struct peer *peer);
MUST_USE struct err taxii_peer_list(struct db *db, const struct actor *actor, slice after, size_t count,
        struct arena *arena, struct peer **rows, size_t *row_count);
/* Its collections, with our place in each. */
MUST_USE struct err taxii_peer_collections(struct db *db, const struct actor *actor, const struct peer *peer,
        int64_t after, struct arena *arena, struct remote **rows, size_t *row_count);

/* As intel_feed_run and intel_feed_run_due. */
MUST_USE struct err taxii_peer_run(struct db *db, const struct actor *actor, const struct taxii_fetch *fetch,
        slice name, struct arena *arena, struct taxii_pulled *pulled);
MUST_USE struct err taxii_peer_run_due(struct db *db, const struct actor *actor, const struct taxii_fetch *fetch,
        struct arena *arena, struct taxii_pulled *pulled, bool *found);
/* By hand: everything readable behind a URL, from where the last pull of it ended. */
MUST_USE struct err taxii_peer_pull(struct db *db, const struct actor *actor, const struct taxii_fetch *fetch,
        const struct taxii_files *files, const char *url, struct arena *arena, struct taxii_pulled *pulled);
/* A client with these credentials; its http client is closed by the caller. */
MUST_USE struct err taxii_peer_client(const struct taxii_fetch *fetch, const struct taxii_files *files,
        struct arena *arena, struct taxii_client *client);
