/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the pages of sharing have in common: names of partners, states in words, what is typed into their forms, and how
 * these end. Where a right asks for a second person the form is shown all the same, and what it does waits.
 */
#include "share/approve.h"
#include "store/agreement.h"
#include "store/partner.h"
#include "web/outside.h"

#define SHARED_REASON_MAX 500 /* bytes */
#define SHARED_DAYS_MAX 1826  /* five years */

/* Three members as in label.h: "state", "state_text", "look". */
void shared_partner_state(struct ask *ask, const struct partner *partner);
void shared_agreement_state(struct ask *ask, const struct agreement *agreement);
void shared_approval_state(struct ask *ask, enum approval_state state);

/* Whether who asks may do that, alone or with a second person, for all and not for the own organisation only. */
bool shared_may_act(const struct ask *ask, enum verb verb);
/* The same for what another proposed, or did. */
bool shared_may_decide(const struct ask *ask, const struct approval *row);

/* As it is now. */
MUST_USE struct err shared_partner_get(struct ask *ask, int64_t number, struct partner *partner);
/* A member {number, name}; null for 0, which is nobody in particular. */
MUST_USE struct err shared_partner_write(struct ask *ask, slice key, int64_t number);
/* A member: the array of the partners that have not ended, {number, name, chosen}, for a form. */
MUST_USE struct err shared_partners_write(struct ask *ask, slice key, int64_t chosen);
/* The reason by which a partner does not get an object, in words; the rule's name if there are none. */
slice shared_rule_text(const struct ask *ask, slice rule);

/* The field "reason", which has to be there. */
MUST_USE struct err shared_reason(const struct ask *ask, slice *reason);
/* The number of a partner in a field; 0 if it is empty: nobody in particular. */
MUST_USE struct err shared_partner_typed(const struct ask *ask, slice name, int64_t *partner);
/* Takes the next word off a text: what stands between blanks or ends of lines. */
bool shared_word_next(slice *text, slice *word);
/* A field that holds a day, as 2027-12-31, at that time of it, "23:59:59" UTC. */
MUST_USE struct err shared_day(const struct ask *ask, slice name, const char *time, int64_t *us);
/* The field "days", from now; `otherwise` if it is empty. */
MUST_USE struct err shared_until(const struct ask *ask, int64_t otherwise_us, int64_t *until_us);

/*
 * A form ends: on to `path`, where is said that it was done, or (proposal) that it waits for a second person; or why it
 * was not done, about `field` or the whole form, above the page once more.
 */
struct shared_form {
    const char *path, *done, *field;
    const struct share_proposal *proposal; /* NULL: there can be none */
    struct err (*page)(struct ask *ask);
};
MUST_USE struct err shared_end(struct ask *ask, const struct shared_form *form, struct err err);
/* A file that is to be saved, never shown. */
MUST_USE struct err shared_download(struct ask *ask, slice bytes, slice type, const char *name);
