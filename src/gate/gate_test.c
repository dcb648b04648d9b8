/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/test_gate.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "gate/face.h"

#define OFFICER (1u << ROLE_DUTY_OFFICER)
#define LIAISON (1u << ROLE_LIAISON)
#define SYSADMIN (1u << ROLE_SYSADMIN)

/* ---- Handlers ---- */

static struct {
    unsigned times;
    struct err err; /* to fail with */
    struct ask ask; /* as it was seen; what lies in the arena stays there */
    const char *see;
    int file; /* that a failing one began to answer with */
} handled;

static struct err handle(struct ask *ask)
{
    handled.times++;
    handled.ask = *ask;
    if (handled.see != NULL)
        ask_see(ask, handled.see);
    json_write_key_text(&ask->json, S("said"), S("well"));
    return handled.err;
}

static struct err handle_and_fail(struct ask *ask)
{
    http_reply_header(ask->reply, S("ETag"), S("\"1\""));
    buf_put(&ask->reply->body, S("half an answer"));
    handled.file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(handled.file > 0);
    ask->reply->file = handled.file;
    ask->reply->status = 200;
    return err_make(ERR_CONFLICT, "it changed meanwhile");
}

static struct err handle_kept(struct ask *ask)
{
    http_reply_header(ask->reply, S("Cache-Control"), S("public, max-age=31536000"));
    ask->reply->status = 200;
    ask->reply->fixed = S("body");
    return OK;
}

static struct err handle_cookies(struct ask *ask)
{
    if (ask_query(ask, S("what")).len > 0)
        ask_language_set(ask, LANGUAGE_INDONESIAN);
    else
        ask_session_set(ask, ask_query(ask, S("secret")), 3600);
    ask->reply->status = 204;
    return OK;
}

static struct err handle_much(struct ask *ask)
{
    arena_take(ask->arena, 65u << 20);
    return OK;
}

static const struct route_field fields[] = {{"name", "What it is called", true}, {.name = NULL}};

static const struct route table[] = {
        {HTTP_GET, "/open", "open", &gate_document, handle, ROUTE_OPEN, VERBS, 0, 0, "", NULL},
        {HTTP_POST, "/open", "open-post", &gate_document, handle, ROUTE_OPEN, VERBS, 0, 1000, "", fields},
        {HTTP_GET, "/half", "half", &gate_document, handle, ROUTE_HALF, VERBS, 0, 0, "", NULL},
        {HTTP_GET, "/member", "member", &gate_document, handle, ROUTE_MEMBER, VERBS, SCOPE_READ, 0, "", NULL},
        {HTTP_POST, "/member", "member-post", &gate_document, handle, ROUTE_MEMBER, VERBS, SCOPE_WRITE, 1u << 20, "",
                NULL},
        {HTTP_DELETE, "/member", "member-drop", &gate_document, handle, ROUTE_MEMBER, VERBS, SCOPE_WRITE, 0, "", NULL},
        {HTTP_GET, "/people-only", "people-only", &gate_document, handle, ROUTE_MEMBER, VERBS, 0, 0, "", NULL},
        {HTTP_GET, "/imports", "imports", &gate_document, handle, ROUTE_MEMBER, VERB_IMPORT, SCOPE_READ, 0, "", NULL},
        {HTTP_GET, "/users/{number}", "user", &gate_document, handle, ROUTE_MEMBER, VERB_READ_USERS, SCOPE_READ, 0, "",
                NULL},
        {HTTP_GET, "/failing", "failing", &gate_plain, handle_and_fail, ROUTE_OPEN, VERBS, 0, 0, "", NULL},
        {HTTP_GET, "/kept", "kept", &gate_plain, handle_kept, ROUTE_OPEN, VERBS, 0, 0, "", NULL},
        {HTTP_GET, "/cookies", "cookies", &gate_plain, handle_cookies, ROUTE_OPEN, VERBS, 0, 0, "", NULL},
        {HTTP_GET, "/much", "much", &gate_plain, handle_much, ROUTE_OPEN, VERBS, 0, 0, "", NULL},
        {.path = NULL},
};

