/* SPDX-License-Identifier: Apache-2.0 */
#include "app/report.h"

#include <inttypes.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "intel/ingest.h"
#include "sift/live.h"

#define PROGRESS_AFTER_US 2000000
#define PROGRESS_EVERY_US 100000
#define NAME_SHOWN_MAX 256

struct report report_begin(const struct command_line *line)
{
    return (struct report){
            .command = line->command->name,
            .started_us = clock_steady_us(),
            .terminal = isatty(STDERR_FILENO),
    };
}

void report_clear(struct report *report)
{
    if (report->drawn_us != 0)
        fputs("\r\033[K", stderr);
    report->drawn_us = 0;
}

/* Whether it is time to draw: only on a terminal, after two seconds, ten times a second. */
static bool progress_due(struct report *report)
{
    int64_t now_us = clock_steady_us();
    if (!report->terminal || now_us - report->started_us < PROGRESS_AFTER_US ||
            now_us - report->drawn_us < PROGRESS_EVERY_US)
        return false;
    report->drawn_us = now_us;
    return true;
}

static double seconds_since_start(const struct report *report)
{
    double seconds = (double)(clock_steady_us() - report->started_us) / 1e6;
    return seconds > 1e-6 ? seconds : 1e-6;
}

void report_progress(void *context, const char *file, uint64_t done, uint64_t total, const struct sift_totals *totals)
{
    struct report *report = context;
    if (!progress_due(report))
        return;
    double seconds = seconds_since_start(report);
    fprintf(stderr, "\r\033[K%s: %s  ", report->command, file);
    if (total > 0 && done > 0 && done <= total)
        fprintf(stderr, "%.0f %%  %.0f s left  ", 100.0 * (double)done / (double)total,
                seconds * (double)(total - done) / (double)done);
    fprintf(stderr, "%.1f M events  %.2f M/s  %" PRIu64 " hits", (double)totals->events / 1e6,
            (double)totals->events / 1e6 / seconds, totals->hits);
}

void report_bytes(void *context, const char *what, uint64_t done, uint64_t total)
{
    struct report *report = context;
    if (!progress_due(report))
        return;
    fprintf(stderr, "\r\033[K%s: %s  ", report->command, what);
    if (total > 0 && done <= total)
        fprintf(stderr, "%.0f %%  ", 100.0 * (double)done / (double)total);
    fprintf(stderr, "%.0f s", seconds_since_start(report));
}

void report_ingest(
        struct report *report, const char *name, uint64_t done, uint64_t total, const struct intel_report *ingested)
{
    if (!progress_due(report))
        return;
    double seconds = seconds_since_start(report);
    fprintf(stderr, "\r\033[K%s: %s  ", report->command, name);
    if (ingested->removing) {
        fprintf(stderr, "removing what it brought  %" PRIu64 " objects", ingested->objects);
        return;
    }
    if (total > 0 && done > 0 && done <= total)
        fprintf(stderr, "%.0f %%  %.0f s left  ", 100.0 * (double)done / (double)total,
                seconds * (double)(total - done) / (double)done);
    fprintf(stderr, "%" PRIu64 " objects  %.0f/s  %" PRIu64 " refused", ingested->objects,
            (double)ingested->objects / seconds, ingested->refused);
}

void report_send(struct report *report, uint64_t objects)
{
    if (progress_due(report))
        fprintf(stderr, "\r\033[K%s: %" PRIu64 " objects  %.0f/s", report->command, objects,
                (double)objects / seconds_since_start(report));
}

static void load_progress(void *context, const char *file, uint64_t indicators)
{
    struct report *report = context;
    if (progress_due(report))
        fprintf(stderr, "\r\033[K%s: reading %s  %.1f M indicators", report->command, file, (double)indicators / 1e6);
}

void report_malformed(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    report_clear(context);
    fprintf(stderr, "%s:%" PRIu64 ":%" PRIu64 ": malformed: %s\n", file, line, column, why);
}

static void load_problem(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    report_clear(context);
    fprintf(stderr, "%s:%" PRIu64 ":%" PRIu64 ": %s\n", file, line, column, why);
}

