/* SPDX-License-Identifier: Apache-2.0 */
/* The page of an object, ordinary ones and hostile ones. */
#include "intel/judge.h"
#include "web/test_intel_page.h"

static struct test_page *object(struct test_store *store, uint32_t bits, const char *number, bool html)
{
    return test_intel_get(store, bits, "object", web_object, "", number, html);
}

static void an_object_says_all_that_it_says(void **state)
{
    struct test_store *store = ready(state);
    clock_set(TEST_NOON);
    test_take_file(store, "Kenanga", "bundle.json");
    struct test_page *page = object(store, TEST_ANALYST, "2", false);
    static const char *const parts[] = {"Gate of the knocking owl", "TLP:AMBER", "\"text\":\"high\"",
            "hxxps://evil[.]example/gate at night", "\"where\":\"domain-name:value\",\"how\":\"is\"", "Kenanga CERT",
            "command-and-control", "hxxps://report[.]example/7",
            "\"key\":\"x_kenanga_note\",\"value\":\"kept as it came\"", "malicious-activity", "\"labels\":[\"owl\"]",
            "Owls at the door", "Knocking Owl"};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (!test_has(page->answer, parts[i]))
            fail_msg("%s is not there", parts[i]);
    assert_string_equal(test_column(store, test_member(page, "relations"), "word"), "derived-from indicates");
    assert_string_equal(test_column(store, test_member(page, "relations"), "outgoing"), "false true");
    assert_string_equal(test_column(store, test_member(page, "sightings"), "count"), "3");
    assert_string_equal(test_column(store, test_member(page, "referring"), "what"), "Report");
    assert_int_equal(test_length(json_get(test_member(page, "graph"), S("nodes"))), 2);
    struct test_page *html = object(store, TEST_ANALYST, "2", true);
    assert_true(test_has(html->answer, "<title id=\"graph-title\">"));
    assert_false(test_has(html->answer, "https://evil"));
    assert_false(test_has(html->answer, "href=\"http"));
}

static void versions_sources_and_changes_are_told(void **state)
{
    struct test_store *store = ready(state);
    test_take_file(store, "Kenanga", "bundle.json");
    test_take_file(store, "Kenanga", "newer.json");
    test_take_file(store, "Partner", "bundle.json");
    struct test_page *old = object(store, TEST_ANALYST, "2", false), *page = object(store, TEST_ANALYST, "10", false);
    assert_true(slice_eq(test_member(old, "is_newest"), S("false")));
    assert_int_equal(test_length(test_member(page, "versions")), 2);
    assert_int_equal(test_length(test_member(page, "says")), 2);
    assert_string_equal(
            test_column(store, json_get(test_member(page, "changed"), S("fields")), "key"), "name confidence");
    assert_string_equal(test_column(store, json_get(test_member(page, "changed"), S("fields")), "before"),
            "\"Gate of the knocking owl\" 75");
}

static void what_we_hold_is_told_with_who_and_why(void **state)
{
    struct test_store *store = ready(state);
    test_take_file(store, "Kenanga", "bundle.json");
    const struct intel_subject subject = {S("Kenanga"), S("indicator--6b616c61-0000-4000-8000-000000000003")};
    size_t count;
    test_ok(intel_false_positive(store->db, &store->actor, &subject, S("our own scanner"), store->arena, &count));
    test_ok(intel_tag(store->db, &store->actor, &subject, S("night"), store->arena, &count));
    struct test_page *page = object(store, 1u << ROLE_COORDINATOR, "2", false);
    assert_string_equal(test_column(store, test_member(page, "judgements"), "reason"), "our own scanner");
    assert_string_equal(test_column(store, test_member(page, "judgements"), "actor"), "local");
    assert_string_equal(test_column(store, test_member(page, "tags"), "tag"), "night");
    assert_string_equal(test_column(store, test_member(page, "journal"), "act"), "intel.tagged intel.judged");
    /* An analyst does not read the journal. */
    assert_int_equal(test_member(object(store, TEST_ANALYST, "2", false), "journal").len, 0);
}

