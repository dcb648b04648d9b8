/* SPDX-License-Identifier: Apache-2.0 */
#include "store/partner.h"

#include "base/arena.h"
#include "store/test_partner_row.h"

#define NOON INT64_C(1800014400000000)

static int noon(void **state)
{
    int status = set_up(state);
    clock_set(NOON);
    return status;
}

/* ---- Its end ---- */

struct ending {
    int64_t partner, at_us;
};

static struct err end_action(struct work *work, void *context)
{
    const struct ending *ending = context;
    return store_partner_end(work, ending->partner, ending->at_us);
}

static enum partner_state state_at(struct test_store *store, int64_t number, int64_t now_us)
{
    struct partner partner;
    test_ok(store_partner_get(store->db, number, now_us, store->arena, &partner));
    return partner.state;
}

static void an_end_comes_earlier_and_never_later(void **state)
{
    struct test_store *store = ready(state);
    struct test_partner_row row = test_partner_row(store, "kenanga", PARTNER_ACTIVE);
    struct ending ending = {row.number, NOON + 2 * HOUR_US};
    test_ok(test_work(store, end_action, &ending));
    ending.at_us = NOON + HOUR_US;
    test_ok(test_work(store, end_action, &ending));
    ending.at_us = NOON + 3 * HOUR_US;
    test_ok(test_work(store, end_action, &ending));
    assert_int_equal(state_at(store, row.number, NOON + HOUR_US - 1), PARTNER_ACTIVE);
    assert_int_equal(state_at(store, row.number, NOON + HOUR_US), PARTNER_ENDED);
    clock_set(NOON + HOUR_US);
    assert_int_equal(test_work(store, end_action, &ending).kind, ERR_CONFLICT);
}

/* ---- Keys ---- */

struct keeping {
    int64_t partner, us;
    struct key_public key;
    bool told;
};

static struct err put_action(struct work *work, void *context)
{
    struct keeping *keeping = context;
    const struct node_key row = {.partner = keeping->partner,
            .purpose = S("message"),
            .key = keeping->key,
            .from_us = NOON,
            .until_us = NOON + DAY_US,
            .statement = S("{}")};
    return store_node_key_put(work, &row, &keeping->told);
}

static struct err revoke_action(struct work *work, void *context)
{
    struct keeping *keeping = context;
    return store_node_key_revoke(work, keeping->partner, S("message"), &keeping->key, keeping->us, &keeping->told);
}

static struct err shorten_action(struct work *work, void *context)
{
    const struct keeping *keeping = context;
    return store_node_key_shorten(work, keeping->partner, S("message"), &keeping->key, keeping->us);
}

static struct node_key key_row(struct test_store *store, const struct keeping *keeping)
{
    struct node_key row;
    test_ok(store_node_key_get(store->db, keeping->partner, S("message"), &keeping->key, store->arena, &row));
    return row;
}

static void a_key_only_ever_ends_earlier(void **state)
{
    struct test_store *store = ready(state);
    struct keeping keeping = {.partner = 7, .key = {{1}}, .us = NOON + HOUR_US};
    test_ok(test_work(store, put_action, &keeping));
    assert_true(keeping.told);
    test_ok(test_work(store, shorten_action, &keeping));
    keeping.us = NOON + 2 * HOUR_US;
    test_ok(test_work(store, shorten_action, &keeping));
    assert_int_equal(key_row(store, &keeping).until_us, NOON + HOUR_US);
    test_ok(test_work(store, revoke_action, &keeping));
    keeping.us = NOON;
    test_ok(test_work(store, revoke_action, &keeping));
    assert_true(keeping.told);
    keeping.us = NOON + DAY_US;
    test_ok(test_work(store, revoke_action, &keeping));
    assert_false(keeping.told);
    test_ok(test_work(store, put_action, &keeping)); /* as it was */
    assert_false(keeping.told);
    assert_int_equal(key_row(store, &keeping).revoked_us, NOON);
}

static struct err many_keys(struct work *work, void *context)
{
    struct keeping *keeping = context;
    for (unsigned i = 0; i <= PARTNER_KEYS_MAX; i++) {
        keeping->key.bytes[0] = (uint8_t)i;
        keeping->key.bytes[1] = (uint8_t)(i >> 8);
        TRY(put_action(work, keeping));
    }
    return OK;
}

static void a_node_has_so_many_keys_in_its_life(void **state)
{
    struct test_store *store = ready(state);
    struct keeping keeping = {.partner = 7};
    struct err err = test_work(store, many_keys, &keeping);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.why, "at most 256 keys"));
}

/* ---- Statements ---- */

struct seeing {
    int64_t partner;
    struct statement_seen seen;
    bool fresh;
};

static struct err see_action(struct work *work, void *context)
{
    struct seeing *seeing = context;
    return store_statement_seen(work, seeing->partner, &seeing->seen, &seeing->fresh);
}

static int64_t remembered(struct test_store *store)
{
    static const char COUNT[] = "SELECT count(*) FROM statement_seen";
    int64_t count;
    test_ok(db_one(store->db, COUNT, NULL, 0, 0, &count));
    return count;
}

static void a_statement_is_remembered_until_it_expires(void **state)
{
    struct test_store *store = ready(state);
    struct seeing seeing = {7, {S("11111111-1111-4111-8111-111111111111"), 3, NOON + HOUR_US}, false};
    test_ok(test_work(store, see_action, &seeing));
    assert_true(seeing.fresh);
    test_ok(test_work(store, see_action, &seeing));
    assert_false(seeing.fresh);
    seeing.partner = 8; /* of another it is another */
    test_ok(test_work(store, see_action, &seeing));
    assert_true(seeing.fresh);
    assert_int_equal(remembered(store), 2);
    clock_set(NOON + HOUR_US);
    seeing.seen = (struct statement_seen){S("22222222-2222-4222-8222-222222222222"), 4, NOON + 2 * HOUR_US};
    test_ok(test_work(store, see_action, &seeing));
    assert_int_equal(remembered(store), 1);
}

static struct err many_seen(struct work *work, void *context)
{
    static const char FILL[] =
            "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $2) "
            "INSERT INTO statement_seen (partner, id, sequence, received_us, expires_us, refused) "
            "SELECT 7, CAST(i AS TEXT), 0, 0, $1, '' FROM n";
    (void)context;
    return db_run(work->db, FILL, (struct db_value[]){db_i64(NOON + DAY_US), db_i64(STATEMENTS_SEEN_MAX)}, 2, NULL);
}

static void one_partner_cannot_fill_the_table(void **state)
{
    struct test_store *store = ready(state);
    struct seeing seeing = {7, {S("11111111-1111-4111-8111-111111111111"), 3, NOON + HOUR_US}, false};
    test_ok(test_work(store, many_seen, NULL));
    struct err err = test_work(store, see_action, &seeing);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.why, "more than 20000 statements"));
    seeing.partner = 8;
    test_ok(test_work(store, see_action, &seeing));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_end_comes_earlier_and_never_later, noon, tear_down),
            TEST_ON_BOTH(a_key_only_ever_ends_earlier, noon, tear_down),
            TEST_ON_BOTH(a_node_has_so_many_keys_in_its_life, noon, tear_down),
            TEST_ON_BOTH(a_statement_is_remembered_until_it_expires, noon, tear_down),
            TEST_ON_BOTH(one_partner_cannot_fill_the_table, noon, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
