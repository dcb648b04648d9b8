/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The messages of a report's thread, each byte for byte: what came in, and what we answered. A file that hung on one
 * lies in those bytes; here is what it says of itself, and its digest.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "store/work.h"

#define THREAD_MESSAGES_MAX 1000 /* of one report; what is more is another report */
#define THREAD_FILES_MAX 1000    /* of one message; more are counted as left out */

struct thread_message {
    int64_t number, report;
    bool out;            /* we wrote it */
    slice message_id;    /* without angle brackets; or empty */
    slice sender;        /* address of who wrote it; empty: ours, or nobody knows */
    slice subject, text; /* the beginning, as plain text */
    slice actor;         /* who of ours wrote it; empty: they */
    int64_t time_us;
    int64_t notice;  /* by which it is sent; 0: it is not */
    slice signature; /* "openpgp", "smime", or empty: of what kind one is there; it was not checked */
    struct sha256 digest;
};

/* All but number and time_us; `packed`: all of its bytes, by zstd (input/pack.h). */
MUST_USE struct err store_thread_add(
        struct work *work, const struct thread_message *put, slice packed, int64_t *number);
MUST_USE struct err store_thread_get(struct db *db, int64_t number, struct arena *arena, struct thread_message *row);
MUST_USE struct err store_thread_list(
        struct db *db, int64_t report, struct arena *arena, struct thread_message **rows, size_t *row_count);
MUST_USE struct err store_thread_count(struct db *db, int64_t report, int64_t *count);
/* Empty if they were removed with whoever wrote it. */
MUST_USE struct err store_thread_packed(struct db *db, int64_t number, struct arena *arena, slice *packed);
/* The report of which a message has this id, the latest; ERR_MISSING. */
MUST_USE struct err store_thread_find(struct db *db, slice message_id, struct arena *arena, int64_t *report);

/* ---- What hung on it ---- */

struct thread_file {
    int64_t message, part; /* part: from 1, in the order of the parts */
    slice name, type;
    int64_t bytes;
    struct sha256 digest;
};
MUST_USE struct err store_thread_file_add(struct work *work, const struct thread_file *put);
/* Of all messages of a report. */
MUST_USE struct err store_thread_files(
        struct db *db, int64_t report, struct arena *arena, struct thread_file **rows, size_t *row_count);

/* ---- Forgetting ---- */

/* The bytes of what came in, of what we wrote and of how it was sent are removed; subject and text become these. The
 * digest stays. */
MUST_USE struct err store_thread_forget(struct work *work, const struct thread_message *row, slice subject, slice text);
