/* SPDX-License-Identifier: Apache-2.0 */
#include "case/round.h"

#include "case/test_case.h"
#include "desk/notice.h"
#include "store/contact.h"
#include "store/notice.h"
#include "store/roster.h"

static const struct desk_notice_options notices = {
        .name = "CERT Contoh", .from = "siaga@cert.example", .url = "https://cert.example/"};
static const struct actor machine = {.name = {"@duties", 7}, .how = ACTOR_FOLLOWER};
static struct actor officer;
static int64_t incident, clinic;

static struct test_store *begin(void **state)
{
    struct test_store *store = ready(state);
    clock_set(NOON);
    desk_notice_open(&notices);
    case_round_open(4 * HOUR_US);
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    clinic = test_served(store, "RS Melati");
    incident = test_incident(store, &officer, "Ransomware di RS Melati");
    return store;
}

/* ---- In one line each ---- */

static struct err add_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_task_add(work, verb->task, &verb->number);
}

static struct err give(struct test_store *store, const char *person, int64_t every_us, int64_t *number)
{
    const struct case_task_put put = {.incident = incident,
            .title = S("Look at the wards"),
            .text = S("All of them."),
            .person = slice_of(person),
            .due_us = TIME_NONE,
            .every_us = every_us,
            .agreed_by = S(""),
            .step = S("")};
    struct test_verb verb = {.task = &put};
    struct err err = test_as(store, &officer, add_action, &verb);
    *number = verb.number;
    return err;
}

static struct err state_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_task_state(work, verb->number, (enum task_state)verb->state, verb->value);
}

static struct err turn(struct test_store *store, int64_t task, enum task_state state, const char *result)
{
    struct test_verb verb = {.number = task, .state = (int)state, .value = slice_of(result)};
    return test_as(store, &officer, state_action, &verb);
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

static struct err impact_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_impact_add(work, incident, verb->impact, &verb->number);
}

static void figure(struct test_store *store, const char *kind, int64_t count, int64_t organisation)
{
    const struct impact put = {.kind = slice_of(kind),
            .low = count,
            .high = count,
            .unit = S(""),
            .basis = S("ward list"),
            .confidence = S("medium"),
            .organisation = organisation,
            .at_us = TIME_NONE};
    struct test_verb verb = {.impact = &put};
    test_ok(test_as(store, &officer, impact_action, &verb));
}

static struct task *tasks(struct test_store *store, size_t expected)
{
    struct task *rows;
    size_t count;
    test_ok(store_task_list(store->db, incident, store->arena, &rows, &count));
    assert_int_equal(count, expected);
    return rows;
}

static struct impact *impacts(struct test_store *store, size_t expected)
{
    struct impact *rows;
    size_t count;
    test_ok(store_impact_list(store->db, incident, store->arena, &rows, &count));
    assert_int_equal(count, expected);
    return rows;
}

struct reached {
    int64_t organisation, number;
    const char *name;
};

static struct err contact_action(struct work *work, void *context)
{
    struct reached *reached = context;
    const struct contact_put put = {.name = slice_of(reached->name),
            .rank = 1,
            .mail = slice_of(arena_printf(work->arena, "%s@rs.example", reached->name)),
            .phone = S(""),
            .webhook = S(""),
            .webhook_secret = S(""),
            .languages = S("en"),
            .hours = S("always"),
            .pgp_key = S("")};
    return store_contact_add(work, reached->organisation, &put, &reached->number);
}

static int64_t contact(struct test_store *store, int64_t organisation, const char *name)
{
    struct reached reached = {.organisation = organisation, .name = name};
    test_ok(test_work(store, contact_action, &reached));
    return reached.number;
}

static struct err reach_action(struct work *work, void *context)
{
    (void)context;
    return store_shift_person(work, officer.user, S("siti@pribadi.example"), S(""));
}

/* How many were told; the last of the mails. */
static size_t remind(struct test_store *store, struct notice *last, slice *message)
{
    struct notice *rows;
    size_t count, written;
    test_ok(case_round_remind(store->db, &machine, store->arena, &count));
    test_ok(store_notice_latest(store->db, 0, INT64_MAX, 1, store->arena, &rows, &written));
    *last = written > 0 ? rows[0] : (struct notice){0};
    *message = S("");
    if (written > 0)
        test_ok(store_notice_message(store->db, rows[0].number, store->arena, message));
    return count;
}

