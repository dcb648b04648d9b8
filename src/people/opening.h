/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Parts of works that know the user and hold it (store_user_hold): a session is opened, a code of the second factor is
 * taken. Private to this folder.
 */
#include "people/sign_in.h"

struct opening {
    const struct doorkeeper *doorkeeper;
    int64_t user;
    enum actor_how how;
    bool half;
    struct ip from;
    slice agent;
};

MUST_USE struct err people_session_open(struct work *work, const struct opening *opening, struct signed_in *signed_in);
/* Ends all sessions of the user; opens one anew if one asked (number not 0). */
MUST_USE struct err people_session_renew(
        struct work *work, const struct opening *opening, int64_t asked, slice why, struct signed_in *signed_in);
/*
 * A code of the device, or a recovery code. *taken: it was right and is used up. `waiting`: of a factor that is still
 * to be confirmed, for which there are no recovery codes.
 */
MUST_USE struct err people_factor_take(
        struct work *work, const struct doorkeeper *doorkeeper, int64_t user, slice code, bool waiting, bool *taken);
