/* SPDX-License-Identifier: Apache-2.0 */
#include "case/duty.h"

#include "case/test_case.h"
#include "desk/notice.h"
#include "store/contact.h"
#include "store/journal.h"
#include "store/notice.h"
#include "store/organisation.h"
#include "store/roster.h"

#define FRIDAY "2026-11-20T22:40:00+07:00"

static const struct share_act acts[] = {
        {.name = "incident.time", .verb = VERB_CASE_FACTS, .run = case_incident_do_time},
        {.name = "duty.waive", .verb = VERB_WAIVE_DUTIES, .run = case_duty_do_waive},
};

static struct actor officer, coordinator, second;
static struct plan_duties rules;
static int64_t clinic, incident;
static const struct actor machine = {.name = {"@duties", 7}, .how = ACTOR_FOLLOWER};

static int64_t moment_of(const char *text)
{
    int64_t us;
    assert_true(time_parse_strict(slice_of(text), &us));
    return us;
}

static void follow(struct test_store *store)
{
    const struct follower follower = case_duty_follower(&rules);
    uint64_t did = 1;
    while (did > 0)
        test_ok(store_follower_once(store->db, &follower, 100, store->arena, &did));
}

static struct duty *duties(struct test_store *store, size_t expected)
{
    struct duty *rows;
    size_t count;
    test_ok(store_duty_list(store->db, incident, store->arena, &rows, &count));
    assert_int_equal(count, expected);
    return rows;
}

static size_t remind(struct test_store *store)
{
    size_t count;
    test_ok(case_duty_remind(store->db, &machine, store->arena, &count));
    return count;
}

/* A hospital that we serve in Indonesia is hit on Friday evening: four clocks. */
static struct test_store *begin(void **state)
{
    struct test_store *store = ready(state);
    share_acts_set(acts, COUNT_OF(acts));
    clock_set(moment_of(FRIDAY));
    test_ok(plan_duty_shipped(store->arena, &rules));
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    coordinator = test_person(store, "wati", ROLE_COORDINATOR);
    second = test_person(store, "tono", ROLE_COORDINATOR);
    clinic = test_served(store, "RS Melati");
    struct case_incident_put put = test_put("Ransomware di RS Melati");
    put.at[INCIDENT_KNOWN_AT] = moment_of(FRIDAY);
    put.vital = put.personal_data = true;
    struct test_verb verb = {.put = &put};
    test_ok(test_as(store, &officer, test_open_action, &verb));
    incident = verb.incident;
    test_party(store, &officer, incident, clinic, PARTY_VICTIM);
    follow(store);
    return store;
}

struct filing {
    int64_t duty;
    slice reference, form, why;
};

static struct err file_action(struct work *work, void *context)
{
    const struct filing *filing = context;
    return case_duty_file(work, filing->duty, filing->reference, filing->form, filing->why);
}

static struct err file(struct test_store *store, int64_t duty, const char *why)
{
    struct filing filing = {duty, S("KOM-7"), S("the form"), slice_of(why)};
    return store_work(store->db, &officer, store->arena, file_action, &filing);
}

static const struct duty *of_rule(struct duty *rows, size_t count, const char *rule)
{
    for (size_t i = count; i-- > 0;)
        if (slice_eq(rows[i].rule, slice_of(rule)))
            return &rows[i];
    fail_msg("no duty of %s", rule);
    return NULL;
}

/* ---- Clocks ---- */

