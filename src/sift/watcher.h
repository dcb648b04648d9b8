/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A worker's eye on patterns: which records of a block are candidates of which, and whether they meet them
 * (sift/watch.h tells the whole). Belongs to one worker; NULL where no pattern is watched for, and then nothing here is
 * called. Private to sift.
 */
#include "sift/records.h"
#include "sift/windows.h"

struct watcher;

/* NULL if the generation has no patterns. It has to live as long as blocks are read for it. */
struct watcher *watcher_open(
        const struct sift_watch *watch, const struct generation *generation, const struct event_reader *reader);
void watcher_close(struct watcher *watcher); /* NULL is allowed */

/* Before a block. */
void watcher_begin(struct watcher *watcher);

/* The fast road looks at all records: whether values that are no observables are needed, too; */
bool watcher_wants_all(const struct watcher *watcher);
/* the picks of one, and this many of worker->observables; */
void watcher_offer(struct worker *worker, const struct record *record, size_t observables);
/* and when all were offered, which records may meet a pattern is added to worker->met. */
void watcher_scan(struct worker *worker);

/* A record is read in full: it met a hint of a pattern of that part. `watcher` may be NULL. */
void watcher_hint(struct watcher *watcher, size_t part, uint32_t pattern);
/* Evaluates the patterns that it is a candidate of, on the plain road all: rows of hits, sightings for the windows. */
void watcher_decide(struct worker *worker, const struct record *record, int64_t time_us);

/* Of the block; all but the place is filled. They live until the next. */
struct sightings watcher_sightings(const struct watcher *watcher);
