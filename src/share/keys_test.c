/* SPDX-License-Identifier: Apache-2.0 */
#include "share/keys.h"

#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "share/sign.h"
#include "share/test_partner.h"
#include "store/delivery.h"
#include "store/ledger.h"

#define NOON INT64_C(1800014400000000)

static int noon(void **state)
{
    int status = set_up(state);
    clock_set(NOON);
    return status;
}

/* ---- Our own ---- */

static const char *file(struct test_store *store, const char *name)
{
    return arena_printf(store->arena, "%s/%s", store->base->folder, name);
}

static struct err make(struct test_store *store, const char *identity)
{
    return share_keys_make(store->db, &store->actor, store->base->folder,
            &(struct share_key_asking){.identity = identity}, store->arena);
}

static struct err opens(struct test_store *store, struct share_keys *keys)
{
    return share_keys_open(store->db, store->base->folder, clock_now_us(), store->arena, keys);
}

static void own(struct test_store *store)
{
    int64_t number;
    test_ok(test_work(store, test_own_action, &number));
}

static size_t own_keys(struct test_store *store)
{
    struct node_key *rows;
    size_t count;
    test_ok(store_node_key_list(store->db, 0, store->arena, &rows, &count));
    return count;
}

static void keys_are_made_once(void **state)
{
    struct test_store *store = ready(state);
    struct share_keys keys, again;
    own(store);
    test_refused(opens(store, &keys), ERR_MISSING, "partner key make");
    test_ok(make(store, NULL));
    test_ok(opens(store, &keys));
    test_ok(make(store, NULL));
    test_ok(opens(store, &again));
    assert_memory_equal(&keys.message, &again.message, sizeof keys.message);
    assert_int_equal(own_keys(store), 4);
    assert_int_equal(test_acts(store, "partner.key"), 4);
}

/* Who serves never needs the identity, which lies in a safe. */
static void without_the_identity(void **state)
{
    struct test_store *store = ready(state);
    struct share_keys keys;
    own(store);
    test_ok(make(store, NULL));
    assert_int_equal(rename(file(store, "identity.key"), file(store, "safe")), 0);
    test_ok(opens(store, &keys));
    test_ok(make(store, NULL)); /* nothing is missing */
    test_refused(share_key_rotate(store->db, &store->actor, store->base->folder, &(struct share_key_asking){0},
                         SHARE_MESSAGE, store->arena),
            ERR_MISSING, "bring it from its safe");
    assert_int_equal(own_keys(store), 4);
    test_ok(share_key_rotate(store->db, &store->actor, store->base->folder,
            &(struct share_key_asking){.identity = file(store, "safe")}, SHARE_MESSAGE, store->arena));
    assert_int_equal(own_keys(store), 5);
    test_refused(share_key_rotate(store->db, &store->actor, store->base->folder,
                         &(struct share_key_asking){.identity = file(store, "log.key")}, SHARE_MESSAGE, store->arena),
            ERR_CONFLICT, "not the identity key of this node");
}

static void a_rotated_key_overlaps(void **state)
{
    struct test_store *store = ready(state);
    struct share_keys old, fresh;
    struct key_public key;
    own(store);
    test_ok(make(store, NULL));
    test_ok(opens(store, &old));
    test_ok(share_key_rotate(
            store->db, &store->actor, store->base->folder, &(struct share_key_asking){0}, SHARE_LOG, store->arena));
    test_ok(opens(store, &fresh));
    assert_memory_not_equal(&old.log, &fresh.log, sizeof old.log);
    assert_memory_equal(&old.message, &fresh.message, sizeof old.message);
    clock_set(NOON + 1);
    test_ok(share_key_find(store->db, 0, SHARE_LOG, clock_now_us(), store->arena, &key));
    struct node_key row;
    test_ok(store_node_key_get(store->db, 0, S("log"), &old.log.public, store->arena, &row));
    test_ok(share_key_good(&row, NOON + SHARE_KEY_OVERLAP_US - 1, store->arena));
    test_refused(share_key_good(&row, NOON + SHARE_KEY_OVERLAP_US, store->arena), ERR_AUTH, "was good until");
    assert_int_equal(access(file(store, "log.key.new"), F_OK), -1);
}

