/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The follower that looks at what partners sent, after they had their answer: does it change what somebody else
 * created, loosen a marking, contradict another source, or want to be carried out? Then there is a claim
 * (store/claim.h), which a person looks at. Nothing of it is applied, and the partner learns nothing of it. Leaves
 * claim.found and claim.settled.
 */
#include "store/claim.h"
#include "store/follower.h"
#include "store/right.h"

/* @claims: rows "import.done". */
extern const struct follower share_claims;

/* What one object claims: bits 1 << enum claim_kind. `others`: all versions that there are of its id. */
struct object;
unsigned share_claims_of(const struct object *object, const struct object *others, size_t count, struct arena *arena);

/* A person has looked at it: VERB_STOP_SHARING. */
MUST_USE struct err share_claim_settle(
        struct db *db, const struct actor *actor, int64_t number, slice reason, struct arena *arena);
