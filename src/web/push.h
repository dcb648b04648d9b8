/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Matching elsewhere: the compiled index of an audience (detect/audience.h) as a file, and the stream of what changes
 * since. One thread for each audience that is listened to reads the journal and tells all its streams the same bytes.
 * Who connects is first told what happened since the position it names; if that is too much, or its stream does not
 * read, it takes the index anew, so nothing here waits for anybody.
 *
 * What is asked when a stream begins holds no longer than PUSH_STREAM_US, and where the journal tells that a user or a
 * token may less than before, all streams end at once: who still may listen comes again and misses nothing.
 */
#include "detect/follow.h"
#include "gate/ask.h"

struct push;

#define PUSH_STREAMS_MAX 4096
#define PUSH_STREAM_US (INT64_C(3600) * 1000000) /* that one lasts; then its client asks again */

struct push_options {
    struct db_options db;
    const char *folder; /* where the indexes lie: base, clients */
};

MUST_USE struct err push_open(const struct push_options *options, struct push **push);
/* Ends all streams and takes no more, while the server still answers. NULL is allowed, here and below. */
void push_stop(struct push *push);
/* When nobody asks any more. */
void push_close(struct push *push);

/* GET /index: the index of the asker's audience, by ETag. ERR_DENIED for organisations without one. */
struct err push_index(struct ask *ask);
/* GET /live?after=POSITION: what changes after it. ERR_CONFLICT: take the index anew. */
struct err push_live(struct ask *ask);
