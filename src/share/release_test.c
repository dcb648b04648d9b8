/* SPDX-License-Identifier: Apache-2.0 */
#include "share/test_release.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "share/consent.h"
#include "share/keys.h"
#include "share/recall.h"
#include "share/statement.h"
#include "store/group.h"
#include "store/recall.h"
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

/* Two persons let go what they saw: a later version that is marked stricter is another matter, and so is a part of it.
 */
static void who_agreed_to_green_did_not_agree_to_amber(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *part = ",\"granular_markings\":[{\"marking_ref\":\"" AMBER "\",\"selectors\":[\"name\"]}]";
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_OWN, GREEN, ""),
            test_json(store, "malware", 2, T1, TEST_OWN, GREEN, part)};
    const char *later[] = {test_json(store, "indicator", 1, T2, TEST_OWN, AMBER, "")};
    struct test_rule named = {.row = {.partner = b->partner,
                                      .type = S("indicator"),
                                      .id = slice_of(test_uuid(store, "indicator", 1)),
                                      .highest = TLP_GREEN,
                                      .until_us = INT64_MAX}};
    struct test_rule kind = {.row = {.partner = b->partner,
                                     .type = S("malware"),
                                     .id = S(""),
                                     .highest = TLP_GREEN,
                                     .until_us = INT64_MAX}};
    size_t count;
    test_ok(test_work(store, test_rule_action, &named));
    test_ok(test_work(store, test_rule_action, &kind));
    struct test_import import = test_came(store, "desk", json, 2);
    test_follow(store, &b, 1);
    assert_non_null(strstr(test_reads(store, b, &count), json[0]));
    assert_int_equal(count, 1);
    assert_string_equal(test_rule_of(store, b, import.outcomes[1].number), "persons");
    import = test_came(store, "desk", later, 1);
    struct test_sql sql = {.sql = "DELETE FROM released_kind"}; /* as if it were the first of its kind */
    test_ok(test_work(store, test_sql_action, &sql));
    test_follow(store, &b, 1);
    assert_null(strstr(test_reads(store, b, NULL), AMBER));
    assert_string_equal(test_rule_of(store, b, import.outcomes[0].number), "persons");
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

/* No marking is not CLEAR, whatever somebody else says who has the same. */
static void a_second_source_marks_nothing_that_was_not(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:AMBER", "yes"), test_partner(store, "C", TEST_C, "TLP:AMBER", "yes")};
    const char *bare[] = {test_json(store, "indicator", 1, T1, NULL, NULL, ""),
            test_json(store, "indicator", 2, T1, NULL, CLEAR, ",\"labels\":[\"kentongan:residency=ID\"]")};
    const char *loose[] = {test_json(store, "indicator", 1, T1, NULL, CLEAR, ""),
            test_json(store, "indicator", 2, T1, NULL, CLEAR, "")};
    test_rule(store, sides[1], TLP_AMBER);
    test_came(store, "partner/B", bare, 2);
    test_came(store, "a feed", loose, 2);
    test_follow(store, sides, 2);
    assert_string_equal(test_reads(store, sides[1], NULL), "");
}

/* What a partner says of an id of ours is a claim: ours goes on, to others and to that partner. */
static void a_claim_changes_nothing_of_ours(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:AMBER", "no"), test_partner(store, "C", TEST_C, "TLP:AMBER", "no")};
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_OWN, GREEN, "")};
    const char *claim[] = {test_json(store, "indicator", 1, T1, TEST_OWN, RED, "")};
    const char *later[] = {test_json(store, "indicator", 1, T2, TEST_OWN, GREEN, "")};
    test_rule(store, sides[0], TLP_AMBER);
    test_rule(store, sides[1], TLP_AMBER);
    test_came(store, "partner/B", claim, 1);
    test_came(store, "desk", json, 1);
    test_follow(store, sides, 2);
    test_came(store, "desk", later, 1);
    test_follow(store, sides, 2);
    for (size_t i = 0; i < 2; i++) {
        size_t count;
        const char *read = test_reads(store, sides[i], &count);
        assert_int_equal(count, 2);
        assert_non_null(strstr(read, later[0]));
        assert_null(strstr(read, RED));
    }
}

