/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The journal: the ordered table of news that everything else follows. Written by work.h only; read by number, without
 * gaps in what can be seen: a row that appears later has a higher number. Details of old rows may have been removed
 * (retain.h); rows never are.
 */
#include "store/store.h"

struct journal_row {
    int64_t seq, time_us;
    int64_t organisation; /* of the actor; 0: the node */
    slice actor, act, subject, detail;
};

/* Up to `count` rows behind `after`, in order. */
MUST_USE struct err store_journal_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct journal_row **rows, size_t *row_count);
/* The same, newest first, before `before` (INT64_MAX: from the end): what people read. */
MUST_USE struct err store_journal_latest(
        struct db *db, int64_t before, size_t count, struct arena *arena, struct journal_row **rows, size_t *row_count);
/* Of these, those about one subject ("import/7", an id). */
MUST_USE struct err store_journal_about(struct db *db, slice subject, int64_t before, size_t count, struct arena *arena,
        struct journal_row **rows, size_t *row_count);
/*
 * Those of an actor, an act, or both (empty: any), newest first, before *before, which moves to where to go on. At most
 * JOURNAL_LOOKED_MAX rows are looked at, so a page may be short without being the last; *end: nothing is behind it.
 */
#define JOURNAL_LOOKED_MAX 20000
MUST_USE struct err store_journal_chosen(struct db *db, slice actor, slice act, int64_t *before, size_t count,
        struct arena *arena, struct journal_row **rows, size_t *row_count, bool *end);
/* The last number given; 0: none yet. */
MUST_USE struct err store_journal_last(struct db *db, int64_t *seq);

/*
 * Until there may be news, from whichever process, or the time is up; *news == false: surely none. The first call
 * returns at once, so that who reads between waits misses nothing.
 */
MUST_USE struct err store_journal_wait(struct db *db, int timeout_ms, bool *news);
/* Wakes who waits, when the work is kept; work.c calls it. */
MUST_USE struct err store_journal_ring(struct db *db);
