/* SPDX-License-Identifier: Apache-2.0 */
#include "store/retain.h"

#include "store/batch.h"
#include "store/follower.h"
#include "store/organisation.h"
#include "store/session.h"
#include "store/test_store.h"
#include "store/token.h"
#include "store/user.h"

struct call {
    struct retain_limits limits;
    struct retained retained;
};

static struct err retain(struct work *work, void *context)
{
    struct call *call = context;
    return store_retain(work, &call->limits, &call->retained);
}

static struct err leave(struct work *work, void *context)
{
    int64_t import = *(const int64_t *)context;
    const struct import_refused refused[] = {{1, 1, S("a"), S("b"), false, 0}, {2, 1, S("a"), S("b"), false, 0}};
    TRY(store_import_refuse(work, import, refused, 2));
    return store_import_original(work, import, 0, S("packed"));
}

/* One import with refused rows and an original, done at 1000 and undone if wanted. */
static struct test_import import_at(struct test_store *store, int64_t us, const struct object_put *puts, size_t count)
{
    clock_set(us);
    struct test_import import = test_import_begin(store, "peer");
    test_import_put(store, &import, puts, count);
    test_ok(test_work(store, leave, &import.number));
    test_import_finish(store, &import);
    return import;
}

static int64_t count_of(struct test_store *store, const char *sql)
{
    int64_t number;
    test_ok(db_one(store->db, sql, NULL, 0, -1, &number));
    return number;
}

static const char ORIGINALS[] = "SELECT count(*) FROM import_original",
                  REFUSED[] = "SELECT count(*) FROM import_refused", OBJECTS[] = "SELECT count(*) FROM object",
                  DETAILS[] = "SELECT count(*) FROM journal WHERE detail <> ''";

static struct object_put some(struct test_store *store, int number)
{
    return test_object(arena_printf(store->arena, "tool--6b616c61-0000-4000-8000-%012d", number), "2026-11-20T10:00:00",
            arena_printf(store->arena, "{\"name\":\"n%d\"}", number));
}

static void without_limits_nothing_goes(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put put = some(store, 1);
    struct test_import import = import_at(store, 1000, &put, 1);
    test_ok(test_work(store, test_import_undo_action, &import.number));
    struct call call = {0};
    clock_set(INT64_MAX / 2);
    test_ok(test_work(store, retain, &call));
    assert_int_equal(count_of(store, ORIGINALS), 1);
    assert_int_equal(count_of(store, REFUSED), 2);
    assert_int_equal(count_of(store, OBJECTS), 1);
    assert_int_equal(count_of(store, DETAILS), 3);
}

static void what_is_past_its_time_goes_in_steps_and_is_told(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put puts[] = {some(store, 1), some(store, 2), some(store, 3)};
    struct test_import old = import_at(store, 1000, puts, 3);
    import_at(store, 5000, puts + 2, 1);
    clock_set(1500);
    test_ok(test_work(store, test_import_undo_action, &old.number));
    struct call call = {.limits = {.originals_us = 2000, .refused_us = 2000, .undone_us = 2000, .step = 1}};
    clock_set(3500);
    test_ok(test_work(store, retain, &call)); /* not older than 2000 */
    assert_int_equal(count_of(store, REFUSED), 4);
    clock_set(3501);
    int steps = 0;
    do {
        test_ok(test_work(store, retain, &call));
        assert_true(call.retained.refused <= 1 && call.retained.objects <= 1);
        steps++;
    } while (call.retained.more);
    assert_true(steps >= 3);
    assert_int_equal(count_of(store, ORIGINALS), 1);
    assert_int_equal(count_of(store, REFUSED), 2);
    assert_int_equal(count_of(store, OBJECTS), 1); /* the third was brought by the later import as well */
    struct journal_row *rows;
    size_t count;
    test_ok(store_journal_latest(store->db, INT64_MAX, 1, store->arena, &rows, &count));
    assert_true(slice_eq(rows[0].act, S("store.retained")));
    assert_true(slice_find_slice(rows[0].detail, S("\"objects\":1")) < rows[0].detail.len);
}

static struct err batch_take(struct work *work, void *context)
{
    const struct batch batch = {.stream = 1, .malformed = 2};
    struct quarantined rows[] = {{.place = 1, .input = S("a"), .record = S("{")}, {.place = 2, .input = S("a")}};
    (void)context;
    TRY(store_batch_add(work, &batch, NULL, &rows[0].batch));
    rows[1].batch = rows[0].batch;
    return store_batch_quarantine(work, rows, COUNT_OF(rows));
}

