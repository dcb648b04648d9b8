/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What follows from the statements that a node has of a group: versions, and what of them holds here. Private to this
 * folder. */
#include "share/group.h"

MUST_USE struct err group_tell(struct work *work, const char *act, const struct group *row, slice why);
/* The terms of a version; of version 0 nothing: *there is false. */
MUST_USE struct err group_charter(struct db *db, const struct group *row, int64_t version, struct arena *arena,
        struct share_charter *charter, bool *there);
/* A proposal with its votes. */
MUST_USE struct err group_motion(
        struct db *db, const struct group_proposal *proposal, struct arena *arena, struct share_motion *motion);
/* Counts anew what changes that version, and all versions behind it; the row is changed and stored. */
MUST_USE struct err group_decide(struct work *work, struct group *row, int64_t base);
/* Two of our own persons agreed to that version, or it takes away only. */
MUST_USE struct err group_accept(struct work *work, struct group *row, const struct share_charter *charter);
/* Members of what holds here and of the last version, who did not leave. */
MUST_USE struct err group_members(struct work *work, struct group *row);
/* What a proposal and its votes are, as a letter to a partner. */
MUST_USE struct err group_proof_send(
        struct work *work, const struct group *row, const struct group_proposal *proposal, int64_t partner);
/* The same to all that are partners of ours, of those who vote and those who would be members. */
MUST_USE struct err group_proof_spread(
        struct work *work, const struct group *row, const struct group_proposal *proposal);
