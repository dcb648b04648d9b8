/* SPDX-License-Identifier: Apache-2.0 */
#include "share/approve.h"

#include "share/test_share.h"
#include "store/certificate.h"

/* What the acts of this test do: a row of the journal, or a failure that the test asked for. */
static struct err asked_for;

static struct err sign(struct work *work, slice subject, slice detail)
{
    TRY(store_work_news(work, "test.signed", subject, detail));
    return asked_for;
}

/* Alone for the first, with a second person for all others. */
static struct err by_subject(
        struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second)
{
    (void)db;
    (void)detail;
    TRY(store_right_check(actor, VERB_AGREE, 0, arena, second));
    *second = !slice_eq(subject, S("thing/1"));
    return OK;
}

static const struct share_act test_acts_above[] = {
        {.name = "test.sign", .verb = VERB_AGREE, .run = sign},
        {.name = "test.some", .verb = VERB_AGREE, .run = sign, .may = by_subject},
        {.name = "test.keys", .verb = VERB_CHANGE_KEYS, .run = sign},
        {.name = "test.alone", .verb = VERB_STOP_SHARING, .run = sign},
};

static struct test_store *begin(void **state)
{
    asked_for = OK;
    share_acts_set(test_acts_above, COUNT_OF(test_acts_above));
    return ready(state);
}

static struct err propose(
        struct test_store *store, const struct actor *actor, const char *act, const char *subject, int64_t *number)
{
    struct share_proposal proposal = {0};
    struct err err = share_propose(store->db, actor, act, slice_of(subject), S("{\"version\":3}"), S("as talked over"),
            store->arena, &proposal);
    *number = proposal.number;
    assert_true(err.kind != ERR_NONE || proposal.done == (proposal.number == 0));
    return err;
}

static struct approval get(struct test_store *store, int64_t number)
{
    struct approval row;
    test_ok(store_approval_get(store->db, number, store->arena, &row));
    return row;
}

static void it_is_done_when_another_person_agrees(void **state)
{
    struct test_store *store = begin(state);
    struct actor ayu = test_person(store, "ayu", ROLE_MANAGER), budi = test_person(store, "budi", ROLE_MANAGER);
    int64_t number;
    test_ok(propose(store, &ayu, "test.sign", "thing/2", &number));
    assert_true(number > 0);
    assert_int_equal(test_acts(store, "approval.proposed"), 1);
    assert_int_equal(test_acts(store, "test.signed"), 0);
    struct approval row = get(store, number);
    struct sha256 shown = share_approval_digest(&row);
    test_ok(share_approve(store->db, &budi, number, &shown, store->arena));
    row = get(store, number);
    assert_int_equal(row.state, APPROVAL_DONE);
    assert_int_equal(row.proposer, ayu.user);
    assert_int_equal(row.decider, budi.user);
    assert_true(slice_eq(row.decided_by, S("budi")));
    assert_int_equal(test_acts(store, "test.signed"), 1);
    assert_int_equal(test_acts(store, "approval.done"), 1);
    test_refused(share_approve(store->db, &budi, number, NULL, store->arena), ERR_CONFLICT, "done");
    assert_int_equal(test_acts(store, "test.signed"), 1);
}

static void who_proposed_it_is_no_second_person(void **state)
{
    struct test_store *store = begin(state);
    struct actor ayu = test_person(store, "ayu", ROLE_MANAGER), other = store->actor;
    int64_t number;
    other.name = S("local/other");
    test_ok(propose(store, &ayu, "test.sign", "thing/2", &number));
    test_refused(share_approve(store->db, &ayu, number, NULL, store->arena), ERR_DENIED, "proposed it");
    test_ok(share_approve(store->db, &store->actor, number, NULL, store->arena));
    /* The accounts of the machine are one person. */
    test_ok(propose(store, &store->actor, "test.sign", "thing/3", &number));
    test_refused(share_approve(store->db, &other, number, NULL, store->arena), ERR_DENIED, "proposed it");
    assert_int_equal(get(store, number).state, APPROVAL_OPEN);
    test_ok(share_approve(store->db, &ayu, number, NULL, store->arena));
}

static void both_need_the_right(void **state)
{
    struct test_store *store = begin(state);
    struct actor ayu = test_person(store, "ayu", ROLE_MANAGER), citra = test_person(store, "citra", ROLE_ANALYST);
    struct actor by_token = ayu;
    int64_t number;
    by_token.how = ACTOR_TOKEN;
    test_refused(propose(store, &citra, "test.sign", "thing/2", &number), ERR_DENIED, "citra may not");
    test_refused(propose(store, &by_token, "test.sign", "thing/2", &number), ERR_DENIED, "token alone");
    test_ok(propose(store, &store->actor, "test.sign", "thing/2", &number));
    test_refused(share_approve(store->db, &citra, number, NULL, store->arena), ERR_DENIED, "citra may not");
    test_refused(share_approve(store->db, &by_token, number, NULL, store->arena), ERR_DENIED, "token alone");
    assert_int_equal(get(store, number).state, APPROVAL_OPEN);
}

