/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/hunt.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "detect/hunt_parts.h"
#include "store/right.h"

enum { TABLE_LEAST = 1024 };

/* What is found on the way, in an open table by value and organisation. */
struct finding {
    const struct hunt_job *job;
    int64_t only; /* this organisation; 0: all */
    int32_t from; /* the first day of the run that is asked */
    struct hunt_met *met;
    size_t room, count;
    bool full;
};

/* ---- What was met ---- */

static struct hunt_met *place_of(struct hunt_met *met, size_t room, uint32_t value, int64_t organisation)
{
    size_t at = hash_mix(value ^ UINT64_C(0x9e3779b97f4a7c15), (uint64_t)organisation ^ UINT64_C(0xbf58476d1ce4e5b9));
    for (at &= room - 1; met[at].organisation != 0; at = (at + 1) & (room - 1))
        if (met[at].value == value && met[at].organisation == organisation)
            break;
    return &met[at];
}

static bool grow(struct finding *finding)
{
    size_t room = finding->room == 0 ? TABLE_LEAST : 2 * finding->room;
    struct hunt_met *met = finding->count >= HUNT_MET_MAX ? NULL : calloc(room, sizeof *met);
    if (met == NULL)
        return false;
    for (size_t i = 0; i < finding->room; i++)
        if (finding->met[i].organisation != 0)
            *place_of(met, room, finding->met[i].value, finding->met[i].organisation) = finding->met[i];
    free(finding->met);
    finding->met = met;
    finding->room = room;
    return true;
}

/* Runs come by their first day and have no more than a month: a day counts once, by whichever of them it comes. */
static bool day_counts(struct hunt_met *met, int32_t from, int32_t day)
{
    int64_t behind = (int64_t)from - met->day;
    uint32_t bit = UINT32_C(1) << (day - from), seen = behind < MEMORY_DAYS_MAX ? met->seen >> behind : 0;
    met->day = from;
    met->seen = seen | bit;
    return (seen & bit) == 0;
}

static void met_add(struct finding *finding, uint32_t value, int32_t day, const struct memory_entry *entry)
{
    int64_t first_us = day * DAY_US + entry->first_s * SECOND_US, last_us = day * DAY_US + entry->last_s * SECOND_US;
    if (2 * finding->count >= finding->room && !grow(finding)) {
        finding->full = true;
        return;
    }
    struct hunt_met *met = place_of(finding->met, finding->room, value, entry->organisation);
    if (met->organisation == 0) {
        finding->count++;
        *met = (struct hunt_met){.value = value,
                .organisation = entry->organisation,
                .first_us = first_us,
                .last_us = last_us,
                .day = finding->from};
    }
    met->days += day_counts(met, finding->from, day);
    met->first_us = first_us < met->first_us ? first_us : met->first_us;
    met->last_us = last_us > met->last_us ? last_us : met->last_us;
    met->count += entry->count;
}

/* An entry is within the time if any of it may be: it says only when it began and ended. */
static void found(void *context, uint32_t value, int32_t day, const struct memory_entry *entry)
{
    struct finding *finding = context;
    const struct hunt_job *job = finding->job;
    if (finding->full || entry->organisation <= 0 || (finding->only != 0 && entry->organisation != finding->only))
        return;
    if (job->since_us != TIME_NONE && day * DAY_US + entry->last_s * SECOND_US < job->since_us)
        return;
    if (job->until_us != TIME_NONE && day * DAY_US + entry->first_s * SECOND_US >= job->until_us)
        return;
    met_add(finding, value, day, entry);
}

static int met_compare(const void *a, const void *b)
{
    const struct hunt_met *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->organisation < y->organisation ? -1 : x->organisation > y->organisation;
}

/* In order, and in the arena. */
static void met_take(const struct finding *finding, struct arena *arena, struct hunted *hunted)
{
    hunted->met = arena_new(arena, struct hunt_met, finding->count + 1);
    for (size_t i = 0; i < finding->room; i++)
        if (finding->met[i].organisation != 0)
            hunted->met[hunted->count++] = finding->met[i];
    qsort(hunted->met, hunted->count, sizeof *hunted->met, met_compare);
}

/* ---- What is asked for ---- */

static struct observable observable_of(const struct indicator *indicator)
{
    return (struct observable){.type = indicator->type, .name = indicator->name, .value = indicator->value};
}

static void mark(void *context, uint32_t tag, uint32_t number)
{
    (void)tag, (void)number;
    *(bool *)context = true;
}

bool hunt_is_listed(const struct match_index *lists, const struct indicator *indicator)
{
    bool listed = false;
    const struct observable observable = observable_of(indicator);
    if (lists != NULL)
        match_find(lists, &observable, 0, mark, &listed);
    return listed;
}

