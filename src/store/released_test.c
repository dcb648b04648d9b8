/* SPDX-License-Identifier: Apache-2.0 */
#include "store/released.h"

#include "ledger/merkle.h"
#include "store/journal.h"
#include "store/test_side.h"

#define NOON INT64_C(1795262400000000) /* 2026-11-21 12:00 UTC */

static struct test_side made_side(struct test_store *store, const char *name, const char *node)
{
    struct test_side side = {.name = name, .node = node};
    clock_set(NOON);
    test_ok(test_work(store, test_side_action, &side));
    return side;
}

static struct err progress(struct work *work, void *context)
{
    return store_progress_put(work, context);
}

/* Everything was decided under this generation. */
static void decided(struct test_store *store, const struct test_side *side, int64_t generation, int64_t decided_us)
{
    struct release_progress all = {.agreement = side->agreement,
            .generation = generation,
            .decided_us = decided_us,
            .begun_us = NOON,
            .done_us = NOON};
    test_ok(test_work(store, progress, &all));
}

struct call {
    struct released_batch batch;
    struct released_put rows[8];
    enum released_outcome outcomes[8];
    struct test_sql sql;
};
static struct call call;

static struct err add(struct work *work, void *context)
{
    (void)context;
    return store_released_add(work, &call.batch);
}

#define JSON(n) "{\"id\":\"tool--" #n "\",\"name\":\"named " #n "\"}"

/* Objects tool--1 to tool--3 of some feed. */
static struct test_import example(struct test_store *store)
{
    static const struct {
        const char *id, *json;
    } all[] = {{"tool--1", JSON(1)}, {"tool--2", JSON(2)}, {"tool--3", JSON(3)}};
    struct object_put rows[COUNT_OF(all)];
    for (size_t i = 0; i < COUNT_OF(all); i++)
        rows[i] = test_object(all[i].id, "2026-01-01T00:00:00", all[i].json);
    return test_import(store, "of tests", rows, COUNT_OF(rows));
}

static struct released_put put_of(const struct test_import *import, const char *id, const char *json, size_t at)
{
    return (struct released_put){.object = import->outcomes[at].number,
            .id = slice_of(id),
            .type = S("tool"),
            .version = S("2026-01-01T00:00:00"),
            .spec_version = S("2.1"),
            .from_us = NOON,
            .until_us = NOON + 60 * MINUTE_US,
            .digest = hash_sha256(slice_of(json))};
}

static void release(struct test_store *store, const struct test_side *side, size_t count, int64_t generation)
{
    call.batch = (struct released_batch){.kind = "release",
            .agreement = side->agreement,
            .generation = generation,
            .rows = call.rows,
            .count = count,
            .outcomes = call.outcomes};
    test_ok(test_work(store, add, NULL));
}

static void sql(struct test_store *store, const char *text)
{
    call.sql = (struct test_sql){.sql = text};
    test_ok(test_work(store, test_sql_action, &call.sql));
}

static char seen[1000];
static int64_t moments[100];

static struct err see(void *context, const struct collected *row)
{
    size_t len = strlen(seen);
    int64_t *count = context;
    moments[(*count)++] = row->added_us;
    snprintf(seen + len, sizeof seen - len, "%s%.*s", len == 0 ? "" : " ", (int)row->bytes.len - 26,
            row->bytes.ptr + 24);
    return OK;
}

/* Numbers of the tools that the partner reads, as their bytes name them. */
static const char *reads(struct test_store *store, const struct test_side *side, struct collected_query query)
{
    struct collected_end end;
    int64_t count = 0;
    query.limit = query.limit == 0 ? 100 : query.limit;
    seen[0] = '\0';
    test_ok(store_released_read(store->db, side->agreement, &query, true, store->arena, see, &count, &end));
    return seen;
}

