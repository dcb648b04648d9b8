/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which records of a block meet which indicators. The fast road answers only "which records may meet anything at all",
 * by the sieve; what they meet is told by the plain road, one look-up after another. So the two can only differ in a
 * record that the sieve misses, and the rows of both come from the same few lines below.
 */
#include <assert.h>

#include "base/arena.h"
#include "sift/records.h"
#include "sift/rows.h"
#include "sift/watcher.h"

#define FIELD_HITS_REMEMBERED 1024 /* beyond, one indicator may make several rows of one field */

/* One record that met something, on its way into rows. */
struct meeting {
    struct worker *worker;
    const struct observable *observable;
    uint64_t line;
    int64_t time_us;
    bool allowed_known, allowed; /* whether a warning list holds the observable */
    const struct event *event;   /* for a taker, made when the first hit wants it */
    struct {
        uint32_t part, number;
    } met[FIELD_HITS_REMEMBERED]; /* the indicators that this field met already */
    size_t met_count;
};

static void found_allowed(void *context, uint32_t tag, uint32_t number)
{
    (void)tag;
    struct meeting *meeting = context;
    struct match_entry entry;
    match_entry(meeting->worker->job->allow, number, &entry);
    meeting->allowed = meeting->allowed || (entry.flags & INDICATOR_HINT) == 0;
}

static bool is_allowed(struct meeting *meeting)
{
    if (!meeting->allowed_known && meeting->worker->job->allow != NULL)
        match_find(meeting->worker->job->allow, meeting->observable, 0, found_allowed, meeting);
    meeting->allowed_known = true;
    return meeting->allowed;
}

/* A value as people write it. */
static slice value_text(struct worker *worker, const struct observable *observable)
{
    if (observable->type != OBSERVABLE_URL)
        return observable->value;
    buf_reset(&worker->text);
    event_url_write(observable, &worker->text);
    return buf_slice(&worker->text);
}

static void row_write(struct meeting *meeting, const struct match_entry *entry)
{
    struct worker *worker = meeting->worker;
    const struct observable *observable = meeting->observable;
    const char *type = observable_type_name(observable->type);
    struct row_place place = {meeting->line, worker->file, worker->reader->format->name, meeting->time_us};
    struct json_writer w = json_writer(&worker->rows);
    json_write_object(&w);
    row_place_write(&w, &place);
    json_write_key_text(&w, S("type"), type == NULL ? observable->name : slice_of(type));
    json_write_key_text(&w, S("value"), value_text(worker, observable));
    json_write_key_text(&w, S("field"), observable->field);
    row_indicator_write(&w, entry, &worker->text);
    json_write_end(&w);
    buf_byte(&worker->rows, '\n');
}

static void hit_show(struct meeting *meeting, const struct match_entry *entry)
{
    struct worker *worker = meeting->worker;
    if (meeting->event == NULL) {
        struct event *event = arena_new(worker->arena, struct event, 1);
        event_fill(worker->reader, &worker->picks, worker->arena, event);
        meeting->event = event;
    }
    const struct sift_hit hit = {entry, meeting->observable, meeting->event, meeting->line};
    worker->job->taker->hit(worker->gatherer, &hit);
}

/* What a taker is shown of every record, on either road. */
static void record_show(struct worker *worker, const struct record *record)
{
    const struct sift_taker *taker = worker->job->taker;
    struct sift_seen seen = {
            .reader = worker->reader,
            .picks = &worker->picks,
            .record = record->text,
            .line = record->line,
            .arena = worker->arena,
    };
    if (taker->observables) {
        seen.observables = worker->observables;
        seen.observable_count = record_observables(worker);
    }
    taker->event(worker->gatherer, &seen);
}

/* The same indicator may stand in several lists, and one field may hold a value twice: one row each. */
static bool is_repeated(struct meeting *meeting, uint32_t part, uint32_t number, const struct match_entry *entry)
{
    for (size_t i = 0; i < meeting->met_count; i++) {
        struct match_entry earlier;
        if (meeting->met[i].part == part && meeting->met[i].number == number)
            return true;
        match_entry(meeting->worker->generation->indexes[meeting->met[i].part], meeting->met[i].number, &earlier);
        if (entry->id.len > 0 && slice_eq(entry->id, earlier.id))
            return true;
    }
    if (meeting->met_count < COUNT_OF(meeting->met)) {
        meeting->met[meeting->met_count].part = part;
        meeting->met[meeting->met_count++].number = number;
    }
    return false;
}

