/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LINE(members) "{\"timestamp\":\"2026-11-20T10:29:58.960622+0000\",\"event_type\":\"sample\"," members "}"

/* Reads one line; the caller closes the input. */
static struct err read_line(struct input *input, const char *line)
{
    assert_int_equal(input_open(input, "eve", slice_of(line), NULL).kind, ERR_NONE);
    return input_read(input, slice_of(line));
}

static void ends_time_and_sensor_are_those_of_the_top_level(void **state)
{
    (void)state;
    static struct input input;
    struct err err =
            read_line(&input, LINE("\"src_ip\":\"192.0.2.1\",\"src_port\":4711,\"dest_ip\":\"2001:db8::1\","
                                   "\"dest_port\":443,\"host\":\"sensor-1\",\"flow\":{\"src_ip\":\"192.0.2.9\"}"));
    assert_int_equal(err.kind, ERR_NONE);
    int64_t us;
    assert_true(time_parse(S("2026-11-20T10:29:58.960622Z"), &us));
    assert_true(input.event.time_us == us);
    assert_true(slice_eq(input.event.source.address, S("192.0.2.1")));
    assert_int_equal(input.event.source.port, 4711);
    assert_true(slice_eq(input.event.destination.address, S("2001:db8::1")));
    assert_int_equal(input.event.destination.port, 443);
    assert_true(slice_eq(input.event.sensor, S("sensor-1")));
    assert_int_equal(input.event.observable_count, 2);
    input_close(&input);
}

static void only_an_alert_has_a_class(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_line(&input, LINE("\"alert\":{\"signature_id\":9000001,\"category\":\"Sample category\"}"));
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(slice_eq(input.event.class.taxonomy, S("suricata")));
    assert_true(slice_eq(input.event.class.type, S("Sample category")));
    assert_true(slice_eq(input.event.class.identifier, S("9000001")));
    input_close(&input);
    err = read_line(&input, LINE("\"dns\":{\"rrname\":\"evil.example\"}"));
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(input.event.class.taxonomy.len, 0);
    input_close(&input);
}

static void every_field_is_found_under_its_path(void **state)
{
    (void)state;
    static const struct {
        const char *members;
        enum observable_type type;
        const char *value, *field;
    } rows[] = {
            {"\"dns\":{\"rdata\":\"evil.example\"}", OBSERVABLE_HOST, "evil.example", "dns.rdata"},
            {"\"dns\":{\"answers\":[{\"rdata\":\"192.0.2.1\"}]}", OBSERVABLE_IPV4, "192.0.2.1", "dns.answers[].rdata"},
            {"\"dns\":{\"grouped\":{\"MX\":[\"mx.evil.example\"]}}", OBSERVABLE_HOST, "mx.evil.example",
                    "dns.grouped.MX[]"},
            {"\"dns\":{\"grouped\":{\"SRV\":[{\"name\":\"srv.evil.example\"}]}}", OBSERVABLE_HOST, "srv.evil.example",
                    "dns.grouped.SRV[].name"},
            {"\"dns\":{\"queries\":[{\"rrname\":\"a.example\"},{\"rrname\":\"b.example\"}]}", OBSERVABLE_HOST,
                    "b.example", "dns.queries[].rrname"},
            {"\"dns\":{\"query\":[{\"rrname\":\"evil.example\"}]}", OBSERVABLE_HOST, "evil.example",
                    "dns.query[].rrname"},
            {"\"dns\":{\"answer\":{\"answers\":[{\"rdata\":\"evil.example\"}]}}", OBSERVABLE_HOST, "evil.example",
                    "dns.answer.answers[].rdata"},
            {"\"mdns\":{\"answers\":[{\"rrname\":\"evil.example\"}]}", OBSERVABLE_HOST, "evil.example",
                    "mdns.answers[].rrname"},
            {"\"http\":{\"hostname\":\"evil.example:8080\"}", OBSERVABLE_HOST, "evil.example", "http.hostname"},
            {"\"http\":{\"xff\":\"198.51.100.1, 192.0.2.1\"}", OBSERVABLE_IPV4, "198.51.100.1", "http.xff"},
            {"\"http\":{\"redirect\":\"http://evil.example/a\"}", OBSERVABLE_URL, "http://evil.example/a",
                    "http.redirect"},
            {"\"tls\":{\"subject\":\"O=x, CN=evil.example\"}", OBSERVABLE_HOST, "evil.example", "tls.subject"},
            {"\"tls\":{\"subjectaltname\":[\"a.example\",\"evil.example\"]}", OBSERVABLE_HOST, "evil.example",
                    "tls.subjectaltname[]"},
            {"\"quic\":{\"sni\":\"evil.example\"}", OBSERVABLE_HOST, "evil.example", "quic.sni"},
            {"\"files\":[{\"sha1\":\"00112233445566778899aabbccddeeff00112233\"}]", OBSERVABLE_SHA1,
                    "00112233445566778899aabbccddeeff00112233", "files[].sha1"},
            {"\"email\":{\"reply_to\":\"Boss <boss@evil.example>\"}", OBSERVABLE_EMAIL, "boss@evil.example",
                    "email.reply_to"},
            {"\"email\":{\"attachment\":[\"a.exe\"]}", OBSERVABLE_FILENAME, "a.exe", "email.attachment[]"},
            {"\"ftp_data\":{\"filename\":\"a.exe\"}", OBSERVABLE_FILENAME, "a.exe", "ftp_data.filename"},
            {"\"nfs\":{\"rename\":{\"to\":\"a.exe\"}}", OBSERVABLE_FILENAME, "a.exe", "nfs.rename.to"},
            {"\"rdp\":{\"client\":{\"client_name\":\"WORKSTATION7\"}}", OBSERVABLE_HOST, "WORKSTATION7",
                    "rdp.client.client_name"},
            {"\"sip\":{\"uri\":\"sip:boss@evil.example\"}", OBSERVABLE_EMAIL, "boss@evil.example", "sip.uri"},
            {"\"dhcp\":{\"dns_servers\":[\"192.0.2.53\"]}", OBSERVABLE_IPV4, "192.0.2.53", "dhcp.dns_servers[]"},
            {"\"tunnel\":{\"src_ip\":\"192.0.2.7\"}", OBSERVABLE_IPV4, "192.0.2.7", "tunnel.src_ip"},
            {"\"tls\":{\"ja4\":\"t13d\"}", OBSERVABLE_OTHER, "t13d", "tls.ja4"},
    };
    static struct input input;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char line[512];
        snprintf(line, sizeof(line), LINE("%s"), rows[i].members);
        assert_int_equal(read_line(&input, line).kind, ERR_NONE);
        assert_int_equal(input_count(&input, rows[i].type, rows[i].value, rows[i].field), 1);
        input_close(&input);
    }
}

