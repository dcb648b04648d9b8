/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A worker and the rows it makes: what find.c and decode.c work with. Private to sift.
 */
#include "sift/blocks.h"
#include "sift/generation.h"
#include "sift/sift.h"
#include "sift/take.h"

struct watcher;

#define MALFORMED_KEPT 100 /* of a block, for who keeps them; more are counted */
#define MALFORMED_TOLD 10  /* of a run */

struct malformed {
    uint64_t line;
    size_t column;
    const char *why; /* in the worker's arena */
    slice record;    /* of the block; empty: it is not there */
};

struct worker {
    const struct sift_job *job;
    const char *file;
    const struct event_reader *first_reader; /* as the input began */
    const struct event_reader *reader;       /* of the record being read */
    struct event_reader framed;              /* what a frame made of it; in the arena */
    uint64_t frames;                         /* changes whenever the reader does */
    struct arena *arena;                     /* emptied with each block */
    struct block block;
    struct json_scan *scan; /* JSON formats on the fast road */
    struct json_picker *picker;
    const struct generation *generation;          /* what this block is matched against; NULL: decode */
    uint64_t fitted;                              /* the number of the one that sieves and watcher are for; 0: none */
    struct match_sieve *sieves[GENERATION_PARTS]; /* the fast road of find.c, one for each part */
    struct json_picks picks;
    struct observable *observables;
    size_t observable_count;   /* of the record being read */
    struct sift_totals totals; /* of the block */
    struct buf rows;           /* whole rows, in the order of the block */
    struct malformed malformed[MALFORMED_KEPT];
    size_t tail;             /* bytes of the last record of the block, if it is malformed; 0: it is not */
    struct watcher *watcher; /* NULL: no patterns */
    void *gatherer;          /* of the job's taker; NULL: it has none */
    uint8_t *met;            /* find.c, fast road: per line of the block, whether it may meet an indicator */
    size_t met_room;
    uint8_t *offers; /* find.c, fast road: by field of the reader, what to do with its values */
    size_t offers_room;
    uint64_t offers_frames; /* the reader's `frames` and 1; 0: none yet */
    bool met_any;
    struct buf text; /* for a value on its way into a row */
};

/* Counts a record that is no event and keeps the first reports; `offset` is where in the record. */
void worker_malformed(struct worker *worker, slice record, uint64_t line, size_t offset, const char *why);

/* What is done with the records of a block: each fills rows and totals. */
void sift_find(struct worker *worker);
/* What the sieves of a worker tell: the record of that index may meet an indicator. */
void sift_may_meet(void *context, uint32_t tag);
void sift_decode(struct worker *worker);
