/* SPDX-License-Identifier: Apache-2.0 */
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

static struct err add_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_task_add(work, verb->task, &verb->number);
}

static struct err add(struct test_store *store, const struct case_task_put *put, int64_t *number)
{
    struct test_verb verb = {.task = put};
    struct err err = test_as(store, &officer, add_action, &verb);
    *number = verb.number;
    return err;
}

static struct case_task_put put_of(const char *title)
{
    return (struct case_task_put){.incident = incident,
            .title = slice_of(title),
            .text = S(""),
            .person = S(""),
            .due_us = TIME_NONE,
            .agreed_by = S(""),
            .step = S("")};
}

static struct err state_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_task_state(work, verb->number, (enum task_state)verb->state, verb->value);
}

static struct err turn(
        struct test_store *store, const struct actor *actor, int64_t task, enum task_state state, const char *result)
{
    struct test_verb verb = {.number = task, .state = (int)state, .value = slice_of(result)};
    return test_as(store, actor, state_action, &verb);
}

static struct err agree_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_task_agree(work, verb->number, verb->why);
}

static struct err set_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_task_set(work, verb->number, verb->field, verb->value);
}

static struct err set(struct test_store *store, int64_t task, const char *field, const char *value)
{
    struct test_verb verb = {.number = task, .field = slice_of(field), .value = slice_of(value)};
    return test_as(store, &officer, set_action, &verb);
}

static struct task get(struct test_store *store, int64_t number)
{
    struct task row;
    test_ok(store_task_get(store->db, number, store->arena, &row));
    return row;
}

static void who_is_to_do_it_does_it(void **state)
{
    struct test_store *store = begin(state);
    int64_t clinic = test_served(store, "Klinik Anggrek"), other = test_served(store, "Klinik Kenanga"), task;
    struct actor admin = {.organisation = clinic,
            .user = 900,
            .name = S("dewi"),
            .roles = 1u << ROLE_CONSTITUENT_ADMIN,
            .how = ACTOR_PASSWORD};
    struct actor stranger = admin;
    struct case_task_put put = put_of("Putuskan jaringan");
    stranger.organisation = other;
    put.organisation = clinic;
    put.due_us = NOON + HOUR_US;
    test_ok(add(store, &put, &task));
    test_refused(turn(store, &stranger, task, TASK_DOING, ""), ERR_MISSING, "no such task");
    test_ok(turn(store, &admin, task, TASK_DOING, ""));
    test_refused(turn(store, &admin, task, TASK_DONE, ""), ERR_INPUT, "result is empty");
    clock_set(NOON + MINUTE_US);
    test_ok(turn(store, &admin, task, TASK_DONE, "Dua belas mesin."));
    struct task row = get(store, task);
    assert_true(
            row.state == TASK_DONE && row.done_us == NOON + MINUTE_US && slice_eq(row.result, S("Dua belas mesin.")));
    test_refused(turn(store, &admin, task, TASK_WAITING, "x"), ERR_CONFLICT, "is done");
    assert_int_equal(test_acts(store, "task.done"), 1);
}

static void a_machine_is_not_cut_off_before_its_clinical_owner_agrees(void **state)
{
    struct test_store *store = begin(state);
    int64_t task;
    struct case_task_put put = put_of("Putuskan mesin anestesi");
    struct test_verb verb = {.why = S("dr. Ayu, by phone")};
    put.agreed_by = S("clinical owner");
    test_ok(add(store, &put, &task));
    test_refused(turn(store, &officer, task, TASK_DOING, ""), ERR_CONFLICT, "waits for the word of clinical owner");
    verb.number = task;
    test_ok(test_as(store, &officer, agree_action, &verb));
    test_refused(test_as(store, &officer, agree_action, &verb), ERR_CONFLICT, "nobody's word");
    test_ok(turn(store, &officer, task, TASK_DOING, ""));
    assert_true(get(store, task).agreed_us == NOON);
}

