/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may do what at the desk, and who learns what: every verb of casework, as everybody, on an incident that is there
 * for all of us, on one that is restricted, and on one that is not there at all. The table says what comes of it, and
 * says it by itself: nothing here is read from right.c. Whoever does not see a thing is answered as if it were not
 * there, to the byte, and nothing of what was tried stays. Nor does it matter to them whether whom and what they name
 * beside it (an organisation, a person, a playbook) is there. tests/lint/rights.py sees to it that no verb is missing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "case/account.h"
#include "case/across.h"
#include "case/alert.h"
#include "case/duty.h"
#include "case/evidence.h"
#include "case/figures.h"
#include "case/find.h"
#include "case/lesson.h"
#include "case/opinion.h"
#include "case/package.h"
#include "case/playbook.h"
#include "case/responsible.h"
#include "case/risk.h"
#include "case/subject.h"
#include "case/takedown.h"
#include "case/test_case.h"
#include "desk/contact.h"
#include "desk/notice.h"
#include "store/journal.h"
#include "store/part.h"

#define SECRET "Rahasia" /* in the title of what is restricted, and nowhere else */

static const struct share_act acts[] = {
        {.name = "incident.alert", .verb = VERB_SHARE_INCIDENTS, .run = case_alert_do},
        {.name = "incident.share", .verb = VERB_SHARE_INCIDENTS, .run = case_across_do_share},
        {.name = "lesson.share", .verb = VERB_LESSONS, .run = case_lesson_do_share},
        {.name = "incident.close", .verb = VERB_CASE_FACTS, .run = case_incident_do_close},
        {.name = "incident.time", .verb = VERB_CASE_FACTS, .run = case_incident_do_time},
        {.name = "incident.class", .verb = VERB_CASE_FACTS, .run = case_incident_do_class},
        {.name = "incident.widen", .verb = VERB_RELEASE, .run = case_incident_do_widen},
        {.name = "duty.waive", .verb = VERB_WAIVE_DUTIES, .run = case_duty_do_waive},
        {.name = "evidence.hand", .verb = VERB_HAND_EVIDENCE, .run = case_evidence_do_hand},
        {.name = "evidence.hold", .verb = VERB_KEEP_EVIDENCE, .run = case_evidence_do_hold},
        {.name = "evidence.destroy", .verb = VERB_KEEP_EVIDENCE, .run = case_evidence_do_destroy},
        {.name = "risk.accept",
                .verb = VERB_ACCEPT_RISKS,
                .run = case_risk_do_accept,
                .may = case_risk_may_accept,
                .about = case_risk_about},
};

/* ---- Who tries ---- */

/* The roles of domain.md §3.4 in its order and the machine; then an analyst who holds what is restricted, and the
 * administrator of an organisation that has nothing to do with any of it. */
enum { HOLDER = ROLES, STRANGER, ACTORS };
static struct actor actors[ACTORS];

/* ---- On what ---- */

enum { OPEN, RESTRICTED, MISSING, OBJECTS };
static const char *const object_names[OBJECTS] = {"the open one", "the restricted one", "one that is not there"};
static struct thing {
    int64_t incident, task, duty, evidence, report, message, part, package, takedown, approval;
    int64_t refused;               /* another proposal */
    int64_t notice;                /* that carries the receipt of the report */
    int64_t closed, draft, lesson; /* an incident that is over; lessons of such, written and read */
    int64_t risk;                  /* that is grave */
} things[OBJECTS];
/* What is named beside it. */
static struct names {
    int64_t incident, report, task, organisation, person, playbook, draft_playbook, warning;
    slice who, whose, rule;
} there, nowhere = {9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, {"nobody", 6}, {"Nowhere", 7}, {"none", 4}};
static int64_t melati, police, supplier;
static char folder[] = "case-rights-XXXXXX";

#define DUTIES                                                                                                         \
    "[file]\nversion = 1\nsource = a test\n[duty asked]\ntitle = T\ntitle-id = T\nsource = S\nseen = 2026-11-20\n"     \
    "from = 2025-11-01\ncountries = id\nstart = request\nhours = 1\nrecipient = R\nrecipient-id = R\n"                 \
    "content = description\nnote = N\nnote-id = N\n"
#define RESPONSIBLE "[file]\nversion = 7\nsource = made up\n[responsible all]\nlead = own\n"
#define TAKEDOWNS                                                                                                      \
    "[file]\nversion = 1\nsource = a test\n[takedown registry]\nrecipient = registry\nname = R\ndomains = example\n"   \
    "address = abuse@registry.test\nlanguage = id\n"
#define MAIL                                                                                                           \
    "From: a@b.example\r\nSubject: see\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"      \
    "--b\r\nContent-Type: text/plain\r\n\r\nlook\r\n--b\r\nContent-Type: application/octet-stream\r\n"                 \
    "Content-Disposition: attachment; filename=\"a.bin\"\r\n\r\nabc\r\n--b--\r\n"
static struct plan_duties duties;
static struct plan_responsibility responsibility;
static struct plan_risks risks;
static struct case_takedown_rules takedowns;

struct attempt {
    struct test_store *store;
    struct arena *arena; /* emptied after each row */
    const struct actor *actor;
    const struct thing *thing;
    const struct names *names;
    slice why; /* another for each, so that no proposal is there already */
    struct err (*act)(struct work *work, const struct attempt *attempt);
    struct share_proposal proposal;
    struct thing *makes;
};

/* Whoever hears that there is nothing to be done, or that it is not said well, was let in. */
static struct err let_in(struct err err)
{
    return err.kind == ERR_INPUT || err.kind == ERR_CONFLICT ? OK : err;
}

/* ---- Verbs that are one work ---- */

static struct err set(struct work *work, const struct attempt *attempt)
{
    return case_incident_set(work, attempt->thing->incident, S("title"), S("Judul lain"), attempt->why);
}

static struct err set_holder(struct work *work, const struct attempt *attempt)
{
    return case_incident_set(work, attempt->thing->incident, S("holder"), attempt->names->who, attempt->why);
}

static struct err begin_another(struct work *work, const struct attempt *attempt)
{
    const struct case_incident_put put = test_put("Insiden baru");
    int64_t number;
    (void)attempt;
    return case_incident_open(work, &put, &number);
}

static struct err turn(struct work *work, const struct attempt *attempt)
{
    return case_incident_state(work, attempt->thing->incident, INCIDENT_TRIAGED, attempt->why);
}

static struct err merge(struct work *work, const struct attempt *attempt)
{
    return case_incident_merge(work, attempt->thing->incident, attempt->names->incident, attempt->why);
}

static struct err merge_into(struct work *work, const struct attempt *attempt)
{
    return case_incident_merge(work, there.incident, attempt->thing->incident, attempt->why);
}

static struct err party(struct work *work, const struct attempt *attempt)
{
    return case_party_add(work, attempt->thing->incident, attempt->names->organisation, PARTY_INFORMED, attempt->why);
}

static struct err party_end(struct work *work, const struct attempt *attempt)
{
    return case_party_end(work, attempt->thing->incident, melati, PARTY_VICTIM, attempt->why);
}

static struct err observable(struct work *work, const struct attempt *attempt)
{
    return case_observable_add(work, attempt->thing->incident, S("domain-name"), S("evil.example"));
}

static struct err impact(struct work *work, const struct attempt *attempt)
{
    const struct impact put = {
            .kind = S("records"), .low = 1, .high = 2, .unit = S(""), .confidence = S("low"), .at_us = TIME_NONE};
    int64_t number;
    return case_impact_add(work, attempt->thing->incident, &put, &number);
}

static struct err scale(struct work *work, const struct attempt *attempt)
{
    return case_scale_put(work, attempt->thing->incident, S("uk-ncsc"), S("C3"), attempt->why);
}

static struct err link_to(struct work *work, const struct attempt *attempt)
{
    return case_incident_link(work, there.incident, attempt->thing->incident, S("related"));
}

static struct err task_add(struct work *work, const struct attempt *attempt)
{
    const struct case_task_put put = {.incident = attempt->thing->incident,
            .title = S("x"),
            .organisation = attempt->names->organisation,
            .person = attempt->names->who,
            .due_us = TIME_NONE,
            .befores = &attempt->names->task,
            .before_count = 1};
    int64_t number;
    return case_task_add(work, &put, &number);
}

