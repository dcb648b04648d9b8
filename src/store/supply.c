/* SPDX-License-Identifier: Apache-2.0 */
#include "store/supply.h"

#include "base/arena.h"
#include "store/incident.h"
#include "store/organisation.h"
#include "store/page.h"

/* ---- Reading ---- */

#define COLUMNS "SELECT s.supplier, s.customer, n.name, c.name, s.what, s.since_us, s.until_us, s.number "
#define NAMES                                                                                                          \
    "CROSS JOIN organisation_name n CROSS JOIN organisation_name c WHERE n.organisation = s.supplier "                 \
    "AND n.until_us IS NULL AND c.organisation = s.customer AND c.until_us IS NULL "
#define HOLDS "AND s.since_us <= $2 AND (s.until_us IS NULL OR s.until_us > $2) "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct supply *supply = row;
    *supply = (struct supply){
            .number = db_number(rows, 7),
            .supplier = db_number(rows, 0),
            .customer = db_number(rows, 1),
            .supplier_name = arena_copy(arena, db_slice(rows, 2)),
            .customer_name = arena_copy(arena, db_slice(rows, 3)),
            .what = arena_copy(arena, db_slice(rows, 4)),
            .since_us = db_number(rows, 5),
            .until_us = page_time(rows, 6),
    };
}

struct err store_supply_customers(struct db *db, int64_t supplier, int64_t at_us, int64_t after, size_t count,
        struct arena *arena, struct supply **rows, size_t *row_count)
{
    static const char OF[] = COLUMNS "FROM supply s " NAMES "AND s.supplier = $1 " HOLDS
                                     "AND s.customer > $3 ORDER BY s.customer LIMIT $4";
    struct page page = page_of(struct supply, OF, row_read, count);
    const struct db_value values[] = {db_i64(supplier), db_i64(at_us), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_supply_suppliers(struct db *db, int64_t customer, int64_t after, size_t count, struct arena *arena,
        struct supply **rows, size_t *row_count)
{
    static const char OF[] = COLUMNS "FROM supply s " NAMES "AND s.customer = $1 AND s.until_us IS NULL "
                                     "AND s.supplier > $2 ORDER BY s.supplier LIMIT $3";
    struct page page = page_of(struct supply, OF, row_read, count);
    const struct db_value values[] = {db_i64(customer), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_supply_get(struct db *db, int64_t supplier, int64_t customer, struct arena *arena, struct supply *row)
{
    static const char GET[] =
            COLUMNS "FROM supply s " NAMES "AND s.supplier = $1 AND s.customer = $2 AND s.until_us IS NULL";
    struct page page = page_of(struct supply, GET, row_read, 1);
    const struct db_value values[] = {db_i64(supplier), db_i64(customer)};
    return page_get(db, &page, values, COUNT_OF(values), arena, row, "it does not supply them");
}

struct err store_supply_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct supply **rows, size_t *row_count)
{
    static const char LIST[] =
            COLUMNS "FROM supply s " NAMES "AND s.until_us IS NULL AND s.number > $1 ORDER BY s.number LIMIT $2";
    struct page page = page_of(struct supply, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_supply_around(
        struct db *db, int64_t incident, int64_t at_us, struct arena *arena, struct supply **rows, size_t *row_count)
{
    static const char AROUND[] = COLUMNS "FROM incident_party p CROSS JOIN supply s " NAMES
                                         "AND p.incident = $1 AND p.role = 'supplier' AND p.until_us IS NULL "
                                         "AND s.supplier = p.organisation " HOLDS
                                         "AND NOT EXISTS (SELECT 1 FROM incident_party o WHERE o.incident = $1 "
                                         "AND o.organisation = s.customer AND o.until_us IS NULL) "
                                         "ORDER BY p.organisation, s.customer LIMIT $3";
    struct page page = page_of(struct supply, AROUND, row_read, INCIDENT_ROWS_MAX);
    const struct db_value values[] = {db_i64(incident), db_i64(at_us)};
    return page_read_whole(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* ---- Changing ---- */

static struct err open_check(struct work *work, int64_t number)
{
    struct organisation row;
    TRY(store_organisation_get(work->db, number, work->arena, &row));
    return row.state != ORGANISATION_CLOSED
                   ? OK
                   : err_format(work->arena, ERR_CONFLICT, "%.*s is closed", (int)row.name.len, row.name.ptr);
}

static struct err room_check(struct work *work, int64_t supplier, int64_t customer)
{
    static const char OTHERS[] =
            "SELECT COUNT(*) FROM supply WHERE supplier = $1 AND customer <> $2 AND until_us IS NULL";
    int64_t count;
    TRY(db_one(work->db, OTHERS, (struct db_value[]){db_i64(supplier), db_i64(customer)}, 2, 0, &count));
    return count < SUPPLY_CUSTOMERS_MAX
                   ? OK
                   : err_format(work->arena, ERR_LIMIT, "a supplier has %d customers at most", SUPPLY_CUSTOMERS_MAX);
}

/* The number is taken first: whoever puts waits for its counter, so that the room is counted by one after the other. */
struct err store_supply_put(struct work *work, int64_t supplier, int64_t customer, slice what)
{
    static const char PUT[] = "INSERT INTO supply (number, supplier, customer, what, since_us) VALUES ($1, $2, $3, $4, "
                              "$5) ON CONFLICT (supplier, customer) WHERE until_us IS NULL DO UPDATE SET what = $4";
    int64_t number;
    if (supplier == customer)
        return err_make(ERR_INPUT, "nobody is a supplier of itself");
    if (what.len > 0)
        TRY(store_text_check(work->arena, "what is supplied", what, STORE_NAME_MAX));
    TRY(open_check(work, supplier));
    TRY(open_check(work, customer));
    TRY(store_number(work->db, "supply", 1, &number));
    TRY(room_check(work, supplier, customer));
    const struct db_value values[] = {
            db_i64(number), db_i64(supplier), db_i64(customer), db_text(what), db_i64(work->now_us)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_supply_end(struct work *work, int64_t supplier, int64_t customer)
{
    static const char END[] =
            "UPDATE supply SET until_us = $3 WHERE supplier = $1 AND customer = $2 AND until_us IS NULL";
    const struct db_value values[] = {db_i64(supplier), db_i64(customer), db_i64(work->now_us)};
    uint64_t changed;
    TRY(db_run(work->db, END, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_MISSING, "it does not supply them");
}

struct err store_supply_end_all(struct work *work, int64_t organisation)
{
    static const char SUPPLIES[] = "UPDATE supply SET until_us = $2 WHERE supplier = $1 AND until_us IS NULL";
    static const char SUPPLIED[] = "UPDATE supply SET until_us = $2 WHERE customer = $1 AND until_us IS NULL";
    const struct db_value values[] = {db_i64(organisation), db_i64(work->now_us)};
    TRY(db_run(work->db, SUPPLIES, values, COUNT_OF(values), NULL));
    return db_run(work->db, SUPPLIED, values, COUNT_OF(values), NULL);
}
