/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Whom we serve, on the page of an organisation: what is theirs, who can be told there, what is open, and how many
 * events there were. Private to this folder.
 */
#include "store/contact.h"
#include "store/organisation.h"
#include "web/outside.h"

/* Members of the page; those that who asks may not see are not there, "is_served" says whether any are. */
MUST_USE struct err constituent_write(struct ask *ask, const struct organisation *organisation);

/* Members "contacts": those that are not closed, and "any_contacts". */
MUST_USE struct err constituent_contacts(struct ask *ask, int64_t organisation);
/* A member: what is theirs now; "more_assets": behind which number there is more, or null. */
MUST_USE struct err constituent_assets(struct ask *ask, int64_t organisation, int64_t after);
