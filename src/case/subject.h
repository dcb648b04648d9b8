/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Who sees what a row of the journal or a proposal tells of casework. Reading the journal and the proposals are rights
 * of their own, which those have who see no incident, or not one that is restricted.
 */
#include "store/right.h"

struct db;

/* Whether the actor sees all of what this is a subject of ("incident/7", "report/42", "task/3", and "approval/2" of one
 * of these); true for what is no subject of casework. Of what is gone: whether they would see it if it were there, and
 * nobody restricted it. */
MUST_USE struct err case_subject_seen(
        struct db *db, const struct actor *actor, slice subject, struct arena *arena, bool *seen);

/* For who acts on it: who sees all of it, and of what is not restricted whoever has the right. ERR_MISSING for anybody
 * else and of what is not there, in the same words; OK for what is no subject of casework. */
MUST_USE struct err case_subject_reach(
        struct db *db, const struct actor *actor, enum verb verb, slice subject, struct arena *arena);

/* The same of a letter, a notice to an address (desk/letter.h): who sees all of the report that it answers, or of the
 * take-down that it asks for; of any other, who reads reports. */
MUST_USE struct err case_letter_seen(
        struct db *db, const struct actor *actor, int64_t notice, struct arena *arena, bool *seen);
