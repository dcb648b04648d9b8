/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/view.h"

#include "stix/evaluate.h"
#include "stix/observed.h"
#include "stix/table_test.h"
#include "json/read.h"

static struct arena *arena;
static struct stix_scratch *scratch;
static struct stix_view view;

static int open_all(void **state)
{
    (void)state;
    arena = arena_open("view test", ARENA_WORK, 256u << 20);
    scratch = stix_compare_open();
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    stix_compare_close(scratch);
    arena_close(arena);
    return 0;
}

static uint64_t met(slice text, const struct stix_observation *observation)
{
    struct stix_pattern pattern;
    struct stix_place place;
    struct stix_budget budget = stix_budget_of(STIX_BUDGET_STEPS);
    uint64_t words[4] = {0};
    struct err err = stix_pattern_parse(text, arena, &pattern, &place);
    if (err.kind != ERR_NONE || stix_solve_width(&pattern) > COUNT_OF(words))
        return UINT64_MAX;
    stix_evaluate_one(&pattern, observation, scratch, &budget, words);
    return budget.empty ? UINT64_MAX : words[0];
}

static void rows_are_met_along_their_paths(void **state)
{
    (void)state;
    stix_view_begin(&view, 1000000, 2000000);
    stix_view_object(&view, S("network-traffic"));
    stix_view_text(&view, S("src_ref.value"), S("192.0.2.1"));
    stix_view_text(&view, S("dst_ref.value"), S("melati.example"));
    stix_view_number(&view, S("dst_port"), 443);
    stix_view_text(&view, S("protocols[0]"), S("tcp"));
    stix_view_text(&view, S("protocols[1]"), S("http"));
    stix_view_text(&view, S("extensions.http-request-ext.request_header.User-Agent[0]"), S("Drum/1.0"));
    stix_view_text(&view, S("x.'a[*]'"), S("quoted"));
    stix_view_object(&view, S("ipv4-addr"));
    stix_view_text(&view, S("value"), S("192.0.2.1"));
    struct stix_observation observation = stix_view_observation(&view);
    static const struct {
        const char *text;
        uint64_t met;
    } rows[] = {
            {"[network-traffic:dst_ref.value = 'melati.example' AND network-traffic:dst_port = 443]", 1},
            {"[network-traffic:dst_ref.value = 'melati.example' AND network-traffic:dst_port = 444]", 0},
            {"[network-traffic:dst_port > 442.5] OR [ipv4-addr:value ISSUBSET '192.0.2.0/24']", 3},
            {"[network-traffic:protocols[*] = 'http']", 1},
            {"[network-traffic:protocols[0] = 'http']", 0},
            {"[network-traffic:protocols = 'http']", 0},
            {"[network-traffic:protocols != 'http']", 1},
            {"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'[*] LIKE 'Drum/%']", 1},
            {"[EXISTS network-traffic:src_ref]", 1},
            {"[EXISTS network-traffic:src_re]", 0},
            {"[EXISTS network-traffic:extensions.'http-request-ext']", 1},
            {"[NOT EXISTS network-traffic:src_ref]", 0},
            {"[NOT EXISTS ipv4-addr:src_ref]", 1},
            {"[network-traffic:absent != 'x']", 0},
            {"[network-traffic:x.'a[*]' = 'quoted']", 1},
            {"[network-traffic:x.'a[0]' = 'quoted']", 0},
            {"[ipv4-addr:dst_port = 443]", 0},
            {"[url:value != 'x']", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (met(slice_of(rows[i].text), &observation) != rows[i].met)
            fail_msg("%s: not %llu", rows[i].text, (unsigned long long)rows[i].met);
    assert_int_equal(observation.first_us, 1000000);
    assert_int_equal(observation.last_us, 2000000);
}

static void what_finds_no_room_is_counted(void **state)
{
    (void)state;
    stix_view_begin(&view, 0, 0);
    stix_view_text(&view, S("value"), S("of no object"));
    assert_int_equal(view.dropped, 1);
    for (size_t i = 0; i <= STIX_VIEW_OBJECTS_MAX; i++)
        stix_view_object(&view, S("x"));
    assert_int_equal(view.dropped, 2);
    stix_view_text(&view, S("value"), S("of an object that found none"));
    assert_int_equal(view.dropped, 3);
    stix_view_begin(&view, 0, 0);
    assert_int_equal(view.dropped, 0);
    stix_view_object(&view, S("x"));
    for (size_t i = 0; i < STIX_VIEW_ROWS_MAX + 5; i++)
        stix_view_number(&view, S("a"), (int64_t)i);
    assert_int_equal(view.dropped, 5);
    struct stix_observation observation = stix_view_observation(&view);
    assert_int_equal(met(S("[x:a = 1023]"), &observation), 1);
    assert_int_equal(met(S("[x:a = 1024]"), &observation), 0);
}

/* ---- The same observation from JSON and from rows ---- */

enum { REFERENCES_MAX = 4 };

static slice spelled(slice key)
{
    bool plain = key.len > 0;
    for (size_t i = 0; i < key.len; i++)
        plain &= byte_is_digit(key.ptr[i]) || byte_lower(key.ptr[i]) != key.ptr[i] ||
                 (key.ptr[i] >= 'a' && key.ptr[i] <= 'z') || key.ptr[i] == '_' || key.ptr[i] == '-';
    return plain ? key : slice_of(arena_printf(arena, "'%.*s'", (int)key.len, key.ptr));
}

static slice find_object(slice bundle, slice observed, slice id)
{
    struct json_elements walk = json_elements(json_get(bundle, S("objects"))),
                         refs = json_elements(json_get(observed, S("object_refs")));
    slice json, ref, own = json_get(json_get(observed, S("objects")), id);
    bool named = false;
    while (json_element_next(&refs, &ref))
        named |= slice_eq(json_text(ref, arena), id);
    while (named && own.len == 0 && json_element_next(&walk, &json))
        if (slice_eq(json_text(json_get(json, S("id")), arena), id))
            own = json;
    return own;
}

struct flattening {
    slice bundle, observed;
};

static void flatten(const struct flattening *f, slice path, slice json, bool reference, unsigned references)
{
    slice key, value;
    struct json_members members = json_members(json);
    struct json_elements elements = json_elements(json);
    while (json_member_next(&members, &key, &value)) {
        slice name = spelled(json_unescape(key, arena));
        const char *below =
                path.len == 0 ? arena_cstr(arena, name)
                              : arena_printf(arena, "%.*s.%.*s", (int)path.len, path.ptr, (int)name.len, name.ptr);
        flatten(f, slice_of(below), value, slice_ends(name, S("_ref")) || slice_ends(name, S("_refs")), references);
    }
    for (size_t i = 0; json_element_next(&elements, &value); i++)
        flatten(f, slice_of(arena_printf(arena, "%.*s[%zu]", (int)path.len, path.ptr, i)), value, reference,
                references);
    struct stix_value row = {.kind = STIX_VALUE_OTHER};
    if (json_kind(json) == JSON_STRING)
        row = (struct stix_value){.kind = STIX_VALUE_TEXT, .text = json_text(json, arena)};
    else if (json_kind(json) == JSON_NUMBER)
        row = stix_compare_number(json);
    else if (json_kind(json) == JSON_TRUE || json_kind(json) == JSON_FALSE)
        row = (struct stix_value){.kind = STIX_VALUE_BOOLEAN, .boolean = json_kind(json) == JSON_TRUE};
    if (json_kind(json) != JSON_OBJECT && json_kind(json) != JSON_ARRAY)
        stix_view_value(&view, path, row);
    slice found = row.kind == STIX_VALUE_TEXT && reference && references < REFERENCES_MAX
                          ? find_object(f->bundle, f->observed, row.text)
                          : (slice){0};
    if (found.len > 0)
        flatten(f, path, found, false, references + 1);
}

static void flatten_object(const struct flattening *f, slice json)
{
    stix_view_object(&view, json_text(json_get(json, S("type")), arena));
    flatten(f, S(""), json, false, 0);
}

static void flatten_observed(const struct flattening *f)
{
    slice key, json;
    struct json_members own = json_members(json_get(f->observed, S("objects")));
    struct json_elements refs = json_elements(json_get(f->observed, S("object_refs")));
    stix_view_begin(&view, 0, 0);
    while (json_member_next(&own, &key, &json))
        flatten_object(f, json);
    while (json_element_next(&refs, &json)) {
        slice found = find_object(f->bundle, f->observed, json_text(json, arena));
        if (found.len > 0)
            flatten_object(f, found);
    }
    assert_int_equal(view.dropped, 0);
}

static void json_and_rows_say_the_same(void **state)
{
    (void)state;
    slice village = table_ours("pattern/village.json", arena);
    struct stix_observed observed;
    size_t offset, compared = 0;
    assert_int_equal(stix_observed_read(village, arena, &observed, &offset).kind, ERR_NONE);
    for (size_t i = 0; i < observed.count; i++) {
        slice patterns = table_ours("pattern/match.tsv", arena);
        struct table_row row = {0};
        struct flattening f = {.bundle = village};
        struct json_elements walk = json_elements(json_get(village, S("objects")));
        for (size_t at = 0; at <= i; at++)
            json_element_next(&walk, &f.observed);
        flatten_observed(&f);
        struct stix_observation rows = stix_view_observation(&view);
        while (table_next(&patterns, &row)) {
            uint64_t from_json = met(row.columns[1], &observed.rows[i]), from_rows = met(row.columns[1], &rows);
            if (from_json != from_rows)
                fail_msg("observation %zu, match.tsv:%zu: %llx from JSON, %llx from rows", i, row.line,
                        (unsigned long long)from_json, (unsigned long long)from_rows);
            compared += from_json != UINT64_MAX;
        }
    }
    assert_true(compared > 600);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(rows_are_met_along_their_paths),
            cmocka_unit_test(what_finds_no_room_is_counted),
            cmocka_unit_test(json_and_rows_say_the_same),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
