/* SPDX-License-Identifier: Apache-2.0 */
/* Against a real mail server on loopback: tests/mail/sink.py. */
#include "http/mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/test_sink.h"

static const slice from = {"cert@example.org", 16}, to = {"siaga@rs-melati.example", 23};
static const slice message = {"Subject: x\r\n\r\nHalo\r\n.\r\n..dots\r\n", 31};

static struct arena *arena;
static struct sink plain, starttls;
static bool up;
static char certificate[128], key[128];

static bool certificate_make(void)
{
    char command[512];
    snprintf(certificate, sizeof certificate, "%s/cert.pem", plain.folder);
    snprintf(key, sizeof key, "%s/key.pem", plain.folder);
    snprintf(command, sizeof command,
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=sink "
            "-addext subjectAltName=IP:127.0.0.1 -keyout %s -out %s >/dev/null 2>&1",
            key, certificate);
    return system(command) == 0; /* names that we made */
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("mail test", ARENA_WORK, 256u << 20);
    up = sink_start(&plain, NULL) && certificate_make();
    const char *const words[] = {"--starttls", certificate, key, "--auth", "kentongan", "rahasia", NULL};
    up = up && sink_start(&starttls, words);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sink_drop(&plain);
    sink_drop(&starttls);
    arena_close(arena);
    return 0;
}

static struct http_mail *open_ok(const struct sink *sink, const struct http_mail_options *wanted)
{
    struct http_mail_options options = *wanted;
    struct http_mail *mail = NULL;
    if (!up)
        skip();
    options.relay = arena_printf(arena, "smtp://127.0.0.1:%u", sink->port);
    options.connect_ms = 5000;
    options.total_ms = options.total_ms == 0 ? 10000 : options.total_ms;
    struct err err = http_mail_open(&options, arena, &mail);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return mail;
}

static struct http_mail_answer send_ok(struct http_mail *mail, slice recipient)
{
    struct http_mail_answer answer = {0};
    struct err err = http_mail_send(mail, from, recipient, message, arena, &answer);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return answer;
}

