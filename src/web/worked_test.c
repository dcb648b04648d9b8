/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of casework: who is shown how much of an incident, that hostile text harms nobody, and that nothing of a
 * timeline is left out. */
#include "people/test_people.h"
#include "plan/responsibility.h"
#include "web/test_people_page.h"
#include "web/test_worked_page.h"

struct fixture {
    struct test_people *people;
    struct test_cast cast;
    struct plan_duties duties;
    struct plan_responsibility responsibility;
};

static struct fixture made(void **state)
{
    struct fixture fixture = {.people = ready(state)};
    struct test_people *people = fixture.people;
    fixture.cast = test_cast_make(people);
    test_ok(store_work(people->db, &people->local, people->arena, test_case_work, &fixture.cast));
    test_ok(plan_duty_shipped(people->arena, &fixture.duties));
    test_ok(plan_responsibility_shipped(people->arena, &fixture.responsibility));
    return fixture;
}

static struct test_page *page_of(struct fixture *fixture, enum http_method method, const char *path, enum role role)
{
    struct test_page *page = test_people_page(fixture->people, method, path);
    test_cast_as(page, &fixture->cast, role);
    page->ask.wants_json = false;
    page->parts.duties = &fixture->duties;
    page->parts.responsibility = &fixture->responsibility;
    return page;
}

static slice run(struct test_page *page, const char *name, const char *path, struct err (*answer)(struct ask *ask))
{
    static const struct route_field none[] = {{NULL}};
    static struct route route;
    route = (struct route){
            page->request.method, path, name, &web_face, answer, ROUTE_MEMBER, VERBS, SCOPE_READ, 0, "", none};
    return test_page_run(page, &route);
}

static slice shown(
        struct fixture *fixture, const char *path, const char *name, enum role role, struct err (*answer)(struct ask *))
{
    struct test_page *page = page_of(fixture, HTTP_GET, path, role);
    slice html = run(page, name, path, answer);
    test_ok(page->err);
    return html;
}

/* ---- Hostile text ---- */

static void check_harmless(slice html)
{
    assert_false(test_has(html, "<script>alert"));
    assert_false(test_has(html, "<i>tag"));
    assert_false(test_has(html, "\"onload"));
    assert_true(html.len < 50000);
}

/* Beside forms, in which it stands as it will be sent. */
static void check_defanged(slice html)
{
    check_harmless(html);
    assert_false(test_has(html, "http://evil.example"));
    assert_false(test_has(html, "\xe2\x80\xae"));
}

static void hostile_text_shows_harmlessly(void **state)
{
    struct fixture fixture = made(state);
    slice incident = shown(&fixture, "/incidents/1", "incident", ROLE_COORDINATOR, web_incident);
    assert_true(test_has(incident, "hxxp://evil[.]example/a") && test_has(incident, "&lt;script&gt;alert(1)"));
    check_harmless(incident);
    check_defanged(shown(&fixture, "/incidents/1", "incident", ROLE_AUDITOR, web_incident));
    check_defanged(shown(&fixture, "/incidents/1", "incident", ROLE_CONSTITUENT_ADMIN, web_incident));
    check_defanged(shown(&fixture, "/incidents", "incidents", ROLE_COORDINATOR, web_incidents));
    check_defanged(shown(&fixture, "/tasks", "tasks", ROLE_COORDINATOR, web_tasks));
    check_defanged(shown(&fixture, "/tasks", "tasks", ROLE_CONSTITUENT_ADMIN, web_tasks));
    check_defanged(shown(&fixture, "/tasks/1", "task", ROLE_CONSTITUENT_ADMIN, web_task));
    check_harmless(shown(&fixture, "/tasks/1", "task", ROLE_COORDINATOR, web_task));
    check_defanged(shown(&fixture, "/duties", "duties", ROLE_COORDINATOR, web_duties));
    check_harmless(shown(&fixture, "/duties/1", "duty", ROLE_COORDINATOR, web_duty));
    check_defanged(shown(&fixture, "/duties/2", "duty", ROLE_COORDINATOR, web_duty));
    check_defanged(shown(&fixture, "/evidence", "evidence", ROLE_COORDINATOR, web_evidence));
    check_defanged(shown(&fixture, "/evidence", "evidence", ROLE_LIAISON, web_evidence));
    check_defanged(shown(&fixture, "/evidence/1", "evidence-one", ROLE_COORDINATOR, web_evidence_one));
    check_defanged(shown(&fixture, "/playbooks", "playbooks", ROLE_COORDINATOR, web_playbooks));
    check_defanged(shown(&fixture, "/playbooks/2", "playbook", ROLE_COORDINATOR, web_playbook));
}

