/* SPDX-License-Identifier: Apache-2.0 */
#include "web/chart.h"

#include "base/arena.h"
#include "base/clock.h"
#include "web/page.h"

#define HIGH 1000
#define STEP 10
#define OTHERS CHART_SERIES /* what is left */

struct series {
    slice class;
    uint64_t sum;
};

struct period {
    uint64_t counts[CHART_SERIES + 1];
};

struct drawing {
    struct ask *ask;
    const struct chart *chart;
    struct series series[CHART_SERIES + 1];
    size_t series_count;
    size_t periods;
    struct period *cells;
    uint64_t most;
};

/* ---- Words of periods ---- */

slice chart_day_text(const struct ask *ask, int64_t day)
{
    struct buf buf = buf_make(128);
    moment_write(&buf, day * DAY_US, ZONE_UTC, ask->language);
    slice text = buf_slice(&buf);
    size_t words = 0, end = 0; /* day, month and year: three words of the moment */
    while (end < text.len && (text.ptr[end] != ' ' || ++words < 3))
        end++;
    text = arena_copy(ask->arena, slice_part(text, 0, end));
    buf_free(&buf);
    return text;
}

slice chart_month_text(const struct ask *ask, int64_t month)
{
    slice day = chart_day_text(ask, time_month_begins(month));
    return slice_from(day, slice_find(day, ' ') + 1);
}

/* ---- What is told apart ---- */

static bool is_drawn(const struct chart *chart, const struct chart_count *row)
{
    return row->at >= chart->first && row->at <= chart->last && row->count > 0;
}

/* All classes with their sums. A taxonomy has few; who counts by something else has as many as rows. */
static struct series *sums(struct drawing *drawing, size_t *count)
{
    const struct chart *chart = drawing->chart;
    struct series *all = arena_new(drawing->ask->arena, struct series, chart->count + 1);
    *count = 0;
    for (size_t i = 0; i < chart->count; i++) {
        size_t at = 0;
        if (!is_drawn(chart, &chart->rows[i]))
            continue;
        while (at < *count && !slice_eq(all[at].class, chart->rows[i].class))
            at++;
        *count += at == *count;
        all[at].class = chart->rows[i].class;
        all[at].sum += chart->rows[i].count;
    }
    return all;
}

/* Larger first; of equal ones by name, so that a picture looks the same each time. */
static int by_sum(const void *a, const void *b)
{
    const struct series *left = a, *right = b;
    if (left->sum != right->sum)
        return left->sum < right->sum ? 1 : -1;
    return slice_order(left->class, right->class);
}

static void series_choose(struct drawing *drawing)
{
    size_t count;
    struct series *all = sums(drawing, &count);
    qsort(all, count, sizeof *all, by_sum);
    for (size_t i = 0; i < count; i++) {
        size_t at = i < CHART_SERIES ? i : OTHERS;
        drawing->series[at].class = at == OTHERS ? S("") : all[i].class;
        drawing->series[at].sum += all[i].sum;
        drawing->series_count = at + 1;
    }
}

static size_t series_of(const struct drawing *drawing, slice class)
{
    for (size_t i = 0; i < drawing->series_count && i < OTHERS; i++)
        if (slice_eq(drawing->series[i].class, class))
            return i;
    return OTHERS;
}

static void cells_add(struct drawing *drawing)
{
    const struct chart *chart = drawing->chart;
    drawing->periods = (size_t)(chart->last - chart->first + 1);
    drawing->cells = arena_new(drawing->ask->arena, struct period, drawing->periods);
    for (size_t i = 0; i < chart->count; i++)
        if (is_drawn(chart, &chart->rows[i]))
            drawing->cells[chart->rows[i].at - chart->first].counts[series_of(drawing, chart->rows[i].class)] +=
                    chart->rows[i].count;
}

static uint64_t period_sum(const struct drawing *drawing, size_t period)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < drawing->series_count; i++)
        sum += drawing->cells[period].counts[i];
    return sum;
}

