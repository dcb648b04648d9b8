/* SPDX-License-Identifier: Apache-2.0 */
#include "text/mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"

static struct arena *arena;
static struct buf out;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test of mail", ARENA_WORK, 64u << 20);
    out = buf_make(16u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_free(&out);
    arena_close(arena);
    return 0;
}

static bool holds(slice text, const char *part)
{
    return slice_find_slice(text, slice_of(part)) < text.len;
}

static void is_written(const char *wanted)
{
    if (!slice_eq(buf_slice(&out), slice_of(wanted)))
        fail_msg("%.*s", (int)out.len, out.ptr);
}

static struct mail_read read_ok(slice message)
{
    struct mail_read mail = {0};
    struct err err = mail_read(message, arena, &mail);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return mail;
}

/* Every line ends in CR LF and is short, every byte is ASCII. */
static void is_fit_for_every_server(slice message)
{
    slice rest = message, line;
    while (slice_next(&rest, '\n', &line) && rest.ptr != NULL && rest.len > 0) {
        assert_true(slice_ends(line, S("\r")));
        assert_true(line.len <= 79);
    }
    for (size_t i = 0; i < message.len; i++)
        assert_true((unsigned char)message.ptr[i] < 0x80);
}

static void a_plain_field_stands_as_it_is(void **state)
{
    (void)state;
    mail_field_write(&out, "Subject", S("[TLP:AMBER] RS Melati"));
    is_written("Subject: [TLP:AMBER] RS Melati\r\n");
}

static void a_long_field_is_folded_at_its_blanks(void **state)
{
    (void)state;
    mail_field_write(&out, "Subject",
            S("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"));
    is_fit_for_every_server(buf_slice(&out));
    assert_true(holds(buf_slice(&out), "\r\n "));
    assert_true(slice_eq(read_ok(buf_slice(&out)).subject,
            S("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen")));
}

static void a_field_beyond_ascii_comes_back_whole(void **state)
{
    static const char text[] = "Peringatan \xe2\x80\x94 \xe9\x80\x9a\xe5\x91\x8a \xf0\x9f\xa5\x81 untuk Rumah Sakit "
                               "Melati yang panjang sekali namanya, sehingga satu baris tidak cukup \xc3\xa9";
    (void)state;
    mail_field_write(&out, "Subject", slice_of(text));
    is_fit_for_every_server(buf_slice(&out));
    assert_true(slice_eq(read_ok(buf_slice(&out)).subject, slice_of(text)));
}

static void nothing_in_a_field_begins_another(void **state)
{
    const slice hostile[] = {S("a\r\nBcc: all@example.org"), S("a\nBcc: x"), S("a\rBcc: x"), S("a\r\n\r\n<script>"),
            S("\xc2\x85 a\r\n b\r\nBcc: x"), S("=?UTF-8?B?DQpCY2M6?=")};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        buf_reset(&out);
        mail_field_write(&out, "Subject", hostile[i]);
        mail_address_write(&out, "From", hostile[i], S("cert@example.org"));
        slice rest = buf_slice(&out), line;
        while (slice_next(&rest, '\n', &line))
            assert_true(line.len == 0 || line.ptr[0] == ' ' || slice_starts(line, S("Subject:")) ||
                        slice_starts(line, S("From:")));
        assert_false(holds(buf_slice(&out), "=?UTF-8?B?DQpCY2M6?="));
    }
}

