/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Rounds: tasks that come again, and who is told that one is due.
 *
 * When a task with a span (`every`) is done, the next one is given in the same work, to the same organisation and
 * person, due that span after the moment at which it was done: so no answer is ever older than the span, however early
 * the one before it came. A round ends when the task is cancelled, or is done once the incident is recovered. The span
 * goes on to the next one; where a partner does it, the home gives the next, and it travels like any other.
 *
 * The first figure of the clinical side in an incident of ours (a kind of impact that is clinical) begins a round that
 * asks for more of them: of the organisation that it names, else of the only victim, if that is a party and can be
 * reached; else of us. Its result is told a line each, "patients-diverted 12" or "procedures-postponed 4-8", and
 * becomes impacts with their moment; and a figure that is told by itself is such a result.
 *
 * A task that is due tells who is to do it once, by mail or webhook; after a standstill at once. Row of the journal:
 * "task.reminded".
 */
#include "case/task.h"

#define CASE_EVERY_LEAST (10 * MINUTE_US)
#define CASE_EVERY_MOST (366 * DAY_US)
#define CASE_ASKS_CLINICAL "clinical"

/* How often clinical figures are asked for, CASE_EVERY_LEAST at the least; 0: no round begins by itself. For the
 * process; begins with 0. */
void case_round_open(int64_t every_us);

/* Tells of tasks that are due, each in a work of its own; *count: how many. */
MUST_USE struct err case_round_remind(struct db *db, const struct actor *actor, struct arena *arena, size_t *count);

/* ---- For this folder ---- */

/* A task is done, and stored as such: if it is ours its figures become impacts, and the next one is given. */
MUST_USE struct err case_round_done(struct work *work, const struct task *row);
/* ERR_INPUT names a line that begins like a figure and is none. */
MUST_USE struct err case_round_check(const struct task *row, slice result, struct arena *arena);
/* A figure was told of an incident of ours: it answers what is asked, or begins the round. */
MUST_USE struct err case_round_told(struct work *work, const struct incident *incident, const struct impact *told);
