/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statistics: what was counted, each number with what it counts, whom it covers and for which time. By month and class
 * as a picture with its table, by class and by sector of one span of months; and all of it as CSV.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "store/organisation.h"
#include "store/stream.h"
#include "text/mail.h"
#include "web/counted.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

#define MONTHS 12
#define MONTHS_MAX CHART_PERIODS_MAX
#define ROWS 40              /* classes: RSIT has 39 */
#define STREAMS_COUNTED 1000 /* in the coverage */
#define CSV_BYTES_MAX (1u << 20)

/* ---- Which time ---- */

struct span {
    struct counted counted;
    int64_t from_day, until_day; /* up to, not with */
    uint64_t months;
};

static struct err span_of(struct ask *ask, struct span *span)
{
    TRY(ask_number(ask, S("months"), MONTHS_MAX, MONTHS, &span->months));
    span->months = span->months == 0 ? 1 : span->months;
    span->counted = counted_months(COUNT_ANYBODY, (int64_t)span->months);
    span->from_day = chart_month_begins(span->counted.first);
    span->until_day = chart_month_begins(span->counted.last + 1);
    return OK;
}

/* ---- Whom it covers ---- */

static struct err write_coverage(struct ask *ask, const struct span *span)
{
    struct stream *streams;
    size_t stream_count, sending = 0;
    int64_t served;
    TRY(store_organisation_served(ask->db, S(""), &served));
    TRY(store_stream_list(ask->db, 0, STREAMS_COUNTED, ask->arena, &streams, &stream_count));
    for (size_t i = 0; i < stream_count; i++)
        sending += streams[i].last_us != TIME_NONE && streams[i].last_us >= span->from_day * DAY_US;
    page_count(ask, S("served"), (uint64_t)served);
    page_count(ask, S("streams"), sending);
    page_moment(ask, S("as_of"), clock_now_us());
    return OK;
}

/* ---- Tables ---- */

struct table {
    const char *key, *by_name;
    enum count_by by;
    slice (*text)(const struct ask *ask, slice name);
};

static slice sector_text(const struct ask *ask, slice sector)
{
    return sector.len == 0 ? ask_text(ask, W("of no sector, or nobody's that we know")) : warned_word(ask, sector);
}

static const struct table tables[] = {
        {"classes", "class", COUNT_BY_CLASS, warned_class_text},
        {"sectors", "sector", COUNT_BY_SECTOR, sector_text},
};

static slice name_of(const struct table *table, const struct count_sum *sum)
{
    return table->by == COUNT_BY_CLASS ? sum->class : sum->sector;
}

static struct err sums_of(
        struct ask *ask, enum count_by by, const struct span *span, struct count_sum **rows, size_t *count)
{
    return store_count_sum(ask->db, by, span->from_day, span->until_day, COUNT_ANYBODY, ask->arena, rows, count);
}

static void write_sum(struct ask *ask, const struct count_sum *sum)
{
    page_count(ask, S("events"), (uint64_t)sum->events);
    page_count(ask, S("hits"), (uint64_t)sum->hits);
    page_count(ask, S("doubles"), (uint64_t)sum->doubles);
}

static struct err write_table(struct ask *ask, const struct table *table, const struct span *span)
{
    struct count_sum *rows;
    size_t count;
    TRY(sums_of(ask, table->by, span, &rows, &count));
    json_write_key(&ask->json, slice_of(table->key));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < ROWS; i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), name_of(table, &rows[i]));
        json_write_key_text(&ask->json, S("text"), table->text(ask, name_of(table, &rows[i])));
        write_sum(ask, &rows[i]);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, slice_of(arena_printf(ask->arena, "more_%s", table->key)), count > ROWS);
    return OK;
}

static struct err write_all(struct ask *ask, const struct span *span)
{
    struct count_sum *rows, all = {0};
    size_t count;
    TRY(sums_of(ask, COUNT_BY_SECTOR, span, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        all.events += rows[i].events;
        all.hits += rows[i].hits;
        all.doubles += rows[i].doubles;
    }
    write_sum(ask, &all);
    page_flag(ask, S("any"), count > 0);
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
    TRY(write_all(ask, &span));
    TRY(counted_write(ask, S("chart"), &span.counted));
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        TRY(write_table(ask, &tables[i], &span));
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

static void csv_row(struct buf *out, const struct span *span, const char *by, slice name, const struct count_sum *sum)
{
    mail_cell_write(out, slice_of(by), true);
    mail_cell_write(out, name, false);
    buf_byte(out, ',');
    csv_day(out, span->from_day);
    csv_day(out, span->until_day - 1);
    buf_printf(out, "%lld,%lld,%lld\r\n", (long long)sum->events, (long long)sum->hits, (long long)sum->doubles);
}

static struct err csv_table(
        struct ask *ask, const struct span *span, const struct table *table, const char *by, struct buf *out)
{
    struct count_sum *rows;
    size_t count;
    TRY(sums_of(ask, table->by, span, &rows, &count));
    for (size_t i = 0; i < count; i++)
        csv_row(out, span, by, name_of(table, &rows[i]), &rows[i]);
    return OK;
}

static struct err csv_write(struct ask *ask, const struct span *span, struct buf *out)
{
    buf_put(out, S("by,name,first_day,last_day,events,hits,doubles\r\n"));
    for (int64_t month = span->counted.first; month <= span->counted.last; month++) {
        const struct span one = {.from_day = chart_month_begins(month), .until_day = chart_month_begins(month + 1)};
        TRY(csv_table(ask, &one, &tables[0], "month and class", out));
    }
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        TRY(csv_table(ask, span, &tables[i], tables[i].by_name, out));
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
