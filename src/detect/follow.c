/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/follow.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "detect/change.h"
#include "sift/load.h"
#include "store/import.h"
#include "store/journal.h"

#define PAGE_ROWS 256 /* of the journal, or objects */
#define PAGE_BYTES_MAX (2 * (size_t)PAGE_ROWS * OBJECT_BYTES_MAX)

struct follow {
    struct follow_options options;
    struct db *db;
    struct live *live;
    struct arena *arena; /* of a page */
    struct change_target target;
    int64_t position; /* of the journal: all before it is published */
    size_t staged;    /* objects that are not */
    bool gone;        /* news of objects that are no more */
    int64_t listed;   /* of an import */
    pthread_t thread;
    bool started;
    atomic_bool stop;
    pthread_mutex_t mutex; /* guards the counts */
    struct follow_counts counts;
};

/* Only indicators hold something to look for (form/stix.c). */
#define LOOKED_FOR "indicator"

/* ---- A base made anew ---- */

struct rebuild {
    struct follow *follow;
    struct match_builder *builder;
    int64_t position;
};

/* Pages of what a filter gives, each object to `take`; the arena is that of the page. */
typedef struct err object_taker(struct follow *follow, const struct object *object, struct arena *arena);
static struct err objects_each(
        struct follow *follow, struct db *db, const struct object_filter *filter, object_taker *take)
{
    struct object_place place = {0};
    while (!place.end) {
        struct arena *arena = arena_open("objects", ARENA_WORK, PAGE_BYTES_MAX);
        struct object *rows = NULL;
        size_t count = 0;
        struct err err = store_object_page(db, filter, &place, PAGE_ROWS, arena, &rows, &count);
        for (size_t i = 0; i < count && err.kind == ERR_NONE; i++)
            err = take(follow, &rows[i], arena);
        arena_close(arena);
        TRY(err);
    }
    return OK;
}

static struct err object_build(struct follow *follow, const struct object *object, struct arena *arena)
{
    (void)arena;
    return change_put(&follow->target, object);
}

/* One moment of the store; may run again. */
static struct err rebuild_look(struct db *db, void *context)
{
    struct rebuild *rebuild = context;
    struct follow *follow = rebuild->follow;
    const struct object_filter filter = {.type = S(LOOKED_FOR)};
    match_builder_close(rebuild->builder);
    rebuild->builder = match_builder_open(hash_key_random());
    follow->target = (struct change_target){.builder = rebuild->builder, .scratch = follow->target.scratch};
    TRY(store_journal_last(db, &rebuild->position));
    return objects_each(follow, db, &filter, object_build);
}

static struct err base_rebuild(struct follow *follow, struct arena *arena)
{
    struct rebuild rebuild = {.follow = follow};
    struct err err = db_look(follow->db, rebuild_look, &rebuild);
    if (err.kind == ERR_NONE) {
        match_build_position(rebuild.builder, (uint64_t)rebuild.position);
        err = match_build_write(rebuild.builder, follow->options.path, arena);
    }
    match_builder_close(rebuild.builder);
    follow->counts.rebuilds++;
    follow->counts.unused += follow->target.unused;
    return err;
}

/* ---- News ---- */

static struct err staged_publish(struct follow *follow, int64_t position)
{
    follow->staged = 0;
    return live_publish(follow->live, (uint64_t)position);
}

/* What of a large import is not all there yet is looked for already, under the position before it. */
static struct err object_change(struct follow *follow, const struct object *object, struct arena *arena)
{
    (void)arena;
    if (!slice_eq(object->type, S(LOOKED_FOR)))
        return OK;
    TRY(change_put(&follow->target, object));
    if (++follow->staged % FOLLOW_STAGED_MAX == 0)
        TRY(live_publish(follow->live, (uint64_t)follow->position));
    return OK;
}

/* What counts of its source and id now; earlier versions count again when later ones are hidden. */
static struct err object_again(struct follow *follow, const struct object *hidden, struct arena *arena)
{
    struct object object;
    follow->listed++;
    if (!slice_eq(hidden->type, S(LOOKED_FOR)))
        return OK;
    struct err err = store_object_newest(follow->db, hidden->source, hidden->id, arena, &object);
    if (err.kind == ERR_NONE)
        return object_change(follow, &object, arena);
    if (err.kind != ERR_MISSING)
        return err;
    follow->staged++;
    return change_drop(&follow->target, hidden->source, hidden->id);
}

