/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coming in, and what people do with their own account and that of others: forms as a browser sends them, up to the
 * answer. The gate is not asked: who asks is who the session says.
 */
#include "base/totp.h"
#include "people/people.h"
#include "people/test_people.h"
#include "people/user.h"
#include "share/approve.h"
#include "web/test_people_page.h"

static const struct route_field in_sign_in[] = {{"name", ""}, {"password", ""}, {"code", ""}, {"next", ""}, {NULL}};
static const struct route_field in_token[] = {{"name", ""}, {"scope", ""}, {"days", ""}, {NULL}};
static const struct route_field in_user[] = {{"name", ""}, {"organisation", ""}, {"role", ""}, {NULL}};

static const struct route sign_in = {HTTP_POST, "/sign-in", "sign-in", &web_face, web_sign_in_do, .fields = in_sign_in};
static const struct route door = {HTTP_GET, "/sign-in", "sign-in", &web_face, web_sign_in, ROUTE_OPEN};
static const struct route sign_out = {HTTP_POST, "/sign-out", "sign-out", &web_face, web_sign_out};
static const struct route link_page = {HTTP_GET, "/set-up/{secret}", "link", &web_face, web_link, ROUTE_OPEN};
static const struct route link_use = {HTTP_POST, "/set-up/{secret}", "link", &web_face, web_link_use, ROUTE_OPEN};
static const struct route offer = {HTTP_POST, "/f", "second-factor", &web_face, web_factor_offer};
static const struct route confirm = {HTTP_POST, "/f", "second-factor", &web_face, web_factor_confirm};
static const struct route token_add = {HTTP_POST, "/t", "account", &web_face, web_token_add, .fields = in_token};
static const struct route token_revoke = {HTTP_POST, "/t", "account", &web_face, web_token_revoke};
static const struct route password = {HTTP_POST, "/account/password", "account", &web_face, web_account_password};
static const struct route taste = {HTTP_POST, "/account", "account", &web_face, web_account_taste};
static const struct route account = {HTTP_GET, "/account", "account", &web_face, web_account};
static const struct route users_add = {HTTP_POST, "/users", "users", &web_face, web_users_add, .fields = in_user};
static const struct route user_roles = {HTTP_POST, "/users/{n}/roles", "user", &web_face, web_user_roles};
static const struct route user_state = {HTTP_POST, "/users/{n}/state", "user", &web_face, web_user_state};

/* ---- A browser ---- */

/* The secret of the cookie that an answer set; empty: it took it away, or set none. */
static slice cookie_of(const struct test_page *page)
{
    slice cookie = test_page_said(page, "Set-Cookie");
    if (!slice_starts(cookie, S("session=")))
        return S("");
    return slice_part(cookie, 8, slice_find(cookie, ';'));
}

static struct test_page *asked(struct test_people *people, const char *path, slice session)
{
    struct test_page *page = test_people_page(people, HTTP_POST, path);
    const struct credentials credentials = {.session = session, .from = page->request.peer};
    if (session.len > 0)
        test_ok(test_who(people, &credentials, &page->ask.who));
    return page;
}

/* Runs a form of up to three fields. */
static struct test_page *sent(struct test_people *people, const struct route *route, const char *path, slice session,
        const char *const fields[][2])
{
    struct test_page *page = asked(people, path, session);
    for (size_t i = 0; fields[i][0] != NULL; i++)
        test_page_field(page, fields[i][0], fields[i][1]);
    test_page_run(page, route);
    return page;
}
#define FORM(...)                                                                                                      \
    (const char *const[][2])                                                                                           \
    {                                                                                                                  \
        __VA_ARGS__,                                                                                                   \
        {                                                                                                              \
            NULL, NULL                                                                                                 \
        }                                                                                                              \
    }

static slice signed_in(struct test_people *people, const char *name)
{
    struct test_page *page =
            sent(people, &sign_in, "/sign-in", S(""), FORM({"name", name}, {"password", TEST_PASSWORD}));
    assert_int_equal(page->reply.status, 303);
    return cookie_of(page);
}

/* ---- The door ---- */

