/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sharing groups of several nodes, each with a database of its own; statements are carried by hand, in any order. The
 * first node is on the engine that is tested.
 */
#include "share/group.h"

#include "share/agreement.h"
#include "share/test_peers.h"
#include "json/read.h"

#define BASE_US (INT64_C(1795000000) * SECOND_US)
#define MEMBERS_TEXT_MAX 8192

static struct test_peers peers;

static void begin(void **state, size_t count)
{
    struct test_store *store = ready(state);
    clock_set(BASE_US);
    peers = (struct test_peers){.count = 0};
    test_peers_open_on(&peers, count, store->db);
}

static int leave(void **state)
{
    test_peers_close(&peers);
    return tear_down(state);
}

/* Terms with the first `count` nodes as members, but for one (or none: the count of all). */
static slice terms(size_t count, size_t without, const char *more)
{
    struct arena *arena = peers.rows[0].store.arena;
    struct buf buf = buf_make(MEMBERS_TEXT_MAX);
    buf_put(&buf, S("{\"name\":\"Health\",\"purpose\":\"Protecting hospitals\",\"marking\":\"TLP:GREEN\",\"rules\":"
                    "{\"quorum\":2,\"majority\":{\"yes\":2,\"of\":3},\"days\":14},"));
    buf_printf(&buf, "%s\"members\":[", more);
    const char *comma = "";
    for (size_t i = 0; i < count; i++) {
        if (i == without)
            continue;
        buf_printf(&buf, "%s{\"name\":\"%s\",\"node\":\"%.*s\"}", comma, peers.rows[i].as.name,
                (int)peers.rows[i].as.node.len, peers.rows[i].as.node.ptr);
        comma = ",";
    }
    buf_put(&buf, S("]}"));
    slice text = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

static bool knows(size_t node)
{
    struct group *rows;
    size_t count;
    struct test_store *store = &peers.rows[node].store;
    test_ok(store_group_list(store->db, 0, 10, store->arena, &rows, &count));
    return count > 0;
}

static struct group at(size_t node)
{
    struct group *rows;
    size_t count;
    struct test_store *store = &peers.rows[node].store;
    test_ok(store_group_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    return rows[0];
}

/* The proposals that change a version, by their ids. */
static struct group_proposal *motions(size_t node, int64_t base, size_t *count)
{
    struct group_proposal *rows;
    struct test_store *store = &peers.rows[node].store;
    test_ok(store_proposal_list(store->db, at(node).number, base, store->arena, &rows, count));
    return rows;
}

static struct group_proposal motion(size_t node, int64_t base)
{
    size_t count;
    struct group_proposal *rows = motions(node, base, &count);
    assert_int_equal(count, 1);
    return rows[0];
}

static struct err propose(size_t node, slice group, slice text)
{
    struct test_peer *peer = &peers.rows[node];
    struct share_proposal proposal;
    TRY(share_group_propose(
            peer->store.db, &peer->ayu, group, text, S("as talked over"), peer->store.arena, &proposal));
    TRY(test_second(peer, &proposal));
    test_peer_sign(peer);
    return OK;
}

static struct err vote(size_t node, slice id, bool yes)
{
    struct test_peer *peer = &peers.rows[node];
    struct share_proposal proposal;
    TRY(share_group_vote(peer->store.db, &peer->ayu, id, yes, S("it is good"), peer->store.arena, &proposal));
    TRY(test_second(peer, &proposal));
    test_peer_sign(peer);
    return OK;
}

/* Everything that waits anywhere goes where it is to go, until nothing waits. */
static void carry_all(void)
{
    for (size_t carried = 1; carried > 0;) {
        carried = 0;
        for (size_t from = 0; from < peers.count; from++)
            for (size_t to = 0; to < peers.count; to++)
                carried += from == to ? 0 : test_carry(&peers, from, to, NULL);
    }
}

/* A group of the first `count` nodes. */
static void founded(size_t count)
{
    test_ok(propose(0, S(""), terms(count, count, "")));
    carry_all();
    for (size_t i = 1; i < count; i++)
        test_ok(vote(i, motion(i, 0).id, true));
    carry_all();
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(at(i).state, GROUP_ACTIVE);
        assert_int_equal(at(i).version, 1);
        assert_int_equal(at(i).accepted, 1);
    }
}

static size_t member_count(size_t node)
{
    slice *nodes;
    size_t count;
    struct test_store *store = &peers.rows[node].store;
    test_ok(store_group_members(store->db, at(node).number, store->arena, &nodes, &count));
    return count;
}

static void all_have_to_found_it(void **state)
{
    begin(state, 3);
    test_ok(propose(0, S(""), terms(3, 3, "")));
    carry_all();
    test_ok(vote(1, motion(1, 0).id, true));
    carry_all();
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(at(i).version, 0);
        assert_int_equal(member_count(i), 0);
    }
    test_ok(vote(2, motion(2, 0).id, true));
    carry_all();
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(at(i).state, GROUP_ACTIVE);
        assert_int_equal(member_count(i), 3);
    }
}

