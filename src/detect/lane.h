/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A lane: what waits of one stream, and what is done when it is more than can be taken. Each stream has its own, so
 * that one that floods is only in its own way. Three steps, in this order:
 *
 *     hold   beyond `queue_bytes`, whoever sends is not read for `patience_us`: most senders can wait
 *     spill  then it is read again, and waits on disk, up to `spool_bytes`
 *     shed   beyond that, and after another `patience_us`, records are counted and let go
 *
 * Any thread may call; a lane belongs to its intake.
 */
#include "base/err.h"
#include "input/spool.h"

enum lane_pressure { LANE_FREE, LANE_HOLD, LANE_SPILL, LANE_SHED };

struct lane_limits {
    uint64_t queue_bytes, spool_bytes;
    int64_t patience_us;
};

struct lane_counts {
    uint64_t waiting_bytes;
    uint64_t records, shed; /* put since the lane was opened; of these, let go */
    int64_t came_us;        /* the last record, or TIME_NONE */
    int64_t lag_us;         /* how long the oldest record that waits does; 0: none */
    enum lane_pressure pressure;
};

struct lane;

MUST_USE struct err lane_open(
        const char *folder, const struct lane_limits *limits, struct arena *arena, struct lane **lane);
void lane_close(struct lane *lane); /* NULL is allowed */
/* What holds now for who would read more. */
enum lane_pressure lane_pressure(struct lane *lane);
/* Where a lane sheds, counts these records as let go, before anybody does work on them. */
bool lane_sheds(struct lane *lane, slice records);
/* Whole records, each with its newline. Where the disk refuses they are counted as shed: *why is the reason, else NULL.
 */
void lane_put(struct lane *lane, slice records, struct arena *arena, const char **why);
/* As those of the spool. */
bool lane_first(struct lane *lane, struct arena *arena, struct spool_piece *piece);
MUST_USE struct err lane_drop(struct lane *lane, uint64_t number, struct arena *arena);
MUST_USE struct err lane_set_aside(struct lane *lane, uint64_t number, struct arena *arena);
bool lane_waits(struct lane *lane);
MUST_USE struct err lane_sync(struct lane *lane, struct arena *arena);
/* What was shed since this was asked last; 0: nothing. */
uint64_t lane_shed_since(struct lane *lane);
struct lane_counts lane_counts(struct lane *lane);
