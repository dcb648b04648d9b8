/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests: a constituent with a contact, a warning of it, and what was met. */
#include "desk/notice.h"
#include "store/contact.h"
#include "store/met.h"
#include "store/severity.h"
#include "store/test_organisation.h"
#include "store/warning.h"

#define TEST_INDICATOR "indicator--0b0e6a1c-6f7a-4d5c-9a57-5f5f8f6a2b11"

struct test_notice {
    int64_t organisation, contact, second, warning, notice;
    slice languages, own, peer, extra, webhook, mail;
    enum notice_kind kind;
    bool past;        /* the memory found it */
    const char *name; /* of the constituent; NULL: RS Melati */
};

static inline struct err test_contact_add(struct work *work, void *context)
{
    struct test_notice *test = context;
    const struct contact_put put = {.name = S("Ruang siaga"),
            .rank = 1,
            .mail = test->mail.len > 0 ? test->mail : S("siaga@rs-melati.example"),
            .webhook = test->webhook,
            .webhook_secret = test->webhook.len > 0 ? S("sealed") : S(""),
            .languages = test->languages.len > 0 ? test->languages : S("id en"),
            .hours = S("always")};
    return store_contact_add(work, test->organisation, &put, &test->contact);
}

static inline struct err test_second_add(struct work *work, void *context)
{
    struct test_notice *test = context;
    const struct contact_put put = {.name = S("Budi"),
            .rank = 2,
            .mail = S("budi@rs-melati.example"),
            .languages = S("en"),
            .hours = S("always")};
    return store_contact_add(work, test->organisation, &put, &test->second);
}

static inline struct err test_warning_add(struct work *work, void *context)
{
    struct test_notice *test = context;
    struct met_detail detail = {.digest = S("12345678"),
            .first_us = 1793600000000000,
            .last_us = 1793603600000000,
            .events = 3,
            .own = test->past          ? S("")
                   : test->own.len > 0 ? test->own
                                       : S("192.0.2.7"),
            .peer = test->peer.len > 0 ? test->peer : S("ipv4 203.0.113.77"),
            .peer_port = 443,
            .extra = test->extra};
    struct met_put met = {.met = {.organisation = test->organisation,
                                  .cause_kind = S(CAUSE_INDICATOR),
                                  .cause = S(TEST_INDICATOR),
                                  .class = S("malicious-code/infected-system"),
                                  .stream = test->past ? 0 : 1,
                                  .first_us = detail.first_us,
                                  .last_us = detail.last_us,
                                  .events = 3,
                                  .severity = SEVERITY_CRITICAL},
            .details = &detail,
            .detail_count = 1};
    const struct warning warning = {.organisation = test->organisation,
            .cause_kind = met.met.cause_kind,
            .cause = met.met.cause,
            .class = met.met.class,
            .severity = SEVERITY_CRITICAL,
            .state = WARNING_APPROVED,
            .marking = S("TLP:AMBER"),
            .first_us = detail.first_us,
            .last_us = detail.last_us,
            .events = 3,
            .due_us = work->now_us + 2 * DAY_US,
            .told_us = work->now_us,
            .told = SEVERITY_CRITICAL,
            .chase_us = TIME_NONE};
    struct met *rows;
    size_t count;
    TRY(store_warning_add(work, &warning, &test->warning));
    TRY(store_met_fold(work, 1, &met, 1));
    TRY(store_met_of_organisation(work->db, test->organisation, INT64_MAX, 10, work->arena, &rows, &count));
    return store_met_warned(work, rows[0].number, test->warning);
}

static inline struct err test_notice_make(struct work *work, void *context)
{
    struct test_notice *test = context;
    const struct notice_make make = {.organisation = test->organisation,
            .kind = test->kind,
            .warnings = &test->warning,
            .warning_count = 1,
            .due_us = TIME_NONE};
    return desk_notice_make(work, &make, &test->notice);
}

static inline void test_warned(struct test_store *store, struct test_notice *test)
{
    test->organisation = test_constituent(store, test->name == NULL ? "RS Melati" : test->name);
    test_ok(test_work(store, test_contact_add, test));
    test_ok(test_work(store, test_warning_add, test));
}
