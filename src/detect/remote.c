/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/token.h"
#include "detect/tell.h"

#define ETAG_BYTES_MAX 1024
#define SAID_BYTES_MAX 400 /* of a refusal that is passed on */
#define WORK_BYTES_MAX (2 * (size_t)TELL_LINE_BYTES_MAX)

struct remote {
    struct remote_options options;
    struct live *live;
    struct http_client *client; /* used by one thread at a time: who opens, then the thread */
    struct arena *arena;        /* of one attempt */
    struct told told;
    pthread_t thread;
    bool started;
    atomic_bool stop;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t news;
    bool here; /* the stream has told all that there was when it began */
    struct remote_counts counts;
};

/* ---- The index, by ETag ---- */

struct download {
    int fd;
    const char *path;
    struct arena *arena;
};

static struct err download_take(void *context, slice bytes)
{
    const struct download *download = context;
    return file_write(download->fd, bytes) ? OK : err_errno(download->arena, download->path);
}

static struct err text_put(const char *path, slice text, struct arena *arena)
{
    struct download file = {.path = arena_printf(arena, "%s.new", path), .arena = arena};
    file.fd = open(file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file.fd < 0)
        return err_errno(arena, file.path);
    struct err err = download_take(&file, text);
    if (close(file.fd) != 0 && err.kind == ERR_NONE)
        err = err_errno(arena, file.path);
    if (err.kind == ERR_NONE && rename(file.path, path) != 0)
        err = err_errno(arena, path);
    return err;
}

/* "" if there is none, or no index that it could be of. */
static const char *etag_kept(const struct remote *remote)
{
    char text[ETAG_BYTES_MAX];
    const char *path = arena_printf(remote->arena, "%s.etag", remote->options.file);
    int fd = access(remote->options.file, R_OK) == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    slice etag = slice_trim((slice){text, len < 0 ? 0 : (size_t)len});
    return arena_cstr(remote->arena, etag);
}

/*
 * The file before its ETag: between the two an old ETag lies beside a new file, which costs a fetch and nothing else.
 * Several programs may fetch at once, so each writes a file of its own and then gives it the name.
 */
static struct err index_keep(struct remote *remote, const char *fresh, const char *etag)
{
    const char *file = remote->options.file, *tag = arena_printf(remote->arena, "%s.etag", file);
    if (unlink(tag) != 0 && errno != ENOENT)
        return err_errno(remote->arena, tag);
    if (rename(fresh, file) != 0)
        return err_errno(remote->arena, file);
    return text_put(tag, slice_of(etag), remote->arena);
}

/* What the node says about it is better than what we could: one line of text, without what could harm a terminal. */
static struct err refused(struct err err, const struct http_answer *answer, struct arena *arena)
{
    slice said = slice_trim(slice_part(answer->page, 0, slice_find(answer->page, '\n')));
    if (said.len == 0 || said.len > SAID_BYTES_MAX || !slice_starts(slice_of(answer->type), S("text/plain")))
        return err;
    for (size_t i = 0; i < said.len; i++)
        if ((unsigned char)said.ptr[i] < ' ' || (unsigned char)said.ptr[i] >= 0x7F)
            return err;
    return err_format(arena, err.kind, "the node answers: %.*s", (int)said.len, said.ptr);
}

static struct err index_get(struct remote *remote, struct download *download, bool *unchanged)
{
    struct http_answer answer = {.type = ""};
    const char *etag = etag_kept(remote);
    const struct http_get get = {
            .url = arena_printf(remote->arena, "%sindex", remote->options.url),
            .authorization = remote->options.authorization,
            .etag = etag,
            .context = download,
            .body = download_take,
    };
    struct err err = http_client_get(remote->client, &get, remote->arena, &answer);
    if (err.kind != ERR_NONE)
        return refused(err, &answer, remote->arena);
    *unchanged = answer.unchanged;
    return answer.unchanged ? OK : index_keep(remote, download->path, answer.etag);
}

static void count(struct remote *remote, uint64_t *counter)
{
    pthread_mutex_lock(&remote->mutex);
    (*counter)++;
    pthread_mutex_unlock(&remote->mutex);
}

