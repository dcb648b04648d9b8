/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan ingest: events into a node, where they are matched, attributed, counted and remembered. */
#include <inttypes.h>
#include <unistd.h>

#include "app/interrupt.h"
#include "app/local.h"
#include "app/options.h"
#include "app/quarantined.h"
#include "app/report.h"
#include "base/clock.h"
#include "detect/ingest.h"
#include "store/count.h"
#include "store/organisation.h"
#include "store/right.h"
#include "json/write.h"

#define ROW_MAX (256u << 10)

/* ---- What is shown ---- */

/* A number or a text under a name: the columns of the text are the keys of the JSON. */
struct column {
    const char *name;
    const char *text; /* NULL: a number */
    int64_t number;
};

static void show(const struct command_line *line, const struct column *columns, size_t count)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    bool json = command_flag(line, "json");
    if (json)
        json_write_object(&w);
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &columns[i];
        if (json)
            json_write_key(&w, slice_of(column->name));
        else if (i > 0)
            buf_byte(&buf, '\t');
        if (json && column->text != NULL)
            json_write_text(&w, slice_of(column->text));
        else if (json)
            json_write_i64(&w, column->number);
        else if (column->text != NULL)
            buf_put(&buf, slice_of(column->text));
        else
            buf_i64(&buf, column->number);
    }
    if (json)
        json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static const char *time_or_dash(int64_t us, struct arena *arena)
{
    struct buf buf = buf_make(64);
    if (us == TIME_NONE)
        return "-";
    time_write(&buf, us);
    const char *text = arena_cstr(arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

/* "reports": of no one in particular. */
static struct err organisation_name(
        struct db *db, int64_t number, const char *nobody, struct arena *arena, const char **name, const char **sector)
{
    struct organisation row;
    *name = nobody;
    *sector = "";
    if (number == 0)
        return OK;
    TRY(store_organisation_get(db, number, arena, &row));
    *name = arena_cstr(arena, row.name);
    *sector = arena_cstr(arena, row.sector);
    return OK;
}

/* ---- Lists ---- */

static struct err streams_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct stream *rows;
    TRY(store_stream_list(local->db, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        const char *organisation, *sector;
        TRY(organisation_name(local->db, rows[i].organisation, "", arena, &organisation, &sector));
        const struct column columns[] = {
                {"name", arena_cstr(arena, rows[i].name)},
                {"organisation", organisation},
                {"format", arena_cstr(arena, rows[i].format)},
                {"events", NULL, rows[i].events},
                {"malformed", NULL, rows[i].malformed},
                {"shed", NULL, rows[i].shed},
                {"last", time_or_dash(rows[i].last_us, arena)},
        };
        show(line, columns, COUNT_OF(columns));
        *after = rows[i].number;
    }
    return OK;
}

static struct err streams(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, 0, line->arena, NULL));
    return local_pages(line, local, streams_page);
}

static const char *day_text(int64_t day, struct arena *arena)
{
    return arena_cstr(arena, slice_part(slice_of(time_or_dash(day * DAY_US, arena)), 0, 10));
}

static struct err count_show(
        const struct command_line *line, struct local *local, const struct event_count *row, struct arena *arena)
{
    const char *organisation, *sector;
    struct stream stream;
    TRY(organisation_name(local->db, row->organisation, "", arena, &organisation, &sector));
    TRY(store_stream_get(local->db, row->stream, arena, &stream));
    const struct column columns[] = {
            {"day", day_text(row->day, arena)},
            {"organisation", organisation},
            {"sector", sector},
            {"stream", arena_cstr(arena, stream.name)},
            {"class", arena_cstr(arena, row->class)},
            {"events", NULL, row->events},
            {"hits", NULL, row->hits},
            {"doubles", NULL, row->doubles},
    };
    show(line, columns, COUNT_OF(columns));
    return OK;
}