static bool says(slice text, const char *part)
{
    return slice_find_slice(text, slice_of(part)) < text.len;
}

/* ---- Tasks that come again ---- */

static void what_is_done_comes_again_a_span_later(void **state)
{
    struct test_store *store = begin(state);
    int64_t task;
    test_ok(give(store, "siti", 4 * HOUR_US, &task));
    assert_true(tasks(store, 1)[0].due_us == NOON + 4 * HOUR_US);
    clock_set(NOON + HOUR_US); /* early: the next one is due a span after that all the same */
    test_ok(turn(store, task, TASK_DOING, ""));
    tasks(store, 1);
    test_ok(turn(store, task, TASK_DONE, "All are quiet."));
    struct task *rows = tasks(store, 2);
    assert_true(rows[0].state == TASK_DONE && rows[0].every_us == 0);
    assert_true(rows[1].state == TASK_TO_DO && rows[1].due_us == NOON + 5 * HOUR_US);
    assert_true(rows[1].every_us == 4 * HOUR_US && rows[1].person == rows[0].person && rows[1].result.len == 0);
    assert_true(slice_eq(rows[1].title, rows[0].title) && slice_eq(rows[1].text, rows[0].text));
    assert_false(slice_eq(rows[1].identity, rows[0].identity));
    assert_int_equal(test_acts(store, "task.given"), 2);
    test_ok(turn(store, task, TASK_DOING, "")); /* what is taken up again brings no third */
    test_ok(turn(store, task, TASK_DONE, "All are quiet, really."));
    tasks(store, 2);
}

static void a_round_ends_when_it_is_cancelled_or_all_works_again(void **state)
{
    struct test_store *store = begin(state);
    int64_t first, second;
    test_ok(give(store, "", HOUR_US, &first));
    test_ok(turn(store, first, TASK_CANCELLED, "nobody needs it"));
    tasks(store, 1);
    test_ok(give(store, "", HOUR_US, &second));
    test_ok(test_turn(store, &officer, incident, INCIDENT_TRIAGED));
    test_ok(test_turn(store, &officer, incident, INCIDENT_OPEN));
    test_ok(test_turn(store, &officer, incident, INCIDENT_CONTAINED));
    test_ok(turn(store, second, TASK_DONE, "quiet"));
    int64_t third = tasks(store, 3)[2].number;
    test_ok(test_turn(store, &officer, incident, INCIDENT_RECOVERED));
    test_ok(turn(store, third, TASK_DONE, "the last of them"));
    tasks(store, 3);
}

static void a_span_is_set_and_taken_away(void **state)
{
    struct test_store *store = begin(state);
    int64_t task;
    test_refused(give(store, "", MINUTE_US, &task), ERR_INPUT, "from 10min");
    test_ok(give(store, "", 0, &task));
    test_refused(set(store, task, "every", "often"), ERR_INPUT, "as 4h");
    test_refused(set(store, task, "every", "1min"), ERR_INPUT, "from 10min");
    test_ok(set(store, task, "every", "2d"));
    assert_true(tasks(store, 1)[0].every_us == 2 * DAY_US && tasks(store, 1)[0].due_us == NOON + 2 * DAY_US);
    test_ok(set(store, task, "every", ""));
    test_ok(turn(store, task, TASK_DONE, "once is enough"));
    tasks(store, 1);
    test_refused(set(store, task, "every", "4h"), ERR_INPUT, "not ended");
}

/* ---- Clinical figures ---- */

static void the_first_figure_asks_who_is_hit_for_more(void **state)
{
    struct test_store *store = begin(state);
    contact(store, clinic, "piket");
    test_party(store, &officer, incident, clinic, PARTY_VICTIM);
    figure(store, "devices", 40, 0);
    tasks(store, 0);
    figure(store, "patients-diverted", 12, 0);
    struct task row = tasks(store, 1)[0];
    assert_true(row.organisation == clinic && row.due_us == NOON + 4 * HOUR_US && row.every_us == 4 * HOUR_US);
    assert_true(slice_eq(row.asks, S("clinical")) && says(row.title, "Clinical figures"));
    figure(store, "procedures-postponed", 8, 0); /* with the first one */
    assert_int_equal(tasks(store, 1)[0].state, TASK_TO_DO);
    clock_set(NOON + 4 * HOUR_US);
    figure(store, "patients-diverted", 20, clinic);
    figure(store, "patients-harmed", 0, clinic); /* of the same answer */
    struct task *rows = tasks(store, 2);
    assert_true(rows[0].state == TASK_DONE && slice_eq(rows[0].result, S("patients-diverted 20\npatients-harmed 0")));
    assert_true(rows[1].state == TASK_TO_DO && rows[1].due_us == NOON + 8 * HOUR_US && rows[1].organisation == clinic);
    impacts(store, 5);
}