static int setup(void **state)
{
    (void)state;
    memset(&handled, 0, sizeof handled);
    return test_gate_open(table, &gate_plain);
}

static int teardown(void **state)
{
    (void)state;
    return test_gate_close();
}

static unsigned get(const char *target)
{
    test_begin(HTTP_GET, target);
    return test_ask();
}

/* ---- Routes ---- */

static void what_is_not_there_is_404_and_another_method_405(void **state)
{
    (void)state;
    assert_int_equal(get("/nothing"), 404);
    assert_string_equal(test_body(), "there is nothing here\n");
    test_begin(HTTP_POST, "/half");
    assert_int_equal(test_ask(), 405);
    assert_string_equal(test_said("Allow"), "GET, HEAD");
    test_begin(HTTP_DELETE, "/open");
    assert_int_equal(test_ask(), 405);
    assert_string_equal(test_said("Allow"), "GET, HEAD, POST");
    assert_int_equal(handled.times, 0);
    test_begin(HTTP_HEAD, "/open");
    assert_int_equal(test_ask(), 200);
}

static void the_document_is_the_answer(void **state)
{
    (void)state;
    assert_int_equal(get("/open"), 200);
    assert_string_equal(test_body(), "{\"said\":\"well\"}\n");
    assert_true(slice_eq(test_gate.reply.type, S("application/json")));
}

/* ---- Who asks ---- */

static void what_is_shown_reaches_people(void **state)
{
    (void)state;
    const struct http_certificate certificate = {.fingerprint = hash_sha256(S("a certificate"))};
    test_as(OFFICER, ACTOR_SECOND_FACTOR);
    test_begin(HTTP_GET, "/member");
    test_header("cookie", "language=id; __Host-session=abc");
    test_gate.request.certificate = &certificate;
    assert_int_equal(test_ask(), 200);
    assert_true(slice_eq(test_gate.shown.session, S("abc")));
    assert_null(test_gate.shown.certificate); /* a cookie goes before what the connection has */
    test_header("authorization", "bearer  t.o-k_e/n==");
    assert_int_equal(test_ask(), 200);
    assert_true(slice_eq(test_gate.shown.token, S("t.o-k_e/n==")));
    assert_int_equal(test_gate.shown.session.len, 0);
    test_begin(HTTP_GET, "/member");
    test_header("authorization", "Basic YXl1OmE6Yg=="); /* ayu:a:b */
    assert_int_equal(test_ask(), 200);
    assert_true(slice_eq(test_gate.shown.name, S("ayu")) && slice_eq(test_gate.shown.password, S("a:b")));
    test_begin(HTTP_GET, "/member");
    test_gate.request.certificate = &certificate;
    assert_int_equal(test_ask(), 200);
    assert_memory_equal(test_gate.shown.certificate, &certificate.fingerprint, sizeof certificate.fingerprint);
    assert_int_equal(test_gate.shown.from.bytes[0], 192);
}

static void a_session_of_another_name_is_none(void **state)
{
    (void)state;
    test_begin(HTTP_GET, "/open");
    test_header("cookie", "session=abc; __Host-sessions=abc");
    test_ask();
    assert_int_equal(test_gate.shown.session.len, 0);
    test_gate.parts.secure = false;
    test_ask();
    assert_true(slice_eq(test_gate.shown.session, S("abc")));
}

static void an_authorization_that_nobody_understands_is_401(void **state)
{
    (void)state;
    static const char *const values[] = {"", "Bearer", "Bearer ", "Digest x", "Basic", "Basic !", "Basic YXl1",
            "Basic OnNlY3JldA==" /* no name */, "Basic YQA6Yg==" /* a NUL */};
    test_as(OFFICER, ACTOR_PASSWORD);
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        test_begin(HTTP_GET, "/member");
        test_header("authorization", values[i]);
        assert_int_equal(test_ask(), 401);
        assert_non_null(test_said("WWW-Authenticate"));
    }
    assert_int_equal(test_gate.times, 0);
}

