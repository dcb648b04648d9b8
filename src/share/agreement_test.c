/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Agreements between two nodes, each with a database of its own in memory: what both hold after their statements were
 * carried from one to the other. The node under test on both engines is the first.
 */
#include "share/agreement.h"

#include "share/test_peers.h"
#include "share/test_terms.h"
#include "store/ledger.h"

#define BASE_US (INT64_C(1795000000) * SECOND_US) /* 19 November 2026 */

static struct test_peers peers;

/* The two nodes; the first on the engine that is tested. */
static struct test_store *begin(void **state)
{
    struct test_store *store = ready(state);
    clock_set(BASE_US);
    peers = (struct test_peers){.count = 0};
    test_peers_open_on(&peers, 2, store->db);
    return store;
}

static int leave(void **state)
{
    test_peers_close(&peers);
    return tear_down(state);
}

static struct agreement at(size_t node)
{
    struct test_peer *peer = &peers.rows[node];
    struct agreement row;
    test_ok(store_agreement_with(peer->store.db, peer->number[1 - node], peer->store.arena, &row));
    return row;
}

static struct agreement_version version_at(size_t node, int64_t version)
{
    struct test_peer *peer = &peers.rows[node];
    struct agreement_version row;
    test_ok(store_agreement_version_get(peer->store.db, at(node).number, version, peer->store.arena, &row));
    return row;
}

static int64_t draft(size_t node, const char *terms)
{
    struct test_peer *peer = &peers.rows[node];
    int64_t number;
    test_ok(share_agreement_draft(
            peer->store.db, &peer->store.actor, peer->number[1 - node], slice_of(terms), peer->store.arena, &number));
    return number;
}

static void draft_refused(size_t node, const char *why)
{
    struct test_peer *peer = &peers.rows[node];
    int64_t number;
    test_refused(share_agreement_draft(peer->store.db, &peer->store.actor, peer->number[1 - node],
                         S("{" TEST_TERMS_REST "}"), peer->store.arena, &number),
            ERR_CONFLICT, why);
}

static struct err offer(size_t node)
{
    struct test_peer *peer = &peers.rows[node];
    struct share_proposal proposal;
    TRY(share_agreement_offer(
            peer->store.db, &peer->ayu, at(node).number, S("as talked over"), peer->store.arena, &proposal));
    return test_second(peer, &proposal);
}

static struct err accept(size_t node)
{
    struct test_peer *peer = &peers.rows[node];
    struct share_proposal proposal;
    TRY(share_agreement_accept(
            peer->store.db, &peer->ayu, at(node).number, S(""), S("it is good"), peer->store.arena, &proposal));
    return test_second(peer, &proposal);
}

/* The first version, drafted and offered by the first node and accepted by the other. */
static void in_force(void)
{
    draft(0, "{" TEST_TERMS_REST "}");
    test_ok(offer(0));
    assert_int_equal(test_carry(&peers, 0, 1, NULL), 1);
    test_ok(accept(1));
    assert_int_equal(test_carry(&peers, 1, 0, NULL), 1);
    assert_int_equal(at(0).state, AGREEMENT_IN_FORCE);
    assert_int_equal(at(1).state, AGREEMENT_IN_FORCE);
}

/* The terms with one piece replaced. */
static const char *terms(const char *what, const char *by)
{
    slice text = S("{" TEST_TERMS_REST "}");
    size_t place = slice_find_slice(text, slice_of(what));
    assert_true(place < text.len);
    return arena_printf(
            peers.rows[0].store.arena, "%.*s%s%s", (int)place, text.ptr, by, text.ptr + place + strlen(what));
}

