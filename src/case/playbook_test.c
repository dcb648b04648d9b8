/* SPDX-License-Identifier: Apache-2.0 */
#include "case/playbook.h"

#include <stdio.h>
#include <stdlib.h>

#include "case/test_case.h"

static struct actor officer;
static int64_t incident;

static struct test_store *begin(void **state)
{
    struct test_store *store = ready(state);
    clock_set(NOON);
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    incident = test_incident(store, &officer, "Ransomware di RS Melati");
    return store;
}

static slice file_text(struct test_store *store, const char *name)
{
    FILE *file = fopen(arena_printf(store->arena, "%s/%s", getenv("KENTONGAN_ROOT"), name), "rb");
    char *text = arena_take(store->arena, 1u << 16);
    assert_non_null(file);
    size_t len = fread(text, 1, 1u << 16, file);
    fclose(file);
    return (slice){text, len};
}

static struct err add_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_playbook_add(work, "a.json", verb->value, S(""), &verb->number);
}

static struct err add(struct test_store *store, const struct actor *actor, slice bytes, int64_t *number)
{
    struct test_verb verb = {.value = bytes};
    struct err err = test_as(store, actor, add_action, &verb);
    *number = verb.number;
    return err;
}

static struct err approve_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_playbook_approve(work, verb->number, S("read by two"));
}

static struct err retire_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_playbook_retire(work, verb->number, S("there is a newer one"));
}

static struct err start_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    size_t tasks = 0;
    struct err err = case_playbook_start(work, verb->number, verb->incident, &tasks);
    verb->other = (int64_t)tasks;
    return err;
}

static struct err start(struct test_store *store, const struct actor *actor, int64_t playbook, int64_t *tasks)
{
    struct test_verb verb = {.number = playbook, .incident = incident};
    struct err err = test_as(store, actor, start_action, &verb);
    *tasks = verb.other;
    return err;
}

static struct task task_named(struct test_store *store, const char *begins)
{
    struct task *rows;
    size_t count;
    test_ok(store_task_list(store->db, incident, store->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (slice_starts(rows[i].title, slice_of(begins)))
            return rows[i];
    fail_msg("there is no task %s", begins);
    return (struct task){0};
}

static int64_t waits_for(struct test_store *store, const char *begins)
{
    int64_t count;
    test_ok(store_task_waits(store->db, task_named(store, begins).number, &count));
    return count;
}

static void a_step_becomes_a_task_that_waits_for_people(void **state)
{
    struct test_store *store = begin(state);
    int64_t playbook, tasks;
    test_ok(add(store, &officer, file_text(store, "etc/playbooks/ransomware.json"), &playbook));
    test_refused(start(store, &officer, playbook, &tasks), ERR_CONFLICT, "is draft: approve it first");
    test_ok(test_as(store, &officer, approve_action, &(struct test_verb){.number = playbook}));
    test_ok(start(store, &officer, playbook, &tasks));
    assert_int_equal(tasks, 11);
    assert_int_equal(waits_for(store, "Confirm"), 0);
    assert_int_equal(waits_for(store, "Get the word"), 1);
    assert_int_equal(waits_for(store, "Keep evidence"), 1);
    assert_int_equal(waits_for(store, "Find the way in"), 3); /* all that is side by side before it */
    struct task row = task_named(store, "Isolate");
    assert_true(row.playbook > 0 && slice_starts(row.step, S("action--")) && row.due_us == TIME_NONE);
    assert_true(slice_find_slice(row.text, S("Cut the network")) < row.text.len);
    assert_int_equal(test_acts(store, "playbook.started"), 1);
    test_refused(start(store, &officer, playbook, &tasks), ERR_CONFLICT, "was started in that incident before");
}

static void one_that_attacks_is_text_only(void **state)
{
    struct test_store *store = begin(state);
    int64_t playbook, tasks;
    test_ok(add(store, &officer, file_text(store, "tests/data/playbook/attack.json"), &playbook));
    test_ok(test_as(store, &officer, approve_action, &(struct test_verb){.number = playbook}));
    test_refused(start(store, &officer, playbook, &tasks), ERR_DENIED, "nothing of it is ever started");
    struct task *rows;
    size_t count;
    test_ok(store_task_list(store->db, incident, store->arena, &rows, &count));
    assert_int_equal(count, 0);
}

static void what_is_wrong_is_not_taken_in(void **state)
{
    struct test_store *store = begin(state);
    struct actor analyst = test_person(store, "wati", ROLE_ANALYST), liaison = test_person(store, "agus", ROLE_LIAISON);
    struct playbook *rows;
    size_t count;
    int64_t playbook, again;
    slice good = file_text(store, "tests/data/playbook/signed-rs256.json");
    test_refused(add(store, &liaison, good, &playbook), ERR_DENIED, "may not");
    assert_int_equal(add(store, &analyst, good, &playbook).kind, ERR_DENIED);
    test_refused(add(store, &officer, slice_part(good, 0, good.len - 10), &playbook), ERR_INPUT, "a.json:");
    test_ok(store_playbook_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 0);
    test_ok(add(store, &officer, good, &playbook));
    test_refused(add(store, &officer, good, &again), ERR_CONFLICT, "is here already");
    test_ok(store_playbook_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_true(count == 1 && slice_eq(rows[0].signature, S("good")) && rows[0].state == PLAYBOOK_DRAFT);
}

static void one_that_is_retired_is_not_started(void **state)
{
    struct test_store *store = begin(state);
    int64_t playbook, tasks;
    test_ok(add(store, &officer, file_text(store, "tests/data/playbook/each-type.json"), &playbook));
    test_ok(test_as(store, &officer, approve_action, &(struct test_verb){.number = playbook}));
    test_refused(test_as(store, &officer, approve_action, &(struct test_verb){.number = playbook}), ERR_CONFLICT,
            "a draft is approved");
    test_ok(test_as(store, &officer, retire_action, &(struct test_verb){.number = playbook}));
    test_refused(start(store, &officer, playbook, &tasks), ERR_CONFLICT, "is retired");
    test_refused(start(store, &officer, 77, &tasks), ERR_MISSING, "no such playbook");
}

#define CASE_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE_TEST(a_step_becomes_a_task_that_waits_for_people),
            CASE_TEST(one_that_attacks_is_text_only),
            CASE_TEST(what_is_wrong_is_not_taken_in),
            CASE_TEST(one_that_is_retired_is_not_started),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
