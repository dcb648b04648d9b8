/* SPDX-License-Identifier: Apache-2.0 */
#include "json/write.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/clock.h"
#include "json/check.h"

#define assert_written(buf, text) assert_written_at((buf), slice_of(text), __FILE__, __LINE__)

static void assert_written_at(const struct buf *buf, slice wanted, const char *file, int line)
{
    if (slice_eq(buf_slice(buf), wanted))
        return;
    print_error("%.*s\nis not\n%.*s\n", (int)buf->len, buf->len > 0 ? buf->ptr : "", (int)wanted.len, wanted.ptr);
    _fail(file, line);
}

static void every_value_is_written(void **state)
{
    (void)state;
    struct buf buf = buf_make(1000);
    struct json_writer w = json_writer(&buf);
    json_write_array(&w);
    json_write_text(&w, S("a"));
    json_write_text(&w, (slice){0});
    json_write_u64(&w, UINT64_MAX);
    json_write_i64(&w, INT64_MIN);
    json_write_bool(&w, true);
    json_write_bool(&w, false);
    json_write_null(&w);
    json_write_raw(&w, S("{\"x\": 1.50}"));
    json_write_end(&w);
    assert_written(&buf, "[\"a\",\"\",18446744073709551615,-9223372036854775808,true,false,null,{\"x\": 1.50}]");
    buf_free(&buf);
}

static void commas_come_by_themselves(void **state)
{
    (void)state;
    struct buf buf = buf_make(1000);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key(&w, S("empty"));
    json_write_object(&w);
    json_write_end(&w);
    json_write_key(&w, S("rows"));
    json_write_array(&w);
    json_write_array(&w);
    json_write_end(&w);
    json_write_object(&w);
    json_write_key_u64(&w, S("n"), 1);
    json_write_key_text(&w, S("s"), S("t"));
    json_write_end(&w);
    json_write_u64(&w, 2);
    json_write_end(&w);
    json_write_key(&w, S("last"));
    json_write_null(&w);
    json_write_end(&w);
    assert_written(&buf, "{\"empty\":{},\"rows\":[[],{\"n\":1,\"s\":\"t\"},2],\"last\":null}");
    buf_free(&buf);
}

static void one_value_alone_is_a_text(void **state)
{
    (void)state;
    struct buf buf = buf_make(1000);
    struct json_writer w = json_writer(&buf);
    json_write_text(&w, S("alone"));
    assert_written(&buf, "\"alone\"");
    buf_free(&buf);
}

static void text_is_escaped_where_it_must_be(void **state)
{
    (void)state;
    struct buf buf = buf_make(1000);
    struct json_writer w = json_writer(&buf);
    json_write_text(&w, S("\"\\/\b\f\n\r\t\0\x01\x1F\x7F plain and long enough"));
    assert_written(&buf, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u0001\\u001f\x7F plain and long enough\"");
    buf_free(&buf);
}

static void a_key_is_escaped_like_text(void **state)
{
    (void)state;
    struct buf buf = buf_make(1000);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_u64(&w, S("a\"b\n\xC3\xA9\xFF"), 0);
    json_write_end(&w);
    assert_written(&buf, "{\"a\\\"b\\n\xC3\xA9\xEF\xBF\xBD\":0}");
    buf_free(&buf);
}

static void bad_utf8_becomes_a_replacement_for_each_byte(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
            {"caf\xC3\xA9 \xF0\x9F\xA5\x81", "\"caf\xC3\xA9 \xF0\x9F\xA5\x81\""},
            {"caf\xE9", "\"caf\xEF\xBF\xBD\""},
            {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
            {"\xC3\xC3\xA9\xC3", "\"\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\""},
            {"\xF0\x9F\xA5\"", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\\\"\""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf buf = buf_make(1000);
        struct json_writer w = json_writer(&buf);
        json_write_text(&w, slice_of(rows[i][0]));
        assert_written(&buf, rows[i][1]);
        buf_free(&buf);
    }
}

/* All bytes, on all places of a word. */
static void whatever_is_written_is_json(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t at = 0; at < 20; at++) {
            char text[20];
            memset(text, 'x', sizeof text);
            text[at] = (char)byte;
            struct buf buf = buf_make(1000);
            struct json_writer w = json_writer(&buf);
            json_write_text(&w, (slice){text, sizeof text});
            assert_int_equal(json_check(buf_slice(&buf), &json_limits_default, NULL).kind, ERR_NONE);
            buf_free(&buf);
        }
}

static void bytes_are_hexadecimal_digits(void **state)
{
    (void)state;
    struct buf buf = buf_make(64);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_hex(&w, S("digest"), S("\x00\xa9Z"));
    json_write_end(&w);
    assert_true(slice_eq(buf_slice(&buf), S("{\"digest\":\"00a95a\"}")));
    buf_free(&buf);
}

static void a_time_is_rfc_3339_or_null(void **state)
{
    (void)state;
    struct buf buf = buf_make(1000);
    struct json_writer w = json_writer(&buf);
    json_write_array(&w);
    json_write_time(&w, 1763634598960622);
    json_write_time(&w, TIME_NONE);
    json_write_end(&w);
    assert_written(&buf, "[\"2025-11-20T10:29:58.960622Z\",null]");
    buf_free(&buf);
}

static void the_deepest_nesting_closes_in_order(void **state)
{
    (void)state;
    struct buf buf = buf_make(1000);
    struct json_writer w = json_writer(&buf);
    for (unsigned i = 0; i < JSON_WRITE_DEPTH_MAX; i += 2) {
        json_write_array(&w);
        json_write_object(&w);
        if (i + 2 < JSON_WRITE_DEPTH_MAX)
            json_write_key(&w, S("k"));
    }
    for (unsigned i = 0; i < JSON_WRITE_DEPTH_MAX; i++)
        json_write_end(&w);
    assert_int_equal(json_check(buf_slice(&buf), &json_limits_default, NULL).kind, ERR_NONE);
    buf_free(&buf);
}

static void a_full_buf_says_so_at_the_end(void **state)
{
    (void)state;
    struct buf buf = buf_make(10);
    struct json_writer w = json_writer(&buf);
    json_write_array(&w);
    json_write_text(&w, S("longer than its ceiling"));
    json_write_end(&w);
    assert_int_equal(buf_check(&buf).kind, ERR_LIMIT);
    buf_free(&buf);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_value_is_written),
            cmocka_unit_test(commas_come_by_themselves),
            cmocka_unit_test(one_value_alone_is_a_text),
            cmocka_unit_test(text_is_escaped_where_it_must_be),
            cmocka_unit_test(a_key_is_escaped_like_text),
            cmocka_unit_test(bad_utf8_becomes_a_replacement_for_each_byte),
            cmocka_unit_test(whatever_is_written_is_json),
            cmocka_unit_test(bytes_are_hexadecimal_digits),
            cmocka_unit_test(a_time_is_rfc_3339_or_null),
            cmocka_unit_test(the_deepest_nesting_closes_in_order),
            cmocka_unit_test(a_full_buf_says_so_at_the_end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
