/* SPDX-License-Identifier: Apache-2.0 */
#include "app/acts.h"

#include "case/across.h"
#include "case/alert.h"
#include "case/duty.h"
#include "case/evidence.h"
#include "case/incident.h"
#include "case/lesson.h"
#include "case/risk.h"
#include "case/subject.h"
#include "desk/emergency.h"
#include "desk/life.h"
#include "desk/organisation.h"
#include "desk/rule.h"
#include "desk/sector.h"
#include "intel/judge.h"
#include "people/people.h"
#include "people/token.h"
#include "people/user.h"
#include "share/approve.h"
#include "taxii/granting.h"
#include "text/catalogue.h"

static const struct share_act acts[] = {
        {"import.undo", VERB_IMPORT_UNDO, intel_do_undo, intel_may_undo, NULL, W_C("Undo an import"),
                W_C("What it brought is not seen any more."), "import/N, why"},
        {"duty.waive", VERB_WAIVE_DUTIES, case_duty_do_waive, NULL, NULL, W_C("Waive what law demands"),
                W_C("Its clock ends, and nobody has to be told."), "duty/N, its rule, incident and moment, why"},
        {"evidence.destroy", VERB_KEEP_EVIDENCE, case_evidence_do_destroy, NULL, NULL, W_C("Destroy evidence"),
                W_C("Its key is gone at once, and nobody reads it any more; its custody stays."),
                "incident/N, the items, the basis in law"},
        {"evidence.hand", VERB_HAND_EVIDENCE, case_evidence_do_hand, NULL, NULL, W_C("Hand evidence over"),
                W_C("Who it is for may take it as a package from then on."), "incident/N, the items, to whom"},
        {"evidence.hold", VERB_KEEP_EVIDENCE, case_evidence_do_hold, NULL, NULL, W_C("Hold evidence"),
                W_C("It cannot be destroyed before."), "incident/N, the items, until when"},
        {"incident.alert", VERB_SHARE_INCIDENTS, case_alert_do, NULL, NULL, W_C("Alert a sector"),
                W_C("All whom we serve in it get this letter."), "incident/N, the sector, the letter"},
        {"incident.class", VERB_CASE_FACTS, case_incident_do_class, NULL, NULL, W_C("Give an incident another class"),
                W_C("Figures from now on count it there; what it was stays known."),
                "incident/N, the class before and after"},
        {"incident.close", VERB_CASE_FACTS, case_incident_do_close, NULL, NULL, W_C("Close a critical incident"),
                W_C("Nobody works on it any more, until it is opened again."), "incident/N, why"},
        {"incident.share", VERB_SHARE_INCIDENTS, case_across_do_share, NULL, NULL,
                W_C("Share an incident with its parties"),
                W_C("What is said to a party goes to its node from then on, as far as it may leave."),
                "incident/N, its parties, why"},
        {"incident.time", VERB_CASE_FACTS, case_incident_do_time, NULL, NULL, W_C("Change a time of an incident"),
                W_C("Clocks of law go by it; what was told before stays known."),
                "incident/N, the time before and after"},
        {"incident.widen", VERB_RELEASE, case_incident_do_widen, NULL, NULL,
                W_C("Make the marking of an incident wider"), W_C("More may be told of it, and to more."),
                "incident/N, the marking before and after"},
        {"lesson.share", VERB_LESSONS, case_lesson_do_share, NULL, NULL, W_C("Share a lesson"),
                W_C("It becomes a report of ours, which partners get as their agreements say."),
                "lesson/N, its title, marking and the SHA-256 of its text"},
        {"organisation.add", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_add, NULL, NULL,
                W_C("Add an organisation"), W_C("The node knows it from then on."), "organisation, what is said of it"},
        {"organisation.change", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_change, NULL, desk_organisation_about,
                W_C("Change an organisation"), W_C("What is said of it holds at once."),
                "organisation/N, what is said of it"},
        {"organisation.rename", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_rename, NULL, desk_organisation_about,
                W_C("Give an organisation another name"), W_C("It is found by its old name, too."),
                "organisation/N, the name"},
        {"organisation.state", VERB_CHANGE_ORGANISATIONS, desk_organisation_do_state, NULL, desk_organisation_about,
                W_C("Activate, suspend or close an organisation"),
                W_C("When it is closed, nothing is theirs any more, and nobody there is told anything."),
                "organisation/N, the state"},
        {"risk.accept", VERB_ACCEPT_RISKS, case_risk_do_accept, case_risk_may_accept, case_risk_about,
                W_C("Accept a grave risk"), W_C("It is borne until it is looked at again, or grows."),
                "risk/N, its likelihood, impact and level, why"},
        {"user.roles", VERB_CHANGE_USERS, people_user_do_roles, people_user_may_roles, people_user_about,
                W_C("Change the roles of a user"), W_C("They hold at once."), "user/N, the roles"},
        {"warning.approve", VERB_WARN, desk_warning_approve_run, NULL, NULL, W_C("Let warnings go out"),
                W_C("They go out now, or with the day's digest."), "the warnings"},
        {"warning.withdraw", VERB_WARN, desk_warning_withdraw_run, NULL, NULL, W_C("Withdraw warnings"),
                W_C("Whoever was warned of it gets a correction."), "the warnings, why"},
        {"warning.rule", VERB_WARNING_RULES, desk_rule_run, NULL, NULL, W_C("A standing rule of warning"),
                W_C("What it covers goes out, or waits, as it says."), "what goes out to whom, until when"},
        {"warning.rule-end", VERB_WARNING_RULES, desk_rule_end_run, NULL, NULL, W_C("End a standing rule of warning"),
                W_C("What it covered goes by the other rules from then on."), "the rule"},
        {"warning.sector", VERB_WARNING_RULES, desk_sector_run, NULL, NULL, W_C("Name the team of a sector"),
                W_C("It hears of those in the sector who answer no warning, where the marking permits it."),
                "organisation/N, the sector"},
        {"user.add", VERB_CHANGE_USERS, people_do_add, people_may_add, NULL, W_C("Add a user"),
                W_C("The link that was made for it works."),
                "user, name, organisation and roles, the hash of the link"},
        {"user.close", VERB_CHANGE_USERS, people_user_do_close, people_user_may_change, people_user_about,
                W_C("Close a user for good"), W_C("Nobody is let in as that user any more."), "user/N"},
        {"user.reset", VERB_CHANGE_USERS, people_user_do_reset, people_user_may_change, people_user_about,
                W_C("A link for a new password"), W_C("The link that was made for it works."),
                "user/N, the hash of the link"},
        {"user.unlock", VERB_CHANGE_USERS, people_user_do_unlock, people_user_may_change, people_user_about,
                W_C("Let a locked user in again"), W_C("The user may sign in."), "user/N"},
        {"user.factor-off", VERB_CHANGE_USERS, people_user_do_factor_off, people_user_may_change, people_user_about,
                W_C("Take the second factor of a user away"), W_C("The user signs in by password alone."), "user/N"},
        {"user.token", VERB_CHANGE_USERS, people_token_do_add, people_user_may_change, people_user_about,
                W_C("Make a token for a user"), W_C("The token that was made works."),
                "user/N, the token's hash, name, scopes and end"},
        {"user.certificate-add", VERB_CHANGE_USERS, people_user_do_certificate_add, people_user_may_change,
                people_user_about, W_C("Let a user be known by a certificate"),
                W_C("Who has its key is let in as that user."),
                "user/N, fingerprint, subject and end of the certificate"},
        {"user.certificate-drop", VERB_CHANGE_USERS, people_user_do_certificate_drop, people_user_may_change,
                people_user_about, W_C("Let a user be known by a certificate no more"),
                W_C("Who has its key is let in no more."), "user/N, the fingerprint of the certificate"},
        {"collection.add", VERB_CHANGE_COLLECTIONS, taxii_granting_do_add, NULL, taxii_granting_about,
                W_C("Make a collection"), W_C("Whom it names may read or write it."),
                "collection, its title, description and grants"},
        {"collection.grant", VERB_CHANGE_COLLECTIONS, taxii_granting_do_grant, NULL, taxii_granting_about,
                W_C("Let somebody read or write a collection"), W_C("They may from then on, all that is in it."),
                "collection/ID, the grants"},
        {"collection.revoke", VERB_CHANGE_COLLECTIONS, taxii_granting_do_revoke, NULL, taxii_granting_about,
                W_C("Let somebody read or write a collection no more"), W_C("What they have already they keep."),
                "collection/ID, the grants"},
        {"collection.remove", VERB_CHANGE_COLLECTIONS, taxii_granting_do_remove, NULL, taxii_granting_about,
                W_C("Remove a collection"), W_C("Nobody finds it any more; its objects stay in the store."),
                "collection/ID, its title"},
};

#define BY_MACHINE "only the machine does it, and its timers: no page and no --person does it for anybody"
#define BY_OTHERS "who would need a second person has it done by somebody who may alone"

/* Rights that are given with a second person, and that no act asks for. */
static const struct {
    enum verb verb;
    const char *why;
} none[] = {
        {VERB_CHANGE_FEEDS, BY_OTHERS},
        {VERB_CHANGE_PARTNERS, BY_OTHERS},
        {VERB_PLAYBOOKS, BY_OTHERS},
        {VERB_RETAIN, BY_MACHINE},
        {VERB_BACKUP, BY_MACHINE},
        {VERB_RESTORE, BY_MACHINE},
        {VERB_CONFIGURE, BY_MACHINE},
};

void acts_open(void)
{
    share_acts_set(acts, COUNT_OF(acts));
    share_reach_set(case_subject_reach);
    share_emergency_set(desk_emergency_tell);
}

const char *acts_none(enum verb verb)
{
    for (size_t i = 0; i < COUNT_OF(none); i++)
        if (none[i].verb == verb)
            return none[i].why;
    return NULL;
}
