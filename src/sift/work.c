/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/work.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "sift/live.h"
#include "sift/watcher.h"
#include "json/scan.h"

#define WORKER_ARENA_MAX (256u << 20)
#define TURN_LOOKS 1500 /* some 50 us */

/* Between two looks at what another core changes. */
static inline void cpu_relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* One run over one input: what the workers share. */
struct run {
    const struct sift_job *job;
    const char *file; /* as it was named */
    struct input *input;
    uint64_t from; /* bytes of it that are passed over */
    struct blocks *blocks;
    struct event_reader reader;
    uint64_t file_number;                /* of the watch */
    const struct generation *generation; /* of the index that stays; NULL: a live one, or none */
    struct buf merged;                   /* the rows of a block and of windows */
    struct arena *arena;
    struct sift_totals *totals; /* guarded by the mutex, as all below */
    _Atomic uint64_t next;      /* the block whose rows are written next; whoever waits may look without the mutex */
    unsigned malformed_told;
    struct err err;
    uint64_t err_line; /* the first of the block that could not be written */
    pthread_mutex_t mutex;
    pthread_cond_t turn;
};

void worker_malformed(struct worker *worker, slice record, uint64_t line, size_t offset, const char *why)
{
    uint64_t number = worker->totals.malformed++;
    bool last = record.len > 0 && record.ptr + record.len + 1 == worker->block.text.ptr + worker->block.text.len;
    worker->tail = last ? record.len : 0;
    if (number < MALFORMED_KEPT)
        worker->malformed[number] = (struct malformed){line, offset + 1, why, record};
}

static struct err put(int output, slice rows)
{
    if (file_write(output, rows))
        return OK;
    return err_make(ERR_SYSTEM, errno == EPIPE ? "nobody reads the output any more" : "the output cannot be written");
}

static void totals_add(struct sift_totals *to, const struct sift_totals *some)
{
    to->events += some->events;
    to->bytes += some->bytes;
    to->hits += some->hits;
    to->malformed += some->malformed;
    to->suppressed += some->suppressed;
    to->invalid += some->invalid;
    to->replaced += some->replaced;
    to->strict += some->strict;
}

/* The rows of the block, and among them those that its events bring about in windows. */
static const struct buf *rows_with_windows(struct run *run, const struct worker *worker)
{
    struct sightings sightings = watcher_sightings(worker->watcher);
    sightings.file = run->file_number;
    sightings.file_name = run->file;
    sightings.format = run->reader.format->name;
    sightings.taker = run->job->taker;
    sightings.gatherer = worker->gatherer;
    bool more = watch_deliver(run->job->watch, &sightings, buf_slice(&worker->rows), &run->merged, &run->totals->hits);
    return more ? &run->merged : &worker->rows;
}

/* All rows of the block or none: a buf that is full has lost some. */
static void rows_write(struct run *run, struct worker *worker)
{
    const struct buf *rows = worker->watcher == NULL ? &worker->rows : rows_with_windows(run, worker);
    run->err_line = worker->block.first_line;
    if (run->job->watch != NULL)
        watch_follow(run->job->watch, worker->generation);
    if (worker->rows.full || rows->full) {
        run->err = err_make(ERR_LIMIT, "the rows of one block exceed 64 MiB; look for fewer indicators at a time");
        return;
    }
    run->err = put(run->job->output, buf_slice(rows));
    run->totals->output_lost = run->err.kind != ERR_NONE;
}

/* A record that is still being written may be whole the next time: it is no event yet, and not malformed either. */
static void tail_leave(struct worker *worker, struct sift_delivery *delivery)
{
    if (!worker->job->taker->leaves_tail || !worker->block.unended || worker->tail == 0)
        return;
    slice tail = slice_from(worker->block.text, worker->block.text.len - 1 - worker->tail);
    worker->totals.malformed--;
    worker->totals.bytes -= worker->tail;
    delivery->tail = worker->tail;
    delivery->bytes -= worker->tail;
    delivery->lines -= json_scan_newlines(tail);
}

