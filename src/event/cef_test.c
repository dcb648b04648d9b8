/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HEADER "CEF:0|v|p|1|id|name|5|"

static struct err read_line(struct input *input, const char *line)
{
    return input_read(input, slice_of(line));
}

static void open_ok(struct input *input)
{
    assert_int_equal(input_open(input, "cef", S(""), NULL).kind, ERR_NONE);
}

/* The members of the extension, as decode writes them. */
static void assert_extension(struct input *input, const char *line, const char *extension)
{
    struct buf out = buf_make(1u << 20);
    assert_int_equal(read_line(input, line).kind, ERR_NONE);
    event_write(&input->reader, &input->event, slice_of(line), 1, input->arena, &out);
    slice text = buf_slice(&out);
    size_t at = slice_find_slice(text, S("\"extension\":"));
    assert_true(at < text.len);
    text = slice_from(text, at + strlen("\"extension\":"));
    assert_true(slice_ends(text, S("}}\n")));
    text.len -= 3;
    assert_string_equal(arena_cstr(input->arena, text), extension);
    buf_free(&out);
}

static void a_value_runs_to_the_next_key(void **state)
{
    (void)state;
    static const struct {
        const char *line, *extension;
    } rows[] = {
            {HEADER "act=blocked a | dst=192.0.2.1", "{\"act\":\"blocked a |\",\"dst\":\"192.0.2.1\"}"},
            {HEADER "msg=a\\=b c\\\\d\\ne   cs1=x  ", "{\"msg\":\"a=b c\\\\d\\ne\",\"cs1\":\"x\"}"},
            {HEADER "request=http://a.example/?b=c&d=e f=g", "{\"request\":\"http://a.example/?b=c&d=e\",\"f\":\"g\"}"},
            {HEADER "a= b=c", "{\"a\":\"\",\"b\":\"c\"}"},
            {HEADER "a==b c =d", "{\"a\":\"=b c =d\"}"},
            {HEADER "a=b \\c=d", "{\"a\":\"b \\\\c=d\"}"},
            {HEADER "ad.key[0]=b", "{\"ad.key[0]\":\"b\"}"},
            {HEADER "a=\\", "{\"a\":\"\\\\\"}"},
            {HEADER "no pair at all", "{}"},
            {HEADER "", "{}"},
    };
    static struct input input;
    open_ok(&input);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_extension(&input, rows[i].line, rows[i].extension);
    input_close(&input);
}

static void times_come_in_many_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *line, *time;
    } rows[] = {
            {HEADER "rt=1795170598123", "2026-11-20T10:29:58.123Z"},
            {HEADER "rt=Nov 20 2026 10:29:58", "2026-11-20T10:29:58Z"},
            {HEADER "rt=Nov 20 10:29:58.5", "2026-11-20T10:29:58.5Z"},
            {HEADER "rt=Nov 20 2026 10:29:58.123 UTC", "2026-11-20T10:29:58.123Z"},
            {HEADER "rt=2026-11-20T17:29:58+07:00", "2026-11-20T10:29:58Z"},
            {HEADER "start=Nov 19 2026 10:29:58 deviceReceiptTime=Nov 20 2026 10:29:58", "2026-11-20T10:29:58Z"},
            {HEADER "end=Nov 21 2026 10:29:58 start=Nov 20 2026 10:29:58", "2026-11-20T10:29:58Z"},
            {HEADER "rt=soon end=Nov 20 2026 10:29:58", "2026-11-20T10:29:58Z"},
            {"<13>Nov 20 10:29:58 host " HEADER, "2026-11-20T10:29:58Z"},
            {"<13>1 2026-11-20T10:29:58Z host - - - - " HEADER, "2026-11-20T10:29:58Z"},
            {"Nov 20 10:29:58 host " HEADER "rt=Nov 18 2026 10:00:00", "2026-11-18T10:00:00Z"},
            {HEADER "rt=Nov 20 2026 10:29:58 WIB", NULL}, /* which of the zones of that name? */
            {HEADER "rt=soon", NULL},
    };
    static struct input input;
    open_ok(&input);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t us = TIME_NONE;
        assert_int_equal(read_line(&input, rows[i].line).kind, ERR_NONE);
        assert_true(rows[i].time == NULL || time_parse(slice_of(rows[i].time), &us));
        assert_true(input.event.time_us == us);
    }
    input_close(&input);
}

