/* SPDX-License-Identifier: Apache-2.0 */
#include "store/asset.h"

#include <pthread.h>

#include "store/test_organisation.h"

/* One verb with its parameters, for a work of its own. */
struct call {
    struct asset_put put;
    int64_t number, organisation, at_us, fresh;
    uint64_t count;
};

static struct err add(struct work *work, void *context)
{
    struct call *call = context;
    return store_asset_add(work, &call->put, &call->number);
}

static struct err end(struct work *work, void *context)
{
    const struct call *call = context;
    return store_asset_end(work, call->number, call->at_us);
}

static struct err hand(struct work *work, void *context)
{
    struct call *call = context;
    return store_asset_hand(work, call->number, call->organisation, call->at_us, S("letter 7"), &call->fresh);
}

static struct err end_all(struct work *work, void *context)
{
    struct call *call = context;
    return store_asset_end_all(work, call->organisation, call->at_us, &call->count);
}

static struct call call_of(int64_t organisation, enum asset_kind kind, const char *value, int64_t from, int64_t until)
{
    return (struct call){.put = {organisation, kind, slice_of(value), from, until, S("contract 12")}};
}

static int64_t add_one(struct test_store *store, int64_t organisation, const char *value, int64_t from, int64_t until)
{
    struct call call = call_of(organisation, ASSET_PREFIX, value, from, until);
    test_ok(test_work(store, add, &call));
    return call.number;
}

static struct asset get(struct test_store *store, int64_t number)
{
    struct asset asset;
    test_ok(store_asset_get(store->db, number, store->arena, &asset));
    return asset;
}

/* What becomes of a value; NULL: it is refused. */
static const struct {
    enum asset_kind kind;
    const char *text, *value;
} values[] = {
        {ASSET_PREFIX, "203.0.113.0/26", "203.0.113.0/26"},
        {ASSET_PREFIX, "203.0.113.9", "203.0.113.9/32"},
        {ASSET_PREFIX, "2001:DB8:0:0::/48", "2001:db8::/48"},
        {ASSET_PREFIX, "2001:db8::1", "2001:db8::1/128"},
        {ASSET_PREFIX, "::ffff:192.0.2.0/120", "192.0.2.0/24"},
        {ASSET_PREFIX, "203.0.113.9/26", NULL}, /* which is meant? */
        {ASSET_PREFIX, "0.0.0.0/0", NULL},
        {ASSET_PREFIX, "2000::/3", NULL},
        {ASSET_PREFIX, "203.0.113.0/33", NULL},
        {ASSET_PREFIX, "rs-melati.example", NULL},
        {ASSET_PREFIX, "", NULL},
        {ASSET_ASN, "64500", "64500"},
        {ASSET_ASN, "as64500", "64500"},
        {ASSET_ASN, "AS0", NULL},
        {ASSET_ASN, "4294967295", NULL},
        {ASSET_ASN, "64500 ", NULL},
        {ASSET_DOMAIN, "RS-Melati.Example.", "rs-melati.example"},
        {ASSET_DOMAIN,
                "b\xc3\xbc"
                "cher.example",
                "xn--bcher-kva.example"},
        {ASSET_DOMAIN, "*.rs-melati.example", NULL},
        {ASSET_DOMAIN, "example", NULL},
        {ASSET_DOMAIN, "192.0.2.1", NULL},
        {ASSET_DOMAIN, "[2001:db8::1]", NULL},
        {ASSET_DOMAIN, "a..example", NULL},
        {ASSET_DOMAIN, "a b.example", NULL},
        {ASSET_SITE, "Gedung B, lantai 3", "Gedung B, lantai 3"},
        {ASSET_SITE, "a\tb", NULL},
};

static void values_have_one_form(void **state)
{
    struct test_store *store = ready(state);
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        slice value = S("untouched");
        struct err err = store_asset_value(store->arena, values[i].kind, slice_of(values[i].text), &value);
        if (values[i].value == NULL && err.kind != ERR_INPUT)
            fail_msg("%s became %.*s", values[i].text, (int)value.len, value.ptr);
        if (values[i].value != NULL)
            test_ok(err);
        if (values[i].value != NULL && !slice_eq(value, slice_of(values[i].value)))
            fail_msg("%s became %.*s", values[i].text, (int)value.len, value.ptr);
    }
}

