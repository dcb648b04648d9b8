/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notes lie in one open table of 32 bytes each. A note waits in a short line while its place comes from memory, so that
 * the latency of several is paid at once (doc/why/memory.md has the figures).
 */
#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "memory/parts.h"

enum { LINE = 32, ROOM_LEAST = 4096 };
#define LARGE_PAGE ((size_t)2 << 20)

#define COUNT_BITS 30
#define SECOND_BITS 17
#define COUNT_MOST ((UINT64_C(1) << COUNT_BITS) - 1)
#define SECOND_MOST ((UINT64_C(1) << SECOND_BITS) - 1)
#define DAY_MOST ((INT64_C(1) << 30) - 1)

struct note {
    uint64_t high, low;
    uint32_t organisation; /* 0: an empty place */
    uint32_t day_kind;     /* day << 2 | kind */
    uint64_t when;         /* first second, last second, count */
};

struct memory_gather {
    struct note *notes;
    size_t room; /* a power of two */
    size_t count;
    struct hash_key seed;
    bool refused;
    size_t waiting;
    struct note line[LINE];
    uint64_t line_hash[LINE];
};

static uint64_t when_of(uint64_t first, uint64_t last, uint64_t count)
{
    return first << (SECOND_BITS + COUNT_BITS) | last << COUNT_BITS | count;
}

static uint64_t when_first(uint64_t when)
{
    return when >> (SECOND_BITS + COUNT_BITS);
}

static uint64_t when_last(uint64_t when)
{
    return when >> COUNT_BITS & SECOND_MOST;
}

static uint64_t when_join(uint64_t a, uint64_t b)
{
    uint64_t first = when_first(a) < when_first(b) ? when_first(a) : when_first(b);
    uint64_t last = when_last(a) > when_last(b) ? when_last(a) : when_last(b);
    uint64_t count = (a & COUNT_MOST) + (b & COUNT_MOST);
    assert(count <= COUNT_MOST); /* who notes writes long before */
    return when_of(first, last, count);
}

struct memory_gather *memory_gather_open(void)
{
    struct memory_gather *gather = calloc(1, sizeof *gather);
    struct note *notes = calloc(ROOM_LEAST, sizeof *notes);
    assert(gather != NULL && notes != NULL);
    gather->notes = notes;
    gather->room = ROOM_LEAST;
    gather->seed = hash_key_random();
    return gather;
}

void memory_gather_close(struct memory_gather *gather)
{
    if (gather == NULL)
        return;
    free(gather->notes);
    free(gather);
}

void memory_gather_reset(struct memory_gather *gather)
{
    if (gather->count > 0)
        memset(gather->notes, 0, gather->room * sizeof *gather->notes);
    gather->count = gather->waiting = 0;
    gather->refused = false;
}

size_t memory_gather_count(const struct memory_gather *gather)
{
    return gather->count + gather->waiting;
}

static uint64_t note_hash(const struct memory_gather *gather, const struct note *note)
{
    uint64_t state = hash_mix(note->high ^ gather->seed.a, note->low ^ gather->seed.b);
    return hash_mix(state ^ ((uint64_t)note->organisation << 32 | note->day_kind), gather->seed.a);
}

static bool note_eq(const struct note *a, const struct note *b)
{
    return a->high == b->high && a->low == b->low && a->organisation == b->organisation && a->day_kind == b->day_kind;
}

/* Its place in the table, or the empty one where it belongs. */
static struct note *note_place(struct note *notes, size_t room, uint64_t hash, const struct note *note)
{
    size_t at = hash & (room - 1);
    while (notes[at].organisation != 0 && !note_eq(&notes[at], note))
        at = (at + 1) & (room - 1);
    return &notes[at];
}

/*
 * Large memory in large pages: each small page would cost a fault, and to find it again a walk through four tables. Not
 * zeroed; NULL if there is none; free().
 */
