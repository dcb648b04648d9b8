/* SPDX-License-Identifier: Apache-2.0 */
#include "share/split.h"

#include "ledger/tree.h"
#include "share/keys.h"
#include "share/test_share.h"
#include "store/test_side.h"

#define ORIGIN "identity--b/node"

struct faced {
    struct test_store *store;
    struct test_side side;
    struct key_pair key;
    struct ledger_tree tree;
};

static struct err key_action(struct work *work, void *context)
{
    const struct faced *faced = context;
    const struct node_key key = {.partner = faced->side.partner,
            .purpose = S("log"),
            .key = faced->key.public,
            .from_us = 0,
            .until_us = INT64_MAX,
            .revoked_us = TIME_NONE,
            .statement = S("certified"),
            .added_us = 0};
    bool fresh;
    return store_node_key_put(work, &key, &fresh);
}

static struct faced begin(void **state)
{
    struct faced faced = {.store = ready(state), .side = {.name = "Contoh CERT", .node = "identity--b"}};
    test_ok(test_work(faced.store, test_side_action, &faced.side));
    key_new(&faced.key);
    test_ok(test_work(faced.store, key_action, &faced));
    faced.tree = ledger_tree_open();
    for (int i = 0; i < 8; i++) {
        struct sha256 leaf = ledger_merkle_leaf(slice_of(arena_printf(faced.store->arena, "entry %d", i)));
        test_ok(ledger_tree_add(&faced.tree, &leaf));
    }
    return faced;
}

/* A head that its key signed; `text` NULL: of the tree's own root. */
static slice note_of(struct faced *faced, uint64_t size, const char *text)
{
    struct ledger_checkpoint head = {.origin = S(ORIGIN), .size = size};
    const struct ledger_hashes hashes = ledger_tree_hashes(&faced->tree);
    const struct ledger_signer signer = {S(ORIGIN), LEDGER_KEY_ED25519, &faced->key};
    struct buf out = buf_make(65536);
    test_ok(ledger_merkle_root_at(&hashes, size, &head.root));
    if (text != NULL)
        head.root = hash_sha256(slice_of(text));
    ledger_checkpoint_sign(&out, &head, &signer, 1, 0);
    slice note = arena_copy(faced->store->arena, buf_slice(&out));
    buf_free(&out);
    return note;
}

struct keeping {
    int64_t partner;
    struct ledger_split split;
};

static struct err keep_action(struct work *work, void *context)
{
    const struct keeping *keeping = context;
    return share_split_keep(work, keeping->partner, S(ORIGIN), &keeping->split);
}

static struct err clear_action(struct work *work, void *context)
{
    const struct faced *faced = context;
    const char *subject = arena_printf(work->arena, "partner/%lld", (long long)faced->side.partner);
    return share_split_clear(work, slice_of(subject), S("{}"));
}

static slice paused(struct faced *faced)
{
    struct partner partner;
    test_ok(store_partner_get(faced->store->db, faced->side.partner, clock_now_us(), faced->store->arena, &partner));
    return partner.paused;
}

static void end(struct faced *faced)
{
    ledger_tree_close(&faced->tree);
}

static void two_roots_of_one_size_pause_the_partner_until_people_decide(void **state)
{
    struct faced faced = begin(state);
    struct split_view *rows;
    size_t count;
    struct keeping keeping = {
            faced.side.partner, {.older = note_of(&faced, 5, NULL), .newer = note_of(&faced, 5, "x")}};
    assert_int_equal(paused(&faced).len, 0);
    test_ok(test_work(faced.store, keep_action, &keeping));
    test_ok(test_work(faced.store, keep_action, &keeping)); /* nothing new */
    assert_true(paused(&faced).len > 0);
    assert_int_equal(test_acts(faced.store, "ledger.split"), 1);
    test_ok(store_split_list(faced.store->db, INT64_MAX, 10, faced.store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].cleared_us, TIME_NONE);
    test_ok(test_work(faced.store, clear_action, &faced));
    assert_int_equal(paused(&faced).len, 0);
    test_ok(store_split_list(faced.store->db, INT64_MAX, 10, faced.store->arena, &rows, &count));
    assert_int_equal(count, 1); /* the proof stays */
    assert_true(rows[0].cleared_us != TIME_NONE);
    end(&faced);
}

static void two_sizes_convict_by_a_path_to_the_larger_one(void **state)
{
    struct faced faced = begin(state);
    const struct ledger_hashes hashes = ledger_tree_hashes(&faced.tree);
    struct keeping keeping = {
            faced.side.partner, {.older = note_of(&faced, 5, "x"), .newer = note_of(&faced, 8, NULL)}};
    assert_int_equal(test_work(faced.store, keep_action, &keeping).kind, ERR_DENIED); /* no path */
    test_ok(ledger_merkle_prefix(&hashes, 5, 8, &keeping.split.path));
    test_ok(test_work(faced.store, keep_action, &keeping));
    assert_true(paused(&faced).len > 0);
    end(&faced);
}

static void what_agrees_or_is_signed_by_another_convicts_nobody(void **state)
{
    struct faced faced = begin(state);
    const struct ledger_hashes hashes = ledger_tree_hashes(&faced.tree);
    struct keeping keeping = {
            faced.side.partner, {.older = note_of(&faced, 5, NULL), .newer = note_of(&faced, 8, NULL)}};
    test_ok(ledger_merkle_prefix(&hashes, 5, 8, &keeping.split.path));
    assert_int_equal(test_work(faced.store, keep_action, &keeping).kind, ERR_DENIED);
    struct key_pair own = faced.key;
    key_new(&faced.key);
    keeping.split.older = note_of(&faced, 5, "x");
    keeping.split.newer = note_of(&faced, 5, "y");
    faced.key = own;
    assert_int_equal(test_work(faced.store, keep_action, &keeping).kind, ERR_DENIED);
    assert_int_equal(paused(&faced).len, 0);
    end(&faced);
}

struct seeing {
    struct witnessed seen;
    int64_t before;
};

static struct err see(struct work *work, void *context)
{
    const struct seeing *seeing = context;
    return store_witnessed_put(work, &seeing->seen, seeing->before);
}

static void a_head_is_stored_only_on_the_one_that_it_was_decided_on(void **state)
{
    struct faced faced = begin(state);
    struct seeing seeing = {{.origin = S(ORIGIN), .partner = faced.side.partner, .size = 5, .checkpoint = S("a")}, -1};
    struct witnessed seen;
    test_ok(test_work(faced.store, see, &seeing));
    assert_int_equal(test_work(faced.store, see, &seeing).kind, ERR_CONFLICT);
    seeing.seen.size = 8;
    seeing.before = 4;
    assert_int_equal(test_work(faced.store, see, &seeing).kind, ERR_CONFLICT);
    seeing.before = 5;
    test_ok(test_work(faced.store, see, &seeing));
    test_ok(store_witnessed_get(faced.store->db, S(ORIGIN), 0, faced.store->arena, &seen));
    assert_int_equal(seen.size, 8);
    assert_int_equal(store_witnessed_get(faced.store->db, S(ORIGIN), 7, faced.store->arena, &seen).kind, ERR_MISSING);
    end(&faced);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(two_roots_of_one_size_pause_the_partner_until_people_decide, set_up, tear_down),
            TEST_ON_BOTH(two_sizes_convict_by_a_path_to_the_larger_one, set_up, tear_down),
            TEST_ON_BOTH(what_agrees_or_is_signed_by_another_convicts_nobody, set_up, tear_down),
            TEST_ON_BOTH(a_head_is_stored_only_on_the_one_that_it_was_decided_on, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
