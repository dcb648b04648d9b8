/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The sockets that sensors write to: a Unix socket (Suricata's `unix_stream`), and syslog over TCP or TLS (RFC 6587,
 * RFC 5425). One thread reads them all, each connection a little at a time; what it reads goes into the lane of a
 * stream (lane.h), and while that one holds, the connection is not read, so that its sender waits.
 *
 * Several streams may share one port of TLS: then the client's certificate says which it is for. Where [tls] clients
 * names authorities, a certificate is asked for, and it has to be that of an account of the organisation whose the
 * stream is, or of one that may send for all.
 */
#include "base/ip.h"
#include "http/tls.h"
#include "store/inlet.h"

#define LISTEN_CONNECTIONS_MAX 1024      /* of all inlets */
#define LISTEN_PER_INLET_MAX 256         /* of one */
#define LISTEN_HANDSHAKE_MS 10000        /* from the connection to the end of the TLS handshake */
#define LISTEN_IDLE_MS (3600u * 1000)    /* a connection that says nothing for so long is closed */
#define LISTEN_READ_BYTES (64u << 10)    /* of one connection before the next one's turn */
#define LISTEN_WINDOW_BYTES (256u << 10) /* that the kernel takes of a connection of TCP; it reserves as much again */
#define LISTEN_FILES_MS 5000             /* how often it is seen whether certificates changed */
#define LISTEN_HOLD_MS 20                /* how soon a sender that was held is looked at again */

struct listen;
struct lane;

struct listen_options {
    const struct http_tls *tls;        /* certificate NULL: there is none, and an inlet of TLS is ERR_INPUT */
    unsigned connections_max, idle_ms; /* 0: as above */
    void *context;
    /* Somebody put records into a lane. */
    void (*came)(void *context);
    /* Whether whoever shows this certificate may send for a stream of that organisation. In the listener's thread. */
    bool (*may_send)(void *context, const struct http_certificate *certificate, int64_t organisation);
    /* One line of what went wrong, for the log. */
    void (*trouble)(void *context, slice inlet, const char *why);
};

struct listen_counts {
    uint64_t connections, refused, cut; /* open now; since the start; records over FRAME_BYTES_MAX */
};

MUST_USE struct err listen_open(const struct listen_options *options, struct arena *arena, struct listen **listen);
/* Connections end where they are; what came over them stays in its lanes. NULL is allowed. */
void listen_close(struct listen *listen);
/*
 * Listens there, too, for this stream. ERR_INPUT for a place that is none, ERR_CONFLICT if it is taken. A Unix socket
 * that nobody listens on any more is replaced; anything else at its path is not.
 */
MUST_USE struct err listen_add(
        struct listen *listen, const struct inlet *inlet, struct lane *lane, struct arena *arena);
/* No longer; its connections end. */
void listen_drop(struct listen *listen, int64_t inlet);
/* Certificates anew. */
MUST_USE struct err listen_reload(struct listen *listen, struct arena *arena);
struct listen_counts listen_counts(struct listen *listen);

/* "192.0.2.1:6514", "[2001:db8::1]:6514", or a path; ERR_INPUT says what it should be. */
MUST_USE struct err listen_place_check(enum inlet_kind kind, slice place, struct arena *arena);
