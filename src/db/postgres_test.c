/* SPDX-License-Identifier: Apache-2.0 */
/* What only PostgreSQL can do: lose a connection, see two write at once, be somewhere else. */
#include "db/postgres.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "db/test_databases.h"

static const struct db_migration SCHEMA[] = {
        {"0001-boat", "CREATE TABLE boat (number @I64@ PRIMARY KEY, load @I64@ NOT NULL) @STRICT@;\n"
                      "INSERT INTO boat (number, load) VALUES (1, 0), (2, 0);"}};
static const char ADD[] = "INSERT INTO boat (number, load) VALUES ($1, 0)", COUNT[] = "SELECT count(*) FROM boat",
                  LOAD[] = "UPDATE boat SET load = load + 1 WHERE number = $1";

static int set_up(void **state)
{
    int status = test_database_make(state);
    struct test_database *base = *state;
    if (status != 0 || base->where == NULL)
        return status;
    struct db *db = test_database_open(base);
    assert_int_equal(db_migrate(db, SCHEMA, 1, base->arena).kind, ERR_NONE);
    db_close(db);
    return 0;
}

static struct test_database *ready(void **state)
{
    test_database_need(*state);
    return *state;
}

static int64_t count(struct db *db)
{
    int64_t number = -1;
    assert_int_equal(db_one(db, COUNT, NULL, 0, -1, &number).kind, ERR_NONE);
    return number;
}

static void ends_well(struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
}

/* ---- A connection that is lost ---- */

struct sailing {
    struct db *other; /* ends the connection of the first run */
    int runs;
    size_t rows;
};

static struct err connection_end(struct db *db, struct db *other)
{
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 10000)", PQbackendPID(postgres_of(db)->handle));
    return postgres_script(other, sql);
}

static struct err sail(struct db *db, void *context)
{
    struct sailing *sailing = context;
    const struct db_value rows[] = {db_i64(10), db_i64(11), db_i64(12), db_i64(13)};
    TRY(db_run(db, ADD, (struct db_value[]){db_i64(9)}, 1, NULL));
    if (sailing->runs++ == 0)
        TRY(connection_end(db, sailing->other));
    return db_run_many(db, ADD, rows, 1, sailing->rows, NULL);
}

static void work_whose_connection_is_lost_is_done_once(void **state)
{
    struct test_database *base = ready(state);
    struct db *db = test_database_open(base), *other = test_database_open(base);
    for (size_t rows = 1; rows <= 4; rows += 3) { /* one statement, and several at once */
        struct sailing sailing = {other, 0, rows};
        ends_well(db_work(db, sail, &sailing));
        assert_int_equal(sailing.runs, 2);
        assert_int_equal(count(other), 3 + rows);
        assert_int_equal(postgres_script(other, "DELETE FROM boat WHERE number > 2").kind, ERR_NONE);
    }
    db_close(other);
    db_close(db);
}

static void reading_outside_of_work_connects_again(void **state)
{
    struct test_database *base = ready(state);
    struct db *db = test_database_open(base), *other = test_database_open(base);
    assert_int_equal(count(db), 2);
    ends_well(connection_end(db, other));
    assert_int_equal(count(db), 2);
    ends_well(connection_end(db, other));
    bool news = false;
    struct err err = db_wait(db, "boat", 0, &news);
    if (err.kind != ERR_NONE) /* the first that meets the dead connection may say so */
        ends_well(db_wait(db, "boat", 0, &news));
    assert_true(news);
    db_close(other);
    db_close(db);
}

/* ---- A COMMIT without an answer: between us and the server stands somebody who cuts the line ---- */

enum cut { CUT_NEVER, CUT_BEFORE, CUT_AFTER };

struct line {
    const char *real; /* the server's socket */
    int listening;
    pthread_t thread;
    atomic_int cut;
    atomic_bool stop;
};

static struct sockaddr_un address(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    assert_true(strlen(path) < sizeof to.sun_path);
    memcpy(to.sun_path, path, strlen(path) + 1);
    return to;
}

/* Passes on what came; false when the line is to end. */
static bool line_pass(struct line *line, int from, int to, bool from_us)
{
    char bytes[65536];
    ssize_t got = read(from, bytes, sizeof bytes);
    if (got <= 0)
        return false;
    enum cut cut = (enum cut)atomic_load(&line->cut);
    bool commit =
            from_us && cut != CUT_NEVER && slice_find_slice((slice){bytes, (size_t)got}, S("COMMIT\0")) < (size_t)got;
    if (commit && cut == CUT_BEFORE) {
        atomic_store(&line->cut, CUT_NEVER);
        return false;
    }
    if (write(to, bytes, (size_t)got) != got)
        return false;
    if (commit) { /* the answer is lost */
        atomic_store(&line->cut, CUT_NEVER);
        (void)(read(to, bytes, sizeof bytes) < 0);
    }
    return !commit;
}

