/* SPDX-License-Identifier: Apache-2.0 */
/* Who sees which report, what may be told and done, and that hostile text harms nobody. */
#include "people/test_people.h"
#include "web/report_in.h"
#include "web/test_people_page.h"
#include "web/test_reports_page.h"

struct fixture {
    struct test_people *people;
    struct test_cast cast;
};

static struct fixture made(void **state)
{
    struct fixture fixture = {.people = ready(state)};
    fixture.cast = test_cast_make(fixture.people);
    test_reports_make(fixture.people, &fixture.cast);
    return fixture;
}

static struct test_page *page_of(struct fixture *fixture, enum http_method method, const char *path, enum role role)
{
    struct test_page *page = test_people_page(fixture->people, method, path);
    test_cast_as(page, &fixture->cast, role);
    return page;
}

static slice run(struct test_page *page, const char *name, struct err (*answer)(struct ask *ask))
{
    static const struct route_field fields[] = {{"text", "", false}, {"reason", "", false}, {NULL}};
    static struct route route;
    route = (struct route){
            page->request.method, "/", name, &web_face, answer, ROUTE_MEMBER, VERBS, SCOPE_READ, 0, "", fields};
    return test_page_run(page, &route);
}

static struct test_page *got(struct fixture *fixture, const char *path, const char *name, enum role role,
        struct err (*answer)(struct ask *ask), bool json)
{
    struct test_page *page = page_of(fixture, HTTP_GET, path, role);
    page->ask.wants_json = json;
    run(page, name, answer);
    return page;
}

/* Of the list, with one field in its query. */
static slice asked(struct fixture *fixture, const char *field, const char *value, bool json)
{
    struct test_page *page = page_of(fixture, HTTP_GET, "/reports", ROLE_DUTY_OFFICER);
    struct http_field query = {.name = slice_of(field), .value = slice_of(value)};
    page->ask.query = &query;
    page->ask.query_count = 1;
    page->ask.wants_json = json;
    run(page, "reports", web_reports);
    test_ok(page->err);
    return page->answer;
}

static struct test_page *acted(struct fixture *fixture, const char *path, enum role role, const char *act,
        const char *field, const char *value)
{
    struct test_page *page = page_of(fixture, HTTP_POST, path, role);
    test_page_field(page, "act", act);
    if (field != NULL)
        test_page_field(page, field, value);
    run(page, "report", web_report_act);
    return page;
}

static struct report row_of(struct fixture *fixture, int64_t number)
{
    struct report row;
    test_ok(store_report_get(fixture->people->db, number, fixture->people->arena, &row));
    return row;
}

/* ---- Who sees what ---- */

static const struct {
    enum role role;
    bool all, own;
} readers[] = {{ROLE_DUTY_OFFICER, true, true}, {ROLE_ANALYST, true, true}, {ROLE_COORDINATOR, true, true},
        {ROLE_MANAGER, false, false}, {ROLE_LIAISON, false, false}, {ROLE_CONSTITUENT_ADMIN, false, true},
        {ROLE_EXERCISE_DIRECTOR, false, false}, {ROLE_SYSADMIN, false, false}, {ROLE_AUDITOR, true, true}};

static void each_role_sees_what_it_may(void **state)
{
    struct fixture fixture = made(state);
    assert_int_equal(COUNT_OF(readers), ROLE_LOCAL);
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        struct test_page *list = got(&fixture, "/reports", "reports", readers[i].role, web_reports, true);
        struct test_page *own = got(&fixture, "/reports/1", "report", readers[i].role, web_report, true);
        struct test_page *foreign = got(&fixture, "/reports/2", "report", readers[i].role, web_report, true);
        assert_int_equal(list->err.kind == ERR_NONE, readers[i].own);
        assert_int_equal(own->err.kind == ERR_NONE, readers[i].own);
        assert_int_equal(foreign->err.kind == ERR_NONE, readers[i].all);
        assert_int_equal(test_has(list->answer, "Fake shop"), readers[i].all);
    }
}

