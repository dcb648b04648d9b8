/* SPDX-License-Identifier: Apache-2.0 */
/* What is shared of an incident, on both databases; whole nodes that share are in src/app/across_test.c. */
#include "case/across_parts.h"
#include "case/test_case.h"
#include "store/part.h"
#include "store/source.h"

static struct actor coordinator;
static int64_t number;

static const struct share_act acts[] = {{"incident.share", VERB_SHARE_INCIDENTS, case_across_do_share, NULL, NULL,
        "Share an incident", "Its parties see it.", "incident/N"}};

static int begin(void **state)
{
    int status = set_up(state);
    share_acts_set(acts, COUNT_OF(acts));
    if (status != 0 || test_store.base->where == NULL)
        return status;
    clock_set(NOON);
    coordinator = test_person(&test_store, "wati", ROLE_COORDINATOR);
    number = test_incident(&test_store, &coordinator, "Ransomware at RS Melati");
    return 0;
}

static struct err share_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return store_shared_put(work, verb->incident, false, S("they help us"));
}

static struct err end_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_across_end(work, verb->incident, S("it is over"));
}

static struct err due_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return store_shared_due(work, verb->incident);
}

static struct err entry_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_entry_add(work, verb->incident, verb->entry, &verb->number);
}

static int64_t entry(struct test_store *store, enum entry_kind kind, int64_t audience, int64_t answers)
{
    const struct incident_entry put = {.kind = kind,
            .audience = audience,
            .text = S("a text"),
            .source = S(""),
            .answers = answers,
            .happened_us = TIME_NONE,
            .due_us = kind == ENTRY_QUESTION ? NOON + HOUR_US : TIME_NONE};
    struct test_verb verb = {.incident = number, .entry = &put};
    test_ok(test_as(store, &coordinator, entry_action, &verb));
    return verb.number;
}

static size_t made(struct test_store *store)
{
    struct actor actor = {.organisation = coordinator.organisation, .name = S("@across"), .how = ACTOR_FOLLOWER};
    struct incident_part *rows;
    size_t count;
    bool did = true;
    while (did)
        test_ok(case_across_step(store->db, &actor, store->arena, &did));
    test_ok(store_part_list(store->db, test_incident_get(store, number).identity, 0, S(""), STORE_PAGE_MAX,
            store->arena, &rows, &count));
    return count;
}

static bool is_for(struct test_store *store, int64_t audience, int64_t organisation)
{
    const struct incident_part part = {.incident = test_incident_get(store, number).identity, .audience = audience};
    bool is;
    test_ok(store_part_is_for(store->db, &part, organisation, false, &is));
    return is;
}

static void what_is_due_is_made_once(void **state)
{
    struct test_store *store = ready(state);
    struct test_verb verb = {.incident = number};
    assert_int_equal(made(store), 0); /* nobody shared it */
    test_ok(test_as(store, &coordinator, share_action, &verb));
    assert_int_equal(made(store), 2); /* the incident, and the report about it */
    entry(store, ENTRY_NOTE, AUDIENCE_OWN, 0);
    entry(store, ENTRY_NOTE, AUDIENCE_PARTIES, 0);
    test_ok(test_as(store, &coordinator, due_action, &verb));
    assert_int_equal(made(store), 3);
    struct object *rows;
    size_t before, count;
    struct object_filter all = {.all_versions = true};
    test_ok(store_object_list(store->db, &all, 0, STORE_PAGE_MAX, store->arena, &rows, &before));
    test_ok(test_as(store, &coordinator, due_action, &verb)); /* nothing changed */
    assert_int_equal(made(store), 3);
    test_ok(store_object_list(store->db, &all, 0, STORE_PAGE_MAX, store->arena, &rows, &count));
    assert_int_equal(count, before);
    test_ok(test_set(store, &coordinator, number, "severity", "critical"));
    test_ok(test_as(store, &coordinator, due_action, &verb));
    made(store);
    test_ok(store_object_list(store->db, &all, 0, STORE_PAGE_MAX, store->arena, &rows, &count));
    assert_int_equal(count, before + 2); /* a version more of both that say it */
    assert_true(slice_order(rows[before].version, rows[0].version) > 0);
}