static void a_bad_credential_is_401_and_too_many_are_429(void **state)
{
    (void)state;
    test_gate.known = err_make(ERR_AUTH, "that is not good");
    test_begin(HTTP_GET, "/member");
    test_header("authorization", "Bearer x");
    assert_int_equal(test_ask(), 401);
    test_begin(HTTP_GET, "/open"); /* whoever shows a token wants to be known by it, here too */
    test_header("authorization", "Bearer x");
    assert_int_equal(test_ask(), 401);
    test_gate.known = err_make(ERR_LIMIT, "too many failures; come again in 30 s");
    assert_int_equal(test_ask(), 429);
    assert_string_equal(test_said("Retry-After"), "30");
    assert_int_equal(handled.times, 0);
}

static void a_session_that_is_over_is_nobody_where_anybody_may(void **state)
{
    (void)state;
    test_gate.known = err_make(ERR_AUTH, "the session is over");
    test_begin(HTTP_GET, "/open");
    test_header("cookie", "__Host-session=abc");
    assert_int_equal(test_ask(), 200);
    assert_int_equal(handled.ask.who.actor.how, ACTOR_NOBODY);
    test_begin(HTTP_GET, "/member");
    test_header("cookie", "__Host-session=abc");
    assert_int_equal(test_ask(), 401);
}

/* The page that says so still shows the way around; a token is not tried for what is not there. */
static void a_session_is_known_where_nothing_is(void **state)
{
    (void)state;
    test_begin(HTTP_GET, "/nothing");
    test_header("cookie", "__Host-session=abc");
    test_as_session(OFFICER);
    assert_int_equal(test_ask(), 404);
    assert_int_equal(test_gate.times, 1);
    test_gate.known = err_make(ERR_AUTH, "the session is over");
    assert_int_equal(test_ask(), 404);
    test_begin(HTTP_GET, "/nothing");
    test_header("authorization", "Bearer x");
    assert_int_equal(test_ask(), 404);
    assert_int_equal(test_gate.times, 2);
}

static void behind_a_proxy_its_last_word_says_from_where(void **state)
{
    (void)state;
    test_begin(HTTP_GET, "/open");
    test_header("x-forwarded-for", "203.0.113.9, 198.51.100.7");
    test_ask();
    assert_int_equal(test_gate.shown.from.bytes[0], 192); /* no proxy: anybody can write that */
    test_gate.parts.behind_proxy = true;
    test_ask();
    assert_int_equal(test_gate.shown.from.bytes[0], 198);
    test_begin(HTTP_GET, "/open");
    test_header("x-forwarded-for", "198.51.100.7, unknown");
    test_ask();
    assert_int_equal(test_gate.shown.from.bytes[0], 192);
    test_begin(HTTP_GET, "/open");
    test_header("x-forwarded-for", "203.0.113.9"); /* the client's own */
    test_header("X-Forwarded-For", "198.51.100.7");
    test_ask();
    assert_int_equal(test_gate.shown.from.bytes[0], 198);
}

/* ---- Who is let in ---- */

static void access_scope_and_right_are_asked_in_turn(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        uint32_t roles;
        enum actor_how how;
        unsigned scopes;
        bool half;
        unsigned status;
    } rows[] = {
            {"/member", 0, ACTOR_NOBODY, 0, false, 401}, {"/half", 0, ACTOR_NOBODY, 0, false, 401},
            {"/open", 0, ACTOR_NOBODY, 0, false, 200}, {"/member", OFFICER, ACTOR_PASSWORD, SCOPE_ALL, true, 401},
            {"/half", OFFICER, ACTOR_PASSWORD, SCOPE_ALL, true, 200},
            {"/half", OFFICER, ACTOR_SECOND_FACTOR, SCOPE_ALL, false, 200},
            {"/member", OFFICER, ACTOR_TOKEN, SCOPE_READ, false, 200},
            {"/member", OFFICER, ACTOR_TOKEN, SCOPE_ALL & ~SCOPE_READ, false, 403},
            {"/people-only", OFFICER, ACTOR_TOKEN, SCOPE_ALL, false, 403},
            {"/people-only", OFFICER, ACTOR_PASSWORD, SCOPE_ALL, false, 200},
            {"/imports", OFFICER, ACTOR_PASSWORD, SCOPE_ALL, false, 200},
            {"/imports", LIAISON, ACTOR_SECOND_FACTOR, SCOPE_ALL, false, 403},
            {"/imports", SYSADMIN, ACTOR_CERTIFICATE, SCOPE_ALL, false, 403},
            {"/imports", SYSADMIN | OFFICER, ACTOR_CERTIFICATE, SCOPE_ALL, false, 200},
            {"/imports", 1u << ROLE_LOCAL, ACTOR_PASSWORD, SCOPE_ALL, false, 403}, /* nobody is local from afar */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unsigned before = handled.times;
        test_as(rows[i].roles, rows[i].how);
        test_gate.who.scopes = rows[i].scopes;
        test_gate.who.half = rows[i].half;
        assert_int_equal(get(rows[i].target), rows[i].status);
        assert_int_equal(handled.times - before, rows[i].status == 200);
    }
}

