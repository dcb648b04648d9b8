/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A request as it came in whole, and the answer to it: what a server (server.h) hands to who answers. Everything of a
 * request lives as long as its arena, which is emptied when the answer is given.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/ip.h"

#define HTTP_HEADERS_MAX 64        /* of a request; more are refused */
#define HTTP_TARGET_BYTES_MAX 8192 /* path and query as sent */
#define HTTP_REPLY_HEADERS_MAX 16  /* that an answer adds to those the server writes itself */
#define HTTP_FIELDS_MAX 256        /* of a query or a form */

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_DELETE, HTTP_METHODS };

struct http_header {
    slice name, value;
};

/* A client's certificate that was verified against the authorities of the configuration and their revocations. */
struct http_certificate {
    struct sha256 fingerprint; /* of its DER */
    slice subject;             /* RFC 4514 */
    int64_t expires_us;
};

struct http_request {
    enum http_method method;
    slice target; /* as it was sent, up to "?" */
    slice path;   /* the same unescaped once (RFC 3986 section 2.1): UTF-8 without control characters */
    slice query;  /* as it was sent, behind "?" */
    const struct http_header *headers;
    size_t header_count;
    slice body; /* whole */
    int file;   /* above 0: it lies in this file, from its beginning, as well */
    struct ip peer;
    bool tls;
    const struct http_certificate *certificate; /* NULL: none was shown */
    struct arena *arena;
};

struct http_stream;

/* Zero is an empty answer; `status` has to be said. */
struct http_reply {
    unsigned status;
    slice type; /* of the body, as Content-Type; empty: there is none */
    struct http_header headers[HTTP_REPLY_HEADERS_MAX];
    size_t header_count;
    struct buf body;            /* the server frees it */
    slice fixed;                /* instead: bytes that outlive the server */
    int file;                   /* instead, if above 0: a file to send from its beginning; the server closes it */
    struct http_stream *stream; /* instead: what is put into it, until it is closed */
    int64_t not_before_us;      /* by clock_steady_us(): it waits until then, and no worker with it; 0: it does not */
};

/* The value of a header of that name (lower case), or empty; *found may be NULL. */
slice http_header(const struct http_request *request, slice name, bool *found);
/* Name and value outlive the answer, or are in the arena of the request. Names stand once; a value with a line break is
 * our own mistake. */
void http_reply_header(struct http_reply *reply, slice name, slice value);
/* The value of a cookie (RFC 6265 section 4.2), or empty. */
slice http_cookie(const struct http_request *request, slice name);
/* "DELETE" */
slice http_method_name(enum http_method method);
/* "Not Found" */
const char *http_status_text(unsigned status);
/* What a `;` list says about a media type: whether an Accept header takes it (RFC 9110 section 12.5.1), how much. 0:
 * not at all; 1000: q=1. An empty header takes everything. */
unsigned http_accepts(slice accept, slice type);

/* A field of a query or a form, unescaped. */
struct http_field {
    slice name, value;
    slice file, type; /* of a part that is a file: its name without folders, and its type as it was said */
};

/*
 * application/x-www-form-urlencoded (WHATWG URL section 5.1), or multipart/form-data (RFC 7578) by what Content-Type
 * says. ERR_INPUT for what is no such form, ERR_LIMIT beyond HTTP_FIELDS_MAX.
 */
MUST_USE struct err http_query(
        const struct http_request *request, const struct http_field **fields, size_t *field_count);
MUST_USE struct err http_form(
        const struct http_request *request, const struct http_field **fields, size_t *field_count);

/*
 * An answer without an end: what one thread puts into it leaves at once (server-sent events). Who publishes holds one
 * reference and the server another; either may end first.
 */
struct http_stream *http_stream_new(size_t waiting_bytes_max);
/* All of it will be sent, in order, or the stream ends: false when the client is gone or does not read. Any thread. */
bool http_stream_put(struct http_stream *stream, slice bytes);
/* The publisher's reference goes; what was put is still sent, then the answer ends. */
void http_stream_close(struct http_stream *stream);
