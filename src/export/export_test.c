/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind_test.h"

/* Whether the one indicator of a JSON array is written as this kind; told is what was left out. */
static bool is_written(const char *kind, const char *json, const char *told)
{
    struct exported exported = export_text_as(kind, json);
    bool written = strstr(exported.text.ptr, "203.0.113.7") != NULL || strstr(exported.text.ptr, "7.113.0.203") != NULL;
    if (told != NULL)
        assert_string_equal(exported.told.ptr, told);
    exported_free(&exported);
    return written;
}

#define ADDRESS "[ipv4-addr:value = '203.0.113.7']"

static void validity_is_asked_at_the_moment_of_the_export(void **state)
{
    (void)state;
    static const struct {
        const char *json, *told;
    } rows[] = {
            {"[" INDICATOR_JSON("1", ADDRESS, "") "]", ""},
            {"[" INDICATOR_JSON("1", ADDRESS, ",\"valid_until\":\"2026-11-21T12:00:00.000001Z\"") "]", ""},
            {"[" INDICATOR_JSON("1", ADDRESS, ",\"valid_until\":\"2026-11-21T12:00:00Z\"") "]",
                    "1 expired indicator\n"},
            {"[" INDICATOR_JSON("1", ADDRESS, ",\"revoked\":true") "]", "1 revoked indicator\n"},
            {"[{\"type\":\"indicator\",\"id\":\"i\",\"pattern\":\"" ADDRESS
             "\",\"valid_from\":\"2026-11-21T12:00:00.000001Z\"}]",
                    "1 indicator not yet valid\n"},
            {"[{\"type\":\"indicator\",\"id\":\"i\",\"pattern\":\"" ADDRESS
             "\",\"valid_from\":\"2026-11-21T12:00:00Z\"}]",
                    ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t k = 0; k < 4; k++) {
            const char *kinds[] = {"csv", "rpz", "zeek", "nft"};
            assert_int_equal(is_written(kinds[k], rows[i].json, rows[i].told), rows[i].told[0] == '\0');
        }
}

/* domain.md's vector: PAP:RED leaves for no sensor and no block list, whatever its TLP; and what is between. */
static void pap_allows_by_what_a_kind_does(void **state)
{
    (void)state;
    static const struct {
        const char *labels;
        bool read, detect, block;
    } rows[] = {
            {"", true, true, true},
            {",\"labels\":[\"PAP:CLEAR\"]", true, true, true},
            {",\"labels\":[\"PAP:GREEN\"]", true, true, true},
            {",\"labels\":[\"PAP:AMBER\"]", true, true, false},
            {",\"labels\":[\"PAP:RED\"]", true, false, false},
            {",\"labels\":[\"tlp:clear\",\"pap:red\"]", true, false, false},
            {",\"labels\":[\"TLP:RED\"]", true, true, true},
            {",\"object_marking_refs\":[\"marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e\"]", true, false,
                    false},
            {",\"object_marking_refs\":[\"marking-definition--00000000-0000-4000-8000-000000000009\"]", true, false,
                    false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char json[2048];
        snprintf(json, sizeof(json), "[" INDICATOR_JSON("1", ADDRESS, "%s") "]", rows[i].labels);
        assert_int_equal(is_written("csv", json, NULL), rows[i].read);
        assert_int_equal(is_written("misp", json, NULL), rows[i].read);
        assert_int_equal(
                is_written("suricata", json, NULL) || is_written("suricata-rules", json, NULL), rows[i].detect);
        assert_int_equal(is_written("zeek", json, NULL), rows[i].detect);
        assert_int_equal(is_written("rpz", json, NULL), rows[i].block);
        assert_int_equal(is_written("nft", json, NULL), rows[i].block);
    }
}

static void an_object_is_left_out_once_whatever_it_holds(void **state)
{
    (void)state;
    struct exported exported = export_text_as("csv",
            "[" INDICATOR_JSON("1", "[ipv4-addr:value IN ('203.0.113.7', '203.0.113.8')]", ",\"revoked\":true") "]");
    assert_string_equal(exported.told.ptr, "1 revoked indicator\n");
    assert_true(exported.totals.objects == 1 && exported.totals.values == 0 && exported.totals.left_out == 1);
    exported_free(&exported);
}

static void what_is_no_object_is_named_and_the_rest_written(void **state)
{
    (void)state;
    static const char *const broken[] = {"", "{", "[]", "7", "\"x\"", "{}],\"x\":[{}", "{\"a\":1,\"a\":2}", "\xff"};
    struct exported exported = {.text = buf_make(EXPORTED_MAX), .told = buf_make(EXPORTED_MAX)};
    const struct export_sink sink = {&exported, exported_write, exported_left_out, NULL};
    struct export_options options = test_options();
    struct export *export;
    assert_int_equal(export_open(kind_of("stix"), &options, &sink, &export).kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(broken); i++)
        assert_int_equal(export_object(export, &(struct export_object){.bytes = slice_of(broken[i])}).kind, ERR_NONE);
    assert_int_equal(
            export_object(export, &(struct export_object){.bytes = S(" {\"type\":\"x-any\"}\n")}).kind, ERR_NONE);
    assert_int_equal(export_end(export).kind, ERR_NONE);
    export_close(export);
    assert_null(shape_wrong("stix", buf_slice(&exported.text)));
    assert_true(slice_find_slice(buf_slice(&exported.text), S("[\n{\"type\":\"x-any\"}\n]")) < exported.text.len);
    assert_true(slice_eq(buf_slice(&exported.told), S("8 what is no JSON object\n")));
    exported_free(&exported);
}

/* How STIX says what our lists call a domain; and patterns that look like it. */
static void a_name_and_all_below_it_is_a_domain(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        bool domain;
    } rows[] = {
            {"[domain-name:value = 'a.example' OR domain-name:value LIKE '%.a.example']", true},
            {"[domain-name:value = 'a.example' OR domain-name:value LIKE '%.b.example']", false},
            {"[domain-name:value = 'a.example' OR domain-name:value LIKE '%a.example']", false},
            {"[domain-name:value = 'a_b.example' OR domain-name:value LIKE '%.a_b.example']", false},
            {"[domain-name:value = 'a.example' AND domain-name:value LIKE '%.a.example']", false},
            {"[domain-name:value = 'a.example' OR domain-name:value NOT LIKE '%.a.example']", false},
            {"[domain-name:value = 'a.example'] OR [domain-name:value LIKE '%.a.example']", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char json[2048];
        snprintf(json, sizeof(json), "[" INDICATOR_JSON("1", "%s", "") "]", rows[i].pattern);
        struct exported exported = export_text_as("csv", json);
        if (rows[i].domain)
            assert_holds(&exported.text, "domain,a.example,");
        else
            assert_string_equal(exported.told.ptr, "1 pattern that is more than values\n");
        exported_free(&exported);
    }
}

static struct err refuse(void *context, slice text)
{
    (void)context, (void)text;
    return err_make(ERR_INPUT, "the disk is not there");
}

/* Not taken for a fault of the value that was being written. */
static void an_error_of_the_sink_ends_the_export(void **state)
{
    (void)state;
    const struct export_sink sink = {NULL, refuse, NULL, NULL};
    struct export_options options = test_options();
    for (size_t i = 0; export_kinds[i] != NULL; i++) {
        struct export *export;
        struct err err = export_open(export_kinds[i], &options, &sink, &export);
        assert_int_equal(err.kind, ERR_NONE);
        slice json = S(INDICATOR_JSON("1", ADDRESS, ""));
        err = export_object(export, &(struct export_object){.bytes = json});
        for (unsigned n = 0; n < 100000 && err.kind == ERR_NONE && i == 0; n++)
            err = export_object(export, &(struct export_object){.bytes = json});
        if (err.kind == ERR_NONE)
            err = export_end(export);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(err.why, "the disk is not there");
        export_close(export);
    }
}

static void count_object(void *context, const char *what, slice id)
{
    unsigned *count = context;
    assert_string_equal(what, "revoked indicator");
    assert_true(slice_starts(id, S("indicator--")));
    ++*count;
}

static struct err forget(void *context, slice text)
{
    (void)context, (void)text;
    return OK;
}

static void each_object_left_out_can_be_told_at_once(void **state)
{
    (void)state;
    unsigned count = 0;
    const struct export_sink sink = {&count, forget, NULL, count_object};
    struct export_options options = test_options();
    struct export *export;
    assert_int_equal(export_open(kind_of("rpz"), &options, &sink, &export).kind, ERR_NONE);
    slice json = S(INDICATOR_JSON("1", ADDRESS, ",\"revoked\":true"));
    assert_int_equal(export_object(export, &(struct export_object){.bytes = json}).kind, ERR_NONE);
    assert_int_equal(count, 1);
    export_close(export); /* without its end */
}

static void names_of_what_is_left_out_have_a_ceiling(void **state)
{
    (void)state;
    struct buf json = buf_make(EXPORTED_MAX);
    for (unsigned i = 0; i < 2 * EXPORT_REASONS_MAX; i++)
        buf_printf(&json, "%s{\"type\":\"indicator\",\"id\":\"i\",\"pattern_type\":\"t%u\",\"pattern\":\"\"}",
                i == 0 ? "[" : ",", i);
    buf_put(&json, S("]"));
    struct export_options options = test_options();
    struct exported exported = export_json("csv", buf_slice(&json), &options);
    assert_holds(&exported.told, "1 pattern_type t254\n257 for further reasons\n");
    assert_int_equal(exported.totals.left_out, 2 * EXPORT_REASONS_MAX);
    exported_free(&exported);
    buf_free(&json);
}

/* What strangers may write into a name: whatever it is, every kind keeps its shape (export_json asks). */
static void hostile_names_break_out_of_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"a\\nb", "a\\r\\nevil CNAME .", "\\\"; sid:1; \\\"", "\\u0000", "a\\\\", "|00|",
            "';--", "{{x}}", "\\t\\t", "\\u2028\\u2029\\u0085", "=1+1", "#", "*/", "(", ")", "-", "\\ud83e\\udd41", ""};
    static const char *const patterns[] = {ADDRESS, "[domain-name:value = 'x.example']",
            "[url:value = 'http://x.example/%s']", "[mutex:name = '%s']", "[file:name = '%s']",
            "[email-addr:value = '\\\"%s\\\"@x.example']",
            "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = '%s']"};
    for (size_t k = 0; export_kinds[k] != NULL; k++)
        for (size_t i = 0; i < COUNT_OF(names); i++)
            for (size_t p = 0; p < COUNT_OF(patterns); p++) {
                char pattern[512], json[2048];
                size_t hole = slice_find_slice(slice_of(patterns[p]), S("%s"));
                snprintf(pattern, sizeof(pattern), "%.*s%s%s", (int)hole, patterns[p],
                        patterns[p][hole] == '\0' || strchr(names[i], '\'') != NULL ? "" : names[i],
                        patterns[p][hole] == '\0' ? "" : patterns[p] + hole + 2);
                snprintf(json, sizeof(json),
                        "[{\"type\":\"indicator\",\"id\":\"%s\",\"name\":\"%s\",\"pattern\":\"%s\"}]", names[i],
                        names[i], pattern);
                struct export_options options = test_options();
                options.formulas_too = false;
                options.name = slice_of(names[i]);
                struct exported exported = export_json(export_kinds[k]->name, slice_of(json), &options);
                exported_free(&exported);
            }
}

