/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Reports as a terminal or a script gets them: one line each, or one JSON object with --json. Every text is a
 * stranger's: what a terminal would take for orders is made visible, values are defanged. Who told it is shown with the
 * whole report only; of incidents and other reports beside it those that who asks sees.
 */
#include "app/local.h"
#include "store/report.h"

MUST_USE struct err report_show_line(const struct command_line *line, struct local *local, const struct report *row);
/* With who told it, values, what may be the same, the thread and what hung on it. */
MUST_USE struct err report_show_whole(const struct command_line *line, struct local *local, const struct report *row);
