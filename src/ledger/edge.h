/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The right edge of a log's tiles: all that appending needs. As leaves are added, tiles that become full are handed to
 * a sink; who appends writes them, who verifies compares them. Begins as {0}; 68 KB, so not on a stack.
 */
#include "ledger/tile.h"

struct ledger_edge {
    struct ledger_frontier frontier; /* its size is the log's */
    struct sha256 tiles[LEDGER_TILE_LEVELS][LEDGER_TILE_WIDTH];
};

struct ledger_edge_sink {
    void *context;
    struct err (*tile)(void *context, const struct ledger_tile *tile, const struct sha256 *hashes);
};

/* How many hashes the last tile of a level holds: 0 to 255. */
unsigned ledger_edge_width(const struct ledger_edge *edge, unsigned level);
MUST_USE struct err ledger_edge_add(
        struct ledger_edge *edge, const struct sha256 *leaf, const struct ledger_edge_sink *sink);
/* Hands over the tiles that are not full, of the levels that have any; `since` leaves out what has not changed. */
MUST_USE struct err ledger_edge_rest(
        const struct ledger_edge *edge, uint64_t since, const struct ledger_edge_sink *sink);
/* Sets the size and computes the frontier of tiles that are there. */
void ledger_edge_resume(struct ledger_edge *edge, uint64_t size);