/* ---- Who sees what ---- */

static const struct {
    const char *name, *path;
    struct err (*answer)(struct ask *ask);
} ones[] = {{"incident", "/incidents/", web_incident}, {"task", "/tasks/", web_task}, {"duty", "/duties/", web_duty},
        {"evidence-one", "/evidence/", web_evidence_one}};

/* What is not for a role answers, in whatever face, as what is not there. */
static void check_alike(struct fixture *fixture, size_t at, const char *number, enum role role)
{
    for (int json = 0; json < 2; json++) {
        slice answers[2];
        for (int missing = 0; missing < 2; missing++) {
            struct test_page *page = page_of(fixture, HTTP_GET, "/somewhere", role);
            page->ask.parts[0] = slice_of(missing ? "999" : number);
            page->ask.wants_json = json != 0;
            answers[missing] = run(page, ones[at].name, ones[at].path, ones[at].answer);
            assert_int_equal(page->err.kind, ERR_MISSING);
        }
        assert_true(slice_eq(answers[0], answers[1]));
    }
}

static void what_is_not_theirs_is_not_there(void **state)
{
    struct fixture fixture = made(state);
    check_alike(&fixture, 0, "2", ROLE_COORDINATOR);
    check_alike(&fixture, 0, "2", ROLE_CONSTITUENT_ADMIN);
    check_alike(&fixture, 1, "2", ROLE_CONSTITUENT_ADMIN);
    slice list = shown(&fixture, "/incidents", "incidents", ROLE_COORDINATOR, web_incidents);
    assert_true(test_has(list, "/incidents/1") && !test_has(list, "Held close"));
    slice linked = shown(&fixture, "/incidents/1", "incident", ROLE_COORDINATOR, web_incident);
    assert_false(test_has(linked, "Held close") || test_has(linked, "/incidents/2"));
    assert_true(test_has(shown(&fixture, "/incidents/2", "incident", ROLE_AUDITOR, web_incident), "Held close"));
}

static void a_party_gets_its_part_and_nothing_else(void **state)
{
    static const char *const ours[] = {"for our own eyes", "uk-ncsc", "they called", "Keep the memory", "IDR",
            "/duties/", "/evidence/", "Lab Melur", "blood tests", "order 12", "fraud/phishing\",\"local", "iwan",
            "taken back"};
    struct fixture fixture = made(state);
    struct test_page *page = page_of(&fixture, HTTP_GET, "/incidents/1", ROLE_CONSTITUENT_ADMIN);
    page->ask.wants_json = true;
    slice part = run(page, "incident", "/incidents/{number}", web_incident);
    test_ok(page->err);
    assert_true(test_has(part, "for all parties") && test_has(part, "which machines") && test_has(part, "Cut it off"));
    for (size_t i = 0; i < COUNT_OF(ours); i++)
        if (test_has(part, ours[i]))
            fail_msg("a party is told of %s", ours[i]);
    page = page_of(&fixture, HTTP_GET, "/duties", ROLE_CONSTITUENT_ADMIN);
    run(page, "duties", "/duties", web_duties);
    assert_int_equal(page->err.kind, ERR_DENIED);
}

