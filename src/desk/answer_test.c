/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/answer.h"

#include "desk/test_notice.h"
#include "store/journal.h"
#include "text/mail.h"

static const struct desk_notice_options cert = {
        .name = "CERT Contoh", .from = "peringatan@cert.example", .url = "https://node.example/"};

/* A notice of a warning (or one that asks the contact), with the secret of its button. */
static slice made(struct test_store *store, struct test_notice *test)
{
    slice message;
    struct mail_read mail;
    desk_notice_open(&cert);
    test_warned(store, test);
    test_ok(test_work(store, test_notice_make, test));
    test_ok(store_notice_message(store->db, test->notice, store->arena, &message));
    test_ok(mail_read(message, store->arena, &mail));
    slice link = S("https://node.example/w/");
    slice rest = slice_from(mail.text, slice_find_slice(mail.text, link) + link.len);
    return slice_part(rest, 0, slice_find(rest, '\n'));
}

static enum warning_state state_of(struct test_store *store, const struct test_notice *test)
{
    struct warning row;
    test_ok(store_warning_get(store->db, test->warning, store->arena, &row));
    return row.state;
}

static struct notice notice_of(struct test_store *store, const struct test_notice *test)
{
    struct notice notice;
    test_ok(store_notice_get(store->db, test->notice, store->arena, &notice));
    return notice;
}

static enum contact_state contact_of(struct test_store *store, const struct test_notice *test)
{
    struct contact contact;
    test_ok(store_contact_get(store->db, test->contact, store->arena, &contact));
    return contact.state;
}

static void a_button_answers_and_a_look_does_not(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    struct desk_button button;
    slice secret = made(store, &test);
    for (int i = 0; i < 3; i++)
        test_ok(desk_button_look(store->db, secret, store->arena, &button));
    assert_true(slice_eq(button.organisation, S("RS Melati")) && button.warnings == 1);
    assert_int_equal(state_of(store, &test), WARNING_APPROVED);
    assert_int_equal(desk_button_press(store->db, secret, S("nothing"), store->arena).kind, ERR_INPUT);
    assert_int_equal(desk_button_press(store->db, secret, S(""), store->arena).kind, ERR_INPUT);
    assert_int_equal(desk_button_press(store->db, secret, S("noise"), store->arena).kind, ERR_INPUT);
    assert_int_equal(state_of(store, &test), WARNING_APPROVED);
    test_ok(desk_button_press(store->db, secret, S("acknowledged"), store->arena));
    assert_int_equal(state_of(store, &test), WARNING_ACKNOWLEDGED);
    assert_true(notice_of(store, &test).answered_us != TIME_NONE);
    assert_int_equal(contact_of(store, &test), CONTACT_VERIFIED);
}

static void another_answer_counts_from_then_on(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    slice secret = made(store, &test);
    struct warning_step *steps;
    size_t before, after;
    test_ok(desk_button_press(store->db, secret, S("acknowledged"), store->arena));
    test_ok(store_warning_steps(store->db, test.warning, store->arena, &steps, &before));
    test_ok(desk_button_press(store->db, secret, S("acknowledged"), store->arena));
    test_ok(store_warning_steps(store->db, test.warning, store->arena, &steps, &after));
    assert_int_equal(before, after);
    test_ok(desk_button_press(store->db, secret, S("done"), store->arena));
    assert_int_equal(state_of(store, &test), WARNING_DONE);
}

static void no_other_secret_answers(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    (void)made(store, &test);
    assert_int_equal(
            desk_button_press(store->db, store_button_secret(store->arena), S("done"), store->arena).kind, ERR_MISSING);
}

/* The mail, with the reference for its @REF@, if it has one. */
static struct desk_taken take(struct test_store *store, const char *mail, slice reference)
{
    struct desk_taken taken;
    slice text = slice_of(mail);
    size_t at = slice_find_slice(text, S("@REF@"));
    slice whole = text;
    if (at < text.len)
        whole = slice_of(arena_printf(
                store->arena, "%.*s%.*s%s", (int)at, mail, (int)reference.len, reference.ptr, mail + at + 5));
    test_ok(desk_mail_take(store->db, whole, store->arena, &taken));
    return taken;
}

static void a_word_in_a_reply_answers(void **state)
{
    static const struct {
        const char *name, *mail;
        enum warning_state state;
    } replies[] = {
            {"RS Melati", "From: a@b\nIn-Reply-To: <@REF@@cert.example>\nSubject: Re:\n\nTERIMA\n",
                    WARNING_ACKNOWLEDGED},
            {"RS Anggrek", "From: a@b\nSubject: Re: [TLP:AMBER] Peringatan [@REF@]\n\n\n  ack.\n> quoted\n",
                    WARNING_ACKNOWLEDGED},
            {"RS Mawar", "From: a@b\nReferences: <x@y>\n <@REF@@cert.example>\n\n> kutipan\nBukan\nkarena ...\n",
                    WARNING_NOT_MINE},
            {"RS Kenanga", "From: a@b\nIn-Reply-To: <@REF@@cert.example>\n\nSELESAI!\n", WARNING_DONE},
    };
    struct test_store *store = ready(state);
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        struct test_notice test = {.kind = NOTICE_OF_WARNING, .name = replies[i].name};
        (void)made(store, &test);
        struct desk_taken taken = take(store, replies[i].mail, notice_of(store, &test).reference);
        assert_int_equal(taken.as, DESK_MAIL_ANSWER);
        assert_int_equal(taken.notice, test.notice);
        assert_int_equal(state_of(store, &test), replies[i].state);
    }
}

