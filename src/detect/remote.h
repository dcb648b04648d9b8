/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A live index that follows another machine's node: its compiled index is fetched when it changed (by ETag), kept in a
 * file for the next time, and what changes afterwards comes as a stream (tell.h). What the node may not tell us is not
 * in either. When the node is away, what is known stays in use, and it is asked again; a stream that is too far behind
 * to be told takes the index anew, in the middle of the run.
 */
#include "http/client.h"
#include "sift/live.h"

struct remote;

#define REMOTE_AGAIN_US 1000000      /* before the node is asked again after an error, */
#define REMOTE_AGAIN_MAX_US 30000000 /* and longer each time */
#define REMOTE_FIRST_US 10000000     /* how long opening waits until the stream has told what there was */

struct remote_options {
    const char *url;           /* of the node, with "/" at the end */
    const char *authorization; /* value of that header; NULL: none */
    const char *file;          /* where its index is kept; its ETag lies beside it, as FILE.etag */
    struct http_client_options http;
};

/*
 * Fetches the index and begins to follow. If the node cannot be asked but the file is there, that is used and *why says
 * what went wrong (otherwise NULL); ERR_AUTH, ERR_DENIED as the node says.
 */
MUST_USE struct err remote_open(
        const struct remote_options *options, struct arena *arena, struct remote **remote, const char **why);
void remote_close(struct remote *remote); /* NULL is allowed */
/* For sift_job; it lives as long as the remote. */
struct live *remote_live(const struct remote *remote);

struct remote_counts {
    uint64_t fetched;   /* indexes, since it was opened */
    uint64_t unchanged; /* the one of the last time was still right */
    uint64_t failures;
    int64_t position; /* of the node's journal */
    char why[256];    /* the last failed for; empty: it goes well */
};
/* Any thread. */
struct remote_counts remote_counts(struct remote *remote);
