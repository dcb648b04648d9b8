/* SPDX-License-Identifier: Apache-2.0 */
/* What one part of a playbook names of another is there: agents, targets, markings, extensions, variables. */
#include "plan/playbook_parts.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "json/read.h"

/* The keys of an object in their order, so that many names are looked up in it. Its shape was checked: no escapes. */
struct index {
    slice *keys;
    size_t count;
};

static int by_bytes(const void *a, const void *b)
{
    return slice_order(*(const slice *)a, *(const slice *)b);
}

static struct index index_of(struct arena *arena, slice object)
{
    struct json_members members = json_members(object);
    struct index index = {0};
    slice key, value;
    while (json_member_next(&members, &key, &value))
        index.count++;
    index.keys = arena_new(arena, slice, index.count + 1);
    members = json_members(object);
    for (size_t i = 0; json_member_next(&members, &key, &value); i++)
        index.keys[i] = key;
    qsort(index.keys, index.count, sizeof *index.keys, by_bytes);
    return index;
}

static bool index_has(const struct index *index, slice name)
{
    return bsearch(&name, index->keys, index->count, sizeof name, by_bytes) != NULL;
}

/* Texts where one or a list of them may stand: the next one, as long as there is one. */
struct names {
    struct json_elements elements;
    slice single;
};

static struct names names_of(slice value)
{
    struct names names = {.single = value};
    if (json_kind(value) == JSON_ARRAY)
        names = (struct names){.elements = json_elements(value)};
    return names;
}

static bool names_next(struct names *names, slice *name)
{
    if (names->elements.at != NULL)
        return json_element_next(&names->elements, name);
    *name = names->single;
    names->single = S("");
    return name->len > 0;
}

/* What is defined for the whole playbook. */
enum defined { AGENTS, TARGETS, MARKINGS, AUTHENTICATION, EXTENSIONS, VARIABLES, DEFINED };
static const slice dictionaries[DEFINED] = {
        [AGENTS] = {"agent_definitions", 17},
        [TARGETS] = {"target_definitions", 18},
        [MARKINGS] = {"data_marking_definitions", 24},
        [AUTHENTICATION] = {"authentication_info_definitions", 31},
        [EXTENSIONS] = {"extension_definitions", 21},
        [VARIABLES] = {"playbook_variables", 18},
};

struct referring {
    struct plan_reading *reading;
    struct index defined[DEFINED];
};

/* Where a property of an object names something, where that is defined, and the section that says so. */
struct reference {
    slice property;
    enum defined where;
    const char *section;
};
static const struct reference of_playbook[] = {{{"markings", 8}, MARKINGS, "3.1"}};
static const struct reference of_agent[] = {{{"authentication_info", 19}, AUTHENTICATION, "7.1"}};
static const struct reference of_step[] = {{{"agent", 5}, AGENTS, "4.5"}, {{"targets", 7}, TARGETS, "4.5"}};

static void refer(const struct referring *referring, slice object, const struct reference *rows, size_t count)
{
    struct plan_reading *reading = referring->reading;
    for (size_t i = 0; i < count; i++) {
        struct names names = names_of(json_get(object, rows[i].property));
        slice name;
        while (reading->wrong < PLAN_WRONG_MAX && names_next(&names, &name))
            if (!index_has(&referring->defined[rows[i].where], json_text(name, reading->arena)))
                plan_playbook_wrong(reading, name,
                        arena_printf(reading->arena, "%s: it is not in %s [CACAO 2.0 section %s]", rows[i].property.ptr,
                                dictionaries[rows[i].where].ptr, rows[i].section));
    }
}

/* Extensions in use are defined. */
static void extensions(const struct referring *referring, slice used)
{
    struct json_members members = json_members(used);
    slice key, value;
    while (referring->reading->wrong < PLAN_WRONG_MAX && json_member_next(&members, &key, &value))
        if (!index_has(&referring->defined[EXTENSIONS], json_unescape(key, referring->reading->arena)))
            plan_playbook_wrong(referring->reading, key,
                    "an extension in use is not in extension_definitions [CACAO 2.0 section 8]");
}

