/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"

/* A database in a new folder. */
struct fixture {
    struct arena *arena;
    char folder[64];
    const char *path;
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

static struct err open_at(const struct fixture *fixture, bool create, struct db **db)
{
    return db_open(&(struct db_options){.where = fixture->path, .create = create}, fixture->arena, db);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/kentongan-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    fixture->arena = arena_open("test", ARENA_WORK, 1u << 20);
    fixture->path = arena_printf(fixture->arena, "%s/test.db", fixture->folder);
    assert_int_equal(open_at(fixture, true, &fixture->db).kind, ERR_NONE);
    assert_int_equal(db_migrate(fixture->db, FRUIT, 2, fixture->arena).kind, ERR_NONE);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    static const char *const endings[] = {"", "-wal", "-shm"};
    db_close(fixture->db);
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        unlink(arena_printf(fixture->arena, "%s%s", fixture->path, endings[i]));
    rmdir(fixture->folder);
    arena_close(fixture->arena);
    free(fixture);
    return 0;
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
    struct fixture *fixture = *state;
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
    struct fixture *fixture = *state;
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
    struct fixture *fixture = *state;
    assert_int_equal(db_work(fixture->db, add_two, (void *)(uintptr_t) "manggis").kind, ERR_CONFLICT);
    assert_int_equal(count(fixture->db), 0);
    assert_int_equal(db_work(fixture->db, add_two, (void *)(uintptr_t) "nangka").kind, ERR_NONE);
    assert_int_equal(count(fixture->db), 2);
}

static struct err add_parts(struct db *db, void *context)
{
    struct err *part = context;
    TRY(add(db, 9, "rambutan"));
    *part = db_part(db, add_two, (void *)(uintptr_t) "rambutan");
    return add(db, 3, "sirsak");
}

static void a_part_can_fail_by_itself(void **state)
{
    struct fixture *fixture = *state;
    struct err part = OK;
    assert_int_equal(db_work(fixture->db, add_parts, &part).kind, ERR_NONE);
    assert_int_equal(part.kind, ERR_CONFLICT);
    assert_int_equal(count(fixture->db), 2);
}

static void many_rows_tell_which_changed(void **state)
{
    static const char MAYBE[] = "INSERT INTO fruit (number, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    struct fixture *fixture = *state;
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
    struct fixture *fixture = *state;
    struct err err = db_migrate(fixture->db, FRUIT, 1, fixture->arena);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.why, "newer"));
    const struct db_migration other[] = {FRUIT[0], {"0002-colour", "SELECT 1;"}};
    assert_int_equal(db_migrate(fixture->db, other, 2, fixture->arena).kind, ERR_CONFLICT);
    assert_int_equal(db_migrate(fixture->db, FRUIT, 2, fixture->arena).kind, ERR_NONE);
}

static void a_migration_that_fails_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    const struct db_migration more[] = {
            FRUIT[0], FRUIT[1], {"0003-a", "CREATE TABLE a (b TEXT);"}, {"0004-c", "CREATE NONSENSE;"}};
    assert_int_not_equal(db_migrate(fixture->db, more, 4, fixture->arena).kind, ERR_NONE);
    assert_int_equal(db_migrate(fixture->db, more, 3, fixture->arena).kind, ERR_NONE);
}

static void a_file_that_is_not_there_is_missing(void **state)
{
    struct fixture *fixture = *state;
    struct fixture other = {.arena = fixture->arena};
    struct db *db = NULL;
    other.path = arena_printf(fixture->arena, "%s/none.db", fixture->folder);
    struct err err = open_at(&other, false, &db);
    assert_int_equal(err.kind, ERR_MISSING);
    assert_non_null(strstr(err.why, "none.db"));
    assert_null(db);
}

static void two_connections_see_what_was_committed(void **state)
{
    struct fixture *fixture = *state;
    struct db *other;
    assert_int_equal(open_at(fixture, false, &other).kind, ERR_NONE);
    assert_int_equal(db_work(fixture->db, add_two, (void *)(uintptr_t) "pala").kind, ERR_NONE);
    assert_int_equal(count(other), 2);
    db_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(rows_come_back_as_they_were_given, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_key_that_is_taken_is_a_conflict, set_up, tear_down),
            cmocka_unit_test_setup_teardown(work_is_done_whole_or_not_at_all, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_part_can_fail_by_itself, set_up, tear_down),
            cmocka_unit_test_setup_teardown(many_rows_tell_which_changed, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_newer_database_is_refused, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_migration_that_fails_leaves_nothing, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_file_that_is_not_there_is_missing, set_up, tear_down),
            cmocka_unit_test_setup_teardown(two_connections_see_what_was_committed, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
