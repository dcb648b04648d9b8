/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which fields a page has for whom: what a template would not show, a script could read, so it must not be there.
 */
#include "case/takedown.h"
#include "desk/profile.h"
#include "desk/publish.h"
#include "people/test_people.h"
#include "plan/responsibility.h"
#include "share/agreement.h"
#include "share/book.h"
#include "share/partner.h"
#include "store/ask.h"
#include "store/consent.h"
#include "store/incident.h"
#include "store/lesson.h"
#include "store/part.h"
#include "store/roster.h"
#include "web/test_people_page.h"
#include "web/test_reports_page.h"
#include "web/test_warned_page.h"
#include "web/test_worked_page.h"

/* ---- Fields by role ---- */

static const struct {
    const char *name, *path;
    struct err (*answer)(struct ask *ask);
    enum verb verb;
} pages[] = {
        {"about", "/about", web_about, VERBS},
        {"account", "/account", web_account, VERB_OWN_ACCOUNT},
        {"agreement", "/agreements/1", web_agreement, VERB_READ_SHARING},
        {"agreements", "/agreements", web_agreements, VERB_READ_SHARING},
        {"approval", "/approvals/1", web_approval, VERB_READ_SHARING},
        {"approvals", "/approvals", web_approvals, VERB_READ_SHARING},
        {"asks", "/asks", web_asks, VERB_READ_SHARING},
        {"board", "/board", web_board, VERB_READ_EVENTS},
        {"consents", "/consents", web_consents, VERB_READ_SHARING},
        {"draft", "/partners/1", web_draft, VERB_READ_SHARING},
        {"duties", "/duties", web_duties, VERB_READ_INCIDENTS},
        {"duty", "/duties/1", web_duty, VERB_READ_INCIDENTS},
        {"evidence", "/evidence", web_evidence, VERBS},
        {"evidence-one", "/evidence/1", web_evidence_one, VERB_VERIFY_EVIDENCE},
        {"groups", "/groups", web_groups, VERB_READ_SHARING},
        {"hunt", "/hunt", web_hunt, VERB_HUNT},
        {"incident", "/incidents/1", web_incident, VERB_READ_INCIDENTS},
        {"incident-new", "/incidents/new", web_incident_new, VERB_WORK_INCIDENTS},
        {"incident-share", "/incidents/1", web_incident_share, VERB_READ_INCIDENTS},
        {"incidents", "/incidents", web_incidents, VERB_READ_INCIDENTS},
        {"ledger", "/ledger", web_ledger, VERB_READ_SHARING},
        {"log", "/logs/1", web_log, VERB_READ_SHARING},
        {"organisation", "/organisations/2", web_organisation, VERB_READ_ORGANISATIONS},
        {"organisations", "/organisations", web_organisations, VERB_READ_ORGANISATIONS},
        {"partner", "/partners/1", web_partner, VERB_READ_SHARING},
        {"partners", "/partners", web_partners, VERB_READ_SHARING},
        {"playbook", "/playbooks/2", web_playbook, VERB_READ_INCIDENTS},
        {"playbooks", "/playbooks", web_playbooks, VERB_READ_INCIDENTS},
        {"profile", "/profile", web_profile, VERB_READ_ORGANISATIONS},
        {"report", "/reports/1", web_report, VERB_READ_REPORTS},
        {"report-form", "/report", web_report_form, VERBS},
        {"report-new", "/reports/new", web_report_new, VERB_REPORT},
        {"reports", "/reports", web_reports, VERB_READ_REPORTS},
        {"release-rules", "/release-rules", web_release_rules, VERB_READ_SHARING},
        {"releases", "/releases", web_releases, VERB_READ_SHARING},
        {"rfc2350", "/rfc2350", web_rfc2350, VERBS},
        {"roster", "/roster", web_roster, VERB_READ_ROSTER},
        {"start", "/", web_start, VERBS},
        {"figures", "/figures", web_figures, VERB_READ_FIGURES},
        {"lesson", "/lessons/1", web_lesson, VERBS},
        {"lessons", "/lessons", web_lessons, VERBS},
        {"risk", "/risks/1", web_risk, VERB_READ_FIGURES},
        {"risks", "/risks", web_risks, VERB_READ_FIGURES},
        {"statistics", "/statistics", web_statistics, VERB_READ_EVENTS},
        {"stream", "/streams/1", web_stream, VERB_READ_EVENTS},
        {"streams", "/streams", web_streams, VERB_READ_EVENTS},
        {"takedown", "/takedowns/1", web_takedown, VERB_READ_INCIDENTS},
        {"takedowns", "/takedowns", web_takedowns, VERB_READ_INCIDENTS},
        {"task", "/tasks/1", web_task, VERB_READ_INCIDENTS},
        {"tasks", "/tasks", web_tasks, VERB_READ_INCIDENTS},
        {"today", "/today", web_today, VERB_ANSWER_WARNINGS},
        {"user", "/users/3", web_user, VERB_READ_USERS},
        {"users", "/users", web_users, VERB_READ_USERS},
        {"warning", "/warnings/1", web_warning, VERB_READ_EVENTS},
        {"warning-rules", "/warning-rules", web_warning_rules, VERB_READ_EVENTS},
};

/*
 * Fields of a page, those inside of objects and arrays behind a dot, and who has them: duty officer, analyst,
 * coordinator, manager, liaison, constituent admin, exercise director, sysadmin, auditor. A moment or a number of
 * things is one field.
 */
