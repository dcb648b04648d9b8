/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind_test.h"

/* The records of patterns, without head and comments, one a line. */
static struct buf records_of(const char *pattern, const struct export_options *options, struct buf *told)
{
    struct buf json = buf_make(EXPORTED_MAX), records = buf_make(EXPORTED_MAX);
    buf_printf(&json, "[" INDICATOR_JSON("1", "%s", "") "]", pattern);
    struct exported exported = export_json("rpz", buf_slice(&json), options);
    slice rest = slice_part(buf_slice(&exported.text), 0, exported.text.len - 1), line;
    for (unsigned i = 0; slice_next(&rest, '\n', &line); i++)
        if (i > 3 && line.len > 0) {
            buf_put(&records, slice_part(line, 0, slice_find(line, ' ')));
            buf_byte(&records, '\n');
        }
    buf_byte(&records, '\0');
    *told = exported.told;
    buf_free(&exported.text);
    buf_free(&json);
    return records;
}

static void assert_records(const char *pattern, const char *wanted, const char *told)
{
    struct export_options options = test_options();
    struct buf what, records = records_of(pattern, &options, &what);
    assert_string_equal(records.ptr, wanted);
    assert_string_equal(what.ptr, told);
    buf_free(&records);
    buf_free(&what);
}

static void addresses_are_triggers_in_reverse(void **state)
{
    (void)state;
    static const struct {
        const char *value, *wanted;
    } rows[] = {
            {"203.0.113.7", "32.7.113.0.203.rpz-ip\n"},
            {"203.0.113.0/24", "24.0.113.0.203.rpz-ip\n"},
            {"::ffff:203.0.113.7", "32.7.113.0.203.rpz-ip\n"},
            {"2001:db8::1", "128.1.zz.db8.2001.rpz-ip\n"},
            {"2001:db8:1:2:3:4:5:6", "128.6.5.4.3.2.1.db8.2001.rpz-ip\n"},
            {"2001:db8:0:1::", "128.zz.1.0.db8.2001.rpz-ip\n"},
            {"2001:db8:0:1:1:1:1:1", "128.1.1.1.1.1.0.db8.2001.rpz-ip\n"},
            {"2001:db8:0:0:1:0:0:1", "128.1.0.0.1.zz.db8.2001.rpz-ip\n"},
            {"2001:db8::/32", "32.zz.db8.2001.rpz-ip\n"},
            {"2001:db8:5::/48", "48.zz.5.db8.2001.rpz-ip\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char pattern[256];
        bool v4 = strchr(rows[i].value, ':') == NULL;
        snprintf(pattern, sizeof(pattern), "[%s:value = '%s']", v4 ? "ipv4-addr" : "ipv6-addr", rows[i].value);
        assert_records(pattern, rows[i].wanted, "");
    }
}

static void a_domain_has_a_wildcard_and_a_host_has_none(void **state)
{
    (void)state;
    assert_records("[domain-name:value = 'Evil.Example.']", "evil.example\n", "");
    assert_records("[domain-name:value = 'evil.example' OR domain-name:value LIKE '%.evil.example']",
            "evil.example\n*.evil.example\n", "");
    assert_records("[domain-name:value = 'b\\u00fccher.example']", "xn--bcher-kva.example\n", "");
    assert_records("[domain-name:value = '203.0.113.7']", "32.7.113.0.203.rpz-ip\n", "");
    assert_records("[domain-name:value IN ('a.example', 'A.EXAMPLE', 'a.example.')]", "a.example\n",
            "2 record that is there already\n");
}

static void names_that_mean_something_else_are_left_out(void **state)
{
    (void)state;
    assert_records("[domain-name:value = 'com']", "", "1 name of one label, a whole top-level domain\n");
    assert_records(
            "[domain-name:value = '32.1.2.0.192.rpz-ip']", "", "1 name that would mean something else to a policy\n");
    assert_records("[domain-name:value = 'x.RPZ-nsdname']", "", "1 name that would mean something else to a policy\n");
    static const char *const bytes[] = {
            "*.example", "a;b.example", "$ORIGIN.example", "a\\\"b.example", "(.example", "a,b.example"};
    for (size_t i = 0; i < COUNT_OF(bytes); i++) {
        char pattern[256];
        snprintf(pattern, sizeof(pattern), "[domain-name:value = '%s']", bytes[i]);
        assert_records(pattern, "", "1 name with bytes that host names have not\n");
    }
}

static void what_blocks_takes_no_special_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *value, *told;
    } rows[] = {
            {"0.0.0.0/0", "1 prefix shorter than /8\n"},
            {"198.0.0.0/7", "1 prefix shorter than /8\n"},
            {"127.0.0.1", "1 loopback address\n"},
            {"192.0.0.0/8", "1 address of a private network\n"}, /* it holds 192.168.0.0/16 */
            {"10.0.0.7", "1 address of a private network\n"},
            {"100.64.1.1", "1 address of a private network\n"},
            {"255.255.255.255", "1 multicast, reserved or broadcast address\n"},
            {"0.0.0.0", "1 address of no machine (0.0.0.0/8)\n"},
            {"169.254.169.254", "1 link-local address\n"},
            {"::/0", "1 IPv6 prefix shorter than /19\n"},
            {"::1", "1 loopback address\n"},
            {"fe80::1", "1 link-local address\n"},
            {"fd00::1", "1 address of a private network\n"},
            {"ff02::1", "1 multicast, reserved or broadcast address\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char pattern[256];
        bool v4 = strchr(rows[i].value, ':') == NULL;
        snprintf(pattern, sizeof(pattern), "[%s:value = '%s']", v4 ? "ipv4-addr" : "ipv6-addr", rows[i].value);
        assert_records(pattern, "", rows[i].told);
    }
}

