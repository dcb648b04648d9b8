/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graph of the steps. A step that opens branches (parallel, if, while, switch) goes on when they came to their
 * ends, so besides what the steps name there is a way from each end of a branch to what stands behind the step that
 * opened it. On these ways no step may come back to itself: a loop is a while-condition, whose branch has an end. Then
 * the steps have an order, and each step of work waits for those right before it.
 *
 * Ways are a square of PLAN_STEPS_MAX at the most, and each question about them is one walk: no recursion.
 */
#include "plan/playbook_parts.h"

#include "base/arena.h"
#include "json/read.h"

static const char *const kinds[PLAN_STEP_KINDS] = {
        [PLAN_START] = "start",
        [PLAN_END] = "end",
        [PLAN_ACTION] = "action",
        [PLAN_PLAYBOOK_ACTION] = "playbook-action",
        [PLAN_PARALLEL] = "parallel",
        [PLAN_IF] = "if-condition",
        [PLAN_WHILE] = "while-condition",
        [PLAN_SWITCH] = "switch-condition",
};

const char *plan_step_kind_name(enum plan_step_kind kind)
{
    return kinds[kind];
}

#define BIT(kind) (1u << (kind))
#define ALL (BIT(PLAN_STEP_KINDS) - 1)
#define WORK (BIT(PLAN_ACTION) | BIT(PLAN_PLAYBOOK_ACTION) | BIT(PLAN_IF) | BIT(PLAN_WHILE) | BIT(PLAN_SWITCH))

enum way { NO_WAY, GOES_ON = 1, BRANCHES = 2 }; /* bits */

/* What only some types of steps have, or have to have, and where it leads. */
static const struct {
    slice property;
    enum way way;
    unsigned may, must;
    const char *section;
} rows[] = {
        {{"on_completion", 13}, GOES_ON, ALL & ~BIT(PLAN_END), BIT(PLAN_START), "4.1"},
        {{"on_success", 10}, GOES_ON, ALL & ~BIT(PLAN_END) & ~BIT(PLAN_START), 0, "4.1"},
        {{"on_failure", 10}, GOES_ON, ALL & ~BIT(PLAN_END) & ~BIT(PLAN_START), 0, "4.1"},
        {{"commands", 8}, NO_WAY, BIT(PLAN_ACTION), BIT(PLAN_ACTION), "4.5"},
        {{"agent", 5}, NO_WAY, BIT(PLAN_ACTION), BIT(PLAN_ACTION), "4.5"},
        {{"targets", 7}, NO_WAY, BIT(PLAN_ACTION), 0, "4.5"},
        {{"playbook_id", 11}, NO_WAY, BIT(PLAN_PLAYBOOK_ACTION), BIT(PLAN_PLAYBOOK_ACTION), "4.6"},
        {{"next_steps", 10}, BRANCHES, BIT(PLAN_PARALLEL), BIT(PLAN_PARALLEL), "4.7"},
        {{"condition", 9}, NO_WAY, BIT(PLAN_IF) | BIT(PLAN_WHILE), BIT(PLAN_IF) | BIT(PLAN_WHILE), "4.8"},
        {{"on_true", 7}, BRANCHES, BIT(PLAN_IF) | BIT(PLAN_WHILE), BIT(PLAN_IF) | BIT(PLAN_WHILE), "4.8"},
        {{"on_false", 8}, BRANCHES, BIT(PLAN_IF), 0, "4.8"},
        {{"switch", 6}, NO_WAY, BIT(PLAN_SWITCH), BIT(PLAN_SWITCH), "4.10"},
        {{"cases", 5}, BRANCHES, BIT(PLAN_SWITCH), BIT(PLAN_SWITCH), "4.10"},
};

struct graph {
    struct plan_reading *reading;
    struct plan_step *steps; /* in the order of the text */
    size_t count;
    uint8_t *ways; /* count * count, enum way: those that are named */
    uint8_t *all;  /* the same and from ends of branches */
};

static uint8_t *way(const struct graph *graph, uint8_t *ways, size_t from, size_t to)
{
    return ways + from * graph->count + to;
}

