/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was acknowledged survives: rounds of random work on SQLite over the file system of fault.h, each ended by a cut
 * of the power, a full disk or a failing call. That the same rounds do lose something with SQLite's weaker settings
 * shows that they can. KENTONGAN_CRASH_ROUNDS and KENTONGAN_CRASH_SEED change how many and which; a failure names its
 * seed.
 */
#include "db/fault.h"

#include <pthread.h>
#include <unistd.h>

#include "db/driver.h"
#include "db/test_databases.h"

#define ROUNDS 300
#define ROUNDS_WRITERS 100
#define ROUNDS_MIGRATE 100
#define CHANGES_MAX 400 /* writes and syncs before the power goes */
#define WORKS_MAX 40    /* transactions of a round */
#define LEAVES_KEPT 20  /* transactions whose rows stay, the older ones are deleted */
#define WRITERS 4

static const struct db_migration SCHEMA[] = {
        {"0001-tree", "CREATE TABLE tree (number @I64@ PRIMARY KEY, last @I64@ NOT NULL) @STRICT@;\n"
                      "CREATE TABLE leaf (work @I64@ NOT NULL, place @I64@ NOT NULL, bytes @BLOB@ NOT NULL, "
                      "PRIMARY KEY (work, place)) @STRICT@;\n"
                      "INSERT INTO tree (number, last) VALUES (1, 0);"},
        {"0002-index", "CREATE INDEX leaf_bytes ON leaf (bytes);"},
};

struct fixture {
    struct test_database *base;
    struct fault *fault;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    int status = test_database_make(state);
    fixture->base = *state;
    fixture->fault = fault_open("fault");
    *state = fixture;
    return status;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    void *base = fixture->base;
    fault_close(fixture->fault);
    free(fixture);
    return test_database_drop(&base);
}

static uint64_t setting(const char *name, uint64_t usual)
{
    const char *text = getenv(name);
    uint64_t value = usual;
    if (text != NULL && !slice_u64(slice_of(text), UINT64_MAX, &value))
        fail_msg("%s is no number", name);
    return value;
}

static struct err open_db(const struct fixture *fixture, struct db **db)
{
    return db_open(&(struct db_options){.where = fixture->base->where, .vfs = "fault", .create = true},
            fixture->base->arena, db);
}

static int64_t ask(struct db *db, const char *sql)
{
    int64_t number = -1;
    struct err err = db_one(db, sql, NULL, 0, -1, &number);
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", sql, err.why);
    return number;
}

/* ---- The work: everything about transaction n follows from n ---- */

static const char LAST[] = "SELECT last FROM tree WHERE number = 1";

static int64_t leaf_count(int64_t work)
{
    uint64_t seed = (uint64_t)work;
    return 1 + (int64_t)(fault_random(&seed) % 8);
}

/* 8 to some 4,000 bytes, now and then 60,000: several pages. */
static slice leaf_bytes(int64_t work, int64_t place, char *to)
{
    uint64_t seed = (uint64_t)(work * 64 + place);
    size_t len = 8 + fault_random(&seed) % (place == 3 ? 60000 : 4000);
    for (size_t at = 0; at < len; at += 8) {
        uint64_t word = fault_random(&seed);
        memcpy(to + at, &word, 8);
    }
    return (slice){to, len};
}

static struct err leaves_put(struct db *db, int64_t work)
{
    static const char PUT[] = "INSERT INTO leaf (work, place, bytes) VALUES ($1, $2, $3)";
    static char bytes[65536];
    for (int64_t place = 0; place < leaf_count(work); place++) {
        const struct db_value row[] = {db_i64(work), db_i64(place), db_bytes(leaf_bytes(work, place, bytes))};
        TRY(db_run(db, PUT, row, COUNT_OF(row), NULL));
    }
    return OK;
}

static struct err work_next(struct db *db, void *context)
{
    static const char DROP[] = "DELETE FROM leaf WHERE work <= $1",
                      SET[] = "UPDATE tree SET last = $1 WHERE number = 1";
    int64_t *work = context, last;
    TRY(db_one(db, LAST, NULL, 0, -1, &last));
    *work = last + 1;
    TRY(leaves_put(db, *work));
    TRY(db_run(db, DROP, (struct db_value[]){db_i64(*work - LEAVES_KEPT)}, 1, NULL));
    return db_run(db, SET, (struct db_value[]){db_i64(*work)}, 1, NULL);
}

/* ---- What has to be true after it ---- */

