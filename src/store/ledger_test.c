/* SPDX-License-Identifier: Apache-2.0 */
#include "store/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/merkle.h"
#include "store/journal.h"
#include "store/retain.h"
#include "store/test_store.h"

struct call {
    const char *kind;
    slice origin, folder, field, text;
    int64_t log, seq;
    struct ledger_item items[3];
    size_t count;
    struct ledger_head head;
    struct retain_limits limits;
    struct retained retained;
};

static struct err log_new(struct work *work, void *context)
{
    struct call *call = context;
    return store_ledger_log_new(work, call->kind, call->origin, call->folder, &call->log);
}

static struct err log_follow(struct work *work, void *context)
{
    struct call *call = context;
    const struct ledger_field cited = {S("origin"), S("node.example/old")};
    struct ledger_log old;
    TRY(store_ledger_log_get(work->db, call->log, work->arena, &old));
    return store_ledger_log_follow(work, &old, call->origin, call->folder, call->text, &cited, 1, &call->log);
}

static struct err append(struct work *work, void *context)
{
    struct call *call = context;
    return store_ledger_append_many(work, call->log, call->items, call->count, &call->seq);
}

static struct err append_and_fail(struct work *work, void *context)
{
    TRY(append(work, context));
    return err_make(ERR_INPUT, "thought better of it");
}

static struct err erase(struct work *work, void *context)
{
    struct call *call = context;
    return store_ledger_erase(work, call->log, call->seq, call->field, call->text);
}

static struct err head_put(struct work *work, void *context)
{
    struct call *call = context;
    return store_ledger_head_put(work, &call->head);
}

static struct err news(struct work *work, void *context)
{
    (void)context;
    TRY(store_work_news(work, "import.done", S("import/1"), S("{\"added\":1}")));
    return store_work_news(work, "import.done", S("import/2"), S(""));
}

static struct err retain(struct work *work, void *context)
{
    struct call *call = context;
    return store_retain(work, &call->limits, &call->retained);
}

static int64_t new_log(struct test_store *store, const char *kind, const char *name)
{
    const char *origin = arena_printf(store->arena, "node.example/%s", name);
    struct call call = {.kind = kind, .origin = slice_of(origin), .folder = slice_of(name)};
    test_ok(test_work(store, log_new, &call));
    return call.log;
}

static const struct ledger_field RELEASE[] = {
        {{"agreement", 9}, {"a-1", 3}},
        {{"count", 5}, {"3", 1}},
};

static int64_t add_release(struct test_store *store, int64_t log)
{
    struct call call = {.log = log, .items = {{"release", RELEASE, COUNT_OF(RELEASE)}}, .count = 1};
    test_ok(test_work(store, append, &call));
    return call.seq;
}

static void assert_opens(const struct test_store *store, const struct ledger_row *row)
{
    struct ledger_entry entry;
    test_ok(ledger_entry_parse(row->entry, store->arena, &entry));
    assert_int_equal(entry.sequence, row->seq);
    for (size_t i = 0; i < row->count; i++)
        assert_true(ledger_entry_opens(&entry, &row->fields[i]));
}

/* ---- Entries ---- */

static void an_entry_commits_to_its_kind_its_time_and_its_fields(void **state)
{
    struct test_store *store = ready(state);
    struct ledger_row row;
    int64_t log = new_log(store, "partner", "p-1");
    clock_set(1700000000000000);
    int64_t seq = add_release(store, log);
    test_ok(store_ledger_get(store->db, log, seq, store->arena, &row));
    assert_int_equal(row.count, 4);
    assert_true(slice_eq(row.fields[0].name, S("kind")) && slice_eq(row.fields[0].value, S("release")));
    assert_true(slice_eq(row.fields[1].value, S("2023-11-14T22:13:20.000000Z")));
    assert_true(slice_eq(row.fields[3].name, S("count")) && slice_eq(row.fields[3].value, S("3")));
    assert_opens(store, &row);
    assert_memory_not_equal(row.fields[2].salt, row.fields[3].salt, LEDGER_SALT_BYTES);
}

static void numbers_are_dense_also_where_a_work_fails(void **state)
{
    struct test_store *store = ready(state);
    int64_t one = new_log(store, "partner", "p-1"), other = new_log(store, "partner", "p-2");
    struct call call = {.log = one, .items = {{"release", RELEASE, 2}}, .count = 1};
    assert_int_equal(add_release(store, one), 0);
    assert_int_equal(test_work(store, append_and_fail, &call).kind, ERR_INPUT);
    assert_int_equal(add_release(store, one), 1);
    assert_int_equal(add_release(store, other), 0);
    assert_int_equal(add_release(store, one), 2);
}

