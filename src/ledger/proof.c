/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/proof.h"

#include <inttypes.h>

#include "base/arena.h"
#include "ledger/line.h"

#define TAG S("c2sp.org/tlog-proof@v1")
#define SECTION "[C2SP tlog-proof, Format]"

struct err ledger_proof_parse(slice text, struct arena *arena, struct ledger_proof *proof)
{
    struct ledger_proof *read = arena_new(arena, struct ledger_proof, 1);
    slice rest = text, line, behind;
    if (text.len > LEDGER_PROOF_MAX)
        return err_format(arena, ERR_LIMIT, "the proof has more than %d bytes", LEDGER_PROOF_MAX);
    if (!ledger_line_next(&rest, &line) || !slice_eq(line, TAG))
        return err_make(ERR_INPUT, "line 1 is not \"c2sp.org/tlog-proof@v1\" " SECTION);
    bool more = ledger_line_next(&rest, &line);
    if (more && ledger_line_after(line, S("extra"), &behind)) {
        if (!ledger_line_base64(behind, arena, &read->extra) || read->extra.len > LEDGER_PROOF_EXTRA_MAX)
            return err_make(ERR_INPUT, "the extra data is not base64, or more than 4 MiB " SECTION);
        more = ledger_line_next(&rest, &line);
    }
    if (!more || !ledger_line_after(line, S("index"), &behind) || !ledger_line_number(behind, &read->index))
        return err_make(ERR_INPUT, "there is no line \"index\" with a number without leading zeros " SECTION);
    TRY(ledger_line_path(&rest, LEDGER_PATH_MAX, arena, &read->path));
    read->checkpoint = rest;
    *proof = *read;
    return OK;
}

void ledger_proof_write(struct buf *out, const struct ledger_proof *proof)
{
    buf_put(out, TAG);
    if (proof->extra.len > 0) {
        buf_put(out, S("\nextra "));
        ledger_line_put_base64(out, proof->extra);
    }
    buf_put(out, S("\nindex "));
    buf_u64(out, proof->index);
    buf_byte(out, '\n');
    ledger_line_put_path(out, &proof->path);
    buf_byte(out, '\n');
    buf_put(out, proof->checkpoint);
}

struct err ledger_proof_verify(const struct ledger_proof *proof, const struct sha256 *leaf,
        const struct ledger_verifier *known, size_t known_count, struct arena *arena,
        struct ledger_checkpoint *checkpoint, struct ledger_note *note)
{
    struct ledger_checkpoint read;
    struct ledger_note signatures;
    TRY(ledger_checkpoint_open(proof->checkpoint, known, known_count, arena, &read, &signatures));
    if (!ledger_merkle_included(leaf, proof->index, read.size, &proof->path, &read.root))
        return err_format(arena, ERR_DENIED,
                "the proof does not lead from entry %" PRIu64 " to the root of the checkpoint [RFC 6962 section 2.1.1]",
                proof->index);
    *checkpoint = read;
    if (note != NULL)
        *note = signatures;
    return OK;
}
