/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/answer.h"
#include "desk/sector.h"
#include "desk/test_desk.h"

#include "share/consent.h"
#include "store/judgement.h"

/* ---- An indicator of a partner with whom it was agreed that those whom it concerns are told ---- */

static struct test_side *partner;

static const char *indicator(struct test_store *store, int number, const char *marking, const char *more)
{
    const char *json = test_json(store, "indicator", number, "2026-11-20T10:00:00.000Z", TEST_B, marking, more);
    test_came(store, "partner/GB", &json, 1);
    test_warn(store);
    return test_uuid(store, "indicator", number);
}

static struct test_store *begin(void **state)
{
    static const struct desk_notice_options cert = {.name = "CERT Contoh", .from = "siaga@cert.example"};
    struct test_store *store = ready(state);
    desk_notice_open(&cert);
    test_node(store);
    clock_set(NOON);
    test_warner = (struct desk_warner){.day = {.zone_us = 7 * HOUR_US, .digest_us = 7 * HOUR_US}};
    partner = test_partner(store, "GB", TEST_B, "TLP:AMBER+STRICT", "no");
    return store;
}

static bool holds(slice text, const char *part)
{
    return slice_find_slice(text, slice_of(part)) < text.len;
}

static void who_met_it_is_warned_and_nobody_else(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    (void)test_hospital(store, "RS Kenanga");
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, indicator(store, 1, AMBER, ""), 3, SEVERITY_HIGH);
    struct warning row = test_last(store);
    assert_true(test_warnings(store) == 1 && row.organisation == x && row.events == 3);
    assert_true(row.state == WARNING_APPROVED && row.held.len == 0 && slice_eq(row.marking, S("TLP:AMBER")));
    assert_true(row.told_us == NOON && row.due_us == desk_due_at(SEVERITY_HIGH, NOON));
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 1);
    assert_int_equal(test_acts(store, "warning.drafted"), 1);
    assert_int_equal(test_acts(store, "warning.approved"), 1);
}

static void without_a_rule_it_waits_for_a_person(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    struct actor officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    struct actor analyst = test_person(store, "budi", ROLE_ANALYST);
    struct actor other = test_person(store, "tono", ROLE_COORDINATOR);
    struct share_proposal proposal;
    test_meets(store, x, indicator(store, 1, AMBER, ""), 3, SEVERITY_HIGH);
    struct warning row = test_last(store);
    assert_true(row.state == WARNING_DRAFTED && holds(row.held, "persons: "));
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 0);
    test_ok(desk_warning_approve(store->db, &analyst, row.number, S("it is so"), store->arena, &proposal));
    assert_true(!proposal.done && test_last(store).state == WARNING_DRAFTED);
    test_ok(share_approve(store->db, &other, proposal.number, NULL, store->arena));
    row = test_last(store);
    assert_true(row.state == WARNING_APPROVED && row.held.len == 0);
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 1);
    test_refused(desk_warning_approve(store->db, &officer, row.number, S("again"), store->arena, &proposal),
            ERR_CONFLICT, "approved already");
}

static void what_its_marking_forbids_nobody_lets_out(void **state)
{
    static const struct {
        const char *marking, *more, *why;
    } rows[] = {
            {STRICT, "", "tlp: "},
            {RED, "", "tlp: "},
    };
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    struct actor officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    struct share_proposal proposal;
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    for (int i = 0; i < (int)COUNT_OF(rows); i++) {
        test_meets(store, x, indicator(store, i + 1, rows[i].marking, rows[i].more), 1, SEVERITY_CRITICAL);
        struct warning row = test_last(store);
        assert_true(row.state == WARNING_DRAFTED && holds(row.held, rows[i].why));
        test_refused(desk_warning_approve(store->db, &officer, row.number, S("I want to"), store->arena, &proposal),
                ERR_DENIED, "cannot go out");
    }
    assert_int_equal(test_warnings(store), 2);
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 0);
}