static void a_name_and_its_password_open_the_door_and_lead_on(void **state)
{
    struct test_people *people = ready(state);
    test_user(people, "sari", ROLE_ANALYST);
    struct test_page *page = sent(people, &sign_in, "/sign-in", S(""),
            FORM({"name", "sari"}, {"password", TEST_PASSWORD}, {"next", "/intelligence?q=x"}));
    assert_int_equal(page->reply.status, 303);
    assert_true(slice_eq(test_page_said(page, "Location"), S("/intelligence?q=x")));
    assert_int_equal(cookie_of(page).len, TOKEN_CHARACTERS);
    page = sent(people, &sign_in, "/sign-in", S(""),
            FORM({"name", "sari"}, {"password", TEST_PASSWORD}, {"next", "//evil.example/"}));
    assert_true(slice_eq(test_page_said(page, "Location"), S("/")));
}

static void a_wrong_password_keeps_the_name_and_says_no_more(void **state)
{
    struct test_people *people = ready(state);
    test_user(people, "sari", ROLE_ANALYST);
    struct test_page *page =
            sent(people, &sign_in, "/sign-in", S(""), FORM({"name", "sari"}, {"password", "not the right one"}));
    assert_int_equal(page->reply.status, 401);
    assert_int_equal(cookie_of(page).len, 0);
    assert_true(test_has(page->answer, "\"typed\":{\"name\":\"sari\""));
    assert_false(test_has(page->answer, "not the right one"));
    slice why = json_get(json_get(page->answer, S("error")), S("why"));
    struct test_page *other =
            sent(people, &sign_in, "/sign-in", S(""), FORM({"name", "nobody"}, {"password", "not the right one"}));
    assert_true(slice_eq(why, json_get(json_get(other->answer, S("error")), S("why"))));
}

static void who_tries_too_often_is_told_when_to_come_again(void **state)
{
    struct test_people *people = ready(state);
    struct test_page *page = NULL;
    test_user(people, "sari", ROLE_ANALYST);
    for (unsigned i = 0; i < 30 && (page == NULL || page->reply.status == 401); i++)
        page = sent(people, &sign_in, "/sign-in", S(""), FORM({"name", "sari"}, {"password", "not the right one"}));
    assert_int_equal(page->reply.status, 429);
    assert_true(test_page_said(page, "Retry-After").len > 0);
}

static void who_is_in_already_is_led_on(void **state)
{
    struct test_people *people = ready(state);
    test_user(people, "sari", ROLE_ANALYST);
    slice session = signed_in(people, "sari");
    struct test_page *page = asked(people, "/sign-in", session);
    page->request.method = HTTP_GET;
    test_page_run(page, &door);
    assert_int_equal(page->reply.status, 303);
}

static void signing_out_ends_the_session_and_takes_the_cookie(void **state)
{
    struct test_people *people = ready(state);
    struct who who;
    test_user(people, "sari", ROLE_ANALYST);
    slice session = signed_in(people, "sari");
    struct test_page *page = sent(people, &sign_out, "/sign-out", session, FORM({"x", "y"}));
    assert_int_equal(page->reply.status, 303);
    assert_true(test_has(test_page_said(page, "Set-Cookie"), "Max-Age=0"));
    const struct credentials credentials = {.session = session, .from = page->request.peer};
    assert_int_equal(test_who(people, &credentials, &who).kind, ERR_AUTH);
}

/* ---- Links ---- */

/* The secret of a new user's link. */
static const char *invited(struct test_people *people, const char *name)
{
    const struct people_new new = {.name = slice_of(name), .roles = UINT32_C(1) << ROLE_ANALYST};
    struct token link;
    int64_t number;
    test_ok(people_add(people->db, &people->local, &new, people->arena, &number, &link));
    return arena_printf(people->arena, "/set-up/%s", link.text);
}

static void a_link_gives_a_password_once(void **state)
{
    struct test_people *people = ready(state);
    const char *path = invited(people, "budi");
    struct test_page *page = test_people_page(people, HTTP_GET, path);
    assert_true(test_has(test_page_run(page, &link_page), "\"name\":\"budi\""));
    page = sent(
            people, &link_use, path, S(""), FORM({"password", "four words of mine"}, {"again", "four words of mina"}));
    assert_int_equal(page->reply.status, 400);
    assert_true(test_has(page->answer, "\"fields\":{\"again\":"));
    page = sent(people, &link_use, path, S(""), FORM({"password", "short"}, {"again", "short"}));
    assert_int_equal(page->reply.status, 400);
    assert_true(test_has(page->answer, "\"fields\":{\"password\":"));
    page = sent(
            people, &link_use, path, S(""), FORM({"password", "four words of mine"}, {"again", "four words of mine"}));
    assert_int_equal(page->reply.status, 303);
    assert_int_equal(cookie_of(page).len, TOKEN_CHARACTERS);
    page = sent(
            people, &link_use, path, S(""), FORM({"password", "four words of mine"}, {"again", "four words of mine"}));
    assert_int_equal(page->reply.status, 401);
}