/* `part` of the generation. */
static void found(void *context, uint32_t part, uint32_t number)
{
    struct meeting *meeting = context;
    const struct generation *generation = meeting->worker->generation;
    struct match_entry entry;
    match_entry(generation->indexes[part], number, &entry);
    if ((entry.flags & INDICATOR_HINT) != 0) {
        watcher_hint(meeting->worker->watcher, part, entry.pattern);
    } else if (generation_replaces(generation, part, &entry)) {
        meeting->worker->totals.replaced++;
    } else if (!row_is_valid(&entry, meeting->time_us)) {
        meeting->worker->totals.invalid++;
    } else if (is_allowed(meeting)) {
        meeting->worker->totals.suppressed++;
    } else if (!is_repeated(meeting, part, number, &entry)) {
        (meeting->worker->gatherer != NULL ? hit_show : row_write)(meeting, &entry);
        meeting->worker->totals.hits++;
    }
}

/* All rows of one record, from its picks: the plain road. */
static void record_find(struct worker *worker, const struct record *record)
{
    struct meeting meeting = {
            .worker = worker, .line = record->line, .time_us = event_time(worker->reader, &worker->picks)};
    size_t count = record_observables(worker);
    for (size_t i = 0; i < count; i++) {
        meeting.observable = &worker->observables[i];
        meeting.allowed = meeting.allowed_known = false;
        if (i > 0 && !slice_eq(meeting.observable->field, worker->observables[i - 1].field))
            meeting.met_count = 0;
        match_find_in(worker->generation->indexes, worker->generation->count, meeting.observable, found, &meeting);
    }
    if (worker->watcher != NULL)
        watcher_decide(worker, record, meeting.time_us);
}

static void find_plain(struct worker *worker)
{
    struct record record = records_begin(worker);
    while (record_next(worker, &record))
        if (record_pick(worker, &record, true)) {
            worker->totals.events++;
            record_find(worker, &record);
            record_tell_full(worker, &record);
            if (worker->gatherer != NULL)
                record_show(worker, &record);
        }
}

void sift_may_meet(void *context, uint32_t tag)
{
    struct worker *worker = context;
    worker->met[tag] = 1;
    worker->met_any = true;
}

/* A byte per record of the block; no block has more lines than newlines, and no record is empty. */
static void met_begin(struct worker *worker)
{
    bool lines = worker->reader->format->records_are_lines;
    size_t records = (lines ? worker->block.lines : worker->block.text.len) + 1;
    if (worker->met_room < records) {
        free(worker->met);
        worker->met = calloc(records, 1);
        worker->met_room = records;
    } else {
        memset(worker->met, 0, records);
    }
    worker->met_any = false;
}

/* How the sieve reads the values that tell by themselves what they are. */
static const uint8_t text_of[VALUE_KINDS] = {
        [VALUE_ADDRESS] = MATCH_ADDRESS,
        [VALUE_NAME] = MATCH_NAME,
        [VALUE_ADDRESS_NAME] = MATCH_NAME,
        [VALUE_URL] = MATCH_URL,
        [VALUE_MD5] = MATCH_MD5,
        [VALUE_SHA1] = MATCH_SHA1,
        [VALUE_SHA256] = MATCH_SHA256,
        [VALUE_JA3] = MATCH_JA3,
        [VALUE_USERAGENT] = MATCH_USERAGENT,
        [VALUE_FILENAME] = MATCH_FILENAME,
};

/* Of each field of the reader both at once: its ways, and behind them how the sieves read its plain values. */
enum { WAY_BITS = 2, WAYS = EVENT_PLAIN | EVENT_INTRICATE };
static_assert(WAYS < 1 << WAY_BITS && MATCH_TEXTS <= UINT8_MAX >> WAY_BITS, "they fit a byte");

