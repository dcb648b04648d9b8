/* SPDX-License-Identifier: Apache-2.0 */
/* What one part of a playbook names of another is there: agents, targets, markings, extensions, variables. */
#include "plan/playbook_parts.h"

#include "base/arena.h"
#include "base/clock.h"
#include "json/read.h"

slice plan_defined(const struct plan_reading *reading, slice dictionary, slice key)
{
    return json_get(json_get(reading->text, dictionary), key);
}

/* Texts where one or a list of them may stand: the next one, as long as there is one. */
struct names {
    struct json_elements elements;
    slice single;
};

static struct names names_of(slice value)
{
    return json_kind(value) == JSON_ARRAY ? (struct names){.elements = json_elements(value)}
                                          : (struct names){.single = value};
}

static bool names_next(struct names *names, slice *name)
{
    if (names->elements.at != NULL)
        return json_element_next(&names->elements, name);
    *name = names->single;
    names->single = S("");
    return name->len > 0;
}

/* Where a property of an object names something, where that is defined, and the section that says so. */
struct reference {
    slice property, dictionary;
    const char *section;
};
static const struct reference of_playbook[] = {{{"markings", 8}, {"data_marking_definitions", 24}, "3.1"}};
static const struct reference of_agent[] = {
        {{"authentication_info", 19}, {"authentication_info_definitions", 31}, "7.1"}};
static const struct reference of_step[] = {
        {{"agent", 5}, {"agent_definitions", 17}, "4.5"},
        {{"targets", 7}, {"target_definitions", 18}, "4.5"},
};

static void refer(struct plan_reading *reading, slice object, const struct reference *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct names names = names_of(json_get(object, rows[i].property));
        slice name;
        while (names_next(&names, &name))
            if (plan_defined(reading, rows[i].dictionary, json_text(name, reading->arena)).len == 0)
                plan_playbook_wrong(reading, name,
                        arena_printf(reading->arena, "%s: it is not in %s [CACAO 2.0 section %s]", rows[i].property.ptr,
                                rows[i].dictionary.ptr, rows[i].section));
    }
}

/* Extensions in use are defined. */
static void extensions(struct plan_reading *reading, slice used)
{
    struct json_members members = json_members(used);
    slice key, value;
    while (json_member_next(&members, &key, &value))
        if (plan_defined(reading, S("extension_definitions"), json_unescape(key, reading->arena)).len == 0)
            plan_playbook_wrong(
                    reading, key, "an extension in use is not in extension_definitions [CACAO 2.0 section 8]");
}

static void arguments(struct plan_reading *reading, slice step, slice property)
{
    struct json_elements elements = json_elements(json_get(step, property));
    slice name;
    while (json_element_next(&elements, &name)) {
        slice text = json_text(name, reading->arena);
        if (json_get(json_get(step, S("step_variables")), text).len == 0 &&
                plan_defined(reading, S("playbook_variables"), text).len == 0)
            plan_playbook_wrong(reading, name,
                    "neither the step nor the playbook has a variable of this name [CACAO 2.0 section 10.18]");
    }
}

static void steps(struct plan_reading *reading)
{
    struct json_members members = json_members(json_get(reading->text, S("workflow")));
    slice key, step;
    while (json_member_next(&members, &key, &step)) {
        refer(reading, step, of_step, COUNT_OF(of_step));
        extensions(reading, json_get(step, S("step_extensions")));
        arguments(reading, step, S("in_args"));
        arguments(reading, step, S("out_args"));
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

static void agents(struct plan_reading *reading, slice dictionary)
{
    struct json_members members = json_members(json_get(reading->text, dictionary));
    slice key, agent;
    while (json_member_next(&members, &key, &agent)) {
        slice type = json_text(json_get(agent, S("type")), reading->arena);
        refer(reading, agent, of_agent, COUNT_OF(of_agent));
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
    order(reading, S("created"), S("modified"), true, "modified: it lies before created [CACAO 2.0 section 3.1]");
    order(reading, S("valid_from"), S("valid_until"), false,
            "valid_until: it does not lie behind valid_from [CACAO 2.0 section 3.1]");
    refer(reading, reading->text, of_playbook, COUNT_OF(of_playbook));
    extensions(reading, json_get(reading->text, S("playbook_extensions")));
    agents(reading, S("agent_definitions"));
    agents(reading, S("target_definitions"));
    steps(reading);
}
