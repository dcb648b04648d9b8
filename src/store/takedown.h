/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Take-downs: pages that imitate somebody, one row for each page of an incident; what was written to whom to have it
 * taken down; and what was found there each time somebody looked.
 */
#include "base/clock.h"
#include "store/work.h"

#define TAKEDOWNS_MAX 10000      /* of one incident */
#define TAKEDOWN_REQUESTS_MAX 50 /* of one page */

enum takedown_state {
    TAKEDOWN_DRAFTED,
    TAKEDOWN_REQUESTED,
    TAKEDOWN_GONE_ONCE,
    TAKEDOWN_GONE_TWICE,
    TAKEDOWN_DOWN,
    TAKEDOWN_GIVEN_UP,
    TAKEDOWN_STATES,
};

struct takedown {
    int64_t number, incident;
    int64_t imitates; /* organisation; 0: nobody that is known here */
    slice url;        /* as it is looked at */
    slice target;     /* by which the same page is the same */
    slice pap;        /* "PAP:GREEN" */
    enum takedown_state state;
    int64_t reports; /* that told of it when it was last counted */
    int64_t reported_us;
    int64_t requested_us; /* TIME_NONE: nothing left yet */
    int64_t down_us;      /* first seen gone, of the three times; TIME_NONE: it is there */
    int64_t returned;
    int64_t check_us; /* TIME_NONE: it is not looked at any more */
    int64_t changed_us;
};

/* In state drafted; all but number, requested_us, down_us, returned and changed_us. ERR_CONFLICT if the incident has
 * that target already. */
MUST_USE struct err store_takedown_add(struct work *work, const struct takedown *put, int64_t *number);
/* The row as it is and stays until the work ends: who would change it waits. ERR_MISSING. */
MUST_USE struct err store_takedown_keep(struct work *work, int64_t number, struct takedown *row);
/* All but incident, url and target. */
MUST_USE struct err store_takedown_change(struct work *work, const struct takedown *row);
MUST_USE struct err store_takedown_get(struct db *db, int64_t number, struct arena *arena, struct takedown *row);
/* ERR_MISSING. */
MUST_USE struct err store_takedown_find(
        struct db *db, int64_t incident, slice target, struct arena *arena, struct takedown *row);
/* Of an incident, in the order in which they were made. */
MUST_USE struct err store_takedown_list(
        struct db *db, int64_t incident, struct arena *arena, struct takedown **rows, size_t *row_count);
/* Newest first, before that number (INT64_MAX: from the end). */
MUST_USE struct err store_takedown_latest(
        struct db *db, int64_t before, size_t count, struct arena *arena, struct takedown **rows, size_t *row_count);
/* Those that are to be looked at, the longest due first. */
MUST_USE struct err store_takedown_due(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct takedown **rows, size_t *row_count);

/* ---- What reports of an incident tell ---- */

struct takedown_told {
    int64_t report, received_us;
    slice url;
};
/* Behind (report, url); begin with 0 and an empty text. */
MUST_USE struct err store_takedown_told(struct db *db, int64_t incident, int64_t report, slice url, size_t count,
        struct arena *arena, struct takedown_told **rows, size_t *row_count);

/* ---- Requests ---- */

enum takedown_recipient {
    TAKEDOWN_HOST,
    TAKEDOWN_REGISTRAR,
    TAKEDOWN_REGISTRY,
    TAKEDOWN_PLATFORM,
    TAKEDOWN_RECIPIENTS,
};
enum takedown_request_state {
    TAKEDOWN_REQUEST_DRAFTED,
    TAKEDOWN_REQUEST_APPROVED,
    TAKEDOWN_REQUEST_SENT,
    TAKEDOWN_REQUEST_ANSWERED,
    TAKEDOWN_REQUEST_REFUSED,
    TAKEDOWN_REQUEST_UNDELIVERED,
    TAKEDOWN_REQUEST_STATES,
};
struct takedown_request {
    int64_t takedown, number;
    enum takedown_recipient recipient;
    slice address; /* of mail, or an https URL of a form */
    slice source;  /* row of the table that named it; empty: a person did */
    slice language, subject, text;
    enum takedown_request_state state;
    int64_t notice; /* 0: none */
    slice approved_by, answer;
    int64_t made_us, sent_us; /* sent_us: TIME_NONE: not yet */
};
/* In state drafted; *number: its own within the take-down. ERR_LIMIT beyond TAKEDOWN_REQUESTS_MAX. */
MUST_USE struct err store_takedown_request_add(struct work *work, const struct takedown_request *put, int64_t *number);
/* state, notice, approved_by, answer, sent_us. */
MUST_USE struct err store_takedown_request_change(struct work *work, const struct takedown_request *row);
MUST_USE struct err store_takedown_request_get(
        struct db *db, int64_t takedown, int64_t number, struct arena *arena, struct takedown_request *row);
/* Which a notice carries; ERR_MISSING: none. */
MUST_USE struct err store_takedown_request_of_notice(
        struct db *db, int64_t notice, struct arena *arena, struct takedown_request *row);
MUST_USE struct err store_takedown_requests(
        struct db *db, int64_t takedown, struct arena *arena, struct takedown_request **rows, size_t *row_count);

/* ---- Looks ---- */

enum takedown_outcome {
    TAKEDOWN_THERE,
    TAKEDOWN_GONE,
    TAKEDOWN_OTHER, /* something answers, and nobody can tell by itself what */
    TAKEDOWN_UNREACHABLE,
    TAKEDOWN_NOT_ALLOWED,
    TAKEDOWN_OUTCOMES,
};
struct takedown_look {
    int64_t looked_us;
    enum takedown_outcome outcome;
    slice detail;
};
/* Now. */
MUST_USE struct err store_takedown_look_add(
        struct work *work, int64_t takedown, enum takedown_outcome outcome, slice detail);
/* Newest first, before that moment (INT64_MAX: from the end). */
MUST_USE struct err store_takedown_looks(struct db *db, int64_t takedown, int64_t before_us, size_t count,
        struct arena *arena, struct takedown_look **rows, size_t *row_count);
/* Since when every look found nobody; TIME_NONE: the last one found something. */
MUST_USE struct err store_takedown_silent(struct db *db, int64_t takedown, int64_t *since_us);

/* What answered when we first saw it there ourselves ("200 ..."); empty: we never did. */
MUST_USE struct err store_takedown_first(struct db *db, int64_t takedown, struct arena *arena, slice *detail);

/* ---- Words ---- */

const char *store_takedown_state_name(enum takedown_state state);             /* "gone-once" */
const char *store_takedown_recipient_name(enum takedown_recipient recipient); /* "registrar" */
bool store_takedown_recipient_find(slice name, enum takedown_recipient *recipient);
const char *store_takedown_request_state_name(enum takedown_request_state state); /* "undelivered" */
const char *store_takedown_outcome_name(enum takedown_outcome outcome);           /* "not-allowed" */
bool store_takedown_outcome_find(slice name, enum takedown_outcome *outcome);
