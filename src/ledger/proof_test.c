/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/proof.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "ledger/split.h"
#include "ledger/tree.h"

enum { SIZE = 40 };

static struct arena *arena;
static struct buf out;
static struct key_pair pair, other_pair;
static struct ledger_signer signer, other_signer;
static struct ledger_verifier verifier, other;
static struct ledger_tree tree, forged; /* that differ from leaf 5 on */
static struct sha256 leaves[SIZE];

static int setup(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 64u << 20);
    out = buf_make(LEDGER_PROOF_MAX);
    key_new(&pair);
    key_new(&other_pair);
    signer = (struct ledger_signer){S("node.example/log"), LEDGER_KEY_ED25519, &pair};
    other_signer = (struct ledger_signer){S("other.example/log"), LEDGER_KEY_ED25519, &other_pair};
    verifier = ledger_note_key_of(&signer);
    other = ledger_note_key_of(&other_signer);
    tree = ledger_tree_open();
    forged = ledger_tree_open();
    for (unsigned i = 0; i < SIZE; i++) {
        char text[32];
        snprintf(text, sizeof text, "entry %u", i);
        leaves[i] = ledger_merkle_leaf(slice_of(text));
        struct sha256 leaf = i == 5 ? ledger_merkle_leaf(S("forged")) : leaves[i];
        assert_int_equal(ledger_tree_add(&tree, &leaves[i]).kind, ERR_NONE);
        assert_int_equal(ledger_tree_add(&forged, &leaf).kind, ERR_NONE);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ledger_tree_close(&tree);
    ledger_tree_close(&forged);
    buf_free(&out);
    arena_close(arena);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    buf_reset(&out);
    return 0;
}

static void fine(struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
}

static void fails(struct err err, enum err_kind kind, const char *why)
{
    if (err.kind != kind || strstr(err.why, why) == NULL)
        fail_msg("%s: %s; not %s", err_name(err.kind), err.why == NULL ? "" : err.why, why);
}

static slice checkpoint_of(struct ledger_tree *of, uint64_t size, const char *origin, const struct ledger_signer *by)
{
    struct ledger_hashes hashes = ledger_tree_hashes(of);
    struct ledger_checkpoint checkpoint = {.origin = slice_of(origin), .size = size};
    struct buf note = buf_make(4096);
    fine(ledger_merkle_root_at(&hashes, size, &checkpoint.root));
    ledger_checkpoint_sign(&note, &checkpoint, by, 1, 0);
    slice bytes = arena_copy(arena, buf_slice(&note));
    buf_free(&note);
    return bytes;
}

/* ---- tlog-proof ---- */

static struct ledger_proof proof_of(uint64_t index, slice extra)
{
    struct ledger_proof proof = {.extra = extra, .index = index};
    struct ledger_hashes hashes = ledger_tree_hashes(&tree);
    fine(ledger_merkle_include(&hashes, index, SIZE, &proof.path));
    proof.checkpoint = checkpoint_of(&tree, SIZE, "node.example/log", &signer);
    return proof;
}

static void a_proof_file_verifies_offline(void **state)
{
    (void)state;
    for (uint64_t index = 0; index < SIZE; index++) {
        struct ledger_proof proof = proof_of(index, index % 2 == 0 ? S("opening") : S("")), read;
        struct ledger_checkpoint checkpoint;
        buf_reset(&out);
        ledger_proof_write(&out, &proof);
        fine(ledger_proof_parse(buf_slice(&out), arena, &read));
        assert_true(slice_eq(read.extra, proof.extra) && read.index == index);
        fine(ledger_proof_verify(&read, &leaves[index], &verifier, 1, arena, &checkpoint, NULL));
        assert_int_equal(checkpoint.size, SIZE);
        fails(ledger_proof_verify(&read, &leaves[(index + 1) % SIZE], &verifier, 1, arena, &checkpoint, NULL),
                ERR_DENIED, "does not lead from entry");
        fails(ledger_proof_verify(&read, &leaves[index], &other, 1, arena, &checkpoint, NULL), ERR_DENIED, "no key");
        read.index = (index + 1) % SIZE;
        fails(ledger_proof_verify(&read, &leaves[index], &verifier, 1, arena, &checkpoint, NULL), ERR_DENIED, "");
    }
}