static void an_asset_comes_back(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati");
    struct asset asset = get(store, add_one(store, melati, "203.0.113.0/26", ASSET_EVER, TIME_NONE));
    assert_int_equal(asset.organisation, melati);
    assert_int_equal(asset.kind, ASSET_PREFIX);
    assert_true(slice_eq(asset.value, S("203.0.113.0/26")) && slice_eq(asset.said_by, S("contract 12")));
    assert_int_equal(asset.until_us, TIME_NONE);
    struct call nobody = call_of(999, ASSET_ASN, "64500", 0, TIME_NONE);
    struct call backwards = call_of(melati, ASSET_ASN, "64500", 5, 5);
    assert_int_equal(test_work(store, add, &nobody).kind, ERR_MISSING);
    assert_int_equal(test_work(store, add, &backwards).kind, ERR_INPUT);
    test_organisation_close(store, melati);
    struct call closed = call_of(melati, ASSET_ASN, "64500", 0, TIME_NONE);
    assert_int_equal(test_work(store, add, &closed).kind, ERR_CONFLICT);
}

static void nobody_owns_what_is_anothers_then(void **state)
{
    static const struct {
        const char *value;
        int64_t from, until;
        enum err_kind kind;
    } cases[] = {
            {"203.0.113.0/26", 1000, 2000, ERR_CONFLICT},
            {"203.0.113.0/26", ASSET_EVER, TIME_NONE, ERR_CONFLICT},
            {"203.0.113.0/26", ASSET_EVER, 1001, ERR_CONFLICT},
            {"203.0.113.0/26", 1999, TIME_NONE, ERR_CONFLICT},
            {"203.0.113.0/26", 1500, 1600, ERR_CONFLICT},
            {"203.0.113.0/26", 500, 1000, ERR_NONE},
            {"203.0.113.0/26", 2000, TIME_NONE, ERR_NONE},
            {"203.0.113.0/27", 1000, 2000, ERR_NONE}, /* narrower: the longest wins */
            {"203.0.113.0/25", 1000, 2000, ERR_NONE},
    };
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati"), kenanga = test_constituent(store, "RS Kenanga");
    add_one(store, melati, "203.0.113.0/26", 1000, 2000);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct call call = call_of(kenanga, ASSET_PREFIX, cases[i].value, cases[i].from, cases[i].until);
        struct err err = test_work(store, add, &call);
        assert_int_equal(err.kind, cases[i].kind);
        if (err.kind == ERR_CONFLICT)
            assert_non_null(strstr(err.why, "RS Melati"));
    }
    struct call twice = call_of(melati, ASSET_PREFIX, "203.0.113.0/26", 1000, TIME_NONE);
    assert_int_equal(test_work(store, add, &twice).kind, ERR_CONFLICT);
}

