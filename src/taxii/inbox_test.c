/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/test_taxii.h"

#include "intel/ingest.h"
#include "store/journal.h"

#define ID(n) "indicator--6b616c61-0000-4000-8000-00000000000" #n

static uint64_t number_of(const char *key)
{
    uint64_t number = UINT64_MAX;
    (void)slice_u64(said_of(key), UINT64_MAX, &number);
    return number;
}

static void counts_are(uint64_t total, uint64_t good, uint64_t bad)
{
    if (number_of("total_count") != total || number_of("success_count") != good || number_of("failure_count") != bad)
        fail_msg("%s", test_body());
    assert_int_equal(number_of("pending_count"), 0);
    assert_int_equal(listed("successes"), good); /* clients hold lists against their counts */
    assert_int_equal(listed("failures"), bad);
    assert_true(says("\"status\":\"complete\""));
}

static const char *with(const char *objects)
{
    return arena_printf(test_store.arena, "{\"objects\":[%s]}", objects);
}

static void one_bad_object_sinks_nothing(void **state)
{
    ready(state);
    const char *id = collection("mixed", NULL);
    const char *bad = "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"" ID(
            9) "\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\"}";
    const char *body = with(arena_printf(test_store.arena, "%s,%s,7,%s,{\"a\":1,\"a\":2}", indicator(1, NEW_YEAR, "x"),
            bad, indicator(2, NEW_YEAR, "x")));
    if (post(id, body) != 202)
        fail_msg("%s", test_body());
    counts_are(5, 2, 3);
    assert_true(says("\"id\":\"" ID(9) "\",\"version\":\"2026-01-01T00:00:00.000Z\",\"message\":\"pattern"));
    const char *status =
            arena_printf(test_store.arena, ROOT "status/%.*s/", (int)(said_of("id").len - 2), said_of("id").ptr + 1);
    const char *answer = test_body();
    assert_int_equal(request(HTTP_GET, NULL, ENVELOPE, NULL, status), 200);
    assert_string_equal(test_body(), answer);
    assert_int_equal(get(id, "objects/"), 200);
    assert_string_equal(numbers(), "1 2");
    assert_int_equal(post(id, with("{\"id\":\"a\",\"id\":\"b\"}")), 202);
    counts_are(1, 0, 1);
    assert_true(says("this key twice"));
    /* Nothing but bad ones is an answer, too. */
    assert_int_equal(post(id, with(bad)), 202);
    counts_are(1, 0, 1);
}

static void the_same_again_is_a_success(void **state)
{
    ready(state);
    const char *id = collection("again", NULL);
    const char *body = with(indicator(1, NEW_YEAR, "x"));
    assert_int_equal(post(id, body), 202);
    assert_int_equal(get(id, "manifest/"), 200);
    const char *manifest = test_body();
    assert_int_equal(post(id, body), 202);
    counts_are(1, 1, 0);
    assert_int_equal(get(id, "manifest/"), 200);
    assert_string_equal(test_body(), manifest);
    /* Twice in one envelope. */
    const char *twice = indicator(2, NEW_YEAR, "y");
    assert_int_equal(post(id, with(arena_printf(test_store.arena, "%s,%s", twice, twice))), 202);
    counts_are(2, 2, 0);
}

static void other_content_of_a_version_fails_with_a_reason(void **state)
{
    ready(state);
    const char *id = collection("contradiction", NULL);
    assert_int_equal(post(id, with(indicator(1, NEW_YEAR, "one"))), 202);
    assert_int_equal(post(id, with(indicator(1, NEW_YEAR, "other"))), 202);
    counts_are(1, 0, 1);
    assert_true(says("with other content"));
    assert_int_equal(get(id, "objects/?match[version]=all"), 200);
    assert_int_equal(listed("objects"), 1);
    assert_true(says("\"name\":\"one\""));
}

