/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/watcher.h"

#include <assert.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/ip.h"
#include "event/text.h"
#include "sift/observe.h"
#include "sift/rows.h"

#define TEXTS_MAX ((size_t)1 << 30) /* bytes of values of one block: records and URLs put together from them */

#define BIT(type) (UINT32_C(1) << (type))
#define ADDRESSES (BIT(OBSERVABLE_IPV4) | BIT(OBSERVABLE_IPV6))
#define HASHES                                                                                                         \
    (BIT(OBSERVABLE_MD5) | BIT(OBSERVABLE_SHA1) | BIT(OBSERVABLE_SHA256) | BIT(OBSERVABLE_SHA512) | BIT(OBSERVABLE_JA3))

/* Where the texts of a record end. */
struct span {
    size_t end;
    uint32_t record;
};

struct spotted {
    uint32_t record, pattern;
};

/* An array that grows; all are emptied with each block. */
#define LIST(type)                                                                                                     \
    struct {                                                                                                           \
        type *rows;                                                                                                    \
        size_t count, room;                                                                                            \
    }

/* On the patterns of one part of the intelligence. */
struct eye {
    const struct watch_set *watch;
    const struct generation_part *part;
    struct prefilter_room *room;
    struct buf texts; /* values of the block, a NUL behind each: literals hold none */
    size_t span_at;   /* while it is scanned */
    size_t spotted_at;
    uint32_t *literal_seen; /* by literal: the last record that held it, and 1 */
    LIST(struct span) spans;
    LIST(struct spotted) spotted; /* on the fast road */
    LIST(uint32_t) candidates;    /* of the record at hand */
};

struct watcher {
    struct eye eyes[GENERATION_PARTS];
    size_t eye_count;
    size_t eye_of[GENERATION_PARTS]; /* by part; without patterns, eye_count */
    const struct sift_watch *watch;
    const struct event_reader *reader;
    uint64_t frames;       /* worker->frames when it was looked at */
    uint32_t *field_types; /* observe_field of each field of the reader */
    struct stix_scratch *scratch;
    struct stix_view *view;
    uint64_t *words;
    LIST(struct sighting) sightings;
    LIST(const struct watched *) given_up;
    uint64_t cut;
};

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("kentongan: the system has no memory left\n", stderr);
        abort();
    }
    return memory;
}

static void *grown(void *rows, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return rows;
    *room = *room * 2 + 64;
    return must(realloc(rows, *room * size));
}

#define LIST_ADD(list, ...)                                                                                            \
    do {                                                                                                               \
        (list).rows = grown((list).rows, (list).count, &(list).room, sizeof *(list).rows);                             \
        (list).rows[(list).count++] = __VA_ARGS__;                                                                     \
    } while (0)

static void *zeroed(size_t count, size_t size)
{
    return must(calloc(count + 1, size));
}

/* A frame may have changed the fields (event.h). */
static void fields_look(struct watcher *watcher, const struct event_reader *reader)
{
    watcher->reader = reader;
    size_t rows = reader->field_count + reader->made_count;
    watcher->field_types = must(realloc(watcher->field_types, (rows + 1) * sizeof(uint32_t)));
    for (size_t i = 0; i < rows; i++)
        watcher->field_types[i] = observe_field(&reader->fields[i]);
}

static void eye_open(struct eye *eye, const struct generation_part *part)
{
    eye->watch = part->watch;
    eye->part = part;
    eye->literal_seen = zeroed(eye->watch->literal_count, sizeof *eye->literal_seen);
    eye->texts = buf_make(TEXTS_MAX);
    if (eye->watch->prefilter != NULL)
        eye->room = prefilter_room_open(eye->watch->prefilter);
}

static void eye_close(struct eye *eye)
{
    prefilter_room_close(eye->room);
    buf_free(&eye->texts);
    free(eye->literal_seen);
    free(eye->spans.rows);
    free(eye->spotted.rows);
    free(eye->candidates.rows);
}