static void a_link_that_is_no_good_says_what_to_do(void **state)
{
    struct test_people *people = ready(state);
    struct test_page *page = test_people_page(people, HTTP_GET, "/set-up/no-such-link");
    page->ask.wants_json = false;
    slice answer = test_page_run(page, &link_page);
    assert_int_equal(page->reply.status, 401);
    assert_true(test_has(answer, "Ask an administrator for a new one"));
}

/* ---- The own account ---- */

/* The bytes of a base 32 text with blanks (RFC 4648 section 6), as an app reads them. */
static size_t base32(slice text, uint8_t bytes[static 64])
{
    size_t count = 0;
    unsigned bits = 0, held = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ' ')
            continue;
        bits = bits << 5 | (unsigned)(c >= 'A' ? c - 'A' : c - '2' + 26);
        held += 5;
        if (held >= 8) {
            held -= 8;
            bytes[count++] = (uint8_t)(bits >> held);
        }
    }
    return count;
}

static const char *code_of(struct test_people *people, slice answer)
{
    uint8_t secret[64];
    slice text = json_text(json_get(answer, S("secret")), people->arena);
    size_t count = base32(text, secret);
    return arena_printf(people->arena, "%06u", totp_code((slice){(char *)secret, count}, totp_step(clock_now_us())));
}

static void a_second_factor_counts_from_its_first_code(void **state)
{
    struct test_people *people = ready(state);
    test_user(people, "sari", ROLE_ANALYST);
    slice session = signed_in(people, "sari");
    struct test_page *page = sent(people, &offer, "/f", session, FORM({"x", "y"}));
    assert_true(test_has(page->answer, "\"uri\":\"otpauth://totp/"));
    const char *code = code_of(people, page->answer);
    page = sent(people, &confirm, "/f", session, FORM({"code", "000000"}));
    assert_true(page->reply.status >= 400);
    assert_true(test_has(page->answer, "\"asks_code\":true"));
    page = sent(people, &confirm, "/f", session, FORM({"code", code}));
    assert_int_equal(page->reply.status, 200);
    struct json_elements codes = json_elements(json_get(json_get(page->answer, S("codes")), S("list")));
    slice one, recovery = S("");
    size_t count = 0;
    for (; json_element_next(&codes, &one); count++)
        recovery = json_text(one, people->arena);
    assert_int_equal(count, 10);
    assert_int_equal(page->ask.who.actor.how, ACTOR_SECOND_FACTOR);
    /* From now on a password is half the way. */
    page = sent(people, &sign_in, "/sign-in", S(""),
            FORM({"name", "sari"}, {"password", TEST_PASSWORD}, {"next", "/users"}));
    assert_true(slice_eq(test_page_said(page, "Location"), S("/sign-in?next=/users")));
    session = cookie_of(page);
    page = sent(people, &sign_in, "/sign-in", session, FORM({"code", "000000"}));
    assert_int_equal(page->reply.status, 401);
    page = sent(people, &sign_in, "/sign-in", session,
            FORM({"code", arena_cstr(people->arena, recovery)}, {"next", "/users"}));
    assert_int_equal(page->reply.status, 303);
    assert_true(slice_eq(test_page_said(page, "Location"), S("/users")));
}

