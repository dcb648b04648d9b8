/* SPDX-License-Identifier: Apache-2.0 */
#include "share/test_release.h"

#include "share/consent.h"
#include "share/keys.h"
#include "share/recall.h"
#include "share/statement.h"
#include "store/delivery.h"
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

/* ---- Recalls and consent of partners ---- */

struct told {
    int64_t partner;
    struct share_letter letter;
    struct err (*take)(struct work *work, int64_t partner, const struct share_letter *letter);
};

static struct err told_take(struct work *work, void *context)
{
    const struct told *told = context;
    return told->take(work, told->partner, &told->letter);
}

static struct told letter_of(const struct test_side *side, const char *type, const char *body)
{
    return (struct told){.partner = side->partner,
            .letter = {.id = S("6b616c61-0000-4000-8000-0000000003ff"),
                    .type = slice_of(type),
                    .body = slice_of(body),
                    .text = S("as it was signed")},
            .take = slice_starts(slice_of(type), S("recall.")) ? share_recall_take : share_consent_take};
}

static unsigned judged_of(struct test_store *store, const struct test_import *import)
{
    struct object object;
    test_ok(store_object_get(store->db, import->outcomes[0].number, store->arena, &object));
    return object.judged;
}

static const char *recall_of(struct test_store *store, int from, int to)
{
    const char *list = "";
    for (int i = from; i <= to; i++)
        list = arena_printf(store->arena, "%s%s{\"id\":\"%s\",\"version\":\"x\"}", list, i == from ? "" : ",",
                test_uuid(store, "indicator", i));
    return arena_printf(store->arena, "{\"cause\":\"withdrawn\",\"objects\":[%s]}", list);
}

static void a_partner_recalls_what_it_sent_and_nothing_else(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:AMBER", "yes"), test_partner(store, "C", TEST_C, "TLP:AMBER", "no")};
    const char *one[] = {test_json(store, "indicator", 1, T1, NULL, GREEN, "")};
    const char *two[] = {test_json(store, "indicator", 2, T1, NULL, GREEN, "")};
    test_rule(store, sides[1], TLP_AMBER);
    struct test_import theirs = test_came(store, "partner/B", one, 1), feeds = test_came(store, "a feed", one, 1);
    struct test_import others = test_came(store, "partner/C", two, 1);
    test_follow(store, sides, 2);
    assert_non_null(strstr(test_reads(store, sides[1], NULL), one[0]));
    struct told told = letter_of(sides[0], "recall.ask", recall_of(store, 1, 2));
    test_ok(test_work(store, told_take, &told));
    assert_int_equal(judged_of(store, &theirs), OBJECT_WITHDRAWN);
    assert_int_equal(judged_of(store, &feeds), 0);
    assert_int_equal(judged_of(store, &others), 0);
    assert_int_equal(test_acts(store, "recall.heard"), 1);
}

static void a_large_recall_waits_for_a_person(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    const char *json[3];
    for (int i = 0; i < 3; i++)
        json[i] = test_json(store, "indicator", i + 1, T1, NULL, GREEN, "");
    struct test_import import = test_came(store, "partner/B", json, 3);
    struct told told = letter_of(b, "recall.ask", recall_of(store, 1, 3));
    struct recall_heard *heard;
    size_t count;
    share_recall_most(2);
    test_ok(test_work(store, told_take, &told));
    share_recall_most(100);
    assert_int_equal(judged_of(store, &import), 0);
    test_ok(store_recall_heard_list(store->db, false, 0, 10, store->arena, &heard, &count));
    assert_int_equal(count, 1);
    struct actor auditor = test_person(store, "budi", ROLE_AUDITOR), analyst = test_person(store, "ayu", ROLE_ANALYST);
    test_refused(share_recall_agree(store->db, &auditor, heard[0].number, store->arena), ERR_DENIED, "may not");
    test_ok(share_recall_agree(store->db, &analyst, heard[0].number, store->arena));
    assert_int_equal(judged_of(store, &import), OBJECT_WITHDRAWN);
    test_refused(share_recall_agree(store->db, &analyst, heard[0].number, store->arena), ERR_CONFLICT, "before");
}

/* As long as an id may be, and as many as go into a letter: what is said of them may be longer than they were. */
static const char *long_ids(struct test_store *store, size_t count, const char *before, const char *after)
{
    char stuff[220];
    struct buf text = buf_make(STATEMENT_BYTES_MAX);
    memset(stuff, 'x', sizeof stuff);
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s%s\"x-%.*s--6b616c61-0000-4000-8000-%012zu\"%s", i == 0 ? "" : ",", before,
                (int)sizeof stuff - 10, stuff, i, after);
    const char *list = arena_cstr(store->arena, buf_slice(&text));
    assert_int_equal(buf_check(&text).kind, ERR_NONE);
    buf_free(&text);
    return list;
}

struct posting {
    struct share_keys keys;
    int64_t request;
};

