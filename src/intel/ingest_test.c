/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/ingest.h"

#include "intel/test_intel.h"

static const char FIRST[] = "2026-02-01T00:00:00.000Z", SECOND[] = "2026-03-01T00:00:00.000Z";

static struct import import_of(struct test_store *store, int64_t number)
{
    struct import import;
    test_ok(store_import_get(store->db, number, store->arena, &import));
    return import;
}

static void every_object_is_told_by_how_it_stands(void **state)
{
    struct test_store *store = ready(state);
    const char *first = test_indicator(store->arena, 1, FIRST, "evil.example");
    const char *second = test_indicator(store->arena, 1, SECOND, "evil.example");
    const char *other = test_indicator(store->arena, 1, SECOND, "worse.example");
    struct intel_report report = test_take(store, "peer", second);
    assert_int_equal(report.fresh, 1);
    assert_string_equal(report.form, "stix");
    report = test_take(store, "peer", first);
    assert_int_equal(report.older, 1);
    report = test_take(store, "peer", second);
    assert_int_equal(report.duplicates, 1);
    report = test_take(store, "peer", other);
    assert_int_equal(report.conflicts, 1);
    report = test_take(store, "peer", test_indicator(store->arena, 1, "2026-04-01T00:00:00.000Z", "evil.example"));
    assert_int_equal(report.newer, 1);
    report = test_take(store, "another", first);
    assert_int_equal(report.fresh, 1);
    assert_int_equal(report.objects, 1);
}

static void a_bundle_is_seen_at_once_with_its_digest(void **state)
{
    struct test_store *store = ready(state);
    struct buf text = buf_make(1u << 20);
    buf_printf(&text, "{\"type\":\"bundle\",\"id\":\"bundle--6b616c61-0000-4000-8000-000000000000\",\"objects\":[");
    for (int i = 0; i < 100; i++)
        buf_printf(&text, "%s%s", i > 0 ? ",\n" : "", test_indicator(store->arena, i, FIRST, "evil.example"));
    buf_printf(&text, "]}%c", 0);
    text.len--;
    struct intel_report report = test_take(store, "peer", text.ptr);
    struct import import = import_of(store, report.import);
    struct sha256 digest = hash_sha256(buf_slice(&text));
    assert_int_equal(report.fresh, 100);
    assert_int_equal(test_seen_count(store), 100);
    assert_int_equal(import.state, IMPORT_DONE);
    assert_int_equal(import.added, 100);
    assert_int_equal(import.bytes, text.len);
    assert_true(slice_eq(import.form, S("stix")));
    assert_memory_equal(&import.digest, &digest, sizeof digest);
    assert_true(slice_eq(test_latest(store).act, S("import.done")));
    buf_free(&text);
}

/* ---- What is not taken ---- */

static void what_is_refused_is_kept_with_its_reason_and_original(void **state)
{
    struct test_store *store = ready(state);
    const char *good = test_indicator(store->arena, 1, FIRST, "evil.example");
    const char *bad = "{\"type\":\"malware\",\"id\":\"malware--6b616c61-0000-4000-8000-000000000001\"}";
    struct intel_report report = test_take(store, "peer", arena_printf(store->arena, "[%s,\n%s]", good, bad));
    struct import_refused *rows;
    size_t count;
    int64_t after = 0;
    assert_int_equal(report.fresh, 1);
    assert_int_equal(report.refused, 1);
    test_ok(store_import_refused_list(store->db, report.import, &after, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].line, 2);
    assert_true(rows[0].why.len > 0);
    assert_true(slice_eq(rows[0].original, slice_of(bad)));
}

static void what_is_left_behind_is_named_and_the_text_is_kept(void **state)
{
    struct test_store *store = ready(state);
    static const char CSV[] = "type,value,colour\ndomain,evil.example,red\nipv4,192.0.2.7,blue\n";
    struct intel_report report = test_take(store, "csv", CSV);
    struct import_dropped *rows;
    size_t count;
    assert_int_equal(report.fresh, 2);
    assert_string_equal(report.form, "csv");
    test_ok(store_import_dropped_list(store->db, report.import, S(""), 10, store->arena, &rows, &count));
    assert_true(count >= 1);
    assert_true(slice_find_slice(rows[0].what, S("colour")) < rows[0].what.len);
    slice packed;
    test_ok(store_import_original_get(store->db, report.import, 0, store->arena, &packed));
}

