/* SPDX-License-Identifier: Apache-2.0 */
#include "http/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- Targets ---- */

static struct http_fault target(const char *sent, struct http_request *request, char *room)
{
    *request = (struct http_request){0};
    return http_head_target(slice_of(sent), room, request);
}

static void assert_path(const char *sent, const char *path, const char *query)
{
    struct http_request request;
    char room[256];
    struct http_fault found = target(sent, &request, room);
    if (found.status != 0)
        fail_msg("%s: %u %s", sent, found.status, found.why);
    if (!slice_eq(request.path, slice_of(path)) || !slice_eq(request.query, slice_of(query)))
        fail_msg("%s: %.*s ? %.*s", sent, (int)request.path.len, request.path.ptr, (int)request.query.len,
                request.query.ptr);
}

static void a_target_is_a_path_and_a_query(void **state)
{
    (void)state;
    assert_path("/", "/", "");
    assert_path("/a/b/", "/a/b/", "");
    assert_path("/a?b=c?d", "/a", "b=c?d");
    assert_path("/a?", "/a", "");
    assert_path("/a%20b%C3%A9", "/a b\xC3\xA9", "");
    assert_path("/%252e%252e", "/%2e%2e", "");
    assert_path("/\xC3\xA9", "/\xC3\xA9", "");
    assert_path("/a..b/...", "/a..b/...", "");
    assert_path("/a?match[id]=b&c=%zz%00/../", "/a", "match[id]=b&c=%zz%00/../");
    assert_path("/objects/indicator--1;v=2,a@b:c!$&'()*+=~", "/objects/indicator--1;v=2,a@b:c!$&'()*+=~", "");
}

static void what_could_be_read_in_two_ways_is_no_target(void **state)
{
    (void)state;
    static const char *const rows[] = {"", "*", "a", "http://a.example/", "//", "//a", "/a//b", "/.", "/..", "/../a",
            "/a/..", "/a/./b", "/%2e", "/%2E%2e/a", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "/a b", "/a\tb", "/a#b",
            "/a\"", "/<a>", "/%", "/%4", "/%4g", "/%g4", "/%00", "/%0a", "/%7f", "/%c2%80", "/%ff", "/%c0%af",
            "/%e0%80%80", "/%ed%a0%80", "/%f4%90%80%80", "/%f0%8f%bf%bf", "/%c3", "/\x7f", "/a?b c", "/a?\x01"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_request request;
        char room[256];
        if (target(rows[i], &request, room).status != 400)
            fail_msg("%s is taken", rows[i]);
    }
}

static void a_target_has_a_ceiling(void **state)
{
    (void)state;
    static char sent[HTTP_TARGET_BYTES_MAX + 1], room[HTTP_TARGET_BYTES_MAX + 1];
    struct http_request request = {0};
    memset(sent, 'a', sizeof sent);
    sent[0] = '/';
    assert_int_equal(http_head_target((slice){sent, HTTP_TARGET_BYTES_MAX}, room, &request).status, 0);
    assert_int_equal(http_head_target((slice){sent, HTTP_TARGET_BYTES_MAX + 1}, room, &request).status, 414);
}

static void methods_are_known_by_name(void **state)
{
    (void)state;
    enum http_method method = HTTP_GET;
    assert_int_equal(http_head_method(S("DELETE"), &method).status, 0);
    assert_int_equal(method, HTTP_DELETE);
    assert_int_equal(http_head_method(S("PATCH"), &method).status, 405);
    assert_int_equal(http_head_method(S("OPTIONS"), &method).status, 405);
    assert_int_equal(http_head_method(S("get"), &method).status, 501);
    assert_int_equal(http_head_method(S(""), &method).status, 501);
    assert_int_equal(http_head_method(S("GETS"), &method).status, 501);
}

/* ---- Headers ---- */

#define NONE                                                                                                           \
    {                                                                                                                  \
        {NULL, 0},                                                                                                     \
        {                                                                                                              \
            NULL, 0                                                                                                    \
        }                                                                                                              \
    }
#define H(name, value)                                                                                                 \
    {                                                                                                                  \
        {(name), sizeof(name) - 1},                                                                                    \
        {                                                                                                              \
            (value), sizeof(value) - 1                                                                                 \
        }                                                                                                              \
    }

static struct http_fault check(const struct http_header *headers, unsigned minor, struct http_framing *framing)
{
    struct http_request request = {.headers = headers};
    while (headers[request.header_count].name.ptr != NULL)
        request.header_count++;
    return http_head_check(&request, minor, framing);
}