static struct err letters_post(struct work *work, void *context)
{
    const struct posting *posting = context;
    TRY(store_consent_request_answer(work, posting->request, CONSENT_REFUSED));
    TRY(share_recall_post(work, &posting->keys));
    return share_consent_post(work, &posting->keys);
}

static struct err consent_post(struct work *work, void *context)
{
    const struct posting *posting = context;
    return share_consent_post(work, &posting->keys);
}

static void long_letters_of_one_hold_up_nobody(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    struct told consent = letter_of(b, "consent.ask",
            arena_printf(store->arena, "{\"ids\":[%s],\"recipient\":\"" TEST_C "\"}", long_ids(store, 990, "", "")));
    struct told recall = letter_of(b, "recall.ask",
            arena_printf(
                    store->arena, "{\"cause\":\"withdrawn\",\"objects\":[%s]}", long_ids(store, 940, "{\"id\":", "}")));
    struct posting posting = {.keys = {.node = S(TEST_OWN)}};
    struct consent_request *requests;
    struct test_sql sql = {.sql = "UPDATE recall_heard SET state = 'done', answer = 'stopped'"}; /* a person agreed */
    size_t count;
    bool waiting;
    key_new(&posting.keys.message);
    test_ok(test_work(store, told_take, &consent));
    recall.letter.id = S("6b616c61-0000-4000-8000-0000000003fe");
    test_ok(test_work(store, told_take, &recall));
    test_ok(test_work(store, test_sql_action, &sql));
    test_ok(store_consent_request_list(store->db, false, 0, 10, store->arena, &requests, &count));
    assert_int_equal(count, 1);
    posting.request = requests[0].number;
    test_ok(test_work(store, letters_post, &posting));
    test_ok(store_letters_wait(store->db, &waiting));
    assert_false(waiting);
}

/* In letters of one object each as in a single one. */
static void many_small_recalls_are_a_large_one(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    struct recall_heard *heard;
    size_t count;
    share_recall_most(2);
    for (int i = 1; i <= 4; i++) {
        struct told told = letter_of(b, "recall.ask", recall_of(store, i, i));
        told.letter.id = slice_of(test_uuid(store, "statement", i));
        test_ok(test_work(store, told_take, &told));
    }
    test_ok(store_recall_heard_list(store->db, false, 0, 10, store->arena, &heard, &count));
    assert_int_equal(count, 2);
    clock_set(NOON + 2 * DAY_US);
    struct told told = letter_of(b, "recall.ask", recall_of(store, 5, 5));
    told.letter.id = slice_of(test_uuid(store, "statement", 5));
    test_ok(test_work(store, told_take, &told));
    share_recall_most(100);
    test_ok(store_recall_heard_list(store->db, false, 0, 10, store->arena, &heard, &count));
    assert_int_equal(count, 2);
}

static struct err all_asked(struct work *work, void *context)
{
    const int64_t *number = context;
    return store_consent_asked(work, number, 1);
}

static struct err consent_put(struct work *work, void *context)
{
    int64_t number;
    return store_consent_put(work, context, S(""), &number);
}

/* It names its creator, whom C has never heard of: who consents knows. */
static void consent_of_the_originator_lets_it_go_on(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:AMBER", "ask"), test_partner(store, "C", TEST_C, "TLP:AMBER", "no")};
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_B, AMBER, "")};
    struct consent *rows;
    size_t count;
    test_rule(store, sides[1], TLP_AMBER);
    test_came(store, "partner/B", json, 1);
    test_follow(store, sides, 2);
    const char *answer = arena_printf(store->arena,
            "{\"answer\":\"yes\",\"ids\":[\"%s\"],\"recipient\":\"" TEST_C "\",\"until\":\"2027-01-01T00:00:00Z\"}",
            test_uuid(store, "indicator", 1));
    struct told told = letter_of(sides[0], "consent.answer", answer);
    test_refused(test_work(store, told_take, &told), ERR_MISSING, "did not ask");
    struct told stranger = told; /* nobody learns of whom we are partners */
    stranger.letter.body = slice_of(arena_printf(store->arena,
            "{\"answer\":\"yes\",\"ids\":[\"%s\"],\"recipient\":\"identity--6b616c61-0000-4000-8000-0000000000ff\","
            "\"until\":\"2027-01-01T00:00:00Z\"}",
            test_uuid(store, "indicator", 1)));
    test_refused(test_work(store, told_take, &stranger), ERR_MISSING, "we did not ask for this consent");
    test_ok(store_consent_list(store->db, 0, 10, store->arena, &rows, &count));
    test_ok(test_work(store, all_asked, &rows[0].number));
    struct told forged = letter_of(sides[1], "consent.answer", answer);
    test_refused(test_work(store, told_take, &forged), ERR_MISSING, "did not ask"); /* C answers for itself */
    test_ok(test_work(store, told_take, &told));
    test_follow(store, sides, 2);
    assert_string_equal(test_reads(store, sides[0], NULL), "");
    assert_non_null(strstr(test_reads(store, sides[1], NULL), json[0]));
    /* It is over when the consent is. */
    told.letter.body = slice_of(arena_printf(store->arena,
            "{\"answer\":\"no\",\"ids\":[\"%s\"],\"recipient\":\"" TEST_C "\",\"until\":\"2027-01-01T00:00:00Z\"}",
            test_uuid(store, "indicator", 1)));
    test_ok(test_work(store, told_take, &told));
    test_follow(store, sides, 2);
    assert_string_equal(test_reads(store, sides[1], NULL), "");
}

