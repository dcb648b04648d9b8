/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One playbook: its steps in the order in which people meet them, a branch further in than what opened it; which of
 * them are work, what each waits for and where it leads; of one that was begun in an incident, how far its tasks are.
 * What a command of a step would run is text for the person who does the step: there is nothing here that runs it.
 */
#include "web/playbook.h"

#include "base/arena.h"
#include "web/incident.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"

#define STEPS 40 /* of a page */
#define WAYS 12  /* of a step; its text has all */
#define IN_MAX 4 /* so many branches deep, then no further in */
#define STEPS_TEXT (20u << 10)

/* ---- In words ---- */

/* Of what is not simply done. */
static const char *const kinds[PLAN_STEP_KINDS] = {
        [PLAN_PLAYBOOK_ACTION] = W_C("to follow another playbook"),
        [PLAN_PARALLEL] = W_C("side by side"),
        [PLAN_IF] = W_C("to decide"),
        [PLAN_WHILE] = W_C("again and again"),
        [PLAN_SWITCH] = W_C("to choose"),
};
static const char *const way_kinds[PLAN_WAY_KINDS] = {
        [PLAN_THEN] = W_C("then"),
        [PLAN_DONE] = W_C("if it was done"),
        [PLAN_NOT_DONE] = W_C("if that was not possible"),
        [PLAN_SIDE_BY_SIDE] = W_C("at the same time"),
        [PLAN_IF_SO] = W_C("if so"),
        [PLAN_IF_NOT] = W_C("if not"),
        [PLAN_CASE] = W_C("if it is"),
};
static const char *const way_names[PLAN_WAY_KINDS] = {
        [PLAN_THEN] = "then",
        [PLAN_DONE] = "done",
        [PLAN_NOT_DONE] = "not-done",
        [PLAN_SIDE_BY_SIDE] = "side-by-side",
        [PLAN_IF_SO] = "if-so",
        [PLAN_IF_NOT] = "if-not",
        [PLAN_CASE] = "case",
};

/* ---- The order in which they are shown ---- */

/* A branch stands whole below the step that opened it, then comes what goes on from there. */
struct flow {
    const struct plan_playbook *playbook;
    size_t order[PLAN_STEPS_MAX], count; /* places of steps, as they are shown */
    size_t at[PLAN_STEPS_MAX];           /* which number each place got; 0: it is not shown */
    uint8_t in[PLAN_STEPS_MAX];          /* how deep */
};

static bool is_branch(enum plan_way_kind kind)
{
    return kind == PLAN_SIDE_BY_SIDE || kind == PLAN_IF_SO || kind == PLAN_IF_NOT || kind == PLAN_CASE;
}

struct stack {
    size_t step[PLAN_STEPS_MAX], top;
    bool met[PLAN_STEPS_MAX];
};

/* Those of one sort, the first of them on top. */
static void ways_push(struct flow *flow, struct stack *stack, size_t from, bool branches, struct arena *arena)
{
    struct plan_ways ways = plan_ways(flow->playbook, &flow->playbook->steps[from], arena);
    struct plan_way way;
    size_t bottom = stack->top;
    while (plan_way_next(&ways, &way)) {
        if (is_branch(way.kind) != branches || stack->met[way.to])
            continue;
        stack->met[way.to] = true;
        flow->in[way.to] = (uint8_t)(flow->in[from] + (branches && flow->in[from] < IN_MAX ? 1 : 0));
        stack->step[stack->top++] = way.to;
    }
    for (size_t top = stack->top; bottom + 1 < top; bottom++) {
        size_t other = stack->step[bottom];
        stack->step[bottom] = stack->step[--top];
        stack->step[top] = other;
    }
}

static void flow_walk(struct flow *flow, struct stack *stack, size_t from, struct arena *arena)
{
    stack->met[from] = true;
    stack->step[stack->top++] = from;
    while (stack->top > 0) {
        size_t place = stack->step[--stack->top];
        enum plan_step_kind kind = flow->playbook->steps[place].kind;
        if (kind != PLAN_START && kind != PLAN_END) {
            flow->order[flow->count++] = place;
            flow->at[place] = flow->count;
        }
        ways_push(flow, stack, place, false, arena);
        ways_push(flow, stack, place, true, arena);
    }
}

/* From the start, which no step stands before; then what only workflow_exception leads to. */
static struct flow *flow_make(const struct plan_playbook *playbook, struct arena *arena)
{
    struct flow *flow = arena_new(arena, struct flow, 1);
    struct stack *stack = arena_new(arena, struct stack, 1);
    flow->playbook = playbook;
    for (size_t i = 0; i < playbook->step_count; i++)
        if (playbook->steps[i].kind == PLAN_START)
            flow_walk(flow, stack, i, arena);
    for (size_t i = 0; i < playbook->step_count; i++)
        if (!stack->met[i])
            flow_walk(flow, stack, i, arena);
    return flow;
}

