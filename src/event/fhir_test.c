/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct err read_event(struct input *input, const char *text)
{
    assert_int_equal(input_open(input, "fhir", slice_of(text), NULL).kind, ERR_NONE);
    return input_read(input, slice_of(text));
}

#define EVENT(members) "{\"resourceType\":\"AuditEvent\",\"recorded\":\"2026-11-20T17:30:00+07:00\"," members "}"

/* The row that is written for an event; the caller frees it. */
static struct buf written(const char *text)
{
    static struct input input;
    struct buf out = buf_make(1u << 20);
    assert_int_equal(read_event(&input, text).kind, ERR_NONE);
    event_write(&input.reader, &input.event, slice_of(text), 1, input.arena, &out);
    input_close(&input);
    return out;
}

static bool holds(const struct buf *text, const char *part)
{
    return slice_find_slice(buf_slice(text), slice_of(part)) < text->len;
}

static void releases_four_and_five_say_the_same(void **state)
{
    (void)state;
    static const char *const texts[] = {
            EVENT("\"type\":{\"code\":\"rest\"},\"subtype\":[{\"code\":\"read\"}],\"agent\":[{\"type\":{\"coding\":[{"
                  "\"code\":"
                  "\"110153\"}]},\"network\":{\"address\":\"192.0.2.1\",\"type\":\"2\"}},{\"type\":{\"coding\":[{"
                  "\"code\":"
                  "\"110152\"}]},\"network\":{\"address\":\"192.0.2.2\"}}],\"source\":{\"site\":\"s\"}"),
            EVENT("\"category\":[{\"coding\":[{\"code\":\"rest\"}]}],\"code\":{\"coding\":[{\"code\":\"read\"}]},"
                  "\"agent\":[{"
                  "\"networkString\":\"192.0.2.1\",\"requestor\":true},{\"networkUri\":\"http://192.0.2.2/"
                  "x\",\"type\":{"
                  "\"coding\":[{\"code\":\"x\"},{\"code\":\"110152\"}]}}],\"source\":{\"site\":\"s\"}"),
    };
    static struct input input;
    int64_t us;
    assert_true(time_parse(S("2026-11-20T10:30:00Z"), &us));
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(read_event(&input, texts[i]).kind, ERR_NONE);
        assert_true(input.event.time_us == us);
        assert_true(slice_eq(input.event.class.taxonomy, S("fhir")));
        assert_true(slice_eq(input.event.class.type, S("rest")));
        assert_true(slice_eq(input.event.class.identifier, S("read")));
        assert_true(slice_eq(input.event.source.address, S("192.0.2.1")));
        assert_true(slice_eq(input.event.destination.address, S("192.0.2.2")));
        assert_true(slice_eq(input.event.sensor, S("s")));
        assert_int_equal(input.event.observable_count, 2);
        input_close(&input);
    }
}

