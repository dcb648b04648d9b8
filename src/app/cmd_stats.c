/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kentongan stats: figures, each with what it counts, what it covers and of which days. A number without these is
 * false: events are not reports, reports are not incidents, and nobody sees all of what happens.
 */
#include <inttypes.h>
#include <time.h>

#include "app/local.h"
#include "app/options.h"
#include "base/clock.h"
#include "store/count.h"
#include "store/organisation.h"
#include "store/right.h"
#include "store/stream.h"
#include "store/warning.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)
#define PERIOD_DAYS 30 /* without --from: so many days, today with them */

/* One figure of one key. */
struct figure {
    slice key;
    const char *unit; /* what is counted: "events", "sent" */
    int64_t value;
};

struct stats {
    const struct command_line *line;
    struct local *local;
    int64_t from_day, until_day; /* until_day: not with it */
    const char *by;
    const char *definition;
    slice coverage;
    bool json, csv;
};

/* ---- What is shown ---- */

static slice day_text(int64_t day, struct arena *arena)
{
    struct buf buf = buf_make(64);
    time_write(&buf, day * DAY_US);
    slice text = arena_copy(arena, slice_part(buf_slice(&buf), 0, 10));
    buf_free(&buf);
    return text;
}

/* A text that a table calculates with would be taken for a formula: it gets a quote in front. */
static void csv_put(struct buf *buf, slice text)
{
    bool formula = text.len > 0 && strchr("=+-@\t\r", text.ptr[0]) != NULL;
    buf_byte(buf, '"');
    if (formula)
        buf_byte(buf, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_byte(buf, '"');
        buf_byte(buf, text.ptr[i]);
    }
    buf_byte(buf, '"');
}

struct member {
    const char *key;
    slice text;
};

static void put_json(struct json_writer *w, const struct member *members, size_t count, int64_t value)
{
    json_write_object(w);
    for (size_t i = 0; i < count; i++)
        json_write_key_text(w, slice_of(members[i].key), members[i].text);
    json_write_key(w, S("value"));
    json_write_i64(w, value);
    json_write_end(w);
}

