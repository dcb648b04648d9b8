/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of lessons. A lesson begins as a draft that is written from what is known of a closed incident, in both
 * languages; people write what it cannot know, another person reads it, two persons share it, and it becomes a STIX
 * report and note of ours, with its other language beside them. Until then it is ours alone; from then on it is not
 * edited any more.
 *
 * Whatever step it takes, it names nobody (case/nameless.h). Rows of the journal have the subject "lesson/3".
 */
#include "base/hash.h"
#include "case/incident.h"
#include "store/lesson.h"
#include "text/catalogue.h"

#define CASE_LESSON_SUBJECT "lesson"
#define CASE_LESSON_OPEN "[...]" /* stands where a draft waits for what a person has to say */

/* From an incident of ours that is closed, as it is known now. VERB_WORK_INCIDENTS; ERR_CONFLICT if it is not closed,
 * or has one that is not shared yet. */
MUST_USE struct err case_lesson_draft(struct work *work, int64_t incident, int64_t *number);
/* In one language; whoever had read it has to read it again. VERB_WORK_INCIDENTS; ERR_INPUT says what it names. */
MUST_USE struct err case_lesson_write(
        struct work *work, int64_t number, enum language language, const struct lesson_said *said);
/* Somebody else than who wrote them has read both languages, as they were when they had this digest; ERR_DENIED for the
 * writer, ERR_CONFLICT where it is another text by now, ERR_INPUT while CASE_LESSON_OPEN stands in it. */
MUST_USE struct err case_lesson_read(struct work *work, int64_t number, const struct sha256 *shown);
/* Whether that person wrote it in one of the languages, as it stands. */
bool case_lesson_wrote(const struct lesson *row, slice name);
/* Of all that a second person reads. */
struct sha256 case_lesson_digest(const struct lesson *row);

/* ---- An act of two persons: VERB_LESSONS ---- */

/* TLP:CLEAR, TLP:GREEN or TLP:AMBER; nothing of an exercise, or of a restricted incident, is shared. */
MUST_USE struct err case_lesson_share(struct db *db, const struct actor *actor, int64_t number, slice marking,
        slice why, struct arena *arena, struct share_proposal *proposal);
/* Row of the table of acts: "lesson.share". */
MUST_USE struct err case_lesson_do_share(struct work *work, slice subject, slice detail);

/* Takes in the objects of what was agreed to be shared, each in one work with its state: for a job. *count: how many.
 */
MUST_USE struct err case_lesson_publish(struct db *db, const struct actor *actor, struct arena *arena, size_t *count);

/* ---- Who sees it ---- */

/* What was shared is for everybody who is let in; what was read by a second person also for who may share it; the rest
 * for who works on incidents and sees all of this one. */
bool case_lesson_sees_any(const struct actor *actor, struct arena *arena); /* some that are not shared, too */
MUST_USE struct err case_lesson_sees(
        struct db *db, const struct actor *actor, const struct lesson *row, struct arena *arena, bool *sees);

/* ---- For this folder ---- */

struct case_nameless;
/* What the machine can say, in one language. */
MUST_USE struct err case_lesson_compose(struct work *work, const struct incident *incident,
        const struct case_nameless *nameless, enum language language, struct lesson_said *said);