static void line_serve(struct line *line, int us)
{
    struct sockaddr_un to = address(line->real);
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    bool open = connect(server, (const struct sockaddr *)&to, sizeof to) == 0;
    while (open && !atomic_load(&line->stop)) {
        struct pollfd both[] = {{.fd = us, .events = POLLIN}, {.fd = server, .events = POLLIN}};
        if (poll(both, 2, 20) <= 0)
            continue;
        if (both[0].revents != 0)
            open = line_pass(line, us, server, true);
        else
            open = line_pass(line, server, us, false);
    }
    close(server);
    close(us);
}

static void *line_main(void *context)
{
    struct line *line = context;
    while (!atomic_load(&line->stop)) {
        struct pollfd ready_fd = {.fd = line->listening, .events = POLLIN};
        if (poll(&ready_fd, 1, 20) > 0)
            line_serve(line, accept(line->listening, NULL, NULL));
    }
    return NULL;
}

/* postgresql://...?host=%2Ftmp%2F...: the folder of the socket. */
static const char *socket_of(struct arena *arena, const char *where)
{
    PQconninfoOption *options = PQconninfoParse(where, NULL);
    const char *folder = NULL;
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
        if (strcmp(option->keyword, "host") == 0)
            folder = arena_printf(arena, "%s/.s.PGSQL.5432", option->val);
    PQconninfoFree(options);
    assert_non_null(folder);
    return folder;
}

static void line_open(struct line *line, struct test_database *base)
{
    struct sockaddr_un ours = address(arena_printf(base->arena, "%s/.s.PGSQL.5432", base->folder));
    line->real = socket_of(base->arena, base->where);
    line->listening = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(line->listening, (const struct sockaddr *)&ours, sizeof ours), 0);
    assert_int_equal(listen(line->listening, 8), 0);
    pthread_create(&line->thread, NULL, line_main, line);
}

static void line_close(struct line *line, const struct test_database *base)
{
    atomic_store(&line->stop, true);
    pthread_join(line->thread, NULL);
    close(line->listening);
    unlink(arena_printf(base->arena, "%s/.s.PGSQL.5432", base->folder));
}

static struct err add_nine(struct db *db, void *context)
{
    ++*(int *)context;
    return db_run(db, ADD, (struct db_value[]){db_i64(9)}, 1, NULL);
}

static void a_commit_without_an_answer_is_kept_once(void **state)
{
    struct test_database *base = ready(state);
    struct db *db = NULL, *other = test_database_open(base);
    struct line line = {0};
    line_open(&line, base);
    const char *name = strrchr(base->folder, '/') + 1;
    const char *where = arena_printf(base->arena, "postgresql://kentongan@/%s?host=%s", name, base->folder);
    ends_well(db_open(&(struct db_options){.where = where}, base->arena, &db));
    static const struct {
        enum cut cut;
        int runs;
    } rows[] = {{CUT_AFTER, 1}, {CUT_BEFORE, 2}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int runs = 0;
        atomic_store(&line.cut, rows[i].cut);
        ends_well(db_work(db, add_nine, &runs)); /* a second time would be a conflict */
        assert_int_equal(atomic_load(&line.cut), CUT_NEVER);
        assert_int_equal(runs, rows[i].runs);
        assert_int_equal(count(other), 3);
        assert_int_equal(postgres_script(other, "DELETE FROM boat WHERE number > 2").kind, ERR_NONE);
    }
    db_close(db);
    line_close(&line, base);
    db_close(other);
}

/* ---- A server that crashes; tests/with-postgres starts it again ---- */

struct crossing {
    struct test_database *base;
    atomic_bool stop;
    atomic_int kept; /* boats from 100 on that were acknowledged */
    struct err err;
    char why[200];
};

static struct err boat_next(struct db *db, void *context)
{
    return db_run(db, ADD, (struct db_value[]){db_i64(100 + *(const int *)context)}, 1, NULL);
}

static void *cross(void *context)
{
    struct crossing *crossing = context;
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    struct db *db = NULL;
    crossing->err = db_open(&(struct db_options){.where = crossing->base->where}, arena, &db);
    for (int next = 0; crossing->err.kind == ERR_NONE && !atomic_load(&crossing->stop); next++) {
        crossing->err = db_work(db, boat_next, &next);
        atomic_fetch_add(&crossing->kept, crossing->err.kind == ERR_NONE);
    }
    if (crossing->err.kind != ERR_NONE)
        snprintf(crossing->why, sizeof crossing->why, "%s", crossing->err.why);
    db_close(db);
    arena_close(arena);
    return NULL;
}

