/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/hunt.h"

#include "detect/test_detect.h"
#include "detect/test_memory.h"
#include "match/build.h"
#include "store/batch.h"
#include "store/memory.h"
#include "store/met.h"

static void test_value(
        struct test_remember *test, int64_t organisation, enum observable_type type, const char *value, int64_t age)
{
    test_note_as(test, organisation, type, value, TEST_NOW_US - age * DAY_US);
}

static struct hunt_job job_of(struct test_remember *test, const struct indicator *values, size_t count)
{
    return (struct hunt_job){.remember = test->remember,
            .db = test->store->db,
            .values = values,
            .count = count,
            .since_us = TIME_NONE,
            .until_us = TIME_NONE};
}

static struct test_remember *some_past(struct test_store *store)
{
    struct test_remember *test = test_remember_open(store);
    for (int64_t age = 0; age < 5; age++) {
        test_value(test, test->mawar, OBSERVABLE_HOST, "a.tiruan.example", age);
        test_value(test, test->mawar, OBSERVABLE_IPV4, "203.0.113.77", age);
        test_commit(test);
    }
    test_value(test, test->mawar, OBSERVABLE_HOST, "tiruan.example", 1);
    test_value(test, test->melati, OBSERVABLE_URL, "http://tiruan.example/a/b", 2);
    test_value(test, test->melati, OBSERVABLE_IPV4, "203.0.113.78", 2);
    test_commit(test);
    return test;
}

static void many_values_are_found_by_value_and_organisation(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = some_past(store);
    const struct indicator values[] = {
            {.type = OBSERVABLE_CIDR, .value = S("203.0.113.0/24")},
            {.type = OBSERVABLE_DOMAIN, .value = S("tiruan.example")},
            {.type = OBSERVABLE_URL, .value = S("http://tiruan.example/a/"), .flags = INDICATOR_BELOW},
            {.type = OBSERVABLE_HOST, .value = S("lain.example")},
    };
    const struct hunt_job job = job_of(test, values, COUNT_OF(values));
    struct hunted hunted;
    test_ok(detect_hunt(&job, &store->actor, store->arena, &hunted));
    assert_int_equal(hunted.count, 4);
    assert_true(hunted.met[0].organisation == test->mawar && hunted.met[0].count == 5 && hunted.met[0].days == 5);
    assert_true(hunted.met[1].organisation == test->melati && hunted.met[1].count == 1);
    assert_true(hunted.met[2].value == 1 && hunted.met[2].count == 6 && hunted.met[2].days == 5);
    assert_true(hunted.met[2].first_us == TEST_NOW_US - 4 * DAY_US && hunted.met[2].last_us == TEST_NOW_US);
    assert_true(hunted.met[3].value == 2 && hunted.met[3].organisation == test->melati);
    test_remember_close(test);
}

static void a_time_bounds_what_is_found(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = some_past(store);
    const struct indicator value = {.type = OBSERVABLE_IPV4, .value = S("203.0.113.77")};
    struct hunt_job job = job_of(test, &value, 1);
    struct hunted hunted;
    job.since_us = TEST_NOW_US - 2 * DAY_US;
    test_ok(detect_hunt(&job, &store->actor, store->arena, &hunted));
    assert_true(hunted.count == 1 && hunted.met[0].days == 3);
    job.until_us = TEST_NOW_US - DAY_US;
    test_ok(detect_hunt(&job, &store->actor, store->arena, &hunted));
    assert_true(hunted.count == 1 && hunted.met[0].days == 1);
    job.since_us = TEST_NOW_US + DAY_US;
    job.until_us = TIME_NONE;
    test_ok(detect_hunt(&job, &store->actor, store->arena, &hunted));
    assert_int_equal(hunted.count, 0);
    test_remember_close(test);
}

static void a_constituent_sees_its_own_past_only(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = some_past(store);
    const struct indicator value = {.type = OBSERVABLE_CIDR, .value = S("203.0.113.0/24")};
    const struct hunt_job job = job_of(test, &value, 1);
    struct actor actor = {.organisation = test->melati, .name = S("sari"), .how = ACTOR_SECOND_FACTOR};
    struct hunted hunted;
    actor.roles = 1u << ROLE_CONSTITUENT_ADMIN;
    test_ok(detect_hunt(&job, &actor, store->arena, &hunted));
    assert_true(hunted.count == 1 && hunted.met[0].organisation == test->melati);
    actor.roles = 1u << ROLE_SYSADMIN;
    assert_int_equal(detect_hunt(&job, &actor, store->arena, &hunted).kind, ERR_DENIED);
    actor.roles = 1u << ROLE_ANALYST;
    test_ok(detect_hunt(&job, &actor, store->arena, &hunted));
    assert_int_equal(hunted.count, 2);
    test_remember_close(test);
}

