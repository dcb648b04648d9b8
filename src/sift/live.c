/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three kinds of things, each in its own section below:
 *
 * 1. A layer holds what changed since some moment: objects in the order of their last change, with copies of their
 *    indicators. What is not published yet lies in a staging layer of its own.
 * 2. A part is what a layer or base becomes: an index, its patterns, and the set of objects that it speaks of. Parts
 * are read-only, counted, and shared by the generations they stand in.
 * 3. A generation is one to four parts. Only the newest can be taken. `current` is its place in the table and how
 *    often it was taken; taking is one addition to that word, so a worker can never find a generation that is gone.
 *
 * The overlay has three sides. What changes goes into the fresh one, which is built anew with each publication and so
 * has to stay small. Before it grows, it is set aside, and a new one begins; what was set aside is joined with the
 * middle one, or, when it is time, with both and the base. That takes long, and is done by another thread: neither base
 * nor middle nor what was set aside changes meanwhile, and only the exchanges of parts need the mutex.
 */
#include "sift/live.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/clock.h"
#include "match/build.h"
#include "sift/generation.h"
#include "sift/load.h"

#define TAKEN_BITS 48 /* of `current`; the rest is the place */
#define MESSAGES_MAX (1u << 20)
#define PROBE_ROWS 4096     /* then it begins anew */
#define LIVE_NAME_MAX 65535 /* what an index keeps of an id or a source (match/build.c) */

struct row {
    struct indicator indicator; /* its slices live in the arena of the layer */
    bool is_pattern;
    size_t texts; /* load_pattern */
    struct row *next;
};

struct object {
    slice source, id;
    struct row *rows, **last;
    size_t row_count, pattern_count, texts;
    bool over; /* there is a later change of the same object */
    struct object *next;
};

struct layer {
    struct arena *arena;
    struct object *first, **last; /* in the order of the changes */
    struct object **table;        /* by hash: of each object the last change */
    size_t table_size;
    size_t objects, rows, patterns, texts; /* that are not over; patterns are rows, too */
    int64_t since_us;                      /* when the first came, by the steady clock */
};

struct part {
    _Atomic unsigned holders; /* generations, and the live index itself */
    struct match_index *index;
    struct watch_set *watch;
    struct changed *changed; /* NULL: a base */
};

/* A place for a generation. The balance is what was left; when it is no more the newest, less what was taken. */
struct place {
    _Atomic int64_t balance;
    struct generation *_Atomic generation; /* NULL: free */
};

/* A generation and what it holds. */
struct issued {
    struct generation generation; /* first: it is what is handed out */
    struct part *parts[GENERATION_PARTS];
    struct place *place;
};

/* Of the overlay, from the oldest changes to the newest. */
enum { MIDDLE, ASIDE, FRESH, SIDES };

struct side {
    struct layer *layer; /* NULL: none */
    struct part *part;   /* of it; NULL if it is empty, or could not be built */
    uint64_t position;   /* that it reaches */
};

struct live {
    struct live_options options;
    struct hash_key key;
    struct place places[LIVE_GENERATIONS_MAX];
    _Atomic uint64_t current;
    /* of the thread that changes: */
    struct layer *staging; /* what is not published yet */
    struct match_builder *probe;
    struct arena *scratch;
    /* guarded by the mutex: */
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct part *base;
    struct side sides[SIDES];
    uint64_t base_position;
    uint64_t number, folds, merges, merges_failed;
    int64_t retry_us, fold_retry_us; /* no merge or fold by itself before that */
    char why[256];
    bool behind; /* there is what could not be published */
    bool stop;
    /* of merges: */
    pthread_mutex_t merging; /* one at a time; taken before the other mutex */
    struct arena *messages;
    pthread_t merger;
    bool started;
};

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) {
        fputs("kentongan: the system has no memory left\n", stderr);
        abort();
    }
    return memory;
}

/* ---- Layers ---- */

static struct layer *layer_open(void)
{
    struct layer *layer = zeroed(1, sizeof *layer);
    layer->arena = arena_open("what changed in a live index", ARENA_WORK, LIVE_OVERLAY_BYTES_MAX);
    layer->last = &layer->first;
    return layer;
}

static void layer_close(struct layer *layer)
{
    if (layer == NULL)
        return;
    arena_close(layer->arena);
    free(layer->table);
    free(layer);
}

