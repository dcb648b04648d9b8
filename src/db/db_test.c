/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "db/driver.h"
#include "db/test_databases.h"

/* A database with two tables' worth of schema, on either engine. */
struct fixture {
    struct test_database *base;
    struct arena *arena;
    struct db *db;
};

static const struct db_migration FRUIT[] = {
        {"0001-fruit",
                "CREATE TABLE fruit (number @I64@ PRIMARY KEY, name TEXT NOT NULL UNIQUE, seed @BLOB@) @STRICT@;\n"},
        {"0002-colour", "ALTER TABLE fruit ADD COLUMN colour TEXT;\n"
                        "-- sqlite:\nCREATE INDEX fruit_sqlite ON fruit (colour);\n"
                        "-- postgres:\nCREATE INDEX fruit_postgres ON fruit (colour);\n"
                        "-- both:\nCREATE INDEX fruit_seed ON fruit (seed);\n"},
};
static const char ADD[] = "INSERT INTO fruit (name, number, seed) VALUES ($2, $1, $3)";
static const char COUNT[] = "SELECT count(*) FROM fruit";

static int set_up(void **state)
{
    int status = test_database_make(state);
    struct test_database *base = *state;
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->base = base;
    fixture->arena = base->arena;
    *state = fixture;
    if (status != 0 || base->where == NULL)
        return status;
    fixture->db = test_database_open(base);
    assert_int_equal(db_migrate(fixture->db, FRUIT, 2, fixture->arena).kind, ERR_NONE);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    void *base = fixture->base;
    db_close(fixture->db);
    free(fixture);
    return test_database_drop(&base);
}

/* What every test begins with. */
static struct fixture *ready(void **state)
{
    struct fixture *fixture = *state;
    test_database_need(fixture->base);
    return fixture;
}

static struct err add(struct db *db, int64_t number, const char *name)
{
    const struct db_value row[] = {db_i64(number), db_text(slice_of(name)), db_bytes((slice){"\0\xff", 2})};
    return db_run(db, ADD, row, COUNT_OF(row), NULL);
}

static int64_t count(struct db *db)
{
    int64_t number = -1;
    assert_int_equal(db_one(db, COUNT, NULL, 0, -1, &number).kind, ERR_NONE);
    return number;
}

static void rows_come_back_as_they_were_given(void **state)
{
    static const char GET[] = "SELECT seed, name, number, colour FROM fruit WHERE name = $1";
    struct fixture *fixture = ready(state);
    struct db_rows *rows;
    assert_int_equal(add(fixture->db, 7, "salak").kind, ERR_NONE);
    assert_int_equal(db_query(fixture->db, GET, (struct db_value[]){db_text(S("salak"))}, 1, &rows).kind, ERR_NONE);
    assert_true(db_next(rows));
    assert_true(slice_eq(db_slice(rows, 0), (slice){"\0\xff", 2}));
    assert_true(slice_eq(db_slice(rows, 1), S("salak")));
    assert_int_equal(db_number(rows, 2), 7);
    assert_true(db_is_null(rows, 3));
    assert_false(db_next(rows));
    assert_int_equal(db_done(rows).kind, ERR_NONE);
}

static void a_key_that_is_taken_is_a_conflict(void **state)
{
    struct fixture *fixture = ready(state);
    assert_int_equal(add(fixture->db, 1, "duku").kind, ERR_NONE);
    struct err err = add(fixture->db, 2, "duku");
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.why, "fruit"));
    assert_int_equal(count(fixture->db), 1);
}

static struct err add_two(struct db *db, void *context)
{
    TRY(add(db, 1, "manggis"));
    return add(db, 2, context);
}

static void work_is_done_whole_or_not_at_all(void **state)
{
    struct fixture *fixture = ready(state);
    assert_int_equal(db_work(fixture->db, add_two, (void *)(uintptr_t) "manggis").kind, ERR_CONFLICT);
    assert_int_equal(count(fixture->db), 0);
    assert_int_equal(db_work(fixture->db, add_two, (void *)(uintptr_t) "nangka").kind, ERR_NONE);
    assert_int_equal(count(fixture->db), 2);
}

static void many_rows_tell_which_changed(void **state)
{
    static const char MAYBE[] = "INSERT INTO fruit (number, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    struct fixture *fixture = ready(state);
    const struct db_value values[] = {
            db_i64(1), db_text(S("a")), db_i64(2), db_text(S("a")), db_i64(3), db_text(S("b"))};
    uint64_t changed[3] = {9, 9, 9};
    assert_int_equal(db_run_many(fixture->db, MAYBE, values, 2, 3, changed).kind, ERR_NONE);
    assert_int_equal(changed[0], 1);
    assert_int_equal(changed[1], 0);
    assert_int_equal(changed[2], 1);
}

