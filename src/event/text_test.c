/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

#define ROWS_MAX 256

/* What is found in a text, as "type value|type value". */
static const char *found(struct arena *arena, slice text)
{
    struct observable *rows = arena_new(arena, struct observable, ROWS_MAX);
    size_t count = text_observables(text, S("f"), arena, rows, ROWS_MAX);
    struct buf buf = buf_make(1u << 20);
    for (size_t i = 0; i < count; i++) {
        assert_true(slice_eq(rows[i].field, S("f")));
        buf_printf(&buf, "%s%s %.*s", i > 0 ? "|" : "", observable_type_name(rows[i].type), (int)rows[i].value.len,
                rows[i].value.ptr);
    }
    const char *joined = arena_cstr(arena, buf_slice(&buf));
    buf_free(&buf);
    return joined;
}

struct row {
    const char *text, *found;
};

static void assert_rows(const struct row *rows, size_t count)
{
    struct arena *arena = arena_open("test", ARENA_WORK, 64u << 20);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(found(arena, slice_of(rows[i].text)), rows[i].found);
    arena_close(arena);
}

#define MD5 "0123456789abcdef0123456789abcdef"
#define SHA1 "00112233445566778899aabbccddeeff00112233"
#define SHA256 "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"

static void addresses_are_found_with_what_stands_around_them(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"192.0.2.1", "ipv4 192.0.2.1"},
            {"from 192.0.2.1.", "ipv4 192.0.2.1"},
            {"src=192.0.2.1:4711,dst=198.51.100.2", "ipv4 192.0.2.1|ipv4 198.51.100.2"},
            {"(192.0.2.1)", "ipv4 192.0.2.1"},
            {"/192.0.2.1:443 left", "ipv4 192.0.2.1"},
            {"root@192.0.2.1", "ipv4 192.0.2.1"},
            {"192.0.2.1-192.0.2.9", "ipv4 192.0.2.1|ipv4 192.0.2.9"},
            {"192.0.2.256 1.2.3 1.2.3.4.5 v192.0.2.1", ""},
            {"2001:db8::1", "ipv6 2001:db8::1"},
            {"[2001:db8::1]:443", "ipv6 2001:db8::1"},
            {"at 2001:db8::1: refused", "ipv6 2001:db8::1"},
            {"src:2001:db8::1", "ipv6 2001:db8::1"},
            {"::ffff:192.0.2.1", "ipv6 ::ffff:192.0.2.1"},
            {"fe80::1%eth0", "ipv6 fe80::1"},
            {"10:29:58 92:dd:a4:8d:5f:de 1:2:3:4:5:6:7:8:9 std::string ::", ""},
    };
    assert_rows(rows, COUNT_OF(rows));
}

static void prefixes_are_not_paths(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"192.0.2.0/24", "cidr 192.0.2.0/24"},
            {"block 192.0.2.0/24, 198.51.100.0/25.", "cidr 192.0.2.0/24|cidr 198.51.100.0/25"},
            {"2001:db8::/32", "cidr 2001:db8::/32"},
            {"192.0.2.1/24.html", "url 192.0.2.1/24.html|ipv4 192.0.2.1"},
            {"192.0.2.1/24/x", "url 192.0.2.1/24/x|ipv4 192.0.2.1"},
            {"192.0.2.1/33", "url 192.0.2.1/33|ipv4 192.0.2.1"},
    };
    assert_rows(rows, COUNT_OF(rows));
}

static void urls_give_themselves_and_their_host(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"GET http://evil.example/a?b=c#d now", "url http://evil.example/a?b=c#d|host evil.example"},
            {"<https://evil.example:8443/>", "url https://evil.example:8443/|host evil.example"},
            {"(see http://evil.example/a_(b)).", "url http://evil.example/a_(b)|host evil.example"},
            {"'http://evil.example/a','x'", "url http://evil.example/a|host evil.example"},
            {"ftp://user:pass@203.0.113.1:21/x", "url ftp://user:pass@203.0.113.1:21/x|ipv4 203.0.113.1"},
            {"http://[2001:db8::1]:80/x", "url http://[2001:db8::1]:80/x|ipv6 2001:db8::1"},
            {"http://a.example/,http://b.example/",
                    "url http://a.example/|host a.example|url http://b.example/|host b.example"},
            {"http://a.example/?u=http://b.example/", "url http://a.example/?u=http://b.example/|host a.example"},
            {"evil.example/gate.php", "url evil.example/gate.php|host evil.example"},
            {"evil.example:8080/?u=http://b.example/", "url evil.example:8080/?u=http://b.example/|host evil.example"},
            {"node.example/192.0.2.1:9042", "host node.example|ipv4 192.0.2.1"},
            {"http:// https://", ""},
    };
    assert_rows(rows, COUNT_OF(rows));
}

static void defanged_text_is_refanged(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"hxxp://evil[.]example/a", "url http://evil.example/a|host evil.example"},
            {"hXXps[:]//evil(.)example", "url https://evil.example|host evil.example"},
            {"192[.]0[.]2[.]1", "ipv4 192.0.2.1"},
            {"evil[.]example", "host evil.example"},
            {"boss[@]evil[.]example", "email boss@evil.example"},
            {"[info] evil.example (old)", "host evil.example"},
    };
    assert_rows(rows, COUNT_OF(rows));
}

