/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_header_is_found_by_its_name(void **state)
{
    (void)state;
    const struct http_header headers[] = {{S("Accept"), S("a/b")}, {S("X-Empty"), S("")}};
    const struct http_request request = {.headers = headers, .header_count = 2};
    bool found;
    assert_true(slice_eq(http_header(&request, S("accept"), &found), S("a/b")) && found);
    assert_true(http_header(&request, S("x-empty"), &found).len == 0 && found);
    assert_true(http_header(&request, S("host"), &found).ptr == NULL && !found);
    assert_true(slice_eq(http_header(&request, S("accept"), NULL), S("a/b")));
}

static void a_cookie_is_found_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *header, *value;
    } rows[] = {
            {"session=abc", "abc"},
            {"a=b; session=abc; c=d", "abc"},
            {"a=b;session=abc", "abc"},
            {" session=abc ", "abc"},
            {"session=\"abc\"", "abc"},
            {"session=abc; session=def", "abc"},
            {"session=a=b", "a=b"},
            {"session=", ""},
            {"session", ""},
            {"xsession=abc", ""},
            {"sessionx=abc", ""},
            {"Session=abc", ""}, /* names tell case apart */
            {"session =abc", ""},
            {"session=a b", ""},
            {"session=a\"b", ""},
            {"session=a,b", ""},
            {"session=a\\b", ""},
            {"session=\xC3\xA9", ""},
            {";;=;session=abc", "abc"},
            {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct http_header header = {S("Cookie"), slice_of(rows[i].header)};
        const struct http_request request = {.headers = &header, .header_count = 1};
        slice value = http_cookie(&request, S("session"));
        if (!slice_eq(value, slice_of(rows[i].value)))
            fail_msg("%s: %.*s", rows[i].header, (int)value.len, value.ptr);
    }
    assert_int_equal(http_cookie(&(struct http_request){0}, S("session")).len, 0);
}

static void an_accept_header_weighs_types(void **state)
{
    (void)state;
    static const struct {
        const char *accept, *type;
        unsigned weight;
    } rows[] = {
            {"", "a/b", 1000},
            {"*/*", "a/b", 1000},
            {"*", "a/b", 1000},
            {"a/*", "a/b", 1000},
            {"a/*", "aa/b", 0},
            {"a/b", "a/b", 1000},
            {"A/B", "a/b", 1000},
            {"a/c", "a/b", 0},
            {"a/b;q=0.5", "a/b", 500},
            {"a/b; Q=0.125", "a/b", 125},
            {"a/b;q=0", "a/b", 0},
            {"a/b;q=1.000", "a/b", 1000},
            {"a/b;q=1.001", "a/b", 0},
            {"a/b;q=2", "a/b", 0},
            {"a/b;q=", "a/b", 0},
            {"a/b;q=0.1234", "a/b", 0},
            {"a/b;q=.5", "a/b", 0},
            {"*/*;q=0.1, a/b", "a/b", 1000},
            {"*/*, a/b;q=0.1", "a/b", 100}, /* the closer one counts */
            {"*/*, a/b;q=0", "a/b", 0},
            {"a/*;q=0.2, */*;q=0.9", "a/b", 200},
            {"application/taxii+json;version=2.1", "application/taxii+json;version=2.1", 1000},
            {"application/taxii+json; version=\"2.1\"", "application/taxii+json;version=2.1", 1000},
            {"application/taxii+json;version=2.0", "application/taxii+json;version=2.1", 0},
            {"application/taxii+json", "application/taxii+json;version=2.1", 1000},
            {"application/taxii+json;version=2.1;q=0.3, application/taxii+json;q=0.9",
                    "application/taxii+json;version=2.1", 300},
            {"a/b;c=\"d,e;q=0\";q=0.5", "a/b;c=\"d,e;q=0\"", 500},
            {"text/html, application/xhtml+xml, */*;q=0.8", "application/json", 800},
            {",,, a/b ,,", "a/b", 1000},
            {"a/b;", "a/b", 1000},
            {"\"", "a/b", 0},
            {";q=1", "a/b", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unsigned weight = http_accepts(slice_of(rows[i].accept), slice_of(rows[i].type));
        if (weight != rows[i].weight)
            fail_msg("%s for %s: %u and not %u", rows[i].accept, rows[i].type, weight, rows[i].weight);
    }
}

static void methods_and_statuses_have_names(void **state)
{
    (void)state;
    assert_true(slice_eq(http_method_name(HTTP_POST), S("POST")));
    assert_string_equal(http_status_text(404), "Not Found");
    assert_string_equal(http_status_text(599), "Unknown");
}

static void an_answer_gets_headers(void **state)
{
    (void)state;
    struct http_reply reply = {0};
    http_reply_header(&reply, S("ETag"), S("\"1\""));
    http_reply_header(&reply, S("Vary"), S("Accept"));
    assert_int_equal(reply.header_count, 2);
    assert_true(slice_eq(reply.headers[1].name, S("Vary")) && slice_eq(reply.headers[1].value, S("Accept")));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_header_is_found_by_its_name),
            cmocka_unit_test(a_cookie_is_found_by_its_name),
            cmocka_unit_test(an_accept_header_weighs_types),
            cmocka_unit_test(methods_and_statuses_have_names),
            cmocka_unit_test(an_answer_gets_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
