/* SPDX-License-Identifier: Apache-2.0 */
#include "store/search.h"

#include "store/test_store.h"

static const char ID[] = "%s--6b616c61-0000-4000-8000-%012d";

/* Objects of one import, numbered from 1 in order of arrival. */
static void fill(struct test_store *store, const char *const *texts, size_t count)
{
    struct object_put *puts = arena_new(store->arena, struct object_put, count);
    for (size_t i = 0; i < count; i++)
        puts[i] = test_object(arena_printf(store->arena, "malware--6b616c61-0000-4000-8000-%012zu", i + 1),
                "2026-11-20T10:00:00", texts[i]);
    test_import(store, "peer", puts, count);
}

/* What a query finds, as numbers in the order found: "2 1". */
static const char *find(struct test_store *store, const char *query)
{
    struct search_place place = {0};
    const char *found = "";
    while (!place.end) {
        struct object *rows;
        size_t count;
        test_ok(store_search_list(store->db, slice_of(query), S(""), &place, 2, store->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            found = arena_printf(
                    store->arena, "%s%s%lld", found, found[0] == '\0' ? "" : " ", (long long)rows[i].number);
    }
    return found;
}

static void check(struct test_store *store, const char *query, const char *numbers)
{
    const char *found = find(store, query);
    if (strcmp(found, numbers) != 0)
        fail_msg("%s: found \"%s\", not \"%s\"", query, found, numbers);
}

static void words_are_found_in_names_before_text_and_the_latest_first(void **state)
{
    struct test_store *store = ready(state);
    static const char *const texts[] = {"{\"name\":\"Knocking Owl\",\"description\":\"seen in a hospital\"}",
            "{\"name\":\"Night Heron\",\"description\":\"tool of the knocking owl\"}",
            "{\"name\":\"Other\",\"aliases\":[\"Owl\"],\"labels\":[\"trojan\"]}"};
    fill(store, texts, COUNT_OF(texts));
    check(store, "owl", "3 1 2");
    check(store, "OWL knocking", "1 2");
    check(store, "\"knocking owl\"", "1 2");
    check(store, "\"owl knocking\"", "");
    check(store, "knock*", "1 2");
    check(store, "knock", "");
    check(store, "\"the knock\"*", "2");
    check(store, "trojan", "3");
    check(store, "owl hospital", "1");
    check(store, "absent", "");
}

static void addresses_and_names_are_found_whole(void **state)
{
    struct test_store *store = ready(state);
    static const char *const texts[] = {
            "{\"pattern\":\"[ipv4-addr:value = '198.51.100.7' OR domain-name:value = 'www.evil.example']\"}",
            "{\"value\":\"2001:DB8:0:0::1\"}",
            "{\"description\":\"talks to hxxps://evil[.]example/a/b.php, at night\"}",
            "{\"hashes\":{\"MD5\":\"D41D8CD98F00B204E9800998ECF8427E\"}}", "{\"value\":\"user@mail.evil.example\"}",
            "{\"external_references\":[{\"source_name\":\"cve\",\"external_id\":\"CVE-2024-3094\"}]}"};
    fill(store, texts, COUNT_OF(texts));
    check(store, "198.51.100.7", "1");
    check(store, "100.7", "");
    check(store, "198.51", "");
    check(store, "evil.example", "5 1 3");
    check(store, "www.evil.example", "1");
    check(store, "evil[.]example", "5 1 3");
    check(store, "hxxps://evil.example/a", "3");
    check(store, "2001:db8::1", "2");
    check(store, "d41d8cd98f00b204e9800998ecf8427e", "4");
    check(store, "user@mail.evil.example", "5");
    check(store, "cve-2024-3094", "6");
    check(store, "3094", "6");
}

static void what_is_no_word_is_no_syntax(void **state)
{
    struct test_store *store = ready(state);
    static const char *const texts[] = {"{\"name\":\"alpha beta\"}", "{\"name\":\"beta gamma near or not\"}"};
    static const char *const queries[] = {"alpha'; DROP TABLE object;--", "alpha\" OR \"beta", "name : alpha", "^alpha",
            "alpha AND", "NEAR(alpha beta)", "alpha NOT beta", "{name} : alpha", "alpha:*", "alpha & !beta",
            "'alpha' | beta", "alpha <-> beta", "alpha:A", "(alpha", "alpha)", "\"", "\"\"", "\"alpha", "*alpha*",
            "-alpha", "+alpha", "alpha \\", "a\xc3\xa9", "$1 %s"};
    fill(store, texts, COUNT_OF(texts));
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        struct search_place place = {0};
        struct object *rows;
        size_t count;
        struct err err =
                store_search_list(store->db, slice_of(queries[i]), S(""), &place, 10, store->arena, &rows, &count);
        if (err.kind != ERR_NONE && err.kind != ERR_INPUT)
            fail_msg("%s: %s", queries[i], err.why);
    }
    check(store, "^alpha", "1");
    check(store, "(beta", "2 1");
    check(store, "alpha OR gamma", "");
    check(store, "beta OR", "2");
    check(store, "beta not", "2");
}

static void bad_queries_are_told(void **state)
{
    struct test_store *store = ready(state);
    struct search_place place = {0};
    struct object *rows;
    size_t count;
    char *text = arena_new(store->arena, char, SEARCH_QUERY_MAX + 1);
    memset(text, 'a', SEARCH_QUERY_MAX + 1);
    const slice bad[] = {
            S(""), S("al*"), S("alpha \"beta g\"*"), S(" \"\" * "), S("\xff"), {text, SEARCH_QUERY_MAX + 1}};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(
                store_search_list(store->db, bad[i], S(""), &place, 10, store->arena, &rows, &count).kind, ERR_INPUT);
    for (size_t i = 0; i < 2 * SEARCH_TERMS_MAX + 2; i++)
        text[i] = i % 2 == 0 ? 'a' : ' ';
    slice many = {text, 2 * SEARCH_TERMS_MAX + 2};
    assert_int_equal(
            store_search_list(store->db, many, S(""), &place, 10, store->arena, &rows, &count).kind, ERR_LIMIT);
}

static void words_of_other_scripts_are_words(void **state)
{
    struct test_store *store = ready(state);
    static const char *const texts[] = {"{\"name\":\"\u00c9clair \u0424\u0438\u0448\u0438\u043d\u0433\"}",
            "{\"name\":\"\u7f51\u7edc\u5b89\u5168\u4e8b\u4ef6\"}", "{\"name\":\"e\\u0301clair\uff0c\u5b89\"}"};
    fill(store, texts, COUNT_OF(texts));
    check(store, "\u00e9clair", "3 1");
    check(store, "\u0444\u0418\u0448\u0438*", "1");
    check(store, "\u5b89\u5168", "2");
    check(store, "\u5168\u5b89", "");
    check(store, "\u5b89", "3 2");
}

static void only_what_counts_and_is_seen_is_found(void **state)
{
    struct test_store *store = ready(state);
    const char *id = arena_printf(store->arena, ID, "malware", 1);
    const struct object_put old = test_object(id, "2026-11-20T10:00:00",
                                    arena_printf(store->arena, "{\"id\":\"%s\",\"name\":\"salak\"}", id)),
                            new = test_object(id, "2026-11-21T10:00:00", "{\"name\":\"durian\"}");
    test_import(store, "peer", &old, 1);
    struct test_import running = test_import_begin(store, "peer");
    test_import_put(store, &running, &new, 1);
    check(store, "salak", "1");
    check(store, "durian", "");
    test_import_finish(store, &running);
    check(store, "salak", "");
    check(store, "durian", "2");
    test_ok(test_work(store, test_import_undo_action, &running.number));
    check(store, "salak", "1");
    check(store, "durian", "");
    check(store, id, "1");
}

static void a_type_can_be_asked_for(void **state)
{
    static const char *const types[] = {"malware", "tool", "x-odd'type"};
    struct test_store *store = ready(state);
    struct object_put puts[COUNT_OF(types)];
    struct object *rows;
    size_t count;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        puts[i] = test_object(arena_printf(store->arena, "%s--1", types[i]), "", "{\"name\":\"salak tool\"}");
    test_import(store, "peer", puts, COUNT_OF(puts));
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct search_place place = {0};
        test_ok(store_search_list(store->db, S("salak"), slice_of(types[i]), &place, 10, store->arena, &rows, &count));
        assert_int_equal(count, 1);
        assert_true(slice_eq(rows[0].type, slice_of(types[i])));
    }
    check(store, "tool", "3 2 1");
    check(store, "::tool", "3 2 1");
}

