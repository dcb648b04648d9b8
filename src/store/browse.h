/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Browsing: the newest version of what is seen, the latest to arrive first, chosen by several things at once. Each page
 * is found by one way through the store (words, a tag, a judgement, marks, a source, a type, or all), and what comes
 * that way is offered to a visitor who may pass it over. A page ends at BROWSE_LOOKED_MAX such offers, however few were
 * taken, so that no choice reads everything; it then says where to go on.
 */
#include "store/object.h"

#define BROWSE_LOOKED_MAX 1000       /* objects that are offered for one page */
#define BROWSE_PASSED_MAX 20000      /* objects of imports that are not seen, passed on the way to one page */
#define BROWSE_CURSOR_MAX 1024       /* bytes of a place as text */
#define BROWSE_BYTES_MAX (64u << 20) /* bytes of the objects held at once, but for one that is larger */

struct browse {
    slice query; /* words, search.h; empty: none */
    slice tag;   /* of ours; empty: none */
    slice type;
    int64_t source;            /* 0: all */
    int64_t since_us;          /* arrived since; TIME_NONE: whenever */
    enum object_judged judged; /* holds here; 0: whatever */
    const slice *marks;        /* store_search_refs; `visit` says whether they hold */
    size_t mark_count;
    void *context;
    /* One object, which lives until it returns. *taken: it is on the page. */
    struct err (*visit)(void *context, const struct object *object, bool *taken);
};

/* Where a page ended; zero to begin. The way decides what of it is used. */
struct browse_place {
    int64_t tier, number;
    slice id;
    bool end;
};

/* Up to `count` are taken. Errors are those of search.h, of the database, and of the visitor. */
MUST_USE struct err store_browse(
        struct db *db, const struct browse *browse, struct browse_place *place, size_t count, struct arena *arena);
/* A place as text for an address, and back; ERR_INPUT if it is none. */
slice store_browse_cursor(const struct browse_place *place, struct arena *arena);
MUST_USE struct err store_browse_place(slice cursor, struct browse_place *place);

/* How many sources have a version of this id that is seen; at most `most`. */
MUST_USE struct err store_browse_sources(struct db *db, slice id, size_t most, int64_t *count);
/* How many objects of a source there are, all versions, seen or not; at most `most`. */
MUST_USE struct err store_browse_count(struct db *db, int64_t source, size_t most, int64_t *count);
/* Versions and variants of an id from all sources, without their bytes, by source, version and variant. */
MUST_USE struct err store_browse_versions(
        struct db *db, slice id, size_t count, struct arena *arena, struct object **rows, size_t *row_count);
/* Some newest version of an id, whoever says it; ERR_MISSING. */
MUST_USE struct err store_browse_any(struct db *db, slice id, struct arena *arena, struct object *object);
/* The version of its source and id before this one; ERR_MISSING. */
MUST_USE struct err store_browse_before(
        struct db *db, const struct object *object, struct arena *arena, struct object *before);
