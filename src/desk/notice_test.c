/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/notice.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk/pgp.h"
#include "desk/test_notice.h"
#include "store/button.h"
#include "store/journal.h"
#include "text/mail.h"

static const struct desk_notice_options cert = {.name = "CERT Contoh",
        .from = "peringatan@cert.example",
        .url = "https://node.example/",
        .phone = "+62 21 5550 100",
        .genuine = "https://cert.example/kunci"};

static bool holds(slice text, const char *part)
{
    return slice_find_slice(text, slice_of(part)) < text.len;
}

static size_t times(slice text, const char *part)
{
    size_t count = 0, at;
    while ((at = slice_find_slice(text, slice_of(part))) < text.len) {
        text = slice_from(text, at + strlen(part));
        count++;
    }
    return count;
}

static slice message_of(struct test_store *store, int64_t number)
{
    slice message;
    test_ok(store_notice_message(store->db, number, store->arena, &message));
    return message;
}

static struct mail_read made(struct test_store *store, struct test_notice *test)
{
    struct mail_read mail;
    desk_notice_open(&cert);
    test_warned(store, test);
    test_ok(test_work(store, test_notice_make, test));
    test_ok(mail_read(message_of(store, test->notice), store->arena, &mail));
    return mail;
}

static slice behind(slice text, const char *part)
{
    return slice_from(text, slice_find_slice(text, slice_of(part)));
}

static void a_warning_says_what_why_what_to_do_and_by_when(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    struct mail_read mail = made(store, &test);
    const char *const parts[] = {"TLP:AMBER", "RS Melati", "192.0.2.7", "203[.]0[.]113[.]77 port 443",
            "malicious-code/infected-system", "WIB", "UTC", "WHAT TO DO NOW", "WHY IT MATTERS", "BY WHEN",
            "https://node.example/w/", "TERIMA", "+62 21 5550 100", "https://cert.example/kunci", "APA YANG TERLIHAT"};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (!holds(mail.text, parts[i]))
            fail_msg("no %s in %.*s", parts[i], (int)mail.text.len, mail.text.ptr);
    assert_true(slice_starts(mail.subject, S("[TLP:AMBER] Peringatan (kritis)")));
    assert_true(holds(message_of(store, test.notice), "X-Kentongan-Marking: TLP:AMBER\r\n"));
    assert_true(holds(message_of(store, test.notice), "Auto-Submitted: auto-generated\r\n"));
}

static void what_the_memory_found_says_where_to_look_for_the_machine(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING, .past = true}, seen = {.name = "RS Kenanga"};
    struct mail_read mail = made(store, &test);
    slice past = behind(mail.text, "Alamat Anda: ");
    assert_true(holds(slice_part(past, 0, slice_find(past, '\n')), "log"));
    past = behind(mail.text, "Your address: we keep none");
    assert_true(holds(past, "firewall, proxy and name server"));
    assert_true(holds(past, "2 Nov 2026 06:13 UTC") && holds(past, "2 Nov 2026 07:13 UTC"));
    assert_false(holds(mail.text, "192.0.2.7"));
    mail = made(store, &seen);
    assert_true(holds(mail.text, "Alamat Anda: 192.0.2.7") && !holds(mail.text, "we keep none"));
}

static void the_language_of_the_contact_comes_first(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {.languages = S("en id")};
    slice text = made(store, &test).text;
    assert_true(slice_starts(text, S("Warning - TLP:AMBER")));
    assert_true(slice_find_slice(text, S("WHAT WAS SEEN")) < slice_find_slice(text, S("APA YANG TERLIHAT")));
}

/* Wherever a stranger may look: headers, link, names of files; and nowhere else either. */
static void nothing_names_the_indicator(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {0};
    (void)made(store, &test);
    slice message = message_of(store, test.notice);
    struct notice notice;
    test_ok(store_notice_get(store->db, test.notice, store->arena, &notice));
    assert_false(holds(message, "indicator--"));
    slice head = slice_part(message, 0, slice_find_slice(message, S("\r\n\r\n")));
    assert_false(holds(head, "203") && holds(head, "113"));
    assert_true(holds(
            head, arena_printf(store->arena, "<%.*s@cert.example>", (int)notice.reference.len, notice.reference.ptr)));
}

