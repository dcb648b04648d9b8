/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/test_memory.h"

enum { RUNS = 5 };

static struct memory_run *some_run(int64_t number)
{
    struct memory_file *files;
    for (int64_t i = 0; i < 3000; i++) {
        struct memory_key key = {(enum memory_kind)(i % 3), (uint64_t)(i * number % 500), i % 3 == 1 ? 7 : 0};
        memory_note(test.gather, 1 + (i + number) % 4, &key, TEST_US + (i + number) % 86400 * SECOND_US);
    }
    assert_int_equal(test_write(&files), 1);
    return test_run(&files[0]);
}

static void add_hash(void *context, uint32_t tag, int32_t day, const struct memory_entry *entry)
{
    (void)tag;
    *(uint64_t *)context +=
            entry->count * hash_mix(entry->key.high + 77, (uint64_t)entry->organisation + 99) + (uint64_t)day;
}

static struct memory_ask everything[] = {
        {{{MEMORY_IPV4, 0, 0}, {MEMORY_IPV4, UINT64_MAX, UINT64_MAX}}, 0},
        {{{MEMORY_IPV6, 0, 0}, {MEMORY_IPV6, UINT64_MAX, UINT64_MAX}}, 0},
        {{{MEMORY_HASHED, 0, 0}, {MEMORY_HASHED, UINT64_MAX, UINT64_MAX}}, 0},
};

static void merged_runs_hold_what_they_held(void **state)
{
    (void)state;
    struct memory_run *runs[RUNS];
    struct memory_file file;
    struct test_found before = {0}, after = {0};
    bool any;
    for (int64_t i = 0; i < RUNS; i++) {
        runs[i] = some_run(i + 3);
        test_fine(test_ask(runs[i], everything, 3, test_add, &before));
    }
    test_fine(memory_merge(
            (const struct memory_run *const *)runs, RUNS, test.folder, test.key, NULL, test.arena, &file, &any));
    assert_true(any && test_files() == RUNS + 1);
    struct memory_run *merged = test_run(&file);
    test_fine(memory_run_check(merged, test.arena));
    test_fine(test_ask(merged, everything, 3, test_add, &after));
    assert_true(after.count == before.count && after.entries < before.entries);
    assert_true(after.first_s == before.first_s && after.last_s == before.last_s);
    for (int64_t i = 0; i < RUNS; i++)
        memory_run_close(runs[i]);
    memory_run_close(merged);
}

static bool keep_but(void *context, int64_t organisation, int32_t day)
{
    assert_int_equal(day, TEST_DAY);
    return organisation != *(int64_t *)context;
}

static void one_organisation_is_taken_out_and_the_rest_stays(void **state)
{
    (void)state;
    int64_t gone = 2;
    struct memory_keep keep = {&gone, keep_but, 0};
    struct memory_run *run = some_run(7);
    struct memory_file file;
    bool any;
    uint64_t before = 0, after = 0, of_it = test_entries_of(run, gone);
    test_fine(memory_merge(
            (const struct memory_run *const[]){run}, 1, test.folder, test.key, &keep, test.arena, &file, &any));
    struct memory_run *rest = test_run(&file);
    test_fine(memory_run_check(rest, test.arena));
    assert_true(any && of_it > 0 && keep.left == of_it);
    assert_int_equal(test_entries_of(rest, gone), 0);
    assert_int_equal(file.entries, memory_run_file(run)->entries - of_it);
    size_t count;
    const uint64_t *organisations = memory_run_organisations(rest, &count);
    for (size_t i = 0; i < count; i++)
        assert_true(organisations[i] != (uint64_t)gone);
    for (int64_t organisation = 1; organisation <= 4; organisation++)
        assert_int_equal(
                test_entries_of(rest, organisation), organisation == gone ? 0 : test_entries_of(run, organisation));
    test_fine(test_ask(run, everything, 3, add_hash, &before));
    test_fine(test_ask(rest, everything, 3, add_hash, &after));
    assert_true(before != after);
    memory_run_close(run);
    memory_run_close(rest);
}

/* ---- Several days ---- */

