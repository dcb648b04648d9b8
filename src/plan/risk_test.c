/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/risk.h"

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

static struct plan_risks shipped(void)
{
    struct plan_risks rules;
    struct err err = plan_risks_shipped(arena, &rules);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return rules;
}

static const char *threat(const struct plan_risks *rules, const char *class, const char *local_class)
{
    const struct plan_risk_threat *found = plan_risk_threat_of(rules, slice_of(class), slice_of(local_class));
    return found == NULL ? "none" : arena_cstr(arena, found->name);
}

static void the_first_threat_that_fits_counts(void **state)
{
    struct plan_risks rules = shipped();
    (void)state;
    assert_string_equal(threat(&rules, "malicious-code/infected-system", ""), "malware");
    assert_string_equal(threat(&rules, "malicious-code/infected-system", "ransomware"), "ransomware");
    assert_string_equal(threat(&rules, "information-content-security/data-leak", ""), "data-leak");
    assert_string_equal(
            threat(&rules, "information-content-security/unauthorised-information-modification", ""), "tampering");
    assert_string_equal(threat(&rules, "", ""), "other");
    rules.threat_count--; /* the one that is anything */
    assert_string_equal(threat(&rules, "other/other", ""), "none");
}

static void likelihood_is_the_highest_step_whose_count_is_met(void **state)
{
    static const struct {
        int64_t counts[PLAN_RISK_STEPS]; /* of the days of each step: 2 has three years, the others one */
        int64_t wanted;
    } rows[] = {
            {{0, 0, 0, 0, 0}, 1},
            {{0, 1, 0, 0, 0}, 2},
            {{0, 9, 0, 0, 0}, 2},
            {{0, 1, 1, 1, 1}, 3},
            {{0, 2, 2, 2, 2}, 3},
            {{0, 3, 3, 3, 3}, 4},
            {{0, 5, 5, 5, 5}, 4},
            {{0, 6, 6, 6, 6}, 5},
            {{99, 99, 99, 99, 99}, 5},
    };
    struct plan_risks rules = shipped();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(plan_risk_likelihood(&rules, rows[i].counts), rows[i].wanted);
    assert_int_equal(plan_risk_days(&rules), 1095);
}

static size_t kind_at(const char *name)
{
    size_t at = 0;
    while (strcmp(plan_risk_impact_kind(at), name) != 0)
        at++;
    return at;
}

static void impact_is_the_highest_step_of_which_one_condition_holds(void **state)
{
    static const struct {
        const char *severity, *kind;
        uint64_t criticality, count;
        int64_t wanted;
    } rows[] = {
            {"info", "records", 0, 0, 1},
            {"low", "records", 39, 999, 2},
            {"info", "records", 40, 0, 3},
            {"info", "records", 0, 1000, 3},
            {"high", "records", 0, 0, 4},
            {"info", "patients-diverted", 0, 99, 4},
            {"info", "patients-harmed", 0, 1, 5},
            {"critical", "records", 0, 0, 5},
            {"low", "records", 100, 0, 5},
    };
    struct plan_risks rules = shipped();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_risk_facts facts = {.severity = slice_of(rows[i].severity), .criticality = rows[i].criticality};
        facts.counted[kind_at(rows[i].kind)] = rows[i].count;
        assert_int_equal(plan_risk_impact(&rules, &facts), rows[i].wanted);
    }
}

static void every_score_has_a_level(void **state)
{
    static const char *const wanted[PLAN_RISK_STEPS][PLAN_RISK_STEPS] = {
            {"low", "low", "low", "low", "medium"},
            {"low", "low", "medium", "medium", "high"},
            {"low", "medium", "medium", "high", "high"},
            {"low", "medium", "high", "high", "extreme"},
            {"medium", "high", "high", "extreme", "extreme"},
    };
    struct plan_risks rules = shipped();
    (void)state;
    for (int64_t likelihood = 1; likelihood <= PLAN_RISK_STEPS; likelihood++)
        for (int64_t impact = 1; impact <= PLAN_RISK_STEPS; impact++)
            assert_string_equal(arena_cstr(arena, plan_risk_level(&rules, likelihood, impact)->name),
                    wanted[likelihood - 1][impact - 1]);
}

