/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of pages about reports: one of the other organisation of the cast, hostile in every text, with a file; one
 * of a stranger that tells of the same URL; and one of that organisation that is restricted. Include
 * web/test_people_page.h before.
 */
#include "case/report.h"
#include "plan/classify.h"
#include "text/mail.h"

#define TEST_REPORT 1 /* numbers of the reports */
#define TEST_FOREIGN 2
#define TEST_TOLD_RESTRICTED 3

#define TEST_TOLD_HOSTILE "<script>alert(1)</script> \xe2\x80\xae\"onload=\"x' & <b>"

/* The same as a mail with a file whose name is no name. */
static inline void test_report_file(struct arena *arena, struct case_report_put *put)
{
    static const struct mail_file file = {"screen.html", "text/html", {"<html>", 6}};
    const struct mail_body body = {.text = put->text, .files = &file, .file_count = 1, .seed = put->text};
    struct mailbox_mail *mail = arena_new(arena, struct mailbox_mail, 1);
    struct buf bytes = buf_make(64u << 10);
    mail_field_write(&bytes, "Subject", put->subject);
    mail_body_write(&bytes, &body);
    put->bytes = arena_copy(arena, buf_slice(&bytes));
    buf_free(&bytes);
    test_ok(mailbox_mail_read(put->bytes, arena, mail));
    put->mail = mail;
}

static inline struct err test_reports_work(struct work *work, void *context)
{
    const struct test_cast *cast = context;
    struct case_report_taken taken;
    struct case_report_put told = {.channel = REPORT_BY_FORM,
            .language = S("id"),
            .organisation = cast->other,
            .person = {S("Pak " TEST_TOLD_HOSTILE), S("joko@rs-melur.example"), S("021 000 111")},
            .subject = S("Situs palsu " TEST_TOLD_HOSTILE),
            .text = S("Situs palsu https://toko-login.example/masuk\n" TEST_TOLD_HOSTILE "\nsaya terlanjur transfer"),
            .class = S(""),
            .severity = SEVERITY_MEDIUM,
            .flags = S(""),
            .occurred_us = work->now_us - DAY_US,
            .bytes = S("")};
    struct case_report_put foreign = told, restricted = told;
    told.post = (struct report_post){S("https://social.example/7"), S("@toko<b>"), S("Social"), work->now_us - DAY_US};
    test_report_file(work->arena, &told);
    TRY(case_report_take(work, &told, &taken));
    foreign.organisation = 0;
    foreign.person = (struct report_person){S("Ibu Warga"), S("warga@example.org"), S("")};
    foreign.subject = S("Fake shop");
    foreign.text = S("It is at https://toko-login.example/masuk and asks for my PIN");
    TRY(case_report_take(work, &foreign, &taken));
    restricted.subject = S("Kept close");
    restricted.text = S("Only who holds it reads this");
    restricted.flags = S("restricted");
    return case_report_take(work, &restricted, &taken);
}

static inline void test_reports_make(struct test_people *people, struct test_cast *cast)
{
    struct plan_classes *classes = arena_new(people->arena, struct plan_classes, 1);
    test_ok(plan_classes_shipped(people->arena, classes));
    case_report_rules(classes);
    test_ok(store_work(people->db, &people->local, people->arena, test_reports_work, cast));
}
