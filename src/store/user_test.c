/* SPDX-License-Identifier: Apache-2.0 */
#include "store/user.h"

#include "store/organisation.h"
#include "store/test_store.h"

static const uint32_t ANALYST = 1u << ROLE_ANALYST, BOTH = 1u << ROLE_ANALYST | 1u << ROLE_SYSADMIN;

struct call {
    struct user_put put;
    int64_t number, expires_us;
    uint32_t roles;
    enum user_state state;
    slice text;
    struct sha256 secret;
};

static struct err add_organisation(struct work *work, void *context)
{
    return store_organisation_add(
            work, &(struct organisation_put){.name = S("Tim Contoh"), .kind = S("team")}, context);
}

static struct err add(struct work *work, void *context)
{
    struct call *call = context;
    return store_user_add(work, &call->put, &call->number);
}

static struct err roles(struct work *work, void *context)
{
    const struct call *call = context;
    return store_user_roles(work, call->number, call->roles);
}

static struct err password(struct work *work, void *context)
{
    const struct call *call = context;
    return store_user_password(work, call->number, call->text);
}

static struct err move(struct work *work, void *context)
{
    const struct call *call = context;
    return store_user_state(work, call->number, call->state);
}

static struct err link_add(struct work *work, void *context)
{
    const struct call *call = context;
    return store_link_add(work, call->number, call->text, &call->secret, call->expires_us);
}

static struct err link_use(struct work *work, void *context)
{
    struct call *call = context;
    return store_link_use(work, call->text, &call->secret, &call->number);
}

/* An organisation, and a user of it. */
static struct call add_one(struct test_store *store, const char *name, const char *hash)
{
    struct call call = {.put = {.name = slice_of(name), .roles = BOTH, .password_hash = slice_of(hash)}};
    test_ok(test_work(store, add_organisation, &call.put.organisation));
    test_ok(test_work(store, add, &call));
    return call;
}

static struct user get(struct test_store *store, int64_t number)
{
    struct user user;
    test_ok(store_user_get(store->db, number, store->arena, &user));
    return user;
}

static void a_user_comes_back(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store, "ayu@example.org", "$argon2id$hash");
    struct user user;
    test_ok(store_user_find(store->db, S("ayu@example.org"), store->arena, &user));
    assert_int_equal(user.number, call.number);
    assert_int_equal(user.organisation, call.put.organisation);
    assert_int_equal(user.roles, BOTH);
    assert_int_equal(user.state, USER_ACTIVE);
    assert_true(slice_eq(user.password_hash, S("$argon2id$hash")));
    assert_int_equal(store_user_find(store->db, S("budi"), store->arena, &user).kind, ERR_MISSING);
    assert_int_equal(test_work(store, add, &call).kind, ERR_CONFLICT);
}

static void names_that_could_mislead_are_refused(void **state)
{
    static const char *const names[] = {
            "", "@index", "local", "Local", "a b", "a'--", "<b>", "a/b", "a\nb", "\xc3\xa9"};
    struct test_store *store = ready(state);
    struct call call = add_one(store, "ayu", "");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        call.put.name = slice_of(names[i]);
        assert_int_equal(test_work(store, add, &call).kind, ERR_INPUT);
    }
    call.put.name = S("budi");
    call.put.organisation = 99;
    assert_int_equal(test_work(store, add, &call).kind, ERR_MISSING);
}

static void nobody_is_given_the_role_local(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store, "ayu", "");
    call.roles = ANALYST;
    test_ok(test_work(store, roles, &call));
    assert_int_equal(get(store, call.number).roles, ANALYST);
    call.roles = call.put.roles = 1u << ROLE_LOCAL;
    call.put.name = S("budi");
    assert_int_equal(test_work(store, roles, &call).kind, ERR_INPUT);
    assert_int_equal(test_work(store, add, &call).kind, ERR_INPUT);
}

static void who_has_no_password_is_invited(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store, "ayu", "");
    assert_int_equal(get(store, call.number).state, USER_INVITED);
    assert_int_equal(get(store, call.number).password_us, TIME_NONE);
    call.text = S("$argon2id$new");
    test_ok(test_work(store, password, &call));
    assert_int_equal(get(store, call.number).state, USER_ACTIVE);
    assert_true(slice_eq(get(store, call.number).password_hash, call.text));
}

static void states_go_their_ways_only(void **state)
{
    static const struct {
        enum user_state to;
        enum err_kind kind;
    } steps[] = {
            {USER_ACTIVE, ERR_CONFLICT},
            {USER_LOCKED, ERR_NONE},
            {USER_ACTIVE, ERR_CONFLICT}, /* never had a password */
            {USER_INVITED, ERR_NONE},
            {USER_CLOSED, ERR_NONE},
            {USER_INVITED, ERR_CONFLICT},
    };
    struct test_store *store = ready(state);
    struct call call = add_one(store, "ayu", "");
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        call.state = steps[i].to;
        assert_int_equal(test_work(store, move, &call).kind, steps[i].kind);
    }
    call.text = S("$argon2id$new");
    assert_int_equal(test_work(store, password, &call).kind, ERR_MISSING);
}

static void closing_ends_password_and_links(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store, "ayu", "$argon2id$hash");
    call.text = S("password");
    call.expires_us = INT64_MAX;
    call.secret = hash_sha256(S("secret"));
    test_ok(test_work(store, link_add, &call));
    call.state = USER_CLOSED;
    test_ok(test_work(store, move, &call));
    assert_int_equal(get(store, call.number).password_hash.len, 0);
    assert_int_equal(test_work(store, link_use, &call).kind, ERR_AUTH);
}

static void a_link_works_once_for_one_purpose_until_it_expires(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store, "ayu", "");
    int64_t user = call.number;
    clock_set(1000);
    call.text = S("set-up");
    call.secret = hash_sha256(S("secret"));
    call.expires_us = 2000;
    test_ok(test_work(store, link_add, &call));
    struct call other = call;
    other.text = S("password");
    assert_int_equal(test_work(store, link_use, &other).kind, ERR_AUTH);
    clock_set(2000);
    assert_int_equal(test_work(store, link_use, &call).kind, ERR_AUTH);
    clock_set(1999);
    call.number = 0;
    test_ok(test_work(store, link_use, &call));
    assert_int_equal(call.number, user);
    assert_int_equal(test_work(store, link_use, &call).kind, ERR_AUTH);
}

static void open_links_have_a_ceiling(void **state)
{
    struct test_store *store = ready(state);
    struct call call = add_one(store, "ayu", "");
    call.text = S("password");
    call.expires_us = INT64_MAX;
    for (uint8_t i = 0; i < USER_LINKS_MAX; i++) {
        call.secret.bytes[0] = i;
        test_ok(test_work(store, link_add, &call));
    }
    call.secret.bytes[0] = USER_LINKS_MAX;
    assert_int_equal(test_work(store, link_add, &call).kind, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_user_comes_back, set_up, tear_down),
            TEST_ON_BOTH(names_that_could_mislead_are_refused, set_up, tear_down),
            TEST_ON_BOTH(nobody_is_given_the_role_local, set_up, tear_down),
            TEST_ON_BOTH(who_has_no_password_is_invited, set_up, tear_down),
            TEST_ON_BOTH(states_go_their_ways_only, set_up, tear_down),
            TEST_ON_BOTH(closing_ends_password_and_links, set_up, tear_down),
            TEST_ON_BOTH(a_link_works_once_for_one_purpose_until_it_expires, set_up, tear_down),
            TEST_ON_BOTH(open_links_have_a_ceiling, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
