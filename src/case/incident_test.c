/* SPDX-License-Identifier: Apache-2.0 */
#include "case/test_case.h"

#define KNOWN "2026-11-20T22:40:00+07:00"
#define KNOWN_UTC "2026-11-20T15:40:00.000000Z"

static const struct share_act acts[] = {
        {.name = "incident.close", .verb = VERB_CASE_FACTS, .run = case_incident_do_close},
        {.name = "incident.time", .verb = VERB_CASE_FACTS, .run = case_incident_do_time},
        {.name = "incident.class", .verb = VERB_CASE_FACTS, .run = case_incident_do_class},
        {.name = "incident.widen", .verb = VERB_RELEASE, .run = case_incident_do_widen},
};

static struct actor officer, coordinator, second;

static struct test_store *begin(void **state)
{
    struct test_store *store = ready(state);
    share_acts_set(acts, COUNT_OF(acts));
    clock_set(NOON);
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    coordinator = test_person(store, "wati", ROLE_COORDINATOR);
    second = test_person(store, "tono", ROLE_COORDINATOR);
    return store;
}

static int64_t moment_of(const char *text)
{
    int64_t us;
    assert_true(time_parse_strict(slice_of(text), &us));
    return us;
}

/* ---- Its life ---- */

static void it_goes_along_its_ways_and_no_others(void **state)
{
    struct test_store *store = begin(state);
    int64_t number = test_incident(store, &officer, "Ransomware di RS Melati");
    struct incident row = test_incident_get(store, number);
    assert_true(row.state == INCIDENT_NEW && row.holder == officer.user && row.at[INCIDENT_REPORTED_AT] == NOON);
    assert_true(slice_eq(row.marking, S("TLP:AMBER")) && slice_eq(row.determination, S("suspected")));
    test_refused(
            test_turn(store, &officer, number, INCIDENT_CONTAINED), ERR_CONFLICT, "is new: it cannot be contained");
    test_ok(test_turn(store, &officer, number, INCIDENT_TRIAGED));
    test_ok(test_turn(store, &officer, number, INCIDENT_OPEN));
    clock_set(NOON + HOUR_US);
    test_ok(test_turn(store, &officer, number, INCIDENT_CONTAINED));
    test_ok(test_turn(store, &officer, number, INCIDENT_CLOSED));
    row = test_incident_get(store, number);
    assert_true(row.at[INCIDENT_ACKNOWLEDGED_AT] == NOON && row.at[INCIDENT_CONTAINED_AT] == NOON + HOUR_US);
    assert_true(row.at[INCIDENT_CLOSED_AT] == NOON + HOUR_US && row.at[INCIDENT_RECOVERED_AT] == TIME_NONE);
    test_refused(test_turn(store, &officer, number, INCIDENT_TRIAGED), ERR_CONFLICT, "is closed");
    assert_int_equal(test_acts(store, "incident.closed"), 1);
}

static void opened_again_it_keeps_when_it_had_been_closed(void **state)
{
    struct test_store *store = begin(state);
    struct incident_time *times;
    size_t count;
    int64_t number = test_incident(store, &officer, "Phishing");
    test_ok(test_turn(store, &officer, number, INCIDENT_OPEN));
    test_ok(test_turn(store, &officer, number, INCIDENT_CLOSED));
    clock_set(NOON + DAY_US);
    test_ok(test_turn(store, &officer, number, INCIDENT_OPEN));
    assert_true(test_incident_get(store, number).at[INCIDENT_CLOSED_AT] == TIME_NONE);
    test_ok(store_incident_times(store->db, number, store->arena, &times, &count));
    assert_true(count == 1 && times[0].what == INCIDENT_CLOSED_AT && times[0].before_us == NOON);
}

