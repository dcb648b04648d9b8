/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One run of detect_ingest: what its workers gather (taking.c), and how it is kept (keep.c). Private to detect.
 *
 * Two halves take turns: one gathers, and the other is being kept. `settling` counts workers that still note into a
 * half, which is not kept before. The mutex guards all that is shared but what belongs to a half that is being kept.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "base/hash.h"
#include "detect/doubles.h"
#include "detect/fold.h"
#include "detect/follow.h"
#include "detect/ingest.h"
#include "detect/owners.h"
#include "detect/remember.h"
#include "memory/key.h"
#include "memory/memory.h"
#include "sift/take.h"
#include "store/batch.h"

struct ingest {
    struct ingest_options options;
    struct follow *follow;
    struct owners *owners;
    struct remember *remember; /* NULL: nothing is */
    struct hash_key doubles_key;
    atomic_bool stop;
};

struct half {
    struct fold *fold;
    struct memory_gather *gathers[SIFT_THREADS_MAX];
    struct batch batch;
    uint64_t bytes, lines; /* the input is read up to here */
    struct arena *arena;   /* of what is quarantined */
    struct quarantined quarantined[BATCH_QUARANTINED_MAX];
    size_t quarantined_count, quarantined_bytes;
    struct doubles_taken doubles;
    size_t noted;
    unsigned settling;
    unsigned workers; /* who have a gatherer, when it was sealed */
    int64_t since_us; /* when its first block came; 0: none did */
};

struct taking {
    struct ingest *ingest;
    const struct ingest_input *input;
    struct stream stream;
    struct batch_move move;  /* where the input was when the last half was kept */
    bool moves;              /* it has a position at all */
    int64_t remembered_from; /* the first day that is remembered */
    bool remembers;
    struct db *db; /* the keeper's */
    struct db *doubles_db;
    struct doubles *doubles; /* NULL: a sensor */
    pthread_mutex_t mutex;
    pthread_cond_t wake, room;
    struct half halves[2];
    unsigned current;
    bool keeping;  /* the other half is not free */
    bool ending;   /* no block comes any more */
    bool complete; /* and the input was read to its end */
    bool stopped;  /* by ingest_stop */
    unsigned workers;
    int64_t last_us; /* of the last block */
    struct err err;
    char why[512];
    struct arena *arena; /* the keeper's */
    struct ingest_totals *totals;
    pthread_t keeper;
};

/* The taker of this run. */
struct sift_taker taking_taker_of(struct taking *taking);

/* It begins where the input is read up to by now. */
void half_go_on(struct half *half, const struct half *other);
/* Whether a half has so much that it is to be kept. */
bool half_is_large(const struct half *half);

/* The first error holds; its reason is copied. With the mutex held. */
void taking_fail(struct taking *taking, struct err err);

/* The keeper's thread: until `ending`. */
void *taking_keep(void *context);
