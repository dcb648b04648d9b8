/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests: constituents in one line each. */
#include "store/organisation.h"
#include "store/test_store.h"

struct test_organisation {
    struct organisation_put put;
    enum organisation_state state;
    int64_t number;
};

static inline struct err test_organisation_add(struct work *work, void *context)
{
    struct test_organisation *organisation = context;
    TRY(store_organisation_add(work, &organisation->put, &organisation->number));
    return store_organisation_state(work, organisation->number, ORGANISATION_ACTIVE);
}

static inline struct err test_organisation_move(struct work *work, void *context)
{
    const struct test_organisation *organisation = context;
    return store_organisation_state(work, organisation->number, organisation->state);
}

/* An active constituent. */
static inline int64_t test_constituent(struct test_store *store, const char *name)
{
    struct test_organisation organisation = {.put = {.name = slice_of(name),
                                                     .kind = S("hospital"),
                                                     .sector = S("health"),
                                                     .country = S("ID"),
                                                     .relation = RELATION_CONSTITUENT}};
    test_ok(test_work(store, test_organisation_add, &organisation));
    return organisation.number;
}

static inline void test_organisation_close(struct test_store *store, int64_t number)
{
    struct test_organisation organisation = {.state = ORGANISATION_CLOSED, .number = number};
    test_ok(test_work(store, test_organisation_move, &organisation));
}