static void what_is_not_theirs_is_as_what_is_not_there(void **state)
{
    struct fixture fixture = made(state);
    struct test_page *foreign = got(&fixture, "/reports/2", "report", ROLE_CONSTITUENT_ADMIN, web_report, false);
    struct test_page *nowhere = got(&fixture, "/reports/9", "report", ROLE_CONSTITUENT_ADMIN, web_report, false);
    assert_int_equal(foreign->err.kind, ERR_MISSING);
    foreign->answer = slice_from(foreign->answer, slice_find_slice(foreign->answer, S("<main")));
    nowhere->answer = slice_from(nowhere->answer, slice_find_slice(nowhere->answer, S("<main")));
    size_t end = slice_find_slice(foreign->answer, S("</main>"));
    assert_true(end < foreign->answer.len);
    assert_true(slice_eq(slice_part(foreign->answer, 0, end), slice_part(nowhere->answer, 0, end)));
    struct test_page *acts = acted(&fixture, "/reports/2", ROLE_CONSTITUENT_ADMIN, "take", NULL, NULL);
    assert_int_equal(acts->err.kind, ERR_MISSING);
    assert_string_equal(acts->err.why, nowhere->err.why);
}

static void they_see_nothing_that_is_ours(void **state)
{
    static const char *const ours[] = {"class", "class_rule", "severity", "flags", "holder", "incident", "person",
            "values", "alikes", "answers", "classes", "may_work"};
    struct fixture fixture = made(state);
    assert_int_equal(acted(&fixture, "/reports/1", ROLE_DUTY_OFFICER, "take", NULL, NULL)->reply.status, 303);
    slice own = got(&fixture, "/reports/1", "report", ROLE_CONSTITUENT_ADMIN, web_report, true)->answer;
    assert_true(test_has(own, "Situs palsu"));
    for (size_t i = 0; i < COUNT_OF(ours); i++)
        if (json_get(own, slice_of(ours[i])).len > 0)
            fail_msg("a constituent gets %s", ours[i]);
    assert_false(test_has(own, "duty-officer"));
}

static void what_is_restricted_stays_with_who_holds_it(void **state)
{
    struct fixture fixture = made(state);
    static const char *const views[] = {"/reports/3", "/reports", "/board"};
    struct err (*const answers[])(struct ask *) = {web_report, web_reports, web_board};
    for (size_t i = 0; i < COUNT_OF(views); i++) {
        assert_false(test_has(got(&fixture, views[i], "report", ROLE_ANALYST, answers[i], true)->answer, "Kept close"));
        assert_true(test_has(got(&fixture, views[i], "report", ROLE_AUDITOR, answers[i], true)->answer, "Kept close"));
        assert_false(test_has(
                got(&fixture, views[i], "report", ROLE_CONSTITUENT_ADMIN, answers[i], true)->answer, "Kept close"));
    }
}

/* ---- Hostile text ---- */

static void markup_is_text(void **state)
{
    struct fixture fixture = made(state);
    static const struct {
        const char *path, *name;
        enum role role;
        struct err (*answer)(struct ask *);
    } rows[] = {
            {"/reports", "reports", ROLE_DUTY_OFFICER, web_reports},
            {"/reports", "reports", ROLE_CONSTITUENT_ADMIN, web_reports},
            {"/reports/1", "report", ROLE_DUTY_OFFICER, web_report},
            {"/reports/1", "report", ROLE_CONSTITUENT_ADMIN, web_report},
            {"/board", "board", ROLE_DUTY_OFFICER, web_board},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice html = got(&fixture, rows[i].path, rows[i].name, rows[i].role, rows[i].answer, false)->answer;
        assert_true(test_has(html, "&lt;script&gt;alert(1)"));
        assert_false(test_has(html, "<script>alert"));
        assert_false(test_has(html, "\"onload=\""));
        assert_false(test_has(html, "\xe2\x80\xae"));
        assert_false(test_has(html, "https://toko-login.example"));
        assert_true(html.len < 50u << 10);
    }
}

