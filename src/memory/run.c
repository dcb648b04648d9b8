/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "memory/parts.h"

enum { END = 32, DAY_S = 86400 };

#define RUN_MANY 128 /* entries for each ask, below which walking is quicker than seeking */

/* The columns of a kind. */
struct columns {
    uint64_t count, blocks, before; /* entries, of these in the index, and of the kinds before */
    const uint64_t *index, *high, *low, *values;
};

struct memory_run {
    struct memory_file file;
    const char *bytes;
    struct run_header header;
    const uint64_t *organisations;
    struct columns kinds[MEMORY_KINDS];
    const struct run_large *large;
    uint64_t count_large;
};

const struct memory_file *memory_run_file(const struct memory_run *run)
{
    return &run->file;
}

const uint64_t *memory_run_organisations(const struct memory_run *run, size_t *count)
{
    *count = run->header.organisations;
    return run->organisations;
}

/* ---- Opening ---- */

static struct err wrong(struct arena *arena, const char *name, const char *what)
{
    return err_format(arena, ERR_INPUT, "%s: %s", name, what);
}

static const char *header_wrong(const struct run_header *header, const struct memory_file *file, struct hash_key key)
{
    struct sha256 digest = hash_sha256((slice){(const char *)header, offsetof(struct run_header, digest)});
    if (memcmp(header->magic, RUN_MAGIC, sizeof header->magic) != 0)
        return "is no run of the memory";
    if (header->order != RUN_ORDER || header->version != RUN_VERSION)
        return "is a run of the memory of another version, or of a machine of another byte order";
    if (memcmp(header->digest, digest.bytes, sizeof header->digest) != 0)
        return "is damaged in its header";
    if (header->key_check != run_key_check(key))
        return "was written with another key than this node's memory/key";
    if (header->further < 0 || header->further >= MEMORY_DAYS_MAX)
        return "says that it has more days than a month";
    if (header->day < 0 || header->day > INT32_MAX - MEMORY_DAYS_MAX)
        return "is of no day that there is";
    return file->bytes > 0 && header->day != file->day ? "is of another day than the tables say" : NULL;
}

/* The words that a run of this header has behind it; UINT64_MAX for more than any file. */
static uint64_t words_of(const struct run_header *header)
{
    uint64_t words = header->organisations + 2 * header->large;
    if (header->organisations > RUN_ORGANISATIONS || header->large > (uint64_t)1 << 40)
        return UINT64_MAX;
    for (enum memory_kind kind = 0; kind < MEMORY_KINDS; kind++) {
        uint64_t count = header->entries[kind];
        if (count > (uint64_t)1 << 40)
            return UINT64_MAX;
        words += (kind == MEMORY_IPV6 ? 3 : 2) * count + (count + RUN_BLOCK - 1) / RUN_BLOCK;
    }
    return words;
}

static const uint64_t *take(const uint64_t **at, uint64_t words)
{
    const uint64_t *part = *at;
    *at += words;
    return part;
}

/* Everything behind the header is of words, so all columns are aligned. */
static void columns_find(struct memory_run *run)
{
    const uint64_t *at = (const uint64_t *)(const void *)(run->bytes + sizeof run->header);
    run->organisations = take(&at, run->header.organisations);
    uint64_t before = 0;
    for (enum memory_kind kind = 0; kind < MEMORY_KINDS; kind++) {
        struct columns *columns = &run->kinds[kind];
        uint64_t count = columns->count = run->header.entries[kind];
        columns->before = before;
        columns->blocks = (count + RUN_BLOCK - 1) / RUN_BLOCK;
        columns->index = take(&at, columns->blocks);
        columns->high = take(&at, count);
        columns->low = kind == MEMORY_IPV6 ? take(&at, count) : NULL;
        columns->values = take(&at, count);
        before += count;
    }
    run->large = (const struct run_large *)(const void *)at;
    run->file.entries = before;
}

_Static_assert(sizeof(struct run_header) % 8 == 0, "columns are aligned");

