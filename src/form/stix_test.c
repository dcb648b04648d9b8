/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "form/golden_test.h"

static void every_sample_is_told_as_expected(void **state)
{
    (void)state;
    golden_list(&form_stix, golden_is_told);
}

static void every_sample_is_recognised(void **state)
{
    (void)state;
    golden_list(&form_stix, golden_is_recognised);
}

static void damaged_samples_are_read_safely(void **state)
{
    (void)state;
    golden_list(&form_stix, golden_is_read_safely);
}

static void a_full_sink_ends_the_reading(void **state)
{
    (void)state;
    struct told told = {.quiet = true, .stop_after = 1};
    struct err err = told_read(
            &form_stix, S("[{\"type\":\"indicator\",\"id\":\"i\",\"pattern\":\"[mutex:name IN ('a', 'b')]\"}]"), &told);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(told.indicators, 1);
}

static void an_empty_envelope_is_read(void **state)
{
    (void)state;
    assert_tells(&form_stix, "{}", "");
    assert_tells(&form_stix, "{\"more\": false}", "");
    assert_tells(&form_stix, "[]", "");
    assert_tells(&form_stix, "{\"type\": \"bundle\", \"id\": \"bundle--1\"}", "");
}

static void what_is_not_stix_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
            "", "5", "{\"Event\": {}}", "[{\"Event\": {}}]", "{\"objects\": {}}", "{\"a\": 1"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct told told = {.quiet = true};
        assert_int_equal(told_read(&form_stix, slice_of(texts[i]), &told).kind, ERR_INPUT);
    }
}

static struct err note_pattern(void *context, const struct indicator *pattern)
{
    struct told *told = context;
    buf_printf(&told->text, "%u %.*s %.*s\n", pattern->line, (int)pattern->id.len, pattern->id.ptr,
            (int)pattern->value.len, pattern->value.ptr);
    return OK;
}

#define OBJECT(id, pattern) "{\"type\":\"indicator\",\"id\":\"" id "\",\"pattern\":\"" pattern "\"}\n"

static void what_tables_cannot_answer_goes_to_a_sink_that_wants_it(void **state)
{
    (void)state;
    static const char text[] = OBJECT("a", "[domain-name:value = 'melati.example']")
            OBJECT("b", "[domain-name:value = 'melati.example'] AND [url:value = 'http://melati.example/']")
                    OBJECT("c", "[url:value LIKE 'http://melati.example/%']") OBJECT("d", "[url:value LIKE 'http://%']")
                            OBJECT("e", "[domain-name:value = 'melati.example' OR file:size = 7]")
                                    OBJECT("f", "[file:name ISSUBSET '192.0.2.0/24']");
    struct told told = {.text = buf_make(TOLD_MAX)};
    const struct form_sink sink = {&told, told_indicator, told_problem, told_skipped, NULL, note_pattern};
    struct arena *arena = arena_open("golden", ARENA_WORK, 1u << 20);
    assert_int_equal(form_stix.read(slice_of(text), arena, &sink).kind, ERR_NONE);
    buf_byte(&told.text, '\0');
    assert_string_equal(told.text.ptr,
            "1 host value='melati.example' id='a'\n"
            "2 b [domain-name:value = 'melati.example'] AND [url:value = 'http://melati.example/']\n"
            "3 url value='http://melati.example/' id='c' below\n"
            "4 d [url:value LIKE 'http://%']\n"
            "5 e [domain-name:value = 'melati.example' OR file:size = 7]\n"
            "6 f [file:name ISSUBSET '192.0.2.0/24']\n");
    arena_close(arena);
    buf_free(&told.text);
}

static void bundle_is_read(const char *name, slice text)
{
    struct told told = {.text = buf_make(TOLD_MAX)};
    struct err err = told_read(&form_stix, text, &told);
    buf_byte(&told.text, '\0');
    /* One of the reports has a blank in a domain name, and says so in one problem. */
    if (err.kind != ERR_NONE || told.problems > slice_eq(slice_of(name), S("poisonivy.json")))
        fail_msg("%s tells:\n%s", name, told.text.ptr);
    buf_free(&told.text);
}

static void third_party_bundles_are_read(void **state)
{
    (void)state;
    conformance_list("stix/examples", ".json", bundle_is_read);
    conformance_list("stix/examples/threat-reports", ".json", bundle_is_read);
    conformance_list("stix/incident-extension", ".json", bundle_is_read);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_sample_is_told_as_expected),
            cmocka_unit_test(every_sample_is_recognised),
            cmocka_unit_test(damaged_samples_are_read_safely),
            cmocka_unit_test(a_full_sink_ends_the_reading),
            cmocka_unit_test(an_empty_envelope_is_read),
            cmocka_unit_test(what_is_not_stix_is_refused),
            cmocka_unit_test(what_tables_cannot_answer_goes_to_a_sink_that_wants_it),
            cmocka_unit_test(third_party_bundles_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