static void what_is_no_answer_changes_nothing(void **state)
{
    static const char *const mails[] = {
            "From: a@b\nIn-Reply-To: <@REF@@cert.example>\n\nTerima kasih atas surel Anda.\n",
            "From: a@b\nIn-Reply-To: <@REF@@cert.example>\nAuto-Submitted: auto-replied\n\nTERIMA\n",
            "Return-Path: <>\nIn-Reply-To: <@REF@@cert.example>\n\nTERIMA\n",
            "From: a@b\nIn-Reply-To: <@REF@@cert.example>\n\n> TERIMA\n",
            "From: a@b\nSubject: Re: @REF@X\n\nTERIMA\n",
            "From: a@b\n\nTERIMA @REF@\n",
    };
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    (void)made(store, &test);
    for (size_t i = 0; i < COUNT_OF(mails); i++)
        assert_int_equal(take(store, mails[i], notice_of(store, &test).reference).as, DESK_MAIL_NOTHING);
    assert_int_equal(state_of(store, &test), WARNING_APPROVED);
    assert_int_equal(notice_of(store, &test).answered_us, TIME_NONE);
}

static void a_bounce_leads_to_the_next_contact_once(void **state)
{
    static const char report[] =
            "Return-Path: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
            "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
            "Final-Recipient: rfc822; siaga@rs-melati.example\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: smtp; 550 no such mailbox\n\n"
            "--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <@REF@@cert.example>\n\n--b--\n";
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    struct notice *rows;
    size_t count;
    (void)made(store, &test);
    test_ok(test_work(store, test_second_add, &test));
    slice reference = notice_of(store, &test).reference;
    for (int i = 0; i < 2; i++)
        assert_int_equal(take(store, report, reference).as, DESK_MAIL_BOUNCE);
    assert_int_equal(notice_of(store, &test).state, NOTICE_BOUNCED);
    assert_true(slice_eq(notice_of(store, &test).why, S("550 no such mailbox")));
    assert_int_equal(contact_of(store, &test), CONTACT_STALE);
    test_ok(store_notice_latest(store->db, test.organisation, INT64_MAX, 10, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].contact, test.second);
}

static struct err ask(struct work *work, void *context)
{
    struct test_notice *test = context;
    return desk_contact_ask(work, test->contact, &test->notice);
}

static void a_contact_that_answers_is_verified(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    (void)made(store, &test);
    assert_int_equal(contact_of(store, &test), CONTACT_UNVERIFIED);
    test_ok(test_work(store, ask, &test));
    assert_int_equal(
            take(store, "From: a@b\nIn-Reply-To: <@REF@@cert.example>\n\nterima\n", notice_of(store, &test).reference)
                    .as,
            DESK_MAIL_ANSWER);
    assert_int_equal(contact_of(store, &test), CONTACT_VERIFIED);
    assert_int_equal(state_of(store, &test), WARNING_APPROVED);
}

static int64_t journal_last(struct test_store *store)
{
    int64_t seq;
    test_ok(store_journal_last(store->db, &seq));
    return seq;
}

/* A mail server that was not told "taken" hands the mail over again. */
static void the_same_mail_again_tells_nothing_more(void **state)
{
    static const char mail[] = "From: a@b\nIn-Reply-To: <@REF@@cert.example>\n\nTERIMA\n";
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    (void)made(store, &test);
    int64_t before = journal_last(store);
    enum desk_taken_as as = take(store, mail, notice_of(store, &test).reference).as;
    int64_t after = journal_last(store);
    assert_true(after > before);
    assert_int_equal(take(store, mail, notice_of(store, &test).reference).as, as);
    assert_int_equal(journal_last(store), after);
}

/* Somebody else takes it: here nothing has changed, and which notice it names is told. */
static void what_answers_nothing_changes_nothing_here(void **state)
{
    static const struct {
        const char *mail;
        bool names;
    } rows[] = {
            {"From: a@b\nIn-Reply-To: <@REF@@cert.example>\n\nwhat is that?\n", true},
            {"From: a@b\nIn-Reply-To: <@REF@@cert.example>\nAuto-Submitted: auto-replied\n\nTERIMA\n", true},
            {"From: a@b\nSubject: something else\n\nTERIMA\n", false},
    };
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    (void)made(store, &test);
    int64_t before = journal_last(store);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct desk_taken taken = take(store, rows[i].mail, notice_of(store, &test).reference);
        assert_true(taken.as == DESK_MAIL_NOTHING && (taken.notice != 0) == rows[i].names);
    }
    char *large = arena_take(store->arena, MAIL_READ_MAX + 1);
    struct desk_taken taken;
    memset(large, 'a', MAIL_READ_MAX + 1);
    test_ok(desk_mail_take(store->db, (slice){large, MAIL_READ_MAX + 1}, store->arena, &taken));
    assert_true(taken.as == DESK_MAIL_NOTHING && taken.notice == 0);
    assert_int_equal(journal_last(store), before);
}

int main(void)
{
    /* What does not depend on the database is tried on one. */
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_button_answers_and_a_look_does_not, set_up, tear_down),
            TEST_ON(DB_SQLITE, "another_answer_counts_from_then_on", another_answer_counts_from_then_on, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "no_other_secret_answers", no_other_secret_answers, set_up, tear_down),
            TEST_ON_BOTH(a_word_in_a_reply_answers, set_up, tear_down),
            TEST_ON(DB_SQLITE, "what_is_no_answer_changes_nothing", what_is_no_answer_changes_nothing, set_up,
                    tear_down),
            TEST_ON_BOTH(the_same_mail_again_tells_nothing_more, set_up, tear_down),
            TEST_ON(DB_SQLITE, "what_answers_nothing_changes_nothing_here", what_answers_nothing_changes_nothing_here,
                    set_up, tear_down),
            TEST_ON_BOTH(a_bounce_leads_to_the_next_contact_once, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_contact_that_answers_is_verified", a_contact_that_answers_is_verified, set_up,
                    tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
