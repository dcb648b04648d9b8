/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of the roster, and what is wrong with it: when nobody is on call, and when two are on one rank. Rows of the
 * journal have the subject "shift/7" or "person/7"; addresses and numbers of people are in none of them.
 */
#include "store/roster.h"

#define ROSTER_SOON_US (72 * HOUR_US) /* a gap that begins before then is told of */
#define ROSTER_BYTES_MAX (1u << 20)   /* of a table that is imported */
#define ROSTER_HOLES_MAX 500          /* that a list holds; it says where it ends */

/* Of one of our own people, who is not locked out. VERB_CHANGE_ROSTER. */
MUST_USE struct err desk_roster_put(
        struct db *db, const struct actor *actor, const struct shift_put *put, struct arena *arena, int64_t *number);
/* To somebody else. VERB_CHANGE_ROSTER, or whoever has that shift. */
MUST_USE struct err desk_roster_give(
        struct db *db, const struct actor *actor, int64_t number, int64_t person, struct arena *arena);
/* VERB_CHANGE_ROSTER. */
MUST_USE struct err desk_roster_drop(struct db *db, const struct actor *actor, int64_t number, struct arena *arena);
/* How somebody is reached. VERB_CHANGE_ROSTER, or that person. */
MUST_USE struct err desk_roster_person(
        struct db *db, const struct actor *actor, int64_t person, slice mail, slice phone, struct arena *arena);
/*
 * A table with the columns from, until, user, and perhaps rank, mail and phone: all of it or nothing. ERR_INPUT with
 * the number of the line that is wrong. *count: shifts. VERB_CHANGE_ROSTER.
 */
MUST_USE struct err desk_roster_import(
        struct db *db, const struct actor *actor, slice text, struct arena *arena, size_t *count);

/* A time in which nobody is first on call, or more than one is on a rank. */
struct roster_hole {
    bool doubled; /* else nobody */
    enum shift_rank rank;
    int64_t from_us, until_us;
};
/* Of shifts in the order of their beginnings, within a time; in the order of their beginnings, gaps first. *cut: there
 * are more behind the last one. */
MUST_USE struct err desk_roster_holes(const struct shift *rows, size_t count, int64_t from_us, int64_t until_us,
        struct arena *arena, struct roster_hole **holes, size_t *hole_count, bool *cut);

/* Who is on call now, first ones before second ones, and who comes next as first; whether a gap begins soon. */
struct roster_now {
    struct shift *now;
    size_t count;
    struct shift next;      /* number 0: nobody */
    struct roster_hole gap; /* within ROSTER_SOON_US; until_us 0: none */
    bool kept;              /* there is a roster at all: without one there are no gaps */
};
MUST_USE struct err desk_roster_now(struct db *db, int64_t at_us, struct arena *arena, struct roster_now *now);
