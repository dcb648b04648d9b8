/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Taking intelligence in: one road for a file, a paste, a feed, TAXII and the console. A text of any form becomes
 * objects of one source, in as many works as it needs and in the memory of one batch; they are seen when the last of
 * them is there, all at once, or never. What was refused is kept with its reason and its original, what was left behind
 * with its name, and the text itself where its objects do not hold it.
 *
 * Everything belongs to one call and one thread.
 */
#include "form/object.h"
#include "store/import.h"

#define INTEL_OBJECTS_MAX 5000000            /* objects of one text, if the options say nothing */
#define INTEL_BYTES_MAX (UINT64_C(64) << 30) /* bytes of one text, unpacked, if the options say nothing */
#define INTEL_REFUSED_MAX 100000             /* refused things that are kept; further ones are counted */
#define INTEL_BATCH_OBJECTS OBJECT_BATCH_MAX /* of one transaction: the more, the fewer pages are written twice */
#define INTEL_BATCH_BYTES (16u << 20)        /* bytes of them, but for one that is larger */
#define INTEL_ORIGINAL_BYTES (4u << 20)      /* bytes of the text in one part of what is kept of it */
#define INTEL_SETTLE_OBJECTS 5000            /* added by an import after which the database counts anew what it holds */
#define INTEL_SWEEP_STEP 2000                /* objects of a failed import that are removed in one transaction */

struct actor;

/* What became of a text, so far or at the end. */
struct intel_report {
    int64_t import;         /* its number; 0: none was begun, or it was a dry run */
    const char *form;       /* "stix"; NULL while nobody knows */
    uint64_t bytes;         /* of the text */
    uint64_t objects;       /* read and well formed; the sum of the next six, but in a dry run */
    uint64_t fresh;         /* of an id that the source had not */
    uint64_t newer, older;  /* versions later and earlier than the newest that the source had */
    uint64_t duplicates;    /* are there already */
    uint64_t conflicts;     /* the same version with other content is there: kept apart */
    uint64_t crowded;       /* not kept: there are too many of that version (OBJECT_VARIANTS_MAX) */
    uint64_t refused;       /* not valid */
    uint64_t dropped;       /* understood and left behind */
    uint64_t warned;        /* kept, though something in it should be otherwise */
    uint64_t other_creator; /* of the new, newer and older: by another creator than the first version, and kept */
    struct sha256 digest;   /* of the text, when it was read to its end */
    bool removing;          /* what failed imports had brought is being removed, or could not be yet */
};

/* Adds the counts of one to a sum; `import`, form and digest become those of the one. */
void intel_report_add(struct intel_report *sum, const struct intel_report *one);

/* Who wants to know as it happens. Any may be NULL. */
struct intel_watch {
    void *context;
    void (*progress)(void *context, const struct intel_report *report); /* after each batch */
    bool (*stop)(void *context);                                        /* asked often; true ends it, nothing stays */
    void (*refused)(void *context, uint64_t line, uint64_t column, const char *why, slice original);
    void (*dropped)(void *context, const char *what, uint64_t count);
    void (*warned)(void *context, uint64_t line, uint64_t column, const char *why);
    void (*conflict)(void *context, slice id, slice version);
    void (*other_creator)(void *context, slice id, slice version);
    void (*read)(void *context, const struct form_object *object); /* each that is well formed, in a dry run, too */
    /* Each object when its batch is kept; slices live until it returns. */
    void (*taken)(void *context, const struct object_put *row, const struct object_outcome *outcome);
};

struct intel_ingest {
    slice source;         /* its name; it is added if it is new */
    slice kind;           /* of a new source: file, paste, feed, taxii, desk */
    slice name;           /* of the text: a file, an address, "paste" */
    const char *form;     /* NULL: by its looks */
    slice creator;        /* identity id that translated objects name; empty: none */
    slice marking;        /* marking-definition id for translated objects that have none; empty: none */
    uint64_t objects_max; /* 0: INTEL_OBJECTS_MAX */
    uint64_t bytes_max;   /* 0: INTEL_BYTES_MAX */
    /* Posted to this collection; 0: to none. A grant to write there is then the right, in place of that to import. */
    int64_t collection;
    /* The last word in the work that makes the import seen, with watch.context; may run twice. NULL: not wanted. */
    struct err (*finish)(void *context, struct work *work, int64_t import);
    struct intel_watch watch;
};

/*
 * Takes the whole text in, or nothing of it; the record of a failed import says why. ERR_DENIED by right or grant;
 * ERR_INPUT if the text cannot be of that form or nothing in it can be used; ERR_LIMIT beyond a ceiling; ERR_CONFLICT
 * if it was stopped. *report is filled in any case.
 */
MUST_USE struct err intel_ingest(struct db *db, const struct actor *actor, const struct intel_ingest *ingest,
        const struct stix_stream *text, struct arena *arena, struct intel_report *report);
/* The same for a text in memory. */
MUST_USE struct err intel_ingest_text(struct db *db, const struct actor *actor, const struct intel_ingest *ingest,
        slice text, struct arena *arena, struct intel_report *report);
/* Reads as intel_ingest does and keeps nothing: what would be refused, left behind and warned of. */
MUST_USE struct err intel_ingest_dry(const struct intel_ingest *ingest, const struct stix_stream *text,
        struct arena *arena, struct intel_report *report);

/* Removes what failed imports of this or any program left, in steps; `watch` may be NULL. */
MUST_USE struct err intel_sweep(struct db *db, const struct actor *actor, const struct intel_watch *watch);
/* Writes the text of an import as it came, if it was kept. ERR_MISSING if it was not. */
MUST_USE struct err intel_original(struct db *db, const struct actor *actor, int64_t import, struct arena *arena,
        struct err (*write)(void *context, slice text), void *context);
