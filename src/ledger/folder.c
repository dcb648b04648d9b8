/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/folder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "ledger/folder_parts.h"

/* ---- Tiles ---- */

struct ledger_tile_name ledger_folder_name(const struct ledger_tile *tile)
{
    struct ledger_tile_name name = {.text = ""};
    struct buf buf = {.ptr = name.text, .cap = sizeof name.text, .max = sizeof name.text};
    ledger_tile_write(&buf, tile);
    buf_byte(&buf, 0);
    assert(!buf.full);
    return name;
}

/* The file of a tile, or of the full one that has taken its place meanwhile (tlog-tiles, Partial Tiles). */
static struct err file_read(
        const struct ledger_folder *folder, const struct ledger_tile *tile, struct arena *arena, struct buf *out)
{
    struct ledger_tile full = *tile;
    full.width = LEDGER_TILE_WIDTH;
    struct err err = ledger_disk_read(folder->fd, ledger_folder_name(tile).text, arena, out);
    if (err.kind == ERR_MISSING && tile->width < LEDGER_TILE_WIDTH)
        err = ledger_disk_read(folder->fd, ledger_folder_name(&full).text, arena, out);
    if (err.kind == ERR_MISSING)
        return err_format(arena, ERR_INPUT, "%s: is not there", ledger_folder_name(tile).text);
    return err;
}

struct err ledger_folder_hashes_read(const struct ledger_folder *folder, const struct ledger_tile *tile,
        struct arena *arena, struct sha256 hashes[LEDGER_TILE_WIDTH])
{
    char bytes[LEDGER_TILE_BYTES];
    struct buf file = {.ptr = bytes, .cap = sizeof bytes, .max = sizeof bytes};
    TRY(file_read(folder, tile, arena, &file));
    if (file.len != tile->width * sizeof hashes[0] && file.len != LEDGER_TILE_BYTES)
        return err_format(arena, ERR_INPUT, "%s: has %zu bytes, not %zu [C2SP tlog-tiles, Merkle Tree]",
                ledger_folder_name(tile).text, file.len, tile->width * sizeof hashes[0]);
    memcpy(hashes, bytes, tile->width * sizeof hashes[0]);
    return OK;
}

struct err ledger_folder_bundle_read(
        const struct ledger_folder *folder, uint64_t index, unsigned width, struct arena *arena, struct buf *bundle)
{
    struct ledger_tile tile = {.is_entries = true, .index = index, .width = width};
    buf_reset(bundle);
    return file_read(folder, &tile, arena, bundle);
}

/* ---- Opening ---- */

static struct err bundle_agrees(const struct ledger_state *state, struct arena *arena)
{
    uint64_t first = state->edge.frontier.size / LEDGER_TILE_WIDTH * LEDGER_TILE_WIDTH;
    slice rest = buf_slice(&state->bundle), entry;
    for (unsigned i = 0; i < ledger_edge_width(&state->edge, 0); i++) {
        if (!ledger_tile_next_entry(&rest, &entry))
            return err_format(arena, ERR_INPUT, "the bundle of entries is cut off at entry %" PRIu64, (first + i));
        struct sha256 leaf = ledger_merkle_leaf(entry);
        if (!ledger_hash_eq(&leaf, &state->edge.tiles[0][i]))
            return err_format(
                    arena, ERR_INPUT, "entry %" PRIu64 " is not the one whose hash is in its tile", (first + i));
    }
    return OK;
}

/* Leaves off what a full bundle, read in place of a partial one, has behind the last entry. */
static void bundle_cut(struct buf *bundle, unsigned width)
{
    slice rest = buf_slice(bundle), entry;
    while (width-- > 0 && ledger_tile_next_entry(&rest, &entry))
        bundle->len = (size_t)(rest.ptr - bundle->ptr);
}