static struct err import_number(slice subject, int64_t *number)
{
    uint64_t read;
    slice prefix = S("import/");
    if (!slice_starts(subject, prefix) || !slice_u64(slice_from(subject, prefix.len), INT64_MAX, &read))
        return err_make(ERR_INPUT, "a row of the journal about an import does not name it");
    *number = (int64_t)read;
    return OK;
}

static struct err import_done(struct follow *follow, slice subject)
{
    struct object_filter filter = {.type = S(LOOKED_FOR)};
    TRY(import_number(subject, &filter.import));
    return objects_each(follow, follow->db, &filter, object_change);
}

/*
 * Retention removes what an import brought that was undone long ago, a step at a time. Nobody can say then what is
 * over: with fewer objects than it brought, the base has to be made anew.
 */
static struct err import_undone(struct follow *follow, slice subject)
{
    struct object_filter filter = {.all_versions = true, .unseen = true};
    struct import import = {0};
    TRY(import_number(subject, &filter.import));
    struct err err = store_import_get(follow->db, filter.import, follow->arena, &import);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    follow->listed = 0;
    TRY(objects_each(follow, follow->db, &filter, object_again));
    follow->gone |= err.kind == ERR_MISSING || follow->listed < import.added;
    return OK;
}

/* Of whichever source: the row may have lost its detail. */
static struct err object_judged(struct follow *follow, slice subject)
{
    struct object *rows;
    size_t count;
    TRY(store_object_versions(follow->db, subject, follow->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (rows[i].newest)
            TRY(object_change(follow, &rows[i], follow->arena));
    return OK;
}

/* The acts that change what is looked for. */
static const struct {
    const char *act;
    struct err (*change)(struct follow *follow, slice subject);
} acts[] = {
        {"import.done", import_done},
        {"import.undone", import_undone},
        {"intel.judged", object_judged},
        {"intel.unjudged", object_judged},
};

static struct err row_follow(struct follow *follow, const struct journal_row *row)
{
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (slice_eq(row->act, slice_of(acts[i].act)))
            return acts[i].change(follow, row->subject);
    return OK;
}

static struct err page_follow(struct follow *follow, size_t *count)
{
    struct journal_row *rows;
    arena_reset(follow->arena);
    TRY(store_journal_list(follow->db, follow->position, PAGE_ROWS, follow->arena, &rows, count));
    uint64_t changed = 0;
    for (size_t i = 0; i < *count; i++) {
        follow->staged = 0;
        TRY(row_follow(follow, &rows[i]));
        changed += follow->staged;
    }
    if (*count > 0) {
        TRY(staged_publish(follow, rows[*count - 1].seq));
        follow->position = rows[*count - 1].seq;
    }
    pthread_mutex_lock(&follow->mutex);
    follow->counts.objects += changed;
    follow->counts.unused += follow->target.unused;
    pthread_mutex_unlock(&follow->mutex);
    follow->target.unused = 0;
    return OK;
}

struct err follow_once(struct follow *follow)
{
    for (size_t count = PAGE_ROWS; count == PAGE_ROWS;)
        TRY(page_follow(follow, &count));
    return OK;
}

static void tell(struct follow *follow, struct err err)
{
    pthread_mutex_lock(&follow->mutex);
    follow->counts.failures += err.kind != ERR_NONE;
    snprintf(follow->counts.why, sizeof follow->counts.why, "%s", err.kind == ERR_NONE ? "" : err.why);
    pthread_mutex_unlock(&follow->mutex);
}

static void *follow_main(void *context)
{
    struct follow *follow = context;
    while (!atomic_load(&follow->stop)) {
        bool news = false;
        struct err err = store_journal_wait(follow->db, FOLLOW_WAIT_MS, &news);
        if (err.kind == ERR_NONE && news)
            err = follow_once(follow);
        if (err.kind != ERR_NONE || news)
            tell(follow, err);
        if (err.kind != ERR_NONE)
            usleep(FOLLOW_AGAIN_US);
    }
    return NULL;
}

/* ---- Opening ---- */

static struct err folder_make(const char *path, struct arena *arena)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    if (slash == NULL || slash == path)
        return OK;
    const char *folder = arena_cstr(arena, (slice){path, (size_t)(slash - path)});
    return mkdir(folder, 0700) == 0 || errno == EEXIST ? OK : err_errno(arena, folder);
}

static struct err base_anew(struct follow *follow, struct arena *arena)
{
    struct live_options options = {.path = follow->options.path, .by_hand = follow->options.by_hand};
    live_close(follow->live);
    follow->live = NULL;
    TRY(base_rebuild(follow, arena));
    return live_open(&options, arena, &follow->live);
}

/* A file at no position was not made from this journal, nor one that is ahead of it. */
static bool can_serve(struct follow *follow, int64_t last)
{
    uint64_t position = live_counts(follow->live).position;
    return position > 0 && position <= (uint64_t)last;
}

static struct err index_open(struct follow *follow, struct arena *arena)
{
    int64_t last;
    struct live_options options = {.path = follow->options.path, .by_hand = follow->options.by_hand};
    TRY(store_journal_last(follow->db, &last));
    if (options.path == NULL)
        return live_open(&options, arena, &follow->live);
    struct err err = live_open(&options, arena, &follow->live);
    if (err.kind == ERR_NONE && can_serve(follow, last))
        return OK;
    bool anew = err.kind == ERR_NONE || err.kind == ERR_MISSING || err.kind == ERR_INPUT;
    return anew ? base_anew(follow, arena) : err;
}

static struct err replay(struct follow *follow)
{
    follow->target = (struct change_target){.live = follow->live, .scratch = follow->target.scratch};
    follow->position = (int64_t)live_counts(follow->live).position;
    follow->gone = false;
    return follow_once(follow);
}

static struct err open_all(struct follow *follow, struct arena *arena)
{
    TRY(folder_make(follow->options.path, arena));
    TRY(store_open(&follow->options.db, arena, &follow->db));
    TRY(index_open(follow, arena));
    TRY(replay(follow));
    if (follow->gone && follow->options.path != NULL) {
        TRY(base_anew(follow, arena));
        TRY(replay(follow));
    }
    if (follow->options.by_hand)
        return OK;
    follow->started = pthread_create(&follow->thread, NULL, follow_main, follow) == 0;
    return follow->started ? OK : err_make(ERR_SYSTEM, "no thread to follow the journal");
}

struct err follow_open(const struct follow_options *options, struct arena *arena, struct follow **opened)
{
    struct follow *follow = calloc(1, sizeof *follow);
    if (follow == NULL)
        return err_make(ERR_SYSTEM, "no memory to follow the journal");
    follow->options = *options;
    follow->arena = arena_open("news", ARENA_WORK, PAGE_BYTES_MAX);
    follow->target.scratch = arena_open("pattern", ARENA_WORK, LOAD_PATTERN_BYTES_MAX);
    pthread_mutex_init(&follow->mutex, NULL);
    struct err err = open_all(follow, arena);
    if (err.kind == ERR_NONE) {
        *opened = follow;
        return OK;
    }
    err.why = arena_cstr(arena, slice_of(err.why));
    follow_close(follow);
    return err;
}

void follow_close(struct follow *follow)
{
    if (follow == NULL)
        return;
    atomic_store(&follow->stop, true);
    if (follow->started)
        pthread_join(follow->thread, NULL);
    live_close(follow->live);
    db_close(follow->db);
    arena_close(follow->arena);
    arena_close(follow->target.scratch);
    pthread_mutex_destroy(&follow->mutex);
    free(follow);
}

struct live *follow_live(const struct follow *follow)
{
    return follow->live;
}

struct follow_counts follow_counts(struct follow *follow)
{
    pthread_mutex_lock(&follow->mutex);
    struct follow_counts counts = follow->counts;
    pthread_mutex_unlock(&follow->mutex);
    return counts;
}
