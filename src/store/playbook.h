/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Playbooks as they came, byte for byte, and in which incidents they were started. A version that is here once is never
 * changed; what it holds plan/playbook.h reads.
 */
#include "base/clock.h"
#include "store/work.h"

enum playbook_state { PLAYBOOK_DRAFT, PLAYBOOK_APPROVED, PLAYBOOK_RETIRED, PLAYBOOK_STATES };

struct playbook {
    int64_t number;
    slice identity, version; /* id and `modified` of CACAO */
    slice name;
    slice types; /* words between blanks; or empty */
    slice class; /* for which incidents it is proposed; or empty */
    enum playbook_state state;
    slice signature; /* none, good, unknown-key */
    int64_t added_us;
    slice actor; /* who took it in */
    slice bytes; /* empty in lists */
};

/* All but number, state, added_us and actor; a draft. ERR_CONFLICT if this version of it is here. */
MUST_USE struct err store_playbook_add(struct work *work, const struct playbook *put, int64_t *number);
/* As it is and stays until the work ends. ERR_MISSING. */
MUST_USE struct err store_playbook_keep(struct work *work, int64_t number, struct playbook *row);
MUST_USE struct err store_playbook_turn(struct work *work, int64_t number, enum playbook_state state);
MUST_USE struct err store_playbook_get(struct db *db, int64_t number, struct arena *arena, struct playbook *row);
/* Those behind a number; without their bytes. */
MUST_USE struct err store_playbook_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct playbook **rows, size_t *row_count);
/* The same of one state. */
MUST_USE struct err store_playbook_of_state(struct db *db, enum playbook_state state, int64_t after, size_t count,
        struct arena *arena, struct playbook **rows, size_t *row_count);

/* Begun in an incident. ERR_CONFLICT if it was begun there before. */
MUST_USE struct err store_playbook_run_add(struct work *work, int64_t playbook, int64_t incident, int64_t *number);

struct playbook_run {
    int64_t number, playbook, begun_us;
    slice name, version, actor; /* of the playbook; who began it */
};
/* Of an incident, in the order in which they were begun. */
MUST_USE struct err store_playbook_runs(
        struct db *db, int64_t incident, struct arena *arena, struct playbook_run **rows, size_t *row_count);

const char *store_playbook_state_name(enum playbook_state state); /* "draft" */
bool store_playbook_state_find(slice name, enum playbook_state *state);
