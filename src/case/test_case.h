/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests of this folder: a node with an incident and people who work on it, and verbs in one line each. */
#include "case/incident.h"
#include "case/task.h"
#include "share/test_share.h"

#define NOON INT64_C(1795262400000000) /* 2026-11-21 12:00 UTC */
#define TEST_CLASS "malicious-code/infected-system"

struct test_verb {
    int64_t incident, other, organisation, number;
    slice field, value, why;
    int state;
    const struct case_incident_put *put;
    const struct incident_entry *entry;
    const struct case_task_put *task;
    const struct impact *impact;
};

static inline struct err test_as(
        struct test_store *store, const struct actor *actor, work_action *action, struct test_verb *verb)
{
    return store_work(store->db, actor, store->arena, action, verb);
}

/* ---- Organisations ---- */

static inline struct err test_organisation_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    const struct organisation_put put = {.name = verb->value,
            .kind = S("hospital"),
            .sector = S("health"),
            .country = S("ID"),
            .relation = RELATION_CONSTITUENT};
    TRY(store_organisation_add(work, &put, &verb->number));
    return store_organisation_state(work, verb->number, ORGANISATION_ACTIVE);
}

static inline int64_t test_served(struct test_store *store, const char *name)
{
    struct test_verb verb = {.value = slice_of(name)};
    test_ok(test_work(store, test_organisation_action, &verb));
    return verb.number;
}

/* ---- Incidents ---- */

static inline struct case_incident_put test_put(const char *title)
{
    struct case_incident_put put = {.title = slice_of(title), .class = S(TEST_CLASS), .severity = SEVERITY_HIGH};
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        put.at[i] = TIME_NONE;
    return put;
}

static inline struct err test_open_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_incident_open(work, verb->put, &verb->incident);
}

static inline int64_t test_incident(struct test_store *store, const struct actor *actor, const char *title)
{
    const struct case_incident_put put = test_put(title);
    struct test_verb verb = {.put = &put};
    test_ok(test_as(store, actor, test_open_action, &verb));
    return verb.incident;
}

static inline struct incident test_incident_get(struct test_store *store, int64_t number)
{
    struct incident row;
    test_ok(store_incident_get(store->db, number, store->arena, &row));
    return row;
}

static inline struct err test_turn_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_incident_state(work, verb->incident, (enum incident_state)verb->state, verb->why);
}

static inline struct err test_turn(
        struct test_store *store, const struct actor *actor, int64_t incident, enum incident_state state)
{
    struct test_verb verb = {.incident = incident, .state = (int)state, .why = S("so it is")};
    return test_as(store, actor, test_turn_action, &verb);
}

static inline struct err test_set_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_incident_set(work, verb->incident, verb->field, verb->value, S(""));
}

static inline struct err test_set(
        struct test_store *store, const struct actor *actor, int64_t incident, const char *field, const char *value)
{
    struct test_verb verb = {.incident = incident, .field = slice_of(field), .value = slice_of(value)};
    return test_as(store, actor, test_set_action, &verb);
}

static inline struct err test_party_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_party_add(work, verb->incident, verb->organisation, (enum party_role)verb->state, S("by hand"));
}

static inline void test_party(struct test_store *store, const struct actor *actor, int64_t incident,
        int64_t organisation, enum party_role role)
{
    struct test_verb verb = {.incident = incident, .organisation = organisation, .state = (int)role};
    test_ok(test_as(store, actor, test_party_action, &verb));
}
