/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A task: what is to be done, what it waits for, how far it is. Who is to do it says so here, by telephone as well as
 * on a screen; who gave it changes it.
 */
#include "case/task.h"

#include <inttypes.h>

#include "base/arena.h"
#include "store/organisation.h"
#include "text/moment.h"
#include "web/incident.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"

#define BEFORES 20 /* that are shown of those that come first */

/* One that who asks may know of. */
static struct err task_of(struct ask *ask, struct task *task)
{
    int64_t number;
    bool seen;
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_task_get(ask->db, number, ask->arena, task));
    TRY(case_task_seen(ask->db, &ask->who.actor, task, ask->arena, &seen));
    return seen ? OK : err_make(ERR_MISSING, "there is no such task");
}

/* ---- The page ---- */

static struct err write_befores(struct outside *outside, const struct task *task)
{
    struct ask *ask = outside->ask;
    int64_t *numbers;
    size_t count;
    TRY(store_task_befores(ask->db, task->number, ask->arena, &numbers, &count));
    json_write_key(&ask->json, S("befores"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < BEFORES; i++) {
        struct task before;
        bool seen;
        TRY(store_task_get(ask->db, numbers[i], ask->arena, &before));
        TRY(case_task_seen(ask->db, &ask->who.actor, &before, ask->arena, &seen));
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("number"), (uint64_t)before.number);
        worked_task_state(ask, before.state);
        /* What others are to do is theirs. */
        outside_write_value(outside, S("title"), seen ? before.title : S(""), OUTSIDE_NAME);
        json_write_key(&ask->json, S("path"));
        if (seen)
            json_write_text(&ask->json, slice_of(outside_path(ask, "/tasks/", before.number, "")));
        else
            json_write_null(&ask->json);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_count(ask, S("more_befores"), count > BEFORES ? count - BEFORES : 0);
    page_flag(ask, S("any_more_before"), count > BEFORES);
    return OK;
}

static struct err write_incident(struct outside *outside, const struct task *task)
{
    struct ask *ask = outside->ask;
    struct incident incident;
    enum case_sight sight;
    struct err err = worked_incident(ask, task->incident, &incident, &sight);
    json_write_key(&ask->json, S("incident"));
    if (err.kind == ERR_MISSING) {
        json_write_null(&ask->json);
        return OK;
    }
    TRY(err);
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)incident.number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/incidents/", incident.number, "")));
    outside_write_value(outside, S("title"), incident.title, OUTSIDE_NAME);
    worked_marking(ask, incident.marking);
    json_write_end(&ask->json);
    return OK;
}

static void write_ways(struct ask *ask, const struct task *task, bool may)
{
    unsigned ways = case_task_ways(task->state);
    json_write_key(&ask->json, S("ways"));
    json_write_array(&ask->json);
    for (enum task_state i = 0; i < TASK_STATES; i++)
        if (may && (ways >> i & 1) != 0)
            worked_choice(ask, slice_of(store_task_state_name(i)), worked_task_text(ask, i), i == TASK_DONE);
    json_write_end(&ask->json);
}

/* As it was typed, for the form; a text that is too long for a page is changed by the command. */
static void write_typed(struct ask *ask, const struct task *task)
{
    bool fits = task->text.len <= OUTSIDE_TEXT;
    json_write_key_text(&ask->json, S("raw_title"), task->title);
    json_write_key_text(&ask->json, S("raw_text"), fits ? task->text : S(""));
    page_flag(ask, S("text_fits"), fits);
    worked_local(ask, S("due_local"), task->due_us);
    worked_zone(ask);
}

static struct err write_acts(struct ask *ask, const struct task *task)
{
    int64_t own, waits;
    TRY(store_organisation_own(ask->db, &own));
    TRY(store_task_waits(ask->db, task->number, &waits));
    bool may = (task->home == own || task->organisation == own) && warned_may(ask, VERB_TASKS, task->organisation);
    bool may_change = may && task->home == own && worked_may(ask);
    page_flag(ask, S("may_do"), may);
    page_flag(ask, S("may_agree"), may && task->agreed_by.len > 0 && task->agreed_us == TIME_NONE);
    page_flag(ask, S("may_change"), may_change);
    if (may_change)
        write_typed(ask, task);
    page_count(ask, S("waits"), (uint64_t)waits);
    page_flag(ask, S("waits_for_others"), waits > 0 && task->state < TASK_ENDED);
    write_ways(ask, task, may);
    return OK;
}

