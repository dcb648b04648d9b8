/* SPDX-License-Identifier: Apache-2.0 */
#include "store/follower.h"

#include <pthread.h>
#include <unistd.h>

#include "store/test_store.h"

/* ---- A follower that notes what it saw in facts, in its own transaction ---- */

struct noting {
    int64_t fails_at; /* a row that it cannot do */
    int tries;
    bool slow; /* so that two come to the same row */
};

static struct err note(void *context, struct work *work, const struct journal_row *row)
{
    struct noting *noting = context;
    slice seen;
    TRY(store_fact_get(work->db, S("seen"), work->arena, &seen));
    const char *more = arena_printf(work->arena, "%.*s%lld ", (int)seen.len, seen.ptr, (long long)row->seq);
    TRY(store_fact_put(work->db, S("seen"), slice_of(more)));
    if (noting->slow)
        usleep(1000);
    if (row->seq != noting->fails_at)
        return OK;
    noting->tries++;
    return err_make(ERR_INPUT, "this one is beyond me");
}

static struct follower follower_of(struct noting *noting)
{
    return (struct follower){.name = "notes", .context = noting, .row = note};
}

static void saw(struct test_store *store, const char *rows)
{
    slice seen;
    test_ok(store_fact_get(store->db, S("seen"), store->arena, &seen));
    assert_string_equal(arena_cstr(store->arena, seen), rows);
}

static uint64_t once(struct test_store *store, const struct follower *follower)
{
    uint64_t did;
    test_ok(store_follower_once(store->db, follower, 1000, store->arena, &did));
    return did;
}

static struct err tell(struct work *work, void *context)
{
    return store_work_news(work, context, S("a subject"), S("{}"));
}

static struct err tell_and_fail(struct work *work, void *context)
{
    TRY(tell(work, context));
    return err_make(ERR_INPUT, "no");
}

static char EVEN[] = "test.even", ODD[] = "test.odd";

static void tell_some(struct test_store *store, int count)
{
    for (int i = 1; i <= count; i++)
        test_ok(test_work(store, tell, i % 2 == 0 ? EVEN : ODD));
}

/* ---- Works and the journal ---- */

static void news_and_change_are_kept_together(void **state)
{
    struct test_store *store = ready(state);
    test_ok(test_work(store, tell, EVEN));
    assert_int_equal(test_work(store, tell_and_fail, ODD).kind, ERR_INPUT);
    test_ok(test_work(store, tell, ODD));
    struct journal_row *rows;
    size_t count;
    test_ok(store_journal_latest(store->db, INT64_MAX, 10, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].seq, 2); /* no gap where one failed */
    assert_true(slice_eq(rows[0].act, S("test.odd")) && slice_eq(rows[0].subject, S("a subject")));
    assert_true(slice_eq(rows[0].actor, S("local")) && slice_eq(rows[0].detail, S("{}")));
    int64_t last;
    test_ok(store_journal_last(store->db, &last));
    assert_int_equal(last, 2);
}

static struct err tell_too_much(struct work *work, void *context)
{
    size_t *count = context;
    for (size_t i = 0; i < *count; i++)
        TRY(tell(work, EVEN));
    return OK;
}

static void news_have_ceilings(void **state)
{
    struct test_store *store = ready(state);
    size_t count = WORK_NEWS_MAX;
    test_ok(test_work(store, tell_too_much, &count));
    count++;
    assert_int_equal(test_work(store, tell_too_much, &count).kind, ERR_LIMIT);
}

/* ---- Following ---- */

static void a_follower_sees_each_row_once(void **state)
{
    struct test_store *store = ready(state);
    struct noting noting = {0};
    struct follower follower = follower_of(&noting);
    tell_some(store, 3);
    assert_int_equal(once(store, &follower), 3);
    assert_int_equal(once(store, &follower), 0);
    tell_some(store, 1);
    /* As after a restart: nothing but the database knows where it was. */
    db_close(store->db);
    store->db = test_store_open(store);
    assert_int_equal(once(store, &follower), 1);
    saw(store, "1 2 3 4 ");
}

