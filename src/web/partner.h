/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A partner as a row of the list and on its own page: what both say. */
#include "store/ledger.h"
#include "web/shared.h"

/* "its own node", "TAXII only". */
slice partner_kind_text(const struct ask *ask, enum partner_kind kind);
/* A member: the sentences on what a partner of that kind cannot prove or acknowledge; empty where it can all. */
void partner_limits(struct ask *ask, slice key, enum partner_kind kind);
/*
 * Members of an open object: "contact" (a moment, or null), "wrong", which is an array of {what, how}: each thing that
 * keeps us from sharing, and what to do about it; "any_wrong".
 */
MUST_USE struct err partner_contact(struct ask *ask, struct outside *outside, const struct partner *partner);
