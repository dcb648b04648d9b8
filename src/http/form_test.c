/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http.h"

#define URLENCODED "application/x-www-form-urlencoded"
#define MULTIPART "multipart/form-data; boundary=xYz"
#define PART(head, value) "\r\n--xYz\r\n" head "\r\n\r\n" value
#define NAMED(name, value) PART("Content-Disposition: form-data; name=\"" name "\"", value)
#define END "\r\n--xYz--\r\n"

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_open("form test", ARENA_WORK, 16u << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

/* As text: NAME=VALUE, with (FILE TYPE) behind it for files; or the error. */
static const char *written(struct err err, const struct http_field *fields, size_t count)
{
    struct buf text = buf_make(1u << 20);
    if (err.kind != ERR_NONE)
        return arena_printf(arena, "%s: %s", err_name(err.kind), err.why);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%.*s=%.*s", (int)fields[i].name.len, fields[i].name.ptr, (int)fields[i].value.len,
                fields[i].value.ptr);
        if (fields[i].file.ptr != NULL || fields[i].type.len > 0)
            buf_printf(&text, "(%.*s %.*s)", (int)fields[i].file.len, fields[i].file.ptr, (int)fields[i].type.len,
                    fields[i].type.ptr);
        buf_byte(&text, '|');
    }
    const char *copy = arena_cstr(arena, buf_slice(&text));
    buf_free(&text);
    return copy;
}

static const char *form(const char *type, slice body)
{
    const struct http_header header = {S("Content-Type"), slice_of(type)};
    const struct http_request request = {.headers = &header, .header_count = 1, .body = body, .arena = arena};
    const struct http_field *fields = NULL;
    size_t count = 0;
    struct err err = http_form(&request, &fields, &count);
    return written(err, fields, count);
}

static const char *query(const char *text)
{
    const struct http_request request = {.query = slice_of(text), .arena = arena};
    const struct http_field *fields = NULL;
    size_t count = 0;
    struct err err = http_query(&request, &fields, &count);
    return written(err, fields, count);
}

static void a_query_is_fields(void **state)
{
    (void)state;
    assert_string_equal(query(""), "");
    assert_string_equal(query("a=b"), "a=b|");
    assert_string_equal(query("a=b&c=d&a=e"), "a=b|c=d|a=e|");
    assert_string_equal(query("&&a&&=b&"), "a=|=b|");
    assert_string_equal(query("a+b=c%20d%2Be&match%5Bid%5D=f"), "a b=c d+e|match[id]=f|");
    assert_string_equal(query("a=b=c"), "a=b=c|");
    assert_string_equal(query("a=%E2%9C%93%0D%0A"), "a=\xE2\x9C\x93\r\n|");
    assert_string_equal(query("a=100%&b=%4&c=%zz"), "a=100%|b=%4|c=%zz|"); /* WHATWG URL section 1.3 */
    assert_string_equal(query("a=%00"), "input: a field is no UTF-8, or holds control characters");
    assert_string_equal(query("a=%ff"), "input: a field is no UTF-8, or holds control characters");
    assert_string_equal(query("a%0a=b"), "input: a field is no UTF-8, or holds control characters");
}

static void a_form_has_a_ceiling(void **state)
{
    (void)state;
    struct buf text = buf_make(1u << 20);
    for (int i = 0; i < HTTP_FIELDS_MAX; i++)
        buf_put(&text, S("a=b&"));
    assert_int_equal(strlen(form(URLENCODED, buf_slice(&text))), 4 * HTTP_FIELDS_MAX);
    buf_put(&text, S("c"));
    assert_string_equal(form(URLENCODED, buf_slice(&text)), "limit: a form or query has more than 256 fields");
    buf_reset(&text);
    for (int i = 0; i < HTTP_FIELDS_MAX + 1; i++)
        buf_put(&text, (slice){&NAMED("a", "b")[i == 0 ? 2 : 0], sizeof(NAMED("a", "b")) - (i == 0 ? 3 : 1)});
    buf_put(&text, S(END));
    assert_string_equal(form(MULTIPART, buf_slice(&text)), "limit: a form or query has more than 256 fields");
    buf_free(&text);
}

static slice body_of(const char *text)
{
    return slice_from(slice_of(text), 2); /* without the line break in front of the first boundary */
}

