/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LINE(members) "{\"ts\":1763634598.960622,\"uid\":\"C1\"" members "}"

/* Reads one line; the caller closes the input. */
static struct err read_line(struct input *input, const char *line)
{
    assert_int_equal(input_open(input, "zeek", slice_of(line), NULL).kind, ERR_NONE);
    return input_read(input, slice_of(line));
}

static void time_is_seconds_or_text(void **state)
{
    (void)state;
    static struct input input;
    int64_t us;
    assert_true(time_parse(S("2025-11-20T10:29:58.960622Z"), &us));
    assert_int_equal(read_line(&input, LINE("")).kind, ERR_NONE);
    assert_true(input.event.time_us == us);
    input_close(&input);
    assert_int_equal(read_line(&input, "{\"ts\":\"2025-11-20T10:29:58.960622Z\"}").kind, ERR_NONE);
    assert_true(input.event.time_us == us);
    input_close(&input);
}

static void a_key_with_dots_is_one_key(void **state)
{
    (void)state;
    static struct input input;
    struct err err =
            read_line(&input, LINE(",\"id.orig_h\":\"192.0.2.1\",\"id.orig_p\":4711,\"id.resp_h\":\"2001:db8::1\","
                                   "\"id.resp_p\":443,\"id\":{\"orig_h\":\"192.0.2.9\"}"));
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(slice_eq(input.event.source.address, S("192.0.2.1")));
    assert_int_equal(input.event.source.port, 4711);
    assert_true(slice_eq(input.event.destination.address, S("2001:db8::1")));
    assert_int_equal(input.event.destination.port, 443);
    assert_int_equal(input_count(&input, OBSERVABLE_IPV4, "192.0.2.1", "id.orig_h"), 1);
    assert_int_equal(input.event.observable_count, 2);
    input_close(&input);
}

static void icmp_has_no_ports(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_line(&input, LINE(",\"id.orig_h\":\"192.0.2.1\",\"id.orig_p\":3,\"id.resp_h\":\"192.0.2.2\","
                                            "\"id.resp_p\":1,\"proto\":\"icmp\""));
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(input.event.source.port, 0);
    assert_int_equal(input.event.destination.port, 0);
    input_close(&input);
}

/* One field of each log at least. */
static void every_log_yields_what_is_in_it(void **state)
{
    (void)state;
    static const struct {
        const char *members;
        enum observable_type type;
        const char *value, *field;
    } rows[] = {
            {"\"orig_l2_addr\":\"00:00:5e:00:53:01\"", OBSERVABLE_OTHER, "00:00:5e:00:53:01", "orig_l2_addr"},
            {"\"query\":\"evil.example\"", OBSERVABLE_HOST, "evil.example", "query"},
            {"\"answers\":[\"TXT 3 a b\",\"192.0.2.9\"]", OBSERVABLE_IPV4, "192.0.2.9", "answers[]"},
            {"\"host\":\"evil.example\"", OBSERVABLE_HOST, "evil.example", "host"},
            {"\"host\":\"192.0.2.9\"", OBSERVABLE_IPV4, "192.0.2.9", "host"},
            {"\"referrer\":\"http://evil.example/\"", OBSERVABLE_URL, "http://evil.example/", "referrer"},
            {"\"orig_filenames\":[\"a.exe\"]", OBSERVABLE_FILENAME, "a.exe", "orig_filenames[]"},
            {"\"resp_filenames\":[\"a.exe\"]", OBSERVABLE_FILENAME, "a.exe", "resp_filenames[]"},
            {"\"server_name\":\"evil.example\"", OBSERVABLE_HOST, "evil.example", "server_name"},
            {"\"client_subject\":\"CN=evil.example\"", OBSERVABLE_HOST, "evil.example", "client_subject"},
            {"\"issuer_subject\":\"CN=evil.example\"", OBSERVABLE_HOST, "evil.example", "issuer_subject"},
            {"\"ja3\":\"00112233445566778899aabbccddeeff\"", OBSERVABLE_JA3, "00112233445566778899aabbccddeeff", "ja3"},
            {"\"fingerprint\":\"00112233445566778899aabbccddeeff00112233\"", OBSERVABLE_SHA1,
                    "00112233445566778899aabbccddeeff00112233", "fingerprint"},
            {"\"san.dns\":[\"evil.example\"]", OBSERVABLE_HOST, "evil.example", "san.dns[]"},
            {"\"san.email\":[\"a@evil.example\"]", OBSERVABLE_EMAIL, "a@evil.example", "san.email[]"},
            {"\"tx_hosts\":[\"192.0.2.9\"]", OBSERVABLE_IPV4, "192.0.2.9", "tx_hosts[]"},
            {"\"md5\":\"00112233445566778899aabbccddeeff\"", OBSERVABLE_MD5, "00112233445566778899aabbccddeeff", "md5"},
            {"\"mailfrom\":\"<a@evil.example>\"", OBSERVABLE_EMAIL, "a@evil.example", "mailfrom"},
            {"\"rcptto\":[\"a@evil.example\"]", OBSERVABLE_EMAIL, "a@evil.example", "rcptto[]"},
            {"\"first_received\":\"from evil.example by\"", OBSERVABLE_HOST, "evil.example", "first_received"},
            {"\"path\":[\"192.0.2.9\"]", OBSERVABLE_IPV4, "192.0.2.9", "path[]"},
            {"\"path\":\"C:\\\\x\\\\a.exe\"", OBSERVABLE_FILENAME, "a.exe", "path"},
            {"\"prev_name\":\"a.exe\"", OBSERVABLE_FILENAME, "a.exe", "prev_name"},
            {"\"named_pipe\":\"\\\\pipe\\\\x\"", OBSERVABLE_FILENAME, "x", "named_pipe"},
            {"\"arg\":\"ftp://evil.example/a\"", OBSERVABLE_URL, "ftp://evil.example/a", "arg"},
            {"\"data_channel.resp_h\":\"192.0.2.9\"", OBSERVABLE_IPV4, "192.0.2.9", "data_channel.resp_h"},
            {"\"hassh\":\"00112233445566778899aabbccddeeff\"", OBSERVABLE_OTHER, "00112233445566778899aabbccddeeff",
                    "hassh"},
            {"\"server_cert_subject\":\"CN=evil.example\"", OBSERVABLE_HOST, "evil.example", "server_cert_subject"},
            {"\"server_dns_computer_name\":\"pc.evil.example\"", OBSERVABLE_HOST, "pc.evil.example",
                    "server_dns_computer_name"},
            {"\"remote_ip\":\"192.0.2.9\"", OBSERVABLE_IPV4, "192.0.2.9", "remote_ip"},
            {"\"cookie\":\"budi\"", OBSERVABLE_OTHER, "budi", "cookie"},
            {"\"request_from\":\"<sip:a@evil.example>\"", OBSERVABLE_EMAIL, "a@evil.example", "request_from"},
            {"\"request.name\":\"evil.example\"", OBSERVABLE_HOST, "evil.example", "request.name"},
            {"\"assigned_addr\":\"192.0.2.9\"", OBSERVABLE_IPV4, "192.0.2.9", "assigned_addr"},
            {"\"seen.indicator\":\"evil.example\"", OBSERVABLE_HOST, "evil.example", "seen.indicator"},
            {"\"addl\":\"http://evil.example/\"", OBSERVABLE_URL, "http://evil.example/", "addl"},
            {"\"message\":\"from 192.0.2.9\"", OBSERVABLE_IPV4, "192.0.2.9", "message"},
            {"\"event_msg\":\"192.0.2.9: x\"", OBSERVABLE_IPV4, "192.0.2.9", "event_msg"},
    };
    static struct input input;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[512];
        snprintf(line, sizeof(line), LINE(",%s"), rows[i].members);
        assert_int_equal(read_line(&input, line).kind, ERR_NONE);
        assert_int_equal(input_count(&input, rows[i].type, rows[i].value, rows[i].field), 1);
        input_close(&input);
    }
}

