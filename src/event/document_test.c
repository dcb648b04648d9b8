/* SPDX-License-Identifier: Apache-2.0 */
#include "event/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json/check.h"

/* What a text is cut into: objects by what they are, frames as "-", what is broken behind a "!", with | between. */
static void cut(slice text, slice list, struct buf *out)
{
    for (slice rest = text; rest.len > 0;) {
        size_t length = event_document_length(rest, list), newline = slice_find(rest, '\n');
        bool ended = length > 0 || newline < rest.len;
        assert_true(length <= rest.len);
        length = length > 0 ? length : ended ? newline + 1 : rest.len;
        slice record = slice_part(rest, 0, length - ended), object = event_document_object(record, list);
        bool whole = json_check(object, &json_limits_default, NULL).kind == ERR_NONE && object.ptr[0] == '{';
        if (out->len > 0)
            buf_byte(out, '|');
        if (event_document_is_frame(record, list))
            buf_byte(out, '-');
        else if (!whole)
            buf_byte(out, '!');
        else
            buf_put(out, object);
        rest = slice_from(rest, length);
    }
}

static void expect_cut(const char *text, slice list, const char *expected)
{
    struct buf out = buf_make(1u << 16);
    cut(slice_of(text), list, &out);
    buf_byte(&out, '\0');
    assert_string_equal(out.ptr, expected);
    buf_free(&out);
}

static void objects_on_lines_are_records(void **state)
{
    (void)state;
    expect_cut("{\"a\":1}\n{\"b\":\"}\\\"{\"}\r\n{}", S(""), "{\"a\":1}|{\"b\":\"}\\\"{\"}|{}");
}

static void an_array_is_a_record_for_each_object(void **state)
{
    (void)state;
    expect_cut("[{\"a\":1},{\"b\":[{}]}, {\"c\":2}]", S(""), "{\"a\":1}|{\"b\":[{}]}|{\"c\":2}");
    expect_cut("[\n {\"a\":1},\n {\"b\":2}\n]\n", S(""), "-|{\"a\":1}|{\"b\":2}");
    expect_cut("[]\n[\n]\n", S(""), "-");
}

static void an_object_may_have_many_lines(void **state)
{
    (void)state;
    expect_cut("{\n  \"a\": [\n    {\n    }\n  ]\n}\n{\n  \"b\": 2\n}\n", S(""),
            "{\n  \"a\": [\n    {\n    }\n  ]\n}|{\n  \"b\": 2\n}");
    /* ... also without blanks before what is inside */
    expect_cut("{\n\"a\":[\n{\n}\n]\n}\n{\n\"b\":2\n}\n", S(""), "{\n\"a\":[\n{\n}\n]\n}|{\n\"b\":2\n}");
}

static void a_torn_object_hides_no_other(void **state)
{
    (void)state;
    expect_cut("{\"a\":\n{\"b\":2}\n", S(""), "!|{\"b\":2}");
    expect_cut("{\"a\":{\"x\":[\n{\"b\":2}\n{\"c\":3}", S(""), "!|{\"b\":2}|{\"c\":3}");
    expect_cut("{\"a\":\"torn\n{\"b\":2}\n", S(""), "!|{\"b\":2}");
    expect_cut("torn\"}\n{\"b\":2}\n", S(""), "!|{\"b\":2}");
    expect_cut("[\n  {\n    \"a\": {\n  {\n    \"b\": 2\n  }\n]\n", S(""), "-|!|{\n    \"b\": 2\n  }");
    expect_cut("{\"a\":1}}\n{\"b\":2} x\n{\"c\":3}{\"d\":4}\n", S(""), "!|!|!");
}

static void what_never_closes_costs_its_first_line(void **state)
{
    (void)state;
    expect_cut("{\n  \"a\": 1\n", S(""), "!|!");
}

