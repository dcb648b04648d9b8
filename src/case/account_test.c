/* SPDX-License-Identifier: Apache-2.0 */
#include "case/account.h"

#include "case/test_case.h"
#include "json/check.h"

#define SCRIPT "<script>alert(1)</script>"

static struct plan_rate dollars = {.currency = {"USD", 3},
        .in = {"IDR", 3},
        .day = {"2026-11-20", 10},
        .day_us = NOON - DAY_US,
        .text = {"16650.25", 8},
        .digits = 1665025,
        .scale = 100,
        .source = {"bank b", 6}};
static const struct plan_rates rates = {.currency = {"IDR", 3}, .rows = &dollars, .count = 1};
static struct actor officer;

static struct err observable_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_observable_add(work, verb->incident, S("domain"), S("pay.evil.example"));
}

static struct err entry_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_entry_add(work, verb->incident, verb->entry, &verb->number);
}

static struct err impact_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_impact_add(work, verb->incident, verb->impact, &verb->number);
}

static int64_t begin(struct test_store *store)
{
    clock_set(NOON);
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    int64_t number = test_incident(store, &officer, "Ransomware " SCRIPT);
    const struct incident_entry entry = {.kind = ENTRY_EVENT,
            .text = S("=1+1 nothing works\nsince ten"),
            .source = S("telephone"),
            .happened_us = NOON - HOUR_US,
            .due_us = TIME_NONE};
    const struct impact impact = {.kind = S("loss"),
            .low = IMPACT_UNKNOWN,
            .high = IMPACT_UNKNOWN,
            .unit = S(""),
            .basis = S(""),
            .confidence = S("low"),
            .at_us = TIME_NONE};
    struct test_verb verb = {.incident = number, .entry = &entry, .impact = &impact};
    test_ok(test_as(store, &officer, observable_action, &verb));
    test_ok(test_as(store, &officer, entry_action, &verb));
    test_ok(test_as(store, &officer, impact_action, &verb));
    test_party(store, &officer, number, test_served(store, "RS Melati"), PARTY_VICTIM);
    return number;
}

static slice account_of(struct test_store *store, const struct actor *actor, int64_t number,
        enum case_account_form form, enum language language)
{
    struct buf out = buf_make(CASE_ACCOUNT_MAX);
    const struct case_account_asked asked = {number, form, language, &rates};
    test_ok(case_account_write(store->db, actor, &asked, store->arena, &out));
    slice text = arena_copy(store->arena, buf_slice(&out));
    buf_free(&out);
    return text;
}

static bool holds(slice text, const char *part)
{
    return slice_find_slice(text, slice_of(part)) < text.len;
}

static size_t at(slice text, const char *part)
{
    assert_true(holds(text, part));
    return slice_find_slice(text, slice_of(part));
}

static void the_page_stands_by_itself_and_carries_its_label(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = begin(store);
    slice page = account_of(store, &officer, number, CASE_ACCOUNT_HTML, LANGUAGE_INDONESIAN);
    assert_true(holds(page, "<html lang=\"id\">") && holds(page, "Infrastruktur"));
    assert_true(holds(page, "<p class=\"tlp head\" style=\"color:#ffc000\">TLP:AMBER</p>"));
    assert_true(holds(page, "<p class=\"tlp foot\""));
    assert_false(holds(page, SCRIPT) || holds(page, "http://") || holds(page, "pay.evil"));
    assert_true(holds(page, "&lt;script&gt;") && holds(page, "pay[.]evil[.]example") && holds(page, "RS Melati"));
    assert_true(holds(page, "WIB") && holds(page, "UTC"));
}

static void loss(struct test_store *store, int64_t incident, int64_t least, int64_t most, const char *currency,
        int64_t organisation)
{
    const struct impact impact = {.kind = S("loss"),
            .low = least,
            .high = most,
            .unit = slice_of(currency),
            .basis = S("their books"),
            .confidence = S("low"),
            .organisation = organisation,
            .at_us = TIME_NONE};
    struct test_verb verb = {.incident = incident, .impact = &impact};
    test_ok(test_as(store, &officer, impact_action, &verb));
}

