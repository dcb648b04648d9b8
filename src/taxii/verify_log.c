/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/verify_log.h"

#include "base/arena.h"
#include "ledger/tile.h"

#define PAGE_ARENA_MAX (64u << 20)

struct reading {
    struct taxii_client *client;
    struct taxii_log_check *check;
    struct arena *page; /* of a bundle and its tile */
    struct ledger_frontier edge;
};

static struct err tile_get(struct reading *reading, const struct ledger_tile *tile, size_t bytes_max, slice *bytes)
{
    char text[LEDGER_TILE_PATH_MAX];
    struct buf path = {.ptr = text, .cap = sizeof text, .max = sizeof text};
    ledger_tile_write(&path, tile);
    const char *url = arena_printf(reading->page, "%s/%.*s", reading->check->url, (int)path.len, path.ptr);
    return taxii_client_raw(reading->client, url, bytes_max, reading->page, bytes);
}

static struct err bad_entry(struct reading *reading, const char *what)
{
    return err_format(reading->page, ERR_DENIED, "entry %llu %s", (unsigned long long)reading->edge.size, what);
}

/* The entries of a bundle beside the hashes of their tile. */
static struct err bundle_read(struct reading *reading, uint64_t index)
{
    struct ledger_tile tile = {.index = index, .width = ledger_tile_width(reading->check->checkpoint.size, 0, index)};
    slice bundle, hashes, entry;
    arena_reset(reading->page);
    TRY(tile_get(reading, &tile, LEDGER_TILE_BYTES, &hashes));
    tile.is_entries = true;
    TRY(tile_get(reading, &tile, LEDGER_BUNDLE_MAX, &bundle));
    if (hashes.len < tile.width * sizeof(struct sha256))
        return bad_entry(reading, "has no hash: its tile is cut off");
    for (unsigned i = 0; i < tile.width; i++) {
        if (!ledger_tile_next_entry(&bundle, &entry))
            return bad_entry(reading, "is not there: its bundle is cut off");
        struct sha256 leaf = ledger_merkle_leaf(entry);
        if (memcmp(leaf.bytes, hashes.ptr + i * sizeof leaf, sizeof leaf) != 0)
            return bad_entry(reading, "is not the one whose hash is in its tile");
        ledger_merkle_add(&reading->edge, &leaf);
    }
    return OK;
}

static struct err entries_read(struct reading *reading)
{
    uint64_t size = reading->check->checkpoint.size;
    for (uint64_t index = 0; index < ledger_tile_count(size, 0); index++)
        TRY(bundle_read(reading, index));
    struct sha256 root = ledger_merkle_root(&reading->edge);
    return ledger_hash_eq(&root, &reading->check->checkpoint.root)
                   ? OK
                   : err_make(ERR_DENIED, "the entries do not lead to the root that was signed");
}

struct err taxii_log_verify(struct taxii_client *client, struct taxii_log_check *check, struct arena *arena)
{
    slice note;
    struct reading reading = {.client = client, .check = check};
    TRY(taxii_client_raw(client, arena_printf(arena, "%s/checkpoint", check->url), LEDGER_NOTE_MAX, arena, &note));
    TRY(ledger_checkpoint_open(note, check->known, check->known_count, arena, &check->checkpoint, NULL));
    if (check->checkpoint.size > TAXII_VERIFY_ENTRIES_MAX)
        return err_format(arena, ERR_LIMIT, "the log has more than %d entries", TAXII_VERIFY_ENTRIES_MAX);
    reading.page = arena_open("a bundle of a log", ARENA_WORK, PAGE_ARENA_MAX);
    struct err err = entries_read(&reading);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    check->entries = reading.edge.size;
    arena_close(reading.page);
    return err;
}
