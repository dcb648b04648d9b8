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

struct watcher {
    const struct sift_watch *watch;
    const struct event_reader *reader;
    uint64_t frames;       /* worker->frames when it was looked at */
    uint32_t *field_types; /* observe_field of each field of the reader */
    struct prefilter_room *room;
    struct stix_scratch *scratch;
    struct stix_view *view;
    struct buf texts; /* values of the block, a NUL behind each: literals hold none */
    size_t span_at;   /* while it is scanned */
    size_t spotted_at;
    uint32_t *literal_seen; /* by literal: the last record that held it, and 1 */
    uint64_t *words;
    LIST(struct span) spans;
    LIST(struct spotted) spotted; /* on the fast road */
    LIST(uint32_t) candidates;    /* of the record at hand */
    LIST(struct sighting) sightings;
    LIST(uint32_t) given_up;
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
    watcher->field_types = must(realloc(watcher->field_types, (reader->field_count + 1) * sizeof(uint32_t)));
    for (size_t i = 0; i < reader->field_count; i++)
        watcher->field_types[i] = observe_field(&reader->fields[i]);
}

struct watcher *watcher_open(const struct sift_watch *watch, const struct event_reader *reader)
{
    struct watcher *watcher = zeroed(1, sizeof *watcher);
    watcher->watch = watch;
    watcher->literal_seen = zeroed(watch->literal_count, sizeof *watcher->literal_seen);
    watcher->words = zeroed(watch->width, sizeof *watcher->words);
    watcher->view = zeroed(1, sizeof *watcher->view);
    watcher->texts = buf_make(TEXTS_MAX);
    watcher->scratch = stix_compare_open();
    if (watch->prefilter != NULL)
        watcher->room = prefilter_room_open(watch->prefilter);
    fields_look(watcher, reader);
    return watcher;
}

void watcher_close(struct watcher *watcher)
{
    if (watcher == NULL)
        return;
    prefilter_room_close(watcher->room);
    stix_compare_close(watcher->scratch);
    buf_free(&watcher->texts);
    free(watcher->field_types);
    free(watcher->literal_seen);
    free(watcher->words);
    free(watcher->view);
    free(watcher->spans.rows);
    free(watcher->spotted.rows);
    free(watcher->candidates.rows);
    free(watcher->sightings.rows);
    free(watcher->given_up.rows);
    free(watcher);
}

void watcher_begin(struct watcher *watcher)
{
    buf_reset(&watcher->texts);
    watcher->span_at = watcher->spotted_at = 0;
    watcher->spans.count = watcher->spotted.count = watcher->candidates.count = 0;
    watcher->sightings.count = watcher->given_up.count = 0;
    watcher->cut = 0;
}

bool watcher_wants_all(const struct watcher *watcher)
{
    return watcher->watch->ports.count > 0 || (watcher->watch->object_types & OBSERVE_ENDS) != 0;
}

/* ---- Candidates, on the fast road ---- */

static void spot(struct watcher *watcher, uint32_t record, uint32_t pattern)
{
    LIST_ADD(watcher->spotted, (struct spotted){record, pattern});
}

static void put_text(struct watcher *watcher, slice text)
{
    struct buf *texts = &watcher->texts;
    if (!buf_reserve(texts, text.len + 1))
        return;
    if (text.len > 0)
        memcpy(texts->ptr + texts->len, text.ptr, text.len);
    texts->ptr[texts->len + text.len] = '\0';
    texts->len += text.len + 1;
}

/* A value with colons may stand otherwise in the view: an IPv6 address, a hash with a colon between the bytes. */
static void put_respelt(struct watcher *watcher, uint32_t types, slice host, slice value)
{
    struct ip ip;
    if ((types & ADDRESSES) != 0 && ip_parse(host, &ip)) {
        ip_write(&watcher->texts, &ip);
        put_text(watcher, S(""));
    }
    if ((types & HASHES) == 0)
        return;
    for (slice part; slice_next(&value, ':', &part);) {
        put_text(watcher, part);
        watcher->texts.len--;
    }
    put_text(watcher, S(""));
}

static void put_pick(struct watcher *watcher, const struct event_field *field, uint32_t types, slice value)
{
    put_text(watcher, value);
    if ((types & (ADDRESSES | HASHES)) == 0 || !slice_holds(value, ':'))
        return;
    bool url = field->value == VALUE_URL;
    put_respelt(watcher, types, (url ? text_url_authority(value) : text_authority(value)).host, value);
}

