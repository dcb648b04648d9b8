/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A spool: records that wait on disk until they are read, in the order in which they came. It is a folder of pieces,
 * files of whole records; one is written at a time, and the oldest is read. A piece is read only when nothing more is
 * written into it, and removed when whoever reads it has kept what was in it: so a program that dies reads it again
 * from the beginning, and numbers of pieces, which are never used twice (they are the moment when a piece began), say
 * what was kept already.
 *
 * Any thread may call; whoever opened it closes it.
 */
#include "base/err.h"

#define SPOOL_PIECE_BYTES (4u << 20) /* a piece that is this long is ended */
#define SPOOL_PIECES_MAX 65536       /* that wait; more is ERR_LIMIT */

struct spool;

struct spool_piece {
    uint64_t number, bytes;
    const char *path;
};

/* Makes the folder if it is not there; what is in it waits. The end of a record that a crash tore off goes. */
MUST_USE struct err spool_open(const char *folder, struct arena *arena, struct spool **spool);
void spool_close(struct spool *spool); /* NULL is allowed; what waits stays */
/* Whole records, each with its newline: all of them or, on an error, none. */
MUST_USE struct err spool_put(struct spool *spool, slice records, struct arena *arena);
/* The oldest piece, which stays until it is dropped. False: nothing waits. */
bool spool_first(struct spool *spool, struct arena *arena, struct spool_piece *piece);
/* What was in the first piece is kept elsewhere. */
MUST_USE struct err spool_drop(struct spool *spool, uint64_t number, struct arena *arena);
/* The first piece cannot be read: it stays as NUMBER.refused, for a person to look at, and does not wait any more. */
MUST_USE struct err spool_set_aside(struct spool *spool, uint64_t number, struct arena *arena);
/*
 * Pieces that are full outlive a power failure from here on; those that are read at once need not. One thread, which
 * waits for the disk: whoever puts does not.
 */
MUST_USE struct err spool_sync(struct spool *spool, struct arena *arena);
/* That wait. */
uint64_t spool_bytes(struct spool *spool);
/* Since when the oldest does, by the clock; 0: nothing waits. */
int64_t spool_since_us(struct spool *spool);
