/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a batch comes to: counts by day, whose it is and class, and what was met, folded. Also the tables that say of
 * which class and how bad something is. A fold belongs to one thread at a time; all of it lives until it is reset.
 */
#include "base/observable.h"
#include "store/count.h"
#include "store/met.h"

/* ---- Classes ---- */

/* The classes of RSIT, and before them none: what the log calls an event that RSIT has no word for. */
struct fold_class {
    const char *name; /* "malicious-code/infected-system"; "" */
    enum severity severity;
};
#define FOLD_CLASSES 40
extern const struct fold_class fold_classes[FOLD_CLASSES];
/* By its type, "infected-system"; 0: none. */
unsigned fold_class_find(slice type);

/* Who spoke to whom, as far as whom it is about is concerned. */
enum fold_way {
    WAY_OUT,  /* theirs went there */
    WAY_IN,   /* it came to theirs */
    WAY_SEEN, /* neither: a file, a mail, a text */
};

/* The class of an indicator that was met, from the words of its indicator_types (a JSON array, or empty) and the way.
 */
const struct fold_class *fold_indicator_class(slice indicator_types, enum observable_type type, enum fold_way way);

/* ---- Folding ---- */

struct fold;
struct fold *fold_open(void);
void fold_close(struct fold *fold); /* NULL is allowed */
void fold_reset(struct fold *fold);
bool fold_empty(const struct fold *fold);
/* Rows and details by now: what a ceiling of a batch is about. */
size_t fold_size(const struct fold *fold);
/* Bytes of text in them. */
size_t fold_bytes(const struct fold *fold);

void fold_count(struct fold *fold, int64_t day, int64_t organisation, unsigned class, int64_t events, int64_t hits,
        int64_t doubles);

/* What was met once. The class may be left open ("" with a way and a type), until fold_settle. */
struct fold_met {
    int64_t organisation;
    slice cause_kind, cause;
    unsigned class; /* 0: none yet */
    enum fold_way way;
    enum observable_type type;
    unsigned severity; /* that the report says, and 1; 0: as its class has it */
    int64_t time_us, events;
    struct met_detail detail; /* digest, times and count are made here */
    /* What further columns a detail has, asked only of one that is kept: extra of `detail`. NULL: none. */
    slice (*extra)(void *context, struct arena *arena);
    void *context;
};
void fold_met(struct fold *fold, const struct fold_met *met);
/* All of `from` goes into `to`. */
void fold_merge(struct fold *to, const struct fold *from);

/* The rows for the store, in the arena: of the classes that are open, `types` tells what the indicator's types are. */
typedef struct err fold_types(void *context, slice indicator, struct arena *arena, slice *indicator_types);
struct fold_rows {
    struct event_count *counts;
    size_t count_count;
    struct met_put *mets;
    size_t met_count;
};
MUST_USE struct err fold_rows(const struct fold *fold, int64_t stream, fold_types *types, void *context,
        struct arena *arena, struct fold_rows *rows);