static void a_newer_database_is_refused(void **state)
{
    struct fixture *fixture = ready(state);
    struct err err = db_migrate(fixture->db, FRUIT, 1, fixture->arena);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.why, "newer"));
    const struct db_migration other[] = {FRUIT[0], {"0002-colour", "SELECT 1;"}};
    assert_int_equal(db_migrate(fixture->db, other, 2, fixture->arena).kind, ERR_CONFLICT);
    assert_int_equal(db_migrate(fixture->db, FRUIT, 2, fixture->arena).kind, ERR_NONE);
}

static void a_migration_that_fails_leaves_nothing(void **state)
{
    struct fixture *fixture = ready(state);
    const struct db_migration more[] = {
            FRUIT[0], FRUIT[1], {"0003-a", "CREATE TABLE a (b TEXT);"}, {"0004-c", "CREATE NONSENSE;"}};
    assert_int_not_equal(db_migrate(fixture->db, more, 4, fixture->arena).kind, ERR_NONE);
    assert_int_equal(db_migrate(fixture->db, more, 3, fixture->arena).kind, ERR_NONE);
}

static void a_database_that_is_not_there_is_named(void **state)
{
    const struct fixture *fixture = ready(state);
    struct db *db = NULL;
    bool is_file = fixture->base->engine == DB_SQLITE;
    const char *where = is_file ? arena_printf(fixture->arena, "%s/none.db", fixture->base->folder)
                                : "postgresql://kentongan:secret@/none.db?host=/nowhere.example";
    struct err err = db_open(&(struct db_options){.where = where}, fixture->arena, &db);
    assert_int_equal(err.kind, is_file ? ERR_MISSING : ERR_REMOTE);
    assert_non_null(strstr(err.why, "none.db"));
    assert_null(strstr(err.why, "secret"));
    assert_null(db);
}

static void two_connections_see_what_was_committed(void **state)
{
    struct fixture *fixture = ready(state);
    struct db *other = test_database_open(fixture->base);
    assert_int_equal(db_work(fixture->db, add_two, (void *)(uintptr_t) "pala").kind, ERR_NONE);
    assert_int_equal(count(other), 2);
    db_close(other);
}

static struct err miss_a_failure(struct db *db, void *context)
{
    (void)context;
    (void)add(db, 1, "langsat").kind;
    (void)add(db, 2, "langsat").kind; /* a conflict that nobody looks at */
    return OK;
}

static void a_failure_spoils_all_whoever_overlooks_it(void **state)
{
    struct fixture *fixture = ready(state);
    struct err err = db_work(fixture->db, miss_a_failure, NULL);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.why, "fruit"));
    assert_int_equal(count(fixture->db), 0);
    assert_int_equal(add(fixture->db, 1, "langsat").kind, ERR_NONE);
}

static void text_with_a_nul_is_refused(void **state)
{
    struct fixture *fixture = ready(state);
    const struct db_value row[] = {db_i64(1), db_text((slice){"a\0b", 3}), db_null()};
    assert_int_equal(db_run(fixture->db, ADD, row, COUNT_OF(row), NULL).kind, ERR_INPUT);
    assert_int_equal(count(fixture->db), 0);
}

static struct err count_twice(struct db *db, void *context)
{
    struct db *other = context;
    assert_int_equal(count(db), 0);
    assert_int_equal(add(other, 1, "kemang").kind, ERR_NONE);
    assert_int_equal(count(db), 0);
    return OK;
}

static void a_look_sees_one_moment(void **state)
{
    struct fixture *fixture = ready(state);
    struct db *other = test_database_open(fixture->base);
    assert_int_equal(db_look(fixture->db, count_twice, other).kind, ERR_NONE);
    assert_int_equal(count(fixture->db), 1);
    db_close(other);
}

static struct err add_and_tell(struct db *db, void *context)
{
    TRY(add(db, 5, context));
    return db_notify(db, "fruit");
}

static void who_waits_is_woken(void **state)
{
    struct fixture *fixture = ready(state);
    struct db *other = test_database_open(fixture->base);
    bool news = false;
    assert_int_equal(db_wait(other, "fruit", 0, &news).kind, ERR_NONE);
    assert_true(news); /* the first time: there may be */
    assert_int_equal(db_wait(other, "fruit", 1, &news).kind, ERR_NONE);
    assert_false(news);
    assert_int_equal(db_work(fixture->db, add_and_tell, (void *)(uintptr_t) "gandaria").kind, ERR_NONE);
    assert_int_equal(db_wait(other, "fruit", 60000, &news).kind, ERR_NONE);
    assert_true(news);
    db_close(other);
}

#define WAITING 4

