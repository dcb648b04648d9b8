/* SPDX-License-Identifier: Apache-2.0 */
#include "share/test_release.h"

#include "share/consent.h"
#include "share/recall.h"
#include "json/read.h"

#define T1 "2026-01-01T00:00:00.000Z"
#define T2 "2026-02-01T00:00:00.000Z"

static void what_two_persons_let_go_goes(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_OWN, AMBER, ""),
            test_json(store, "indicator", 2, T1, TEST_OWN, RED, "")};
    test_rule(store, b, TLP_AMBER);
    struct test_import import = test_came(store, "desk", json, 2);
    test_follow(store, &b, 1);
    size_t count;
    const char *read = test_reads(store, b, &count);
    assert_int_equal(count, 1);
    assert_non_null(strstr(read, json[0]));
    assert_string_equal(test_rule_of(store, b, import.outcomes[1].number), "tlp");
    assert_true(test_acts(store, "release.decided") > 0);
}

static void the_first_of_a_kind_is_asked_about_once(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *json[30];
    for (int i = 0; i < 30; i++)
        json[i] = test_json(store, "indicator", i + 1, T1, TEST_OWN, AMBER, "");
    struct test_import import = test_came(store, "desk", json, 30);
    test_follow(store, &b, 1);
    assert_string_equal(test_reads(store, b, NULL), "");
    assert_string_equal(test_rule_of(store, b, import.outcomes[0].number), "persons");
    struct ask_row *asks;
    size_t count;
    test_ok(store_ask_list(store->db, false, 0, 10, store->arena, &asks, &count));
    assert_int_equal(count, 1);
    assert_int_equal(asks[0].count, 30);
    struct actor ayu = test_person(store, "ayu", ROLE_COORDINATOR), budi = test_person(store, "budi", ROLE_MANAGER);
    struct share_proposal proposal;
    test_ok(share_ask_answer(
            store->db, &ayu, asks[0].number, SHARE_REPLY_KIND, NOON + DAY_US, S("as agreed"), store->arena, &proposal));
    assert_false(proposal.done);
    test_follow(store, &b, 1);
    assert_string_equal(test_reads(store, b, NULL), "");
    test_ok(share_approve(store->db, &budi, proposal.number, NULL, store->arena));
    test_follow(store, &b, 1);
    test_reads(store, b, &count);
    assert_int_equal(count, 30);
}

static void an_ask_expires_to_no(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_OWN, AMBER, "")};
    struct ask_row *asks;
    size_t count;
    test_came(store, "desk", json, 1);
    test_follow(store, &b, 1);
    clock_set(NOON + test_options.ask_us + DAY_US);
    test_follow(store, &b, 1);
    test_ok(store_ask_list(store->db, true, 0, 10, store->arena, &asks, &count));
    assert_int_equal(count, 1);
    assert_int_equal(asks[0].state, ASK_EXPIRED);
    assert_string_equal(test_reads(store, b, NULL), "");
}

/* B's object goes neither back to B nor on to C, who is asked for consent of B for each such object. */
static void what_came_from_a_partner_stays(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:AMBER", "ask"), test_partner(store, "C", TEST_C, "TLP:AMBER", "no")};
    const char *json[] = {test_json(store, "indicator", 1, T1, NULL, AMBER, "")};
    test_rule(store, sides[0], TLP_AMBER);
    test_rule(store, sides[1], TLP_AMBER);
    struct test_import import = test_came(store, "partner/B", json, 1);
    test_follow(store, sides, 2);
    assert_string_equal(test_reads(store, sides[0], NULL), "");
    assert_string_equal(test_reads(store, sides[1], NULL), "");
    assert_string_equal(test_rule_of(store, sides[0], import.outcomes[0].number), "returned");
    assert_string_equal(test_rule_of(store, sides[1], import.outcomes[0].number), "originator");
    struct consent *rows;
    size_t count;
    test_ok(store_consent_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_true(rows[0].state == CONSENT_TO_ASK && rows[0].recipient == sides[1]->partner);
}

/* The same from two sources: the copy of a feed does not make B's object anybody else's. */
static void a_second_source_widens_nothing(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:AMBER", "no"), test_partner(store, "C", TEST_C, "TLP:AMBER", "yes")};
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_B, AMBER, "")};
    const char *loose[] = {test_json(store, "indicator", 1, T2, TEST_B, CLEAR, "")};
    test_rule(store, sides[0], TLP_AMBER);
    test_rule(store, sides[1], TLP_AMBER);
    test_came(store, "partner/B", json, 1);
    test_came(store, "partner/C", loose, 1);
    test_came(store, "a feed", loose, 1);
    test_follow(store, sides, 2);
    assert_string_equal(test_reads(store, sides[0], NULL), "");
    assert_string_equal(test_reads(store, sides[1], NULL), "");
}

