/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Imports: one text from one source, taken in as many works as it needs, seen at once when it is done. While it runs,
 * nothing of it is seen; if it fails, or its program dies, nothing ever was. Undoing hides what only it brought, and
 * earlier versions count again; what another import brought as well stays.
 *
 *     begin -> object_put, refuse, drop, original ... -> finish (seen) -> undo (hidden)
 *                                                     -> fail (never seen)
 *
 * begin, finish, fail and undo write their row of the journal themselves: "import.begin", "import.done",
 * "import.failed", "import.undone", with subject "import/NUMBER" and, in its detail, the numbers of the first and last
 * object.
 */
#include "store/object.h"

#define IMPORT_ORIGINAL_MAX (64u << 20) /* bytes of one part of an original */
#define IMPORT_WHY_MAX 1000             /* bytes kept of a reason */
#define IMPORT_REFUSED_BYTES_MAX 65536  /* bytes kept of what was refused; the rest is said to be cut */
#define IMPORT_SILENT_US 120000000      /* a program of another machine that wrote nothing for so long is dead */

enum import_state { IMPORT_RUNNING, IMPORT_DONE, IMPORT_UNDONE, IMPORT_FAILED };

struct import_begin {
    int64_t source;
    slice name; /* of the file, the feed's address, "paste" */
    slice form; /* "stix", "misp"; may be told at the end */
};

struct import_end {
    slice form;           /* or empty: as begun */
    uint64_t bytes;       /* of the text */
    struct sha256 digest; /* of the text */
};

struct import {
    int64_t number, source, organisation;
    slice actor, name, form;
    enum import_state state;
    slice why;                  /* it failed or was undone */
    int64_t began_us, ended_us; /* ended_us: or TIME_NONE */
    int64_t bytes, added, duplicates, conflicts, crowded, refused, dropped;
    int64_t other_creator; /* of those added, object.h */
    int64_t first, last; /* objects that it brought first; 0: none. Those that it brought again are not between them */
    struct sha256 digest;
};

struct import_refused {
    uint64_t line, column;
    slice why, original;
    bool cut;       /* original is only its beginning */
    int64_t number; /* given by the store */
};

struct import_dropped {
    slice what;
    uint64_t count;
};

MUST_USE struct err store_import_begin(struct work *work, const struct import_begin *begin, int64_t *number);
/* All these: ERR_CONFLICT if the import is not running (any more). */
MUST_USE struct err store_import_refuse(
        struct work *work, int64_t number, const struct import_refused *rows, size_t count);
/* Adds to what was left behind under that name. */
MUST_USE struct err store_import_drop(
        struct work *work, int64_t number, const struct import_dropped *rows, size_t count);
/* A part of the text itself, packed by the caller, for forms whose objects do not hold it. Parts count from 0. */
MUST_USE struct err store_import_original(struct work *work, int64_t number, int64_t part, slice bytes);
/* That it still runs, for who reads long without putting anything; *source: whose it is. ERR_CONFLICT. */
MUST_USE struct err store_import_beat(struct work *work, int64_t number, int64_t *source);
MUST_USE struct err store_import_finish(struct work *work, int64_t number, const struct import_end *end);
/* What there was of its text goes; what it refused stays. */
MUST_USE struct err store_import_fail(struct work *work, int64_t number, slice why);
/* ERR_CONFLICT if it is not done. */
MUST_USE struct err store_import_undo(struct work *work, int64_t number, slice why);
/* Ends running imports whose program died as failed; called at start and now and then. */
MUST_USE struct err store_import_recover(struct work *work, uint64_t *failed);
/* Removes up to `most` objects that only failed imports brought, with their rows; 0 in *removed: none is left. */
MUST_USE struct err store_import_sweep(struct work *work, size_t most, uint64_t *removed);
struct import_left {
    uint64_t dead;    /* running imports whose program died; at most STORE_PAGE_MAX are counted */
    uint64_t unswept; /* failed ones of which something may be left */
};
/* What these two would find: cheap, for who asks first. */
MUST_USE struct err store_import_left(struct db *db, struct arena *arena, struct import_left *left);

MUST_USE struct err store_import_get(struct db *db, int64_t number, struct arena *arena, struct import *import);
/* Newest first, before the number `before` (INT64_MAX: from the end). source 0: all. */
MUST_USE struct err store_import_list(struct db *db, int64_t source, int64_t before, size_t count, struct arena *arena,
        struct import **rows, size_t *row_count);
/* In order of their arrival behind the row `after`, which moves to the last one given; begin with 0. */
MUST_USE struct err store_import_refused_list(struct db *db, int64_t number, int64_t *after, size_t count,
        struct arena *arena, struct import_refused **rows, size_t *row_count);
/* By name behind `after`; begin with an empty one. */
MUST_USE struct err store_import_dropped_list(struct db *db, int64_t number, slice after, size_t count,
        struct arena *arena, struct import_dropped **rows, size_t *row_count);
/* ERR_MISSING behind the last part. */
MUST_USE struct err store_import_original_get(
        struct db *db, int64_t number, int64_t part, struct arena *arena, slice *bytes);
const char *store_import_state_name(enum import_state state); /* "running" */