static void a_proof_file_is_these_lines(void **state)
{
    (void)state;
    struct ledger_proof proof = {.extra = S("hi"), .index = 1, .checkpoint = S("a\n1\nb\n\nsig\n")};
    proof.path.count = 1;
    ledger_proof_write(&out, &proof);
    assert_string_equal(arena_cstr(arena, buf_slice(&out)),
            "c2sp.org/tlog-proof@v1\nextra aGk=\nindex "
            "1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\na\n1\nb\n\nsig\n");
}

#define HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"

static void what_is_no_proof_is_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = {
            {"", "line 1"},
            {"c2sp.org/tlog-proof@v2\nindex 0\n\n", "line 1"},
            {"c2sp.org/tlog-proof@v1\n", "no line \"index\""},
            {"c2sp.org/tlog-proof@v1\nindex 01\n\n", "no line \"index\""},
            {"c2sp.org/tlog-proof@v1\nindex\n\n", "no line \"index\""},
            {"c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\n", "extra data"},
            {"c2sp.org/tlog-proof@v1\nextra aGk=\nextra aGk=\nindex 0\n\n", "no line \"index\""},
            {"c2sp.org/tlog-proof@v1\nindex 0\n" HASH, "no empty line behind the proof"},
            {"c2sp.org/tlog-proof@v1\nindex 0\n" HASH "x\n\n", "hash 2 of the proof"},
    };
    struct ledger_proof proof;
    struct ledger_checkpoint checkpoint;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        fails(ledger_proof_parse(slice_of(rows[i].text), arena, &proof), ERR_INPUT, rows[i].why);
    buf_put(&out, S("c2sp.org/tlog-proof@v1\nindex 0\n"));
    for (int i = 0; i < LEDGER_PATH_MAX + 1; i++)
        buf_put(&out, S(HASH));
    buf_put(&out, S("\n"));
    fails(ledger_proof_parse(buf_slice(&out), arena, &proof), ERR_LIMIT, "more than 64 hashes");
    fine(ledger_proof_parse(S("c2sp.org/tlog-proof@v1\nindex 0\n\nnone"), arena, &proof));
    fails(ledger_proof_verify(&proof, &leaves[0], &verifier, 1, arena, &checkpoint, NULL), ERR_INPUT, "note");
}

/* ---- Split views ---- */

/* What is found with these two, after writing and reading the proof. */
static struct err split_of(slice older, slice newer, const struct ledger_path *path, const struct ledger_verifier *key)
{
    struct ledger_split split = {.older = older, .newer = newer}, read;
    if (path != NULL)
        split.path = *path;
    buf_reset(&out);
    ledger_split_write(&out, &split);
    fine(ledger_split_parse(buf_slice(&out), arena, &read));
    assert_true(slice_eq(read.older, older) && slice_eq(read.newer, newer));
    return ledger_split_verify(&read, key, arena);
}

static void one_size_with_two_roots_convicts(void **state)
{
    (void)state;
    slice honest = checkpoint_of(&tree, 20, "node.example/log", &signer),
          face = checkpoint_of(&forged, 20, "node.example/log", &signer);
    fine(split_of(honest, face, NULL, &verifier));
    fails(split_of(honest, honest, NULL, &verifier), ERR_DENIED, "both checkpoints say the same");
    fails(split_of(honest, face, NULL, &other), ERR_DENIED, "no key that we know");
}

static void two_sizes_convict_with_a_path_that_rebuilds_the_larger(void **state)
{
    (void)state;
    struct ledger_hashes hashes = ledger_tree_hashes(&forged);
    static struct ledger_path path;
    for (uint64_t size = 7; size <= SIZE; size++)
        for (uint64_t old = 1; old < size; old++) {
            slice honest = checkpoint_of(&tree, old, "node.example/log", &signer),
                  face = checkpoint_of(&forged, size, "node.example/log", &signer);
            fine(ledger_merkle_prefix(&hashes, old, size, &path));
            struct err err = split_of(honest, face, &path, &verifier);
            if (old > 5)
                fine(err);
            else
                fails(err, ERR_DENIED, "follows from the older one"); /* the trees differ from leaf 5 on */
        }
}

