/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/rsit.h"

static struct err read_event(struct input *input, const char *text)
{
    assert_int_equal(input_open(input, "n6", slice_of(text), NULL).kind, ERR_NONE);
    return input_read(input, slice_of(text));
}

static void a_record_is_about_its_addresses(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_event(&input,
            "{\"time\":\"2026-11-20 "
            "10:30:00\",\"source\":\"a.b\",\"category\":\"cnc\",\"address\":[{\"ip\":\"192.0.2.1\","
            "\"cc\":\"ID\"},{\"ip\":\"192.0.2.2\"}],\"sport\":\"7\",\"dip\":\"192.0.2.3\",\"dport\":443,\"fqdn\":"
            "\"evil.example\",\"sha1\":\"00112233445566778899aabbccddeeff00112233\",\"adip\":\"x.x.2.3\"}");
    int64_t us;
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(time_parse(S("2026-11-20T10:30:00Z"), &us));
    assert_true(input.event.time_us == us);
    assert_true(slice_eq(input.event.source.address, S("192.0.2.1")));
    assert_int_equal(input.event.source.port, 7);
    assert_true(slice_eq(input.event.destination.address, S("192.0.2.3")));
    assert_int_equal(input.event.destination.port, 443);
    assert_true(slice_eq(input.event.sensor, S("a.b")));
    assert_int_equal(input_count(&input, OBSERVABLE_IPV4, "192.0.2.2", "address[].ip"), 1);
    assert_int_equal(input.event.observable_count, 5);
    input_close(&input);
}

/* All 26 categories of n6: a class of RSIT, or n6's own word. */
static void every_category_has_a_class(void **state)
{
    (void)state;
    static const struct {
        const char *category, *taxonomy, *type;
    } rows[] = {
            {"amplifier", "vulnerable", "ddos-amplifier"},
            {"bots", "malicious-code", "infected-system"},
            {"backdoor", "intrusions", "system-compromise"},
            {"cnc", "malicious-code", "c2-server"},
            {"deface", "information-content-security", "unauthorised-information-modification"},
            {"dns-query", "n6", "dns-query"},
            {"dos-attacker", "n6", "dos-attacker"},
            {"dos-victim", "n6", "dos-victim"},
            {"flow", "n6", "flow"},
            {"flow-anomaly", "n6", "flow-anomaly"},
            {"fraud", "n6", "fraud"},
            {"leak", "information-content-security", "data-leak"},
            {"malurl", "malicious-code", "malware-distribution"},
            {"malware-action", "n6", "malware-action"},
            {"other", "n6", "other"},
            {"phish", "fraud", "phishing"},
            {"proxy", "n6", "proxy"},
            {"sandbox-url", "n6", "sandbox-url"},
            {"scam", "n6", "scam"},
            {"scanning", "information-gathering", "scanner"},
            {"server-exploit", "n6", "server-exploit"},
            {"spam", "abusive-content", "spam"},
            {"spam-url", "abusive-content", "spam"},
            {"tor", "n6", "tor"},
            {"vulnerable", "vulnerable", "vulnerable-system"},
            {"webinject", "n6", "webinject"},
    };
    static struct input input;
    assert_int_equal(COUNT_OF(rows), 26);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[128];
        snprintf(text, sizeof text, "{\"category\":\"%s\"}", rows[i].category);
        assert_int_equal(read_event(&input, text).kind, ERR_NONE);
        assert_true(slice_eq(input.event.class.taxonomy, slice_of(rows[i].taxonomy)));
        assert_true(slice_eq(input.event.class.type, slice_of(rows[i].type)));
        bool mapped = strcmp(rows[i].taxonomy, "n6") != 0;
        assert_true(!mapped || rsit_find(input.event.class.type) != NULL);
        assert_true(slice_eq(input.event.class.identifier, mapped ? slice_of(rows[i].category) : S("")));
        input_close(&input);
    }
}

static void the_name_of_a_threat_identifies_it(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(read_event(&input, "{\"category\":\"bots\",\"name\":\"contoh\"}").kind, ERR_NONE);
    assert_true(slice_eq(input.event.class.identifier, S("contoh")));
    input_close(&input);
}

static void recognised_by_its_words(void **state)
{
    (void)state;
    const struct event_format *format = event_format_find(S("n6"));
    assert_true(
            format->recognise(S("[{\"category\":\"cnc\",\"time\":\"x\",\"address\":[],\"restriction\":\"p\"}]")) > 90);
    assert_true(format->recognise(S("{\"category\":\"cnc\",\"time\":\"x\",\"adip\":\"x\"}\n")) > 50);
    assert_int_equal(format->recognise(S("{\"category\":\"cnc\",\"time\":\"x\"}\n")), 0);
    assert_int_equal(format->recognise(S("{\"restriction\":\"public\",\"address\":[]}\n")), 0);
    assert_int_equal(format->recognise(S("")), 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_record_is_about_its_addresses),
            cmocka_unit_test(every_category_has_a_class),
            cmocka_unit_test(the_name_of_a_threat_identifies_it),
            cmocka_unit_test(recognised_by_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
