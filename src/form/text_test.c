/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "form/golden_test.h"

static void text_is_never_guessed(void **state)
{
    (void)state;
    assert_int_equal(form_text.recognise(S("see bad[.]example")), 0);
    assert_ptr_equal(form_find(S("text")), &form_text);
}

static void what_is_broken_is_found_wherever_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } rows[] = {
            {"hxxps://bad[.]example/a?b=c.", "1 url value='https://bad.example/a?b=c'\n"},
            {"(192[.]0[.]2[.]1)", "1 ipv4 value='192.0.2.1'\n"},
            {"\"bad[.]example\",'worse[.]example'", "1 domain value='bad.example'\n1 domain value='worse.example'\n"},
            {"a[.]example,b[.]example;c[.]example",
                    "1 domain value='a.example'\n1 domain value='b.example'\n1 domain value='c.example'\n"},
            {"[link](hxxp://bad[.]example/x)", "1 url value='http://bad.example/x'\n"},
            {"<hxxp://bad[.]example/x_(y)>", "1 url value='http://bad.example/x_(y)'\n"},
            {"IP:198[.]51[.]100[.]7", "1 ipv4 value='198.51.100.7'\n"},
            {"| 2001[:]db8::7 |", "1 ipv6 value='2001:db8::7'\n"},
            {"203.0.113[.]0/24", "1 cidr value='203.0.113.0/24'\n"},
            {"someone[@]bad.example", "1 email value='someone@bad.example'\n"},
            {"\xe2\x80\x9c"
             "bad[.]example\xe2\x80\x9d",
                    "1 domain value='bad.example'\n"},
            {"setup[.]zip", "1 domain value='setup.zip'\n"},
            {"over\ntwo bad[.]example lines", "2 domain value='bad.example'\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_tells(&form_text, rows[i].text, rows[i].told);
}

static void hashes_and_ids_need_no_breaking(void **state)
{
    (void)state;
    assert_tells(&form_text, "bad[.]example d41d8cd98f00b204e9800998ecf8427e, CVE-2026-12345; T1059.001 (T0801)",
            "1 domain value='bad.example'\n1 md5 value='d41d8cd98f00b204e9800998ecf8427e'\n"
            "1 other name='vulnerability' value='CVE-2026-12345'\n"
            "1 other name='attack-pattern' value='T1059.001'\n1 other name='attack-pattern' value='T0801'\n");
    assert_tells(&form_text, "cve-2026-0001 MD5=d41d8cd98f00b204e9800998ecf8427e",
            "1 other name='vulnerability' value='CVE-2026-0001'\n1 md5 value='d41d8cd98f00b204e9800998ecf8427e'\n");
    assert_tells(&form_text, "CVE-2026-1 CVE-26-12345 T2000 T1059.1 XT1059", "");
}

/* Rule 1. */
static void what_can_be_clicked_is_talk_where_others_cannot(void **state)
{
    (void)state;
    assert_tells(&form_text, "we at https://csirt.example/ saw bad[.]example, write to soc@csirt.example",
            "skipped value that can be clicked, in a text that breaks others\n1 domain value='bad.example'\n"
            "skipped value that can be clicked, in a text that breaks others\n");
    assert_tells(
            &form_text, "we saw bad.example and 192.0.2.1", "1 domain value='bad.example'\n1 ipv4 value='192.0.2.1'\n");
}

/* Rule 2. */
static void four_numbers_may_be_a_version(void **state)
{
    (void)state;
    static const char *const texts[] = {
            "version 10.2.3.4", "Firmware 10.2.3.4 is", "before 10.2.3.4", "ver. 10.2.3.4,", "build 10.2.3.4"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_tells(&form_text, texts[i], "skipped version number\n");
    assert_tells(&form_text, "v10.2.3.4 10.2.3 1.2.3.4.5", "");
    assert_tells(&form_text, "address 10.2.3.4", "1 ipv4 value='10.2.3.4'\n");
    assert_tells(&form_text, "version 10[.]2[.]3[.]4", "1 ipv4 value='10.2.3.4'\n");
    assert_tells(&form_text, "127.0.0.1", "skipped address that means no host of others\n");
    assert_tells(&form_text, "http://localhost:8080/x", "skipped address that means no host of others\n");
    assert_tells(&form_text, "0.0.0.0/0", "skipped prefix of a large part of the internet\n");
}

/* Rule 3. */
static void files_are_no_names(void **state)
{
    (void)state;
    static const char *const files[] = {"readme.md", "run.sh", "main.py", "lib.so", "tool.pl", "a.rs", "x.zip"};
    for (size_t i = 0; i < COUNT_OF(files); i++)
        assert_tells(&form_text, files[i], "skipped name that may be that of a file\n");
    assert_tells(&form_text, "www.bad.sh", "1 domain value='www.bad.sh'\n");
    assert_tells(&form_text, "invoice.exe node.js libc.so.6 e.g.",
            "skipped word with a dot that is no name we know\n"
            "skipped word with a dot that is no name we know\n");
    assert_tells(&form_text, "Bad.Example ASP.NET",
            "skipped word with a dot and capital letters\n"
            "skipped word with a dot and capital letters\n");
}

/* Rules 4 and 5. */
static void colons_and_commits_are_no_values(void **state)
{
    (void)state;
    assert_tells(&form_text, "abc::def", "skipped word with colons that is hardly an address\n");
    assert_tells(&form_text, "std::cout 10:29:58 a/b/c", "");
    assert_tells(&form_text, "2001:db8::1", "1 ipv6 value='2001:db8::1'\n");
    assert_tells(&form_text, "commit da39a3ee5e6b4b0d3255bfef95601890afd80709", "skipped commit of a source\n");
    assert_tells(&form_text, "file da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "1 sha1 value='da39a3ee5e6b4b0d3255bfef95601890afd80709'\n");
}

static void long_words_cost_no_more_than_short_ones(void **state)
{
    (void)state;
    static const char marks[] = {')', ']', '[', ',', '=', '.', ':', 'a', '%'};
    size_t len = 4u << 20;
    char *text = malloc(len);
    assert_non_null(text);
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        struct told told = {.quiet = true};
        memset(text, marks[i], len);
        for (size_t at = 8000; at < len; at += 8001)
            text[at] = ' ';
        int64_t from = clock_steady_us();
        assert_int_equal(told_read(&form_text, (slice){text, len}, &told).kind, ERR_NONE);
        assert_true(clock_steady_us() - from < 20000000);
    }
    free(text);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(text_is_never_guessed),
            cmocka_unit_test(what_is_broken_is_found_wherever_it_stands),
            cmocka_unit_test(hashes_and_ids_need_no_breaking),
            cmocka_unit_test(what_can_be_clicked_is_talk_where_others_cannot),
            cmocka_unit_test(four_numbers_may_be_a_version),
            cmocka_unit_test(files_are_no_names),
            cmocka_unit_test(colons_and_commits_are_no_values),
            cmocka_unit_test(long_words_cost_no_more_than_short_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
