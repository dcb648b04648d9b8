/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/lane.h"

#include <pthread.h>

#include "base/arena.h"
#include "base/clock.h"
#include "json/scan.h"

struct lane {
    struct lane_limits limits;
    struct spool *spool;
    pthread_mutex_t lock;
    int64_t over_us, full_us; /* since when, by the steady clock; 0: it is not */
    int64_t came_us;
    uint64_t records, shed, told;
};

struct err lane_open(const char *folder, const struct lane_limits *limits, struct arena *arena, struct lane **lane)
{
    struct spool *spool;
    TRY(spool_open(folder, arena, &spool));
    struct lane *made = calloc(1, sizeof *made);
    if (made == NULL)
        abort();
    *made = (struct lane){.limits = *limits, .spool = spool, .came_us = TIME_NONE};
    pthread_mutex_init(&made->lock, NULL);
    *lane = made;
    return OK;
}

void lane_close(struct lane *lane)
{
    if (lane == NULL)
        return;
    spool_close(lane->spool);
    pthread_mutex_destroy(&lane->lock);
    free(lane);
}

/* ---- Pressure ---- */

static void mark(int64_t *since_us, bool is, bool was, int64_t now_us)
{
    if (is && *since_us == 0)
        *since_us = now_us;
    else if (!is && !was)
        *since_us = 0;
}

/*
 * A lane that was full has tried the patience of its senders already: until half of it has been taken, what comes
 * beyond the ceiling is shed without a further pause. Otherwise each piece that is taken would begin a new one, and a
 * sender that cannot wait would lose more on its side, where nobody counts.
 */
static enum lane_pressure pressure_of(struct lane *lane, uint64_t bytes, int64_t now_us)
{
    const struct lane_limits *limits = &lane->limits;
    mark(&lane->over_us, bytes > limits->queue_bytes, bytes > limits->queue_bytes / 2, now_us);
    mark(&lane->full_us, bytes > limits->spool_bytes, bytes > limits->spool_bytes / 2, now_us);
    if (bytes <= limits->queue_bytes)
        return LANE_FREE;
    if (bytes > limits->spool_bytes)
        return now_us - lane->full_us < limits->patience_us ? LANE_HOLD : LANE_SHED;
    return now_us - lane->over_us < limits->patience_us ? LANE_HOLD : LANE_SPILL;
}

enum lane_pressure lane_pressure(struct lane *lane)
{
    uint64_t bytes = spool_bytes(lane->spool);
    pthread_mutex_lock(&lane->lock);
    enum lane_pressure pressure = pressure_of(lane, bytes, clock_steady_us());
    pthread_mutex_unlock(&lane->lock);
    return pressure;
}

/* ---- In and out ---- */

static void count(struct lane *lane, slice records, bool kept)
{
    uint64_t came = json_scan_newlines(records);
    pthread_mutex_lock(&lane->lock);
    lane->records += came;
    lane->shed += kept ? 0 : came;
    lane->came_us = clock_now_us();
    pthread_mutex_unlock(&lane->lock);
}

bool lane_sheds(struct lane *lane, slice records)
{
    bool sheds = lane_pressure(lane) == LANE_SHED;
    if (sheds)
        count(lane, records, false);
    return sheds;
}

void lane_put(struct lane *lane, slice records, struct arena *arena, const char **why)
{
    struct err err = spool_put(lane->spool, records, arena);
    *why = err.why;
    count(lane, records, err.kind == ERR_NONE);
}

struct err lane_sync(struct lane *lane, struct arena *arena)
{
    return spool_sync(lane->spool, arena);
}

bool lane_first(struct lane *lane, struct arena *arena, struct spool_piece *piece)
{
    return spool_first(lane->spool, arena, piece);
}

struct err lane_drop(struct lane *lane, uint64_t number, struct arena *arena)
{
    return spool_drop(lane->spool, number, arena);
}

struct err lane_set_aside(struct lane *lane, uint64_t number, struct arena *arena)
{
    return spool_set_aside(lane->spool, number, arena);
}

bool lane_waits(struct lane *lane)
{
    return spool_bytes(lane->spool) > 0;
}

uint64_t lane_shed_since(struct lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    uint64_t since = lane->shed - lane->told;
    lane->told = lane->shed;
    pthread_mutex_unlock(&lane->lock);
    return since;
}

struct lane_counts lane_counts(struct lane *lane)
{
    uint64_t bytes = spool_bytes(lane->spool);
    int64_t since_us = spool_since_us(lane->spool);
    pthread_mutex_lock(&lane->lock);
    struct lane_counts counts = {
            .waiting_bytes = bytes,
            .records = lane->records,
            .shed = lane->shed,
            .came_us = lane->came_us,
            .lag_us = since_us == 0 ? 0 : clock_now_us() - since_us,
            .pressure = pressure_of(lane, bytes, clock_steady_us()),
    };
    pthread_mutex_unlock(&lane->lock);
    return counts;
}
