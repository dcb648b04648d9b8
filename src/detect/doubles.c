/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/doubles.h"

#include "store/count.h"

#define SET_LEAST 1024

/* The digests of a day: open addressing, 0 is free (and stands for itself as 1). */
struct day {
    int64_t day;
    bool open;
    uint64_t used; /* rises; the lowest goes first */
    uint64_t *slots;
    size_t size, count;
    uint64_t *fresh;
    size_t fresh_count, fresh_room;
};

struct doubles {
    struct db *db;
    int64_t stream;
    struct day days[DOUBLES_DAYS_MAX];
    struct day *last;
    uint64_t clock;
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

struct doubles *doubles_open(struct db *db, int64_t stream)
{
    struct doubles *doubles = must(calloc(1, sizeof *doubles));
    doubles->db = db;
    doubles->stream = stream;
    return doubles;
}

static void day_close(struct day *day)
{
    free(day->slots);
    free(day->fresh);
    *day = (struct day){0};
}

void doubles_close(struct doubles *doubles)
{
    if (doubles == NULL)
        return;
    for (size_t i = 0; i < COUNT_OF(doubles->days); i++)
        day_close(&doubles->days[i]);
    free(doubles);
}

/* ---- A set ---- */

static void day_grow(struct day *day)
{
    size_t size = day->size == 0 ? SET_LEAST : 2 * day->size;
    uint64_t *slots = must(calloc(size, sizeof *slots));
    for (size_t i = 0; i < day->size; i++) {
        if (day->slots[i] == 0)
            continue;
        size_t at = day->slots[i] & (size - 1);
        while (slots[at] != 0)
            at = (at + 1) & (size - 1);
        slots[at] = day->slots[i];
    }
    free(day->slots);
    day->slots = slots;
    day->size = size;
}

/* False: it is there already. */
static bool day_add(struct day *day, uint64_t digest)
{
    if (2 * (day->count + 1) > day->size)
        day_grow(day);
    size_t at = digest & (day->size - 1);
    for (; day->slots[at] != 0; at = (at + 1) & (day->size - 1))
        if (day->slots[at] == digest)
            return false;
    day->slots[at] = digest;
    day->count++;
    return true;
}

static struct err day_add_many(void *context, const uint64_t *digests, size_t count)
{
    struct day *day = context;
    for (size_t i = 0; i < count && day->count < DOUBLES_DAY_MAX; i++)
        day_add(day, digests[i]);
    return OK;
}

/* A free place, or that of the day that was used longest ago, of those that have nothing new; NULL if all have. */
static struct day *day_place(struct doubles *doubles)
{
    struct day *oldest = NULL, *unused = NULL;
    size_t held = 0;
    for (size_t i = 0; i < COUNT_OF(doubles->days); i++) {
        struct day *day = &doubles->days[i];
        held += day->size;
        if (!day->open)
            unused = day;
        else if (day->fresh_count == 0 && (oldest == NULL || day->used < oldest->used))
            oldest = day;
    }
    return unused != NULL && (held < DOUBLES_HELD_MAX || oldest == NULL) ? unused : oldest;
}

static struct err day_get(struct doubles *doubles, int64_t number, struct day **found)
{
    if (doubles->last != NULL && doubles->last->open && doubles->last->day == number) {
        *found = doubles->last;
        return OK;
    }
    for (size_t i = 0; i < COUNT_OF(doubles->days); i++)
        if (doubles->days[i].open && doubles->days[i].day == number) {
            *found = doubles->last = &doubles->days[i];
            return OK;
        }
    struct day *day = day_place(doubles);
    *found = day;
    if (day == NULL)
        return OK;
    day_close(day);
    TRY(store_count_seen(doubles->db, doubles->stream, number, day_add_many, day));
    day->day = number;
    day->open = true;
    doubles->last = day;
    return OK;
}

/* ---- What is new ---- */

static void fresh_add(struct day *day, uint64_t digest)
{
    if (day->fresh_count == day->fresh_room) {
        day->fresh_room = day->fresh_room == 0 ? SET_LEAST : 2 * day->fresh_room;
        day->fresh = must(realloc(day->fresh, day->fresh_room * sizeof *day->fresh));
    }
    day->fresh[day->fresh_count++] = digest;
}

struct err doubles_check(struct doubles *doubles, int64_t number, uint64_t digest, bool *known)
{
    struct day *day;
    TRY(day_get(doubles, number, &day));
    *known = false;
    if (day == NULL)
        return OK;
    digest = digest == 0 ? 1 : digest;
    day->used = ++doubles->clock;
    if (day->count >= DOUBLES_DAY_MAX)
        return OK;
    *known = !day_add(day, digest);
    if (!*known)
        fresh_add(day, digest);
    return OK;
}

static int order_digests(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return (one > other) - (one < other);
}

void doubles_take(struct doubles *doubles, struct doubles_taken *taken)
{
    *taken = (struct doubles_taken){.days = must(calloc(DOUBLES_DAYS_MAX, sizeof *taken->days))};
    for (size_t i = 0; i < COUNT_OF(doubles->days); i++) {
        struct day *day = &doubles->days[i];
        if (day->fresh_count == 0)
            continue;
        taken->days[taken->count++] = (struct doubles_day){day->day, day->fresh, day->fresh_count};
        day->fresh = NULL;
        day->fresh_count = day->fresh_room = 0;
    }
}

struct err doubles_put(struct work *work, int64_t stream, int64_t batch, const struct doubles_taken *taken)
{
    for (size_t i = 0; i < taken->count; i++) {
        struct doubles_day *day = &taken->days[i];
        qsort(day->digests, day->count, sizeof *day->digests, order_digests);
        TRY(store_count_seen_add(work, stream, day->day, batch, day->digests, day->count));
    }
    return taken->count == 0 ? OK : store_count_forget(work, work->now_us - DOUBLES_KEPT_US, &(uint64_t){0});
}

void doubles_drop(struct doubles_taken *taken)
{
    for (size_t i = 0; i < taken->count; i++)
        free(taken->days[i].digests);
    free(taken->days);
    *taken = (struct doubles_taken){0};
}