static struct object *layer_begin(struct layer *layer, slice source, slice id)
{
    struct object *object = arena_new(layer->arena, struct object, 1);
    object->source = arena_copy(layer->arena, source);
    object->id = arena_copy(layer->arena, id);
    object->last = &object->rows;
    *layer->last = object;
    layer->last = &object->next;
    return object;
}

static void layer_add(struct layer *layer, struct object *object, const struct row *given)
{
    const struct indicator *indicator = &given->indicator;
    struct row *row = arena_new(layer->arena, struct row, 1);
    *row = (struct row){.indicator = *indicator, .is_pattern = given->is_pattern, .texts = given->texts};
    row->indicator.id = object->id;
    row->indicator.name = arena_copy(layer->arena, indicator->name);
    row->indicator.value = arena_copy(layer->arena, indicator->value);
    row->indicator.label = arena_copy(layer->arena, indicator->label);
    *object->last = row;
    object->last = &row->next;
    object->row_count++;
    object->pattern_count += given->is_pattern;
    object->texts += given->texts;
}

static struct object **layer_place(const struct layer *layer, struct hash_key key, const struct object *object)
{
    uint64_t hash = hash_mix(hash_bytes(key, object->id), hash_bytes(key, object->source) | 1);
    size_t at = (size_t)hash & (layer->table_size - 1);
    while (layer->table[at] != NULL &&
            !(slice_eq(layer->table[at]->id, object->id) && slice_eq(layer->table[at]->source, object->source)))
        at = (at + 1) & (layer->table_size - 1);
    return &layer->table[at];
}

static void layer_grow(struct layer *layer, struct hash_key key)
{
    if (2 * (layer->objects + 1) <= layer->table_size)
        return;
    free(layer->table);
    layer->table_size = layer->table_size == 0 ? 256 : 2 * layer->table_size;
    layer->table = zeroed(layer->table_size, sizeof *layer->table);
    for (struct object *object = layer->first; object != NULL; object = object->next)
        if (!object->over)
            *layer_place(layer, key, object) = object;
}

/* A change that is published: what the layer had of the object is over. */
static void layer_put(struct layer *layer, struct hash_key key, const struct object *change)
{
    layer_grow(layer, key);
    if (layer->objects == 0)
        layer->since_us = clock_steady_us();
    struct object *object = layer_begin(layer, change->source, change->id);
    struct object **place = layer_place(layer, key, object);
    for (const struct row *row = change->rows; row != NULL; row = row->next)
        layer_add(layer, object, row);
    if (*place != NULL) {
        (*place)->over = true;
        layer->rows -= (*place)->row_count;
        layer->patterns -= (*place)->pattern_count;
        layer->texts -= (*place)->texts;
        layer->objects--;
    }
    *place = object;
    layer->objects++;
    layer->rows += object->row_count;
    layer->patterns += object->pattern_count;
    layer->texts += object->texts;
}

static bool layer_is_empty(const struct layer *layer)
{
    return layer == NULL || layer->first == NULL;
}

/* What two layers say together, the later one last. */
static struct layer *layers_join(const struct layer *early, const struct layer *late, struct hash_key key)
{
    const struct layer *both[] = {early, late};
    struct layer *joined = layer_open();
    int64_t since_us = INT64_MAX;
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        if (layer_is_empty(both[i]))
            continue;
        since_us = both[i]->since_us < since_us ? both[i]->since_us : since_us;
        for (const struct object *object = both[i]->first; object != NULL; object = object->next)
            if (!object->over)
                layer_put(joined, key, object);
    }
    joined->since_us = since_us;
    return joined;
}

/* ---- Parts ---- */

static struct err row_build(struct match_builder *builder, struct arena *scratch, const struct row *row)
{
    return row->is_pattern ? load_pattern(builder, scratch, &row->indicator, NULL)
                           : match_build_add(builder, &row->indicator);
}

static struct err layer_build(const struct layer *layer, struct match_builder *builder)
{
    struct arena *scratch = arena_open("pattern", ARENA_WORK, LOAD_PATTERN_BYTES_MAX);
    struct err err = OK;
    for (const struct object *object = layer->first; object != NULL && err.kind == ERR_NONE; object = object->next) {
        if (object->over || object->rows == NULL)
            continue;
        err = match_build_source(builder, object->source);
        for (const struct row *row = object->rows; row != NULL && err.kind == ERR_NONE; row = row->next)
            err = row_build(builder, scratch, row);
    }
    arena_close(scratch);
    return err;
}

