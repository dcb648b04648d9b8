/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Agreements: one with each partner at a time, its terms in versions, and who of both signed which. What leaves under
 * one carries its generation, which each change raises. Who may change what is decided above (share/agreement.h).
 */
#include "store/work.h"

/* SQL: a row `a` of agreement lets things leave at the moment that is parameter `now` ("$3"). */
#define AGREEMENT_IS_IN_FORCE(now) "(a.state = 'in-force' AND a.from_us <= " now " AND a.until_us > " now ")"

enum agreement_state {
    AGREEMENT_DRAFT,   /* nobody signed anything */
    AGREEMENT_OFFERED, /* one side did */
    AGREEMENT_IN_FORCE,
    AGREEMENT_SUSPENDED,
    AGREEMENT_ENDED,
};
/* Bits: who suspended it. */
enum agreement_side { AGREEMENT_US = 1, AGREEMENT_THEM = 2 };

struct agreement {
    int64_t number;
    slice id; /* UUID, the same on both sides */
    int64_t partner;
    enum agreement_state state;
    unsigned suspended;          /* enum agreement_side */
    int64_t version, generation; /* version 0: none holds yet */
    slice terms;                 /* that hold; empty: none yet */
    int64_t from_us, until_us;
    int64_t log;         /* its partner log; 0: none yet */
    int64_t reminded_us; /* or TIME_NONE */
    int64_t added_us;
    int64_t ended_us; /* or TIME_NONE */
    slice why;
};

enum agreement_stage {
    VERSION_DRAFT,    /* ours, nobody signed */
    VERSION_RECEIVED, /* theirs, our two persons have not agreed */
    VERSION_AGREED,   /* our two persons did, it is about to be signed */
    VERSION_SIGNED,   /* it waits for them */
    VERSION_HELD,
    VERSION_REFUSED,
    VERSION_REPLACED,
};

struct agreement_version {
    int64_t agreement, version;
    slice terms;
    enum agreement_stage stage;
    slice ours, theirs; /* statements; of a partner without keys its words */
    bool narrows;
    int64_t made_us, held_us; /* held_us: or TIME_NONE */
    slice why;
};

/* Of `put` id and partner. ERR_CONFLICT if there is one with that partner that has not ended. */
MUST_USE struct err store_agreement_add(struct work *work, const struct agreement *put, int64_t *number);
/* The row as it is and stays until the work ends: who would change it waits. */
MUST_USE struct err store_agreement_hold(struct work *work, int64_t number, struct agreement *row);
/* All but number, id, partner and added_us. */
MUST_USE struct err store_agreement_change(struct work *work, const struct agreement *row);

MUST_USE struct err store_agreement_get(struct db *db, int64_t number, struct arena *arena, struct agreement *row);
MUST_USE struct err store_agreement_find(struct db *db, slice id, struct arena *arena, struct agreement *row);
/* The one with a partner that has not ended; else the last that did. ERR_MISSING: there never was one. */
MUST_USE struct err store_agreement_with(struct db *db, int64_t partner, struct arena *arena, struct agreement *row);
/* The log of the last one with that partner before this one; 0: there was none. */
MUST_USE struct err store_agreement_log_before(struct db *db, int64_t partner, int64_t number, int64_t *log);
MUST_USE struct err store_agreement_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct agreement **rows, size_t *row_count);
/* Those that hold, or are suspended, and end by that moment. */
MUST_USE struct err store_agreement_ending(
        struct db *db, int64_t by_us, size_t count, struct arena *arena, struct agreement **rows, size_t *row_count);

/* The row of that number is replaced, if it is there. */
MUST_USE struct err store_agreement_version_put(struct work *work, const struct agreement_version *put);
/* ERR_MISSING. */
MUST_USE struct err store_agreement_version_get(
        struct db *db, int64_t agreement, int64_t version, struct arena *arena, struct agreement_version *row);
MUST_USE struct err store_agreement_version_list(struct db *db, int64_t agreement, int64_t after, size_t count,
        struct arena *arena, struct agreement_version **rows, size_t *row_count);

const char *store_agreement_state_name(enum agreement_state state); /* "in-force" */
const char *store_agreement_stage_name(enum agreement_stage stage); /* "held" */
const char *store_agreement_side_name(unsigned suspended);          /* "", "us", "them", "both" */
