/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The inside of app/background.h: a job at work, and the jobs themselves by what they serve, in jobs_intel.c,
 * jobs_share.c, jobs_desk.c and jobs_mail.c; the table in background.c says when each of them runs. A job that returns
 * is run again after its rest; one that follows the journal returns when all ends, or by its failure.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "app/background.h"
#include "base/clock.h"
#include "store/actor.h"
#include "store/follower.h"
#include "store/journal.h"

#define JOBS_ARENA_MAX ((size_t)1 << 30)
#define JOBS_TURNS_MAX 40
#define JOBS_NEWS_MAX 20 /* rows of the journal between two looks at what is due by time */
#define JOBS_WAIT_MS 200 /* how soon a follower sees that it is to end, or that the time of something has come */

struct http_client;
struct job;

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
    atomic_bool stop, begun; /* begun: the ledger has */
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    struct turn turns[JOBS_TURNS_MAX];
    size_t turn_count;
};

/* ---- What they share ---- */

bool background_stops(void *background);
/* False: it is to end. */
bool background_rest(struct background *background, int64_t us);
void background_failed(const struct job *job, struct err err);
/* What is due by time; *did: there was something. */
typedef struct err job_step(struct turn *turn, bool *did);
/* Follows the journal, and takes a step after each piece of it, until all ends. */
struct err background_follow(struct turn *turn, const struct follower *follower, job_step *step);

/* ---- Intelligence ---- */

struct err job_feeds(struct turn *turn);
struct err job_peers(struct turn *turn);
struct err job_imports(struct turn *turn);
struct err job_retention(struct turn *turn);
struct err job_contacts(struct turn *turn);
struct err job_hunt(struct turn *turn);
struct err job_memory(struct turn *turn);

/* ---- Sharing ---- */

struct err job_sign(struct turn *turn);
struct err job_terms(struct turn *turn);
struct err job_claims(struct turn *turn);
struct err job_ledger(struct turn *turn);
struct err job_witness(struct turn *turn);
struct err job_release(struct turn *turn);
struct err job_before_deliver(struct turn *turn);
struct err job_deliver(struct turn *turn);

/* ---- The desk ---- */

struct err job_warn(struct turn *turn);
struct err job_duties(struct turn *turn);
struct err job_risks(struct turn *turn);
struct err job_across(struct turn *turn);
struct err job_profile(struct turn *turn);
struct err job_lessons(struct turn *turn);
struct err job_takedowns(struct turn *turn);

/* ---- Mail ---- */

struct err job_before_notices(struct turn *turn);
struct err job_mail(struct turn *turn);
struct err job_webhook(struct turn *turn);
struct err job_before_mailboxes(struct turn *turn);
struct err job_mailboxes(struct turn *turn);
struct err job_lmtp(struct turn *turn);
