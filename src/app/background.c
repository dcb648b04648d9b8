/* SPDX-License-Identifier: Apache-2.0 */
#include "app/background.h"

#include <assert.h>

#include "app/jobs.h"
#include "base/arena.h"
#include "base/log.h"
#include "case/takedown.h"
#include "http/client.h"

#define SENDERS 4 /* that a partner or a contact is sent to by; a slow one takes one of them */

static const struct job jobs[] = {
        {"feeds", SECOND_US, 2 * SECOND_US, job_feeds},
        {"peers", SECOND_US, 2 * SECOND_US, job_peers},
        {"imports", MINUTE_US, 10 * MINUTE_US, job_imports},
        {"retention", 5 * MINUTE_US, DAY_US, job_retention},
        {"contacts", MINUTE_US, DAY_US / 4, job_contacts},
        {"sign", 0, 10 * SECOND_US, job_sign},
        {"terms", SECOND_US, SECOND_US, job_terms}, /* an end is to the second */
        {"claims", 0, SECOND_US, job_claims},
        {"ledger", 0, SECOND_US, job_ledger},
        {"witness", 0, SECOND_US, job_witness},
        {"hunt", 0, SECOND_US, job_hunt},
        {"memory", SECOND_US, MINUTE_US, job_memory},
        {"release", 0, SECOND_US, job_release},
        {"warn", 0, SECOND_US, job_warn},
        {"duties", 0, SECOND_US, job_duties},
        {"risks", 0, SECOND_US, job_risks},
        {"across", 0, SECOND_US, job_across},
        {"lessons", SECOND_US, SECOND_US, job_lessons},
        {"profile", 0, MINUTE_US, job_profile}, /* it only ends when the key cannot be used */
        {"takedowns", 0, SECOND_US, job_takedowns, .looks = true},
        {"mail", 0, 10 * SECOND_US, job_mail, .threads = SENDERS, .before = job_before_notices},
        {"webhook", 0, 10 * SECOND_US, job_webhook, .threads = SENDERS},
        {"mailboxes", 0, 10 * SECOND_US, job_mailboxes, .before = job_before_mailboxes},
        {"lmtp", 0, 10 * SECOND_US, job_lmtp},
        {"deliver", 0, SECOND_US, job_deliver, .threads = SENDERS, .before = job_before_deliver},
};

/* ---- Threads ---- */

bool background_stops(void *context)
{
    const struct background *background = context;
    return atomic_load_explicit(&background->stop, memory_order_relaxed);
}

bool background_rest(struct background *background, int64_t us)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + us % SECOND_US * 1000;
    until.tv_sec += us / SECOND_US + ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&background->lock);
    int status = 0;
    while (!background_stops(background) && status == 0)
        status = pthread_cond_timedwait(&background->stopped, &background->lock, &until);
    pthread_mutex_unlock(&background->lock);
    return !background_stops(background);
}

void background_failed(const struct job *job, struct err err)
{
    const struct log_field fields[] = {{"job", slice_of(job->name), 0}, {"why", slice_of(err.why), 0}};
    log_line(LOG_ERROR, "background.failed", fields, COUNT_OF(fields));
}

struct err background_follow(struct turn *turn, const struct follower *follower, job_step *step)
{
    while (!background_stops(turn->of)) {
        uint64_t followed;
        bool did = false, news;
        arena_reset(turn->arena);
        TRY(store_follower_once(turn->db, follower, JOBS_NEWS_MAX, turn->arena, &followed));
        TRY(step(turn, &did));
        if (followed == 0 && !did)
            TRY(store_journal_wait(turn->db, JOBS_WAIT_MS, &news));
    }
    return OK;
}

static void *work_on(void *context)
{
    struct turn *turn = context;
    bool goes_on = background_rest(turn->of, turn->job->first_us);
    while (goes_on) {
        arena_reset(turn->arena);
        struct err err = turn->job->run(turn);
        if (err.kind != ERR_NONE && !background_stops(turn->of))
            background_failed(turn->job, err);
        goes_on = background_rest(turn->of, turn->job->every_us);
    }
    return NULL;
}

/* Everything that it needs is there before the thread is, so that a failure is told at the start. */
static struct err turn_open(struct turn *turn, bool first, struct arena *arena)
{
    const struct background_options *options = &turn->of->options;
    struct http_client_options direct = options->config->feeds;
    direct.proxy = NULL;
    turn->arena = arena_open(turn->job->name, ARENA_WORK, JOBS_ARENA_MAX);
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
        assert(background->turn_count < JOBS_TURNS_MAX);
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