static void objects_of_any_shape_are_taken(void **state)
{
    struct test_store *store = ready(state);
    struct buf words = buf_make(3u << 20);
    buf_put(&words, S("{\"name\":\"needle\",\"x\":[[{\"deep\":\"straw\"}],\"hay\"],\"n\":null,\"description\":\""));
    while (words.len < 2u << 20)
        buf_printf(&words, "w%zu ", words.len);
    buf_put(&words, S("\"}"));
    const char *long_word = arena_printf(store->arena, "{\"name\":\"%0*d tail\"}", 5000, 7);
    const char *const texts[] = {arena_cstr(store->arena, buf_slice(&words)), "{}", long_word,
            "{\"pattern\":\"[a:b = 'it\\\\'s' AND c = 'broken\"}", "{\"name\":\"\\u0000a\\u0007b\"}"};
    buf_free(&words);
    fill(store, texts, COUNT_OF(texts));
    check(store, "needle", "1");
    check(store, "straw hay", "1");
    check(store, "tail", "3");
    check(store, "broken", "4");
}

/* What refers to an id, as numbers in the order found. */
static void refs_check(struct test_store *store, const char *ref, const char *type, const char *numbers)
{
    const slice ids[] = {slice_of(ref), S("no reference ' at all")};
    const struct search_refs refs = {ids, 2, slice_of(type)};
    struct search_place place = {0};
    const char *found = "";
    while (!place.end) {
        struct object *rows;
        size_t count;
        test_ok(store_search_refs(store->db, &refs, &place, 1, store->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            found = arena_printf(
                    store->arena, "%s%s%lld", found, found[0] == '\0' ? "" : " ", (long long)rows[i].number);
    }
    assert_string_equal(found, numbers);
}

static void what_refers_to_an_id_is_found(void **state)
{
    struct test_store *store = ready(state);
    static const char *const texts[] = {
            "{\"source_ref\":\"tool--0A\",\"target_ref\":\"malware--0b\"}",
            "{\"object_refs\":[\"malware--0b\",\"tool--0c\"],\"created_by_ref\":\"identity--0d\"}",
            "{\"description\":\"malware--0b\",\"labels\":[\"tlp:red\"]}",
    };
    fill(store, texts, COUNT_OF(texts));
    refs_check(store, "tool--0a", "", "1");
    refs_check(store, "malware--0B", "", "2 1");
    refs_check(store, "malware--0b", "malware", "2 1");
    refs_check(store, "malware--0b", "tool", "");
    refs_check(store, "tool--0c", "", "2");
    refs_check(store, "identity--0d", "", "");
    refs_check(store, "tlp red", "", "3");
    refs_check(store, "' OR 1 --", "", "");
    check(store, ":::tool--0c", ""); /* words of a query never mean it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(words_are_found_in_names_before_text_and_the_latest_first, set_up, tear_down),
            TEST_ON_BOTH(addresses_and_names_are_found_whole, set_up, tear_down),
            TEST_ON_BOTH(what_is_no_word_is_no_syntax, set_up, tear_down),
            TEST_ON_BOTH(bad_queries_are_told, set_up, tear_down),
            TEST_ON_BOTH(words_of_other_scripts_are_words, set_up, tear_down),
            TEST_ON_BOTH(only_what_counts_and_is_seen_is_found, set_up, tear_down),
            TEST_ON_BOTH(a_type_can_be_asked_for, set_up, tear_down),
            TEST_ON_BOTH(objects_of_any_shape_are_taken, set_up, tear_down),
            TEST_ON_BOTH(what_refers_to_an_id_is_found, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
