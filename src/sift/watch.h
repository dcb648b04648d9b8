/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The patterns of an index that no table can answer: what finds their candidate events, and the windows of those that
 * speak of several observations. All but the windows and counts is read-only once open and shared by the workers; those
 * belong to whoever delivers blocks, one at a time and in the order of the input (work.c). Private to sift.
 *
 * How an event becomes a hit:
 *
 * 1. Each pattern has a cover (stix/cover.h), and each hint of it a way (sift/observe.h): values of the index, literals
 *    of the prefilter, ports, or any event with an object of that kind. The worker's watcher collects which patterns an
 *    event is a candidate of, while it does what it does for all events.
 * 2. The watcher makes the view of a candidate event and evaluates those patterns on it. One that speaks of a single
 *    observation is decided there.
 * 3. Of the others the event is a sighting, which goes into the pattern's window when its block is delivered.
 *
 * With sift_job.plain every pattern is evaluated on every event: step 1 is left out.
 */
#include "match/match.h"
#include "sift/prefilter.h"
#include "sift/sift.h"

#define WATCH_BYTES_MAX ((size_t)8 << 30) /* of all patterns of an index, read */
#define WATCH_FILE_BITS 24                /* of a tag; the rest is the line */

struct watched {
    struct stix_pattern pattern;
    struct match_entry entry;
    bool lone;  /* one observation decides */
    bool again; /* the same as an earlier one */
    /* in the order of the input: */
    struct stix_window *window; /* NULL until needed */
    int64_t newest_us;
    uint64_t late;     /* sightings that came too long after later ones */
    uint64_t given_up; /* events that took more steps than they are given, outside of the window */
};

/* What stands for a pattern: the number of a literal, a port, or a set of types (sift/observe.h). */
struct watch_sign {
    uint32_t sign, pattern;
};

struct watch_signs {
    struct watch_sign *rows; /* by sign, then pattern */
    size_t count;
};

struct sift_watch {
    const struct match_index *index;
    struct arena *arena;
    struct stix_window_limits limits;
    struct watched *patterns;
    uint32_t count;
    size_t width; /* words of the widest pattern */
    struct prefilter *prefilter;
    uint32_t literal_count;
    struct watch_signs literals, ports, objects;
    uint64_t port_map[1024];
    uint32_t text_types;   /* that have to go through the prefilter */
    uint32_t object_types; /* of all in `objects` */
    /* in the order of the input: */
    const char **files;
    size_t file_count;
    struct arena *work;
    int64_t arrived_us; /* when the last event arrived of which the log does not say a time */
    uint64_t cut;       /* events of which the view had no room for all */
};

/* The first row with a sign that is not below. */
size_t watch_sign_find(const struct watch_signs *signs, uint32_t sign);

/* Whether this one observation makes a pattern true that is `lone`. */
bool watch_is_met(const struct stix_node *node, const uint64_t *words, int64_t when_us);

/* From here on, sightings are of this file. Its number comes back. */
uint64_t watch_file(struct sift_watch *watch, const char *file);

/* An event that meets some [ ] of a pattern. */
struct sighting {
    uint32_t pattern;
    uint64_t line;
    int64_t time_us;       /* TIME_NONE: the log does not say, */
    int64_t when_us;       /* and then this is now, for the worker */
    size_t row_at;         /* the rows of the block that come before its own */
    const uint64_t *words; /* as stix_evaluate_one gave them */
};

struct sightings {
    const struct sighting *rows;
    size_t count;
    const uint32_t *given_up; /* patterns, once for each event */
    size_t given_up_count;
    uint64_t cut;
    uint64_t file; /* its number */
    const char *file_name, *format;
};

/* Puts the sightings of a block into the windows. If there are hits, *merged becomes all rows of the block, and true.
 */
bool watch_deliver(
        struct sift_watch *watch, const struct sightings *sightings, slice rows, struct buf *merged, uint64_t *hits);

/* The row of a hit; `tags` of the events, none for a single one. */
void watch_row_write(const struct sift_watch *watch, struct buf *rows, struct buf *text,
        const struct match_entry *entry, const struct sighting *sighting, const struct sightings *place,
        const struct stix_window_answer *answer);
