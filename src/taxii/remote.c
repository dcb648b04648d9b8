/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/remote.h"

#include "base/arena.h"

struct err taxii_remote_get(struct taxii_remote *remote, slice path, size_t bytes_max, slice *bytes)
{
    struct taxii_client client = taxii_visit_client(remote->http, remote->visit);
    const char *url = arena_printf(remote->arena, "%.*sledger/%s/%.*s", (int)remote->url.len, remote->url.ptr,
            remote->folder, (int)path.len, path.ptr);
    return taxii_client_raw(&client, url, bytes_max, remote->arena, bytes);
}

static struct err tile_get(struct taxii_remote *remote, const struct ledger_tile *tile, size_t bytes_max, slice *bytes)
{
    char text[LEDGER_TILE_PATH_MAX];
    struct buf path = {.ptr = text, .cap = sizeof text, .max = sizeof text};
    ledger_tile_write(&path, tile);
    return taxii_remote_get(remote, buf_slice(&path), bytes_max, bytes);
}

static struct err hash_get(void *context, unsigned level, uint64_t index, struct sha256 *hash)
{
    struct taxii_remote *remote = context;
    unsigned height = level % LEDGER_TILE_HEIGHT, tile_level = level / LEDGER_TILE_HEIGHT;
    uint64_t first = index << height;
    struct ledger_tile tile = {.level = tile_level, .index = first / LEDGER_TILE_WIDTH};
    tile.width = ledger_tile_width(remote->size, tile_level, tile.index);
    if (remote->bytes.ptr == NULL || tile.level != remote->last.level || tile.index != remote->last.index) {
        TRY(tile_get(remote, &tile, LEDGER_TILE_BYTES, &remote->bytes));
        remote->last = tile;
    }
    if (remote->bytes.len < tile.width * sizeof *hash)
        return err_make(ERR_REMOTE, "a tile of its log is cut off");
    struct sha256 hashes[LEDGER_TILE_WIDTH];
    memcpy(hashes, remote->bytes.ptr, tile.width * sizeof *hashes);
    *hash = ledger_tile_hash(hashes, height, (unsigned)(first % LEDGER_TILE_WIDTH >> height));
    return OK;
}

struct ledger_hashes taxii_remote_hashes(struct taxii_remote *remote)
{
    return (struct ledger_hashes){remote, hash_get};
}

struct err taxii_remote_entry(struct taxii_remote *remote, uint64_t index, slice *entry)
{
    struct ledger_tile tile = {.is_entries = true, .index = index / LEDGER_TILE_WIDTH};
    slice bundle;
    tile.width = ledger_tile_width(remote->size, 0, tile.index);
    TRY(tile_get(remote, &tile, LEDGER_BUNDLE_MAX, &bundle));
    for (uint64_t i = 0; i <= index % LEDGER_TILE_WIDTH; i++)
        if (!ledger_tile_next_entry(&bundle, entry))
            return err_make(ERR_REMOTE, "a bundle of entries of its log is cut off");
    return OK;
}
