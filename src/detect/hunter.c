/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The follower "hunt". What a row of the journal brings is looked for before the transaction in which the row is done,
 * so that nobody waits for the memory; only what was found is written there, and the step past the row with it.
 */
#include "detect/hunt.h"

#include <stdlib.h>

#include "base/arena.h"
#include "detect/change.h"
#include "detect/fold.h"
#include "detect/hunt_parts.h"
#include "detect/lists.h"
#include "detect/news.h"
#include "form/form.h"
#include "store/batch.h"
#include "store/follower.h"
#include "store/memory.h"
#include "store/met.h"
#include "json/read.h"
#include "json/write.h"

#define ARENA_MAX ((size_t)2 << 30)
#define PEER_MAX 2000
#define MET_PAGE 500

/* An indicator of a page of news; its values follow each other. */
struct hunted_object {
    slice id, types;
    int64_t number;
    bool listed; /* a warning list holds a value of it */
};

/* A value that was met by an organisation, of which object. */
struct hunt_hit {
    size_t object;
    const struct indicator *value;
    const struct hunt_met *met;
};

struct hunter {
    struct remember *remember;
    struct db *db;
    struct lists *lists;
    struct hunt_noise noise; /* while a row is looked at */
    struct news news;
    struct arena *arena; /* of a row of the journal: what was found */
    struct arena *chunk; /* of HUNT_AT_ONCE values */
    struct arena *text;  /* of an object that is read */
    int64_t seq;         /* what was found is of this row; 0: of none */
    bool arrives;        /* the row is about an import */
    int64_t now_us;

    /* What is to be looked for. */
    struct indicator *values;
    size_t *objects_of; /* the object of each value */
    size_t value_count, value_room;
    struct hunted_object *objects;
    size_t object_count;

    /* What was found. */
    struct met_put *mets;
    size_t met_count, met_room;
    struct memory_reach *reaches;
    size_t reach_count, reach_room;
    uint64_t hits;
    uint64_t passed_over; /* indicators that are noise for sure */
    uint64_t broken;      /* runs that could not be asked, and why the first */
    const char *why;
};

/* The array with room for one more, perhaps at another place; `size` of one. */
static void *with_room(struct arena *arena, void *array, size_t size, size_t count, size_t *room)
{
    if (count < *room)
        return array;
    *room = 2 * count + 64;
    void *more = arena_take_array(arena, *room, size);
    if (count > 0)
        memcpy(more, array, count * size);
    return more;
}

/* ---- What is to be looked for ---- */

/* Of an object: its values, as long as there is room. */
struct reading {
    struct hunter *hunter;
    const struct object *object;
    size_t values;
    bool listed;
};

static bool is_valid(const struct hunter *hunter, const struct object *object, const struct indicator *indicator)
{
    if ((object->judged & OBJECT_EXPIRED) != 0 && object->expiry_us <= hunter->now_us)
        return false;
    return (indicator->flags & INDICATOR_REVOKED) == 0 &&
           (indicator->from_us == TIME_NONE || indicator->from_us <= hunter->now_us) &&
           (indicator->until_us == TIME_NONE || indicator->until_us > hunter->now_us);
}

static struct err take_value(void *context, const struct indicator *indicator)
{
    struct reading *reading = context;
    struct hunter *hunter = reading->hunter;
    if (!is_valid(hunter, reading->object, indicator))
        return OK;
    reading->listed |= hunt_is_listed(hunter->noise.lists, indicator);
    if (observable_wrong(indicator->type, indicator->value) != NULL)
        return err_make(ERR_INPUT, "the value is none of its type");
    if (hunter->value_count == HUNT_VALUES_MAX)
        return err_make(ERR_LIMIT, "an indicator has too many values to look for");
    size_t room = hunter->value_room;
    hunter->values =
            with_room(hunter->chunk, hunter->values, sizeof *hunter->values, hunter->value_count, &hunter->value_room);
    hunter->objects_of =
            with_room(hunter->chunk, hunter->objects_of, sizeof *hunter->objects_of, hunter->value_count, &room);
    struct indicator copy = *indicator;
    copy.value = arena_copy(hunter->chunk, indicator->value);
    copy.name = arena_copy(hunter->chunk, indicator->name);
    hunter->objects_of[hunter->value_count] = hunter->object_count;
    hunter->values[hunter->value_count++] = copy;
    reading->values++;
    return OK;
}