static const struct row {
    const char *page;
    char roles[ROLES];
    const char *fields;
} rows[] = {
        {"about", "+++++++++", "title node licence languages languages.tag languages.name version"},
        {"account", "+++++++++",
                "title name organisation roles roles.name roles.text password_changed second_factor recovery_codes "
                "languages languages.tag languages.text languages.chosen zones zones.name zones.text zones.chosen "
                "scopes scopes.name scopes.about any_session sessions sessions.number sessions.agent sessions.browser "
                "sessions.from "
                "sessions.made sessions.seen sessions.ends sessions.current any_token tokens tokens.number tokens.name "
                "tokens.scopes tokens.state tokens.state_text tokens.look tokens.good tokens.made tokens.ends "
                "tokens.used"},
        {"agreement", "++++...++",
                "title number id state state_text look suspended_by why version reminded ended is_node from "
                "until valid days gone left partner partner.number partner.name terms terms.key terms.name "
                "terms.value terms.changed terms.before any_term waiting waiting.version waiting.stage "
                "waiting.stage_text waiting.look waiting.narrows versions versions.version versions.stage "
                "versions.stage_text versions.look versions.narrows versions.ours versions.ours_signed "
                "versions.theirs versions.theirs_signed versions.words versions.made versions.held "
                "versions.changes approvals approvals.number approvals.proposed_by any_approval may_draft "
                "may_offer may_accept may_refuse may_suspend may_resume may_end may_preview may_act"},
        {"agreements", "++++...++",
                "title rows rows.number rows.partner rows.partner.number rows.partner.name rows.state "
                "rows.state_text rows.look rows.version rows.until empty more"},
        {"approval", "++++...++",
                "title number act text then subject path state state_text look reason proposed_by proposed "
                "expires decided_by decided may_decide emergency may_see is_own why digest terms terms.key terms.name "
                "terms.value "
                "terms.changed terms.before any_term detail cut"},
        {"approvals", "++++...++",
                "title rows rows.number rows.act rows.text rows.then rows.subject rows.path rows.state "
                "rows.state_text rows.look rows.reason rows.proposed_by rows.proposed rows.expires "
                "rows.decided_by rows.decided rows.may_decide rows.emergency rows.may_see rows.is_own empty all more"},
        {"asks", "++++...++", "title rows empty all may_answer may_read more requests any_request"},
        {"board", "++++....+",
                "title roster on_call on_call.name on_call.second on_call.phone on_call.from on_call.until next "
                "next.name "
                "next.second next.phone next.from next.until gap gap_until journal may_listen again hours shifts "
                "shifts.hours shifts.chosen since figures "
                "figures.name figures.count figures.definition may_warn any_held more_held unanswered "
                "any_unanswered more_unanswered any_open more later held held.number held.path "
                "held.organisation held.organisation.number held.organisation.name held.organisation.path "
                "held.class held.class_text held.severity held.severity_text held.severity_look held.state "
                "held.state_text held.look held.open held.held held.is_held held.does held.tlp held.tlp.label "
                "held.tlp.look held.events held.first held.last held.drafted held.age held.due held.is_due "
                "held.is_overdue held.told held.chased held.is_new open open.number open.path open.organisation "
                "open.organisation.number open.organisation.name open.organisation.path open.class "
                "open.class_text open.severity open.severity_text open.severity_look open.state open.state_text "
                "open.look open.open open.held open.is_held open.does open.tlp open.tlp.label open.tlp.look "
                "open.events open.first open.last open.drafted open.age open.due open.due_in open.is_due "
                "open.is_overdue open.told open.chased open.is_new "
                "unanswered.number unanswered.path unanswered.organisation unanswered.organisation.number "
                "unanswered.organisation.name unanswered.organisation.path unanswered.class unanswered.class_text "
                "unanswered.severity unanswered.severity_text unanswered.severity_look unanswered.state "
                "unanswered.state_text unanswered.look unanswered.open unanswered.held unanswered.is_held "
                "unanswered.does unanswered.tlp unanswered.tlp.label unanswered.tlp.look unanswered.events "
                "unanswered.first unanswered.last unanswered.drafted unanswered.age unanswered.due unanswered.due_in "
                "unanswered.is_due unanswered.is_overdue unanswered.told unanswered.chased unanswered.sector_told "
                "unanswered.sector_why unanswered.is_new"},
        {"board", "+++.....+",
                "duties duties.number duties.path duties.incident duties.rule duties.title duties.recipient "
                "duties.organisation duties.organisation.number duties.organisation.name duties.organisation.path "
                "duties.state duties.state_text duties.look duties.starts duties.due duties.filed duties.runs "
                "duties.left duties.per_cent any_running reports reports.number reports.path reports.reference "
                "reports.what reports.channel reports.channel_text reports.state reports.state_text reports.look "
                "reports.received reports.age reports.answered reports.class reports.class_text "
                "reports.class_rule reports.severity reports.severity_text reports.severity_look reports.flags "
                "reports.flags.name reports.flags.text reports.flags.look reports.is_late reports.incident "
                "reports.teller reports.is_mine reports.holder reports.is_new any_reports may_work"},
        {"draft", "++++...++",
                "title partner partner.number partner.name purpose kinds kinds.name kinds.text kinds.chosen "
                "highest highest.name highest.chosen unmarked unmarked.name unmarked.chosen sightings affected "
                "onward onward.name onward.text onward.chosen after_end after_end.name after_end.text "
                "after_end.chosen meant_least until residency renews may_draft"},
        {"consents", "++++...++",
                "title rows rows.number rows.state rows.state_text rows.look rows.originator rows.originator.number "
                "rows.originator.name rows.recipient rows.affected rows.id rows.what rows.paper rows.paper.words "
                "rows.paper.giver rows.paper.given rows.paper.scan rows.asked rows.answered rows.until rows.over "
                "rows.holds empty may_propose may_end to_every originators originators.number originators.name "
                "originators.chosen recipients recipients.number recipients.name recipients.chosen more"},
        {"duties", "+++.....+",
                "title duties duties.number duties.path duties.incident duties.rule duties.title duties.recipient "
                "duties.organisation duties.organisation.number duties.organisation.name duties.organisation.path "
                "duties.state duties.state_text duties.look duties.starts duties.due duties.filed duties.runs "
                "duties.left duties.per_cent any_running next late late.duties late.duties.number late.duties.path "
                "late.duties.incident late.duties.rule late.duties.title late.duties.recipient "
                "late.duties.organisation late.duties.organisation.number late.duties.organisation.name "
                "late.duties.organisation.path late.duties.state late.duties.state_text late.duties.look "
                "late.duties.starts late.duties.due late.duties.filed late.duties.runs late.duties.per_cent late.any "
                "late.older met met.duties met.duties.number met.duties.path met.duties.incident met.duties.rule "
                "met.duties.title met.duties.recipient met.duties.organisation met.duties.organisation.number "
                "met.duties.organisation.name met.duties.organisation.path met.duties.state met.duties.state_text "
                "met.duties.look met.duties.starts met.duties.due met.duties.filed met.duties.runs "
                "met.duties.per_cent met.any met.older waived waived.duties waived.duties.number waived.duties.path "
                "waived.duties.incident waived.duties.rule waived.duties.title waived.duties.recipient "
                "waived.duties.organisation waived.duties.organisation.number waived.duties.organisation.name "
                "waived.duties.organisation.path waived.duties.state waived.duties.state_text waived.duties.look "
                "waived.duties.starts waived.duties.due waived.duties.filed waived.duties.runs waived.duties.per_cent "
                "waived.any waived.older"},
        {"duty", "+++.....+",
                "number path incident rule title recipient organisation organisation.number organisation.name "
                "organisation.path state state_text look starts due filed runs left per_cent source note version "
                "rule_text reference filed_by why is_late may_file may_waive waiting waiting.number "
                "waiting.proposed_by waiting.reason waiting.may_decide blanks any_blank form_fits any_form form"},
        {"evidence", "+++.+...+",
                "title staff may_fetch packages packages.number packages.made packages.their_reference packages.taken "
                "packages.taken_by packages.items packages.names any_package more_packages"},
        {"evidence", "+++.....+",
                "incident_number zone may_take may_hand may_keep may_act items items.number items.path items.incident "
                "items.name items.what items.acquired items.bytes items.sha256 items.destroyed items.hold_until "
                "items.keep_until any_item more packages.incident packages.organisation packages.organisation.number "
                "packages.organisation.name packages.organisation.path packages.actor"},
        {"evidence-one", "+++.....+",
                "title number path incident name what acquired bytes sha256 destroyed hold_until keep_until place "
                "person tool basis sha512 clock_error_ms may_copy steps cut custody custody.step custody.act "
                "custody.text custody.time custody.actor custody.to custody.why custody.taker"},
        {"groups", "++++...++", "title rows empty may_propose more"},
        {"groups", "...+.....",
                "form form.name form.purpose form.quorum form.yes form.of form.days form.meetings form.markings "
                "form.markings.name form.markings.chosen form.members form.members.node form.members.name "
                "form.members.chosen form.proposers form.proposers.node form.proposers.name form.proposers.chosen "
                "form.too_many"},
        {"hunt", "+++..+...", "title may_hunt"},
        {"incident", "+++..+..+",
                "number path title state state_text look severity severity_text severity_look class class_text "
                "local_class tlp tlp.label tlp.look opened age whole parties_more parties parties.organisation "
                "parties.organisation.number parties.organisation.name parties.organisation.path parties.role "
                "parties.role_text parties.since parties.until tasks_more tasks tasks.number tasks.path tasks.title "
                "tasks.state tasks.state_text tasks.look tasks.organisation tasks.organisation.number "
                "tasks.organisation.name tasks.organisation.path tasks.person tasks.due tasks.every tasks.is_late "
                "tasks.withdrawn tasks.agreed_by tasks.waits_for_word tasks.result any_task timeline "
                "timeline.time timeline.kind timeline.text "
                "timeline.words timeline.path timeline.number timeline.facts timeline.actor timeline.source "
                "timeline.home timeline.written timeline.due timeline.answers timeline.audience timeline.opinion "
                "timeline.opinion_text timeline.about "
                "timeline.withdrawn timeline.withdraw opinions opinions.name opinions.text timeline.home.number "
                "timeline.home.name timeline.home.path timeline_more timeline_later"},
        {"incident", "+++.....+",
                "assets criticality holder is_mine is_restricted home home.number home.name home.path is_ours "
                "may_work may_write may_facts may_widen lesson may_draft vital personal_data exercise "
                "determination sector identity "
                "same_as times "
                "times.what times.what_text times.at ways closes_by_two zone class_history_more class_history "
                "class_history.from class_history.class class_history.class_text class_history.local_class "
                "class_history.actor class_history.why any_class_history time_changes_more time_changes "
                "time_changes.what time_changes.what_text time_changes.before time_changes.after time_changes.changed "
                "time_changes.actor time_changes.proposer time_changes.why any_time_change parties.actor parties.why "
                "customers_more customers customers.organisation customers.organisation.number "
                "customers.organisation.name customers.organisation.path customers.supplier customers.supplier.number "
                "customers.supplier.name customers.supplier.path customers.what customers.since any_customer "
                "proposed proposed.role proposed.role_text proposed.who proposed.organisation "
                "proposed.is proposed.organisation.number proposed.organisation.name proposed.organisation.path "
                "proposed_why may_take reports_more reports reports.number reports.reference reports.path reports.what "
                "reports.received reports.channel reports.channel_text reports.state reports.state_text reports.look "
                "reports.form reports.organisation reports.organisation.number reports.organisation.name "
                "reports.organisation.path observables_more observables observables.type observables.value "
                "observables.others observables.any_other observables.added observables.actor types impacts_more "
                "impacts impacts.kind impacts.kind_text impacts.least impacts.most impacts.is_unknown "
                "impacts.is_range impacts.currency impacts.basis impacts.confidence impacts.organisation "
                "impacts.organisation.number impacts.organisation.name impacts.organisation.path impacts.at "
                "impacts.actor any_course course course.kind course.kind_text course.organisation "
                "course.organisation.number course.organisation.name course.organisation.path course.figures "
                "course.figures.least course.figures.most course.figures.is_unknown course.figures.is_range "
                "course.figures.at impact_kinds scales_more scales scales.scale scales.level scales.from "
                "scales.actor scales.why levels links_more links link_kinds runs_more runs runs.playbook "
                "runs.path runs.name runs.version runs.begun runs.actor runs.steps runs.steps.number "
                "runs.steps.path runs.steps.title runs.steps.state runs.steps.state_text runs.steps.look "
                "runs.step_count runs.ended runs.more_steps playbooks any_playbook duties_more duties "
                "duties.number duties.path "
                "duties.incident duties.rule duties.title duties.recipient duties.organisation "
                "duties.organisation.number duties.organisation.name duties.organisation.path duties.state "
                "duties.state_text duties.look duties.starts duties.due duties.filed duties.runs duties.left "
                "duties.per_cent demands evidence_more evidence evidence.number evidence.path evidence.name "
                "evidence.acquired evidence.bytes evidence.destroyed waiting_more waiting waiting.number waiting.act "
                "waiting.text waiting.reason waiting.proposed_by waiting.proposed waiting.may_decide "
                "timeline.facts.name timeline.facts.value audiences fields"},
        {"incident", "+++......",
                "ways.name ways.text ways.chosen impact_kinds.name impact_kinds.text impact_kinds.chosen levels.name "
                "levels.text levels.chosen link_kinds.name link_kinds.text link_kinds.chosen playbooks.name "
                "playbooks.text playbooks.chosen demands.name demands.text demands.chosen audiences.name "
                "audiences.text audiences.who audiences.chosen classes classes.name classes.text classes.chosen"},
        {"incident", ".....+...", "may_answer"},
        {"incident", "........+", "links.other links.path links.kind links.kind_text links.title"},
        {"incident-new", "+++......",
                "title classes classes.name classes.text classes.chosen severities severities.name severities.text "
                "severities.chosen markings markings.name markings.text markings.chosen zone organisations "
                "organisations.name"},
        {"incident-share", "+++.....+",
                "title incident shared shared.since shared.observables shared.actor shared.why may_share why_not "
                "observables any_part parties any_party more"},
        {"incident-share", "+.+......",
                "parties.number parties.name parties.preview parties.goes parties.stays parties.any_preview "
                "parties.more_preview parties.preview_why"},
        {"incidents", "+++..+..+",
                "title q shows shows.name shows.text shows.chosen classes classes.name classes.text classes.chosen "
                "organisation sees_all rows rows.number rows.path rows.title rows.state rows.state_text rows.look "
                "rows.severity rows.severity_text rows.severity_look rows.class rows.class_text rows.local_class "
                "rows.tlp rows.tlp.label rows.tlp.look rows.opened rows.age empty partial may_open later older"},
        {"incidents", "+++.....+", "rows.criticality rows.holder rows.is_mine rows.is_restricted"},
        {"ledger", "++++...++",
                "title clock logs logs.number logs.kind logs.kind_name logs.kind_text logs.partner logs.origin "
                "logs.name logs.open logs.size logs.signed logs.signed_at logs.root logs.alarm logs.waits logs.follows "
                "more "
                "witnesses any_witness splits any_split any_alarm may_clear may_renew"},
        {"log", "++++...++",
                "title number kind kind_name kind_text partner origin name open size signed signed_at root alarm "
                "waits follows opens entries empty more"},
        {"log", "........+",
                "entries.entry entries.time entries.what entries.fields entries.fields.name entries.fields.value "
                "entries.fields.value_cut"},
        {"partner", "++++...++",
                "title number name node country kind kind_text is_node state state_text look account url call "
                "introduced "
                "confirmed confirmed_by ends contact wrong any_wrong to_compare keys any_key agreement "
                "agreement.number agreement.version agreement.state agreement.state_text agreement.look "
                "agreement.until tally any_tally tally_partial asks any_ask delivery statements any_statement "
                "claims any_claim recalls any_recall limits any_limit may_confirm may_suspend may_resume "
                "may_reread may_end may_forgive may_change_any may_settle may_draft may_preview may_read why_not"},
        {"partners", "++++...++",
                "title rows rows.number rows.name rows.country rows.kind rows.kind_text rows.state "
                "rows.state_text rows.look rows.agreement rows.agreement.number rows.agreement.state "
                "rows.agreement.state_text rows.agreement.look rows.agreement.until rows.given rows.received "
                "rows.contact rows.wrong rows.any_wrong empty may_change why_not limits more"},
        {"playbook", "+++.....+",
                "title number path name version types class class_text state state_text look signature "
                "signature_text added actor is_text signed_by may_approve may_retire may_start is_revoked incident "
                "problems any_problem more_problems steps steps.at steps.in steps.kind steps.kind_text steps.is_work "
                "steps.name steps.agent steps.text steps.waits_for steps.waits steps.ways steps.ways.kind "
                "steps.ways.kind_text steps.ways.when steps.ways.at steps.more_ways steps.task step_count more"},
        {"playbooks", "+++.....+",
                "title state states states.name states.text states.chosen rows rows.number rows.path rows.name "
                "rows.version rows.types rows.class rows.class_text rows.state rows.state_text rows.look "
                "rows.signature rows.signature_text rows.added rows.actor rows.is_text empty more may_change"},
        {"playbooks", "+.+......", "classes classes.name classes.text classes.chosen"},
        {"release-rules", "++++...++",
                "title rows rows.number rows.partner rows.partner.number rows.partner.name rows.id rows.type rows.what "
                "rows.tlp rows.tlp.label rows.tlp.look rows.from rows.until rows.over rows.approval empty may_propose "
                "may_end to_every markings markings.name markings.chosen partners partners.number partners.name "
                "partners.chosen more"},
        {"releases", "++++...++",
                "title partner partners partners.number partners.name partners.chosen ids waiting preview goes stays "
                "any_preview more_preview preview_why log released any_released more recalls any_recall heard "
                "any_heard "
                "may_preview may_recall may_judge may_read"},
        {"profile", "++++...++",
                "title may_change why_not documents documents.name documents.path documents.made documents.fingerprint "
                "fields fields.section fields.title fields.about fields.needed fields.is_prose fields.values "
                "fields.values.name fields.values.language fields.values.language_name fields.values.value "
                "fields.values.is_missing fields.values.changed fields.values.actor"},
        {"rfc2350", "+++++++++",
                "title language fingerprint made sections sections.number sections.title sections.text "
                "sections.is_heading"},
        {"roster", "++++....+",
                "title week before after zone days days.day days.weekday days.is_today days.shifts days.shifts.number "
                "days.shifts.name days.shifts.rank days.shifts.rank_text days.shifts.phone days.shifts.mail "
                "days.shifts.from days.shifts.until days.shifts.is_mine days.shifts.away days.shifts.span days.holes "
                "days.holes.doubled days.holes.rank_text days.holes.span may_plan may_hand_over to_give any_to_give "
                "my_mail "
                "my_phone"},
        {"roster", "+.++.....",
                "to_give.number to_give.name to_give.rank to_give.rank_text to_give.phone to_give.mail to_give.from "
                "to_give.until to_give.is_mine to_give.away"},
        {"roster", "++++.....", "people people.name people.chosen people.is_next"},
        {"report", "+++..+..+",
                "title own number path reference what channel channel_text state state_text look received age "
                "answered letters letters.ours letters.time letters.subject letters.text letter_count "
                "any_earlier"},
        {"report", "+++.....+",
                "class class_text class_rule severity severity_text severity_look flags flags.name flags.text "
                "flags.look is_late incident teller is_mine holder occurred receipt language person person.name "
                "person.mail person.phone any_person can_answer organisation organisation.number "
                "organisation.name organisation.path post post.url post.account post.platform post.captured advice "
                "may_secure same_as values values.type values.value values.others "
                "values.any_other any_value more_values alikes alikes.number alikes.reference alikes.path "
                "alikes.what alikes.state alikes.state_text alikes.look alikes.form alikes.why alikes.said "
                "alikes.is_proposed any_alike may_work may_take may_leave may_open may_close letters.pick "
                "letters.actor letters.signature letters.files letters.files.pick letters.files.name "
                "letters.files.type letters.files.bytes letters.files.digest letters.any_file letters.file_count "
                "letters.more_files"},
        {"report", "+++......",
                "classes classes.name classes.text classes.chosen severities severities.severity "
                "severities.severity_text severities.severity_look severities.chosen answers answers.name "
                "answers.text answers.chosen"},
        {"report-form", "+++++++++", "title file_bytes_max"},
        {"report-new", "+++......", "title zone organisations"},
        {"reports", "+++..+..+",
                "title own q sought more groups groups.several groups.count groups.rows groups.rows.number "
                "groups.rows.path groups.rows.reference groups.rows.what groups.rows.channel "
                "groups.rows.channel_text groups.rows.state groups.rows.state_text groups.rows.look "
                "groups.rows.received groups.rows.age groups.rows.answered any"},
        {"reports", "+++.....+",
                "may_work may_report view views views.name views.text views.chosen here groups.is_pile groups.is_least "
                "groups.path groups.first groups.rows.joins groups.rows.class "
                "groups.rows.class_text groups.rows.class_rule groups.rows.severity groups.rows.severity_text "
                "groups.rows.severity_look groups.rows.flags groups.rows.flags.name groups.rows.flags.text "
                "groups.rows.flags.look groups.rows.is_late groups.rows.incident groups.rows.teller "
                "groups.rows.is_mine "
                "groups.rows.holder groups.rows.is_first groups.rows.alikes groups.rows.alikes.number "
                "groups.rows.alikes.reference groups.rows.alikes.path groups.rows.alikes.what "
                "groups.rows.alikes.why groups.rows.any_alike groups.rows.more_alikes"},
        {"organisation", "++++.+.++",
                "title number name identity kind sector country team_of relation relation_text state state_text look "
                "added "
                "above names names.name names.from names.until"},
        {"organisation", "++++...++", "above.number above.name"},
        {"organisation", "++++.+.++", "is_served sees_supply"},
        {"organisation", "++++...++", "may_supply suppliers suppliers_more customers customers_more"},
        {"organisation", "++++.+..+",
                "memory_days contacts contacts.number contacts.name contacts.rank contacts.mail contacts.phone "
                "contacts.webhook contacts.languages contacts.hours contacts.has_key contacts.state "
                "contacts.state_text contacts.look contacts.asks contacts.verified contacts.asked any_contacts "
                "may_contact assets assets.number assets.kind assets.kind_text assets.value assets.from "
                "assets.until assets.over assets.said_by any_asset more sees_all may_name_team any_warning warnings "
                "warnings.number warnings.path warnings.organisation warnings.organisation.number "
                "warnings.organisation.name warnings.organisation.path warnings.class warnings.class_text "
                "warnings.severity warnings.severity_text warnings.severity_look warnings.state "
                "warnings.state_text warnings.look warnings.open warnings.held warnings.is_held warnings.does "
                "warnings.tlp warnings.tlp.label warnings.tlp.look warnings.events warnings.first warnings.last "
                "warnings.drafted warnings.age warnings.due warnings.due_in warnings.is_due warnings.is_overdue "
                "warnings.told warnings.chased chart chart.span chart.from chart.until chart.most chart.series "
                "chart.series.look chart.series.class chart.series.text chart.series.count chart.bars "
                "chart.bars.x chart.bars.y chart.bars.height chart.bars.look chart.rows chart.rows.at "
                "chart.rows.cells chart.rows.cells.count chart.rows.cells.text chart.rows.sum"},
        {"organisations", "+++++++++",
                "title organisations organisations.number organisations.name organisations.identity organisations.kind "
                "organisations.sector organisations.country organisations.team_of organisations.relation "
                "organisations.relation_text "
                "organisations.state organisations.state_text organisations.look organisations.added more"},
        {"figures", "++++....+",
                "title month month_text before behind has_before has_behind as_of kinds kinds.name kinds.heading "
                "kinds.definition kinds.by kinds.columns kinds.rows kinds.rows.key kinds.rows.text kinds.rows.note "
                "kinds.rows.cells "
                "kinds.any chart chart.span chart.from chart.until chart.most chart.series "
                "chart.series.look chart.series.class chart.series.text chart.series.count chart.bars "
                "chart.bars.x chart.bars.y chart.bars.height chart.bars.look chart.rows chart.rows.at "
                "chart.rows.cells chart.rows.cells.count chart.rows.cells.text chart.rows.sum"},
        {"lesson", "+++++++++",
                "title number state state_text look tlp tlp.label tlp.look changed paragraphs paragraphs.heading "
                "paragraphs.lines may_write may_read may_share"},
        {"lesson", "++++.....",
                "incident writer reader sha256 languages languages.tag languages.name languages.said_title "
                "languages.said_text"},
        {"lessons", "+++++++++",
                "title query rows rows.number rows.state rows.state_text rows.look rows.tlp rows.tlp.label "
                "rows.tlp.look "
                "rows.changed rows.title empty more"},
        {"risk", "++++....+",
                "title number path asset asset_text threat threat_text state state_text look level level_text "
                "level_look likelihood impact score incidents review is_overdue organisation organisation.number "
                "organisation.name organisation.path source source_text likelihood_rule impact_rule likelihood_said "
                "impact_said rule person treatment treatment_text text steps steps.step steps.wanted steps.days "
                "steps.count steps.holds counted hidden any_hidden more_counted history history.at history.state "
                "history.state_text history.look history.level history.level_text history.likelihood history.impact "
                "history.likelihood_rule history.impact_rule history.likelihood_said history.impact_said history.rule "
                "history.incidents history.latest history.hidden history.actor history.why more may_decide may_close "
                "two_accept"},
        {"risk", "+++.....+", "counted.number counted.known counted.impact"},
        {"risks", "++++....+",
                "title rule overdue any_overdue is_cell is_closed likelihood impact matrix matrix.likelihood "
                "matrix.cells matrix.cells.impact matrix.cells.level matrix.cells.level_text matrix.cells.level_look "
                "matrix.cells.count matrix.cells.path rows rows.number rows.path rows.asset rows.asset_text "
                "rows.threat rows.threat_text rows.state rows.state_text rows.look rows.level rows.level_text "
                "rows.level_look rows.likelihood rows.impact rows.score rows.incidents rows.review rows.is_overdue "
                "rows.organisation rows.organisation.number rows.organisation.name rows.organisation.path empty more "
                "may_add"},
        {"risks", "..++.....",
                "assets assets.name assets.text assets.chosen threats threats.name threats.text threats.chosen"},
        {"start", "+++++++++", "title todo todo.what todo.why todo.how todo.path todo.look any_todo any_figure"},
        {"start", "++++....+",
                "visited since figures figures.name figures.count figures.definition imports imports.number "
                "imports.name "
                "imports.state imports.state_text imports.look imports.added imports.refused imports.began any_import"},
        {"statistics", "++++....+",
                "title months from until spans spans.months spans.chosen served streams malformed shed as_of events "
                "hits "
                "doubles any classes classes.name classes.text classes.events classes.hits classes.doubles "
                "more_classes sectors sectors.name sectors.text sectors.events sectors.hits sectors.doubles "
                "more_sectors warnings warnings.severity warnings.severity_text warnings.severity_look "
                "warnings.drafted warnings.sent warnings.answered warnings.done warnings.not_mine "
                "warnings.withdrawn any_warning chart chart.span chart.from chart.until chart.most chart.series "
                "chart.series.look chart.series.class chart.series.text chart.series.count chart.bars "
                "chart.bars.x chart.bars.y chart.bars.height chart.bars.look chart.rows chart.rows.at "
                "chart.rows.cells chart.rows.cells.count chart.rows.cells.text chart.rows.sum"},
        {"stream", "++++....+",
                "title number name path format added last events malformed shed any_malformed any_shed organisation "
                "organisation.number organisation.name organisation.path chosen chosen.number chosen.taken "
                "chosen.events chosen.hits chosen.malformed chosen.any_malformed chosen.kept chosen.cut "
                "chosen.records chosen.records.input chosen.records.line chosen.records.byte chosen.records.why "
                "chosen.records.record chosen.records.bytes chosen.records.whole batches batches.number "
                "batches.taken batches.events batches.hits batches.malformed batches.any_malformed batches.rate "
                "any_batch only older inputs inputs.name inputs.records inputs.bytes inputs.done inputs.moved "
                "any_input"},
        {"streams", "++++....+",
                "title rows rows.number rows.name rows.path rows.format rows.added rows.last rows.events "
                "rows.malformed rows.shed rows.any_malformed rows.any_shed rows.organisation "
                "rows.organisation.number rows.organisation.name rows.organisation.path empty more unowned "
                "unowned.class_text unowned.severity unowned.severity_text unowned.severity_look unowned.cause "
                "unowned.is_indicator unowned.stream unowned.events unowned.last any_unowned"},
        {"task", "+++..+..+",
                "number path title state state_text look organisation organisation.number organisation.name "
                "organisation.path person due every is_late withdrawn agreed_by waits_for_word incident "
                "incident.number "
                "incident.path "
                "incident.title incident.tlp incident.tlp.label incident.tlp.look words result agreed made done "
                "befores more_befores any_more_before may_do may_agree may_change waits waits_for_others ways"},
        {"task", "+++......", "raw_title raw_text text_fits due_local zone"},
        {"task", "+++..+...", "ways.name ways.text ways.chosen"},
        {"tasks", "+++..+..+",
                "title shows shows.name shows.text shows.chosen organisation_name sees_all board empty next"},
        {"tasks", "+++.....+",
                "loads loads.organisation loads.organisation.number loads.organisation.name loads.organisation.path "
                "loads.open loads.is_late loads.cells loads.cells.text loads.cells.look loads.cells.count "
                "loads.cells.any loads.cells.squares loads.tasks loads.tasks.number loads.tasks.path "
                "loads.tasks.title loads.tasks.state loads.tasks.state_text loads.tasks.look loads.tasks.organisation "
                "loads.tasks.organisation.number loads.tasks.organisation.name loads.tasks.organisation.path "
                "loads.tasks.person loads.tasks.due loads.tasks.every loads.tasks.is_late loads.tasks.withdrawn "
                "loads.tasks.agreed_by "
                "loads.tasks.waits_for_word loads.tasks.incident loads.tasks.incident_path loads.tasks.incident_title "
                "loads.list"},
        {"tasks", ".....+...",
                "tasks tasks.number tasks.path tasks.title tasks.state tasks.state_text tasks.look tasks.organisation "
                "tasks.organisation.number tasks.organisation.name tasks.organisation.path tasks.person tasks.due "
                "tasks.every tasks.is_late tasks.withdrawn tasks.agreed_by tasks.waits_for_word tasks.incident "
                "tasks.incident_path "
                "tasks.incident_title"},
        {"today", "+.+..+...",
                "title organisation_number items any_item later any_later contacts any_contacts may_contact "
                "assets any_asset more answered any_answered"},
        {"today", ".....+...",
                "items.number items.path items.organisation items.organisation.number items.organisation.name "
                "items.organisation.path items.class items.class_text items.severity items.severity_text "
                "items.severity_look items.state items.state_text items.look items.open items.held "
                "items.is_held items.does items.tlp items.tlp.label items.tlp.look items.events items.first "
                "items.last items.drafted items.age items.due items.due_in items.is_due items.is_overdue "
                "items.told items.chased items.what items.why items.steps items.is_read items.met "
                "items.met.first items.met.last items.met.events items.met.in_memory "
                "items.met.details items.met.details.first items.met.details.last items.met.details.events "
                "items.met.details.own items.met.details.own_port items.met.details.peer "
                "items.met.details.peer_port items.met.details.extra items.met.details.extra.name "
                "items.met.details.has_extra "
                "items.met.details.extra.value items.met.cut items.any_met items.more_met contacts.number "
                "contacts.name contacts.rank contacts.mail contacts.phone contacts.webhook contacts.languages "
                "contacts.hours contacts.has_key contacts.state contacts.state_text contacts.look contacts.asks "
                "contacts.verified contacts.asked assets.number assets.kind assets.kind_text assets.value "
                "assets.from assets.until assets.over assets.said_by answered.number answered.path "
                "answered.organisation answered.organisation.number answered.organisation.name "
                "answered.organisation.path answered.class answered.class_text answered.severity "
                "answered.severity_text answered.severity_look answered.state answered.state_text answered.look "
                "answered.open answered.held answered.is_held answered.does answered.tlp answered.tlp.label "
                "answered.tlp.look answered.events answered.first answered.last answered.drafted answered.age "
                "answered.due answered.is_due answered.is_overdue answered.told answered.chased"},
        {"user", "++++...++",
                "title number name organisation roles roles.name roles.text state state_text look added may_change "
                "may_stop may_lock may_unlock may_close may_free needs_second may_see_access"},
        {"user", ".......++",
                "second_factor password_changed any_session sessions sessions.number sessions.agent sessions.browser "
                "sessions.from "
                "sessions.made sessions.seen sessions.ends sessions.current"},
        {"user", ".......+.", "all_roles all_roles.name all_roles.text all_roles.chosen"},
        {"users", "++++.+.++",
                "title users users.number users.name users.organisation users.roles users.roles.name users.roles.text "
                "users.state users.state_text users.look users.added more may_see_access may_change needs_second"},
        {"users", ".....+.++", "users.second_factor users.password_changed"},
        {"users", ".....+.+.",
                "organisations organisations.name organisations.chosen all_roles all_roles.name all_roles.text "
                "all_roles.chosen"},
        {"warning", "++++....+",
                "title number path organisation organisation.number organisation.name organisation.path class "
                "class_text severity severity_text severity_look state state_text look open held is_held does "
                "tlp tlp.label tlp.look events first last drafted age due is_due is_overdue told chased due_in "
                "sector_told sector_why "
                "cause cause.kind cause.text cause.cause cause.path may_approve may_hold may_withdraw "
                "may_answer steps steps.step steps.time steps.actor steps.state steps.state_text steps.look "
                "steps.why met met.first met.last met.events met.in_memory met.stream met.details "
                "met.details.first met.details.last met.details.events met.details.own met.details.own_port "
                "met.details.peer met.details.peer_port met.details.extra met.details.extra.name met.details.has_extra "
                "met.details.extra.value met.cut any_met more_met "
                "notices notices.number notices.contact notices.channel notices.kind notices.kind_text notices.state "
                "notices.state_text notices.look "
                "notices.reference notices.made notices.sent notices.answered notices.why notices.attempts "
                "notices.subject notices.message any_notice more_notices"},
        {"takedown", "+++.....+",
                "title number path url state state_text look incident imitates imitates.number imitates.name "
                "imitates.path pap reports returned came_back reported requested down next requests requests.number "
                "requests.state requests.state_text requests.look requests.recipient requests.recipient_text "
                "requests.address requests.is_form requests.language requests.source requests.subject requests.text "
                "requests.approved_by requests.answer requests.made requests.sent requests.waits requests.to_be_filled "
                "requests.may_be_answered any_request looks looks.time looks.state looks.state_text looks.look "
                "looks.detail any_look may_draft may_approve"},
        {"takedowns", "+++.....+",
                "title rows rows.number rows.path rows.url rows.state rows.state_text rows.look rows.incident "
                "rows.imitates rows.imitates.number rows.imitates.name rows.imitates.path rows.pap rows.reports "
                "rows.returned rows.came_back rows.reported rows.requested rows.down rows.next empty more times "
                "may_add"},
        {"warning-rules", "++++....+",
                "title rows rows.number rows.class rows.class_text rows.cause_kind rows.sector rows.severity "
                "rows.severity_text rows.severity_look rows.does rows.does_text rows.look rows.from rows.until "
                "rows.over rows.approval empty more may_propose"},
        {"warning-rules", ".+......+", "why_not"},
        {"warning-rules", "+.++.....",
                "classes classes.name classes.text classes.chosen severities severities.severity "
                "severities.severity_text severities.severity_look"},
};

