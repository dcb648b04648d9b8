/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Clocks of law at work: one row each, with the rule as it was when the clock began. A row ends once, as met, late,
 * waived or replaced by another of the same rule, and is never changed afterwards.
 */
#include "base/clock.h"
#include "store/work.h"

#define DUTY_FORM_MAX (1u << 20) /* bytes of what was filed */
#define DUTIES_MAX 1000          /* of one incident */

enum duty_state { DUTY_RUNNING, DUTY_MET, DUTY_LATE, DUTY_WAIVED, DUTY_REPLACED, DUTY_STATES };

struct duty {
    int64_t number, incident;
    slice rule, version; /* name of the rule, and of its file */
    slice text;          /* the rule, as it is written there */
    int64_t organisation;
    slice recipient;
    int64_t starts_us;
    int64_t due_us; /* TIME_NONE: without undue delay */
    enum duty_state state;
    int64_t reminded;  /* per cent of the time: 0, 50, 75, 90, 100 */
    int64_t remind_us; /* TIME_NONE: no more */
    int64_t filed_us;  /* TIME_NONE: not yet */
    slice filed_by, reference, why;
};

/* In state running; all but number, reminded and the last four. */
MUST_USE struct err store_duty_add(struct work *work, const struct duty *put, int64_t *number);
/* A reminder of so many per cent was given, and the next is at remind_us. */
MUST_USE struct err store_duty_reminded(struct work *work, int64_t number, int64_t per_cent, int64_t remind_us);
struct duty_end {
    enum duty_state state;
    int64_t filed_us; /* TIME_NONE: it was not filed */
    slice filed_by, reference, why, form;
};
/* ERR_CONFLICT if it does not run any more: what has ended stays as it is. */
MUST_USE struct err store_duty_end(struct work *work, int64_t number, const struct duty_end *end);

MUST_USE struct err store_duty_get(struct db *db, int64_t number, struct arena *arena, struct duty *row);
/* What was filed, byte for byte; empty: nothing. */
MUST_USE struct err store_duty_form(struct db *db, int64_t number, struct arena *arena, slice *form);
/* Of an incident, in the order in which they began; those that were replaced, too. */
MUST_USE struct err store_duty_list(
        struct db *db, int64_t incident, struct arena *arena, struct duty **rows, size_t *row_count);
/* Those that run, the most urgent first, without an end last, behind (due, number); begin with INT64_MIN and 0. */
MUST_USE struct err store_duty_running(struct db *db, int64_t due_us, int64_t after, size_t count, struct arena *arena,
        struct duty **rows, size_t *row_count);
/* Those that ended so, the latest first, before a number (INT64_MAX: from the end). */
MUST_USE struct err store_duty_ended(struct db *db, enum duty_state state, int64_t before, size_t count,
        struct arena *arena, struct duty **rows, size_t *row_count);
/* Those whose reminder is due, the oldest first. */
MUST_USE struct err store_duty_to_remind(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct duty **rows, size_t *row_count);

const char *store_duty_state_name(enum duty_state state); /* "running" */