static void what_cannot_be_looked_for_is_refused_with_its_reason(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = some_past(store);
    const struct indicator value = {.type = OBSERVABLE_IPV4, .value = S("203.0.113.777")};
    const struct hunt_job job = job_of(test, &value, 1);
    struct hunted hunted;
    struct err err = detect_hunt(&job, &store->actor, store->arena, &hunted);
    assert_true(err.kind == ERR_INPUT && strstr(err.why, "203.0.113.777: ") != NULL);
    test_remember_close(test);
}

static void reach_counts_organisations_and_knows_warning_lists(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = some_past(store);
    const struct indicator values[] = {{.type = OBSERVABLE_CIDR, .value = S("203.0.113.0/24")},
            {.type = OBSERVABLE_HOST, .value = S("tiruan.example")},
            {.type = OBSERVABLE_HOST, .value = S("x.example")}};
    struct match_builder *builder = match_builder_open(hash_key_fixed(1));
    const struct indicator allowed = {.type = OBSERVABLE_DOMAIN, .value = S("tiruan.example")};
    struct match_index *allow;
    struct hunt_reach reach[3];
    test_ok(match_build_add(builder, &allowed));
    test_ok(match_build_open(builder, &allow));
    struct hunt_job job = job_of(test, values, 3);
    job.allow = allow;
    test_ok(detect_reach(&job, &store->actor, store->arena, reach));
    assert_true(reach[0].organisations == 2 && reach[0].sightings == 6 && !reach[0].listed);
    assert_true(reach[1].organisations == 1 && reach[1].listed);
    assert_true(reach[2].organisations == 0 && reach[2].sightings == 0 && !reach[2].listed);
    match_close(allow);
    match_builder_close(builder);
    test_remember_close(test);
}

/* ---- The follower ---- */

static uint64_t run(struct hunter *hunter)
{
    uint64_t rows = 0;
    for (bool did = true; did; rows += did)
        test_ok(hunter_once(hunter, &did));
    return rows;
}

static size_t mets_of(struct test_store *store, const char *id, struct met **rows)
{
    size_t count;
    test_ok(store_met_of_cause(store->db, S(CAUSE_INDICATOR), slice_of(id), 0, 100, store->arena, rows, &count));
    return count;
}

#define NETWORK "[ipv4-addr:value ISSUBSET '203.0.113.0/24']"

static void new_intelligence_meets_the_past(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = some_past(store);
    struct hunter *hunter;
    struct met *rows;
    struct met_detail *details;
    struct memory_reach reach;
    struct batch *batches;
    size_t count;
    const struct object_put puts[] = {indicator(store, ID "1", FIRST, NETWORK),
            indicator(store, ID "2", FIRST, "[domain-name:value = 'lain.example']")};
    test_ok(hunter_open(test->remember, store->db, NULL, &hunter));
    test_import(store, "feed", puts, 2);
    assert_int_equal(run(hunter), 1);
    assert_int_equal(mets_of(store, ID "1", &rows), 2);
    assert_int_equal(mets_of(store, ID "2", &rows), 0);
    assert_int_equal(mets_of(store, ID "1", &rows), 2);
    assert_true(rows[0].organisation == test->mawar && rows[0].events == 5 && rows[0].stream == 0);
    assert_true(slice_eq(rows[0].class, S("malicious-code/infected-system")));
    assert_true(rows[0].first_us == TEST_NOW_US - 4 * DAY_US && rows[0].last_us == TEST_NOW_US);
    test_ok(store_met_details(store->db, rows[0].number, store->arena, &details, &count));
    assert_true(count == 1 && slice_eq(details[0].peer, S("cidr 203.0.113.0/24")) && details[0].events == 5);
    test_ok(store_memory_reach_get(store->db, S(ID "1"), store->arena, &reach));
    assert_true(reach.organisations == 2 && reach.sightings == 6);
    test_ok(store_batch_latest(store->db, 0, INT64_MAX, false, 10, store->arena, &batches, &count));
    assert_true(count == 1 && batches[0].stream == 0 && batches[0].hits == 6);
    hunter_close(hunter);
    test_remember_close(test);
}

