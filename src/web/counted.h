/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Events as they were counted (store/count.h), period by period and class by class, for a picture with its table. */
#include "gate/ask.h"
#include "store/count.h"
#include "web/chart.h"

/*
 * A member as chart_write has it. The periods are `first` to `last`; `begins`: the day, since 1970, on which one begins
 * (the last one ends where the next would begin). Of one organisation, or COUNT_ANYBODY.
 */
struct counted {
    int64_t first, last, organisation;
    int64_t (*begins)(int64_t period);
    slice (*text)(const struct ask *ask, int64_t period);
};
MUST_USE struct err counted_write(struct ask *ask, slice key, const struct counted *counted);

/* The last 31 days, today included. */
struct counted counted_days(int64_t organisation);
/* That many months, this one included. */
struct counted counted_months(int64_t organisation, int64_t months);