/* More than values: evaluated on events as they come, and nothing to look up in the past. */
static struct err take_pattern(void *context, const struct indicator *pattern)
{
    (void)context, (void)pattern;
    return OK;
}

static void take_problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    (void)context, (void)line, (void)column, (void)why;
}

static void take_skipped(void *context, const char *what)
{
    (void)context, (void)what;
}

static struct err look(struct hunter *hunter);

static struct err object_take(void *context, const struct object *object, struct arena *arena)
{
    (void)arena;
    struct hunter *hunter = context;
    struct reading reading = {hunter, object, 0, false};
    const struct form_sink sink = {&reading, take_value, take_problem, take_skipped, NULL, take_pattern};
    if (!change_counts(object))
        return OK;
    if (hunter->objects == NULL)
        hunter->objects = arena_new(hunter->chunk, struct hunted_object, HUNT_AT_ONCE);
    arena_reset(hunter->text);
    struct err err = form_stix.read(object->bytes, hunter->text, &sink);
    if (err.kind == ERR_LIMIT || err.kind == ERR_SYSTEM)
        return err_make(err.kind, "no room to look for an indicator");
    if (reading.values == 0)
        return OK;
    hunter->objects[hunter->object_count++] = (struct hunted_object){.id = arena_copy(hunter->chunk, object->id),
            .types = arena_copy(hunter->chunk, json_get(object->bytes, S("indicator_types"))),
            .number = object->number,
            .listed = reading.listed};
    return hunter->value_count >= HUNT_AT_ONCE || hunter->object_count == HUNT_AT_ONCE ? look(hunter) : OK;
}

static struct err object_over(void *context, int64_t source, slice id)
{
    (void)context, (void)source, (void)id;
    return OK;
}

/* ---- Who knows already ---- */

/* The organisations that were told of an indicator before, rising. */
struct knowing {
    int64_t *organisations;
    size_t count, room;
};

static int number_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static bool knows(const struct knowing *knowing, int64_t organisation)
{
    return knowing->count > 0 &&
           bsearch(&organisation, knowing->organisations, knowing->count, sizeof organisation, number_compare) != NULL;
}

/* It was there before in another version, or nobody brought it just now. */
static struct err has_changed(struct hunter *hunter, const struct hunted_object *object, bool *changed)
{
    struct object *versions;
    size_t count;
    *changed = !hunter->arrives;
    if (*changed)
        return OK;
    struct arena *arena = arena_open("versions", ARENA_WORK, NEWS_PAGE_BYTES_MAX);
    struct err err = store_object_versions(hunter->db, object->id, arena, &versions, &count);
    for (size_t i = 0; i < count && err.kind == ERR_NONE; i++)
        *changed |= versions[i].number != object->number && versions[i].number < object->number;
    arena_close(arena);
    return err;
}

