/* SPDX-License-Identifier: Apache-2.0 */
/* Importing in two steps, what waits in between, and the pages of imports, feeds, sources and the journal. */
#include <unistd.h>

#include "store/right.h"
#include "web/importer.h"
#include "web/test_intel_page.h"
#include "web/waiting.h"

#define BROKEN "{\"type\":\"bundle\",\"id\":\"bundle--6b616c61-0000-4000-8000-000000000001\",\"objects\":["

static const struct route_field fields[] = {
        {"reason", "", false}, {"location", "", false}, {"name", "", false}, {NULL}};

static struct test_page *posting(struct test_store *store, uint32_t bits)
{
    struct test_page *page = test_intel_page(store, bits, HTTP_POST, "/import");
    page->parts.folder = store->base->folder;
    page->ask.who.actor.organisation = 0; /* there is none in this store */
    return page;
}

static struct test_page *post(struct test_page *page, const char *name, struct err (*answer)(struct ask *ask))
{
    const struct route route = {.name = name, .face = &web_face, .answer = answer, .fields = fields};
    test_page_run(page, &route);
    return page;
}

static struct test_page *preview(struct test_store *store, uint32_t bits, const char *text, const char *form)
{
    struct test_page *page = posting(store, bits);
    test_page_field(page, "text", text);
    test_page_field(page, "source", "Kenanga");
    test_page_field(page, "form", form);
    test_page_field(page, "tlp", "green");
    return post(page, "import", web_import_post);
}

static struct test_page *take(struct test_store *store, uint32_t bits, const char *waiting)
{
    struct test_page *page = posting(store, bits);
    test_page_field(page, "waiting", waiting);
    test_page_field(page, "source", "Kenanga");
    test_page_field(page, "tlp", "green");
    return post(page, "import", web_import_take);
}

static const char *waiting_of(struct test_store *store, const struct test_page *page)
{
    return arena_cstr(store->arena, json_text(json_get(test_member(page, "preview"), S("waiting")), store->arena));
}

static size_t seen(struct test_store *store)
{
    return test_seen_count(store);
}

static void a_text_is_shown_and_then_taken_in(void **state)
{
    struct test_store *store = ready(state);
    struct test_page *page = preview(store, TEST_ANALYST, "evil.example\n198.51.100.7\nno value at all !\n", "list");
    slice shown = test_member(page, "preview");
    assert_int_equal(page->reply.status, 200);
    assert_true(slice_eq(json_get(json_get(shown, S("object_count")), S("value")), S("2")));
    assert_true(slice_eq(json_get(json_get(shown, S("refused_count")), S("value")), S("1")));
    assert_string_equal(test_column(store, json_get(shown, S("refused")), "line"), "3");
    assert_string_equal(
            test_column(store, json_get(shown, S("objects")), "value"), "evil[.]example 198[.]51[.]100[.]7");
    assert_false(test_has(json_get(shown, S("objects")), "/objects/")); /* they are nowhere yet */
    assert_true(test_has(json_get(shown, S("objects")), "TLP:GREEN"));
    assert_int_equal(seen(store), 0);
    page = take(store, TEST_ANALYST, waiting_of(store, page));
    assert_int_equal(page->reply.status, 303);
    assert_true(slice_eq(test_page_said(page, "Location"), S("/imports/1")));
    assert_int_equal(seen(store), 2);
    page = test_intel_get(store, TEST_ANALYST, "import-one", web_import_one, "", "1", false);
    assert_true(test_has(page->answer, "\"state\":\"done\""));
    assert_string_equal(test_column(store, test_member(page, "refused_rows"), "line"), "3");
}

static void what_waits_is_for_who_sent_it_and_once(void **state)
{
    struct test_store *store = ready(state);
    const char *waiting = waiting_of(store, preview(store, TEST_ANALYST, "evil.example\n", "list"));
    struct test_page *other = posting(store, TEST_ANALYST);
    other->ask.who.actor.user = 8;
    test_page_field(other, "waiting", waiting);
    assert_int_equal(post(other, "import", web_import_take)->reply.status, 404);
    static const char *const guesses[] = {"", "../node.conf", "0000000000000000000000000000000000000000000"};
    for (size_t i = 0; i < COUNT_OF(guesses); i++)
        assert_int_equal(take(store, TEST_ANALYST, guesses[i])->reply.status, 404);
    assert_int_equal(take(store, TEST_ANALYST, waiting)->reply.status, 303);
    assert_int_equal(take(store, TEST_ANALYST, waiting)->reply.status, 404);
}

