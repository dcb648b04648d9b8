/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HEADER "type,value,first,last,count,constituent\n"

static void open_ok(struct input *input)
{
    assert_int_equal(input_open(input, "summary", S(HEADER), NULL).kind, ERR_NONE);
}

static void the_type_says_what_the_value_is(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        enum observable_type type;
        const char *value;
    } rows[] = {
            {"ipv4,192.0.2.1,,,,", OBSERVABLE_IPV4, "192.0.2.1"},
            {"ipv6,2001:db8::1,,,,", OBSERVABLE_IPV6, "2001:db8::1"},
            {"host,a.example,,,,", OBSERVABLE_HOST, "a.example"},
            {"Domain,a[.]example,,,,", OBSERVABLE_HOST, "a.example"},
            {"url,hxxp://a.example/b,,,,", OBSERVABLE_URL, "http://a.example/b"},
            {"md5,0123456789abcdef0123456789abcdef,,,,", OBSERVABLE_MD5, "0123456789abcdef0123456789abcdef"},
            {"ja3,0123456789abcdef0123456789abcdef,,,,", OBSERVABLE_JA3, "0123456789abcdef0123456789abcdef"},
            {"email,a@b.example,,,,", OBSERVABLE_EMAIL, "a@b.example"},
            {"filename,\"a,b.exe\",,,,", OBSERVABLE_FILENAME, "a,b.exe"},
            {"filename,a[.]exe,,,,", OBSERVABLE_FILENAME, "a[.]exe"},
            {"useragent,c,,,,", OBSERVABLE_USERAGENT, "c"},
            {"mutex,c,,,,", OBSERVABLE_OTHER, "c"},
    };
    static struct input input;
    open_ok(&input);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(input_read(&input, slice_of(rows[i].row)).kind, ERR_NONE);
        assert_int_equal(input_count(&input, rows[i].type, rows[i].value, "value"), 1);
    }
    input_close(&input);
}

static void the_time_is_the_last_and_the_sensor_the_constituent(void **state)
{
    (void)state;
    static const struct {
        const char *row, *time;
    } rows[] = {
            {"ipv4,192.0.2.1,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,3,a", "2026-11-02T00:00:00Z"},
            {"ipv4,192.0.2.1,2026-11-01T00:00:00Z,,3,a", "2026-11-01T00:00:00Z"},
            {"ipv4,192.0.2.1,2026-11-01,2026-11-03,3,a", "2026-11-03T00:00:00Z"},
            {"ipv4,192.0.2.1,,,3,a", NULL},
    };
    static struct input input;
    open_ok(&input);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t us = TIME_NONE;
        assert_int_equal(input_read(&input, slice_of(rows[i].row)).kind, ERR_NONE);
        assert_true(rows[i].time == NULL || time_parse(slice_of(rows[i].time), &us));
        assert_true(input.event.time_us == us);
        assert_true(slice_eq(input.event.sensor, S("a")));
    }
    input_close(&input);
}

static void rows_that_cannot_be_say_why(void **state)
{
    (void)state;
    static const struct {
        const char *row, *why;
        size_t offset;
    } rows[] = {
            {"cidr,192.0.2.0/24,,,,", "column 1 (type): not a type of observable", 0},
            {"ipv4,,,,,", "column 2 (value): no value", 5},
            {"ipv4,192.0.2.1,never,,,", "column 3 (first): not a time", 15},
            {"ipv4,192.0.2.1,,2026-13-01,,", "column 4 (last): not a time", 16},
            {"ipv4,192.0.2.1,,,-1,", "column 5 (count): not a number", 17},
            {"ipv4,192.0.2.1", "not six columns: type,value,first,last,count,constituent", 14},
            {"ipv4,192.0.2.1,,,,,", "not six columns: type,value,first,last,count,constituent", 19},
            {"ipv4,\"a\"b,,,,", "column 2: text behind a closing quote", 8},
    };
    static struct input input;
    open_ok(&input);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = input_read(&input, slice_of(rows[i].row));
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.why, rows[i].why);
        assert_int_equal(input.offset, rows[i].offset);
    }
    assert_int_equal(input_read(&input, S("ipv4,300.0.2.1,,,,")).kind, ERR_INPUT);
    assert_int_equal(input_read(&input, S("sha1,0123,,,,")).kind, ERR_INPUT);
    input_close(&input);
}

static void only_its_own_header_is_a_summary(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        bool is;
    } rows[] = {
            {HEADER, true},
            {"Type;Value;First;Last;Count;Constituent\r\n", true},
            {"\xEF\xBB\xBF" HEADER, true},
            {"value,type,first,last,count,constituent\n", false},
            {"type,value,first,last,count\n", false},
            {"type,value,first,last,count,constituent,more\n", false},
            {"", false},
    };
    static struct input input;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(event_format_find(S("summary"))->recognise(slice_of(rows[i].head)) > 0, rows[i].is);
        assert_int_equal(input_open(&input, "summary", slice_of(rows[i].head), NULL).kind == ERR_NONE, rows[i].is);
        input_close(&input);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_type_says_what_the_value_is),
            cmocka_unit_test(the_time_is_the_last_and_the_sensor_the_constituent),
            cmocka_unit_test(rows_that_cannot_be_say_why),
            cmocka_unit_test(only_its_own_header_is_a_summary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
