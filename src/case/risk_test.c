/* SPDX-License-Identifier: Apache-2.0 */
#include "case/risk.h"

#include "case/figures.h"
#include "case/subject.h"
#include "case/test_case.h"

static const struct share_act acts[] = {
        {.name = "risk.accept",
                .verb = VERB_ACCEPT_RISKS,
                .run = case_risk_do_accept,
                .may = case_risk_may_accept,
                .about = case_risk_about},
};

static struct actor officer, coordinator, manager;
static struct plan_risks rules;
static const struct actor machine = {.name = {"@risks", 6}, .how = ACTOR_FOLLOWER};

static void follow(struct test_store *store)
{
    const struct follower follower = case_risk_follower();
    uint64_t did = 1;
    while (did > 0)
        test_ok(store_follower_once(store->db, &follower, 100, store->arena, &did));
}

static struct test_store *begin(void **state)
{
    struct test_store *store = ready(state);
    share_acts_set(acts, COUNT_OF(acts));
    clock_set(NOON);
    test_ok(plan_risks_shipped(store->arena, &rules));
    case_risk_rules(&rules);
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    coordinator = test_person(store, "wati", ROLE_COORDINATOR);
    manager = test_person(store, "tono", ROLE_MANAGER);
    return store;
}

/* One that hit the network with malware, and is over. */
static int64_t closed_as(struct test_store *store, struct case_incident_put put, const char *assets)
{
    struct test_verb verb = {.put = &put};
    test_ok(test_as(store, &officer, test_open_action, &verb));
    test_ok(test_set(store, &officer, verb.incident, "assets", assets));
    test_ok(test_turn(store, &officer, verb.incident, INCIDENT_OPEN));
    test_ok(test_turn(store, &officer, verb.incident, INCIDENT_CLOSED));
    follow(store);
    return verb.incident;
}

static int64_t closed(struct test_store *store, const char *assets)
{
    return closed_as(store, test_put("Malware"), assets);
}

static struct err keep_action(struct work *work, void *context)
{
    struct risk *row = context;
    return store_risk_keep_of(work, row->asset, row->threat, row);
}

static struct risk risk_of(struct test_store *store, const char *asset, const char *threat)
{
    struct risk row = {.asset = slice_of(asset), .threat = slice_of(threat)};
    struct err err = test_work(store, keep_action, &row);
    if (err.kind == ERR_MISSING)
        row.number = 0;
    else
        test_ok(err);
    return row;
}

static void stands(const struct risk *row, int64_t likelihood, int64_t impact, int64_t incidents, const char *level)
{
    assert_int_equal(row->likelihood, likelihood);
    assert_int_equal(row->impact, impact);
    assert_int_equal(row->incidents, incidents);
    assert_true(slice_eq(row->level, slice_of(level)));
}

/* ---- What people do ---- */

struct doing {
    int64_t number;
    slice asset, threat, why;
    struct case_risk_said said;
    struct case_risk_treat treat;
};

static struct err add_action(struct work *work, void *context)
{
    struct doing *doing = context;
    return case_risk_add(work, doing->asset, doing->threat, &doing->said, &doing->number);
}

static struct err treat_action(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_risk_treat(work, doing->number, &doing->treat);
}

static struct err review_action(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_risk_review(work, doing->number, &doing->said);
}

static struct err close_action(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_risk_close(work, doing->number, doing->why);
}

static struct err treat(struct test_store *store, const struct actor *actor, int64_t number, const char *treatment)
{
    struct doing doing = {.number = number,
            .treat = {.treatment = slice_of(treatment), .text = S("segments"), .review_us = TIME_NONE}};
    return store_work(store->db, actor, store->arena, treat_action, &doing);
}

static struct err review(struct test_store *store, int64_t number, int64_t likelihood, int64_t impact)
{
    struct doing doing = {.number = number, .said = {likelihood, impact, S("as we know it"), TIME_NONE}};
    return store_work(store->db, &coordinator, store->arena, review_action, &doing);
}

static struct err end(struct test_store *store, int64_t number)
{
    struct doing doing = {.number = number, .why = S("gone")};
    return store_work(store->db, &coordinator, store->arena, close_action, &doing);
}

