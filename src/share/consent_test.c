/* SPDX-License-Identifier: Apache-2.0 */
/* Consent on paper and standing rules: what two persons note, what it lets go, and what is refused before that. */
#include "share/consent.h"

#include "share/agreement.h"
#include "share/preview.h"
#include "share/test_release.h"

#define T1 "2026-01-01T00:00:00.000Z"
#define SCAN "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct people {
    struct actor ayu, budi;
};

static struct people people_make(struct test_store *store)
{
    return (struct people){test_person(store, "ayu", ROLE_COORDINATOR), test_person(store, "budi", ROLE_MANAGER)};
}

/* From B, to C, of that many objects. */
static struct share_consent_put paper_of(struct test_store *store, struct test_side **sides, size_t count)
{
    slice *ids = arena_new(store->arena, slice, count + 1);
    for (size_t i = 0; i < count; i++)
        ids[i] = slice_of(test_uuid(store, "indicator", (int)i + 1));
    return (struct share_consent_put){.originator = sides[0]->partner,
            .recipient = sides[1]->partner,
            .ids = ids,
            .id_count = count,
            .type = S(""),
            .paper = {.words = S("letter 12/2026, in the safe"),
                    .giver = S("Ibu Sari, head of B's team"),
                    .given_us = NOON - DAY_US,
                    .scan = S(SCAN)},
            .until_us = NOON + 10 * DAY_US};
}

static struct err propose(struct test_store *store, const struct people *people, const struct share_consent_put *put,
        struct share_proposal *proposal)
{
    return share_consent_propose(store->db, &people->ayu, put, S("they sent it"), store->arena, proposal);
}

static void agree(struct test_store *store, const struct people *people, const struct share_proposal *proposal)
{
    struct approval row;
    assert_false(proposal->done);
    test_ok(store_approval_get(store->db, proposal->number, store->arena, &row));
    struct sha256 shown = share_approval_digest(&row);
    test_ok(share_approve(store->db, &people->budi, row.number, &shown, store->arena));
}

static void sides_make(struct test_store *store, struct test_side *sides[2])
{
    test_node(store);
    sides[0] = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    sides[1] = test_partner(store, "C", TEST_C, "TLP:AMBER", "no");
    test_rule(store, sides[1], TLP_AMBER);
}

static void a_paper_lets_objects_go_until_it_is_taken_back(void **state)
{
    struct test_store *store = ready(state);
    struct test_side *sides[2];
    sides_make(store, sides);
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_B, AMBER, ""),
            test_json(store, "indicator", 2, T1, TEST_B, AMBER, ""),
            test_json(store, "indicator", 3, T1, TEST_B, AMBER, "")};
    const struct people people = people_make(store);
    const struct share_consent_put put = paper_of(store, sides, 2);
    struct share_proposal proposal;
    struct consent *rows;
    size_t count;
    test_came(store, "partner/B", json, 3);
    test_follow(store, sides, 2);
    assert_string_equal(test_reads(store, sides[1], NULL), "");
    test_ok(propose(store, &people, &put, &proposal));
    test_follow(store, sides, 2);
    assert_string_equal(test_reads(store, sides[1], NULL), "");
    agree(store, &people, &proposal);
    test_follow(store, sides, 2);
    (void)test_reads(store, sides[1], &count);
    assert_int_equal(count, 2);
    test_ok(store_consent_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(rows[0].giver, put.paper.giver) && slice_eq(rows[0].scan, S(SCAN)));
    assert_true(rows[0].given_us == put.paper.given_us && rows[0].until_us == put.until_us);
    test_ok(share_consent_withdraw(store->db, &people.ayu, rows[0].number, S("they called"), store->arena));
    test_follow(store, sides, 2);
    const char *left = test_reads(store, sides[1], &count);
    assert_int_equal(count, 1);
    assert_non_null(strstr(left, json[1]));
    test_refused(share_consent_withdraw(store->db, &people.ayu, rows[0].number, S("again"), store->arena), ERR_CONFLICT,
            "cannot be taken back");
    assert_int_equal(test_acts(store, "consent.withdrawn"), 1);
}

