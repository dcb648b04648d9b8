/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of intelligence: fetching what is due, clearing away, keeping the memory and hunting in it. */
#include "app/jobs.h"
#include "app/retention.h"
#include "base/arena.h"
#include "base/log.h"
#include "desk/contact.h"
#include "detect/hunt.h"
#include "intel/feed.h"
#include "intel/retain.h"
#include "store/button.h"
#include "taxii/peer.h"

#define MEMORY_REST_US (5 * SECOND_US)  /* between looks whether runs of the memory are to be merged */
#define FORGET_REST_US (10 * MINUTE_US) /* and whether somebody's time is over */
#define BUTTONS_AT_ONCE 1000

static void log_fed(const struct intel_fed *fed)
{
    bool failed = fed->failed || fed->broken > 0;
    const struct log_field fields[] = {
            {"feed", fed->name, 0},
            {"unchanged", {NULL, 0}, fed->unchanged},
            {"imports", {NULL, 0}, (int64_t)fed->imports},
            {"broken", {NULL, 0}, (int64_t)fed->broken},
            {"why", slice_of(fed->why == NULL ? "" : fed->why), 0},
    };
    log_line(failed ? LOG_WARN : LOG_INFO, fed->failed ? "feed.failed" : "feed.fetched", fields,
            COUNT_OF(fields) - (failed ? 0 : 1));
}

struct err job_feeds(struct turn *turn)
{
    const struct config *config = turn->of->options.config;
    const struct intel_fetch fetch = {
            .client = turn->client,
            .direct = turn->direct,
            .folder = config->folder,
            .objects_max = config->import.objects_max,
            .bytes_max = config->import.bytes_max,
            .watch = {.context = turn->of, .stop = background_stops},
    };
    for (bool found = true; found && !background_stops(turn->of);) {
        struct intel_fed fed;
        arena_reset(turn->arena);
        TRY(intel_feed_run_due(turn->db, &turn->actor, &fetch, turn->arena, &fed, &found));
        if (found)
            log_fed(&fed);
    }
    return OK;
}

static void log_pulled(const struct taxii_pulled *pulled)
{
    bool failed = pulled->failed || pulled->broken > 0;
    const struct log_field fields[] = {
            {"peer", pulled->name, 0},
            {"collections", {NULL, 0}, (int64_t)pulled->collections},
            {"imports", {NULL, 0}, (int64_t)pulled->imports},
            {"broken", {NULL, 0}, (int64_t)pulled->broken},
            {"why", slice_of(pulled->why == NULL ? "" : pulled->why), 0},
    };
    log_line(failed ? LOG_WARN : LOG_INFO, pulled->failed ? "peer.failed" : "peer.pulled", fields,
            COUNT_OF(fields) - (failed ? 0 : 1));
}

struct err job_peers(struct turn *turn)
{
    const struct config *config = turn->of->options.config;
    const struct taxii_fetch fetch = {
            .http = &config->feeds,
            .keys = turn->of->options.keys,
            .objects_max = config->import.objects_max,
            .watch = {.context = turn->of, .stop = background_stops},
    };
    for (bool found = true; found && !background_stops(turn->of);) {
        struct taxii_pulled pulled;
        arena_reset(turn->arena);
        TRY(taxii_peer_run_due(turn->db, &turn->actor, &fetch, turn->arena, &pulled, &found));
        if (found)
            log_pulled(&pulled);
    }
    return OK;
}

struct sweeping {
    uint64_t count;
};

static struct err sweep_buttons(struct work *work, void *context)
{
    return store_button_sweep(work, BUTTONS_AT_ONCE, &((struct sweeping *)context)->count);
}

struct err job_retention(struct turn *turn)
{
    struct sweeping buttons = {BUTTONS_AT_ONCE};
    while (buttons.count == BUTTONS_AT_ONCE && !background_stops(turn->of))
        TRY(store_work(turn->db, &turn->actor, turn->arena, sweep_buttons, &buttons));
    const struct retain_limits limits = retention_limits(turn->of->options.config);
    const struct intel_retain_watch watch = {.context = turn->of, .stop = background_stops};
    struct retained retained = {0};
    return intel_retain(turn->db, &turn->actor, &limits, &watch, turn->arena, &retained);
}