static void a_wrong_path_proves_nothing(void **state)
{
    (void)state;
    struct ledger_hashes honest_hashes = ledger_tree_hashes(&tree);
    static struct ledger_path path;
    slice older = checkpoint_of(&tree, 16, "node.example/log", &signer),
          newer = checkpoint_of(&tree, 33, "node.example/log", &signer);
    fine(ledger_merkle_prefix(&honest_hashes, 16, 33, &path));
    fails(split_of(older, newer, &path, &verifier), ERR_DENIED, "follows from the older one");
    /* Any change of the path leads to another root than the newer one: it is the path that is wrong. */
    for (size_t i = 0; i < path.count; i++) {
        path.hashes[i].bytes[0] ^= 1;
        fails(split_of(older, newer, &path, &verifier), ERR_DENIED, "does not rebuild the newer checkpoint");
        path.hashes[i].bytes[0] ^= 1;
    }
    path.count--;
    fails(split_of(older, newer, &path, &verifier), ERR_DENIED, "does not rebuild the newer checkpoint");
    path.count = 0;
    fails(split_of(older, newer, &path, &verifier), ERR_DENIED, "does not rebuild the newer checkpoint");
}

/* A path that rebuilds the older root and leads to another newer one is easily made: it convicts nobody. */
static void a_path_that_contradicts_only_the_larger_proves_nothing(void **state)
{
    (void)state;
    struct ledger_hashes hashes = ledger_tree_hashes(&tree);
    static struct ledger_path path;
    slice older = checkpoint_of(&tree, 16, "node.example/log", &signer),
          newer = checkpoint_of(&tree, 32, "node.example/log", &signer);
    fine(ledger_merkle_prefix(&hashes, 16, 32, &path));
    memset(path.hashes[path.count - 1].bytes, 0, 32);
    fails(split_of(older, newer, &path, &verifier), ERR_DENIED, "does not rebuild the newer checkpoint");
}

static void two_logs_or_the_wrong_order_prove_nothing(void **state)
{
    (void)state;
    struct ledger_hashes hashes = ledger_tree_hashes(&forged);
    static struct ledger_path path;
    slice honest = checkpoint_of(&tree, 20, "node.example/log", &signer),
          face = checkpoint_of(&forged, 30, "node.example/log", &signer),
          elsewhere = checkpoint_of(&forged, 20, "node.example/another", &signer),
          empty = checkpoint_of(&tree, 0, "node.example/log", &signer);
    fails(split_of(honest, elsewhere, NULL, &verifier), ERR_DENIED, "two logs");
    fine(ledger_merkle_prefix(&hashes, 20, 30, &path));
    fine(split_of(honest, face, &path, &verifier));
    fails(split_of(face, honest, &path, &verifier), ERR_INPUT, "smaller size comes first");
    fails(split_of(empty, face, NULL, &verifier), ERR_DENIED, "empty log");
    fails(split_of(honest, checkpoint_of(&forged, 20, "node.example/log", &other_signer), NULL, &verifier), ERR_DENIED,
            "no key that we know");
}

static void what_is_no_split_is_refused(void **state)
{
    (void)state;
    struct ledger_split split;
    static const struct {
        const char *text, *why;
    } rows[] = {
            {"", "line 1"},
            {"kentongan-split/2\n\na\n\nb\n\nc\n\nd\n", "line 1"},
            {"kentongan-split/1\n", "no empty line behind the proof"},
            {"kentongan-split/1\n\n", "not two checkpoints"},
            {"kentongan-split/1\n\na\n\nb\n", "not two checkpoints"},
            {"kentongan-split/1\nx\n\na\n\nb\n\nc\n", "hash 1 of the proof"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        fails(ledger_split_parse(slice_of(rows[i].text), arena, &split), ERR_INPUT, rows[i].why);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(name) cmocka_unit_test_setup(name, fresh)
    static const struct CMUnitTest tests[] = {
            TEST(a_proof_file_verifies_offline),
            TEST(a_proof_file_is_these_lines),
            TEST(what_is_no_proof_is_refused_with_a_reason),
            TEST(one_size_with_two_roots_convicts),
            TEST(two_sizes_convict_with_a_path_that_rebuilds_the_larger),
            TEST(a_wrong_path_proves_nothing),
            TEST(a_path_that_contradicts_only_the_larger_proves_nothing),
            TEST(two_logs_or_the_wrong_order_prove_nothing),
            TEST(what_is_no_split_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