static void long_ones_are_a_page(void **state)
{
    struct fixture fixture = made(state);
    struct buf text = buf_make(64u << 10);
    while (text.len < REPORT_TEXT_MAX - 64)
        buf_put(&text, S("\"<&'> https://toko-login.example/masuk \xe2\x80\xae"));
    for (int i = 0; i < 55; i++) {
        const struct case_report_put put = {.channel = REPORT_BY_FORM,
                .language = S("id"),
                .subject = S(""),
                .text = buf_slice(&text),
                .class = S(""),
                .severity = SEVERITY_HIGH,
                .flags = S(""),
                .occurred_us = TIME_NONE,
                .bytes = S("")};
        struct case_report_taken taken = {0};
        const char *field;
        struct test_page *page = page_of(&fixture, HTTP_POST, "/report", ROLE_DUTY_OFFICER);
        test_ok(report_in_take(&page->ask, &page->ask.who.actor, &put, &taken, &field));
    }
    buf_free(&text);
    slice queue = asked(&fixture, "view", "waiting", false);
    assert_true(test_has(queue, "57 reports that belong together") && test_has(queue, "/reports?pile=1\""));
    assert_true(!test_has(queue, "/reports/7\"") && test_has(queue, "value=\"merge-pile\""));
    const slice long_ones[] = {asked(&fixture, "pile", "1", false), asked(&fixture, "view", "all", false)};
    for (size_t i = 0; i < COUNT_OF(long_ones); i++) {
        assert_true(test_has(long_ones[i], "&amp;after="));
        if (long_ones[i].len >= 50u << 10)
            fail_msg("%zu bytes", long_ones[i].len);
    }
    struct test_page *page = got(&fixture, "/reports/5", "report", ROLE_DUTY_OFFICER, web_report, false);
    test_ok(page->err);
    if (page->answer.len >= 50u << 10)
        fail_msg("%zu bytes", page->answer.len);
    page = got(&fixture, "/board", "board", ROLE_DUTY_OFFICER, web_board, false);
    test_ok(page->err);
    if (page->answer.len >= 50u << 10)
        fail_msg("%zu bytes", page->answer.len);
}

/* ---- What is done ---- */

static void what_tells_of_the_same_is_merged_at_once(void **state)
{
    struct fixture fixture = made(state);
    slice list = got(&fixture, "/reports", "reports", ROLE_DUTY_OFFICER, web_reports, true)->answer;
    assert_true(test_has(list, "\"several\":true,\"count\":{\"value\":2,"));
    assert_int_equal(acted(&fixture, "/reports/1", ROLE_DUTY_OFFICER, "merge-all", NULL, NULL)->reply.status, 303);
    assert_int_equal(row_of(&fixture, TEST_FOREIGN).same_as, TEST_REPORT);
    assert_int_equal(row_of(&fixture, TEST_REPORT).same_as, 0);
}

static struct err opened(struct work *work, void *context)
{
    return case_report_open(work, TEST_REPORT, S("A fake shop"), context);
}

static void one_press_deals_with_a_pile(void **state)
{
    struct fixture fixture = made(state);
    int64_t incident;
    test_ok(store_work(fixture.people->db, &fixture.people->local, fixture.people->arena, opened, &incident));
    assert_true(test_has(asked(&fixture, "view", "waiting", true), "\"joins\":1}"));
    assert_int_equal(acted(&fixture, "/reports/2", ROLE_DUTY_OFFICER, "", "incident", "1")->reply.status, 303);
    assert_int_equal(row_of(&fixture, TEST_FOREIGN).incident, incident);
    acted(&fixture, "/reports/1", ROLE_DUTY_OFFICER, "unlink", NULL, NULL);
    acted(&fixture, "/reports/2", ROLE_DUTY_OFFICER, "unlink", NULL, NULL);
    assert_int_equal(acted(&fixture, "/reports/1", ROLE_DUTY_OFFICER, "merge-pile", NULL, NULL)->reply.status, 303);
    assert_int_equal(row_of(&fixture, TEST_FOREIGN).same_as, TEST_REPORT);
    assert_int_equal(acted(&fixture, "/reports/1", ROLE_DUTY_OFFICER, "merge-pile", NULL, NULL)->reply.status, 409);
    assert_int_equal(row_of(&fixture, TEST_TOLD_RESTRICTED).same_as, 0); /* which who pressed does not see */
    assert_int_equal(acted(&fixture, "/reports/1", ROLE_AUDITOR, "advert", NULL, NULL)->reply.status == 303, false);
    assert_int_equal(acted(&fixture, "/reports/1", ROLE_DUTY_OFFICER, "advert", NULL, NULL)->reply.status, 303);
    assert_int_equal(row_of(&fixture, TEST_REPORT).state, REPORT_CLOSED);
}

