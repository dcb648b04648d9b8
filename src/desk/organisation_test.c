/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/organisation.h"

#include "desk/asset.h"
#include "desk/contact.h"
#include "desk/supply.h"
#include "share/test_share.h"
#include "store/test_organisation.h"

/* As app/acts.c has them. */
static const struct share_act acts[] = {
        {.name = "organisation.add", .verb = VERB_CHANGE_ORGANISATIONS, .run = desk_organisation_do_add},
        {.name = "organisation.change",
                .verb = VERB_CHANGE_ORGANISATIONS,
                .run = desk_organisation_do_change,
                .about = desk_organisation_about},
        {.name = "organisation.rename",
                .verb = VERB_CHANGE_ORGANISATIONS,
                .run = desk_organisation_do_rename,
                .about = desk_organisation_about},
        {.name = "organisation.state",
                .verb = VERB_CHANGE_ORGANISATIONS,
                .run = desk_organisation_do_state,
                .about = desk_organisation_about},
};

static struct organisation get(struct test_store *store, int64_t number)
{
    struct organisation row;
    test_ok(store_organisation_get(store->db, number, store->arena, &row));
    return row;
}

/* The coordinator does it alone; the manager waits for another. */
static void some_need_a_second_person(void **state)
{
    struct test_store *store = ready(state);
    struct actor coordinator = test_person(store, "ayu", ROLE_COORDINATOR),
                 manager = test_person(store, "budi", ROLE_MANAGER);
    struct actor other = test_person(store, "dewi", ROLE_MANAGER), analyst = test_person(store, "eka", ROLE_ANALYST);
    const struct organisation_put put = {.name = S("RS Melati"), .kind = S("hospital"), .sector = S("health")};
    struct organisation_put constituent = put;
    struct share_proposal proposal;
    int64_t number;
    constituent.relation = RELATION_CONSTITUENT;
    test_refused(desk_organisation_add(store->db, &analyst, &constituent, S("new"), store->arena, &proposal),
            ERR_DENIED, "eka");
    test_ok(desk_organisation_add(store->db, &coordinator, &constituent, S("new"), store->arena, &proposal));
    assert_true(proposal.done);
    test_ok(store_organisation_find(store->db, S("RS Melati"), &number));
    test_ok(desk_organisation_state(
            store->db, &manager, number, ORGANISATION_ACTIVE, S("contract"), store->arena, &proposal));
    assert_false(proposal.done);
    assert_int_equal(get(store, number).state, ORGANISATION_PROPOSED);
    test_ok(share_approve(store->db, &other, proposal.number, NULL, store->arena));
    assert_int_equal(get(store, number).state, ORGANISATION_ACTIVE);
    assert_int_equal(test_acts(store, "organisation.moved"), 1);
}

static void what_was_changed_meanwhile_is_not_changed(void **state)
{
    struct test_store *store = ready(state);
    struct actor one = test_person(store, "budi", ROLE_MANAGER), other = test_person(store, "dewi", ROLE_MANAGER);
    int64_t number = test_constituent(store, "RS Melati");
    const struct organisation_put put = {.kind = S("supplier"), .sector = S("ict"), .country = S("GB")};
    struct share_proposal proposal, first;
    test_ok(desk_organisation_state(store->db, &one, number, ORGANISATION_CLOSED, S("gone"), store->arena, &proposal));
    test_ok(desk_organisation_change(store->db, &one, number, &put, S("sold"), store->arena, &first));
    test_ok(share_approve(store->db, &other, first.number, NULL, store->arena));
    test_refused(share_approve(store->db, &other, proposal.number, NULL, store->arena), ERR_CONFLICT, "was changed");
    assert_true(get(store, number).state != ORGANISATION_CLOSED);
}

static void it_changes_and_keeps_its_names(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = test_constituent(store, "RS Melati");
    const struct organisation_put put = {.kind = S("supplier"), .sector = S("ict"), .country = S("GB")};
    struct share_proposal proposal;
    struct organisation_name *names;
    size_t count;
    test_ok(desk_organisation_change(store->db, &store->actor, number, &put, S("wrong"), store->arena, &proposal));
    assert_true(slice_eq(get(store, number).sector, S("ict")) && slice_eq(get(store, number).kind, S("supplier")));
    int64_t now = clock_now_us() + SECOND_US;
    test_ok(desk_organisation_rename(
            store->db, &store->actor, number, S("RS Mawar"), now, S("merged"), store->arena, &proposal));
    test_ok(store_organisation_names(store->db, number, store->arena, &names, &count));
    assert_int_equal(count, 2);
    assert_int_equal(names[1].from_us, now);
    assert_int_equal(test_acts(store, "organisation.changed") + test_acts(store, "organisation.renamed"), 2);
}