static bool has_field(slice value, slice path)
{
    slice element;
    size_t dot = slice_find(path, '.');
    if (json_kind(value) == JSON_ARRAY) {
        struct json_elements elements = json_elements(value);
        while (json_element_next(&elements, &element))
            if (has_field(element, path))
                return true;
        return false;
    }
    slice inner = json_get(value, slice_part(path, 0, dot));
    return dot == path.len ? inner.len > 0 : has_field(inner, slice_from(path, dot + 1));
}

static const struct row *row_of(const char *page, slice field)
{
    slice name;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice rest = slice_of(rows[i].fields);
        while (strcmp(rows[i].page, page) == 0 && slice_next(&rest, ' ', &name))
            if (slice_eq(name, field))
                return &rows[i];
    }
    return NULL;
}

/* A moment, or a number of things. */
static bool is_one(slice value)
{
    return json_get(value, S("text")).len > 0 &&
           (json_get(value, S("utc")).len > 0 || json_get(value, S("value")).len > 0);
}

/* Every field of a document is in a row that says that this role may have it. */
static void check_known(const char *page, slice value, const char *above, enum role role)
{
    slice key, inner;
    struct json_elements elements = json_elements(value);
    while (json_element_next(&elements, &inner))
        check_known(page, inner, above, role);
    struct json_members members = json_members(value);
    while (!is_one(value) && json_member_next(&members, &key, &inner)) {
        const char *dot = *above == '\0' ? "" : ".";
        const char *path = arena_printf(test_people.arena, "%s%s%.*s", above, dot, (int)key.len, key.ptr);
        const struct row *row = row_of(page, slice_of(path));
        if (row == NULL)
            fail_msg("%s has a field %s, which no row of this test allows", page, path);
        if (row->roles[role] != '+')
            fail_msg("%s has the field %s for %s", page, path, store_role_name(role));
        check_known(page, inner, path, role);
    }
}

