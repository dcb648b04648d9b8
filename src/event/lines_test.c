/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_time_at_the_beginning_is_the_time(void **state)
{
    (void)state;
    static const struct {
        const char *line, *time;
    } rows[] = {
            {"2026-11-20T10:29:58Z text", "2026-11-20T10:29:58Z"},
            {"2026-11-20T17:29:58.25+07:00 text", "2026-11-20T10:29:58.25Z"},
            {"2026-11-20 10:29:58,123: text", "2026-11-20T10:29:58.123Z"},
            {"[2026-11-20 10:29:58] text", "2026-11-20T10:29:58Z"},
            {"2026-11-20 17:29:58 +0700 text", "2026-11-20T10:29:58Z"},
            {"2026-11-20 10:29:58", "2026-11-20T10:29:58Z"},
            {"text 2026-11-20 10:29:58", NULL},
            {"2026-11-20 text", NULL},
            {"2026-11-20", NULL},
            {"2026-13-20 10:29:58 text", NULL},
            {"----------T", NULL},
            {"1763634598 text", NULL},
            {"[", NULL},
            {"", NULL},
    };
    static struct input input;
    assert_int_equal(input_open(&input, "lines", S(""), NULL).kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t us = TIME_NONE;
        assert_int_equal(input_read(&input, slice_of(rows[i].line)).kind, ERR_NONE);
        assert_true(rows[i].time == NULL || time_parse(slice_of(rows[i].time), &us));
        assert_true(input.event.time_us == us);
    }
    input_close(&input);
}

static void observables_are_found_in_the_text(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(input_open(&input, "lines", S(""), NULL).kind, ERR_NONE);
    assert_int_equal(input_read(&input, S("deny 192.0.2.1 -> evil[.]example\r")).kind, ERR_NONE);
    assert_int_equal(input.event.observable_count, 2);
    assert_int_equal(input_count(&input, OBSERVABLE_IPV4, "192.0.2.1", "line"), 1);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "evil.example", "line"), 1);
    input_close(&input);
}

static void a_nul_byte_is_no_text(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(input_open(&input, "lines", S(""), NULL).kind, ERR_NONE);
    assert_int_equal(input_read(&input, S("ab\0cd")).kind, ERR_INPUT);
    assert_int_equal(input.offset, 2);
    input_close(&input);
}

static void bytes_that_are_not_utf8_do_not_spoil_the_line(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(input_open(&input, "lines", S(""), NULL).kind, ERR_NONE);
    assert_int_equal(input_read(&input, S("\xFF 192.0.2.1 http://evil.example/\xFF")).kind, ERR_NONE);
    assert_int_equal(input.event.observable_count, 1);
    input_close(&input);
}

static void a_record_is_a_line(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(input_open(&input, "lines", S(""), NULL).kind, ERR_NONE);
    assert_int_equal(input.reader.format->record(&input.reader, S("a \"b\nc\n")), 5);
    assert_int_equal(input.reader.format->record(&input.reader, S("abc")), 0);
    assert_int_equal(input.reader.format->record(&input.reader, S("")), 0);
    input_close(&input);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_time_at_the_beginning_is_the_time),
            cmocka_unit_test(observables_are_found_in_the_text),
            cmocka_unit_test(a_nul_byte_is_no_text),
            cmocka_unit_test(bytes_that_are_not_utf8_do_not_spoil_the_line),
            cmocka_unit_test(a_record_is_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
