/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/merge.h"

#include <assert.h>

#include "base/arena.h"
#include "memory/parts.h"

/* A run that is read from its beginning. */
struct reading {
    const struct memory_run *run;
    uint64_t place;
    struct memory_entry entry;
};

struct merging {
    struct reading readings[MERGE_RUNS_MAX];
    size_t heap[MERGE_RUNS_MAX]; /* of readings that have an entry; the first has the least */
    size_t count, left;
    const struct memory_keep *keep;
    uint64_t dropped, dropped_all; /* by now; once it was read to its end */
    int64_t asked;                 /* the organisation and its day that were asked about last */
    int32_t asked_day;
    bool kept;
};

static bool is_less(const struct merging *merging, size_t a, size_t b)
{
    return entry_order(&merging->readings[a].entry, &merging->readings[b].entry) < 0;
}

static void sink(struct merging *merging, size_t at)
{
    size_t *heap = merging->heap;
    for (size_t child = 2 * at + 1; child < merging->left; child = 2 * at + 1) {
        child += child + 1 < merging->left && is_less(merging, heap[child + 1], heap[child]);
        if (!is_less(merging, heap[child], heap[at]))
            return;
        size_t swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

static bool reading_next(struct reading *reading)
{
    if (reading->place == memory_run_file(reading->run)->entries)
        return false;
    bool fine = memory_run_entry(reading->run, reading->place++, &reading->entry);
    assert(fine); /* the run was checked */
    return true;
}

static void merge_rewind(void *context)
{
    struct merging *merging = context;
    merging->left = 0;
    merging->dropped = 0;
    merging->asked = 0;
    for (size_t i = 0; i < merging->count; i++) {
        merging->readings[i].place = 0;
        if (reading_next(&merging->readings[i]))
            merging->heap[merging->left++] = i;
    }
    for (size_t at = merging->left; at-- > 0;)
        sink(merging, at);
}

static struct memory_entry take_least(struct merging *merging)
{
    struct reading *least = &merging->readings[merging->heap[0]];
    struct memory_entry entry = least->entry;
    if (!reading_next(least))
        merging->heap[0] = merging->heap[--merging->left];
    sink(merging, 0);
    return entry;
}

static bool is_kept(struct merging *merging, const struct memory_entry *entry)
{
    bool same = entry->organisation == merging->asked && entry->day == merging->asked_day;
    if (merging->keep != NULL && !same)
        merging->kept = merging->keep->keep(merging->keep->context, entry->organisation, entry->day);
    merging->asked = entry->organisation;
    merging->asked_day = entry->day;
    return merging->keep == NULL || merging->kept;
}

static bool merge_next(void *context, struct memory_entry *entry)
{
    struct merging *merging = context;
    for (;;) {
        if (merging->left == 0) {
            merging->dropped_all = merging->dropped;
            return false;
        }
        *entry = take_least(merging);
        if (is_kept(merging, entry))
            break;
        merging->dropped++;
    }
    while (merging->left > 0 && entry_join(entry, &merging->readings[merging->heap[0]].entry))
        (void)take_least(merging);
    return true;
}

struct err memory_merge(const struct memory_run *const *runs, size_t count, const char *folder, struct hash_key key,
        struct memory_keep *keep, struct arena *arena, struct memory_file *file, bool *any)
{
    struct run_writer writer;
    assert(count > 0 && count <= MERGE_RUNS_MAX);
    struct merging *merging = arena_new(arena, struct merging, 1);
    *merging = (struct merging){.count = count, .keep = keep};
    for (size_t i = 0; i < count; i++) {
        merging->readings[i].run = runs[i];
        TRY(memory_run_check(runs[i], arena));
    }
    const struct run_source source = {merging, merge_rewind, merge_next};
    TRY(run_writer_open(&writer, folder, key, arena));
    TRY(run_writer_end(&writer, run_write(&writer, &source)));
    *any = writer.count > 0;
    if (*any)
        *file = writer.files[0];
    if (keep != NULL)
        keep->left += merging->dropped_all;
    return OK;
}
