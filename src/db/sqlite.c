/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite: write-ahead log, every commit synced before it returns. A process may open one node's file many times; they
 * write in the order in which they came (line.h).
 */
#include "db/driver.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/line.h"

#define BUSY_MS 10000
#define POLL_US 10000   /* how often who waits looks for what other programs wrote: one of all that wait for a file */
#define COPY_PAGES 256  /* of a backup between two words on its progress */
#define STATEMENTS 1024 /* slots; a statement is a constant in the program, and there are a few hundred */

/*
 * synchronous=FULL: acknowledged means durable. The rest is speed and strictness; the sizes let an idle node stay small
 * (cache_size is a ceiling in KiB).
 */
static const char SETTINGS[] = "PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=FULL;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA trusted_schema=OFF;"
                               "PRAGMA secure_delete=OFF;"
                               "PRAGMA recursive_triggers=OFF;"
                               "PRAGMA temp_store=MEMORY;"
                               "PRAGMA case_sensitive_like=ON;"
                               "PRAGMA cache_size=-32768;"
                               "PRAGMA wal_autocheckpoint=4000;";

struct statement {
    const char *sql; /* its address is the key */
    sqlite3_stmt *stmt;
    size_t count; /* parameters */
    int place[DB_VALUES_MAX];
};

struct sqlite {
    struct db db;
    sqlite3 *handle;
    struct statement *current; /* being read */
    int state;                 /* what the last step of it answered */
    const char *where;
    struct line *line; /* NULL: it is in memory, or in a file system of a test */
    bool has_turn;
    int64_t version; /* of the data, when it was last waited for */
    struct statement statements[STATEMENTS];
};

static struct sqlite *sqlite_of(const struct db *db)
{
    return (struct sqlite *)(uintptr_t)db;
}

/* ---- Errors ---- */

static const struct {
    int code;
    enum err_kind kind;
    const char *what;
} failures[] = {
        {SQLITE_CONSTRAINT, ERR_CONFLICT, NULL},
        {SQLITE_BUSY, ERR_SYSTEM, "another program kept it busy for too long"},
        {SQLITE_FULL, ERR_SYSTEM, "the disk is full"},
        {SQLITE_CORRUPT, ERR_SYSTEM, "the file is damaged: restore a backup (kentongan-restore(1))"},
        {SQLITE_NOTADB, ERR_SYSTEM, "the file is no database"},
        {SQLITE_READONLY, ERR_SYSTEM, "the file or its folder may not be written"},
        {SQLITE_CANTOPEN, ERR_SYSTEM, "the file cannot be opened"},
        {SQLITE_IOERR, ERR_SYSTEM, "reading or writing failed"},
};

static struct err failed(struct sqlite *sqlite, int code)
{
    const char *said = sqlite3_errmsg(sqlite->handle);
    for (size_t i = 0; i < COUNT_OF(failures); i++)
        if (failures[i].code == (code & 0xff))
            return failures[i].what == NULL ? db_err(&sqlite->db, failures[i].kind, "%s: %s", sqlite->where, said)
                                            : db_err(&sqlite->db, failures[i].kind, "%s: %s (%s)", sqlite->where,
                                                      failures[i].what, said);
    return db_err(&sqlite->db, ERR_SYSTEM, "%s: %s", sqlite->where, said);
}

static struct err sqlite_script(struct db *db, const char *sql)
{
    int code = sqlite3_exec(sqlite_of(db)->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? OK : failed(sqlite_of(db), code);
}

/* ---- Opening ---- */

/* PostgreSQL's name for the order of bytes. */
static int collate(void *context, int a_bytes, const void *a, int b_bytes, const void *b)
{
    (void)context;
    return slice_order((slice){a, (size_t)a_bytes}, (slice){b, (size_t)b_bytes});
}

static void sqlite_close(struct db *db)
{
    struct sqlite *sqlite = sqlite_of(db);
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(sqlite->statements[i].stmt);
    int code = sqlite3_close(sqlite->handle);
    assert(code == SQLITE_OK);
    (void)code;
    line_close(sqlite->line);
    free(sqlite);
}

static struct err settle(struct sqlite *sqlite)
{
    sqlite3 *handle = sqlite->handle;
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, BUSY_MS);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_create_collation(handle, "C", SQLITE_UTF8, NULL, collate);
    return sqlite_script(&sqlite->db, SETTINGS);
}

