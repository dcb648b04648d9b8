/* SPDX-License-Identifier: Apache-2.0 */
#include "share/prove.h"

#include "base/arena.h"
#include "ledger/folder.h"
#include "ledger/opening.h"
#include "ledger/proof.h"

static struct err write(const struct ledger_row *row, struct ledger_folder *folder, const struct ledger_head *head,
        struct arena *arena, slice *text)
{
    struct ledger_proof *proof = arena_new(arena, struct ledger_proof, 1);
    const struct ledger_hashes hashes = ledger_folder_hashes(folder);
    struct buf out = buf_make(LEDGER_PROOF_MAX), opening = buf_make(LEDGER_PROOF_EXTRA_MAX);
    proof->index = (uint64_t)row->seq;
    proof->checkpoint = head->checkpoint;
    struct err err = ledger_merkle_include(&hashes, proof->index, (uint64_t)head->size, &proof->path);
    ledger_opening_write(&opening, row->entry, row->fields, row->count);
    if (err.kind == ERR_NONE)
        err = buf_check(&opening);
    proof->extra = buf_slice(&opening);
    if (err.kind == ERR_NONE)
        ledger_proof_write(&out, proof);
    if (err.kind == ERR_NONE)
        err = buf_check(&out);
    *text = arena_copy(arena, buf_slice(&out));
    buf_free(&opening);
    buf_free(&out);
    return err;
}

struct err share_prove(
        struct db *db, const struct ledger_log *log, int64_t seq, const char *folder, struct arena *arena, slice *text)
{
    struct ledger_row row;
    struct ledger_head head;
    struct ledger_folder *opened;
    TRY(store_ledger_get(db, log->number, seq, arena, &row));
    TRY(store_ledger_head_get(db, log->number, arena, &head));
    if (seq >= head.size)
        return err_make(ERR_MISSING, "that entry stands under no signed head yet");
    const char *path = arena_printf(arena, "%s/%.*s", folder, (int)log->folder.len, log->folder.ptr);
    TRY(ledger_folder_open(path, LEDGER_FOLDER_READ, arena, &opened));
    struct err err = ledger_folder_size(opened) < (uint64_t)head.size
                             ? err_make(ERR_CONFLICT, "the tiles are behind the database; `ledger rebuild` mends that")
                             : write(&row, opened, &head, arena, text);
    ledger_folder_close(opened);
    return err;
}