static struct err edge_read(
        struct ledger_folder *folder, const struct ledger_checkpoint *checkpoint, struct arena *arena)
{
    struct ledger_state *state = ledger_folder_now(folder);
    for (unsigned level = 0; level < LEDGER_TILE_LEVELS; level++) {
        uint64_t hashes = checkpoint->size >> (LEDGER_TILE_HEIGHT * level);
        struct ledger_tile tile = {
                .level = level, .index = hashes / LEDGER_TILE_WIDTH, .width = (unsigned)(hashes % LEDGER_TILE_WIDTH)};
        if (tile.width > 0)
            TRY(ledger_folder_hashes_read(folder, &tile, arena, state->edge.tiles[level]));
    }
    ledger_edge_resume(&state->edge, checkpoint->size);
    unsigned width = ledger_edge_width(&state->edge, 0);
    if (width > 0) {
        TRY(ledger_folder_bundle_read(folder, checkpoint->size / LEDGER_TILE_WIDTH, width, arena, &state->bundle));
        bundle_cut(&state->bundle, width);
        TRY(bundle_agrees(state, arena));
    }
    return OK;
}

/* The tiles do not lead to the root of the checkpoint: which is the first bad one? Reads the whole log. */
static struct err edge_is_wrong(struct ledger_folder *folder, struct arena *arena)
{
    struct ledger_folder_check check = {.known_count = 0};
    TRY(ledger_folder_verify(folder, &check, arena));
    return err_make(ERR_INPUT, "the tiles changed while they were read");
}

static struct err resume(struct ledger_folder *folder, struct arena *arena)
{
    struct ledger_note note;
    struct ledger_checkpoint checkpoint;
    struct err err = ledger_disk_read(folder->fd, "checkpoint", arena, &folder->note);
    if (err.kind == ERR_MISSING && folder->use == LEDGER_FOLDER_APPEND)
        return OK; /* a log without a checkpoint has promised nothing: it begins */
    TRY(err);
    err = ledger_note_parse(buf_slice(&folder->note), arena, &note);
    if (err.kind == ERR_NONE)
        err = ledger_checkpoint_parse(note.text, arena, &checkpoint);
    if (err.kind != ERR_NONE)
        return err_format(arena, err.kind, "checkpoint: %s", err.why);
    folder->published = checkpoint.size;
    TRY(edge_read(folder, &checkpoint, arena));
    struct sha256 root = ledger_merkle_root(&ledger_folder_now(folder)->edge.frontier);
    if (ledger_hash_eq(&root, &checkpoint.root))
        return OK;
    err = edge_is_wrong(folder, arena);
    return err.kind == ERR_DENIED ? err_make(ERR_INPUT, err.why) : err;
}