static void what_was_taken_out_may_come_again(void **state)
{
    ready(state);
    const char *id = collection("out and in", NULL), *body = with(indicator(1, NEW_YEAR, "x"));
    struct journal_row *rows;
    size_t count;
    assert_int_equal(post(id, body), 202);
    assert_int_equal(post(id, with(indicator(1, "2026-01-02T00:00:00.000Z", "y"))), 202);
    assert_int_equal(request(HTTP_DELETE, NULL, ENVELOPE, NULL,
                             of(id, "objects/" ID(1) "/?match[version]=2026-01-02T00:00:00.000Z")),
            200);
    assert_int_equal(get(id, "objects/" ID(1) "/?match[version]=2026-01-02T00:00:00.000Z"), 404);
    assert_int_equal(get(id, "objects/" ID(1) "/"), 200);
    assert_int_equal(request(HTTP_DELETE, NULL, ENVELOPE, NULL, of(id, "objects/" ID(1) "/")), 200);
    assert_int_equal(test_gate.reply.body.len, 0);
    test_ok(store_journal_latest(test_store.db, INT64_MAX, 1, test_store.arena, &rows, &count));
    assert_true(count == 1 && slice_eq(rows[0].act, S("collection.dropped")));
    assert_int_equal(get(id, "objects/" ID(1) "/"), 404);
    assert_int_equal(get(id, "manifest/"), 200);
    assert_string_equal(test_body(), "{}");
    assert_int_equal(request(HTTP_DELETE, NULL, ENVELOPE, NULL, of(id, "objects/" ID(1) "/")), 404);
    assert_int_equal(post(id, body), 202);
    assert_int_equal(get(id, "objects/" ID(1) "/"), 200);
}

static void what_is_no_envelope_is_422(void **state)
{
    static const char *const bodies[] = {"", "no JSON", "{\"objects\":[", "[]", "7", "{}", "{\"objects\":[]}",
            "{\"objects\":{}}", "{\"objects\":null}", "{\"object\":[{}]}", "{\"objects\":[1]}x", "\"objects\"",
            "{\"objects\":[1],\"objects\":[2]}"};
    ready(state);
    const char *id = collection("none", NULL);
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        if (post(id, bodies[i]) != 422)
            fail_msg("%s: %u %s", bodies[i], test_gate.reply.status, test_body());
    struct buf deep = buf_make(1u << 20);
    buf_put(&deep, S("{\"objects\":["));
    for (int i = 0; i < 100000; i++)
        buf_byte(&deep, '[');
    buf_byte(&deep, '\0');
    assert_int_equal(post(id, deep.ptr), 422);
    buf_free(&deep);
    assert_int_equal(get(id, "objects/"), 200);
    assert_string_equal(test_body(), "{}");
}

static void media_types_and_sizes_are_strict(void **state)
{
    static const char *const good[] = {ENVELOPE, "application/taxii+json", "application/taxii+json; version=\"2.1\"",
            "application/stix+json;version=2.1", "Application/TAXII+JSON;charset=utf-8;version=2.1"};
    static const char *const bad[] = {NULL, "", "application/json", "application/taxii+json;version=2.0",
            "application/vnd.oasis.stix+json; version=2.0", "text/plain", "application/taxii+jsonx"};
    ready(state);
    const char *id = collection("types", NULL), *body = with(indicator(1, NEW_YEAR, "x"));
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_int_equal(request(HTTP_POST, good[i], ENVELOPE, body, of(id, "objects/")), 202);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(request(HTTP_POST, bad[i], ENVELOPE, body, of(id, "objects/")), 415);
    assert_int_equal(request(HTTP_POST, ENVELOPE, "application/json", body, of(id, "objects/")), 406);
    taxii_test_options.content_max = strlen(body);
    assert_int_equal(post(id, body), 202);
    taxii_test_options.content_max--;
    assert_int_equal(post(id, body), 413);
}

static void an_undone_post_is_served_no_more(void **state)
{
    ready(state);
    const char *id = collection("undone", NULL);
    struct import *imports;
    size_t count;
    assert_int_equal(post(id, envelope(1, 3)), 202);
    test_ok(store_import_list(test_store.db, 0, INT64_MAX, 1, test_store.arena, &imports, &count));
    assert_true(count == 1 && slice_eq(imports[0].actor, S("ayu")));
    test_ok(test_work(&test_store, test_import_undo_action, &imports[0].number));
    assert_int_equal(get(id, "objects/"), 200);
    assert_string_equal(test_body(), "{}");
}

/* ---- Rights ---- */

