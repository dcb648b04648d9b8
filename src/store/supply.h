/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Who supplies whom, from a moment until another. One supplier of many is how what happens to it happens to all of
 * them: who works on an incident of a supplier asks for its customers.
 *
 * Rights and the journal are the verbs' business (desk/supply.h, case/incident.h).
 */
#include "store/work.h"

/* Customers of one supplier at a time: those of two fit into the lists of an incident, which are whole. */
#define SUPPLY_CUSTOMERS_MAX 5000

struct supply {
    int64_t number, supplier, customer;
    slice supplier_name, customer_name; /* today's */
    slice what;                         /* is supplied; or empty */
    int64_t since_us, until_us;         /* until_us: TIME_NONE: still */
};

/* From now on; of one that is supplied already, what. ERR_INPUT for itself, ERR_CONFLICT if one of them is closed,
 * ERR_LIMIT. */
MUST_USE struct err store_supply_put(struct work *work, int64_t supplier, int64_t customer, slice what);
/* From now on no more. ERR_MISSING if it does not supply it. */
MUST_USE struct err store_supply_end(struct work *work, int64_t supplier, int64_t customer);
/* All that an organisation supplies and is supplied with, as it is closed. */
MUST_USE struct err store_supply_end_all(struct work *work, int64_t organisation);

/* Customers of a supplier at a moment, in the order of their numbers, behind `after`. */
MUST_USE struct err store_supply_customers(struct db *db, int64_t supplier, int64_t at_us, int64_t after, size_t count,
        struct arena *arena, struct supply **rows, size_t *row_count);
/* Suppliers of a customer today, likewise. */
MUST_USE struct err store_supply_suppliers(struct db *db, int64_t customer, int64_t after, size_t count,
        struct arena *arena, struct supply **rows, size_t *row_count);
/* What the one supplies the other with today. ERR_MISSING: nothing. */
MUST_USE struct err store_supply_get(
        struct db *db, int64_t supplier, int64_t customer, struct arena *arena, struct supply *row);
/* All of today, by number behind `after`. */
MUST_USE struct err store_supply_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct supply **rows, size_t *row_count);
/* Whom the suppliers that are parties of an incident supply at a moment, but those who are parties themselves today. */
MUST_USE struct err store_supply_around(
        struct db *db, int64_t incident, int64_t at_us, struct arena *arena, struct supply **rows, size_t *row_count);