static void a_revoked_key_is_replaced_even_if_it_is_lost(void **state)
{
    struct test_store *store = ready(state);
    struct share_keys old, fresh;
    struct node_key row;
    own(store);
    test_ok(make(store, NULL));
    test_ok(opens(store, &old));
    assert_int_equal(unlink(file(store, "message.key")), 0);
    test_refused(make(store, NULL), ERR_CONFLICT, "partner key revoke message");
    test_ok(share_key_revoke(
            store->db, &store->actor, store->base->folder, &(struct share_key_asking){0}, SHARE_MESSAGE, store->arena));
    test_ok(opens(store, &fresh));
    test_ok(store_node_key_get(store->db, 0, S("message"), &old.message.public, store->arena, &row));
    test_refused(share_key_good(&row, NOON, store->arena), ERR_AUTH, "was revoked at");
    test_refused(share_key_revoke(store->db, &store->actor, store->base->folder, &(struct share_key_asking){0},
                         SHARE_IDENTITY, store->arena),
            ERR_INPUT, "log, witness or message");
}

static void another_identity_makes_all_keys_anew(void **state)
{
    struct test_store *store = ready(state);
    struct share_keys old, fresh;
    struct key_public before, after;
    bool told;
    own(store);
    test_ok(make(store, NULL));
    test_ok(opens(store, &old));
    test_ok(share_key_find(store->db, 0, SHARE_IDENTITY, NOON, store->arena, &before));
    test_ok(share_identity_revoke(
            store->db, &store->actor, store->base->folder, &(struct share_key_asking){0}, &told, store->arena));
    assert_true(told);
    test_ok(opens(store, &fresh));
    test_ok(share_key_find(store->db, 0, SHARE_IDENTITY, NOON, store->arena, &after));
    assert_true(memcmp(&before, &after, sizeof before) != 0);
    assert_true(memcmp(&old.log.public, &fresh.log.public, sizeof before) != 0);
    assert_true(memcmp(&old.message.public, &fresh.message.public, sizeof before) != 0);
    /* Nobody has the old one any more: partners are told by what was made with it. */
    assert_int_equal(unlink(file(store, "identity.key")), 0);
    test_ok(share_identity_revoke(
            store->db, &store->actor, store->base->folder, &(struct share_key_asking){0}, &told, store->arena));
    assert_false(told);
    test_ok(make(store, NULL)); /* nothing is missing */
    /* The program died before they got their names. */
    assert_int_equal(rename(file(store, "identity.key"), file(store, "identity.key.new")), 0);
    assert_int_equal(rename(file(store, "log.key"), file(store, "log.key.new")), 0);
    test_ok(make(store, NULL));
    test_ok(opens(store, &fresh));
    assert_int_equal(own_keys(store), 12);
}

/* The program died when the new key was certified and had not got its name yet. */
static void what_was_broken_off_is_ended(void **state)
{
    struct test_store *store = ready(state);
    struct share_keys fresh, last;
    own(store);
    test_ok(make(store, NULL));
    assert_int_equal(link(file(store, "message.key"), file(store, "old.key")), 0);
    test_ok(share_key_rotate(
            store->db, &store->actor, store->base->folder, &(struct share_key_asking){0}, SHARE_MESSAGE, store->arena));
    test_ok(opens(store, &fresh));
    assert_int_equal(rename(file(store, "message.key"), file(store, "message.key.new")), 0);
    assert_int_equal(rename(file(store, "old.key"), file(store, "message.key")), 0);
    test_ok(share_key_rotate(
            store->db, &store->actor, store->base->folder, &(struct share_key_asking){0}, SHARE_MESSAGE, store->arena));
    test_ok(opens(store, &last));
    struct node_key row;
    test_ok(store_node_key_get(store->db, 0, S("message"), &fresh.message.public, store->arena, &row));
    assert_int_equal(row.until_us, NOON + SHARE_KEY_OVERLAP_US); /* it was in use, and was rotated */
    assert_int_equal(own_keys(store), 6);
}

