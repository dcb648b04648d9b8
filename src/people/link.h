/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What one-time links are for: who was invited, or got a link to reset their password, chooses one with it, and is
 * signed in. Of a user only the newest link works.
 */
#include "people/sign_in.h"

struct people_link_view {
    slice name;    /* of the user */
    slice purpose; /* "set-up", "password" */
    int64_t expires_us;
};

struct people_link_use {
    slice secret;   /* behind "set-up/" */
    slice password; /* the new one */
    struct ip from;
    slice agent;
};

/* What its page shows; the link still works. ERR_AUTH if it does not work, without saying why. */
MUST_USE struct err people_link_view(struct db *db, slice secret, struct arena *arena, struct people_link_view *view);
/*
 * Uses it up: the password holds, all sessions end, and a new one begins (half of one, for who has a second factor).
 * ERR_INPUT with what is wrong with the password; then the link works still.
 */
MUST_USE struct err people_link_use(struct db *db, struct doorkeeper *doorkeeper, const struct people_link_use *use,
        struct arena *arena, struct signed_in *signed_in);