static void acts_are_done_or_told_why_not(void **state)
{
    static const struct {
        const char *act, *field, *value;
        unsigned status;
        const char *why; /* of which field; NULL: none */
    } rows[] = {
            {"take", NULL, NULL, 303, NULL},
            {"leave", NULL, NULL, 303, NULL},
            {"link", "incident", "7", 404, "incident"},
            {"link", "incident", "seven", 400, "incident"},
            {"merge", "other", "2026-000009-ABCD", 404, "other"},
            {"merge", "other", "1", 400, "other"},
            {"differ", "other", "2", 303, NULL},
            {"told-by", NULL, NULL, 409, NULL},
            {"told-by", "organisation", "a drum", 404, NULL},
            {"class", "severity", "drum", 400, NULL},
            {"close", "reason", "", 400, "reason"},
            {"answer", "text", "", 400, "text"},
            {"preview", "answer", "drum", 400, "text"},
            {"preview", "answer", "more", 200, NULL},
            {"drum", NULL, NULL, 400, NULL},
            {"open", NULL, NULL, 303, NULL},
            {"open", NULL, NULL, 409, NULL},
            {"close", "reason", "an advert", 303, NULL},
    };
    struct fixture fixture = made(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct test_page *page =
                acted(&fixture, "/reports/1", ROLE_DUTY_OFFICER, rows[i].act, rows[i].field, rows[i].value);
        slice fields = json_get(json_get(page->answer, S("error")), S("fields"));
        if (page->reply.status != rows[i].status)
            fail_msg("%s %s: %u", rows[i].act, rows[i].value, page->reply.status);
        if (rows[i].why != NULL && json_get(fields, slice_of(rows[i].why)).len == 0)
            fail_msg("%s: %.*s", rows[i].act, (int)page->answer.len, page->answer.ptr);
        assert_int_equal(
                acted(&fixture, "/reports/1", ROLE_AUDITOR, rows[i].act, rows[i].field, rows[i].value)->reply.status ==
                        303,
                false);
    }
    assert_int_equal(row_of(&fixture, TEST_REPORT).state, REPORT_CLOSED);
}

/* Bytes as they came, under a name and type of ours, for a reason, and for who works on it. */
static void a_file_is_only_ever_saved(void **state)
{
    struct fixture fixture = made(state);
    static const struct {
        enum role role;
        const char *pick, *reason;
        unsigned status;
    } rows[] = {
            {ROLE_DUTY_OFFICER, "1-1", "", 400},
            {ROLE_DUTY_OFFICER, "x", "to look", 400},
            {ROLE_DUTY_OFFICER, "1-9", "to look", 404},
            {ROLE_DUTY_OFFICER, "2-0", "to look", 404}, /* of another report */
            {ROLE_AUDITOR, "1-0", "to look", 403},
            {ROLE_CONSTITUENT_ADMIN, "1-0", "to look", 403},
            {ROLE_DUTY_OFFICER, "1-0", "to look", 200},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct test_page *page = page_of(&fixture, HTTP_POST, "/reports/1", rows[i].role);
        test_page_field(page, "pick", rows[i].pick);
        test_page_field(page, "reason", rows[i].reason);
        slice answer = run(page, "report", web_report_file);
        if (page->reply.status != rows[i].status)
            fail_msg("%s: %u: %.*s", rows[i].pick, page->reply.status, (int)answer.len, answer.ptr);
        if (rows[i].status != 200)
            continue;
        assert_true(slice_eq(page->reply.type, S("application/octet-stream")));
        assert_true(test_has(answer, "multipart"));
    }
}

/* By a button on the page: of an incident, for a basis in law, by who may take evidence. */
static void a_file_is_sealed_as_evidence_of_an_incident(void **state)
{
    struct fixture fixture = made(state);
    static const struct {
        enum role role;
        const char *pick, *reason;
        unsigned status;
    } rows[] = {
            {ROLE_DUTY_OFFICER, "1-1", "", 400}, {ROLE_DUTY_OFFICER, "x", "order 12", 400},
            {ROLE_AUDITOR, "1-1", "order 12", 403}, {ROLE_CONSTITUENT_ADMIN, "1-1", "order 12", 403},
            {ROLE_DUTY_OFFICER, "1-1", "order 12", 409}, /* it belongs to none */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct test_page *page = page_of(&fixture, HTTP_POST, "/reports/1", rows[i].role);
        test_page_field(page, "pick", rows[i].pick);
        test_page_field(page, "reason", rows[i].reason);
        slice answer = run(page, "report", web_report_evidence);
        if (page->reply.status != rows[i].status)
            fail_msg("%zu: %u: %.*s", i, page->reply.status, (int)answer.len, answer.ptr);
    }
}