/* Who may read its own users only learns nothing of others; who may read all is told why not. */
static void what_is_of_another_organisation_is_not_there(void **state)
{
    (void)state;
    handled.err = err_make(ERR_DENIED, "ayu may not read users; who may: manager");
    test_as(1u << ROLE_CONSTITUENT_ADMIN, ACTOR_SECOND_FACTOR);
    assert_int_equal(get("/users/9"), 404);
    const char *denied = test_body();
    handled.err = err_make(ERR_MISSING, "there is nothing here");
    assert_int_equal(get("/users/10"), 404);
    assert_string_equal(denied, test_body());
    handled.err = err_make(ERR_DENIED, "not alone");
    test_as(1u << ROLE_MANAGER, ACTOR_SECOND_FACTOR);
    assert_int_equal(get("/users/9"), 403);
}

/* ---- Forgery ---- */

enum { NO_KEY, GOOD_KEY, BAD_KEY, HEADER_KEY };

static unsigned post(const char *origin, const char *site, int key)
{
    static struct ask ask;
    ask = (struct ask){.who = test_gate.who, .arena = test_gate.arena};
    slice good = ask_form_key(&ask);
    test_begin(HTTP_POST, "/member");
    test_header("host", "node.example:8443");
    if (origin != NULL)
        test_header("origin", origin);
    if (site != NULL)
        test_header("sec-fetch-site", site);
    if (key == HEADER_KEY) {
        test_header("x-form-key", arena_cstr(test_gate.arena, good));
        test_header("content-type", "application/json");
        test_gate.request.body = S("{}");
    } else {
        test_form(key == GOOD_KEY  ? arena_printf(test_gate.arena, "a=1&key=%.*s", (int)good.len, good.ptr)
                  : key == BAD_KEY ? "a=1&key=0000"
                                   : "a=1");
    }
    return test_ask();
}

static void a_session_changes_something_from_our_pages_only(void **state)
{
    (void)state;
    static const struct {
        const char *origin, *site;
        int key;
        unsigned status;
    } rows[] = {
            {"https://node.example", NULL, GOOD_KEY, 200},
            {"https://node.example:8443", NULL, GOOD_KEY, 200}, /* as the client calls us */
            {NULL, "same-origin", GOOD_KEY, 200},
            {"https://node.example", "same-origin", GOOD_KEY, 200},
            {NULL, "same-origin", HEADER_KEY, 200},
            {NULL, NULL, GOOD_KEY, 403},
            {NULL, NULL, HEADER_KEY, 403},
            {"https://node.example", NULL, NO_KEY, 403},
            {"https://node.example", NULL, BAD_KEY, 403},
            {"https://evil.example", NULL, GOOD_KEY, 403},
            {"http://node.example", NULL, GOOD_KEY, 403},
            {"https://node.example.evil.example", NULL, GOOD_KEY, 403},
            {"null", NULL, GOOD_KEY, 403},
            {"", NULL, GOOD_KEY, 403},
            {NULL, "same-site", GOOD_KEY, 403},
            {NULL, "cross-site", GOOD_KEY, 403},
            {NULL, "none", GOOD_KEY, 403},
            {"https://node.example", "cross-site", GOOD_KEY, 403},
    };
    test_as_session(OFFICER);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(post(rows[i].origin, rows[i].site, rows[i].key), rows[i].status);
    test_begin(HTTP_DELETE, "/member");
    test_header("origin", "https://node.example");
    assert_int_equal(test_ask(), 403);
}