static void check_there(const char *page, slice document, enum role role)
{
    slice name;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice rest = slice_of(rows[i].fields);
        if (strcmp(rows[i].page, page) != 0 || rows[i].roles[role] != '+')
            continue;
        while (slice_next(&rest, ' ', &name))
            if (!has_field(document, name))
                fail_msg("%s lacks %.*s for %s", page, (int)name.len, name.ptr, store_role_name(role));
    }
}

/* Whether some row says that this role sees the page at all. */
static bool is_seen(const char *page, enum role role)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].page, page) == 0 && rows[i].roles[role] == '+')
            return true;
    return false;
}

/* Rules of the node, of which pages of casework tell. */
static struct {
    struct plan_duties duties;
    struct plan_responsibility responsibility;
} plan;

static void check_page(struct test_people *people, const struct test_cast *cast, size_t at, enum role role)
{
    const struct route route = {HTTP_GET, pages[at].path, pages[at].name, &web_face, pages[at].answer, ROUTE_MEMBER,
            pages[at].verb, SCOPE_READ, 0, "", NULL};
    struct test_page *page = test_people_page(people, HTTP_GET, pages[at].path);
    test_cast_as(page, cast, role);
    page->parts.duties = &plan.duties;
    page->parts.responsibility = &plan.responsibility;
    page->err = gate_lets_in(&page->ask.who, &route, people->arena);
    slice document = page->err.kind == ERR_NONE ? test_page_run(page, &route) : S("");
    if ((page->err.kind == ERR_NONE) != is_seen(pages[at].name, role))
        fail_msg("%s for %s: %s", pages[at].name, store_role_name(role), page->err.why);
    if (page->err.kind == ERR_NONE) {
        check_known(pages[at].name, document, "", role);
        check_there(pages[at].name, document, role);
    }
}

