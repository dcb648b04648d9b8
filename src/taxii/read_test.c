/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/test_taxii.h"

#define NOON INT64_C(1795262400000000) /* 2026-11-21 12:00 UTC */
#define ID(n) "indicator--6b616c61-0000-4000-8000-00000000000" #n

/* Two versions of 1, one of 2, a malware 3, and a marking without `modified`. */
static const char *example(void)
{
    const char *id = collection("example", NULL);
    clock_set(NOON);
    const char *body = arena_printf(test_store.arena,
            "{\"objects\":[%s,%s,%s,%s,{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":"
            "\"marking-definition--6b616c61-0000-4000-8000-000000000004\",\"created\":\"2026-01-03T00:00:00.120Z\","
            "\"definition_type\":\"statement\",\"definition\":{\"statement\":\"x\"}}]}",
            indicator(1, NEW_YEAR, "first"), indicator(1, "2026-01-02T00:00:00.120Z", "second"),
            indicator(2, NEW_YEAR, "other"), malware(3));
    assert_int_equal(post(id, body), 202);
    assert_int_equal(listed("successes"), 5);
    return id;
}

static void a_client_finds_its_way_from_discovery_to_objects(void **state)
{
    ready(state);
    const char *id = example();
    assert_int_equal(request(HTTP_GET, NULL, ENVELOPE, NULL, "/taxii2/"), 200);
    assert_true(slice_eq(test_gate.reply.type, S(ENVELOPE)));
    assert_true(says("\"title\":\"Melati CERT\"") && says("\"api_roots\":[\"https://node.example/taxii2/main/\"]"));
    assert_int_equal(request(HTTP_GET, NULL, ENVELOPE, NULL, ROOT), 200);
    assert_true(says("\"versions\":[\"" ENVELOPE "\"]") && says("\"max_content_length\":1048576"));
    assert_int_equal(request(HTTP_GET, NULL, ENVELOPE, NULL, ROOT "collections/"), 200);
    assert_int_equal(listed("collections"), 1);
    assert_true(says(id) && says("\"can_read\":true") && says("\"can_write\":true"));
    assert_int_equal(get(id, ""), 200);
    assert_int_equal(get(id, "objects/"), 200);
    assert_string_equal(numbers(), "1 2 3 4");
    /* Byte for byte as it came. */
    assert_true(says(indicator(1, "2026-01-02T00:00:00.120Z", "second")));
    assert_string_equal(test_said("X-TAXII-Date-Added-First"), "2026-11-21T12:00:00.001000Z");
    assert_string_equal(test_said("X-TAXII-Date-Added-Last"), "2026-11-21T12:00:00.004000Z");
}

static void nothing_is_an_empty_object_without_dates(void **state)
{
    ready(state);
    const char *id = collection("empty", NULL);
    static const char *const paths[] = {"objects/", "manifest/", "objects/?match[type]=tool",
            "objects/" ID(9) "/?added_after=2026-01-01T00:00:00Z"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        assert_int_equal(get(id, paths[i]), 200);
        assert_string_equal(test_body(), "{}");
        assert_null(test_said("X-TAXII-Date-Added-First"));
    }
    as(8, 2);
    assert_int_equal(request(HTTP_GET, NULL, ENVELOPE, NULL, ROOT "collections/"), 200);
    assert_string_equal(test_body(), "{}");
}

static void manifests_and_versions_say_when_and_which(void **state)
{
    ready(state);
    const char *id = example();
    assert_int_equal(get(id, "manifest/?match[id]=" ID(1)), 200);
    assert_string_equal(test_body(),
            "{\"objects\":[{\"id\":\"" ID(1) "\",\"date_added\":\"2026-11-21T12:00:00.001000Z\","
                                             "\"version\":\"2026-01-02T00:00:00.120Z\",\"media_type\":"
                                             "\"application/stix+json;version=2.1\"}],\"more\":false}");
    assert_int_equal(get(id, "objects/" ID(1) "/versions/"), 200);
    assert_string_equal(
            test_body(), "{\"versions\":[\"2026-01-01T00:00:00.000Z\",\"2026-01-02T00:00:00.120Z\"],\"more\":false}");
    assert_int_equal(get(id, "objects/" ID(1) "/versions/?limit=1"), 200);
    assert_true(says("\"more\":true,\"next\":\""));
    assert_int_equal(get(id, "manifest/?match[type]=marking-definition"), 200);
    assert_true(says("\"version\":\"2026-01-03T00:00:00.120Z\"")); /* created, section 5.3.1 */
}