static void what_is_nothing_is_told_and_leaves_nothing(void **state)
{
    struct test_store *store = ready(state);
    static const char *const texts[][2] = {{"", ""}, {BROKEN, "stix"}, {"hello", "list"}, {"{}", "papyrus"}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct test_page *page = preview(store, TEST_ANALYST, texts[i][0], texts[i][1]);
        assert_int_equal(page->reply.status, 400);
        assert_true(test_member(page, "error").len > 0);
    }
    assert_int_equal(seen(store), 0);
    assert_int_equal(preview(store, 1u << ROLE_MANAGER, "evil.example\n", "list")->err.kind, ERR_DENIED);
    assert_int_equal(preview(store, 1u << ROLE_SYSADMIN, "evil.example\n", "list")->err.kind, ERR_DENIED);
}

static void a_script_takes_one_step(void **state)
{
    struct test_store *store = ready(state);
    struct test_page *page = posting(store, TEST_ANALYST);
    test_page_field(page, "text", "evil.example\n");
    test_page_field(page, "now", "yes");
    assert_int_equal(post(page, "import", web_import_post)->reply.status, 303);
    assert_int_equal(seen(store), 1);
}

static void waiting_texts_have_ceilings(void **state)
{
    struct test_store *store = ready(state);
    slice name = S(""), first = S("");
    const char *path;
    for (size_t i = 0; i < WAITING_OF_ONE_MAX + 1; i++) {
        test_ok(waiting_put(store->base->folder, 7, S("text"), store->arena, &name));
        first = i == 0 ? name : first;
    }
    test_ok(waiting_find(store->base->folder, 7, name, store->arena, &path));
    size_t found = 0;
    found += waiting_find(store->base->folder, 7, first, store->arena, &path).kind == ERR_NONE;
    assert_true(found <= 1); /* the oldest made room, whichever of one second that is */
    size_t files = 1;
    struct err err = OK;
    for (; err.kind == ERR_NONE && files <= WAITING_FILES_MAX; files++)
        err = waiting_put(store->base->folder, (int64_t)(100 + files), S("text"), store->arena, &name);
    assert_int_equal(err.kind, ERR_LIMIT);
}

/* ---- Imports, feeds, sources, journal ---- */

static void an_import_is_undone_with_a_reason(void **state)
{
    struct test_store *store = ready(state);
    test_take_file(store, "Kenanga", "bundle.json");
    const char *const reasons[] = {"", "a mistake", "again"};
    const unsigned statuses[] = {400, 303, 409};
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        struct test_page *page = posting(store, 1u << ROLE_COORDINATOR);
        page->ask.parts[0] = S("1");
        test_page_field(page, "reason", reasons[i]);
        post(page, "import-one", web_import_undo);
        assert_int_equal(page->reply.status, statuses[i]);
    }
    assert_int_equal(seen(store), 0);
    struct test_page *analyst = posting(store, TEST_ANALYST); /* only with a second person */
    analyst->ask.parts[0] = S("1");
    test_page_field(analyst, "reason", "a mistake");
    assert_int_equal(post(analyst, "import-one", web_import_undo)->err.kind, ERR_DENIED);
}

static void feeds_are_added_and_changed(void **state)
{
    struct test_store *store = ready(state);
    const uint32_t who = 1u << ROLE_COORDINATOR;
    struct test_page *page = posting(store, who);
    test_page_field(page, "location", "https://feed.example/list.txt");
    assert_int_equal(post(page, "feeds", web_feed_add)->reply.status, 303);
    page = posting(store, who);
    test_page_field(page, "location", "/etc/passwd");
    assert_int_equal(post(page, "feeds", web_feed_add)->reply.status, 400);
    static const char *const acts[] = {"pause", "resume", "fetch"};
    static const char *const states[] = {"paused", "new", "new"};
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        page = posting(store, who);
        test_page_field(page, "name", "feed.example");
        test_page_field(page, "act", acts[i]);
        assert_int_equal(post(page, "feeds", web_feed_change)->reply.status, 303);
        page = test_intel_get(store, who, "feeds", web_feeds, "", "", false);
        assert_string_equal(test_column(store, test_member(page, "rows"), "state"), states[i]);
        page = posting(store, who);
        test_page_field(page, "name", "feed.example");
        test_page_field(page, "act", "fetch");
        bool may_fetch = strcmp(states[i], "paused") != 0;
        assert_int_equal(post(page, "feeds", web_feed_change)->reply.status, may_fetch ? 303 : 409);
    }
    page = posting(store, 1u << ROLE_MANAGER);
    test_page_field(page, "name", "feed.example");
    test_page_field(page, "act", "remove");
    assert_int_equal(post(page, "feeds", web_feed_change)->err.kind, ERR_DENIED);
    page = test_intel_get(store, 1u << ROLE_SYSADMIN, "feeds", web_feeds, "", "", true);
    assert_true(test_has(page->answer, "feed.example")); /* how it does is no content */
}