static void who_may_not_read_learns_nothing(void **state)
{
    struct test_store *store = ready(state);
    test_take_file(store, "Kenanga", "bundle.json");
    static const enum role blind[] = {ROLE_LIAISON, ROLE_CONSTITUENT_ADMIN, ROLE_EXERCISE_DIRECTOR, ROLE_SYSADMIN};
    struct err (*const answers[])(struct ask * ask) = {web_object, web_object_raw, web_object_download};
    for (size_t i = 0; i < COUNT_OF(blind); i++)
        for (size_t k = 0; k < COUNT_OF(answers); k++) {
            struct test_page *there = test_intel_get(store, 1u << blind[i], "object", answers[k], "", "2", false);
            struct test_page *not_there = test_intel_get(store, 1u << blind[i], "object", answers[k], "", "99", false);
            assert_int_equal(there->err.kind, ERR_DENIED);
            assert_true(slice_eq(there->answer, not_there->answer));
        }
    assert_int_equal(object(store, TEST_ANALYST, "99", false)->err.kind, ERR_MISSING);
    assert_int_equal(object(store, TEST_ANALYST, "x", false)->err.kind, ERR_MISSING);
}

static void raw_is_byte_for_byte(void **state)
{
    struct test_store *store = ready(state);
    test_take(store, "peer", test_indicator(store->arena, 1, "2026-02-01T00:00:00.000Z", "evil.example"));
    struct test_page *page = test_intel_get(store, TEST_ANALYST, "object-download", web_object_download, "", "1", true);
    assert_true(slice_eq(
            page->answer, slice_of(test_indicator(store->arena, 1, "2026-02-01T00:00:00.000Z", "evil.example"))));
    assert_true(test_has(test_page_said(page, "Content-Disposition"), "attachment"));
    page = test_intel_get(store, TEST_ANALYST, "object-raw", web_object_raw, "", "1", true);
    assert_true(test_has(page->answer, "&quot;pattern&quot;"));
    const char *query = "id=indicator--6b616c61-0000-4000-8000-000000000001";
    page = test_intel_get(store, TEST_ANALYST, "object-find", web_object_find, query, "", true);
    assert_int_equal(page->reply.status, 303);
    assert_true(slice_eq(test_page_said(page, "Location"), S("/objects/1")));
}

/* ---- Hostile objects ---- */

static void a_name_that_is_not_what_it_seems_says_so(void **state)
{
    static const struct {
        const char *name, *other;
        bool mixed;
    } rows[] = {
            {"b\xc3\xbc"
             "cher.example",
                    "xn--bcher-kva[.]example", false},
            {"xn--bcher-kva.example",
                    "b\xc3\xbc"
                    "cher[.]example",
                    false},
            {"ev\xd1\x96l.example", "xn--evl-khd[.]example", true}, /* a Cyrillic i among Latin letters */
            {"evil.example", NULL, false},
    };
    struct test_store *store = ready(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        test_take(store, "peer", test_indicator(store->arena, (int)i + 1, "2026-02-01T00:00:00.000Z", rows[i].name));
        struct test_page *page = object(store, TEST_ANALYST, arena_printf(store->arena, "%zu", i + 1), false);
        slice other = test_member(page, "other_name");
        assert_int_equal(other.len > 0, rows[i].other != NULL);
        if (rows[i].other != NULL)
            assert_true(slice_eq(json_text(other, store->arena), slice_of(rows[i].other)));
        assert_true(slice_eq(test_member(page, "is_mixed"), rows[i].mixed ? S("true") : S("false")));
    }
}

