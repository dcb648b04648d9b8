/* SPDX-License-Identifier: Apache-2.0 */
#include "store/notice.h"

#include "store/button.h"
#include "store/contact.h"
#include "store/severity.h"
#include "store/test_organisation.h"
#include "store/warning.h"

struct call {
    struct notice_put put;
    int64_t number, next_us;
    struct notice notice;
    struct notice_end end;
    enum notice_state state;
    uint64_t count;
    slice secret, answer;
    enum button_purpose purpose;
};

static struct err contact_add(struct work *work, void *context)
{
    const struct contact_put put = {.name = S("Ruang siaga"),
            .rank = 1,
            .mail = S("siaga@rs-melati.example"),
            .languages = S("id en"),
            .hours = S("always")};
    struct call *call = context;
    return store_contact_add(work, call->put.organisation, &put, &call->put.contact);
}

static struct err warning_add(struct work *work, void *context)
{
    struct call *call = context;
    const struct warning warning = {.organisation = call->put.organisation,
            .cause_kind = S("report"),
            .cause = S("scan_rdp"),
            .class = S("vulnerable/potentially-unwanted-accessible"),
            .marking = S("TLP:AMBER"),
            .due_us = TIME_NONE,
            .told_us = TIME_NONE,
            .chase_us = TIME_NONE};
    return store_warning_add(work, &warning, &call->number);
}

static struct err add(struct work *work, void *context)
{
    struct call *call = context;
    return store_notice_add(work, &call->put, &call->number);
}

static struct err begin(struct work *work, void *context)
{
    struct call *call = context;
    TRY(store_notice_next(work, NOTICE_MAIL, &call->notice));
    return store_notice_begin(work, call->notice.number);
}

static struct err begin_again(struct work *work, void *context)
{
    return store_notice_begin(work, ((const struct call *)context)->number);
}

static struct err end(struct work *work, void *context)
{
    const struct call *call = context;
    return store_notice_end(work, call->number, &call->end);
}

static struct err recover(struct work *work, void *context)
{
    return store_notice_recover(work, 0, INT64_MAX, &((struct call *)context)->count);
}

static struct err postpone(struct work *work, void *context)
{
    const struct call *call = context;
    return store_notice_postpone(work, call->number, call->next_us);
}

static struct err heard(struct work *work, void *context)
{
    const struct call *call = context;
    return store_notice_heard(work, call->number, call->state, S("550 no such mailbox"));
}

static struct err answered(struct work *work, void *context)
{
    return store_notice_answered(work, ((const struct call *)context)->number);
}

static struct call add_one(struct test_store *store)
{
    struct call call = {.put = {.kind = NOTICE_OF_WARNING, .language = S("id"), .message = S("Subject: x\r\n\r\ny")}};
    call.put.organisation = test_constituent(store, "RS Melati");
    call.put.reference = store_notice_reference(store->arena);
    test_ok(test_work(store, contact_add, &call));
    test_ok(test_work(store, warning_add, &call));
    call.put.warnings = &call.number;
    call.put.warning_count = 1;
    int64_t warning = call.number;
    call.put.warnings = &warning;
    test_ok(test_work(store, add, &call));
    call.put.warnings = NULL;
    return call;
}

static struct notice get(struct test_store *store, int64_t number)
{
    struct notice notice;
    test_ok(store_notice_get(store->db, number, store->arena, &notice));
    return notice;
}

static void a_notice_comes_back_byte_for_byte(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store);
    struct notice notice = get(store, call.number), *rows;
    int64_t *warnings;
    size_t count;
    slice message;
    assert_int_equal(notice.state, NOTICE_WAITING);
    assert_int_equal(notice.bytes, call.put.message.len);
    assert_int_equal(notice.sent_us, TIME_NONE);
    test_ok(store_notice_message(store->db, call.number, store->arena, &message));
    assert_true(slice_eq(message, call.put.message));
    test_ok(store_notice_warnings(store->db, call.number, store->arena, &warnings, &count));
    assert_int_equal(count, 1);
    test_ok(store_notice_of_warning(store->db, warnings[0], 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].number, call.number);
    test_ok(store_notice_latest(store->db, call.put.organisation, INT64_MAX, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
}

static void a_reference_is_found_in_either_case_and_nothing_else_is(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store);
    struct notice notice;
    char *lower = arena_take(store->arena, NOTICE_REFERENCE_CHARACTERS);
    assert_int_equal(call.put.reference.len, NOTICE_REFERENCE_CHARACTERS);
    for (size_t i = 0; i < NOTICE_REFERENCE_CHARACTERS; i++)
        lower[i] = byte_lower(call.put.reference.ptr[i]);
    test_ok(store_notice_find(store->db, (slice){lower, NOTICE_REFERENCE_CHARACTERS}, store->arena, &notice));
    assert_int_equal(notice.number, call.number);
    lower[3] = '\0';
    assert_int_equal(
            store_notice_find(store->db, (slice){lower, NOTICE_REFERENCE_CHARACTERS}, store->arena, &notice).kind,
            ERR_MISSING);
    assert_int_equal(store_notice_find(store->db, S("ABC"), store->arena, &notice).kind, ERR_MISSING);
}