static struct err write_back(void *context, slice text)
{
    buf_put(context, text);
    return OK;
}

static void the_text_of_a_list_comes_back_byte_for_byte(void **state)
{
    struct test_store *store = ready(state);
    struct buf text = buf_make(32u << 20), back = buf_make(32u << 20);
    for (int i = 0; text.len < INTEL_ORIGINAL_BYTES + 1000; i++)
        buf_printf(
                &text, "# %s\n", "a remark that nobody has to read and that takes its place in the text all the same");
    buf_printf(&text, "192.0.2.1\n198.51.100.2\nevil.example\n%c", 0);
    text.len--;
    struct intel_report report = test_take(store, "list", text.ptr);
    assert_int_equal(report.fresh, 3);
    test_ok(intel_original(store->db, &store->actor, report.import, store->arena, write_back, &back));
    assert_true(slice_eq(buf_slice(&back), buf_slice(&text)));
    buf_free(&text);
    buf_free(&back);
}

static void the_text_of_a_bundle_is_not_kept_twice(void **state)
{
    struct test_store *store = ready(state);
    struct buf back = buf_make(1u << 20);
    struct intel_report report = test_take(store, "peer", test_indicator(store->arena, 1, FIRST, "evil.example"));
    struct err err = intel_original(store->db, &store->actor, report.import, store->arena, write_back, &back);
    assert_int_equal(err.kind, ERR_MISSING);
    buf_free(&back);
}

static void the_same_list_makes_no_new_objects(void **state)
{
    struct test_store *store = ready(state);
    static const char LIST[] = "192.0.2.1\nevil.example\n";
    clock_set(INT64_C(1790000000000000));
    struct intel_report report = test_take(store, "list", LIST);
    assert_int_equal(report.fresh, 2);
    clock_set(INT64_C(1790000000000000) + INT64_C(86400000000));
    report = test_take(store, "list", "192.0.2.1\nevil.example\nworse.example\n");
    assert_int_equal(report.duplicates, 2);
    assert_int_equal(report.fresh, 1);
    assert_int_equal(test_seen_count(store), 3);
}

/* ---- Nothing half ---- */

/* That nothing is seen of it, its objects are gone, and the record says why. */
static void expect_nothing(struct test_store *store, const struct intel_report *report, const char *why)
{
    struct import import = import_of(store, report->import);
    size_t count;
    test_seen(store, (struct object_filter){.import = report->import, .unseen = true, .all_versions = true}, &count);
    assert_int_equal(count, 0);
    assert_int_equal(test_seen_count(store), 0);
    assert_int_equal(import.state, IMPORT_FAILED);
    if (slice_find_slice(import.why, slice_of(why)) == import.why.len)
        fail_msg("%.*s", (int)import.why.len, import.why.ptr);
}

/* Objects without end, one as small as they come. */
struct tiny {
    struct arena *arena;
    uint64_t count, stop_after;
    char line[400];
    size_t at, len;
    bool stopped;
};

static struct err tiny_read(void *context, char *to, size_t room, size_t *got)
{
    struct tiny *tiny = context;
    for (*got = 0; *got < room && *got < 65536;) {
        if (tiny->at == tiny->len) {
            tiny->len = (size_t)snprintf(tiny->line, sizeof tiny->line,
                    "{\"type\":\"mutex\",\"spec_version\":\"2.1\",\"id\":\"mutex--6b616c61-0000-4000-8000-%012llu\","
                    "\"name\":\"m%llu\"}\n",
                    (unsigned long long)tiny->count, (unsigned long long)tiny->count);
            tiny->count++;
            tiny->at = 0;
        }
        size_t part = tiny->len - tiny->at < room - *got ? tiny->len - tiny->at : room - *got;
        memcpy(to + *got, tiny->line + tiny->at, part);
        tiny->at += part;
        *got += part;
    }
    return OK;
}

static bool tiny_stop(void *context)
{
    const struct tiny *tiny = context;
    return tiny->stop_after > 0 && tiny->count >= tiny->stop_after;
}

static struct err take_tiny(struct test_store *store, struct tiny *tiny, uint64_t objects_max, uint64_t bytes_max,
        struct intel_report *report)
{
    struct intel_ingest ingest = test_ingest("hostile");
    const struct stix_stream stream = {tiny, tiny_read};
    ingest.objects_max = objects_max;
    ingest.bytes_max = bytes_max;
    ingest.watch = (struct intel_watch){.context = tiny, .stop = tiny_stop};
    return intel_ingest(store->db, &store->actor, &ingest, &stream, store->arena, report);
}

