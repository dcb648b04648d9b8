/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct err read_event(struct input *input, const char *text)
{
    assert_int_equal(input_open(input, "idea", slice_of(text), NULL).kind, ERR_NONE);
    return input_read(input, slice_of(text));
}

static void the_first_of_each_list_is_the_end(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_event(&input, "{\"Source\":[{\"IP4\":[\"192.0.2.1\",\"192.0.2.2\"],\"Port\":[7]},{\"IP6\":"
                                        "[\"2001:db8::1\"]}],\"Target\":[{\"IP4\":\"192.0.2.3\",\"Port\":443}],"
                                        "\"Node\":[{\"Name\":\"a.b\"}]}");
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(slice_eq(input.event.source.address, S("192.0.2.1")));
    assert_int_equal(input.event.source.port, 7);
    assert_true(slice_eq(input.event.destination.address, S("192.0.2.3")));
    assert_int_equal(input.event.destination.port, 443);
    assert_true(slice_eq(input.event.sensor, S("a.b")));
    assert_int_equal(input.event.observable_count, 4);
    input_close(&input);
}

static void the_event_is_older_than_its_detection(void **state)
{
    (void)state;
    static const char *const texts[] = {
            "{\"DetectTime\":\"2026-11-20T10:40:00Z\",\"EventTime\":\"2026-11-20T17:30:00+07:00\"}",
            "{\"CreateTime\":\"2026-11-20T10:50:00Z\",\"DetectTime\":\"2026-11-20T10:30:00Z\"}",
            "{\"CreateTime\":\"2026-11-20T10:30:00Z\",\"EventTime\":\"soon\"}",
    };
    static struct input input;
    int64_t us;
    assert_true(time_parse(S("2026-11-20T10:30:00Z"), &us));
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(read_event(&input, texts[i]).kind, ERR_NONE);
        assert_true(input.event.time_us == us);
        input_close(&input);
    }
}

static void ranges_are_met_by_what_is_in_them(void **state)
{
    (void)state;
    static const struct {
        const char *range;
        size_t count;
        const char *in;
    } rows[] = {
            {"192.0.2.8/30", 4, "192.0.2.11"},
            {"192.0.2.254-192.0.3.1", 4, "192.0.3.0"},
            {"192.0.2.7 - 192.0.2.7", 1, "192.0.2.7"},
            {"192.0.2.0/24", 256, "192.0.2.128"},
            {"192.0.2.0-192.0.3.0", 2, "192.0.3.0"}, /* 257: the ends */
            {"0.0.0.0/0", 2, "255.255.255.255"},
            {"255.255.255.254-255.255.255.255", 2, "255.255.255.255"},
            {"192.0.2.9-192.0.2.1", 0, NULL},
            {"192.0.2.9-2001:db8::1", 0, NULL},
            {"192.0.2.0/33", 0, NULL},
            {"x-y", 0, NULL},
    };
    static struct input input;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[128];
        snprintf(text, sizeof text, "{\"Target\":[{\"IP4\":[\"%s\"]}]}", rows[i].range);
        assert_int_equal(read_event(&input, text).kind, ERR_NONE);
        assert_int_equal(input.event.observable_count, rows[i].count);
        if (rows[i].in != NULL)
            assert_int_equal(input_count(&input, OBSERVABLE_IPV4, rows[i].in, "Target[].IP4[]"), 1);
        assert_true(slice_eq(input.event.destination.address, slice_of(rows[i].range)));
        input_close(&input);
    }
}

/* 17 ranges of 256 are more than one record can hold: told, not cut short. */
static void ranges_without_end_are_refused(void **state)
{
    (void)state;
    static struct input input;
    struct buf text = buf_make(4096);
    buf_put(&text, S("{\"Source\":[{\"IP4\":["));
    for (int i = 0; i < 17; i++)
        buf_printf(&text, "%s\"192.0.%d.0/24\"", i == 0 ? "" : ",", i);
    buf_put(&text, S("]}]}"));
    buf_byte(&text, '\0');
    assert_int_equal(read_event(&input, text.ptr).kind, ERR_LIMIT);
    input_close(&input);
    buf_free(&text);
}

static void a_category_is_a_class_if_rsit_has_it(void **state)
{
    (void)state;
    static const struct {
        const char *list, *taxonomy, *type, *identifier;
    } rows[] = {
            {"[\"Recon.Scanning\"]", "information-gathering", "scanner", "Recon.Scanning"},
            {"[\"Anomaly.Traffic\",\"Attempt.Login\"]", "intrusion-attempts", "brute-force", "Attempt.Login"},
            {"[\"Availibility.DDoS\"]", "availability", "ddos", "Availibility.DDoS"},
            {"[\"Availability.DoS\"]", "availability", "dos", "Availability.DoS"},
            {"\"Test\"", "test", "test", "Test"},
            {"[\"Malware\",\"Other\"]", "idea", "Malware", ""},
    };
    static struct input input;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[128];
        snprintf(text, sizeof text, "{\"Category\":%s}", rows[i].list);
        assert_int_equal(read_event(&input, text).kind, ERR_NONE);
        assert_true(slice_eq(input.event.class.taxonomy, slice_of(rows[i].taxonomy)));
        assert_true(slice_eq(input.event.class.type, slice_of(rows[i].type)));
        assert_true(slice_eq(input.event.class.identifier, slice_of(rows[i].identifier)));
        input_close(&input);
    }
}

static void hashes_lose_the_name_of_their_algorithm(void **state)
{
    (void)state;
    static struct input input;
    struct err err = read_event(&input, "{\"Attach\":[{\"Hash\":[\"sha1:00112233445566778899aabbccddeeff00112233\","
                                        "\"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff\"]}]}");
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(
            input_count(&input, OBSERVABLE_SHA1, "00112233445566778899aabbccddeeff00112233", "Attach[].Hash[]"), 1);
    assert_int_equal(
            input_count(&input, OBSERVABLE_MD5, "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff", "Attach[].Hash[]"),
            1);
    input_close(&input);
}

static void recognised_by_its_words(void **state)
{
    (void)state;
    const struct event_format *format = event_format_find(S("idea"));
    assert_int_equal(format->recognise(S("[\n {\n  \"Format\":\"IDEA0\"}")), 100);
    assert_true(format->recognise(S("{\"DetectTime\":\"x\",\"Category\":[],\"ID\":\"\"}\n")) > 90);
    assert_int_equal(format->recognise(S("{\"Format\":\"IDEA1\"}\n")), 0);
    assert_int_equal(format->recognise(S("{\"DetectTime\":\"x\"}\n")), 0);
    assert_int_equal(format->recognise(S("")), 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_first_of_each_list_is_the_end),
            cmocka_unit_test(the_event_is_older_than_its_detection),
            cmocka_unit_test(ranges_are_met_by_what_is_in_them),
            cmocka_unit_test(ranges_without_end_are_refused),
            cmocka_unit_test(a_category_is_a_class_if_rsit_has_it),
            cmocka_unit_test(hashes_lose_the_name_of_their_algorithm),
            cmocka_unit_test(recognised_by_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