/* What a warning does not tell does not hold it back; what it tells does. */
static void what_is_told_decides_not_what_else_is_in_it(void **state)
{
    static const struct {
        const char *more;
        bool goes;
    } rows[] = {
            {",\"description\":\"met at RS Kenanga\"", true},
            {",\"labels\":[\"iep2-policy:attribution=\\\"must-not\\\"\"]", true},
            {",\"external_references\":[{\"source_name\":\"x\",\"external_id\":\"y\"}]", true},
            {",\"granular_markings\":[{\"marking_ref\":\"" RED "\",\"selectors\":[\"name\"]}]", true},
            {",\"granular_markings\":[{\"marking_ref\":\"" RED "\",\"selectors\":[\"pattern\"]}]", false},
            {",\"labels\":[\"iep2-policy:affected_party_notifications=\\\"must-not\\\"\"]", false},
            {",\"labels\":[\"iep2-policy:encrypt_in_transit=\\\"must\\\"\"]", false},
            {",\"labels\":[\"kentongan:residency=\\\"GB\\\"\"]", false},
            {",\"object_marking_refs\":[\"marking-definition--6b616c61-0000-4000-8000-0000000000dd\"]", false},
    };
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    (void)test_hospital(store, "RS Kenanga");
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool own_marking = strstr(rows[i].more, "object_marking_refs") != NULL;
        test_meets(store, x, indicator(store, (int)i + 1, own_marking ? NULL : AMBER, rows[i].more), 1, SEVERITY_HIGH);
        struct warning row = test_last(store);
        assert_int_equal(test_warnings(store), i + 1);
        if ((row.state == WARNING_APPROVED) != rows[i].goes)
            fail_msg("%s: %.*s", rows[i].more, (int)row.held.len, row.held.ptr);
    }
}

struct consent_row {
    struct consent put;
    int64_t number;
};

static struct err consent_action(struct work *work, void *context)
{
    struct consent_row *row = context;
    TRY(store_consent_put(work, &row->put, S(""), &row->number));
    return store_work_news(work, "release.consent", S("consent/1"), S(""));
}

static void consent_of_the_originator_lets_it_out(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    const char *id = indicator(store, 1, STRICT, "");
    test_meets(store, x, id, 1, SEVERITY_HIGH);
    assert_true(holds(test_last(store).held, "ask the originator's consent") && holds(test_last(store).held, "GB"));
    struct consent_row consent = {.put = {.originator = partner->partner,
                                          .id = slice_of(id),
                                          .type = S("indicator"),
                                          .recipient = partner->partner,
                                          .state = CONSENT_GIVEN,
                                          .paper = S("by phone"),
                                          .until_us = NOON + DAY_US}};
    test_ok(test_work(store, consent_action, &consent)); /* for a partner: of no use to those whom we serve */
    test_warn(store);
    assert_true(test_last(store).state == WARNING_DRAFTED);
    consent.put.recipient = CONSENT_AFFECTED;
    test_ok(test_work(store, consent_action, &consent));
    test_warn(store);
    assert_true(test_last(store).state == WARNING_APPROVED);
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 1);
}

static struct err withdraw_action(struct work *work, void *context)
{
    const struct consent_row *row = context;
    struct consent withdrawn;
    TRY(store_consent_withdraw(work, row->number, &withdrawn));
    return store_work_news(work, "consent.withdrawn", S("consent/1"), S(""));
}

/* What was to go out with the next digest waits again; a digest of something else goes. */
static void what_nobody_was_told_yet_waits_when_the_consent_is_taken_back(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    const char *id = indicator(store, 1, STRICT, "");
    struct consent_row consent = {.put = {.originator = partner->partner,
                                          .id = slice_of(id),
                                          .type = S("indicator"),
                                          .recipient = CONSENT_AFFECTED,
                                          .state = CONSENT_GIVEN,
                                          .paper = S("by phone"),
                                          .until_us = NOON + DAY_US}};
    test_ok(test_work(store, consent_action, &consent));
    test_standing(store, "", SEVERITY_INFO, WARNING_DIGEST);
    test_meets(store, x, indicator(store, 2, NULL, ""), 1, SEVERITY_HIGH);
    test_meets(store, x, id, 1, SEVERITY_HIGH);
    assert_true(test_last(store).state == WARNING_APPROVED);
    test_ok(test_work(store, withdraw_action, &consent));
    test_warn(store);
    assert_true(test_last(store).state == WARNING_DRAFTED && test_last(store).consent);
    struct warning other;
    test_ok(store_warning_get(store->db, test_last(store).number - 1, store->arena, &other));
    assert_true(other.state == WARNING_APPROVED);
}

/* Whatever words they used for it. */
static void what_a_person_holds_is_not_let_out_by_a_consent(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    struct actor officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    const char *id = indicator(store, 1, STRICT, "");
    struct consent_row consent = {.put = {.originator = partner->partner,
                                          .id = slice_of(id),
                                          .type = S("indicator"),
                                          .recipient = CONSENT_AFFECTED,
                                          .state = CONSENT_GIVEN,
                                          .paper = S("by phone"),
                                          .until_us = NOON + DAY_US}};
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, id, 1, SEVERITY_HIGH);
    assert_true(test_last(store).consent);
    test_ok(desk_warning_hold(store->db, &officer, 1, S("their consent is not enough"), store->arena));
    assert_false(test_last(store).consent);
    test_ok(test_work(store, consent_action, &consent));
    test_warn(store);
    assert_true(test_last(store).state == WARNING_DRAFTED && slice_starts(test_last(store).held, S("person: ")));
}

