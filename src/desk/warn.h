/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * From what was met to warnings. Two things are followed, by one thread:
 *
 * Batches: what one met becomes warnings, in pieces of one work each; the place is kept in the same work, so that
 * nothing is warned of twice or never, whatever dies.
 *
 * The journal (the follower @warn): what was revoked or judged is withdrawn and corrected; what was held for a consent
 * that has come goes out; what nobody was told of yet waits when its consent is taken back.
 *
 * Of one constituent, cause and class there is one open warning. While it is open it grows in silence; it is told again
 * when it got worse, and a new one is made for what comes after it was done.
 */
#include "desk/decide.h"
#include "desk/times.h"
#include "store/follower.h"

struct desk_warner {
    struct hunt_noise noise;
    struct desk_day day;
};

/* A piece of what there is, of batches and of notes; *did: 0: there is no more. */
MUST_USE struct err desk_warn_some(
        const struct desk_warner *warner, struct db *db, const struct actor *actor, struct arena *arena, size_t *did);
/* The follower. */
struct follower desk_follower(struct desk_warner *warner);
