/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What all rows of hits have in common: where the event stands, and which indicator it was. Private to sift.
 */
#include "match/match.h"
#include "json/write.h"

struct row_place {
    uint64_t line;
    const char *file;
    const char *format;
    int64_t time_us; /* TIME_NONE: the log does not say */
};

/* "line", "file", "format", "time" of an object that is begun. */
void row_place_write(struct json_writer *w, const struct row_place *place);
/* "indicator" and "name". `text` is for working in. */
void row_indicator_write(struct json_writer *w, const struct match_entry *entry, struct buf *text);

/*
 * The event's time decides (now, if the log has none). An indicator that begins later than both the event and now is
 * not yet valid; one that began after the event, but is in force today, is how the past is searched
 * (doc/why/validity.md).
 */
bool row_is_valid(const struct match_entry *entry, int64_t time_us);
