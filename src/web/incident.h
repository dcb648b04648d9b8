/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The page of an incident, in parts: what stands around it (incident_about.c), its timeline (incident_time.c). A list
 * is shown a piece at a time; "?of=NAME&from=N" says of one where its piece begins, so that nothing is out of reach
 * and the page stays small. Private to this folder.
 */
#include "case/opinion.h"
#include "web/worked.h"

struct incident_page {
    struct ask *ask;
    struct outside outside; /* what is left for text from outside */
    struct warned_names names;
    const struct incident *row;
    enum case_sight sight;
    int64_t own;               /* our organisation */
    bool may;                  /* work on it: it is ours, and who asks has the right */
    bool may_write;            /* into its timeline, whosever it is */
    struct case_abouts abouts; /* of its opinions */
    int64_t writer;            /* and whose that is then */
};

/* Where the piece of a list begins and ends; a member "NAME_more": the path of the next piece, or null. */
struct incident_piece {
    size_t from, to;
};
MUST_USE struct err incident_piece(
        struct incident_page *page, const char *name, size_t count, size_t most, struct incident_piece *piece);

/* Lists, each a member of its name. */
MUST_USE struct err incident_parties(struct incident_page *page);
MUST_USE struct err incident_customers(struct incident_page *page); /* of suppliers who are parties */
MUST_USE struct err incident_proposed(struct incident_page *page);  /* by the responsibility table */
MUST_USE struct err incident_reports(struct incident_page *page);   /* what was told of it */
MUST_USE struct err incident_seen(struct incident_page *page);      /* observables */
MUST_USE struct err incident_costs(struct incident_page *page);     /* impacts, scales */
MUST_USE struct err incident_history(struct incident_page *page);   /* classes, changed times */
MUST_USE struct err incident_links(struct incident_page *page);     /* other incidents */
MUST_USE struct err incident_runs(struct incident_page *page);      /* of playbooks, and those that may be started */
MUST_USE struct err incident_tasks(struct incident_page *page);
MUST_USE struct err incident_duties(struct incident_page *page);
MUST_USE struct err incident_evidence(struct incident_page *page);
MUST_USE struct err incident_waiting(struct incident_page *page); /* proposals */

/* A member "timeline", the latest first; "timeline_more". */
MUST_USE struct err incident_timeline(struct incident_page *page);
/* A member "opinions": the words of an opinion. */
void incident_opinions(struct incident_page *page);
/* A member "audiences": for each that a note can have, who reads it, by name. */
MUST_USE struct err incident_audiences(struct incident_page *page);

/* Members of a task in a list: number, path, title, state, organisation, person, due, is_late, withdrawn,
 * waits_for. */
MUST_USE struct err incident_task_write(struct outside *outside, struct warned_names *names, const struct task *task);
/* Members of a duty in a list: number, path, rule title, recipient, organisation, state, due, left, per_cent. */
MUST_USE struct err incident_duty_write(struct outside *outside, struct warned_names *names, const struct duty *duty);

/* What a field of an incident is called, and what may be chosen for it (incident_fields.c). */
MUST_USE struct err incident_fields(struct incident_page *page);
/* As it stands, in the words in which it is set; empty for a time. */
MUST_USE struct err incident_field_value(struct ask *ask, const struct incident *row, slice name, slice *value);
