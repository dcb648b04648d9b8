/* SPDX-License-Identifier: Apache-2.0 */
/* The mails of tests/data/mail, and hostile ones that are made here since they are large. */
#include "mailbox/mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"

static struct arena *arena;
static struct buf made;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test of a mailbox", ARENA_WORK, 256u << 20);
    made = buf_make(2 * (size_t)MAILBOX_BYTES_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_free(&made);
    arena_close(arena);
    return 0;
}

static slice data(const char *name)
{
    const char *root = getenv("KENTONGAN_ROOT");
    const char *path = arena_printf(arena, "%s/tests/data/mail/%s", root == NULL ? "." : root, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s is not there", path);
    char *bytes = arena_take(arena, 64u << 10);
    slice all = {bytes, fread(bytes, 1, 64u << 10, file)};
    fclose(file);
    return all;
}

static struct mailbox_mail read_ok(slice bytes)
{
    struct mailbox_mail mail;
    struct err err = mailbox_mail_read(bytes, arena, &mail);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return mail;
}

static void is(slice text, const char *wanted)
{
    if (!slice_eq(text, slice_of(wanted)))
        fail_msg("\"%.*s\", not \"%s\"", (int)text.len, text.ptr, wanted);
}

static bool holds(slice text, const char *part)
{
    return slice_find_slice(text, slice_of(part)) < text.len;
}

static void left_out(const struct mailbox_mail *mail, const char *part)
{
    for (size_t i = 0; i < mail->unread_count; i++)
        if (strstr(mail->unread[i], part) != NULL)
            return;
    fail_msg("nothing of \"%s\" was left out", part);
}

static void a_report_is_read_whole(void **state)
{
    slice bytes = data("report.eml");
    struct mailbox_mail mail = read_ok(bytes);
    (void)state;
    is(mail.subject, "Surel tipuan – mohon bantuan");
    is(mail.message_id, "a1@rs-melati.example");
    is(mail.in_reply_to, "r42@cert.example");
    assert_int_equal(mail.reference_count, 2);
    is(mail.references[1], "r42@cert.example");
    is(mail.from.rows[0].name, "Dewi Lestari");
    is(mail.from.rows[0].address, "dewi@rs-melati.example");
    is(mail.reply_to.rows[0].address, "it@rs-melati.example");
    assert_int_equal(mail.to.count, 2);
    assert_int_equal(mail.cc.count, 2);
    is(mail.cc.rows[1].address, "budi@rs-melati.example");
    int64_t us;
    assert_true(time_parse(S("2026-11-21T16:40:00Z"), &us) && mail.date_us == us);
    assert_false(mail.automatic);
    is(mail.text, "Kami menerima surel ini dan tidak tahu apa yang harus dilakukan. \nMohon bantuan, terima kasih.");
    assert_string_equal(mail.language, "id");
    assert_int_equal(mail.unread_count, 0);
    struct sha256 digest = hash_sha256(bytes);
    assert_memory_equal(&mail.digest, &digest, sizeof digest);
}

static void what_hangs_on_it_is_had_on_demand(void **state)
{
    slice bytes = data("report.eml");
    struct mailbox_mail mail = read_ok(bytes);
    struct buf content = buf_make(1u << 20);
    (void)state;
    assert_int_equal(mail.file_count, 2);
    is(mail.files[0].name, "faktur.pdf");
    is(mail.files[0].type, "application/pdf");
    assert_int_equal(mailbox_file_get(bytes, mail.files[0].part, &content).kind, ERR_NONE);
    assert_true(slice_starts(buf_slice(&content), S("%PDF-1.4 invented\n")));
    assert_int_equal(content.len, mail.files[0].bytes);
    struct sha256 digest = hash_sha256(buf_slice(&content));
    assert_memory_equal(&mail.files[0].digest, &digest, sizeof digest);
    is(mail.files[1].type, "message/rfc822");
    buf_reset(&content);
    assert_int_equal(mailbox_file_get(bytes, mail.files[1].part, &content).kind, ERR_NONE);
    assert_true(slice_starts(buf_slice(&content), S("From: bank@palsu.example\n")));
    assert_int_equal(mailbox_file_get(bytes, 99, &content).kind, ERR_MISSING);
    assert_int_equal(mailbox_file_get(bytes, 0, &content).kind, ERR_MISSING);
    buf_free(&content);
}

static void a_mail_that_is_handed_on_is_found(void **state)
{
    struct mailbox_mail attached = read_ok(data("report.eml")), in_text = read_ok(data("inline.eml"));
    (void)state;
    assert_int_equal(attached.original_count, 1);
    assert_true(attached.originals[0].attached);
    is(attached.originals[0].from, "bank@palsu.example");
    is(attached.originals[0].message_id, "x9@palsu.example");
    assert_true(holds(attached.originals[0].text, "http://palsu.example/masuk"));
    assert_int_equal(in_text.original_count, 1);
    assert_false(in_text.originals[0].attached);
    is(in_text.originals[0].from, "Kurir <info@kurir.example>");
    is(in_text.originals[0].subject, "your parcel is waiting");
    is(in_text.originals[0].to, "<andi@toko.example>");
    assert_string_equal(in_text.language, "en");
    in_text = read_ok(S("Subject: x\n\n> Dari: a@b.example\n> *Perihal:*\tsatu\tdua\n"));
    assert_int_equal(in_text.original_count, 1);
    is(in_text.originals[0].subject, "satu dua");
}

static void characters_of_others_become_ours(void **state)
{
    struct mailbox_mail mail = read_ok(data("chinese.eml"));
    (void)state;
    is(mail.subject, "钓鱼网站举报");
    is(mail.from.rows[0].name, "李明");
    is(mail.text, "我们收到一封可疑的邮件，请帮助处理。");
    assert_string_equal(mail.language, "zh");
}

static void of_html_nothing_is_left_but_text_and_links(void **state)
{
    struct mailbox_mail mail = read_ok(data("html.eml"));
    (void)state;
    is(mail.text, "Dear all <script>\nClick here <https://evil.example/?a=1>\none two A\xEF\xBF\xBD\n");
    assert_int_equal(mail.file_count, 0);
}

static void names_of_files_are_harmless(void **state)
{
    struct mailbox_mail mail = read_ok(data("names.eml"));
    (void)state;
    assert_int_equal(mail.file_count, 4);
    is(mail.files[0].name, "_._.._etc_passwd");
    is(mail.files[1].name, "faktur[U+202E]fdp.exe");
    is(mail.files[2].name, "_htaccess");
    is(mail.files[3].name, "part-4");
}

static void no_value_begins_another_field(void **state)
{
    struct mailbox_mail mail = read_ok(data("injection.eml"));
    const slice values[] = {mail.subject, mail.message_id, mail.from.rows[0].name};
    (void)state;
    assert_true(holds(mail.subject, "Bcc: victim@example.org"));
    for (size_t i = 0; i < COUNT_OF(values); i++)
        assert_true(!holds(values[i], "\n") && !holds(values[i], "\r"));
}

static void control_characters_go(void **state)
{
    struct mailbox_mail mail = read_ok(data("nul.eml"));
    (void)state;
    is(mail.text, "before\xEF\xBF\xBD"
                  "after\n[31mred\n");
}

static void what_is_damaged_is_read_as_far_as_it_goes(void **state)
{
    struct mailbox_mail mail = read_ok(data("broken-base64.eml"));
    (void)state;
    assert_int_equal(mail.file_count, 1);
    assert_true(mail.files[0].bytes >= 6);
    is(mail.text, "caf\xEF\xBF\xBD");
    left_out(&mail, "characters that nobody knows");
}

static void signatures_and_reports_are_noted(void **state)
{
    struct mailbox_mail mail = read_ok(data("signed.eml")), bounce = read_ok(data("bounce.eml"));
    (void)state;
    assert_string_equal(mailbox_signature_name(mail.signature), "openpgp");
    assert_false(mail.encrypted);
    is(mail.text, "Halo");
    assert_true(bounce.automatic && bounce.report.is);
    is(bounce.report.recipient, "siaga@rs-melati.example");
    is(bounce.report.about, "n7@cert.example");
    mail = read_ok(S("Subject: x\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx"));
    assert_true(mail.encrypted && mail.signature == MAILBOX_UNSIGNED);
    mail = read_ok(S("Subject: x\n\n-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n"));
    assert_int_equal(mail.signature, MAILBOX_OPENPGP);
}

static void parts_beyond_the_ceiling_are_left_out(void **state)
{
    (void)state;
    buf_reset(&made);
    buf_put(&made, S("Subject: many\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n"));
    for (unsigned i = 1; i < MAILBOX_PARTS_MAX; i++)
        buf_put(&made, S("--b\nContent-Type: a/b\n\nx\n"));
    struct mailbox_mail mail = read_ok(buf_slice(&made));
    assert_int_equal(mail.file_count, MAILBOX_PARTS_MAX - 1);
    assert_int_equal(mail.unread_count, 0);
    buf_put(&made, S("--b\n\none more\n--b--\n"));
    mail = read_ok(buf_slice(&made));
    is(mail.text, "first");
    left_out(&mail, "10,000 parts");
    for (unsigned i = 0; i < 30000; i++)
        buf_put(&made, S("--b\n\n"));
    mail = read_ok(buf_slice(&made));
    is(mail.subject, "many");
    left_out(&mail, "30,000 lines");
}

static void depth_is_not_followed(void **state)
{
    (void)state;
    buf_reset(&made);
    buf_put(&made, S("Subject: deep\n"));
    for (unsigned i = 0; i < 3000; i++)
        buf_printf(&made, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
    struct mailbox_mail mail = read_ok(buf_slice(&made));
    is(mail.subject, "deep");
    left_out(&mail, "16 deep");
    buf_reset(&made);
    for (unsigned i = 0; i < 3000; i++)
        buf_put(&made, S("Content-Type: message/rfc822\n\n"));
    mail = read_ok(buf_slice(&made));
    assert_true(mail.original_count <= MAILBOX_ORIGINALS_MAX && mail.unread_count > 0);
}

/* To the reader each group in a group is a call in a call, and each parameter one that it keeps. */
static void lists_in_fields_are_cut(void **state)
{
    (void)state;
    buf_reset(&made);
    buf_put(&made, S("Subject: groups\nContent-Type: message/rfc822\n\nResent-To : "));
    for (unsigned i = 0; i < 500000; i++)
        buf_put(&made, i % 1000 == 999 ? S("a:\n ") : S("a:"));
    buf_put(&made, S("\nSubject: behind\n\nx\n"));
    struct mailbox_mail mail = read_ok(buf_slice(&made));
    left_out(&mail, "1,000 addresses");
    is(mail.originals[0].subject, "behind");
    buf_reset(&made);
    buf_put(&made, S("Subject: parameters\nContent-Type: text/plain"));
    for (unsigned i = 0; i < 20000; i++)
        buf_printf(&made, "; a%u*=b", i);
    buf_put(&made, S("\n\nbehind\n"));
    mail = read_ok(buf_slice(&made));
    left_out(&mail, "1,000 addresses or parameters");
    is(mail.text, "behind\n");
}

static void long_headers_and_many_fields_are_cut(void **state)
{
    (void)state;
    buf_reset(&made);
    buf_put(&made, S("Subject: long\n"));
    for (unsigned i = 0; i < 20000; i++)
        buf_put(&made, S("X-Invented: 0123456789\n"));
    buf_put(&made, S("\nbehind\n"));
    struct mailbox_mail mail = read_ok(buf_slice(&made));
    is(mail.subject, "long");
    is(mail.text, "behind\n");
    left_out(&mail, "256 KiB");
    buf_reset(&made);
    buf_put(&made, S("Subject: fields\nContent-Type: message/rfc822\n\n"));
    for (unsigned i = 0; i < 100100; i++)
        buf_put(&made, S("A: b\n"));
    mail = read_ok(buf_slice(&made));
    is(mail.subject, "fields");
    left_out(&mail, "100,000 lines");
}

static void a_large_mail_is_read_and_a_larger_one_refused(void **state)
{
    struct mailbox_mail mail;
    (void)state;
    buf_reset(&made);
    buf_put(&made, S("Subject: large\nContent-Type: text/plain\n\n"));
    while (made.len < 50u << 20)
        buf_put(&made, S("0123456789012345678901234567890123456789012345678901234567890123456789\n"));
    mail = read_ok(buf_slice(&made));
    assert_true(mail.text.len > 250000 && mail.text.len <= MAILBOX_TEXT_MAX);
    left_out(&mail, "longer than 256 KiB");
    while (made.len <= MAILBOX_BYTES_MAX)
        buf_put(&made, S("0123456789012345678901234567890123456789012345678901234567890123456789\n"));
    assert_int_equal(mailbox_mail_read(buf_slice(&made), arena, &mail).kind, ERR_LIMIT);
    assert_int_equal(mailbox_mail_read(S(""), arena, &mail).kind, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_report_is_read_whole),
            cmocka_unit_test(what_hangs_on_it_is_had_on_demand),
            cmocka_unit_test(a_mail_that_is_handed_on_is_found),
            cmocka_unit_test(characters_of_others_become_ours),
            cmocka_unit_test(of_html_nothing_is_left_but_text_and_links),
            cmocka_unit_test(names_of_files_are_harmless),
            cmocka_unit_test(no_value_begins_another_field),
            cmocka_unit_test(control_characters_go),
            cmocka_unit_test(what_is_damaged_is_read_as_far_as_it_goes),
            cmocka_unit_test(signatures_and_reports_are_noted),
            cmocka_unit_test(parts_beyond_the_ceiling_are_left_out),
            cmocka_unit_test(depth_is_not_followed),
            cmocka_unit_test(lists_in_fields_are_cut),
            cmocka_unit_test(long_headers_and_many_fields_are_cut),
            cmocka_unit_test(a_large_mail_is_read_and_a_larger_one_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