static bool leaves_are_whole(struct db *db, int64_t last)
{
    static const char ALL[] = "SELECT work, place, bytes FROM leaf ORDER BY work, place";
    static char bytes[65536];
    int64_t work = last <= LEAVES_KEPT ? 1 : last - LEAVES_KEPT + 1, place = 0;
    struct db_rows *rows;
    bool whole = db_query(db, ALL, NULL, 0, &rows).kind == ERR_NONE;
    if (!whole)
        return false;
    for (; db_next(rows) && whole; place++) {
        if (place == leaf_count(work)) {
            work++;
            place = 0;
        }
        whole = db_number(rows, 0) == work && db_number(rows, 1) == place &&
                slice_eq(db_slice(rows, 2), leaf_bytes(work, place, bytes));
    }
    return db_done(rows).kind == ERR_NONE && whole && (last == 0 || (work == last && place == leaf_count(last)));
}

/* The last transaction that is there, if the file is sound; -1 and why when it is damaged. */
static int64_t state_of(struct fixture *fixture, const char **why)
{
    struct db *db = NULL;
    int64_t last = -1;
    const char *looked_at;
    struct err err = open_db(fixture, &db);
    if (err.kind == ERR_NONE)
        err = db_one(db, LAST, NULL, 0, -1, &last);
    if (err.kind == ERR_NONE)
        err = db_check(db, true, fixture->base->arena, &looked_at);
    if (err.kind == ERR_NONE && !leaves_are_whole(db, last))
        err = err_make(ERR_SYSTEM, "rows of other content");
    *why = err.kind == ERR_NONE ? "" : arena_cstr(fixture->base->arena, slice_of(err.why));
    db_close(db);
    return err.kind == ERR_NONE ? last : -1;
}

/* ---- Rounds ---- */

/* Arms one fault or two: the power surely, at last. */
static void arm(struct fault *fault, uint64_t *seed)
{
    uint64_t what = fault_random(seed);
    fault_power_off_after(fault, 1 + fault_random(seed) % CHANGES_MAX);
    if (what % 4 == 1)
        fault_room(fault, fault_random(seed) % 200000);
    if (what % 4 == 2)
        fault_fail(fault, (enum fault_call)(what / 4 % 3), 1 + fault_random(seed) % 50);
}

struct round {
    const char *settings; /* of SQLite, behind ours */
    int64_t kept;         /* the last transaction that was acknowledged */
    int64_t tried;        /* and that was tried */
};

static void round_work(struct fixture *fixture, struct round *round, uint64_t *seed)
{
    struct db *db = NULL;
    arm(fixture->fault, seed);
    if (open_db(fixture, &db).kind != ERR_NONE || db->driver->script(db, round->settings).kind != ERR_NONE) {
        db_close(db);
        return;
    }
    for (int i = 0; i < WORKS_MAX && !fault_is_off(fixture->fault); i++) {
        int64_t work = round->tried;
        if (db_work(db, work_next, &work).kind == ERR_NONE)
            round->kept = work;
        round->tried = work > round->tried ? work : round->tried;
        if (fault_random(seed) % 16 == 0)
            (void)db->driver->script(db, "PRAGMA wal_checkpoint(TRUNCATE)").kind;
    }
    fault_power_off_after(fixture->fault, fault_random(seed) % 4 == 0 ? UINT64_MAX : 0);
    db_close(db); /* now and then in good order */
    fault_power_off_after(fixture->fault, 0);
}

static void begin_anew(struct fixture *fixture)
{
    struct db *db;
    assert_int_equal(open_db(fixture, &db).kind, ERR_NONE);
    assert_int_equal(db_migrate(db, SCHEMA, 2, fixture->base->arena).kind, ERR_NONE);
    db_close(db);
}

/* The rounds of one seed; in how many something acknowledged was not there, or the file was damaged. */
static uint64_t rounds_run(struct fixture *fixture, const char *settings, uint64_t count, bool may_fail)
{
    uint64_t first = setting("KENTONGAN_CRASH_SEED", 1), bad = 0;
    struct round round = {.settings = settings};
    begin_anew(fixture);
    for (uint64_t i = 0; i < count && bad == 0; i++) {
        uint64_t seed = first + i;
        round_work(fixture, &round, &seed);
        fault_power_on(fixture->fault, seed);
        const char *why;
        int64_t last = state_of(fixture, &why);
        if (last < round.kept || last > round.tried) {
            bad++;
            if (!may_fail)
                fail_msg("seed %llu: %lld was acknowledged, %lld tried, %lld is there%s%s",
                        (unsigned long long)(first + i), (long long)round.kept, (long long)round.tried, (long long)last,
                        last < 0 ? ": " : "", why);
        }
        round.kept = round.tried = last;
    }
    return bad;
}