static void load_file(void *context, const char *file, const char *form, uint64_t indicators, uint64_t problems)
{
    struct report *report = context;
    report_clear(report);
    if (problems > 0)
        fprintf(stderr, "%s: %" PRIu64 " indicators read as %s, %" PRIu64 " bad rows left out\n", file, indicators,
                form, problems);
}

static void load_skipped(void *context, const char *file, const char *what, uint64_t count)
{
    report_clear(context);
    fprintf(stderr, "%s: not used: %" PRIu64 " x %s\n", file, count, what);
}

struct load_report report_load(struct report *report)
{
    return (struct load_report){
            .context = report,
            .problem = load_problem,
            .file = load_file,
            .progress = load_progress,
            .skipped = load_skipped,
    };
}

static void stats_of_watch(const struct sift_watch *watch)
{
    struct sift_watch_counts counts = sift_watch_counts(watch);
    fprintf(stderr,
            " patterns=%" PRIu64 " out_of_time=%" PRIu64 " out_of_room=%" PRIu64 " given_up=%" PRIu64 " cut=%" PRIu64,
            counts.patterns, counts.out_of_time, counts.out_of_room, counts.given_up, counts.cut);
}

static void stats_of_live(struct live *live, const struct sift_totals *totals)
{
    struct live_counts counts = live_counts(live);
    fprintf(stderr,
            " indicators=%" PRIu64 " overlay=%" PRIu64 " replaced=%" PRIu64 " position=%" PRIu64
            " generations=%" PRIu64,
            counts.base + counts.overlay, counts.overlay, totals->replaced, counts.position, counts.generations);
}

void report_stats(struct report *report, const struct sift_totals *totals, const struct sift_job *job)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double seconds = seconds_since_start(report);
    report_clear(report);
    fprintf(stderr,
            "events=%" PRIu64 " bytes=%" PRIu64 " hits=%" PRIu64 " malformed=%" PRIu64 " suppressed=%" PRIu64
            " invalid=%" PRIu64 " strict=%" PRIu64 " seconds=%.3f rate=%.0f",
            totals->events, totals->bytes, totals->hits, totals->malformed, totals->suppressed, totals->invalid,
            totals->strict, seconds, (double)totals->events / seconds);
    if (job->live != NULL)
        stats_of_live(job->live, totals);
    else if (job->index != NULL)
        fprintf(stderr, " resident=%" PRIu64 " indicators=%" PRIu64, match_resident(job->index),
                match_count(job->index));
    if (job->watch != NULL)
        stats_of_watch(job->watch);
    fprintf(stderr, " memory=%ld\n", usage.ru_maxrss * 1024);
}

static void tell_given_up(void *context, slice name, uint64_t events)
{
    const struct report *report = context;
    char shown[NAME_SHOWN_MAX] = {0}; /* ids come from outside */
    name = slice_part(name, 0, name.len < sizeof shown ? name.len : sizeof shown);
    for (size_t i = 0; i < name.len; i++)
        shown[i] = (char)(name.ptr[i] < ' ' || name.ptr[i] > '~' ? '?' : name.ptr[i]);
    fprintf(stderr,
            "kentongan %s: indicator %.*s: its pattern took more than %u steps of work on %" PRIu64
            " events, where a hit may be missing; make it more exact, or split it at OR\n",
            report->command, (int)name.len, shown, STIX_WINDOW_STEPS, events);
}

void report_watch(struct report *report, const struct sift_watch *watch)
{
    struct sift_watch_counts counts = sift_watch_counts(watch);
    report_clear(report);
    sift_watch_given_up(watch, tell_given_up, report);
    if (counts.lost > 0)
        fprintf(stderr,
                "kentongan %s: %" PRIu64 " events fell out of the windows of %" PRIu64
                " patterns (10000 events of each, or as --window says, and 24 hours), where a hit may be missing\n",
                report->command, counts.lost, counts.losers);
    if (counts.cut > 0)
        fprintf(stderr, "kentongan %s: of %" PRIu64 " events patterns saw only the first 256 objects and 1024 values\n",
                report->command, counts.cut);
}

void report_malformed_count(struct report *report, const struct sift_totals *totals)
{
    report_clear(report);
    if (totals->malformed > 0)
        fprintf(stderr, "kentongan %s: %" PRIu64 " of %" PRIu64 " records were malformed and left out\n",
                report->command, totals->malformed, totals->malformed + totals->events);
}
