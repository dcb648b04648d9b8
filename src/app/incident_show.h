/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Incidents and tasks as a terminal or a script gets them: one line each, or one JSON object with --json. Every text is
 * from outside: what a terminal would take for orders is made visible, values are defanged.
 */
#include "app/local.h"
#include "store/incident.h"
#include "store/task.h"

void incident_show_line(const struct command_line *line, const struct incident *row);
/* With its parties, tasks, observables, impacts, scales and timeline. */
MUST_USE struct err incident_show_whole(
        const struct command_line *line, struct local *local, const struct incident *row);
void task_show_line(const struct command_line *line, const struct task *row, slice organisation);