static struct changed *layer_changed(const struct layer *layer, struct hash_key key)
{
    struct changed *changed = changed_open(key, layer->objects);
    for (const struct object *object = layer->first; object != NULL; object = object->next)
        changed_add(changed, object->source, object->id);
    return changed;
}

static void part_drop(struct part *part)
{
    if (part == NULL || atomic_fetch_sub(&part->holders, 1) > 1)
        return;
    watch_set_close(part->watch);
    match_close(part->index);
    changed_close(part->changed);
    free(part);
}

/* Takes the index over when this is OK. */
static struct err part_open(struct match_index *index, struct part **part)
{
    struct watch_set *watch;
    TRY(watch_set_open(index, &watch));
    *part = zeroed(1, sizeof **part);
    (*part)->holders = 1;
    (*part)->index = index;
    (*part)->watch = watch;
    return OK;
}

/* The builder is spent. */
static struct err part_finish(struct match_builder *builder, struct part **part)
{
    struct match_index *index;
    TRY(match_build_open(builder, &index));
    struct err err = part_open(index, part);
    if (err.kind != ERR_NONE)
        match_close(index);
    return err;
}

static struct err layer_part(const struct layer *layer, struct hash_key key, struct part **part)
{
    struct match_builder *builder = match_builder_open(hash_key_random());
    struct err err = layer_build(layer, builder);
    if (err.kind == ERR_NONE)
        err = part_finish(builder, part);
    match_builder_close(builder);
    if (err.kind == ERR_NONE)
        (*part)->changed = layer_changed(layer, key);
    return err;
}

/* ---- Generations ---- */

static void issued_end(struct issued *issued)
{
    struct place *place = issued->place;
    generation_unsettle(&issued->generation);
    for (size_t i = 0; i < issued->generation.count; i++)
        part_drop(issued->parts[i]);
    free(issued);
    atomic_store(&place->generation, NULL);
}

/* Whoever brings the balance to nothing ends it; one that is still the newest is below that. */
static void balance_add(struct place *place, int64_t count)
{
    if (atomic_fetch_add(&place->balance, count) + count == 0)
        issued_end((struct issued *)atomic_load(&place->generation));
}

const struct generation *live_take(struct live *live)
{
    uint64_t before = atomic_fetch_add(&live->current, 1);
    return atomic_load(&live->places[before >> TAKEN_BITS].generation);
}

void live_leave(struct live *live, const struct generation *generation)
{
    (void)live;
    balance_add(((const struct issued *)generation)->place, -1);
}

static struct place *place_find(struct live *live)
{
    for (size_t i = 0; i < LIVE_GENERATIONS_MAX; i++)
        if (atomic_load(&live->places[i].generation) == NULL)
            return &live->places[i];
    return NULL;
}

static void issued_add(struct issued *issued, struct part *part)
{
    struct generation *generation = &issued->generation;
    if (part == NULL)
        return;
    atomic_fetch_add(&part->holders, 1);
    issued->parts[generation->count] = part;
    generation->indexes[generation->count] = part->index;
    generation->parts[generation->count++] = (struct generation_part){.watch = part->watch, .changed = part->changed};
}

/* The newest is the newest no more: what was taken of it is known now. `taken` counts one for being the newest. */
static void newest_end(struct live *live, uint64_t before)
{
    balance_add(&live->places[before >> TAKEN_BITS], (int64_t)(before & ((UINT64_C(1) << TAKEN_BITS) - 1)));
}

/* Of the parts as they are now; who has no place for it tries again with the next publication. Under the mutex. */
static struct err generation_issue(struct live *live)
{
    struct place *place = place_find(live);
    live->behind = place == NULL;
    if (place == NULL)
        return err_make(ERR_LIMIT, "more than 1024 generations of a live index are held");
    struct issued *issued = zeroed(1, sizeof *issued);
    issued->place = place;
    issued->generation.number = ++live->number;
    issued_add(issued, live->base);
    for (size_t i = 0; i < SIDES; i++)
        issued_add(issued, live->sides[i].part);
    generation_settle(&issued->generation);
    atomic_store(&place->balance, -1); /* for being the newest, */
    atomic_store(&place->generation, &issued->generation);
    uint64_t now = (uint64_t)(place - live->places) << TAKEN_BITS | 1; /* and what pays for it */
    uint64_t before = atomic_exchange(&live->current, now);
    if (before != 0)
        newest_end(live, before);
    return OK;
}

