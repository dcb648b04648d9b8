/* SPDX-License-Identifier: Apache-2.0 */
/* The list of intelligence, and what is done with what was picked in it. */
#include "web/test_intel_page.h"

static struct test_page *list(struct test_store *store, const char *query)
{
    return test_intel_get(store, TEST_ANALYST, "intelligence", web_intelligence, query, "", false);
}

static const char *values(struct test_store *store, const char *query)
{
    return test_column(store, test_member(list(store, query), "rows"), "number");
}

static void filters_choose_and_are_kept_in_the_address(void **state)
{
    struct test_store *store = ready(state);
    clock_set(TEST_NOON);
    test_take_file(store, "Kenanga", "bundle.json");
    assert_string_equal(values(store, ""), "8 7 6 5 4 3 2 1");
    assert_string_equal(values(store, "type=indicator"), "8 2");
    assert_string_equal(values(store, "q=evil.example"), "2");
    assert_string_equal(values(store, "q=owl&type=malware"), "3");
    assert_string_equal(values(store, "tlp=amber"), "2");
    assert_string_equal(values(store, "tlp=red"), "");
    assert_string_equal(values(store, "tlp=none&type=indicator"), "8");
    assert_string_equal(values(store, "state=valid"), "2");
    assert_string_equal(values(store, "state=expired"), "8");
    assert_string_equal(values(store, "source=1&type=report"), "7");
    assert_string_equal(values(store, "source=9"), "");
    assert_string_equal(values(store, "since=1&type=report"), "7");
    assert_string_equal(values(store, "ref=malware--6b616c61-0000-4000-8000-000000000004"), "7 4");
    clock_set(TEST_NOON + INT64_C(7200000000));
    assert_string_equal(values(store, "since=1"), "");
    slice here = json_text(test_member(list(store, "q=owl here&tlp=amber"), "here"), store->arena);
    assert_true(slice_eq(here, S("/intelligence?q=owl%20here&tlp=amber")));
}

static void what_cannot_be_asked_is_told(void **state)
{
    struct test_store *store = ready(state);
    static const char *const wrong[] = {
            "tag=a\x01", "ref=\x7f\xff", "tlp=purple", "state=odd", "source=x", "since=-1", "from=nowhere"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(list(store, wrong[i])->err.kind, ERR_INPUT);
    struct test_page *page = list(store, "q=%");
    assert_int_equal(page->err.kind, ERR_NONE);
    assert_int_equal(page->reply.status, 400);
    assert_true(test_has(page->answer, "no word in the query"));
}

static void values_are_defanged_and_sources_counted(void **state)
{
    struct test_store *store = ready(state);
    clock_set(TEST_NOON);
    test_take_file(store, "Kenanga", "bundle.json");
    test_take_file(store, "Partner", "bundle.json");
    struct test_page *page = list(store, "q=evil.example");
    slice rows = test_member(page, "rows");
    assert_string_equal(test_column(store, rows, "value"), "evil[.]example evil[.]example");
    assert_string_equal(test_column(store, rows, "sources"), "2 2");
    assert_true(test_has(page->answer, "TLP:AMBER"));
    assert_false(test_has(page->answer, "evil.example\",\"name")); /* nowhere as it could be clicked */
}

/* The page that a member leads to. */
static struct test_page *test_linked(struct test_store *store, const struct test_page *page, const char *key)
{
    const char *address = arena_cstr(store->arena, json_text(test_member(page, key), store->arena));
    return list(store, strchr(address, '?') + 1);
}

static void pages_go_on_where_the_last_one_ended(void **state)
{
    struct test_store *store = ready(state);
    struct buf bundle = buf_make(1u << 20);
    buf_put(&bundle, S("{\"type\":\"bundle\",\"id\":\"bundle--6b616c61-0000-4000-8000-000000000001\",\"objects\":["));
    for (int i = 1; i <= 60; i++)
        buf_printf(&bundle, "%s%s", i == 1 ? "" : ",",
                test_indicator(store->arena, i, "2026-02-01T00:00:00.000Z", "evil.example"));
    buf_put(&bundle, S("]}"));
    test_take(store, "peer", arena_cstr(store->arena, buf_slice(&bundle)));
    buf_free(&bundle);
    const char *query = "type=indicator";
    size_t seen = 0, pages = 0;
    while (query != NULL) {
        struct test_page *page = list(store, query);
        slice older = test_member(page, "older");
        seen += test_length(test_member(page, "rows"));
        pages++;
        query = json_kind(older) == JSON_STRING
                        ? strchr(arena_cstr(store->arena, json_text(older, store->arena)), '?') + 1
                        : NULL;
    }
    assert_int_equal(seen, 60);
    assert_int_equal(pages, 3);
    /* And back. */
    struct test_page *second = test_linked(store, list(store, "type=indicator"), "older");
    struct test_page *third = test_linked(store, second, "older");
    struct test_page *back = test_linked(store, third, "newer");
    assert_true(slice_eq(test_member(back, "rows"), test_member(second, "rows")));
    assert_int_equal(json_kind(test_member(back, "newer")), JSON_NULL);
    assert_int_equal(json_kind(test_member(third, "older")), JSON_NULL);
}

/* ---- Roles ---- */

static const struct {
    enum role role;
    bool reads, acts, exports;
} roles[] = {
        {ROLE_DUTY_OFFICER, true, true, true},
        {ROLE_ANALYST, true, true, true},
        {ROLE_COORDINATOR, true, true, true},
        {ROLE_MANAGER, true, false, false},
        {ROLE_LIAISON, false, false, false},
        {ROLE_CONSTITUENT_ADMIN, false, false, false},
        {ROLE_EXERCISE_DIRECTOR, false, false, false},
        {ROLE_SYSADMIN, false, false, false},
        {ROLE_AUDITOR, true, false, false},
};

static void each_role_sees_and_is_offered_what_it_may(void **state)
{
    struct test_store *store = ready(state);
    test_take_file(store, "Kenanga", "bundle.json");
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        uint32_t bits = 1u << roles[i].role;
        struct test_page *page = test_intel_get(store, bits, "intelligence", web_intelligence, "", "", false);
        assert_int_equal(page->err.kind, roles[i].reads ? ERR_NONE : ERR_DENIED);
        assert_int_equal(test_length(test_member(page, "rows")), roles[i].reads ? 8 : 0);
        assert_int_equal(test_length(test_member(page, "acts")) > 0, roles[i].acts);
        assert_int_equal(test_length(test_member(page, "kinds")) > 0, roles[i].exports);
        assert_int_equal(test_has(page->answer, "owl"), roles[i].reads);
        struct test_page *html = test_intel_get(store, bits, "intelligence", web_intelligence, "", "", true);
        assert_int_equal(test_has(html->answer, "name=\"pick\""), roles[i].acts);
        assert_int_equal(test_has(html->answer, "Gate of the"), roles[i].reads);
    }
}