static struct err take_roles(struct work *work, void *context)
{
    return store_user_roles(work, *(const int64_t *)context, 1u << ROLE_ANALYST);
}

static struct err lock(struct work *work, void *context)
{
    return store_user_state(work, *(const int64_t *)context, USER_LOCKED);
}

static void a_proposer_who_lost_the_right_counts_no_more(void **state)
{
    struct test_store *store = begin(state);
    struct actor ayu = test_person(store, "ayu", ROLE_MANAGER), budi = test_person(store, "budi", ROLE_MANAGER);
    int64_t first, second;
    test_ok(propose(store, &ayu, "test.sign", "thing/2", &first));
    test_ok(propose(store, &budi, "test.sign", "thing/3", &second));
    test_ok(test_work(store, take_roles, &ayu.user));
    test_ok(test_work(store, lock, &budi.user));
    test_refused(share_approve(store->db, &store->actor, first, NULL, store->arena), ERR_DENIED, "ayu may not");
    test_refused(share_approve(store->db, &store->actor, second, NULL, store->arena), ERR_DENIED, "not let in");
    assert_int_equal(test_acts(store, "test.signed"), 0);
}

static struct err certificate_give(struct work *work, void *context)
{
    const int64_t *person = context;
    const struct certificate_row put = {.fingerprint = hash_sha256((slice){(const char *)person, sizeof *person}),
            .person = *person,
            .subject = S("CN=x"),
            .expires_us = INT64_MAX};
    return store_certificate_add(work, &put);
}

static uint32_t sure(struct test_store *store, int64_t but)
{
    uint32_t roles;
    test_ok(store_user_sure(store->db, but, &roles));
    return roles;
}

/* Who administers a node may read its keys, too: with another at hand that is one person. */
static void the_machine_agrees_only_while_nobody_else_could(void **state)
{
    struct test_store *store = begin(state);
    struct actor dodi = test_person(store, "dodi", ROLE_SYSADMIN), rini = test_person(store, "rini", ROLE_SYSADMIN);
    int64_t first, second;
    assert_int_equal(sure(store, 0), 0);
    test_ok(propose(store, &dodi, "test.keys", "thing/2", &first));
    test_ok(propose(store, &dodi, "test.keys", "thing/3", &second));
    test_ok(test_work(store, certificate_give, &dodi.user));
    assert_int_equal(sure(store, 0), 1u << ROLE_SYSADMIN);
    assert_int_equal(sure(store, dodi.user), 0);
    test_ok(share_approve(store->db, &store->actor, first, NULL, store->arena));
    test_ok(test_work(store, certificate_give, &rini.user));
    test_ok(test_work(store, lock, &rini.user)); /* a lock is no way around it */
    test_refused(share_approve(store->db, &store->actor, second, NULL, store->arena), ERR_DENIED,
            "another person who could");
    assert_int_equal(get(store, second).state, APPROVAL_OPEN);
}

static void what_waits_can_become_an_emergency(void **state)
{
    struct test_store *store = begin(state);
    struct actor machine = store->actor;
    struct share_proposal proposal;
    int64_t number;
    machine.others = 1u << ROLE_SYSADMIN;
    test_ok(propose(store, &machine, "test.keys", "thing/2", &number));
    assert_true(number > 0 && test_acts(store, "test.signed") == 0);
    machine.emergency = true;
    test_ok(share_propose(store->db, &machine, "test.keys", S("thing/2"), S("{\"version\":3}"), S("it cannot wait"),
            store->arena, &proposal));
    assert_true(proposal.done && proposal.number > number);
    assert_int_equal(test_acts(store, "test.signed"), 1);
    assert_int_equal(get(store, proposal.number).state, APPROVAL_EMERGENCY);
    /* Where nobody could agree it is none. */
    machine.others = 0;
    test_ok(share_propose(store->db, &machine, "test.keys", S("thing/3"), S("{}"), S(""), store->arena, &proposal));
    assert_true(proposal.done && proposal.number == 0);
}

static void who_may_alone_has_it_done_at_once(void **state)
{
    struct test_store *store = begin(state);
    struct actor ayu = test_person(store, "ayu", ROLE_MANAGER);
    int64_t number;
    test_ok(propose(store, &ayu, "test.alone", "thing/2", &number));
    assert_int_equal(number, 0);
    test_ok(propose(store, &ayu, "test.some", "thing/1", &number));
    assert_int_equal(number, 0);
    test_ok(propose(store, &ayu, "test.some", "thing/2", &number));
    assert_true(number > 0);
    assert_int_equal(test_acts(store, "test.signed"), 2);
    assert_int_equal(test_acts(store, "approval.proposed"), 1);
}