static void an_exercise_reaches_nobody(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    static const char DEFINITION[] =
            "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\","
            "\"id\":\"marking-definition--6b616c61-0000-4000-8000-0000000000ee\",\"created\":\"2026-01-01T00:00:00Z\","
            "\"extensions\":{\"" STIX_OUR_EXTENSION
            "\":{\"extension_type\":\"property-extension\",\"exercise\":true}}}";
    const char *json = DEFINITION;
    test_came(store, "desk", &json, 1);
    const char *played = indicator(store, 2, "marking-definition--6b616c61-0000-4000-8000-0000000000ee", "");
    test_meets(store, x, played, 1, SEVERITY_CRITICAL);
    assert_int_equal(test_warnings(store), 0);
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 0);
}

static void it_grows_in_silence_until_it_gets_worse(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    const char *id = indicator(store, 1, AMBER, "");
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, id, 3, SEVERITY_MEDIUM);
    test_meets(store, x, id, 4, SEVERITY_MEDIUM);
    (void)indicator(store, 1, AMBER, ""); /* the same again */
    struct warning row = test_last(store);
    assert_true(test_warnings(store) == 1 && row.events == 7);
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 1);
    test_meets(store, x, id, 1, SEVERITY_CRITICAL);
    row = test_last(store);
    assert_true(test_warnings(store) == 1 && row.events == 8 && row.told == SEVERITY_CRITICAL);
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 2);
}

/* By its creator. */
static void withdraw(struct test_store *store, int number)
{
    const char *revoked =
            test_json(store, "indicator", number, "2026-11-21T10:00:00.000Z", TEST_B, AMBER, ",\"revoked\":true");
    test_came(store, "partner/GB", &revoked, 1);
    test_warn(store);
}

static void what_they_were_told_of_is_told_once_whoever_says_it(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    struct notice *notices;
    size_t count;
    const char *one = indicator(store, 1, AMBER, ""), *other = indicator(store, 2, AMBER, "");
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, one, 3, SEVERITY_HIGH);
    test_ok(test_state(store, 1, WARNING_SENT));
    test_ok(test_answer(store, 1, DESK_ACKNOWLEDGED));
    test_meets(store, x, other, 3, SEVERITY_HIGH); /* of the same address */
    struct warning row = test_last(store);
    assert_true(row.number == 2 && row.state == WARNING_ACKNOWLEDGED && row.told_us == NOON);
    test_ok(store_notice_of_warning(store->db, 2, 0, 10, store->arena, &notices, &count));
    assert_true(count == 1 && notices[0].kind == NOTICE_OF_WARNING);
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 1);
    withdraw(store, 1); /* the other still says so */
    assert_int_equal(test_notices(store, NOTICE_OF_CORRECTION), 0);
    withdraw(store, 2);
    assert_int_equal(test_notices(store, NOTICE_OF_CORRECTION), 1);
    test_meets(store, x, indicator(store, 3, AMBER, ""), 3, SEVERITY_CRITICAL); /* worse than what was told */
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 2);
}

static void after_it_was_done_there_is_a_new_one(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    const char *id = indicator(store, 1, AMBER, "");
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, id, 3, SEVERITY_HIGH);
    clock_set(NOON + HOUR_US);
    test_ok(test_state(store, 1, WARNING_SENT));
    test_ok(test_answer(store, 1, DESK_DONE));
    clock_set(NOON + 30 * HOUR_US);
    test_meets(store, x, id, 1, SEVERITY_HIGH);
    assert_int_equal(test_warnings(store), 2);
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 2);
    test_ok(test_answer(store, 2, DESK_NOT_MINE));
    clock_set(NOON + 60 * HOUR_US);
    test_meets(store, x, id, 1, SEVERITY_HIGH);
    assert_true(test_warnings(store) == 3 && holds(test_last(store).held, "not-mine: "));
}

static void one_notice_a_day_and_class_but_for_critical_ones(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    size_t did;
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_ok(desk_due(store->db, &test_warn_actor, &test_warner.day, store->arena, &did)); /* a node that begins */
    test_meets(store, x, "open-rdp", 1, SEVERITY_HIGH);
    test_meets(store, x, "open-smb", 1, SEVERITY_HIGH);
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 1);
    assert_true(test_last(store).does == WARNING_DIGEST && test_last(store).told_us == TIME_NONE);
    test_meets(store, x, "open-telnet", 1, SEVERITY_CRITICAL);
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 2);
    test_ok(desk_due(store->db, &test_warn_actor, &test_warner.day, store->arena, &did));
    assert_true(did == 0 && test_notices(store, NOTICE_OF_DIGEST) == 0);
    clock_set(NOON + DAY_US);
    test_ok(desk_due(store->db, &test_warn_actor, &test_warner.day, store->arena, &did));
    test_ok(desk_due(store->db, &test_warn_actor, &test_warner.day, store->arena, &did));
    assert_int_equal(test_notices(store, NOTICE_OF_DIGEST), 1);
}

