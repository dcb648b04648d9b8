/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads that answer, and the queue in front of them. An intake brings what became whole in one round with one
 * lock; it wakes one worker, and each that finds more behind what it took wakes the next, so that no thread is woken
 * for nothing.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "http/intake.h"

#define OWN_ARENA_MAX (64u << 20) /* of a worker, for as long as it lives */

/* ---- The queue ---- */

void http_queue_open(struct http_queue *queue)
{
    *queue = (struct http_queue){.last = &queue->first};
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->more, NULL);
}

void http_queue_close(struct http_queue *queue)
{
    pthread_cond_destroy(&queue->more);
    pthread_mutex_destroy(&queue->lock);
}

struct http_exchange *http_queue_put(struct http_queue *queue, struct http_exchange *exchanges, size_t most)
{
    pthread_mutex_lock(&queue->lock);
    while (exchanges != NULL && queue->count < most && !queue->ends) {
        struct http_exchange *next = exchanges->next;
        exchanges->next = NULL;
        *queue->last = exchanges;
        queue->last = &exchanges->next;
        queue->count++;
        exchanges = next;
    }
    bool wakes = queue->count > 0 && queue->idle > 0;
    pthread_mutex_unlock(&queue->lock);
    if (wakes)
        pthread_cond_signal(&queue->more);
    return exchanges;
}

/* The next one; NULL when the server ends. */
static struct http_exchange *queue_take(struct http_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->first == NULL && !queue->ends) {
        queue->idle++;
        pthread_cond_wait(&queue->more, &queue->lock);
        queue->idle--;
    }
    struct http_exchange *taken = queue->ends ? NULL : queue->first;
    if (taken != NULL) {
        queue->first = taken->next;
        queue->count--;
        if (queue->first == NULL)
            queue->last = &queue->first;
    }
    bool wakes = taken != NULL && queue->first != NULL && queue->idle > 0;
    pthread_mutex_unlock(&queue->lock);
    if (wakes)
        pthread_cond_signal(&queue->more);
    return taken;
}

/* ---- Answers, as libmicrohttpd takes them ---- */

static struct MHD_Response *file_response(struct http_exchange *exchange)
{
    struct stat about;
    int file = exchange->reply.file;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(file);
        return NULL;
    }
    exchange->answer_bytes = (uint64_t)about.st_size;
    return MHD_create_response_from_fd64((uint64_t)about.st_size, file); /* which closes it */
}

/* Takes the memory of the body over. */
static struct MHD_Response *body_response(struct http_exchange *exchange)
{
    struct buf *body = &exchange->reply.body;
    if (body->full) {
        buf_free(body);
        return NULL;
    }
    exchange->answer_bytes = body->len;
    struct MHD_Response *response = MHD_create_response_from_buffer(body->len, body->ptr, MHD_RESPMEM_MUST_FREE);
    *body = (struct buf){0};
    return response;
}