static void a_token_is_shown_once_and_revoked(void **state)
{
    struct test_people *people = ready(state);
    test_user(people, "sari", ROLE_ANALYST);
    slice session = signed_in(people, "sari");
    struct test_page *page = sent(people, &token_add, "/account/tokens", session, FORM({"name", "a sensor"}));
    assert_int_equal(page->reply.status, 400);
    assert_true(test_has(page->answer, "\"fields\":{\"scope\":"));
    assert_true(test_has(page->answer, "\"typed\":{\"name\":\"a sensor\""));
    page = sent(people, &token_add, "/account/tokens", session, FORM({"name", "a sensor"}, {"scope", "rule"}));
    assert_int_equal(page->reply.status, 400);
    page = sent(people, &token_add, "/account/tokens", session, FORM({"name", "a"}, {"scope", "read"}, {"days", "0"}));
    assert_true(test_has(page->answer, "\"fields\":{\"days\":"));
    page = sent(people, &token_add, "/account/tokens", session,
            FORM({"name", "a sensor"}, {"scope", "read"}, {"scope", "taxii"}));
    assert_int_equal(page->reply.status, 201);
    assert_true(test_has(page->answer, "\"token\":\"kt_"));
    assert_true(test_has(page->answer, "\"scopes\":\"read taxii\""));
    page = sent(people, &token_revoke, "/account/tokens/1", session, FORM({"x", "y"}));
    assert_int_equal(page->reply.status, 303);
    page = sent(people, &account, "/account", session, FORM({"x", "y"}));
    assert_true(test_has(page->answer, "\"state\":\"revoked\""));
    assert_false(test_has(page->answer, "kt_"));
}

static void a_new_password_needs_the_old_one(void **state)
{
    struct test_people *people = ready(state);
    test_user(people, "sari", ROLE_ANALYST);
    slice session = signed_in(people, "sari");
    struct test_page *page = sent(people, &password, "/account/password", session,
            FORM({"old", "not the right one"}, {"password", "four words of mine"}, {"again", "four words of mine"}));
    assert_int_equal(page->reply.status, 401);
    assert_true(test_has(page->answer, "\"fields\":{\"old\":"));
    page = sent(people, &password, "/account/password", session,
            FORM({"old", TEST_PASSWORD}, {"password", "four words of mine"}, {"again", "four words of mine"}));
    assert_int_equal(page->reply.status, 303);
    assert_false(slice_eq(cookie_of(page), session));
    assert_int_equal(cookie_of(page).len, TOKEN_CHARACTERS);
}

static void moments_are_told_in_the_zone_that_was_chosen(void **state)
{
    struct test_people *people = ready(state);
    test_user(people, "sari", ROLE_ANALYST);
    slice session = signed_in(people, "sari");
    struct test_page *page =
            sent(people, &taste, "/account", session, FORM({"language", "id"}, {"zone", "Asia/Jayapura"}));
    assert_int_equal(page->reply.status, 303);
    page = sent(people, &account, "/account", session, FORM({"x", "y"}));
    assert_true(test_has(page->answer, "WIT"));
    page = sent(people, &taste, "/account", session, FORM({"language", "id"}, {"zone", "Mars/Olympus"}));
    assert_int_equal(page->reply.status, 400);
}

/* ---- Others ---- */

static struct test_page *done_as(struct test_people *people, const struct test_cast *cast, enum role role,
        const struct route *route, int64_t user, const char *const fields[][2])
{
    const char *path = arena_printf(people->arena, "/users/%jd", (intmax_t)user);
    struct test_page *page = test_people_page(people, HTTP_POST, path);
    test_cast_as(page, cast, role);
    for (size_t i = 0; fields[i][0] != NULL; i++)
        test_page_field(page, fields[i][0], fields[i][1]);
    test_page_run(page, route);
    return page;
}

static void an_administrator_adds_users_of_the_own_organisation(void **state)
{
    struct test_people *people = ready(state);
    struct test_cast cast = test_cast_make(people);
    struct test_page *page = done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &users_add, 0,
            FORM({"name", "dewi"}, {"organisation", "RS Melur"}, {"role", "constituent-admin"}));
    assert_int_equal(page->reply.status, 201);
    assert_true(test_has(page->answer, "\"link\":\"https://node.example/set-up/"));
    page = done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &users_add, 0,
            FORM({"name", "dewi"}, {"organisation", "RS Melur"}, {"role", "constituent-admin"}));
    assert_int_equal(page->reply.status, 409);
    assert_true(test_has(page->answer, "\"fields\":{\"name\":"));
    page = done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &users_add, 0,
            FORM({"name", "eka"}, {"organisation", "Melati CERT"}, {"role", "constituent-admin"}));
    assert_int_equal(page->reply.status, 403);
    page = done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &users_add, 0,
            FORM({"name", "eka"}, {"organisation", "RS Melur"}, {"role", "king"}));
    assert_int_equal(page->reply.status, 400);
    assert_true(test_has(page->answer, "\"fields\":{\"role\":"));
}

