/* SPDX-License-Identifier: Apache-2.0 */
#include "case/figures.h"

#include "case/test_case.h"
#include "store/duty.h"
#include "store/report.h"
#include "store/takedown.h"

#define NOVEMBER (INT64_C(2026) * 12 + 10)
#define NONE CASE_FIGURE_NONE

static const struct share_act acts[] = {
        {.name = "incident.class", .verb = VERB_CASE_FACTS, .run = case_incident_do_class},
};

static struct plan_rate rate_rows[] = {
        {.currency = {"USD", 3},
                .in = {"IDR", 3},
                .day = {"2026-10-30", 10},
                .day_us = NOON - 22 * DAY_US - 12 * HOUR_US,
                .text = {"16500", 5},
                .digits = 16500,
                .scale = 1,
                .source = {"bank a", 6}},
        {.currency = {"USD", 3},
                .in = {"IDR", 3},
                .day = {"2026-11-20", 10},
                .day_us = NOON - DAY_US - 12 * HOUR_US,
                .text = {"16650.25", 8},
                .digits = 1665025,
                .scale = 100,
                .source = {"bank b", 6}},
        {.currency = {"USD", 3},
                .in = {"IDR", 3},
                .day = {"2026-12-01", 10},
                .day_us = NOON + 10 * DAY_US - 12 * HOUR_US,
                .text = {"20000", 5},
                .digits = 20000,
                .scale = 1,
                .source = {"bank b", 6}},
};
static const struct plan_rates rates = {.currency = {"IDR", 3}, .rows = rate_rows, .count = COUNT_OF(rate_rows)};
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

static struct case_figures figures_of(struct test_store *store, int64_t as_of_us)
{
    struct case_figures figures;
    const struct case_figures_asked asked = {NOVEMBER, as_of_us, &rates};
    test_ok(case_figures_of(store->db, &coordinator, &asked, store->arena, &figures));
    return figures;
}

/* The cells of a row; NULL: there is none. */
static const int64_t *cells_of(const struct case_figures *figures, const char *kind, const char *key)
{
    for (size_t i = 0; i < figures->count; i++)
        if (strcmp(case_figure_kind_at(figures->rows[i].kind)->name, kind) == 0 &&
                slice_eq(figures->rows[i].key, slice_of(key)))
            return figures->rows[i].cells;
    return NULL;
}

static void cells_are(const struct case_figures *figures, const char *kind, const char *key, const int64_t *wanted)
{
    const int64_t *cells = cells_of(figures, kind, key);
    assert_non_null(cells);
    for (size_t i = 0; i < CASE_FIGURE_CELLS; i++)
        if (cells[i] != wanted[i])
            fail_msg(
                    "%s %s: cell %zu is %lld instead of %lld", kind, key, i, (long long)cells[i], (long long)wanted[i]);
}

#define ARE(figures, kind, key, ...) cells_are(figures, kind, key, (const int64_t[CASE_FIGURE_CELLS]){__VA_ARGS__})

static struct err impact_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_impact_add(work, verb->incident, verb->impact, &verb->number);
}

static void loss(struct test_store *store, int64_t incident, int64_t least, int64_t most, const char *currency)
{
    const struct impact impact = {.kind = S("loss"),
            .low = least,
            .high = most,
            .unit = slice_of(currency),
            .basis = S("their books"),
            .confidence = S("low"),
            .at_us = TIME_NONE};
    struct test_verb verb = {.incident = incident, .impact = &impact};
    test_ok(test_as(store, &officer, impact_action, &verb));
}

/* Incidents 1 to 10: closed after 1 to 10 hours, all but the last. */
static void ten(struct test_store *store)
{
    for (int i = 1; i <= 10; i++) {
        clock_set(NOON);
        int64_t number = test_incident(store, &officer, "Phishing");
        clock_set(NOON + i * HOUR_US);
        test_ok(test_turn(store, &officer, number, INCIDENT_OPEN));
        if (i < 10)
            test_ok(test_turn(store, &officer, number, INCIDENT_CLOSED));
    }
}

