/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The index over indicators: which of millions does this value meet? It is one read-only image of bytes, the same in
 * memory and on disk; build.h makes it. Any number of threads may ask at once. The owner closes it when nobody asks.
 *
 * An address meets itself and every prefix that holds it, a name meets itself as a host and every domain it lies in or
 * is, a URL meets itself and every URL that is marked INDICATOR_BELOW above its path; everything else meets its equal
 * (observable_normal in base/observable.h says what equal means).
 */
#include "base/observable.h"

struct match_index;

/* Maps a compiled index. ERR_INPUT with what is wrong (not an index, another version, damaged); `arena` keeps why. */
MUST_USE struct err match_open(const char *path, struct arena *arena, struct match_index **index);
/* Whether a file begins as a compiled index does. */
bool match_is_image(slice head);
void match_close(struct match_index *index); /* NULL is allowed */

uint64_t match_count(const struct match_index *index);    /* indicators */
uint64_t match_resident(const struct match_index *index); /* bytes that a look-up that finds nothing may touch */

/* What the index keeps about one indicator; slices point into the image. */
struct match_entry {
    enum observable_type type;
    unsigned flags;
    slice name;  /* OBSERVABLE_OTHER: type name */
    slice value; /* as its source wrote it */
    slice id;    /* empty: called source:line */
    slice label;
    slice source; /* the file it came from */
    uint32_t line;
    int64_t from_us, until_us;
};
void match_entry(const struct match_index *index, uint32_t number, struct match_entry *entry);

/*
 * Every indicator that one observable meets, in the order: exact, then prefixes from the longest, domains from the
 * longest, URLs from the longest path. Calls `found` for each; always right and obvious: the slow twin of the batch.
 */
typedef void match_found(void *context, uint32_t tag, uint32_t number);
void match_find(const struct match_index *index, const struct observable *observable, uint32_t tag, match_found *found,
        void *context);

/*
 * The same for many, with the memory latency of all of them in parallel: add until the batch says it is full, then run.
 * `tag` comes back with each find, in the order they were added. A batch belongs to one thread. An observable's slices
 * must live until the run.
 */
struct match_batch;
struct match_batch *match_batch_open(const struct match_index *index);
void match_batch_close(struct match_batch *batch);
void match_batch_add(struct match_batch *batch, const struct observable *observable, uint32_t tag);
/* Looks up all that was added, and empties the batch. */
void match_batch_run(struct match_batch *batch, match_found *found, void *context);
