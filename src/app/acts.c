/* SPDX-License-Identifier: Apache-2.0 */
#include "app/acts.h"

#include "case/incident.h"
#include "desk/life.h"
#include "desk/organisation.h"
#include "desk/rule.h"
#include "intel/judge.h"
#include "people/people.h"
#include "people/user.h"
#include "share/approve.h"

static const struct share_act acts[] = {
        {"import.undo", VERB_IMPORT_UNDO, intel_do_undo, intel_may_undo},
        {"incident.class", VERB_CASE_FACTS, case_incident_do_class, NULL},
        {"incident.close", VERB_CASE_FACTS, case_incident_do_close, NULL},
        {"incident.time", VERB_CASE_FACTS, case_incident_do_time, NULL},
        {"incident.widen", VERB_RELEASE, case_incident_do_widen, NULL},
        {"organisation.add", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_add, NULL},
        {"organisation.change", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_change, NULL},
        {"organisation.rename", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_rename, NULL},
        {"organisation.state", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_state, NULL},
        {"user.roles", VERB_CHANGE_USERS, people_user_do_roles, people_user_may_roles},
        {"warning.approve", VERB_WARN, desk_warning_approve_run, NULL},
        {"warning.withdraw", VERB_WARN, desk_warning_withdraw_run, NULL},
        {"warning.rule", VERB_WARNING_RULES, desk_rule_run, NULL},
        {"warning.rule-end", VERB_WARNING_RULES, desk_rule_end_run, NULL},
        {"user.add", VERB_CHANGE_USERS, people_do_add, people_may_add},
        {"user.close", VERB_CHANGE_USERS, people_user_do_close, people_user_may_change},
        {"user.reset", VERB_CHANGE_USERS, people_user_do_reset, people_user_may_change},
        {"user.unlock", VERB_CHANGE_USERS, people_user_do_unlock, people_user_may_change},
};

void acts_open(void)
{
    share_acts_set(acts, COUNT_OF(acts));
}