static struct err task_do(struct work *work, const struct attempt *attempt)
{
    return case_task_state(work, attempt->thing->task, TASK_CANCELLED, attempt->why);
}

static struct err task_wait(struct work *work, const struct attempt *attempt)
{
    const struct case_task_put put = {.incident = there.incident,
            .title = S("x"),
            .due_us = TIME_NONE,
            .befores = &attempt->thing->task,
            .before_count = 1};
    int64_t number;
    return case_task_add(work, &put, &number);
}

static struct err task_give(struct work *work, const struct attempt *attempt)
{
    return case_task_set(work, attempt->thing->task, S("organisation"), attempt->names->whose);
}

static struct err task_agree(struct work *work, const struct attempt *attempt)
{
    return case_task_agree(work, attempt->thing->task, attempt->why);
}

static struct err task_set(struct work *work, const struct attempt *attempt)
{
    return case_task_set(work, attempt->thing->task, S("title"), S("Judul lain"));
}

static struct err entry(struct work *work, const struct attempt *attempt)
{
    const struct incident_entry put = {.kind = ENTRY_NOTE,
            .text = S("catatan"),
            .source = S(""),
            .audience = AUDIENCE_OWN,
            .happened_us = TIME_NONE,
            .due_us = TIME_NONE};
    int64_t number;
    return case_entry_add(work, attempt->thing->incident, &put, &number);
}

/* One of who takes it back. */
static struct err withdraw(struct work *work, const struct attempt *attempt)
{
    const struct incident_entry put = {
            .kind = ENTRY_NOTE, .text = S("catatan"), .happened_us = TIME_NONE, .due_us = TIME_NONE};
    int64_t number;
    TRY(case_entry_add(work, attempt->thing->incident, &put, &number));
    return case_entry_withdraw(work, attempt->thing->incident, number, attempt->why);
}

static struct err opinion(struct work *work, const struct attempt *attempt)
{
    const struct case_opinion_put put = {.opinion = S("agree")};
    int64_t number;
    return case_opinion(work, attempt->thing->incident, &put, &number);
}

static struct err entry_for_one(struct work *work, const struct attempt *attempt)
{
    const struct incident_entry put = {.kind = ENTRY_NOTE,
            .text = S("catatan"),
            .source = S(""),
            .audience = attempt->names->organisation,
            .happened_us = TIME_NONE,
            .due_us = TIME_NONE};
    int64_t number;
    return case_entry_add(work, attempt->thing->incident, &put, &number);
}

static struct err duty_begin(struct work *work, const struct attempt *attempt)
{
    const struct case_duty_demand demand = {
            .incident = attempt->thing->incident, .rule = attempt->names->rule, .at_us = TIME_NONE};
    int64_t number;
    return case_duty_begin(work, &duties, &demand, &number);
}

static struct err duty_file(struct work *work, const struct attempt *attempt)
{
    return case_duty_file(work, attempt->thing->duty, S("REF-1"), S("form"), attempt->why);
}

static struct err report_assign(struct work *work, const struct attempt *attempt)
{
    return case_report_assign(work, attempt->thing->report, attempt->names->person);
}

static struct err report_classify(struct work *work, const struct attempt *attempt)
{
    return case_report_classify(work, attempt->thing->report, S(TEST_CLASS), SEVERITY_LOW);
}

static struct err report_link(struct work *work, const struct attempt *attempt)
{
    return case_report_link(work, attempt->thing->report, attempt->names->incident);
}

static struct err report_link_to(struct work *work, const struct attempt *attempt)
{
    return case_report_link(work, there.report, attempt->thing->incident);
}

static struct err report_open(struct work *work, const struct attempt *attempt)
{
    int64_t number;
    return case_report_open(work, attempt->thing->report, S("Insiden"), &number);
}

static struct err report_close(struct work *work, const struct attempt *attempt)
{
    return case_report_close(work, attempt->thing->report, attempt->why);
}

static struct err report_answer(struct work *work, const struct attempt *attempt)
{
    int64_t notice;
    return case_report_answer(work, attempt->thing->report, S(""), S("Terima kasih"), &notice);
}

/* Nobody knows yet who told it. */
static struct err report_told_by(struct work *work, const struct attempt *attempt)
{
    TRY(store_report_told_by(work, attempt->thing->report, 0));
    return case_report_told_by(work, attempt->thing->report, melati);
}

static struct err report_forget(struct work *work, const struct attempt *attempt)
{
    return case_report_forget(work, attempt->thing->report, attempt->why);
}

static struct err report_told(struct work *work, const struct attempt *attempt)
{
    const struct case_report_put put = {.channel = REPORT_BY_PHONE,
            .organisation = attempt->names->organisation,
            .subject = S("Aneh"),
            .text = S("Ada yang aneh"),
            .severity = SEVERITY_LOW,
            .occurred_us = TIME_NONE};
    struct case_report_taken taken;
    return case_report_take(work, &put, &taken);
}

static struct err report_of_warning(struct work *work, const struct attempt *attempt)
{
    struct case_report_taken taken;
    return case_report_warning(work, attempt->names->warning, S("lihat"), &taken);
}

static struct err report_of_event(struct work *work, const struct attempt *attempt)
{
    struct case_report_taken taken;
    return case_report_event(work, attempt->names->warning, S("lihat"), &taken);
}

static struct err report_merge(struct work *work, const struct attempt *attempt)
{
    return case_report_merge(work, attempt->thing->report, attempt->names->report, attempt->why);
}

static struct err report_merge_into(struct work *work, const struct attempt *attempt)
{
    return case_report_merge(work, there.report, attempt->thing->report, attempt->why);
}

static struct err report_differs(struct work *work, const struct attempt *attempt)
{
    return case_report_differs(work, attempt->thing->report, attempt->names->report);
}

static struct err report_differs_from(struct work *work, const struct attempt *attempt)
{
    return case_report_differs(work, there.report, attempt->thing->report);
}

static struct err report_original(struct work *work, const struct attempt *attempt)
{
    struct buf out = buf_make(MAILBOX_BYTES_MAX + 1);
    struct err err = case_report_original(work, attempt->thing->report, attempt->thing->message, attempt->why, &out);
    buf_free(&out);
    return err;
}

static struct err report_file(struct work *work, const struct attempt *attempt)
{
    const struct thing *thing = attempt->thing;
    struct buf out = buf_make(MAILBOX_BYTES_MAX + 1);
    struct thread_file file;
    struct err err = case_report_file(work, thing->report, thing->message, thing->part, attempt->why, &out, &file);
    buf_free(&out);
    return err;
}

static struct err hand_over(struct work *work, const struct attempt *attempt)
{
    struct case_handover handover;
    TRY(case_report_handover(work, NOON - HOUR_US, attempt->names->person, attempt->why, &handover));
    assert_true(store_restricted_seen(work->actor, S("restricted"), actors[HOLDER].user) ||
                slice_find_slice(handover.text, S(SECRET)) == handover.text.len);
    return OK;
}

static struct err share_end(struct work *work, const struct attempt *attempt)
{
    return case_across_end(work, attempt->thing->incident, attempt->why);
}

static struct err responsible(struct work *work, const struct attempt *attempt)
{
    return case_responsible_take(work, &responsibility, attempt->thing->incident);
}

static struct err lesson_draft(struct work *work, const struct attempt *attempt)
{
    int64_t number;
    return case_lesson_draft(work, attempt->thing->closed, &number);
}

static struct err lesson_write(struct work *work, const struct attempt *attempt)
{
    const struct lesson_said said = {S("Belajar"), S("Dua salinan.\n")};
    return case_lesson_write(work, attempt->thing->draft, LANGUAGE_INDONESIAN, &said);
}

static struct err lesson_read(struct work *work, const struct attempt *attempt)
{
    struct lesson row = {.number = 0};
    struct sha256 shown = {{0}};
    if (store_lesson_get(work->db, attempt->thing->draft, work->arena, &row).kind == ERR_NONE)
        shown = case_lesson_digest(&row);
    return case_lesson_read(work, attempt->thing->draft, &shown);
}

