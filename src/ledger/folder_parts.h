/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What folder.c (open, read), folder_append.c and folder_verify.c share: the folder as it is, the folder as an append
 * will leave it, and reading of tiles. Nobody else includes this.
 */
#include "ledger/disk.h"
#include "ledger/edge.h"
#include "ledger/folder.h"

/* A log up to its last entry: what follows from the entries of the last tile and the hashes at the edge. */
struct ledger_state {
    struct ledger_edge edge;
    struct buf bundle; /* the entries of the last bundle, if it is not full */
};

struct ledger_folder {
    int fd;
    enum ledger_folder_use use;
    struct arena *arena; /* errors of hashes */
    struct ledger_state states[2];
    unsigned now;       /* which of them holds; an append works on the other */
    struct buf note;    /* the checkpoint; empty: none */
    uint64_t published; /* its size */
    struct ledger_kept {
        bool is_held;
        uint64_t index;
        struct sha256 hashes[LEDGER_TILE_WIDTH];
    } kept[LEDGER_TILE_LEVELS]; /* full tiles last read: a proof asks eight times for each */
    struct buf bundle;          /* the full bundle last read */
    uint64_t bundle_index;      /* UINT64_MAX: none */
};

static inline struct ledger_state *ledger_folder_now(struct ledger_folder *folder)
{
    return &folder->states[folder->now];
}

/* A tile of hashes up to its width; ERR_INPUT, and what the file is called, if it has another size. */
MUST_USE struct err ledger_folder_hashes_read(const struct ledger_folder *folder, const struct ledger_tile *tile,
        struct arena *arena, struct sha256 hashes[LEDGER_TILE_WIDTH]);
/* A bundle of `width` entries; who walks it finds whether it is cut off. */
MUST_USE struct err ledger_folder_bundle_read(
        const struct ledger_folder *folder, uint64_t index, unsigned width, struct arena *arena, struct buf *bundle);
/* An entry below the folder's size, in memory that holds until the next one is read. */
MUST_USE struct err ledger_folder_entry_at(
        struct ledger_folder *folder, uint64_t index, struct arena *arena, slice *entry);

/* The name of a tile's file. */
struct ledger_tile_name {
    char text[LEDGER_TILE_PATH_MAX];
};
struct ledger_tile_name ledger_folder_name(const struct ledger_tile *tile);