static void nothing_acknowledged_is_lost(void **state)
{
    struct fixture *fixture = *state;
    uint64_t rounds = setting("KENTONGAN_CRASH_ROUNDS", ROUNDS);
    assert_int_equal(rounds_run(fixture, "PRAGMA wal_autocheckpoint=50", rounds, false), 0);
    assert_true(fault_lost(fixture->fault) > rounds); /* there was something to lose */
}

static void without_sync_something_is_lost(void **state)
{
    assert_int_equal(rounds_run(*state, "PRAGMA synchronous=OFF", ROUNDS, true), 1);
}

static void with_less_sync_something_is_lost(void **state)
{
    assert_int_equal(rounds_run(*state, "PRAGMA synchronous=NORMAL", ROUNDS, true), 1);
}

/* ---- A migration that is cut off ---- */

static void a_migration_is_whole_or_not_begun(void **state)
{
    struct fixture *fixture = *state;
    uint64_t rounds = setting("KENTONGAN_CRASH_ROUNDS", ROUNDS_MIGRATE), first = setting("KENTONGAN_CRASH_SEED", 1);
    for (uint64_t i = 0; i < rounds; i++) {
        struct db *db = NULL;
        uint64_t seed = first + i;
        size_t steps = 1 + i % 2; /* the first time; then both */
        fault_power_off_after(fixture->fault, 1 + fault_random(&seed) % 40);
        bool kept = open_db(fixture, &db).kind == ERR_NONE &&
                    db_migrate(db, SCHEMA, steps, fixture->base->arena).kind == ERR_NONE;
        fault_power_off_after(fixture->fault, 0);
        db_close(db);
        fault_power_on(fixture->fault, seed);
        assert_int_equal(open_db(fixture, &db).kind, ERR_NONE);
        if (kept)
            assert_int_equal(ask(db, LAST), 0);
        assert_int_equal(db_migrate(db, SCHEMA, 2, fixture->base->arena).kind, ERR_NONE);
        assert_int_equal(ask(db, "SELECT count(*) FROM tree"), 1);
        db_close(db);
        fault_remove(fixture->fault, fixture->base->where);
    }
}

/* ---- Many writers ---- */

static const char ADD[] = "INSERT INTO leaf (work, place, bytes) VALUES ($1, $2, $3)";

struct crowd {
    struct fixture *fixture;
    struct arena *arena;
    struct db *db; /* of its own */
    pthread_t thread;
    int64_t number, from, kept, tried; /* places of rows whose work is `number` */
};

static struct err crowd_add(struct db *db, void *context)
{
    const struct crowd *crowd = context;
    const struct db_value row[] = {db_i64(crowd->number), db_i64(crowd->tried), db_bytes(S("leaf"))};
    return db_run(db, ADD, row, COUNT_OF(row), NULL);
}

static void *crowd_main(void *context)
{
    struct crowd *crowd = context;
    for (crowd->kept = crowd->from; !fault_is_off(crowd->fixture->fault);) {
        if (db_work(crowd->db, crowd_add, crowd).kind != ERR_NONE)
            break;
        crowd->kept = ++crowd->tried;
    }
    return NULL;
}

/* Of each writer's rows all are there up to one place: no gap, none missing that was acknowledged, none from nowhere.
 */
static void crowd_check(struct db *db, const struct crowd *crowd, uint64_t seed)
{
    static const char HOW_MANY[] = "SELECT count(*) FROM leaf WHERE work = $1",
                      HIGHEST[] = "SELECT coalesce(max(place), -1) + 1 FROM leaf WHERE work = $1";
    const struct db_value who = db_i64(crowd->number);
    int64_t count = -1, next = -1;
    assert_int_equal(db_one(db, HOW_MANY, &who, 1, -1, &count).kind, ERR_NONE);
    assert_int_equal(db_one(db, HIGHEST, &who, 1, -1, &next).kind, ERR_NONE);
    if (count != next || count < crowd->kept || count > crowd->tried + 1)
        fail_msg("seed %llu: writer %lld has %lld rows up to %lld, %lld were acknowledged and %lld tried",
                (unsigned long long)seed, (long long)crowd->number, (long long)count, (long long)next,
                (long long)crowd->kept, (long long)crowd->tried + 1);
}