/* The same for a taker: what windows bring about becomes part of what is delivered. */
static void block_take(struct run *run, struct worker *worker)
{
    struct sift_bad bad[MALFORMED_KEPT];
    struct sift_totals so_far = *run->totals;
    struct sift_delivery delivery = {
            .bytes = worker->block.end,
            .lines = worker->block.first_line + worker->block.lines + worker->block.too_long - 1,
            .totals = &worker->totals,
            .bad = bad,
            .run = &so_far,
    };
    uint64_t hits = run->totals->hits;
    tail_leave(worker, &delivery);
    if (worker->watcher != NULL)
        rows_with_windows(run, worker);
    if (run->job->watch != NULL)
        watch_follow(run->job->watch, worker->generation);
    worker->totals.hits += run->totals->hits - hits;
    run->totals->hits = hits;
    totals_add(&so_far, &worker->totals);
    for (; delivery.bad_count < MALFORMED_KEPT && delivery.bad_count < worker->totals.malformed; delivery.bad_count++) {
        const struct malformed *from = &worker->malformed[delivery.bad_count];
        bad[delivery.bad_count] = (struct sift_bad){from->line, from->column, from->why, from->record};
    }
    blocks_progress(run->blocks, &delivery.done, &delivery.total);
    run->err = run->job->taker->deliver(run->job->taker->context, worker->gatherer, &delivery);
}

/* The worker's block is next: writes its rows, tells its malformed records. */
static void block_deliver(struct run *run, struct worker *worker)
{
    const struct sift_job *job = run->job;
    const char *name = input_name(run->input);
    if (run->err.kind == ERR_NONE)
        (worker->gatherer != NULL ? block_take : rows_write)(run, worker);
    if (worker->gatherer != NULL) {
        totals_add(run->totals, &worker->totals);
        return;
    }
    uint64_t told = worker->totals.malformed < MALFORMED_TOLD ? worker->totals.malformed : MALFORMED_TOLD;
    for (uint64_t i = 0; i < told && run->malformed_told < MALFORMED_TOLD; i++, run->malformed_told++)
        job->malformed(
                job->context, name, worker->malformed[i].line, worker->malformed[i].column, worker->malformed[i].why);
    totals_add(run->totals, &worker->totals);
    if (job->progress != NULL) {
        uint64_t done, total;
        blocks_progress(run->blocks, &done, &total);
        job->progress(job->context, name, done, total, run->totals);
    }
}

static void block_work(struct worker *worker)
{
    arena_reset(worker->arena);
    buf_reset(&worker->rows);
    worker->totals = (struct sift_totals){.bytes = worker->block.text.len};
    worker->tail = 0;
    if (worker->gatherer != NULL)
        worker->job->taker->begin(worker->gatherer);
    (worker->generation == NULL ? sift_decode : sift_find)(worker);
    if (worker->block.too_long)
        worker_malformed(
                worker, S(""), worker->block.first_line + worker->block.lines, 0, "the record is longer than 16 MiB");
}

static void worker_open(struct worker *worker, struct run *run)
{
    const struct sift_job *job = run->job;
    *worker = (struct worker){
            .job = job,
            .file = run->file,
            .first_reader = &run->reader,
            .reader = &run->reader,
            .arena = arena_open("event batch", ARENA_WORK, WORKER_ARENA_MAX),
            .rows = buf_make(SIFT_ROW_MAX),
            .text = buf_make(EVENT_RECORD_MAX),
    };
    worker->picks.rows = calloc(JSON_PICKS_MAX, sizeof(struct json_pick));
    worker->observables = calloc(EVENT_OBSERVABLES_MAX, sizeof(struct observable));
    if (job->taker != NULL)
        worker->gatherer = job->taker->open(job->taker->context);
    if (worker->picks.rows == NULL || worker->observables == NULL)
        abort();
}

static void tools_close(struct worker *worker)
{
    for (size_t part = 0; part < GENERATION_PARTS; part++) {
        match_sieve_close(worker->sieves[part]);
        worker->sieves[part] = NULL;
    }
    watcher_close(worker->watcher);
    worker->watcher = NULL;
}

/* Before a block: the newest generation of a live index, and sieves and a watcher for it. */
static void generation_begin(struct run *run, struct worker *worker)
{
    const struct sift_job *job = run->job;
    worker->generation = job->live != NULL ? live_take(job->live) : run->generation;
    if (worker->generation == NULL || worker->fitted == worker->generation->number)
        return;
    tools_close(worker);
    for (size_t part = 0; part < worker->generation->count && !job->plain; part++)
        worker->sieves[part] = match_sieve_open(worker->generation->indexes[part], sift_may_meet, worker);
    if (job->watch != NULL)
        worker->watcher = watcher_open(job->watch, worker->generation, &run->reader);
    worker->fitted = worker->generation->number;
}

