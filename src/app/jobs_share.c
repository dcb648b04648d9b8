/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of sharing: what is signed, what ends, what leaves for partners, what is entered into the ledger. */
#include "app/bookkeeping.h"
#include "app/jobs.h"
#include "app/node.h"
#include "base/arena.h"
#include "base/log.h"
#include "share/agreement.h"
#include "share/claims.h"
#include "share/group.h"
#include "share/recall.h"
#include "share/release.h"
#include "share/sign.h"
#include "taxii/deliver.h"

#define BEGUN_US (20 * 1000) /* how soon it is seen that the ledger has begun */

static void log_claims(void *context, struct err err)
{
    (void)context;
    const struct log_field fields[] = {{"why", slice_of(err.why), 0}};
    log_line(LOG_ERROR, "claims.failed", fields, COUNT_OF(fields));
}

static struct err sign(struct turn *turn)
{
    struct share_keys keys;
    size_t count;
    TRY(share_keys_open(turn->db, turn->of->options.keys, clock_now_us(), turn->arena, &keys));
    struct err err = share_sign(turn->db, &turn->actor, &keys, turn->arena, &count);
    share_keys_forget(&keys);
    return err;
}

/* What two persons agreed to say is signed as soon as it is there. */
struct err job_sign(struct turn *turn)
{
    while (!background_stops(turn->of)) {
        struct letter letter;
        bool found, news;
        arena_reset(turn->arena);
        TRY(store_letter_next(turn->db, turn->arena, &letter, &found));
        TRY(found ? sign(turn) : store_journal_wait(turn->db, JOBS_WAIT_MS, &news));
    }
    return OK;
}

/* Proposals, agreements and votes whose time is over. */
struct err job_terms(struct turn *turn)
{
    size_t count;
    TRY(share_approvals_expire(turn->db, &turn->actor, turn->arena, &count));
    TRY(share_agreements_due(turn->db, &turn->actor, turn->arena, &count));
    return share_groups_due(turn->db, &turn->actor, turn->arena, &count);
}

struct err job_claims(struct turn *turn)
{
    store_follower_run(turn->db, &share_claims, &turn->of->stop, log_claims);
    return OK;
}

static struct err deliver_free(struct work *work, void *context)
{
    (void)context;
    return store_delivery_free(work);
}

/* One server serves a node: what another was at, it is at no longer. */
struct err job_before_deliver(struct turn *turn)
{
    return store_work(turn->db, &turn->actor, turn->arena, deliver_free, NULL);
}

static void log_sent(const struct taxii_turn *sent)
{
    const struct log_field fields[] = {
            {"partner", sent->name, 0},
            {"statements", {NULL, 0}, (int64_t)sent->statements},
            {"objects", {NULL, 0}, (int64_t)sent->objects},
            {"refused", {NULL, 0}, (int64_t)sent->refused},
            {"why",
                    slice_of(sent->why != NULL       ? sent->why
                             : sent->log_why != NULL ? sent->log_why
                                                     : ""),
                    0},
    };
    bool failed = sent->why != NULL || sent->log_why != NULL;
    if (failed || sent->statements + sent->objects > 0)
        log_line(failed ? LOG_WARN : LOG_INFO, failed ? "delivery.failed" : "delivery.sent", fields,
                COUNT_OF(fields) - !failed);
}

static struct err deliver(struct turn *turn, struct taxii_sender *sender)
{
    while (!background_stops(turn->of)) {
        struct taxii_turn sent;
        bool found, news;
        arena_reset(turn->arena);
        TRY(taxii_deliver(sender, turn->db, &turn->actor, turn->arena, &sent, &found));
        if (found)
            log_sent(&sent);
        else
            TRY(store_journal_wait(turn->db, JOBS_WAIT_MS, &news));
    }
    return OK;
}

struct err job_deliver(struct turn *turn)
{
    const struct config *config = turn->of->options.config;
    const struct taxii_fetch fetch = {.http = &config->feeds,
            .keys = turn->of->options.keys,
            .watch = {.context = turn->of, .stop = background_stops}};
    struct arena *arena = arena_open("a sender", ARENA_WORK, JOBS_ARENA_MAX);
    struct taxii_sender *sender = NULL;
    struct err err = taxii_sender_open(&fetch, arena, &sender);
    if (err.kind == ERR_NONE)
        err = deliver(turn, sender);
    taxii_sender_close(sender);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(turn->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

static void rest_for(void *context, int64_t us)
{
    (void)background_rest(context, us);
}

static void begun(void *context)
{
    struct background *background = context;
    atomic_store(&background->begun, true);
}

static struct bookkeeping bookkeeping_of(struct turn *turn)
{
    return (struct bookkeeping){.config = turn->of->options.config,
            .keys = turn->of->options.keys,
            .context = turn->of,
            .stop = background_stops,
            .rest = rest_for,
            .begun = begun};
}

struct err job_ledger(struct turn *turn)
{
    const struct bookkeeping keeping = bookkeeping_of(turn);
    struct err err = bookkeeping_write(&keeping, turn->db, &turn->actor, turn->arena);
    begun(turn->of);
    return err;
}

struct err job_witness(struct turn *turn)
{
    const struct bookkeeping keeping = bookkeeping_of(turn);
    return bookkeeping_witness(&keeping, turn->db, &turn->actor, turn->arena);
}

static void log_release(void *context, struct err err)
{
    (void)context;
    const struct log_field fields[] = {{"why", slice_of(err.why), 0}};
    log_line(LOG_ERROR, "release.failed", fields, COUNT_OF(fields));
}

/* Without keys nothing can be signed: what is to be said waits. */
struct err job_release(struct turn *turn)
{
    const struct share_release_options options = node_release_options(turn->of->options.config);
    struct arena *arena = arena_open("keys of the release", ARENA_WORK, JOBS_ARENA_MAX);
    struct share_keys keys = {0};
    while (!atomic_load(&turn->of->begun) && background_rest(turn->of, BEGUN_US))
        continue; /* what it enters would stand in the way of what comes back from partners after a restore */
    struct err err = share_keys_open(turn->db, turn->of->options.keys, clock_now_us(), arena, &keys);
    bool known = err.kind == ERR_NONE;
    if (!known)
        log_release(NULL, err);
    share_recall_most(options.recall_max);
    struct share_releaser *releaser = share_releaser_open(turn->db, &options, known ? &keys : NULL);
    share_release_run(releaser, &turn->of->stop, log_release, NULL);
    share_releaser_close(releaser);
    if (known)
        share_keys_forget(&keys);
    arena_close(arena);
    return OK;
}
