/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan decode: events as we understand them. */
#include "app/filter.h"
#include "app/options.h"

static int decode(struct command_line *line)
{
    struct report report = report_begin(line);
    struct sift_totals totals;
    return filter_run(line, &report, &(struct filter_intel){0}, &totals);
}

static const struct option_row options[] = {
        OPTION_FORMAT,
        OPTION_THREADS,
        OPTION_OUTPUT,
        OPTION_MAP,
        OPTION_SECRET,
        OPTION_STATS,
        OPTION_PLAIN,
};

const struct command command_decode = {
        .name = "decode",
        .arguments = "[EVENTS...]",
        .about = "Show events as the program understands them, one JSON line each",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = decode,
};
