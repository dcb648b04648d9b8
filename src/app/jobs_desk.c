/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of the desk: each follows the journal, and does what is due by time. */
#include "app/jobs.h"
#include "app/team_key.h"
#include "app/warner.h"
#include "base/arena.h"
#include "base/log.h"
#include "case/across.h"
#include "case/duty.h"
#include "case/lesson.h"
#include "case/risk.h"
#include "case/round.h"
#include "case/takedown.h"
#include "desk/publish.h"
#include "desk/tell.h"

#define PROFILE_NEWS_MAX 100    /* a form of all fields is one look */
#define PROFILE_REST_US HOUR_US /* between looks whether what was published is a month old */

/* What was met becomes warnings, and what is due by time is told: each step a work of its own. */
static struct err warn_step(struct turn *turn, const struct desk_warner *warner, const struct follower *follower)
{
    size_t looked, told;
    uint64_t followed;
    bool news;
    arena_reset(turn->arena);
    TRY(desk_warn_some(warner, turn->db, &turn->actor, turn->arena, &looked));
    TRY(store_follower_once(turn->db, follower, JOBS_NEWS_MAX, turn->arena, &followed));
    TRY(desk_due(turn->db, &turn->actor, &warner->day, turn->arena, &told));
    return looked + followed + told > 0 ? OK : store_journal_wait(turn->db, JOBS_WAIT_MS, &news);
}

struct err job_warn(struct turn *turn)
{
    struct desk_warner warner = warner_of(turn->of->options.config);
    const struct follower follower = desk_follower(&warner);
    struct err err = OK;
    while (err.kind == ERR_NONE && !background_stops(turn->of)) {
        warner.noise.lists = lists_take(turn->of->options.lists);
        err = warn_step(turn, &warner, &follower);
        lists_leave(turn->of->options.lists, warner.noise.lists);
    }
    return err;
}

static struct err duties_step(struct turn *turn, bool *did)
{
    size_t told, tasks;
    TRY(case_duty_remind(turn->db, &turn->actor, turn->arena, &told));
    TRY(case_round_remind(turn->db, &turn->actor, turn->arena, &tasks));
    *did = told + tasks > 0;
    return OK;
}

/* Clocks of law begin, and those are reminded of that run out; who has a task that is due is told. */
struct err job_duties(struct turn *turn)
{
    const struct follower follower = case_duty_follower(turn->of->options.duties);
    return background_follow(turn, &follower, duties_step);
}

static struct err risks_step(struct turn *turn, bool *did)
{
    size_t aged;
    TRY(case_risk_due(turn->db, &turn->actor, turn->arena, &aged));
    *did = aged > 0;
    return OK;
}

/* Incidents that are over become risks; what is too old for the rule counts no more. */
struct err job_risks(struct turn *turn)
{
    const struct follower follower = case_risk_follower();
    struct case_risk_renewal renewal = {0};
    while (!background_stops(turn->of) && !renewal.done) {
        arena_reset(turn->arena);
        TRY(case_risk_renew(turn->db, &turn->actor, turn->arena, &renewal));
    }
    return background_follow(turn, &follower, risks_step);
}

static struct err across_step(struct turn *turn, bool *did)
{
    return case_across_step(turn->db, &turn->actor, turn->arena, did);
}

/* What is said to the parties of an incident becomes objects, and what they say becomes rows. */
struct err job_across(struct turn *turn)
{
    const struct follower follower = case_across_follower();
    return background_follow(turn, &follower, across_step);
}

static void log_published(const struct published *published)
{
    const struct log_field fields[] = {{"made", {NULL, 0}, (int64_t)published->made},
            {"withdrawn", {NULL, 0}, (int64_t)published->dropped},
            {"unsigned", slice_of(published->why == NULL ? "" : published->why), 0}};
    log_line(published->why == NULL ? LOG_INFO : LOG_WARN, "profile.published", fields, COUNT_OF(fields));
}

/* What was typed of ourselves is published when it was, and again before it expires. */
struct err job_profile(struct turn *turn)
{
    const struct follower follower = desk_publish_follower();
    int64_t looked_us = 0;
    while (!background_stops(turn->of)) {
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
            TRY(store_journal_wait(turn->db, JOBS_WAIT_MS, &news));
        }
    }
    return OK;
}

/* What two persons agreed to share becomes objects of ours. */
struct err job_lessons(struct turn *turn)
{
    size_t count;
    return case_lesson_publish(turn->db, &turn->actor, turn->arena, &count);
}

/* ---- Take-downs ---- */

static struct err takedowns_step(struct turn *turn, bool *did)
{
    return case_takedown_look_due(turn->db, &turn->actor, turn->door, turn->arena, did);
}

/* What became of letters, and then the page that is due longest. */
struct err job_takedowns(struct turn *turn)
{
    const struct follower follower = case_takedown_follower();
    return background_follow(turn, &follower, takedowns_step);
}
