/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Organisations: the own one, those it serves (constituents), partners and others. They change their names and keep
 * their history: each name has been theirs from a moment to another.
 */
#include "store/work.h"

#define ORGANISATION_DEPTH_MAX 16      /* parents above one */
#define ORGANISATION_NAMES_MAX 1000000 /* of those whom we serve */

/* What it is to this node. */
enum organisation_relation { RELATION_OWN, RELATION_CONSTITUENT, RELATION_PARTNER, RELATION_OTHER };
enum organisation_state { ORGANISATION_PROPOSED, ORGANISATION_ACTIVE, ORGANISATION_SUSPENDED, ORGANISATION_CLOSED };

struct organisation_put {
    slice name;
    slice kind;    /* "team", "ministry", "hospital", "supplier", "platform", "police", "other" */
    slice sector;  /* or empty */
    slice country; /* two letters of ISO 3166-1, or empty */
    enum organisation_relation relation;
    int64_t parent; /* 0: none */
    slice identity; /* of store_organisation_add: id of the STIX identity that stands for it; empty: a new one */
};

struct organisation {
    int64_t number;
    slice identity; /* id of the STIX identity that stands for it */
    slice name, kind, sector, country;
    enum organisation_relation relation;
    enum organisation_state state;
    int64_t parent, added_us;
    slice team_of; /* the sector whose team it is; or empty */
};

struct organisation_name {
    slice name;
    int64_t from_us, until_us; /* until_us: TIME_NONE: still */
};

/* ERR_CONFLICT if the name is another's today, or there is an own organisation already; ERR_INPUT for other words. */
MUST_USE struct err store_organisation_add(struct work *work, const struct organisation_put *put, int64_t *number);
/* All but the name and what it is to us. ERR_INPUT if it would be its own ancestor. */
MUST_USE struct err store_organisation_change(struct work *work, int64_t number, const struct organisation_put *put);
/* From `from_us` on it has another name. ERR_INPUT if that is before it got its present one. */
MUST_USE struct err store_organisation_rename(struct work *work, int64_t number, slice name, int64_t from_us);
/* proposed -> active -> suspended -> active, and any -> closed. ERR_CONFLICT for other ways. */
MUST_USE struct err store_organisation_state(struct work *work, int64_t number, enum organisation_state state);

MUST_USE struct err store_organisation_get(
        struct db *db, int64_t number, struct arena *arena, struct organisation *organisation);
/* By a name of today or of before; the one that has it today comes first. ERR_MISSING. */
MUST_USE struct err store_organisation_find(struct db *db, slice name, int64_t *number);
/* By the id of its STIX identity; ERR_MISSING. */
MUST_USE struct err store_organisation_of_identity(
        struct db *db, slice identity, struct arena *arena, struct organisation *organisation);
/* It is the team of a sector (empty: of none any more), which has one. ERR_CONFLICT: another is. */
MUST_USE struct err store_organisation_team(struct work *work, int64_t number, slice sector);
/* The team of a sector; ERR_MISSING: it has none that is active. */
MUST_USE struct err store_organisation_team_of(
        struct db *db, slice sector, struct arena *arena, struct organisation *organisation);
/* How many constituents we serve, of a sector or (empty) at all. */
MUST_USE struct err store_organisation_served(struct db *db, slice sector, int64_t *count);
/* All names of constituents, those that they had before, too. */
MUST_USE struct err store_organisation_served_names(struct db *db, struct arena *arena, slice **names, size_t *count);
/* The own one; ERR_MISSING before it was made. */
MUST_USE struct err store_organisation_own(struct db *db, int64_t *number);
MUST_USE struct err store_organisation_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct organisation **rows, size_t *row_count);
/* Oldest first. */
MUST_USE struct err store_organisation_names(
        struct db *db, int64_t number, struct arena *arena, struct organisation_name **rows, size_t *row_count);

const char *store_relation_name(enum organisation_relation relation);     /* "constituent" */
const char *store_organisation_state_name(enum organisation_state state); /* "active" */
/* False if it is none. */
bool store_relation_find(slice name, enum organisation_relation *relation);
bool store_organisation_state_find(slice name, enum organisation_state *state);
