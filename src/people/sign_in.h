/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Signing in, by which a name and password become a session: a secret for the browser's cookie, new each time somebody
 * is known better than before. Who has a second factor gets half a session, with which a code can be given and nothing
 * else be done.
 */
#include "people/who.h"

struct sign_in {
    slice name, password;
    slice code; /* of the second factor; empty: not said yet */
    struct ip from;
    slice agent; /* what the browser calls itself */
};

struct signed_in {
    struct token secret; /* for the cookie; shown to nobody else */
    int64_t session, user;
    bool half;       /* the code is still to come */
    int64_t ends_us; /* at the latest */
};

/* ERR_AUTH, ERR_LIMIT, as people_who. */
MUST_USE struct err people_sign_in(struct db *db, struct doorkeeper *doorkeeper, const struct sign_in *sign_in,
        struct arena *arena, struct signed_in *signed_in);
/* Ends the session that asks. */
MUST_USE struct err people_sign_out(struct db *db, const struct who *who, struct arena *arena);
