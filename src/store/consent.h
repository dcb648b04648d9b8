/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Consent: whether an originator agreed that a partner of ours has its object, as it signed it or as it stands on
 * paper; and what partners ask us about objects of ours. Everything is kept, an answer that is taken back too.
 */
#include "base/clock.h"
#include "store/work.h"

/* As a recipient: those whom we serve and whom it concerns. Consent for them lets it go to no partner. */
#define CONSENT_AFFECTED INT64_C(-1)

enum consent_state { CONSENT_TO_ASK, CONSENT_ASKED, CONSENT_GIVEN, CONSENT_REFUSED, CONSENT_WITHDRAWN, CONSENT_STATES };

struct consent {
    int64_t number;
    int64_t originator; /* partner; 0: somebody outside */
    slice id, type;     /* id empty: all of that type */
    int64_t recipient;  /* partner; 0: any; or CONSENT_AFFECTED */
    enum consent_state state;
    slice paper;                             /* the words on paper; the next three are of it */
    slice giver;                             /* who gave it */
    int64_t given_us;                        /* the day on the paper, or TIME_NONE */
    slice scan;                              /* SHA-256 of its scan, hexadecimal; empty: there is none */
    int64_t asked_us, answered_us, until_us; /* answered_us: or TIME_NONE */
};

/* One that is there stays as it is but for the state, the paper and until_us; one that was answered is not asked again.
 */
MUST_USE struct err store_consent_put(struct work *work, const struct consent *put, slice statement, int64_t *number);
/* That many questions are on their way to an originator. */
MUST_USE struct err store_consent_asked(struct work *work, const int64_t *numbers, size_t count);
/* What the originator says of an id for a recipient; ERR_MISSING if we did not ask. */
MUST_USE struct err store_consent_answer(struct work *work, int64_t originator, slice id, int64_t recipient,
        enum consent_state state, slice statement, int64_t until_us);
/* Of one that was given; ERR_CONFLICT if it is not. *row: as it was. */
MUST_USE struct err store_consent_withdraw(struct work *work, int64_t number, struct consent *row);
MUST_USE struct err store_consent_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct consent **rows, size_t *row_count);
/* Those that are still to be asked, in order. */
MUST_USE struct err store_consent_to_ask(
        struct db *db, size_t count, struct arena *arena, struct consent **rows, size_t *row_count);
/* Until when one holds that holds now; 0: none does. */
MUST_USE struct err store_consent_until(
        struct db *db, int64_t originator, slice id, slice type, int64_t recipient, int64_t now_us, int64_t *until_us);
const char *store_consent_state_name(enum consent_state state); /* "to-ask" */

/* ---- What partners ask us ---- */

struct consent_request {
    int64_t number, partner;
    slice statement_id, ids, recipient; /* ids: one a line */
    enum consent_state state;           /* CONSENT_ASKED: nobody answered yet */
    int64_t asked_us;
};
/* Once for each statement. ERR_LIMIT beyond CONSENT_REQUESTS_MAX open ones of a partner. */
#define CONSENT_REQUESTS_MAX 1000
MUST_USE struct err store_consent_request_put(struct work *work, const struct consent_request *put);
MUST_USE struct err store_consent_request_get(
        struct db *db, int64_t number, struct arena *arena, struct consent_request *row);
/* Open ones, or (untold) those that were answered and whose answer is not on its way yet. */
MUST_USE struct err store_consent_request_list(struct db *db, bool untold, int64_t after, size_t count,
        struct arena *arena, struct consent_request **rows, size_t *row_count);
/* ERR_CONFLICT if it was answered. */
MUST_USE struct err store_consent_request_answer(struct work *work, int64_t number, enum consent_state state);
MUST_USE struct err store_consent_request_told(struct work *work, int64_t number);