static slice playbook_text(const char *name, struct arena *arena)
{
    FILE *file = fopen(arena_printf(arena, "%s/etc/playbooks/%s", getenv("KENTONGAN_ROOT"), name), "rb");
    char *text = arena_take(arena, 1u << 16);
    assert_non_null(file);
    size_t len = fread(text, 1, 1u << 16, file);
    fclose(file);
    return (slice){text, len};
}

static struct err playbook_add(struct work *work, const struct attempt *attempt)
{
    int64_t number;
    (void)attempt;
    return case_playbook_add(work, "a.json", playbook_text("phishing.json", work->arena), S(""), &number);
}

static struct err playbook_approve(struct work *work, const struct attempt *attempt)
{
    return case_playbook_approve(work, attempt->names->draft_playbook, attempt->why);
}

static struct err playbook_retire(struct work *work, const struct attempt *attempt)
{
    return case_playbook_retire(work, attempt->names->playbook, attempt->why);
}

static struct err playbook_start(struct work *work, const struct attempt *attempt)
{
    size_t tasks;
    return case_playbook_start(work, attempt->names->playbook, attempt->thing->incident, &tasks);
}

static struct err takedown_add(struct work *work, const struct attempt *attempt)
{
    const struct case_takedown_put put = {
            .incident = attempt->thing->incident, .imitates = attempt->names->organisation, .pap = S("")};
    int64_t number;
    return case_takedown_add(work, &put, S("https://tiruan.example/masuk"), &number);
}

static struct err takedown_gather(struct work *work, const struct attempt *attempt)
{
    const struct case_takedown_put put = {.incident = attempt->thing->incident, .pap = S("")};
    size_t fresh, unfit;
    return case_takedown_gather(work, &put, &fresh, &unfit);
}

static struct err takedown_draft(struct work *work, const struct attempt *attempt)
{
    size_t count;
    return case_takedown_draft(work, &takedowns, attempt->thing->takedown, NULL, &count);
}

static struct err takedown_approve(struct work *work, const struct attempt *attempt)
{
    return case_takedown_approve(work, attempt->thing->takedown, attempt->names == &there ? 1 : 9999);
}

static struct err takedown_answer(struct work *work, const struct attempt *attempt)
{
    struct err err = case_takedown_answer(
            work, attempt->thing->takedown, attempt->names == &there ? 1 : 9999, TAKEDOWN_REQUEST_REFUSED, S("no"));
    return let_in(err); /* nobody approved it yet */
}

static struct err takedown_warn(struct work *work, const struct attempt *attempt)
{
    size_t count;
    return case_takedown_warn(work, &takedowns, attempt->thing->incident, &count);
}

static struct err takedown_give_up(struct work *work, const struct attempt *attempt)
{
    return case_takedown_give_up(work, attempt->thing->takedown, attempt->why);
}

static struct err takedown_seen(struct work *work, const struct attempt *attempt)
{
    return case_takedown_seen(work, attempt->thing->takedown, TAKEDOWN_GONE, attempt->why);
}

static struct err takedown_hurry(struct work *work, const struct attempt *attempt)
{
    return case_takedown_hurry(work, attempt->thing->takedown);
}

/* ---- What acts of two persons do: rights were asked for, of both, by share/approve.h ---- */

static slice subject_of(struct arena *arena, const char *name, int64_t number)
{
    return slice_of(arena_printf(arena, "%s/%" PRId64, name, number));
}

static struct err risk_add(struct work *work, const struct attempt *attempt)
{
    const struct case_risk_said grave = {5, 5, S("it is old"), TIME_NONE};
    int64_t number;
    (void)attempt;
    return case_risk_add(work, S("mail"), S("fraud"), &grave, &number);
}

static struct err risk_treat(struct work *work, const struct attempt *attempt)
{
    const struct case_risk_treat put = {
            S("reduce"), attempt->why, attempt->names->organisation, attempt->names->person, NOON + DAY_US};
    return case_risk_treat(work, attempt->thing->risk, &put);
}

static struct err risk_review(struct work *work, const struct attempt *attempt)
{
    const struct case_risk_said said = {CASE_RISK_SAME, CASE_RISK_SAME, attempt->why, TIME_NONE};
    return case_risk_review(work, attempt->thing->risk, &said);
}

static struct err risk_close(struct work *work, const struct attempt *attempt)
{
    return let_in(case_risk_close(work, attempt->thing->risk, attempt->why));
}

static struct err do_close(struct work *work, const struct attempt *attempt)
{
    return case_incident_do_close(work, subject_of(work->arena, "incident", attempt->thing->closed), S("{}"));
}

static struct err do_time(struct work *work, const struct attempt *attempt)
{
    return let_in(case_incident_do_time(work, subject_of(work->arena, "incident", attempt->thing->incident), S("{}")));
}

static struct err do_class(struct work *work, const struct attempt *attempt)
{
    return let_in(case_incident_do_class(work, subject_of(work->arena, "incident", attempt->thing->incident), S("{}")));
}

static struct err do_widen(struct work *work, const struct attempt *attempt)
{
    return let_in(case_incident_do_widen(work, subject_of(work->arena, "incident", attempt->thing->incident), S("{}")));
}

static struct err do_waive(struct work *work, const struct attempt *attempt)
{
    return case_duty_do_waive(work, subject_of(work->arena, "duty", attempt->thing->duty), S("{\"why\":\"x\"}"));
}

static struct err do_share(struct work *work, const struct attempt *attempt)
{
    return case_across_do_share(
            work, subject_of(work->arena, "incident", attempt->thing->incident), S("{\"why\":\"x\"}"));
}

static struct err do_alert(struct work *work, const struct attempt *attempt)
{
    struct err err = case_alert_do(work, subject_of(work->arena, "incident", attempt->thing->incident),
            S("{\"sector\":\"health\",\"subject\":\"x\",\"text\":\"Awas\",\"marking\":\"TLP:RED\"}"));
    return err.kind == ERR_DENIED ? OK : err; /* TLP:RED leaves for nobody; whoever hears of that was let in */
}

static struct err do_lesson(struct work *work, const struct attempt *attempt)
{
    return let_in(case_lesson_do_share(work, subject_of(work->arena, "lesson", attempt->thing->lesson), S("{}")));
}

static struct err do_hand(struct work *work, const struct attempt *attempt)
{
    return let_in(case_evidence_do_hand(work, subject_of(work->arena, "incident", attempt->thing->incident), S("{}")));
}

static struct err do_hold(struct work *work, const struct attempt *attempt)
{
    return let_in(case_evidence_do_hold(
            work, subject_of(work->arena, "incident", attempt->thing->incident), S("{\"until\":\"x\"}")));
}

static struct err do_destroy(struct work *work, const struct attempt *attempt)
{
    return let_in(
            case_evidence_do_destroy(work, subject_of(work->arena, "incident", attempt->thing->incident), S("{}")));
}

/* Does it, and takes it back. */
static struct err attempt_do(struct work *work, void *context)
{
    const struct attempt *attempt = context;
    TRY(attempt->act(work, attempt));
    return err_make(ERR_LIMIT, "taken back");
}

/* ---- Verbs that are more, or a proposal ---- */

typedef struct err asking(struct attempt *attempt);

static struct err closing(struct attempt *attempt)
{
    return case_incident_close(attempt->store->db, attempt->actor, attempt->thing->incident, attempt->why,
            attempt->arena, &attempt->proposal);
}

static struct err timing(struct attempt *attempt)
{
    return case_incident_time(attempt->store->db, attempt->actor, attempt->thing->incident, INCIDENT_REPORTED_AT,
            NOON - HOUR_US, attempt->why, attempt->arena, &attempt->proposal);
}

static struct err classing(struct attempt *attempt)
{
    return case_incident_class(attempt->store->db, attempt->actor, attempt->thing->incident, S(TEST_CLASS),
            S("ransomware"), attempt->why, attempt->arena, &attempt->proposal);
}

static struct err widening(struct attempt *attempt)
{
    return case_incident_widen(attempt->store->db, attempt->actor, attempt->thing->incident, S("TLP:GREEN"),
            attempt->why, attempt->arena, &attempt->proposal);
}

static struct err waiving(struct attempt *attempt)
{
    return case_duty_waive(
            attempt->store->db, attempt->actor, attempt->thing->duty, attempt->why, attempt->arena, &attempt->proposal);
}

