/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Changes of what is looked for, as one node tells them to those who match elsewhere: server-sent events (HTML Living
 * Standard, section 9.2). A page of the journal is some events "change" and at its end one "here", whose id is the
 * position reached; what came before it is of no use without it, and reading on behind an id misses nothing.
 *
 *     event: change
 *     data: {"source":"3","id":"indicator--...","expires":"2026-11-30T00:00:00.000000Z"}
 *     data: {"type":"indicator", ...}
 *
 *     event: here
 *     id: 1207
 *     data: {}
 *
 * Without a second line, the object, nothing is seen of it any more. One thread.
 */
#include "detect/change.h"
#include "detect/news.h"

#define TELL_PAGES_BYTES_MAX (8u << 20) /* waiting to be sent; whoever is further behind takes the whole index */
#define TELL_LINE_BYTES_MAX (OBJECT_BYTES_MAX + (64u << 10))

/* ---- Who tells ---- */

struct tell {
    struct news news;
    struct audience *audience;
    struct buf events; /* not sent yet */
};

/* From this position of the journal on. The db belongs to the caller. */
MUST_USE struct err tell_open(struct tell *tell, struct db *db, enum audience_kind kind, int64_t position);
void tell_close(struct tell *tell);
/* Appends the next page to the events; *rows as news_read. ERR_LIMIT: more changed than TELL_PAGES_BYTES_MAX, or nobody
 * can say what; nothing is appended, and the position may stay where it was. */
MUST_USE struct err tell_page(struct tell *tell, size_t *rows);

/* ---- Who is told ---- */

struct told {
    struct change_target target;
    struct buf line; /* not whole yet */
    struct buf data; /* of the event that is read */
    int64_t id;      /* of it; 0: none */
    bool is_change;
    bool any;         /* there was a "here" */
    int64_t position; /* of the last of them */
};

void told_open(struct told *told, struct live *live);
void told_close(struct told *told);
/* What came before is of another connection. */
void told_reset(struct told *told);
/* The next bytes; what is whole is published. ERR_REMOTE for what is no such stream. */
MUST_USE struct err told_bytes(struct told *told, slice bytes, struct arena *arena);