static struct err sqlite_open(const struct db_options *options, struct arena *arena, struct db **db)
{
    struct sqlite *sqlite = calloc(1, sizeof *sqlite);
    if (sqlite == NULL)
        abort();
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options->create ? SQLITE_OPEN_CREATE : 0);
    sqlite->db.driver = &db_sqlite;
    sqlite->where = arena_cstr(arena, slice_of(options->where));
    int code = sqlite3_open_v2(options->where, &sqlite->handle, flags, options->vfs);
    struct err err = code == SQLITE_OK ? settle(sqlite) : failed(sqlite, code);
    if (err.kind == ERR_NONE) {
        sqlite->line = line_open(options->where);
        *db = &sqlite->db;
        return OK;
    }
    err.why = arena_cstr(arena, slice_of(err.why));
    if ((code & 0xff) == SQLITE_CANTOPEN && !options->create)
        err.kind = ERR_MISSING;
    sqlite_close(&sqlite->db);
    return err;
}

/* ---- Statements ---- */

static struct err prepare(struct sqlite *sqlite, const char *sql, struct statement *statement)
{
    int code = sqlite3_prepare_v3(sqlite->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->stmt, NULL);
    if (code != SQLITE_OK)
        return failed(sqlite, code);
    statement->sql = sql;
    statement->count = (size_t)sqlite3_bind_parameter_count(statement->stmt);
    for (size_t i = 0; i < statement->count && i < DB_VALUES_MAX; i++) {
        char name[8];
        snprintf(name, sizeof name, "$%zu", i + 1);
        /* SQLite numbers parameters by their first appearance, so they are bound by name. */
        statement->place[i] = sqlite3_bind_parameter_index(statement->stmt, name);
    }
    return OK;
}

static struct err statement_get(struct sqlite *sqlite, const char *sql, struct statement **statement)
{
    size_t at = ((uintptr_t)sql >> 3) * 0x9e3779b97f4a7c15u >> 54;
    for (size_t i = 0; i < STATEMENTS; i++, at = (at + 1) % STATEMENTS) {
        struct statement *slot = &sqlite->statements[at];
        if (slot->stmt == NULL)
            TRY(prepare(sqlite, sql, slot));
        if (slot->sql == sql) {
            *statement = slot;
            return OK;
        }
    }
    return db_err(&sqlite->db, ERR_LIMIT, "%s: more than %d different statements", sqlite->where, STATEMENTS);
}

