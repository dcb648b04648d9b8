/* SPDX-License-Identifier: Apache-2.0 */
#include "http/stream.h"

#include <assert.h>
#include <pthread.h>

struct http_stream {
    pthread_mutex_t lock;
    unsigned references; /* publisher and server */
    struct buf waiting;
    size_t taken;  /* of what waits, from its beginning */
    bool closed;   /* the publisher has said all */
    bool gone;     /* the client is */
    bool overflow; /* it did not read, and something was not put */
    void (*wake)(void *context);
    void *context;
};

struct http_stream *http_stream_new(size_t waiting_bytes_max)
{
    struct http_stream *stream = malloc(sizeof *stream);
    if (stream == NULL)
        abort();
    *stream = (struct http_stream){.references = 2, .waiting = buf_make(waiting_bytes_max)};
    pthread_mutex_init(&stream->lock, NULL);
    return stream;
}

static void drop(struct http_stream *stream)
{
    assert(stream->references > 0);
    bool last = --stream->references == 0;
    pthread_mutex_unlock(&stream->lock);
    if (!last)
        return;
    buf_free(&stream->waiting);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}

static void wake(const struct http_stream *stream)
{
    if (stream->wake != NULL)
        stream->wake(stream->context);
}

/* What was sent makes room before the ceiling is asked. */
static void make_room(struct http_stream *stream)
{
    struct buf *waiting = &stream->waiting;
    if (stream->taken == 0)
        return;
    memmove(waiting->ptr, waiting->ptr + stream->taken, waiting->len - stream->taken);
    waiting->len -= stream->taken;
    stream->taken = 0;
}

static bool put(struct http_stream *stream, slice bytes)
{
    if (stream->gone || stream->overflow || stream->closed)
        return false;
    if (stream->waiting.len + bytes.len > stream->waiting.max || stream->taken > stream->waiting.len / 2)
        make_room(stream);
    buf_put(&stream->waiting, bytes);
    stream->overflow = stream->waiting.full;
    wake(stream);
    return !stream->overflow;
}

bool http_stream_put(struct http_stream *stream, slice bytes)
{
    pthread_mutex_lock(&stream->lock);
    bool done = put(stream, bytes);
    pthread_mutex_unlock(&stream->lock);
    return done;
}

void http_stream_close(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->closed = true;
    wake(stream);
    drop(stream);
}

void http_stream_attach(struct http_stream *stream, void (*wake_it)(void *context), void *context)
{
    pthread_mutex_lock(&stream->lock);
    stream->wake = wake_it;
    stream->context = context;
    pthread_mutex_unlock(&stream->lock);
}

size_t http_stream_take(struct http_stream *stream, char *bytes, size_t size, bool *end, bool *broken)
{
    pthread_mutex_lock(&stream->lock);
    size_t left = stream->waiting.len - stream->taken, len = left < size ? left : size;
    if (stream->overflow)
        len = 0; /* a client that does not read gets no half of an event */
    if (len > 0)
        memcpy(bytes, stream->waiting.ptr + stream->taken, len);
    stream->taken += len;
    if (stream->taken == stream->waiting.len && !stream->overflow) {
        stream->waiting.len = 0;
        stream->taken = 0;
    }
    *broken = stream->overflow;
    *end = len == 0 && (stream->closed || stream->overflow);
    pthread_mutex_unlock(&stream->lock);
    return len;
}

void http_stream_beat(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    if (stream->waiting.len == 0)
        put(stream, S(":\n\n"));
    pthread_mutex_unlock(&stream->lock);
}

void http_stream_finish(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->closed = true;
    wake(stream);
    pthread_mutex_unlock(&stream->lock);
}

void http_stream_detach(struct http_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->gone = true;
    stream->wake = NULL;
    drop(stream);
}
