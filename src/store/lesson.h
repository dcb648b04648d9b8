/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Lessons: what was learnt of an incident, in two languages, without whose it was. Which way leads from one state to
 * the next, and what may not stand in one, is decided above (case/lesson.h).
 */
#include "store/work.h"

#define LESSON_TEXT_MAX (16u << 10) /* bytes in one language */
#define LESSON_LANGUAGES 2          /* English, Bahasa Indonesia: as enum language has them */
#define LESSON_WORDS_MAX 8          /* of a search; further ones are not looked for */

enum lesson_state {
    LESSON_DRAFT,
    LESSON_REVIEWED, /* a second person read it */
    LESSON_AGREED,   /* two persons share it; its objects are not there yet */
    LESSON_SHARED,
    LESSON_STATES,
};

struct lesson_said {
    slice title, text;
    slice writer; /* who wrote it last in this language */
};

struct lesson {
    int64_t number, incident;
    slice identity; /* id of its STIX report */
    enum lesson_state state;
    slice marking; /* of what is shared; or empty */
    struct lesson_said said[LESSON_LANGUAGES];
    slice reader; /* the second person, or empty */
    int64_t changed_us;
};

/* As a draft; all but number, state and changed_us. */
MUST_USE struct err store_lesson_add(struct work *work, const struct lesson *put, int64_t *number);
/* The row as it is and stays until the work ends: who would change it waits. ERR_MISSING. */
MUST_USE struct err store_lesson_keep(struct work *work, int64_t number, struct lesson *row);
/* All but identity and incident. */
MUST_USE struct err store_lesson_change(struct work *work, const struct lesson *row);
MUST_USE struct err store_lesson_get(struct db *db, int64_t number, struct arena *arena, struct lesson *row);
/* The latest of an incident; ERR_MISSING. */
MUST_USE struct err store_lesson_of(struct db *db, int64_t incident, struct arena *arena, struct lesson *row);

/* ---- Lists: newest first, before that number (INT64_MAX: from the end) ---- */

MUST_USE struct err store_lesson_latest(
        struct db *db, int64_t before, size_t count, struct arena *arena, struct lesson **rows, size_t *row_count);
MUST_USE struct err store_lesson_of_state(struct db *db, enum lesson_state state, int64_t before, size_t count,
        struct arena *arena, struct lesson **rows, size_t *row_count);
/* Those that have each word of the text, in either language. `state`: LESSON_STATES: any. */
MUST_USE struct err store_lesson_search(struct db *db, slice text, enum lesson_state state, int64_t before,
        size_t count, struct arena *arena, struct lesson **rows, size_t *row_count);

/* ---- Who may not be named ---- */

/* Who reported what became of this incident, who wrote of it since, and whose posts were reported: names, addresses,
 * telephone numbers, accounts. */
MUST_USE struct err store_lesson_reporters(
        struct db *db, int64_t incident, struct arena *arena, slice **texts, size_t *count);

const char *store_lesson_state_name(enum lesson_state state); /* "draft" */
