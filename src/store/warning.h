/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Warnings: one tells one constituent of one cause (an indicator, a report's type) and class, however many events there
 * were. It is open from when it is drafted until somebody answered that it is done or not theirs, or it was withdrawn;
 * there is at most one open warning for the same. Each state that it got is a step of its life, which stays.
 *
 * Which way leads from one state to another is decided above (desk/life.h); here is only what is kept.
 */
#include "base/clock.h"
#include "store/severity.h"
#include "store/work.h"

/* In the order in which a warning passes them. */
enum warning_state {
    WARNING_DRAFTED,
    WARNING_APPROVED,
    WARNING_SENT,
    WARNING_DELIVERED,
    WARNING_ACKNOWLEDGED,
    WARNING_NOT_MINE,
    WARNING_DONE,
    WARNING_WITHDRAWN,
    WARNING_STATES,
};
#define WARNING_CLOSED WARNING_NOT_MINE /* the first of those that are the end */

/* How it goes out. */
enum warning_does { WARNING_SEND, WARNING_DIGEST, WARNING_HOLD, WARNING_DOES };

struct warning {
    int64_t number, organisation;
    slice cause_kind, cause; /* "indicator" and its STIX id, "report" and its type */
    slice class;             /* taxonomy/type */
    enum severity severity;
    enum warning_state state;
    slice held;             /* why it waits for a person; empty: it does not */
    bool consent;           /* it is held until whoever said it agrees */
    slice marking;          /* "TLP:AMBER": the strictest of what it tells of */
    enum warning_does does; /* once it is approved; never WARNING_HOLD */
    int64_t first_us, last_us, events;
    int64_t drafted_us;
    int64_t due_us;     /* until when they are to have done something; TIME_NONE: not told yet */
    int64_t told_us;    /* when a notice of it was last written; TIME_NONE: never */
    enum severity told; /* how bad it was said to be then */
    int64_t chased;     /* steps of chasing that were taken */
    int64_t chase_us;   /* when the next is due; TIME_NONE: never */
    int64_t sector_us;  /* when the team of their sector was told that nobody answers; TIME_NONE: never */
    slice sector_why;   /* why the team may not be told or cannot be; or empty */
    int64_t changed_us;
};

struct warning_step {
    int64_t step, time_us; /* step: from 1 */
    slice actor, why;
    enum warning_state state; /* that it got */
};

static inline bool warning_is_open(const struct warning *warning)
{
    return warning->state < WARNING_CLOSED;
}

/* All but number, drafted_us and changed_us. ERR_CONFLICT: an open one for the same is there. */
MUST_USE struct err store_warning_add(struct work *work, const struct warning *put, int64_t *number);
/* The row as it is and stays until the work ends: who would change it waits. ERR_MISSING. */
MUST_USE struct err store_warning_keep(struct work *work, int64_t number, struct warning *row);
/* All but who is warned of what, and drafted_us. */
MUST_USE struct err store_warning_change(struct work *work, const struct warning *row);
/* Its next step. */
MUST_USE struct err store_warning_step(struct work *work, int64_t warning, enum warning_state state, slice why);

MUST_USE struct err store_warning_get(struct db *db, int64_t number, struct arena *arena, struct warning *row);
/*
 * An open one that was told, of an indicator, the same class and to the same constituent, whose details name all values
 * that a row of met does: of what is met nothing is new to them. ERR_MISSING, too, if that row has no details.
 */
MUST_USE struct err store_warning_same_values(
        struct db *db, int64_t organisation, slice class, int64_t met, struct arena *arena, struct warning *row);
/* The last of that, open or not; ERR_MISSING: there never was one. */
MUST_USE struct err store_warning_last(struct db *db, int64_t organisation, slice cause_kind, slice cause, slice class,
        struct arena *arena, struct warning *row);
MUST_USE struct err store_warning_steps(
        struct db *db, int64_t warning, struct arena *arena, struct warning_step **rows, size_t *row_count);

/* ---- Lists ---- */

/* Which are asked for. */
enum warning_which {
    WARNING_ALL,
    WARNING_OPEN,       /* not answered, not withdrawn */
    WARNING_HELD,       /* wait for a person of ours */
    WARNING_UNANSWERED, /* every step of chasing was taken, and nobody answered */
    WARNING_WHICHES,
};
/* Newest first, before that number (INT64_MAX: from the end); of one organisation or (0) of all. */
MUST_USE struct err store_warning_latest(struct db *db, enum warning_which which, int64_t organisation, int64_t before,
        size_t count, struct arena *arena, struct warning **rows, size_t *row_count);
/* Of one cause, whoever is warned, behind a number: all of them. */
MUST_USE struct err store_warning_of_cause(struct db *db, slice cause_kind, slice cause, int64_t after, size_t count,
        struct arena *arena, struct warning **rows, size_t *row_count);
/* Those of which the next step of chasing is due. */
MUST_USE struct err store_warning_to_chase(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct warning **rows, size_t *row_count);
/* Approved ones that wait for the digest, by organisation and class, behind these; begin with 0, "" and 0. */
MUST_USE struct err store_warning_to_digest(struct db *db, int64_t organisation, slice class, int64_t after,
        size_t count, struct arena *arena, struct warning **rows, size_t *row_count);
/* How many notices of that class that constituent got since then: warnings that were told. */
MUST_USE struct err store_warning_told_since(
        struct db *db, int64_t organisation, slice class, int64_t since_us, int64_t *count);

/* How many constituents met one cause, counted up to `most`. */
MUST_USE struct err store_warning_reach(struct db *db, slice cause_kind, slice cause, int64_t most, int64_t *reach);

const char *store_warning_state_name(enum warning_state state); /* "not-mine" */
bool store_warning_state_find(slice name, enum warning_state *state);
const char *store_warning_does_name(enum warning_does does); /* "digest" */
bool store_warning_does_find(slice name, enum warning_does *does);

/* ---- What is to be looked at again ---- */

enum warning_noted {
    WARNING_OF_IMPORT,
    WARNING_OF_CAUSE,
    WARNING_OF_CONSENT, /* those that wait for one */
    WARNING_UNTOLD,     /* those that may go out, and nobody was told of yet */
    WARNING_NOTEDS,
};

/* Notes are done in their order and in pieces: whoever does a piece moves the note in the same work. */
struct warning_note {
    int64_t number;
    enum warning_noted what;
    slice subject; /* number of the import that said or unsaid something, id of the indicator; or empty */
    slice cause;   /* warnings up to this cause and number were looked at */
    int64_t warning;
};
MUST_USE struct err store_warning_note(struct work *work, enum warning_noted what, slice subject);
/* The oldest; ERR_MISSING. */
MUST_USE struct err store_warning_note_next(struct db *db, struct arena *arena, struct warning_note *note);
/* The next warnings that it is about, by cause and number; none that is withdrawn. */
MUST_USE struct err store_warning_noted(struct db *db, const struct warning_note *note, size_t count,
        struct arena *arena, struct warning **rows, size_t *row_count);
MUST_USE struct err store_warning_note_move(struct work *work, const struct warning_note *note);
MUST_USE struct err store_warning_note_done(struct work *work, int64_t number);

/* ---- Figures ---- */

/* Warnings that were drafted in a span of time, by how bad they are and how far they came. */
struct warning_figure {
    enum severity severity;
    int64_t drafted, sent, answered, done, not_mine, withdrawn, held;
    int64_t answer_us; /* from the first notice to the first answer, the mean of those that were answered */
};
MUST_USE struct err store_warning_figures(struct db *db, int64_t from_us, int64_t until_us, struct arena *arena,
        struct warning_figure **rows, size_t *row_count);
