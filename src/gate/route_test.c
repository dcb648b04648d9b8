/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static const struct face face_a = {.name = "a"}, face_b = {.name = "b"};

static const struct route table[] = {
        {HTTP_GET, "/", "start", &face_a},
        {HTTP_GET, "/objects", "objects", &face_a},
        {HTTP_GET, "/objects/{number}", "object", &face_a},
        {HTTP_DELETE, "/objects/{number}", "drop", &face_a},
        {HTTP_POST, "/objects/{number}/tags/{tag}", "tag", &face_a},
        {HTTP_GET, "/objects/new", "new", &face_a},
        {HTTP_GET, "/taxii2/", "discovery", &face_b},
        {HTTP_GET, "/{root}/status", "status", &face_b},
        {.path = NULL},
};

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_open("route test", ARENA_WORK, 1u << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

/* "object:7", "tag:7,a/b", "-": no such path, "405": not by this method. */
static const char *found(enum http_method method, const char *target)
{
    struct route_found found = route_find(table, method, slice_of(target), arena);
    if (found.route == NULL)
        return found.allowed == 0 ? "-" : "405";
    const char *text = found.route->name, *between = ":";
    for (size_t i = 0; i < ROUTE_PARTS_MAX && found.parts[i].ptr != NULL; i++) {
        text = arena_printf(arena, "%s%s%.*s", text, between, (int)found.parts[i].len, found.parts[i].ptr);
        between = ",";
    }
    return text;
}

static void a_target_finds_its_row_and_its_parts(void **state)
{
    (void)state;
    static const struct {
        enum http_method method;
        const char *target, *found;
    } rows[] = {
            {HTTP_GET, "/", "start"},
            {HTTP_GET, "/objects", "objects"},
            {HTTP_HEAD, "/objects", "objects"},
            {HTTP_GET, "/objects/7", "object:7"},
            {HTTP_DELETE, "/objects/7", "drop:7"},
            {HTTP_GET, "/objects/new", "new"}, /* what is written out goes before a part */
            {HTTP_DELETE, "/objects/new", "drop:new"},
            {HTTP_POST, "/objects/7/tags/a%2Fb", "tag:7,a/b"}, /* cut first, unescaped then */
            {HTTP_POST, "/objects/7/tags/..", "tag:7,.."},     /* only a text */
            {HTTP_GET, "/%6Fbjects", "objects"},
            {HTTP_GET, "/taxii2/", "discovery"},
            {HTTP_GET, "/taxii2/status", "status:taxii2"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(found(rows[i].method, rows[i].target), rows[i].found);
}

static void what_has_no_row_is_not_there(void **state)
{
    (void)state;
    static const char *const targets[] = {"", "*", "objects", "//", "//objects", "/objects/", "/Objects", "/objects//",
            "/objects/7/", "/taxii2", "/objects/7/tags", "/.git", "/objects%2F7", "/objects/%00", "/objects/%",
            "/objects/%4", "/objects/%zz", "/objects/..", "/a/../objects",
            "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"};
    for (size_t i = 0; i < COUNT_OF(targets); i++)
        if (strcmp(targets[i], "/objects/..") == 0)
            assert_string_equal(found(HTTP_GET, targets[i]), "object:.."); /* a number it is not, as the handler says */
        else
            assert_string_equal(found(HTTP_GET, targets[i]), "-");
}

static void another_method_is_told_which_there_are(void **state)
{
    (void)state;
    struct route_found there = route_find(table, HTTP_POST, S("/objects/7"), arena);
    assert_null(there.route);
    assert_int_equal(there.allowed, 1u << HTTP_GET | 1u << HTTP_HEAD | 1u << HTTP_DELETE);
    assert_string_equal(found(HTTP_POST, "/objects"), "405");
    assert_string_equal(found(HTTP_GET, "/objects/7/tags/x"), "405");
}

static void a_path_is_of_the_family_that_begins_like_it(void **state)
{
    (void)state;
    assert_ptr_equal(route_find(table, HTTP_GET, S("/taxii2/no/such"), arena).face, &face_b);
    assert_ptr_equal(route_find(table, HTTP_GET, S("/objects/7/no"), arena).face, &face_a);
    assert_null(route_find(table, HTTP_GET, S("/elsewhere"), arena).face);
}

static void scopes_have_names(void **state)
{
    (void)state;
    assert_string_equal(route_scope_name(SCOPE_METRICS), "metrics");
    assert_string_equal(route_scope_name(SCOPE_READ), "read");
    assert_string_equal(route_scope_name(0), "");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_target_finds_its_row_and_its_parts),
            cmocka_unit_test(what_has_no_row_is_not_there),
            cmocka_unit_test(another_method_is_told_which_there_are),
            cmocka_unit_test(a_path_is_of_the_family_that_begins_like_it),
            cmocka_unit_test(scopes_have_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