/* A partner, terms with it that wait for a second person, and the private log with what was done for that. */
static struct err logs(struct work *work, void *context)
{
    (void)context;
    return share_book_logs(work);
}

/* A consent on paper, and a rule by which things leave. */
static struct err consents(struct work *work, void *context)
{
    const int64_t *partner = context;
    const struct consent consent = {.originator = *partner,
            .id = S("indicator--6b616c61-0000-4000-8000-000000000001"),
            .type = S(""),
            .recipient = CONSENT_AFFECTED,
            .state = CONSENT_GIVEN,
            .paper = S("a letter"),
            .giver = S("Ibu Sari, head of the response team"),
            .given_us = work->now_us - DAY_US,
            .scan = S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            .until_us = work->now_us + DAY_US};
    const struct rule_row rule = {.partner = *partner,
            .type = S("indicator"),
            .id = S(""),
            .highest = TLP_GREEN,
            .from_us = work->now_us,
            .until_us = work->now_us + DAY_US};
    int64_t number;
    TRY(store_consent_put(work, &consent, S(""), &number));
    return store_rule_add(work, &rule, &number);
}

/* Who is on call now, two of them second at once, and who comes next. */
static struct err shifts(struct work *work, void *context)
{
    const struct test_cast *cast = context;
    const int64_t now_us = work->now_us;
    const struct shift_put put[] = {
            {cast->users[ROLE_DUTY_OFFICER], SHIFT_FIRST, now_us - HOUR_US, now_us + 8 * HOUR_US},
            {cast->users[ROLE_MANAGER], SHIFT_SECOND, now_us - HOUR_US, now_us + 8 * HOUR_US},
            {cast->users[ROLE_COORDINATOR], SHIFT_SECOND, now_us - HOUR_US, now_us + 8 * HOUR_US},
            {cast->users[ROLE_MANAGER], SHIFT_FIRST, now_us + 8 * HOUR_US, now_us + 16 * HOUR_US}};
    int64_t number;
    for (size_t i = 0; i < COUNT_OF(put); i++)
        TRY(store_shift_put(work, &put[i], &number));
    return store_shift_person(work, cast->users[ROLE_DUTY_OFFICER], S("jaga@cert.example"), S("+62 21 5550100"));
}

