/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Counts of events, exact: by day of the event's own time, whose they are, stream and class. doc/why/counting.md says
 * what counts as an event, as a report and as a double.
 */
#include "store/work.h"

struct event_count {
    int64_t day; /* days since 1970, UTC */
    int64_t organisation, stream;
    slice class; /* taxonomy/type, or empty */
    int64_t events, hits, doubles;
};

/* Adds to what there is, and to the sums, which are exact whenever somebody looks. No two of one call have the same
 * key. Sums are shared by all who count: late in a work, so that others do not wait long. */
MUST_USE struct err store_count_add(struct work *work, const struct event_count *rows, size_t count);

/* Rows of a day from `from_day` on, in the order of their key behind *after (zeroed with that day: from the start). */
MUST_USE struct err store_count_list(struct db *db, const struct event_count *after, int64_t until_day, size_t count,
        struct arena *arena, struct event_count **rows, size_t *row_count);

/* ---- Sums: kept beside the counts, by day and class, and by month and organisation ---- */

struct count_sum {
    int64_t day; /* of those that are by day; else 0 */
    slice class, sector;
    int64_t events, hits, doubles;
};
enum count_by { COUNT_BY_DAY, COUNT_BY_CLASS, COUNT_BY_SECTOR };
/* Of the days from `from_day` up to, not with, `until_day`: at most STORE_PAGE_MAX, the largest first (days: the
 * earliest). Whole months are quickest. */
MUST_USE struct err store_count_sum(struct db *db, enum count_by by, int64_t from_day, int64_t until_day,
        struct arena *arena, struct count_sum **rows, size_t *row_count);
/* By class, of one organisation on one day, the largest first. */
MUST_USE struct err store_count_of(struct db *db, int64_t organisation, int64_t day, struct arena *arena,
        struct count_sum **rows, size_t *row_count);

/* How many sums are other than the counts say; reads all counts. */
MUST_USE struct err store_count_check(struct db *db, int64_t *wrong);
/* Makes the sums anew from the counts. */
MUST_USE struct err store_count_rebuild(struct work *work);

/* ---- Doubles of reports ---- */

/* Digests of reports of a day, in order, each once. */
MUST_USE struct err store_count_seen_add(
        struct work *work, int64_t stream, int64_t day, int64_t batch, const uint64_t *digests, size_t count);
/* Tells each list of a day that was kept, in no order. */
typedef struct err store_count_seen_tell(void *context, const uint64_t *digests, size_t count);
MUST_USE struct err store_count_seen(
        struct db *db, int64_t stream, int64_t day, store_count_seen_tell *tell, void *context);
/* Forgets what came before this moment. */
MUST_USE struct err store_count_forget(struct work *work, int64_t before_us, uint64_t *forgotten);