/* What an account without any grant gets is, byte for byte, what it gets for a collection that is not there. */
static void a_guessed_id_tells_nothing(void **state)
{
    static const char *const rests[] = {"", "objects/", "manifest/", "objects/" ID(1) "/",
            "objects/" ID(1) "/versions/", "objects/?next=1", "objects/?limit=0"};
    ready(state);
    const char *id = collection("hidden", NULL), *none = "6b616c61-0000-4000-8000-000000000000";
    assert_int_equal(post(id, envelope(1, 2)), 202);
    as(8, 2);
    for (size_t i = 0; i < COUNT_OF(rests); i++) {
        assert_int_equal(get(id, rests[i]), 404);
        const char *hidden = test_body();
        assert_int_equal(get(none, rests[i]), 404);
        assert_string_equal(test_body(), hidden);
    }
    assert_int_equal(post(id, "no JSON"), 404);
    assert_int_equal(request(HTTP_DELETE, NULL, ENVELOPE, NULL, of(id, "objects/" ID(1) "/")), 404);
    as(7, 1);
    assert_int_equal(get(id, "objects/"), 200);
    assert_string_equal(numbers(), "1 2");
}

static void a_drop_box_takes_and_gives_nothing(void **state)
{
    ready(state);
    int64_t number;
    const char *id = collection("drop box", &number);
    assert_int_equal(post(id, envelope(1, 1)), 202);
    grant(number, GRANTEE_ORGANISATION, 2, false, true);
    as(8, 2);
    assert_int_equal(get(id, ""), 200);
    assert_true(says("\"can_read\":false,\"can_write\":true"));
    assert_int_equal(get(id, "objects/"), 403);
    assert_int_equal(get(id, "manifest/"), 403);
    assert_int_equal(get(id, "objects/" ID(1) "/"), 403);
    assert_int_equal(get(id, "objects/" ID(1) "/versions/"), 403);
    assert_int_equal(post(id, envelope(2, 2)), 202);
    assert_int_equal(request(HTTP_DELETE, NULL, ENVELOPE, NULL, of(id, "objects/" ID(1) "/")), 403);
    grant(number, GRANTEE_USER, 9, true, false);
    as(9, 3);
    assert_int_equal(get(id, "objects/"), 200);
    assert_int_equal(post(id, envelope(3, 3)), 403);
    assert_int_equal(request(HTTP_DELETE, NULL, ENVELOPE, NULL, of(id, "objects/" ID(1) "/")), 403);
}

/* A grant is for its collection: by no other road may its holder bring anything in. */
static void a_grant_is_no_right_to_import(void **state)
{
    struct test_store *store = ready(state);
    int64_t number;
    collection("granted", &number);
    struct actor partner = {.user = 8, .organisation = 2, .name = S("mitra"), .how = ACTOR_TOKEN};
    struct intel_ingest ingest = {
            .source = S("taxii/granted"), .kind = S("taxii"), .name = S("x"), .form = "stix", .collection = number};
    struct intel_report report;
    slice text = slice_of(envelope(1, 1));
    assert_int_equal(intel_ingest_text(store->db, &partner, &ingest, text, store->arena, &report).kind, ERR_DENIED);
    grant(number, GRANTEE_USER, 8, false, true);
    test_ok(intel_ingest_text(store->db, &partner, &ingest, text, store->arena, &report));
    ingest.collection = 0;
    assert_int_equal(intel_ingest_text(store->db, &partner, &ingest, text, store->arena, &report).kind, ERR_DENIED);
}

/* ---- What an account is told is a part of what it was granted ---- */

enum { ACCOUNTS = 5, COLLECTIONS = 6, POSTS = 60 };

struct world {
    const char *ids[COLLECTIONS];
    bool can_read[ACCOUNTS][COLLECTIONS], can_write[ACCOUNTS][COLLECTIONS];
    int holder[POSTS + 1]; /* collection of each object */
    const char *statuses[POSTS];
    int poster[POSTS];
    int posted;
};

static unsigned dice(unsigned sides)
{
    static uint64_t seed = 20261121;
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % sides;
}

/* Accounts 10 and on; every two are of one organisation. */
static void world_make(struct world *world)
{
    for (int c = 0; c < COLLECTIONS; c++) {
        int64_t number;
        world->ids[c] = collection(arena_printf(test_store.arena, "collection %d", c), &number);
        for (int n = 0; n < 3; n++) {
            enum grantee kind = (enum grantee)dice(GRANTEES + 2);
            bool read = dice(2) == 1, write = dice(2) == 1;
            int64_t subject = kind == GRANTEE_ORGANISATION ? 20 + dice(3) : kind == GRANTEE_EVERYONE ? 0 : 10 + dice(5);
            if (kind == GRANTEE_EVERYONE && dice(4) > 0)
                continue;
            kind = kind > GRANTEE_EVERYONE ? GRANTEE_USER : kind;
            if (!read && !write)
                continue;
            grant(number, kind, subject, read, write);
            for (int a = 0; a < ACCOUNTS; a++) {
                bool meant = kind == GRANTEE_EVERYONE || (kind == GRANTEE_USER && subject == 10 + a) ||
                             (kind == GRANTEE_ORGANISATION && subject == 20 + a / 2);
                world->can_read[a][c] |= meant && read;
                world->can_write[a][c] |= meant && write;
            }
        }
    }
}

