/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests of the memory: a folder that is removed, a key, and notes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "memory/folder.h"
#include "memory/merge.h"
#include "memory/run.h"

#define TEST_DAY 20778 /* 21 November 2026 */
#define TEST_US ((int64_t)TEST_DAY * DAY_US)

struct test_memory {
    struct arena *arena;
    struct hash_key key;
    struct memory_keyer keyer;
    struct memory_gather *gather;
    char folder[64];
};

static struct test_memory test;

static inline int test_forget(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline int test_open(void **state)
{
    (void)state;
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; /* disks take their time to sync */
    test.arena = arena_open("test", ARENA_WORK, 256u << 20);
    test.key = hash_key_fixed(7);
    memory_keyer_open(&test.keyer, test.key);
    test.gather = memory_gather_open();
    snprintf(test.folder, sizeof test.folder, "%s/memory-XXXXXX", base);
    assert_non_null(mkdtemp(test.folder));
    return 0;
}

static inline int test_close(void **state)
{
    (void)state;
    nftw(test.folder, test_forget, 16, FTW_DEPTH | FTW_PHYS);
    memory_gather_close(test.gather);
    memory_keyer_close(&test.keyer);
    arena_close(test.arena);
    return 0;
}

static inline void test_fine(struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", err_name(err.kind), err.why);
}

static inline void test_fails(struct err err, enum err_kind kind, const char *why)
{
    if (err.kind != kind || strstr(err.why, why) == NULL)
        fail_msg("%s: %s; not %s: %s", err_name(err.kind), err.why == NULL ? "" : err.why, err_name(kind), why);
}

static inline struct observable test_value(enum observable_type type, const char *value)
{
    return (struct observable){.type = type, .value = slice_of(value)};
}

/* An organisation saw a value, seconds after the beginning of TEST_DAY. */
static inline void test_note(int64_t organisation, enum observable_type type, const char *value, int64_t second)
{
    struct memory_key keys[MEMORY_KEYS_MAX];
    struct observable observable = test_value(type, value);
    size_t count = memory_keys(&test.keyer, &observable, keys);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        memory_note(test.gather, organisation, &keys[i], TEST_US + second * SECOND_US);
}

/* The gatherer's runs. */
static inline size_t test_write(struct memory_file **files)
{
    size_t count;
    test_fine(memory_gather_write(&test.gather, 1, test.folder, test.key, NULL, test.arena, files, &count));
    memory_gather_reset(test.gather);
    return count;
}

static inline struct memory_run *test_run(const struct memory_file *file)
{
    struct memory_run *run;
    test_fine(memory_run_open(test.folder, file, test.key, test.arena, &run));
    return run;
}

static inline size_t test_files(void)
{
    const char **names;
    size_t count;
    test_fine(memory_folder_list(test.folder, test.arena, &names, &count));
    return count;
}

/* How many entries an organisation has in a run. */
static inline uint64_t test_entries_of(const struct memory_run *run, int64_t organisation)
{
    size_t count;
    const uint64_t *organisations = memory_run_organisations(run, &count);
    size_t days = (size_t)memory_run_file(run)->days;
    uint64_t *entries = arena_new(test.arena, uint64_t, count * days), sum = 0;
    memory_run_tally(run, entries);
    for (size_t i = 0; i < count * days; i++)
        sum += organisations[i / days] == (uint64_t)organisation ? entries[i] : 0;
    return sum;
}

/* What was found for one value, in one line. */
struct test_found {
    uint64_t entries, count;
    int64_t organisations; /* their numbers, added up */
    int64_t first_s, last_s;
};

static inline void test_add(void *context, uint32_t tag, int32_t day, const struct memory_entry *entry)
{
    struct test_found *found = context;
    (void)tag;
    int64_t first = (day - TEST_DAY) * 86400 + entry->first_s, last = (day - TEST_DAY) * 86400 + entry->last_s;
    found->first_s = found->entries == 0 || first < found->first_s ? first : found->first_s;
    found->last_s = found->entries == 0 || last > found->last_s ? last : found->last_s;
    found->entries++;
    found->count += entry->count;
    found->organisations += entry->organisation;
}

static inline struct err test_ask(
        const struct memory_run *run, struct memory_ask *asks, size_t count, memory_found *found, void *context)
{
    struct memory_asks opened;
    test_fine(memory_asks_open(asks, count, &opened));
    struct err err = memory_run_find(run, &opened, found, context, test.arena);
    memory_asks_close(&opened);
    return err;
}

static inline struct test_found test_find_flags(
        const struct memory_run *run, enum observable_type type, const char *value, unsigned flags)
{
    struct test_found found = {0};
    struct memory_range ranges[MEMORY_RANGES_MAX];
    struct observable observable = test_value(type, value);
    size_t count = memory_asks(&test.keyer, &observable, flags, ranges);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        test_fine(test_ask(run, &(struct memory_ask){.range = ranges[i]}, 1, test_add, &found));
    return found;
}

static inline struct test_found test_find(const struct memory_run *run, enum observable_type type, const char *value)
{
    return test_find_flags(run, type, value, 0);
}
