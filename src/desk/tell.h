/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * When warnings are told, and together with which: at once what is critical and the first of its class and day, else
 * with the day's digest; reminders, the second contact, the team of the sector and the duty officer's list when nobody
 * answers; corrections to whoever was told what turned out to be wrong. One notice tells of all warnings of a
 * constituent that are due together.
 *
 * Here it is decided that a notice goes out; desk/notice.h writes it, in the same work.
 */
#include "desk/notice.h"
#include "desk/times.h"
#include "store/warning.h"

/* Approved warnings that wait for being told, gathered in one work. */
struct desk_telling {
    struct warning *rows;
    size_t count, room;
};
void desk_telling_add(struct desk_telling *telling, const struct warning *row, struct arena *arena);
/*
 * Tells them, a notice for each constituent and class: at once if one of them is critical, got worse or was let out by
 * a person (`now`), or if nothing of that class was told on that day; else they wait for the digest. Where nobody can
 * be told, warnings are held with that reason.
 */
MUST_USE struct err desk_tell(struct work *work, struct desk_telling *telling, const struct desk_day *day, bool now);
/* Whoever was told of these, which were withdrawn: a notice for each constituent. */
MUST_USE struct err desk_correct(struct work *work, struct desk_telling *telling);

/* ---- What is due by time ---- */

/* Digests of the day, if they are due and were not made, and the next steps of chasing. *did: how many notices. */
MUST_USE struct err desk_due(
        struct db *db, const struct actor *actor, const struct desk_day *day, struct arena *arena, size_t *did);

/* The same by hand, for who may warn: all that waits for the digest now; the next step of one warning now. */
MUST_USE struct err desk_digest(struct db *db, const struct actor *actor, struct arena *arena, size_t *did);
MUST_USE struct err desk_remind(struct db *db, const struct actor *actor, int64_t warning, struct arena *arena);
