/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a signed note, a checkpoint, a verifier key, the name of a tile and a bundle of entries. What is taken
 * has one spelling: written again it is the same.
 */
#include "base/arena.h"
#include "ledger/checkpoint.h"
#include "ledger/tile.h"
#include "need.h"

static void look_at_checkpoint(slice text, struct arena *arena)
{
    struct ledger_checkpoint checkpoint;
    if (ledger_checkpoint_parse(text, arena, &checkpoint).kind != ERR_NONE)
        return;
    struct buf again = buf_make(text.len + 1);
    ledger_checkpoint_write(&again, &checkpoint);
    fuzz_need(slice_eq(buf_slice(&again), text));
    buf_free(&again);
}

static void look_at_note(slice bytes, struct arena *arena)
{
    struct ledger_note note;
    struct ledger_verifier stranger = {.name = S("stranger.example"), .type = LEDGER_KEY_ED25519};
    struct ledger_checkpoint checkpoint;
    if (ledger_note_parse(bytes, arena, &note).kind != ERR_NONE)
        return;
    fuzz_need(note.count > 0 && note.count <= LEDGER_NOTE_SIGNATURES_MAX && slice_ends(note.text, S("\n")));
    look_at_checkpoint(note.text, arena);
    /* As the first who signed, with a key of zeros that nobody has. */
    stranger.name = note.signatures[0].name;
    stranger.id = note.signatures[0].id;
    for (int i = 0; i < 2; i++) {
        stranger.type = i == 0 ? LEDGER_KEY_ED25519 : LEDGER_KEY_COSIGNATURE;
        fuzz_need(ledger_checkpoint_open(bytes, &stranger, 1, arena, &checkpoint, NULL).kind != ERR_NONE);
    }
}

static void look_at_key(slice bytes, struct arena *arena)
{
    struct ledger_verifier verifier;
    if (ledger_note_key_parse(bytes, arena, &verifier).kind != ERR_NONE)
        return;
    struct buf again = buf_make(8192);
    ledger_note_key_write(&again, &verifier);
    fuzz_need(slice_eq(buf_slice(&again), bytes));
    buf_free(&again);
}

static void look_at_tile(slice bytes)
{
    struct ledger_tile tile;
    slice rest = bytes, entry;
    while (ledger_tile_next_entry(&rest, &entry))
        fuzz_need(entry.len <= LEDGER_ENTRY_MAX && entry.ptr + entry.len == rest.ptr);
    if (!ledger_tile_parse(bytes, &tile))
        return;
    struct buf again = buf_make(LEDGER_TILE_PATH_MAX);
    ledger_tile_write(&again, &tile);
    fuzz_need(slice_eq(buf_slice(&again), bytes));
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice bytes = {(const char *)data, size};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 64u << 20);
    look_at_note(bytes, arena);
    look_at_checkpoint(bytes, arena);
    look_at_key(bytes, arena);
    look_at_tile(bytes);
    fuzz_need(!arena_full(arena));
    arena_close(arena);
    return 0;
}