static void each_fault_of_headers_has_its_status(void **state)
{
    (void)state;
    static const struct {
        struct http_header headers[4];
        unsigned minor, status;
    } rows[] = {
            {{H("Host", "a.example"), NONE}, 1, 0},
            {{H("hOsT", "[2001:db8::1]:80"), NONE}, 1, 0},
            {{H("Host", "[2001:db8::1]"), NONE}, 1, 0},
            {{H("Host", "a_b.example:"), NONE}, 1, 0},
            {{NONE}, 0, 0},
            {{NONE}, 1, 400},
            {{H("Host", ""), NONE}, 1, 400},
            {{H("Host", ":80"), NONE}, 1, 400},
            {{H("Host", "a:b"), NONE}, 1, 400},
            {{H("Host", "a:123456"), NONE}, 1, 400},
            {{H("Host", "[2001:db8::1"), NONE}, 1, 400},
            {{H("Host", "[a.example]"), NONE}, 1, 400},
            {{H("Host", "[2001:db8::1]a"), NONE}, 1, 400},
            {{H("Host", "a/b"), NONE}, 1, 400},
            {{H("Host", "a@b"), NONE}, 1, 400},
            {{H("Host", "a\x00"
                        "b"),
                     NONE},
                    1, 400},
            {{H("Host", "a"), H("host", "a"), NONE}, 1, 400},
            {{H("Host", "a"), H("Cookie", "a"), H("cookie", "b"), NONE}, 1, 400},
            {{H("Host", "a"), H("Authorization", "a"), H("authorization", "b"), NONE}, 1, 400},
            {{H("Host", "a"), H("Accept", "a"), H("Accept", "b"), NONE}, 1, 0},
            {{H("Host", "a"), H("X ", "1"), NONE}, 1, 400},
            {{H("Host", "a"), H("", "1"), NONE}, 1, 400},
            {{H("Host", "a"), H("X", "a\tb"), NONE}, 1, 0},
            {{H("Host", "a"), H("X", "a\rb"), NONE}, 1, 400},
            {{H("Host", "a"), H("X", "a\x7f"), NONE}, 1, 400},
            {{H("Host", "a"), H("X", "\xFF"), NONE}, 1, 0}, /* obs-text */
            {{H("Host", "a"), H("Content-Length", "9223372036854775807"), NONE}, 1, 0},
            {{H("Host", "a"), H("Content-Length", "9223372036854775808"), NONE}, 1, 400},
            {{H("Host", "a"), H("Content-Length", "1 "), NONE}, 1, 400},
            {{H("Host", "a"), H("Content-Length", ""), NONE}, 1, 400},
            {{H("Host", "a"), H("Content-Length", "1,1"), NONE}, 1, 400},
            {{H("Host", "a"), H("Content-Length", "1"), H("Content-Length", "1"), NONE}, 1, 400},
            {{H("Host", "a"), H("Content-Length", "1"), H("Transfer-Encoding", "chunked"), NONE}, 1, 400},
            {{H("Host", "a"), H("Transfer-Encoding", "CHUNKED"), NONE}, 1, 0},
            {{H("Transfer-Encoding", "chunked"), NONE}, 0, 400},
            {{H("Host", "a"), H("Transfer-Encoding", "gzip, chunked"), NONE}, 1, 501},
            {{H("Host", "a"), H("Transfer-Encoding", "chunked;a=b"), NONE}, 1, 501},
            {{H("Host", "a"), H("Content-Encoding", "gzip"), NONE}, 1, 415},
            {{H("Host", "a"), H("Content-Encoding", "identity"), NONE}, 1, 0},
            {{H("Host", "a"), H("Expect", "100-Continue"), NONE}, 1, 0},
            {{H("Host", "a"), H("Expect", "x"), NONE}, 1, 417},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_framing framing;
        struct http_fault found = check(rows[i].headers, rows[i].minor, &framing);
        if (found.status != rows[i].status)
            fail_msg("row %zu: %u and not %u (%s)", i, found.status, rows[i].status, found.why);
    }
}

static void framing_is_by_length_or_in_chunks(void **state)
{
    (void)state;
    struct http_framing framing;
    static const struct http_header by_length[] = {
            H("Host", "a"), H("Content-Length", "0042"), H("Expect", "100-continue"), NONE};
    static const struct http_header in_chunks[] = {H("Host", "a"), H("Transfer-Encoding", "chunked"), NONE};
    assert_int_equal(check(by_length, 1, &framing).status, 0);
    assert_int_equal(framing.length, 42);
    assert_true(framing.expects && !framing.chunked);
    assert_int_equal(check(by_length, 0, &framing).status, 0);
    assert_false(framing.expects); /* RFC 9110 section 10.1.1: not of a client of 1.0 */
    assert_int_equal(check(in_chunks, 1, &framing).status, 0);
    assert_true(framing.chunked && framing.length == 0);
}

static void text_is_UTF8_without_controls(void **state)
{
    (void)state;
    assert_true(http_is_text(S("")));
    assert_true(http_is_text(S("a \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x94\x94 \xF4\x8F\xBF\xBF")));
    assert_false(http_is_text(S("a\n")));
    assert_false(http_is_text(S("\xC3")));
    assert_false(http_is_text(S("\x80")));
    assert_false(http_is_text(S("\xF5\x80\x80\x80")));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_target_is_a_path_and_a_query),
            cmocka_unit_test(what_could_be_read_in_two_ways_is_no_target),
            cmocka_unit_test(a_target_has_a_ceiling),
            cmocka_unit_test(methods_are_known_by_name),
            cmocka_unit_test(each_fault_of_headers_has_its_status),
            cmocka_unit_test(framing_is_by_length_or_in_chunks),
            cmocka_unit_test(text_is_UTF8_without_controls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
