/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan match: events in, one row per hit out. */
#include "app/filter.h"
#include "app/local.h"
#include "app/options.h"
#include "detect/follow.h"
#include "store/right.h"

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

/* What runs of events are matched against, and who owns it. */
struct intel {
    struct match_index *index, *allow;
    struct follow *follow;
};

/* The node's own intelligence, which may change while the command runs. */
static struct err node_follow(const struct command_line *line, struct intel *intel)
{
    struct local local;
    TRY(local_open(line, &local));
    const struct follow_options options = {
            .db = {.where = local.node.config.database},
            .path = node_path(&local.node, "index/base", line->arena),
    };
    struct err err = store_right_check(&local.actor, VERB_READ_OBJECTS, local.actor.organisation, line->arena, NULL);
    local_close(&local); /* who follows has a connection of its own */
    TRY(err);
    return follow_open(&options, line->arena, &intel->follow);
}

static struct err intel_open(const struct command_line *line, struct report *report, struct intel *intel)
{
    bool node = command_text(line, "config") != NULL, files = command_text(line, "intel") != NULL;
    if (node && files)
        return err_make(ERR_INPUT, "either the intelligence of a node (-c) or that of files (-i)");
    if (!node && !files)
        return err_make(ERR_INPUT, "what to look for? Name intelligence with -i FILE, or a node with -c CONF");
    TRY(files_load(line, "allow", report, &intel->allow));
    return node ? node_follow(line, intel) : files_load(line, "intel", report, &intel->index);
}

static void intel_close(struct intel *intel)
{
    match_close(intel->index);
    match_close(intel->allow);
    follow_close(intel->follow);
}

/* Hits after a failure may lack what the node learned since. */
static void tell_follow(const struct command_line *line, struct follow *follow)
{
    struct follow_counts counts = follow_counts(follow);
    if (counts.why[0] != '\0')
        fprintf(stderr, "kentongan %s: the node's journal could not be followed to its end: %s\n", line->command->name,
                counts.why);
}

/* The exit status is that of grep. */
static int match(struct command_line *line)
{
    struct report report = report_begin(line);
    struct sift_totals totals = {0};
    struct intel intel = {0};
    struct err err = intel_open(line, &report, &intel);
    int status;
    if (err.kind == ERR_NONE) {
        struct live *live = intel.follow == NULL ? NULL : follow_live(intel.follow);
        status = filter_run(line, &report, &(struct filter_intel){intel.index, live, intel.allow}, &totals);
    } else {
        status = command_fail(line, err);
    }
    if (intel.follow != NULL)
        tell_follow(line, intel.follow);
    intel_close(&intel);
    return status == 0 && totals.hits == 0 ? 1 : status;
}

static const struct option_row options[] = {
        OPTION_INTEL,
        OPTION_CONFIG,
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
