/* SPDX-License-Identifier: Apache-2.0 */
#include "web/files.h"
#include "web/test_page.h"
#include "json/check.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test of faces", ARENA_WORK, 64u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static struct err hostile(struct ask *ask)
{
    page_title(ask, S("<script>alert(1)</script>"));
    json_write_key_text(&ask->json, S("node"), S("\"><img src=x>"));
    return OK;
}

static struct err broken(struct ask *ask)
{
    page_title(ask, S("half"));
    return err_make(ERR_MISSING, "there is no <object> 7");
}

static struct err again(struct ask *ask)
{
    page_title(ask, S("Once more"));
    return page_again(ask, "name", err_make(ERR_CONFLICT, "that name is taken"));
}

static const struct route_field fields[] = {{"name", "Name", true}, {"password", "Password", true}, {NULL}};
static const struct route about = {HTTP_GET, "/about", "about", &web_face, web_about};
static const struct route bad = {HTTP_GET, "/about", "about", &web_face, hostile};
static const struct route missing = {HTTP_GET, "/objects/{number}", "about", &web_face, broken};
static const struct route untemplated = {HTTP_GET, "/x", "no-such-page", &web_face, hostile};
static const struct route form = {HTTP_POST, "/users", "about", &web_face, again, .fields = fields};

/* ---- Two faces of one document ---- */

static void a_script_gets_the_document_and_nothing_of_the_frame(void **state)
{
    (void)state;
    struct test_page *page = test_page(arena, HTTP_GET, "/about");
    slice answer = test_page_run(page, &about);
    assert_int_equal(page->reply.status, 200);
    assert_true(slice_eq(page->reply.type, S("application/json; charset=utf-8")));
    assert_int_equal(json_check(answer, &json_limits_default, NULL).kind, ERR_NONE);
    assert_true(slice_eq(json_get(answer, S("node")), S("\"Tim Contoh\"")));
    assert_int_equal(json_get(answer, S("frame")).len, 0);
}

static void a_browser_gets_the_same_in_the_frame(void **state)
{
    (void)state;
    struct test_page *page = test_page(arena, HTTP_GET, "/about");
    page->ask.wants_json = false;
    slice answer = test_page_run(page, &about);
    assert_int_equal(page->reply.status, 200);
    assert_true(slice_eq(page->reply.type, S("text/html; charset=utf-8")));
    assert_true(slice_starts(answer, S("<!doctype html>")));
    assert_true(test_has(answer, "<title>About this node \302\267 Tim Contoh</title>"));
    assert_true(test_has(answer, web_static_path("kentongan.css", arena)));
    assert_true(test_has(test_page_said(page, "Vary"), "Accept"));
}

static void whatever_stands_in_a_document_is_text_on_a_page(void **state)
{
    (void)state;
    struct test_page *page = test_page(arena, HTTP_GET, "/about");
    page->ask.wants_json = false;
    slice answer = test_page_run(page, &bad);
    assert_true(test_has(answer, "&lt;script&gt;alert(1)"));
    assert_false(test_has(answer, "<script>"));
    assert_false(test_has(answer, "<img src=x"));
}

static void strangers_see_no_version_and_no_places(void **state)
{
    (void)state;
    struct test_page *page = test_page(arena, HTTP_GET, "/about");
    assert_int_equal(json_get(test_page_run(page, &about), S("version")).len, 0);
    page->ask.wants_json = false;
    assert_false(test_has(test_page_run(page, &about), "<nav"));
    test_page_as(page, 1u << ROLE_ANALYST);
    assert_true(test_has(test_page_run(page, &about), "<nav"));
    page->ask.who.half = true;
    assert_false(test_has(test_page_run(page, &about), "<nav"));
}