static void a_notice_has_a_class(void **state)
{
    (void)state;
    static struct input input;
    struct err err =
            read_line(&input, LINE(",\"note\":\"Scan::Port_Scan\",\"src\":\"192.0.2.1\",\"dst\":\"192.0.2.2\""));
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(slice_eq(input.event.class.taxonomy, S("zeek")));
    assert_true(slice_eq(input.event.class.type, S("Scan::Port_Scan")));
    assert_true(slice_eq(input.event.source.address, S("192.0.2.1")));
    assert_true(slice_eq(input.event.destination.address, S("192.0.2.2")));
    input_close(&input);
}

/* http.log has no port of its own: that of the connection is meant. */
static void the_url_has_the_port_of_the_connection(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_line(&input, LINE(",\"id.resp_p\":8080,\"host\":\"evil.example\",\"uri\":\"/a\""));
    assert_int_equal(err.kind, ERR_NONE);
    const struct observable *url = &input.event.observables[input.event.observable_count - 1];
    assert_int_equal(url->type, OBSERVABLE_URL);
    assert_true(slice_eq(url->value, S("evil.example")));
    assert_int_equal(url->port, 8080);
    assert_int_equal(input.event.destination.port, 8080);
    input_close(&input);
}

static void a_broken_line_is_refused_with_its_place(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(read_line(&input, "{\"ts\":1,").kind, ERR_INPUT);
    assert_int_equal(input.offset, 8);
    input_close(&input);
    assert_int_equal(read_line(&input, "{\"query\":\"a.example\",\"query\":\"b.example\"}").kind, ERR_INPUT);
    input_close(&input);
}

static void recognised_by_its_first_lines(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        int least, most;
    } rows[] = {
            {"{\"ts\":1.5,\"uid\":\"C\",\"id.orig_h\":\"192.0.2.1\"}\n", 100, 100},
            {"{\"_path\":\"pe\",\"ts\":1.5,\"id\":\"F\"}\n", 100, 100},
            {"{\"ts\":1.5,\"fuid\":\"F\"}\n", 50, 99},
            {"torn\"}\n{\"ts\":1.5,\"id.orig_h\":\"192.0.2.1\"}\n", 50, 99},
            {"{\"ts\":1.5,\"level\":\"info\"}\n", 0, 0},
            {"{\"uid\":\"C\",\"id.orig_h\":\"192.0.2.1\"}\n", 0, 0},
            {"{\"ts\":1.5,\"uid\":\"C\"\n", 50, 99}, /* torn */
            {"{\"ts\":1.5,\"ui\n", 0, 0},
            {"#fields\tts\n", 0, 0},
            {"", 0, 0},
    };
    const struct event_format *zeek = event_format_find(S("zeek"));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_in_range(zeek->recognise(slice_of(rows[i].head)), rows[i].least, rows[i].most);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(time_is_seconds_or_text),
            cmocka_unit_test(a_key_with_dots_is_one_key),
            cmocka_unit_test(icmp_has_no_ports),
            cmocka_unit_test(every_log_yields_what_is_in_it),
            cmocka_unit_test(a_notice_has_a_class),
            cmocka_unit_test(the_url_has_the_port_of_the_connection),
            cmocka_unit_test(a_broken_line_is_refused_with_its_place),
            cmocka_unit_test(recognised_by_its_first_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