/* Behind a block: who waits for input holds no generation. */
static void generation_end(struct run *run, struct worker *worker)
{
    if (run->job->live != NULL)
        live_leave(run->job->live, worker->generation);
    worker->generation = NULL;
}

static void worker_close(struct worker *worker)
{
    if (worker->gatherer != NULL)
        worker->job->taker->close(worker->gatherer);
    block_free(&worker->block);
    json_scan_close(worker->scan);
    json_picker_close(worker->picker);
    tools_close(worker);
    arena_close(worker->arena);
    buf_free(&worker->rows);
    buf_free(&worker->text);
    free(worker->met);
    free(worker->offers);
    free(worker->picks.rows);
    free(worker->observables);
}

/*
 * A block takes some 120 us, and to be woken may take half of that: whoever is early looks a while before it sleeps.
 */
static void turn_await(const struct run *run, uint64_t number)
{
    for (unsigned looks = 0; looks < TURN_LOOKS && run->next != number; looks++)
        cpu_relax();
}

static void *worker_main(void *context)
{
    struct run *run = context;
    struct worker worker;
    worker_open(&worker, run);
    while (blocks_next(run->blocks, &worker.block)) {
        generation_begin(run, &worker);
        block_work(&worker);
        turn_await(run, worker.block.number);
        pthread_mutex_lock(&run->mutex);
        while (run->next != worker.block.number)
            pthread_cond_wait(&run->turn, &run->mutex);
        block_deliver(run, &worker);
        bool failed = run->err.kind != ERR_NONE;
        run->next++;
        pthread_cond_broadcast(&run->turn);
        pthread_mutex_unlock(&run->mutex);
        if (worker.gatherer != NULL && !failed)
            run->job->taker->settle(run->job->taker->context, worker.gatherer);
        generation_end(run, &worker);
        if (failed)
            blocks_stop(run->blocks);
    }
    worker_close(&worker);
    return NULL;
}

/* The calling thread is the first worker. A worker less is no error: the others do its work. */
static void workers_run(struct run *run)
{
    pthread_t threads[SIFT_THREADS_MAX];
    unsigned started = 0;
    for (; started + 1 < run->job->threads && started < SIFT_THREADS_MAX; started++)
        if (pthread_create(&threads[started], NULL, worker_main, run) != 0)
            break;
    worker_main(run);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

static struct err run_blocks(struct run *run)
{
    TRY(blocks_open(run->input, run->arena, &run->blocks));
    struct event_options options = run->job->options;
    options.name = slice_of(run->file);
    struct err err = event_open(run->job->format, blocks_head(run->blocks), &options, run->arena, &run->reader);
    if (err.kind == ERR_NONE) {
        blocks_begin(run->blocks, &run->reader);
        err = run->from == 0 ? OK : blocks_skip(run->blocks, run->from);
    }
    if (err.kind == ERR_NONE) {
        workers_run(run);
        err = run->err.kind != ERR_NONE ? run->err : blocks_error(run->blocks);
        if (run->err.kind == ERR_LIMIT)
            err = err_format(run->arena, err.kind, "%s:%llu: %s", input_name(run->input),
                    (unsigned long long)run->err_line, err.why);
    }
    blocks_close(run->blocks);
    return err;
}

struct err sift_take(const struct sift_job *job, struct input *input, const char *file, uint64_t from,
        struct arena *arena, struct sift_totals *totals)
{
    struct run run = {.job = job, .file = file, .input = input, .from = from, .arena = arena, .totals = totals};
    run.merged = buf_make(SIFT_ROW_MAX);
    struct generation without_patterns = {.number = 1, .count = 1, .indexes = {job->index}};
    if (job->live == NULL && job->index != NULL)
        run.generation = job->watch == NULL ? &without_patterns : watch_generation(job->watch);
    if (job->watch != NULL)
        run.file_number = watch_file(job->watch, file);
    pthread_mutex_init(&run.mutex, NULL);
    pthread_cond_init(&run.turn, NULL);
    struct err err = run_blocks(&run);
    buf_free(&run.merged);
    pthread_cond_destroy(&run.turn);
    pthread_mutex_destroy(&run.mutex);
    return err;
}

struct err sift_run(const struct sift_job *job, const char *file, struct arena *arena, struct sift_totals *totals)
{
    struct input *input;
    TRY(input_open(file, arena, &input));
    struct err err = sift_take(job, input, file, 0, arena, totals);
    input_close(input);
    return err;
}