static struct err accept(struct test_store *store, const struct actor *actor, int64_t number, bool *done)
{
    struct share_proposal proposal = {0};
    struct err err = case_risk_accept(store->db, actor, number, S("it is borne"), TIME_NONE, store->arena, &proposal);
    *done = proposal.done;
    return err;
}

static struct err agree(struct test_store *store, const struct actor *actor)
{
    struct approval *rows;
    size_t count;
    test_ok(store_approval_open(store->db, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    return share_approve(store->db, actor, rows[0].number, NULL, store->arena);
}

/* ---- The rule ---- */

static void three_incidents_raise_the_likelihood_as_the_rule_says(void **state)
{
    static const int64_t wanted[] = {3, 3, 4, 4, 4, 5};
    struct test_store *store = begin(state);
    struct risk_stood *stood;
    size_t count;
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        closed(store, i % 2 == 0 ? "network" : "mail network");
        struct risk row = risk_of(store, "network", "malware");
        stands(&row, wanted[i], 4, (int64_t)i + 1, wanted[i] == 5 ? "extreme" : "high");
    }
    struct risk row = risk_of(store, "mail", "malware");
    stands(&row, 4, 4, 3, "high");
    test_ok(store_risk_history(store->db, row.number, INT64_MAX, 10, store->arena, &stood, &count));
    assert_int_equal(count, 3);
    assert_true(slice_eq(stood[0].latest, S("6 4 2")) && slice_eq(stood[0].version, rules.version));
    assert_int_equal(test_acts(store, "risk.identified"), 2);
}

static void only_what_is_over_and_ours_counts(void **state)
{
    struct test_store *store = begin(state);
    struct case_incident_put exercise = test_put("Latihan"), test = test_put("Uji");
    exercise.flags = S("exercise");
    test.class = S("test/test");
    closed_as(store, exercise, "network");
    closed_as(store, test, "network");
    assert_int_equal(risk_of(store, "network", "malware").number, 0);
    int64_t incident = closed(store, "network");
    test_ok(test_turn(store, &officer, incident, INCIDENT_OPEN));
    follow(store);
    struct risk row = risk_of(store, "network", "malware");
    stands(&row, 1, 1, 0, "low");
    assert_int_equal(row.likelihood_rule, 0);
    test_ok(test_set(store, &officer, incident, "local-class", "ransomware"));
    test_ok(test_set(store, &officer, incident, "assets", "mail"));
    test_ok(test_turn(store, &officer, incident, INCIDENT_CLOSED));
    follow(store);
    row = risk_of(store, "mail", "ransomware");
    stands(&row, 3, 4, 1, "high");
    assert_int_equal(risk_of(store, "mail", "malware").number, 0);
}

static void what_grows_old_counts_less(void **state)
{
    struct test_store *store = begin(state);
    size_t count;
    closed(store, "network");
    clock_set(NOON + 364 * DAY_US);
    test_ok(case_risk_due(store->db, &machine, store->arena, &count));
    assert_int_equal(count, 0);
    clock_set(NOON + 365 * DAY_US);
    test_ok(case_risk_due(store->db, &machine, store->arena, &count));
    assert_int_equal(count, 1);
    struct risk row = risk_of(store, "network", "malware");
    stands(&row, 2, 4, 1, "medium");
    assert_int_equal(test_acts(store, "risk.fell"), 1);
    clock_set(NOON + 1095 * DAY_US);
    test_ok(case_risk_due(store->db, &machine, store->arena, &count));
    row = risk_of(store, "network", "malware");
    stands(&row, 1, 1, 0, "low");
    assert_true(row.again_us == TIME_NONE);
}

static struct err impact_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_impact_add(work, verb->incident, verb->impact, &(int64_t){0});
}

