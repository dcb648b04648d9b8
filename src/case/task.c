/* SPDX-License-Identifier: Apache-2.0 */
#include "case/task.h"

#include <inttypes.h>

#include "base/arena.h"
#include "case/field.h"
#include "case/round.h"
#include "desk/fact.h"
#include "store/organisation.h"
#include "store/user.h"
#include "text/moment.h"

#define TO(state) (1u << (state))

/* The ways; what was ended may be taken up again. */
static const unsigned ways[TASK_STATES] = {
        [TASK_TO_DO] = TO(TASK_DOING) | TO(TASK_WAITING) | TO(TASK_DONE) | TO(TASK_CANCELLED),
        [TASK_DOING] = TO(TASK_TO_DO) | TO(TASK_WAITING) | TO(TASK_DONE) | TO(TASK_CANCELLED),
        [TASK_WAITING] = TO(TASK_TO_DO) | TO(TASK_DOING) | TO(TASK_DONE) | TO(TASK_CANCELLED),
        [TASK_DONE] = TO(TASK_DOING),
        [TASK_CANCELLED] = TO(TASK_TO_DO),
};

unsigned case_task_ways(enum task_state state)
{
    return ways[state];
}

static const char *const acts[TASK_STATES] = {
        [TASK_TO_DO] = "task.to-do",
        [TASK_DOING] = "task.doing",
        [TASK_WAITING] = "task.waiting",
        [TASK_DONE] = "task.done",
        [TASK_CANCELLED] = "task.cancelled",
};

struct err case_task_tell(struct work *work, const char *act, const struct task *task, const char *name, slice text)
{
    const struct desk_fact facts[] = {{"incident", slice_of(arena_printf(work->arena, "%" PRId64, task->incident))},
            {"title", task->title}, {name, text}};
    return desk_fact_tell(work, act, CASE_TASK_SUBJECT, task->number, task->organisation, facts, COUNT_OF(facts));
}

/* ---- Giving ---- */

static struct err person_find(struct work *work, slice name, int64_t *person)
{
    struct user user;
    *person = 0;
    if (name.len == 0)
        return OK;
    TRY(store_user_find(work->db, name, work->arena, &user));
    *person = user.number;
    return OK;
}

static struct err task_check(const struct task *task, struct arena *arena)
{
    TRY(store_text_check(arena, "title", task->title, STORE_NAME_MAX));
    if (task->text.len > 0)
        TRY(store_prose_check(arena, "text", task->text, CASE_TEXT_MAX));
    if (task->every_us != 0 && (task->every_us < CASE_EVERY_LEAST || task->every_us > CASE_EVERY_MOST))
        return err_make(ERR_INPUT, "every: from 10min to 366d, as 4h");
    return task->agreed_by.len == 0 ? OK
                                    : store_text_check(arena, "name of who agrees", task->agreed_by, STORE_NAME_MAX);
}

struct err case_task_give(struct work *work, struct task *row)
{
    struct organisation whose;
    TRY(store_organisation_get(work->db, row->organisation, work->arena, &whose));
    row->identity = case_identity("task", work->arena);
    TRY(store_task_add(work, row, &row->number));
    return case_task_tell(work, "task.given", row, "to", whose.name);
}

/* What it waits for is there for who gives it. */
static struct err befores_check(struct work *work, const struct case_task_put *put)
{
    for (size_t i = 0; i < put->before_count; i++) {
        struct task before;
        bool seen;
        TRY(store_task_get(work->db, put->befores[i], work->arena, &before));
        TRY(case_task_seen(work->db, work->actor, &before, work->arena, &seen));
        if (!seen)
            return err_make(ERR_MISSING, "there is no such task");
    }
    return OK;
}

