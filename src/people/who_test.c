/* SPDX-License-Identifier: Apache-2.0 */
#include "people/doorkeeper.h"
#include "people/test_people.h"

static void who_shows_nothing_is_nobody(void **state)
{
    struct test_people *people = ready(state);
    struct who who;
    test_ok(test_who(people, &(struct credentials){.from = test_ip("192.0.2.1")}, &who));
    assert_int_equal(who.actor.how, ACTOR_NOBODY);
    assert_int_equal(who.actor.roles, 0);
    assert_int_equal(who.scopes, 0);
}

static void a_session_says_who_asks(void **state)
{
    struct test_people *people = ready(state);
    int64_t number = test_user(people, "ayu", ROLE_ANALYST);
    struct signed_in signed_in = test_sign_in(people, "ayu"), other = test_sign_in(people, "ayu");
    struct who who = test_asker(people, &signed_in), again = test_asker(people, &signed_in);
    assert_int_equal(who.actor.user, number);
    assert_int_equal(who.actor.organisation, people->organisation);
    assert_int_equal(who.actor.roles, UINT32_C(1) << ROLE_ANALYST);
    assert_int_equal(who.actor.how, ACTOR_PASSWORD);
    assert_true(slice_eq(who.actor.name, S("ayu")));
    assert_int_equal(who.scopes, SCOPE_ALL);
    assert_int_equal(who.session, signed_in.session);
    assert_true(who.ambient && !who.half);
    assert_memory_equal(&who.form_key, &again.form_key, sizeof who.form_key);
    again = test_asker(people, &other);
    assert_memory_not_equal(&who.form_key, &again.form_key, sizeof who.form_key);
}

static void secrets_that_are_none_are_refused(void **state)
{
    struct test_people *people = ready(state);
    test_user(people, "ayu", ROLE_ANALYST);
    struct signed_in signed_in = test_sign_in(people, "ayu");
    struct token unknown = token_new();
    struct sha256 hash = token_hash(slice_of(signed_in.secret.text));
    char swapped[sizeof signed_in.secret.text];
    memcpy(swapped, signed_in.secret.text, sizeof swapped);
    swapped[7] ^= 1;
    const slice bad[] = {S("x"), slice_of(unknown.text), slice_of(swapped), sha256_slice(&hash),
            slice_part(slice_of(signed_in.secret.text), 0, 42), S("' OR 1=1 --")};
    struct who who;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(test_who(people, &(struct credentials){.session = bad[i]}, &who).kind, ERR_AUTH);
        assert_int_equal(test_who(people, &(struct credentials){.token = bad[i]}, &who).kind, ERR_AUTH);
    }
    /* What is good for one is none for the other. */
    assert_int_equal(
            test_who(people, &(struct credentials){.token = slice_of(signed_in.secret.text)}, &who).kind, ERR_AUTH);
}

static void a_session_rests_a_while_and_ends_in_any_case(void **state)
{
    struct test_people *people = ready(state);
    test_user(people, "ayu", ROLE_ANALYST);
    struct signed_in used = test_sign_in(people, "ayu"), unused = test_sign_in(people, "ayu");
    struct who who;
    for (int hours = 0; hours < 7 * 24 - 11; hours += 11) {
        test_ok(test_session(people, &used, &who));
        test_later(11 * TEST_HOUR_US);
    }
    assert_int_equal(test_session(people, &unused, &who).kind, ERR_AUTH);
    test_ok(test_session(people, &used, &who));
    clock_set(used.ends_us - 1);
    test_ok(test_session(people, &used, &who));
    clock_set(used.ends_us);
    assert_int_equal(test_session(people, &used, &who).kind, ERR_AUTH);
}

static void the_limits_of_sessions_can_be_said(void **state)
{
    struct test_people *people = ready(state);
    const struct people_options options = {.rest_us = 60 * 1000000, .session_us = 90 * 1000000};
    test_user(people, "ayu", ROLE_ANALYST);
    people_doorkeeper_set(people->doorkeeper, &options);
    struct signed_in signed_in = test_sign_in(people, "ayu");
    struct who who;
    test_later(59 * 1000000);
    test_ok(test_session(people, &signed_in, &who));
    test_later(1 * 1000000); /* its use is kept to minutes only, so the rest is counted from the beginning */
    assert_int_equal(test_session(people, &signed_in, &who).kind, ERR_AUTH);
}

