/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the list of users and the page of one have in common. Private to this folder.
 */
#include "gate/ask.h"
#include "share/approve.h"

/* Whether who asks may see users of that organisation. */
bool user_is_shown(const struct ask *ask, int64_t organisation);
/* The members that both show of a user; `organisation`: its name. */
void user_write(struct ask *ask, const struct user *user, slice organisation);
/* The boxes "role" of a form as bits; false: one is no role. */
bool user_roles_typed(const struct ask *ask, uint32_t *roles);
/* The same as a form wants them: at least one. */
MUST_USE struct err user_roles_check(const struct ask *ask, uint32_t *roles);
/* Two members, "added_name" and "link": it is shown this once. */
void user_link_write(struct ask *ask, slice name, const struct token *link);

/* ---- With a second person ---- */

/* What is asked for waits for another person; the field "reason" says why. */
MUST_USE struct err user_propose(
        struct ask *ask, const char *act, slice subject, slice detail, struct share_proposal *proposal);
