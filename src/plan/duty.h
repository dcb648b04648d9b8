/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Clocks of law, as rule files ("[duty NAME]"): who must tell whom by when, and what. A rule says which incidents it is
 * for, from which of their times its clock runs, and for how long: real hours, in which nights and holidays count, or
 * months of the calendar. What has neither is due "without undue delay".
 *
 * A rule is kept with each clock that it begins, as a small rule file of its own (`text`), so that an old clock is read
 * by the rule that it had. Pure; any thread. Everything lies in the arena.
 */
#include "plan/facts.h"
#include "plan/file.h"

#define PLAN_DUTY_FILES_MAX 100 /* of one node */

enum plan_only { PLAN_ANY, PLAN_YES, PLAN_NO };

/* From when the clock runs. */
enum plan_start {
    PLAN_FROM_TIME,  /* one of the incident's times, by its name: "known" */
    PLAN_FROM_FILED, /* when another duty was filed */
    PLAN_FROM_HAND,  /* "request": somebody demanded it, and a person says when */
};

struct plan_duty {
    slice name;
    slice title, title_other;         /* "other": in the second language; or empty */
    slice source;                     /* law and article */
    slice recipient, recipient_other; /* in words */
    slice note, note_other;           /* or empty */
    int64_t seen_us;                  /* when the source was looked at */
    int64_t from_us, until_us;        /* holds for clocks that begin then; until: INT64_MAX: no end */
    bool draft;                       /* not in force: shown, and begins no clock */
    /* For which incidents; empty lists and NULL: for any. */
    slice *countries, *sectors, *kinds, *classes;
    size_t country_count, sector_count, kind_count, class_count;
    enum plan_only vital, personal_data;
    size_t severity;      /* at least: plan_severity; 0: any */
    uint64_t criticality; /* at least */
    enum plan_start start;
    slice time;               /* of PLAN_FROM_TIME */
    slice after;              /* of PLAN_FROM_FILED: name of the other, in the same file */
    uint64_t minutes, months; /* one of them; both 0: without undue delay */
    slice *content;           /* words of plan_content: what has to be in it at least */
    size_t content_count;
    slice version; /* of its file */
    slice text;
};

struct plan_duties {
    struct plan_duty *rows;
    size_t count;
};

/* A file by its name, as plan_read. */
MUST_USE struct err plan_duty_read(
        const char *name, slice text, plan_say *say, void *context, struct arena *arena, struct plan_duties *duties);
/* A rule that was kept. */
MUST_USE struct err plan_duty_kept(slice text, struct arena *arena, struct plan_duty *duty);
/* Those of `own` come before those of the same name in `shipped`. */
struct plan_duties plan_duty_merge(
        const struct plan_duties *own, const struct plan_duties *shipped, struct arena *arena);
const struct plan_duty *plan_duty_find(const struct plan_duties *duties, slice name); /* NULL: there is none */

/* All that come with the program (plan/shipped.h). */
MUST_USE struct err plan_duty_shipped(struct arena *arena, struct plan_duties *all);

/* Whether a clock begins that runs from that moment. Of a country that is not known no rule of a country holds. */
bool plan_duty_meets(const struct plan_duty *duty, const struct plan_facts *facts, int64_t start_us);
/* TIME_NONE: without undue delay. */
int64_t plan_duty_due(const struct plan_duty *duty, int64_t start_us);

/* The words that may stand in `content`, from 0; NULL behind the last. */
const char *plan_content(size_t at);
