/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/responsibility.h"

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

static const char *part(const struct plan_responsible *row, enum plan_part which)
{
    const char *text = "";
    for (size_t i = 0; i < row->who_count[which]; i++)
        text = arena_printf(
                arena, "%s%s%.*s", text, i == 0 ? "" : "; ", (int)row->who[which][i].len, row->who[which][i].ptr);
    return text;
}

/* The table that comes with the program, read by hand for twenty incidents. */
static void twenty_incidents_equal_the_table(void **state)
{
    static const struct {
        const char *class, *local_class, *sector, *severity;
        bool vital;
        const char *row, *lead, *support, *informed;
    } rows[] = {
            {"test/test", "", "health", "critical", true, "test", "own", "", ""},
            {"malicious-code/infected-system", "", "health", "critical", true, "vital-critical", "sector-team", "own",
                    "National CERT"},
            {"malicious-code/infected-system", "", "health", "high", true, "vital-high", "sector-team", "own", ""},
            {"malicious-code/infected-system", "", "health", "medium", true, "sector", "own", "", "sector-team"},
            {"information-content-security/unauthorised-information-modification", "ransomware", "health", "critical",
                    false, "ransomware", "own", "sector-team", "Police"},
            {"information-content-security/unauthorised-information-modification", "ransomware", "health", "critical",
                    true, "vital-critical", "sector-team", "own", "National CERT"},
            {"information-content-security/unauthorised-information-modification", "ransomware", "", "high", false,
                    "ransomware", "own", "sector-team", "Police"},
            {"information-content-security/unauthorised-information-modification", "ransomware", "", "medium", false,
                    "otherwise", "own", "", ""},
            {"information-content-security/unauthorised-information-modification", "defacement", "government", "high",
                    false, "sector-high", "own", "sector-team", ""},
            {"information-content-security/unauthorised-information-modification", "defacement", "government", "low",
                    false, "otherwise", "own", "", ""},
            {"information-content-security/data-leak", "", "finance", "high", false, "data", "own", "sector-team", ""},
            {"information-content-security/data-leak", "", "", "medium", false, "data", "own", "sector-team", ""},
            {"information-content-security/data-leak", "", "", "low", false, "otherwise", "own", "", ""},
            {"fraud/phishing", "", "finance", "medium", false, "fraud", "own", "", "Police"},
            {"fraud/phishing", "", "finance", "critical", false, "fraud", "own", "", "Police"},
            {"fraud/phishing", "", "finance", "info", false, "otherwise", "own", "", ""},
            {"availability/ddos", "", "energy", "high", false, "sector-high", "own", "sector-team", ""},
            {"availability/ddos", "", "energy", "high", true, "vital-high", "sector-team", "own", ""},
            {"availability/ddos", "", "retail", "critical", false, "otherwise", "own", "", ""},
            {"", "", "", "medium", false, "otherwise", "own", "", ""},
    };
    struct plan_responsibility table;
    (void)state;
    struct err err = plan_responsibility_shipped(arena, &table);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(COUNT_OF(rows), 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct plan_facts facts = {.class = slice_of(rows[i].class),
                .local_class = slice_of(rows[i].local_class),
                .sector = slice_of(rows[i].sector),
                .severity = slice_of(rows[i].severity),
                .vital = rows[i].vital};
        const struct plan_responsible *row = plan_responsibility_find(&table, &facts);
        assert_non_null(row);
        assert_string_equal(arena_cstr(arena, row->name), rows[i].row);
        assert_string_equal(part(row, PLAN_LEAD), rows[i].lead);
        assert_string_equal(part(row, PLAN_SUPPORT), rows[i].support);
        assert_string_equal(part(row, PLAN_INFORMED), rows[i].informed);
    }
}

#define HEAD "[file]\nversion = 1\nsource = made up\n"

static void a_mistake_has_its_place(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
            {HEAD "[responsible a]\nsupport = own\n", "a.conf:4:1: this responsible has no lead"},
            {HEAD "[responsible a]\nlead = own; other\n", "a.conf:4:1: one leads, and no more"},
            {HEAD "[responsible a]\nlead = own\nseverity = grave\n", "a.conf:6:12: severity: info, low"},
            {HEAD "[responsible a]\nlead = own\nsupport = a;;b\n", "a.conf:6:11: support: names of organisations"},
            {HEAD "[responsible a]\nlead = own\nvital = maybe\n", "a.conf:6:9: vital: yes or no"},
            {HEAD "[responsible a]\nlead = own\nsupport = 1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17\n",
                    "a.conf:6:11: support: 16 organisations at the most"},
            {HEAD "[duty a]\n", "a.conf:4:1: a section is [file] or [responsible NAME]"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_responsibility table;
        struct err err = plan_responsibility_read("a.conf", slice_of(rows[i].text), NULL, NULL, arena, &table);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strstr(err.why, rows[i].why) == NULL)
            fail_msg("%s", err.why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(twenty_incidents_equal_the_table, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_mistake_has_its_place, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
