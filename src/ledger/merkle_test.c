/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/merkle.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/buf.h"
#include "ledger/tree.h"

enum { LEAVES = 300 };

static struct sha256 leaves[LEAVES];

/* ---- RFC 6962 section 2.1 as it is written: slow, obvious, recursive ---- */

static size_t largest_power_below(size_t n)
{
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    return k;
}

/* Each is computed once, or comparing every proof would take minutes. */
static struct sha256 naive_root(const struct sha256 *d, size_t n)
{
    static struct sha256 roots[LEAVES][LEAVES + 1];
    static bool known[LEAVES][LEAVES + 1];
    size_t from = (size_t)(d - leaves);
    if (n == 0)
        return hash_sha256((slice){NULL, 0});
    if (n == 1)
        return d[0];
    if (!known[from][n]) {
        size_t k = largest_power_below(n);
        struct sha256 left = naive_root(d, k), right = naive_root(d + k, n - k);
        roots[from][n] = ledger_merkle_node(&left, &right);
        known[from][n] = true;
    }
    return roots[from][n];
}

static void naive_include(size_t m, const struct sha256 *d, size_t n, struct ledger_path *path)
{
    if (n == 1)
        return;
    size_t k = largest_power_below(n);
    if (m < k)
        naive_include(m, d, k, path);
    else
        naive_include(m - k, d + k, n - k, path);
    path->hashes[path->count++] = m < k ? naive_root(d + k, n - k) : naive_root(d, k);
}

static void naive_extend(size_t m, const struct sha256 *d, size_t n, bool whole, struct ledger_path *path)
{
    if (m == n) {
        if (!whole)
            path->hashes[path->count++] = naive_root(d, n);
        return;
    }
    size_t k = largest_power_below(n);
    if (m <= k) {
        naive_extend(m, d, k, whole, path);
        path->hashes[path->count++] = naive_root(d + k, n - k);
    } else {
        naive_extend(m - k, d + k, n - k, false, path);
        path->hashes[path->count++] = naive_root(d, k);
    }
}

/* ---- ---- */

static struct ledger_tree tree;