static void a_liaison_sees_packages_alone(void **state)
{
    struct fixture fixture = made(state);
    struct test_page *page = page_of(&fixture, HTTP_GET, "/evidence", ROLE_LIAISON);
    page->ask.wants_json = true;
    slice packages = run(page, "evidence", "/evidence", web_evidence);
    test_ok(page->err);
    assert_true(test_has(packages, "LP/7") && test_has(packages, "disk"));
    assert_false(test_has(packages, "\"incident\"") || test_has(packages, "room 4") || test_has(packages, "alert"));
    page = page_of(&fixture, HTTP_GET, "/evidence/1", ROLE_LIAISON);
    run(page, "evidence-one", "/evidence/{number}", web_evidence_one);
    assert_int_equal(page->err.kind, ERR_DENIED);
}

/* ---- What a form does ---- */

static struct test_page *posted(struct fixture *fixture, enum role role, const char *act, const char *const *fields)
{
    struct test_page *page = page_of(fixture, HTTP_POST, "/incidents/1", role);
    for (; *fields != NULL; fields += 2)
        test_page_field(page, fields[0], fields[1]);
    run(page, "incident", arena_printf(fixture->people->arena, "/incidents/{number}/%s", act), web_incident_act);
    return page;
}

static struct incident incident_of(struct fixture *fixture, int64_t number)
{
    struct incident row;
    test_ok(store_incident_get(fixture->people->db, number, fixture->people->arena, &row));
    return row;
}

static void a_form_sets_what_it_has_and_nothing_else(void **state)
{
    struct fixture fixture = made(state);
    const struct incident before = incident_of(&fixture, TEST_INCIDENT);
    struct test_page *page = posted(&fixture, ROLE_COORDINATOR, "set",
            (const char *const[]){"sector", "energy", "occurred", "2026-01-01T10:00", "severity", "high", NULL});
    test_ok(page->err);
    assert_int_equal(page->reply.status, 303);
    const struct incident after = incident_of(&fixture, TEST_INCIDENT);
    assert_true(slice_eq(after.sector, S("energy")) && after.at[INCIDENT_OCCURRED_AT] != TIME_NONE);
    assert_true(slice_eq(after.title, before.title) && after.severity == before.severity && after.vital);
    page = posted(&fixture, ROLE_COORDINATOR, "set",
            (const char *const[]){"assets", "", "assets", "network", "assets", "mail", NULL});
    assert_true(slice_eq(incident_of(&fixture, TEST_INCIDENT).assets, S("network mail")));
    page = posted(&fixture, ROLE_COORDINATOR, "set", (const char *const[]){"assets", "", NULL});
    assert_int_equal(incident_of(&fixture, TEST_INCIDENT).assets.len, 0);
    page = posted(&fixture, ROLE_COORDINATOR, "set", (const char *const[]){"criticality", "1000", NULL});
    assert_int_equal(page->ask.status, 400);
    assert_true(test_has(page->answer, "role=\"alert\""));
}

static void nobody_else_does_it(void **state)
{
    struct fixture fixture = made(state);
    static const char *const closing[] = {"state", "transferred", "reason", "so", NULL};
    struct test_page *page = posted(&fixture, ROLE_AUDITOR, "state", closing);
    assert_int_equal(page->ask.status, 403);
    page = posted(&fixture, ROLE_CONSTITUENT_ADMIN, "state", closing);
    assert_int_equal(page->err.kind, ERR_MISSING);
    assert_int_equal(incident_of(&fixture, TEST_INCIDENT).state, INCIDENT_NEW);
    static const char *const note[] = {"text", "two machines", "audience", "parties", NULL};
    page = posted(&fixture, ROLE_CONSTITUENT_ADMIN, "note", note);
    assert_int_equal(page->reply.status, 303);
    slice theirs = shown(&fixture, "/incidents/1", "incident", ROLE_CONSTITUENT_ADMIN, web_incident);
    assert_true(test_has(theirs, "two machines"));
}

