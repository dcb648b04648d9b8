/* SPDX-License-Identifier: Apache-2.0 */
#include "app/background.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#include "app/bookkeeping.h"
#include "app/mailboxes.h"
#include "app/node.h"
#include "app/notices.h"
#include "app/retention.h"
#include "app/team_key.h"
#include "app/warner.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "case/across.h"
#include "case/duty.h"
#include "case/lesson.h"
#include "case/risk.h"
#include "case/round.h"
#include "case/takedown.h"
#include "desk/contact.h"
#include "desk/publish.h"
#include "desk/tell.h"
#include "detect/hunt.h"
#include "http/client.h"
#include "intel/feed.h"
#include "intel/retain.h"
#include "share/agreement.h"
#include "share/claims.h"
#include "share/group.h"
#include "share/recall.h"
#include "share/release.h"
#include "share/sign.h"
#include "store/actor.h"
#include "store/button.h"
#include "store/journal.h"
#include "taxii/deliver.h"
#include "taxii/peer.h"

#define ARENA_BYTES_MAX ((size_t)1 << 30)
#define TURNS_MAX 40
#define SENDERS 4                       /* that a partner or a contact is sent to by; a slow one takes one of them */
#define MEMORY_REST_US (5 * SECOND_US)  /* between looks whether runs of the memory are to be merged */
#define FORGET_REST_US (10 * MINUTE_US) /* and whether somebody's time is over */
#define WARN_NEWS_MAX 20                /* rows of the journal between two looks at what was met */
#define DUTY_NEWS_MAX 20                /* and at the clocks of law */
#define RISK_NEWS_MAX 20                /* and at risks */
#define TAKEDOWN_NEWS_MAX 20            /* and at pages that are to be taken down */
#define ACROSS_NEWS_MAX 20              /* and at what is shared of incidents */
#define PROFILE_NEWS_MAX 100            /* and at what we say of ourselves: a form of all fields is one look */
#define PROFILE_REST_US HOUR_US         /* and whether what was published is a month old */
#define BEGUN_US (20 * 1000)            /* how soon it is seen that the ledger has begun */
#define WAIT_MS 200 /* how soon a follower sees that it is to end, or that the time of something has come */

/* One job at work. */
struct turn {
    struct background *of;
    const struct job *job;
    struct db *db;
    struct actor actor;
    struct arena *arena; /* emptied after each step */
    struct http_client *client, *direct;
    struct http_client *door; /* by which pages of others are looked at; NULL: this job looks at none */
    pthread_t thread;
    bool started;
};

struct job {
    const char *name;
    int64_t first_us, every_us; /* from the start; from the end of one to the next */
    struct err (*run)(struct turn *turn);
    size_t threads;                          /* 0: one */
    struct err (*before)(struct turn *turn); /* once, before any of them runs; NULL: nothing */
    bool looks;                              /* at pages of others */
};

struct background {
    struct background_options options;
    atomic_bool stop, begun;
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    struct turn turns[TURNS_MAX];
    size_t turn_count;
};

static bool stops(void *context)
{
    const struct background *background = context;
    return atomic_load_explicit(&background->stop, memory_order_relaxed);
}

static void log_failure(const struct job *job, struct err err)
{
    const struct log_field fields[] = {{"job", slice_of(job->name), 0}, {"why", slice_of(err.why), 0}};
    log_line(LOG_ERROR, "background.failed", fields, COUNT_OF(fields));
}

/* ---- The jobs ---- */

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