static struct err asks_make(
        const struct hunt_job *job, struct memory_ask *asks, struct arena *arena, size_t *count, size_t *listed)
{
    struct memory_keyer keyer;
    struct err err = OK;
    size_t made = 0;
    memory_keyer_open(&keyer, remember_key(job->remember));
    for (size_t i = 0; i < job->count && err.kind == ERR_NONE; i++) {
        struct memory_range ranges[MEMORY_RANGES_MAX];
        const struct indicator *value = &job->values[i];
        const struct observable observable = observable_of(value);
        size_t found_count = memory_asks(&keyer, &observable, value->flags, ranges);
        for (size_t range = 0; range < found_count; range++)
            asks[made++] = (struct memory_ask){ranges[range], (uint32_t)i};
        *listed += hunt_is_listed(job->noise.lists, value);
        if (found_count == 0)
            err = err_format(arena, ERR_INPUT, "%.*s: %s", (int)(value->value.len < 200 ? value->value.len : 200),
                    value->value.ptr,
                    observable_wrong(value->type, value->value) == NULL ? "cannot be looked for"
                                                                        : observable_wrong(value->type, value->value));
    }
    memory_keyer_close(&keyer);
    *count = made;
    return err;
}

/* Days that are outside of the time are not opened. */
static bool is_within(const struct hunt_job *job, const struct memory_run *run)
{
    const struct memory_file *file = memory_run_file(run);
    return (job->since_us == TIME_NONE || (file->day + file->days) * DAY_US > job->since_us) &&
           (job->until_us == TIME_NONE || file->day * DAY_US < job->until_us);
}

static struct err runs_ask(
        struct finding *finding, const struct memory_asks *asks, struct arena *arena, struct hunted *hunted)
{
    struct remember_view view;
    const struct hunt_job *job = finding->job;
    TRY(remember_take(job->remember, job->db, arena, &view));
    hunted->broken = view.broken;
    hunted->why = view.why;
    for (size_t i = 0; i < view.count; i++) {
        const struct memory_run *run = remember_run(&view, i);
        if (!is_within(job, run))
            continue;
        finding->from = memory_run_file(run)->day;
        struct err err = memory_run_find(run, asks, found, finding, arena);
        hunted->runs++;
        hunted->entries += memory_run_file(run)->entries;
        if (err.kind != ERR_NONE)
            hunted->why = hunted->broken++ == 0 ? err.why : hunted->why;
    }
    remember_leave(job->remember, &view);
    return finding->full ? err_format(arena, ERR_LIMIT, "more than %d rows were found: ask for less", HUNT_MET_MAX)
                         : OK;
}

struct err hunt_in(const struct hunt_job *job, int64_t only, struct arena *arena, struct hunted *hunted)
{
    struct finding finding = {.job = job, .only = only};
    struct hunted made = {0};
    struct memory_asks opened = {0};
    size_t count;
    if (job->count > HUNT_VALUES_MAX)
        return err_format(arena, ERR_LIMIT, "more than %d values at once", HUNT_VALUES_MAX);
    struct memory_ask *asks = malloc((job->count * MEMORY_RANGES_MAX + 1) * sizeof *asks);
    if (asks == NULL)
        return err_make(ERR_SYSTEM, "no memory to look for so many values");
    struct err err = asks_make(job, asks, arena, &count, &made.listed);
    if (err.kind == ERR_NONE)
        err = memory_asks_open(asks, count, &opened);
    if (err.kind == ERR_NONE)
        err = runs_ask(&finding, &opened, arena, &made);
    if (err.kind == ERR_NONE)
        met_take(&finding, arena, &made);
    memory_asks_close(&opened);
    free(asks);
    free(finding.met);
    TRY(err);
    *hunted = made;
    return OK;
}

/* ---- The verbs ---- */

/* Everybody's, or the own organisation's. */
static struct err only_of(const struct actor *actor, struct arena *arena, int64_t *only)
{
    *only = 0;
    struct err err = store_right_check(actor, VERB_HUNT, 0, arena, NULL);
    if (err.kind == ERR_NONE || actor->organisation == 0)
        return err;
    *only = actor->organisation;
    return store_right_check(actor, VERB_HUNT, actor->organisation, arena, NULL);
}

struct err detect_hunt(
        const struct hunt_job *job, const struct actor *actor, struct arena *arena, struct hunted *hunted)
{
    int64_t only;
    TRY(only_of(actor, arena, &only));
    return hunt_in(job, only, arena, hunted);
}

struct err detect_reach(
        const struct hunt_job *job, const struct actor *actor, struct arena *arena, struct hunt_reach *reach)
{
    struct hunted hunted;
    TRY(detect_hunt(job, actor, arena, &hunted));
    for (size_t i = 0; i < job->count; i++)
        reach[i] = (struct hunt_reach){.listed = hunt_is_listed(job->noise.lists, &job->values[i])};
    for (size_t i = 0; i < hunted.count; i++) {
        const struct hunt_met *met = &hunted.met[i];
        struct hunt_reach *of = &reach[met->value];
        of->first_us = of->organisations == 0 || met->first_us < of->first_us ? met->first_us : of->first_us;
        of->last_us = of->organisations == 0 || met->last_us > of->last_us ? met->last_us : of->last_us;
        of->organisations++;
        of->sightings += met->count;
        of->noise = hunt_is_noise(&job->noise, of->organisations);
    }
    return OK;
}
