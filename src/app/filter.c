/* SPDX-License-Identifier: Apache-2.0 */
#include "app/filter.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/hash.h"
#include "input/input.h"

#define MAP_MAX (1u << 20)
#define SECRET_LEAST 16 /* bytes: fewer could be guessed */
#define SECRET_MAX 4096
#define WINDOW_MAX 1000000u

static struct err threads_count(const struct command_line *line, unsigned *threads)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t otherwise = cores < 1 ? 1 : cores > SIFT_THREADS_MAX ? SIFT_THREADS_MAX : (uint64_t)cores, given;
    TRY(command_number(line, "threads", 1, SIFT_THREADS_MAX, otherwise, &given));
    *threads = (unsigned)given;
    return OK;
}

static bool is_same_file(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && S_ISREG(a.st_mode) && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static struct err output_open(const struct command_line *line, int *output)
{
    const char *name = command_text(line, "output");
    *output = STDOUT_FILENO;
    if (name == NULL || strcmp(name, "-") == 0)
        return OK;
    for (size_t i = 0; i < line->file_count; i++)
        if (is_same_file(name, line->files[i]))
            return err_format(line->arena, ERR_CONFLICT, "%s is to be read and written over at once", name);
    *output = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return *output < 0 ? err_errno(line->arena, name) : OK;
}

static struct err map_read(const struct command_line *line, struct event_options *options, struct input_text *text)
{
    options->map_name = command_text(line, "map");
    if (options->map_name == NULL)
        return OK;
    TRY(input_text(options->map_name, MAP_MAX, line->arena, text));
    options->map = text->text;
    return OK;
}

/* One for all files of the run, so that one person is one hash in all of them. */
static struct err secret_read(const struct command_line *line, struct event_options *options)
{
    const char *name = command_text(line, "secret");
    struct input_text text;
    if (name == NULL) {
        char *drawn = arena_take(line->arena, sizeof(struct sha256));
        hash_random(drawn, sizeof(struct sha256));
        options->secret = (slice){drawn, sizeof(struct sha256)};
        return OK;
    }
    TRY(input_text(name, SECRET_MAX, line->arena, &text));
    options->secret = arena_copy(line->arena, slice_trim(text.text));
    input_text_free(&text);
    if (options->secret.len < SECRET_LEAST)
        return err_format(line->arena, ERR_INPUT, "%s: a secret has at least %d bytes", name, SECRET_LEAST);
    return OK;
}

static struct err job_make(
        const struct command_line *line, struct report *report, struct sift_job *job, struct input_text *map)
{
    job->format = command_text(line, "format");
    job->plain = command_flag(line, "plain");
    job->context = report;
    job->malformed = report_malformed;
    job->progress = report->terminal ? report_progress : NULL;
    TRY(threads_count(line, &job->threads));
    TRY(map_read(line, &job->options, map));
    TRY(secret_read(line, &job->options));
    return output_open(line, &job->output);
}

static int files_run(
        const struct command_line *line, struct report *report, const struct sift_job *job, struct sift_totals *totals)
{
    static const char *const standard_input[] = {"-"};
    const char *const *files = line->file_count == 0 ? standard_input : line->files;
    size_t count = line->file_count == 0 ? 1 : line->file_count;
    int status = 0;
    for (size_t i = 0; i < count && !totals->output_lost; i++) {
        struct err err = sift_run(job, files[i], line->arena, totals);
        report_clear(report);
        if (err.kind != ERR_NONE)
            status = command_fail(line, err);
    }
    return status;
}

/* The patterns of the index, if it holds any: an index without costs nothing. A live one may have some later. */
static struct err watch_open(
        const struct command_line *line, const struct filter_intel *intel, struct sift_watch **watch)
{
    struct stix_window_limits limits = stix_window_defaults;
    uint64_t observations = limits.observations;
    if (command_text(line, "window") != NULL)
        TRY(command_number(line, "window", 1, WINDOW_MAX, observations, &observations));
    limits.observations = observations;
    bool any = intel->live != NULL || (intel->index != NULL && match_patterns(intel->index) > 0);
    return any ? sift_watch_open(intel->index, &limits, watch) : OK;
}

int filter_run(const struct command_line *line, struct report *report, const struct filter_intel *intel,
        struct sift_totals *totals)
{
    struct sift_job job = {.index = intel->index, .live = intel->live, .allow = intel->allow};
    struct input_text map = {0};
    *totals = (struct sift_totals){0};
    struct err err = watch_open(line, intel, &job.watch);
    if (err.kind == ERR_NONE)
        err = job_make(line, report, &job, &map);
    int status = err.kind == ERR_NONE ? files_run(line, report, &job, totals) : command_fail(line, err);
    if (job.output != STDOUT_FILENO && job.output > 0 && close(job.output) != 0)
        status = command_fail(line, err_errno(line->arena, command_text(line, "output")));
    input_text_free(&map);
    report_malformed_count(report, totals);
    if (job.watch != NULL)
        report_watch(report, job.watch);
    if (command_flag(line, "stats"))
        report_stats(report, totals, &job);
    sift_watch_close(job.watch);
    return status;
}
