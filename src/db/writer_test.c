/* SPDX-License-Identifier: Apache-2.0 */
#include "db/writer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "db/test_databases.h"

#define THREADS 16
#define EACH 40

static const struct db_migration SCHEMA[] = {
        {"0001-leaf", "CREATE TABLE leaf (number @I64@ PRIMARY KEY, thread @I64@ NOT NULL) @STRICT@;"}};
static const char ADD[] = "INSERT INTO leaf (number, thread) VALUES ($1, $2)";
static const char COUNT[] = "SELECT count(*) FROM leaf";

struct fixture {
    struct test_database *base;
    struct db *db;
    struct db_writer *writer;
    pthread_mutex_t held; /* what the first action waits for */
    atomic_bool begun;    /* that it does */
};

static int set_up(void **state)
{
    int status = test_database_make(state);
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->base = *state;
    *state = fixture;
    pthread_mutex_init(&fixture->held, NULL);
    if (status != 0 || fixture->base->where == NULL)
        return status;
    fixture->db = test_database_open(fixture->base);
    assert_int_equal(db_migrate(fixture->db, SCHEMA, 1, fixture->base->arena).kind, ERR_NONE);
    struct db_options options = {.where = fixture->base->where};
    assert_int_equal(db_writer_open(&options, fixture->base->arena, &fixture->writer).kind, ERR_NONE);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    void *base = fixture->base;
    db_writer_close(fixture->writer);
    db_close(fixture->db);
    pthread_mutex_destroy(&fixture->held);
    free(fixture);
    return test_database_drop(&base);
}

static struct fixture *ready(void **state)
{
    struct fixture *fixture = *state;
    test_database_need(fixture->base);
    return fixture;
}

static int64_t count(struct db *db)
{
    int64_t number = -1;
    assert_int_equal(db_one(db, COUNT, NULL, 0, -1, &number).kind, ERR_NONE);
    return number;
}

struct leaf {
    int64_t number, thread;
};

static struct err leaf_add(struct db *db, void *context)
{
    const struct leaf *leaf = context;
    return db_run(db, ADD, (struct db_value[]){db_i64(leaf->number), db_i64(leaf->thread)}, 2, NULL);
}

struct worker {
    struct fixture *fixture;
    pthread_t thread;
    int64_t number;
    int kept, refused;
};

/* Every number is wanted by two threads: one gets it, the other is told. */
static void *worker_many(void *context)
{
    struct worker *worker = context;
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    for (int i = 0; i < EACH; i++) {
        struct leaf leaf = {worker->number / 2 * EACH + i, worker->number};
        struct err err = db_writer_work(worker->fixture->writer, leaf_add, &leaf, arena);
        worker->kept += err.kind == ERR_NONE;
        worker->refused += err.kind == ERR_CONFLICT && strstr(err.why, "leaf") != NULL;
    }
    arena_close(arena);
    return NULL;
}

static void each_is_told_its_own_result(void **state)
{
    static const char MINE[] = "SELECT count(*) FROM leaf WHERE thread = $1";
    struct fixture *fixture = ready(state);
    struct worker workers[THREADS] = {0};
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.fixture = fixture, .number = i};
        pthread_create(&workers[i].thread, NULL, worker_many, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        int64_t mine = -1;
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].kept + workers[i].refused, EACH);
        assert_int_equal(db_one(fixture->db, MINE, (struct db_value[]){db_i64(i)}, 1, -1, &mine).kind, ERR_NONE);
        assert_int_equal(mine, workers[i].kept);
    }
    assert_int_equal(count(fixture->db), THREADS / 2 * EACH);
}

static struct err hold(struct db *db, void *context)
{
    (void)db;
    struct fixture *fixture = context;
    atomic_store(&fixture->begun, true);
    pthread_mutex_lock(&fixture->held);
    pthread_mutex_unlock(&fixture->held);
    return OK;
}

static void *worker_hold(void *context)
{
    struct worker *worker = context;
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    worker->kept += db_writer_work(worker->fixture->writer, hold, worker->fixture, arena).kind == ERR_NONE;
    arena_close(arena);
    return NULL;
}

static void *worker_one(void *context)
{
    struct worker *worker = context;
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    struct leaf leaf = {worker->number, worker->number};
    struct err err = db_writer_work(worker->fixture->writer, leaf_add, &leaf, arena);
    worker->kept += err.kind == ERR_NONE;
    worker->refused += err.kind == ERR_CONFLICT;
    arena_close(arena);
    return NULL;
}

/* While the first is under way, the others queue: two commits for all. */
static void those_who_wait_share_one_commit(void **state)
{
    struct fixture *fixture = ready(state);
    struct worker workers[THREADS + 1] = {0};
    pthread_mutex_lock(&fixture->held);
    for (int i = 0; i <= THREADS; i++) {
        /* The last wants the number of the one before. */
        workers[i] = (struct worker){.fixture = fixture, .number = i < THREADS ? i : i - 1};
        pthread_create(&workers[i].thread, NULL, i == 0 ? worker_hold : worker_one, &workers[i]);
        while (!atomic_load(&fixture->begun) || db_writer_waiting(fixture->writer) != (size_t)i)
            usleep(100);
    }
    pthread_mutex_unlock(&fixture->held);
    int kept = 0, refused = 0;
    for (int i = 0; i <= THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        kept += workers[i].kept;
        refused += workers[i].refused;
    }
    assert_int_equal(kept, THREADS);
    assert_int_equal(refused, 1);
    assert_int_equal(count(fixture->db), THREADS - 1);
    assert_int_equal(db_writer_commits(fixture->writer), 2);
}

static struct err fail_after_adding(struct db *db, void *context)
{
    TRY(leaf_add(db, context));
    return err_make(ERR_DENIED, "not this one");
}

static void an_action_that_fails_leaves_nothing(void **state)
{
    struct fixture *fixture = ready(state);
    struct leaf leaf = {1, 1};
    struct err err = db_writer_work(fixture->writer, fail_after_adding, &leaf, fixture->base->arena);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err.why, "not this one");
    assert_int_equal(count(fixture->db), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(each_is_told_its_own_result, set_up, tear_down),
            TEST_ON_BOTH(those_who_wait_share_one_commit, set_up, tear_down),
            TEST_ON_BOTH(an_action_that_fails_leaves_nothing, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