static void what_is_critical_two_persons_close(void **state)
{
    struct test_store *store = begin(state);
    struct share_proposal proposal;
    int64_t number = test_incident(store, &officer, "Ransomware");
    test_ok(test_set(store, &officer, number, "criticality", "90"));
    test_ok(test_turn(store, &officer, number, INCIDENT_OPEN));
    test_refused(test_turn(store, &officer, number, INCIDENT_CLOSED), ERR_DENIED, "two persons");
    test_refused(test_set(store, &officer, number, "criticality", "10"), ERR_CONFLICT, "critical");
    test_ok(case_incident_close(store->db, &coordinator, number, S("all is well"), store->arena, &proposal));
    assert_true(!proposal.done && test_incident_get(store, number).state == INCIDENT_OPEN);
    test_refused(
            share_approve(store->db, &coordinator, proposal.number, NULL, store->arena), ERR_DENIED, "second person");
    test_ok(share_approve(store->db, &second, proposal.number, NULL, store->arena));
    assert_int_equal(test_incident_get(store, number).state, INCIDENT_CLOSED);
}

/* ---- Facts ---- */

static void when_it_was_known_is_told_once_and_changed_by_two(void **state)
{
    struct test_store *store = begin(state);
    struct share_proposal proposal;
    struct incident_time *times;
    size_t count;
    int64_t later = moment_of(KNOWN) + HOUR_US;
    int64_t number = test_incident(store, &officer, "Ransomware");
    test_ok(test_set(store, &officer, number, "known", KNOWN));
    test_ok(test_set(store, &officer, number, "known", KNOWN_UTC));
    test_refused(test_set(store, &officer, number, "known", "2026-11-20T23:40:00+07:00"), ERR_CONFLICT, "two persons");
    test_refused(case_incident_time(store->db, &officer, number, INCIDENT_KNOWN_AT, later, S("the log says so"),
                         store->arena, &proposal),
            ERR_DENIED, "siti may not");
    test_ok(case_incident_time(
            store->db, &coordinator, number, INCIDENT_KNOWN_AT, later, S("the log says so"), store->arena, &proposal));
    test_ok(share_approve(store->db, &second, proposal.number, NULL, store->arena));
    assert_true(test_incident_get(store, number).at[INCIDENT_KNOWN_AT] == later);
    test_ok(store_incident_times(store->db, number, store->arena, &times, &count));
    assert_true(count == 1 && times[0].before_us == moment_of(KNOWN) && times[0].after_us == later);
    assert_true(slice_eq(times[0].proposer, S("wati")) && slice_eq(times[0].actor, S("tono")));
    assert_true(slice_eq(times[0].why, S("the log says so")));
}

static void what_was_changed_meanwhile_is_not_changed_by_an_old_proposal(void **state)
{
    struct test_store *store = begin(state);
    struct share_proposal first, then;
    int64_t number = test_incident(store, &officer, "Ransomware");
    test_ok(test_set(store, &officer, number, "known", KNOWN));
    test_ok(case_incident_time(
            store->db, &coordinator, number, INCIDENT_KNOWN_AT, NOON, S("one"), store->arena, &first));
    test_ok(case_incident_time(
            store->db, &second, number, INCIDENT_KNOWN_AT, NOON - HOUR_US, S("two"), store->arena, &then));
    test_ok(share_approve(store->db, &coordinator, then.number, NULL, store->arena));
    test_refused(share_approve(store->db, &second, first.number, NULL, store->arena), ERR_CONFLICT, "meanwhile");
    assert_true(test_incident_get(store, number).at[INCIDENT_KNOWN_AT] == NOON - HOUR_US);
}

