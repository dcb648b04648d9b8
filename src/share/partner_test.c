/* SPDX-License-Identifier: Apache-2.0 */
#include "share/partner.h"

#include "base/arena.h"
#include "share/test_partner.h"
#include "share/visitor.h"
#include "store/collection.h"
#include "store/session.h"
#include "store/token.h"

#define NOON INT64_C(1800014400000000)

static int noon(void **state)
{
    int status = set_up(state);
    clock_set(NOON);
    return status;
}

static int64_t rows_of(struct test_store *store, const char *table)
{
    /* Statements are known by their address: one for each table that is asked for. */
    static const char PARTNERS[] = "SELECT count(*) FROM partner", KEYS[] = "SELECT count(*) FROM node_key",
                      ORGANISATIONS[] = "SELECT count(*) FROM organisation", PEOPLE[] = "SELECT count(*) FROM person",
                      COLLECTIONS[] = "SELECT count(*) FROM collection";
    const char *sql = strcmp(table, "partner") == 0        ? PARTNERS
                      : strcmp(table, "node_key") == 0     ? KEYS
                      : strcmp(table, "organisation") == 0 ? ORGANISATIONS
                      : strcmp(table, "person") == 0       ? PEOPLE
                                                           : COLLECTIONS;
    int64_t count;
    test_ok(db_one(store->db, sql, NULL, 0, 0, &count));
    return count;
}

/* ---- Adding ---- */

static void what_comes_with_a_partner(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_node(store, "kenanga");
    test_own_node(store);
    test_introduced(store, &node);
    struct partner partner = test_partner(store, node.partner);
    struct collection inbox;
    struct organisation organisation;
    assert_int_equal(partner.state, PARTNER_CANDIDATE);
    assert_true(slice_eq(partner.name, S("kenanga")) && slice_eq(partner.account_name, S("partner-kenanga")));
    assert_int_equal(partner.outbox.len, 36);
    test_ok(store_collection_get(store->db, partner.inbox, store->arena, &inbox));
    assert_true(slice_eq(inbox.source_name, S("partner/kenanga")) && inbox.source == partner.source);
    test_ok(store_organisation_get(store->db, partner.organisation, store->arena, &organisation));
    assert_true(slice_eq(organisation.identity, node.node) && organisation.relation == RELATION_PARTNER);
    const struct actor its = {.organisation = partner.organisation, .user = partner.account, .how = ACTOR_TOKEN};
    test_ok(store_collection_may_write(store->db, &its, partner.inbox));
    assert_int_equal(test_acts(store, "partner.introduced"), 1);
}

/* All of it or nothing: the name is another's, the identity or a key somebody else's. */
static void nothing_half_stored(void **state)
{
    struct test_store *store = ready(state);
    struct test_node first = test_node(store, "kenanga"), second = test_node(store, "kenanga");
    struct share_introduction read;
    int64_t number;
    test_own_node(store);
    test_introduced(store, &first);
    static const char *const tables[] = {"partner", "node_key", "organisation", "person", "collection"};
    int64_t before[COUNT_OF(tables)];
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        before[i] = rows_of(store, tables[i]);
    test_ok(share_introduction_read(test_introduction(store, &second), NOON, store->arena, &read));
    test_refused(share_partner_add(store->db, &store->actor, &read, S(""), store->arena, &number), ERR_CONFLICT,
            "there is an organisation \"kenanga\" already");
    second.message = first.message;
    test_ok(share_introduction_read(test_introduction(store, &second), NOON, store->arena, &read));
    test_refused(share_partner_add(store->db, &store->actor, &read, S("other"), store->arena, &number), ERR_CONFLICT,
            "message key of the introduction is known here already");
    test_ok(share_own_node(store->db, store->arena, &second.node));
    key_new(&second.message);
    test_ok(share_introduction_read(test_introduction(store, &second), NOON, store->arena, &read));
    test_refused(share_partner_add(store->db, &store->actor, &read, S("other"), store->arena, &number), ERR_CONFLICT,
            "our own introduction");
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        assert_int_equal(rows_of(store, tables[i]), before[i]);
}