static int bind_one(sqlite3_stmt *stmt, int place, const struct db_value *value)
{
    static const char EMPTY[1] = "";
    const char *ptr = value->bytes.ptr == NULL ? EMPTY : value->bytes.ptr;
    switch (value->kind) {
    case DB_I64:
        return sqlite3_bind_int64(stmt, place, value->number);
    case DB_TEXT:
        return sqlite3_bind_text64(stmt, place, ptr, value->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
    case DB_BYTES:
        return sqlite3_bind_blob64(stmt, place, ptr, value->bytes.len, SQLITE_STATIC);
    case DB_NULL:
        break;
    }
    return sqlite3_bind_null(stmt, place);
}

static struct err bind(
        struct sqlite *sqlite, const struct statement *statement, const struct db_value *values, size_t count)
{
    if (count != statement->count) /* PostgreSQL insists, so we do */
        return db_err(&sqlite->db, ERR_SYSTEM, "%zu values for a statement of %zu: %.80s", count, statement->count,
                statement->sql);
    for (size_t i = 0; i < count; i++) {
        int code = bind_one(statement->stmt, statement->place[i], &values[i]);
        if (code != SQLITE_OK)
            return failed(sqlite, code);
    }
    return OK;
}

static struct err run_one(struct sqlite *sqlite, struct statement *statement, const struct db_value *values,
        size_t count, uint64_t *changed)
{
    TRY(bind(sqlite, statement, values, count));
    int code = sqlite3_step(statement->stmt);
    if (code == SQLITE_DONE)
        *changed = sqlite3_stmt_readonly(statement->stmt) ? 0 : (uint64_t)sqlite3_changes64(sqlite->handle);
    struct err err = code == SQLITE_DONE ? OK
                     : code == SQLITE_ROW
                             ? db_err(&sqlite->db, ERR_SYSTEM, "this one gives rows: %.80s", statement->sql)
                             : failed(sqlite, code);
    sqlite3_reset(statement->stmt);
    return err;
}

static struct err sqlite_run(
        struct db *db, const char *sql, const struct db_value *values, size_t count, uint64_t *changed)
{
    struct statement *statement;
    TRY(statement_get(sqlite_of(db), sql, &statement));
    return run_one(sqlite_of(db), statement, values, count, changed);
}

static struct err sqlite_run_many(struct db *db, const char *sql, const struct db_value *values, size_t width,
        size_t row_count, uint64_t *changed)
{
    struct statement *statement;
    uint64_t ignored;
    TRY(statement_get(sqlite_of(db), sql, &statement));
    for (size_t i = 0; i < row_count; i++)
        TRY(run_one(sqlite_of(db), statement, values + i * width, width, changed == NULL ? &ignored : &changed[i]));
    return OK;
}

/* ---- Rows ---- */

static struct err sqlite_query(struct db *db, const char *sql, const struct db_value *values, size_t count)
{
    struct sqlite *sqlite = sqlite_of(db);
    TRY(statement_get(sqlite, sql, &sqlite->current));
    sqlite->state = SQLITE_ROW;
    return bind(sqlite, sqlite->current, values, count);
}

static bool sqlite_next(struct db *db)
{
    struct sqlite *sqlite = sqlite_of(db);
    if (sqlite->state == SQLITE_ROW)
        sqlite->state = sqlite3_step(sqlite->current->stmt);
    return sqlite->state == SQLITE_ROW;
}

static struct err sqlite_done(struct db *db)
{
    struct sqlite *sqlite = sqlite_of(db);
    while (sqlite->state == SQLITE_ROW && !sqlite3_stmt_readonly(sqlite->current->stmt))
        (void)sqlite_next(db); /* a change happens in full, whoever reads what it gives */
    struct err err = sqlite->state == SQLITE_ROW || sqlite->state == SQLITE_DONE ? OK : failed(sqlite, sqlite->state);
    sqlite3_reset(sqlite->current->stmt);
    sqlite3_clear_bindings(sqlite->current->stmt);
    return err;
}

static bool sqlite_is_null(const struct db *db, size_t column)
{
    return sqlite3_column_type(sqlite_of(db)->current->stmt, (int)column) == SQLITE_NULL;
}

static int64_t sqlite_number(const struct db *db, size_t column)
{
    return sqlite3_column_int64(sqlite_of(db)->current->stmt, (int)column);
}

static slice sqlite_slice(const struct db *db, size_t column)
{
    sqlite3_stmt *stmt = sqlite_of(db)->current->stmt;
    const char *ptr = sqlite3_column_blob(stmt, (int)column);
    return (slice){ptr, ptr == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt, (int)column)};
}

/* ---- Transactions ---- */

static bool sqlite_in_work(const struct db *db)
{
    return sqlite3_get_autocommit(sqlite_of(db)->handle) == 0;
}

static void turn_end(struct sqlite *sqlite)
{
    if (sqlite->has_turn)
        line_leave(sqlite->line);
    sqlite->has_turn = false;
}

/* Whose turn does not come in time tries all the same, and SQLite says what is in the way. */
static struct err sqlite_begin(struct db *db, const char *sql)
{
    struct sqlite *sqlite = sqlite_of(db);
    if (sqlite->line != NULL && sql == db_sqlite.begin)
        sqlite->has_turn = line_enter(sqlite->line, BUSY_MS);
    struct err err = sqlite_script(db, sql);
    if (err.kind != ERR_NONE)
        turn_end(sqlite);
    return err;
}

