/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The pages: one function each, named after its file. It writes the members of its document into ask->json with what
 * page.h has, or answers by itself (ask_see after a form). The rows that lead here are in app/routes.c.
 */
#include "gate/ask.h"

/* Each function is in the file of its page; one that answers a form is beside the page that shows the form. */
struct err web_about(struct ask *ask);
struct err web_account(struct ask *ask);
struct err web_account_password(struct ask *ask);
struct err web_account_taste(struct ask *ask);
struct err web_session_end(struct ask *ask);  /* POST /account/sessions/{number}/end */
struct err web_sessions_end(struct ask *ask); /* POST /account/sessions/end: all but this one */
struct err web_token_add(struct ask *ask);
struct err web_token_revoke(struct ask *ask);
struct err web_act(struct ask *ask);
struct err web_agreement(struct ask *ask);
struct err web_agreement_act(struct ask *ask);
struct err web_agreements(struct ask *ask);
struct err web_approval(struct ask *ask);
struct err web_approval_decide(struct ask *ask);
struct err web_approvals(struct ask *ask);
struct err web_ask_answer(struct ask *ask);
struct err web_ask_reply(struct ask *ask); /* to a partner that asks us */
struct err web_asks(struct ask *ask);
struct err web_claim_settle(struct ask *ask); /* partner.c */
struct err web_board(struct ask *ask);
struct err web_consent_end(struct ask *ask); /* the originator took it back */
struct err web_consent_propose(struct ask *ask);
struct err web_consents(struct ask *ask);
struct err web_contact_act(struct ask *ask); /* contacts.c */
struct err web_contact_add(struct ask *ask);
struct err web_draft(struct ask *ask); /* terms for a partner */
struct err web_draft_put(struct ask *ask);
struct err web_duties(struct ask *ask);
struct err web_duty(struct ask *ask); /* duties.c */
struct err web_duty_file(struct ask *ask);
struct err web_duty_form(struct ask *ask); /* as a file */
struct err web_duty_waive(struct ask *ask);
struct err web_evidence(struct ask *ask);
struct err web_evidence_act(struct ask *ask); /* two persons */
struct err web_evidence_copy(struct ask *ask);
struct err web_evidence_one(struct ask *ask);
struct err web_evidence_sign(struct ask *ask); /* who took it signs, too */
struct err web_evidence_take(struct ask *ask);
struct err web_evidence_verify(struct ask *ask);
struct err web_package_take(struct ask *ask); /* evidence.c: as an archive */
struct err web_export(struct ask *ask);
struct err web_factor_offer(struct ask *ask);
struct err web_factor_confirm(struct ask *ask);
struct err web_factor_off(struct ask *ask);
struct err web_factor_codes(struct ask *ask);
struct err web_feed_add(struct ask *ask);
struct err web_feed_change(struct ask *ask);
struct err web_feeds(struct ask *ask);
struct err web_group(struct ask *ask);
struct err web_group_act(struct ask *ask);
struct err web_group_propose(struct ask *ask);
struct err web_group_terms(struct ask *ask); /* the document, as a file */
struct err web_groups(struct ask *ask);
struct err web_hunt(struct ask *ask);
struct err web_hunt_do(struct ask *ask);
struct err web_incident(struct ask *ask);
struct err web_incident_act(struct ask *ask); /* POST /incidents/{number}/{act} */
struct err web_incident_new(struct ask *ask); /* incidents.c: the form */
struct err web_incident_open(struct ask *ask);
struct err web_incident_share(struct ask *ask);
struct err web_incident_share_do(struct ask *ask); /* or ends it */
struct err web_incidents(struct ask *ask);
struct err web_import(struct ask *ask);
struct err web_import_post(struct ask *ask); /* a preview, or the import itself */
struct err web_import_take(struct ask *ask); /* what was previewed */
struct err web_imports(struct ask *ask);
struct err web_import_one(struct ask *ask);
struct err web_import_original(struct ask *ask);
struct err web_import_undo(struct ask *ask);
struct err web_intelligence(struct ask *ask);
struct err web_journal(struct ask *ask);
struct err web_language(struct ask *ask);
struct err web_ledger(struct ask *ask);
struct err web_ledger_clear(struct ask *ask);
struct err web_link(struct ask *ask); /* /set-up/{secret}, /password/{secret} */
struct err web_link_use(struct ask *ask);
struct err web_answer(struct ask *ask); /* /w/{secret} */
struct err web_answer_give(struct ask *ask);
struct err web_log(struct ask *ask); /* ledger.c: one of our logs */
struct err web_log_entry(struct ask *ask);
struct err web_log_proof(struct ask *ask);
struct err web_notice_message(struct ask *ask); /* notices.c */
struct err web_object(struct ask *ask);
struct err web_object_download(struct ask *ask);
struct err web_object_find(struct ask *ask);
struct err web_object_raw(struct ask *ask);
struct err web_organisation(struct ask *ask);
struct err web_organisation_supply(struct ask *ask); /* supply.c */
struct err web_organisations(struct ask *ask);
struct err web_partner(struct ask *ask);
struct err web_partner_act(struct ask *ask);
struct err web_partner_add(struct ask *ask);
struct err web_partner_add_taxii(struct ask *ask); /* partners.c */
struct err web_partner_confirm(struct ask *ask);
struct err web_partner_introduce(struct ask *ask); /* partners.c: ours, as a file */
struct err web_partners(struct ask *ask);
struct err web_playbook(struct ask *ask);
struct err web_playbook_act(struct ask *ask);
struct err web_playbook_add(struct ask *ask); /* playbooks.c */
struct err web_playbook_file(struct ask *ask);
struct err web_playbooks(struct ask *ask);
struct err web_recall(struct ask *ask);
struct err web_recall_heard(struct ask *ask);
struct err web_release_rule_end(struct ask *ask);
struct err web_release_rule_propose(struct ask *ask);
struct err web_release_rules(struct ask *ask);
struct err web_releases(struct ask *ask);
struct err web_report(struct ask *ask);
struct err web_report_act(struct ask *ask);
struct err web_report_evidence(struct ask *ask);
struct err web_report_file(struct ask *ask); /* report_act.c: what came, as a file */
struct err web_report_form(struct ask *ask); /* for anybody */
struct err web_report_form_send(struct ask *ask);
struct err web_report_new(struct ask *ask); /* somebody calls */
struct err web_report_new_take(struct ask *ask);
struct err web_report_take(struct ask *ask); /* report_new.c: JSON */
struct err web_reports(struct ask *ask);
struct err web_sign_in(struct ask *ask);
struct err web_sign_in_do(struct ask *ask);
struct err web_sign_out(struct ask *ask);
struct err web_sources(struct ask *ask);
struct err web_split_proof(struct ask *ask); /* ledger.c */
struct err web_start(struct ask *ask);
struct err web_figures(struct ask *ask);
struct err web_figures_csv(struct ask *ask);
struct err web_incident_report(struct ask *ask); /* figures.c */
struct err web_lesson(struct ask *ask);          /* lessons.c */
struct err web_lesson_draft(struct ask *ask);
struct err web_lesson_review(struct ask *ask);
struct err web_lesson_share(struct ask *ask);
struct err web_lesson_write(struct ask *ask);
struct err web_lessons(struct ask *ask);
struct err web_risk(struct ask *ask); /* risks.c */
struct err web_risk_accept(struct ask *ask);
struct err web_risk_add(struct ask *ask);
struct err web_risk_close(struct ask *ask);
struct err web_risk_review(struct ask *ask);
struct err web_risk_treat(struct ask *ask);
struct err web_risks(struct ask *ask);
struct err web_risks_csv(struct ask *ask);
struct err web_risks_rule(struct ask *ask);
struct err web_statistics(struct ask *ask);
struct err web_statistics_csv(struct ask *ask);
struct err web_static(struct ask *ask); /* files.c */
struct err web_stream(struct ask *ask);
struct err web_stream_csv(struct ask *ask);
struct err web_streams(struct ask *ask);
struct err web_takedown(struct ask *ask); /* takedowns.c */
struct err web_takedown_act(struct ask *ask);
struct err web_takedown_add(struct ask *ask);
struct err web_takedowns(struct ask *ask);
struct err web_task(struct ask *ask);
struct err web_task_act(struct ask *ask); /* POST /tasks/{number}/{act} */
struct err web_tasks(struct ask *ask);
struct err web_profile(struct ask *ask);
struct err web_profile_set(struct ask *ask);
struct err web_rfc2350(struct ask *ask);            /* profile.c */
struct err web_rfc2350_text(struct ask *ask);       /* as it is signed */
struct err web_security_txt(struct ask *ask);       /* profile.c */
struct err web_security_txt_moved(struct ask *ask); /* to /.well-known/ */
struct err web_team_key(struct ask *ask);           /* the public key */
struct err web_roster(struct ask *ask);
struct err web_roster_hand_over(struct ask *ask);
struct err web_roster_person(struct ask *ask); /* how who asks is reached */
struct err web_roster_put(struct ask *ask);
struct err web_roster_shift(struct ask *ask); /* gives one away, or takes it away */
struct err web_today(struct ask *ask);
struct err web_today_answer(struct ask *ask);
struct err web_user(struct ask *ask);
struct err web_user_roles(struct ask *ask);
struct err web_user_state(struct ask *ask);
struct err web_user_reset(struct ask *ask);
struct err web_user_sessions_end(struct ask *ask);
struct err web_users(struct ask *ask);
struct err web_users_add(struct ask *ask);
struct err web_warning(struct ask *ask);
struct err web_warning_act(struct ask *ask);
struct err web_warning_rule_end(struct ask *ask); /* rules.c */
struct err web_sector_team(struct ask *ask);      /* sector.c */
struct err web_warning_rule_propose(struct ask *ask);
struct err web_warning_rules(struct ask *ask);