static void incidents_are_counted_with_how_long_they_took(void **state)
{
    struct test_store *store = begin(state);
    ten(store);
    clock_set(NOON - 40 * DAY_US);
    test_incident(store, &officer, "In October");
    clock_set(NOON);
    struct case_incident_put put = test_put("A drill");
    put.flags = S("exercise");
    struct test_verb verb = {.put = &put};
    test_ok(test_as(store, &officer, test_open_action, &verb));
    put = test_put("A test");
    put.class = S("test/test");
    test_ok(test_as(store, &officer, test_open_action, &verb));
    test_ok(test_turn(store, &officer, test_incident(store, &officer, "Nothing"), INCIDENT_NOT_ONE));
    struct case_figures figures = figures_of(store, FIGURE_NOW);
    ARE(&figures, "incidents-by-class", TEST_CLASS, 10);
    ARE(&figures, "incidents-by-severity", "high", 10);
    ARE(&figures, "incidents-by-state", "closed", 9);
    ARE(&figures, "incidents-by-state", "not-an-incident", 1);
    assert_null(cells_of(&figures, "incidents-by-class", "test/test"));
    assert_null(cells_of(&figures, "incidents-by-state", "new"));
    ARE(&figures, "times", "closed", 9, 1, 5 * HOUR_US, 9 * HOUR_US);
    ARE(&figures, "times", "recovered", 0, 10, NONE, NONE);
    struct figure_class *classes;
    size_t count;
    test_ok(case_figures_classes(store->db, &coordinator, NOVEMBER, FIGURE_NOW, store->arena, &classes, &count));
    assert_true(count == 2 && classes[0].count + classes[1].count == 10);
}

static void at_a_moment_what_held_then_is_counted(void **state)
{
    struct test_store *store = begin(state);
    struct share_proposal proposal;
    ten(store);
    clock_set(NOON + DAY_US);
    test_ok(test_turn(store, &officer, 1, INCIDENT_OPEN));
    test_ok(case_incident_class(
            store->db, &coordinator, 2, S("fraud/phishing"), S(""), S("looked at again"), store->arena, &proposal));
    test_ok(share_approve(store->db, &second, proposal.number, NULL, store->arena));
    clock_set(NOON + 2 * DAY_US);
    struct case_figures now = figures_of(store, FIGURE_NOW), then = figures_of(store, NOON + 5 * HOUR_US);
    ARE(&now, "incidents-by-class", TEST_CLASS, 9);
    ARE(&now, "incidents-by-class", "fraud/phishing", 1);
    ARE(&now, "times", "closed", 8, 2, 5 * HOUR_US, 9 * HOUR_US);
    ARE(&then, "incidents-by-class", TEST_CLASS, 10);
    ARE(&then, "incidents-by-state", "closed", 5);
    ARE(&then, "incidents-by-state", "new", 5);
    ARE(&then, "times", "closed", 5, 5, 3 * HOUR_US, 5 * HOUR_US); /* the first one was closed then */
    then = figures_of(store, NOON - 1);
    assert_null(cells_of(&then, "incidents-by-class", TEST_CLASS));
}

static void an_unknown_loss_is_not_nought(void **state)
{
    struct test_store *store = begin(state);
    int64_t numbers[5];
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        numbers[i] = test_incident(store, &officer, "Ransomware");
    loss(store, numbers[0], 100000, 200000, "IDR");
    loss(store, numbers[1], 500, 700, "USD");
    loss(store, numbers[1], 600, 900, "USD"); /* instead of the one before */
    loss(store, numbers[2], 1, 2, "IDR");
    loss(store, numbers[2], IMPACT_UNKNOWN, IMPACT_UNKNOWN, "");
    loss(store, numbers[3], 7, 8, "IDR");
    struct case_figures figures = figures_of(store, FIGURE_NOW);
    ARE(&figures, "loss", "IDR", 2, 100007, 200008);
    ARE(&figures, "loss", "USD", 1, 600, 900);
    ARE(&figures, "loss", "unknown", 2, NONE, NONE); /* 3 and 5 */
}

