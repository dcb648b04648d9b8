/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Giving intelligence out of the store, in the forms of src/export: chooses objects, page by page in one look, so that
 * all of it is of one moment, whatever others do meanwhile. What we hold to be a false positive, withdrawn or expired
 * stays here, and is named. Of an id that several sources have, the latest version goes out, once.
 */
#include "base/clock.h"
#include "export/export.h"
#include "store/object.h"

#define INTEL_SEND_PAGE 500 /* objects held at once */

struct actor;

struct intel_send {
    const struct export_kind *kind;
    struct export_options options;
    slice type;        /* "indicator"; empty: all */
    slice source;      /* name; empty: all */
    int64_t since_us;  /* what arrived at or after this; TIME_NONE: all */
    const slice *ids;  /* these only, with the markings that they refer to */
    size_t id_count;   /* 0: all */
    bool all_versions; /* every version and variant, not the newest; for kinds that take them */
    void *context;
    struct err (*write)(void *context, slice text);
    void (*left_out)(void *context, const char *what, uint64_t count); /* at the end, each name once */
    void (*progress)(void *context, uint64_t objects);                 /* now and then; may be NULL */
    bool (*stop)(void *context);                                       /* may be NULL */
};

struct intel_sent {
    uint64_t objects; /* handed to the export */
    uint64_t values;  /* of indicators, that it wrote or left out by name */
    uint64_t left_out;
};

/* ERR_DENIED by right, ERR_MISSING if there is no such source, ERR_INPUT if the kind takes no old versions. */
MUST_USE struct err intel_send(struct db *db, const struct actor *actor, const struct intel_send *send,
        struct arena *arena, struct intel_sent *sent);
