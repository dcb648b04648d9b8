/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Batches: what one transaction took in of a stream, or what new intelligence met in the memory (stream 0). The work
 * that adds one also counts it, moves the positions of its inputs, folds what was met (store/met.h), and tells the
 * journal in one row: "events.taken" or "events.met", subject "batch/7".
 */
#include "store/stream.h"

#define BATCH_QUARANTINED_MAX 100         /* malformed records of a batch that are kept; further ones are counted */
#define QUARANTINED_BYTES_MAX (16u << 10) /* of one of them: almost all are whole */
#define BATCH_QUARANTINED_BYTES_MAX (256u << 10) /* of all of a batch */

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
    slice record;    /* its beginning */
    int64_t bytes;   /* of all of it; 0: not known, as it was too long to be read */
    int64_t at_byte; /* at which it went wrong, from 1; 0: not known */
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
/* Of a stream, newest first, before `before` (INT64_MAX: from the end); `malformed`: only those with records that were
 * put aside. */
MUST_USE struct err store_batch_latest(struct db *db, int64_t stream, int64_t before, bool malformed, size_t count,
        struct arena *arena, struct batch **rows, size_t *row_count);
/* What is kept of a stream's malformed records, as they came, behind *after (zeroed: from the start): by batch, place
 * and input. `until`: of batches before this one. */
MUST_USE struct err store_quarantined_list(struct db *db, int64_t stream, const struct quarantined *after,
        int64_t until, size_t count, struct arena *arena, struct quarantined **rows, size_t *row_count);
/* Whether that is all of the record. */
static inline bool quarantined_is_whole(const struct quarantined *row)
{
    return row->bytes > 0 && row->record.len == (size_t)row->bytes;
}
