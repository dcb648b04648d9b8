/* SPDX-License-Identifier: Apache-2.0 */
#include "store/partner_log.h"

#include "store/test_partner_row.h"

#define ORIGIN S("log.example/a")

struct call {
    struct partner_log log;
    uint64_t before;
    const struct partner_entry *entries;
    size_t count;
    int64_t partner, seq;
    slice text;
};

static struct err add(struct work *work, void *context)
{
    return store_partner_log_add(work, ((const struct call *)context)->partner, ORIGIN, S("aaaa"));
}

static struct err move(struct work *work, void *context)
{
    const struct call *call = context;
    TRY(store_partner_log_move(work, &call->log, call->before));
    return store_partner_entry_put(work, call->partner, ORIGIN, call->entries, call->count);
}

static struct err receipt(struct work *work, void *context)
{
    const struct call *call = context;
    TRY(store_partner_entry_opened(work, call->partner, ORIGIN, call->seq, S("{}")));
    return store_partner_entry_receipt(work, call->partner, ORIGIN, call->seq);
}

static struct err wrong(struct work *work, void *context)
{
    const struct call *call = context;
    return store_partner_log_wrong(work, call->partner, ORIGIN, call->text);
}

static int64_t partner_with_log(struct test_store *store)
{
    struct test_partner_row row = test_partner_row(store, "melati", PARTNER_ACTIVE);
    struct call call = {.partner = row.number};
    test_ok(test_work(store, add, &call));
    test_ok(test_work(store, add, &call)); /* known: nothing happens */
    return row.number;
}

static struct partner_log get(struct test_store *store, int64_t partner)
{
    struct partner_log log;
    test_ok(store_partner_log_get(store->db, partner, ORIGIN, store->arena, &log));
    return log;
}

/* So many entries more, whose bytes are their numbers. */
static struct err grow(struct test_store *store, int64_t partner, struct partner_log log, size_t count)
{
    struct partner_entry *entries = arena_new(store->arena, struct partner_entry, count + 1);
    struct call call = {.log = log, .before = log.edge.size, .entries = entries, .count = count, .partner = partner};
    for (size_t i = 0; i < count; i++) {
        slice bytes = slice_of(arena_printf(store->arena, "%llu", (unsigned long long)call.log.edge.size));
        struct sha256 leaf = ledger_merkle_leaf(bytes);
        entries[i] = (struct partner_entry){
                .seq = (int64_t)call.log.edge.size, .entry = bytes, .opening = S(""), .receipt_us = TIME_NONE};
        ledger_merkle_add(&call.log.edge, &leaf);
    }
    call.log.root = ledger_merkle_root(&call.log.edge);
    call.log.checkpoint = S("a note");
    return test_work(store, move, &call);
}

static void the_edge_of_the_tree_comes_back_at_every_size(void **state)
{
    struct test_store *store = ready(state);
    int64_t partner = partner_with_log(store);
    struct ledger_frontier whole = {0};
    assert_int_equal(get(store, partner).edge.size, 0);
    for (size_t i = 0; i < 70; i++) {
        struct partner_log log = get(store, partner);
        slice bytes = slice_of(arena_printf(store->arena, "%zu", i));
        struct sha256 leaf = ledger_merkle_leaf(bytes);
        ledger_merkle_add(&whole, &leaf);
        test_ok(grow(store, partner, log, 1));
        struct sha256 root = ledger_merkle_root(&whole);
        log = get(store, partner);
        struct sha256 ours = ledger_merkle_root(&log.edge);
        assert_true(ledger_hash_eq(&root, &log.root) && ledger_hash_eq(&root, &ours));
    }
}

static void two_who_read_at_once_do_not_both_move_it(void **state)
{
    struct test_store *store = ready(state);
    int64_t partner = partner_with_log(store);
    struct partner_log log = get(store, partner);
    struct partner_entry *entries;
    size_t count;
    test_ok(grow(store, partner, log, 3));
    assert_int_equal(grow(store, partner, log, 5).kind, ERR_CONFLICT);
    test_ok(store_partner_entry_list(store->db, partner, ORIGIN, 0, 10, store->arena, &entries, &count));
    assert_int_equal(count, 3); /* of the later nothing stayed */
    assert_true(slice_eq(entries[2].entry, S("2")) && entries[2].receipt_us == TIME_NONE);
}

static void what_was_receipted_is_not_asked_for_again(void **state)
{
    struct test_store *store = ready(state);
    int64_t partner = partner_with_log(store);
    struct partner_entry *entries;
    size_t count;
    test_ok(grow(store, partner, get(store, partner), 4));
    test_ok(test_work(store, receipt, &(struct call){.partner = partner, .seq = 1}));
    test_ok(store_partner_entry_missing(store->db, partner, ORIGIN, 0, 10, store->arena, &entries, &count));
    assert_int_equal(count, 3);
    assert_true(entries[0].seq == 0 && entries[1].seq == 2);
    test_ok(store_partner_entry_list(store->db, partner, ORIGIN, 1, 1, store->arena, &entries, &count));
    assert_true(entries->receipt_us != TIME_NONE && slice_eq(entries->opening, S("{}")));
}

static void what_is_wrong_stays_until_somebody_looked(void **state)
{
    struct test_store *store = ready(state);
    int64_t partner = partner_with_log(store);
    struct partner_log *logs;
    size_t count;
    test_ok(test_work(store, wrong, &(struct call){.partner = partner, .text = S("entry 3 is gone")}));
    test_ok(store_partner_log_list(store->db, partner, store->arena, &logs, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(logs->wrong, S("entry 3 is gone")));
    test_ok(test_work(store, wrong, &(struct call){.partner = partner, .text = S("")}));
    assert_int_equal(get(store, partner).wrong.len, 0);
}

static void an_object_is_held_by_its_bytes(void **state)
{
    struct test_store *store = ready(state);
    const char *id = "indicator--11111111-1111-4111-8111-111111111111";
    const struct object_put row = test_object(id, "2026-11-20T10:00:00", "{\"a\":1}");
    struct test_import import = test_import(store, "partner/melati", &row, 1);
    struct sha256 digest = hash_sha256(S("{\"a\":1}")), other = hash_sha256(S("{\"a\":2}"));
    bool holds;
    test_ok(store_partner_holds(store->db, import.source_number, slice_of(id), &digest, &holds));
    assert_true(holds);
    test_ok(store_partner_holds(store->db, import.source_number, slice_of(id), &other, &holds));
    assert_false(holds);
    test_ok(store_partner_holds(store->db, import.source_number + 1, slice_of(id), &digest, &holds));
    assert_false(holds); /* somebody else's word is not the partner's */
    test_ok(test_work(store, test_import_undo_action, &import.number));
    test_ok(store_partner_holds(store->db, import.source_number, slice_of(id), &digest, &holds));
    assert_false(holds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(the_edge_of_the_tree_comes_back_at_every_size, set_up, tear_down),
            TEST_ON_BOTH(two_who_read_at_once_do_not_both_move_it, set_up, tear_down),
            TEST_ON_BOTH(what_was_receipted_is_not_asked_for_again, set_up, tear_down),
            TEST_ON_BOTH(what_is_wrong_stays_until_somebody_looked, set_up, tear_down),
            TEST_ON_BOTH(an_object_is_held_by_its_bytes, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
