/* SPDX-License-Identifier: Apache-2.0 */
#include "store/service.h"

#include "store/test_organisation.h"

static struct err put(struct work *work, void *context)
{
    return store_service_put(work, context);
}

static int64_t days(struct test_store *store, int64_t organisation, int64_t at_us)
{
    int64_t found = -1;
    test_ok(store_service_days(store->db, organisation, at_us, &found));
    return found;
}

static void without_words_it_is_what_everybody_gets(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati");
    struct service service;
    assert_int_equal(store_service_get(store->db, melati, store->arena, &service).kind, ERR_MISSING);
    assert_int_equal(days(store, melati, 1000), SERVICE_DAYS);
    assert_int_equal(days(store, 999, 1000), 0);
}

static void what_was_agreed_holds_in_its_time(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati");
    struct service agreed = {melati, 90, 1000, 5000}, found;
    test_ok(test_work(store, put, &agreed));
    test_ok(store_service_get(store->db, melati, store->arena, &found));
    assert_int_equal(found.memory_days, 90);
    assert_int_equal(days(store, melati, 999), 0);
    assert_int_equal(days(store, melati, 1000), 90);
    assert_int_equal(days(store, melati, 5000), 0);
    agreed = (struct service){melati, 7, 1000, TIME_NONE};
    test_ok(test_work(store, put, &agreed));
    assert_int_equal(days(store, melati, 5000), 7);
    test_ok(store_service_get(store->db, melati, store->arena, &found));
    assert_int_equal(found.until_us, TIME_NONE);
    test_organisation_close(store, melati);
    assert_int_equal(days(store, melati, 5000), 0);
}

static void terms_that_cannot_be_are_refused(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati");
    struct service long_one = {melati, SERVICE_DAYS_MAX + 1, 0, TIME_NONE}, negative = {melati, -1, 0, TIME_NONE};
    struct service backwards = {melati, 30, 5, 5};
    assert_int_equal(test_work(store, put, &long_one).kind, ERR_INPUT);
    assert_int_equal(test_work(store, put, &negative).kind, ERR_INPUT);
    assert_int_equal(test_work(store, put, &backwards).kind, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(without_words_it_is_what_everybody_gets, set_up, tear_down),
            TEST_ON_BOTH(what_was_agreed_holds_in_its_time, set_up, tear_down),
            TEST_ON_BOTH(terms_that_cannot_be_are_refused, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
