/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/edge.h"

static unsigned width_at(uint64_t size, unsigned level)
{
    return (unsigned)(size >> (LEDGER_TILE_HEIGHT * level) & (LEDGER_TILE_WIDTH - 1));
}

unsigned ledger_edge_width(const struct ledger_edge *edge, unsigned level)
{
    return width_at(edge->frontier.size, level);
}

/* Only the hash of a full tile goes into the level above (tlog-tiles, Partial Tiles). */
struct err ledger_edge_add(struct ledger_edge *edge, const struct sha256 *leaf, const struct ledger_edge_sink *sink)
{
    struct sha256 hash = *leaf;
    uint64_t index = edge->frontier.size;
    for (unsigned level = 0; level < LEDGER_TILE_LEVELS; level++) {
        struct sha256 *tile = edge->tiles[level];
        unsigned at = (unsigned)(index & (LEDGER_TILE_WIDTH - 1));
        tile[at] = hash;
        index >>= LEDGER_TILE_HEIGHT;
        if (at + 1 < LEDGER_TILE_WIDTH)
            break;
        TRY(sink->tile(sink->context, &(struct ledger_tile){.level = level, .index = index, .width = LEDGER_TILE_WIDTH},
                tile));
        hash = ledger_tile_hash(tile, LEDGER_TILE_HEIGHT, 0);
    }
    ledger_merkle_add(&edge->frontier, leaf);
    return OK;
}

struct err ledger_edge_rest(const struct ledger_edge *edge, uint64_t since, const struct ledger_edge_sink *sink)
{
    uint64_t size = edge->frontier.size;
    for (unsigned level = 0; level < LEDGER_TILE_LEVELS; level++) {
        uint64_t hashes = size >> (LEDGER_TILE_HEIGHT * level);
        unsigned width = width_at(size, level);
        if (width == 0 || hashes == since >> (LEDGER_TILE_HEIGHT * level))
            continue;
        TRY(sink->tile(sink->context,
                &(struct ledger_tile){.level = level, .index = hashes / LEDGER_TILE_WIDTH, .width = width},
                edge->tiles[level]));
    }
    return OK;
}

void ledger_edge_resume(struct ledger_edge *edge, uint64_t size)
{
    edge->frontier.size = size;
    for (unsigned bit = 0; bit < 64; bit++) {
        unsigned level = bit / LEDGER_TILE_HEIGHT, height = bit % LEDGER_TILE_HEIGHT, width = width_at(size, level);
        if (size >> bit & 1)
            edge->frontier.nodes[bit] = ledger_tile_hash(edge->tiles[level], height, (width >> height) - 1);
    }
}