static void three_of_six_are_rejected_and_four_carry_it(void **state)
{
    size_t count;
    begin(state, 6);
    founded(6);
    test_ok(propose(0, at(0).id, terms(6, 5, "")));
    carry_all();
    for (size_t i = 1; i < 3; i++)
        test_ok(vote(i, motion(i, 1).id, true));
    carry_all();
    clock_set(BASE_US + 15 * DAY_US);
    for (size_t i = 0; i < 6; i++) {
        struct test_store *store = &peers.rows[i].store;
        test_ok(share_groups_due(store->db, &store->actor, store->arena, &count));
        assert_int_equal(count, 1);
        assert_int_equal(at(i).version, 1);
        assert_int_equal(motion(i, 1).state, PROPOSAL_REJECTED);
    }
    test_refused(vote(3, motion(3, 1).id, true), ERR_CONFLICT, "over");
    test_ok(propose(1, at(1).id, terms(6, 5, "")));
    carry_all();
    slice id = {0};
    struct group_proposal *rows = motions(0, 1, &count);
    for (size_t i = 0; i < count; i++)
        id = rows[i].state == PROPOSAL_OPEN ? rows[i].id : id;
    for (size_t i = 2; i < 5; i++)
        test_ok(vote(i, id, true));
    carry_all();
    for (size_t i = 0; i < 6; i++) {
        struct group_vote *votes;
        assert_int_equal(at(i).version, 2);
        test_ok(store_vote_list(peers.rows[i].store.db, id, peers.rows[i].store.arena, &votes, &count));
        assert_true(count >= 4);
        assert_int_equal(member_count(i), i < 5 ? 5 : 0); /* who is out holds nobody as a member */
    }
}

static void a_new_member_waits_for_our_consent(void **state)
{
    struct share_proposal proposal;
    begin(state, 4);
    founded(3);
    test_ok(propose(0, at(0).id, terms(4, 4, "")));
    carry_all();
    test_ok(vote(1, motion(1, 1).id, true));
    carry_all();
    assert_int_equal(at(2).version, 2); /* decided without its vote */
    assert_int_equal(at(2).accepted, 1);
    assert_int_equal(member_count(2), 3);
    assert_int_equal(member_count(1), 4);
    assert_int_equal(at(3).version, 2); /* by the proof of versions that it never voted on */
    assert_int_equal(at(3).accepted, 0);
    assert_int_equal(member_count(3), 0);
    for (size_t i = 2; i < 4; i++) {
        struct test_peer *peer = &peers.rows[i];
        test_ok(share_group_accept(
                peer->store.db, &peer->ayu, at(i).number, S("welcome"), peer->store.arena, &proposal));
        assert_false(proposal.done);
        test_ok(test_second(peer, &proposal));
        assert_int_equal(at(i).accepted, 2);
        assert_int_equal(member_count(i), 4);
    }
}

