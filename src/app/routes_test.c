/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of routes as it is: every row, asked by every role with every kind of credential, lets in whom the table of
 * rights says, and nobody else. The handlers are exchanged for one that only notes that it was reached.
 */
#include "app/routes.h"

#include "gate/face.h"
#include "gate/test_gate.h"

#define ROUTES_MAX 512

static struct route probes[ROUTES_MAX + 1];
static struct arena *requests;
static unsigned reached;

static struct err probe(struct ask *ask)
{
    reached++;
    ask->reply->status = 204;
    return OK;
}

static int setup(void **state)
{
    (void)state;
    size_t count = 0;
    for (; routes[count].path != NULL; count++) {
        assert_in_range(count, 0, ROUTES_MAX - 1);
        probes[count] = routes[count];
        probes[count].answer = probe;
        probes[count].face = &gate_plain;
    }
    requests = arena_open("routes test", ARENA_WORK, 64u << 20);
    return test_gate_open(probes, &gate_plain);
}

static int teardown(void **state)
{
    (void)state;
    arena_close(requests);
    return test_gate_close();
}

/* ---- What a row has to say ---- */

/* Whoever knows of no credential may ask for these and for nothing else. A new one is a decision: it stands here, too.
 */
static const char *const open_routes[] = {
        "GET /health",
        "GET /about",
        "GET /static/{file}",
        "GET /sign-in",
        "POST /partner/statement",
        "POST /sign-in",
        "GET /set-up/{secret}",
        "POST /set-up/{secret}",
        "GET /w/{secret}",
        "POST /w/{secret}",
        "GET /password/{secret}",
        "POST /password/{secret}",
        "GET /report",
        "POST /report",
        "GET /rfc2350",
        "GET /rfc2350/{language}",
        "GET /.well-known/security.txt",
        "GET /security.txt",
        "GET /key.asc",
        "POST /language",
};

/* They send much and change nothing: a token that may only read will do. */
static const char *const reading_posts[] = {"POST /intelligence/export", "POST /hunt"};

static const char *title_of(const struct route *route)
{
    slice method = http_method_name(route->method);
    return arena_printf(requests, "%.*s %s", (int)method.len, method.ptr, route->path);
}

static bool is_listed(const char *title, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], title) == 0)
            return true;
    return false;
}

static void what_is_open_is_known(void **state)
{
    (void)state;
    size_t open = 0;
    for (const struct route *route = routes; route->path != NULL; route++) {
        bool listed = is_listed(title_of(route), open_routes, COUNT_OF(open_routes));
        if ((route->access == ROUTE_OPEN) != listed)
            fail_msg("%s is %s", title_of(route), listed ? "not open" : "open and not in the list of this test");
        open += listed;
    }
    assert_int_equal(open, COUNT_OF(open_routes));
}

static size_t parts_of(const char *path)
{
    size_t count = 0;
    for (; *path != '\0'; path++)
        count += *path == '{';
    return count;
}

static void every_row_is_whole(void **state)
{
    (void)state;
    for (const struct route *route = routes; route->path != NULL; route++) {
        const char *title = title_of(route);
        bool fine = route->path[0] == '/' && route->name != NULL && *route->name != '\0' && route->face != NULL &&
                    route->answer != NULL && route->about != NULL && *route->about != '\0' &&
                    parts_of(route->path) <= ROUTE_PARTS_MAX && route->method != HTTP_HEAD;
        if (!fine)
            fail_msg("%s: a member is missing or wrong", title);
        if (route->method == HTTP_GET && route->body_max > 0)
            fail_msg("%s takes a body", title);
        if (route->method == HTTP_POST && route->body_max == 0)
            fail_msg("%s takes no body", title);
        bool reads = route->method == HTTP_GET || is_listed(title, reading_posts, COUNT_OF(reading_posts));
        if (!reads && (route->scope & (SCOPE_READ | SCOPE_METRICS)) != 0)
            fail_msg("%s changes something with a token that may only read", title);
        if ((route->scope & (route->scope - 1)) != 0)
            fail_msg("%s takes more than one scope", title);
        for (const struct route *other = routes; other != route; other++)
            if (strcmp(title_of(other), title) == 0)
                fail_msg("%s stands twice", title);
        arena_reset(requests);
    }
}

/* ---- Who is let in ---- */