/* Who sends without end waits behind itself: what others send, and what takes back, is decided meanwhile. */
static void who_sends_much_delays_nobody_else(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:AMBER", "no"), test_partner(store, "C", TEST_C, "TLP:AMBER", "no")};
    test_rule(store, sides[1], TLP_AMBER);
    for (int i = 0; i < 200; i++) {
        const char *json[] = {test_json(store, "indicator", 100 + i, T1, NULL, GREEN, "")};
        test_came(store, "partner/B", json, 1);
    }
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_OWN, GREEN, "")};
    test_came(store, "desk", json, 1);
    size_t did;
    test_ok(share_release_some(test_releaser, 20, &did));
    test_sign(store, sides[1]);
    assert_non_null(strstr(test_reads(store, sides[1], NULL), json[0]));
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
    struct release_progress progress;
    test_ok(store_progress_get(store->db, b->agreement, store->arena, &progress));
    assert_true(progress.generation == 3 && progress.done_us != TIME_NONE);
    test_ok(share_release_some(test_releaser, 100, &did));
    assert_int_equal(did, 0);
}

/* Given whole at first, then cut: who has both learns that they belong together; who has one of them does not. */
static void who_has_both_is_told_what_was_derived_from_what(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:GREEN", "no"), *c;
    const char *part = ",\"description\":\"for us alone\",\"granular_markings\":[{\"marking_ref\":\"" AMBER
                       "\",\"selectors\":[\"description\"]}]";
    const char *first[] = {test_json(store, "indicator", 1, T1, TEST_OWN, GREEN, "")};
    const char *then[] = {test_json(store, "indicator", 1, T2, TEST_OWN, GREEN, part)};
    struct test_sql sql = {.sql = "UPDATE agreement SET generation = generation + 1"};
    size_t count;
    test_rule(store, b, TLP_GREEN);
    test_came(store, "desk", first, 1);
    test_follow(store, &b, 1);
    test_reads(store, b, &count);
    assert_int_equal(count, 1);
    c = test_partner(store, "C", TEST_C, "TLP:GREEN", "no"); /* comes later: has the derived one alone */
    test_rule(store, c, TLP_GREEN);
    test_came(store, "desk", then, 1);
    struct test_side *both[] = {b, c};
    test_follow(store, both, 2);
    const char *read = test_reads(store, b, &count), *other = test_reads(store, c, NULL);
    assert_non_null(strstr(read, "\"relationship_type\":\"derived-from\""));
    assert_non_null(
            strstr(read, arena_printf(store->arena, "\"target_ref\":\"%s\"", test_uuid(store, "indicator", 1))));
    assert_null(strstr(read, "for us alone"));
    assert_null(strstr(other, "derived-from"));
    assert_null(strstr(other, test_uuid(store, "indicator", 1)));
    test_ok(test_work(store, test_sql_action, &sql));
    test_follow(store, both, 2);
    assert_string_equal(test_reads(store, b, NULL), read); /* once */
}

struct test_group {
    const char *terms;
};

static struct err group_action(struct work *work, void *context)
{
    const struct test_group *put = context;
    struct group group = {.id = S("6f0d5c1e-2b3a-4c4d-8e5f-a0b1c2d3e4f5"), .name = S("Health")};
    const slice nodes[] = {S(TEST_OWN), S(TEST_B)};
    if (store_group_find(work->db, group.id, work->arena, &group).kind == ERR_MISSING)
        TRY(store_group_add(work, &group, &group.number));
    group.state = GROUP_ACTIVE;
    group.version = group.accepted = 1;
    group.terms = slice_of(put->terms);
    TRY(store_group_change(work, &group));
    return store_group_members_put(work, group.number, nodes, COUNT_OF(nodes));
}

#define GROUP(marking)                                                                                                 \
    "{\"marking\":\"" marking "\",\"meetings\":[],\"members\":[{\"name\":\"CERT Contoh\",\"node\":\"" TEST_OWN         \
    "\"},{\"name\":\"CERT Example\",\"node\":\"" TEST_B                                                                \
    "\"}],\"name\":\"Health\",\"purpose\":\"Protecting hospitals\","                                                   \
    "\"rules\":{\"days\":14,\"majority\":{\"of\":3,\"yes\":2},\"quorum\":2},\"version\":1}"

