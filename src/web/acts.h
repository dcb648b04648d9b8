/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What can be done with objects that were picked, as one table: tag, judge, revoke, and the undoing of each. A list and
 * the page of an object offer the same acts and send them to the same place.
 */
#include "gate/ask.h"

#define ACTS_PICKS_MAX 100 /* objects of one form */

/* A member "acts": those that who asks may do, {name, text, explained, wants_tag, wants_reason, wants_at}. */
void acts_write(struct ask *ask);
/* The numbers that a form picked, without doubles. ERR_INPUT for none, ERR_LIMIT beyond ACTS_PICKS_MAX. */
MUST_USE struct err acts_picks(struct ask *ask, int64_t *numbers, size_t *count);
/* A member "picks": the objects as rows; those that are not there (any more) as {number, missing}. */
MUST_USE struct err acts_write_picks(struct ask *ask, const int64_t *numbers, size_t count);
/* Where a form came from, to go back to: a path of ours, or the list. */
slice acts_back(struct ask *ask);