static struct err counts(const struct command_line *line, struct local *local)
{
    struct event_count at = {.day = INT32_MIN, .class = S("")}, *rows;
    struct arena *arenas[2] = {
            arena_open("counts", ARENA_WORK, 64u << 20), arena_open("counts", ARENA_WORK, 64u << 20)};
    size_t count = 1;
    struct err err = store_right_check(&local->actor, VERB_READ_EVENTS, 0, line->arena, NULL);
    for (unsigned turn = 0; err.kind == ERR_NONE && count > 0; turn = !turn) {
        arena_reset(arenas[turn]); /* the other one has where the last page ended */
        err = store_count_list(local->db, &at, INT32_MAX, STORE_PAGE_MAX, arenas[turn], &rows, &count);
        for (size_t i = 0; i < count && err.kind == ERR_NONE; i++)
            err = count_show(line, local, &rows[i], arenas[turn]);
        if (err.kind == ERR_NONE && count > 0)
            at = rows[count - 1];
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(line->arena, slice_of(err.why));
    arena_close(arenas[0]);
    arena_close(arenas[1]);
    return err;
}

static const struct local_verb verbs[] = {
        {"counts", 1, counts},
        {"quarantined", 1, quarantined_show, 1},
        {"streams", 1, streams},
};

/* ---- The stream ---- */

struct adding {
    struct stream_put put;
    int64_t number;
};

static struct err stream_add(struct work *work, void *context)
{
    struct adding *adding = context;
    TRY(store_right_check(work->actor, VERB_SEND_EVENTS, adding->put.organisation, work->arena, NULL));
    TRY(store_stream_add(work, &adding->put, &adding->number));
    return store_work_news(
            work, "stream.added", slice_of(arena_printf(work->arena, "stream/%lld", (long long)adding->number)), S(""));
}

static struct err organisation_of(const struct command_line *line, struct local *local, int64_t *number)
{
    const char *name = command_text(line, "org");
    *number = 0;
    if (name == NULL)
        return OK;
    struct err err = store_organisation_find(local->db, slice_of(name), number);
    return err.kind != ERR_MISSING ? err : err_format(line->arena, ERR_MISSING, "there is no organisation %s", name);
}

/* One that is mistyped would count everything once more, so a new one is asked for by saying whose it is. */
static struct err stream_get(const struct command_line *line, struct local *local, int64_t *number)
{
    const char *name = command_text(line, "stream"), *format = command_text(line, "format");
    struct adding adding = {.put = {.name = slice_of(name), .format = slice_of(format == NULL ? "auto" : format)}};
    struct stream stream;
    int64_t organisation;
    TRY(organisation_of(line, local, &organisation));
    struct err err = store_stream_find(local->db, slice_of(name), line->arena, &stream);
    bool whose = command_text(line, "org") != NULL, reports = command_flag(line, "reports");
    if (whose && reports)
        return err_make(ERR_INPUT, "a stream is of one organisation (--org) or of reports about many (--reports)");
    if (err.kind == ERR_NONE &&
            ((whose && organisation != stream.organisation) || (reports && stream.organisation != 0)))
        return err_format(line->arena, ERR_CONFLICT, "stream %s is of somebody else", name);
    *number = stream.number;
    if (err.kind != ERR_MISSING)
        return err;
    if (!whose && !reports)
        return err_format(line->arena, ERR_MISSING,
                "there is no stream %s; to add it, say whose sensor it is (--org NAME), or that it brings reports "
                "about "
                "many (--reports)",
                name);
    adding.put.organisation = organisation;
    TRY(store_work(local->db, &local->actor, line->arena, stream_add, &adding));
    *number = adding.number;
    return OK;
}

/* ---- Taking in ---- */

struct ingesting {
    const struct command_line *line;
    struct report report;
    struct ingest *ingest;
};

static void progress(void *context, const char *name, uint64_t done, uint64_t total, const struct sift_totals *totals)
{
    struct ingesting *ingesting = context;
    if (interrupt_came(NULL))
        ingest_stop(ingesting->ingest);
    if (ingesting->report.terminal)
        report_progress(&ingesting->report, name, done, total, totals);
}

static void tell(struct ingesting *ingesting, const char *name, const struct ingest_totals *totals, int64_t us)
{
    report_clear(&ingesting->report);
    if (command_flag(ingesting->line, "json")) {
        const struct column columns[] = {
                {"input", name},
                {"events", NULL, (int64_t)totals->events},
                {"bytes", NULL, (int64_t)totals->bytes},
                {"malformed", NULL, (int64_t)totals->malformed},
                {"hits", NULL, (int64_t)totals->hits},
                {"suppressed", NULL, (int64_t)totals->suppressed},
                {"doubles", NULL, (int64_t)totals->doubles},
                {"met", NULL, (int64_t)totals->met},
                {"batches", NULL, (int64_t)totals->batches},
                {"passed", NULL, (int64_t)totals->passed},
                {"left", NULL, (int64_t)totals->left},
                {"us", NULL, us},
        };
        show(ingesting->line, columns, COUNT_OF(columns));
        return;
    }
    if (totals->known) {
        fprintf(stderr, "%s: nothing new\n", name);
        return;
    }
    fprintf(stderr,
            "%s: %" PRIu64 " events, %" PRIu64 " hits, %" PRIu64 " doubles, %" PRIu64 " malformed, %.2f s, %.0f/s\n",
            name, totals->events, totals->hits, totals->doubles, totals->malformed, (double)us / 1e6,
            (double)totals->events * 1e6 / (double)(us > 0 ? us : 1));
    if (totals->left > 0)
        fprintf(stderr, "%s: the last %" PRIu64 " bytes are no whole event yet; they come with the next run\n", name,
                totals->left);
    if (totals->passed > 0)
        fprintf(stderr, "%s: %" PRIu64 " bytes of it were taken in before\n", name, totals->passed);
}

static struct err file_take(struct ingesting *ingesting, int64_t stream, const char *file)
{
    struct ingest_totals totals = {0};
    const struct ingest_input input = {
            .stream = stream,
            .name = strcmp(file, "-") == 0 ? "(standard input)" : file,
            .path = file,
            .format = command_text(ingesting->line, "format"),
            .progress = progress,
            .context = ingesting,
    };
    int64_t began_us = clock_steady_us();
    struct err err = detect_ingest(ingesting->ingest, &input, ingesting->line->arena, &totals);
    tell(ingesting, input.name, &totals, clock_steady_us() - began_us);
    return err;
}

/* An input that fails does not keep the others from being taken in. */
static int files_take(struct ingesting *ingesting, int64_t stream)
{
    static const char *const standard[] = {"-"};
    const struct command_line *line = ingesting->line;
    const char *const *files = line->file_count == 0 ? standard : line->files;
    size_t count = line->file_count == 0 ? 1 : line->file_count;
    int status = 0;
    for (size_t i = 0; i < count && !interrupt_came(NULL); i++) {
        struct err err = file_take(ingesting, stream, files[i]);
        if (err.kind != ERR_NONE)
            status = command_fail(line, err_format(line->arena, err.kind, "%s: %s", files[i], err.why));
    }
    if (interrupt_came(NULL))
        fprintf(stderr, "kentongan ingest: told to end; the same command goes on from here\n");
    return status;
}

static struct err threads_count(const struct command_line *line, unsigned *threads)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t otherwise = cores < 1 ? 1 : cores > SIFT_THREADS_MAX ? SIFT_THREADS_MAX : (uint64_t)cores, given;
    TRY(command_number(line, "threads", 1, SIFT_THREADS_MAX, otherwise, &given));
    *threads = (unsigned)given;
    return OK;
}

