/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Reads a whole log up to its record of that number, from 1. */
static struct err read_record(struct input *input, const char *log, int number)
{
    slice rest = slice_of(log), record = S("");
    assert_int_equal(input_open(input, "zeek-tsv", rest, NULL).kind, ERR_NONE);
    for (int i = 0; i < number; i++)
        assert_true(input_next(input, &rest, &record));
    return input_read(input, record);
}

#define HEAD(fields, types)                                                                                            \
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#fields\t" fields "\n#types\t" types \
    "\n"

static void columns_are_found_by_name(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_record(&input,
            HEAD("id.resp_p\tquery\tid.orig_h\tts\tid.orig_p",
                    "port\tstring\taddr\ttime\tport") "53\tevil.example\t192.0.2.1\t1763634598.960622\t-\n",
            1);
    int64_t us;
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(time_parse(S("2025-11-20T10:29:58.960622Z"), &us));
    assert_true(input.event.time_us == us);
    assert_int_equal(input.event.destination.port, 53);
    assert_int_equal(input.event.source.port, 0);
    assert_int_equal(input_count(&input, OBSERVABLE_IPV4, "192.0.2.1", "id.orig_h"), 1);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "evil.example", "query"), 1);
    input_close(&input);
}

static void lists_are_cut_before_escapes_are_resolved(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_record(&input,
            HEAD("ts\tanswers\tresp_filenames", "time\tvector[string]\tset[string]") "1\tevil.example,\\x31\\x39"
                                                                                     "2.0.2.9,-\ta\\x2cb.exe\n",
            1);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "evil.example", "answers[]"), 1);
    assert_int_equal(input_count(&input, OBSERVABLE_IPV4, "192.0.2.9", "answers[]"), 1);
    assert_int_equal(input_count(&input, OBSERVABLE_FILENAME, "a,b.exe", "resp_filenames[]"), 1);
    assert_int_equal(input.event.observable_count, 3);
    input_close(&input);
}

static void what_is_unset_or_empty_says_nothing(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_record(&input,
            "#separator ,\n#set_separator,;\n#empty_field,EMPTY\n#unset_field,NONE\n#fields,ts,filename,answers,share\n"
            "#types,time,string,set[string],string\n1,NONE,EMPTY,x.exe\n",
            1);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_FILENAME, "x.exe", "share"), 1);
    assert_int_equal(input.event.observable_count, 1);
    input_close(&input);
}

static void the_last_fields_line_rules(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_record(&input,
            HEAD("ts\tquery", "time\tstring") "1\ta.example\n#close\t2026\n" HEAD(
                    "query\tts", "string\ttime") "b.example\t2\n",
            2);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "b.example", "query"), 1);
    assert_true(input.event.time_us == 2000000);
    input_close(&input);
}

static void rows_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *log, *why;
    } rows[] = {
            {"1\ta\n", "no #fields line before this one"},
            {"#separator \\x09\n#open\t1\n1\ta\n", "no #fields line before this one"},
            {HEAD("ts\tquery", "time\tstring") "1\n", "1 columns where #fields names 2"},
            {HEAD("ts\tquery", "time\tstring") "1\ta\tb\n", "3 columns where #fields names 2"},
            {"#set_separator\t\n#fields\tts\n1\n", "a #set_separator of other than one byte"},
            {"#separator \\x09\\x09\n#fields\tts\n1\n", "no #fields line before this one"},
    };
    static struct input input;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = read_record(&input, rows[i].log, 1);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.why, rows[i].why);
        input_close(&input);
    }
}

/* A row does not rule: it begins with # only if Zeek did not write it. */
static void the_last_frame_of_a_block_is_found_from_behind(void **state)
{
    (void)state;
    const struct event_format *format = event_format_find(S("zeek-tsv"));
    assert_int_equal(format->frame_last(S("1\ta\n2\tb\n")).len, 0);
    assert_int_equal(format->frame_last(S("#separator x\n#close\n2\tb\n")).len, 0);
    assert_true(slice_eq(format->frame_last(S("1\n#fields\ta\n2\n#separator x\n#fields\tb\n#types\tc\n3\n#close\n4\n")),
            S("#separator x\n#fields\tb\n#types\tc\n")));
    assert_true(slice_eq(format->frame_last(S("#fields\ta\n")), S("#fields\ta\n")));
}

static void a_run_without_end_is_cut(void **state)
{
    (void)state;
    static struct input input;
    struct buf text = buf_make(1u << 20);
    while (text.len < 2 * EVENT_HEAD)
        buf_put(&text, S("#fields\tts\n"));
    assert_int_equal(input_open(&input, "zeek-tsv", buf_slice(&text), NULL).kind, ERR_NONE);
    size_t length = input.reader.format->record(&input.reader, buf_slice(&text));
    assert_in_range(length, EVENT_HEAD, EVENT_HEAD + 11);
    assert_int_equal(text.ptr[length - 1], '\n');
    input_close(&input);
    buf_free(&text);
}

static void recognised_by_its_first_line(void **state)
{
    (void)state;
    const struct event_format *format = event_format_find(S("zeek-tsv"));
    assert_int_equal(format->recognise(S(HEAD("ts", "time"))), 100);
    assert_int_equal(format->recognise(S("#fields\tts\tuid\n")), 100);
    assert_true(format->recognise(S("#separator \\x09\n")) > 50);
    assert_int_equal(format->recognise(S("# a comment\n")), 0);
    assert_int_equal(format->recognise(S("")), 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(columns_are_found_by_name),
            cmocka_unit_test(lists_are_cut_before_escapes_are_resolved),
            cmocka_unit_test(what_is_unset_or_empty_says_nothing),
            cmocka_unit_test(the_last_fields_line_rules),
            cmocka_unit_test(rows_that_do_not_fit_are_refused),
            cmocka_unit_test(the_last_frame_of_a_block_is_found_from_behind),
            cmocka_unit_test(a_run_without_end_is_cut),
            cmocka_unit_test(recognised_by_its_first_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
