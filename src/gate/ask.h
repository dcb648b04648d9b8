/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * An ask: one request on its way through the node, with who asks, in which language, and where the answer goes. Made by
 * the gate (gate.h), handed to the one function of its route, which builds a JSON document, or an answer of its own.
 * Everything lives as long as the request; one thread.
 */
#include "gate/route.h"
#include "http/http.h"
#include "people/who.h"
#include "store/right.h"
#include "text/catalogue.h"
#include "json/write.h"

struct gate;
struct node_parts;

struct ask {
    const struct http_request *request;
    struct http_reply *reply;
    const struct gate *gate;
    const struct route *route;
    slice parts[ROUTE_PARTS_MAX]; /* what stood for {name} in the route's path, in order */
    const struct http_field *query, *form;
    size_t query_count, form_count;
    struct who who;
    enum language language;
    const struct catalogue *words; /* of that language; NULL: English */
    struct db *db;                 /* of this worker */
    struct arena *arena;
    struct buf document;     /* of pages: what the handler writes */
    struct json_writer json; /* into it, inside of its outermost object */
    bool wants_json;         /* of pages: the document itself is asked for, not a page made from it */
    unsigned status;         /* of pages: 200 unless the handler says otherwise; of a failure: as the gate has it */
};

#define STATUS_OFTEN 429                   /* too many requests (RFC 6585 section 4) */
#define ASK_DOCUMENT_BYTES_MAX (16u << 20) /* of the document of a page */

/* A field of the query or form by name; empty if there is none. */
slice ask_query(const struct ask *ask, slice name);
slice ask_form(const struct ask *ask, slice name);
/* All fields of that name, one after the other; begin with *at = 0; false at the end. */
bool ask_form_each(const struct ask *ask, slice name, size_t *at, slice *value);
/* A whole number of the query; `otherwise` if there is none. ERR_INPUT names the field. */
MUST_USE struct err ask_number(const struct ask *ask, slice name, uint64_t most, uint64_t otherwise, uint64_t *value);
/* The part of the path as a number; ERR_MISSING if it is none, since no such thing is there. */
MUST_USE struct err ask_part_number(const struct ask *ask, size_t part, int64_t *number);

/* Whether who asks may: for what a page shows of what it could do, and which fields it holds. Verbs ask for themselves.
 */
bool ask_may(const struct ask *ask, enum verb verb);
/* The sentence in the language of who asks. */
slice ask_text(const struct ask *ask, slice text);
/* Where it comes from: the peer, or whom the proxy names. */
struct ip ask_from(const struct ask *ask);
/* After a form was done: to this place, by 303. What is no path of ours (ask_is_path) leads to "/". */
void ask_see(struct ask *ask, const char *path);
/* Whether a text leads to a place on this node, whatever a browser makes of it: "/" and then neither "/" nor "\". */
bool ask_is_path(slice text);
/* What the forms of this session carry against forgery, to be written as the field "key". */
slice ask_form_key(const struct ask *ask);

/*
 * Cookies of ours: for this host alone, out of reach of scripts, never sent along from another site's pages (RFC
 * 6265bis sections 4.1.2 and 4.1.3); where the node is reached by TLS, by TLS only. An answer sets one. `seconds`: how
 * long the browser keeps it; 0: until it is closed. An empty value takes the cookie away.
 */
void ask_session_set(struct ask *ask, slice secret, int64_t seconds);
void ask_language_set(struct ask *ask, enum language language);
/* The value of the session's cookie, or empty. */
slice ask_session(const struct ask *ask);
