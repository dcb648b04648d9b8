/* SPDX-License-Identifier: Apache-2.0 */
#include "store/import.h"

#include <sys/wait.h>
#include <unistd.h>

#include "store/journal.h"
#include "store/runner.h"
#include "store/test_store.h"

static struct object_put some(struct test_store *store, int number)
{
    return test_object(arena_printf(store->arena, "tool--6b616c61-0000-4000-8000-%012d", number), "2026-11-20T10:00:00",
            arena_printf(store->arena, "{\"name\":\"n%d\"}", number));
}

static struct import get(struct test_store *store, int64_t number)
{
    struct import import;
    test_ok(store_import_get(store->db, number, store->arena, &import));
    return import;
}

static void an_import_tells_what_it_brought(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put puts[] = {some(store, 1), some(store, 2), some(store, 1)};
    struct test_import done = test_import(store, "peer", puts, 3);
    struct import import = get(store, done.number);
    assert_int_equal(import.state, IMPORT_DONE);
    assert_int_equal(import.source, done.source_number);
    assert_int_equal(import.added, 2);
    assert_int_equal(import.duplicates, 1);
    assert_int_equal(import.first, done.outcomes[0].number);
    assert_int_equal(import.last, done.outcomes[1].number);
    assert_int_equal(import.bytes, 100);
    struct sha256 digest = hash_sha256(S("text"));
    assert_memory_equal(&import.digest, &digest, sizeof digest);
    assert_true(slice_eq(import.form, S("stix")) && slice_eq(import.name, S("file.json")));
    assert_true(slice_eq(import.actor, S("local")));
    struct journal_row *rows;
    size_t count;
    test_ok(store_journal_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(rows[1].act, S("import.done")) && slice_eq(rows[1].subject, S("import/1")));
    assert_true(slice_find_slice(rows[1].detail, S("\"first\":1,\"last\":2")) < rows[1].detail.len);
}

/* ---- What was not taken ---- */

static struct err refuse(struct work *work, void *context)
{
    static char big[IMPORT_REFUSED_BYTES_MAX + 10];
    int64_t number = *(const int64_t *)context;
    const struct import_refused rows[] = {{.line = 7, .column = 3, .why = S("no \xff id"), .original = S("<b>\0")},
            {.line = 9, .column = 1, .why = S("too long"), .original = {big, sizeof big}}};
    const struct import_dropped dropped[] = {
            {S("attribute comment"), 3}, {S("galaxy"), 1}, {S("attribute comment"), 2}};
    TRY(store_import_refuse(work, number, rows, 2));
    TRY(store_import_drop(work, number, dropped, 3));
    return store_import_original(work, number, 0, S("packed\0text"));
}

