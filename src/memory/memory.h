/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The memory of observables: for each day, organisation and key of a value when it was first and last seen and how
 * often, and nothing else. Workers note into gatherers of their own, in RAM; the gatherers of a batch are written as
 * immutable sorted runs, one file a day (memory/run.h), which are merged later (memory/merge.h).
 *
 * A gatherer belongs to one thread. It has no ceiling that loses anything: who notes asks memory_gather_count() now and
 * then, and writes at MEMORY_GATHER_MAX (detect/taking.c).
 */
#include "base/clock.h"
#include "memory/key.h"

struct memory_gather;

#define MEMORY_GATHER_MAX (1u << 20) /* notes after which a batch is to be written: 64 MiB */
#define MEMORY_GATHER_REFUSE                                                                                           \
    (1u << 25) /* notes that it takes at all: 2 GiB; writing them is refused with ERR_LIMIT                            \
                */
#define MEMORY_ORGANISATION_MAX UINT32_MAX
#define MEMORY_DAYS_MAX 31 /* of one run: a month */

struct memory_gather *memory_gather_open(void);
void memory_gather_close(struct memory_gather *gather); /* NULL is allowed */
/* Forgets all notes, and keeps the room for them. */
void memory_gather_reset(struct memory_gather *gather);

/* That this organisation (from 1) saw this at this time, from 1970 on. */
void memory_note(struct memory_gather *gather, int64_t organisation, const struct memory_key *key, int64_t time_us);
/* Notes by now; different ones, but for the last few. */
size_t memory_gather_count(const struct memory_gather *gather);

/* A run that was written, or one that the tables name. */
struct memory_file {
    char name[64]; /* in the folder: "2026-11-20-0123456789abcdef.run" */
    int32_t day;   /* since 1970, UTC: its only one, or the first of several */
    int32_t days;  /* from there on, at most MEMORY_DAYS_MAX; 0: not known before it is opened */
    uint64_t entries;
    uint64_t bytes;
    struct sha256 digest; /* of the file but its last 32 bytes, which are this digest */
};

/* Whose notes of which days are to be kept at all; the rest is left out, and counted. */
struct memory_keep {
    void *context;
    bool (*keep)(void *context, int64_t organisation, int32_t day);
    uint64_t left; /* notes */
};

/*
 * Writes what the gatherers hold as runs into the folder, a file a day; they are whole and on disk when this returns.
 * After an error none of them is there. The key is the node's. The gatherers keep their notes until they are reset.
 */
MUST_USE struct err memory_gather_write(struct memory_gather *const *gathers, size_t count, const char *folder,
        struct hash_key key, struct memory_keep *keep, struct arena *arena, struct memory_file **files,
        size_t *file_count);

static inline int32_t memory_day(int64_t time_us)
{
    return (int32_t)(time_us / DAY_US);
}
