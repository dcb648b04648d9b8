/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The parts that a server is made of, for its own files.
 *
 *     intake   one thread with one libmicrohttpd, which nobody else ever calls: it reads requests and writes answers
 *     link     a connection of an intake: its deadline, what came over it, whose certificate it showed
 *     exchange a request and its answer: made when the first line is there, gone when the answer is
 *     worker   a thread that answers
 *
 * An exchange belongs to its intake but for the time between being queued for a worker and coming back through
 * `intake->done`. libmicrohttpd has its connection suspended meanwhile and forgets it; each suspension is ended by the
 * intake that began it, so none of it races.
 */
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http/body.h"
#include "http/head.h"
#include "http/raw.h"
#include "http/server.h"
#include "http/stream.h"
#include "http/tls.h"

struct http_exchange;
struct http_link;

struct http_callers;

/* The counts of server.h, as they are counted. */
struct http_tally {
    atomic_uint_fast64_t connections, streams, requests, bytes_in, bytes_out;
    atomic_uint_fast64_t ambiguous, slow, too_large, too_many, certificates;
};

struct http_intake {
    struct http_server *server;
    struct MHD_Daemon *daemon;
    pthread_t thread;
    int wake_fd, epoll_fd;
    struct http_link *links;  /* all of them */
    struct http_link **by_fd; /* the same */
    size_t by_fd_room;
    struct http_exchange *ready;          /* whole, to be queued after this round; the last one first */
    _Atomic(struct http_exchange *) done; /* come back, the last one first */
    struct http_exchange *later;          /* answered, and not to be told yet */
    uint64_t rest_ms;                     /* until the next of them, or deadlines are looked at */
    atomic_bool asleep;
    int64_t looked_ms; /* when deadlines were looked at */
    bool closing;      /* idle connections were told */
    struct http_raw_watch watch;
    struct arena *arena; /* of `head` */
};

enum http_phase { LINK_WAITS, LINK_HEAD, LINK_BODY, LINK_WORKS, LINK_SENDS, LINK_STREAMS };

struct http_link {
    struct http_intake *intake;
    struct http_link *next, *previous;
    struct MHD_Connection *connection;
    struct http_exchange *exchange; /* NULL between requests */
    struct http_raw raw;
    int fd;
    enum http_phase phase;
    int64_t since_ms; /* when it began to wait */
    int64_t due_ms;   /* when it is cut off; 0: never */
    struct ip peer;
    void *caller; /* of limit.h */
    struct http_tls_link tls;
};

struct http_exchange {
    struct http_request request;
    struct http_reply reply;
    struct http_intake *intake;
    struct http_link *link; /* not to be asked once it is over */
    struct http_exchange *next;
    struct http_framing framing;
    struct http_fault fault;       /* what is answered instead */
    struct MHD_Response *response; /* made, and not yet handed to libmicrohttpd */
    unsigned status;
    struct http_body body;
    uint64_t dropped; /* bytes of a body that nobody wants */
    size_t held;      /* bytes of the body that count against the ceiling of all */
    uint64_t answer_bytes;
    int64_t begun_ms;  /* of this phase */
    int64_t later_ms;  /* its answer is not handed over before; 0: at once */
    atomic_bool woken; /* is in `done` */
    bool begun;        /* the first call was there */
    bool closes;       /* the connection ends with the answer */
    bool suspended;    /* libmicrohttpd has it so */
    bool over;         /* its connection is gone while it is in `done` */
    unsigned minor;    /* HTTP/1.minor */
    slice sent;        /* the target as it came */
    struct http_header headers[HTTP_HEADERS_MAX];
    char text[]; /* the target, and room for the path */
};

/* Whole requests wait here for a worker. */
struct http_queue {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct http_exchange *first, **last;
    size_t count;
    unsigned idle; /* workers that wait */
    bool ends;     /* no worker takes any more */
};

struct http_worker {
    struct http_server *server;
    pthread_t thread;
    struct arena *own, *arena;
    void *context;
};

struct http_server {
    struct http_server_options options;
    struct http_intake *intakes;
    struct http_worker *workers;
    unsigned workers_open;
    struct http_queue queue;
    struct http_callers *callers;
    struct http_tls_store *tls;
    struct http_tally tally;
    atomic_size_t bodies; /* bytes of all */
    atomic_bool closing, stops;
    pthread_t files; /* looks after certificates */
    bool files_runs;
    int listening;
    uint16_t port;
};

/* ---- intake.c ---- */

MUST_USE struct err http_intake_open(struct http_server *server, struct arena *arena, struct http_intake *intake);
MUST_USE struct err http_intake_start(struct http_intake *intake, struct arena *arena);
void http_intake_close(struct http_intake *intake);
/* From any thread: this exchange has something for its intake. */
void http_intake_give(struct http_exchange *exchange);
void http_intake_wake(struct http_intake *intake);
/* The answer that is a stream: the reply's. */
struct MHD_Response *http_intake_stream(struct http_exchange *exchange);

/* ---- worker.c ---- */

void http_queue_open(struct http_queue *queue);
void http_queue_close(struct http_queue *queue);
/* Puts them behind the others, as far as there is room; what is left over is given back, to be refused. */
struct http_exchange *http_queue_put(struct http_queue *queue, struct http_exchange *exchanges, size_t most);
MUST_USE struct err http_workers_start(struct http_server *server, struct arena *arena);
/* What waits still is refused. */
void http_workers_stop(struct http_server *server);
/* What http_reply says, for libmicrohttpd; the reply is empty afterwards. */
void http_respond(struct http_exchange *exchange, struct arena *arena);
/* A refusal of our own. */
void http_respond_fault(struct http_exchange *exchange);