/* Whoever works on it makes a customer of the supplier a party by a button; others read who they are. */
static void a_customer_becomes_a_party(void **state)
{
    static const char role[] = "name=\"role\" value=\"informed\"", list[] = "id=\"customers\"";
    struct fixture fixture = made(state);
    struct organisation own;
    test_ok(store_organisation_get(fixture.people->db, fixture.cast.own, fixture.people->arena, &own));
    const char *const fields[] = {"organisation", arena_cstr(fixture.people->arena, own.name), "role", "informed",
            "reason", "supplied by the same supplier", NULL};
    slice theirs = shown(&fixture, "/incidents/1", "incident", ROLE_AUDITOR, web_incident);
    assert_true(test_has(theirs, list) && !test_has(theirs, role));
    slice ours = shown(&fixture, "/incidents/1", "incident", ROLE_COORDINATOR, web_incident);
    assert_true(test_has(ours, list) && test_has(ours, role) && test_has(ours, "customer of Lab Melur"));
    struct test_page *page = posted(&fixture, ROLE_COORDINATOR, "party", fields);
    assert_int_equal(page->reply.status, 303);
    ours = shown(&fixture, "/incidents/1", "incident", ROLE_COORDINATOR, web_incident);
    assert_true(!test_has(ours, list) && test_has(ours, "is informed"));
}

/* Struck out for who saw it and might; who has a part reads that it was withdrawn, and no words. */
static void who_wrote_it_takes_it_back(void **state)
{
    struct fixture fixture = made(state);
    slice ours = shown(&fixture, "/incidents/1", "incident", ROLE_COORDINATOR, web_incident);
    assert_true(test_has(ours, "<s>taken back</s>") && test_has(ours, "agrees strongly"));
    assert_true(test_has(ours, "/incidents/1/withdraw") && test_has(ours, "name=\"opinion\""));
    assert_false(test_has(shown(&fixture, "/incidents/1", "incident", ROLE_AUDITOR, web_incident), "1/withdraw"));
    slice part = shown(&fixture, "/incidents/1", "incident", ROLE_CONSTITUENT_ADMIN, web_incident);
    assert_true(test_has(part, "withdrawn") && !test_has(part, "taken back"));
    struct test_page *page =
            posted(&fixture, ROLE_CONSTITUENT_ADMIN, "withdraw", (const char *const[]){"entry", "2", NULL});
    assert_int_equal(page->ask.status, 409);
    page = posted(&fixture, ROLE_COORDINATOR, "withdraw", (const char *const[]){"entry", "2", NULL});
    assert_int_equal(page->reply.status, 303);
    part = shown(&fixture, "/incidents/1", "incident", ROLE_CONSTITUENT_ADMIN, web_incident);
    assert_false(test_has(part, "for all parties"));
    page = posted(&fixture, ROLE_CONSTITUENT_ADMIN, "opinion", (const char *const[]){"opinion", "disagree", NULL});
    assert_int_equal(page->reply.status, 303);
    assert_true(test_has(shown(&fixture, "/incidents/1", "incident", ROLE_COORDINATOR, web_incident), "disagrees"));
}

static void a_task_that_comes_again_says_how_often(void **state)
{
    struct fixture fixture = made(state);
    struct task *rows;
    size_t count;
    struct test_page *page = posted(&fixture, ROLE_COORDINATOR, "task",
            (const char *const[]){"title", "Look at the wards", "every", "often", NULL});
    assert_int_equal(page->ask.status, 400);
    page = posted(&fixture, ROLE_COORDINATOR, "task",
            (const char *const[]){"title", "Look at the wards", "every", "90min", NULL});
    assert_int_equal(page->reply.status, 303);
    test_ok(store_task_list(fixture.people->db, TEST_INCIDENT, fixture.people->arena, &rows, &count));
    assert_true(rows[count - 1].every_us == 90 * MINUTE_US);
    assert_true(test_has(shown(&fixture, "/incidents/1", "incident", ROLE_COORDINATOR, web_incident), "every 90min"));
    page = page_of(&fixture, HTTP_POST, "/tasks/1", ROLE_COORDINATOR);
    page->ask.parts[0] = slice_of(arena_printf(fixture.people->arena, "%lld", (long long)rows[count - 1].number));
    test_page_field(page, "every", "");
    run(page, "task", "/tasks/{number}/set", web_task_act);
    assert_int_equal(page->reply.status, 303);
    test_ok(store_task_get(fixture.people->db, rows[count - 1].number, fixture.people->arena, rows));
    assert_true(rows->every_us == 0);
}

