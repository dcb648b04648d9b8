/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/duty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"

#define HEAD "[file]\nversion = 2026-11\nsource = made up\n"
#define RULE(more)                                                                                                     \
    HEAD "[duty one]\ntitle = Tell\nsource = article 1\nseen = 2026-11-20\nfrom = 2024-01-01\nrecipient = them\n"      \
         "content = reporter contact\n" more

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 16u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static int64_t moment(const char *text)
{
    int64_t us;
    assert_true(time_parse_strict(slice_of(text), &us));
    return us;
}

static struct plan_duties read_ok(const char *text)
{
    struct plan_duties duties;
    struct err err = plan_duty_read("own.conf", slice_of(text), NULL, NULL, arena, &duties);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return duties;
}

static struct plan_duties all_shipped(void)
{
    struct plan_duties all;
    struct err err = plan_duty_shipped(arena, &all);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    for (size_t i = 0; i < all.count; i++)
        assert_ptr_equal(plan_duty_find(&all, all.rows[i].name), &all.rows[i]); /* no two have one name */
    return all;
}

/* Names of the duties that begin, in their order. */
static const char *begun(const struct plan_facts *facts, const char *known)
{
    struct plan_duties all = all_shipped();
    const char *names = "";
    for (size_t i = 0; i < all.count; i++)
        if (all.rows[i].start == PLAN_FROM_TIME && slice_eq(all.rows[i].time, S("known")) &&
                plan_duty_meets(&all.rows[i], facts, moment(known)))
            names = arena_printf(arena, "%s%.*s ", names, (int)all.rows[i].name.len, all.rows[i].name.ptr);
    return names;
}

static const struct plan_facts hospital = {.country = {"ID", 2},
        .kind = {"hospital", 8},
        .sector = {"health", 6},
        .class = {"malicious-code/infected-system", 30},
        .severity = {"critical", 8},
        .criticality = 90,
        .vital = true,
        .personal_data = true};

/* ---- What comes with the program ---- */

static void every_shipped_rule_has_both_languages_and_its_source(void **state)
{
    struct plan_duties all = all_shipped();
    (void)state;
    assert_true(all.count >= 20);
    for (size_t i = 0; i < all.count; i++) {
        const struct plan_duty *row = &all.rows[i];
        assert_true(row->title_other.len > 0 && row->recipient_other.len > 0 && row->source.len > 0);
        assert_true((row->note.len > 0) == (row->note_other.len > 0));
        assert_true(row->country_count > 0 && row->seen_us >= row->from_us);
    }
}

static void a_hospital_in_indonesia_has_its_four_clocks(void **state)
{
    struct plan_facts facts = hospital;
    (void)state;
    assert_string_equal(
            begun(&facts, "2026-11-20T22:40:00+07:00"), "id-pdp-subjects id-pdp-body id-bssn-sector id-bssn-national ");
    facts.vital = false;
    assert_string_equal(begun(&facts, "2026-11-20T22:40:00+07:00"), "id-pdp-subjects id-pdp-body id-bssn-high ");
    facts.personal_data = false;
    facts.severity = S("medium");
    assert_string_equal(begun(&facts, "2026-11-20T22:40:00+07:00"), "");
    assert_string_equal(begun(&hospital, "2023-11-20T22:40:00+07:00"), ""); /* before these rules held */
}

static void others_have_others(void **state)
{
    struct plan_facts facts = hospital;
    (void)state;
    facts.country = S("DE");
    assert_string_equal(begun(&facts, "2026-11-20T22:40:00+07:00"),
            "eu-gdpr-authority eu-gdpr-subjects eu-nis2-warning eu-nis2-notification ");
    facts.country = S("GB"); /* and none of a bill that is not in force */
    assert_string_equal(begun(&facts, "2026-11-20T22:40:00+07:00"), "gb-gdpr-authority gb-gdpr-subjects gb-nis ");
    facts.country = S("CN");
    assert_string_equal(begun(&facts, "2026-11-20T22:40:00+07:00"), "cn-critical ");
    facts.country = S("");
    assert_string_equal(begun(&facts, "2026-11-20T22:40:00+07:00"), "");
}

static void hours_are_real_hours_and_months_are_of_the_calendar(void **state)
{
    struct plan_duties all = all_shipped();
    (void)state;
    assert_true(plan_duty_due(plan_duty_find(&all, S("id-bssn-sector")), moment("2026-11-20T22:40:00+07:00")) ==
                moment("2026-11-21T22:40:00+07:00"));
    assert_true(plan_duty_due(plan_duty_find(&all, S("id-pdp-body")), moment("2026-11-20T22:40:00+07:00")) ==
                moment("2026-11-23T22:40:00+07:00"));
    assert_true(plan_duty_due(plan_duty_find(&all, S("cn-upward")), moment("2026-11-20T22:40:00Z")) ==
                moment("2026-11-20T23:10:00Z"));
    const struct plan_duty *final = plan_duty_find(&all, S("eu-nis2-final"));
    assert_true(plan_duty_due(final, moment("2026-01-31T10:00:00Z")) == moment("2026-02-28T10:00:00Z"));
    assert_true(plan_duty_due(final, moment("2026-12-15T10:00:00Z")) == moment("2027-01-15T10:00:00Z"));
    assert_true(plan_duty_due(plan_duty_find(&all, S("id-bssn-high")), 0) == TIME_NONE);
}

