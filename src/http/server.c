/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "http/intake.h"
#include "http/limit.h"

#define DESCRIPTORS_KEPT 512  /* for databases, files and what else a node has open */
#define UNANSWERED_MS 30000   /* a client that acknowledges nothing for so long is gone */
#define FILES_LOOK_US 2000000 /* between two looks at certificates */

/* ---- Options ---- */

static void or_otherwise(unsigned *number, unsigned otherwise)
{
    if (*number == 0)
        *number = otherwise;
}

static void complete(struct http_server_options *options)
{
    or_otherwise(&options->threads, 1);
    or_otherwise(&options->workers, 4);
    or_otherwise(&options->per_address_max, 256);
    or_otherwise(&options->connections_max, HTTP_CONNECTIONS_MAX);
    or_otherwise(&options->waiting_max, HTTP_WAITING_MAX);
    or_otherwise(&options->header_ms, HTTP_HEADER_DEADLINE_MS);
    or_otherwise(&options->body_ms, HTTP_BODY_DEADLINE_MS);
    or_otherwise(&options->body_rate_least, HTTP_BODY_RATE_LEAST);
    or_otherwise(&options->idle_ms, HTTP_IDLE_MS);
    or_otherwise(&options->heartbeat_ms, HTTP_HEARTBEAT_MS);
    if (options->arena_bytes == 0)
        options->arena_bytes = 64u << 20;
    if (options->bodies_bytes_max == 0)
        options->bodies_bytes_max = HTTP_BODIES_BYTES_MAX;
}

static void tell(const struct http_server *server, const char *why)
{
    if (server->options.trouble != NULL)
        server->options.trouble(server->options.context, why);
}

/* As many descriptors as connections want; where the system gives fewer, fewer connections. */
static void make_descriptors(struct http_server *server, struct arena *arena)
{
    struct rlimit limit;
    rlim_t wanted = server->options.connections_max + (rlim_t)DESCRIPTORS_KEPT;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    rlim_t left =
            limit.rlim_cur > 2 * (rlim_t)DESCRIPTORS_KEPT ? limit.rlim_cur - DESCRIPTORS_KEPT : limit.rlim_cur / 2;
    server->options.connections_max = (unsigned)left;
    tell(server, arena_printf(arena, "the system allows %llu open files, so no more than %u connections are taken",
                         (unsigned long long)limit.rlim_cur, server->options.connections_max));
}

/* ---- The listening socket ---- */

static socklen_t address_of(const struct http_server_options *options, struct sockaddr_storage *address)
{
    *address = (struct sockaddr_storage){0};
    if (options->ip.family == 6) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(options->port);
        memcpy(&six->sin6_addr, options->ip.bytes, 16);
        return sizeof *six;
    }
    struct sockaddr_in *four = (struct sockaddr_in *)address;
    four->sin_family = AF_INET;
    four->sin_port = htons(options->port);
    memcpy(&four->sin_addr, options->ip.bytes, 4);
    return sizeof *four;
}

static struct err address_err(const struct http_server_options *options, struct arena *arena)
{
    struct buf text = buf_make(64);
    int number = errno;
    ip_write(&text, &options->ip);
    buf_byte(&text, 0);
    errno = number;
    const char *what = arena_printf(
            arena, options->ip.family == 6 ? "[%s]:%u" : "%s:%u", text.ptr == NULL ? "" : text.ptr, options->port);
    buf_free(&text);
    struct err err = err_errno(arena, what);
    return number == EADDRINUSE ? err_make(ERR_CONFLICT, err.why) : err;
}

/* :: takes IPv4 as well. Clients that vanished are noticed by what they do not acknowledge. */
static void set_up(int fd)
{
    int on = 1, off = 0;
    unsigned unanswered = UNANSWERED_MS;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered, sizeof unanswered);
}

static struct err listen_to(struct http_server *server, struct arena *arena)
{
    const struct http_server_options *options = &server->options;
    struct sockaddr_storage address;
    socklen_t length = address_of(options, &address);
    server->listening = options->listening;
    if (server->listening <= 0) {
        server->listening = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (server->listening < 0)
            return err_errno(arena, "a socket");
        set_up(server->listening);
        if (bind(server->listening, (struct sockaddr *)&address, length) != 0 ||
                listen(server->listening, SOMAXCONN) != 0)
            return address_err(options, arena);
    }
    length = sizeof address;
    if (fcntl(server->listening, F_SETFL, O_NONBLOCK) != 0 ||
            getsockname(server->listening, (struct sockaddr *)&address, &length) != 0)
        return err_errno(arena, "the listening socket");
    server->port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                                       : ((struct sockaddr_in *)&address)->sin_port);
    return OK;
}

/* ---- Certificates that change ---- */

struct err http_server_reload(struct http_server *server, struct arena *arena)
{
    return server->tls == NULL ? OK : http_tls_reload(server->tls, arena);
}

