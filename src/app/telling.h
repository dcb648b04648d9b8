/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What import and feed tell while and after texts are taken in: on standard error what was refused, left behind and
 * contradicts what was there (the first few of each, then how many more), and progress on a terminal; on standard
 * output one row for each text.
 */
#include "app/report.h"
#include "intel/ingest.h"

#define TELLING_MOST 20 /* lines of each kind for one text */

struct input;
struct previewer;

struct telling {
    struct report report;
    const char *name;          /* of the text at hand */
    const struct input *input; /* or NULL: its length is not known */
    uint64_t refused, conflicts, others, dropped;
    bool quiet;                  /* only progress */
    struct previewer *previewer; /* gathers what is read; NULL: nobody asks what it would have met */
};

struct telling telling_begin(const struct command_line *line);
/* A new text. */
void telling_text(struct telling *telling, const char *name, const struct input *input);
/* The callbacks of an ingest; Ctrl-C stops it. The telling has to outlive it. */
struct intel_watch telling_watch(struct telling *telling);
/* Ends the lines of a text: how many more there were of each kind, and which import (0: none) has all of them. */
void telling_rest(struct telling *telling, int64_t import);
/* The counts of a report as members of a JSON object that is open. */
struct json_writer;
void telling_counts_json(struct json_writer *w, const struct intel_report *report);
/* "12 objects read as stix: 10 new, 2 there already", for people. */
void telling_counts(struct buf *buf, const struct intel_report *report);
