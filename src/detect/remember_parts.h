/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What remember.c and forget.c share. Private to detect.
 */
#include "detect/remember.h"

#include <pthread.h>

#include "memory/merge.h"
#include "store/memory.h"

/* A run that is open, for all who ask at the time. */
struct remember_run {
    struct memory_run *run;
    uint64_t held; /* by whom: the remember while its row is there, and views */
};

/* What was agreed with an organisation, as it was a moment ago. */
struct terms {
    int64_t organisation, days, asked_us; /* asked_us: of the steady clock */
};

enum { TERMS = 4096 };
#define TERMS_FRESH_US (2 * SECOND_US)

struct remember {
    const char *folder;
    struct hash_key key;
    pthread_mutex_t mutex; /* guards what follows */
    struct remember_run **runs;
    size_t run_count;
    struct terms terms[TERMS]; /* by organisation % TERMS */
};

/* Whose notes of which day are kept, for memory_keep; asks the tables. */
struct keeping {
    struct remember *remember;
    struct db *db;
    int64_t now_us;
    bool fresh;          /* what was agreed is asked anew, not as it was a moment ago */
    struct terms *ahead; /* TERMS of them, of who asks for another time than now; NULL: the remember's */
    struct err err;      /* the first; then nothing is kept, and nothing may be done by it */
};

/* For how many days what they meet now is remembered. */
MUST_USE struct err remember_days(struct keeping *keeping, int64_t organisation, int64_t *days);
bool remember_keeps(void *context, int64_t organisation, int32_t day);
/* Of a row, what opening its run needs. */
struct memory_file remember_file(const struct memory_row *row);