static void an_attempt_begins_once_and_ends_once(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store);
    struct notice_attempt *attempts;
    size_t count;
    int64_t sent;
    test_ok(test_work(store, begin, &call));
    assert_int_equal(call.notice.number, call.number);
    assert_int_equal(get(store, call.number).state, NOTICE_BEGUN);
    assert_int_equal(test_work(store, begin_again, &call).kind, ERR_CONFLICT);
    assert_int_equal(test_work(store, begin, &call).kind, ERR_MISSING);
    call.end = (struct notice_end){NOTICE_TAKEN, S("250 OK"), NOTICE_SENT, 0};
    test_ok(test_work(store, end, &call));
    assert_int_equal(test_work(store, end, &call).kind, ERR_CONFLICT);
    assert_true(get(store, call.number).sent_us != TIME_NONE);
    test_ok(store_notice_attempts(store->db, call.number, store->arena, &attempts, &count));
    assert_int_equal(count, 1);
    assert_int_equal(attempts[0].outcome, NOTICE_TAKEN);
    assert_true(slice_eq(attempts[0].answer, S("250 OK")));
    test_ok(store_notice_sent_since(store->db, &(struct notice){.contact = call.put.contact}, 0, &sent));
    assert_int_equal(sent, 1);
    test_ok(store_notice_all_since(store->db, NOTICE_MAIL, 0, &sent));
    assert_int_equal(sent, 1);
}

static void what_a_dead_program_began_is_uncertain_and_due_again(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store);
    struct notice_attempt *attempts;
    size_t count;
    bool due;
    test_ok(test_work(store, begin, &call));
    test_ok(store_notice_due(store->db, NOTICE_MAIL, clock_now_us(), &due));
    assert_false(due);
    test_ok(test_work(store, recover, &call));
    assert_int_equal(call.count, 1);
    test_ok(store_notice_due(store->db, NOTICE_MAIL, clock_now_us(), &due));
    assert_true(due);
    assert_int_equal(get(store, call.number).uncertain, 1);
    test_ok(store_notice_attempts(store->db, call.number, store->arena, &attempts, &count));
    assert_int_equal(attempts[0].outcome, NOTICE_UNCERTAIN);
    assert_int_equal(attempts[0].ended_us, TIME_NONE);
    test_ok(test_work(store, begin, &call));
    assert_int_equal(get(store, call.number).attempts, 2);
}

static void what_is_deferred_or_postponed_waits_for_its_time(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store);
    test_ok(test_work(store, begin, &call));
    call.end = (struct notice_end){NOTICE_DEFERRED, S("451 try later"), NOTICE_WAITING, clock_now_us() + HOUR_US};
    test_ok(test_work(store, end, &call));
    assert_int_equal(test_work(store, begin, &call).kind, ERR_MISSING);
    assert_true(slice_eq(get(store, call.number).why, S("451 try later")));
    call.next_us = 1;
    test_ok(test_work(store, postpone, &call));
    test_ok(test_work(store, begin, &call));
}

static void a_contact_is_sent_to_once_at_a_time_and_nobody_waits_for_it(void **state)
{
    struct test_store *store = ready(state);
    struct call first = add_one(store), second, other;
    first.put.warning_count = 0;
    second = other = first;
    second.put.reference = store_notice_reference(store->arena);
    test_ok(test_work(store, add, &second));
    other.put.organisation = test_constituent(store, "RS Mawar");
    other.put.reference = store_notice_reference(store->arena);
    test_ok(test_work(store, contact_add, &other));
    test_ok(test_work(store, add, &other));
    test_ok(test_work(store, begin, &first));
    assert_int_equal(first.notice.number, first.number);
    test_ok(test_work(store, begin, &first));
    assert_int_equal(first.notice.number, other.number);
    assert_int_equal(test_work(store, begin, &first).kind, ERR_MISSING);
    first.end = (struct notice_end){NOTICE_TAKEN, S("250 OK"), NOTICE_SENT, 0};
    test_ok(test_work(store, end, &first));
    test_ok(test_work(store, begin, &first));
    assert_int_equal(first.notice.number, second.number);
}

