/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/test_databases.h"

/* Rows point at rows of their own table and of one whose name comes later: no order of tables would do. */
static const struct db_migration SCHEMA[] = {
        {"0001-river", "CREATE TABLE zone (number @I64@ PRIMARY KEY, name TEXT NOT NULL) @STRICT@;\n"
                       "INSERT INTO zone (number, name) VALUES (1, 'made by the migration');\n"
                       "CREATE TABLE river (number @I64@ PRIMARY KEY, into_river @I64@ REFERENCES river (number), "
                       "zone @I64@ NOT NULL REFERENCES zone (number), water @BLOB@) @STRICT@;"},
        {"0002-length", "ALTER TABLE river ADD COLUMN length @I64@ NOT NULL DEFAULT 7;"},
};
static const char RIVERS[] = "SELECT count(*) FROM river", ZONES[] = "SELECT count(*) FROM zone",
                  WATER[] = "SELECT count(*) FROM river WHERE water = $1 AND length = 7",
                  ADD_ZONE[] = "INSERT INTO zone (number, name) VALUES ($1, $2)",
                  ADD_RIVER[] = "INSERT INTO river (number, into_river, zone, water) VALUES ($1, $2, $1, $3)";

struct fixture {
    struct test_database *base;
    struct db *db;
    const char *backup;
    atomic_bool stop;
    int64_t last; /* number that was put */
};

static int set_up(void **state)
{
    int status = test_database_make(state);
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->base = *state;
    *state = fixture;
    if (status != 0 || fixture->base->where == NULL)
        return status;
    fixture->db = test_database_open(fixture->base);
    fixture->backup = arena_printf(fixture->base->arena, "%s/backup", fixture->base->folder);
    assert_int_equal(db_migrate(fixture->db, SCHEMA, 2, fixture->base->arena).kind, ERR_NONE);
    fixture->last = 1;
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

static struct fixture *ready(void **state)
{
    struct fixture *fixture = *state;
    test_database_need(fixture->base);
    return fixture;
}

static int64_t ask(struct db *db, const char *sql, const struct db_value *value)
{
    int64_t number = -1;
    assert_int_equal(db_one(db, sql, value, value == NULL ? 0 : 1, -1, &number).kind, ERR_NONE);
    return number;
}

/* A zone and a river in it: at every moment as many rivers as zones, but one. */
static struct err put(struct db *db, void *context)
{
    int64_t number = *(int64_t *)context;
    const struct db_value zone[] = {db_i64(number), db_text(S("a zone"))};
    const struct db_value river[] = {
            db_i64(number), number == 2 ? db_null() : db_i64(number - 1), db_bytes((slice){"\0\1\xff", 3})};
    TRY(db_run(db, ADD_ZONE, zone, 2, NULL));
    return db_run(db, ADD_RIVER, river, 3, NULL);
}

static void put_next(struct fixture *fixture, struct db *db)
{
    int64_t number = fixture->last + 1;
    struct err err = db_work(db, put, &number);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    fixture->last = number;
}

static struct err backup(struct fixture *fixture)
{
    return db_backup(fixture->db, fixture->backup, NULL, NULL, fixture->base->arena);
}

static struct err restore(struct fixture *fixture, const struct test_database *into, size_t migrations)
{
    return db_restore(fixture->backup, into->where, SCHEMA, migrations, NULL, NULL, fixture->base->arena);
}

static struct test_database *another(const struct fixture *fixture)
{
    void *state = (void *)(uintptr_t)&test_engines[fixture->base->engine];
    assert_int_equal(test_database_make(&state), 0);
    return state;
}

static void drop(struct test_database *base)
{
    void *state = base;
    assert_int_equal(test_database_drop(&state), 0);
}

static void count_calls(void *context, uint64_t done, uint64_t total)
{
    int *calls = context;
    (void)total;
    *calls += done > 0;
}

static void a_backup_comes_back_as_it_was(void **state)
{
    struct fixture *fixture = ready(state);
    const struct db_value water = db_bytes((slice){"\0\1\xff", 3});
    int calls = 0;
    struct stat status;
    for (int i = 0; i < 50; i++)
        put_next(fixture, fixture->db);
    struct err err = db_backup(fixture->db, fixture->backup, count_calls, &calls, fixture->base->arena);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    assert_true(calls > 0);
    assert_int_equal(stat(fixture->backup, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);

    struct test_database *into = another(fixture);
    err = restore(fixture, into, 2);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    struct db *db = test_database_open(into);
    assert_int_equal(db_migrate(db, SCHEMA, 2, into->arena).kind, ERR_NONE);
    assert_int_equal(ask(db, ZONES, NULL), 51);
    assert_int_equal(ask(db, WATER, &water), 50);
    /* References hold again. */
    const struct db_value nowhere[] = {db_i64(900), db_i64(899), db_null()};
    assert_int_equal(db_run(db, ADD_RIVER, nowhere, 3, NULL).kind, ERR_CONFLICT);
    put_next(fixture, db);
    db_close(db);
    drop(into);
}

static void *write_on(void *context)
{
    struct fixture *fixture = context;
    struct db *db = test_database_open(fixture->base);
    while (!atomic_load(&fixture->stop))
        put_next(fixture, db);
    db_close(db);
    return NULL;
}

static void a_backup_under_load_is_of_one_moment(void **state)
{
    struct fixture *fixture = ready(state);
    pthread_t thread;
    for (int i = 0; i < 100; i++)
        put_next(fixture, fixture->db);
    pthread_create(&thread, NULL, write_on, fixture);
    for (int i = 0; i < 3; i++) {
        struct test_database *into = another(fixture);
        assert_int_equal(backup(fixture).kind, ERR_NONE);
        assert_int_equal(restore(fixture, into, 2).kind, ERR_NONE);
        struct db *db = test_database_open(into);
        assert_true(ask(db, RIVERS, NULL) >= 100);
        assert_int_equal(ask(db, RIVERS, NULL) + 1, ask(db, ZONES, NULL));
        db_close(db);
        drop(into);
        unlink(fixture->backup);
    }
    atomic_store(&fixture->stop, true);
    pthread_join(thread, NULL);
}

static int files_in(const char *path)
{
    DIR *folder = opendir(path);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.' && strstr(entry->d_name, "node.db") == NULL;
    closedir(folder);
    return count;
}

static void nothing_is_overwritten(void **state)
{
    struct fixture *fixture = ready(state);
    assert_int_equal(backup(fixture).kind, ERR_NONE);
    struct err err = backup(fixture);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.why, "backup"));
    err = restore(fixture, fixture->base, 2);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(files_in(fixture->base->folder), 1);
    assert_int_equal(ask(fixture->db, ZONES, NULL), 1);
}