static void spot_port(struct watcher *watcher, uint32_t record, slice digits)
{
    const struct sift_watch *watch = watcher->watch;
    uint64_t port;
    if (!slice_u64(digits, UINT16_MAX, &port) || (watch->port_map[port / 64] >> port % 64 & 1) == 0)
        return;
    for (size_t i = watch_sign_find(&watch->ports, (uint32_t)port);
            i < watch->ports.count && watch->ports.rows[i].sign == port; i++)
        spot(watcher, record, watch->ports.rows[i].pattern);
}

/* The ports of both ends, wherever they stand. */
static void spot_ports(struct watcher *watcher, uint32_t record, const struct json_pick *pick)
{
    slice value = {pick->ptr, pick->len};
    switch (watcher->reader->fields[pick->path].role) {
    case ROLE_SOURCE_PORT:
    case ROLE_DESTINATION_PORT:
    case ROLE_DESTINATION_URL_PORT:
        spot_port(watcher, record, value);
        break;
    case ROLE_SOURCE_ADDRESS:
    case ROLE_DESTINATION_ADDRESS:
        if (pick->len > 0)
            spot_port(watcher, record, text_authority(value).port);
        break;
    default:
        break;
    }
}

static void spot_objects(struct watcher *watcher, uint32_t record, uint32_t types)
{
    const struct watch_signs *objects = &watcher->watch->objects;
    if ((types & watcher->watch->object_types) == 0)
        return;
    for (size_t i = 0; i < objects->count; i++)
        if ((objects->rows[i].sign & types) != 0)
            spot(watcher, record, objects->rows[i].pattern);
}

static void put_observable(struct worker *worker, const struct observable *observable)
{
    struct watcher *watcher = worker->watcher;
    uint32_t types = BIT(observable->type) & watcher->watch->text_types;
    if (types == 0)
        return;
    buf_reset(&worker->text);
    event_url_write(observable, &worker->text);
    slice value = buf_slice(&worker->text);
    put_text(watcher, value);
    if ((types & (ADDRESSES | HASHES)) != 0 && slice_holds(value, ':'))
        put_respelt(watcher, types, value, value);
}

void watcher_offer(struct worker *worker, const struct record *record, size_t observables)
{
    struct watcher *watcher = worker->watcher;
    const struct sift_watch *watch = watcher->watch;
    if (watcher->frames != worker->frames)
        fields_look(watcher, worker->reader);
    watcher->frames = worker->frames;
    const struct event_field *fields = watcher->reader->fields;
    const uint8_t *ways = watcher->reader->ways;
    uint32_t all = 0, wanted = watch->text_types;
    size_t before = watcher->texts.len;
    for (size_t i = 0; i < worker->picks.count; i++) {
        const struct json_pick *pick = &worker->picks.rows[i];
        uint32_t types = watcher->field_types[pick->path];
        all |= types;
        if ((types & wanted) != 0 && pick->kind == JSON_STRING && (ways[pick->path] & EVENT_PLAIN) != 0)
            put_pick(watcher, &fields[pick->path], types & wanted, (slice){pick->ptr, pick->len});
        if ((types & OBSERVE_ENDS) != 0 && watch->ports.count > 0)
            spot_ports(watcher, record->index, pick);
    }
    for (size_t i = 0; i < observables && wanted != 0; i++)
        put_observable(worker, &worker->observables[i]);
    spot_objects(watcher, record->index, all);
    if (watcher->texts.len > before)
        LIST_ADD(watcher->spans, (struct span){watcher->texts.len, record->index});
}

static void literal_found(void *context, uint32_t literal, size_t end)
{
    struct watcher *watcher = context;
    const struct watch_signs *literals = &watcher->watch->literals;
    if (watcher->span_at > 0 && end <= watcher->spans.rows[watcher->span_at - 1].end)
        watcher->span_at = 0;
    while (watcher->spans.rows[watcher->span_at].end < end)
        watcher->span_at++;
    uint32_t record = watcher->spans.rows[watcher->span_at].record;
    if (watcher->literal_seen[literal] == record + 1)
        return;
    watcher->literal_seen[literal] = record + 1;
    for (size_t i = watch_sign_find(literals, literal); i < literals->count && literals->rows[i].sign == literal; i++)
        spot(watcher, record, literals->rows[i].pattern);
}

static int order_spotted(const void *a, const void *b)
{
    const struct spotted *one = a, *other = b;
    if (one->record != other->record)
        return one->record < other->record ? -1 : 1;
    return (one->pattern > other->pattern) - (one->pattern < other->pattern);
}