struct err case_task_add(struct work *work, const struct case_task_put *put, int64_t *number)
{
    struct incident incident;
    struct task row = {.incident = put->incident,
            .organisation = put->organisation,
            .title = put->title,
            .text = put->text,
            .result = S(""),
            .agreed_by = put->agreed_by,
            .agreed_us = TIME_NONE,
            .playbook = put->playbook,
            .step = put->step,
            .due_us = put->due_us,
            .every_us = put->every_us,
            .asks = S("")};
    TRY(store_right_check(work->actor, VERB_WORK_INCIDENTS, 0, work->arena, NULL));
    TRY(case_incident_reach(work->db, work->actor, put->incident, work->arena, &incident));
    if (incident.state >= INCIDENT_ENDED)
        return err_format(work->arena, ERR_CONFLICT, "incident %" PRId64 " is %s: open it again first", incident.number,
                store_incident_state_name(incident.state));
    TRY(task_check(&row, work->arena));
    TRY(store_organisation_own(work->db, &row.home));
    row.organisation = put->organisation == 0 ? row.home : put->organisation;
    if (row.every_us > 0 && row.due_us == TIME_NONE)
        row.due_us = work->now_us + row.every_us;
    TRY(person_find(work, put->person, &row.person));
    TRY(befores_check(work, put));
    TRY(case_task_give(work, &row));
    *number = row.number;
    for (size_t i = 0; i < put->before_count; i++)
        TRY(store_task_after(work, *number, put->befores[i]));
    return OK;
}

/* ---- Doing ---- */

static struct err waits_for_nobody(struct work *work, const struct task *row)
{
    int64_t waits;
    if (row->agreed_by.len > 0 && row->agreed_us == TIME_NONE)
        return err_format(work->arena, ERR_CONFLICT, "task %" PRId64 " waits for the word of %.*s", row->number,
                (int)row->agreed_by.len, row->agreed_by.ptr);
    TRY(store_task_waits(work->db, row->number, &waits));
    return waits == 0 ? OK
                      : err_format(work->arena, ERR_CONFLICT, "task %" PRId64 " waits for %" PRId64 " others",
                                row->number, waits);
}

struct err case_task_seen(
        struct db *db, const struct actor *actor, const struct task *task, struct arena *arena, bool *seen)
{
    struct incident incident;
    enum case_sight sight;
    int64_t own;
    TRY(store_incident_get(db, task->incident, arena, &incident));
    TRY(case_sees(db, actor, &incident, arena, &sight));
    TRY(store_organisation_own(db, &own));
    bool theirs = actor->organisation != own && actor->organisation == task->organisation &&
                  store_right_check(actor, VERB_READ_INCIDENTS, task->organisation, arena, NULL).kind == ERR_NONE;
    *seen = sight == CASE_ALL || theirs || (task->person != 0 && task->person == actor->user);
    return OK;
}

/* The row, kept, if the actor may do it; `given`: also one that a partner gave us, who has a word of its own in it. Who
 * does none learns of none. */
static struct err doing(struct work *work, int64_t task, bool given, struct task *row)
{
    int64_t own;
    bool seen;
    TRY(store_right_check(work->actor, VERB_TASKS, work->actor->organisation, work->arena, NULL));
    TRY(store_task_keep(work, task, row));
    TRY(case_task_seen(work->db, work->actor, row, work->arena, &seen));
    if (!seen)
        return err_make(ERR_MISSING, "there is no such task");
    TRY(store_right_check(work->actor, VERB_TASKS, row->organisation, work->arena, NULL));
    TRY(store_organisation_own(work->db, &own));
    return row->home == own || (given && row->organisation == own)
                   ? OK
                   : err_format(
                             work->arena, ERR_CONFLICT, "task %" PRId64 " is a partner's: only they change it", task);
}

/* What ended where two nodes have a word in it stays ended, so that both come to the same (doc/why/across.md). */
static struct err not_ended_across(struct work *work, const struct task *row)
{
    struct organisation other;
    int64_t own;
    TRY(store_organisation_own(work->db, &own));
    TRY(store_organisation_get(work->db, row->home == own ? row->organisation : row->home, work->arena, &other));
    return row->state < TASK_ENDED || other.relation != RELATION_PARTNER
                   ? OK
                   : err_format(work->arena, ERR_CONFLICT,
                             "task %" PRId64 " has ended here and at a partner: give another", row->number);
}