/* Released in one batch and signed. */
static struct test_side all_released(struct test_store *store)
{
    struct test_side side = made_side(store, "Contoh CERT", "identity--b");
    struct test_import import = example(store);
    call.rows[0] = put_of(&import, "tool--1", JSON(1), 0);
    call.rows[1] = put_of(&import, "tool--2", JSON(2), 1);
    call.rows[2] = put_of(&import, "tool--3", JSON(3), 2);
    decided(store, &side, 1, PROGRESS_ALL);
    release(store, &side, 3, 1);
    return side;
}

static void a_row_is_served_behind_a_signed_entry_only(void **state)
{
    struct test_store *store = ready(state);
    struct test_side side = all_released(store);
    assert_int_equal(call.batch.last_entry, 0);
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "");
    test_sign(store, &side);
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "named 1 named 2 named 3");
    assert_true(moments[0] == NOON && moments[1] == NOON + 1000 && moments[2] == NOON + 2000);
    static const slice id[] = {{"tool--2", 7}, {"tool--9", 7}};
    assert_string_equal(reads(store, &side, (struct collected_query){.ids = id, .id_count = 2}), "named 2");
    assert_string_equal(reads(store, &side, (struct collected_query){.after_us = NOON + 1000}), "named 3");
    assert_string_equal(reads(store, &side, (struct collected_query){.limit = 2}), "named 1 named 2");
}

/* Each condition by itself hides everything, and lets it be seen again. */
static void every_guard_is_needed(void **state)
{
    static const struct {
        const char *broken, *mended;
    } cases[] = {
            {"UPDATE partner SET state = 'suspended'", "UPDATE partner SET state = 'active'"},
            {"UPDATE partner SET paused = 'a split view'", "UPDATE partner SET paused = ''"},
            {"UPDATE partner SET ended_us = 1", "UPDATE partner SET ended_us = NULL"},
            {"UPDATE agreement SET state = 'suspended'", "UPDATE agreement SET state = 'in-force'"},
            {"UPDATE agreement SET generation = 2", "UPDATE agreement SET generation = 1"},
            {"UPDATE agreement SET until_us = 1", "UPDATE agreement SET until_us = 9000000000000000"},
            {"UPDATE agreement SET from_us = 9000000000000000", "UPDATE agreement SET from_us = 0"},
            {"UPDATE log SET alarm = 'edited'", "UPDATE log SET alarm = ''"},
            {"UPDATE log_head SET size = 0", "UPDATE log_head SET size = 1"},
            {"UPDATE release_progress SET generation = 0", "UPDATE release_progress SET generation = 1"},
            {"UPDATE release_progress SET decided_us = 0", "UPDATE release_progress SET decided_us = 9000000000000000"},
            {"UPDATE released SET generation = 0", "UPDATE released SET generation = 1"},
            {"UPDATE released SET from_us = 9000000000000000", "UPDATE released SET from_us = 0"},
            {"UPDATE released SET until_us = 1", "UPDATE released SET until_us = 9000000000000000"},
    };
    struct test_store *store = ready(state);
    struct test_side side = all_released(store);
    test_sign(store, &side);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        sql(store, cases[i].broken);
        if (*reads(store, &side, (struct collected_query){0}) != '\0')
            fail_msg("served after: %s", cases[i].broken);
        sql(store, cases[i].mended);
        assert_string_equal(reads(store, &side, (struct collected_query){0}), "named 1 named 2 named 3");
    }
}

static void validity_goes_by_a_clock_that_never_goes_back(void **state)
{
    struct test_store *store = ready(state);
    struct test_side side = all_released(store);
    clock_set(NOON + 61 * MINUTE_US);
    test_sign(store, &side);
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "");
    clock_set(NOON);
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "");
}

