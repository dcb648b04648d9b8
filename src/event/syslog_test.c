/* SPDX-License-Identifier: Apache-2.0 */
#include "event/syslog.h"

#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct err parse(slice record, struct arena *arena, struct syslog *message, size_t *offset)
{
    *offset = 0;
    return syslog_parse(record, clock_now_us(), arena, message, offset);
}

static void rfc_5424_is_read_strictly_and_each_refusal_names_its_section(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
        size_t offset;
    } rows[] = {
            {"<192>1 - - - - - -", "not a priority: <0> to <191> [RFC 5424 section 6.2.1]", 1},
            {"<01>1 - - - - - -", "not a priority: <0> to <191> [RFC 5424 section 6.2.1]", 1},
            {"<>1 - - - - - -", "not a priority: <0> to <191> [RFC 5424 section 6.2.1]", 1},
            {"<1 - - - - - -", "not a priority: <0> to <191> [RFC 5424 section 6.2.1]", 2},
            {"<1>0 - - - - - -", "not a version [RFC 5424 section 6.2.2]", 3},
            {"<1>1000 - - - - - -", "not a version [RFC 5424 section 6.2.2]", 3},
            {"<1>1", "a blank must stand here [RFC 5424 section 6]", 4},
            {"<1>1 2026-11-20t10:29:58Z - - - - -", "not a time [RFC 5424 section 6.2.3]", 5},
            {"<1>1 2026-11-20T10:29:58z - - - - -", "not a time [RFC 5424 section 6.2.3]", 5},
            {"<1>1 2026-11-20T10:29:60Z - - - - -", "not a time [RFC 5424 section 6.2.3]", 5},
            {"<1>1 2026-11-20T10:29:58.1234567Z - - - - -", "not a time [RFC 5424 section 6.2.3]", 5},
            {"<1>1 2026-11-20T10:29:58 - - - - -", "not a time [RFC 5424 section 6.2.3]", 5},
            {"<1>1 -  - - - - -", "no host name, or one beyond 255 bytes [RFC 5424 section 6.2.4]", 7},
            {"<1>1 - - 0123456789012345678901234567890123456789012345678 - - -",
                    "no APP-NAME, or one beyond 48 bytes [RFC 5424 section 6.2.5]", 9},
            {"<1>1 - - -  - -", "no PROCID, or one beyond 128 bytes [RFC 5424 section 6.2.6]", 11},
            {"<1>1 - - - - 012345678901234567890123456789012 -",
                    "no MSGID, or one beyond 32 bytes [RFC 5424 section 6.2.7]", 13},
            {"<1>1 - - - - - x", "neither structured data nor - [RFC 5424 section 6.3]", 15},
            {"<1>1 - - - - - []", "no name of an element, or one beyond 32 bytes [RFC 5424 section 6.3.2]", 16},
            {"<1>1 - - - - - [a][b][a]", "two elements have one name [RFC 5424 section 6.3.2]", 24},
            {"<1>1 - - - - - [a =\"\"]", "no name of a parameter, or one beyond 32 bytes [RFC 5424 section 6.3.3]", 18},
            {"<1>1 - - - - - [a b]", "=\" must stand behind the name of a parameter [RFC 5424 section 6.3.3]", 19},
            {"<1>1 - - - - - [a b=\"]\"]", "a parameter's value has no end [RFC 5424 section 6.3.3]", 21},
            {"<1>1 - - - - - [a b=\"c", "a parameter's value has no end [RFC 5424 section 6.3.3]", 22},
            {"<1>1 - - - - - [a", "an element has no end [RFC 5424 section 6.3.1]", 17},
            {"<1>1 - - - - - -x", "a blank must stand here [RFC 5424 section 6]", 16},
    };
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct syslog message;
        size_t offset;
        struct err err = parse(slice_of(rows[i].text), arena, &message, &offset);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.why, rows[i].why);
        assert_int_equal(offset, rows[i].offset);
    }
    arena_close(arena);
}

static void parts_of_a_message_are_what_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *app, *process, *message;
    } rows[] = {
            {"<13>1 - h a p m -", "h", "a", "p", ""},
            {"<13>1 - - - - - - ", "", "", "", ""},
            {"<13>1 - - - - - - \xEF\xBB\xBFtext", "", "", "", "text"},
            {"<13>1 - - - - - [a] [b]", "", "", "", "[b]"},
            {"<13>Nov 20 10:29:58 h a[7]: text", "h", "a", "7", "text"},
            {"<13>Nov 20 10:29:58 h a: text", "h", "a", "", "text"},
            {"<13>Nov 20 10:29:58 h no tag", "h", "", "", "no tag"},
            {"<13>Nov 20 10:29:58 a[7]: text", "", "a", "7", "text"},
            {"Nov 20 10:29:58 h a: text", "h", "a", "", "text"},
            {"2026-11-20T10:29:58.123456+07:00 h a: text", "h", "a", "", "text"},
            {"<13>2026-11-20T10:29:58Z h a: text", "h", "a", "", "text"},
            {"<13>anything", "", "", "", "anything"},
            {"<13>", "", "", "", ""},
            {"<13>Nov 20 10:29:58", "", "", "", ""},
            {"<13>Nov 20 10:29:58: %FACILITY-5-NAME: text", "", "%FACILITY-5-NAME", "", "text"},
    };
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct syslog message;
        size_t offset;
        assert_int_equal(parse(slice_of(rows[i].text), arena, &message, &offset).kind, ERR_NONE);
        assert_true(slice_eq(message.host, slice_of(rows[i].host)));
        assert_true(slice_eq(message.app, slice_of(rows[i].app)));
        assert_true(slice_eq(message.process, slice_of(rows[i].process)));
        assert_true(slice_eq(message.message, slice_of(rows[i].message)));
    }
    arena_close(arena);
}

