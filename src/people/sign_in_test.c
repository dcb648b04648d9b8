/* SPDX-License-Identifier: Apache-2.0 */
#include "people/sign_in.h"

#include "people/doorkeeper.h"
#include "people/test_people.h"
#include "people/user.h"

#define WRONG "incorrect drum battery"

static const char *why_of(struct err err)
{
    assert_int_equal(err.kind, ERR_AUTH);
    return err.why;
}

/* Which of them it was is not said. */
static void name_and_password_have_to_be_right(void **state)
{
    struct test_people *people = ready(state);
    struct signed_in in = {.session = -1};
    struct token link;
    test_user(people, "ayu", ROLE_ANALYST);
    struct people_new invited = {.name = S("budi"), .roles = UINT32_C(1) << ROLE_ANALYST};
    int64_t number;
    test_ok(people_add(people->db, &people->local, &invited, people->arena, &number, &link));
    const char *why = why_of(test_try(people, "ayu", WRONG, "192.0.2.1", &in));
    assert_string_equal(why, why_of(test_try(people, "nobody", TEST_PASSWORD, "192.0.2.1", &in)));
    assert_string_equal(why, why_of(test_try(people, "budi", "", "192.0.2.1", &in)));
    assert_string_equal(why, why_of(test_try(people, "", "", "192.0.2.1", &in)));
    assert_string_equal(why, why_of(test_try(people, "AYU", TEST_PASSWORD, "192.0.2.1", &in)));
    assert_string_equal(why, why_of(test_try(people, "x' OR 'a'='a", TEST_PASSWORD, "192.0.2.1", &in)));
    assert_int_equal(in.session, -1);
    test_ok(test_try(people, "ayu", TEST_PASSWORD, "192.0.2.1", &in));
    assert_int_equal(test_news(people, "session.opened"), 1);
}

static void a_password_of_a_megabyte_is_not_hashed(void **state)
{
    struct test_people *people = ready(state);
    char *large = arena_take(people->arena, (1u << 20) + 1);
    struct signed_in in;
    memset(large, 'x', 1u << 20);
    test_user(people, "ayu", ROLE_ANALYST);
    assert_int_equal(test_try(people, "ayu", large, "192.0.2.1", &in).kind, ERR_AUTH);
    assert_int_equal(test_try(people, large, TEST_PASSWORD, "192.0.2.1", &in).kind, ERR_AUTH);
}

static void who_waits_is_not_tried(void **state)
{
    struct test_people *people = ready(state);
    struct signed_in in;
    struct ip from = test_ip("192.0.2.1");
    test_user(people, "ayu", ROLE_ANALYST);
    for (int i = 0; i < 6; i++)
        assert_int_equal(test_try(people, "ayu", WRONG, "192.0.2.1", &in).kind, ERR_AUTH);
    struct err err = test_try(people, "ayu", TEST_PASSWORD, "192.0.2.1", &in);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_string_equal(err.why, "too many attempts failed; come again in 1 seconds");
    assert_int_equal(people_wait_s(people->doorkeeper, S("ayu"), &from), 1);
    /* To be refused is no failure: the wait ends when it was said to. */
    assert_int_equal(test_try(people, "ayu", WRONG, "192.0.2.1", &in).kind, ERR_LIMIT);
    test_later(1000000);
    test_ok(test_try(people, "ayu", TEST_PASSWORD, "192.0.2.1", &in));
    test_ok(test_try(people, "ayu", TEST_PASSWORD, "198.51.100.1", &in));
}

static void few_hash_at_once(void **state)
{
    struct test_people *people = ready(state);
    struct signed_in in;
    test_user(people, "ayu", ROLE_ANALYST);
    for (int i = 0; i < PEOPLE_HASHES_MAX; i++)
        test_ok(doorkeeper_hash_begin(people->doorkeeper));
    people->doorkeeper->waiting = PEOPLE_HASHES_WAITING_MAX; /* somebody waits already */
    assert_int_equal(test_try(people, "ayu", TEST_PASSWORD, "192.0.2.1", &in).kind, ERR_LIMIT);
    people->doorkeeper->waiting = 0;
    doorkeeper_hash_end(people->doorkeeper);
    test_ok(test_try(people, "ayu", TEST_PASSWORD, "192.0.2.1", &in));
}