/* Without TLP it is what the group agreed on, where that is stricter than the agreement with who gets it. */
static void what_is_shared_in_a_group_without_tlp_has_its_marking(void **state)
{
    static const struct {
        const char *terms, *rule;
    } cases[] = {{GROUP("TLP:GREEN"), ""}, {GROUP("TLP:AMBER+STRICT"), "highest"}};
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    test_rule(store, b, TLP_AMBER_STRICT);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct test_group group = {cases[i].terms};
        const char *json[] = {test_json(store, "indicator", (int)i + 1, T1, TEST_OWN, NULL,
                ",\"labels\":[\"kentongan:sharing-group=\\\"6f0d5c1e-2b3a-4c4d-8e5f-a0b1c2d3e4f5\\\"\"]")};
        test_ok(test_work(store, group_action, &group));
        struct test_import import = test_came(store, "desk", json, 1);
        test_follow(store, &b, 1);
        assert_string_equal(test_rule_of(store, b, import.outcomes[0].number), cases[i].rule);
    }
}

/* Two persons agree to a list: all of it, and no more. */
static void a_yes_to_these_is_for_each_that_has_asked_and_no_other(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *json[30], *more[1];
    for (int i = 0; i < 30; i++)
        json[i] = test_json(store, "indicator", i + 1, T1, TEST_OWN, AMBER, "");
    test_came(store, "desk", json, 30);
    test_follow(store, &b, 1);
    struct ask_row *asks;
    size_t count;
    test_ok(store_ask_list(store->db, false, 0, 10, store->arena, &asks, &count));
    struct actor ayu = test_person(store, "ayu", ROLE_COORDINATOR), budi = test_person(store, "budi", ROLE_MANAGER);
    struct share_proposal proposal;
    test_ok(share_ask_answer(store->db, &ayu, asks[0].number, SHARE_REPLY_THESE, NOON + DAY_US, S("as agreed"),
            store->arena, &proposal));
    more[0] = test_json(store, "indicator", 31, T1, TEST_OWN, AMBER, "");
    test_came(store, "desk", more, 1);
    test_follow(store, &b, 1);
    test_refused(
            share_approve(store->db, &budi, proposal.number, NULL, store->arena), ERR_CONFLICT, "more has asked since");
    test_ok(share_ask_answer(store->db, &ayu, asks[0].number, SHARE_REPLY_THESE, NOON + DAY_US, S("these too"),
            store->arena, &proposal));
    test_ok(share_approve(store->db, &budi, proposal.number, NULL, store->arena));
    more[0] = test_json(store, "indicator", 32, T1, TEST_OWN, AMBER, "");
    test_came(store, "desk", more, 1);
    test_follow(store, &b, 1);
    test_reads(store, b, &count);
    assert_int_equal(count, 31); /* not the one that came behind them */
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

struct asked {
    struct ask_row row;
    int64_t object;
    bool open;
};

static struct err ask_raise(struct work *work, void *context)
{
    struct asked *asked = context;
    return store_ask_raise(work, &asked->row, asked->object++, &asked->open);
}

static slice first_id(struct test_store *store, const struct test_side *side)
{
    const char *read = test_reads(store, side, NULL);
    return json_text(json_get(slice_part(slice_of(read), 0, slice_find(slice_of(read), '\n')), S("id")), store->arena);
}

/* Nobody can put two and two together by comparing ids. */
static void a_derived_object_has_an_id_for_each_partner(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:GREEN", "yes"), test_partner(store, "C", TEST_C, "TLP:GREEN", "yes")};
    const char *part = ",\"description\":\"for us alone\",\"granular_markings\":[{\"marking_ref\":\"" AMBER
                       "\",\"selectors\":[\"description\"]}]";
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_OWN, GREEN, part)};
    test_rule(store, sides[0], TLP_GREEN);
    test_rule(store, sides[1], TLP_GREEN);
    test_came(store, "desk", json, 1);
    test_follow(store, sides, 2);
    slice for_b = first_id(store, sides[0]), for_c = first_id(store, sides[1]);
    assert_true(for_b.len > 0 && for_c.len > 0 && !slice_eq(for_b, for_c));
    /* A recall by hand reaches both, by the id that we know. */
    struct actor ayu = test_person(store, "ayu", ROLE_COORDINATOR);
    struct recall *recalls;
    size_t count;
    test_ok(share_recall(
            store->db, &ayu, 0, slice_of(test_uuid(store, "indicator", 1)), S("a mistake"), store->arena, &count));
    assert_int_equal(count, 2);
    test_ok(store_recall_list(store->db, 0, true, 0, 10, store->arena, &recalls, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(recalls[0].id, for_b) && slice_eq(recalls[1].id, for_c));
}