static void private_addresses_go_to_who_asks_for_them(void **state)
{
    (void)state;
    struct export_options options = test_options();
    options.private_too = true;
    struct buf told, records = records_of("[ipv4-addr:value IN ('10.0.0.7', '127.0.0.1')]", &options, &told);
    assert_string_equal(records.ptr, "32.7.0.0.10.rpz-ip\n");
    assert_string_equal(told.ptr, "1 loopback address\n");
    buf_free(&records);
    buf_free(&told);
}

/* 253 bytes of text fill a name on the wire; below a zone there is room for less. */
static void a_name_has_to_fit_below_the_zone(void **state)
{
    (void)state;
    char name[256], pattern[512];
    for (size_t i = 0; i < sizeof(name); i++)
        name[i] = i % 50 == 49 ? '.' : 'a';
    for (size_t len = 180; len < 253; len++) {
        struct export_options options = test_options();
        options.zone = S("rpz.example.");
        struct buf told;
        if (len % 50 == 0) /* ends with a dot */
            continue;
        snprintf(pattern, sizeof(pattern), "[domain-name:value = '%.*s']", (int)len, name);
        struct buf records = records_of(pattern, &options, &told);
        /* text, dot and the zone: 1 + 11; with a length in front and the root behind, 255 */
        assert_int_equal(records.len > 1, len + 1 + 11 + 2 <= 255);
        if (records.len == 1)
            assert_string_equal(told.ptr, "1 name too long to stand below the zone's\n");
        buf_free(&records);
        buf_free(&told);
    }
}

static void a_zone_that_is_no_name_is_refused(void **state)
{
    (void)state;
    static const char *const zones[] = {".", "a b", "a\nb", "a;b", "a..b", "a.\"b\""};
    const struct export_sink sink = {NULL, NULL, NULL, NULL};
    for (size_t i = 0; i < COUNT_OF(zones); i++) {
        struct export_options options = test_options();
        struct export *export = NULL;
        options.zone = slice_of(zones[i]);
        assert_int_equal(export_open(kind_of("rpz"), &options, &sink, &export).kind, ERR_INPUT);
        assert_null(export);
    }
}

static void named_checkzone_takes_it(void **state)
{
    (void)state;
    if (system("named-checkzone -v >/dev/null 2>&1") != 0) { /* NOLINT(cert-env33-c): the line is ours */
        print_message("# named-checkzone is not installed\n");
        skip();
    }
    struct buf json = buf_make(EXPORTED_MAX);
    struct export_options options = test_options();
    options.zone = S("rpz.example");
    assert_true(test_load("all.json", &json));
    struct exported exported = export_json("rpz", buf_slice(&json), &options);
    assert_int_equal(run_on_file("named-checkzone rpz.example", &exported.text), 0);
    exported_free(&exported);
    exported = export_json("rpz", S("[]"), &options);
    assert_int_equal(run_on_file("named-checkzone rpz.example", &exported.text), 0);
    buf_reset(&exported.text);
    buf_put(&exported.text, S("no zone\n\n"));
    assert_int_not_equal(run_on_file("named-checkzone rpz.example", &exported.text), 0);
    exported_free(&exported);
    buf_free(&json);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(addresses_are_triggers_in_reverse),
            cmocka_unit_test(a_domain_has_a_wildcard_and_a_host_has_none),
            cmocka_unit_test(names_that_mean_something_else_are_left_out),
            cmocka_unit_test(what_blocks_takes_no_special_addresses),
            cmocka_unit_test(private_addresses_go_to_who_asks_for_them),
            cmocka_unit_test(a_name_has_to_fit_below_the_zone),
            cmocka_unit_test(a_zone_that_is_no_name_is_refused),
            cmocka_unit_test(named_checkzone_takes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