/* Whom the memory told of it, and of one that was there before, whoever met it since. */
static struct err knowing_read(struct hunter *hunter, const struct hunted_object *object, struct knowing *knowing)
{
    bool changed;
    struct met *rows;
    size_t count = MET_PAGE;
    *knowing = (struct knowing){0};
    TRY(has_changed(hunter, object, &changed));
    for (int64_t after = 0; count == MET_PAGE; after = count > 0 ? rows[count - 1].number : after) {
        TRY(store_met_of_cause(
                hunter->db, S(CAUSE_INDICATOR), object->id, after, MET_PAGE, hunter->chunk, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            if (rows[i].stream != 0 && !changed)
                continue;
            knowing->organisations = with_room(hunter->chunk, knowing->organisations, sizeof *knowing->organisations,
                    knowing->count, &knowing->room);
            knowing->organisations[knowing->count++] = rows[i].organisation;
        }
    }
    if (knowing->count > 1)
        qsort(knowing->organisations, knowing->count, sizeof *knowing->organisations, number_compare);
    return OK;
}

/* ---- What was found ---- */

/* The memory does not know who called whom: what is looked up or fetched went out, the rest was only seen. */
static enum fold_way way_of(enum observable_type type)
{
    switch (type) {
    case OBSERVABLE_IPV4:
    case OBSERVABLE_IPV6:
    case OBSERVABLE_CIDR:
    case OBSERVABLE_DOMAIN:
    case OBSERVABLE_HOST:
    case OBSERVABLE_URL:
    case OBSERVABLE_JA3:
    case OBSERVABLE_USERAGENT:
        return WAY_OUT;
    default:
        return WAY_SEEN;
    }
}

static slice peer_of(const struct indicator *value, struct arena *arena)
{
    slice type = value->type == OBSERVABLE_OTHER ? value->name : slice_of(observable_type_name(value->type));
    size_t len = value->value.len < PEER_MAX ? value->value.len : PEER_MAX;
    return slice_of(arena_printf(arena, "%.*s %.*s", (int)type.len, type.ptr, (int)len, value->value.ptr));
}

static struct met_detail detail_of(const struct hunt_hit *hit, struct arena *arena)
{
    struct met_detail detail = {.first_us = hit->met->first_us,
            .last_us = hit->met->last_us,
            .events = (int64_t)hit->met->count,
            .own = S(""),
            .peer = peer_of(hit->value, arena),
            .extra = S("")};
    struct sha256 digest = hash_sha256(detail.peer);
    detail.digest = arena_copy(arena, slice_part(sha256_slice(&digest), 0, 16));
    return detail;
}

/* What one organisation met of one indicator: a row, and a detail for each of its values. */
static struct err met_found(
        struct hunter *hunter, const struct hunted_object *object, const struct hunt_hit *hits, size_t count)
{
    const struct fold_class *class =
            fold_indicator_class(object->types, hits[0].value->type, way_of(hits[0].value->type));
    struct met met = {.organisation = hits[0].met->organisation,
            .cause_kind = S(CAUSE_INDICATOR),
            .cause = arena_copy(hunter->arena, object->id),
            .class = slice_of(class->name),
            .severity = class->severity,
            .first_us = INT64_MAX,
            .last_us = INT64_MIN};
    size_t detail_count = count < MET_DETAILS_MAX ? count : MET_DETAILS_MAX;
    struct met_detail *details = arena_new(hunter->arena, struct met_detail, detail_count);
    for (size_t i = 0; i < count; i++) {
        const struct hunt_met *found = hits[i].met;
        met.first_us = found->first_us < met.first_us ? found->first_us : met.first_us;
        met.last_us = found->last_us > met.last_us ? found->last_us : met.last_us;
        met.events += (int64_t)found->count;
        if (i < detail_count)
            details[i] = detail_of(&hits[i], hunter->arena);
    }
    met.window_us = met.first_us / MET_WINDOW_US * MET_WINDOW_US;
    if (hunter->met_count == HUNTER_MET_MAX)
        return err_format(hunter->arena, ERR_LIMIT,
                "what came would have met more than %d times: look with `kentongan hunt`", HUNTER_MET_MAX);
    hunter->mets = with_room(hunter->arena, hunter->mets, sizeof *hunter->mets, hunter->met_count, &hunter->met_room);
    hunter->mets[hunter->met_count++] = (struct met_put){met, details, detail_count};
    hunter->hits += (uint64_t)met.events;
    return OK;
}

/* How many of those we serve met one indicator; its hits come by organisation. */
static struct memory_reach reach_of(
        struct hunter *hunter, const struct hunted_object *object, const struct hunt_hit *hits, size_t count)
{
    struct memory_reach reach = {.indicator = arena_copy(hunter->arena, object->id),
            .first_us = INT64_MAX,
            .last_us = INT64_MIN,
            .listed = object->listed};
    for (size_t i = 0; i < count; i++) {
        const struct hunt_met *met = hits[i].met;
        reach.organisations += i == 0 || met->organisation != hits[i - 1].met->organisation;
        reach.sightings += (int64_t)met->count;
        reach.first_us = met->first_us < reach.first_us ? met->first_us : reach.first_us;
        reach.last_us = met->last_us > reach.last_us ? met->last_us : reach.last_us;
    }
    hunter->reaches = with_room(
            hunter->arena, hunter->reaches, sizeof *hunter->reaches, hunter->reach_count, &hunter->reach_room);
    hunter->reaches[hunter->reach_count++] = reach;
    return reach;
}

/* All that was met of one indicator, by organisation. */
static struct err object_found(
        struct hunter *hunter, const struct hunted_object *object, const struct hunt_hit *hits, size_t count)
{
    struct knowing knowing;
    struct memory_reach reach = reach_of(hunter, object, hits, count);
    if (reach.listed && hunt_is_noise(&hunter->noise, (uint64_t)reach.organisations)) {
        hunter->passed_over++;
        return OK;
    }
    TRY(knowing_read(hunter, object, &knowing));
    for (size_t from = 0, to = 0; from < count; from = to) {
        int64_t organisation = hits[from].met->organisation;
        while (to < count && hits[to].met->organisation == organisation)
            to++;
        if (!knows(&knowing, organisation))
            TRY(met_found(hunter, object, hits + from, to - from));
    }
    return OK;
}

static int hit_compare(const void *a, const void *b)
{
    const struct hunt_hit *x = a, *y = b;
    if (x->object != y->object)
        return x->object < y->object ? -1 : 1;
    if (x->met->organisation != y->met->organisation)
        return x->met->organisation < y->met->organisation ? -1 : 1;
    return x->met->value < y->met->value ? -1 : x->met->value > y->met->value;
}

static struct err hits_take(struct hunter *hunter, const struct hunted *hunted)
{
    struct hunt_hit *hits = arena_new(hunter->chunk, struct hunt_hit, hunted->count + 1);
    for (size_t i = 0; i < hunted->count; i++) {
        const struct hunt_met *met = &hunted->met[i];
        hits[i] = (struct hunt_hit){hunter->objects_of[met->value], &hunter->values[met->value], met};
    }
    qsort(hits, hunted->count, sizeof *hits, hit_compare);
    for (size_t from = 0, to = 0; from < hunted->count; from = to) {
        while (to < hunted->count && hits[to].object == hits[from].object)
            to++;
        TRY(object_found(hunter, &hunter->objects[hits[from].object], hits + from, to - from));
    }
    return OK;
}

static void chunk_reset(struct hunter *hunter)
{
    arena_reset(hunter->chunk);
    hunter->objects = NULL;
    hunter->values = NULL;
    hunter->objects_of = NULL;
    hunter->object_count = hunter->value_count = hunter->value_room = 0;
}

/* What has gathered. A run that cannot be read does not keep the others from being asked; the journal tells it. */
static struct err look(struct hunter *hunter)
{
    struct hunted hunted;
    const struct hunt_job job = {.remember = hunter->remember,
            .db = hunter->db,
            .values = hunter->values,
            .count = hunter->value_count,
            .since_us = TIME_NONE,
            .until_us = TIME_NONE};
    if (hunter->value_count == 0)
        return OK;
    struct err err = hunt_in(&job, 0, hunter->chunk, &hunted);
    if (err.kind == ERR_NONE && hunted.broken > hunter->broken) {
        hunter->broken = hunted.broken;
        hunter->why = arena_cstr(hunter->arena, slice_of(hunted.why));
    }
    if (err.kind == ERR_NONE)
        err = hits_take(hunter, &hunted);
    if (err.kind == ERR_NONE)
        err = arena_check(hunter->arena);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(hunter->arena, slice_of(err.why));
    chunk_reset(hunter);
    return err;
}

/* ---- A row of the journal ---- */

/* Where nothing is remembered, nothing need be read. */
static struct err is_empty(struct hunter *hunter, bool *empty)
{
    struct memory_row *rows;
    size_t count;
    TRY(store_memory_list(hunter->db, hunter->chunk, &rows, &count));
    *empty = count == 0;
    return OK;
}

static struct err row_look(struct hunter *hunter, const struct journal_row *row)
{
    hunter->seq = 0;
    hunter->met_count = hunter->met_room = hunter->reach_count = hunter->reach_room = 0;
    hunter->hits = hunter->broken = hunter->passed_over = 0;
    hunter->now_us = clock_now_us();
    hunter->arrives = slice_eq(row->act, S("import.done"));
    chunk_reset(hunter);
    arena_reset(hunter->news.arena);
    bool empty = false;
    hunter->noise.lists = lists_take(hunter->lists);
    struct err err = is_empty(hunter, &empty);
    if (err.kind == ERR_NONE && !empty)
        err = news_row(&hunter->news, row);
    if (err.kind == ERR_NONE)
        err = look(hunter);
    lists_leave(hunter->lists, hunter->noise.lists);
    chunk_reset(hunter);
    TRY(err);
    hunter->seq = row->seq;
    return OK;
}

static struct err broken_tell(const struct hunter *hunter, struct work *work)
{
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    if (hunter->broken == 0)
        return OK;
    json_write_object(&w);
    json_write_key_u64(&w, S("runs"), hunter->broken);
    json_write_key_text(&w, S("why"), slice_of(hunter->why));
    json_write_end(&w);
    struct err err = store_work_news(work, "memory.unread", S("memory"), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* Nothing is passed over in silence. */
static struct err passed_over_tell(const struct hunter *hunter, struct work *work)
{
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    if (hunter->passed_over == 0)
        return OK;
    json_write_object(&w);
    json_write_key_u64(&w, S("indicators"), hunter->passed_over);
    json_write_end(&w);
    struct err err = store_work_news(work, "hunt.noise", S("memory"), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

static struct err found_write(struct hunter *hunter, struct work *work)
{
    struct batch batch = {.stream = 0, .taken_us = work->now_us, .hits = (int64_t)hunter->hits};
    TRY(broken_tell(hunter, work));
    TRY(passed_over_tell(hunter, work));
    TRY(store_memory_reach_put(work, hunter->reaches, hunter->reach_count));
    if (hunter->met_count == 0)
        return OK;
    TRY(store_batch_add(work, &batch, NULL, &batch.number));
    TRY(store_met_fold(work, batch.number, hunter->mets, hunter->met_count));
    return store_batch_tell(work, &batch, (int64_t)hunter->met_count);
}

/* Somebody else may have been at the row before; then it is looked for here. */
static struct err row_do(void *context, struct work *work, const struct journal_row *row)
{
    struct hunter *hunter = context;
    if (hunter->seq != row->seq)
        TRY(row_look(hunter, row));
    return found_write(hunter, work);
}

static const char *const acts[] = {"import.done", "import.undone", "intel.judged", "intel.unjudged", NULL};

struct err hunter_once(struct hunter *hunter, bool *did)
{
    const struct follower follower = {"hunt", hunter, row_do, acts};
    struct journal_row row;
    uint64_t done = 0;
    arena_reset(hunter->arena);
    TRY(store_follower_next(hunter->db, &follower, hunter->arena, &row, did));
    if (!*did)
        return store_follower_once(hunter->db, &follower, 1, hunter->arena, &done);
    /* What fails here fails there again, where it is counted and parked. */
    if (row_look(hunter, &row).kind != ERR_NONE)
        hunter->seq = 0;
    struct err err = store_follower_once(hunter->db, &follower, 1, hunter->arena, &done);
    hunter->seq = 0;
    return err;
}

/* ---- Opening ---- */

struct err hunter_open(
        struct remember *remember, struct db *db, struct lists *lists, uint64_t most, struct hunter **opened)
{
    struct hunter *hunter = calloc(1, sizeof *hunter);
    if (hunter == NULL)
        return err_make(ERR_SYSTEM, "no memory to look into the past");
    *hunter = (struct hunter){.remember = remember, .db = db, .lists = lists, .noise = {.most = most}};
    hunter->arena = arena_open("what the memory met", ARENA_WORK, ARENA_MAX);
    hunter->chunk = arena_open("what is looked for", ARENA_WORK, ARENA_MAX);
    hunter->text = arena_open("an indicator", ARENA_WORK, 4 * (size_t)OBJECT_BYTES_MAX);
    hunter->news = (struct news){.db = db,
            .arena = arena_open("news", ARENA_WORK, NEWS_PAGE_BYTES_MAX),
            .context = hunter,
            .changed = object_take,
            .over = object_over};
    *opened = hunter;
    return OK;
}

void hunter_close(struct hunter *hunter)
{
    if (hunter == NULL)
        return;
    arena_close(hunter->arena);
    arena_close(hunter->chunk);
    arena_close(hunter->text);
    arena_close(hunter->news.arena);
    free(hunter);
}
