/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The gate: what stands between a request and the function of its route. In this order, each step only after the one
 * before: the route and its method (404, 405), who asks (401, 429), a form's origin and key against forgery (403), the
 * scope of a token and the right of the route (403, or 404 where that would tell that something is there), then the
 * handler, then its face. One line is logged for each request, at the end.
 *
 * What is shown goes before what is carried along: Authorization, then the session's cookie, then a certificate. On an
 * open route a session that is over is nobody. A body of more than GATE_BODY_OPEN_MAX is taken only from who shows
 * something.
 *
 *     http/server -> gate_answer -> row of the table -> web/<page> or taxii/... -> verb or store -> face
 */
#include <stdatomic.h>

#include "db/db.h"
#include "gate/ask.h"
#include "http/server.h"

struct follow;
struct intake;
struct plan_duties;
struct plan_rates;
struct plan_responsibility;
struct lists;
struct push;
struct remember;
struct share_release_options;
struct taxii_options;
struct case_takedown_rules;

#define GATE_BODY_OPEN_MAX (64u << 10) /* bytes that anybody may send to where somebody has to be known */

/* The parts of a running node that handlers reach beyond the database. Made by app; lives as long as the gate. */
struct node_parts {
    const char *name;                            /* of the organisation */
    const char *url;                             /* with "/" at the end */
    const char *folder;                          /* of the node */
    bool secure;                                 /* reached by TLS, here or at the proxy: cookies are for TLS only */
    bool exercise;                               /* made for exercises: every page says so */
    bool behind_proxy;                           /* one says who asks: the last of X-Forwarded-For */
    struct follow *follow;                       /* the live index; NULL: none */
    struct intake *intake;                       /* what takes events in (/ingest); NULL: none */
    struct remember *remember;                   /* the memory; NULL: nothing is remembered */
    struct lists *lists;                         /* warning lists; NULL: none */
    uint64_t reach_max;                          /* of those we serve may meet one indicator; 0: any number */
    struct push *push;                           /* the stream of changes (/live); NULL: none */
    const struct http_server *const *server;     /* for its counts */
    const struct taxii_options *taxii;           /* of section [taxii]; NULL: what holds without it */
    const struct share_release_options *release; /* of section [sharing]; NULL: what holds without it */
    const struct plan_duties *duties;            /* rules of clocks of law; NULL: none */
    const struct plan_responsibility *responsibility; /* who leads, supports, is informed; NULL: nobody says */
    const struct plan_rates *rates;                   /* by which losses are told in one currency */
    const struct case_takedown_rules *takedowns;      /* whom to ask to take a page down, and how; NULL: nobody */
    const void *config;                               /* struct config of app, for what reads all of it */
};

struct gate_options {
    const struct route *routes; /* up to one without path */
    struct db_options db;
    const struct node_parts *parts;
    struct doorkeeper *doorkeeper;
    const struct face *otherwise; /* for what has no route */
    uint64_t body_max;            /* bytes, whatever a route takes; 0: what routes say */
};

#define GATE_CLASSES 5 /* of statuses: 100 to 199, and so on */

/* Of a route, since the start; any thread. */
struct gate_count {
    _Atomic uint64_t answers[GATE_CLASSES];
    _Atomic uint64_t us; /* that they took, all together */
};

struct gate {
    struct gate_options options;
    size_t route_count;
    struct gate_count *counts; /* a row for each route, and one more for what has none; NULL: nobody counts */
};

void gate_open(const struct gate_options *options, struct arena *arena, struct gate **gate);

/*
 * Whether who asks is let in by this row: OK, ERR_AUTH or ERR_DENIED. Of a right that is for the own organisation, or
 * takes a second person, the verb decides when it knows of what.
 */
MUST_USE struct err gate_lets_in(const struct who *who, const struct route *route, struct arena *arena);

/* For struct http_server_options: its context is the gate. */
bool gate_head(void *gate, const struct http_request *request, uint64_t *body_max, struct http_reply *refusal);
struct err gate_worker_open(void *gate, struct arena *arena, void **worker);
void gate_worker_close(void *worker);
void gate_answer(void *worker, const struct http_request *request, struct http_reply *reply);