struct watcher *watcher_open(
        const struct sift_watch *watch, const struct generation *generation, const struct event_reader *reader)
{
    size_t eyes = 0, width = 0;
    for (size_t i = 0; i < generation->count; i++)
        eyes += generation->parts[i].watch != NULL;
    if (eyes == 0)
        return NULL;
    struct watcher *watcher = zeroed(1, sizeof *watcher);
    for (size_t i = 0; i < generation->count; i++) {
        const struct generation_part *part = &generation->parts[i];
        watcher->eye_of[i] = part->watch == NULL ? eyes : watcher->eye_count;
        if (part->watch == NULL)
            continue;
        width = part->watch->width > width ? part->watch->width : width;
        eye_open(&watcher->eyes[watcher->eye_count++], part);
    }
    watcher->watch = watch;
    watcher->words = zeroed(width, sizeof *watcher->words);
    watcher->view = zeroed(1, sizeof *watcher->view);
    watcher->scratch = stix_compare_open();
    fields_look(watcher, reader);
    return watcher;
}

void watcher_close(struct watcher *watcher)
{
    if (watcher == NULL)
        return;
    for (size_t i = 0; i < watcher->eye_count; i++)
        eye_close(&watcher->eyes[i]);
    stix_compare_close(watcher->scratch);
    free(watcher->field_types);
    free(watcher->words);
    free(watcher->view);
    free(watcher->sightings.rows);
    free(watcher->given_up.rows);
    free(watcher);
}

void watcher_begin(struct watcher *watcher)
{
    for (size_t i = 0; i < watcher->eye_count; i++) {
        struct eye *eye = &watcher->eyes[i];
        buf_reset(&eye->texts);
        eye->span_at = eye->spotted_at = 0;
        eye->spans.count = eye->spotted.count = eye->candidates.count = 0;
    }
    watcher->sightings.count = watcher->given_up.count = 0;
    watcher->cut = 0;
}

bool watcher_wants_all(const struct watcher *watcher)
{
    bool all = false;
    for (size_t i = 0; i < watcher->eye_count; i++) {
        const struct watch_set *watch = watcher->eyes[i].watch;
        all |= watch->ports.count > 0 || (watch->object_types & OBSERVE_ENDS) != 0;
    }
    return all;
}

/* ---- Candidates, on the fast road ---- */

static void spot(struct eye *eye, uint32_t record, uint32_t pattern)
{
    LIST_ADD(eye->spotted, (struct spotted){record, pattern});
}

static void put_text(struct eye *eye, slice text)
{
    struct buf *texts = &eye->texts;
    if (!buf_reserve(texts, text.len + 1))
        return;
    if (text.len > 0)
        memcpy(texts->ptr + texts->len, text.ptr, text.len);
    texts->ptr[texts->len + text.len] = '\0';
    texts->len += text.len + 1;
}

/* A value with colons may stand otherwise in the view: an IPv6 address, a hash with a colon between the bytes. */
static void put_respelt(struct eye *eye, uint32_t types, slice host, slice value)
{
    struct ip ip;
    if ((types & ADDRESSES) != 0 && ip_parse(host, &ip)) {
        ip_write(&eye->texts, &ip);
        put_text(eye, S(""));
    }
    if ((types & HASHES) == 0)
        return;
    for (slice part; slice_next(&value, ':', &part);) {
        put_text(eye, part);
        eye->texts.len--;
    }
    put_text(eye, S(""));
}

static void put_pick(struct eye *eye, const struct event_field *field, uint32_t types, slice value)
{
    put_text(eye, value);
    if ((types & (ADDRESSES | HASHES)) == 0 || !slice_holds(value, ':'))
        return;
    bool url = field->value == VALUE_URL;
    put_respelt(eye, types, (url ? text_url_authority(value) : text_authority(value)).host, value);
}