static void a_part_is_for_its_party_while_it_is_one(void **state)
{
    struct test_store *store = ready(state);
    struct test_verb verb = {.incident = number};
    int64_t party = test_served(store, "RS Melati"), liaison = test_served(store, "Polri Contoh");
    int64_t other = test_served(store, "RS Kenanga");
    slice *names;
    size_t count;
    test_party(store, &coordinator, number, party, PARTY_SUPPORT);
    test_party(store, &coordinator, number, liaison, PARTY_LIAISON);
    assert_false(is_for(store, AUDIENCE_PARTIES, party)); /* not shared */
    test_ok(test_as(store, &coordinator, share_action, &verb));
    assert_true(is_for(store, AUDIENCE_PARTIES, party));
    assert_true(is_for(store, party, party));
    assert_false(is_for(store, AUDIENCE_OWN, party));
    assert_false(is_for(store, other, party));
    assert_false(is_for(store, AUDIENCE_PARTIES, liaison));
    assert_false(is_for(store, liaison, liaison));
    assert_false(is_for(store, AUDIENCE_PARTIES, other));
    test_ok(store_part_secrets(store->db, test_incident_get(store, number).identity, store->arena, &names, &count));
    assert_int_equal(count, 2); /* all but the party's */
    test_ok(test_as(store, &coordinator, end_action, &verb));
    assert_false(is_for(store, AUDIENCE_PARTIES, party));
    test_refused(test_as(store, &coordinator, end_action, &verb), ERR_MISSING, "not shared");
}

static void questions_wait_until_they_are_answered(void **state)
{
    struct test_store *store = ready(state);
    const struct incident_question from = {.due_us = INT64_MIN};
    struct incident_question *rows;
    size_t count;
    int64_t question = entry(store, ENTRY_QUESTION, AUDIENCE_PARTIES, 0);
    entry(store, ENTRY_QUESTION, AUDIENCE_PARTIES, 0);
    test_ok(store_question_open(store->db, &from, 10, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].number, question);
    test_ok(store_question_open(store->db, &rows[0], 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    entry(store, ENTRY_ANSWER, AUDIENCE_OWN, question);
    test_ok(store_question_open(store->db, &from, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
}

static void one_person_shares_nothing(void **state)
{
    struct test_store *store = ready(state);
    struct share_proposal proposal;
    struct actor analyst = test_person(store, "eka", ROLE_ANALYST);
    struct share_supposed *rows;
    size_t count;
    test_refused(case_across_share(store->db, &analyst, number, false, S("why"), store->arena, &proposal), ERR_DENIED,
            "offer incidents");
    test_refused(case_across_preview(store->db, &analyst, number, false, store->arena, &rows, &count), ERR_DENIED,
            "offer incidents");
    test_ok(case_across_preview(store->db, &coordinator, number, false, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_int_equal(made(store), 0); /* looking makes nothing */
}

/* Here one's own word is in the row already when the other's comes: both orders end alike. */
static void two_words_on_a_task_come_to_the_same(void **state)
{
    (void)state;
    for (enum task_state gives = 0; gives < TASK_STATES; gives++)
        for (enum task_state does = 0; does < TASK_STATES; does++) {
            bool told = gives != TASK_CANCELLED && gives != TASK_DONE; /* who gives it tells nothing but an end */
            enum task_state word = told ? TASK_TO_DO : gives;
            assert_int_equal(across_task_state(word, does, true), across_task_state(does, word, false));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_is_due_is_made_once, begin, tear_down),
            TEST_ON_BOTH(a_part_is_for_its_party_while_it_is_one, begin, tear_down),
            TEST_ON_BOTH(questions_wait_until_they_are_answered, begin, tear_down),
            TEST_ON_BOTH(one_person_shares_nothing, begin, tear_down),
            cmocka_unit_test(two_words_on_a_task_come_to_the_same),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
