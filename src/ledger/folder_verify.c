/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything is computed from the bytes of the entries, and compared with everything that the folder says: leaves with
 * the tiles of level 0, each full tile with the hash above it, the root with the checkpoint. What disagrees first is
 * kept until the root is known, which tells whether the entries or the tiles were changed.
 */
#include "ledger/folder.h"

#include <inttypes.h>

#include "base/arena.h"
#include "ledger/folder_parts.h"

struct walk {
    const struct ledger_folder *folder;
    struct ledger_folder_check *check;
    struct arena *arena;
    struct ledger_edge edge;   /* of the entries */
    struct ledger_edge stored; /* of the hashes in the tiles of level 0 */
    uint64_t odd_entry;        /* the first entry that its tile disagrees with */
    uint64_t odd_from, odd_to; /* the first entries whose hash a tile above disagrees with; none: odd_to is 0 */
    bool follows;              /* from check->since; true if there is none */
    struct sha256 hashes[LEDGER_TILE_WIDTH];
};

static struct err nothing(void *context, const struct ledger_tile *tile, const struct sha256 *hashes)
{
    (void)context;
    (void)tile;
    (void)hashes;
    return OK;
}

/* A tile of an upper level, computed: is it the one in the folder? */
static struct err compare(void *context, const struct ledger_tile *tile, const struct sha256 *hashes)
{
    struct walk *walk = context;
    struct sha256 held[LEDGER_TILE_WIDTH];
    unsigned at = 0, shift = LEDGER_TILE_HEIGHT * tile->level;
    if (tile->level == 0 || walk->odd_to > 0)
        return OK; /* compared entry by entry; or the first is known */
    TRY(ledger_folder_hashes_read(walk->folder, tile, walk->arena, held));
    while (at < tile->width && ledger_hash_eq(&held[at], &hashes[at]))
        at++;
    if (at == tile->width)
        return OK;
    walk->odd_from = (tile->index * LEDGER_TILE_WIDTH + at) << shift;
    walk->odd_to = walk->odd_from + (UINT64_C(1) << shift) - 1;
    walk->check->bad_tile = arena_printf(walk->arena, "%s", ledger_folder_name(tile).text);
    return OK;
}

static struct err entry_add(struct walk *walk, uint64_t index, slice entry)
{
    static const struct ledger_edge_sink quiet = {NULL, nothing};
    const struct ledger_edge_sink sink = {walk, compare};
    const struct ledger_checkpoint *since = walk->check->since;
    const struct sha256 *stored = &walk->hashes[index % LEDGER_TILE_WIDTH];
    struct sha256 leaf = ledger_merkle_leaf(entry);
    if (walk->odd_entry == LEDGER_NO_ENTRY && !ledger_hash_eq(&leaf, stored))
        walk->odd_entry = index;
    TRY(ledger_edge_add(&walk->edge, &leaf, &sink));
    TRY(ledger_edge_add(&walk->stored, stored, &quiet));
    if (since != NULL && since->size == index + 1) {
        struct sha256 root = ledger_merkle_root(&walk->edge.frontier);
        walk->follows = ledger_hash_eq(&root, &since->root);
    }
    if (walk->check->each == NULL)
        return OK;
    struct err err = walk->check->each(walk->check->context, index, entry, walk->arena);
    if (err.kind != ERR_NONE)
        walk->check->first_bad = index;
    return err;
}

/* Nothing may stand behind the last entry, but what a full bundle has that was read in place of a partial one. */
static struct err bundle_ends(const struct walk *walk, const struct ledger_tile *tile, slice rest)
{
    slice entry;
    unsigned width = tile->width;
    if (rest.len == 0)
        return OK;
    while (ledger_tile_next_entry(&rest, &entry))
        width++;
    if (rest.len == 0 && width == LEDGER_TILE_WIDTH)
        return OK;
    return err_format(walk->arena, ERR_INPUT, "%s: has more than its %u entries [C2SP tlog-tiles, Log entries]",
            ledger_folder_name(tile).text, tile->width);
}

static struct err bundle_add(struct walk *walk, uint64_t index, struct buf *bundle)
{
    struct ledger_tile tile = {.index = index};
    tile.width = ledger_tile_width(walk->check->checkpoint.size, 0, index);
    TRY(ledger_folder_hashes_read(walk->folder, &tile, walk->arena, walk->hashes));
    TRY(ledger_folder_bundle_read(walk->folder, index, tile.width, walk->arena, bundle));
    slice rest = buf_slice(bundle), entry;
    tile.is_entries = true;
    for (unsigned i = 0; i < tile.width; i++) {
        uint64_t number = index * LEDGER_TILE_WIDTH + i;
        if (!ledger_tile_next_entry(&rest, &entry)) {
            walk->check->first_bad = walk->odd_entry != LEDGER_NO_ENTRY ? walk->odd_entry : number;
            return err_format(walk->arena, ERR_INPUT, "%s: is cut off before entry %" PRIu64,
                    ledger_folder_name(&tile).text, number);
        }
        TRY(entry_add(walk, number, entry));
    }
    return bundle_ends(walk, &tile, rest);
}

