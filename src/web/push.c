/* SPDX-License-Identifier: Apache-2.0 */
#include "web/push.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "detect/tell.h"
#include "gate/gate.h"
#include "http/stream.h"
#include "store/journal.h"

#define WAIT_MS 200      /* how soon a thread sees that it is to end */
#define AGAIN_US 1000000 /* before it tries again after an error */

struct listener {
    struct http_stream *stream;
    int64_t until_us; /* of the steady clock */
};

/* Those of one audience. */
struct room {
    struct push *push;
    enum audience_kind kind;
    pthread_mutex_t opening; /* of its index */
    struct follow *follow;   /* keeps the index of clients; of the own one `serve` does */
    char path[PATH_MAX];     /* of it */
    pthread_t thread;
    /* guarded by the mutex of the push: */
    bool started;
    int64_t position; /* that the streams were told */
    struct listener listeners[PUSH_STREAMS_MAX];
    size_t count;
};

struct push {
    struct push_options options;
    pthread_mutex_t mutex;
    atomic_bool stop;
    struct room rooms[AUDIENCES];
};

static const char *index_file(const struct push *push, enum audience_kind kind, struct arena *arena)
{
    return arena_printf(arena, "%s/%s", push->options.folder, kind == AUDIENCE_OWN ? "base" : audience_name(kind));
}

/* ---- Telling ---- */

/* Under the mutex. */
static void streams_end(struct room *room)
{
    for (size_t i = 0; i < room->count; i++)
        http_stream_close(room->listeners[i].stream);
    room->count = 0;
}

static void streams_put(struct room *room, slice events)
{
    size_t kept = 0;
    for (size_t i = 0; i < room->count; i++) {
        if (http_stream_put(room->listeners[i].stream, events))
            room->listeners[kept++] = room->listeners[i];
        else
            http_stream_close(room->listeners[i].stream);
    }
    room->count = kept;
}

/* A session or token may have ended, of which nothing is told: who still may comes again at once. */
static void streams_age(struct room *room)
{
    int64_t now_us = clock_steady_us();
    size_t kept = 0;
    pthread_mutex_lock(&room->push->mutex);
    for (size_t i = 0; i < room->count; i++) {
        if (now_us < room->listeners[i].until_us)
            room->listeners[kept++] = room->listeners[i];
        else
            http_stream_close(room->listeners[i].stream);
    }
    room->count = kept;
    pthread_mutex_unlock(&room->push->mutex);
}

/* What happened since goes to all; what cannot be told ends their streams, and they take the index. */
static struct err room_tell(struct room *room, struct tell *tell)
{
    for (size_t rows = NEWS_PAGE_ROWS; rows == NEWS_PAGE_ROWS;) {
        buf_reset(&tell->events);
        struct err err = tell_page(tell, &rows);
        if (err.kind == ERR_LIMIT)
            TRY(store_journal_last(tell->news.db, &tell->news.position));
        else
            TRY(err);
        pthread_mutex_lock(&room->push->mutex);
        if (err.kind == ERR_LIMIT)
            streams_end(room);
        else if (rows > 0)
            streams_put(room, buf_slice(&tell->events));
        if (tell->news.access)
            streams_end(room); /* whoever still may comes again at once */
        room->position = tell->news.position;
        pthread_mutex_unlock(&room->push->mutex);
    }
    return OK;
}

static struct err room_run(struct room *room, struct db *db)
{
    struct tell tell;
    TRY(tell_open(&tell, db, room->kind, room->position));
    struct err err = OK;
    while (err.kind == ERR_NONE && !atomic_load(&room->push->stop)) {
        bool news = false;
        err = store_journal_wait(db, WAIT_MS, &news);
        if (err.kind == ERR_NONE && news)
            err = room_tell(room, &tell);
        streams_age(room);
    }
    tell_close(&tell);
    return err;
}

static void *room_main(void *context)
{
    struct room *room = context;
    while (!atomic_load(&room->push->stop)) {
        struct arena *arena = arena_open("telling", ARENA_PROCESS, 1u << 20);
        struct db *db = NULL;
        struct err err = store_open(&room->push->options.db, arena, &db);
        if (err.kind == ERR_NONE)
            err = room_run(room, db);
        if (err.kind != ERR_NONE)
            log_line(LOG_ERROR, "push.failed", &(struct log_field){"why", slice_of(err.why), 0}, 1);
        db_close(db);
        arena_close(arena);
        for (int i = 0; i < 5 && err.kind != ERR_NONE && !atomic_load(&room->push->stop); i++)
            usleep(AGAIN_US / 5);
    }
    return NULL;
}

/* Under the mutex. Whoever comes first begins at the end of the journal: all before it is caught up with. */
static struct err room_start(struct room *room, int64_t position)
{
    if (room->started)
        return OK;
    room->position = position;
    room->started = pthread_create(&room->thread, NULL, room_main, room) == 0;
    return room->started ? OK : err_make(ERR_SYSTEM, "no thread to tell what changes");
}

/*
 * A stream that was told up to its position joins those that are told the rest. If they are ahead it has to catch up
 * more; if they are behind it hears some of it twice, which does no harm.
 */
static struct err room_join(struct room *room, struct http_stream *stream, int64_t position, bool *joined)
{
    pthread_mutex_lock(&room->push->mutex);
    struct err err = room_start(room, position);
    *joined = err.kind == ERR_NONE && room->position <= position;
    if (atomic_load(&room->push->stop))
        err = err_make(ERR_LIMIT, "this node is about to end; come again in a moment");
    else if (*joined && room->count == PUSH_STREAMS_MAX)
        err = err_make(ERR_LIMIT, "too many listen already; come again later");
    else if (*joined)
        room->listeners[room->count++] = (struct listener){stream, clock_steady_us() + PUSH_STREAM_US};
    pthread_mutex_unlock(&room->push->mutex);
    return err;
}

