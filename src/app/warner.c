/* SPDX-License-Identifier: Apache-2.0 */
#include "app/warner.h"

#include "base/log.h"
#include "match/match.h"
#include "sift/load.h"

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

struct err warner_open(const struct config *config, struct arena *arena, struct desk_warner *warner)
{
    struct match_index *lists = NULL;
    const struct load_report report = {
            .problem = tell_problem, .file = tell_file, .progress = tell_progress, .skipped = tell_skipped};
    if (config->warning.lists != NULL)
        TRY(load_open(&config->warning.lists, 1, &report, arena, &lists));
    *warner = (struct desk_warner){
            .limits = {.reach_max = config->warning.reach_max, .lists = lists},
            .day = {.zone_us = (int64_t)config->warning.zone_ms * US_PER_MS,
                    .digest_us = (int64_t)config->warning.digest_ms * US_PER_MS},
    };
    return OK;
}

void warner_close(struct desk_warner *warner)
{
    match_close(warner->limits.lists);
}
