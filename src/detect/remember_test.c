/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/remember.h"

#include <unistd.h>

#include "detect/hunt.h"
#include "detect/test_memory.h"
#include "store/journal.h"
#include "store/memory.h"
#include "store/service.h"

static void what_is_remembered_is_found_by_who_opens_it_later(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = test_remember_open(store);
    test_remember(test, test->mawar, "203.0.113.77", 0, 3);
    test_remember(test, test->melati, "203.0.113.77", 1, 1);
    assert_int_equal(test_sightings(test, "203.0.113.77"), 4);
    remember_close(test->remember);
    test_ok(remember_open(test->folder, store->arena, &test->remember));
    assert_int_equal(test_sightings(test, "203.0.113.77"), 4);
    assert_int_equal(test_sightings(test, "203.0.113.78"), 0);
    test_remember_close(test);
}

static void what_was_not_kept_is_not_there(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = test_remember_open(store);
    struct remembered remembered;
    test_note(test, test->mawar, "203.0.113.77", 0);
    test_ok(remember_write(test->remember, store->db, &test->gather, 1, store->arena, &remembered));
    assert_int_equal(remembered.count, 1);
    assert_int_equal(test_files(test), 1);
    remember_end(&remembered);
    struct remember_done done = {0};
    test_ok(remember_clear(test->remember, store->db, store->arena, &done));
    assert_int_equal(test_files(test), 0);
    assert_int_equal(test_sightings(test, "203.0.113.77"), 0);
    test_remember_close(test);
}

static void nothing_is_kept_that_nobody_agreed_to(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = test_remember_open(store);
    test_agree(test, test->melati, 0);
    test_agree(test, test->mawar, 3);
    for (int64_t age = -3; age < 5; age++) {
        test_note(test, test->mawar, "203.0.113.77", age);
        test_note(test, test->melati, "203.0.113.77", age);
        test_note(test, 4000, "203.0.113.77", age); /* nobody */
    }
    assert_int_equal(test_commit(test), 24 - 4); /* tomorrow, today and two days before */
    assert_int_equal(test_sightings(test, "203.0.113.77"), 4);
    test_remember_close(test);
}

static void small_runs_become_one_a_day(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = test_remember_open(store);
    struct remember_done done = {0};
    for (unsigned i = 0; i < 30; i++) {
        test_remember(test, test->mawar, "203.0.113.77", i % 3, 1);
        if (i % 10 == 9)
            test_ok(remember_merge(test->remember, store->db, &store->actor, NULL, NULL, store->arena, &done));
    }
    assert_true(test_files(test) <= 8 && done.merges >= 3);
    clock_set(TEST_NOW_US + 2 * HOUR_US);
    test_ok(remember_merge(test->remember, store->db, &store->actor, NULL, NULL, store->arena, &done));
    assert_int_equal(test_sightings(test, "203.0.113.77"), 30);
    assert_true(test_files(test) <= 5); /* today goes on, the others are one each */
    clock_set(TEST_NOW_US + 2 * DAY_US);
    test_ok(remember_merge(test->remember, store->db, &store->actor, NULL, NULL, store->arena, &done));
    assert_int_equal(test_files(test), 3);
    assert_int_equal(test_sightings(test, "203.0.113.77"), 30);
    test_remember_close(test);
}

static uint64_t days_of(struct test_remember *test, const char *address)
{
    const struct indicator value = {.type = OBSERVABLE_IPV4, .value = slice_of(address), .from_us = TIME_NONE};
    const struct hunt_job job = {.remember = test->remember,
            .db = test->store->db,
            .values = &value,
            .count = 1,
            .since_us = TIME_NONE,
            .until_us = TIME_NONE};
    struct hunted hunted;
    uint64_t days = 0;
    test_ok(detect_hunt(&job, &test->store->actor, test->store->arena, &hunted));
    for (size_t i = 0; i < hunted.count; i++)
        days += hunted.met[i].days;
    return days;
}

