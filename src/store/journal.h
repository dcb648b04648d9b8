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
/* The last number given; 0: none yet. */
MUST_USE struct err store_journal_last(struct db *db, int64_t *seq);

/*
 * Until there may be news, from whichever process, or the time is up; *news == false: surely none. The first call
 * returns at once, so that who reads between waits misses nothing.
 */
MUST_USE struct err store_journal_wait(struct db *db, int timeout_ms, bool *news);
/* Wakes who waits, when the work is kept; work.c calls it. */
MUST_USE struct err store_journal_ring(struct db *db);
