/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * How long what is kept: originals, refused rows and records that are no event, what failed or undone imports brought,
 * details of old news, what let people in once, notices. A node's own rule; nothing is removed without a limit that
 * says so. Works in bounded steps, so that others get their turn, and leaves one row of the journal ("store.retained")
 * with counts for each that removed something.
 */
#include "store/work.h"

/* Ages in microseconds; 0: kept for ever. */
struct retain_limits {
    int64_t originals_us;
    int64_t refused_us;
    int64_t undone_us;   /* of imports undone: after that they cannot be told from never */
    int64_t details_us;  /* of the journal; never of rows that a follower still needs */
    int64_t links_us;    /* one-time links, after they expired */
    int64_t sessions_us; /* sessions and tokens, after they ended */
    int64_t notices_us;  /* after they were made; never while a warning that one tells of is open, or it waits */
    size_t step;         /* rows at most of one kind in one work; 0: RETAIN_STEP */
};

#define RETAIN_STEP 1000

struct retained {
    uint64_t originals, refused, objects, details, links, sessions, tokens, notices;
    bool more; /* there is more to do: call again */
};

MUST_USE struct err store_retain(struct work *work, const struct retain_limits *limits, struct retained *retained);
