/* SPDX-License-Identifier: Apache-2.0 */
#include "store/roster.h"

#include "store/test_organisation.h"
#include "store/user.h"

#define NOON (20000 * DAY_US + 12 * HOUR_US)

struct call {
    struct user_put user;
    struct shift_put put;
    int64_t number, person;
    enum user_state state;
    slice mail, phone;
};

static struct err user_add(struct work *work, void *context)
{
    struct call *call = context;
    return store_user_add(work, &call->user, &call->person);
}

static struct err user_move(struct work *work, void *context)
{
    const struct call *call = context;
    return store_user_state(work, call->person, call->state);
}

static struct err put(struct work *work, void *context)
{
    struct call *call = context;
    return store_shift_put(work, &call->put, &call->number);
}

static struct err give(struct work *work, void *context)
{
    const struct call *call = context;
    return store_shift_give(work, call->number, call->person);
}

static struct err drop(struct work *work, void *context)
{
    const struct call *call = context;
    return store_shift_drop(work, call->number);
}

static struct err reached(struct work *work, void *context)
{
    const struct call *call = context;
    return store_shift_person(work, call->person, call->mail, call->phone);
}

static int64_t person(struct test_store *store, const char *name)
{
    struct call call = {.user = {.name = slice_of(name),
                                .organisation = test_constituent(store, arena_printf(store->arena, "Tim %s", name)),
                                .roles = 1u << ROLE_DUTY_OFFICER,
                                .password_hash = S("$x")}};
    test_ok(test_work(store, user_add, &call));
    return call.person;
}

static int64_t shift_of(struct test_store *store, int64_t who, enum shift_rank rank, int64_t from_us, int64_t until_us)
{
    struct call call = {.put = {who, rank, from_us, until_us}};
    test_ok(test_work(store, put, &call));
    return call.number;
}

static void who_is_on_call_is_found_by_time(void **state)
{
    struct test_store *store = ready(state);
    int64_t ayu = person(store, "ayu"), budi = person(store, "budi");
    struct shift *rows;
    size_t count;
    bool any;
    test_ok(store_shift_any(store->db, &any));
    assert_false(any);
    int64_t first = shift_of(store, ayu, SHIFT_FIRST, NOON, NOON + 8 * HOUR_US);
    shift_of(store, budi, SHIFT_SECOND, NOON - SHIFT_US_MAX + HOUR_US, NOON + HOUR_US); /* as long as may be */
    shift_of(store, budi, SHIFT_FIRST, NOON + 8 * HOUR_US, NOON + 16 * HOUR_US);
    test_ok(store_shift_list(store->db, NOON, NOON + 1, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(rows[0].name, S("budi")) && rows[0].is.rank == SHIFT_SECOND);
    assert_true(rows[1].number == first && rows[1].is.until_us == NOON + 8 * HOUR_US && !rows[1].away);
    test_ok(store_shift_list(store->db, NOON + 8 * HOUR_US, NOON + 9 * HOUR_US, store->arena, &rows, &count));
    assert_int_equal(count, 1); /* an end is no part of a shift */
    test_ok(store_shift_next(store->db, NOON, 10, store->arena, &rows, &count));
    assert_true(count == 1 && rows[0].is.person == budi);
    test_ok(store_shift_any(store->db, &any));
    assert_true(any);
}

static void the_same_beginning_is_the_same_shift(void **state)
{
    struct test_store *store = ready(state);
    int64_t ayu = person(store, "ayu"), budi = person(store, "budi");
    int64_t number = shift_of(store, ayu, SHIFT_FIRST, NOON, NOON + HOUR_US);
    struct shift row;
    assert_true(shift_of(store, ayu, SHIFT_FIRST, NOON, NOON + 2 * HOUR_US) == number);
    test_ok(store_shift_get(store->db, number, store->arena, &row));
    assert_true(row.is.until_us == NOON + 2 * HOUR_US);
    struct call call = {.number = number, .person = budi};
    test_ok(test_work(store, give, &call));
    test_ok(store_shift_get(store->db, number, store->arena, &row));
    assert_true(row.is.person == budi);
    call.number = shift_of(store, ayu, SHIFT_FIRST, NOON, NOON + HOUR_US);
    assert_int_equal(test_work(store, give, &call).kind, ERR_CONFLICT);
    test_ok(test_work(store, drop, &call));
    assert_int_equal(test_work(store, drop, &call).kind, ERR_MISSING);
    assert_int_equal(test_work(store, give, &call).kind, ERR_MISSING);
}

static void what_cannot_be_is_refused(void **state)
{
    struct test_store *store = ready(state);
    int64_t ayu = person(store, "ayu");
    const struct {
        struct shift_put put;
        enum err_kind kind;
    } cases[] = {
            {{ayu, SHIFT_FIRST, NOON, NOON}, ERR_INPUT},
            {{ayu, SHIFT_FIRST, NOON, NOON - 1}, ERR_INPUT},
            {{ayu, SHIFT_FIRST, NOON, NOON + SHIFT_US_MAX + 1}, ERR_INPUT},
            {{ayu, SHIFT_FIRST, TIME_NONE, NOON}, ERR_INPUT},
            {{999, SHIFT_FIRST, NOON, NOON + 1}, ERR_MISSING},
    };
    struct shift *rows;
    size_t count;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct call call = {.put = cases[i].put};
        assert_int_equal(test_work(store, put, &call).kind, cases[i].kind);
    }
    test_ok(store_shift_list(store->db, NOON - DAY_US, NOON + DAY_US, store->arena, &rows, &count));
    assert_int_equal(count, 0);
}

static void how_somebody_is_reached_is_said_once(void **state)
{
    struct test_store *store = ready(state);
    struct call call = {.person = person(store, "ayu"), .mail = S("ayu@cert.example"), .phone = S("+62 21 5550100")};
    int64_t number = shift_of(store, call.person, SHIFT_FIRST, NOON, NOON + HOUR_US);
    struct shift row;
    slice mail, phone;
    test_ok(store_shift_get(store->db, number, store->arena, &row));
    assert_true(row.mail.len == 0 && row.phone.len == 0);
    test_ok(test_work(store, reached, &call));
    test_ok(store_shift_get(store->db, number, store->arena, &row));
    assert_true(slice_eq(row.mail, call.mail) && slice_eq(row.phone, call.phone));
    call.mail = S("");
    test_ok(test_work(store, reached, &call));
    test_ok(store_shift_person_get(store->db, call.person, store->arena, &mail, &phone));
    assert_true(mail.len == 0 && slice_eq(phone, call.phone));
    call.phone = S("a\nb");
    assert_int_equal(test_work(store, reached, &call).kind, ERR_INPUT);
    call.state = USER_LOCKED;
    test_ok(test_work(store, user_move, &call));
    test_ok(store_shift_get(store->db, number, store->arena, &row));
    assert_true(row.away);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(who_is_on_call_is_found_by_time, set_up, tear_down),
            TEST_ON_BOTH(the_same_beginning_is_the_same_shift, set_up, tear_down),
            TEST_ON_BOTH(what_cannot_be_is_refused, set_up, tear_down),
            TEST_ON_BOTH(how_somebody_is_reached_is_said_once, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
