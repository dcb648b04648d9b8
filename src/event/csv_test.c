/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void open_ok(struct input *input, const char *head, const char *map)
{
    assert_int_equal(input_open(input, "csv", slice_of(head), map).kind, ERR_NONE);
}

static struct err read_row(struct input *input, const char *row)
{
    return input_read(input, slice_of(row));
}

static void columns_mean_what_their_names_say(void **state)
{
    (void)state;
    static struct input input;
    open_ok(&input, "Timestamp,source.ip,Source Port,dst-ip,classification.type,malware.hash.md5,asn\n", NULL);
    struct err err = read_row(&input, "2026-11-20 10:29:58,192.0.2.1,4711,198.51.100.1,phishing,"
                                      "0123456789abcdef0123456789abcdef,64500");
    assert_int_equal(err.kind, ERR_NONE);
    int64_t us;
    assert_true(time_parse(S("2026-11-20T10:29:58Z"), &us));
    assert_true(input.event.time_us == us);
    assert_true(slice_eq(input.event.source.address, S("192.0.2.1")));
    assert_int_equal(input.event.source.port, 4711);
    assert_true(slice_eq(input.event.class.type, S("phishing")));
    assert_int_equal(input_count(&input, OBSERVABLE_IPV4, "198.51.100.1", "dst-ip"), 1);
    assert_int_equal(input_count(&input, OBSERVABLE_MD5, "0123456789abcdef0123456789abcdef", "malware.hash.md5"), 1);
    assert_int_equal(input.event.observable_count, 3);
    input_close(&input);
}

static void the_separator_is_the_one_that_makes_sense_of_the_header(void **state)
{
    (void)state;
    static const struct {
        const char *head, *row;
    } rows[] = {
            {"ip,note\n", "192.0.2.1,a;b|c"},
            {"ip;note, longer, with commas\n", "192.0.2.1;a,b"},
            {"ip\tnote\n", "192.0.2.1\ta,b"},
            {"ip|note\r\n", "192.0.2.1|a,b\r"},
            {"\"ip\",\"note\"\n", "\"192.0.2.1\",\"a,b\""},
            {"\xEF\xBB\xBFip,note\n", "192.0.2.1,a"},
            {"ip\n", "192.0.2.1"},
    };
    static struct input input;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        open_ok(&input, rows[i].head, NULL);
        assert_int_equal(read_row(&input, rows[i].row).kind, ERR_NONE);
        assert_int_equal(input_count(&input, OBSERVABLE_IPV4, "192.0.2.1", "ip"), 1);
        assert_true(slice_eq(input.reader.header, slice_of(rows[i].head)));
        input_close(&input);
    }
}

static void quoted_fields_hold_separators_quotes_and_newlines(void **state)
{
    (void)state;
    static struct input input;
    open_ok(&input, "user_agent,host\n", NULL);
    assert_int_equal(read_row(&input, "\"a \"\"b\"\",\n\"\"\"\"c\",evil.example").kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_USERAGENT, "a \"b\",\n\"\"c", "user_agent"), 1);
    assert_int_equal(read_row(&input, "a \"b\",evil.example").kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_USERAGENT, "a \"b\"", "user_agent"), 1);
    assert_int_equal(read_row(&input, "\"\",\"evil.example\"\r").kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "evil.example", "host"), 1);
    input_close(&input);
}

static void bad_rows_say_what_is_wrong_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *row, *why;
        size_t offset;
    } rows[] = {
            {"192.0.2.1", "1 columns where the header has 3", 9},
            {"192.0.2.1,a,b,c,d", "5 columns where the header has 3", 14},
            {"192.0.2.1,\"a\"b,c", "column 2: text behind a closing quote", 13},
            {"192.0.2.1,a,\"b", "column 3: a quoted field has no end (within 64 KiB)", 12},
            {"", "1 columns where the header has 3", 0},
    };
    static struct input input;
    open_ok(&input, "ip,host,note\n", NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = read_row(&input, rows[i].row);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.why, rows[i].why);
        assert_int_equal(input.offset, rows[i].offset);
    }
    input_close(&input);
}

static void a_mapping_names_columns_that_we_do_not_know(void **state)
{
    (void)state;
    static struct input input;
    open_ok(&input, "when,who,what,ip\n", "# ours\nwhen = time\nWho= source\n\n what =mutex\r\nip = ignore\n");
    assert_int_equal(read_row(&input, "1763634598,192.0.2.1,Global\\a,192.0.2.2").kind, ERR_NONE);
    assert_true(input.event.time_us == INT64_C(1763634598000000));
    assert_true(slice_eq(input.event.source.address, S("192.0.2.1")));
    assert_int_equal(input_count(&input, OBSERVABLE_OTHER, "Global\\a", "what"), 1);
    assert_int_equal(input.event.observable_count, 2);
    input_close(&input);
}

static void a_bad_mapping_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *map, *why;
    } rows[] = {
            {"ip = source\nhost = adress\n", "test.map:2: unknown word \"adress\""},
            {"# c\n\nhots = host", "test.map:3: the header has no column \"hots\""},
            {"host\n", "test.map:1: no \"column = word\": \"host\""},
    };
    static struct input input;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = input_open(&input, "csv", S("ip,host\n"), rows[i].map);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.why, rows[i].why);
        input_close(&input);
    }
}

