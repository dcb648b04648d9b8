/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Who takes events in, instead of having rows written about them. Each worker of a run has a gatherer of its taker's
 * making, which is shown every event and every hit of a block; when the block's turn comes, in the order of the input
 * and one at a time, the gatherer is delivered together with how far the input is read.
 *
 *     begin · event event hit event … · deliver (in order) · settle
 *
 * A run without a taker (match, decode) pays nothing for it.
 */
#include "sift/sift.h"

struct input;

/* A record while it is read. All of it lives until the next. */
struct sift_seen {
    const struct event_reader *reader;
    const struct json_picks *picks; /* of all fields */
    const struct observable *observables;
    size_t observable_count; /* 0 unless the taker wants them */
    slice record;
    uint64_t line;
    struct arena *arena; /* of the block */
};

struct sift_hit {
    const struct match_entry *entry;
    const struct observable *observable; /* NULL: a pattern met the event as a whole */
    const struct event *event;
    uint64_t line;
};

struct sift_bad {
    uint64_t line, column;
    const char *why;
    slice record; /* empty: too long to be kept */
};

/* A block, when its turn has come. */
struct sift_delivery {
    uint64_t bytes, lines;            /* of the input, unpacked, up to its end */
    const struct sift_totals *totals; /* of the block alone */
    const struct sift_bad *bad;       /* its first malformed records; totals->malformed says how many there are */
    size_t bad_count;
    const struct sift_totals *run; /* all that was delivered, this block included */
    uint64_t done, total;          /* as sift_progress has them */
    uint64_t tail;                 /* bytes that were left: `bytes` and `lines` end before them */
};

struct sift_taker {
    void *context;
    bool observables; /* every event with its observables */
    bool leaves_tail; /* what stands at the end without a newline and is no event is left for the next run */
    /* The gatherer of one more worker, which ends with the run. */
    void *(*open)(void *context);
    void (*close)(void *gatherer);
    void (*begin)(void *gatherer);
    void (*event)(void *gatherer, const struct sift_seen *seen);
    /* Also between its block's turn and deliver: of windows, what the block's events brought about. */
    void (*hit)(void *gatherer, const struct sift_hit *hit);
    /* In order, one at a time; an error ends the run, and nothing behind it is delivered. */
    struct err (*deliver)(void *context, void *gatherer, const struct sift_delivery *delivery);
    /* Behind deliver, at the same time as other workers. */
    void (*settle)(void *context, void *gatherer);
};

/*
 * Runs an input through that is open, from this byte of it on (unpacked; the end of a record, as deliver told it). With
 * a taker the output of the job and its malformed and progress are not used. `file` names the input for people and says
 * what a report is about.
 */
MUST_USE struct err sift_take(const struct sift_job *job, struct input *input, const char *file, uint64_t from,
        struct arena *arena, struct sift_totals *totals);