struct err case_task_state(struct work *work, int64_t task, enum task_state state, slice result)
{
    struct task row;
    TRY(doing(work, task, true, &row));
    if (row.state == state)
        return OK;
    TRY(not_ended_across(work, &row));
    if ((ways[row.state] & TO(state)) == 0)
        return err_format(work->arena, ERR_CONFLICT, "task %" PRId64 " is %s: it cannot be %s", task,
                store_task_state_name(row.state), store_task_state_name(state));
    if (state == TASK_DOING || state == TASK_DONE)
        TRY(waits_for_nobody(work, &row));
    if (state >= TASK_ENDED || result.len > 0) {
        TRY(store_prose_check(work->arena, "result", result, CASE_TEXT_MAX));
        TRY(case_round_check(&row, result, work->arena));
        row.result = result;
    }
    row.state = state;
    row.done_us = state >= TASK_ENDED ? work->now_us : TIME_NONE;
    TRY(store_task_change(work, &row));
    TRY(case_task_tell(work, acts[state], &row, "result", store_text_keep(work->arena, result, STORE_TEXT_MAX)));
    return state == TASK_DONE ? case_round_done(work, &row) : OK;
}

struct err case_task_agree(struct work *work, int64_t task, slice why)
{
    struct task row;
    TRY(doing(work, task, true, &row));
    if (row.agreed_by.len == 0 || row.agreed_us != TIME_NONE)
        return err_format(work->arena, ERR_CONFLICT, "task %" PRId64 " waits for nobody's word", task);
    TRY(store_text_check(work->arena, "who agreed, and how", why, STORE_TEXT_MAX));
    row.agreed_us = work->now_us;
    TRY(store_task_change(work, &row));
    return case_task_tell(work, "task.agreed", &row, "why", why);
}

/* ---- Changing ---- */

static struct err title_set(struct work *work, struct task *row, slice value)
{
    (void)work;
    row->title = value;
    return OK;
}

static struct err text_set(struct work *work, struct task *row, slice value)
{
    (void)work;
    row->text = value;
    return OK;
}

static struct err due_set(struct work *work, struct task *row, slice value)
{
    (void)work;
    row->due_us = TIME_NONE;
    return value.len == 0 || time_parse_strict(value, &row->due_us)
                   ? OK
                   : err_make(ERR_INPUT, "due: a moment with its zone, as 2026-11-20T22:40:00+07:00, or empty");
}

static struct err every_set(struct work *work, struct task *row, slice value)
{
    row->every_us = 0;
    if (value.len > 0 && (row->state >= TASK_ENDED || !moment_every_read(value, &row->every_us)))
        return err_make(ERR_INPUT, "every: a span as 4h, 90min or 2d, of a task that has not ended; or empty");
    if (row->every_us > 0 && row->due_us == TIME_NONE)
        row->due_us = work->now_us + row->every_us;
    return OK;
}

static struct err person_set(struct work *work, struct task *row, slice value)
{
    return person_find(work, value, &row->person);
}

static struct err organisation_set(struct work *work, struct task *row, slice value)
{
    return store_organisation_find(work->db, value, &row->organisation);
}

static const struct {
    const char *name;
    struct err (*set)(struct work *work, struct task *row, slice value);
} fields[] = {
        {"title", title_set},
        {"text", text_set},
        {"due", due_set},
        {"every", every_set},
        {"person", person_set},
        {"organisation", organisation_set},
};

struct err case_task_set(struct work *work, int64_t task, slice field, slice value)
{
    struct task row;
    TRY(store_right_check(work->actor, VERB_WORK_INCIDENTS, 0, work->arena, NULL));
    TRY(doing(work, task, false, &row));
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (slice_eq(field, slice_of(fields[i].name))) {
            TRY(fields[i].set(work, &row, value));
            TRY(task_check(&row, work->arena));
            TRY(store_task_change(work, &row));
            return case_task_tell(work, "task.changed", &row, fields[i].name, value);
        }
    return err_make(ERR_INPUT, "a task has title, text, due, every, person and organisation to be set");
}