static void objects_without_end_end_at_the_ceiling(void **state)
{
    struct test_store *store = ready(state);
    struct tiny tiny = {.arena = store->arena};
    struct intel_report report;
    struct err err = take_tiny(store, &tiny, 5000, 0, &report);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.why, "more than 5000 objects"));
    expect_nothing(store, &report, "more than 5000 objects");
}

static void a_text_that_fails_is_not_kept(void **state)
{
    struct test_store *store = ready(state);
    struct intel_ingest ingest = test_ingest("list");
    struct intel_report report;
    struct buf text = buf_make(32u << 20), back = buf_make(32u << 20);
    for (int i = 0; text.len < INTEL_ORIGINAL_BYTES + 1000; i++)
        buf_printf(&text, "host%d.%060d.example\n", i, i);
    ingest.objects_max = 100;
    struct err err = intel_ingest_text(store->db, &store->actor, &ingest, buf_slice(&text), store->arena, &report);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_true(report.bytes > INTEL_ORIGINAL_BYTES); /* a part of it was written before */
    expect_nothing(store, &report, "more than 100 objects");
    err = intel_original(store->db, &store->actor, report.import, store->arena, write_back, &back);
    assert_int_equal(err.kind, ERR_MISSING);
    buf_free(&text);
    buf_free(&back);
}

static void bytes_without_end_end_at_the_ceiling(void **state)
{
    struct test_store *store = ready(state);
    struct tiny tiny = {.arena = store->arena};
    struct intel_report report;
    struct err err = take_tiny(store, &tiny, 0, 1u << 20, &report);
    assert_int_equal(err.kind, ERR_LIMIT);
    expect_nothing(store, &report, "longer than 1048576 bytes");
}

static void who_stops_it_leaves_nothing(void **state)
{
    struct test_store *store = ready(state);
    struct tiny tiny = {.arena = store->arena, .stop_after = 7000};
    struct intel_report report;
    struct err err = take_tiny(store, &tiny, 0, 0, &report);
    assert_int_equal(err.kind, ERR_CONFLICT);
    expect_nothing(store, &report, "stopped");
}

/* An import of a program that is not there any more: begun under another name of a process. */
static struct err begin_dead(struct work *work, void *context)
{
    static const char DEAD[] = "UPDATE import SET runner = 'nobody', beat_us = 0 WHERE number = $1";
    int64_t *number = context, source;
    TRY(store_source_put(work, S("peer"), S("file"), 0, &source));
    TRY(store_import_begin(work, &(struct import_begin){source, S("dead"), S("stix")}, number));
    const char *json = test_indicator(work->arena, 7, FIRST, "dead.example");
    struct object_put put = test_object("indicator--6b616c61-0000-4000-8000-000000000007", "2026-02-01T00:00:00", json);
    struct object_outcome outcome;
    TRY(store_object_put(work, *number, &put, 1, &outcome));
    return db_run(work->db, DEAD, (struct db_value[]){db_i64(*number)}, 1, NULL);
}

static void the_next_import_clears_away_what_the_dead_left(void **state)
{
    struct test_store *store = ready(state);
    int64_t dead;
    size_t count;
    test_ok(test_work(store, begin_dead, &dead));
    test_seen(store, (struct object_filter){.import = dead, .unseen = true, .all_versions = true}, &count);
    assert_int_equal(count, 1);
    struct intel_report report = test_take(store, "peer", test_indicator(store->arena, 1, FIRST, "evil.example"));
    assert_false(report.removing);
    assert_int_equal(import_of(store, dead).state, IMPORT_FAILED);
    test_seen(store, (struct object_filter){.import = dead, .unseen = true, .all_versions = true}, &count);
    assert_int_equal(count, 0);
    assert_int_equal(test_seen_count(store), 1);
}