/* Wherever a person's name or number may stand. */
static void nobody_is_told(void **state)
{
    (void)state;
    static const char *const members[] = {
            "\"id\":\"RAHASIA\"",
            "\"text\":{\"div\":\"RAHASIA\"}",
            "\"meta\":{\"tag\":[{\"display\":\"RAHASIA\"}]}",
            "\"RAHASIA\":1",
            "\"outcomeDesc\":\"RAHASIA\"",
            "\"outcome\":\"RAHASIA X\"",
            "\"outcome\":{\"code\":{\"code\":\"0\",\"display\":\"RAHASIA\"},\"detail\":[{\"text\":\"RAHASIA\"}]}",
            "\"action\":\"RAHASIA X\"",
            "\"type\":{\"code\":\"RAHASIA X\",\"display\":\"RAHASIA\"}",
            "\"subtype\":[{\"code\":\"RAHASIA X\"}]",
            "\"category\":[{\"text\":\"RAHASIA\",\"coding\":[{\"code\":\"RAHASIA X\"}]}]",
            "\"code\":{\"text\":\"RAHASIA\",\"coding\":[{\"display\":\"RAHASIA\"}]}",
            "\"patient\":{\"reference\":\"Patient/RAHASIA\",\"display\":\"RAHASIA\"}",
            "\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"RAHASIA\",\"name\":[{\"text\":\"RAHASIA\"}]}]",
            "\"extension\":[{\"valueString\":\"RAHASIA\"}]",
            "\"source\":{\"observer\":{\"display\":\"RAHASIA\",\"identifier\":{\"value\":\"RAHASIA\"}}}",
            "\"agent\":[{\"who\":{\"reference\":\"Practitioner/RAHASIA\"}}]",
            "\"agent\":[{\"who\":{\"display\":\"RAHASIA\"},\"altId\":\"RAHASIA\",\"name\":\"RAHASIA\"}]",
            "\"agent\":[{\"who\":{\"identifier\":{\"system\":\"RAHASIA\",\"value\":\"RAHASIA\"}}}]",
            "\"agent\":[{\"type\":{\"text\":\"RAHASIA\"},\"policy\":[\"RAHASIA\"],\"location\":{\"display\":"
            "\"RAHASIA\"}}]",
            "\"agent\":[{\"network\":{\"address\":\"RAHASIA@mail.example\"}}]",
            "\"agent\":[{\"network\":{\"address\":\"RAHASIA X\"}}]",
            "\"agent\":[{\"network\":{\"address\":\"RAHASIA\",\"type\":\"3\"}}]",
            "\"agent\":[{\"network\":{\"address\":\"RAHASIA\",\"type\":\"4\"}}]",
            "\"agent\":[{\"network\":{\"address\":\"555-0142\"}}]",
            "\"agent\":[{\"networkString\":\"5550142\"}]",
            "\"agent\":[{\"network\":{\"address\":\"https://RAHASIA:x@h.example/Patient/"
            "RAHASIA?name=RAHASIA#RAHASIA\"}}]",
            "\"agent\":[{\"networkUri\":\"https://h.example/Patient/RAHASIA\"}]",
            "\"agent\":[{\"networkReference\":{\"reference\":\"Endpoint/RAHASIA\"}}]",
            "\"entity\":[{\"what\":{\"reference\":\"https://h.example/Patient/RAHASIA\"},\"name\":\"RAHASIA\"}]",
            "\"entity\":[{\"query\":\"RAHASIA\",\"description\":\"RAHASIA\",\"detail\":[{\"valueString\":\"RAHASIA\"}]}"
            "]",
            "\"entity\":[{\"role\":{\"code\":\"RAHASIA "
            "X\"},\"type\":{\"display\":\"RAHASIA\"},\"what\":{\"display\":\"RAHASIA\"}}]",
            "\"entity\":[{\"what\":{\"reference\":\"#RAHASIA\"}}]",
    };
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        char text[1024];
        snprintf(text, sizeof text, EVENT("%s"), members[i]);
        struct buf out = written(text);
        bool told = holds(&out, "RAHASIA") || holds(&out, "0142");
        if (told && strcmp(members[i], "\"RAHASIA\":1") == 0)
            told = !holds(&out, "\"withheld\":[\"RAHASIA\"]"); /* the shape of a name that FHIR could give */
        if (told)
            fail_msg("%s gives %.*s", members[i], (int)out.len, out.ptr);
        buf_free(&out);
    }
}

/* The hash of the only patient of an event. */
static void patient_hash(const char *members, char hash[65])
{
    char text[1024];
    snprintf(text, sizeof text, EVENT("%s"), members);
    struct buf out = written(text);
    size_t at = slice_find_slice(buf_slice(&out), S("\"patients\":[\""));
    assert_true(at + 13 + 64 < out.len);
    memcpy(hash, out.ptr + at + 13, 64);
    hash[64] = '\0';
    assert_int_equal(out.ptr[at + 13 + 64], '"');
    assert_int_equal(out.ptr[at + 13 + 65], ']'); /* no other */
    buf_free(&out);
}