static void parts_are_fields_and_files(void **state)
{
    (void)state;
    static const struct {
        const char *body, *fields;
    } rows[] = {
            {NAMED("a", "b") END, "a=b|"},
            {NAMED("a", "") END, "a=|"},
            {NAMED("a", "b\r\nc\r\n") NAMED("a", "d") END, "a=b\r\nc\r\n|a=d|"},
            {NAMED("a", "x--xYz") END, "a=x--xYz|"},
            {NAMED("a", "b") END "behind", "a=b|"},
            {PART("content-disposition:form-data;name=a", "b") END, "a=b|"},
            {PART("Content-Disposition: form-data; name=\"a\"; filename=\"b.txt\"\r\nContent-Type: text/plain", "c")
                            END,
                    "a=c(b.txt text/plain)|"},
            {PART("Content-Type: text/plain\r\nContent-Disposition: form-data; filename=\"\"; name=\"a\"", "") END,
                    "a=( text/plain)|"},
            {PART("Content-Disposition: form-data; name=\"a\"; filename=\"/tmp/../b.txt\"", "c") END, "a=c(b.txt )|"},
            {PART("Content-Disposition: form-data; name=\"a\"; filename=\"C:\\x\\b.txt\"", "c") END, "a=c(b.txt )|"},
            {PART("Content-Disposition: form-data; name=\"a%22b\\\"c\"", "d") END, "a\"b\"c=d|"},
            {PART("Content-Disposition: form-data; name=\"a;b=c\"", "d") END, "a;b=c=d|"},
            {PART("Content-Disposition: form-data; name=\"a\"; filename=\"b\"", "\xFF\xFE\n\x01") END,
                    "a=\xFF\xFE\n\x01(b )|"},
            {PART("Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: 8bit", "b") END, "a=b|"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *fields = form(MULTIPART, body_of(rows[i].body));
        if (strcmp(fields, rows[i].fields) != 0)
            fail_msg("row %zu: %s and not %s", i, fields, rows[i].fields);
    }
    assert_string_equal(
            form("Multipart/Form-Data; charset=UTF-8; Boundary=\"xYz\"", body_of(NAMED("a", "b") END)), "a=b|");
    assert_string_equal(form(MULTIPART, S("--xYz--\r\n")), "");
}

static void what_is_no_form_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
            "\r\n",
            "\r\n--xYz",
            "\r\n--xYz\r\n",
            "\r\n--xYz \r\n",
            "\r\npreamble" NAMED("a", "b") END,
            NAMED("a", "b"),
            NAMED("a", "b") "\r\n--xYz",
            NAMED("a", "b") "\r\n--xYzz" END,
            "\r\n--xYz\nContent-Disposition: form-data; name=\"a\"\n\nb\n--xYz--\n",
            "\r\n--xYz\r\n\r\nb" END,
            "\r\n--xYz\r\nContent-Disposition: form-data; name=\"a\"" END,
            PART("X: y", "b") END,
            PART("nothing", "b") END,
            PART("Content-Disposition: form-data", "b") END,
            PART("Content-Disposition: attachment; name=\"a\"", "b") END,
            PART("Content-Disposition: form-data; name=\"a", "b") END,
            PART("Content-Disposition: form-data; name=\"a\" x", "b") END,
            PART("Content-Disposition: form-data; name", "b") END,
            PART("Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"", "c") END,
            PART("Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64", "Yg==") END,
            PART("Content-Disposition: form-data; name=\"a\x01\"", "b") END,
            PART("Content-Disposition: form-data; name=\"a\"; filename=\"b\rc\"", "d") END,
            NAMED("a", "\x01") END,
            NAMED("a", "\xFF") END,
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *said = form(MULTIPART, body_of(rows[i]));
        if (strncmp(said, "input: ", 7) != 0)
            fail_msg("row %zu: %s", i, said);
    }
    static const char *const types[] = {"text/plain", "", "multipart/form-data",
            "multipart/form-data; boundary=", "multipart/form-data; boundary=a\"b",
            "multipart/form-data; boundary=\"a \"", "multipart/mixed; boundary=xYz",
            "multipart/form-data; boundary="
            "01234567890123456789012345678901234567890123456789012345678901234567890"};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (strncmp(form(types[i], body_of(NAMED("a", "b") END)), "input: ", 7) != 0)
            fail_msg("%s is taken", types[i]);
}

static void the_head_of_a_part_has_a_ceiling(void **state)
{
    (void)state;
    struct buf text = buf_make(1u << 20);
    buf_put(&text, S("--xYz\r\nX: "));
    for (int i = 0; i < 5000; i++)
        buf_byte(&text, 'x');
    buf_put(&text, S("\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb" END));
    assert_string_equal(
            form(MULTIPART, buf_slice(&text)), "limit: the headers of a part of the form are longer than 4096 bytes");
    buf_free(&text);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(a_query_is_fields, setup, teardown),
            cmocka_unit_test_setup_teardown(a_form_has_a_ceiling, setup, teardown),
            cmocka_unit_test_setup_teardown(parts_are_fields_and_files, setup, teardown),
            cmocka_unit_test_setup_teardown(what_is_no_form_is_refused, setup, teardown),
            cmocka_unit_test_setup_teardown(the_head_of_a_part_has_a_ceiling, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
