/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/follow.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "detect/change.h"
#include "detect/news.h"
#include "sift/load.h"
#include "store/journal.h"

struct follow {
    struct follow_options options;
    struct db *db;
    struct live *live;
    struct news news; /* all up to its position is published */
    struct change_target target;
    size_t staged;    /* objects that are not */
    uint64_t changed; /* objects of this page */
    pthread_t thread;
    bool started;
    atomic_bool stop;
    pthread_mutex_t mutex; /* guards the counts */
    struct follow_counts counts;
};

/* ---- A base made anew ---- */

struct rebuild {
    struct follow *follow;
    struct match_builder *builder;
    int64_t position;
};

static struct err object_build(void *context, const struct object *object, struct arena *arena)
{
    (void)arena;
    return change_put(&((struct follow *)context)->target, object);
}

static void target_set(struct follow *follow, struct live *live, struct match_builder *builder)
{
    follow->target = (struct change_target){
            .live = live, .builder = builder, .scratch = follow->target.scratch, .audience = follow->target.audience};
}

/* One moment of the store; may run again. */
static struct err rebuild_look(struct db *db, void *context)
{
    struct rebuild *rebuild = context;
    struct follow *follow = rebuild->follow;
    const struct object_filter filter = {.type = S(NEWS_TYPE)};
    match_builder_close(rebuild->builder);
    rebuild->builder = match_builder_open(hash_key_random());
    target_set(follow, NULL, rebuild->builder);
    TRY(store_journal_last(db, &rebuild->position));
    TRY(audience_read(follow->target.audience, db));
    return news_objects(db, &filter, follow, object_build);
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

/* What of a large import is not all there yet is looked for already, under the position before it. */
static struct err staged(struct follow *follow)
{
    follow->changed++;
    if (++follow->staged % FOLLOW_STAGED_MAX == 0)
        TRY(live_publish(follow->live, (uint64_t)follow->news.position));
    return OK;
}

static struct err object_change(void *context, const struct object *object, struct arena *arena)
{
    (void)arena;
    struct follow *follow = context;
    TRY(change_put(&follow->target, object));
    return staged(follow);
}

static struct err object_over(void *context, int64_t source, slice id)
{
    struct follow *follow = context;
    TRY(change_drop(&follow->target, source, id));
    return staged(follow);
}

static struct err marking_learn(void *context, const struct object *object, struct arena *arena)
{
    (void)arena;
    return audience_learn(((struct follow *)context)->target.audience, object);
}

static struct err page_follow(struct follow *follow, size_t *count)
{
    follow->staged = follow->changed = 0;
    TRY(news_read(&follow->news, count));
    if (*count > 0)
        TRY(live_publish(follow->live, (uint64_t)follow->news.position));
    pthread_mutex_lock(&follow->mutex);
    follow->counts.objects += follow->changed;
    follow->counts.unused += follow->target.unused;
    pthread_mutex_unlock(&follow->mutex);
    follow->target.unused = 0;
    return OK;
}

struct err follow_once(struct follow *follow)
{
    for (size_t count = NEWS_PAGE_ROWS; count == NEWS_PAGE_ROWS;)
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
    target_set(follow, follow->live, NULL);
    follow->news.position = (int64_t)live_counts(follow->live).position;
    follow->news.lost = false;
    return follow_once(follow);
}

static struct err open_all(struct follow *follow, struct arena *arena)
{
    TRY(folder_make(follow->options.path, arena));
    TRY(store_open(&follow->options.db, arena, &follow->db));
    follow->news.db = follow->db;
    TRY(audience_read(follow->target.audience, follow->db));
    TRY(index_open(follow, arena));
    TRY(replay(follow));
    if (follow->news.lost && follow->options.path != NULL) {
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
    follow->news = (struct news){.arena = arena_open("news", ARENA_WORK, NEWS_PAGE_BYTES_MAX),
            .context = follow,
            .changed = object_change,
            .over = object_over,
            .marking = marking_learn};
    follow->target.audience = audience_open(options->audience);
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
    arena_close(follow->news.arena);
    audience_close(follow->target.audience);
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
