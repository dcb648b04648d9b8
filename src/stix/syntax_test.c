/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/syntax.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "stix/codes.h"

typedef bool question(slice text);

/* Texts between bars: all of them answer so. */
static void assert_answer(question *ask, bool wanted, const char *texts)
{
    slice rest = slice_of(texts), text;
    while (slice_next(&rest, '|', &text))
        if (ask(text) != wanted)
            fail_msg("'%.*s' is %s", (int)text.len, text.ptr, wanted ? "refused" : "taken");
}

static bool is_time(slice text)
{
    size_t digits;
    return stix_time_check(text, &digits);
}

static void timestamps_have_one_form_and_a_day_that_exists(void **state)
{
    (void)state;
    assert_answer(is_time, true,
            "2026-01-01T00:00:00Z|2024-02-29T23:59:60Z|2000-02-29T00:00:00.1Z|0001-01-01T00:00:00."
            "000000000000000000001Z");
    assert_answer(is_time, false,
            "|2026|2026-01-01|2026-01-01T00:00:00|2026-01-01T00:00:00z|2026-01-01t00:00:00Z|2026-01-01 00:00:00Z|"
            "2026-01-01T00:00:00+00:00|2026-01-01T00:00:00.Z|2026-01-01T00:00:00,1Z|2026-01-01T00:00:00.1|"
            "2026-02-29T00:00:00Z|1900-02-29T00:00:00Z|2026-04-31T00:00:00Z|2026-00-01T00:00:00Z|2026-13-01T00:00:00Z|"
            "2026-01-00T00:00:00Z|2026-01-01T24:00:00Z|2026-01-01T00:60:00Z|2026-01-01T00:00:61Z|2026-1-01T00:00:00Z|"
            "2026-01-01T00:00:0 Z|2026-01-01T00:00:00.1xZ|-026-01-01T00:00:00Z");
    size_t digits;
    assert_true(stix_time_check(S("2026-01-01T00:00:00.1200Z"), &digits));
    assert_int_equal(digits, 4);
}