static int setup(void **state)
{
    (void)state;
    tree = ledger_tree_open();
    for (unsigned i = 0; i < LEAVES; i++) {
        char text[16];
        snprintf(text, sizeof text, "entry %u", i);
        leaves[i] = ledger_merkle_leaf(slice_of(text));
        assert_int_equal(ledger_tree_add(&tree, &leaves[i]).kind, ERR_NONE);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ledger_tree_close(&tree);
    return 0;
}

static void expect_hash(struct sha256 hash, const char *hex)
{
    struct buf buf = buf_make(100);
    buf_hex(&buf, sha256_slice(&hash));
    assert_true(slice_eq(buf_slice(&buf), slice_of(hex)));
    buf_free(&buf);
}

/* SHA-256 of nothing, of one zero byte, and of 0x01 and 64 zeros, by sha256sum. */
static void leaves_nodes_and_nothing_have_their_prefixes(void **state)
{
    (void)state;
    struct sha256 zeros = {{0}};
    expect_hash(ledger_merkle_empty(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_hash(ledger_merkle_leaf(S("")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    expect_hash(ledger_merkle_node(&zeros, &zeros), "ae0798d0ecaed2b778eddebf18f071a561c53658c05e76cedecc27cafbdbc577");
}

static void every_root_is_that_of_the_definition(void **state)
{
    (void)state;
    struct ledger_frontier frontier = {.size = 0};
    struct ledger_hashes hashes = ledger_tree_hashes(&tree);
    for (size_t size = 0; size <= LEAVES; size++) {
        struct sha256 expected = naive_root(leaves, size), root = ledger_merkle_root(&frontier), stored;
        assert_true(ledger_hash_eq(&root, &expected));
        assert_int_equal(ledger_merkle_root_at(&hashes, size, &stored).kind, ERR_NONE);
        assert_true(ledger_hash_eq(&stored, &expected));
        if (size < LEAVES)
            ledger_merkle_add(&frontier, &leaves[size]);
    }
}

static bool paths_equal(const struct ledger_path *a, const struct ledger_path *b)
{
    return a->count == b->count && (a->count == 0 || memcmp(a->hashes, b->hashes, a->count * sizeof a->hashes[0]) == 0);
}

static void every_inclusion_is_that_of_the_definition(void **state)
{
    (void)state;
    struct ledger_hashes hashes = ledger_tree_hashes(&tree);
    static struct ledger_path path, expected;
    for (size_t size = 1; size <= LEAVES; size++) {
        struct sha256 root;
        assert_int_equal(ledger_merkle_root_at(&hashes, size, &root).kind, ERR_NONE);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(ledger_merkle_include(&hashes, i, size, &path).kind, ERR_NONE);
            assert_true(ledger_merkle_included(&leaves[i], i, size, &path, &root));
            expected.count = 0;
            naive_include(i, leaves, size, &expected);
            assert_true(paths_equal(&path, &expected));
        }
    }
}

static void every_consistency_is_that_of_the_definition(void **state)
{
    (void)state;
    struct ledger_hashes hashes = ledger_tree_hashes(&tree);
    static struct ledger_path path, expected;
    struct sha256 roots[LEAVES + 1];
    for (size_t size = 0; size <= LEAVES; size++)
        assert_int_equal(ledger_merkle_root_at(&hashes, size, &roots[size]).kind, ERR_NONE);
    for (size_t size = 1; size <= LEAVES; size++)
        for (size_t old = 1; old <= size; old++) {
            assert_int_equal(ledger_merkle_extend(&hashes, old, size, &path).kind, ERR_NONE);
            assert_true(ledger_merkle_extends(old, &roots[old], size, &roots[size], &path));
            expected.count = 0;
            naive_extend(old, leaves, size, true, &expected);
            assert_true(paths_equal(&path, &expected));
        }
}

static void a_prefix_path_gives_both_roots(void **state)
{
    (void)state;
    struct ledger_hashes hashes = ledger_tree_hashes(&tree);
    static struct ledger_path path;
    for (size_t size = 2; size <= LEAVES; size += 1 + size / 20)
        for (size_t old = 1; old < size; old++) {
            struct sha256 before, now, old_root, root;
            assert_int_equal(ledger_merkle_prefix(&hashes, old, size, &path).kind, ERR_NONE);
            assert_int_equal(ledger_merkle_root_at(&hashes, old, &old_root).kind, ERR_NONE);
            assert_int_equal(ledger_merkle_root_at(&hashes, size, &root).kind, ERR_NONE);
            assert_true(ledger_merkle_replay(old, size, &path, &before, &now));
            assert_true(ledger_hash_eq(&before, &old_root) && ledger_hash_eq(&now, &root));
        }
}

/* Every bit of a proof counts, and so do its length, the index and both sizes. */
static void a_changed_proof_does_not_verify(void **state)
{
    (void)state;
    struct ledger_hashes hashes = ledger_tree_hashes(&tree);
    static struct ledger_path path;
    for (size_t size = 1; size <= 33; size++) {
        struct sha256 root = naive_root(leaves, size);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(ledger_merkle_include(&hashes, i, size, &path).kind, ERR_NONE);
            for (size_t k = 0; k < path.count; k++) {
                path.hashes[k].bytes[k % 32] ^= 1;
                assert_false(ledger_merkle_included(&leaves[i], i, size, &path, &root));
                path.hashes[k].bytes[k % 32] ^= 1;
            }
            path.hashes[path.count++] = root;
            assert_false(ledger_merkle_included(&leaves[i], i, size, &path, &root));
            path.count -= path.count > 1 ? 2 : 1;
            assert_true(size == 1 || !ledger_merkle_included(&leaves[i], i, size, &path, &root));
            assert_false(ledger_merkle_included(&leaves[i], size, size, &path, &root));
        }
    }
}

static void a_changed_consistency_does_not_verify(void **state)
{
    (void)state;
    struct ledger_hashes hashes = ledger_tree_hashes(&tree);
    static struct ledger_path path;
    for (size_t size = 2; size <= 33; size++)
        for (size_t old = 1; old < size; old++) {
            struct sha256 root = naive_root(leaves, size), old_root = naive_root(leaves, old);
            assert_int_equal(ledger_merkle_extend(&hashes, old, size, &path).kind, ERR_NONE);
            for (size_t k = 0; k < path.count; k++) {
                path.hashes[k].bytes[31] ^= 128;
                assert_false(ledger_merkle_extends(old, &old_root, size, &root, &path));
                path.hashes[k].bytes[31] ^= 128;
            }
            assert_false(ledger_merkle_extends(old, &root, size, &root, &path));
            assert_false(ledger_merkle_extends(old, &old_root, size, &old_root, &path));
            assert_false(ledger_merkle_extends(size, &root, old, &old_root, &path));
            path.hashes[path.count++] = root;
            assert_false(ledger_merkle_extends(old, &old_root, size, &root, &path));
            path.count -= 2;
            assert_false(ledger_merkle_extends(old, &old_root, size, &root, &path));
        }
}

static void the_empty_tree_is_a_prefix_of_every_tree(void **state)
{
    (void)state;
    struct ledger_path none = {.count = 0};
    struct sha256 empty = ledger_merkle_empty(), root = naive_root(leaves, 7);
    assert_true(ledger_merkle_extends(0, &empty, 7, &root, &none));
    assert_true(ledger_merkle_extends(0, &empty, 0, &empty, &none));
    assert_false(ledger_merkle_extends(0, &root, 7, &root, &none));
    assert_false(ledger_merkle_extends(0, &root, 0, &root, &none));
    none.count = 1;
    assert_false(ledger_merkle_extends(0, &empty, 7, &root, &none));
    none.count = LEDGER_PATH_MAX;
    assert_false(ledger_merkle_extends(4, &empty, 7, &root, &none));
    struct sha256 before, now;
    none.count = 1;
    assert_false(ledger_merkle_replay(1, 1, &none, &before, &now));
    assert_true(ledger_merkle_replay(8, 9, &(struct ledger_path){.count = 2}, &before, &now));
    assert_false(ledger_merkle_replay(0, 7, &none, &before, &now));
    assert_false(ledger_merkle_replay(9, 8, &none, &before, &now));
    none.count = LEDGER_PATH_MAX;
    assert_false(ledger_merkle_included(&empty, 3, LEDGER_SIZE_MAX, &none, &root));
}

static struct err broken(void *context, unsigned level, uint64_t index, struct sha256 *hash)
{
    (void)level;
    (void)index;
    (void)hash;
    return err_make(ERR_SYSTEM, context);
}

static void a_hash_that_cannot_be_had_is_told(void **state)
{
    (void)state;
    char why[] = "tile/0/000: gone";
    struct ledger_hashes hashes = {why, broken};
    static struct ledger_path path;
    struct sha256 root;
    assert_string_equal(ledger_merkle_include(&hashes, 1, 5, &path).why, why);
    assert_string_equal(ledger_merkle_extend(&hashes, 3, 5, &path).why, why);
    assert_string_equal(ledger_merkle_root_at(&hashes, 5, &root).why, why);
}

/* Sizes near the ceiling: the walks end, and no shift goes wrong. */
static struct err same(void *context, unsigned level, uint64_t index, struct sha256 *hash)
{
    (void)context;
    assert_true(level < 63 && index <= LEDGER_SIZE_MAX >> level);
    *hash = hash_sha256((slice){(const char *)&index, sizeof index});
    return OK;
}

static void a_log_of_the_largest_size_has_proofs(void **state)
{
    (void)state;
    struct ledger_hashes hashes = {NULL, same};
    static struct ledger_path path;
    struct sha256 before, now;
    assert_int_equal(ledger_merkle_include(&hashes, 0, LEDGER_SIZE_MAX, &path).kind, ERR_NONE);
    assert_int_equal(path.count, 63);
    assert_int_equal(ledger_merkle_include(&hashes, LEDGER_SIZE_MAX - 1, LEDGER_SIZE_MAX, &path).kind, ERR_NONE);
    assert_int_equal(ledger_merkle_prefix(&hashes, LEDGER_SIZE_MAX - 1, LEDGER_SIZE_MAX, &path).kind, ERR_NONE);
    assert_true(ledger_merkle_replay(LEDGER_SIZE_MAX - 1, LEDGER_SIZE_MAX, &path, &before, &now));
}

static void a_batch_has_a_proof_for_each_member(void **state)
{
    (void)state;
    struct ledger_tree batch = ledger_tree_open();
    struct sha256 empty = ledger_merkle_empty(), root = ledger_tree_root(&batch);
    static struct ledger_path path;
    assert_true(ledger_hash_eq(&root, &empty));
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(ledger_tree_add(&batch, &leaves[i]).kind, ERR_NONE);
    root = ledger_tree_root(&batch);
    for (unsigned i = 0; i < 100; i++) {
        ledger_tree_include(&batch, i, &path);
        assert_true(ledger_merkle_included(&leaves[i], i, 100, &path, &root));
        assert_false(ledger_merkle_included(&leaves[100], i, 100, &path, &root));
    }
    ledger_tree_close(&batch);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(leaves_nodes_and_nothing_have_their_prefixes),
            cmocka_unit_test(every_root_is_that_of_the_definition),
            cmocka_unit_test(every_inclusion_is_that_of_the_definition),
            cmocka_unit_test(every_consistency_is_that_of_the_definition),
            cmocka_unit_test(a_prefix_path_gives_both_roots),
            cmocka_unit_test(a_changed_proof_does_not_verify),
            cmocka_unit_test(a_changed_consistency_does_not_verify),
            cmocka_unit_test(the_empty_tree_is_a_prefix_of_every_tree),
            cmocka_unit_test(a_hash_that_cannot_be_had_is_told),
            cmocka_unit_test(a_log_of_the_largest_size_has_proofs),
            cmocka_unit_test(a_batch_has_a_proof_for_each_member),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
