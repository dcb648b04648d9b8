/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of pages about those we serve: of the other organisation of the cast a warning that was told, with hostile
 * text in what was met and a notice; one that is held, of which they must never hear; and one that was settled; a
 * contact, an asset, counts, a standing rule; and of their sensor a record that is no event, hostile as well. Include
 * web/test_people_page.h before.
 */
#include "store/asset.h"
#include "store/batch.h"
#include "store/contact.h"
#include "store/count.h"
#include "store/met.h"
#include "store/notice.h"
#include "store/stream.h"
#include "store/warning.h"
#include "store/warning_rule.h"

#define TEST_TOLD 1 /* numbers of the warnings */
#define TEST_HELD 2
#define TEST_SETTLED 3

/* A batch of their sensor with a record that was put aside; and a report of what is nobody's. */
static inline struct err test_stream_work(struct work *work, int64_t stream)
{
    const struct batch batch = {.stream = stream, .events = 9, .malformed = 2, .hits = 3};
    const struct batch_move move = {.now = {.stream = stream,
                                            .input = S("1:2:0:"),
                                            .place = S("1:2"),
                                            .name = S("=<i>tag.json"),
                                            .bytes = 100,
                                            .records = 11},
            .bytes_before = -1};
    struct quarantined record = {.place = 7,
            .input = S("=<i>tag.json"),
            .why = S("no JSON <script>alert"),
            .record = S("=<script>alert(1) \x1b[2J http://evil.example/\xe2\x80\xae\xff \"onload=\"x"),
            .at_byte = 1};
    struct met_put met = {.met = {.cause_kind = S(CAUSE_REPORT), .cause = S("open<i>tag"), .class = S("")}};
    met.met.stream = stream;
    met.met.last_us = work->now_us;
    record.bytes = (int64_t)record.record.len;
    TRY(store_batch_add(work, &batch, &move, &record.batch));
    TRY(store_batch_quarantine(work, &record, 1));
    return store_met_fold(work, record.batch, &met, 1);
}

/* One warning that is held and one that was told, with what was met; a contact, an asset and counts of theirs. */
static inline struct err test_warned_work(struct work *work, void *context)
{
    const struct test_cast *cast = context;
    const int64_t now_us = work->now_us, day = now_us / DAY_US;
    const slice class = S("malicious-code/infected-system");
    struct warning warning = {.organisation = cast->other,
            .cause_kind = S(CAUSE_INDICATOR),
            .cause = S("indicator--6b616c61-0000-4000-8000-000000000001"),
            .class = class,
            .severity = SEVERITY_HIGH,
            .state = WARNING_SENT,
            .marking = S("TLP:AMBER"),
            .first_us = now_us - HOUR_US,
            .last_us = now_us,
            .events = 3,
            .due_us = now_us + HOUR_US,
            .told_us = now_us,
            .told = SEVERITY_HIGH,
            .chase_us = TIME_NONE};
    const struct met_detail detail = {.digest = S("one"),
            .first_us = now_us,
            .last_us = now_us,
            .events = 3,
            .own = S("gw<script>alert(1)</script>.melur.example"),
            .own_port = 4000,
            .peer = S("url http://evil.example/\xe2\x80\xaegpj.exe\x1b[2J\"onload=\"x"),
            .peer_port = 443,
            .extra = S("{\"<i>tag\":\"=cmd|' /C calc'!A0\"}")};
    struct met_put met = {.met = {.organisation = cast->other,
                                  .cause_kind = warning.cause_kind,
                                  .cause = warning.cause,
                                  .class = class,
                                  .window_us = day * DAY_US,
                                  .first_us = now_us,
                                  .last_us = now_us,
                                  .events = 3,
                                  .severity = SEVERITY_HIGH},
            .details = &detail,
            .detail_count = 1};
    const struct event_count count = {.day = day, .organisation = cast->other, .class = class, .events = 9, .hits = 3};
    int64_t number, stream, contact;
    const int64_t first = 1;
    TRY(store_organisation_change(work, cast->other,
            &(struct organisation_put){
                    .kind = S("hospital"), .sector = S("=health"), .country = S("ID"), .parent = cast->own}));
    TRY(store_stream_add(work, &(struct stream_put){S("melur/suricata"), cast->other, S("auto")}, &stream));
    met.met.stream = stream;
    TRY(test_stream_work(work, stream));
    TRY(store_warning_add(work, &warning, &number));
    TRY(store_warning_step(work, number, WARNING_SENT, S("a rule")));
    TRY(store_met_fold(work, 1, &met, 1));
    TRY(store_met_warned(work, 2, number));
    warning.class = S("fraud/phishing");
    warning.state = WARNING_DRAFTED;
    warning.held = S("it is on a warning list");
    warning.told_us = warning.due_us = TIME_NONE;
    TRY(store_warning_add(work, &warning, &number));
    warning.class = S("vulnerable/weak-crypto");
    warning.state = WARNING_DONE;
    warning.held = S("");
    warning.told_us = now_us;
    TRY(store_warning_add(work, &warning, &number));
    TRY(store_count_add(work, &count, 1));
    TRY(store_warning_rule_add(work,
            &(struct warning_rule){.class = class, .does = WARNING_SEND, .from_us = now_us, .until_us = TIME_NONE},
            &number));
    TRY(store_contact_add(work, cast->other,
            &(struct contact_put){.name = S("Ruang siaga"),
                    .rank = 1,
                    .mail = S("siaga@melur.example"),
                    .languages = S("id en"),
                    .hours = S("always")},
            &contact));
    const struct notice_put notice = {.organisation = cast->other,
            .contact = contact,
            .language = S("id"),
            .reference = store_notice_reference(work->arena),
            .message = S("Subject: TLP:AMBER\r\nFrom: <jaga@cert.example>\r\n\r\nPerhatian\r\n"),
            .warnings = &first,
            .warning_count = 1};
    TRY(store_notice_add(work, &notice, &number));
    return store_asset_add(work,
            &(struct asset_put){.organisation = cast->other,
                    .kind = ASSET_PREFIX,
                    .value = S("192.0.2.0/26"),
                    .until_us = TIME_NONE,
                    .said_by = S("contract 12")},
            &number);
}