static void hostile_events_are_harmless(void **state)
{
    struct test_store *store = ready(state);
    char *huge = arena_take(store->arena, 3000);
    memset(huge, 'A', 3000);
    struct test_notice test = {.own = S("=HYPERLINK(\"http://evil.example\")<script>alert(1)</script>"),
            .peer = S("domain evil.example\xe2\x80\xae\x1b[31m\r\nBcc: all@example.org"),
            .extra = (slice){huge, 3000}};
    struct mail_read mail = made(store, &test);
    slice message = message_of(store, test.notice);
    assert_false(holds(mail.text, "\x1b") || holds(mail.text, "\xe2\x80\xae"));
    assert_false(holds(mail.text, "\nBcc:") || holds(message, "\nBcc:"));
    slice html = behind(message, "text/html");
    assert_true(html.len > 0);
    assert_false(holds(html, "<script"));
    assert_false(holds(slice_part(message, 0, slice_find_slice(message, S("text/html"))), "evil.example"));
}

static void the_csv_has_no_formula_and_the_json_is_whole(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {.own = S("=cmd|' /C calc'!A0"), .webhook = S("https://hook.example/in")};
    (void)made(store, &test);
    slice hook = message_of(store, test.notice + 1);
    slice csv = behind(message_of(store, test.notice), "text/csv");
    assert_true(csv.len > 0);
    assert_true(holds(hook, "\"own\":\"=cmd|"));
    assert_true(holds(hook, "\"answer\":\"https://node.example/w/"));
    assert_false(holds(hook, "indicator--"));
    /* "'=cmd in base 64 at any of the three places it can stand. */
    assert_true(holds(csv, "IictY21k") || holds(csv, "Iic9Y21k") || holds(csv, "InPWNtZ") || holds(csv, "Jz1jbWR8") ||
                holds(csv, "IidjbWR8") || holds(csv, "JyA9Y21k") || holds(csv, "c9Y21kfC") || holds(csv, "iJz1jbWR8") ||
                holds(csv, "nPWNtZHw"));
}

static void the_button_of_a_notice_works_and_no_other_does(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {0};
    struct mail_read mail = made(store, &test);
    slice rest = behind(mail.text, "https://node.example/w/");
    slice secret = slice_part(rest, 23, slice_find(rest, '\n'));
    struct button button;
    assert_int_equal(secret.len, 26);
    test_ok(store_button_get(store->db, secret, clock_now_us(), store->arena, &button));
    assert_int_equal(button.purpose, BUTTON_WARNING);
    assert_int_equal(button.subject, test.notice);
}

static void a_correction_asks_for_nothing(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_CORRECTION, .languages = S("en")};
    slice text = made(store, &test).text;
    assert_false(holds(text, "/w/") || holds(text, "WHAT TO DO NOW") || holds(text, "BY WHEN"));
    assert_true(slice_starts(text, S("Correction")));
}

static void what_belongs_together_is_one_thread(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    struct notice first;
    (void)made(store, &test);
    test_ok(store_notice_get(store->db, test.notice, store->arena, &first));
    test.kind = NOTICE_OF_REMINDER;
    test_ok(test_work(store, test_notice_make, &test));
    assert_int_equal(times(message_of(store, test.notice), arena_printf(store->arena, "<%.*s@cert.example>",
                                                                   (int)first.reference.len, first.reference.ptr)),
            2);
}

static void nobody_to_tell_is_missing(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {0};
    test_warned(store, &test);
    desk_notice_open(NULL);
    assert_int_equal(test_work(store, test_notice_make, &test).kind, ERR_MISSING);
    desk_notice_open(&cert);
    test.organisation = test_constituent(store, "RS Anggrek");
    assert_int_equal(test_work(store, test_notice_make, &test).kind, ERR_MISSING);
}

static struct err ask(struct work *work, void *context)
{
    struct test_notice *test = context;
    return desk_contact_ask(work, test->contact, &test->notice);
}

