/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/roster.h"

#include "desk/test_desk.h"
#include "store/organisation.h"
#include "store/user.h"

#define DAY (20000 * DAY_US)
#define HOUR(n) (DAY + (n)*HOUR_US)

struct person {
    struct user_put put;
    int64_t number, home;
};

static struct err person_add(struct work *work, void *context)
{
    struct person *person = context;
    TRY(store_organisation_own(work->db, &person->home));
    if (person->put.organisation == 0)
        person->put.organisation = person->home;
    return store_user_add(work, &person->put, &person->number);
}

static int64_t person(struct test_store *store, const char *name, int64_t organisation)
{
    struct person person = {.put = {.name = slice_of(name),
                                    .organisation = organisation,
                                    .roles = 1u << ROLE_DUTY_OFFICER,
                                    .password_hash = S("$x")}};
    test_ok(test_work(store, person_add, &person));
    return person.number;
}

static struct actor signed_in(int64_t user, enum role role)
{
    return (struct actor){
            .organisation = 1, .user = user, .name = S("ayu"), .roles = 1u << role, .how = ACTOR_SECOND_FACTOR};
}

static struct err own_add(struct work *work, void *context)
{
    const struct organisation_put put = {.name = S("Tim Melati"), .kind = S("team"), .relation = RELATION_OWN};
    return store_organisation_add(work, &put, context);
}

static struct test_store *node(void **state)
{
    struct test_store *store = ready(state);
    int64_t number;
    clock_set(HOUR(9));
    test_ok(test_work(store, own_add, &number));
    return store;
}

static int64_t put(struct test_store *store, int64_t who, enum shift_rank rank, int64_t from_us, int64_t until_us)
{
    const struct shift_put shift = {who, rank, from_us, until_us};
    int64_t number;
    test_ok(desk_roster_put(store->db, &store->actor, &shift, store->arena, &number));
    return number;
}

static void gaps_and_doubles_are_found(void **state)
{
    struct test_store *store = node(state);
    const struct shift rows[] = {
            {.is = {1, SHIFT_FIRST, HOUR(0), HOUR(8)}},
            {.is = {2, SHIFT_FIRST, HOUR(8), HOUR(12)}},                /* one after the other: neither */
            {.is = {9, SHIFT_FIRST, HOUR(12), HOUR(16)}, .away = true}, /* gone: nobody */
            {.is = {1, SHIFT_SECOND, HOUR(6), HOUR(9)}},
            {.is = {2, SHIFT_SECOND, HOUR(7), HOUR(10)}},
            {.is = {1, SHIFT_FIRST, HOUR(14), HOUR(20)}},
            {.is = {2, SHIFT_FIRST, HOUR(15), HOUR(16)}},
    };
    const struct roster_hole expected[] = {
            {false, SHIFT_FIRST, HOUR(12), HOUR(14)},
            {true, SHIFT_FIRST, HOUR(15), HOUR(16)},
            {false, SHIFT_FIRST, HOUR(20), HOUR(24)},
            {true, SHIFT_SECOND, HOUR(7), HOUR(9)},
    };
    struct roster_hole *holes;
    size_t count;
    bool cut;
    test_ok(desk_roster_holes(rows, COUNT_OF(rows), HOUR(0), HOUR(24), store->arena, &holes, &count, &cut));
    assert_int_equal(count, COUNT_OF(expected));
    for (size_t i = 0; i < count; i++)
        assert_true(holes[i].doubled == expected[i].doubled && holes[i].rank == expected[i].rank &&
                    holes[i].from_us == expected[i].from_us && holes[i].until_us == expected[i].until_us);
    test_ok(desk_roster_holes(rows, COUNT_OF(rows), HOUR(1), HOUR(12), store->arena, &holes, &count, &cut));
    assert_int_equal(count, 1); /* the seconds, and nothing outside of the time */
    test_ok(desk_roster_holes(NULL, 0, HOUR(0), HOUR(24), store->arena, &holes, &count, &cut));
    assert_true(count == 1 && holes[0].until_us == HOUR(24));
}

static void who_is_on_call_and_who_comes_next(void **state)
{
    struct test_store *store = node(state);
    int64_t ayu = person(store, "ayu", 0), budi = person(store, "budi", 0);
    struct roster_now now;
    test_ok(desk_roster_now(store->db, HOUR(9), store->arena, &now));
    assert_true(!now.kept && now.count == 0 && now.next.number == 0 && now.gap.until_us == 0);
    put(store, budi, SHIFT_SECOND, HOUR(8), HOUR(16));
    put(store, ayu, SHIFT_FIRST, HOUR(8), HOUR(16));
    put(store, ayu, SHIFT_SECOND, HOUR(16), HOUR(24));
    put(store, budi, SHIFT_FIRST, HOUR(16), HOUR(24 * 3));
    test_ok(desk_roster_now(store->db, HOUR(9), store->arena, &now));
    assert_true(now.count == 2 && now.now[0].is.person == ayu && now.now[1].is.person == budi);
    assert_true(now.next.is.person == budi && now.next.is.from_us == HOUR(16));
    assert_true(now.gap.from_us == HOUR(72) && now.gap.until_us == HOUR(81));
    put(store, ayu, SHIFT_FIRST, HOUR(72), HOUR(100));
    test_ok(desk_roster_now(store->db, HOUR(9), store->arena, &now));
    assert_true(now.gap.until_us == 0);
}

static void only_our_own_people_are_on_call(void **state)
{
    struct test_store *store = node(state);
    int64_t number, other = person(store, "mallory", test_served(store, "RS Melati"));
    const struct shift_put shift = {other, SHIFT_FIRST, HOUR(8), HOUR(16)};
    assert_int_equal(desk_roster_put(store->db, &store->actor, &shift, store->arena, &number).kind, ERR_INPUT);
}