static void it_is_in_force_when_both_have_signed(void **state)
{
    begin(state);
    draft(0, "{" TEST_TERMS_REST "}");
    assert_int_equal(at(0).state, AGREEMENT_DRAFT);
    test_ok(offer(0));
    assert_int_equal(version_at(0, 1).stage, VERSION_AGREED);
    test_carry(&peers, 0, 1, NULL);
    assert_int_equal(version_at(0, 1).stage, VERSION_SIGNED);
    assert_int_equal(version_at(1, 1).stage, VERSION_RECEIVED);
    assert_int_equal(at(1).state, AGREEMENT_OFFERED);
    assert_int_equal(at(1).version, 0);
    test_ok(accept(1));
    assert_int_equal(at(1).version, 0); /* not before it is signed */
    test_carry(&peers, 1, 0, NULL);
    for (size_t node = 0; node < 2; node++) {
        struct agreement row = at(node);
        struct agreement_version version = version_at(node, 1);
        assert_int_equal(row.state, AGREEMENT_IN_FORCE);
        assert_int_equal(row.version, 1);
        assert_int_equal(row.generation, 1);
        assert_true(row.log > 0);
        assert_int_equal(version.stage, VERSION_HELD);
        assert_true(version.ours.len > 0 && version.theirs.len > 0);
        assert_true(slice_eq(row.terms, at(0).terms));
        assert_true(slice_eq(row.id, at(0).id));
    }
    struct ledger_row *entries;
    size_t count;
    test_ok(store_ledger_list(peers.rows[0].store.db, at(0).log, 0, 10, peers.rows[0].store.arena, &entries, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(entries[0].kind, S("agreement")));
}

static void one_person_alone_offers_nothing(void **state)
{
    struct share_proposal proposal;
    begin(state);
    struct test_peer *peer = &peers.rows[0];
    draft(0, "{" TEST_TERMS_REST "}");
    test_ok(share_agreement_offer(peer->store.db, &peer->ayu, at(0).number, S("now"), peer->store.arena, &proposal));
    assert_false(proposal.done);
    test_peer_sign(peer);
    assert_int_equal(version_at(0, 1).stage, VERSION_DRAFT);
    /* What is drafted anew is not what the first person saw. */
    draft(0, terms("Protecting hospitals", "Anything else"));
    test_refused(share_approve(peer->store.db, &peer->budi, proposal.number, NULL, peer->store.arena), ERR_CONFLICT,
            "other terms");
    assert_int_equal(version_at(0, 1).stage, VERSION_DRAFT);
}

static void what_narrows_holds_at_once(void **state)
{
    begin(state);
    in_force();
    draft(0, terms("\"sightings\":true", "\"sightings\":false"));
    assert_true(version_at(0, 2).narrows);
    test_ok(offer(0));
    test_peer_sign(&peers.rows[0]);
    assert_int_equal(at(0).version, 2);
    assert_int_equal(at(0).generation, 2);
    assert_int_equal(at(1).version, 1);
    test_carry(&peers, 0, 1, NULL);
    assert_int_equal(at(1).version, 2);
    assert_int_equal(at(1).generation, 2);
    test_carry(&peers, 1, 0, NULL);
    assert_true(version_at(0, 2).theirs.len > 0);
    assert_true(version_at(1, 2).ours.len > 0);
}

static void what_widens_waits_for_two_persons(void **state)
{
    begin(state);
    in_force();
    draft(0, terms("\"indicator\"", "\"indicator\",\"malware\""));
    assert_false(version_at(0, 2).narrows);
    test_ok(offer(0));
    test_carry(&peers, 0, 1, NULL);
    assert_int_equal(at(0).version, 1);
    assert_int_equal(at(1).version, 1);
    assert_int_equal(version_at(1, 2).stage, VERSION_RECEIVED);
    test_ok(accept(1));
    test_carry(&peers, 1, 0, NULL);
    assert_int_equal(at(0).version, 2);
    assert_int_equal(at(1).version, 2);
}

static struct err put_version(struct work *work, void *context)
{
    return store_agreement_version_put(work, context);
}

/* Whoever says of itself that its version narrows is not believed. */
static void the_receiver_finds_out_itself_what_widens(void **state)
{
    begin(state);
    in_force();
    draft(1, terms("\"highest\":\"TLP:AMBER\"", "\"highest\":\"TLP:RED\""));
    struct agreement_version forged = version_at(1, 2);
    forged.narrows = true;
    test_ok(test_work(&peers.rows[1].store, put_version, &forged));
    test_ok(offer(1));
    test_carry(&peers, 1, 0, NULL);
    assert_int_equal(at(0).version, 1);
    assert_int_equal(version_at(0, 2).stage, VERSION_RECEIVED);
}

static void what_was_refused_can_be_offered_anew(void **state)
{
    struct share_proposal proposal;
    begin(state);
    struct test_peer *peer = &peers.rows[1];
    draft(0, "{" TEST_TERMS_REST "}");
    test_ok(offer(0));
    test_carry(&peers, 0, 1, NULL);
    test_ok(share_agreement_refuse(
            peer->store.db, &peer->ayu, at(1).number, S("too wide"), peer->store.arena, &proposal));
    assert_true(proposal.done);
    test_carry(&peers, 1, 0, NULL);
    assert_int_equal(version_at(0, 1).stage, VERSION_REFUSED);
    assert_true(slice_eq(version_at(0, 1).why, S("too wide")));
    in_force();
}

static void both_offer_at_once_and_one_counts(void **state)
{
    slice why = S("");
    begin(state);
    draft(0, "{" TEST_TERMS_REST "}");
    draft(1, "{" TEST_TERMS_REST "}");
    test_ok(offer(0));
    test_ok(offer(1));
    size_t first = test_carry(&peers, 0, 1, &why), other = test_carry(&peers, 1, 0, &why);
    assert_int_equal(first + other, 1);
    assert_non_null(strstr(why.ptr, "counts"));
    size_t answers = first == 1 ? 1 : 0;
    test_ok(accept(answers));
    test_carry(&peers, answers, 1 - answers, NULL);
    assert_int_equal(at(0).state, AGREEMENT_IN_FORCE);
    assert_true(slice_eq(at(0).id, at(1).id));
    /* And once more for the next version. */
    draft(0, terms("\"indicator\"", "\"indicator\",\"malware\""));
    draft(1, terms("\"indicator\"", "\"indicator\",\"tool\""));
    test_ok(offer(0));
    test_ok(offer(1));
    first = test_carry(&peers, 0, 1, &why);
    other = test_carry(&peers, 1, 0, &why);
    assert_int_equal(first + other, 1);
    answers = first == 1 ? 1 : 0;
    test_ok(accept(answers));
    test_carry(&peers, answers, 1 - answers, NULL);
    assert_int_equal(at(0).version, 2);
    assert_true(slice_eq(at(0).terms, at(1).terms));
}

static void what_narrows_goes_before_what_waits(void **state)
{
    for (size_t narrower = 0; narrower < 2; narrower++) {
        size_t wider = 1 - narrower;
        ready(state);
        clock_set(BASE_US);
        test_peers_open_on(&peers, 2, NULL);
        in_force();
        draft(wider, terms("\"indicator\"", "\"indicator\",\"malware\""));
        draft(narrower, terms("\"sightings\":true", "\"sightings\":false"));
        test_ok(offer(wider));
        test_ok(offer(narrower));
        test_peer_sign(&peers.rows[narrower]);
        test_carry(&peers, wider, narrower, NULL);
        test_carry(&peers, narrower, wider, NULL);
        test_carry(&peers, wider, narrower, NULL);
        assert_int_equal(at(0).version, 2);
        assert_true(slice_eq(at(0).terms, at(1).terms));
        assert_int_equal(at(0).state, AGREEMENT_IN_FORCE);
        assert_int_equal(at(1).state, AGREEMENT_IN_FORCE);
        test_peers_close(&peers);
    }
}

static void both_narrow_at_once_and_nothing_leaves_that_one_had_taken_away(void **state)
{
    begin(state);
    in_force();
    draft(0, terms("\"sightings\":true", "\"sightings\":false"));
    draft(1, terms("\"affected\":true", "\"affected\":false"));
    test_ok(offer(0));
    test_ok(offer(1));
    test_peer_sign(&peers.rows[0]);
    test_peer_sign(&peers.rows[1]);
    for (int turn = 0; turn < 2; turn++) {
        test_carry(&peers, 0, 1, NULL);
        test_carry(&peers, 1, 0, NULL);
    }
    for (size_t node = 0; node < 2; node++) {
        assert_int_equal(at(node).version, 2);
        assert_true(slice_eq(at(node).terms, at(0).terms));
        assert_int_equal(at(node).state, AGREEMENT_SUSPENDED);
    }
    size_t yielded = at(0).suspended == AGREEMENT_US ? 0 : 1;
    assert_int_equal(at(1 - yielded).suspended, AGREEMENT_THEM);
    /* Its two persons offer what they had meant, and go on. */
    struct share_proposal proposal;
    struct test_peer *peer = &peers.rows[yielded];
    draft(yielded, terms("\"affected\":true,\"from\"", "\"affected\":false,\"from\""));
    test_ok(offer(yielded));
    test_ok(share_agreement_resume(
            peer->store.db, &peer->ayu, at(yielded).number, S("looked at"), peer->store.arena, &proposal));
    test_ok(test_second(peer, &proposal));
    test_carry(&peers, yielded, 1 - yielded, NULL);
    assert_int_equal(at(1 - yielded).state, AGREEMENT_IN_FORCE);
}

static void either_side_suspends_and_only_it_resumes(void **state)
{
    struct share_proposal proposal;
    begin(state);
    in_force();
    struct test_peer *peer = &peers.rows[1], *other = &peers.rows[0];
    test_ok(share_agreement_suspend(
            peer->store.db, &peer->store.actor, at(1).number, S("elections"), peer->store.arena, &proposal));
    assert_true(proposal.done);
    assert_int_equal(at(1).state, AGREEMENT_SUSPENDED);
    test_carry(&peers, 1, 0, NULL);
    assert_int_equal(at(0).state, AGREEMENT_SUSPENDED);
    assert_int_equal(at(0).suspended, AGREEMENT_THEM);
    assert_int_equal(at(0).generation, 2);
    test_ok(share_agreement_resume(
            other->store.db, &other->ayu, at(0).number, S("please"), other->store.arena, &proposal));
    test_refused(test_second(other, &proposal), ERR_CONFLICT, "who suspended it");
    test_ok(share_agreement_resume(peer->store.db, &peer->ayu, at(1).number, S("over"), peer->store.arena, &proposal));
    test_ok(test_second(peer, &proposal));
    test_carry(&peers, 1, 0, NULL);
    assert_int_equal(at(0).state, AGREEMENT_IN_FORCE);
    assert_int_equal(at(0).generation, 3);
}

static void it_ends_at_the_second_that_was_said(void **state)
{
    struct share_proposal proposal;
    size_t count;
    begin(state);
    in_force();
    struct test_peer *peer = &peers.rows[0];
    int64_t end_us = BASE_US + 5 * DAY_US;
    test_ok(share_agreement_end(
            peer->store.db, &peer->store.actor, at(0).number, end_us, S("by law"), peer->store.arena, &proposal));
    assert_true(proposal.done);
    test_carry(&peers, 0, 1, NULL);
    for (size_t node = 0; node < 2; node++) {
        assert_int_equal(at(node).state, AGREEMENT_IN_FORCE);
        assert_int_equal(at(node).until_us, end_us);
    }
    draft_refused(1, "announced");
    clock_set(end_us - 1);
    test_ok(share_agreements_due(peer->store.db, &peer->store.actor, peer->store.arena, &count));
    assert_int_equal(at(0).state, AGREEMENT_IN_FORCE);
    clock_set(end_us);
    for (size_t node = 0; node < 2; node++) {
        struct test_store *store = &peers.rows[node].store;
        test_ok(share_agreements_due(store->db, &store->actor, store->arena, &count));
        assert_int_equal(count, 1);
        assert_int_equal(at(node).state, AGREEMENT_ENDED);
        assert_int_equal(at(node).ended_us, end_us);
        assert_int_equal(test_acts(store, "agreement.ended"), 1);
    }
    clock_set(BASE_US); /* another one may be made */
    in_force();
    assert_int_equal(at(0).generation, 1);
}

static void it_ends_with_the_partner(void **state)
{
    begin(state);
    in_force();
    struct test_peer *peer = &peers.rows[0];
    const struct share_partner_ending ending = {.at_us = BASE_US + DAY_US, .reason = S("by law")};
    test_ok(share_partner_end(peer->store.db, &peer->store.actor, NULL, peer->number[1], &ending, peer->store.arena));
    assert_int_equal(at(0).until_us, BASE_US + DAY_US);
    assert_int_equal(at(0).state, AGREEMENT_IN_FORCE);
    assert_int_equal(test_acts(&peer->store, "agreement.ending"), 1);
}

static void it_expires_and_is_told_before(void **state)
{
    static const struct {
        int days; /* before the end */
        size_t reminders;
    } steps[] = {{91, 0}, {90, 1}, {89, 1}, {31, 1}, {30, 2}, {8, 2}, {6, 3}, {1, 3}, {0, 3}};
    size_t count;
    begin(state);
    in_force();
    struct test_store *store = &peers.rows[0].store;
    int64_t end_us = at(0).until_us;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        clock_set(end_us - steps[i].days * DAY_US);
        for (int twice = 0; twice < 2; twice++)
            test_ok(share_agreements_due(store->db, &store->actor, store->arena, &count));
        assert_int_equal(test_acts(store, "agreement.reminder"), steps[i].reminders);
    }
    assert_int_equal(at(0).state, AGREEMENT_ENDED);
}

