/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Times are UTC microseconds since 1970 in an int64_t, everywhere. RFC 3339 at the edges.
 */
#include "base/buf.h"

#define TIME_NONE INT64_MIN

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

/* Now; in tests and exercises, what clock_set said. */
int64_t clock_now_us(void);
/* Stops the clock at this moment; TIME_NONE: it is the machine's again. */
void clock_set(int64_t us);
/* It runs on from where it stands, also where that is not the machine's time. */
void clock_run(void);
/* A clock for durations; has nothing to do with the time of day. */
int64_t clock_steady_us(void);

/*
 * A moment in any spelling that logs use: RFC 3339 with any number of fraction digits (kept to the microsecond, the
 * rest cut off), `T`, `t` or a blank between date and time, a comma before the fraction, offset Z, z, +07:00, +0700 or
 * +07, or none (then UTC); a leap second reads as the last microsecond of its minute; also seconds since 1970 with or
 * without a fraction ("1763634598.960622"). Years 1 to 9999. False leaves *us alone.
 */
bool time_parse(slice text, int64_t *us);
/* Only what RFC 3339 section 5.6 allows. */
bool time_parse_strict(slice text, int64_t *us);
/* The day since 1970 on which a month begins, and the month that a day is in; months since January of the year 0. */
int64_t time_month_begins(int64_t month);
int64_t time_month_of(int64_t day);
/* RFC 3339 UTC with six digits, "2026-11-20T10:29:58.960622Z". Outside years 1 to 9999: the end that is nearer. */
void time_write(struct buf *buf, int64_t us);
/* The same, in the arena; empty: TIME_NONE. */
slice time_text(int64_t us, struct arena *arena);