static void consent_for_a_type_ends_for_all_of_it(void **state)
{
    struct test_store *store = ready(state);
    struct test_side *sides[2];
    sides_make(store, sides);
    const char *json[] = {test_json(store, "indicator", 1, T1, TEST_B, AMBER, "")};
    const struct people people = people_make(store);
    struct share_consent_put put = paper_of(store, sides, 0);
    struct share_proposal proposal;
    struct consent *rows;
    size_t count;
    put.type = S("indicator");
    test_came(store, "partner/B", json, 1);
    test_ok(propose(store, &people, &put, &proposal));
    agree(store, &people, &proposal);
    test_follow(store, sides, 2);
    assert_non_null(strstr(test_reads(store, sides[1], NULL), json[0]));
    test_ok(store_consent_list(store->db, 0, 10, store->arena, &rows, &count));
    test_ok(share_consent_withdraw(store->db, &people.ayu, rows[0].number, S("they called"), store->arena));
    test_follow(store, sides, 2);
    assert_string_equal(test_reads(store, sides[1], NULL), "");
}

/* What is wrong with a paper is said before anybody has to read it. */
static void a_paper_has_to_make_sense(void **state)
{
    struct test_store *store = ready(state);
    struct test_side *sides[2];
    sides_make(store, sides);
    const struct people people = people_make(store);
    const struct share_consent_put good = paper_of(store, sides, 1), many = paper_of(store, sides, CONSENT_IDS_MAX + 1);
    const slice wrong[] = {S("indicator--\n<script>"), S("indicator"), S("")};
    const struct {
        struct share_consent_put put;
        enum err_kind kind;
        const char *part;
    } cases[] = {
            {many, ERR_LIMIT, "at most 100"},
            {{.ids = NULL, .type = S(""), .paper = good.paper, .until_us = good.until_us}, ERR_INPUT, "for what"},
            {{.type = S("indicator"), .paper = good.paper, .until_us = good.until_us}, ERR_INPUT, "who is no partner"},
            {{.type = S("Indicator\n"),
                     .originator = sides[0]->partner,
                     .paper = good.paper,
                     .until_us = good.until_us},
                    ERR_INPUT, "is not a type"},
            {{.ids = wrong, .id_count = 1, .type = S(""), .paper = good.paper, .until_us = good.until_us}, ERR_INPUT,
                    "is not the id"},
            {{.ids = wrong + 1, .id_count = 1, .type = S(""), .paper = good.paper, .until_us = good.until_us},
                    ERR_INPUT, "is not the id"},
            {{.ids = good.ids, .id_count = 1, .type = S("report"), .paper = good.paper, .until_us = good.until_us},
                    ERR_INPUT, "not both"},
            {{.ids = good.ids, .id_count = 1, .type = S(""), .paper = good.paper, .until_us = NOON}, ERR_INPUT,
                    "is over"},
            {{.ids = good.ids,
                     .id_count = 1,
                     .type = S(""),
                     .paper = {.words = S("x"), .giver = S(""), .scan = S("")},
                     .until_us = good.until_us},
                    ERR_INPUT, "who gave it"},
            {{.ids = good.ids,
                     .id_count = 1,
                     .type = S(""),
                     .paper = {S("x"), S("y"), NOON + 2 * DAY_US, S("")},
                     .until_us = good.until_us},
                    ERR_INPUT, "not come yet"},
            {{.ids = good.ids,
                     .id_count = 1,
                     .type = S(""),
                     .paper = {S("x"), S("y"), NOON, S("abc")},
                     .until_us = good.until_us},
                    ERR_INPUT, "SHA-256"},
            {{.ids = good.ids,
                     .id_count = 1,
                     .type = S(""),
                     .paper = good.paper,
                     .originator = 77,
                     .until_us = good.until_us},
                    ERR_MISSING, "no such partner"},
            {{.ids = good.ids,
                     .id_count = 1,
                     .type = S(""),
                     .paper = good.paper,
                     .originator = sides[0]->partner,
                     .recipient = sides[0]->partner,
                     .until_us = good.until_us},
                    ERR_INPUT, "of its own"},
    };
    struct share_proposal proposal;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        test_refused(propose(store, &people, &cases[i].put, &proposal), cases[i].kind, cases[i].part);
    struct actor auditor = test_person(store, "citra", ROLE_AUDITOR);
    test_refused(
            share_consent_propose(store->db, &auditor, &good, S("no"), store->arena, &proposal), ERR_DENIED, "may not");
}

/* What was proposed before a paper had several objects names none: it may not become a consent for everything. */
static struct err old_detail(struct work *work, void *context)
{
    (void)context;
    return share_consent_run(work, S("partner/1"),
            S("{\"id\":\"indicator--6b616c61-0000-4000-8000-000000000001\",\"originator\":1,\"paper\":\"x\","
              "\"recipient\":2,\"type\":\"indicator\",\"until\":1795962400000000}"));
}

