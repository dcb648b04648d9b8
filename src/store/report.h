/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Reports: what people tell us, one row each whichever way it came, and what was found in it. Who told us lies apart
 * (struct report_person), so that whoever reads what was told need not read that, and it can be removed alone. The
 * messages of its thread are in store/thread.h.
 *
 * What becomes of one is decided above (case/report.h); here is only what is kept.
 */
#include "base/clock.h"
#include "store/severity.h"
#include "store/work.h"

#define REPORT_TEXT_MAX (16u << 10) /* bytes of what was said that lie in the row; all of it is in its first letter */
#define REPORT_VALUE_MAX 2048       /* bytes of a value that was found */
#define REPORT_OBSERVABLES_MAX 200  /* of one report */
#define REPORT_ALIKE_MAX 20         /* reports that are proposed as the same, of one */
#define REPORT_ALIKE_DAYS 30        /* that one of them may be older */

enum report_channel {
    REPORT_BY_MAIL,
    REPORT_BY_FORM,
    REPORT_BY_PHONE,
    REPORT_BY_API,
    REPORT_OF_EVENT,
    REPORT_OF_WARNING,
    REPORT_BY_PARTNER,
    REPORT_CHANNELS,
};

enum report_state {
    REPORT_RECEIVED,
    REPORT_ACKNOWLEDGED, /* whoever told us knows that we have it */
    REPORT_LINKED,       /* it belongs to an incident */
    REPORT_ANSWERED,     /* by a person of ours */
    REPORT_CLOSED,
    REPORT_STATES,
};

struct report {
    int64_t number;
    slice reference; /* what people quote: "2026-000042-K7QX" */
    enum report_channel channel;
    enum report_state state;
    slice language;       /* in which it is answered: "id" */
    int64_t organisation; /* who tells, of those we know; 0: somebody else */
    slice subject, text;  /* without who told it */
    slice class;          /* taxonomy/type of RSIT; or empty */
    slice class_rule;     /* that proposed it; empty: a person said so, or nothing is proposed */
    enum severity severity;
    slice flags;         /* words between blanks: exercise, restricted, and what rules say */
    int64_t occurred_us; /* as they say; TIME_NONE: they do not */
    int64_t received_us;
    int64_t receipt_us, answered_us; /* TIME_NONE: not yet */
    int64_t changed_us;
    int64_t holder;   /* who of ours has it; 0: nobody */
    int64_t incident; /* that it belongs to; 0: none */
    int64_t same_as;  /* the report with which it was merged; 0: none */
    int64_t pile;     /* with which others it stands in the queue: the number of the first of them */
};

struct report_person {
    slice name, mail, phone; /* each may be empty */
};

/* All but number, reference, received_us and changed_us. */
MUST_USE struct err store_report_add(
        struct work *work, const struct report *put, const struct report_person *person, int64_t *number);
/* The row as it is and stays until the work ends: who would change it waits. ERR_MISSING. */
MUST_USE struct err store_report_keep(struct work *work, int64_t number, struct report *row);
/* All but number, reference, channel, organisation, subject, text, occurred_us and received_us. */
MUST_USE struct err store_report_change(struct work *work, const struct report *row);
MUST_USE struct err store_report_get(struct db *db, int64_t number, struct arena *arena, struct report *row);
/* By its reference, in either case. ERR_MISSING. */
MUST_USE struct err store_report_find(struct db *db, slice reference, struct arena *arena, struct report *row);

/* ---- Lists ---- */

enum report_which {
    REPORT_ALL,
    REPORT_WAITING, /* received or acknowledged, and not merged: the queue */
    REPORT_WHICHES,
};
/* Newest first, before that number (INT64_MAX: from the end). */
MUST_USE struct err store_report_latest(struct db *db, enum report_which which, int64_t before, size_t count,
        struct arena *arena, struct report **rows, size_t *row_count);
/* The queue, who has waited longest first, behind (received, number); begin with INT64_MIN and 0. */
MUST_USE struct err store_report_queue(struct db *db, int64_t received_us, int64_t after, size_t count,
        struct arena *arena, struct report **rows, size_t *row_count);
/* The queue by what stands together: numbers of the piles in which a report waits, who came first first, behind
 * `after`. However large a pile is, the next is one look-up away. */
MUST_USE struct err store_report_piles(
        struct db *db, int64_t after, size_t count, struct arena *arena, int64_t **piles, size_t *pile_count);
/* Who sees what: restricted ones are seen by who has them, and by who sees them all. */
struct report_sight {
    int64_t person;
    bool restricted;
};
/* Those of a pile that wait and are seen, by number behind `after`. */
MUST_USE struct err store_report_of_pile(struct db *db, int64_t pile, const struct report_sight *sight, int64_t after,
        size_t count, struct arena *arena, struct report **rows, size_t *row_count);
