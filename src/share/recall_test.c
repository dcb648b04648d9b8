/* SPDX-License-Identifier: Apache-2.0 */
/* Recalls and consent: what partners ask us, and what we ask them. */
#include "share/recall.h"

#include "share/consent.h"
#include "share/keys.h"
#include "share/statement.h"
#include "share/test_release.h"
#include "store/delivery.h"
#include "store/recall.h"
#include "json/read.h"

#define T1 "2026-01-01T00:00:00.000Z"

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

/* After a restore it asks once more, since our answer was lost: no person is asked again. */
static void what_was_agreed_to_is_answered_again(void **state)
{
    struct test_store *store = ready(state);
    test_node(store);
    struct test_side *b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    struct actor analyst = test_person(store, "ayu", ROLE_ANALYST);
    struct recall_heard *heard;
    const char *json[3];
    size_t count;
    share_recall_most(2);
    for (int i = 0; i < 3; i++)
        json[i] = test_json(store, "indicator", i + 1, T1, TEST_B, AMBER, "");
    test_came(store, "partner/B", json, 3);
    for (int times = 0; times < 2; times++) {
        struct told told = letter_of(b, "recall.ask", recall_of(store, 1, 3));
        told.letter.id = slice_of(test_uuid(store, "statement", times));
        test_ok(test_work(store, told_take, &told));
        test_ok(store_recall_heard_list(store->db, false, 0, 10, store->arena, &heard, &count));
        assert_int_equal(count, times == 0);
        if (times == 0)
            test_ok(share_recall_agree(store->db, &analyst, heard->number, store->arena));
        test_ok(store_recall_heard_list(store->db, true, 0, 10, store->arena, &heard, &count));
        assert_int_equal(count, times + 1);
        assert_true(slice_eq(heard[times].answer, S("stopped")));
    }
    share_recall_most(100);
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

int main(void)
{
#define RELEASE_TEST(test) TEST_ON_BOTH(test, set_up, release_tear_down)
    const struct CMUnitTest tests[] = {
            RELEASE_TEST(a_partner_recalls_what_it_sent_and_nothing_else),
            RELEASE_TEST(a_large_recall_waits_for_a_person),
            RELEASE_TEST(long_letters_of_one_hold_up_nobody),
            RELEASE_TEST(many_small_recalls_are_a_large_one),
            RELEASE_TEST(what_was_agreed_to_is_answered_again),
            RELEASE_TEST(consent_of_the_originator_lets_it_go_on),
            RELEASE_TEST(consent_for_those_whom_it_concerns_goes_to_no_partner),
            RELEASE_TEST(consent_ends_when_it_says),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
