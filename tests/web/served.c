/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server to be ill-treated by hostile.py and tls.py: the one of src/http with a handler that says what it was given.
 *
 *     served NAME=VALUE...   starts; prints "port N"
 *     counts                 a line on standard input: prints the counters as one line of JSON
 *     reload                 reads certificates again; prints "reloaded", or "not reloaded: WHY"
 *     put TEXT               puts an event into all open streams; prints "put N", to how many
 *     hold, release          /slow waits between the two
 *     close MS               closes; prints "closed" and ends; so does the end of standard input
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/arena.h"
#include "http/server.h"

#define STREAMS_MAX 256

static atomic_uint answered, evil;
static atomic_bool held;
static pthread_mutex_t streams_lock = PTHREAD_MUTEX_INITIALIZER;
static struct http_stream *streams[STREAMS_MAX];
static unsigned stream_count;
static unsigned long body_max = 100000, stream_bytes = 100000;

/* ---- Answers ---- */

static bool head(void *context, const struct http_request *request, uint64_t *most, struct http_reply *refusal)
{
    (void)context;
    (void)request;
    (void)refusal;
    *most = body_max;
    return true;
}

static struct http_stream *subscribe(void)
{
    struct http_stream *stream = http_stream_new(stream_bytes);
    pthread_mutex_lock(&streams_lock);
    bool room = stream_count < STREAMS_MAX;
    if (room)
        streams[stream_count++] = stream;
    pthread_mutex_unlock(&streams_lock);
    if (!room)
        http_stream_close(stream);
    return stream;
}

static void say_fields(const struct http_request *request, struct buf *out)
{
    const struct http_field *fields;
    size_t count;
    struct err err = http_form(request, &fields, &count);
    if (err.kind != ERR_NONE) {
        buf_printf(out, "error %s: %s\n", err_name(err.kind), err.why);
        return;
    }
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "field %.*s=%.*s file=%.*s type=%.*s\n", (int)fields[i].name.len, fields[i].name.ptr,
                (int)fields[i].value.len, fields[i].value.ptr, (int)fields[i].file.len, fields[i].file.ptr,
                (int)fields[i].type.len, fields[i].type.ptr);
}

static void say_request(const struct http_request *request, struct buf *out)
{
    buf_put(out, http_method_name(request->method));
    buf_printf(out, " %.*s\nbody %zu\n", (int)request->path.len, request->path.ptr, request->body.len);
    if (request->tls)
        buf_put(out, S("tls\n"));
    if (request->certificate != NULL) {
        const struct sha256 *print = &request->certificate->fingerprint;
        buf_printf(out, "subject %.*s\nfingerprint ", (int)request->certificate->subject.len,
                request->certificate->subject.ptr);
        buf_hex(out, (slice){(const char *)print->bytes, sizeof print->bytes});
        buf_byte(out, '\n');
    }
    if (slice_eq(request->path, S("/form")))
        say_fields(request, out);
}

static void answer(void *worker, const struct http_request *request, struct http_reply *reply)
{
    (void)worker;
    atomic_fetch_add(&answered, 1);
    if (slice_starts(request->path, S("/evil")))
        atomic_fetch_add(&evil, 1);
    while (slice_eq(request->path, S("/slow")) && atomic_load(&held))
        usleep(1000);
    reply->status = 200;
    reply->type = S("text/plain; charset=utf-8");
    if (slice_eq(request->path, S("/stream"))) {
        reply->type = S("text/event-stream");
        reply->stream = subscribe();
        return;
    }
    reply->body = buf_make(64u << 20);
    say_request(request, &reply->body);
    if (slice_eq(request->path, S("/huge")) && buf_reserve(&reply->body, 32u << 20)) {
        memset(reply->body.ptr + reply->body.len, '.', 32u << 20);
        reply->body.len += 32u << 20;
    }
}

static void trouble(void *context, const char *why)
{
    (void)context;
    fprintf(stderr, "trouble: %s\n", why);
}

/* ---- Options ---- */

static struct http_server_options options = {
        .ip = {.bytes = {127, 0, 0, 1}, .family = 4}, .head = head, .answer = answer, .trouble = trouble};