static void the_url_is_put_together_from_its_pieces(void **state)
{
    (void)state;
    static struct input input;
    struct err err =
            read_line(&input, LINE("\"http\":{\"hostname\":\"evil.example\",\"http_port\":8080,\"url\":\"/a\"}"));
    assert_int_equal(err.kind, ERR_NONE);
    const struct observable *url = &input.event.observables[input.event.observable_count - 1];
    assert_int_equal(url->type, OBSERVABLE_URL);
    assert_true(slice_eq(url->value, S("evil.example")));
    assert_true(slice_eq(url->path, S("/a")));
    assert_true(slice_eq(url->field, S("http.url")));
    assert_int_equal(url->port, 8080);
    input_close(&input);
}

static void escapes_are_resolved(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_line(&input, LINE("\"http\":{\"http_user_agent\":\"a\\/b \\u00e9\"}"));
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(input_count(&input, OBSERVABLE_USERAGENT, "a/b \xC3\xA9", "http.http_user_agent"), 1);
    input_close(&input);
}

static void a_broken_line_is_refused_with_its_place(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_line(&input, "{\"timestamp\":1,");
    assert_int_equal(err.kind, ERR_INPUT);
    assert_int_equal(input.offset, 15);
    input_close(&input);
    err = read_line(&input, "{\"src_ip\":\"192.0.2.1\",\"src_ip\":\"192.0.2.2\"}");
    assert_int_equal(err.kind, ERR_INPUT);
    input_close(&input);
}

static void recognised_by_its_first_line(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        int least, most;
    } rows[] = {
            {LINE("\"a\":1") "\n{", 100, 100},
            {LINE("\"a\":1"), 100, 100},
            {"torn off\"}\n" LINE("\"a\":1") "\n", 90, 99},
            {"{\"event_type\":\"x\"}\n", 0, 0},
            {"{\"timestamp\":\"x\",\"event_type\":\"x\"\n", 100, 100}, /* torn */
            {"{\"timestamp\":\"x\",\"event\n", 0, 0},
            {"timestamp,event_type\n", 0, 0},
            {"", 0, 0},
    };
    const struct event_format *eve = event_format_find(S("eve"));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int sure = eve->recognise(slice_of(rows[i].head));
        assert_true(sure >= rows[i].least && sure <= rows[i].most);
    }
}

static void a_first_line_longer_than_the_head_is_recognised(void **state)
{
    (void)state;
    struct buf head = buf_make(2 * EVENT_HEAD);
    buf_put(&head, S("{\"timestamp\":\"x\",\"event_type\":\"alert\",\"payload\":\""));
    while (head.len < EVENT_HEAD)
        buf_byte(&head, 'A');
    assert_true(event_format_find(S("eve"))->recognise(buf_slice(&head)) > 90);
    buf_free(&head);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(ends_time_and_sensor_are_those_of_the_top_level),
            cmocka_unit_test(only_an_alert_has_a_class),
            cmocka_unit_test(every_field_is_found_under_its_path),
            cmocka_unit_test(the_url_is_put_together_from_its_pieces),
            cmocka_unit_test(escapes_are_resolved),
            cmocka_unit_test(a_broken_line_is_refused_with_its_place),
            cmocka_unit_test(recognised_by_its_first_line),
            cmocka_unit_test(a_first_line_longer_than_the_head_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