static void who_may(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_node(store, "kenanga");
    struct share_introduction read;
    int64_t number;
    test_own_node(store);
    struct actor analyst = test_person(store, "analis", ROLE_ANALYST);
    struct actor manager = test_person(store, "manajer", ROLE_MANAGER);
    struct actor officer = test_person(store, "jaga", ROLE_DUTY_OFFICER);
    test_ok(share_introduction_read(test_introduction(store, &node), NOON, store->arena, &read));
    test_refused(share_partner_add(store->db, &analyst, &read, S(""), store->arena, &number), ERR_DENIED,
            "may not change partners");
    test_ok(share_partner_add(store->db, &manager, &read, S(""), store->arena, &number));
    slice words = test_words(store, &node);
    test_refused(share_partner_confirm(store->db, &officer, NULL, number, words, store->arena), ERR_DENIED,
            "may not change partners");
    const struct share_partner_ending ending = {.reason = S("a mistake")};
    test_refused(share_partner_end(store->db, &analyst, NULL, number, &ending, store->arena), ERR_DENIED,
            "may not stop sharing");
    test_ok(share_partner_end(store->db, &officer, NULL, number, &ending, store->arena));
}

/* ---- Confirming ---- */

static struct err confirm(struct test_store *store, const struct test_node *node, slice typed)
{
    return share_partner_confirm(store->db, &store->actor, NULL, node->partner, typed, store->arena);
}

static void a_wrong_fingerprint_is_refused(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_node(store, "kenanga"), other = test_node(store, "melati");
    struct share_comparison comparison;
    test_own_node(store);
    test_introduced(store, &node);
    struct partner partner = test_partner(store, node.partner);
    test_ok(share_partner_comparison(store->db, &partner, store->arena, &comparison));
    test_refused(confirm(store, &node, test_words(store, &other)), ERR_DENIED, "not the fingerprint");
    test_refused(confirm(store, &node, S("yes")), ERR_DENIED, "not the fingerprint");
    test_refused(confirm(store, &node, S("")), ERR_DENIED, "not the fingerprint");
    /* Ours is what we read to them: to hear it back confirms nothing. */
    test_refused(confirm(store, &node, share_fingerprint_words(&comparison.ours, store->arena)), ERR_DENIED, "not the");
    assert_int_equal(test_partner(store, node.partner).state, PARTNER_CANDIDATE);
    assert_int_equal(test_acts(store, "partner.refused"), 4);
    test_ok(confirm(store, &node, test_words(store, &node)));
    assert_int_equal(test_partner(store, node.partner).state, PARTNER_CONFIRMED);
    /* Again, since ours may be new: what is typed counts as before. */
    test_ok(confirm(store, &node, test_words(store, &node)));
    test_refused(confirm(store, &node, test_words(store, &other)), ERR_DENIED, "not the fingerprint");
    assert_int_equal(test_partner(store, node.partner).state, PARTNER_CONFIRMED);
}

static void the_common_one_confirms_too(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_node(store, "kenanga");
    struct share_comparison comparison;
    test_own_node(store);
    test_introduced(store, &node);
    struct partner partner = test_partner(store, node.partner);
    test_ok(share_partner_comparison(store->db, &partner, store->arena, &comparison));
    test_ok(confirm(store, &node, share_fingerprint_digits(&comparison.common, store->arena)));
    assert_int_equal(test_partner(store, node.partner).state, PARTNER_CONFIRMED);
}

static void hello_makes_it_active(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_node(store, "kenanga");
    test_own_node(store);
    test_introduced(store, &node);
    test_refused(test_take(store, test_hello(store, &node)), ERR_CONFLICT, "compared your fingerprint");
    test_ok(confirm(store, &node, test_words(store, &node)));
    struct share_letter away = test_letter(store, &node, "partner.hello",
            "{\"inbox\":\"https://kenanga.example/i/\",\"outbox\":\"https://192.0.2.1/o/\"}");
    test_refused(test_take(store, test_sign(store, &away, &node.message)), ERR_DENIED, "are at the node");
    test_ok(test_take(store, test_hello(store, &node)));
    struct partner partner = test_partner(store, node.partner);
    assert_int_equal(partner.state, PARTNER_ACTIVE);
    assert_true(slice_eq(partner.remote_inbox, S("https://kenanga.example/taxii2/main/collections/inbox/")));
    assert_true(slice_eq(partner.remote_outbox, S("https://kenanga.example/taxii2/main/collections/outbox/")));
}

/* ---- Statements ---- */