/* ---- Acts ---- */

static struct test_page *act(struct test_store *store, uint32_t bits, const char *name, const char *pick, bool confirm,
        const char *tag, const char *reason)
{
    static const struct route_field fields[] = {{"tag", "", false}, {"reason", "", false}, {NULL}};
    const struct route route = {.name = "act", .face = &web_face, .answer = web_act, .fields = fields};
    struct test_page *page = test_intel_page(store, bits, HTTP_POST, "/intelligence/act");
    test_page_field(page, "act", name);
    if (pick != NULL)
        test_page_field(page, "pick", pick);
    if (confirm)
        test_page_field(page, "confirm", "yes");
    test_page_field(page, "tag", tag);
    test_page_field(page, "reason", reason);
    test_page_run(page, &route);
    return page;
}

static const struct {
    const char *act, *undo, *state; /* state: what finds it while it holds */
} judged[] = {
        {"false-positive", "not-false-positive", "state=false-positive"},
        {"expire", "unexpire", "state=expired&source=1&q=evil.example"},
        {"revoke", "unrevoke", "state=withdrawn"},
};

static void what_is_done_is_asked_for_first_and_can_be_undone(void **state)
{
    struct test_store *store = ready(state);
    clock_set(TEST_NOON);
    test_take_file(store, "Kenanga", "bundle.json");
    for (size_t i = 0; i < COUNT_OF(judged); i++) {
        struct test_page *page = act(store, TEST_ANALYST, judged[i].act, "2", false, "", "");
        assert_int_equal(page->reply.status, 200);
        assert_string_equal(test_column(store, test_member(page, "picks"), "value"), "evil[.]example");
        assert_string_equal(values(store, judged[i].state), "");
        page = act(store, TEST_ANALYST, judged[i].act, "2", true, "", "");
        assert_int_equal(page->reply.status, 400); /* without a reason */
        assert_string_equal(values(store, judged[i].state), "");
        page = act(store, TEST_ANALYST, judged[i].act, "2", true, "", "our own scanner");
        assert_int_equal(page->reply.status, 200);
        assert_string_equal(test_column(store, test_member(page, "results"), "done"), "true");
        assert_string_equal(values(store, judged[i].state), "2");
        slice undo = json_get(test_member(page, "undo"), S("name"));
        assert_true(slice_eq(json_text(undo, store->arena), slice_of(judged[i].undo)));
        page = act(store, TEST_ANALYST, judged[i].act, "2", true, "", "again");
        assert_int_equal(page->reply.status, 409);
        page = act(store, TEST_ANALYST, judged[i].undo, "2", true, "", "a mistake");
        assert_int_equal(page->reply.status, 200);
        assert_string_equal(values(store, judged[i].state), "");
    }
}