static void a_class_is_given_once_and_every_one_is_kept(void **state)
{
    struct test_store *store = begin(state);
    struct share_proposal proposal;
    struct incident_class *classes;
    size_t count;
    int64_t number = test_incident(store, &officer, "Ransomware");
    test_refused(test_set(store, &officer, number, "class", "fraud/phishing"), ERR_CONFLICT, "two persons");
    clock_set(NOON + HOUR_US);
    test_ok(case_incident_class(store->db, &coordinator, number,
            S("information-content-security/unauthorised-information-modification"), S("ransomware"),
            S("files were changed"), store->arena, &proposal));
    test_ok(share_approve(store->db, &second, proposal.number, NULL, store->arena));
    test_ok(store_incident_classes(store->db, number, store->arena, &classes, &count));
    assert_true(count == 2 && slice_eq(classes[0].class, S(TEST_CLASS)) && classes[0].from_us == NOON);
    assert_true(slice_eq(classes[1].local_class, S("ransomware")) && classes[1].from_us == NOON + HOUR_US);
    assert_true(slice_eq(test_incident_get(store, number).class, classes[1].class));
    test_ok(case_incident_class(
            store->db, &coordinator, number, S("fraud/none"), S(""), S("no"), store->arena, &proposal));
    test_refused(share_approve(store->db, &second, proposal.number, NULL, store->arena), ERR_INPUT, "RSIT");
}

static void a_marking_gets_narrower_freely_and_wider_by_two(void **state)
{
    struct test_store *store = begin(state);
    struct share_proposal proposal;
    int64_t number = test_incident(store, &officer, "Ransomware");
    test_ok(test_set(store, &officer, number, "marking", "TLP:AMBER+STRICT"));
    test_refused(test_set(store, &officer, number, "marking", "TLP:GREEN"), ERR_CONFLICT, "wider");
    test_ok(case_incident_widen(
            store->db, &coordinator, number, S("TLP:GREEN"), S("they agreed"), store->arena, &proposal));
    test_ok(share_approve(store->db, &officer, proposal.number, NULL, store->arena));
    assert_true(slice_eq(test_incident_get(store, number).marking, S("TLP:GREEN")));
}

static void every_wrong_field_is_named(void **state)
{
    static const struct {
        const char *field, *value, *why;
    } rows[] = {
            {"title", "", "title is empty"},
            {"title", "a\x1b[2J", "control character"},
            {"severity", "terrible", "info, low, medium"},
            {"criticality", "101", "0 to 100"},
            {"determination", "maybe", "suspected"},
            {"marking", "AMBER", "TLP:AMBER"},
            {"sector", "Kesehatan!", "small letters"},
            {"vital", "perhaps", "yes or no"},
            {"holder", "nobody", ""},
            {"known", "yesterday", "a moment with its zone"},
            {"known", "2036-01-01T00:00:00Z", "still to come"},
            {"closed", "2026-01-01T00:00:00Z", "no field"},
            {"colour", "red", "no field"},
    };
    struct test_store *store = begin(state);
    int64_t number = test_incident(store, &officer, "Ransomware");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = test_set(store, &officer, number, rows[i].field, rows[i].value);
        if (err.kind == ERR_NONE || strstr(err.why, rows[i].why) == NULL)
            fail_msg("%s \"%s\": %s", rows[i].field, rows[i].value, err.kind == ERR_NONE ? "taken" : err.why);
    }
    assert_int_equal(test_acts(store, "incident.changed"), 0);
}

static void every_field_is_told_by_name(void **state)
{
    (void)state;
    size_t count = 0;
    while (case_incident_field(count) != NULL)
        count++;
    assert_int_equal(count, 19);
    assert_string_equal(case_incident_field(0), "title");
    assert_string_equal(case_incident_field(18), "recovered");
}

/* ---- Merging, and what stands around it ---- */

static struct err merge_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_incident_merge(work, verb->incident, verb->other, S("the same"));
}

static struct err observable_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_observable_add(work, verb->incident, verb->field, verb->value);
}

static struct err observable(struct test_store *store, int64_t incident, const char *type, const char *value)
{
    struct test_verb verb = {.incident = incident, .field = slice_of(type), .value = slice_of(value)};
    return test_as(store, &officer, observable_action, &verb);
}