/* ---- Changes ---- */

struct err live_begin(struct live *live, slice source, slice id)
{
    if (id.len == 0)
        return err_make(ERR_INPUT, "an object of a live index needs an id");
    if (id.len > LIVE_NAME_MAX || source.len > LIVE_NAME_MAX)
        return err_make(ERR_INPUT, "the id or source of an object is longer than 65535 bytes");
    (void)layer_begin(live->staging, source, id);
    return arena_check(live->staging->arena);
}

/* The probe refuses what a builder would: when the overlay is built, that is too late. */
static struct err probe_add(struct live *live, struct row *row)
{
    if (match_build_count(live->probe) >= PROBE_ROWS) {
        match_builder_close(live->probe);
        live->probe = match_builder_open(live->key);
    }
    return row->is_pattern ? load_pattern(live->probe, live->scratch, &row->indicator, &row->texts)
                           : match_build_add(live->probe, &row->indicator);
}

/* All parts together never have more than one search can hold, or nothing could be published any more. */
static struct err texts_check(struct live *live, size_t texts)
{
    size_t held = live->staging->texts + texts;
    if (texts == 0)
        return OK;
    pthread_mutex_lock(&live->mutex);
    held += live->base->watch == NULL ? 0 : live->base->watch->literals.count;
    for (size_t i = 0; i < SIDES; i++)
        held += live->sides[i].layer == NULL ? 0 : live->sides[i].layer->texts;
    pthread_mutex_unlock(&live->mutex);
    return held <= LIVE_TEXTS_MAX
                   ? OK
                   : err_make(ERR_INPUT, "the patterns of a live index have more than 200000 texts to search for");
}

static struct object *staged(const struct layer *staging)
{
    return (struct object *)((char *)staging->last - offsetof(struct object, next));
}

static struct err add(struct live *live, const struct indicator *indicator, bool is_pattern)
{
    assert(live->staging->first != NULL);
    struct object *object = staged(live->staging);
    struct row row = {.indicator = *indicator, .is_pattern = is_pattern};
    if ((indicator->flags & INDICATOR_REVOKED) != 0)
        return OK;
    row.indicator.id = object->id;
    TRY(probe_add(live, &row));
    TRY(texts_check(live, row.texts));
    layer_add(live->staging, object, &row);
    live->staging->texts += row.texts;
    return arena_check(live->staging->arena);
}

struct err live_add(struct live *live, const struct indicator *indicator)
{
    return add(live, indicator, false);
}

struct err live_add_pattern(struct live *live, const struct indicator *pattern)
{
    return add(live, pattern, true);
}

/* Under the mutex. */
static struct err publish(struct live *live)
{
    struct side *side = &live->sides[FRESH];
    struct part *part = NULL;
    TRY(arena_check(side->layer->arena));
    if (!layer_is_empty(side->layer))
        TRY(layer_part(side->layer, live->key, &part));
    part_drop(side->part);
    side->part = part;
    return generation_issue(live);
}

struct err live_publish(struct live *live, uint64_t position)
{
    struct err err = OK;
    pthread_mutex_lock(&live->mutex);
    live->behind |= live->staging->first != NULL;
    for (const struct object *change = live->staging->first; change != NULL; change = change->next)
        layer_put(live->sides[FRESH].layer, live->key, change);
    if (live->behind)
        err = publish(live);
    live->behind = err.kind != ERR_NONE;
    if (!live->behind)
        live->sides[FRESH].position = position;
    pthread_cond_signal(&live->wake);
    pthread_mutex_unlock(&live->mutex);
    layer_close(live->staging);
    live->staging = layer_open();
    return err;
}

/* ---- Merging ---- */

struct merge {
    const struct part *base;
    const struct layer *layer;
    struct changed *changed;
    struct match_builder *builder;
    struct arena *scratch;
};

static struct err entry_merge(struct merge *merge, const struct match_entry *entry, bool is_pattern)
{
    struct row row = {.is_pattern = is_pattern, .indicator = match_entry_indicator(entry)};
    if (changed_holds(merge->changed, entry->source, entry->id))
        return OK;
    TRY(match_build_source(merge->builder, entry->source));
    return row_build(merge->builder, merge->scratch, &row);
}