/* Contacts that have not been heard of for long. */
struct err job_contacts(struct turn *turn)
{
    size_t count;
    TRY(desk_contacts_rot(turn->db, &turn->actor, turn->arena, &count));
    const struct log_field fields[] = {{"contacts", {NULL, 0}, (int64_t)count}};
    if (count > 0)
        log_line(LOG_WARN, "contacts.stale", fields, COUNT_OF(fields));
    return OK;
}

static struct err recover(struct work *work, void *context)
{
    return store_import_recover(work, context);
}

struct err job_imports(struct turn *turn)
{
    struct import_left left;
    uint64_t count;
    const struct intel_watch watch = {.context = turn->of, .stop = background_stops};
    TRY(store_import_left(turn->db, turn->arena, &left));
    if (left.dead > 0)
        TRY(store_work(turn->db, &turn->actor, turn->arena, recover, &count));
    return left.dead + left.unswept > 0 ? intel_sweep(turn->db, &turn->actor, &watch) : OK;
}

/* ---- The memory ---- */

static struct err remember_of(struct turn *turn, struct remember **remember)
{
    const char *folder = arena_printf(turn->arena, "%s/memory", turn->of->options.config->folder);
    return remember_open(folder, turn->arena, remember);
}

static struct err hunt(struct turn *turn, struct hunter *hunter)
{
    while (!background_stops(turn->of)) {
        bool did, news;
        TRY(hunter_once(hunter, &did));
        if (!did)
            TRY(store_journal_wait(turn->db, JOBS_WAIT_MS, &news));
    }
    return OK;
}

/* What new intelligence would have met. */
struct err job_hunt(struct turn *turn)
{
    struct remember *remember;
    struct hunter *hunter;
    TRY(remember_of(turn, &remember));
    struct err err = hunter_open(
            remember, turn->db, turn->of->options.lists, turn->of->options.config->warning.reach_max, &hunter);
    if (err.kind == ERR_NONE) {
        err = hunt(turn, hunter);
        err.why = err.kind == ERR_NONE ? NULL : arena_cstr(turn->arena, slice_of(err.why));
        hunter_close(hunter);
    }
    remember_close(remember);
    return err;
}

static void log_memory(const struct remember_done *done)
{
    const struct log_field fields[] = {
            {"merged", {NULL, 0}, (int64_t)done->merged},
            {"forgotten", {NULL, 0}, (int64_t)done->forgotten},
            {"rewritten", {NULL, 0}, (int64_t)done->rewritten},
            {"removed", {NULL, 0}, (int64_t)done->removed},
    };
    if (done->merged + done->rewritten + done->removed > 0)
        log_line(LOG_INFO, "memory.kept", fields, COUNT_OF(fields));
}

/* Merging as soon as it is due; forgetting, and what is left over, now and then. */
static struct err keep_memory(struct turn *turn, struct remember *remember)
{
    struct arena *arena = arena_open("keeping the memory", ARENA_WORK, JOBS_ARENA_MAX);
    struct err err = OK;
    for (int64_t forgot_us = TIME_NONE; err.kind == ERR_NONE && !background_stops(turn->of);) {
        struct remember_done done = {0};
        arena_reset(arena);
        if (forgot_us == TIME_NONE || clock_steady_us() - forgot_us >= FORGET_REST_US) {
            err = remember_clear(remember, turn->db, arena, &done);
            if (err.kind == ERR_NONE)
                err = remember_forget(remember, turn->db, &turn->actor, background_stops, turn->of, arena, &done);
            forgot_us = clock_steady_us();
        }
        if (err.kind == ERR_NONE)
            err = remember_merge(remember, turn->db, &turn->actor, background_stops, turn->of, arena, &done);
        log_memory(&done);
        if (err.kind == ERR_NONE)
            background_rest(turn->of, MEMORY_REST_US);
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(turn->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

struct err job_memory(struct turn *turn)
{
    struct remember *remember;
    TRY(remember_of(turn, &remember));
    struct err err = keep_memory(turn, remember);
    remember_close(remember);
    return err;
}