static void losses_are_told_in_one_currency_with_the_rate(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = begin(store), melati = test_served(store, "RS Mawar");
    loss(store, number, 100, 200, "USD", 0); /* in the place of the unknown one of begin() */
    loss(store, number, 5000, 7050, "IDR", melati);
    loss(store, number, 7, 7, "CHF", test_served(store, "RS Kenanga"));
    slice json = account_of(store, &officer, number, CASE_ACCOUNT_JSON, LANGUAGE_ENGLISH);
    static const char *const wanted[] = {
            "\"said_in\":\"USD\",\"least\":\"16650.25\",\"most\":\"33300.50\",\"currency\":\"IDR\","
            "\"rate\":\"1 USD = 16650.25 IDR, 2026-11-20, bank b\"",
            "\"organisation\":\"RS Mawar\",\"said_in\":\"IDR\",\"least\":\"50.00\",\"most\":\"70.50\"",
            "\"organisation\":\"RS Kenanga\",\"said_in\":\"CHF\",\"least\":\"unknown\",\"most\":\"unknown\","
            "\"currency\":\"IDR\",\"rate\":\"no rate: not in the sum\"",
            "\"organisation\":\"all together\",\"said_in\":\"\",\"least\":\"16700.25\",\"most\":\"33371.00\","
            "\"currency\":\"IDR\",\"rate\":\"without what is not known or has no rate\"",
    };
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        at(json, wanted[i]);
}

static void json_has_every_section_as_it_is(void **state)
{
    static const char *const wanted[] = {"\"value\":\"pay.evil.example\"", "\"least\":\"unknown\"", "\"closed\"",
            "\"organisation\":\"RS Melati\"", "\"evidence\":[]", "\"tasks\":[]", "\"name\":\"state\"",
            "\"title\":\"Ransomware " SCRIPT "\"", "\"until\":null"};
    struct test_store *store = ready(state);
    int64_t number = begin(store);
    slice json = account_of(store, &officer, number, CASE_ACCOUNT_JSON, LANGUAGE_ENGLISH);
    size_t offset;
    test_ok(json_check(slice_trim(json), &json_limits_default, &offset));
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        at(json, wanted[i]);
}

static void csv_is_the_timeline_in_its_order(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = begin(store);
    slice csv = account_of(store, &officer, number, CASE_ACCOUNT_CSV, LANGUAGE_ENGLISH);
    assert_true(slice_starts(csv, S("\"time\",\"kind\",\"text\",\"actor\",\"source\"\r\n")));
    assert_true(at(csv, "2026-11-21T11:00:00.000000Z") < at(csv, "incident.new")); /* it happened an hour before */
    assert_true(at(csv, "incident.new") < csv.len && holds(csv, "incident.party"));
    assert_true(holds(csv, "'=1+1") && !holds(csv, ",=1+1") && !holds(csv, "\"=1+1"));
}

static void who_sees_a_part_or_nothing_gets_no_account(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = begin(store);
    struct buf out = buf_make(CASE_ACCOUNT_MAX);
    struct actor admin = test_person(store, "ani", ROLE_CONSTITUENT_ADMIN);
    struct actor manager = test_person(store, "budi", ROLE_MANAGER);
    const struct case_account_asked asked = {number, CASE_ACCOUNT_JSON, LANGUAGE_ENGLISH, &rates};
    test_refused(case_account_write(store->db, &manager, &asked, store->arena, &out), ERR_MISSING, "no such incident");
    test_refused(case_account_write(store->db, &admin, &asked, store->arena, &out), ERR_MISSING, "no such incident");
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

#define CASE_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE_TEST(the_page_stands_by_itself_and_carries_its_label),
            CASE_TEST(losses_are_told_in_one_currency_with_the_rate),
            CASE_TEST(json_has_every_section_as_it_is),
            CASE_TEST(csv_is_the_timeline_in_its_order),
            CASE_TEST(who_sees_a_part_or_nothing_gets_no_account),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