/* ---- Who asks ---- */

/* The index of clients is kept from when it is first asked for. */
static struct err index_ready(struct push *push, enum audience_kind kind, struct arena *arena)
{
    struct room *room = &push->rooms[kind];
    if (kind == AUDIENCE_OWN)
        return OK;
    if (pthread_mutex_trylock(&room->opening) != 0)
        return err_make(ERR_LIMIT, "the index is being made; come again in a moment");
    struct err err = OK;
    if (room->follow == NULL) {
        const struct follow_options options = {.db = push->options.db, .audience = kind, .path = room->path};
        snprintf(room->path, sizeof room->path, "%s", index_file(push, kind, arena));
        err = follow_open(&options, arena, &room->follow);
    }
    pthread_mutex_unlock(&room->opening);
    return err;
}

struct err push_index(struct ask *ask)
{
    struct push *push = ask->gate->options.parts->push;
    enum audience_kind kind;
    struct stat about;
    TRY(audience_find(ask->db, ask->who.actor.organisation, ask->arena, &kind));
    TRY(index_ready(push, kind, ask->arena));
    const char *path = index_file(push, kind, ask->arena);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0) {
        struct err err = err_errno(ask->arena, "the index");
        if (fd >= 0)
            close(fd);
        return err;
    }
    slice etag = slice_of(arena_printf(ask->arena, "\"%s-%jx-%jx-%jx.%lx\"", audience_name(kind),
            (uintmax_t)about.st_ino, (uintmax_t)about.st_size, (uintmax_t)about.st_mtim.tv_sec, about.st_mtim.tv_nsec));
    http_reply_header(ask->reply, S("etag"), etag);
    if (slice_eq(http_header(ask->request, S("if-none-match"), NULL), etag)) {
        close(fd);
        ask->reply->status = 304;
        return OK;
    }
    ask->reply->status = 200;
    ask->reply->type = S("application/octet-stream");
    ask->reply->file = fd;
    return OK;
}

/* ---- A stream ---- */

static struct err catch_up(struct ask *ask, struct room *room, struct tell *tell, struct http_stream *stream)
{
    for (bool joined = false; !joined;) {
        for (size_t rows = NEWS_PAGE_ROWS; rows == NEWS_PAGE_ROWS;) {
            struct err err = tell_page(tell, &rows);
            TRY(err.kind == ERR_LIMIT ? err_make(ERR_CONFLICT, err.why) : err);
        }
        /* A client learns with this that it is where the journal is, even if there was nothing to tell. */
        buf_printf(&tell->events, "event: here\nid: %lld\ndata: {}\n\n", (long long)tell->news.position);
        if (!http_stream_put(stream, buf_slice(&tell->events)))
            return err_make(ERR_CONFLICT, "more changed than a stream can hold: take the whole index");
        buf_reset(&tell->events);
        TRY(room_join(room, stream, tell->news.position, &joined));
    }
    ask->reply->status = 200;
    ask->reply->type = S("text/event-stream");
    ask->reply->stream = stream;
    return OK;
}

struct err push_live(struct ask *ask)
{
    struct push *push = ask->gate->options.parts->push;
    enum audience_kind kind;
    struct tell tell;
    uint64_t after;
    int64_t last;
    TRY(audience_find(ask->db, ask->who.actor.organisation, ask->arena, &kind));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    TRY(store_journal_last(ask->db, &last));
    if ((int64_t)after > last)
        return err_make(ERR_CONFLICT, "the journal has not come that far: the index is of another node; take it anew");
    TRY(tell_open(&tell, ask->db, kind, (int64_t)after));
    struct http_stream *stream = http_stream_new(2 * TELL_PAGES_BYTES_MAX);
    struct err err = catch_up(ask, &push->rooms[kind], &tell, stream);
    tell_close(&tell);
    if (err.kind != ERR_NONE) {
        http_stream_close(stream);
        http_stream_detach(stream); /* the server never gets it */
    }
    return err;
}

/* ---- Opening ---- */

struct err push_open(const struct push_options *options, struct push **opened)
{
    struct push *push = calloc(1, sizeof *push);
    if (push == NULL)
        return err_make(ERR_SYSTEM, "no memory for streams");
    push->options = *options;
    pthread_mutex_init(&push->mutex, NULL);
    for (enum audience_kind kind = 0; kind < AUDIENCES; kind++) {
        push->rooms[kind].push = push;
        push->rooms[kind].kind = kind;
        pthread_mutex_init(&push->rooms[kind].opening, NULL);
    }
    *opened = push;
    return OK;
}

void push_stop(struct push *push)
{
    if (push == NULL)
        return;
    atomic_store(&push->stop, true);
    pthread_mutex_lock(&push->mutex);
    for (enum audience_kind kind = 0; kind < AUDIENCES; kind++)
        streams_end(&push->rooms[kind]);
    pthread_mutex_unlock(&push->mutex);
}

void push_close(struct push *push)
{
    if (push == NULL)
        return;
    push_stop(push);
    for (enum audience_kind kind = 0; kind < AUDIENCES; kind++) {
        struct room *room = &push->rooms[kind];
        if (room->started)
            pthread_join(room->thread, NULL);
        follow_close(room->follow);
        pthread_mutex_destroy(&room->opening);
    }
    pthread_mutex_destroy(&push->mutex);
    free(push);
}
