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

#define SIFT_THREADS_MAX 256
#define SIFT_ROW_MAX (64u << 20) /* bytes of rows of one block */

struct sift_totals {
    uint64_t events;
    uint64_t bytes;      /* unpacked */
    uint64_t hits;       /* rows made */
    uint64_t malformed;  /* records that are no event */
    uint64_t suppressed; /* hits that a warning list holds */
    uint64_t invalid;    /* hits of indicators expired, or not yet valid */
    uint64_t strict;     /* records that took the strict road */
    bool output_lost;    /* the output takes no more rows: no further input is worth reading */
};

/* A record that is no event. `line` and `column` from 1. */
typedef void sift_malformed(void *context, const char *file, uint64_t line, uint64_t column, const char *why);
/* How far we are: bytes of the input as it lies there (total 0: nobody knows), and what was counted until now. */
typedef void sift_progress(
        void *context, const char *file, uint64_t done, uint64_t total, const struct sift_totals *totals);

struct sift_job {
    const struct match_index *index; /* NULL: write every event (decode) */
    const struct match_index *allow; /* warning lists; NULL: none */
    const char *format;              /* NULL: each input by its looks */
    struct event_options options;
    unsigned threads; /* at least 1 */
    bool plain;       /* the slow twin: strict reading and single look-ups only */
    int output;       /* rows go to this file descriptor */
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
