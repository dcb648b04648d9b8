/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "intel/feed.h"

#include <sys/stat.h>
#include <unistd.h>

#include "intel/judge.h"
#include "intel/test_intel.h"

#define MISP_FOLDER "misp"

static const int64_t NOON = INT64_C(1790000000000000);

/* ---- Files in the folder of the test ---- */

static const char *path_of(struct test_store *store, const char *name)
{
    return arena_printf(store->arena, "%s/%s", store->base->folder, name);
}

static void put_file(struct test_store *store, const char *name, const char *text)
{
    FILE *file = fopen(path_of(store, name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

/* The folder of a test is emptied of its files only. */
static int feed_tear_down(void **state)
{
    struct test_store *store = *state;
    static const char *const names[] = {"manifest.json", "6b616c61-0000-4000-8000-00000000000a.json",
            "6b616c61-0000-4000-8000-00000000000b.json", "6b616c61-0000-4000-8000-00000000000c.json"};
    for (size_t i = 0; store->arena != NULL && i < COUNT_OF(names); i++)
        unlink(path_of(store, arena_printf(store->arena, MISP_FOLDER "/%s", names[i])));
    if (store->arena != NULL)
        rmdir(path_of(store, MISP_FOLDER));
    return tear_down(state);
}

static int64_t add(struct test_store *store, const char *name, const char *file, const char *form, bool expire)
{
    const struct feed_put put = {.name = slice_of(name),
            .location = slice_of(path_of(store, file)),
            .form = slice_of(form),
            .every_us = HOUR_US};
    int64_t number;
    test_ok(intel_feed_add(store->db, &store->actor, &put, expire, store->arena, &number));
    return number;
}

static struct intel_fed run(struct test_store *store, const char *name)
{
    const struct intel_fetch fetch = {.folder = store->base->folder};
    struct intel_fed fed;
    test_ok(intel_feed_run(store->db, &store->actor, &fetch, slice_of(name), store->arena, &fed));
    return fed;
}

static struct feed row_of(struct test_store *store, const char *name)
{
    struct feed feed;
    bool expire;
    test_ok(intel_feed_get(store->db, &store->actor, slice_of(name), store->arena, &feed, &expire));
    return feed;
}

static size_t expired_count(struct test_store *store)
{
    size_t count, expired = 0;
    struct object *rows = test_seen(store, (struct object_filter){0}, &count);
    for (size_t i = 0; i < count; i++)
        expired += (rows[i].judged & OBJECT_EXPIRED) != 0;
    return expired;
}

/* ---- Lists ---- */

static void an_unchanged_list_is_not_taken_in_again(void **state)
{
    struct test_store *store = ready(state);
    clock_set(NOON);
    put_file(store, "list.txt", "192.0.2.1\nevil.example\n");
    add(store, "bad", "list.txt", "", false);
    struct intel_fed fed = run(store, "bad");
    assert_int_equal(fed.imports, 1);
    assert_int_equal(fed.sum.fresh, 2);
    assert_int_equal(fed.next_us, NOON + HOUR_US);
    clock_set(NOON + HOUR_US);
    fed = run(store, "bad");
    assert_true(fed.unchanged && !fed.failed);
    assert_int_equal(fed.imports, 0);
    put_file(store, "list.txt", "192.0.2.1\nevil.example\nworse.example\n");
    fed = run(store, "bad");
    assert_int_equal(fed.sum.fresh, 1);
    assert_int_equal(fed.sum.duplicates, 2);
    struct feed feed = row_of(store, "bad");
    assert_int_equal(feed.fetches, 3);
    assert_int_equal(feed.unchanged, 1);
    assert_int_equal(feed.imports, 2);
    assert_true(slice_eq(test_latest(store).act, S("feed.fetched")));
}

static void what_was_undone_does_not_come_back_by_itself(void **state)
{
    struct test_store *store = ready(state);
    put_file(store, "list.txt", "192.0.2.1\nevil.example\n");
    add(store, "bad", "list.txt", "", false);
    struct intel_fed fed = run(store, "bad");
    test_ok(intel_undo(store->db, &store->actor, fed.sum.import, S("all of it is ours"), store->arena));
    fed = run(store, "bad");
    assert_true(fed.unchanged);
    assert_int_equal(test_seen_count(store), 0);
    put_file(store, "list.txt", "198.51.100.7\n");
    fed = run(store, "bad");
    assert_int_equal(fed.imports, 1);
    assert_int_equal(test_seen_count(store), 1);
}

static void what_vanishes_expires_and_comes_back(void **state)
{
    struct test_store *store = ready(state);
    put_file(store, "list.txt", "192.0.2.1\nevil.example\nworse.example\n");
    add(store, "bad", "list.txt", "list", true);
    run(store, "bad");
    put_file(store, "list.txt", "192.0.2.1\nworse.example\n");
    struct intel_fed fed = run(store, "bad");
    assert_int_equal(fed.expired, 1);
    assert_int_equal(expired_count(store), 1);
    put_file(store, "list.txt", "192.0.2.1\nevil.example\nworse.example\n198.51.100.7\n");
    fed = run(store, "bad");
    assert_int_equal(fed.back, 1);
    assert_int_equal(fed.expired, 0);
    assert_int_equal(expired_count(store), 0);
}

static void what_people_judged_stays_judged(void **state)
{
    struct test_store *store = ready(state);
    size_t count;
    put_file(store, "list.txt", "192.0.2.1\n");
    add(store, "bad", "list.txt", "list", true);
    run(store, "bad");
    struct object *rows = test_seen(store, (struct object_filter){0}, &count);
    struct intel_subject what = {S(""), rows[0].id};
    test_ok(intel_expire(store->db, &store->actor, &what, NOON, S("we know better"), store->arena, &count));
    put_file(store, "list.txt", "192.0.2.1\nevil.example\n");
    struct intel_fed fed = run(store, "bad");
    assert_int_equal(fed.back, 0);
    assert_int_equal(expired_count(store), 1);
}

static void a_list_that_stays_expires_nothing(void **state)
{
    struct test_store *store = ready(state);
    put_file(store, "list.txt", "192.0.2.1\nevil.example\n");
    add(store, "bad", "list.txt", "list", false);
    run(store, "bad");
    put_file(store, "list.txt", "192.0.2.1\n");
    struct intel_fed fed = run(store, "bad");
    assert_int_equal(fed.expired, 0);
    assert_int_equal(expired_count(store), 0);
}

/* ---- Failures ---- */

static void a_failing_feed_is_tried_later_and_later(void **state)
{
    struct test_store *store = ready(state);
    static const int64_t pauses[] = {1, 2, 4, 8, 16, 24, 24};
    clock_set(NOON);
    put_file(store, "list.txt", "192.0.2.1\n");
    add(store, "bad", "list.txt", "", false);
    unlink(path_of(store, "list.txt"));
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        struct intel_fed fed = run(store, "bad");
        assert_true(fed.failed);
        assert_non_null(strstr(fed.why, "list.txt"));
        assert_int_equal((fed.next_us - NOON) / HOUR_US, pauses[i]);
        assert_int_equal(row_of(store, "bad").failures, i + 1);
    }
    assert_true(slice_eq(test_latest(store).act, S("feed.failed")));
    assert_true(row_of(store, "bad").why.len > 0);
    put_file(store, "list.txt", "192.0.2.1\n");
    struct intel_fed fed = run(store, "bad");
    assert_false(fed.failed);
    assert_int_equal(row_of(store, "bad").failures, 0);
    assert_int_equal(fed.next_us, NOON + HOUR_US);
}

static void a_broken_text_leaves_what_was_there(void **state)
{
    struct test_store *store = ready(state);
    put_file(store, "list.txt", "192.0.2.1\nevil.example\n");
    add(store, "bad", "list.txt", "list", true);
    run(store, "bad");
    put_file(store, "list.txt", "<html>the list has moved, ask the administrator</html>\n");
    struct intel_fed fed = run(store, "bad");
    assert_true(fed.failed);
    assert_int_equal(test_seen_count(store), 2);
    assert_int_equal(expired_count(store), 0);
}

/* ---- When ---- */

static void what_is_due_is_run_once(void **state)
{
    struct test_store *store = ready(state);
    const struct intel_fetch fetch = {.folder = store->base->folder};
    struct intel_fed fed;
    bool found;
    clock_set(NOON);
    put_file(store, "list.txt", "192.0.2.1\n");
    add(store, "one", "list.txt", "", false);
    add(store, "paused", "list.txt", "", false);
    test_ok(intel_feed_pause(store->db, &store->actor, S("paused"), true, store->arena));
    test_ok(intel_feed_run_due(store->db, &store->actor, &fetch, store->arena, &fed, &found));
    assert_true(found && slice_eq(fed.name, S("one")));
    test_ok(intel_feed_run_due(store->db, &store->actor, &fetch, store->arena, &fed, &found));
    assert_false(found);
    clock_set(NOON + HOUR_US);
    test_ok(intel_feed_run_due(store->db, &store->actor, &fetch, store->arena, &fed, &found));
    assert_true(found && fed.unchanged);
    test_ok(intel_feed_pause(store->db, &store->actor, S("paused"), false, store->arena));
    test_ok(intel_feed_run_due(store->db, &store->actor, &fetch, store->arena, &fed, &found));
    assert_true(found && slice_eq(fed.name, S("paused")));
}

/* ---- A MISP folder ---- */

static void put_event(struct test_store *store, char last, const char *timestamp, const char *value)
{
    const char *name = arena_printf(store->arena, MISP_FOLDER "/6b616c61-0000-4000-8000-00000000000%c.json", last);
    put_file(store, name,
            arena_printf(store->arena,
                    "{\"Event\":{\"uuid\":\"6b616c61-0000-4000-8000-00000000000%c\",\"info\":\"event %c\","
                    "\"date\":\"2026-01-01\",\"timestamp\":\"%s\",\"published\":true,\"threat_level_id\":\"1\","
                    "\"analysis\":\"2\",\"Orgc\":{\"name\":\"Melati "
                    "CERT\",\"uuid\":\"6b616c61-0000-4000-8000-0000000000ff\"},"
                    "\"Attribute\":[{\"uuid\":\"6b616c61-0000-4000-8000-0000000001f%c\",\"type\":\"domain\","
                    "\"category\":\"Network activity\",\"to_ids\":true,\"timestamp\":\"%s\",\"value\":\"%s\"}]}}",
                    last, last, timestamp, last, timestamp, value));
}

static void put_manifest(struct test_store *store, const char *a, const char *b, const char *more)
{
    put_file(store, MISP_FOLDER "/manifest.json",
            arena_printf(store->arena,
                    "{\"6b616c61-0000-4000-8000-00000000000a\":{\"info\":\"event a\",\"timestamp\":\"%s\"},"
                    "\"6b616c61-0000-4000-8000-00000000000b\":{\"info\":\"event b\",\"timestamp\":%s}%s}",
                    a, b, more));
}

static void misp_folder(struct test_store *store)
{
    assert_int_equal(mkdir(path_of(store, MISP_FOLDER), 0700), 0);
    put_event(store, 'a', "1767225600", "evil.example");
    put_event(store, 'b', "1767225601", "worse.example");
    put_manifest(store, "1767225600", "1767225601", "");
}

static void only_new_events_of_a_folder_are_read(void **state)
{
    struct test_store *store = ready(state);
    misp_folder(store);
    add(store, "misp", MISP_FOLDER, "misp", false);
    struct intel_fed fed = run(store, "misp");
    if (fed.why != NULL)
        fail_msg("%s", fed.why);
    assert_int_equal(fed.imports, 2);
    size_t before = test_seen_count(store);
    fed = run(store, "misp");
    assert_true(fed.unchanged);
    put_event(store, 'b', "1767229999", "worst.example");
    put_manifest(store, "1767225600", "1767229999", "");
    fed = run(store, "misp");
    assert_int_equal(fed.imports, 1);
    assert_true(test_seen_count(store) > before);
}

static void one_broken_event_does_not_sink_the_rest(void **state)
{
    struct test_store *store = ready(state);
    misp_folder(store);
    put_file(store, MISP_FOLDER "/6b616c61-0000-4000-8000-00000000000a.json", "{\"Event\":{\"uuid\":");
    put_manifest(store, "1767225600", "1767225601",
            ",\"6b616c61-0000-4000-8000-00000000000c\":{\"timestamp\":\"1\"},\"../../etc/"
            "passwd\":{\"timestamp\":\"1\"}");
    add(store, "misp", MISP_FOLDER, "misp", false);
    struct intel_fed fed = run(store, "misp");
    assert_false(fed.failed);
    assert_int_equal(fed.imports, 1);
    assert_int_equal(fed.broken, 3); /* torn, not there, no UUID */
    assert_non_null(strstr(fed.why, "6b616c61-0000-4000-8000-00000000000a.json"));
    assert_true(row_of(store, "misp").why.len > 0);
    /* The torn one is not read again, the one that was not there is looked for. */
    fed = run(store, "misp");
    assert_int_equal(fed.broken, 2);
    put_event(store, 'a', "1767225700", "evil.example");
    put_event(store, 'c', "1", "bad.example");
    put_manifest(store, "1767225700", "1767225601", ",\"6b616c61-0000-4000-8000-00000000000c\":{\"timestamp\":\"1\"}");
    fed = run(store, "misp");
    assert_int_equal(fed.imports, 2);
    assert_int_equal(fed.broken, 0);
}

static void a_broken_manifest_fails_with_its_place(void **state)
{
    struct test_store *store = ready(state);
    misp_folder(store);
    put_file(store, MISP_FOLDER "/manifest.json", "{\"a\":\n{\"timestamp\":}}");
    add(store, "misp", MISP_FOLDER, "misp", false);
    struct intel_fed fed = run(store, "misp");
    assert_true(fed.failed);
    assert_non_null(strstr(fed.why, "manifest.json:2:"));
    put_file(store, MISP_FOLDER "/manifest.json", "[1]");
    fed = run(store, "misp");
    assert_true(fed.failed);
    assert_non_null(strstr(fed.why, "no object of events"));
}

/* ---- Adding and removing ---- */

static void what_cannot_be_a_feed_is_refused(void **state)
{
    struct test_store *store = ready(state);
    static const struct {
        const char *location, *form;
        int64_t every_us;
        bool expire;
        enum err_kind kind;
    } rows[] = {
            {"/no/such/file", "", HOUR_US, false, ERR_MISSING},
            {"ftp://feeds.example/list", "", HOUR_US, false, ERR_INPUT},
            {"file:///etc/passwd", "", HOUR_US, false, ERR_INPUT},
            {"https://feeds.example/list", "spreadsheet", HOUR_US, false, ERR_INPUT},
            {"https://feeds.example/list", "", 1000000, false, ERR_INPUT},
            {"https://feeds.example/misp/", "misp", HOUR_US, true, ERR_INPUT},
            {"", "", HOUR_US, false, ERR_INPUT},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct feed_put put = {
                S("feed"), slice_of(rows[i].location), slice_of(rows[i].form), rows[i].every_us, false};
        int64_t number;
        struct err err = intel_feed_add(store->db, &store->actor, &put, rows[i].expire, store->arena, &number);
        if (err.kind != rows[i].kind)
            fail_msg("row %zu: %s: %s", i, err_name(err.kind), err.kind == ERR_NONE ? "" : err.why);
    }
}

static void what_came_from_a_feed_outlives_it(void **state)
{
    struct test_store *store = ready(state);
    struct feed feed;
    bool expire;
    put_file(store, "list.txt", "192.0.2.1\n");
    add(store, "bad", "list.txt", "", false);
    run(store, "bad");
    test_ok(intel_feed_remove(store->db, &store->actor, S("bad"), store->arena));
    assert_true(slice_eq(test_latest(store).act, S("feed.removed")));
    assert_int_equal(test_seen_count(store), 1);
    assert_int_equal(
            intel_feed_get(store->db, &store->actor, S("bad"), store->arena, &feed, &expire).kind, ERR_MISSING);
    assert_int_equal(intel_feed_remove(store->db, &store->actor, S("bad"), store->arena).kind, ERR_MISSING);
}

static void who_may_not_changes_no_feeds(void **state)
{
    struct test_store *store = ready(state);
    const struct intel_fetch fetch = {.folder = store->base->folder};
    const struct feed_put put = {S("feed"), S("https://feeds.example/list"), S(""), HOUR_US, false};
    struct actor auditor = store->actor;
    struct intel_fed fed;
    int64_t number;
    bool found;
    auditor.roles = 1u << ROLE_AUDITOR;
    put_file(store, "list.txt", "192.0.2.1\n");
    add(store, "bad", "list.txt", "", false);
    const struct err answers[] = {
            intel_feed_add(store->db, &auditor, &put, false, store->arena, &number),
            intel_feed_remove(store->db, &auditor, S("bad"), store->arena),
            intel_feed_pause(store->db, &auditor, S("bad"), true, store->arena),
            intel_feed_run(store->db, &auditor, &fetch, S("bad"), store->arena, &fed),
            intel_feed_run_due(store->db, &auditor, &fetch, store->arena, &fed, &found),
    };
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        assert_int_equal(answers[i].kind, ERR_DENIED);
    assert_int_equal(test_seen_count(store), 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_unchanged_list_is_not_taken_in_again, set_up, tear_down),
            TEST_ON_BOTH(what_was_undone_does_not_come_back_by_itself, set_up, tear_down),
            TEST_ON_BOTH(what_vanishes_expires_and_comes_back, set_up, tear_down),
            TEST_ON_BOTH(what_people_judged_stays_judged, set_up, tear_down),
            TEST_ON_BOTH(a_list_that_stays_expires_nothing, set_up, tear_down),
            TEST_ON_BOTH(a_failing_feed_is_tried_later_and_later, set_up, tear_down),
            TEST_ON_BOTH(a_broken_text_leaves_what_was_there, set_up, tear_down),
            TEST_ON_BOTH(what_is_due_is_run_once, set_up, tear_down),
            TEST_ON_BOTH(only_new_events_of_a_folder_are_read, set_up, feed_tear_down),
            TEST_ON_BOTH(one_broken_event_does_not_sink_the_rest, set_up, feed_tear_down),
            TEST_ON_BOTH(a_broken_manifest_fails_with_its_place, set_up, feed_tear_down),
            TEST_ON_BOTH(what_cannot_be_a_feed_is_refused, set_up, tear_down),
            TEST_ON_BOTH(what_came_from_a_feed_outlives_it, set_up, tear_down),
            TEST_ON_BOTH(who_may_not_changes_no_feeds, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