/* A run of each day of a month; of one value so many sightings that they do not fit the bits for them. */
static size_t month_of_runs(struct memory_run *runs[MEMORY_DAYS_MAX])
{
    struct memory_file *files;
    for (int64_t day = 0; day < MEMORY_DAYS_MAX; day++)
        for (int64_t i = 0; i < 600 + 30 * day; i++) {
            struct memory_key key = {(enum memory_kind)(i % 3), i < 590 ? 5 : (uint64_t)(i % 40), i % 3 == 1 ? 7 : 0};
            memory_note(test.gather, 1 + i % 2, &key, TEST_US + day * DAY_US + i * SECOND_US);
            if (day == 3 && i == 0)
                for (int more = 0; more < RUN_COUNT_LARGE; more++)
                    memory_note(test.gather, 1, &key, TEST_US + day * DAY_US);
        }
    size_t count = test_write(&files);
    for (size_t i = 0; i < count; i++)
        runs[i] = test_run(&files[i]);
    return count;
}

static uint64_t all_of(struct memory_run *const *runs, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        test_fine(test_ask(runs[i], everything, 3, add_hash, &sum));
    return sum;
}

static struct memory_run *month_merge(struct memory_run *const *runs, size_t count, struct memory_keep *keep)
{
    struct memory_file file;
    bool any = false;
    test_fine(memory_merge(
            (const struct memory_run *const *)runs, count, test.folder, test.key, keep, test.arena, &file, &any));
    assert_true(any);
    struct memory_run *merged = test_run(&file);
    test_fine(memory_run_check(merged, test.arena));
    return merged;
}

static void a_month_tells_its_days_apart(void **state)
{
    (void)state;
    struct memory_run *runs[MEMORY_DAYS_MAX];
    size_t count = month_of_runs(runs), organisations;
    uint64_t entries = 0, tally[2 * MEMORY_DAYS_MAX], day_tally[2];
    assert_int_equal(count, MEMORY_DAYS_MAX);
    struct memory_run *month = month_merge(runs, count, NULL), *same[] = {month};
    const struct memory_file *file = memory_run_file(month);
    assert_true(file->day == TEST_DAY && file->days == MEMORY_DAYS_MAX);
    assert_true(all_of(same, 1) == all_of(runs, count));
    (void)memory_run_organisations(month, &organisations);
    assert_int_equal(organisations, 2);
    memory_run_tally(month, tally);
    for (size_t day = 0; day < count; day++) {
        memory_run_tally(runs[day], day_tally);
        assert_true(tally[day] == day_tally[0] && tally[MEMORY_DAYS_MAX + day] == day_tally[1]);
        entries += day_tally[0] + day_tally[1];
        memory_run_close(runs[day]);
    }
    assert_int_equal(file->entries, entries);
    struct memory_run *again = month_merge(same, 1, NULL), *both[] = {month, again};
    struct memory_run *twice = month_merge(both, 2, NULL); /* what is equal in day, too, is one */
    assert_int_equal(memory_run_file(twice)->entries, entries);
    memory_run_close(twice);
    memory_run_close(again);
    memory_run_close(month);
}

/* Of the first organisation the first ten days are over, of the second the first twenty. */
static bool keep_later(void *context, int64_t organisation, int32_t day)
{
    (void)context;
    return day >= TEST_DAY + 10 * organisation;
}

static void days_are_taken_out_of_a_month(void **state)
{
    (void)state;
    struct memory_run *runs[MEMORY_DAYS_MAX], *kept[MEMORY_DAYS_MAX] = {0};
    size_t count = month_of_runs(runs), left = 0;
    struct memory_keep keep = {.keep = keep_later}, each = {.keep = keep_later};
    struct memory_run *month = month_merge(runs, count, NULL), *rest = month_merge(&month, 1, &keep);
    for (size_t day = 10; day < count; day++)
        kept[left++] = month_merge(&runs[day], 1, &each);
    assert_true(memory_run_file(rest)->day == TEST_DAY + 10 && memory_run_file(rest)->days == MEMORY_DAYS_MAX - 10);
    assert_true(all_of(&rest, 1) == all_of(kept, left));
    assert_int_equal(memory_run_file(rest)->entries + keep.left, memory_run_file(month)->entries);
    for (size_t day = 0; day < count; day++) {
        memory_run_close(runs[day]);
        memory_run_close(kept[day]);
    }
    memory_run_close(month);
    memory_run_close(rest);
}

