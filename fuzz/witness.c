/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a log asks a witness: it is answered with one of the six codes, and nothing is cosigned that the
 * log did not sign. Then with the log's own signature behind the same first lines: whatever is cosigned follows from
 * what was.
 */
#include "ledger/witness.h"

#include "base/arena.h"
#include "need.h"

static const struct key_pair *key(void)
{
    static struct key_pair pair;
    static bool made;
    if (!made)
        key_new(&pair);
    made = true;
    return &pair;
}

static void decide(struct ledger_witness_request *request, const struct ledger_verifier *of, uint64_t stored,
        struct arena *arena, struct ledger_witness_answer *answer)
{
    const struct ledger_signer witness = {S("witness.example"), LEDGER_KEY_COSIGNATURE, key()};
    struct ledger_witness_log log = {of, 1, stored, {{1}}};
    ledger_witness_decide(request, &log, &witness, 1, 0, arena, answer);
    fuzz_need(answer->status == 200 || answer->status == 400 || answer->status == 403 || answer->status == 409 ||
              answer->status == 422);
    fuzz_need(answer->to_store == (answer->status == 200) && slice_ends(answer->body, S("\n")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice bytes = {(const char *)data, size};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 64u << 20);
    struct ledger_witness_request *request = arena_new(arena, struct ledger_witness_request, 1), *signed_one;
    struct ledger_witness_answer answer;
    const struct ledger_signer log = {S("log.example"), LEDGER_KEY_ED25519, key()};
    const struct ledger_verifier verifier = ledger_note_key_of(&log);
    if (ledger_witness_parse(bytes, arena, request).kind == ERR_NONE) {
        decide(request, &verifier, request->old, arena, &answer);
        fuzz_need(answer.status == 403 || answer.status == 400);
        struct buf again = buf_make(size + (64u << 10)), note = buf_make(LEDGER_NOTE_MAX + 4096);
        ledger_checkpoint_sign(&note, &request->checkpoint, &log, 1, 0);
        ledger_witness_write(&again, request->old, &request->path, buf_slice(&note));
        signed_one = arena_new(arena, struct ledger_witness_request, 1);
        if (ledger_witness_parse(buf_slice(&again), arena, signed_one).kind == ERR_NONE) {
            decide(signed_one, &verifier, signed_one->old, arena, &answer);
            fuzz_need(answer.status != 403 && answer.status != 409);
            fuzz_need(answer.status != 200 || signed_one->old == 0 ||
                      (signed_one->old == signed_one->checkpoint.size && signed_one->checkpoint.root.bytes[0] == 1));
        }
        buf_free(&again);
        buf_free(&note);
    }
    arena_close(arena);
    return 0;
}