static size_t alarms(struct test_store *store)
{
    struct journal_row *rows;
    size_t count, found = 0;
    test_ok(store_journal_latest(store->db, INT64_MAX, STORE_PAGE_MAX, store->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        found += slice_eq(rows[i].act, S("release.alarm"));
    return found;
}

static void what_is_put_there_by_hand_is_not_served_and_alarms(void **state)
{
    static const char COPY[] =
            "INSERT INTO released SELECT agreement, added_us + 10000, object, 'tool--4', type, version, spec_version, "
            "standing, shown, generation, from_us, until_us, entry, 3, digest, derived, recall FROM released "
            "WHERE id = 'tool--1'";
    struct test_store *store = ready(state);
    struct test_side side = all_released(store);
    test_sign(store, &side);
    sql(store, COPY);
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "");
    assert_int_equal(alarms(store), 1);
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "");
    assert_int_equal(alarms(store), 1); /* once, however often it is asked for */
    sql(store, "UPDATE released SET entry = 7, leaf = 0 WHERE id = 'tool--4'");
    sql(store, "UPDATE log_head SET size = 9");
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "named 1 named 2 named 3");
    assert_int_equal(alarms(store), 2);
    sql(store, "DELETE FROM released WHERE id = 'tool--4'");
    sql(store, "UPDATE released SET version = '2027-01-01T00:00:00' WHERE id = 'tool--2'");
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "");
}

/* So many as an entry commits to at most, and versions of one object beyond what a page of the store holds. */
static struct err add_many(struct work *work, void *context)
{
    struct test_side *side = context;
    size_t count = RELEASED_BATCH_MAX;
    struct released_batch batch = {.kind = "release", .agreement = side->agreement, .generation = 1, .count = count};
    struct released_put *rows = arena_new(work->arena, struct released_put, count);
    for (size_t i = 0; i < count; i++) {
        slice bytes = slice_of(arena_printf(work->arena, "{\"id\":\"tool--1\",\"name\":\"n%zu\"}", i));
        rows[i] = (struct released_put){.object = 1,
                .id = S("tool--1"),
                .type = S("tool"),
                .version = slice_of(arena_printf(work->arena, "2026-02-01T00:00:00.%06zu", i)),
                .spec_version = S("2.1"),
                .from_us = NOON,
                .until_us = INT64_MAX,
                .digest = hash_sha256(bytes),
                .derived = bytes};
    }
    batch.rows = rows;
    batch.outcomes = arena_new(work->arena, enum released_outcome, count);
    return store_released_add(work, &batch);
}

static void a_row_added_to_a_full_entry_is_not_served(void **state)
{
    static const char COPY[] =
            "INSERT INTO released SELECT agreement, 9000000000000000000, object, 'tool--9', type, version, "
            "spec_version, standing, shown, generation, from_us, until_us, entry, 1000, digest, derived, recall "
            "FROM released WHERE leaf = 999";
    const slice id = S("tool--9");
    const struct collected_query one = {
            .ids = &id, .id_count = 1, .versions = VERSIONS_ALL, .specs = SPECS_21, .limit = 10};
    struct test_store *store = ready(state);
    struct test_side side = made_side(store, "B", "identity--b");
    struct collected_end end;
    int64_t count = 0;
    example(store);
    test_ok(test_work(store, add_many, &side));
    decided(store, &side, 1, PROGRESS_ALL);
    test_sign(store, &side);
    sql(store, COPY);
    test_ok(store_released_read(store->db, side.agreement, &one, true, store->arena, see, &count, &end));
    assert_int_equal(count, 0);
    assert_int_equal(alarms(store), 1);
}

/* Of many versions each is found: whoever takes an object back takes back all of it. */
static void everything_released_of_an_object_is_found(void **state)
{
    struct test_store *store = ready(state);
    struct test_side side = made_side(store, "B", "identity--b");
    struct test_import import = example(store);
    struct released *rows;
    size_t count;
    test_ok(test_work(store, add_many, &side));
    call.rows[0] = put_of(&import, "tool--1", JSON(1), 0);
    release(store, &side, 1, 1);
    test_ok(store_released_of_object(store->db, 1, store->arena, &rows, &count));
    assert_int_equal(count, RELEASED_BATCH_MAX + 1);
    test_ok(store_released_of_id(store->db, 0, S("tool--1"), store->arena, &rows, &count));
    assert_int_equal(count, RELEASED_BATCH_MAX + 1);
    test_ok(store_released_valid(store->db, side.agreement, 1, true, store->arena, &rows, &count));
    assert_int_equal(count, RELEASED_BATCH_MAX + 1);
}