static struct err run_feeds(struct turn *turn)
{
    const struct config *config = turn->of->options.config;
    const struct intel_fetch fetch = {
            .client = turn->client,
            .direct = turn->direct,
            .folder = config->folder,
            .objects_max = config->import.objects_max,
            .bytes_max = config->import.bytes_max,
            .watch = {.context = turn->of, .stop = stops},
    };
    for (bool found = true; found && !stops(turn->of);) {
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

static struct err run_peers(struct turn *turn)
{
    const struct config *config = turn->of->options.config;
    const struct taxii_fetch fetch = {
            .http = &config->feeds,
            .keys = turn->of->options.keys,
            .objects_max = config->import.objects_max,
            .watch = {.context = turn->of, .stop = stops},
    };
    for (bool found = true; found && !stops(turn->of);) {
        struct taxii_pulled pulled;
        arena_reset(turn->arena);
        TRY(taxii_peer_run_due(turn->db, &turn->actor, &fetch, turn->arena, &pulled, &found));
        if (found)
            log_pulled(&pulled);
    }
    return OK;
}

#define BUTTONS_AT_ONCE 1000

struct sweeping {
    uint64_t count;
};

static struct err sweep_buttons(struct work *work, void *context)
{
    return store_button_sweep(work, BUTTONS_AT_ONCE, &((struct sweeping *)context)->count);
}

static struct err run_retention(struct turn *turn)
{
    struct sweeping buttons = {BUTTONS_AT_ONCE};
    while (buttons.count == BUTTONS_AT_ONCE && !stops(turn->of))
        TRY(store_work(turn->db, &turn->actor, turn->arena, sweep_buttons, &buttons));
    const struct retain_limits limits = retention_limits(turn->of->options.config);
    const struct intel_retain_watch watch = {.context = turn->of, .stop = stops};
    struct retained retained = {0};
    return intel_retain(turn->db, &turn->actor, &limits, &watch, turn->arena, &retained);
}

/* Contacts that have not been heard of for long. */
static struct err run_contacts(struct turn *turn)
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

static struct err run_imports(struct turn *turn)
{
    struct import_left left;
    uint64_t count;
    const struct intel_watch watch = {.context = turn->of, .stop = stops};
    TRY(store_import_left(turn->db, turn->arena, &left));
    if (left.dead > 0)
        TRY(store_work(turn->db, &turn->actor, turn->arena, recover, &count));
    return left.dead + left.unswept > 0 ? intel_sweep(turn->db, &turn->actor, &watch) : OK;
}

/* ---- What follows the journal ---- */

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
static struct err run_sign(struct turn *turn)
{
    while (!stops(turn->of)) {
        struct letter letter;
        bool found, news;
        arena_reset(turn->arena);
        TRY(store_letter_next(turn->db, turn->arena, &letter, &found));
        TRY(found ? sign(turn) : store_journal_wait(turn->db, WAIT_MS, &news));
    }
    return OK;
}

/* Proposals, agreements and votes whose time is over. */
static struct err run_terms(struct turn *turn)
{
    size_t count;
    TRY(share_approvals_expire(turn->db, &turn->actor, turn->arena, &count));
    TRY(share_agreements_due(turn->db, &turn->actor, turn->arena, &count));
    return share_groups_due(turn->db, &turn->actor, turn->arena, &count);
}

static struct err run_claims(struct turn *turn)
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
static struct err before_deliver(struct turn *turn)
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
    while (!stops(turn->of)) {
        struct taxii_turn sent;
        bool found, news;
        arena_reset(turn->arena);
        TRY(taxii_deliver(sender, turn->db, &turn->actor, turn->arena, &sent, &found));
        if (found)
            log_sent(&sent);
        else
            TRY(store_journal_wait(turn->db, WAIT_MS, &news));
    }
    return OK;
}

static struct err run_deliver(struct turn *turn)
{
    const struct config *config = turn->of->options.config;
    const struct taxii_fetch fetch = {
            .http = &config->feeds, .keys = turn->of->options.keys, .watch = {.context = turn->of, .stop = stops}};
    struct arena *arena = arena_open("a sender", ARENA_WORK, ARENA_BYTES_MAX);
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

static bool rest(struct background *background, int64_t us);

static void rest_for(void *context, int64_t us)
{
    (void)rest(context, us);
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
            .stop = stops,
            .rest = rest_for,
            .begun = begun};
}

static struct err run_ledger(struct turn *turn)
{
    const struct bookkeeping keeping = bookkeeping_of(turn);
    struct err err = bookkeeping_write(&keeping, turn->db, &turn->actor, turn->arena);
    begun(turn->of);
    return err;
}

static struct err run_witness(struct turn *turn)
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
static struct err run_release(struct turn *turn)
{
    const struct share_release_options options = node_release_options(turn->of->options.config);
    struct arena *arena = arena_open("keys of the release", ARENA_WORK, ARENA_BYTES_MAX);
    struct share_keys keys = {0};
    while (!atomic_load(&turn->of->begun) && rest(turn->of, BEGUN_US))
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

/* ---- The memory ---- */

static struct err remember_of(struct turn *turn, struct remember **remember)
{
    const char *folder = arena_printf(turn->arena, "%s/memory", turn->of->options.config->folder);
    return remember_open(folder, turn->arena, remember);
}

static struct err hunt(struct turn *turn, struct hunter *hunter)
{
    while (!stops(turn->of)) {
        bool did, news;
        TRY(hunter_once(hunter, &did));
        if (!did)
            TRY(store_journal_wait(turn->db, WAIT_MS, &news));
    }
    return OK;
}

/* What new intelligence would have met. */
static struct err run_hunt(struct turn *turn)
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
    struct arena *arena = arena_open("keeping the memory", ARENA_WORK, ARENA_BYTES_MAX);
    struct err err = OK;
    for (int64_t forgot_us = TIME_NONE; err.kind == ERR_NONE && !stops(turn->of);) {
        struct remember_done done = {0};
        arena_reset(arena);
        if (forgot_us == TIME_NONE || clock_steady_us() - forgot_us >= FORGET_REST_US) {
            err = remember_clear(remember, turn->db, arena, &done);
            if (err.kind == ERR_NONE)
                err = remember_forget(remember, turn->db, &turn->actor, stops, turn->of, arena, &done);
            forgot_us = clock_steady_us();
        }
        if (err.kind == ERR_NONE)
            err = remember_merge(remember, turn->db, &turn->actor, stops, turn->of, arena, &done);
        log_memory(&done);
        if (err.kind == ERR_NONE)
            rest(turn->of, MEMORY_REST_US);
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(turn->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

static struct err run_memory(struct turn *turn)
{
    struct remember *remember;
    TRY(remember_of(turn, &remember));
    struct err err = keep_memory(turn, remember);
    remember_close(remember);
    return err;
}

/* What was met becomes warnings, and what is due by time is told: each step a work of its own. */
static struct err warn_step(struct turn *turn, const struct desk_warner *warner, const struct follower *follower)
{
    size_t looked, told;
    uint64_t followed;
    bool news;
    arena_reset(turn->arena);
    TRY(desk_warn_some(warner, turn->db, &turn->actor, turn->arena, &looked));
    TRY(store_follower_once(turn->db, follower, WARN_NEWS_MAX, turn->arena, &followed));
    TRY(desk_due(turn->db, &turn->actor, &warner->day, turn->arena, &told));
    return looked + followed + told > 0 ? OK : store_journal_wait(turn->db, WAIT_MS, &news);
}

static struct err run_warn(struct turn *turn)
{
    struct desk_warner warner = warner_of(turn->of->options.config);
    const struct follower follower = desk_follower(&warner);
    struct err err = OK;
    while (err.kind == ERR_NONE && !stops(turn->of)) {
        warner.noise.lists = lists_take(turn->of->options.lists);
        err = warn_step(turn, &warner, &follower);
        lists_leave(turn->of->options.lists, warner.noise.lists);
    }
    return err;
}

/* Clocks of law begin, and those are reminded of that run out; who has a task that is due is told. */
static struct err run_duties(struct turn *turn)
{
    const struct follower follower = case_duty_follower(turn->of->options.duties);
    while (!stops(turn->of)) {
        uint64_t followed;
        size_t told, tasks;
        bool news;
        arena_reset(turn->arena);
        TRY(store_follower_once(turn->db, &follower, DUTY_NEWS_MAX, turn->arena, &followed));
        TRY(case_duty_remind(turn->db, &turn->actor, turn->arena, &told));
        TRY(case_round_remind(turn->db, &turn->actor, turn->arena, &tasks));
        if (followed + told + tasks == 0)
            TRY(store_journal_wait(turn->db, WAIT_MS, &news));
    }
    return OK;
}

/* Incidents that are over become risks; what is too old for the rule counts no more. */
static struct err run_risks(struct turn *turn)
{
    const struct follower follower = case_risk_follower();
    struct case_risk_renewal renewal = {0};
    while (!stops(turn->of) && !renewal.done) {
        arena_reset(turn->arena);
        TRY(case_risk_renew(turn->db, &turn->actor, turn->arena, &renewal));
    }
    while (!stops(turn->of)) {
        uint64_t followed;
        size_t aged;
        bool news;
        arena_reset(turn->arena);
        TRY(store_follower_once(turn->db, &follower, RISK_NEWS_MAX, turn->arena, &followed));
        TRY(case_risk_due(turn->db, &turn->actor, turn->arena, &aged));
        if (followed + aged == 0)
            TRY(store_journal_wait(turn->db, WAIT_MS, &news));
    }
    return OK;
}

/* What is said to the parties of an incident becomes objects, and what they say becomes rows. */
static struct err run_across(struct turn *turn)
{
    const struct follower follower = case_across_follower();
    while (!stops(turn->of)) {
        uint64_t followed;
        bool did, news;
        arena_reset(turn->arena);
        TRY(store_follower_once(turn->db, &follower, ACROSS_NEWS_MAX, turn->arena, &followed));
        TRY(case_across_step(turn->db, &turn->actor, turn->arena, &did));
        if (followed == 0 && !did)
            TRY(store_journal_wait(turn->db, WAIT_MS, &news));
    }
    return OK;
}

static void log_published(const struct published *published)
{
    const struct log_field fields[] = {{"made", {NULL, 0}, (int64_t)published->made},
            {"withdrawn", {NULL, 0}, (int64_t)published->dropped},
            {"unsigned", slice_of(published->why == NULL ? "" : published->why), 0}};
    log_line(published->why == NULL ? LOG_INFO : LOG_WARN, "profile.published", fields, COUNT_OF(fields));
}

/* What was typed of ourselves is published when it was, and again before it expires. */
static struct err run_profile(struct turn *turn)
{
    const struct follower follower = desk_publish_follower();
    int64_t looked_us = 0;
    while (!stops(turn->of)) {
        struct publishing publishing;
        struct published published = {0};
        uint64_t followed;
        bool news;
        arena_reset(turn->arena);
        TRY(store_follower_once(turn->db, &follower, PROFILE_NEWS_MAX, turn->arena, &followed));
        if (followed > 0 || looked_us == 0 || clock_steady_us() - looked_us > PROFILE_REST_US) {
            TRY(team_publishing(turn->of->options.config, turn->of->options.url, turn->arena, &publishing));
            TRY(desk_publish(turn->db, &turn->actor, &publishing, turn->arena, &published));
            looked_us = clock_steady_us();
            if (published.made + published.dropped > 0 || published.why != NULL)
                log_published(&published);
        } else {
            TRY(store_journal_wait(turn->db, WAIT_MS, &news));
        }
    }
    return OK;
}

/* What two persons agreed to share becomes objects of ours. */
static struct err run_lessons(struct turn *turn)
{
    size_t count;
    return case_lesson_publish(turn->db, &turn->actor, turn->arena, &count);
}

/* ---- Take-downs ---- */

/* What became of letters, and then the page that is due longest. */
static struct err takedown_step(struct turn *turn)
{
    const struct follower follower = case_takedown_follower();
    uint64_t followed;
    bool found, news;
    arena_reset(turn->arena);
    TRY(store_follower_once(turn->db, &follower, TAKEDOWN_NEWS_MAX, turn->arena, &followed));
    TRY(case_takedown_look_due(turn->db, &turn->actor, turn->door, turn->arena, &found));
    return followed > 0 || found ? OK : store_journal_wait(turn->db, WAIT_MS, &news);
}

static struct err run_takedowns(struct turn *turn)
{
    while (!stops(turn->of))
        TRY(takedown_step(turn));
    return OK;
}

/* ---- Notices ---- */

static void log_notice(const struct desk_sent *sent)
{
    bool taken = sent->outcome == NOTICE_TAKEN;
    const struct log_field fields[] = {
            {"notice", {NULL, 0}, sent->notice},
            {"state", slice_of(store_notice_state_name(sent->state)), 0},
            {"took_us", {NULL, 0}, sent->took_us},
            {"why", slice_of(sent->why == NULL ? "" : sent->why), 0},
    };
    log_line(taken ? LOG_INFO : LOG_WARN, taken ? "notice.sent" : "notice.unsent", fields, COUNT_OF(fields) - taken);
}

static struct err notice_send(struct turn *turn, struct desk_sender *sender)
{
    struct desk_sent sent;
    bool found, news;
    arena_reset(turn->arena);
    TRY(desk_send(sender, turn->db, &turn->actor, turn->arena, &sent, &found));
    if (!found)
        return store_journal_wait(turn->db, WAIT_MS, &news);
    log_notice(&sent);
    return OK;
}

/* A sender that failed is kept: it knows what it had begun. */
static void notices_send(struct turn *turn, struct desk_sender *sender)
{
    while (!stops(turn->of)) {
        struct err err = notice_send(turn, sender);
        if (err.kind != ERR_NONE && !stops(turn->of)) {
            log_failure(turn->job, err);
            (void)rest(turn->of, turn->job->every_us);
        }
    }
}

static struct err run_send(struct turn *turn, enum notice_channel channel)
{
    struct desk_send_options options;
    struct desk_sender *sender = NULL;
    struct arena *arena = arena_open("a sender of notices", ARENA_WORK, ARENA_BYTES_MAX);
    struct err err = notices_sending(turn->of->options.config, turn->of->options.keys, channel, arena, &options);
    options.mail.stop = stops;
    options.mail.context = turn->of;
    if (err.kind == ERR_NONE)
        err = desk_sender_open(&options, arena, &sender);
    if (err.kind == ERR_NONE)
        notices_send(turn, sender);
    desk_sender_close(sender);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(turn->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

/* Of both channels, before their senders begin. */
static struct err before_notices(struct turn *turn)
{
    return desk_send_recover(turn->db, &turn->actor, turn->arena);
}

static struct err run_mail(struct turn *turn)
{
    return run_send(turn, NOTICE_MAIL);
}

static struct err run_webhook(struct turn *turn)
{
    return run_send(turn, NOTICE_WEBHOOK);
}

/* ---- Mail that comes in ---- */

static struct mailboxes mailboxes_of(struct turn *turn)
{
    return (struct mailboxes){.config = turn->of->options.config,
            .db = turn->db,
            .actor = &turn->actor,
            .arena = turn->arena,
            .stop = stops,
            .context = turn->of};
}

static struct err before_mailboxes(struct turn *turn)
{
    return mailboxes_check(turn->of->options.config, turn->arena);
}

static struct err run_mailboxes(struct turn *turn)
{
    const struct mailboxes mailboxes = mailboxes_of(turn);
    do {
        arena_reset(turn->arena);
        TRY(mailboxes_look(&mailboxes));
    } while (rest(turn->of, (int64_t)turn->of->options.config->mailbox.every_ms * 1000));
    return OK;
}

static struct err run_lmtp(struct turn *turn)
{
    const struct mailboxes mailboxes = mailboxes_of(turn);
    return mailboxes_listen(&mailboxes);
}

static const struct job jobs[] = {
        {"feeds", SECOND_US, 2 * SECOND_US, run_feeds},
        {"peers", SECOND_US, 2 * SECOND_US, run_peers},
        {"imports", MINUTE_US, 10 * MINUTE_US, run_imports},
        {"retention", 5 * MINUTE_US, DAY_US, run_retention},
        {"contacts", MINUTE_US, DAY_US / 4, run_contacts},
        {"sign", 0, 10 * SECOND_US, run_sign},
        {"terms", SECOND_US, SECOND_US, run_terms}, /* an end is to the second */
        {"claims", 0, SECOND_US, run_claims},
        {"ledger", 0, SECOND_US, run_ledger},
        {"witness", 0, SECOND_US, run_witness},
        {"hunt", 0, SECOND_US, run_hunt},
        {"memory", SECOND_US, MINUTE_US, run_memory},
        {"release", 0, SECOND_US, run_release},
        {"warn", 0, SECOND_US, run_warn},
        {"duties", 0, SECOND_US, run_duties},
        {"risks", 0, SECOND_US, run_risks},
        {"across", 0, SECOND_US, run_across},
        {"lessons", SECOND_US, SECOND_US, run_lessons},
        {"profile", 0, MINUTE_US, run_profile}, /* it only ends when the key cannot be used */
        {"takedowns", 0, SECOND_US, run_takedowns, .looks = true},
        {"mail", 0, 10 * SECOND_US, run_mail, .threads = SENDERS, .before = before_notices},
        {"webhook", 0, 10 * SECOND_US, run_webhook, .threads = SENDERS},
        {"mailboxes", 0, 10 * SECOND_US, run_mailboxes, .before = before_mailboxes},
        {"lmtp", 0, 10 * SECOND_US, run_lmtp},
        {"deliver", 0, SECOND_US, run_deliver, .threads = SENDERS, .before = before_deliver},
};

/* ---- Threads ---- */

/* False: it is to end. */
static bool rest(struct background *background, int64_t us)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + us % SECOND_US * 1000;
    until.tv_sec += us / SECOND_US + ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&background->lock);
    int status = 0;
    while (!stops(background) && status == 0)
        status = pthread_cond_timedwait(&background->stopped, &background->lock, &until);
    pthread_mutex_unlock(&background->lock);
    return !stops(background);
}

static void *work_on(void *context)
{
    struct turn *turn = context;
    bool goes_on = rest(turn->of, turn->job->first_us);
    while (goes_on) {
        arena_reset(turn->arena);
        struct err err = turn->job->run(turn);
        if (err.kind != ERR_NONE && !stops(turn->of))
            log_failure(turn->job, err);
        goes_on = rest(turn->of, turn->job->every_us);
    }
    return NULL;
}

/* Everything that it needs is there before the thread is, so that a failure is told at the start. */
static struct err turn_open(struct turn *turn, bool first, struct arena *arena)
{
    const struct background_options *options = &turn->of->options;
    struct http_client_options direct = options->config->feeds;
    direct.proxy = NULL;
    turn->arena = arena_open(turn->job->name, ARENA_WORK, ARENA_BYTES_MAX);
    turn->actor = (struct actor){
            .organisation = options->organisation,
            .name = slice_of(arena_printf(arena, "@%s", turn->job->name)),
            .how = ACTOR_FOLLOWER,
    };
    TRY(db_open(&options->db, arena, &turn->db));
    TRY(http_client_open(&options->config->feeds, arena, &turn->client));
    TRY(http_client_open(&direct, arena, &turn->direct));
    struct http_client_options door = case_takedown_door(&options->config->feeds, options->config->takedown.everywhere);
    if (turn->job->looks)
        TRY(http_client_open(&door, arena, &turn->door));
    if (first && turn->job->before != NULL)
        TRY(turn->job->before(turn));
    turn->started = pthread_create(&turn->thread, NULL, work_on, turn) == 0;
    return turn->started ? OK : err_make(ERR_SYSTEM, "no thread can be started");
}

static void turn_close(struct turn *turn)
{
    if (turn->started)
        pthread_join(turn->thread, NULL);
    http_client_close(turn->client);
    http_client_close(turn->direct);
    http_client_close(turn->door);
    db_close(turn->db);
    arena_close(turn->arena);
}

static struct err job_open(struct background *background, const struct job *job, struct arena *arena)
{
    size_t threads = job->threads == 0 ? 1 : job->threads;
    for (size_t i = 0; i < threads; i++) {
        assert(background->turn_count < TURNS_MAX);
        struct turn *turn = &background->turns[background->turn_count++];
        turn->of = background;
        turn->job = job;
        TRY(turn_open(turn, i == 0, arena));
    }
    return OK;
}

static void condition_open(pthread_cond_t *condition)
{
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &steady);
    pthread_condattr_destroy(&steady);
}

struct err background_open(
        const struct background_options *options, struct arena *arena, struct background **background)
{
    struct background *made = arena_new(arena, struct background, 1);
    struct err err = OK;
    made->options = *options;
    pthread_mutex_init(&made->lock, NULL);
    condition_open(&made->stopped);
    for (size_t i = 0; i < COUNT_OF(jobs) && err.kind == ERR_NONE; i++)
        err = job_open(made, &jobs[i], arena);
    if (err.kind != ERR_NONE)
        background_close(made);
    else
        *background = made;
    return err;
}

void background_close(struct background *background)
{
    if (background == NULL)
        return;
    pthread_mutex_lock(&background->lock);
    atomic_store(&background->stop, true);
    pthread_cond_broadcast(&background->stopped);
    pthread_mutex_unlock(&background->lock);
    for (size_t i = 0; i < background->turn_count; i++)
        if (background->turns[i].door != NULL)
            http_client_stop(background->turns[i].door);
    for (size_t i = 0; i < background->turn_count; i++)
        turn_close(&background->turns[i]);
    pthread_cond_destroy(&background->stopped);
    pthread_mutex_destroy(&background->lock);
}