static bool keep_nobody(void *context, int64_t organisation, int32_t day)
{
    (void)context, (void)organisation, (void)day;
    return false;
}

static void when_nobody_is_left_no_file_is(void **state)
{
    (void)state;
    struct memory_keep keep = {.keep = keep_nobody};
    struct memory_run *run = some_run(3);
    struct memory_file file;
    bool any = true;
    test_fine(memory_merge(
            (const struct memory_run *const[]){run}, 1, test.folder, test.key, &keep, test.arena, &file, &any));
    assert_true(!any && test_files() == 1 && keep.left == memory_run_file(run)->entries);
    memory_run_close(run);
}

static void a_damaged_run_is_not_merged(void **state)
{
    (void)state;
    struct memory_run *run = some_run(3);
    const struct memory_file *about = memory_run_file(run);
    struct memory_file file;
    bool any;
    FILE *out = fopen(arena_printf(test.arena, "%s/%s", test.folder, about->name), "r+b");
    assert_non_null(out);
    assert_int_equal(fseek(out, (long)about->bytes / 2, SEEK_SET), 0);
    assert_int_equal(fwrite("melati", 1, 6, out), 6);
    assert_int_equal(fclose(out), 0);
    test_fails(memory_merge((const struct memory_run *const[]){run}, 1, test.folder, test.key, NULL, test.arena, &file,
                       &any),
            ERR_INPUT, "is damaged");
    assert_int_equal(test_files(), 1);
    memory_run_close(run);
}

static void the_folder_keeps_its_key(void **state)
{
    (void)state;
    struct hash_key first, second;
    char *folder = (char *)(uintptr_t)arena_printf(test.arena, "%s/new", test.folder);
    test_fine(memory_folder_key(folder, test.arena, &first));
    test_fine(memory_folder_key(folder, test.arena, &second));
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(truncate(arena_printf(test.arena, "%s/key", folder), 3), 0);
    test_fails(memory_folder_key(folder, test.arena, &first), ERR_INPUT, "is no key");
}

static void while_somebody_holds_the_folder_nobody_has_it_alone(void **state)
{
    (void)state;
    int first, second, alone;
    struct hash_key key;
    test_fine(memory_folder_key(test.folder, test.arena, &key));
    test_fine(memory_folder_hold(test.folder, test.arena, &first));
    test_fine(memory_folder_hold(test.folder, test.arena, &second));
    test_fine(memory_folder_hold_alone(test.folder, test.arena, &alone));
    assert_true(first >= 0 && second >= 0 && alone == -1);
    memory_folder_leave(first);
    memory_folder_leave(second);
    test_fine(memory_folder_hold_alone(test.folder, test.arena, &alone));
    assert_true(alone >= 0);
    memory_folder_leave(alone);
}

static void removing_takes_what_it_names(void **state)
{
    (void)state;
    struct memory_run *run = some_run(3), *other = some_run(4);
    const char *names[] = {memory_run_file(run)->name, "20000-0123456789abcdef.run"};
    bool removed;
    int copy;
    test_fine(memory_folder_copy(test.folder, test.arena, &copy));
    test_fine(memory_folder_remove(test.folder, names, 2, test.arena, &removed));
    assert_true(!removed && test_files() == 2);
    memory_folder_leave(copy);
    test_fine(memory_folder_remove(test.folder, names, 2, test.arena, &removed));
    assert_true(removed && test_files() == 1);
    assert_true(test_find(run, OBSERVABLE_IPV4, "0.0.0.3").entries > 0); /* who asks still may */
    memory_run_close(run);
    memory_run_close(other);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(name) cmocka_unit_test_setup_teardown(name, test_open, test_close)
    static const struct CMUnitTest tests[] = {
            TEST(merged_runs_hold_what_they_held),
            TEST(one_organisation_is_taken_out_and_the_rest_stays),
            TEST(a_month_tells_its_days_apart),
            TEST(days_are_taken_out_of_a_month),
            TEST(when_nobody_is_left_no_file_is),
            TEST(a_damaged_run_is_not_merged),
            TEST(the_folder_keeps_its_key),
            TEST(while_somebody_holds_the_folder_nobody_has_it_alone),
            TEST(removing_takes_what_it_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