static bool holds(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static void a_message_arrives_byte_for_byte(void **state)
{
    (void)state;
    struct http_mail *mail = open_ok(&plain, &(struct http_mail_options){0});
    sink_fault(&plain, "");
    unsigned before = sink_count(&plain);
    for (unsigned i = 1; i <= 3; i++) {
        struct http_mail_answer answer = send_ok(mail, to);
        assert_int_equal(answer.outcome, HTTP_MAIL_TAKEN);
        assert_true(holds(answer.why, "250"));
    }
    assert_int_equal(sink_count(&plain), before + 3);
    assert_true(slice_ends(sink_message(&plain, before + 1, arena), message));
    http_mail_close(mail);
}

static void what_a_recipient_is_answered_is_the_outcome(void **state)
{
    (void)state;
    struct http_mail *mail = open_ok(&plain, &(struct http_mail_options){0});
    sink_fault(&plain, "rcpt penuh 452 4.2.2 mailbox full\nrcpt tiada 550 5.1.1 no such mailbox\n");
    struct http_mail_answer answer = send_ok(mail, S("penuh@rs-melati.example"));
    assert_int_equal(answer.outcome, HTTP_MAIL_DEFERRED);
    assert_true(holds(answer.why, "mailbox full") && !answer.ours);
    answer = send_ok(mail, S("tiada@rs-melati.example"));
    assert_int_equal(answer.outcome, HTTP_MAIL_REFUSED);
    assert_true(holds(answer.why, "no such mailbox") && !answer.ours);
    assert_int_equal(send_ok(mail, to).outcome, HTTP_MAIL_TAKEN); /* the connection is as good as before */
    http_mail_close(mail);
}

static void a_refused_message_is_refused_and_a_deferred_one_deferred(void **state)
{
    (void)state;
    struct http_mail *mail = open_ok(&plain, &(struct http_mail_options){0});
    sink_fault(&plain, "data 554 5.7.1 we take no such thing\n");
    assert_int_equal(send_ok(mail, to).outcome, HTTP_MAIL_REFUSED);
    sink_fault(&plain, "data 451 4.3.0 later\n");
    assert_int_equal(send_ok(mail, to).outcome, HTTP_MAIL_DEFERRED);
    http_mail_close(mail);
}

static void a_connection_that_breaks_before_the_answer_leaves_it_uncertain(void **state)
{
    (void)state;
    struct http_mail *mail = open_ok(&plain, &(struct http_mail_options){0});
    sink_fault(&plain, "drop\n");
    unsigned before = sink_count(&plain);
    assert_int_equal(send_ok(mail, to).outcome, HTTP_MAIL_UNCERTAIN);
    assert_int_equal(sink_count(&plain), before + 1);
    sink_fault(&plain, "");
    assert_int_equal(send_ok(mail, to).outcome, HTTP_MAIL_TAKEN);
    http_mail_close(mail);
}

static void a_relay_that_takes_too_long_is_left(void **state)
{
    (void)state;
    struct http_mail *mail = open_ok(&plain, &(struct http_mail_options){.total_ms = 300});
    sink_fault(&plain, "slow 2\n");
    assert_int_equal(send_ok(mail, to).outcome, HTTP_MAIL_UNCERTAIN);
    sink_fault(&plain, "");
    http_mail_close(mail);
}

static void nobody_there_is_our_trouble_and_deferred(void **state)
{
    struct http_mail *mail = NULL;
    const struct http_mail_options options = {.relay = "smtp://127.0.0.1:1", .connect_ms = 2000, .total_ms = 2000};
    (void)state;
    assert_int_equal(http_mail_open(&options, arena, &mail).kind, ERR_NONE);
    struct http_mail_answer answer = send_ok(mail, to);
    assert_int_equal(answer.outcome, HTTP_MAIL_DEFERRED);
    assert_true(answer.ours && holds(answer.why, "[mail] relay"));
    http_mail_close(mail);
}

static void with_starttls_and_the_password_it_arrives(void **state)
{
    (void)state;
    struct http_mail *mail = open_ok(
            &starttls, &(struct http_mail_options){.ca_file = certificate, .user = "kentongan", .password = "rahasia"});
    struct http_mail_answer answer = send_ok(mail, to);
    assert_string_equal(answer.why, "250 2.0.0 kept");
    assert_int_equal(answer.outcome, HTTP_MAIL_TAKEN);
    http_mail_close(mail);
}

static void a_wrong_password_says_where_to_look(void **state)
{
    (void)state;
    struct http_mail *mail = open_ok(
            &starttls, &(struct http_mail_options){.ca_file = certificate, .user = "kentongan", .password = "x"});
    struct http_mail_answer answer = send_ok(mail, to);
    assert_int_equal(answer.outcome, HTTP_MAIL_DEFERRED);
    assert_true(answer.ours && holds(answer.why, "password-file"));
    http_mail_close(mail);
}

/* Another authority than the one that we trust, and one that offers no TLS at all. */
static void without_a_trusted_certificate_nothing_is_said(void **state)
{
    (void)state;
    struct http_mail *mail = open_ok(&plain, &(struct http_mail_options){.ca_file = certificate});
    unsigned before = sink_count(&plain);
    struct http_mail_answer answer = send_ok(mail, to);
    assert_int_equal(answer.outcome, HTTP_MAIL_DEFERRED);
    assert_true(answer.ours && holds(answer.why, "STARTTLS"));
    assert_int_equal(sink_count(&plain), before);
    http_mail_close(mail);
    mail = open_ok(&starttls, &(struct http_mail_options){.ca_file = "/etc/ssl/certs/ca-certificates.crt"});
    answer = send_ok(mail, to);
    assert_true(answer.ours && holds(answer.why, "[mail] ca"));
    http_mail_close(mail);
}

static void no_address_is_two(void **state)
{
    const slice bad[] = {S("a@b>\r\nRCPT TO:<c@d"), S("a@b c@d"), S(""), S("nobody"), S("a@b\n")};
    struct http_mail *mail = NULL;
    struct http_mail_answer answer;
    (void)state;
    const struct http_mail_options options = {.relay = "smtp://127.0.0.1:1", .connect_ms = 1000, .total_ms = 1000};
    assert_int_equal(http_mail_open(&options, arena, &mail).kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(http_mail_send(mail, from, bad[i], message, arena, &answer).kind, ERR_INPUT);
        assert_int_equal(http_mail_send(mail, bad[i], to, message, arena, &answer).kind, ERR_INPUT);
    }
    http_mail_close(mail);
}

static void a_relay_is_a_url_of_mail(void **state)
{
    const char *const bad[] = {"http://relay.example", "relay.example", "smtp://", "smtp://a:b@relay.example",
            "smtp://relay.example/x", "smtp://relay.example\r\n"};
    struct http_mail *mail;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(http_mail_open(&(struct http_mail_options){.relay = bad[i]}, arena, &mail).kind, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_message_arrives_byte_for_byte),
            cmocka_unit_test(what_a_recipient_is_answered_is_the_outcome),
            cmocka_unit_test(a_refused_message_is_refused_and_a_deferred_one_deferred),
            cmocka_unit_test(a_connection_that_breaks_before_the_answer_leaves_it_uncertain),
            cmocka_unit_test(a_relay_that_takes_too_long_is_left),
            cmocka_unit_test(nobody_there_is_our_trouble_and_deferred),
            cmocka_unit_test(with_starttls_and_the_password_it_arrives),
            cmocka_unit_test(a_wrong_password_says_where_to_look),
            cmocka_unit_test(without_a_trusted_certificate_nothing_is_said),
            cmocka_unit_test(no_address_is_two),
            cmocka_unit_test(a_relay_is_a_url_of_mail),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