static void a_digest_tells_of_many_in_one_notice(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati"), y = test_hospital(store, "RS Kenanga");
    struct actor officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    struct actor analyst = test_person(store, "budi", ROLE_ANALYST);
    struct notice *rows;
    int64_t *warnings;
    size_t did, count;
    test_standing(store, "", SEVERITY_INFO, WARNING_DIGEST);
    test_meets(store, x, "open-rdp", 1, SEVERITY_HIGH);
    test_meets(store, x, "open-smb", 1, SEVERITY_LOW);
    test_meets(store, y, "open-smb", 1, SEVERITY_LOW);
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 0);
    assert_int_equal(desk_digest(store->db, &analyst, store->arena, &did).kind, ERR_DENIED);
    test_ok(desk_digest(store->db, &officer, store->arena, &did));
    assert_true(did == 2 && test_notices(store, NOTICE_OF_DIGEST) == 2);
    test_ok(store_notice_latest(store->db, x, INT64_MAX, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    test_ok(store_notice_warnings(store->db, rows[0].number, store->arena, &warnings, &count));
    assert_int_equal(count, 2);
    test_ok(desk_digest(store->db, &officer, store->arena, &did));
    assert_int_equal(did, 0);
}

static void who_does_not_answer_is_chased_then_the_second_then_we_call(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati"), second = test_contact(store, x, "direktur", 2);
    struct notice *notices;
    struct warning *rows;
    size_t did, count;
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, "open-rdp", 1, SEVERITY_CRITICAL);
    test_ok(test_state(store, 1, WARNING_SENT));
    for (int step = 0; test_last(store).chase_us != TIME_NONE; step++) {
        clock_set(test_last(store).chase_us - 1);
        test_ok(desk_due(store->db, &test_warn_actor, &test_warner.day, store->arena, &did));
        assert_int_equal(did, 0);
        clock_set(test_last(store).chase_us);
        test_ok(desk_due(store->db, &test_warn_actor, &test_warner.day, store->arena, &did));
        assert_int_equal(did, 1);
    }
    assert_int_equal(test_notices(store, NOTICE_OF_REMINDER), 1);
    assert_int_equal(test_notices(store, NOTICE_OF_ESCALATION), 1);
    test_ok(store_notice_latest(store->db, x, INT64_MAX, 10, store->arena, &notices, &count));
    assert_true(notices[0].kind == NOTICE_OF_ESCALATION && notices[0].contact == second);
    test_ok(store_warning_latest(store->db, WARNING_UNANSWERED, 0, INT64_MAX, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(test_acts(store, "warning.unanswered"), 1);
    test_ok(test_answer(store, 1, DESK_ACKNOWLEDGED));
    test_ok(store_warning_latest(store->db, WARNING_UNANSWERED, 0, INT64_MAX, 10, store->arena, &rows, &count));
    assert_int_equal(count, 0);
}

/* ---- Their sector ---- */

static struct err team_action(struct work *work, void *context)
{
    struct test_served *team = context;
    const struct organisation_put put = {.name = slice_of(team->name),
            .kind = S("team"),
            .sector = S("health"),
            .country = S("ID"),
            .relation = RELATION_CONSTITUENT};
    TRY(store_organisation_add(work, &put, &team->number));
    return store_organisation_state(work, team->number, ORGANISATION_ACTIVE);
}

/* As two persons agreed. */
static int64_t sector_team(struct test_store *store, bool contact)
{
    struct test_served team = {.name = "TTIS Kesehatan"};
    struct actor officer = test_person(store, "siti", ROLE_DUTY_OFFICER),
                 other = test_person(store, "ayu", ROLE_MANAGER);
    struct actor analyst = test_person(store, "budi", ROLE_ANALYST);
    struct share_proposal proposal;
    struct organisation row;
    test_ok(test_work(store, team_action, &team));
    if (contact)
        (void)test_contact(store, team.number, "jaga", 1);
    test_refused(
            desk_sector_propose(store->db, &analyst, team.number, S("health"), S("decree 4"), store->arena, &proposal),
            ERR_DENIED, "budi");
    test_ok(desk_sector_propose(store->db, &officer, team.number, S("health"), S("decree 4"), store->arena, &proposal));
    assert_false(proposal.done);
    assert_int_equal(store_organisation_team_of(store->db, S("health"), store->arena, &row).kind, ERR_MISSING);
    test_ok(share_approve(store->db, &other, proposal.number, NULL, store->arena));
    test_ok(store_organisation_team_of(store->db, S("health"), store->arena, &row));
    assert_int_equal(row.number, team.number);
    return team.number;
}

static struct warning chased_to_the_end(struct test_store *store)
{
    size_t did;
    test_ok(test_state(store, 1, WARNING_SENT));
    while (test_last(store).chase_us != TIME_NONE) {
        clock_set(test_last(store).chase_us);
        test_ok(desk_due(store->db, &test_warn_actor, &test_warner.day, store->arena, &did));
    }
    return test_last(store);
}

/* The last notice of that kind, as it leaves. */
static slice message_of(struct test_store *store, enum notice_kind kind, struct notice *notice)
{
    struct notice *rows;
    size_t count;
    slice message;
    test_ok(store_notice_latest(store->db, 0, INT64_MAX, 100, store->arena, &rows, &count));
    while (count > 0 && rows->kind != kind) {
        rows++;
        count--;
    }
    assert_true(count > 0);
    *notice = *rows;
    test_ok(store_notice_message(store->db, rows->number, store->arena, &message));
    return message;
}

static void the_team_of_their_sector_hears_that_nobody_answers(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati"), team = sector_team(store, true);
    struct notice notice, first;
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, "open-rdp", 1, SEVERITY_CRITICAL);
    struct warning row = chased_to_the_end(store);
    assert_true(row.sector_us != TIME_NONE && row.sector_why.len == 0 && row.chased == DESK_CHASES);
    assert_int_equal(test_notices(store, NOTICE_OF_SECTOR), 1);
    (void)message_of(store, NOTICE_OF_WARNING, &first);
    slice message = message_of(store, NOTICE_OF_SECTOR, &notice);
    assert_int_equal(notice.organisation, team);
    assert_true(holds(message, "RS Melati") && holds(message, "TLP:AMBER"));
    assert_true(holds(message, arena_cstr(store->arena, first.reference)));
    assert_false(holds(message, "192.0.2.7") || holds(message, "203.0") || holds(message, "infected"));
    assert_false(holds(message, "TERIMA") || holds(message, "Content-Disposition: attachment"));
    /* What the team writes says nothing for those who were warned. */
    struct desk_taken taken;
    slice reply =
            slice_of(arena_printf(store->arena, "From: jaga@ttis.example\r\nSubject: Re: [%.*s]\r\n\r\nSELESAI\r\n",
                    (int)notice.reference.len, notice.reference.ptr));
    test_ok(desk_mail_take(store->db, reply, store->arena, &taken));
    assert_true(taken.as == DESK_MAIL_NOTHING && taken.notice == notice.number);
    assert_true(test_last(store).state == WARNING_SENT && test_acts(store, "notice.replied") == 1);
    test_ok(test_answer(store, 1, DESK_DONE));
    assert_int_equal(test_notices(store, NOTICE_OF_SETTLING), 1);
    message = message_of(store, NOTICE_OF_SETTLING, &notice);
    assert_true(notice.organisation == team && holds(message, "RS Melati") && !holds(message, "192.0.2.7"));
    test_ok(test_answer(store, 1, DESK_NOT_MINE));
    assert_int_equal(test_notices(store, NOTICE_OF_SETTLING), 1);
}

static void what_all_may_know_names_the_class_to_the_sector(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    struct notice notice;
    (void)sector_team(store, true);
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, indicator(store, 1, GREEN, ""), 3, SEVERITY_HIGH);
    (void)chased_to_the_end(store);
    slice message = message_of(store, NOTICE_OF_SECTOR, &notice);
    assert_true(holds(message, TEST_CLASS) && !holds(message, "192.0.2.7") && !holds(message, "203.0"));
}

