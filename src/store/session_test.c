/* SPDX-License-Identifier: Apache-2.0 */
#include "store/session.h"

#include "store/certificate.h"
#include "store/factor.h"
#include "store/organisation.h"
#include "store/test_store.h"
#include "store/token.h"
#include "store/user.h"

struct call {
    int64_t person, number;
    struct sha256 secret;
    bool yes;
};

static struct err person_add(struct work *work, void *context)
{
    struct call *call = context;
    const struct organisation_put organisation = {.name = S("Tim Contoh"), .kind = S("team")};
    struct user_put user = {.name = S("ayu"), .roles = 1u << ROLE_ANALYST};
    TRY(store_organisation_add(work, &organisation, &user.organisation));
    return store_user_add(work, &user, &call->person);
}

static struct call begun(struct test_store *store)
{
    struct call call = {0};
    clock_set(1000);
    test_ok(test_work(store, person_add, &call));
    return call;
}

/* ---- Sessions ---- */

static struct err session_add(struct work *work, void *context)
{
    struct call *call = context;
    call->secret.bytes[0]++;
    const struct session_put put = {.person = call->person,
            .secret = &call->secret,
            .how = ACTOR_SECOND_FACTOR,
            .from = S("192.0.2.1"),
            .agent = S("a\x01 browser \xff"),
            .ends_us = 5000 + call->secret.bytes[0]};
    return store_session_add(work, &put, &call->number);
}

static struct err session_end(struct work *work, void *context)
{
    struct call *call = context;
    return store_session_end(work, call->number, S("signed out"), &call->yes);
}

static void a_session_comes_back_until_it_ends(void **state)
{
    struct test_store *store = ready(state);
    struct call call = begun(store);
    struct session session;
    test_ok(test_work(store, session_add, &call));
    test_ok(store_session_find(store->db, &call.secret, store->arena, &session));
    assert_int_equal(session.person, call.person);
    assert_int_equal(session.how, ACTOR_SECOND_FACTOR);
    assert_int_equal(session.seen_us, 1000);
    assert_true(slice_eq(session.from, S("192.0.2.1")));
    assert_true(slice_find(session.agent, '\x01') == session.agent.len); /* as people can read it */
    assert_true(store_session_is_good(&session, 5000) && !store_session_is_good(&session, 5001));
    test_ok(store_session_seen(store->db, call.number, 3000));
    test_ok(store_session_seen(store->db, call.number, 2000)); /* late */
    test_ok(store_session_get(store->db, call.number, store->arena, &session));
    assert_int_equal(session.seen_us, 3000);
    test_ok(test_work(store, session_end, &call));
    assert_true(call.yes);
    test_ok(test_work(store, session_end, &call));
    assert_false(call.yes);
    test_ok(store_session_get(store->db, call.number, store->arena, &session));
    assert_true(slice_eq(session.ended, S("signed out")));
    assert_false(store_session_is_good(&session, 0)); /* not even for a clock that was put back */
}

static void the_last_visit_is_that_of_another_session(void **state)
{
    struct test_store *store = ready(state);
    struct call call = begun(store);
    int64_t seen_us = 7;
    test_ok(test_work(store, session_add, &call));
    test_ok(store_session_before(store->db, call.person, call.number, &seen_us));
    assert_true(seen_us == TIME_NONE);
    test_ok(store_session_seen(store->db, call.number, 1500));
    test_ok(test_work(store, session_end, &call));
    clock_set(2000);
    test_ok(test_work(store, session_add, &call));
    test_ok(store_session_before(store->db, call.person, call.number, &seen_us));
    assert_int_equal(seen_us, 1500);
}

static void of_too_many_sessions_the_one_that_ends_first_goes(void **state)
{
    struct test_store *store = ready(state);
    struct call call = begun(store);
    struct session *rows, first;
    size_t count;
    for (int i = 0; i < SESSIONS_MAX + 3; i++)
        test_ok(test_work(store, session_add, &call));
    test_ok(store_session_list(store->db, call.person, 1000, store->arena, &rows, &count));
    assert_int_equal(count, SESSIONS_MAX);
    assert_int_equal(rows[0].number, call.number);
    test_ok(store_session_find(store->db, &(struct sha256){{3}}, store->arena, &first));
    assert_true(slice_eq(first.ended, S("too many")));
    test_ok(store_session_find(store->db, &(struct sha256){{4}}, store->arena, &first));
    assert_int_equal(first.ended.len, 0);
}

/* ---- Tokens ---- */

static struct err token_add(struct work *work, void *context)
{
    struct call *call = context;
    call->secret.bytes[0]++;
    const struct token_put put = {call->person, S("x"), SCOPE_MATCH | SCOPE_READ, &call->secret, 5000};
    return store_token_add(work, &put, &call->number);
}

static struct err token_revoke(struct work *work, void *context)
{
    const struct call *call = context;
    return store_token_revoke(work, call->number);
}