static void many_are_appended_in_a_row(void **state)
{
    struct test_store *store = ready(state);
    struct call call = {.log = new_log(store, "partner", "p-1"), .count = 3};
    struct ledger_row *rows;
    size_t count;
    for (size_t i = 0; i < 3; i++)
        call.items[i] = (struct ledger_item){i == 1 ? "recall" : "release", RELEASE, i};
    for (int i = 0; i < 3; i++) {
        test_ok(test_work(store, append, &call));
        assert_int_equal(call.seq, i * 3);
    }
    test_ok(store_ledger_list(store->db, call.log, 1, 5, store->arena, &rows, &count));
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].seq, i + 1);
        assert_int_equal(rows[i].count, 2 + (i + 1) % 3);
        assert_opens(store, &rows[i]);
    }
    assert_true(slice_eq(rows[0].kind, S("recall")));
}

struct bulk {
    int64_t log, first;
    uint64_t count;
};

static struct err bulk_append(struct work *work, void *context)
{
    struct bulk *bulk = context;
    struct ledger_item *items = arena_new(work->arena, struct ledger_item, bulk->count);
    for (size_t i = 0; i < bulk->count; i++)
        items[i] = (struct ledger_item){"release", RELEASE, 2};
    return store_ledger_append_many(work, bulk->log, items, bulk->count, &bulk->first);
}

/* KENTONGAN_ENTRIES=1000000 for a measurement. */
static void a_large_batch_is_kept_whole(void **state)
{
    struct test_store *store = ready(state);
    const char *many = getenv("KENTONGAN_ENTRIES");
    struct bulk bulk = {.log = new_log(store, "partner", "p-1"), .count = 2500};
    if (many != NULL)
        assert_true(slice_u64(slice_of(many), 10000000, &bulk.count));
    struct ledger_row row;
    int64_t from = clock_steady_us();
    test_ok(test_work(store, bulk_append, &bulk));
    if (many != NULL)
        print_message("%.0f entries a second\n", 1e6 * (double)bulk.count / (double)(clock_steady_us() - from));
    test_ok(store_ledger_get(store->db, bulk.log, (int64_t)bulk.count - 1, store->arena, &row));
    assert_opens(store, &row);
}

static void what_no_entry_can_have_is_refused_whole(void **state)
{
    struct test_store *store = ready(state);
    const struct ledger_field TWICE[] = {{S("kind"), S("x")}}, BAD[] = {{S("No Name"), S("x")}};
    struct call call = {.log = new_log(store, "partner", "p-1"), .items = {{"release", TWICE, 1}}, .count = 1};
    struct ledger_log log;
    assert_int_equal(test_work(store, append, &call).kind, ERR_INPUT);
    call.items[0].fields = BAD;
    assert_int_equal(test_work(store, append, &call).kind, ERR_INPUT);
    call.log += 7;
    assert_int_equal(test_work(store, append, &call).kind, ERR_MISSING);
    test_ok(store_ledger_log_get(store->db, call.log - 7, store->arena, &log));
    assert_int_equal(log.size, 0);
}

static void a_closed_log_takes_no_more(void **state)
{
    struct test_store *store = ready(state);
    int64_t old = new_log(store, "node", "node");
    struct call call = {.log = old, .origin = S("node.example/node/2"), .folder = S("node-2"), .text = S("heads")};
    struct ledger_log log;
    test_ok(test_work(store, log_follow, &call));
    struct call more = {.log = old, .items = {{"release", RELEASE, 2}}, .count = 1};
    assert_int_equal(test_work(store, append, &more).kind, ERR_CONFLICT);
    test_ok(store_ledger_log_open(store->db, "node", store->arena, &log));
    assert_int_equal(log.number, call.log);
    assert_true(slice_eq(log.follows, S("heads")));
    call = (struct call){.kind = "node", .origin = S("third"), .folder = S("third")};
    assert_int_equal(test_work(store, log_new, &call).kind, ERR_CONFLICT);
}