static struct err take(struct ledger_folder *folder, const char *path, struct arena *arena)
{
    struct ledger_disk disk;
    if (flock(folder->fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? err_format(arena, ERR_CONFLICT, "%s: another process appends to this log", path)
                                    : err_errno(arena, path);
    struct err err = ledger_disk_begin(&disk, folder->fd, arena);
    ledger_disk_end(&disk);
    /* Folders that were made before a crash may not be on disk yet, and are not made again. */
    if (err.kind == ERR_NONE && syncfs(folder->fd) != 0)
        err = err_errno(arena, path);
    return err;
}

struct err ledger_folder_open(
        const char *path, enum ledger_folder_use use, struct arena *arena, struct ledger_folder **folder)
{
    if (use == LEDGER_FOLDER_APPEND && mkdir(path, 0755) != 0 && errno != EEXIST)
        return err_errno(arena, path);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(arena, path);
    struct ledger_folder *made = calloc(1, sizeof *made);
    if (made == NULL) {
        close(fd);
        return err_errno(arena, path);
    }
    *made = (struct ledger_folder){.fd = fd,
            .use = use,
            .arena = arena,
            .note = buf_make(LEDGER_NOTE_MAX),
            .bundle = buf_make(LEDGER_BUNDLE_MAX),
            .bundle_index = UINT64_MAX};
    made->states[0].bundle = made->states[1].bundle = buf_make(LEDGER_BUNDLE_MAX);
    struct err err = use == LEDGER_FOLDER_APPEND ? take(made, path, arena) : OK;
    if (err.kind == ERR_NONE)
        err = resume(made, arena);
    if (err.kind != ERR_NONE) {
        ledger_folder_close(made);
        return err;
    }
    *folder = made;
    return OK;
}

void ledger_folder_close(struct ledger_folder *folder)
{
    if (folder == NULL)
        return;
    close(folder->fd);
    buf_free(&folder->note);
    buf_free(&folder->bundle);
    buf_free(&folder->states[0].bundle);
    buf_free(&folder->states[1].bundle);
    free(folder);
}

/* ---- Reading ---- */

uint64_t ledger_folder_size(const struct ledger_folder *folder)
{
    return folder->states[folder->now].edge.frontier.size;
}

struct sha256 ledger_folder_root(const struct ledger_folder *folder)
{
    return ledger_merkle_root(&folder->states[folder->now].edge.frontier);
}

slice ledger_folder_note(const struct ledger_folder *folder)
{
    return buf_slice(&folder->note);
}

static struct err bundle_of(struct ledger_folder *folder, uint64_t index, struct arena *arena, slice *bundle)
{
    uint64_t size = ledger_folder_size(folder);
    if (index / LEDGER_TILE_WIDTH == size / LEDGER_TILE_WIDTH) {
        *bundle = buf_slice(&ledger_folder_now(folder)->bundle);
        return OK;
    }
    if (folder->bundle_index != index / LEDGER_TILE_WIDTH) {
        folder->bundle_index = UINT64_MAX;
        TRY(ledger_folder_bundle_read(folder, index / LEDGER_TILE_WIDTH, LEDGER_TILE_WIDTH, arena, &folder->bundle));
        folder->bundle_index = index / LEDGER_TILE_WIDTH;
    }
    *bundle = buf_slice(&folder->bundle);
    return OK;
}

struct err ledger_folder_entry_at(struct ledger_folder *folder, uint64_t index, struct arena *arena, slice *entry)
{
    slice rest;
    TRY(bundle_of(folder, index, arena, &rest));
    for (uint64_t i = 0; i <= index % LEDGER_TILE_WIDTH; i++)
        if (!ledger_tile_next_entry(&rest, entry)) {
            struct ledger_tile tile = {.is_entries = true, .index = index / LEDGER_TILE_WIDTH};
            tile.width = ledger_tile_width(ledger_folder_size(folder), 0, tile.index);
            return err_format(
                    arena, ERR_INPUT, "%s: is cut off before entry %" PRIu64, ledger_folder_name(&tile).text, index);
        }
    return OK;
}

struct err ledger_folder_entry(struct ledger_folder *folder, uint64_t index, struct arena *arena, slice *entry)
{
    slice held;
    if (index >= ledger_folder_size(folder))
        return err_format(arena, ERR_MISSING, "the log has no entry %" PRIu64 ": it has %" PRIu64, index,
                ledger_folder_size(folder));
    TRY(ledger_folder_entry_at(folder, index, arena, &held));
    *entry = arena_copy(arena, held);
    return OK;
}

static struct err get(void *context, unsigned level, uint64_t index, struct sha256 *hash)
{
    struct ledger_folder *folder = context;
    unsigned height = level % LEDGER_TILE_HEIGHT, above = LEDGER_TILE_HEIGHT - height;
    struct ledger_tile tile = {.level = level / LEDGER_TILE_HEIGHT, .index = index >> above};
    const struct sha256 *hashes = ledger_folder_now(folder)->edge.tiles[tile.level];
    tile.width = ledger_tile_width(ledger_folder_size(folder), tile.level, tile.index);
    assert(tile.width > 0);
    if (tile.width == LEDGER_TILE_WIDTH) {
        struct ledger_kept *kept = &folder->kept[tile.level];
        if (!kept->is_held || kept->index != tile.index) {
            kept->is_held = false;
            TRY(ledger_folder_hashes_read(folder, &tile, folder->arena, kept->hashes));
            kept->is_held = true;
            kept->index = tile.index;
        }
        hashes = kept->hashes;
    }
    *hash = ledger_tile_hash(hashes, height, (unsigned)(index & ((UINT64_C(1) << above) - 1)));
    return OK;
}

struct ledger_hashes ledger_folder_hashes(struct ledger_folder *folder)
{
    return (struct ledger_hashes){folder, get};
}