static void tokens_have_a_ceiling_that_dead_ones_do_not_count_for(void **state)
{
    struct test_store *store = ready(state);
    struct call call = begun(store);
    struct token_row token;
    for (int i = 0; i < TOKENS_MAX; i++)
        test_ok(test_work(store, token_add, &call));
    test_ok(store_token_get(store->db, call.number, store->arena, &token));
    assert_int_equal(token.scopes, SCOPE_MATCH | SCOPE_READ);
    assert_int_equal(test_work(store, token_add, &call).kind, ERR_LIMIT);
    test_ok(test_work(store, token_revoke, &call));
    assert_int_equal(test_work(store, token_revoke, &call).kind, ERR_CONFLICT);
    test_ok(test_work(store, token_add, &call));
}

static void scopes_are_words(void **state)
{
    struct test_store *store = ready(state);
    static const char *const bad[] = {"", " ", ",", "root", "read root", "READ", "read;write"};
    unsigned scopes = 77;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(store_scopes_find(slice_of(bad[i]), &scopes));
    assert_int_equal(scopes, 77);
    assert_true(store_scopes_find(S("taxii, read"), &scopes));
    assert_int_equal(scopes, SCOPE_TAXII | SCOPE_READ);
    assert_true(slice_eq(store_scopes_name(scopes, store->arena), S("read taxii")));
    assert_true(store_scopes_find(store_scopes_name(SCOPE_ALL, store->arena), &scopes));
    assert_int_equal(scopes, SCOPE_ALL);
}

/* ---- Factors and certificates ---- */

static struct err factor_put(struct work *work, void *context)
{
    const struct call *call = context;
    return store_factor_put(work, call->person, S("sealed"));
}

static struct err factor_confirm(struct work *work, void *context)
{
    const struct call *call = context;
    return store_factor_confirm(work, call->person);
}

static struct err factor_step(struct work *work, void *context)
{
    struct call *call = context;
    return store_factor_step(work, call->person, call->number, &call->yes);
}

static void a_factor_is_kept_from_when_it_counts_and_its_steps_only_grow(void **state)
{
    static const struct {
        int64_t step;
        bool taken;
    } steps[] = {{7, true}, {7, false}, {6, false}, {8, true}};
    struct test_store *store = ready(state);
    struct call call = begun(store);
    test_ok(test_work(store, factor_put, &call));
    test_ok(test_work(store, factor_put, &call)); /* instead */
    test_ok(test_work(store, factor_confirm, &call));
    assert_int_equal(test_work(store, factor_confirm, &call).kind, ERR_CONFLICT);
    assert_int_equal(test_work(store, factor_put, &call).kind, ERR_CONFLICT);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        call.number = steps[i].step;
        test_ok(test_work(store, factor_step, &call));
        assert_int_equal(call.yes, steps[i].taken);
    }
}

static struct err certificate_add(struct work *work, void *context)
{
    struct call *call = context;
    const struct certificate_row put = {
            .fingerprint = call->secret, .person = call->person, .subject = S("CN=x"), .expires_us = 5000};
    return store_certificate_add(work, &put);
}

static void certificates_have_one_owner_and_a_ceiling(void **state)
{
    struct test_store *store = ready(state);
    struct call call = begun(store);
    struct certificate_row *rows, row;
    size_t count;
    for (int i = 0; i < CERTIFICATES_MAX; i++) {
        call.secret.bytes[0] = (uint8_t)i;
        test_ok(test_work(store, certificate_add, &call));
        if (i == 0)
            assert_int_equal(test_work(store, certificate_add, &call).kind, ERR_CONFLICT);
    }
    test_ok(store_certificate_find(store->db, &call.secret, store->arena, &row));
    assert_memory_equal(&row.fingerprint, &call.secret, sizeof row.fingerprint);
    test_ok(store_certificate_list(store->db, call.person, store->arena, &rows, &count));
    assert_int_equal(count, CERTIFICATES_MAX);
    call.secret.bytes[0] = CERTIFICATES_MAX;
    assert_int_equal(test_work(store, certificate_add, &call).kind, ERR_LIMIT);
    assert_int_equal(store_certificate_find(store->db, &call.secret, store->arena, &row).kind, ERR_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_session_comes_back_until_it_ends, set_up, tear_down),
            TEST_ON_BOTH(the_last_visit_is_that_of_another_session, set_up, tear_down),
            TEST_ON_BOTH(of_too_many_sessions_the_one_that_ends_first_goes, set_up, tear_down),
            TEST_ON_BOTH(tokens_have_a_ceiling_that_dead_ones_do_not_count_for, set_up, tear_down),
            TEST_ON_BOTH(scopes_are_words, set_up, tear_down),
            TEST_ON_BOTH(a_factor_is_kept_from_when_it_counts_and_its_steps_only_grow, set_up, tear_down),
            TEST_ON_BOTH(certificates_have_one_owner_and_a_ceiling, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
