/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Whose turn it is: the streams that something waits of, each taken by one thread at a time, one after another. What
 * waits of a stream is pieces in its lane and files; who posts waits in a thread of its own and goes before both. Any
 * thread may call. What is done in a turn is up to who opened it.
 */
#include "detect/lane.h"
#include "store/stream.h"

#define TURNS_WORKERS_MAX 64
#define TURNS_FILES_MAX 64                 /* that wait of one stream; further ones are looked at later */
#define TURNS_GATHER_US 200000             /* what comes within so long is one piece */
#define TURNS_AGAIN_US SECOND_US           /* after a failure, the stream rests */
#define TURNS_POST_WAIT_US (2 * SECOND_US) /* for others who take of the same stream */

/* A file that waits. */
struct turn_file {
    int64_t inlet;
    int fd;
    char *name;
    bool whole; /* nobody writes it any more */
};

struct track;

/* What a turn is about. */
struct turn_task {
    struct track *track;
    const struct turn_file *file; /* NULL: the first piece of the lane */
    uint64_t failures;            /* of the stream's turns before this one, in a row */
};

struct turns_options {
    unsigned workers, posts_max;
    int64_t again_us; /* 0: TURNS_AGAIN_US */
    void *context;
    /* In a worker's thread. An error is told by turns_failed, and the same is tried again after a rest. */
    struct err (*take)(void *context, void *worker, const struct turn_task *task, struct arena *arena);
    struct err (*worker_open)(void *context, unsigned number, struct arena *arena, void **worker);
    void (*worker_close)(void *worker);
};

struct turns;

MUST_USE struct err turns_open(const struct turns_options *options, struct arena *arena, struct turns **turns);
void turns_close(struct turns *turns); /* NULL is allowed; lanes are closed */

/* The one of a stream, made if there is none yet. Lives as long as the turns. */
struct track *turns_track(struct turns *turns, const struct stream *stream);
/* Its lane; NULL: none yet. One that is given is the track's from here on. */
void turns_lane_put(struct turns *turns, struct track *track, struct lane *lane);
struct lane *turns_lane(struct turns *turns, const struct track *track);
int64_t track_stream(const struct track *track);
const char *track_name(const struct track *track);
const char *track_format(const struct track *track);

/* A file behind the others; takes the descriptor. False: there are too many. One that waits already, and goes on being
 * written, waits once. */
bool turns_file(struct turns *turns, struct track *track, int64_t inlet, int fd, slice name, bool whole);
/* Files of an inlet that is gone do not wait any more. */
void turns_files_drop(struct turns *turns, int64_t inlet);
/* Something was put into a lane. */
void turns_wake(struct turns *turns);

/*
 * For who posts: from begin to end nobody else takes of the stream. ERR_LIMIT: too many post at once, its organisation
 * posts already, or others take too long.
 */
MUST_USE struct err turns_post_begin(struct turns *turns, struct track *track);
void turns_post_end(struct turns *turns, struct track *track);

struct turns_state {
    int64_t stream;
    slice name;
    struct lane_counts lane;
    uint64_t files, failures; /* that wait; in a row */
    const char *why;          /* of the last failure */
};
void turns_list(struct turns *turns, struct arena *arena, struct turns_state **rows, size_t *row_count);