static void wrong(struct graph *graph, slice at, const char *what, const char *section)
{
    plan_playbook_wrong(
            graph->reading, at, arena_printf(graph->reading->arena, "%s [CACAO 2.0 section %s]", what, section));
}

/* ---- Steps ---- */

static bool step_kind(slice type, enum plan_step_kind *kind)
{
    for (*kind = 0; *kind < PLAN_STEP_KINDS; (*kind)++)
        if (slice_eq(type, slice_of(kinds[*kind])))
            return true;
    return false;
}

static slice agent_name(const struct plan_reading *reading, slice step)
{
    slice id = json_text(json_get(step, S("agent")), reading->arena);
    return json_text(
            json_get(json_get(json_get(reading->text, S("agent_definitions")), id), S("name")), reading->arena);
}

static void step_take(struct graph *graph, slice id, slice json)
{
    struct arena *arena = graph->reading->arena;
    struct plan_step *step = &graph->steps[graph->count];
    slice type = json_text(json_get(json, S("type")), arena), named = {0};
    *step = (struct plan_step){.id = id, .json = json};
    graph->count++;
    if (!step_kind(type, &step->kind)) {
        wrong(graph, json_get(json, S("type")), "there is no such type of step", "4.2");
        step->kind = PLAN_END; /* nothing more is asked of it */
        return;
    }
    if (plan_identifier(id, &named) && !slice_eq(named, type))
        wrong(graph, id, "the identifier of a step begins with its type", "4.1");
    step->name = json_text(json_get(json, S("name")), arena);
    step->text = json_text(json_get(json, S("description")), arena);
    step->agent = agent_name(graph->reading, json);
    step->work = (WORK & BIT(step->kind)) != 0;
}

static void steps_take(struct graph *graph)
{
    struct json_members members = json_members(json_get(graph->reading->text, S("workflow")));
    slice key, step;
    graph->steps = arena_new(graph->reading->arena, struct plan_step, PLAN_STEPS_MAX);
    while (json_member_next(&members, &key, &step)) {
        if (graph->count == PLAN_STEPS_MAX) {
            plan_playbook_wrong(graph->reading, key, "a playbook has 256 steps at the most here");
            return;
        }
        step_take(graph, key, step);
    }
}

static void properties_check(struct graph *graph, const struct plan_step *step)
{
    struct arena *arena = graph->reading->arena;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice value = json_get(step->json, rows[i].property);
        if (value.len > 0 && (rows[i].may & BIT(step->kind)) == 0)
            wrong(graph, value, arena_printf(arena, "a step %s has no %s", kinds[step->kind], rows[i].property.ptr),
                    rows[i].section);
        if (value.len == 0 && (rows[i].must & BIT(step->kind)) != 0)
            wrong(graph, step->json,
                    arena_printf(arena, "this step %s has no %s", kinds[step->kind], rows[i].property.ptr),
                    rows[i].section);
    }
    bool on_completion = json_get(step->json, S("on_completion")).len > 0,
         on_success = json_get(step->json, S("on_success")).len > 0,
         on_failure = json_get(step->json, S("on_failure")).len > 0;
    if (on_completion && (on_success || on_failure))
        wrong(graph, step->json, "on_completion stands without on_success and on_failure", "4.1");
    if (step->kind != PLAN_END && !on_completion && !on_success)
        wrong(graph, step->json, "what comes behind this step? It has neither on_completion nor on_success", "4.1");
}

/* ---- Ways ---- */

static bool step_find(const struct graph *graph, slice id, size_t *at)
{
    for (*at = 0; *at < graph->count; (*at)++)
        if (slice_eq(id, graph->steps[*at].id))
            return true;
    return false;
}

static void way_take(struct graph *graph, size_t from, slice value, enum way kind)
{
    size_t to;
    if (!step_find(graph, json_text(value, graph->reading->arena), &to))
        wrong(graph, value, "there is no such step in the workflow", "4.1");
    else if (graph->steps[to].kind == PLAN_START)
        wrong(graph, value, "nothing leads to the start", "4.3");
    else
        *way(graph, graph->ways, from, to) |= (uint8_t)kind;
}

