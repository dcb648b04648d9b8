/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The node's live index: it follows the journal. When it is opened, the base file says how far that reaches, and what
 * the journal has since is replayed; a file that is missing, damaged, of another version or ahead of the journal is
 * made anew from the store. From then on a thread waits for news and publishes what they change.
 *
 * It keeps no place in the database, since each process has an index of its own: the place is in the file. So it is no
 * follower as store/follower.h has them, and no row can be parked: a change is what the store says of an object now, so
 * a row that was read before its objects changed again, or is read twice, does no harm.
 */
#include "db/db.h"
#include "detect/audience.h"
#include "sift/live.h"

struct follow;

#define FOLLOW_WAIT_MS 200      /* how soon the thread sees that it is to end */
#define FOLLOW_AGAIN_US 200000  /* before it tries again after an error */
#define FOLLOW_STAGED_MAX 20000 /* objects of a large import that are published at a time */

struct follow_options {
    struct db_options db;
    const char *path;            /* of the base; its folder is made if it is not there. NULL: in memory */
    enum audience_kind audience; /* what of the intelligence is in it; zero is all */
    bool by_hand;                /* no threads: follow_once, and live_merge of its index */
};

/* When this returns OK, the index is where the journal was. The strings of the options have to live as long. */
MUST_USE struct err follow_open(const struct follow_options *options, struct arena *arena, struct follow **follow);
void follow_close(struct follow *follow); /* NULL is allowed */

/* For sift_job; it lives as long as the follow. */
struct live *follow_live(const struct follow *follow);
/* Reads what the journal has and publishes it; for `by_hand`. The reason of an error lives until the next call. */
MUST_USE struct err follow_once(struct follow *follow);

struct follow_counts {
    uint64_t objects;  /* changed, since it was opened */
    uint64_t unused;   /* of these and of a base made anew: nothing, or not all, can be looked for */
    uint64_t rebuilds; /* 1: the base was made anew */
    uint64_t failures; /* of the thread; it tries again */
    char why[256];     /* the last; empty: it went well since */
};
/* Any thread. */
struct follow_counts follow_counts(struct follow *follow);