static void *watch_files(void *context)
{
    struct http_server *server = context;
    struct arena *arena = arena_open("certificates", ARENA_WORK, 64u << 20);
    int64_t looked_us = clock_steady_us();
    while (!atomic_load(&server->stops)) {
        usleep(50000);
        if (clock_steady_us() - looked_us < FILES_LOOK_US)
            continue;
        looked_us = clock_steady_us();
        if (http_tls_changed(server->tls)) {
            struct err err = http_tls_reload(server->tls, arena);
            if (err.kind != ERR_NONE)
                tell(server, err.why);
        }
        arena_reset(arena);
    }
    arena_close(arena);
    return NULL;
}

/* ---- Open and close ---- */

static void free_all(struct http_server *server)
{
    atomic_store(&server->stops, true);
    if (server->files_runs)
        pthread_join(server->files, NULL);
    for (unsigned i = 0; i < server->options.threads && server->intakes != NULL; i++)
        http_intake_close(&server->intakes[i]);
    if (server->listening > 0)
        close(server->listening);
    http_tls_close(server->tls);
    http_callers_close(server->callers);
    http_queue_close(&server->queue);
    free(server->intakes);
    free(server->workers);
    free(server);
}

static struct err start_intakes(struct http_server *server, struct arena *arena, unsigned *started)
{
    for (unsigned i = 0; i < server->options.threads; i++)
        TRY(http_intake_open(server, arena, &server->intakes[i]));
    TRY(http_workers_start(server, arena));
    for (; *started < server->options.threads; (*started)++)
        TRY(http_intake_start(&server->intakes[*started], arena));
    return OK;
}

static void stop_intakes(struct http_server *server, unsigned started)
{
    http_workers_stop(server);
    atomic_store(&server->stops, true);
    for (unsigned i = 0; i < started; i++) {
        http_intake_wake(&server->intakes[i]);
        pthread_join(server->intakes[i].thread, NULL);
    }
}

static struct err open_all(struct http_server *server, struct arena *arena, unsigned *started)
{
    if (!http_raw_works())
        return err_make(ERR_SYSTEM, "this program was linked so that it does not see the bytes of requests; "
                                    "it does not serve");
    make_descriptors(server, arena);
    TRY(listen_to(server, arena));
    if (server->options.tls.certificate != NULL)
        TRY(http_tls_open(&server->options.tls, arena, &server->tls));
    TRY(start_intakes(server, arena, started));
    if (server->tls == NULL)
        return OK;
    errno = pthread_create(&server->files, NULL, watch_files, server);
    server->files_runs = errno == 0;
    return errno == 0 ? OK : err_errno(arena, "a thread for certificates");
}

/* Threads of ours take no signals: those are for the thread that waits for them. */
static struct err open_quietly(struct http_server *server, struct arena *arena, unsigned *started)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct err err = open_all(server, arena, started);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

struct err http_server_open(const struct http_server_options *options, struct arena *arena, struct http_server **server)
{
    struct http_server *made = calloc(1, sizeof *made);
    unsigned started = 0;
    if (made == NULL)
        return err_make(ERR_SYSTEM, "there is no memory for the server");
    made->options = *options;
    complete(&made->options);
    http_queue_open(&made->queue);
    made->callers = http_callers_open(made->options.per_address_max);
    made->intakes = calloc(made->options.threads, sizeof *made->intakes);
    made->workers = calloc(made->options.workers, sizeof *made->workers);
    if (made->intakes == NULL || made->workers == NULL)
        abort();
    for (unsigned i = 0; i < made->options.threads; i++)
        made->intakes[i].wake_fd = -1;
    struct err err = open_quietly(made, arena, &started);
    if (err.kind != ERR_NONE) {
        stop_intakes(made, started);
        free_all(made);
        return err;
    }
    *server = made;
    return OK;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_close(struct http_server *server, unsigned wait_ms)
{
    if (server == NULL)
        return;
    int64_t until_us = clock_steady_us() + (int64_t)wait_ms * 1000;
    atomic_store(&server->closing, true);
    for (unsigned i = 0; i < server->options.threads; i++)
        http_intake_wake(&server->intakes[i]);
    while (atomic_load(&server->tally.connections) > 0 && clock_steady_us() < until_us)
        usleep(2000);
    stop_intakes(server, server->options.threads);
    free_all(server);
}

struct http_server_counts http_server_counts(const struct http_server *server)
{
    const struct http_tally *tally = &server->tally;
    struct http_queue *queue = &((struct http_server *)(uintptr_t)server)->queue;
    pthread_mutex_lock(&queue->lock);
    size_t waiting = queue->count;
    pthread_mutex_unlock(&queue->lock);
    return (struct http_server_counts){
            .connections = atomic_load(&tally->connections),
            .streams = atomic_load(&tally->streams),
            .waiting = waiting,
            .requests = atomic_load(&tally->requests),
            .bytes_in = atomic_load(&tally->bytes_in),
            .bytes_out = atomic_load(&tally->bytes_out),
            .ambiguous = atomic_load(&tally->ambiguous),
            .slow = atomic_load(&tally->slow),
            .too_large = atomic_load(&tally->too_large),
            .too_many = atomic_load(&tally->too_many),
            .certificates = atomic_load(&tally->certificates),
    };
}
