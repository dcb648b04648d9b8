/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a proof, and as the proof of a split view: what is taken has one spelling, and no key that did not sign
 * is convicted or believed.
 */
#include "ledger/proof.h"

#include "base/arena.h"
#include "ledger/split.h"
#include "need.h"

static void look_at_proof(slice bytes, const struct ledger_verifier *nobody, struct arena *arena)
{
    struct ledger_proof *proof = arena_new(arena, struct ledger_proof, 1);
    struct ledger_checkpoint checkpoint;
    struct sha256 leaf = ledger_merkle_leaf(S("entry"));
    if (ledger_proof_parse(bytes, arena, proof).kind != ERR_NONE)
        return;
    fuzz_need(proof->path.count <= LEDGER_PATH_MAX);
    struct buf again = buf_make(bytes.len + 1);
    ledger_proof_write(&again, proof);
    fuzz_need(slice_eq(buf_slice(&again), bytes));
    buf_free(&again);
    fuzz_need(ledger_proof_verify(proof, &leaf, nobody, 1, arena, &checkpoint, NULL).kind != ERR_NONE);
    fuzz_need(!ledger_merkle_included(&leaf, proof->index, LEDGER_SIZE_MAX, &proof->path, &leaf));
}

static void look_at_split(slice bytes, const struct ledger_verifier *nobody, struct arena *arena)
{
    struct ledger_split *split = arena_new(arena, struct ledger_split, 1);
    struct sha256 before, now;
    if (ledger_split_parse(bytes, arena, split).kind != ERR_NONE)
        return;
    struct buf again = buf_make(bytes.len + 1);
    ledger_split_write(&again, split);
    fuzz_need(slice_eq(buf_slice(&again), bytes));
    buf_free(&again);
    fuzz_need(ledger_split_verify(split, nobody, arena).kind != ERR_NONE);
    for (uint64_t old = 1; old < 40; old++)
        (void)ledger_merkle_replay(old, 40, &split->path, &before, &now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice bytes = {(const char *)data, size};
    const struct ledger_verifier nobody = {.name = S("nobody.example"), .id = 1, .type = LEDGER_KEY_ED25519};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 64u << 20);
    look_at_proof(bytes, &nobody, arena);
    look_at_split(bytes, &nobody, arena);
    arena_close(arena);
    return 0;
}
