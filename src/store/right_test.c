/* SPDX-License-Identifier: Apache-2.0 */
#include "store/right.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

enum { OURS = 1, THEIRS = 2, NOBODYS = 0 };

/*
 * What is to come out for every verb and role, written a second time and in another way than the table: for the own
 * organisation and for another, when it is sure enough who acts.
 *
 *   Y may    2 with a second person    - no
 */
static const struct {
    const char *verb;
    const char *own, *other;
    bool token;    /* a token is enough */
    bool password; /* it is not, but a password */
} expected[VERBS] = {
        /*                                D A C M L A E S A L     D A C M L A E S A L  */
        {"read objects", "YYYY----YY", "YYYY----YY", true},
        {"import", "YYY------Y", "YYY------Y", true},
        {"undo an import", "Y2Y------Y", "Y2Y------Y", true},
        {"tag objects", "YYY------Y", "YYY------Y", true},
        {"judge objects", "YYY------Y", "YYY------Y", true},
        {"export", "YYY------Y", "YYY------Y", true},
        {"match with our intelligence", "YYY--Y---Y", "YYY--Y---Y", true},
        {"read feeds", "YYYY---YYY", "YYYY---YYY", true},
        {"change feeds", "Y2Y----Y-Y", "Y2Y----Y-Y", true},
        {"read organisations", "YYYYYYYYYY", "YYYY---YYY", true},
        {"change organisations", "--Y2---2-Y", "--Y2---2-Y", true},
        {"read users", "YYYY-Y-YYY", "--YY---YYY", true},
        {"change users", "-----Y-2-Y", "-------2-Y", false},
        {"change the own account", "YYYYYYYYY-", "YYYYYYYYY-", false, true},
        {"read sessions and tokens of others", "-----Y-YYY", "-------YYY", false, true},
        {"stop users", "-----Y-Y-Y", "-------Y-Y", false},
        {"read the journal", "Y-YY----YY", "Y-YY----YY", true},
        {"mend followers", "-------Y-Y", "-------Y-Y", false},
        {"remove what is past its time", "---2---2-Y", "---2---2-Y", false},
        {"back up", "-------2-Y", "-------2-Y", false},
        {"restore", "-------2-Y", "-------2-Y", false},
        {"configure", "-------2-Y", "-------2-Y", false},
        {"see the node's health", "Y-YY---YYY", "Y-YY---YYY", true},
        {"read collections", "YYYY---YYY", "YYYY---YYY", true},
        {"change collections", "--Y2---2-Y", "--Y2---2-Y", false},
        {"read partners and agreements", "YYYY---YYY", "YYYY---YYY", true},
        {"change partners", "--YY---2-Y", "--YY---2-Y", false},
        {"stop sharing", "Y-YY---Y-Y", "Y-YY---Y-Y", false, true},
        {"sign agreements and vote", "---2-----2", "---2-----2", false},
        {"release to partners", "2-22-----2", "2-22-----2", false},
        {"see what would leave", "YYYY----YY", "YYYY----YY", true},
        {"read the private log", "--------YY", "--------YY", false, true},
        {"change the node's keys", "-------2-Y", "-------2-Y", false},
        {"clear alarms and erase in the ledger", "-------2-2", "-------2-2", false},
        {"see what was met", "YYYY-Y--YY", "YYYY----YY", true},
        {"change contacts", "Y-Y--Y---Y", "Y-Y------Y", true},
        {"change assets", "Y-Y------Y", "Y-Y------Y", true},
        {"send events", "YYY--Y---Y", "YYY------Y", true},
        {"look into the past", "YYY--Y---Y", "YYY------Y", true},
        {"warn", "Y2Y------Y", "Y2Y------Y", true},
        {"change what is warned of by itself", "2-22-----2", "2-22-----2", false},
        {"answer warnings", "Y-Y--Y---Y", "Y-Y------Y", true},
        {"report", "YYY--Y---Y", "YYY------Y", true},
        {"read reports", "YYY--Y--YY", "YYY-----YY", true},
        {"read incidents", "YYY--Y--YY", "YYY-----YY", true},
        {"work on incidents", "YYY------Y", "YYY------Y", true},
        {"change when an incident was known, its class, or close a critical one", "--22-----2", "--22-----2", false},
        {"do tasks", "YYY--Y---Y", "YYY------Y", true},
        {"file what law demands", "Y-Y------Y", "Y-Y------Y", true},
        {"waive what law demands", "--22-----2", "--22-----2", false},
        {"change playbooks", "Y2Y------Y", "Y2Y------Y", true},
        {"offer incidents to others", "2-22-----2", "2-22-----2", false},
        {"take evidence", "YYY------Y", "YYY------Y", false, true},
        {"hand evidence over", "--2--Y---2", "--2------2", false},
        {"hold or destroy evidence", "--22-----2", "--22-----2", false},
        {"receive evidence", "----Y-----", "----------", false, true},
        {"verify evidence", "YYY-----YY", "YYY-----YY", true},
        {"ask for a take-down", "YYY------Y", "YYY------Y", true},
        {"share lessons", "2222-----2", "2222-----2", true},
        {"read figures of incidents", "YYYY----YY", "YYYY----YY", true},
        {"decide on risks", "--YY-----Y", "--YY-----Y", true},
        {"accept grave risks", "--22-----2", "--22-----2", false},
        {"change what we say of ourselves", "--YY-----Y", "--YY-----Y", false},
        {"see who is on call", "YYYY----YY", "YYYY----YY", true},
        {"change who is on call", "--YY-----Y", "--YY-----Y", true},
};

