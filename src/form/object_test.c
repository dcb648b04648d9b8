/* SPDX-License-Identifier: Apache-2.0 */
#include "form/object.h"

#include "form/golden_test.h"
#include "form/object_test.h"

/* ---- Golden data ---- */

/* tests/data/form/objects/FORM-CASE.EXT is read by that form and must give FORM-CASE.EXT.expected. */
static void objects_are_as_expected(const char *name, slice text, const char *wanted)
{
    char form[16];
    size_t len = slice_find(slice_of(name), '-');
    snprintf(form, sizeof(form), "%.*s", (int)len, name);
    struct kept kept = kept_of(form, text, NOON);
    if (strcmp(kept.text.ptr, wanted) != 0)
        fail_msg("%s gives:\n%s", name, kept.text.ptr);
    kept_free(&kept);
}

static void golden_data_becomes_objects(void **state)
{
    (void)state;
    objects_list(objects_are_as_expected);
}

static void pieces_do_not_matter(const char *name, slice text, const char *wanted)
{
    static const size_t sizes[] = {1, 7, 4096};
    char form[16];
    snprintf(form, sizeof(form), "%.*s", (int)slice_find(slice_of(name), '-'), name);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct kept kept = kept_new();
        kept_read(&kept, form, text, NOON, sizes[i]);
        if (strcmp(kept.text.ptr, wanted) != 0)
            fail_msg("%s, %zu bytes at a time, gives:\n%s", name, sizes[i], kept.text.ptr);
        kept_free(&kept);
    }
}

static void the_size_of_pieces_does_not_matter(void **state)
{
    (void)state;
    objects_list(pieces_do_not_matter);
}

/* Every made object is checked by kept_object; here every beginning and a damaged byte, too. */
static void is_read_safely(const char *name, slice text, const char *wanted)
{
    char form[16];
    char *copy = malloc(text.len + 1);
    (void)wanted;
    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    snprintf(form, sizeof(form), "%.*s", (int)slice_find(slice_of(name), '-'), name);
    for (size_t at = 0; at < text.len; at += 1 + text.len / 400) {
        struct kept kept = kept_of(form, slice_part(text, 0, at), NOON);
        kept_free(&kept);
        char was = copy[at];
        copy[at] = "\"',\n\\[]{}|\t\0\xff"[at % 13];
        kept = kept_of(form, (slice){copy, text.len}, NOON);
        kept_free(&kept);
        copy[at] = was;
    }
    free(copy);
}

static void what_is_broken_is_read_safely(void **state)
{
    (void)state;
    objects_list(is_read_safely);
}

/* ---- What a keeper relies on ---- */

static void tomorrow_means_the_same(const char *name, slice text, const char *wanted)
{
    char form[16];
    (void)wanted;
    snprintf(form, sizeof(form), "%.*s", (int)slice_find(slice_of(name), '-'), name);
    struct kept today = kept_of(form, text, NOON), tomorrow = kept_of(form, text, NOON + INT64_C(86400000000));
    assert_int_equal(today.objects, tomorrow.objects);
    if (!slice_eq(buf_slice(&today.meanings), buf_slice(&tomorrow.meanings)))
        fail_msg("%s means something else on another day", name);
    kept_free(&today);
    kept_free(&tomorrow);
}

static void the_moment_of_making_is_no_part_of_the_meaning(void **state)
{
    (void)state;
    objects_list(tomorrow_means_the_same);
    struct kept one = kept_of("list", S("bad.example\n"), NOON), other = kept_of("list", S("worse.example\n"), NOON);
    assert_false(slice_eq(buf_slice(&one.meanings), buf_slice(&other.meanings)));
    kept_free(&one);
    kept_free(&other);
}