static void a_header_that_says_nothing_is_refused(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(input_open(&input, "csv", S("alpha,beta\n1,2\n"), NULL).kind, ERR_INPUT);
    input_close(&input);
    assert_int_equal(input_open(&input, "csv", S("\n"), NULL).kind, ERR_INPUT);
    input_close(&input);
    struct err err = input_open(&input, "csv", S("ip,\"host\n"), NULL);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.why, "line 1, column 2: a quoted field has no end (within 64 KiB)");
    input_close(&input);
}

static void headers_have_a_ceiling(void **state)
{
    (void)state;
    static struct input input;
    struct buf head = buf_make(1u << 20);
    buf_put(&head, S("ip"));
    for (int i = 0; i < 5000; i++)
        buf_put(&head, S(",a"));
    buf_byte(&head, '\n');
    assert_int_equal(input_open(&input, "csv", buf_slice(&head), NULL).kind, ERR_INPUT);
    input_close(&input);
    buf_reset(&head);
    while (head.len < EVENT_HEAD)
        buf_put(&head, S("ip,,,,,,"));
    assert_int_equal(input_open(&input, "csv", buf_slice(&head), NULL).kind, ERR_LIMIT);
    input_close(&input);
    buf_free(&head);
}

static void columns_of_one_name_can_be_told_apart(void **state)
{
    (void)state;
    static struct input input;
    open_ok(&input, "host,ip,host,,host\n", NULL);
    assert_int_equal(read_row(&input, "a.example,,b.example,,c.example").kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "a.example", "host"), 1);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "b.example", "host#3"), 1);
    assert_int_equal(input_count(&input, OBSERVABLE_HOST, "c.example", "host#5"), 1);
    input_close(&input);
}

static void a_record_ends_at_its_newline_outside_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *block;
        size_t length;
    } rows[] = {
            {"a,b\nc", 4},
            {"a,b", 0},
            {"\"a\nb\",c\nd\n", 8},
            {"a,\"b\nc\"\r\nd\n", 9},
            {"a,\"b\"\"\nc\"\nd\n", 10},
            {"a,b\"c\nd\n", 6},
            {"\"a\nb\"", 0},
            {"\"a\nb\",", 0},
            {"\"a\nb\",c", 0},
            {"\"a\nb", 0},
            {"\"a\"x,\"\nb\n", 7},
            {"\"a\nb\"x\nc\n", 3},
            {"\n", 1},
            {"", 0},
    };
    static struct input input;
    open_ok(&input, "ip,host\n", NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(input.reader.format->record(&input.reader, slice_of(rows[i].block)), rows[i].length);
    input_close(&input);
}

static void a_quote_that_is_never_closed_costs_one_line(void **state)
{
    (void)state;
    static struct input input;
    struct buf text = buf_make(1u << 20);
    buf_put(&text, S("\"192.0.2.1,x\n"));
    for (int i = 0; i < 10000; i++)
        buf_put(&text, S("192.0.2.2,y\n"));
    buf_put(&text, S("\"192.0.2.3,never closed\n192.0.2.4,z"));
    open_ok(&input, "ip,note\n", NULL);
    slice rest = buf_slice(&text), record;
    size_t good = 0, bad = 0;
    while (input_next(&input, &rest, &record))
        *(input_read(&input, record).kind == ERR_NONE ? &good : &bad) += 1;
    assert_int_equal(bad, 2);
    assert_int_equal(good, 10001);
    buf_free(&text);
    input_close(&input);
}

/* If a bad record cost one line and all that was read ahead were read again, these would take minutes. */
static void hostile_quoting_is_read_in_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {
            "x\",\"x\n", "\"\n", "\"\"\"\n", "\"\"\n", "a,\"\"\",\n", "\"a\n\",", "\"a\nb\"c,\"\n"};
    static struct input input;
    struct buf text = buf_make(8u << 20);
    open_ok(&input, "ip,note\n", NULL);
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        buf_reset(&text);
        while (text.len < (2u << 20))
            buf_put(&text, slice_of(pieces[i]));
        slice rest = buf_slice(&text), record;
        size_t bytes = 0;
        while (input_next(&input, &rest, &record))
            bytes += record.len;
        assert_true(bytes <= text.len && bytes > text.len / 4);
    }
    buf_free(&text);
    input_close(&input);
}

static void recognised_by_the_names_of_its_columns(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        bool sure;
    } rows[] = {
            {"timestamp,ip\n", true},
            {"foo;md5\n", true},
            {"alpha,beta\n", false},
            {"ip\n", false},
            {"{\"ip\":1,\"host\":2}\n", false},
            {"", false},
    };
    const struct event_format *csv = event_format_find(S("csv"));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(csv->recognise(slice_of(rows[i].head)) > 1, rows[i].sure);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(columns_mean_what_their_names_say),
            cmocka_unit_test(the_separator_is_the_one_that_makes_sense_of_the_header),
            cmocka_unit_test(quoted_fields_hold_separators_quotes_and_newlines),
            cmocka_unit_test(bad_rows_say_what_is_wrong_and_where),
            cmocka_unit_test(a_mapping_names_columns_that_we_do_not_know),
            cmocka_unit_test(a_bad_mapping_is_refused_with_its_line),
            cmocka_unit_test(a_header_that_says_nothing_is_refused),
            cmocka_unit_test(headers_have_a_ceiling),
            cmocka_unit_test(columns_of_one_name_can_be_told_apart),
            cmocka_unit_test(a_record_ends_at_its_newline_outside_quotes),
            cmocka_unit_test(a_quote_that_is_never_closed_costs_one_line),
            cmocka_unit_test(hostile_quoting_is_read_in_linear_time),
            cmocka_unit_test(recognised_by_the_names_of_its_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
