/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Standing rules: what goes out by itself, what goes with the day's digest, what waits for an analyst. Two persons
 * agreed to each. Which of several decides is said in desk/rule.h.
 */
#include "base/clock.h"
#include "store/warning.h"

#define WARNING_RULES_MAX 1000 /* that hold at a time */

struct warning_rule {
    int64_t number;
    slice class;            /* taxonomy/type, "taxonomy/", or empty: any */
    slice cause_kind;       /* indicator, report, or empty: any */
    enum severity severity; /* at least */
    slice sector;           /* of the constituent, or empty: any */
    enum warning_does does;
    int64_t from_us, until_us; /* until_us: TIME_NONE: no end */
    int64_t approval;          /* by which two persons agreed; 0: who did it may alone */
    int64_t added_us;
};

/* All but number and added_us. ERR_LIMIT beyond WARNING_RULES_MAX. */
MUST_USE struct err store_warning_rule_add(struct work *work, const struct warning_rule *put, int64_t *number);
/* From now on. ERR_CONFLICT if there is none, or it has ended. */
MUST_USE struct err store_warning_rule_end(struct work *work, int64_t number);
/* ERR_MISSING. */
MUST_USE struct err store_warning_rule_get(
        struct db *db, int64_t number, struct arena *arena, struct warning_rule *row);
/* Behind that number; those that have ended, too. */
MUST_USE struct err store_warning_rule_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct warning_rule **rows, size_t *row_count);
/* All that hold at that moment. */
MUST_USE struct err store_warning_rule_holding(
        struct db *db, int64_t now_us, struct arena *arena, struct warning_rule **rows, size_t *row_count);