/* All that can be long is, in bytes that HTML makes longer still. */
static const char *hostile(struct test_store *store, int number, size_t bytes)
{
    struct buf text = buf_make(96u << 20);
    const char *head = test_indicator(store->arena, number, "2026-02-01T00:00:00.000Z", "evil.example");
    buf_put(&text, slice_part(slice_of(head), 0, slice_find_slice(slice_of(head), S("\"name\""))));
    buf_put(&text, S("\"pattern\":\"[domain-name:value IN ("));
    for (size_t i = 0; i < 2000; i++)
        buf_printf(&text, "%s'<script>%zu.example'", i == 0 ? "" : ",", i);
    buf_put(&text, S(")]\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\",\"name\":\""));
    for (size_t i = 0; i < bytes; i++)
        buf_put(&text, i % 3 == 0 ? S("\\\"") : i % 3 == 1 ? S("<b>") : S("\\u202e"));
    buf_put(&text, S("\",\"description\":\""));
    for (size_t i = 0; i < bytes; i++)
        buf_put(&text, S("&\\\"'<"));
    buf_put(&text, S("\",\"labels\":["));
    for (size_t i = 0; i < 5000; i++)
        buf_printf(&text, "%s\"<i>&&&&%zu\"", i == 0 ? "" : ",", i);
    buf_put(&text, S("],\"external_references\":["));
    for (size_t i = 0; i < 100; i++)
        buf_printf(&text, "%s{\"source_name\":\"<&&&&&&&&&&&&&&&>%zu\",\"url\":\"https://evil.example/<script>\"}",
                i == 0 ? "" : ",", i);
    buf_put(&text, S("]"));
    for (size_t i = 0; i < 60; i++)
        buf_printf(&text, ",\"x_odd_%zu\":\"&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&\"", i);
    buf_put(&text, S("}"));
    const char *made = arena_cstr(store->arena, buf_slice(&text));
    buf_free(&text);
    return made;
}

static void a_hostile_object_makes_no_hostile_page(void **state)
{
    struct test_store *store = ready(state);
    test_take(store, "peer", hostile(store, 1, 10000));
    for (size_t i = 2; i < 20; i++)
        test_take(store, "peer", hostile(store, (int)i, 300));
    const struct {
        const char *name, *part;
        struct err (*answer)(struct ask *ask);
    } pages[] = {{"object", "1", web_object}, {"object-raw", "1", web_object_raw},
            {"intelligence", "", web_intelligence}, {"sources", "", web_sources}, {"imports", "", web_imports}};
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        struct test_page *page =
                test_intel_get(store, TEST_ANALYST, pages[i].name, pages[i].answer, "", pages[i].part, true);
        assert_int_equal(page->err.kind, ERR_NONE);
        if (page->answer.len > TEST_PAGE_BYTES_MAX)
            fail_msg("%s has %zu bytes", pages[i].name, page->answer.len);
        assert_false(test_has(page->answer, "<b>"));
        assert_false(test_has(page->answer, "<i>"));
        assert_int_equal(slice_find_slice(page->answer, S("\xe2\x80\xae")), page->answer.len); /* U+202E */
        assert_false(test_has(page->answer, "href=\"http"));
    }
}

/* Marking definitions that nobody has, relationships to nothing, and an id that says little. */
static void what_is_not_there_is_said_to_be(void **state)
{
    struct test_store *store = ready(state);
    test_take(store, "peer",
            "{\"type\":\"malware\",\"spec_version\":\"2.1\",\"id\":\"malware--6b616c61-0000-4000-8000-000000000001\","
            "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\",\"is_family\":false,"
            "\"created_by_ref\":\"identity--6b616c61-0000-4000-8000-000000000077\","
            "\"object_marking_refs\":[\"marking-definition--6b616c61-0000-4000-8000-000000000088\"]}");
    struct test_page *page = object(store, TEST_ANALYST, "1", false);
    assert_int_equal(page->err.kind, ERR_NONE);
    assert_true(slice_eq(test_member(page, "unknown_marking"), S("true")));
    assert_true(json_kind(json_get(test_member(page, "creator"), S("path"))) == JSON_NULL);
    assert_true(slice_eq(json_text(test_member(page, "title"), store->arena), S("Malware")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "an_object_says_all_that_it_says", an_object_says_all_that_it_says, set_up, tear_down),
            TEST_ON(DB_SQLITE, "versions_sources_and_changes_are_told", versions_sources_and_changes_are_told, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "what_we_hold_is_told_with_who_and_why", what_we_hold_is_told_with_who_and_why, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "who_may_not_read_learns_nothing", who_may_not_read_learns_nothing, set_up, tear_down),
            TEST_ON(DB_SQLITE, "raw_is_byte_for_byte", raw_is_byte_for_byte, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_name_that_is_not_what_it_seems_says_so", a_name_that_is_not_what_it_seems_says_so,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_hostile_object_makes_no_hostile_page", a_hostile_object_makes_no_hostile_page, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "what_is_not_there_is_said_to_be", what_is_not_there_is_said_to_be, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
