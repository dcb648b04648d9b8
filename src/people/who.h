/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Who asks: from what a request carries (a cookie, a token, a name and password, a certificate) to an actor, and no
 * further; what that actor may do is decided by rights. A failure says that it failed and never which part.
 *
 * A doorkeeper is shared by all threads of a process: it remembers failures (throttle) and, for a short while, which
 * name and password were right, so that a client that sends both with every request costs one argon2id and not
 * thousands.
 */
#include "base/ip.h"
#include "base/key.h"
#include "base/token.h"
#include "store/token.h"
#include "store/user.h"

#define PEOPLE_REST_US (INT64_C(12) * 3600 * 1000000)    /* a session ends when it is not used for so long */
#define PEOPLE_SESSION_US (INT64_C(7) * 86400 * 1000000) /* and at the latest */
#define PEOPLE_HALF_US (INT64_C(10) * 60 * 1000000)      /* how long it waits for the second factor */
#define PEOPLE_SEEN_US (INT64_C(5) * 60 * 1000000)       /* how exactly its use is kept */
#define PEOPLE_USED_US (INT64_C(3600) * 1000000)         /* and that of a token */
#define PEOPLE_MEMORY_US (INT64_C(5) * 60 * 1000000)     /* how long a right name and password are remembered */
#define PEOPLE_MEMORY_ROWS 1024                          /* of these at once */
#define PEOPLE_HASHES_MAX 2                              /* argon2id at once, 64 MiB each */
#define PEOPLE_HASHES_WAITING_MAX 1                      /* who wait for that; others come again */
#define PEOPLE_HASHES_WAIT_MS 5000                       /* how long they do */
#define PEOPLE_REFUSED_US (INT64_C(10) * 60 * 1000000)   /* what is refused in it is one row of the journal */

struct doorkeeper;

struct people_options {
    int64_t rest_us, session_us; /* 0: PEOPLE_REST_US, PEOPLE_SESSION_US */
    /* The node's key, from which those are made that seal second factors and sign forms; NULL: there are no second
     * factors, and keys of forms that are not of a session hold in this process only. */
    const struct key_pair *key;
};

struct credentials {
    slice session;                    /* of the cookie */
    slice token;                      /* behind "Bearer " */
    slice name, password;             /* of "Basic "; the password may be a token of that name */
    const struct sha256 *certificate; /* fingerprint of a verified one */
    struct ip from;
};

struct who {
    struct actor actor;
    unsigned scopes;        /* enum scope; SCOPE_ALL but for tokens */
    int64_t session;        /* number; 0: not by a session */
    bool half;              /* of a session: the second factor is still to come, nothing else may be done; no roles */
    bool ambient;           /* a browser sends it by itself (all but Bearer): forms need their origin and key */
    struct sha256 form_key; /* where it is ambient: what its forms carry against forgery is made from this */
    slice language, zone;   /* of the person; empty: not said */
};

/* With what holds when nothing is said. A good part of a second: it makes the hash that unknown names are tried with.
 */
MUST_USE struct err people_doorkeeper_open(struct arena *arena, struct doorkeeper **doorkeeper);
/* Before any other thread uses it. The key is not kept. */
void people_doorkeeper_set(struct doorkeeper *doorkeeper, const struct people_options *options);
/* What nobody but this node makes of a text: it knows its own again, after a new start too. Any thread. */
struct sha256 people_bound(const struct doorkeeper *doorkeeper, slice text);
void people_doorkeeper_close(struct doorkeeper *doorkeeper);
/* Tells the journal what was refused and is not told yet, for the end of serving. Otherwise the next refusal does. */
MUST_USE struct err people_doorkeeper_tell(struct doorkeeper *doorkeeper, struct db *db, struct arena *arena);

/*
 * OK with an actor of ACTOR_NOBODY if nothing was shown at all. ERR_AUTH if what was shown is not good (any more);
 * ERR_LIMIT if there were too many failures from there or for that name, with when to come again. Of several that are
 * shown the first counts: a token, a name, a session, a certificate.
 */
MUST_USE struct err people_who(struct db *db, struct doorkeeper *doorkeeper, const struct credentials *credentials,
        struct arena *arena, struct who *who);
/* Seconds until that name may be tried again from there, for Retry-After; 0: now. */
unsigned people_wait_s(struct doorkeeper *doorkeeper, slice name, const struct ip *from);

/* Seconds until somebody whom nobody knows may send a report again from there; 0: now. */
unsigned people_report_wait_s(struct doorkeeper *doorkeeper, const struct ip *from);
/* One was taken from there. */
void people_report_taken(struct doorkeeper *doorkeeper, const struct ip *from);
