/* SPDX-License-Identifier: Apache-2.0 */
/* Who is shown which warning, what an answer does, and that hostile text harms nobody. */
#include "people/test_people.h"
#include "web/test_people_page.h"
#include "web/test_warned_page.h"

struct fixture {
    struct test_people *people;
    struct test_cast cast;
};

static struct fixture made(void **state)
{
    struct fixture fixture = {.people = ready(state)};
    struct test_people *people = fixture.people;
    fixture.cast = test_cast_make(people);
    test_ok(store_work(people->db, &people->local, people->arena, test_warned_work, &fixture.cast));
    return fixture;
}

static struct test_page *page_of(struct fixture *fixture, enum http_method method, const char *path, enum role role)
{
    struct test_page *page = test_people_page(fixture->people, method, path);
    test_cast_as(page, &fixture->cast, role);
    page->ask.wants_json = false;
    page->request.method = method;
    return page;
}

static slice run(struct test_page *page, const char *name, struct err (*answer)(struct ask *ask))
{
    static const struct route_field none[] = {{NULL}};
    static struct route route;
    route = (struct route){
            page->request.method, "/", name, &web_face, answer, ROUTE_MEMBER, VERBS, SCOPE_READ, 0, "", none};
    return test_page_run(page, &route);
}

static slice shown(
        struct fixture *fixture, const char *path, const char *name, enum role role, struct err (*answer)(struct ask *))
{
    struct test_page *page = page_of(fixture, HTTP_GET, path, role);
    slice html = run(page, name, answer);
    test_ok(page->err);
    return html;
}

static struct test_page *answered(
        struct fixture *fixture, const char *path, enum role role, const char *act, struct err (*answer)(struct ask *))
{
    struct test_page *page = page_of(fixture, HTTP_POST, path, role);
    test_page_field(page, "act", act);
    run(page, "today", answer);
    return page;
}

static enum warning_state state_of(struct fixture *fixture, int64_t number)
{
    struct warning warning;
    test_ok(store_warning_get(fixture->people->db, number, fixture->people->arena, &warning));
    return warning.state;
}

/* ---- Hostile text ---- */

static void check_harmless(slice html)
{
    assert_false(test_has(html, "<script>alert"));
    assert_false(test_has(html, "<i>tag"));
    assert_false(test_has(html, "\"onload"));
    assert_false(test_has(html, "http://evil.example"));
    assert_false(test_has(html, "evil.example"));
    assert_false(test_has(html, "\xe2\x80\xae"));
    assert_false(test_has(html, "\x1b"));
}

static void hostile_text_shows_harmlessly(void **state)
{
    struct fixture fixture = made(state);
    slice warning = shown(&fixture, "/warnings/1", "warning", ROLE_DUTY_OFFICER, web_warning);
    slice today = shown(&fixture, "/today", "today", ROLE_CONSTITUENT_ADMIN, web_today);
    assert_true(test_has(warning, "evil[.]example") && test_has(warning, "[U+202E]"));
    assert_true(test_has(warning, "gw&lt;script&gt;alert(1)"));
    check_harmless(warning);
    check_harmless(today);
    slice stream = shown(&fixture, "/streams/1", "stream", ROLE_DUTY_OFFICER, web_stream);
    assert_true(test_has(stream, "&lt;script&gt;alert(1)") && test_has(stream, "hxxp://evil[.]example"));
    check_harmless(stream);
    check_harmless(shown(&fixture, "/streams", "streams", ROLE_DUTY_OFFICER, web_streams));
    check_harmless(shown(&fixture, "/board", "board", ROLE_DUTY_OFFICER, web_board));
}

static void a_csv_of_counts_holds_no_formula(void **state)
{
    struct fixture fixture = made(state);
    struct test_page *page = page_of(&fixture, HTTP_GET, "/statistics/csv", ROLE_MANAGER);
    slice csv = run(page, "statistics-csv", web_statistics_csv);
    test_ok(page->err);
    assert_true(test_has(csv, "by,name,first_day,last_day,events,hits,doubles\r\n"));
    assert_true(test_has(csv, "\"class\",\"malicious-code/infected-system\",2025-12-01,2026-11-30,9,3,0\r\n"));
    assert_true(test_has(csv, "\"sector\",\"'=health\","));
}

static void a_csv_of_what_was_put_aside_holds_no_formula(void **state)
{
    struct fixture fixture = made(state);
    struct test_page *page = page_of(&fixture, HTTP_GET, "/streams/1/csv", ROLE_DUTY_OFFICER);
    const struct http_field second = {.name = S("batch"), .value = S("2")};
    page->ask.parts[0] = S("1");
    slice csv = run(page, "stream-csv", web_stream_csv);
    test_ok(page->err);
    assert_true(test_has(csv, "batch,input,line,byte,why,bytes,whole,record\r\n1,\"'=<i>tag.json\",7,1,"));
    assert_true(test_has(csv, ",yes,\"'=<script>alert(1) \xe2\x90\x9b[2J http"));
    assert_true(test_has(csv, "[U+202E]\xef\xbf\xbd \"\"onload=\"\"x\"\r\n"));
    page = page_of(&fixture, HTTP_GET, "/streams/1/csv", ROLE_DUTY_OFFICER);
    page->ask.parts[0] = S("1");
    page->ask.query = &second;
    page->ask.query_count = 1;
    csv = run(page, "stream-csv", web_stream_csv);
    assert_true(slice_eq(csv, S("batch,input,line,byte,why,bytes,whole,record\r\n")));
    page = page_of(&fixture, HTTP_GET, "/streams/1/csv", ROLE_CONSTITUENT_ADMIN);
    run(page, "stream-csv", web_stream_csv);
    assert_int_equal(page->err.kind, ERR_DENIED);
}

