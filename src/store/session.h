/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Sessions: that a person signed in, from where, and until when that holds. Of the secret that a browser shows only the
 * SHA-256 is kept. A session is good while nothing ended it and its end is to come (store_session_is_good).
 */
#include "base/hash.h"
#include "store/work.h"

#define SESSIONS_MAX 64 /* good ones of a person; the one that would end first makes room */

struct session_put {
    int64_t person;
    const struct sha256 *secret;
    enum actor_how how;
    bool half;         /* the second factor is still to come */
    slice from, agent; /* agent: whatever the browser said; kept as people can read it */
    int64_t ends_us;   /* at the latest */
};

struct session {
    int64_t number, person;
    enum actor_how how;
    bool half;
    slice from, agent;
    int64_t made_us, seen_us, ends_us;
    slice ended; /* why it ended before its time; empty: it did not */
};

MUST_USE struct err store_session_add(struct work *work, const struct session_put *put, int64_t *number);
/* Ends one that is good; *ended: it was. `why` is a word or two: "signed out". */
MUST_USE struct err store_session_end(struct work *work, int64_t number, slice why, bool *ended);
/* All of a person but one (0: all). */
MUST_USE struct err store_session_end_all(
        struct work *work, int64_t person, int64_t but, slice why, uint64_t *ended_count);
/* It was used at this moment. No work: nothing hangs on it but how long it rests. */
MUST_USE struct err store_session_seen(struct db *db, int64_t number, int64_t seen_us);

/* By its secret, good or not. ERR_MISSING. */
MUST_USE struct err store_session_find(
        struct db *db, const struct sha256 *secret, struct arena *arena, struct session *session);
MUST_USE struct err store_session_get(struct db *db, int64_t number, struct arena *arena, struct session *session);
/* The good ones of a person, the youngest first: SESSIONS_MAX at most. */
MUST_USE struct err store_session_list(
        struct db *db, int64_t person, int64_t now_us, struct arena *arena, struct session **rows, size_t *row_count);

/* When another whole session of a person than `but` was last used, good or not, to some minutes; TIME_NONE: there is
 * none any more. */
MUST_USE struct err store_session_before(struct db *db, int64_t person, int64_t but, int64_t *seen_us);

static inline bool store_session_is_good(const struct session *session, int64_t now_us)
{
    return session->ended.len == 0 && now_us < session->ends_us;
}
