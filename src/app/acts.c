/* SPDX-License-Identifier: Apache-2.0 */
#include "app/acts.h"

#include "desk/life.h"
#include "desk/organisation.h"
#include "desk/rule.h"
#include "intel/judge.h"
#include "people/user.h"
#include "share/approve.h"

static const struct share_act acts[] = {
        {"import.undo", VERB_IMPORT_UNDO, intel_do_undo, intel_may_undo},
        {"organisation.add", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_add, NULL},
        {"organisation.change", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_change, NULL},
        {"organisation.rename", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_rename, NULL},
        {"organisation.state", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_state, NULL},
        {"user.roles", VERB_CHANGE_USERS, people_user_do_roles, people_user_may_roles},
        {"warning.approve", VERB_WARN, desk_warning_approve_run, NULL},
        {"warning.withdraw", VERB_WARN, desk_warning_withdraw_run, NULL},
        {"warning.rule", VERB_WARNING_RULES, desk_rule_run, NULL},
        {"warning.rule-end", VERB_WARNING_RULES, desk_rule_end_run, NULL},
};

void acts_open(void)
{
    share_acts_set(acts, COUNT_OF(acts));
}