/* ---- A step ---- */

struct showing {
    struct outside outside;
    struct warned_names names;
    const struct plan_playbook *playbook;
    const struct flow *flow;
    const struct task *tasks; /* of the run that is shown */
    size_t task_count;
    int64_t incident, run; /* 0: none is */
};

static void befores_write(struct showing *showing, const struct plan_step *step)
{
    struct ask *ask = showing->outside.ask;
    json_write_key(&ask->json, S("waits_for"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < step->before_count; i++)
        json_write_u64(&ask->json, showing->flow->at[step->befores[i]]);
    json_write_end(&ask->json);
    page_flag(ask, S("waits"), step->before_count > 0);
}

static void way_write(struct showing *showing, const struct plan_way *way)
{
    struct ask *ask = showing->outside.ask;
    const struct plan_step *to = &showing->playbook->steps[way->to];
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("kind"), slice_of(way_names[way->kind]));
    json_write_key_text(&ask->json, S("kind_text"), ask_text(ask, slice_of(way_kinds[way->kind])));
    outside_write(&showing->outside, S("when"), way->when, OUTSIDE_NAME);
    json_write_key(&ask->json, S("at"));
    if (to->kind == PLAN_END)
        json_write_null(&ask->json);
    else
        json_write_u64(&ask->json, showing->flow->at[way->to]);
    json_write_end(&ask->json);
}

static void ways_write(struct showing *showing, const struct plan_step *step)
{
    struct ask *ask = showing->outside.ask;
    struct plan_ways ways = plan_ways(showing->playbook, step, ask->arena);
    struct plan_way way;
    size_t count = 0;
    json_write_key(&ask->json, S("ways"));
    json_write_array(&ask->json);
    while (plan_way_next(&ways, &way))
        if (++count <= WAYS)
            way_write(showing, &way);
    json_write_end(&ask->json);
    page_flag(ask, S("more_ways"), count > WAYS);
}

static struct err task_write(struct showing *showing, const struct plan_step *step)
{
    struct ask *ask = showing->outside.ask;
    const struct task *task = NULL;
    for (size_t i = 0; showing->run != 0 && i < showing->task_count; i++)
        if (showing->tasks[i].playbook == showing->run && slice_eq(showing->tasks[i].step, step->id))
            task = &showing->tasks[i];
    json_write_key(&ask->json, S("task"));
    if (task == NULL) {
        json_write_null(&ask->json);
        return OK;
    }
    json_write_object(&ask->json);
    TRY(incident_task_write(&showing->outside, &showing->names, task));
    json_write_end(&ask->json);
    return OK;
}

static struct err step_write(struct showing *showing, size_t place)
{
    struct ask *ask = showing->outside.ask;
    const struct plan_step *step = &showing->playbook->steps[place];
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("at"), showing->flow->at[place]);
    json_write_key_u64(&ask->json, S("in"), showing->flow->in[place]);
    json_write_key_text(&ask->json, S("kind"), slice_of(plan_step_kind_name(step->kind)));
    json_write_key_text(
            &ask->json, S("kind_text"), kinds[step->kind] == NULL ? S("") : ask_text(ask, slice_of(kinds[step->kind])));
    page_flag(ask, S("is_work"), step->work);
    outside_write_value(&showing->outside, S("name"), step->name, OUTSIDE_NAME);
    outside_write_value(&showing->outside, S("agent"), step->agent, OUTSIDE_NAME);
    outside_write_value(&showing->outside, S("text"),
            step->work ? plan_step_text(showing->playbook, step, ask->arena) : step->text, OUTSIDE_TEXT);
    befores_write(showing, step);
    ways_write(showing, step);
    TRY(task_write(showing, step));
    json_write_end(&ask->json);
    return OK;
}

static struct err steps_write(struct showing *showing, const struct playbook *row)
{
    struct ask *ask = showing->outside.ask;
    const struct flow *flow = showing->flow;
    uint64_t from;
    TRY(ask_number(ask, S("from"), PLAN_STEPS_MAX, 0, &from));
    size_t begin = from < flow->count ? (size_t)from : 0,
           end = flow->count - begin > STEPS ? begin + STEPS : flow->count;
    json_write_key(&ask->json, S("steps"));
    json_write_array(&ask->json);
    for (size_t i = begin; i < end; i++)
        TRY(step_write(showing, flow->order[i]));
    json_write_end(&ask->json);
    page_count(ask, S("step_count"), flow->count);
    json_write_key(&ask->json, S("more"));
    if (end == flow->count)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(arena_printf(ask->arena, "/playbooks/%lld?from=%zu&incident=%lld",
                                            (long long)row->number, end, (long long)showing->incident)));
    return OK;
}

/* ---- How far it is in an incident ---- */

