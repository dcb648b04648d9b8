/* SPDX-License-Identifier: Apache-2.0 */
#include "case/report.h"

#include "case/letter.h"
#include "case/test_case.h"
#include "desk/answer.h"
#include "desk/notice.h"
#include "plan/classify.h"
#include "stix/text.h"
#include "store/contact.h"

#define MAIL_FROM "budi@warga.example"

static struct actor officer;

static const struct desk_notice_options notices = {
        .name = "CERT Contoh", .from = "lapor@cert.example", .phone = "+62 21 5550 100"};

static struct test_store *begin(void **state)
{
    struct test_store *store = ready(state);
    clock_set(NOON);
    desk_notice_open(&notices);
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    return store;
}

/* ---- In one line each ---- */

struct call {
    const struct case_report_put *put;
    struct case_report_taken taken;
    int64_t report, other, message, part;
    slice text, answer;
    struct buf *out;
    struct thread_file file;
    struct case_handover handover;
    int64_t number;
};

static struct err take_action(struct work *work, void *context)
{
    struct call *call = context;
    return case_report_take(work, call->put, &call->taken);
}

static struct case_report_put put_of(const char *subject, const char *text)
{
    return (struct case_report_put){.channel = REPORT_BY_PHONE,
            .language = S("en"),
            .person = {S("Budi Santoso"), S("Budi@Warga.example"), S("0812 3456 7890")},
            .subject = slice_of(subject),
            .text = slice_of(text),
            .class = S(""),
            .severity = SEVERITY_MEDIUM,
            .flags = S(""),
            .occurred_us = TIME_NONE,
            .bytes = S("")};
}

static struct case_report_taken take(struct test_store *store, const struct case_report_put *put)
{
    struct call call = {.put = put};
    test_ok(store_work(store->db, &officer, store->arena, take_action, &call));
    return call.taken;
}

static struct case_report_taken mail(struct test_store *store, const char *text)
{
    struct case_report_taken taken;
    test_ok(case_report_mail(store->db, slice_of(text), 0, store->arena, &taken));
    return taken;
}

static struct report get(struct test_store *store, int64_t number)
{
    struct report row;
    test_ok(store_report_get(store->db, number, store->arena, &row));
    return row;
}

