/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A made-up year of reports about many: each about an address of somebody, of one class, on one day; some came before,
 * some are no reports at all. What is true of every report follows from the seed and its number, so the counts that a
 * node has to come to are known exactly.
 *
 * Nobody real can be met: those reported about own parts of 198.18.0.0/15, nobody's is 198.51.100.0/24, names end in
 * .example.
 */
#include "base/buf.h"

struct arena;

#define YEAR_DAYS 365
#define YEAR_MEMBERS 24 /* whom the reports are about */
#define YEAR_CLASSES 9
#define YEAR_NOBODY YEAR_MEMBERS

struct year_plan {
    uint64_t seed, reports;
    int64_t start_us; /* of its first day */
    unsigned days;    /* that bring any, evenly spread over the year; at most YEAR_DAYS */
};

struct year;
/* Lives in the arena; read-only. */
const struct year *year_open(const struct year_plan *plan, struct arena *arena);

/* What a node has to count for one report. */
struct year_truth {
    bool malformed; /* then nothing else */
    bool twice;     /* the same was reported earlier that day */
    unsigned day;   /* of the year, from 0 */
    unsigned member, class;
};
/* Appends a report and its newline. */
struct year_truth year_report(const struct year *year, uint64_t number, struct buf *out);

struct year_member {
    char name[16], prefix[20];
    const char *sector;
};
struct year_member year_member(unsigned number);
const char *year_class(unsigned number); /* "malicious-code/infected-system" */
