/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Who sees what a row of the journal tells of casework. Reading the journal is a right of its own, which those have who
 * see no incident, or not one that is restricted.
 */
#include "base/err.h"
#include "store/actor.h"

struct arena;
struct db;

/* Whether the actor sees all of what this is a subject of ("incident/7", "report/42", "task/3"); true for what is no
 * subject of casework. Of what is gone: whether they would see it if it were there, and nobody restricted it. */
MUST_USE struct err case_subject_seen(
        struct db *db, const struct actor *actor, slice subject, struct arena *arena, bool *seen);