static void a_name_of_a_megabyte_is_no_harm(void **state)
{
    (void)state;
    struct buf json = buf_make(EXPORTED_MAX);
    buf_put(&json, S("[{\"type\":\"indicator\",\"id\":\"i\",\"pattern\":\"" ADDRESS "\",\"name\":\""));
    for (unsigned i = 0; i < 1u << 20; i++)
        buf_byte(&json, "ab;\xc3"[i % 3]);
    buf_put(&json, S("\"}]"));
    struct export_options options = test_options();
    for (size_t k = 0; export_kinds[k] != NULL; k++) {
        struct exported exported = export_json(export_kinds[k]->name, buf_slice(&json), &options);
        exported_free(&exported);
    }
    buf_free(&json);
}

static struct err export_one(const char *kind, slice object, struct exported *exported)
{
    *exported = (struct exported){.text = buf_make(EXPORTED_MAX), .told = buf_make(EXPORTED_MAX)};
    const struct export_sink sink = {exported, exported_write, exported_left_out, NULL};
    struct export_options options = test_options();
    struct export *export;
    TRY(export_open(kind_of(kind), &options, &sink, &export));
    struct err err = export_object(export, &(struct export_object){.bytes = object});
    if (err.kind == ERR_NONE)
        err = export_end(export);
    export_close(export);
    buf_byte(&exported->told, '\0');
    return err;
}