static void *leave(void *context)
{
    struct timespec moment = {.tv_nsec = 50000000};
    nanosleep(&moment, NULL);
    doorkeeper_hash_end(context);
    return NULL;
}

static void who_waits_for_the_hash_gets_its_turn(void **state)
{
    struct test_people *people = ready(state);
    struct signed_in in;
    pthread_t other;
    test_user(people, "ayu", ROLE_ANALYST);
    for (int i = 0; i < PEOPLE_HASHES_MAX; i++)
        test_ok(doorkeeper_hash_begin(people->doorkeeper));
    assert_int_equal(pthread_create(&other, NULL, leave, people->doorkeeper), 0);
    test_ok(test_try(people, "ayu", TEST_PASSWORD, "192.0.2.1", &in));
    pthread_join(other, NULL);
    assert_int_equal(people->doorkeeper->waiting, 0);
    assert_int_equal(people->doorkeeper->hashing, PEOPLE_HASHES_MAX - 1);
}

/* A stranger can make one row in ten minutes, however often they fail. */
static void refusals_are_folded_in_the_journal(void **state)
{
    struct test_people *people = ready(state);
    int64_t number = test_user(people, "ayu", ROLE_ANALYST);
    struct signed_in in;
    struct journal_row *rows;
    size_t count;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(test_try(people, "ayu", WRONG, "192.0.2.1", &in).kind, ERR_AUTH);
        assert_int_equal(test_try(people, "my password", WRONG, "192.0.2.1", &in).kind, ERR_AUTH);
    }
    assert_int_equal(test_news(people, "session.refused"), 1);
    test_later(PEOPLE_REFUSED_US);
    assert_int_equal(test_try(people, "ayu", WRONG, "192.0.2.1", &in).kind, ERR_AUTH);
    assert_int_equal(test_news(people, "session.refused"), 2);
    test_ok(store_journal_latest(people->db, INT64_MAX, 1, people->arena, &rows, &count));
    assert_string_equal(arena_cstr(people->arena, rows[0].detail),
            arena_printf(people->arena, "{\"count\":6,\"users\":[{\"user\":%lld,\"count\":3}]}", (long long)number));
    assert_true(slice_eq(rows[0].actor, S("@doorkeeper")));
    /* What is left is told at the end. */
    test_ok(people_doorkeeper_tell(people->doorkeeper, people->db, people->arena));
    assert_int_equal(test_news(people, "session.refused"), 2);
    assert_int_equal(test_try(people, "ayu", WRONG, "198.51.100.1", &in).kind, ERR_AUTH);
    test_ok(people_doorkeeper_tell(people->doorkeeper, people->db, people->arena));
    assert_int_equal(test_news(people, "session.refused"), 3);
}

static void signing_out_ends_the_session(void **state)
{
    struct test_people *people = ready(state);
    test_user(people, "ayu", ROLE_ANALYST);
    struct signed_in in = test_sign_in(people, "ayu"), other = test_sign_in(people, "ayu");
    struct who who = test_asker(people, &in);
    test_ok(people_sign_out(people->db, &who, people->arena));
    assert_int_equal(test_session(people, &in, &who).kind, ERR_AUTH);
    test_ok(test_session(people, &other, &who));
    assert_int_equal(test_news(people, "session.closed"), 1);
}

/* ---- Sessions as people see them ---- */