static void names_have_dots_and_an_end_that_is_no_file_type(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"evil.example", "host evil.example"},
            {"WWW.Evil.Example.", "host WWW.Evil.Example"},
            {"*.evil.example", "host evil.example"},
            {"CN=evil.example,O=x", "host evil.example"},
            {"a.xn--sample", "host a.xn--sample"},
            {"_dmarc.evil.example", "host _dmarc.evil.example"},
            {"setup.exe report.pdf a.c x.DLL index.html archive.tar.gz", ""},
            {"1.2.3-rc1 2.25.1 1.8.0_151 v1.0", ""},
            {"x.-evil.example evil-.example a..example localhost", ""},
            {"/var/www/evil.example C:\\evil.example @evil.example", ""},
            {"see //evil.example/x", "url evil.example/x|host evil.example"},
            {"b\xC3\xBC"
             "cher.example",
                    "host b\xC3\xBC"
                    "cher.example"},
            {"\xE2\x80\x9C"
             "evil.example\xE2\x80\x9D \xC2\xAB"
             "portal.test\xC2\xBB",
                    "host evil.example|host portal.test"},
    };
    assert_rows(rows, COUNT_OF(rows));
}

static void mail_addresses_do_not_give_their_domain(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"from=<boss@evil.example> to=\"a.b+c@portal.test\"", "email boss@evil.example|email a.b+c@portal.test"},
            {"mailto:boss@evil.example.", "email boss@evil.example"},
            {"sip:100@192.0.2.1", "ipv4 192.0.2.1"},
            {"@evil.example a@b", ""},
    };
    assert_rows(rows, COUNT_OF(rows));
}

static void hashes_are_told_by_length_at_word_borders(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {MD5, "md5 " MD5},
            {"md5:" MD5 ", sha1=" SHA1 "; " SHA256, "md5 " MD5 "|sha1 " SHA1 "|sha256 " SHA256},
            {SHA256 SHA256, "sha512 " SHA256 SHA256},
            {MD5 ".exe", "md5 " MD5},
            {"0" MD5 " g" MD5 " " MD5 "g", ""},
            {MD5 ".evil.example", "host " MD5 ".evil.example"},
    };
    assert_rows(rows, COUNT_OF(rows));
}

static void bytes_that_are_not_utf8_are_in_no_value(void **state)
{
    (void)state;
    static const struct row rows[] = {
            {"\xFF\xFE 192.0.2.1 \xC3", "ipv4 192.0.2.1"},
            {"http://evil.example/\xFF", ""},
            {"a\xC0\xAF.example \xED\xA0\x80.example", ""},
    };
    assert_rows(rows, COUNT_OF(rows));
}

static void no_more_rows_than_there_is_room_for(void **state)
{
    (void)state;
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    struct observable rows[3] = {0};
    assert_int_equal(text_observables(S("http://a.example/ http://b.example/"), S("f"), arena, rows, 3), 3);
    assert_int_equal(text_observables(S("http://a.example/ http://b.example/"), S("f"), arena, rows, 0), 0);
    arena_close(arena);
}

static void text_after_text(const char *piece, size_t times, size_t most)
{
    struct arena *arena = arena_open("test", ARENA_WORK, 64u << 20);
    struct buf text = buf_make(64u << 20);
    struct observable rows[16];
    for (size_t i = 0; i < times; i++)
        buf_put(&text, slice_of(piece));
    assert_true(text_observables(buf_slice(&text), S("f"), arena, rows, COUNT_OF(rows)) <= most);
    buf_free(&text);
    arena_close(arena);
}

/* Each of these would take minutes if any part of the text were looked at again and again. */
static void megabytes_without_a_blank_are_read_in_one_pass(void **state)
{
    (void)state;
    static const char *const pieces[] = {":", "a:", "a.", ".", "1:2:", "@", "a@", "://", "http://{", "[.]", "[", ")",
            "/", "192.0.2.300", "\xC3\xBC", "\xE2\x80", "http://)", "x,http:", "%", "-"};
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        text_after_text(pieces[i], 1u << 20, 16);
}

static void an_authority_is_cut_at_its_port(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *port;
        bool colons;
    } rows[] = {
            {"evil.example", "evil.example", "", false},
            {"evil.example:443", "evil.example", "443", false},
            {"192.0.2.1:53", "192.0.2.1", "53", false},
            {"2001:db8::1", "2001:db8::1", "", true},
            {"[2001:db8::1]:443", "2001:db8::1", "443", true},
            {"[2001:db8::1]", "2001:db8::1", "", true},
            {"[2001:db8::1", "2001:db8::1", "", true},
            {"", "", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text_authority split = text_authority(slice_of(rows[i].text));
        assert_true(slice_eq(split.host, slice_of(rows[i].host)));
        assert_true(slice_eq(split.port, slice_of(rows[i].port)));
        assert_int_equal(split.colons, rows[i].colons);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(addresses_are_found_with_what_stands_around_them),
            cmocka_unit_test(prefixes_are_not_paths),
            cmocka_unit_test(urls_give_themselves_and_their_host),
            cmocka_unit_test(defanged_text_is_refanged),
            cmocka_unit_test(names_have_dots_and_an_end_that_is_no_file_type),
            cmocka_unit_test(mail_addresses_do_not_give_their_domain),
            cmocka_unit_test(hashes_are_told_by_length_at_word_borders),
            cmocka_unit_test(bytes_that_are_not_utf8_are_in_no_value),
            cmocka_unit_test(no_more_rows_than_there_is_room_for),
            cmocka_unit_test(megabytes_without_a_blank_are_read_in_one_pass),
            cmocka_unit_test(an_authority_is_cut_at_its_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