static void arguments(const struct referring *referring, slice list, const struct index *own)
{
    struct json_elements elements = json_elements(list);
    slice name;
    while (referring->reading->wrong < PLAN_WRONG_MAX && json_element_next(&elements, &name)) {
        slice text = json_text(name, referring->reading->arena);
        if (!index_has(own, text) && !index_has(&referring->defined[VARIABLES], text))
            plan_playbook_wrong(referring->reading, name,
                    "neither the step nor the playbook has a variable of this name [CACAO 2.0 section 10.18]");
    }
}

static void steps(const struct referring *referring)
{
    struct json_members members = json_members(json_get(referring->reading->text, S("workflow")));
    slice key, step;
    while (json_member_next(&members, &key, &step)) {
        struct index own = index_of(referring->reading->arena, json_get(step, S("step_variables")));
        refer(referring, step, of_step, COUNT_OF(of_step));
        extensions(referring, json_get(step, S("step_extensions")));
        arguments(referring, json_get(step, S("in_args")), &own);
        arguments(referring, json_get(step, S("out_args")), &own);
    }
}

/* What an agent or a target of this type has to have. */
static const struct {
    const char *type;
    slice property;
    const char *section;
} agent_musts[] = {
        {"sector", {"sector", 6}, "7.7"},
        {"http-api", {"address", 7}, "7.8"},
        {"linux", {"address", 7}, "7.9"},
        {"security-category", {"category", 8}, "7.11"},
        {"ssh", {"address", 7}, "7.12"},
};

static void agents(const struct referring *referring, enum defined where)
{
    struct plan_reading *reading = referring->reading;
    struct json_members members = json_members(json_get(reading->text, dictionaries[where]));
    slice key, agent;
    while (reading->wrong < PLAN_WRONG_MAX && json_member_next(&members, &key, &agent)) {
        slice type = json_text(json_get(agent, S("type")), reading->arena);
        refer(referring, agent, of_agent, COUNT_OF(of_agent));
        for (size_t i = 0; i < COUNT_OF(agent_musts); i++)
            if (slice_eq(type, slice_of(agent_musts[i].type)) && json_get(agent, agent_musts[i].property).len == 0)
                plan_playbook_wrong(reading, agent,
                        arena_printf(reading->arena, "a %s has a %s [CACAO 2.0 section %s]", agent_musts[i].type,
                                agent_musts[i].property.ptr, agent_musts[i].section));
    }
}

/* A moment that does not come before another one of the same object. */
static void order(struct plan_reading *reading, slice before, slice after, bool equal, const char *why)
{
    slice first = json_get(reading->text, before), second = json_get(reading->text, after);
    if (first.len == 0 || second.len == 0)
        return;
    int64_t from = 0, until = 0;
    if (time_parse_strict(json_text(first, reading->arena), &from) &&
            time_parse_strict(json_text(second, reading->arena), &until) && (equal ? until < from : until <= from))
        plan_playbook_wrong(reading, second, why);
}

void plan_refer_check(struct plan_reading *reading)
{
    struct referring referring = {.reading = reading};
    order(reading, S("created"), S("modified"), true, "modified: it lies before created [CACAO 2.0 section 3.1]");
    order(reading, S("valid_from"), S("valid_until"), false,
            "valid_until: it does not lie behind valid_from [CACAO 2.0 section 3.1]");
    for (enum defined i = 0; i < DEFINED; i++)
        referring.defined[i] = index_of(reading->arena, json_get(reading->text, dictionaries[i]));
    refer(&referring, reading->text, of_playbook, COUNT_OF(of_playbook));
    extensions(&referring, json_get(reading->text, S("playbook_extensions")));
    agents(&referring, AGENTS);
    agents(&referring, TARGETS);
    steps(&referring);
}