static void acts_that_are_not_wanted_are_passed_over(void **state)
{
    static const char *const acts[] = {"test.even", NULL};
    struct test_store *store = ready(state);
    struct noting noting = {0};
    struct follower follower = follower_of(&noting);
    follower.acts = acts;
    tell_some(store, 601);
    assert_int_equal(once(store, &follower), 300);
    struct follower_state *states;
    size_t count;
    test_ok(store_follower_list(store->db, store->arena, &states, &count));
    assert_int_equal(count, 1);
    assert_int_equal(states[0].seq, 601);
    assert_int_equal(states[0].behind, 0);
}

static struct err echo(void *context, struct work *work, const struct journal_row *row)
{
    (void)row;
    (*(int *)context)++;
    return tell(work, EVEN);
}

static void a_follower_does_not_see_its_own_rows(void **state)
{
    struct test_store *store = ready(state);
    int echoed = 0;
    struct follower follower = {.name = "echo", .context = &echoed, .row = echo};
    tell_some(store, 2);
    for (int i = 0; i < 3; i++)
        once(store, &follower);
    assert_int_equal(echoed, 2);
    int64_t last;
    test_ok(store_journal_last(store->db, &last));
    assert_int_equal(last, 4);
}

/* ---- Rows that cannot be done ---- */

static struct err dismiss(struct work *work, void *context)
{
    return store_parked_dismiss(work, S("notes"), *(const int64_t *)context, S("known"));
}

static struct err again(struct work *work, void *context)
{
    return store_parked_retry(work, S("notes"), *(const int64_t *)context);
}

static size_t parked(struct test_store *store, struct parked **rows)
{
    size_t count;
    test_ok(store_parked_list(store->db, S(""), 0, 10, store->arena, rows, &count));
    return count;
}

static void a_row_that_fails_is_parked_and_blocks_nothing(void **state)
{
    struct test_store *store = ready(state);
    struct noting noting = {.fails_at = 2};
    struct follower follower = follower_of(&noting);
    struct parked *rows;
    tell_some(store, 4);
    assert_int_equal(once(store, &follower), 4);
    assert_int_equal(noting.tries, FOLLOWER_TRIES);
    saw(store, "1 3 4 ");
    assert_int_equal(parked(store, &rows), 1);
    assert_int_equal(rows[0].seq, 2);
    assert_true(slice_eq(rows[0].why, S("this one is beyond me")) && slice_eq(rows[0].act, S("test.even")));
    /* Again, in vain; then with success. */
    int64_t seq = 2;
    test_ok(test_work(store, again, &seq));
    assert_true(parked(store, &rows) == 1 && rows[0].again);
    assert_int_equal(once(store, &follower), 2); /* and the row that says so */
    assert_true(parked(store, &rows) == 1 && !rows[0].again);
    assert_int_equal(once(store, &follower), 0);
    noting.fails_at = 0;
    test_ok(test_work(store, again, &seq));
    once(store, &follower);
    saw(store, "1 3 4 5 2 6 ");
    assert_int_equal(parked(store, &rows), 0);
    assert_int_equal(test_work(store, again, &seq).kind, ERR_MISSING);
}

