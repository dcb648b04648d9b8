/* SPDX-License-Identifier: Apache-2.0 */
#include "store/delivery.h"

#include "store/ledger.h"
#include "store/test_partner_row.h"

struct call {
    int64_t partner, number, at_us;
    slice text, type;
    struct delivery delivery;
    bool found;
};

static struct err put(struct work *work, void *context)
{
    struct call *call = context;
    return store_statement_put(work, call->partner, call->type, call->text, &call->number);
}

static struct err done(struct work *work, void *context)
{
    const struct call *call = context;
    return store_statement_done(work, call->number, call->text);
}

static struct err claim(struct work *work, void *context)
{
    struct call *call = context;
    return store_delivery_claim(work, work->now_us + HOUR_US, &call->delivery, &call->found);
}

static struct err end(struct work *work, void *context)
{
    const struct call *call = context;
    return store_delivery_end(work, call->partner, call->text, call->at_us);
}

static struct err looked(struct work *work, void *context)
{
    const struct call *call = context;
    return store_delivery_looked(work, call->partner, call->at_us);
}

static struct err look(struct work *work, void *context)
{
    const struct call *call = context;
    return store_delivery_look(work, call->partner, call->at_us);
}

static struct err hurry(struct work *work, void *context)
{
    return store_delivery_hurry(work, ((const struct call *)context)->partner);
}

static struct err free_all(struct work *work, void *context)
{
    (void)context;
    return store_delivery_free(work);
}

static void say(struct test_store *store, int64_t partner, const char *type, const char *text)
{
    struct call call = {.partner = partner, .type = slice_of(type), .text = slice_of(text)};
    test_ok(test_work(store, put, &call));
}

/* Whose turn it is; 0: nobody's. */
static int64_t turn(struct test_store *store)
{
    struct call call = {.found = false};
    bool due;
    test_ok(store_delivery_due(store->db, clock_now_us(), &due));
    test_ok(test_work(store, claim, &call));
    if (call.found && !due)
        fail_msg("it is the turn of %lld, who was not due", (long long)call.delivery.partner);
    return call.found ? call.delivery.partner : 0;
}

static void turn_ends(struct test_store *store, int64_t partner, const char *why, int64_t next_us)
{
    struct call call = {.partner = partner, .text = slice_of(why), .at_us = next_us};
    test_ok(test_work(store, end, &call));
}

/* Their logs, which are due at first, are not what this is about. */
static void logs_rest(struct test_store *store)
{
    for (int64_t partner = turn(store); partner != 0; partner = turn(store)) {
        struct call call = {.partner = partner, .at_us = clock_now_us() + DAY_US};
        test_ok(test_work(store, looked, &call));
    }
    test_ok(test_work(store, free_all, NULL));
}