static void statements_that_are_not_taken(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_partner_active(store, "kenanga"), stranger = test_node(store, "melati");
    const struct share_letter good = test_letter(store, &node, "log.grown", "{}");
    const struct {
        const char *why;
        slice to, from;
        int64_t issued_us, expires_us;
        const struct key_pair *key;
    } rows[] = {
            {"not for us", node.node, good.from, good.issued_us, good.expires_us, &node.message},
            {"not for us", S(""), good.from, good.issued_us, good.expires_us, &node.message},
            {"not for us", S("33333333-3333-4333-8333-333333333333"), good.from, NOON, good.expires_us, &node.message},
            {"from no partner", good.to, stranger.node, NOON, good.expires_us, &stranger.message},
            {"no message key of kenanga", good.to, good.from, NOON, good.expires_us, &stranger.message},
            {"no message key of kenanga", good.to, good.from, NOON, good.expires_us, &node.log},
            {"no message key of kenanga", good.to, good.from, NOON, good.expires_us, &node.identity},
            {"has expired", good.to, good.from, NOON - DAY_US, NOON, &node.message},
            {"in our future", good.to, good.from, NOON + 11 * MINUTE_US, good.expires_us, &node.message},
            {"nobody remembers", good.to, good.from, NOON, NOON + 32 * DAY_US, &node.message},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct share_letter letter = good;
        letter.to = rows[i].to;
        letter.from = rows[i].from;
        letter.issued_us = rows[i].issued_us;
        letter.expires_us = rows[i].expires_us;
        test_refused(test_take(store, test_sign(store, &letter, rows[i].key)), ERR_AUTH, rows[i].why);
    }
    slice text = test_sign(store, &good, &node.message);
    slice forged = test_replaced(store, text, "\"sequence\":0", "\"sequence\":1");
    test_refused(test_take(store, forged), ERR_AUTH, "not by the key that it names");
    test_ok(test_take(store, text));
    test_refused(test_take(store, text), ERR_DENIED, "a replay");
}

static void states_and_statements(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_partner_active(store, "kenanga");
    struct share_letter letter = test_letter(store, &node, "log.grown", "{}");
    test_ok(share_partner_suspend(store->db, &store->actor, node.partner, S("we look into something"), store->arena));
    test_ok(test_take(store, test_sign(store, &letter, &node.message)));
    test_ok(share_partner_resume(store->db, &store->actor, node.partner, S("it is well"), store->arena));
    const struct share_partner_ending ending = {.reason = S("they leave")};
    test_ok(share_partner_end(store->db, &store->actor, NULL, node.partner, &ending, store->arena));
    test_refused(test_take(store, test_sign(store, &letter, &node.message)), ERR_DENIED, "no partner that is ended");
    letter.type = S("recall.answer");
    test_ok(test_take(store, test_sign(store, &letter, &node.message)));
    test_refused(share_partner_end(store->db, &store->actor, NULL, node.partner, &ending, store->arena), ERR_CONFLICT,
            "has ended already");
    test_refused(share_partner_resume(store->db, &store->actor, node.partner, S(""), store->arena), ERR_CONFLICT,
            "is not suspended");
}

/* ---- The end ---- */

static bool is_served(struct test_store *store, int64_t number)
{
    static const char SERVED[] = "SELECT p.number FROM partner p WHERE p.number = $1 AND " PARTNER_IS_SERVED("$2");
    int64_t found;
    const struct db_value values[] = {db_i64(number), db_i64(clock_now_us())};
    test_ok(db_one(store->db, SERVED, values, COUNT_OF(values), 0, &found));
    return found != 0;
}

struct letting_in {
    int64_t person;
    struct sha256 secret;
};

static struct err let_in(struct work *work, void *context)
{
    const struct letting_in *in = context;
    const struct token_put token = {.person = in->person,
            .name = S("its client"),
            .scopes = SCOPE_TAXII,
            .secret = &in->secret,
            .ends_us = NOON + 10 * DAY_US};
    int64_t number;
    return store_token_add(work, &token, &number);
}

static bool rests(struct test_store *store, int64_t person)
{
    struct user user;
    test_ok(store_user_get(store->db, person, store->arena, &user));
    assert_int_equal(user.state, USER_ACTIVE);
    return store_user_rests(&user, clock_now_us());
}

