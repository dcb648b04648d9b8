/* SPDX-License-Identifier: Apache-2.0 */
#include "store/service.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/page.h"

#define COLUMNS "SELECT organisation, memory_days, from_us, until_us FROM service "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(struct service *)row =
            (struct service){db_number(rows, 0), db_number(rows, 1), db_number(rows, 2), page_time(rows, 3)};
}

struct err store_service_put(struct work *work, const struct service *service)
{
    static const char PUT[] = "INSERT INTO service (organisation, memory_days, from_us, until_us) "
                              "VALUES ($1, $2, $3, $4) ON CONFLICT (organisation) DO UPDATE SET memory_days = $2, "
                              "from_us = $3, until_us = $4";
    if (service->memory_days < 0 || service->memory_days > SERVICE_DAYS_MAX)
        return err_format(work->arena, ERR_INPUT, "what they met is remembered from 0 to %d days", SERVICE_DAYS_MAX);
    if (service->until_us != TIME_NONE && service->until_us <= service->from_us)
        return err_make(ERR_INPUT, "a service cannot end before it begins");
    const struct db_value values[] = {db_i64(service->organisation), db_i64(service->memory_days),
            db_i64(service->from_us), page_time_value(service->until_us)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_service_get(struct db *db, int64_t organisation, struct arena *arena, struct service *service)
{
    static const char GET[] = COLUMNS "WHERE organisation = $1";
    struct page page = page_of(struct service, GET, row_read, 1);
    return page_get(
            db, &page, (struct db_value[]){db_i64(organisation)}, 1, arena, service, "nothing was agreed with them");
}

struct err store_service_days(struct db *db, int64_t organisation, int64_t at_us, int64_t *days)
{
    static const char DAYS[] =
            "SELECT CASE WHEN o.state = 'closed' THEN 0 WHEN s.organisation IS NULL THEN $2 "
            "WHEN s.from_us <= $3 AND (s.until_us IS NULL OR s.until_us > $3) THEN s.memory_days ELSE 0 END "
            "FROM organisation o LEFT JOIN service s ON s.organisation = o.number WHERE o.number = $1";
    const struct db_value values[] = {db_i64(organisation), db_i64(SERVICE_DAYS), db_i64(at_us)};
    return db_one(db, DAYS, values, COUNT_OF(values), 0, days);
}
