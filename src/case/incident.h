/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of incidents: opened, triaged, worked on, contained, recovered, closed, opened again. One table in
 * incident.c says which state leads where, one what may be set. Each verb asks for the right of who acts, and leaves a
 * row of the journal whose subject is "incident/7": those rows are the incident's timeline.
 *
 * When something was known, its class once it has one, the closing of what is critical and a wider marking are facts
 * that clocks of law and figures hang on: they are acts of two persons (share/approve.h). What was before stays.
 *
 * An incident whose home is a partner is that partner's: here it is read, linked, and worked on by tasks and notes of
 * ours, and ERR_CONFLICT for whoever would change the rest.
 */
#include "share/approve.h"
#include "store/involved.h"
#include "store/supply.h"

#define CASE_SUBJECT "incident"   /* of rows of the journal and proposals, with "/7" */
#define CASE_TEXT_MAX (64u << 10) /* bytes of what one writes into a timeline */
#define CASE_CRITICAL_AT 70       /* criticality from which closing takes two persons */

struct case_incident_put {
    slice title;
    slice class, local_class; /* RSIT's taxonomy/type, and a word of ours; or empty */
    slice sector;             /* or empty */
    slice marking;            /* empty: TLP:AMBER */
    slice flags;              /* words between blanks: exercise, restricted */
    enum severity severity;
    int64_t criticality; /* 0 to 100 */
    bool vital, personal_data;
    int64_t at[INCIDENT_WHENS]; /* TIME_NONE: not known */
};
/* In state new. VERB_WORK_INCIDENTS; ERR_INPUT names the field that is wrong. */
MUST_USE struct err case_incident_open(struct work *work, const struct case_incident_put *put, int64_t *number);

/*
 * Along the table of ways; what the state says of a time (contained, recovered, closed) is set to now if it was not
 * told. ERR_CONFLICT if no way leads there, ERR_DENIED for the closing of a critical one, which takes
 * case_incident_close.
 */
MUST_USE struct err case_incident_state(struct work *work, int64_t incident, enum incident_state state, slice why);
/* The states to which a way leads from there, as bits. */
unsigned case_incident_ways(enum incident_state state);
/* It is the same as that one: duplicate, and what was seen and who has to do with it are there, too. */
MUST_USE struct err case_incident_merge(struct work *work, int64_t incident, int64_t into, slice why);

/*
 * Sets one field by its name: title, severity, criticality, determination, marking (narrower only), sector, vital,
 * personal-data, holder (name of a user, or empty), class and local-class while it has none, assets, and the times
 * while they are not told. ERR_INPUT with the names for another; ERR_CONFLICT where two persons are needed.
 */
MUST_USE struct err case_incident_set(struct work *work, int64_t incident, slice field, slice value, slice why);
/* The name at this place from 0; NULL behind the last. */
const char *case_incident_field(size_t at);

/* The act of the journal that tells that an incident got into a state: "incident.closed". */
const char *case_incident_act(enum incident_state state);
/* What it can turn out to be, by its place; NULL behind the last. */
const char *case_determination(size_t at);

/* ---- Acts of two persons: VERB_CASE_FACTS; the wider marking VERB_RELEASE ---- */

MUST_USE struct err case_incident_close(struct db *db, const struct actor *actor, int64_t incident, slice why,
        struct arena *arena, struct share_proposal *proposal);
/* One of the times that is told already; TIME_NONE: it is not known after all. */
MUST_USE struct err case_incident_time(struct db *db, const struct actor *actor, int64_t incident,
        enum incident_when what, int64_t us, slice why, struct arena *arena, struct share_proposal *proposal);
MUST_USE struct err case_incident_class(struct db *db, const struct actor *actor, int64_t incident, slice class,
        slice local_class, slice why, struct arena *arena, struct share_proposal *proposal);
MUST_USE struct err case_incident_widen(struct db *db, const struct actor *actor, int64_t incident, slice marking,
        slice why, struct arena *arena, struct share_proposal *proposal);