static struct err accept_run(
        struct memory_run *run, const struct memory_file *file, struct hash_key key, struct arena *arena)
{
    memcpy(&run->header, run->bytes, sizeof run->header);
    const char *what = header_wrong(&run->header, file, key);
    if (what != NULL)
        return wrong(arena, file->name, what);
    if (words_of(&run->header) != (run->file.bytes - sizeof run->header - END) / 8 || run->file.bytes % 8 != 0)
        return wrong(arena, file->name, "is cut off, or longer than its header says");
    run->file.day = run->header.day;
    run->file.days = run->header.further + 1;
    run->count_large = run_count_large(&run->header);
    memcpy(run->file.digest.bytes, run->bytes + run->file.bytes - END, END);
    columns_find(run);
    bool other = run->file.bytes != file->bytes || run->file.entries != file->entries ||
                 memcmp(&run->file.digest, &file->digest, END) != 0;
    return file->bytes > 0 && other ? wrong(arena, file->name, "is not the run that the tables name") : OK;
}

static struct err map(struct memory_run *run, int fd, const char *name, struct arena *arena)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return err_errno(arena, name);
    if (!S_ISREG(about.st_mode) || (size_t)about.st_size < sizeof(struct run_header) + END)
        return wrong(arena, name, "is no run of the memory");
    run->file.bytes = (uint64_t)about.st_size;
    void *bytes = mmap(NULL, run->file.bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return err_errno(arena, name);
    run->bytes = bytes;
    madvise(bytes, run->file.bytes, MADV_RANDOM);
    return OK;
}

