/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Streams: where events come from, and how far each of their inputs was read. A position moves only in the work that
 * counts what was read up to there (store/batch.h), so that nothing is lost and nothing counts twice.
 */
#include "store/work.h"

struct stream {
    int64_t number;
    slice name;           /* unique */
    int64_t organisation; /* whose sensor it is; 0: reports about many */
    slice format;         /* as -f takes it; "auto" */
    int64_t added_us;
    int64_t events, malformed, shed; /* all that ever came */
    int64_t last_us;                 /* TIME_NONE: nothing yet */
};

struct stream_put {
    slice name;
    int64_t organisation; /* 0: reports about many */
    slice format;
};

/* ERR_CONFLICT if the name is taken. */
MUST_USE struct err store_stream_add(struct work *work, const struct stream_put *put, int64_t *number);
MUST_USE struct err store_stream_get(struct db *db, int64_t number, struct arena *arena, struct stream *stream);
/* ERR_MISSING. */
MUST_USE struct err store_stream_find(struct db *db, slice name, struct arena *arena, struct stream *stream);
MUST_USE struct err store_stream_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct stream **rows, size_t *row_count);
/* Of one organisation. */
MUST_USE struct err store_stream_list_of(struct db *db, int64_t organisation, int64_t after, size_t count,
        struct arena *arena, struct stream **rows, size_t *row_count);

struct stream_totals {
    int64_t streams, sending;        /* all, and those of which a batch came since a moment */
    int64_t events, malformed, shed; /* all that ever came */
};
MUST_USE struct err store_stream_totals(
        struct db *db, int64_t since_us, struct arena *arena, struct stream_totals *totals);

/* ---- How far an input was read ---- */

struct stream_input {
    int64_t stream;
    slice input;       /* which one; unique in the stream */
    slice place;       /* of a file: device and inode; else empty */
    int64_t beginning; /* bytes that `input` has the digest of */
    slice name;
    int64_t bytes, records; /* read; unpacked */
    bool done;
    int64_t size; /* of the file when it was done; 0: not known */
    int64_t moved_us;
};

/* ERR_MISSING: it is a new one. */
MUST_USE struct err store_stream_input_get(
        struct db *db, int64_t stream, slice input, struct arena *arena, struct stream_input *row);
/* Those that lay at this place, the last one first. At most STORE_PAGE_MAX. */
MUST_USE struct err store_stream_input_at(
        struct db *db, int64_t stream, slice place, struct arena *arena, struct stream_input **rows, size_t *row_count);
/* Those that moved last. */
MUST_USE struct err store_stream_input_list(struct db *db, int64_t stream, size_t count, struct arena *arena,
        struct stream_input **rows, size_t *row_count);
