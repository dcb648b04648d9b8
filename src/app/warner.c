/* SPDX-License-Identifier: Apache-2.0 */
#include "app/warner.h"

#include "base/log.h"

#define US_PER_MS 1000

/* ---- What reading the lists tells: the log ---- */

static void tell(const char *event, const char *file, const char *what, uint64_t count)
{
    const struct log_field fields[] = {
            {"file", slice_of(file), 0}, {"what", slice_of(what), 0}, {"count", {NULL, 0}, (int64_t)count}};
    log_line(LOG_WARN, event, fields, COUNT_OF(fields));
}

static void tell_problem(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    (void)context;
    (void)column;
    tell("warning.list.problem", file, why, line);
}

static void tell_file(void *context, const char *file, const char *form, uint64_t indicators, uint64_t problems)
{
    (void)context;
    (void)indicators;
    if (problems > 0)
        tell("warning.list.problems", file, form, problems);
}

static void tell_progress(void *context, const char *file, uint64_t indicators)
{
    (void)context;
    (void)file;
    (void)indicators;
}

static void tell_skipped(void *context, const char *file, const char *what, uint64_t count)
{
    (void)context;
    tell("warning.list.skipped", file, what, count);
}

static void tell_changed(void *context, size_t files, uint64_t values)
{
    (void)context;
    const struct log_field fields[] = {{"files", {NULL, 0}, (int64_t)files}, {"values", {NULL, 0}, (int64_t)values}};
    log_line(LOG_INFO, "warning.lists.read", fields, COUNT_OF(fields));
}

static void tell_failed(void *context, const char *why)
{
    (void)context;
    const struct log_field fields[] = {{"why", slice_of(why), 0}};
    log_line(LOG_ERROR, "warning.lists.failed", fields, COUNT_OF(fields));
}

struct err warner_lists(const struct config *config, struct arena *arena, struct lists **lists)
{
    const struct lists_report report = {
            .load = {.problem = tell_problem, .file = tell_file, .progress = tell_progress, .skipped = tell_skipped},
            .changed = tell_changed,
            .failed = tell_failed,
    };
    return lists_open(config->warning.lists, &report, arena, lists);
}

struct desk_warner warner_of(const struct config *config)
{
    return (struct desk_warner){
            .noise = {.most = config->warning.reach_max},
            .day = {.zone_us = (int64_t)config->warning.zone_ms * US_PER_MS,
                    .digest_us = (int64_t)config->warning.digest_ms * US_PER_MS},
    };
}
