/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper of a run: it waits until a half is to be kept, has the workers go on with the other, and keeps it. Files
 * of the memory are on disk before the work that names them; a file that no work names is left over, and removed by
 * who tidies the memory.
 */
#include "detect/taking.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/object.h"
#include "store/work.h"
#include "json/read.h"

#define WAIT_MS 10

void taking_fail(struct taking *taking, struct err err)
{
    if (taking->err.kind != ERR_NONE)
        return;
    snprintf(taking->why, sizeof taking->why, "%s", err.why);
    taking->err = err_make(err.kind, taking->why);
}

/* ---- One half ---- */

struct keeping {
    struct taking *taking;
    struct half *half;
    struct fold_rows rows;
    struct remembered remembered;
    struct batch_move move;
    struct batch batch;
    bool remembers;
};

/* What its producers say that an indicator is about: the first source that says anything. */
static struct err indicator_types(void *context, slice indicator, struct arena *arena, slice *types)
{
    struct taking *taking = context;
    int64_t *sources;
    size_t count, versions;
    *types = S("");
    TRY(store_object_sources(taking->db, indicator, arena, &sources, &count, &versions));
    for (size_t i = 0; i < count && types->len == 0; i++) {
        struct object object;
        struct err err = store_object_newest(taking->db, sources[i], indicator, arena, &object);
        if (err.kind == ERR_NONE)
            *types = json_get(object.bytes, S("indicator_types"));
        else if (err.kind != ERR_MISSING)
            return err;
    }
    return OK;
}

/* All that the half came to, and how far the input is read by then: together or not at all. */
static struct err keep_action(struct work *work, void *context)
{
    struct keeping *keeping = context;
    struct half *half = keeping->half;
    struct batch *batch = &keeping->batch;
    *batch = half->batch;
    batch->stream = keeping->taking->stream.number;
    TRY(store_batch_add(work, batch, keeping->taking->moves ? &keeping->move : NULL, &batch->number));
    for (size_t i = 0; i < half->quarantined_count; i++)
        half->quarantined[i].batch = batch->number;
    TRY(store_batch_quarantine(work, half->quarantined, half->quarantined_count));
    TRY(store_met_fold(work, batch->number, keeping->rows.mets, keeping->rows.met_count));
    if (keeping->remembers)
        TRY(remember_add(work, &keeping->remembered));
    TRY(doubles_put(work, batch->stream, batch->number, &half->doubles));
    TRY(store_count_add(work, keeping->rows.counts, keeping->rows.count_count));
    bool empty = batch->events == 0 && batch->malformed == 0; /* only that the input is at its end */
    return empty ? OK : store_batch_tell(work, batch, (int64_t)keeping->rows.met_count);
}

static struct err half_keep(struct taking *taking, struct half *half, bool done)
{
    struct keeping keeping = {.taking = taking, .half = half, .move = taking->move};
    struct remember *remember = taking->ingest->remember;
    keeping.move.now.bytes = (int64_t)half->bytes;
    keeping.move.now.records = (int64_t)half->lines;
    keeping.move.now.done = done;
    TRY(fold_rows(half->fold, taking->stream.number, indicator_types, taking, taking->arena, &keeping.rows));
    keeping.remembers = taking->remembers && half->noted > 0;
    if (keeping.remembers)
        TRY(remember_write(remember, taking->db, half->gathers, half->workers, taking->arena, &keeping.remembered));
    struct err err = store_work(taking->db, &taking->ingest->options.actor, taking->arena, keep_action, &keeping);
    if (keeping.remembers)
        remember_end(&keeping.remembered);
    if (err.kind != ERR_NONE)
        return err;
    taking->move.bytes_before = keeping.move.now.bytes;
    taking->move.now.done = done;
    taking->totals->batches++;
    taking->totals->met += keeping.rows.met_count;
    return OK;
}

static void half_reset(struct taking *taking, struct half *half)
{
    fold_reset(half->fold);
    arena_reset(half->arena);
    doubles_drop(&half->doubles);
    half->batch = (struct batch){0};
    half->quarantined_count = half->quarantined_bytes = half->noted = 0;
    half->since_us = 0;
    for (unsigned i = 0; i < taking->workers && taking->remembers; i++)
        memory_gather_reset(half->gathers[i]);
}

/* ---- When ---- */

static bool is_due(const struct taking *taking, int64_t now_us)
{
    const struct half *half = &taking->halves[taking->current];
    if (half->since_us == 0)
        return false;
    int64_t age_us = now_us - half->since_us;
    bool quiet = taking->input->follows || now_us - taking->last_us >= INGEST_IDLE_US;
    return taking->ending || half_is_large(half) || age_us >= INGEST_OLD_US || (age_us >= INGEST_US && quiet);
}

/* Until there is something to keep, or nothing will come. */
static bool due_wait(struct taking *taking)
{
    while (!is_due(taking, clock_steady_us())) {
        struct timespec until;
        if (taking->ending)
            return false;
        if (taking->halves[taking->current].since_us == 0) {
            pthread_cond_wait(&taking->wake, &taking->mutex);
            continue;
        }
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WAIT_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&taking->wake, &taking->mutex, &until);
    }
    return true;
}

/* The workers go on with the other half; behind the last that still notes into this one it is the keeper's alone. */
static struct half *half_seal(struct taking *taking)
{
    struct half *half = &taking->halves[taking->current];
    taking->current = !taking->current;
    taking->keeping = true;
    if (taking->doubles != NULL)
        doubles_take(taking->doubles, &half->doubles);
    pthread_cond_broadcast(&taking->room);
    while (half->settling > 0)
        pthread_cond_wait(&taking->wake, &taking->mutex);
    half->workers = taking->workers;
    return half;
}

void *taking_keep(void *context)
{
    struct taking *taking = context;
    pthread_mutex_lock(&taking->mutex);
    while (taking->err.kind == ERR_NONE && due_wait(taking)) {
        if (taking->err.kind != ERR_NONE)
            break; /* the half has part of a block */
        struct half *half = half_seal(taking);
        bool done = taking->ending && taking->complete;
        pthread_mutex_unlock(&taking->mutex);
        struct err err = half_keep(taking, half, done);
        pthread_mutex_lock(&taking->mutex);
        if (err.kind != ERR_NONE)
            taking_fail(taking, err);
        half_reset(taking, half);
        arena_reset(taking->arena);
        taking->keeping = false;
        pthread_cond_broadcast(&taking->room);
    }
    pthread_mutex_unlock(&taking->mutex);
    return NULL;
}
