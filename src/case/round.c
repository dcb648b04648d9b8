/* SPDX-License-Identifier: Apache-2.0 */
#include "case/round.h"

#include <inttypes.h>

#include "base/arena.h"
#include "case/field.h"
#include "desk/fact.h"
#include "desk/notice.h"
#include "store/contact.h"
#include "store/organisation.h"
#include "store/roster.h"
#include "store/user.h"
#include "text/catalogue.h"

#define REMINDERS_AT_ONCE 100
#define ROUND_TASKS_MAX 900  /* of an incident; with more of them no round goes on, so that partners get all of them */
#define FIGURES_MAX 20       /* of one answer; more stay text */
#define IMPACTS_MAX 900      /* of one incident, as of ROUND_TASKS_MAX */
#define FIGURE_MAX 999999999 /* of one kind: no hospital has so many */
#define OVER INCIDENT_RECOVERED /* the first of the states in which no round goes on */
/* What is told within this part of the span belongs to the answer before it: one types figure by figure. */
#define SAME_ANSWER 8

static int64_t clinical_us;

void case_round_open(int64_t every_us)
{
    clinical_us = every_us > 0 && every_us < CASE_EVERY_LEAST ? CASE_EVERY_LEAST : every_us;
}

static bool is_clinical(const struct task *row)
{
    return slice_eq(row->asks, S(CASE_ASKS_CLINICAL));
}

/* ---- Figures as lines ---- */

/* "KIND LEAST" or "KIND LEAST-MOST"; *wrong: it begins like that, and is none. */
static bool figure_read(slice line, struct impact *figure, bool *wrong)
{
    uint64_t low, high;
    slice rest = slice_trim(line), least;
    *wrong = false;
    *figure = (struct impact){.unit = S("")};
    if (!slice_next(&rest, ' ', &figure->kind) || !case_impact_is_clinical(figure->kind))
        return false;
    rest = slice_trim(rest);
    *wrong = true;
    if (!slice_next(&rest, '-', &least) || !slice_u64(slice_trim(least), FIGURE_MAX, &low))
        return false;
    high = low;
    if (rest.len > 0 && !slice_u64(slice_trim(rest), FIGURE_MAX, &high))
        return false;
    figure->low = (int64_t)low;
    figure->high = (int64_t)high;
    *wrong = high < low;
    return !*wrong;
}

static slice figure_line(const struct impact *told, struct arena *arena)
{
    if (told->low == IMPACT_UNKNOWN)
        return slice_of(arena_printf(arena, "%.*s: unknown", (int)told->kind.len, told->kind.ptr));
    return slice_of(told->low == told->high
                            ? arena_printf(arena, "%.*s %" PRId64, (int)told->kind.len, told->kind.ptr, told->low)
                            : arena_printf(arena, "%.*s %" PRId64 "-%" PRId64, (int)told->kind.len, told->kind.ptr,
                                      told->low, told->high));
}

struct err case_round_check(const struct task *row, slice result, struct arena *arena)
{
    slice line;
    struct impact figure;
    for (int at = 1; is_clinical(row) && slice_next(&result, '\n', &line); at++) {
        bool wrong;
        if (!figure_read(line, &figure, &wrong) && wrong)
            return err_format(arena, ERR_INPUT,
                    "line %d: %.*s is followed by a whole number, or by the least and the most as 4-8", at,
                    (int)figure.kind.len, figure.kind.ptr);
    }
    return OK;
}

static struct err figures_take(struct work *work, const struct task *row)
{
    struct impact *before, figure;
    slice rest = row->result, line;
    size_t count, taken = 0;
    int64_t number;
    TRY(store_impact_list(work->db, row->incident, work->arena, &before, &count));
    while (taken < FIGURES_MAX && count + taken < IMPACTS_MAX && slice_next(&rest, '\n', &line)) {
        bool wrong;
        if (!figure_read(line, &figure, &wrong))
            continue;
        figure.basis = slice_of(arena_printf(work->arena, "task %" PRId64, row->number));
        figure.confidence = S("medium");
        figure.organisation = row->organisation == row->home ? 0 : row->organisation;
        figure.at_us = work->now_us;
        if (case_impact_check(&figure, work->arena).kind == ERR_NONE)
            TRY(case_impact_keep(work, row->incident, &figure, &number));
        taken++;
    }
    return OK;
}

/* ---- The next one ---- */

/* Another of the same, without what became of that one. A word that it waited for was given once for all of them. */
static struct task another(const struct task *done)
{
    return (struct task){.incident = done->incident,
            .home = done->home,
            .organisation = done->organisation,
            .person = done->person,
            .title = done->title,
            .text = done->text,
            .result = S(""),
            .agreed_by = S(""),
            .agreed_us = TIME_NONE,
            .step = S(""),
            .every_us = done->every_us,
            .asks = done->asks};
}