static void a_new_role_holds_at_once(void **state)
{
    struct test_people *people = ready(state);
    int64_t number = test_user(people, "ayu", ROLE_ANALYST);
    struct signed_in signed_in = test_sign_in(people, "ayu");
    const struct db_value values[] = {db_i64(number)};
    test_ok(db_run(people->db, "UPDATE person SET roles = 'auditor' WHERE number = $1", values, 1, NULL));
    assert_int_equal(test_asker(people, &signed_in).actor.roles, UINT32_C(1) << ROLE_AUDITOR);
}

static void nobody_of_a_suspended_organisation_is_let_in(void **state)
{
    struct test_people *people = ready(state);
    int64_t number = test_user(people, "ayu", ROLE_ANALYST);
    struct signed_in signed_in = test_sign_in(people, "ayu");
    struct signed_in refused;
    struct who who;
    (void)number;
    test_ok(db_run(people->db, "UPDATE organisation SET relation = 'constituent', state = 'suspended'", NULL, 0, NULL));
    assert_int_equal(test_session(people, &signed_in, &who).kind, ERR_AUTH);
    assert_int_equal(test_try(people, "ayu", TEST_PASSWORD, "192.0.2.1", &refused).kind, ERR_AUTH);
}

/* ---- Tokens ---- */

static void a_token_is_good_for_its_scopes_until_it_ends(void **state)
{
    struct test_people *people = ready(state);
    const struct people_token_new new = {.name = S("collector"),
            .user = test_user(people, "ayu", ROLE_ANALYST),
            .scopes = SCOPE_READ | SCOPE_TAXII,
            .life_us = TEST_DAY_US};
    struct people_token token;
    struct who who;
    int64_t number;
    test_ok(people_token_add(people->db, &people->local, &new, people->arena, &number, &token));
    const struct credentials credentials = {.token = slice_of(token.text)};
    assert_true(slice_starts(credentials.token, S("kt_")));
    test_ok(test_who(people, &credentials, &who));
    assert_int_equal(who.actor.how, ACTOR_TOKEN);
    assert_int_equal(who.actor.user, new.user);
    assert_int_equal(who.scopes, SCOPE_READ | SCOPE_TAXII);
    assert_int_equal(who.session, 0);
    assert_false(who.ambient);
    test_later(TEST_DAY_US);
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
}

static void a_token_does_as_the_password_of_its_own_name(void **state)
{
    struct test_people *people = ready(state);
    struct people_token_new new = {.name = S("x"), .scopes = SCOPE_TAXII};
    struct people_token token;
    struct who who;
    int64_t number;
    new.user = test_user(people, "ayu", ROLE_ANALYST);
    test_user(people, "budi", ROLE_ANALYST);
    test_ok(people_token_add(people->db, &people->local, &new, people->arena, &number, &token));
    struct credentials credentials = {.name = S("ayu"), .password = slice_of(token.text)};
    test_ok(test_who(people, &credentials, &who));
    assert_int_equal(who.scopes, SCOPE_TAXII);
    credentials.name = S("budi");
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
}

static void that_a_token_was_used_is_kept_to_the_hour(void **state)
{
    struct test_people *people = ready(state);
    struct people_token_new new = {.name = S("x"), .scopes = SCOPE_TAXII};
    struct people_token token;
    struct token_row row;
    struct who who;
    int64_t number;
    new.user = test_user(people, "ayu", ROLE_ANALYST);
    test_ok(people_token_add(people->db, &people->local, &new, people->arena, &number, &token));
    const struct credentials credentials = {.token = slice_of(token.text)};
    const struct {
        int64_t at_us, kept_us;
    } uses[] = {{TEST_NOW_US, TEST_NOW_US}, {TEST_NOW_US + TEST_HOUR_US - 1, TEST_NOW_US},
            {TEST_NOW_US + TEST_HOUR_US, TEST_NOW_US + TEST_HOUR_US}};
    test_ok(store_token_get(people->db, number, people->arena, &row));
    assert_int_equal(row.used_us, TIME_NONE);
    for (size_t i = 0; i < COUNT_OF(uses); i++) {
        clock_set(uses[i].at_us);
        test_ok(test_who(people, &credentials, &who));
        test_ok(store_token_get(people->db, number, people->arena, &row));
        assert_int_equal(row.used_us, uses[i].kept_us);
    }
}