static void the_key_of_one_session_is_not_that_of_another(void **state)
{
    (void)state;
    struct ask ask = {.arena = test_gate.arena};
    assert_int_equal(ask_form_key(&ask).len, 0);
    test_as_session(OFFICER);
    ask.who = test_gate.who;
    slice one = ask_form_key(&ask);
    assert_int_equal(one.len, 64);
    ask.who.form_key = hash_sha256(S("of another session"));
    assert_false(slice_eq(one, ask_form_key(&ask)));
    assert_true(slice_starts(slice_of(post("https://node.example", NULL, GOOD_KEY) == 200 ? "yes" : "no"), S("yes")));
}

static void who_has_no_session_needs_no_key_but_comes_from_no_other_site(void **state)
{
    (void)state;
    static const enum actor_how hows[] = {ACTOR_PASSWORD, ACTOR_CERTIFICATE};
    for (size_t i = 0; i < COUNT_OF(hows); i++) {
        test_as(OFFICER, hows[i]);
        assert_int_equal(post(NULL, NULL, NO_KEY), 200);
        assert_int_equal(post("https://evil.example", NULL, NO_KEY), 403); /* a browser may carry these by itself */
    }
    test_as(OFFICER, ACTOR_TOKEN);
    test_begin(HTTP_POST, "/member");
    test_header("authorization", "Bearer x");
    test_header("origin", "https://evil.example");
    assert_int_equal(test_ask(), 200); /* that, no browser does */
    test_gate.who = (struct who){.scopes = 0};
    test_begin(HTTP_POST, "/open");
    test_header("origin", "https://evil.example"); /* somebody is to be signed in as somebody else */
    assert_int_equal(test_ask(), 403);
}

/* ---- Fields ---- */

static void fields_are_read_once_and_by_name(void **state)
{
    (void)state;
    slice value;
    uint64_t number = 0;
    size_t at = 0;
    test_begin(HTTP_POST, "/open?page=7&name=query");
    test_form("name=a+b&tag=x&tag=y%26z");
    assert_int_equal(test_ask(), 200);
    assert_true(slice_eq(ask_form(&handled.ask, S("name")), S("a b")));
    assert_true(slice_eq(ask_query(&handled.ask, S("name")), S("query")));
    assert_int_equal(ask_form(&handled.ask, S("none")).len, 0);
    assert_true(ask_form_each(&handled.ask, S("tag"), &at, &value) && slice_eq(value, S("x")));
    assert_true(ask_form_each(&handled.ask, S("tag"), &at, &value) && slice_eq(value, S("y&z")));
    assert_false(ask_form_each(&handled.ask, S("tag"), &at, &value));
    assert_int_equal(ask_number(&handled.ask, S("page"), 10, 1, &number).kind, ERR_NONE);
    assert_int_equal(number, 7);
    assert_int_equal(ask_number(&handled.ask, S("other"), 10, 1, &number).kind, ERR_NONE);
    assert_int_equal(number, 1);
    assert_int_equal(ask_number(&handled.ask, S("page"), 6, 1, &number).kind, ERR_INPUT);
    assert_int_equal(ask_number(&handled.ask, S("name"), 6, 1, &number).kind, ERR_INPUT);
}

static void what_takes_a_form_takes_nothing_else(void **state)
{
    (void)state;
    test_begin(HTTP_POST, "/open");
    test_header("content-type", "text/plain");
    test_gate.request.body = S("name=x");
    assert_int_equal(test_ask(), 415);
    test_begin(HTTP_POST, "/open");
    test_form("name=%FF");
    assert_int_equal(test_ask(), 400);
    assert_int_equal(handled.times, 0);
}

