/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/turns.h"

#include <assert.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

#define ARENA_BYTES_MAX ((size_t)256 << 20)
#define WHY_BYTES 256
#define LOOK_US 50000 /* how exactly the time is kept in which something gathers */

struct track {
    struct track *next;
    struct lane *lane;
    int64_t stream, organisation;
    char *name, *format;
    struct turn_file files[TURNS_FILES_MAX];
    size_t file_count;
    bool busy;        /* somebody takes of it */
    bool posting;     /* somebody posts, or waits to */
    bool file_next;   /* where both wait */
    int64_t rests_us; /* until then, by the steady clock */
    uint64_t failures;
    char why[WHY_BYTES];
};

struct worker {
    struct turns *turns;
    unsigned number;
    void *own;
    struct arena *arena, *life;
    pthread_t thread;
    bool open, runs;
};

struct turns {
    struct turns_options options;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct track *tracks, *last; /* last: whose turn it was */
    unsigned posts, long_ones;
    struct worker workers[TURNS_WORKERS_MAX];
    bool stop;
};

static char *own_text(slice text)
{
    char *copy = calloc(1, text.len + 1);
    if (copy == NULL)
        abort();
    memcpy(copy, text.ptr, text.len);
    return copy;
}

/* ---- Whose turn it is ---- */

/* Half of the workers at most are at files, which may be long: pieces of other streams find one that is free. */
static bool may_take_file(const struct turns *turns)
{
    return turns->long_ones < turns->options.workers / 2;
}

static bool has_piece(const struct track *track)
{
    if (track->lane == NULL || !lane_waits(track->lane))
        return false;
    struct lane_counts counts = lane_counts(track->lane);
    return counts.lag_us >= TURNS_GATHER_US || counts.pressure != LANE_FREE ||
           counts.waiting_bytes >= SPOOL_PIECE_BYTES;
}

/* Sets *file to whether it is a file's turn. */
static bool is_ready(const struct turns *turns, const struct track *track, int64_t now_us, bool *file)
{
    if (track->busy || track->posting || now_us < track->rests_us)
        return false;
    bool file_waits = track->file_count > 0 && may_take_file(turns), piece_waits = has_piece(track);
    *file = file_waits && (track->file_next || !piece_waits);
    return file_waits || piece_waits;
}

static struct track *following(const struct turns *turns, const struct track *track)
{
    return track == NULL || track->next == NULL ? turns->tracks : track->next;
}

static struct track *next_track(struct turns *turns, bool *file)
{
    int64_t now_us = clock_steady_us();
    struct track *first = following(turns, turns->last), *track = first;
    if (first == NULL)
        return NULL;
    do {
        if (is_ready(turns, track, now_us, file))
            return track;
        track = following(turns, track);
    } while (track != first);
    return NULL;
}

/* ---- Workers ---- */

static void wait_for_more(struct turns *turns)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_US * 1000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&turns->more, &turns->lock, &until);
}

static void file_drop(struct track *track, size_t at)
{
    close(track->files[at].fd);
    free(track->files[at].name);
    track->file_count--;
    memmove(&track->files[at], &track->files[at + 1], (track->file_count - at) * sizeof track->files[0]);
}

static void turn_end(const struct turns *turns, struct track *track, struct err err)
{
    track->busy = false;
    if (err.kind == ERR_NONE) {
        track->failures = 0;
        track->why[0] = '\0';
        return;
    }
    track->failures++;
    track->rests_us = clock_steady_us() + turns->options.again_us;
    snprintf(track->why, sizeof track->why, "%s", err.why);
}

/* The file is taken out of the queue meanwhile, so that more of it may begin to wait. */
static struct err take_file(struct turns *turns, struct worker *worker, struct track *track)
{
    struct turn_file file = track->files[0];
    track->file_count--;
    memmove(&track->files[0], &track->files[1], track->file_count * sizeof track->files[0]);
    turns->long_ones++;
    pthread_mutex_unlock(&turns->lock);
    const struct turn_task task = {.track = track, .file = &file, .failures = track->failures};
    struct err err = turns->options.take(turns->options.context, worker->own, &task, worker->arena);
    pthread_mutex_lock(&turns->lock);
    turns->long_ones--;
    bool again = err.kind != ERR_NONE && err.kind != ERR_INPUT && !turns->stop && track->file_count < TURNS_FILES_MAX;
    if (again) {
        memmove(&track->files[1], &track->files[0], track->file_count * sizeof track->files[0]);
        track->files[0] = file;
        track->file_count++;
    } else {
        close(file.fd);
        free(file.name);
    }
    return err;
}

