/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The forms in which intelligence goes out to who defends with it: one file per kind, each ending in a
 * `const struct export_kind`; kinds.c is the table. A kind is given objects one at a time, writes text, and says by
 * name what it could not use.
 *
 * Validity and markings are settled here once for all kinds (export.c): an indicator that is revoked, expired or not
 * yet valid is left out, and so is one whose PAP forbids what the kind does with it (kind->action). What that means,
 * and what each kind leaves out, is told in doc/why/exports.md.
 *
 * Of an object only the newest version may be given, but to a kind that takes all (kind->versions): an older version
 * does not know that it was taken back.
 */
#include "base/buf.h"
#include "base/observable.h"
#include "stix/marks.h"

#define EXPORT_KEYS_MAX (1u << 25) /* values that a kind remembers, to write each once */
#define EXPORT_REASONS_MAX 256     /* different names of what was left out; more are told as one */

/* What a defender does with it; compared with PAP. */
enum export_action {
    EXPORT_READ,   /* people and machines read it: no limit of PAP, which is written along */
    EXPORT_DETECT, /* own sensors look for it on the network: PAP:AMBER and less */
    EXPORT_BLOCK,  /* connections fail: visible from outside, PAP:GREEN and PAP:CLEAR only */
};

/* Whether PAP lets a defender do this. None is taken as GREEN (doc/why/exports.md). */
bool export_pap_allows(enum stix_pap pap, enum export_action action);

/* One object to be written. */
struct export_object {
    slice bytes;    /* the STIX object, 2.0 or 2.1, byte for byte */
    slice type, id; /* as the keeper knows them; not needed, they are read from the bytes */
};

struct export_options {
    int64_t now_us;          /* validity is asked at this moment */
    slice name;              /* of the node or organisation, for headers; empty: "kentongan" */
    slice zone;              /* rpz: name of the zone, so that names fit below it; empty: any of up to 64 bytes */
    uint32_t serial;         /* rpz: serial of the SOA; 0: seconds of now_us */
    uint32_t sid_from;       /* suricata: first of 2^30 signature ids; 0: 1000000000 */
    uint32_t attributes_max; /* misp: of one event, then another begins; 0: 50000 */
    bool repeatable;         /* ids of the wrapping (a bundle's) come from the content, not from chance */
    bool private_too;        /* kinds that block: addresses of private networks as well (RFC 1918 and the like) */
    bool formulas_too;       /* csv: values that a spreadsheet takes for a formula as well, as they are */
};

struct export;
struct export_kind {
    const char *name;  /* stix, misp, csv, rpz, suricata, suricata-rules, zeek, nft */
    const char *about; /* one line for help */
    enum export_action action;
    const char *extension; /* "json", "rpz" */
    bool versions;         /* all versions of an object may be given */
    bool revoked;          /* is told of revoked indicators too (INDICATOR_REVOKED) */
    bool says_objects;     /* objects that are no indicators are named as left out */
    /* Any may be NULL. Each appends to the export's text (kind.h). */
    struct err (*begin)(struct export *export);
    struct err (*object)(struct export *export, const struct export_object *object);   /* every object */
    struct err (*indicator)(struct export *export, const struct indicator *indicator); /* every usable value */
    struct err (*pattern)(
            struct export *export, const struct indicator *pattern); /* more than values; NULL: left out */
    struct err (*end)(struct export *export);
    void (*close)(struct export *export); /* frees what the kind holds; also after an error */
};

extern const struct export_kind *const export_kinds[]; /* ends with NULL */
const struct export_kind *export_kind_find(slice name);

/* Where text goes as it is made, and the names of what was left out: "indicator not yet valid", "PAP:AMBER". */
struct export_sink {
    void *context;
    struct err (*write)(void *context, slice text);
    /* At the end, each name once. */
    void (*left_out)(void *context, const char *what, uint64_t count);
    /* At once, with the id of the object, as it came; NULL: not wanted. */
    void (*left_out_object)(void *context, const char *what, slice id);
};

struct export_totals {
    uint64_t objects;  /* given */
    uint64_t values;   /* of indicators, handed to the kind */
    uint64_t left_out; /* objects and values, by any name */
};

/* Opens, writes objects one after another, ends. The export belongs to one thread; close it in any case. */
MUST_USE struct err export_open(const struct export_kind *kind, const struct export_options *options,
        const struct export_sink *sink, struct export **export);
/*
 * Marking definitions have to come before what they mark, or are known by their published ids (TLP, PAP). What is no
 * JSON object is left out by that name; errors are those of the sink and of ceilings.
 */
MUST_USE struct err export_object(struct export *export, const struct export_object *object);
MUST_USE struct err export_end(struct export *export);
struct export_totals export_totals(const struct export *export);
void export_close(struct export *export); /* NULL is allowed */