/* September is over for more than 31 days on the 21st of November; its days are 52 old and older. */
static void the_days_of_an_old_month_become_one_run(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = test_remember_open(store);
    struct remember_done done = {0};
    struct remember_proof proof;
    test_agree(test, test->mawar, 400);
    test_agree(test, test->melati, 70);
    for (int64_t age = 50; age < 62; age++)
        test_remember(test, test->mawar, "203.0.113.77", age, 2);
    test_remember(test, test->melati, "203.0.113.77", 55, 1);
    clock_set(TEST_NOW_US + 2 * HOUR_US);
    test_ok(remember_merge(test->remember, store->db, &store->actor, NULL, NULL, store->arena, &done));
    assert_int_equal(test_files(test), 12); /* melati is forgotten soon, and that would be written anew each day */
    test_agree(test, test->melati, 400);
    clock_set(TEST_NOW_US + 4 * HOUR_US); /* two runs of a day were merged just now */
    test_ok(remember_merge(test->remember, store->db, &store->actor, NULL, NULL, store->arena, &done));
    assert_int_equal(test_files(test), 3); /* September, and two days of October */
    assert_int_equal(test_sightings(test, "203.0.113.77"), 25);
    assert_int_equal(days_of(test, "203.0.113.77"), 13);
    test_remember(test, test->mawar, "203.0.113.77", 55, 1); /* late */
    test_remember(test, test->mawar, "203.0.113.77", 56, 1);
    assert_int_equal(days_of(test, "203.0.113.77"), 13);
    test_agree(test, test->mawar, 55);
    test_ok(remember_forget(test->remember, store->db, &store->actor, NULL, NULL, store->arena, &done));
    assert_int_equal(done.forgotten, 7 + 2); /* days, and what came late */
    test_ok(remember_prove(test->remember, store->db, test->mawar, store->arena, &proof));
    assert_true(proof.kept == 5 && proof.overdue == 0 && proof.left_over == 0);
    assert_int_equal(test_sightings(test, "203.0.113.77"), 11);
    test_ok(remember_prove(test->remember, store->db, test->melati, store->arena, &proof));
    assert_true(proof.kept == 1 && proof.overdue == 0);
    test_remember_close(test);
}

static void who_asks_keeps_what_is_merged_meanwhile(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = test_remember_open(store);
    struct remember_done done = {0};
    struct remember_view view;
    for (unsigned i = 0; i < 9; i++)
        test_remember(test, test->mawar, "203.0.113.77", 0, 1);
    test_ok(remember_take(test->remember, store->db, store->arena, &view));
    test_ok(remember_merge(test->remember, store->db, &store->actor, NULL, NULL, store->arena, &done));
    assert_int_equal(test_sightings(test, "203.0.113.77"), 9);
    assert_int_equal(view.count, 9);
    for (size_t i = 0; i < view.count; i++)
        test_ok(memory_run_check(remember_run(&view, i), store->arena));
    remember_leave(test->remember, &view);
    test_remember_close(test);
}

static void forgetting_is_proved(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = test_remember_open(store);
    struct remember_done done = {0};
    struct remember_proof proof;
    for (int64_t age = 0; age < 10; age++) {
        test_remember(test, test->mawar, "203.0.113.77", age, 2);
        test_remember(test, test->melati, "203.0.113.78", age, 1);
    }
    test_ok(remember_prove(test->remember, store->db, test->mawar, store->arena, &proof));
    assert_true(proof.runs == 20 && proof.entries == 20 && proof.kept == 10 && proof.overdue == 0);
    test_agree(test, test->mawar, 4);
    test_ok(remember_prove(test->remember, store->db, test->mawar, store->arena, &proof));
    assert_true(proof.kept == 4 && proof.overdue == 6 && proof.days == 4);
    test_ok(remember_forget(test->remember, store->db, &store->actor, NULL, NULL, store->arena, &done));
    assert_true(done.forgotten == 6 && done.rewritten == 6);
    test_ok(remember_prove(test->remember, store->db, test->mawar, store->arena, &proof));
    assert_true(proof.kept == 4 && proof.overdue == 0 && proof.left_over == 0);
    assert_int_equal(test_sightings(test, "203.0.113.77"), 8);
    assert_int_equal(test_sightings(test, "203.0.113.78"), 10);
    test_remember_close(test);
}

