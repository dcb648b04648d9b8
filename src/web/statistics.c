/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statistics: what was counted, each number with what it counts, whom it covers and for which time. By month and class
 * as a picture with its table, by class and by sector of one span of months; and all of it as CSV.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "store/count.h"
#include "store/organisation.h"
#include "store/stream.h"
#include "text/mail.h"
#include "web/chart.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

#define MONTHS 12
#define MONTHS_MAX CHART_PERIODS_MAX
#define ROWS 40 /* classes: RSIT has 39 */
#define CSV_BYTES_MAX (1u << 20)

/* ---- Which time ---- */

struct span {
    int64_t first, last;         /* months */
    int64_t from_day, until_day; /* up to, not with */
    uint64_t months;
};

static struct err span_of(struct ask *ask, struct span *span)
{
    TRY(ask_number(ask, S("months"), MONTHS_MAX, MONTHS, &span->months));
    span->months = span->months == 0 ? 1 : span->months;
    span->last = time_month_of(clock_now_us() / DAY_US);
    span->first = span->last - (int64_t)span->months + 1;
    span->from_day = time_month_begins(span->first);
    span->until_day = time_month_begins(span->last + 1);
    return OK;
}

/* ---- What was counted ---- */

struct sums {
    struct count_sum *rows;
    size_t count;
};

static struct err sums_read(struct ask *ask, enum count_by by, int64_t from_day, int64_t until_day, struct sums *sums)
{
    return store_count_sum(ask->db, by, from_day, until_day, ask->arena, &sums->rows, &sums->count);
}

/* By month (in `day`) and class. All but the sectors is added up from these: a year is read once. */
static struct err months_read(struct ask *ask, const struct span *span, struct sums *all)
{
    *all = (struct sums){arena_new(ask->arena, struct count_sum, span->months * STORE_PAGE_MAX), 0};
    for (int64_t month = span->first; month <= span->last; month++) {
        struct sums one;
        TRY(sums_read(ask, COUNT_BY_CLASS, time_month_begins(month), time_month_begins(month + 1), &one));
        for (size_t i = 0; i < one.count; i++) {
            all->rows[all->count] = one.rows[i];
            all->rows[all->count++].day = month;
        }
    }
    return OK;
}

static void sum_add(struct count_sum *sum, const struct count_sum *row)
{
    sum->events += row->events;
    sum->hits += row->hits;
    sum->doubles += row->doubles;
}

/* The larger first; of equal ones by name. */
static int by_events(const void *a, const void *b)
{
    const struct count_sum *left = a, *right = b;
    if (left->events != right->events)
        return left->events < right->events ? 1 : -1;
    return slice_order(left->class, right->class);
}

static struct sums classes_of(struct ask *ask, const struct sums *months)
{
    struct sums classes = {arena_new(ask->arena, struct count_sum, months->count + 1), 0};
    for (size_t i = 0; i < months->count; i++) {
        size_t at = 0;
        while (at < classes.count && !slice_eq(classes.rows[at].class, months->rows[i].class))
            at++;
        classes.count += at == classes.count;
        classes.rows[at].class = months->rows[i].class;
        sum_add(&classes.rows[at], &months->rows[i]);
    }
    qsort(classes.rows, classes.count, sizeof *classes.rows, by_events);
    return classes;
}

/* ---- Whom it covers ---- */

static struct err write_coverage(struct ask *ask, const struct span *span)
{
    struct stream_totals totals;
    int64_t served;
    TRY(store_organisation_served(ask->db, S(""), &served));
    TRY(store_stream_totals(ask->db, span->from_day * DAY_US, ask->arena, &totals));
    page_count(ask, S("served"), (uint64_t)served);
    page_count(ask, S("streams"), (uint64_t)totals.sending);
    page_count(ask, S("malformed"), (uint64_t)totals.malformed);
    page_count(ask, S("shed"), (uint64_t)totals.shed);
    page_moment(ask, S("as_of"), clock_now_us());
    return OK;
}

/* ---- Tables ---- */

static slice sector_text(const struct ask *ask, slice sector)
{
    return sector.len == 0 ? ask_text(ask, W("of no sector, or nobody's that we know")) : warned_word(ask, sector);
}

static void write_sum(struct ask *ask, const struct count_sum *sum)
{
    page_count(ask, S("events"), (uint64_t)sum->events);
    page_count(ask, S("hits"), (uint64_t)sum->hits);
    page_count(ask, S("doubles"), (uint64_t)sum->doubles);
}

static void write_table(struct ask *ask, const char *key, const struct sums *sums, bool by_class)
{
    json_write_key(&ask->json, slice_of(key));
    json_write_array(&ask->json);
    for (size_t i = 0; i < sums->count && i < ROWS; i++) {
        const struct count_sum *row = &sums->rows[i];
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), by_class ? row->class : row->sector);
        json_write_key_text(
                &ask->json, S("text"), by_class ? warned_class_text(ask, row->class) : sector_text(ask, row->sector));
        write_sum(ask, row);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, slice_of(arena_printf(ask->arena, "more_%s", key)), sums->count > ROWS);
}

static void write_all(struct ask *ask, const struct sums *months)
{
    struct count_sum all = {0};
    for (size_t i = 0; i < months->count; i++)
        sum_add(&all, &months->rows[i]);
    write_sum(ask, &all);
    page_flag(ask, S("any"), months->count > 0);
}

