/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Tasks: who is to do what until when, in an incident. A task is changed by its home alone: the organisation whose task
 * it is. What has to be done before it are other tasks of the same incident.
 */
#include "base/clock.h"
#include "store/work.h"

#define TASK_BEFORE_MAX 100 /* that have to be done before one */

enum task_state { TASK_TO_DO, TASK_DOING, TASK_WAITING, TASK_DONE, TASK_CANCELLED, TASK_STATES };
#define TASK_ENDED TASK_DONE /* the first of those that are the end */

struct task {
    int64_t number, incident;
    int64_t home;         /* organisation that may change it */
    int64_t organisation; /* that is to do it */
    int64_t person;       /* of ours; 0: nobody in particular */
    slice identity;       /* id of its STIX task */
    slice title, text, result;
    enum task_state state;
    slice agreed_by;   /* whose word it waits for, "clinical owner"; empty: nobody's */
    int64_t agreed_us; /* when that was given; TIME_NONE: not yet */
    int64_t playbook;  /* number of the run of which it is a step; 0: none */
    slice step;
    int64_t due_us, done_us; /* TIME_NONE: none, not yet */
    int64_t every_us;        /* how long after it is done the next one is due; 0: it does not come again */
    slice asks;              /* what its result tells, "clinical"; or empty */
    int64_t told_us;         /* when who is to do it was told that it is due; TIME_NONE: not yet */
    int64_t made_us, changed_us;
    int64_t withdrawn_us; /* its home took it back; TIME_NONE: no */
};

/* All but number, made_us, done_us, told_us, changed_us and withdrawn_us. */
MUST_USE struct err store_task_add(struct work *work, const struct task *put, int64_t *number);
/* The row as it is and stays until the work ends: who would change it waits. ERR_MISSING. */
MUST_USE struct err store_task_keep(struct work *work, int64_t number, struct task *row);
/* All but identity, incident, home, playbook, step, asks, told_us and withdrawn_us: due at another time, or of another,
 * nobody was told of it yet. */
MUST_USE struct err store_task_change(struct work *work, const struct task *row);
MUST_USE struct err store_task_withdraw(struct work *work, int64_t number, int64_t us);
MUST_USE struct err store_task_get(struct db *db, int64_t number, struct arena *arena, struct task *row);
/* By the id of its STIX task; ERR_MISSING. */
MUST_USE struct err store_task_of_identity(struct db *db, slice identity, struct arena *arena, struct task *row);
/* In the order in which they were made. */
MUST_USE struct err store_task_list(
        struct db *db, int64_t incident, struct arena *arena, struct task **rows, size_t *row_count);
/* Those of an organisation that are not ended, the most urgent first, without a time last, behind (due, number); begin
 * with INT64_MIN and 0. */
MUST_USE struct err store_task_of(struct db *db, int64_t organisation, int64_t due_us, int64_t after, size_t count,
        struct arena *arena, struct task **rows, size_t *row_count);

/* Those that are due, and not ended, of which nobody was told yet, the longest due first. */
MUST_USE struct err store_task_to_tell(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct task **rows, size_t *row_count);
/* Who is to do it was told that it is due. */
MUST_USE struct err store_task_told(struct work *work, int64_t number);

/* How much an organisation has to do, of what is not ended. */
struct task_load {
    int64_t organisation;
    slice name;
    int64_t open;                   /* all of them */
    int64_t late, day, week, later; /* due before now, within a day, within a week, after that */
    int64_t timeless;               /* without a time */
    int64_t first_us;               /* when the most urgent one is due; INT64_MAX: none has a time */
};
/* Who sees what: tasks of restricted incidents count for who has the incident, and for who sees them all. */
struct task_sight {
    int64_t person;
    bool restricted;
};
/* The most urgent first, behind (first_us, organisation); begin with INT64_MIN and 0. */
MUST_USE struct err store_task_loads(struct db *db, const struct task_sight *sight, int64_t now_us, int64_t first_us,
        int64_t after, size_t count, struct arena *arena, struct task_load **rows, size_t *row_count);

/* `before` has to be done before `task`; ERR_CONFLICT if that would make a ring, ERR_LIMIT beyond TASK_BEFORE_MAX. */
MUST_USE struct err store_task_after(struct work *work, int64_t task, int64_t before);
MUST_USE struct err store_task_befores(
        struct db *db, int64_t task, struct arena *arena, int64_t **rows, size_t *row_count);
/* How many of those are not ended. */
MUST_USE struct err store_task_waits(struct db *db, int64_t task, int64_t *count);

const char *store_task_state_name(enum task_state state); /* "to-do" */
bool store_task_state_find(slice name, enum task_state *state);
