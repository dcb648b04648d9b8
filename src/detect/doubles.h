/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Which reports of a day a stream brought already, by their digests: of the store, and of this run. The days that came
 * last are held in memory. What is new is handed out as a whole, for the work that counts it.
 */
#include "db/db.h"
#include "store/work.h"

#define DOUBLES_DAYS_MAX 1024       /* days in memory, */
#define DOUBLES_HELD_MAX (1u << 25) /* and room for digests: the day that was asked for longest ago goes first */
#define DOUBLES_KEPT_US (400 * INT64_C(86400) * 1000000) /* since they came: then they are forgotten */
#define DOUBLES_DAY_MAX (1u << 24) /* digests of a day: of reports beyond, none is known as a double */

struct doubles;
/* The db is the caller's, and used only within doubles_check. */
struct doubles *doubles_open(struct db *db, int64_t stream);
void doubles_close(struct doubles *doubles); /* NULL is allowed */

/* Whether it came before; from now on it did. */
MUST_USE struct err doubles_check(struct doubles *doubles, int64_t day, uint64_t digest, bool *known);
/* New ones of a day; belongs to who took them, and goes by doubles_drop. */
struct doubles_day {
    int64_t day;
    uint64_t *digests;
    size_t count;
};
struct doubles_taken {
    struct doubles_day *days;
    size_t count;
};
void doubles_take(struct doubles *doubles, struct doubles_taken *taken);
MUST_USE struct err doubles_put(struct work *work, int64_t stream, int64_t batch, const struct doubles_taken *taken);
void doubles_drop(struct doubles_taken *taken);