struct err memory_run_open(const char *folder, const struct memory_file *file, struct hash_key key, struct arena *arena,
        struct memory_run **opened)
{
    const char *path = arena_printf(arena, "%s/%s", folder, file->name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return err_errno(arena, path);
    struct memory_run *run = calloc(1, sizeof *run);
    struct err err = run == NULL ? err_make(ERR_SYSTEM, "no memory to open a run") : map(run, fd, path, arena);
    close(fd);
    if (err.kind == ERR_NONE) {
        memcpy(run->file.name, file->name, sizeof run->file.name);
        err = accept_run(run, file, key, arena);
    }
    if (err.kind == ERR_NONE)
        *opened = run;
    else
        memory_run_close(run);
    return err;
}

void memory_run_close(struct memory_run *run)
{
    if (run == NULL)
        return;
    if (run->bytes != NULL)
        munmap((void *)(uintptr_t)run->bytes, run->file.bytes);
    free(run);
}

/* ---- Entries ---- */

static uint64_t large_count(const struct memory_run *run, uint64_t place)
{
    uint64_t from = 0, to = run->header.large;
    while (from < to) {
        uint64_t middle = from + (to - from) / 2;
        if (run->large[middle].place < place)
            from = middle + 1;
        else
            to = middle;
    }
    bool there = from < run->header.large && run->large[from].place == place;
    return there ? run->large[from].count : run->count_large;
}

/* False: it is none. */
static bool entry_at(const struct memory_run *run, enum memory_kind kind, uint64_t at, struct memory_entry *entry)
{
    const struct columns *columns = &run->kinds[kind];
    uint64_t value = columns->values[at];
    uint32_t day_count = RUN_VALUE_DAY_COUNT(value), day = run->header.further == 0 ? 0 : day_count >> RUN_DAY_SHIFT;
    if (RUN_VALUE_ORGANISATION(value) >= run->header.organisations)
        return false;
    *entry = (struct memory_entry){
            .key = {kind, columns->high[at], columns->low == NULL ? 0 : columns->low[at]},
            .organisation = (int64_t)run->organisations[RUN_VALUE_ORGANISATION(value)],
            .day = run->file.day + (int32_t)day,
            .first_s = RUN_VALUE_FIRST(value),
            .last_s = RUN_VALUE_LAST(value),
            .count = day_count & run->count_large,
    };
    if (entry->count == run->count_large)
        entry->count = large_count(run, columns->before + at);
    return entry->first_s <= entry->last_s && entry->last_s < DAY_S && entry->count > 0 &&
           day <= (uint32_t)run->header.further;
}

bool memory_run_entry(const struct memory_run *run, uint64_t place, struct memory_entry *entry)
{
    for (enum memory_kind kind = 0; kind < MEMORY_KINDS; kind++)
        if (place < run->kinds[kind].before + run->kinds[kind].count)
            return entry_at(run, kind, place - run->kinds[kind].before, entry);
    return false;
}

void memory_run_tally(const struct memory_run *run, uint64_t *entries)
{
    size_t days = (size_t)run->file.days;
    memset(entries, 0, run->header.organisations * days * sizeof *entries);
    for (enum memory_kind kind = 0; kind < MEMORY_KINDS; kind++)
        for (uint64_t at = 0; at < run->kinds[kind].count; at++) {
            uint64_t value = run->kinds[kind].values[at];
            size_t who = RUN_VALUE_ORGANISATION(value),
                   day = days == 1 ? 0 : RUN_VALUE_DAY_COUNT(value) >> RUN_DAY_SHIFT;
            if (who < run->header.organisations && day < days)
                entries[who * days + day]++;
        }
}

/* ---- All of it ---- */

static struct err entries_check(const struct memory_run *run, struct arena *arena)
{
    struct memory_entry entry, before = {.organisation = -1};
    for (uint64_t place = 0; place < run->file.entries; place++) {
        if (!memory_run_entry(run, place, &entry) || entry_order(&before, &entry) >= 0)
            return err_format(arena, ERR_INPUT, "%s: entry %llu is none, or not in its place", run->file.name,
                    (unsigned long long)place);
        before = entry;
    }
    return OK;
}

static bool index_fine(const struct columns *columns)
{
    for (uint64_t block = 0; block < columns->blocks; block++)
        if (columns->index[block] != columns->high[block * RUN_BLOCK])
            return false;
    return true;
}

struct err memory_run_check(const struct memory_run *run, struct arena *arena)
{
    madvise((void *)(uintptr_t)run->bytes, run->file.bytes, MADV_SEQUENTIAL);
    struct sha256 digest = hash_sha256((slice){run->bytes, run->file.bytes - END});
    if (memcmp(&digest, &run->file.digest, sizeof digest) != 0)
        return wrong(arena, run->file.name, "is damaged: its SHA-256 is another than it says");
    for (uint64_t i = 0; i < run->header.organisations; i++)
        if (run->organisations[i] <= (i == 0 ? 0 : run->organisations[i - 1]) || run->organisations[i] > INT64_MAX)
            return wrong(arena, run->file.name, "names its organisations out of order");
    for (uint64_t i = 0; i < run->header.large; i++)
        if (i > 0 && run->large[i].place <= run->large[i - 1].place)
            return wrong(arena, run->file.name, "names its large counts out of order");
    for (enum memory_kind kind = 0; kind < MEMORY_KINDS; kind++)
        if (!index_fine(&run->kinds[kind]))
            return wrong(arena, run->file.name, "has an index of other keys");
    struct err err = entries_check(run, arena);
    madvise((void *)(uintptr_t)run->bytes, run->file.bytes, MADV_RANDOM);
    return err;
}

/* ---- Asking ---- */

static int ask_compare(const void *a, const void *b)
{
    const struct memory_ask *x = a, *y = b;
    int order = memory_key_order(&x->range.first, &y->range.first);
    return order != 0 ? order : x->tag < y->tag ? -1 : x->tag > y->tag;
}

struct err memory_asks_open(struct memory_ask *asks, size_t count, struct memory_asks *opened)
{
    struct memory_asks made = {.asks = asks, .count = count};
    made.firsts = malloc((count + 1) * sizeof *made.firsts);
    made.spans = malloc((count + 1) * sizeof *made.spans);
    if (made.firsts == NULL || made.spans == NULL) {
        memory_asks_close(&made);
        return err_make(ERR_SYSTEM, "no memory to look for so many values");
    }
    if (count > 1)
        qsort(asks, count, sizeof *asks, ask_compare);
    for (size_t i = 0; i < count; i++) {
        const struct memory_range *range = &asks[i].range;
        made.firsts[i] = range->first.high;
        made.spans[i] = range->last.high - range->first.high;
        made.from[range->first.kind + 1]++;
    }
    for (enum memory_kind kind = 0; kind < MEMORY_KINDS; kind++)
        made.from[kind + 1] += made.from[kind];
    *opened = made;
    return OK;
}

void memory_asks_close(struct memory_asks *asks)
{
    free(asks->firsts);
    free(asks->spans);
    *asks = (struct memory_asks){0};
}

static inline bool is_before(const struct columns *columns, uint64_t at, const struct memory_key *key)
{
    if (columns->low == NULL || columns->high[at] != key->high)
        return columns->high[at] < key->high;
    return columns->low[at] < key->low;
}

/* The first of from..to that is not before the key. */
static uint64_t bisect(const struct columns *columns, uint64_t from, uint64_t to, const struct memory_key *key)
{
    while (from < to) {
        uint64_t middle = from + (to - from) / 2;
        if (is_before(columns, middle, key))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* The first block that begins with this key or a later one; with `behind`, with a later one. */
static uint64_t block_find(const struct columns *columns, uint64_t high, bool behind)
{
    uint64_t from = 0, to = columns->blocks;
    while (from < to) {
        uint64_t middle = from + (to - from) / 2;
        if (behind ? columns->index[middle] <= high : columns->index[middle] < high)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* By the index: touches the index, and a page of keys. */
static uint64_t seek(const struct columns *columns, const struct memory_key *key)
{
    uint64_t first = block_find(columns, key->high, false), behind = block_find(columns, key->high, true);
    uint64_t from = first == 0 ? 0 : (first - 1) * RUN_BLOCK, to = behind * RUN_BLOCK;
    return bisect(columns, from, to < columns->count ? to : columns->count, key);
}

/* What is asked of one run. */
struct asking {
    const struct memory_run *run;
    const struct memory_asks *asks;
    memory_found *found;
    void *context;
    bool damaged;
};

/* From the first entry that is not before the range to its last. */
static void tell_range(struct asking *asking, enum memory_kind kind, size_t ask, uint64_t at)
{
    const struct columns *columns = &asking->run->kinds[kind];
    const struct memory_key *last = &asking->asks->asks[ask].range.last;
    for (; at < columns->count && !asking->damaged; at++) {
        struct memory_entry entry;
        const struct memory_key key = {kind, columns->high[at], columns->low == NULL ? 0 : columns->low[at]};
        if (memory_key_order(&key, last) > 0)
            return;
        asking->damaged = !entry_at(asking->run, kind, at, &entry);
        if (!asking->damaged)
            asking->found(asking->context, asking->asks->asks[ask].tag, entry.day, &entry);
    }
}

static void ask_each(struct asking *asking, enum memory_kind kind)
{
    for (size_t i = asking->asks->from[kind]; i < asking->asks->from[kind + 1]; i++)
        tell_range(asking, kind, i, seek(&asking->run->kinds[kind], &asking->asks->asks[i].range.first));
}

/*
 * Very many: asks and entries are walked side by side, one step of either at a time. Only what is found is a branch
 * that cannot be foreseen: an entry before the ask is far behind its span, since the difference has no sign.
 */
static void ask_all(struct asking *asking, enum memory_kind kind)
{
    const struct columns *columns = &asking->run->kinds[kind];
    const uint64_t *firsts = asking->asks->firsts, *spans = asking->asks->spans;
    size_t i = asking->asks->from[kind], end = asking->asks->from[kind + 1];
    for (uint64_t at = 0; i < end && at < columns->count;) {
        uint64_t behind = columns->high[at] - firsts[i];
        bool before = columns->high[at] < firsts[i];
        if (__builtin_expect(behind <= spans[i] && !before, 0))
            tell_range(asking, kind, i, at);
        at += before;
        i += !before;
    }
}

struct err memory_run_find(const struct memory_run *run, const struct memory_asks *asks, memory_found *found,
        void *context, struct arena *arena)
{
    struct asking asking = {run, asks, found, context, false};
    for (enum memory_kind kind = 0; kind < MEMORY_KINDS; kind++) {
        size_t count = asks->from[kind + 1] - asks->from[kind];
        bool many = run->kinds[kind].low == NULL && count > run->kinds[kind].count / RUN_MANY;
        (many ? ask_all : ask_each)(&asking, kind);
    }
    return asking.damaged ? wrong(arena, run->file.name, "is damaged: an entry is none") : OK;
}
