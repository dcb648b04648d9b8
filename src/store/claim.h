/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Claims: what a partner sent that contradicts somebody else, or would change how we work. Each is kept as what its
 * source says, like all else, and nobody follows it; a claim is the note that a person should look.
 */
#include "store/work.h"

enum claim_kind {
    CLAIM_OTHER_CREATOR, /* a version of an object that somebody else created (STIX 2.1 section 3.6) */
    CLAIM_WIDER_MARKING, /* under a looser marking than another source, or it itself before, gave the same object */
    CLAIM_OTHER_CONTENT, /* the same version that another source has, with other content */
    CLAIM_CONFIGURATION, /* a playbook or the like: something that wants to be carried out */
    CLAIM_KINDS,
};
const char *store_claim_kind_name(enum claim_kind kind); /* "other-creator" */

struct claim {
    int64_t number, partner;
    int64_t object; /* what it sent */
    slice id, kind;
    int64_t found_us;
    int64_t settled_us; /* or TIME_NONE */
    slice settled_by;
};

/* *fresh: it was not known before. */
MUST_USE struct err store_claim_add(struct work *work, const struct claim *claim, enum claim_kind kind, bool *fresh);
/* A person looked at it. ERR_MISSING: there is no such claim, or it is settled. */
MUST_USE struct err store_claim_settle(struct work *work, int64_t number);
/* In order behind `after`; of one partner, or with 0 of all. */
MUST_USE struct err store_claim_list(struct db *db, int64_t partner, bool open_only, int64_t after, size_t count,
        struct arena *arena, struct claim **rows, size_t *row_count);

/* The partner whose source an import came from; 0: it is no partner's. */
MUST_USE struct err store_claim_partner(struct db *db, int64_t import, int64_t *partner);
/* Objects that an import brought, in order behind `after`, that could be a claim: another source has their id, or an
 * earlier version of their own source, or they are of a type that wants to be carried out. */
MUST_USE struct err store_claim_suspects(struct db *db, int64_t import, int64_t after, size_t count,
        struct arena *arena, int64_t **objects, size_t *object_count);