static void keys_end(void **state)
{
    struct test_store *store = ready(state);
    struct share_keys keys;
    own(store);
    test_ok(make(store, NULL));
    clock_set(NOON + SHARE_KEY_LIFE_US);
    test_refused(opens(store, &keys), ERR_CONFLICT, "was good until");
}

static size_t waiting(struct test_store *store, const char *type)
{
    static const char WAITING[] = "SELECT count(*) FROM outgoing_statement WHERE type = $1";
    int64_t count;
    test_ok(db_one(store->db, WAITING, (struct db_value[]){db_text(slice_of(type))}, 1, 0, &count));
    return (size_t)count;
}

static void partners_are_told(void **state)
{
    struct test_store *store = ready(state);
    own(store);
    test_ok(make(store, NULL));
    struct test_node one = test_partner_active(store, "kenanga"), candidate = test_node(store, "melati");
    test_introduced(store, &candidate);
    test_ok(share_key_rotate(
            store->db, &store->actor, store->base->folder, &(struct share_key_asking){0}, SHARE_LOG, store->arena));
    assert_int_equal(waiting(store, "key.rotate"), 1);
    test_ok(share_key_revoke(
            store->db, &store->actor, store->base->folder, &(struct share_key_asking){0}, SHARE_LOG, store->arena));
    assert_int_equal(waiting(store, "key.revoke"), 1);
    assert_int_equal(waiting(store, "key.certify"), 1);
    assert_true(one.partner != candidate.partner);
}

/* ---- With a second person ---- */

/* The machine, from when a system administrator is there who could agree. */
static struct actor machine_of_two(const struct test_store *store)
{
    struct actor actor = store->actor;
    actor.others = 1u << ROLE_SYSADMIN;
    return actor;
}

static int64_t rotation_proposed(struct test_store *store, enum share_purpose purpose)
{
    struct actor machine = machine_of_two(store);
    struct share_key_asking asking = {.reason = S("it is old")};
    test_ok(share_key_rotate(store->db, &machine, store->base->folder, &asking, purpose, store->arena));
    assert_false(asking.proposal.done);
    return asking.proposal.number;
}

static void a_key_is_rotated_when_a_second_person_agrees(void **state)
{
    struct test_store *store = ready(state);
    struct share_keys before, waits, after;
    own(store);
    test_ok(make(store, NULL));
    struct actor rini = test_person(store, "rini", ROLE_SYSADMIN), machine = machine_of_two(store);
    test_partner_active(store, "kenanga");
    test_ok(opens(store, &before));
    int64_t number = rotation_proposed(store, SHARE_LOG);
    test_ok(opens(store, &waits));
    assert_memory_equal(&before.log, &waits.log, sizeof before.log);
    assert_int_equal(own_keys(store), 4);
    assert_int_equal(waiting(store, "key.rotate"), 0);
    test_refused(share_approve(store->db, &machine, number, NULL, store->arena), ERR_DENIED, "proposed it");
    test_ok(share_approve(store->db, &rini, number, NULL, store->arena));
    assert_int_equal(waiting(store, "key.rotate"), 1);
    assert_int_equal(own_keys(store), 5);
    test_ok(opens(store, &after)); /* the new one has taken its place */
    assert_memory_not_equal(&before.log, &after.log, sizeof before.log);
    assert_int_equal(access(file(store, "log.key.new"), F_OK), -1);
}

static void keys_that_were_changed_meanwhile_are_not_rotated(void **state)
{
    struct test_store *store = ready(state);
    own(store);
    test_ok(make(store, NULL));
    struct actor rini = test_person(store, "rini", ROLE_SYSADMIN);
    int64_t first = rotation_proposed(store, SHARE_LOG), second = rotation_proposed(store, SHARE_WITNESS);
    test_ok(share_approve(store->db, &rini, first, NULL, store->arena));
    test_refused(share_approve(store->db, &rini, second, NULL, store->arena), ERR_CONFLICT, "was changed after");
    assert_int_equal(own_keys(store), 5);
}

