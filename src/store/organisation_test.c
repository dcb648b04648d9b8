/* SPDX-License-Identifier: Apache-2.0 */
#include "store/organisation.h"

#include "stix/id.h"
#include "store/test_store.h"

/* One verb with its parameters, for a work of its own. */
struct call {
    struct organisation_put put;
    int64_t number, from_us;
    slice name;
    enum organisation_state state;
};

static struct err add(struct work *work, void *context)
{
    struct call *call = context;
    return store_organisation_add(work, &call->put, &call->number);
}

static struct err change(struct work *work, void *context)
{
    const struct call *call = context;
    return store_organisation_change(work, call->number, &call->put);
}

static struct err rename_it(struct work *work, void *context)
{
    const struct call *call = context;
    return store_organisation_rename(work, call->number, call->name, call->from_us);
}

static struct err move(struct work *work, void *context)
{
    const struct call *call = context;
    return store_organisation_state(work, call->number, call->state);
}

static struct call call_of(const char *name)
{
    struct call call = {.put = {.name = slice_of(name), .kind = S("hospital"), .relation = RELATION_CONSTITUENT}};
    call.put.sector = S("health");
    call.put.country = S("ID");
    return call;
}

static int64_t add_one(struct test_store *store, const char *name)
{
    struct call call = call_of(name);
    test_ok(test_work(store, add, &call));
    return call.number;
}

static struct organisation get(struct test_store *store, int64_t number)
{
    struct organisation organisation;
    test_ok(store_organisation_get(store->db, number, store->arena, &organisation));
    return organisation;
}

static int64_t find(struct test_store *store, const char *name)
{
    int64_t number = 0;
    struct err err = store_organisation_find(store->db, slice_of(name), &number);
    assert_true(err.kind == ERR_NONE || err.kind == ERR_MISSING);
    return number;
}

static void an_organisation_comes_back(void **state)
{
    struct test_store *store = ready(state);
    struct organisation organisation = get(store, add_one(store, "Rumah Sakit <Contoh>"));
    struct stix_id id;
    assert_true(slice_eq(organisation.name, S("Rumah Sakit <Contoh>")));
    assert_true(slice_eq(organisation.sector, S("health")) && slice_eq(organisation.country, S("ID")));
    assert_int_equal(organisation.relation, RELATION_CONSTITUENT);
    assert_int_equal(organisation.state, ORGANISATION_PROPOSED);
    assert_true(stix_id_parse(organisation.identity, &id) && slice_eq(id.type, S("identity")));
    struct call again = call_of("Rumah Sakit <Contoh>");
    assert_int_equal(test_work(store, add, &again).kind, ERR_CONFLICT);
}

static void words_that_are_none_are_refused(void **state)
{
    struct test_store *store = ready(state);
    struct call kind = call_of("a"), country = call_of("b"), empty = call_of(""), parent = call_of("c");
    kind.put.kind = S("band");
    country.put.country = S("id");
    parent.put.parent = 77;
    assert_int_equal(test_work(store, add, &kind).kind, ERR_INPUT);
    assert_int_equal(test_work(store, add, &country).kind, ERR_INPUT);
    assert_int_equal(test_work(store, add, &empty).kind, ERR_INPUT);
    assert_int_equal(test_work(store, add, &parent).kind, ERR_MISSING);
}

static void there_is_one_own_organisation(void **state)
{
    struct test_store *store = ready(state);
    struct call own = call_of("Tim Contoh"), other = call_of("Tim Lain");
    int64_t number;
    assert_int_equal(store_organisation_own(store->db, &number).kind, ERR_MISSING);
    own.put.relation = other.put.relation = RELATION_OWN;
    test_ok(test_work(store, add, &own));
    assert_int_equal(test_work(store, add, &other).kind, ERR_CONFLICT);
    test_ok(store_organisation_own(store->db, &number));
    assert_int_equal(number, own.number);
    assert_int_equal(get(store, number).state, ORGANISATION_ACTIVE);
}

static void names_have_a_history(void **state)
{
    struct test_store *store = ready(state);
    clock_set(1000);
    struct call call = {.number = add_one(store, "Balai Lama"), .name = S("Badan Baru"), .from_us = 5000};
    test_ok(test_work(store, rename_it, &call));
    assert_true(slice_eq(get(store, call.number).name, S("Badan Baru")));
    assert_int_equal(find(store, "Balai Lama"), call.number);
    assert_int_equal(find(store, "Badan Baru"), call.number);
    struct organisation_name *names;
    size_t count;
    test_ok(store_organisation_names(store->db, call.number, store->arena, &names, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(names[0].name, S("Balai Lama")));
    assert_int_equal(names[0].from_us, 1000);
    assert_int_equal(names[0].until_us, 5000);
    assert_int_equal(names[1].until_us, TIME_NONE);
    /* Not before the present name began; and a name that is free again can be another's. */
    call.name = S("Badan Terbaru");
    assert_int_equal(test_work(store, rename_it, &call).kind, ERR_INPUT);
    int64_t other = add_one(store, "Balai Lama");
    assert_int_equal(find(store, "Balai Lama"), other);
}

static void nothing_is_above_itself(void **state)
{
    struct test_store *store = ready(state);
    int64_t top = add_one(store, "atas"), middle = add_one(store, "tengah");
    struct call call = call_of("");
    call.put.name = S("tengah");
    call.number = middle;
    call.put.parent = top;
    test_ok(test_work(store, change, &call));
    assert_int_equal(get(store, middle).parent, top);
    call.number = top;
    call.put.parent = middle;
    assert_int_equal(test_work(store, change, &call).kind, ERR_INPUT);
    call.put.parent = top;
    assert_int_equal(test_work(store, change, &call).kind, ERR_INPUT);
}

static void states_go_their_ways_only(void **state)
{
    static const struct {
        enum organisation_state to;
        enum err_kind kind;
    } steps[] = {
            {ORGANISATION_SUSPENDED, ERR_CONFLICT},
            {ORGANISATION_ACTIVE, ERR_NONE},
            {ORGANISATION_PROPOSED, ERR_CONFLICT},
            {ORGANISATION_SUSPENDED, ERR_NONE},
            {ORGANISATION_ACTIVE, ERR_NONE},
            {ORGANISATION_CLOSED, ERR_NONE},
            {ORGANISATION_ACTIVE, ERR_CONFLICT},
    };
    struct test_store *store = ready(state);
    struct call call = {.number = add_one(store, "Rumah Sakit")};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        call.state = steps[i].to;
        assert_int_equal(test_work(store, move, &call).kind, steps[i].kind);
    }
    struct organisation *rows;
    size_t count;
    test_ok(store_organisation_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].state, ORGANISATION_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_organisation_comes_back, set_up, tear_down),
            TEST_ON_BOTH(words_that_are_none_are_refused, set_up, tear_down),
            TEST_ON_BOTH(there_is_one_own_organisation, set_up, tear_down),
            TEST_ON_BOTH(names_have_a_history, set_up, tear_down),
            TEST_ON_BOTH(nothing_is_above_itself, set_up, tear_down),
            TEST_ON_BOTH(states_go_their_ways_only, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
