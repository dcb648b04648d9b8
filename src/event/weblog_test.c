/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TIME " [20/Nov/2026:10:29:58 +0000] "

static struct err read_line(struct input *input, const char *line)
{
    return input_read(input, slice_of(line));
}

static void open_ok(struct input *input)
{
    assert_int_equal(input_open(input, "weblog", S(""), NULL).kind, ERR_NONE);
}

static void the_client_may_have_a_host_in_front_and_a_user_with_blanks(void **state)
{
    (void)state;
    static const struct {
        const char *line, *client, *user, *url;
    } rows[] = {
            {"192.0.2.1 - -" TIME "\"GET /a HTTP/1.1\" 200 1", "192.0.2.1", NULL, NULL},
            {"192.0.2.1 - ani" TIME "\"GET /a HTTP/1.1\" 200 1", "192.0.2.1", "ani", NULL},
            {"192.0.2.1 - ani b c" TIME "\"GET /a HTTP/1.1\" 200 1", "192.0.2.1", "ani b c", NULL},
            {"a.example 2001:db8::1 - -" TIME "\"GET /a HTTP/1.1\" 200 1", "2001:db8::1", NULL, "a.example"},
            {"a.example:81 192.0.2.1 - ani" TIME "\"GET /a HTTP/1.1\" 200 1", "192.0.2.1", "ani", "a.example:81"},
    };
    static struct input input;
    open_ok(&input);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(read_line(&input, rows[i].line).kind, ERR_NONE);
        assert_true(slice_eq(input.event.source.address, slice_of(rows[i].client)));
        if (rows[i].user != NULL)
            assert_int_equal(input_count(&input, OBSERVABLE_OTHER, rows[i].user, "user"), 1);
        size_t urls = 0;
        for (size_t k = 0; k < input.event.observable_count; k++)
            urls += input.event.observables[k].type == OBSERVABLE_URL;
        assert_int_equal(urls, rows[i].url != NULL);
    }
    input_close(&input);
}

static void a_request_names_what_its_form_says(void **state)
{
    (void)state;
    static struct input input;
    open_ok(&input);
    assert_int_equal(
            read_line(&input, "192.0.2.1 - -" TIME "\"GET http://a.example/b HTTP/1.1\" 200 1").kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_URL, "http://a.example/b", "request"), 1);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "a.example", "request"), 1);
    assert_int_equal(read_line(&input, "192.0.2.1 - -" TIME "\"CONNECT a.example:443 HTTP/1.1\" 200 1").kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "a.example", "request"), 1);
    assert_int_equal(input.event.observable_count, 2);
    assert_int_equal(
            read_line(&input, "a.example 192.0.2.1 - -" TIME "\"GET /?u=http://b.example/\" 200 1").kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "b.example", "request"), 0);
    assert_int_equal(read_line(&input, "192.0.2.1 - -" TIME "\"\\x16\\x03 x\" 400 1").kind, ERR_NONE);
    assert_int_equal(input.event.observable_count, 1);
    input_close(&input);
}

static void quotes_are_escaped_by_backslashes(void **state)
{
    (void)state;
    static struct input input;
    open_ok(&input);
    assert_int_equal(
            read_line(&input, "192.0.2.1 - -" TIME "\"GET /\\\"a HTTP/1.1\" 200 - \"-\" \"b \\\"c\\\" \\x22d\\\\\"")
                    .kind,
            ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_USERAGENT, "b \"c\" \"d\\", "agent"), 1);
    input_close(&input);
}

/* Too long for an observable, and told nevertheless. */
static void what_is_no_observable_is_told_as_it_is(void **state)
{
    (void)state;
    static struct input input;
    struct buf line = buf_make(1u << 20), out = buf_make(1u << 20);
    buf_put(&line, S("192.0.2.1 - -" TIME "\"GET / HTTP/1.1\" 200 1 \"-\" \""));
    for (int i = 0; i < 9000; i++)
        buf_byte(&line, 'a');
    buf_put(&line, S("\""));
    open_ok(&input);
    assert_int_equal(input_read(&input, buf_slice(&line)).kind, ERR_NONE);
    assert_int_equal(input.event.observable_count, 1);
    event_write(&input.reader, &input.event, buf_slice(&line), 1, input.arena, &out);
    assert_true(slice_find_slice(buf_slice(&out), S("\"agent\":\"aaaa")) < out.len);
    input_close(&input);
    buf_free(&line);
    buf_free(&out);
}

static void bad_lines_say_what_is_wrong_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *line, *why;
        size_t offset;
    } rows[] = {
            {"", "no client, identity and user before a time in brackets", 0},
            {"192.0.2.1 -" TIME "\"GET / HTTP/1.1\" 200 1", "no client, identity and user before a time in brackets",
                    0},
            {"192.0.2.1 - - [20/Nov/2026", "the time in brackets has no end", 15},
            {"192.0.2.1 - - [soon] \"GET / HTTP/1.1\" 200 1",
                    "not a time as web servers write it: 10/Oct/2026:13:55:36 -0700", 15},
            {"192.0.2.1 - -" TIME "GET / HTTP/1.1 200 1", "no request between double quotes", 43},
            {"192.0.2.1 - -" TIME "\"GET / HTTP/1.1 200 1", "no request between double quotes", 43},
            {"192.0.2.1 - -" TIME "\"GET / HTTP/1.1\" ok 1", "no status and number of bytes behind the request", 60},
            {"192.0.2.1 - -" TIME "\"GET / HTTP/1.1\" 200", "no status and number of bytes behind the request", 60},
    };
    static struct input input;
    open_ok(&input);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = read_line(&input, rows[i].line);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.why, rows[i].why);
        assert_int_equal(input.offset, rows[i].offset);
    }
    input_close(&input);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_client_may_have_a_host_in_front_and_a_user_with_blanks),
            cmocka_unit_test(a_request_names_what_its_form_says),
            cmocka_unit_test(quotes_are_escaped_by_backslashes),
            cmocka_unit_test(what_is_no_observable_is_told_as_it_is),
            cmocka_unit_test(bad_lines_say_what_is_wrong_and_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
