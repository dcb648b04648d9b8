/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/witness.h"

#include <inttypes.h>

#include "base/arena.h"
#include "ledger/line.h"

#define TEXT_TYPE "text/plain; charset=utf-8"
#define ANSWER_MAX (16u << 10) /* a line of 500 bytes for each key of the witness */

/* ---- The request (tlog-witness, add-checkpoint) ---- */

struct err ledger_witness_parse(slice body, struct arena *arena, struct ledger_witness_request *request)
{
    slice rest = body, line, old;
    if (!ledger_line_next(&rest, &line) || !ledger_line_after(line, S("old"), &old) ||
            !ledger_line_number(old, &request->old))
        return err_make(ERR_INPUT,
                "line 1 is \"old\" and a size in decimal, without leading zeros [C2SP tlog-witness, add-checkpoint]");
    TRY(ledger_line_path(&rest, LEDGER_WITNESS_LINES_MAX, arena, &request->path));
    request->bytes = rest;
    TRY(ledger_note_parse(rest, arena, &request->note));
    return ledger_checkpoint_parse(request->note.text, arena, &request->checkpoint);
}

void ledger_witness_write(struct buf *out, uint64_t old, const struct ledger_path *path, slice checkpoint)
{
    buf_put(out, S("old "));
    buf_u64(out, old);
    buf_byte(out, '\n');
    ledger_line_put_path(out, path);
    buf_byte(out, '\n');
    buf_put(out, checkpoint);
}

/* ---- The answer ---- */

static void refuse(struct ledger_witness_answer *answer, int status, const char *why, struct arena *arena)
{
    *answer = (struct ledger_witness_answer){.status = status, .type = TEXT_TYPE, .why = why};
    answer->body = slice_of(arena_printf(arena, "%s\n", why));
}

/* Of the checkpoint as such, and beside what is stored: NULL, or why it is not consistent. */
static const char *inconsistent(const struct ledger_witness_request *request, const struct ledger_witness_log *log)
{
    const struct ledger_checkpoint *checkpoint = &request->checkpoint;
    struct sha256 empty = ledger_merkle_empty();
    if (checkpoint->size == 0 && !ledger_hash_eq(&checkpoint->root, &empty))
        return "a checkpoint of size 0 has the root of the empty tree";
    if (request->old == 0 && request->path.count > 0)
        return "the proof from size 0 is empty";
    const struct sha256 *old_root = request->old == 0 ? &empty : &log->root;
    if (request->old == checkpoint->size && !ledger_hash_eq(&checkpoint->root, old_root))
        return "it has another root than the checkpoint of the same size that we cosigned";
    if (!ledger_merkle_extends(request->old, old_root, checkpoint->size, &checkpoint->root, &request->path))
        return "the proof does not lead from the checkpoint that we cosigned to this one";
    return NULL;
}

static void cosign(const struct ledger_witness_request *request, const struct ledger_signer *witness, size_t count,
        int64_t now_us, struct arena *arena, struct ledger_witness_answer *answer)
{
    struct buf lines = buf_make(ANSWER_MAX);
    for (size_t i = 0; i < count; i++)
        ledger_note_sign(&lines, request->note.text, &witness[i], now_us);
    *answer = (struct ledger_witness_answer){.status = 200, .type = TEXT_TYPE, .to_store = true};
    answer->body = arena_copy(arena, buf_slice(&lines));
    buf_free(&lines);
}

/* In the order of the text: whose log, who signed, is it behind, does it follow. */
void ledger_witness_decide(struct ledger_witness_request *request, const struct ledger_witness_log *log,
        const struct ledger_signer *witness, size_t witness_count, int64_t now_us, struct arena *arena,
        struct ledger_witness_answer *answer)
{
    if (log == NULL) {
        refuse(answer, 404, "we do not witness a log of this origin", arena);
        return;
    }
    struct err err = ledger_note_verify(&request->note, log->keys, log->key_count, arena);
    if (err.kind != ERR_NONE) {
        refuse(answer, 403, err.why, arena);
        return;
    }
    if (request->old > request->checkpoint.size) {
        refuse(answer, 400, "the old size is larger than that of the checkpoint", arena);
        return;
    }
    if (request->old != log->size) {
        refuse(answer, 409, "the last checkpoint that we cosigned has another size", arena);
        answer->type = "text/x.tlog.size";
        answer->body = slice_of(arena_printf(arena, "%" PRIu64 "\n", log->size));
        return;
    }
    const char *why = inconsistent(request, log);
    if (why != NULL)
        refuse(answer, 422, why, arena);
    else
        cosign(request, witness, witness_count, now_us, arena, answer);
}