static struct err team_of_health(struct work *work, void *context)
{
    return store_organisation_team(work, *(const int64_t *)context, S("health"));
}

static void closing_ends_what_is_theirs(void **state)
{
    struct test_store *store = ready(state);
    int64_t number = test_constituent(store, "RS Melati"), asset, contact;
    const struct asset_put own = {number, ASSET_ASN, S("64500"), ASSET_EVER, TIME_NONE, S("")};
    const struct contact_put put = {
            .name = S("Ruang siaga"), .rank = 1, .phone = S("112"), .languages = S("id"), .hours = S("always")};
    struct share_proposal proposal;
    struct asset row;
    struct contact *contacts;
    struct supply *supplies;
    size_t count;
    test_ok(desk_asset_add(store->db, &store->actor, &own, store->arena, &asset));
    test_ok(desk_contact_add(store->db, &store->actor, number, &put, store->arena, &contact));
    int64_t other = test_constituent(store, "TTIS Kesehatan");
    test_ok(desk_supply_put(store->db, &store->actor, other, number, S("advice"), store->arena));
    test_ok(test_work(store, team_of_health, &number));
    test_refused(test_work(store, team_of_health, &other), ERR_CONFLICT, "the team of health is RS Melati");
    test_ok(desk_organisation_state(
            store->db, &store->actor, number, ORGANISATION_CLOSED, S("merged"), store->arena, &proposal));
    test_ok(store_asset_get(store->db, asset, store->arena, &row));
    assert_true(row.until_us != TIME_NONE);
    test_ok(store_contact_of(store->db, number, false, store->arena, &contacts, &count));
    assert_int_equal(count, 0);
    test_ok(store_supply_customers(store->db, other, clock_now_us(), 0, 10, store->arena, &supplies, &count));
    assert_int_equal(count, 0);
    assert_int_equal(test_acts(store, "organisation.closed"), 1);
    test_ok(test_work(store, team_of_health, &other)); /* the sector has no team any more */
}

static void only_constituents_are_changed_here(void **state)
{
    struct test_store *store = ready(state);
    struct share_proposal proposal;
    int64_t own;
    (void)test_person(store, "ayu", ROLE_COORDINATOR);
    test_ok(store_organisation_own(store->db, &own));
    test_refused(desk_organisation_state(
                         store->db, &store->actor, own, ORGANISATION_CLOSED, S("x"), store->arena, &proposal),
            ERR_CONFLICT, "no constituent");
    test_refused(
            desk_organisation_rename(store->db, &store->actor, own, S("Lain"), 5000, S("x"), store->arena, &proposal),
            ERR_CONFLICT, "no constituent");
}

/* What somebody typed by hand, as `approval propose` lets them. */
static void what_was_typed_by_hand_is_checked(void **state)
{
    static const struct {
        const char *act, *subject, *detail;
    } wrong[] = {
            {"organisation.add", "organisation", "{}"},
            {"organisation.add", "organisation",
                    "{\"name\":\"x\",\"kind\":\"hospital\",\"relation\":\"own\",\"parent\":0}"},
            {"organisation.add", "organisation",
                    "{\"name\":\"x\",\"kind\":\"hospital\",\"relation\":\"other\",\"parent\":\"y\"}"},
            {"organisation.change", "organisation/x", "{\"kind\":\"hospital\"}"},
            {"organisation.rename", "organisation/1", "{\"name\":\"x\"}"},
            {"organisation.rename", "organisation/1", "{\"name\":\"\",\"from\":\"2026-11-21T00:00:00Z\"}"},
            {"organisation.state", "organisation/1", "{\"state\":\"gone\"}"},
            {"organisation.state", "user/1", "{\"state\":\"closed\"}"},
    };
    struct test_store *store = ready(state);
    struct share_proposal proposal;
    assert_int_equal(test_constituent(store, "RS Melati"), 1);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct err err = share_propose(store->db, &store->actor, wrong[i].act, slice_of(wrong[i].subject),
                slice_of(wrong[i].detail), S("why"), store->arena, &proposal);
        if (err.kind != ERR_INPUT)
            fail_msg("%s %s: %s", wrong[i].act, wrong[i].detail, err_name(err.kind));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(some_need_a_second_person, set_up, tear_down),
            TEST_ON_BOTH(what_was_changed_meanwhile_is_not_changed, set_up, tear_down),
            TEST_ON_BOTH(it_changes_and_keeps_its_names, set_up, tear_down),
            TEST_ON_BOTH(closing_ends_what_is_theirs, set_up, tear_down),
            TEST_ON_BOTH(only_constituents_are_changed_here, set_up, tear_down),
            TEST_ON_BOTH(what_was_typed_by_hand_is_checked, set_up, tear_down),
    };
    share_acts_set(acts, COUNT_OF(acts));
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