/* ---- Writing ---- */

static const char *look_of(struct ask *ask, size_t series)
{
    return arena_printf(ask->arena, "series-%zu", series + 1);
}

static void write_series(struct drawing *drawing)
{
    struct ask *ask = drawing->ask;
    json_write_key(&ask->json, S("series"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < drawing->series_count; i++) {
        slice class = drawing->series[i].class;
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("look"), slice_of(look_of(ask, i)));
        json_write_key_text(&ask->json, S("class"), class);
        json_write_key_text(&ask->json, S("text"),
                i == OTHERS ? ask_text(ask, W("other classes")) : drawing->chart->class_text(ask, class));
        page_count(ask, S("count"), drawing->series[i].sum);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* What is there is seen: at least one unit high. */
static uint64_t height_of(const struct drawing *drawing, uint64_t count)
{
    uint64_t height = (uint64_t)((double)count * HIGH / (double)drawing->most);
    return count > 0 && height == 0 ? 1 : height;
}

static void write_bars_of(struct drawing *drawing, size_t period)
{
    struct json_writer *json = &drawing->ask->json;
    uint64_t top = HIGH;
    for (size_t i = 0; i < drawing->series_count; i++) {
        uint64_t height = height_of(drawing, drawing->cells[period].counts[i]);
        if (height == 0)
            continue;
        top -= height < top ? height : top;
        json_write_object(json);
        json_write_key_u64(json, S("x"), period * STEP + 1);
        json_write_key_u64(json, S("y"), top);
        json_write_key_u64(json, S("height"), height);
        json_write_key_text(json, S("look"), slice_of(look_of(drawing->ask, i)));
        json_write_end(json);
    }
}

static void write_row(struct drawing *drawing, size_t period)
{
    struct ask *ask = drawing->ask;
    const struct chart *chart = drawing->chart;
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("at"), chart->period_text(ask, chart->first + (int64_t)period));
    json_write_key(&ask->json, S("cells"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < drawing->series_count; i++) {
        json_write_object(&ask->json);
        page_count(ask, S("count"), drawing->cells[period].counts[i]);
        json_write_key_text(&ask->json, S("text"),
                i == OTHERS ? ask_text(ask, W("other classes")) : chart->class_text(ask, drawing->series[i].class));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_count(ask, S("sum"), period_sum(drawing, period));
    json_write_end(&ask->json);
}

static void write_drawing(struct drawing *drawing)
{
    struct json_writer *json = &drawing->ask->json;
    const struct chart *chart = drawing->chart;
    json_write_key_u64(json, S("span"), drawing->periods * STEP);
    json_write_key_text(json, S("from"), chart->period_text(drawing->ask, chart->first));
    json_write_key_text(json, S("until"), chart->period_text(drawing->ask, chart->last));
    page_count(drawing->ask, S("most"), drawing->most);
    write_series(drawing);
    json_write_key(json, S("bars"));
    json_write_array(json);
    for (size_t i = 0; i < drawing->periods; i++)
        write_bars_of(drawing, i);
    json_write_end(json);
    json_write_key(json, S("rows"));
    json_write_array(json);
    for (size_t i = drawing->periods; i-- > 0;)
        if (period_sum(drawing, i) > 0)
            write_row(drawing, i);
    json_write_end(json);
}

void chart_write(struct ask *ask, slice key, const struct chart *chart)
{
    struct drawing drawing = {.ask = ask, .chart = chart};
    json_write_key(&ask->json, key);
    series_choose(&drawing);
    if (drawing.series_count == 0) {
        json_write_null(&ask->json);
        return;
    }
    cells_add(&drawing);
    for (size_t i = 0; i < drawing.periods; i++)
        drawing.most = period_sum(&drawing, i) > drawing.most ? period_sum(&drawing, i) : drawing.most;
    json_write_object(&ask->json);
    write_drawing(&drawing);
    json_write_end(&ask->json);
}