static void a_part_that_is_no_number_is_nothing(void **state)
{
    (void)state;
    int64_t number = 0;
    test_as(1u << ROLE_MANAGER, ACTOR_SECOND_FACTOR);
    assert_int_equal(get("/users/9223372036854775807"), 200);
    assert_int_equal(ask_part_number(&handled.ask, 0, &number).kind, ERR_NONE);
    assert_true(number == INT64_MAX);
    assert_int_equal(get("/users/9223372036854775808"), 200);
    assert_int_equal(ask_part_number(&handled.ask, 0, &number).kind, ERR_MISSING);
    assert_int_equal(get("/users/-1"), 200);
    assert_int_equal(ask_part_number(&handled.ask, 0, &number).kind, ERR_MISSING);
}

/* ---- Language and face ---- */

static void the_language_is_the_persons_then_the_cookies_then_the_browsers(void **state)
{
    (void)state;
    test_begin(HTTP_GET, "/open");
    test_ask();
    assert_int_equal(handled.ask.language, LANGUAGE_ENGLISH);
    test_header("accept-language", "id, en;q=0.5");
    test_ask();
    assert_int_equal(handled.ask.language, LANGUAGE_INDONESIAN);
    test_header("cookie", "language=en");
    test_ask();
    assert_int_equal(handled.ask.language, LANGUAGE_ENGLISH);
    test_as(OFFICER, ACTOR_SECOND_FACTOR);
    test_gate.who.language = S("id");
    test_ask();
    assert_int_equal(handled.ask.language, LANGUAGE_INDONESIAN);
}

static void the_document_is_for_whoever_asks_for_it(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        bool person, program; /* wants it */
    } rows[] = {
            {"application/json", true, true},
            {"text/html,application/xhtml+xml,*/*;q=0.8", false, false},
            {"*/*", false, true},
            {"text/html;q=0.5, application/json", true, true},
            {"image/png", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        test_begin(HTTP_GET, "/open");
        test_header("accept", rows[i].accept);
        test_as(OFFICER, ACTOR_SECOND_FACTOR);
        test_ask();
        assert_int_equal(handled.ask.wants_json, rows[i].person);
        test_as(OFFICER, ACTOR_TOKEN);
        test_ask();
        assert_int_equal(handled.ask.wants_json, rows[i].program);
    }
}

/* ---- Answers ---- */

static void every_answer_says_what_browsers_are_to_do(void **state)
{
    (void)state;
    static const char *const targets[] = {"/open", "/nothing", "/member", "/failing"};
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        get(targets[i]);
        assert_non_null(strstr(test_said("Content-Security-Policy"), "default-src 'none'"));
        assert_null(strstr(test_said("Content-Security-Policy"), "unsafe"));
        assert_non_null(strstr(test_said("Content-Security-Policy"), "frame-ancestors 'none'"));
        assert_string_equal(test_said("X-Content-Type-Options"), "nosniff");
        assert_string_equal(test_said("Referrer-Policy"), "same-origin");
        assert_string_equal(test_said("Cross-Origin-Opener-Policy"), "same-origin");
        assert_string_equal(test_said("Cross-Origin-Resource-Policy"), "same-origin");
        assert_string_equal(test_said("Cache-Control"), "no-store");
        assert_non_null(test_said("Permissions-Policy"));
        assert_non_null(test_said("Strict-Transport-Security"));
    }
    test_gate.parts.secure = false;
    get("/open");
    assert_null(test_said("Strict-Transport-Security"));
}

static void what_may_be_kept_says_so_itself(void **state)
{
    (void)state;
    assert_int_equal(get("/kept"), 200);
    assert_string_equal(test_said("Cache-Control"), "public, max-age=31536000");
}

static void a_failure_leaves_nothing_of_what_was_begun(void **state)
{
    (void)state;
    assert_int_equal(get("/failing"), 409);
    assert_string_equal(test_body(), "it changed meanwhile\n");
    assert_null(test_said("ETag"));
    assert_int_equal(fcntl(handled.file, F_GETFD), -1);
}

