/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs by which people come to a node: the first ones when it is made, others later. Who has no password yet is
 * invited, by a link that works once; only the hash of its secret is kept.
 */
#include "base/token.h"
#include "store/user.h"

#define PEOPLE_LINK_US (INT64_C(72) * 3600 * 1000000) /* how long a link waits to be used */

/* The own organisation, an administrator without a password, and the link that is to give it one. */
MUST_USE struct err people_begin(
        struct db *db, const struct actor *actor, const char *name, struct arena *arena, struct token *link);

struct people_new {
    slice name;
    slice organisation;  /* by name; empty: the own one */
    uint32_t roles;      /* bits of enum role */
    slice password_hash; /* empty: invited */
};

/* *link is filled where the user was invited. */
MUST_USE struct err people_add(struct db *db, const struct actor *actor, const struct people_new *user,
        struct arena *arena, int64_t *number, struct token *link);

/*
 * The same when two persons have to agree, for their table (share/approve.h): subject "user", detail {"link": HASH,
 * "name", "organisation", "roles": [NAME, ...]}. Who proposes it has the link at once; it works when another has
 * agreed.
 */
MUST_USE struct err people_may_add(
        struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second);
MUST_USE struct err people_do_add(struct work *work, slice subject, slice detail);

/* The link as a person opens it; `url` is that of the node. */
const char *people_link(const char *url, const struct token *link, struct arena *arena);