static int set_up(void **state)
{
    *state = arena_open("test", ARENA_WORK, 16u << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_close(*state);
    return 0;
}

static char ask(struct arena *arena, uint32_t roles, enum actor_how how, enum verb verb, int64_t organisation)
{
    struct actor actor = {.organisation = OURS, .user = 7, .name = S("ayu"), .roles = roles, .how = how};
    bool second = false;
    struct err err = store_right_check(&actor, verb, organisation, arena, &second);
    struct err alone = store_right_check(&actor, verb, organisation, arena, NULL);
    assert_int_equal(alone.kind != ERR_NONE, err.kind != ERR_NONE || second);
    if (err.kind == ERR_AUTH)
        return 'A';
    assert_true(err.kind == ERR_NONE || err.kind == ERR_DENIED);
    return err.kind != ERR_NONE ? '-' : second ? '2' : 'Y';
}

static char wanted(enum verb verb, enum role role, enum actor_how how, int64_t organisation)
{
    if (how == ACTOR_NOBODY)
        return 'A';
    if (how == ACTOR_FOLLOWER)
        return 'Y';
    bool sure =
            expected[verb].token || how >= ACTOR_SECOND_FACTOR || (expected[verb].password && how >= ACTOR_PASSWORD);
    if (!sure || (role == ROLE_LOCAL && how != ACTOR_MACHINE))
        return '-';
    return (organisation == OURS ? expected[verb].own : expected[verb].other)[role];
}

static void every_verb_role_organisation_and_way_has_its_answer(void **state)
{
    static const int64_t organisations[] = {OURS, THEIRS, NOBODYS};
    for (enum verb verb = 0; verb < VERBS; verb++) {
        assert_string_equal(store_verb_name(verb), expected[verb].verb);
        for (enum role role = 0; role < ROLES; role++)
            for (enum actor_how how = 0; how < ACTOR_HOWS; how++)
                for (size_t o = 0; o < COUNT_OF(organisations); o++) {
                    char is = ask(*state, 1u << role, how, verb, organisations[o]);
                    char should = wanted(verb, role, how, organisations[o]);
                    if (is != should)
                        fail_msg("%s as %s by %s with organisation %d: %c, not %c", store_verb_name(verb),
                                store_role_name(role), store_how_name(how), (int)organisations[o], is, should);
                }
    }
}

/* The machine makes the first users alone; from when somebody is there who could agree, it does so no more. */
static void the_machine_is_alone_until_there_is_a_second_person(void **state)
{
    static const enum verb verbs[] = {VERB_CHANGE_USERS, VERB_CHANGE_COLLECTIONS, VERB_CHANGE_KEYS};
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        struct actor local = {.name = S("local/ayu"), .roles = 1u << ROLE_LOCAL, .how = ACTOR_MACHINE};
        bool second = true;
        assert_int_equal(store_right_check(&local, verbs[i], NOBODYS, *state, &second).kind, ERR_NONE);
        assert_false(second);
        local.others = 1u << ROLE_ANALYST | 1u << ROLE_AUDITOR | 1u << ROLE_CONSTITUENT_ADMIN;
        assert_int_equal(store_right_check(&local, verbs[i], NOBODYS, *state, &second).kind, ERR_NONE);
        assert_false(second);
        local.others = 1u << ROLE_SYSADMIN;
        assert_int_equal(store_right_check(&local, verbs[i], NOBODYS, *state, &second).kind, ERR_NONE);
        assert_true(second);
        assert_int_equal(store_right_check(&local, verbs[i], NOBODYS, *state, NULL).kind, ERR_DENIED);
        local.emergency = true;
        assert_int_equal(store_right_check(&local, verbs[i], NOBODYS, *state, NULL).kind, ERR_NONE);
    }
}

