/* SPDX-License-Identifier: Apache-2.0 */
#include "people/factor.h"

#include "base/base32.h"
#include "base/totp.h"
#include "people/account.h"
#include "people/link.h"
#include "people/test_people.h"
#include "people/user.h"
#include "store/factor.h"

static const struct people_place place = {.agent = {"a browser", 9}};

struct device {
    uint8_t secret[TOTP_SECRET_BYTES];
    char code[16];
    struct people_recovery recovery;
};

/* What the device shows at this moment. */
static slice code_of(struct device *device)
{
    slice secret = {(const char *)device->secret, sizeof device->secret};
    snprintf(device->code, sizeof device->code, "%06u", totp_code(secret, totp_step(clock_now_us())));
    return slice_of(device->code);
}

static void learn(struct test_people *people, const struct actor *actor, struct device *device)
{
    struct people_factor_offer offer;
    size_t len;
    test_ok(people_factor_offer(people->db, people->doorkeeper, actor, people->arena, &offer));
    assert_true(base32_read(offer.secret, device->secret, sizeof device->secret, &len));
    assert_int_equal(len, TOTP_SECRET_BYTES);
}

/* A user with a second factor, and the session in which it was made. */
static struct signed_in enrolled(struct test_people *people, const char *name, struct device *device)
{
    struct signed_in first, renewed;
    test_user(people, name, ROLE_ANALYST);
    first = test_sign_in(people, name);
    struct who who = test_asker(people, &first);
    learn(people, &who.actor, device);
    test_ok(people_factor_confirm(
            people->db, people->doorkeeper, &who, code_of(device), &place, people->arena, &device->recovery, &renewed));
    test_later(TOTP_STEP_US);
    return renewed;
}

static struct err complete(
        struct test_people *people, const struct signed_in *half, slice code, struct signed_in *signed_in)
{
    struct who who = test_asker(people, half);
    return people_factor_code(people->db, people->doorkeeper, &who, code, &place, people->arena, signed_in);
}

/* ---- Making one ---- */

static void an_offer_is_what_apps_read(void **state)
{
    struct test_people *people = ready(state);
    struct people_factor_offer offer;
    test_user(people, "ayu@example.org", ROLE_ANALYST);
    struct signed_in in = test_sign_in(people, "ayu@example.org");
    struct who who = test_asker(people, &in);
    test_ok(people_factor_offer(people->db, people->doorkeeper, &who.actor, people->arena, &offer));
    assert_int_equal(offer.secret.len, 32 + 7);
    assert_true(slice_starts(offer.uri, S("otpauth://totp/Melati%20CERT:ayu%40example.org?secret=")));
    assert_true(slice_ends(offer.uri, S("&issuer=Melati%20CERT&algorithm=SHA1&digits=6&period=30")));
}

static void it_counts_from_its_first_code(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    struct people_factor factor;
    test_user(people, "ayu", ROLE_ANALYST);
    struct signed_in in = test_sign_in(people, "ayu"), other = test_sign_in(people, "ayu"), renewed;
    struct who who = test_asker(people, &in), then;
    learn(people, &who.actor, &device);
    assert_false(test_sign_in(people, "ayu").half); /* not yet */
    assert_int_equal(people_factor_confirm(people->db, people->doorkeeper, &who, S("000000"), &place, people->arena,
                             &device.recovery, &renewed)
                             .kind,
            ERR_AUTH);
    test_ok(people_factor_confirm(
            people->db, people->doorkeeper, &who, code_of(&device), &place, people->arena, &device.recovery, &renewed));
    assert_int_equal(test_session(people, &in, &then).kind, ERR_AUTH);
    assert_int_equal(test_session(people, &other, &then).kind, ERR_AUTH);
    then = test_asker(people, &renewed);
    assert_int_equal(then.actor.how, ACTOR_SECOND_FACTOR);
    test_ok(people_factor_get(people->db, &then.actor, people->arena, &factor));
    assert_true(factor.on);
    assert_int_equal(factor.since_us, TEST_NOW_US);
    assert_int_equal(factor.left, PEOPLE_RECOVERY_CODES);
    assert_true(test_sign_in(people, "ayu").half);
    struct people_factor_offer offer;
    assert_int_equal(
            people_factor_offer(people->db, people->doorkeeper, &then.actor, people->arena, &offer).kind, ERR_CONFLICT);
}

/* Neither the secret nor a recovery code can be read in the database. */
static void the_secret_lies_sealed(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    struct factor factor;
    struct signed_in in = enrolled(people, "ayu", &device), half, full;
    slice secret = {(const char *)device.secret, sizeof device.secret};
    test_ok(store_factor_get(people->db, in.user, people->arena, &factor));
    assert_true(slice_find_slice(factor.sealed, secret) == factor.sealed.len);
    /* Another key of the node: the device is of no use, a recovery code is. */
    key_new(&people->key);
    test_doorkeeper(people);
    half = test_sign_in(people, "ayu");
    assert_int_equal(complete(people, &half, code_of(&device), &full).kind, ERR_SYSTEM);
    test_ok(complete(people, &half, slice_of(device.recovery.codes[3]), &full));
}