static size_t ways_list(struct graph *graph, size_t from, slice list, enum way kind)
{
    struct json_elements elements = json_elements(list);
    struct json_members members = json_members(list);
    slice key, value;
    size_t count = 0;
    for (; json_element_next(&elements, &value); count++)
        way_take(graph, from, value, kind);
    for (; json_member_next(&members, &key, &value); count++)
        way_take(graph, from, value, kind);
    return count;
}

static void ways_take(struct graph *graph, size_t from)
{
    const struct plan_step *step = &graph->steps[from];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice value = json_get(step->json, rows[i].property);
        if (rows[i].way == NO_WAY || value.len == 0)
            continue;
        if (json_kind(value) == JSON_STRING) {
            way_take(graph, from, value, rows[i].way);
            continue;
        }
        size_t count = ways_list(graph, from, value, rows[i].way);
        if (count < (step->kind == PLAN_PARALLEL ? 2u : 1u))
            wrong(graph, value, step->kind == PLAN_PARALLEL ? "fewer than two steps side by side" : "it is empty",
                    rows[i].section);
    }
}

/* Marks all steps that these ways lead to from one, itself too. */
static void reach(const struct graph *graph, uint8_t *ways, size_t from, bool *reached)
{
    uint16_t *waiting = arena_new(graph->reading->arena, uint16_t, graph->count);
    size_t top = 0;
    if (reached[from])
        return;
    reached[from] = true;
    waiting[top++] = (uint16_t)from;
    while (top > 0) {
        size_t at = waiting[--top];
        for (size_t to = 0; to < graph->count; to++)
            if (*way(graph, ways, at, to) != NO_WAY && !reached[to]) {
                reached[to] = true;
                waiting[top++] = (uint16_t)to;
            }
    }
}

/* From the ends of the branches of one step to what stands behind it; side by side, there is no other way there. */
static void branches_end(struct graph *graph, size_t from)
{
    bool *inside = arena_new(graph->reading->arena, bool, graph->count);
    for (size_t to = 0; to < graph->count; to++)
        if ((*way(graph, graph->ways, from, to) & BRANCHES) != 0)
            reach(graph, graph->ways, to, inside);
    for (size_t end = 0; end < graph->count; end++)
        for (size_t to = 0; inside[end] && graph->steps[end].kind == PLAN_END && to < graph->count; to++)
            if ((*way(graph, graph->ways, from, to) & GOES_ON) != 0)
                *way(graph, graph->all, end, to) |= GOES_ON;
    for (size_t to = 0; graph->steps[from].kind == PLAN_PARALLEL && to < graph->count; to++)
        *way(graph, graph->all, from, to) &= BRANCHES;
}

/* ---- Order ---- */

static bool is_free(const struct graph *graph, uint8_t *ways, size_t at, const bool *taken)
{
    for (size_t from = 0; from < graph->count; from++)
        if (!taken[from] && *way(graph, ways, from, at) != NO_WAY)
            return false;
    return true;
}

/* The steps so that none stands before one that it comes after, otherwise as in the text; how many, until a ring. */
static size_t order(const struct graph *graph, uint8_t *ways, uint16_t *sorted, bool *taken)
{
    size_t count = 0;
    for (bool found = true; found;) {
        found = false;
        for (size_t at = 0; !found && at < graph->count; at++)
            if (!taken[at] && is_free(graph, ways, at, taken)) {
                taken[at] = found = true;
                sorted[count++] = (uint16_t)at;
            }
    }
    return count;
}

static bool goes_round(struct graph *graph, uint8_t *ways, uint16_t *sorted, const char *why, const char *section)
{
    bool *taken = arena_new(graph->reading->arena, bool, graph->count);
    if (order(graph, ways, sorted, taken) == graph->count)
        return false;
    for (size_t at = 0; at < graph->count; at++)
        if (!taken[at]) {
            wrong(graph, graph->steps[at].id, why, section);
            return true;
        }
    return false;
}

/* ---- Which of them are work, and what that waits for ---- */