static void what_is_known_begins_the_clocks_of_who_was_hit(void **state)
{
    struct test_store *store = begin(state);
    struct duty *rows = duties(store, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(rows[i].organisation == clinic && rows[i].starts_us == moment_of(FRIDAY));
    assert_true(of_rule(rows, 4, "id-bssn-sector")->due_us == moment_of("2026-11-21T22:40:00+07:00"));
    assert_true(of_rule(rows, 4, "id-bssn-national")->due_us == moment_of("2026-11-21T22:40:00+07:00"));
    assert_true(of_rule(rows, 4, "id-pdp-body")->due_us == moment_of("2026-11-23T22:40:00+07:00"));
    assert_true(of_rule(rows, 4, "id-pdp-subjects")->due_us == moment_of("2026-11-23T22:40:00+07:00"));
    test_ok(test_set(store, &officer, incident, "personal-data", "no"));
    follow(store);
    duties(store, 4); /* nobody stops a clock by saying that it is not so */
}

static void another_moment_replaces_the_clocks_by_the_rule_that_they_had(void **state)
{
    struct test_store *store = begin(state);
    struct share_proposal proposal;
    struct duty before = duties(store, 4)[0];
    clock_set(moment_of("2026-11-21T10:00:00+07:00"));
    test_ok(case_incident_time(store->db, &coordinator, incident, INCIDENT_KNOWN_AT,
            moment_of("2026-11-20T23:40:00+07:00"), S("the log says so"), store->arena, &proposal));
    follow(store);
    duties(store, 4); /* one person alone moves none */
    test_ok(share_approve(store->db, &second, proposal.number, NULL, store->arena));
    for (size_t i = 0; i < rules.count; i++)
        rules.rows[i].minutes = 1; /* the law is another by now */
    follow(store);
    struct duty *rows = duties(store, 8);
    assert_true(rows[0].state == DUTY_REPLACED && rows[0].due_us == before.due_us && rows[0].why.len > 0);
    assert_true(rows[4].state == DUTY_RUNNING && slice_eq(rows[4].text, before.text));
    assert_true(rows[4].due_us == before.due_us + HOUR_US);
    assert_int_equal(test_acts(store, "duty.replaced"), 4);
}

/* The file of rules is another one by now: what begins from then on goes by it, and nothing of before does. */
static void other_rules_are_for_new_incidents(void **state)
{
    struct test_store *store = begin(state);
    struct duty *before = duties(store, 4);
    struct plan_duties own;
    test_ok(plan_duty_read("own.conf",
            S("[file]\nversion = 2027\nsource = a law of tomorrow\n[duty id-pdp-body]\ntitle = Tell the body\nsource = "
              "x\n"
              "seen = 2026-11-20\nfrom = 2024-01-01\ncountries = id\npersonal-data = yes\nstart = known\nhours = 24\n"
              "recipient = the body\ncontent = description\n"),
            NULL, NULL, store->arena, &own));
    rules = plan_duty_merge(&own, &rules, store->arena);
    test_ok(test_set(store, &officer, incident, "criticality", "80"));
    follow(store);
    struct duty *kept = duties(store, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(slice_eq(kept[i].text, before[i].text) && kept[i].due_us == before[i].due_us);
    struct case_incident_put put = test_put("Ransomware di RS Mawar");
    put.at[INCIDENT_KNOWN_AT] = moment_of(FRIDAY);
    put.vital = put.personal_data = true;
    struct test_verb verb = {.put = &put};
    test_ok(test_as(store, &officer, test_open_action, &verb));
    incident = verb.incident;
    test_party(store, &officer, incident, clinic, PARTY_VICTIM);
    follow(store);
    const struct duty *fresh = of_rule(duties(store, 4), 4, "id-pdp-body");
    assert_true(slice_eq(fresh->version, S("2027")) && fresh->due_us == moment_of(FRIDAY) + DAY_US);
    assert_true(of_rule(kept, 4, "id-pdp-body")->due_us == moment_of(FRIDAY) + 3 * DAY_US);
}

/* ---- What somebody demands ---- */

struct demanding {
    struct case_duty_demand demand;
    int64_t duty;
};

static struct err demand_action(struct work *work, void *context)
{
    struct demanding *demanding = context;
    return case_duty_begin(work, &rules, &demanding->demand, &demanding->duty);
}

static struct err platform_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    const struct organisation_put put = {
            .name = S("Social"), .kind = S("platform"), .country = S("ID"), .relation = RELATION_CONSTITUENT};
    TRY(store_organisation_add(work, &put, &verb->number));
    return store_organisation_state(work, verb->number, ORGANISATION_ACTIVE);
}

static void a_platform_has_hours_from_when_it_was_demanded(void **state)
{
    struct test_store *store = begin(state);
    struct test_verb platform = {0};
    int64_t asked = moment_of("2026-11-20T22:00:00+07:00");
    test_ok(test_work(store, platform_action, &platform));
    struct demanding demanding = {{incident, platform.number, S("id-takedown-urgent"), asked}, 0};
    test_refused(store_work(store->db, &officer, store->arena, demand_action, &demanding), ERR_INPUT,
            "organisation: Social is no party");
    test_party(store, &officer, incident, platform.number, PARTY_SUPPORT);
    test_ok(store_work(store->db, &officer, store->arena, demand_action, &demanding));
    struct duty *rows = duties(store, 5);
    const struct duty *urgent = of_rule(rows, 5, "id-takedown-urgent");
    assert_true(urgent->organisation == platform.number && urgent->due_us == asked + 4 * HOUR_US);
    demanding.demand.rule = S("id-takedown");
    test_ok(store_work(store->db, &officer, store->arena, demand_action, &demanding));
    assert_true(of_rule(duties(store, 6), 6, "id-takedown")->due_us == asked + 24 * HOUR_US);
    demanding.demand.organisation = 0; /* ourselves */
    test_refused(store_work(store->db, &officer, store->arena, demand_action, &demanding), ERR_INPUT,
            "id-takedown is not for a");
    demanding.demand.organisation = clinic;
    test_refused(store_work(store->db, &officer, store->arena, demand_action, &demanding), ERR_INPUT,
            "id-takedown is not for a hospital, which RS Melati is");
}

static struct err country_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    struct organisation row;
    TRY(store_organisation_get(work->db, verb->organisation, work->arena, &row));
    const struct organisation_put put = {.kind = row.kind, .sector = row.sector, .country = S("ID")};
    return store_organisation_change(work, verb->organisation, &put);
}