static void what_is_merged_loses_nothing(void **state)
{
    struct test_store *store = begin(state);
    struct incident_observable *seen;
    size_t count;
    bool is;
    int64_t clinic = test_served(store, "Klinik Anggrek");
    int64_t one = test_incident(store, &officer, "One"), two = test_incident(store, &officer, "Two");
    struct test_verb verb = {.incident = two, .other = one};
    test_party(store, &officer, two, clinic, PARTY_VICTIM);
    test_ok(observable(store, two, "domain", "Evil[.]example"));
    test_ok(observable(store, one, "domain", "evil.example"));
    test_ok(observable(store, two, "ipv4", "203.0.113.7"));
    test_refused(observable(store, two, "ipv4", "evil.example"), ERR_INPUT, "ipv4");
    test_ok(test_as(store, &officer, merge_action, &verb));
    assert_true(
            test_incident_get(store, two).state == INCIDENT_DUPLICATE && test_incident_get(store, two).same_as == one);
    test_ok(store_party_is(store->db, one, clinic, 1u << PARTY_VICTIM, &is));
    assert_true(is);
    test_ok(store_incident_observables(store->db, one, store->arena, &seen, &count));
    assert_true(count == 2 && slice_eq(seen[0].value, S("evil.example")) && seen[0].others == 1);
    verb = (struct test_verb){.incident = one, .other = two};
    test_refused(test_as(store, &officer, merge_action, &verb), ERR_CONFLICT, "was merged with");
}

static struct err impact_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_impact_add(work, verb->incident, verb->impact, &verb->number);
}

static void an_unknown_loss_is_not_nought(void **state)
{
    struct test_store *store = begin(state);
    struct impact *rows, put = {.kind = S("loss"),
                                 .low = 100,
                                 .high = 200,
                                 .unit = S("IDR"),
                                 .basis = S("invoices"),
                                 .confidence = S("low"),
                                 .at_us = TIME_NONE};
    size_t count;
    struct test_verb verb = {.incident = test_incident(store, &officer, "Loss"), .impact = &put};
    test_ok(test_as(store, &officer, impact_action, &verb));
    put.low = put.high = IMPACT_UNKNOWN;
    test_ok(test_as(store, &officer, impact_action, &verb));
    test_ok(store_impact_list(store->db, verb.incident, store->arena, &rows, &count));
    assert_true(count == 2 && rows[0].low == 100 && rows[0].at_us == NOON && rows[1].high == IMPACT_UNKNOWN);
    put.low = 5;
    test_refused(test_as(store, &officer, impact_action, &verb), ERR_INPUT, "or neither");
    put.high = 4;
    test_refused(test_as(store, &officer, impact_action, &verb), ERR_INPUT, "from its least");
    put = (struct impact){.kind = S("records"), .low = 1, .high = 2, .unit = S("IDR"), .confidence = S("high")};
    test_refused(test_as(store, &officer, impact_action, &verb), ERR_INPUT, "without a currency");
}

/* ---- Who sees what ---- */

static enum case_sight sight(struct test_store *store, const struct actor *actor, int64_t number)
{
    const struct incident row = test_incident_get(store, number);
    enum case_sight seen;
    test_ok(case_sees(store->db, actor, &row, store->arena, &seen));
    return seen;
}

static void who_has_nothing_to_do_with_it_sees_nothing(void **state)
{
    struct test_store *store = begin(state);
    int64_t clinic = test_served(store, "Klinik Anggrek"), police = test_served(store, "Polisi Contoh");
    int64_t number = test_incident(store, &officer, "Ransomware");
    struct actor admin = {.organisation = clinic,
            .user = 900,
            .name = S("dewi"),
            .roles = 1u << ROLE_CONSTITUENT_ADMIN,
            .how = ACTOR_PASSWORD};
    struct actor liaison = admin, sysadmin = admin, auditor = admin;
    liaison.roles = 1u << ROLE_LIAISON;
    liaison.organisation = police;
    sysadmin.roles = 1u << ROLE_SYSADMIN;
    auditor.roles = 1u << ROLE_AUDITOR;
    assert_int_equal(sight(store, &officer, number), CASE_ALL);
    assert_int_equal(sight(store, &auditor, number), CASE_ALL);
    assert_int_equal(sight(store, &admin, number), CASE_NOTHING);
    test_party(store, &officer, number, clinic, PARTY_VICTIM);
    test_party(store, &officer, number, police, PARTY_LIAISON);
    assert_int_equal(sight(store, &admin, number), CASE_PART);
    assert_int_equal(sight(store, &liaison, number), CASE_NOTHING);
    assert_int_equal(sight(store, &sysadmin, number), CASE_NOTHING);
    struct case_incident_put put = test_put("Restricted");
    struct test_verb verb = {.put = &put};
    put.flags = S("restricted");
    test_ok(test_as(store, &officer, test_open_action, &verb));
    assert_int_equal(sight(store, &officer, verb.incident), CASE_ALL);
    assert_int_equal(sight(store, &coordinator, verb.incident), CASE_NOTHING);
    test_refused(test_turn(store, &coordinator, verb.incident, INCIDENT_TRIAGED), ERR_MISSING, "no such incident");
    test_ok(test_turn(store, &officer, verb.incident, INCIDENT_TRIAGED));
}