static void the_journal_says_what_was_forgotten(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = test_remember_open(store);
    struct remember_done done = {0};
    struct journal_row *rows;
    size_t count;
    test_note(test, test->mawar, "203.0.113.77", 0);
    test_note(test, test->mawar, "203.0.113.78", 0);
    test_note(test, test->melati, "203.0.113.77", 0);
    test_commit(test);
    clock_set(TEST_NOW_US + DAY_US);
    test_agree(test, test->mawar, 1);
    test_ok(remember_forget(test->remember, store->db, &store->actor, NULL, NULL, store->arena, &done));
    test_ok(store_journal_latest(store->db, INT64_MAX, 1, store->arena, &rows, &count));
    assert_true(count == 1 && slice_eq(rows[0].act, S("memory.forgotten")));
    const char *detail = arena_cstr(store->arena, rows[0].detail);
    assert_non_null(strstr(detail, "\"day\":\"2026-11-21\",\"entries\":2,\"left\":0,\"before\":{\"file\":\"20778-"));
    assert_non_null(strstr(detail, "\"entries\":3},\"after\":{\"file\":\"20778-"));
    assert_non_null(strstr(detail, "\"entries\":1}}"));
    clock_set(TEST_NOW_US + 40 * DAY_US);
    test_ok(remember_forget(test->remember, store->db, &store->actor, NULL, NULL, store->arena, &done));
    assert_int_equal(test_files(test), 0);
    test_ok(store_journal_latest(store->db, INT64_MAX, 1, store->arena, &rows, &count));
    assert_null(strstr(arena_cstr(store->arena, rows[0].detail), "after"));
    test_remember_close(test);
}

static void what_no_row_names_is_removed_when_nobody_writes(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = test_remember_open(store);
    struct remembered remembered;
    struct remember_done done = {0};
    struct remember_proof proof;
    test_remember(test, test->mawar, "203.0.113.77", 0, 1);
    test_note(test, test->mawar, "203.0.113.78", 0);
    test_ok(remember_write(test->remember, store->db, &test->gather, 1, store->arena, &remembered));
    test_ok(remember_clear(test->remember, store->db, store->arena, &done));
    assert_true(done.removed == 0 && test_files(test) == 2);
    remember_end(&remembered); /* as if the program had died there */
    test_ok(remember_prove(test->remember, store->db, test->mawar, store->arena, &proof));
    assert_int_equal(proof.left_over, 1);
    test_ok(remember_clear(test->remember, store->db, store->arena, &done));
    assert_true(done.removed == 1 && test_files(test) == 1);
    test_remember_close(test);
}

static void a_run_that_is_gone_or_damaged_is_told_and_the_rest_is_asked(void **state)
{
    struct test_store *store = ready(state);
    struct test_remember *test = test_remember_open(store);
    struct remember_view view;
    struct remember_proof proof;
    struct memory_row *rows;
    size_t count;
    test_remember(test, test->mawar, "203.0.113.77", 0, 1);
    test_remember(test, test->mawar, "203.0.113.77", 1, 1);
    test_ok(store_memory_list(store->db, store->arena, &rows, &count));
    unlink(arena_printf(store->arena, "%s/%s", test->folder, arena_cstr(store->arena, rows[0].file)));
    test_ok(remember_take(test->remember, store->db, store->arena, &view));
    assert_true(view.count == 1 && view.broken == 1 && strstr(view.why, "No such file") != NULL);
    remember_leave(test->remember, &view);
    assert_int_equal(test_sightings(test, "203.0.113.77"), 1);
    assert_int_equal(remember_prove(test->remember, store->db, test->mawar, store->arena, &proof).kind, ERR_SYSTEM);
    test_remember_close(test);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_is_remembered_is_found_by_who_opens_it_later, set_up, tear_down),
            TEST_ON_BOTH(what_was_not_kept_is_not_there, set_up, tear_down),
            TEST_ON_BOTH(nothing_is_kept_that_nobody_agreed_to, set_up, tear_down),
            TEST_ON_BOTH(small_runs_become_one_a_day, set_up, tear_down),
            TEST_ON_BOTH(the_days_of_an_old_month_become_one_run, set_up, tear_down),
            TEST_ON_BOTH(who_asks_keeps_what_is_merged_meanwhile, set_up, tear_down),
            TEST_ON_BOTH(forgetting_is_proved, set_up, tear_down),
            TEST_ON_BOTH(the_journal_says_what_was_forgotten, set_up, tear_down),
            TEST_ON_BOTH(what_no_row_names_is_removed_when_nobody_writes, set_up, tear_down),
            TEST_ON_BOTH(a_run_that_is_gone_or_damaged_is_told_and_the_rest_is_asked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