static void before_it_is_known_who_was_hit_the_clocks_are_ours(void **state)
{
    struct test_store *store = begin(state);
    struct case_incident_put put = test_put("Something");
    struct test_verb own = {0}, verb = {.put = &put};
    put.at[INCIDENT_KNOWN_AT] = moment_of(FRIDAY);
    put.vital = true;
    test_ok(store_organisation_own(store->db, &own.organisation));
    test_ok(test_work(store, country_action, &own));
    test_ok(test_as(store, &officer, test_open_action, &verb));
    incident = verb.incident;
    follow(store);
    assert_true(duties(store, 2)[0].organisation == own.organisation);
    test_party(store, &officer, incident, clinic, PARTY_VICTIM);
    follow(store);
    struct duty *rows = duties(store, 4);
    assert_true(rows[0].state == DUTY_REPLACED && rows[1].state == DUTY_REPLACED);
    assert_true(rows[2].state == DUTY_RUNNING && rows[2].organisation == clinic);
}

/* ---- Ends ---- */

static void on_time_is_met_and_a_minute_after_is_late_for_good(void **state)
{
    struct test_store *store = begin(state);
    struct duty *rows = duties(store, 4);
    int64_t body = of_rule(rows, 4, "id-pdp-body")->number, subjects = of_rule(rows, 4, "id-pdp-subjects")->number;
    slice form;
    clock_set(moment_of("2026-11-23T22:39:00+07:00"));
    test_ok(file(store, body, ""));
    clock_set(moment_of("2026-11-23T22:41:00+07:00"));
    test_refused(file(store, subjects, ""), ERR_INPUT, "it is late: say why");
    test_ok(file(store, subjects, "the addresses had to be found first"));
    test_refused(file(store, body, ""), ERR_CONFLICT, "ended already");
    test_refused(file(store, subjects, "again"), ERR_CONFLICT, "ended already");
    rows = duties(store, 4);
    assert_int_equal(of_rule(rows, 4, "id-pdp-body")->state, DUTY_MET);
    assert_int_equal(of_rule(rows, 4, "id-pdp-subjects")->state, DUTY_LATE);
    assert_true(of_rule(rows, 4, "id-pdp-subjects")->filed_us == moment_of("2026-11-23T22:41:00+07:00"));
    test_ok(store_duty_form(store->db, body, store->arena, &form));
    assert_true(slice_eq(form, S("the form")));
}