static void records_that_are_no_event_go_with_what_was_refused(void **state)
{
    static const char LEFT[] = "SELECT count(*) FROM quarantined";
    struct test_store *store = ready(state);
    struct call call = {.limits = {.refused_us = 2000, .step = 1}};
    for (int64_t at = 1000; at < 9000; at += 4000) {
        clock_set(at);
        test_ok(test_work(store, batch_take, NULL));
    }
    clock_set(3000);
    test_ok(test_work(store, retain, &call));
    assert_int_equal(count_of(store, LEFT), 4);
    clock_set(3001);
    test_ok(test_work(store, retain, &call));
    assert_true(call.retained.refused == 1 && call.retained.more);
    test_ok(test_work(store, retain, &call));
    assert_int_equal(count_of(store, LEFT), 2);
    clock_set(9000);
    call.limits.step = 10;
    test_ok(test_work(store, retain, &call));
    assert_int_equal(count_of(store, LEFT), 0);
}

static struct err pass(void *context, struct work *work, const struct journal_row *row)
{
    (void)context;
    (void)work;
    (void)row;
    return OK;
}

static void details_that_a_follower_needs_stay(void **state)
{
    struct test_store *store = ready(state);
    const struct follower follower = {.name = "slow", .row = pass};
    struct call call = {.limits = {.details_us = 100}};
    uint64_t did;
    import_at(store, 1000, NULL, 0);
    test_ok(store_follower_once(store->db, &follower, 1, store->arena, &did));
    import_at(store, 1000, NULL, 0);
    clock_set(9000);
    test_ok(test_work(store, retain, &call));
    assert_int_equal(call.retained.details, 1);
    assert_int_equal(count_of(store, DETAILS), 4); /* three of imports, one of the retention */
    test_ok(store_follower_once(store->db, &follower, 100, store->arena, &did));
    test_ok(test_work(store, retain, &call));
    assert_int_equal(call.retained.details, 3);
}

/* ---- What let people in once ---- */

static struct err let_in(struct work *work, void *context)
{
    const struct organisation_put organisation = {.name = S("Tim Contoh"), .kind = S("team")};
    struct user_put user = {.name = S("ayu"), .roles = 1u << ROLE_ANALYST};
    struct session_put session = {.how = ACTOR_PASSWORD, .ends_us = 9000};
    struct token_put token = {.name = S("collector"), .scopes = SCOPE_READ, .ends_us = 9000};
    struct sha256 secrets[3] = {{{1}}, {{2}}, {{3}}};
    int64_t numbers[2];
    bool ended;
    (void)context;
    TRY(store_organisation_add(work, &organisation, &user.organisation));
    TRY(store_user_add(work, &user, &session.person));
    token.person = session.person;
    for (size_t i = 0; i < 2; i++) {
        session.secret = token.secret = &secrets[i];
        TRY(store_session_add(work, &session, &numbers[i]));
        TRY(store_token_add(work, &token, &numbers[i]));
    }
    TRY(store_session_end(work, numbers[0], S("signed out"), &ended));
    return store_token_revoke(work, numbers[0]);
}

/* What ended early goes early. */
static void sessions_and_tokens_go_after_they_ended(void **state)
{
    static const char SESSIONS[] = "SELECT count(*) FROM session", TOKENS[] = "SELECT count(*) FROM token";
    struct test_store *store = ready(state);
    struct call call = {.limits = {.sessions_us = 2000}};
    clock_set(1000);
    test_ok(test_work(store, let_in, NULL));
    clock_set(3000);
    test_ok(test_work(store, retain, &call));
    assert_int_equal(count_of(store, SESSIONS), 2);
    clock_set(3001);
    test_ok(test_work(store, retain, &call));
    assert_int_equal(count_of(store, SESSIONS), 1);
    assert_int_equal(count_of(store, TOKENS), 1);
    assert_int_equal(call.retained.sessions + call.retained.tokens, 2);
    clock_set(11001);
    test_ok(test_work(store, retain, &call));
    assert_int_equal(count_of(store, SESSIONS) + count_of(store, TOKENS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(without_limits_nothing_goes, set_up, tear_down),
            TEST_ON_BOTH(records_that_are_no_event_go_with_what_was_refused, set_up, tear_down),
            TEST_ON_BOTH(what_is_past_its_time_goes_in_steps_and_is_told, set_up, tear_down),
            TEST_ON_BOTH(details_that_a_follower_needs_stay, set_up, tear_down),
            TEST_ON_BOTH(sessions_and_tokens_go_after_they_ended, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