static void one_patient_is_one_hash(void **state)
{
    (void)state;
    static const char *const same[] = {
            "\"entity\":[{\"what\":{\"reference\":\"Patient/p-1\"}}]",
            "\"entity\":[{\"what\":{\"reference\":\"Patient/p-1/_history/3\"}},{\"what\":{\"reference\":\"Patient/"
            "p-1\"}}]",
            "\"entity\":[{\"what\":{\"reference\":\"https://h.example/fhir/Patient/p-1\"}}]",
            "\"patient\":{\"reference\":\"Patient/p-1\"},\"entity\":[{\"what\":{\"reference\":\"Patient/p-1\"}}]",
    };
    static const char *const others[] = {
            "\"patient\":{\"reference\":\"Patient/p-2\"}",
            "\"patient\":{\"identifier\":{\"system\":\"s\",\"value\":\"p-1\"}}",
            "\"entity\":[{\"what\":{\"display\":\"p-1\"},\"role\":{\"code\":\"1\"}}]",
    };
    char first[65], hash[65];
    patient_hash(same[0], first);
    for (size_t i = 1; i < COUNT_OF(same); i++) {
        patient_hash(same[i], hash);
        assert_string_equal(hash, first);
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        patient_hash(others[i], hash);
        assert_string_not_equal(hash, first);
    }
    /* A resource inside is known by its identifier. */
    patient_hash("\"patient\":{\"identifier\":{\"system\":\"s\",\"value\":\"v\"}}", first);
    patient_hash(
            "\"contained\":[{\"id\":\"x\",\"identifier\":[{\"system\":\"s\",\"value\":\"v\"}]}],\"entity\":[{\"what\":{"
            "\"reference\":\"#x\"},\"role\":{\"code\":\"1\"}}]",
            hash);
    assert_string_equal(hash, first);
}

static void without_a_secret_no_two_inputs_have_a_hash_in_common(void **state)
{
    (void)state;
    static const char *const text = EVENT("\"patient\":{\"reference\":\"Patient/p-1\"}");
    struct buf rows[2];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        static struct input input;
        rows[i] = buf_make(1u << 16);
        input.arena = arena_open("test", ARENA_WORK, 64u << 20);
        input.picks.rows = input.rows;
        assert_int_equal(event_open("fhir", slice_of(text), NULL, input.arena, &input.reader).kind, ERR_NONE);
        assert_int_equal(input_read(&input, slice_of(text)).kind, ERR_NONE);
        event_write(&input.reader, &input.event, slice_of(text), 1, input.arena, &rows[i]);
        input_close(&input);
    }
    assert_false(slice_eq(buf_slice(&rows[0]), buf_slice(&rows[1])));
    buf_free(&rows[0]);
    buf_free(&rows[1]);
}

static void an_entry_of_a_bundle_is_an_event(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(
            read_event(&input, "{\"fullUrl\":\"x\",\"resource\":" EVENT("\"type\":{\"code\":\"rest\"}") "}").kind,
            ERR_NONE);
    assert_true(slice_eq(input.event.class.type, S("rest")));
    input_close(&input);
}

static void what_is_no_audit_event_is_refused(void **state)
{
    (void)state;
    static struct input input;
    assert_int_equal(read_event(&input, "{\"resource\":{\"resourceType\":\"Patient\"}}").kind, ERR_INPUT);
    assert_int_equal(input.offset, 12);
    input_close(&input);
    assert_int_equal(read_event(&input, "{}").kind, ERR_INPUT);
    input_close(&input);
    assert_int_equal(read_event(&input, "{\"resourceType\":\"AuditEvent\",").kind, ERR_INPUT);
    input_close(&input);
}

static void recognised_by_its_resource_type(void **state)
{
    (void)state;
    const struct event_format *format = event_format_find(S("fhir"));
    assert_int_equal(format->recognise(S(EVENT("\"a\":1") "\n")), 100);
    assert_int_equal(
            format->recognise(S("{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":" EVENT("\"a\":1") "},{")), 100);
    assert_in_range(format->recognise(S("{\"resourceType\":\"Patient\"}\n")), 2, 50);
    assert_int_equal(format->recognise(S("{\"type\":\"AuditEvent\"}\n")), 0);
    assert_int_equal(format->recognise(S("")), 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(releases_four_and_five_say_the_same),
            cmocka_unit_test(nobody_is_told),
            cmocka_unit_test(one_patient_is_one_hash),
            cmocka_unit_test(without_a_secret_no_two_inputs_have_a_hash_in_common),
            cmocka_unit_test(an_entry_of_a_bundle_is_an_event),
            cmocka_unit_test(what_is_no_audit_event_is_refused),
            cmocka_unit_test(recognised_by_its_resource_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