static void timestamps_are_compared_by_instant_to_the_last_digit(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {
            {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", 0},
            {"2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.100000000000Z", 0},
            {"2026-01-01T00:00:00.983Z", "2026-01-01T00:00:00.983123Z", -1},
            {"2026-01-01T00:00:00.2Z", "2026-01-01T00:00:00.19999999999999Z", 1},
            {"2026-01-01T00:00:00.000000000000001Z", "2026-01-01T00:00:00Z", 1},
            {"2025-12-31T23:59:59.9Z", "2026-01-01T00:00:00Z", -1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int order = stix_time_order(slice_of(rows[i].a), slice_of(rows[i].b));
        int other = stix_time_order(slice_of(rows[i].b), slice_of(rows[i].a));
        assert_int_equal((order > 0) - (order < 0), rows[i].order);
        assert_int_equal((other > 0) - (other < 0), -rows[i].order);
    }
}

static void bytes_are_spelt_whole(void **state)
{
    (void)state;
    assert_answer(stix_syntax_hex, true, "00|4d5a|ABcd");
    assert_answer(stix_syntax_hex, false, "|0|4d5|zz|0x00");
    assert_answer(stix_syntax_base64, true, "|AAAA|AAA=|AA==|a+/9");
    assert_answer(stix_syntax_base64, false, "A|AA|AAA|AA=A|A===|====|AAA |AA-_|AAAA ...");
}

static void languages_are_tags_whose_language_is_registered(void **state)
{
    (void)state;
    assert_answer(stix_syntax_language, true,
            "en|id|EN|id-ID|zh-Hans-CN|sl-rozaj-biske|de-1996|x-drill|i-klingon|jav|bbb|bjn|qaa|qtz|en-x-a|und|mul|de-"
            "419");
    assert_answer(
            stix_syntax_language, false, "|e|foo|xq|en_US|en-|-en|en--US|en-toolongpart|x|1n|en-a|en-a-b|abcd|en US");
    assert_true(stix_code_country(S("ID")) && stix_code_country(S("id")) && !stix_code_country(S("UK")) &&
                !stix_code_country(S("IDN")) && !stix_code_country(S("")) && !stix_code_country(S("1D")));
}

static void addresses_have_the_spelling_of_their_part(void **state)
{
    (void)state;
    assert_answer(stix_syntax_ipv4, true, "192.0.2.1|192.0.2.0/24|0.0.0.0/0|192.0.2.1/32");
    assert_answer(stix_syntax_ipv4, false,
            "|192.0.2|192.0.2.1/|192.0.2.1/33|192.0.2.1/01|192.0.2.1/a|192.0.2.01|2001:db8::|foo");
    assert_answer(stix_syntax_ipv6, true, "2001:db8::1|::|2001:db8::/32|::ffff:192.0.2.1|2001:DB8::1/128");
    assert_answer(stix_syntax_ipv6, false, "|192.0.2.1|2001:db8::/|2001:db8::/129|2001:db8::/00|2001:db8|:::");
    assert_answer(stix_syntax_mac, true, "00:00:5e:00:53:01");
    assert_answer(stix_syntax_mac, false,
            "|00:00:5E:00:53:01|00-00-5e-00-53-01|0:0:5e:0:53:1|00:00:5e:00:53|00:00:5e:00:53:0g");
}

static void names_of_the_network(void **state)
{
    (void)state;
    assert_answer(stix_syntax_domain, true,
            "example|example.com|example.com.|_dmarc.example.com|xn--bcher-kva.example|b\xC3\xBC.example");
    assert_answer(stix_syntax_domain, false, "|.|a..b|.a|a b|a/b|a:1");
    assert_answer(stix_syntax_email, true, "a@example.com|a.b+c@example.com|\"a b\"@example.com|a@[192.0.2.1]");
    assert_answer(stix_syntax_email, false, "|a|@example.com|a@|A <a@example.com>|a b@example.com|a@b@");
    assert_answer(stix_syntax_uri, true,
            "http://example.com|https://example.com/a?b=c#d|urn:x:y|http://b\xC3\xBC.example/|mailto:a@b.example");
    assert_answer(stix_syntax_uri, false, "|foo|:a|http:|1http://a|http://a b|//example.com|ht tp://a");
    assert_answer(stix_syntax_mime, true, "text/plain|application/vnd.drill+json|Image/PNG|text/plain; charset=utf-8");
    assert_answer(stix_syntax_mime, false, "|text|text/|/plain|drill/plain|text/a b|text/;");
    assert_answer(stix_syntax_charset, true, "UTF-8|utf-8|windows-1252|ISO-8859-1|Shift_JIS|CP50220");
    assert_answer(stix_syntax_charset, false, "|drill|bla.bla.bla|UTF8|UTF-8 ");
}

static void products_are_named_by_thirteen_parts(void **state)
{
    (void)state;
    assert_answer(stix_syntax_cpe, true,
            "cpe:2.3:a:drill:drill:1.0:*:*:*:*:*:*:*|cpe:2.3:o:a:b:-:*:*:*:*:*:x64:*|"
            "cpe:2.3:a:d\\:e:f\\!:1:*:*:*:*:*:*:*");
    assert_answer(stix_syntax_cpe, false,
            "|cpe:/a:b:c|cpe:2.3:a|cpe:2.3:x:a:b:1:*:*:*:*:*:*:*|cpe:2.3:a:b:c:1:*:*:*:*:*:*|"
            "cpe:2.3:a:b:c:1:*:*:*:*:*:*:*:*|cpe:2.3:a::c:1:*:*:*:*:*:*:*|"
            "cpe:2.3:a:b c:c:1:*:*:*:*:*:*:*|cpe:2.3:a:b:c:1:*:*:*:*:*:*:\\");
}

static void names_follow_part_3(void **state)
{
    (void)state;
    char longest[252];
    memset(longest, 'a', sizeof longest);
    assert_answer(stix_name_property, true, "abc|a_b|x_drill_1|abc_");
    assert_answer(stix_name_property, false, "|ab|_abc|1abc|Abc|a-bc|abc!|a bc");
    assert_answer(stix_name_type, true, "abc|x-drill|a-1|abc-");
    assert_answer(stix_name_type, false, "|ab|-abc|1abc|Abc|a_bc|a--b");
    assert_answer(stix_name_key, true, "a|A-b_9");
    assert_answer(stix_name_key, false, "|a b|a.b|\xC3\xA9");
    assert_answer(stix_name_relation, true, "uses|a-1|9");
    assert_answer(stix_name_relation, false, "|Uses|a_b|a b");
    assert_true(stix_name_property((slice){longest, 250}) && !stix_name_property((slice){longest, 251}));
    assert_true(stix_name_type((slice){longest, 250}) && !stix_name_type((slice){longest, 251}));
    assert_true(stix_name_key((slice){longest, 250}) && !stix_name_key((slice){longest, 251}));
}

static void hashes_have_their_length(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t digits;
    } rows[] = {{"MD5", 32}, {"SHA-1", 40}, {"SHA-256", 64}, {"SHA-512", 128}, {"SHA3-256", 64}, {"SHA3-512", 128},
            {"TLSH", 70}};
    char text[130];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t len = 0; len < sizeof text; len++)
            assert_int_equal(
                    stix_hash_wrong(slice_of(rows[i].name), (slice){text, len}) == NULL, len == rows[i].digits);
    text[3] = 'g';
    assert_non_null(stix_hash_wrong(S("MD5"), (slice){text, 32}));
    assert_null(stix_hash_wrong(S("SSDEEP"), S("3:abc:def")));
    assert_non_null(stix_hash_wrong(S("SSDEEP"), S("abc:def")));
    assert_null(stix_hash_wrong(S("x_drill"), S("anything")));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(timestamps_have_one_form_and_a_day_that_exists),
            cmocka_unit_test(timestamps_are_compared_by_instant_to_the_last_digit),
            cmocka_unit_test(bytes_are_spelt_whole),
            cmocka_unit_test(languages_are_tags_whose_language_is_registered),
            cmocka_unit_test(addresses_have_the_spelling_of_their_part),
            cmocka_unit_test(names_of_the_network),
            cmocka_unit_test(products_are_named_by_thirteen_parts),
            cmocka_unit_test(names_follow_part_3),
            cmocka_unit_test(hashes_have_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