/* ---- Who sees what ---- */

static void who_is_warned_sees_only_what_was_told(void **state)
{
    struct fixture fixture = made(state);
    slice today = shown(&fixture, "/today", "today", ROLE_CONSTITUENT_ADMIN, web_today);
    assert_true(test_has(today, "action=\"/today/1\""));
    assert_false(test_has(today, "/today/2") || test_has(today, "warning list"));
    char path[32];
    snprintf(path, sizeof path, "/organisations/%d", (int)fixture.cast.other);
    slice theirs = shown(&fixture, path, "organisation", ROLE_CONSTITUENT_ADMIN, web_organisation);
    assert_false(test_has(theirs, "/warnings/") || test_has(theirs, "Phishing"));
    struct test_page *page = page_of(&fixture, HTTP_GET, "/warnings/1", ROLE_CONSTITUENT_ADMIN);
    run(page, "warning", web_warning);
    assert_int_equal(page->err.kind, ERR_DENIED);
    page = page_of(&fixture, HTTP_GET, "/board", ROLE_CONSTITUENT_ADMIN);
    run(page, "board", web_board);
    assert_int_equal(page->err.kind, ERR_DENIED);
}

static void others_are_shown_none_of_it(void **state)
{
    struct fixture fixture = made(state);
    slice board = shown(&fixture, "/board", "board", ROLE_DUTY_OFFICER, web_board);
    assert_true(test_has(board, "/warnings/1") && test_has(board, "it is on a warning list"));
    slice today = shown(&fixture, "/today", "today", ROLE_DUTY_OFFICER, web_today);
    assert_false(test_has(today, "/today/1")); /* of their own organisation there is nothing */
}

static struct err hold_work(struct work *work, void *context)
{
    struct warning warning;
    (void)context;
    TRY(store_warning_keep(work, TEST_TOLD, &warning));
    warning.held = S("reach: the originator is asked");
    return store_warning_change(work, &warning);
}

static void why_we_wait_is_ours(void **state)
{
    struct fixture fixture = made(state);
    struct test_people *people = fixture.people;
    test_ok(store_work(people->db, &people->local, people->arena, hold_work, NULL));
    assert_true(test_has(shown(&fixture, "/board", "board", ROLE_DUTY_OFFICER, web_board), "originator"));
    struct test_page *page = page_of(&fixture, HTTP_GET, "/today", ROLE_CONSTITUENT_ADMIN);
    page->ask.wants_json = true;
    slice today = run(page, "today", web_today);
    test_ok(page->err);
    assert_false(test_has(today, "originator") || test_has(today, "suricata"));
}

/* ---- Answers ---- */

static void an_answer_settles_what_was_told(void **state)
{
    struct fixture fixture = made(state);
    struct test_page *page = answered(&fixture, "/today/1", ROLE_CONSTITUENT_ADMIN, "acknowledged", web_today_answer);
    test_ok(page->err);
    assert_int_equal(page->reply.status, 303);
    assert_int_equal(state_of(&fixture, TEST_TOLD), WARNING_ACKNOWLEDGED);
    page = answered(&fixture, "/today/1", ROLE_CONSTITUENT_ADMIN, "done", web_today_answer);
    test_ok(page->err);
    assert_int_equal(state_of(&fixture, TEST_TOLD), WARNING_DONE);
    slice today = shown(&fixture, "/today", "today", ROLE_CONSTITUENT_ADMIN, web_today);
    assert_false(test_has(today, "action=\"/today/1\""));
}

static void nobody_answers_what_was_not_told_to_them(void **state)
{
    struct fixture fixture = made(state);
    struct test_page *page = answered(&fixture, "/today/2", ROLE_CONSTITUENT_ADMIN, "done", web_today_answer);
    assert_int_equal(page->err.kind, ERR_MISSING);
    page = answered(&fixture, "/today/1", ROLE_DUTY_OFFICER, "done", web_today_answer);
    assert_int_equal(page->err.kind, ERR_MISSING); /* on the page of the warning they may, for those who called */
    page = answered(&fixture, "/today/1", ROLE_CONSTITUENT_ADMIN, "explode", web_today_answer);
    assert_int_equal(page->ask.status, 400);
    assert_int_equal(state_of(&fixture, TEST_TOLD), WARNING_SENT);
    assert_int_equal(state_of(&fixture, TEST_HELD), WARNING_DRAFTED);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "hostile text shows harmlessly", hostile_text_shows_harmlessly, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a CSV of counts holds no formula", a_csv_of_counts_holds_no_formula, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a CSV of what was put aside holds no formula",
                    a_csv_of_what_was_put_aside_holds_no_formula, set_up, tear_down),
            TEST_ON(DB_SQLITE, "who is warned sees only what was told", who_is_warned_sees_only_what_was_told, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "others are shown none of it", others_are_shown_none_of_it, set_up, tear_down),
            TEST_ON(DB_SQLITE, "why we wait is ours", why_we_wait_is_ours, set_up, tear_down),
            TEST_ON(DB_SQLITE, "an answer settles what was told", an_answer_settles_what_was_told, set_up, tear_down),
            TEST_ON(DB_SQLITE, "nobody answers what was not told to them", nobody_answers_what_was_not_told_to_them,
                    set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
