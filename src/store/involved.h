/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What stands around an incident: who has to do with it, what was seen, what it costs, how bad others would call it,
 * what people wrote, and which other incidents belong to it.
 */
#include "store/incident.h"

/* ---- Who has to do with it ---- */

enum party_role {
    PARTY_VICTIM,
    PARTY_SUPPLIER,
    PARTY_LEAD,
    PARTY_SUPPORT,
    PARTY_INFORMED,
    PARTY_LIAISON, /* who sees the evidence that is handed to them, and nothing else */
    PARTY_ROLES,
};
/* Who sees what is for the parties. */
#define PARTY_SEEING                                                                                                   \
    (1u << PARTY_VICTIM | 1u << PARTY_SUPPLIER | 1u << PARTY_LEAD | 1u << PARTY_SUPPORT | 1u << PARTY_INFORMED)
struct party {
    int64_t organisation;
    enum party_role role;
    int64_t since_us, until_us; /* until_us: TIME_NONE: still */
    slice name;                 /* of the organisation, today's */
    slice actor, why;           /* the rule of the responsibility table, or why it was said by hand */
};
/* Again in a role that it had: from now on, once more. */
MUST_USE struct err store_party_add(
        struct work *work, int64_t incident, int64_t organisation, enum party_role role, slice why);
/* ERR_MISSING if it has not that role today. */
MUST_USE struct err store_party_end(struct work *work, int64_t incident, int64_t organisation, enum party_role role);
/* By role and name; those of before, too. */
MUST_USE struct err store_party_list(
        struct db *db, int64_t incident, struct arena *arena, struct party **rows, size_t *row_count);
/* Whether it has any of these roles (bits) today. */
MUST_USE struct err store_party_is(struct db *db, int64_t incident, int64_t organisation, unsigned roles, bool *is);

/* ---- What was seen ---- */

struct incident_observable {
    slice type, value, actor;
    int64_t added_us;
    int64_t others; /* incidents that have it, too */
};
/* One that it has already changes nothing. */
MUST_USE struct err store_incident_observable_add(struct work *work, int64_t incident, slice type, slice value);
MUST_USE struct err store_incident_observables(
        struct db *db, int64_t incident, struct arena *arena, struct incident_observable **rows, size_t *row_count);

/* ---- What it costs ---- */

#define IMPACT_UNKNOWN INT64_MIN /* not nought */
struct impact {
    int64_t number;
    slice kind;        /* "loss", "records", "patients-diverted" ... */
    int64_t low, high; /* hundredths of money, else counts; IMPACT_UNKNOWN */
    slice unit;        /* ISO 4217 for money; or empty */
    slice basis, confidence, actor;
    int64_t organisation; /* to whom; 0: to all */
    int64_t at_us;
};
MUST_USE struct err store_impact_add(struct work *work, int64_t incident, const struct impact *put, int64_t *number);
/* With the number that its home gave it: in the place of the one that has it. */
MUST_USE struct err store_impact_put(struct work *work, int64_t incident, const struct impact *put);
/* Oldest first. */
MUST_USE struct err store_impact_list(
        struct db *db, int64_t incident, struct arena *arena, struct impact **rows, size_t *row_count);

/* ---- How bad it is on the scales of others ---- */

struct scale_level {
    slice scale, level, actor, why;
    int64_t from_us;
};
MUST_USE struct err store_scale_put(struct work *work, int64_t incident, slice scale, slice level, slice why);
/* By scale, oldest first: the last of each holds. */
MUST_USE struct err store_scale_list(
        struct db *db, int64_t incident, struct arena *arena, struct scale_level **rows, size_t *row_count);

/* ---- What people wrote ---- */