/* How many these are, counted to STORE_PAGE_MAX. */
MUST_USE struct err store_report_pile_count(
        struct db *db, int64_t pile, const struct report_sight *sight, struct arena *arena, size_t *count);
/* Those that a person of ours has and that are not closed, by number behind `after`. */
MUST_USE struct err store_report_of_holder(struct db *db, int64_t person, int64_t after, size_t count,
        struct arena *arena, struct report **rows, size_t *row_count);
/* Those of an incident, by number behind `after`. */
MUST_USE struct err store_report_of_incident(struct db *db, int64_t incident, int64_t after, size_t count,
        struct arena *arena, struct report **rows, size_t *row_count);
/* Those that an organisation told, newest first. */
MUST_USE struct err store_report_of_organisation(struct db *db, int64_t organisation, int64_t before, size_t count,
        struct arena *arena, struct report **rows, size_t *row_count);
/* Those that were merged with one, by number: the first STORE_PAGE_MAX, and those behind `after`. */
MUST_USE struct err store_report_merged(
        struct db *db, int64_t number, struct arena *arena, struct report **rows, size_t *row_count);
MUST_USE struct err store_report_merged_after(
        struct db *db, int64_t number, int64_t after, struct arena *arena, struct report **rows, size_t *row_count);
/* All of them belong to that incident (0: to none) and have that state, unless they are closed; *count: how many. */
MUST_USE struct err store_report_merged_link(
        struct work *work, int64_t number, int64_t incident, enum report_state state, uint64_t *count);
/* All of them are merged with another one from now on. */
MUST_USE struct err store_report_merged_move(struct work *work, int64_t number, int64_t into);

/* ---- Who told us ---- */

/* Empty texts if it is not known, or was removed. */
MUST_USE struct err store_report_person(
        struct db *db, int64_t report, struct arena *arena, struct report_person *person);
MUST_USE struct err store_report_person_drop(struct work *work, int64_t report);
/* The text and subject anew, where somebody's name or address has to go. */
MUST_USE struct err store_report_text(struct work *work, int64_t report, slice subject, slice text);

/* That organisation told it, as a person found out. */
MUST_USE struct err store_report_told_by(struct work *work, int64_t report, int64_t organisation);

/* ---- A post that it is about ---- */

struct report_post {
    slice url, account, platform; /* each may be empty */
    int64_t captured_us;          /* TIME_NONE: not said */
};
MUST_USE struct err store_report_post_add(struct work *work, int64_t report, const struct report_post *put);
/* Empty texts if it is about none. */
MUST_USE struct err store_report_post(struct db *db, int64_t report, struct arena *arena, struct report_post *post);

/* ---- What was found in it ---- */

struct report_observable {
    slice type, value;
    int64_t others; /* reports that have it, too, counted to a hundred */
};
/* *fresh: it had none such. */
MUST_USE struct err store_report_observable_add(
        struct work *work, int64_t report, slice type, slice value, bool *fresh);
MUST_USE struct err store_report_observables(
        struct db *db, int64_t report, struct arena *arena, struct report_observable **rows, size_t *row_count);

/* ---- What may be the same ---- */

enum report_alike_state { ALIKE_PROPOSED, ALIKE_SAME, ALIKE_DIFFERENT, ALIKE_STATES };
struct report_alike {
    int64_t other; /* the earlier one */
    slice why;     /* "subject", "attachment", or the type of the observable that both have */
    enum report_alike_state state;
};
/* Proposes what came earlier and has the same values, the same files, or a near subject; *count: how many. It stands
 * with the earliest of them that waits. */
MUST_USE struct err store_report_alike_find(struct work *work, int64_t report, size_t *count);
/* Both ways. */
MUST_USE struct err store_report_alikes(
        struct db *db, int64_t report, struct arena *arena, struct report_alike **rows, size_t *row_count);
/* What a person says of two, whether it was proposed or not. The later one leaves its pile, if nothing holds it there.
 */
MUST_USE struct err store_report_alike_say(
        struct work *work, int64_t report, int64_t other, enum report_alike_state state);

/* ---- Words ---- */

const char *store_report_channel_name(enum report_channel channel); /* "mail" */
bool store_report_channel_find(slice name, enum report_channel *channel);
const char *store_report_state_name(enum report_state state); /* "received" */
bool store_report_state_find(slice name, enum report_state *state);
const char *store_report_alike_name(enum report_alike_state state); /* "proposed" */
