/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Tiles (C2SP tlog-tiles): how the hashes and entries of a log are cut into files of 256, and what the files are
 * called.
 *
 *     tile/0/x001/x234/067.p/5     level 0, index 1234067, the first 5 hashes
 *     tile/entries/000             the entries 0 to 255
 *
 * Pure.
 */
#include "base/buf.h"
#include "ledger/merkle.h"

enum {
    LEDGER_TILE_WIDTH = 256,
    LEDGER_TILE_HEIGHT = 8,       /* levels of the tree in a tile */
    LEDGER_TILE_LEVELS = 8,       /* levels of tiles that 2^63 leaves need */
    LEDGER_TILE_BYTES = 256 * 32, /* of a full tile of hashes */
    LEDGER_ENTRY_MAX = 65535,     /* bytes of an entry: what its length can say */
    LEDGER_BUNDLE_MAX = 256 * (2 + LEDGER_ENTRY_MAX),
    LEDGER_TILE_PATH_MAX = 64,
};

struct ledger_tile {
    bool is_entries; /* a bundle of entries; its level is 0 */
    unsigned level;  /* 0 to 63 */
    uint64_t index;
    unsigned width; /* 1 to 256; 256: full */
};

/* Only the one spelling that the text gives a tile. */
bool ledger_tile_parse(slice path, struct ledger_tile *tile);
void ledger_tile_write(struct buf *out, const struct ledger_tile *tile);
/* How many hashes this tile has in a log of this size: 0 to 256. */
unsigned ledger_tile_width(uint64_t size, unsigned level, uint64_t index);
/* How many tiles of this level have at least one hash. */
uint64_t ledger_tile_count(uint64_t size, unsigned level);

/* The hash of 2^height of a tile's hashes, from the one at index << height. */
struct sha256 ledger_tile_hash(const struct sha256 *hashes, unsigned height, unsigned index);

/* The entry has at most LEDGER_ENTRY_MAX bytes. */
void ledger_tile_put_entry(struct buf *bundle, slice entry);
/* Takes the next entry off the front of a bundle; false at its end, and where it is cut off (*rest is then not empty).
 */
bool ledger_tile_next_entry(slice *rest, slice *entry);