static void a_constituent_learns_no_names_of_organisations(void **state)
{
    struct test_people *people = ready(state);
    struct test_cast cast = test_cast_make(people);
    static const char *const names[] = {"Melati CERT", "RS Kenanga"}; /* there, and not */
    slice whys[2];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct test_page *page = done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &users_add, 0,
                FORM({"name", "eka"}, {"organisation", names[i]}, {"role", "constituent-admin"}));
        assert_int_equal(page->reply.status, 403);
        whys[i] = json_text(json_get(json_get(page->answer, S("error")), S("why")), people->arena);
    }
    assert_true(whys[0].len > 0 && slice_eq(whys[0], whys[1]));
}

static void a_constituent_learns_nothing_of_users_of_others(void **state)
{
    struct test_people *people = ready(state);
    struct test_cast cast = test_cast_make(people);
    int64_t officer = cast.users[ROLE_DUTY_OFFICER];
    struct test_page *page =
            done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &user_roles, officer, FORM({"role", "constituent-admin"}));
    assert_int_equal(page->reply.status, 404);
    struct test_page *none =
            done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &user_roles, 9999, FORM({"role", "constituent-admin"}));
    assert_int_equal(none->reply.status, 404);
    assert_true(slice_eq(page->answer, none->answer));
}

static void a_user_is_locked_and_let_in_again(void **state)
{
    struct test_people *people = ready(state);
    struct test_cast cast = test_cast_make(people);
    int64_t dewi = test_cast_user(people, "dewi", S("RS Melur"), ROLE_CONSTITUENT_ADMIN);
    struct test_page *page = done_as(people, &cast, ROLE_SYSADMIN, &user_state, dewi, FORM({"state", "lock"}));
    assert_int_equal(page->reply.status, 303);
    assert_int_equal(test_get(people, dewi).state, USER_LOCKED);
    page = done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &user_state, dewi, FORM({"state", "unlock"}));
    assert_int_equal(page->reply.status, 303);
    assert_int_equal(test_get(people, dewi).state, USER_ACTIVE);
    page = done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &user_state, dewi, FORM({"state", "crown"}));
    assert_int_equal(page->reply.status, 400);
    page = done_as(people, &cast, ROLE_ANALYST, &user_state, cast.users[ROLE_MANAGER], FORM({"state", "lock"}));
    assert_int_equal(page->reply.status, 403);
}

static const struct route approvals_page = {HTTP_GET, "/approvals", "approvals", &web_face, web_approvals};

