/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The roster: who of our own people is on call, from when until when, first or second to be called, and how they are
 * reached then. What is missing in it, or doubled, is for desk/roster.h to find; rights and the journal, too.
 */
#include "base/clock.h"
#include "store/work.h"

#define SHIFT_US_MAX (31 * DAY_US) /* that one shift lasts: what covers a moment began so long before it at most */
#define SHIFT_ROWS_MAX 2000        /* that a list holds: half a year with four shifts a day and two ranks */
#define SHIFT_MAIL_MAX 254
#define SHIFT_PHONE_MAX 100

enum shift_rank { SHIFT_FIRST, SHIFT_SECOND, SHIFT_RANKS };

struct shift_put {
    int64_t person;
    enum shift_rank rank;
    int64_t from_us, until_us;
};

struct shift {
    int64_t number;
    struct shift_put is;
    slice name, mail, phone; /* of the person; mail and phone: or empty */
    bool away;               /* the person is locked out or gone: nobody is on call by this */
};

/* One that begins when another of the same person and rank does takes its place. ERR_INPUT for a time that ends before
 * it begins, or lasts too long; ERR_MISSING if there is no such person. */
MUST_USE struct err store_shift_put(struct work *work, const struct shift_put *put, int64_t *number);
/* To somebody else, as it stands. ERR_CONFLICT if that person has one already that begins then. */
MUST_USE struct err store_shift_give(struct work *work, int64_t number, int64_t person);
MUST_USE struct err store_shift_drop(struct work *work, int64_t number);
/* Empty: none. */
MUST_USE struct err store_shift_person(struct work *work, int64_t person, slice mail, slice phone);

MUST_USE struct err store_shift_get(struct db *db, int64_t number, struct arena *arena, struct shift *shift);
/* All that lie in a time, if only in part, by when they begin; ERR_LIMIT. */
MUST_USE struct err store_shift_list(
        struct db *db, int64_t from_us, int64_t until_us, struct arena *arena, struct shift **rows, size_t *row_count);
/* Those that begin behind a moment, the next first. */
MUST_USE struct err store_shift_next(
        struct db *db, int64_t at_us, size_t count, struct arena *arena, struct shift **rows, size_t *row_count);
/* Whether anybody keeps one: there is a shift, past or to come. */
MUST_USE struct err store_shift_any(struct db *db, bool *any);
MUST_USE struct err store_shift_person_get(
        struct db *db, int64_t person, struct arena *arena, slice *mail, slice *phone);

const char *store_shift_rank_name(enum shift_rank rank); /* "first" */
bool store_shift_rank_find(slice name, enum shift_rank *rank);