static void who_asks_does_not_wait_for_another_to_write(void **state)
{
    struct test_people *people = ready(state);
    struct session session;
    struct who who;
    test_user(people, "ayu", ROLE_ANALYST);
    struct signed_in signed_in = test_sign_in(people, "ayu");
    assert_false(atomic_flag_test_and_set(&people->doorkeeper->keeping)); /* somebody does */
    test_later(PEOPLE_SEEN_US);
    test_ok(test_session(people, &signed_in, &who));
    test_ok(store_session_get(people->db, signed_in.session, people->arena, &session));
    assert_int_equal(session.seen_us, TEST_NOW_US);
    atomic_flag_clear(&people->doorkeeper->keeping);
    test_ok(test_session(people, &signed_in, &who));
    test_ok(store_session_get(people->db, signed_in.session, people->arena, &session));
    assert_int_equal(session.seen_us, TEST_NOW_US + PEOPLE_SEEN_US);
}

/* ---- Name and password ---- */

static void a_name_and_password_are_somebody(void **state)
{
    struct test_people *people = ready(state);
    int64_t number = test_user(people, "ayu", ROLE_ANALYST);
    struct credentials credentials = {.name = S("ayu"), .password = S(TEST_PASSWORD), .from = test_ip("192.0.2.1")};
    struct who who, again;
    test_ok(test_who(people, &credentials, &who));
    assert_int_equal(who.actor.user, number);
    assert_int_equal(who.actor.how, ACTOR_PASSWORD);
    assert_true(who.ambient);
    test_ok(test_who(people, &credentials, &again));
    assert_memory_equal(&who.form_key, &again.form_key, sizeof who.form_key);
    credentials.password = S("incorrect drum battery");
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
    credentials.password = S("");
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
}

/* Whoever has to wait is refused before anything is hashed, so who is not refused was remembered. */
static void a_right_pair_is_remembered_for_a_while(void **state)
{
    struct test_people *people = ready(state);
    const struct credentials credentials = {
            .name = S("ayu"), .password = S(TEST_PASSWORD), .from = test_ip("192.0.2.1")};
    const struct knock knock = {KNOCK_PASSWORD, credentials.name, credentials.from};
    struct who who;
    test_user(people, "ayu", ROLE_ANALYST);
    test_ok(test_who(people, &credentials, &who));
    for (int i = 0; i < 50; i++)
        throttle_failed(people->doorkeeper->throttle, &knock, clock_now_us());
    test_ok(test_who(people, &credentials, &who));
    test_later(PEOPLE_MEMORY_US - 1);
    test_ok(test_who(people, &credentials, &who));
    test_later(1);
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_LIMIT);
    assert_true(people_wait_s(people->doorkeeper, credentials.name, &credentials.from) > 0);
}

static void what_is_remembered_ends_when_the_user_changes(void **state)
{
    struct test_people *people = ready(state);
    int64_t number = test_user(people, "ayu", ROLE_ANALYST);
    const struct credentials credentials = {
            .name = S("ayu"), .password = S(TEST_PASSWORD), .from = test_ip("192.0.2.1")};
    const struct db_value values[] = {db_i64(number)};
    struct who who;
    test_ok(test_who(people, &credentials, &who));
    test_ok(db_run(people->db, "UPDATE person SET state = 'locked' WHERE number = $1", values, 1, NULL));
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
    static const char OTHER[] =
            "UPDATE person SET state = 'active', password_hash = '$argon2id$none' WHERE number = $1";
    test_ok(db_run(people->db, OTHER, values, 1, NULL));
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(who_shows_nothing_is_nobody, set_up, tear_down),
            TEST_ON_BOTH(a_session_says_who_asks, set_up, tear_down),
            TEST_ON_BOTH(secrets_that_are_none_are_refused, set_up, tear_down),
            TEST_ON_BOTH(a_session_rests_a_while_and_ends_in_any_case, set_up, tear_down),
            TEST_ON_BOTH(the_limits_of_sessions_can_be_said, set_up, tear_down),
            TEST_ON_BOTH(a_new_role_holds_at_once, set_up, tear_down),
            TEST_ON_BOTH(nobody_of_a_suspended_organisation_is_let_in, set_up, tear_down),
            TEST_ON_BOTH(a_token_is_good_for_its_scopes_until_it_ends, set_up, tear_down),
            TEST_ON_BOTH(a_token_does_as_the_password_of_its_own_name, set_up, tear_down),
            TEST_ON_BOTH(that_a_token_was_used_is_kept_to_the_hour, set_up, tear_down),
            TEST_ON_BOTH(who_asks_does_not_wait_for_another_to_write, set_up, tear_down),
            TEST_ON_BOTH(a_name_and_password_are_somebody, set_up, tear_down),
            TEST_ON_BOTH(a_right_pair_is_remembered_for_a_while, set_up, tear_down),
            TEST_ON_BOTH(what_is_remembered_ends_when_the_user_changes, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
