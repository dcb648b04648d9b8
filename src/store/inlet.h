/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Inlets: where the events of a stream come in by themselves, as a socket that a sensor writes to or a folder in which
 * reports are dropped. And what of a stream only they change: what was shed, and positions of pieces of its spool,
 * which nobody asks for any more when the piece is gone.
 */
#include "store/work.h"

#define INLETS_MAX 256 /* of a node */

enum inlet_kind { INLET_UNIX, INLET_SYSLOG, INLET_SYSLOG_TLS, INLET_FILE, INLET_FOLDER, INLET_KINDS };

struct inlet {
    int64_t number, stream;
    slice name;           /* of the stream */
    int64_t organisation; /* whose the stream is; 0: reports about many */
    slice format;         /* of the stream */
    enum inlet_kind kind;
    slice place; /* a path, or ADDRESS:PORT */
    int64_t added_us;
};

/* ERR_CONFLICT if the stream has it; ERR_LIMIT beyond INLETS_MAX. */
MUST_USE struct err store_inlet_add(
        struct work *work, int64_t stream, enum inlet_kind kind, slice place, int64_t *number);
/* ERR_MISSING. */
MUST_USE struct err store_inlet_drop(struct work *work, int64_t stream, enum inlet_kind kind, slice place);
/* All of them, in the order in which they were added. */
MUST_USE struct err store_inlet_list(struct db *db, struct arena *arena, struct inlet **rows, size_t *row_count);

const char *store_inlet_kind_name(enum inlet_kind kind); /* "syslog+tls" */
/* Or INLET_KINDS, if it is none. */
enum inlet_kind store_inlet_kind_find(slice name);

/* So many records more were let go. */
MUST_USE struct err store_inlet_shed(struct work *work, int64_t stream, uint64_t records);
/* The input that a piece of the stream's spool is; in the arena. */
slice store_inlet_piece(struct arena *arena, uint64_t piece);
/* Forgets how far the pieces before this one were read. */
MUST_USE struct err store_inlet_forget(struct work *work, int64_t stream, uint64_t piece);

/* Inputs that were posted: with an id that their client gave, by which a repeat is known, or without. */
#define INLET_POST_NAMED "id/"
#define INLET_POST_UNNAMED "post/"
/* Forgets those that were read to their end before these moments. */
MUST_USE struct err store_inlet_forget_posts(struct work *work, int64_t named_us, int64_t unnamed_us);