/* That those whom it concerns may be told was agreed with the partner, and that is all. */
static void what_its_marking_keeps_from_the_sector_is_for_us(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    struct warning *list;
    size_t count;
    (void)sector_team(store, true);
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, indicator(store, 1, AMBER, ""), 3, SEVERITY_HIGH);
    struct warning row = chased_to_the_end(store);
    assert_int_equal(test_notices(store, NOTICE_OF_SECTOR), 0);
    assert_true(row.sector_us == TIME_NONE && slice_starts(row.sector_why, S("originator: ")));
    test_ok(store_warning_latest(store->db, WARNING_UNANSWERED, 0, INT64_MAX, 10, store->arena, &list, &count));
    assert_int_equal(count, 1);
    assert_int_equal(test_acts(store, "warning.unanswered"), 1);
}

static void a_sector_team_that_cannot_be_told_is_for_us(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati"), team = sector_team(store, false);
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, "open-rdp", 1, SEVERITY_CRITICAL);
    struct warning row = chased_to_the_end(store);
    assert_true(holds(row.sector_why, "contact: ") && row.chased == DESK_CHASES && row.sector_us == TIME_NONE);
    struct actor officer = test_person(store, "tono", ROLE_DUTY_OFFICER);
    struct organisation none;
    test_ok(desk_sector_end(store->db, &officer, team, S("it has no mailbox"), store->arena));
    assert_int_equal(store_organisation_team_of(store->db, S("health"), store->arena, &none).kind, ERR_MISSING);
}

