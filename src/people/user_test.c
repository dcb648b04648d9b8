/* SPDX-License-Identifier: Apache-2.0 */
#include "people/user.h"

#include "people/factor.h"
#include "people/test_people.h"

#define ADMIN (UINT32_C(1) << ROLE_CONSTITUENT_ADMIN)

/* Somebody of an organisation, known as surely as can be. */
static struct actor actor_of(struct test_people *people, int64_t number, enum actor_how how)
{
    struct user user = test_get(people, number);
    return people_actor(&user, how);
}

static int64_t user_of(struct test_people *people, const char *name, const char *organisation, enum role role)
{
    const struct people_new new = {.name = slice_of(name),
            .organisation = slice_of(organisation),
            .roles = UINT32_C(1) << role,
            .password_hash = slice_of(test_hash)};
    struct token link;
    int64_t number;
    test_ok(people_add(people->db, &people->local, &new, people->arena, &number, &link));
    return number;
}

static struct err organisation_add(struct work *work, void *context)
{
    const struct organisation_put put = {
            .name = S("RS Kenanga"), .kind = S("hospital"), .relation = RELATION_CONSTITUENT};
    return store_organisation_add(work, &put, context);
}

static void hospital(struct test_people *people)
{
    int64_t number;
    test_ok(store_work(people->db, &people->local, people->arena, organisation_add, &number));
}

/* Each verb of this header and of tokens, for another user, as its kind of answer. */
static void all_are(struct test_people *people, const struct actor *actor, int64_t user, enum err_kind kind)
{
    const struct people_token_new new = {.name = S("x"), .user = user, .scopes = SCOPE_READ};
    struct people_token token;
    struct token link;
    uint64_t count;
    int64_t number;
    struct err errs[7];
    size_t verbs = 0;
    errs[verbs++] = people_user_lock(people->db, actor, user, people->arena);
    errs[verbs++] = people_user_unlock(people->db, actor, user, people->arena);
    errs[verbs++] = people_user_reset(people->db, actor, user, people->arena, &link);
    errs[verbs++] = people_user_roles(people->db, actor, user, ADMIN, people->arena);
    errs[verbs++] = people_session_end_all(people->db, actor, user, 0, people->arena, &count);
    errs[verbs++] = people_token_add(people->db, actor, &new, people->arena, &number, &token);
    errs[verbs++] = people_user_close(people->db, actor, user, people->arena);
    for (size_t i = 0; i < verbs; i++)
        if (errs[i].kind != kind)
            fail_msg("verb %zu: %s (%s)", i, err_name(errs[i].kind), errs[i].why == NULL ? "" : errs[i].why);
}

static void who_may_not_change_users_does_not(void **state)
{
    struct test_people *people = ready(state);
    int64_t ayu = test_user(people, "ayu", ROLE_ANALYST);
    static const enum role roles[] = {ROLE_DUTY_OFFICER, ROLE_ANALYST, ROLE_COORDINATOR, ROLE_MANAGER, ROLE_LIAISON,
            ROLE_EXERCISE_DIRECTOR, ROLE_AUDITOR};
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        int64_t other = test_user(people, arena_printf(people->arena, "other%zu", i), roles[i]);
        struct actor actor = actor_of(people, other, ACTOR_CERTIFICATE);
        all_are(people, &actor, ayu, ERR_DENIED);
    }
}

static void an_admin_of_a_constituent_has_its_own_users_and_no_others(void **state)
{
    struct test_people *people = ready(state);
    hospital(people);
    int64_t admin = user_of(people, "mawar", "RS Kenanga", ROLE_CONSTITUENT_ADMIN),
            own = user_of(people, "melati", "RS Kenanga", ROLE_CONSTITUENT_ADMIN),
            more = user_of(people, "kenanga", "RS Kenanga", ROLE_LIAISON),
            other = test_user(people, "ayu", ROLE_CONSTITUENT_ADMIN);
    struct actor actor = actor_of(people, admin, ACTOR_SECOND_FACTOR);
    all_are(people, &actor, other, ERR_DENIED);
    all_are(people, &actor, more, ERR_DENIED); /* a liaison's password would make one of them */
    all_are(people, &actor, own, ERR_NONE);
    assert_int_equal(test_get(people, own).state, USER_CLOSED);
    struct people_new new = {.name = S("baru"), .organisation = S("RS Kenanga"), .roles = ADMIN};
    struct token link;
    int64_t number;
    test_ok(people_add(people->db, &actor, &new, people->arena, &number, &link));
    new.name = S("lagi");
    new.roles = UINT32_C(1) << ROLE_SYSADMIN;
    assert_int_equal(people_add(people->db, &actor, &new, people->arena, &number, &link).kind, ERR_DENIED);
}

