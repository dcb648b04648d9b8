/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of playbooks: taken in as they came, approved, retired, started in an incident. Started, each step of work
 * becomes a task in the order of the graph: those before it have to be ended first, those side by side may be done at
 * once, and whoever has a condition as their task decides which way it goes and cancels the other. Nothing is ever run,
 * and no step ends because time has passed: it waits for people.
 *
 * Rows of the journal have the subject "playbook/3"; that one was started is a row of the incident.
 */
#include "plan/playbook.h"
#include "store/playbook.h"

#define CASE_PLAYBOOK_SUBJECT "playbook"

/*
 * Takes in a draft. `name`: the file's, for mistakes. `class`: for which incidents it is proposed, RSIT's
 * taxonomy/type, or empty. VERB_PLAYBOOKS; ERR_INPUT for what plan_playbook_read refuses, ERR_CONFLICT if this version
 * is here.
 */
MUST_USE struct err case_playbook_add(struct work *work, const char *name, slice bytes, slice class, int64_t *number);
/* A draft that may be started from now on. VERB_PLAYBOOKS; ERR_CONFLICT if it is none, or was revoked by its maker. */
MUST_USE struct err case_playbook_approve(struct work *work, int64_t number, slice why);
/* Not to be started any more; what was begun goes on. VERB_PLAYBOOKS. */
MUST_USE struct err case_playbook_retire(struct work *work, int64_t number, slice why);
/*
 * All its tasks or none. VERB_WORK_INCIDENTS; ERR_CONFLICT unless it is approved, and if it was started there before;
 * ERR_DENIED for one that is text only. *tasks: how many there are.
 */
MUST_USE struct err case_playbook_start(struct work *work, int64_t playbook, int64_t incident, size_t *tasks);

/* A row read again: its steps. It was whole when it was taken in. */
MUST_USE struct err case_playbook_read(const struct playbook *row, struct arena *arena, struct plan_playbook *playbook);
