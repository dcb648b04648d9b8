/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What those we serve met: events folded by whose they are, cause, class, stream and window. A row is made when the
 * first event of its window comes, and grows with those that follow; up to MET_DETAILS_MAX of its events are kept as
 * details for who has to act on them, the others are counted.
 */
#include "store/severity.h"
#include "store/work.h"

#define MET_DETAILS_MAX 100
#define MET_WINDOW_US (24 * INT64_C(3600) * 1000000) /* of the events' own time, from midnight UTC */

#define CAUSE_INDICATOR "indicator" /* cause: its STIX id */
#define CAUSE_REPORT "report"       /* cause: its type */

struct met {
    int64_t number;
    int64_t organisation; /* 0: nobody's that we know */
    slice cause_kind, cause, class;
    int64_t stream; /* 0: in the memory */
    int64_t window_us;
    int64_t first_us, last_us, events;
    enum severity severity;
    int64_t details; /* rows of met_detail */
    int64_t batch;   /* the last that changed it */
    int64_t warning; /* 0: none yet */
};

struct met_detail {
    int64_t met;
    slice digest; /* of own, peer and their ports; `extra` is the first one's */
    int64_t first_us, last_us, events;
    slice own;        /* the constituent's own address or name */
    int64_t own_port; /* 0: not said */
    slice peer;       /* type and value: "ipv4 203.0.113.77" */
    int64_t peer_port;
    slice extra; /* JSON, or empty */
};

/* What a batch met: a row with its details, which have no number yet. */
struct met_put {
    struct met met; /* number, details, warning and batch are made here */
    const struct met_detail *details;
    size_t detail_count;
};

/* Folds them into what there is. No two of one call have the same key. */
MUST_USE struct err store_met_fold(struct work *work, int64_t batch, const struct met_put *rows, size_t count);
/* A warning speaks of it. */
MUST_USE struct err store_met_warned(struct work *work, int64_t met, int64_t warning);

MUST_USE struct err store_met_get(struct db *db, int64_t number, struct arena *arena, struct met *row);
/* Those that a batch changed, by number behind `after`. */
MUST_USE struct err store_met_of_batch(struct db *db, int64_t batch, int64_t after, size_t count, struct arena *arena,
        struct met **rows, size_t *row_count);
MUST_USE struct err store_met_of_warning(struct db *db, int64_t warning, int64_t after, size_t count,
        struct arena *arena, struct met **rows, size_t *row_count);
MUST_USE struct err store_met_of_cause(struct db *db, slice cause_kind, slice cause, int64_t after, size_t count,
        struct arena *arena, struct met **rows, size_t *row_count);
/* Of an organisation, the last first: those whose last event is before `before_us` (INT64_MAX: all). */
MUST_USE struct err store_met_of_organisation(struct db *db, int64_t organisation, int64_t before_us, size_t count,
        struct arena *arena, struct met **rows, size_t *row_count);
/* At most MET_DETAILS_MAX. */
MUST_USE struct err store_met_details(
        struct db *db, int64_t met, struct arena *arena, struct met_detail **rows, size_t *row_count);