static void a_password_alone_changes_no_users(void **state)
{
    struct test_people *people = ready(state);
    hospital(people);
    int64_t admin = user_of(people, "mawar", "RS Kenanga", ROLE_CONSTITUENT_ADMIN),
            own = user_of(people, "melati", "RS Kenanga", ROLE_CONSTITUENT_ADMIN);
    struct actor actor = actor_of(people, admin, ACTOR_PASSWORD);
    all_are(people, &actor, own, ERR_DENIED);
}

/* To stop somebody one person is enough; to let somebody in or give them more takes two. */
static void a_sysadmin_stops_users_alone_and_no_more(void **state)
{
    struct test_people *people = ready(state);
    int64_t root = test_user(people, "root", ROLE_SYSADMIN), ayu = test_user(people, "ayu", ROLE_ANALYST);
    struct actor actor = actor_of(people, root, ACTOR_SECOND_FACTOR);
    struct token link;
    test_ok(people_user_lock(people->db, &actor, ayu, people->arena));
    assert_int_equal(people_user_unlock(people->db, &actor, ayu, people->arena).kind, ERR_DENIED);
    assert_int_equal(people_user_reset(people->db, &actor, ayu, people->arena, &link).kind, ERR_DENIED);
    assert_int_equal(people_user_roles(people->db, &actor, ayu, ADMIN, people->arena).kind, ERR_DENIED);
}

static void nobody_locks_or_closes_themselves_or_gives_themselves_roles(void **state)
{
    struct test_people *people = ready(state);
    hospital(people);
    int64_t admin = user_of(people, "mawar", "RS Kenanga", ROLE_CONSTITUENT_ADMIN);
    struct actor actor = actor_of(people, admin, ACTOR_SECOND_FACTOR);
    assert_int_equal(people_user_lock(people->db, &actor, admin, people->arena).kind, ERR_CONFLICT);
    assert_int_equal(people_user_close(people->db, &actor, admin, people->arena).kind, ERR_CONFLICT);
    assert_int_equal(people_user_roles(people->db, &actor, admin, ADMIN, people->arena).kind, ERR_CONFLICT);
}

struct by_two {
    slice subject, detail;
};

static struct err do_roles(struct work *work, void *context)
{
    const struct by_two *by_two = context;
    return people_user_do_roles(work, by_two->subject, by_two->detail);
}

