/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/folder.h"

#include <assert.h>
#include <inttypes.h>

#include "base/arena.h"
#include "ledger/folder_parts.h"

/* ---- Appending: the other state is made of this one, and takes its place when all is on disk ---- */

struct append {
    struct ledger_state *state;
    struct ledger_disk disk;
};

static struct err put(struct append *append, const struct ledger_tile *tile, slice bytes)
{
    mode_t mode = tile->width == LEDGER_TILE_WIDTH ? 0444 : 0644;
    return ledger_disk_put(&append->disk, ledger_folder_name(tile).text, bytes, mode);
}

/* A tile of hashes, and with one of the leaves the bundle of their entries. */
static struct err tile_put(void *context, const struct ledger_tile *tile, const struct sha256 *hashes)
{
    struct append *append = context;
    TRY(put(append, tile, (slice){(const char *)hashes, tile->width * sizeof hashes[0]}));
    if (tile->level > 0)
        return OK;
    struct ledger_tile bundle = {.is_entries = true, .index = tile->index, .width = tile->width};
    TRY(put(append, &bundle, buf_slice(&append->state->bundle)));
    if (tile->width == LEDGER_TILE_WIDTH)
        buf_reset(&append->state->bundle);
    return OK;
}

static struct err add_all(struct append *append, const slice *entries, size_t count)
{
    const struct ledger_edge_sink sink = {append, tile_put};
    uint64_t since = append->state->edge.frontier.size;
    for (size_t i = 0; i < count; i++) {
        struct sha256 leaf = ledger_merkle_leaf(entries[i]);
        ledger_tile_put_entry(&append->state->bundle, entries[i]);
        TRY(buf_check(&append->state->bundle));
        TRY(ledger_edge_add(&append->state->edge, &leaf, &sink));
    }
    TRY(ledger_edge_rest(&append->state->edge, since, &sink));
    return ledger_disk_place(&append->disk);
}

static struct err write_all(struct ledger_folder *folder, const slice *entries, size_t count, struct arena *arena)
{
    struct ledger_state *now = ledger_folder_now(folder), *next = &folder->states[!folder->now];
    struct append append = {.state = next};
    next->edge = now->edge;
    buf_reset(&next->bundle);
    buf_put(&next->bundle, buf_slice(&now->bundle));
    TRY(buf_check(&next->bundle));
    struct err err = ledger_disk_begin(&append.disk, folder->fd, arena);
    if (err.kind == ERR_NONE)
        err = add_all(&append, entries, count);
    ledger_disk_end(&append.disk);
    if (err.kind == ERR_NONE)
        folder->now = !folder->now;
    return err;
}

/* Every entry fits, and those that are there already are the same. *there: how many they are. */
static struct err look(struct ledger_folder *folder, uint64_t from, const slice *entries, size_t count,
        struct arena *arena, size_t *there)
{
    uint64_t size = ledger_folder_size(folder);
    slice held;
    if (from > size || count > LEDGER_SIZE_MAX - from)
        return err_format(
                arena, ERR_INPUT, "the log has %" PRIu64 " entries: none of number %" PRIu64 " can follow", size, from);
    for (size_t i = 0; i < count; i++)
        if (entries[i].len > LEDGER_ENTRY_MAX)
            return err_format(arena, ERR_LIMIT,
                    "entry %" PRIu64 " has more than 65,535 bytes [C2SP tlog-tiles, Log entries]", (from + i));
    *there = size - from < count ? (size_t)(size - from) : count;
    for (size_t i = 0; i < *there; i++) {
        TRY(ledger_folder_entry_at(folder, from + i, arena, &held));
        if (!slice_eq(held, entries[i]))
            return err_format(
                    arena, ERR_CONFLICT, "entry %" PRIu64 " is in the log already, with other bytes", (from + i));
    }
    return OK;
}

struct err ledger_folder_append(
        struct ledger_folder *folder, uint64_t from, const slice *entries, size_t count, struct arena *arena)
{
    size_t there = 0;
    assert(folder->use == LEDGER_FOLDER_APPEND);
    TRY(look(folder, from, entries, count, arena, &there));
    return there == count ? OK : write_all(folder, entries + there, count - there, arena);
}

/* ---- The checkpoint ---- */

static void drop(const struct ledger_folder *folder, bool is_entries, unsigned level, uint64_t index)
{
    struct ledger_tile full = {is_entries, level, index, LEDGER_TILE_WIDTH};
    char name[LEDGER_TILE_PATH_MAX + 2];
    snprintf(name, sizeof name, "%s.p", ledger_folder_name(&full).text);
    ledger_disk_remove(folder->fd, name);
}

/* Partial tiles between two sizes of the log that full ones have replaced (tlog-tiles, Partial Tiles). */
static void drop_partial(const struct ledger_folder *folder, uint64_t from, uint64_t to)
{
    for (unsigned level = 0; level + 1 < LEDGER_TILE_LEVELS; level++) {
        unsigned shift = LEDGER_TILE_HEIGHT * (level + 1);
        for (uint64_t index = from >> shift; index < to >> shift; index++) {
            drop(folder, false, level, index);
            if (level == 0)
                drop(folder, true, level, index);
        }
    }
}

static struct err note_fits(struct ledger_folder *folder, slice bytes, struct arena *arena, uint64_t *size)
{
    struct ledger_note note;
    struct ledger_checkpoint checkpoint;
    struct sha256 root = ledger_folder_root(folder);
    TRY(ledger_note_parse(bytes, arena, &note));
    TRY(ledger_checkpoint_parse(note.text, arena, &checkpoint));
    *size = checkpoint.size;
    if (checkpoint.size == ledger_folder_size(folder) && ledger_hash_eq(&checkpoint.root, &root))
        return OK;
    return err_format(arena, ERR_CONFLICT,
            "the checkpoint speaks of %" PRIu64 " entries; the log has %" PRIu64 ", or another root", checkpoint.size,
            ledger_folder_size(folder));
}

struct err ledger_folder_publish(struct ledger_folder *folder, slice note, struct arena *arena)
{
    struct ledger_disk disk;
    uint64_t size;
    assert(folder->use == LEDGER_FOLDER_APPEND);
    TRY(note_fits(folder, note, arena, &size));
    struct err err = ledger_disk_begin(&disk, folder->fd, arena);
    if (err.kind == ERR_NONE)
        err = ledger_disk_put(&disk, "checkpoint", note, 0644);
    if (err.kind == ERR_NONE)
        err = ledger_disk_place(&disk);
    ledger_disk_end(&disk);
    TRY(err);
    drop_partial(folder, folder->published, size);
    folder->published = size;
    buf_reset(&folder->note);
    buf_put(&folder->note, note);
    return buf_check(&folder->note);
}
