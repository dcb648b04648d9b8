/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The body of a request while it comes in. Up to HTTP_BODY_MEMORY_MAX it is in memory; a longer one lies in a file
 * without a name, if there is a folder for that, and is read from there as if it were in memory: what many clients send
 * at once is then the disk's, and not ours. Belongs to its exchange.
 */
#include "base/buf.h"

#define HTTP_BODY_MEMORY_MAX (1u << 20)

struct http_body {
    struct buf memory;
    const char *folder; /* NULL: all in memory */
    uint64_t len, max;
    int file;     /* 0: none */
    void *mapped; /* the whole of the file, once it was asked for */
};

struct http_body http_body_make(const char *folder, uint64_t bytes_max);
void http_body_free(struct http_body *body);
enum http_body_put { HTTP_BODY_KEPT, HTTP_BODY_TOO_LARGE, HTTP_BODY_NO_ROOM };
/* No room: the disk refuses. */
enum http_body_put http_body_put(struct http_body *body, slice bytes);
/* All of it, when it is whole; false if the machine refuses. */
bool http_body_whole(struct http_body *body, slice *text);