struct waiting {
    struct db *db;
    pthread_t thread;
    bool news;
};

static void *wait_main(void *context)
{
    struct waiting *waiting = context;
    if (db_wait(waiting->db, "fruit", 60000, &waiting->news).kind != ERR_NONE)
        waiting->news = false;
    return NULL;
}

/* When told to, in a process of its own. */
static pid_t writer_start(struct fixture *fixture, const int *go)
{
    pid_t pid = fork();
    char byte;
    if (pid != 0)
        return pid;
    bool done = read(go[0], &byte, 1) == 1;
    done = done &&
           db_work(test_database_open(fixture->base), add_and_tell, (void *)(uintptr_t) "duku").kind == ERR_NONE;
    _exit(done ? 0 : 1);
}

/* Each of them, whoever of them it is that looks for all. */
static void all_who_wait_hear_of_another_program(void **state)
{
    struct fixture *fixture = ready(state);
    struct waiting waiting[WAITING];
    int go[2], status = -1;
    assert_int_equal(pipe(go), 0);
    pid_t writer = writer_start(fixture, go);
    for (size_t i = 0; i < WAITING; i++) {
        waiting[i] = (struct waiting){.db = test_database_open(fixture->base)};
        assert_int_equal(db_wait(waiting[i].db, "fruit", 0, &waiting[i].news).kind, ERR_NONE);
        waiting[i].news = false;
        pthread_create(&waiting[i].thread, NULL, wait_main, &waiting[i]);
    }
    assert_int_equal(write(go[1], "g", 1), 1);
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(status, 0);
    for (size_t i = 0; i < WAITING; i++) {
        pthread_join(waiting[i].thread, NULL);
        assert_true(waiting[i].news);
        db_close(waiting[i].db);
    }
    close(go[0]);
    close(go[1]);
}

static void a_sound_database_is_told_so(void **state)
{
    struct fixture *fixture = ready(state);
    const char *looked_at = NULL;
    assert_int_equal(add(fixture->db, 1, "kecapi").kind, ERR_NONE);
    assert_int_equal(db_check(fixture->db, true, fixture->arena, &looked_at).kind, ERR_NONE);
    assert_non_null(strstr(looked_at, "every"));
}

static void file_spoil(const char *path, long first)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    for (long page = first; page < 8; page++) { /* the heads of pages */
        assert_int_equal(fseek(file, page * 4096, SEEK_SET), 0);
        fputs("this is no page", file);
    }
    fclose(file);
}

/* Long values lie in pieces in a file of their own; a crash makes the server forget what it had read of it. */
static void server_damage(struct fixture *fixture)
{
    static const char FILES[] =
            "SELECT current_setting('data_directory') || '/' || pg_relation_filepath(reltoastrelid), "
            "pg_backend_pid() FROM pg_class WHERE relname = 'peel'";
    struct db_rows *rows;
    assert_int_equal(fixture->db->driver->script(fixture->db, "CHECKPOINT").kind, ERR_NONE);
    assert_int_equal(db_query(fixture->db, FILES, NULL, 0, &rows).kind, ERR_NONE);
    assert_true(db_next(rows));
    file_spoil(arena_cstr(fixture->arena, db_slice(rows, 0)), 0);
    pid_t pid = (pid_t)db_number(rows, 1);
    assert_int_equal(db_done(rows).kind, ERR_NONE);
    assert_int_equal(kill(pid, SIGKILL), 0);
}

static void damage(struct fixture *fixture)
{
    if (fixture->base->engine == DB_POSTGRES) {
        server_damage(fixture);
        return;
    }
    db_close(fixture->db); /* all is in the file then */
    file_spoil(fixture->base->where, 1);
    fixture->db = test_database_open(fixture->base);
}

static void damage_is_found(void **state)
{
    static const char LONG[] = "INSERT INTO peel (words) VALUES ($1)";
    struct fixture *fixture = ready(state);
    const char *looked_at = NULL;
    struct buf words = buf_make(200000);
    char bytes[50000];
    hash_random(bytes, sizeof bytes); /* nothing that could be packed into one page */
    buf_hex(&words, (slice){bytes, sizeof bytes});
    assert_int_equal(fixture->db->driver->script(fixture->db, "CREATE TABLE peel (words TEXT)").kind, ERR_NONE);
    struct err err = db_run(fixture->db, LONG, (struct db_value[]){db_text(buf_slice(&words))}, 1, NULL);
    buf_free(&words);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    assert_int_equal(db_check(fixture->db, false, fixture->arena, &looked_at).kind, ERR_NONE);
    damage(fixture);
    err = db_check(fixture->db, false, fixture->arena, &looked_at);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_non_null(strstr(err.why, "restore a backup"));
}