static void a_parked_row_can_be_dismissed(void **state)
{
    struct test_store *store = ready(state);
    struct noting noting = {.fails_at = 1};
    struct follower follower = follower_of(&noting);
    struct parked *rows;
    int64_t seq = 1;
    tell_some(store, 1);
    once(store, &follower);
    test_ok(test_work(store, dismiss, &seq));
    assert_int_equal(parked(store, &rows), 0);
    assert_int_equal(test_work(store, dismiss, &seq).kind, ERR_MISSING);
    struct journal_row *news;
    size_t count;
    test_ok(store_journal_list(store->db, 1, 10, store->arena, &news, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(news[0].act, S("follower.dismissed")) && slice_eq(news[0].subject, S("follower/notes/1")));
}

/* ---- Several at once ---- */

struct sharing {
    struct test_store *store;
    struct db *db;
    atomic_uint_fast64_t *done;
    pthread_barrier_t *both;
};

static void *follow_part(void *context)
{
    struct sharing *sharing = context;
    struct noting noting = {.slow = true};
    struct follower follower = follower_of(&noting);
    struct arena *arena = arena_open("one of two", ARENA_WORK, 16u << 20);
    uint64_t did = 1;
    pthread_barrier_wait(sharing->both);
    while (did > 0 && store_follower_once(sharing->db, &follower, 1000, arena, &did).kind == ERR_NONE)
        atomic_fetch_add(sharing->done, did);
    arena_close(arena);
    return NULL;
}

static void two_processes_share_a_follower_without_doing_a_row_twice(void **state)
{
    struct test_store *store = ready(state);
    atomic_uint_fast64_t done = 0;
    struct sharing sharing[2];
    pthread_barrier_t both;
    pthread_barrier_init(&both, NULL, 2);
    pthread_t threads[2];
    tell_some(store, 60);
    for (int i = 0; i < 2; i++) {
        sharing[i] = (struct sharing){store, test_store_open(store), &done, &both};
        assert_int_equal(pthread_create(&threads[i], NULL, follow_part, &sharing[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        db_close(sharing[i].db);
    }
    pthread_barrier_destroy(&both);
    assert_int_equal(done, 60);
    slice seen, number;
    test_ok(store_fact_get(store->db, S("seen"), store->arena, &seen));
    for (uint64_t i = 1, is; i <= 60; i++) {
        assert_true(slice_next(&seen, ' ', &number) && slice_u64(number, 100, &is));
        assert_int_equal(is, i);
    }
}

/*
 * Two writers: A changes something and comes to its end first, B begins later; A is held in the middle until B has
 * committed. Were numbers taken when a row is written, A's would be lower than B's and appear later, and a follower
 * that had seen B's would be past it. On SQLite the second
 * writer waits for the first, so there is nothing to test.
 */
struct racing {
    struct test_store *store;
    struct db *db;
    pthread_barrier_t *middle, *other_done;
};

static struct err tell_slowly(struct work *work, void *context)
{
    struct racing *racing = context;
    TRY(store_work_news(work, "test.slow", S("a"), S("")));
    TRY(store_fact_put(work->db, S("slow"), S("1")));
    pthread_barrier_wait(racing->middle);
    pthread_barrier_wait(racing->other_done);
    return OK;
}

static void *write_slowly(void *context)
{
    struct racing *racing = context;
    struct arena *arena = arena_open("slow writer", ARENA_WORK, 1u << 20);
    struct err err = store_work(racing->db, &racing->store->actor, arena, tell_slowly, racing);
    arena_close(arena);
    return err.kind == ERR_NONE ? NULL : racing;
}

static void no_follower_skips_a_writer_that_commits_late(void **state)
{
    struct test_store *store = ready(state);
    struct noting noting = {0};
    struct follower follower = follower_of(&noting);
    pthread_barrier_t middle, other_done;
    pthread_barrier_init(&middle, NULL, 2);
    pthread_barrier_init(&other_done, NULL, 2);
    struct racing racing = {store, test_store_open(store), &middle, &other_done};
    pthread_t thread;
    void *failed;
    assert_int_equal(pthread_create(&thread, NULL, write_slowly, &racing), 0);
    pthread_barrier_wait(&middle);
    test_ok(test_work(store, tell, EVEN)); /* begins later, is done earlier */
    assert_int_equal(once(store, &follower), 1);
    pthread_barrier_wait(&other_done);
    pthread_join(thread, &failed);
    assert_null(failed);
    assert_int_equal(once(store, &follower), 1);
    saw(store, "1 2 ");
    struct journal_row *rows;
    size_t count;
    test_ok(store_journal_list(store->db, 0, 10, store->arena, &rows, &count));
    assert_true(slice_eq(rows[0].act, S("test.even")) && slice_eq(rows[1].act, S("test.slow")));
    db_close(racing.db);
    pthread_barrier_destroy(&middle);
    pthread_barrier_destroy(&other_done);
}

/* Both writers hold their numbers already; the earlier one commits last. */
static struct err hold_number(struct db *db, void *context)
{
    struct racing *racing = context;
    static const char ADD[] = "INSERT INTO journal (seq, time_us, organisation, actor, act, subject, detail) "
                              "VALUES ($1, 0, 0, 'local', 'test.held', '', '')";
    int64_t seq;
    TRY(store_number(db, "journal", 1, &seq));
    pthread_barrier_wait(racing->middle);
    usleep(200000); /* the other one is at the counter by now, and waits */
    return db_run(db, ADD, (struct db_value[]){db_i64(seq)}, 1, NULL);
}

static void *write_held(void *context)
{
    struct racing *racing = context;
    return db_work(racing->db, hold_number, racing).kind == ERR_NONE ? NULL : racing;
}

static void who_holds_an_earlier_number_commits_first(void **state)
{
    struct test_store *store = ready(state);
    struct noting noting = {0};
    struct follower follower = follower_of(&noting);
    pthread_barrier_t middle;
    pthread_barrier_init(&middle, NULL, 2);
    struct racing racing = {store, test_store_open(store), &middle, NULL};
    pthread_t thread;
    void *failed;
    assert_int_equal(pthread_create(&thread, NULL, write_held, &racing), 0);
    pthread_barrier_wait(&middle);
    test_ok(test_work(store, tell, EVEN));
    /* When ours is to be seen, so is the one before it. */
    assert_int_equal(once(store, &follower), 2);
    saw(store, "1 2 ");
    pthread_join(thread, &failed);
    assert_null(failed);
    db_close(racing.db);
    pthread_barrier_destroy(&middle);
}

/* ---- Waking ---- */

struct running {
    struct test_store *store;
    struct db *db;
    struct follower follower;
    atomic_bool stop;
};

static void *follow(void *context)
{
    struct running *running = context;
    store_follower_run(running->db, &running->follower, &running->stop, NULL);
    return NULL;
}

static struct err count_row(void *context, struct work *work, const struct journal_row *row)
{
    (void)work;
    (void)row;
    atomic_fetch_add((atomic_int *)context, 1);
    return OK;
}

static void a_running_follower_is_woken(void **state)
{
    struct test_store *store = ready(state);
    atomic_int rows = 0;
    struct running running = {
            .store = store, .db = test_store_open(store), .follower = {"run", &rows, count_row, NULL}};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, follow, &running), 0);
    tell_some(store, 2);
    for (int i = 0; i < 1000 && rows < 2; i++)
        usleep(10000);
    tell_some(store, 1);
    for (int i = 0; i < 1000 && rows < 3; i++)
        usleep(10000);
    assert_int_equal(rows, 3);
    atomic_store(&running.stop, true);
    pthread_join(thread, NULL);
    db_close(running.db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(news_and_change_are_kept_together, set_up, tear_down),
            TEST_ON_BOTH(news_have_ceilings, set_up, tear_down),
            TEST_ON_BOTH(a_follower_sees_each_row_once, set_up, tear_down),
            TEST_ON_BOTH(acts_that_are_not_wanted_are_passed_over, set_up, tear_down),
            TEST_ON_BOTH(a_follower_does_not_see_its_own_rows, set_up, tear_down),
            TEST_ON_BOTH(a_row_that_fails_is_parked_and_blocks_nothing, set_up, tear_down),
            TEST_ON_BOTH(a_parked_row_can_be_dismissed, set_up, tear_down),
            TEST_ON_BOTH(two_processes_share_a_follower_without_doing_a_row_twice, set_up, tear_down),
            TEST_ON(DB_POSTGRES, "no_follower_skips_a_writer_that_commits_late on PostgreSQL",
                    no_follower_skips_a_writer_that_commits_late, set_up, tear_down),
            TEST_ON_BOTH(who_holds_an_earlier_number_commits_first, set_up, tear_down),
            TEST_ON_BOTH(a_running_follower_is_woken, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