static void a_text_that_breaks_off_leaves_nothing_but_its_record(void **state)
{
    struct test_store *store = ready(state);
    static const struct {
        const char *text, *rest, *why; /* a good object between text and rest, if there is a rest */
    } rows[] = {
            {"{\"type\":\"bundle\",\"id\":\"bundle--6b616c61-0000-4000-8000-000000000000\",\"objects\":[",
                    ",{\"type\":", "line 1"},
            {"[", ",", "line 1"},
            {"[{\"type\":\"malware\"}]", NULL, "nothing in it can be used"},
            {"\x01\x02\x03", NULL, "(read as list, by its looks; --as says otherwise)"},
            {"", NULL, "it is empty"},
            {"{\"Event\":{\"uuid\":", NULL, ""},
            {"type,value\ndomain,no good\n", NULL, "nothing in it can be used"},
    };
    const char *good = test_indicator(store->arena, 1, FIRST, "evil.example");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct intel_ingest ingest = test_ingest("broken");
        struct intel_report report;
        const char *text = arena_printf(store->arena, "%s%s%s", rows[i].text, rows[i].rest == NULL ? "" : good,
                rows[i].rest == NULL ? "" : rows[i].rest);
        struct err err = intel_ingest_text(store->db, &store->actor, &ingest, slice_of(text), store->arena, &report);
        if (err.kind != ERR_INPUT)
            fail_msg("row %zu: %s", i, err.kind == ERR_NONE ? "taken" : err.why);
        expect_nothing(store, &report, rows[i].why);
    }
}

static void ids_that_are_sql_or_html_are_text(void **state)
{
    struct test_store *store = ready(state);
    static const char TEXT[] = "{\"type\":\"x-'); DROP TABLE object; --\",\"id\":\"<script>alert(1)</script>\"}";
    struct intel_ingest ingest = test_ingest("'; DELETE FROM import; --");
    struct intel_report report;
    struct err err = intel_ingest_text(store->db, &store->actor, &ingest, slice_of(TEXT), store->arena, &report);
    assert_int_equal(err.kind, ERR_INPUT);
    expect_nothing(store, &report, "");
    report = test_take(store, "'; DELETE FROM import; --", test_indicator(store->arena, 1, FIRST, "evil.example"));
    assert_int_equal(report.fresh, 1);
}

static void who_may_not_import_does_not(void **state)
{
    struct test_store *store = ready(state);
    struct intel_ingest ingest = test_ingest("peer");
    struct intel_report report;
    size_t count;
    struct actor auditor = store->actor;
    auditor.roles = 1u << ROLE_AUDITOR;
    struct err err = intel_ingest_text(store->db, &auditor, &ingest, S("192.0.2.1\n"), store->arena, &report);
    assert_int_equal(err.kind, ERR_DENIED);
    test_news(store, &count);
    assert_int_equal(count, 0);
}

/* ---- Only the creator may change an object ---- */

#define OTHER "identity--6b616c61-0000-4000-8000-0000000000bb"

/* The same by somebody else; both names are of one length. */
static const char *by_other(struct test_store *store, const char *modified)
{
    const char *first = test_indicator(store->arena, 1, modified, "evil.example");
    char *text = arena_take(store->arena, strlen(first) + 1);
    memcpy(text, first, strlen(first));
    memcpy(strstr(text, TEST_CREATOR), OTHER, strlen(OTHER));
    return text;
}

static const char *by_first(struct test_store *store, const char *modified)
{
    return test_indicator(store->arena, 1, modified, "evil.example");
}

static void a_version_by_another_creator_is_told_and_kept(void **state)
{
    struct test_store *store = ready(state);
    size_t count;
    assert_int_equal(test_take(store, "peer", by_first(store, FIRST)).other_creator, 0);
    struct intel_report report = test_take(store, "peer", by_other(store, SECOND));
    assert_int_equal(report.newer, 1);
    assert_int_equal(report.other_creator, 1);
    assert_int_equal(import_of(store, report.import).other_creator, 1);
    assert_true(slice_find_slice(test_latest(store).detail, S("\"other_creator\":1")) < test_latest(store).detail.len);
    struct object *rows = test_seen(store, (struct object_filter){0}, &count);
    assert_int_equal(count, 1);
    assert_true(slice_eq(rows[0].created_by, S(OTHER)));
    assert_int_equal(test_take(store, "peer", by_other(store, SECOND)).other_creator, 0);
    assert_int_equal(test_take(store, "peer", by_other(store, "2026-04-01T00:00:00.000Z")).other_creator, 1);
    assert_int_equal(test_take(store, "peer", by_first(store, "2026-05-01T00:00:00.000Z")).other_creator, 0);
    assert_int_equal(test_take(store, "another", by_other(store, SECOND)).other_creator, 0);
}

