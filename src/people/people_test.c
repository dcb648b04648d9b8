/* SPDX-License-Identifier: Apache-2.0 */
#include "people/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/password.h"
#include "db/test_databases.h"
#include "store/journal.h"
#include "store/organisation.h"
#include "store/schema.h"

static struct db *db;
static struct arena *arena;
static struct actor actor;

static int set_up(void **state)
{
    return test_database_make_of(store_schema, store_schema_count, state);
}

static int tear_down(void **state)
{
    db_close(db);
    db = NULL;
    return test_database_drop(state);
}

/* A node whose first people are there. */
static struct token begun(void **state)
{
    test_database_need(*state);
    const struct test_database *database = *state;
    const struct db_options options = {.where = database->where, .create = true};
    struct token link;
    arena = database->arena;
    actor = (struct actor){.name = S("local/test"), .how = ACTOR_MACHINE, .roles = UINT32_C(1) << ROLE_LOCAL};
    assert_int_equal(store_open(&options, arena, &db).kind, ERR_NONE);
    struct err err = people_begin(db, &actor, "Melati CERT", arena, &link);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return link;
}

static struct err use(struct work *work, void *context)
{
    const struct token *link = context;
    struct sha256 hash = token_hash(slice_of(link->text));
    int64_t number;
    return store_link_use(work, S("set-up"), &hash, &number);
}

static void a_node_begins_with_one_organisation_and_one_who_was_invited(void **state)
{
    begun(state);
    struct organisation organisation;
    struct user user;
    int64_t own;
    assert_int_equal(store_organisation_own(db, &own).kind, ERR_NONE);
    assert_int_equal(store_organisation_get(db, own, arena, &organisation).kind, ERR_NONE);
    assert_true(slice_eq(organisation.name, S("Melati CERT")));
    assert_int_equal(store_user_find(db, S("administrator"), arena, &user).kind, ERR_NONE);
    assert_int_equal(user.state, USER_INVITED);
    assert_int_equal(user.password_hash.len, 0); /* no default password */
    assert_int_equal(user.organisation, own);
    assert_int_equal(user.roles, UINT32_C(1) << ROLE_SYSADMIN);
}

static void its_link_works_once_and_not_for_ever(void **state)
{
    struct token link = begun(state);
    clock_set(clock_now_us() + PEOPLE_LINK_US + 1);
    assert_int_equal(store_work(db, &actor, arena, use, &link).kind, ERR_AUTH);
    clock_set(TIME_NONE);
    assert_int_equal(store_work(db, &actor, arena, use, &link).kind, ERR_NONE);
    assert_int_equal(store_work(db, &actor, arena, use, &link).kind, ERR_AUTH);
}

static void a_node_begins_once(void **state)
{
    begun(state);
    struct token link;
    assert_int_equal(people_begin(db, &actor, "Kenanga", arena, &link).kind, ERR_CONFLICT);
}

static void the_journal_tells_that_the_node_was_made_and_by_whom(void **state)
{
    struct token link = begun(state);
    struct journal_row *rows;
    size_t count, made = 0;
    assert_int_equal(store_journal_list(db, 0, 100, arena, &rows, &count).kind, ERR_NONE);
    for (size_t i = 0; i < count; i++) {
        made += slice_eq(rows[i].act, S("node.made"));
        assert_true(slice_starts(rows[i].actor, S("local/")));
        assert_true(slice_find_slice(rows[i].detail, slice_of(link.text)) == rows[i].detail.len);
    }
    assert_int_equal(made, 1);
}

static void a_user_has_a_password_or_a_link(void **state)
{
    begun(state);
    char hash[PASSWORD_HASH_BYTES];
    struct user user;
    struct token link;
    int64_t number;
    assert_int_equal(password_hash(S("correct drum battery"), hash).kind, ERR_NONE);
    const struct people_new with = {
            .name = S("melur"), .roles = UINT32_C(1) << ROLE_ANALYST, .password_hash = slice_of(hash)};
    const struct people_new without = {.name = S("cempaka"), .roles = UINT32_C(1) << ROLE_AUDITOR};
    assert_int_equal(people_add(db, &actor, &with, arena, &number, &link).kind, ERR_NONE);
    assert_int_equal(store_user_get(db, number, arena, &user).kind, ERR_NONE);
    assert_int_equal(user.state, USER_ACTIVE);
    assert_true(password_verify(S("correct drum battery"), user.password_hash));
    assert_int_equal(store_work(db, &actor, arena, use, &link).kind, ERR_AUTH); /* it was not kept */
    assert_int_equal(people_add(db, &actor, &without, arena, &number, &link).kind, ERR_NONE);
    assert_int_equal(store_user_get(db, number, arena, &user).kind, ERR_NONE);
    assert_int_equal(user.state, USER_INVITED);
    assert_int_equal(store_work(db, &actor, arena, use, &link).kind, ERR_NONE);
}

static void nobody_is_added_twice_or_to_nowhere_or_by_who_may_not(void **state)
{
    begun(state);
    struct people_new new = {.name = S("administrator"), .roles = UINT32_C(1) << ROLE_ANALYST};
    struct token link;
    int64_t number;
    assert_int_equal(people_add(db, &actor, &new, arena, &number, &link).kind, ERR_CONFLICT);
    new.name = S("melur");
    new.organisation = S("Kenanga");
    struct err err = people_add(db, &actor, &new, arena, &number, &link);
    assert_int_equal(err.kind, ERR_MISSING);
    assert_non_null(strstr(err.why, "there is no organisation Kenanga"));
    new.organisation = (slice){0};
    actor.roles = UINT32_C(1) << ROLE_ANALYST;
    assert_int_equal(people_add(db, &actor, &new, arena, &number, &link).kind, ERR_DENIED);
    struct user user;
    assert_int_equal(store_user_find(db, S("melur"), arena, &user).kind, ERR_MISSING);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_node_begins_with_one_organisation_and_one_who_was_invited, set_up, tear_down),
            TEST_ON_BOTH(its_link_works_once_and_not_for_ever, set_up, tear_down),
            TEST_ON_BOTH(a_node_begins_once, set_up, tear_down),
            TEST_ON_BOTH(the_journal_tells_that_the_node_was_made_and_by_whom, set_up, tear_down),
            TEST_ON_BOTH(a_user_has_a_password_or_a_link, set_up, tear_down),
            TEST_ON_BOTH(nobody_is_added_twice_or_to_nowhere_or_by_who_may_not, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