static void offers_make(struct worker *worker)
{
    const struct event_reader *reader = worker->reader;
    size_t rows = reader->field_count + reader->made_count;
    if (worker->offers_room < rows) {
        free(worker->offers);
        worker->offers = calloc(rows, 1);
        if (worker->offers == NULL)
            abort();
        worker->offers_room = rows;
    }
    for (size_t i = 0; i < rows; i++) {
        unsigned ways = reader->ways[i], kind = text_of[reader->fields[i].value];
        worker->offers[i] = (uint8_t)(ways | ((ways & EVENT_PLAIN) != 0 ? kind << WAY_BITS : 0));
    }
    worker->offers_frames = worker->frames + 1;
}

/* What every record goes through: the number of sieves is a constant of each copy, so that one costs as one. */
#define EACH_ITS_OWN static inline __attribute__((always_inline))

/* Hands the sieves what tells by itself what it is; true if the record holds more than that. */
EACH_ITS_OWN bool picks_offer(struct worker *worker, size_t sieves, uint32_t tag)
{
    unsigned all = 0;
    if (worker->offers_frames != worker->frames + 1)
        offers_make(worker);
    for (size_t i = 0; i < worker->picks.count; i++) {
        const struct json_pick *pick = &worker->picks.rows[i];
        unsigned offer = worker->offers[pick->path];
        bool text = pick->kind == JSON_STRING && pick->len > 0;
        for (size_t part = 0; part < sieves; part++)
            match_sieve_offer(
                    worker->sieves[part], text ? offer >> WAY_BITS : MATCH_NOTHING, (slice){pick->ptr, pick->len}, tag);
        all |= offer;
    }
    return (all & EVENT_INTRICATE) != 0;
}

/* All observables of a record that are not plain, or all of one that may have more than there is room for. */
EACH_ITS_OWN void rest_add(struct worker *worker, size_t sieves, const struct record *record, bool full)
{
    worker->observable_count = (full ? event_observables : event_intricate)(
            worker->reader, &worker->picks, worker->arena, worker->observables);
    for (size_t i = 0; i < worker->observable_count; i++)
        for (size_t part = 0; part < sieves; part++)
            match_sieve_add(worker->sieves[part], &worker->observables[i], record->index);
    record_tell_full(worker, record);
}

EACH_ITS_OWN void records_offer(struct worker *worker, size_t sieves)
{
    bool all = worker->gatherer != NULL || (worker->watcher != NULL && watcher_wants_all(worker->watcher));
    struct record record = records_begin(worker);
    while (record_next(worker, &record)) {
        if (!record_pick(worker, &record, all))
            continue;
        worker->totals.events++;
        bool full = worker->picks.count > EVENT_OBSERVABLES_MAX / 2;
        bool rest = picks_offer(worker, sieves, record.index) || full;
        if (rest)
            rest_add(worker, sieves, &record, full);
        if (worker->watcher != NULL)
            watcher_offer(worker, &record, rest ? worker->observable_count : 0);
        if (worker->gatherer != NULL)
            record_show(worker, &record);
    }
}

static void find_sieved(struct worker *worker)
{
    met_begin(worker);
    if (worker->generation->count == 1)
        records_offer(worker, 1);
    else
        records_offer(worker, worker->generation->count);
    for (size_t part = 0; part < worker->generation->count; part++)
        match_sieve_run(worker->sieves[part]);
    if (worker->watcher != NULL)
        watcher_scan(worker);
}

/* The records that met something, once more and in full. */
static void find_met(struct worker *worker)
{
    uint64_t strict = worker->totals.strict;
    struct record record = records_again(worker);
    while (record_next(worker, &record))
        if (worker->met[record.index] && record_pick(worker, &record, true))
            record_find(worker, &record);
    worker->totals.strict = strict;
}

void sift_find(struct worker *worker)
{
    if (worker->watcher != NULL)
        watcher_begin(worker->watcher);
    if (worker->job->plain) {
        find_plain(worker);
        return;
    }
    find_sieved(worker);
    if (worker->met_any)
        find_met(worker);
}