static const struct {
    const char *name;
    unsigned *number;
    unsigned long *large;
    const char **text;
} settings[] = {
        {"threads", &options.threads, NULL, NULL},
        {"workers", &options.workers, NULL, NULL},
        {"per_address", &options.per_address_max, NULL, NULL},
        {"connections", &options.connections_max, NULL, NULL},
        {"waiting", &options.waiting_max, NULL, NULL},
        {"header_ms", &options.header_ms, NULL, NULL},
        {"body_ms", &options.body_ms, NULL, NULL},
        {"body_rate", &options.body_rate_least, NULL, NULL},
        {"idle_ms", &options.idle_ms, NULL, NULL},
        {"heartbeat_ms", &options.heartbeat_ms, NULL, NULL},
        {"bodies", NULL, &options.bodies_bytes_max, NULL},
        {"body", NULL, &body_max, NULL},
        {"stream", NULL, &stream_bytes, NULL},
        {"certificate", NULL, NULL, &options.tls.certificate},
        {"key", NULL, NULL, &options.tls.key},
        {"clients", NULL, NULL, &options.tls.clients},
        {"revoked", NULL, NULL, &options.tls.revoked},
};

static bool set(const char *argument)
{
    slice text = slice_of(argument);
    size_t equals = slice_find(text, '=');
    for (size_t i = 0; i < COUNT_OF(settings) && equals < text.len; i++) {
        if (!slice_eq(slice_part(text, 0, equals), slice_of(settings[i].name)))
            continue;
        const char *value = argument + equals + 1;
        if (settings[i].number != NULL)
            *settings[i].number = (unsigned)strtoul(value, NULL, 10);
        else if (settings[i].large != NULL)
            *settings[i].large = strtoul(value, NULL, 10);
        else
            *settings[i].text = value;
        return true;
    }
    return false;
}

/* ---- Commands ---- */

static void print_counts(const struct http_server *server)
{
    struct http_server_counts c = http_server_counts(server);
    const struct {
        const char *name;
        uint64_t count;
    } rows[] = {{"answered", atomic_load(&answered)}, {"evil", atomic_load(&evil)}, {"connections", c.connections},
            {"streams", c.streams}, {"waiting", c.waiting}, {"requests", c.requests}, {"bytes_in", c.bytes_in},
            {"bytes_out", c.bytes_out}, {"ambiguous", c.ambiguous}, {"slow", c.slow}, {"too_large", c.too_large},
            {"too_many", c.too_many}, {"certificates", c.certificates}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        printf("%s\"%s\":%llu", i == 0 ? "{" : ",", rows[i].name, (unsigned long long)rows[i].count);
    printf("}\n");
}

static void put_all(const char *text)
{
    unsigned reached = 0;
    pthread_mutex_lock(&streams_lock);
    for (unsigned i = 0; i < stream_count; i++)
        reached += http_stream_put(streams[i], slice_of(text));
    pthread_mutex_unlock(&streams_lock);
    printf("put %u\n", reached);
}

static void reload(struct http_server *server, struct arena *arena)
{
    struct err err = http_server_reload(server, arena);
    printf(err.kind == ERR_NONE ? "reloaded\n" : "not reloaded: %s\n", err.why);
}

static unsigned serve(struct http_server *server, struct arena *arena)
{
    char line[65536];
    while (fgets(line, sizeof line, stdin) != NULL) {
        unsigned wait_ms;
        line[strcspn(line, "\n")] = 0;
        if (strcmp(line, "counts") == 0)
            print_counts(server);
        else if (strcmp(line, "reload") == 0)
            reload(server, arena);
        else if (strncmp(line, "put ", 4) == 0)
            put_all(line + 4);
        else if (strcmp(line, "hold") == 0 || strcmp(line, "release") == 0)
            atomic_store(&held, line[0] == 'h');
        else if (sscanf(line, "close %u", &wait_ms) == 1)
            return wait_ms;
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_open("served", ARENA_PROCESS, 256u << 20);
    struct http_server *server;
    signal(SIGPIPE, SIG_IGN);
    for (int i = 1; i < argc; i++)
        if (!set(argv[i]))
            return 2;
    struct err err = http_server_open(&options, arena, &server);
    if (err.kind != ERR_NONE) {
        fprintf(stderr, "%s: %s\n", err_name(err.kind), err.why);
        return 1;
    }
    printf("port %u\n", http_server_port(server));
    fflush(stdout);
    unsigned wait_ms = serve(server, arena);
    atomic_store(&held, false);
    http_server_close(server, wait_ms);
    for (unsigned i = 0; i < stream_count; i++)
        http_stream_close(streams[i]);
    printf("closed\n");
    arena_close(arena);
    return 0;
}
