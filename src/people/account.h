/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What people change of their own account besides factors, sessions and tokens: their password, and how they want to be
 * spoken to.
 */
#include "people/sign_in.h"

struct people_password {
    slice old, new;
    struct ip from;
    slice agent;
};

/*
 * ERR_AUTH if the old one is wrong, ERR_INPUT with what is wrong with the new one. All sessions of the user end; the
 * one that asks is a new one (signed_in->session is 0 if it was none).
 */
MUST_USE struct err people_account_password(struct db *db, struct doorkeeper *doorkeeper, const struct who *who,
        const struct people_password *password, struct arena *arena, struct signed_in *signed_in);
/* Language as "id", zone as "Asia/Jakarta"; empty: whatever the browser wants, UTC. */
MUST_USE struct err people_account_taste(
        struct db *db, const struct actor *actor, slice language, slice zone, struct arena *arena);