static void write_chart(struct ask *ask, const struct span *span, const struct sums *months)
{
    struct chart_count *rows = arena_new(ask->arena, struct chart_count, months->count + 1);
    for (size_t i = 0; i < months->count; i++)
        rows[i] = (struct chart_count){months->rows[i].day, months->rows[i].class, (uint64_t)months->rows[i].events};
    chart_write(ask, S("chart"),
            &(struct chart){span->first, span->last, chart_month_text, warned_class_text, rows, months->count});
}

static struct err write_counts(struct ask *ask, const struct span *span)
{
    struct sums months, sectors;
    TRY(months_read(ask, span, &months));
    TRY(sums_read(ask, COUNT_BY_SECTOR, span->from_day, span->until_day, &sectors));
    const struct sums classes = classes_of(ask, &months);
    write_all(ask, &months);
    write_chart(ask, span, &months);
    write_table(ask, "classes", &classes, true);
    write_table(ask, "sectors", &sectors, false);
    return OK;
}

/* ---- Warnings ---- */

static int by_severity(const void *a, const void *b)
{
    return (int)((const struct warning_figure *)b)->severity - (int)((const struct warning_figure *)a)->severity;
}

static struct err write_warnings(struct ask *ask, const struct span *span)
{
    struct warning_figure *rows;
    size_t count;
    TRY(store_warning_figures(ask->db, span->from_day * DAY_US, span->until_day * DAY_US, ask->arena, &rows, &count));
    qsort(rows, count, sizeof *rows, by_severity);
    json_write_key(&ask->json, S("warnings"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        warned_severity(ask, rows[i].severity);
        page_count(ask, S("drafted"), (uint64_t)rows[i].drafted);
        page_count(ask, S("sent"), (uint64_t)rows[i].sent);
        page_count(ask, S("answered"), (uint64_t)rows[i].answered);
        page_count(ask, S("done"), (uint64_t)rows[i].done);
        page_count(ask, S("not_mine"), (uint64_t)rows[i].not_mine);
        page_count(ask, S("withdrawn"), (uint64_t)rows[i].withdrawn);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_warning"), count > 0);
    return OK;
}

/* ---- The page ---- */

static void write_spans(struct ask *ask, const struct span *span)
{
    static const unsigned offered[] = {1, 3, 12, 24};
    int64_t today = clock_now_us() / DAY_US, last = span->until_day - 1;
    json_write_key_u64(&ask->json, S("months"), span->months);
    json_write_key_text(&ask->json, S("from"), chart_day_text(ask, span->from_day));
    json_write_key_text(&ask->json, S("until"), chart_day_text(ask, last < today ? last : today));
    json_write_key(&ask->json, S("spans"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(offered); i++) {
        json_write_object(&ask->json);
        page_count(ask, S("months"), offered[i]);
        page_flag(ask, S("chosen"), offered[i] == span->months);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

struct err web_statistics(struct ask *ask)
{
    struct span span;
    TRY(warned_need(ask, VERB_READ_EVENTS));
    TRY(span_of(ask, &span));
    page_title(ask, ask_text(ask, W("Statistics")));
    write_spans(ask, &span);
    TRY(write_coverage(ask, &span));
    TRY(write_counts(ask, &span));
    return write_warnings(ask, &span);
}

/* ---- CSV: as mail has it, which a spreadsheet does not run ---- */

static void csv_day(struct buf *out, int64_t day)
{
    size_t from = out->len;
    time_write(out, day * DAY_US);
    out->len = from + sizeof "2026-11-20" - 1;
    buf_byte(out, ',');
}

static void csv_row(
        struct buf *out, const char *by, slice name, int64_t from_day, int64_t until_day, const struct count_sum *sum)
{
    mail_cell_write(out, slice_of(by), true);
    mail_cell_write(out, name, false);
    buf_byte(out, ',');
    csv_day(out, from_day);
    csv_day(out, until_day - 1);
    buf_printf(out, "%lld,%lld,%lld\r\n", (long long)sum->events, (long long)sum->hits, (long long)sum->doubles);
}

static struct err csv_write(struct ask *ask, const struct span *span, struct buf *out)
{
    struct sums months, sectors;
    TRY(months_read(ask, span, &months));
    TRY(sums_read(ask, COUNT_BY_SECTOR, span->from_day, span->until_day, &sectors));
    const struct sums classes = classes_of(ask, &months);
    buf_put(out, S("by,name,first_day,last_day,events,hits,doubles\r\n"));
    for (size_t i = 0; i < months.count; i++)
        csv_row(out, "month and class", months.rows[i].class, time_month_begins(months.rows[i].day),
                time_month_begins(months.rows[i].day + 1), &months.rows[i]);
    for (size_t i = 0; i < classes.count; i++)
        csv_row(out, "class", classes.rows[i].class, span->from_day, span->until_day, &classes.rows[i]);
    for (size_t i = 0; i < sectors.count; i++)
        csv_row(out, "sector", sectors.rows[i].sector, span->from_day, span->until_day, &sectors.rows[i]);
    return buf_check(out);
}

struct err web_statistics_csv(struct ask *ask)
{
    struct span span;
    TRY(warned_need(ask, VERB_READ_EVENTS));
    TRY(span_of(ask, &span));
    struct buf out = buf_make(CSV_BYTES_MAX);
    struct err err = csv_write(ask, &span, &out);
    if (err.kind == ERR_NONE)
        err = shared_download(ask, buf_slice(&out), S("text/csv; charset=utf-8"), "statistics.csv");
    buf_free(&out);
    return err;
}