struct err web_task(struct ask *ask)
{
    struct task task;
    struct warned_names names = {0};
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    bool all;
    TRY(worked_need(ask, &all));
    TRY(task_of(ask, &task));
    TRY(incident_task_write(&outside, &names, &task));
    TRY(write_incident(&outside, &task));
    outside_write_value(&outside, S("words"), task.text, OUTSIDE_TEXT);
    outside_write_value(&outside, S("result"), task.result, OUTSIDE_TEXT);
    page_moment(ask, S("agreed"), task.agreed_us);
    page_moment(ask, S("made"), task.made_us);
    page_moment(ask, S("done"), task.done_us);
    TRY(write_befores(&outside, &task));
    return write_acts(ask, &task);
}

/* ---- What is done with it ---- */

struct doing {
    struct ask *ask;
    struct task task;
};

static slice typed(const struct doing *doing, const char *name)
{
    return slice_trim(ask_form(doing->ask, slice_of(name)));
}

static struct err state_do(struct work *work, void *context)
{
    const struct doing *doing = context;
    enum task_state state;
    if (!store_task_state_find(typed(doing, "state"), &state))
        return err_make(ERR_INPUT, W_C("choose a state"));
    return case_task_state(work, doing->task.number, state, typed(doing, "result"));
}

static struct err agree_do(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_task_agree(work, doing->task.number, typed(doing, "reason"));
}

/* As it stands, in the words in which a form has it. */
static struct err value_is(struct doing *doing, slice name, slice *value)
{
    struct organisation whose;
    const struct task *task = &doing->task;
    if (slice_eq(name, S("person")))
        return worked_person(doing->ask, task->person, value);
    if (slice_eq(name, S("organisation"))) {
        TRY(store_organisation_get(doing->ask->db, task->organisation, doing->ask->arena, &whose));
        *value = whose.name;
        return OK;
    }
    *value = slice_eq(name, S("title"))   ? task->title
             : slice_eq(name, S("text"))  ? task->text
             : slice_eq(name, S("every")) ? moment_every_text(task->every_us, doing->ask->arena)
                                          : worked_local_text(doing->ask, task->due_us);
    return OK;
}

static struct err set_do(struct work *work, void *context)
{
    static const char *const names[] = {"title", "text", "due", "every", "person", "organisation"};
    struct doing *doing = context;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        slice name = slice_of(names[i]), value = typed(doing, names[i]), is;
        int64_t us;
        TRY(value_is(doing, name, &is));
        if (!worked_has(doing->ask, name) || slice_eq(value, is))
            continue;
        if (slice_eq(name, S("due")) && value.len > 0) {
            struct buf text = buf_make(64);
            TRY(worked_moment(doing->ask, name, &us));
            time_write(&text, us);
            value = arena_copy(work->arena, buf_slice(&text));
            buf_free(&text);
        }
        TRY(case_task_set(work, doing->task.number, name, value));
    }
    return OK;
}

static const struct {
    const char *name;
    work_action *run;
} acts[] = {{"state", state_do}, {"agree", agree_do}, {"set", set_do}};

struct err web_task_act(struct ask *ask)
{
    struct doing doing = {.ask = ask};
    const char *last = strrchr(ask->route->path, '/') + 1;
    struct err err = err_make(ERR_MISSING, "there is no such task");
    TRY(task_of(ask, &doing.task));
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (strcmp(acts[i].name, last) == 0)
            err = store_work(ask->db, &ask->who.actor, ask->arena, acts[i].run, &doing);
    const struct shared_form form = {
            outside_path(ask, "/tasks/", doing.task.number, ""), "saved", NULL, NULL, web_task};
    return shared_end(ask, &form, err);
}
