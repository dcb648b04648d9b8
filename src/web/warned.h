/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the pages about those we serve have in common: how bad something is, what it is called, how far a warning has
 * come, and who is warned, in words. Scripts get the store's own word beside each.
 */
#include "desk/life.h"
#include "detect/hunt.h"
#include "store/warning.h"
#include "web/outside.h"

#define WARNED_REASON_MAX 500 /* bytes of a reason that a person types */

/* Names of organisations that a page met; zeroed to begin with. */
struct warned_names {
    int64_t number[32];
    slice name[32];
    size_t next;
};

/* Whether who asks may see what all those met that we serve. ERR_DENIED for who may see the own only. */
MUST_USE struct err warned_need(const struct ask *ask, enum verb verb);
/* Whether who asks may, with something of that organisation, alone or with a second person. */
bool warned_may(const struct ask *ask, enum verb verb, int64_t organisation);

/* A word from outside, cut and made visible. */
slice warned_word(const struct ask *ask, slice word);
/* "abusive-content/spam": the classes of RSIT, in its order; NULL behind the last. */
const char *warned_class(size_t at);
/* "Infected system" for malicious-code/infected-system; what version 1003 of RSIT does not have stays as it is. */
slice warned_class_text(const struct ask *ask, slice class);
slice warned_severity_text(const struct ask *ask, enum severity severity);
/* Three members: "severity", "severity_text", "severity_look". */
void warned_severity(struct ask *ask, enum severity severity);
/* Three members as in label.h. */
void warned_state(struct ask *ask, const struct warning *warning);
/* A member {number, name, path}; null for 0, which is nobody that we know. */
MUST_USE struct err warned_organisation(struct ask *ask, struct warned_names *names, slice key, int64_t organisation);

/*
 * Members of an open object: number, path, organisation, class, class_text, severity and state as above, open, held,
 * is_held, does, tlp, events, first, last, drafted, age, due, due_in, is_overdue, told, chased.
 */
MUST_USE struct err warned_write(struct outside *outside, struct warned_names *names, const struct warning *warning);

/* What is probably noise here, with the warning lists as they are now; they are left with warned_noise_leave. */
struct hunt_noise warned_noise(const struct ask *ask);
void warned_noise_leave(const struct ask *ask, const struct hunt_noise *noise);

/* What became of telling the team of their sector that nobody answers: "sector_told", "sector_why" (or empty). */
void warned_sector(struct outside *outside, const struct warning *warning);

/* A member "met": windows in which something was met, with so many details at most; "any_met", "more_met". */
MUST_USE struct err warned_met(struct outside *outside, int64_t warning, size_t details);

/* Why a warning waits or got a state, as the store has it, in the language of who asks. */
slice warned_why(const struct ask *ask, slice why);

/* The field "reason" of a form, which may be empty. */
MUST_USE struct err warned_reason(const struct ask *ask, slice *reason);
/* Whoever was warned answers, or one of us for them (warning.c); the verb asks for the right. */
MUST_USE struct err warned_answer(struct ask *ask, int64_t warning, enum desk_answer answer, slice reason);
