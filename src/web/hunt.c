/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hunt: whatever is pasted is searched for values, and each is looked for in what is remembered: who met it, when and
 * how often. A value in an address would stand in logs of proxies, so it comes by POST alone.
 */
#include "detect/hunt.h"

#include "base/arena.h"
#include "form/form.h"
#include "gate/gate.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/warned.h"

#define VALUES_MAX 200 /* of one form: more are for the command line */
#define ROWS_MAX 300   /* who met what */
#define VALUE_ROWS 100 /* values of which nobody met anything are listed up to here */

/* ---- What was pasted ---- */

struct pasted {
    struct arena *arena;
    struct indicator *values;
    size_t count, left; /* left: beyond the ceiling */
};

static bool is_there(const struct pasted *pasted, const struct indicator *value)
{
    for (size_t i = 0; i < pasted->count; i++)
        if (pasted->values[i].type == value->type && slice_eq(pasted->values[i].value, value->value))
            return true;
    return false;
}

static struct err take(void *context, const struct indicator *value)
{
    struct pasted *pasted = context;
    if (is_there(pasted, value))
        return OK;
    if (pasted->count == VALUES_MAX) {
        pasted->left++;
        return OK;
    }
    const char *wrong = observable_wrong(value->type, value->value);
    if (wrong != NULL)
        return err_make(ERR_INPUT, wrong);
    struct indicator *kept = &pasted->values[pasted->count++];
    *kept = *value;
    kept->value = arena_copy(pasted->arena, value->value);
    kept->name = arena_copy(pasted->arena, value->name);
    kept->id = kept->label = S("");
    return OK;
}

static void problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    (void)context, (void)line, (void)column, (void)why;
}

static void skipped(void *context, const char *what)
{
    (void)context, (void)what;
}

/* As what it looks like (a list, a table, an event of MISP), and else as a text in which values stand. */
static struct err paste_read(slice text, struct pasted *pasted)
{
    const struct form_sink sink = {.context = pasted, .indicator = take, .problem = problem, .skipped = skipped};
    const struct form *form = form_recognise(text);
    if (form == NULL || form->read(text, pasted->arena, &sink).kind != ERR_NONE || pasted->count == 0)
        TRY(form_text.read(text, pasted->arena, &sink));
    return pasted->count > 0
                   ? OK
                   : err_make(ERR_INPUT, W_C("no value was found in the text: an address, a name, a URL or a hash"));
}

/* ---- Who met it ---- */

struct looked {
    struct hunted hunted;
    struct hunt_noise noise;
};

static struct err write_met(struct ask *ask, struct warned_names *names, const struct hunt_met *met)
{
    json_write_object(&ask->json);
    TRY(warned_organisation(ask, names, S("organisation"), met->organisation));
    page_moment(ask, S("first"), met->first_us);
    page_moment(ask, S("last"), met->last_us);
    page_count(ask, S("count"), met->count);
    page_count(ask, S("days"), met->days);
    json_write_end(&ask->json);
    return OK;
}

static size_t met_count(const struct hunted *hunted, size_t from, size_t value)
{
    size_t count = 0;
    while (from + count < hunted->count && hunted->met[from + count].value == value)
        count++;
    return count;
}

static struct err write_value(struct outside *outside, struct warned_names *names, const struct indicator *value,
        const struct looked *looked, size_t from, size_t count)
{
    const struct hunted *hunted = &looked->hunted;
    struct ask *ask = outside->ask;
    json_write_object(&ask->json);
    outside_write_value(outside, S("value"), value->value, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("type"),
            value->type == OBSERVABLE_OTHER ? value->name : slice_of(observable_type_name(value->type)));
    page_count(ask, S("organisations"), count);
    page_flag(ask, S("is_noise"), hunt_is_noise(&looked->noise, count));
    page_flag(ask, S("is_listed"), hunt_is_listed(looked->noise.lists, value));
    json_write_key(&ask->json, S("met"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && from + i < ROWS_MAX; i++)
        TRY(write_met(ask, names, &hunted->met[from + i]));
    json_write_end(&ask->json);
    page_flag(ask, S("any_met"), count > 0);
    page_flag(ask, S("more_met"), from + count > ROWS_MAX);
    json_write_end(&ask->json);
    return OK;
}

static struct err write_values(struct ask *ask, const struct pasted *pasted, const struct looked *looked)
{
    const struct hunted *hunted = &looked->hunted;
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct warned_names names = {0};
    size_t from = 0, without = 0;
    json_write_key(&ask->json, S("values"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < pasted->count; i++) {
        size_t count = met_count(hunted, from, i);
        without += count == 0;
        if (count > 0 || without <= VALUE_ROWS)
            TRY(write_value(&outside, &names, &pasted->values[i], looked, from, count));
        from += count;
    }
    json_write_end(&ask->json);
    page_count(ask, S("asked"), pasted->count);
    page_count(ask, S("without"), without);
    page_count(ask, S("left"), pasted->left);
    page_flag(ask, S("any_left"), pasted->left > 0);
    page_count(ask, S("broken"), hunted->broken);
    page_flag(ask, S("any_broken"), hunted->broken > 0);
    return OK;
}

/* ---- The page ---- */

struct err web_hunt(struct ask *ask)
{
    TRY(outside_need(ask, VERB_HUNT)); /* who may for the own organisation only is told of that only */
    page_title(ask, ask_text(ask, W("Hunt")));
    page_flag(ask, S("may_hunt"), ask->gate->options.parts->remember != NULL);
    return OK;
}

static struct err hunt(struct ask *ask, struct pasted *pasted, struct looked *looked)
{
    const struct hunt_job job = {.remember = ask->gate->options.parts->remember,
            .db = ask->db,
            .values = pasted->values,
            .count = pasted->count,
            .since_us = TIME_NONE,
            .until_us = TIME_NONE,
            .noise = looked->noise};
    if (job.remember == NULL)
        return err_make(ERR_CONFLICT, W_C("this node remembers nothing"));
    return detect_hunt(&job, &ask->who.actor, ask->arena, &looked->hunted);
}

static struct err look(struct ask *ask, struct looked *looked)
{
    struct pasted pasted = {.arena = ask->arena, .values = arena_new(ask->arena, struct indicator, VALUES_MAX)};
    struct err err = paste_read(ask_form(ask, S("values")), &pasted);
    if (err.kind == ERR_NONE)
        err = hunt(ask, &pasted, looked);
    if (err.kind != ERR_NONE)
        return page_again(ask, "values", err);
    page_flag(ask, S("hunted"), true);
    return write_values(ask, &pasted, looked);
}

struct err web_hunt_do(struct ask *ask)
{
    TRY(web_hunt(ask));
    struct looked looked = {.noise = warned_noise(ask)};
    struct err err = look(ask, &looked);
    warned_noise_leave(ask, &looked.noise);
    return err;
}
