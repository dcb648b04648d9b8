/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The server of HTTP/1.1 (RFC 9110, 9112) over plain TCP or TLS. Threads with a libmicrohttpd each take requests in
 * (intake.c); one that is whole is answered by one of `workers` threads with a context of its own (a database, say), so
 * that one that takes long keeps nobody else.
 *
 * What strangers can make grow has a ceiling here; what is ambiguous on the wire is refused before its body is read,
 * and the connection closed, so that a proxy in front and we never disagree where a request ends (doc/why/http.md).
 */
#include "http/http.h"

#define HTTP_CONNECTIONS_MAX 12000       /* at once */
#define HTTP_HEADER_DEADLINE_MS 10000    /* from the connection, or the end of the last answer, to whole headers */
#define HTTP_BODY_DEADLINE_MS 60000      /* to a whole body, and longer by */
#define HTTP_BODY_RATE_LEAST 16384       /* bytes a second */
#define HTTP_IDLE_MS 60000               /* a connection that is kept open without a request */
#define HTTP_BODIES_BYTES_MAX (1u << 30) /* of all requests at once */
#define HTTP_WAITING_MAX 1024            /* whole requests that wait for a worker; beyond it is 503 */
#define HTTP_HEARTBEAT_MS 15000          /* of streams */

struct http_server;

struct http_tls {
    const char *certificate, *key; /* PEM; both NULL: plain HTTP. Read again when they change */
    const char *clients;           /* PEM: authorities whose clients' certificates are taken; NULL: none is asked for */
    const char *revoked;           /* PEM: their list of revoked ones (CRL); NULL: none */
};

struct http_server_options {
    struct ip ip;
    uint16_t port; /* 0: any free one */
    int listening; /* instead, if above 0: a socket that listens already (socket activation) */
    struct http_tls tls;
    unsigned threads;         /* that take in; 0: 1 */
    unsigned workers;         /* that answer; 0: 4 */
    unsigned per_address_max; /* connections of one address; 0: 256 */
    size_t arena_bytes;       /* ceiling of a request's arena; 0: 64 MiB */
    const char *folder;       /* for long bodies while they come in (body.h); NULL: all are in memory */
    /* Of the ceilings above; 0: that. */
    unsigned connections_max, waiting_max;
    unsigned header_ms, body_ms, body_rate_least, idle_ms, heartbeat_ms;
    size_t bodies_bytes_max;
    void *context;
    /*
     * When the headers are whole, in a thread that must not wait: how many bytes of a body are taken; beyond them it is
     * 413. False: refused with what is in *refusal. The request's arena is a small one that is emptied afterwards.
     */
    bool (*head)(void *context, const struct http_request *request, uint64_t *body_max, struct http_reply *refusal);
    struct err (*worker_open)(void *context, struct arena *arena, void **worker);
    void (*worker_close)(void *worker);
    /* In a worker's thread; always gives an answer. */
    void (*answer)(void *worker, const struct http_request *request, struct http_reply *reply);
    /* One line of what went wrong below all this, for the log; may be NULL. */
    void (*trouble)(void *context, const char *why);
};

/* ERR_CONFLICT if the address is taken, ERR_INPUT with file and reason for certificates and keys. */
MUST_USE struct err http_server_open(
        const struct http_server_options *options, struct arena *arena, struct http_server **server);
/* What it listens on, with the port that it got. */
uint16_t http_server_port(const struct http_server *server);
/* Certificates, authorities and revocations anew; on an error what there was stays. Connections that stand with a
 * certificate that is revoked now get 403. */
MUST_USE struct err http_server_reload(struct http_server *server, struct arena *arena);
/*
 * Takes no new connections, gives the answers that are under way at most `wait_ms`, ends streams, and closes. NULL is
 * allowed.
 */
void http_server_close(struct http_server *server, unsigned wait_ms);

struct http_server_counts {
    uint64_t connections;         /* open now */
    uint64_t streams, waiting;    /* of these; requests that wait for a worker */
    uint64_t requests;            /* answered since the start */
    uint64_t bytes_in, bytes_out; /* of bodies */
    /* Refused since the start, by reason. */
    uint64_t ambiguous;    /* the shapes of doc/why/http.md */
    uint64_t slow;         /* past a deadline */
    uint64_t too_large;    /* a ceiling in bytes */
    uint64_t too_many;     /* connections of an address, or altogether, or requests that wait */
    uint64_t certificates; /* of clients: unknown, expired, revoked */
};
struct http_server_counts http_server_counts(const struct http_server *server);
