/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plug is pulled on a node that works: imports, undoing, backups, and the migration of a new database. A child does
 * them and says through a pipe what it tries and what was acknowledged; it ends by kill -9 at some moment, or on the
 * file system of db/fault.h by a cut of the power, a full disk or a failing call. Then everything that was acknowledged
 * has to be there, byte for byte, nothing may be half there, and the database has to be sound.
 *
 * KENTONGAN_CRASH_ROUNDS and KENTONGAN_CRASH_SEED: how many rounds, and which; a failure names its seed.
 * KENTONGAN_CRASH_TIMED=1: coming back may take two seconds.
 */
#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "db/fault.h"
#include "db/test_databases.h"
#include "intel/ingest.h"
#include "store/schema.h"

#define ROUNDS 8
#define ROUNDS_OF_ONE 4    /* rounds before a new database */
#define STEPS_MAX 12       /* of one child */
#define KILL_MS_MAX 400    /* when a child is killed */
#define CHANGES_MAX 600    /* when its power goes: writes, syncs */
#define BIG 2300           /* objects of a large import: more than one transaction holds */
#define LARGE 100000       /* objects of a database that has to be back in time */
#define LARGE_IMPORT 99999 /* its number: nothing else has one so high */
#define LARGE_ROUNDS 5
#define IMPORTS_MAX 100000  /* of one run of this program */
#define BACK_US_MAX 2000000 /* from opening until an import could begin */

enum way { WAY_KILL, WAY_POWER, WAY_FULL, WAY_FAIL };

/* What the child says; fits into one write. */
enum said { TRY_IMPORT, DID_IMPORT, TRY_UNDO, DID_UNDO, TRY_BACKUP, DID_BACKUP };
struct word {
    enum said said;
    int64_t import; /* ours, the number in its ids; of a backup, the name of its file */
};

enum fate { UNSEEN, SEEN, EITHER };

struct fixture {
    struct test_database *base;
    struct arena *arena; /* of a round */
    uint64_t seed;
    int64_t next;  /* import */
    int64_t first; /* of this database */
    uint8_t fates[IMPORTS_MAX];
    uint8_t at_backup[IMPORTS_MAX]; /* what they were when the last backup began */
    bool large;                     /* LARGE_IMPORT was acknowledged */
    int64_t slowest_us;
    uint64_t seen, backups; /* what the rounds had to look at */
};

static const struct actor local = {.name = {"local", 5}, .how = ACTOR_MACHINE, .roles = 1u << ROLE_LOCAL};

static uint64_t setting(const char *name, uint64_t usual)
{
    const char *text = getenv(name);
    uint64_t value = usual;
    if (text != NULL && !slice_u64(slice_of(text), UINT64_MAX, &value))
        fail_msg("%s is no number", name);
    return value;
}

static void well(const struct fixture *fixture, struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("seed %llu: %s", (unsigned long long)fixture->seed, err.why);
}

/* ---- What is imported: all of it follows from the import's number ---- */

static int64_t object_count(int64_t import)
{
    uint64_t seed = (uint64_t)import;
    if (import == LARGE_IMPORT)
        return LARGE;
    return fault_random(&seed) % 6 == 0 ? BIG : 1 + (int64_t)(fault_random(&seed) % 40);
}

static void object_write(struct buf *text, int64_t import, int64_t place)
{
    buf_printf(text,
            "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--6b616c61-0000-4000-8000-%06lld%"
            "06lld\","
            "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\",\"indicator_types\":"
            "[\"malicious-activity\"],\"pattern\":\"[domain-name:value = 'h%lld.i%lld.example']\",\"pattern_type\":"
            "\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\"}",
            (long long)import, (long long)place, (long long)place, (long long)import);
}

static void bundle_write(struct buf *text, int64_t import)
{
    buf_printf(text, "{\"type\":\"bundle\",\"id\":\"bundle--6b616c61-0000-4000-8000-%012lld\",\"objects\":[",
            (long long)import);
    for (int64_t place = 0; place < object_count(import); place++) {
        if (place > 0)
            buf_put(text, S(",\n"));
        object_write(text, import, place);
    }
    buf_put(text, S("]}"));
}

/* ---- The child ---- */

struct child {
    const struct fixture *fixture;
    struct fault *fault; /* NULL: it will be killed */
    struct db *db;
    struct arena *arena;
    int said;
    int64_t undoable, import; /* the store's number of the latest import, and ours */
};

static void say(const struct child *child, enum said said, int64_t import)
{
    struct word word = {said, import};
    if (write(child->said, &word, sizeof word) != sizeof word)
        _exit(3);
}