static void spot_port(struct eye *eye, uint32_t record, slice digits)
{
    const struct watch_set *watch = eye->watch;
    uint64_t port;
    if (!slice_u64(digits, UINT16_MAX, &port) || (watch->port_map[port / 64] >> port % 64 & 1) == 0)
        return;
    for (size_t i = watch_sign_find(&watch->ports, (uint32_t)port);
            i < watch->ports.count && watch->ports.rows[i].sign == port; i++)
        spot(eye, record, watch->ports.rows[i].pattern);
}

/* The ports of both ends, wherever they stand. */
static void spot_ports(struct eye *eye, uint32_t record, enum event_role role, const struct json_pick *pick)
{
    slice value = {pick->ptr, pick->len};
    switch (role) {
    case ROLE_SOURCE_PORT:
    case ROLE_DESTINATION_PORT:
    case ROLE_DESTINATION_URL_PORT:
        spot_port(eye, record, value);
        break;
    case ROLE_SOURCE_ADDRESS:
    case ROLE_DESTINATION_ADDRESS:
        if (pick->len > 0)
            spot_port(eye, record, text_authority(value).port);
        break;
    default:
        break;
    }
}

static void spot_objects(struct eye *eye, uint32_t record, uint32_t types)
{
    const struct watch_signs *objects = &eye->watch->objects;
    if ((types & eye->watch->object_types) == 0)
        return;
    for (size_t i = 0; i < objects->count; i++)
        if ((objects->rows[i].sign & types) != 0)
            spot(eye, record, objects->rows[i].pattern);
}

static void put_observable(struct eye *eye, struct worker *worker, const struct observable *observable)
{
    uint32_t types = BIT(observable->type) & eye->watch->text_types;
    if (types == 0)
        return;
    buf_reset(&worker->text);
    event_url_write(observable, &worker->text);
    slice value = buf_slice(&worker->text);
    put_text(eye, value);
    if ((types & (ADDRESSES | HASHES)) != 0 && slice_holds(value, ':'))
        put_respelt(eye, types, value, value);
}

static void eye_offer(struct eye *eye, struct worker *worker, const struct record *record, size_t observables)
{
    const struct watch_set *watch = eye->watch;
    const struct event_field *fields = worker->watcher->reader->fields;
    const uint8_t *ways = worker->watcher->reader->ways;
    const uint32_t *field_types = worker->watcher->field_types;
    uint32_t all = 0, wanted = watch->text_types;
    size_t before = eye->texts.len;
    for (size_t i = 0; i < worker->picks.count; i++) {
        const struct json_pick *pick = &worker->picks.rows[i];
        uint32_t types = field_types[pick->path];
        all |= types;
        if ((types & wanted) != 0 && pick->kind == JSON_STRING && (ways[pick->path] & EVENT_PLAIN) != 0)
            put_pick(eye, &fields[pick->path], types & wanted, (slice){pick->ptr, pick->len});
        if ((types & OBSERVE_ENDS) != 0 && watch->ports.count > 0)
            spot_ports(eye, record->index, fields[pick->path].role, pick);
    }
    for (size_t i = 0; i < observables && wanted != 0; i++)
        put_observable(eye, worker, &worker->observables[i]);
    spot_objects(eye, record->index, all);
    if (eye->texts.len > before)
        LIST_ADD(eye->spans, (struct span){eye->texts.len, record->index});
}

void watcher_offer(struct worker *worker, const struct record *record, size_t observables)
{
    struct watcher *watcher = worker->watcher;
    if (watcher->frames != worker->frames)
        fields_look(watcher, worker->reader);
    watcher->frames = worker->frames;
    for (size_t i = 0; i < watcher->eye_count; i++)
        eye_offer(&watcher->eyes[i], worker, record, observables);
}