static void bytes_that_were_changed_are_not_served_and_alarm(void **state)
{
    struct test_store *store = ready(state);
    struct test_side side = all_released(store);
    test_sign(store, &side);
    call.sql = (struct test_sql){"UPDATE object SET bytes = $1 WHERE id = 'tool--2'", {db_bytes(S(JSON(9)))}, 1};
    test_ok(test_work(store, test_sql_action, &call.sql));
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "named 1 named 3");
    assert_int_equal(alarms(store), 1);
}

static void what_is_there_is_kept_and_entered_once(void **state)
{
    struct test_store *store = ready(state);
    struct test_side side = all_released(store);
    test_sign(store, &side);
    call.rows[1].digest = hash_sha256(S("other"));
    release(store, &side, 3, 1);
    assert_int_equal(call.outcomes[0], RELEASED_KEPT);
    assert_int_equal(call.outcomes[1], RELEASED_CONTRADICTS);
    assert_int_equal(call.batch.last_entry, -1);
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "named 1 named 2 named 3");
    /* The same twice in one batch. */
    call.rows[0].id = call.rows[1].id = S("tool--5");
    call.rows[1].digest = call.rows[0].digest;
    release(store, &side, 2, 1);
    assert_int_equal(call.outcomes[0], RELEASED_NEW);
    assert_int_equal(call.outcomes[1], RELEASED_KEPT);
    assert_int_equal(call.batch.last_entry, 1);
}

struct closing {
    struct released *rows;
    size_t count;
};

static struct err close_rows(struct work *work, void *context)
{
    const struct closing *closing = context;
    return store_released_close(work, closing->rows, closing->count);
}

/* Who read past a row that was not valid meets it when it is again. */
static void what_is_valid_again_comes_at_a_new_moment(void **state)
{
    struct test_store *store = ready(state);
    struct test_side side = all_released(store);
    struct closing closing;
    test_sign(store, &side);
    test_ok(store_released_of_id(store->db, side.partner, S("tool--2"), store->arena, &closing.rows, &closing.count));
    assert_int_equal(closing.count, 1);
    test_ok(test_work(store, close_rows, &closing));
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "named 1 named 3");
    call.rows[0] = call.rows[1];
    release(store, &side, 1, 1);
    assert_int_equal(call.outcomes[0], RELEASED_KEPT);
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "named 1 named 3 named 2");
    assert_int_equal(moments[2], NOON + 3000);
}

static void derived_bytes_are_served_instead_of_the_objects(void **state)
{
    static const char MADE[] = "{\"id\":\"tool--r\",\"name\":\"named r\"}";
    struct test_store *store = ready(state);
    struct test_side side = all_released(store);
    call.rows[0].id = S("tool--r");
    call.rows[0].derived = S(MADE);
    call.rows[0].digest = hash_sha256(S(MADE));
    release(store, &side, 1, 1);
    test_sign(store, &side);
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "named 1 named 2 named 3 named r");
}

