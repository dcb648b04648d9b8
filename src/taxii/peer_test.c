/* SPDX-License-Identifier: Apache-2.0 */
/* Peers and pushes of a node, on both databases, against tests/web/taxii.py. */
#include "base/clock.h"
#include "taxii/push.h"

#include <sys/stat.h>

#include "intel/test_intel.h"
#include "taxii/test_server.h"

static const int64_t NOON = INT64_C(1790000000000000);

static struct http_client_options http;

static struct taxii_fetch fetch_of(struct test_store *store)
{
    http = test_http_options();
    return (struct taxii_fetch){.http = &http, .keys = store->base->folder};
}

static struct err add(struct test_store *store, const char *name, const char *faults, const struct taxii_files *files)
{
    const struct taxii_fetch fetch = fetch_of(store);
    const struct taxii_files none = {0};
    struct taxii_access access;
    test_ok(taxii_access_read(files == NULL ? &none : files, store->arena, &access));
    const struct peer_put put = {.name = slice_of(name),
            .url = slice_of(test_server_url(store->arena, faults, "api/collections/read/")),
            .every_us = HOUR_US,
            .credentials = access.kind,
            .account = slice_of(files == NULL || files->account == NULL ? "" : files->account)};
    int64_t number;
    return taxii_peer_add(store->db, &store->actor, &fetch, &put, files == NULL ? &none : files, store->arena, &number);
}

static struct taxii_pulled run(struct test_store *store, const char *name)
{
    const struct taxii_fetch fetch = fetch_of(store);
    struct taxii_pulled pulled;
    test_ok(taxii_peer_run(store->db, &store->actor, &fetch, slice_of(name), store->arena, &pulled));
    return pulled;
}

static struct peer row_of(struct test_store *store, const char *name)
{
    struct peer peer;
    test_ok(taxii_peer_get(store->db, &store->actor, slice_of(name), store->arena, &peer));
    return peer;
}