static void crowd_round(struct fixture *fixture, int64_t *places, uint64_t seed)
{
    static const char COUNT[] = "SELECT count(*) FROM leaf WHERE work = $1";
    struct crowd crowds[WRITERS];
    const struct db_options options = {.where = fixture->base->where, .vfs = "fault"};
    struct db *db;
    uint64_t first = seed;
    for (int i = 0; i < WRITERS; i++) {
        crowds[i] = (struct crowd){.fixture = fixture,
                .arena = arena_open("test", ARENA_WORK, 1u << 20),
                .number = 1000 + i,
                .from = places[i],
                .kept = places[i],
                .tried = places[i]};
        assert_int_equal(db_open(&options, crowds[i].arena, &crowds[i].db).kind, ERR_NONE);
    }
    arm(fixture->fault, &seed);
    for (int i = 0; i < WRITERS; i++)
        pthread_create(&crowds[i].thread, NULL, crowd_main, &crowds[i]);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(crowds[i].thread, NULL);
    fault_power_off_after(fixture->fault, 0);
    for (int i = 0; i < WRITERS; i++) {
        db_close(crowds[i].db);
        arena_close(crowds[i].arena);
    }
    fault_power_on(fixture->fault, seed);
    assert_int_equal(open_db(fixture, &db).kind, ERR_NONE);
    for (int i = 0; i < WRITERS; i++) {
        crowd_check(db, &crowds[i], first);
        assert_int_equal(db_one(db, COUNT, (struct db_value[]){db_i64(1000 + i)}, 1, -1, &places[i]).kind, ERR_NONE);
    }
    db_close(db);
}

static void what_many_writers_were_told_is_kept(void **state)
{
    struct fixture *fixture = *state;
    int64_t places[WRITERS] = {0};
    uint64_t rounds = setting("KENTONGAN_CRASH_ROUNDS", ROUNDS_WRITERS), first = setting("KENTONGAN_CRASH_SEED", 1);
    begin_anew(fixture);
    for (uint64_t i = 0; i < rounds; i++)
        crowd_round(fixture, places, first + i);
    assert_true(places[0] > 0);
}

/* ---- A commit that fails ---- */

static void a_full_disk_refuses_and_keeps_what_was(void **state)
{
    struct fixture *fixture = *state;
    struct db *db;
    const char *why;
    int64_t work = 0, kept = 0;
    begin_anew(fixture);
    assert_int_equal(open_db(fixture, &db).kind, ERR_NONE);
    fault_room(fixture->fault, 300000);
    struct err err = OK;
    while ((err = db_work(db, work_next, &work)).kind == ERR_NONE)
        kept = work;
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_non_null(strstr(err.why, "full"));
    assert_true(kept > 0);
    assert_int_equal(ask(db, LAST), kept);
    fault_room(fixture->fault, UINT64_MAX); /* somebody made room: it goes on */
    assert_int_equal(db_work(db, work_next, &work).kind, ERR_NONE);
    assert_int_equal(work, kept + 1);
    db_close(db);
    assert_int_equal(state_of(fixture, &why), kept + 1);
}

static void a_sync_that_fails_is_no_commit(void **state)
{
    struct fixture *fixture = *state;
    struct db *db;
    const char *why;
    int64_t work = 0;
    begin_anew(fixture);
    assert_int_equal(open_db(fixture, &db).kind, ERR_NONE);
    assert_int_equal(db_work(db, work_next, &work).kind, ERR_NONE);
    fault_fail(fixture->fault, FAULT_SYNC, 1);
    assert_int_equal(db_work(db, work_next, &work).kind, ERR_SYSTEM);
    assert_int_equal(ask(db, LAST), 1);
    assert_int_equal(db_work(db, work_next, &work).kind, ERR_NONE);
    fault_power_off_after(fixture->fault, 0);
    db_close(db);
    fault_power_on(fixture->fault, 5);
    assert_int_equal(state_of(fixture, &why), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "nothing_acknowledged_is_lost", nothing_acknowledged_is_lost, set_up, tear_down),
            TEST_ON(DB_SQLITE, "without_sync_something_is_lost", without_sync_something_is_lost, set_up, tear_down),
            TEST_ON(DB_SQLITE, "with_less_sync_something_is_lost", with_less_sync_something_is_lost, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_migration_is_whole_or_not_begun", a_migration_is_whole_or_not_begun, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "what_many_writers_were_told_is_kept", what_many_writers_were_told_is_kept, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "a_full_disk_refuses_and_keeps_what_was", a_full_disk_refuses_and_keeps_what_was, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "a_sync_that_fails_is_no_commit", a_sync_that_fails_is_no_commit, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
