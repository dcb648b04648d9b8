/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two things at once, many times over, each with a connection of its own: whoever comes second has to see what the
 * first did, in whichever order they come.
 */
#include "base/base32.h"
#include "base/totp.h"
#include "people/factor.h"
#include "people/test_people.h"
#include "people/user.h"

#define ROUNDS 25

struct hand {
    struct test_people *people;
    struct arena *arena;
    struct db *db;
    int64_t user;
    struct who who;
    slice code;
    struct err err;
    struct signed_in in;
    struct people_token token;
};

static struct hand hand_open(struct test_people *people)
{
    struct hand hand = {.people = people, .arena = arena_open("a hand", ARENA_WORK, 16u << 20)};
    test_ok(store_open(&(struct db_options){.where = people->base->where}, hand.arena, &hand.db));
    return hand;
}

static void hand_close(struct hand *hand)
{
    db_close(hand->db);
    arena_close(hand->arena);
}

static void at_once(void *(*one)(void *), struct hand *first, void *(*other)(void *), struct hand *second)
{
    pthread_t threads[2];
    assert_int_equal(pthread_create(&threads[0], NULL, one, first), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, other, second), 0);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
}

static void *sign_in(void *context)
{
    struct hand *hand = context;
    const struct sign_in sign_in = {
            .name = S("ayu"), .password = S(TEST_PASSWORD), .from = {.family = 4}, .agent = S("")};
    hand->err = people_sign_in(hand->db, hand->people->doorkeeper, &sign_in, hand->arena, &hand->in);
    return NULL;
}

static void *lock(void *context)
{
    struct hand *hand = context;
    hand->err = people_user_lock(hand->db, &hand->people->local, hand->user, hand->arena);
    return NULL;
}

static void *close_user(void *context)
{
    struct hand *hand = context;
    hand->err = people_user_close(hand->db, &hand->people->local, hand->user, hand->arena);
    return NULL;
}

static void *token_add(void *context)
{
    struct hand *hand = context;
    const struct people_token_new new = {.name = S("x"), .user = hand->user, .scopes = SCOPE_READ};
    int64_t number;
    hand->err = people_token_add(hand->db, &hand->people->local, &new, hand->arena, &number, &hand->token);
    return NULL;
}

static void *give_code(void *context)
{
    static const struct people_place place = {.agent = {"", 0}};
    struct hand *hand = context;
    hand->err = people_factor_code(
            hand->db, hand->people->doorkeeper, &hand->who, hand->code, &place, hand->arena, &hand->in);
    return NULL;
}

/* The session was there before the lock, and ended by it, or it never came to be. */
static void no_session_outlives_a_lock(void **state)
{
    struct test_people *people = ready(state);
    struct hand one = hand_open(people), other = hand_open(people);
    struct who who;
    other.user = test_user(people, "ayu", ROLE_ANALYST);
    for (int i = 0; i < ROUNDS; i++) {
        at_once(sign_in, &one, lock, &other);
        test_ok(other.err);
        assert_true(one.err.kind == ERR_NONE || one.err.kind == ERR_AUTH);
        test_ok(people_user_unlock(people->db, &people->local, other.user, people->arena));
        if (one.err.kind == ERR_NONE)
            assert_int_equal(test_session(people, &one.in, &who).kind, ERR_AUTH);
        test_later(TEST_HOUR_US); /* failures are forgotten */
    }
    hand_close(&one);
    hand_close(&other);
}

static void no_token_outlives_its_user(void **state)
{
    struct test_people *people = ready(state);
    struct hand one = hand_open(people), other = hand_open(people);
    for (int i = 0; i < ROUNDS; i++) {
        struct token_row *rows;
        size_t count;
        one.user = other.user = test_user(people, arena_printf(people->arena, "user%d", i), ROLE_ANALYST);
        at_once(token_add, &one, close_user, &other);
        test_ok(other.err);
        assert_true(one.err.kind == ERR_NONE || one.err.kind == ERR_CONFLICT);
        test_ok(people_token_list(people->db, &people->local, one.user, 0, 10, people->arena, &rows, &count));
        assert_int_equal(count, one.err.kind == ERR_NONE);
        assert_true(count == 0 || rows[0].revoked);
    }
    hand_close(&one);
    hand_close(&other);
}

static void of_two_with_one_code_one_is_late(void **state)
{
    static const struct people_place place = {.agent = {"", 0}};
    struct test_people *people = ready(state);
    struct hand one = hand_open(people), other = hand_open(people);
    struct people_factor_offer offer;
    struct people_recovery recovery;
    struct signed_in in;
    uint8_t secret[TOTP_SECRET_BYTES];
    char text[16];
    size_t len;
    test_user(people, "ayu", ROLE_ANALYST);
    in = test_sign_in(people, "ayu");
    struct who who = test_asker(people, &in);
    test_ok(people_factor_offer(people->db, people->doorkeeper, &who.actor, people->arena, &offer));
    assert_true(base32_read(offer.secret, secret, sizeof secret, &len));
    slice key = {(const char *)secret, sizeof secret};
    for (int i = 0; i <= ROUNDS; i++) {
        snprintf(text, sizeof text, "%06u", totp_code(key, totp_step(clock_now_us())));
        one.code = other.code = slice_of(text);
        if (i == 0) {
            test_ok(people_factor_confirm(
                    people->db, people->doorkeeper, &who, one.code, &place, people->arena, &recovery, &in));
        } else {
            struct signed_in first = test_sign_in(people, "ayu"), second = test_sign_in(people, "ayu");
            one.who = test_asker(people, &first);
            other.who = test_asker(people, &second);
            at_once(give_code, &one, give_code, &other);
            assert_int_equal((one.err.kind == ERR_NONE) + (other.err.kind == ERR_NONE), 1);
        }
        test_later(2 * TEST_HOUR_US);
    }
    hand_close(&one);
    hand_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(no_session_outlives_a_lock, set_up, tear_down),
            TEST_ON_BOTH(no_token_outlives_its_user, set_up, tear_down),
            TEST_ON_BOTH(of_two_with_one_code_one_is_late, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
