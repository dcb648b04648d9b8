/* SPDX-License-Identifier: Apache-2.0 */
#include "store/collection.h"

#include "store/journal.h"
#include "store/test_store.h"

struct call {
    slice title, id, body;
    int64_t number;
    struct collection_grant grant;
};

static struct err add(struct work *work, void *context)
{
    struct call *call = context;
    return store_collection_add(work, call->title, S("of tests"), &call->number);
}

static struct err grant(struct work *work, void *context)
{
    const struct call *call = context;
    return store_collection_grant(work, call->number, &call->grant);
}

static struct err revoke(struct work *work, void *context)
{
    const struct call *call = context;
    return store_collection_revoke(work, call->number, &call->grant);
}

static struct err remove_it(struct work *work, void *context)
{
    const struct call *call = context;
    return store_collection_remove(work, call->number);
}

static struct err status(struct work *work, void *context)
{
    const struct call *call = context;
    return store_status_put(work, call->id, call->number, call->body);
}

static struct collection make(struct test_store *store, const char *title)
{
    struct call call = {.title = slice_of(title)};
    struct collection collection;
    test_ok(test_work(store, add, &call));
    test_ok(store_collection_get(store->db, call.number, store->arena, &collection));
    return collection;
}

static void give(struct test_store *store, int64_t number, enum grantee kind, int64_t subject, bool read, bool write)
{
    struct call call = {.number = number, .grant = {kind, subject, read, write, S("")}};
    test_ok(test_work(store, grant, &call));
}

static struct actor account(int64_t user, int64_t organisation)
{
    return (struct actor){.user = user, .organisation = organisation, .name = S("budi"), .how = ACTOR_TOKEN};
}

/* "rw", "r-", "-w", or "" for one that is not there. */
static const char *sees(struct test_store *store, const struct actor *actor, slice id)
{
    struct collection collection;
    struct err err = store_collection_view(store->db, actor, id, store->arena, &collection);
    if (err.kind == ERR_MISSING)
        return "";
    test_ok(err);
    return collection.can_read ? collection.can_write ? "rw" : "r-" : collection.can_write ? "-w" : "--";
}

static void a_collection_comes_back_by_id_and_title(void **state)
{
    struct test_store *store = ready(state);
    struct collection made = make(store, "Indikator <Bersama>");
    int64_t by_id, by_title;
    assert_int_equal(made.id.len, 36);
    assert_true(slice_eq(made.title, S("Indikator <Bersama>")) && slice_eq(made.description, S("of tests")));
    assert_true(slice_eq(made.source_name, S("taxii/Indikator <Bersama>")));
    test_ok(store_collection_find(store->db, made.id, &by_id));
    test_ok(store_collection_find(store->db, made.title, &by_title));
    assert_true(by_id == made.number && by_title == made.number);
    struct call again = {.title = made.title}, empty = {.title = S("")};
    assert_int_equal(test_work(store, add, &again).kind, ERR_CONFLICT);
    assert_int_equal(test_work(store, add, &empty).kind, ERR_INPUT);
}

