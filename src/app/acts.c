/* SPDX-License-Identifier: Apache-2.0 */
#include "app/acts.h"

#include "intel/judge.h"
#include "people/user.h"
#include "share/approve.h"

static const struct share_act acts[] = {
        {"import.undo", VERB_IMPORT_UNDO, intel_do_undo, intel_may_undo},
        {"user.roles", VERB_CHANGE_USERS, people_user_do_roles, people_user_may_roles},
};

void acts_open(void)
{
    share_acts_set(acts, COUNT_OF(acts));
}
