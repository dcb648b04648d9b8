/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What of one event counts: when, of which class, whose it is, and who spoke to whom. The quick road reads only time
 * and class of an event of somebody's own sensor; a report about somebody, and an event that met something, are read
 * whole.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "detect/fold.h"
#include "detect/owners.h"
#include "sift/take.h"

#define RECORD_AHEAD_US DAY_US                    /* an event that says it happened later than this from now, */
#define RECORD_OLDEST_US INT64_C(946684800000000) /* or before 2000, is counted as of the moment that it came */

/* The class that was found last, since a log repeats itself. Belongs to one worker. */
struct record_class {
    char type[64];
    size_t len;
    unsigned class;
};

struct record {
    int64_t time_us;
    unsigned class;
};

static inline int64_t record_day(int64_t time_us)
{
    return time_us / DAY_US;
}

/* An event of a sensor: from its picks alone. */
struct record record_read(const struct sift_seen *seen, int64_t now_us, struct record_class *last);
/* The same of a whole event. */
struct record record_of(const struct event *event, int64_t now_us, struct record_class *last);

/* Whose the reported address, name or AS number was at that time; 0: nobody's. By the address alone no observables are
 * needed. */
int64_t record_whose_address(const struct owners_view *view, const struct event *event, int64_t time_us);
int64_t record_whose(const struct owners_view *view, const struct event *event, int64_t time_us);

/*
 * What a hit is for `organisation`: cause, way, own and peer. The observable or, of a pattern, none says what was met;
 * texts are in the arena or the event's.
 */
void record_hit(const struct owners_view *view, const struct sift_hit *hit, int64_t organisation, int64_t time_us,
        struct arena *arena, struct fold_met *met);
/* What a report is: its type as the cause, the reported end as own, which is an observable if there is no address. */
void record_report(
        const struct event *event, const struct event_reader *reader, struct arena *arena, struct fold_met *met);
/* By which two reports of a day are the same (doc/why/counting.md). */
uint64_t record_digest(struct hash_key key, const struct fold_met *report);