/* Definition, coverage and period stand beside each number wherever it may be taken from. */
static void put_figure(const struct stats *stats, const struct figure *figure)
{
    struct arena *arena = stats->line->arena;
    const struct member members[] = {
            {"by", slice_of(stats->by)},
            {"key", figure->key},
            {"figure", slice_of(figure->unit)},
            {"from", day_text(stats->from_day, arena)},
            {"until", day_text(stats->until_day - 1, arena)},
            {"definition", slice_of(stats->definition)},
            {"coverage", stats->coverage},
    };
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (stats->json) {
        put_json(&w, members, COUNT_OF(members), figure->value);
    } else if (stats->csv) {
        for (size_t i = 0; i < COUNT_OF(members); i++) {
            csv_put(&buf, members[i].text);
            buf_byte(&buf, ',');
        }
        buf_printf(&buf, "%" PRId64, figure->value);
    } else {
        buf_printf(&buf, "%.*s\t%s\t%" PRId64, (int)figure->key.len, figure->key.ptr, figure->unit, figure->value);
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void put_head(const struct stats *stats)
{
    slice from = day_text(stats->from_day, stats->line->arena);
    slice until = day_text(stats->until_day - 1, stats->line->arena);
    if (stats->csv)
        printf("by,key,figure,from,until,definition,coverage,value\n");
    else if (!stats->json)
        printf("# %.*s to %.*s (UTC)\n# %s\n# %.*s\n", (int)from.len, from.ptr, (int)until.len, until.ptr,
                stats->definition, (int)stats->coverage.len, stats->coverage.ptr);
}

/* ---- What it covers ---- */

/* What was looked at at all: streams, what of it could not be read, and what was not looked at. */
static struct err events_cover(struct stats *stats)
{
    struct stream_totals totals;
    int64_t served;
    TRY(store_organisation_served(stats->local->db, S(""), &served));
    TRY(store_stream_totals(stats->local->db, stats->from_day * DAY_US, stats->line->arena, &totals));
    stats->coverage = slice_of(arena_printf(stats->line->arena,
            "what %" PRId64 " streams of %" PRId64 " constituents told us; ever: %" PRId64 " records that could not be "
            "read, %" PRId64 " not looked at",
            totals.streams, served, totals.malformed, totals.shed));
    return OK;
}

/* ---- Events ---- */

static void put_sum(const struct stats *stats, slice key, const struct count_sum *sum)
{
    const struct figure figures[] = {
            {key, "events", sum->events}, {key, "hits", sum->hits}, {key, "doubles", sum->doubles}};
    for (size_t i = 0; i < COUNT_OF(figures); i++)
        put_figure(stats, &figures[i]);
}

static slice key_or(slice key, const char *otherwise)
{
    return key.len > 0 ? key : slice_of(otherwise);
}

static struct err sums_get(const struct stats *stats, enum count_by by, struct count_sum **rows, size_t *count)
{
    return store_count_sum(stats->local->db, by, stats->from_day, stats->until_day, stats->line->arena, rows, count);
}

static struct err by_class(const struct stats *stats)
{
    struct count_sum *rows;
    size_t count;
    TRY(sums_get(stats, COUNT_BY_CLASS, &rows, &count));
    for (size_t i = 0; i < count; i++)
        put_sum(stats, key_or(rows[i].class, "(no class)"), &rows[i]);
    return OK;
}

static struct err by_sector(const struct stats *stats)
{
    struct count_sum *rows;
    size_t count;
    TRY(sums_get(stats, COUNT_BY_SECTOR, &rows, &count));
    for (size_t i = 0; i < count; i++)
        put_sum(stats, key_or(rows[i].sector, "(no sector)"), &rows[i]);
    return OK;
}

static struct err by_day(const struct stats *stats)
{
    struct count_sum *rows;
    size_t count;
    TRY(sums_get(stats, COUNT_BY_DAY, &rows, &count));
    for (size_t i = 0; i < count; i++)
        put_sum(stats, day_text(rows[i].day, stats->line->arena), &rows[i]);
    return OK;
}

/* Days come in their order: those of a month stand together. */
static struct err by_month(const struct stats *stats)
{
    struct count_sum *rows, sum = {0};
    size_t count;
    slice month = S("");
    TRY(sums_get(stats, COUNT_BY_DAY, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        slice of = slice_part(day_text(rows[i].day, stats->line->arena), 0, 7);
        if (month.len > 0 && !slice_eq(of, month)) {
            put_sum(stats, month, &sum);
            sum = (struct count_sum){0};
        }
        month = of;
        sum.events += rows[i].events;
        sum.hits += rows[i].hits;
        sum.doubles += rows[i].doubles;
    }
    if (month.len > 0)
        put_sum(stats, month, &sum);
    return OK;
}

/* ---- Warnings ---- */

static struct err by_warning(const struct stats *stats)
{
    struct warning_figure *rows;
    size_t count;
    TRY(store_warning_figures(
            stats->local->db, stats->from_day * DAY_US, stats->until_day * DAY_US, stats->line->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        slice key = slice_of(store_severity_name(rows[i].severity));
        const struct figure figures[] = {{key, "drafted", rows[i].drafted}, {key, "sent", rows[i].sent},
                {key, "answered", rows[i].answered}, {key, "done", rows[i].done}, {key, "not-mine", rows[i].not_mine},
                {key, "withdrawn", rows[i].withdrawn}, {key, "held", rows[i].held},
                {key, "minutes-to-answer", rows[i].answer_us / MINUTE_US}};
        for (size_t j = 0; j < COUNT_OF(figures); j++)
            put_figure(stats, &figures[j]);
    }
    return OK;
}

static struct err warnings_cover(struct stats *stats)
{
    int64_t served;
    TRY(store_organisation_served(stats->local->db, S(""), &served));
    stats->coverage = slice_of(arena_printf(stats->line->arena,
            "all warnings to %" PRId64 " constituents that were drafted in the period; answers until now", served));
    return OK;
}

/* ---- The command ---- */

#define EVENTS                                                                                                         \
    "events: records that logs and reports held, by the day of the event's own time; hits: those that met an "         \
    "indicator; doubles: reports of what was reported before; none of them is an incident"
#define WARNINGS                                                                                                       \
    "drafted: one for a constituent, cause and class; sent: told by a notice; answered: somebody there pressed, "      \
    "wrote "                                                                                                           \
    "or called; minutes-to-answer: the mean from the notice to the first answer"

static const struct {
    const char *name, *definition;
    struct err (*cover)(struct stats *stats);
    struct err (*run)(const struct stats *stats);
} figures[] = {
        {"class", EVENTS "; classes by RSIT 1003", events_cover, by_class},
        {"sector", EVENTS "; sectors as constituents have them today", events_cover, by_sector},
        {"month", EVENTS, events_cover, by_month},
        {"day", EVENTS, events_cover, by_day},
        {"warnings", WARNINGS, warnings_cover, by_warning},
};

static struct err day_option(const struct command_line *line, const char *option, int64_t otherwise, int64_t *day)
{
    const char *text = command_text(line, option);
    int64_t us;
    *day = otherwise;
    if (text == NULL)
        return OK;
    if (!time_parse(slice_of(arena_printf(line->arena, "%sT00:00:00Z", text)), &us))
        return err_format(line->arena, ERR_INPUT, "--%s %s is no day as 2026-11-21", option, text);
    *day = us / DAY_US;
    return OK;
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct stats stats = {
            .line = line, .local = local, .json = command_flag(line, "json"), .csv = command_flag(line, "csv")};
    const char *by = command_text(line, "by");
    int64_t today = clock_now_us() / DAY_US, until;
    stats.by = by == NULL ? figures[0].name : by;
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, 0, line->arena, NULL));
    TRY(day_option(line, "until", today, &until));
    TRY(day_option(line, "from", until - PERIOD_DAYS + 1, &stats.from_day));
    stats.until_day = until + 1;
    if (stats.until_day - stats.from_day > STORE_PAGE_MAX || stats.from_day > until)
        return err_format(
                line->arena, ERR_INPUT, "from --from to --until it is a day or more, and at most %d", STORE_PAGE_MAX);
    for (size_t i = 0; i < COUNT_OF(figures); i++) {
        if (strcmp(stats.by, figures[i].name) != 0)
            continue;
        stats.definition = figures[i].definition;
        TRY(figures[i].cover(&stats));
        put_head(&stats);
        return figures[i].run(&stats);
    }
    return err_make(ERR_INPUT, "--by is class, sector, month, day or warnings");
}

/* ---- Sums ---- */

static struct err rebuild_action(struct work *work, void *context)
{
    (void)context;
    TRY(store_right_check(work->actor, VERB_DOCTOR, 0, work->arena, NULL));
    TRY(store_count_rebuild(work));
    return store_work_news(work, "sums.rebuilt", S(""), S(""));
}

static struct err rebuild(const struct command_line *line, struct local *local)
{
    return store_work(local->db, &local->actor, line->arena, rebuild_action, NULL);
}

static int stats_run(struct command_line *line)
{
    static const struct local_verb verbs[] = {{"rebuild", 1, rebuild}};
    struct local local;
    if (line->file_count > 0)
        return local_run(line, verbs, COUNT_OF(verbs),
                "takes no files; --by says which figures, and `stats rebuild` makes the sums anew");
    struct err err = local_open(line, &local);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    err = show(line, &local);
    local_close(&local);
    if (err.kind == ERR_NONE && !command_written())
        err = err_errno(line->arena, "standard output");
    return err.kind == ERR_NONE ? 0 : command_fail(line, err);
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "by", "WORD", "class (default), sector, month, day or warnings"},
        {0, "from", "DAY", "The first day, as 2026-11-01 (default: 30 days with the last)"},
        {0, "until", "DAY", "The last day (default: today)"},
        {0, "csv", NULL, "Answer as CSV"},
        OPTION_JSON,
};

const struct command command_stats = {
        .name = "stats",
        .arguments = "[rebuild]",
        .about = "Figures of a node, each with what it counts, what it covers and of which days",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = stats_run,
};