static void who_is_put_out_is_out_though_the_rest_waits(void **state)
{
    begin(state, 5);
    founded(4);
    /* The fourth goes, the fifth comes: the second half waits where nobody voted for it. */
    test_ok(propose(0, at(0).id, terms(5, 3, "")));
    carry_all();
    test_ok(vote(1, motion(1, 1).id, true));
    test_ok(vote(3, motion(3, 1).id, true));
    carry_all();
    assert_int_equal(at(2).version, 2);
    assert_int_equal(at(2).accepted, 1);
    assert_int_equal(member_count(2), 3);
}

static void what_was_never_founded_is_forgotten(void **state)
{
    size_t count;
    begin(state, 3);
    test_ok(propose(0, S(""), terms(3, 3, "")));
    carry_all();
    assert_true(knows(2));
    clock_set(BASE_US + 15 * DAY_US);
    for (size_t i = 0; i < 3; i++) {
        struct test_store *store = &peers.rows[i].store;
        test_ok(share_groups_due(store->db, &store->actor, store->arena, &count));
        assert_false(knows(i));
    }
}

static void a_node_founds_so_many_at_a_time(void **state)
{
    begin(state, 2);
    for (int i = 0; i < GROUPS_OF_MAX + 1; i++)
        test_ok(propose(0, S(""), terms(2, 2, "")));
    struct group *rows;
    struct group_proposal *proposals;
    size_t count, founding = 0;
    struct test_store *store = &peers.rows[0].store;
    test_ok(store_group_list(store->db, 0, 100, store->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        size_t of;
        test_ok(store_proposal_list(store->db, rows[i].number, 0, store->arena, &proposals, &of));
        founding += of;
    }
    assert_int_equal(founding, GROUPS_OF_MAX);
    assert_int_equal(test_acts(store, "statement.unsigned"), 1);
}

static void nobody_is_held_in_it(void **state)
{
    struct share_proposal proposal;
    begin(state, 3);
    founded(3);
    struct test_peer *peer = &peers.rows[2];
    test_ok(share_group_leave(
            peer->store.db, &peer->store.actor, at(2).number, S("no more"), peer->store.arena, &proposal));
    assert_true(proposal.done);
    carry_all();
    assert_int_equal(at(2).state, GROUP_LEFT);
    assert_int_equal(member_count(2), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(member_count(i), 2);
    /* Who votes for a version with it as a member is back, also when it was decided without. */
    clock_set(BASE_US + HOUR_US);
    test_ok(propose(0, at(0).id, terms(3, 3, "\"meetings\":[\"monthly\"],")));
    carry_all();
    test_ok(vote(1, motion(1, 1).id, true));
    carry_all();
    assert_int_equal(at(0).version, 2);
    assert_int_equal(member_count(0), 2);
    test_ok(vote(2, motion(2, 1).id, true));
    carry_all();
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(at(i).state, GROUP_ACTIVE);
        assert_int_equal(member_count(i), 3);
    }
}

static void it_is_dissolved_by_vote(void **state)
{
    begin(state, 3);
    founded(3);
    test_ok(propose(1, at(1).id, terms(3, 3, "\"dissolved\":true,")));
    carry_all();
    test_ok(vote(2, motion(2, 1).id, true));
    carry_all();
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(at(i).state, GROUP_DISSOLVED);
        assert_int_equal(member_count(i), 0);
    }
}

static void one_yes_for_one_version(void **state)
{
    size_t count;
    begin(state, 3);
    founded(3);
    test_ok(propose(0, at(0).id, terms(3, 3, "\"meetings\":[\"monthly\"],")));
    test_ok(propose(1, at(1).id, terms(3, 3, "\"meetings\":[\"weekly\"],")));
    carry_all();
    struct group_proposal *rows = motions(2, 1, &count);
    assert_int_equal(count, 2);
    test_ok(vote(2, rows[0].id, true));
    test_refused(vote(2, rows[1].id, true), ERR_CONFLICT, "same version");
    test_refused(vote(2, rows[0].id, false), ERR_CONFLICT, "voted already");
    carry_all();
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(at(i).version, 2);
}