static void a_consent_that_names_no_list_of_objects_is_not_done(void **state)
{
    struct test_store *store = ready(state);
    struct test_side *sides[2];
    struct consent *rows;
    size_t count;
    sides_make(store, sides);
    test_refused(test_work(store, old_detail, NULL), ERR_INPUT, "some objects or");
    test_ok(store_consent_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 0);
}

static void a_rule_that_lets_nothing_go_is_refused(void **state)
{
    struct test_store *store = ready(state);
    struct test_side *sides[2];
    sides_make(store, sides);
    const struct people people = people_make(store);
    slice id = slice_of(test_uuid(store, "indicator", 1));
    const struct {
        struct share_rule_put put;
        enum err_kind kind;
        const char *part;
    } cases[] = {
            {{.type = S(""), .id = S(""), .highest = TLP_NONE, .until_us = NOON + DAY_US}, ERR_INPUT, "highest TLP"},
            {{.type = S("a b"), .id = S(""), .highest = TLP_GREEN, .until_us = NOON + DAY_US}, ERR_INPUT, "not a type"},
            {{.type = S("report"), .id = id, .highest = TLP_GREEN, .until_us = NOON + DAY_US}, ERR_INPUT,
                    "another type"},
            {{.type = S(""), .id = S(""), .highest = TLP_GREEN, .until_us = NOON}, ERR_INPUT, "is over"},
            {{.partner = 77, .type = S(""), .id = S(""), .highest = TLP_GREEN, .until_us = NOON + DAY_US}, ERR_MISSING,
                    "no such partner"},
    };
    struct share_proposal proposal;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        test_refused(share_rule_propose(store->db, &people.ayu, &cases[i].put, S("why"), store->arena, &proposal),
                cases[i].kind, cases[i].part);
}

/* ---- The preview of terms that wait ---- */

static struct err test_version_action(struct work *work, void *context)
{
    return store_agreement_version_put(work, context);
}

struct counts {
    size_t goes, stays;
};

static struct err counted(void *context, const struct share_previewed *row)
{
    struct counts *counts = context;
    *(row->rule == NULL ? &counts->goes : &counts->stays) += 1;
    return OK;
}

static struct counts preview(struct test_store *store, const struct people *people, int64_t partner, bool waiting)
{
    struct counts counts = {0};
    const struct share_preview_of of = {.partner = partner, .waiting = waiting};
    test_ok(share_preview(store->db, &people->budi, &of, &test_options, counted, &counts, store->arena));
    return counts;
}

static void terms_that_wait_are_previewed_and_nothing_leaves(void **state)
{
    struct test_store *store = ready(state);
    struct test_side *sides[2];
    sides_make(store, sides);
    const struct people people = people_make(store);
    const char *json[] = {test_json(store, "indicator", 1, T1, NULL, GREEN, ""),
            test_json(store, "indicator", 2, T1, NULL, AMBER, "")};
    struct agreement_version version = {.agreement = sides[1]->agreement,
            .version = 2,
            .stage = VERSION_DRAFT,
            .terms = slice_of(test_terms(store, TEST_C, "TLP:GREEN", "no")),
            .ours = S(""),
            .theirs = S(""),
            .made_us = NOON,
            .held_us = TIME_NONE,
            .why = S("")};
    test_came(store, "mine", json, 2);
    const struct share_preview_of none = {.partner = sides[1]->partner, .waiting = true};
    struct counts counts = {0};
    test_refused(share_preview(store->db, &people.budi, &none, &test_options, counted, &counts, store->arena),
            ERR_MISSING, "version");
    test_ok(test_work(store, test_version_action, &version));
    struct counts now = preview(store, &people, sides[1]->partner, false);
    struct counts then = preview(store, &people, sides[1]->partner, true);
    assert_true(now.goes == 2 && now.stays == 0);
    assert_true(then.goes == 1 && then.stays == 1);
    assert_int_equal(preview(store, &people, sides[1]->partner, false).goes, 2);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_paper_lets_objects_go_until_it_is_taken_back, set_up, release_tear_down),
            TEST_ON_BOTH(consent_for_a_type_ends_for_all_of_it, set_up, release_tear_down),
            TEST_ON_BOTH(a_paper_has_to_make_sense, set_up, release_tear_down),
            TEST_ON_BOTH(a_consent_that_names_no_list_of_objects_is_not_done, set_up, release_tear_down),
            TEST_ON_BOTH(a_rule_that_lets_nothing_go_is_refused, set_up, release_tear_down),
            TEST_ON_BOTH(terms_that_wait_are_previewed_and_nothing_leaves, set_up, release_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