static void impact_is_what_was_said_last_of_each_organisation(void **state)
{
    static const int64_t said[] = {5, 90, 60}; /* patients diverted: of the first 5, then 60; of the second 90 */
    struct test_store *store = begin(state);
    const int64_t of[] = {test_served(store, "RS Melati"), test_served(store, "RS Kenanga"), 0};
    struct case_incident_put put = test_put("Malware");
    put.severity = SEVERITY_INFO;
    int64_t incident = closed_as(store, put, "network");
    static const int64_t wanted[] = {1, 4, 5};
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        const struct impact impact = {.kind = S("patients-diverted"),
                .low = said[i],
                .high = said[i] * 10,
                .unit = S(""),
                .confidence = S("low"),
                .organisation = of[i % 2],
                .at_us = TIME_NONE};
        struct test_verb verb = {.incident = incident, .impact = &impact};
        test_ok(test_as(store, &officer, impact_action, &verb));
        follow(store);
        assert_int_equal(risk_of(store, "network", "malware").impact, wanted[i]);
    }
    bool money;
    for (size_t i = 0; plan_risk_impact_kind(i) != NULL; i++) {
        size_t at = 0;
        while (case_impact_kind(at, &money) != NULL &&
                strcmp(case_impact_kind(at, &money), plan_risk_impact_kind(i)) != 0)
            at++;
        assert_non_null(case_impact_kind(at, &money));
    }
}

static void another_rule_reckons_all_again(void **state)
{
    struct test_store *store = begin(state);
    struct case_risk_renewal renewal = {0};
    closed(store, "network");
    while (!renewal.done)
        test_ok(case_risk_renew(store->db, &machine, store->arena, &renewal));
    rules.likelihoods[4] = (struct plan_risk_likelihood){S("5"), 1, 30};
    rules.text = S("another");
    rules.version = S("2027-01");
    renewal = (struct case_risk_renewal){0};
    while (!renewal.done)
        test_ok(case_risk_renew(store->db, &machine, store->arena, &renewal));
    struct risk row = risk_of(store, "network", "malware");
    stands(&row, 5, 4, 1, "extreme");
    assert_true(slice_eq(row.version, S("2027-01")));
}

static void an_incident_hits_what_the_rule_knows(void **state)
{
    struct test_store *store = begin(state);
    int64_t incident = test_incident(store, &officer, "Malware");
    test_refused(test_set(store, &officer, incident, "assets", "network goats"), ERR_INPUT,
            "the rule of risks has no class of assets \"goats\"");
    test_ok(test_set(store, &officer, incident, "assets", " network  mail network"));
    assert_true(slice_eq(test_incident_get(store, incident).assets, S("network mail")));
    test_ok(test_set(store, &officer, incident, "assets", ""));
    assert_int_equal(test_incident_get(store, incident).assets.len, 0);
}

/* ---- People ---- */

static void the_rule_never_lowers_what_a_person_said(void **state)
{
    struct test_store *store = begin(state);
    int64_t incident = closed(store, "network");
    int64_t number = risk_of(store, "network", "malware").number;
    test_ok(review(store, number, 5, CASE_RISK_SAME));
    struct risk row = risk_of(store, "network", "malware");
    stands(&row, 5, 4, 1, "extreme");
    assert_int_equal(row.state, RISK_IDENTIFIED); /* nobody has decided on it */
    test_ok(test_turn(store, &officer, incident, INCIDENT_OPEN));
    follow(store);
    row = risk_of(store, "network", "malware");
    stands(&row, 5, 1, 0, "medium");
    test_ok(review(store, number, 0, 0));
    row = risk_of(store, "network", "malware");
    stands(&row, 1, 1, 0, "low");
    test_refused(review(store, number, 6, 0), ERR_INPUT, "likelihood: 1 to 5");
}

static void what_grows_is_decided_on_again(void **state)
{
    struct test_store *store = begin(state);
    closed(store, "network");
    struct risk row = risk_of(store, "network", "malware");
    assert_true(row.review_us == NOON + 90 * DAY_US);
    test_refused(end(store, row.number), ERR_CONFLICT, "treated or accepted first");
    test_refused(treat(store, &coordinator, row.number, "accept"), ERR_INPUT, "avoid, reduce or transfer");
    test_refused(treat(store, &officer, row.number, "reduce"), ERR_DENIED, "may not decide on risks");
    test_ok(treat(store, &coordinator, row.number, "reduce"));
    test_ok(end(store, row.number));
    assert_int_equal(risk_of(store, "network", "malware").state, RISK_CLOSED);
    closed(store, "network");
    assert_int_equal(risk_of(store, "network", "malware").state, RISK_CLOSED); /* no more likely than it was */
    closed(store, "network");
    row = risk_of(store, "network", "malware");
    assert_int_equal(row.state, RISK_IDENTIFIED);
    assert_true(slice_eq(row.treatment, S("reduce")));
    assert_false(case_risk_overdue(&row, NOON + 90 * DAY_US - 1));
    assert_true(case_risk_overdue(&row, NOON + 90 * DAY_US));
}