#define HEAD "[file]\nversion = 1\nsource = made up\n"
#define ASSET "[asset a]\ntitle = A\n"
#define THREAT "[threat t]\ntitle = T\n"
#define LIKELY "[likelihood 2]\nincidents = 1\ndays = 9\n"
#define LEVEL "[level l]\ntitle = L\nscore = 1\ncolour = red\nreview-days = 9\n"
#define GOOD HEAD ASSET THREAT LIKELY LEVEL

static void a_mistake_has_its_place(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
            {GOOD "[goat g]\n",
                    "a.conf:16:1: a section is [file], [asset NAME], [threat NAME], [likelihood NAME], [impact NAME] "
                    "or [level NAME]"},
            {GOOD "[asset a]\n", "a.conf:16:1: another has this name already"},
            {GOOD "[asset b]\n", "a.conf:16:1: this asset has no title"},
            {GOOD "[asset b]\ntitle = \n", "a.conf:17:8: title: 1 to 200 bytes"},
            {GOOD "[threat b]\ntitle = B\nclasses = fraud/fishing\n",
                    "a.conf:18:11: classes: \"fraud/fishing\" is no taxonomy/type of RSIT"},
            {GOOD "[likelihood 6]\nincidents = 1\ndays = 1\n", "a.conf:16:1: a step is called 1, 2, 3, 4 or 5"},
            {GOOD "[likelihood 3]\nincidents = 0\ndays = 1\n", "a.conf:17:13: incidents: a whole number from 1 to"},
            {GOOD "[likelihood 3]\nincidents = 1\n", "a.conf:16:1: this likelihood has no days"},
            {GOOD "[impact 3]\n", "a.conf:16:1: it says no severity, criticality or counts"},
            {GOOD "[impact 3]\nseverity = grave\n", "a.conf:17:12: severity: info, low"},
            {GOOD "[impact 3]\ncriticality = 101\n", "a.conf:17:15: criticality: a whole number from 1 to 100"},
            {GOOD "[impact 3]\ncounts = goats 3\n", "a.conf:17:10: counts: kinds of impact with their least"},
            {GOOD "[impact 3]\ncounts = records 3; records 4\n", "a.conf:17:10: counts: the same is said twice"},
            {GOOD "[impact 3]\ncounts = records many\n", "a.conf:17:10: counts: a whole number"},
            {GOOD "[level m]\ntitle = M\nscore = 26\ncolour = red\nreview-days = 1\n",
                    "a.conf:18:9: score: a whole number from 1 to 25"},
            {GOOD "[level m]\ntitle = M\nscore = 2\ncolour = pink\nreview-days = 1\n",
                    "a.conf:19:10: colour: green, yellow, orange or red"},
            {GOOD "[level m]\ntitle = M\nscore = 1\ncolour = red\nreview-days = 1\n",
                    "a.conf:1:1: two levels begin at the same score"},
            {HEAD THREAT LIKELY LEVEL, "a.conf:1:1: a file has 1 to 64 classes of assets"},
            {HEAD ASSET LIKELY LEVEL, "a.conf:1:1: a file has 1 to 64 threats"},
            {HEAD ASSET THREAT LEVEL, "a.conf:1:1: a file says when something is likely"},
            {HEAD ASSET THREAT LIKELY, "a.conf:1:1: the lowest level begins at score 1"},
    };
    struct plan_risks rules;
    (void)state;
    assert_int_equal(plan_risks_read("a.conf", S(GOOD), NULL, NULL, arena, &rules).kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = plan_risks_read("a.conf", slice_of(rows[i].text), NULL, NULL, arena, &rules);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strstr(err.why, rows[i].why) == NULL)
            fail_msg("%s", err.why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(the_first_threat_that_fits_counts, set_up, tear_down),
            cmocka_unit_test_setup_teardown(likelihood_is_the_highest_step_whose_count_is_met, set_up, tear_down),
            cmocka_unit_test_setup_teardown(impact_is_the_highest_step_of_which_one_condition_holds, set_up, tear_down),
            cmocka_unit_test_setup_teardown(every_score_has_a_level, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_mistake_has_its_place, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
