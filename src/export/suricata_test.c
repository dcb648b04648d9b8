/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind_test.h"

/* Suricata is not in Debian 12 as installed here, so its texts are held against what its manual says of them. */

static slice file_of(const struct exported *exported, const char *wanted)
{
    slice rest = slice_part(buf_slice(&exported->text), 0, exported->text.len - 1), name, content;
    while (shape_tar_next(&rest, &name, &content))
        if (slice_eq(name, slice_of(wanted)))
            return content;
    fail_msg("no file %s", wanted);
    return (slice){0};
}

static void each_type_is_in_its_file(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *file, *line;
    } rows[] = {
            {"[domain-name:value = 'Evil.Example']", "kentongan-names.lst", "ZXZpbC5leGFtcGxl\n"},
            {"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'curl/8']",
                    "kentongan-useragents.lst", "Y3VybC84\n"},
            {"[x-ja3:value = '0123456789abcdef0123456789abcdef']", "kentongan-ja3.lst",
                    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n"},
            {"[file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF8427E']", "kentongan-md5.lst",
                    "d41d8cd98f00b204e9800998ecf8427e\n"},
            {"[file:hashes.'SHA-1' = 'da39a3ee5e6b4b0d3255bfef95601890afd80709']", "kentongan-sha1.lst",
                    "da39a3ee5e6b4b0d3255bfef95601890afd80709\n"},
            {"[ipv4-addr:value = '203.0.113.7']", "kentongan-ipv4.lst", "203.0.113.7\n"},
            {"[ipv6-addr:value = '2001:DB8::1']", "kentongan-ipv6.lst", "2001:db8::1\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf json = buf_make(EXPORTED_MAX);
        buf_printf(&json, "[" INDICATOR_JSON("1", "%s", "") "]", rows[i].pattern);
        struct export_options options = test_options();
        struct exported exported = export_json("suricata", buf_slice(&json), &options);
        assert_true(slice_eq(file_of(&exported, rows[i].file), slice_of(rows[i].line)));
        slice rules = file_of(&exported, "kentongan.rules");
        /* the rules name that file and no other */
        assert_true(slice_find_slice(rules, slice_of(rows[i].file)) < rules.len);
        for (size_t j = 0; j < COUNT_OF(rows); j++)
            assert_int_equal(slice_find_slice(rules, slice_of(rows[j].file)) < rules.len, i == j);
        exported_free(&exported);
        buf_free(&json);
    }
}

static void tar_reads_the_archive(void **state)
{
    (void)state;
    struct exported exported =
            export_text_as("suricata", "[" INDICATOR_JSON("1", "[ipv4-addr:value = '203.0.113.7']", "") "]");
    assert_int_equal(exported.text.len % 512, 1);
    assert_int_equal(run_on_file("tar -xOf", &exported.text), 0);
    exported.text.ptr[150] ^= 1; /* in the checksum */
    assert_int_not_equal(run_on_file("tar -xOf", &exported.text), 0);
    exported_free(&exported);
}

static void what_datasets_cannot_hold_is_named(void **state)
{
    (void)state;
    struct exported exported = export_text_as(
            "suricata", "[" INDICATOR_JSON("1", "[url:value = 'http://a.example/']", "") "," INDICATOR_JSON("2",
                                "[domain-name:value = 'a.example' OR domain-name:value LIKE '%.a.example']",
                                "") "," INDICATOR_JSON("3", "[domain-name:value = 'A.example']",
                                "") "," INDICATOR_JSON("4", "[ipv4-addr:value = '203.0.113.0/24']", "") "]");
    assert_string_equal(exported.told.ptr,
            "1 type url, which no dataset can hold\n"
            "1 names below a domain (a dataset holds whole names; the domain itself is written)\n"
            "1 value that is there already\n1 type cidr, which no dataset can hold\n");
    exported_free(&exported);
}

/* The sids of the rules of a text, one after another. */
static size_t sids_of(const struct exported *exported, uint64_t *sids, size_t room)
{
    slice rest = slice_part(buf_slice(&exported->text), 0, exported->text.len - 1), line;
    size_t count = 0;
    while (slice_next(&rest, '\n', &line)) {
        size_t at = slice_find_slice(line, S(" sid:"));
        if (at == line.len)
            continue;
        slice number = slice_from(line, at + 5);
        assert_true(
                count < room && slice_u64(slice_part(number, 0, slice_find(number, ';')), UINT32_MAX, &sids[count]));
        count++;
    }
    return count;
}

static void signature_ids_are_stable_and_in_their_range(void **state)
{
    (void)state;
    uint64_t one[8], two[8], elsewhere[8];
    struct export_options options = test_options();
    struct exported first = export_json("suricata-rules",
            S("[" INDICATOR_JSON("1", "[domain-name:value = 'a.example']", "") "," INDICATOR_JSON(
                    "2", "[ipv4-addr:value = '203.0.113.7']", "") "]"),
            &options);
    options.name = S("Another Name");
    struct exported second = export_json("suricata-rules",
            S("[" INDICATOR_JSON("3", "[domain-name:value = 'A.Example.']", ",\"name\":\"x\"") "]"), &options);
    options.sid_from = 3000000;
    struct exported third = export_json(
            "suricata-rules", S("[" INDICATOR_JSON("3", "[domain-name:value = 'a.example']", "") "]"), &options);
    assert_int_equal(sids_of(&first, one, 8), 4);
    assert_int_equal(sids_of(&second, two, 8), 3);
    assert_int_equal(sids_of(&third, elsewhere, 8), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(one[i], two[i]);
        assert_int_equal(one[i] - 1000000000, elsewhere[i] - 3000000);
        assert_true(one[i] >= 1000001024 && one[i] < 1000000000 + (1u << 30));
    }
    exported_free(&first);
    exported_free(&second);
    exported_free(&third);
}

static int order(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/* With 200,000 rules in 2^30 numbers some share one: each still has its own, and that is told. */
static void signature_ids_that_collide_are_told_apart_and_told(void **state)
{
    (void)state;
    enum { RULES = 200000 };
    struct buf json = buf_make(EXPORTED_MAX);
    uint64_t *sids = calloc(RULES, sizeof(*sids));
    assert_non_null(sids);
    for (unsigned i = 0; i < RULES; i++)
        buf_printf(&json, "%s'203.%u.%u.%u'",
                i % 1000 > 0 ? ","
                : i == 0     ? "[{\"type\":\"indicator\",\"id\":\"i\",\"pattern\":\"[ipv4-addr:value IN ("
                             : ")]\"},{\"type\":\"indicator\",\"id\":\"i\",\"pattern\":\"[ipv4-addr:value IN (",
                i >> 16, i >> 8 & 255, i & 255);
    buf_put(&json, S(")]\"}]"));
    struct export_options options = test_options();
    struct exported exported = export_json("suricata-rules", buf_slice(&json), &options);
    assert_int_equal(sids_of(&exported, sids, RULES), RULES);
    qsort(sids, RULES, sizeof(*sids), order);
    for (size_t i = 1; i < RULES; i++)
        assert_true(sids[i - 1] < sids[i]);
    assert_holds(&exported.told, " signature id of the hash, which another rule has; the next free one is used\n");
    exported_free(&exported);
    free(sids);
    buf_free(&json);
}

static void contents_hold_nothing_that_ends_them(void **state)
{
    (void)state;
    struct exported exported = export_text_as(
            "suricata-rules", "[" INDICATOR_JSON("1",
                                      "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = "
                                      "'a\\\";|\\\\\\\\:\\n\\u0000\\u00e9 z']",
                                      ",\"name\":\"n\\\"; sid:1; \\\\|\\n\",\"labels\":[\"PAP:AMBER\"]") "]");
    assert_holds(&exported.text, "content:\"a|22 3b 7c 5c 3a 0a 00 c3 a9 20|z\"; bsize:12;");
    assert_holds(&exported.text, "(msg:\"CSIRT Example n? sid?1? ?\";");
    assert_holds(&exported.text, ", pap AMBER; sid:");
    exported_free(&exported);
}

static void a_value_too_long_for_a_rule_is_named(void **state)
{
    (void)state;
    struct buf json = buf_make(EXPORTED_MAX);
    buf_put(&json, S("[{\"type\":\"indicator\",\"id\":\"i\",\"pattern\":\"[file:name = '"));
    for (unsigned i = 0; i < 8000; i++)
        buf_byte(&json, 'a');
    buf_put(&json, S("']\"}]"));
    struct export_options options = test_options();
    struct exported exported = export_json("suricata-rules", buf_slice(&json), &options);
    assert_string_equal(exported.told.ptr, "2 value too long for a rule\n");
    exported_free(&exported);
    buf_free(&json);
}

static void a_range_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    const struct export_sink sink = {NULL, NULL, NULL, NULL};
    struct export_options options = test_options();
    struct export *export = NULL;
    options.sid_from = UINT32_MAX;
    assert_int_equal(export_open(kind_of("suricata-rules"), &options, &sink, &export).kind, ERR_INPUT);
    assert_int_equal(export_open(kind_of("suricata"), &options, &sink, &export).kind, ERR_INPUT);
    assert_null(export);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(each_type_is_in_its_file),
            cmocka_unit_test(tar_reads_the_archive),
            cmocka_unit_test(what_datasets_cannot_hold_is_named),
            cmocka_unit_test(signature_ids_are_stable_and_in_their_range),
            cmocka_unit_test(signature_ids_that_collide_are_told_apart_and_told),
            cmocka_unit_test(contents_hold_nothing_that_ends_them),
            cmocka_unit_test(a_value_too_long_for_a_rule_is_named),
            cmocka_unit_test(a_range_that_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
