/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The form for terms of reference of a sharing group: one field for each thing that members vote on, and members to
 * tick. What a script sends as a document goes the same way (field "terms").
 */
#include "share/charter.h"
#include "web/outside.h"

/*
 * A member "form": {name, purpose, quorum, yes, of, days, meetings, markings: [{name, chosen}], members and proposers:
 * [{node, name, chosen}], too_many: not all partners are among them}, filled in with what was typed, else with `now`,
 * else (NULL: a new group) with what is usual.
 */
MUST_USE struct err charter_form_write(struct ask *ask, const struct share_charter *now);
/* What was typed, as a document of all but the version: the one that was pasted, or made of the fields. */
MUST_USE struct err charter_form_read(struct ask *ask, const struct share_charter *now, slice *terms);
