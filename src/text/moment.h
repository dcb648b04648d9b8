/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Moments for people, in their zone and with its name beside it, and how long ago they were. The zones are those of the
 * field; no file of the system is asked, so every node writes the same. Appended to a buf of the caller; any thread.
 *
 *     21 Nov 2026 09.14 WIB                  in Bahasa Indonesia
 *     21 Nov 2026 09:14 WIB (UTC+7)          in English
 */
#include "base/buf.h"
#include "text/catalogue.h"

enum zone {
    ZONE_UTC,
    ZONE_JAKARTA,
    ZONE_MAKASSAR,
    ZONE_JAYAPURA,
    ZONE_LONDON,
    ZONE_SHANGHAI,
    ZONES,
};

const char *zone_name(enum zone zone); /* "Asia/Jakarta", as the IANA calls it */
/* By that name; false: none of ours. */
bool zone_find(slice name, enum zone *zone);

/* "2026-11-20T22:40" as clocks there show it, or RFC 3339 with an offset; false: neither. An hour that comes twice,
 * when summer ends, is the second one. */
bool moment_read(slice text, enum zone zone, int64_t *us);

/* The same way out: "2026-11-20T22:40", what a field of a form holds. */
void moment_local_write(struct buf *out, int64_t us, enum zone zone);

/* The moment at which clocks there show what `us` is in UTC; of an hour that is there twice, one of them. */
int64_t moment_of_clock(int64_t us, enum zone zone);
void moment_write(struct buf *out, int64_t us, enum zone zone, enum language language);
/* How long something took: "3 days", "40 minutes". */
void moment_span_write(struct buf *out, int64_t us, enum language language);
/* How often something comes, exactly: "4h", "90min", "2d"; nought: empty. */
slice moment_every_text(int64_t us, struct arena *arena);
/* A whole number above nought of one of these units. */
bool moment_every_read(slice text, int64_t *us);
/* "3 minutes ago", "in 2 days", "just now". */
void moment_ago_write(struct buf *out, int64_t us, int64_t now_us, enum language language);