static struct err entry_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_entry_add(work, verb->incident, verb->entry, &verb->number);
}

static void a_party_writes_for_itself_and_us_and_reads_what_is_for_it(void **state)
{
    struct test_store *store = begin(state);
    int64_t clinic = test_served(store, "Klinik Anggrek"), other = test_served(store, "Klinik Kenanga");
    struct actor admin = {.organisation = clinic,
            .user = 900,
            .name = S("dewi"),
            .roles = 1u << ROLE_CONSTITUENT_ADMIN,
            .how = ACTOR_PASSWORD};
    struct incident_entry put = {.kind = ENTRY_NOTE,
            .happened_us = TIME_NONE,
            .text = S("Server dimatikan.\nJam 22.50."),
            .source = S(""),
            .due_us = TIME_NONE,
            .audience = AUDIENCE_PARTIES};
    struct incident_entry *rows;
    size_t count;
    struct test_verb verb = {.incident = test_incident(store, &officer, "Ransomware"), .entry = &put};
    test_refused(test_as(store, &admin, entry_action, &verb), ERR_MISSING, "no such incident");
    test_party(store, &officer, verb.incident, clinic, PARTY_VICTIM);
    test_party(store, &officer, verb.incident, other, PARTY_INFORMED);
    test_ok(test_as(store, &admin, entry_action, &verb));
    put.audience = AUDIENCE_OWN;
    test_ok(test_as(store, &officer, entry_action, &verb));
    test_ok(store_entry_list(store->db, verb.incident, INT64_MIN, 0, 10, store->arena, &rows, &count));
    assert_true(count == 2 && rows[0].home == clinic && rows[0].audience == clinic);
    assert_true(case_entry_seen(&rows[0], CASE_PART, clinic) && !case_entry_seen(&rows[0], CASE_PART, other));
    assert_true(case_entry_seen(&rows[0], CASE_ALL, 1) && !case_entry_seen(&rows[1], CASE_PART, clinic));
    put.kind = ENTRY_ANSWER;
    test_refused(test_as(store, &officer, entry_action, &verb), ERR_INPUT, "names the question");
}

#define CASE_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE_TEST(it_goes_along_its_ways_and_no_others),
            CASE_TEST(opened_again_it_keeps_when_it_had_been_closed),
            CASE_TEST(what_is_critical_two_persons_close),
            CASE_TEST(when_it_was_known_is_told_once_and_changed_by_two),
            CASE_TEST(what_was_changed_meanwhile_is_not_changed_by_an_old_proposal),
            CASE_TEST(a_class_is_given_once_and_every_one_is_kept),
            CASE_TEST(a_marking_gets_narrower_freely_and_wider_by_two),
            CASE_TEST(every_wrong_field_is_named),
            cmocka_unit_test(every_field_is_told_by_name),
            CASE_TEST(what_is_merged_loses_nothing),
            CASE_TEST(an_unknown_loss_is_not_nought),
            CASE_TEST(who_has_nothing_to_do_with_it_sees_nothing),
            CASE_TEST(a_party_writes_for_itself_and_us_and_reads_what_is_for_it),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
