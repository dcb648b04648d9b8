/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind_test.h"

static void assert_line(const char *pattern, const char *start)
{
    struct buf json = buf_make(EXPORTED_MAX);
    buf_printf(&json, "[" INDICATOR_JSON("1", "%s", "") "]", pattern);
    struct export_options options = test_options();
    struct exported exported = export_json("zeek", buf_slice(&json), &options);
    assert_holds(&exported.text, start);
    exported_free(&exported);
    buf_free(&json);
}

static void types_are_those_of_zeek(void **state)
{
    (void)state;
    assert_line("[ipv4-addr:value = '203.0.113.7']", "\n203.0.113.7\tIntel::ADDR\tCSIRT Example\t-\tindicator--");
    assert_line("[ipv6-addr:value = '2001:DB8::0:1']", "\n2001:db8::1\tIntel::ADDR\t");
    assert_line("[ipv4-addr:value = '203.0.113.7/24']", "\n203.0.113.0/24\tIntel::SUBNET\t");
    assert_line("[domain-name:value = 'Evil.Example.']", "\nevil.example\tIntel::DOMAIN\t");
    assert_line("[url:value = 'https://Evil.Example:443/A?b#c']", "\nevil.example/A?b\tIntel::URL\t");
    assert_line("[url:value = 'http://[2001:db8::1]:8080/']", "\n[2001:db8::1]:8080/\tIntel::URL\t");
    assert_line("[email-addr:value = 'Boss@Corp.Example']", "\nBoss@corp.example\tIntel::EMAIL\t");
    assert_line("[file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF8427E']",
            "\nd41d8cd98f00b204e9800998ecf8427e\tIntel::FILE_HASH\t");
    assert_line("[file:name = 'a b.exe']", "\na b.exe\tIntel::FILE_NAME\t");
}

static void fields_cannot_be_left(void **state)
{
    (void)state;
    assert_line("[file:name = 'a\\tb\\nc']", "\na\\x09b\\x0ac\tIntel::FILE_NAME\t");
    assert_line("[file:name = 'a\\\\\\\\x09']", "\na\\x5cx09\tIntel::FILE_NAME\t");
    assert_line("[file:name = '#fields']", "\n\\x23fields\tIntel::FILE_NAME\t");
    assert_line("[file:name = '-']", "\n\\x2d\tIntel::FILE_NAME\t");
    assert_line("[file:name = '(empty)']", "\n\\x28empty)\tIntel::FILE_NAME\t");
    assert_line("[file:name = '\\u00e9\\u0000']", "\n\\xc3\\xa9\\x00\tIntel::FILE_NAME\t");
}

static void what_zeek_does_not_look_for_is_named(void **state)
{
    (void)state;
    struct exported exported = export_text_as(
            "zeek", "[" INDICATOR_JSON("1", "[mutex:name = 'x' OR x-ja3:value = '0123456789abcdef0123456789abcdef']",
                            "") "," INDICATOR_JSON("2",
                            "[domain-name:value = 'a.example' OR domain-name:value LIKE '%.a.example']",
                            "") "," INDICATOR_JSON("3", "[domain-name:value = 'A.example']", "") "," INDICATOR_JSON("4",
                            "[ipv4-addr:value = '0.0.0.0/1']", "") "]");
    assert_string_equal(exported.told.ptr,
            "1 type mutex, which Zeek does not look for\n1 type ja3, which Zeek does not look for\n"
            "1 names below a domain (Zeek compares whole names; the domain itself is written)\n"
            "1 value that is there already\n1 prefix shorter than /8\n");
    exported_free(&exported);
}

static void markings_are_a_field(void **state)
{
    (void)state;
    struct exported exported = export_text_as("zeek",
            "[" INDICATOR_JSON("1", "[file:name = 'x']", ",\"name\":\"A\",\"labels\":[\"PAP:AMBER\",\"tlp:red\"]") "]");
    assert_holds(&exported.text, "\tA\tindicator--00000000-0000-4000-8000-000000000001\tTLP:RED PAP:AMBER\n");
    exported_free(&exported);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(types_are_those_of_zeek),
            cmocka_unit_test(fields_cannot_be_left),
            cmocka_unit_test(what_zeek_does_not_look_for_is_named),
            cmocka_unit_test(markings_are_a_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