/* With all of it read: what was changed, and from which entry on? */
static struct err judge(struct walk *walk)
{
    struct ledger_folder_check *check = walk->check;
    struct sha256 root = ledger_merkle_root(&walk->edge.frontier), stored = ledger_merkle_root(&walk->stored.frontier);
    bool entries_are_whole = ledger_hash_eq(&root, &check->checkpoint.root);
    if (!entries_are_whole && walk->odd_entry != LEDGER_NO_ENTRY) {
        check->first_bad = walk->odd_entry;
        return err_format(walk->arena, ERR_DENIED, "entry %" PRIu64 " is not the one that was logged%s",
                walk->odd_entry,
                ledger_hash_eq(&stored, &check->checkpoint.root) ? "" : ", nor do the tiles lead to the checkpoint");
    }
    if (!entries_are_whole && walk->odd_to > 0)
        return err_format(walk->arena, ERR_DENIED,
                "one of the entries %" PRIu64 " to %" PRIu64
                " is not the one that was logged; its hash was changed with it",
                walk->odd_from, walk->odd_to);
    if (!entries_are_whole)
        return err_make(ERR_DENIED, "entries and tiles agree, but do not lead to the root of the checkpoint");
    if (walk->odd_entry != LEDGER_NO_ENTRY) {
        struct ledger_tile tile = {.index = walk->odd_entry / LEDGER_TILE_WIDTH};
        tile.width = ledger_tile_width(check->checkpoint.size, 0, tile.index);
        check->bad_tile = arena_printf(walk->arena, "%s", ledger_folder_name(&tile).text);
    }
    if (check->bad_tile != NULL)
        return err_format(
                walk->arena, ERR_DENIED, "%s: is not what its entries lead to; the entries are whole", check->bad_tile);
    return OK;
}

static struct err judge_since(const struct walk *walk)
{
    const struct ledger_checkpoint *since = walk->check->since;
    if (walk->follows)
        return OK;
    return err_format(walk->arena, ERR_DENIED,
            "the first %" PRIu64 " entries are not those of the older checkpoint: the log was written anew",
            since->size);
}

static struct err read_all(struct walk *walk)
{
    const struct ledger_edge_sink sink = {walk, compare};
    struct buf bundle = buf_make(LEDGER_BUNDLE_MAX);
    struct err err = OK;
    uint64_t count = ledger_tile_count(walk->check->checkpoint.size, 0);
    for (uint64_t index = 0; index < count && err.kind == ERR_NONE; index++)
        err = bundle_add(walk, index, &bundle);
    buf_free(&bundle);
    TRY(err);
    TRY(ledger_edge_rest(&walk->edge, 0, &sink));
    TRY(judge(walk));
    return judge_since(walk);
}

/* What can be said before anything is read: whose log, how long, who signed. */
static struct err checkpoint_read(
        const struct ledger_folder *folder, struct ledger_folder_check *check, struct arena *arena, bool *follows)
{
    slice note = arena_copy(arena, buf_slice(&folder->note)); /* what is found outlives the folder */
    struct ledger_note signatures;
    struct sha256 empty = ledger_merkle_empty();
    if (note.len == 0)
        return err_make(ERR_MISSING, "the log has no checkpoint");
    if (check->known_count > 0) {
        TRY(ledger_checkpoint_open(note, check->known, check->known_count, arena, &check->checkpoint, NULL));
    } else {
        TRY(ledger_note_parse(note, arena, &signatures));
        TRY(ledger_checkpoint_parse(signatures.text, arena, &check->checkpoint));
    }
    const struct ledger_checkpoint *since = check->since;
    *follows = since == NULL || (since->size == 0 && ledger_hash_eq(&since->root, &empty));
    if (since == NULL)
        return OK;
    if (!slice_eq(since->origin, check->checkpoint.origin))
        return err_make(ERR_DENIED, "the older checkpoint is of another log");
    if (since->size > check->checkpoint.size)
        return err_format(arena, ERR_DENIED, "the log went back: it had %" PRIu64 " entries, and has %" PRIu64,
                since->size, check->checkpoint.size);
    return OK;
}

struct err ledger_folder_verify(struct ledger_folder *folder, struct ledger_folder_check *check, struct arena *arena)
{
    bool follows;
    check->first_bad = LEDGER_NO_ENTRY;
    check->bad_tile = NULL;
    TRY(checkpoint_read(folder, check, arena, &follows));
    struct walk *walk = calloc(1, sizeof *walk);
    if (walk == NULL)
        return err_errno(arena, "verifying a log");
    walk->folder = folder;
    walk->check = check;
    walk->arena = arena;
    walk->odd_entry = LEDGER_NO_ENTRY;
    walk->follows = follows;
    struct err err = read_all(walk);
    free(walk);
    return err;
}
