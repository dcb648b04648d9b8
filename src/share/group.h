/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Sharing groups: nodes that agree on terms of reference (charter.h) and change them by proposal and vote. There is no
 * host: a proposal and the votes on it are statements to the group, each signed by its node; whoever has them carries
 * them to the others (a proof), and every node checks each signature by keys that it knows itself and counts. What they
 * make is the same at every node, in whatever order they come (share_motion_first).
 *
 * A member's statement binds the proposal, the terms before, the terms after and who votes. What is late is taken only
 * if it decides: who was away finds the same versions as those who were there.
 *
 * What a vote decides holds here when it takes away only; otherwise when two of our own persons agreed to it, by their
 * yes-vote or afterwards. Nobody is held in a group: who leaves is out at once.
 */
#include "share/approve.h"
#include "share/charter.h"
#include "share/statement.h"
#include "store/group.h"
#include "store/letter.h"

/* ---- What our own people do; all but leaving needs two ---- */

/* Proposes terms for a group, with our vote for them; `group` empty: a new one. `from`: terms of all but the version.
 */
MUST_USE struct err share_group_propose(struct db *db, const struct actor *actor, slice group, slice from, slice reason,
        struct arena *arena, struct share_proposal *proposal);
/* ERR_CONFLICT if we voted for something else that changes the same version and is open still. */
MUST_USE struct err share_group_vote(struct db *db, const struct actor *actor, slice motion, bool yes, slice reason,
        struct arena *arena, struct share_proposal *proposal);
/* What was decided and waits for our consent. */
MUST_USE struct err share_group_accept(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal);
MUST_USE struct err share_group_leave(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal);

/* How a vote stands. */
MUST_USE struct err share_group_tally(
        struct db *db, const struct group_proposal *proposal, struct arena *arena, struct share_tally *tally);

/* ---- What comes from elsewhere ---- */

/* A statement "group.…" of that partner, for the table in post.c. */
MUST_USE struct err share_group_take(struct work *work, int64_t partner, const struct share_letter *letter);
/* A letter was signed, for sign.c. */
MUST_USE struct err share_group_signed(struct work *work, const struct letter *letter, slice statement);
/* Ends votes whose time is over; for a job. */
MUST_USE struct err share_groups_due(struct db *db, const struct actor *actor, struct arena *arena, size_t *count);

/* ---- Rows of the table in approve.c ---- */

struct err share_group_do_propose(struct work *work, slice subject, slice detail);
struct err share_group_do_vote(struct work *work, slice subject, slice detail);
struct err share_group_do_accept(struct work *work, slice subject, slice detail);
struct err share_group_do_leave(struct work *work, slice subject, slice detail);
