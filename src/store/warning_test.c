/* SPDX-License-Identifier: Apache-2.0 */
#include "store/organisation.h"
#include "store/test_store.h"
#include "store/warning.h"
#include "store/warning_rule.h"

#define NOON INT64_C(1795262400000000) /* 2026-11-21 12:00 UTC */
#define INDICATOR "indicator--6b616c61-0000-4000-8000-000000000001"
#define CLASS "malicious-code/infected-system"

static struct err organisation_action(struct work *work, void *context)
{
    const struct organisation_put put = {
            .name = S("RS Melati"), .kind = S("hospital"), .relation = RELATION_CONSTITUENT};
    return store_organisation_add(work, &put, context);
}

static int64_t organisation(struct test_store *store)
{
    int64_t number;
    clock_set(NOON);
    test_ok(test_work(store, organisation_action, &number));
    return number;
}

static struct warning warning_of(int64_t organisation)
{
    return (struct warning){.organisation = organisation,
            .cause_kind = S("indicator"),
            .cause = S(INDICATOR),
            .class = S(CLASS),
            .severity = SEVERITY_HIGH,
            .held = S(""),
            .marking = S("TLP:AMBER"),
            .first_us = NOON - DAY_US,
            .last_us = NOON,
            .events = 3,
            .due_us = TIME_NONE,
            .told_us = TIME_NONE,
            .chase_us = TIME_NONE};
}

static struct err add_action(struct work *work, void *context)
{
    struct warning *row = context;
    TRY(store_warning_add(work, row, &row->number));
    return store_warning_step(work, row->number, row->state, S("it matched"));
}

static struct err change_action(struct work *work, void *context)
{
    const struct warning *row = context;
    struct warning kept;
    TRY(store_warning_keep(work, row->number, &kept));
    TRY(store_warning_change(work, row));
    return store_warning_step(work, row->number, row->state, S(""));
}

static int64_t added(struct test_store *store, struct warning row)
{
    test_ok(test_work(store, add_action, &row));
    return row.number;
}

static void keeps_a_warning_as_it_is_given(void **state)
{
    struct test_store *store = ready(state);
    struct warning put = warning_of(organisation(store)), row;
    put.number = added(store, put);
    test_ok(store_warning_get(store->db, put.number, store->arena, &row));
    assert_true(slice_eq(row.cause, put.cause) && slice_eq(row.class, put.class));
    assert_true(slice_eq(row.marking, put.marking) && row.severity == SEVERITY_HIGH && row.events == 3);
    assert_true(row.due_us == TIME_NONE && row.told_us == TIME_NONE && row.chase_us == TIME_NONE);
    assert_true(row.state == WARNING_DRAFTED && row.drafted_us == NOON && warning_is_open(&row));
    row.state = WARNING_SENT;
    row.told_us = NOON;
    row.told = SEVERITY_CRITICAL;
    row.does = WARNING_DIGEST;
    row.chase_us = NOON + 1;
    test_ok(test_work(store, change_action, &row));
    test_ok(store_warning_get(store->db, put.number, store->arena, &put));
    assert_true(put.state == WARNING_SENT && put.told == SEVERITY_CRITICAL && put.told_us == NOON);
    assert_true(put.does == WARNING_DIGEST && put.chase_us == NOON + 1);
    assert_int_equal(store_warning_get(store->db, 99, store->arena, &put).kind, ERR_MISSING);
}

static void has_one_open_warning_for_the_same(void **state)
{
    struct test_store *store = ready(state);
    struct warning put = warning_of(organisation(store)), row;
    put.number = added(store, put);
    assert_int_equal(test_work(store, add_action, &put).kind, ERR_CONFLICT);
    test_ok(store_warning_get(store->db, put.number, store->arena, &row));
    row.state = WARNING_DONE;
    test_ok(test_work(store, change_action, &row));
    assert_true(added(store, put) > 0);
}

static void tells_its_life_in_order(void **state)
{
    struct test_store *store = ready(state);
    struct warning row = warning_of(organisation(store));
    struct warning_step *steps;
    size_t count;
    row.number = added(store, row);
    row.state = WARNING_APPROVED;
    test_ok(test_work(store, change_action, &row));
    test_ok(store_warning_steps(store->db, row.number, store->arena, &steps, &count));
    assert_int_equal(count, 2);
    assert_true(steps[0].state == WARNING_DRAFTED && slice_eq(steps[0].why, S("it matched")));
    assert_true(steps[1].state == WARNING_APPROVED && slice_eq(steps[1].actor, S("local")));
}

static size_t listed(struct test_store *store, enum warning_which which, int64_t organisation)
{
    struct warning *rows;
    size_t count;
    test_ok(store_warning_latest(store->db, which, organisation, INT64_MAX, 10, store->arena, &rows, &count));
    return count;
}

