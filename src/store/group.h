/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Sharing groups: their versions, what was proposed, and how members voted, as they signed it. What follows from that
 * is decided above (share/group.h).
 */
#include "store/work.h"

#define GROUPS_MAX 1000          /* that a node knows */
#define GROUP_PROPOSALS_MAX 64   /* that change the same version */
#define GROUP_PROPOSALS_OF_MAX 8 /* of these, by one member */
#define GROUPS_OF_MAX 16         /* that one node proposes to found at a time */

enum group_state { GROUP_PROPOSED, GROUP_ACTIVE, GROUP_LEFT, GROUP_DISSOLVED };

struct group {
    int64_t number;
    slice id; /* UUID */
    slice name;
    enum group_state state;
    int64_t version;  /* the last that was decided; 0: none yet */
    int64_t accepted; /* that holds here */
    slice terms;      /* of that; empty: none yet */
    int64_t added_us;
};

struct group_version {
    int64_t group, version;
    slice terms, proposal;
    bool narrows;
    int64_t decided_us;
};

enum proposal_state { PROPOSAL_OPEN, PROPOSAL_CARRIED, PROPOSAL_REJECTED };

struct group_proposal {
    slice id; /* UUID of the statement */
    int64_t group, base;
    slice terms, statement, proposer;
    enum proposal_state state;
    int64_t made_us, ends_us;
};

struct group_vote {
    slice proposal, node;
    bool yes;
    slice statement;
    int64_t received_us;
};

/* Of `put` id and name. ERR_LIMIT beyond GROUPS_MAX; ERR_CONFLICT if there is one of that id. */
MUST_USE struct err store_group_add(struct work *work, const struct group *put, int64_t *number);
/* The row as it is and stays until the work ends: who would change it waits. */
MUST_USE struct err store_group_hold(struct work *work, int64_t number, struct group *row);
/* All but number, id and added_us. */
MUST_USE struct err store_group_change(struct work *work, const struct group *row);
MUST_USE struct err store_group_get(struct db *db, int64_t number, struct arena *arena, struct group *row);
MUST_USE struct err store_group_find(struct db *db, slice id, struct arena *arena, struct group *row);
MUST_USE struct err store_group_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct group **rows, size_t *row_count);

/* One that was never founded goes, with what was proposed for it. */
MUST_USE struct err store_group_forget(struct work *work, int64_t number);

/* Those that hold here; they replace whoever was there. */
MUST_USE struct err store_group_members_put(struct work *work, int64_t group, const slice *nodes, size_t count);
MUST_USE struct err store_group_members(
        struct db *db, int64_t group, struct arena *arena, slice **nodes, size_t *count);
/* *fresh: it had not left before. */
MUST_USE struct err store_group_left_put(struct work *work, int64_t group, slice node, slice statement, bool *fresh);
/* It is back, if it left before that moment. */
MUST_USE struct err store_group_left_drop(
        struct work *work, int64_t group, slice node, int64_t before_us, bool *dropped);
MUST_USE struct err store_group_has_left(struct db *db, int64_t group, slice node, bool *left);

/* ERR_MISSING. */
MUST_USE struct err store_group_version_get(
        struct db *db, int64_t group, int64_t version, struct arena *arena, struct group_version *row);
MUST_USE struct err store_group_version_list(struct db *db, int64_t group, int64_t after, size_t count,
        struct arena *arena, struct group_version **rows, size_t *row_count);
MUST_USE struct err store_group_version_put(struct work *work, const struct group_version *put);
/* Those behind that one go: another one was decided in their place. */
MUST_USE struct err store_group_version_drop(struct work *work, int64_t group, int64_t after);

/* *fresh: it was not there. ERR_LIMIT beyond GROUP_PROPOSALS_MAX that change the same version, GROUP_PROPOSALS_OF_MAX
 * of one member, and GROUPS_OF_MAX that would found a group. */
MUST_USE struct err store_proposal_put(struct work *work, const struct group_proposal *put, bool *fresh);
MUST_USE struct err store_proposal_state(struct work *work, slice id, enum proposal_state state);
/* ERR_MISSING. */
MUST_USE struct err store_proposal_get(struct db *db, slice id, struct arena *arena, struct group_proposal *row);
/* Those that change that version. */
MUST_USE struct err store_proposal_list(struct db *db, int64_t group, int64_t base, struct arena *arena,
        struct group_proposal **rows, size_t *row_count);
/* Those that are open and whose vote ended by that moment. */
MUST_USE struct err store_proposal_due(struct db *db, int64_t now_us, size_t count, struct arena *arena,
        struct group_proposal **rows, size_t *row_count);
/* One a node; of two the yes counts, whichever came first, so that all nodes count the same. *fresh: something changed.
 */
MUST_USE struct err store_vote_put(struct work *work, const struct group_vote *put, bool *fresh);
MUST_USE struct err store_vote_list(
        struct db *db, slice proposal, struct arena *arena, struct group_vote **rows, size_t *row_count);

const char *store_group_state_name(enum group_state state);       /* "active" */
const char *store_proposal_state_name(enum proposal_state state); /* "open" */
