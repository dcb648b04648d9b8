/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/witness.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ledger/cosign.h"
#include "ledger/tree.h"

enum { SIZE = 40 };
#define NOW_US (INT64_C(1800000000) * SECOND_US)

static struct arena *arena;
static struct key_pair log_pair, witness_pair, other_pair;
static struct ledger_signer log_signer, witness, other_signer;
static struct ledger_verifier log_key;
static struct ledger_tree tree;

static int setup(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 64u << 20);
    key_new(&log_pair);
    key_new(&witness_pair);
    key_new(&other_pair);
    log_signer = (struct ledger_signer){S("node.example/log"), LEDGER_KEY_ED25519, &log_pair};
    witness = (struct ledger_signer){S("witness.example/w1"), LEDGER_KEY_COSIGNATURE, &witness_pair};
    other_signer = (struct ledger_signer){S("other.example/log"), LEDGER_KEY_ED25519, &other_pair};
    log_key = ledger_note_key_of(&log_signer);
    tree = ledger_tree_open();
    for (unsigned i = 0; i < SIZE; i++) {
        struct sha256 leaf = ledger_merkle_leaf((slice){(const char *)&i, sizeof i});
        assert_int_equal(ledger_tree_add(&tree, &leaf).kind, ERR_NONE);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ledger_tree_close(&tree);
    arena_close(arena);
    return 0;
}

static struct sha256 root_of(uint64_t size)
{
    struct ledger_hashes hashes = ledger_tree_hashes(&tree);
    struct sha256 root;
    assert_int_equal(ledger_merkle_root_at(&hashes, size, &root).kind, ERR_NONE);
    return root;
}

static slice checkpoint_with(uint64_t size, struct sha256 root, const struct ledger_signer *by)
{
    struct ledger_checkpoint checkpoint = {S("node.example/log"), size, root, {NULL, 0}};
    struct buf note = buf_make(4096);
    ledger_checkpoint_sign(&note, &checkpoint, by, 1, NOW_US);
    slice bytes = arena_copy(arena, buf_slice(&note));
    buf_free(&note);
    return bytes;
}

/* The path from `from` to `to`, in a request that says it is from `old`. */
static slice request_with(uint64_t old, uint64_t from, uint64_t to, slice checkpoint)
{
    struct ledger_hashes hashes = ledger_tree_hashes(&tree);
    struct ledger_path path = {.count = 0};
    struct buf body = buf_make(1 << 16);
    if (from > 0)
        assert_int_equal(ledger_merkle_extend(&hashes, from, to, &path).kind, ERR_NONE);
    ledger_witness_write(&body, old, &path, checkpoint);
    slice bytes = arena_copy(arena, buf_slice(&body));
    buf_free(&body);
    return bytes;
}

static struct ledger_witness_answer ask(slice body, uint64_t stored)
{
    struct ledger_witness_request request;
    struct ledger_witness_answer answer;
    struct ledger_witness_log log = {&log_key, 1, stored, root_of(stored)};
    assert_int_equal(ledger_witness_parse(body, arena, &request).kind, ERR_NONE);
    const struct ledger_signer witnesses[] = {witness, other_signer}; /* the second one is not asked */
    ledger_witness_decide(&request, &log, witnesses, 1, NOW_US, arena, &answer);
    assert_true(answer.status != 200 || slice_find(answer.body, '\n') == answer.body.len - 1);
    assert_true(answer.to_store == (answer.status == 200) && (answer.why == NULL) == (answer.status == 200));
    return answer;
}

static void a_log_that_grows_is_cosigned_at_every_step(void **state)
{
    (void)state;
    for (uint64_t old = 0; old <= SIZE; old++)
        for (uint64_t size = old; size <= SIZE; size++) {
            slice checkpoint = checkpoint_with(size, root_of(size), &log_signer);
            struct ledger_witness_answer answer = ask(request_with(old, old, size, checkpoint), old);
            assert_int_equal(answer.status, 200);
            if (size != SIZE)
                continue;
            /* The text says how a log reads it: behind its checkpoint, as a note with the keys it trusts. */
            struct ledger_verifier keys[] = {log_key, ledger_note_key_of(&witness)};
            struct ledger_checkpoint read;
            struct ledger_note note;
            slice whole = slice_of(arena_printf(
                    arena, "%.*s%.*s", (int)checkpoint.len, checkpoint.ptr, (int)answer.body.len, answer.body.ptr));
            assert_int_equal(ledger_checkpoint_open(whole, keys, 2, arena, &read, &note).kind, ERR_NONE);
            assert_ptr_equal(note.signatures[1].by, &keys[1]);
            assert_true(ledger_cosign_time(note.signatures[1].bytes) == NOW_US);
        }
}

static void an_origin_that_is_not_known_is_404(void **state)
{
    (void)state;
    struct ledger_witness_request request;
    struct ledger_witness_answer answer;
    slice body = request_with(0, 0, 5, checkpoint_with(5, root_of(5), &log_signer));
    assert_int_equal(ledger_witness_parse(body, arena, &request).kind, ERR_NONE);
    ledger_witness_decide(&request, NULL, &witness, 1, NOW_US, arena, &answer);
    assert_int_equal(answer.status, 404);
    assert_false(answer.to_store);
}