static void a_reference_to_nothing_is_found(void **state)
{
    static const char TABLE[] =
            "CREATE TABLE leaf (number INTEGER PRIMARY KEY, fruit INTEGER REFERENCES fruit (number));"
            "PRAGMA foreign_keys=OFF; INSERT INTO leaf VALUES (1, 77); PRAGMA foreign_keys=ON";
    struct fixture *fixture = ready(state);
    const char *looked_at = NULL;
    assert_int_equal(fixture->db->driver->script(fixture->db, TABLE).kind, ERR_NONE);
    struct err err = db_check(fixture->db, false, fixture->arena, &looked_at);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_non_null(strstr(err.why, "leaf"));
}

static void what_plans_go_by_is_counted_anew(void **state)
{
    static const char RED[] = "SELECT count(*) FROM fruit WHERE colour = 'red'"; /* SQLite counts what was asked for */
    static const char SQLITE[] = "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'";
    static const char POSTGRES[] = "SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE relname = 'fruit'";
    struct fixture *fixture = ready(state);
    const char *sql = db_engine(fixture->db) == DB_SQLITE ? SQLITE : POSTGRES;
    struct db_value *values = arena_new(fixture->arena, struct db_value, 3000);
    int64_t count;
    for (int i = 0; i < 1000; i++) {
        values[3 * i] = db_i64(i);
        values[3 * i + 1] = db_text(slice_of(arena_printf(fixture->arena, "fruit %d", i)));
        values[3 * i + 2] = db_null();
    }
    assert_int_equal(db_run_many(fixture->db, ADD, values, 3, 1000, NULL).kind, ERR_NONE);
    assert_int_equal(db_one(fixture->db, RED, NULL, 0, -1, &count).kind, ERR_NONE);
    assert_int_equal(db_one(fixture->db, sql, NULL, 0, -1, &count).kind, ERR_NONE);
    assert_true(count <= 0);
    assert_int_equal(db_settle(fixture->db).kind, ERR_NONE);
    assert_int_equal(db_one(fixture->db, sql, NULL, 0, -1, &count).kind, ERR_NONE);
    assert_int_equal(count, db_engine(fixture->db) == DB_SQLITE ? 1 : 1000);
}

/* More than one pipeline's worth, one of them wrong: all or nothing, and the first failure is told. */
static void a_thousand_rows_are_one(void **state)
{
    static const char PUT[] = "INSERT INTO fruit (number, name) VALUES ($1, $2)";
    struct fixture *fixture = ready(state);
    struct db_value *values = arena_new(fixture->arena, struct db_value, 2000);
    for (int i = 0; i < 1000; i++) {
        values[2 * i] = db_i64(i);
        values[2 * i + 1] = db_text(slice_of(arena_printf(fixture->arena, "fruit %d", i % 700)));
    }
    assert_int_equal(db_run_many(fixture->db, PUT, values, 2, 1000, NULL).kind, ERR_CONFLICT);
    assert_int_equal(count(fixture->db), 0);
    assert_int_equal(db_run_many(fixture->db, PUT, values, 2, 700, NULL).kind, ERR_NONE);
    assert_int_equal(count(fixture->db), 700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(rows_come_back_as_they_were_given, set_up, tear_down),
            TEST_ON_BOTH(a_key_that_is_taken_is_a_conflict, set_up, tear_down),
            TEST_ON_BOTH(work_is_done_whole_or_not_at_all, set_up, tear_down),
            TEST_ON_BOTH(many_rows_tell_which_changed, set_up, tear_down),
            TEST_ON_BOTH(a_newer_database_is_refused, set_up, tear_down),
            TEST_ON_BOTH(a_migration_that_fails_leaves_nothing, set_up, tear_down),
            TEST_ON_BOTH(a_database_that_is_not_there_is_named, set_up, tear_down),
            TEST_ON_BOTH(two_connections_see_what_was_committed, set_up, tear_down),
            TEST_ON_BOTH(a_failure_spoils_all_whoever_overlooks_it, set_up, tear_down),
            TEST_ON_BOTH(text_with_a_nul_is_refused, set_up, tear_down),
            TEST_ON_BOTH(a_look_sees_one_moment, set_up, tear_down),
            TEST_ON_BOTH(who_waits_is_woken, set_up, tear_down),
            TEST_ON_BOTH(all_who_wait_hear_of_another_program, set_up, tear_down),
            TEST_ON_BOTH(a_sound_database_is_told_so, set_up, tear_down),
            TEST_ON_BOTH(damage_is_found, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_reference_to_nothing_is_found", a_reference_to_nothing_is_found, set_up, tear_down),
            TEST_ON_BOTH(a_thousand_rows_are_one, set_up, tear_down),
            TEST_ON_BOTH(what_plans_go_by_is_counted_anew, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