static void nobody_can_be_asked_so_we_gather(void **state)
{
    struct test_store *store = begin(state);
    test_party(store, &officer, incident, clinic, PARTY_VICTIM);
    figure(store, "patients-diverted", 12, clinic); /* it has neither a node nor a contact */
    assert_true(tasks(store, 1)[0].organisation == officer.organisation);
    clock_set(NOON + HOUR_US);
    figure(store, "patients-diverted", 13, clinic);
    assert_true(tasks(store, 2)[1].organisation == officer.organisation);
}

static void who_may_not_know_of_an_incident_is_not_asked(void **state)
{
    struct test_store *store = begin(state);
    contact(store, clinic, "piket");
    figure(store, "patients-diverted", 12, clinic); /* it is no party */
    assert_true(tasks(store, 1)[0].organisation == officer.organisation);
}

static void no_round_begins_where_it_is_off_or_all_works_again(void **state)
{
    struct test_store *store = begin(state);
    case_round_open(0);
    figure(store, "patients-diverted", 12, 0);
    tasks(store, 0);
    case_round_open(4 * HOUR_US);
    test_ok(test_turn(store, &officer, incident, INCIDENT_TRIAGED));
    test_ok(test_turn(store, &officer, incident, INCIDENT_OPEN));
    test_ok(test_turn(store, &officer, incident, INCIDENT_CONTAINED));
    test_ok(test_turn(store, &officer, incident, INCIDENT_RECOVERED));
    figure(store, "patients-diverted", 0, 0);
    tasks(store, 0);
}

static void the_answer_of_a_task_is_figures_line_by_line(void **state)
{
    struct test_store *store = begin(state);
    contact(store, clinic, "piket");
    test_party(store, &officer, incident, clinic, PARTY_VICTIM);
    figure(store, "patients-diverted", 12, clinic);
    int64_t task = tasks(store, 1)[0].number;
    clock_set(NOON + 3 * HOUR_US);
    test_refused(turn(store, task, TASK_DONE, "quiet\npatients-diverted some"), ERR_INPUT, "line 2: patients-diverted");
    test_refused(turn(store, task, TASK_DONE, "results-delayed 9-4"), ERR_INPUT, "line 1: results-delayed");
    test_refused(turn(store, task, TASK_DONE, "results-delayed 99999999999999999999"), ERR_INPUT, "line 1");
    test_ok(turn(
            store, task, TASK_DONE, "patients-diverted 14\n  procedures-postponed 4 - 8\nThe laboratory is back."));
    struct impact *rows = impacts(store, 3);
    assert_true(slice_eq(rows[1].kind, S("patients-diverted")) && rows[1].low == 14 && rows[1].high == 14);
    assert_true(slice_eq(rows[2].kind, S("procedures-postponed")) && rows[2].low == 4 && rows[2].high == 8);
    assert_true(rows[1].organisation == clinic && rows[1].at_us == NOON + 3 * HOUR_US && says(rows[1].basis, "task "));
    assert_true(tasks(store, 2)[1].due_us == NOON + 7 * HOUR_US);
}

static void each_organisation_has_its_own_round(void **state)
{
    struct test_store *store = begin(state);
    int64_t other = test_served(store, "RS Mawar");
    contact(store, clinic, "piket");
    contact(store, other, "jaga");
    test_party(store, &officer, incident, clinic, PARTY_VICTIM);
    test_party(store, &officer, incident, other, PARTY_VICTIM);
    figure(store, "patients-diverted", 12, clinic);
    figure(store, "patients-diverted", 3, other);
    clock_set(NOON + 4 * HOUR_US);
    figure(store, "patients-diverted", 14, clinic);
    struct task *rows = tasks(store, 3);
    assert_true(rows[0].state == TASK_DONE && rows[1].state == TASK_TO_DO && rows[2].organisation == clinic);
}

/* ---- Who is told ---- */