/* ---- References ---- */

static void what_refers_to_each_other_goes_together(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *feed = "identity--6b616c61-0000-4000-8000-0000000000ff";
    const char *ref = arena_printf(store->arena, ",\"object_refs\":[\"%s\",\"%s\"],\"published\":\"" T1 "\"",
            test_uuid(store, "malware", 1), test_uuid(store, "malware", 2));
    const char *json[] = {test_json(store, "report", 3, T1, NULL, GREEN, ref),
            test_json(store, "malware", 1, T1, NULL, GREEN, ""), test_json(store, "malware", 2, T1, NULL, RED, "")};
    (void)feed;
    test_rule(store, b, TLP_AMBER);
    struct test_import import = test_came(store, "of a paper", json, 3);
    test_follow(store, &b, 1);
    size_t count;
    const char *read = test_reads(store, b, &count);
    assert_null(strstr(read, test_uuid(store, "malware", 2)));
    (void)import;
}

static void what_waits_for_an_id_goes_when_it_came(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *feed = "identity--6b616c61-0000-4000-8000-00000000000a";
    const char *ref = arena_printf(
            store->arena, ",\"object_refs\":[\"%s\"],\"published\":\"" T1 "\"", test_uuid(store, "malware", 1));
    const char *first[] = {test_json(store, "report", 3, T1, feed, GREEN, ref)};
    const char *later[] = {test_json(store, "malware", 1, T1, feed, GREEN, "")};
    test_rule(store, b, TLP_AMBER);
    test_came(store, "desk", first, 1);
    test_follow(store, &b, 1);
    assert_null(strstr(test_reads(store, b, NULL), test_uuid(store, "malware", 1)));
    test_came(store, "desk", later, 1);
    test_follow(store, &b, 1);
    const char *read = test_reads(store, b, NULL);
    assert_non_null(strstr(read, later[0]));
    assert_non_null(strstr(read, "\"report\""));
}

/* ---- Versions, judgements, undoing ---- */