static void reasons_of_the_machine_are_for_who_looks_after_it(void **state)
{
    (void)state;
    static const struct {
        enum err_kind kind;
        const char *why;
    } rows[] = {
            {ERR_SYSTEM, "SELECT value FROM fact: no such table"},
            {ERR_MISSING, "/srv/node/index/base: No such file or directory"},
            {ERR_REMOTE, "192.0.2.9 refused the connection"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        handled.err = err_make(rows[i].kind, rows[i].why);
        test_gate.who = (struct who){.scopes = 0};
        assert_int_equal(get("/open"), err_http(rows[i].kind));
        assert_null(strstr(test_body(), rows[i].why));
        test_as(LIAISON, ACTOR_SECOND_FACTOR);
        get("/open");
        assert_null(strstr(test_body(), rows[i].why));
        test_as(SYSADMIN, ACTOR_SECOND_FACTOR);
        get("/open");
        assert_non_null(strstr(test_body(), rows[i].why));
    }
}

static void a_request_that_grows_too_large_is_413(void **state)
{
    (void)state;
    assert_int_equal(get("/much"), 413);
}

static void a_form_goes_on_to_a_path_of_ours_only(void **state)
{
    (void)state;
    static const struct {
        const char *path, *place;
    } rows[] = {
            {"/objects/7?done=1", "/objects/7?done=1"},
            {"/", "/"},
            {"https://evil.example/", "/"},
            {"//evil.example/", "/"},
            {"/\\evil.example/", "/"},
            {"/a\r\nSet-Cookie: x", "/"},
            {"/\t/evil.example", "/"},
            {"", "/"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        handled.see = rows[i].path;
        assert_int_equal(get("/open"), 303);
        assert_string_equal(test_said("Location"), rows[i].place);
        assert_int_equal(test_gate.reply.body.len, 0);
    }
}

static void cookies_are_for_this_host_alone(void **state)
{
    (void)state;
    get("/cookies?secret=abc");
    assert_string_equal(
            test_said("Set-Cookie"), "__Host-session=abc; Path=/; SameSite=Lax; HttpOnly; Secure; Max-Age=3600");
    get("/cookies?secret=");
    assert_string_equal(test_said("Set-Cookie"), "__Host-session=; Path=/; SameSite=Lax; HttpOnly; Secure; Max-Age=0");
    test_gate.parts.secure = false;
    get("/cookies?secret=abc");
    assert_string_equal(test_said("Set-Cookie"), "session=abc; Path=/; SameSite=Lax; HttpOnly; Max-Age=3600");
    get("/cookies?what=language");
    assert_string_equal(test_said("Set-Cookie"), "language=id; Path=/; SameSite=Lax; HttpOnly; Max-Age=31536000");
}

/* ---- Bodies ---- */

static bool taken(const char *target, const char *length, const char *shown, uint64_t *body_max)
{
    test_begin(HTTP_POST, target);
    if (length != NULL)
        test_header("content-length", length);
    else
        test_header("transfer-encoding", "chunked");
    if (shown != NULL)
        test_header("authorization", shown);
    buf_free(&test_gate.reply.body);
    test_gate.reply = (struct http_reply){.status = 0};
    return gate_head(test_gate.gate, &test_gate.request, body_max, &test_gate.reply);
}

static void a_large_body_is_taken_from_who_shows_something_only(void **state)
{
    (void)state;
    uint64_t most = 7;
    assert_true(taken("/open", "100", NULL, &most));
    assert_int_equal(most, 1000);
    assert_true(taken("/nothing", "100", NULL, &most));
    assert_int_equal(most, 0);
    assert_true(taken("/member", "65536", NULL, &most));
    assert_false(taken("/member", "65537", NULL, &most));
    assert_int_equal(test_gate.reply.status, 401);
    assert_string_equal(test_said("X-Content-Type-Options"), "nosniff");
    assert_false(taken("/member", NULL, NULL, &most));
    assert_true(taken("/member", NULL, "Bearer x", &most));
    assert_int_equal(most, 1u << 20);
    test_gate.gate->options.body_max = 70000;
    assert_true(taken("/member", "65537", "Bearer x", &most));
    assert_int_equal(most, 70000);
    assert_int_equal(test_gate.times, 0); /* the database is not asked in this thread */
}

/* ---- The log and the counts ---- */

static const char *logged(const char *target)
{
    char name[] = "/tmp/gate-test-XXXXXX", *text = arena_take(test_gate.arena, 8192);
    int file = mkstemp(name), before = dup(STDERR_FILENO);
    assert_true(file >= 0 && before >= 0);
    unlink(name);
    dup2(file, STDERR_FILENO);
    log_threshold(LOG_INFO);
    get(target);
    log_threshold(LOG_ERROR);
    dup2(before, STDERR_FILENO);
    close(before);
    assert_true(pread(file, text, 8191, 0) >= 0);
    close(file);
    return text;
}

static void one_line_tells_of_a_request_and_no_value_of_it(void **state)
{
    (void)state;
    test_as(1u << ROLE_MANAGER, ACTOR_SECOND_FACTOR);
    const char *line = logged("/users/4711?q=secret-word");
    assert_non_null(strstr(line, " level=info event=gate.answered method=\"GET\" route=\"user\" status=200 ms="));
    assert_non_null(strstr(line, " who=\"ayu\" from=\"192.0.2.1\"\n"));
    assert_null(strstr(line, "secret-word"));
    assert_null(strstr(line, "4711"));
    assert_ptr_equal(strchr(line, '\n') + 1, line + strlen(line));
    handled.err = err_make(ERR_SYSTEM, "the disk is full");
    line = logged("/users/4711");
    assert_non_null(strstr(line, " level=error event=gate.answered "));
    assert_non_null(strstr(line, "why=\"the disk is full\""));
    assert_non_null(strstr(logged("/nowhere"), "route=\"-\" status=404"));
}

static void answers_are_counted_by_route_and_class(void **state)
{
    (void)state;
    const struct gate_count *counts = test_gate.gate->counts;
    get("/open");
    get("/open");
    get("/member");
    get("/nothing");
    assert_int_equal(test_gate.gate->route_count, COUNT_OF(table) - 1);
    assert_int_equal(counts[0].answers[1], 2);
    assert_int_equal(counts[3].answers[3], 1);
    assert_int_equal(counts[test_gate.gate->route_count].answers[3], 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST(what_is_not_there_is_404_and_another_method_405),
            TEST(the_document_is_the_answer),
            TEST(what_is_shown_reaches_people),
            TEST(a_session_of_another_name_is_none),
            TEST(an_authorization_that_nobody_understands_is_401),
            TEST(a_bad_credential_is_401_and_too_many_are_429),
            TEST(a_session_that_is_over_is_nobody_where_anybody_may),
            TEST(a_session_is_known_where_nothing_is),
            TEST(behind_a_proxy_its_last_word_says_from_where),
            TEST(access_scope_and_right_are_asked_in_turn),
            TEST(what_is_of_another_organisation_is_not_there),
            TEST(a_session_changes_something_from_our_pages_only),
            TEST(the_key_of_one_session_is_not_that_of_another),
            TEST(who_has_no_session_needs_no_key_but_comes_from_no_other_site),
            TEST(fields_are_read_once_and_by_name),
            TEST(what_takes_a_form_takes_nothing_else),
            TEST(a_part_that_is_no_number_is_nothing),
            TEST(the_language_is_the_persons_then_the_cookies_then_the_browsers),
            TEST(the_document_is_for_whoever_asks_for_it),
            TEST(every_answer_says_what_browsers_are_to_do),
            TEST(what_may_be_kept_says_so_itself),
            TEST(a_failure_leaves_nothing_of_what_was_begun),
            TEST(reasons_of_the_machine_are_for_who_looks_after_it),
            TEST(a_request_that_grows_too_large_is_413),
            TEST(a_form_goes_on_to_a_path_of_ours_only),
            TEST(cookies_are_for_this_host_alone),
            TEST(a_large_body_is_taken_from_who_shows_something_only),
            TEST(one_line_tells_of_a_request_and_no_value_of_it),
            TEST(answers_are_counted_by_route_and_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