/* All that the document in English needs. */
static void say_who_we_are(struct test_people *people)
{
    const struct publishing publishing = {"https://node.example/", NULL};
    struct published published = {0};
    size_t changed;
    for (const struct profile_field *field = profile_fields; field->name != NULL; field++) {
        const struct profile_typed typed = {
                slice_of(field->each ? arena_printf(people->arena, "%s.en", field->name) : field->name),
                field->kind == PROFILE_MAIL    ? S("cert@cert.example")
                : field->kind == PROFILE_PHONE ? S("+62 21 5550100")
                : field->kind == PROFILE_URL   ? S("https://cert.example/")
                                               : S("<script>alert(1)</script>")};
        test_ok(desk_profile_set(people->db, &people->local, &typed, 1, people->arena, &changed));
    }
    test_ok(desk_publish(people->db, &people->local, &publishing, people->arena, &published));
}

static void share(struct test_people *people, const struct test_cast *cast)
{
    static const char terms[] = "{\"after_end\":\"keep\",\"affected\":true,\"from\":\"2026-11-01T00:00:00Z\","
                                "\"highest\":\"TLP:AMBER\",\"kinds\":[\"indicator\"],\"onward\":\"ask\","
                                "\"purpose\":\"Protecting hospitals\",\"sightings\":true,"
                                "\"unmarked\":\"TLP:AMBER\",\"until\":\"2027-12-31T23:59:59Z\"}";
    const struct share_partner_taxii taxii = {.name = S("CERT Kenanga"), .country = S("ID"), .contact = S("jaga")};
    struct actor manager = {
            cast->own, cast->users[ROLE_MANAGER], S("manager"), UINT32_C(1) << ROLE_MANAGER, ACTOR_SECOND_FACTOR};
    struct share_proposal proposal;
    int64_t partner, agreement;
    test_ok(store_work(people->db, &people->local, people->arena, logs, NULL));
    test_ok(share_partner_add_taxii(people->db, &people->local, &taxii, people->arena, &partner));
    test_ok(store_work(people->db, &people->local, people->arena, consents, &partner));
    test_ok(share_agreement_draft(people->db, &people->local, partner, slice_of(terms), people->arena, &agreement));
    test_ok(share_agreement_offer(people->db, &manager, agreement, S("as agreed"), people->arena, &proposal));
    assert_false(proposal.done);
}