static void child_import(struct child *child, int64_t import)
{
    struct buf text = buf_make(64u << 20);
    struct intel_ingest ingest = {.source = S("crash"), .kind = S("file"), .name = S("bundle")};
    struct intel_report report;
    bundle_write(&text, import);
    say(child, TRY_IMPORT, import);
    if (intel_ingest_text(child->db, &local, &ingest, buf_slice(&text), child->arena, &report).kind == ERR_NONE) {
        say(child, DID_IMPORT, import);
        child->undoable = report.import;
        child->import = import;
    }
    buf_free(&text);
}

static struct err undo(struct work *work, void *context)
{
    return store_import_undo(work, *(const int64_t *)context, S("a mistake"));
}

static void child_undo(struct child *child)
{
    if (child->undoable == 0)
        return;
    say(child, TRY_UNDO, child->import);
    if (store_work(child->db, &local, child->arena, undo, &child->undoable).kind == ERR_NONE)
        say(child, DID_UNDO, child->import);
    child->undoable = 0;
}

static const char *backup_path(const struct fixture *fixture, struct arena *arena, int64_t number)
{
    return arena_printf(arena, "%s/backup-%lld", fixture->base->folder, (long long)number);
}

static void child_backup(struct child *child, int64_t number)
{
    say(child, TRY_BACKUP, number);
    const char *path = backup_path(child->fixture, child->arena, number);
    if (db_backup(child->db, path, NULL, NULL, child->arena).kind == ERR_NONE)
        say(child, DID_BACKUP, number);
}

static void child_steps(struct child *child, uint64_t seed)
{
    for (int64_t step = 0; step < STEPS_MAX && !(child->fault != NULL && fault_is_off(child->fault)); step++) {
        uint64_t what = fault_random(&seed) % 8;
        if (what == 0)
            child_undo(child);
        else if (what == 1)
            child_backup(child, child->fixture->next + step);
        else
            child_import(child, child->fixture->next + step);
        arena_reset(child->arena);
    }
}

static struct fault *faults_arm(enum way way, uint64_t *seed)
{
    struct fault *fault = fault_open("fault");
    fault_power_off_after(fault, 1 + fault_random(seed) % CHANGES_MAX);
    if (way == WAY_FULL)
        fault_room(fault, fault_random(seed) % 4000000);
    if (way == WAY_FAIL)
        fault_fail(fault, (enum fault_call)(fault_random(seed) % 3), 1 + fault_random(seed) % 300);
    return fault;
}

_Noreturn static void child_main(const struct fixture *fixture, enum way way, int said)
{
    uint64_t seed = fixture->seed;
    struct child child = {.fixture = fixture, .said = said, .arena = arena_open("crash", ARENA_WORK, 256u << 20)};
    struct db_options options = {.where = fixture->base->where, .create = true};
    if (way != WAY_KILL) {
        child.fault = faults_arm(way, &seed);
        options.vfs = "fault";
    }
    struct arena *kept = arena_open("crash", ARENA_WORK, 1u << 20);
    if (store_open(&options, kept, &child.db).kind == ERR_NONE)
        child_steps(&child, seed);
    if (child.fault != NULL) {
        fault_power_off_after(child.fault, 0);
        db_close(child.db);
        fault_power_on(child.fault, seed);
    }
    _exit(0);
}

/* ---- What the parent makes of it ---- */

static void word_take(struct fixture *fixture, const struct word *word)
{
    static const enum fate fates[] = {
            [TRY_IMPORT] = EITHER, [DID_IMPORT] = SEEN, [TRY_UNDO] = EITHER, [DID_UNDO] = UNSEEN};
    assert_in_range(word->import, 0, IMPORTS_MAX - 1);
    if (word->said == TRY_BACKUP)
        memcpy(fixture->at_backup, fixture->fates, sizeof fixture->fates);
    else if (word->said != DID_BACKUP)
        fixture->fates[word->import] = (uint8_t)fates[word->said];
}

/* Every object that is seen is one of ours, byte for byte; how many of each import. */
static void objects_count(const struct fixture *fixture, struct db *db, int64_t *counts)
{
    struct object_place place = {0};
    struct buf text = buf_make(1u << 16);
    while (!place.end) {
        struct arena *arena = arena_open("crash", ARENA_WORK, 64u << 20);
        struct object *rows = NULL;
        size_t got = 0;
        well(fixture, store_object_page(db, &(struct object_filter){.all_versions = true}, &place, STORE_PAGE_MAX,
                              arena, &rows, &got));
        for (size_t i = 0; i < got; i++) {
            uint64_t import = UINT64_MAX, which = 0;
            slice id = rows[i].id;
            bool ours = id.len > 12 && slice_u64(slice_part(id, id.len - 12, id.len - 6), IMPORTS_MAX - 1, &import) &&
                        slice_u64(slice_from(id, id.len - 6), LARGE, &which);
            assert_true(ours);
            buf_reset(&text);
            object_write(&text, (int64_t)import, (int64_t)which);
            assert_true(slice_eq(rows[i].bytes, buf_slice(&text)));
            counts[import]++;
        }
        arena_close(arena);
    }
    buf_free(&text);
}

