/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/owners.h"

#include <unistd.h>

#include "base/arena.h"
#include "store/asset.h"
#include "store/test_organisation.h"

/* What the verbs do, with their row of the journal. */
struct call {
    struct asset_put put;
    int64_t number, organisation, at_us, fresh;
    const char *act;
};

static struct err tell(struct work *work, const char *act, int64_t asset)
{
    return store_work_news(work, act, slice_of(arena_printf(work->arena, "asset/%lld", (long long)asset)), S(""));
}

static struct err add(struct work *work, void *context)
{
    struct call *call = context;
    TRY(store_asset_add(work, &call->put, &call->number));
    return call->act == NULL ? OK : tell(work, call->act, call->number);
}

static struct err hand(struct work *work, void *context)
{
    struct call *call = context;
    TRY(store_asset_hand(work, call->number, call->organisation, call->at_us, S(""), &call->fresh));
    TRY(tell(work, "asset.ended", call->number));
    return tell(work, "asset.handed", call->fresh);
}

static struct err imported(struct work *work, void *context)
{
    (void)context;
    return store_work_news(work, "organisation.imported", S("organisations"), S(""));
}

static int64_t add_one(struct test_store *store, int64_t organisation, enum asset_kind kind, const char *value)
{
    struct call call = {.put = {organisation, kind, slice_of(value), ASSET_EVER, TIME_NONE, S("")}};
    call.act = "asset.added";
    test_ok(test_work(store, add, &call));
    return call.number;
}

static struct owners *open_one(struct test_store *store, bool by_hand)
{
    struct owners *owners;
    const struct owners_options options = {.db = {.where = store->base->where}, .by_hand = by_hand};
    test_ok(owners_open(&options, store->arena, &owners));
    return owners;
}

static int64_t address(struct owners *owners, const char *text, int64_t time_us)
{
    struct ip ip;
    assert_true(ip_parse(slice_of(text), &ip));
    const struct owners_view *view = owners_take(owners);
    int64_t found = owners_of_address(view, &ip, time_us);
    owners_leave(owners, view);
    return found;
}

static int64_t name(struct owners *owners, const char *text)
{
    const struct owners_view *view = owners_take(owners);
    int64_t found = owners_of_name(view, slice_of(text), 1000);
    owners_leave(owners, view);
    return found;
}

static void the_longest_wins(void **state)
{
    struct test_store *store = ready(state);
    int64_t region = test_constituent(store, "Dinas"), melati = test_constituent(store, "RS Melati");
    add_one(store, region, ASSET_PREFIX, "203.0.113.0/24");
    int64_t narrow = add_one(store, melati, ASSET_PREFIX, "203.0.113.64/26");
    add_one(store, region, ASSET_PREFIX, "2001:db8::/32");
    add_one(store, melati, ASSET_PREFIX, "2001:db8:7::/48");
    add_one(store, region, ASSET_DOMAIN, "dinas.example");
    add_one(store, melati, ASSET_DOMAIN, "melati.dinas.example");
    add_one(store, melati, ASSET_ASN, "64500");
    add_one(store, melati, ASSET_SITE, "Gedung B");
    struct owners *owners = open_one(store, true);
    assert_int_equal(address(owners, "203.0.113.1", 1000), region);
    assert_int_equal(address(owners, "203.0.113.65", 1000), melati);
    assert_int_equal(address(owners, "203.0.113.128", TIME_NONE), region);
    assert_int_equal(address(owners, "198.51.100.1", 1000), 0);
    assert_int_equal(address(owners, "2001:db8:7::1", 1000), melati);
    assert_int_equal(address(owners, "2001:db8:8::1", 1000), region);
    assert_int_equal(name(owners, "www.melati.dinas.example"), melati);
    assert_int_equal(name(owners, "MELATI.dinas.example."), melati);
    assert_int_equal(name(owners, "notmelati.dinas.example"), region);
    assert_int_equal(name(owners, "xdinas.example"), 0);
    assert_int_equal(name(owners, "203.0.113.65"), melati);
    const struct owners_view *view = owners_take(owners);
    struct ip ip;
    assert_true(ip_parse(S("203.0.113.65"), &ip));
    assert_int_equal(owners_of_asn(view, 64500, 1000), melati);
    assert_int_equal(owners_of_asn(view, 64501, 1000), 0);
    assert_int_equal(owners_asset_of_address(view, &ip, 1000), narrow);
    owners_leave(owners, view);
    assert_int_equal(owners_counts(owners).assets, 7);
    owners_close(owners);
}

/* An event that comes late finds whose it was when it happened. */
static void the_time_of_the_event_decides(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati"), kenanga = test_constituent(store, "RS Kenanga");
    struct call call = {.number = add_one(store, melati, ASSET_PREFIX, "203.0.113.0/26"), .organisation = kenanga};
    call.at_us = 5000;
    struct owners *owners = open_one(store, true);
    const struct owners_view *before = owners_take(owners);
    test_ok(test_work(store, hand, &call));
    assert_int_equal(address(owners, "203.0.113.1", 6000), melati); /* not heard of yet */
    test_ok(owners_follow(owners));
    assert_int_equal(address(owners, "203.0.113.1", 4999), melati);
    assert_int_equal(address(owners, "203.0.113.1", 5000), kenanga);
    struct ip ip;
    assert_true(ip_parse(S("203.0.113.1"), &ip));
    assert_int_equal(owners_of_address(before, &ip, 6000), melati); /* a view is of one moment */
    owners_leave(owners, before);
    assert_int_equal(owners_counts(owners).reloads, 1);
    owners_close(owners);
}

static void what_many_rows_changed_is_read_anew(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati");
    struct owners *owners = open_one(store, true);
    struct call call = {.put = {melati, ASSET_ASN, S("64500"), ASSET_EVER, TIME_NONE, S("")}};
    test_ok(test_work(store, add, &call));
    test_ok(owners_follow(owners));
    assert_int_equal(owners_counts(owners).assets, 0);
    test_ok(test_work(store, imported, NULL));
    test_ok(owners_follow(owners));
    assert_int_equal(owners_counts(owners).assets, 1);
    assert_int_equal(owners_counts(owners).reloads, 2);
    owners_close(owners);
}

/* The thread hears of it by itself. */
static void news_are_followed(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati");
    struct owners *owners = open_one(store, false);
    add_one(store, melati, ASSET_PREFIX, "203.0.113.0/26");
    int64_t until = clock_steady_us() + 20 * SECOND_US;
    while (address(owners, "203.0.113.1", 1000) != melati && clock_steady_us() < until)
        usleep(1000);
    assert_int_equal(address(owners, "203.0.113.1", 1000), melati);
    assert_int_equal(owners_counts(owners).failures, 0);
    owners_close(owners);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(the_longest_wins, set_up, tear_down),
            TEST_ON_BOTH(the_time_of_the_event_decides, set_up, tear_down),
            TEST_ON_BOTH(what_many_rows_changed_is_read_anew, set_up, tear_down),
            TEST_ON_BOTH(news_are_followed, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
