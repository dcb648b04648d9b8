/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the filters match and decode share: they read events, write rows, and end like grep.
 */
#include "app/report.h"

struct filter {
    struct sift_job job;
    struct sift_totals totals;
    struct input_text *map;
};

/* Prints why and returns 2: a filter is in trouble or not, refused it never is. */
int filter_fail(const struct command_line *line, struct err err);
/*
 * Runs all files (standard input if none) through the job, with the options -f -j -o --map --stats --plain of the
 * command line. Returns 0 if rows were written, 1 if none, 2 on any error; an input that fails does not keep the others
 * from being read.
 */
int filter_run(const struct command_line *line, struct report *report, const struct match_index *index,
        const struct match_index *allow);
