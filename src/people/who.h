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
#include "base/token.h"
#include "store/user.h"

struct doorkeeper;

/* What a token may be used for; its holder may never do more than the person it belongs to. Bits. */
enum scope {
    SCOPE_READ = 1,     /* what people see */
    SCOPE_WRITE = 2,    /* what people change */
    SCOPE_TAXII = 4,    /* collections that are open to its person */
    SCOPE_MATCH = 8,    /* the compiled index and the stream of its changes */
    SCOPE_METRICS = 16, /* /metrics */
    SCOPE_ALL = 31,
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
    bool half;              /* of a session: the second factor is still to come, nothing else may be done */
    struct sha256 form_key; /* of a session: what its forms carry against forgery is made from this */
    slice language, zone;   /* of the person; empty: not said */
};

MUST_USE struct err people_doorkeeper_open(struct arena *arena, struct doorkeeper **doorkeeper);
void people_doorkeeper_close(struct doorkeeper *doorkeeper);

/*
 * OK with an actor of ACTOR_NOBODY if nothing was shown at all. ERR_AUTH if what was shown is not good (any more);
 * ERR_LIMIT if there were too many failures from there or for that name, with when to come again.
 */
MUST_USE struct err people_who(struct db *db, struct doorkeeper *doorkeeper, const struct credentials *credentials,
        struct arena *arena, struct who *who);