static void what_is_agreed_to_is_what_was_shown(void **state)
{
    struct test_store *store = begin(state);
    struct actor ayu = test_person(store, "ayu", ROLE_MANAGER);
    int64_t first, second;
    test_ok(propose(store, &ayu, "test.sign", "thing/2", &first));
    test_ok(propose(store, &ayu, "test.sign", "thing/3", &second));
    struct approval row = get(store, first), changed = row;
    struct sha256 shown = share_approval_digest(&row);
    test_refused(share_approve(store->db, &store->actor, second, &shown, store->arena), ERR_CONFLICT, "not what");
    changed.detail = S("{\"version\":4}");
    struct sha256 other = share_approval_digest(&changed);
    assert_memory_not_equal(shown.bytes, other.bytes, sizeof shown.bytes);
    test_refused(share_approve(store->db, &store->actor, first, &other, store->arena), ERR_CONFLICT, "not what");
    test_ok(share_approve(store->db, &store->actor, first, &shown, store->arena));
}

static void the_same_is_not_proposed_twice(void **state)
{
    struct test_store *store = begin(state);
    int64_t number, again;
    test_ok(propose(store, &store->actor, "test.sign", "thing/2", &number));
    test_refused(propose(store, &store->actor, "test.sign", "thing/2", &again), ERR_CONFLICT, "already");
    test_refused(propose(store, &store->actor, "test.unknown", "thing/2", &again), ERR_MISSING, "test.unknown");
    test_ok(share_refuse(store->db, &store->actor, number, S("a mistake"), store->arena));
    assert_int_equal(get(store, number).state, APPROVAL_REFUSED);
    assert_int_equal(test_acts(store, "approval.refused"), 1);
    test_ok(propose(store, &store->actor, "test.sign", "thing/2", &again));
}

static void what_cannot_be_done_has_failed_and_left_nothing(void **state)
{
    struct test_store *store = begin(state);
    struct actor ayu = test_person(store, "ayu", ROLE_MANAGER);
    int64_t number;
    test_ok(propose(store, &ayu, "test.sign", "thing/2", &number));
    asked_for = err_make(ERR_REMOTE, "the database went away");
    assert_int_equal(share_approve(store->db, &store->actor, number, NULL, store->arena).kind, ERR_REMOTE);
    assert_int_equal(get(store, number).state, APPROVAL_OPEN);
    asked_for = err_make(ERR_CONFLICT, "it has ended");
    test_refused(share_approve(store->db, &store->actor, number, NULL, store->arena), ERR_CONFLICT, "it has ended");
    assert_int_equal(get(store, number).state, APPROVAL_FAILED);
    assert_true(slice_eq(get(store, number).why, S("it has ended")));
    assert_int_equal(test_acts(store, "test.signed"), 0);
    assert_int_equal(test_acts(store, "approval.failed"), 1);
}

static void a_proposal_expires(void **state)
{
    struct test_store *store = begin(state);
    struct actor ayu = test_person(store, "ayu", ROLE_MANAGER);
    int64_t now = INT64_C(1795000000) * SECOND_US, number;
    size_t count;
    clock_set(now);
    test_ok(propose(store, &ayu, "test.sign", "thing/2", &number));
    clock_set(now + SHARE_APPROVAL_US - 1);
    test_ok(share_approvals_expire(store->db, &store->actor, store->arena, &count));
    assert_int_equal(count, 0);
    clock_set(now + SHARE_APPROVAL_US);
    test_refused(share_approve(store->db, &store->actor, number, NULL, store->arena), ERR_CONFLICT, "expired");
    test_ok(share_approvals_expire(store->db, &store->actor, store->arena, &count));
    assert_int_equal(count, 1);
    assert_int_equal(get(store, number).state, APPROVAL_EXPIRED);
    assert_int_equal(test_acts(store, "approval.expired"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(it_is_done_when_another_person_agrees, set_up, tear_down),
            TEST_ON_BOTH(who_proposed_it_is_no_second_person, set_up, tear_down),
            TEST_ON_BOTH(both_need_the_right, set_up, tear_down),
            TEST_ON_BOTH(a_proposer_who_lost_the_right_counts_no_more, set_up, tear_down),
            TEST_ON_BOTH(the_machine_agrees_only_while_nobody_else_could, set_up, tear_down),
            TEST_ON_BOTH(what_waits_can_become_an_emergency, set_up, tear_down),
            TEST_ON_BOTH(who_may_alone_has_it_done_at_once, set_up, tear_down),
            TEST_ON_BOTH(what_is_agreed_to_is_what_was_shown, set_up, tear_down),
            TEST_ON_BOTH(the_same_is_not_proposed_twice, set_up, tear_down),
            TEST_ON_BOTH(what_cannot_be_done_has_failed_and_left_nothing, set_up, tear_down),
            TEST_ON_BOTH(a_proposal_expires, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
