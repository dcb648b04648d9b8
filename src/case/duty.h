/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Clocks of law. When an incident of ours meets a rule (plan/duty.h), a clock begins for each of its victims or, while
 * it has none, for ourselves; a follower of the journal sees to that. If the moment changes from which a clock runs,
 * another takes its place, by the rule that it had; ours gives way to a victim's of the same rule; and what was
 * replaced stays to be seen. A clock that runs goes on running though the incident does not meet the rule any more:
 * only two persons waive it.
 *
 * Reminders come at 50, 75, 90 and 100 per cent of the time; of several that fell due while nobody was there, the last
 * one comes, at once. Filing ends a clock as met or late, by the moment at which it is said, for good. Rows of the
 * journal have the subject "duty/7", and the incident's number in their detail.
 */
#include "case/incident.h"
#include "plan/duty.h"
#include "store/duty.h"
#include "store/follower.h"
#include "text/catalogue.h"

#define CASE_DUTY_SUBJECT "duty"

/* Follows what is told of incidents, and of duties that were filed. `rules` outlive it. */
struct follower case_duty_follower(const struct plan_duties *rules);
/* Begins and replaces clocks of an incident as it stands. */
MUST_USE struct err case_duty_look(struct work *work, const struct plan_duties *rules, int64_t incident);
struct case_duty_demand {
    int64_t incident;
    int64_t organisation; /* a party of it, of which it was demanded; 0: of ourselves */
    slice rule;
    int64_t at_us; /* TIME_NONE: now */
};
/* Somebody demanded what a rule with start = request is for. ERR_INPUT if the rule is for other kinds of organisation.
 * VERB_WORK_INCIDENTS. */
MUST_USE struct err case_duty_begin(
        struct work *work, const struct plan_duties *rules, const struct case_duty_demand *demand, int64_t *number);
/* Gives the reminders that are due, each in a work of its own; *count: how many. */
MUST_USE struct err case_duty_remind(struct db *db, const struct actor *actor, struct arena *arena, size_t *count);

/*
 * It was filed just now: met, or late. `reference`: of the recipient; `form`: what was filed, byte for byte. ERR_INPUT
 * if it is late and `why` does not say why. VERB_FILE_DUTIES.
 */
MUST_USE struct err case_duty_file(struct work *work, int64_t duty, slice reference, slice form, slice why);
/* An act of two persons, "duty.waive": VERB_WAIVE_DUTIES. */
MUST_USE struct err case_duty_waive(struct db *db, const struct actor *actor, int64_t duty, slice why,
        struct arena *arena, struct share_proposal *proposal);
MUST_USE struct err case_duty_do_waive(struct work *work, slice subject, slice detail);

/*
 * What is to be filed, as far as the incident tells it: what the rule asks for at least, what is not known is marked.
 * As text in a language, or as JSON with the same. *blanks: how many are to be filled in by hand.
 */
MUST_USE struct err case_duty_form(struct db *db, const struct duty *duty, enum language language, bool json,
        struct arena *arena, struct buf *out, size_t *blanks);