static void literal_found(void *context, uint32_t literal, size_t end)
{
    struct eye *eye = context;
    const struct watch_signs *literals = &eye->watch->literals;
    if (eye->span_at > 0 && end <= eye->spans.rows[eye->span_at - 1].end)
        eye->span_at = 0;
    while (eye->spans.rows[eye->span_at].end < end)
        eye->span_at++;
    uint32_t record = eye->spans.rows[eye->span_at].record;
    if (eye->literal_seen[literal] == record + 1)
        return;
    eye->literal_seen[literal] = record + 1;
    for (size_t i = watch_sign_find(literals, literal); i < literals->count && literals->rows[i].sign == literal; i++)
        spot(eye, record, literals->rows[i].pattern);
}

static int order_spotted(const void *a, const void *b)
{
    const struct spotted *one = a, *other = b;
    if (one->record != other->record)
        return one->record < other->record ? -1 : 1;
    return (one->pattern > other->pattern) - (one->pattern < other->pattern);
}

static void eye_scan(struct eye *eye, struct worker *worker)
{
    assert(!eye->texts.full);
    if (eye->texts.len > 0 && eye->room != NULL) {
        memset(eye->literal_seen, 0, eye->watch->literal_count * sizeof *eye->literal_seen);
        prefilter_scan(eye->watch->prefilter, eye->room, buf_slice(&eye->texts), literal_found, eye);
    }
    if (eye->spotted.count == 0)
        return;
    qsort(eye->spotted.rows, eye->spotted.count, sizeof *eye->spotted.rows, order_spotted);
    for (size_t i = 0; i < eye->spotted.count; i++)
        worker->met[eye->spotted.rows[i].record] = 1;
    worker->met_any = true;
}

void watcher_scan(struct worker *worker)
{
    for (size_t i = 0; i < worker->watcher->eye_count; i++)
        eye_scan(&worker->watcher->eyes[i], worker);
}

/* ---- Decisions ---- */

void watcher_hint(struct watcher *watcher, size_t part, uint32_t pattern)
{
    if (watcher == NULL || watcher->eye_of[part] == watcher->eye_count)
        return;
    struct eye *eye = &watcher->eyes[watcher->eye_of[part]];
    if (pattern < eye->watch->count)
        LIST_ADD(eye->candidates, pattern);
}

static int order_numbers(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return (one > other) - (one < other);
}

/* With what was spotted, in the order of their numbers, each once. */
static void candidates_gather(struct eye *eye, uint32_t record)
{
    size_t kept = 0;
    while (eye->spotted_at < eye->spotted.count && eye->spotted.rows[eye->spotted_at].record < record)
        eye->spotted_at++;
    for (; eye->spotted_at < eye->spotted.count && eye->spotted.rows[eye->spotted_at].record == record;
            eye->spotted_at++)
        LIST_ADD(eye->candidates, eye->spotted.rows[eye->spotted_at].pattern);
    if (eye->candidates.count == 0)
        return;
    qsort(eye->candidates.rows, eye->candidates.count, sizeof *eye->candidates.rows, order_numbers);
    for (size_t i = 0; i < eye->candidates.count; i++)
        if (kept == 0 || eye->candidates.rows[kept - 1] != eye->candidates.rows[i])
            eye->candidates.rows[kept++] = eye->candidates.rows[i];
    eye->candidates.count = kept;
}

static void candidates_all(struct eye *eye)
{
    eye->candidates.count = 0;
    for (uint32_t i = 0; i < eye->watch->count; i++)
        LIST_ADD(eye->candidates, i);
}

/* Of an event what outlives its record. */
static const struct event *event_keep(struct arena *arena, const struct event *event)
{
    struct event *kept = arena_new(arena, struct event, 1);
    *kept = *event;
    kept->source.address = arena_copy(arena, event->source.address);
    kept->destination.address = arena_copy(arena, event->destination.address);
    kept->class.taxonomy = arena_copy(arena, event->class.taxonomy);
    kept->class.type = arena_copy(arena, event->class.type);
    kept->class.identifier = arena_copy(arena, event->class.identifier);
    kept->sensor = arena_copy(arena, event->sensor);
    kept->observables = NULL;
    kept->observable_count = 0;
    return kept;
}