static void sqlite_rollback(struct db *db)
{
    if (sqlite_in_work(db)) /* a full disk may have ended it already */
        sqlite3_exec(sqlite_of(db)->handle, "ROLLBACK", NULL, NULL, NULL);
    turn_end(sqlite_of(db));
}

/* ---- News ---- */

/* Of all databases of this process: who waits looks whether it was his own. */
static pthread_mutex_t news_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news_came = PTHREAD_COND_INITIALIZER;

static struct err sqlite_commit(struct db *db)
{
    TRY(sqlite_script(db, "COMMIT"));
    turn_end(sqlite_of(db));
    pthread_mutex_lock(&news_mutex);
    pthread_cond_broadcast(&news_came);
    pthread_mutex_unlock(&news_mutex);
    return OK;
}

static struct err sqlite_notify(struct db *db, const char *channel)
{
    (void)db;
    (void)channel;
    return OK; /* every commit is seen */
}

/* Whether others have written since this was last asked. */
static struct err changed_since(struct sqlite *sqlite, bool *changed)
{
    static const char VERSION[] = "PRAGMA data_version";
    int64_t version = 0;
    TRY(db_one(&sqlite->db, VERSION, NULL, 0, 0, &version));
    *changed = version != sqlite->version;
    sqlite->version = version;
    return OK;
}

/* Who looks for what other programs write, while all others that wait for the same file sleep: a dozen followers would
 * else look a thousand times a second. Whoever stops looking wakes them, and one of them goes on. */
static const struct sqlite *lookout;

/* Sleeps for a moment, or until somebody in this process commits or finds news. */
static void news_await(const struct sqlite *sqlite, int64_t most_us)
{
    struct timespec until;
    if (lookout == NULL)
        lookout = sqlite;
    bool looks = lookout == sqlite || sqlite->line == NULL || lookout->line != sqlite->line;
    clock_gettime(CLOCK_REALTIME, &until);
    int64_t ns = until.tv_nsec + (looks && most_us > POLL_US ? POLL_US : most_us) * 1000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_cond_timedwait(&news_came, &news_mutex, &until);
}

static void news_left(const struct sqlite *sqlite)
{
    if (lookout != sqlite)
        return;
    lookout = NULL;
    pthread_cond_broadcast(&news_came);
}

static struct err sqlite_wait(struct db *db, const char *channel, int timeout_ms, bool *news)
{
    (void)channel;
    struct err err;
    struct sqlite *sqlite = sqlite_of(db);
    bool changed = false;
    int64_t end = clock_steady_us() + (int64_t)timeout_ms * 1000, left;
    pthread_mutex_lock(&news_mutex);
    while ((err = changed_since(sqlite, &changed)).kind == ERR_NONE && !changed && (left = end - clock_steady_us()) > 0)
        news_await(sqlite, left);
    news_left(sqlite);
    pthread_mutex_unlock(&news_mutex);
    if (err.kind == ERR_NONE)
        *news = changed;
    return err;
}

/* ---- Health and backup ---- */

/* The first row of a statement that says what is wrong, if it gives one; `fine` is no row, or this word. */
static struct err sound(struct sqlite *sqlite, const char *sql, const char *fine, const char *what)
{
    struct db_rows *rows;
    struct err err = OK;
    TRY(db_query(&sqlite->db, sql, NULL, 0, &rows));
    if (db_next(rows) && (fine == NULL || !slice_eq(db_slice(rows, 0), slice_of(fine)))) {
        slice said = db_slice(rows, 0);
        err = db_err(&sqlite->db, ERR_SYSTEM, "%s: %s: %.*s: restore a backup (kentongan-restore(1))", sqlite->where,
                what, (int)said.len, said.ptr);
    }
    struct err done = db_done(rows);
    return err.kind == ERR_NONE ? done : err;
}