static void a_newer_backup_is_refused(void **state)
{
    struct fixture *fixture = ready(state);
    struct test_database *into = another(fixture);
    assert_int_equal(backup(fixture).kind, ERR_NONE);
    struct err err = restore(fixture, into, 1);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.why, "newer"));
    assert_int_equal(restore(fixture, into, 2).kind, ERR_NONE); /* nothing was left behind */
    drop(into);
}

static void an_older_backup_is_brought_up(void **state)
{
    struct fixture *fixture = ready(state);
    static const struct db_migration NEXT[] = {
            {"0003-depth", "ALTER TABLE river ADD COLUMN depth @I64@ NOT NULL DEFAULT 3;"}};
    const struct db_migration all[] = {SCHEMA[0], SCHEMA[1], NEXT[0]};
    static const char DEEP[] = "SELECT count(*) FROM river WHERE depth = 3";
    struct test_database *into = another(fixture);
    put_next(fixture, fixture->db);
    assert_int_equal(backup(fixture).kind, ERR_NONE);
    struct err err = db_restore(fixture->backup, into->where, all, 3, NULL, NULL, into->arena);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    struct db *db = test_database_open(into);
    assert_int_equal(ask(db, DEEP, NULL), 1);
    db_close(db);
    drop(into);
}

static void file_cut(const char *path, long bytes)
{
    assert_int_equal(truncate(path, bytes), 0);
}

static void byte_flip(const char *path, long at)
{
    FILE *file = fopen(path, "r+b");
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    fputc(byte ^ 4, file);
    fclose(file);
}

static void a_damaged_backup_is_refused(void **state)
{
    struct fixture *fixture = ready(state);
    struct test_database *into = another(fixture);
    struct stat status;
    put_next(fixture, fixture->db);
    assert_int_equal(backup(fixture).kind, ERR_NONE);
    assert_int_equal(stat(fixture->backup, &status), 0);
    for (long at = 0; at < status.st_size; at += 1 + status.st_size / 200) {
        byte_flip(fixture->backup, at);
        struct err err = restore(fixture, into, 2);
        if (err.kind != ERR_INPUT)
            fail_msg("byte %ld: %s", at, err.why == NULL ? "taken" : err.why);
        byte_flip(fixture->backup, at);
    }
    for (long at = status.st_size - 1; at > 0; at = at * 3 / 4) {
        file_cut(fixture->backup, at);
        assert_int_equal(restore(fixture, into, 2).kind, ERR_INPUT);
    }
    assert_int_equal(files_in(into->folder), 0);
    assert_int_equal(unlink(fixture->backup), 0);
    assert_int_equal(restore(fixture, into, 2).kind, ERR_MISSING);
    assert_int_equal(backup(fixture).kind, ERR_NONE);
    assert_int_equal(restore(fixture, into, 2).kind, ERR_NONE);
    drop(into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_backup_comes_back_as_it_was, set_up, tear_down),
            TEST_ON_BOTH(a_backup_under_load_is_of_one_moment, set_up, tear_down),
            TEST_ON_BOTH(nothing_is_overwritten, set_up, tear_down),
            TEST_ON_BOTH(a_newer_backup_is_refused, set_up, tear_down),
            TEST_ON_BOTH(an_older_backup_is_brought_up, set_up, tear_down),
            TEST_ON_BOTH(a_damaged_backup_is_refused, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
