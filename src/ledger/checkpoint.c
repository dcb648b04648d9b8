/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/checkpoint.h"

#include <assert.h>

#include "base/arena.h"
#include "ledger/line.h"

/* tlog-checkpoint, Note text */
#define SECTION "[C2SP tlog-checkpoint, Note text]"

static bool extensions_are_lines(slice rest)
{
    slice line;
    while (ledger_line_next(&rest, &line))
        if (line.len == 0)
            return false;
    return rest.len == 0;
}

struct err ledger_checkpoint_parse(slice text, struct arena *arena, struct ledger_checkpoint *checkpoint)
{
    struct ledger_checkpoint read = {.size = 0};
    slice rest = text, line;
    if (!ledger_line_is_text(text))
        return err_make(ERR_INPUT, "a checkpoint is UTF-8 without control characters " SECTION);
    if (!ledger_line_next(&rest, &read.origin) || read.origin.len == 0 || read.origin.len > LEDGER_NAME_MAX)
        return err_make(ERR_INPUT, "line 1 of a checkpoint is the origin, of 1 to 255 bytes " SECTION);
    if (!ledger_line_next(&rest, &line) || !ledger_line_number(line, &read.size))
        return err_make(ERR_INPUT, "line 2 of a checkpoint is its size, in decimal without leading zeros " SECTION);
    if (!ledger_line_next(&rest, &line) || !ledger_line_hash(line, &read.root))
        return err_make(ERR_INPUT, "line 3 of a checkpoint is its root hash, 32 bytes in base64 " SECTION);
    if (!extensions_are_lines(rest))
        return err_format(arena, ERR_INPUT, "the extension lines of a checkpoint are not empty %s", SECTION);
    read.extensions = rest;
    *checkpoint = read;
    return OK;
}

void ledger_checkpoint_write(struct buf *out, const struct ledger_checkpoint *checkpoint)
{
    buf_put(out, checkpoint->origin);
    buf_byte(out, '\n');
    buf_u64(out, checkpoint->size);
    buf_byte(out, '\n');
    ledger_line_put_base64(out, sha256_slice(&checkpoint->root));
    buf_byte(out, '\n');
    buf_put(out, checkpoint->extensions);
}

void ledger_checkpoint_sign(struct buf *out, const struct ledger_checkpoint *checkpoint,
        const struct ledger_signer *signers, size_t signer_count, int64_t time_us)
{
    struct buf text = buf_make(LEDGER_NOTE_MAX);
    ledger_checkpoint_write(&text, checkpoint);
    assert(!text.full);
    ledger_note_begin(out, buf_slice(&text));
    for (size_t i = 0; i < signer_count; i++)
        ledger_note_sign(out, buf_slice(&text), &signers[i], time_us);
    buf_free(&text);
}

struct err ledger_checkpoint_open(slice bytes, const struct ledger_verifier *known, size_t known_count,
        struct arena *arena, struct ledger_checkpoint *checkpoint, struct ledger_note *note)
{
    struct ledger_checkpoint read;
    struct ledger_note signatures;
    TRY(ledger_note_parse(bytes, arena, &signatures));
    TRY(ledger_checkpoint_parse(signatures.text, arena, &read));
    TRY(ledger_note_verify(&signatures, known, known_count, arena));
    bool by_log = false;
    for (size_t i = 0; i < signatures.count; i++)
        by_log |= signatures.signatures[i].by != NULL && signatures.signatures[i].by->type == LEDGER_KEY_ED25519;
    if (!by_log)
        return err_make(ERR_DENIED, "witnesses signed the checkpoint, but no key of a log that we know");
    *checkpoint = read;
    if (note != NULL)
        *note = signatures;
    return OK;
}