static const struct credential {
    const char *name;
    enum actor_how how;
    unsigned scopes;
    bool session, half;
} credentials[] = {
        {"nothing", ACTOR_NOBODY, 0, false, false},
        {"a token for nothing", ACTOR_TOKEN, 0, false, false},
        {"a token to read", ACTOR_TOKEN, SCOPE_READ, false, false},
        {"a token to write", ACTOR_TOKEN, SCOPE_WRITE, false, false},
        {"a token for TAXII", ACTOR_TOKEN, SCOPE_TAXII, false, false},
        {"a token to match", ACTOR_TOKEN, SCOPE_MATCH, false, false},
        {"a token for metrics", ACTOR_TOKEN, SCOPE_METRICS, false, false},
        {"a token for all", ACTOR_TOKEN, SCOPE_ALL, false, false},
        {"name and password", ACTOR_PASSWORD, SCOPE_ALL, false, false},
        {"half a session", ACTOR_PASSWORD, SCOPE_ALL, true, true},
        {"a session by password", ACTOR_PASSWORD, SCOPE_ALL, true, false},
        {"a session with a second factor", ACTOR_SECOND_FACTOR, SCOPE_ALL, true, false},
        {"a certificate", ACTOR_CERTIFICATE, SCOPE_ALL, false, false},
};

static void act_as(const struct credential *credential, enum role role)
{
    uint32_t roles = credential->half || credential->how == ACTOR_NOBODY ? 0 : UINT32_C(1) << role;
    test_as(roles, credential->how);
    test_gate.who.scopes = credential->scopes;
    test_gate.who.half = credential->half;
    test_gate.who.session = credential->session ? 3 : 0;
}

/* 204: let in. */
static unsigned expected(const struct route *route, const struct credential *credential)
{
    bool second;
    if (route->access == ROUTE_OPEN)
        return 204;
    if (credential->how == ACTOR_NOBODY || (credential->half && route->access != ROUTE_HALF))
        return 401;
    if (credential->how == ACTOR_TOKEN && (credential->scopes & route->scope) == 0)
        return 403;
    if (route->verb == VERBS)
        return 204;
    return store_right_check(&test_gate.who.actor, route->verb, 1, requests, &second).kind == ERR_NONE ? 204 : 403;
}

static const char *target_of(const struct route *route)
{
    struct buf target = buf_make(HTTP_TARGET_BYTES_MAX);
    bool inside = false;
    for (const char *at = route->path; *at != '\0'; at++) {
        if (*at == '{')
            buf_byte(&target, '1');
        inside = *at == '{' || (inside && *at != '}');
        if (!inside && *at != '}')
            buf_byte(&target, *at);
    }
    const char *text = arena_cstr(requests, buf_slice(&target));
    buf_free(&target);
    return text;
}

/* As one of our own pages would send it. */
static unsigned ask_row(const struct route *route)
{
    struct ask ask = {.who = test_gate.who, .arena = requests};
    slice key = ask_form_key(&ask);
    test_begin(route->method, target_of(route));
    test_gate.request.arena = requests;
    test_header("origin", "https://node.example");
    test_header("x-form-key", arena_cstr(requests, key));
    return test_ask();
}

static void every_row_lets_in_whom_the_rights_say(void **state)
{
    (void)state;
    size_t asked = 0, let_in = 0;
    for (const struct route *route = routes; route->path != NULL; route++)
        for (size_t i = 0; i < COUNT_OF(credentials); i++)
            for (enum role role = 0; role < ROLES; role++) {
                unsigned before = reached;
                act_as(&credentials[i], role);
                unsigned wanted = expected(route, &credentials[i]), status = ask_row(route);
                if (status != wanted || (reached > before) != (wanted == 204))
                    fail_msg("%s, %s with %s: %u and not %u", title_of(route), store_role_name(role),
                            credentials[i].name, status, wanted);
                asked++;
                let_in += wanted == 204;
                arena_reset(requests);
            }
    print_message("# %zu asked, %zu let in\n", asked, let_in);
    assert_true(let_in > 0 && let_in < asked);
}

/* Of what changes something, none takes a session without its key, or from elsewhere. */
static void every_form_is_safe_from_forgery(void **state)
{
    (void)state;
    for (const struct route *route = routes; route->path != NULL; route++) {
        unsigned before = reached;
        if (route->method == HTTP_GET)
            continue;
        test_as(UINT32_MAX >> (32 - ROLES), ACTOR_SECOND_FACTOR);
        test_gate.who.session = 3;
        test_begin(route->method, target_of(route));
        test_header("origin", "https://node.example");
        assert_int_equal(test_ask(), 403);
        test_begin(route->method, target_of(route));
        test_header("origin", "https://evil.example");
        assert_int_equal(test_ask(), 403);
        assert_int_equal(reached, before);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_is_open_is_known),
            cmocka_unit_test(every_row_is_whole),
            cmocka_unit_test(every_row_lets_in_whom_the_rights_say),
            cmocka_unit_test(every_form_is_safe_from_forgery),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
