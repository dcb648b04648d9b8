/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the files of this folder share: the header of a run, entries on their way into one, and how files reach the
 * disk. Private to memory.
 */
#include "memory/run.h"

#define RUN_MAGIC "KTGMEMRY"
#define RUN_VERSION 1
#define RUN_ORDER 0x01020304u /* as this machine writes it: a file of another order is refused */

/* Of a value: which organisation, when, how often. In a run of several days the day stands above the count. */
#define RUN_VALUE(organisation, first_s, last_s, day_count)                                                            \
    ((uint64_t)(organisation) << 48 | (uint64_t)(first_s) << 31 | (uint64_t)(last_s) << 14 | (uint64_t)(day_count))
#define RUN_VALUE_ORGANISATION(value) ((size_t)((value) >> 48))
#define RUN_VALUE_FIRST(value) ((uint32_t)((value) >> 31 & 0x1ffff))
#define RUN_VALUE_LAST(value) ((uint32_t)((value) >> 14 & 0x1ffff))
#define RUN_VALUE_DAY_COUNT(value) ((uint32_t)((value)&RUN_COUNT_LARGE))
#define RUN_DAY_SHIFT 9
_Static_assert(RUN_COUNT_LARGE_DAYS < 1 << RUN_DAY_SHIFT && (MEMORY_DAYS_MAX - 1) << RUN_DAY_SHIFT < RUN_COUNT_LARGE,
        "day and count fit the bits of a count");

struct run_header {
    char magic[8];
    uint32_t version, order;
    int32_t day, further; /* days behind the first: 0 of a run of one */
    uint64_t key_check;   /* which key its hashes were made with */
    uint64_t organisations, large;
    uint64_t entries[MEMORY_KINDS];
    uint8_t digest[32]; /* of all before */
};

struct run_large {
    uint64_t place; /* of the entry, counted over all kinds */
    uint64_t count;
};

/* A count from which on it is a large one. */
static inline uint64_t run_count_large(const struct run_header *header)
{
    return header->further == 0 ? RUN_COUNT_LARGE : RUN_COUNT_LARGE_DAYS;
}

/* What tells one key from another without telling the key. */
uint64_t run_key_check(struct hash_key key);

/* Entries in the order of a run, each key of an organisation and day once. They are read several times. */
struct run_source {
    void *context;
    void (*rewind)(void *context);
    bool (*next)(void *context, struct memory_entry *entry);
};

/* The entry at a place, counted over all kinds; false if it is none, which only a damaged run has. */
bool memory_run_entry(const struct memory_run *run, uint64_t place, struct memory_entry *entry);

/* As entries stand in a run: by key, organisation and day. */
int entry_order(const struct memory_entry *a, const struct memory_entry *b);
/* The first comes to say what both say, if they are equal in that; false if they are not. */
bool entry_join(struct memory_entry *entry, const struct memory_entry *other);

/* A folder into which runs are written: all of them get on disk, or none. */
struct run_writer {
    const char *folder;
    int fd;
    struct hash_key key;
    struct arena *arena; /* names and errors */
    struct memory_file *files;
    size_t count, room;
};

MUST_USE struct err run_writer_open(
        struct run_writer *writer, const char *folder, struct hash_key key, struct arena *arena);
/* A run of what the source has, whose days lie within MEMORY_DAYS_MAX; none if that is nothing. */
MUST_USE struct err run_write(struct run_writer *writer, const struct run_source *source);
/* All that were written are on disk; after an error, also one that is given, they are removed. */
MUST_USE struct err run_writer_end(struct run_writer *writer, struct err err);