/* ---- Files ---- */

static void a_rule_that_was_kept_is_the_same_rule(void **state)
{
    struct plan_duties all = all_shipped();
    (void)state;
    for (size_t i = 0; i < all.count; i++) {
        struct plan_duty kept;
        struct err err = plan_duty_kept(all.rows[i].text, arena, &kept);
        assert_true(err.kind == ERR_NONE && slice_eq(kept.name, all.rows[i].name));
        assert_true(slice_eq(kept.version, all.rows[i].version) && slice_eq(kept.title, all.rows[i].title));
        assert_true(kept.minutes == all.rows[i].minutes && kept.content_count == all.rows[i].content_count);
    }
}

static void an_own_rule_stands_in_the_place_of_a_shipped_one(void **state)
{
    struct plan_duties own = read_ok(RULE("start = known\nhours = 5\n")), shipped = read_ok(RULE("start = known\n"));
    struct plan_duties all = plan_duty_merge(&own, &shipped, arena);
    (void)state;
    assert_true(all.count == 1 && all.rows[0].minutes == 300);
    assert_true(shipped.rows[0].minutes == 0);
}

static void what_is_broken_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
            {RULE("start = known\nhours = 0\n"), "own.conf:12:9: hours: a whole number from 1 to 8784"},
            {RULE("start = known\nhours = 2\nminutes = 3\n"), "own.conf:13:11: minutes: hours are said already"},
            {RULE("start = known\nhours = 2\nmonths = 3\n"), "own.conf:4:1: a clock has hours, minutes or months"},
            {RULE("start = tomorrow\n"), "own.conf:11:9: start: a time of the incident"},
            {RULE("start = filed\n"), "own.conf:4:1: start = filed says after which duty"},
            {RULE("start = known\nafter = one\n"), "own.conf:4:1: start = filed says after which duty"},
            {RULE("start = filed\nafter = two\n"), "own.conf:4:1: after: this file has no duty \"two\""},
            {RULE("start = filed\nafter = one two\n"), "own.conf:12:9: after: the name of one duty"},
            {RULE("start = known\nuntil = 2020-01-01\n"), "own.conf:4:1: it ends before it begins"},
            {RULE("start = known\nuntil = 1970-01-01\n"), "own.conf:12:9: until: that is before"},
            {RULE("start = known\nuntil = 2026-13-01\n"), "own.conf:12:9: until: a day is as"},
            {RULE("start = known\ncountries = idn\n"), "own.conf:12:13: countries: countries are two small letters"},
            {RULE("start = known\nvital = perhaps\n"), "own.conf:12:9: vital: yes or no"},
            {RULE("start = known\nseverity = awful\n"), "own.conf:12:12: severity: info, low"},
            {RULE("start = known\ncriticality = 101\n"), "own.conf:12:15: criticality: a whole number from 0 to 100"},
            {RULE("start = known\ncolour = red\n"), "own.conf:12:1: a duty has no field \"colour\""},
            {RULE("hours = 2\n"), "own.conf:4:1: this duty has no start"},
            {HEAD "[duty one]\ncontent = weather\n", "own.conf:5:11: content: \"weather\" is nothing that a form"},
            {HEAD "[duty one]\ncontent = contact contact\n", "own.conf:5:11: content: the same is said twice"},
            {HEAD "[rule one]\n", "own.conf:4:1: a section is [file] or [duty NAME]"},
            {"", "own.conf:1:1: the section [file] says version and source"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_duties duties;
        struct err err = plan_duty_read("own.conf", slice_of(rows[i].text), NULL, NULL, arena, &duties);
        if (err.kind != ERR_INPUT || strncmp(err.why, rows[i].why, strlen(rows[i].why)) != 0)
            fail_msg("%s: %s", rows[i].why, err.why == NULL ? "taken" : err.why);
    }
}

static void a_class_is_met_as_a_whole_or_by_its_kind(void **state)
{
    struct plan_duties own = read_ok(RULE("start = known\nclasses = malicious-code/ ransomware\n"));
    struct plan_facts facts = hospital;
    (void)state;
    assert_true(plan_duty_meets(own.rows, &facts, moment("2026-11-20T00:00:00Z")));
    facts.class = S("fraud/phishing");
    assert_false(plan_duty_meets(own.rows, &facts, moment("2026-11-20T00:00:00Z")));
    facts.local_class = S("ransomware");
    assert_true(plan_duty_meets(own.rows, &facts, moment("2026-11-20T00:00:00Z")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(every_shipped_rule_has_both_languages_and_its_source, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_hospital_in_indonesia_has_its_four_clocks, set_up, tear_down),
            cmocka_unit_test_setup_teardown(others_have_others, set_up, tear_down),
            cmocka_unit_test_setup_teardown(hours_are_real_hours_and_months_are_of_the_calendar, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_rule_that_was_kept_is_the_same_rule, set_up, tear_down),
            cmocka_unit_test_setup_teardown(an_own_rule_stands_in_the_place_of_a_shipped_one, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_broken_is_refused_with_its_place, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_class_is_met_as_a_whole_or_by_its_kind, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
