/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The server's side of a stream (http.h): it attaches itself with what to call when there is something to send, takes
 * it, and goes when the client does.
 */
#include "http/http.h"

/* `wake` is called under the stream's lock, by any thread, once for each put at most. */
void http_stream_attach(struct http_stream *stream, void (*wake)(void *context), void *context);
/* Up to `size` bytes of what waits. *end: nothing will come any more; *broken: and it is not all that was put. */
size_t http_stream_take(struct http_stream *stream, char *bytes, size_t size, bool *end, bool *broken);
/* A comment of server-sent events, that finds out whether the client is there still. */
void http_stream_beat(struct http_stream *stream);
/* No more from the publisher: what waits is still sent. */
void http_stream_finish(struct http_stream *stream);
/* The server's reference goes, and nobody is woken any more. */
void http_stream_detach(struct http_stream *stream);
