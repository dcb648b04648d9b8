/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Approvals: what one person proposed and another has to agree to before it is done. What is to be done never changes
 * once it was proposed. Who may propose and agree is decided above (share/approve.h).
 */
#include "store/work.h"

#define APPROVAL_DETAIL_MAX (256u << 10) /* bytes of what is to be done */
#define APPROVALS_OPEN_MAX 1000          /* at once: nobody would look through more */

enum approval_state {
    APPROVAL_OPEN,
    APPROVAL_DONE,
    APPROVAL_REFUSED,
    APPROVAL_EXPIRED,
    APPROVAL_FAILED,
    APPROVAL_EMERGENCY, /* done without a second person; nobody else has seen it yet */
    APPROVAL_SEEN,      /* done without one, and seen by another since */
    APPROVAL_STATES,
};

struct approval {
    int64_t number;
    slice act;     /* "agreement.offer" */
    slice subject; /* "agreement/3" */
    slice detail;  /* JSON */
    slice reason;
    slice about; /* SHA-256 in hex of what it is about, as it stood when it was proposed; empty: nothing in particular
                  */
    enum approval_state state;
    int64_t proposer; /* person; 0: who reads the node's keys on its machine */
    slice proposed_by;
    int64_t proposed_us, expires_us;
    int64_t decider; /* 0 as well while nobody decided */
    slice decided_by;
    int64_t decided_us; /* or TIME_NONE */
    slice why;
};

/* Of `put` the act, subject, detail, reason, about, expires_us and state (open or emergency); who acts is the proposer.
 * Of an open one ERR_CONFLICT if just this is proposed already, and ERR_LIMIT beyond APPROVALS_OPEN_MAX. */
MUST_USE struct err store_approval_add(struct work *work, const struct approval *put, int64_t *number);
/* Open -> this state, by who acts. ERR_CONFLICT if it is not open any more. */
MUST_USE struct err store_approval_decide(struct work *work, int64_t number, enum approval_state state, slice why);
/* Emergency -> seen, by who acts. ERR_CONFLICT if it is no emergency, or was seen. */
MUST_USE struct err store_approval_see(struct work *work, int64_t number);

MUST_USE struct err store_approval_get(struct db *db, int64_t number, struct arena *arena, struct approval *row);
/* Behind that number, in the order in which they were proposed. */
MUST_USE struct err store_approval_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct approval **rows, size_t *row_count);
MUST_USE struct err store_approval_open(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct approval **rows, size_t *row_count);
/* What was done in an emergency, and nobody else has seen. */
MUST_USE struct err store_approval_unseen(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct approval **rows, size_t *row_count);
/* Of one subject, the latest first, before that number (INT64_MAX: from the end). */
MUST_USE struct err store_approval_about(struct db *db, slice subject, int64_t before, size_t count,
        struct arena *arena, struct approval **rows, size_t *row_count);
/* The open ones whose time is over at that moment. */
MUST_USE struct err store_approval_due(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct approval **rows, size_t *row_count);

const char *store_approval_state_name(enum approval_state state); /* "open" */
