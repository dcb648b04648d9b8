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
            "/duties/", "/evidence/", "Lab Melur", "blood tests", "order 12", "fraud/phishing\",\"local", "iwan"};
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
            TEST_ON(DB_SQLITE, "a customer becomes a party", a_customer_becomes_a_party, set_up, tear_down),
            TEST_ON(DB_SQLITE, "nothing of a timeline is left out", nothing_of_a_timeline_is_left_out, set_up,
                    tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
