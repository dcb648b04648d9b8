/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind_test.h"

static slice text_of(const struct exported *exported)
{
    return slice_part(buf_slice(&exported->text), 0, exported->text.len - 1);
}

/* The Nth event; an empty slice if there are fewer. */
static slice event_at(const struct exported *exported, size_t number)
{
    struct json_elements walk = json_elements(json_get(text_of(exported), S("response")));
    slice element;
    while (json_element_next(&walk, &element))
        if (number-- == 0)
            return json_get(element, S("Event"));
    return (slice){0};
}

static slice attribute_at(slice event, size_t number)
{
    struct json_elements walk = json_elements(json_get(event, S("Attribute")));
    slice element;
    while (json_element_next(&walk, &element))
        if (number-- == 0)
            return element;
    return (slice){0};
}

static void assert_text(slice json, const char *key, const char *wanted)
{
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    assert_string_equal(arena_cstr(arena, json_text(json_get(json, slice_of(key)), arena)), wanted);
    arena_close(arena);
}

static void an_attribute_has_the_uuid_of_its_indicator(void **state)
{
    (void)state;
    struct exported exported = export_text_as(
            "misp", "[" INDICATOR_JSON("a", "[ipv4-addr:value = '203.0.113.7' OR url:value = 'http://x.example/']",
                            ",\"name\":\"C2\",\"labels\":[\"tlp:amber+strict\",\"PAP:GREEN\"]") "]");
    slice first = attribute_at(event_at(&exported, 0), 0), second = attribute_at(event_at(&exported, 0), 1);
    assert_text(first, "uuid", "00000000-0000-4000-8000-00000000000a");
    assert_text(first, "type", "ip-dst");
    assert_text(first, "category", "Network activity");
    assert_text(first, "value", "203.0.113.7");
    assert_text(first, "comment", "C2");
    assert_text(first, "timestamp", "1793491200");
    assert_true(slice_eq(json_get(first, S("to_ids")), S("true")));
    assert_true(slice_eq(json_get(first, S("Tag")), S("[{\"name\":\"tlp:amber+strict\"},{\"name\":\"PAP:GREEN\"}]")));
    assert_text(second, "type", "url");
    assert_false(slice_eq(json_get(first, S("uuid")), json_get(second, S("uuid"))));
    assert_int_equal(json_get(second, S("uuid")).len, 38);
    exported_free(&exported);
}

static void the_same_export_has_the_same_uuids(void **state)
{
    (void)state;
    static const char json[] = "[" INDICATOR_JSON("a", "[ipv4-addr:value IN ('203.0.113.7', '203.0.113.8')]", "") "]";
    struct exported one = export_text_as("misp", json), two = export_text_as("misp", json);
    assert_string_equal(one.text.ptr, two.text.ptr);
    exported_free(&one);
    exported_free(&two);
}

static void what_was_revoked_is_a_deleted_attribute(void **state)
{
    (void)state;
    struct exported exported = export_text_as(
            "misp", "[" INDICATOR_JSON("a", "[ipv4-addr:value = '203.0.113.7']", ",\"revoked\":true") "]");
    slice attribute = attribute_at(event_at(&exported, 0), 0);
    assert_true(slice_eq(json_get(attribute, S("deleted")), S("true")));
    assert_true(slice_eq(json_get(attribute, S("to_ids")), S("false")));
    assert_string_equal(exported.told.ptr, "");
    exported_free(&exported);
}

static void a_full_event_is_followed_by_another(void **state)
{
    (void)state;
    struct export_options options = test_options();
    options.attributes_max = 2;
    struct exported exported = export_json("misp",
            S("[" INDICATOR_JSON("1", "[ipv4-addr:value IN ('203.0.113.1', '203.0.113.2', '203.0.113.3')]",
                    "") "," INDICATOR_JSON("2", "[ipv4-addr:value IN ('203.0.113.4', '203.0.113.5')]", "") "]"),
            &options);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(attribute_at(event_at(&exported, i), 1).len > 0, i < 2);
        assert_true(attribute_at(event_at(&exported, i), 0).len > 0);
        assert_int_equal(attribute_at(event_at(&exported, i), 2).len, 0);
    }
    assert_text(event_at(&exported, 0), "info", "CSIRT Example");
    assert_text(event_at(&exported, 2), "info", "CSIRT Example 3");
    assert_int_equal(event_at(&exported, 3).len, 0);
    assert_false(slice_eq(json_get(event_at(&exported, 0), S("uuid")), json_get(event_at(&exported, 1), S("uuid"))));
    exported_free(&exported);
}

static void a_pattern_is_an_attribute_of_its_own_type(void **state)
{
    (void)state;
    static const char pattern[] = "[a:b = 'c' AND a:d = 1] FOLLOWEDBY [e:f = 2]";
    struct exported exported =
            export_text_as("misp", "[" INDICATOR_JSON("a", "[a:b = 'c' AND a:d = 1] FOLLOWEDBY [e:f = 2]", "") "]");
    slice attribute = attribute_at(event_at(&exported, 0), 0);
    assert_text(attribute, "type", "stix2-pattern");
    assert_text(attribute, "value", pattern);
    assert_text(attribute, "uuid", "00000000-0000-4000-8000-00000000000a");
    exported_free(&exported);
}

static void what_misp_cannot_say_is_named(void **state)
{
    (void)state;
    struct exported exported = export_text_as(
            "misp", "[" INDICATOR_JSON("1", "[x-thing:value = 'y']", "") "," INDICATOR_JSON(
                            "2", "[url:value LIKE 'http://a/%']", "") "," INDICATOR_JSON("3", "[file:name = 'a']",
                            ",\"valid_until\":\"2027-01-01T00:00:00Z\"") "," INDICATOR_JSON("3", "[file:name = 'a']",
                            "") ",{\"type\":\"malware\"},{\"type\":\"x\\n\"},{}]");
    assert_string_equal(exported.told.ptr,
            "1 type x-thing, which MISP has not\n1 URL with all below it\n"
            "1 valid_until, which an attribute cannot say (the attribute is written)\n"
            "1 attribute that is there already\n1 object malware\n1 object x?\n1 object \n");
    exported_free(&exported);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_attribute_has_the_uuid_of_its_indicator),
            cmocka_unit_test(the_same_export_has_the_same_uuids),
            cmocka_unit_test(what_was_revoked_is_a_deleted_attribute),
            cmocka_unit_test(a_full_event_is_followed_by_another),
            cmocka_unit_test(a_pattern_is_an_attribute_of_its_own_type),
            cmocka_unit_test(what_misp_cannot_say_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
