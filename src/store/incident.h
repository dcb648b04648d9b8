/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Incidents: one row each, with what it was before wherever that counts: every class, every time that was changed,
 * every judgement of a scale. Each has one home, the organisation whose case it is: we, or a partner that shared it
 * with us, whose row nobody here changes.
 *
 * Which way leads from one state to another, and who may go it, is decided above (case/incident.h).
 */
#include "base/clock.h"
#include "store/severity.h"
#include "store/work.h"

#define INCIDENT_ROWS_MAX 10000 /* parties, observables, impacts, links of one */

enum incident_state {
    INCIDENT_NEW,
    INCIDENT_TRIAGED,
    INCIDENT_OPEN,
    INCIDENT_CONTAINED,
    INCIDENT_RECOVERED,
    INCIDENT_CLOSED,
    INCIDENT_PUBLISHED, /* closed, and its lesson is out */
    INCIDENT_NOT_ONE,   /* "not-an-incident" */
    INCIDENT_DUPLICATE,
    INCIDENT_TRANSFERRED,
    INCIDENT_STATES,
};
#define INCIDENT_ENDED INCIDENT_CLOSED /* the first of those in which nobody works on it */

/* Times that are kept apart; `known` starts the clocks of law. */
enum incident_when {
    INCIDENT_OCCURRED_AT,
    INCIDENT_DETECTED_AT,
    INCIDENT_KNOWN_AT,
    INCIDENT_REPORTED_AT,
    INCIDENT_ACKNOWLEDGED_AT,
    INCIDENT_CONTAINED_AT,
    INCIDENT_RECOVERED_AT,
    INCIDENT_CLOSED_AT,
    INCIDENT_WHENS,
};

struct incident {
    int64_t number;
    int64_t home;    /* organisation */
    int64_t holder;  /* person of ours who has it; 0: nobody */
    int64_t same_as; /* the incident with which it was merged; 0: none */
    slice identity;  /* id of its STIX incident */
    slice title;
    enum incident_state state;
    slice class;       /* taxonomy/type of RSIT; or empty */
    slice local_class; /* a sub-class of ours, "ransomware"; or empty */
    enum severity severity;
    int64_t criticality;        /* 0 to 100 */
    slice determination;        /* word of the incident core extension: "suspected" */
    slice marking;              /* "TLP:AMBER" */
    slice sector;               /* or empty */
    bool vital;                 /* vital information infrastructure is concerned */
    bool personal_data;         /* and personal data */
    slice flags;                /* words between blanks: exercise, restricted */
    slice assets;               /* classes of assets that it hit, words between blanks; or empty */
    int64_t at[INCIDENT_WHENS]; /* TIME_NONE: not known */
    int64_t opened_us, changed_us;
};

/* All but number, same_as, assets, opened_us and changed_us; with its first class and words for the search. */
MUST_USE struct err store_incident_add(struct work *work, const struct incident *put, int64_t *number);
/* The row as it is and stays until the work ends: who would change it waits. ERR_MISSING. */
MUST_USE struct err store_incident_keep(struct work *work, int64_t number, struct incident *row);
/* All but identity, home, class, local_class and assets. */
MUST_USE struct err store_incident_change(struct work *work, const struct incident *row);
/* From now on it has this class; the one before stays known. */
MUST_USE struct err store_incident_class(
        struct work *work, int64_t incident, slice class, slice local_class, slice why);
MUST_USE struct err store_incident_assets(struct work *work, int64_t incident, slice assets);

MUST_USE struct err store_incident_get(struct db *db, int64_t number, struct arena *arena, struct incident *row);
/* By the id of its STIX incident; ERR_MISSING. */
MUST_USE struct err store_incident_of_identity(
        struct db *db, slice identity, struct arena *arena, struct incident *row);
/* How many there are of that home. */
MUST_USE struct err store_incident_count(struct db *db, int64_t home, int64_t *count);

/* ---- Lists: newest first, before that number (INT64_MAX: from the end) ---- */

enum incident_which { INCIDENT_ALL, INCIDENT_UNDER_WORK, INCIDENT_WHICHES };
MUST_USE struct err store_incident_latest(struct db *db, enum incident_which which, int64_t before, size_t count,
        struct arena *arena, struct incident **rows, size_t *row_count);
/* Of one state. */
MUST_USE struct err store_incident_of_state(struct db *db, enum incident_state state, int64_t before, size_t count,
        struct arena *arena, struct incident **rows, size_t *row_count);
/* Those that a person of ours has, under work. */
MUST_USE struct err store_incident_of_holder(struct db *db, int64_t person, int64_t before, size_t count,
        struct arena *arena, struct incident **rows, size_t *row_count);
/* Those with which an organisation has to do, in whatever role, today. */
MUST_USE struct err store_incident_of_party(struct db *db, int64_t organisation, int64_t before, size_t count,
        struct arena *arena, struct incident **rows, size_t *row_count);

/* ---- What it was before ---- */

struct incident_class {
    int64_t from_us;
    slice class, local_class, actor, why;
};
/* Oldest first. */
MUST_USE struct err store_incident_classes(
        struct db *db, int64_t incident, struct arena *arena, struct incident_class **rows, size_t *row_count);

struct incident_time {
    int64_t changed_us, before_us, after_us; /* TIME_NONE: not known */
    enum incident_when what;
    slice actor, proposer, why; /* proposer: the first of two persons; empty: one was enough */
};
/* That a time was changed, with all but changed_us and actor; the row itself is changed by store_incident_change. */
MUST_USE struct err store_incident_time(struct work *work, int64_t incident, const struct incident_time *put);
MUST_USE struct err store_incident_times(
        struct db *db, int64_t incident, struct arena *arena, struct incident_time **rows, size_t *row_count);

/* ---- Words ---- */

const char *store_incident_state_name(enum incident_state state); /* "not-an-incident" */
bool store_incident_state_find(slice name, enum incident_state *state);
const char *store_incident_when_name(enum incident_when when); /* "known" */
bool store_incident_when_find(slice name, enum incident_when *when);