static void who_answered_is_not_chased(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    size_t did;
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, "open-rdp", 1, SEVERITY_CRITICAL);
    test_ok(test_state(store, 1, WARNING_SENT));
    test_ok(test_answer(store, 1, DESK_ACKNOWLEDGED));
    clock_set(NOON + 365 * DAY_US);
    test_ok(desk_due(store->db, &test_warn_actor, &test_warner.day, store->arena, &did));
    assert_int_equal(test_notices(store, NOTICE_OF_REMINDER), 0);
}

struct judging {
    int64_t source;
    const char *id;
};

static struct err judge_action(struct work *work, void *context)
{
    const struct judging *judging = context;
    int64_t number;
    TRY(store_judgement_add(
            work, judging->source, slice_of(judging->id), OBJECT_FALSE_POSITIVE, TIME_NONE, S("a resolver"), &number));
    return store_work_news(work, "intel.judged", slice_of(judging->id), S(""));
}

static void who_was_warned_hears_that_it_was_wrong(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati"), y = test_hospital(store, "RS Kenanga");
    const char *first = indicator(store, 1, AMBER, ""), *second = indicator(store, 2, STRICT, "");
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, first, 1, SEVERITY_HIGH);
    test_meets(store, y, second, 1, SEVERITY_HIGH); /* held: nobody was told */
    const char *revoked =
            test_json(store, "indicator", 1, "2026-11-21T10:00:00.000Z", TEST_B, AMBER, ",\"revoked\":true");
    test_came(store, "partner/GB", &revoked, 1);
    struct judging judging = {.id = second};
    test_ok(store_source_find(store->db, S("partner/GB"), &judging.source));
    test_ok(test_work(store, judge_action, &judging));
    test_warn(store);
    struct warning row;
    test_ok(store_warning_get(store->db, 1, store->arena, &row));
    assert_true(row.state == WARNING_WITHDRAWN);
    test_ok(store_warning_get(store->db, 2, store->arena, &row));
    assert_true(row.state == WARNING_WITHDRAWN);
    assert_int_equal(test_notices(store, NOTICE_OF_CORRECTION), 1);
    test_meets(store, x, first, 1, SEVERITY_HIGH); /* what is over is no cause */
    assert_int_equal(test_warnings(store), 2);
}

enum { MANY = 105 };

/* All in one work: so many constituents, each of which met it once. */
static struct err many_meet_action(struct work *work, void *context)
{
    const slice *cause = context;
    struct met_put rows[MANY];
    int64_t batch;
    TRY(store_number(work->db, "batch", 1, &batch));
    for (int i = 0; i < MANY; i++) {
        struct test_served served = {.name = arena_printf(work->arena, "RS %d", i)};
        TRY(test_served_action(work, &served));
        rows[i] = (struct met_put){.met = {.organisation = served.number,
                                           .cause_kind = S(CAUSE_INDICATOR),
                                           .cause = *cause,
                                           .class = S(TEST_CLASS),
                                           .first_us = NOON,
                                           .last_us = NOON,
                                           .events = 1,
                                           .severity = SEVERITY_MEDIUM}};
    }
    return store_met_fold(work, batch, rows, MANY);
}

/* More than fit into one work: what is about very many holds up nobody, and none is forgotten. */
static void very_many_are_taken_back_in_pieces(void **state)
{
    struct test_store *store = begin(state);
    struct warning *rows;
    size_t count;
    const char *id = indicator(store, 1, AMBER, "");
    test_standing(store, "", SEVERITY_INFO, WARNING_DIGEST);
    slice cause = slice_of(id);
    test_ok(test_work(store, many_meet_action, &cause));
    test_warn(store);
    test_ok(store_warning_latest(store->db, WARNING_OPEN, 0, INT64_MAX, 1000, store->arena, &rows, &count));
    assert_int_equal(count, MANY);
    withdraw(store, 1);
    test_ok(store_warning_latest(store->db, WARNING_OPEN, 0, INT64_MAX, 1000, store->arena, &rows, &count));
    assert_int_equal(count, 0);
    assert_int_equal(test_notices(store, NOTICE_OF_CORRECTION), 0); /* nobody was told */
}