static void what_the_log_did_not_sign_is_403(void **state)
{
    (void)state;
    slice by_other = checkpoint_with(5, root_of(5), &other_signer), good = checkpoint_with(5, root_of(5), &log_signer);
    assert_int_equal(ask(request_with(0, 0, 5, by_other), 0).status, 403);
    /* Its signature, over another size. */
    char *bad = arena_take(arena, good.len);
    memcpy(bad, good.ptr, good.len);
    assert_true(bad[17] == '5');
    bad[17] = '6';
    assert_int_equal(ask(request_with(0, 0, 6, (slice){bad, good.len}), 0).status, 403);
}

static void an_old_size_above_the_new_one_is_400(void **state)
{
    (void)state;
    assert_int_equal(ask(request_with(6, 0, 0, checkpoint_with(5, root_of(5), &log_signer)), 6).status, 400);
}

static void an_old_size_that_is_not_ours_is_409_with_ours(void **state)
{
    (void)state;
    slice checkpoint = checkpoint_with(9, root_of(9), &log_signer);
    struct ledger_witness_answer answer = ask(request_with(5, 5, 9, checkpoint), 7);
    assert_int_equal(answer.status, 409);
    assert_string_equal(answer.type, "text/x.tlog.size");
    assert_true(slice_eq(answer.body, S("7\n")));
    answer = ask(request_with(5, 5, 9, checkpoint), 0);
    assert_int_equal(answer.status, 409);
    assert_true(slice_eq(answer.body, S("0\n")));
    assert_int_equal(ask(request_with(0, 0, 9, checkpoint), 9).status, 409);
    /* A log that went back has no old size that would do. */
    assert_int_equal(ask(request_with(9, 9, 9, checkpoint), 12).status, 409);
}

static void what_does_not_follow_is_422(void **state)
{
    (void)state;
    struct sha256 wrong = {{1}};
    /* the wrong path, none, one from size 0, another root for the same size, a path for the same size, an empty tree
     * that is not */
    assert_int_equal(ask(request_with(5, 6, 9, checkpoint_with(9, root_of(9), &log_signer)), 5).status, 422);
    assert_int_equal(ask(request_with(5, 0, 9, checkpoint_with(9, root_of(9), &log_signer)), 5).status, 422);
    assert_int_equal(ask(request_with(5, 5, 9, checkpoint_with(9, wrong, &log_signer)), 5).status, 422);
    assert_int_equal(ask(request_with(0, 5, 9, checkpoint_with(9, root_of(9), &log_signer)), 0).status, 422);
    assert_int_equal(ask(request_with(9, 9, 9, checkpoint_with(9, wrong, &log_signer)), 9).status, 422);
    assert_int_equal(ask(request_with(9, 5, 9, checkpoint_with(9, root_of(9), &log_signer)), 9).status, 422);
    assert_int_equal(ask(request_with(0, 0, 0, checkpoint_with(0, wrong, &log_signer)), 0).status, 422);
    assert_int_equal(ask(request_with(0, 0, 0, checkpoint_with(0, root_of(0), &log_signer)), 0).status, 200);
}

#define NOTE "a.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\xe2\x80\x94 a.example AAAAAAA=\n"
#define HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"

static void what_is_no_request_is_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *body, *why;
    } rows[] = {
            {"", "line 1"},
            {"old\n\n" NOTE, "line 1"},
            {"old 00\n\n" NOTE, "line 1"},
            {"old 1 \n\n" NOTE, "line 1"},
            {"Old 1\n\n" NOTE, "line 1"},
            {"old  1\n\n" NOTE, "line 1"},
            {"old-1\n\n" NOTE, "line 1"},
            {"old 1\n" HASH, "no empty line"},
            {"old 1\nAAAA\n\n" NOTE, "hash 1"},
            {"old 1\n\n", "note"},
            {"old 1\n\na.example\nx\n\n\xe2\x80\x94 a.example AAAAAAA=\n", "line 2 of a checkpoint"},
    };
    struct ledger_witness_request request;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = ledger_witness_parse(slice_of(rows[i].body), arena, &request);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strstr(err.why, rows[i].why) == NULL)
            fail_msg("%zu: %s", i, err.why);
    }
    struct buf body = buf_make(1 << 16);
    buf_put(&body, S("old 1\n"));
    for (int i = 0; i < LEDGER_WITNESS_LINES_MAX; i++)
        buf_put(&body, S(HASH));
    size_t most = body.len;
    buf_put(&body, S("\n" NOTE));
    assert_int_equal(ledger_witness_parse(buf_slice(&body), arena, &request).kind, ERR_NONE);
    body.len = most;
    buf_put(&body, S(HASH "\n" NOTE));
    assert_int_equal(ledger_witness_parse(buf_slice(&body), arena, &request).kind, ERR_LIMIT);
    buf_free(&body);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_log_that_grows_is_cosigned_at_every_step),
            cmocka_unit_test(an_origin_that_is_not_known_is_404),
            cmocka_unit_test(what_the_log_did_not_sign_is_403),
            cmocka_unit_test(an_old_size_above_the_new_one_is_400),
            cmocka_unit_test(an_old_size_that_is_not_ours_is_409_with_ours),
            cmocka_unit_test(what_does_not_follow_is_422),
            cmocka_unit_test(what_is_no_request_is_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
