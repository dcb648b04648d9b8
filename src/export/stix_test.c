/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind_test.h"
#include "stix/validate.h"

static void objects_are_written_byte_for_byte(void **state)
{
    (void)state;
    static const char object[] = "{ \"type\":\"x-any\",\t\"n\": 1.50e+01,\r\n \"s\":\"\\u00e9\\/\", \"a\" : [ ] }";
    char json[512];
    snprintf(json, sizeof(json), "[%s,%s]", object, object);
    struct exported exported = export_text_as("stix", json);
    const char *first = strstr(exported.text.ptr, object);
    assert_non_null(first);
    assert_non_null(strstr(first + 1, object)); /* each version that it is given */
    exported_free(&exported);
}

static void revoked_and_expired_objects_are_written(void **state)
{
    (void)state;
    struct exported exported = export_text_as(
            "stix", "[" INDICATOR_JSON("1", "[a:b = 'c']", ",\"revoked\":true") "," INDICATOR_JSON("2", "[a:b = 'c']",
                            ",\"valid_until\":\"2026-11-02T00:00:00Z\",\"labels\":[\"PAP:RED\"]") "]");
    assert_holds(&exported.text, "\"revoked\":true");
    assert_holds(&exported.text, "PAP:RED");
    assert_string_equal(exported.told.ptr, "");
    exported_free(&exported);
}

static slice id_of(const struct exported *exported)
{
    return json_get(slice_part(buf_slice(&exported->text), 0, exported->text.len - 1), S("id"));
}

static void the_id_is_fresh_or_comes_from_the_content(void **state)
{
    (void)state;
    static const struct {
        const char *one, *other;
        bool repeatable, same;
    } rows[] = {
            {"[{\"a\":1},{\"a\":2}]", "[{\"a\":1},{\"a\":2}]", true, true},
            {"[{\"a\":1},{\"a\":2}]", "[{\"a\":2},{\"a\":1}]", true, false},
            {"[{\"a\":1}]", "[]", true, false},
            {"[{\"a\":1}]", "[{\"a\":1}]", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct export_options options = test_options();
        options.repeatable = rows[i].repeatable;
        struct exported one = export_json("stix", slice_of(rows[i].one), &options);
        struct exported other = export_json("stix", slice_of(rows[i].other), &options);
        assert_int_equal(slice_eq(id_of(&one), id_of(&other)), rows[i].same);
        exported_free(&one);
        exported_free(&other);
    }
}

static void say_finding(void *context, const struct stix_finding *finding)
{
    (void)context;
    print_message("# %s\n", finding->why);
}

/* An empty bundle too: section 2.11 forbids an empty list. */
static void what_is_written_is_valid(void **state)
{
    (void)state;
    static const char *const texts[] = {
            "[]", "[" INDICATOR_JSON("1", "[ipv4-addr:value = '203.0.113.7']", ",\"labels\":[\"x\"]") "]"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct exported exported = export_text_as("stix", texts[i]);
        struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
        const struct stix_sink sink = {NULL, say_finding, 100, 0, NULL, false};
        struct stix_totals totals = {0};
        slice text = slice_part(buf_slice(&exported.text), 0, exported.text.len - 1);
        assert_int_equal(stix_validate_text(text, &sink, arena, &totals).kind, ERR_NONE);
        assert_int_equal(totals.errors, 0);
        assert_int_equal(totals.objects, i);
        arena_close(arena);
        exported_free(&exported);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(objects_are_written_byte_for_byte),
            cmocka_unit_test(revoked_and_expired_objects_are_written),
            cmocka_unit_test(the_id_is_fresh_or_comes_from_the_content),
            cmocka_unit_test(what_is_written_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