/* Only what the identity key signed is done, whoever agrees to it. */
static void keys_of_another_identity_are_not_certified(void **state)
{
    struct test_store *store = ready(state);
    struct share_proposal proposal;
    own(store);
    test_ok(make(store, NULL));
    struct actor rini = test_person(store, "rini", ROLE_SYSADMIN), machine = machine_of_two(store);
    struct test_node thief = test_node(store, "thief");
    const char *key = arena_cstr(store->arena, share_key_text(&thief.identity.public, store->arena));
    slice certified = test_certify(store, &thief, SHARE_LOG, &thief.log);
    slice detail = slice_of(arena_printf(
            store->arena, "{\"identity\":\"%s\",\"certified\":[%.*s]}", key, (int)certified.len, certified.ptr));
    test_ok(share_propose(store->db, &machine, "key.make", S("node"), detail, S("trust me"), store->arena, &proposal));
    test_refused(share_approve(store->db, &rini, proposal.number, NULL, store->arena), ERR_CONFLICT,
            "another key than the identity");
    assert_int_equal(own_keys(store), 4);
}

/* A thief is at work at night: the machine waits for nobody, and everybody hears of it until another has seen it. */
static void in_an_emergency_the_machine_does_not_wait(void **state)
{
    struct test_store *store = ready(state);
    struct share_key_asking asking = {.reason = S("stolen tonight")};
    struct approval *rows;
    size_t count;
    own(store);
    test_ok(make(store, NULL));
    struct actor rini = test_person(store, "rini", ROLE_SYSADMIN), ayu = test_person(store, "ayu", ROLE_ANALYST);
    struct actor machine = machine_of_two(store);
    machine.emergency = true;
    test_ok(share_key_revoke(store->db, &machine, store->base->folder, &asking, SHARE_MESSAGE, store->arena));
    assert_true(asking.proposal.done && asking.proposal.number > 0);
    assert_int_equal(own_keys(store), 5);
    assert_int_equal(test_acts(store, "approval.emergency"), 1);
    int64_t number = asking.proposal.number;
    test_ok(store_approval_unseen(store->db, 0, 10, store->arena, &rows, &count));
    assert_true(count == 1 && rows[0].number == number);
    struct sha256 shown = share_approval_digest(&rows[0]);
    test_refused(share_approve(store->db, &rini, number, &shown, store->arena), ERR_CONFLICT, "emergency");
    test_refused(share_emergency_see(store->db, &machine, number, &shown, store->arena), ERR_DENIED, "a person");
    test_refused(share_emergency_see(store->db, &ayu, number, &shown, store->arena), ERR_DENIED, "ayu may not");
    test_ok(share_emergency_see(store->db, &rini, number, &shown, store->arena));
    test_refused(share_emergency_see(store->db, &rini, number, &shown, store->arena), ERR_CONFLICT, "seen");
    assert_int_equal(test_acts(store, "approval.seen"), 1);
    test_ok(store_approval_unseen(store->db, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 0);
}

/* ---- Those of partners ---- */

static slice rotation(struct test_store *store, const struct test_node *node, const struct key_pair *fresh,
        const struct key_pair *old)
{
    const struct share_certification key = {
            SHARE_MESSAGE, fresh->public, clock_now_us(), clock_now_us() + 365 * DAY_US};
    slice statement;
    test_ok(share_rotation(&key, node->node, &node->identity, old, store->arena, &statement));
    return statement;
}

static slice revocation(
        struct test_store *store, const struct test_node *node, enum share_purpose purpose, const struct key_pair *key)
{
    const struct share_certification gone = {.purpose = purpose, .key = key->public};
    slice statement;
    test_ok(share_revocation(&gone, node->node, &node->identity, clock_now_us(), store->arena, &statement));
    return statement;
}

static slice grown(struct test_store *store, const struct test_node *node, const struct key_pair *key)
{
    struct share_letter letter = test_letter(store, node, "log.grown", "{}");
    return test_sign(store, &letter, key);
}

static void rotation_needs_both_keys(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_partner_active(store, "kenanga");
    struct key_pair fresh, other;
    key_new(&fresh);
    key_new(&other);
    test_refused(test_take(store, test_certify(store, &node, SHARE_MESSAGE, &fresh)), ERR_DENIED, "sign a rotation");
    test_refused(test_take(store, rotation(store, &node, &fresh, &other)), ERR_AUTH, "no message key of kenanga");
    struct test_node thief = node;
    thief.identity = node.message;
    test_refused(test_take(store, rotation(store, &thief, &fresh, &node.message)), ERR_AUTH, "no identity key");
    test_refused(test_take(store, grown(store, &node, &fresh)), ERR_AUTH, "no message key of kenanga");
    slice statement = rotation(store, &node, &fresh, &node.message);
    test_ok(test_take(store, statement));
    test_ok(test_take(store, statement)); /* again: nothing is new */
    test_ok(test_take(store, grown(store, &node, &fresh)));
    test_ok(test_take(store, grown(store, &node, &node.message)));
    clock_set(NOON + SHARE_KEY_OVERLAP_US);
    test_ok(test_take(store, grown(store, &node, &fresh)));
    test_refused(test_take(store, grown(store, &node, &node.message)), ERR_AUTH, "was good until");
}

static void a_revoked_key_is_good_for_nothing(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_partner_active(store, "kenanga");
    struct key_pair fresh;
    key_new(&fresh);
    test_ok(test_take(store, revocation(store, &node, SHARE_MESSAGE, &node.message)));
    struct share_letter letter = test_letter(store, &node, "log.grown", "{}");
    letter.issued_us = NOON - DAY_US; /* what it says of its own time helps nobody */
    test_refused(test_take(store, test_sign(store, &letter, &node.message)), ERR_AUTH, "was revoked at");
    test_refused(test_take(store, rotation(store, &node, &fresh, &node.message)), ERR_AUTH, "was revoked at");
    test_ok(test_take(store, test_certify(store, &node, SHARE_MESSAGE, &node.message))); /* the row stays as it is */
    test_refused(test_take(store, grown(store, &node, &node.message)), ERR_AUTH, "was revoked at");
    test_ok(test_take(store, test_certify(store, &node, SHARE_MESSAGE, &fresh)));
    test_ok(test_take(store, grown(store, &node, &fresh)));
    assert_int_equal(test_acts(store, "partner.alarm"), 1);
}

/* The one that lay in their safe since their node was made. */
static void an_identity_is_revoked_by_itself(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_partner_active(store, "kenanga"), other = test_partner_active(store, "melati");
    slice statement = revocation(store, &node, SHARE_IDENTITY, &node.identity);
    int64_t number;
    test_refused(share_partner_revocation(
                         store->db, &store->actor, grown(store, &node, &node.message), store->arena, &number),
            ERR_INPUT, "revokes no key");
    clock_set(NOON + 365 * DAY_US / 2);
    test_ok(share_partner_revocation(store->db, &store->actor, statement, store->arena, &number));
    assert_int_equal(number, node.partner);
    assert_int_equal(test_partner(store, node.partner).state, PARTNER_SUSPENDED);
    test_refused(test_take(store, grown(store, &node, &node.message)), ERR_AUTH, "was revoked at");
    test_refused(
            test_take(store, test_certify(store, &node, SHARE_MESSAGE, &node.message)), ERR_AUTH, "was revoked at");
    test_refused(share_partner_resume(store->db, &store->actor, node.partner, S("x"), store->arena), ERR_CONFLICT,
            "introduced anew");
    test_ok(test_take(store, grown(store, &other, &other.message)));
}

/* A certificate's key is put in the place of the one before by the identity alone: it cannot sign that itself. */
static void tls_keys_are_pinned(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_partner_active(store, "kenanga");
    struct key_pair one = {.public = {{1}}}, two = {.public = {{2}}};
    const char *pins = "none";
    test_ok(share_tls_pins(store->db, node.partner, NOON, store->arena, &pins));
    assert_null(pins);
    slice first = test_certify(store, &node, SHARE_TLS, &one);
    test_ok(test_take(store, first));
    test_ok(share_tls_pins(store->db, node.partner, NOON, store->arena, &pins));
    assert_string_equal(pins, "sha256//AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    clock_set(NOON + 1);
    test_ok(test_take(store, test_certify(store, &node, SHARE_TLS, &two)));
    test_ok(test_take(store, first)); /* again: nothing comes back by that */
    test_ok(share_tls_pins(store->db, node.partner, NOON + 1, store->arena, &pins));
    assert_string_equal(pins, "sha256//AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=;"
                              "sha256//AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    int64_t later_us = NOON + 1 + SHARE_KEY_OVERLAP_US;
    test_ok(share_tls_pins(store->db, node.partner, later_us, store->arena, &pins));
    assert_string_equal(pins, "sha256//AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    test_ok(test_take(store, revocation(store, &node, SHARE_TLS, &two)));
    test_ok(share_tls_pins(store->db, node.partner, later_us, store->arena, &pins));
    assert_null(pins);
}

static void our_certificate_is_certified(void **state)
{
    struct test_store *store = ready(state);
    struct certificate certificate = {.key = {{7}}, .expires_us = NOON + DAY_US};
    own(store);
    test_refused(share_key_tls(store->db, &store->actor, store->base->folder,
                         &(struct share_key_asking){.identity = file(store, "none")}, &certificate, store->arena),
            ERR_MISSING, "none");
    test_ok(make(store, NULL));
    struct test_node node = test_partner_active(store, "kenanga");
    test_ok(share_key_tls(
            store->db, &store->actor, store->base->folder, &(struct share_key_asking){0}, &certificate, store->arena));
    assert_int_equal(waiting(store, "key.certify"), 1);
    test_refused(share_key_tls(store->db, &store->actor, store->base->folder, &(struct share_key_asking){0},
                         &certificate, store->arena),
            ERR_CONFLICT, "was certified before");
    certificate.expires_us = NOON;
    test_refused(share_key_tls(store->db, &store->actor, store->base->folder, &(struct share_key_asking){0},
                         &certificate, store->arena),
            ERR_INPUT, "has expired");
    assert_true(node.partner > 0);
}

/* The last of these tests: what the node has seen of time is kept by the process, for both databases. */
static void a_clock_that_is_set_back_makes_nothing_good(void **state)
{
    struct test_store *store = ready(state);
    int64_t start_us;
    test_ok(store_now_us(store->db, &start_us));
    clock_set(start_us);
    struct test_node node = test_partner_active(store, "kenanga");
    struct share_letter letter = test_letter(store, &node, "log.grown", "{}");
    clock_set(start_us + 2 * HOUR_US);
    test_ok(test_take(store, revocation(store, &node, SHARE_MESSAGE, &node.message)));
    store_now_raise(start_us + 2 * HOUR_US); /* as a head does that was signed */
    clock_set(start_us);
    letter.expires_us = start_us + DAY_US;
    test_refused(test_take(store, test_sign(store, &letter, &node.message)), ERR_AUTH, "was revoked at");
    letter.expires_us = start_us + HOUR_US;
    test_refused(test_take(store, test_sign(store, &letter, &node.message)), ERR_AUTH, "has expired");
}

/* ---- What a third says ---- */

struct together {
    const struct test_node *one, *other;
};

static struct err group_action(struct work *work, void *context)
{
    static const char GROUP[] = "INSERT INTO sharing_group (number, id, name, state, version, accepted, terms, "
                                "added_us) VALUES (1, $1, 'grup', 'active', 1, 1, $2, 0)";
    static const char MEMBER[] = "INSERT INTO group_member (sharing_group, node) VALUES (1, $1)";
    const struct together *together = context;
    const struct db_value group[] = {db_text(S("33333333-3333-4333-8333-333333333333")), db_bytes(S("{}"))};
    TRY(db_run(work->db, GROUP, group, COUNT_OF(group), NULL));
    TRY(db_run(work->db, MEMBER, (struct db_value[]){db_text(together->one->node)}, 1, NULL));
    return db_run(work->db, MEMBER, (struct db_value[]){db_text(together->other->node)}, 1, NULL);
}

static slice reported(struct test_store *store, const struct test_node *by, const struct test_node *of)
{
    struct share_letter letter = test_letter(store, by, "key.reported",
            arena_printf(store->arena, "{\"key\":\"%.*s\",\"node\":\"%.*s\",\"purpose\":\"message\"}", 64,
                    share_key_text(&of->message.public, store->arena).ptr, (int)of->node.len, of->node.ptr));
    return test_sign(store, &letter, &by->message);
}

static void only_a_member_of_the_group_is_believed(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = test_partner_active(store, "kenanga"), host = test_partner_active(store, "melati");
    struct together together = {&node, &host};
    test_ok(test_take(store, reported(store, &host, &node)));
    test_ok(test_take(store, grown(store, &node, &node.message)));
    assert_int_equal(test_acts(store, "partner.alarm"), 1);
    test_ok(test_work(store, group_action, &together));
    test_ok(test_take(store, reported(store, &host, &node)));
    test_refused(test_take(store, grown(store, &node, &node.message)), ERR_AUTH, "was revoked at");
    assert_int_equal(test_acts(store, "partner.alarm"), 2);
}

static void members_are_told_of_a_stolen_key(void **state)
{
    struct test_store *store = ready(state);
    struct share_keys keys;
    own(store);
    test_ok(make(store, NULL));
    struct test_node node = test_partner_active(store, "kenanga"), member = test_partner_active(store, "melati"),
                     outsider = test_partner_active(store, "mawar");
    struct together together = {&node, &member};
    test_ok(test_work(store, group_action, &together));
    test_ok(opens(store, &keys));
    const struct share_speaker speaker = {&keys, S("https://tim.example/")};
    const struct share_partner_ending ending = {.reason = S("stolen"), .stolen = true, .key = node.message.public};
    test_ok(share_partner_end(store->db, &store->actor, &speaker, node.partner, &ending, store->arena));
    assert_int_equal(waiting(store, "key.reported"), 1);
    assert_true(outsider.partner > 0);
}

/* A page of the console has no keys: what it lets us say waits for who has them. */
static void hello_waits_for_the_keys(void **state)
{
    struct test_store *store = ready(state);
    struct share_keys keys;
    size_t count;
    own(store);
    test_ok(make(store, NULL));
    test_ok(opens(store, &keys));
    struct test_node node = test_node(store, "kenanga");
    test_introduced(store, &node);
    const struct share_speaker speaker = {NULL, S("https://tim.example/")};
    test_ok(share_partner_confirm(
            store->db, &store->actor, &speaker, node.partner, test_words(store, &node), store->arena));
    assert_int_equal(waiting(store, "partner.hello"), 0);
    test_ok(share_sign(store->db, &store->actor, &keys, store->arena, &count));
    assert_int_equal(count, 1);
    assert_int_equal(waiting(store, "partner.hello"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(keys_are_made_once, noon, tear_down),
            TEST_ON_BOTH(without_the_identity, noon, tear_down),
            TEST_ON_BOTH(a_rotated_key_overlaps, noon, tear_down),
            TEST_ON_BOTH(a_revoked_key_is_replaced_even_if_it_is_lost, noon, tear_down),
            TEST_ON_BOTH(another_identity_makes_all_keys_anew, noon, tear_down),
            TEST_ON_BOTH(what_was_broken_off_is_ended, noon, tear_down),
            TEST_ON_BOTH(keys_end, noon, tear_down),
            TEST_ON_BOTH(partners_are_told, noon, tear_down),
            TEST_ON_BOTH(a_key_is_rotated_when_a_second_person_agrees, noon, tear_down),
            TEST_ON_BOTH(keys_that_were_changed_meanwhile_are_not_rotated, noon, tear_down),
            TEST_ON_BOTH(keys_of_another_identity_are_not_certified, noon, tear_down),
            TEST_ON_BOTH(in_an_emergency_the_machine_does_not_wait, noon, tear_down),
            TEST_ON_BOTH(hello_waits_for_the_keys, noon, tear_down),
            TEST_ON_BOTH(rotation_needs_both_keys, noon, tear_down),
            TEST_ON_BOTH(a_revoked_key_is_good_for_nothing, noon, tear_down),
            TEST_ON_BOTH(an_identity_is_revoked_by_itself, noon, tear_down),
            TEST_ON_BOTH(tls_keys_are_pinned, noon, tear_down),
            TEST_ON_BOTH(our_certificate_is_certified, noon, tear_down),
            TEST_ON_BOTH(only_a_member_of_the_group_is_believed, noon, tear_down),
            TEST_ON_BOTH(members_are_told_of_a_stolen_key, noon, tear_down),
            TEST_ON_BOTH(a_clock_that_is_set_back_makes_nothing_good, noon, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