void watcher_scan(struct worker *worker)
{
    struct watcher *watcher = worker->watcher;
    assert(!watcher->texts.full);
    if (watcher->texts.len > 0 && watcher->room != NULL) {
        memset(watcher->literal_seen, 0, watcher->watch->literal_count * sizeof *watcher->literal_seen);
        prefilter_scan(watcher->watch->prefilter, watcher->room, buf_slice(&watcher->texts), literal_found, watcher);
    }
    if (watcher->spotted.count == 0)
        return;
    qsort(watcher->spotted.rows, watcher->spotted.count, sizeof *watcher->spotted.rows, order_spotted);
    for (size_t i = 0; i < watcher->spotted.count; i++)
        worker->met[watcher->spotted.rows[i].record] = 1;
    worker->met_any = true;
}

/* ---- Decisions ---- */

void watcher_hint(struct watcher *watcher, uint32_t pattern)
{
    if (watcher != NULL && pattern < watcher->watch->count)
        LIST_ADD(watcher->candidates, pattern);
}

static int order_numbers(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return (one > other) - (one < other);
}

/* With what was spotted, in the order of their numbers, each once. */
static void candidates_gather(struct watcher *watcher, uint32_t record)
{
    size_t kept = 0;
    while (watcher->spotted_at < watcher->spotted.count && watcher->spotted.rows[watcher->spotted_at].record < record)
        watcher->spotted_at++;
    for (; watcher->spotted_at < watcher->spotted.count && watcher->spotted.rows[watcher->spotted_at].record == record;
            watcher->spotted_at++)
        LIST_ADD(watcher->candidates, watcher->spotted.rows[watcher->spotted_at].pattern);
    if (watcher->candidates.count == 0)
        return;
    qsort(watcher->candidates.rows, watcher->candidates.count, sizeof *watcher->candidates.rows, order_numbers);
    for (size_t i = 0; i < watcher->candidates.count; i++)
        if (kept == 0 || watcher->candidates.rows[kept - 1] != watcher->candidates.rows[i])
            watcher->candidates.rows[kept++] = watcher->candidates.rows[i];
    watcher->candidates.count = kept;
}

static void candidates_all(struct watcher *watcher)
{
    watcher->candidates.count = 0;
    for (uint32_t i = 0; i < watcher->watch->count; i++)
        LIST_ADD(watcher->candidates, i);
}

static void pattern_met(struct worker *worker, const struct sighting *sighting)
{
    struct watcher *watcher = worker->watcher;
    const struct watched *watched = &watcher->watch->patterns[sighting->pattern];
    if (watched->lone && !watch_is_met(watched->pattern.root, watcher->words, sighting->when_us))
        return;
    if (!row_is_valid(&watched->entry, sighting->time_us)) {
        worker->totals.invalid++;
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
    LIST_ADD(watcher->sightings, kept);
}

static void pattern_evaluate(
        struct worker *worker, const struct stix_observation *observation, const struct sighting *sighting)
{
    struct watcher *watcher = worker->watcher;
    const struct watched *watched = &watcher->watch->patterns[sighting->pattern];
    struct stix_budget budget = stix_budget_of(watcher->watch->limits.steps);
    if (watched->again)
        return;
    if (stix_evaluate_one(&watched->pattern, observation, watcher->scratch, &budget, watcher->words))
        pattern_met(worker, sighting);
    else if (budget.empty)
        LIST_ADD(watcher->given_up, sighting->pattern);
}

void watcher_decide(struct worker *worker, const struct record *record, int64_t time_us)
{
    struct watcher *watcher = worker->watcher;
    if (worker->sieve == NULL)
        candidates_all(watcher);
    else
        candidates_gather(watcher, record->index);
    if (watcher->candidates.count == 0)
        return;
    struct event event;
    struct sighting sighting = {.line = record->line, .time_us = time_us};
    sighting.when_us = time_us == TIME_NONE ? clock_now_us() : time_us;
    event_fill(worker->reader, &worker->picks, worker->arena, &event);
    observe_event(&event, sighting.when_us, worker->arena, watcher->view);
    watcher->cut += watcher->view->dropped > 0;
    struct stix_observation observation = stix_view_observation(watcher->view);
    for (size_t i = 0; i < watcher->candidates.count; i++) {
        sighting.pattern = watcher->candidates.rows[i];
        sighting.row_at = worker->rows.len;
        pattern_evaluate(worker, &observation, &sighting);
    }
    watcher->candidates.count = 0;
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
