/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind_test.h"

static void what_a_spreadsheet_would_run_is_left_out_and_names_are_disarmed(void **state)
{
    (void)state;
    static const char *const values[] = {"=1+1", "+1", "-1", "@x", "  =1"};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        char json[1024];
        snprintf(json, sizeof(json),
                "[" INDICATOR_JSON("1", "[mutex:name = '%s']", ",\"name\":\"%s\"") "," INDICATOR_JSON(
                        "2", "[mutex:name = 'plain']", ",\"name\":\"%s\"") "]",
                values[i], values[i], values[i]);
        struct exported exported = export_text_as("csv", json);
        assert_string_equal(exported.told.ptr, "1 value that a spreadsheet takes for a formula\n");
        char label[64];
        snprintf(label, sizeof(label), ",\"'%s\",", values[i]);
        assert_holds(&exported.text, label);
        exported_free(&exported);
    }
}

static void formulas_are_written_to_who_asks_for_them(void **state)
{
    (void)state;
    struct export_options options = test_options();
    options.formulas_too = true;
    struct exported exported = {.text = buf_make(EXPORTED_MAX), .told = buf_make(EXPORTED_MAX)};
    const struct export_sink sink = {&exported, exported_write, exported_left_out, NULL};
    struct export *export;
    assert_int_equal(export_open(kind_of("csv"), &options, &sink, &export).kind, ERR_NONE);
    slice json = S(INDICATOR_JSON("1", "[file:name = '-x']", ""));
    assert_int_equal(export_object(export, &(struct export_object){.bytes = json}).kind, ERR_NONE);
    assert_int_equal(export_end(export).kind, ERR_NONE);
    export_close(export);
    buf_byte(&exported.text, '\0');
    assert_holds(&exported.text, "\r\nfilename,-x,");
    exported_free(&exported);
}

static void a_record_is_a_line_whatever_it_holds(void **state)
{
    (void)state;
    struct exported exported = export_text_as("csv",
            "[" INDICATOR_JSON("1", "[mutex:name = 'a,b\\\"c']", ",\"name\":\"x\\r\\ny\\u0000z\\t, \\\"q\\\"\"") "]");
    assert_holds(&exported.text,
            "mutex,\"a,b\"\"c\",indicator--00000000-0000-4000-8000-000000000001,"
            "\"x  y z , \"\"q\"\"\",2026-11-01T00:00:00.000000Z,,2026-11-01T00:00:00.000000Z,,\r\n");
    exported_free(&exported);
}

static void a_value_with_a_control_character_is_left_out(void **state)
{
    (void)state;
    static const char *const values[] = {"a\\nb", "a\\u0000b", "\\u007f", "\\t"};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        char json[1024];
        snprintf(json, sizeof(json), "[" INDICATOR_JSON("1", "[mutex:name = '%s']", "") "]", values[i]);
        struct exported exported = export_text_as("csv", json);
        assert_string_equal(exported.told.ptr, "1 value with a control character\n");
        exported_free(&exported);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_a_spreadsheet_would_run_is_left_out_and_names_are_disarmed),
            cmocka_unit_test(formulas_are_written_to_who_asks_for_them),
            cmocka_unit_test(a_record_is_a_line_whatever_it_holds),
            cmocka_unit_test(a_value_with_a_control_character_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
