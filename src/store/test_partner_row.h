/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests of this folder: a partner as a row, with all that hangs on it and without the verbs of share. */
#include "store/collection.h"
#include "store/organisation.h"
#include "store/partner.h"
#include "store/test_store.h"
#include "store/user.h"

struct test_partner_row {
    slice name;
    enum partner_kind kind;
    enum partner_state state;
    struct partner_put put;
    int64_t number;
};

static inline struct err test_partner_row_action(struct work *work, void *context)
{
    struct test_partner_row *row = context;
    struct partner_put *put = &row->put;
    slice title = slice_of(arena_printf(work->arena, "partner/%.*s", (int)row->name.len, row->name.ptr));
    TRY(store_organisation_add(work,
            &(struct organisation_put){.name = row->name, .kind = S("team"), .relation = RELATION_PARTNER},
            &put->organisation));
    TRY(store_user_add(work, &(struct user_put){.name = row->name, .organisation = put->organisation}, &put->account));
    TRY(store_source_put(work, title, S("taxii"), put->organisation, &put->source));
    TRY(store_collection_add(work, row->name, S(""), &put->inbox));
    put->kind = row->kind;
    put->state = row->state;
    put->node = put->outbox = row->name;
    put->url = S("https://node.example/");
    put->contact = S("petugas jaga");
    return store_partner_add(work, put, &row->number);
}

static inline struct test_partner_row test_partner_row(
        struct test_store *store, const char *name, enum partner_state state)
{
    struct test_partner_row row = {.name = slice_of(name), .kind = PARTNER_NODE, .state = state};
    test_ok(test_work(store, test_partner_row_action, &row));
    return row;
}