static struct err take_piece(struct turns *turns, struct worker *worker, struct track *track)
{
    const struct turn_task task = {.track = track, .failures = track->failures};
    pthread_mutex_unlock(&turns->lock);
    struct err err = turns->options.take(turns->options.context, worker->own, &task, worker->arena);
    pthread_mutex_lock(&turns->lock);
    return err;
}

static void *work_on(void *context)
{
    struct worker *worker = context;
    struct turns *turns = worker->turns;
    bool file = false;
    pthread_mutex_lock(&turns->lock);
    while (!turns->stop) {
        struct track *track = next_track(turns, &file);
        if (track == NULL) {
            wait_for_more(turns);
            continue;
        }
        track->busy = true;
        track->file_next = !file;
        turns->last = track;
        turn_end(turns, track, file ? take_file(turns, worker, track) : take_piece(turns, worker, track));
        pthread_cond_broadcast(&turns->more);
        arena_reset(worker->arena);
    }
    pthread_mutex_unlock(&turns->lock);
    return NULL;
}

static struct err worker_start(struct turns *turns, struct worker *worker, unsigned number)
{
    worker->turns = turns;
    worker->number = number;
    worker->arena = arena_open("turn of a stream", ARENA_WORK, ARENA_BYTES_MAX);
    worker->life = arena_open("worker of streams", ARENA_WORK, ARENA_BYTES_MAX);
    TRY(turns->options.worker_open(turns->options.context, number, worker->life, &worker->own));
    worker->open = true;
    worker->runs = pthread_create(&worker->thread, NULL, work_on, worker) == 0;
    return worker->runs ? OK : err_make(ERR_SYSTEM, "no thread can be started that takes events in");
}

struct err turns_open(const struct turns_options *options, struct arena *arena, struct turns **turns)
{
    struct turns *made = calloc(1, sizeof *made);
    if (made == NULL)
        abort();
    assert(options->workers >= 2 && options->workers <= TURNS_WORKERS_MAX);
    made->options = *options;
    made->options.again_us = options->again_us == 0 ? TURNS_AGAIN_US : options->again_us;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->more, NULL);
    for (unsigned i = 0; i < options->workers; i++) {
        struct err err = worker_start(made, &made->workers[i], i);
        if (err.kind == ERR_NONE)
            continue;
        err.why = arena_cstr(arena, slice_of(err.why));
        turns_close(made);
        return err;
    }
    *turns = made;
    return OK;
}

static void worker_end(struct turns *turns, struct worker *worker)
{
    if (worker->runs)
        pthread_join(worker->thread, NULL);
    if (worker->open)
        turns->options.worker_close(worker->own);
    arena_close(worker->arena);
    arena_close(worker->life);
}

static void track_free(struct track *track)
{
    while (track->file_count > 0)
        file_drop(track, 0);
    lane_close(track->lane);
    free(track->name);
    free(track->format);
    free(track);
}

void turns_close(struct turns *turns)
{
    if (turns == NULL)
        return;
    pthread_mutex_lock(&turns->lock);
    turns->stop = true;
    pthread_cond_broadcast(&turns->more);
    pthread_mutex_unlock(&turns->lock);
    for (unsigned i = 0; i < turns->options.workers; i++)
        worker_end(turns, &turns->workers[i]);
    while (turns->tracks != NULL) {
        struct track *track = turns->tracks;
        turns->tracks = track->next;
        track_free(track);
    }
    pthread_cond_destroy(&turns->more);
    pthread_mutex_destroy(&turns->lock);
    free(turns);
}

/* ---- Tracks ---- */

struct track *turns_track(struct turns *turns, const struct stream *stream)
{
    pthread_mutex_lock(&turns->lock);
    struct track **at = &turns->tracks;
    while (*at != NULL && (*at)->stream != stream->number)
        at = &(*at)->next;
    if (*at == NULL) {
        *at = calloc(1, sizeof **at);
        if (*at == NULL)
            abort();
        (*at)->stream = stream->number;
        (*at)->organisation = stream->organisation;
        (*at)->name = own_text(stream->name);
        (*at)->format = own_text(stream->format);
    }
    struct track *track = *at;
    pthread_mutex_unlock(&turns->lock);
    return track;
}

void turns_lane_put(struct turns *turns, struct track *track, struct lane *lane)
{
    pthread_mutex_lock(&turns->lock);
    assert(track->lane == NULL);
    track->lane = lane;
    pthread_mutex_unlock(&turns->lock);
}