static void parameters_come_one_after_another(void **state)
{
    (void)state;
    static const struct {
        const char *element, *name, *value;
    } rows[] = {{"a", "x", "1"}, {"a", "y", "\\]"}, {"b", "", ""}, {"c", "x", ""}};
    slice rest = S("[a x=\"1\" y=\"\\]\"][b][c x=\"\"]"), element = {NULL, 0};
    struct syslog_parameter parameter;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(syslog_parameter_next(&rest, &element, &parameter));
        assert_true(slice_eq(parameter.element, slice_of(rows[i].element)));
        assert_true(slice_eq(parameter.name, slice_of(rows[i].name)));
        assert_true(slice_eq(parameter.value, slice_of(rows[i].value)));
    }
    assert_false(syslog_parameter_next(&rest, &element, &parameter));
}

static void a_record_ends_at_its_newline_or_where_its_octets_do(void **state)
{
    (void)state;
    static const struct {
        const char *block;
        size_t length;
    } rows[] = {
            {"<13>a\n<13>b\n", 6},
            {"5 <13>a<13>b\n", 7},
            {"6 <13>a\n7 <13>", 8},
            {"5 <13>", 0},
            {"5 <", 0},
            {"5 ", 0},
            {"5", 0},
            {"", 0},
            {"<13>a", 0},
            {"0 <13>a\n", 8},         /* no count begins so */
            {"99999999 <13>a\n", 15}, /* nor is it that long */
            {"9999999 <13>a\n", 14},  /* nor counts it more than a message may have */
            {"5 a\n", 4},
    };
    static struct input input;
    assert_int_equal(input_open(&input, "syslog", S(""), NULL).kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(input.reader.format->record(&input.reader, slice_of(rows[i].block)), rows[i].length);
    input_close(&input);
}

static void a_count_that_is_not_met_is_told(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(input_open(&input, "syslog", S(""), NULL).kind, ERR_NONE);
    struct err err = input_read(&input, S("50 <13>1 - - - - - -"));
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.why, "the octet count says 50 and 17 are there [RFC 6587 section 3.4.1]");
    assert_int_equal(input_read(&input, S("17 <13>1 - - - - - -")).kind, ERR_NONE);
    assert_int_equal(input_read(&input, S("18 <13>1 - - - - - -")).kind, ERR_NONE); /* its newline was taken off */
    input_close(&input);
}

static void the_number_that_a_router_gives_is_no_version(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(input_open(&input, "syslog", S(""), NULL).kind, ERR_NONE);
    assert_int_equal(input_read(&input, S("<189>12345: *Nov 20 10:29:58.1: %A-5-B: from 192.0.2.7")).kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_IPV4, "192.0.2.7", "message"), 1);
    input_close(&input);
}

static void elements_have_a_ceiling(void **state)
{
    (void)state;
    static struct input input;
    struct buf text = buf_make(1u << 20);
    buf_put(&text, S("<13>1 - - - - - "));
    for (int i = 0; i < 300; i++)
        buf_printf(&text, "[e%d]", i);
    assert_int_equal(input_open(&input, "syslog", S(""), NULL).kind, ERR_NONE);
    struct err err = input_read(&input, buf_slice(&text));
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.why, "more than 256 elements of structured data");
    input_close(&input);
    buf_free(&text);
}

static void recognised_by_a_priority_or_by_date_host_and_tag(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        bool sure;
    } rows[] = {
            {"<13>1 - - - - - -\n", true},
            {"17 <13>1 - - - - - -", true},
            {"<13>Nov 20 10:29:58 h text\n", true},
            {"Nov 20 10:29:58 h a[7]: text\n", true},
            {"rest of a line\nNov 20 10:29:58 h a: text\n", true},
            {"Nov 20 10:29:58 only a date\n", false},
            {"2026-11-20T10:29:58Z a[7]: text\n", false},
            {"<html>\n", false},
            {"", false},
    };
    const struct event_format *syslog = event_format_find(S("syslog"));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(syslog->recognise(slice_of(rows[i].head)) >= 60, rows[i].sure);
}

int main(void)
{
    int64_t now_us;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (!time_parse(S("2026-11-21T12:00:00Z"), &now_us))
        return 1;
    clock_set(now_us);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(rfc_5424_is_read_strictly_and_each_refusal_names_its_section),
            cmocka_unit_test(parts_of_a_message_are_what_they_are),
            cmocka_unit_test(parameters_come_one_after_another),
            cmocka_unit_test(a_record_ends_at_its_newline_or_where_its_octets_do),
            cmocka_unit_test(a_count_that_is_not_met_is_told),
            cmocka_unit_test(the_number_that_a_router_gives_is_no_version),
            cmocka_unit_test(elements_have_a_ceiling),
            cmocka_unit_test(recognised_by_a_priority_or_by_date_host_and_tag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