/* What the base still says, in its order, and then what the layer says. */
static struct err parts_merge(struct merge *merge)
{
    const struct match_index *base = merge->base->index;
    for (uint64_t i = 0; i < match_records(base); i++) {
        struct match_entry entry;
        match_entry(base, (uint32_t)i, &entry);
        if ((entry.flags & INDICATOR_HINT) == 0)
            TRY(entry_merge(merge, &entry, false));
    }
    for (uint64_t i = 0; i < match_patterns(base); i++) {
        struct match_entry entry;
        match_pattern(base, (uint32_t)i, &entry);
        TRY(entry_merge(merge, &entry, true));
    }
    return layer_build(merge->layer, merge->builder);
}

static struct err base_write(const char *path, struct match_builder *builder, struct arena *arena, struct part **base)
{
    struct match_index *index;
    TRY(match_build_write(builder, path, arena));
    TRY(match_open(path, arena, &index));
    struct err err = part_open(index, base);
    if (err.kind != ERR_NONE)
        match_close(index);
    return err;
}

static struct err base_finish(struct live *live, struct match_builder *builder, struct part **base)
{
    if (live->options.path == NULL)
        return part_finish(builder, base);
    arena_reset(live->messages);
    return base_write(live->options.path, builder, live->messages, base);
}

static struct err base_make(struct live *live, const struct side *side, struct part **base)
{
    struct merge merge = {.base = live->base, .layer = side->layer};
    merge.changed = layer_changed(merge.layer, live->key);
    merge.builder = match_builder_open(hash_key_random());
    merge.scratch = arena_open("pattern", ARENA_WORK, LOAD_PATTERN_BYTES_MAX);
    struct err err = parts_merge(&merge);
    match_build_position(merge.builder, side->position);
    if (err.kind == ERR_NONE)
        err = base_finish(live, merge.builder, base);
    match_builder_close(merge.builder);
    arena_close(merge.scratch);
    changed_close(merge.changed);
    return err;
}

static void side_close(struct side *side)
{
    layer_close(side->layer);
    part_drop(side->part);
    side->layer = NULL;
    side->part = NULL;
}

/* What an earlier merge set aside and failed to join comes first. */
static void fresh_set_aside(struct live *live)
{
    struct side *fresh = &live->sides[FRESH], *aside = &live->sides[ASIDE];
    if (aside->layer != NULL || layer_is_empty(fresh->layer))
        return;
    *aside = *fresh;
    *fresh = (struct side){.layer = layer_open(), .position = aside->position};
}

/* Middle and aside, neither of which anybody else changes. */
static void sides_join(const struct live *live, struct side *joined)
{
    const struct side *middle = &live->sides[MIDDLE], *aside = &live->sides[ASIDE];
    *joined = (struct side){.layer = layers_join(middle->layer, aside->layer, live->key)};
    joined->position = aside->layer != NULL ? aside->position : middle->position;
}

static struct err middle_exchange(struct live *live, struct side *joined)
{
    side_close(&live->sides[MIDDLE]);
    side_close(&live->sides[ASIDE]);
    live->sides[MIDDLE] = *joined;
    *joined = (struct side){0};
    live->folds++;
    return generation_issue(live);
}

/* Under the mutex. */
static struct err base_exchange(struct live *live, struct part *base, uint64_t position)
{
    side_close(&live->sides[MIDDLE]);
    side_close(&live->sides[ASIDE]);
    part_drop(live->base);
    live->base = base;
    live->base_position = position;
    live->merges++;
    live->why[0] = '\0';
    return generation_issue(live);
}

static struct err join_failed(struct live *live, struct err err, int64_t *retry_us)
{
    live->merges_failed++;
    *retry_us = clock_steady_us() + LIVE_RETRY_US;
    snprintf(live->why, sizeof live->why, "%s", err.why);
    return err;
}

/* What was set aside into the middle. */
static struct err fold(struct live *live)
{
    struct side joined;
    sides_join(live, &joined);
    struct err err = layer_part(joined.layer, live->key, &joined.part);
    pthread_mutex_lock(&live->mutex);
    err = err.kind == ERR_NONE ? middle_exchange(live, &joined) : join_failed(live, err, &live->fold_retry_us);
    pthread_mutex_unlock(&live->mutex);
    side_close(&joined);
    return err;
}