static struct err sqlite_check(struct db *db, bool thorough, struct arena *arena, const char **looked_at)
{
    static const char QUICK[] = "PRAGMA quick_check(1)", FULL[] = "PRAGMA integrity_check(1)",
                      KEYS[] = "PRAGMA foreign_key_check";
    (void)arena;
    TRY(sound(sqlite_of(db), thorough ? FULL : QUICK, "ok", "the file is damaged"));
    TRY(sound(sqlite_of(db), KEYS, NULL, "a row points at one that is missing, in table"));
    *looked_at = thorough ? "every page, row, index and reference" : "every page, row and reference, no index";
    return OK;
}

/*
 * Steps of one read transaction: every page is of the same moment, and others write on into the log. Without that
 * transaction each change of theirs would make SQLite begin anew, perhaps for ever.
 */
static struct err copy_steps(struct sqlite *sqlite, sqlite3_backup *copy, const struct db_told *told)
{
    int code = SQLITE_OK;
    while (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        code = sqlite3_backup_step(copy, COPY_PAGES);
        if (told->progress != NULL)
            told->progress(told->context, (uint64_t)(sqlite3_backup_pagecount(copy) - sqlite3_backup_remaining(copy)),
                    (uint64_t)sqlite3_backup_pagecount(copy));
    }
    return code == SQLITE_DONE ? OK : failed(sqlite, code);
}

static struct err copy_into(struct sqlite *sqlite, sqlite3 *to, const struct db_told *told)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", sqlite->handle, "main");
    if (copy == NULL)
        return db_err(&sqlite->db, ERR_SYSTEM, "%s: no copy: %s", sqlite->where, sqlite3_errmsg(to));
    struct err err = copy_steps(sqlite, copy, told);
    int code = sqlite3_backup_finish(copy);
    if (code != SQLITE_OK) /* what went wrong with the new file is said there */
        err = db_err(&sqlite->db, ERR_SYSTEM, "the copy could not be written: %s", sqlite3_errmsg(to));
    /* The copied header says that a log belongs to the file; a backup is one file. */
    if (err.kind == ERR_NONE && sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL) != SQLITE_OK)
        err = db_err(&sqlite->db, ERR_SYSTEM, "the copy could not be written: %s", sqlite3_errmsg(to));
    return err;
}

struct copying {
    sqlite3 *to;
    const struct db_told *told;
};

static struct err copy_look(struct db *db, void *context)
{
    static const char MOMENT[] = "SELECT count(*) FROM sqlite_master";
    const struct copying *copying = context;
    int64_t tables;
    TRY(db_one(db, MOMENT, NULL, 0, 0, &tables)); /* the first read fixes the moment */
    return copy_into(sqlite_of(db), copying->to, copying->told);
}

static struct err sqlite_backup(struct db *db, const char *path, const struct db_told *told)
{
    struct copying copying = {.told = told};
    int code = sqlite3_open_v2(path, &copying.to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    struct err err = code == SQLITE_OK ? db_look(db, copy_look, &copying)
                                       : db_err(db, ERR_SYSTEM, "%s: %s", path, sqlite3_errmsg(copying.to));
    sqlite3_close(copying.to);
    return err;
}

/* Rows of one index that are looked at; the manual of PRAGMA analysis_limit has 100 to 1000. */
#define SETTLE "PRAGMA analysis_limit = 1000; PRAGMA optimize"

const struct db_driver db_sqlite = {
        .engine = DB_SQLITE,
        .begin = "BEGIN IMMEDIATE",
        .begin_look = "BEGIN",
        .settle = SETTLE,
        .open = sqlite_open,
        .close = sqlite_close,
        .begin_work = sqlite_begin,
        .script = sqlite_script,
        .run = sqlite_run,
        .run_many = sqlite_run_many,
        .query = sqlite_query,
        .next = sqlite_next,
        .done = sqlite_done,
        .is_null = sqlite_is_null,
        .number = sqlite_number,
        .slice = sqlite_slice,
        .commit = sqlite_commit,
        .rollback = sqlite_rollback,
        .in_work = sqlite_in_work,
        .notify = sqlite_notify,
        .wait = sqlite_wait,
        .check = sqlite_check,
        .backup = sqlite_backup,
};
