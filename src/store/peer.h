/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Peers: TAXII servers that are asked again and again, when each is next due, and how it went; the collections that we
 * read there with our place in each, and those that we write to with how far we are. What lets us in (a password, a
 * token, a key) is not here but in the node's folder of keys.
 */
#include "base/hash.h"
#include "store/work.h"

#define PEER_EVERY_MIN_US 60000000      /* a minute */
#define PEER_PARTNER_EVERY_US 600000000 /* of a partner's outbox, which tells us when there is something in it */
#define PEER_REFUSED_MAX 100000         /* objects that one collection did not take, whose reasons are kept */
#define PEER_REASON_MAX 1000            /* bytes of such a reason */

enum peer_credentials { PEER_NONE, PEER_PASSWORD, PEER_TOKEN, PEER_CERTIFICATE };
const char *store_peer_credentials_name(enum peer_credentials credentials); /* "token" */

struct peer_put {
    slice name, url;
    int64_t every_us;
    enum peer_credentials credentials;
    slice account; /* of a password */
    bool own_ca;
};

struct peer {
    int64_t number;
    slice name, url;
    int64_t every_us;
    enum peer_credentials credentials;
    slice account;
    bool own_ca, paused;
    int64_t next_us;
    int64_t tried_us, pulled_us; /* last time at all, last time with success; or TIME_NONE */
    int64_t failures;            /* since the last success */
    slice why;                   /* of the last failure */
    int64_t runs, objects;
    int64_t partner; /* whose outbox it is: we visit it, and what comes is of its source; 0: of nobody */
};

/* How a run went. */
struct peer_result {
    slice why; /* empty: well */
    uint64_t objects;
    int64_t next_us;
};

/* ERR_CONFLICT if the name is taken; ERR_INPUT if it is due more often than PEER_EVERY_MIN_US. */
MUST_USE struct err store_peer_add(struct work *work, const struct peer_put *put, int64_t *number);
/* What came from it stays, and its places. ERR_MISSING. */
MUST_USE struct err store_peer_drop(struct work *work, slice name);
MUST_USE struct err store_peer_pause(struct work *work, slice name, bool paused);
/* The outbox of a partner, read under that name as long as the partner is active. Nothing happens if it is known. */
MUST_USE struct err store_peer_partner(struct work *work, int64_t partner, slice name, slice url);
/* That of a partner is due now. */
MUST_USE struct err store_peer_hurry(struct work *work, int64_t partner);
/* As store_feed_claim. */
MUST_USE struct err store_peer_claim(struct work *work, int64_t until_us, struct peer *peer, bool *found);
MUST_USE struct err store_peer_result(struct work *work, int64_t number, const struct peer_result *result);
/* ERR_MISSING. */
MUST_USE struct err store_peer_get(struct db *db, slice name, struct arena *arena, struct peer *peer);
/* By name behind `after`; begin with an empty one. */
MUST_USE struct err store_peer_list(
        struct db *db, slice after, size_t count, struct arena *arena, struct peer **rows, size_t *row_count);

/* ---- Collections that we read ---- */

struct remote {
    int64_t number, peer; /* peer 0: pulled by hand */
    slice url, id, title, source;
    slice added_after, next, last;
    struct sha256 digest; /* zero: none */
    int64_t objects;
    int64_t moved_us; /* or TIME_NONE */
};

/*
 * The place in the collection of that URL, made if there is none; *remote is as it is then. A peer takes over one that
 * was pulled by hand, or of a peer that is gone. ERR_CONFLICT if another peer reads it.
 */
MUST_USE struct err store_remote_put(struct work *work, struct remote *remote);
/* Moves added_after, next, last, digest; `objects` are added to what there was. */
MUST_USE struct err store_remote_move(struct work *work, const struct remote *remote, uint64_t objects);
/* Of a peer, in order of their numbers, behind `after`. */
MUST_USE struct err store_remote_list(struct db *db, int64_t peer, int64_t after, size_t count, struct arena *arena,
        struct remote **rows, size_t *row_count);
/* ERR_MISSING. */
MUST_USE struct err store_remote_get(struct db *db, slice url, struct arena *arena, struct remote *remote);

/* ---- Collections that we write to ---- */

struct outgoing {
    int64_t number;
    slice url, choice;
    int64_t after;         /* the last object of ours that was sent */
    int64_t sent, refused; /* so far */
    int64_t moved_us;
};

struct outgoing_refused {
    int64_t object;
    slice id, version, why;
    int64_t at_us;
};

/* The one of that URL and choice, made if there is none. */
MUST_USE struct err store_outgoing_put(struct work *work, slice url, slice choice, struct outgoing *outgoing);
/* Up to the object `after`, `sent` more were sent, and of these some were refused; each is kept with its reason, up to
 * PEER_REFUSED_MAX of one collection. */
MUST_USE struct err store_outgoing_move(struct work *work, int64_t number, int64_t after, uint64_t sent,
        const struct outgoing_refused *refused, size_t refused_count);
/* In order of objects behind `after`; begin with 0. */
MUST_USE struct err store_outgoing_refused_list(struct db *db, int64_t number, int64_t after, size_t count,
        struct arena *arena, struct outgoing_refused **rows, size_t *row_count);
