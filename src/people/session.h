/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Sessions as people see them: their own, to end one that they do not know; those of others, for who may stop them.
 */
#include "people/who.h"
#include "store/session.h"

/* Those that are good, of whoever acts or (by right) of another. `doorkeeper` NULL: with those that rest too long. */
MUST_USE struct err people_session_list(struct db *db, const struct doorkeeper *doorkeeper, const struct actor *actor,
        int64_t user, struct arena *arena, struct session **rows, size_t *count);
/* ERR_MISSING if there is none, or it is another's and the actor may not know that. */
MUST_USE struct err people_session_end(struct db *db, const struct actor *actor, int64_t number, struct arena *arena);
/* All of a user but one (0: all), which is the one that asks. */
MUST_USE struct err people_session_end_all(
        struct db *db, const struct actor *actor, int64_t user, int64_t but, struct arena *arena, uint64_t *count);