/* SIGQUIT: at once, without writing anything more. Until it is gone boats may still cross. */
static void server_crash(struct test_database *base)
{
    slice socket = slice_of(socket_of(base->arena, base->where));
    const char *path = arena_printf(
            base->arena, "%.*s/data/postmaster.pid", (int)(socket.len - strlen("/.s.PGSQL.5432")), socket.ptr);
    FILE *file = NULL;
    char line[32];
    uint64_t pid = 0;
    for (int i = 0; i < 1000 && file == NULL; i++) { /* it may still be starting from the time before */
        if (i > 0)
            usleep(10000);
        file = fopen(path, "r");
    }
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    assert_true(slice_u64(slice_trim(slice_of(line)), INT32_MAX, &pid));
    assert_int_equal(kill((pid_t)pid, SIGQUIT), 0);
    for (int i = 0; i < 3000 && kill((pid_t)pid, 0) == 0; i++)
        usleep(10000);
}

static void wait_for_boats(struct crossing *crossing, int more)
{
    int before = atomic_load(&crossing->kept);
    for (int i = 0; i < 3000 && atomic_load(&crossing->kept) < before + more; i++)
        usleep(10000);
    if (atomic_load(&crossing->kept) < before + more)
        fail_msg("after %d boats: %s", before, crossing->why);
}

/* Who writes on does not notice but by the time it took: each boat is there once, and none is missing. */
static void a_crash_of_the_server_loses_nothing(void **state)
{
    static const char BOATS[] = "SELECT count(*) FROM boat WHERE number >= 100";
    struct test_database *base = ready(state);
    struct crossing crossing = {.base = base};
    pthread_t thread;
    pthread_create(&thread, NULL, cross, &crossing);
    for (int i = 0; i < 3; i++) {
        wait_for_boats(&crossing, 20);
        server_crash(base);
    }
    wait_for_boats(&crossing, 20);
    atomic_store(&crossing.stop, true);
    pthread_join(thread, NULL);
    if (crossing.err.kind != ERR_NONE)
        fail_msg("%s", crossing.why);
    struct db *db = test_database_open(base);
    int64_t boats = 0;
    ends_well(db_one(db, BOATS, NULL, 0, 0, &boats));
    assert_int_equal(boats, atomic_load(&crossing.kept));
    db_close(db);
}

/* ---- Two at once ---- */

struct rower {
    struct test_database *base;
    pthread_barrier_t *meet;
    int64_t first, second;
    int runs;
    struct err err;
    pthread_t thread;
};

static struct err row_both(struct db *db, void *context)
{
    struct rower *rower = context;
    TRY(db_run(db, LOAD, (struct db_value[]){db_i64(rower->first)}, 1, NULL));
    if (rower->runs++ == 0)
        pthread_barrier_wait(rower->meet);
    return db_run(db, LOAD, (struct db_value[]){db_i64(rower->second)}, 1, NULL);
}

static void *rower_main(void *context)
{
    struct rower *rower = context;
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    struct db *db = NULL;
    rower->err = db_open(&(struct db_options){.where = rower->base->where}, arena, &db);
    if (rower->err.kind == ERR_NONE)
        rower->err = db_work(db, row_both, rower);
    rower->err.why = NULL;
    db_close(db);
    arena_close(arena);
    return NULL;
}

