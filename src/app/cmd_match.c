/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan match: events in, one row per hit out. */
#include "app/filter.h"
#include "app/options.h"

static struct err files_load(
        const struct command_line *line, const char *option, struct report *report, struct match_index **index)
{
    const char **files = arena_new(line->arena, const char *, line->given_count + 1);
    size_t count = 0, at = 0;
    for (const char *file; (file = command_each(line, option, &at)) != NULL;)
        files[count++] = file;
    if (count == 0)
        return OK;
    struct load_report load = report_load(report);
    return load_open(files, count, &load, line->arena, index);
}

/* The exit status is that of grep. */
static int match(struct command_line *line)
{
    struct report report = report_begin(line);
    struct match_index *index = NULL, *allow = NULL;
    struct sift_totals totals = {0};
    if (command_text(line, "intel") == NULL)
        return command_fail(line, err_make(ERR_INPUT, "what to look for? Name intelligence with -i FILE"));
    struct err err = files_load(line, "intel", &report, &index);
    if (err.kind == ERR_NONE)
        err = files_load(line, "allow", &report, &allow);
    int status = err.kind == ERR_NONE ? filter_run(line, &report, index, allow, &totals) : command_fail(line, err);
    match_close(index);
    match_close(allow);
    return status == 0 && totals.hits == 0 ? 1 : status;
}

static const struct option_row options[] = {
        OPTION_INTEL,
        OPTION_FORMAT,
        OPTION_THREADS,
        OPTION_OUTPUT,
        {0, "allow", "FILE", "Warning list: values that make no hit, only a count; may be repeated"},
        {0, "window", "N", "Keep N candidate events for each pattern over several (default: 10000)"},
        OPTION_MAP,
        OPTION_STATS,
        OPTION_PLAIN,
};

const struct command command_match = {
        .name = "match",
        .arguments = "[EVENTS...]",
        .about = "Find known threats in logs: events in, one JSON line per hit out",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = match,
};
