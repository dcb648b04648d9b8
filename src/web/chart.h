/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Counts over time as bars, and the same as a table: one document, of which a template draws both. The picture holds no
 * words, so that it may be stretched to any width; what it says stands beside it as text. The largest classes have bars
 * of their own, the others share one; the table names as many.
 */
#include "gate/ask.h"

#define CHART_PERIODS_MAX 31 /* bars beside each other: a page stays small */
#define CHART_SERIES 4       /* classes that are told apart; the rest is one more */

struct chart_count {
    int64_t at; /* number of the period: a day since 1970, a month */
    slice class;
    uint64_t count;
};

struct chart {
    int64_t first, last; /* periods that are drawn, both ends; at most CHART_PERIODS_MAX */
    slice (*period_text)(const struct ask *ask, int64_t at);
    slice (*class_text)(const struct ask *ask, slice class);
    const struct chart_count *rows; /* in any order; several of one period and class are added */
    size_t count;
};

/* "21 Nov 2026" of a day since 1970, and "Nov 2026" of a month since January of the year 0. */
slice chart_day_text(const struct ask *ask, int64_t day);
slice chart_month_text(const struct ask *ask, int64_t month);

/*
 * A member: null where nothing is counted; else
 *
 *     span, from, until, most          how wide the picture is, in tens a period; its ends and its top in words
 *     series                           {look, class, text, count}
 *     bars                             {x, y, height, look}; 1000 high
 *     rows                             {at, cells: numbers of things in the order of series, sum}, latest first;
 *                                      periods without any are left out
 */
void chart_write(struct ask *ask, slice key, const struct chart *chart);
