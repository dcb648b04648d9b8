/* SPDX-License-Identifier: Apache-2.0 */
#include "case/report.h"

#include "case/letter.h"
#include "case/test_case.h"
#include "desk/notice.h"

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
    const struct case_report_put put = put_of("They ask for money", "See hxxp://evil[.]example/x, says Budi Santoso.");
    struct case_report_taken taken = take(store, &put);
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

#define REPORT_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            REPORT_TEST(what_is_told_gets_a_number_a_receipt_and_its_values),
            REPORT_TEST(a_mail_is_a_report_once_and_its_original_stays),
            REPORT_TEST(a_program_gets_no_receipt),
            REPORT_TEST(one_address_gets_only_so_many_letters_a_day),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