static struct MHD_Response *fixed_response(struct http_exchange *exchange, slice fixed)
{
    exchange->answer_bytes = fixed.len;
    return MHD_create_response_from_buffer(
            fixed.len, (void *)(uintptr_t)(fixed.len == 0 ? "" : fixed.ptr), MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *response_of(struct http_exchange *exchange)
{
    const struct http_reply *reply = &exchange->reply;
    if (reply->stream != NULL)
        return http_intake_stream(exchange);
    if (reply->file > 0)
        return file_response(exchange);
    if (reply->body.ptr != NULL || reply->body.full)
        return body_response(exchange);
    return fixed_response(exchange, reply->fixed);
}

static void add_header(struct MHD_Response *response, slice name, slice value, struct arena *arena)
{
    MHD_add_response_header(response, arena_cstr(arena, name), arena_cstr(arena, value));
}

void http_respond(struct http_exchange *exchange, struct arena *arena)
{
    struct http_reply *reply = &exchange->reply;
    struct MHD_Response *response = response_of(exchange);
    if (response == NULL) {
        exchange->fault = (struct http_fault){500, "the answer could not be made"};
        http_respond_fault(exchange);
    } else {
        if (reply->type.len > 0)
            add_header(response, S("Content-Type"), reply->type, arena);
        for (size_t i = 0; i < reply->header_count; i++)
            add_header(response, reply->headers[i].name, reply->headers[i].value, arena);
        exchange->response = response;
        exchange->status = reply->status == 0 ? 500 : reply->status;
        exchange->later_ms = (reply->not_before_us + 999) / 1000;
    }
    struct http_stream *stream = reply->stream;
    *reply = (struct http_reply){.stream = stream};
}

void http_respond_fault(struct http_exchange *exchange)
{
    const struct http_fault *fault = &exchange->fault;
    struct buf text = buf_make(1024);
    buf_printf(&text, "%u %s: %s\n", fault->status, http_status_text(fault->status), fault->why);
    exchange->answer_bytes = text.len;
    struct MHD_Response *response = MHD_create_response_from_buffer(text.len, text.ptr, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    if (fault->status == 503)
        MHD_add_response_header(response, "Retry-After", "5");
    if (fault->status == 405)
        MHD_add_response_header(response, "Allow", "GET, HEAD, POST, DELETE");
    exchange->response = response;
    exchange->status = fault->status;
}

/* ---- Workers ---- */

static void reply_drop(struct http_reply *reply)
{
    buf_free(&reply->body);
    if (reply->file > 0)
        close(reply->file);
    if (reply->stream != NULL)
        http_stream_detach(reply->stream);
    *reply = (struct http_reply){0};
}

static void answer(struct http_worker *worker, struct http_exchange *exchange)
{
    struct http_server *server = worker->server;
    exchange->request.arena = worker->arena;
    server->options.answer(worker->context, &exchange->request, &exchange->reply);
    if (arena_full(worker->arena)) {
        reply_drop(&exchange->reply);
        exchange->fault = (struct http_fault){413, "the request takes more memory than one may"};
        http_respond_fault(exchange);
    } else {
        http_respond(exchange, worker->arena);
    }
    http_body_free(&exchange->body);
    atomic_fetch_sub_explicit(&server->bodies, exchange->held, memory_order_relaxed);
    exchange->held = 0;
    arena_reset(worker->arena);
}

static void *run(void *context)
{
    struct http_worker *worker = context;
    struct http_exchange *exchange;
    while ((exchange = queue_take(&worker->server->queue)) != NULL) {
        answer(worker, exchange);
        http_intake_give(exchange);
    }
    return NULL;
}

static struct err start(struct http_worker *worker, struct arena *arena)
{
    const struct http_server_options *options = &worker->server->options;
    worker->own = arena_open("worker of the HTTP server", ARENA_PROCESS, OWN_ARENA_MAX);
    worker->arena = arena_open("request", ARENA_WORK, options->arena_bytes);
    worker->context = options->context;
    if (options->worker_open != NULL) {
        struct err err = options->worker_open(options->context, worker->own, &worker->context);
        if (err.kind != ERR_NONE)
            return err_format(arena, err.kind, "%s", err.why); /* its own arena goes */
    }
    errno = pthread_create(&worker->thread, NULL, run, worker);
    if (errno == 0)
        return OK;
    struct err err = err_errno(arena, "a thread for the server");
    if (options->worker_close != NULL)
        options->worker_close(worker->context);
    return err;
}

struct err http_workers_start(struct http_server *server, struct arena *arena)
{
    for (unsigned i = 0; i < server->options.workers; i++) {
        struct http_worker *worker = &server->workers[i];
        worker->server = server;
        struct err err = start(worker, arena);
        if (err.kind != ERR_NONE) {
            arena_close(worker->own);
            arena_close(worker->arena);
            return err;
        }
        server->workers_open++;
    }
    return OK;
}

static void refuse_rest(struct http_queue *queue)
{
    while (queue->first != NULL) {
        struct http_exchange *exchange = queue->first;
        queue->first = exchange->next;
        exchange->fault = (struct http_fault){503, "this node is going down"};
        http_intake_give(exchange);
    }
    queue->last = &queue->first;
    queue->count = 0;
}

void http_workers_stop(struct http_server *server)
{
    pthread_mutex_lock(&server->queue.lock);
    server->queue.ends = true;
    pthread_cond_broadcast(&server->queue.more);
    pthread_mutex_unlock(&server->queue.lock);
    for (unsigned i = 0; i < server->workers_open; i++) {
        struct http_worker *worker = &server->workers[i];
        pthread_join(worker->thread, NULL);
        if (server->options.worker_close != NULL)
            server->options.worker_close(worker->context);
        arena_close(worker->own);
        arena_close(worker->arena);
    }
    server->workers_open = 0;
    refuse_rest(&server->queue);
}
