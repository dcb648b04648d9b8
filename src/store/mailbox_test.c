/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mailbox.h"

#include "store/test_store.h"

static struct err put(struct work *work, void *context)
{
    return store_mailbox_put(work, context);
}

struct adding {
    struct sha256 digest;
    bool fresh;
};

static struct err add(struct work *work, void *context)
{
    struct adding *adding = context;
    return store_mailbox_mail_add(work, &adding->digest, &adding->fresh);
}

static struct err add_and_fail(struct work *work, void *context)
{
    TRY(add(work, context));
    return err_make(ERR_CONFLICT, "what it changed could not be changed");
}

static void a_look_says_how_far_and_counts(void **state)
{
    struct test_store *store = ready(state);
    struct mailbox_state imap = {.name = S("imap"), .validity = 7, .last = 20, .taken = 3, .why = S("")}, found, *rows;
    size_t count;
    test_ok(store_mailbox_get(store->db, S("imap"), store->arena, &found));
    assert_true(found.last == 0 && found.looked_us == 0);
    test_ok(test_work(store, put, &imap));
    imap = (struct mailbox_state){.name = S("imap"), .validity = 8, .last = 2, .taken = 2, .why = S("it ended")};
    test_ok(test_work(store, put, &imap));
    test_ok(store_mailbox_get(store->db, S("imap"), store->arena, &found));
    assert_true(found.validity == 8 && found.last == 2 && found.taken == 5 && found.looked_us > 0);
    assert_true(slice_eq(found.why, S("it ended")));
    test_ok(store_mailbox_list(store->db, store->arena, &rows, &count));
    assert_int_equal(count, 1);
}

static void a_mail_is_fresh_once_and_only_if_its_work_ended(void **state)
{
    struct test_store *store = ready(state);
    struct adding adding = {.digest = hash_sha256(S("a mail"))};
    assert_int_equal(test_work(store, add_and_fail, &adding).kind, ERR_CONFLICT);
    test_ok(test_work(store, add, &adding));
    assert_true(adding.fresh);
    test_ok(test_work(store, add, &adding));
    assert_false(adding.fresh);
    adding.digest = hash_sha256(S("another"));
    test_ok(test_work(store, add, &adding));
    assert_true(adding.fresh);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_look_says_how_far_and_counts, set_up, tear_down),
            TEST_ON_BOTH(a_mail_is_fresh_once_and_only_if_its_work_ended, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
