/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Several runs of a day or a month become one, without what is not to be kept any more. The runs stay as they are; who
 * keeps their names (the tables of the node) says from when on the new one counts. One thread.
 */
#include "memory/run.h"

#define MERGE_RUNS_MAX 64

/*
 * Checks the runs (memory_run_check), at most MERGE_RUNS_MAX and within MEMORY_DAYS_MAX days, and writes one of all
 * their entries that are to be kept (NULL: all). *any is false, and no file is there, if none is left.
 */
MUST_USE struct err memory_merge(const struct memory_run *const *runs, size_t count, const char *folder,
        struct hash_key key, struct memory_keep *keep, struct arena *arena, struct memory_file *file, bool *any);
