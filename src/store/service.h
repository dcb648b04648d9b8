/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What we do for those whom we serve, as it was agreed with them. Without a row it is what everybody gets: what they
 * met is remembered SERVICE_DAYS.
 */
#include "store/work.h"

#define SERVICE_DAYS 30
#define SERVICE_DAYS_MAX 400

struct service {
    int64_t organisation;
    int64_t memory_days;       /* how long is remembered what they met; 0: not at all */
    int64_t from_us, until_us; /* until_us: TIME_NONE: no end */
};

/* Instead of what was agreed before. ERR_INPUT for days beyond the ceiling, or an end before the beginning. */
MUST_USE struct err store_service_put(struct work *work, const struct service *service);
/* ERR_MISSING if nothing was agreed. */
MUST_USE struct err store_service_get(
        struct db *db, int64_t organisation, struct arena *arena, struct service *service);
/* For how many days what they meet at that moment is remembered: what was agreed, SERVICE_DAYS without, and 0 outside
 * of the agreed time or if they are closed. */
MUST_USE struct err store_service_days(struct db *db, int64_t organisation, int64_t at_us, int64_t *days);