static struct err open_all(struct ingesting *ingesting, struct local *local, int64_t *stream)
{
    const struct command_line *line = ingesting->line;
    struct ingest_options options = {
            .db = {.where = local->node.config.database},
            .index = node_path(&local->node, "index/base", line->arena),
            .memory = node_path(&local->node, "memory", line->arena),
            .actor = local->actor,
    };
    TRY(threads_count(line, &options.threads));
    TRY(stream_get(line, local, stream));
    return ingest_open(&options, line->arena, &ingesting->ingest);
}

static int ingest_files(struct command_line *line)
{
    struct ingesting ingesting = {.line = line, .report = report_begin(line)};
    struct local local;
    int64_t stream = 0;
    int status;
    interrupt_arm();
    struct err err = local_open_to_change(line, &local);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    err = open_all(&ingesting, &local, &stream);
    status = err.kind == ERR_NONE ? files_take(&ingesting, stream) : command_fail(line, err);
    ingest_close(ingesting.ingest);
    local_close(&local);
    return status;
}

static int ingest(struct command_line *line)
{
    if (command_text(line, "stream") != NULL)
        return ingest_files(line);
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `ingest --stream NAME [EVENTS...]`, `ingest streams`, `ingest counts` or `ingest quarantined "
            "[STREAM]`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "stream", "NAME", "The stream that the events belong to"},
        {0, "org", "NAME", "Whose sensor it is, for a stream that is not there yet"},
        {0, "reports", NULL, "A stream that is not there yet brings reports about many"},
        OPTION_FORMAT,
        OPTION_THREADS,
        {0, "batch", "N", "quarantined: only of batch N"},
        {0, "original", NULL, "quarantined: write the records as they came, to be mended and taken in again"},
        OPTION_JSON,
};

const struct command command_ingest = {
        .name = "ingest",
        .arguments = "--stream NAME [EVENTS...]|streams|counts|quarantined [STREAM]",
        .about = "Take events in: match, attribute, count and remember them",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = ingest,
};