static void clinical_figures_are_shown_as_they_went(void **state)
{
    struct fixture fixture = made(state);
    for (int i = 20; i < 28; i++) {
        const char *least = arena_printf(fixture.people->arena, "%d", i);
        struct test_page *page = posted(&fixture, ROLE_COORDINATOR, "impact",
                (const char *const[]){
                        "kind", "results-delayed", "least", least, "basis", "list", "confidence", "low", NULL});
        assert_int_equal(page->reply.status, 303);
    }
    struct test_page *page = page_of(&fixture, HTTP_GET, "/incidents/1", ROLE_COORDINATOR);
    page->ask.wants_json = true;
    slice row, figure, document = run(page, "incident", "/incidents/{number}", web_incident);
    struct json_elements course = json_elements(json_get(document, S("course")));
    assert_true(json_element_next(&course, &row));
    assert_true(slice_eq(json_text(json_get(row, S("kind")), fixture.people->arena), S("results-delayed")));
    struct json_elements figures = json_elements(json_get(row, S("figures")));
    int64_t value, expected = 22; /* the last six, the latest last */
    while (json_element_next(&figures, &figure)) {
        assert_true(json_i64(json_get(json_get(figure, S("least")), S("value")), &value));
        assert_int_equal(value, expected++);
    }
    assert_int_equal(expected, 28);
    assert_true(json_element_next(&course, &row)); /* of another kind; money is none of them */
    assert_false(json_element_next(&course, &row));
}

/* ---- Playbooks ---- */

static void steps_stand_in_the_order_in_which_people_meet_them(void **state)
{
    struct fixture fixture = made(state);
    slice html = shown(&fixture, "/playbooks/2", "playbook", ROLE_COORDINATOR, web_playbook);
    const char *const order[] = {"class=\"in-0\" id=\"step-1\"", "Is it spreading",
            "if so \xe2\x86\x92 <a href=\"#step-2\"", "then \xe2\x86\x92 <a href=\"#step-3\"",
            "class=\"in-1\" id=\"step-2\"", "waits for <a href=\"#step-1\"", "Command, never run from here",
            "class=\"in-0\" id=\"step-3\"", "Tell them", "the end", "value=\"start\""};
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        if (!test_has(html, order[i]))
            fail_msg("%s does not stand behind what comes before", order[i]);
        html = slice_from(html, slice_find_slice(html, slice_of(order[i])));
    }
}

static void one_that_attacks_is_never_offered(void **state)
{
    struct fixture fixture = made(state);
    slice attack = shown(&fixture, "/playbooks/1", "playbook", ROLE_COORDINATOR, web_playbook);
    assert_true(test_has(attack, "It is a text to be read") && !test_has(attack, "value=\"start\""));
    slice incident = shown(&fixture, "/incidents/1", "incident", ROLE_COORDINATOR, web_incident);
    assert_true(test_has(incident, "name=\"playbook\"><option value=\"2\"") &&
                !test_has(incident, "<option value=\"1\">Ransomware"));
    assert_true(test_has(incident, "0 of 3 steps are ended") && test_has(incident, "Tell them"));
}

/* ---- The timeline ---- */

#define NOTES 40