/* A page that imitates the other organisation, a draft about it, and what somebody saw there. */
static struct err takedown(struct work *work, void *context)
{
    const struct test_cast *cast = context;
    struct case_incident_put put = {.title = S("Pages"), .class = S("fraud/phishing"), .severity = SEVERITY_HIGH};
    struct case_takedown_put page = {.imitates = cast->other};
    const struct takedown_request request = {.takedown = 1,
            .address = S("abuse@host.test"),
            .source = S("<i>host"),
            .language = S("en"),
            .subject = S("a <i>page"),
            .text = S("take it down")};
    int64_t number;
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        put.at[i] = TIME_NONE;
    TRY(case_incident_open(work, &put, &page.incident));
    TRY(case_takedown_add(work, &page, S("http://evil.example/<script>alert(1)</script>"), &number));
    TRY(store_takedown_request_add(work, &request, &number));
    return case_takedown_seen(work, 1, TAKEDOWN_THERE, S("http://evil.example/ is <b>there"));
}

/* An incident, and its lesson, which was shared. */
static struct err lesson(struct work *work, void *context)
{
    const struct test_cast *cast = context;
    struct incident incident = {.home = cast->own,
            .identity = S("incident--6b616c61-0000-4000-8000-000000000002"),
            .title = S("Ransomware"),
            .class = S("malicious-code/infected-system"),
            .local_class = S(""),
            .determination = S("suspected"),
            .marking = S("TLP:AMBER"),
            .sector = S(""),
            .flags = S("")};
    struct lesson row = {.identity = S("report--6b616c61-0000-4000-8000-000000000003"),
            .marking = S("TLP:GREEN"),
            .said = {{S("Backups"), S("What was missing\nA test."), S("siti")},
                    {S("Cadangan"), S("Yang kurang\nUji."), S("siti")}},
            .reader = S("wati")};
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        incident.at[i] = TIME_NONE;
    TRY(store_incident_add(work, &incident, &row.incident));
    TRY(store_lesson_add(work, &row, &row.number));
    row.state = LESSON_SHARED;
    return store_lesson_change(work, &row);
}

