/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What people read while and after a filter works, all on standard error: reports of bad lines, progress on a terminal,
 * the figures at the end.
 */
#include "app/command.h"
#include "sift/load.h"
#include "sift/sift.h"

struct intel_report;

struct report {
    const char *command;
    int64_t started_us; /* steady */
    int64_t drawn_us;   /* when progress was last drawn; 0: never */
    bool terminal;
};

struct report report_begin(const struct command_line *line);
/* Takes the progress line off the terminal. */
void report_clear(struct report *report);

/* What loading intelligence and running events tell, as their callbacks. `context` is a struct report. */
struct load_report report_load(struct report *report);
sift_malformed report_malformed;
sift_progress report_progress;

/* Progress of anything in bytes or other steps; total 0: nobody knows. `context` is a struct report. */
void report_bytes(void *context, const char *what, uint64_t done, uint64_t total);

/* The same for intelligence that a node takes in; a total of 0: nobody knows how long the text is. */
void report_ingest(
        struct report *report, const char *name, uint64_t done, uint64_t total, const struct intel_report *ingested);
/* And for what it gives out. */
void report_send(struct report *report, uint64_t objects);

/* `--stats`: one line of key=value. */
void report_stats(struct report *report, const struct sift_totals *totals, const struct sift_job *job);
/* Sentences if patterns may have missed something: what fell out of their windows, who gave up. */
void report_watch(struct report *report, const struct sift_watch *watch);
/* A sentence if records were malformed, so that nobody overlooks it. */
void report_malformed_count(struct report *report, const struct sift_totals *totals);
