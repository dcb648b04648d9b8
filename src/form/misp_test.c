/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "form/golden_test.h"
#include "json/read.h"

static void every_sample_is_told_as_expected(void **state)
{
    (void)state;
    golden_list(&form_misp, golden_is_told);
}

static void every_sample_is_recognised(void **state)
{
    (void)state;
    golden_list(&form_misp, golden_is_recognised);
}

static void damaged_samples_are_read_safely(void **state)
{
    (void)state;
    golden_list(&form_misp, golden_is_read_safely);
}

static void a_full_sink_ends_the_reading(void **state)
{
    (void)state;
    struct told told = {.quiet = true, .stop_after = 1};
    struct err err = told_read(&form_misp,
            S("{\"Attribute\": [{\"type\": \"domain|ip\", \"category\": \"x\", \"to_ids\": true, "
              "\"value\": \"bad.example|192.0.2.1\"}]}"),
            &told);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(told.indicators, 1);
}

static void to_ids_is_true_in_all_its_spellings(void **state)
{
    (void)state;
    static const char *const spellings[] = {"true", "1", "\"1\"", "false", "0", "\"0\"", "null"};
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        char text[256];
        snprintf(text, sizeof(text), "[{\"type\": \"mutex\", \"category\": \"x\", \"to_ids\": %s, \"value\": \"bad\"}]",
                spellings[i]);
        assert_tells(
                &form_misp, text, i < 3 ? "1 other name='mutex' value='bad'\n" : "skipped attribute without to_ids\n");
    }
}

static void what_is_not_misp_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
            "", "5", "{}", "[1]", "{\"type\": \"bundle\", \"objects\": []}", "{\"response\": 5}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct told told = {.quiet = true};
        assert_int_equal(told_read(&form_misp, slice_of(texts[i]), &told).kind, ERR_INPUT);
    }
}

static void events_one_a_line_are_read(void **state)
{
    (void)state;
    assert_tells(&form_misp,
            "{\"Event\": {\"info\": \"a\"}}\n{\"Event\": {\"info\": \"b\", \"Attribute\": [{\"type\": \"mutex\", "
            "\"category\": \"x\", \"to_ids\": true, \"value\": \"bad\"}]}}\n",
            "2 other name='mutex' value='bad' label='b'\n");
}

/* What the third-party events should yield, counted in another way: attributes wherever they stand. */
struct counted {
    size_t indicators, skipped;
};

/* The attribute types of those events that name values to look for, and how many each. */
static const struct {
    const char *type;
    size_t values;
} counted_types[] = {
        {"attachment", 1},
        {"domain", 1},
        {"domain|ip", 2},
        {"email", 1},
        {"email-attachment", 1},
        {"email-dst", 1},
        {"email-message-id", 1},
        {"email-reply-to", 1},
        {"email-src", 1},
        {"email-subject", 1},
        {"email-x-mailer", 1},
        {"filename", 1},
        {"filename|md5", 2},
        {"hostname", 1},
        {"hostname|port", 1},
        {"ip-dst", 1},
        {"ip-dst|port", 1},
        {"ip-src", 1},
        {"ip-src|port", 1},
        {"mac-address", 1},
        {"malware-sample", 2},
        {"md5", 1},
        {"mutex", 1},
        {"named pipe", 1},
        {"regkey", 1},
        {"regkey|value", 1},
        {"sha1", 1},
        {"sha256", 1},
        {"url", 1},
        {"user-agent", 1},
        {"whois-registrant-email", 1},
        {"x509-fingerprint-md5", 1},
};

static size_t values_of(slice type)
{
    for (size_t i = 0; i < COUNT_OF(counted_types); i++)
        if (slice_eq(slice_part(type, 1, type.len - 1), slice_of(counted_types[i].type)))
            return counted_types[i].values;
    return 0;
}

static bool is_on(slice json)
{
    return slice_eq(json, S("true")) || slice_eq(json, S("1")) || slice_eq(json, S("\"1\""));
}

static void count_attribute(slice json, bool deleted, struct counted *counted)
{
    size_t values = values_of(json_get(json, S("type")));
    bool used = !deleted && !is_on(json_get(json, S("deleted"))) && is_on(json_get(json, S("to_ids"))) && values > 0;
    counted->indicators += used ? values : 0;
    counted->skipped += !used;
}

static void count_attributes(slice json, bool deleted, struct counted *counted)
{
    struct json_elements elements = json_elements(json);
    slice element;
    if (json_kind(json) == JSON_OBJECT)
        count_attribute(json, deleted, counted);
    while (json_element_next(&elements, &element))
        count_attribute(element, deleted, counted);
}

static void count_proposals(slice json, struct counted *counted)
{
    struct json_elements elements = json_elements(json);
    slice element;
    while (json_element_next(&elements, &element))
        counted->skipped++;
}

/* Recursion is bounded by the depth of checked JSON. */
static void count_all(slice json, bool deleted, struct counted *counted)
{
    slice key, value;
    struct json_elements elements = json_elements(json);
    while (json_element_next(&elements, &value))
        count_all(value, deleted, counted);
    deleted = deleted || is_on(json_get(json, S("deleted")));
    struct json_members members = json_members(json);
    while (json_member_next(&members, &key, &value)) {
        if (json_key_is(key, S("Attribute")))
            count_attributes(value, deleted, counted);
        if (json_key_is(key, S("ShadowAttribute")))
            count_proposals(value, counted);
        else if (!json_key_is(key, S("ObjectReference")))
            count_all(value, deleted, counted);
    }
}