static void where_nobody_can_be_told_a_person_looks(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_served(store, "RS Melati");
    struct actor officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    struct share_proposal proposal;
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, "open-rdp", 1, SEVERITY_HIGH);
    struct warning row = test_last(store);
    assert_true(row.state == WARNING_DRAFTED && holds(row.held, "contact: ") && row.told_us == TIME_NONE);
    test_refused(desk_warning_approve(store->db, &officer, row.number, S("go"), store->arena, &proposal), ERR_CONFLICT,
            "nobody is known");
    (void)test_contact(store, x, "siaga", 1);
    test_ok(desk_warning_approve(store->db, &officer, row.number, S("go"), store->arena, &proposal));
    assert_true(proposal.done && test_last(store).state == WARNING_APPROVED);
}

static void what_reaches_many_is_looked_at_first(void **state)
{
    struct test_store *store = begin(state);
    struct test_met met = {.count = 3};
    const char *id = indicator(store, 1, AMBER, "");
    test_warner.noise.most = 2;
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    for (size_t i = 0; i < met.count; i++)
        met.rows[i] = test_met_of(
                store, test_hospital(store, arena_printf(store->arena, "RS %zu", i)), slice_of(id), 1, SEVERITY_HIGH);
    test_ok(test_work(store, test_met_action, &met));
    test_warn(store);
    assert_int_equal(test_warnings(store), 3);
    assert_true(holds(test_last(store).held, "reach: "));
    assert_int_equal(test_notices(store, NOTICE_OF_WARNING), 0);
}

static void answers_change_what_may_be_changed(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati"), y = test_hospital(store, "RS Kenanga");
    struct warning_step *steps;
    size_t count;
    test_standing(store, "", SEVERITY_INFO, WARNING_SEND);
    test_meets(store, x, "open-rdp", 1, SEVERITY_HIGH);
    test_ok(test_answer(store, 1, DESK_ACKNOWLEDGED));
    test_ok(test_answer(store, 1, DESK_ACKNOWLEDGED));
    test_ok(test_state(store, 1, WARNING_SENT)); /* a late one */
    assert_true(test_last(store).state == WARNING_ACKNOWLEDGED);
    assert_int_equal(test_acts(store, "warning.acknowledged"), 1);
    test_ok(test_answer(store, 1, DESK_NOISE));
    assert_int_equal(test_acts(store, "warning.noise"), 1);
    assert_int_equal(test_answer(store, 1, DESK_ACKNOWLEDGED).kind, ERR_CONFLICT);
    test_ok(store_warning_steps(store->db, 1, store->arena, &steps, &count));
    assert_true(count == 4 && slice_eq(steps[3].why, S("noise")));
    struct actor admin = {.organisation = y,
            .user = 9,
            .name = S("admin"),
            .roles = 1u << ROLE_CONSTITUENT_ADMIN,
            .how = ACTOR_SECOND_FACTOR};
    store->actor = admin;
    assert_int_equal(test_answer(store, 1, DESK_DONE).kind, ERR_DENIED);
}

static void a_person_withdraws_and_holds(void **state)
{
    struct test_store *store = begin(state);
    int64_t x = test_hospital(store, "RS Melati");
    struct actor officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    struct actor analyst = test_person(store, "budi", ROLE_ANALYST);
    struct share_proposal proposal;
    test_standing(store, "", SEVERITY_INFO, WARNING_DIGEST);
    test_meets(store, x, "open-rdp", 1, SEVERITY_HIGH);
    test_ok(desk_warning_hold(store->db, &analyst, 1, S("wait for the vendor"), store->arena));
    assert_true(holds(test_last(store).held, "person: wait for the vendor"));
    test_ok(desk_warning_approve(store->db, &officer, 1, S("go"), store->arena, &proposal));
    test_refused(desk_warning_hold(store->db, &officer, 1, S("stop"), store->arena), ERR_CONFLICT, "told already");
    test_ok(desk_warning_withdraw(store->db, &officer, 1, S("it was ours"), store->arena, &proposal));
    assert_true(test_last(store).state == WARNING_WITHDRAWN);
    assert_int_equal(test_notices(store, NOTICE_OF_CORRECTION), 1);
    clock_set(NOON + 30 * HOUR_US);
    test_meets(store, x, "open-rdp", 1, SEVERITY_HIGH);
    assert_true(holds(test_last(store).held, "withdrawn-before: "));
}