static size_t letters(struct test_store *store)
{
    struct notice *rows;
    size_t count, found = 0;
    test_ok(store_notice_latest(store->db, 0, INT64_MAX, STORE_PAGE_MAX, store->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        found += rows[i].kind == NOTICE_OF_LETTER;
    return found;
}

/* What the last letter says, as it is sent. */
static slice last_letter(struct test_store *store, struct notice *notice)
{
    struct notice *rows;
    size_t count;
    slice message;
    test_ok(store_notice_latest(store->db, 0, INT64_MAX, 1, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    *notice = rows[0];
    test_ok(store_notice_message(store->db, rows[0].number, store->arena, &message));
    return message;
}

static bool holds(slice text, slice part)
{
    return slice_find_slice(text, part) < text.len;
}

#define PHISHING                                                                                                       \
    "Message-ID: <one@warga.example>\r\nFrom: Budi Santoso <" MAIL_FROM ">\r\nTo: lapor@cert.example\r\n"              \
    "Subject: Paket Anda 123\r\nDate: Sat, 21 Nov 2026 10:00:00 +0700\r\n\r\n"                                         \
    "Yth. tim,\r\nsaya dapat SMS dengan hxxps://paket[.]example/bayar dan surat dari penipu@curang.example.\r\n"       \
    "Salam, Budi Santoso (" MAIL_FROM ")\r\n"

/* ---- Taking ---- */

static void what_is_told_gets_a_number_a_receipt_and_its_values(void **state)
{
    struct test_store *store = begin(state);
    struct case_report_put put = put_of("They ask for money", "See hxxp://evil[.]example/x, says Budi Santoso.");
    struct report_post post;
    put.post = (struct report_post){S("hxxp://evil[.]example/x"), S("Budi Santoso"), S("Social"), TIME_NONE};
    struct case_report_taken taken = take(store, &put);
    test_ok(store_report_post(store->db, taken.report, store->arena, &post));
    assert_true(slice_eq(post.url, S("http://evil.example/x")) && slice_eq(post.account, S("[reporter]")));
    struct report row = get(store, taken.report);
    struct notice notice;
    slice letter = last_letter(store, &notice);
    assert_true(slice_starts(taken.reference, S("2026-000001-")) && taken.reference.len == 16);
    assert_true(taken.receipt == NULL && row.state == REPORT_ACKNOWLEDGED && row.receipt_us == NOON);
    assert_true(slice_eq(row.text, S("See hxxp://evil[.]example/x, says [reporter].")));
    assert_true(slice_eq(notice.address, S(MAIL_FROM)) && notice.contact == 0);
    assert_true(holds(
            letter, slice_of(arena_printf(store->arena, "[KTG %.*s]", (int)taken.reference.len, taken.reference.ptr))));
    assert_true(holds(letter, S("Auto-Submitted: auto-replied\r\n")) && holds(letter, S("We have received")));
    struct report_observable *seen;
    size_t count;
    test_ok(store_report_observables(store->db, taken.report, store->arena, &seen, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(seen[0].type, S("url")) && slice_eq(seen[0].value, S("http://evil.example/x")));
}

static void a_mail_is_a_report_once_and_its_original_stays(void **state)
{
    struct test_store *store = begin(state);
    struct case_report_taken first = mail(store, PHISHING), again = mail(store, PHISHING);
    struct report row = get(store, first.report);
    struct report_person person;
    struct thread_message *rows;
    size_t count;
    assert_true(again.again && !first.again && first.receipt == NULL);
    assert_true(row.channel == REPORT_BY_MAIL && slice_eq(row.language, S("id")));
    assert_false(holds(row.text, S("Budi")) || holds(row.text, S(MAIL_FROM)));
    test_ok(store_report_person(store->db, row.number, store->arena, &person));
    assert_true(slice_eq(person.name, S("Budi Santoso")) && slice_eq(person.mail, S(MAIL_FROM)));
    test_ok(store_thread_list(store->db, row.number, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(!rows[0].out && rows[1].out && slice_eq(rows[0].message_id, S("one@warga.example")));
    struct sha256 digest = hash_sha256(S(PHISHING));
    assert_memory_equal(rows[0].digest.bytes, digest.bytes, sizeof digest.bytes);
}

/* ---- Loops ---- */

static void a_program_gets_no_receipt(void **state)
{
    static const char *const heads[] = {"Auto-Submitted: auto-replied\r\nFrom: " MAIL_FROM "\r\n",
            "Precedence: bulk\r\nFrom: " MAIL_FROM "\r\n", "From: MAILER-DAEMON@warga.example\r\n",
            "From: no-reply@warga.example\r\n", "From: LAPOR@cert.example\r\n", "From: nobody at all\r\n", ""};
    struct test_store *store = begin(state);
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        struct case_report_taken taken =
                mail(store, arena_printf(store->arena, "%sSubject: out\r\n\r\naway\r\n", heads[i]));
        assert_true(taken.report != 0 && taken.receipt != NULL);
        assert_true(get(store, taken.report).state == REPORT_RECEIVED);
    }
    assert_int_equal(letters(store), 0);
}

static void one_address_gets_only_so_many_letters_a_day(void **state)
{
    struct test_store *store = begin(state);
    const char *why = NULL;
    for (size_t i = 0; i < CASE_REPORT_RECEIPTS_DAY + 3; i++)
        why = mail(store, arena_printf(store->arena, "From: %s@warga.example\r\nSubject: %zu\r\n\r\nhelp\r\n",
                                  i % 2 == 0 ? "budi" : "BUDI", i))
                      .receipt;
    assert_non_null(strstr(why, "as many letters"));
    assert_int_equal(letters(store), CASE_REPORT_RECEIPTS_DAY);
    clock_set(NOON + DAY_US + SECOND_US);
    assert_null(mail(store, "From: " MAIL_FROM "\r\nSubject: tomorrow\r\n\r\nhelp\r\n").receipt);
}

/* ---- Threads ---- */

static struct err answer_action(struct work *work, void *context)
{
    struct call *call = context;
    return case_report_answer(work, call->report, call->answer, call->text, &call->number);
}

static struct thread_message *thread(struct test_store *store, int64_t report, size_t *count)
{
    struct thread_message *rows;
    test_ok(store_thread_list(store->db, report, store->arena, &rows, count));
    return rows;
}

static void an_answer_comes_back_into_its_thread(void **state)
{
    struct test_store *store = begin(state);
    struct case_report_taken taken = mail(store, PHISHING);
    struct call call = {.report = taken.report, .answer = S("more"), .text = S("Bank mana?")};
    struct notice notice;
    size_t count;
    test_ok(store_work(store->db, &officer, store->arena, answer_action, &call));
    assert_int_equal(get(store, taken.report).state, REPORT_ANSWERED);
    slice letter = last_letter(store, &notice);
    assert_true(holds(letter, S("In-Reply-To: <")) && holds(letter, S("<one@warga.example>")));
    assert_false(holds(letter, S("Auto-Submitted")));
    slice id = thread(store, taken.report, &count)[2].message_id;
    assert_int_equal(count, 3);
    const char *back = arena_printf(store->arena,
            "From: Ani <ani@warga.example>\r\nIn-Reply-To: <%.*s>\r\nSubject: x\r\n\r\nBank Contoh\r\n", (int)id.len,
            id.ptr);
    struct case_report_taken again = mail(store, back);
    assert_true(again.threaded && again.report == taken.report && mail(store, back).again);
    assert_int_equal(get(store, taken.report).state, REPORT_ACKNOWLEDGED);
    struct thread_message *rows = thread(store, taken.report, &count);
    assert_true(count == 4 && !rows[3].out && slice_eq(rows[3].sender, S("ani@warga.example")));
    /* by our reference alone, in any letters */
    const char *named = arena_printf(store->arena, "From: a@b.example\r\nSubject: Fwd: [KTG %.*s] x\r\n\r\nmore\r\n",
            (int)taken.reference.len, taken.reference.ptr);
    assert_true(mail(store, named).report == taken.report);
    assert_true(mail(store, "From: a@b.example\r\nSubject: [KTG 2026-000001-AAAA]\r\n\r\nguessed\r\n").report !=
                taken.report);
}

static void a_mail_by_two_ways_is_one_report(void **state)
{
    struct test_store *store = begin(state);
    struct case_report_taken first = mail(store, PHISHING),
                             second = mail(store, "Received: from b.example\r\n" PHISHING);
    assert_true(second.threaded && second.report == first.report);
    assert_int_equal(letters(store), 1);
    assert_false(
            mail(store, "Message-ID: <one@warga.example>\r\nFrom: " MAIL_FROM "\r\n\r\nsomething else\r\n").threaded);
}

/* A holiday answer to a receipt: kept, and neither answered nor a reason to look again. */
static void a_program_in_the_thread_wakes_nobody(void **state)
{
    struct test_store *store = begin(state);
    struct case_report_taken taken = mail(store, PHISHING);
    struct call call = {.report = taken.report, .answer = S("done")};
    size_t count;
    test_ok(store_work(store->db, &officer, store->arena, answer_action, &call));
    slice id = thread(store, taken.report, &count)[1].message_id;
    size_t before = letters(store);
    struct case_report_taken again = mail(
            store, arena_printf(store->arena,
                           "Auto-Submitted: auto-replied\r\nFrom: " MAIL_FROM "\r\nIn-Reply-To: <%.*s>\r\n\r\naway\r\n",
                           (int)id.len, id.ptr));
    assert_true(again.threaded && again.report == taken.report);
    assert_int_equal(get(store, taken.report).state, REPORT_ANSWERED);
    assert_int_equal(letters(store), before);
}

/* The way that app/mailboxes.c takes it: first whoever knows notices. */
static void what_comes_back_undelivered_is_told_of_its_letter(void **state)
{
    struct test_store *store = begin(state);
    struct case_report_taken taken = mail(store, PHISHING);
    struct notice notice;
    struct desk_taken back;
    (void)last_letter(store, &notice);
    test_ok(desk_mail_take(store->db,
            slice_of(arena_printf(store->arena,
                    "From: MAILER-DAEMON@mail.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
                    "report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: "
                    "message/delivery-status\r\n\r\n"
                    "Reporting-MTA: dns; mail.example\r\n\r\nFinal-Recipient: rfc822; " MAIL_FROM
                    "\r\nAction: failed\r\n"
                    "Status: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: "
                    "<%.*s@cert.example>\r\n\r\n--b--\r\n",
                    (int)notice.reference.len, notice.reference.ptr)),
            store->arena, &back));
    assert_true(back.as == DESK_MAIL_BOUNCE && back.notice == notice.number);
    test_ok(store_notice_get(store->db, notice.number, store->arena, &notice));
    assert_int_equal(notice.state, NOTICE_BOUNCED);
    assert_int_equal(letters(store), 1);
    assert_int_equal(get(store, taken.report).state, REPORT_ACKNOWLEDGED);
}

static void letters_are_in_the_language_of_who_told_it(void **state)
{
    static const struct {
        const char *tag, *part;
    } rows[] = {{"id", "Nomor laporan Anda"}, {"en", "The number of your report"},
            {"zh-Hans", "\xe6\x82\xa8\xe7\x9a\x84\xe6\x8a\xa5\xe5\x91\x8a\xe7\xbc\x96\xe5\x8f\xb7"},
            {"fr", "Nomor laporan Anda"}};
    struct test_store *store = begin(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct case_report_put put = put_of("About money", "They took it");
        size_t count;
        put.language = slice_of(rows[i].tag);
        struct case_report_taken taken = take(store, &put);
        assert_true(holds(thread(store, taken.report, &count)[1].text, slice_of(rows[i].part)));
    }
}

/* ---- Triage ---- */

static struct err open_action(struct work *work, void *context)
{
    struct call *call = context;
    return case_report_open(work, call->report, call->text, &call->number);
}

static struct err link_action(struct work *work, void *context)
{
    struct call *call = context;
    return case_report_link(work, call->report, call->other);
}

static struct err merge_action(struct work *work, void *context)
{
    struct call *call = context;
    return case_report_merge(work, call->report, call->other, S("the same"));
}

static int64_t told(struct test_store *store, const char *subject, const char *text)
{
    const struct case_report_put put = put_of(subject, text);
    return take(store, &put).report;
}

static void what_may_be_the_same_is_proposed(void **state)
{
    struct test_store *store = begin(state);
    int64_t first = told(store, "Paket tertahan 17", "http://paket.example/a");
    int64_t value = told(store, "Something else", "look at hxxp://paket[.]example/a please");
    int64_t near = told(store, "Re: paket TERTAHAN 99", "no link");
    int64_t other = told(store, "Unrelated matter", "http://paket.example/other");
    struct report_alike *rows;
    size_t count;
    test_ok(store_report_alikes(store->db, first, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(rows[0].why, S("url")) && rows[0].other == value);
    assert_true(slice_eq(rows[1].why, S("subject")) && rows[1].other == near);
    test_ok(store_report_alikes(store->db, other, store->arena, &rows, &count));
    assert_int_equal(count, 0);
    clock_set(NOON + (REPORT_ALIKE_DAYS + 1) * DAY_US);
    test_ok(store_report_alikes(
            store->db, told(store, "Paket tertahan", "http://paket.example/a"), store->arena, &rows, &count));
    assert_int_equal(count, 0); /* of long ago */
}

static struct err differs_action(struct work *work, void *context)
{
    struct call *call = context;
    return case_report_differs(work, call->report, call->other);
}

static struct err close_action(struct work *work, void *context)
{
    struct call *call = context;
    return case_report_close(work, call->report, S("seen"));
}

static void what_may_be_the_same_stands_together_in_the_queue(void **state)
{
    struct test_store *store = begin(state);
    const struct report_sight sight = {.restricted = true};
    int64_t first = told(store, "one", "http://paket.example/a"), other = told(store, "two", "http://b.example/b"),
            last = 0, *piles;
    struct call call = {.report = first};
    struct report *rows;
    size_t count;
    for (int i = 0; i < 30; i++)
        last = told(store, "again", "http://paket.example/a");
    test_ok(store_report_piles(store->db, 0, 10, store->arena, &piles, &count));
    assert_true(count == 2 && piles[0] == first && piles[1] == other);
    test_ok(store_report_piles(store->db, first, 10, store->arena, &piles, &count));
    assert_true(count == 1 && piles[0] == other);
    test_ok(store_report_pile_count(store->db, first, &sight, store->arena, &count));
    assert_int_equal(count, 31);
    test_ok(store_report_of_pile(store->db, first, &sight, last - 2, 10, store->arena, &rows, &count));
    assert_true(count == 2 && rows[1].number == last);
    test_ok(store_work(store->db, &officer, store->arena, close_action, &call)); /* the others wait where they are */
    test_ok(store_report_piles(store->db, 0, 10, store->arena, &piles, &count));
    assert_true(count == 2 && piles[0] == first && get(store, last).pile == first);
    for (int64_t earlier = first; earlier < last; earlier++) {
        call = (struct call){.report = last, .other = earlier};
        if (earlier != other)
            test_ok(store_work(store->db, &officer, store->arena, differs_action, &call));
    }
    assert_int_equal(get(store, last).pile, last);
}

static void what_was_merged_goes_where_the_other_goes(void **state)
{
    struct test_store *store = begin(state);
    int64_t first = told(store, "one", "http://a.example/1"), second = told(store, "two", "http://b.example/2"),
            third = told(store, "three", "http://c.example/3");
    struct call call = {.report = second, .other = first};
    struct incident_observable *seen;
    size_t count;
    test_ok(store_work(store->db, &officer, store->arena, merge_action, &call));
    call = (struct call){.report = first, .other = second};
    test_refused(store_work(store->db, &officer, store->arena, merge_action, &call), ERR_CONFLICT, "was merged with");
    call = (struct call){.report = first, .other = third};
    test_ok(store_work(store->db, &officer, store->arena, merge_action, &call));
    assert_int_equal(get(store, second).same_as, third);
    call = (struct call){.report = third, .text = S("")};
    test_ok(store_work(store->db, &officer, store->arena, open_action, &call));
    for (int64_t i = first; i <= third; i++)
        assert_true(get(store, i).incident == call.number && get(store, i).state == REPORT_LINKED);
    test_ok(store_incident_observables(store->db, call.number, store->arena, &seen, &count));
    assert_int_equal(count, 3);
    test_refused(store_work(store->db, &officer, store->arena, open_action, &call), ERR_CONFLICT, "already");
    int64_t fourth = told(store, "four", "http://d.example/4"), fifth = told(store, "five", "http://e.example/5");
    call = (struct call){.report = fifth, .other = fourth};
    test_ok(store_work(store->db, &officer, store->arena, merge_action, &call));
    call = (struct call){.report = fourth, .other = third};
    test_ok(store_work(store->db, &officer, store->arena, merge_action, &call));
    assert_true(get(store, fifth).same_as == third && get(store, fifth).incident == get(store, third).incident);
    call = (struct call){.report = third, .other = 0};
    test_ok(store_work(store->db, &officer, store->arena, link_action, &call));
    assert_true(get(store, first).incident == 0 && get(store, third).state == REPORT_ACKNOWLEDGED);
}

static struct err classify_action(struct work *work, void *context)
{
    struct call *call = context;
    return case_report_classify(work, call->report, call->text, SEVERITY_HIGH);
}

static struct err assign_action(struct work *work, void *context)
{
    struct call *call = context;
    return case_report_assign(work, call->report, call->other);
}

static struct err handover_action(struct work *work, void *context)
{
    struct call *call = context;
    return case_report_handover(work, NOON - HOUR_US, call->other, S("the router is new"), &call->handover);
}

static void a_shift_is_handed_over_with_what_waits(void **state)
{
    struct test_store *store = begin(state);
    struct actor next = test_person(store, "tono", ROLE_DUTY_OFFICER);
    struct call call = {.report = told(store, "They ask for money", "help"), .other = officer.user};
    int64_t since_us;
    test_ok(store_work(store->db, &officer, store->arena, assign_action, &call));
    (void)told(store, "Another one", "help");
    clock_set(NOON + 5 * HOUR_US);
    call.other = next.user;
    test_ok(store_work(store->db, &officer, store->arena, handover_action, &call));
    assert_true(call.handover.received == 2 && call.handover.waiting == 2 && call.handover.late == 2);
    assert_true(call.handover.mine == 1 && get(store, call.report).holder == next.user);
    assert_true(
            holds(call.handover.text, S("the router is new")) && holds(call.handover.text, S("They ask for money")));
    test_ok(case_report_shift(store->db, NOON + 6 * HOUR_US, store->arena, &since_us));
    assert_int_equal(since_us, NOON + 5 * HOUR_US);
}

/* ---- Rights ---- */

static void who_may_not_does_not(void **state)
{
    struct test_store *store = begin(state);
    struct actor liaison = test_person(store, "lia", ROLE_LIAISON), auditor = test_person(store, "adi", ROLE_AUDITOR);
    struct case_report_put put = put_of("Secret", "of our own people");
    struct actor other = test_person(store, "wati", ROLE_COORDINATOR);
    enum case_sight sight;
    put.flags = S("restricted");
    struct call call = {.put = &put};
    test_refused(store_work(store->db, &liaison, store->arena, take_action, &call), ERR_DENIED, "may not report");
    struct report row = get(store, take(store, &put).report);
    test_ok(case_report_sees(&other, &row, store->arena, &sight));
    assert_int_equal(sight, CASE_NOTHING);
    test_ok(case_report_sees(&auditor, &row, store->arena, &sight));
    assert_int_equal(sight, CASE_ALL);
    call.report = row.number;
    test_refused(store_work(store->db, &other, store->arena, classify_action, &call), ERR_MISSING, "no such report");
    test_refused(store_work(store->db, &auditor, store->arena, classify_action, &call), ERR_DENIED, "may not work");
    test_ok(store_work(store->db, &other, store->arena, handover_action, &call));
    assert_true(call.handover.waiting == 0 && !holds(call.handover.text, S("Secret")));
    row.flags = S("");
    row.organisation = test_served(store, "RS Melati");
    struct actor theirs = test_person(store, "budi", ROLE_CONSTITUENT_ADMIN);
    theirs.organisation = row.organisation;
    test_ok(case_report_sees(&theirs, &row, store->arena, &sight));
    assert_int_equal(sight, CASE_PART);
    test_ok(case_report_sees(&liaison, &row, store->arena, &sight));
    assert_int_equal(sight, CASE_NOTHING);
}

static void what_is_wrong_is_refused_by_its_name(void **state)
{
    struct test_store *store = begin(state);
    struct case_report_put put = put_of("x", "y");
    struct call call = {.put = &put};
    put.person.mail = S("not an address");
    test_refused(store_work(store->db, &officer, store->arena, take_action, &call), ERR_INPUT, "mail:");
    put = put_of("  ", "\n");
    test_refused(store_work(store->db, &officer, store->arena, take_action, &call), ERR_INPUT, "text:");
    put = put_of("x", "y");
    put.flags = S("exercise nonsense");
    test_refused(store_work(store->db, &officer, store->arena, take_action, &call), ERR_INPUT, "flags:");
    put = put_of("x", "y");
    put.class = S("malicious-code/nothing");
    test_refused(store_work(store->db, &officer, store->arena, take_action, &call), ERR_INPUT, "class:");
    put = put_of("x", "y");
    put.person.name = S("a\nb");
    test_refused(store_work(store->db, &officer, store->arena, take_action, &call), ERR_INPUT, "name");
}

/* ---- What it is ---- */

static void rules_open(struct test_store *store)
{
    struct plan_classes *classes = arena_new(store->arena, struct plan_classes, 1);
    test_ok(plan_classes_shipped(store->arena, classes));
    case_report_rules(classes);
}

/* Three mails as they come in: a link to a false bank, an invoice with something in it, and a note that asks for
 * ransom. */
static void what_a_mail_says_proposes_its_class(void **state)
{
#define MAIL_OF(subject) "From: ani@warga.example\r\nTo: lapor@cert.example\r\nSubject: " subject "\r\n"
    static const struct {
        const char *mail, *class, *flag;
    } rows[] = {
            {MAIL_OF("Fwd: Verifikasi akun") "\r\nApakah ini asli? Akun Anda akan ditutup, klik tautan "
                                             "https://bank-contoh.example/masuk\r\n",
                    "fraud/phishing", ""},
            {MAIL_OF("Fwd: Invoice attached") "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                                              "--b\r\nContent-Type: text/plain\r\n\r\nInvoice attached, please enable "
                                              "macros.\r\n--b\r\nContent-Type: application/zip\r\n"
                                              "Content-Disposition: attachment; filename=invoice.zip\r\n"
                                              "Content-Transfer-Encoding: base64\r\n\r\nUEsDBAo=\r\n--b--\r\n",
                    "malicious-code/malware-distribution", ""},
            {MAIL_OF("Semua komputer berhenti") "\r\nDi layar ada tulisan: all your files have been encrypted, pay the "
                                                "ransom to get the decryption key.\r\n",
                    "information-content-security/unauthorised-information-modification", "ransomware"},
    };
    struct test_store *store = begin(state);
    rules_open(store);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct report row = get(store, mail(store, rows[i].mail).report);
        if (!slice_eq(row.class, slice_of(rows[i].class)))
            fail_msg("%zu: %.*s", i, (int)row.class.len, row.class.ptr);
        assert_true(row.class_rule.len > 0 && slice_eq(row.flags, slice_of(rows[i].flag)));
    }
    case_report_rules(NULL);
}

static void becomes_no_incident(struct test_store *store, int64_t report)
{
    struct call call = {.report = report, .other = test_incident(store, &officer, "Something")};
    test_refused(store_work(store->db, &officer, store->arena, open_action, &call), ERR_CONFLICT, "no incident");
    test_refused(store_work(store->db, &officer, store->arena, link_action, &call), ERR_CONFLICT, "no incident");
    const struct case_report_put put = put_of("A drum", "was stolen");
    call.other = take(store, &put).report;
    test_refused(store_work(store->db, &officer, store->arena, merge_action, &call), ERR_CONFLICT, "no incident");
    call = (struct call){.report = call.other, .other = report};
    test_refused(store_work(store->db, &officer, store->arena, merge_action, &call), ERR_CONFLICT, "no incident");
}

/* In three languages and by each way: closed at once, with advice, and no incident before a person says of what class.
 */
static void what_somebody_thinks_is_no_incident(void **state)
{
    static const struct {
        const char *text, *language, *advice;
        enum report_channel channel;
    } rows[] = {
            {"Saya tidak suka pendapat orang ini tentang pelabuhan", "id", "bukan insiden siber", REPORT_BY_FORM},
            {"I dislike this opinion", "en", "are no incidents", REPORT_BY_API},
            {"我不喜欢这个观点", "zh", "不属于网络安全事件", REPORT_BY_PHONE},
            {"This journalist writes that the harbour is badly run", "en", "ask nobody to remove", REPORT_BY_FORM},
    };
    struct test_store *store = begin(state);
    struct notice notice;
    rules_open(store);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct case_report_put put = put_of("", rows[i].text);
        put.channel = rows[i].channel;
        put.language = slice_of(rows[i].language);
        put.person = (struct report_person){S(""), S(""), S("")};
        struct case_report_taken taken = take(store, &put);
        struct report row = get(store, taken.report);
        assert_true(row.state == REPORT_CLOSED && case_report_is_opinion(&row) && row.receipt_us == NOON);
        assert_true(holds(taken.advice, slice_of(rows[i].advice)));
    }
    becomes_no_incident(store, 1);
    struct case_report_taken opinion =
            mail(store, MAIL_OF("Opini") "Message-ID: <o@warga.example>\r\n\r\nI dislike this opinion\r\n");
    assert_int_equal(get(store, opinion.report).state, REPORT_CLOSED);
    assert_true(holds(last_letter(store, &notice), S("Auto-Submitted: auto-replied")) && letters(store) == 2);
    mail(store, MAIL_OF("Re: Opini") "In-Reply-To: <o@warga.example>\r\n\r\nIt has my address in it\r\n");
    assert_int_equal(get(store, opinion.report).state, REPORT_ACKNOWLEDGED); /* a person reads it now */
    becomes_no_incident(store, opinion.report);
    struct call call = {.report = opinion.report, .text = S("abusive-content/harmful-speech")};
    test_ok(store_work(store->db, &officer, store->arena, classify_action, &call));
    test_ok(store_work(store->db, &officer, store->arena, open_action, &call));
    case_report_rules(NULL);
}

static void what_harms_is_taken_though_it_says_opinion(void **state)
{
    static const char *const texts[] = {"I dislike this opinion, and I lost my savings to a fake website",
            "Saya tidak suka pendapat ini. Data pribadi saya tersebar", "I dislike this opinion: he will kill me"};
    struct test_store *store = begin(state);
    rules_open(store);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct case_report_put put = put_of("", texts[i]);
        struct case_report_taken taken = take(store, &put);
        assert_true(taken.advice.len == 0 && get(store, taken.report).state == REPORT_ACKNOWLEDGED);
    }
    case_report_rules(NULL);
}

/* ---- Whose contact sent it ---- */

static struct err contact_action(struct work *work, void *context)
{
    struct call *call = context;
    const struct contact_put put = {
            .name = call->answer, .rank = 1, .mail = call->text, .languages = S("id"), .hours = S("always")};
    return store_contact_add(work, call->other, &put, &call->number);
}

static void contact(struct test_store *store, int64_t organisation, const char *name, const char *address)
{
    struct call call = {.other = organisation, .answer = slice_of(name), .text = slice_of(address)};
    test_ok(store_work(store->db, &officer, store->arena, contact_action, &call));
}

static struct err told_by_action(struct work *work, void *context)
{
    const struct call *call = context;
    return case_report_told_by(work, call->report, call->other);
}

static struct case_report_teller teller_of(struct test_store *store, int64_t report)
{
    struct case_report_teller teller;
    struct report row = get(store, report);
    test_ok(case_report_teller_find(store->db, &row, store->arena, &teller));
    return teller;
}

static int64_t mailed_from(struct test_store *store, const char *address)
{
    return mail(store,
            arena_printf(store->arena, "From: <%s>\r\nTo: lapor@cert.example\r\nSubject: Help %s\r\n\r\nHelp\r\n",
                    address, address))
            .report;
}

static void whose_contact_sent_a_mail_is_proposed_and_taken_by_a_person(void **state)
{
    struct test_store *store = begin(state);
    int64_t melati = test_served(store, "RS Melati"), mawar = test_served(store, "RS Mawar");
    contact(store, melati, "siaga", "Siaga@RS-Melati.example");
    contact(store, melati, "it", "it@rs-melati.example");
    contact(store, mawar, "siaga", "rs.mawar@gmail.com");
    contact(store, mawar, "shared", "mawar@yayasan.example");
    contact(store, melati, "shared", "melati@yayasan.example");
    const struct {
        const char *from;
        int64_t organisation;
        bool by_domain;
    } rows[] = {
            {"siaga@rs-melati.example", melati, false},
            {"perawat@rs-melati.example", melati, true},
            {"x@sub.rs-melati.example", 0, true},
            {"rs.mawar@gmail.com", mawar, false},
            {"anybody@gmail.com", 0, false},
            {"mawar@yayasan.example", mawar, false},
            {"other@yayasan.example", 0, true}, /* of two of them */
            {"ani@warga.example", 0, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t report = mailed_from(store, rows[i].from);
        struct case_report_teller teller = teller_of(store, report);
        if (teller.organisation != rows[i].organisation ||
                (teller.organisation != 0 && teller.by_domain != rows[i].by_domain))
            fail_msg("%s: %lld", rows[i].from, (long long)teller.organisation);
        assert_int_equal(get(store, report).organisation, 0); /* proposed, and not set */
    }
    struct call call = {.report = 2};
    struct actor auditor = test_person(store, "adi", ROLE_AUDITOR);
    test_refused(store_work(store->db, &auditor, store->arena, told_by_action, &call), ERR_DENIED, "may not work");
    test_ok(store_work(store->db, &officer, store->arena, told_by_action, &call));
    assert_true(get(store, 2).organisation == melati && teller_of(store, 2).organisation == 0);
    test_refused(store_work(store->db, &officer, store->arena, told_by_action, &call), ERR_CONFLICT, "known already");
    call.report = 8;
    test_refused(store_work(store->db, &officer, store->arena, told_by_action, &call), ERR_INPUT, "nobody is proposed");
    call.other = officer.organisation;
    test_refused(store_work(store->db, &officer, store->arena, told_by_action, &call), ERR_INPUT, "that we serve");
}

/* Whoever writes learns nothing: the receipt to an address that is known is that to any other. */
static void a_receipt_does_not_tell_whether_an_address_is_known(void **state)
{
    struct test_store *store = begin(state);
    struct notice notice;
    struct thread_message *rows;
    slice said[2];
    size_t count;
    static const char *const from[] = {"siaga@rs-melati.example", "siaga@elsewhere.example"};
    contact(store, test_served(store, "RS Melati"), "siaga", from[0]);
    for (size_t i = 0; i < 2; i++) {
        int64_t report = mailed_from(store, from[i]);
        (void)last_letter(store, &notice);
        assert_true(notice.organisation == 0 && notice.contact == 0 && slice_eq(notice.address, slice_of(from[i])));
        test_ok(store_thread_list(store->db, report, store->arena, &rows, &count));
        assert_true(count == 2 && rows[1].out);
        size_t at = slice_find_slice(rows[1].text, S("KTG 20"));
        said[i] = slice_of(arena_printf(store->arena, "%.*s%.*s", (int)at, rows[1].text.ptr,
                (int)(rows[1].text.len - at - 20), rows[1].text.ptr + at + 20)); /* without its number */
    }
    assert_true(said[0].len > 100 && slice_eq(said[0], said[1]));
}

/* ---- Who told it ---- */

/* All that a table holds, as text; bytes as hexadecimal digits. */
static slice table_dump(struct test_store *store, slice name)
{
    static const char COLUMNS[] = "SELECT name FROM pragma_table_info($1)";
    const char *sql = arena_printf(
            store->arena, "SELECT coalesce(string_agg(t::text, ' '), '') FROM \"%.*s\" t", (int)name.len, name.ptr);
    struct db_rows *rows;
    const char *all = "''";
    if (db_engine(store->db) == DB_SQLITE) {
        test_ok(db_query(store->db, COLUMNS, (struct db_value[]){db_text(name)}, 1, &rows));
        while (db_next(rows))
            all = arena_printf(
                    store->arena, "%s || quote(\"%.*s\")", all, (int)db_slice(rows, 0).len, db_slice(rows, 0).ptr);
        test_ok(db_done(rows));
        sql = arena_printf(
                store->arena, "SELECT coalesce(group_concat(%s), '') FROM \"%.*s\"", all, (int)name.len, name.ptr);
    }
    slice dump = {0};
    test_ok(db_query(store->db, sql, NULL, 0, &rows));
    while (db_next(rows))
        dump = arena_copy(store->arena, db_slice(rows, 0));
    test_ok(db_done(rows));
    return dump;
}

static size_t tables(struct test_store *store, slice *names)
{
    static const char SQLITE[] = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    static const char POSTGRES[] = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()";
    struct db_rows *rows;
    size_t count = 0;
    test_ok(db_query(store->db, db_engine(store->db) == DB_SQLITE ? SQLITE : POSTGRES, NULL, 0, &rows));
    while (db_next(rows) && count < 300)
        names[count++] = arena_copy(store->arena, db_slice(rows, 0));
    test_ok(db_done(rows));
    return count;
}

/* Tables that hold one of the values, as text or as bytes; `but` may. */
static void held_nowhere_but(struct test_store *store, const char *const *but, size_t but_count)
{
    static const char *const values[] = {MAIL_FROM, "Budi Santoso", "0812 3456 7890"};
    slice names[300];
    size_t count = tables(store, names);
    assert_true(count > 50);
    for (size_t i = 0; i < count; i++) {
        bool may = false;
        for (size_t j = 0; j < but_count; j++)
            may = may || slice_eq(names[i], slice_of(but[j]));
        slice dump = table_dump(store, names[i]);
        for (size_t j = 0; j < COUNT_OF(values); j++) {
            slice value = slice_of(values[j]), hex = arena_hex(store->arena, value);
            char *upper = arena_take(store->arena, hex.len);
            for (size_t k = 0; k < hex.len; k++)
                upper[k] = hex.ptr[k] >= 'a' ? (char)(hex.ptr[k] & ~0x20) : hex.ptr[k];
            if (!may && (holds(dump, value) || holds(dump, hex) || holds(dump, (slice){upper, hex.len})))
                fail_msg("%s is in %.*s", values[j], (int)names[i].len, names[i].ptr);
        }
    }
}

static struct err forget_action(struct work *work, void *context)
{
    struct call *call = context;
    return case_report_forget(work, call->report, S("asked for"));
}

static void who_told_it_stands_apart_and_can_be_forgotten(void **state)
{
    static const char *const apart[] = {"report_person", "letter", "notice"};
    struct test_store *store = begin(state);
    const struct case_report_put put = put_of("Budi Santoso was called", "0812 3456 7890, or " MAIL_FROM);
    struct call calls[] = {{.report = mail(store, PHISHING).report, .answer = S("more"), .text = S("")},
            {.report = take(store, &put).report, .answer = S("more"), .text = S("")}};
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        test_ok(store_work(store->db, &officer, store->arena, answer_action, &calls[i]));
        test_ok(store_work(store->db, &officer, store->arena, open_action, &calls[i]));
    }
    assert_true(holds(table_dump(store, S("report_person")), S(MAIL_FROM)));
    held_nowhere_but(store, apart, COUNT_OF(apart));
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        test_ok(store_work(store->db, &officer, store->arena, forget_action, &calls[i]));
    held_nowhere_but(store, NULL, 0);
    assert_true(holds(get(store, calls[0].report).text, S("hxxps://paket[.]example/bayar")));
    test_refused(store_work(store->db, &officer, store->arena, answer_action, &calls[0]), ERR_MISSING, "address");
}

/* ---- What hung on it ---- */

static struct err file_action(struct work *work, void *context)
{
    struct call *call = context;
    call->out->len = 0;
    return case_report_file(work, call->report, call->message, call->part, call->text, call->out, &call->file);
}

static void a_file_stays_in_quarantine_until_somebody_says_why(void **state)
{
    static const char with[] =
            "From: a@b.example\r\nSubject: see\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
            "boundary=b\r\n\r\n"
            "--b\r\nContent-Type: text/plain\r\n\r\nlook\r\n--b\r\nContent-Type: application/x-dosexec\r\n"
            "Content-Disposition: attachment; filename=\"../../bayar.exe\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            "TVoAAQ==\r\n--b--\r\n";
    struct test_store *store = begin(state);
    struct buf out = buf_make(1000);
    struct call call = {.report = mail(store, with).report, .text = S(""), .out = &out};
    struct thread_file *files;
    size_t count;
    test_ok(store_thread_files(store->db, call.report, store->arena, &files, &count));
    assert_true(count == 1 && files[0].bytes == 4 && !holds(files[0].name, S("/")));
    call.message = files[0].message;
    call.part = files[0].part;
    test_refused(store_work(store->db, &officer, store->arena, file_action, &call), ERR_INPUT, "why");
    call.text = S("for the sandbox");
    test_ok(store_work(store->db, &officer, store->arena, file_action, &call));
    assert_memory_equal(out.ptr, "MZ\0\1", 4);
    assert_int_equal(test_acts(store, "report.attachment"), 1);
    call.report = told(store, "another", "one");
    test_refused(store_work(store->db, &officer, store->arena, file_action, &call), ERR_MISSING, "no such file");
    struct report_alike *rows;
    test_ok(store_report_alikes(store->db, mail(store, arena_printf(store->arena, "X-Again: 1\r\n%s", with)).report,
            store->arena, &rows, &count));
    assert_true(count == 1 && slice_eq(rows[0].why, S("attachment")));
    buf_free(&out);
}

/* ---- Hostile mail ---- */

static slice repeated(struct test_store *store, const char *before, const char *each, size_t count, const char *after)
{
    struct buf text = buf_make(8u << 20);
    buf_put(&text, slice_of(before));
    for (size_t i = 0; i < count; i++)
        buf_put(&text, slice_of(each));
    buf_put(&text, slice_of(after));
    slice kept = arena_copy(store->arena, buf_slice(&text));
    assert_false(text.full);
    buf_free(&text);
    return kept;
}

static bool is_harmless(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' && text.ptr[i] != '\n' && text.ptr[i] != '\t')
            return false;
    return stix_text_is_utf8(text);
}

static struct err original_action(struct work *work, void *context)
{
    struct call *call = context;
    call->out->len = 0;
    return case_report_original(work, call->report, call->message, S("test"), call->out);
}

/* Kept byte for byte, harmless in the rows, and nothing of it in the header of the receipt. */
static void taken_harmlessly(struct test_store *store, slice bytes)
{
    struct case_report_taken taken;
    struct buf out = buf_make(MAILBOX_BYTES_MAX);
    struct notice notice;
    size_t count;
    test_ok(case_report_mail(store->db, bytes, 0, store->arena, &taken));
    struct report row = get(store, taken.report);
    struct thread_message *rows = thread(store, taken.report, &count);
    struct call call = {.report = taken.report, .message = rows[0].number, .out = &out};
    assert_true(is_harmless(row.subject) && is_harmless(row.text) && is_harmless(rows[0].text));
    assert_true(is_harmless(rows[0].sender) && !holds(row.subject, S("\n")) && !holds(row.text, S("<script")));
    test_ok(store_work(store->db, &officer, store->arena, original_action, &call));
    assert_true(slice_eq(buf_slice(&out), bytes));
    buf_free(&out);
    if (taken.receipt != NULL)
        return;
    slice letter = last_letter(store, &notice);
    slice head = slice_part(letter, 0, slice_find_slice(letter, S("\r\n\r\n")));
    assert_false(holds(head, S("\r\nBcc:")) || holds(head, S("\r\nX-Evil")) || holds(head, S("\n\n")));
}

#define FROM "From: Mal <mal@curang.example>\r\n"

static void hostile_mail_is_kept_and_harmless(void **state)
{
    static const char *const mails[] = {
            FROM "Subject: =?utf-8?q?x=0D=0ABcc:_all@example.org=0D=0A=0D=0Aevil?=\r\n\r\nhello\r\n",
            FROM "Message-ID: <a\r\n b@c.example>\r\nSubject: folded\r\n\r\nhello\r\n",
            FROM "Message-ID: <x>\tX-Evil: 1@c.example>\r\nReferences: <a> <b\x01> <>\r\nSubject: ids\r\n\r\nhello\r\n",
            "From: =?utf-8?q?Mal=0D=0ABcc:_all@example.org?= <mal@curang.example>\r\nSubject: name\r\n\r\nhello\r\n",
            FROM "Subject: wrong\r\nContent-Type: text/plain; charset=utf-16\r\n\r\nh\xff\xfe\x80llo\r\n",
            FROM "Subject: none\r\nContent-Type: text/plain; charset=no-such\r\n\r\nh\xc3\x28llo \x1b[2J\r\n",
            FROM "Subject: html\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script><b>hello</b><img src=x>\r\n",
            FROM "Subject: \xff\xfe raw\r\n\r\n\x01\x02\x7f\r\n",
            FROM "Reply-To: \"a\" <b@curang.example>, c@curang.example\r\nSubject: many\r\n\r\nhello\r\n",
            "no header at all",
            "\r\n\r\n",
            FROM "Subject: base64\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!=\r\n",
    };
    struct test_store *store = begin(state);
    for (size_t i = 0; i < COUNT_OF(mails); i++)
        taken_harmlessly(store, slice_of(mails[i]));
    taken_harmlessly(store, S(FROM "Subject: nul\r\n\r\na\0b\0c\r\n"));
}

static void a_mail_of_ten_thousand_parts_is_kept(void **state)
{
    struct test_store *store = begin(state);
    taken_harmlessly(
            store, repeated(store, FROM "Subject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
                           "--b\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n", 10000, "--b--\r\n"));
    struct journal_row *rows;
    size_t count, told_of = 0;
    test_ok(store_journal_latest(store->db, INT64_MAX, 50, store->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        told_of += slice_eq(rows[i].act, S("report.received")) && holds(rows[i].detail, S("files beyond 1000"));
    assert_int_equal(told_of, 1);
    taken_harmlessly(store, repeated(store, FROM "Subject: deep\r\n",
                                    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 3000, "\r\nx\r\n"));
    taken_harmlessly(store, repeated(store, FROM "Subject: people\r\nCc: ", "(", 50000, "\r\n\r\nx\r\n"));
    taken_harmlessly(
            store, repeated(store, FROM "Subject: values\r\n\r\n", "http://evil.example/ 203.0.113.7 ", 20000, "\r\n"));
}

#define REPORT_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)
/* What does not depend on the database is tried on one. */
#define ONCE_TEST(test) TEST_ON(DB_SQLITE, #test, test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            REPORT_TEST(what_is_told_gets_a_number_a_receipt_and_its_values),
            REPORT_TEST(a_mail_is_a_report_once_and_its_original_stays),
            ONCE_TEST(a_program_gets_no_receipt),
            ONCE_TEST(one_address_gets_only_so_many_letters_a_day),
            REPORT_TEST(an_answer_comes_back_into_its_thread),
            ONCE_TEST(a_program_in_the_thread_wakes_nobody),
            ONCE_TEST(a_mail_by_two_ways_is_one_report),
            ONCE_TEST(what_comes_back_undelivered_is_told_of_its_letter),
            ONCE_TEST(letters_are_in_the_language_of_who_told_it),
            REPORT_TEST(what_may_be_the_same_is_proposed),
            REPORT_TEST(what_may_be_the_same_stands_together_in_the_queue),
            REPORT_TEST(what_was_merged_goes_where_the_other_goes),
            ONCE_TEST(a_shift_is_handed_over_with_what_waits),
            ONCE_TEST(who_may_not_does_not),
            ONCE_TEST(what_is_wrong_is_refused_by_its_name),
            ONCE_TEST(what_a_mail_says_proposes_its_class),
            REPORT_TEST(what_somebody_thinks_is_no_incident),
            ONCE_TEST(what_harms_is_taken_though_it_says_opinion),
            REPORT_TEST(whose_contact_sent_a_mail_is_proposed_and_taken_by_a_person),
            ONCE_TEST(a_receipt_does_not_tell_whether_an_address_is_known),
            REPORT_TEST(who_told_it_stands_apart_and_can_be_forgotten),
            REPORT_TEST(a_file_stays_in_quarantine_until_somebody_says_why),
            REPORT_TEST(hostile_mail_is_kept_and_harmless),
            REPORT_TEST(a_mail_of_ten_thousand_parts_is_kept),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