/* All but what is fresh into a new base. */
static struct err merge(struct live *live)
{
    struct side joined;
    struct part *base = NULL;
    sides_join(live, &joined);
    struct err err = base_make(live, &joined, &base);
    pthread_mutex_lock(&live->mutex);
    err = err.kind == ERR_NONE ? base_exchange(live, base, joined.position) : join_failed(live, err, &live->retry_us);
    pthread_mutex_unlock(&live->mutex);
    side_close(&joined);
    return err;
}

struct err live_merge(struct live *live)
{
    pthread_mutex_lock(&live->merging);
    pthread_mutex_lock(&live->mutex);
    fresh_set_aside(live);
    bool any = live->sides[ASIDE].layer != NULL || live->sides[MIDDLE].layer != NULL;
    pthread_mutex_unlock(&live->mutex);
    struct err err = any ? merge(live) : OK;
    pthread_mutex_unlock(&live->merging);
    return err;
}

struct err live_fold(struct live *live)
{
    pthread_mutex_lock(&live->merging);
    pthread_mutex_lock(&live->mutex);
    fresh_set_aside(live);
    bool any = live->sides[ASIDE].layer != NULL;
    pthread_mutex_unlock(&live->mutex);
    struct err err = any ? fold(live) : OK;
    pthread_mutex_unlock(&live->merging);
    return err;
}

/* ---- The thread that merges. All under the mutex but the work itself ---- */

/* A fresh side that is slow to build, or what a merge that failed has left. */
static bool fold_is_due(const struct live *live, int64_t now_us)
{
    const struct layer *fresh = live->sides[FRESH].layer;
    if (now_us < live->fold_retry_us)
        return false;
    return live->sides[ASIDE].layer != NULL || fresh->objects >= LIVE_FOLD_OBJECTS ||
           fresh->patterns >= LIVE_FOLD_PATTERNS;
}

static bool is_large(const struct live *live, size_t objects)
{
    return objects >= LIVE_SHARE_LEAST && objects > match_count(live->base->index) / 100 * live->options.percent;
}

/* When a merge is due; INT64_MAX: there is nothing to merge. */
static int64_t merge_due(const struct live *live, int64_t now_us)
{
    int64_t due_us = INT64_MAX;
    size_t objects = 0;
    for (size_t i = 0; i < SIDES; i++) {
        const struct layer *layer = live->sides[i].layer;
        if (layer_is_empty(layer))
            continue;
        objects += layer->objects;
        due_us = layer->since_us + live->options.merge_us < due_us ? layer->since_us + live->options.merge_us : due_us;
    }
    if (is_large(live, objects))
        due_us = now_us;
    return due_us < live->retry_us ? live->retry_us : due_us;
}

/* What is to be done now, and otherwise until when there is nothing to do. */
static struct err (*work_due(const struct live *live, int64_t *until_us))(struct live *)
{
    int64_t now_us = clock_steady_us(), due_us = merge_due(live, now_us);
    *until_us = due_us < now_us + LIVE_MERGE_US ? due_us : now_us + LIVE_MERGE_US;
    if (due_us <= now_us)
        return live_merge;
    return fold_is_due(live, now_us) ? live_fold : NULL;
}

static void *merger_main(void *context)
{
    struct live *live = context;
    pthread_mutex_lock(&live->mutex);
    while (!live->stop) {
        int64_t until_us;
        struct err (*work)(struct live *) = work_due(live, &until_us);
        if (work == NULL) {
            struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};
            pthread_cond_timedwait(&live->wake, &live->mutex, &until);
            continue;
        }
        pthread_mutex_unlock(&live->mutex);
        (void)work(live).kind; /* live_counts tells */
        pthread_mutex_lock(&live->mutex);
    }
    pthread_mutex_unlock(&live->mutex);
    return NULL;
}

/* ---- Opening ---- */

static struct err base_open(const struct live_options *options, struct arena *arena, struct part **base)
{
    struct match_index *index;
    if (options->path != NULL)
        TRY(match_build_place(options->path, arena));
    if (options->path == NULL || options->anew) {
        struct match_builder *builder = match_builder_open(hash_key_random());
        struct err err = part_finish(builder, base);
        match_builder_close(builder);
        return err;
    }
    TRY(match_open(options->path, arena, &index));
    struct err err = part_open(index, base);
    if (err.kind == ERR_NONE)
        return OK;
    match_close(index);
    return err_format(arena, err.kind, "%s: %s", options->path, err.why);
}