static void nesting_beyond_the_ceiling_ends_with_its_line(void **state)
{
    (void)state;
    struct buf text = buf_make(4096);
    for (int i = 0; i < 70; i++)
        buf_put(&text, S("{\"a\":"));
    buf_put(&text, S("\n  {\"b\":2}\n"));
    assert_int_equal(event_document_length(buf_slice(&text), S("")), 70 * 5 + 1);
    buf_free(&text);
}

static void what_is_not_all_there_is_no_record_yet(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{\"a\":1", "{\"a\":1}", "{\"a\":\"x", "[", "  ", "garbage"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(event_document_length(slice_of(texts[i]), S("")), 0);
    assert_int_equal(event_document_length(S("{\"a\":1},"), S("")), 8);
    assert_int_equal(event_document_length(S("{\"a\":1}\n"), S("")), 8);
    assert_int_equal(event_document_length(S("\n\n"), S("")), 2);
}

#define ENTRY S("entry")

static void the_elements_of_a_named_list_are_records(void **state)
{
    (void)state;
    expect_cut("{\"t\":\"B\",\"entry\":[{\"r\":1},{\"r\":2}]}\n", ENTRY, "-|{\"r\":1}|{\"r\":2}");
    expect_cut("{\n  \"t\": \"entry\",\n  \"entry\" : [\n    {\"r\": {\"entry\": [7]}}\n  ],\n  \"x\": {\"y\": "
               "[1]}\n}\n{\"r\":2}",
            ENTRY, "-|{\"r\": {\"entry\": [7]}}|{\"r\":2}");
    expect_cut("{\"entry\":[],\"t\":[{}]}\n{\"r\":2}\n", ENTRY, "-|-|{\"r\":2}");
    expect_cut("{\"entry\":[{\"r\":1}],\"t\":[{}]}{\"entry\":[{\"r\":2}]}", ENTRY, "-|{\"r\":1}|-|{\"r\":2}");
    expect_cut("{\"entry\":{\"r\":1}}\n", ENTRY, "{\"entry\":{\"r\":1}}");
}

static void the_first_object_is_found(void **state)
{
    (void)state;
    bool whole;
    assert_true(slice_eq(event_document_first(S("[ {\"a\":1}, {"), S(""), &whole), S("{\"a\":1}")));
    assert_true(whole);
    assert_true(slice_eq(event_document_first(S("torn\n{\"a\":1"), S(""), &whole), S("{\"a\":1")));
    assert_false(whole);
    assert_true(slice_eq(event_document_first(S("{\"entry\":[{\"a\":1}"), ENTRY, &whole), S("{\"a\":1}")));
    assert_true(whole);
    assert_int_equal(event_document_first(S("plain\ntext\n"), S(""), &whole).len, 0);
}

static void a_head_is_enough_when_it_can_be_told_by(void **state)
{
    (void)state;
    assert_true(event_head_is_enough(S("plain\n")));
    assert_true(event_head_is_enough(S("{\"a\":1}\n")));
    assert_false(event_head_is_enough(S("{\"a\":1}")));
    assert_false(event_head_is_enough(S("[\n  {\n")));
    assert_true(event_head_is_enough(S("[\n  {\n  }\n")));
    assert_false(event_head_is_enough(S("[\n")));
    assert_true(event_head_is_enough(S("\n")));
    assert_true(event_head_is_enough(S("[2026-11-20 10:29:58] plain\n")));
    assert_true(event_head_is_enough(S("{torn\n{\"a\":1}\n")));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(objects_on_lines_are_records),
            cmocka_unit_test(an_array_is_a_record_for_each_object),
            cmocka_unit_test(an_object_may_have_many_lines),
            cmocka_unit_test(a_torn_object_hides_no_other),
            cmocka_unit_test(what_never_closes_costs_its_first_line),
            cmocka_unit_test(nesting_beyond_the_ceiling_ends_with_its_line),
            cmocka_unit_test(what_is_not_all_there_is_no_record_yet),
            cmocka_unit_test(the_elements_of_a_named_list_are_records),
            cmocka_unit_test(the_first_object_is_found),
            cmocka_unit_test(a_head_is_enough_when_it_can_be_told_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