static void without_the_nodes_key_there_are_none(void **state)
{
    struct test_people *people = ready(state);
    struct people_factor_offer offer;
    test_user(people, "ayu", ROLE_ANALYST);
    struct signed_in in = test_sign_in(people, "ayu");
    struct who who = test_asker(people, &in);
    people_doorkeeper_set(people->doorkeeper, &(struct people_options){0});
    assert_int_equal(
            people_factor_offer(people->db, people->doorkeeper, &who.actor, people->arena, &offer).kind, ERR_SYSTEM);
}

/* ---- Signing in ---- */

static void half_a_session_may_do_nothing_else(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    struct people_password password = {S(TEST_PASSWORD), S("another drum battery"), {.family = 4}, S("")};
    struct people_recovery recovery;
    struct signed_in none, renewed;
    enrolled(people, "ayu", &device);
    struct signed_in half = test_sign_in(people, "ayu");
    struct who who = test_asker(people, &half);
    assert_true(half.half && who.half);
    assert_int_equal(who.actor.roles, 0);
    for (enum verb verb = 0; verb < VERBS; verb++)
        assert_int_equal(
                store_right_check(&who.actor, verb, people->organisation, people->arena, NULL).kind, ERR_DENIED);
    assert_int_equal(
            people_account_password(people->db, people->doorkeeper, &who, &password, people->arena, &none).kind,
            ERR_DENIED);
    assert_int_equal(
            people_factor_off(people->db, people->doorkeeper, &who, code_of(&device), &place, people->arena, &renewed)
                    .kind,
            ERR_DENIED);
    assert_int_equal(people_factor_codes(
                             people->db, people->doorkeeper, &who, code_of(&device), &place, people->arena, &recovery)
                             .kind,
            ERR_DENIED);
    test_later(PEOPLE_HALF_US);
    assert_int_equal(test_session(people, &half, &who).kind, ERR_AUTH);
}

static void a_code_makes_it_whole_with_another_secret(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    struct signed_in full;
    enrolled(people, "ayu", &device);
    struct signed_in half = test_sign_in(people, "ayu");
    struct who who;
    assert_int_equal(complete(people, &half, S("123456"), &full).kind, ERR_AUTH);
    test_ok(complete(people, &half, code_of(&device), &full));
    assert_int_equal(test_asker(people, &full).actor.how, ACTOR_SECOND_FACTOR);
    assert_int_equal(test_session(people, &half, &who).kind, ERR_AUTH);
    assert_false(slice_eq(slice_of(half.secret.text), slice_of(full.secret.text)));
    who = test_asker(people, &full);
    assert_int_equal(
            people_factor_code(people->db, people->doorkeeper, &who, code_of(&device), &place, people->arena, &full)
                    .kind,
            ERR_CONFLICT);
}

static void a_code_is_taken_once(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    struct signed_in full;
    enrolled(people, "ayu", &device);
    struct signed_in one = test_sign_in(people, "ayu"), two = test_sign_in(people, "ayu");
    test_ok(complete(people, &one, code_of(&device), &full));
    assert_int_equal(complete(people, &two, code_of(&device), &full).kind, ERR_AUTH);
    test_later(TOTP_STEP_US);
    test_ok(complete(people, &two, code_of(&device), &full));
}

static void a_recovery_code_is_taken_once(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    struct people_factor factor;
    struct signed_in full;
    enrolled(people, "ayu", &device);
    struct signed_in one = test_sign_in(people, "ayu"), two = test_sign_in(people, "ayu");
    test_ok(complete(people, &one, slice_of(device.recovery.codes[0]), &full));
    assert_int_equal(complete(people, &two, slice_of(device.recovery.codes[0]), &full).kind, ERR_AUTH);
    test_ok(complete(people, &two, slice_of(device.recovery.codes[9]), &full));
    struct who who = test_asker(people, &full);
    test_ok(people_factor_get(people->db, &who.actor, people->arena, &factor));
    assert_int_equal(factor.left, PEOPLE_RECOVERY_CODES - 2);
    assert_int_equal(test_news(people, "factor.recovered"), 2);
}

