/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each rule of RFC 9116 that a text can break, broken once; and the texts of another checker, where they lie beside us.
 */
#include "desk/security_text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "form/golden_test.h"
#include "json/read.h"

#define URL "https://node.example/.well-known/security.txt"
#define EXPIRES "Expires: 2027-10-18T00:00:00Z\n"
#define CONTACT "Contact: mailto:cert@node.example\n"
#define GOOD CONTACT EXPIRES
#define ARMOUR "-----BEGIN PGP SIGNATURE-----\n\nwnsE\n=826C\n-----END PGP SIGNATURE-----\n"
#define SIGNED(text) "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" text ARMOUR

static int64_t now_us;

static int set_up(void **state)
{
    *state = arena_open("test", ARENA_WORK, 16u << 20);
    return time_parse_strict(S("2026-11-22T09:00:00Z"), &now_us) ? 0 : -1;
}

static int tear_down(void **state)
{
    arena_close(*state);
    return 0;
}

static const struct {
    const char *text;
    const char *section; /* of its first fault; NULL: it has none */
    size_t line;
} cases[] = {
        {GOOD, NULL, 0},
        {"# Who to tell\r\n\r\nContact: tel:+62-21-5550100\r\n" EXPIRES "X-Ours: anything goes\r\n", NULL, 0},
        {CONTACT "Contact: https://node.example/report\n" EXPIRES "Canonical: " URL "\n"
                 "Encryption: openpgp4fpr:0123456789abcdef0123456789abcdef01234567\nPreferred-Languages: id, en\n"
                 "Policy: https://node.example/rfc2350\nAcknowledgments: https://node.example/thanks\n"
                 "Hiring: https://node.example/jobs\n",
                NULL, 0},
        {"contact: mailto:cert@node.example\nEXPIRES: 2027-10-18T00:00:00+07:00\n", NULL, 0},
        {SIGNED(GOOD), NULL, 0},
        {SIGNED("- Contact: mailto:cert@node.example\n" EXPIRES), NULL, 0},
        /* 2.1 to 2.3: lines, signatures */
        {"Contact: mailto:a@node.example\rB\n" EXPIRES, "2.2", 1},
        {SIGNED(GOOD) "\n", "2.3", 0},
        {SIGNED(GOOD) "Contact: mailto:x@evil.example\n", "2.3", 0},
        {"Contact: mailto:x@evil.example\n" SIGNED(GOOD), "2.3", 0},
        {"-----BEGIN PGP SIGNED MESSAGE-----\n\n" GOOD ARMOUR, "2.3", 0},
        {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\nNote: x\n\n" GOOD ARMOUR, "2.3", 0},
        {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" GOOD, "2.3", 0},
        {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" GOOD "-----BEGIN PGP SIGNATURE-----\n", "2.3", 0},
        {SIGNED(GOOD "-x: y\n"), "2.3", 6},
        /* 2.5: fields */
        {EXPIRES, "2.5.3", 0},
        {"Contact: cert@node.example\n" EXPIRES, "2.5.3", 1},
        {"Contact: http://node.example/\n" EXPIRES, "2.5.3", 1},
        {"Contact: mailto:cert node@node.example\n" EXPIRES, "2.5.3", 1},
        {CONTACT, "2.5.5", 0},
        {GOOD EXPIRES, "2.5.5", 0},
        {CONTACT "Expires: 2026-11-22T08:59:59Z\n", "2.5.5", 2},
        {CONTACT "Expires: 2027-11-24T09:00:01Z\n", "2.5.5", 2},
        {CONTACT "Expires: Thu, 15 Oct 2027 06:03:46 -0700\n", "2.5.5", 2},
        {GOOD "Preferred-Languages: id\nPreferred-Languages: en\n", "2.5.8", 0},
        {GOOD "Preferred-Languages: id; en\n", "2.5.8", 3},
        {GOOD "Preferred-Languages: Indonesian\n", "2.5.8", 3},
        {GOOD "Canonical: http://node.example/.well-known/security.txt\n", "2.5.2", 3},
        {GOOD "Canonical: https://other.example/.well-known/security.txt\n", "2.5.2", 0},
        {GOOD "Encryption: 0123 4567\n", "2.5.4", 3},
        {GOOD "Acknowledgments: ftp\n", "2.5.1", 3},
        {GOOD "Policy: http://node.example/\n", "2.5.7", 3},
        {GOOD "Hiring: <https://node.example/>\n", "2.5.6", 3},
        {GOOD "CSAF: https://node.example/.well-known/csaf/other.json\n", "CSAF 2.0 7.1.8", 3},
        /* 3 and 4: the file */
        {"\xef\xbb\xbf" GOOD, "3", 1},
        {GOOD "# \xff\n", "3", 0},
        {GOOD "# \x01\n", "3", 0},
        {"Contact:mailto:cert@node.example\n" EXPIRES, "4", 1},
        {GOOD "Hiring:\n", "4", 3},
        {GOOD "Hiring: \n", "4", 3},
        {GOOD "what is this\n", "4", 3},
        {GOOD "Na me: x\n", "4", 3},
        {CONTACT "Expires: 2027-10-18T00:00:00Z", "4", 2},
        {"", "2.5.3", 0},
};

static void each_rule_is_held(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct security_fault *faults;
        size_t count;
        struct err err = desk_security_check(slice_of(cases[i].text), S(URL), now_us, *state, &faults, &count);
        assert_int_equal(err.kind, ERR_NONE);
        if ((count == 0) != (cases[i].section == NULL))
            fail_msg("%s: %s", cases[i].text, count == 0 ? "has no fault" : faults[0].why);
        if (count > 0 && strcmp(faults[0].section, cases[i].section) != 0)
            fail_msg("%s: %s, not of %s: %s", cases[i].text, faults[0].section, cases[i].section, faults[0].why);
        if (count > 0)
            assert_int_equal(faults[0].line, cases[i].line);
    }
}

static void faults_have_a_ceiling(void **state)
{
    struct buf text = buf_make(1u << 20);
    struct security_fault *faults;
    size_t count;
    for (size_t i = 0; i < 100; i++)
        buf_put(&text, S("what\n"));
    assert_int_equal(desk_security_check(buf_slice(&text), S(""), now_us, *state, &faults, &count).kind, ERR_NONE);
    assert_int_equal(count, SECURITY_FAULTS_MAX);
    for (size_t i = 0; i < 10000; i++)
        buf_put(&text, S("# b\n"));
    assert_int_equal(desk_security_check(buf_slice(&text), S(""), now_us, *state, &faults, &count).kind, ERR_NONE);
    assert_true(count == 1 && strcmp(faults[0].section, "5.6") == 0);
    buf_free(&text);
}

/* What it says of how a file was fetched is no part of the text; those rows have none. */
static void another_checker_says_the_same(void **state)
{
    struct buf text = buf_make(1u << 20);
    slice rest, line;
    size_t looked_at = 0;
    if (!conformance_load("securitytxt/cases-a.jsonl", &text))
        skip();
    for (rest = buf_slice(&text); rest.len > 0 && slice_next(&rest, '\n', &line) && line.len > 0;) {
        slice content = json_text(json_get(line, S("content")), *state);
        struct security_fault *faults;
        size_t count;
        if (content.len == 0)
            continue;
        assert_int_equal(
                desk_security_check(content, S(""), now_us - 300 * DAY_US, *state, &faults, &count).kind, ERR_NONE);
        if ((count == 0) != slice_eq(json_get(line, S("valid")), S("true")))
            fail_msg("%.*s: %s", (int)line.len, line.ptr, count == 0 ? "has no fault" : faults[0].why);
        looked_at++;
    }
    assert_in_range(looked_at, 10, 100);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(each_rule_is_held, set_up, tear_down),
            cmocka_unit_test_setup_teardown(faults_have_a_ceiling, set_up, tear_down),
            cmocka_unit_test_setup_teardown(another_checker_says_the_same, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
