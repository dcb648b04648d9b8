/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * STIX objects, every version, byte for byte as they came. Each source stands for itself: what one says of an id never
 * replaces what another says. Of a source and an id, the version with the latest `modified` counts; the same version
 * with other content is kept apart as a variant, reported, and does not count while the first is there.
 *
 * An object is seen when an import that brought it is done (import.h). That is decided when it is read, so that a
 * million objects appear, and go again, with one changed row.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "store/work.h"

#define OBJECT_BYTES_MAX (64u << 20) /* of one object */
#define OBJECT_ID_MAX 256            /* bytes of an id; type names have at most 250 (STIX 2.1 section 2.9) and a UUID */
#define OBJECT_VARIANTS_MAX 16       /* of one version of an id from one source */
#define OBJECT_PAGE_BYTES (16u << 20) /* after which a page ends; one object may be larger */
#define OBJECT_BATCH_MAX 10000        /* rows of one store_object_put */

/* What an import hands over. Slices live until the call returns; bytes are JSON that passed json_check(). */
struct object_put {
    slice bytes;
    slice id, type, spec_version;
    slice version;       /* `modified` so that byte order is order of time; empty: a kind without versions */
    slice created_by;    /* or empty */
    int64_t modified_us; /* or TIME_NONE */
    bool revoked;
    bool made;             /* translated by us: compared by meaning with the newest */
    struct sha256 meaning; /* of what it says; of an object as it came, of its bytes */
};

enum object_outcome_kind {
    OBJECT_ADDED,     /* will be seen when the import is done */
    OBJECT_DUPLICATE, /* the same is there already */
    OBJECT_CONFLICT,  /* the same version with other content is there: kept apart as a variant */
    OBJECT_CROWDED,   /* not kept: OBJECT_VARIANTS_MAX are there */
};

struct object_outcome {
    enum object_outcome_kind kind;
    int64_t number; /* of the object added or of the one that is there; 0: not kept */
    int64_t other;  /* OBJECT_CONFLICT: the object that it contradicts */
    /* OBJECT_ADDED: the first version that the source has names another creator, who alone may change it (STIX 2.1
     * section 3.6). It is kept and counts all the same: that is what the source says. */
    bool other_creator;
};

/*
 * Puts a batch into a running import and counts it there. outcomes[i] for each row. ERR_CONFLICT: the import is not
 * running (any more). ERR_LIMIT: an object or id is too long.
 */
MUST_USE struct err store_object_put(struct work *work, int64_t import, const struct object_put *rows, size_t count,
        struct object_outcome *outcomes);

enum object_judged { OBJECT_FALSE_POSITIVE = 1, OBJECT_EXPIRED = 2, OBJECT_WITHDRAWN = 4 };

struct object {
    int64_t number; /* grows in order of arrival */
    int64_t source, import;
    slice id, type, spec_version, version, created_by, bytes;
    int64_t modified_us, added_us; /* modified_us: or TIME_NONE */
    int64_t variant;               /* 0: the first with this version */
    bool revoked;                  /* by its creator */
    bool made;
    bool newest;       /* the one that counts of its source and id */
    unsigned judged;   /* what we hold of it, judgement.h: bits of enum object_judged */
    int64_t expiry_us; /* OBJECT_EXPIRED: from then on; else TIME_NONE */
};

/* What is asked for; zero is everything. */
struct object_filter {
    slice type;        /* "indicator"; empty: all */
    int64_t source;    /* 0: all */
    int64_t import;    /* those that an import brought, first or again; 0: all */
    bool all_versions; /* else the newest of each source and id */
    bool unseen;       /* with `import`: even if no import of theirs is done, for who undoes one */
};

/*
 * Lists are pages in order of arrival, behind the number `after`; read on with the last one's. ERR_LIMIT if the arena
 * is too small for the objects of a page: ask for fewer, or use store_object_page.
 */
MUST_USE struct err store_object_list(struct db *db, const struct object_filter *filter, int64_t after, size_t count,
        struct arena *arena, struct object **rows, size_t *row_count);

/*
 * The same for whoever reads to the end, however large objects are: a page ends behind OBJECT_PAGE_BYTES, too, so it
 * may be short without being the last. Begin with zero; *end: nothing is behind it.
 */
struct object_place {
    int64_t after;
    bool end;
};
MUST_USE struct err store_object_page(struct db *db, const struct object_filter *filter, struct object_place *place,
        size_t count, struct arena *arena, struct object **rows, size_t *row_count);
/* ERR_MISSING, too, for an object that is not seen. */
MUST_USE struct err store_object_get(struct db *db, int64_t number, struct arena *arena, struct object *object);
/* The one that counts of a source and an id; ERR_MISSING. */
MUST_USE struct err store_object_newest(
        struct db *db, int64_t source, slice id, struct arena *arena, struct object *object);
/* Every version and variant of an id, by source, version and variant, from all sources. At most STORE_PAGE_MAX. */
MUST_USE struct err store_object_versions(
        struct db *db, slice id, struct arena *arena, struct object **rows, size_t *row_count);

/* Numbers of all sources of which something is seen of that id; *versions: how many rows those are. */
MUST_USE struct err store_object_sources(
        struct db *db, slice id, struct arena *arena, int64_t **sources, size_t *source_count, size_t *versions);
