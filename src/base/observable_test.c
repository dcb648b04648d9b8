/* SPDX-License-Identifier: Apache-2.0 */
#include "base/observable.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static struct observable of(enum observable_type type, slice value)
{
    return (struct observable){.type = type, .value = value};
}

static void expect_bytes(struct observable observable, slice normal)
{
    struct buf buf = buf_make(20000);
    if (!observable_normal(&observable, &buf))
        fail_msg("%.*s was refused", (int)observable.value.len, observable.value.ptr);
    if (!slice_eq(buf_slice(&buf), normal))
        fail_msg("%.*s became %.*s", (int)observable.value.len, observable.value.ptr, (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void expect_normal(enum observable_type type, const char *value, const char *normal)
{
    assert_null(observable_wrong(type, slice_of(value)));
    expect_bytes(of(type, slice_of(value)), slice_of(normal));
}

static void expect_wrong(enum observable_type type, slice value)
{
    struct observable observable = of(type, value);
    struct buf buf = buf_make(20000);
    buf_put(&buf, S("kept"));
    if (observable_normal(&observable, &buf))
        fail_msg("%.*s was accepted", (int)value.len, value.ptr);
    assert_true(slice_eq(buf_slice(&buf), S("kept")));
    assert_non_null(observable_wrong(type, value));
    buf_free(&buf);
}

static void addresses_are_binary_behind_their_family(void **state)
{
    (void)state;
    expect_bytes(of(OBSERVABLE_IPV4, S("192.0.2.1")), S("\x04\xc0\x00\x02\x01"));
    expect_bytes(of(OBSERVABLE_IPV6, S("2001:DB8::1")), S("\x06\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"));
    expect_bytes(of(OBSERVABLE_IPV4, S("::ffff:192.0.2.1")), S("\x04\xc0\x00\x02\x01"));
    expect_bytes(of(OBSERVABLE_IPV6, S("::ffff:192.0.2.1")), S("\x04\xc0\x00\x02\x01"));
}

static void addresses_are_of_their_family(void **state)
{
    (void)state;
    expect_wrong(OBSERVABLE_IPV4, S("2001:db8::1"));
    expect_wrong(OBSERVABLE_IPV6, S("192.0.2.1"));
    expect_wrong(OBSERVABLE_IPV4, S("192.0.2.1/32"));
    expect_wrong(OBSERVABLE_IPV4, S("www.example"));
}

static void prefixes_end_with_their_bits(void **state)
{
    (void)state;
    expect_bytes(of(OBSERVABLE_CIDR, S("192.0.2.9/24")), S("\x04\xc0\x00\x02\x00\x18"));
    expect_bytes(of(OBSERVABLE_CIDR, S("192.0.2.9")), S("\x04\xc0\x00\x02\x09\x20"));
    expect_bytes(of(OBSERVABLE_CIDR, S("2001:db8::/32")), S("\x06\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0\x20"));
    expect_wrong(OBSERVABLE_CIDR, S("192.0.2.0/33"));
}

static void names_are_lower_case_without_the_final_dot(void **state)
{
    (void)state;
    expect_normal(OBSERVABLE_HOST, "WWW.Example.", "www.example");
    expect_normal(OBSERVABLE_DOMAIN, "_dmarc.a-b.example", "_dmarc.a-b.example");
    expect_normal(OBSERVABLE_HOST, "localhost", "localhost");
    expect_normal(OBSERVABLE_HOST, "odd*%~name!.example", "odd*%~name!.example");
}

static void names_in_other_scripts_become_a_labels(void **state)
{
    (void)state;
    expect_normal(OBSERVABLE_HOST,
            "B\xc3\xbc"
            "cher.example",
            "xn--bcher-kva.example");
    expect_normal(OBSERVABLE_DOMAIN, "XN--bcher-KVA.example", "xn--bcher-kva.example");
    expect_normal(OBSERVABLE_HOST, "fa\xc3\x9f.example", "xn--fa-hia.example");
    /* The ideographic full stop separates labels, and full-width digits are digits. */
    expect_normal(OBSERVABLE_HOST,
            "b\xc3\xbc"
            "cher\xe3\x80\x82"
            "example",
            "xn--bcher-kva.example");
    expect_normal(
            OBSERVABLE_HOST, "\xef\xbc\x91\xef\xbc\x92.\xef\xbc\x91.\xef\xbc\x91.\xef\xbc\x91", "\x04\x0c\x01\x01\x01");
}

static void what_cannot_be_a_name_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {".", "..", "a..example", ".example", "a.example..", "a b.example",
            "a/b.example", "a:b.example", "a@b.example", "a?b.example", "a#b.example", "[a].example", "[", "]", "[]",
            "a\tb.example", "a\x7f.example", "\xff.example", "\xc3\xbc b.example", "a\xe2\x84\x80.example"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        expect_wrong(OBSERVABLE_HOST, slice_of(wrong[i]));
    expect_wrong(OBSERVABLE_HOST, S(""));
    expect_wrong(OBSERVABLE_HOST, (slice){NULL, 0});
    expect_wrong(OBSERVABLE_HOST, S("a\0.example"));
    expect_wrong(OBSERVABLE_HOST, S("\xc3\xbc\0.example"));
}

static void names_have_the_lengths_of_the_dns(void **state)
{
    (void)state;
    char name[1200];
    memset(name, 'a', sizeof(name));
    expect_bytes(of(OBSERVABLE_HOST, (slice){name, 63}), (slice){name, 63});
    expect_wrong(OBSERVABLE_HOST, (slice){name, 64});
    for (size_t i = 63; i < sizeof(name); i += 64)
        name[i] = '.';
    expect_bytes(of(OBSERVABLE_HOST, (slice){name, 253}), (slice){name, 253});
    expect_wrong(OBSERVABLE_HOST, (slice){name, 254});
    memcpy(name, "\xc3\xbc", 2);
    expect_wrong(OBSERVABLE_HOST, (slice){name, 1000});
    expect_wrong(OBSERVABLE_HOST, (slice){name, 1200});
}

static void a_host_that_is_an_address_is_that_address(void **state)
{
    (void)state;
    expect_bytes(of(OBSERVABLE_HOST, S("192.0.2.1")), S("\x04\xc0\x00\x02\x01"));
    expect_bytes(of(OBSERVABLE_DOMAIN, S("192.0.2.1.")), S("\x04\xc0\x00\x02\x01"));
    expect_bytes(of(OBSERVABLE_HOST, S("[2001:db8::1]")), S("\x06\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"));
}

static void urls_are_host_port_and_path(void **state)
{
    (void)state;
    static const char *const same[] = {"http://www.example/a?b=C", "https://www.example/a?b=C", "www.example/a?b=C",
            "HTTP://WWW.Example./a?b=C", "http://user:secret@www.example/a?b=C", "http://a@b@www.example:80/a?b=C",
            "https://www.example:443/a?b=C", "www.example:/a?b=C", "http://www.example:0080/a?b=C#part",
            "x-y+z.1://www.example/a?b=C"};
    for (size_t i = 0; i < COUNT_OF(same); i++)
        expect_normal(OBSERVABLE_URL, same[i], "www.example/a?b=C");
    expect_normal(OBSERVABLE_URL, "http://www.example:8080", "www.example:8080/");
    expect_normal(OBSERVABLE_URL, "http://www.example?q", "www.example/?q");
    expect_normal(OBSERVABLE_URL, "http://www.example#f", "www.example/");
    expect_normal(OBSERVABLE_URL, "http://www.example/%7Ea//../b c@:#?x", "www.example/%7Ea//../b c@:");
    expect_normal(OBSERVABLE_URL,
            "http://b\xc3\xbc"
            "cher.example/\xc3\xbc",
            "xn--bcher-kva.example/\xc3\xbc");
}

static void addresses_in_urls_are_binary(void **state)
{
    (void)state;
    slice v6 = S("\x06\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01:81/x");
    expect_bytes(of(OBSERVABLE_URL, S("http://192.0.2.1/x")), S("\x04\xc0\x00\x02\x01/x"));
    expect_bytes(of(OBSERVABLE_URL, S("http://[2001:DB8::1]:81/x")), v6);
    expect_bytes(of(OBSERVABLE_URL, S("http://[::ffff:192.0.2.1]/x")), S("\x04\xc0\x00\x02\x01/x"));
}

static void expect_pieces(slice host, uint16_t port, slice path, slice normal)
{
    struct observable url = {.type = OBSERVABLE_URL, .value = host, .port = port, .path = path};
    expect_bytes(url, normal);
}

static void urls_in_two_pieces_meet_those_in_one(void **state)
{
    (void)state;
    expect_pieces(S("WWW.example"), 0, S("/a?b"), S("www.example/a?b"));
    expect_pieces(S("www.example"), 80, S("/a"), S("www.example/a"));
    expect_pieces(S("www.example"), 443, S("/a"), S("www.example/a"));
    expect_pieces(S("www.example"), 8080, S("/a#f"), S("www.example:8080/a"));
    expect_pieces(S("www.example:8080"), 80, S("/a"), S("www.example:8080/a"));
    expect_pieces(S("www.example"), 0, S(""), S("www.example/"));
    expect_pieces(S("www.example"), 0, S("?b"), S("www.example/?b"));
    expect_pieces(S("[2001:db8::1]:8080"), 0, S("/"), S("\x06\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01:8080/"));
    expect_pieces(S("2001:db8::1"), 8080, S("/"), S("\x06\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01:8080/"));
}

static void what_cannot_be_a_url_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"http://", "http:///a", "/a", "?a", "#a", "http://www.example:x/", ":80/",
            "http://www.example:0/", "http://www.example:65536/", "http://user@/", "http://a..example/", "http://[::1/",
            "http://[::1]x/", "http://[www.example]/", "http://a b/"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        expect_wrong(OBSERVABLE_URL, slice_of(wrong[i]));
}

static void hashes_are_lower_case_hexadecimal(void **state)
{
    (void)state;
    static const char md5[] = "0123456789abcdef0123456789abcdef";
    expect_normal(OBSERVABLE_MD5, "0123456789ABCDEF0123456789abcdef", md5);
    expect_normal(OBSERVABLE_MD5, "0x0123456789ABCDEF0123456789abcdef", md5);
    expect_normal(OBSERVABLE_MD5, "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:ab:cd:ef", md5);
    expect_normal(OBSERVABLE_JA3, "0123456789ABCDEF0123456789ABCDEF", md5);
    expect_normal(
            OBSERVABLE_SHA1, "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

static void what_is_no_hash_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdeff",
            "0123456789abcdef0123456789abcdeg", "0x",
            "01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cdef:", "012:3:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef",
            "0x0x23456789abcdef0123456789abcdef"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        expect_wrong(OBSERVABLE_MD5, slice_of(wrong[i]));
    expect_wrong(OBSERVABLE_SHA256, S("0123456789abcdef0123456789abcdef"));
    expect_wrong(OBSERVABLE_SHA512, S("0123456789abcdef0123456789abcdef"));
}

static void mail_keeps_its_local_part_and_lowers_its_domain(void **state)
{
    (void)state;
    expect_normal(OBSERVABLE_EMAIL, "Some.One+tag@Mail.EXAMPLE", "Some.One+tag@mail.example");
    expect_normal(OBSERVABLE_EMAIL, "\"a @b\"@Mail.example.", "\"a @b\"@mail.example");
    expect_normal(OBSERVABLE_EMAIL,
            "a@b\xc3\xbc"
            "cher.example",
            "a@xn--bcher-kva.example");
    expect_bytes(of(OBSERVABLE_EMAIL, S("a@[192.0.2.1]")), S("a@\x04\xc0\x00\x02\x01"));
    static const char *const wrong[] = {"a", "@", "a@", "@a.example", "a@b@c.example", "a b@c.example", "a@b..example"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        expect_wrong(OBSERVABLE_EMAIL, slice_of(wrong[i]));
}

static void other_values_are_their_bytes(void **state)
{
    (void)state;
    expect_normal(OBSERVABLE_USERAGENT, "Mozilla/5.0 (X)", "Mozilla/5.0 (X)");
    expect_normal(OBSERVABLE_FILENAME, "Invoice.EXE", "Invoice.EXE");
    expect_bytes(of(OBSERVABLE_OTHER, S("a\0b\xff")), S("a\0b\xff"));
}

static void values_have_a_ceiling_and_a_floor(void **state)
{
    (void)state;
    static char text[8193];
    memset(text, 'a', sizeof(text));
    expect_bytes(of(OBSERVABLE_OTHER, (slice){text, 8192}), (slice){text, 8192});
    for (enum observable_type type = OBSERVABLE_IPV4; type < OBSERVABLE_TYPES; type++) {
        expect_wrong(type, (slice){text, 8193});
        expect_wrong(type, S(""));
        expect_wrong(type, (slice){NULL, 0});
    }
    struct observable url = {.type = OBSERVABLE_URL, .value = S("www.example"), .path = {text, 8193}};
    struct buf buf = buf_make(20000);
    assert_false(observable_normal(&url, &buf));
    buf_free(&buf);
}

static void a_value_without_a_type_has_no_normal_form(void **state)
{
    (void)state;
    expect_wrong(OBSERVABLE_NONE, S("x"));
}

static void what_does_not_fit_leaves_the_buf_alone(void **state)
{
    (void)state;
    struct observable host = of(OBSERVABLE_EMAIL, S("someone@www.example"));
    struct buf buf = buf_make(12);
    buf_put(&buf, S("a"));
    assert_false(observable_normal(&host, &buf));
    assert_true(slice_eq(buf_slice(&buf), S("a")));
    assert_true(buf.full);
    buf_free(&buf);
}

static void type_names_go_both_ways(void **state)
{
    (void)state;
    for (enum observable_type type = OBSERVABLE_IPV4; type < OBSERVABLE_OTHER; type++)
        assert_int_equal(observable_type_find(slice_of(observable_type_name(type))), type);
    assert_string_equal(observable_type_name(OBSERVABLE_SHA256), "sha256");
    assert_null(observable_type_name(OBSERVABLE_NONE));
    assert_null(observable_type_name(OBSERVABLE_OTHER));
    assert_int_equal(observable_type_find(S("windows-registry-key")), OBSERVABLE_OTHER);
    static const char *const wrong[] = {"", "Mutex", "a b", "a_b", "x\n"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(observable_type_find(slice_of(wrong[i])), OBSERVABLE_NONE);
}

static void bare_values_are_told_by_their_looks(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        enum observable_type type;
    } rows[] = {
            {"192.0.2.1", OBSERVABLE_IPV4},
            {"::ffff:192.0.2.1", OBSERVABLE_IPV4},
            {"2001:db8::1", OBSERVABLE_IPV6},
            {"192.0.2.0/24", OBSERVABLE_CIDR},
            {"2001:db8::/32", OBSERVABLE_CIDR},
            {"http://www.example", OBSERVABLE_URL},
            {"ftp://localhost/x", OBSERVABLE_URL},
            {"www.example/x", OBSERVABLE_URL},
            {"192.0.2.1/x.exe", OBSERVABLE_URL},
            {"192.0.2.1:8080/x", OBSERVABLE_URL},
            {"d41d8cd98f00b204e9800998ecf8427e", OBSERVABLE_MD5},
            {"DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", OBSERVABLE_SHA1},
            {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", OBSERVABLE_SHA256},
            {"a@www.example", OBSERVABLE_EMAIL},
            {"www.example", OBSERVABLE_DOMAIN},
            {"WWW.Example.", OBSERVABLE_DOMAIN},
            {"b\xc3\xbc"
             "cher.example",
                    OBSERVABLE_DOMAIN},
            {"", OBSERVABLE_NONE},
            {"192.0.2.0/33", OBSERVABLE_NONE},
            {"256.0.2.1", OBSERVABLE_NONE},
            {"1.2.3", OBSERVABLE_NONE},
            {"localhost", OBSERVABLE_NONE},
            {"some words", OBSERVABLE_NONE},
            {"a.example b", OBSERVABLE_NONE},
            {"either/or", OBSERVABLE_NONE},
            {"file:///etc/hosts", OBSERVABLE_NONE},
            {"a$b.example", OBSERVABLE_NONE},
            {"a.x", OBSERVABLE_NONE},
            {"deadbeef", OBSERVABLE_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (observable_guess(slice_of(rows[i].value)) != rows[i].type)
            fail_msg("%s looks like %d", rows[i].value, (int)observable_guess(slice_of(rows[i].value)));
    }
    assert_int_equal(observable_guess((slice){NULL, 0}), OBSERVABLE_NONE);
}

static void expect_refanged(const char *broken, const char *whole)
{
    struct buf buf = buf_make(200);
    assert_int_equal(observable_refang(slice_of(broken), &buf), strcmp(broken, whole) != 0);
    if (!slice_eq(buf_slice(&buf), slice_of(whole)))
        fail_msg("%s became %.*s", broken, (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void defanged_values_are_made_whole(void **state)
{
    (void)state;
    expect_refanged("hxxp://www[.]example/a", "http://www.example/a");
    expect_refanged("hXXps://www[.]example", "https://www.example");
    expect_refanged("hxxps[://]www(.)example", "https://www.example");
    expect_refanged("HXXP[:]//www{.}example", "http://www.example");
    expect_refanged("a[@]www[dot]example", "a@www.example");
    expect_refanged("a[at]www(DOT)example", "a@www.example");
    expect_refanged("a(at)www.example", "a@www.example");
    expect_refanged("192[.]0[.]2[.]1", "192.0.2.1");
    expect_refanged("2001[:]db8::1", "2001:db8::1");
}

static void whole_values_stay_as_they_are(void **state)
{
    (void)state;
    expect_refanged("", "");
    expect_refanged("http://www.example/(a)[b]{c}", "http://www.example/(a)[b]{c}");
    expect_refanged("http://[2001:db8::1]/", "http://[2001:db8::1]/");
    expect_refanged("hxxp.example", "hxxp.example");
    expect_refanged("ahxxp://x", "ahxxp://x");
    expect_refanged("hxx", "hxx");
    expect_refanged("[", "[");
    expect_refanged("[.", "[.");
}

/* A step of xorshift: the same "random" values in every run. */
static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Pieces that values are made of, so that random ones are often good and always nasty. */
static slice random_value(uint64_t *seed, char *text, size_t room)
{
    static const char *const pieces[] = {"www", ".", "Example", "example", "/", ":", "//", "http", "://", "@", "#", "?",
            "[", "]", "80", "443", "8080", "0", "192.0.2.1", "2001:db8::1", "::", "\xc3\xbc", "\xc3", "\xe3\x80\x82",
            "a", "-", "_", "%41", "\\", "xn--bcher-kva", "\"", " ", "*", "0x", "d41d8cd98f00b204e9800998ecf8427e",
            "[.]", "hxxp", "\x01", "\x04"};
    size_t count = 1 + next(seed) % 9, len = 0;
    for (size_t i = 0; i < count; i++) {
        slice piece = slice_of(pieces[next(seed) % COUNT_OF(pieces)]);
        if (piece.len > room - len)
            break;
        memcpy(text + len, piece.ptr, piece.len);
        len += piece.len;
    }
    return (slice){text, len};
}

/* Addresses are binary in their normal form, wherever they stand; such a form cannot be read again. */
static bool is_text(enum observable_type type, slice normal)
{
    if (type == OBSERVABLE_IPV4 || type == OBSERVABLE_IPV6 || type == OBSERVABLE_CIDR)
        return false;
    size_t at = type == OBSERVABLE_EMAIL ? (size_t)((const char *)memrchr(normal.ptr, '@', normal.len) + 1 - normal.ptr)
                                         : 0;
    return normal.ptr[at] != 4 && normal.ptr[at] != 6;
}

static bool is_stable(enum observable_type type, slice value)
{
    struct observable observable = of(type, value);
    struct buf once = buf_make(20000), twice = buf_make(20000);
    bool good = observable_normal(&observable, &once);
    assert_int_equal(good, observable_wrong(type, value) == NULL);
    if (good && is_text(type, buf_slice(&once))) {
        struct observable again = of(type, buf_slice(&once));
        if (!observable_normal(&again, &twice) || !slice_eq(buf_slice(&once), buf_slice(&twice)))
            fail_msg("type %d: %.*s became %.*s, then %.*s", (int)type, (int)value.len, value.ptr, (int)once.len,
                    once.ptr, (int)twice.len, twice.ptr);
    }
    buf_free(&once);
    buf_free(&twice);
    return good;
}

static void the_normal_form_of_random_values_is_stable(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    size_t good[OBSERVABLE_TYPES] = {0};
    char text[64];
    for (int round = 0; round < 20000; round++) {
        slice value = random_value(&seed, text, sizeof(text));
        for (enum observable_type type = OBSERVABLE_IPV4; type < OBSERVABLE_TYPES; type++)
            good[type] += is_stable(type, value);
    }
    assert_true(good[OBSERVABLE_HOST] > 500);
    assert_true(good[OBSERVABLE_URL] > 500);
    assert_true(good[OBSERVABLE_EMAIL] > 50);
    assert_true(good[OBSERVABLE_MD5] > 50);
}

static void a_guess_is_a_type_the_value_can_be_of(void **state)
{
    (void)state;
    uint64_t seed = 362436069;
    char text[64];
    for (int round = 0; round < 20000; round++) {
        slice value = random_value(&seed, text, sizeof(text));
        enum observable_type type = observable_guess(value);
        if (type != OBSERVABLE_NONE)
            assert_null(observable_wrong(type, value));
    }
}

static void making_whole_never_makes_longer(void **state)
{
    (void)state;
    uint64_t seed = 521288629;
    char text[64];
    for (int round = 0; round < 20000; round++) {
        slice value = random_value(&seed, text, sizeof(text));
        struct buf buf = buf_make(sizeof(text));
        bool changed = observable_refang(value, &buf);
        assert_int_equal(buf_check(&buf).kind, ERR_NONE);
        assert_true(buf.len <= value.len);
        assert_int_equal(changed, !slice_eq(buf_slice(&buf), value));
        buf_free(&buf);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(addresses_are_binary_behind_their_family),
            cmocka_unit_test(addresses_are_of_their_family),
            cmocka_unit_test(prefixes_end_with_their_bits),
            cmocka_unit_test(names_are_lower_case_without_the_final_dot),
            cmocka_unit_test(names_in_other_scripts_become_a_labels),
            cmocka_unit_test(what_cannot_be_a_name_is_refused),
            cmocka_unit_test(names_have_the_lengths_of_the_dns),
            cmocka_unit_test(a_host_that_is_an_address_is_that_address),
            cmocka_unit_test(urls_are_host_port_and_path),
            cmocka_unit_test(addresses_in_urls_are_binary),
            cmocka_unit_test(urls_in_two_pieces_meet_those_in_one),
            cmocka_unit_test(what_cannot_be_a_url_is_refused),
            cmocka_unit_test(hashes_are_lower_case_hexadecimal),
            cmocka_unit_test(what_is_no_hash_is_refused),
            cmocka_unit_test(mail_keeps_its_local_part_and_lowers_its_domain),
            cmocka_unit_test(other_values_are_their_bytes),
            cmocka_unit_test(values_have_a_ceiling_and_a_floor),
            cmocka_unit_test(a_value_without_a_type_has_no_normal_form),
            cmocka_unit_test(what_does_not_fit_leaves_the_buf_alone),
            cmocka_unit_test(type_names_go_both_ways),
            cmocka_unit_test(bare_values_are_told_by_their_looks),
            cmocka_unit_test(defanged_values_are_made_whole),
            cmocka_unit_test(whole_values_stay_as_they_are),
            cmocka_unit_test(the_normal_form_of_random_values_is_stable),
            cmocka_unit_test(a_guess_is_a_type_the_value_can_be_of),
            cmocka_unit_test(making_whole_never_makes_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