static void a_grave_one_is_accepted_by_two(void **state)
{
    struct test_store *store = begin(state);
    struct case_incident_put small = test_put("Malware");
    bool done;
    small.severity = SEVERITY_LOW;
    closed_as(store, small, "mail");
    int64_t low = risk_of(store, "mail", "malware").number;
    test_refused(accept(store, &officer, low, &done), ERR_DENIED, "may not decide on risks");
    test_ok(accept(store, &coordinator, low, &done));
    assert_true(done);
    assert_int_equal(risk_of(store, "mail", "malware").state, RISK_ACCEPTED);
    closed(store, "network");
    int64_t high = risk_of(store, "network", "malware").number;
    test_ok(accept(store, &coordinator, high, &done));
    assert_false(done);
    assert_int_equal(risk_of(store, "network", "malware").state, RISK_IDENTIFIED);
    test_refused(agree(store, &coordinator), ERR_DENIED, "");
    test_ok(agree(store, &manager));
    assert_int_equal(risk_of(store, "network", "malware").state, RISK_ACCEPTED);
    closed(store, "network");
    closed(store, "network"); /* more likely now */
    assert_int_equal(risk_of(store, "network", "malware").state, RISK_IDENTIFIED);
    test_ok(accept(store, &coordinator, high, &done));
    test_ok(review(store, high, 5, 5));
    assert_int_not_equal(agree(store, &manager).kind, ERR_NONE); /* that is not what was proposed */
    assert_int_equal(risk_of(store, "network", "malware").state, RISK_IDENTIFIED);
}

static void one_by_hand_is_one_more(void **state)
{
    struct test_store *store = begin(state);
    struct doing doing = {.asset = S("suppliers"),
            .threat = S("outage"),
            .said = {4, 3, S("one supplier of twelve hospitals"), TIME_NONE}};
    test_ok(store_work(store->db, &coordinator, store->arena, add_action, &doing));
    struct risk row = risk_of(store, "suppliers", "outage");
    stands(&row, 4, 3, 0, "high");
    assert_true(slice_eq(row.source, S("hand")));
    test_refused(store_work(store->db, &coordinator, store->arena, add_action, &doing), ERR_CONFLICT,
            "that is risk 1 already");
    doing.asset = S("goats");
    test_refused(store_work(store->db, &coordinator, store->arena, add_action, &doing), ERR_INPUT,
            "no class of assets \"goats\"");
    int64_t counts[RISK_STEPS][RISK_STEPS], overdue;
    test_ok(store_risk_matrix(store->db, counts));
    assert_int_equal(counts[3][2], 1);
    test_ok(store_risk_overdue(store->db, NOON + 90 * DAY_US, &overdue));
    assert_int_equal(overdue, 1);
}

/* ---- Figures ---- */

static int64_t figure(struct test_store *store, int64_t month, int64_t as_of_us, const char *level)
{
    struct case_figures figures;
    int64_t found = 0;
    static const struct plan_rates rates = {.currency = {"IDR", 3}};
    const struct case_figures_asked asked = {month, as_of_us, &rates};
    test_ok(case_figures_of(store->db, &manager, &asked, store->arena, &figures));
    for (size_t i = 0; i < figures.count; i++)
        if (strcmp(case_figure_kind_at(figures.rows[i].kind)->name, "risks-by-level") == 0 &&
                slice_eq(figures.rows[i].key, slice_of(level)))
            found = figures.rows[i].cells[0];
    return found;
}

