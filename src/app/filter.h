/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the filters match and decode share: they read events and write rows.
 */
#include "app/report.h"

/* What is looked for: an index that stays or one that lives, or neither (decode); and warning lists, or NULL. */
struct filter_intel {
    const struct match_index *index;
    struct live *live;
    const struct match_index *allow;
};

/*
 * Runs all files (standard input if none) through the job, with the options -f -j -o --map --stats --plain of the
 * command line. Returns 0, or 2 after any error; an input that fails does not keep the others from being read. What an
 * empty answer means is for the command to say, out of *totals.
 */
int filter_run(const struct command_line *line, struct report *report, const struct filter_intel *intel,
        struct sift_totals *totals);