static void nothing_that_was_not_taken_is_silent(void **state)
{
    struct test_store *store = ready(state);
    struct test_import import = test_import_begin(store, "peer");
    test_ok(test_work(store, refuse, &import.number));
    test_import_finish(store, &import);
    struct import_refused *rows;
    struct import_dropped *dropped;
    int64_t after = 0;
    size_t count;
    test_ok(store_import_refused_list(store->db, import.number, &after, 1, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].line, 7);
    assert_true(slice_eq(rows[0].why, S("no \xef\xbf\xbd id")) && slice_eq(rows[0].original, S("<b>\0")));
    test_ok(store_import_refused_list(store->db, import.number, &after, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_true(rows[0].cut);
    assert_int_equal(rows[0].original.len, IMPORT_REFUSED_BYTES_MAX);
    test_ok(store_import_dropped_list(store->db, import.number, S(""), 10, store->arena, &dropped, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(dropped[0].what, S("attribute comment")));
    assert_int_equal(dropped[0].count, 5);
    assert_int_equal(get(store, import.number).refused, 2);
    assert_int_equal(get(store, import.number).dropped, 6);
    slice original;
    test_ok(store_import_original_get(store->db, import.number, 0, store->arena, &original));
    assert_true(slice_eq(original, S("packed\0text")));
    assert_int_equal(store_import_original_get(store->db, import.number, 1, store->arena, &original).kind, ERR_MISSING);
    assert_int_equal(test_work(store, refuse, &import.number).kind, ERR_CONFLICT);
}

/* ---- Ends ---- */

static void an_import_that_ended_takes_nothing_more(void **state)
{
    struct test_store *store = ready(state);
    struct object_put put = some(store, 1);
    struct test_import done = test_import(store, "peer", &put, 1), failed = test_import_begin(store, "peer");
    test_ok(test_work(store, test_import_fail_action, &failed.number));
    failed.rows = &put;
    failed.count = 1;
    assert_int_equal(test_work(store, test_import_put_action, &done).kind, ERR_CONFLICT);
    assert_int_equal(test_work(store, test_import_put_action, &failed).kind, ERR_CONFLICT);
    assert_int_equal(test_work(store, test_import_finish_action, &failed).kind, ERR_CONFLICT);
    assert_int_equal(test_work(store, test_import_fail_action, &done.number).kind, ERR_CONFLICT);
    assert_int_equal(test_work(store, test_import_undo_action, &failed.number).kind, ERR_CONFLICT);
    assert_true(slice_eq(get(store, failed.number).why, S("line 7: broken")));
}

static struct err sweep(struct work *work, void *context)
{
    return store_import_sweep(work, 2, context);
}

static int64_t count_of(struct test_store *store, const char *sql)
{
    int64_t number;
    test_ok(db_one(store->db, sql, NULL, 0, -1, &number));
    return number;
}

static void what_failed_is_removed_in_steps(void **state)
{
    static const char OBJECTS[] = "SELECT count(*) FROM object", WORDS[] = "SELECT count(*) FROM search",
                      AGAIN[] = "SELECT count(*) FROM object_again";
    struct test_store *store = ready(state);
    const struct object_put puts[] = {some(store, 1), some(store, 2), some(store, 3), some(store, 4), some(store, 5)};
    test_import(store, "peer", puts, 1);
    struct test_import failing = test_import_begin(store, "peer");
    test_import_put(store, &failing, puts, 5);
    struct test_import good = test_import(store, "peer", puts + 4, 1);
    test_ok(test_work(store, test_import_fail_action, &failing.number));
    uint64_t removed, steps = 0;
    do {
        test_ok(test_work(store, sweep, &removed));
        assert_true(removed <= 2);
        steps++;
    } while (removed > 0);
    assert_int_equal(steps, 4);
    assert_int_equal(count_of(store, OBJECTS), 2);
    assert_int_equal(count_of(store, WORDS), 2);
    assert_int_equal(count_of(store, AGAIN), 0);
    struct object object;
    test_ok(store_object_newest(store->db, good.source_number, puts[4].id, store->arena, &object));
    assert_int_equal(object.import, good.number);
}

/* ---- Programs that die ---- */

static struct err recover(struct work *work, void *context)
{
    return store_import_recover(work, context);
}

static struct err sweep_all(struct work *work, void *context)
{
    uint64_t removed;
    (void)context;
    TRY(store_import_sweep(work, STORE_PAGE_MAX, &removed));
    return store_import_sweep(work, STORE_PAGE_MAX, &removed); /* finds that nothing is left */
}

static void assert_left(struct test_store *store, uint64_t dead, uint64_t unswept)
{
    struct import_left left;
    test_ok(store_import_left(store->db, store->arena, &left));
    assert_int_equal(left.dead, dead);
    assert_int_equal(left.unswept, unswept);
}

/* A child that begins an import and ends without a word. */
static void die_in_an_import(struct test_store *store)
{
    pid_t child = fork();
    if (child == 0) {
        store->db = test_store_open(store);
        struct test_import import = test_import_begin(store, "peer");
        struct object_put put = some(store, 1);
        test_import_put(store, &import, &put, 1);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void an_import_whose_program_died_has_failed(void **state)
{
    struct test_store *store = ready(state);
    db_close(store->db); /* nothing open crosses a fork */
    store->db = NULL;
    die_in_an_import(store);
    store->db = test_store_open(store);
    struct test_import ours = test_import_begin(store, "peer");
    uint64_t failed;
    assert_left(store, 1, 0);
    test_ok(test_work(store, recover, &failed));
    assert_int_equal(failed, 1);
    assert_left(store, 0, 1);
    assert_int_equal(get(store, 1).state, IMPORT_FAILED);
    assert_int_equal(get(store, ours.number).state, IMPORT_RUNNING);
    test_ok(test_work(store, recover, &failed));
    assert_int_equal(failed, 0);
    test_ok(test_work(store, sweep_all, NULL));
    assert_left(store, 0, 0);
}

static void one_of_another_machine_is_dead_when_it_is_silent(void **state)
{
    static const char ELSEWHERE[] = "UPDATE import SET runner = 'another machine' WHERE number = 1";
    struct test_store *store = ready(state);
    clock_set(1000000000);
    test_import_begin(store, "peer");
    test_ok(db_run(store->db, ELSEWHERE, NULL, 0, NULL));
    uint64_t failed;
    clock_set(1000000000 + IMPORT_SILENT_US);
    test_ok(test_work(store, recover, &failed));
    assert_int_equal(failed, 0);
    clock_set(1000000001 + IMPORT_SILENT_US);
    test_ok(test_work(store, recover, &failed));
    assert_int_equal(failed, 1);
}

static void a_process_knows_itself_and_the_dead(void **state)
{
    (void)state;
    struct buf self = buf_make(RUNNER_MAX);
    runner_write(&self);
    assert_false(self.full);
    slice name = buf_slice(&self);
    assert_int_equal(runner_state(name), RUNNER_LIVES);
    self.ptr[self.len - 1] = self.ptr[self.len - 1] == '1' ? '2' : '1'; /* another start: the number was given again */
    assert_int_equal(runner_state(name), RUNNER_DEAD);
    self.ptr[0] = self.ptr[0] == '0' ? '1' : '0';
    assert_int_equal(runner_state(name), RUNNER_ELSEWHERE);
    assert_int_equal(runner_state(S("")), RUNNER_ELSEWHERE);
    assert_int_equal(runner_state(S("a b c ../../x d")), RUNNER_ELSEWHERE);
    buf_free(&self);
}

static void imports_are_listed_newest_first(void **state)
{
    struct test_store *store = ready(state);
    for (int i = 0; i < 5; i++)
        test_import(store, i % 2 == 0 ? "even" : "odd", NULL, 0);
    struct import *rows;
    size_t count;
    test_ok(store_import_list(store->db, 0, INT64_MAX, 2, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[1].number, 4);
    test_ok(store_import_list(store->db, rows[1].source, 4, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].number, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_import_tells_what_it_brought, set_up, tear_down),
            TEST_ON_BOTH(nothing_that_was_not_taken_is_silent, set_up, tear_down),
            TEST_ON_BOTH(an_import_that_ended_takes_nothing_more, set_up, tear_down),
            TEST_ON_BOTH(what_failed_is_removed_in_steps, set_up, tear_down),
            TEST_ON_BOTH(an_import_whose_program_died_has_failed, set_up, tear_down),
            TEST_ON_BOTH(one_of_another_machine_is_dead_when_it_is_silent, set_up, tear_down),
            cmocka_unit_test(a_process_knows_itself_and_the_dead),
            TEST_ON_BOTH(imports_are_listed_newest_first, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