static void a_month_has_its_risks_by_level(void **state)
{
    struct test_store *store = begin(state);
    const int64_t month = time_month_of(NOON / DAY_US);
    closed(store, "network");
    clock_set(NOON + DAY_US);
    for (size_t i = 0; i < 5; i++)
        closed(store, "network");
    assert_int_equal(figure(store, month, FIGURE_NOW, "extreme"), 1);
    assert_int_equal(figure(store, month, FIGURE_NOW, "high"), 0);
    assert_int_equal(figure(store, month, NOON + HOUR_US, "high"), 1); /* as it stood then */
    assert_int_equal(figure(store, month - 1, FIGURE_NOW, "extreme"), 0);
    test_ok(treat(store, &coordinator, 1, "reduce"));
    test_ok(end(store, 1));
    assert_int_equal(figure(store, month, FIGURE_NOW, "extreme"), 0);
}

/* ---- Who learns what ---- */

/* Duty officer, analyst, coordinator, manager, liaison, constituent admin, exercise director, sysadmin, auditor. */
static void each_role_does_what_is_its(void **state)
{
    static const char reads[] = "++++....+", decides[] = "..++.....";
    struct test_store *store = begin(state);
    struct risk row;
    bool seen, proposed;
    closed(store, "network");
    for (enum role role = 0; role < ROLE_LOCAL; role++) {
        struct actor actor = officer;
        actor.roles = UINT32_C(1) << role;
        struct err read = case_risk_get(store->db, &actor, 1, store->arena, &row);
        test_ok(case_subject_seen(store->db, &actor, S("risk/1"), store->arena, &seen));
        assert_int_equal(seen, reads[role] == '+');
        struct err treated = treat(store, &actor, 1, "reduce"), absent = treat(store, &actor, 99, "reduce");
        struct err accepted = accept(store, &actor, role == ROLE_COORDINATOR ? 1 : 99, &proposed);
        assert_int_equal(read.kind, reads[role] == '+' ? ERR_NONE : ERR_DENIED);
        assert_int_equal(treated.kind, decides[role] == '+' ? ERR_NONE : ERR_DENIED);
        assert_int_equal(absent.kind, decides[role] == '+' ? ERR_MISSING : ERR_DENIED);
        assert_int_equal(accepted.kind, decides[role] != '+'       ? ERR_DENIED
                                        : role == ROLE_COORDINATOR ? ERR_NONE
                                                                   : ERR_MISSING);
    }
}

static void what_is_restricted_is_counted_and_not_named(void **state)
{
    struct test_store *store = begin(state);
    struct case_incident_put put = test_put("Rahasia");
    put.flags = S("restricted");
    closed(store, "network");
    closed_as(store, put, "network");
    struct buf out = buf_make(CASE_RISK_CSV_MAX);
    test_ok(case_risk_csv(store->db, &coordinator, store->arena, &out));
    slice text = buf_slice(&out);
    assert_true(slice_find_slice(text, S(",2,Tim")) == text.len);
    assert_true(slice_find_slice(text, S("Rahasia")) == text.len);
    slice line;
    size_t lines = 0, named = 0;
    while (slice_next(&text, '\n', &line)) {
        lines += line.len > 0;
        named += slice_find_slice(line, S("Z\",1,\"")) < line.len || slice_find_slice(line, S("Z\",2,\"")) < line.len;
    }
    assert_int_equal(lines, 3); /* the head, and one for each that counts */
    assert_int_equal(named, 1);
    buf_free(&out);
    out = buf_make(CASE_RISK_CSV_MAX);
    test_refused(case_risk_csv(store->db, &(struct actor){.how = ACTOR_NOBODY}, store->arena, &out), ERR_AUTH, "");
    buf_free(&out);
}

#define CASE_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE_TEST(three_incidents_raise_the_likelihood_as_the_rule_says),
            CASE_TEST(only_what_is_over_and_ours_counts),
            CASE_TEST(what_grows_old_counts_less),
            CASE_TEST(impact_is_what_was_said_last_of_each_organisation),
            CASE_TEST(another_rule_reckons_all_again),
            CASE_TEST(an_incident_hits_what_the_rule_knows),
            CASE_TEST(the_rule_never_lowers_what_a_person_said),
            CASE_TEST(what_grows_is_decided_on_again),
            CASE_TEST(a_grave_one_is_accepted_by_two),
            CASE_TEST(one_by_hand_is_one_more),
            CASE_TEST(a_month_has_its_risks_by_level),
            CASE_TEST(each_role_does_what_is_its),
            CASE_TEST(what_is_restricted_is_counted_and_not_named),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