/* An object beyond its ceiling, and one of labels up to it, are work with an end. */
static void huge_objects_are_left_out_or_written_within_bounds(void **state)
{
    (void)state;
    static const size_t lengths[] = {(32u << 20) + 1, 32u << 20};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct buf json = buf_make(EXPORTED_MAX);
        struct exported exported;
        buf_put(&json, S("{\"type\":\"indicator\",\"id\":\"i\",\"pattern\":\"" ADDRESS "\",\"labels\":[\"a\\n"));
        while (json.len < lengths[i] - 12)
            buf_put(&json, S("\",\"b\\tc"));
        while (json.len < lengths[i] - 3)
            buf_byte(&json, 'x');
        buf_put(&json, S("\"]}"));
        assert_int_equal(export_one("csv", buf_slice(&json), &exported).kind, ERR_NONE);
        assert_string_equal(exported.told.ptr,
                i == 0 ? "1 object longer, deeper or with more keys than STIX objects may be here\n" : "");
        exported_free(&exported);
        buf_free(&json);
    }
}

/* As long as a pattern may be, and no values: it is looked at, not taken apart twice. */
static void a_huge_pattern_is_named(void **state)
{
    (void)state;
    struct buf json = buf_make(EXPORTED_MAX);
    struct exported exported;
    buf_put(&json, S("{\"type\":\"indicator\",\"id\":\"i\",\"pattern\":\"[a:b LIKE 'x%'"));
    for (unsigned i = 0; i < 100000; i++)
        buf_printf(&json, " OR a:b = 'v%u'", i);
    buf_put(&json, S("]\"}"));
    assert_int_equal(export_one("csv", buf_slice(&json), &exported).kind, ERR_NONE);
    assert_string_equal(exported.told.ptr, "1 pattern that is more than values\n");
    exported_free(&exported);
    buf_free(&json);
}

