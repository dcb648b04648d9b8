/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Batches: what one transaction took in of a stream, or what new intelligence met in the memory (stream 0). The work
 * that adds one also counts it, moves the positions of its inputs, folds what was met (store/met.h), and tells the
 * journal in one row: "events.taken" or "events.met", subject "batch/7".
 */
#include "store/stream.h"

#define BATCH_QUARANTINED_MAX 100  /* malformed records of a batch that are kept; further ones are counted */
#define QUARANTINED_BYTES_MAX 1024 /* of the beginning of one */

struct batch {
    int64_t number, stream; /* 0: in the memory */
    int64_t taken_us;
    int64_t events, bytes, malformed, hits, shed;
};

struct quarantined {
    int64_t batch;
    int64_t place; /* the record's line in its input, from 1 */
    slice input;   /* its name */
    slice why;
    slice record; /* its beginning */
};

/* How far one input got. */
struct batch_move {
    struct stream_input now;
    int64_t bytes_before; /* where it was; -1: it is a new one */
};

/* ERR_CONFLICT if an input is not where it was before: somebody else reads it, too. Numbers the batch. */
MUST_USE struct err store_batch_add(
        struct work *work, const struct batch *batch, const struct batch_move *move, int64_t *number);
/* The row of the journal about it; `met`: rows of store/met.h that it changed. */
MUST_USE struct err store_batch_tell(struct work *work, const struct batch *batch, int64_t met);
MUST_USE struct err store_batch_quarantine(struct work *work, const struct quarantined *rows, size_t count);

MUST_USE struct err store_batch_get(struct db *db, int64_t number, struct arena *arena, struct batch *batch);
/* Newest first, before `before` (INT64_MAX: from the end). */
MUST_USE struct err store_batch_latest(
        struct db *db, int64_t before, size_t count, struct arena *arena, struct batch **rows, size_t *row_count);
MUST_USE struct err store_batch_quarantined(
        struct db *db, int64_t batch, struct arena *arena, struct quarantined **rows, size_t *row_count);
