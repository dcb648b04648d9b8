/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an entry and as an opening: what is taken has one spelling, its fields are bounded, and what an opening
 * opens the entry commits to.
 */
#include "base/arena.h"
#include "ledger/opening.h"
#include "ledger/tile.h"
#include "need.h"

static void look_at_opening(slice bytes, struct arena *arena)
{
    struct ledger_opening opening;
    if (ledger_opening_parse(bytes, arena, &opening).kind != ERR_NONE)
        return;
    struct buf again = buf_make(bytes.len + 1);
    ledger_opening_write(&again, opening.bytes, opening.fields, opening.count);
    fuzz_need(slice_eq(buf_slice(&again), bytes));
    for (size_t i = 0; i < opening.count; i++)
        fuzz_need(ledger_entry_opens(&opening.entry, &opening.fields[i]));
    buf_free(&again);
}

/* The bytes as the values of an entry that we make: it can be read and opened again, whatever they are. */
static void make(slice bytes, struct arena *arena)
{
    struct ledger_field fields[] = {{S("first"), bytes, {0}}, {S("second"), slice_part(bytes, 0, bytes.len / 2), {0}}};
    struct ledger_entry entry;
    struct buf out = buf_make(LEDGER_ENTRY_MAX), opening = buf_make(bytes.len * 4 + 4096);
    struct ledger_opening read;
    fuzz_need(ledger_entry_make(S("node.example/log"), bytes.len, fields, 2, arena, &out).kind == ERR_NONE);
    fuzz_need(ledger_entry_parse(buf_slice(&out), arena, &entry).kind == ERR_NONE && entry.count == 2);
    ledger_opening_write(&opening, buf_slice(&out), fields, 2);
    fuzz_need(ledger_opening_parse(buf_slice(&opening), arena, &read).kind == ERR_NONE && read.count == 2);
    fuzz_need(slice_eq(read.fields[0].value, bytes));
    buf_free(&out);
    buf_free(&opening);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice bytes = {(const char *)data, size};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    struct ledger_entry entry;
    if (ledger_entry_parse(bytes, arena, &entry).kind == ERR_NONE)
        fuzz_need(entry.count <= LEDGER_FIELDS_MAX && entry.origin.len > 0 && entry.sequence <= LEDGER_SIZE_MAX);
    look_at_opening(bytes, arena);
    make(bytes, arena);
    arena_close(arena);
    return 0;
}