/* Whether each import is as `fates` has it; what was open is settled by what is found, if that is asked for. */
static void imports_check(struct fixture *fixture, struct db *db, const uint8_t *fates, uint8_t *settled)
{
    int64_t *counts = calloc(IMPORTS_MAX, sizeof *counts);
    objects_count(fixture, db, counts);
    for (int64_t i = fixture->first; i < fixture->next + STEPS_MAX; i++) {
        enum fate fate = (enum fate)fates[i];
        bool whole = counts[i] == object_count(i);
        if ((counts[i] != 0 && !whole) || (fate == SEEN && !whole) || (fate == UNSEEN && counts[i] != 0))
            fail_msg("seed %llu: of import %lld %lld of %lld objects are there; it should %s",
                    (unsigned long long)fixture->seed, (long long)i, (long long)counts[i], (long long)object_count(i),
                    fate == SEEN     ? "be"
                    : fate == UNSEEN ? "not be"
                                     : "be whole or not be");
        if (settled != NULL)
            settled[i] = whole ? SEEN : UNSEEN;
        fixture->seen += fate == SEEN;
    }
    assert_int_equal(counts[LARGE_IMPORT], fixture->large ? LARGE : 0);
    free(counts);
}

static struct err recover(struct work *work, void *context)
{
    return store_import_recover(work, context);
}

/* What a program does that starts: open, end what died, and have a look. */
static struct db *come_back(struct fixture *fixture)
{
    struct db *db = NULL;
    const char *looked_at;
    uint64_t failed;
    int64_t began = clock_steady_us();
    well(fixture, store_open(&(struct db_options){.where = fixture->base->where, .create = true}, fixture->arena, &db));
    well(fixture, store_work(db, &local, fixture->arena, recover, &failed));
    well(fixture, db_check(db, false, fixture->arena, &looked_at));
    int64_t took = clock_steady_us() - began;
    fixture->slowest_us = took > fixture->slowest_us ? took : fixture->slowest_us;
    return db;
}

static void database_check(struct fixture *fixture)
{
    const char *looked_at;
    struct db *db = come_back(fixture);
    imports_check(fixture, db, fixture->fates, fixture->fates);
    well(fixture, intel_sweep(db, &local, NULL));
    well(fixture, db_check(db, true, fixture->arena, &looked_at));
    imports_check(fixture, db, fixture->fates, NULL);
    db_close(db);
}

/* A file under its own name is a whole backup, acknowledged or not; the last one is of a moment that is known. */
static void backup_check(struct fixture *fixture, const char *path, bool last)
{
    void *state = (void *)(uintptr_t)&test_engines[fixture->base->engine];
    assert_int_equal(test_database_make(&state), 0);
    struct test_database *into = state;
    struct db *db = NULL;
    well(fixture, db_restore(path, into->where, store_schema, store_schema_count, NULL, NULL, into->arena));
    well(fixture, store_open(&(struct db_options){.where = into->where}, into->arena, &db));
    if (last)
        imports_check(fixture, db, fixture->at_backup, NULL);
    db_close(db);
    assert_int_equal(test_database_drop(&state), 0);
    fixture->backups++;
}

/* Backups and their beginnings are removed. */
static void backups_check(struct fixture *fixture, int64_t tried, bool did)
{
    DIR *folder = opendir(fixture->base->folder);
    bool found = false;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *name = entry->d_name;
        if (strncmp(name, "backup-", 7) != 0)
            continue;
        const char *path = arena_printf(fixture->arena, "%s/%s", fixture->base->folder, name);
        bool last = strcmp(path, backup_path(fixture, fixture->arena, tried)) == 0;
        found |= last;
        if (strchr(name, '.') == NULL)
            backup_check(fixture, path, last);
        unlink(path);
    }
    closedir(folder);
    assert_true(found || !did);
}

