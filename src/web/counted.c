/* SPDX-License-Identifier: Apache-2.0 */
#include "web/counted.h"

#include "base/arena.h"
#include "base/clock.h"
#include "web/warned.h"

#define CLASSES_MAX 100 /* of a period: RSIT has 39; what a log calls otherwise is one of few */

/* One look-up a period: each day is read once, however many are asked for. */
static struct err period_add(
        struct ask *ask, const struct counted *counted, int64_t period, struct chart_count *rows, size_t *count)
{
    struct count_sum *sums;
    size_t sum_count;
    TRY(store_count_sum(ask->db, COUNT_BY_CLASS, counted->begins(period), counted->begins(period + 1),
            counted->organisation, ask->arena, &sums, &sum_count));
    for (size_t i = 0; i < sum_count && i < CLASSES_MAX; i++)
        rows[(*count)++] = (struct chart_count){period, sums[i].class, (uint64_t)sums[i].events};
    return OK;
}

struct err counted_write(struct ask *ask, slice key, const struct counted *counted)
{
    size_t periods = (size_t)(counted->last - counted->first + 1), count = 0;
    struct chart_count *rows = arena_new(ask->arena, struct chart_count, periods * CLASSES_MAX);
    for (int64_t period = counted->first; period <= counted->last; period++)
        TRY(period_add(ask, counted, period, rows, &count));
    chart_write(
            ask, key, &(struct chart){counted->first, counted->last, counted->text, warned_class_text, rows, count});
    return OK;
}

static int64_t day_begins(int64_t day)
{
    return day;
}

struct counted counted_days(int64_t organisation)
{
    int64_t today = clock_now_us() / DAY_US;
    return (struct counted){today - CHART_PERIODS_MAX + 1, today, organisation, day_begins, chart_day_text};
}

struct counted counted_months(int64_t organisation, int64_t months)
{
    int64_t month = chart_month_of(clock_now_us() / DAY_US);
    return (struct counted){month - months + 1, month, organisation, chart_month_begins, chart_month_text};
}