/* The steps of work right before one: back along the ways, through what is no work. */
static void befores_find(struct graph *graph, size_t of, const uint16_t *place, const bool *reached)
{
    struct arena *arena = graph->reading->arena;
    bool *seen = arena_new(arena, bool, graph->count);
    uint16_t *waiting = arena_new(arena, uint16_t, graph->count + 1);
    size_t top = 0;
    struct plan_step *step = &graph->steps[of];
    step->befores = arena_new(arena, uint16_t, graph->count);
    waiting[top++] = (uint16_t)of;
    while (top > 0) {
        size_t at = waiting[--top];
        for (size_t from = 0; from < graph->count; from++) {
            if (seen[from] || !reached[from] || *way(graph, graph->all, from, at) == NO_WAY)
                continue;
            seen[from] = true;
            if (graph->steps[from].work)
                step->befores[step->before_count++] = place[from];
            else
                waiting[top++] = (uint16_t)from;
        }
    }
    if (step->before_count > PLAN_BEFORES_MAX)
        plan_playbook_wrong(graph->reading, step->id, "a step waits for 100 others at the most here");
}

static void finish(struct graph *graph, const uint16_t *sorted, const bool *reached)
{
    struct arena *arena = graph->reading->arena;
    struct plan_playbook *playbook = graph->reading->playbook;
    uint16_t *place = arena_new(arena, uint16_t, graph->count);
    playbook->steps = arena_new(arena, struct plan_step, graph->count);
    for (size_t i = 0; i < graph->count; i++)
        place[sorted[i]] = (uint16_t)i;
    for (size_t i = 0; i < graph->count; i++) {
        graph->steps[i].work = graph->steps[i].work && reached[i];
        if (graph->steps[i].work)
            befores_find(graph, i, place, reached);
    }
    for (size_t i = 0; i < graph->count; i++)
        playbook->steps[place[i]] = graph->steps[i];
    playbook->step_count = graph->count;
}

static bool root_find(struct graph *graph, slice property, size_t *at)
{
    slice value = json_get(graph->reading->text, property);
    if (value.len == 0)
        return false;
    if (step_find(graph, json_text(value, graph->reading->arena), at))
        return true;
    wrong(graph, value, arena_printf(graph->reading->arena, "%s: there is no such step in the workflow", property.ptr),
            "3.1");
    return false;
}

static void unreached_tell(struct graph *graph, const bool *reached)
{
    bool *excepted = arena_new(graph->reading->arena, bool, graph->count);
    size_t exception;
    if (root_find(graph, S("workflow_exception"), &exception))
        reach(graph, graph->all, exception, excepted);
    for (size_t i = 0; i < graph->count; i++)
        if (!reached[i] && !excepted[i])
            plan_playbook_odd(graph->reading, graph->steps[i].id,
                    "no way leads from the start to this step: nobody will be asked to do it");
        else if (!reached[i] && graph->steps[i].work)
            plan_playbook_odd(graph->reading, graph->steps[i].id,
                    "only workflow_exception leads to this step: it becomes nobody's task by itself");
}

void plan_graph_read(struct plan_reading *reading)
{
    struct graph graph = {.reading = reading};
    size_t start;
    steps_take(&graph);
    for (size_t i = 0; i < graph.count; i++)
        properties_check(&graph, &graph.steps[i]);
    graph.ways = arena_new(reading->arena, uint8_t, graph.count * graph.count + 1);
    graph.all = arena_new(reading->arena, uint8_t, graph.count * graph.count + 1);
    for (size_t i = 0; i < graph.count; i++)
        ways_take(&graph, i);
    if (!root_find(&graph, S("workflow_start"), &start) || reading->wrong > 0)
        return;
    uint16_t *sorted = arena_new(reading->arena, uint16_t, graph.count);
    bool *reached = arena_new(reading->arena, bool, graph.count);
    if (goes_round(&graph, graph.ways, sorted,
                "from this step a way leads back to it, for ever: a loop is a while-condition whose branch has an end",
                "4.9"))
        return;
    memcpy(graph.all, graph.ways, graph.count * graph.count);
    for (size_t i = 0; i < graph.count; i++)
        branches_end(&graph, i);
    if (goes_round(&graph, graph.all, sorted,
                "a branch ends in a step that comes behind it, too: each branch has an end of its own", "4.7"))
        return;
    reach(&graph, graph.all, start, reached);
    unreached_tell(&graph, reached);
    finish(&graph, sorted, reached);
}
