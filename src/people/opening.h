/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Opening a session inside a work that knows the user and holds it (store_user_hold). Private to this folder.
 */
#include "people/sign_in.h"

struct opening {
    struct doorkeeper *doorkeeper;
    int64_t user;
    enum actor_how how;
    bool half;
    struct ip from;
    slice agent;
};

MUST_USE struct err people_session_open(struct work *work, const struct opening *opening, struct signed_in *signed_in);