static void two_persons_waive(void **state)
{
    struct test_store *store = begin(state);
    struct share_proposal proposal;
    int64_t number = duties(store, 4)[0].number;
    test_refused(case_duty_waive(store->db, &officer, number, S("not ours"), store->arena, &proposal), ERR_DENIED,
            "siti may not");
    test_ok(case_duty_waive(store->db, &coordinator, number, S("not ours"), store->arena, &proposal));
    assert_true(!proposal.done && duties(store, 4)[0].state == DUTY_RUNNING);
    test_ok(share_approve(store->db, &second, proposal.number, NULL, store->arena));
    assert_int_equal(duties(store, 4)[0].state, DUTY_WAIVED);
    follow(store);
    duties(store, 4);
}

/* ---- Reminders ---- */

static void each_reminder_comes_once_and_of_those_missed_the_last(void **state)
{
    struct test_store *store = begin(state);
    assert_int_equal(remind(store), 0);
    clock_set(moment_of("2026-11-21T10:40:00+07:00")); /* half of 24 hours */
    assert_int_equal(remind(store), 2);
    assert_int_equal(remind(store), 0);
    clock_set(moment_of("2026-11-21T20:20:00+07:00")); /* beyond 75 and 90 per cent of it */
    assert_int_equal(remind(store), 2);
    assert_int_equal(remind(store), 0);
    assert_int_equal(of_rule(duties(store, 4), 4, "id-bssn-sector")->reminded, 90);
    clock_set(moment_of("2026-11-30T00:00:00+07:00")); /* nobody was there for days */
    assert_int_equal(remind(store), 4);
    assert_int_equal(remind(store), 0);
    struct duty *rows = duties(store, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(rows[i].reminded == 100 && rows[i].remind_us == TIME_NONE && rows[i].state == DUTY_RUNNING);
    assert_int_equal(test_acts(store, "duty.reminded"), 8);
}

static const struct desk_notice_options cert = {.name = "Melati CERT", .from = "jaga@cert.example"};

static struct err shifts_put(struct work *work, void *context)
{
    const int64_t *users = context;
    const struct shift_put rows[] = {{users[0], SHIFT_FIRST, work->now_us - HOUR_US, work->now_us + DAY_US},
            {users[1], SHIFT_FIRST, work->now_us + DAY_US, work->now_us + 2 * DAY_US}};
    int64_t number;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        TRY(store_shift_put(work, &rows[i], &number));
        TRY(store_shift_person(work, users[i], i == 0 ? S("siti@cert.example") : S("wati@cert.example"), S("")));
    }
    return OK;
}

static struct err contact_add(struct work *work, void *context)
{
    const struct contact_put put = {.name = S("Piket"),
            .rank = 1,
            .mail = S("Siti@cert.example"),
            .phone = S(""),
            .webhook = S(""),
            .webhook_secret = S(""),
            .languages = S("id"),
            .hours = S("always"),
            .pgp_key = S("")};
    int64_t own;
    TRY(store_organisation_own(work->db, &own));
    return store_contact_add(work, own, &put, context);
}

