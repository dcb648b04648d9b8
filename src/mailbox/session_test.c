/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mailbox/test_taker.h"

static struct test_taker taker;
static struct mailbox_taker options;
static struct mailbox_session *session;
static struct buf out;

static int set_up(void **state)
{
    (void)state;
    taker = (struct test_taker){.err = {ERR_SYSTEM, "the disk is full"}};
    options = test_taker_of(&taker);
    session = mailbox_session_open("node.example", &options);
    out = buf_make(MAILBOX_SESSION_ANSWERS_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mailbox_session_close(session);
    buf_free(&out);
    buf_free(&taker.came);
    return 0;
}

/* Only what is answered to these bytes. */
static void said(const char *bytes, const char *wanted)
{
    buf_reset(&out);
    (void)mailbox_session_feed(session, slice_of(bytes), &out);
    if (!slice_eq(buf_slice(&out), slice_of(wanted)))
        fail_msg("to \"%s\": \"%.*s\", not \"%s\"", bytes, (int)out.len, out.ptr, wanted);
}

static void begin(void)
{
    buf_reset(&out);
    assert_true(mailbox_session_feed(session, S("LHLO mx.example\r\n"), &out));
    assert_true(slice_ends(buf_slice(&out), S("250 SIZE 67108864\r\n")));
}

static void begin_mail(void)
{
    begin();
    said("MAIL FROM:<>\r\nRCPT TO:<lapor@cert.example>\r\nDATA\r\n",
            "250 2.1.0 go on\r\n250 2.1.5 go on\r\n354 it ends with a line of one dot\r\n");
}

static void each_recipient_is_answered_when_the_mail_is_kept(void **state)
{
    (void)state;
    mailbox_session_greet(session, &out);
    assert_true(slice_eq(buf_slice(&out), S("220 node.example LMTP\r\n")));
    begin();
    said("MAIL FROM:<a@b.example> SIZE=100 BODY=8BITMIME\r\n", "250 2.1.0 go on\r\n");
    said("RCPT TO:<lapor@cert.example>\r\nrcpt to: <cert@cert.example>\r\n", "250 2.1.5 go on\r\n250 2.1.5 go on\r\n");
    said("DATA\r\n", "354 it ends with a line of one dot\r\n");
    said("Subject: x\r\n\r\n..dots\r\n.\r\n", "250 2.6.0 kept\r\n250 2.6.0 kept\r\n");
    assert_true(slice_eq(buf_slice(&taker.came), S("Subject: x\r\n\r\n.dots\r\n|")));
    said("QUIT\r\n", "221 2.0.0 goodbye\r\n");
    assert_false(mailbox_session_feed(session, S("NOOP\r\n"), &out));
}

static void bytes_may_come_one_by_one(void **state)
{
    const slice all = S("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nA: b\r\n\r\n.\r.\r\n.\r\nNOOP\r\n");
    (void)state;
    for (size_t i = 0; i < all.len; i++)
        assert_true(mailbox_session_feed(session, slice_part(all, i, i + 1), &out));
    assert_true(slice_ends(buf_slice(&out), S("250 2.6.0 kept\r\n250 2.0.0 nothing done\r\n")));
    assert_true(slice_eq(buf_slice(&taker.came), S("A: b\r\n\r\n\r.\r\n|")));
}

/* What other servers take for the end of a mail. */
static void no_mail_is_smuggled_into_another(void **state)
{
    static const char *const ends[] = {"\n.\n", "\r\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        begin_mail();
        buf_reset(&out);
        (void)mailbox_session_feed(session, slice_of(ends[i]), &out);
        said("MAIL FROM:<evil@b.example>\r\n", "");
        said(".\r\n", "250 2.6.0 kept\r\n");
        assert_int_equal(taker.calls, i + 1);
    }
}

static void what_is_not_durable_is_not_acknowledged(void **state)
{
    (void)state;
    begin_mail();
    said("trouble\r\n.\r\n", "451 4.3.0 it could not be kept: later\r\n");
    taker.err = err_make(ERR_INPUT, "no mail");
    begin_mail();
    said("trouble\r\n.\r\n", "554 5.6.0 it is no mail\r\n");
    assert_int_equal(taker.came.len, 0);
}

static void what_is_too_large_is_refused(void **state)
{
    static char many[1u << 20];
    (void)state;
    begin();
    said("MAIL FROM:<> SIZE=67108865\r\n", "552 5.3.4 a mail is at most 64 MiB\r\n");
    begin_mail();
    memset(many, 'a', sizeof many);
    for (size_t i = 0; i <= 64; i++)
        assert_true(mailbox_session_feed(session, (slice){many, sizeof many}, &out));
    said("\r\n.\r\n", "552 5.3.4 a mail is at most 64 MiB\r\n");
    assert_int_equal(taker.calls, 0);
    buf_reset(&out);
    assert_true(mailbox_session_feed(session, (slice){many, 3000}, &out));
    said("\r\n", "500 5.5.2 a command has at most 2048 bytes\r\n");
    begin_mail();
    said("small\r\n.\r\n", "250 2.6.0 kept\r\n");
}

static void what_is_out_of_order_says_so(void **state)
{
    (void)state;
    said("MAIL FROM:<>\r\n", "503 5.5.1 a mail begins with MAIL, after LHLO, once\r\n");
    said("EHLO x\r\n", "500 5.5.1 no such command\r\n");
    begin();
    said("RCPT TO:<a@b>\r\n", "503 5.5.1 RCPT comes after MAIL\r\n");
    said("MAIL FROM:a@b\r\n", "501 5.5.4 MAIL FROM:<ADDRESS> (RFC 5321 section 4.1.1.2)\r\n");
    said("MAIL FROM:<>\r\nDATA\r\n", "250 2.1.0 go on\r\n503 5.5.1 there is nobody to whom the mail goes\r\n");
    for (unsigned i = 0; i < MAILBOX_SESSION_RECIPIENTS_MAX; i++)
        said("RCPT TO:<a@b>\r\n", "250 2.1.5 go on\r\n");
    said("RCPT TO:<a@b>\r\n", "452 4.5.3 a mail has at most 100 recipients\r\n");
    said("RSET\r\nDATA\r\n", "250 2.0.0 forgotten\r\n503 5.5.1 there is nobody to whom the mail goes\r\n");
}

static void many_mistakes_end_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MAILBOX_SESSION_MISTAKES_MAX; i++)
        said("GET / HTTP/1.1\r\n", "500 5.5.1 no such command\r\n");
    buf_reset(&out);
    assert_false(mailbox_session_feed(session, S("x\r\n"), &out));
    assert_true(slice_eq(buf_slice(&out), S("421 4.7.0 too many mistakes\r\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(each_recipient_is_answered_when_the_mail_is_kept, set_up, tear_down),
            cmocka_unit_test_setup_teardown(bytes_may_come_one_by_one, set_up, tear_down),
            cmocka_unit_test_setup_teardown(no_mail_is_smuggled_into_another, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_not_durable_is_not_acknowledged, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_too_large_is_refused, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_out_of_order_says_so, set_up, tear_down),
            cmocka_unit_test_setup_teardown(many_mistakes_end_it, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