static void statements_go_in_their_order_and_once(void **state)
{
    struct test_store *store = ready(state);
    struct test_partner_row row = test_partner_row(store, "melati", PARTNER_ACTIVE);
    struct outgoing_statement next;
    say(store, row.number, "agreement.offer", "first");
    say(store, row.number, "agreement.end", "second");
    test_ok(store_statement_next(store->db, row.number, store->arena, &next));
    assert_true(slice_eq(next.statement, S("first")) && slice_eq(next.type, S("agreement.offer")));
    test_ok(test_work(store, done, &(struct call){.number = next.number, .text = S("")}));
    test_ok(store_statement_next(store->db, row.number, store->arena, &next));
    assert_true(slice_eq(next.statement, S("second")));
    test_ok(test_work(store, done, &(struct call){.number = next.number, .text = S("it is no offer of ours")}));
    assert_int_equal(store_statement_next(store->db, row.number, store->arena, &next).kind, ERR_MISSING);
    struct outgoing_statement *rows;
    size_t count;
    test_ok(store_statement_list(store->db, row.number, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(rows[0].sent_us != TIME_NONE && rows[0].refused.len == 0);
    assert_true(rows[1].sent_us == TIME_NONE && slice_eq(rows[1].refused, S("it is no offer of ours")));
}

static void turns_go_round_and_nobody_gets_one_twice(void **state)
{
    struct test_store *store = ready(state);
    struct test_partner_row a = test_partner_row(store, "melati", PARTNER_ACTIVE);
    struct test_partner_row b = test_partner_row(store, "kenanga", PARTNER_ACTIVE);
    logs_rest(store);
    assert_int_equal(turn(store), 0);
    say(store, a.number, "x", "1");
    say(store, b.number, "x", "2");
    int64_t first = turn(store), second = turn(store);
    assert_true(first + second == a.number + b.number && first != second);
    assert_int_equal(turn(store), 0); /* both are busy */
    turn_ends(store, first, "", 0);
    turn_ends(store, second, "", 0);
    assert_int_equal(turn(store), first); /* who waited longest */
    test_ok(test_work(store, free_all, NULL));
    assert_int_equal(turn(store), second); /* what a dead server was at is free, and waits no less */
}

static void who_failed_waits_until_it_is_heard_of(void **state)
{
    struct test_store *store = ready(state);
    struct test_partner_row a = test_partner_row(store, "melati", PARTNER_ACTIVE);
    struct delivery delivery;
    logs_rest(store);
    say(store, a.number, "x", "1");
    assert_int_equal(turn(store), a.number);
    turn_ends(store, a.number, "nobody answers there", clock_now_us() + HOUR_US);
    assert_int_equal(turn(store), 0);
    test_ok(store_delivery_get(store->db, a.number, store->arena, &delivery));
    assert_true(delivery.failures == 1 && slice_eq(delivery.why, S("nobody answers there")));
    test_ok(test_work(store, hurry, &(struct call){.partner = a.number}));
    assert_int_equal(turn(store), a.number);
    turn_ends(store, a.number, "", 0);
    test_ok(store_delivery_get(store->db, a.number, store->arena, &delivery));
    assert_true(delivery.failures == 0 && delivery.why.len == 0);
}

static void a_log_is_looked_at_when_it_is_time(void **state)
{
    struct test_store *store = ready(state);
    struct test_partner_row a = test_partner_row(store, "melati", PARTNER_ACTIVE);
    logs_rest(store);
    assert_int_equal(turn(store), 0);
    struct call call = {.partner = a.number, .at_us = clock_now_us()};
    test_ok(test_work(store, look, &call));
    assert_int_equal(turn(store), a.number);
    call.at_us = clock_now_us() + HOUR_US;
    test_ok(test_work(store, look, &call)); /* later than was said before: it stays */
    turn_ends(store, a.number, "", 0);
    assert_int_equal(turn(store), a.number);
}

static void who_may_be_spoken_to_depends_on_the_state(void **state)
{
    static const struct {
        enum partner_state state;
        const char *type;
        bool goes;
    } cases[] = {
            {PARTNER_CANDIDATE, "partner.hello", false},
            {PARTNER_CONFIRMED, "partner.hello", true},
            {PARTNER_SUSPENDED, "agreement.suspend", true},
            {PARTNER_ENDED, "agreement.offer", false},
            {PARTNER_ENDED, "agreement.end", true},
            {PARTNER_ENDED, "recall.ask", true},
            {PARTNER_ENDED, "key.revoke", true},
    };
    struct test_store *store = ready(state);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct test_partner_row row =
                test_partner_row(store, arena_printf(store->arena, "mitra-%zu", i), cases[i].state);
        logs_rest(store);
        say(store, row.number, cases[i].type, "text");
        int64_t got = turn(store);
        if (got != (cases[i].goes ? row.number : 0))
            fail_msg("case %zu: %s", i, cases[i].goes ? "does not go" : "goes");
        struct outgoing_statement next;
        while (store_statement_next(store->db, row.number, store->arena, &next).kind == ERR_NONE)
            test_ok(test_work(store, done, &(struct call){.number = next.number, .text = S("")}));
        test_ok(test_work(store, free_all, NULL));
    }
}

/* ---- Releases and the log that explains them ---- */

/* What an entry says here. */
static const struct ledger_field field = {.name = {"version", 7}, .value = {"1", 1}};

struct released_case {
    int64_t partner, log;
};

static struct err agree(struct work *work, void *context)
{
    static const char AGREEMENT[] =
            "INSERT INTO agreement (number, id, partner, state, version, generation, terms, from_us, until_us, log, "
            "added_us) VALUES (1, 'a', $1, 'in-force', 1, 1, $2, 0, $3, $4, 0)";
    static const char INBOX[] = "UPDATE partner SET remote_inbox = 'https://node.example/inbox/' WHERE number = $1";
    struct released_case *of = context;
    TRY(store_ledger_log_new(work, "partner", S("log.example/a"), S("aaaa"), &of->log));
    const struct db_value values[] = {db_i64(of->partner), db_bytes(S("{}")), db_i64(INT64_MAX), db_i64(of->log)};
    TRY(db_run(work->db, AGREEMENT, values, COUNT_OF(values), NULL));
    return db_run(work->db, INBOX, values, 1, NULL);
}

static struct err release(struct work *work, void *context)
{
    static const char RELEASE[] =
            "INSERT INTO released (agreement, added_us, object, id, type, version, spec_version, standing, shown, "
            "generation, from_us, until_us, entry, leaf, digest, derived, recall) "
            "VALUES (1, 1000, 1, 'x', 'x', '', '2.1', 63, 1, 1, 0, $1, 0, 0, $2, $2, 0)";
    const struct db_value values[] = {db_i64(INT64_MAX), db_bytes(S(""))};
    const struct released_case *of = context;
    int64_t seq;
    TRY(store_ledger_append(work, of->log, "release", &field, 1, &seq));
    return db_run(work->db, RELEASE, values, COUNT_OF(values), NULL);
}

static struct err receipt(struct work *work, void *context)
{
    int64_t seq;
    return store_ledger_append(work, ((const struct released_case *)context)->log, "receipt", &field, 1, &seq);
}

static struct err head(struct work *work, void *context)
{
    struct call *call = context;
    const struct ledger_head signed_head = {.log = call->number, .size = call->at_us, .checkpoint = S("a note")};
    return store_ledger_head_put(work, &signed_head);
}

static void sign(struct test_store *store, int64_t log, int64_t size)
{
    test_ok(test_work(store, head, &(struct call){.number = log, .at_us = size}));
}

static struct err progress(struct work *work, void *context)
{
    const struct call *call = context;
    TRY(store_delivery_begin(work, call->partner, 1));
    TRY(store_delivery_sent(work, call->partner, call->at_us, 1, 0));
    return store_delivery_told(work, call->partner, call->number);
}

static void what_is_released_goes_when_its_entry_is_signed(void **state)
{
    struct test_store *store = ready(state);
    struct test_partner_row a = test_partner_row(store, "melati", PARTNER_ACTIVE);
    struct released_case of = {.partner = a.number};
    struct delivery_head now;
    logs_rest(store);
    test_ok(test_work(store, agree, &of));
    test_ok(test_work(store, release, &of));
    assert_int_equal(turn(store), 0); /* entered and not signed: nothing leaves */
    assert_int_equal(store_delivery_head(store->db, a.number, store->arena, &now).kind, ERR_MISSING);
    sign(store, of.log, 1);
    assert_int_equal(turn(store), a.number);
    test_ok(store_delivery_head(store->db, a.number, store->arena, &now));
    assert_true(now.size == 1 && now.told_from == 1 && now.log == of.log && slice_eq(now.folder, S("aaaa")));
    test_ok(test_work(store, progress, &(struct call){.partner = a.number, .at_us = 1000, .number = 1}));
    turn_ends(store, a.number, "", 0);
    assert_int_equal(turn(store), 0); /* sent and told */
    test_ok(test_work(store, receipt, &of));
    sign(store, of.log, 2);
    test_ok(store_delivery_head(store->db, a.number, store->arena, &now));
    assert_true(now.size == 2 && now.told_from == 0); /* by a receipt alone: nobody is to be told */
}

static void a_log_belongs_to_the_partner_of_its_agreement(void **state)
{
    struct test_store *store = ready(state);
    struct test_partner_row a = test_partner_row(store, "melati", PARTNER_ACTIVE);
    struct test_partner_row b = test_partner_row(store, "kenanga", PARTNER_ACTIVE);
    struct released_case of = {.partner = a.number};
    int64_t log = 0;
    test_ok(test_work(store, agree, &of));
    test_ok(store_delivery_log(store->db, a.number, S("log.example/a"), &log));
    assert_int_equal(log, of.log);
    assert_int_equal(store_delivery_log(store->db, b.number, S("log.example/a"), &log).kind, ERR_MISSING);
    int64_t whose;
    test_ok(store_delivery_inbox(store->db, a.put.inbox, &whose));
    assert_int_equal(whose, a.number);
    test_ok(store_delivery_inbox(store->db, 999, &whose));
    assert_int_equal(whose, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(statements_go_in_their_order_and_once, set_up, tear_down),
            TEST_ON_BOTH(turns_go_round_and_nobody_gets_one_twice, set_up, tear_down),
            TEST_ON_BOTH(who_failed_waits_until_it_is_heard_of, set_up, tear_down),
            TEST_ON_BOTH(a_log_is_looked_at_when_it_is_time, set_up, tear_down),
            TEST_ON_BOTH(who_may_be_spoken_to_depends_on_the_state, set_up, tear_down),
            TEST_ON_BOTH(what_is_released_goes_when_its_entry_is_signed, set_up, tear_down),
            TEST_ON_BOTH(a_log_belongs_to_the_partner_of_its_agreement, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