static void who_has_no_grant_sees_nothing(void **state)
{
    struct test_store *store = ready(state);
    struct collection one = make(store, "one"), other = make(store, "other");
    struct actor user = account(7, 3), stranger = account(8, 4), nobody = {.how = ACTOR_NOBODY};
    struct collection *rows, view;
    size_t count;
    give(store, one.number, GRANTEE_USER, 7, true, false);
    give(store, other.number, GRANTEE_USER, 9, true, true);
    assert_string_equal(sees(store, &user, one.id), "r-");
    assert_string_equal(sees(store, &user, other.id), "");
    assert_string_equal(sees(store, &stranger, one.id), "");
    test_ok(store_collection_view_list(store->db, &user, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(rows[0].id, one.id));
    /* One that is there for others and one that is not there at all are answered in the same words. */
    struct err hidden = store_collection_view(store->db, &user, other.id, store->arena, &view);
    struct err none = store_collection_view(store->db, &user, S("00000000"), store->arena, &view);
    assert_true(hidden.kind == ERR_MISSING && none.kind == ERR_MISSING);
    assert_string_equal(hidden.why, none.why);
    assert_int_equal(store_collection_view(store->db, &nobody, one.id, store->arena, &view).kind, ERR_AUTH);
    /* Who is no person and of no organisation has no grant but that to everyone. */
    struct actor blank = account(0, 0);
    assert_string_equal(sees(store, &blank, one.id), "");
}

static void grants_add_up_and_are_taken_back(void **state)
{
    struct test_store *store = ready(state);
    struct collection box = make(store, "drop box");
    struct actor user = account(7, 3), colleague = account(8, 3), stranger = account(9, 4);
    give(store, box.number, GRANTEE_EVERYONE, 0, false, true);
    assert_string_equal(sees(store, &stranger, box.id), "-w");
    give(store, box.number, GRANTEE_ORGANISATION, 3, true, false);
    assert_string_equal(sees(store, &user, box.id), "rw");
    assert_string_equal(sees(store, &colleague, box.id), "rw");
    test_ok(store_collection_may_write(store->db, &stranger, box.number));
    struct call all = {.number = box.number, .grant = {GRANTEE_EVERYONE, 0, true, true, S("")}};
    test_ok(test_work(store, revoke, &all));
    assert_string_equal(sees(store, &stranger, box.id), "");
    assert_string_equal(sees(store, &user, box.id), "r-");
    assert_int_equal(store_collection_may_write(store->db, &user, box.number).kind, ERR_DENIED);
    assert_int_equal(test_work(store, revoke, &all).kind, ERR_MISSING);
    struct collection_grant *grants;
    size_t count;
    test_ok(store_collection_grants(store->db, box.number, store->arena, &grants, &count));
    assert_int_equal(count, 1);
    assert_true(grants[0].kind == GRANTEE_ORGANISATION && grants[0].can_read && !grants[0].can_write);
}

static void what_is_done_to_a_collection_is_in_the_journal(void **state)
{
    static const char *const acts[] = {
            "collection.removed", "collection.revoked", "collection.granted", "collection.added"};
    struct test_store *store = ready(state);
    struct call call = {.title = S("briefly")};
    struct journal_row *rows;
    size_t count;
    test_ok(test_work(store, add, &call));
    call.grant = (struct collection_grant){GRANTEE_USER, 7, true, true, S("")};
    test_ok(test_work(store, grant, &call));
    test_ok(test_work(store, revoke, &call));
    test_ok(test_work(store, remove_it, &call));
    test_ok(store_journal_latest(store->db, INT64_MAX, 10, store->arena, &rows, &count));
    assert_int_equal(count, COUNT_OF(acts));
    for (size_t i = 0; i < count; i++)
        assert_true(slice_eq(rows[i].act, slice_of(acts[i])));
    assert_int_equal(test_work(store, remove_it, &call).kind, ERR_MISSING);
}

static void a_status_is_for_who_sent_it_and_goes_after_a_while(void **state)
{
    struct test_store *store = ready(state);
    struct collection box = make(store, "statuses");
    struct actor user = account(7, 3), other = account(8, 3);
    struct call call = {.number = box.number, .id = S("first"), .body = S("{\"id\":\"first\"}")};
    slice body;
    give(store, box.number, GRANTEE_ORGANISATION, 3, false, true);
    clock_set(1000000);
    test_ok(store_work(store->db, &user, store->arena, status, &call));
    test_ok(store_status_get(store->db, &user, S("first"), store->arena, &body));
    assert_true(slice_eq(body, call.body));
    assert_int_equal(store_status_get(store->db, &other, S("first"), store->arena, &body).kind, ERR_MISSING);
    clock_set(1000000 + STATUS_KEPT_US);
    call.id = S("second");
    test_ok(store_work(store->db, &user, store->arena, status, &call));
    test_ok(store_status_get(store->db, &user, S("first"), store->arena, &body));
    clock_set(1000001 + STATUS_KEPT_US);
    call.id = S("third");
    test_ok(store_work(store->db, &user, store->arena, status, &call));
    assert_int_equal(store_status_get(store->db, &user, S("first"), store->arena, &body).kind, ERR_MISSING);
    struct call all = {.number = box.number, .grant = {GRANTEE_ORGANISATION, 3, true, true, S("")}};
    test_ok(test_work(store, revoke, &all));
    assert_int_equal(store_status_get(store->db, &user, S("second"), store->arena, &body).kind, ERR_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_collection_comes_back_by_id_and_title, set_up, tear_down),
            TEST_ON_BOTH(who_has_no_grant_sees_nothing, set_up, tear_down),
            TEST_ON_BOTH(grants_add_up_and_are_taken_back, set_up, tear_down),
            TEST_ON_BOTH(what_is_done_to_a_collection_is_in_the_journal, set_up, tear_down),
            TEST_ON_BOTH(a_status_is_for_who_sent_it_and_goes_after_a_while, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