static void a_contact_is_asked_by_a_mail_of_its_own(void **state)
{
    struct test_store *store = ready(state);
    struct test_notice test = {.languages = S("en")};
    struct mail_read mail;
    struct contact contact;
    struct button button;
    desk_notice_open(&cert);
    test_warned(store, &test);
    test_ok(test_work(store, ask, &test));
    test_ok(mail_read(message_of(store, test.notice), store->arena, &mail));
    assert_true(slice_starts(mail.text, S("Are we reaching you?")));
    test_ok(store_contact_get(store->db, test.contact, store->arena, &contact));
    assert_true(contact.asked_us != TIME_NONE);
    slice rest = behind(mail.text, "https://node.example/w/");
    test_ok(store_button_get(
            store->db, slice_part(rest, 23, slice_find(rest, '\n')), clock_now_us(), store->arena, &button));
    assert_int_equal(button.purpose, BUTTON_CONTACT);
    assert_int_equal(button.subject, test.contact);
}

/* Verified by GnuPG, where that is installed. */
static void a_signed_notice_is_verified_by_others(void **state)
{
    static const char MAKE[] = "cd %s && export GNUPGHOME=%s/g && mkdir -m 700 g && gpg --batch -q --passphrase '' "
                               "--quick-gen-key cert@cert.example ed25519 sign never 2>/dev/null && gpg --batch -q "
                               "--export-secret-keys > key.pgp 2>/dev/null";
    static const char VERIFY[] = "cd %s && GNUPGHOME=%s/g gpg --batch -q --verify signature.asc body 2>/dev/null";
    struct test_store *store = ready(state);
    const char *folder = store->base->folder, *fingerprint;
    if (system("command -v gpg >/dev/null") != 0)
        skip();
    assert_int_equal(system(arena_printf(store->arena, MAKE, folder, folder)), 0); /* our own folder */
    const char *key = arena_printf(store->arena, "%s/key.pgp", folder);
    slice body = S("Content-Type: text/plain\r\n\r\nHalo\r\n"), signature;
    struct err err = desk_pgp_sign(key, body, store->arena, &signature);
    if (err.kind == ERR_INPUT && strstr(err.why, "without OpenPGP") != NULL)
        skip();
    test_ok(err);
    test_ok(desk_pgp_fingerprint(key, store->arena, &fingerprint));
    assert_int_equal(strlen(fingerprint), 49);
    const struct {
        const char *name;
        slice bytes;
    } files[] = {{"body", body}, {"signature.asc", signature}};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        FILE *file = fopen(arena_printf(store->arena, "%s/%s", folder, files[i].name), "w");
        assert_int_equal(fwrite(files[i].bytes.ptr, 1, files[i].bytes.len, file), files[i].bytes.len);
        fclose(file);
    }
    assert_int_equal(system(arena_printf(store->arena, VERIFY, folder, folder)), 0);
    assert_int_equal(
            system(arena_printf(store->arena, "GNUPGHOME=%s/g gpgconf --kill all; rm -r %s/g", folder, folder)), 0);
    assert_int_equal(desk_pgp_sign("/etc/hostname", body, store->arena, &signature).kind, ERR_INPUT);
}

int main(void)
{
    /* What does not depend on the database is tried on one. */
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_warning_says_what_why_what_to_do_and_by_when, set_up, tear_down),
            TEST_ON_BOTH(what_the_memory_found_says_where_to_look_for_the_machine, set_up, tear_down),
            TEST_ON(DB_SQLITE, "the_language_of_the_contact_comes_first", the_language_of_the_contact_comes_first,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "nothing_names_the_indicator", nothing_names_the_indicator, set_up, tear_down),
            TEST_ON(DB_SQLITE, "hostile_events_are_harmless", hostile_events_are_harmless, set_up, tear_down),
            TEST_ON(DB_SQLITE, "the_csv_has_no_formula_and_the_json_is_whole",
                    the_csv_has_no_formula_and_the_json_is_whole, set_up, tear_down),
            TEST_ON(DB_SQLITE, "the_button_of_a_notice_works_and_no_other_does",
                    the_button_of_a_notice_works_and_no_other_does, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_correction_asks_for_nothing", a_correction_asks_for_nothing, set_up, tear_down),
            TEST_ON_BOTH(what_belongs_together_is_one_thread, set_up, tear_down),
            TEST_ON(DB_SQLITE, "nobody_to_tell_is_missing", nobody_to_tell_is_missing, set_up, tear_down),
            TEST_ON_BOTH(a_contact_is_asked_by_a_mail_of_its_own, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a signed notice is verified by others", a_signed_notice_is_verified_by_others, set_up,
                    tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