static void locks_open(struct live *live)
{
    pthread_condattr_t steady;
    pthread_mutex_init(&live->mutex, NULL);
    pthread_mutex_init(&live->merging, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&live->wake, &steady);
    pthread_condattr_destroy(&steady);
}

struct err live_open(const struct live_options *options, struct arena *arena, struct live **opened)
{
    struct part *base;
    TRY(base_open(options, arena, &base));
    struct live *live = zeroed(1, sizeof *live);
    live->options = *options;
    live->options.merge_us = options->merge_us == 0 ? LIVE_MERGE_US : options->merge_us;
    live->options.percent = options->percent == 0 ? LIVE_SHARE_PERCENT : options->percent;
    live->key = hash_key_random();
    live->base = base;
    live->base_position = match_position(base->index);
    live->sides[FRESH] = (struct side){.layer = layer_open(), .position = live->base_position};
    live->staging = layer_open();
    live->probe = match_builder_open(live->key);
    live->scratch = arena_open("pattern", ARENA_WORK, LOAD_PATTERN_BYTES_MAX);
    live->messages = arena_open("messages", ARENA_WORK, MESSAGES_MAX);
    locks_open(live);
    struct err err = generation_issue(live);
    assert(err.kind == ERR_NONE);
    live->started = !options->by_hand && pthread_create(&live->merger, NULL, merger_main, live) == 0;
    *opened = live;
    if (options->by_hand || live->started)
        return OK;
    live_close(live);
    return err_make(ERR_SYSTEM, "no thread for the live index");
}

struct err live_adopt(struct live *live, const char *path, struct arena *arena)
{
    struct part *base;
    TRY(base_open(&(struct live_options){.path = path}, arena, &base));
    pthread_mutex_lock(&live->merging);
    pthread_mutex_lock(&live->mutex);
    for (size_t i = 0; i < SIDES; i++)
        side_close(&live->sides[i]);
    live->sides[FRESH] = (struct side){.layer = layer_open(), .position = match_position(base->index)};
    struct err err = base_exchange(live, base, live->sides[FRESH].position);
    pthread_mutex_unlock(&live->mutex);
    pthread_mutex_unlock(&live->merging);
    layer_close(live->staging);
    live->staging = layer_open();
    return err;
}

static void merger_stop(struct live *live)
{
    pthread_mutex_lock(&live->mutex);
    live->stop = true;
    pthread_cond_signal(&live->wake);
    pthread_mutex_unlock(&live->mutex);
    if (live->started)
        pthread_join(live->merger, NULL);
}

void live_close(struct live *live)
{
    if (live == NULL)
        return;
    merger_stop(live);
    newest_end(live, atomic_load(&live->current));
    for (size_t i = 0; i < LIVE_GENERATIONS_MAX; i++)
        assert(atomic_load(&live->places[i].generation) == NULL);
    part_drop(live->base);
    for (size_t i = 0; i < SIDES; i++)
        side_close(&live->sides[i]);
    layer_close(live->staging);
    match_builder_close(live->probe);
    arena_close(live->scratch);
    arena_close(live->messages);
    pthread_cond_destroy(&live->wake);
    pthread_mutex_destroy(&live->mutex);
    pthread_mutex_destroy(&live->merging);
    free(live);
}

struct live_counts live_counts(struct live *live)
{
    pthread_mutex_lock(&live->mutex);
    struct live_counts counts = {
            .position = live->sides[FRESH].position,
            .base_position = live->base_position,
            .generations = live->number,
            .base = match_count(live->base->index),
            .folds = live->folds,
            .merges = live->merges,
            .merges_failed = live->merges_failed,
    };
    for (size_t i = 0; i < SIDES; i++) {
        const struct layer *layer = live->sides[i].layer;
        counts.overlay += layer == NULL ? 0 : layer->rows;
        counts.replaced += layer == NULL ? 0 : layer->objects;
    }
    memcpy(counts.why, live->why, sizeof counts.why);
    pthread_mutex_unlock(&live->mutex);
    return counts;
}