/* A risk of which that incident counts, and who owns it. */
static struct err risk(struct work *work, void *context)
{
    const struct test_cast *cast = context;
    const struct risk_incident counted = {1, work->now_us, 4, S("network"), S("malware")};
    struct risk row = {.asset = counted.asset,
            .threat = counted.threat,
            .source = S("incidents"),
            .likelihood = 3,
            .impact = 4,
            .likelihood_rule = 3,
            .impact_rule = 4,
            .level = S("high"),
            .incidents = 1,
            .version = S("2026-11"),
            .again_us = TIME_NONE,
            .organisation = cast->own,
            .treatment = S("reduce"),
            .text = S("<i>segments"),
            .review_us = work->now_us};
    TRY(store_risk_incident_put(work, counted.incident, &counted, 1));
    TRY(store_risk_add(work, &row, &row.number));
    return store_risk_stood(work, &row, S("1"), S("<i>it began"));
}

/* A report of the incident, besides those that wait; and a partner with whom that is shared. */
static struct err linked(struct work *work, void *context)
{
    const struct test_cast *cast = context;
    const struct case_report_put told = {.channel = REPORT_BY_PHONE,
            .language = S("id"),
            .organisation = cast->other,
            .subject = S("Twelve machines " TEST_TOLD_HOSTILE),
            .text = S("They do not start"),
            .class = S(""),
            .flags = S(""),
            .occurred_us = TIME_NONE,
            .bytes = S("")};
    struct case_report_taken taken;
    struct partner partner;
    TRY(case_report_take(work, &told, &taken));
    TRY(store_partner_get(work->db, 1, work->now_us, work->arena, &partner));
    TRY(case_party_add(work, TEST_INCIDENT, partner.organisation, PARTY_SUPPORT, S("they offered it")));
    TRY(store_shared_put(work, TEST_INCIDENT, true, S("so that they help")));
    return case_report_link(work, taken.report, TEST_INCIDENT);
}

static void a_page_has_the_fields_that_its_asker_may_see(void **state)
{
    struct test_people *people = ready(state);
    struct test_cast cast = test_cast_make(people);
    share(people, &cast);
    test_ok(store_work(people->db, &people->local, people->arena, test_warned_work, &cast));
    test_ok(store_work(people->db, &people->local, people->arena, test_case_work, &cast));
    test_ok(plan_duty_shipped(people->arena, &plan.duties));
    test_ok(plan_responsibility_shipped(people->arena, &plan.responsibility));
    test_reports_make(people, &cast);
    test_ok(store_work(people->db, &people->local, people->arena, linked, &cast));
    test_ok(store_work(people->db, &people->local, people->arena, takedown, &cast));
    test_ok(store_work(people->db, &people->local, people->arena, lesson, &cast));
    test_ok(store_work(people->db, &people->local, people->arena, risk, &cast));
    test_ok(store_work(people->db, &people->local, people->arena, shifts, &cast));
    say_who_we_are(people);
    for (size_t i = 0; i < COUNT_OF(pages); i++)
        for (enum role role = 0; role < ROLE_LOCAL; role++)
            check_page(people, &cast, i, role);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "a page has the fields that its asker may see",
                    a_page_has_the_fields_that_its_asker_may_see, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
