/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The event road without a database: inputs are cut into blocks, workers read the records of a block, and what they
 * find is written in the order of the input, whatever the number of workers.
 *
 *     input → blocks → worker: find.c (match) or decode.c (decode) → rows in order → output
 */
#include "event/event.h"
#include "match/match.h"
#include "stix/window.h"

#define SIFT_THREADS_MAX 256
#define SIFT_ROW_MAX (64u << 20) /* bytes of rows of one block */

struct sift_totals {
    uint64_t events;
    uint64_t bytes;      /* unpacked */
    uint64_t hits;       /* rows made */
    uint64_t malformed;  /* records that are no event */
    uint64_t suppressed; /* hits that a warning list holds */
    uint64_t invalid;    /* hits of indicators expired, or not yet valid */
    uint64_t replaced;   /* of a live index: hits of what is revoked since, or has a newer version */
    uint64_t strict;     /* records that took the strict road */
    bool output_lost;    /* the output takes no more rows: no further input is worth reading */
};

/* A record that is no event. `line` and `column` from 1. */
typedef void sift_malformed(void *context, const char *file, uint64_t line, uint64_t column, const char *why);
/* How far we are: bytes of the input as it lies there (total 0: nobody knows), and what was counted until now. */
typedef void sift_progress(
        void *context, const char *file, uint64_t done, uint64_t total, const struct sift_totals *totals);

/*
 * The STIX patterns of an index that have to be evaluated, and what was seen for those that speak of several
 * observations: it lives across the inputs of a run. Belongs to who opened it; one sift_run at a time. The names of
 * inputs have to live as long.
 */
struct sift_watch;
/* Of a live index: NULL. NULL for the default limits. ERR_INPUT if the index is damaged, ERR_LIMIT if the patterns are
 * too much. */
MUST_USE struct err sift_watch_open(
        const struct match_index *index, const struct stix_window_limits *limits, struct sift_watch **watch);
void sift_watch_close(struct sift_watch *watch); /* NULL is allowed */

struct sift_watch_counts {
    uint64_t patterns;
    uint64_t out_of_time, out_of_room; /* candidate events that left their windows (stix/window.h) */
    uint64_t lost;                     /* of these, that could still have been part of a match, */
    uint64_t losers;                   /* and of how many patterns */
    uint64_t given_up;                 /* events on which a pattern took more steps than it is given */
    uint64_t cut;                      /* candidate events with more objects or values than a view has room for */
    uint64_t withdrawn; /* candidate events in windows of patterns that were revoked or replaced meanwhile */
};
struct sift_watch_counts sift_watch_counts(const struct sift_watch *watch);
/* Every pattern that gave up, by name, and on how many events. */
typedef void sift_given_up(void *context, slice name, uint64_t events);
void sift_watch_given_up(const struct sift_watch *watch, sift_given_up *tell, void *context);

struct live;
struct sift_taker;

struct sift_job {
    struct live *live;               /* a live index (sift/live.h), each block against the newest; or NULL and */
    const struct match_index *index; /* one that stays. Both NULL: write every event (decode) */
    const struct match_index *allow; /* warning lists; NULL: none */
    struct sift_watch *watch;        /* of the same index, or live; NULL: patterns are not looked for */
    const char *format;              /* NULL: each input by its looks */
    struct event_options options;
    unsigned threads;               /* at least 1 */
    bool plain;                     /* the slow twin: strict reading and single look-ups only */
    int output;                     /* rows go to this file descriptor */
    const struct sift_taker *taker; /* of sift_take (sift/take.h); else NULL */
    void *context;
    sift_malformed *malformed;
    sift_progress *progress; /* NULL: not wanted */
};

/*
 * Runs one input through; "-" is standard input. Adds to *totals. ERR_INPUT or ERR_SYSTEM if the input cannot be read
 * to its end (what came before is written), ERR_SYSTEM if the output cannot be written, ERR_LIMIT if a block has rows
 * beyond SIFT_ROW_MAX (it writes none of them).
 */
MUST_USE struct err sift_run(
        const struct sift_job *job, const char *file, struct arena *arena, struct sift_totals *totals);