static void tags_are_put_and_taken_away(void **state)
{
    struct test_store *store = ready(state);
    test_take_file(store, "Kenanga", "bundle.json");
    assert_int_equal(act(store, TEST_ANALYST, "tag", "2", true, "", "")->reply.status, 400);
    assert_int_equal(act(store, TEST_ANALYST, "tag", "2", true, "night", "")->reply.status, 200);
    assert_string_equal(values(store, "tag=night"), "2");
    assert_true(test_has(list(store, "tag=night")->answer, "\"tags\":[\"night\"]"));
    assert_int_equal(act(store, TEST_ANALYST, "untag", "2", true, "night", "")->reply.status, 200);
    assert_string_equal(values(store, "tag=night"), "");
}

static void what_cannot_be_done_is_told_and_changes_nothing(void **state)
{
    struct test_store *store = ready(state);
    test_take_file(store, "Kenanga", "bundle.json");
    assert_int_equal(act(store, TEST_ANALYST, "explode", "2", true, "", "why")->err.kind, ERR_INPUT);
    assert_int_equal(act(store, TEST_ANALYST, "tag", NULL, true, "night", "")->err.kind, ERR_INPUT);
    assert_int_equal(act(store, TEST_ANALYST, "tag", "x", true, "night", "")->err.kind, ERR_INPUT);
    assert_int_equal(act(store, 1u << ROLE_MANAGER, "tag", "2", true, "night", "")->err.kind, ERR_DENIED);
    assert_int_equal(act(store, 1u << ROLE_AUDITOR, "revoke", "2", true, "", "why")->err.kind, ERR_DENIED);
    struct test_page *page = act(store, TEST_ANALYST, "tag", "99", true, "night", "");
    assert_int_equal(page->reply.status, 409);
    assert_true(test_has(page->answer, "no such object"));
    assert_string_equal(values(store, "tag=night"), "");
}

static struct test_page *export(struct test_store *store, uint32_t bits, const char *kind, bool download)
{
    const struct route route = {.name = "export", .face = &web_face, .answer = web_export};
    struct test_page *page = test_intel_page(store, bits, HTTP_POST, "/intelligence/export");
    test_page_field(page, "kind", kind);
    test_page_field(page, "pick", "2");
    test_page_field(page, "pick", "8");
    if (download)
        test_page_field(page, "download", "yes");
    test_page_run(page, &route);
    return page;
}

static void a_selection_is_exported_and_says_what_stays(void **state)
{
    struct test_store *store = ready(state);
    clock_set(TEST_NOON);
    test_take_file(store, "Kenanga", "bundle.json");
    struct test_page *page = export(store, TEST_ANALYST, "csv", false);
    assert_int_equal(page->reply.status, 200);
    assert_true(test_has(test_member(page, "left_out"), "expired"));
    page = export(store, TEST_ANALYST, "csv", true);
    assert_true(test_has(page->answer, "198.51.100.7"));
    assert_false(test_has(page->answer, "203.0.113.9"));
    assert_true(test_has(test_page_said(page, "Content-Disposition"), "attachment; filename=\"export-csv.csv\""));
    assert_int_equal(export(store, 1u << ROLE_MANAGER, "csv", true)->err.kind, ERR_DENIED);
    assert_int_equal(export(store, TEST_ANALYST, "papyrus", true)->err.kind, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "filters_choose_and_are_kept_in_the_address", filters_choose_and_are_kept_in_the_address,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "what_cannot_be_asked_is_told", what_cannot_be_asked_is_told, set_up, tear_down),
            TEST_ON(DB_SQLITE, "values_are_defanged_and_sources_counted", values_are_defanged_and_sources_counted,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "pages_go_on_where_the_last_one_ended", pages_go_on_where_the_last_one_ended, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "each_role_sees_and_is_offered_what_it_may", each_role_sees_and_is_offered_what_it_may,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "what_is_done_is_asked_for_first_and_can_be_undone",
                    what_is_done_is_asked_for_first_and_can_be_undone, set_up, tear_down),
            TEST_ON(DB_SQLITE, "tags_are_put_and_taken_away", tags_are_put_and_taken_away, set_up, tear_down),
            TEST_ON(DB_SQLITE, "what_cannot_be_done_is_told_and_changes_nothing",
                    what_cannot_be_done_is_told_and_changes_nothing, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_selection_is_exported_and_says_what_stays",
                    a_selection_is_exported_and_says_what_stays, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
