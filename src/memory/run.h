/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A run: an immutable, sorted file of what was seen on one day, or in a month, mapped and asked as it is. Entries are
 * ordered by key, organisation and day, each once; they lie in columns (16 bytes an entry, 24 with an IPv6 address),
 * and of the column of keys every RUN_BLOCK-th stands in an index before it, so that a look-up touches the index, a
 * page of keys and one of values.
 *
 *     header            struct run_header (memory/run.c), with the SHA-256 of itself
 *     organisations     their numbers, rising; entries name them by their place
 *     of each kind      index, keys (of IPv6 their second halves, too), values
 *     large counts      place of the entry and count, where the bits for it are not enough
 *     end               the SHA-256 of all before
 *
 * Opening checks the header, all sizes, and that the end is the one that is expected; memory_run_check reads
 * everything. Whatever the bytes of a file are, asking it stays inside of them: it may be refused as damaged. Any
 * number of threads may ask; whoever opened it closes it when nobody asks.
 */
#include "memory/memory.h"

#define RUN_BLOCK 512            /* a page of keys */
#define RUN_ORGANISATIONS 65536  /* in a run, at most */
#define RUN_COUNT_LARGE 16383    /* of a day; */
#define RUN_COUNT_LARGE_DAYS 511 /* and of several, since the day takes five bits of it */

struct memory_entry {
    struct memory_key key;
    int64_t organisation;
    int32_t day;
    uint32_t first_s, last_s; /* within the day */
    uint64_t count;
};

struct memory_run;

/*
 * The file of that name in a folder. ERR_MISSING; ERR_INPUT if it is none, damaged, of another day or not the one that
 * is expected, or was written with another key.
 */
MUST_USE struct err memory_run_open(const char *folder, const struct memory_file *file, struct hash_key key,
        struct arena *arena, struct memory_run **run);
void memory_run_close(struct memory_run *run); /* NULL is allowed */
const struct memory_file *memory_run_file(const struct memory_run *run);

/* All of it: the digest, the order, and that each entry is one. ERR_INPUT with what is wrong. */
MUST_USE struct err memory_run_check(const struct memory_run *run, struct arena *arena);
/* The organisations that the run names; its memory belongs to the run. */
const uint64_t *memory_run_organisations(const struct memory_run *run, size_t *count);
/* How many entries each of them has on each of the run's days, a row of days for each; reads the values of all. */
void memory_run_tally(const struct memory_run *run, uint64_t *entries);

/* What is asked for; the tag says which it was. */
struct memory_ask {
    struct memory_range range;
    uint32_t tag;
};
typedef void memory_found(void *context, uint32_t tag, int32_t day, const struct memory_entry *entry);

/* Many asks, in the order in which a run is read. They are sorted where they lie, and have to stay there. */
struct memory_asks {
    const struct memory_ask *asks;
    size_t count;
    uint64_t *firsts, *spans; /* of each, of the first word of its keys */
    size_t from[MEMORY_KINDS + 1];
};
MUST_USE struct err memory_asks_open(struct memory_ask *asks, size_t count, struct memory_asks *opened);
void memory_asks_close(struct memory_asks *asks);

/* Tells every entry that one of them asks for; entries of an ask come in order. ERR_INPUT if the run is damaged. */
MUST_USE struct err memory_run_find(const struct memory_run *run, const struct memory_asks *asks, memory_found *found,
        void *context, struct arena *arena);