/* ---- What is told ---- */

static struct test_page *told(struct fixture *fixture, enum role role, const char *json)
{
    struct test_page *page = page_of(fixture, HTTP_POST, "/reports", role);
    page->request.body = slice_of(json);
    test_page_header(page, "content-type", "application/json; charset=utf-8");
    run(page, "report-new", web_report_take);
    return page;
}

static void json_is_taken_or_told_which_field(void **state)
{
    static const struct {
        const char *json;
        unsigned status;
        const char *field;
    } rows[] = {
            {"{\"text\": \"A drum\"}", 201, NULL},
            {"{\"text\": \"A drum\", \"organisation\": \"RS Melur\", \"occurred\": \"2026-11-20T09:30:00+07:00\"}", 201,
                    NULL},
            {"{\"text\": \"A drum\", \"occurred\": \"2026-11-20T09:30\", \"money\": true, \"mail\": null}", 201, NULL},
            {"{\"text\": \"A drum\", \"class\": \"fraud/phishing\", \"language\": \"zh\"}", 201, NULL},
            {"{\"text\": \"  \"}", 400, "text"},
            {"{}", 400, "text"},
            {"{\"text\": \"A \\u0000 drum\"}", 400, "text"},
            {"{\"text\": 7}", 400, NULL},
            {"{\"text\": \"A drum\", \"mail\": true}", 400, NULL},
            {"{\"text\": \"A drum\", \"mail\": \"a@b, c@d\"}", 400, "mail"},
            {"{\"text\": \"A drum\", \"mail\": \"a@b\\r\\nBcc: c@d\"}", 400, "mail"},
            {"{\"text\": \"A drum\", \"name\": \"A\\nB\"}", 400, "name"},
            {"{\"text\": \"A drum\", \"organisation\": \"Nobody\"}", 404, "organisation"},
            {"{\"text\": \"A drum\", \"occurred\": \"yesterday\"}", 400, "occurred"},
            {"{\"text\": \"A drum\", \"occurred\": \"2026-13-20T09:30\"}", 400, "occurred"},
            {"{\"text\": \"A drum\", \"language\": \"xx\"}", 400, "language"},
            {"{\"text\": \"A drum\", \"class\": \"fraud/drum\"}", 400, "class"},
            {"{\"text\": \"A drum\", \"text\": \"B\"}", 400, NULL},
            {"{\"text\": \"A drum\", \"drum\": \"B\"}", 400, NULL},
            {"[\"A drum\"]", 400, NULL},
            {"{\"text\": \"A drum\"", 400, NULL},
    };
    struct fixture fixture = made(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct test_page *page = told(&fixture, ROLE_DUTY_OFFICER, rows[i].json);
        slice fields = json_get(json_get(page->answer, S("error")), S("fields"));
        if (page->ask.status != rows[i].status)
            fail_msg("%s: %u: %.*s", rows[i].json, page->ask.status, (int)page->answer.len, page->answer.ptr);
        if (rows[i].field != NULL && json_get(fields, slice_of(rows[i].field)).len == 0)
            fail_msg("%s: %.*s", rows[i].json, (int)page->answer.len, page->answer.ptr);
    }
}

static void who_may_for_their_own_tells_for_that(void **state)
{
    struct fixture fixture = made(state);
    struct test_page *page =
            told(&fixture, ROLE_CONSTITUENT_ADMIN, "{\"text\": \"A drum\", \"organisation\": \"Melati\"}");
    assert_int_equal(page->ask.status, 201);
    assert_int_equal(row_of(&fixture, TEST_TOLD_RESTRICTED + 1).organisation, fixture.cast.other);
    page = told(&fixture, ROLE_CONSTITUENT_ADMIN, "{\"text\": \"A drum\", \"class\": \"fraud/phishing\"}");
    assert_int_equal(page->err.kind == ERR_DENIED || page->ask.status == 403, true);
    page = told(&fixture, ROLE_AUDITOR, "{\"text\": \"A drum\"}");
    assert_int_equal(page->ask.status, 403);
}