static struct err notes_work(struct work *work, void *context)
{
    (void)context;
    for (int i = 0; i < NOTES; i++) {
        struct incident_entry put = {.kind = ENTRY_NOTE,
                .happened_us = work->now_us - (i % 7) * HOUR_US,
                .audience = i % 2 == 0 ? AUDIENCE_OWN : AUDIENCE_PARTIES,
                .text = slice_of(arena_printf(work->arena, "note<%d>", i)),
                .source = S(""),
                .due_us = TIME_NONE};
        TRY(case_entry_add(work, TEST_INCIDENT, &put, &put.number));
        TRY(case_incident_set(
                work, TEST_INCIDENT, S("sector"), slice_of(arena_printf(work->arena, "s%d", i)), S("more")));
    }
    return OK;
}

static void count_notes(slice document, unsigned *met)
{
    struct json_elements rows = json_elements(json_get(document, S("timeline")));
    slice row;
    while (json_element_next(&rows, &row)) {
        slice words = json_get(row, S("words"));
        for (int i = 0; i < NOTES; i++) {
            char text[32];
            snprintf(text, sizeof text, "note<%d>", i);
            if (slice_find_slice(words, slice_of(text)) < words.len)
                met[i]++;
        }
    }
}

/* Page by page, each note that is for these eyes once. */
static void check_timeline(struct fixture *fixture, enum role role)
{
    unsigned met[NOTES] = {0};
    struct http_field before = {.name = S("before")};
    for (int pages = 0; pages < 20; pages++) {
        struct test_page *page = page_of(fixture, HTTP_GET, "/incidents/1", role);
        page->ask.wants_json = true;
        page->ask.query = &before;
        page->ask.query_count = 1;
        slice document = run(page, "incident", "/incidents/{number}", web_incident);
        test_ok(page->err);
        count_notes(document, met);
        slice more = json_get(document, S("timeline_more"));
        if (json_kind(more) != JSON_STRING)
            break;
        slice path = json_text(more, fixture->people->arena);
        path = slice_from(path, slice_find(path, '=') + 1);
        before.value = slice_part(path, 0, slice_find(path, '#'));
        assert_in_range(pages, 0, 18);
    }
    for (int i = 0; i < NOTES; i++)
        assert_int_equal(met[i], role == ROLE_CONSTITUENT_ADMIN ? i % 2 : 1);
}

static void nothing_of_a_timeline_is_left_out(void **state)
{
    struct fixture fixture = made(state);
    struct test_people *people = fixture.people;
    test_ok(store_work(people->db, &people->local, people->arena, notes_work, NULL));
    check_timeline(&fixture, ROLE_COORDINATOR);
    check_timeline(&fixture, ROLE_CONSTITUENT_ADMIN);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "hostile text shows harmlessly", hostile_text_shows_harmlessly, set_up, tear_down),
            TEST_ON(DB_SQLITE, "what is not theirs is not there", what_is_not_theirs_is_not_there, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a party gets its part and nothing else", a_party_gets_its_part_and_nothing_else, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "a liaison sees packages alone", a_liaison_sees_packages_alone, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a form sets what it has and nothing else", a_form_sets_what_it_has_and_nothing_else,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "nobody else does it", nobody_else_does_it, set_up, tear_down),
            TEST_ON(DB_SQLITE, "who wrote it takes it back", who_wrote_it_takes_it_back, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a customer becomes a party", a_customer_becomes_a_party, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a task that comes again says how often", a_task_that_comes_again_says_how_often, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "clinical figures are shown as they went", clinical_figures_are_shown_as_they_went,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "steps stand in the order in which people meet them",
                    steps_stand_in_the_order_in_which_people_meet_them, set_up, tear_down),
            TEST_ON(DB_SQLITE, "one that attacks is never offered", one_that_attacks_is_never_offered, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "nothing of a timeline is left out", nothing_of_a_timeline_is_left_out, set_up,
                    tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