static void versions_are_ordered_by_their_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *modified, *version;
    } rows[] = {
            {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00"},
            {"2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00"},
            {"2026-01-01T00:00:00.120Z", "2026-01-01T00:00:00.12"},
            {"2026-01-01T00:00:10.000Z", "2026-01-01T00:00:10"},
            {"2026-01-01T00:00:10.000000001Z", "2026-01-01T00:00:10.000000001"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[512];
        snprintf(text, sizeof(text),
                "{\"type\":\"identity\",\"spec_version\":\"2.1\",\"id\":\"identity--00000000-0000-4000-8000-"
                "000000000001\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"%s\",\"name\":\"A\"}",
                rows[i].modified);
        struct kept kept = kept_of(NULL, slice_of(text), NOON);
        if (kept.objects == 0 && slice_find_slice(buf_slice(&kept.text), S("millisecond")) < kept.text.len) {
            kept_free(&kept);
            continue; /* STIX 2.1 asks for three digits */
        }
        assert_int_equal(kept.objects, 1);
        assert_string_equal(kept.version, rows[i].version);
        kept_free(&kept);
    }
}

static void ceilings_are_told(void **state)
{
    (void)state;
    static const char list[] = "a.example\nb.example\nc.example\n";
    struct kept kept = kept_new();
    kept.most = 2;
    kept_read(&kept, "list", S(list), NOON, SIZE_MAX);
    assert_int_equal(kept.err, ERR_LIMIT);
    assert_int_equal(kept.objects, 2);
    assert_true(slice_find_slice(buf_slice(&kept.text), S("line 3: more than 2 objects")) < kept.text.len);
    kept_free(&kept);
    kept = kept_of(NULL, S(""), NOON);
    assert_int_equal(kept.err, ERR_INPUT);
    kept_free(&kept);
    kept = kept_of("pdf", S("x"), NOON);
    assert_int_equal(kept.err, ERR_INPUT);
    kept_free(&kept);
}

static void an_error_of_the_keeper_ends_the_reading(void **state)
{
    (void)state;
    static const char *const forms_of[] = {"stix", "misp", "csv", "list", "text"};
    static const char *const texts[] = {
            "[{\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--00000000-0000-4000-8000-000000000001\",\"value\":\"192.0.2."
            "1\"}]",
            "{\"Event\":{\"info\":\"x\",\"Attribute\":[{\"type\":\"md5\",\"to_ids\":true,\"value\":"
            "\"d41d8cd98f00b204e9800998ecf8427e\"}]}}",
            "type,value\ndomain,bad.example\n",
            "bad.example\n",
            "see bad[.]example for more\n",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct kept kept = kept_new();
        kept.stop = true;
        kept_read(&kept, forms_of[i], slice_of(texts[i]), NOON, SIZE_MAX);
        assert_int_equal(kept.err, ERR_CONFLICT);
        kept_free(&kept);
    }
}

/* ---- Markings ---- */

#define CLEAR "94868c89-83c2-464b-929b-a1a8aa3c8487"
#define GREEN "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
#define AMBER "55d920b0-5e8b-4f79-9ee9-91f868d9b421"
#define STRICT "939a9414-2ddd-4d32-a0cd-375ea402b003"
#define RED "e828b379-4e03-4974-9ac4-e53a884c97c1"
#define OTHER "00000000-0000-4000-8000-00000000abcd"

/* The indicator of an event with these members is marked with these, in this order, and no others. */
static void is_marked(const char *event, const char *attribute, const char *wanted)
{
    char text[1024];
    struct kept kept = kept_new();
    kept.marking = S("marking-definition--" OTHER);
    snprintf(text, sizeof(text),
            "{\"Event\":{\"Attribute\":[{\"type\":\"domain\",\"to_ids\":true,\"value\":\"bad.example\"%s}],\"info\":"
            "\"x\"%s}}",
            attribute, event);
    kept_read(&kept, "misp", slice_of(text), NOON, SIZE_MAX);
    slice rest = buf_slice(&kept.bytes), line, found = {0};
    while (slice_next(&rest, '\n', &line))
        if (slice_find_slice(line, S("\"type\":\"indicator\"")) < line.len)
            found = json_get(line, S("object_marking_refs"));
    struct buf told = buf_make(4096);
    struct json_elements walk = json_elements(found);
    for (slice id; json_element_next(&walk, &id);)
        buf_printf(&told, "%.*s ", 36, id.ptr + sizeof("\"marking-definition--") - 1);
    buf_byte(&told, '\0');
    if (strcmp(told.ptr, wanted) != 0)
        fail_msg("%s is marked %s, not %s", text, told.ptr, wanted);
    buf_free(&told);
    kept_free(&kept);
}

static void markings_are_the_stricter_ones(void **state)
{
    (void)state;
    static const struct {
        const char *event, *attribute, *wanted;
    } rows[] = {
            {"", "", OTHER " "},
            {",\"Tag\":[{\"name\":\"tlp:white\"}]", "", CLEAR " "},
            {",\"Tag\":[{\"name\":\"TLP:GREEN\"}]", "", GREEN " "},
            {",\"Tag\":[{\"name\":\"tlp:amber\"}]", ",\"Tag\":[{\"name\":\"tlp:red\"}]", AMBER " " RED " "},
            {",\"distribution\":\"0\"", "", STRICT " "},
            {",\"distribution\":\"4\",\"Tag\":[{\"name\":\"tlp:green\"}]", "", GREEN " "},
            {",\"distribution\":\"3\",\"Tag\":[{\"name\":\"tlp:green\"}]", ",\"distribution\":0", GREEN " " STRICT " "},
            {",\"distribution\":\"3\"", ",\"distribution\":\"5\"", OTHER " "},
            {",\"Tag\":[{\"name\":\"PAP:RED\"}]", "", "8a6e2d5f-3b1c-4f0e-9d27-6c5a41e7b904 " OTHER " "},
            {",\"Tag\":[{\"name\":\"tlp:unclear\"}]", "", OTHER " "},
            {",\"Tag\":{\"name\":\"tlp:red\"}", "", RED " "},
            {",\"Tag\":[\"tlp:red\"]", "", RED " "},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        is_marked(rows[i].event, rows[i].attribute, rows[i].wanted);
    struct kept kept = kept_of("misp",
            S("{\"Event\":{\"info\":\"x\",\"Tag\":[{\"name\":\"tlp:unclear\"}],\"Attribute\":[{\"type\":\"md5\","
              "\"value\":\"x\"}]}}"),
            NOON);
    assert_non_null(strstr(kept.text.ptr, "warned 1:10 the tag tlp:unclear is no marking that we know"));
    kept_free(&kept);
}

/* ---- What was read as a list is looked for as from the list ---- */

static void looked_up(struct told *told, const struct form *form, slice text)
{
    *told = (struct told){.text = buf_make(TOLD_MAX)};
    if (text.ptr == NULL)
        return;
    struct err err = told_read(form, text, told);
    assert_int_equal(err.kind, ERR_NONE);
    buf_byte(&told->text, '\0');
}

static void what_came_as_a_list_matches_as_the_list(void **state)
{
    (void)state;
    static const struct {
        const char *list, *told;
    } rows[] = {
            {"bad.example\n", "1 domain value='bad.example'"},
            {"host\twww.bad.example\n", "1 host value='www.bad.example'"},
            {"198.51.100.0/24\n", "1 cidr value='198.51.100.0/24'"},
            {"2001:db8::/32\n", "1 cidr value='2001:db8::/32'"},
            {"2001:db8::1\n", "1 ipv6 value='2001:db8::1'"},
            {"http://bad.example/a/\n", "1 url value='http://bad.example/a/'"},
            {"https://bad.example/a?b=c'd\\e\n", "1 url value='https://bad.example/a?b=c'd\\e'"},
            {"md5\td41d8cd98f00b204e9800998ecf8427e\n", "1 md5 value='d41d8cd98f00b204e9800998ecf8427e'"},
            {"user-agent\tBad/1.0 (x)\n", "1 useragent value='Bad/1.0 (x)'"},
            {"ja3\td41d8cd98f00b204e9800998ecf8427e\n", "1 ja3 value='d41d8cd98f00b204e9800998ecf8427e'"},
            {"filename\tIt's bad.exe\n", "1 filename value='It's bad.exe'"},
            {"mutex\tGlobal\\bad\n", "1 other name='mutex' value='Global\\bad'"},
            {"btc\tbc1qexample\n", "1 other name='btc' value='bc1qexample'"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kept kept = kept_of("list", slice_of(rows[i].list), NOON);
        struct told told;
        assert_int_equal(kept.objects, 1);
        looked_up(&told, &form_stix, buf_slice(&kept.bytes));
        if (!slice_starts(buf_slice(&told.text), slice_of(rows[i].told)) || told.indicators != 1)
            fail_msg("%s is looked for as %s of %s", rows[i].list, told.text.ptr, kept.text.ptr);
        bool below = slice_find_slice(buf_slice(&told.text), S(" below")) < told.text.len;
        assert_int_equal(below, strstr(rows[i].list, "/a/") != NULL);
        buf_free(&told.text);
        kept_free(&kept);
    }
}

/* "1 ipv4 value='192.0.2.1' id=..." as "ipv4 value='192.0.2.1'"; empty: told of nothing to look up by its value. */
static slice looked_up_value(slice line)
{
    slice from = slice_from(line, slice_find(line, ' ') < line.len ? slice_find(line, ' ') + 1 : line.len);
    size_t end = slice_find_slice(from, S("' id="));
    bool other =
            slice_starts(from, S("other ")) || slice_starts(line, S("skipped")) || slice_starts(line, S("problem"));
    bool gone = slice_ends(line, S(" revoked"));
    return other || gone || end == from.len ? (slice){0} : slice_part(from, 0, end + 1);
}

/* Every value that the event says is looked for is so from its objects, too, and no other. */
static void what_came_from_misp_matches_as_misp(void **state)
{
    (void)state;
    struct buf text = buf_make(TOLD_MAX);
    char path[4096];
    snprintf(path, sizeof(path), "%s/tests/data/form/misp-event.json", golden_root());
    assert_true(golden_load(path, &text));
    struct kept kept = kept_of("misp", buf_slice(&text), NOON);
    struct told event, objects;
    looked_up(&event, &form_misp, buf_slice(&text));
    looked_up(&objects, &form_stix, buf_slice(&kept.bytes));
    slice rest = buf_slice(&event.text), line;
    size_t count = 0;
    while (slice_next(&rest, '\n', &line)) {
        slice value = looked_up_value(line);
        count += value.len > 0;
        if (slice_find_slice(buf_slice(&objects.text), value) == objects.text.len)
            fail_msg("%.*s is not looked for any more:\n%s", (int)line.len, line.ptr, objects.text.ptr);
    }
    assert_true(count >= 12);
    rest = buf_slice(&objects.text);
    while (slice_next(&rest, '\n', &line))
        count -= looked_up_value(line).len > 0;
    assert_int_equal(count, 0);
    buf_free(&event.text);
    buf_free(&objects.text);
    buf_free(&text);
    kept_free(&kept);
}

/* ---- Third-party data ---- */

static size_t attributes_seen, attributes_named;

/* Each value is in some object; or the whole attribute was refused, and then told with its original. */
static void attribute_is_kept(const char *name, slice attribute, const struct kept *kept, struct arena *arena)
{
    slice value = json_get(attribute, S("value"));
    slice text = json_kind(value) == JSON_STRING ? json_text(value, arena) : value, rest = text, part;
    attributes_seen++;
    if (text.len == 0)
        return;
    while (slice_next(&rest, '|', &part)) {
        struct buf spelt = buf_make(1 << 20);
        struct json_writer w = json_writer(&spelt);
        json_write_text(&w, part);
        slice inside = slice_part(buf_slice(&spelt), 1, spelt.len - 1);
        bool found = slice_find_slice(buf_slice(&kept->bytes), inside) < kept->bytes.len || inside.len == 0;
        bool named = slice_find_slice(buf_slice(&kept->refusals), inside) < kept->refusals.len;
        attributes_named += !found;
        if (!found && !named)
            fail_msg("%s: neither kept nor named: %.*s\n%s", name, (int)text.len, text.ptr, kept->text.ptr);
        buf_free(&spelt);
    }
}

static void attributes_are_kept(const char *name, slice json, const struct kept *kept, struct arena *arena)
{
    struct json_elements attributes = json_elements(json_get(json, S("Attribute")));
    struct json_elements objects = json_elements(json_get(json, S("Object")));
    slice element;
    while (json_element_next(&attributes, &element))
        attribute_is_kept(name, element, kept, arena);
    while (json_element_next(&objects, &element))
        attributes_are_kept(name, element, kept, arena);
}

static void event_is_kept(const char *name, slice json)
{
    struct arena *arena = arena_open("test", ARENA_WORK, 64u << 20);
    struct kept kept = kept_of("misp", json, NOON), again = kept_of("misp", json, NOON);
    if (kept.err != ERR_NONE)
        fail_msg("%s: %s", name, kept.text.ptr);
    slice event = json_get(json, S("Event")).len > 0 ? json_get(json, S("Event")) : json;
    struct json_elements responses = json_elements(json_get(json, S("response")));
    slice element;
    attributes_are_kept(name, event, &kept, arena);
    while (json_element_next(&responses, &element))
        attributes_are_kept(
                name, json_get(element, S("Event")).len > 0 ? json_get(element, S("Event")) : element, &kept, arena);
    assert_true(slice_eq(buf_slice(&kept.bytes), buf_slice(&again.bytes)));
    kept_free(&kept);
    kept_free(&again);
    arena_close(arena);
}

static void misp_events_of_others_are_kept_whole(void **state)
{
    (void)state;
    struct buf pairs = buf_make(64u << 20);
    if (!conformance_load("events/misp/misp-to-stix21-a.jsonl", &pairs))
        return;
    slice rest = buf_slice(&pairs), line;
    size_t count = 0;
    while (slice_next(&rest, '\n', &line)) {
        if (line.len == 0)
            continue;
        struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
        event_is_kept(arena_cstr(arena, json_text(json_get(line, S("name")), arena)), json_get(line, S("misp")));
        arena_close(arena);
        count++;
    }
    buf_free(&pairs);
    print_message("# %zu events, %zu attributes, %zu named and not kept\n", count, attributes_seen, attributes_named);
}

static void file_is_kept(const char *name, slice text)
{
    if (form_recognise(text) == &form_misp)
        event_is_kept(name, text);
}

static void misp_files_of_others_are_kept_whole(void **state)
{
    (void)state;
    attributes_seen = attributes_named = 0;
    conformance_list("events/misp/files", ".json", file_is_kept);
    print_message("# %zu attributes, %zu named and not kept\n", attributes_seen, attributes_named);
}

static void bundle_is_kept(const char *name, slice text)
{
    struct kept kept = kept_of("stix", text, NOON);
    struct json_elements walk = json_elements(json_get(text, S("objects")));
    slice rest = buf_slice(&kept.bytes), object;
    size_t count = 0, refused = 0;
    if (json_get(text, S("objects")).len == 0) {
        assert_true(slice_eq(slice_trim(rest), slice_trim(text)));
        kept_free(&kept);
        return;
    }
    while (json_element_next(&walk, &object)) {
        if (slice_starts(rest, object) && rest.ptr[object.len] == '\n') {
            rest = slice_from(rest, object.len + 1);
            count++;
        } else {
            refused++;
            if (slice_find_slice(buf_slice(&kept.refusals), object) == kept.refusals.len)
                fail_msg("%s: neither kept nor refused: %.200s", name, object.ptr);
        }
    }
    assert_int_equal(rest.len, 0);
    assert_int_equal(count, kept.objects);
    print_message("# %s: %zu objects byte for byte, %zu refused\n", name, count, refused);
    kept_free(&kept);
}

static void bundles_of_others_are_kept_byte_for_byte(void **state)
{
    (void)state;
    conformance_list("stix/examples", ".json", bundle_is_kept);
    conformance_list("stix/examples/threat-reports", ".json", bundle_is_kept);
    packed_load("stix/attack/ics-attack-10.0.json.gz", bundle_is_kept);
    packed_load("stix/attack/ics-attack-18.1.json.gz", bundle_is_kept);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(golden_data_becomes_objects),
            cmocka_unit_test(the_size_of_pieces_does_not_matter),
            cmocka_unit_test(what_is_broken_is_read_safely),
            cmocka_unit_test(the_moment_of_making_is_no_part_of_the_meaning),
            cmocka_unit_test(versions_are_ordered_by_their_bytes),
            cmocka_unit_test(ceilings_are_told),
            cmocka_unit_test(an_error_of_the_keeper_ends_the_reading),
            cmocka_unit_test(markings_are_the_stricter_ones),
            cmocka_unit_test(what_came_as_a_list_matches_as_the_list),
            cmocka_unit_test(what_came_from_misp_matches_as_misp),
            cmocka_unit_test(misp_events_of_others_are_kept_whole),
            cmocka_unit_test(misp_files_of_others_are_kept_whole),
            cmocka_unit_test(bundles_of_others_are_kept_byte_for_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