/* ---- Forgery ---- */

/* A statement of type group.proof from the second node to the first: this proposal, these votes. */
static struct share_mail bring(slice proposal, slice votes)
{
    struct test_store *store = &peers.rows[0].store;
    const char *body = arena_printf(store->arena, "{\"proposal\":%.*s,\"votes\":[%.*s]}", (int)proposal.len,
            proposal.ptr, (int)votes.len, votes.ptr);
    struct share_letter letter = test_letter(store, &peers.rows[1].as, "group.proof", body);
    letter.agreement = at(0).id;
    letter.agreement_version = 2;
    return test_post_take(&peers.rows[0], test_sign(store, &letter, &peers.rows[1].as.message));
}

/* A vote of a node, taken apart and signed anew: with another body, by another key, to another group. */
static slice forged(slice vote, const char *what, const char *by, const struct key_pair *key)
{
    struct test_store *store = &peers.rows[0].store;
    struct share_letter letter = test_read(store, vote);
    slice body = letter.body;
    size_t place = slice_find_slice(body, slice_of(what));
    if (place < body.len)
        body = slice_of(arena_printf(store->arena, "%.*s%s%.*s", (int)place, body.ptr, by,
                (int)(body.len - place - strlen(what)), body.ptr + place + strlen(what)));
    letter.body = body;
    return test_sign(store, &letter, key);
}

static void forged_votes_are_refused_and_change_nothing(void **state)
{
    size_t count;
    struct group_vote *votes;
    begin(state, 4);
    founded(3);
    test_ok(propose(1, at(1).id, terms(3, 3, "\"meetings\":[\"monthly\"],")));
    test_carry(&peers, 1, 0, NULL);
    struct group_proposal there = motion(0, 1);
    struct test_store *store = &peers.rows[1].store;
    test_ok(store_vote_list(store->db, there.id, store->arena, &votes, &count));
    assert_int_equal(count, 1);
    slice vote = votes[0].statement;
    const struct key_pair *second = &peers.rows[1].as.message, *third = &peers.rows[2].as.message;
    const struct {
        slice vote;
        const char *why;
    } cases[] = {
            {forged(vote, "", "", third), "key"},
            {forged(vote, "\"answer\":\"yes\"", "\"answer\":\"aye\"", second), "yes or no"},
            {forged(vote, "\"previous\":\"", "\"previous\":\"0", second), "other terms"},
            {forged(vote, "\"electorate\":\"", "\"electorate\":\"0", second), "those who vote"},
            {forged(vote, "\"proposal\":\"", "\"proposal\":\"0", second), "another proposal"},
            {forged(vote, "\"terms\":\"", "\"terms\":\"0", second), "another proposal"},
            {forged(vote, "\"answer\"", "\"also\":1,\"answer\"", second), "also"},
            {S("{}"), ""},
            {S("7"), "has to stand here"},
            {there.statement, "group.vote has to stand"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct share_mail mail = bring(there.statement, cases[i].vote);
        if (mail.answered != SHARE_REFUSED || strstr(arena_cstr(store->arena, mail.why), cases[i].why) == NULL)
            fail_msg("%zu: %d %.*s", i, mail.answered, (int)mail.why.len, mail.why.ptr);
        test_ok(store_vote_list(peers.rows[0].store.db, there.id, peers.rows[0].store.arena, &votes, &count));
        assert_int_equal(count, 1);
        assert_int_equal(at(0).version, 1);
    }
    /* By who has no vote, though we know its key. */
    struct share_letter stranger = test_read(store, vote);
    stranger.from = peers.rows[3].as.node;
    slice outside = test_sign(store, &stranger, &peers.rows[3].as.message);
    assert_int_equal(bring(there.statement, outside).answered, SHARE_REFUSED);
    assert_int_equal(bring(vote, vote).answered, SHARE_REFUSED);
    assert_int_equal(bring(there.statement, S("")).answered, SHARE_TAKEN);
}

/* ---- All nodes come to the same versions, whatever happens on the way ---- */

enum { NODES = 4, STEPS = 100 };

static uint64_t draw(uint64_t *random, uint64_t below)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*random >> 33) % below;
}