static void name_password_and_code_may_come_at_once(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    struct signed_in in;
    enrolled(people, "ayu", &device);
    struct sign_in sign_in = {.name = S("ayu"),
            .password = S(TEST_PASSWORD),
            .code = S("000000"),
            .from = test_ip("192.0.2.1"),
            .agent = S("")};
    assert_int_equal(people_sign_in(people->db, people->doorkeeper, &sign_in, people->arena, &in).kind, ERR_AUTH);
    sign_in.code = code_of(&device);
    test_ok(people_sign_in(people->db, people->doorkeeper, &sign_in, people->arena, &in));
    assert_false(in.half);
    assert_int_equal(test_asker(people, &in).actor.how, ACTOR_SECOND_FACTOR);
}

static void wrong_codes_make_wait(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    struct signed_in full;
    enrolled(people, "ayu", &device);
    struct signed_in half = test_sign_in(people, "ayu");
    for (int i = 0; i < 6; i++)
        assert_int_equal(complete(people, &half, S("12"), &full).kind, ERR_AUTH);
    assert_int_equal(complete(people, &half, code_of(&device), &full).kind, ERR_LIMIT);
    assert_int_equal(complete(people, &half, slice_of(device.recovery.codes[0]), &full).kind, ERR_LIMIT);
    test_later(1000000);
    test_ok(complete(people, &half, code_of(&device), &full));
}

/* A name and password alone are nobody, not even for who remembers that they were right. */
static void basic_is_refused_to_who_has_one(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    const struct credentials credentials = {.name = S("ayu"), .password = S(TEST_PASSWORD)};
    struct who who;
    test_user(people, "budi", ROLE_ANALYST);
    enrolled(people, "ayu", &device);
    struct err err = test_who(people, &credentials, &who);
    assert_int_equal(err.kind, ERR_AUTH);
    assert_non_null(strstr(err.why, "give a token as the password"));
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
}

/* ---- Without it ---- */

static void it_is_taken_off_by_a_code_or_by_who_may(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    struct signed_in in = enrolled(people, "ayu", &device), renewed;
    struct who who = test_asker(people, &in);
    assert_int_equal(
            people_factor_off(people->db, people->doorkeeper, &who, S("000000"), &place, people->arena, &renewed).kind,
            ERR_AUTH);
    test_ok(people_factor_off(people->db, people->doorkeeper, &who, code_of(&device), &place, people->arena, &renewed));
    assert_int_equal(test_session(people, &in, &who).kind, ERR_AUTH);
    assert_int_equal(test_asker(people, &renewed).actor.how, ACTOR_PASSWORD);
    assert_false(test_sign_in(people, "ayu").half);
    in = enrolled(people, "budi", &device);
    who = test_asker(people, &in);
    assert_int_equal(people_factor_remove(people->db, &who.actor, renewed.user, people->arena).kind, ERR_DENIED);
    test_ok(people_factor_remove(people->db, &people->local, in.user, people->arena));
    assert_int_equal(test_session(people, &in, &who).kind, ERR_AUTH);
    assert_false(test_sign_in(people, "budi").half);
    assert_int_equal(people_factor_remove(people->db, &people->local, in.user, people->arena).kind, ERR_CONFLICT);
}

static void new_recovery_codes_end_the_old(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    struct people_recovery fresh;
    struct signed_in in = enrolled(people, "ayu", &device), full;
    struct who who = test_asker(people, &in);
    test_ok(people_factor_codes(people->db, people->doorkeeper, &who, code_of(&device), &place, people->arena, &fresh));
    struct signed_in half = test_sign_in(people, "ayu");
    assert_int_equal(complete(people, &half, slice_of(device.recovery.codes[0]), &full).kind, ERR_AUTH);
    test_ok(complete(people, &half, slice_of(fresh.codes[0]), &full));
}

/* ---- Passwords ---- */

static void a_new_password_ends_all_sessions_but_gives_the_one_that_asks_another(void **state)
{
    struct test_people *people = ready(state);
    struct people_password password = {.old = S("wrong"), .new = S("another drum battery"), .agent = S("")};
    struct signed_in renewed, in, other;
    struct who who;
    password.from = test_ip("192.0.2.1");
    test_user(people, "ayu", ROLE_ANALYST);
    in = test_sign_in(people, "ayu");
    other = test_sign_in(people, "ayu");
    who = test_asker(people, &in);
    struct doorkeeper *keeper = people->doorkeeper;
    assert_int_equal(
            people_account_password(people->db, keeper, &who, &password, people->arena, &renewed).kind, ERR_AUTH);
    password.old = S(TEST_PASSWORD);
    password.new = S("short");
    assert_int_equal(
            people_account_password(people->db, keeper, &who, &password, people->arena, &renewed).kind, ERR_INPUT);
    password.new = S("another drum battery");
    test_ok(people_account_password(people->db, keeper, &who, &password, people->arena, &renewed));
    assert_int_equal(test_session(people, &in, &who).kind, ERR_AUTH);
    assert_int_equal(test_session(people, &other, &who).kind, ERR_AUTH);
    test_ok(test_session(people, &renewed, &who));
    assert_int_equal(test_try(people, "ayu", TEST_PASSWORD, "192.0.2.1", &in).kind, ERR_AUTH);
    test_ok(test_try(people, "ayu", "another drum battery", "192.0.2.1", &in));
}