static void people_see_and_end_their_own_sessions(void **state)
{
    struct test_people *people = ready(state);
    int64_t ayu = test_user(people, "ayu", ROLE_ANALYST), budi = test_user(people, "budi", ROLE_ANALYST);
    struct signed_in first = test_sign_in(people, "ayu"), second = test_sign_in(people, "ayu"),
                     others = test_sign_in(people, "budi");
    struct who who = test_asker(people, &second);
    struct session *rows;
    size_t count;
    test_ok(people_session_list(people->db, people->doorkeeper, &who.actor, ayu, people->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(rows[0].from, S("192.0.2.1")));
    assert_true(slice_eq(rows[0].agent, S("a browser")));
    assert_int_equal(
            people_session_list(people->db, people->doorkeeper, &who.actor, budi, people->arena, &rows, &count).kind,
            ERR_DENIED);
    assert_int_equal(people_session_end(people->db, &who.actor, others.session, people->arena).kind, ERR_MISSING);
    assert_int_equal(people_session_end(people->db, &who.actor, 99, people->arena).kind, ERR_MISSING);
    test_ok(people_session_end(people->db, &who.actor, first.session, people->arena));
    assert_int_equal(people_session_end(people->db, &who.actor, first.session, people->arena).kind, ERR_CONFLICT);
    assert_int_equal(test_session(people, &first, &who).kind, ERR_AUTH);
    test_ok(test_session(people, &second, &who));
    test_ok(test_session(people, &others, &who));
}

static void all_others_can_be_ended_at_once(void **state)
{
    struct test_people *people = ready(state);
    int64_t ayu = test_user(people, "ayu", ROLE_ANALYST);
    struct signed_in first = test_sign_in(people, "ayu"), second = test_sign_in(people, "ayu");
    struct who who = test_asker(people, &second);
    uint64_t ended;
    test_ok(people_session_end_all(people->db, &who.actor, ayu, who.session, people->arena, &ended));
    assert_int_equal(ended, 1);
    assert_int_equal(test_session(people, &first, &who).kind, ERR_AUTH);
    test_ok(test_session(people, &second, &who));
    test_ok(people_session_end_all(people->db, &people->local, ayu, 0, people->arena, &ended));
    assert_int_equal(test_session(people, &second, &who).kind, ERR_AUTH);
}

/* ---- What is done to users ---- */

static void who_is_locked_is_out_at_once_and_stays_out_of_old_sessions(void **state)
{
    struct test_people *people = ready(state);
    int64_t ayu = test_user(people, "ayu", ROLE_ANALYST);
    const struct people_token_new new = {.name = S("x"), .user = ayu, .scopes = SCOPE_READ};
    struct signed_in in = test_sign_in(people, "ayu"), again;
    struct people_token token;
    struct who who;
    int64_t number;
    test_ok(people_token_add(people->db, &people->local, &new, people->arena, &number, &token));
    const struct credentials by_token = {.token = slice_of(token.text)};
    test_ok(test_who(people, &by_token, &who));
    test_ok(people_user_lock(people->db, &people->local, ayu, people->arena));
    assert_int_equal(test_session(people, &in, &who).kind, ERR_AUTH);
    assert_int_equal(test_who(people, &by_token, &who).kind, ERR_AUTH);
    assert_int_equal(test_try(people, "ayu", TEST_PASSWORD, "192.0.2.1", &again).kind, ERR_AUTH);
    test_ok(people_user_unlock(people->db, &people->local, ayu, people->arena));
    assert_int_equal(test_session(people, &in, &who).kind, ERR_AUTH);
    test_ok(test_who(people, &by_token, &who));
    test_ok(test_try(people, "ayu", TEST_PASSWORD, "192.0.2.1", &again));
    test_ok(people_user_close(people->db, &people->local, ayu, people->arena));
    assert_int_equal(test_session(people, &again, &who).kind, ERR_AUTH);
    assert_int_equal(test_who(people, &by_token, &who).kind, ERR_AUTH);
    assert_int_equal(people_user_unlock(people->db, &people->local, ayu, people->arena).kind, ERR_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(name_and_password_have_to_be_right, set_up, tear_down),
            TEST_ON_BOTH(a_password_of_a_megabyte_is_not_hashed, set_up, tear_down),
            TEST_ON_BOTH(who_waits_is_not_tried, set_up, tear_down),
            TEST_ON_BOTH(few_hash_at_once, set_up, tear_down),
            TEST_ON_BOTH(who_waits_for_the_hash_gets_its_turn, set_up, tear_down),
            TEST_ON_BOTH(refusals_are_folded_in_the_journal, set_up, tear_down),
            TEST_ON_BOTH(signing_out_ends_the_session, set_up, tear_down),
            TEST_ON_BOTH(people_see_and_end_their_own_sessions, set_up, tear_down),
            TEST_ON_BOTH(all_others_can_be_ended_at_once, set_up, tear_down),
            TEST_ON_BOTH(who_is_locked_is_out_at_once_and_stays_out_of_old_sessions, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