static struct err next_give(struct work *work, const struct task *done)
{
    struct incident incident;
    struct task *rows, last = *done, next = another(done);
    size_t count;
    last.every_us = 0;
    TRY(store_task_change(work, &last));
    TRY(store_incident_get(work->db, done->incident, work->arena, &incident));
    if (incident.state >= OVER)
        return OK;
    TRY(store_task_list(work->db, done->incident, work->arena, &rows, &count));
    if (count >= ROUND_TASKS_MAX)
        return case_task_tell(work, "task.round-ended", done, "why", S("the incident has too many tasks"));
    next.due_us = work->now_us + next.every_us;
    return case_task_give(work, &next);
}

struct err case_round_done(struct work *work, const struct task *row)
{
    int64_t own;
    TRY(store_organisation_own(work->db, &own));
    if (row->home != own)
        return OK; /* its home takes the figures, and gives the next */
    if (is_clinical(row))
        TRY(figures_take(work, row));
    return row->every_us == 0 ? OK : next_give(work, row);
}

/* ---- Clinical figures ---- */

/* The only victim of today; 0: there is none, or several. */
static struct err victim_find(struct work *work, int64_t incident, int64_t *victim)
{
    struct party *parties;
    size_t count, victims = 0;
    TRY(store_party_list(work->db, incident, work->arena, &parties, &count));
    for (size_t i = 0; i < count; i++)
        if (parties[i].role == PARTY_VICTIM && parties[i].until_us == TIME_NONE) {
            *victim = parties[i].organisation;
            victims++;
        }
    *victim = victims == 1 ? *victim : 0;
    return OK;
}

/* Who is asked for more: whom it hits, if that is a party that may know, and a node of theirs gets the task or somebody
 * there can be told of it; else we. */
static struct err asked_find(
        struct work *work, const struct impact *told, const struct incident *incident, int64_t *asked)
{
    struct organisation whose;
    struct contact *contacts;
    int64_t hit = told->organisation;
    size_t count;
    bool sees;
    if (hit == 0)
        TRY(victim_find(work, incident->number, &hit));
    TRY(store_party_is(work->db, incident->number, hit, PARTY_SEEING, &sees));
    *asked = incident->home;
    if (!sees || store_restricted(incident->flags))
        return OK;
    TRY(store_organisation_get(work->db, hit, work->arena, &whose));
    TRY(store_contact_of(work->db, hit, false, work->arena, &contacts, &count));
    if (whose.relation == RELATION_PARTNER || count > 0)
        *asked = hit;
    return OK;
}

/* In all languages: nobody knows who reads it. */
static slice in_all(slice text, const char *between, struct arena *arena)
{
    struct buf out = buf_make(CASE_TEXT_MAX);
    for (enum language language = 0; language < LANGUAGES; language++) {
        if (language > 0)
            buf_put(&out, slice_of(between));
        buf_put(&out, catalogue_text(catalogue_of(language), text));
    }
    slice all = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return all;
}

static struct err clinical_begin(struct work *work, const struct incident *incident, const struct impact *told)
{
    struct task row = {.incident = incident->number,
            .home = incident->home,
            .title = in_all(W("Clinical figures"), " / ", work->arena),
            .text = in_all(W("How is it now? One line a figure: patients-diverted, procedures-postponed, "
                             "results-delayed or patients-harmed, and behind it a number, or two as 4-8. What else "
                             "there is to say stands in other lines."),
                    "\n\n", work->arena),
            .result = S(""),
            .agreed_by = S(""),
            .agreed_us = TIME_NONE,
            .step = S(""),
            .due_us = work->now_us + clinical_us,
            .every_us = clinical_us,
            .asks = S(CASE_ASKS_CLINICAL)};
    TRY(asked_find(work, told, incident, &row.organisation));
    return case_task_give(work, &row);
}

/* Whether a figure says what a task asks for: figures of one organisation, or of all; and what we gather of all. */
static bool answers(const struct impact *told, const struct task *row)
{
    return is_clinical(row) &&
           (told->organisation == 0 || told->organisation == row->organisation || row->organisation == row->home);
}

/* Of the tasks of a round that ended, the last; NULL: none did. */
static struct task *ended_before(struct task *rows, size_t count, const struct task *open)
{
    for (size_t i = count; i-- > 0;)
        if (is_clinical(&rows[i]) && rows[i].state == TASK_DONE && rows[i].organisation == open->organisation)
            return &rows[i];
    return NULL;
}