static void two_that_wait_for_each_other_both_end(void **state)
{
    static const char SUM[] = "SELECT CAST(sum(load) AS BIGINT) FROM boat";
    struct test_database *base = ready(state);
    pthread_barrier_t meet;
    pthread_barrier_init(&meet, NULL, 2);
    struct rower rowers[2] = {{base, &meet, 1, 2}, {base, &meet, 2, 1}};
    for (int i = 0; i < 2; i++)
        pthread_create(&rowers[i].thread, NULL, rower_main, &rowers[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(rowers[i].thread, NULL);
    assert_int_equal(rowers[0].err.kind, ERR_NONE);
    assert_int_equal(rowers[1].err.kind, ERR_NONE);
    assert_true(rowers[0].runs + rowers[1].runs > 2); /* one of them, or both, ran again */
    struct db *db = test_database_open(base);
    int64_t sum = 0;
    ends_well(db_one(db, SUM, NULL, 0, 0, &sum));
    assert_int_equal(sum, 4);
    db_close(db);
    pthread_barrier_destroy(&meet);
}

static void *migrate_main(void *context)
{
    static const struct db_migration MORE[] = {
            {"0001-fleet", "CREATE TABLE fleet (number @I64@ PRIMARY KEY) @STRICT@;"},
            {"0002-fleet", "ALTER TABLE fleet ADD COLUMN name TEXT;"}};
    struct rower *rower = context;
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    struct db *db = NULL;
    rower->err = db_open(&(struct db_options){.where = rower->base->where}, arena, &db);
    pthread_barrier_wait(rower->meet);
    if (rower->err.kind == ERR_NONE)
        rower->err = db_migrate(db, MORE, 2, arena);
    rower->err.why = NULL;
    db_close(db);
    arena_close(arena);
    return NULL;
}

static void two_may_migrate_at_once(void **state)
{
    struct test_database *base = *state;
    test_database_need(base);
    struct db *db = test_database_open(base);
    assert_int_equal(postgres_script(db, "DROP TABLE boat; DROP TABLE migration").kind, ERR_NONE);
    db_close(db);
    pthread_barrier_t meet;
    pthread_barrier_init(&meet, NULL, 4);
    struct rower rowers[4];
    for (int i = 0; i < 4; i++) {
        rowers[i] = (struct rower){.base = base, .meet = &meet};
        pthread_create(&rowers[i].thread, NULL, migrate_main, &rowers[i]);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(rowers[i].thread, NULL);
        assert_int_equal(rowers[i].err.kind, ERR_NONE);
    }
    pthread_barrier_destroy(&meet);
}

/* ---- What is refused, and how it is said ---- */

static void a_password_is_never_told(void **state)
{
    struct test_database *base = ready(state);
    static const char *const urls[] = {"postgresql://kentongan:s%zzsecret@/boats", "postgresql://u:ssecret@[::1/boats",
            "postgresql://kentongan:ssecret@127.0.0.1:1/boats?connect_timeout=1", "postgres://:ssecret@/?what=ssecret"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct db *db = NULL;
        struct err err = db_open(&(struct db_options){.where = urls[i]}, base->arena, &db);
        assert_int_not_equal(err.kind, ERR_NONE);
        assert_null(strstr(err.why, "secret"));
        assert_non_null(strstr(err.why, "postgresql://") == NULL ? strstr(err.why, "127.0.0.1") : err.why);
    }
}

static void another_encoding_is_refused(void **state)
{
    struct test_database *base = ready(state);
    struct db *db = test_database_open(base), *ascii = NULL;
    const char *name = arena_printf(base->arena, "%s_ascii", strrchr(base->folder, '/') + 1);
    ends_well(postgres_script(
            db, arena_printf(base->arena, "CREATE DATABASE \"%s\" ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0",
                        name)));
    const char *query = strchr(base->where, '?');
    const char *where = arena_printf(base->arena, "postgresql://kentongan@/%s%s", name, query);
    struct err err = db_open(&(struct db_options){.where = where}, base->arena, &ascii);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_non_null(strstr(err.why, "SQL_ASCII"));
    assert_non_null(strstr(err.why, "CREATE DATABASE"));
    ends_well(postgres_script(db, arena_printf(base->arena, "DROP DATABASE \"%s\"", name)));
    db_close(db);
}

static void of_several_hosts_the_one_that_is_there_is_taken(void **state)
{
    struct test_database *base = ready(state);
    const char *hosts = strstr(base->where, "host=") + strlen("host=");
    const char *where = arena_printf(base->arena, "postgresql://kentongan@/%s?host=%%2Fnowhere.example,%s",
            strrchr(base->folder, '/') + 1, hosts);
    struct db *db = NULL;
    ends_well(db_open(&(struct db_options){.where = where}, base->arena, &db));
    assert_int_equal(count(db), 2);
    db_close(db);
}

static void a_type_that_is_not_ours_is_named(void **state)
{
    static const char SUM[] = "SELECT sum(load) FROM boat", NEXT[] = "SELECT number FROM boat WHERE number > $1";
    struct test_database *base = ready(state);
    struct db *db = test_database_open(base);
    int64_t sum = 0;
    struct err err = db_one(db, SUM, NULL, 0, 0, &sum);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_non_null(strstr(err.why, "CAST"));
    err = db_one(db, NEXT, (struct db_value[]){db_text(S("1"))}, 1, 0, &sum);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_non_null(strstr(err.why, "$1"));
    ends_well(db_one(db, NEXT, (struct db_value[]){db_i64(1)}, 1, 0, &sum));
    assert_int_equal(sum, 2);
    db_close(db);
}

#define TEST(function) TEST_ON(DB_POSTGRES, #function, function, set_up, test_database_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(work_whose_connection_is_lost_is_done_once),
            TEST(reading_outside_of_work_connects_again),
            TEST(a_commit_without_an_answer_is_kept_once),
            TEST(a_crash_of_the_server_loses_nothing),
            TEST(two_that_wait_for_each_other_both_end),
            TEST(two_may_migrate_at_once),
            TEST(a_password_is_never_told),
            TEST(another_encoding_is_refused),
            TEST(of_several_hosts_the_one_that_is_there_is_taken),
            TEST(a_type_that_is_not_ours_is_named),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
