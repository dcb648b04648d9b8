/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/split.h"

#include "base/arena.h"
#include "ledger/line.h"

#define TAG S("kentongan-split/1")

/* A checkpoint has an empty line before its signatures, and none behind: the second one in the text parts the two. */
static bool part(slice text, slice *older, slice *newer)
{
    size_t end = slice_find_slice(text, S("\n\n"));
    if (end == text.len)
        return false;
    end += 2 + slice_find_slice(slice_from(text, end + 2), S("\n\n"));
    if (end >= text.len)
        return false;
    *older = slice_part(text, 0, end + 1);
    *newer = slice_from(text, end + 2);
    return true;
}

struct err ledger_split_parse(slice text, struct arena *arena, struct ledger_split *split)
{
    slice rest = text, line;
    if (text.len > LEDGER_SPLIT_MAX)
        return err_format(arena, ERR_LIMIT, "the proof has more than %d bytes", LEDGER_SPLIT_MAX);
    if (!ledger_line_next(&rest, &line) || !slice_eq(line, TAG))
        return err_make(ERR_INPUT, "line 1 is not \"kentongan-split/1\"");
    TRY(ledger_line_path(&rest, LEDGER_PATH_MAX, arena, &split->path));
    if (!part(rest, &split->older, &split->newer))
        return err_make(ERR_INPUT, "there are not two checkpoints with an empty line between them");
    return OK;
}

void ledger_split_write(struct buf *out, const struct ledger_split *split)
{
    buf_put(out, TAG);
    buf_byte(out, '\n');
    ledger_line_put_path(out, &split->path);
    buf_byte(out, '\n');
    buf_put(out, split->older);
    buf_byte(out, '\n');
    buf_put(out, split->newer);
}

struct err ledger_split_verify(const struct ledger_split *split, const struct ledger_verifier *key, struct arena *arena)
{
    struct ledger_checkpoint older, newer;
    struct sha256 old_root, root;
    TRY(ledger_checkpoint_open(split->older, key, 1, arena, &older, NULL));
    TRY(ledger_checkpoint_open(split->newer, key, 1, arena, &newer, NULL));
    if (!slice_eq(older.origin, newer.origin))
        return err_make(ERR_DENIED, "the checkpoints are of two logs: nothing is proved");
    if (older.size == newer.size)
        return ledger_hash_eq(&older.root, &newer.root)
                       ? err_make(ERR_DENIED, "both checkpoints say the same: nothing is proved")
                       : OK;
    if (older.size > newer.size)
        return err_make(ERR_INPUT, "the checkpoint of the smaller size comes first");
    if (older.size == 0) {
        old_root = ledger_merkle_empty();
        return ledger_hash_eq(&old_root, &older.root)
                       ? err_make(ERR_DENIED, "the older checkpoint is of the empty log: nothing is proved")
                       : OK;
    }
    if (!ledger_merkle_replay(older.size, newer.size, &split->path, &old_root, &root) ||
            !ledger_hash_eq(&root, &newer.root))
        return err_make(ERR_DENIED, "the path does not rebuild the newer checkpoint: nothing is proved");
    if (ledger_hash_eq(&old_root, &older.root))
        return err_make(ERR_DENIED, "the newer checkpoint follows from the older one: nothing is proved");
    return OK;
}