static void rules_are_made_by_two_and_those_that_hold_ended_by_two(void **state)
{
    struct test_store *store = begin(state);
    struct actor one = test_person(store, "siti", ROLE_COORDINATOR);
    struct actor other = test_person(store, "tono", ROLE_MANAGER);
    struct warning_rule put = {.class = S("malicious-code/"),
                                .cause_kind = S(""),
                                .severity = SEVERITY_HIGH,
                                .sector = S(""),
                                .does = WARNING_SEND,
                                .until_us = TIME_NONE},
                        *rows;
    struct share_proposal proposal;
    size_t count;
    static const struct share_act acts[] = {{.name = "warning.rule", .verb = VERB_WARNING_RULES, .run = desk_rule_run},
            {.name = "warning.rule-end", .verb = VERB_WARNING_RULES, .run = desk_rule_end_run}};
    share_acts_set(acts, COUNT_OF(acts));
    test_ok(desk_rule_propose(store->db, &one, &put, S("agreed in June"), store->arena, &proposal));
    assert_false(proposal.done);
    test_refused(share_approve(store->db, &one, proposal.number, NULL, store->arena), ERR_DENIED, "second person");
    test_ok(share_approve(store->db, &other, proposal.number, NULL, store->arena));
    put.does = WARNING_HOLD;
    put.class = S("fraud/phishing");
    test_ok(desk_rule_propose(store->db, &one, &put, S("courts"), store->arena, &proposal));
    test_ok(share_approve(store->db, &other, proposal.number, NULL, store->arena));
    test_ok(store_warning_rule_holding(store->db, NOON, store->arena, &rows, &count));
    assert_true(count == 2 && rows[0].approval > 0 && rows[0].severity == SEVERITY_HIGH);
    put.class = S("fraud/fishing");
    assert_int_equal(desk_rule_propose(store->db, &one, &put, S("x"), store->arena, &proposal).kind, ERR_INPUT);
    test_ok(desk_rule_end(store->db, &one, rows[0].number, S("over"), store->arena, &proposal));
    assert_true(proposal.done);
    test_ok(desk_rule_end(store->db, &one, rows[1].number, S("over"), store->arena, &proposal));
    assert_false(proposal.done);
    clock_set(NOON + 1);
    test_ok(store_warning_rule_holding(store->db, NOON + 1, store->arena, &rows, &count));
    assert_int_equal(count, 1);
}

static const struct share_act desk_acts[] = {
        {.name = "warning.approve", .verb = VERB_WARN, .run = desk_warning_approve_run},
        {.name = "warning.sector", .verb = VERB_WARNING_RULES, .run = desk_sector_run},
        {.name = "warning.withdraw", .verb = VERB_WARN, .run = desk_warning_withdraw_run}};

static int acts_set_up(void **state)
{
    share_acts_set(desk_acts, COUNT_OF(desk_acts));
    return set_up(state);
}

#define DESK_TEST(test) TEST_ON_BOTH(test, acts_set_up, release_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            DESK_TEST(who_met_it_is_warned_and_nobody_else),
            DESK_TEST(without_a_rule_it_waits_for_a_person),
            DESK_TEST(what_its_marking_forbids_nobody_lets_out),
            DESK_TEST(what_is_told_decides_not_what_else_is_in_it),
            DESK_TEST(consent_of_the_originator_lets_it_out),
            DESK_TEST(what_nobody_was_told_yet_waits_when_the_consent_is_taken_back),
            DESK_TEST(what_a_person_holds_is_not_let_out_by_a_consent),
            DESK_TEST(an_exercise_reaches_nobody),
            DESK_TEST(it_grows_in_silence_until_it_gets_worse),
            DESK_TEST(what_they_were_told_of_is_told_once_whoever_says_it),
            DESK_TEST(after_it_was_done_there_is_a_new_one),
            DESK_TEST(one_notice_a_day_and_class_but_for_critical_ones),
            DESK_TEST(a_digest_tells_of_many_in_one_notice),
            DESK_TEST(who_does_not_answer_is_chased_then_the_second_then_we_call),
            DESK_TEST(the_team_of_their_sector_hears_that_nobody_answers),
            DESK_TEST(what_all_may_know_names_the_class_to_the_sector),
            DESK_TEST(what_its_marking_keeps_from_the_sector_is_for_us),
            DESK_TEST(a_sector_team_that_cannot_be_told_is_for_us),
            DESK_TEST(who_answered_is_not_chased),
            DESK_TEST(who_was_warned_hears_that_it_was_wrong),
            DESK_TEST(very_many_are_taken_back_in_pieces),
            DESK_TEST(where_nobody_can_be_told_a_person_looks),
            DESK_TEST(what_reaches_many_is_looked_at_first),
            DESK_TEST(answers_change_what_may_be_changed),
            DESK_TEST(a_person_withdraws_and_holds),
            DESK_TEST(rules_are_made_by_two_and_those_that_hold_ended_by_two),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