static void what_no_head_covered_goes_on_in_the_log_that_follows(void **state)
{
    struct test_store *store = ready(state);
    struct ledger_row *rows;
    struct journal_row *journal;
    struct ledger_log log;
    size_t count;
    int64_t old = new_log(store, "private", "private");
    test_ok(test_work(store, news, NULL));
    test_ok(test_work(store, news, NULL));
    struct call head = {.head = {.log = old, .size = 3, .checkpoint = S("note"), .signed_us = 1}};
    test_ok(test_work(store, head_put, &head));
    struct call call = {
            .log = old, .origin = S("node.example/private/2"), .folder = S("private-2"), .text = S("heads")};
    test_ok(test_work(store, log_follow, &call));
    test_ok(test_work(store, news, NULL));
    test_ok(store_ledger_log_open(store->db, "private", store->arena, &log));
    test_ok(store_ledger_list(store->db, log.number, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 4); /* follows, the fourth row of the journal, two new ones */
    assert_true(slice_eq(rows[0].kind, S("follows")));
    test_ok(store_journal_list(store->db, log.first, 10, store->arena, &journal, &count));
    assert_int_equal(count, 3);
    assert_true(slice_eq(rows[1].fields[5].value, journal[0].subject));
    assert_int_equal(journal[0].seq, log.first + 1);
}

static void logs_are_found_by_folder_and_origin(void **state)
{
    struct test_store *store = ready(state);
    struct ledger_log log;
    int64_t number = new_log(store, "partner", "p-1");
    test_ok(store_ledger_log_find(store->db, S("p-1"), store->arena, &log));
    assert_int_equal(log.number, number);
    test_ok(store_ledger_log_find(store->db, S("node.example/p-1"), store->arena, &log));
    assert_int_equal(log.number, number);
    assert_int_equal(store_ledger_log_find(store->db, S("p"), store->arena, &log).kind, ERR_MISSING);
}

/* ---- Erasing ---- */

static void an_erased_field_is_gone_and_its_entry_stands(void **state)
{
    struct test_store *store = ready(state);
    struct ledger_row before, row;
    int64_t log = new_log(store, "partner", "p-1");
    add_release(store, log);
    test_ok(store_ledger_get(store->db, log, 0, store->arena, &before));
    struct call call = {.log = log, .seq = 0, .field = S("agreement"), .text = S("a court said so")};
    test_ok(test_work(store, erase, &call));
    test_ok(store_ledger_get(store->db, log, 0, store->arena, &row));
    assert_int_equal(row.count, 3);
    assert_true(slice_eq(row.entry, before.entry));
    assert_opens(store, &row);
    assert_int_equal(test_work(store, erase, &call).kind, ERR_MISSING);
    test_ok(store_ledger_get(store->db, log, 1, store->arena, &row));
    assert_true(slice_eq(row.kind, S("erasure")));
    assert_int_equal(store_ledger_get(store->db, log, 2, store->arena, &row).kind, ERR_MISSING);
}

/* ---- The private log ---- */

static void each_row_of_the_journal_is_an_entry_of_the_private_log(void **state)
{
    struct test_store *store = ready(state);
    struct journal_row *rows;
    struct ledger_row *entries;
    struct ledger_log log;
    size_t count, entry_count;
    test_ok(test_work(store, news, NULL)); /* before there is one */
    int64_t number = new_log(store, "private", "private");
    test_ok(test_work(store, news, NULL));
    test_ok(test_work(store, news, NULL));
    test_ok(store_ledger_log_get(store->db, number, store->arena, &log));
    assert_int_equal(log.size, 4);
    test_ok(store_journal_list(store->db, log.first - 1, 10, store->arena, &rows, &count));
    test_ok(store_ledger_list(store->db, number, 0, 10, store->arena, &entries, &entry_count));
    assert_int_equal(count, 4);
    assert_int_equal(entry_count, 4);
    for (size_t i = 0; i < count; i++) {
        assert_opens(store, &entries[i]);
        assert_int_equal(rows[i].seq, log.first + entries[i].seq);
        assert_true(slice_eq(entries[i].kind, rows[i].act));
        assert_true(slice_eq(entries[i].fields[5].value, rows[i].subject));
        assert_true(slice_eq(entries[i].fields[6].value, rows[i].detail));
    }
}

/* KENTONGAN_WORKS=2000 for a measurement: what the private log costs a work that does nothing else. */
static void a_work_with_the_private_log_takes_little_longer(void **state)
{
    struct test_store *store = ready(state);
    const char *many = getenv("KENTONGAN_WORKS");
    uint64_t count = 2;
    int64_t took[2];
    if (many != NULL)
        assert_true(slice_u64(slice_of(many), 100000, &count));
    for (int with = 0; with < 2; with++) {
        int64_t log = with ? new_log(store, "private", "private") : 0, from = clock_steady_us();
        struct ledger_row row;
        for (uint64_t i = 0; i < count; i++)
            test_ok(test_work(store, news, NULL));
        took[with] = clock_steady_us() - from;
        if (with)
            test_ok(store_ledger_get(store->db, log, 2 * (int64_t)count - 1, store->arena, &row));
    }
    if (many != NULL)
        print_message("a work of two rows: %lld us, with the private log %lld us\n",
                (long long)(took[0] / (int64_t)count), (long long)(took[1] / (int64_t)count));
}

static void retention_takes_details_out_of_the_private_log_too(void **state)
{
    struct test_store *store = ready(state);
    struct ledger_row row;
    clock_set(1700000000000000);
    int64_t log = new_log(store, "private", "private");
    test_ok(test_work(store, news, NULL));
    clock_set(1700000000000000 + 10 * DAY_US);
    struct call call = {.limits = {.details_us = DAY_US}};
    test_ok(test_work(store, retain, &call));
    test_ok(store_ledger_get(store->db, log, 0, store->arena, &row));
    assert_int_equal(row.count, 6);
    assert_opens(store, &row);
    assert_false(slice_eq(row.fields[5].name, S("detail")));
    test_ok(store_ledger_get(store->db, log, 2, store->arena, &row));
    assert_true(slice_eq(row.kind, S("store.retained")));
    assert_int_equal(row.count, 7);
}

/* ---- Heads ---- */

static struct ledger_head head_of(int64_t log, int64_t size, const char *root, int64_t signed_us)
{
    return (struct ledger_head){log, size, hash_sha256(slice_of(root)), S("note"), signed_us};
}

static void a_second_root_for_a_size_is_never_kept(void **state)
{
    struct test_store *store = ready(state);
    struct ledger_head head;
    int64_t log = new_log(store, "partner", "p-1");
    test_ok(store_ledger_head_get(store->db, log, store->arena, &head));
    assert_int_equal(head.size, 0);
    struct call call = {.head = head_of(log, 5, "five", 100)};
    test_ok(test_work(store, head_put, &call));
    test_ok(test_work(store, head_put, &call)); /* the same again, with more cosignatures */
    call.head = head_of(log, 5, "other", 101);
    assert_int_equal(test_work(store, head_put, &call).kind, ERR_CONFLICT);
    call.head = head_of(log, 4, "four", 101);
    assert_int_equal(test_work(store, head_put, &call).kind, ERR_CONFLICT);
    call.head = head_of(log, 6, "six", 99);
    assert_int_equal(test_work(store, head_put, &call).kind, ERR_CONFLICT);
    call.head = head_of(log, 6, "six", 102);
    test_ok(test_work(store, head_put, &call));
    test_ok(store_ledger_head_get(store->db, log, store->arena, &head));
    assert_int_equal(head.size, 6);
}

static void logs_that_are_behind_are_listed(void **state)
{
    struct test_store *store = ready(state);
    struct ledger_log *logs;
    size_t count;
    int64_t one = new_log(store, "partner", "p-1"), two = new_log(store, "partner", "p-2");
    add_release(store, one);
    add_release(store, two);
    struct call call = {.head = head_of(one, 1, "one", 1)};
    test_ok(test_work(store, head_put, &call));
    test_ok(store_ledger_log_behind(store->db, 0, 10, store->arena, &logs, &count));
    assert_int_equal(count, 1);
    assert_int_equal(logs[0].number, two);
}

static void the_time_of_the_node_never_goes_back(void **state)
{
    struct test_store *store = ready(state);
    static int64_t from = 10000; /* what was raised stays so in this process */
    int64_t now, log = new_log(store, "partner", "p-1");
    struct call call = {.head = head_of(log, 1, "one", from + 2000)};
    test_ok(test_work(store, head_put, &call));
    clock_set(from + 3000);
    test_ok(store_now_us(store->db, &now));
    assert_int_equal(now, from + 3000);
    clock_set(from + 1000);
    test_ok(store_now_us(store->db, &now));
    assert_int_equal(now, from + 2000);
    store_now_raise(from + 2500);
    test_ok(store_now_us(store->db, &now));
    assert_int_equal(now, from + 2500);
    from += 10000;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_entry_commits_to_its_kind_its_time_and_its_fields, set_up, tear_down),
            TEST_ON_BOTH(numbers_are_dense_also_where_a_work_fails, set_up, tear_down),
            TEST_ON_BOTH(many_are_appended_in_a_row, set_up, tear_down),
            TEST_ON_BOTH(a_large_batch_is_kept_whole, set_up, tear_down),
            TEST_ON_BOTH(what_no_entry_can_have_is_refused_whole, set_up, tear_down),
            TEST_ON_BOTH(a_closed_log_takes_no_more, set_up, tear_down),
            TEST_ON_BOTH(what_no_head_covered_goes_on_in_the_log_that_follows, set_up, tear_down),
            TEST_ON_BOTH(logs_are_found_by_folder_and_origin, set_up, tear_down),
            TEST_ON_BOTH(an_erased_field_is_gone_and_its_entry_stands, set_up, tear_down),
            TEST_ON_BOTH(each_row_of_the_journal_is_an_entry_of_the_private_log, set_up, tear_down),
            TEST_ON_BOTH(a_work_with_the_private_log_takes_little_longer, set_up, tear_down),
            TEST_ON_BOTH(retention_takes_details_out_of_the_private_log_too, set_up, tear_down),
            TEST_ON_BOTH(a_second_root_for_a_size_is_never_kept, set_up, tear_down),
            TEST_ON_BOTH(logs_that_are_behind_are_listed, set_up, tear_down),
            TEST_ON_BOTH(the_time_of_the_node_never_goes_back, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
