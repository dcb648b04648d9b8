/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Says whether STIX content is what the standard demands: STIX 2.1 with Errata 01, and STIX 2.0 by its own smaller
 * rules in bundles that say "spec_version": "2.0". What the standard must have is an error, what it should have a
 * warning; both name the path in the object and the section. Unknown types and properties are kept and only warned of.
 *
 * Content is a bundle (section 8), a TAXII 2.1 envelope (its section 3.7), one object, a list of these, or one of these
 * a line. It is read as a stream: an object is held at a time, never the whole. Of STIX 2.0 are checked the properties
 * that it requires, the kinds of values of those that it shares with 2.1, ids, times and their order; its vocabularies
 * are not, and what only it knows is taken as it is.
 *
 * Everything belongs to one call; one thread.
 */
#include "base/err.h"

struct arena;

#define STIX_OBJECT_MAX (32u << 20) /* bytes of one object */

enum stix_level { STIX_ERROR, STIX_WARNING };

struct stix_finding {
    enum stix_level level;
    uint64_t line, column; /* from 1, columns in bytes */
    const char *why;       /* a sentence with path and section; lives until the call returns */
    bool inside;           /* the object that is handed on next; else it is about the bundle or the text */
};

/*
 * An object when it was checked, valid or not, and what stood at its top: raw JSON, empty where absent. Slices live
 * until the call returns.
 */
struct stix_checked {
    slice json;            /* its bytes; not always an object: then `valid` is false */
    bool valid;            /* it breaks no MUST */
    bool older;            /* it was checked as STIX 2.0 */
    uint64_t line, column; /* where it begins */
    slice type, id, modified, created_by_ref, revoked;
};

/* Where findings and objects go. */
struct stix_sink {
    void *context;
    void (*found)(void *context, const struct stix_finding *finding);
    /* Findings of each level that are told; what is beyond is only counted. */
    uint64_t errors_max, warnings_max;
    /* Each value of well-formed JSON that stands where an object should; NULL: not wanted. */
    struct err (*object)(void *context, const struct stix_checked *object);
    /*
     * An object without spec_version in a bundle is one of STIX 2.0 (section 3.2: its implicit value), also where the
     * bundle does not say so. Whoever keeps objects wants this: a bundle may hold both versions. Whoever judges a file
     * does not. An envelope of TAXII 2.1 holds objects of 2.1.
     */
    bool implicit;
};

/* Where bytes come from: as many as are there, up to `room`; 0 at the end. */
struct stix_stream {
    void *context;
    struct err (*read)(void *context, char *to, size_t room, size_t *got);
};

struct stix_totals {
    uint64_t objects, errors, warnings, bytes;
    /* ERR_INPUT: the JSON is broken; ERR_LIMIT: a ceiling was met. What stands behind was not read; the last error that
     * was told says where. */
    enum err_kind broken;
};

/*
 * Reads to the end, or to where the JSON breaks. OK also when findings were told: the totals say how many. Errors are
 * those of the source and of memory.
 */
MUST_USE struct err stix_validate(const struct stix_stream *source, const struct stix_sink *sink,
        struct arena *messages, struct stix_totals *totals);
/* The same for a text in memory. */
MUST_USE struct err stix_validate_text(
        slice text, const struct stix_sink *sink, struct arena *messages, struct stix_totals *totals);