static void short_and_long_keys_mean_the_same(void **state)
{
    (void)state;
    static struct input input;
    open_ok(&input);
    static const char *const lines[] = {HEADER "src=192.0.2.1 spt=7 dst=192.0.2.2 dpt=8 shost=a.example",
            HEADER "sourceAddress=192.0.2.1 sourcePort=7 destinationAddress=192.0.2.2 destinationPort=8 "
                   "sourceHostName=a.example"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_int_equal(read_line(&input, lines[i]).kind, ERR_NONE);
        assert_true(slice_eq(input.event.source.address, S("192.0.2.1")));
        assert_int_equal(input.event.source.port, 7);
        assert_true(slice_eq(input.event.destination.address, S("192.0.2.2")));
        assert_int_equal(input.event.destination.port, 8);
        assert_int_equal(input.event.observable_count, 3);
    }
    input_close(&input);
}

static void the_sensor_is_the_device_or_whoever_sent_the_syslog(void **state)
{
    (void)state;
    static struct input input;
    open_ok(&input);
    assert_int_equal(read_line(&input, "<13>Nov 20 10:29:58 relay " HEADER "dvchost=gate").kind, ERR_NONE);
    assert_true(slice_eq(input.event.sensor, S("gate")));
    assert_int_equal(read_line(&input, "<13>Nov 20 10:29:58 relay " HEADER "act=x").kind, ERR_NONE);
    assert_true(slice_eq(input.event.sensor, S("relay")));
    input_close(&input);
}

static void a_bad_header_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *line, *why;
        size_t offset;
    } rows[] = {
            {"nothing", "no CEF:0| stands here", 0},
            {"CEF:x|v|p|1|id|name|5|", "no CEF:0| stands here", 0},
            {"<13>CEF:0|v|p", "3 columns of a header that has 7", 4},
            {"CEF:0|v|p|1|id|name", "6 columns of a header that has 7", 0},
            {"CEF:0|v\\|p|1|id|name|5", "6 columns of a header that has 7", 0},
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

/* If each equals sign looked back to the beginning, this would take minutes. */
static void hostile_extensions_are_read_in_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {"a", "=", " =", "a=", " a=", "\\", "CEF:", "a "};
    static struct input input;
    struct buf text = buf_make(8u << 20);
    open_ok(&input);
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        buf_reset(&text);
        buf_put(&text, S(HEADER));
        while (text.len < (2u << 20))
            buf_put(&text, slice_of(pieces[i]));
        assert_int_equal(input_read(&input, buf_slice(&text)).kind, ERR_NONE);
        arena_reset(input.arena);
        input_close(&input);
        open_ok(&input);
    }
    input_close(&input);
    buf_free(&text);
}

static void what_the_syslog_around_it_says_is_kept(void **state)
{
    (void)state;
    static struct input input;
    struct buf out = buf_make(1u << 20);
    slice line =
            S("<13>1 2026-11-20T10:29:58Z gw01 guard 71 ID9 [a b=\"x.example\"] " HEADER "rt=1795170598000 dvchost=fw");
    open_ok(&input);
    assert_int_equal(input_read(&input, line).kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "x.example", "syslog.structured_data"), 1);
    event_write(&input.reader, &input.event, line, 1, input.arena, &out);
    static const char *const told[] = {"\"timestamp\":\"2026-11-20T10:29:58Z\"", "\"hostname\":\"gw01\"",
            "\"facility\":1", "\"app_name\":\"guard\"", "\"proc_id\":\"71\"", "\"msg_id\":\"ID9\""};
    for (size_t i = 0; i < COUNT_OF(told); i++)
        assert_true(slice_find_slice(buf_slice(&out), slice_of(told[i])) < out.len);
    input_close(&input);
    buf_free(&out);
}

int main(void)
{
    int64_t now_us;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (!time_parse(S("2026-11-21T12:00:00Z"), &now_us))
        return 1;
    clock_set(now_us);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_value_runs_to_the_next_key),
            cmocka_unit_test(times_come_in_many_spellings),
            cmocka_unit_test(short_and_long_keys_mean_the_same),
            cmocka_unit_test(the_sensor_is_the_device_or_whoever_sent_the_syslog),
            cmocka_unit_test(a_bad_header_is_told_with_its_place),
            cmocka_unit_test(hostile_extensions_are_read_in_linear_time),
            cmocka_unit_test(what_the_syslog_around_it_says_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