static void pattern_met(struct worker *worker, const struct sighting *sighting)
{
    struct watcher *watcher = worker->watcher;
    const struct watched *watched = sighting->watched;
    if (watched->lone && !watch_is_met(watched->pattern.root, watcher->words, sighting->when_us))
        return;
    if (!row_is_valid(&watched->entry, sighting->time_us)) {
        worker->totals.invalid++;
        return;
    }
    if (watched->lone && worker->gatherer != NULL) {
        const struct sift_hit hit = {&watched->entry, NULL, sighting->event, sighting->line};
        worker->job->taker->hit(worker->gatherer, &hit);
        worker->totals.hits++;
        return;
    }
    if (watched->lone) {
        struct sightings place = {.file_name = worker->file, .format = worker->reader->format->name};
        watch_row_write(watcher->watch, &worker->rows, &worker->text, &watched->entry, sighting, &place, NULL);
        worker->totals.hits++;
        return;
    }
    size_t width = stix_solve_width(&watched->pattern);
    uint64_t *words = arena_new(worker->arena, uint64_t, width);
    memcpy(words, watcher->words, width * sizeof *words);
    struct sighting kept = *sighting;
    kept.words = words;
    if (worker->gatherer != NULL)
        kept.event = event_keep(worker->arena, sighting->event);
    LIST_ADD(watcher->sightings, kept);
}

static void pattern_evaluate(
        struct worker *worker, const struct stix_observation *observation, const struct sighting *sighting)
{
    struct watcher *watcher = worker->watcher;
    const struct watched *watched = sighting->watched;
    struct stix_budget budget = stix_budget_of(watch_steps(watcher->watch));
    if (stix_evaluate_one(&watched->pattern, observation, watcher->scratch, &budget, watcher->words))
        pattern_met(worker, sighting);
    else if (budget.empty)
        LIST_ADD(watcher->given_up, watched);
}

static void candidates_evaluate(
        struct worker *worker, struct eye *eye, const struct stix_observation *observation, struct sighting *sighting)
{
    for (size_t i = 0; i < eye->candidates.count; i++) {
        uint32_t pattern = eye->candidates.rows[i];
        sighting->watched = &eye->watch->patterns[pattern];
        sighting->row_at = worker->rows.len;
        if (!generation_is_off(eye->part, pattern))
            pattern_evaluate(worker, observation, sighting);
    }
    eye->candidates.count = 0;
}

void watcher_decide(struct worker *worker, const struct record *record, int64_t time_us)
{
    struct watcher *watcher = worker->watcher;
    size_t candidates = 0;
    for (size_t i = 0; i < watcher->eye_count; i++) {
        struct eye *eye = &watcher->eyes[i];
        if (worker->job->plain)
            candidates_all(eye);
        else
            candidates_gather(eye, record->index);
        candidates += eye->candidates.count;
    }
    if (candidates == 0)
        return;
    struct event event;
    struct sighting sighting = {.line = record->line, .time_us = time_us};
    sighting.when_us = time_us == TIME_NONE ? clock_now_us() : time_us;
    event_fill(worker->reader, &worker->picks, worker->arena, &event);
    sighting.event = &event;
    observe_event(&event, sighting.when_us, worker->arena, watcher->view);
    watcher->cut += watcher->view->dropped > 0;
    struct stix_observation observation = stix_view_observation(watcher->view);
    for (size_t i = 0; i < watcher->eye_count; i++)
        candidates_evaluate(worker, &watcher->eyes[i], &observation, &sighting);
}

struct sightings watcher_sightings(const struct watcher *watcher)
{
    return (struct sightings){
            .rows = watcher->sightings.rows,
            .count = watcher->sightings.count,
            .given_up = watcher->given_up.rows,
            .given_up_count = watcher->given_up.count,
            .cut = watcher->cut,
    };
}