/* What comes back to us goes nowhere. */
static void a_derived_object_that_comes_back_goes_nowhere(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:GREEN", "yes"), test_partner(store, "C", TEST_C, "TLP:GREEN", "yes")};
    const char *part = ",\"description\":\"for us alone\",\"granular_markings\":[{\"marking_ref\":\"" AMBER
                       "\",\"selectors\":[\"description\"]}]";
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_OWN, GREEN, part)};
    test_rule(store, sides[0], TLP_GREEN);
    test_rule(store, sides[1], TLP_GREEN);
    test_came(store, "desk", json, 1);
    test_follow(store, sides, 2);
    slice for_b = first_id(store, sides[0]);
    /* B sends it back, as its own word. */
    const char *read = test_reads(store, sides[0], NULL);
    const char *back[] = {arena_cstr(store->arena, slice_trim(slice_of(read)))};
    struct test_import import = test_came(store, "partner/B", back, 1);
    test_follow(store, sides, 2);
    assert_string_equal(test_rule_of(store, sides[1], import.outcomes[0].number), "returned");
    assert_null(strstr(test_reads(store, sides[1], NULL), arena_cstr(store->arena, for_b)));
}

/* However much asks for one partner, the others are asked about as ever. */
static void questions_have_a_ceiling_for_each_partner(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct asked asked = {.row = {.rule = S("persons"), .expires_us = NOON + DAY_US, .partner = 1}};
    for (int i = 0; i <= ASKS_OPEN_MAX; i++) {
        asked.row.type = slice_of(arena_printf(store->arena, "x-kind-%d", i));
        test_ok(test_work(store, ask_raise, &asked));
        assert_int_equal(asked.open, i < ASKS_OPEN_MAX);
    }
    asked.row.partner = 2;
    test_ok(test_work(store, ask_raise, &asked));
    assert_true(asked.open);
}

static struct err served_add(struct work *work, void *context)
{
    const struct organisation_put put = {
            .name = slice_of(context), .kind = S("hospital"), .relation = RELATION_CONSTITUENT};
    int64_t number;
    TRY(store_organisation_add(work, &put, &number));
    return store_organisation_state(work, number, ORGANISATION_ACTIVE);
}

/* What was met today leaves when the day is over, without the hour and the count. */
static void sightings_leave_when_their_window_is_over(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    for (int i = 0; i < 6; i++) {
        char name[32];
        snprintf(name, sizeof name, "Hospital %d", i);
        struct err err = test_work(store, served_add, name);
        assert_true(err.kind == ERR_NONE || err.kind == ERR_CONFLICT);
    }
    const char *seen = arena_printf(store->arena,
            "{\"type\":\"sighting\",\"spec_version\":\"2.1\",\"id\":\"%s\",\"created_by_ref\":\"" TEST_OWN
            "\",\"created\":\"" T1 "\",\"modified\":\"" T1 "\",\"first_seen\":\"2026-11-21T09:41:07Z\","
            "\"last_seen\":\"2026-11-21T09:43:21Z\",\"count\":17,\"sighting_of_ref\":\"%s\","
            "\"object_marking_refs\":[\"" GREEN "\"]}",
            test_uuid(store, "sighting", 9), test_uuid(store, "indicator", 1));
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_OWN, GREEN, ""), seen};
    test_rule(store, b, TLP_AMBER);
    struct test_import import = test_came(store, "desk", json, 2);
    test_follow(store, &b, 1);
    assert_null(strstr(test_reads(store, b, NULL), "sighting"));
    assert_string_equal(test_rule_of(store, b, import.outcomes[1].number), "window");
    clock_set(NOON + DAY_US);
    test_follow(store, &b, 1);
    const char *read = test_reads(store, b, NULL);
    assert_non_null(strstr(read, "\"sighting\""));
    assert_null(strstr(read, "09:41:07"));
    assert_null(strstr(read, "\"count\":17"));
}