/* Proposed by one, with the link at once; done when another agrees; nobody is both. */
static void a_system_administrator_changes_users_with_another(void **state)
{
    static const struct share_act acts[] = {
            /* as in src/app/acts.c */
            {.name = "user.add",
                    .verb = VERB_CHANGE_USERS,
                    .run = people_do_add,
                    .may = people_may_add,
                    .text = "it",
                    .then = "done"},
            {.name = "user.close",
                    .verb = VERB_CHANGE_USERS,
                    .run = people_user_do_close,
                    .may = people_user_may_change,
                    .text = "it",
                    .then = "done"},
            {.name = "user.reset",
                    .verb = VERB_CHANGE_USERS,
                    .run = people_user_do_reset,
                    .may = people_user_may_change,
                    .text = "it",
                    .then = "done"},
            {.name = "user.roles",
                    .verb = VERB_CHANGE_USERS,
                    .run = people_user_do_roles,
                    .may = people_user_may_roles,
                    .text = "it",
                    .then = "done"},
    };
    struct test_people *people = ready(state);
    struct test_cast cast = test_cast_make(people);
    struct actor other = {.organisation = people->organisation,
            .user = test_cast_user(people, "rini", S("Melati CERT"), ROLE_SYSADMIN),
            .name = S("rini"),
            .roles = 1u << ROLE_SYSADMIN,
            .how = ACTOR_SECOND_FACTOR};
    struct actor first = other;
    struct user user;
    share_acts_set(acts, COUNT_OF(acts));
    struct test_page *page = done_as(people, &cast, ROLE_SYSADMIN, &users_add, 0,
            FORM({"name", "eka"}, {"organisation", "Melati CERT"}, {"role", "analyst"}));
    assert_int_equal(page->reply.status, 400); /* without a reason */
    page = done_as(people, &cast, ROLE_SYSADMIN, &users_add, 0,
            FORM({"name", "eka"}, {"organisation", "Melati CERT"}, {"role", "analyst"},
                    {"reason", "she begins today"}));
    assert_int_equal(page->reply.status, 201);
    assert_true(test_has(page->answer, "\"waits\":true") && test_has(page->answer, "/set-up/"));
    assert_int_equal(store_user_find(people->db, S("eka"), people->arena, &user).kind, ERR_MISSING);
    page = done_as(people, &cast, ROLE_SYSADMIN, &approvals_page, 0, FORM({"x", "y"}));
    assert_true(page->reply.status == 200 && test_has(page->answer, "\"act\":\"user.add\""));
    page = done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &approvals_page, 0, FORM({"x", "y"}));
    assert_int_equal(page->reply.status, 403);
    first.user = cast.users[ROLE_SYSADMIN];
    assert_int_equal(share_approve(people->db, &first, 1, NULL, people->arena).kind, ERR_DENIED);
    test_ok(share_approve(people->db, &other, 1, NULL, people->arena));
    test_ok(store_user_find(people->db, S("eka"), people->arena, &user));
    assert_int_equal(user.state, USER_INVITED);
    assert_int_equal(user.roles, 1u << ROLE_ANALYST);
    page = done_as(
            people, &cast, ROLE_SYSADMIN, &user_roles, user.number, FORM({"role", "manager"}, {"reason", "promoted"}));
    assert_int_equal(page->reply.status, 303);
    assert_int_equal(test_get(people, user.number).roles, 1u << ROLE_ANALYST);
    test_ok(share_approve(people->db, &other, 2, NULL, people->arena));
    assert_int_equal(test_get(people, user.number).roles, 1u << ROLE_MANAGER);
    page = done_as(
            people, &cast, ROLE_SYSADMIN, &user_state, user.number, FORM({"state", "close"}, {"reason", "she left"}));
    assert_int_equal(page->reply.status, 303);
    assert_int_equal(test_get(people, user.number).state, USER_INVITED);
    test_ok(share_approve(people->db, &other, 3, NULL, people->arena));
    assert_int_equal(test_get(people, user.number).state, USER_CLOSED);
}

static const struct route user_page = {HTTP_GET, "/users/{n}", "user", &web_face, web_user};

static void who_is_over_nobody_more_sees_no_buttons(void **state)
{
    struct test_people *people = ready(state);
    struct test_cast cast = test_cast_make(people);
    int64_t dewi = test_cast_user(people, "dewi", S("RS Melur"), ROLE_CONSTITUENT_ADMIN);
    struct test_page *page = done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &user_page, dewi, FORM({"x", "y"}));
    assert_true(test_has(page->answer, "\"may_lock\":true"));
    page = done_as(people, &cast, ROLE_CONSTITUENT_ADMIN, &user_page, cast.stranger, FORM({"x", "y"}));
    assert_int_equal(page->reply.status, 200);
    assert_true(test_has(page->answer, "\"may_lock\":false"));
    assert_true(test_has(page->answer, "\"may_change\":false"));
}

#define ON_SQLITE(function) TEST_ON(DB_SQLITE, #function, function, set_up, tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            ON_SQLITE(a_name_and_its_password_open_the_door_and_lead_on),
            ON_SQLITE(a_wrong_password_keeps_the_name_and_says_no_more),
            ON_SQLITE(who_tries_too_often_is_told_when_to_come_again),
            ON_SQLITE(who_is_in_already_is_led_on),
            ON_SQLITE(signing_out_ends_the_session_and_takes_the_cookie),
            ON_SQLITE(a_link_gives_a_password_once),
            ON_SQLITE(a_link_that_is_no_good_says_what_to_do),
            ON_SQLITE(a_second_factor_counts_from_its_first_code),
            ON_SQLITE(a_token_is_shown_once_and_revoked),
            ON_SQLITE(a_new_password_needs_the_old_one),
            ON_SQLITE(moments_are_told_in_the_zone_that_was_chosen),
            ON_SQLITE(an_administrator_adds_users_of_the_own_organisation),
            ON_SQLITE(a_constituent_learns_no_names_of_organisations),
            ON_SQLITE(a_constituent_learns_nothing_of_users_of_others),
            ON_SQLITE(a_user_is_locked_and_let_in_again),
            ON_SQLITE(a_system_administrator_changes_users_with_another),
            ON_SQLITE(who_is_over_nobody_more_sees_no_buttons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