/* What it never did alone it does not do in an emergency either. */
static void an_emergency_signs_nothing(void **state)
{
    const struct actor local = {
            .name = S("local/ayu"), .roles = 1u << ROLE_LOCAL, .how = ACTOR_MACHINE, .emergency = true};
    assert_int_equal(store_right_check(&local, VERB_AGREE, NOBODYS, *state, NULL).kind, ERR_DENIED);
    assert_int_equal(store_right_check(&local, VERB_RELEASE, NOBODYS, *state, NULL).kind, ERR_DENIED);
    assert_int_equal(store_right_check(&local, VERB_MEND_LEDGER, NOBODYS, *state, NULL).kind, ERR_DENIED);
}

static void no_role_may_nothing(void **state)
{
    for (enum verb verb = 0; verb < VERBS; verb++)
        assert_int_equal(ask(*state, 0, ACTOR_CERTIFICATE, verb, OURS), '-');
}

static void of_several_roles_the_widest_answer_holds(void **state)
{
    uint32_t both = 1u << ROLE_ANALYST | 1u << ROLE_COORDINATOR;
    assert_int_equal(ask(*state, both, ACTOR_PASSWORD, VERB_IMPORT_UNDO, OURS), 'Y');
    both = 1u << ROLE_CONSTITUENT_ADMIN | 1u << ROLE_SYSADMIN;
    assert_int_equal(ask(*state, both, ACTOR_SECOND_FACTOR, VERB_CHANGE_USERS, OURS), 'Y');
    assert_int_equal(ask(*state, both, ACTOR_SECOND_FACTOR, VERB_CHANGE_USERS, THEIRS), '2');
}

static void the_refusal_says_who_may(void **state)
{
    struct actor actor = {.organisation = OURS, .name = S("ayu"), .roles = 1u << ROLE_AUDITOR, .how = ACTOR_PASSWORD};
    struct err err = store_right_check(&actor, VERB_IMPORT_UNDO, NOBODYS, *state, NULL);
    assert_string_equal(err.why,
            "ayu may not undo an import; who may: duty-officer, analyst (with a second person), coordinator, local");
    actor.how = ACTOR_NOBODY;
    assert_int_equal(store_right_check(&actor, VERB_IMPORT_UNDO, NOBODYS, *state, NULL).kind, ERR_AUTH);
}

static void nobody_gives_more_than_they_may(void **state)
{
    struct actor admin = {.organisation = OURS, .name = S("ayu"), .how = ACTOR_SECOND_FACTOR};
    uint32_t own = 1u << ROLE_CONSTITUENT_ADMIN, more = own | 1u << ROLE_AUDITOR;
    bool second;
    admin.roles = own;
    assert_int_equal(store_right_give(&admin, own, OURS, *state, &second).kind, ERR_NONE);
    assert_int_equal(store_right_give(&admin, own, THEIRS, *state, &second).kind, ERR_DENIED);
    assert_int_equal(store_right_give(&admin, more, OURS, *state, &second).kind, ERR_DENIED);
    admin.roles = 1u << ROLE_SYSADMIN;
    assert_int_equal(store_right_give(&admin, more, THEIRS, *state, &second).kind, ERR_NONE);
    assert_true(second);
    admin.roles = 1u << ROLE_LOCAL;
    admin.how = ACTOR_MACHINE;
    assert_int_equal(store_right_give(&admin, more, THEIRS, *state, NULL).kind, ERR_NONE);
    assert_int_equal(store_right_give(&admin, 1u << ROLE_LOCAL, OURS, *state, NULL).kind, ERR_DENIED);
}

static void roles_are_found_by_their_names(void **state)
{
    (void)state;
    for (enum role role = 0; role < ROLES; role++)
        assert_int_equal(store_role_find(slice_of(store_role_name(role))), role);
    assert_int_equal(store_role_find(S("root")), ROLES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(every_verb_role_organisation_and_way_has_its_answer, set_up, tear_down),
            cmocka_unit_test_setup_teardown(the_machine_is_alone_until_there_is_a_second_person, set_up, tear_down),
            cmocka_unit_test_setup_teardown(an_emergency_signs_nothing, set_up, tear_down),
            cmocka_unit_test_setup_teardown(no_role_may_nothing, set_up, tear_down),
            cmocka_unit_test_setup_teardown(of_several_roles_the_widest_answer_holds, set_up, tear_down),
            cmocka_unit_test_setup_teardown(the_refusal_says_who_may, set_up, tear_down),
            cmocka_unit_test_setup_teardown(nobody_gives_more_than_they_may, set_up, tear_down),
            cmocka_unit_test_setup_teardown(roles_are_found_by_their_names, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