static void leaves_of_an_entry_give_its_root(void **state)
{
    struct test_store *store = ready(state);
    struct test_side side = all_released(store);
    struct ledger_frontier tree = {0};
    struct ledger_row entry;
    struct released *rows;
    size_t count;
    test_ok(store_released_of_entry(store->db, side.agreement, 0, store->arena, &rows, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        slice text = store_released_leaf(rows[i].id, rows[i].version, &rows[i].digest, store->arena);
        struct sha256 leaf = ledger_merkle_leaf(text);
        ledger_merkle_add(&tree, &leaf);
    }
    struct sha256 root = ledger_merkle_root(&tree);
    struct buf hex = buf_make(100);
    buf_hex(&hex, sha256_slice(&root));
    test_ok(store_ledger_get(store->db, side.log, 0, store->arena, &entry));
    bool said = false;
    for (size_t i = 0; i < entry.count; i++)
        said |= slice_eq(entry.fields[i].name, S("root")) && slice_eq(entry.fields[i].value, buf_slice(&hex));
    buf_free(&hex);
    assert_true(said);
}

static struct err follow(struct work *work, void *context)
{
    struct test_side *side = context;
    const struct ledger_field cited = {S("origin"), S("node.example/old")};
    struct ledger_log old;
    TRY(store_ledger_log_get(work->db, side->log, work->arena, &old));
    return store_ledger_log_follow(work, &old, S("node.example/new"), S("new"), S("heads"), &cited, 1, &side->log);
}

static void what_was_released_goes_on_under_a_log_that_goes_on(void **state)
{
    struct test_store *store = ready(state);
    struct test_side side = all_released(store);
    bool proven;
    test_sign(store, &side);
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "named 1 named 2 named 3");
    test_ok(test_work(store, follow, &side));
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "");
    test_sign(store, &side);
    sql(store, "UPDATE released SET generation = 2"); /* as it was decided anew */
    decided(store, &side, 2, PROGRESS_ALL);
    assert_string_equal(reads(store, &side, (struct collected_query){0}), "named 1 named 2 named 3");
    test_ok(store_released_proven(store->db, side.agreement, 1, store->arena, &proven));
    assert_true(proven);
}

static void nobody_else_finds_the_collection(void **state)
{
    struct test_store *store = ready(state);
    struct test_side side = all_released(store);
    struct test_side other = made_side(store, "Example CERT", "identity--c");
    struct released_shelf shelf;
    test_ok(store_released_find(store->db, side.organisation, slice_of(side.outbox), store->arena, &shelf));
    assert_int_equal(shelf.agreement, side.agreement);
    test_ok(store_released_find(store->db, other.organisation, S(""), store->arena, &shelf));
    assert_int_equal(shelf.agreement, other.agreement);
    assert_int_equal(
            store_released_find(store->db, other.organisation, slice_of(side.outbox), store->arena, &shelf).kind,
            ERR_MISSING);
    assert_int_equal(store_released_find(store->db, 0, slice_of(side.outbox), store->arena, &shelf).kind, ERR_MISSING);
    bool knows;
    test_ok(store_released_knows(store->db, side.partner, S("tool--1"), &knows));
    assert_true(knows);
    test_ok(store_released_knows(store->db, other.partner, S("tool--1"), &knows));
    assert_false(knows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_row_is_served_behind_a_signed_entry_only, set_up, tear_down),
            TEST_ON_BOTH(every_guard_is_needed, set_up, tear_down),
            TEST_ON_BOTH(validity_goes_by_a_clock_that_never_goes_back, set_up, tear_down),
            TEST_ON_BOTH(what_is_put_there_by_hand_is_not_served_and_alarms, set_up, tear_down),
            TEST_ON_BOTH(a_row_added_to_a_full_entry_is_not_served, set_up, tear_down),
            TEST_ON_BOTH(everything_released_of_an_object_is_found, set_up, tear_down),
            TEST_ON_BOTH(bytes_that_were_changed_are_not_served_and_alarm, set_up, tear_down),
            TEST_ON_BOTH(what_is_there_is_kept_and_entered_once, set_up, tear_down),
            TEST_ON_BOTH(what_is_valid_again_comes_at_a_new_moment, set_up, tear_down),
            TEST_ON_BOTH(derived_bytes_are_served_instead_of_the_objects, set_up, tear_down),
            TEST_ON_BOTH(leaves_of_an_entry_give_its_root, set_up, tear_down),
            TEST_ON_BOTH(what_was_released_goes_on_under_a_log_that_goes_on, set_up, tear_down),
            TEST_ON_BOTH(nobody_else_finds_the_collection, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
