/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/supply.h"

#include "desk/fact.h"
#include "store/organisation.h"
#include "store/right.h"

struct changing {
    int64_t supplier, customer;
    slice what;
};

static struct err tell(struct work *work, const char *act, const struct changing *changing)
{
    struct organisation supplier, customer;
    TRY(store_organisation_get(work->db, changing->supplier, work->arena, &supplier));
    TRY(store_organisation_get(work->db, changing->customer, work->arena, &customer));
    const struct desk_fact facts[] = {{"name", customer.name}, {"supplier", supplier.name}, {"what", changing->what}};
    return desk_fact_tell(work, act, "organisation", changing->customer, changing->customer, facts, COUNT_OF(facts));
}

static struct err put(struct work *work, void *context)
{
    const struct changing *changing = context;
    TRY(store_right_check(work->actor, VERB_CHANGE_ASSETS, changing->customer, work->arena, NULL));
    TRY(store_supply_put(work, changing->supplier, changing->customer, changing->what));
    return tell(work, "organisation.supplied", changing);
}

static struct err end(struct work *work, void *context)
{
    const struct changing *changing = context;
    TRY(store_right_check(work->actor, VERB_CHANGE_ASSETS, changing->customer, work->arena, NULL));
    TRY(store_supply_end(work, changing->supplier, changing->customer));
    return tell(work, "organisation.supply-ended", changing);
}

struct err desk_supply_put(
        struct db *db, const struct actor *actor, int64_t supplier, int64_t customer, slice what, struct arena *arena)
{
    struct changing changing = {supplier, customer, what};
    return desk_fact_kept(store_work(db, actor, arena, put, &changing), arena);
}

struct err desk_supply_end(
        struct db *db, const struct actor *actor, int64_t supplier, int64_t customer, struct arena *arena)
{
    struct changing changing = {supplier, customer, S("")};
    return desk_fact_kept(store_work(db, actor, arena, end, &changing), arena);
}