/* ---- What several partners know together ---- */

#define SECTORS 8
#define SPIES 3

struct serving {
    char name[32], sector[32], identity[64];
};

static struct err sector_add(struct work *work, void *context)
{
    const struct serving *serving = context;
    const struct organisation_put put = {.name = slice_of(serving->name),
            .kind = S("hospital"),
            .sector = slice_of(serving->sector),
            .identity = slice_of(serving->identity),
            .relation = RELATION_CONSTITUENT};
    int64_t number;
    TRY(store_organisation_add(work, &put, &number));
    return store_organisation_state(work, number, ORGANISATION_ACTIVE);
}

static struct test_side *spy(struct test_store *store, const char *name, const char *node, unsigned least)
{
    struct test_side *side = arena_new(store->arena, struct test_side, 1);
    *side = (struct test_side){.name = name, .node = node};
    side->terms =
            arena_printf(store->arena, "{\"meant_least\":%u,%s", least, test_terms(store, node, "TLP:AMBER", "no") + 1);
    test_ok(test_work(store, test_side_action, side));
    test_rule(store, side, TLP_AMBER);
    return side;
}

/* The sector that what it reads says of the sighting of this indicator; -1: it has none of it, or none is said. */
static int sector_said(struct test_store *store, const struct test_side *side, int indicator)
{
    const char *about =
            arena_printf(store->arena, "\"sighting_of_ref\":\"%s\"", test_uuid(store, "indicator", indicator));
    slice all = slice_of(test_reads(store, side, NULL)), line;
    while (slice_next(&all, '\n', &line)) {
        const char *text = arena_cstr(store->arena, line), *at = strstr(text, "sector:sector-");
        if (strstr(text, about) == NULL)
            continue;
        for (int i = 0; i < SECTORS * 8; i++)
            assert_null(strstr(text, arena_printf(store->arena, "--6b616c61-0000-4000-8000-0000000077%02d", i)));
        if (at != NULL)
            return at[strlen("sector:sector-")] - '0'; /* fewer than ten */
    }
    return -1;
}

/*
 * Each asks for another number of those who could be meant. However they put together what they were given of one
 * sighting, as many are left as the one who asks for the fewest agreed to.
 */
static void partners_together_know_no_fewer_than_one_alone(void **state)
{
    struct test_store *store = ready(state);
    unsigned least[SPIES] = {2, 3, 5}, size[SECTORS], seed = (unsigned)clock_now_us() ^ (unsigned)getpid(), said = 0;
    const char *nodes[SPIES] = {TEST_B, TEST_C, "identity--6b616c61-0000-4000-8000-00000000000d"};
    const char *names[SPIES] = {"B", "C", "D"}, *json[2 * SECTORS];
    struct test_side *spies[SPIES];
    test_node(store);
    print_message("# seed %u\n", seed);
    for (int i = 0; i < SPIES; i++)
        spies[i] = spy(store, names[i], nodes[i], least[i]);
    for (int i = 0, all = 0; i < SECTORS; i++) {
        size[i] =
                (unsigned)i < 2 ? 1 + (unsigned)i * 6 : 1 + (unsigned)rand_r(&seed) % 7; /* 1 and 7 are always there */
        for (unsigned j = 0; j < size[i]; j++, all++) {
            struct serving serving;
            snprintf(serving.name, sizeof serving.name, "Klinik %d-%u", i, j);
            snprintf(serving.sector, sizeof serving.sector, "sector-%d", i);
            snprintf(
                    serving.identity, sizeof serving.identity, "identity--6b616c61-0000-4000-8000-0000000077%02d", all);
            test_ok(test_work(store, sector_add, &serving));
        }
        json[2 * i] = test_json(store, "indicator", 100 + i, T1, TEST_OWN, GREEN, "");
        json[2 * i + 1] = arena_printf(store->arena,
                "{\"type\":\"sighting\",\"spec_version\":\"2.1\",\"id\":\"%s\",\"created_by_ref\":\"" TEST_OWN
                "\",\"created\":\"" T1 "\",\"modified\":\"" T1 "\",\"first_seen\":\"2026-11-21T09:41:07Z\","
                "\"last_seen\":\"2026-11-21T09:43:21Z\",\"count\":17,\"sighting_of_ref\":\"%s\","
                "\"where_sighted_refs\":[\"identity--6b616c61-0000-4000-8000-0000000077%02d\"],"
                "\"object_marking_refs\":[\"" GREEN "\"]}",
                test_uuid(store, "sighting", 200 + i), test_uuid(store, "indicator", 100 + i), all - 1);
    }
    test_came(store, "desk", json, 2 * SECTORS);
    clock_set(NOON + DAY_US);
    test_follow(store, spies, SPIES);
    for (int i = 0; i < SECTORS; i++) {
        unsigned fewest = UINT_MAX;
        for (int j = 0; j < SPIES; j++) {
            int sector = sector_said(store, spies[j], 100 + i);
            assert_true(sector == -1 || sector == i); /* never two: nothing can be put together */
            if (sector == i)
                fewest = least[j] < fewest ? least[j] : fewest;
            said += sector == i;
        }
        if (fewest != UINT_MAX && size[i] < fewest)
            fail_msg("sector %d has %u members, and %u were agreed on", i, size[i], fewest);
    }
    assert_true(said >= SPIES); /* that of seven goes to all */
}