static void a_shift_is_given_by_who_has_it(void **state)
{
    struct test_store *store = node(state);
    int64_t ayu = person(store, "ayu", 0), budi = person(store, "budi", 0);
    int64_t shift = put(store, ayu, SHIFT_FIRST, HOUR(16), HOUR(24)),
            past = put(store, ayu, SHIFT_FIRST, HOUR(1), HOUR(2));
    struct actor actor = signed_in(budi, ROLE_DUTY_OFFICER);
    assert_int_equal(desk_roster_give(store->db, &actor, shift, budi, store->arena).kind, ERR_DENIED);
    assert_int_equal(desk_roster_drop(store->db, &actor, shift, store->arena).kind, ERR_DENIED);
    assert_int_equal(desk_roster_person(store->db, &actor, ayu, S(""), S("110"), store->arena).kind, ERR_DENIED);
    test_ok(desk_roster_person(store->db, &actor, budi, S("budi@melati.example"), S("+62 21 5550101"), store->arena));
    assert_int_equal(desk_roster_person(store->db, &actor, budi, S("budi at"), S(""), store->arena).kind, ERR_INPUT);
    actor = signed_in(ayu, ROLE_DUTY_OFFICER);
    assert_int_equal(desk_roster_give(store->db, &actor, past, budi, store->arena).kind, ERR_CONFLICT);
    test_ok(desk_roster_give(store->db, &actor, shift, budi, store->arena));
    assert_int_equal(desk_roster_give(store->db, &actor, shift, ayu, store->arena).kind, ERR_DENIED); /* not hers now */
    actor = signed_in(ayu, ROLE_COORDINATOR);
    test_ok(desk_roster_give(store->db, &actor, shift, ayu, store->arena));
    actor = signed_in(ayu, ROLE_SYSADMIN);
    assert_int_equal(desk_roster_give(store->db, &actor, shift, budi, store->arena).kind, ERR_DENIED);
}

static void a_table_comes_in_whole_or_not_at_all(void **state)
{
    static const char GOOD[] =
            "\xef\xbb\xbf"
            "user,from,until,rank,mail\r\n"
            "ayu,2024-10-04T08:00:00+07:00,2024-10-04T16:00:00+07:00,first,ayu@melati.example\r\n\r\n"
            "budi,2024-10-04T09:00:00Z,2024-10-04T17:00:00Z,,\r\n";
    const struct {
        const char *text, *why;
    } bad[] = {
            {"", "there is no shift in this table"},
            {"from,until\n", "line 1: the first line names"},
            {"from,until,user,user\n", "line 1: the columns are"},
            {"from,until,user,shoe\n", "line 1: the columns are"},
            {"from,until,user\n", "there is no shift in this table"},
            {"from,until,user\n2024-10-04,2024-10-05,ayu\n", "line 2: a moment is written with its zone"},
            {"from,until,user\n2024-10-04T08:00:00Z,2024-10-04T16:00:00Z,eve\n", "line 2: "},
            {"from,until,user\n2024-10-04T08:00:00Z,2024-10-04T07:00:00Z,ayu\n", "line 2: a shift ends"},
            {"from,until,user,rank\n2024-10-04T08:00:00Z,2024-10-04T16:00:00Z,ayu,third\n", "line 2: the rank"},
            {"from,until,user\n2024-10-04T08:00:00Z,2024-10-04T16:00:00Z\n", "line 2: fewer cells"},
            {"from,until,user\n2024-10-04T08:00:00Z,2024-10-04T16:00:00Z,ayu,x\n", "line 2: more cells"},
            {"from,until,user\n2024-10-04T08:00:00Z,2024-10-04T16:00:00Z,ayu\n,,\n", "line 3: "},
            {"from,until,user,mail\n2024-10-04T08:00:00Z,2024-10-04T16:00:00Z,ayu,nowhere\n", "line 2: mail: "},
    };
    struct test_store *store = node(state);
    struct shift *rows;
    size_t count;
    bool any;
    (void)person(store, "ayu", 0);
    (void)person(store, "budi", 0);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct err err = desk_roster_import(store->db, &store->actor, slice_of(bad[i].text), store->arena, &count);
        assert_int_equal(err.kind, ERR_INPUT);
        if (!slice_starts(slice_of(err.why), slice_of(bad[i].why)))
            fail_msg("%s: %s", bad[i].text, err.why);
        test_ok(store_shift_any(store->db, &any));
        assert_false(any);
    }
    for (int i = 0; i < 2; i++) { /* the second time it changes nothing */
        test_ok(desk_roster_import(store->db, &store->actor, slice_of(GOOD), store->arena, &count));
        assert_int_equal(count, 2);
    }
    test_ok(store_shift_list(store->db, DAY, DAY + 2 * DAY_US, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(rows[0].mail, S("ayu@melati.example")) && rows[1].mail.len == 0);
    assert_true(rows[1].is.rank == SHIFT_FIRST && rows[0].is.until_us == rows[1].is.from_us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "gaps_and_doubles_are_found", gaps_and_doubles_are_found, set_up, tear_down),
            TEST_ON_BOTH(who_is_on_call_and_who_comes_next, set_up, tear_down),
            TEST_ON(DB_SQLITE, "only_our_own_people_are_on_call", only_our_own_people_are_on_call, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_shift_is_given_by_who_has_it", a_shift_is_given_by_who_has_it, set_up, tear_down),
            TEST_ON_BOTH(a_table_comes_in_whole_or_not_at_all, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