/* Votes at random on something that is open, if there is anything. */
static void vote_random(uint64_t *random, size_t node)
{
    size_t count;
    if (!knows(node))
        return;
    struct group_proposal *rows = motions(node, at(node).version, &count);
    if (count > 0)
        (void)vote(node, rows[draw(random, count)].id, draw(random, 4) > 0).kind;
}

static void propose_random(size_t node, int number)
{
    const char *more = arena_printf(peers.rows[0].store.arena, "\"meetings\":[\"note %d\"],", number);
    (void)propose(node, at(node).id, terms(NODES, NODES, more)).kind;
}

/* Some of what waits at a node leaves, some stays. */
static void carry_random(uint64_t *random, size_t node)
{
    for (size_t other = 0; other < NODES; other++)
        if (other != node && draw(random, 3) > 0)
            test_carry(&peers, node, other, NULL);
}

static void step(uint64_t *random, int number)
{
    size_t node = draw(random, NODES);
    uint64_t what = draw(random, 12);
    if (what == 0)
        clock_set(clock_now_us() + (int64_t)draw(random, 3) * DAY_US);
    else if (what == 1)
        propose_random(node, number);
    else if (what < 7)
        vote_random(random, node);
    else
        carry_random(random, node);
}

static void chains_equal(void)
{
    for (size_t node = 1; node < NODES; node++) {
        assert_int_equal(at(node).version, at(0).version);
        for (int64_t version = 1; version <= at(0).version; version++) {
            struct group_version here, there;
            struct test_store *first = &peers.rows[0].store, *store = &peers.rows[node].store;
            test_ok(store_group_version_get(first->db, at(0).number, version, first->arena, &here));
            test_ok(store_group_version_get(store->db, at(node).number, version, store->arena, &there));
            assert_true(slice_eq(here.proposal, there.proposal));
            assert_true(slice_eq(here.terms, there.terms));
        }
    }
}

static void all_nodes_find_the_same_versions(void **state)
{
    int64_t versions = 0;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        uint64_t random = seed;
        ready(state);
        clock_set(BASE_US);
        test_peers_open_on(&peers, NODES, NULL);
        founded(NODES);
        for (int i = 0; i < STEPS; i++)
            step(&random, i);
        carry_all();
        chains_equal();
        versions += at(0).version;
        test_peers_close(&peers);
    }
    assert_true(versions > 3); /* more than their founding was decided */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "all_have_to_found_it", all_have_to_found_it, set_up, leave),
            TEST_ON_BOTH(three_of_six_are_rejected_and_four_carry_it, set_up, leave),
            TEST_ON_BOTH(a_new_member_waits_for_our_consent, set_up, leave),
            TEST_ON(DB_SQLITE, "who_is_put_out_is_out_though_the_rest_waits",
                    who_is_put_out_is_out_though_the_rest_waits, set_up, leave),
            TEST_ON_BOTH(what_was_never_founded_is_forgotten, set_up, leave),
            TEST_ON(DB_SQLITE, "a_node_founds_so_many_at_a_time", a_node_founds_so_many_at_a_time, set_up, leave),
            TEST_ON_BOTH(nobody_is_held_in_it, set_up, leave),
            TEST_ON(DB_SQLITE, "it_is_dissolved_by_vote", it_is_dissolved_by_vote, set_up, leave),
            TEST_ON(DB_SQLITE, "one_yes_for_one_version", one_yes_for_one_version, set_up, leave),
            TEST_ON(DB_SQLITE, "forged_votes_are_refused_and_change_nothing",
                    forged_votes_are_refused_and_change_nothing, set_up, leave),
            TEST_ON(DB_SQLITE, "all_nodes_find_the_same_versions", all_nodes_find_the_same_versions, set_up, leave),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