static void round_run(struct fixture *fixture, enum way way)
{
    int pipes[2];
    struct word word;
    int64_t backup = -1;
    bool backed_up = false;
    uint64_t seed = fixture->seed;
    assert_int_equal(pipe(pipes), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        child_main(fixture, way, pipes[1]);
    close(pipes[1]);
    if (way == WAY_KILL) {
        usleep((useconds_t)(fault_random(&seed) % (KILL_MS_MAX * 1000)));
        kill(child, SIGKILL);
    }
    while (read(pipes[0], &word, sizeof word) == sizeof word) {
        word_take(fixture, &word);
        backup = word.said == TRY_BACKUP ? word.import : backup;
        backed_up = word.said == DID_BACKUP || (backed_up && word.said != TRY_BACKUP);
    }
    close(pipes[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(way == WAY_KILL || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    database_check(fixture);
    backups_check(fixture, backup, backed_up);
    fixture->next += STEPS_MAX;
}

static void rounds_end(struct fixture *fixture, uint64_t rounds)
{
    print_message("# %llu rounds: %llu acknowledged imports looked for, %llu backups restored, back after %lld ms at "
                  "most\n",
            (unsigned long long)rounds, (unsigned long long)fixture->seen, (unsigned long long)fixture->backups,
            (long long)fixture->slowest_us / 1000);
    assert_true(fixture->seen > 0); /* otherwise nothing was tested */
    assert_true(setting("KENTONGAN_CRASH_TIMED", 0) == 0 || fixture->slowest_us < BACK_US_MAX);
    free(fixture);
}

static void rounds_run(enum db_engine engine, enum way way)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    uint64_t rounds = setting("KENTONGAN_CRASH_ROUNDS", ROUNDS), first = setting("KENTONGAN_CRASH_SEED", 1);
    assert_in_range(rounds, 1, IMPORTS_MAX / STEPS_MAX);
    void *state = NULL;
    for (uint64_t i = 0; i < rounds; i++) {
        if (i % ROUNDS_OF_ONE == 0) {
            if (state != NULL)
                assert_int_equal(test_database_drop(&state), 0);
            state = (void *)(uintptr_t)&test_engines[engine];
            assert_int_equal(test_database_make(&state), 0);
            fixture->base = state;
            fixture->first = fixture->next;
        }
        fixture->seed = first + i;
        fixture->arena = arena_open("crash", ARENA_WORK, 256u << 20);
        round_run(fixture, way);
        arena_close(fixture->arena);
    }
    assert_int_equal(test_database_drop(&state), 0);
    rounds_end(fixture, rounds);
}

/* Killed in the middle of work, a node with many objects is back in two seconds. */
static void back_in_time(void **state)
{
    if (setting("KENTONGAN_CRASH_TIMED", 0) == 0) {
        print_message("# times are looked at in make soak only\n");
        skip();
    }
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct buf text = buf_make(128u << 20);
    struct intel_ingest ingest = {.source = S("large"), .kind = S("file"), .name = S("bundle")};
    struct intel_report report;
    void *base = (void *)(uintptr_t)&test_engines[DB_SQLITE];
    (void)state;
    assert_int_equal(test_database_make(&base), 0);
    fixture->base = base;
    fixture->arena = arena_open("crash", ARENA_WORK, 1024u << 20);
    struct db *db = come_back(fixture);
    bundle_write(&text, LARGE_IMPORT);
    well(fixture, intel_ingest_text(db, &local, &ingest, buf_slice(&text), fixture->arena, &report));
    assert_int_equal(report.fresh, LARGE);
    fixture->large = true;
    db_close(db);
    buf_free(&text);
    for (fixture->seed = 1; fixture->seed <= LARGE_ROUNDS; fixture->seed++)
        round_run(fixture, WAY_KILL);
    arena_close(fixture->arena);
    assert_int_equal(test_database_drop(&base), 0);
    rounds_end(fixture, LARGE_ROUNDS);
}

static void killed_on_sqlite(void **state)
{
    (void)state;
    rounds_run(DB_SQLITE, WAY_KILL);
}

static void killed_on_postgresql(void **state)
{
    (void)state;
    const char *server = getenv("KENTONGAN_POSTGRES");
    if (server == NULL || *server == '\0') {
        print_message("# PostgreSQL is not installed here (tests/with-postgres)\n");
        skip();
    }
    rounds_run(DB_POSTGRES, WAY_KILL);
}

static void the_power_goes(void **state)
{
    (void)state;
    rounds_run(DB_SQLITE, WAY_POWER);
}

static void the_disk_is_full(void **state)
{
    (void)state;
    rounds_run(DB_SQLITE, WAY_FULL);
}

static void the_disk_fails(void **state)
{
    (void)state;
    rounds_run(DB_SQLITE, WAY_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(killed_on_sqlite),
            cmocka_unit_test(killed_on_postgresql),
            cmocka_unit_test(the_power_goes),
            cmocka_unit_test(the_disk_is_full),
            cmocka_unit_test(the_disk_fails),
            cmocka_unit_test(back_in_time),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