/* The node's index as it is now, in the file and in use. */
static struct err index_fetch(struct remote *remote)
{
    bool unchanged = false;
    struct token name = token_new();
    struct download download = {
            .path = arena_printf(remote->arena, "%s.%.8s.new", remote->options.file, name.text),
            .arena = remote->arena,
    };
    download.fd = open(download.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (download.fd < 0)
        return err_errno(remote->arena, download.path);
    struct err err = index_get(remote, &download, &unchanged);
    close(download.fd);
    unlink(download.path);
    TRY(err);
    count(remote, unchanged ? &remote->counts.unchanged : &remote->counts.fetched);
    return live_adopt(remote->live, remote->options.file, remote->arena);
}

/* ---- The stream ---- */

static struct err stream_bytes(void *context, slice bytes)
{
    struct remote *remote = context;
    struct err err = told_bytes(&remote->told, bytes, remote->arena);
    if (remote->told.any) {
        pthread_mutex_lock(&remote->mutex);
        remote->here = true;
        remote->counts.position = remote->told.position;
        pthread_cond_signal(&remote->news);
        pthread_mutex_unlock(&remote->mutex);
        arena_reset(remote->arena);
    }
    return err;
}

/* Until it ends. ERR_CONFLICT: too far behind to be told. */
static struct err stream_read(struct remote *remote)
{
    struct http_answer answer = {.type = ""};
    uint64_t position = live_counts(remote->live).position;
    const char *url =
            arena_printf(remote->arena, "%slive?after=%llu", remote->options.url, (unsigned long long)position);
    char kept[HTTP_URL_BYTES_MAX + 1];
    snprintf(kept, sizeof kept, "%s", url); /* the arena is emptied while the stream is read */
    const struct http_get get = {
            .url = kept,
            .authorization = remote->options.authorization,
            .context = remote,
            .body = stream_bytes,
    };
    told_reset(&remote->told);
    remote->told.any = false;
    struct arena *arena = arena_open("a stream", ARENA_WORK, WORK_BYTES_MAX);
    struct err err = http_client_get(remote->client, &get, arena, &answer);
    if (err.kind != ERR_NONE) {
        err = refused(err, &answer, arena);
        err.why = arena_cstr(remote->arena, slice_of(err.why));
    }
    arena_close(arena);
    return err;
}

static void tell_failure(struct remote *remote, struct err err)
{
    pthread_mutex_lock(&remote->mutex);
    remote->counts.failures += err.kind != ERR_NONE;
    snprintf(remote->counts.why, sizeof remote->counts.why, "%s", err.kind == ERR_NONE ? "" : err.why);
    pthread_mutex_unlock(&remote->mutex);
}

static void sleep_us(const struct remote *remote, int64_t us)
{
    for (int64_t end = clock_steady_us() + us; clock_steady_us() < end && !atomic_load(&remote->stop);)
        usleep(50000);
}

/* A stream that told something and then ended is one that the node had to end: it is asked again at once. */
static void *remote_main(void *context)
{
    struct remote *remote = context;
    int64_t pause_us = REMOTE_AGAIN_US;
    while (!atomic_load(&remote->stop)) {
        arena_reset(remote->arena);
        struct err err = stream_read(remote);
        if (err.kind == ERR_CONFLICT && !atomic_load(&remote->stop))
            err = index_fetch(remote);
        if (atomic_load(&remote->stop))
            break;
        tell_failure(remote, err);
        sleep_us(remote, err.kind == ERR_NONE ? REMOTE_AGAIN_US / 10 : pause_us);
        pause_us = err.kind == ERR_NONE || remote->told.any ? REMOTE_AGAIN_US : pause_us * 2;
        pause_us = pause_us > REMOTE_AGAIN_MAX_US ? REMOTE_AGAIN_MAX_US : pause_us;
    }
    return NULL;
}

static bool wait_until_here(struct remote *remote)
{
    struct timespec until = {0};
    int64_t end_us = clock_steady_us() + REMOTE_FIRST_US;
    until.tv_sec = (time_t)(end_us / 1000000);
    until.tv_nsec = (long)(end_us % 1000000) * 1000;
    pthread_mutex_lock(&remote->mutex);
    while (!remote->here && remote->counts.failures == 0)
        if (pthread_cond_timedwait(&remote->news, &remote->mutex, &until) != 0)
            break;
    bool here = remote->here;
    pthread_mutex_unlock(&remote->mutex);
    return here;
}

/* ---- Opening ---- */

static struct err begin(struct remote *remote, struct arena *arena, const char **why)
{
    TRY(http_client_open(&remote->options.http, arena, &remote->client));
    TRY(live_open(&(struct live_options){.anew = true}, arena, &remote->live));
    told_open(&remote->told, remote->live);
    struct err err = index_fetch(remote);
    bool away = err.kind == ERR_REMOTE && access(remote->options.file, R_OK) == 0;
    if (err.kind != ERR_NONE && !away)
        return err;
    if (away) {
        *why = arena_cstr(arena, slice_of(err.why));
        TRY(live_adopt(remote->live, remote->options.file, arena));
    }
    remote->started = pthread_create(&remote->thread, NULL, remote_main, remote) == 0;
    if (!remote->started)
        return err_make(ERR_SYSTEM, "no thread to follow the node");
    if (!away && !wait_until_here(remote))
        *why = arena_cstr(arena, slice_of(remote_counts(remote).why));
    return OK;
}

struct err remote_open(
        const struct remote_options *options, struct arena *arena, struct remote **opened, const char **why)
{
    struct remote *remote = calloc(1, sizeof *remote);
    pthread_condattr_t steady;
    if (remote == NULL)
        return err_make(ERR_SYSTEM, "no memory to follow a node");
    remote->options = *options;
    remote->arena = arena_open("a node elsewhere", ARENA_WORK, WORK_BYTES_MAX);
    pthread_mutex_init(&remote->mutex, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&remote->news, &steady);
    pthread_condattr_destroy(&steady);
    *why = NULL;
    struct err err = begin(remote, arena, why);
    if (err.kind == ERR_NONE) {
        *opened = remote;
        return OK;
    }
    err.why = arena_cstr(arena, slice_of(err.why));
    remote_close(remote);
    return err;
}

void remote_close(struct remote *remote)
{
    if (remote == NULL)
        return;
    atomic_store(&remote->stop, true);
    if (remote->client != NULL)
        http_client_stop(remote->client);
    if (remote->started)
        pthread_join(remote->thread, NULL);
    told_close(&remote->told);
    live_close(remote->live);
    http_client_close(remote->client);
    arena_close(remote->arena);
    pthread_cond_destroy(&remote->news);
    pthread_mutex_destroy(&remote->mutex);
    free(remote);
}

struct live *remote_live(const struct remote *remote)
{
    return remote->live;
}

struct remote_counts remote_counts(struct remote *remote)
{
    pthread_mutex_lock(&remote->mutex);
    struct remote_counts counts = remote->counts;
    pthread_mutex_unlock(&remote->mutex);
    return counts;
}