/* "Money was lost" is grave, whatever the words are; what is graver still is that. */
static void money_that_is_lost_is_grave(void **state)
{
    static const struct {
        const char *text;
        enum severity severity;
    } rows[] = {{"A drum", SEVERITY_HIGH}, {"Situs palsu", SEVERITY_HIGH},
            {"Rekam medis pasien tidak bisa diakses", SEVERITY_CRITICAL}};
    struct fixture fixture = made(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct test_page *page = test_people_page(fixture.people, HTTP_POST, "/report");
        test_page_field(page, "text", rows[i].text);
        test_page_field(page, "money", "yes");
        run(page, "report-form", web_report_form_send);
        const struct report row = row_of(&fixture, TEST_TOLD_RESTRICTED + 1 + (int64_t)i);
        assert_int_equal(row.severity, rows[i].severity);
        assert_true(slice_starts(row.flags, S("money-lost")));
    }
}

/* What a form of anybody says besides its fields changes nothing. */
static void a_stranger_says_what_the_form_has(void **state)
{
    static const char *const more[] = {"class", "organisation", "occurred", "subject", "language"};
    struct fixture fixture = made(state);
    struct test_page *page = test_people_page(fixture.people, HTTP_POST, "/report");
    test_page_field(page, "text", "Akun Anda akan diblokir, kata surel itu");
    for (size_t i = 0; i < COUNT_OF(more); i++)
        test_page_field(page, more[i], "other/other");
    run(page, "report-form", web_report_form_send);
    assert_int_equal(page->ask.status, 201);
    const struct report row = row_of(&fixture, TEST_TOLD_RESTRICTED + 1);
    assert_true(slice_eq(row.class, S("fraud/phishing")));
    assert_true(slice_eq(row.class_rule, S("phishing")));
    assert_int_equal(row.organisation, 0);
    assert_true(row.occurred_us == TIME_NONE);
}

static void who_is_signed_in_for_a_constituent_tells_for_it(void **state)
{
    struct fixture fixture = made(state);
    struct test_page *page = page_of(&fixture, HTTP_POST, "/report", ROLE_CONSTITUENT_ADMIN);
    test_page_field(page, "text", "A drum");
    run(page, "report-form", web_report_form_send);
    assert_int_equal(page->ask.status, 201);
    assert_int_equal(row_of(&fixture, TEST_TOLD_RESTRICTED + 1).organisation, fixture.cast.other);
}

static void many_of_one_address_wait(void **state)
{
    struct fixture fixture = made(state);
    unsigned taken = 0;
    clock_set(clock_now_us());
    for (int i = 0; i < 20; i++) {
        struct test_page *page = test_people_page(fixture.people, HTTP_POST, "/report");
        test_page_field(page, "text", "A drum");
        slice answer = run(page, "report-form", web_report_form_send);
        taken += page->ask.status == 201;
        if (i < 11)
            continue;
        assert_int_equal(page->ask.status, 429);
        assert_true(test_has(answer, "\"text\":\"A drum\""));
        assert_true(test_page_said(page, "Retry-After").len > 0);
    }
    clock_set(TIME_NONE);
    assert_int_equal(taken, 11);
}

#define TEST(function) TEST_ON(DB_SQLITE, #function, function, set_up, tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST(each_role_sees_what_it_may),
            TEST(what_is_not_theirs_is_as_what_is_not_there),
            TEST(they_see_nothing_that_is_ours),
            TEST(what_is_restricted_stays_with_who_holds_it),
            TEST(markup_is_text),
            TEST(long_ones_are_a_page),
            TEST(what_tells_of_the_same_is_merged_at_once),
            TEST(one_press_deals_with_a_pile),
            TEST(acts_are_done_or_told_why_not),
            TEST(a_file_is_only_ever_saved),
            TEST(a_file_is_sealed_as_evidence_of_an_incident),
            TEST(json_is_taken_or_told_which_field),
            TEST(who_may_for_their_own_tells_for_that),
            TEST(money_that_is_lost_is_grave),
            TEST(a_stranger_says_what_the_form_has),
            TEST(who_is_signed_in_for_a_constituent_tells_for_it),
            TEST(many_of_one_address_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
