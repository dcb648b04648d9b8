/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/granting.h"

#include "intel/test_intel.h"
#include "store/organisation.h"
#include "store/user.h"

struct doing {
    struct err (*act)(struct work *work, slice subject, slice detail);
    slice subject, detail, state;
    const char *name;
};

static struct err doing_run(struct work *work, void *context)
{
    const struct doing *doing = context;
    return doing->act(work, doing->subject, doing->detail);
}

static struct err about_run(struct work *work, void *context)
{
    struct doing *doing = context;
    return taxii_granting_about(work, doing->subject, doing->detail, &doing->state);
}

static struct err user_run(struct work *work, void *context)
{
    struct doing *doing = context;
    struct user_put put = {.name = slice_of(doing->name), .roles = 1u << ROLE_LIAISON, .password_hash = S("$x")};
    int64_t number;
    if (store_organisation_own(work->db, &put.organisation).kind != ERR_NONE)
        TRY(store_organisation_add(work,
                &(struct organisation_put){.name = S("Tim Contoh"), .kind = S("team"), .relation = RELATION_OWN},
                &put.organisation));
    return store_user_add(work, &put, &number);
}

static void user(struct test_store *store, const char *name)
{
    test_ok(test_work(store, user_run, &(struct doing){.name = name}));
}

static struct err done(struct test_store *store, struct err (*act)(struct work *work, slice subject, slice detail),
        slice subject, const char *detail)
{
    return test_work(store, doing_run, &(struct doing){.act = act, .subject = subject, .detail = slice_of(detail)});
}

static slice about(struct test_store *store, slice subject, const char *detail)
{
    struct doing doing = {.subject = subject, .detail = slice_of(detail)};
    test_ok(test_work(store, about_run, &doing));
    return doing.state;
}

#define AYU_READS "{\"grants\":[{\"to\":\"user\",\"name\":\"ayu\",\"read\":true,\"write\":false}]}"

static slice made(struct test_store *store, struct collection *collection)
{
    const struct collection_grant everyone = {.kind = GRANTEE_EVERYONE, .can_read = true};
    const struct taxii_granting granting = {S("News"), S("of the day"), &everyone, 1};
    slice detail;
    int64_t number;
    test_ok(taxii_granting_detail(&granting, store->arena, &detail));
    test_ok(done(store, taxii_granting_do_add, S("collection"), arena_cstr(store->arena, detail)));
    test_ok(store_collection_find(store->db, S("News"), &number));
    test_ok(store_collection_get(store->db, number, store->arena, collection));
    return taxii_granting_subject(collection, store->arena);
}

static size_t grants(struct test_store *store, const struct collection *collection)
{
    struct collection_grant *rows;
    size_t count;
    test_ok(store_collection_grants(store->db, collection->number, store->arena, &rows, &count));
    return count;
}

static void what_is_written_is_done(void **state)
{
    struct test_store *store = ready(state);
    struct collection collection;
    user(store, "ayu");
    slice subject = made(store, &collection);
    assert_true(slice_eq(collection.description, S("of the day")));
    assert_int_equal(grants(store, &collection), 1);
    test_ok(done(store, taxii_granting_do_grant, subject, AYU_READS));
    assert_int_equal(grants(store, &collection), 2);
    test_ok(done(store, taxii_granting_do_revoke, subject, AYU_READS));
    assert_int_equal(grants(store, &collection), 1);
    test_ok(done(store, taxii_granting_do_remove, subject, "{}"));
    assert_int_equal(done(store, taxii_granting_do_remove, subject, "{}").kind, ERR_MISSING);
}

/* Other grants since, or another of that name: then it is not what was talked about. */
static void how_it_stands_has_all_that_counts(void **state)
{
    struct test_store *store = ready(state);
    struct collection collection;
    user(store, "ayu");
    user(store, "budi");
    slice subject = made(store, &collection), before = about(store, subject, AYU_READS);
    assert_true(slice_eq(before, about(store, subject, AYU_READS)));
    test_ok(done(store, taxii_granting_do_grant, subject,
            "{\"grants\":[{\"to\":\"user\",\"name\":\"budi\",\"write\":true}]}"));
    assert_false(slice_eq(before, about(store, subject, AYU_READS)));
}

static void what_was_typed_by_hand_is_checked(void **state)
{
    static const struct {
        const char *detail;
        enum err_kind kind;
    } cases[] = {
            {"{}", ERR_INPUT},
            {"{\"grants\":7}", ERR_INPUT},
            {"{\"grants\":[{}]}", ERR_INPUT},
            {"{\"grants\":[{\"to\":\"user\",\"name\":\"ayu\"}]}", ERR_INPUT},
            {"{\"grants\":[{\"to\":\"user\",\"name\":\"nobody\",\"read\":true}]}", ERR_MISSING},
            {"{\"grants\":[{\"to\":\"organisation\",\"name\":\"Nowhere\",\"read\":true}]}", ERR_MISSING},
            {"{\"grants\":[{\"to\":\"friends\",\"read\":true}]}", ERR_INPUT},
    };
    struct test_store *store = ready(state);
    struct collection collection;
    user(store, "ayu");
    slice subject = made(store, &collection);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(done(store, taxii_granting_do_grant, subject, cases[i].detail).kind, cases[i].kind);
    assert_int_equal(done(store, taxii_granting_do_grant, S("News"), AYU_READS).kind, ERR_INPUT);
    assert_int_equal(done(store, taxii_granting_do_grant, S("collection/none"), AYU_READS).kind, ERR_MISSING);
    assert_int_equal(grants(store, &collection), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_is_written_is_done, set_up, tear_down),
            TEST_ON_BOTH(how_it_stands_has_all_that_counts, set_up, tear_down),
            TEST_ON_BOTH(what_was_typed_by_hand_is_checked, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
