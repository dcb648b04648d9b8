/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The life of a warning: drafted, approved, sent, delivered, acknowledged, and then done or not theirs; it may be
 * withdrawn on the way. One table in life.c says which way leads where. Every state is a step that is kept and a row of
 * the journal ("warning.approved", subject "warning/7"), whoever caused it: a follower, a person, a button in a mail.
 */
#include "share/approve.h"
#include "store/warning.h"

/* What whoever was warned answers. */
enum desk_answer {
    DESK_ACKNOWLEDGED, /* we have read it and look into it */
    DESK_NOT_MINE,     /* what it tells of is not ours: somebody looks at whose it is (why says a word about that) */
    DESK_DONE,         /* it is mended */
    DESK_NOISE,        /* it was no trouble: somebody looks at the indicator; the warning is done */
    DESK_ANSWERS,
};
const char *desk_answer_name(enum desk_answer answer); /* "not-mine" */
bool desk_answer_find(slice name, enum desk_answer *answer);

/*
 * It gets this state, if a way leads there; ERR_CONFLICT if none does. A state that it has passed already changes
 * nothing: a second notice of it is sent, a bounce comes late. `why`: or empty. Asks for no right.
 */
MUST_USE struct err desk_warning_state(struct work *work, int64_t warning, enum warning_state state, slice why);
/*
 * Who was warned answers, or we for them: VERB_ANSWER_WARNINGS for that organisation (a button acts as a part of the
 * node). The same answer again changes nothing; another one counts from then on. `why`: a word of theirs, or empty.
 * ERR_CONFLICT before it was sent, or when it was withdrawn.
 */
MUST_USE struct err desk_answer(struct work *work, int64_t warning, enum desk_answer answer, slice why);

/* ---- What people of ours decide: VERB_WARN; who may with a second person only, proposes ---- */

MUST_USE struct err desk_warning_approve(struct db *db, const struct actor *actor, int64_t warning, slice reason,
        struct arena *arena, struct share_proposal *proposal);
/* Whoever was warned of it gets a correction. */
MUST_USE struct err desk_warning_withdraw(struct db *db, const struct actor *actor, int64_t warning, slice reason,
        struct arena *arena, struct share_proposal *proposal);
/* Until somebody approves it; at once, also for who may approve with a second person only. ERR_CONFLICT if it went. */
MUST_USE struct err desk_warning_hold(
        struct db *db, const struct actor *actor, int64_t warning, slice reason, struct arena *arena);

/* Rows of the table of acts: "warning.approve", "warning.withdraw"; subject "warning/7". */
MUST_USE struct err desk_warning_approve_run(struct work *work, slice subject, slice detail);
MUST_USE struct err desk_warning_withdraw_run(struct work *work, slice subject, slice detail);

/* ---- For this folder ---- */

#define DESK_SUBJECT "warning/" /* of rows of the journal, and its number */

/* desk_warning_state of a row that was kept; *row is what it is then. */
MUST_USE struct err desk_warning_turn(struct work *work, struct warning *row, enum warning_state state, slice why);
/* A row of the journal about it; `act` is a literal. */
MUST_USE struct err desk_warning_news(struct work *work, const char *act, const struct warning *row, slice why);