static void *large_new(size_t count, size_t size)
{
    size_t bytes = count * size;
    if (bytes < LARGE_PAGE)
        return malloc(bytes + 1);
    bytes = (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    void *memory = aligned_alloc(LARGE_PAGE, bytes);
    if (memory != NULL)
        madvise(memory, bytes, MADV_HUGEPAGE); /* where the system has none, it is as it was */
    return memory;
}

/* Zeroed. */
static struct note *notes_new(size_t room)
{
    struct note *notes = large_new(room, sizeof *notes);
    if (notes != NULL)
        memset(notes, 0, room * sizeof *notes);
    return notes;
}

static bool grow(struct memory_gather *gather)
{
    size_t room = 2 * gather->room;
    struct note *notes = gather->count >= MEMORY_GATHER_REFUSE ? NULL : notes_new(room);
    if (notes == NULL)
        return false;
    for (size_t i = 0; i < gather->room; i++)
        if (gather->notes[i].organisation != 0)
            *note_place(notes, room, note_hash(gather, &gather->notes[i]), &gather->notes[i]) = gather->notes[i];
    free(gather->notes);
    gather->notes = notes;
    gather->room = room;
    return true;
}

static void note_settle(struct memory_gather *gather, uint64_t hash, const struct note *note)
{
    struct note *place = note_place(gather->notes, gather->room, hash, note);
    if (place->organisation == 0) {
        *place = *note;
        gather->count++;
        if (2 * gather->count > gather->room && !gather->refused)
            gather->refused = !grow(gather);
        return;
    }
    place->when = when_join(place->when, note->when);
}

/* A table that cannot grow takes what is there already; it is full long after it refused to be written. */
static void settle(struct memory_gather *gather)
{
    for (size_t i = 0; i < gather->waiting; i++)
        if (!gather->refused)
            note_settle(gather, gather->line_hash[i], &gather->line[i]);
    gather->waiting = 0;
}

void memory_note(struct memory_gather *gather, int64_t organisation, const struct memory_key *key, int64_t time_us)
{
    assert(organisation > 0 && organisation <= MEMORY_ORGANISATION_MAX);
    uint64_t time_s = time_us < 0 ? 0 : (uint64_t)time_us / SECOND_US, second = time_s % 86400;
    struct note *note = &gather->line[gather->waiting];
    *note = (struct note){key->high, key->low, (uint32_t)organisation,
            (uint32_t)(time_s / 86400) << 2 | (uint32_t)key->kind, when_of(second, second, 1)};
    uint64_t hash = gather->line_hash[gather->waiting++] = note_hash(gather, note);
    __builtin_prefetch(&gather->notes[hash & (gather->room - 1)], 1);
    if (gather->waiting == LINE)
        settle(gather);
}

/* ---- In order ---- */

/* What is sorted instead of notes. */
struct order {
    uint64_t high;
    uint32_t day_kind;
    uint32_t at; /* the place of the note, counted over the tables of all gatherers */
};

struct sorting {
    struct memory_gather *const *gathers;
    struct order *order, *other;
    struct note *notes; /* in order, each once */
    size_t count;
};

static const struct note *note_of(const struct sorting *sorting, const struct order *order)
{
    struct memory_gather *const *gather = sorting->gathers;
    size_t at = order->at;
    for (; at >= (*gather)->room; gather++)
        at -= (*gather)->room;
    return &(*gather)->notes[at];
}

enum { DIGITS = 12 }; /* bytes of high, then of day_kind: the last is the most significant */

static unsigned digit_of(const struct order *order, unsigned digit)
{
    return (digit < 8 ? (unsigned)(order->high >> (8 * digit)) : order->day_kind >> (8 * (digit - 8))) & 0xff;
}

/* One digit; a digit that all share costs nothing. */
static void sort_digit(struct sorting *sorting, const uint32_t counts[256], unsigned digit)
{
    uint32_t starts[256], sum = 0;
    for (unsigned i = 0; i < 256; i++) {
        if (counts[i] == sorting->count)
            return;
        starts[i] = sum;
        sum += counts[i];
    }
    for (size_t i = 0; i < sorting->count; i++)
        sorting->other[starts[digit_of(&sorting->order[i], digit)]++] = sorting->order[i];
    struct order *order = sorting->order;
    sorting->order = sorting->other;
    sorting->other = order;
}

static int order_compare(const void *a, const void *b, void *context)
{
    const struct note *x = note_of(context, a), *y = note_of(context, b);
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    return x->organisation < y->organisation ? -1 : x->organisation > y->organisation;
}

/* Those that are equal so far: few, unless many met one address. */
static void sort_ties(struct sorting *sorting)
{
    struct order *order = sorting->order;
    for (size_t from = 0, to = 0; from < sorting->count; from = to) {
        for (to = from + 1; to < sorting->count && order[to].high == order[from].high &&
                            order[to].day_kind == order[from].day_kind;)
            to++;
        if (to - from > 1)
            qsort_r(order + from, to - from, sizeof *order, order_compare, sorting);
    }
}

/* By day, kind and key: least digit first; then organisations. */
static void sort(struct sorting *sorting)
{
    uint32_t counts[DIGITS][256] = {{0}};
    for (size_t i = 0; i < sorting->count; i++)
        for (unsigned digit = 0; digit < DIGITS; digit++)
            counts[digit][digit_of(&sorting->order[i], digit)]++;
    for (unsigned digit = 0; digit < DIGITS; digit++)
        sort_digit(sorting, counts[digit], digit);
    sort_ties(sorting);
}

/* The notes that are to be kept, from all gatherers. */
static void collect(
        struct sorting *sorting, struct memory_gather *const *gathers, size_t count, struct memory_keep *keep)
{
    uint64_t asked = 0;
    uint32_t before = 0;
    bool kept = false;
    for (size_t i = 0; i < count; before += (uint32_t)gathers[i++]->room) {
        for (size_t at = 0; at < gathers[i]->room; at++) {
            const struct note *note = &gathers[i]->notes[at];
            uint64_t who = (uint64_t)note->organisation << 32 | note->day_kind >> 2;
            if (note->organisation == 0)
                continue;
            if (who != asked)
                kept = keep == NULL || keep->keep(keep->context, note->organisation, (int32_t)(note->day_kind >> 2));
            asked = who;
            if (!kept) {
                keep->left++;
                continue;
            }
            sorting->order[sorting->count++] = (struct order){note->high, note->day_kind, before + (uint32_t)at};
        }
    }
}

enum { AHEAD = 8 };

/*
 * The notes themselves in order, so that each column is written from one end to the other; what several gatherers noted
 * is one.
 */
static bool arrange(struct sorting *sorting)
{
    struct note *notes = large_new(sorting->count + 1, sizeof *notes), *to = notes;
    if (notes == NULL)
        return false;
    for (size_t i = 0; i < sorting->count; i++) {
        if (i + AHEAD < sorting->count)
            __builtin_prefetch(note_of(sorting, &sorting->order[i + AHEAD]));
        const struct note *note = note_of(sorting, &sorting->order[i]);
        if (to > notes && note_eq(&to[-1], note))
            to[-1].when = when_join(to[-1].when, note->when);
        else
            *to++ = *note;
    }
    sorting->notes = notes;
    sorting->count = (size_t)(to - notes);
    return true;
}

/* ---- As runs ---- */

/* The notes of one day. */
struct day_source {
    const struct sorting *sorting;
    size_t from, to, at;
};

static struct memory_entry entry_of(const struct note *note)
{
    return (struct memory_entry){.key = {(enum memory_kind)(note->day_kind & 3), note->high, note->low},
            .organisation = note->organisation,
            .day = (int32_t)(note->day_kind >> 2),
            .first_s = (uint32_t)when_first(note->when),
            .last_s = (uint32_t)when_last(note->when),
            .count = note->when & COUNT_MOST};
}

static void day_rewind(void *context)
{
    struct day_source *day = context;
    day->at = day->from;
}

static bool day_next(void *context, struct memory_entry *entry)
{
    struct day_source *day = context;
    if (day->at == day->to)
        return false;
    *entry = entry_of(&day->sorting->notes[day->at++]);
    return true;
}

static struct err write_days(struct run_writer *writer, const struct sorting *sorting)
{
    for (size_t from = 0, to = 0; from < sorting->count; from = to) {
        uint32_t day = sorting->notes[from].day_kind >> 2;
        while (to < sorting->count && sorting->notes[to].day_kind >> 2 == day)
            to++;
        struct day_source context = {sorting, from, to, from};
        const struct run_source source = {&context, day_rewind, day_next};
        TRY(run_write(writer, &source));
    }
    return OK;
}

static struct err write_all(struct run_writer *writer, struct sorting *sorting, struct memory_gather *const *gathers,
        size_t count, struct memory_keep *keep)
{
    size_t room = 0;
    for (size_t i = 0; i < count; i++)
        room += gathers[i]->count;
    sorting->gathers = gathers;
    struct order *order = sorting->order = large_new(room + 1, sizeof *order);
    struct order *other = sorting->other = large_new(room + 1, sizeof *other);
    struct err err = err_make(ERR_SYSTEM, "no memory to write what was remembered");
    if (order != NULL && other != NULL) {
        collect(sorting, gathers, count, keep);
        sort(sorting);
        err = arrange(sorting) ? write_days(writer, sorting) : err;
    }
    free(sorting->notes);
    free(order);
    free(other);
    return err;
}

struct err memory_gather_write(struct memory_gather *const *gathers, size_t count, const char *folder,
        struct hash_key key, struct memory_keep *keep, struct arena *arena, struct memory_file **files,
        size_t *file_count)
{
    struct run_writer writer;
    struct sorting sorting = {0};
    uint64_t places = 0;
    for (size_t i = 0; i < count; i++) {
        settle(gathers[i]);
        places += gathers[i]->room;
        if (gathers[i]->refused || places > UINT32_MAX)
            return err_format(arena, ERR_LIMIT, "more than %u notes wait to be remembered", MEMORY_GATHER_REFUSE);
    }
    TRY(run_writer_open(&writer, folder, key, arena));
    TRY(run_writer_end(&writer, write_all(&writer, &sorting, gathers, count, keep)));
    *files = writer.files;
    *file_count = writer.count;
    return OK;
}
