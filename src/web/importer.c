/* SPDX-License-Identifier: Apache-2.0 */
/* What is shared is small and under one lock; the import itself belongs to its thread. */
#include "web/importer.h"

#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "gate/gate.h"
#include "web/waiting.h"

#define JOB_ARENA_MAX ((size_t)512 << 20)
#define WHY_MAX 1000

static struct {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    unsigned running;
    bool stopping;
} importers = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};

/* Belongs to its thread and to who began it; the last of both frees it. */
struct job {
    struct arena *arena;
    struct db_options db;
    struct actor actor;
    struct importer_text text;
    struct intel_report report; /* of the thread */
    int fd;
    size_t at; /* in a text that is in memory */
    /* Under the lock. */
    unsigned owners;
    bool ended;
    int64_t import;
    struct err err;
    char why[WHY_MAX];
};

/* ---- The thread ---- */

static struct err read_some(void *context, char *to, size_t room, size_t *got)
{
    struct job *job = context;
    slice rest = slice_from(job->text.text, job->at);
    ssize_t count;
    if (job->fd >= 0) {
        count = read(job->fd, to, room);
    } else {
        count = (ssize_t)(rest.len < room ? rest.len : room);
        memcpy(to, count > 0 ? rest.ptr : "", (size_t)count);
        job->at += (size_t)count;
    }
    *got = count > 0 ? (size_t)count : 0;
    return count < 0 ? err_make(ERR_SYSTEM, "the text cannot be read any more") : OK;
}

/* Asked often: also how it is noticed that the import has its number. */
static bool stop(void *context)
{
    struct job *job = context;
    pthread_mutex_lock(&importers.lock);
    bool stopping = importers.stopping;
    job->import = job->report.import;
    pthread_mutex_unlock(&importers.lock);
    return stopping;
}

static struct err ingest(struct job *job)
{
    const struct importer_text *text = &job->text;
    const struct stix_stream stream = {job, read_some};
    const struct intel_ingest how = {.source = text->source,
            .kind = text->kind,
            .name = text->name,
            .form = text->form.len > 0 ? arena_cstr(job->arena, text->form) : NULL,
            .creator = text->creator,
            .marking = text->marking,
            .watch = {.context = job, .stop = stop}};
    struct db *db;
    TRY(db_open(&job->db, job->arena, &db));
    struct err err = intel_ingest(db, &job->actor, &how, &stream, job->arena, &job->report);
    db_close(db);
    return err;
}

static void job_free(struct job *job)
{
    struct arena *arena = job->arena;
    arena_close(arena);
}

/* With the lock held. */
static bool let_go(struct job *job)
{
    return --job->owners == 0;
}

static void end(struct job *job, struct err err)
{
    size_t len = err.why == NULL ? 0 : strlen(err.why);
    len = len < sizeof job->why - 1 ? len : sizeof job->why - 1;
    pthread_mutex_lock(&importers.lock);
    memcpy(job->why, err.why == NULL ? "" : err.why, len);
    job->err = (struct err){err.kind, job->why};
    job->import = job->report.import;
    job->ended = true;
    importers.running--;
    bool last = let_go(job);
    pthread_cond_broadcast(&importers.moved);
    pthread_mutex_unlock(&importers.lock);
    if (last)
        job_free(job);
}

static void *run(void *context)
{
    struct job *job = context;
    struct err err = OK;
    job->fd = job->text.path == NULL ? -1 : open(job->text.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (job->text.path != NULL && job->fd < 0)
        err = err_errno(job->arena, "the text");
    if (err.kind == ERR_NONE)
        err = ingest(job);
    if (job->fd >= 0)
        close(job->fd);
    if (job->text.path != NULL)
        waiting_drop(job->text.path);
    end(job, err);
    return NULL;
}

/* ---- Who begins it ---- */

static struct job *job_make(const struct ask *ask, const struct importer_text *text)
{
    struct arena *arena = arena_open("an import of the console", ARENA_WORK, JOB_ARENA_MAX);
    struct job *job = arena_new(arena, struct job, 1);
    const struct actor *actor = &ask->who.actor;
    job->arena = arena;
    job->db = ask->gate->options.db;
    job->actor = *actor;
    job->actor.name = arena_copy(arena, actor->name);
    job->text = (struct importer_text){.source = arena_copy(arena, text->source),
            .kind = arena_copy(arena, text->kind),
            .name = arena_copy(arena, text->name),
            .creator = arena_copy(arena, text->creator),
            .marking = arena_copy(arena, text->marking),
            .form = arena_copy(arena, text->form),
            .path = text->path == NULL ? NULL : arena_cstr(arena, slice_of(text->path)),
            .text = arena_copy(arena, text->text)};
    job->owners = 2;
    return job;
}

static struct err begin(struct job *job)
{
    pthread_t thread;
    pthread_mutex_lock(&importers.lock);
    bool may = importers.running < IMPORTERS_MAX && !importers.stopping;
    importers.running += may;
    pthread_mutex_unlock(&importers.lock);
    if (!may)
        return err_make(ERR_LIMIT, "two imports of the console are running: wait for one of them to end");
    if (pthread_create(&thread, NULL, run, job) != 0) {
        pthread_mutex_lock(&importers.lock);
        importers.running--;
        pthread_mutex_unlock(&importers.lock);
        return err_make(ERR_SYSTEM, "no thread is to be had");
    }
    pthread_detach(thread);
    return OK;
}

static struct timespec moment_in(unsigned ms)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

struct err importer_run(struct ask *ask, const struct importer_text *text, int64_t *import)
{
    struct job *job = job_make(ask, text);
    struct timespec until = moment_in(IMPORTER_WAIT_MS);
    struct err err = begin(job);
    if (err.kind != ERR_NONE) {
        job_free(job);
        return err;
    }
    pthread_mutex_lock(&importers.lock);
    while (!job->ended && pthread_cond_timedwait(&importers.moved, &importers.lock, &until) == 0)
        ;
    *import = job->import;
    if (job->ended && job->err.kind != ERR_NONE)
        err = (struct err){job->err.kind, arena_cstr(ask->arena, slice_of(job->why))};
    bool last = let_go(job);
    pthread_mutex_unlock(&importers.lock);
    if (last)
        job_free(job);
    return err;
}

void importer_close(void)
{
    pthread_mutex_lock(&importers.lock);
    importers.stopping = true;
    while (importers.running > 0)
        pthread_cond_wait(&importers.moved, &importers.lock);
    pthread_mutex_unlock(&importers.lock);
}