static void sources_are_counted_and_the_journal_is_filtered(void **state)
{
    struct test_store *store = ready(state);
    test_take_file(store, "Kenanga", "bundle.json");
    test_take_file(store, "Kenanga", "newer.json");
    struct test_page *page = test_intel_get(store, TEST_ANALYST, "sources", web_sources, "", "", false);
    assert_true(test_has(test_member(page, "rows"), "\"objects\":{\"value\":9"));
    const uint32_t auditor = 1u << ROLE_AUDITOR;
    const struct {
        const char *query, *acts;
    } choices[] = {{"", "import.done import.begin import.done import.begin"},
            {"act=import.done", "import.done import.done"}, {"subject=import/2", "import.done import.begin"},
            {"actor=nobody", ""}, {"before=3", "import.done import.begin"}};
    for (size_t i = 0; i < COUNT_OF(choices); i++) {
        page = test_intel_get(store, auditor, "journal", web_journal, choices[i].query, "", false);
        assert_string_equal(test_column(store, test_member(page, "rows"), "act"), choices[i].acts);
    }
    page = test_intel_get(store, TEST_ANALYST, "journal", web_journal, "", "", false);
    assert_int_equal(page->err.kind, ERR_DENIED);
}

/* ---- Who sees which page, and what it offers ---- */

static const struct {
    const char *name, *part;
    struct err (*answer)(struct ask *ask);
    enum verb verb;
    const char *offers; /* a flag of the document that is true for who may do this, too */
    enum verb offered;
} pages[] = {
        {"intelligence", "", web_intelligence, VERB_READ_OBJECTS, "may_export", VERB_EXPORT},
        {"object", "1", web_object, VERB_READ_OBJECTS, "may_act", VERB_JUDGE},
        {"object-raw", "1", web_object_raw, VERB_READ_OBJECTS, NULL, VERBS},
        {"import", "", web_import, VERB_IMPORT, NULL, VERBS},
        {"imports", "", web_imports, VERB_READ_OBJECTS, "may_import", VERB_IMPORT},
        {"import-one", "1", web_import_one, VERB_READ_OBJECTS, "may_undo", VERB_IMPORT_UNDO},
        {"feeds", "", web_feeds, VERB_READ_FEEDS, "may_change", VERB_CHANGE_FEEDS},
        {"sources", "", web_sources, VERB_READ_OBJECTS, NULL, VERBS},
        {"journal", "", web_journal, VERB_READ_JOURNAL, "may_read", VERB_READ_OBJECTS},
};

/* By the table of rights itself: "with a second person" is not alone. */
static bool may(enum verb verb, enum role role)
{
    return store_right_of(verb, role) == RIGHT_YES;
}

static void every_page_asks_for_its_right_and_offers_no_more(void **state)
{
    struct test_store *store = ready(state);
    test_take_file(store, "Kenanga", "bundle.json");
    for (size_t i = 0; i < COUNT_OF(pages); i++)
        for (enum role role = 0; role < ROLE_LOCAL; role++) {
            struct test_page *page =
                    test_intel_get(store, 1u << role, pages[i].name, pages[i].answer, "", pages[i].part, false);
            bool sees = may(pages[i].verb, role);
            if ((page->err.kind == ERR_NONE) != sees)
                fail_msg("%s as %s: %s", pages[i].name, store_role_name(role), err_name(page->err.kind));
            if (!sees)
                assert_false(test_has(page->answer, "Kenanga"));
            if (sees && pages[i].offers != NULL)
                assert_int_equal(slice_eq(test_member(page, pages[i].offers), S("true")), may(pages[i].offered, role));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "a_text_is_shown_and_then_taken_in", a_text_is_shown_and_then_taken_in, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "what_waits_is_for_who_sent_it_and_once", what_waits_is_for_who_sent_it_and_once, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "what_is_nothing_is_told_and_leaves_nothing", what_is_nothing_is_told_and_leaves_nothing,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_script_takes_one_step", a_script_takes_one_step, set_up, tear_down),
            TEST_ON(DB_SQLITE, "waiting_texts_have_ceilings", waiting_texts_have_ceilings, set_up, tear_down),
            TEST_ON(DB_SQLITE, "an_import_is_undone_with_a_reason", an_import_is_undone_with_a_reason, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "feeds_are_added_and_changed", feeds_are_added_and_changed, set_up, tear_down),
            TEST_ON(DB_SQLITE, "every_page_asks_for_its_right_and_offers_no_more",
                    every_page_asks_for_its_right_and_offers_no_more, set_up, tear_down),
            TEST_ON(DB_SQLITE, "sources_are_counted_and_the_journal_is_filtered",
                    sources_are_counted_and_the_journal_is_filtered, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