/* A statement of the second node to the first about their agreement. */
static slice said(const char *type, slice agreement, int64_t version, const char *body)
{
    struct test_store *store = &peers.rows[0].store;
    struct share_letter letter = test_letter(store, &peers.rows[1].as, type, body);
    letter.agreement = agreement;
    letter.agreement_version = version;
    return test_sign(store, &letter, &peers.rows[1].as.message);
}

static void what_does_not_fit_is_refused_and_changes_nothing(void **state)
{
    begin(state);
    in_force();
    struct test_store *store = &peers.rows[0].store;
    struct agreement before = at(0);
    slice id = before.id, other = S("12345678-1234-4234-8234-123456789abc");
    const char *digest = arena_printf(store->arena, "{\"terms\":\"%064d\"}", 0);
    const char *expired =
            arena_printf(store->arena, "{\"previous\":\"\",\"terms\":%.*s}", (int)before.terms.len, before.terms.ptr);
    const struct {
        slice agreement;
        const char *type;
        int64_t version;
        const char *body, *why;
    } cases[] = {
            {id, "agreement.accept", 2, digest, "version 2 of the agreement is not there"},
            {id, "agreement.accept", 1, digest, "is held, not signed"},
            {other, "agreement.accept", 1, digest, "no such agreement"},
            {other, "agreement.suspend", 1, "{}", "no such agreement"},
            {other, "agreement.offer", 7, expired, "the terms are version 1"},
            {other, "agreement.offer", 1, expired, "an agreement between us already"},
            {id, "agreement.offer", 1, expired, "the next one is 2, not 1"},
            {id, "agreement.offer", 2, "{\"previous\":\"\",\"terms\":{}}", "it is missing"},
            {id, "agreement.offer", 2, "{\"previous\":\"\"}", "terms"},
            {id, "agreement.suspend", 1, "{\"reason\":\"x\",\"also\":1}", "also"},
            {id, "agreement.resume", 1, "{}", "who suspended it"},
            {id, "agreement.end", 1, "{\"at\":\"soon\"}", "at"},
            {id, "agreement.surprise", 1, "{}", "nobody here understands"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct share_mail mail = test_post_take(
                &peers.rows[0], said(cases[i].type, cases[i].agreement, cases[i].version, cases[i].body));
        if (mail.answered != SHARE_REFUSED || strstr(mail.why.ptr, cases[i].why) == NULL)
            fail_msg("%zu: %d %.*s", i, mail.answered, (int)mail.why.len, mail.why.ptr);
        struct agreement now = at(0);
        assert_int_equal(now.generation, before.generation);
        assert_int_equal(now.state, before.state);
        assert_int_equal(now.version, before.version);
    }
    /* The same again: what was refused stays refused, what was taken is not done twice. */
    slice suspend = said("agreement.suspend", id, 1, "{}");
    assert_int_equal(test_post_take(&peers.rows[0], suspend).answered, SHARE_TAKEN);
    assert_int_equal(test_post_take(&peers.rows[0], suspend).answered, SHARE_AGAIN);
    assert_int_equal(at(0).generation, before.generation + 1);
}

static void a_stranger_signs_nothing(void **state)
{
    struct share_mail mail;
    begin(state);
    in_force();
    struct test_store *store = &peers.rows[0].store;
    struct share_letter letter =
            test_letter(store, &peers.rows[1].as, "agreement.end", "{\"at\":\"2026-11-20T00:00:00Z\"}");
    letter.agreement = at(0).id;
    slice forged = test_sign(store, &letter, &peers.rows[0].as.message);
    assert_int_equal(share_post_take(store->db, forged, store->arena, &mail).kind, ERR_AUTH);
    letter.expires_us = BASE_US - 1;
    letter.issued_us = BASE_US - DAY_US;
    slice late = test_sign(store, &letter, &peers.rows[1].as.message);
    assert_int_equal(share_post_take(store->db, late, store->arena, &mail).kind, ERR_AUTH);
    assert_int_equal(at(0).state, AGREEMENT_IN_FORCE);
}

static void who_has_no_keys_agrees_in_words(void **state)
{
    struct share_proposal proposal;
    int64_t partner, number;
    begin(state);
    struct test_peer *peer = &peers.rows[0];
    const struct share_partner_taxii taxii = {.name = S("CERT Tanpa Kunci"), .country = S("SG")};
    test_ok(share_partner_add_taxii(peer->store.db, &peer->store.actor, &taxii, peer->store.arena, &partner));
    test_ok(share_agreement_draft(
            peer->store.db, &peer->store.actor, partner, S("{" TEST_TERMS_REST "}"), peer->store.arena, &number));
    test_ok(share_agreement_offer(
            peer->store.db, &peer->ayu, number, S("as talked over"), peer->store.arena, &proposal));
    test_ok(test_second(peer, &proposal));
    test_peer_sign(peer);
    test_ok(share_agreement_accept(peer->store.db, &peer->ayu, number, S("Letter of 3 November, signed by its head"),
            S("on paper"), peer->store.arena, &proposal));
    test_ok(test_second(peer, &proposal));
    struct agreement row;
    struct agreement_version version;
    test_ok(store_agreement_get(peer->store.db, number, peer->store.arena, &row));
    test_ok(store_agreement_version_get(peer->store.db, number, 1, peer->store.arena, &version));
    assert_int_equal(row.state, AGREEMENT_IN_FORCE);
    assert_true(slice_starts(version.theirs, S("Letter of 3 November")));
    assert_true(version.ours.len > 0);
}

static void terms_that_expired_before_they_are_signed_hold_nothing_up(void **state)
{
    begin(state);
    draft(0, terms("2027-12-31T23:59:59Z", "2026-11-20T00:00:00Z"));
    test_ok(offer(0));
    test_carry(&peers, 0, 1, NULL);
    test_ok(accept(1));
    clock_set(BASE_US + 3 * DAY_US);
    test_peer_sign(&peers.rows[1]);
    assert_int_equal(test_acts(&peers.rows[1].store, "statement.unsigned"), 1);
    assert_int_equal(at(1).version, 0);
    assert_int_equal(at(1).state, AGREEMENT_OFFERED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(it_is_in_force_when_both_have_signed, set_up, leave),
            TEST_ON(DB_SQLITE, "one_person_alone_offers_nothing", one_person_alone_offers_nothing, set_up, leave),
            TEST_ON_BOTH(what_narrows_holds_at_once, set_up, leave),
            TEST_ON_BOTH(what_widens_waits_for_two_persons, set_up, leave),
            TEST_ON(DB_SQLITE, "the_receiver_finds_out_itself_what_widens", the_receiver_finds_out_itself_what_widens,
                    set_up, leave),
            TEST_ON(DB_SQLITE, "what_was_refused_can_be_offered_anew", what_was_refused_can_be_offered_anew, set_up,
                    leave),
            TEST_ON(DB_SQLITE, "both_offer_at_once_and_one_counts", both_offer_at_once_and_one_counts, set_up, leave),
            TEST_ON(DB_SQLITE, "what_narrows_goes_before_what_waits", what_narrows_goes_before_what_waits, set_up,
                    leave),
            TEST_ON_BOTH(both_narrow_at_once_and_nothing_leaves_that_one_had_taken_away, set_up, leave),
            TEST_ON(DB_SQLITE, "either_side_suspends_and_only_it_resumes", either_side_suspends_and_only_it_resumes,
                    set_up, leave),
            TEST_ON_BOTH(it_ends_at_the_second_that_was_said, set_up, leave),
            TEST_ON(DB_SQLITE, "it_ends_with_the_partner", it_ends_with_the_partner, set_up, leave),
            TEST_ON_BOTH(it_expires_and_is_told_before, set_up, leave),
            TEST_ON_BOTH(what_does_not_fit_is_refused_and_changes_nothing, set_up, leave),
            TEST_ON(DB_SQLITE, "a_stranger_signs_nothing", a_stranger_signs_nothing, set_up, leave),
            TEST_ON(DB_SQLITE, "who_has_no_keys_agrees_in_words", who_has_no_keys_agrees_in_words, set_up, leave),
            TEST_ON(DB_SQLITE, "terms_that_expired_before_they_are_signed_hold_nothing_up",
                    terms_that_expired_before_they_are_signed_hold_nothing_up, set_up, leave),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
