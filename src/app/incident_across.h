/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What an incident has to do with other nodes: `incident share` and `incident questions`. */
#include "app/local.h"

/* Shares it with its parties, ends that (--end), or shows what each would get (--preview). */
MUST_USE struct err incident_share(const struct command_line *line, struct local *local, int64_t incident);
/* Has all whom we serve in a sector (--sector) told what a file says: its first line is the subject. */
MUST_USE struct err incident_alert(const struct command_line *line, struct local *local, int64_t incident);
/* Questions that nobody answered, the most urgent first: incident, number, until when, late or not, whom, text. */
MUST_USE struct err incident_questions(const struct command_line *line, struct local *local);
