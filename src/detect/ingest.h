/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Events into the node: an input of a stream is read, matched, attributed, folded and remembered, and what it came to
 * is kept in batches, each in one work together with how far the input is read by then. So a crash loses nothing and
 * counts nothing twice: the next run goes on from there.
 *
 *     sift (workers) -> a gatherer each -> deliver, in order -> one half of what gathers -> the keeper: one work
 *
 * While the keeper (a thread of each run) keeps one half, the other gathers. A batch is kept when it is large, or old
 * and nothing more comes; whoever is quicker than the keeper waits for it.
 *
 * An ingest is opened once per process; any thread may take events in, one input at a time each.
 */
#include "db/db.h"
#include "sift/sift.h"
#include "store/actor.h"
#include "store/stream.h"

#define INGEST_EVENTS_MAX 1000000          /* of a batch, */
#define INGEST_FOLDED_MAX 100000           /* and its rows and details */
#define INGEST_TEXT_MAX ((size_t)64 << 20) /* and bytes of text in those; beyond one of these it is kept at once */
#define INGEST_US (INT64_C(200) * 1000)    /* one this old is kept if nothing more comes or its input follows, */
#define INGEST_IDLE_US (INT64_C(20) * 1000)
#define INGEST_OLD_US (INT64_C(1000) * 1000) /* and one this old anyway */
#define INGEST_BEGINNING 4096                /* bytes of a file that tell whether it is still the same */

struct ingest;
struct owners;

struct ingest_options {
    struct db_options db;
    const char *index;  /* file of the live index; NULL: in memory */
    const char *memory; /* folder of the memory; NULL: nothing is remembered */
    const struct match_index *allow;
    struct actor actor; /* who sends the events */
    unsigned threads;   /* of each run; at least 1 */
};

/* The strings of the options have to live as long. */
MUST_USE struct err ingest_open(const struct ingest_options *options, struct arena *arena, struct ingest **ingest);
void ingest_close(struct ingest *ingest); /* NULL is allowed */

struct ingest_totals {
    uint64_t events, bytes, malformed, hits, doubles, suppressed;
    uint64_t met; /* rows that were made or grew, batch by batch */
    uint64_t batches;
    uint64_t passed; /* bytes that an earlier run had read */
    uint64_t left;   /* bytes at its end that are no whole event yet: they come with the next run */
    bool known;      /* nothing of it was new */
};

/* How far we are, as sift_progress. Called by one worker at a time. */
typedef void ingest_progress(
        void *context, const char *name, uint64_t done, uint64_t total, const struct sift_totals *totals);

struct ingest_input {
    int64_t stream;
    const char *name;   /* for people, and to tell the type of a report by: a path or the name that a client gave */
    const char *path;   /* "-": standard input; NULL: */
    int fd;             /* this one, which is closed at the end */
    slice id;           /* what tells it from others; empty: a file by its place and beginning; a pipe cannot go on */
    const char *format; /* NULL: as the stream says */
    bool follows;       /* it never ends: what came is kept after INGEST_US in any case */
    ingest_progress *progress; /* NULL: not wanted */
    void *context;
};

/*
 * Takes in all of it that is new, and adds to *totals. ERR_DENIED if the actor may not send events of the stream,
 * ERR_CONFLICT if somebody else reads the same input; what was kept before an error stays kept.
 */
MUST_USE struct err detect_ingest(
        struct ingest *ingest, const struct ingest_input *input, struct arena *arena, struct ingest_totals *totals);
/* Any thread: all runs end behind the block that they are at; what they took in is kept. */
void ingest_stop(struct ingest *ingest);