static void what_came_back_stays_so_and_the_first_answer_counts(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store);
    call.state = NOTICE_BOUNCED;
    test_ok(test_work(store, heard, &call));
    call.state = NOTICE_DELIVERED;
    test_ok(test_work(store, heard, &call));
    assert_int_equal(get(store, call.number).state, NOTICE_BOUNCED);
    test_ok(test_work(store, answered, &call));
    int64_t first = get(store, call.number).answered_us;
    test_ok(test_work(store, answered, &call));
    assert_int_equal(get(store, call.number).answered_us, first);
}

static struct err button_add(struct work *work, void *context)
{
    const struct call *call = context;
    return store_button_add(work, call->secret, call->purpose, call->number, work->now_us + DAY_US);
}

static struct err button_press(struct work *work, void *context)
{
    const struct call *call = context;
    return store_button_press(work, call->secret, call->answer);
}

static struct err button_sweep(struct work *work, void *context)
{
    return store_button_sweep(work, 10, &((struct call *)context)->count);
}

static void a_button_is_found_by_its_secret_until_it_expires(void **state)
{
    struct test_store *store = ready(state);
    struct call call = {.number = 7, .purpose = BUTTON_WARNING, .answer = S("done")};
    struct button button;
    call.secret = store_button_secret(store->arena);
    test_ok(test_work(store, button_add, &call));
    test_ok(store_button_get(store->db, call.secret, clock_now_us(), store->arena, &button));
    assert_int_equal(button.purpose, BUTTON_WARNING);
    assert_int_equal(button.subject, 7);
    assert_int_equal(button.pressed_us, TIME_NONE);
    test_ok(test_work(store, button_press, &call));
    test_ok(store_button_get(store->db, call.secret, clock_now_us(), store->arena, &button));
    assert_true(button.pressed_us != TIME_NONE && slice_eq(button.answer, S("done")));
    assert_int_equal(store_button_get(store->db, S("guess"), 0, store->arena, &button).kind, ERR_MISSING);
    clock_set(clock_now_us() + 2 * DAY_US);
    assert_int_equal(store_button_get(store->db, call.secret, clock_now_us(), store->arena, &button).kind, ERR_MISSING);
    assert_int_equal(test_work(store, button_press, &call).kind, ERR_MISSING);
    test_ok(test_work(store, button_sweep, &call));
    assert_int_equal(call.count, 1);
}

static void the_secret_of_a_button_is_not_kept(void **state)
{
    static const char ANY[] = "SELECT count(*) FROM button WHERE secret = $1";
    struct test_store *store = ready(state);
    struct call call = {.number = 7, .purpose = BUTTON_CONTACT};
    int64_t count;
    call.secret = store_button_secret(store->arena);
    test_ok(test_work(store, button_add, &call));
    test_ok(db_one(store->db, ANY, (struct db_value[]){db_bytes(call.secret)}, 1, 0, &count));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_notice_comes_back_byte_for_byte, set_up, tear_down),
            TEST_ON_BOTH(a_reference_is_found_in_either_case_and_nothing_else_is, set_up, tear_down),
            TEST_ON_BOTH(an_attempt_begins_once_and_ends_once, set_up, tear_down),
            TEST_ON_BOTH(what_a_dead_program_began_is_uncertain_and_due_again, set_up, tear_down),
            TEST_ON_BOTH(what_is_deferred_or_postponed_waits_for_its_time, set_up, tear_down),
            TEST_ON_BOTH(a_contact_is_sent_to_once_at_a_time_and_nobody_waits_for_it, set_up, tear_down),
            TEST_ON_BOTH(what_came_back_stays_so_and_the_first_answer_counts, set_up, tear_down),
            TEST_ON_BOTH(a_button_is_found_by_its_secret_until_it_expires, set_up, tear_down),
            TEST_ON_BOTH(the_secret_of_a_button_is_not_kept, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