static void filters_are_taken_as_they_come(void **state)
{
    static const struct {
        const char *query, *expected;
    } cases[] = {
            {"", "1 2 3 4"},
            {"?match[id]=" ID(1), "1"},
            {"?match%5Bid%5D=" ID(1) "%2C" ID(2), "1 2"},
            {"?match[type]=indicator", "1 2"},
            {"?match[type]=malware,indicator", "1 2 3"},
            {"?match[type]=malware&match[id]=" ID(1), ""},
            {"?match[version]=all", "1 1 2 3 4"},
            {"?match[version]=first", "1 2 3 4"},
            {"?match[version]=first,last", "1 1 2 3 4"},
            {"?match[version]=2026-01-02T00:00:00.120Z", "1"},
            {"?match[version]=2026-01-02T00:00:00.12Z", "1"}, /* the same moment (STIX 2.1 section 3.2) */
            {"?match[version]=2026-01-02T00:00:00.120Z,2026-01-03T00:00:00.120Z", "1 4"},
            {"?match[spec_version]=2.1", "1 2 3 4"},
            {"?match[spec_version]=2.0", ""},
            {"?match[spec_version]=2.0,2.1", "1 2 3 4"},
            {"?match[spec_version]=3.7", ""},
            {"?added_after=2026-11-21T12:00:00.002Z", "3 4"},
            {"?added_after=2026-11-21T19:00:00.002%2B07:00", "3 4"},
            {"?added_after=2026-01-02T00:00:00.120Z", "1 2 3 4"}, /* a client that sends `modified` */
            {"?limit=100000000000000000000000", "1 2 3 4"},
            {"?something=else", "1 2 3 4"},
    };
    ready(state);
    const char *id = example();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static const char *const of_lists[] = {"objects/", "manifest/"};
        for (size_t list = 0; list < COUNT_OF(of_lists); list++) {
            const char *rest = arena_printf(test_store.arena, "%s%s", of_lists[list], cases[i].query);
            if (get(id, rest) != 200 || strcmp(numbers(), cases[i].expected) != 0)
                fail_msg("%s: %u %s", rest, test_gate.reply.status, test_body());
        }
    }
}

static void what_is_malformed_is_400(void **state)
{
    static const char *const queries[] = {"added_after=yesterday", "added_after=", "added_after=1795262400",
            "added_after=2026-11-21T12:00:00Z&added_after=2026-11-21T12:00:00Z", "limit=0", "limit=-1", "limit=ten",
            "limit=", "limit=1&limit=2", "next=1", "next=", "next=000660cca8b42c9811e07b94a9cf83d5",
            "next=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "match[id]=", "match[id]=a,,b", "match[type]=a&match[type]=b",
            "match[version]=newest", "match[version]=all,last", "match[version]=last,last",
            "match[version]=2026-01-02T00:00:00.120Z,2026-01-02T00:00:00.12Z", "match[version]=2026-01-02",
            "match[spec_version]=two", "match[confidence]=7", "match[]=x"};
    ready(state);
    const char *id = example();
    for (size_t i = 0; i < COUNT_OF(queries); i++)
        if (get(id, arena_printf(test_store.arena, "objects/?%s", queries[i])) != 400)
            fail_msg("%s: %u %s", queries[i], test_gate.reply.status, test_body());
    assert_true(says("\"http_status\":\"400\"") && slice_eq(test_gate.reply.type, S(ENVELOPE)));
    assert_int_equal(get(id, "objects/" ID(1) "/?match[id]=" ID(1)), 400);
    assert_int_equal(get(id, "objects/" ID(1) "/versions/?match[version]=all"), 400);
}

static void what_is_not_there_is_404(void **state)
{
    ready(state);
    const char *id = example();
    static const char *const paths[] = {"objects/" ID(9) "/", "objects/" ID(9) "/versions/",
            "objects/" ID(1) "/?match[version]=2026-05-05T00:00:00.000Z", "objects", "nothing/", "objects/" ID(1)};
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        assert_int_equal(get(id, paths[i]), 404);
    assert_int_equal(request(HTTP_GET, NULL, ENVELOPE, NULL, "/taxii2/other/collections/"), 404);
    assert_int_equal(request(HTTP_GET, NULL, ENVELOPE, NULL, ROOT "status/1/"), 404);
    assert_true(slice_eq(test_gate.reply.type, S(ENVELOPE)));
}

