/* SPDX-License-Identifier: Apache-2.0 */
#include "store/supply.h"

#include "store/involved.h"
#include "store/test_organisation.h"

/* One verb with its parameters, for a work of its own. */
struct call {
    int64_t supplier, customer, incident;
    enum party_role role;
    const char *what;
};

static struct err put(struct work *work, void *context)
{
    const struct call *call = context;
    return store_supply_put(work, call->supplier, call->customer, slice_of(call->what));
}

static struct err end(struct work *work, void *context)
{
    const struct call *call = context;
    return store_supply_end(work, call->supplier, call->customer);
}

static struct err end_all(struct work *work, void *context)
{
    const struct call *call = context;
    return store_supply_end_all(work, call->customer);
}

static struct err party(struct work *work, void *context)
{
    const struct call *call = context;
    return store_party_add(work, call->incident, call->customer, call->role, S("they called"));
}

static struct err incident(struct work *work, void *context)
{
    struct call *call = context;
    struct incident row = {.home = call->supplier,
            .identity = S("incident--6b616c61-0000-4000-8000-000000000001"),
            .title = S("Ransomware"),
            .class = S(""),
            .local_class = S(""),
            .determination = S("suspected"),
            .marking = S("TLP:AMBER"),
            .sector = S(""),
            .flags = S("")};
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        row.at[i] = TIME_NONE;
    return store_incident_add(work, &row, &call->incident);
}

static int64_t now(struct test_store *store, struct call *call, work_action *action)
{
    test_ok(test_work(store, action, call));
    return clock_now_us();
}

static size_t customers(struct test_store *store, int64_t supplier, int64_t at_us, struct supply **rows)
{
    size_t count;
    test_ok(store_supply_customers(store->db, supplier, at_us, 0, 10, store->arena, rows, &count));
    return count;
}

static void who_supplies_whom_has_its_time(void **state)
{
    struct test_store *store = ready(state);
    struct call call = {.supplier = test_constituent(store, "Lab Melati"), .what = "blood tests"};
    struct supply *rows;
    call.customer = test_constituent(store, "RS Melati");
    int64_t before = clock_now_us() - 1, since = now(store, &call, put);
    assert_int_equal(customers(store, call.supplier, before, &rows), 0);
    assert_int_equal(customers(store, call.supplier, since, &rows), 1);
    assert_true(slice_eq(rows[0].customer_name, S("RS Melati")) && slice_eq(rows[0].supplier_name, S("Lab Melati")));
    assert_true(slice_eq(rows[0].what, S("blood tests")) && rows[0].until_us == TIME_NONE);
    call.what = "all tests"; /* again: the same row */
    since = now(store, &call, put);
    assert_int_equal(customers(store, call.supplier, since, &rows), 1);
    assert_true(slice_eq(rows[0].what, S("all tests")));
    int64_t until = now(store, &call, end);
    assert_int_equal(customers(store, call.supplier, until, &rows), 0);
    assert_int_equal(customers(store, call.supplier, since, &rows), 1);
    assert_int_equal(test_work(store, end, &call).kind, ERR_MISSING);
    assert_int_equal(customers(store, call.supplier, now(store, &call, put), &rows), 1);
}

static void what_cannot_be_is_refused(void **state)
{
    struct test_store *store = ready(state);
    int64_t lab = test_constituent(store, "Lab Melati"), melati = test_constituent(store, "RS Melati");
    int64_t closed = test_constituent(store, "RS Kenanga");
    test_organisation_close(store, closed);
    const struct {
        struct call call;
        enum err_kind kind;
    } cases[] = {
            {{.supplier = lab, .customer = lab, .what = ""}, ERR_INPUT},
            {{.supplier = lab, .customer = melati, .what = "a\tb"}, ERR_INPUT},
            {{.supplier = lab, .customer = closed, .what = ""}, ERR_CONFLICT},
            {{.supplier = closed, .customer = melati, .what = ""}, ERR_CONFLICT},
            {{.supplier = lab, .customer = 999, .what = ""}, ERR_MISSING},
    };
    struct supply *rows;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct call call = cases[i].call;
        assert_int_equal(test_work(store, put, &call).kind, cases[i].kind);
    }
    assert_int_equal(customers(store, lab, clock_now_us(), &rows), 0);
}

static void customers_come_in_pages(void **state)
{
    struct test_store *store = ready(state);
    int64_t lab = test_constituent(store, "Lab Melati"), after = 0;
    struct supply *rows;
    size_t count, all = 0;
    for (int i = 0; i < 5; i++) {
        struct call call = {.supplier = lab, .what = ""};
        call.customer = test_constituent(store, arena_printf(store->arena, "RS %d", i));
        test_ok(test_work(store, put, &call));
    }
    do {
        test_ok(store_supply_customers(store->db, lab, clock_now_us(), after, 2, store->arena, &rows, &count));
        for (size_t i = 0; i < count; i++, all++) {
            assert_true(rows[i].customer > after);
            after = rows[i].customer;
        }
    } while (count > 0);
    assert_int_equal(all, 5);
}

/* Twelve are supplied; the one that is hit, and the one that knows already, are not asked after. */
static void of_an_incident_the_others_are_named(void **state)
{
    struct test_store *store = ready(state);
    int64_t lab = test_constituent(store, "Lab Melati");
    struct call call = {.supplier = lab, .what = ""};
    struct supply *rows;
    size_t count;
    test_ok(test_work(store, incident, &call));
    for (int i = 0; i < 12; i++) {
        call.customer = test_constituent(store, arena_printf(store->arena, "RS %d", i));
        test_ok(test_work(store, put, &call));
    }
    call.role = PARTY_VICTIM;
    test_ok(test_work(store, party, &call));
    test_ok(store_supply_around(store->db, call.incident, clock_now_us(), store->arena, &rows, &count));
    assert_int_equal(count, 0); /* the supplier has nothing to do with it yet */
    int64_t victim = call.customer;
    call.customer = lab;
    call.role = PARTY_SUPPLIER;
    test_ok(test_work(store, party, &call));
    test_ok(store_supply_around(store->db, call.incident, clock_now_us(), store->arena, &rows, &count));
    assert_int_equal(count, 11);
    for (size_t i = 0; i < count; i++)
        assert_true(rows[i].customer != victim && rows[i].supplier == lab);
    call.customer = rows[0].customer;
    test_ok(test_work(store, end_all, &call));
    call.customer = rows[1].customer;
    call.role = PARTY_INFORMED;
    test_ok(test_work(store, party, &call));
    test_ok(store_supply_around(store->db, call.incident, clock_now_us(), store->arena, &rows, &count));
    assert_int_equal(count, 9);
    call.customer = lab;
    test_ok(test_work(store, end_all, &call));
    test_ok(store_supply_around(store->db, call.incident, clock_now_us(), store->arena, &rows, &count));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(who_supplies_whom_has_its_time, set_up, tear_down),
            TEST_ON_BOTH(what_cannot_be_is_refused, set_up, tear_down),
            TEST_ON_BOTH(customers_come_in_pages, set_up, tear_down),
            TEST_ON_BOTH(of_an_incident_the_others_are_named, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