static void lists_what_is_asked_for(void **state)
{
    struct test_store *store = ready(state);
    struct warning row = warning_of(organisation(store)), *rows;
    size_t count;
    int64_t told;
    row.held = S("no rule covers it");
    (void)added(store, row);
    row.cause = S("open-rdp");
    row.cause_kind = S("report");
    row.held = S("");
    row.state = WARNING_APPROVED;
    row.does = WARNING_DIGEST;
    (void)added(store, row);
    row.cause = S("open-smb");
    row.state = WARNING_SENT;
    row.told_us = NOON;
    row.chased = 2;
    (void)added(store, row);
    row.cause = S("open-telnet");
    row.chase_us = NOON;
    (void)added(store, row);
    row.cause = S("open-snmp");
    row.state = WARNING_WITHDRAWN;
    row.chase_us = TIME_NONE;
    (void)added(store, row);
    for (int64_t of = 0; of <= row.organisation; of += row.organisation) {
        assert_int_equal(listed(store, WARNING_ALL, of), 5);
        assert_int_equal(listed(store, WARNING_OPEN, of), 4);
        assert_int_equal(listed(store, WARNING_HELD, of), 1);
        assert_int_equal(listed(store, WARNING_UNANSWERED, of), 1);
    }
    test_ok(store_warning_to_chase(store->db, NOON, 10, store->arena, &rows, &count));
    assert_true(count == 1 && slice_eq(rows[0].cause, S("open-telnet")));
    test_ok(store_warning_to_digest(store->db, 0, S(""), 0, 10, store->arena, &rows, &count));
    assert_true(count == 1 && slice_eq(rows[0].cause, S("open-rdp")));
    test_ok(store_warning_to_digest(
            store->db, rows[0].organisation, rows[0].class, rows[0].number, 10, store->arena, &rows, &count));
    assert_int_equal(count, 0);
    test_ok(store_warning_told_since(store->db, row.organisation, row.class, NOON, &told));
    assert_int_equal(told, 3);
    test_ok(store_warning_of_cause(store->db, S("report"), S("open-smb"), 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
}

static void counts_how_long_answers_took(void **state)
{
    struct test_store *store = ready(state);
    struct warning row = warning_of(organisation(store));
    struct warning_figure *rows;
    size_t count;
    row.number = added(store, row);
    row.state = WARNING_SENT;
    row.told_us = NOON;
    test_ok(test_work(store, change_action, &row));
    clock_set(NOON + HOUR_US);
    row.state = WARNING_ACKNOWLEDGED;
    test_ok(test_work(store, change_action, &row));
    row.cause = S("another");
    row.state = WARNING_DRAFTED;
    row.told_us = TIME_NONE;
    row.held = S("large reach");
    (void)added(store, row);
    test_ok(store_warning_figures(store->db, NOON, NOON + DAY_US, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_true(rows[0].severity == SEVERITY_HIGH && rows[0].drafted == 2 && rows[0].sent == 1);
    assert_true(rows[0].answered == 1 && rows[0].held == 1 && rows[0].answer_us == HOUR_US);
    test_ok(store_warning_figures(store->db, NOON + DAY_US, NOON + 2 * DAY_US, store->arena, &rows, &count));
    assert_int_equal(count, 0);
}

static struct err rule_action(struct work *work, void *context)
{
    struct warning_rule *rule = context;
    return store_warning_rule_add(work, rule, &rule->number);
}

static struct err rule_end_action(struct work *work, void *context)
{
    return store_warning_rule_end(work, *(const int64_t *)context);
}

static void keeps_rules_until_they_end(void **state)
{
    struct test_store *store = ready(state);
    struct warning_rule rule = {.class = S("malicious-code/"),
                                .cause_kind = S(""),
                                .severity = SEVERITY_HIGH,
                                .sector = S("health"),
                                .does = WARNING_DIGEST,
                                .from_us = NOON,
                                .until_us = TIME_NONE},
                        *rows;
    size_t count;
    clock_set(NOON);
    test_ok(test_work(store, rule_action, &rule));
    test_ok(store_warning_rule_holding(store->db, NOON - 1, store->arena, &rows, &count));
    assert_int_equal(count, 0);
    test_ok(store_warning_rule_holding(store->db, NOON, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_true(rows[0].does == WARNING_DIGEST && rows[0].severity == SEVERITY_HIGH && rows[0].until_us == TIME_NONE);
    assert_true(slice_eq(rows[0].class, rule.class) && slice_eq(rows[0].sector, rule.sector));
    clock_set(NOON + 1);
    test_ok(test_work(store, rule_end_action, &rule.number));
    test_ok(store_warning_rule_holding(store->db, NOON + 1, store->arena, &rows, &count));
    assert_int_equal(count, 0);
    assert_int_equal(test_work(store, rule_end_action, &rule.number).kind, ERR_CONFLICT);
    test_ok(store_warning_rule_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(keeps_a_warning_as_it_is_given, set_up, tear_down),
            TEST_ON_BOTH(has_one_open_warning_for_the_same, set_up, tear_down),
            TEST_ON_BOTH(tells_its_life_in_order, set_up, tear_down),
            TEST_ON_BOTH(lists_what_is_asked_for, set_up, tear_down),
            TEST_ON_BOTH(counts_how_long_answers_took, set_up, tear_down),
            TEST_ON_BOTH(keeps_rules_until_they_end, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
