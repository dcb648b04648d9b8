/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The gate: what stands between a request and the function of its route. In this order, each step only after the one
 * before: the route and its method (404, 405), who asks (401, 429), a form's origin and key against forgery (403), the
 * scope of a token and the right of the route (403, or 404 where that would tell that something is there), then the
 * handler, then its face. One line is logged for each request, at the end.
 *
 *     http/server -> gate_answer -> row of the table -> web/<page> or taxii/... -> verb or store -> face
 */
#include "db/db.h"
#include "gate/ask.h"
#include "http/server.h"

struct follow;
struct push;

/* The parts of a running node that handlers reach beyond the database. Made by app; lives as long as the gate. */
struct node_parts {
    const char *name;                        /* of the organisation */
    const char *url;                         /* with "/" at the end */
    const char *folder;                      /* of the node */
    bool secure;                             /* reached by TLS, here or at the proxy: cookies are for TLS only */
    struct follow *follow;                   /* the live index; NULL: none */
    struct push *push;                       /* the stream of changes (/live); NULL: none */
    const struct http_server *const *server; /* for its counts */
    const void *config;                      /* struct config of app, for what reads all of it */
};

struct gate_options {
    const struct route *routes; /* up to one without path */
    struct db_options db;
    const struct node_parts *parts;
    struct doorkeeper *doorkeeper;
    const struct face *otherwise; /* for what has no route */
};

struct gate {
    struct gate_options options;
};

/* For struct http_server_options: its context is the gate. */
bool gate_head(void *gate, const struct http_request *request, uint64_t *body_max, struct http_reply *refusal);
struct err gate_worker_open(void *gate, struct arena *arena, void **worker);
void gate_worker_close(void *worker);
void gate_answer(void *worker, const struct http_request *request, struct http_reply *reply);
