/* SPDX-License-Identifier: Apache-2.0 */
#include "app/acts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "share/approve.h"

#define BIT(role) (UINT32_C(1) << (role))

static int set_up(void **state)
{
    acts_open();
    *state = arena_open("test", ARENA_WORK, 1u << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_close(*state);
    return 0;
}

static size_t acts_of(enum verb verb)
{
    const struct share_act *act;
    size_t count = 0;
    for (size_t at = 0; (act = share_act_at(at)) != NULL; at++)
        count += act->verb == verb;
    return count;
}

static bool needs_second(enum verb verb)
{
    for (enum role role = 0; role < ROLES; role++)
        if (store_right_of(verb, role) == RIGHT_SECOND)
            return true;
    return false;
}

/* A right that somebody has with a second person only has an act, or the reason why nobody proposes it; not both. */
static void every_right_of_two_persons_has_an_act(void **state)
{
    (void)state;
    for (enum verb verb = 0; verb < VERBS; verb++)
        if (needs_second(verb) && (acts_of(verb) > 0) == (acts_none(verb) != NULL))
            fail_msg("\"%s\" needs a second person: %zu acts, and %s", store_verb_name(verb), acts_of(verb),
                    acts_none(verb) == NULL ? "no reason why there is none" : acts_none(verb));
        else if (!needs_second(verb) && acts_none(verb) != NULL)
            fail_msg("nobody needs a second person to %s", store_verb_name(verb));
}

static void every_act_says_what_it_is(void **state)
{
    const struct share_act *act;
    (void)state;
    for (size_t at = 0; (act = share_act_at(at)) != NULL; at++) {
        if (act->name == NULL || act->run == NULL || act->text == NULL || act->then == NULL || act->stored == NULL)
            fail_msg("a row of the acts has a gap: %s", act->name == NULL ? "?" : act->name);
        if (share_act_find(slice_of(act->name)) != act)
            fail_msg("there are two acts %s", act->name);
    }
    assert_null(share_act_find(S("user.promote")));
}

/*
 * What the domain gives to two, written a second time: which rights, who of the roles proposes and agrees, and the acts
 * by which they do. Letters as in right_test.c, of the roles in their order.
 */
static const struct {
    enum verb verb;
    const char *roles, *acts;
} two[] = {
        /*                     DACMLAESA */
        {VERB_CHANGE_KEYS, ".......2.", "key.make key.rotate key.revoke key.identity key.tls"},
        {VERB_MEND_LEDGER, ".......2.", "ledger.clear ledger.erase ledger.renew"},
        {VERB_CHANGE_USERS, ".......2.",
                "user.add user.roles user.reset user.unlock user.close user.factor-off user.token user.certificate-add "
                "user.certificate-drop"},
        {VERB_CHANGE_COLLECTIONS, "...2...2.", "collection.add collection.grant collection.revoke collection.remove"},
        {VERB_AGREE, "...2.....",
                "agreement.offer agreement.accept agreement.resume group.propose group.vote group.accept"},
        {VERB_RELEASE, "2.22.....",
                "release.answer release.rule release.consent consent.answer ledger.forgive incident.widen"},
        {VERB_WARN, ".2.......", "warning.approve warning.withdraw"},
        {VERB_WARNING_RULES, "2.22.....", "warning.rule warning.rule-end warning.sector"},
        {VERB_CASE_FACTS, "..22.....", "incident.class incident.close incident.time"},
        {VERB_WAIVE_DUTIES, "..22.....", "duty.waive"},
        {VERB_HAND_EVIDENCE, "..2......", "evidence.hand"},
        {VERB_KEEP_EVIDENCE, "..22.....", "evidence.hold evidence.destroy"},
};

static void what_the_domain_gives_to_two_is_done_by_two(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(two); i++) {
        slice names = slice_of(two[i].acts), name;
        size_t count = 0;
        for (enum role role = 0; role < ROLE_LOCAL; role++)
            if ((two[i].roles[role] == '2') != (store_right_of(two[i].verb, role) == RIGHT_SECOND))
                fail_msg("%s to %s", store_role_name(role), store_verb_name(two[i].verb));
        for (; names.len > 0 && slice_next(&names, ' ', &name); count++) {
            const struct share_act *act = share_act_find(name);
            if (act == NULL || act->verb != two[i].verb)
                fail_msg("no act %.*s to %s", (int)name.len, name.ptr, store_verb_name(two[i].verb));
        }
        assert_int_equal(count, acts_of(two[i].verb));
    }
}

/* Neither a system administrator nor the machine, from when there is one, does anything alone that the domain gives to
 * two: keys, users, collections, the ledger. */
static void the_machine_is_no_way_around_it(void **state)
{
    static const enum verb verbs[] = {
            VERB_CHANGE_KEYS, VERB_CHANGE_USERS, VERB_CHANGE_COLLECTIONS, VERB_MEND_LEDGER, VERB_AGREE, VERB_RELEASE};
    const struct actor machine = {.name = S("local/x"),
            .roles = BIT(ROLE_LOCAL),
            .how = ACTOR_MACHINE,
            .others = BIT(ROLE_SYSADMIN) | BIT(ROLE_MANAGER)};
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        assert_int_equal(store_right_check(&machine, verbs[i], 0, *state, NULL).kind, ERR_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(every_right_of_two_persons_has_an_act, set_up, tear_down),
            cmocka_unit_test_setup_teardown(every_act_says_what_it_is, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_the_domain_gives_to_two_is_done_by_two, set_up, tear_down),
            cmocka_unit_test_setup_teardown(the_machine_is_no_way_around_it, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