static void world_post(struct world *world)
{
    for (int n = 1; n <= POSTS; n++) {
        int a = (int)dice(ACCOUNTS), c = (int)dice(COLLECTIONS);
        as(10 + a, 20 + a / 2);
        unsigned status = post(world->ids[c], with(indicator(n, NEW_YEAR, "x")));
        bool seen = world->can_read[a][c] || world->can_write[a][c];
        assert_int_equal(status, world->can_write[a][c] ? 202 : seen ? 403 : 404);
        world->holder[n] = status == 202 ? c : -1;
        if (status != 202)
            continue;
        world->statuses[world->posted] = arena_printf(
                test_store.arena, ROOT "status/%.*s/", (int)(said_of("id").len - 2), said_of("id").ptr + 1);
        world->poster[world->posted++] = a;
    }
}

/* No id of an object stands anywhere in the answer but those of this collection; -1: none at all. */
static void tells_only(const struct world *world, int c)
{
    for (int n = 1; n <= POSTS; n++)
        if (world->holder[n] != c || c < 0)
            assert_false(says(arena_printf(test_store.arena, "8000-%012d", n)));
}

static void account_look(const struct world *world, int a)
{
    static const char *const lists[] = {"objects/", "manifest/", "objects/?match[version]=all", "manifest/?limit=1"};
    as(10 + a, 20 + a / 2);
    assert_int_equal(request(HTTP_GET, NULL, ENVELOPE, NULL, ROOT "collections/"), 200);
    for (int c = 0; c < COLLECTIONS; c++)
        assert_int_equal(says(world->ids[c]), world->can_read[a][c] || world->can_write[a][c]);
    for (int c = 0; c < COLLECTIONS; c++) {
        for (size_t i = 0; i < COUNT_OF(lists); i++) {
            bool seen = world->can_read[a][c] || world->can_write[a][c];
            assert_int_equal(get(world->ids[c], lists[i]), world->can_read[a][c] ? 200 : seen ? 403 : 404);
            tells_only(world, world->can_read[a][c] ? c : -1);
        }
        for (int n = 1; n <= POSTS; n++) {
            static const char *const rests[] = {"", "versions/"};
            bool there = world->can_read[a][c] && world->holder[n] == c;
            for (size_t i = 0; i < COUNT_OF(rests); i++)
                assert_int_equal(get(world->ids[c], arena_printf(test_store.arena,
                                                            "objects/indicator--6b616c61-0000-4000-8000-%012d/%s", n,
                                                            rests[i])) == 200,
                        there);
        }
    }
    for (int s = 0; s < world->posted; s++)
        assert_int_equal(
                request(HTTP_GET, NULL, ENVELOPE, NULL, world->statuses[s]), world->poster[s] == a ? 200 : 404);
}

static void nobody_is_told_more_than_was_granted(void **state)
{
    static struct world world;
    ready(state);
    world = (struct world){.posted = 0};
    world_make(&world);
    world_post(&world);
    assert_true(world.posted > 5);
    for (int a = 0; a < ACCOUNTS; a++)
        account_look(&world, a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TAXII_TEST(one_bad_object_sinks_nothing),
            TAXII_TEST(the_same_again_is_a_success),
            TAXII_TEST(other_content_of_a_version_fails_with_a_reason),
            TAXII_TEST(what_was_taken_out_may_come_again),
            TAXII_TEST(what_is_no_envelope_is_422),
            TAXII_TEST(media_types_and_sizes_are_strict),
            TAXII_TEST(an_undone_post_is_served_no_more),
            TAXII_TEST(a_guessed_id_tells_nothing),
            TAXII_TEST(a_drop_box_takes_and_gives_nothing),
            TAXII_TEST(a_grant_is_no_right_to_import),
            TAXII_TEST(nobody_is_told_more_than_was_granted),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
