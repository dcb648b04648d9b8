/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs about who supplies whom: rights, the change, and the row of the journal, which is the customer's.
 */
#include "store/supply.h"

/* As store_supply_put and store_supply_end; ERR_DENIED by the right to change what is the customer's. */
MUST_USE struct err desk_supply_put(
        struct db *db, const struct actor *actor, int64_t supplier, int64_t customer, slice what, struct arena *arena);
MUST_USE struct err desk_supply_end(
        struct db *db, const struct actor *actor, int64_t supplier, int64_t customer, struct arena *arena);
