/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the pages of reports have in common: a report as a row, in words. Who is of the organisation that told it sees
 * its own words and what became of it, and nothing of ours: no class, no holder, no other report.
 */
#include "case/report.h"
#include "web/outside.h"

/* Whether who asks sees what anybody told, or their own organisation's alone. ERR_DENIED: neither. */
MUST_USE struct err reported_need(const struct ask *ask, bool *own);
/* The report of the path, as far as who asks sees it; ERR_MISSING is the same for what is not there and not theirs. */
MUST_USE struct err reported_get(struct ask *ask, struct report *row, enum case_sight *sight);
/* A field that names a report by its number, or by the reference that people quote. */
MUST_USE struct err reported_typed(const struct ask *ask, slice name, int64_t *report);
/* Whether who asks may triage. */
bool reported_may_work(const struct ask *ask);

/* Three members as in label.h. */
void reported_state(struct ask *ask, const struct report *row, enum case_sight sight);
/* "mail", in the language of who asks. */
slice reported_channel(const struct ask *ask, enum report_channel channel);
/* Why two may be the same. */
slice reported_alike_why(const struct ask *ask, slice why);

/*
 * Members of an open object: number, path, reference, what, channel, channel_text, state as above, received, age,
 * answered; of CASE_ALL also class, class_text, class_rule, severity, flags, is_late, incident,
 * teller {name, path, by, form}, holder, is_mine.
 */
MUST_USE struct err reported_write(struct outside *outside, const struct report *row, enum case_sight sight);
/* A member {number, reference, path, what} of another report; what: cut short. */
void reported_other(struct outside *outside, const struct report *row);