enum entry_kind { ENTRY_EVENT, ENTRY_NOTE, ENTRY_QUESTION, ENTRY_ANSWER, ENTRY_OPINION, ENTRY_KINDS };
/* Who sees it, of those who have to do with the incident. */
#define AUDIENCE_OWN 0        /* our own people */
#define AUDIENCE_PARTIES (-1) /* every party but the liaison; above 0: one organisation and ourselves */
struct incident_entry {
    int64_t number;
    slice identity; /* id of its STIX note, event or opinion */
    int64_t home;   /* who wrote it */
    enum entry_kind kind;
    int64_t happened_us, written_us;
    int64_t audience;
    slice text, source, actor;
    int64_t due_us;       /* of a question; TIME_NONE: no clock */
    int64_t answers;      /* of an answer: number of the question; 0: none, or it did not come yet */
    slice opinion;        /* of an opinion: a word of opinion-enum (STIX 2.1 section 10.18); empty: it is none */
    slice about;          /* of an opinion or an answer: id of the STIX object that it is about; or empty */
    int64_t withdrawn_us; /* its writer took it back; TIME_NONE: no */
};
/* All but number, written_us, actor and withdrawn_us. Answers that came before their question are its answers then. */
MUST_USE struct err store_entry_add(
        struct work *work, int64_t incident, const struct incident_entry *put, int64_t *number);
/* By when it happened, behind (happened, number); begin with INT64_MIN and 0. */
MUST_USE struct err store_entry_list(struct db *db, int64_t incident, int64_t happened_us, int64_t after, size_t count,
        struct arena *arena, struct incident_entry **rows, size_t *row_count);

/* The other way: the latest first, before (happened, number); begin with INT64_MAX and INT64_MAX. */
MUST_USE struct err store_entry_latest(struct db *db, int64_t incident, int64_t happened_us, int64_t before,
        size_t count, struct arena *arena, struct incident_entry **rows, size_t *row_count);

struct told_entry {
    struct incident_entry entry;
    slice question; /* identity of the one that it answers; empty: none */
};
/* Those of one home that are not for our own people alone, by number, behind `after`. */
MUST_USE struct err store_entry_told(struct db *db, int64_t incident, int64_t home, int64_t after, size_t count,
        struct arena *arena, struct told_entry **rows, size_t *row_count);
MUST_USE struct err store_entry_count(struct db *db, int64_t incident, int64_t home, int64_t *count);
/* By the id of its STIX object, with the number of its incident; ERR_MISSING. */
MUST_USE struct err store_entry_of_identity(
        struct db *db, slice identity, struct arena *arena, int64_t *incident, struct incident_entry *row);
MUST_USE struct err store_entry_get(
        struct db *db, int64_t incident, int64_t number, struct arena *arena, struct incident_entry *row);
/* The opinion that somebody holds about an object, unless they withdrew it; ERR_MISSING. */
MUST_USE struct err store_opinion_of(struct db *db, int64_t incident, const struct incident_entry *held,
        struct arena *arena, struct incident_entry *row);
/* What its home says now of that identity: all but number, home, written_us and actor. What is no question any more was
 * answered by nothing. */
MUST_USE struct err store_entry_change(struct work *work, int64_t incident, const struct incident_entry *row);

struct incident_question {
    int64_t incident, number, home, audience;
    int64_t written_us, due_us; /* due_us: TIME_NONE: no clock */
    slice title, text;          /* title of the incident */
};
/* That nobody has answered, of incidents under work, the most urgent first, behind (due_us, incident, number); without
 * a clock last. Begin with INT64_MIN, 0, 0. */
MUST_USE struct err store_question_open(struct db *db, const struct incident_question *after, size_t count,
        struct arena *arena, struct incident_question **rows, size_t *row_count);

/* ---- Other incidents ---- */

struct incident_link {
    int64_t other;
    slice kind, title, actor; /* title of the other */
    int64_t made_us;
};
MUST_USE struct err store_incident_link(struct work *work, int64_t incident, int64_t other, slice kind);
/* Both ways. */
MUST_USE struct err store_incident_links(
        struct db *db, int64_t incident, struct arena *arena, struct incident_link **rows, size_t *row_count);

/* ---- Words ---- */

const char *store_party_role_name(enum party_role role); /* "victim" */
bool store_party_role_find(slice name, enum party_role *role);
const char *store_entry_kind_name(enum entry_kind kind); /* "event" */
bool store_entry_kind_find(slice name, enum entry_kind *kind);
