/* SPDX-License-Identifier: Apache-2.0 */
#include "text/shown.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
    enum observable_type type;
    const char *value, *shown;
} values[] = {
        {OBSERVABLE_DOMAIN, "www.evil.example", "www[.]evil[.]example"},
        {OBSERVABLE_HOST, "localhost", "localhost"},
        {OBSERVABLE_IPV4, "198.51.100.7", "198[.]51[.]100[.]7"},
        {OBSERVABLE_IPV6, "2001:db8::7", "2001[:]db8::7"},
        {OBSERVABLE_CIDR, "203.0.113.0/24", "203[.]0[.]113[.]0/24"},
        {OBSERVABLE_CIDR, "2001:db8::/32", "2001[:]db8::/32"},
        {OBSERVABLE_URL, "http://evil.example", "hxxp://evil[.]example"},
        {OBSERVABLE_URL, "https://www.evil.example:8443/a.b?c=d.e#f", "hxxps://www[.]evil[.]example:8443/a.b?c=d.e#f"},
        {OBSERVABLE_URL, "https://a.b@evil.example?x=1.2", "hxxps://a[.]b@evil[.]example?x=1.2"},
        {OBSERVABLE_URL, "ftp://evil.example/x", "ftp[:]//evil[.]example/x"},
        {OBSERVABLE_URL, "evil.example/x.y", "evil[.]example/x.y"},
        {OBSERVABLE_URL, "http://198.51.100.7/", "hxxp://198[.]51[.]100[.]7/"},
        {OBSERVABLE_EMAIL, "a.user@evil.example", "a.user[@]evil[.]example"},
        {OBSERVABLE_EMAIL, "evil", "evil"},
        {OBSERVABLE_MD5, "d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e"},
        {OBSERVABLE_FILENAME, "evil.exe", "evil.exe"},
        {OBSERVABLE_OTHER, "a.b", "a.b"},
        {OBSERVABLE_NONE, "", ""},
};

static void values_are_defanged_and_can_be_refanged(void **state)
{
    (void)state;
    struct buf out = buf_make(1u << 10), back = buf_make(1u << 10);
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        shown_value_write(&out, values[i].type, slice_of(values[i].value));
        if (!slice_eq(buf_slice(&out), slice_of(values[i].shown)))
            fail_msg("%s: %.*s", values[i].value, (int)out.len, out.ptr);
        observable_refang(buf_slice(&out), &back);
        assert_true(slice_eq(buf_slice(&back), slice_of(values[i].value)));
        buf_reset(&out);
        buf_reset(&back);
    }
    buf_free(&out);
    buf_free(&back);
}

static void a_scheme_in_capitals_is_one(void **state)
{
    (void)state;
    struct buf out = buf_make(1u << 10);
    shown_value_write(&out, OBSERVABLE_URL, S("HTTPS://EVIL.example/"));
    assert_true(slice_eq(buf_slice(&out), S("HxxPS://EVIL[.]example/")));
    buf_reset(&out);
    shown_value_write(&out, OBSERVABLE_URL, S("javascript://evil.example/"));
    assert_true(slice_eq(buf_slice(&out), S("javascript[:]//evil[.]example/")));
    buf_free(&out);
}

static void assert_text(const char *text, size_t len, bool lines, const char *expected)
{
    struct buf out = buf_make(1u << 10);
    shown_text_write(&out, (slice){text, len}, lines);
    buf_byte(&out, 0);
    assert_string_equal(out.ptr, expected);
    buf_free(&out);
}

static void what_cannot_be_seen_becomes_visible(void **state)
{
    (void)state;
    assert_text("a\0b\x1b[31m\x7f", 9, false,
            "a\xE2\x90\x80"
            "b\xE2\x90\x9B[31m\xE2\x90\xA1");
    assert_text("a\r\nb\tc", 6, false,
            "a\xE2\x90\x8D\xE2\x90\x8A"
            "b\xE2\x90\x89"
            "c");
    assert_text("a\r\nb\tc", 6, true, "a\nb\tc");
    assert_text("a\rb", 3, true,
            "a\xE2\x90\x8D"
            "b");
    assert_text("exe.\xE2\x80\xAEgnp", 10, false, "exe.[U+202E]gnp");
    assert_text("pay\xE2\x80\x8Bpal\xC2\xAD", 11, true, "pay[U+200B]pal[U+00AD]");
    assert_text("\xC2\x9B\xEF\xBB\xBF", 5, false, "[U+009B][U+FEFF]");
    assert_text("\xF3\xA0\x81\x81", 4, true, "[U+E0041]");
    assert_text("\xE2\x80\x8D", 3, false, "[U+200D]");
    assert_text("\xE2\x80\x8D", 3, true, "\xE2\x80\x8D");
}

static void other_letters_stay_and_what_is_no_text_is_replaced(void **state)
{
    (void)state;
    assert_text("Kantor Pos \xC3\xA9\xE7\xBD\x91\xF0\x9F\xA5\x81", 20, false,
            "Kantor Pos \xC3\xA9\xE7\xBD\x91\xF0\x9F\xA5\x81");
    assert_text("\xFF"
                "a\xC3",
            3, false,
            "\xEF\xBF\xBD"
            "a\xEF\xBF\xBD");
    assert_text("\xED\xA0\x80", 3, false, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void an_internationalised_name_has_another_spelling(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
            {"b\xC3\xBC"
             "cher.example",
                    "xn--bcher-kva[.]example"},
            {"xn--bcher-kva.example", "b\xC3\xBC"
                                      "cher[.]example"},
            {"evil.example", NULL},
            {"EVIL.example", NULL},
            {"", NULL},
            {"xn--\xFF", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = buf_make(1u << 10);
        assert_int_equal(shown_other_name_write(&out, slice_of(rows[i][0])), rows[i][1] != NULL);
        assert_true(slice_eq(buf_slice(&out), slice_of(rows[i][1] == NULL ? "" : rows[i][1])));
        buf_free(&out);
    }
}

static void a_label_of_mixed_scripts_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool mixed;
    } rows[] = {
            {"paypal.example", false},
            {"p\xD0\xB0ypal.example", true},                             /* Latin and Cyrillic */
            {"xn--pypal-4ve.example", true},                             /* the same */
            {"\xD0\xBF\xD0\xBE\xD1\x87\xD1\x82\xD0\xB0.example", false}, /* Cyrillic, and Latin in another label */
            {"\xCE\xB1"
             "bc.example",
                    true}, /* Greek and Latin */
            {"\xE7\xBD\x91\xE7\xBB\x9C"
             "abc.example",
                    false},                                          /* Han and Latin */
            {"\xE6\x97\xA5\xE6\x9C\xAC\xE3\x81\xAE.example", false}, /* Han and Hiragana */
            {"\xE3\x81\xAE\xED\x95\x9C.example", true},              /* Hiragana and Hangul */
            {"b\xC3\xBC"
             "cher-1.example",
                    false},
            {"", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (shown_name_is_mixed(slice_of(rows[i].host)) != rows[i].mixed)
            fail_msg("row %zu: %s", i, rows[i].host);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(values_are_defanged_and_can_be_refanged),
            cmocka_unit_test(a_scheme_in_capitals_is_one),
            cmocka_unit_test(what_cannot_be_seen_becomes_visible),
            cmocka_unit_test(other_letters_stay_and_what_is_no_text_is_replaced),
            cmocka_unit_test(an_internationalised_name_has_another_spelling),
            cmocka_unit_test(a_label_of_mixed_scripts_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
