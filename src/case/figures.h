/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Figures of casework of a month, each kind with what it counts: a number without that is false. The kinds are rows of
 * one table (figures.c), which commands, the page and the CSV all read. As it stood at a moment: whoever gives the same
 * moment again gets the same figures, whatever became of an incident since.
 *
 * Nothing is nought that is not known: a cell without a value has none. Counts only, and of what is ours alone. Losses
 * are told in one currency, too, by the rates that the node has (plan/rates.h); what was reckoned with stands beside
 * it.
 */
#include "case/incident.h"
#include "plan/rates.h"
#include "store/figure.h"
#include "text/catalogue.h"

#define CASE_FIGURE_CELLS 5
#define CASE_FIGURES_CSV_MAX (16u << 20) /* bytes */
#define CASE_FIGURE_NONE INT64_MIN       /* a cell: nothing to tell, not nought */

enum case_figure_unit { CASE_FIGURE_COUNT, CASE_FIGURE_SPAN, CASE_FIGURE_MONEY }; /* spans in us, money in hundredths */

struct case_figure_cell {
    const char *name;    /* "median"; NULL behind the last */
    const char *heading; /* for people */
    enum case_figure_unit unit;
};

struct case_figures;

struct case_figure_kind {
    const char *name;       /* "incidents-by-class" */
    const char *heading;    /* "Incidents by class" */
    const char *definition; /* what is counted, and what is not */
    const char *by;         /* what its rows are by: "Class" */
    struct case_figure_cell cells[CASE_FIGURE_CELLS + 1];
    struct err (*count)(struct case_figures *figures, size_t kind);
};

struct case_figure {
    size_t kind; /* place in the table */
    slice key;   /* word of its row; or empty: none was said */
    slice note;  /* what was reckoned with, for people (plan_rate_text, or a sentence to translate); empty: nothing */
    int64_t cells[CASE_FIGURE_CELLS];
};

struct case_figures {
    struct figure_span span;
    int64_t told_us;          /* the moment of these figures: give it again, and they are the same again */
    struct case_figure *rows; /* by kind, the larger first */
    size_t count;
    /* For the counting. */
    struct db *db;
    struct arena *arena;
    const struct plan_rates *rates;
    const struct figure_incident *incidents; /* that count: none that is a double, none that was none */
    size_t incident_count, room;
};

struct case_figures_asked {
    int64_t month;                  /* since January of the year 0 */
    int64_t as_of_us;               /* FIGURE_NOW: as it stands */
    const struct plan_rates *rates; /* outlive the figures */
};
/* VERB_READ_FIGURES. */
MUST_USE struct err case_figures_of(struct db *db, const struct actor *actor, const struct case_figures_asked *asked,
        struct arena *arena, struct case_figures *figures);
/* How many incidents of a month count, by class: for who draws many months. VERB_READ_FIGURES. */
MUST_USE struct err case_figures_classes(struct db *db, const struct actor *actor, int64_t month, int64_t as_of_us,
        struct arena *arena, struct figure_class **rows, size_t *count);

/* A line a cell, each with all that it takes to understand it; what has no value is empty. */
MUST_USE struct err case_figures_csv(const struct case_figures *figures, struct arena *arena, struct buf *out);

/* NULL behind the last. */
const struct case_figure_kind *case_figure_kind_at(size_t kind);
const char *case_figure_unit_name(enum case_figure_unit unit); /* "seconds" */
/* A cell as scripts get it: a count, seconds, hundredths; CASE_FIGURE_NONE stays. */
int64_t case_figure_value(const struct case_figure *figure, size_t cell);
/* A month as "2026-11". */
bool case_figure_month(slice text, int64_t *month);
