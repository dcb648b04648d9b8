/* SPDX-License-Identifier: Apache-2.0 */
#include "case/responsible.h"

#include "case/test_case.h"
#include "store/organisation.h"

#define TABLE                                                                                                          \
    "[file]\nversion = 7\nsource = made up\n"                                                                          \
    "[responsible all]\nlead = own\nsupport = sector-team; RS Melati\ninformed = Nobody at all\n"

static struct actor officer;

struct taking {
    struct plan_responsibility table;
    int64_t incident;
};

static struct err take_action(struct work *work, void *context)
{
    const struct taking *taking = context;
    return case_responsible_take(work, &taking->table, taking->incident);
}

static struct case_proposed propose(struct test_store *store, const struct taking *taking)
{
    struct incident row = test_incident_get(store, taking->incident);
    struct case_proposed proposed;
    test_ok(case_responsible_propose(store->db, &taking->table, &row, store->arena, &proposed));
    return proposed;
}

static struct taking begin(struct test_store *store)
{
    struct taking taking;
    clock_set(NOON);
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    taking.incident = test_incident(store, &officer, "Ransomware di RS Melati");
    test_ok(plan_responsibility_read("a.conf", S(TABLE), NULL, NULL, store->arena, &taking.table));
    return taking;
}

static void what_the_table_names_is_proposed_and_taken(void **state)
{
    struct test_store *store = ready(state);
    struct taking taking = begin(store);
    int64_t melati = test_served(store, "RS Melati"), own;
    struct party *parties;
    size_t count;
    test_ok(store_organisation_own(store->db, &own));
    struct case_proposed proposed = propose(store, &taking);
    assert_int_equal(proposed.count, 4);
    assert_true(slice_eq(proposed.why, S("responsibility table 7, all")));
    assert_true(proposed.rows[0].role == PARTY_LEAD && proposed.rows[0].organisation == own && !proposed.rows[0].is);
    assert_int_equal(proposed.rows[1].organisation, 0); /* the incident has no sector */
    assert_true(proposed.rows[2].role == PARTY_SUPPORT && proposed.rows[2].organisation == melati);
    assert_int_equal(proposed.rows[3].organisation, 0);
    test_ok(store_work(store->db, &officer, store->arena, take_action, &taking));
    test_ok(store_work(store->db, &officer, store->arena, take_action, &taking)); /* again: nothing more */
    test_ok(store_party_list(store->db, taking.incident, store->arena, &parties, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(parties[0].why, S("responsibility table 7, all")));
    assert_true(propose(store, &taking).rows[0].is);
}

static struct err party_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_party_add(work, verb->incident, verb->organisation, PARTY_LEAD, verb->why);
}

static void to_have_it_otherwise_takes_a_reason(void **state)
{
    struct test_store *store = ready(state);
    struct taking taking = begin(store);
    struct test_verb verb = {
            .incident = taking.incident, .organisation = test_served(store, "RS Melati"), .why = S("")};
    test_refused(test_as(store, &officer, party_action, &verb), ERR_INPUT, "why it has to do with it is empty");
    verb.why = S("they run it themselves");
    test_ok(test_as(store, &officer, party_action, &verb));
    struct actor liaison = test_person(store, "agus", ROLE_LIAISON);
    test_refused(store_work(store->db, &liaison, store->arena, take_action, &taking), ERR_DENIED, "may not");
}

#define CASE_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE_TEST(what_the_table_names_is_proposed_and_taken),
            CASE_TEST(to_have_it_otherwise_takes_a_reason),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
