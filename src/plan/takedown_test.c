/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/takedown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 4u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

#define FILE_HEAD "[file]\nversion = 1\nsource = a test\n"

static struct plan_takedowns table_of(const char *text)
{
    struct plan_takedowns table;
    struct err err = plan_takedown_read("own.conf", slice_of(text), NULL, NULL, arena, &table);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return table;
}

static void what_comes_with_the_program_reads(void **state)
{
    struct plan_takedowns table;
    struct plan_letter letter;
    (void)state;
    assert_int_equal(plan_takedown_shipped(arena, &table).kind, ERR_NONE);
    assert_true(table.count > 0);
    for (size_t i = 0; plan_letter_language(i) != NULL; i++) {
        slice language = slice_of(plan_letter_language(i));
        assert_int_equal(plan_letter_shipped(PLAN_TO_RECIPIENT, language, arena, &letter).kind, ERR_NONE);
        assert_true(slice_find_slice(letter.text, S("{url}")) < letter.text.len);
        assert_int_equal(plan_letter_shipped(PLAN_TO_IMITATED, language, arena, &letter).kind, ERR_NONE);
        assert_true(slice_find_slice(letter.text, S("{pages}")) < letter.text.len);
    }
    assert_int_equal(plan_letter_shipped(PLAN_TO_RECIPIENT, S("fr"), arena, &letter).kind, ERR_INPUT);
}

static void who_answers_for_a_name_or_an_address_fits(void **state)
{
    static const struct {
        const char *host;
        bool fits;
    } rows[] = {
            {"pages.example", true},
            {"toko.pages.example", true},
            {"badpages.example", false},
            {"pages.example.test", false},
            {"example", false},
            {"198.51.100.7", true},
            {"198.51.101.7", false},
            {"2001:db8::7", true},
            {"7.pages.example", true},
    };
    (void)state;
    const struct plan_takedowns table =
            table_of(FILE_HEAD "[takedown a]\nrecipient = host\nname = A\ndomains = pages.example  other.example\n"
                               "networks = 198.51.100.0/24 2001:db8::/32\naddress = abuse@a.example\nlanguage = zh\n");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(plan_takedown_fits(&table.rows[0], slice_of(rows[i].host)), rows[i].fits);
}

static void our_own_rows_come_before_those_of_the_same_name(void **state)
{
    (void)state;
    const struct plan_takedowns shipped =
            table_of(FILE_HEAD "[takedown a]\nrecipient = host\nname = A\naddress = abuse@a.example\nlanguage = en\n"
                               "[takedown b]\nrecipient = host\nname = B\naddress = abuse@b.example\nlanguage = en\n");
    const struct plan_takedowns own = table_of(
            FILE_HEAD "[takedown b]\nrecipient = platform\nname = B\naddress = https://b.example/\nlanguage = id\n");
    const struct plan_takedowns all = plan_takedown_merge(&own, &shipped, arena);
    assert_int_equal(all.count, 2);
    assert_true(slice_eq(all.rows[0].language, S("id")) && slice_eq(all.rows[1].name, S("a")));
}

static void a_mistake_has_its_place(void **state)
{
    static const struct {
        const char *line, *why;
    } rows[] = {
            {"recipient = court\n", "own.conf:5:13: recipient: host, registrar, registry or platform"},
            {"domains = .id\n", "own.conf:5:11: domains: names of domains"},
            {"domains = Pages.Example\n", "own.conf:5:11: domains: names of domains"},
            {"networks = 198.51.100.0/40\n", "own.conf:5:12: networks: addresses or prefixes"},
            {"address = abuse at a.example\n", "own.conf:5:11: address: an address of mail"},
            {"address = http://a.example/form\n", "own.conf:5:11: address: an address of mail"},
            {"language = fr\n", "own.conf:5:12: language: en, id or zh"},
            {"phone = 1\n", "own.conf:5:1:"},
            {"recipient = host\n", "own.conf:4:1: this takedown has no name"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_takedowns table;
        const char *text = arena_printf(arena, FILE_HEAD "[takedown a]\n%s", rows[i].line);
        struct err err = plan_takedown_read("own.conf", slice_of(text), NULL, NULL, arena, &table);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strncmp(err.why, rows[i].why, strlen(rows[i].why)) != 0)
            fail_msg("%s, not %s", err.why, rows[i].why);
    }
}

static void a_letter_has_its_words_filled_in(void **state)
{
    struct plan_letter letter;
    const struct plan_letter_fact facts[] = {{"url", S("hxxps://a[.]example/{name}")}, {"name", S("CERT Contoh")}};
    struct buf out = buf_make(1000);
    (void)state;
    assert_int_equal(
            plan_letter_read("en.txt", S("About {url}\n\nDear {recipient},\n{name}\n"), arena, &letter).kind, ERR_NONE);
    plan_letter_write(letter.subject, facts, COUNT_OF(facts), &out);
    buf_byte(&out, '|');
    plan_letter_write(letter.text, facts, COUNT_OF(facts), &out);
    /* what is filled in is not read again, and what is not known is a dash */
    assert_string_equal(arena_cstr(arena, buf_slice(&out)), "About hxxps://a[.]example/{name}|Dear -,\nCERT Contoh");
    buf_free(&out);
}

static void a_letter_with_a_slip_is_refused(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
            {"About\nDear {nobody}\n", "own.txt:2:6: in braces stand"},
            {"About {url\nDear\n", "own.txt:1:7: in braces stand"},
            {"About\n", "own.txt:1:1: a line with the subject"},
            {"\nDear\n", "own.txt:1:1: a line with the subject"},
            {"", "own.txt:1:1: a line with the subject"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_letter letter;
        struct err err = plan_letter_read("own.txt", slice_of(rows[i].text), arena, &letter);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strncmp(err.why, rows[i].why, strlen(rows[i].why)) != 0)
            fail_msg("%s, not %s", err.why, rows[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(what_comes_with_the_program_reads, set_up, tear_down),
            cmocka_unit_test_setup_teardown(who_answers_for_a_name_or_an_address_fits, set_up, tear_down),
            cmocka_unit_test_setup_teardown(our_own_rows_come_before_those_of_the_same_name, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_mistake_has_its_place, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_letter_has_its_words_filled_in, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_letter_with_a_slip_is_refused, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
