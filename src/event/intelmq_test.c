/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct err read_event(struct input *input, const char *text)
{
    assert_int_equal(input_open(input, "intelmq", slice_of(text), NULL).kind, ERR_NONE);
    return input_read(input, slice_of(text));
}

static void flat_and_nested_say_the_same(void **state)
{
    (void)state;
    static const char *const texts[] = {
            "{\"time.source\":\"2026-11-20T10:30:00+07:00\",\"classification.taxonomy\":\"fraud\",\"classification."
            "type\":"
            "\"phishing\",\"classification.identifier\":\"x\",\"source.ip\":\"192.0.2.1\",\"source.port\":7,"
            "\"destination.ip\":\"192.0.2.2\",\"destination.port\":443,\"source.fqdn\":\"evil.example\","
            "\"malware.hash.md5\":\"00112233445566778899aabbccddeeff\",\"feed.name\":\"f\"}",
            "{\"time\":{\"source\":\"2026-11-20T10:30:00+07:00\"},\"classification\":{\"taxonomy\":\"fraud\",\"type\":"
            "\"phishing\",\"identifier\":\"x\"},\"source\":{\"ip\":\"192.0.2.1\",\"port\":7,\"fqdn\":\"evil.example\"},"
            "\"destination\":{\"ip\":\"192.0.2.2\",\"port\":443},"
            "\"malware\":{\"hash\":{\"md5\":\"00112233445566778899aabbccddeeff\"}},\"feed\":{\"name\":\"f\"}}",
    };
    static struct input input;
    int64_t us;
    assert_true(time_parse(S("2026-11-20T03:30:00Z"), &us));
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(read_event(&input, texts[i]).kind, ERR_NONE);
        assert_true(input.event.time_us == us);
        assert_true(slice_eq(input.event.source.address, S("192.0.2.1")));
        assert_int_equal(input.event.source.port, 7);
        assert_int_equal(input.event.destination.port, 443);
        assert_true(slice_eq(input.event.class.taxonomy, S("fraud")));
        assert_true(slice_eq(input.event.class.type, S("phishing")));
        assert_true(slice_eq(input.event.class.identifier, S("x")));
        assert_true(slice_eq(input.event.sensor, S("f")));
        assert_int_equal(input_count(&input, OBSERVABLE_HOST, "evil.example", "source.fqdn"), 1);
        assert_int_equal(
                input_count(&input, OBSERVABLE_MD5, "00112233445566778899aabbccddeeff", "malware.hash.md5"), 1);
        input_close(&input);
    }
}

static void the_observation_is_the_time_only_if_there_is_no_other(void **state)
{
    (void)state;
    static struct input input;
    int64_t us;
    assert_true(time_parse(S("2026-11-20T10:30:00Z"), &us));
    assert_int_equal(read_event(&input, "{\"time.observation\":\"2026-11-20T10:40:00Z\",\"time.source\":"
                                        "\"2026-11-20T10:30:00Z\"}")
                             .kind,
            ERR_NONE);
    assert_true(input.event.time_us == us);
    input_close(&input);
    assert_int_equal(read_event(&input, "{\"time\":{\"observation\":\"2026-11-20T10:30:00Z\"}}").kind, ERR_NONE);
    assert_true(input.event.time_us == us);
    input_close(&input);
}

static void a_type_alone_finds_its_taxonomy(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(read_event(&input, "{\"classification.type\":\"c2-server\"}").kind, ERR_NONE);
    assert_true(slice_eq(input.event.class.taxonomy, S("malicious-code")));
    input_close(&input);
    assert_int_equal(read_event(&input, "{\"classification.type\":\"dga-domain\"}").kind, ERR_NONE);
    assert_int_equal(input.event.class.taxonomy.len, 0);
    input_close(&input);
    /* What is given is taken, also where it contradicts. */
    assert_int_equal(read_event(&input,
                             "{\"classification.type\":\"infected-system\",\"classification.taxonomy\":\"vulnerable\"}")
                             .kind,
            ERR_NONE);
    assert_true(slice_eq(input.event.class.taxonomy, S("vulnerable")));
    input_close(&input);
}

static void a_broken_event_is_refused_with_its_place(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(read_event(&input, " [{\"source.ip\":}").kind, ERR_INPUT);
    assert_int_equal(input.offset, 15);
    input_close(&input);
    assert_int_equal(read_event(&input, "{\"source.ip\":\"192.0.2.1\",\"source.ip\":\"192.0.2.2\"}").kind, ERR_INPUT);
    input_close(&input);
}

static void recognised_by_its_words(void **state)
{
    (void)state;
    const struct event_format *format = event_format_find(S("intelmq"));
    assert_int_equal(format->recognise(S("{\"classification.type\":\"x\"}\n")), 100);
    assert_int_equal(format->recognise(S("[\n  {\n    \"classification.type\": \"x\"\n")), 100);
    assert_true(format->recognise(S("{\"feed\":{},\"classification\":{}}")) > 50);
    assert_int_equal(format->recognise(S("{\"classification\":\"secret\"}\n")), 0);
    assert_int_equal(format->recognise(S("")), 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(flat_and_nested_say_the_same),
            cmocka_unit_test(the_observation_is_the_time_only_if_there_is_no_other),
            cmocka_unit_test(a_type_alone_finds_its_taxonomy),
            cmocka_unit_test(a_broken_event_is_refused_with_its_place),
            cmocka_unit_test(recognised_by_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