static struct case_evidence_act act_of(const struct attempt *attempt)
{
    return (struct case_evidence_act){attempt->thing->incident, &attempt->thing->evidence, 1, attempt->why};
}

static struct err handing(struct attempt *attempt)
{
    const struct case_evidence_act act = act_of(attempt);
    return case_evidence_hand(attempt->store->db, attempt->actor, &act, attempt->names->organisation, S(""),
            attempt->arena, &attempt->proposal);
}

static struct err holding(struct attempt *attempt)
{
    const struct case_evidence_act act = act_of(attempt);
    return case_evidence_hold(attempt->store->db, attempt->actor, &act, TIME_NONE, attempt->arena, &attempt->proposal);
}

static struct err destroying(struct attempt *attempt)
{
    const struct case_evidence_act act = act_of(attempt);
    return case_evidence_destroy(attempt->store->db, attempt->actor, &act, attempt->arena, &attempt->proposal);
}

static struct err text_read(void *context, char *to, size_t room, size_t *got)
{
    slice *rest = context;
    *got = rest->len < room ? rest->len : room;
    memcpy(to, rest->ptr, *got);
    *rest = slice_from(*rest, *got);
    return OK;
}

static struct err text_drop(void *context, slice piece)
{
    (void)context, (void)piece;
    return OK;
}

static struct err taking(struct attempt *attempt)
{
    slice text = S("what was found");
    const struct evidence_source source = {&text, text_read};
    const struct case_evidence_put put = {.incident = attempt->thing->incident,
            .name = S("disk.img"),
            .what = S("a disk"),
            .place = S("room 4"),
            .tool = S("dd 9.1"),
            .basis = S("order 12"),
            .acquired_us = TIME_NONE,
            .clock_error_us = TIME_NONE,
            .keep_until_us = TIME_NONE};
    int64_t number;
    return case_evidence_take(attempt->store->db, attempt->actor, &put, &source, attempt->arena, &number);
}

static struct err copying(struct attempt *attempt)
{
    const struct evidence_sink sink = {NULL, text_drop};
    return case_evidence_copy(
            attempt->store->db, attempt->actor, attempt->thing->evidence, attempt->why, &sink, attempt->arena);
}

static struct err verifying(struct attempt *attempt)
{
    return case_evidence_verify(attempt->store->db, attempt->actor, attempt->thing->evidence, attempt->arena);
}

static struct err signing(struct attempt *attempt)
{
    const struct key_public key = {0};
    struct err err = case_evidence_sign(
            attempt->store->db, attempt->actor, attempt->thing->evidence, 1, S("none"), &key, attempt->arena);
    return let_in(err); /* there is nothing to sign */
}

static struct err sharing(struct attempt *attempt)
{
    return case_across_share(attempt->store->db, attempt->actor, attempt->thing->incident, false, attempt->why,
            attempt->arena, &attempt->proposal);
}

static struct err previewing(struct attempt *attempt)
{
    struct share_supposed *rows;
    size_t count;
    return case_across_preview(
            attempt->store->db, attempt->actor, attempt->thing->incident, false, attempt->arena, &rows, &count);
}

static struct err alerting(struct attempt *attempt)
{
    const struct case_alert_put put = {.incident = attempt->thing->incident,
            .sector = S("health"),
            .subject = S("Awas"),
            .text = attempt->why, /* another for each */
            .marking = S(""),
            .why = attempt->why};
    return case_alert_send(attempt->store->db, attempt->actor, &put, attempt->arena, &attempt->proposal);
}

static struct err lesson_sharing(struct attempt *attempt)
{
    return case_lesson_share(attempt->store->db, attempt->actor, attempt->thing->lesson, S("TLP:GREEN"), attempt->why,
            attempt->arena, &attempt->proposal);
}

static struct err linking(struct attempt *attempt)
{
    size_t count;
    return case_takedown_link(attempt->store->db, attempt->actor, attempt->thing->incident, attempt->arena, &count);
}

/* Its PAP lets nobody look: no door is needed. */
static struct err looking(struct attempt *attempt)
{
    enum takedown_outcome outcome;
    return case_takedown_look(
            attempt->store->db, attempt->actor, NULL, attempt->thing->takedown, attempt->arena, &outcome);
}

/* Into a folder that is there already: who may hears of that. */
static struct err packing(struct attempt *attempt)
{
    return let_in(case_package_write(attempt->store->db, attempt->actor, attempt->thing->package, folder,
            arena_printf(attempt->arena, "%s/ledger", folder), attempt->arena));
}

static struct err archiving(struct attempt *attempt)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    struct err err = case_package_tar(attempt->store->db, attempt->actor, attempt->thing->package, fileno(file),
            arena_printf(attempt->arena, "%s/ledger", folder), attempt->arena);
    fclose(file);
    return err;
}

/* A proposal: who gives another digest than its own has not seen it, and hears that if it is there. */
static struct err agreeing(struct attempt *attempt)
{
    const struct sha256 none = {{0}};
    return let_in(share_approve(attempt->store->db, attempt->actor, attempt->thing->approval, &none, attempt->arena));
}

/* One that was refused already: who may refuse it hears of that. */
static struct err refusing(struct attempt *attempt)
{
    return let_in(
            share_refuse(attempt->store->db, attempt->actor, attempt->thing->refused, attempt->why, attempt->arena));
}

/* `kentongan approval propose`: by the names that the act has. */
static struct err proposing(struct attempt *attempt)
{
    slice subject = subject_of(attempt->arena, "incident", attempt->thing->incident);
    slice detail =
            slice_of(arena_printf(attempt->arena, "{\"why\":\"%.*s\"}", (int)attempt->why.len, attempt->why.ptr));
    return share_propose(attempt->store->db, attempt->actor, "incident.close", subject, detail, attempt->why,
            attempt->arena, &attempt->proposal);
}

/* Reading: nothing is there for who is not to see it. */
static struct err seeing(struct attempt *attempt)
{
    struct incident row;
    enum case_sight sight;
    TRY(store_incident_get(attempt->store->db, attempt->thing->incident, attempt->arena, &row));
    TRY(case_sees(attempt->store->db, attempt->actor, &row, attempt->arena, &sight));
    return sight != CASE_NOTHING ? OK : err_make(ERR_MISSING, "there is no such incident");
}

/* Whom its suppliers supply: of who sees all of it, and nobody else. */
static struct err customers_seeing(struct attempt *attempt)
{
    struct incident row;
    struct supply *rows;
    size_t count;
    TRY(store_incident_get(attempt->store->db, attempt->thing->incident, attempt->arena, &row));
    TRY(case_incident_customers(attempt->store->db, attempt->actor, &row, attempt->arena, &rows, &count));
    assert_int_equal(count, 1);
    return OK;
}

static const struct plan_rates rates = {.currency = {"IDR", 3}};

static struct err accounting(struct attempt *attempt)
{
    struct buf out = buf_make(CASE_ACCOUNT_MAX);
    const struct case_account_asked asked = {.incident = attempt->thing->incident,
            .form = CASE_ACCOUNT_JSON,
            .language = LANGUAGE_ENGLISH,
            .rates = &rates};
    struct err err = case_account_write(attempt->store->db, attempt->actor, &asked, attempt->arena, &out);
    buf_free(&out);
    return err;
}

static struct err counting(struct attempt *attempt)
{
    const struct case_figures_asked asked = {2026 * 12 + 10, FIGURE_NOW, &rates};
    struct case_figures figures;
    return case_figures_of(attempt->store->db, attempt->actor, &asked, attempt->arena, &figures);
}

static struct err risk_accepting(struct attempt *attempt)
{
    return case_risk_accept(attempt->store->db, attempt->actor, attempt->thing->risk, attempt->why, NOON + DAY_US,
            attempt->arena, &attempt->proposal);
}

static struct err risk_seeing(struct attempt *attempt)
{
    struct risk row;
    return case_risk_get(attempt->store->db, attempt->actor, attempt->thing->risk, attempt->arena, &row);
}

static struct err risks_seeing(struct attempt *attempt)
{
    struct buf out = buf_make(CASE_RISK_CSV_MAX);
    struct err err = case_risk_csv(attempt->store->db, attempt->actor, attempt->arena, &out);
    buf_free(&out);
    return err;
}

