/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread that takes requests in. A round of it: wait for sockets or for answers that are done; end the suspension
 * of those; let libmicrohttpd read, call us and write; hand the requests that became whole to the workers, all at once;
 * now and then look at deadlines.
 *
 *     on_line     the request line is there: an exchange begins
 *     on_request  first call: the head is whole and is judged before anything else
 *                 further calls: bytes of the body
 *                 last call: whole; suspended and queued, or answered
 *     on_end      answered, or the client is gone: the exchange ends
 */
#include "http/intake.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "http/limit.h"

#define POOL_BYTES (32u << 10)    /* of a connection: its head has to fit, and bodies are read in such pieces */
#define SWALLOWED_MAX (1u << 20)  /* of a body that is refused, so that the client reads our answer */
#define RESERVED_MAX (256u << 10) /* of a body, at once because Content-Length says so */
#define PRESSED_IDLE_MS 1000      /* that a connection may wait when three quarters of all are taken */
#define TICK_MS 250               /* between two looks at deadlines */
#define HEAD_ARENA_MAX (1u << 20)

static int64_t now_ms(void)
{
    return clock_steady_us() / 1000;
}

static void count(atomic_uint_fast64_t *counter, uint64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

/* ---- Links ---- */

static struct ip ip_of(const struct sockaddr *address)
{
    struct ip ip = {.family = 4};
    if (address->sa_family == AF_INET) {
        memcpy(ip.bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
        return ip;
    }
    if (address->sa_family != AF_INET6)
        return ip;
    const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    bool four = IN6_IS_ADDR_V4MAPPED(six);
    ip.family = four ? 4 : 6;
    memcpy(ip.bytes, six->s6_addr + (four ? 12 : 0), four ? 4 : 16);
    return ip;
}

static struct http_link *link_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info->socket_context;
}

static gnutls_session_t session_of(const struct http_link *link)
{
    return MHD_get_connection_info(link->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session;
}

static void remember_fd(struct http_intake *intake, int fd, struct http_link *link)
{
    size_t place = (size_t)fd;
    if (place >= intake->by_fd_room) {
        size_t room = place * 2 + 64;
        struct http_link **grown = reallocarray(intake->by_fd, room, sizeof *grown);
        if (grown == NULL)
            abort();
        memset(grown + intake->by_fd_room, 0, (room - intake->by_fd_room) * sizeof *grown);
        intake->by_fd = grown;
        intake->by_fd_room = room;
    }
    intake->by_fd[place] = link;
}

static struct http_raw *raw_of(void *context, int fd, void *session)
{
    struct http_intake *intake = context;
    struct http_link *link = NULL;
    if (session != NULL)
        link = link_of(gnutls_session_get_ptr(session)); /* libmicrohttpd keeps its connection there */
    else if (fd >= 0 && (size_t)fd < intake->by_fd_room)
        link = intake->by_fd[fd];
    return link == NULL || (session == NULL) != (link->tls.set == NULL) ? NULL : &link->raw;
}

static enum MHD_Result on_accept(void *context, const struct sockaddr *address, socklen_t length)
{
    struct http_server *server = ((struct http_intake *)context)->server;
    struct ip ip = ip_of(address);
    (void)length;
    if (http_callers_may(server->callers, &ip))
        return MHD_YES;
    count(&server->tally.too_many, 1);
    return MHD_NO;
}

static struct http_link *link_begin(struct http_intake *intake, struct MHD_Connection *connection)
{
    struct http_link *link = calloc(1, sizeof *link);
    if (link == NULL)
        abort();
    link->intake = intake;
    link->connection = connection;
    link->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    link->peer = ip_of(MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
    link->caller = http_callers_add(intake->server->callers, &link->peer);
    link->since_ms = now_ms();
    link->due_ms = link->since_ms + intake->server->options.header_ms;
    link->next = intake->links;
    if (link->next != NULL)
        link->next->previous = link;
    intake->links = link;
    http_raw_begin(&link->raw);
    remember_fd(intake, link->fd, link);
    count(&intake->server->tally.connections, 1);
    return link;
}

static void exchange_free(struct http_exchange *exchange);

static void link_end(struct http_link *link)
{
    struct http_intake *intake = link->intake;
    assert(link->exchange == NULL);
    if (link->next != NULL)
        link->next->previous = link->previous;
    if (link->previous != NULL)
        link->previous->next = link->next;
    else
        intake->links = link->next;
    intake->by_fd[link->fd] = NULL;
    http_callers_drop(intake->server->callers, link->caller);
    http_tls_end(&link->tls);
    atomic_fetch_sub(&intake->server->tally.connections, 1);
    free(link);
}

static void on_connection(
        void *context, struct MHD_Connection *connection, void **kept, enum MHD_ConnectionNotificationCode code)
{
    struct http_intake *intake = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        link_end(*kept);
        *kept = NULL;
        return;
    }
    struct http_link *link = link_begin(intake, connection);
    *kept = link;
    if (intake->server->tls != NULL)
        http_tls_begin(intake->server->tls, session_of(link), &link->tls);
}

static int on_certificate(gnutls_session_t session, const gnutls_datum_t *issuers, int issuer_count,
        const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **chain, unsigned *chain_length,
        gnutls_privkey_t *key)
{
    (void)issuers;
    (void)issuer_count;
    (void)algorithms;
    (void)algorithm_count;
    return http_tls_show(&link_of(gnutls_session_get_ptr(session))->tls, chain, chain_length, key);
}

/* ---- Exchanges ---- */

static void exchange_free(struct http_exchange *exchange)
{
    if (exchange->response != NULL)
        MHD_destroy_response(exchange->response);
    if (exchange->reply.stream != NULL)
        http_stream_detach(exchange->reply.stream);
    http_body_free(&exchange->body);
    atomic_fetch_sub(&exchange->intake->server->bodies, exchange->held);
    free(exchange);
}

static void *on_line(void *context, const char *target, struct MHD_Connection *connection)
{
    struct http_intake *intake = context;
    struct http_link *link = link_of(connection);
    size_t len = target == NULL ? 0 : strlen(target);
    struct http_exchange *exchange = malloc(sizeof *exchange + 2 * len + 2);
    if (exchange == NULL)
        abort();
    memset(exchange, 0, offsetof(struct http_exchange, headers));
    memcpy(exchange->text, target == NULL ? "" : target, len + 1);
    exchange->sent = (slice){exchange->text, len};
    exchange->intake = intake;
    exchange->link = link;
    link->exchange = exchange;
    /* What libmicrohttpd would make of the query, nobody reads; so that it makes nothing of it, the query ends here. */
    char *query = target == NULL ? NULL : memchr(target, '?', len);
    if (query != NULL)
        query[1] = 0;
    int64_t due_ms = now_ms() + intake->server->options.header_ms;
    link->due_ms = link->phase == LINK_WAITS && link->due_ms < due_ms ? link->due_ms : due_ms;
    link->phase = LINK_HEAD;
    return exchange;
}

/* The path is unescaped by us. */
static size_t on_unescape(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

static void on_end(void *context, struct MHD_Connection *connection, void **kept, enum MHD_RequestTerminationCode code)
{
    struct http_intake *intake = context;
    struct http_link *link = link_of(connection);
    struct http_exchange *exchange = link->exchange;
    (void)code;
    *kept = NULL;
    if (exchange == NULL)
        return;
    if (link->phase == LINK_STREAMS)
        atomic_fetch_sub(&intake->server->tally.streams, 1);
    link->exchange = NULL;
    link->phase = LINK_WAITS;
    link->since_ms = now_ms();
    link->due_ms = link->since_ms + (intake->closing ? 0 : intake->server->options.idle_ms);
    http_raw_begin(&link->raw);
    if (exchange->reply.stream != NULL) {
        http_stream_detach(exchange->reply.stream); /* from here on nobody wakes it */
        exchange->reply.stream = NULL;
    }
    exchange->over = atomic_load(&exchange->woken);
    if (!exchange->over)
        exchange_free(exchange);
}

/* ---- Answers ---- */

static ssize_t read_stream(void *context, uint64_t position, char *bytes, size_t size)
{
    struct http_exchange *exchange = context;
    bool end, broken;
    (void)position;
    size_t len = http_stream_take(exchange->reply.stream, bytes, size, &end, &broken);
    if (len > 0) {
        exchange->begun_ms = now_ms();
        count(&exchange->intake->server->tally.bytes_out, len);
        return (ssize_t)len;
    }
    if (end)
        return broken ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
    exchange->suspended = true;
    MHD_suspend_connection(exchange->link->connection);
    return 0;
}

struct MHD_Response *http_intake_stream(struct http_exchange *exchange)
{
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_stream, exchange, NULL);
}

static void on_put(void *context)
{
    http_intake_give(context);
}

/* A second request is never read from bytes that came before the first was answered, nor behind a chunked body, whose
 * end libmicrohttpd finds in more ways than one. */
static bool must_close(const struct http_exchange *exchange)
{
    const struct http_raw *raw = &exchange->link->raw;
    const struct http_server *server = exchange->intake->server;
    return exchange->closes || exchange->minor == 0 || exchange->framing.chunked ||
           raw->after != exchange->framing.length || atomic_load(&server->closing);
}

static void send_begins(struct http_exchange *exchange)
{
    struct http_link *link = exchange->link;
    struct http_server *server = link->intake->server;
    int64_t now = now_ms(), grace = (int64_t)(exchange->answer_bytes * 1000 / server->options.body_rate_least);
    exchange->begun_ms = now;
    link->phase = LINK_SENDS;
    link->due_ms = now + server->options.body_ms + grace;
    count(&server->tally.requests, 1);
    count(&server->tally.bytes_out, exchange->answer_bytes);
    if (exchange->reply.stream == NULL)
        return;
    link->phase = LINK_STREAMS;
    link->due_ms = 0;
    count(&server->tally.streams, 1);
    http_stream_attach(exchange->reply.stream, on_put, exchange);
    if (atomic_load(&server->closing))
        http_stream_finish(exchange->reply.stream);
}

static enum MHD_Result send_response(struct http_exchange *exchange)
{
    struct MHD_Response *response = exchange->response;
    exchange->response = NULL;
    if (must_close(exchange))
        MHD_add_response_header(response, "Connection", "close");
    send_begins(exchange);
    enum MHD_Result done = MHD_queue_response(exchange->link->connection, exchange->status, response);
    MHD_destroy_response(response);
    return done;
}

/* ---- The head ---- */

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name, size_t name_length,
        const char *value, size_t value_length)
{
    struct http_request *request = context;
    (void)kind;
    if (request->header_count < HTTP_HEADERS_MAX) {
        struct http_header *headers = ((struct http_exchange *)context)->headers;
        headers[request->header_count] =
                (struct http_header){{name, name_length}, slice_trim((slice){value, value_length})};
    }
    request->header_count++;
    return MHD_YES;
}

static struct http_fault fault(unsigned status, const char *why)
{
    return (struct http_fault){status, why};
}

static struct http_fault read_version(const char *version, unsigned *minor)
{
    *minor = strcmp(version, "HTTP/1.0") != 0;
    if (*minor == 1 && strcmp(version, "HTTP/1.1") != 0)
        return fault(505, "the version is not HTTP/1.1 (RFC 9110 section 2.5)");
    return (struct http_fault){0};
}

/* Whether the head was in its bytes what libmicrohttpd says that it was. */
static bool is_plain_head(const struct http_link *link)
{
    const union MHD_ConnectionInfo *size =
            MHD_get_connection_info(link->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return link->raw.ended && !link->raw.odd && size != NULL && size->header_size == link->raw.head;
}

static struct http_fault read_head(struct http_exchange *exchange, const char *method, const char *version)
{
    struct http_request *request = &exchange->request;
    struct http_fault found = read_version(version, &exchange->minor);
    MHD_get_connection_values_n(exchange->link->connection, MHD_HEADER_KIND, take_header, exchange);
    if (request->header_count > HTTP_HEADERS_MAX) {
        request->header_count = HTTP_HEADERS_MAX;
        return fault(431, "there are more than 64 headers");
    }
    if (!is_plain_head(exchange->link))
        return fault(400, "the head holds a bare LF or CR, a NUL, a folded or an empty line (RFC 9112 section 2.2)");
    if (found.status == 0)
        found = http_head_target(exchange->sent, exchange->text + exchange->sent.len + 1, request);
    if (found.status == 0)
        found = http_head_check(request, exchange->minor, &exchange->framing);
    return found.status == 0 ? http_head_method(slice_of(method), &request->method) : found;
}

/* Whether the handler's side takes it, and how much of a body. */
static void ask_head(struct http_exchange *exchange)
{
    struct http_intake *intake = exchange->intake;
    const struct http_server_options *options = &intake->server->options;
    uint64_t body_max = 0;
    exchange->request.arena = intake->arena;
    if (options->head != NULL && !options->head(options->context, &exchange->request, &body_max, &exchange->reply)) {
        http_respond(exchange, intake->arena);
    } else if (exchange->framing.length > body_max || (exchange->framing.chunked && body_max == 0)) {
        exchange->fault = fault(413, body_max == 0 ? "no body is taken here" : "the body is too large");
    }
    arena_reset(intake->arena);
    exchange->body = http_body_make(options->folder, body_max);
}

/* Where two readers might see two requests, or the answer is not for whom it would go to, nothing is read any more. */
static bool is_settled(const struct http_exchange *exchange)
{
    unsigned status = exchange->fault.status;
    return status == 400 || status == 403 || status == 414 || status == 431 || status == 501 || status == 505;
}

static void tally_fault(struct http_tally *tally, unsigned status)
{
    bool large = status == 413 || status == 414 || status == 431, many = status == 503;
    count(large ? &tally->too_large : many ? &tally->too_many : &tally->ambiguous, 1);
}

static void judge(struct http_exchange *exchange, const char *method, const char *version)
{
    struct http_link *link = exchange->link;
    struct http_server *server = link->intake->server;
    exchange->request.headers = exchange->headers;
    exchange->request.peer = link->peer;
    exchange->request.tls = link->tls.set != NULL;
    exchange->fault = read_head(exchange, method, version);
    exchange->closes = exchange->fault.status != 0;
    if (exchange->closes) {
        tally_fault(&server->tally, exchange->fault.status);
    } else if (link->tls.set != NULL && !http_tls_judge(server->tls, session_of(link), &link->tls)) {
        exchange->fault = fault(403, "the certificate is not one that is taken here");
        exchange->closes = true;
        count(&server->tally.certificates, 1);
    } else {
        exchange->request.certificate = link->tls.certificate;
        ask_head(exchange);
        if (exchange->fault.status != 0)
            tally_fault(&server->tally, exchange->fault.status);
    }
}

static enum MHD_Result first_call(struct http_exchange *exchange, const char *method, const char *version)
{
    struct http_link *link = exchange->link;
    exchange->begun = true;
    exchange->begun_ms = now_ms();
    judge(exchange, method, version);
    link->phase = LINK_BODY;
    link->due_ms = exchange->begun_ms + link->intake->server->options.body_ms;
    bool refused = exchange->fault.status != 0 || exchange->response != NULL;
    bool too_long = exchange->framing.expects || exchange->framing.length > SWALLOWED_MAX;
    if (!refused || (!is_settled(exchange) && !too_long))
        return MHD_YES;
    exchange->closes = true;
    if (exchange->response == NULL)
        http_respond_fault(exchange);
    return send_response(exchange);
}

/* ---- The body ---- */

static struct http_fault keep(struct http_exchange *exchange, slice bytes)
{
    struct http_server *server = exchange->intake->server;
    struct http_body *body = &exchange->body;
    if (atomic_load_explicit(&server->bodies, memory_order_relaxed) + bytes.len > server->options.bodies_bytes_max)
        return fault(503, "too many bodies are under way at once; try again later");
    if (body->len == 0 && exchange->framing.length <= RESERVED_MAX)
        buf_reserve(&body->memory, (size_t)exchange->framing.length);
    enum http_body_put put = http_body_put(body, bytes);
    atomic_fetch_add_explicit(&server->bodies, body->memory.cap - exchange->held, memory_order_relaxed);
    exchange->held = body->memory.cap;
    if (put == HTTP_BODY_TOO_LARGE)
        return fault(413, "the body is too large");
    return fault(put == HTTP_BODY_NO_ROOM ? 503 : 0, "there is no room for the body now; try again later");
}

static enum MHD_Result take_body(struct http_exchange *exchange, slice bytes)
{
    struct http_link *link = exchange->link;
    struct http_server *server = link->intake->server;
    count(&server->tally.bytes_in, bytes.len);
    if (exchange->fault.status == 0 && exchange->response == NULL) {
        exchange->fault = keep(exchange, bytes);
        uint64_t have = exchange->body.len;
        link->due_ms =
                exchange->begun_ms + server->options.body_ms + (int64_t)(have * 1000 / server->options.body_rate_least);
        if (exchange->fault.status == 0)
            return MHD_YES;
        tally_fault(&server->tally, exchange->fault.status);
        exchange->closes = true;
    }
    exchange->dropped += bytes.len;
    return exchange->dropped <= SWALLOWED_MAX ? MHD_YES : MHD_NO;
}

/* ---- The whole request ---- */

static enum MHD_Result last_call(struct http_exchange *exchange)
{
    struct http_link *link = exchange->link;
    struct http_intake *intake = link->intake;
    if (exchange->response == NULL && exchange->fault.status == 0 && atomic_load(&intake->server->stops))
        exchange->fault = fault(503, "this node is going down");
    if (exchange->response == NULL && exchange->fault.status == 0 &&
            !http_body_whole(&exchange->body, &exchange->request.body))
        exchange->fault = fault(503, "there is no room for the body now; try again later");
    if (exchange->response == NULL && exchange->fault.status != 0)
        http_respond_fault(exchange);
    if (exchange->response != NULL)
        return send_response(exchange);
    exchange->request.file = exchange->body.file;
    link->phase = LINK_WORKS;
    link->due_ms = 0;
    exchange->suspended = true;
    MHD_suspend_connection(link->connection);
    exchange->next = intake->ready;
    intake->ready = exchange;
    return MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
        const char *version, const char *bytes, size_t *size, void **kept)
{
    struct http_exchange *exchange = link_of(connection)->exchange;
    (void)context;
    (void)url;
    (void)kept;
    if (exchange == NULL)
        return MHD_NO;
    if (!exchange->begun)
        return first_call(exchange, method, version);
    if (*size == 0)
        return last_call(exchange);
    slice piece = {bytes, *size};
    *size = 0;
    return take_body(exchange, piece);
}

/* ---- Between threads ---- */

void http_intake_wake(struct http_intake *intake)
{
    uint64_t one = 1;
    if (atomic_exchange(&intake->asleep, false) && write(intake->wake_fd, &one, sizeof one) < 0)
        assert(errno == EAGAIN); /* full: it is awake */
}

void http_intake_give(struct http_exchange *exchange)
{
    struct http_intake *intake = exchange->intake;
    if (atomic_exchange(&exchange->woken, true))
        return;
    struct http_exchange *first = atomic_load(&intake->done);
    do
        exchange->next = first;
    while (!atomic_compare_exchange_weak(&intake->done, &first, exchange));
    http_intake_wake(intake);
}

static struct http_exchange *reversed(struct http_exchange *list)
{
    struct http_exchange *turned = NULL;
    while (list != NULL) {
        struct http_exchange *next = list->next;
        list->next = turned;
        turned = list;
        list = next;
    }
    return turned;
}

static void resume(struct http_exchange *exchange)
{
    exchange->suspended = false;
    MHD_resume_connection(exchange->link->connection);
}

static void take_done(struct http_intake *intake)
{
    struct http_exchange *list = reversed(atomic_exchange(&intake->done, NULL));
    while (list != NULL) {
        struct http_exchange *exchange = list;
        list = list->next;
        atomic_store(&exchange->woken, false);
        if (exchange->over) {
            exchange_free(exchange);
        } else if (exchange->suspended && exchange->later_ms > now_ms()) {
            exchange->next = intake->later; /* its connection is not closed before it is resumed */
            intake->later = exchange;
        } else if (exchange->suspended) {
            resume(exchange);
        }
    }
}

/* Answers whose time has come; at the end, all. How long until the next one. */
static uint64_t take_later(struct http_intake *intake, bool all)
{
    int64_t now = now_ms(), wait = TICK_MS;
    for (struct http_exchange **at = &intake->later; *at != NULL;) {
        struct http_exchange *exchange = *at;
        if (!all && exchange->later_ms > now) {
            wait = exchange->later_ms - now < wait ? exchange->later_ms - now : wait;
            at = &exchange->next;
            continue;
        }
        *at = exchange->next;
        resume(exchange);
    }
    return (uint64_t)wait;
}

static void hand_over(struct http_intake *intake)
{
    struct http_server *server = intake->server;
    struct http_exchange *refused =
            http_queue_put(&server->queue, reversed(intake->ready), server->options.waiting_max);
    intake->ready = NULL;
    while (refused != NULL) {
        struct http_exchange *exchange = refused;
        refused = refused->next;
        exchange->fault = fault(503, "too many requests wait; try again later");
        count(&server->tally.too_many, 1);
        resume(exchange);
    }
}

/* ---- Deadlines ---- */

static void cut(struct http_link *link)
{
    if (link->phase != LINK_WAITS)
        count(&link->intake->server->tally.slow, 1);
    link->due_ms = 0;
    shutdown(link->fd, SHUT_RDWR); /* libmicrohttpd sees that and closes */
}

/* A stream has no end; but a client that reads nothing for two heartbeats is none. */
static void look_at_stream(struct http_link *link, int64_t now)
{
    struct http_exchange *exchange = link->exchange;
    int64_t beat = link->intake->server->options.heartbeat_ms, silent = now - exchange->begun_ms;
    if (exchange->suspended && silent >= beat)
        http_stream_beat(exchange->reply.stream);
    else if (!exchange->suspended && silent >= 2 * beat && link->due_ms == 0)
        link->due_ms = now;
}

/* Who waits without a request makes room for others before there is none. */
static bool makes_room(const struct http_link *link, int64_t now)
{
    struct http_server *server = link->intake->server;
    unsigned most = server->options.connections_max;
    if (link->phase != LINK_WAITS || now - link->since_ms < PRESSED_IDLE_MS ||
            atomic_load_explicit(&server->tally.connections, memory_order_relaxed) < most - most / 4)
        return false;
    count(&server->tally.too_many, 1);
    return true;
}

static void look_at_links(struct http_intake *intake)
{
    int64_t now = now_ms();
    if (now - intake->looked_ms < TICK_MS)
        return;
    intake->looked_ms = now;
    for (struct http_link *link = intake->links; link != NULL; link = link->next) {
        if (link->phase == LINK_STREAMS)
            look_at_stream(link, now);
        if (link->due_ms != 0 && (now >= link->due_ms || makes_room(link, now)))
            cut(link);
    }
}

/* ---- The thread ---- */

static void begin_closing(struct http_intake *intake)
{
    if (intake->closing || !atomic_load(&intake->server->closing))
        return;
    intake->closing = true;
    int listening = MHD_quiesce_daemon(intake->daemon);
    if (listening >= 0)
        close(listening);
    for (struct http_link *link = intake->links; link != NULL; link = link->next) {
        if (link->phase == LINK_STREAMS)
            http_stream_finish(link->exchange->reply.stream);
        else if (link->phase == LINK_WAITS)
            cut(link);
    }
}

static void sleep_until_needed(struct http_intake *intake)
{
    MHD_UNSIGNED_LONG_LONG wait = TICK_MS;
    struct pollfd fds[] = {{intake->epoll_fd, POLLIN, 0}, {intake->wake_fd, POLLIN, 0}};
    uint64_t number;
    if (MHD_get_timeout(intake->daemon, &wait) != MHD_YES || wait > intake->rest_ms)
        wait = intake->rest_ms;
    if (wait == 0)
        return;
    atomic_store(&intake->asleep, true);
    bool calm = atomic_load(&intake->done) == NULL && !atomic_load(&intake->server->stops);
    if (calm)
        poll(fds, COUNT_OF(fds), (int)wait);
    atomic_store(&intake->asleep, false);
    if ((fds[1].revents & POLLIN) != 0 && read(intake->wake_fd, &number, sizeof number) < 0)
        assert(errno == EAGAIN);
}

static void round_of(struct http_intake *intake)
{
    begin_closing(intake);
    take_done(intake);
    intake->rest_ms = take_later(intake, false);
    MHD_run(intake->daemon);
    if (intake->ready != NULL)
        hand_over(intake);
    look_at_links(intake);
}

/* No worker is left: what is suspended is let go, so that libmicrohttpd can end. */
static void end_all(struct http_intake *intake)
{
    for (struct http_link *link = intake->links; link != NULL; link = link->next)
        if (link->phase == LINK_STREAMS)
            http_stream_finish(link->exchange->reply.stream);
    (void)take_later(intake, true);
    for (int i = 0; i < 3; i++) /* resumed, answered, sent as far as the socket takes it */
        round_of(intake);
}

static void *run(void *context)
{
    struct http_intake *intake = context;
    http_raw_watch(&intake->watch);
    while (!atomic_load(&intake->server->stops)) {
        sleep_until_needed(intake);
        round_of(intake);
    }
    end_all(intake);
    http_raw_unwatch();
    return NULL;
}

/* ---- Open and close ---- */

struct err http_intake_open(struct http_server *server, struct arena *arena, struct http_intake *intake)
{
    unsigned threads = server->options.threads;
    *intake = (struct http_intake){.server = server, .wake_fd = -1, .watch = {intake, raw_of}};
    intake->arena = arena_open("head of a request", ARENA_WORK, HEAD_ARENA_MAX);
    intake->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int listening = dup(server->listening);
    if (intake->wake_fd < 0 || listening < 0)
        return err_errno(arena, "a descriptor for the server");
    const struct MHD_OptionItem options[] = {
            {MHD_OPTION_LISTEN_SOCKET, listening, NULL},
            {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)(server->options.connections_max / threads), NULL},
            {MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL_BYTES, NULL},
            {MHD_OPTION_CONNECTION_TIMEOUT, 0, NULL},
            {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, intake},
            {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_end, intake},
            {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_line, intake},
            {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)on_unescape, intake},
            {MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL},
            {server->tls == NULL ? MHD_OPTION_END : MHD_OPTION_HTTPS_PRIORITIES, 0,
                    (void *)(uintptr_t)HTTP_TLS_PRIORITIES},
            {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)on_certificate},
            {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (server->tls == NULL ? 0 : MHD_USE_TLS);
    intake->daemon = MHD_start_daemon(
            flags, 0, on_accept, intake, on_request, intake, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (intake->daemon == NULL) {
        close(listening);
        return err_make(ERR_SYSTEM, "the HTTP server does not start");
    }
    intake->epoll_fd = MHD_get_daemon_info(intake->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    return OK;
}

struct err http_intake_start(struct http_intake *intake, struct arena *arena)
{
    errno = pthread_create(&intake->thread, NULL, run, intake);
    return errno == 0 ? OK : err_errno(arena, "a thread for the server");
}

/* Its thread has ended, or never began. */
void http_intake_close(struct http_intake *intake)
{
    if (intake->daemon != NULL)
        MHD_stop_daemon(intake->daemon);
    if (intake->wake_fd >= 0)
        close(intake->wake_fd);
    arena_close(intake->arena);
    free(intake->by_fd);
}
