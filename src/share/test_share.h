/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests of this folder: a store, and people who propose and agree. */
#include "store/journal.h"
#include "store/organisation.h"
#include "store/test_store.h"
#include "store/user.h"

struct test_person {
    slice name;
    uint32_t roles;
    int64_t organisation, number;
};

static inline struct err test_own_action(struct work *work, void *context)
{
    int64_t *number = context;
    TRY(store_organisation_add(work,
            &(struct organisation_put){
                    .name = S("Tim Contoh"), .kind = S("team"), .country = S("ID"), .relation = RELATION_OWN},
            number));
    return OK;
}

static inline struct err test_person_action(struct work *work, void *context)
{
    struct test_person *person = context;
    const struct user_put put = {.name = person->name,
            .organisation = person->organisation,
            .roles = person->roles,
            .password_hash = S("$argon2id$hash")};
    return store_user_add(work, &put, &person->number);
}

/* A user of the own organisation, signed in with a second factor. */
static inline struct actor test_person(struct test_store *store, const char *name, enum role role)
{
    struct test_person person = {.name = slice_of(name), .roles = UINT32_C(1) << role};
    if (store_organisation_own(store->db, &person.organisation).kind != ERR_NONE)
        test_ok(test_work(store, test_own_action, &person.organisation));
    test_ok(test_work(store, test_person_action, &person));
    return (struct actor){.organisation = person.organisation,
            .user = person.number,
            .name = slice_of(name),
            .roles = person.roles,
            .how = ACTOR_SECOND_FACTOR};
}

static inline void test_refused(struct err err, enum err_kind kind, const char *part)
{
    if (err.kind != kind)
        fail_msg("%s instead of %s: %s", err_name(err.kind), err_name(kind), err.why == NULL ? "" : err.why);
    if (strstr(err.why, part) == NULL)
        fail_msg("\"%s\" has no \"%s\"", err.why, part);
}

/* How many rows of the journal have this act. */
static inline size_t test_acts(struct test_store *store, const char *act)
{
    struct journal_row *rows;
    size_t count, found = 0;
    test_ok(store_journal_latest(store->db, INT64_MAX, STORE_PAGE_MAX, store->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        found += slice_eq(rows[i].act, slice_of(act));
    return found;
}