static struct err securing(struct attempt *attempt)
{
    const struct case_report_part part = {attempt->thing->report, attempt->thing->message, attempt->thing->part};
    int64_t number;
    return let_in(
            case_report_secure(attempt->store->db, attempt->actor, &part, S("order 12"), attempt->arena, &number));
}

static struct err counting_classes(struct attempt *attempt)
{
    struct figure_class *rows;
    size_t count;
    return case_figures_classes(
            attempt->store->db, attempt->actor, 2026 * 12 + 10, FIGURE_NOW, attempt->arena, &rows, &count);
}

static struct err seen_or_missing(bool seen)
{
    return seen ? OK : err_make(ERR_MISSING, "there is no such thing");
}

static struct err risk_knowing(struct attempt *attempt)
{
    bool seen = false;
    struct err err =
            case_risk_sees(attempt->store->db, attempt->actor, attempt->thing->incident, attempt->arena, &seen);
    return err.kind == ERR_NONE || err.kind == ERR_MISSING ? seen_or_missing(seen) : err;
}

static struct err task_seeing(struct attempt *attempt)
{
    struct task row;
    bool seen = false;
    struct err err = store_task_get(attempt->store->db, attempt->thing->task, attempt->arena, &row);
    if (err.kind == ERR_NONE)
        TRY(case_task_seen(attempt->store->db, attempt->actor, &row, attempt->arena, &seen));
    return seen_or_missing(seen);
}

static struct err lesson_seeing(struct attempt *attempt)
{
    struct lesson row;
    bool seen = false;
    struct err err = store_lesson_get(attempt->store->db, attempt->thing->lesson, attempt->arena, &row);
    if (err.kind == ERR_NONE)
        TRY(case_lesson_sees(attempt->store->db, attempt->actor, &row, attempt->arena, &seen));
    return seen_or_missing(seen);
}

static struct err lessons_seeing(struct attempt *attempt)
{
    return seen_or_missing(case_lesson_sees_any(attempt->actor, attempt->arena));
}

static struct err evidence_seeing(struct attempt *attempt)
{
    struct err err = case_evidence_seen(attempt->store->db, attempt->actor, attempt->thing->incident, attempt->arena);
    return err.kind == ERR_MISSING ? seen_or_missing(false) : err;
}

