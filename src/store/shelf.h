/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Shelves: rows of a table in the order of their moments, as TAXII reads them. What lies in a collection (collected.c)
 * and what was released to a partner (released.c) get their moments, stand to each other and are read in one way; a
 * table of rows says how its statements go, and who may see which row. Private to this folder.
 */
#include "store/collected.h"

enum shelf_way { SHELF_SHOWN, SHELF_TYPE, SHELF_ALL, SHELF_WAYS };

/*
 * The statements of one table. $1 is the shelf; of those that read, the last parameter is the time by which rows are
 * valid, if the shelf is guarded.
 */
struct shelf {
    const char *count;               /* rows of id $2 */
    const char *list;                /* of id $2: added_us, version, spec_version, standing; by spec_version, version */
    const char *stand;               /* of the row of moment $2: standing $3, shown $4 */
    const char *several;             /* id, added_us of rows behind $2, at most $3, whose id has other rows */
    const char *ways[SHELF_WAYS][2]; /* rows behind $2, at most $3, of type $4; without bytes, and (if plain) with */
    const char *of_id;               /* rows of id $2 behind $3, at most $4 */
    const char *bytes;               /* of the row of moment $2 */
    bool guarded;                    /* rows are vouched for before they are given */
};

/* Columns of `ways` and `of_id`. */
#define SHELF_COLUMNS(bytes, entry, digest)                                                                            \
    "SELECT c.added_us, c.object, c.id, c.type, c.version, c.spec_version, c.standing, " bytes ", " entry ", " digest

/* ---- Moments and standing ---- */

/* The first moment behind `last_us` that is not before now: who polls by a clock of its own must not be past it. */
int64_t shelf_moment(int64_t last_us, int64_t now_us);

/* Says anew how the rows of an id stand to each other. */
MUST_USE struct err shelf_stand(struct work *work, const struct shelf *shelf, int64_t number, slice id);
/* The same for each id of which there is a row of this moment or later; crowded(context, id) for one of more than
 * COLLECTED_VERSIONS_MAX rows. */
MUST_USE struct err shelf_stand_since(struct work *work, const struct shelf *shelf, int64_t number, int64_t first_us,
        struct err (*crowded)(void *context, slice id), void *context);

/* ---- Reading ---- */

struct shelf_reading {
    struct db *db;
    const struct shelf *shelf;
    int64_t number, now_us; /* now_us: of a guarded one */
    const struct collected_query *query;
    bool bytes;
    struct arena *arena;
    collected_take *take;
    /* Of a guarded one: leaves out what must not leave, then looks at the bytes of each that does; false: not given. */
    struct err (*vouch)(void *guard, struct collected *rows, size_t *count);
    bool (*genuine)(void *guard, const struct collected *row);
    void *context, *guard;
    struct collected_end end;
    size_t given, given_bytes;
};
/* As store_collected_read. */
MUST_USE struct err shelf_read(struct shelf_reading *reading);