static const char *note_of(
        struct test_store *store, const struct case_figures *figures, const char *kind, const char *key)
{
    for (size_t i = 0; i < figures->count; i++)
        if (strcmp(case_figure_kind_at(figures->rows[i].kind)->name, kind) == 0 &&
                slice_eq(figures->rows[i].key, slice_of(key)))
            return arena_cstr(store->arena, figures->rows[i].note);
    return "there is no such row";
}

#define TOGETHER "loss-together"

/* Three incidents, one in rupiah, one in dollars, one of which nobody knows what it cost. */
static void losses_are_summed_in_one_currency_with_rate_and_date(void **state)
{
    struct test_store *store = begin(state);
    int64_t first = test_incident(store, &officer, "One"), second_one = test_incident(store, &officer, "Two");
    test_incident(store, &officer, "Three");
    loss(store, first, 100000, 200000, "IDR");
    loss(store, second_one, 100, 200, "USD");
    struct case_figures figures = figures_of(store, FIGURE_NOW);
    ARE(&figures, TOGETHER, "IDR", 1, 100000, 200000);
    ARE(&figures, TOGETHER, "USD", 1, 1665025, 3330050);
    ARE(&figures, TOGETHER, "sum", 2, 1765025, 3530050);
    ARE(&figures, TOGETHER, "unknown", 1, NONE, NONE);
    assert_string_equal(note_of(store, &figures, TOGETHER, "USD"), "1 USD = 16650.25 IDR, 2026-11-20, bank b");
    assert_string_equal(note_of(store, &figures, TOGETHER, "sum"), "IDR");
    struct buf csv = buf_make(CASE_FIGURES_CSV_MAX);
    test_ok(case_figures_csv(&figures, store->arena, &csv));
    slice text = buf_slice(&csv);
    assert_true(slice_find_slice(text, S("\"1 USD = 16650.25 IDR, 2026-11-20, bank b\"")) < text.len);
    buf_free(&csv);
}

/* A rate that comes later changes no figure of before; a currency without one is named and left out. */
static void the_rate_that_held_then_is_reckoned_with(void **state)
{
    struct test_store *store = begin(state);
    int64_t number = test_incident(store, &officer, "One");
    loss(store, number, 100, 100, "USD");
    loss(store, test_incident(store, &officer, "Two"), 5, 5, "CHF");
    clock_set(NOON + 30 * DAY_US); /* in December, which has a rate of its own */
    struct case_figures figures = figures_of(store, FIGURE_NOW);
    ARE(&figures, TOGETHER, "USD", 1, 1665025, 1665025);
    ARE(&figures, TOGETHER, "CHF", 1, NONE, NONE);
    ARE(&figures, TOGETHER, "sum", 1, 1665025, 1665025);
    ARE(&figures, TOGETHER, "unknown", 0, NONE, NONE);
    assert_string_equal(note_of(store, &figures, TOGETHER, "CHF"), "no rate: not in the sum");
}

static void more_than_a_number_holds_is_told(void **state)
{
    struct test_store *store = begin(state);
    struct case_figures figures;
    const struct case_figures_asked asked = {NOVEMBER, FIGURE_NOW, &rates};
    loss(store, test_incident(store, &officer, "One"), 1, INT64_C(1000000000000000000), "USD");
    test_refused(case_figures_of(store->db, &coordinator, &asked, store->arena, &figures), ERR_LIMIT,
            "in one currency are more than a number holds");
}

/* ---- Duties ---- */

struct filing {
    int64_t incident, due_us, filed_us; /* filed_us: TIME_NONE: not yet */
    enum duty_state state;
};

static struct err duty_action(struct work *work, void *context)
{
    const struct filing *filing = context;
    const struct duty put = {.incident = filing->incident,
            .rule = S("id-pdp-body"),
            .version = S("1"),
            .text = S("[duty id-pdp-body]"),
            .organisation = work->actor->organisation,
            .recipient = S("the body"),
            .starts_us = NOON,
            .due_us = filing->due_us,
            .remind_us = TIME_NONE};
    const struct duty_end end = {.state = filing->state,
            .filed_us = filing->filed_us,
            .filed_by = S("siti"),
            .reference = S(""),
            .why = S(""),
            .form = S("")};
    int64_t number;
    TRY(store_duty_add(work, &put, &number));
    return filing->state == DUTY_RUNNING ? OK : store_duty_end(work, number, &end);
}