static void a_link_gives_a_password_and_a_session(void **state)
{
    struct test_people *people = ready(state);
    const struct people_new new = {.name = S("ayu"), .roles = UINT32_C(1) << ROLE_ANALYST};
    struct people_link_view view;
    struct token link;
    struct signed_in in;
    int64_t number;
    test_ok(people_add(people->db, &people->local, &new, people->arena, &number, &link));
    struct people_link_use use = {slice_of(link.text), S("short"), {.family = 4}, S("")};
    test_ok(people_link_view(people->db, use.secret, people->arena, &view));
    assert_true(slice_eq(view.name, S("ayu")) && slice_eq(view.purpose, S("set-up")));
    assert_int_equal(people_link_use(people->db, people->doorkeeper, &use, people->arena, &in).kind, ERR_INPUT);
    use.password = S(TEST_PASSWORD);
    test_ok(people_link_use(people->db, people->doorkeeper, &use, people->arena, &in));
    assert_int_equal(test_asker(people, &in).actor.user, number);
    assert_int_equal(people_link_use(people->db, people->doorkeeper, &use, people->arena, &in).kind, ERR_AUTH);
    assert_int_equal(people_link_view(people->db, use.secret, people->arena, &view).kind, ERR_AUTH);
    test_sign_in(people, "ayu");
}

static void a_reset_ends_sessions_when_it_is_used_and_keeps_the_factor(void **state)
{
    struct test_people *people = ready(state);
    struct device device;
    struct token first, link;
    struct signed_in in = enrolled(people, "ayu", &device), half;
    struct who who;
    test_ok(people_user_reset(people->db, &people->local, in.user, people->arena, &first));
    test_ok(people_user_reset(people->db, &people->local, in.user, people->arena, &link));
    test_ok(test_session(people, &in, &who));
    struct people_link_use use = {slice_of(first.text), S("another drum battery"), {.family = 4}, S("")};
    assert_int_equal(people_link_use(people->db, people->doorkeeper, &use, people->arena, &half).kind, ERR_AUTH);
    use.secret = slice_of(link.text);
    test_ok(people_link_use(people->db, people->doorkeeper, &use, people->arena, &half));
    assert_int_equal(test_session(people, &in, &who).kind, ERR_AUTH);
    assert_true(half.half);
    assert_int_equal(test_try(people, "ayu", TEST_PASSWORD, "192.0.2.1", &half).kind, ERR_AUTH);
    test_ok(people_user_reset(people->db, &people->local, in.user, people->arena, &link));
    test_ok(people_user_lock(people->db, &people->local, in.user, people->arena));
    use.secret = slice_of(link.text);
    assert_int_equal(people_link_use(people->db, people->doorkeeper, &use, people->arena, &half).kind, ERR_AUTH);
    assert_int_equal(people_user_reset(people->db, &people->local, in.user, people->arena, &link).kind, ERR_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_offer_is_what_apps_read, set_up, tear_down),
            TEST_ON_BOTH(it_counts_from_its_first_code, set_up, tear_down),
            TEST_ON_BOTH(the_secret_lies_sealed, set_up, tear_down),
            TEST_ON_BOTH(without_the_nodes_key_there_are_none, set_up, tear_down),
            TEST_ON_BOTH(half_a_session_may_do_nothing_else, set_up, tear_down),
            TEST_ON_BOTH(a_code_makes_it_whole_with_another_secret, set_up, tear_down),
            TEST_ON_BOTH(a_code_is_taken_once, set_up, tear_down),
            TEST_ON_BOTH(a_recovery_code_is_taken_once, set_up, tear_down),
            TEST_ON_BOTH(name_password_and_code_may_come_at_once, set_up, tear_down),
            TEST_ON_BOTH(wrong_codes_make_wait, set_up, tear_down),
            TEST_ON_BOTH(basic_is_refused_to_who_has_one, set_up, tear_down),
            TEST_ON_BOTH(it_is_taken_off_by_a_code_or_by_who_may, set_up, tear_down),
            TEST_ON_BOTH(new_recovery_codes_end_the_old, set_up, tear_down),
            TEST_ON_BOTH(a_new_password_ends_all_sessions_but_gives_the_one_that_asks_another, set_up, tear_down),
            TEST_ON_BOTH(a_link_gives_a_password_and_a_session, set_up, tear_down),
            TEST_ON_BOTH(a_reset_ends_sessions_when_it_is_used_and_keeps_the_factor, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
