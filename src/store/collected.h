/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The objects in a collection, in the order in which they got there: each version of each object is a row with a moment
 * of its own, later than all before it. Who reads behind a moment misses nothing, and sees nothing twice, whatever is
 * added or taken away meanwhile. What is read is bounded by rows, by bytes, and by how many rows are looked at.
 *
 * The moments of rows are whole milliseconds, so that a client which cuts them to milliseconds loses nothing and reads
 * nothing again; doc/why/taxii.md says what becomes of that when very much comes at once.
 */
#include "store/object.h"

#define COLLECTED_IDS_MAX 256            /* ids, types or versions of one query */
#define COLLECTED_LIMIT_MAX 10000        /* rows of one page */
#define COLLECTED_PAGE_BYTES (16u << 20) /* after which a page ends; one object may be larger */
#define COLLECTED_SCAN_MAX 200000        /* rows that are looked at for one page */
#define COLLECTED_VERSIONS_MAX 10000     /* of one id in one collection */

/* The version of what has neither `modified` nor `created` (section 3.4.1 leaves it to us): always the same. */
#define COLLECTED_VERSION_NONE S("1970-01-01T00:00:00")

/* A time as versions are kept, so that byte order is order of time: without "Z" and the zeros before it. */
slice store_version_kept(slice text);
/* The version of an object as collections have it; `version` as in object.h. */
slice store_collected_version(slice version, slice bytes, struct arena *arena);

/* ---- In and out ---- */

/* An object of the store that is to be in the collection. */
struct collected_put {
    int64_t object;
    slice id, type, version, spec_version; /* version: of `modified`, else of `created`, as in object.h, or the next */
    bool fresh;                            /* surely not in it yet: need not be looked for */
};

enum collected_outcome {
    COLLECTED_IN,          /* it is in the collection, now or since before */
    COLLECTED_CONTRADICTS, /* the collection has this version with other content */
    COLLECTED_CROWDED,     /* there are COLLECTED_VERSIONS_MAX of that id */
};

/* What is new gets its moments under the lock of the collection. ERR_MISSING: the collection was removed. */
MUST_USE struct err store_collected_put(struct work *work, int64_t collection, const struct collected_put *rows,
        size_t count, enum collected_outcome *outcomes);
/* What an undone import alone had brought is in no collection any more. */
MUST_USE struct err store_collected_forget(struct work *work, int64_t import);

/* ---- Reading ---- */

/* How a row stands among those of its id in its collection. */
enum collection_standing {
    STANDING_FIRST_OF_SPEC = 1, /* the earliest version of its specification version */
    STANDING_LAST_OF_SPEC = 2,
    STANDING_NEWEST_SPEC = 4, /* of the newest specification version of its id */
    STANDING_FIRST = 8,       /* the earliest of all */
    STANDING_LAST = 16,
    STANDING_BEST = 32, /* no newer specification version has this version */
    STANDING_ALL = 63,
};

enum collected_versions { VERSIONS_FIRST = 1, VERSIONS_LAST = 2, VERSIONS_ALL = 4 };
enum collected_specs { SPECS_20 = 1, SPECS_21 = 2, SPECS_NONE = 4 };

/* What is asked for (TAXII 2.1 section 3.4): the fields hold together, the values of one each by itself. */
struct collected_query {
    int64_t after_us;                 /* added later than this */
    size_t limit;                     /* from 1 to COLLECTED_LIMIT_MAX */
    const slice *ids, *types, *exact; /* exact: versions as in struct collected_put */
    size_t id_count, type_count, exact_count;
    unsigned versions; /* bits of enum collected_versions; 0 without `exact`: the last */
    unsigned specs;    /* bits of enum collected_specs; 0: the newest of each object */
};

struct collected {
    int64_t added_us, object;
    slice id, type, version, spec_version;
    unsigned standing;
    slice bytes;   /* empty if they were not asked for */
    int64_t entry; /* of what was released (released.h): of the partner log; else -1 */
    slice digest;  /* of what was released */
};

struct collected_end {
    bool more;        /* there may be more behind `last_us` */
    int64_t first_us; /* of the first row; TIME_NONE: none was given */
    int64_t last_us;  /* where it came to: read on behind it */
};

/* Each row in turn; slices live until it returns. */
typedef struct err collected_take(void *context, const struct collected *row);
MUST_USE struct err store_collected_read(struct db *db, int64_t collection, const struct collected_query *query,
        bool bytes, struct arena *arena, collected_take *take, void *context, struct collected_end *end);

/* Takes what the query finds of one id out of the collection; the objects stay in the store. */
MUST_USE struct err store_collected_drop(
        struct work *work, int64_t collection, slice id, const struct collected_query *query, uint64_t *dropped);