static void duties_are_met_late_overdue_or_still_running(void **state)
{
    struct test_store *store = begin(state);
    int64_t incident = test_incident(store, &officer, "Ransomware"), later = NOON + DAY_US;
    const struct filing filings[] = {{incident, later, later, DUTY_MET}, {incident, later, later + 1, DUTY_LATE},
            {incident, later, TIME_NONE, DUTY_WAIVED}, {incident, later, TIME_NONE, DUTY_RUNNING},
            {incident, NOON + 5 * DAY_US, TIME_NONE, DUTY_RUNNING}, {incident, later, TIME_NONE, DUTY_REPLACED},
            {incident, NOON + 20 * DAY_US, TIME_NONE, DUTY_RUNNING}}; /* that is in December */
    for (size_t i = 0; i < COUNT_OF(filings); i++) {
        struct filing filing = filings[i];
        test_ok(store_work(store->db, &officer, store->arena, duty_action, &filing));
    }
    clock_set(NOON + 2 * DAY_US);
    struct case_figures now = figures_of(store, FIGURE_NOW), then = figures_of(store, NOON + DAY_US);
    ARE(&now, "duties", "id-pdp-body", 1, 1, 1, 1, 1);
    ARE(&then, "duties", "id-pdp-body", 1, 0, 0, 3, 1); /* the late one was not told yet */
}

/* ---- Reports, take-downs ---- */

static struct err report_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    const struct report put = {.channel = (enum report_channel)verb->state,
            .organisation = verb->organisation,
            .language = S("id"),
            .subject = S("Help"),
            .text = S("Help"),
            .class = verb->value,
            .class_rule = S(""),
            .flags = verb->why,
            .occurred_us = TIME_NONE,
            .receipt_us = TIME_NONE,
            .answered_us = TIME_NONE,
            .same_as = verb->other};
    const struct report_person person = {S(""), S("ani@mail.example"), S("")};
    int64_t number;
    return store_report_add(work, &put, &person, &number);
}

static void reports_are_counted_by_class_way_and_sector(void **state)
{
    struct test_store *store = begin(state);
    int64_t melati = test_served(store, "RS Melati");
    const struct test_verb reports[] = {{.state = REPORT_BY_MAIL, .value = S("fraud/phishing"), .why = S("")},
            {.state = REPORT_BY_MAIL, .value = S("fraud/phishing"), .why = S("money-lost"), .other = 1},
            {.state = REPORT_BY_PHONE, .organisation = melati, .value = S(""), .why = S("")},
            {.state = REPORT_BY_MAIL, .value = S("fraud/phishing"), .why = S("exercise")},
            {.state = REPORT_BY_MAIL, .value = S("test/test"), .why = S("")}};
    for (size_t i = 0; i < COUNT_OF(reports); i++) {
        struct test_verb verb = reports[i];
        test_ok(test_as(store, &officer, report_action, &verb));
    }
    clock_set(NOON + 20 * DAY_US); /* in December */
    struct test_verb later = reports[0];
    test_ok(test_as(store, &officer, report_action, &later));
    struct case_figures figures = figures_of(store, FIGURE_NOW);
    ARE(&figures, "reports-by-class", "fraud/phishing", 2, 1);
    ARE(&figures, "reports-by-class", "", 1, 0);
    assert_null(cells_of(&figures, "reports-by-class", "test/test"));
    ARE(&figures, "reports-by-channel", "mail", 2, 1);
    ARE(&figures, "reports-by-channel", "phone", 1, 0);
    ARE(&figures, "reports-by-sector", "health", 1, 0);
    ARE(&figures, "reports-by-sector", "", 2, 1);
}