static void the_way_around_shows_what_who_asks_may_see(void **state)
{
    (void)state;
    static const struct {
        enum role role;
        bool objects, users, journal;
    } rows[] = {
            {ROLE_ANALYST, true, true, false},
            {ROLE_SYSADMIN, false, true, false},
            {ROLE_AUDITOR, true, true, true},
            {ROLE_EXERCISE_DIRECTOR, false, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct test_page *page = test_page(arena, HTTP_GET, "/about");
        test_page_as(page, 1u << rows[i].role);
        page->ask.wants_json = false;
        slice answer = test_page_run(page, &about);
        assert_int_equal(test_has(answer, "href=\"/intelligence\""), rows[i].objects);
        assert_int_equal(test_has(answer, "href=\"/users\""), rows[i].users);
        assert_int_equal(test_has(answer, "href=\"/journal\""), rows[i].journal);
        assert_true(test_has(answer, "href=\"/account\""));
    }
}

static void a_page_without_template_says_so(void **state)
{
    (void)state;
    struct test_page *page = test_page(arena, HTTP_GET, "/x");
    page->ask.wants_json = false;
    test_page_run(page, &untemplated);
    assert_int_equal(page->err.kind, ERR_SYSTEM);
    assert_int_equal(page->reply.status, 500);
}

/* ---- What was not done ---- */

static void an_error_is_json_for_scripts(void **state)
{
    (void)state;
    struct test_page *page = test_page(arena, HTTP_GET, "/objects/7");
    slice answer = test_page_run(page, &missing);
    assert_int_equal(page->reply.status, 404);
    assert_true(slice_eq(answer, S("{\"error\":{\"kind\":\"missing\",\"why\":\"there is no <object> 7\"}}\n")));
}

static void an_error_is_a_page_that_says_what_to_do(void **state)
{
    (void)state;
    struct test_page *page = test_page(arena, HTTP_GET, "/objects/7");
    page->ask.wants_json = false;
    slice answer = test_page_run(page, &missing);
    assert_int_equal(page->reply.status, 404);
    assert_true(test_has(answer, "there is no &lt;object&gt; 7"));
    assert_true(test_has(answer, "It may have been removed"));
    assert_false(test_has(answer, "half"));
}

static void who_is_not_signed_in_is_led_to_the_door_and_back(void **state)
{
    (void)state;
    struct test_page *page = test_page(arena, HTTP_GET, "/intelligence");
    page->ask.wants_json = false;
    page->request.query = S("q=a%20b&type=x");
    test_page_fail(page, err_make(ERR_AUTH, "nobody is signed in"));
    assert_int_equal(page->reply.status, 303);
    assert_true(slice_eq(test_page_said(page, "Location"), S("/sign-in?next=/intelligence%3Fq%3Da%2520b%26type%3Dx")));
}

static void a_form_or_a_script_is_told_instead(void **state)
{
    (void)state;
    struct test_page *page = test_page(arena, HTTP_POST, "/users");
    page->ask.wants_json = false;
    test_page_fail(page, err_make(ERR_AUTH, "nobody is signed in"));
    assert_int_equal(page->reply.status, 401);
    assert_true(test_has(page->answer, "href=\"/sign-in\""));
    page = test_page(arena, HTTP_GET, "/users");
    test_page_fail(page, err_make(ERR_AUTH, "nobody is signed in"));
    assert_int_equal(page->reply.status, 401);
}

static void a_form_that_was_not_done_keeps_what_was_typed_but_secrets(void **state)
{
    (void)state;
    struct test_page *page = test_page(arena, HTTP_POST, "/users");
    page->ask.form = page->form;
    test_page_field(page, "name", "sari");
    test_page_field(page, "password", "a secret that nobody sees");
    test_page_field(page, "unasked", "for");
    slice answer = test_page_run(page, &form);
    assert_int_equal(page->reply.status, 409);
    assert_true(test_has(answer, "\"fields\":{\"name\":\"that name is taken\"}"));
    assert_true(test_has(answer, "\"typed\":{\"name\":\"sari\"}"));
    assert_false(test_has(answer, "secret"));
}

static void the_language_form_leads_back_to_a_page(void **state)
{
    static const struct {
        const char *path, *back;
    } rows[] = {{"/users", "/users"}, {"/account/tokens", "/account"}, {"/set-up/secret", "/"}};
    static const struct route pages[] = {{HTTP_GET, "/users", "users", &web_face, web_about},
            {HTTP_GET, "/account", "account", &web_face, web_about}, {.path = NULL}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct test_page *page = test_page(arena, HTTP_POST, rows[i].path);
        page->gate.options.routes = pages;
        page->ask.wants_json = false;
        test_page_run(page, &form);
        assert_true(test_has(page->answer, arena_printf(arena, "name=\"next\" value=\"%s\"", rows[i].back)));
    }
}

/* ---- Files ---- */

static const struct route file = {HTTP_GET, "/static/{name}", "static", &web_face, web_static};

static struct test_page *file_asked(const char *name)
{
    const char *path = web_static_path(name, arena);
    struct test_page *page = test_page(arena, HTTP_GET, path);
    page->ask.parts[0] = slice_from(slice_of(path), strlen("/static/"));
    return page;
}

static void a_static_file_may_be_kept_for_ever(void **state)
{
    (void)state;
    struct test_page *page = file_asked("kentongan.css");
    slice answer = test_page_run(page, &file);
    assert_int_equal(page->reply.status, 200);
    assert_true(test_has(answer, "prefers-color-scheme"));
    assert_true(slice_eq(page->reply.type, S("text/css; charset=utf-8")));
    assert_true(test_has(test_page_said(page, "Cache-Control"), "immutable"));
    slice tag = test_page_said(page, "ETag");
    test_page_header(page, "if-none-match", arena_printf(arena, "\"x\", W/%.*s", (int)tag.len, tag.ptr));
    answer = test_page_run(page, &file);
    assert_int_equal(page->reply.status, 304);
    assert_int_equal(answer.len, 0);
}

static void a_static_file_is_packed_for_who_takes_it(void **state)
{
    (void)state;
    struct test_page *page = file_asked("kentongan.css");
    size_t whole = test_page_run(page, &file).len;
    test_page_header(page, "accept-encoding", "br, gzip");
    slice answer = test_page_run(page, &file);
    assert_true(slice_eq(test_page_said(page, "Content-Encoding"), S("gzip")));
    assert_true(answer.len * 2 < whole);
    assert_true(slice_starts(answer, S("\x1f\x8b")));
}

static void a_file_of_another_version_is_not_there(void **state)
{
    (void)state;
    struct test_page *page = test_page(arena, HTTP_GET, "/static/kentongan-0000000000000000.css");
    page->ask.parts[0] = S("kentongan-0000000000000000.css");
    test_page_run(page, &file);
    assert_int_equal(page->reply.status, 404);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_script_gets_the_document_and_nothing_of_the_frame),
            cmocka_unit_test(a_browser_gets_the_same_in_the_frame),
            cmocka_unit_test(whatever_stands_in_a_document_is_text_on_a_page),
            cmocka_unit_test(strangers_see_no_version_and_no_places),
            cmocka_unit_test(the_way_around_shows_what_who_asks_may_see),
            cmocka_unit_test(a_page_without_template_says_so),
            cmocka_unit_test(an_error_is_json_for_scripts),
            cmocka_unit_test(an_error_is_a_page_that_says_what_to_do),
            cmocka_unit_test(who_is_not_signed_in_is_led_to_the_door_and_back),
            cmocka_unit_test(a_form_or_a_script_is_told_instead),
            cmocka_unit_test(a_form_that_was_not_done_keeps_what_was_typed_but_secrets),
            cmocka_unit_test(the_language_form_leads_back_to_a_page),
            cmocka_unit_test(a_static_file_may_be_kept_for_ever),
            cmocka_unit_test(a_static_file_is_packed_for_who_takes_it),
            cmocka_unit_test(a_file_of_another_version_is_not_there),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