static void what_a_client_takes_decides(void **state)
{
    ready(state);
    const char *path = of(example(), "objects/");
    static const char *const good[] = {NULL, "*/*", "application/json, */*", "application/taxii+json",
            "application/taxii+json;version=2.1;q=0.5, text/html", "application/taxii+json; version=\"2.1\"",
            "application/taxii+json;version=2.1,application/stix+json;version=2.1"};
    static const char *const bad[] = {"application/json", "text/html", "application/taxii+json;version=2.0",
            "application/vnd.oasis.taxii+json", "application/taxii+json;q=0, */*", "*/*;q=0"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_int_equal(request(HTTP_GET, NULL, good[i], NULL, path), 200);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(request(HTTP_GET, NULL, bad[i], NULL, path), 406);
    test_gate.known = OK;
    test_gate.who = (struct who){.actor = {.how = ACTOR_NOBODY}};
    assert_int_equal(request(HTTP_GET, NULL, ENVELOPE, NULL, path), 401);
    assert_non_null(strstr(test_said("WWW-Authenticate"), "Basic"));
    assert_non_null(strstr(test_said("WWW-Authenticate"), "Bearer"));
}

/* ---- Pages ---- */

static const char *text_of(const char *key)
{
    return arena_cstr(test_store.arena, json_text(said_of(key), test_store.arena));
}

/* taxii2-client: `next` with the same filters until there is no more. */
static void pages_by_next_give_all_once(void **state)
{
    ready(state);
    const char *id = collection("pages", NULL), *next = NULL, *all = "";
    assert_int_equal(post(id, envelope(1, 25)), 202);
    for (int i = 0; i < 10; i++) {
        const char *rest =
                next == NULL ? "objects/?limit=7&match[type]=indicator"
                             : arena_printf(test_store.arena, "objects/?limit=7&match[type]=indicator&next=%s", next);
        assert_int_equal(get(id, rest), 200);
        all = arena_printf(test_store.arena, "%s%s%s", all, *all == '\0' ? "" : " ", numbers());
        if (!says("\"more\":true"))
            break;
        next = text_of("next");
        if (i == 1) { /* what others do meanwhile changes no place */
            assert_int_equal(post(id, envelope(26, 26)), 202);
            assert_int_equal(request(HTTP_DELETE, NULL, ENVELOPE, NULL,
                                     of(id, "objects/indicator--6b616c61-0000-4000-8000-000000000014/")),
                    200);
        }
    }
    assert_string_equal(all, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26");
}

/* Everything that it says is known to who reads the collection, but for our key. */
static void nobody_else_makes_a_next(void **state)
{
    char text[128];
    ready(state);
    const char *id = collection("pages", NULL);
    assert_int_equal(post(id, envelope(1, 25)), 202);
    assert_int_equal(get(id, "objects/?limit=7"), 200);
    const char *next = text_of("next");
    uint64_t moment = strtoull(arena_printf(test_store.arena, "%.16s", next), NULL, 16);
    snprintf(text, sizeof text, "taxii next %s %llu", id, (unsigned long long)moment);
    struct sha256 bound = hash_sha256(slice_of(text));
    struct buf forged = buf_make(64);
    buf_printf(&forged, "objects/?next=%.16s", next);
    buf_hex(&forged, (slice){(const char *)bound.bytes, 8});
    buf_byte(&forged, '\0');
    assert_int_equal(get(id, forged.ptr), 400);
    assert_int_equal(get(id, arena_printf(test_store.arena, "objects/?next=%s", next)), 200);
    buf_free(&forged);
}

/* OpenCTI: sends next and added_after, of which only one moves on; the header's time cut to milliseconds. */
static void a_client_of_both_and_of_milliseconds_ends(void **state)
{
    ready(state);
    const char *id = collection("both", NULL), *next = NULL, *after = "2020-01-01T00:00:00.000Z";
    int count = 0;
    assert_int_equal(post(id, envelope(1, 50)), 202);
    for (int i = 0; i < 20; i++) {
        const char *rest = arena_printf(test_store.arena, "objects/?limit=20&added_after=%s%s%s", after,
                next == NULL ? "" : "&next=", next == NULL ? "" : next);
        assert_int_equal(get(id, rest), 200);
        count += (int)listed("objects");
        next = says("\"more\":true") ? text_of("next") : NULL;
        if (test_said("X-TAXII-Date-Added-Last") == NULL)
            break;
        if (i % 2 == 1 || next == NULL)
            after = arena_printf(test_store.arena, "%.23sZ", test_said("X-TAXII-Date-Added-Last"));
    }
    assert_int_equal(count, 50);
}

static void a_place_is_of_its_collection_only(void **state)
{
    ready(state);
    const char *one = collection("one", NULL), *other = collection("other", NULL);
    assert_int_equal(post(one, envelope(1, 2)), 202);
    assert_int_equal(get(one, "objects/?limit=1"), 200);
    const char *rest = arena_printf(test_store.arena, "objects/?next=%s", text_of("next"));
    assert_int_equal(get(one, rest), 200);
    assert_string_equal(numbers(), "2");
    assert_int_equal(get(other, rest), 400);
}

static void pages_have_a_most(void **state)
{
    ready(state);
    const char *id = collection("most", NULL);
    taxii_test_options.page_default = 3;
    taxii_test_options.page_max = 5;
    assert_int_equal(post(id, envelope(1, 9)), 202);
    assert_int_equal(get(id, "objects/"), 200);
    assert_int_equal(listed("objects"), 3);
    assert_int_equal(get(id, "manifest/?limit=1000"), 200);
    assert_int_equal(listed("objects"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TAXII_TEST(a_client_finds_its_way_from_discovery_to_objects),
            TAXII_TEST(nothing_is_an_empty_object_without_dates),
            TAXII_TEST(manifests_and_versions_say_when_and_which),
            TAXII_TEST(filters_are_taken_as_they_come),
            TAXII_TEST(what_is_malformed_is_400),
            TAXII_TEST(what_is_not_there_is_404),
            TAXII_TEST(what_a_client_takes_decides),
            TAXII_TEST(nobody_else_makes_a_next),
            TAXII_TEST(pages_by_next_give_all_once),
            TAXII_TEST(a_client_of_both_and_of_milliseconds_ends),
            TAXII_TEST(a_place_is_of_its_collection_only),
            TAXII_TEST(pages_have_a_most),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
