/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Visits: how the node of a partner says who asks, and how ours does. A visit is a statement of type "visit" in the
 * Authorization header, made anew for each request, good for a few minutes and for the one node that it names. It lets
 * in as the account of the partner, as long as the partner is active and nothing pauses it: that is asked each time.
 *
 * A visit may be shown again while it is good, since TLS keeps it from others; what must happen once only is a
 * statement of its own (post.h).
 */
#include "share/keys.h"
#include "store/actor.h"

#define SHARE_VISIT_SCHEME "Kentongan" /* of the Authorization header: the statement follows in base64url */
#define SHARE_VISIT_US (5 * MINUTE_US) /* at most, from when it says that it was made */
#define SHARE_VISIT_BYTES_MAX 4096     /* of the header */

struct share_visitor {
    int64_t partner;
    struct actor actor;
};

/* ERR_AUTH in the same words whatever is wrong: what failed is nobody's business. ERR_SYSTEM if nobody can know. */
MUST_USE struct err share_visitor_find(struct db *db, slice shown, struct arena *arena, struct share_visitor *visitor);
/* The account of a partner as an actor. */
struct actor share_visitor_actor(const struct partner *partner);

/* The value of our header for that node. */
MUST_USE struct err share_visit_write(
        const struct share_keys *keys, slice node, struct arena *arena, const char **authorization);