/* "?incident=N": of one that who asks sees, and in which it was begun. */
static struct err run_read(struct showing *showing, const struct playbook *row)
{
    struct ask *ask = showing->outside.ask;
    struct playbook_run *runs;
    struct incident incident;
    struct task *tasks;
    uint64_t number;
    size_t count;
    TRY(ask_number(ask, S("incident"), INT64_MAX, 0, &number));
    if (number == 0)
        return OK;
    TRY(worked_whole(ask, (int64_t)number, &incident));
    TRY(store_playbook_runs(ask->db, incident.number, ask->arena, &runs, &count));
    for (size_t i = 0; i < count; i++)
        if (runs[i].playbook == row->number)
            showing->run = runs[i].number;
    if (showing->run == 0)
        return err_make(ERR_MISSING, "this playbook was not started in that incident");
    TRY(store_task_list(ask->db, incident.number, ask->arena, &tasks, &showing->task_count));
    showing->tasks = tasks;
    showing->incident = incident.number;
    return OK;
}

/* ---- The page ---- */

static void acts_write(struct ask *ask, const struct playbook *row, const struct plan_playbook *read)
{
    bool may = outside_may(ask, VERB_PLAYBOOKS);
    page_flag(ask, S("may_approve"), may && row->state == PLAYBOOK_DRAFT && !read->revoked);
    page_flag(ask, S("may_retire"), may && row->state != PLAYBOOK_RETIRED);
    page_flag(ask, S("may_start"), row->state == PLAYBOOK_APPROVED && !read->text_only && worked_may(ask));
    page_flag(ask, S("is_revoked"), read->revoked);
}

struct err web_playbook(struct ask *ask)
{
    struct showing showing = {.outside = outside_begin(ask, STEPS_TEXT)};
    struct playbook row;
    struct plan_playbook read;
    int64_t number;
    TRY(playbook_need(ask));
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_playbook_get(ask->db, number, ask->arena, &row));
    TRY(playbook_read(&showing.outside, "playbook", row.bytes, &read));
    showing.playbook = &read;
    showing.flow = flow_make(&read, ask->arena);
    TRY(run_read(&showing, &row));
    page_title(ask, outside_text(&showing.outside, outside_defanged(row.name, ask->arena), OUTSIDE_NAME, NULL));
    playbook_write(&showing.outside, &row);
    json_write_key_text(&ask->json, S("signed_by"), read.key);
    acts_write(ask, &row, &read);
    json_write_key(&ask->json, S("incident"));
    if (showing.run == 0)
        json_write_null(&ask->json);
    else
        json_write_i64(&ask->json, showing.incident);
    return steps_write(&showing, &row);
}

/* ---- What can be done with it ---- */

struct doing {
    int64_t playbook, incident;
    slice reason;
    size_t tasks;
};

static struct err approve(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_playbook_approve(work, doing->playbook, doing->reason);
}

static struct err retire(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_playbook_retire(work, doing->playbook, doing->reason);
}

static struct err start(struct work *work, void *context)
{
    struct doing *doing = context;
    return case_playbook_start(work, doing->playbook, doing->incident, &doing->tasks);
}

static const struct act {
    const char *name;
    work_action *run;
    bool starts; /* in an incident; otherwise it wants a reason */
} acts[] = {{"approve", approve, false}, {"retire", retire, false}, {"start", start, true}};

static struct err act_run(struct ask *ask, const struct act *act, struct doing *doing)
{
    if (act == NULL)
        return err_make(ERR_INPUT, W_C("what is to be done with the playbook? act says it"));
    if (act->starts)
        TRY(worked_number(ask, S("incident"), &doing->incident));
    else
        TRY(shared_reason(ask, &doing->reason));
    return store_work(ask->db, &ask->who.actor, ask->arena, act->run, doing);
}

struct err web_playbook_act(struct ask *ask)
{
    struct doing doing = {0};
    const struct act *act = NULL;
    TRY(playbook_need(ask));
    TRY(ask_part_number(ask, 0, &doing.playbook));
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (slice_eq(ask_form(ask, S("act")), slice_of(acts[i].name)))
            act = &acts[i];
    struct shared_form form = {
            outside_path(ask, "/playbooks/", doing.playbook, ""), "saved", "reason", NULL, web_playbook};
    struct err err = act_run(ask, act, &doing);
    if (act != NULL && act->starts) {
        form.field = "incident";
        form.done = "started";
        form.path = outside_path(ask, "/incidents/", doing.incident, "");
    }
    return shared_end(ask, &form, err);
}

struct err web_playbook_file(struct ask *ask)
{
    struct playbook row;
    int64_t number;
    TRY(playbook_need(ask));
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_playbook_get(ask->db, number, ask->arena, &row));
    return shared_download(
            ask, row.bytes, S("application/json"), arena_printf(ask->arena, "playbook-%lld.json", (long long)number));
}
