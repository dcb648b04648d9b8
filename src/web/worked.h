/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the pages of casework have in common: who sees how much of an incident, what states, roles and times are called,
 * an incident as a row, and what is typed into their forms. Scripts get the store's own word beside each.
 */
#include "case/task.h"
#include "store/duty.h"
#include "web/warned.h"

#define WORKED_OFFERED 50 /* organisations, persons, playbooks that a form names; others are typed */

/* ---- Who sees what ---- */

/* The incident, if who asks sees anything of it: ERR_MISSING in the same words for the others and for those that are
 * not there. */
MUST_USE struct err worked_incident(struct ask *ask, int64_t number, struct incident *row, enum case_sight *sight);
/* The same for those of whom all is seen. */
MUST_USE struct err worked_whole(struct ask *ask, int64_t number, struct incident *row);
/* Whether all incidents are there to be seen, and not only those of the own organisation; ERR_DENIED for neither. */
MUST_USE struct err worked_need(const struct ask *ask, bool *all);
/* Whether who asks may work on incidents here. */
bool worked_may(const struct ask *ask);

/* ---- Words ---- */

/* Three members each: "state", "state_text", "look". */
void worked_incident_state(struct ask *ask, enum incident_state state);
void worked_task_state(struct ask *ask, enum task_state state);
/* One that runs beyond its time is "overdue". */
void worked_duty_state(struct ask *ask, const struct duty *duty);
slice worked_state_text(const struct ask *ask, enum incident_state state);
slice worked_when_text(const struct ask *ask, enum incident_when when);
slice worked_role_text(const struct ask *ask, enum party_role role);
slice worked_kind_text(const struct ask *ask, enum entry_kind kind);
slice worked_task_text(const struct ask *ask, enum task_state state);
/* Two members: "class", "class_text"; and "local_class". */
void worked_class(struct ask *ask, const struct incident *row);
/* A member "tlp": {"label", "look"}, or null. */
void worked_marking(struct ask *ask, slice marking);
/* Name of a person of ours by its number; empty for 0. */
MUST_USE struct err worked_person(struct ask *ask, int64_t person, slice *name);

/* ---- An incident as a row ---- */

/*
 * Members of an open object: number, path, title, state, severity and class as above, tlp, opened, age; and of who sees
 * all of it criticality, holder, is_restricted.
 */
MUST_USE struct err worked_row(struct outside *outside, const struct incident *row, enum case_sight sight);

/* ---- For the start and the board ---- */

/* A member "duties": the most urgent clocks of law that run, in incidents that who asks sees; "any_running" (duties.c).
 */
MUST_USE struct err worked_urgent(struct outside *outside, size_t most);

/* Clocks of law that ran out, of those that are the most urgent, in incidents that who asks sees (duties.c). */
MUST_USE struct err worked_overdue(struct ask *ask, size_t *count);
/* Tasks that are not ended, of who asks, or of their organisation if they see its only (tasks.c). */
MUST_USE struct err worked_tasks(struct ask *ask, size_t *count);

/* ---- Forms ---- */

/* An open array gets {name, text, chosen}. */
void worked_choice(struct ask *ask, slice name, slice text, bool chosen);
/* An open array gets the choices of a field. */
void worked_severity_choices(struct ask *ask, slice chosen);
void worked_marking_choices(struct ask *ask, slice chosen);
/* A member that is the array of all classes. */
void worked_classes(struct ask *ask);
MUST_USE struct err worked_organisations(struct ask *ask);
/* The member "zone": in which zone moments are typed. */
void worked_zone(struct ask *ask);

/* A field that holds a moment, as 2026-11-20T22:40 in the zone of who asks or as RFC 3339; TIME_NONE if it is empty. */
MUST_USE struct err worked_moment(const struct ask *ask, slice name, int64_t *us);
/* The same of a text, for messages about `name`. */
MUST_USE struct err worked_moment_of(const struct ask *ask, slice name, slice typed, int64_t *us);
/* A field that names an organisation; 0 if it is empty. */
MUST_USE struct err worked_organisation(const struct ask *ask, slice name, int64_t *organisation);
/* A field that holds a number of something; 0 if it is empty. */
MUST_USE struct err worked_number(const struct ask *ask, slice name, int64_t *number);
/* A member that holds a moment as a field of a form does; empty for none. */
void worked_local(struct ask *ask, slice key, int64_t us);
/* As page_moment writes it. */
slice worked_moment_text(const struct ask *ask, int64_t us);
slice worked_local_text(const struct ask *ask, int64_t us);
/* Whether a form has the field, with whatever in it. */
bool worked_has(const struct ask *ask, slice name);