/* Rows of the table of acts: "incident.close", "incident.time", "incident.class", "incident.widen". */
MUST_USE struct err case_incident_do_close(struct work *work, slice subject, slice detail);
MUST_USE struct err case_incident_do_time(struct work *work, slice subject, slice detail);
MUST_USE struct err case_incident_do_class(struct work *work, slice subject, slice detail);
MUST_USE struct err case_incident_do_widen(struct work *work, slice subject, slice detail);

/* ---- What stands around it ---- */

/* `why`: the rule of the responsibility table, or the reason; ERR_INPUT without one. */
MUST_USE struct err case_party_add(
        struct work *work, int64_t incident, int64_t organisation, enum party_role role, slice why);
MUST_USE struct err case_party_end(
        struct work *work, int64_t incident, int64_t organisation, enum party_role role, slice why);
/* As it is compared: "evil[.]example" is evil.example. ERR_INPUT for a value that is none of its type. */
MUST_USE struct err case_observable_add(struct work *work, int64_t incident, slice type, slice value);
/* ERR_INPUT for a range that is none; money has a currency and a basis. at_us: TIME_NONE: now. */
MUST_USE struct err case_impact_add(struct work *work, int64_t incident, const struct impact *put, int64_t *number);
/* On a scale of others, as somebody there who may said so. */
MUST_USE struct err case_scale_put(struct work *work, int64_t incident, slice scale, slice level, slice why);
/* A level of a scale by its place, from 0; false behind the last. */
bool case_scale(size_t at, const char **scale, const char **level);
/* A kind of impact by its place; NULL behind the last. */
const char *case_impact_kind(size_t at, bool *money);
/* A kind of the clinical side. */
bool case_impact_is_clinical(slice kind);
/* A kind of link by its place; NULL behind the last. */
const char *case_link_kind(size_t at);
MUST_USE struct err case_incident_link(struct work *work, int64_t incident, int64_t other, slice kind);
/* Into the timeline; a party writes what its own and ours see, and nothing else. happened_us: TIME_NONE: now. */
MUST_USE struct err case_entry_add(
        struct work *work, int64_t incident, const struct incident_entry *put, int64_t *number);
/* Who wrote it takes it back: it stays, struck out, and whoever has it is told. `why`: or empty. ERR_CONFLICT for what
 * another wrote, and for what was withdrawn. */
MUST_USE struct err case_entry_withdraw(struct work *work, int64_t incident, int64_t number, slice why);

/* ---- Who sees what ---- */

enum case_sight {
    CASE_NOTHING, /* as if it were not there */
    CASE_PART,    /* of a party: what concerns it, entries for its eyes */
    CASE_ALL,
};
/*
 * What the actor sees of an incident: all with VERB_READ_INCIDENTS for the node, a part where its own organisation is
 * a party other than liaison. Of one that is restricted only who holds it and auditors see anything.
 */
MUST_USE struct err case_sees(struct db *db, const struct actor *actor, const struct incident *incident,
        struct arena *arena, enum case_sight *sight);
/* Whom the suppliers among its parties supply today, and who is no party of it: they may be hit, too. ERR_MISSING for
 * who does not see all of the incident. */
MUST_USE struct err case_incident_customers(struct db *db, const struct actor *actor, const struct incident *incident,
        struct arena *arena, struct supply **rows, size_t *row_count);
/* Whether an entry is for the eyes of who sees so much. */
bool case_entry_seen(const struct incident_entry *entry, enum case_sight sight, int64_t organisation);

/* The row, for who has the right to act on incidents: one that is restricted is not there for who does not see it.
 * ERR_MISSING. Who asks for that right does so first, so that nobody else learns which there are. */
MUST_USE struct err case_incident_reach(
        struct db *db, const struct actor *actor, int64_t incident, struct arena *arena, struct incident *row);

/* ---- For this folder ---- */

/* The row, kept, if it is ours to change and the actor may work on it; ERR_MISSING if they do not see all of it. */
MUST_USE struct err case_incident_mine(struct work *work, int64_t incident, struct incident *row);
/* Whose an entry of the actor is, and for whom it may be: a party's is for itself and us. ERR_MISSING, ERR_DENIED. */
MUST_USE struct err case_entry_author(struct work *work, const struct incident *row, struct incident_entry *put);
/* Not all of our own people may know whom it concerns, or of what it is. */
bool case_incident_is_for_few(const struct incident *incident);