static void a_task_that_is_due_tells_who_is_to_do_it_once(void **state)
{
    struct test_store *store = begin(state);
    struct notice last;
    slice message;
    int64_t task;
    int64_t desk = contact(store, officer.organisation, "piket");
    test_ok(test_work(store, reach_action, NULL));
    test_ok(give(store, "siti", 4 * HOUR_US, &task));
    clock_set(NOON + 4 * HOUR_US - 1);
    assert_int_equal(remind(store, &last, &message), 0);
    clock_set(NOON + 9 * HOUR_US); /* it was down meanwhile */
    assert_int_equal(remind(store, &last, &message), 1);
    assert_true(last.contact == 0 && slice_eq(last.address, S("siti@pribadi.example")));
    assert_true(last.kind == NOTICE_OF_TASK && last.organisation == officer.organisation);
    assert_true(says(message, "Look at the wards") && says(message, "X-Kentongan-Kind: task"));
    assert_int_equal(remind(store, &last, &message), 0);
    test_ok(set(store, task, "due", "2026-11-22T12:00:00Z")); /* put off, it is told anew */
    assert_int_equal(remind(store, &last, &message), 0);
    clock_set(NOON + DAY_US);
    assert_int_equal(remind(store, &last, &message), 1);
    assert_int_equal(test_acts(store, "task.reminded"), 2);
    test_ok(set(store, task, "person", "")); /* another is to do it: nobody in particular */
    assert_int_equal(remind(store, &last, &message), 1);
    assert_int_equal(last.contact, desk);
}

static void what_is_done_or_over_tells_nobody(void **state)
{
    struct test_store *store = begin(state);
    struct notice last;
    slice message;
    int64_t done, over;
    contact(store, officer.organisation, "piket");
    test_ok(give(store, "", 4 * HOUR_US, &done));
    test_ok(give(store, "", 4 * HOUR_US, &over));
    test_ok(turn(store, done, TASK_CANCELLED, "not needed"));
    test_ok(test_turn(store, &officer, incident, INCIDENT_NOT_ONE));
    clock_set(NOON + DAY_US);
    remind(store, &last, &message);
    assert_int_equal(last.number, 0);
    assert_int_equal(remind(store, &last, &message), 0);
}

static void another_organisation_is_told_and_what_is_for_few_is_not_named(void **state)
{
    struct test_store *store = begin(state);
    struct notice last;
    slice message;
    contact(store, clinic, "piket");
    test_party(store, &officer, incident, clinic, PARTY_VICTIM);
    figure(store, "patients-diverted", 12, clinic);
    test_ok(test_set(store, &officer, incident, "marking", "TLP:RED"));
    clock_set(NOON + 4 * HOUR_US);
    assert_int_equal(remind(store, &last, &message), 1);
    assert_true(last.organisation == clinic && says(message, "TLP:RED"));
    assert_false(says(message, "Clinical figures"));
}

static void nobody_can_be_told_is_told_to_the_journal(void **state)
{
    struct test_store *store = begin(state);
    struct notice last;
    slice message;
    int64_t task;
    test_ok(give(store, "", 4 * HOUR_US, &task));
    clock_set(NOON + 4 * HOUR_US);
    assert_int_equal(remind(store, &last, &message), 1);
    assert_int_equal(last.number, 0);
    assert_int_equal(test_acts(store, "task.reminded"), 1);
    assert_int_equal(remind(store, &last, &message), 0);
}

#define CASE_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE_TEST(what_is_done_comes_again_a_span_later),
            CASE_TEST(a_round_ends_when_it_is_cancelled_or_all_works_again),
            CASE_TEST(a_span_is_set_and_taken_away),
            CASE_TEST(the_first_figure_asks_who_is_hit_for_more),
            CASE_TEST(nobody_can_be_asked_so_we_gather),
            CASE_TEST(who_may_not_know_of_an_incident_is_not_asked),
            CASE_TEST(no_round_begins_where_it_is_off_or_all_works_again),
            CASE_TEST(the_answer_of_a_task_is_figures_line_by_line),
            CASE_TEST(each_organisation_has_its_own_round),
            CASE_TEST(a_task_that_is_due_tells_who_is_to_do_it_once),
            CASE_TEST(what_is_done_or_over_tells_nobody),
            CASE_TEST(another_organisation_is_told_and_what_is_for_few_is_not_named),
            CASE_TEST(nobody_can_be_told_is_told_to_the_journal),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
