/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The forms in which intelligence goes out to who defends with it: one file per kind, each ending in a
 * `const struct export_kind`; kinds.c is the table. A kind is given objects one at a time, writes text, and says by
 * name what it could not use.
 *
 * Validity and markings are settled here once for all kinds (export.c): an indicator that is revoked, expired or not
 * yet valid is left out, and so is one whose PAP forbids what the kind does with it (kind->action).
 */
#include "base/buf.h"
#include "base/observable.h"

struct arena;

/* What a defender does with it; compared with PAP. */
enum export_action {
    EXPORT_READ,   /* people and machines read it: no limit of PAP */
    EXPORT_DETECT, /* own sensors look for it, invisible from outside: PAP:RED allows */
    EXPORT_BLOCK,  /* connections fail: visible from outside, PAP:GREEN and PAP:CLEAR only */
};

/* One object to be written. */
struct export_object {
    slice bytes; /* the STIX object, 2.0 or 2.1, byte for byte */
    slice type, id;
};

struct export_options {
    int64_t now_us;  /* validity is asked at this moment */
    slice name;      /* of the node or organisation, for headers and zone names */
    slice zone;      /* rpz: name of the zone; empty: "rpz.example"-like default of the kind */
    uint32_t serial; /* rpz SOA serial, Suricata sid base; 0: from now_us */
};

struct export;
struct export_kind {
    const char *name;  /* stix, misp, csv, rpz, suricata, suricata-rules, zeek, nft */
    const char *about; /* one line for help */
    enum export_action action;
    const char *extension; /* "json", "rpz" */
    /* Any may be NULL. Each appends to export_text(). */
    struct err (*begin)(struct export *export);
    struct err (*object)(struct export *export, const struct export_object *object);   /* every object */
    struct err (*indicator)(struct export *export, const struct indicator *indicator); /* every usable value */
    struct err (*end)(struct export *export);
};

extern const struct export_kind *const export_kinds[]; /* ends with NULL */
const struct export_kind *export_kind_find(slice name);

/* Where text goes as it is made, and the names of what was left out: "indicator not yet valid", "PAP:AMBER". */
struct export_sink {
    void *context;
    struct err (*write)(void *context, slice text);
    void (*left_out)(void *context, const char *what, uint64_t count);
};

/* Opens, writes objects one after another, ends. The export belongs to one thread; close it in any case. */
MUST_USE struct err export_open(const struct export_kind *kind, const struct export_options *options,
        const struct export_sink *sink, struct export **export);
/* Marking definitions have to come before what they mark, or are known by their published ids (TLP, PAP). */
MUST_USE struct err export_object(struct export *export, const struct export_object *object);
MUST_USE struct err export_end(struct export *export);
void export_close(struct export *export); /* NULL is allowed */
