/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * When something is due: until when who was warned is to have done something, when they are reminded, and when the
 * day's digest goes out. One table by severity, and the office's own clock.
 */
#include "base/clock.h"
#include "store/severity.h"

#define DESK_CHASES 4 /* reminder, second contact, the team of their sector, the duty officer's list */

/* TIME_NONE: nothing is due for something as slight. */
int64_t desk_due_at(enum severity severity, int64_t told_us);
/* The step of chasing of that number (from 0) after a notice that was sent then; TIME_NONE: no further one. */
int64_t desk_chase_at(enum severity severity, int64_t chased, int64_t sent_us);

/* Where the office is: by which clock its days begin, and when in a day the digest goes out. */
struct desk_day {
    int64_t zone_us;   /* east of UTC: 7 hours in western Indonesia */
    int64_t digest_us; /* after midnight there */
};
/* When the day began in which that moment is. */
int64_t desk_day_begin(const struct desk_day *day, int64_t us);
/* The last moment up to now at which a digest was due. */
int64_t desk_digest_due(const struct desk_day *day, int64_t now_us);
