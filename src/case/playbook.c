/* SPDX-License-Identifier: Apache-2.0 */
#include "case/playbook.h"

#include <inttypes.h>

#include "base/arena.h"
#include "case/field.h"
#include "case/incident.h"
#include "case/task.h"
#include "desk/fact.h"
#include "store/organisation.h"

static struct err tell(struct work *work, const char *act, const struct playbook *row, slice why)
{
    int64_t own;
    TRY(store_organisation_own(work->db, &own));
    const struct desk_fact facts[] = {
            {"name", row->name}, {"version", row->version}, {"signature", row->signature}, {"why", why}};
    return desk_fact_tell(work, act, CASE_PLAYBOOK_SUBJECT, row->number, own, facts, COUNT_OF(facts));
}

/* ---- Taking in ---- */

/* For people to read: control characters, but for ends of lines where there may be some, as blanks. */
static slice plain(struct arena *arena, slice text, bool lines, size_t bytes_max)
{
    slice kept = store_text_keep(arena, text, bytes_max);
    char *bytes = arena_take(arena, kept.len + 1);
    for (size_t i = 0; i < kept.len; i++) {
        uint8_t byte = (uint8_t)kept.ptr[i];
        bytes[i] = (byte < 0x20 && !(lines && byte == '\n')) || byte == 0x7f ? ' ' : kept.ptr[i];
    }
    return (slice){bytes, kept.len};
}

static slice title_of(const struct plan_step *step, struct arena *arena)
{
    slice name = slice_trim(plain(arena, step->name, false, STORE_NAME_MAX));
    return name.len > 0 ? name : slice_of(plan_step_kind_name(step->kind));
}

static slice text_of(const struct plan_playbook *playbook, const struct plan_step *step, struct arena *arena)
{
    return slice_trim(plain(arena, plan_step_text(playbook, step, arena), true, CASE_TEXT_MAX));
}

/* What each step says can be said by a task. */
static struct err steps_check(const struct plan_playbook *playbook, struct arena *arena)
{
    for (size_t i = 0; i < playbook->step_count; i++) {
        const struct plan_step *step = &playbook->steps[i];
        slice text = step->work ? text_of(playbook, step, arena) : S("");
        if (step->work)
            TRY(store_text_check(arena, "name of a step", title_of(step, arena), STORE_NAME_MAX));
        if (text.len > 0)
            TRY(store_prose_check(arena, "text of a step", text, CASE_TEXT_MAX));
    }
    return OK;
}

struct err case_playbook_add(struct work *work, const char *name, slice bytes, slice class, int64_t *number)
{
    struct plan_playbook read;
    TRY(store_right_check(work->actor, VERB_PLAYBOOKS, 0, work->arena, NULL));
    TRY(case_class_check(class, work->arena));
    TRY(plan_playbook_read(name, bytes, NULL, NULL, work->arena, &read));
    TRY(steps_check(&read, work->arena));
    struct playbook row = {.identity = read.id,
            .version = read.version,
            .name = plain(work->arena, read.name, false, STORE_NAME_MAX),
            .types = plain(work->arena, read.types, false, STORE_TEXT_MAX),
            .class = class,
            .signature = slice_of(plan_signature_name(read.signature)),
            .bytes = bytes};
    TRY(store_text_check(work->arena, "name of the playbook", row.name, STORE_NAME_MAX));
    TRY(store_playbook_add(work, &row, number));
    row.number = *number;
    return tell(work, "playbook.added", &row, S(""));
}

struct err case_playbook_read(const struct playbook *row, struct arena *arena, struct plan_playbook *playbook)
{
    return plan_playbook_read(
            arena_printf(arena, "playbook %" PRId64, row->number), row->bytes, NULL, NULL, arena, playbook);
}

/* ---- Life ---- */

static struct err turn(struct work *work, struct playbook *row, enum playbook_state state, const char *act, slice why)
{
    TRY(store_text_check(work->arena, "reason", why, STORE_TEXT_MAX));
    TRY(store_playbook_turn(work, row->number, state));
    return tell(work, act, row, why);
}

struct err case_playbook_approve(struct work *work, int64_t number, slice why)
{
    struct playbook row;
    struct plan_playbook read;
    TRY(store_right_check(work->actor, VERB_PLAYBOOKS, 0, work->arena, NULL));
    TRY(store_playbook_keep(work, number, &row));
    if (row.state != PLAYBOOK_DRAFT)
        return err_format(work->arena, ERR_CONFLICT, "playbook %" PRId64 " is %s: a draft is approved", number,
                store_playbook_state_name(row.state));
    TRY(case_playbook_read(&row, work->arena, &read));
    if (read.revoked)
        return err_format(work->arena, ERR_CONFLICT, "playbook %" PRId64 " was revoked by who made it", number);
    return turn(work, &row, PLAYBOOK_APPROVED, "playbook.approved", why);
}

struct err case_playbook_retire(struct work *work, int64_t number, slice why)
{
    struct playbook row;
    TRY(store_right_check(work->actor, VERB_PLAYBOOKS, 0, work->arena, NULL));
    TRY(store_playbook_keep(work, number, &row));
    if (row.state == PLAYBOOK_RETIRED)
        return OK;
    return turn(work, &row, PLAYBOOK_RETIRED, "playbook.retired", why);
}

/* ---- Starting ---- */

static struct err may_start(struct work *work, const struct playbook *row, const struct plan_playbook *read)
{
    if (read->text_only)
        return err_format(work->arena, ERR_DENIED,
                "playbook %" PRId64 " is of a type that attacks: it is a text, and nothing of it is ever started",
                row->number);
    return row->state == PLAYBOOK_APPROVED
                   ? OK
                   : err_format(work->arena, ERR_CONFLICT, "playbook %" PRId64 " is %s: approve it first", row->number,
                             store_playbook_state_name(row->state));
}

/* The steps are in their order, so what one waits for has its task already. */
static struct err task_make(
        struct work *work, const struct plan_playbook *read, size_t at, const struct case_task_put *of, int64_t *made)
{
    const struct plan_step *step = &read->steps[at];
    int64_t befores[PLAN_BEFORES_MAX];
    struct case_task_put put = *of;
    put.title = title_of(step, work->arena);
    put.text = text_of(read, step, work->arena);
    put.step = step->id;
    put.befores = befores;
    put.before_count = step->before_count;
    for (size_t i = 0; i < step->before_count; i++)
        befores[i] = made[step->befores[i]];
    return case_task_add(work, &put, &made[at]);
}

struct err case_playbook_start(struct work *work, int64_t playbook, int64_t incident, size_t *tasks)
{
    struct playbook row;
    struct incident about;
    struct plan_playbook read;
    int64_t made[PLAN_STEPS_MAX];
    struct case_task_put put = {.incident = incident, .person = S(""), .due_us = TIME_NONE, .agreed_by = S("")};
    size_t count = 0;
    TRY(case_incident_mine(work, incident, &about));
    TRY(store_playbook_keep(work, playbook, &row));
    TRY(case_playbook_read(&row, work->arena, &read));
    TRY(may_start(work, &row, &read));
    TRY(store_playbook_run_add(work, playbook, incident, &put.playbook));
    for (size_t i = 0; i < read.step_count; i++)
        if (read.steps[i].work) {
            TRY(task_make(work, &read, i, &put, made));
            count++;
        }
    *tasks = count;
    const struct desk_fact facts[] = {
            {"playbook", slice_of(arena_printf(work->arena, "%" PRId64, playbook))}, {"name", row.name}};
    return desk_fact_tell(work, "playbook.started", CASE_SUBJECT, incident, about.home, facts, COUNT_OF(facts));
}