static void one_that_is_older_or_in_the_same_text_is_told_too(void **state)
{
    struct test_store *store = ready(state);
    struct test_import undone;
    const char *both = arena_printf(store->arena, "[%s,\n%s]", by_first(store, FIRST), by_other(store, SECOND));
    struct intel_report report = test_take(store, "peer", both);
    assert_int_equal(report.fresh, 2);
    assert_int_equal(report.other_creator, 1);
    test_take(store, "late", by_first(store, SECOND));
    assert_int_equal(test_take(store, "late", by_other(store, FIRST)).other_creator, 1);
    undone.number = test_take(store, "back", by_other(store, SECOND)).import;
    test_ok(test_work(store, test_import_undo_action, &undone.number));
    assert_int_equal(test_take(store, "back", by_first(store, FIRST)).other_creator, 0);
    report = test_take(store, "back", by_other(store, SECOND));
    assert_int_equal(report.other_creator, 1);
}

/* What the engine goes by when it plans: rows of the table of objects, as it last counted them. */
static bool is_counted(struct test_store *store)
{
    static const char SQLITE[] = "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'";
    static const char POSTGRES[] = "SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE relname = 'object'";
    int64_t rows;
    test_ok(db_one(store->db, db_engine(store->db) == DB_SQLITE ? SQLITE : POSTGRES, NULL, 0, -1, &rows));
    return rows > 0;
}

static void after_many_objects_the_database_counts_anew(void **state)
{
    struct test_store *store = ready(state);
    struct buf text = buf_make(1u << 20);
    for (int i = 0; i < INTEL_SETTLE_OBJECTS; i++)
        buf_printf(&text, "h%d.example\n", i);
    buf_byte(&text, 0);
    test_take(store, "list", "192.0.2.1\n");
    assert_false(is_counted(store));
    assert_int_equal(test_take(store, "list", text.ptr).fresh, INTEL_SETTLE_OBJECTS);
    assert_true(is_counted(store));
    buf_free(&text);
}

static void a_dry_run_keeps_nothing(void **state)
{
    struct test_store *store = ready(state);
    struct intel_ingest ingest = test_ingest("peer");
    struct intel_report report;
    struct tiny tiny = {.arena = store->arena, .stop_after = 1000};
    const struct stix_stream stream = {&tiny, tiny_read};
    size_t count;
    ingest.objects_max = 500;
    assert_int_equal(intel_ingest_dry(&ingest, &stream, store->arena, &report).kind, ERR_LIMIT);
    assert_int_equal(report.objects, 500);
    assert_int_equal(report.import, 0);
    test_news(store, &count);
    assert_int_equal(count, 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(every_object_is_told_by_how_it_stands, set_up, tear_down),
            TEST_ON_BOTH(a_bundle_is_seen_at_once_with_its_digest, set_up, tear_down),
            TEST_ON_BOTH(what_is_refused_is_kept_with_its_reason_and_original, set_up, tear_down),
            TEST_ON_BOTH(what_is_left_behind_is_named_and_the_text_is_kept, set_up, tear_down),
            TEST_ON_BOTH(the_text_of_a_list_comes_back_byte_for_byte, set_up, tear_down),
            TEST_ON_BOTH(the_text_of_a_bundle_is_not_kept_twice, set_up, tear_down),
            TEST_ON_BOTH(the_same_list_makes_no_new_objects, set_up, tear_down),
            TEST_ON_BOTH(objects_without_end_end_at_the_ceiling, set_up, tear_down),
            TEST_ON_BOTH(a_text_that_fails_is_not_kept, set_up, tear_down),
            TEST_ON_BOTH(bytes_without_end_end_at_the_ceiling, set_up, tear_down),
            TEST_ON_BOTH(who_stops_it_leaves_nothing, set_up, tear_down),
            TEST_ON_BOTH(the_next_import_clears_away_what_the_dead_left, set_up, tear_down),
            TEST_ON_BOTH(a_text_that_breaks_off_leaves_nothing_but_its_record, set_up, tear_down),
            TEST_ON_BOTH(ids_that_are_sql_or_html_are_text, set_up, tear_down),
            TEST_ON_BOTH(who_may_not_import_does_not, set_up, tear_down),
            TEST_ON_BOTH(a_version_by_another_creator_is_told_and_kept, set_up, tear_down),
            TEST_ON_BOTH(one_that_is_older_or_in_the_same_text_is_told_too, set_up, tear_down),
            TEST_ON_BOTH(after_many_objects_the_database_counts_anew, set_up, tear_down),
            TEST_ON_BOTH(a_dry_run_keeps_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