/* "affected": those whom we serve and whom it concerns. It lets nothing go to a partner. */
static void consent_for_those_whom_it_concerns_goes_to_no_partner(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:AMBER", "no"), test_partner(store, "C", TEST_C, "TLP:AMBER", "no")};
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_B, AMBER, "")};
    slice id = slice_of(test_uuid(store, "indicator", 1));
    struct consent put = {.originator = sides[0]->partner,
            .id = id,
            .type = S("indicator"),
            .recipient = CONSENT_AFFECTED,
            .state = CONSENT_TO_ASK,
            .until_us = NOON + DAY_US};
    struct posting posting = {.keys = {.node = S(TEST_OWN)}};
    struct outgoing_statement *said;
    struct consent *rows;
    int64_t until_us;
    size_t count;
    key_new(&posting.keys.message);
    test_rule(store, sides[1], TLP_AMBER);
    test_came(store, "partner/B", json, 1);
    test_ok(test_work(store, consent_put, &put));
    test_ok(test_work(store, consent_post, &posting));
    test_ok(store_statement_list(store->db, sides[0]->partner, 0, 10, store->arena, &said, &count));
    assert_int_equal(count, 1);
    assert_non_null(strstr(arena_cstr(store->arena, said[0].statement), "\"recipient\":\"affected\""));
    struct told told = letter_of(sides[0], "consent.answer",
            arena_printf(store->arena,
                    "{\"answer\":\"yes\",\"ids\":[\"%.*s\"],\"recipient\":\"affected\","
                    "\"until\":\"2027-01-01T00:00:00Z\"}",
                    (int)id.len, id.ptr));
    test_ok(test_work(store, told_take, &told));
    test_ok(store_consent_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_true(count == 1 && rows[0].state == CONSENT_GIVEN && rows[0].recipient == CONSENT_AFFECTED);
    test_ok(store_consent_until(store->db, sides[0]->partner, id, put.type, CONSENT_AFFECTED, NOON, &until_us));
    assert_true(until_us > NOON);
    test_ok(store_consent_until(store->db, sides[0]->partner, id, put.type, sides[1]->partner, NOON, &until_us));
    assert_int_equal(until_us, 0);
    test_follow(store, sides, 2);
    assert_string_equal(test_reads(store, sides[1], NULL), "");
}

static void consent_ends_when_it_says(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:AMBER", "ask"), test_partner(store, "C", TEST_C, "TLP:AMBER", "no")};
    const char *json[] = {test_json(store, "indicator", 1, T1, NULL, AMBER, "")};
    struct consent put = {.originator = sides[0]->partner,
            .id = slice_of(test_uuid(store, "indicator", 1)),
            .type = S("indicator"),
            .recipient = sides[1]->partner,
            .state = CONSENT_GIVEN,
            .paper = S("a letter"),
            .until_us = NOON + 30 * DAY_US};
    test_rule(store, sides[1], TLP_AMBER);
    test_ok(test_work(store, consent_put, &put));
    test_came(store, "partner/B", json, 1);
    test_follow(store, sides, 2);
    assert_non_null(strstr(test_reads(store, sides[1], NULL), json[0]));
    clock_set(NOON + 31 * DAY_US);
    assert_string_equal(test_reads(store, sides[1], NULL), "");
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
            RELEASE_TEST(a_derived_object_stays_what_it_is),
            RELEASE_TEST(a_derived_object_has_an_id_for_each_partner),
            RELEASE_TEST(a_derived_object_that_comes_back_goes_nowhere),
            RELEASE_TEST(questions_have_a_ceiling_for_each_partner),
            RELEASE_TEST(a_partner_recalls_what_it_sent_and_nothing_else),
            RELEASE_TEST(a_large_recall_waits_for_a_person),
            RELEASE_TEST(long_letters_of_one_hold_up_nobody),
            RELEASE_TEST(many_small_recalls_are_a_large_one),
            RELEASE_TEST(consent_of_the_originator_lets_it_go_on),
            RELEASE_TEST(consent_for_those_whom_it_concerns_goes_to_no_partner),
            RELEASE_TEST(consent_ends_when_it_says),
            RELEASE_TEST(none_of_many_constituents_is_named),
            RELEASE_TEST(sightings_leave_when_their_window_is_over),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
