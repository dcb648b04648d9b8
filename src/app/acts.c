/* SPDX-License-Identifier: Apache-2.0 */
#include "app/acts.h"

#include "intel/judge.h"
#include "people/people.h"
#include "people/user.h"
#include "share/approve.h"

static const struct share_act acts[] = {
        {"import.undo", VERB_IMPORT_UNDO, intel_do_undo, intel_may_undo},
        {"user.add", VERB_CHANGE_USERS, people_do_add, people_may_add},
        {"user.close", VERB_CHANGE_USERS, people_user_do_close, people_user_may_change},
        {"user.reset", VERB_CHANGE_USERS, people_user_do_reset, people_user_may_change},
        {"user.roles", VERB_CHANGE_USERS, people_user_do_roles, people_user_may_roles},
        {"user.unlock", VERB_CHANGE_USERS, people_user_do_unlock, people_user_may_change},
};

void acts_open(void)
{
    share_acts_set(acts, COUNT_OF(acts));
}