static void the_end_comes_to_the_second(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_partner_active(store, "kenanga");
    struct partner partner = test_partner(store, node.partner);
    struct letting_in in = {partner.account, hash_sha256(S("secret"))};
    const struct share_partner_ending ending = {.at_us = NOON + HOUR_US, .reason = S("they leave")};
    test_ok(test_work(store, let_in, &in));
    test_ok(share_partner_end(store->db, &store->actor, NULL, node.partner, &ending, store->arena));

    clock_set(NOON + HOUR_US - 1);
    struct share_letter letter = test_letter(store, &node, "log.grown", "{}");
    assert_true(is_served(store, node.partner) && !rests(store, partner.account));
    test_ok(test_take(store, test_sign(store, &letter, &node.message)));
    assert_int_equal(test_partner(store, node.partner).state, PARTNER_ACTIVE);

    clock_set(NOON + HOUR_US);
    assert_false(is_served(store, node.partner));
    assert_true(rests(store, partner.account));
    test_refused(test_take(store, test_sign(store, &letter, &node.message)), ERR_DENIED, "no partner that is ended");
    assert_int_equal(test_partner(store, node.partner).state, PARTNER_ENDED);
}

static void a_stolen_key_is_not_waited_for(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_partner_active(store, "kenanga");
    struct share_partner_ending ending = {
            .at_us = NOON + HOUR_US, .reason = S("they leave"), .stolen = true, .key = node.identity.public};
    ending.key.bytes[0] ^= 1;
    test_refused(share_partner_end(store->db, &store->actor, NULL, node.partner, &ending, store->arena), ERR_MISSING,
            "no such key");
    ending.key = node.message.public;
    test_ok(share_partner_end(store->db, &store->actor, NULL, node.partner, &ending, store->arena));
    struct share_letter letter = test_letter(store, &node, "log.grown", "{}");
    letter.issued_us = NOON - DAY_US; /* whatever it says of its own time */
    slice text = test_sign(store, &letter, &node.message);
    struct share_letter read = test_read(store, text);
    struct err err = test_take(store, text);
    test_refused(err, ERR_AUTH, "was revoked at 2027-01-15T12:00:00.000000Z");
    assert_int_equal(test_acts(store, "partner.alarm"), 1);
    for (int i = 0; i < 3; i++)
        test_ok(share_partner_alarm(store->db, &store->actor, &read, err.why, store->arena));
    assert_int_equal(test_acts(store, "partner.alarm"), 2);
    clock_set(NOON + SHARE_ALARM_US);
    test_ok(share_partner_alarm(store->db, &store->actor, &read, err.why, store->arena));
    assert_int_equal(test_acts(store, "partner.alarm"), 3);
    struct share_letter forged = test_read(store, test_replaced(store, text, "\"sequence\":0", "\"sequence\":1"));
    clock_set(NOON + HOUR_US);
    test_ok(share_partner_alarm(store->db, &store->actor, &forged, err.why, store->arena));
    assert_int_equal(test_acts(store, "partner.alarm"), 3); /* anybody can write that key into a statement */
}

/* Whoever has it tries to read what was released, too. */
static void a_visit_with_a_stolen_key_alarms(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_partner_active(store, "kenanga");
    const struct share_keys keys = {.node = node.node, .message = node.message};
    const struct share_partner_ending ending = {
            .at_us = NOON + HOUR_US, .reason = S("they leave"), .stolen = true, .key = node.message.public};
    struct share_visitor visitor;
    const char *shown;
    slice own;
    test_ok(share_own_node(store->db, store->arena, &own));
    test_ok(share_visit_write(&keys, own, store->arena, &shown));
    slice visit = slice_from(slice_of(shown), strlen(SHARE_VISIT_SCHEME " "));
    test_ok(share_visitor_find(store->db, visit, store->arena, &visitor));
    assert_int_equal(visitor.partner, node.partner);
    test_ok(share_partner_end(store->db, &store->actor, NULL, node.partner, &ending, store->arena));
    test_refused(share_visitor_find(store->db, visit, store->arena, &visitor), ERR_AUTH, "this visit is not good");
    assert_int_equal(test_acts(store, "partner.alarm"), 2);
}

