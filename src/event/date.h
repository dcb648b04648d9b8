/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Dates with the name of the month, as syslog, CEF and web servers write them, turned into RFC 3339 for time_parse().
 * Private to this folder. The text that is given back lives in the arena.
 */
#include "base/slice.h"

struct arena;

/*
 * "Oct 11 22:14:15", "Oct  1 2026 22:14:15.123 UTC": month, day, year if it is said, time, fraction and zone if they
 * are. A date without a year is of the year that puts it nearest before `now_us`; a day ahead is allowed for, since
 * such dates are of a clock and a zone that we do not know. Gives the bytes it took, 0 if there is no date.
 */
size_t date_month_first(slice text, int64_t now_us, struct arena *arena, slice *rfc3339);
/* "10/Oct/2026:13:55:36 -0700", the whole text; empty if it is not. */
slice date_web(slice text, struct arena *arena);
/* "Fri, 20 Nov 2026 20:55:36 +0700" (RFC 5322 section 3.3), the day of the week or not; empty if it is not. */
slice date_mail(slice text, struct arena *arena);
