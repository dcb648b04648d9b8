/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The patterns of an index that no table can answer, and what finds their candidate events. Read-only once open and
 * shared by the workers; the index has to outlive them. Private to sift.
 *
 * How an event becomes a hit:
 *
 * 1. Each pattern has a cover (stix/cover.h), and each hint of it a way (sift/observe.h): values of the index, literals
 *    of the prefilter, ports, or any event with an object of that kind. The worker's watcher collects which patterns an
 *    event is a candidate of, while it does what it does for all events.
 * 2. The watcher makes the view of a candidate event and evaluates those patterns on it. One that speaks of a single
 *    observation is decided there.
 * 3. Of the others the event is a sighting, which goes into the pattern's window when its block is delivered
 *    (sift/windows.h).
 *
 * With sift_job.plain every pattern is evaluated on every event: step 1 is left out.
 */
#include "match/match.h"
#include "sift/prefilter.h"
#include "stix/solve.h"

#define WATCH_BYTES_MAX ((size_t)8 << 30) /* of all patterns of an index, read */

struct watched {
    struct stix_pattern pattern;
    struct match_entry entry;
    bool lone; /* one observation decides */
};

/* What stands for a pattern: the number of a literal, a port, or a set of types (sift/observe.h). */
struct watch_sign {
    uint32_t sign, pattern;
};

struct watch_signs {
    struct watch_sign *rows; /* by sign, then pattern */
    size_t count;
};

struct watch_set {
    const struct match_index *index;
    struct arena *arena;
    struct watched *patterns;
    uint32_t count;
    size_t width; /* words of the widest pattern */
    struct prefilter *prefilter;
    uint32_t literal_count;
    struct watch_signs literals, ports, objects;
    uint64_t port_map[1024];
    uint32_t text_types;   /* that have to go through the prefilter */
    uint32_t object_types; /* of all in `objects` */
};

/* All patterns of the index; NULL if it has none. ERR_INPUT if it is damaged, ERR_LIMIT if they are too much. */
MUST_USE struct err watch_set_open(const struct match_index *index, struct watch_set **set);
void watch_set_close(struct watch_set *set); /* NULL is allowed */

/* The first row with a sign that is not below. */
size_t watch_sign_find(const struct watch_signs *signs, uint32_t sign);

/* Whether this one observation makes a pattern true that is `lone`. */
bool watch_is_met(const struct stix_node *node, const uint64_t *words, int64_t when_us);
