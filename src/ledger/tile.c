/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/tile.h"

#include <assert.h>

#include "ledger/line.h"

/* "x001/x234/067": groups of three digits, all but the last behind an x (tlog-tiles, Merkle Tree). */
static bool index_parse(slice text, uint64_t *index)
{
    uint64_t n = 0, digits;
    slice group;
    for (bool first = true; slice_next(&text, '/', &group); first = false) {
        bool is_last = text.ptr == NULL;
        if (!is_last && (group.len != 4 || group.ptr[0] != 'x'))
            return false;
        group = is_last ? group : slice_from(group, 1);
        if (group.len != 3 || !slice_u64(group, 999, &digits) || n > (LEDGER_SIZE_MAX - digits) / 1000)
            return false;
        if (first && !is_last && digits == 0)
            return false; /* that would be a second spelling */
        n = n * 1000 + digits;
    }
    *index = n;
    return true;
}

/* ".p/W" at the end. */
static bool width_parse(slice *text, unsigned *width)
{
    size_t at = slice_find_slice(*text, S(".p/"));
    uint64_t n = LEDGER_TILE_WIDTH;
    if (at < text->len) {
        if (!ledger_line_number(slice_from(*text, at + 3), &n) || n == 0 || n >= LEDGER_TILE_WIDTH)
            return false;
        *text = slice_part(*text, 0, at);
    }
    *width = (unsigned)n;
    return true;
}

bool ledger_tile_parse(slice path, struct ledger_tile *tile)
{
    struct ledger_tile read = {.is_entries = false};
    uint64_t level = 0;
    slice rest = path, word;
    if (!slice_next(&rest, '/', &word) || !slice_eq(word, S("tile")) || !slice_next(&rest, '/', &word) ||
            rest.ptr == NULL)
        return false;
    read.is_entries = slice_eq(word, S("entries"));
    if ((!read.is_entries && (!ledger_line_number(word, &level) || level > 63)) || !width_parse(&rest, &read.width) ||
            !index_parse(rest, &read.index))
        return false;
    read.level = (unsigned)level;
    *tile = read;
    return true;
}

void ledger_tile_write(struct buf *out, const struct ledger_tile *tile)
{
    uint64_t scale = 1;
    buf_put(out, tile->is_entries ? S("tile/entries/") : S("tile/"));
    if (!tile->is_entries)
        buf_printf(out, "%u/", tile->level);
    while (tile->index / scale >= 1000)
        scale *= 1000;
    for (; scale > 1; scale /= 1000)
        buf_printf(out, "x%03u/", (unsigned)(tile->index / scale % 1000));
    buf_printf(out, "%03u", (unsigned)(tile->index % 1000));
    if (tile->width < LEDGER_TILE_WIDTH)
        buf_printf(out, ".p/%u", tile->width);
}

/* How many hashes a level of tiles has: only full tiles of the level below give one (tlog-tiles, Partial Tiles). */
static uint64_t hashes_of(uint64_t size, unsigned level)
{
    return level >= LEDGER_TILE_LEVELS ? 0 : size >> (LEDGER_TILE_HEIGHT * level);
}

unsigned ledger_tile_width(uint64_t size, unsigned level, uint64_t index)
{
    uint64_t hashes = hashes_of(size, level);
    if (index > hashes / LEDGER_TILE_WIDTH)
        return 0;
    uint64_t rest = hashes - index * LEDGER_TILE_WIDTH;
    return rest < LEDGER_TILE_WIDTH ? (unsigned)rest : LEDGER_TILE_WIDTH;
}

uint64_t ledger_tile_count(uint64_t size, unsigned level)
{
    return (hashes_of(size, level) + LEDGER_TILE_WIDTH - 1) / LEDGER_TILE_WIDTH;
}

struct sha256 ledger_tile_hash(const struct sha256 *hashes, unsigned height, unsigned index)
{
    struct sha256 level[LEDGER_TILE_WIDTH];
    unsigned count = 1u << height;
    assert(height <= LEDGER_TILE_HEIGHT && (index + 1) * count <= LEDGER_TILE_WIDTH);
    memcpy(level, hashes + index * count, count * sizeof level[0]);
    for (; count > 1; count /= 2)
        for (unsigned i = 0; i < count / 2; i++)
            level[i] = ledger_merkle_node(&level[2 * i], &level[2 * i + 1]);
    return level[0];
}

void ledger_tile_put_entry(struct buf *bundle, slice entry)
{
    assert(entry.len <= LEDGER_ENTRY_MAX);
    buf_byte(bundle, (char)(entry.len >> 8));
    buf_byte(bundle, (char)(entry.len & 0xff));
    buf_put(bundle, entry);
}

bool ledger_tile_next_entry(slice *rest, slice *entry)
{
    if (rest->len < 2)
        return false;
    size_t len = (size_t)(uint8_t)rest->ptr[0] << 8 | (uint8_t)rest->ptr[1];
    if (rest->len - 2 < len)
        return false;
    *entry = slice_part(*rest, 2, 2 + len);
    *rest = slice_from(*rest, 2 + len);
    return true;
}
