/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What was seen for the patterns that speak of several observations: a window for each, and counts. It belongs to
 * whoever delivers blocks (work.c), one at a time and in the order of the input, and lives across inputs and
 * generations: a window is known by its indicator's id and pattern, so it stays as long as both do, whichever part of
 * the intelligence they stand in. Private to sift.
 */
#include "sift/generation.h"
#include "sift/sift.h"
#include "sift/take.h"

#define WATCH_FILE_BITS 24 /* of a tag; the rest is the line */

/* From here on, sightings are of this file. Its number comes back. */
uint64_t watch_file(struct sift_watch *watch, const char *file);
/* What sift_watch_open was given an index for; NULL: it is for a live one. */
const struct generation *watch_generation(const struct sift_watch *watch);
uint64_t watch_steps(const struct sift_watch *watch); /* of work for one event and pattern */

/* An event that meets some [ ] of a pattern. */
struct sighting {
    const struct watched *watched;
    uint64_t line;
    int64_t time_us;           /* TIME_NONE: the log does not say, */
    int64_t when_us;           /* and then this is now, for the worker */
    size_t row_at;             /* the rows of the block that come before its own */
    const uint64_t *words;     /* as stix_evaluate_one gave them */
    const struct event *event; /* for a taker: when, between whom, what; no observables */
};

struct sightings {
    const struct sighting *rows;
    size_t count;
    const struct watched *const *given_up; /* once for each event */
    size_t given_up_count;
    uint64_t cut;
    uint64_t file; /* its number */
    const char *file_name, *format;
    const struct sift_taker *taker; /* is shown the hits instead of rows; NULL: rows */
    void *gatherer;
};

/* A block was matched against this generation: what is kept of patterns that are no more is dropped. */
void watch_follow(struct sift_watch *watch, const struct generation *generation);
/*
 * Puts the sightings of the block into the windows. If there are hits, *merged becomes all rows of the block, and true.
 */
bool watch_deliver(
        struct sift_watch *watch, const struct sightings *sightings, slice rows, struct buf *merged, uint64_t *hits);

/* The row of a hit; `tags` of the events, none for a single one. */
void watch_row_write(const struct sift_watch *watch, struct buf *rows, struct buf *text,
        const struct match_entry *entry, const struct sighting *sighting, const struct sightings *place,
        const struct stix_window_answer *answer);