static void what_has_to_be_done_before_is_done_before(void **state)
{
    struct test_store *store = begin(state);
    int64_t first, then, *befores;
    size_t count;
    struct case_task_put put = put_of("Salin bukti");
    test_ok(add(store, &put, &first));
    put = put_of("Pasang ulang");
    put.befores = &first;
    put.before_count = 1;
    test_ok(add(store, &put, &then));
    test_refused(turn(store, &officer, then, TASK_DOING, ""), ERR_CONFLICT, "waits for 1 others");
    test_ok(turn(store, &officer, first, TASK_CANCELLED, "Tidak ada."));
    test_ok(turn(store, &officer, then, TASK_DOING, ""));
    test_ok(store_task_befores(store->db, then, store->arena, &befores, &count));
    assert_true(count == 1 && befores[0] == first);
}

struct after {
    int64_t task, before;
};

static struct err after_action(struct work *work, void *context)
{
    const struct after *after = context;
    return store_task_after(work, after->task, after->before);
}

static void tasks_that_wait_for_each_other_are_refused(void **state)
{
    struct test_store *store = begin(state);
    int64_t tasks[3];
    struct case_task_put put = put_of("Langkah");
    for (size_t i = 0; i < 3; i++)
        test_ok(add(store, &put, &tasks[i]));
    test_ok(test_work(store, after_action, &(struct after){tasks[1], tasks[0]}));
    test_ok(test_work(store, after_action, &(struct after){tasks[2], tasks[1]}));
    test_refused(test_work(store, after_action, &(struct after){tasks[0], tasks[2]}), ERR_CONFLICT, "before the other");
    test_refused(test_work(store, after_action, &(struct after){tasks[0], tasks[0]}), ERR_CONFLICT, "before the other");
}

static void tasks_of_an_organisation_come_by_urgency(void **state)
{
    struct test_store *store = begin(state);
    struct task *rows;
    size_t count;
    int64_t own, never, late, soon, ended;
    struct case_task_put put = put_of("Langkah");
    test_ok(store_organisation_own(store->db, &own));
    test_ok(add(store, &put, &never));
    put.due_us = NOON + DAY_US;
    test_ok(add(store, &put, &late));
    put.due_us = NOON + HOUR_US;
    test_ok(add(store, &put, &soon));
    test_ok(add(store, &put, &ended));
    test_ok(turn(store, &officer, ended, TASK_DONE, "Sudah."));
    test_ok(store_task_of(store->db, own, INT64_MIN, 0, 10, store->arena, &rows, &count));
    assert_true(count == 3 && rows[0].number == soon && rows[1].number == late && rows[2].number == never);
    test_ok(store_task_of(store->db, own, rows[1].due_us, rows[1].number, 10, store->arena, &rows, &count));
    assert_true(count == 1 && rows[0].number == never);
}

static void its_fields_are_set_by_name(void **state)
{
    struct test_store *store = begin(state);
    int64_t task;
    struct case_task_put put = put_of("Langkah");
    test_ok(add(store, &put, &task));
    test_ok(set(store, task, "due", "2026-11-22T07:00:00+07:00"));
    test_ok(set(store, task, "person", "siti"));
    test_ok(set(store, task, "text", "Baris satu.\nBaris dua."));
    struct task row = get(store, task);
    assert_true(row.person == officer.user && row.due_us == INT64_C(1795305600000000));
    test_ok(set(store, task, "due", ""));
    assert_true(get(store, task).due_us == TIME_NONE);
    test_refused(set(store, task, "due", "tomorrow"), ERR_INPUT, "a moment with its zone");
    test_refused(set(store, task, "title", ""), ERR_INPUT, "title is empty");
    test_refused(set(store, task, "state", "done"), ERR_INPUT, "to be set");
}

static void nothing_is_given_in_an_incident_that_is_closed(void **state)
{
    struct test_store *store = begin(state);
    int64_t task;
    struct case_task_put put = put_of("Langkah");
    test_ok(test_turn(store, &officer, incident, INCIDENT_NOT_ONE));
    test_refused(add(store, &put, &task), ERR_CONFLICT, "open it again first");
}

#define CASE_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE_TEST(who_is_to_do_it_does_it),
            CASE_TEST(a_machine_is_not_cut_off_before_its_clinical_owner_agrees),
            CASE_TEST(what_has_to_be_done_before_is_done_before),
            CASE_TEST(tasks_that_wait_for_each_other_are_refused),
            CASE_TEST(tasks_of_an_organisation_come_by_urgency),
            CASE_TEST(its_fields_are_set_by_name),
            CASE_TEST(nothing_is_given_in_an_incident_that_is_closed),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
