/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The bytes of a connection as they came off the wire, looked at before libmicrohttpd reads them. It takes a bare LF
 * for the end of a line, joins folded lines and ends a value at a NUL, and none of that can be seen in what it hands
 * on; so we look where the bytes come in (doc/why/http.md says why there and how).
 *
 * A state belongs to the thread that reads its connection.
 */
#include "base/slice.h"

struct http_raw {
    uint64_t head;  /* bytes of the head of this request, its empty line included */
    uint64_t after; /* bytes that came behind it */
    bool ended;     /* the empty line was there */
    bool odd;       /* something in it that two readers may read differently */
    bool first;     /* still in the request line */
    size_t line;    /* bytes of this line */
    char last;
};

/* For the head of the next request. */
void http_raw_begin(struct http_raw *raw);
/* What was just received. */
void http_raw_take(struct http_raw *raw, slice bytes);

/*
 * Between these two, this thread's recv() and gnutls_record_recv() ask `of` whose bytes they give: by the descriptor,
 * or by the session (a gnutls_session_t) where that is not NULL. It may answer NULL.
 */
struct http_raw_watch {
    void *context;
    struct http_raw *(*of)(void *context, int fd, void *session);
};
void http_raw_watch(const struct http_raw_watch *watch);
void http_raw_unwatch(void);
/* Whether libmicrohttpd calls ours indeed: a program that was linked in another way must not serve. */
bool http_raw_works(void);