static void the_newest_version_and_revoking_reach_who_had_it(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *one[] = {test_json(store, "indicator", 1, T1, TEST_OWN, AMBER, "")};
    const char *two[] = {test_json(store, "indicator", 1, T2, TEST_OWN, AMBER, ",\"revoked\":true")};
    struct recall *recalls;
    size_t count;
    test_rule(store, b, TLP_AMBER);
    test_came(store, "desk", one, 1);
    test_follow(store, &b, 1);
    test_came(store, "desk", two, 1);
    test_follow(store, &b, 1);
    const char *read = test_reads(store, b, &count);
    assert_int_equal(count, 2);
    assert_non_null(strstr(read, two[0]));
    test_ok(store_recall_list(store->db, b->partner, true, 0, 10, store->arena, &recalls, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(recalls[0].cause, S("revoked")));
}

static void what_becomes_stricter_is_not_served_any_more(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *one[] = {test_json(store, "indicator", 1, T1, TEST_OWN, AMBER, "")};
    const char *two[] = {test_json(store, "indicator", 1, T2, TEST_OWN, RED, "")};
    test_rule(store, b, TLP_AMBER);
    test_came(store, "desk", one, 1);
    test_follow(store, &b, 1);
    test_came(store, "desk", two, 1);
    test_follow(store, &b, 1);
    assert_string_equal(test_reads(store, b, NULL), "");
}

static void an_undone_import_is_recalled(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *one[] = {test_json(store, "indicator", 1, T1, TEST_OWN, AMBER, "")};
    struct recall *recalls;
    size_t count;
    test_rule(store, b, TLP_AMBER);
    struct test_import import = test_came(store, "desk", one, 1);
    test_follow(store, &b, 1);
    test_ok(test_work(store, test_import_undo_action, &import.number));
    test_follow(store, &b, 1);
    assert_string_equal(test_reads(store, b, NULL), "");
    test_ok(store_recall_list(store->db, 0, true, 0, 10, store->arena, &recalls, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(recalls[0].cause, S("withdrawn")) && recalls[0].told == RECALL_UNTOLD);
}

/* ---- Generations ---- */

static void a_new_generation_is_decided_anew(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_OWN, AMBER, ""),
            test_json(store, "indicator", 2, T1, TEST_OWN, GREEN, "")};
    struct test_sql sql = {.sql = "UPDATE agreement SET generation = generation + 1, terms = $1", .count = 1};
    size_t count, did;
    test_rule(store, b, TLP_AMBER);
    test_came(store, "desk", json, 2);
    test_follow(store, &b, 1);
    test_reads(store, b, &count);
    assert_int_equal(count, 2);
    sql.values[0] = db_bytes(slice_of(test_terms(store, TEST_B, "TLP:GREEN", "no")));
    test_ok(test_work(store, test_sql_action, &sql));
    test_reads(store, b, &count);
    assert_int_equal(count, 0); /* at once */
    test_follow(store, &b, 1);
    assert_non_null(strstr(test_reads(store, b, &count), json[1]));
    assert_int_equal(count, 1);
    sql.values[0] = db_bytes(slice_of(test_terms(store, TEST_B, "TLP:AMBER", "no")));
    test_ok(test_work(store, test_sql_action, &sql));
    test_follow(store, &b, 1);
    test_reads(store, b, &count);
    assert_int_equal(count, 2);
    struct share_release_state *states;
    test_ok(share_release_states(store->db, store->arena, &states, &count));
    assert_true(count == 1 && states[0].done && states[0].generation == 3);
    test_ok(share_release_some(test_releaser, 100, &did));
    assert_int_equal(did, 0);
}

/* What was made for a partner is made once: deciding again changes neither its id nor its bytes. */
static void a_derived_object_stays_what_it_is(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:GREEN", "no");
    const char *part = ",\"description\":\"for us alone\",\"granular_markings\":[{\"marking_ref\":\"" AMBER
                       "\",\"selectors\":[\"description\"]}]";
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_OWN, GREEN, part)};
    struct test_sql sql = {.sql = "UPDATE agreement SET generation = generation + 1"};
    size_t count;
    test_rule(store, b, TLP_GREEN);
    test_came(store, "desk", json, 1);
    test_follow(store, &b, 1);
    const char *before = test_reads(store, b, &count);
    assert_int_equal(count, 1);
    assert_null(strstr(before, "for us alone"));
    assert_null(strstr(before, test_uuid(store, "indicator", 1)));
    clock_set(NOON + 5 * MINUTE_US);
    test_ok(test_work(store, test_sql_action, &sql));
    test_follow(store, &b, 1);
    assert_string_equal(test_reads(store, b, NULL), before);
}

int main(void)
{
#define RELEASE_TEST(test) TEST_ON_BOTH(test, set_up, release_tear_down)
    const struct CMUnitTest tests[] = {
            RELEASE_TEST(what_two_persons_let_go_goes),
            RELEASE_TEST(the_first_of_a_kind_is_asked_about_once),
            RELEASE_TEST(an_ask_expires_to_no),
            RELEASE_TEST(what_came_from_a_partner_stays),
            RELEASE_TEST(a_second_source_widens_nothing),
            RELEASE_TEST(what_refers_to_each_other_goes_together),
            RELEASE_TEST(what_waits_for_an_id_goes_when_it_came),
            RELEASE_TEST(the_newest_version_and_revoking_reach_who_had_it),
            RELEASE_TEST(what_becomes_stricter_is_not_served_any_more),
            RELEASE_TEST(an_undone_import_is_recalled),
            RELEASE_TEST(a_new_generation_is_decided_anew),
            RELEASE_TEST(a_derived_object_stays_what_it_is),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