static void nothing_is_lost(const char *name, slice text)
{
    struct told told = {.text = buf_make(TOLD_MAX)};
    struct counted counted = {0};
    struct err err = told_read(&form_misp, text, &told);
    buf_byte(&told.text, '\0');
    if (err.kind == ERR_NONE)
        count_all(text, false, &counted);
    /* A value that cannot be of its type is a problem: not taken, but not lost. */
    if (told.indicators + told.problems != counted.indicators || told.skipped != counted.skipped)
        fail_msg("%s: %zu indicators and %zu problems of %zu, %zu skipped of %zu:\n%s", name, told.indicators,
                told.problems, counted.indicators, told.skipped, counted.skipped, told.text.ptr);
    buf_free(&told.text);
}

static void third_party_file(const char *name, slice text)
{
    const struct form *form = form_recognise(text);
    if (form == &form_misp)
        nothing_is_lost(name, text);
}

static void third_party_events_are_read_without_loss(void **state)
{
    (void)state;
    conformance_list("events/misp/files", ".json", third_party_file);
}

static void nothing_is_lost_of_each_pair(slice row)
{
    slice event = json_get(row, S("misp"));
    if (json_kind(event) == JSON_OBJECT)
        nothing_is_lost("a pair", event);
}

static void each_pair(void (*each)(slice row))
{
    struct buf text = buf_make(TOLD_MAX);
    if (!conformance_load("events/misp/misp-to-stix21-a.jsonl", &text))
        return;
    slice rest = buf_slice(&text), row;
    while (slice_next(&rest, '\n', &row))
        if (row.len > 0)
            each(row);
    buf_free(&text);
}

static void third_party_pairs_are_read_without_loss(void **state)
{
    (void)state;
    each_pair(nothing_is_lost_of_each_pair);
}

/* A line "7 host value='x' id=..." tells the value that is found between the quotes. */
static slice told_value(slice line)
{
    size_t from = slice_find_slice(line, S(" value='"));
    if (from == line.len)
        return (slice){0};
    slice value = slice_from(line, from + 8);
    size_t end = slice_find_slice(value, S("' id="));
    return slice_part(value, 0, end < value.len ? end : value.len - 1);
}

static void lower(struct buf *text)
{
    for (size_t i = 0; i < text->len; i++)
        text->ptr[i] = byte_lower(text->ptr[i]);
}

/*
 * The converter writes some values in small letters. Otherwise what STIX says must stand in what MISP says, but for the
 * names of mutexes, processes and accounts in MISP objects: there they are attributes of type text.
 */
static void stix_values_are_misp_values(slice row)
{
    struct buf from_misp = told_of(&form_misp, json_get(row, S("misp")));
    struct buf from_stix = told_of(&form_stix, json_get(row, S("stix21")));
    lower(&from_misp);
    lower(&from_stix);
    slice rest = buf_slice(&from_stix), line;
    while (slice_next(&rest, '\n', &line)) {
        slice value = told_value(line);
        bool found = slice_find_slice(buf_slice(&from_misp), value) < from_misp.len;
        if (!found && slice_find_slice(line, S(" other ")) == line.len)
            fail_msg("only in STIX: %.*s\nMISP tells:\n%s", (int)line.len, line.ptr, from_misp.ptr);
    }
    buf_free(&from_misp);
    buf_free(&from_stix);
}

static void third_party_pairs_say_the_same_in_both_forms(void **state)
{
    (void)state;
    each_pair(stix_values_are_misp_values);
}

static void warninglist_is_read(const char *name, slice text)
{
    struct told told = {.text = buf_make(TOLD_MAX)};
    struct err err = told_read(&form_misp, text, &told);
    size_t entries = 0;
    struct json_elements walk = json_elements(json_get(text, S("list")));
    slice entry;
    while (json_element_next(&walk, &entry))
        entries++;
    if (err.kind != ERR_NONE || told.indicators + told.skipped != entries || told.indicators == 0 ||
            form_recognise(text) != &form_misp)
        fail_msg("%s: %zu indicators, %zu skipped, %zu problems of %zu", name, told.indicators, told.skipped,
                told.problems, entries);
    buf_free(&told.text);
}

static void third_party_warninglists_are_read(void **state)
{
    (void)state;
    static const char *const lists[] = {"bank-website", "cloudflare", "common-ioc-false-positive", "empty-hashes",
            "google-gmail-sending-ips", "microsoft-office365", "multicast", "public-dns-v4", "public-dns-v6", "rfc1918",
            "rfc3849", "rfc5735", "rfc6598", "second-level-tlds", "stackpath", "tlds", "whats-my-ip"};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        char folder[256];
        snprintf(folder, sizeof(folder), "taxonomies/misp-warninglists/%s", lists[i]);
        conformance_list(folder, "list.json", warninglist_is_read);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_sample_is_told_as_expected),
            cmocka_unit_test(every_sample_is_recognised),
            cmocka_unit_test(damaged_samples_are_read_safely),
            cmocka_unit_test(a_full_sink_ends_the_reading),
            cmocka_unit_test(to_ids_is_true_in_all_its_spellings),
            cmocka_unit_test(what_is_not_misp_is_refused),
            cmocka_unit_test(events_one_a_line_are_read),
            cmocka_unit_test(third_party_events_are_read_without_loss),
            cmocka_unit_test(third_party_pairs_are_read_without_loss),
            cmocka_unit_test(third_party_pairs_say_the_same_in_both_forms),
            cmocka_unit_test(third_party_warninglists_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