/* One more of an answer; what would make it too long is an impact all the same. */
static struct err line_add(struct work *work, struct task *row, slice line)
{
    if (row->result.len + line.len + 1 > CASE_TEXT_MAX)
        return OK;
    row->result = slice_of(
            arena_printf(work->arena, "%.*s\n%.*s", (int)row->result.len, row->result.ptr, (int)line.len, line.ptr));
    return store_task_change(work, row);
}

static struct err told_to(struct work *work, struct task *rows, size_t count, struct task *open, slice line)
{
    struct task *before = ended_before(rows, count, open);
    TRY(store_task_keep(work, open->number, open));
    if (open->state >= TASK_ENDED)
        return OK; /* who is to do it was faster */
    if (work->now_us - open->made_us < open->every_us / SAME_ANSWER)
        return before == NULL ? OK : line_add(work, before, line);
    open->state = TASK_DONE;
    open->result = line;
    open->done_us = work->now_us;
    TRY(store_task_change(work, open));
    TRY(case_task_tell(work, "task.done", open, "result", line));
    return open->every_us == 0 ? OK : next_give(work, open);
}

struct err case_round_told(struct work *work, const struct incident *incident, const struct impact *told)
{
    struct task *rows;
    size_t count;
    bool asked = false;
    if (!case_impact_is_clinical(told->kind) || incident->state >= OVER)
        return OK;
    slice line = figure_line(told, work->arena);
    TRY(store_task_list(work->db, incident->number, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (rows[i].state < TASK_ENDED && rows[i].home == incident->home && answers(told, &rows[i])) {
            TRY(told_to(work, rows, count, &rows[i], line));
            asked = true;
        }
    return asked || clinical_us == 0 ? OK : clinical_begin(work, incident, told);
}

/* ---- Who is told that one is due ---- */

/* The person of ours who is to do it, by their own address; empty if none is known. */
static struct err person_of(struct work *work, const struct task *row, struct notice_make *make)
{
    struct user user;
    slice phone;
    if (row->person == 0)
        return OK;
    TRY(store_user_get(work->db, row->person, work->arena, &user));
    if (user.state != USER_ACTIVE || user.organisation != row->organisation)
        return OK;
    make->name = user.name;
    return store_shift_person_get(work->db, row->person, work->arena, &make->address, &phone);
}

/* The person, or else the first contact; of us whoever is on call, too. *told: the person or a contact could be. */
static struct err notices_make(struct work *work, const struct task *row, const struct incident *incident, bool *told)
{
    const struct notice_task about = {.number = row->number,
            .incident = row->incident,
            .title = case_incident_is_for_few(incident) ? S("") : row->title,
            .marking = incident->marking};
    struct notice_make make = {
            .organisation = row->organisation, .kind = NOTICE_OF_TASK, .due_us = row->due_us, .task = &about};
    int64_t number, own;
    TRY(person_of(work, row, &make));
    TRY(store_organisation_own(work->db, &own));
    bool alone = make.address.len > 0;
    struct err err = desk_notice_make(work, &make, &number);
    *told = err.kind == ERR_NONE;
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    return row->organisation == own && !alone ? desk_notice_on_call(work, &make) : OK;
}

static struct err remind(struct work *work, void *context)
{
    struct task row;
    struct incident incident;
    int64_t own;
    bool told = false;
    TRY(store_task_keep(work, *(const int64_t *)context, &row));
    if (row.state >= TASK_ENDED || row.told_us != TIME_NONE || row.due_us == TIME_NONE || row.due_us > work->now_us)
        return OK; /* it was done, put off or told meanwhile */
    TRY(store_task_told(work, row.number));
    TRY(store_incident_get(work->db, row.incident, work->arena, &incident));
    TRY(store_organisation_own(work->db, &own));
    if (incident.state >= INCIDENT_ENDED || (row.home != own && row.organisation != own))
        return OK; /* nobody works on it; or it is between others, who tell each other */
    TRY(notices_make(work, &row, &incident, &told));
    return case_task_tell(work, "task.reminded", &row, "told", told ? S("yes") : S("no contact"));
}

struct err case_round_remind(struct db *db, const struct actor *actor, struct arena *arena, size_t *count)
{
    struct task *rows;
    TRY(store_task_to_tell(db, clock_now_us(), REMINDERS_AT_ONCE, arena, &rows, count));
    struct err first = OK;
    for (size_t i = 0; i < *count; i++) { /* one that fails keeps nobody else's back */
        struct err err = store_work(db, actor, arena, remind, &rows[i].number);
        if (first.kind == ERR_NONE)
            first = desk_fact_kept(err, arena);
    }
    return first;
}