struct page {
    int64_t incident, requested_us, down_us, returned;
};

static struct err takedown_action(struct work *work, void *context)
{
    const struct page *page = context;
    struct takedown row;
    int64_t number;
    slice url = slice_of(arena_printf(work->arena, "https://scam%lld.example/", (long long)page->requested_us));
    const struct takedown put = {.incident = page->incident,
            .url = url,
            .target = url,
            .pap = S("PAP:GREEN"),
            .reported_us = NOON,
            .check_us = TIME_NONE};
    TRY(store_takedown_add(work, &put, &number));
    TRY(store_takedown_keep(work, number, &row));
    row.requested_us = page->requested_us;
    row.down_us = page->down_us;
    row.returned = page->returned;
    return store_takedown_change(work, &row);
}

static void take_downs_have_the_time_to_request_and_to_removal(void **state)
{
    struct test_store *store = begin(state);
    int64_t incident = test_incident(store, &officer, "Scam");
    const struct page pages[] = {{incident, NOON + HOUR_US, NOON + 3 * HOUR_US, 1},
            {incident, NOON + 2 * HOUR_US, NOON + 12 * HOUR_US, 0}, {incident, NOON + 3 * HOUR_US, TIME_NONE, 2},
            {incident, TIME_NONE, TIME_NONE, 0}};
    struct case_figures none = figures_of(store, FIGURE_NOW);
    assert_null(cells_of(&none, "takedowns", "requested"));
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        struct page page = pages[i];
        test_ok(store_work(store->db, &officer, store->arena, takedown_action, &page));
    }
    struct case_figures now = figures_of(store, FIGURE_NOW), then = figures_of(store, NOON + 4 * HOUR_US);
    ARE(&now, "takedowns", "requested", 3, 1, 2 * HOUR_US, 3 * HOUR_US, NONE);
    ARE(&now, "takedowns", "down", 2, 2, 2 * HOUR_US, 10 * HOUR_US, 2);
    ARE(&then, "takedowns", "down", 1, 3, 2 * HOUR_US, 2 * HOUR_US, 2);
}

static void who_may_not_read_figures_gets_none(void **state)
{
    struct test_store *store = begin(state);
    struct case_figures figures;
    struct actor admin = test_person(store, "agus", ROLE_SYSADMIN);
    const struct case_figures_asked asked = {NOVEMBER, FIGURE_NOW, &rates};
    test_refused(
            case_figures_of(store->db, &admin, &asked, store->arena, &figures), ERR_DENIED, "may not read figures");
    for (size_t i = 0; case_figure_kind_at(i) != NULL; i++)
        assert_true(strlen(case_figure_kind_at(i)->definition) > 0 && case_figure_kind_at(i)->cells[0].name != NULL);
}

static void a_month_is_as_2026_11(void **state)
{
    int64_t month;
    (void)state;
    assert_true(case_figure_month(S("2026-11"), &month) && month == NOVEMBER);
    assert_false(case_figure_month(S("2026-13"), &month) || case_figure_month(S("2026-00"), &month));
    assert_false(case_figure_month(S("2026-1"), &month) || case_figure_month(S("26-11"), &month));
    assert_false(case_figure_month(S("2026-11-01"), &month) || case_figure_month(S("0000-01"), &month));
}

#define CASE_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE_TEST(incidents_are_counted_with_how_long_they_took),
            CASE_TEST(at_a_moment_what_held_then_is_counted),
            CASE_TEST(an_unknown_loss_is_not_nought),
            CASE_TEST(losses_are_summed_in_one_currency_with_rate_and_date),
            CASE_TEST(the_rate_that_held_then_is_reckoned_with),
            CASE_TEST(more_than_a_number_holds_is_told),
            CASE_TEST(duties_are_met_late_overdue_or_still_running),
            CASE_TEST(reports_are_counted_by_class_way_and_sector),
            CASE_TEST(take_downs_have_the_time_to_request_and_to_removal),
            CASE_TEST(who_may_not_read_figures_gets_none),
            cmocka_unit_test(a_month_is_as_2026_11),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
