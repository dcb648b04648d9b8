/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One comparison of a pattern, on one object of an observation (STIX 2.1 sections 9.6.1 to 9.6.4).
 */
#include "stix/budget.h"
#include "stix/value.h"

/* Memory and matching rooms that evaluation needs: one for each thread, opened once. */
struct stix_scratch {
    struct arena *arena; /* emptied after each comparison */
    struct stix_regex_room *room;
    struct stix_budget *budget; /* of the evaluation at hand */
};

struct stix_scratch *stix_compare_open(void);
void stix_compare_close(struct stix_scratch *scratch); /* NULL is allowed */

/*
 * Whether the comparison is true of this object: of any value that its path reaches. A path that reaches none makes it
 * false whatever the operator (9.6); NOT EXISTS alone speaks of absence.
 */
bool stix_compare(const struct stix_test *test, const struct stix_observation *observation, size_t object,
        struct stix_scratch *scratch);

/* A number as JSON writes it; OTHER if it is none. */
struct stix_value stix_compare_number(slice digits);
