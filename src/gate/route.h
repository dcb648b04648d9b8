/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A route: one row of the table of everything a node answers to (app/routes.c). What it takes to be let in stands in
 * the row and is checked by the gate before the handler is called; /api and the test of rights read the same rows.
 */
#include "http/http.h"
#include "people/who.h"
#include "store/right.h"

#define ROUTE_PARTS_MAX 4

struct ask;

enum route_access {
    ROUTE_OPEN,   /* anybody */
    ROUTE_HALF,   /* a session whose second factor is still to come, too */
    ROUTE_MEMBER, /* whoever is known, by any credential whose scope is that of the row */
};

/* A field of a form or query, for /api and the page of a form. */
struct route_field {
    const char *name, *about;
    bool needed;
};

/* How answers of a family look: pages, TAXII, plain (face.h). */
struct face {
    const char *name;
    /*
     * The handler was done and has said no status in ask->reply (that is an answer of its own): makes the answer from
     * what it left, and ends the outermost object of ask->json. An error goes to `failed`.
     */
    struct err (*done)(struct ask *ask);
    /*
     * It failed, or was not called: an answer that says so in the words of this family, of the status in ask->status
     * (405 and 429 have no kind of error). ask->db is there, what the handler wrote is not. Cannot fail.
     */
    void (*failed)(struct ask *ask, struct err err);
};

struct route {
    enum http_method method; /* HTTP_GET answers HEAD, too */
    const char *path; /* "/objects/{number}"; ends with "/" only if its family does (TAXII). A last "{tile*}" takes
                         all that is left of the path, as long as nothing in it is escaped */
    const char *name; /* "object": of its template, and of the route in /api and /metrics */
    const struct face *face;
    struct err (*answer)(struct ask *ask);
    enum route_access access;
    enum verb verb;                   /* the right that it takes; VERBS: the handler or its verb decides */
    enum scope scope;                 /* that a token needs; 0: no token will do */
    uint64_t body_max;                /* bytes; 0: takes no body */
    const char *about;                /* one line, for /api */
    const struct route_field *fields; /* up to one without name; NULL: none */
};

/* What a table says of a request. */
struct route_found {
    const struct route *route;    /* NULL: it has no such path, or not for this method */
    slice parts[ROUTE_PARTS_MAX]; /* what stood for {name}, unescaped, in order; in the arena or the target */
    unsigned allowed;             /* bits 1 << method of what the path may be asked for; 0: there is no such path */
    const struct face *face;      /* of the family that a path of this beginning would be of; NULL: of none */
};
/*
 * The row of the table (up to one without path) for a target as it was sent, up to "?". It is cut at its slashes before
 * it is unescaped, so that an escaped slash stays inside of its part; a part is never empty. What is written out in a
 * row goes before a part.
 */
struct route_found route_find(const struct route *routes, enum http_method method, slice target, struct arena *arena);
const char *route_scope_name(enum scope scope); /* "read"; "" for none */
