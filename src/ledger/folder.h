/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A log in a folder, as C2SP tlog-tiles has it, so that a web server can serve its files as they are. It knows no
 * database: who owns the rows appends their bytes, and may do so again.
 *
 *     checkpoint              the signed note; all up to its size is on disk
 *     tile/0/..., tile/1/...  hashes        tile/entries/...  entries
 *     .new/                   what is being written
 *
 * 1. What lies beyond the size of the checkpoint was promised to nobody: the next append writes it anew.
 * 2. Files are written in .new, synced, renamed into their place, and their folders synced; then, and by another call,
 *    the checkpoint. So nothing is visible that is not on disk, whenever the program dies.
 * 3. A full tile is never changed (0444). A partial one stays as long as there is no full one.
 *
 * A folder belongs to one thread; one process at a time may append, any number may read.
 */
#include "ledger/checkpoint.h"
#include "ledger/tile.h"

struct ledger_folder;

enum ledger_folder_use { LEDGER_FOLDER_READ, LEDGER_FOLDER_APPEND };

/*
 * Finds how far the log is, and that the right edge of its tiles leads to the root of the checkpoint; ERR_INPUT names
 * the first bad tile. To append, the folder is made if need be, what a crash left is taken away, and ERR_CONFLICT says
 * that another process has it. Errors of all functions lie in the arena, which outlives the folder.
 */
MUST_USE struct err ledger_folder_open(
        const char *path, enum ledger_folder_use use, struct arena *arena, struct ledger_folder **folder);
void ledger_folder_close(struct ledger_folder *folder); /* NULL is allowed */

/* Entries whose tiles are synced: at least those of the checkpoint. */
uint64_t ledger_folder_size(const struct ledger_folder *folder);
struct sha256 ledger_folder_root(const struct ledger_folder *folder);
/* The checkpoint's note; empty if there is none yet. Its signatures are not verified. */
slice ledger_folder_note(const struct ledger_folder *folder);

/*
 * Entries from this number on; when it returns OK, their tiles are synced. Those that are there already with the same
 * bytes are passed over; other bytes are ERR_CONFLICT, which names the entry, and a gap is ERR_INPUT. On failure the
 * log is as long as it was.
 */
MUST_USE struct err ledger_folder_append(
        struct ledger_folder *folder, uint64_t from, const slice *entries, size_t count, struct arena *arena);
/*
 * Makes a signed note the checkpoint; on disk when it returns OK. ERR_CONFLICT if its size and root are not those of
 * the folder, or it goes back. Its signatures are the caller's affair.
 */
MUST_USE struct err ledger_folder_publish(struct ledger_folder *folder, slice note, struct arena *arena);

/* ERR_MISSING if there is none of that number; ERR_INPUT names a tile that is not what it should be. */
MUST_USE struct err ledger_folder_entry(
        struct ledger_folder *folder, uint64_t index, struct arena *arena, slice *entry);
/* For the proofs of merkle.h, up to the folder's size; errors lie in the arena. As long as both are open. */
struct ledger_hashes ledger_folder_hashes(struct ledger_folder *folder);

#define LEDGER_NO_ENTRY UINT64_MAX

/* What is to be verified, and what came of it. */
struct ledger_folder_check {
    const struct ledger_verifier *known; /* keys of the log and of witnesses; none: signatures are not asked for */
    size_t known_count;
    const struct ledger_checkpoint *since; /* an older checkpoint that the log has to be consistent with; or NULL */
    /* Asked for every entry, in order; an error ends the check with it, and names that entry as bad. May be NULL. */
    struct err (*each)(void *context, uint64_t index, slice entry, struct arena *arena);
    void *context;
    /* What was found: */
    struct ledger_checkpoint checkpoint;
    uint64_t first_bad;   /* the number of the first entry that is not what was logged; LEDGER_NO_ENTRY: not known */
    const char *bad_tile; /* or the first tile that is not; NULL: none */
};

/*
 * Reads all that the checkpoint speaks of and computes every hash anew. OK if all of it agrees; ERR_DENIED says what
 * does not (a signature, an entry, a tile, the root, an older checkpoint), ERR_MISSING and ERR_INPUT which file is not
 * there or cut off. One entry bundle and a tile of each level in memory.
 */
MUST_USE struct err ledger_folder_verify(
        struct ledger_folder *folder, struct ledger_folder_check *check, struct arena *arena);
