/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the files of reports have in common. Private to this folder. */
#include "case/report.h"
#include "desk/fact.h"

/* A row of the journal about a report. */
MUST_USE struct err case_report_tell(
        struct work *work, const char *act, const struct report *row, const struct desk_fact *facts, size_t count);
/* ERR_CONFLICT of an opinion (case/report.h). */
MUST_USE struct err case_report_may_belong(const struct report *row);
/* A number as a fact; 0 is none. */
slice case_report_count(struct work *work, int64_t number);
/* The row, kept, if the actor may work on it and sees it. */
MUST_USE struct err case_report_hold(struct work *work, int64_t report, struct report *row);