/* A national team serves thousands; the last of them is told as little as the first. */
static void none_of_many_constituents_is_named(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    for (int i = 0; i < 300; i++) {
        char name[32];
        snprintf(name, sizeof name, "Klinik %03d", i);
        test_ok(test_work(store, served_add, name));
    }
    const char *json[] = {
            test_json(store, "indicator", 1, T1, TEST_OWN, GREEN, ",\"description\":\"seen at klinik 299\""),
            test_json(store, "indicator", 2, T1, TEST_OWN, GREEN, ",\"description\":\"seen somewhere\"")};
    test_rule(store, b, TLP_AMBER);
    test_came(store, "desk", json, 2);
    test_follow(store, &b, 1);
    const char *read = test_reads(store, b, NULL);
    assert_non_null(strstr(read, "seen somewhere"));
    assert_null(strstr(read, "klinik"));
}

int main(void)
{
#define RELEASE_TEST(test) TEST_ON_BOTH(test, set_up, release_tear_down)
    const struct CMUnitTest tests[] = {
            RELEASE_TEST(what_two_persons_let_go_goes),
            RELEASE_TEST(the_first_of_a_kind_is_asked_about_once),
            RELEASE_TEST(who_agreed_to_green_did_not_agree_to_amber),
            RELEASE_TEST(an_ask_expires_to_no),
            RELEASE_TEST(what_came_from_a_partner_stays),
            RELEASE_TEST(a_second_source_widens_nothing),
            RELEASE_TEST(a_second_source_marks_nothing_that_was_not),
            RELEASE_TEST(a_claim_changes_nothing_of_ours),
            RELEASE_TEST(who_sends_much_delays_nobody_else),
            RELEASE_TEST(what_refers_to_each_other_goes_together),
            RELEASE_TEST(what_waits_for_an_id_goes_when_it_came),
            RELEASE_TEST(the_newest_version_and_revoking_reach_who_had_it),
            RELEASE_TEST(what_becomes_stricter_is_not_served_any_more),
            RELEASE_TEST(an_undone_import_is_recalled),
            RELEASE_TEST(a_new_generation_is_decided_anew),
            RELEASE_TEST(who_has_both_is_told_what_was_derived_from_what),
            RELEASE_TEST(what_is_shared_in_a_group_without_tlp_has_its_marking),
            RELEASE_TEST(a_yes_to_these_is_for_each_that_has_asked_and_no_other),
            RELEASE_TEST(a_derived_object_stays_what_it_is),
            RELEASE_TEST(a_derived_object_has_an_id_for_each_partner),
            RELEASE_TEST(a_derived_object_that_comes_back_goes_nowhere),
            RELEASE_TEST(questions_have_a_ceiling_for_each_partner),
            RELEASE_TEST(partners_together_know_no_fewer_than_one_alone),
            RELEASE_TEST(none_of_many_constituents_is_named),
            RELEASE_TEST(sightings_leave_when_their_window_is_over),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
