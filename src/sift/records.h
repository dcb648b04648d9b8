/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The records of a worker's block, one after the other, and their picks. Private to sift.
 */
#include "sift/work.h"

struct record {
    slice text;     /* without its newline */
    uint64_t line;  /* in the input, from 1 */
    uint32_t index; /* in the block, from 0 */
    size_t scanned; /* the line of the block's scan that it fills; SIZE_MAX: none */
    size_t looked;  /* lines of the scan before this one lie before the rest */
    slice rest;     /* of the block, behind it */
};

/* Before the first record; on the fast road of a JSON format this scans the block. */
struct record records_begin(struct worker *worker);
/* Before the first record once more, of the same block. */
struct record records_again(struct worker *worker);
/* The next record that is not blank; a blank line is neither event nor malformed. */
bool record_next(struct worker *worker, struct record *record);
/* The record's picks into worker->picks, by the fast road where it vouches for them; false and counted if it is no
 * event. `all`: not only what may hold an observable. */
bool record_pick(struct worker *worker, const struct record *record, bool all);
/* The observables of the picks into worker->observables; how many. */
size_t record_observables(struct worker *worker);
/* Counts and tells a record that had no room for all its observables; those that it had room for are looked up. */
void record_tell_full(struct worker *worker, const struct record *record);
