/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests of this folder: a memory beside a store, with two constituents, noon of 21 November 2026. */
#include "base/clock.h"
#include "detect/remember.h"
#include "memory/folder.h"
#include "store/service.h"
#include "store/test_organisation.h"

#define TEST_NOW_US ((INT64_C(20778) * 24 + 12) * HOUR_US)

struct test_remember {
    struct test_store *store;
    const char *folder;
    struct remember *remember;
    struct memory_keyer keyer;
    struct memory_gather *gather;
    int64_t mawar, melati;
};

static struct test_remember test_memory;

static inline struct test_remember *test_remember_open(struct test_store *store)
{
    struct test_remember *test = &test_memory;
    clock_set(TEST_NOW_US);
    *test = (struct test_remember){.store = store, .gather = memory_gather_open()};
    test->folder = arena_printf(store->arena, "%s/memory", store->base->folder);
    test_ok(remember_open(test->folder, store->arena, &test->remember));
    memory_keyer_open(&test->keyer, remember_key(test->remember));
    test->mawar = test_constituent(store, "RS Mawar");
    test->melati = test_constituent(store, "RS Melati");
    return test;
}

static inline void test_remember_close(struct test_remember *test)
{
    memory_keyer_close(&test->keyer);
    memory_gather_close(test->gather);
    remember_close(test->remember);
}

static inline void test_note_as(
        struct test_remember *test, int64_t organisation, enum observable_type type, const char *value, int64_t time_us)
{
    struct memory_key keys[MEMORY_KEYS_MAX];
    const struct observable observable = {.type = type, .value = slice_of(value)};
    size_t count = memory_keys(&test->keyer, &observable, keys);
    for (size_t i = 0; i < count; i++)
        memory_note(test->gather, organisation, &keys[i], time_us);
}

/* An address, days ago. */
static inline void test_note(struct test_remember *test, int64_t organisation, const char *address, int64_t age)
{
    test_note_as(test, organisation, OBSERVABLE_IPV4, address, TEST_NOW_US - age * DAY_US);
}

static inline struct err test_remember_add(struct work *work, void *context)
{
    return remember_add(work, context);
}

/* What was noted is remembered; how many notes nobody agreed to keep. */
static inline uint64_t test_commit(struct test_remember *test)
{
    struct remembered remembered;
    test_ok(remember_write(test->remember, test->store->db, &test->gather, 1, test->store->arena, &remembered));
    uint64_t left = remembered.left;
    test_ok(test_work(test->store, test_remember_add, &remembered));
    remember_end(&remembered);
    memory_gather_reset(test->gather);
    return left;
}

static inline void test_remember(
        struct test_remember *test, int64_t organisation, const char *address, int64_t age, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        test_note(test, organisation, address, age);
    test_commit(test);
}

static inline size_t test_files(const struct test_remember *test)
{
    const char **names;
    size_t count;
    test_ok(memory_folder_list(test->folder, test->store->arena, &names, &count));
    return count;
}

static inline struct err test_agree_action(struct work *work, void *context)
{
    return store_service_put(work, context);
}

static inline void test_agree(struct test_remember *test, int64_t organisation, int64_t days)
{
    struct service service = {organisation, days, 0, TIME_NONE};
    test_ok(test_work(test->store, test_agree_action, &service));
}

static inline void test_sighting(void *context, uint32_t tag, int32_t day, const struct memory_entry *entry)
{
    (void)tag, (void)day;
    *(uint64_t *)context += entry->count;
}

/* How often an address was seen by anybody, in all of the memory. */
static inline uint64_t test_sightings(struct test_remember *test, const char *address)
{
    struct remember_view view;
    struct memory_range ranges[MEMORY_RANGES_MAX];
    const struct observable observable = {.type = OBSERVABLE_IPV4, .value = slice_of(address)};
    uint64_t sightings = 0;
    assert_int_equal(memory_asks(&test->keyer, &observable, 0, ranges), 1);
    struct memory_ask ask = {.range = ranges[0]};
    struct memory_asks asks;
    test_ok(memory_asks_open(&ask, 1, &asks));
    test_ok(remember_take(test->remember, test->store->db, test->store->arena, &view));
    for (size_t i = 0; i < view.count; i++)
        test_ok(memory_run_find(remember_run(&view, i), &asks, test_sighting, &sightings, test->store->arena));
    remember_leave(test->remember, &view);
    memory_asks_close(&asks);
    return sightings;
}