static void an_asset_changes_hands(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati"), kenanga = test_constituent(store, "RS Kenanga");
    struct call call = {.number = add_one(store, melati, "203.0.113.0/26", 1000, TIME_NONE), .at_us = 1000};
    call.organisation = kenanga;
    assert_int_equal(test_work(store, hand, &call).kind, ERR_INPUT);
    call.at_us = 5000;
    test_ok(test_work(store, hand, &call));
    struct asset was = get(store, call.number), is = get(store, call.fresh);
    assert_int_equal(was.until_us, 5000);
    assert_int_equal(was.organisation, melati);
    assert_int_equal(is.from_us, 5000);
    assert_int_equal(is.until_us, TIME_NONE);
    assert_int_equal(is.organisation, kenanga);
    /* And no second time: it is not theirs any more. */
    call.organisation = test_constituent(store, "RS Mawar");
    assert_int_equal(test_work(store, hand, &call).kind, ERR_CONFLICT);
    struct asset *rows;
    size_t count;
    test_ok(store_asset_history(store->db, ASSET_PREFIX, S("203.0.113.0/26"), store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].number, call.number);
    test_ok(store_asset_list(store->db, kenanga, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    test_ok(store_asset_list(store->db, 0, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 2);
}

static void what_ended_is_free(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati"), kenanga = test_constituent(store, "RS Kenanga");
    struct call call = {.number = add_one(store, melati, "203.0.113.0/26", 1000, TIME_NONE), .at_us = 5000};
    test_ok(test_work(store, end, &call));
    assert_int_equal(test_work(store, end, &call).kind, ERR_CONFLICT);
    call.at_us = 6000;
    assert_int_equal(test_work(store, end, &call).kind, ERR_CONFLICT);
    add_one(store, kenanga, "203.0.113.0/26", 5000, TIME_NONE);
    call.number = 999;
    assert_int_equal(test_work(store, end, &call).kind, ERR_MISSING);
}

/* One that was still to begin never was theirs: it is free, and can be theirs after all. */
static void all_of_an_organisation_end(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati"), kenanga = test_constituent(store, "RS Kenanga");
    int64_t past = add_one(store, melati, "203.0.113.0/26", 1000, 2000);
    int64_t present = add_one(store, melati, "198.51.100.0/24", 1000, TIME_NONE);
    int64_t future = add_one(store, melati, "192.0.2.0/24", 9000, TIME_NONE);
    struct call call = {.organisation = melati, .at_us = 5000};
    test_ok(test_work(store, end_all, &call));
    assert_int_equal(call.count, 2);
    assert_int_equal(get(store, past).until_us, 2000);
    assert_int_equal(get(store, present).until_us, 5000);
    assert_int_equal(get(store, future).until_us, 9000);
    add_one(store, kenanga, "192.0.2.0/24", 8000, 9500);
    assert_int_equal(add_one(store, melati, "192.0.2.0/24", 9500, TIME_NONE), future + 2);
    struct call never = {.number = future, .organisation = kenanga, .at_us = 9100};
    assert_int_equal(test_work(store, hand, &never).kind, ERR_CONFLICT);
}

#define CLAIMS 20

/* Claims one prefix after the other with a connection of its own. */
struct claimer {
    struct test_store store;
    int64_t organisation;
    size_t got, refused;
    pthread_t thread;
};

static void *claim(void *context)
{
    struct claimer *claimer = context;
    for (int i = 0; i < CLAIMS; i++) {
        const char *value = arena_printf(claimer->store.arena, "198.51.100.%d/32", i);
        struct call call = call_of(claimer->organisation, ASSET_PREFIX, value, ASSET_EVER, TIME_NONE);
        struct err err = test_work(&claimer->store, add, &call);
        claimer->got += err.kind == ERR_NONE;
        claimer->refused += err.kind == ERR_CONFLICT;
    }
    return NULL;
}

static void of_two_who_claim_the_same_one_gets_it(void **state)
{
    struct test_store *store = ready(state);
    struct claimer claimers[2] = {{.organisation = test_constituent(store, "RS Melati")},
            {.organisation = test_constituent(store, "RS Kenanga")}};
    for (size_t i = 0; i < 2; i++) {
        claimers[i].store = *store;
        claimers[i].store.arena = arena_open("a claimer", ARENA_WORK, 64u << 20);
        claimers[i].store.db = test_store_open(&claimers[i].store);
        assert_int_equal(pthread_create(&claimers[i].thread, NULL, claim, &claimers[i]), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        pthread_join(claimers[i].thread, NULL);
        db_close(claimers[i].store.db);
        arena_close(claimers[i].store.arena);
    }
    assert_int_equal(claimers[0].got + claimers[1].got, CLAIMS);
    assert_int_equal(claimers[0].refused + claimers[1].refused, CLAIMS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(values_have_one_form, set_up, tear_down),
            TEST_ON_BOTH(an_asset_comes_back, set_up, tear_down),
            TEST_ON_BOTH(nobody_owns_what_is_anothers_then, set_up, tear_down),
            TEST_ON_BOTH(an_asset_changes_hands, set_up, tear_down),
            TEST_ON_BOTH(what_ended_is_free, set_up, tear_down),
            TEST_ON_BOTH(all_of_an_organisation_end, set_up, tear_down),
            TEST_ON_BOTH(of_two_who_claim_the_same_one_gets_it, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
