/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which fields a page has for whom: what a template would not show, a script could read, so it must not be there.
 */
#include "people/test_people.h"
#include "web/test_people_page.h"

/* ---- Fields by role ---- */

static const struct {
    const char *name, *path;
    struct err (*answer)(struct ask *ask);
    enum verb verb;
} pages[] = {
        {"about", "/about", web_about, VERBS},
        {"account", "/account", web_account, VERB_OWN_ACCOUNT},
        {"organisation", "/organisations/2", web_organisation, VERB_READ_ORGANISATIONS},
        {"organisations", "/organisations", web_organisations, VERB_READ_ORGANISATIONS},
        {"start", "/", web_start, VERBS},
        {"user", "/users/3", web_user, VERB_READ_USERS},
        {"users", "/users", web_users, VERB_READ_USERS},
};

/*
 * Fields of a page, those inside of objects and arrays behind a dot, and who has them: duty officer, analyst,
 * coordinator, manager, liaison, constituent admin, exercise director, sysadmin, auditor. A moment or a number of
 * things is one field.
 */
static const struct row {
    const char *page;
    char roles[ROLES];
    const char *fields;
} rows[] = {
        {"about", "+++++++++", "title node licence languages languages.tag languages.name version"},
        {"account", "+++++++++",
                "title name organisation roles roles.name roles.text password_changed second_factor recovery_codes "
                "languages languages.tag languages.text languages.chosen zones zones.name zones.text zones.chosen "
                "scopes scopes.name scopes.about any_session sessions sessions.number sessions.agent sessions.browser "
                "sessions.from "
                "sessions.made sessions.seen sessions.ends sessions.current any_token tokens tokens.number tokens.name "
                "tokens.scopes tokens.state tokens.state_text tokens.look tokens.good tokens.made tokens.ends "
                "tokens.used"},
        {"organisation", "++++.+.++",
                "title number name identity kind sector country relation relation_text state state_text look added "
                "above names names.name names.from names.until"},
        {"organisation", "++++...++", "above.number above.name"},
        {"organisations", "+++++++++",
                "title organisations organisations.number organisations.name organisations.identity organisations.kind "
                "organisations.sector organisations.country organisations.relation organisations.relation_text "
                "organisations.state organisations.state_text organisations.look organisations.added more"},
        {"start", "+++++++++", "title todo todo.what todo.why todo.how todo.path todo.look any_todo any_figure"},
        {"start", "++++....+",
                "since figures figures.name figures.count figures.definition imports imports.number imports.name "
                "imports.state imports.state_text imports.look imports.added imports.refused imports.began any_import"},
        {"user", "++++...++",
                "title number name organisation roles roles.name roles.text state state_text look added may_change "
                "may_stop may_lock may_unlock may_close may_free why_not may_see_access"},
        {"user", ".......++",
                "second_factor password_changed any_session sessions sessions.number sessions.agent sessions.browser "
                "sessions.from "
                "sessions.made sessions.seen sessions.ends sessions.current"},
        {"users", "++++.+.++",
                "title users users.number users.name users.organisation users.roles users.roles.name users.roles.text "
                "users.state users.state_text users.look users.added more may_see_access may_change why_not"},
        {"users", ".....+.++", "users.second_factor users.password_changed"},
        {"users", ".....+...",
                "organisations organisations.name organisations.chosen all_roles all_roles.name all_roles.text "
                "all_roles.chosen"},
};

static bool has_field(slice value, slice path)
{
    slice element;
    size_t dot = slice_find(path, '.');
    if (json_kind(value) == JSON_ARRAY) {
        struct json_elements elements = json_elements(value);
        while (json_element_next(&elements, &element))
            if (has_field(element, path))
                return true;
        return false;
    }
    slice inner = json_get(value, slice_part(path, 0, dot));
    return dot == path.len ? inner.len > 0 : has_field(inner, slice_from(path, dot + 1));
}

static const struct row *row_of(const char *page, slice field)
{
    slice name;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice rest = slice_of(rows[i].fields);
        while (strcmp(rows[i].page, page) == 0 && slice_next(&rest, ' ', &name))
            if (slice_eq(name, field))
                return &rows[i];
    }
    return NULL;
}

/* A moment, or a number of things. */
static bool is_one(slice value)
{
    return json_get(value, S("text")).len > 0 &&
           (json_get(value, S("utc")).len > 0 || json_get(value, S("value")).len > 0);
}

/* Every field of a document is in a row that says that this role may have it. */
static void check_known(const char *page, slice value, const char *above, enum role role)
{
    slice key, inner;
    struct json_elements elements = json_elements(value);
    while (json_element_next(&elements, &inner))
        check_known(page, inner, above, role);
    struct json_members members = json_members(value);
    while (!is_one(value) && json_member_next(&members, &key, &inner)) {
        const char *dot = *above == '\0' ? "" : ".";
        const char *path = arena_printf(test_people.arena, "%s%s%.*s", above, dot, (int)key.len, key.ptr);
        const struct row *row = row_of(page, slice_of(path));
        if (row == NULL)
            fail_msg("%s has a field %s, which no row of this test allows", page, path);
        if (row->roles[role] != '+')
            fail_msg("%s has the field %s for %s", page, path, store_role_name(role));
        check_known(page, inner, path, role);
    }
}

static void check_there(const char *page, slice document, enum role role)
{
    slice name;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice rest = slice_of(rows[i].fields);
        if (strcmp(rows[i].page, page) != 0 || rows[i].roles[role] != '+')
            continue;
        while (slice_next(&rest, ' ', &name))
            if (!has_field(document, name))
                fail_msg("%s lacks %.*s for %s", page, (int)name.len, name.ptr, store_role_name(role));
    }
}

/* Whether some row says that this role sees the page at all. */
static bool is_seen(const char *page, enum role role)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].page, page) == 0 && rows[i].roles[role] == '+')
            return true;
    return false;
}

static void check_page(struct test_people *people, const struct test_cast *cast, size_t at, enum role role)
{
    const struct route route = {HTTP_GET, pages[at].path, pages[at].name, &web_face, pages[at].answer, ROUTE_MEMBER,
            pages[at].verb, SCOPE_READ, 0, "", NULL};
    struct test_page *page = test_people_page(people, HTTP_GET, pages[at].path);
    test_cast_as(page, cast, role);
    page->err = gate_lets_in(&page->ask.who, &route, people->arena);
    slice document = page->err.kind == ERR_NONE ? test_page_run(page, &route) : S("");
    if ((page->err.kind == ERR_NONE) != is_seen(pages[at].name, role))
        fail_msg("%s for %s: %s", pages[at].name, store_role_name(role), page->err.why);
    if (page->err.kind == ERR_NONE) {
        check_known(pages[at].name, document, "", role);
        check_there(pages[at].name, document, role);
    }
}

static void a_page_has_the_fields_that_its_asker_may_see(void **state)
{
    struct test_people *people = ready(state);
    struct test_cast cast = test_cast_make(people);
    for (size_t i = 0; i < COUNT_OF(pages); i++)
        for (enum role role = 0; role < ROLE_LOCAL; role++)
            check_page(people, &cast, i, role);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "a page has the fields that its asker may see",
                    a_page_has_the_fields_that_its_asker_may_see, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
