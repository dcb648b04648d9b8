/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"
#include "event/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

#define MD5 "0123456789abcdef0123456789abcdef"
#define SHA1 "00112233445566778899aabbccddeeff00112233"
#define SHA1_COLONS "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33"
#define SHA256 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* A decoder of one value a record, so that each row below is one field and one value. */
struct one {
    struct arena *arena;
    struct event_reader reader;
    struct json_pick rows[8];
    struct json_picks picks;
    struct event event;
};

static void one_read(struct one *one, const struct event_field *fields, const char *const *values, size_t count)
{
    one->arena = arena_open("test", ARENA_WORK, 16u << 20);
    one->reader = (struct event_reader){.fields = fields, .field_count = count};
    event_fields_measure(&one->reader, one->arena);
    one->picks.rows = one->rows;
    one->picks.count = count;
    for (size_t i = 0; i < count; i++)
        one->rows[i] = (struct json_pick){
                .ptr = values[i], .len = (uint32_t)strlen(values[i]), .path = (uint16_t)i, .kind = JSON_STRING};
    event_fill(&one->reader, &one->picks, one->arena, &one->event);
}

/* The observables as "type value|type value". */
static const char *one_text(const struct one *one)
{
    struct buf buf = buf_make(1u << 20);
    for (size_t i = 0; i < one->event.observable_count; i++) {
        const struct observable *row = &one->event.observables[i];
        buf_printf(&buf, "%s%s ", i > 0 ? "|" : "",
                row->type == OBSERVABLE_OTHER ? arena_cstr(one->arena, row->name) : observable_type_name(row->type));
        event_url_write(row, &buf);
    }
    const char *text = arena_cstr(one->arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

static void values_become_observables_of_their_kind(void **state)
{
    (void)state;
    static const struct {
        enum event_value value;
        const char *text, *found;
    } rows[] = {
            {VALUE_NONE, "evil.example", ""},
            {VALUE_ADDRESS, "192.0.2.1", "ipv4 192.0.2.1"},
            {VALUE_ADDRESS, "192.0.2.1:80", "ipv4 192.0.2.1"},
            {VALUE_ADDRESS, "2001:db8::1", "ipv6 2001:db8::1"},
            {VALUE_ADDRESS, "[2001:db8::1]:80", "ipv6 2001:db8::1"},
            {VALUE_ADDRESS, "[2001:db8::1]", "ipv6 2001:db8::1"},
            {VALUE_ADDRESS, "192.0.2.256", ""},
            {VALUE_ADDRESS, "evil.example", ""},
            {VALUE_ADDRESS, "::g", ""},
            {VALUE_NAME, "evil.example", "host evil.example"},
            {VALUE_NAME, "evil.example:8080", "host evil.example"},
            {VALUE_NAME, "1.evil.example", "host 1.evil.example"},
            {VALUE_NAME, "192.0.2.1:8080", "ipv4 192.0.2.1"},
            {VALUE_NAME, "[2001:db8::1]:80", "ipv6 2001:db8::1"},
            {VALUE_NAME, "2001:db8::1", "ipv6 2001:db8::1"},
            {VALUE_NAME, "a:b:c", ""},
            {VALUE_NAME, "two words", ""},
            {VALUE_ADDRESS_NAME, "192.0.2.1", "ipv4 192.0.2.1"},
            {VALUE_ADDRESS_NAME, "evil.example", "host evil.example"},
            {VALUE_ADDRESS_NAME, "v=spf1 include:evil.example", ""},
            {VALUE_URL, "http://evil.example/a", "url http://evil.example/a|host evil.example"},
            {VALUE_URL, "http://u:p@192.0.2.1:81/a", "url http://u:p@192.0.2.1:81/a|ipv4 192.0.2.1"},
            {VALUE_URL, "evil.example/a:b@c", "url evil.example/a:b@c|host evil.example"},
            {VALUE_URL, "/only/a/path", ""},
            {VALUE_MD5, MD5, "md5 " MD5},
            {VALUE_MD5, "0x" MD5, "md5 0x" MD5},
            {VALUE_MD5, SHA1, ""},
            {VALUE_MD5, "0123456789abcdef0123456789abcdeg", ""},
            {VALUE_SHA1, SHA1_COLONS, "sha1 " SHA1_COLONS},
            {VALUE_SHA256, SHA256, "sha256 " SHA256},
            {VALUE_SHA512, SHA256 SHA256, "sha512 " SHA256 SHA256},
            {VALUE_HASH, MD5, "md5 " MD5},
            {VALUE_HASH, SHA1, "sha1 " SHA1},
            {VALUE_HASH, SHA256, "sha256 " SHA256},
            {VALUE_HASH, "0011", ""},
            {VALUE_EMAIL, "boss@evil.example", "email boss@evil.example"},
            {VALUE_EMAIL, "\"The <Boss>\" <boss@evil.example>", "email boss@evil.example"},
            {VALUE_EMAIL, "<boss@evil.example", "email boss@evil.example"},
            {VALUE_EMAIL, "nobody", ""},
            {VALUE_EMAIL, "<>", ""},
            {VALUE_JA3, MD5, "ja3 " MD5},
            {VALUE_JA3, SHA1, ""},
            {VALUE_USERAGENT, "Sample/1.0 (x)", "useragent Sample/1.0 (x)"},
            {VALUE_FILENAME, "setup.exe", "filename setup.exe"},
            {VALUE_FILENAME, "/tmp/setup.exe", "filename /tmp/setup.exe|filename setup.exe"},
            {VALUE_FILENAME, "C:\\tmp\\setup.exe", "filename C:\\tmp\\setup.exe|filename setup.exe"},
            {VALUE_FILENAME, "/tmp/", ""},
            {VALUE_OTHER, "Global\\sample", "mutex Global\\sample"},
            {VALUE_NAME, "", ""},
            {VALUE_OTHER, "-", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct one one;
        struct event_field field = {"f", ROLE_NONE, rows[i].value, "mutex"};
        one_read(&one, &field, &rows[i].text, 1);
        assert_string_equal(one_text(&one), rows[i].found);
        arena_close(one.arena);
    }
}

static void a_url_in_pieces_is_put_together_last(void **state)
{
    (void)state;
    static const struct event_field fields[] = {
            {"path", ROLE_URL_PATH}, {"host", ROLE_URL_HOST, VALUE_NAME}, {"port", ROLE_URL_PORT}};
    static const struct {
        const char *pieces[3], *found;
    } rows[] = {
            {{"/a?b", "evil.example", ""}, "host evil.example|url http://evil.example/a?b"},
            {{"/a", "evil.example", "8080"}, "host evil.example|url http://evil.example:8080/a"},
            {{"/a", "evil.example:81", ""}, "host evil.example|url http://evil.example:81/a"},
            {{"/a", "evil.example", "80"}, "host evil.example|url http://evil.example/a"},
            {{"/a", "[2001:db8::1]:81", ""}, "ipv6 2001:db8::1|url http://[2001:db8::1]:81/a"},
            {{"/a", "", ""}, ""},
            {{"", "evil.example", ""}, "host evil.example"},
            {{"http://other.example/x", "evil.example", ""}, "host evil.example|url http://other.example/x"},
            {{"evil.example:443", "", ""}, "url evil.example:443"},
            {{"*", "evil.example", ""}, "host evil.example"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct one one;
        one_read(&one, fields, rows[i].pieces, 3);
        assert_string_equal(one_text(&one), rows[i].found);
        arena_close(one.arena);
    }
}

static void roles_fill_the_event_and_the_first_value_counts(void **state)
{
    (void)state;
    static const struct event_field fields[] = {{"a", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
            {"b", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS}, {"c", ROLE_DESTINATION_PORT},
            {"d", ROLE_CLASS_TYPE, VALUE_NONE, "words"}};
    static const char *const values[] = {"192.0.2.1:4711", "192.0.2.2", "443", "phishing"};
    struct one one;
    one_read(&one, fields, values, 4);
    assert_true(slice_eq(one.event.source.address, S("192.0.2.1")));
    assert_int_equal(one.event.source.port, 4711);
    assert_int_equal(one.event.destination.port, 443);
    assert_true(slice_eq(one.event.class.taxonomy, S("words")));
    assert_true(slice_eq(one.event.class.type, S("phishing")));
    assert_int_equal(one.event.observable_count, 2);
    arena_close(one.arena);
}

static void a_taxonomy_that_the_log_says_goes_before_ours(void **state)
{
    (void)state;
    static const struct event_field fields[] = {
            {"a", ROLE_CLASS_TYPE, VALUE_NONE, "words"}, {"b", ROLE_CLASS_TAXONOMY}, {"c", ROLE_SENSOR}};
    static const char *const values[] = {"phishing", "fraud", "sensor-1"};
    struct one one;
    one_read(&one, fields, values, 3);
    assert_true(slice_eq(one.event.class.taxonomy, S("fraud")));
    assert_true(slice_eq(one.event.sensor, S("sensor-1")));
    arena_close(one.arena);
}

static void the_first_time_that_can_be_read_is_the_time(void **state)
{
    (void)state;
    static const struct event_field fields[] = {{"a", ROLE_TIME}, {"b", ROLE_TIME}};
    static const char *const good[] = {"soon", "2026-11-20T10:29:58Z"}, *const bad[] = {"soon", "later"};
    struct one one;
    int64_t us;
    one_read(&one, fields, good, 2);
    assert_true(time_parse(S("2026-11-20T10:29:58Z"), &us));
    assert_true(one.event.time_us == us);
    assert_true(event_time(&one.reader, &one.picks) == us);
    arena_close(one.arena);
    one_read(&one, fields, bad, 2);
    assert_true(one.event.time_us == TIME_NONE);
    arena_close(one.arena);
}

static void what_is_no_text_is_no_value(void **state)
{
    (void)state;
    static const struct event_field field = {"f", ROLE_NONE, VALUE_USERAGENT};
    static const char *const value = "null";
    struct one one;
    one_read(&one, &field, &value, 1);
    assert_int_equal(one.event.observable_count, 1);
    one.rows[0].kind = JSON_NULL;
    event_fill(&one.reader, &one.picks, one.arena, &one.event);
    assert_int_equal(one.event.observable_count, 0);
    arena_close(one.arena);
}

static void values_longer_than_any_indicator_are_left_out(void **state)
{
    (void)state;
    static const struct event_field field = {"f", ROLE_NONE, VALUE_USERAGENT};
    char text[8194];
    memset(text, 'a', sizeof(text));
    for (size_t len = 8192; len <= 8193; len++) {
        struct one one;
        const char *value = text;
        text[len] = '\0';
        one_read(&one, &field, &value, 1);
        assert_int_equal(one.event.observable_count, len == 8192);
        text[len] = 'a';
        arena_close(one.arena);
    }
}

/* The fast road may keep what only looks right; whatever is whole is in both. */
static void the_event_holds_what_the_fast_road_gives(void **state)
{
    (void)state;
    static const struct event_field fields[] = {
            {"a", ROLE_NONE, VALUE_FILENAME}, {"b", ROLE_TEXT}, {"c", ROLE_NONE, VALUE_NAME}};
    static const char *const values[] = {"/tmp/x", "http://evil.example/a 192.0.2.1", "evil.example"};
    static struct observable fast[EVENT_OBSERVABLES_MAX];
    struct one one;
    one_read(&one, fields, values, 3);
    assert_int_equal(event_observables(&one.reader, &one.picks, one.arena, fast), one.event.observable_count);
    assert_int_equal(one.event.observable_count, 6);
    for (size_t i = 0; i < one.event.observable_count; i++) {
        assert_int_equal(fast[i].type, one.event.observables[i].type);
        assert_true(slice_eq(fast[i].value, one.event.observables[i].value));
        assert_true(slice_eq(fast[i].field, one.event.observables[i].field));
    }
    arena_close(one.arena);
}

static void intricate_values_alone_are_what_plain_ones_do_not_tell(void **state)
{
    (void)state;
    static const struct event_field fields[] = {{"host", ROLE_URL_HOST, VALUE_NAME}, {"path", ROLE_URL_PATH},
            {"ip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS}, {"text", ROLE_TEXT}, {"mail", ROLE_NONE, VALUE_EMAIL},
            {"file", ROLE_NONE, VALUE_FILENAME}, {"url", ROLE_NONE, VALUE_URL}};
    static const char *const values[] = {"toko.example", "/a", "192.0.2.1", "from 192.0.2.2", "a@mail.example",
            "/tmp/x", "http://www.toko.example/"};
    static const char *const told[] = {"192.0.2.2", "a@mail.example", "toko.example"};
    struct observable rows[16];
    struct one one;
    one_read(&one, fields, values, COUNT_OF(values));
    assert_int_equal(event_intricate(&one.reader, &one.picks, one.arena, rows), COUNT_OF(told));
    for (size_t i = 0; i < COUNT_OF(told); i++)
        assert_true(slice_eq(rows[i].value, slice_of(told[i])));
    assert_int_equal(rows[2].type, OBSERVABLE_URL);
    arena_close(one.arena);
}

static void a_record_gives_no_more_than_the_ceiling(void **state)
{
    (void)state;
    static const struct event_field field = {"f", ROLE_TEXT};
    static struct observable rows[EVENT_OBSERVABLES_MAX];
    struct arena *arena = arena_open("test", ARENA_WORK, 16u << 20);
    struct buf text = buf_make(1u << 20);
    for (int i = 0; i < 10000; i++)
        buf_put(&text, S("a.bc/ "));
    struct json_pick row = {.ptr = text.ptr, .len = (uint32_t)text.len, .kind = JSON_STRING};
    struct json_picks picks = {.rows = &row, .count = 1};
    struct event_reader reader = {.fields = &field, .field_count = 1};
    event_fields_measure(&reader, arena);
    assert_int_equal(event_observables(&reader, &picks, arena, rows), EVENT_OBSERVABLES_MAX);
    struct event event;
    event_fill(&reader, &picks, arena, &event);
    assert_int_equal(event.observable_count, EVENT_OBSERVABLES_MAX);
    buf_free(&text);
    arena_close(arena);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(values_become_observables_of_their_kind),
            cmocka_unit_test(a_url_in_pieces_is_put_together_last),
            cmocka_unit_test(roles_fill_the_event_and_the_first_value_counts),
            cmocka_unit_test(a_taxonomy_that_the_log_says_goes_before_ours),
            cmocka_unit_test(the_first_time_that_can_be_read_is_the_time),
            cmocka_unit_test(what_is_no_text_is_no_value),
            cmocka_unit_test(values_longer_than_any_indicator_are_left_out),
            cmocka_unit_test(the_event_holds_what_the_fast_road_gives),
            cmocka_unit_test(intricate_values_alone_are_what_plain_ones_do_not_tell),
            cmocka_unit_test(a_record_gives_no_more_than_the_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