static void addresses_are_plain_ones(void **state)
{
    const slice good[] = {S("siaga@rs-melati.example"), S("a+b@x.example"), S("a@b")};
    const slice bad[] = {S(""), S("a"), S("@b"), S("a@"), S("a@b@c"), S("a b@c"), S("a@b\r\nX: y"), S("<a@b>"),
            S("a,b@c"), S("-a@b"), S("\"a\"@b"), S("a@b\xc3\xa9")};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(mail_address_is(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(mail_address_is(bad[i]));
}

static void a_date_is_in_english_and_utc(void **state)
{
    int64_t us;
    (void)state;
    assert_true(time_parse(S("2026-11-21T23:40:05Z"), &us));
    mail_date_write(&out, us);
    is_written("Date: Sat, 21 Nov 2026 23:40:05 +0000\r\n");
}

static slice message_of(const struct mail_body *body)
{
    buf_reset(&out);
    mail_address_write(&out, "From", S("CERT Contoh"), S("cert@example.org"));
    mail_field_write(&out, "Subject", S("Uji"));
    buf_put(&out, S("MIME-Version: 1.0\r\n"));
    mail_body_write(&out, body);
    return buf_slice(&out);
}

static void what_was_composed_is_read_again(void **state)
{
    static const char text[] = "Yth. RS Melati,\n\nFrom here = there.\n.\nbaris dengan blank di ujung \n"
                               "\xe9\x80\x9a\xe5\x91\x8a sebuah baris yang panjangnya jauh melebihi tujuh puluh enam "
                               "karakter sehingga harus dibagi menjadi beberapa baris\n";
    const struct mail_file files[] = {
            {"a.csv", "text/csv; charset=utf-8", S("x\n")}, {"a.json", "application/json", S("{}\n")}};
    const struct mail_body body = {slice_of(text), S(""), files, COUNT_OF(files), S("REF")};
    (void)state;
    slice message = message_of(&body);
    is_fit_for_every_server(message);
    struct mail_read mail = read_ok(message);
    assert_true(slice_eq(mail.text, slice_of(text)));
    assert_true(slice_eq(mail.from, S("cert@example.org")));
    assert_false(mail.automatic || mail.report.is);
    slice first = arena_copy(arena, message);
    assert_true(slice_eq(first, message_of(&body)));
}

static void nothing_in_a_body_is_a_boundary_or_a_tag(void **state)
{
    struct mail_body body = {.seed = S("REF"), .link = S("https://node.example/w/x")};
    (void)state;
    slice message = message_of(&body);
    slice at = slice_from(message, slice_find_slice(message, S("boundary=\"")) + 10);
    slice boundary = slice_part(at, 0, slice_find(at, '"'));
    body.text = slice_of(arena_printf(arena, "--%.*s--\n<b onload=x>\n%s\njavascript:x\n", (int)boundary.len,
            boundary.ptr, "https://node.example/w/x"));
    slice wanted = body.text;
    message = arena_copy(arena, message_of(&body));
    assert_true(slice_eq(read_ok(message).text, wanted));
    message = slice_from(message, slice_find_slice(message, S("text/html")));
    assert_false(holds(message, "<b "));
    assert_true(holds(message, "&lt;b "));
    size_t link = slice_find_slice(message, S("<a href=3D"));
    assert_true(link < message.len);
    assert_false(holds(slice_from(message, link + 3), "<a "));
}

static void a_signed_mail_holds_the_body_byte_for_byte(void **state)
{
    const struct mail_body body = {.text = S("Halo\n"), .seed = S("REF")};
    struct buf inner = buf_make(1u << 20);
    (void)state;
    mail_body_write(&inner, &body);
    buf_put(&out, S("From: a@example.org\r\nMIME-Version: 1.0\r\n"));
    mail_signed_write(&out, buf_slice(&inner), S("-----BEGIN PGP SIGNATURE-----\nabc\n"), S("REF"));
    assert_true(slice_find_slice(buf_slice(&out), buf_slice(&inner)) < out.len);
    assert_true(slice_eq(read_ok(buf_slice(&out)).text, S("Halo\n")));
    is_fit_for_every_server(buf_slice(&out));
    buf_free(&inner);
}

static void no_cell_is_a_formula(void **state)
{
    (void)state;
    mail_cell_write(&out, S("=HYPERLINK(\"x\")"), true);
    mail_cell_write(&out, S("+1"), false);
    mail_cell_write(&out, S("-1"), false);
    mail_cell_write(&out, S("@SUM(A1)"), false);
    mail_cell_write(&out, S("\tx"), false);
    mail_cell_write(&out, S("\rx"), false);
    mail_cell_write(&out, S("\xef\xbc\x9dx"), false);
    mail_cell_write(&out, S("192.0.2.1"), false);
    is_written("\"'=HYPERLINK(\"\"x\"\")\",\"'+1\",\"'-1\",\"'@SUM(A1)\",\"'\tx\",\"'\rx\",\"'\xef\xbc\x9dx\","
               "\"192.0.2.1\"");
}

static void an_answer_is_read_in_every_encoding(void **state)
{
    static const char *const mails[] = {
            "From: Budi <Budi@rs-melati.example>\nSubject: Re: Uji\n\nTERIMA\n",
            "From: Budi@rs-melati.example\r\nSubject: =?utf-8?q?Re:_U?= =?UTF-8?B?amk=?=\r\n"
            "Content-Type: text/plain;\r\n charset=\"utf-8\"\r\nContent-Transfer-Encoding: "
            "base64\r\n\r\nVEVS\r\nSU1B\r\n",
            "From: x <Budi@rs-melati.example>\r\nSubject: Re:\r\n Uji\r\nContent-Type: multipart/alternative; "
            "boundary=b\r\n\r\npreamble\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: "
            "Quoted-Printable\r\n\r\nTER=\r\nIM=41\r\n--b\r\nContent-Type: "
            "text/html\r\n\r\n<p>no\r\n--b--\r\nafter\r\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mails); i++) {
        struct mail_read mail = read_ok(slice_of(mails[i]));
        assert_true(slice_eq(mail.from, S("Budi@rs-melati.example")));
        assert_true(slice_eq(mail.subject, S("Re: Uji")));
        assert_true(slice_eq(slice_trim(mail.text), S("TERIMA")));
        assert_false(mail.automatic);
    }
}

static void text_in_latin_1_becomes_utf_8(void **state)
{
    (void)state;
    struct mail_read mail = read_ok(S("From: a@b\nSubject: =?iso-8859-1?Q?caf=E9?=\n"
                                      "Content-Type: text/plain; charset=ISO-8859-1\n\ncaf\xe9\n"));
    assert_true(slice_eq(mail.subject, S("caf\xc3\xa9")));
    assert_true(slice_eq(mail.text, S("caf\xc3\xa9\n\n")) || slice_eq(mail.text, S("caf\xc3\xa9\n")));
}

static void what_a_program_wrote_says_so(void **state)
{
    static const char *const mails[] = {"Auto-Submitted: auto-replied\n\nTERIMA\n", "Precedence: bulk\n\nx\n",
            "Return-Path: <>\n\nx\n", "X-Autoreply: yes\n\nx\n", "List-Id: <a.example.org>\n\nx\n"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mails); i++)
        assert_true(read_ok(slice_of(mails[i])).automatic);
    assert_false(read_ok(S("Auto-Submitted: no\n\nx\n")).automatic);
    assert_false(read_ok(S("Return-Path: <a@example.org>\n\nx\n")).automatic);
}

static void a_report_tells_who_what_and_about_which(void **state)
{
    (void)state;
    struct mail_read mail =
            read_ok(S("Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\n"
                      "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"zz/1\"\r\n\r\n"
                      "--zz/1\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
                      "--zz/1\r\nContent-Type: message/delivery-status\r\n\r\n"
                      "Reporting-MTA: dns; mx.example\r\n\r\n"
                      "Final-Recipient: rfc822; siaga@rs-melati.example\r\nAction: Failed\r\nStatus: 5.1.1\r\n"
                      "Diagnostic-Code: smtp; 550 5.1.1 no such\r\n mailbox\r\n"
                      "--zz/1\r\nContent-Type: text/rfc822-headers\r\n\r\n"
                      "Subject: x\r\nMessage-ID:\r\n <ABCDEFGHIJKLMNOPQRSTUVWXYZ@node.example>\r\n--zz/1--\r\n"));
    assert_true(mail.report.is && mail.automatic);
    assert_true(slice_eq(mail.report.recipient, S("siaga@rs-melati.example")));
    assert_true(slice_eq(mail.report.action, S("failed")));
    assert_true(slice_eq(mail.report.status, S("5.1.1")));
    assert_true(slice_eq(mail.report.why, S("550 5.1.1 no such mailbox")));
    assert_true(slice_eq(mail.report.about, S("ABCDEFGHIJKLMNOPQRSTUVWXYZ@node.example")));
}

static void what_is_too_much_is_refused(void **state)
{
    struct mail_read mail;
    struct buf deep = buf_make(8u << 20);
    (void)state;
    assert_int_equal(mail_read(S(""), arena, &mail).kind, ERR_INPUT);
    buf_put(&deep, S("Content-Type: multipart/mixed; boundary=b0\n\n"));
    for (int i = 0; i < 20; i++)
        buf_printf(&deep, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i + 1);
    assert_int_equal(mail_read(buf_slice(&deep), arena, &mail).kind, ERR_LIMIT);
    buf_reset(&deep);
    for (int i = 0; i < 2000; i++)
        buf_put(&deep, S("X: y\n"));
    assert_int_equal(mail_read(buf_slice(&deep), arena, &mail).kind, ERR_LIMIT);
    buf_reset(&deep);
    buf_put(&deep, S("Content-Type: multipart/mixed; boundary=b\n\n"));
    for (int i = 0; i < 200; i++)
        buf_put(&deep, S("--b\n\nx\n"));
    assert_int_equal(mail_read(buf_slice(&deep), arena, &mail).kind, ERR_LIMIT);
    buf_reset(&deep);
    buf_put(&deep, S("From: a@b\n\n"));
    for (int i = 0; i < 100000; i++)
        buf_put(&deep, S("a line of text\n"));
    assert_true(read_ok(buf_slice(&deep)).text.len <= MAIL_READ_TEXT_MAX);
    buf_free(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(a_plain_field_stands_as_it_is, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_long_field_is_folded_at_its_blanks, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_field_beyond_ascii_comes_back_whole, set_up, tear_down),
            cmocka_unit_test_setup_teardown(nothing_in_a_field_begins_another, set_up, tear_down),
            cmocka_unit_test_setup_teardown(addresses_are_plain_ones, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_date_is_in_english_and_utc, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_was_composed_is_read_again, set_up, tear_down),
            cmocka_unit_test_setup_teardown(nothing_in_a_body_is_a_boundary_or_a_tag, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_signed_mail_holds_the_body_byte_for_byte, set_up, tear_down),
            cmocka_unit_test_setup_teardown(no_cell_is_a_formula, set_up, tear_down),
            cmocka_unit_test_setup_teardown(an_answer_is_read_in_every_encoding, set_up, tear_down),
            cmocka_unit_test_setup_teardown(text_in_latin_1_becomes_utf_8, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_a_program_wrote_says_so, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_report_tells_who_what_and_about_which, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_too_much_is_refused, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
