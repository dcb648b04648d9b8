/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What fell into a span of time, for who counts it: reports, incidents, duties, take-downs, losses, risks; nobody's
 * name. Incidents are ours alone. What is of an exercise is never there. Lists are whole, or ERR_LIMIT.
 *
 * As it stood at a moment: of incidents the class, the state and the times that held then; of the rest what had been
 * entered by then.
 */
#include "store/involved.h"

#define FIGURE_ROWS_MAX 100000 /* incidents, duties, take-downs, losses of a span */
#define FIGURE_NOW INT64_MAX   /* as_of_us: as it stands */

struct figure_span {
    int64_t from_us, until_us; /* until: not with it */
    int64_t as_of_us;
    int64_t own;                       /* the own organisation */
    const char *acts[INCIDENT_STATES]; /* of the journal: what tells that an incident got into a state */
};

struct figure_incident {
    int64_t number;
    slice class;
    enum incident_state state;
    enum severity severity; /* as it is now: nothing tells what it was */
    int64_t at[INCIDENT_WHENS];
};
/* Those that were opened in the span, in the order of their numbers. */
MUST_USE struct err store_figure_incidents(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_incident **rows, size_t *row_count);

struct figure_class {
    slice class;
    enum incident_state state;
    int64_t count;
};
/* How many those are, by class and state. */
MUST_USE struct err store_figure_classes(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_class **rows, size_t *row_count);

struct figure_loss {
    int64_t incident, organisation; /* to whom; 0: to all */
    int64_t low, high;              /* hundredths; IMPACT_UNKNOWN */
    slice unit;
};
/* What those cost, by incident and to whom: what was said last is last. */
MUST_USE struct err store_figure_losses(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_loss **rows, size_t *row_count);

struct figure_report {
    slice class, channel, sector; /* class and sector as they are now */
    int64_t count, merged;        /* merged: of these, those that were put to another one */
};
/* Those that were received in the span. */
MUST_USE struct err store_figure_reports(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_report **rows, size_t *row_count);

struct figure_duty {
    slice rule;
    bool waived;
    int64_t due_us, filed_us; /* filed_us: TIME_NONE: not yet */
};
/* Those whose end falls into the span, but for what another took the place of. */
MUST_USE struct err store_figure_duties(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_duty **rows, size_t *row_count);

struct figure_takedown {
    int64_t reported_us, requested_us, down_us; /* TIME_NONE: not yet */
    bool returned;
};
/* Pages of which we were first told in the span. */
MUST_USE struct err store_figure_takedowns(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_takedown **rows, size_t *row_count);

struct figure_risk {
    slice level;
    int64_t count, identified; /* identified: of these, those that nobody has decided on */
};
/* Those that were not closed at the end of the span, by their level then. */
MUST_USE struct err store_figure_risks(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_risk **rows, size_t *row_count);