static void what_pap_allows_is_a_table(void **state)
{
    (void)state;
    static const bool allowed[][3] = {
            [PAP_NONE] = {true, true, true},
            [PAP_CLEAR] = {true, true, true},
            [PAP_GREEN] = {true, true, true},
            [PAP_AMBER] = {true, true, false},
            [PAP_RED] = {true, false, false},
    };
    for (unsigned pap = PAP_NONE; pap <= PAP_RED; pap++)
        for (unsigned action = EXPORT_READ; action <= EXPORT_BLOCK; action++)
            assert_int_equal(export_pap_allows((enum stix_pap)pap, (enum export_action)action), allowed[pap][action]);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(validity_is_asked_at_the_moment_of_the_export),
            cmocka_unit_test(pap_allows_by_what_a_kind_does),
            cmocka_unit_test(an_object_is_left_out_once_whatever_it_holds),
            cmocka_unit_test(what_is_no_object_is_named_and_the_rest_written),
            cmocka_unit_test(a_name_and_all_below_it_is_a_domain),
            cmocka_unit_test(an_error_of_the_sink_ends_the_export),
            cmocka_unit_test(each_object_left_out_can_be_told_at_once),
            cmocka_unit_test(names_of_what_is_left_out_have_a_ceiling),
            cmocka_unit_test(hostile_names_break_out_of_nothing),
            cmocka_unit_test(a_name_of_a_megabyte_is_no_harm),
            cmocka_unit_test(huge_objects_are_left_out_or_written_within_bounds),
            cmocka_unit_test(a_huge_pattern_is_named),
            cmocka_unit_test(what_pap_allows_is_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