static void roles_take_two_sysadmins_of_whom_neither_is_meant(void **state)
{
    struct test_people *people = ready(state);
    int64_t ayu = test_user(people, "ayu", ROLE_SYSADMIN), budi = test_user(people, "budi", ROLE_SYSADMIN);
    int64_t citra = test_user(people, "citra", ROLE_ANALYST);
    struct actor first = actor_of(people, ayu, ACTOR_SECOND_FACTOR),
                 other = actor_of(people, budi, ACTOR_SECOND_FACTOR);
    struct actor analyst = actor_of(people, citra, ACTOR_SECOND_FACTOR);
    const struct by_two roles = {slice_of(arena_printf(people->arena, "user/%lld", (long long)citra)),
            S("{\"roles\":[\"coordinator\",\"auditor\"]}")};
    const struct by_two own = {slice_of(arena_printf(people->arena, "user/%lld", (long long)budi)), roles.detail};
    bool second = false;
    test_ok(people_user_may_roles(people->db, &first, roles.subject, roles.detail, people->arena, &second));
    assert_true(second);
    assert_int_equal(people_user_may_roles(people->db, &analyst, own.subject, own.detail, people->arena, &second).kind,
            ERR_DENIED);
    assert_int_equal(people_user_may_roles(people->db, &other, own.subject, own.detail, people->arena, &second).kind,
            ERR_DENIED);
    static const char *const wrong[] = {"{}", "{\"roles\":[]}", "{\"roles\":[\"local\"]}", "{\"roles\":[7]}"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(
                people_user_may_roles(people->db, &first, roles.subject, slice_of(wrong[i]), people->arena, &second)
                        .kind,
                ERR_INPUT);
    assert_int_equal(
            people_user_may_roles(people->db, &first, S("import/1"), roles.detail, people->arena, &second).kind,
            ERR_INPUT);
    assert_int_equal(
            store_work(people->db, &other, people->arena, do_roles, &(struct by_two){own.subject, own.detail}).kind,
            ERR_CONFLICT);
    test_ok(store_work(people->db, &other, people->arena, do_roles, &(struct by_two){roles.subject, roles.detail}));
    assert_int_equal(test_get(people, citra).roles, 1u << ROLE_COORDINATOR | 1u << ROLE_AUDITOR);
}

static void what_was_done_is_in_the_journal(void **state)
{
    static const char *const acts[] = {"user.added", "user.locked", "user.unlocked", "user.reset", "user.roles",
            "session.closed", "token.added", "user.closed"};
    struct test_people *people = ready(state);
    int64_t ayu = test_user(people, "ayu", ROLE_ANALYST);
    test_sign_in(people, "ayu");
    all_are(people, &people->local, ayu, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (test_news(people, acts[i]) != 1)
            fail_msg("%s: %zu rows", acts[i], test_news(people, acts[i]));
}

/* ---- Tokens ---- */

static void people_have_tokens_of_their_own_but_no_token_makes_another(void **state)
{
    struct test_people *people = ready(state);
    int64_t ayu = test_user(people, "ayu", ROLE_ANALYST), budi = test_user(people, "budi", ROLE_ANALYST);
    struct people_token_new new = {.name = S("x"), .user = ayu, .scopes = SCOPE_ALL};
    struct actor self = actor_of(people, ayu, ACTOR_PASSWORD), by_token = actor_of(people, ayu, ACTOR_TOKEN),
                 other = actor_of(people, budi, ACTOR_PASSWORD);
    struct token_row *rows;
    struct people_token token;
    int64_t number, another;
    size_t count;
    test_ok(people_token_add(people->db, &self, &new, people->arena, &number, &token));
    assert_int_equal(people_token_add(people->db, &by_token, &new, people->arena, &another, &token).kind, ERR_DENIED);
    assert_int_equal(people_token_add(people->db, &other, &new, people->arena, &another, &token).kind, ERR_DENIED);
    test_ok(people_token_list(people->db, &self, ayu, 0, 10, people->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(people_token_list(people->db, &other, ayu, 0, 10, people->arena, &rows, &count).kind, ERR_DENIED);
    assert_int_equal(people_token_list(people->db, &self, 0, 0, 10, people->arena, &rows, &count).kind, ERR_DENIED);
    /* Numbers of others are not to be counted through. */
    struct err err = people_token_revoke(people->db, &other, number, people->arena),
               none = people_token_revoke(people->db, &other, 99, people->arena);
    assert_int_equal(err.kind, ERR_MISSING);
    assert_string_equal(err.why, none.why);
    test_ok(people_token_revoke(people->db, &self, number, people->arena));
    assert_int_equal(people_token_revoke(people->db, &self, number, people->arena).kind, ERR_CONFLICT);
}

static void a_token_is_for_something_and_not_for_ever(void **state)
{
    struct test_people *people = ready(state);
    struct people_token_new new = {.name = S("x"), .user = test_user(people, "ayu", ROLE_ANALYST)};
    struct people_token token;
    struct token_row row;
    int64_t number;
    assert_int_equal(
            people_token_add(people->db, &people->local, &new, people->arena, &number, &token).kind, ERR_INPUT);
    new.scopes = SCOPE_ALL + 1;
    assert_int_equal(
            people_token_add(people->db, &people->local, &new, people->arena, &number, &token).kind, ERR_INPUT);
    new.scopes = SCOPE_READ;
    new.life_us = PEOPLE_TOKEN_US_MAX + 1;
    assert_int_equal(
            people_token_add(people->db, &people->local, &new, people->arena, &number, &token).kind, ERR_INPUT);
    new.life_us = 0;
    test_ok(people_token_add(people->db, &people->local, &new, people->arena, &number, &token));
    test_ok(store_token_get(people->db, number, people->arena, &row));
    assert_int_equal(row.ends_us - row.made_us, PEOPLE_TOKEN_US);
}

/* ---- What two persons agreed to ---- */

struct agreed {
    struct err (*act)(struct work *work, slice subject, slice detail);
    slice subject, detail, state;
};

static struct err agreed_run(struct work *work, void *context)
{
    const struct agreed *agreed = context;
    return agreed->act(work, agreed->subject, agreed->detail);
}

static slice subject_of(struct test_people *people, int64_t user)
{
    return slice_of(arena_printf(people->arena, "user/%lld", (long long)user));
}

static struct err agreed(struct test_people *people, struct err (*act)(struct work *work, slice subject, slice detail),
        int64_t user, slice detail)
{
    struct agreed agreed = {.act = act, .subject = subject_of(people, user), .detail = detail};
    return store_work(people->db, &people->local, people->arena, agreed_run, &agreed);
}

static struct err about_run(struct work *work, void *context)
{
    struct agreed *agreed = context;
    return people_user_about(work, agreed->subject, S("{}"), &agreed->state);
}

static slice about(struct test_people *people, int64_t user)
{
    struct agreed agreed = {.subject = subject_of(people, user)};
    test_ok(store_work(people->db, &people->local, people->arena, about_run, &agreed));
    return agreed.state;
}

/* Roles, state, password: who was changed is another than the one that was talked about. */
static void a_user_who_was_changed_is_another_state(void **state)
{
    struct test_people *people = ready(state);
    int64_t ayu = test_user(people, "ayu", ROLE_ANALYST);
    slice before = about(people, ayu);
    assert_true(slice_eq(before, about(people, ayu)));
    test_ok(people_user_lock(people->db, &people->local, ayu, people->arena));
    slice locked = about(people, ayu);
    assert_false(slice_eq(before, locked));
    test_ok(people_user_unlock(people->db, &people->local, ayu, people->arena));
    assert_true(slice_eq(before, about(people, ayu)));
    test_ok(people_user_roles(people->db, &people->local, ayu, 1u << ROLE_AUDITOR, people->arena));
    assert_false(slice_eq(before, about(people, ayu)));
}

static void a_token_that_was_agreed_to_works(void **state)
{
    struct test_people *people = ready(state);
    int64_t ayu = test_user(people, "ayu", ROLE_ANALYST);
    struct people_token_new new = {.name = S("probe"), .user = ayu, .scopes = SCOPE_READ, .life_us = DAY_US};
    struct people_token token;
    struct who who;
    slice detail;
    test_ok(people_token_detail(&new, people->arena, &token, &detail));
    assert_int_equal(slice_find_slice(detail, slice_of(token.text)), detail.len); /* only its hash is shown */
    const struct credentials credentials = {.token = slice_of(token.text)};
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
    test_ok(agreed(people, people_token_do_add, ayu, detail));
    test_ok(test_who(people, &credentials, &who));
    assert_int_equal(who.actor.user, ayu);
    new.scopes = 0;
    assert_int_equal(people_token_detail(&new, people->arena, &token, &detail).kind, ERR_INPUT);
    test_later(2 * DAY_US);
    assert_int_equal(agreed(people, people_token_do_add, ayu, detail).kind, ERR_CONFLICT);
}

static void what_is_proposed_by_hand_is_checked(void **state)
{
    static const char *const tokens[] = {"{}", "{\"token\":\"12\",\"name\":\"x\",\"scopes\":\"read\"}",
            "{\"token\":\"0000000000000000000000000000000000000000000000000000000000000000\",\"name\":\"x\","
            "\"scopes\":\"all\",\"ends\":\"2099-01-01T00:00:00Z\"}"};
    static const char *const certificates[] = {"{}", "{\"fingerprint\":\"12\"}",
            "{\"fingerprint\":\"0000000000000000000000000000000000000000000000000000000000000000\"}"};
    struct test_people *people = ready(state);
    int64_t ayu = test_user(people, "ayu", ROLE_ANALYST);
    for (size_t i = 0; i < COUNT_OF(tokens); i++)
        assert_int_equal(agreed(people, people_token_do_add, ayu, slice_of(tokens[i])).kind, ERR_INPUT);
    for (size_t i = 0; i < COUNT_OF(certificates); i++)
        assert_int_equal(
                agreed(people, people_user_do_certificate_add, ayu, slice_of(certificates[i])).kind, ERR_INPUT);
    assert_int_equal(agreed(people, people_user_do_certificate_drop, ayu, slice_of(certificates[2])).kind, ERR_MISSING);
    assert_int_equal(agreed(people, people_user_do_factor_off, ayu, S("{}")).kind, ERR_CONFLICT);
    assert_int_equal(agreed(people, people_user_do_factor_off, 999, S("{}")).kind, ERR_MISSING);
}

/* ---- Certificates ---- */

static slice certificate_detail(struct test_people *people, const struct certificate_row *put)
{
    slice detail;
    test_ok(people_certificate_detail(put, people->arena, &detail));
    return detail;
}

static void a_certificate_is_its_owner_until_it_ends(void **state)
{
    struct test_people *people = ready(state);
    struct sha256 fingerprint = hash_sha256(S("certificate")), unknown = hash_sha256(S("unknown"));
    struct certificate_row put = {.fingerprint = fingerprint, .subject = S("CN=x"), .expires_us = TEST_NOW_US + 1000};
    struct credentials credentials = {.certificate = &unknown};
    struct who who, again;
    put.person = test_user(people, "ayu", ROLE_ANALYST);
    test_ok(agreed(people, people_user_do_certificate_add, put.person, certificate_detail(people, &put)));
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
    credentials.certificate = &fingerprint;
    test_ok(test_who(people, &credentials, &who));
    assert_int_equal(who.actor.user, put.person);
    assert_int_equal(who.actor.how, ACTOR_CERTIFICATE);
    assert_true(who.ambient && who.session == 0);
    /* The key of its forms is the same in each process of the node. */
    test_doorkeeper(people);
    test_ok(test_who(people, &credentials, &again));
    assert_memory_equal(&who.form_key, &again.form_key, sizeof who.form_key);
    test_ok(people_user_lock(people->db, &people->local, put.person, people->arena));
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
    test_ok(people_user_unlock(people->db, &people->local, put.person, people->arena));
    test_ok(test_who(people, &credentials, &who));
    test_later(1000);
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
    test_ok(agreed(people, people_user_do_certificate_drop, put.person, certificate_detail(people, &put)));
    assert_int_equal(test_news(people, "certificate.added"), 1);
    assert_int_equal(test_news(people, "certificate.removed"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(who_may_not_change_users_does_not, set_up, tear_down),
            TEST_ON_BOTH(an_admin_of_a_constituent_has_its_own_users_and_no_others, set_up, tear_down),
            TEST_ON_BOTH(a_password_alone_changes_no_users, set_up, tear_down),
            TEST_ON_BOTH(a_sysadmin_stops_users_alone_and_no_more, set_up, tear_down),
            TEST_ON_BOTH(nobody_locks_or_closes_themselves_or_gives_themselves_roles, set_up, tear_down),
            TEST_ON_BOTH(roles_take_two_sysadmins_of_whom_neither_is_meant, set_up, tear_down),
            TEST_ON_BOTH(what_was_done_is_in_the_journal, set_up, tear_down),
            TEST_ON_BOTH(people_have_tokens_of_their_own_but_no_token_makes_another, set_up, tear_down),
            TEST_ON_BOTH(a_token_is_for_something_and_not_for_ever, set_up, tear_down),
            TEST_ON_BOTH(a_user_who_was_changed_is_another_state, set_up, tear_down),
            TEST_ON_BOTH(a_token_that_was_agreed_to_works, set_up, tear_down),
            TEST_ON_BOTH(what_is_proposed_by_hand_is_checked, set_up, tear_down),
            TEST_ON_BOTH(a_certificate_is_its_owner_until_it_ends, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