/* By their own addresses, which no contact of ours has. */
static int64_t told(struct test_store *store, const char *address)
{
    int64_t count;
    test_ok(store_notice_letters_since(store->db, slice_of(address), 0, &count));
    return count;
}

static void a_reminder_goes_to_whoever_is_on_call(void **state)
{
    struct test_store *store = begin(state);
    int64_t users[] = {officer.user, coordinator.user}, contact;
    desk_notice_open(&cert);
    clock_set(moment_of("2026-11-21T10:40:00+07:00"));
    test_ok(test_work(store, shifts_put, users));
    assert_int_equal(remind(store), 2);
    assert_true(told(store, "siti@cert.example") == 2 && told(store, "wati@cert.example") == 0);
    test_ok(test_work(store, contact_add, &contact));
    clock_set(moment_of("2026-11-21T20:20:00+07:00"));
    assert_int_equal(remind(store), 2); /* the contact is told, and is the same mailbox */
    assert_int_equal(test_acts(store, "notice.made"), 4);
    assert_int_equal(told(store, "siti@cert.example"), 2);
    desk_notice_open(NULL);
}

/* ---- Forms ---- */

static void a_form_has_what_is_known_and_marks_what_is_not(void **state)
{
    struct test_store *store = begin(state);
    struct duty *rows = duties(store, 4);
    struct buf text = buf_make(1u << 20), json = buf_make(1u << 20);
    size_t blanks, same;
    const struct duty *body = of_rule(rows, 4, "id-pdp-body");
    test_ok(case_duty_form(store->db, body, LANGUAGE_ENGLISH, false, store->arena, &text, &blanks));
    test_ok(case_duty_form(store->db, body, LANGUAGE_INDONESIAN, true, store->arena, &json, &same));
    assert_true(blanks == same && blanks >= 4); /* data, persons, handling, recovery; nobody to ask is known */
    assert_true(slice_find_slice(buf_slice(&text), S("RS Melati")) < text.len);
    assert_true(slice_find_slice(buf_slice(&text), S("[to be filled in]")) < text.len);
    assert_true(slice_find_slice(buf_slice(&json), S("lembaga pelindungan data pribadi")) < json.len);
    buf_free(&text);
    buf_free(&json);
}

static void every_word_of_a_rule_has_a_field(void **state)
{
    struct test_store *store = begin(state);
    struct duty row = duties(store, 4)[0];
    for (size_t i = 0; plan_content(i) != NULL; i++) {
        struct buf text = buf_make(1u << 20);
        size_t blanks;
        row.text = slice_of(arena_printf(store->arena,
                "[file]\nversion = 1\nsource = x\n[duty one]\ntitle = T\nsource = s\nseen = 2026-11-20\n"
                "from = 2024-01-01\nrecipient = r\nstart = known\ncontent = %s\n",
                plan_content(i)));
        test_ok(case_duty_form(store->db, &row, LANGUAGE_ENGLISH, false, store->arena, &text, &blanks));
        assert_true(slice_find_slice(buf_slice(&text), S("== ")) < text.len);
        buf_free(&text);
    }
}

#define CASE_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE_TEST(what_is_known_begins_the_clocks_of_who_was_hit),
            CASE_TEST(another_moment_replaces_the_clocks_by_the_rule_that_they_had),
            CASE_TEST(other_rules_are_for_new_incidents),
            CASE_TEST(a_platform_has_hours_from_when_it_was_demanded),
            CASE_TEST(before_it_is_known_who_was_hit_the_clocks_are_ours),
            CASE_TEST(on_time_is_met_and_a_minute_after_is_late_for_good),
            CASE_TEST(two_persons_waive),
            CASE_TEST(each_reminder_comes_once_and_of_those_missed_the_last),
            CASE_TEST(a_reminder_goes_to_whoever_is_on_call),
            CASE_TEST(a_form_has_what_is_known_and_marks_what_is_not),
            CASE_TEST(every_word_of_a_rule_has_a_field),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