static void who_comes_back_needs_new_keys(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_partner_active(store, "kenanga"), anew = test_node(store, "kenanga");
    struct partner before = test_partner(store, node.partner);
    struct share_introduction read;
    int64_t number;
    test_ok(share_introduction_read(test_introduction(store, &node), NOON, store->arena, &read));
    test_refused(share_partner_add(store->db, &store->actor, &read, S(""), store->arena, &number), ERR_CONFLICT,
            "is a partner already (active)");
    const struct share_partner_ending ending = {.reason = S("they leave")};
    test_ok(share_partner_end(store->db, &store->actor, NULL, node.partner, &ending, store->arena));
    test_refused(share_partner_add(store->db, &store->actor, &read, S(""), store->arena, &number), ERR_CONFLICT,
            "new keys are needed");
    anew.node = node.node;
    test_introduced(store, &anew);
    struct partner after = test_partner(store, anew.partner);
    assert_int_equal(anew.partner, node.partner);
    assert_int_equal(after.state, PARTNER_CANDIDATE);
    assert_true(slice_eq(after.outbox, before.outbox) && after.account == before.account);
    assert_int_equal(after.remote_inbox.len, 0);
    test_refused(confirm(store, &node, test_words(store, &node)), ERR_DENIED, "not the fingerprint");
    test_ok(confirm(store, &anew, test_words(store, &anew)));
    test_ok(test_take(store, test_hello(store, &anew)));
    test_refused(test_take(store, test_hello(store, &node)), ERR_AUTH, "was revoked at");
    assert_int_equal(test_partner(store, node.partner).state, PARTNER_ACTIVE);
    assert_true(is_served(store, node.partner));
}

static void taxii_partners(void **state)
{
    struct test_store *store = ready(state);
    const struct share_partner_taxii taxii = {.name = S("Dinas Kesehatan (contoh)"), .country = S("ID"), .url = S("")};
    struct share_partner_taxii odd = taxii;
    int64_t number;
    test_own_node(store);
    test_ok(share_partner_add_taxii(store->db, &store->actor, &taxii, store->arena, &number));
    struct partner partner = test_partner(store, number);
    assert_int_equal(partner.state, PARTNER_ACTIVE);
    assert_true(slice_eq(partner.account_name, S("partner-dinas-kesehatan-contoh")));
    assert_false(rests(store, partner.account));
    odd.name = S("DINAS KESEHATAN contoh");
    test_ok(share_partner_add_taxii(store->db, &store->actor, &odd, store->arena, &number));
    assert_true(slice_eq(test_partner(store, number).account_name, S("partner-dinas-kesehatan-contoh-2")));
    odd.url = S("file:///etc/passwd");
    test_refused(share_partner_add_taxii(store->db, &store->actor, &odd, store->arena, &number), ERR_INPUT, "no URL");
    struct share_comparison comparison;
    test_refused(share_partner_comparison(store->db, &partner, store->arena, &comparison), ERR_INPUT, "no keys");
    assert_non_null(share_partner_limits(PARTNER_TAXII)[0]);
    assert_null(share_partner_limits(PARTNER_NODE)[0]);
    test_ok(share_partner_suspend(store->db, &store->actor, partner.number, S("a while"), store->arena));
    assert_true(rests(store, partner.account));
    test_ok(share_partner_resume(store->db, &store->actor, partner.number, S("again"), store->arena));
    assert_false(rests(store, partner.account));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_comes_with_a_partner, noon, tear_down),
            TEST_ON_BOTH(nothing_half_stored, noon, tear_down),
            TEST_ON_BOTH(who_may, noon, tear_down),
            TEST_ON_BOTH(a_wrong_fingerprint_is_refused, noon, tear_down),
            TEST_ON_BOTH(the_common_one_confirms_too, noon, tear_down),
            TEST_ON_BOTH(hello_makes_it_active, noon, tear_down),
            TEST_ON_BOTH(statements_that_are_not_taken, noon, tear_down),
            TEST_ON_BOTH(states_and_statements, noon, tear_down),
            TEST_ON_BOTH(the_end_comes_to_the_second, noon, tear_down),
            TEST_ON_BOTH(a_stolen_key_is_not_waited_for, noon, tear_down),
            TEST_ON_BOTH(a_visit_with_a_stolen_key_alarms, noon, tear_down),
            TEST_ON_BOTH(who_comes_back_needs_new_keys, noon, tear_down),
            TEST_ON_BOTH(taxii_partners, noon, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