static struct remote remote_of(struct test_store *store, const char *name)
{
    struct peer peer = row_of(store, name);
    struct remote *rows;
    size_t count;
    test_ok(taxii_peer_collections(store->db, &store->actor, &peer, 0, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    return rows[0];
}

/* A server of this test alone, with so many objects. */
static const char *server_of(struct test_store *store, const char *faults, int objects)
{
    static unsigned tests;
    const char *name = arena_printf(store->arena, "%s+t%u", faults, tests++);
    test_server_say(store->arena, name, arena_printf(store->arena, "fill/read/%d", objects), NULL);
    return name;
}

/* ---- Reading ---- */

static void what_was_added_comes_and_the_place_with_it(void **state)
{
    struct test_store *store = ready(state);
    const char *server = server_of(store, "plain", 1500);
    clock_set(NOON);
    test_ok(add(store, "melur", server, NULL));
    assert_true(slice_eq(test_latest(store).act, S("peer.added")));
    struct taxii_pulled pulled = run(store, "melur");
    assert_false(pulled.failed);
    assert_int_equal(pulled.sum.fresh, 1500);
    assert_int_equal(pulled.pages, 2);
    assert_int_equal(pulled.imports, 1);
    assert_int_equal(pulled.next_us, NOON + HOUR_US);
    struct journal_row news = test_latest(store);
    assert_true(slice_eq(news.act, S("peer.pulled")) && slice_eq(news.subject, S("peer/melur")));
    assert_true(slice_find_slice(news.detail, S("\"new\":1500")) < news.detail.len);
    struct remote remote = remote_of(store, "melur");
    assert_true(slice_eq(remote.source, S("peer/melur/read")));
    assert_true(slice_eq(remote.last, remote.added_after) && remote.next.len == 0);
    assert_int_equal(remote.objects, 1500);
    pulled = run(store, "melur");
    assert_int_equal(pulled.imports, 0);
    test_server_say(store->arena, server, "fill/read/3", NULL);
    pulled = run(store, "melur");
    assert_int_equal(pulled.sum.objects, 3);
    assert_int_equal(pulled.sum.fresh, 3);
}

/* As when a program dies between the import and its place: what comes again is there already. */
static void what_comes_twice_is_there_already(void **state)
{
    struct test_store *store = ready(state);
    const char *server = server_of(store, "plain", 20);
    test_ok(add(store, "melur", server, NULL));
    run(store, "melur");
    test_ok(db_run(store->db, "UPDATE remote SET added_after = '', last = '', digest = NULL", NULL, 0, NULL));
    struct taxii_pulled pulled = run(store, "melur");
    assert_int_equal(pulled.sum.duplicates, 20);
    assert_int_equal(pulled.sum.fresh + pulled.sum.conflicts, 0);
    assert_int_equal(test_seen_count(store), 20);
}

static void a_peer_that_comes_again_goes_on(void **state)
{
    struct test_store *store = ready(state);
    const char *server = server_of(store, "plain", 20);
    test_ok(add(store, "melur", server, NULL));
    run(store, "melur");
    test_ok(taxii_peer_remove(store->db, &store->actor, store->base->folder, S("melur"), store->arena));
    assert_true(slice_eq(test_latest(store).act, S("peer.removed")));
    test_ok(add(store, "kenanga", server, NULL));
    assert_int_equal(run(store, "kenanga").imports, 0);
    assert_true(slice_eq(remote_of(store, "kenanga").source, S("peer/melur/read")));
    test_ok(add(store, "melati", server, NULL));
    struct taxii_pulled pulled = run(store, "melati");
    assert_true(pulled.failed && strstr(pulled.why, "another peer reads") != NULL);
}

static void by_hand_goes_on_too(void **state)
{
    struct test_store *store = ready(state);
    const struct taxii_fetch fetch = fetch_of(store);
    const struct taxii_files none = {0};
    const char *server = server_of(store, "plain", 20);
    struct taxii_pulled pulled;
    for (uint64_t objects = 20; objects <= 20; objects -= 20) {
        test_ok(taxii_peer_pull(store->db, &store->actor, &fetch, &none, test_server_url(store->arena, server, "api/"),
                store->arena, &pulled));
        assert_int_equal(pulled.sum.fresh, objects);
        assert_int_equal(pulled.collections, 2);
    }
}

static void a_failing_peer_is_asked_later_and_later(void **state)
{
    struct test_store *store = ready(state);
    static const int64_t pauses[] = {1, 2, 4, 8, 16, 24, 24};
    const char *server = server_of(store, "broken", 5);
    clock_set(NOON);
    test_ok(add(store, "melur", server, NULL));
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        struct taxii_pulled pulled = run(store, "melur");
        assert_true(pulled.failed);
        assert_non_null(strstr(pulled.why, "out of order"));
        assert_int_equal((pulled.next_us - NOON) / HOUR_US, pauses[i]);
        assert_int_equal(row_of(store, "melur").failures, i + 1);
    }
    assert_true(slice_eq(test_latest(store).act, S("peer.failed")));
}

static void who_is_due_is_asked_and_who_rests_is_not(void **state)
{
    struct test_store *store = ready(state);
    const struct taxii_fetch fetch = fetch_of(store);
    struct taxii_pulled pulled;
    bool found;
    clock_set(NOON);
    test_ok(add(store, "melur", server_of(store, "plain", 5), NULL));
    test_ok(add(store, "kenanga", server_of(store, "plain", 5), NULL));
    test_ok(taxii_peer_pause(store->db, &store->actor, S("kenanga"), true, store->arena));
    test_ok(taxii_peer_run_due(store->db, &store->actor, &fetch, store->arena, &pulled, &found));
    assert_true(found && slice_eq(pulled.name, S("melur")));
    test_ok(taxii_peer_run_due(store->db, &store->actor, &fetch, store->arena, &pulled, &found));
    assert_false(found);
    clock_set(NOON + HOUR_US);
    test_ok(taxii_peer_pause(store->db, &store->actor, S("kenanga"), false, store->arena));
    for (int i = 0; i < 2; i++) {
        test_ok(taxii_peer_run_due(store->db, &store->actor, &fetch, store->arena, &pulled, &found));
        assert_true(found);
    }
}

static void a_run_brings_so_much_and_the_next_goes_on(void **state)
{
    struct test_store *store = ready(state);
    struct taxii_fetch fetch = fetch_of(store);
    struct taxii_pulled pulled;
    fetch.objects_max = 1000;
    clock_set(NOON);
    test_ok(add(store, "melur", server_of(store, "plain", 12500), NULL));
    test_ok(taxii_peer_run(store->db, &store->actor, &fetch, S("melur"), store->arena, &pulled));
    assert_true(pulled.more && !pulled.failed);
    assert_int_equal(pulled.sum.fresh, 10000); /* a group */
    assert_int_equal(pulled.next_us, NOON);
    assert_true(remote_of(store, "melur").next.len > 0);
    fetch.objects_max = 0;
    test_ok(taxii_peer_run(store->db, &store->actor, &fetch, S("melur"), store->arena, &pulled));
    assert_false(pulled.more);
    assert_int_equal(pulled.sum.fresh, 2500);
    assert_int_equal(pulled.sum.duplicates, 0);
}

static void an_object_that_is_refused_is_kept_with_its_reason(void **state)
{
    struct test_store *store = ready(state);
    struct import_refused *rows;
    int64_t after = 0;
    size_t count;
    test_ok(add(store, "melur", server_of(store, "twice", 5), NULL));
    struct taxii_pulled pulled = run(store, "melur");
    assert_int_equal(pulled.sum.fresh, 5);
    assert_int_equal(pulled.sum.refused, 1);
    test_ok(store_import_refused_list(store->db, pulled.sum.import, &after, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_true(slice_find_slice(rows[0].original, S("tool--6b616c61")) < rows[0].original.len);
    assert_true(slice_find_slice(rows[0].original, S("RFC 8259")) < rows[0].original.len);
}

static void a_page_of_bad_objects_does_not_stop_what_follows(void **state)
{
    struct test_store *store = ready(state);
    const char *server = server_of(store, "plain", 0);
    test_server_say(store->arena, server, "put/read/x", "{\"type\":\"tool\"}");
    test_ok(add(store, "melur", server, NULL));
    struct taxii_pulled pulled = run(store, "melur");
    assert_false(pulled.failed);
    assert_int_equal(pulled.sum.refused, 1);
    test_server_say(store->arena, server, "fill/read/1", NULL);
    pulled = run(store, "melur");
    assert_int_equal(pulled.sum.fresh, 1);
    assert_int_equal(pulled.sum.refused, 0);
}

/* ---- Credentials ---- */

static const char *file_of(struct test_store *store, const char *name, const char *text, mode_t mode)
{
    const char *path = arena_printf(store->arena, "%s/%s", store->base->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void what_lets_us_in_is_kept_for_its_owner_alone(void **state)
{
    struct test_store *store = ready(state);
    const char *password = file_of(store, "password", "rahasia\n", 0600);
    const struct taxii_files files = {.account = "drum", .password = password};
    const char *server = server_of(store, "auth", 5);
    struct stat stat_of;
    assert_int_equal(add(store, "melur", server, NULL).kind, ERR_AUTH);
    test_ok(add(store, "melur", server, &files));
    assert_int_equal(unlink(password), 0);
    const char *kept = arena_printf(
            store->arena, "%s/peer-%lld.password", store->base->folder, (long long)row_of(store, "melur").number);
    assert_int_equal(stat(kept, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0600);
    assert_int_equal(run(store, "melur").sum.fresh, 5);
    test_ok(taxii_peer_remove(store->db, &store->actor, store->base->folder, S("melur"), store->arena));
    assert_int_equal(stat(kept, &stat_of), -1);
}

static void what_does_not_go_together_is_refused(void **state)
{
    struct test_store *store = ready(state);
    const char *good = file_of(store, "good", "rahasia\n", 0600), *open = file_of(store, "open", "rahasia\n", 0644);
    const char *lines = file_of(store, "lines", "one\r\nX-Header: two\n", 0600),
               *none = file_of(store, "none", "\n", 0600);
    const struct {
        struct taxii_files files;
        enum err_kind kind;
    } rows[] = {
            {{.account = "drum"}, ERR_INPUT},
            {{.password = good}, ERR_INPUT},
            {{.account = "drum", .password = good, .token = good}, ERR_INPUT},
            {{.account = "drum:beat", .password = good}, ERR_INPUT},
            {{.certificate = good}, ERR_INPUT},
            {{.key = good}, ERR_INPUT},
            {{.token = lines}, ERR_INPUT},
            {{.token = none}, ERR_INPUT},
            {{.token = open}, ERR_DENIED},
            {{.certificate = open, .key = open}, ERR_DENIED},
            {{.token = "/no/such/file"}, ERR_MISSING},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct taxii_access access;
        assert_int_equal(taxii_access_read(&rows[i].files, store->arena, &access).kind, rows[i].kind);
    }
    unlink(good);
    unlink(open);
    unlink(lines);
    unlink(none);
}

static void who_may_not_may_not(void **state)
{
    struct test_store *store = ready(state);
    const char *server = server_of(store, "plain", 1);
    const struct taxii_fetch fetch = fetch_of(store);
    const struct taxii_files none = {0};
    struct taxii_pulled pulled;
    struct taxii_pushed pushed;
    test_ok(add(store, "melur", server, NULL));
    store->actor.roles = 1u << ROLE_MANAGER;
    store->actor.how = ACTOR_SECOND_FACTOR;
    const struct taxii_push push = {.url = server, .since_us = TIME_NONE};
    assert_int_equal(add(store, "kenanga", server, NULL).kind, ERR_DENIED);
    assert_int_equal(
            taxii_peer_run(store->db, &store->actor, &fetch, S("melur"), store->arena, &pulled).kind, ERR_DENIED);
    assert_int_equal(taxii_peer_pause(store->db, &store->actor, S("melur"), true, store->arena).kind, ERR_DENIED);
    assert_int_equal(
            taxii_push_node(store->db, &store->actor, &fetch, &none, &push, store->arena, &pushed).kind, ERR_DENIED);
}

/* ---- Sending ---- */

static struct taxii_pushed push(struct test_store *store, const char *server, struct taxii_push asked)
{
    const struct taxii_fetch fetch = fetch_of(store);
    const struct taxii_files none = {0};
    struct taxii_pushed pushed;
    asked.url = test_server_url(store->arena, server, "api/collections/open/");
    asked.since_us = TIME_NONE;
    test_ok(taxii_push_node(store->db, &store->actor, &fetch, &none, &asked, store->arena, &pushed));
    return pushed;
}

static size_t count_at(struct test_store *store, const char *server)
{
    slice dump = test_server_say(store->arena, server, "dump/open", NULL), line;
    size_t count = 0;
    while (dump.len > 0 && slice_next(&dump, '\n', &line))
        count += line.len > 0;
    return count;
}

static void objects_go_once_in_order_of_arrival(void **state)
{
    struct test_store *store = ready(state);
    const char *server = server_of(store, "pending", 0);
    test_take(store, "ours", test_indicator(store->arena, 1, "2026-01-01T00:00:00.000Z", "a.example"));
    test_take(store, "ours", test_indicator(store->arena, 2, "2026-01-01T00:00:00.000Z", "b.example"));
    assert_int_equal(push(store, server, (struct taxii_push){0}).sent, 2);
    assert_true(slice_eq(test_latest(store).act, S("peer.pushed")));
    assert_int_equal(push(store, server, (struct taxii_push){0}).sent, 0);
    test_take(store, "ours", test_indicator(store->arena, 1, "2026-01-02T00:00:00.000Z", "a.example"));
    assert_int_equal(push(store, server, (struct taxii_push){0}).sent, 1);
    assert_int_equal(push(store, server, (struct taxii_push){.all_versions = true}).sent, 3);
    assert_int_equal(count_at(store, server), 3);
}

static void of_several_sources_the_latest_word_goes(void **state)
{
    struct test_store *store = ready(state);
    const char *server = server_of(store, "plain", 0);
    test_take(store, "theirs", test_indicator(store->arena, 1, "2026-01-02T00:00:00.000Z", "new.example"));
    test_take(store, "ours", test_indicator(store->arena, 1, "2026-01-01T00:00:00.000Z", "old.example"));
    assert_int_equal(push(store, server, (struct taxii_push){0}).sent, 1);
    slice dump = test_server_say(store->arena, server, "dump/open", NULL);
    assert_true(slice_find_slice(dump, S("new.example")) < dump.len);
    assert_int_equal(push(store, server, (struct taxii_push){.source = S("ours")}).sent, 1);
}

static void what_is_not_taken_is_kept_by_object(void **state)
{
    struct test_store *store = ready(state);
    static const char *const faults[] = {"plain", "fussy"};
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        const char *server = server_of(store, faults[i], 0);
        struct outgoing_refused *rows;
        size_t count;
        int64_t number;
        test_take(store, "ours", test_indicator(store->arena, 1, "2026-01-01T00:00:00.000Z", "a.example"));
        test_take(store, "ours", test_indicator(store->arena, 2, "2026-01-01T00:00:00.000Z", "x_bad.example"));
        test_take(store, "ours", test_indicator(store->arena, 3, "2026-01-01T00:00:00.000Z", "c.example"));
        struct taxii_pushed pushed = push(store, server, (struct taxii_push){0});
        if (i == 1) { /* the plain one looks for a name, and this is only in a value */
            assert_int_equal(pushed.refused, 1);
            test_ok(db_one(store->db, "SELECT max(number) FROM outgoing", NULL, 0, 0, &number));
            test_ok(store_outgoing_refused_list(store->db, number, 0, 10, store->arena, &rows, &count));
            assert_int_equal(count, 1);
            assert_true(slice_eq(rows[0].id, test_id(store->arena, 2)));
            assert_true(slice_find_slice(rows[0].why, S("something in it is not valid")) < rows[0].why.len);
        }
        assert_int_equal(pushed.sent, 3);
        assert_int_equal(count_at(store, server), 3 - i);
    }
}

static void what_is_wrong_as_we_hold_stays_here(void **state)
{
    struct test_store *store = ready(state);
    const char *server = server_of(store, "plain", 0);
    test_take(store, "ours", test_indicator(store->arena, 1, "2026-01-01T00:00:00.000Z", "a.example"));
    test_take(store, "ours", test_indicator(store->arena, 2, "2026-01-01T00:00:00.000Z", "b.example"));
    test_ok(db_run(store->db,
            "INSERT INTO judgement (number, source, id, kind, organisation, actor, reason, made_us, undone_by, "
            "undone_reason) SELECT 1, source, id, 1, 0, 'local', 'ours', 1, '', '' FROM object WHERE number = 1",
            NULL, 0, NULL));
    struct taxii_pushed pushed = push(store, server, (struct taxii_push){0});
    assert_int_equal(pushed.sent, 1);
    assert_int_equal(pushed.left_out, 1);
}

static void chosen_ids_go_with_their_markings(void **state)
{
    struct test_store *store = ready(state);
    const char *server = server_of(store, "plain", 0);
    slice id = test_id(store->arena, 1);
    const char *marking = "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"marking-definition--"
                          "6b616c61-0000-4000-8000-000000000077\",\"created\":\"2026-01-01T00:00:00.000Z\","
                          "\"definition_type\":\"statement\",\"definition\":{\"statement\":\"ours\"}}";
    const char *plain = test_indicator(store->arena, 1, "2026-01-01T00:00:00.000Z", "a.example");
    const char *marked = arena_printf(store->arena,
            "{\"object_marking_refs\":[\"marking-definition--6b616c61-0000-4000-8000-000000000077\"],%s", plain + 1);
    test_take(store, "ours", arena_printf(store->arena, "{\"objects\":[%s,%s]}", marked, marking));
    test_take(store, "ours", test_indicator(store->arena, 2, "2026-01-01T00:00:00.000Z", "b.example"));
    assert_int_equal(push(store, server, (struct taxii_push){.ids = &id, .id_count = 1}).sent, 2);
    assert_int_equal(count_at(store, server), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_was_added_comes_and_the_place_with_it, set_up, tear_down),
            TEST_ON_BOTH(what_comes_twice_is_there_already, set_up, tear_down),
            TEST_ON_BOTH(a_peer_that_comes_again_goes_on, set_up, tear_down),
            TEST_ON_BOTH(by_hand_goes_on_too, set_up, tear_down),
            TEST_ON_BOTH(a_failing_peer_is_asked_later_and_later, set_up, tear_down),
            TEST_ON_BOTH(who_is_due_is_asked_and_who_rests_is_not, set_up, tear_down),
            TEST_ON_BOTH(a_run_brings_so_much_and_the_next_goes_on, set_up, tear_down),
            TEST_ON_BOTH(an_object_that_is_refused_is_kept_with_its_reason, set_up, tear_down),
            TEST_ON_BOTH(a_page_of_bad_objects_does_not_stop_what_follows, set_up, tear_down),
            TEST_ON_BOTH(what_lets_us_in_is_kept_for_its_owner_alone, set_up, tear_down),
            TEST_ON_BOTH(what_does_not_go_together_is_refused, set_up, tear_down),
            TEST_ON_BOTH(who_may_not_may_not, set_up, tear_down),
            TEST_ON_BOTH(objects_go_once_in_order_of_arrival, set_up, tear_down),
            TEST_ON_BOTH(of_several_sources_the_latest_word_goes, set_up, tear_down),
            TEST_ON_BOTH(what_is_not_taken_is_kept_by_object, set_up, tear_down),
            TEST_ON_BOTH(what_is_wrong_as_we_hold_stays_here, set_up, tear_down),
            TEST_ON_BOTH(chosen_ids_go_with_their_markings, set_up, tear_down),
    };
    signal(SIGPIPE, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, test_server_start, test_server_stop);
}