static struct err packages_seeing(struct attempt *attempt)
{
    struct evidence_package *rows;
    size_t count;
    bool seen = false;
    TRY(case_package_list(attempt->store->db, attempt->actor, 0, attempt->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        seen |= rows[i].number == attempt->thing->package;
    return seen_or_missing(seen);
}

static struct err proposal_seeing(struct attempt *attempt)
{
    struct approval row;
    return share_approval_get(attempt->store->db, attempt->actor, attempt->thing->approval, attempt->arena, &row);
}

static struct err proposals_seeing(struct attempt *attempt)
{
    struct approval *rows;
    size_t count;
    bool seen = false;
    TRY(store_approval_list(attempt->store->db, 0, STORE_PAGE_MAX, attempt->arena, &rows, &count));
    TRY(share_approvals_sift(attempt->store->db, attempt->actor, rows, attempt->arena, &count));
    for (size_t i = 0; i < count; i++)
        seen |= rows[i].number == attempt->thing->approval;
    return seen_or_missing(seen);
}

/* What the journal tells of its proposal. */
static struct err news_seeing(struct attempt *attempt)
{
    bool seen;
    slice subject = subject_of(attempt->arena, "approval", attempt->thing->approval);
    TRY(case_subject_seen(attempt->store->db, attempt->actor, subject, attempt->arena, &seen));
    return seen_or_missing(seen && attempt->thing != &things[MISSING]);
}

static struct err incident_reaching(struct attempt *attempt)
{
    struct incident row;
    return case_incident_reach(attempt->store->db, attempt->actor, attempt->thing->incident, attempt->arena, &row);
}

static struct err letter_seeing(struct attempt *attempt)
{
    bool seen = false;
    struct err err =
            case_letter_seen(attempt->store->db, attempt->actor, attempt->thing->notice, attempt->arena, &seen);
    return err.kind == ERR_MISSING ? seen_or_missing(false) : err.kind == ERR_NONE ? seen_or_missing(seen) : err;
}

static struct err reaching(struct attempt *attempt)
{
    slice subject = subject_of(attempt->arena, "task", attempt->thing->task);
    return case_subject_reach(attempt->store->db, attempt->actor, VERB_CASE_FACTS, subject, attempt->arena);
}

static struct err report_seeing(struct attempt *attempt)
{
    struct report row;
    enum case_sight sight;
    TRY(store_report_get(attempt->store->db, attempt->thing->report, attempt->arena, &row));
    TRY(case_report_sees(attempt->actor, &row, attempt->arena, &sight));
    return sight != CASE_NOTHING ? OK : err_make(ERR_MISSING, "there is no such report");
}

static struct err incident_finding(struct attempt *attempt)
{
    struct case_find find = {
            .query = slice_of(arena_printf(attempt->arena, "%" PRId64, attempt->thing->incident)), .count = 10};
    struct incident *rows;
    enum case_sight *sights;
    size_t count;
    TRY(case_incident_find(attempt->store->db, attempt->actor, &find, attempt->arena, &rows, &sights, &count));
    return count > 0 ? OK : err_make(ERR_MISSING, "nothing is found");
}

static struct err report_finding(struct attempt *attempt)
{
    struct case_find find = {
            .query = slice_of(arena_printf(attempt->arena, "%" PRId64, attempt->thing->report)), .count = 10};
    struct report *rows;
    enum case_sight *sights;
    size_t count;
    TRY(case_report_find(attempt->store->db, attempt->actor, &find, attempt->arena, &rows, &sights, &count));
    return count > 0 ? OK : err_make(ERR_MISSING, "nothing is found");
}

/* ---- What is to come of it ---- */

/*
 * For each object a column for each who tries: duty officer, analyst, coordinator, manager, liaison, constituent admin
 * (of the victim), exercise director, sysadmin, auditor, machine; behind a blank, holder and stranger.
 *   + done   2 waits for a second person   . may not, whatever is there   - is not there
 */
static const struct expected {
    const char *name;
    struct err (*act)(struct work *work, const struct attempt *attempt);
    asking *ask;
    const char *of[OBJECTS];
} table[] = {
        {"see an incident", NULL, seeing, {"+++--+--++ +-", "--------++ +-", "---------- --"}},
        {"see customers of its supplier", NULL, customers_seeing, {"+++-----++ +-", "--------++ +-", "---------- --"}},
        {"find an incident", NULL, incident_finding, {"+++..+..++ +-", "---..-..++ +-", "---..-..-- --"}},
        {"set a field", set, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"triage", turn, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"merge", merge, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"merge into it", merge_into, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"add a party", party, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"end a party", party_end, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"add a value", observable, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"tell an impact", impact, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"judge on a scale", scale, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"link to it", link_to, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"write an entry", entry, NULL, {"+++--+--.+ +-", "--------.+ +-", "---------- --"}},
        {"withdraw an entry", withdraw, NULL, {"+++--+--.+ +-", "--------.+ +-", "---------- --"}},
        {"hold an opinion", opinion, NULL, {"+++--+--.+ +-", "--------.+ +-", "---------- --"}},
        {"give a task", task_add, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"cancel a task", task_do, NULL, {"+++..+...+ +-", "---..+...+ +-", "---..-...- --"}},
        {"agree to a task", task_agree, NULL, {"+++..+...+ +-", "---..+...+ +-", "---..-...- --"}},
        {"change a task", task_set, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"close what is critical", NULL, closing, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"change a time", NULL, timing, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"classify anew", NULL, classing, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"widen a marking", NULL, widening, {"2.22.....2 ..", "-.--.....2 ..", "-.--.....- .."}},
        {"file a duty", duty_file, NULL, {"+.+......+ ..", "-.-......+ ..", "-.-......- .."}},
        {"waive a duty", NULL, waiving, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"take evidence", NULL, taking, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"copy evidence", NULL, copying, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"verify evidence", NULL, verifying, {"+++.....++ +.", "---.....++ +.", "---.....-- -."}},
        {"sign custody", NULL, signing, {"+++.+....+ +.", "---.+....+ +.", "---.-....- -."}},
        {"hand evidence over", NULL, handing, {"..2......2 ..", "..-......2 ..", "..-......- .."}},
        {"hold evidence", NULL, holding, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"destroy evidence", NULL, destroying, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"see a report", NULL, report_seeing, {"+++--+--++ +-", "--------++ +-", "---------- --"}},
        {"find a report", NULL, report_finding, {"+++..+..++ +-", "---..-..++ +-", "---..-..-- --"}},
        {"assign a report", report_assign, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"classify a report", report_classify, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"link a report", report_link, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"link a report to it", report_link_to, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"open an incident of a report", report_open, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"close a report", report_close, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"answer a report", report_answer, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"say who told a report", report_told_by, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"forget who told it", report_forget, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"set who has it", set_holder, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"make a task wait for it", task_wait, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"give a task to another", task_give, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"begin a duty", duty_begin, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"merge a report", report_merge, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"merge a report into it", report_merge_into, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"say that reports differ", report_differs, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"say that a report differs from it", report_differs_from, NULL,
                {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"take the original of a report", report_original, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"take a file of a report", report_file, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"take the responsibility table", responsible, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"draft a lesson", lesson_draft, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"write a lesson", lesson_write, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"read a lesson", lesson_read, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"start a playbook", playbook_start, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"add a take-down", takedown_add, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"gather take-downs", takedown_gather, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"draft a request", takedown_draft, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"approve a request", takedown_approve, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"tell what became of a request", takedown_answer, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"warn whom pages imitate", takedown_warn, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"give a take-down up", takedown_give_up, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"tell what was seen", takedown_seen, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"look soon", takedown_hurry, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"link reports to pages", NULL, linking, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"look at a page", NULL, looking, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"write an entry for one", entry_for_one, NULL, {"+++--+--.+ +-", "--------.+ +-", "---------- --"}},
        {"open another incident", begin_another, NULL, {"+++......+ +.", "+++......+ +.", "+++......+ +."}},
        {"take a report", report_told, NULL, {"+++......+ +.", "+++......+ +.", "+++......+ +."}},
        {"make a report of a warning", report_of_warning, NULL, {"---......- -.", "---......- -.", "---......- -."}},
        {"make a report of an event", report_of_event, NULL, {"---......- -.", "---......- -.", "---......- -."}},
        {"hand the shift over", hand_over, NULL, {"+++......+ +.", "+++......+ +.", "+++......+ +."}},
        {"share it", NULL, sharing, {"2.2-.....2 ..", "-.--.....2 ..", "-.--.....- .."}},
        {"see what would be shared", NULL, previewing, {"+.+-.....+ ..", "-.--.....+ ..", "-.--.....- .."}},
        {"share it no more", share_end, NULL, {"+.+-.....+ ..", "-.--.....+ ..", "-.--.....- .."}},
        {"alert a sector", NULL, alerting, {"2.22.....2 ..", "-.--.....2 ..", "-.--.....- .."}},
        {"share a lesson", NULL, lesson_sharing, {"2222.....2 2.", "----.....2 2.", "----.....- -."}},
        {"add a playbook", playbook_add, NULL, {"+.+......+ ..", "+.+......+ ..", "+.+......+ .."}},
        {"approve a playbook", playbook_approve, NULL, {"+.+......+ ..", "+.+......+ ..", "+.+......+ .."}},
        {"retire a playbook", playbook_retire, NULL, {"+.+......+ ..", "+.+......+ ..", "+.+......+ .."}},
        {"write a package", NULL, packing, {"+++-+----+ +-", "----+----+ +-", "---------- --"}},
        {"make an archive of a package", NULL, archiving, {"+++-+----+ +-", "----+----+ +-", "---------- --"}},
        {"write its account", NULL, accounting, {"+++-----++ +-", "--------++ +-", "---------- --"}},
        {"see figures", NULL, counting, {"++++....++ +.", "++++....++ +.", "++++....++ +."}},
        {"see figures by class", NULL, counting_classes, {"++++....++ +.", "++++....++ +.", "++++....++ +."}},
        {"secure a file of a report", NULL, securing, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"add a risk", risk_add, NULL, {"..++.....+ ..", "..++.....+ ..", "..++.....+ .."}},
        {"treat a risk", risk_treat, NULL, {"..++.....+ ..", "..++.....+ ..", "..--.....- .."}},
        {"review a risk", risk_review, NULL, {"..++.....+ ..", "..++.....+ ..", "..--.....- .."}},
        {"close a risk", risk_close, NULL, {"..++.....+ ..", "..++.....+ ..", "..--.....- .."}},
        {"accept a risk", NULL, risk_accepting, {"..22.....2 ..", "..22.....2 ..", "..--.....- .."}},
        {"see a risk", NULL, risk_seeing, {"++++....++ +.", "++++....++ +.", "----....-- -."}},
        {"see the register of risks", NULL, risks_seeing, {"++++....++ +.", "++++....++ +.", "++++....++ +."}},
        {"know what a risk counts", NULL, risk_knowing, {"+++-----++ +-", "--------++ +-", "---------- --"}},
        {"see a task", NULL, task_seeing, {"+++--+--++ +-", "-----+--++ +-", "---------- --"}},
        {"see a lesson", NULL, lesson_seeing, {"++++-----+ +-", "---------+ +-", "---------- --"}},
        {"see lessons that are not shared", NULL, lessons_seeing, {"++++-----+ +-", "++++-----+ +-", "++++-----+ +-"}},
        {"see its evidence", NULL, evidence_seeing, {"+++-----++ +-", "--------++ +-", "---------- --"}},
        {"see a package in the list", NULL, packages_seeing, {"+++.+...++ +.", "---.+...++ +.", "---.-...-- -."}},
        {"see a proposal", NULL, proposal_seeing, {"++++----++ +-", "--------++ +-", "---------- --"}},
        {"see a proposal in the list", NULL, proposals_seeing, {"++++----++ +-", "--------++ +-", "---------- --"}},
        {"see what the journal tells of it", NULL, news_seeing, {"+++-----++ +-", "--------++ +-", "---------- --"}},
        {"see a letter", NULL, letter_seeing, {"+++-----++ +-", "--------++ +-", "---------- --"}},
        {"agree to a proposal", NULL, agreeing, {"..++----.+ .-", "--------.+ .-", "---------- --"}},
        {"refuse a proposal", NULL, refusing, {"..++----.+ .-", "--------.+ .-", "---------- --"}},
        {"propose by its name", NULL, proposing, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"act on it", NULL, incident_reaching, {"++++++++++ ++", "--------++ +-", "---------- --"}},
        {"act on what it is about", NULL, reaching, {"++++----++ +-", "--------++ +-", "---------- --"}},
        {"close it", do_close, NULL, {"++++++++++ ++", "--------++ +-", "---------- --"}},
        {"change its time", do_time, NULL, {"++++++++++ ++", "--------++ +-", "---------- --"}},
        {"change its class", do_class, NULL, {"++++++++++ ++", "--------++ +-", "---------- --"}},
        {"widen it", do_widen, NULL, {"++++++++++ ++", "--------++ +-", "---------- --"}},
        {"waive it", do_waive, NULL, {"++++++++++ ++", "--------++ +-", "---------- --"}},
        {"share it by two", do_share, NULL, {"++++++++++ ++", "--------++ +-", "---------- --"}},
        {"alert by two", do_alert, NULL, {"++++++++++ ++", "--------++ +-", "---------- --"}},
        {"hand over by two", do_hand, NULL, {"++++++++++ ++", "--------++ +-", "---------- --"}},
        {"hold by two", do_hold, NULL, {"++++++++++ ++", "--------++ +-", "---------- --"}},
        {"destroy by two", do_destroy, NULL, {"++++++++++ ++", "--------++ +-", "---------- --"}},
        {"share a lesson by two", do_lesson, NULL, {"++++-----+ +-", "---------+ +-", "---------- --"}},
};

/* ---- The world ---- */

/* The stranger and the victim. */
static struct err supplied(struct work *work, void *context)
{
    (void)context;
    TRY(store_supply_put(work, supplier, melati, S("")));
    return store_supply_put(work, supplier, actors[STRANGER].organisation, S(""));
}

static void actors_make(struct test_store *store)
{
    static const char *const names[ACTORS] = {
            "dian", "anwar", "kori", "mira", "lia", "rini", "eka", "sis", "audi", "local", "hana", "dewi"};
    int64_t own = 0;
    for (size_t i = 0; i < ACTORS; i++) {
        enum role role = i == HOLDER ? ROLE_ANALYST : i == STRANGER ? ROLE_CONSTITUENT_ADMIN : (enum role)i;
        actors[i] = i == ROLE_LOCAL ? store->actor : test_person(store, names[i], role);
        own = i == 0 ? actors[i].organisation : own;
    }
    melati = actors[ROLE_CONSTITUENT_ADMIN].organisation = test_served(store, "RS Melati");
    actors[STRANGER].organisation = test_served(store, "RS Mawar");
    police = actors[ROLE_LIAISON].organisation = test_served(store, "Polri");
    supplier = test_served(store, "Lab Contoh");
    test_ok(store_work(store->db, &store->actor, store->arena, supplied, NULL));
}

static struct err file_of(struct work *work, struct thing *thing)
{
    struct thread_file *files;
    struct thread_message *letters;
    size_t count;
    TRY(store_thread_files(work->db, thing->report, work->arena, &files, &count));
    assert_int_equal(count, 1);
    thing->message = files[0].message;
    thing->part = files[0].part;
    TRY(store_thread_list(work->db, thing->report, work->arena, &letters, &count));
    for (size_t i = 0; i < count; i++)
        thing->notice += letters[i].notice; /* one of them was sent */
    assert_true(thing->notice > 0);
    return OK;
}

/* Written by somebody who is none of those who try. */
static struct err lesson_make(struct work *work, slice flags, enum lesson_state state, int64_t *number)
{
    struct case_incident_put put = test_put("Sudah lewat");
    struct lesson row;
    int64_t incident;
    put.flags = flags;
    TRY(case_incident_open(work, &put, &incident));
    TRY(case_incident_state(work, incident, INCIDENT_OPEN, S("x")));
    TRY(case_incident_state(work, incident, INCIDENT_CLOSED, S("x")));
    TRY(case_lesson_draft(work, incident, number));
    TRY(store_lesson_keep(work, *number, &row));
    for (size_t i = 0; i < LESSON_LANGUAGES; i++)
        row.said[i] = (struct lesson_said){S("Belajar"), S("Dua salinan.\n"), S("penulis")};
    row.state = state;
    return store_lesson_change(work, &row);
}

static struct err lessons_make(struct work *work, slice flags, struct thing *thing)
{
    struct case_incident_put put = test_put("Sudah lewat, tanpa pelajaran");
    put.flags = flags;
    TRY(case_incident_open(work, &put, &thing->closed));
    TRY(case_incident_state(work, thing->closed, INCIDENT_OPEN, S("x")));
    TRY(case_incident_state(work, thing->closed, INCIDENT_CLOSED, S("x")));
    TRY(lesson_make(work, flags, LESSON_DRAFT, &thing->draft));
    return lesson_make(work, flags, LESSON_REVIEWED, &thing->lesson);
}

static struct err takedown_make(struct work *work, struct thing *thing)
{
    const struct case_takedown_put put = {.incident = thing->incident, .imitates = melati, .pap = S("PAP:RED")};
    size_t count;
    TRY(case_takedown_add(work, &put, S("https://palsu.example/masuk"), &thing->takedown));
    return case_takedown_draft(work, &takedowns, thing->takedown, NULL, &count);
}

static struct err thing_make(struct work *work, void *context)
{
    struct attempt *attempt = context;
    struct thing *thing = attempt->makes;
    bool hidden = thing == &things[RESTRICTED];
    struct case_incident_put put = test_put(hidden ? SECRET " di RS Melati" : "Ransomware di RS Melati");
    const struct case_task_put task = {.title = S("Cabut kabel"), .due_us = TIME_NONE, .agreed_by = S("dokter")};
    struct case_report_taken taken;
    struct mailbox_mail mail;
    TRY(mailbox_mail_read(S(MAIL), work->arena, &mail));
    struct case_report_put report = {.channel = REPORT_BY_PHONE,
            .language = S("id"),
            .organisation = melati,
            .person = {S("Budi"), S("budi@warga.example"), S("")},
            .subject = hidden ? S(SECRET) : S("Aneh"),
            .text = S("Ada yang aneh"),
            .bytes = S(MAIL),
            .mail = &mail,
            .severity = SEVERITY_LOW,
            .flags = hidden ? S("restricted") : S(""),
            .occurred_us = TIME_NONE};
    put.flags = report.flags;
    put.criticality = 90;
    TRY(case_incident_open(work, &put, &thing->incident));
    TRY(case_party_add(work, thing->incident, melati, PARTY_VICTIM, S("they called")));
    TRY(case_party_add(work, thing->incident, supplier, PARTY_SUPPLIER, S("it came from there")));
    struct case_task_put given = task;
    given.incident = thing->incident;
    given.organisation = melati;
    TRY(case_task_add(work, &given, &thing->task));
    const struct duty duty = {.incident = thing->incident,
            .rule = S("rule"),
            .version = S("1"),
            .text = S("text"),
            .organisation = melati,
            .recipient = S("authority"),
            .starts_us = NOON,
            .due_us = NOON + DAY_US,
            .remind_us = TIME_NONE};
    TRY(store_duty_add(work, &duty, &thing->duty));
    TRY(case_report_take(work, &report, &taken));
    thing->report = taken.report;
    struct report row;
    TRY(store_report_keep(work, thing->report, &row));
    row.holder = attempt->actor->user;
    TRY(store_report_change(work, &row));
    TRY(file_of(work, thing));
    TRY(store_shared_put(work, thing->incident, false, S("they help us")));
    TRY(lessons_make(work, report.flags, thing));
    return takedown_make(work, thing);
}

static void thing_add(struct test_store *store, struct thing *thing, const struct actor *actor)
{
    struct attempt attempt = {
            .store = store, .arena = store->arena, .actor = actor, .makes = thing, .why = S("so it is")};
    test_ok(store_work(store->db, actor, store->arena, thing_make, &attempt));
}

static void evidence_add(struct test_store *store, struct thing *thing, const struct actor *actor)
{
    struct attempt attempt = {.store = store, .arena = store->arena, .actor = actor, .thing = thing, .names = &there};
    struct evidence *rows;
    size_t count;
    test_ok(taking(&attempt));
    test_ok(store_evidence_list(store->db, thing->incident, 0, 10, store->arena, &rows, &count));
    thing->evidence = rows[0].number;
}

static struct err package_make(struct work *work, void *context)
{
    struct thing *thing = context;
    const struct evidence_package put = {
            .incident = thing->incident, .organisation = police, .their_reference = S("LP/7")};
    return store_package_add(work, &put, &thing->evidence, 1, &thing->package);
}

static struct err risk_make(struct work *work, void *context)
{
    struct thing *thing = context;
    const struct case_risk_said said = {5, 5, S("it is old"), TIME_NONE};
    slice threat = thing == &things[OPEN] ? S("ransomware") : S("outage");
    return case_risk_add(work, S("servers"), threat, &said, &thing->risk);
}

/* Handed to the police; and somebody proposed to close it, twice. */
static void proposal_add(struct test_store *store, struct thing *thing)
{
    struct attempt attempt = {
            .store = store, .arena = store->arena, .actor = &store->actor, .thing = thing, .names = &there};
    attempt.why = S(SECRET ": it is over");
    test_ok(store_work(store->db, &store->actor, store->arena, package_make, thing));
    test_ok(store_work(store->db, &store->actor, store->arena, risk_make, thing));
    test_ok(closing(&attempt));
    thing->approval = attempt.proposal.number;
    attempt.why = S(SECRET ": it is not over");
    test_ok(closing(&attempt));
    thing->refused = attempt.proposal.number;
    test_ok(share_refuse(store->db, &store->actor, thing->refused, S("no"), store->arena));
}

static struct err there_make(struct work *work, void *context)
{
    const struct case_report_put put = {.channel = REPORT_BY_PHONE,
            .language = S("id"),
            .subject = S("Lain"),
            .text = S("Lain lagi"),
            .severity = SEVERITY_LOW,
            .flags = S(""),
            .occurred_us = TIME_NONE};
    struct case_report_taken taken;
    const struct case_task_put task = {.incident = there.incident, .title = S("Dulu"), .due_us = TIME_NONE};
    (void)context;
    TRY(case_report_take(work, &put, &taken));
    there.report = taken.report;
    TRY(case_task_add(work, &task, &there.task));
    TRY(case_playbook_add(work, "a.json", playbook_text("ransomware.json", work->arena), S(""), &there.playbook));
    TRY(case_playbook_approve(work, there.playbook, S("x")));
    return case_playbook_add(
            work, "b.json", playbook_text("data-leak.json", work->arena), S(""), &there.draft_playbook);
}

static void rules_read(struct test_store *store)
{
    test_ok(plan_duty_read("a.conf", S(DUTIES), NULL, NULL, store->arena, &duties));
    test_ok(plan_responsibility_read("a.conf", S(RESPONSIBLE), NULL, NULL, store->arena, &responsibility));
    test_ok(plan_takedown_read("a.conf", S(TAKEDOWNS), NULL, NULL, store->arena, &takedowns.table));
    test_ok(plan_risks_shipped(store->arena, &risks));
    case_risk_rules(&risks);
    for (size_t i = 0; i < CASE_TAKEDOWN_LANGUAGES; i++)
        for (enum plan_letter_to to = 0; to < PLAN_LETTER_TOS; to++)
            test_ok(plan_letter_shipped(
                    to, slice_of(plan_letter_language(i)), store->arena, &takedowns.letters[to][i]));
}

/* Of the victim: whom its pages imitate. */
static void contact_add(struct test_store *store)
{
    const struct contact_put contact = {.name = S("Bu Sari"),
            .rank = 1,
            .mail = S("sari@melati.example"),
            .phone = S(""),
            .webhook = S(""),
            .webhook_secret = S(""),
            .languages = S("id"),
            .hours = S("always"),
            .pgp_key = S("")};
    int64_t number;
    test_ok(desk_contact_add(store->db, &actors[ROLE_DUTY_OFFICER], melati, &contact, store->arena, &number));
}

static void there_add(struct test_store *store)
{
    const struct actor *officer = &actors[ROLE_DUTY_OFFICER];
    there = (struct names){.incident = test_incident(store, officer, "Insiden lain"),
            .organisation = police,
            .person = officer->user,
            .warning = 9999,
            .who = officer->name,
            .whose = S("Polri"),
            .rule = S("asked")};
    test_ok(store_work(store->db, officer, store->arena, there_make, NULL));
}

static struct test_store *begin(void **state)
{
    static const struct desk_notice_options notices = {
            .name = "CERT Contoh", .from = "lapor@cert.example", .phone = "+62 21 5550 100"};
    struct test_store *store = ready(state);
    struct key_pair pair;
    share_acts_set(acts, COUNT_OF(acts));
    share_reach_set(case_subject_reach);
    clock_set(NOON);
    desk_notice_open(&notices);
    memset(folder + sizeof folder - 7, 'X', 6);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(mkdir(arena_printf(store->arena, "%s/evidence", folder), 0700), 0);
    assert_int_equal(mkdir(arena_printf(store->arena, "%s/keys", folder), 0700), 0);
    key_new(&pair);
    test_ok(key_save(&pair, arena_printf(store->arena, "%s/keys/message.key", folder),
            arena_printf(store->arena, "%s/keys/message.pub", folder), store->arena));
    case_evidence_open(folder, &pair);
    actors_make(store);
    rules_read(store);
    contact_add(store);
    there_add(store);
    thing_add(store, &things[OPEN], &actors[ROLE_DUTY_OFFICER]);
    thing_add(store, &things[RESTRICTED], &actors[HOLDER]);
    evidence_add(store, &things[OPEN], &actors[ROLE_DUTY_OFFICER]);
    evidence_add(store, &things[RESTRICTED], &actors[HOLDER]);
    proposal_add(store, &things[OPEN]);
    proposal_add(store, &things[RESTRICTED]);
    things[MISSING] = (struct thing){
            9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999, 9999};
    return store;
}

static int clean(void **state)
{
    char order[100];
    int status = tear_down(state);
    snprintf(order, sizeof order, "rm -rf %s", folder);
    return system(order) | status;
}

/* ---- All of it ---- */

static char outcome(const struct err err, const struct attempt *attempt)
{
    switch (err.kind) {
    case ERR_NONE:
        return attempt->proposal.number != 0 && !attempt->proposal.done ? '2' : '+';
    case ERR_DENIED:
        return '.';
    case ERR_MISSING:
        return '-';
    case ERR_CONFLICT:
        return strstr(err.why, "just this is proposed already") != NULL ? '2' : '?';
    case ERR_LIMIT:
        return strcmp(err.why, "taken back") == 0 ? '+' : '?';
    default:
        return '?';
    }
}

static struct err try(struct attempt *attempt, const struct expected *row)
{
    attempt->act = row->act;
    if (row->ask != NULL)
        return row->ask(attempt);
    return store_work(attempt->store->db, attempt->actor, attempt->arena, attempt_do, attempt);
}

static const char *said_of(struct err err)
{
    return err.kind == ERR_NONE ? "it is done" : err.why;
}

/* What who may not, or does not see it, is told: of what is there and of what is not, the same. */
static bool told_otherwise(const struct expected *row, const struct actor *actor, struct err err, struct err missing)
{
    bool same = err.kind == missing.kind && strcmp(said_of(err), said_of(missing)) == 0;
    if (!same)
        print_message("# %.*s tries to %s: \"%s\" of what is there, \"%s\" of what is not\n", (int)actor->name.len,
                actor->name.ptr, row->name, said_of(err), said_of(missing));
    if (strstr(said_of(err), SECRET) != NULL)
        fail_msg(
                "%s tells %.*s what is restricted: %s", row->name, (int)actor->name.len, actor->name.ptr, said_of(err));
    return !same;
}

static size_t row_try(struct test_store *store, struct arena *arena, const struct expected *row, size_t who)
{
    struct err errs[OBJECTS];
    size_t wrong = 0;
    for (size_t object = OBJECTS; object-- > 0;) {
        struct attempt attempt = {
                .store = store, .arena = arena, .actor = &actors[who], .thing = &things[object], .names = &there};
        attempt.why = slice_of(arena_printf(arena, "%s as %zu", row->name, who));
        int64_t before, after;
        test_ok(store_journal_last(store->db, &before));
        errs[object] = try(&attempt, row);
        test_ok(store_journal_last(store->db, &after));
        char is = outcome(errs[object], &attempt), wanted = row->of[object][who + (who >= ROLES)];
        bool left = (wanted == '-' || wanted == '.') && before != after;
        if (is != wanted || left) {
            print_message("# %s, as %.*s, of %s: %c and not %c (%s)\n", row->name, (int)actors[who].name.len,
                    actors[who].name.ptr, object_names[object], is, wanted, said_of(errs[object]));
            wrong++;
        }
        /* An auditor sees what there is, and hears that it is not to be worked on. */
        bool seen = wanted == '.' && row->of[MISSING][who + (who >= ROLES)] == '-';
        if ((wanted != '-' && wanted != '.') || seen)
            continue;
        wrong += told_otherwise(row, &actors[who], errs[object], errs[MISSING]);
        attempt.names = &nowhere;
        wrong += told_otherwise(row, &actors[who], try(&attempt, row), errs[MISSING]);
    }
    arena_reset(arena);
    return wrong;
}

static void everybody_does_what_they_may_and_learns_of_nothing_else(void **state)
{
    struct test_store *store = begin(state);
    struct arena *arena = arena_open("what is tried", ARENA_WORK, 256u << 20);
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT_OF(table); i++)
        for (size_t who = 0; who < ACTORS; who++)
            wrong += row_try(store, arena, &table[i], who);
    arena_close(arena);
    print_message("# %zu tried\n", COUNT_OF(table) * ACTORS * OBJECTS);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "everybody_does_what_they_may_and_learns_of_nothing_else",
                    everybody_does_what_they_may_and_learns_of_nothing_else, set_up, clean),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
