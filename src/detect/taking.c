/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/taking.h"

#include "base/arena.h"
#include "base/clock.h"
#include "detect/record.h"
#include "json/write.h"

#define EXTRA_MAX 8192 /* bytes of the further columns of a report that a detail keeps */

struct note {
    struct memory_key key;
    int64_t time_us;
};

/* A report of the block, until its turn: whether it is a double is decided in the order of the input. */
struct report {
    struct fold_met met;
    const struct event_reader *reader;
    slice record;
};

struct gatherer {
    struct taking *taking;
    unsigned number;
    unsigned half; /* that its block was delivered to */
    struct fold *fold;
    struct arena *arena; /* of the block */
    const struct owners_view *view;
    struct record_class last_class;
    int64_t now_us;
    struct report *reports;
    size_t report_count, report_room;
    struct note *notes;
    size_t note_count, note_room;
    struct memory_keyer keyer;
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* ---- A worker ---- */

static void *gatherer_open(void *context)
{
    struct taking *taking = context;
    struct gatherer *gatherer = must(calloc(1, sizeof *gatherer));
    gatherer->taking = taking;
    gatherer->fold = fold_open();
    gatherer->arena = arena_open("what a block brings", ARENA_WORK, (size_t)256 << 20);
    pthread_mutex_lock(&taking->mutex);
    gatherer->number = taking->workers++;
    for (size_t i = 0; i < COUNT_OF(taking->halves) && taking->remembers; i++)
        taking->halves[i].gathers[gatherer->number] = memory_gather_open();
    pthread_mutex_unlock(&taking->mutex);
    if (taking->remembers)
        memory_keyer_open(&gatherer->keyer, remember_key(taking->ingest->remember));
    return gatherer;
}

static void view_leave(struct gatherer *gatherer)
{
    if (gatherer->view != NULL)
        owners_leave(gatherer->taking->ingest->owners, gatherer->view);
    gatherer->view = NULL;
}

static void gatherer_close(void *context)
{
    struct gatherer *gatherer = context;
    view_leave(gatherer);
    fold_close(gatherer->fold);
    arena_close(gatherer->arena);
    if (gatherer->taking->remembers)
        memory_keyer_close(&gatherer->keyer);
    free(gatherer->reports);
    free(gatherer->notes);
    free(gatherer);
}

static void gatherer_begin(void *context)
{
    struct gatherer *gatherer = context;
    view_leave(gatherer);
    gatherer->view = owners_take(gatherer->taking->ingest->owners);
    gatherer->now_us = clock_now_us();
    gatherer->report_count = gatherer->note_count = 0;
    fold_reset(gatherer->fold);
    arena_reset(gatherer->arena);
}

/* ---- Events ---- */

static void note(struct gatherer *gatherer, const struct observable *observable, int64_t time_us)
{
    struct memory_key keys[MEMORY_KEYS_MAX];
    size_t count = memory_keys(&gatherer->keyer, observable, keys);
    if (gatherer->note_count + count > gatherer->note_room) {
        gatherer->note_room = 2 * gatherer->note_room + 1024;
        gatherer->notes = must(realloc(gatherer->notes, gatherer->note_room * sizeof *gatherer->notes));
    }
    for (size_t i = 0; i < count; i++)
        gatherer->notes[gatherer->note_count++] = (struct note){keys[i], time_us};
}

static void sensor_event(struct gatherer *gatherer, const struct sift_seen *seen)
{
    struct record record = record_read(seen, gatherer->now_us, &gatherer->last_class);
    fold_count(
            gatherer->fold, record_day(record.time_us), gatherer->taking->stream.organisation, record.class, 1, 0, 0);
    bool kept = record_day(record.time_us) >= gatherer->taking->remembered_from; /* the others would be thrown away */
    for (size_t i = 0; i < seen->observable_count && kept; i++)
        note(gatherer, &seen->observables[i], record.time_us);
}

static void report_event(struct gatherer *gatherer, const struct sift_seen *seen)
{
    struct event event;
    event_fill(seen->reader, seen->picks, gatherer->arena, &event);
    struct record record = record_of(&event, gatherer->now_us, &gatherer->last_class);
    if (gatherer->report_count == gatherer->report_room) {
        gatherer->report_room = 2 * gatherer->report_room + 64;
        gatherer->reports = must(realloc(gatherer->reports, gatherer->report_room * sizeof *gatherer->reports));
    }
    struct report *report = &gatherer->reports[gatherer->report_count++];
    *report = (struct report){.reader = seen->reader, .record = seen->record};
    record_report(&event, seen->reader, gatherer->arena, &report->met);
    report->met.time_us = record.time_us;
    report->met.class = record.class;
    report->met.organisation = record_whose(gatherer->view, &event, record.time_us);
}

static void gatherer_event(void *context, const struct sift_seen *seen)
{
    struct gatherer *gatherer = context;
    (gatherer->taking->doubles == NULL ? sensor_event : report_event)(gatherer, seen);
}

static void gatherer_hit(void *context, const struct sift_hit *hit)
{
    struct gatherer *gatherer = context;
    struct record record = record_of(hit->event, gatherer->now_us, &gatherer->last_class);
    int64_t organisation = gatherer->taking->stream.organisation;
    struct fold_met met;
    if (organisation == 0)
        organisation = record_whose(gatherer->view, hit->event, record.time_us);
    record_hit(gatherer->view, hit, organisation, record.time_us, gatherer->arena, &met);
    met.class = record.class;
    fold_met(gatherer->fold, &met);
    fold_count(gatherer->fold, record_day(record.time_us), organisation, record.class, 0, 1, 0);
}

/* ---- A block, in its turn ---- */

static slice report_extra(void *context, struct arena *arena)
{
    const struct report *report = context;
    struct buf text = buf_make(EXTRA_MAX);
    struct json_writer w = json_writer(&text);
    struct arena *scratch = arena_open("columns of a report", ARENA_WORK, 16u << 20);
    json_write_object(&w);
    report->reader->format->extra(report->reader, report->record, scratch, &w);
    json_write_end(&w);
    slice kept = text.full ? S("{\"left out\":\"more than 8 KiB of columns\"}") : arena_copy(arena, buf_slice(&text));
    arena_close(scratch);
    buf_free(&text);
    return slice_eq(kept, S("{}")) ? S("") : kept;
}

static struct err report_take(struct taking *taking, struct half *half, struct report *report)
{
    struct fold_met *met = &report->met;
    uint64_t digest = record_digest(taking->ingest->doubles_key, met);
    int64_t day = record_day(met->time_us);
    bool known;
    TRY(doubles_check(taking->doubles, day, digest, &known));
    fold_count(half->fold, day, met->organisation, met->class, 1, 0, known);
    if (known) {
        taking->totals->doubles++;
        return OK;
    }
    met->extra = report_extra;
    met->context = report;
    fold_met(half->fold, met);
    return OK;
}

/* So much of a record's beginning as there is room for. */
static size_t quarantined_len(const struct half *half, slice record)
{
    size_t room = BATCH_QUARANTINED_BYTES_MAX - half->quarantined_bytes;
    room = room < QUARANTINED_BYTES_MAX ? room : QUARANTINED_BYTES_MAX;
    return record.len < room ? record.len : room;
}

static void quarantine(struct half *half, const struct sift_delivery *delivery, const char *name)
{
    for (size_t i = 0; i < delivery->bad_count && half->quarantined_count < BATCH_QUARANTINED_MAX; i++) {
        const struct sift_bad *bad = &delivery->bad[i];
        size_t kept = quarantined_len(half, bad->record);
        half->quarantined[half->quarantined_count++] = (struct quarantined){
                .place = (int64_t)bad->line,
                .input = slice_of(name),
                .why = arena_copy(half->arena, slice_of(bad->why)),
                .record = arena_copy(half->arena, slice_part(bad->record, 0, kept)),
                .bytes = (int64_t)bad->record.len,
                .at_byte = (int64_t)bad->column,
        };
        half->quarantined_bytes += kept;
    }
}

static void half_count(struct half *half, const struct sift_delivery *delivery)
{
    const struct sift_totals *totals = delivery->totals;
    half->batch.events += (int64_t)totals->events;
    half->batch.malformed += (int64_t)totals->malformed;
    half->batch.hits += (int64_t)totals->hits;
    half->batch.bytes += (int64_t)(delivery->bytes - half->bytes);
    half->bytes = delivery->bytes;
    half->lines = delivery->lines;
}

void half_go_on(struct half *half, const struct half *other)
{
    if (other->bytes <= half->bytes)
        return;
    half->bytes = other->bytes;
    half->lines = other->lines;
}

bool half_is_large(const struct half *half)
{
    return half->batch.events >= INGEST_EVENTS_MAX || fold_size(half->fold) >= INGEST_FOLDED_MAX ||
           fold_bytes(half->fold) >= INGEST_TEXT_MAX || half->noted >= MEMORY_GATHER_MAX;
}

/* The half that gathers; waits while it is large and the keeper is not done with the other. */
static struct half *half_for_block(struct taking *taking)
{
    while (taking->err.kind == ERR_NONE && half_is_large(&taking->halves[taking->current]) && taking->keeping)
        pthread_cond_wait(&taking->room, &taking->mutex);
    return &taking->halves[taking->current];
}

static struct err block_take(struct gatherer *gatherer, const struct sift_delivery *delivery)
{
    struct taking *taking = gatherer->taking;
    struct half *half = half_for_block(taking);
    TRY(taking->err);
    if (half->since_us == 0) {
        half->since_us = clock_steady_us();
        half_go_on(half, &taking->halves[!taking->current]);
        pthread_cond_signal(&taking->wake);
    }
    for (size_t i = 0; i < gatherer->report_count; i++)
        TRY(report_take(taking, half, &gatherer->reports[i]));
    fold_merge(half->fold, gatherer->fold);
    quarantine(half, delivery, taking->input->name);
    half_count(half, delivery);
    gatherer->half = taking->current;
    half->settling++;
    taking->last_us = clock_steady_us();
    taking->totals->left = delivery->tail;
    if (half_is_large(half))
        pthread_cond_signal(&taking->wake);
    return OK;
}

static struct err gatherer_deliver(void *context, void *given, const struct sift_delivery *delivery)
{
    struct taking *taking = context;
    pthread_mutex_lock(&taking->mutex);
    taking->stopped = taking->stopped || atomic_load(&taking->ingest->stop);
    struct err err = taking->stopped ? err_make(ERR_SYSTEM, "it was told to end") : block_take(given, delivery);
    if (err.kind != ERR_NONE && !taking->stopped)
        taking_fail(taking, err); /* the half that the block belongs to is not kept */
    if (err.kind == ERR_NONE && taking->input->progress != NULL)
        taking->input->progress(
                taking->input->context, taking->input->name, delivery->done, delivery->total, delivery->run);
    pthread_mutex_unlock(&taking->mutex);
    return err;
}

/* What the block's observables are remembered by goes into the half that its position went into. */
static void gatherer_settle(void *context, void *given)
{
    struct taking *taking = context;
    struct gatherer *gatherer = given;
    struct memory_gather *gather = taking->halves[gatherer->half].gathers[gatherer->number];
    for (size_t i = 0; i < gatherer->note_count; i++)
        memory_note(gather, taking->stream.organisation, &gatherer->notes[i].key, gatherer->notes[i].time_us);
    view_leave(gatherer);
    pthread_mutex_lock(&taking->mutex);
    struct half *half = &taking->halves[gatherer->half];
    half->noted += gatherer->note_count;
    if (--half->settling == 0)
        pthread_cond_signal(&taking->wake);
    pthread_mutex_unlock(&taking->mutex);
}

struct sift_taker taking_taker_of(struct taking *taking)
{
    return (struct sift_taker){
            .context = taking,
            .observables = taking->remembers,
            .leaves_tail = taking->moves && taking->move.now.place.len > 0, /* a file may be still being written */
            .open = gatherer_open,
            .close = gatherer_close,
            .begin = gatherer_begin,
            .event = gatherer_event,
            .hit = gatherer_hit,
            .deliver = gatherer_deliver,
            .settle = gatherer_settle,
    };
}
