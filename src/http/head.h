/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a request has to look like before anything of it is believed: every shape in which two readers could see two
 * different requests is refused (doc/why/http.md has the list). Functions of the bytes alone; any thread.
 */
#include "http/http.h"

/* status 0: nothing is wrong. `why` is for who wrote the client. */
struct http_fault {
    unsigned status;
    const char *why;
};

/* How the body is framed (RFC 9112 section 6.3). */
struct http_framing {
    bool chunked;
    uint64_t length; /* by Content-Length; 0: none */
    bool expects;    /* 100-continue: the client waits for our word */
};

/* The method by its name; 405 for one that we know and do not answer, 501 for others. */
struct http_fault http_head_method(slice name, enum http_method *method);
/*
 * Target and path of what was sent, up to HTTP_TARGET_BYTES_MAX. The path is unescaped once into `room`, which has at
 * least as many bytes as the target.
 */
struct http_fault http_head_target(slice sent, char *room, struct http_request *request);
/* The headers of the request, in version 1.`minor`. */
struct http_fault http_head_check(const struct http_request *request, unsigned minor, struct http_framing *framing);

/* Whether bytes are UTF-8 (RFC 3629) without control characters. */
bool http_is_text(slice bytes);
