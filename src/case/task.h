/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of tasks: given by who works on an incident to an organisation or a person, done by them. A task that waits
 * for others, or for somebody's word (a clinical owner before a machine is cut off), cannot be begun before. Rows of
 * the journal have the subject "task/7", and the incident's number in their detail.
 */
#include "case/incident.h"
#include "store/task.h"

#define CASE_TASK_SUBJECT "task"

struct case_task_put {
    int64_t incident;
    slice title, text;    /* text: or empty */
    int64_t organisation; /* that is to do it; 0: we */
    slice person;         /* name of a user of ours; empty: nobody in particular */
    int64_t due_us;       /* TIME_NONE: none; of one that comes again: a span from now */
    int64_t every_us;     /* it comes again that long after it was done (case/round.h); 0: it does not */
    slice agreed_by;      /* whose word it waits for; empty: nobody's */
    int64_t playbook;     /* number of the run; 0: none */
    slice step;
    const int64_t *befores; /* tasks that have to be done first */
    size_t before_count;
};
/* VERB_WORK_INCIDENTS. */
MUST_USE struct err case_task_add(struct work *work, const struct case_task_put *put, int64_t *number);
/*
 * Who does it says how far it is: VERB_TASKS for its organisation. `result`: what came of it, a text that is kept when
 * it is done; ERR_INPUT without one then. ERR_CONFLICT for a way that there is not, or while it waits.
 */
MUST_USE struct err case_task_state(struct work *work, int64_t task, enum task_state state, slice result);
/* Whose word it waits for agrees; `why`: who, and how it was given. VERB_TASKS for its organisation. */
MUST_USE struct err case_task_agree(struct work *work, int64_t task, slice why);
/* The states to which a way leads from there, as bits. */
unsigned case_task_ways(enum task_state state);
/*
 * Whether the actor may know of a task: who sees all of its incident, who is to do it, and another organisation that is
 * to, whatever it sees of the incident. The verbs answer ERR_MISSING to everybody else.
 */
MUST_USE struct err case_task_seen(
        struct db *db, const struct actor *actor, const struct task *task, struct arena *arena, bool *seen);
/* Sets title, text, due (a moment, or empty), every (as 4h, or empty), person or organisation by its name: who gave it,
 * VERB_WORK_INCIDENTS. */
MUST_USE struct err case_task_set(struct work *work, int64_t task, slice field, slice value);

/* ---- For this folder ---- */

/* A new one as it stands; *row gets its number and id. */
MUST_USE struct err case_task_give(struct work *work, struct task *row);
/* Tells the journal of one, with one more fact. */
MUST_USE struct err case_task_tell(
        struct work *work, const char *act, const struct task *task, const char *name, slice text);