static void the_same_again_is_not_told_again(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = some_past(store);
    struct hunter *hunter;
    struct met *rows;
    struct object_put put = indicator(store, ID "1", FIRST, NETWORK);
    test_ok(hunter_open(test->remember, store->db, NULL, &hunter));
    test_import(store, "feed", &put, 1);
    run(hunter);
    test_import(store, "another feed", &put, 1);
    put = indicator(store, ID "1", SECOND, NETWORK);
    test_import(store, "feed", &put, 1);
    assert_int_equal(run(hunter), 2);
    assert_int_equal(mets_of(store, ID "1", &rows), 2);
    assert_int_equal(rows[0].events, 5);
    /* Who is new to it is told. */
    int64_t kenanga = test_constituent(store, "RS Kenanga");
    test_value(test, kenanga, OBSERVABLE_IPV4, "203.0.113.9", 0);
    test_commit(test);
    put = indicator(store, ID "1", THIRD, NETWORK);
    test_import(store, "feed", &put, 1);
    run(hunter);
    assert_int_equal(mets_of(store, ID "1", &rows), 3);
    assert_int_equal(rows[2].organisation, kenanga);
    hunter_close(hunter);
    test_remember_close(test);
}

static void what_is_revoked_expired_or_listed_is_not_looked_for(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = some_past(store);
    struct hunter *hunter;
    struct met *rows;
    struct match_builder *builder = match_builder_open(hash_key_fixed(1));
    const struct indicator allowed = {.type = OBSERVABLE_IPV4, .value = S("203.0.113.78")};
    struct match_index *allow;
    const struct object_put puts[] = {indicator(store, ID "1", FIRST, NULL),
            indicator(store, ID "2", FIRST, "[ipv4-addr:value = '203.0.113.78']"),
            indicator(store, ID "3", FIRST, "[ipv4-addr:value = '203.0.113.77']")};
    test_ok(match_build_add(builder, &allowed));
    test_ok(match_build_open(builder, &allow));
    test_value(test, test->mawar, OBSERVABLE_IPV4, "192.0.2.1", 0);
    test_commit(test);
    clock_set(TEST_NOW_US);
    test_ok(hunter_open(test->remember, store->db, allow, &hunter));
    test_import(store, "feed", puts, 3);
    run(hunter);
    assert_int_equal(mets_of(store, ID "1", &rows), 0);
    assert_int_equal(mets_of(store, ID "2", &rows), 0);
    assert_int_equal(mets_of(store, ID "3", &rows), 1);
    hunter_close(hunter);
    match_close(allow);
    match_builder_close(builder);
    test_remember_close(test);
}

static void a_run_that_cannot_be_read_is_told_and_the_others_are_asked(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = some_past(store);
    struct hunter *hunter;
    struct memory_row *runs;
    struct journal_row *rows;
    struct met *mets;
    size_t count;
    bool removed;
    const struct object_put put = indicator(store, ID "1", FIRST, NETWORK);
    test_ok(store_memory_list(store->db, store->arena, &runs, &count));
    const char *name = arena_cstr(store->arena, runs[0].file);
    test_ok(memory_folder_remove(test->folder, &name, 1, store->arena, &removed));
    test_ok(hunter_open(test->remember, store->db, NULL, &hunter));
    test_import(store, "feed", &put, 1);
    assert_int_equal(run(hunter), 1);
    assert_int_equal(mets_of(store, ID "1", &mets), 2);
    assert_int_equal(mets[0].events, 4); /* of five days */
    test_ok(store_journal_latest(store->db, INT64_MAX, 2, store->arena, &rows, &count));
    assert_true(slice_eq(rows[0].act, S("events.met")) && slice_eq(rows[1].act, S("memory.unread")));
    assert_non_null(strstr(arena_cstr(store->arena, rows[1].detail), "{\"runs\":1,\"why\":"));
    hunter_close(hunter);
    test_remember_close(test);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(many_values_are_found_by_value_and_organisation, set_up, tear_down),
            TEST_ON_BOTH(a_time_bounds_what_is_found, set_up, tear_down),
            TEST_ON_BOTH(a_constituent_sees_its_own_past_only, set_up, tear_down),
            TEST_ON_BOTH(what_cannot_be_looked_for_is_refused_with_its_reason, set_up, tear_down),
            TEST_ON_BOTH(reach_counts_organisations_and_knows_warning_lists, set_up, tear_down),
            TEST_ON_BOTH(new_intelligence_meets_the_past, set_up, tear_down),
            TEST_ON_BOTH(the_same_again_is_not_told_again, set_up, tear_down),
            TEST_ON_BOTH(what_is_revoked_expired_or_listed_is_not_looked_for, set_up, tear_down),
            TEST_ON_BOTH(a_run_that_cannot_be_read_is_told_and_the_others_are_asked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