struct lane *turns_lane(struct turns *turns, const struct track *track)
{
    pthread_mutex_lock(&turns->lock);
    struct lane *lane = track->lane;
    pthread_mutex_unlock(&turns->lock);
    return lane;
}

int64_t track_stream(const struct track *track)
{
    return track->stream;
}

const char *track_name(const struct track *track)
{
    return track->name;
}

const char *track_format(const struct track *track)
{
    return track->format;
}

/* ---- What waits ---- */

static bool same_file(int a, int b)
{
    struct stat left, right;
    return fstat(a, &left) == 0 && fstat(b, &right) == 0 && left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

static bool waits_already(const struct track *track, int fd, bool whole)
{
    for (size_t i = 0; i < track->file_count; i++)
        if (track->files[i].whole == whole && same_file(track->files[i].fd, fd))
            return true;
    return false;
}

bool turns_file(struct turns *turns, struct track *track, int64_t inlet, int fd, slice name, bool whole)
{
    pthread_mutex_lock(&turns->lock);
    bool waits = waits_already(track, fd, whole);
    bool room = track->file_count < TURNS_FILES_MAX;
    if (waits)
        close(fd);
    else if (room)
        track->files[track->file_count++] = (struct turn_file){inlet, fd, own_text(name), whole};
    pthread_cond_signal(&turns->more);
    pthread_mutex_unlock(&turns->lock);
    return waits || room;
}

void turns_files_drop(struct turns *turns, int64_t inlet)
{
    pthread_mutex_lock(&turns->lock);
    for (struct track *track = turns->tracks; track != NULL; track = track->next)
        for (size_t i = track->file_count; i > 0; i--)
            if (track->files[i - 1].inlet == inlet)
                file_drop(track, i - 1);
    pthread_mutex_unlock(&turns->lock);
}

void turns_wake(struct turns *turns)
{
    pthread_mutex_lock(&turns->lock);
    pthread_cond_signal(&turns->more);
    pthread_mutex_unlock(&turns->lock);
}

/* ---- Who posts ---- */

static bool organisation_posts(const struct turns *turns, const struct track *track)
{
    for (const struct track *other = turns->tracks; other != NULL; other = other->next)
        if (other->posting && other->organisation == track->organisation)
            return true;
    return false;
}

static struct err post_begin(struct turns *turns, struct track *track)
{
    int64_t until_us = clock_steady_us() + TURNS_POST_WAIT_US;
    if (organisation_posts(turns, track))
        return err_make(ERR_LIMIT, "what was sent before is still being taken in; send one after the other");
    if (turns->posts >= turns->options.posts_max)
        return err_make(ERR_LIMIT, "too many send at once; try again later");
    turns->posts++;
    track->posting = true;
    while (track->busy && !turns->stop && clock_steady_us() < until_us)
        wait_for_more(turns);
    if (!track->busy && !turns->stop) {
        track->busy = true;
        return OK;
    }
    turns->posts--;
    track->posting = false;
    return err_make(ERR_LIMIT, "what came before of this stream is still being taken in; try again later");
}

struct err turns_post_begin(struct turns *turns, struct track *track)
{
    pthread_mutex_lock(&turns->lock);
    struct err err = post_begin(turns, track);
    pthread_mutex_unlock(&turns->lock);
    return err;
}

void turns_post_end(struct turns *turns, struct track *track)
{
    pthread_mutex_lock(&turns->lock);
    turns->posts--;
    track->posting = track->busy = false;
    pthread_cond_broadcast(&turns->more);
    pthread_mutex_unlock(&turns->lock);
}

/* ---- What is shown ---- */

static struct turns_state state_of(const struct track *track, struct arena *arena)
{
    struct turns_state state = {
            .stream = track->stream,
            .name = arena_copy(arena, slice_of(track->name)),
            .lane = {.came_us = TIME_NONE},
            .files = track->file_count,
            .failures = track->failures,
            .why = arena_cstr(arena, slice_of(track->why)),
    };
    if (track->lane != NULL)
        state.lane = lane_counts(track->lane);
    return state;
}

void turns_list(struct turns *turns, struct arena *arena, struct turns_state **rows, size_t *row_count)
{
    size_t count = 0, at = 0;
    pthread_mutex_lock(&turns->lock);
    for (const struct track *track = turns->tracks; track != NULL; track = track->next)
        count++;
    *rows = arena_new(arena, struct turns_state, count);
    for (const struct track *track = turns->tracks; track != NULL; track = track->next)
        (*rows)[at++] = state_of(track, arena);
    pthread_mutex_unlock(&turns->lock);
    *row_count = count;
}
